"""`prefork`: what a server's master does between loading the application and forking its workers, in the right order.

1. Warm up: requests go through the application until caches are filled and the interpreter has seen its types.
2. Compile, on all processors, if the JIT is on; some more requests, and compile again what native code has seen since.
   With the profile of an earlier process (`ember.profile`) both take a few turns only, at the same time.
3. Close what can be opened again, and refuse if a child would share what must not be shared.
4. Collect and freeze.
5. Learn from a child that warms up once more what workers write to first (`ember._prefault`).

Each step relies on those before it: what is made after the freeze is not shared for good, and compiled code has its
profile from the warm-up.
"""

from __future__ import annotations

import os
import sys
import time

from . import _control, _native, _shared, jit
from ._freeze import FreezeReport, freeze as freeze_heap

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from typing import Any

__all__ = ["PreforkRefused", "PreforkReport", "prefork"]

#: Turns over all requests after compiling; in some of them what has new knowledge is compiled once more.
SETTLING, COMPILE_AGAIN, SETTLED = 60, (10, 20, 30), 2
#: How often each request is sent before anything is compiled; with a profile; and after compiling from one.
ROUNDS, PROFILED_ROUNDS, PROFILED_SETTLING = 40, 4, 2
#: The part of a profile that must still be of use, for it to stand in for the long warm-up.
USEFUL = 0.5


class PreforkRefused(RuntimeError):
    """The process has what its children must not share; `problems` says what, a sentence each."""

    def __init__(self, problems: list[str]) -> None:
        self.problems = problems
        lines = "".join(f"\n  - {problem}" for problem in problems)
        super().__init__(
            f"this process must not fork, because its children would share what cannot be shared:{lines}\n"
            "Open it in the workers instead, or close it before prefork (in the warm-up function, say)."
        )


class PreforkReport:
    """What `prefork` did; as a text it is a few lines for people."""

    __slots__ = ("closed", "compiled", "freeze", "prefault", "profile", "requests", "seconds", "statuses", "warmup_seconds")

    #: How many requests were sent, and what each got last.
    requests: int
    statuses: dict[str, int]
    #: What was closed because it can be opened again.
    closed: list[str]
    #: Figures of the compilation; None if the JIT is off.
    compiled: dict[str, Any] | None
    #: What became of the profile, as `ember.profile.report` has it; None without one.
    profile: dict[str, int] | None
    #: The freeze's report; None if the heap was not frozen.
    freeze: FreezeReport | None
    #: Bytes that children copy when they are forked.
    prefault: int
    #: Durations of warming up (compiling included) and of everything.
    warmup_seconds: float
    seconds: float

    def __str__(self) -> str:
        lines = [f"warmed up with {self.requests} requests in {self.warmup_seconds:.1f} s"]
        failed = [f"{request} got {status}" for request, status in self.statuses.items() if status >= 500]
        if failed:
            lines.append("warm-up requests failed: " + ", ".join(failed))
        if self.compiled is None:
            lines.append("the JIT is off: nothing was compiled")
        else:
            lines.append(f"compiled {self.compiled.get('compiled', 0)} functions ahead")
        if self.profile is not None:
            known = self.profile
            lines.append(
                f"profile: {known['applied']} of {known['functions']} functions are as they were,"
                f" {known['stale']} have changed, {known['missing']} are not there"
            )
        if self.closed:
            lines.append("closed " + ", ".join(self.closed))
        lines.append(self.freeze.summary() if self.freeze is not None else "the heap was not frozen")
        if self.prefault:
            lines.append(f"workers copy {self.prefault / 2**20:.1f} MiB ahead that their first requests write to")
        return "\n".join(lines)


def find_object(name: str) -> Any:
    """The object that ``module:attribute.path`` names; raises ValueError, ImportError or AttributeError."""
    import importlib

    module, colon, path = name.partition(":")
    if not colon or not module or not path:
        raise ValueError(f"{name!r} is no module:name")
    found: Any = importlib.import_module(module)
    for part in path.split("."):
        found = getattr(found, part)
    return found


