"""uvicorn: the server runs in the process that was started, even with ``--reload``."""

from __future__ import annotations

from .base import Adapter

TYPE_CHECKING = False
if TYPE_CHECKING:
    import types


class Uvicorn(Adapter):
    """Puts uvicorn's supervisor out of action; its applications need nothing."""

    trigger = "uvicorn.config"

    def start(self, module: types.ModuleType) -> None:
        """Without a supervisor the server is started as it is without ``--reload``."""
        module.Config.should_reload = property(lambda config: False)  # type: ignore[attr-defined]
