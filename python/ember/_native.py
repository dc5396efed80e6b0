"""The way to the extension, and the reasons why there may be none.

The extension is made for the insides of one version of CPython. So nothing loads it but `load`, and `load` looks at
the interpreter first: an interpreter of another kind never maps a library that could not work in it.

Freezing asks for less than the rest: a debug build of CPython has the same objects, so `load_to_freeze` works there.
"""

from __future__ import annotations

import os
import sys

TYPE_CHECKING = False
if TYPE_CHECKING:
    from types import ModuleType

#: The extension once loaded; the reasons once it is known that it cannot be, or cannot work.
_module: ModuleType | None = None
_reason: str | None = None
_freeze_reason: str | None = None


class Unsupported(RuntimeError):
    """Ember does not work in this interpreter; the argument says why."""


class CompileError(RuntimeError):
    """A function cannot be compiled; the argument names the reason."""


def _own_jit_is_on() -> bool:
    """Whether CPython's own JIT is on, or is going to be."""
    jit = getattr(sys, "_jit", None)
    if jit is None or not jit.is_available():
        return False
    # While `site` runs, which is when EMBER is read, CPython has not looked at its own variable yet.
    wanted = "" if sys.flags.ignore_environment else os.environ.get("PYTHON_JIT", "")
    return jit.is_enabled() or wanted not in ("", "0")


def _interpreter_reason() -> str | None:
    """Why this is not an interpreter for which the extension was made, or None."""
    if sys.implementation.name != "cpython":
        return f"it is made for CPython, and this is {sys.implementation.name}"
    if sys.version_info[:2] != (3, 14):
        return "it is made for CPython 3.14, and this is {}.{}".format(*sys.version_info[:2])
    if sys.version_info.releaselevel != "final":
        return "it is made for the releases of CPython 3.14, and this is " + sys.version.split()[0]
    if "free-threading" in sys.version or "t" in getattr(sys, "abiflags", ""):
        return "it does not support free-threaded CPython yet"
    if sys.platform != "linux":
        return f"it supports Linux, and this is {sys.platform}"
    if _own_jit_is_on():
        return "CPython's own JIT is on; unset PYTHON_JIT to use Ember"
    return None


def _load_extension() -> None:
    """Load the extension where it can be, and note whether heaps can be frozen and whether the rest works."""
    global _module, _reason, _freeze_reason
    if _module is not None or _reason is not None:
        return
    _reason = _freeze_reason = _interpreter_reason()
    if _reason is not None:
        return
    try:
        from . import _ember
    except ImportError as error:
        _reason = _freeze_reason = f"its extension cannot be loaded ({error})"
        return
    _freeze_reason = _ember.freezing_unsupported()
    if "d" in sys.abiflags:
        _reason = "it does not support debug builds of CPython, where heaps can be frozen and no more"
    else:
        _reason = _ember.unsupported()
    _module = _ember


def unsupported() -> str | None:
    """Why Ember cannot work here, or None if it can."""
    _load_extension()
    return _reason


def freezing_unsupported() -> str | None:
    """Why heaps cannot be frozen here, or None if they can."""
    _load_extension()
    return _freeze_reason


def load() -> ModuleType:
    """The extension; raises `Unsupported` if it cannot work here."""
    if _module is None or _reason is not None:
        reason = unsupported()
        if reason is not None:
            raise Unsupported(f"Ember cannot work here: {reason}")
    assert _module is not None
    return _module


def load_to_freeze() -> ModuleType:
    """The extension, to freeze the heap; raises `Unsupported` if that cannot be."""
    reason = freezing_unsupported()
    if reason is not None:
        raise Unsupported(f"Ember cannot work here: {reason}")
    assert _module is not None
    return _module


def loaded() -> ModuleType | None:
    """The extension if something has loaded it already and it works here."""
    return _module if _reason is None else None
