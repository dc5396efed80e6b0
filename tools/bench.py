"""`./x bench`: how fast, against plain CPython and against the peers that are here. Never a test: nothing fails by it.

usage: ./x bench [--quick] [--rounds N] [--json FILE] [--runtimes R,R…] [--peers] [--no-micro] [--no-counts] [--processor-time] [PROGRAM…]
       ./x bench server [ARGS]     the web site under load, see bench_server.py
       ./x bench celery [ARGS]     tasks in Celery's pool, see bench_celery.py

The runtimes are `plain`, `ember` (and `ember:MODE`), `cinderx` and `pypy`; by default all that are here. --peers installs
CinderX from PyPI and PyPy from Debian into .cache/ first. Each program runs in a process of its own on each runtime in turn, warms up, and
its best sample counts (over --rounds such turns); only ratios within one run mean anything. With --processor-time seconds are
those of the processor for the main thread, for a machine that does other work meanwhile. Last come small figures, and how many more
instructions programs take with Ember on and nothing compiled (see bench_instructions.py; some minutes). EMBER_BENCH_CINDERX and EMBER_BENCH_PYPY name
interpreters.
"""

import json
import os
import pathlib
import subprocess
import sys

import bench_instructions
import bench_peers
import programs


def choose(names):
    """The runtimes called `names`, or all that are here; plain comes first."""
    here = [programs.plain(), programs.ember(), *programs.peers()]
    if names is None:
        return here
    table = {runtime.name: runtime for runtime in here}
    chosen = []
    for name in names:
        if name.startswith("ember:"):
            runtime = programs.ember(name.partition(":")[2])
            runtime.name = name
        elif name in table:
            runtime = table[name]
        else:
            sys.exit(f"bench: no runtime {name} here; there are {', '.join(table)}")
        chosen.append(runtime)
    return chosen


def share(outcome):
    """The share of samples (see `ember.jit.count_share`) in native code as text, and what most of the rest was."""
    known = outcome.stats.get("share") or {}
    if not known.get("samples"):
        return "", []
    reasons = {}
    for row in known["interpreted"]:
        reasons[row["reason"]] = reasons.get(row["reason"], 0) + row["share"]
    rest = sorted(((part, reason) for reason, part in reasons.items() if part >= 0.01), reverse=True)
    return f"   native {known['native']:.0%}", [f"{reason} {part:.0%}" for part, reason in rest[:3]]


def best_of(outcomes):
    """One outcome made of several of the same program on the same runtime: the best times, or the first failure."""
    first = outcomes[0]
    for outcome in outcomes[1:]:
        if outcome.error:
            return outcome
        first.seconds = {name: min(seconds, outcome.seconds.get(name, seconds)) for name, seconds in first.seconds.items()}
    return first


def bench_programs(names, runtimes, spans, results, rounds=1):
    """Run the programs; print a line for each benchmark; fill `results`."""
    first, *others = runtimes
    for runtime in others:
        if runtime.name.startswith("ember"):
            runtime.variables["EMBER_SHARE"] = "1"
    print(f"{'program':<26}{first.name + ', ms':>14}" + "".join(f"{runtime.name:>16}" for runtime in others) + "   same output")
    ratios = {runtime.name: [] for runtime in others}
    for program in names:
        turns = [{runtime.name: programs.run(program, runtime, *spans) for runtime in runtimes} for _ in range(rounds)]
        outcomes = {runtime.name: best_of([turn[runtime.name] for turn in turns]) for runtime in runtimes}
        base = outcomes[first.name]
        results[program] = {name: outcome.seconds or outcome.error for name, outcome in outcomes.items()}
        if base.error:
            print(f"{program:<26}{'--':>14}   {base.error}", flush=True)
            continue
        for name, seconds in base.seconds.items():
            line = f"{name:<26}{seconds * 1e3:>14.4f}"
            for runtime in others:
                mine = outcomes[runtime.name].seconds.get(name)
                line += f"{seconds / mine:>15.2f}x" if mine else f"{'--':>16}"
                if mine:
                    ratios[runtime.name].append(seconds / mine)
            different = [r.name for r in others if not outcomes[r.name].error and outcomes[r.name].output != base.output]
            native, rest = share(outcomes[others[0].name]) if others else ("", [])
            same = "   NO: " + ", ".join(different) if different else "   yes"
            print(line + same + native + (f" ({'; '.join(rest)})" if rest else ""), flush=True)
        for runtime in others:
            if outcomes[runtime.name].error:
                print(f"    {runtime.name}: {outcomes[runtime.name].error}", flush=True)
    line = f"{'geometric mean':<26}{1:>14}"
    print(line + "".join(f"{programs.geometric_mean(ratios[runtime.name]):>15.2f}x" for runtime in others))
    worst = {name: min(values) for name, values in ratios.items() if values}
    print(f"{'lowest':<26}{'':>14}" + "".join(f"{worst.get(runtime.name, 0):>15.2f}x" for runtime in others))


