"""``python -m ember profile``: look at profiles, merge them, try one on an application, have running workers save theirs."""

from __future__ import annotations

import os
import sys
import time

from . import profile

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

USAGE = """\
usage: python -m ember profile show FILE... [--top N]      functions, hottest first, and what is known of them
       python -m ember profile merge OUT FILE...           one profile of those of many processes and machines
       python -m ember profile load FILE MODULE[:APP]      import MODULE, and tell how much of the profile fits it
       python -m ember profile save PID | --tree PID [--signal NAME]
                                                           have a process (or a master's workers) save its profile now

FILE may be a folder, of which all *.profile are taken, or a pattern in quotes. Processes save theirs when they end if profile-save in
[tool.ember], or EMBER_JIT_PROFILE_SAVE, says where to, and at the signal that profile-signal names (save sends it)."""


class UsageError(Exception):
    """The command line makes no sense; the message says where."""


def _take(words: list[str], name: str) -> str | None:
    """The value of an option, which is taken out of `words`."""
    if name not in words:
        return None
    at = words.index(name)
    if at + 1 >= len(words):
        raise UsageError(f"{name} needs a value")
    value = words[at + 1]
    del words[at : at + 2]
    return value


def kinds(function: dict[str, Any]) -> dict[str, int]:
    """How many sites of a function are of which kind."""
    counts: dict[str, int] = {}
    for site in function.get("sites", {}).values():
        for kind in site:
            counts[kind] = counts.get(kind, 0) + 1
    return counts


def show(words: list[str]) -> int:
    """The command ``show``."""
    top = int(_take(words, "--top") or 40)
    if not words:
        raise UsageError("show needs a file")
    functions = [function for word in words for function in profile.read(word)]
    compiled = [function for function in functions if function.get("compiled")]
    sites = sum(len(function.get("sites", {})) for function in functions)
    print(f"{len(functions)} functions, {len(compiled)} of them compiled; {sites} sites")
    print(f"{'samples':>8} {'versions':>8} {'attrs':>6} {'calls':>6} {'other':>6} {'generic':>8}  function")
    for function in functions[:top]:
        counts = kinds(function)
        attributes = counts.pop("attr", 0) + counts.pop("module", 0)
        calls = counts.pop("call", 0)
        generic = len(function.get("generic", ()))
        mark = "" if function.get("compiled") else "  (in others)"
        print(
            f"{function.get('heat', 0):8} {function.get('versions', 0):8} {attributes:6} {calls:6} {sum(counts.values()):6} {generic:8}"
            f"  {function['function']}{mark}"
        )
    if len(functions) > top:
        print(f"… and {len(functions) - top} more (--top N)")
    return 0


def merge(words: list[str]) -> int:
    """The command ``merge``."""
    if len(words) < 2:
        raise UsageError("merge needs the file to write and those to read")
    print(f"{words[0]}: {profile.merge(words[1:], words[0])} functions")
    return 0


def load(words: list[str]) -> int:
    """The command ``load``: what would become of a profile in an application."""
    if len(words) != 2:
        raise UsageError("load needs a profile and a module")
    from . import _control, jit
    from ._prefork import find_object

    if not _control.enable("auto"):
        return 1
    sys.path.insert(0, os.getcwd())
    if ":" in words[1]:
        find_object(words[1])
    else:
        __import__(words[1])
    profile.load(words[0])
    began = time.process_time()
    jit.precompile()
    seconds = time.process_time() - began
    known = profile.report()
    print(f"{known['functions']} functions: {known['applied']} are as they were, {known['stale']} have changed, {known['missing']} are not there")
    print(f"{known['names']} names of classes and functions that they have seen, of which {known['names_dropped']} mean nothing here")
    print(f"{jit.stats()['codes']} compiled in {seconds:.2f} s of processor time")
    return 0


def _catches(pid: int, number: int) -> bool:
    """Whether a process has a handler for a signal: one without would be ended by it."""
    with open(f"/proc/{pid}/status") as source:
        caught = next((line.split()[1] for line in source if line.startswith("SigCgt:")), "0")
    return bool(int(caught, 16) >> (number - 1) & 1)


def save(words: list[str]) -> int:
    """The command ``save``."""
    from . import _options
    from ._memory import Process

    tree = _take(words, "--tree")
    signal = _take(words, "--signal") or _options.load().get("profile_signal") or "USR2"
    if (tree is None) == (not words) or len(words) > 1:
        raise UsageError("save needs a process, or --tree and a master")
    number = profile.signal_number(signal)
    pids = Process(int(tree)).children() if tree is not None else [int(words[0])]
    asked = 0
    for pid in pids:
        try:
            if not _catches(pid, number):
                print(f"{pid} has no handler for {signal}: is profile-signal set where it was started?", file=sys.stderr)
                continue
            os.kill(pid, number)
            asked += 1
        except OSError as problem:
            print(f"{pid}: {problem.strerror}", file=sys.stderr)
    print(f"asked {asked} of {len(pids)} processes")
    return 0 if asked and asked == len(pids) else 1


COMMANDS: dict[str, Callable[[list[str]], int]] = {"show": show, "merge": merge, "load": load, "save": save}


def main(words: list[str]) -> int:
    """The command line; the exit code."""
    if not words or words[0] in ("-h", "--help"):
        print(USAGE)
        return 0 if words else 2
    if words[0] not in COMMANDS:
        print(f"ember: profile has no command {words[0]!r}: there are {', '.join(COMMANDS)}", file=sys.stderr)
        return 2
    try:
        return COMMANDS[words[0]](words[1:])
    except UsageError as error:
        print(f"ember: {error}", file=sys.stderr)
        return 2
    except (profile.ProfileError, OSError, ImportError, AttributeError) as error:
        print(f"ember: {error}", file=sys.stderr)
        return 1
