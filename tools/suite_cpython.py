"""CPython's own test suite, plain and with everything compiled at first call: what passes plain must pass under Ember.

usage: suite_cpython.py [--full] [--mode M] [--jobs N] [--timeout S] [--plain-only] [--fresh] [--times] [MODULE…]

Without --full the modules of tests/cpython/modules-quick.txt, else those of modules.txt, or the ones named. Plain results
are cached under .cache/cpython. Prints crashes first, then failures, and one closing line.
"""
import concurrent.futures
import fnmatch
import hashlib
import json
import os
import signal
import subprocess
import sys
import tempfile
import threading
import time
import tomllib
import traceback

import workshop

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
TESTS = os.path.join(ROOT, "tests", "cpython")
CACHE = os.path.join(ROOT, ".cache", "cpython")
EXCEPTIONS = os.path.join(ROOT, "tests", "cpython-exceptions.toml")
MOST_EXCEPTIONS = 10
RANK = {"ok": 0, "skip": 1, "fail": 2, "error": 3}


class Run:
    """Results of one module in one mode: outcome and detail by test id, and how the process ended."""

    def __init__(self, outcomes, details, end, seconds, tail=""):
        self.outcomes, self.details, self.end, self.seconds, self.tail = outcomes, details, end, seconds, tail

    def crashed(self):
        return self.end.startswith("SIG")


def run_module(module, mode, timeout, only=(), skip=()):
    """Run one module (or some of its tests, or without some) in a process of its own. A mode may name a threshold: `all:16` compiles at the 16th call."""
    env = {k: v for k, v in os.environ.items() if not k.startswith(("EMBER", "PYTHON"))}
    mode, _, after = mode.partition(":")
    env.update(EMBER=mode, LC_ALL="C.UTF-8", PYTHONDONTWRITEBYTECODE="1")
    if after:
        env["EMBER_COMPILE_AFTER"] = after
    os.makedirs(CACHE, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=CACHE, ignore_cleanup_errors=True) as scratch:
        out = os.path.join(scratch, "results")
        command = [sys.executable, os.path.join(TESTS, "run_module.py"), module, out]
        for test in only:
            command += ["--match", test]
        for test in skip:
            command += ["--skip", test]
        began = time.monotonic()
        log = os.path.join(scratch, "log")
        with open(log, "wb") as sink:
            process = subprocess.Popen(command, env=env, stdin=subprocess.DEVNULL, stdout=sink, stderr=sink, cwd=scratch, start_new_session=True)
            try:
                code = process.wait(timeout)
            except subprocess.TimeoutExpired:
                code = None
                os.killpg(process.pid, signal.SIGKILL)
                process.wait()
        seconds = time.monotonic() - began
        outcomes, details, current, ended = {}, {}, None, False
        if os.path.exists(out):
            with open(out, errors="replace") as source:
                for line in source:
                    try:
                        kind, test, *rest = json.loads(line)
                    except ValueError:
                        continue
                    if kind == "start":
                        current = test
                    elif kind == "end":
                        ended = True
                    else:
                        if RANK[kind] >= RANK.get(outcomes.get(test), -1):
                            outcomes[test], details[test] = kind, rest[0] if rest else ""
        end = "" if ended and code == 0 else f"ended with exit code {code}" if ended else f"stopped in {current}, exit code {code}"
        if code is None:
            end = f"timed out after {timeout} s in {current}"
        elif code < 0:
            end = f"{signal.Signals(-code).name} in {current}"
        with open(log, "rb") as source:
            tail = source.read()[-1500:].decode(errors="replace")
        return Run(outcomes, details, end, seconds, tail if end else "")


def cached_plain(module, timeout, fresh):
    """The module's results without Ember, from the cache when this interpreter has run it before."""
    key = hashlib.sha256((sys.version + sys.prefix + module).encode()).hexdigest()[:12]
    path = os.path.join(CACHE, f"{module}-{key}.json")
    if not fresh and os.path.exists(path):
        with open(path) as source:
            return Run(*json.load(source))
    run = run_module(module, "off", timeout)
    if not run.outcomes:
        # It did not even begin, which says nothing about the next time.
        return run
    with open(path + ".new", "w") as sink:
        json.dump([run.outcomes, {}, run.end, run.seconds], sink)
    os.replace(path + ".new", path)
    return run


def load_exceptions():
    with open(EXCEPTIONS, "rb") as source:
        entries = tomllib.load(source).get("exception", [])
    bad = [e for e in entries if not e.get("test") or not e.get("reason")]
    if bad or len(entries) > MOST_EXCEPTIONS:
        raise SystemExit(f"{EXCEPTIONS}: at most {MOST_EXCEPTIONS} entries, each with test and reason; has {len(entries)}, {len(bad)} incomplete")
    return {e["test"]: e["reason"] for e in entries}


def lost_tests(plain, ember):
    return sorted(t for t, o in plain.outcomes.items() if o == "ok" and ember.outcomes.get(t) != "ok")


class Verdict:
    def __init__(self, module):
        self.module, self.crashes, self.failures, self.passed, self.excused, self.seconds = module, [], [], 0, 0, (0, 0)


