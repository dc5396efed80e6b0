"""Celery with Ember: ``ember.celery.install(warmup=...)`` in the module that makes the application.

Celery's prefork pool forks from the main process once its tasks are loaded. Before that the process is warmed up, compiled and frozen
here, on Celery's signal `worker_init`. Other pools have no children, and nothing is done for them.
"""

from __future__ import annotations

from . import _options, _prefork

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

__all__ = ["install"]


def install(warmup: Callable[[], object] | str | None = None) -> None:
    """Prepare the main process of this application's workers; `warmup` as for `ember.prefork`, a function or its name."""
    from celery.signals import worker_init, worker_process_init, worker_process_shutdown  # type: ignore[import-not-found]

    def prepare(sender: Any = None, **_: Any) -> None:
        pool = getattr(sender, "pool_cls", "prefork")
        if not any(name in str(pool) for name in ("prefork", "processes")):
            return
        options = _options.load()
        if warmup is not None:
            options["warmup"] = warmup
        # The pool's processes do not end by way of `atexit`, and set their own signals.
        save_to, signal = options.pop("profile_save", None), options.pop("profile_signal", None)
        if save_to:
            from . import profile

            worker_process_init.connect(lambda **_: profile.save_at_exit(save_to, signal), weak=False)
            worker_process_shutdown.connect(lambda **_: profile.save_now(), weak=False)
        try:
            _prefork.from_options(None, options)
        except Exception as problem:
            # Whatever a warm-up runs into, tasks can run without it.
            import logging

            expected = isinstance(problem, (_prefork.PreforkRefused, _options.OptionError))
            logging.getLogger(__name__).error("ember: the heap is not frozen: %s", problem, exc_info=not expected)

    # Signals keep weak references otherwise, and this function is nobody else's.
    worker_init.connect(prepare, weak=False)
