"""The marks of strict modules.

    import __strict__

as the first statement of a module, after its docstring and the imports from ``__future__``, makes it *strict* where the loader of strict modules is on
(``EMBER_STRICT=1`` or `ember.strict.install`). Elsewhere the statement does nothing, and the module is an ordinary one.

What else is here may be used in any module, strict or not, and this package needs nothing but the standard library:

- `strict_slots`, `loose_slots`, `extra_slot` give a class slots made from its annotations. They do so with and without the loader.
- `mutable` keeps a class of a strict module from being made immutable; `freeze_type` makes a class immutable at once. Without the loader they do nothing.
- ``from __strict__ import allow_side_effects`` in a strict module: its import is not analysed, and it is immutable afterwards like any other.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from typing import Any

__all__ = [
    "allow_side_effects",
    "extra_slot",
    "freeze_type",
    "loose_slots",
    "mutable",
    "set_freeze_enabled",
    "strict_slots",
]

#: Importing this name into a strict module lets its import have side effects; the object means nothing.
allow_side_effects: Final = object()

#: What makes a class immutable; the loader puts it here.
_freezer: Callable[[type], Any] | None = None
_freezing: bool = True

#: In the namespace of a class that must stay mutable.
_MUTABLE = "__strict_mutable__"
#: In the namespace of a class: slots that no annotation names.
_EXTRA = "__strict_extra_slots__"


def mutable[C: type](cls: C, /) -> C:
    """Let a class of a strict module stay mutable: its attributes can be set and deleted later. Subclasses need the mark themselves."""
    setattr(cls, _MUTABLE, True)
    return cls


def freeze_type[C: type](cls: C, /) -> C:
    """Make a class immutable now: ``TypeError: cannot set 'x' attribute of immutable type 'C'``.

    The loader does this to all classes of a strict module when its import is complete. Nothing happens where the loader is not on, to a class that is
    marked as `mutable`, and while `set_freeze_enabled` has turned it off.
    """
    if _freezer is not None and _freezing and _MUTABLE not in cls.__dict__:
        _freezer(cls)
    return cls


def set_freeze_enabled(flag: bool, /) -> bool:
    """Whether classes are made immutable from now on, by `freeze_type` and at the end of imports; what it was before."""
    global _freezing
    before, _freezing = _freezing, flag
    return before


def strict_slots[C: type](cls: C, /) -> C:
    """Give a class slots for what its body annotates (but `ClassVar`), instead of a ``__dict__``.

    Setting any other attribute of an instance raises AttributeError. The class is made anew, as ``@dataclass(slots=True)`` does it, so ``__init_subclass__``
    runs twice. Raises TypeError where an annotated name also has a value: a slot and a class attribute of one name exclude each other.
    """
    from . import _slots

    return _slots.rebuild(cls, loose=False)


def loose_slots[C: type](cls: C, /) -> C:
    """Give a class slots like `strict_slots`, but let instances have other attributes, too, with a RuntimeWarning for each.

    This is for classes on their way to slots; setting attributes takes longer than usual.
    """
    from . import _slots

    return _slots.rebuild(cls, loose=True)


def extra_slot[C: type](name: str, /) -> Callable[[C], C]:
    """Give a class that has `strict_slots` or `loose_slots`, below or above this, one more slot that no annotation names."""
    if not isinstance(name, str) or not name.isidentifier():
        raise TypeError(f"extra_slot needs the name of an attribute, not {name!r}")

    def mark(cls: C, /) -> C:
        from . import _slots

        return _slots.add(cls, name)

    return mark
