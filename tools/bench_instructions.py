"""What Ember costs programs nothing of which is compiled: instructions, counted by Valgrind, in the same interpreter with and without it.

usage: bench_instructions.py [PROGRAM…]     also a part of `./x bench`

Ember is on as it is by default (mode `auto`: watchers, samples), but a list excludes every function from being compiled. Each program runs for a
number of loops and for twice as many; the difference leaves out the start, on both sides. Programs run much slower under Valgrind, so the
sampler is slowed down by as much as the plain program was: there are as many samples for so many instructions as outside. Counts do not depend
on what else the machine is doing.
"""

import concurrent.futures
import os
import pathlib
import re
import shutil
import sys
import tempfile

import programs

#: Programs of different kinds: calls and attributes, numbers, templates, serialising, closures and exceptions, objects copied, generators.
PROGRAMS = "richards deltablue nbody go django_template json_dumps logging:format deepcopy pprint typing_runtime_protocols generators coroutines".split()

#: Seconds that the loops counted take outside of Valgrind.
SPAN = 0.08
TOTAL = re.compile(r"Collected\s*:\s*(\d+)")


def counted(program, loops, variables, scratch):
    """Instructions of a program's process, and the seconds that a loop took."""
    log = os.path.join(scratch, f"{program}-{loops}-{'-'.join(variables)}.log".replace(":", "-"))
    # Machine code lies in a file without a name, and is replaced: that must be seen where something is compiled after all.
    valgrind = ["valgrind", "--tool=callgrind", "--smc-check=all", "--callgrind-out-file=/dev/null", f"--log-file={log}"]
    runtime = programs.Runtime("counted", [*valgrind, sys.executable], variables)
    outcome = programs.run(program, runtime, loops=loops)
    total = TOTAL.search(pathlib.Path(log).read_text()) if os.path.exists(log) else None
    if outcome.error or not total:
        raise ValueError(outcome.error or "Valgrind has counted nothing")
    return int(total.group(1)), sum(outcome.seconds.values())


def ratio(program, scratch):
    """How many instructions the program takes with Ember for one without; raises ValueError where that cannot be told."""
    alone = programs.run(program, programs.ember("off"), loops=2)
    if alone.error:
        raise ValueError(alone.error)
    seconds = sum(alone.seconds.values())
    loops = max(2, round(SPAN / seconds))

    def loops_only(variables):
        (short, _), (long, slow) = (counted(program, n, variables, scratch) for n in (loops, 2 * loops))
        return long - short, slow

    plain, slow = loops_only({"EMBER": "off"})
    pace = str(round(1000 * slow / seconds))
    mine, _ = loops_only({"EMBER_BENCH_EXCLUDE": "*:*", "EMBER_SAMPLE_US": pace})
    return mine / plain


def bench(names, results):
    """Print and keep the ratios."""
    if not shutil.which("valgrind"):
        print("\ninstructions with nothing compiled: not counted, there is no valgrind here")
        return
    programs.fetch()
    print("\ninstructions with Ember on and nothing compiled, without it 1")
    ratios = {}
    with tempfile.TemporaryDirectory() as scratch, concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
        waiting = {program: pool.submit(ratio, program, scratch) for program in names}
        for program, future in waiting.items():
            try:
                ratios[program] = future.result()
                print(f"{program:<26}{ratios[program]:>14.4f}", flush=True)
            except ValueError as error:
                print(f"{program:<26}{'--':>14}   {error}", flush=True)
    if ratios:
        print(f"{'geometric mean':<26}{programs.geometric_mean(ratios.values()):>14.4f}")
        print(f"{'highest':<26}{max(ratios.values()):>14.4f}")
    results["instructions"] = ratios


if __name__ == "__main__":
    bench(sys.argv[1:] or PROGRAMS, {})
