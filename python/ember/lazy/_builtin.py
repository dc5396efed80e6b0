"""Lazy imports by the interpreter's own (PEP 810): for CPython 3.15 and later.

The modes become those of `sys.set_lazy_imports`, and what is excluded or has effects is kept out by the filter. ``__lazy_modules__`` the interpreter
honours itself, and asks the filter about these imports, too.
"""

from __future__ import annotations

import sys

from . import _log, _policy

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from typing import Any

#: The interpreter's name of each mode; without Ember it is in the mode ``normal``.
NAMES = {"off": "normal", "marked": "normal", "safe": "all", "all": "all"}


def configure(mode: str, exclude: tuple[str, ...], filter: Callable[..., bool] | None) -> bool:
    """See `ember.lazy.lazy_imports`."""
    if mode == "safe" and not can_analyse():
        sys.stderr.write("ember: imports are not put off: the mode safe needs the analyser, which is not made for this interpreter\n")
        return False
    _policy.configure(mode, exclude, filter)
    feature: Any = sys
    feature.set_lazy_imports(NAMES[mode])
    feature.set_lazy_imports_filter(None if mode == "off" or (mode != "safe" and not exclude and filter is None) else decide)
    return True


def can_analyse() -> bool:
    """Whether the extension that has the analyser can be loaded."""
    try:
        from .. import _ember
    except ImportError:
        return False
    return hasattr(_ember, "strict_check")


def decide(importing: str, imported: str, fromlist: tuple[str, ...] | None = None) -> bool:
    """The interpreter asks whether an import may be lazy."""
    if importing.partition(".")[0] == _policy.OWN or not _policy.concerns(importing, marking=True):
        return False
    if _policy.is_excluded(imported):
        _log.count("excluded")
        return False
    scope: Any = getattr(sys.modules.get(importing), "__dict__", {})
    if imported in scope.get("__lazy_modules__", ()) or _policy.mode == "marked":
        return _policy.chosen is None or bool(_policy.chosen(importing, imported, fromlist))
    return _policy.puts_off(importing, imported, fromlist)


def mode() -> str:
    """The mode in force."""
    return _policy.mode


def waiting() -> Iterator[tuple[Any, str]]:
    """Modules and their names that wait."""
    import types

    kind: Any = types.LazyImportType  # type: ignore[attr-defined]
    for module in list(sys.modules.values()):
        scope = module.__dict__ if isinstance(module, types.ModuleType) else {}
        for name, value in list(scope.items()):
            if type(value) is kind:
                yield module, name


def pending() -> dict[str, list[str]]:
    """What waits, by module."""
    found: dict[str, list[str]] = {}
    for module, name in waiting():
        found.setdefault(module.__name__, []).append(name)
    return {module: sorted(names) for module, names in found.items()}


def resolve_all() -> int:
    """See `ember.lazy.resolve_all`."""
    count = 0
    while names := list(waiting()):
        for module, name in names:
            count += 1
            getattr(module, name)
    return count


def stats() -> dict[str, Any]:
    """See `ember.lazy.stats`; what the interpreter puts off it does not count."""
    return {"put off": None, "resolved": None, "eager": dict(sorted(_log.eager.items(), key=lambda item: -item[1]))}
