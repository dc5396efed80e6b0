"""Differential suite: every program in tests/python runs in several modes and must behave the same in all of them.

usage: suite_python.py [--modes M,M…] [--full] [--jobs N] [--opcodes] [--times] [NAME…]

Modes: interpreted (the reference), first (compiled at first call), second (at second call), warm (once the interpreter
has specialised the bytecode), deoptN (warm, and every Nth guard made to fail), deopteach (warm, and each guard made to fail once). NAME selects files by substring, or one
test as `file:test_name`. Without --full only some modes
run. Prints failures only, and one closing line.
"""
import concurrent.futures
import difflib
import json
import os
import signal
import subprocess
import sys
import tempfile
import time

import workshop

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
PROGRAMS = os.path.join(ROOT, "tests", "python")

MODES = {
    "interpreted": {"EMBER": "off"},
    "first": {"EMBER": "all"},
    "second": {"EMBER": "all", "EMBER_COMPILE_AFTER": "1"},
    "warm": {"EMBER": "all", "EMBER_COMPILE_AFTER": "16"},
}
#: The reference against itself: what differs here is a program that is not deterministic. Run on request.
EXTRA_MODES = {"again": {"EMBER": "off"}}
for _n in (1, 2, 3, 7, "each"):
    MODES[f"deopt{_n}"] = {"EMBER": "all", "EMBER_COMPILE_AFTER": "16", "EMBER_STRESS_DEOPT": str(_n)}
QUICK = ["interpreted", "first", "warm", "deopt1", "deopteach"]
TIMEOUT = 180
TIMES = []


def run_program(path, mode, extra=()):
    """Run one program in one mode. → (records by (test, round), problem or None, opcodes)"""
    environment = {k: v for k, v in os.environ.items() if not k.startswith("EMBER")}
    environment.update(MODES.get(mode) or EXTRA_MODES[mode],
                       EMBER_SUITE_MODE="interpreted" if mode in EXTRA_MODES else mode, PYTHONHASHSEED="0", PYTHONDONTWRITEBYTECODE="1",
                       PYTHONUNBUFFERED="1")
    with tempfile.TemporaryDirectory() as scratch:
        out = os.path.join(scratch, "out")
        command = [sys.executable, os.path.join(PROGRAMS, "run.py"), path, out, *extra]
        problem = None
        try:
            done = subprocess.run(command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                                  text=True, errors="replace", timeout=TIMEOUT, cwd=scratch, stdin=subprocess.DEVNULL)
            stdout, stderr, code = done.stdout, done.stderr, done.returncode
        except subprocess.TimeoutExpired as late:
            stdout, stderr, code = "", (late.stderr or b"").decode(errors="replace"), None
        records, opcodes, started, ended = {}, [], None, False
        if os.path.exists(out):
            with open(out) as source:
                for line in source:
                    try:
                        record = json.loads(line)
                    except ValueError:
                        continue
                    if "start" in record:
                        started = f"{record['start']} (round {record['round'] + 1})"
                    elif "test" in record:
                        records[record["test"], record["round"]] = record["lines"]
                    elif "opcodes" in record:
                        opcodes = record["opcodes"]
                    else:
                        ended = True
        if code != 0 or not ended:
            how = "timed out" if code is None else f"exit {code}"
            if code is not None and code < 0:
                how = f"crashed with {signal.Signals(-code).name}"
            tail = "\n".join("    " + l for l in stderr.strip().splitlines()[-14:])
            problem = f"{how} in {started}\n{tail}"
        records["stdout", 0] = stdout.splitlines() if problem is None else []
        return records, problem, opcodes


def compare(want, got):
    """Differences between two runs' records, a few lines a test."""
    report = []
    for key, lines in want.items():
        if key not in got:
            continue  # the crash is reported already
        if got[key] != lines:
            diff = [l[:600] for l in difflib.unified_diff(lines, got[key], "interpreted", "this mode", n=0, lineterm="")]
            report.append((key[0], key[1], diff[2:14]))
    return report


