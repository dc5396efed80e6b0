"""Strict modules at run time: what the loader refuses, what is immutable afterwards, and what goes on working.

usage: suite_strict_runtime.py [--full] [NAME…]

Each program of tests/strict_runtime runs twice: in the interpreter alone, and with every function compiled at its first call (those that start a process for
each test only with --full). NAME selects by substring. pytest and Django are installed from PyPI into `.cache/strict-packages`.
"""

import os
import pathlib
import re
import subprocess
import sys
import tempfile

import workshop

FOLDER = workshop.ROOT / "tests" / "strict_runtime"
PACKAGES = workshop.CACHE / "strict-packages"
REQUIREMENTS = ["pytest==9.*", "django==6.*"]
MODES: dict = {"plain": {}, "compiled": {"EMBER": "all"}}
#: What is tested there happens in many short processes.
MANY_PROCESSES = ("test_cache", "test_pytest")
TIMEOUT = 600
COUNT = re.compile(r"^(\d+) passed, (\d+) failed$", re.M)


def packages():
    """The folder with the packages, installed unless the same list was installed before."""
    stamp = PACKAGES / ".installed"
    wanted = "\n".join(REQUIREMENTS)
    if not stamp.exists() or stamp.read_text() != wanted:
        workshop.pip_install(sys.executable, "--target", str(PACKAGES), "--upgrade", *REQUIREMENTS)
        stamp.write_text(wanted)
    return PACKAGES


def run(program, mode, where):
    """(passed, failed) of a program in a mode; what it prints is shown if anything failed."""
    variables = {k: v for k, v in os.environ.items() if not k.startswith(("EMBER", "PYTHON"))}
    variables |= MODES[mode] | {"PYTHONPATH": str(where), "PYTHONFAULTHANDLER": "1"}
    with tempfile.TemporaryDirectory() as scratch:
        command = [sys.executable, str(program)]
        try:
            done = subprocess.run(
                command, env=variables, cwd=scratch, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, timeout=TIMEOUT
            )
            output, code = done.stdout, done.returncode
        except subprocess.TimeoutExpired as error:
            output, code = f"{error.stdout or b''!r}\ntakes too long", 1
    counts = COUNT.findall(output)
    passed, failed = map(int, counts[-1]) if counts else (0, 0)
    failed = failed or int(code != 0)
    print(f"{program.stem}, {mode}: {passed} passed, {failed} failed" + (f"\n{output}" if failed else "").replace(" passed, ", " good, "))
    return passed, failed


def main(arguments):
    words = [word for word in arguments if not word.startswith("-")]
    programs = [path for path in sorted(pathlib.Path(FOLDER).glob("test_*.py")) if not words or any(word in path.stem for word in words)]
    passed = failed = 0
    for program in programs:
        where = packages() if program.stem in ("test_pytest", "test_django") else ""
        for mode in MODES:
            if mode == "compiled" and program.stem in MANY_PROCESSES and "--full" not in arguments:
                continue
            good, bad = run(program, mode, where)
            passed, failed = passed + good, failed + bad
            sys.stdout.flush()
    print(f"{passed} passed, {failed} failed")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
