"""Changes that are made together and can be taken back together.

The invariant: whatever is changed through a transaction is undone by `rollback`, in reverse. Changes that were queued are
made by one call that stays in C from the first to the last, so no other thread runs Python code between them.
"""

from __future__ import annotations

import collections
import itertools
import operator
import sys
import threading
import time
import warnings

TYPE_CHECKING = False
if TYPE_CHECKING:
    import types
    from collections.abc import Callable
    from typing import Any

    Step = tuple[Callable[..., Any], ...]

MISSING: Any = type("Missing", (), {"__repr__": lambda self: "<missing>"})()
#: While statements run again, other threads that want to run wait for so long before they are let in.
SLICE = 0.25


class Replaced:
    """A name of a module or class whose object is another one now."""

    __slots__ = ("module", "name", "new", "old")

    def __init__(self, module: str, name: str, old: Any, new: Any) -> None:
        self.module, self.name, self.old, self.new = module, name, old, new


class Transaction:
    """What one batch of saves changes."""

    def __init__(self) -> None:
        self.undo: list[Step] = []
        self.queue: list[Step] = []
        self.snapshots: dict[int, tuple[dict[str, Any], dict[str, Any]]] = {}

    def queue_set(self, target: Any, name: str, value: Any) -> None:
        """Set an attribute (of a function) when `commit_queue` is called."""
        self.undo.append((setattr, target, name, getattr(target, name)))
        self.queue.append((setattr, target, name, value))

    def commit_queue(self) -> None:
        """Make all queued changes at once."""
        queue, self.queue = self.queue, []
        with warnings.catch_warnings():
            # A function that becomes a generator is what was asked for.
            warnings.simplefilter("ignore", DeprecationWarning)
            collections.deque(itertools.starmap(operator.call, queue), maxlen=0)

    def set_class(self, cls: type, name: str, value: Any) -> None:
        """Set or, with `MISSING`, delete what a class itself has under a name."""
        old = cls.__dict__.get(name, MISSING)
        if name == "__doc__" and value is MISSING:
            value = None
        if value is MISSING and old is MISSING:
            return
        undo: Step = (type.__delattr__, cls, name) if old is MISSING else (type.__setattr__, cls, name, old)
        self.undo.append(undo)
        if value is MISSING:
            type.__delattr__(cls, name)
        else:
            type.__setattr__(cls, name, value)

    def snapshot(self, names: dict[str, Any]) -> None:
        """Let `rollback` make a namespace what it is now."""
        if id(names) not in self.snapshots:
            copy = dict(names)
            self.snapshots[id(names)] = (names, copy)
            self.undo.append((restore, names, copy))

    def call_at_rollback(self, function: Callable[..., Any], *arguments: Any) -> None:
        """Undo something else."""
        self.undo.append((function, *arguments))

    def replaced(self) -> list[Replaced]:
        """All names that have another object than before."""
        found = []
        for names, copy in self.snapshots.values():
            for name, old in copy.items():
                new = names.get(name, MISSING)
                if new is not old:
                    found.append(Replaced(str(copy.get("__name__")), name, old, new))
        return found

    def rollback(self) -> None:
        """Make everything what it was."""
        steps, self.undo, self.queue = self.undo[::-1], [], []
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", DeprecationWarning)
            for function, *arguments in steps:
                function(*arguments)


def restore(names: dict[str, Any], copy: dict[str, Any]) -> None:
    """Make a namespace what a copy of it says."""
    for name in [name for name in names if name not in copy]:
        del names[name]
    names.update(copy)


class Alone:
    """A block in which no other thread is let in unless the block itself waits for something, for a quarter of a second.

    The interpreter lets a thread in that has waited for the switch interval. Those that wait already have begun with the
    old interval: they are given the time to have their turn first.
    """

    def __init__(self, briefly: bool = False) -> None:
        """With `briefly` what is done is over before those that wait already would be let in."""
        self.briefly = briefly

    def __enter__(self) -> None:
        self.interval = sys.getswitchinterval()
        if threading.active_count() > 1:
            sys.setswitchinterval(max(SLICE, self.interval))
            if self.briefly:
                return
            until = time.perf_counter() + min(self.interval * 1.2, 0.02)
            while time.perf_counter() < until:
                pass

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, traceback: types.TracebackType | None) -> None:
        sys.setswitchinterval(self.interval)
