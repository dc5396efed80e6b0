"""Which imports are put off: the mode, what is excluded, the filter, and in mode *safe* the verdicts.

A decision is made when a module's code is prepared, before any of it runs, so that statements that stay as they are cost nothing. What is loaded by then is
imported as ever: nothing is left to put off. Each import that could have been put off and is not is counted with its reason.
"""

from __future__ import annotations

import sys

from . import _log

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from typing import Any

ModuleType = type(sys)
#: The dict of a module, whatever its class says of ``__dict__``.
raw_dict = ModuleType.__dict__["__dict__"].__get__
#: Never touched: what the hook itself stands on.
OWN = "ember"

mode: str = "off"
excluded: tuple[str, ...] = ()
chosen: Callable[[str, str, tuple[str, ...] | None], bool] | None = None
#: The part of a request that is the same for all modules.
_request: dict[str, Any] | None = None


def configure(wanted: str, exclude: Iterable[str], filter: Callable[[str, str, tuple[str, ...] | None], bool] | None) -> None:
    """Set the mode and what goes with it."""
    global mode, excluded, chosen, _request
    mode, excluded, chosen, _request = wanted, tuple(exclude), filter, None


def forget_request() -> None:
    """There is another planner from now on."""
    global _request
    _request = None


def is_excluded(name: str) -> bool:
    """Whether a module, or a package that it is in, is left alone."""
    return any(name == one or name.startswith(one + ".") for one in excluded)


def concerns(importing: str, marking: bool) -> bool:
    """Whether imports of this module can be put off at all."""
    if mode == "off" or importing.partition(".")[0] == OWN or (mode == "marked" and not marking):
        return False
    if excluded and is_excluded(importing):
        _log.count("the importing module is excluded")
        return False
    return True


def request(importing: str, package: str, marking: bool) -> dict[str, Any]:
    """What `_ember.lazy_choose` is asked with for a module."""
    global _request
    if _request is None:
        planner = None
        if mode == "safe":
            from . import _verdicts

            planner = _verdicts.planner()
        _request = {"mode": mode, "excluded": excluded, "filter": chosen, "planner": planner}
    return {"importing": importing, "package": package, "marking": marking, **_request}


def puts_off(importing: str, module: str, fromlist: tuple[str, ...] | None) -> bool:
    """Whether `importing` puts off the import of `module` (of these names from it), where the interpreter asks."""
    if mode == "marked" or is_loaded(module, fromlist):
        return False
    if excluded and is_excluded(module):
        _log.count("excluded")
        return False
    if chosen is not None and not chosen(importing, module, fromlist):
        _log.count("the filter says no")
        return False
    if mode == "all":
        return True
    from . import _verdicts

    reason = _verdicts.planner().objection(module, fromlist)
    if reason is not None:
        _log.count(reason or "not analysed yet")
        return False
    from . import _effects

    return _effects.make(module, fromlist, __import__)


def is_loaded(module: str, fromlist: tuple[str, ...] | None) -> bool:
    """Whether the import would execute nothing."""
    loaded = sys.modules.get(module)
    if loaded is None or not fromlist:
        return loaded is not None
    if not isinstance(loaded, ModuleType):
        return True
    own = raw_dict(loaded)
    return all(name in own for name in fromlist)
