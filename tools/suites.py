"""`./x test`: every suite, one after another, and one count at the end.

A suite is a function here or a program `tools/suite_NAME.py`, which is run by the built interpreter. Whatever it prints,
it says how many of its tests passed and failed in a line `N passed, N failed`, the last such line counts; a suite that
ends badly without having counted a failure is one failure. A program that knows `--full` is given it. Later suites run whatever becomes of earlier ones.

usage: ./x test [--full] [SUITE…]     --full runs what takes long as well
"""

import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile
import threading
import time

import workshop

COUNT = re.compile(r"^\s*(\d+) passed, (\d+) failed\s*$", re.M)
NEXTEST = re.compile(r"Summary \[.*?\] +\d+(?:/\d+)? tests? run: (\d+) passed.*?(?:, (\d+) failed)?(?:, (\d+) timed out)?,", re.M)
CARGO_TEST = re.compile(r"^test result: \w+\. (\d+) passed; (\d+) failed", re.M)
COLOURS = re.compile(r"\x1b\[[0-9;]*m")
#: A suite that hangs must not hang everything.
TIMEOUT = 35 * 60


def stream(command, **options):
    """Run `command`, show its output while it comes; (exit code, output)."""
    words = [str(word) for word in command]
    child = subprocess.Popen(
        words, cwd=str(workshop.ROOT), stdout=subprocess.PIPE, stderr=subprocess.STDOUT, stdin=subprocess.DEVNULL, **options
    )
    timer = threading.Timer(TIMEOUT, child.kill)
    timer.start()
    lines = []
    with child.stdout:
        for line in child.stdout:
            text = line.decode(errors="replace")
            lines.append(text)
            # The one line that counts everything is written at the very end, by `main`.
            if not COUNT.match(text):
                sys.stdout.write(text)
                sys.stdout.flush()
    code = child.wait()
    timer.cancel()
    return code, COLOURS.sub("", "".join(lines))


def whole(command, **options):
    """A suite that is one test: a command that must succeed."""
    return (1, 0) if stream(command, **options)[0] == 0 else (0, 1)


def counted(command, **options):
    """A suite that counts for itself."""
    code, output = stream(command, **options)
    counts = COUNT.findall(output)
    passed, failed = map(int, counts[-1]) if counts else (0, 0)
    return passed, failed or int(code != 0)


def fmt(full):
    """The Rust code is formatted."""
    return whole(["cargo", "fmt", "--all", "--check"])


def clippy(full):
    """Clippy has nothing to say, about tests neither."""
    return whole(["cargo", "clippy", "--quiet", "--workspace", "--all-targets", "--", "-D", "warnings"])


def unresolved_symbols():
    """Environment for test executables of crates that name CPython's symbols.

    The interpreter that loads the extension provides them, so an executable of its own cannot resolve them. A linker
    script makes them all null: what Rust tests run must be pure, and the rest is tested through Python.
    """
    names = set()
    places = [workshop.ROOT / "crates"]
    places += pathlib.Path(os.environ.get("CARGO_HOME") or pathlib.Path.home() / ".cargo").glob("registry/src/*/pyo3-ffi-*")
    for place in places:
        for source in place.rglob("*.rs"):
            names.update(re.findall(r"\b_?Py\w+", source.read_text(errors="replace")))
    script = workshop.CACHE / "python_symbols.ld"
    script.parent.mkdir(exist_ok=True)
    text = "".join("PROVIDE(%s = 0);\n" % name for name in sorted(names))
    if not script.exists() or script.read_text() != text:
        script.write_text(text)
    flags = ["-Clink-arg=%s" % script, "-Clink-arg=-Wl,--unresolved-symbols=ignore-all"]
    return dict(os.environ, CARGO_ENCODED_RUSTFLAGS="\x1f".join(flags))


def rust(full):
    """The Rust tests of all crates but the extension's, which has only Python ones."""
    workshop.cargo("fetch", "--quiet")
    environment = unresolved_symbols()
    words = ["--workspace", "--exclude", "ember-py"]
    nextest = subprocess.run(["cargo", "nextest", "--version"], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    if nextest.returncode == 0:
        flags = ["--no-tests=pass", "--no-fail-fast", "--status-level=fail", "--cargo-quiet", "--show-progress=none"]
        code, output = stream(["cargo", "nextest", "run", *words, *flags], env=environment)
        found = NEXTEST.findall(output)
        passed, failed = (int(found[-1][0]), sum(int(part or 0) for part in found[-1][1:])) if found else (0, 0)
    else:
        code, output = stream(["cargo", "test", "--quiet", *words, "--all-targets", "--no-fail-fast"], env=environment)
        found = CARGO_TEST.findall(output)
        passed, failed = sum(int(p) for p, _ in found), sum(int(f) for _, f in found)
    return passed, failed or int(code != 0)


def xtask(full):
    """Layering of the crates, `unsafe` where it belongs, sizes of files."""
    return counted(["cargo", "xtask"])


def wheel(full):
    """The wheel, installed into a clean environment elsewhere, does what the README says."""
    built = workshop.build_wheel()
    with tempfile.TemporaryDirectory(prefix="ember-wheel-") as scratch:
        python = workshop.make_venv(pathlib.Path(scratch) / "venv", workshop.base_python())
        workshop.pip_install(python, "--no-index", built)
        environment = {name: value for name, value in os.environ.items() if not name.startswith("EMBER")}
        folder = workshop.ROOT / "tests" / "wheel"
        return counted([python, folder / "run.py"], env=environment)


def program(path):
    """The suite that is the program `path`."""

    text = path.read_text()

    def suite(full):
        python = workshop.ready(tests=True)
        return counted([python, path, *(["--full"] if full and "--full" in text else [])])

    suite.__doc__ = text.split('"""')[1] if '"""' in text else path.name
    return suite


def suites():
    """{name: suite}, in the order in which they run: what is quick to fail first."""
    table = {"fmt": fmt, "xtask": xtask, "clippy": clippy, "rust": rust, "wheel": wheel}
    for path in sorted((workshop.ROOT / "tools").glob("suite_*.py")):
        table[path.stem[len("suite_") :]] = program(path)
    return table


def main(arguments):
    """Run suites; the exit code."""
    full = "--full" in arguments
    names = [argument for argument in arguments if argument != "--full"]
    table = suites()
    unknown = [name for name in names if name not in table]
    if unknown:
        raise workshop.Failure("no suite %s; there are %s" % (", ".join(unknown), ", ".join(table)))
    if not shutil.which("cargo"):
        raise workshop.Failure("cargo is not here; install a Rust toolchain from https://rustup.rs")
    total, results = [0, 0], []
    for name in names or table:
        print("\n== %s: %s" % (name, (table[name].__doc__ or "").split("\n")[0]), flush=True)
        began = time.time()
        try:
            passed, failed = table[name](full)
        except workshop.Failure as failure:
            print("x: %s" % failure, flush=True)
            passed, failed = 0, 1
        results.append((name, passed, failed, time.time() - began))
        total[0] += passed
        total[1] += failed
    print()
    for name, passed, failed, seconds in results:
        print("%-10s %6d passed %4d failed %6.0f s" % (name, passed, failed, seconds))
    print("\n%d passed, %d failed" % tuple(total), flush=True)
    return 1 if total[1] or not total[0] else 0
