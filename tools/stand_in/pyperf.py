"""A stand-in for pyperf that times each benchmark in this process: warm up, then keep the best sample.

pyperformance's programs import `pyperf`; with this folder first on the path they get this module, so they run unmodified,
in one process, in their steady state, on any runtime (this file is plain enough for Python 3.11). What comes of it is
written as JSON lines to the file that EMBER_BENCH_OUT names:

    {"name": …, "seconds": best time of one run, "results": digests of what the benchmarked function returned}

and, when the process ends, {"rss": kilobytes, "stats": what `ember.jit.stats()` says}.

With EMBER_SHARE how much runs in native code is counted from the end of the warm-up on. With EMBER_BENCH_LOOPS each benchmark runs just so often, and its seconds are the mean: for whoever counts instructions;
EMBER_BENCH_EXCLUDE turns Ember on, in the mode `auto`, and has it leave the functions alone that match, as in a JIT list.
"""

import atexit
import hashlib
import json
import os
import sys
import time

WARM = float(os.environ.get("EMBER_BENCH_WARM", "2"))
SPAN = float(os.environ.get("EMBER_BENCH_SPAN", "2"))
LOOPS = int(os.environ.get("EMBER_BENCH_LOOPS", "0"))
#: A function that returns something new each time says nothing by its later results: two runtimes call it unequally often.
MANY = 4

#: The main thread's processor time, for whoever measures beside other work.
perf_counter = time.thread_time if os.environ.get("EMBER_BENCH_CLOCK") == "processor" else time.perf_counter

if os.environ.get("EMBER_BENCH_EXCLUDE"):
    import tempfile

    import ember

    with tempfile.NamedTemporaryFile("w") as listed:
        listed.write("-" + os.environ["EMBER_BENCH_EXCLUDE"])
        listed.flush()
        ember.jit.load_list(listed.name)
    ember.enable("auto")


def _write(record):
    out = os.environ.get("EMBER_BENCH_OUT")
    if out:
        with open(out, "a") as sink:
            sink.write(json.dumps(record) + "\n")
    else:
        print(json.dumps(record), flush=True)


def _at_end():
    import resource

    record = {"rss": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss}
    if "ember" in sys.modules:
        record["stats"] = sys.modules["ember"].jit.stats()
    _write(record)


atexit.register(_at_end)


class _Results:
    """Digests of the different values that a function returned, in order."""

    def __init__(self):
        self.digests = []

    def add(self, value):
        if value is None or len(self.digests) > MANY:
            return
        text = repr(value)
        if " at 0x" not in text:
            digest = hashlib.sha256(text.encode("utf-8", "replace")).hexdigest()[:16]
            if digest not in self.digests:
                self.digests.append(digest)

    def summary(self):
        return self.digests[:1] if len(self.digests) > MANY else sorted(self.digests)


def _sample(name, once, results=None):
    """Call `once`, which returns seconds, until warm; then keep the best for a while. Or call it a given number of times."""
    if LOOPS:
        seconds = sum(once() for _ in range(LOOPS)) / LOOPS
        return _write({"name": name, "seconds": seconds, "results": results.summary() if results else []})
    began, best, samples = perf_counter(), float("inf"), 0
    while True:
        seconds = once()
        spent = perf_counter() - began
        if spent > WARM:
            # The first sample after warming up may still be one that began before.
            if samples:
                best = min(best, seconds)
            elif "ember" in sys.modules and os.environ.get("EMBER_SHARE"):
                sys.modules["ember"].jit.count_share()
            samples += 1
            if spent > WARM + SPAN and samples > 2:
                break
    _write({"name": name, "seconds": best, "results": results.summary() if results else []})


class _Arguments:
    def __getattr__(self, name):
        return None


class Runner:
    """The part of `pyperf.Runner` that the programs use."""

    def __init__(self, *arguments, **options):
        import argparse

        self.metadata = {}
        self.argparser = argparse.ArgumentParser()
        self.args = _Arguments()

    def parse_args(self, args=None):
        self.args, _ = self.argparser.parse_known_args(sys.argv[1:] if args is None else args)
        return self.args

    def bench_func(self, name, function, *arguments, inner_loops=None, **options):
        results = _Results()

        def once():
            before = perf_counter()
            value = function(*arguments)
            spent = perf_counter() - before
            results.add(value)
            return spent

        _sample(name, once, results)

    def bench_time_func(self, name, function, *arguments, inner_loops=None, **options):
        if LOOPS:
            return _write({"name": name, "seconds": function(LOOPS, *arguments) / LOOPS, "results": []})
        loops = 1
        while function(loops, *arguments) < 0.02 and loops < 1 << 20:
            loops *= 2
        _sample(name, lambda: function(loops, *arguments) / loops)

    def bench_async_func(self, name, function, *arguments, loop_factory=None, **options):
        import asyncio

        async def timed():
            before = perf_counter()
            await function(*arguments)
            return perf_counter() - before

        def once():
            if loop_factory is None:
                return asyncio.run(timed())
            with asyncio.Runner(loop_factory=loop_factory) as runner:
                return runner.run(timed())

        _sample(name, once)

    def bench_command(self, *arguments, **options):
        pass


def add_runs(*arguments, **options):
    pass


def python_implementation():
    return sys.implementation.name
