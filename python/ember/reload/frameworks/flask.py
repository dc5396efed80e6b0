"""Flask and Werkzeug's development server."""

from __future__ import annotations

import ast
import os
import sys

from .. import _restart
from .base import Adapter

TYPE_CHECKING = False
if TYPE_CHECKING:
    import types
    from collections.abc import Callable, Iterable
    from typing import Any

    from .._plan import Work
    from .._source import Statement

#: What registers a view and keeps it as it is.
ROUTES = frozenset(["route", "get", "post", "put", "delete", "patch"])
VARIABLES = ("WERKZEUG_RUN_MAIN", "WERKZEUG_SERVER_FD")


class Werkzeug(Adapter):
    """Puts the reloader of ``run_simple`` out of action."""

    trigger = "werkzeug._reloader"

    def __init__(self) -> None:
        self.extra: set[str] = set()

    def start(self, module: types.ModuleType) -> None:
        """The server runs in the process that was started."""
        _restart.FORGET.update(VARIABLES)

        def run_with_reloader(main_func: Callable[[], None], extra_files: Iterable[str] | None = None, *_: Any, **__: Any) -> None:
            # Programs ask for this variable to do things once, in the process that serves.
            os.environ["WERKZEUG_RUN_MAIN"] = "true"
            self.extra |= {os.path.realpath(path) for path in extra_files or ()}
            main_func()

        module.run_with_reloader = run_with_reloader  # type: ignore[attr-defined]

    def folders(self) -> list[str]:
        """The folders of ``extra_files``."""
        return [os.path.dirname(path) for path in self.extra]

    def other_file(self, path: str) -> bool | None:
        """``extra_files`` restart the process."""
        return False if path in self.extra else None


class Flask(Adapter):
    """Lets routes be added to an application that serves already."""

    def _application(self, work: Work, decorator: ast.expr) -> Any:
        """The application whose route a decorator adds."""
        called = decorator.func if isinstance(decorator, ast.Call) else decorator
        if "flask" not in sys.modules or not isinstance(called, ast.Attribute) or called.attr not in ROUTES:
            return None
        holder = work.module.module.__dict__.get(getattr(called.value, "id", ""))
        return holder if isinstance(holder, sys.modules["flask"].Flask) else None

    def transparent(self, decorator: Any) -> bool:
        """A route keeps the function and calls it with what the address has."""
        if "flask" not in sys.modules:
            return False
        holder, name = getattr(decorator, "__self__", None), getattr(decorator, "__name__", "")
        return name in ROUTES and isinstance(holder, (sys.modules["flask"].Flask, sys.modules["flask"].Blueprint))

    def order_is_free(self, work: Work, statement: Statement) -> bool:
        """Rules are sorted by what they match, not by when they were added."""
        node = statement.node
        if not isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)) or not node.decorator_list:
            return False
        return all(self._application(work, decorator) is not None for decorator in node.decorator_list)

    def before_run(self, work: Work, statement: Statement) -> None:
        """An application refuses new routes after its first request, because other workers would not have them."""
        for decorator in getattr(statement.node, "decorator_list", ()):
            application = self._application(work, decorator)
            if application is not None:
                application._got_first_request = False
