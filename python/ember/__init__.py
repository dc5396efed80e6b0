"""Ember: a just-in-time compiler for stock CPython 3.14.

    import ember
    ember.enable()

From then on hot functions are compiled to native code in the background. The same is had without touching the program
by ``python -m ember script.py`` or by ``EMBER=1`` in the environment; `ember.jit` has the controls function by function.
`ember.lazy_imports` puts imports off until they are used; `ember.profile` keeps what one process has learnt for the next.
`ember.prefork` and `ember.freeze` prepare the master of a pre-forking server, and `ember.gunicorn` and `ember.uwsgi` do that by configuration.

The modes are ``auto`` (hot functions, in the background), ``all`` (every function, at its first call), ``list:FILE``
(what a JIT list names, see `ember.jit.load_list`) and ``off``. ``EMBER=off`` in the environment wins over everything.

Importing this package changes nothing: the extension is loaded when it is first needed, and on an interpreter that
Ember does not know `enable` says so in one line and leaves everything as it is.
"""

from __future__ import annotations

from . import jit
from ._control import Status, disable, enable, paused, status
from ._freeze import FreezeReport, freeze

__version__ = "0.1.0"

TYPE_CHECKING = False
if TYPE_CHECKING:
    from . import lazy, profile, reload
    from ._prefork import PreforkRefused, PreforkReport, prefork
    from .lazy import lazy_imports
    from typing import Any

__all__ = [
    "FreezeReport",
    "PreforkRefused",
    "PreforkReport",
    "Status",
    "__version__",
    "disable",
    "enable",
    "freeze",
    "jit",
    "lazy",
    "lazy_imports",
    "paused",
    "prefork",
    "profile",
    "reload",
    "status",
]


def __getattr__(name: str) -> Any:
    # Only masters of servers need these; other programs do not pay for loading them.
    if name in ("PreforkRefused", "PreforkReport", "prefork"):
        from . import _prefork

        return getattr(_prefork, name)
    if name in ("lazy", "lazy_imports", "profile"):
        import importlib

        module = importlib.import_module(".profile" if name == "profile" else ".lazy", __name__)
        return module.lazy_imports if name == "lazy_imports" else module
    if name in ("reload", "strict"):
        import importlib

        return importlib.import_module(f".{name}", __name__)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
