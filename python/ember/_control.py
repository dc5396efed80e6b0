"""On, off, paused: the state that is the process's and not a function's.

The invariant: `_mode` is what the extension was last told. ``EMBER=off`` is looked at whenever something would be turned
on, so that one variable switches Ember off in a program that enables it by itself.
"""

from __future__ import annotations

import os
import sys

from . import _native

TYPE_CHECKING = False
if TYPE_CHECKING:
    from types import TracebackType

_mode: str = "off"
_pauses: int = 0
_said: set[str] = set()
_fork_handled: bool = False


class Status:
    """What `status` answers."""

    __slots__ = ("enabled", "mode", "paused", "reason", "version")

    #: Whether functions are being compiled.
    enabled: bool
    #: The mode: ``auto``, ``all``, ``list:FILE`` or ``off``.
    mode: str
    #: Whether a `paused` block is running.
    paused: bool
    #: Why Ember cannot work or stays off here; None when nothing is in the way.
    reason: str | None
    #: Ember's version.
    version: str

    def __init__(self, enabled: bool, mode: str, paused: bool, reason: str | None, version: str) -> None:
        self.enabled = enabled
        self.mode = mode
        self.paused = paused
        self.reason = reason
        self.version = version

    def __repr__(self) -> str:
        return "Status({})".format(", ".join(f"{name}={getattr(self, name)!r}" for name in self.__slots__))


class Paused:
    """A block during which nothing is compiled and nothing compiled is entered; see `paused`."""

    __slots__ = ()

    def __enter__(self) -> None:
        global _pauses
        _pauses += 1
        if _pauses == 1 and (native := _native.loaded()):
            native.set_paused(True)

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        global _pauses
        _pauses -= 1
        if _pauses == 0 and (native := _native.loaded()):
            native.set_paused(False)


def _stay_off(reason: str) -> bool:
    """Say once, in one line, why Ember stays off."""
    if reason not in _said:
        _said.add(reason)
        if sys.stderr is not None:
            sys.stderr.write(f"ember: stays off: {reason}\n")
    return False


def environment_says_off() -> bool:
    """Whether ``EMBER=off`` is in the environment, and the environment counts."""
    return not sys.flags.ignore_environment and os.environ.get("EMBER", "").strip().lower() in ("off", "0")


def parse_mode(mode: str) -> tuple[str, str | None]:
    """A mode as users write it, as its kind and the list's path; raises ValueError."""
    kind, colon, path = mode.strip().partition(":")
    kind = {"1": "auto", "on": "auto", "0": "off", "": "off"}.get(kind.lower(), kind.lower())
    if (kind == "list" and path) or (kind in ("auto", "all", "off") and not colon):
        return kind, path or None
    raise ValueError(f"no mode {mode!r}: there are auto, all, list:FILE and off")


def _native_after_fork() -> None:
    if native := _native.loaded():
        native.after_fork()


def after_fork() -> None:
    """What there is to do in a child; for servers that fork without telling Python. Once more is no harm."""
    _native_after_fork()
    profile, prefault = sys.modules.get("ember.profile"), sys.modules.get("ember._prefault")
    if profile is not None:
        profile._in_child()
    if prefault is not None:
        prefault.copy()


def enable(mode: str = "auto") -> bool:
    """Turn Ember on; whether it is on now.

    `mode` is ``auto`` (hot functions are compiled by a background thread), ``all`` (each function at its first call),
    ``list:FILE`` (the functions that a JIT list names) or ``off``. On an interpreter that Ember does not know it stays
    off and says so in one line on standard error; so it does when ``EMBER=off`` is in the environment, but silently.

    Raises ValueError for a mode that does not exist or a list that cannot be parsed, OSError for one that cannot be read.
    """
    global _mode, _fork_handled
    kind, path = parse_mode(mode)
    if kind == "off":
        disable()
        return False
    if environment_says_off():
        return False
    text = None
    if path is not None:
        with open(path, encoding="utf-8") as source:
            text = source.read()
    reason = _native.unsupported()
    if reason is not None:
        return _stay_off(reason)
    native = _native.load()
    try:
        native.enable(kind, text)
    except RuntimeError as error:
        return _stay_off(str(error))
    if not _fork_handled and hasattr(os, "register_at_fork"):
        _fork_handled = True
        os.register_at_fork(after_in_child=_native_after_fork)
    if _pauses:
        native.set_paused(True)
    _mode = kind if path is None else f"{kind}:{path}"
    return True


def disable() -> None:
    """Turn Ember off: compiled functions go back to the interpreter, from their next call on."""
    global _mode
    if _mode != "off" and (native := _native.loaded()):
        native.disable()
    _mode = "off"


def paused() -> Paused:
    """A context in which nothing is compiled and no compiled function is entered: ``with ember.paused(): ...``.

    It holds for all threads; what runs in native code already stays there until it returns. Contexts may nest.
    """
    return Paused()


def mode() -> str:
    """The mode that is on, or ``off``; loads nothing."""
    return _mode


def status() -> Status:
    """Whether Ember is on, how, and if not why not."""
    from . import __version__

    reason = _native.unsupported()
    if reason is None and environment_says_off():
        reason = "EMBER=off is set"
    return Status(_mode != "off", _mode, _pauses > 0, reason, __version__)
