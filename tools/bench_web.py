"""CPU per request of a Django site with REST framework, plain and under Ember, from a master that warms up, compiles and forks.

usage: bench_web.py [--app APP] [--rounds N] [--requests N] [--warm N] [--runtimes R,R…] [--live] [--json FILE] [VIEW…]

A master process per runtime loads examples/django_app (or the APP that is named: feed), serves each view --warm times, calls `ember.jit.precompile()` when
Ember is on, freezes the heap (with `ember.freeze()`, plain CPython with `gc.freeze()`) and waits. For every round each master in turn forks a worker, which serves every view and
reports CPU time and a digest of each body. Printed are medians over the rounds; bodies must be the same everywhere.

With --live each master forks one worker that lives, and the workers serve the same view in turns, --requests at a time: what is compared was
measured within milliseconds, so that a busy machine disturbs both. Printed are the medians of the ratios of such pairs.
"""
import hashlib
import json
import os
import pathlib
import statistics
import subprocess
import sys
import tempfile
import time

import web


#: Turns over all views in a master after its functions were compiled: at most so many, until hardly a function gets a new version; in some it
#: compiles ahead once more.
MOST_SETTLING, SETTLED, PRECOMPILE_AGAIN = 120, 2, (10, 20, 30, 40)
#: Turns over all views in each worker before it measures, on every runtime.
WORKER_WARM = 5


# -- in the master and its workers


def serve(application, sample, name, session):
    """One request, in process. → (status, body)"""
    status = []
    response = application(sample.environ(name, session), lambda s, headers, exc=None: status.append(s))
    try:
        body = sample.steady(b"".join(response)) if hasattr(sample, "steady") else b"".join(response)
    finally:
        response.close()
    return status[0], body


def worker(application, sample, session, views, requests):
    """What a forked worker does: a report by view, after it has served a while as workers do."""
    report = {}
    for _ in range(WORKER_WARM):
        for name in views:
            serve(application, sample, name, session)
    for name in views:
        serve(application, sample, name, session)
        status, body = serve(application, sample, name, session)
        before = time.process_time()
        for _ in range(requests):
            serve(application, sample, name, session)
        report[name] = ((time.process_time() - before) / requests * 1e3, status, hashlib.sha1(body).hexdigest()[:12])
    return report


def live(application, sample, session, views, asked):
    """A worker that lives: it answers each line `VIEW<tab>N` with what a request costs, until there are no more."""
    for _ in range(WORKER_WARM):
        for name in views:
            serve(application, sample, name, session)
    print("{}", flush=True)
    for line in asked:
        name, requests = line.rstrip("\n").split("\t")
        serve(application, sample, name, session)
        before = time.process_time()
        for _ in range(int(requests)):
            status, body = serve(application, sample, name, session)
        spent = (time.process_time() - before) / int(requests) * 1e3
        print(json.dumps((spent, status, hashlib.sha1(body).hexdigest()[:12])), flush=True)


def master(argv):
    """Warm up, compile, then answer each line on standard input with a worker's report."""
    app, warm, requests, views = argv[0], int(argv[1]), int(argv[2]), json.loads(argv[3])
    import gc

    sample = web.sample(app)
    application = web.application(app)
    session = sample.fill()
    began = time.perf_counter()
    for _ in range(warm):
        for name in views:
            serve(application, sample, name, session)
    ready = {"warm_seconds": time.perf_counter() - began}
    if "ember" in sys.modules:
        jit = sys.modules["ember"].jit
        jit.wait()
        began = time.perf_counter()
        ready["precompiled"] = jit.precompile()
        ready["precompile_seconds"] = time.perf_counter() - began
        ready["stats"] = {k: v for k, v in jit.stats().items() if isinstance(v, (int, float))}
        # Functions get better versions from what their native code sees: workers should be forked after that, not before.
        for turn in range(MOST_SETTLING):
            versions = jit.stats()["versions"]
            for name in views:
                serve(application, sample, name, session)
            jit.wait()
            if turn in PRECOMPILE_AGAIN:
                jit.precompile()
            elif turn > max(PRECOMPILE_AGAIN) and jit.stats()["versions"] - versions <= SETTLED:
                break
        ready["settled_turns"] = turn + 1
    with open("/proc/self/statm") as statm:
        ready["rss_mb"] = int(statm.read().split()[1]) * 4096 / 1e6
    from django.db import connections

    connections.close_all()
    if "ember" in sys.modules:
        # What `ember.prefork` does in this place.
        sys.modules["ember"].freeze(quiet=True)
    else:
        gc.collect()
        gc.freeze()
    print(json.dumps(ready), flush=True)
    for line in sys.stdin:
        if line == "live\n":
            pid = os.fork()
            if pid == 0:
                try:
                    live(application, sample, session, views, sys.stdin)
                finally:
                    os._exit(0)
            os.waitpid(pid, 0)
            break
        readable, writable = os.pipe()
        pid = os.fork()
        if pid == 0:
            try:
                os.write(writable, json.dumps(worker(application, sample, session, views, requests)).encode())
            finally:
                os._exit(0)
        os.close(writable)
        chunks = []
        while chunk := os.read(readable, 65536):
            chunks.append(chunk)
        os.close(readable)
        _, status = os.waitpid(pid, 0)
        print(b"".join(chunks).decode() or json.dumps({"died": status}), flush=True)


