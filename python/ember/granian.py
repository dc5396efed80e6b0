"""Granian with Ember: a master that has loaded and prepared the application forks Granian's workers.

    # serve.py
    import ember.granian

    if __name__ == "__main__":
        ember.granian.serve("app.wsgi:application", interface="wsgi", port=8000, workers=8, respawn_failed_workers=True)

Granian's own command starts each worker as a new interpreter that loads the application for itself, since that is how `multiprocessing` starts processes where it is not told
otherwise. `serve` loads the application, warms it up, compiles and freezes here, and then has Granian fork. Options of Ember: see `ember._options`; the others are those of `granian.Granian`.

``HUP`` replaces Granian's workers by new forks of the same master: a changed application needs a restart.
"""

from __future__ import annotations

import sys

from . import _options, _prefork

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

__all__ = ["serve"]


def serve(target: str, **options: Any) -> None:
    """Prepare this process, and serve the application `target` (``module:name``) from forks of it, until it is told to end.

    Raises what loading the application raises. If preparing the master fails it serves all the same, and says so.
    """
    import multiprocessing

    import granian  # type: ignore[import-not-found]
    from granian.constants import Interfaces  # type: ignore[import-not-found]

    application = _prefork.find_object(target)
    interface = str(options.get("interface", "rsgi"))
    try:
        given = _options.load()
        if interface in ("rsgi", str(Interfaces.RSGI)) and isinstance(given.get("warmup"), list):
            raise _options.OptionError("requests can warm up WSGI and ASGI applications only: name a function in warmup instead")
        _prefork.from_options(application, given)
    except (_prefork.PreforkRefused, _options.OptionError) as refusal:
        sys.stderr.write(f"ember: the heap is not frozen: {refusal}\n")
    except Exception:
        # Whatever a warm-up runs into, workers can serve without it.
        import traceback

        traceback.print_exc()
        sys.stderr.write("ember: the heap is not frozen, because preparing the master failed (see above)\n")
    multiprocessing.set_start_method("fork", force=True)
    granian.Granian(target, **options).serve(target_loader=lambda: application, wrap_loader=False)