class _Warmer:
    """Runs turns of the warm-up, whatever it consists of."""

    def __init__(self, warmup: Any, app: Any, seconds: float) -> None:
        from . import _client

        self.sent = 0
        self.statuses: dict[str, int] = {}
        self.app = find_object(app) if isinstance(app, str) else app
        warmup = find_object(warmup) if isinstance(warmup, str) else warmup
        self.function = warmup if callable(warmup) else None
        self.requests = [] if self.function or not warmup else [_client.Request.parse(given) for given in warmup]
        if self.requests and self.app is None:
            raise ValueError("requests to warm up with need the application: prefork(requests, app=...)")
        self.seconds = seconds
        self.deadline = time.monotonic() + seconds

    def works(self) -> bool:
        """Whether there is anything to run."""
        return self.function is not None or bool(self.requests)

    def in_child(self) -> None:
        """One turn in a child, which begins as the workers do."""
        _shared.reopen()
        self.deadline = time.monotonic() + self.seconds
        self.turns(1)

    def expired(self) -> bool:
        return time.monotonic() > self.deadline

    def turns(self, count: int) -> None:
        """So many turns, or fewer if time runs out; a function is called once, it knows best how often it repeats itself."""
        if self.function is not None:
            self.function()
        elif self.requests:
            from . import _client

            self.statuses |= _client.send_all(self.app, self.requests, count, self.expired)
            self.sent += count * len(self.requests)


def _compile(warmer: _Warmer, workers: int | None) -> dict[str, Any]:
    """Compile what is hot, let it run, and compile again while new versions come of what it has seen."""
    jit.wait()
    figures = jit.precompile(workers)
    for turn in range(SETTLING):
        if warmer.expired() or (warmer.function is not None and turn > 2):
            break
        before = jit.stats().get("versions", 0)
        warmer.turns(1)
        jit.wait()
        if turn in COMPILE_AGAIN:
            jit.precompile(workers)
        elif turn > max(COMPILE_AGAIN) and jit.stats().get("versions", 0) - before <= SETTLED:
            break
    jit.wait()
    return figures


def _compile_from_profile(warmer: _Warmer, workers: int | None, rounds: int | None) -> dict[str, Any] | None:
    """Warm up while what a profile wants is being compiled; figures, or None if the profile is of no use any more."""
    from . import profile

    threads = workers or os.process_cpu_count() or 1
    _native.load().profile_compile(threads)
    warmer.turns(PROFILED_ROUNDS if rounds is None else rounds)
    jit.wait()
    figures = jit.precompile(workers)
    known = profile.report()
    if known["applied"] < USEFUL * known["functions"]:
        return None
    figures["compiled"] = jit.stats().get("codes", 0)
    warmer.turns(PROFILED_SETTLING)
    jit.wait()
    return figures


def _warm_up(warmer: _Warmer, workers: int | None, rounds: int | None, profiled: bool) -> dict[str, Any] | None:
    """Warm up, and compile if the JIT is on; figures of the compilation."""
    enabled = _control.status().enabled
    if enabled and profiled:
        figures = _compile_from_profile(warmer, workers, rounds)
        if figures is not None:
            return figures
    warmer.turns(ROUNDS if rounds is None else rounds)
    return _compile(warmer, workers) if enabled else None


def _load_profile(path: str | os.PathLike[str]) -> bool:
    """Load a profile, turning the JIT on; whether it is on and there is one. A master must come up without one, too: the first has none."""
    from . import profile

    if not _control.status().enabled and not _control.enable("auto"):
        return False
    try:
        if not profile.is_loaded(path):
            profile.load(path)
        return True
    except (profile.ProfileError, OSError) as problem:
        if sys.stderr is not None:
            sys.stderr.write(f"ember: no profile to compile from: {problem}\n")
        return False


