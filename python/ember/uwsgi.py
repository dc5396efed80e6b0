"""uWSGI with Ember: ``import = ember.uwsgi`` beside ``master = true`` and ``lazy-apps = false``.

uWSGI imports this module before it loads applications. So the application is loaded, warmed up, compiled and frozen here, and uWSGI then
finds it loaded and forks its workers from that, as it does later when it replaces one. Options: see `ember._options`.

``touch-reload`` and ``HUP`` start the master anew, which loads changed code and comes by here again.
"""

from __future__ import annotations

import sys

from . import _control, _options, _prefork, _shared

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any


def _text(value: Any) -> str:
    value = value[0] if isinstance(value, list) else value
    return value.decode() if isinstance(value, bytes) else str(value)


def _application(opt: dict[str, Any]) -> Any:
    """The application that uWSGI is going to load: ``module = package.wsgi:application`` or the like."""
    given = next((_text(opt[name]) for name in ("module", "wsgi", "mount") if name in opt), None)
    if given is None:
        raise ValueError("it needs the application as module = package.wsgi:application")
    # A mount is path=module.
    given = given.rpartition("=")[2]
    module, colon, name = given.partition(":")
    return _prefork.find_object(f"{module}:{name.rstrip('()') if colon else 'application'}")


def _prepare() -> None:
    opt = {_text(name): value for name, value in uwsgi.opt.items()}
    if any(_text(opt.get(name, "false")).lower() not in ("false", "0", "no", "off") for name in ("lazy-apps", "lazy")):
        sys.stderr.write("ember: lazy-apps is on: each worker loads the application for itself and shares nothing\n")
        return
    if uwsgi.worker_id():
        return
    try:
        with _control.paused():
            # What runs while the application is loaded does not run again.
            application = _application(opt)
        _prefork.from_options(application, _options.load())
    except (_prefork.PreforkRefused, ValueError) as problem:
        sys.stderr.write(f"ember: the heap is not frozen: {problem}\n")
    except Exception:
        # Whatever a warm-up runs into, workers can serve without it.
        import traceback

        traceback.print_exc()
        sys.stderr.write("ember: the heap is not frozen, because preparing the master failed (see above)\n")
    # The application may have set a hook of its own while it was loaded.
    _in_workers()


def _in_workers() -> None:
    """uWSGI forks without telling Python, unless asked to (`py-call-osafterfork`): what Ember does in children is done by uWSGI's own hook."""
    others = getattr(uwsgi, "post_fork_hook", None)
    # Threads and greenlets have connections of their own.
    alone = all(_text(value) == "1" for name, value in uwsgi.opt.items() if _text(name) in ("threads", "async", "gevent"))

    def hook() -> None:
        _control.after_fork()
        if alone and uwsgi.worker_id():
            _shared.reopen()
        if others is not None:
            others()

    uwsgi.post_fork_hook = hook


try:
    import uwsgi  # type: ignore[import-not-found]
except ModuleNotFoundError:
    raise ImportError("ember.uwsgi is for uWSGI to import, by: import = ember.uwsgi") from None
_prepare()
