"""Who still has an object that was replaced.

The invariant: what only replaced objects hold does not count, nor does what the reloader keeps itself. That includes what is
kept of earlier saves, so of those only names (`Replaced`) are kept, which the search passes over.
"""

from __future__ import annotations

import gc
import sys
import types

from ._transaction import Replaced

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable
    from typing import Any

#: How many objects are looked at, how far from the replaced one, and how often each is referred to by the search itself.
OBJECTS = 3000
DEPTH = 8
HERE = 3


class Search:
    """One look at what refers to a replaced object, directly or through others.

    `firm` is something that has it and belongs to a module or class, `passing` something that a call under way has.
    """

    __slots__ = ("budget", "firm", "gone", "held", "ours", "passing", "seen")

    def __init__(self, old: Any, gone: set[int], ours: set[int], suspended: Iterable[Any]) -> None:
        """`gone`: ids of all that was replaced; `ours`: of what the reloader itself has it in; `suspended`: all generators and coroutines."""
        self.gone = gone
        self.ours = ours | {id(self)}
        self.seen = {id(old)}
        self.budget = OBJECTS
        self.held = held_by_frames(suspended)
        self.passing: Any = None
        self.firm = self._firm(old, 0)

    def _firm(self, thing: Any, depth: int) -> Any:
        referrers = gc.get_referrers(thing)
        self.ours.add(id(referrers))
        counted = len(referrers)
        if id(thing) in self.held or (id(thing) not in self.gone and depth and sys.getrefcount(thing) - HERE > counted):
            self.passing = thing
        for holder in referrers:
            if id(holder) in self.ours or id(holder) in self.seen or isinstance(holder, Replaced) or is_own(holder, thing):
                continue
            if isinstance(holder, types.FrameType):
                if not is_reloader(holder):
                    self.passing = thing
                continue
            self.seen.add(id(holder))
            self.budget -= 1
            is_root = isinstance(holder, (types.ModuleType, type)) or is_namespace(holder)
            if self.budget < 0 or depth > DEPTH or is_root or self._firm(holder, depth + 1) is not None:
                return holder
        return None


def held_by_frames(suspended: Iterable[Any]) -> set[int]:
    """What local variables refer to, in functions that are running or waiting."""
    frames: list[types.FrameType] = []
    for top in sys._current_frames().values():
        walked: types.FrameType | None = top
        while walked is not None:
            frames.append(walked)
            walked = walked.f_back
    frames += [frame for thing in suspended if (frame := frame_of(thing)) is not None]
    theirs = [frame for frame in frames if not is_reloader(frame) and frame.f_code.co_name != "<module>"]
    return {id(value) for frame in theirs for value in frame.f_locals.values()}


def is_reloader(frame: types.FrameType) -> bool:
    """Whether a frame is one of this package."""
    return bool(frame.f_globals.get("__name__", "").startswith("ember.reload"))


def frame_of(suspended: Any) -> types.FrameType | None:
    """The frame of a generator or coroutine that has not ended."""
    for name in ("gi_frame", "cr_frame", "ag_frame"):
        if hasattr(suspended, name):
            return getattr(suspended, name)  # type: ignore[no-any-return]
    return None


def is_own(thing: Any, old: Any) -> bool:
    """Whether a referrer is a part of the old object itself."""
    if isinstance(old, type):
        return isinstance(thing, (types.CellType, types.GetSetDescriptorType)) or thing is old.__mro__
    return isinstance(thing, dict) and thing is getattr(old, "__dict__", None)


def is_namespace(thing: Any) -> bool:
    """Whether it is the namespace of a module."""
    return isinstance(thing, dict) and "__name__" in thing and "__spec__" in thing


def describe(holder: Any) -> str:
    """A few words for an object that holds another."""
    if isinstance(holder, types.CellType):
        return "a closure"
    if isinstance(holder, types.MethodType):
        return f"a method of {type(holder.__self__).__name__}"
    return f"a {type(holder).__name__}"
