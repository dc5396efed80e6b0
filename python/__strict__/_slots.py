"""Classes made anew with slots.

A class gets slots only when it is made, so a decorator makes a second class with the first one's namespace. What refers to the first one, the cells
by which methods find ``__class__`` and ``super()``, is made to refer to the second.
"""

from __future__ import annotations

import types
import warnings
from typing import Any

from . import _EXTRA

#: In the namespace of a class made here: whether it is a loose one.
MADE = "__strict_loose__"


def _is_classvar(annotation: Any) -> bool:
    """Whether an annotation, evaluated or not, is a ClassVar."""
    import typing

    text = getattr(annotation, "__forward_arg__", annotation)
    if isinstance(text, str):
        return text.split("[")[0].strip().rpartition(".")[2] == "ClassVar"
    return annotation is typing.ClassVar or typing.get_origin(annotation) is typing.ClassVar


def _annotated(cls: type) -> list[str]:
    """The names that the class's own body annotates as attributes of instances."""
    import annotationlib

    found = annotationlib.get_annotations(cls, format=annotationlib.Format.FORWARDREF)
    return [name for name, annotation in found.items() if not _is_classvar(annotation)]


def _inherited(cls: type) -> set[str]:
    """Slots of the bases: another of the same name would only take room."""
    slots: set[str] = set()
    for base in cls.__mro__[1:]:
        own = base.__dict__.get("__slots__", ())
        slots.update((own,) if isinstance(own, str) else own)
    return slots


def _warn(self: Any, name: str, value: Any, /) -> None:
    """``__setattr__`` of loose classes."""
    if not hasattr(type(self), name):
        kind = type(self)
        warnings.warn(f"{kind.__module__}.{kind.__qualname__} has no slot {name!r}", RuntimeWarning, stacklevel=2)
    object.__setattr__(self, name, value)


def _functions(value: Any) -> list[types.FunctionType]:
    """The functions behind an attribute of a class, through properties, static and class methods and wrappers."""
    found: list[types.FunctionType] = []
    work, seen = [value], set()
    while work:
        current = work.pop()
        if current is None or id(current) in seen:
            continue
        seen.add(id(current))
        if isinstance(current, types.FunctionType):
            found.append(current)
        if isinstance(current, property):
            work += [current.fget, current.fset, current.fdel]
        for name in ("__func__", "__wrapped__", "func"):
            work.append(getattr(current, name, None) if not isinstance(current, type) else None)
    return found


def _redirect(namespace: dict[str, Any], old: type, new: type) -> None:
    """Let the methods' ``__class__`` be the new class."""
    for value in namespace.values():
        for function in _functions(value):
            if "__class__" in function.__code__.co_freevars:
                cell = (function.__closure__ or ())[function.__code__.co_freevars.index("__class__")]
                if cell.cell_contents is old:
                    cell.cell_contents = new
                    return  # all methods of a class share the cell


def _make(cls: Any, slots: list[str], loose: bool) -> Any:
    """The class anew, with these slots."""
    namespace = dict(cls.__dict__)
    for name in ("__dict__", "__weakref__", "__slotnames__", "__static_attributes__", *namespace.get("__slots__", ())):
        namespace.pop(name, None)
    for name in slots:
        if name in namespace:
            raise TypeError(
                f"class {cls.__qualname__}: the class attribute {name!r} conflicts with the slot of that name;"
                " annotate it as ClassVar, or set it in __init__"
            )
    extra = []
    if loose and not any("__dict__" in base.__dict__ for base in cls.__mro__[1:]):
        extra.append("__dict__")
    if not any("__weakref__" in base.__dict__ for base in cls.__mro__[1:]):
        extra.append("__weakref__")
    namespace["__slots__"] = (*slots, *extra)
    namespace[MADE] = loose
    if loose and cls.__setattr__ is object.__setattr__:
        namespace["__setattr__"] = _warn
    new = type(cls)(cls.__name__, cls.__bases__, namespace)
    new.__qualname__ = cls.__qualname__
    _redirect(namespace, cls, new)
    return new


def rebuild(cls: Any, loose: bool) -> Any:
    """`strict_slots` and `loose_slots`."""
    namespace = cls.__dict__
    if MADE in namespace:
        if not loose or namespace[MADE]:
            return cls
        kept = [name for name in namespace["__slots__"] if name not in ("__dict__", "__weakref__")]
        return _make(cls, kept, True)
    if "__slots__" in namespace:
        raise TypeError(f"class {cls.__qualname__} has __slots__ already")
    inherited = _inherited(cls)
    names = dict.fromkeys((*_annotated(cls), *namespace.get(_EXTRA, ())))
    return _make(cls, [name for name in names if name not in inherited], loose)


def add(cls: Any, name: str) -> Any:
    """`extra_slot`: for a class that has its slots already, or for when it gets them."""
    if MADE not in cls.__dict__:
        setattr(cls, _EXTRA, (*cls.__dict__.get(_EXTRA, ()), name))
        return cls
    kept = [slot for slot in cls.__dict__["__slots__"] if slot not in ("__dict__", "__weakref__")]
    return cls if name in kept else _make(cls, [*kept, name], cls.__dict__[MADE])
