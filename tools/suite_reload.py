"""Hot reload: edits to small programs, random edits in a row, and Django, Flask and uvicorn started for real.

usage: suite_reload.py [--full] [NAME…]

Each test of tests/reload/test_*.py runs in a process of its own (NAME selects by substring of `file:test`), once plain and,
where the file says `MODES`, under EMBER=all, too. The frameworks are installed from PyPI into `.cache/reload-packages`.
"""

import concurrent.futures
import os
import sys
import tempfile

import suite_freeze
import workshop

FOLDER = workshop.ROOT / "tests" / "reload"
PACKAGES = workshop.CACHE / "reload-packages"
REQUIREMENTS = ["django==6.*", "flask==3.*", "uvicorn==0.*"]
#: Servers and supervisors have processes of their own, so few tests run at the same time.
JOBS = 2


def install():
    """Install the frameworks, unless the same list was installed before."""
    import programs

    stamp, wanted = PACKAGES / ".installed", "\n".join(REQUIREMENTS)
    if not stamp.exists() or stamp.read_text() != wanted:
        programs.pip("install", "--target", str(PACKAGES), "--upgrade", *REQUIREMENTS)
        stamp.write_text(wanted)


def run_test(path, name, mode, full):
    """One test. → problem or None"""
    variables = suite_freeze.environment([FOLDER, PACKAGES]) | {"RELOAD_FULL": "1" if full else ""}
    if mode:
        variables["EMBER"] = mode
    with tempfile.TemporaryDirectory() as scratch:
        runner = suite_freeze.FOLDER / "run.py"
        return suite_freeze.run([sys.executable, str(runner), str(path), name], variables, os.path.realpath(scratch))[0]


def main(argv):
    full = "--full" in argv
    words = [word for word in argv if word != "--full"]
    install()
    cases = []
    for path in sorted(FOLDER.glob("test_*.py")):
        modes = ("", "all") if path.stem in ("test_patch", "test_random") else ("",)
        for name in suite_freeze.tests_of(path):
            cases += [(f"{path.stem}:{name}{':' + mode if mode else ''}", path, name, mode) for mode in modes]
    cases = [case for case in cases if not words or any(word in case[0] for word in words)]
    failed = 0
    with concurrent.futures.ThreadPoolExecutor(JOBS) as pool:
        for case, problem in zip(cases, pool.map(lambda case: run_test(*case[1:], full), cases)):
            if problem:
                failed += 1
                print(f"{case[0]}: {problem}", flush=True)
    return workshop.closing(len(cases) - failed, failed)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