def judge(module, mode, timeout, fresh, exceptions):
    """Run a module both ways and say what was lost; a loss must show twice, a crash once."""
    verdict = Verdict(module)
    plain = cached_plain(module, timeout, fresh)
    if plain.end and not plain.outcomes:
        verdict.failures.append(f"{module}: does not run plain: {plain.end}\n{indent(plain.tail)}")
        return verdict
    # One that fails may leave things behind that break others: excused tests run apart. They need not pass, but a crash is a crash.
    excused = [t for t in plain.outcomes if any(fnmatch.fnmatchcase(t, pattern) for pattern in exceptions)]
    ember = run_module(module, mode, max(timeout, 4 * plain.seconds + 60), skip=excused)
    if excused:
        apart = run_module(module, mode, max(timeout, 4 * plain.seconds + 60), only=excused)
        if apart.crashed():
            verdict.crashes.append(f"{module}: {apart.end} in excused tests\n{indent(apart.tail)}")
        ember.outcomes |= {t: apart.outcomes[t] for t in excused if t in apart.outcomes}
    verdict.seconds = (plain.seconds, ember.seconds)
    lost = lost_tests(plain, ember)
    if ember.end and not plain.end:
        verdict.crashes.append(f"{module}: {ember.end}; {len(lost)} tests not passed\n{indent(ember.tail)}")
        lost = [t for t in lost if t in ember.outcomes]
    elif lost:
        again = run_module(module, mode, max(timeout, 4 * plain.seconds + 60), only=lost if len(lost) < 40 else ())
        lost = [t for t in lost if again.outcomes.get(t) != "ok"]
    for test in lost:
        if any(fnmatch.fnmatchcase(test, pattern) for pattern in exceptions):
            verdict.excused += 1
        else:
            verdict.failures.append(f"{test}: {ember.outcomes.get(test, 'not run')}\n{indent(ember.details.get(test, ''), 12)}")
    verdict.passed = sum(1 for t, o in plain.outcomes.items() if o == "ok" and ember.outcomes.get(t) == "ok")
    return verdict


def indent(text, lines=20):
    return "\n".join("    " + l for l in text.strip().splitlines()[-lines:])


def plain_only(modules, jobs, timeout, fresh):
    with concurrent.futures.ThreadPoolExecutor(jobs) as pool:
        runs = list(pool.map(lambda m: cached_plain(m, timeout, fresh), modules))
    for module, run in sorted(zip(modules, runs), key=lambda p: p[1].seconds):
        bad = [t for t, o in run.outcomes.items() if o in ("fail", "error")]
        print(f"{run.seconds:7.1f} s {len(run.outcomes):6d} tests {module} {run.end} {' '.join(bad[:3])}")
    print(f"{sum(len(r.outcomes) for r in runs)} tests, {sum(r.seconds for r in runs):.0f} s of processes")
    return 0


def main(argv):
    argv = list(argv)
    options = {"--mode": "all", "--jobs": str(os.cpu_count() or 2), "--timeout": "400"}
    flags = {"--full": False, "--fresh": False, "--plain-only": False, "--times": False}
    named = []
    while argv:
        word = argv.pop(0)
        if word in options:
            options[word] = argv.pop(0)
        elif word in flags:
            flags[word] = True
        else:
            named.append(word)
    jobs, timeout = int(options["--jobs"]), float(options["--timeout"])
    with open(os.path.join(TESTS, "modules.txt" if flags["--full"] else "modules-quick.txt")) as source:
        modules = named or [l.strip() for l in source if l.strip() and not l.startswith("#")]
    if flags["--plain-only"]:
        return plain_only(modules, jobs, timeout, flags["--fresh"])
    exceptions = load_exceptions()
    began = time.monotonic()
    lock, done = threading.Lock(), [0]

    def one(module):
        try:
            verdict = judge(module, options["--mode"], timeout, flags["--fresh"], exceptions)
        except Exception:
            verdict = Verdict(module)
            verdict.failures.append(f"{module}: could not be run\n{indent(traceback.format_exc())}")
        with lock:
            done[0] += 1
            if flags["--times"]:
                print(f"{done[0]}/{len(modules)} {module}: plain {verdict.seconds[0]:.1f} s, ember {verdict.seconds[1]:.1f} s, {verdict.passed} passed, "
                      f"{len(verdict.crashes)} crashed, {len(verdict.failures)} lost", flush=True)
        return verdict

    with concurrent.futures.ThreadPoolExecutor(jobs) as pool:
        verdicts = list(pool.map(one, modules))
    crashes = [c for v in verdicts for c in v.crashes]
    failures = [f for v in verdicts for f in v.failures]
    for crash in crashes:
        print("CRASH " + crash)
    for failure in failures:
        print("FAIL " + failure)
    plain_total, ember_total = (sum(v.seconds[i] for v in verdicts) for i in (0, 1))
    print(f"cpython suite: {len(modules)} modules, {sum(v.excused for v in verdicts)} excused, plain {plain_total:.0f} s, ember {ember_total:.0f} s, took {time.monotonic() - began:.0f} s")
    return workshop.closing(sum(v.passed for v in verdicts), len(crashes) + len(failures))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
