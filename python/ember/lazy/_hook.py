"""Lazy imports by Ember's own hook: for CPython 3.14, which has none."""

from __future__ import annotations

import sys

from .. import _native

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

_said = False


def configure(mode: str, exclude: tuple[str, ...], filter: Callable[..., bool] | None) -> bool:
    """See `ember.lazy.lazy_imports`."""
    if mode == "off":
        if policy := sys.modules.get("ember.lazy._policy"):
            from . import _loader

            policy.configure(mode, (), None)
            _loader.uninstall()
        return True
    reason = _native.unsupported()
    if reason is not None:
        global _said
        if not _said:
            _said = True
            sys.stderr.write(f"ember: imports are not put off: {reason}\n")
        return False
    from . import _loader, _policy

    _policy.configure(mode, exclude, filter)
    _loader.install()
    return True


def mode() -> str:
    """The mode in force."""
    policy: Any = sys.modules.get("ember.lazy._policy")
    return policy.mode if policy else "off"


def pending() -> dict[str, list[str]]:
    """What waits, by module."""
    names: Any = sys.modules.get("ember.lazy._names")
    listed = list(names.modules.values()) if names else []
    found = {one.module.__name__: sorted(one.unresolved()) for one in listed}
    return {module: waiting for module, waiting in found.items() if waiting}


def resolve_all() -> int:
    """See `ember.lazy.resolve_all`."""
    names: Any = sys.modules.get("ember.lazy._names")
    count = 0
    while names and (listed := [one for one in list(names.modules.values()) if one.unresolved()]):
        for one in listed:
            count += len(one.unresolved())
            one.resolve_all()
    return count


def stats() -> dict[str, Any]:
    """See `ember.lazy.stats`."""
    log: Any = sys.modules.get("ember.lazy._log")
    if not log:
        return {"put off": 0, "resolved": 0, "eager": {}}
    return {**log.totals, "eager": dict(sorted(log.eager.items(), key=lambda item: -item[1]))}