# -- in the parent


class Master:
    """A running master process."""

    def __init__(self, app, runtime, warm, requests, views, scratch):
        self.name = runtime.name
        variables = {k: v for k, v in os.environ.items() if not k.startswith(("EMBER", "PYTHON"))}
        variables |= web.variables(os.path.join(scratch, f"{runtime.name.replace(':', '-')}.sqlite3")) | runtime.variables
        command = [*runtime.command, os.path.abspath(__file__), "--master", app, str(warm), str(requests), json.dumps(views)]
        self.process = subprocess.Popen(command, env=variables, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)

    def answer(self):
        line = self.process.stdout.readline()
        if not line:
            raise SystemExit(f"bench_web: the {self.name} master died with code {self.process.wait()}")
        return json.loads(line)

    def ask(self, line):
        self.process.stdin.write(line + "\n")
        self.process.stdin.flush()
        return self.answer()

    def round(self):
        return self.ask("round")

    def close(self):
        self.process.stdin.close()
        self.process.wait()


def show(runtimes, views, rounds, ready):
    """Print the table; the number of views whose bodies differ."""
    first, *others = runtimes
    wrong = 0
    print(f"{'view':<18}{first + ', ms':>12}" + "".join(f"{name:>14}{'ratio':>8}" for name in others) + "   same body")
    ratios = {name: [] for name in others}
    for view in views:
        medians = {name: statistics.median(r[view][0] for r in rounds[name] if view in r) for name in runtimes if any(view in r for r in rounds[name])}
        bodies = {tuple(r[view][1:]) for name in runtimes for r in rounds[name] if view in r}
        same = len(bodies) == 1 and len(medians) == len(runtimes)
        wrong += not same
        line = f"{view:<18}{medians.get(first, 0):>12.3f}"
        for name in others:
            if name in medians and first in medians:
                ratio = statistics.median(a[view][0] / b[view][0] for a, b in zip(rounds[first], rounds[name]) if view in a and view in b)
                ratios[name].append(ratio)
                line += f"{medians[name]:>14.3f}{ratio:>7.2f}x"
            else:
                line += f"{'died':>14}{'':>8}"
        print(line + ("   yes" if same else f"   NO {sorted(bodies)}"), flush=True)
    import programs

    print(f"{'geometric mean':<30}" + "".join(f"{programs.geometric_mean(ratios[n]):>21.2f}x" for n in others))
    for name in runtimes:
        r = ready[name]
        more = f", precompiled in {r['precompile_seconds']:.1f} s: {r['precompiled']}, settled after {r['settled_turns']} turns" if "precompile_seconds" in r else ""
        print(f"{name}: master {r['rss_mb']:.0f} MB, warmed in {r['warm_seconds']:.1f} s{more}")
        died = sum("died" in x for x in rounds[name])
        if died:
            print(f"{name}: {died} workers died")
    return wrong


def in_turns(masters, views, pairs, requests):
    """Live workers serve each view in turns: name → a report for each turn, as rounds of `worker` give them."""
    for m in masters:
        m.ask("live")
    rounds = {m.name: [{} for _ in range(pairs)] for m in masters}
    for i in range(pairs):
        for view in views:
            for m in masters if i % 2 else masters[::-1]:
                rounds[m.name][i][view] = m.ask(f"{view}\t{requests}")
    return rounds


def main(argv):
    if argv[:1] == ["--master"]:
        return master(argv[1:])
    import programs

    app = "django_app"
    if argv[:1] == ["--app"]:
        app, argv = argv[1], argv[2:]
    web.install(app)
    sample = web.sample(app)
    options = {"--rounds": "15", "--requests": "40", "--warm": "25", "--runtimes": "plain,ember", "--json": ""}
    views, argv, lives = [], list(argv), False
    while argv:
        word = argv.pop(0)
        if word == "--live":
            lives = True
        elif word in options:
            options[word] = argv.pop(0)
        elif word in sample.REQUESTS:
            views.append(word)
        else:
            print(__doc__.strip(), "\n\nviews:", ", ".join(sample.REQUESTS))
            return 2
    views = views or list(sample.REQUESTS)
    known = {"plain": programs.plain(), "ember": programs.ember()}
    chosen = []
    for name in options["--runtimes"].split(","):
        runtime = known.get(name) or programs.ember(name.partition(":")[2])
        runtime.name = name
        chosen.append(runtime)
    with tempfile.TemporaryDirectory() as scratch:
        masters = [Master(app, r, int(options["--warm"]), int(options["--requests"]), views, scratch) for r in chosen]
        ready = {m.name: m.answer() for m in masters}
        if lives:
            rounds = in_turns(masters, views, int(options["--rounds"]), int(options["--requests"]))
        else:
            rounds = {m.name: [] for m in masters}
            for i in range(int(options["--rounds"])):
                for m in masters if i % 2 else masters[::-1]:
                    rounds[m.name].append(m.round())
        for m in masters:
            m.close()
    names = [m.name for m in masters]
    wrong = show(names, views, rounds, ready)
    if options["--json"]:
        pathlib.Path(options["--json"]).write_text(json.dumps({"rounds": rounds, "ready": ready}, indent=1) + "\n")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
