"""The frozen heap: objects of every kind before and after `ember.freeze`, in processes that end, and CPython's tests on it.

usage: suite_freeze.py [--jobs N] [--debug | --full] [NAME…]

Each test of tests/freeze/test_*.py runs in a process of its own (NAME selects by substring of `file:test`); then modules of
CPython's test suite run with the heap frozen again and again, where a crash is a failure. What the tests of
extensions need is installed from PyPI into `.cache/freeze-packages`.

With --debug all of it runs in a debug build of CPython instead, which checks itself with assertions; with --full in both. That
is unpacked into `.python-debug` when it is first needed.
"""

import ast
import concurrent.futures
import os
import pathlib
import re
import signal
import subprocess
import sys
import tempfile

import ember
import workshop

FOLDER = workshop.ROOT / "tests" / "freeze"
PACKAGES = workshop.CACHE / "freeze-packages"
REQUIREMENTS = ["numpy==2.5.*", "lxml==6.*", "pydantic==2.*", "orjson==3.*", "psycopg[binary]==3.*"]
TIMEOUT = 300
#: How many of CPython's tests there are between two freezes.
EVERY = 7
#: What an interpreter says of errors that it ignores.
IGNORED = re.compile(r"Exception ignored|Fatal Python error|Traceback|double free|corrupt|was never awaited", re.I)


def packages():
    """The folder with the packages, installed unless the same list was installed before."""
    stamp = PACKAGES / ".installed"
    wanted = "\n".join(REQUIREMENTS)
    if not stamp.exists() or stamp.read_text() != wanted:
        import programs

        programs.pip("install", "--target", str(PACKAGES), "--upgrade", *REQUIREMENTS)
        stamp.write_text(wanted)
    return PACKAGES


def interpreters(full, debug):
    """Label → the interpreter as a command, and the folders that it needs to find Ember."""
    found = {} if debug else {"": ([sys.executable], [])}
    if full or debug:
        # It shows warnings that others pass over.
        quiet = ["-W", "ignore::ResourceWarning", "-W", "ignore::DeprecationWarning"]
        found["debug:"] = ([str(workshop.debug_python()), *quiet], [pathlib.Path(ember.__file__).parent.parent])
    return found


def is_for(docstring, label):
    """Whether a test is for the interpreter with that label."""
    return ("not in debug builds" if label else "only in debug builds") not in (docstring or "")


def environment(extra=()):
    variables = {k: v for k, v in os.environ.items() if not k.startswith(("EMBER", "PYTHON"))}
    path = os.pathsep.join([str(FOLDER), *map(str, extra)])
    return variables | {"PYTHONPATH": path, "PYTHONDONTWRITEBYTECODE": "1", "PYTHONFAULTHANDLER": "1"}


def tests_of(path):
    """Names of the tests in a file → their docstrings; those that the file makes when it is loaded, too."""
    tree = ast.parse(path.read_text())
    found = {n.name: ast.get_docstring(n) for n in tree.body if isinstance(n, ast.FunctionDef) and n.name.startswith("test_")}
    for node in tree.body:
        if isinstance(node, ast.Assign) and getattr(node.targets[0], "id", "") == "SAMPLES":
            found |= {"test_" + key.value.replace(" ", "_"): None for key in node.value.keys}
    return found


def run(command, variables, scratch):
    """→ (problem or None, standard output)"""
    try:
        done = subprocess.run(
            command, env=variables, cwd=scratch, stdout=subprocess.PIPE, stderr=subprocess.PIPE, stdin=subprocess.DEVNULL, text=True,
            errors="replace", timeout=TIMEOUT,
        )  # fmt: skip
    except subprocess.TimeoutExpired:
        return f"timed out after {TIMEOUT} s", ""
    tail = "\n".join("    " + line[:300] for line in done.stderr.strip().splitlines()[-40:])
    if done.returncode:
        code = done.returncode
        how = f"crashed with {signal.Signals(-code).name}" if code < 0 else f"exit code {code}"
        return f"{how}\n{tail}", done.stdout
    if IGNORED.search(done.stderr):
        return f"errors that were ignored\n{tail}", done.stdout
    return None, done.stdout


def run_test(python, folders, path, name, docstring):
    """One test of this repository. → problem or None"""
    extra = [*folders, packages()] if path.stem == "test_extensions" else folders
    with tempfile.TemporaryDirectory() as scratch:
        problem, output = run([*python, str(FOLDER / "run.py"), str(path), name], environment(extra), scratch)
    wanted = re.search(r"prints: (.*)", docstring or "")
    if problem is None and wanted and output != wanted[1].strip().replace("|", "\n"):
        return f"printed {output!r}, not {wanted[1].strip()!r}"
    return problem


def run_module(python, folders, name, every):
    """One of CPython's modules. → problem or None"""
    with tempfile.TemporaryDirectory() as scratch:
        place = os.path.join(scratch, "test")
        problem, _ = run([*python, str(FOLDER / "cpython.py"), name, str(every), place], environment(folders), scratch)
        if problem and problem.startswith(("crashed", "timed", "exit code")):
            where = pathlib.Path(place).read_text() if os.path.exists(place) else "loading it"
            return f"{problem}\n    in {where}"
    return None


def main(argv):
    argv, jobs = list(argv), os.cpu_count() or 2
    if "--jobs" in argv:
        at = argv.index("--jobs")
        jobs = int(argv[at + 1])
        del argv[at : at + 2]
    full, debug = "--full" in argv, "--debug" in argv
    argv = [word for word in argv if word not in ("--full", "--debug")]
    cases = []
    for label, where in interpreters(full, debug).items():
        for path in sorted(FOLDER.glob("test_*.py")):
            tests = [(name, doc) for name, doc in tests_of(path).items() if is_for(doc, label)]
            cases += [(f"{label}{path.stem}:{name}", run_test, (*where, path, name, doc)) for name, doc in tests]
        modules = (FOLDER / "modules.txt").read_text().split()
        cases += [(f"{label}cpython:{name}", run_module, (*where, name, EVERY)) for name in modules]
    cases = [case for case in cases if not argv or any(word in case[0] for word in argv)]
    if any("extensions" in label for label, _, _ in cases):
        packages()
    failed = 0
    with concurrent.futures.ThreadPoolExecutor(jobs) as pool:
        for (label, _, _), problem in zip(cases, pool.map(lambda case: case[1](*case[2]), cases)):
            if problem:
                failed += 1
                print(f"{label}: {problem}", flush=True)
    return workshop.closing(len(cases) - failed, failed)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
