"""The JIT, function by function: compile, look, list, wait.

Everything here takes a Python function, or what is made of one: a bound method, a ``staticmethod`` or ``classmethod``
object. Other callables have no bytecode, and are refused with TypeError.

Nothing here needs `ember.enable`: a function can be compiled by hand in a process where nothing else is.

A *JIT list* names functions, one a line: ``module:qualname`` or ``qualname@file.py:line``; ``*`` stands for any run of
characters, a leading ``-`` excludes (and wins over the other lines), ``#`` begins a comment.
"""

from __future__ import annotations

import os
import sys

from . import _control, _native
from ._native import CompileError, Unsupported

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from types import FunctionType
    from typing import Any, Literal, TypeAlias

    Compilable: TypeAlias = Callable[..., Any] | staticmethod[..., Any] | classmethod[Any, ..., Any]
    StrPath: TypeAlias = str | os.PathLike[str]

__all__ = [
    "CompileError",
    "Unsupported",
    "compile",
    "compiled_functions",
    "count_share",
    "deopt_count",
    "dump",
    "exclude",
    "explain",
    "is_compiled",
    "load_list",
    "precompile",
    "save_list",
    "stats",
    "uncompile",
    "wait",
]

_FunctionType: Any = type(lambda: None)


def _function(f: Compilable) -> FunctionType:
    """The Python function that `f` is or stands on."""
    function: Any = f if type(f) is _FunctionType else getattr(f, "__func__", f)
    if not isinstance(function, _FunctionType):
        raise TypeError(f"expected a Python function, not {type(f).__name__}")
    found: FunctionType = function
    return found


def compile(f: Compilable) -> None:
    """Compile `f` now, with what the interpreter has learnt about it so far; nothing happens if it is compiled.

    Raises `CompileError`, whose text is the named reason, when `f` cannot be compiled or is excluded, and `Unsupported`
    when Ember cannot work in this interpreter.
    """
    function = _function(f)
    if _control.environment_says_off():
        raise CompileError("EMBER=off is set")
    _native.load().compile(function)


def uncompile(f: Compilable) -> bool:
    """Send `f` back to the interpreter; whether it was compiled. It may be compiled again when it is hot again."""
    function = _function(f)
    native = _native.loaded()
    return native is not None and native.uncompile(function)


def is_compiled(f: Compilable) -> bool:
    """Whether a call of `f` now runs native code."""
    function = _function(f)
    native = _native.loaded()
    return native is not None and native.is_compiled(function)


def exclude(f: Compilable) -> None:
    """Never compile `f`, whatever a list or its heat says; it is un-compiled if need be."""
    function = _function(f)
    if _native.unsupported() is None:
        _native.load().exclude(function)


def compiled_functions() -> list[FunctionType]:
    """The functions that have native code now."""
    native = _native.loaded()
    return native.compiled_functions() if native is not None else []


def _list_entry(function: FunctionType) -> str:
    """The line of a JIT list that names `function`."""
    module = function.__module__
    if isinstance(module, str) and module and not set(module) & set("*@#:"):
        return f"{module}:{function.__qualname__}"
    code = function.__code__
    return f"{function.__qualname__}@{code.co_filename}:{code.co_firstlineno}"


def save_list(path: StrPath) -> int:
    """Write the functions that are compiled now to a JIT list; how many there are."""
    entries = sorted({_list_entry(function) for function in compiled_functions()})
    fresh = f"{os.fspath(path)}.{os.getpid()}.new"
    with open(fresh, "w", encoding="utf-8") as out:
        out.write("# Functions that Ember had compiled.\n")
        out.writelines(f"{entry}\n" for entry in entries)
    os.replace(fresh, path)
    return len(entries)


def load_list(path: StrPath) -> None:
    """Add a JIT list to what is in force: its functions are compiled early, its exclusions never.

    Raises ValueError, with the line, if it cannot be parsed.
    """
    with open(path, encoding="utf-8") as source:
        text = source.read()
    if _native.unsupported() is None:
        _native.load().load_list(text)


def precompile(workers: int | None = None) -> dict[str, Any]:
    """Compile everything that is on a list, or without one all functions that have been running often so far, on `workers` threads.

    This is what a pre-forking server calls in its master before it forks: the native code is then shared by all
    workers. Functions that have native code already get a better version where it has learnt something since: a master
    may warm up, compile, warm up again and compile again. What runs once in a while stays interpreted: its native code would not be
    in the processor's caches when it is needed (`EMBER_OFTEN` says how often is often). By default there are as many threads as processors. The answer says how many functions were compiled, how
    many could not be, and how long it took; it is empty if Ember cannot work here.
    """
    if workers is None:
        workers = os.process_cpu_count() or 1 if sys.version_info >= (3, 13) else os.cpu_count() or 1
    if workers < 1:
        raise ValueError("precompile needs at least one worker")
    if _native.unsupported() is not None or _control.environment_says_off():
        return {}
    counts: dict[str, Any] = _native.load().precompile(workers)
    return counts


def stats() -> dict[str, Any]:
    """Figures about this process: functions compiled and refused, time, bytes, deopts; empty if nothing was turned on."""
    native = _native.loaded()
    return native.stats() if native is not None else {}


def count_share(wanted: bool = True) -> None:
    """Note from now on (or no longer) how much runs in native code, in the mode ``auto``.

    `stats()` then has it under ``share``: ``native`` (a share from 0 to 1), ``samples``, and under ``interpreted`` the functions
    that the rest is, most frequent first, each with its share and the reason. It is not a count of bytecodes, since counting
    them would keep native code out: at each sample the innermost Python frame is looked at, which is native or not. Samples are
    taken where signals are handled too, at the start of functions and at the end of iterations. With EMBER_SHARE=1 in the
    environment it is on from the start.
    """
    if _native.unsupported() is None:
        _native.load().count_share(wanted)


def explain(f: Compilable) -> dict[str, Any]:
    """What is known of `f`: compiled or the reason why not, versions, time and bytes, guards, deopts by line, inlining.

    A generator function has no native code of its own. Once its generators were worth a look, ``resumed_natively`` is at how
    many places native code resumes them in native code, or the reason why at none.
    """
    function = _function(f)
    reason = _native.unsupported()
    if reason is not None:
        return {"function": _list_entry(function), "compiled": False, "reason": reason}
    known: dict[str, Any] = _native.load().explain(function)
    return known


def deopt_count(f: Compilable) -> int:
    """How often `f` left its native code for the interpreter."""
    return sum(deopt.get("count", 1) for deopt in explain(f).get("deopts", ()))


def dump(f: Compilable, kind: Literal["hir", "clif", "asm"]) -> str:
    """A compiler stage of `f` as text: ``hir``, ``clif`` or ``asm``. Raises `CompileError` if `f` cannot be compiled."""
    if kind not in ("hir", "clif", "asm"):
        raise ValueError(f"no stage {kind!r}: there are hir, clif and asm")
    text: str = _native.load().dump(_function(f), kind)
    return text


def wait() -> None:
    """Wait until no function is queued for compilation any more."""
    native = _native.loaded()
    if native is not None:
        native.wait()
