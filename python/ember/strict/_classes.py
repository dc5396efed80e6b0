"""The classes of strict modules: which they are, and how they become immutable.

A strict module's classes are those that class statements made while it was imported (`recording`), and those that its namespace and its classes hold: made by calls,
or anew by a decorator. Classes that its functions make later stay mutable.

CPython's flag for immutable types is what makes a class immutable (`ember._ember.freeze_class`). It also means that ``__class__`` of an instance cannot be assigned.
"""

from __future__ import annotations

import builtins
import copyreg
from types import ModuleType

import __strict__

from . import _patching

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

#: Classes that are immutable now; they live as long as their modules, which live as long as the program.
frozen: list[type] = []
#: Why classes stayed mutable, and how many.
left: dict[str, int] = {}

_made: list[type] = []
_loading: int = 0
_builder: Any = None
_captured: dict[str, Any] = {}


def captured_builtins() -> dict[str, Any]:
    """The builtins as they are now: what the code of a module that is loaded now will use for good. Shared between modules while nothing changes."""
    global _captured, _builder
    live = vars(builtins)
    if len(live) == len(_captured) and all(
        _captured.get(name, live) is value for name, value in live.items() if name != "__build_class__"
    ):
        return _captured
    from .. import _ember

    if _builder is None:
        _builder = _ember.ClassBuilder(live["__build_class__"], _made)
    _captured = {**live, "__build_class__": _builder}
    return _captured


def begin() -> None:
    """A strict module is about to be executed: note the classes it makes."""
    global _loading
    _loading += 1
    _builder.note(True)


def end() -> None:
    """It is executed, or has failed."""
    global _loading
    _loading -= 1
    if _loading == 0:
        _builder.note(False)
        _made.clear()


def classes_of(namespace: dict[str, Any], name: str) -> list[type]:
    """The classes of the module that has this namespace."""
    found: dict[int, type] = {}
    work: list[Any] = [cls for cls in list(_made) if isinstance(cls, type)]
    work += [value for value in list(namespace.values()) if isinstance(value, type)]
    while work:
        cls = work.pop()
        if id(cls) not in found and type.__getattribute__(cls, "__dict__").get("__module__") == name:
            found[id(cls)] = cls
            work += [value for value in list(vars(cls).values()) if isinstance(value, type)]
    return sorted(found.values(), key=lambda cls: len(cls.__mro__))


def freeze(cls: type) -> None:
    """Make a class immutable; where patching is allowed, remember what it has instead."""
    from .. import _ember

    if _patching.enabled:
        _patching.remember(cls)
        return
    if type(cls).__setattr__ is type.__setattr__ and "__slotnames__" not in vars(cls):
        # What copy and pickle store in a class at first use, and compute each time where they cannot.
        copyreg._slotnames(cls)  # type: ignore[attr-defined]
    reason = _ember.freeze_class(cls)
    if reason is None:
        frozen.append(cls)
    elif reason != "immutable already":
        left[reason] = left.get(reason, 0) + 1


def freeze_module(namespace: dict[str, Any], name: str) -> None:
    """Make the classes of a module immutable that are not marked as mutable."""
    for cls in classes_of(namespace, name):
        if __strict__._MUTABLE in vars(cls):
            left["marked as mutable"] = left.get("marked as mutable", 0) + 1
        elif not __strict__._freezing:
            left["set_freeze_enabled(False)"] = left.get("set_freeze_enabled(False)", 0) + 1
        else:
            freeze(cls)


def is_frozen(owner: ModuleType | type) -> bool:
    """Whether this is a class that was made immutable here."""
    return any(owner is cls for cls in frozen)


def thaw() -> None:
    """Make all classes mutable again, and remember what they have."""
    if frozen:
        from .. import _ember

        _ember.thaw_classes(frozen)
        for cls in frozen:
            _patching.remember(cls)
        frozen.clear()
