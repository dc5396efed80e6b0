"""Profiles: what one process has learnt of its functions, kept in a file, so that the next one begins with it.

    ember.profile.save("hot.profile")          # in a process that has been serving for a while
    ember.profile.load("hot.profile")          # in the next one, once the application is loaded
    ember.jit.precompile()

A profile says which functions were compiled, how hot they were, and what types they have seen: the classes whose attributes they use, what
they call, which of their guards had to be given up. A process that has one compiles these functions at once into what they would have become after
a while. Functions whose code has changed since are left out; where they lie in the source does not matter. Nothing in a file is trusted: what is compiled
from it is guarded like everything else.

The file is text: JSON, a line for each function. `merge` makes one profile of those of many processes and machines; ``python -m ember profile`` does
all of this from the command line. `[tool.ember] profile` and ``profile-save`` do it for servers.
"""

from __future__ import annotations

import glob
import os
import sys

from . import _control, _native

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable
    from typing import Any, TypeAlias

    StrPath: TypeAlias = str | os.PathLike[str]

__all__ = ["ProfileError", "load", "merge", "read", "report", "save", "save_at_exit"]


class ProfileError(ValueError):
    """A file is no profile that this Ember can read; the message says which, where and why."""


def _write(path: str, text: str) -> None:
    """Write a whole file or nothing."""
    fresh = f"{path}.{os.getpid()}.new"
    try:
        with open(fresh, "w", encoding="utf-8") as out:
            out.write(text)
        os.replace(fresh, path)
    except BaseException:
        if os.path.exists(fresh):
            os.unlink(fresh)
        raise


def save(path: StrPath) -> int:
    """Write what this process has learnt so far; how many functions that are.

    ``{pid}`` in the path stands for the process's number and ``{host}`` for the machine's name, so that many processes can have the same setting. The file is
    replaced in one go. Takes some tens of milliseconds. Raises `ember.jit.Unsupported` in an interpreter that Ember does not know, OSError if it cannot be written.
    """
    text: str = _native.load().profile_save()
    _write(_named(path), text)
    return text.count("\n") - 1


def _named(path: StrPath) -> str:
    name = os.fspath(path)
    if "{host}" in name:
        import socket

        name = name.replace("{host}", socket.gethostname())
    return name.replace("{pid}", str(os.getpid()))


def files(path: StrPath) -> list[str]:
    """The files of a path: itself, the ``*.profile`` of a folder, or what a pattern matches."""
    name = os.fspath(path)
    if os.path.isdir(name):
        return sorted(glob.glob(os.path.join(glob.escape(name), "*.profile")))
    if not os.path.exists(name) and glob.has_magic(name):
        return sorted(glob.glob(name))
    return [name]


def _text(name: str) -> str:
    try:
        with open(name, encoding="utf-8") as source:
            return source.read()
    except UnicodeDecodeError:
        raise ProfileError(f"{name} is no profile: it is not text") from None


def _merged(names: list[str]) -> str:
    try:
        text: str = _native.load().profile_merge([_text(name) for name in names])
    except ProfileError:
        raise
    except ValueError as error:
        index, problem = error.args
        raise ProfileError(f"{names[index]}: {problem}") from None
    return text


#: Paths that were loaded.
_loaded: set[str] = set()


def load(path: StrPath) -> int:
    """Take in a profile; how many functions are in it.

    `path` is a file, a folder with files ``*.profile``, or a pattern (``profiles/*.profile``); several files are merged. What it says counts from then
    on for functions that are not compiled yet: `ember.jit.precompile` compiles them all, and a program that runs in the mode ``auto`` compiles them in the
    background in its first seconds, as soon as they and the classes they use are there. Raises `ProfileError`, OSError, `ember.jit.Unsupported`.
    """
    names = files(path)
    text = _merged(names) if len(names) != 1 else _text(names[0])
    try:
        _native.load().profile_load(text)
    except ValueError as error:
        raise ProfileError(f"{names[0]}: {error}") from None
    _loaded.add(os.path.abspath(path))
    return text.count("\n") - 1


