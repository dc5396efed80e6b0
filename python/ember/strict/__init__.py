"""Strict modules: import them without side effects, and keep them as they are.

    import ember.strict
    ember.strict.install()          # or EMBER_STRICT=1 in the environment

From then on a module that says ``import __strict__`` is analysed before it is executed. If its import would do more than make the module, it is
refused with a `StrictModuleError` that shows what ``python -m ember check`` shows. Once it is imported, the module and the classes it made are immutable,
and its code uses the builtins as they were. Modules can be strict without the marker: ``packages`` in ``[tool.ember.strict]``.

Tests replace names of strict modules with `patch`, `unittest.mock` or pytest's ``monkeypatch`` once ``install(patching=True)``, ``EMBER_STRICT_PATCHING=1``
or pytest's ``--ember-strict`` has allowed it; what is not put back fails the test.

`stubs` holds a plain Python file for each module whose source is machine code, or whose import does what only the
interpreter may do. A project adds its own folder with ``stubs = ["…"]`` in ``[tool.ember.strict]``.
"""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from ._errors import PatchingDisabled, PatchLeftBehind, StrictModuleError
    from ._loader import install, installed, stats, uninstall
    from ._module import StrictModule
    from ._patching import check_patches, patch, patches

__all__ = [
    "PatchLeftBehind",
    "PatchingDisabled",
    "StrictModule",
    "StrictModuleError",
    "check_patches",
    "install",
    "installed",
    "patch",
    "patches",
    "stats",
    "uninstall",
]

_PLACES = {
    "PatchLeftBehind": "_errors",
    "PatchingDisabled": "_errors",
    "StrictModule": "_module",
    "StrictModuleError": "_errors",
    "check_patches": "_patching",
    "install": "_loader",
    "installed": "_loader",
    "patch": "_patching",
    "patches": "_patching",
    "stats": "_loader",
    "uninstall": "_loader",
}


def __getattr__(name: str) -> Any:
    # `python -m ember check` needs nothing of this, and a program with the loader only a part.
    if name not in _PLACES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    import importlib

    value = getattr(importlib.import_module(f"{__name__}.{_PLACES[name]}"), name)
    globals()[name] = value
    return value