def prefork(
    warmup: Callable[[], object] | str | Sequence[Any] | None = None,
    *,
    app: Any = None,
    jit_list: str | os.PathLike[str] | None = None,
    profile: str | os.PathLike[str] | None = None,
    freeze: bool = True,
    prefault: bool = True,
    rounds: int | None = None,
    seconds: float = 30.0,
    workers: int | None = None,
    memory_map: str | None = None,
    quiet: bool = False,
) -> PreforkReport:
    """Prepare this process to be forked: warm up, compile, close connections, freeze the heap.

    `warmup` is a function without arguments, the name of one (``module:function``), or requests that are sent through
    `app` (a WSGI or ASGI application, or its name): ``"/path?query"``, ``"POST /path"``, or a dict with ``path`` and maybe
    ``method``, ``body`` and ``headers``. Each is sent `rounds` times (40, or 4 with a profile), for at most `seconds` all together. They really run:
    name only requests that may be repeated.

    If the JIT is on (`ember.enable`, ``EMBER``, or a `jit_list` or `profile`, which turn it on), hot functions are compiled on `workers` threads,
    by default as many as there are processors. With the `profile` of an earlier process (see `ember.profile`) they are compiled at once, from what that one
    had seen, and the long warm-up is not needed; a profile that is not there, or of which hardly anything is left, is said and done without. With `memory_map` a map of the frozen heap is written (see `ember.freeze`). Django's connections to databases and caches are closed, asgiref's thread is ended.
    With `prefault` a child then runs the warm-up once, to learn what later ones are going to write to: they copy that when they are forked, and their first requests need not wait for it.

    Raises `PreforkRefused`, which names them, if threads are running or connections are open that a child must not
    share. In an interpreter that Ember does not know the warm-up is done and `gc.freeze` called, and it says so.
    """
    began = time.monotonic()
    report = PreforkReport()
    if jit_list is not None:
        _control.enable(f"list:{os.fspath(jit_list)}")
    warmer = _Warmer(warmup, app, seconds)
    profiled = profile is not None and _load_profile(profile)
    report.compiled = _warm_up(warmer, workers, rounds, profiled)
    report.profile = None
    if profiled:
        from . import profile as profiles

        report.profile = profiles.report()
    report.requests, report.statuses = warmer.sent, warmer.statuses
    report.warmup_seconds = time.monotonic() - began
    report.closed = _shared.tidy()
    problems = _shared.find()
    if problems:
        raise PreforkRefused(problems)
    report.freeze = None
    if freeze:
        reason = _native.freezing_unsupported()
        if reason is None:
            report.freeze = freeze_heap(quiet=True, map=memory_map)
        else:
            import gc

            gc.collect()
            gc.freeze()
            _control._stay_off(reason)
    report.prefault = 0
    if prefault and report.freeze is not None and warmer.works():
        from . import _prefault

        report.prefault = _prefault.learn(warmer.in_child, seconds)
    report.seconds = time.monotonic() - began
    if not quiet and sys.stderr is not None:
        sys.stderr.write("".join(f"ember: {line}\n" for line in str(report).splitlines()))
    return report


def from_options(app: Any, options: dict[str, Any]) -> PreforkReport:
    """`prefork` with the options of `ember._options`, for servers; turns the JIT on if they say so."""
    mode = options.get("mode", "off")
    if _control.parse_mode(mode)[0] != "off" and not _control.status().enabled:
        _control.enable(mode)
    save_to = options.get("profile_save")
    if save_to:
        from . import profile

        profile.save_in_children(save_to, options.get("profile_signal"))
    return prefork(
        options.get("warmup"),
        app=app,
        jit_list=options.get("jit_list"),
        freeze=options.get("freeze", True),
        prefault=options.get("prefault", True),
        profile=options.get("profile"),
        rounds=options.get("warmup_rounds"),
        seconds=options.get("warmup_seconds", 30.0),
        workers=options.get("precompile_workers") or None,
        memory_map=options.get("memory_map"),
    )
