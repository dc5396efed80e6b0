"""Compares Ember's idea of CPython's layouts with the installed headers and binary.

    python3.14 tests/layout/check.py [--cargo-dump FILE]

1. Every offset, size and constant of `ember_cpython::layout` against a C program compiled with the
   headers of the interpreter that runs this script (needs its internal headers and `cc`).
2. Every function and variable that `ember_cpython::ffi` declares against that interpreter's dynamic
   symbols (needs `nm`).

Exit status 0: all agree; 1: differences, listed; 77: cannot tell here (headers or tools missing).
"""

import argparse
import os
import pathlib
import re
import shutil
import subprocess
import sys
import sysconfig
import tempfile

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parent.parent
SKIP = 77


def rust_dump(path):
    if path:
        return pathlib.Path(path).read_text()
    env = dict(os.environ)
    env.setdefault("PYO3_PYTHON", sys.executable)
    command = ["cargo", "run", "--quiet", "-p", "ember-cpython", "--example", "dump_layout"]
    return subprocess.run(command, cwd=ROOT, env=env, check=True, stdout=subprocess.PIPE, text=True).stdout


def parse(dump):
    entries = {}
    for line in dump.splitlines():
        kind, rest = line.split(" ", 1)
        name, value = rest.rsplit(" ", 1)
        entries[kind, name] = int(value)
    return entries


def include_dir():
    """The interpreter's headers; an unpacked tree may not lie where it was configured for."""
    version = f"python{sys.version_info.major}.{sys.version_info.minor}"
    candidates = [
        pathlib.Path(sysconfig.get_path("include")),
        pathlib.Path(sys.base_prefix) / "include" / version,
        pathlib.Path(sys.executable).resolve().parent.parent / "include" / version,
    ]
    return next((c for c in candidates if (c / "internal" / "pycore_interpframe.h").exists()), None)


def entries_inc(entries):
    lines = []
    for kind, name in entries:
        if kind == "offset":
            struct, field = name.split(".", 1)
            lines.append(f"OFFSET({struct}, {field})")
        elif kind in ("size", "const"):
            lines.append(f"{kind.upper()}({name})")
    return "\n".join(lines) + "\n"


def c_dump(include, entries):
    with tempfile.TemporaryDirectory() as tmp:
        pathlib.Path(tmp, "entries.inc").write_text(entries_inc(entries))
        program = os.path.join(tmp, "lay")
        # Debian keeps pyconfig.h in a directory of the architecture beside the headers.
        multiarch = sysconfig.get_config_var("MULTIARCH") or ""
        includes = [tmp, include, include / "internal", include / "internal" / "mimalloc", include.parent]
        if multiarch:
            includes.append(include.parent / multiarch / include.name)
        flags = [f"-I{path}" for path in includes]
        command = ["cc", "-w", *flags, str(HERE / "lay.c"), "-o", program, "-Wl,--unresolved-symbols=ignore-all"]
        subprocess.run(command, check=True)
        return subprocess.run([program], check=True, stdout=subprocess.PIPE, text=True).stdout


def compare(ours, theirs):
    differences = 0
    for (kind, name), value in ours.items():
        actual = theirs.get((kind, name))
        if actual == value:
            continue
        if kind == "drift":
            print(f"note: {name} is {actual} here, {value} in the release Ember knows best")
            continue
        differences += 1
        print(f"{kind} {name}: Ember says {value}, the headers say {actual}")
    return differences


def declared():
    """Names declared in ffi.rs, comments removed."""
    text = re.sub(r"//[^\n]*", "", (ROOT / "crates/ember-cpython/src/ffi.rs").read_text())
    block = text[text.index('unsafe extern "C" {') :]
    return re.findall(r"pub (?:fn|static mut|static) (\w+)", block)


def exported():
    binary = os.path.realpath(sys.executable)
    names = set()
    library = sysconfig.get_config_var("LDLIBRARY") or ""
    shared = os.path.join(sysconfig.get_config_var("LIBDIR") or "", library)
    for path in [binary, *([shared] if os.path.isfile(shared) else [])]:
        output = subprocess.run(["nm", "-D", "--defined-only", path], stdout=subprocess.PIPE, text=True)
        names.update(line.split()[-1].split("@")[0] for line in output.stdout.splitlines() if line)
    return names


def main():
    arguments = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    arguments.add_argument("--cargo-dump", metavar="FILE", help="output of the dump_layout example, if already made")
    options = arguments.parse_args()
    if sys.version_info[:2] != (3, 14):
        print("layouts are checked for CPython 3.14 only")
        return SKIP
    problems, checked = 0, []

    if shutil.which("nm"):
        names = declared()
        missing = sorted(set(names) - exported())
        for name in missing:
            print(f"ffi: {name} is not exported by {sys.executable}")
        problems += len(missing)
        checked.append(f"{len(names)} symbols")

    include = include_dir()
    if include is not None and shutil.which("cc"):
        ours = parse(rust_dump(options.cargo_dump))
        problems += compare(ours, parse(c_dump(include, ours)))
        checked.append(f"{len(ours)} layout entries")

    if not checked:
        print("neither nm nor cc with CPython's internal headers at hand: nothing checked")
        return SKIP
    print(f"checked {', '.join(checked)} of CPython {sys.version.split()[0]}: {problems} problem(s)")
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