def is_loaded(path: StrPath) -> bool:
    """Whether `load` was called with this path."""
    return os.path.abspath(path) in _loaded


def report() -> dict[str, int]:
    """What became of the profiles that were loaded, applied to what is there now.

    ``functions`` they have, of which ``applied`` to functions of this process; ``stale`` ones, whose code is another one now; ``missing`` ones, of which there is
    none (yet); ``names`` of classes and functions that they have seen, and ``names_dropped`` of these that there are not, or several of.
    """
    native = _native.loaded()
    return native.profile_report() if native is not None else {}


def merge(paths: Iterable[StrPath], out: StrPath) -> int:
    """Make one profile of many; how many functions it has.

    Functions are the same if their names and their code are. Hotness adds up; classes seen are put together; what one process has seen in one way and
    another in another is not speculated on. Each path is what `load` takes. Raises `ProfileError`, which names the file, and OSError.
    """
    names = [name for path in paths for name in files(path)]
    if not names:
        raise ProfileError("there is no profile to merge")
    text = _merged(names)
    _write(os.fspath(out), text)
    return text.count("\n") - 1


def read(path: StrPath) -> list[dict[str, Any]]:
    """The functions of a profile as plain dicts, hottest first, to be looked at; the format is that of the file's lines."""
    import json

    return [json.loads(line) for line in _merged(files(path)).splitlines()[1:]]


def _try_to_save(path: StrPath) -> None:
    """Save, but let nothing come of it if that fails: the process has better things to do."""
    try:
        if _control.status().enabled:
            save(path)
    except Exception as problem:
        if sys.stderr is not None:
            sys.stderr.write(f"ember: no profile in {os.fspath(path)}: {problem}\n")


#: The process that saves its profile, and where to. A child that is forked is another process.
_saves: tuple[int, str] | None = None
_registered: bool = False


def save_now(*_: object) -> None:
    """Save to where `save_at_exit` was told, if this process was told."""
    if _saves is not None and _saves[0] == os.getpid():
        _try_to_save(_saves[1])


def save_at_exit(path: StrPath | None, signal: int | str | None = None) -> None:
    """Have this process save its profile when it ends in the ordinary way, and whenever it gets `signal` (a number, or a name like ``"USR2"``).

    A signal that has a handler already keeps it. A process that is forked from this one does not save: call this in it. Nothing is saved while the JIT is off.
    With None for the path the process saves nothing any more.
    """
    global _saves, _registered
    _saves = None if path is None else (os.getpid(), os.path.abspath(path))
    if path is not None and not _registered:
        import atexit

        _registered = True
        atexit.register(save_now)
    if path is None or signal is None:
        return
    import signal as signals

    number = signal_number(signal)
    if signals.getsignal(number) in (signals.SIG_DFL, save_now):
        signals.signal(number, save_now)
    elif sys.stderr is not None:
        name = signals.Signals(number).name
        sys.stderr.write(f"ember: {name} saves no profile in process {os.getpid()}: it has a handler already\n")


def signal_number(signal: int | str) -> int:
    """A signal by number or by name, with or without SIG; raises ValueError."""
    import signal as signals

    if isinstance(signal, str) and not signal.isdigit():
        name = signal.upper()
        name = name if name.startswith("SIG") else "SIG" + name
        if name not in signals.Signals.__members__:
            raise ValueError(f"there is no signal {signal!r}")
        return int(signals.Signals[name])
    return int(signals.Signals(int(signal)))


#: What the children of a master save to, and at which signal.
_for_children: tuple[int, str, str | None] | None = None
_watching: bool = False


def save_in_children(path: StrPath, signal: str | None = None) -> None:
    """Have every process that is forked from this one save its profile as `save_at_exit` has it; not those that are forked from these, and not this one."""
    global _for_children, _watching
    save_at_exit(None)
    _for_children = (os.getpid(), os.path.abspath(path), signal)
    if not _watching:
        _watching = True
        os.register_at_fork(after_in_child=_in_child)


def _in_child() -> None:
    if _for_children is not None and _for_children[0] == os.getppid():
        save_at_exit(*_for_children[1:])
