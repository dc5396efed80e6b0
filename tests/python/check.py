"""What the differential programs use to say what happened.

Idea: a program *records* behaviour (values, exceptions with their traceback positions and frame locals, leaks) as
lines of text; the runner executes it in several modes and compares the lines. Nothing here asserts what the right
answer is: plain CPython says that.

Invariant: everything recorded is deterministic under one interpreter build (addresses are masked, hash seed fixed),
so any difference between two modes is a difference in behaviour. Programs uphold it by never recording times, ids,
or reference counts seen in the middle of a running frame.
"""
import gc
import os
import re
import sys
import types

MODE = os.environ.get("EMBER_SUITE_MODE", "interpreted")
INTERPRETED = MODE == "interpreted"
#: Calls before a site counts as trained: enough for the interpreter to specialise every instruction on the path, and
#: more than the call threshold of the `warm` mode.
TRAIN = 24
#: Copies that `matrix` trains at most, unless told which.
MOST_COPIES = 12

_HARNESS = (__file__, os.path.join(os.path.dirname(__file__), "run.py"))
_ADDRESS = re.compile(r"0x[0-9a-f]{6,}")
_lines = []
#: Copies made by `fresh`, kept so that the opcode report can look at their specialised bytecode.
copies = []

if not INTERPRETED:
    import ember
    _jit = ember.jit


def take_lines():
    """Hand the recorded lines to the harness and start anew."""
    global _lines
    lines, _lines = _lines, []
    return lines


def text(value, limit=400):
    """A deterministic, bounded repr that tells types apart."""
    try:
        if type(value) is int and value.bit_length() > 4000:
            shown = hex(value)
            shown = f"{shown[:40]}...{len(shown)}...{shown[-40:]}"
        else:
            shown = repr(value)
    except RecursionError:
        raise
    except Exception as error:
        shown = f"<repr raised {type(error).__name__}>"
    shown = _ADDRESS.sub("0x..", shown)
    if len(shown) > limit:
        shown = f"{shown[:limit]}...{len(shown)}"
    return shown


def show(*values):
    """Record values."""
    _lines.append(" ".join(text(v) for v in values))


def say(message):
    """Record plain text."""
    _lines.append(_ADDRESS.sub("0x..", str(message)))


def typed(value):
    """Value with its exact type, for results where 1, 1.0 and True must not be confused."""
    if value is None:
        return "None"
    return f"{type(value).__name__} {text(value)}"


def _position(code, lasti):
    if lasti < 0:
        return (None, None, None, None)
    for index, position in enumerate(code.co_positions()):
        if index == lasti // 2:
            return position
    return (None, None, None, None)


def frames_of(tb, with_locals=True):
    """One text per traceback entry: function, line, columns, instruction, and the frame's locals."""
    entries = []
    while tb is not None:
        frame = tb.tb_frame
        code = frame.f_code
        if code.co_filename not in _HARNESS:
            line, end_line, col, end_col = _position(code, tb.tb_lasti)
            where = f"{code.co_qualname}@{tb.tb_lineno}"
            if "tests/python" in code.co_filename or code.co_filename.startswith("<"):
                where += f"[{line}:{col}-{end_line}:{end_col} i{tb.tb_lasti}]"
                if with_locals and code.co_name != "<module>" and not code.co_name.startswith("test_"):
                    names = {k: text(v, 60) for k, v in frame.f_locals.items()}
                    where += "{" + ", ".join(f"{k}={v}" for k, v in names.items()) + "}"
            entries.append(where)
        tb = tb.tb_next
    if len(entries) > 12:
        entries = entries[:4] + ["..."] + entries[-4:]
    return entries


def error(exc, with_locals=True, depth=0):
    """An exception in full: type, message, notes, traceback, cause and context."""
    parts = [f"!{type(exc).__name__}: {text(str(exc), 300)}"]
    notes = getattr(exc, "__notes__", None)
    if notes:
        parts.append(f"notes={notes!r}")
    parts.append("tb=" + " > ".join(frames_of(exc.__traceback__, with_locals)))
    if isinstance(exc, BaseExceptionGroup):
        parts.append("group=(" + "; ".join(error(e, with_locals, depth + 1) for e in exc.exceptions) + ")")
    if depth < 4:
        if exc.__cause__ is not None:
            parts.append("cause=(" + error(exc.__cause__, with_locals, depth + 1) + ")")
        if exc.__context__ is not None and exc.__context__ is not exc.__cause__:
            hidden = "hidden " if exc.__suppress_context__ else ""
            parts.append(f"{hidden}context=(" + error(exc.__context__, with_locals, depth + 1) + ")")
    return " ".join(parts)


