"""Where modules are, by folders that are listed once for the finder and for the verdicts."""

from __future__ import annotations

import sys
from importlib._bootstrap_external import FileFinder

from .. import _ember as native

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Literal

#: What was found of folders.
known = native.LazyFolders()


def find(name: str, path: Any = None) -> tuple[str] | tuple[str, str | None] | Literal[False] | None:
    """Where a module is (`path` is that of its package); see `ember_lazy::locate`."""
    return known.find(name.rpartition(".")[2], sys.path if path is None else path, sys.path_importer_cache, FileFinder)
