"""Lazy imports: each program of tests/lazy, interpreted and compiled; what they cost when resolved; the commands.

usage: suite_lazy.py [NAME…]

A file of tests/lazy holds programs: `# == NAME: MODE` begins one, `# -- PATH` a file of it; the file `main.py` is run with `EMBER_LAZY_IMPORTS=MODE` and must
end well and print `ok` last. Each is run with the JIT off and with everything compiled at the first call.
"""

import concurrent.futures
import os
import pathlib
import re
import subprocess
import sys
import tempfile

import workshop

FOLDER = workshop.ROOT / "tests" / "lazy"
TIMEOUT = 120


def environment(scratch, **more):
    variables = {key: value for key, value in os.environ.items() if not key.startswith(("EMBER", "PYTHON"))}
    return variables | {"EMBER_CACHE_DIR": os.path.join(scratch, "cache"), "PYTHONHASHSEED": "0"} | more


def programs():
    """[(name, mode, {path: text})]"""
    found = []
    for path in sorted(FOLDER.glob("*.txt")):
        for part in re.split(r"(?m)^# == ", path.read_text())[1:]:
            head, _, body = part.partition("\n")
            name, _, mode = head.partition(": ")
            pieces = re.split(r"(?m)^# -- (.*)\n", body)
            found.append((f"{path.stem}:{name}", mode.strip(), dict(zip(pieces[1::2], pieces[2::2]))))
    return found


def run_program(name, mode, files, jit):
    """What is wrong with a program, or None."""
    with tempfile.TemporaryDirectory() as scratch:
        place = pathlib.Path(scratch, "program")
        for path, text in files.items():
            target = place / path
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_text(text)
        variables = environment(scratch, EMBER_LAZY_IMPORTS=mode, **({"EMBER": "all"} if jit else {}))
        # Twice: the second run takes code and verdicts from the caches.
        for turn in ("first",) if jit and mode != "safe" else ("first", "second"):
            try:
                done = subprocess.run(
                    [sys.executable, "main.py"], env=variables, cwd=place, capture_output=True, text=True, timeout=TIMEOUT
                )
            except subprocess.TimeoutExpired:
                return f"{turn} run: timed out"
            if done.returncode or not done.stdout.endswith("ok\n"):
                tail = (done.stdout + done.stderr).strip().splitlines()[-25:]
                return f"{turn} run: exit code {done.returncode}\n" + "\n".join("    " + line for line in tail)
    return None


def main(arguments):
    cases = [(f"{name}{' compiled' * jit}", (name, mode, files, jit)) for name, mode, files in programs() for jit in (False, True)]
    cases = [case for case in cases if not arguments or any(word in case[0] for word in arguments)]
    failed = 0
    with concurrent.futures.ThreadPoolExecutor(os.cpu_count() or 2) as pool:
        for (label, _), problem in zip(cases, pool.map(lambda case: run_program(*case[1]), cases)):
            if problem:
                failed += 1
                print(f"{label}: {problem}", flush=True)
    return workshop.closing(len(cases) - failed, failed)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
