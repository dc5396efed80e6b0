"""What ``ember.pth`` imports when ``EMBER``, ``EMBER_LAZY_IMPORTS`` or ``EMBER_RELOAD`` is set: turn on what they ask for before the program begins.

It must never keep an interpreter from starting: whatever is wrong is said in one line and left.
"""

import os
import sys


def _profile() -> None:
    """Load the profile that the environment names, and have this one saved."""
    path, save_to = os.environ.get("EMBER_JIT_PROFILE"), os.environ.get("EMBER_JIT_PROFILE_SAVE")
    if not path and not save_to:
        return
    from . import profile

    if path:
        try:
            profile.load(path)
        except (ValueError, OSError) as error:
            sys.stderr.write(f"ember: no profile: {error}\n")
    if save_to:
        profile.save_at_exit(save_to, os.environ.get("EMBER_JIT_PROFILE_SIGNAL") or None)


def _kit_will() -> bool:
    """Whether this is gunicorn with `ember.gunicorn`, which turns Ember on when the application is loaded: what runs before that does not run again."""
    words = [*sys.orig_argv, *os.environ.get("GUNICORN_CMD_ARGS", "").split()]
    return any(word.rpartition("=")[2].removeprefix("-c") == "python:ember.gunicorn" for word in words)


def start() -> None:
    """Turn Ember on as the environment says."""
    if sys.flags.ignore_environment:
        return
    from . import _control

    mode = os.environ.get("EMBER", "")
    try:
        if _control.parse_mode(mode)[0] != "off" and not _kit_will():
            if _control.enable(mode):
                _profile()
    except (ValueError, OSError) as error:
        sys.stderr.write(f"ember: stays off: EMBER={mode}: {error}\n")
    wanted = os.environ.get("EMBER_LAZY_IMPORTS", "").strip().lower()
    if wanted not in ("", "off", "0") and not _control.environment_says_off():
        from . import lazy

        try:
            lazy.lazy_imports(wanted)  # type: ignore[arg-type]
        except ValueError as error:
            sys.stderr.write(f"ember: imports are not put off: EMBER_LAZY_IMPORTS={wanted}: {error}\n")
    if "EMBER_LAZY_WATCH" in os.environ:
        from .lazy import _watch

        _watch.start()


def start_reload() -> None:
    """Begin with hot reload if ``python -m ember dev`` has started this process."""
    if sys.flags.ignore_environment or "EMBER_RELOAD" not in os.environ:
        return
    try:
        from .reload import _restart

        request = _restart.claim()
        if request is not None:
            from . import reload

            reload.enable(request["paths"], ignore=request["ignore"], verbose=not request["quiet"], poll=request["poll"])
            _restart.tell("claimed")
    except (ImportError, OSError, KeyError) as error:
        sys.stderr.write(f"ember: no hot reload: {error}\n")


start()
start_reload()
