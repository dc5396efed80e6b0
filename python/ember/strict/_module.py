"""The module objects of strict modules.

While a strict module is executed its object is an ordinary module. When it is complete, `seal` changes the object's class, and from then on attributes
cannot be set or deleted. CPython reads attributes of such a module as fast as those of any (its caches look at ``tp_getattro``, which is inherited), and functions of the module
use its namespace as ever, so ``global x; x = 1`` works in them.

What importing a submodule does to its package, setting the submodule as an attribute, remains possible.
"""

from __future__ import annotations

import sys
from types import ModuleType

from . import _patching

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, NoReturn

#: What the import system sets on modules, when one is reloaded for instance.
_IMPORT_ATTRIBUTES = frozenset({"__name__", "__loader__", "__package__", "__spec__", "__path__", "__file__", "__cached__"})
_namespace_slot = ModuleType.__dict__["__dict__"]


class Namespace(dict):
    """A copy of a strict module's namespace, to look at. Changing it raises TypeError, since it would change nothing."""

    __slots__ = ()

    def _refuse(self, *args: Any, **kwargs: Any) -> NoReturn:
        name = self.get("__name__", "?")
        raise TypeError(f"cannot modify the namespace of strict module {name}: it is a copy")

    __setitem__ = __delitem__ = __ior__ = _refuse
    clear = pop = popitem = setdefault = update = _refuse

    def __reduce_ex__(self, protocol: Any, /) -> Any:
        return dict, (dict(self),)


def namespace(module: ModuleType) -> dict[str, Any]:
    """The namespace that a module's functions use, also of a strict module; not a copy."""
    return _namespace_slot.__get__(module)


class StrictModule(ModuleType):
    """A strict module that is complete. Its attributes cannot be set or deleted, and ``__dict__`` is a copy."""

    __slots__ = ()
    __module__ = "ember.strict"

    def __setattr__(self, name: str, value: Any, /) -> None:
        own = namespace(self).get("__name__")
        if type(value) is not type(None) and sys.modules.get(f"{own}.{name}") is value:
            ModuleType.__setattr__(self, name, value)  # a submodule that was imported
            _patching.settle(own, name, value)
        elif name == "__spec__" and getattr(value, "name", None) == own:
            ModuleType.__setattr__(self, name, value)  # importlib.reload, which the loader then refuses
        elif _patching.enabled and name != "__class__":
            if name not in _IMPORT_ATTRIBUTES:
                _patching.note(self, name, value)
            ModuleType.__setattr__(self, name, value)
        else:
            raise AttributeError(f"cannot modify attribute {name!r} of strict module {own}", name=name, obj=self)

    def __delattr__(self, name: str, /) -> None:
        if not _patching.enabled:
            own = namespace(self).get("__name__")
            raise AttributeError(f"cannot modify attribute {name!r} of strict module {own}", name=name, obj=self)
        if name in namespace(self):
            _patching.note(self, name, _patching.MISSING)
        ModuleType.__delattr__(self, name)

    @property
    def __dict__(self) -> dict[str, Any]:  # type: ignore[override]
        return Namespace(namespace(self))

    def __reduce_ex__(self, protocol: Any, /) -> Any:
        # By name; what pickles modules knows `types.ModuleType` only.
        import importlib

        return importlib.import_module, (self.__name__,)


_kinds: dict[type, type] = {ModuleType: StrictModule}


def seal(module: ModuleType) -> None:
    """Make a module immutable. One that gave itself a class of its own keeps it as a base."""
    own = type(module)
    util = sys.modules.get("importlib.util")
    if util is not None and own is getattr(util, "_LazyModule", None):
        own = ModuleType  # its loading is over: `importlib.util.LazyLoader` leaves a class alone that the module has been given
    kind = _kinds.get(own)
    if kind is None:
        kind = _kinds[own] = type(own)(own.__name__, (StrictModule, own), {"__slots__": (), "__module__": own.__module__})
    ModuleType.__setattr__(module, "__class__", kind)


def unseal(module: StrictModule) -> None:
    """Let a strict module be executed again."""
    former = next(own for own, kind in _kinds.items() if kind is type(module))
    ModuleType.__setattr__(module, "__class__", former)