def outcome(f, /, *args, **kwargs):
    """Call once; the result or the exception, as text."""
    try:
        return typed(f(*args, **kwargs))
    except BaseException as exc:
        return error(exc)


def once(f, /, *args, **kwargs):
    """Call once and record the outcome."""
    _lines.append(f"{getattr(f, '__qualname__', f)}: {outcome(f, *args, **kwargs)}")


def run(f, /, *args, **kwargs):
    """Call until trained and compiled; record the outcomes, equal neighbours folded."""
    name = getattr(f, "__qualname__", text(f))
    previous, count = None, 0
    for _ in range(TRAIN):
        now = outcome(f, *args, **kwargs)
        if now != previous:
            if count:
                _lines.append(f"{name} x{count}: {previous}")
            previous, count = now, 0
        count += 1
    _lines.append(f"{name} x{count}: {previous}")


def fresh(f):
    """The same function with a code object of its own, so that it has no feedback yet."""
    if isinstance(f, types.MethodType):
        return types.MethodType(fresh(f.__func__), f.__self__)
    copy = types.FunctionType(f.__code__.replace(), f.__globals__, f.__name__, f.__defaults__, f.__closure__)
    copy.__kwdefaults__ = f.__kwdefaults__
    copy.__qualname__ = f.__qualname__
    copies.append(copy)
    return copy


def matrix(f, cases, train_on=None):
    """Train a fresh copy of `f` on each case in turn, then try it on every case.

    A case is a tuple of arguments or a function that makes one. Whatever it was trained on, `f` must answer the same,
    so one line per case is recorded, plus a line for each answer that depended on the training.
    """
    makers = [case if callable(case) else (lambda case=case: case) for case in cases]
    first = {}
    if train_on is None:
        # Compiling is what costs: at most so many copies, spread over the cases.
        train_on = range(0, len(makers), len(makers) // MOST_COPIES + 1)
    for t in train_on:
        copy = fresh(f)
        for _ in range(TRAIN):
            outcome(copy, *makers[t]())
        for i, maker in enumerate(makers):
            args = maker()
            shown = text(args, 160)
            now = f"{outcome(copy, *args)} args={text(args, 160)}"
            if i not in first:
                first[i] = now
                _lines.append(f"{f.__name__}{shown}: {now}")
            elif first[i] != now:
                _lines.append(f"{f.__name__}{shown} trained on case {t}: {now}")
        # A second look at what it was trained on: the way back from a deopt must not have spoilt anything.
        again = f"{outcome(copy, *(args := makers[t]()))} args={text(args, 160)}"
        if again != first.get(t, again):
            _lines.append(f"{f.__name__} case {t} afterwards: {again}")
    # The original too, so that `compiled(f)` may follow.
    for _ in range(TRAIN):
        outcome(f, *makers[0]())


def compiled(f, may_be=""):
    """Demand that `f` runs as native code by now, or was refused for the named reason; not under forced deopts."""
    if MODE not in ("first", "second", "warm"):
        return
    f = getattr(f, "__func__", f)
    if not _jit.is_compiled(f):
        explain = getattr(_jit, "explain", None)
        why = explain(f) if explain else ""
        if may_be and may_be in str(why):
            return
        raise AssertionError(f"{f.__qualname__} is not compiled: {why}")


def deopts(f):
    """Demand that `f`, trained and compiled, left its native code at least once. A later version is made because of that, and counts afresh."""
    if MODE != "warm":
        return
    count = getattr(_jit, "deopt_count", None)
    f = getattr(f, "__func__", f)
    if count is not None and not count(f) and _jit.explain(f).get("versions", 0) < 2:
        raise AssertionError(f"{f.__qualname__} never deoptimised")


class Sentinel:
    """Something whose references can be counted."""


def leaks(f, *args, rounds=1000, slack=40):
    """Call `f` many times (exceptions swallowed) and record what stays behind."""
    def repeat(n):
        for _ in range(n):
            try:
                f(*args)
            except Exception:
                pass
    repeat(max(TRAIN * 2, 60))
    watched = [a for a in args if isinstance(a, (Sentinel, list, dict, str, tuple, float))]
    # Caches fill up once; what really leaks does so every time.
    for _ in range(3):
        gc.collect()
        counts = [sys.getrefcount(a) for a in watched]
        blocks = sys.getallocatedblocks()
        repeat(rounds)
        gc.collect()
        grown = sys.getallocatedblocks() - blocks
        drift = [now - then for now, then in zip([sys.getrefcount(a) for a in watched], counts)]
        if not any(drift) and grown <= slack:
            break
    verdict = "no leak"
    if any(drift) or grown > slack:
        verdict = f"LEAK refs {drift} blocks {grown} in {rounds} rounds"
    _lines.append(f"{f.__qualname__}: {verdict}")