def variables(runtime):
    """The environment in which `runtime` starts."""
    return {k: v for k, v in os.environ.items() if not k.startswith(("EMBER", "PYTHON"))} | runtime.variables


def bench_micro(runtimes, results):
    """The small figures."""
    table = {}
    for runtime in runtimes:
        script = str(programs.ROOT / "tools" / "micro.py")
        done = subprocess.run([*runtime.command, script], env=variables(runtime), capture_output=True, text=True)
        table[runtime.name] = dict(json.loads(line) for line in done.stdout.splitlines() if line.startswith("["))
        if done.returncode:
            print(f"    {runtime.name}: exit code {done.returncode} {done.stderr.strip()[-200:]}")
    names = list(dict.fromkeys(name for figures in table.values() for name in figures))
    print(f"\n{'':<40}" + "".join(f"{runtime.name:>14}" for runtime in runtimes))
    for name in names:
        cells = (table[runtime.name].get(name) for runtime in runtimes)
        print(f"{name:<40}" + "".join(f"{cell:>14,.2f}" if cell is not None else f"{'--':>14}" for cell in cells))
    results["micro"] = table


def bench_start(results):
    """What Ember costs before anything is compiled: import time, memory."""
    # Not getrusage: its maximum is that of the process which started this one, if that is larger.
    program = "print(next(line for line in open('/proc/self/status') if line.startswith('VmHWM')).split()[1])"
    timed = "import time; t = time.perf_counter(); import ember; print((time.perf_counter() - t) * 1e3)"

    def best(code, **extra):
        clean = {k: v for k, v in os.environ.items() if not k.startswith("EMBER")}
        command = [sys.executable, "-c", code]
        runs = (subprocess.run(command, env=clean | extra, capture_output=True, text=True).stdout for _ in range(7))
        return min(float(out) for out in runs)

    imported, off, on = best(timed), best(program, EMBER="off"), best(program, EMBER="1")
    print(f"\nimport ember: {imported:.1f} ms; memory added by EMBER=1 at start: {(on - off) / 1024:.1f} MB")
    results["start"] = {"import_ms": imported, "memory_kb": on - off}


def main(words):
    if words[:1] == ["server"]:
        import bench_server

        return bench_server.main(words[1:])
    if words[:1] == ["celery"]:
        import bench_celery

        return bench_celery.main(words[1:])
    names, spans, runtimes, out, micro, counts, rounds = [], (3.0, 3.0), None, None, True, True, 1
    words = list(words)
    while words:
        word = words.pop(0)
        if word == "--quick":
            spans = (0.8, 0.7)
        elif word == "--rounds":
            rounds = int(words.pop(0))
        elif word == "--json":
            out = pathlib.Path(words.pop(0))
        elif word == "--runtimes":
            runtimes = words.pop(0).split(",")
        elif word == "--peers":
            bench_peers.main([])
        elif word == "--no-micro":
            micro = False
        elif word == "--processor-time":
            os.environ["EMBER_BENCH_CLOCK"] = "processor"
        elif word == "--no-counts":
            counts = False
        elif word.startswith("-"):
            print(__doc__.strip())
            return 0 if word in ("-h", "--help") else 2
        else:
            names.append(word)
    programs.fetch()
    results, chosen = {}, choose(runtimes)
    bench_programs(names or programs.PROGRAMS, chosen, spans, results, rounds)
    if micro:
        bench_micro(chosen, results)
        if any(runtime.name.startswith("ember") for runtime in chosen):
            bench_start(results)
    if counts and any(runtime.name.startswith("ember") for runtime in chosen):
        bench_instructions.bench([name for name in bench_instructions.PROGRAMS if not names or name in names], results)
    if out:
        out.write_text(json.dumps(results, indent=1) + "\n")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
