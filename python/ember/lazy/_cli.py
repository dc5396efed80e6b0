"""``python -m ember lazy``: have modules analysed ahead, and tell what putting imports off does for a program."""

from __future__ import annotations

import argparse
import os
import sys

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any


def parser() -> argparse.ArgumentParser:
    """The command line."""
    made = argparse.ArgumentParser(prog="python -m ember lazy", description="Imports that are put off until they are used.")
    commands = made.add_subparsers(dest="command", required=True)
    prepare = commands.add_parser("prepare", help="analyse modules ahead, for mode safe")
    prepare.add_argument("paths", nargs="*", metavar="PATH", help="files and folders; what they import is analysed, too")
    prepare.add_argument("-m", dest="modules", action="append", default=[], metavar="MODULE", help="a module or package by name")
    prepare.add_argument(
        "--run", nargs=argparse.REMAINDER, default=None, metavar="SCRIPT", help="run this program and analyse everything it imports (last option)"
    )
    report = commands.add_parser("report", help="run a program with and without, and compare")
    report.add_argument("--mode", choices=("safe", "all", "marked"), default="safe")
    report.add_argument("--runs", type=int, default=7, metavar="N", help="how often each is timed (default: 7)")
    report.add_argument("--tree", action="store_true", help="print who imported what, before and after")
    report.add_argument("program", nargs=argparse.REMAINDER, metavar="SCRIPT", help="script.py, -m MODULE or -c CODE, and its arguments")
    return made


def main(words: list[str]) -> int:
    """The command; the exit code."""
    from . import _report

    arguments = parser().parse_args(words)
    try:
        if arguments.command == "report":
            return _report.report(arguments.program, arguments.mode, arguments.runs, arguments.tree)
        return prepare(arguments)
    except (_report.ReportError, OSError, ImportError) as error:
        print(f"ember: {error}", file=sys.stderr)
        return 2


def prepare(arguments: Any) -> int:
    """The command ``prepare``."""
    from . import _report, _verdicts

    paths = {os.path.abspath(path) for path in arguments.paths}
    for path in paths:
        if not os.path.exists(path):
            raise FileNotFoundError(f"{path}: there is no such file or folder")
    sys.path[0:1] = [os.getcwd()] if sys.path[:1] != [""] else [""]
    for name in arguments.modules:
        path = _verdicts.planner().path_of(name)
        if not path:
            raise ImportError(f"{name}: there is no module of that name with a Python source")
        paths.add(os.path.dirname(path) if path.endswith("__init__.py") else path)
    if arguments.run:
        program = arguments.run
        if program[0] not in ("-c", "-m"):
            paths.add(os.path.abspath(program[0]))
            sys.path[0:1] = [os.path.dirname(os.path.abspath(program[0]))]
        found = _report.run(program, "off", events=True)
        sys.path[:] = [*dict.fromkeys([*sys.path, *found["path"]])]
        paths.update(path for path in found["sources"] if path.endswith(".py") and not is_stdlib(path))
    if not paths:
        # What was analysed before, and still exists.
        paths = {path for path, _ in _verdicts.planner().known() if os.path.exists(path)}
    if not paths:
        print("ember: nothing to analyse: name files, folders, -m MODULE or --run SCRIPT", file=sys.stderr)
        return 2
    _verdicts.analyse(paths, forced=True)
    known = [reason for path, reason in _verdicts.planner().known() if not is_stdlib(path)]
    harmless = sum(not reason for reason in known)
    print(f"{len(known)} modules besides the standard library are known; {harmless} have no effects and can be put off")
    print(f"kept in {_verdicts.cache_file()}")
    return 0


def is_stdlib(path: str) -> bool:
    """Whether a source is part of the standard library, or of Ember."""
    here, library = os.path.dirname(os.path.abspath(__file__)), os.path.dirname(os.__file__)
    folders = (os.path.dirname(here), os.path.dirname(os.path.realpath(here)))
    if path.startswith(tuple(folder + os.sep for folder in folders)):
        return True
    return path.startswith((library + os.sep, os.path.realpath(library) + os.sep)) and "-packages" not in path
