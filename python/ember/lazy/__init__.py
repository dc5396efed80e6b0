"""Imports that happen when what they bring is first used: PEP 810's behaviour in CPython 3.14.

    import ember
    ember.lazy_imports("safe")        # before the program imports its modules; or EMBER_LAZY_IMPORTS=safe

In a module that is imported from then on, ``import a`` and ``from b import c`` at its top level only note what they would do. It is done when ``a`` or ``c``
is first used, from wherever, and once. The modes:

- ``safe``: imports of which the analyser (`python -m ember check`) says that executing them has no effect but making the modules;
- ``all``: every import that can be put off;
- ``marked``: only what a module names itself: ``__lazy_modules__ = {"json", "decimal"}`` (honoured in the other modes, too);
- ``off``.

An import inside of a function, a class, a ``try`` or a ``with`` statement, a star import and ``from __future__`` are never put off. If an import fails, the
`ImportError` is raised where the name is used, with the import statement in the traceback of its cause.

In CPython 3.15, which has lazy imports itself, the same calls drive those.
"""

from __future__ import annotations

import sys

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from typing import Any, Literal

__all__ = ["is_lazy", "lazy_imports", "mode", "pending", "resolve_all", "stats"]

_native_feature = hasattr(sys, "set_lazy_imports")
if _native_feature:
    from . import _builtin as _way
else:
    from . import _hook as _way


def lazy_imports(
    mode: Literal["safe", "all", "marked", "off"],
    *,
    exclude: Iterable[str] = (),
    filter: Callable[[str, str, tuple[str, ...] | None], bool] | None = None,
) -> bool:
    """Put off imports of the modules that are imported from now on.

    `exclude` names modules, and packages with all that is in them, that are left alone: they are imported at once, and so is what they import.
    `filter` is called as ``filter(importing, imported, names)``, with the names of ``from imported import names`` or None, and says whether
    the import may be put off. ``off`` stops putting off; what waits goes on waiting for its first use. Gives whether it works here: in an interpreter that
    Ember does not know nothing is put off, and one line says so.
    """
    if mode not in ("safe", "all", "marked", "off"):
        raise ValueError(f"no mode {mode!r}; there are safe, all, marked and off")
    return _way.configure(mode, tuple(exclude), filter)


def mode() -> str:
    """The mode that is in force."""
    return _way.mode()


def resolve_all() -> int:
    """Import everything that waits, and what comes to wait meanwhile; how many names that were.

    For the master of a pre-forking server: its workers share what is imported before the fork. The first import that fails ends it with its error.
    """
    return _way.resolve_all()


def pending() -> dict[str, list[str]]:
    """The names that wait, by module."""
    return _way.pending()


def is_lazy(module: str, name: str) -> bool:
    """Whether a module's name waits for its first use; asking does not import."""
    return name in pending().get(module, ())


def stats() -> dict[str, Any]:
    """How many names were put off and resolved, and why other imports were not put off, with counts."""
    return _way.stats()
