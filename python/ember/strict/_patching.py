"""Patches of strict modules in tests.

Patching is off unless somebody turned it on for the whole process. Then attributes of strict modules may be set, by `patch`, by `unittest.mock`, by pytest's
``monkeypatch`` or by hand, and each is noted here until it is what it was. Classes of strict modules are not made immutable then, since CPython
offers no place to step in; what they had is remembered instead, and `leftovers` compares.

The invariant: `_changed` has an entry for an attribute of a module exactly while it differs from what the module made.
"""

from __future__ import annotations

import functools
import importlib
import sys
from types import ModuleType

from ._errors import PatchingDisabled, PatchLeftBehind

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from types import TracebackType
    from typing import Any

#: Whether strict modules can be patched in this process.
enabled: bool = False
#: Stands for an attribute that is not there.
MISSING: Any = object()

_changed: dict[tuple[str, str], tuple[ModuleType, Any]] = {}
_classes: list[tuple[type, dict[str, Any]]] = []

HOW = "turn it on with ember.strict.install(patching=True), EMBER_STRICT_PATCHING=1 or pytest --ember-strict"


def enable() -> None:
    """Allow patches from now on, also of classes that are immutable already."""
    global enabled
    if enabled:
        return
    enabled = True
    from . import _classes as classes

    classes.thaw()
    import atexit

    atexit.register(_at_exit)


def _at_exit() -> None:
    found = leftovers()
    if found and sys.stderr is not None:
        names = ", ".join(name for name, _ in found)
        sys.stderr.write(f"ember: patches of strict modules were never undone: {names}\n")


def note(module: ModuleType, name: str, value: Any) -> None:
    """An attribute of a strict module is about to be set, or deleted."""
    from ._module import namespace

    own = namespace(module)
    key = (own["__name__"], name)
    if key not in _changed:
        _changed[key] = (module, own.get(name, MISSING))
    if _changed[key][1] is value:
        del _changed[key]


def settle(owner: str, name: str, value: Any) -> None:
    """An attribute is what it should be; if it was patched it is not any more."""
    if (owner, name) in _changed and _changed[owner, name][1] is value:
        del _changed[owner, name]


def forget(module: ModuleType) -> None:
    """A module is executed again: what it makes now is what it is."""
    for key in [key for key, (patched, _) in _changed.items() if patched is module]:
        del _changed[key]


def remember(cls: type) -> None:
    """Note what a class of a strict module has, since it can be patched."""
    _classes.append((cls, dict(vars(cls))))


def _put_back(module: ModuleType, name: str, value: Any) -> None:
    if value is not MISSING:
        setattr(module, name, value)
    elif hasattr(module, name):
        delattr(module, name)


def _class_changes(cls: type, before: dict[str, Any]) -> list[tuple[str, Any]]:
    """Names of a class that are not what they were, with what they were."""
    now = vars(cls)
    try:
        if now == before:
            return []
    except Exception:
        pass  # values that cannot be compared: one by one, by identity
    changes = [(name, value) for name, value in before.items() if now.get(name, MISSING) is not value]
    # Dunder names that appear are caches of the interpreter's.
    changes += [(name, MISSING) for name in now if name not in before and not name.startswith("__")]
    return changes


def leftovers() -> list[tuple[str, Callable[[], None]]]:
    """What is patched now: for each attribute its name, and how to put it back."""
    found: list[tuple[str, Callable[[], None]]] = []
    for (owner, name), (module, value) in list(_changed.items()):
        found.append((f"{owner}.{name}", functools.partial(_put_back, module, name, value)))
    for cls, before in _classes:
        for name, value in _class_changes(cls, before):
            where = f"{cls.__module__}.{cls.__qualname__}.{name}"
            found.append((where, functools.partial(_put_back, cls, name, value)))  # type: ignore[arg-type]
    return found


def patches() -> list[str]:
    """The attributes of strict modules and of their classes that are patched now, as ``module.name``."""
    return [name for name, _ in leftovers()]


def check_patches() -> None:
    """Put back whatever is patched, and raise `PatchLeftBehind` if there was anything: for the end of a test."""
    found = leftovers()
    for _, put_back in found:
        put_back()
    if found:
        raise PatchLeftBehind("patched in strict modules and not put back: " + ", ".join(name for name, _ in found))


class patch:
    """Replace an attribute of a module, or of a class in it, for a while: a context manager, and a decorator of functions.

        with ember.strict.patch(prices, "RATE", 2):
            ...

        @ember.strict.patch("shop.prices", "RATE", 2)
        def test_total(): ...

    `module` is the object or its dotted name. Entering gives `value`. Ordinary modules are patched likewise, so a test works with and without the loader of
    strict modules. Raises `PatchingDisabled` for a strict module where patching is not allowed, AttributeError if there is no such attribute.
    """

    def __init__(self, module: ModuleType | type | str, name: str, value: Any) -> None:
        self._module = module
        self._name = name
        self._value = value
        self._before: list[tuple[Any, Any]] = []

    def __enter__(self) -> Any:
        from . import _classes
        from ._module import StrictModule

        owner = importlib.import_module(self._module) if isinstance(self._module, str) else self._module
        if not enabled and (isinstance(owner, StrictModule) or _classes.is_frozen(owner)):
            raise PatchingDisabled(f"{self._name!r} of {owner!r} cannot be patched: {HOW}")
        getattr(owner, self._name)  # it must be there
        self._before.append((owner, vars(owner).get(self._name, MISSING)))
        setattr(owner, self._name, self._value)
        return self._value

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        owner, value = self._before.pop()
        _put_back(owner, self._name, value)

    def __call__[**P, R](self, function: Callable[P, R]) -> Callable[P, R]:
        import inspect

        if inspect.iscoroutinefunction(function):

            @functools.wraps(function)
            async def patched_async(*args: P.args, **kwargs: P.kwargs) -> Any:
                with self:
                    return await function(*args, **kwargs)

            return patched_async  # type: ignore[return-value]

        @functools.wraps(function)
        def patched(*args: P.args, **kwargs: P.kwargs) -> R:
            with self:
                return function(*args, **kwargs)

        return patched