def run_file(path, modes, extra):
    """All modes of one program. → (failure texts, test count, opcodes)"""
    stem = os.path.basename(path)[:-3]
    reference, problem, opcodes = run_program(path, "interpreted", extra)
    failures = []
    if problem:
        return [f"{stem} [interpreted] {problem}"], 0, opcodes
    for (test, round_), lines in reference.items():
        for line in lines:
            if round_ == 0 and (line.startswith("ESCAPED") or "LEAK" in line):
                failures.append(f"{stem}.{test} [interpreted] {line[:400]}")
    for mode in modes:
        if mode == "interpreted":
            continue
        began = time.monotonic()
        got, problem, _ = run_program(path, mode, extra)
        if TIMES:
            print(f"{time.monotonic() - began:6.1f} s {stem} [{mode}]", flush=True)
        if problem:
            failures.append(f"{stem} [{mode}] {problem}")
        reported = set()
        for test, round_, diff in compare(reference, got):
            if test == "stdout" and problem or test in reported:
                continue
            reported.add(test)
            body = "\n".join("    " + l for l in diff)
            failures.append(f"{stem}.{test} [{mode}] differs in round {round_ + 1}\n{body}")
    tests = len({test for test, _ in reference}) - 1
    return failures, tests * len(modes), opcodes


def opcode_report(seen):
    """Instructions of this CPython that no program has, after running (specialised forms included)."""
    import opcode
    specialised = set(getattr(opcode, "_specialized_opmap", {}))
    every = {n for n in opcode.opmap if not n.startswith("INSTRUMENTED_")} | specialised
    pseudo = {n for n, v in opcode.opmap.items() if v >= 256}
    missing = sorted(every - set(seen) - pseudo)
    print(f"opcodes: {len(every - pseudo) - len(missing)} of {len(every - pseudo)} seen; missing: {' '.join(missing)}")


def main(argv):
    modes, jobs, names, extra = QUICK, os.cpu_count() or 2, [], []
    opcodes = False
    argv = list(argv)
    while argv:
        word = argv.pop(0)
        if word == "--modes":
            modes = argv.pop(0).split(",")
        elif word == "--quick":
            modes = QUICK
        elif word == "--full":
            modes = list(MODES)
        elif word == "--times":
            TIMES.append(True)
        elif word == "--jobs":
            jobs = int(argv.pop(0))
        elif word == "--opcodes":
            opcodes, modes, extra = True, ["interpreted"], extra + ["--opcodes"]
        elif word == "--repeat":
            extra += ["--repeat", argv.pop(0)]
        else:
            names.append(word)
    only = None
    if len(names) == 1 and ":" in names[0]:
        names[0], only = names[0].split(":")
        extra += ["--only", only]
    unknown = [m for m in modes if m not in MODES and m not in EXTRA_MODES]
    if unknown:
        print(f"unknown modes {unknown}; there are {', '.join(MODES)}")
        return 2
    files = sorted(os.path.join(PROGRAMS, n) for n in os.listdir(PROGRAMS) if n.startswith("test_") and n.endswith(".py"))
    files = [f for f in files if not names or any(n in os.path.basename(f) for n in names)]
    began = time.monotonic()
    failed, total, seen = [], 0, set()
    with concurrent.futures.ThreadPoolExecutor(jobs) as pool:
        for failures, count, names_seen in pool.map(lambda f: run_file(f, modes, extra), files):
            total += count
            seen.update(names_seen)
            for failure in failures:
                failed.append(failure.split("\n")[0])
                print("FAIL " + failure, flush=True)
    if opcodes:
        opcode_report(seen)
    print(f"python suite: {len(files)} programs, {len(modes)} modes, {time.monotonic() - began:.0f} s")
    return workshop.closing(max(total - len(failed), 0), len(failed))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
