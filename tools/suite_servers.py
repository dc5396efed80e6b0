"""Servers with Ember, started for real: gunicorn and uWSGI under load, workers killed, replaced and reloaded; `ember.prefork`.

usage: suite_servers.py [--full] [NAME…]     --full: then tests/servers/soak.py, ten minutes of load and kills for each of two servers
       suite_servers.py --soak [ARGS]         only that, with its arguments

Each test of tests/servers/test_*.py runs in a process of its own (NAME selects by substring of `file:test`). The servers are
installed from PyPI into `.cache/server-packages`; uWSGI is built there.
"""

import concurrent.futures
import os
import pathlib
import subprocess
import sys
import tempfile

import suite_freeze
import web
import workshop

FOLDER = workshop.ROOT / "tests" / "servers"
PACKAGES = workshop.CACHE / "server-packages"
REQUIREMENTS = ["gunicorn==27.*", "uvicorn==0.*", "uvicorn-worker==0.*", "uwsgi==2.0.*", "celery==5.*", "granian==2.*"]
#: Tests of a site in `examples/`.
SITES = {"test_django": "django_app", "test_celery_site": "feed"}
#: Servers have workers of their own, so few tests run at the same time.
JOBS = 2


def unpacked_libraries():
    """The folder with the interpreter's own C library, if it was unpacked from packages and has one; else None."""
    base = pathlib.Path(os.path.realpath(getattr(sys, "_base_executable", sys.executable)))
    return next((path.parent for path in base.parent.parent.glob("lib/*/ld-linux-*.so.*")), None)


def install():
    """Install the servers, unless the same list was installed before. uWSGI is linked with the interpreter's libraries."""
    import programs

    stamp, wanted = PACKAGES / ".installed", "\n".join(REQUIREMENTS)
    if stamp.exists() and stamp.read_text() == wanted:
        return
    libraries = unpacked_libraries()
    variables = {"UWSGI_PROFILE_OVERRIDE": "ssl=false;xml=false;pcre=false;yaml=false"}
    if libraries is not None:
        loader = next(libraries.glob("ld-linux-*.so.*"))
        variables |= {
            "CPATH": str(libraries.parent.parent / "include"),
            "LIBRARY_PATH": str(libraries),
            "LDFLAGS": f"-Wl,--allow-shlib-undefined -Wl,--dynamic-linker={loader} -Wl,-rpath,{libraries}",
        }
    before = dict(os.environ)
    os.environ.update(variables)
    try:
        programs.pip("install", "--target", str(PACKAGES), "--upgrade", *REQUIREMENTS)
    finally:
        os.environ.clear()
        os.environ.update(before)
    stamp.write_text(wanted)


def environment(*more):
    """What a test finds in its environment."""
    libraries = unpacked_libraries()
    variables = suite_freeze.environment([FOLDER, PACKAGES, *more]) | {"UWSGI": str(PACKAGES / "bin" / "uwsgi")}
    return variables | ({"UWSGI_LIBRARIES": str(libraries)} if libraries is not None else {})


def soak(words):
    """Minutes of load. → exit code"""
    return subprocess.run([sys.executable, str(FOLDER / "soak.py"), *words], env=environment(), stdin=subprocess.DEVNULL).returncode


def run_test(path, name, docstring):
    """One test. → problem or None"""
    site = SITES.get(path.stem)
    variables = environment(*([web.PACKAGES, web.EXAMPLES / site] if site else []))
    with tempfile.TemporaryDirectory() as scratch:
        return suite_freeze.run([sys.executable, str(suite_freeze.FOLDER / "run.py"), str(path), name], variables, scratch)[0]


def main(argv):
    install()
    if argv[:1] == ["--soak"]:
        return soak(argv[1:])
    full = "--full" in argv
    argv = [word for word in argv if word != "--full"]
    for site in SITES.values():
        web.install(site)
    cases = []
    for path in sorted(FOLDER.glob("test_*.py")):
        cases += [(f"{path.stem}:{name}", path, name, doc) for name, doc in suite_freeze.tests_of(path).items()]
    cases = [case for case in cases if not argv or any(word in case[0] for word in argv)]
    failed = 0
    with concurrent.futures.ThreadPoolExecutor(JOBS) as pool:
        for case, problem in zip(cases, pool.map(lambda case: run_test(*case[1:]), cases)):
            if problem:
                failed += 1
                print(f"{case[0]}: {problem}", flush=True)
    if full:
        for server in ("gunicorn", "uwsgi"):
            cases.append(server)
            failed += soak([server]) != 0
    return workshop.closing(len(cases) - failed, failed)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
