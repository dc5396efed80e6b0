"""Hot reload: a saved file becomes a part of the running process.

    python -m ember dev -- python manage.py runserver

or, in a program of one's own, ``ember.reload.enable()``. From then on the files of the program's modules are watched. After a save
functions have their new code and classes their new methods, in place; constants and tables are made again, and so is what was computed
from them; what the running program has gathered (connections, caches, objects) stays. What cannot be done in place
restarts the process, and the reason is said, with the line. See ``docs/reload.md``.

This is for development. It takes no part in a program that does not ask for it.
"""

from __future__ import annotations

import threading

from ._reloader import Reload, Reloader

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

__all__ = ["Reload", "Reloader", "active", "disable", "enable"]

_active: Reloader | None = None
_lock = threading.Lock()


def enable(
    paths: Iterable[str] = (),
    *,
    ignore: Iterable[str] = (),
    restart: Callable[[Reload], object] | None = None,
    verbose: bool = True,
    poll: bool = False,
    watch: bool = True,
) -> Reloader:
    """Reload what is saved from now on; the reloader that does it.

    `paths` are the folders whose modules are the program's own; without any, these are all modules outside of the
    standard library and of installed packages. Those in `ignore` are not. `restart` is called with a `Reload` when the process has to be
    started anew; without it the process is replaced by a fresh one with the same command line. `verbose` says on
    standard error what happens. `poll` looks at all files twice a second instead of asking the kernel; with `watch` false
    nothing is watched, and `Reloader.handle` is called with the files that were saved.

    Calling it again gives the reloader that is at work. Raises ImportError if the extension cannot be loaded.
    """
    global _active
    with _lock:
        if _active is None:
            made = Reloader(paths, ignore, restart, verbose, poll)
            made.start(watch)
            _active = made
        return _active


def disable() -> None:
    """Watch no longer. What was reloaded stays as it is."""
    global _active
    with _lock:
        if _active is not None:
            _active.stop()
            _active = None


def active() -> Reloader | None:
    """The reloader that is at work, if there is one."""
    return _active
