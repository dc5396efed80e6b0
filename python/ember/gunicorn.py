"""Gunicorn with Ember: ``gunicorn -c python:ember.gunicorn app.wsgi``, or ``from ember.gunicorn import *`` in a configuration.

The master loads the application, warms it up, compiles, freezes its heap, and then forks its workers from that; so does it when
it replaces one that died or had its `max_requests`. Options: see `ember._options`. A configuration that has a `when_ready`, `on_reload` or `post_worker_init` of
its own calls the ones here from it.

``HUP`` reloads the application, which gunicorn's own reload does not do when the master has loaded it: the master starts
anew in its process, with the sockets it listens on, loads the changed code and prepares it; until that is done the old
workers serve, and then they are told to finish. If the changed application cannot be loaded, all stays as it is.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys

from . import _options, _prefork

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

__all__ = ["on_reload", "post_worker_init", "preload_app", "when_ready"]

preload_app = True

#: Variable with the workers of the program that this one replaced.
_OLD_WORKERS = "EMBER_OLD_WORKERS"

#: Signals that wait while the master starts anew.
_WAITING = (signal.SIGHUP, signal.SIGUSR1, signal.SIGUSR2, signal.SIGTTIN, signal.SIGTTOU, signal.SIGWINCH)


def when_ready(server: Any) -> None:
    """Prepare the master, before its first worker."""
    old = [int(word) for word in os.environ.pop(_OLD_WORKERS, "").split()]
    signal.pthread_sigmask(signal.SIG_UNBLOCK, _WAITING)
    if not server.cfg.preload_app:
        server.log.error("ember: preload_app is off: each worker loads the application for itself and shares nothing")
    else:
        try:
            options = _options.load()
            # Gunicorn resets the signals of its workers; `post_worker_init` comes after that.
            options.pop("profile_signal", None)
            _prefork.from_options(server.app.wsgi(), options)
        except (_prefork.PreforkRefused, _options.OptionError) as refusal:
            server.log.error("ember: the heap is not frozen: %s", refusal)
        except Exception:
            # Whatever a warm-up runs into, workers can serve without it; above all after a reload, when nobody else does.
            server.log.exception("ember: the heap is not frozen, because preparing the master failed")
    # Workers of the old program stop accepting now; the backlog keeps what comes in until the new ones are there.
    for worker in old:
        try:
            os.kill(worker, signal.SIGTERM)
        except ProcessLookupError:
            pass


def post_worker_init(worker: Any) -> None:
    """In a worker whose signals are as it wants them: the one at which it saves its profile, too."""
    try:
        options = _options.load()
    except _options.OptionError:
        # The master has said it.
        return
    if options.get("profile_save") and options.get("profile_signal"):
        from . import profile

        profile.save_at_exit(options["profile_save"], options["profile_signal"])


def on_reload(server: Any) -> None:
    """Start the master anew in this process, unless the application cannot be loaded."""
    if not server.cfg.preload_app:
        return
    command = _command()
    environment = {name: value for name, value in os.environ.items() if not name.startswith("GUNICORN_")}
    check = subprocess.run([*command, "--check-config"], env=environment, stdin=subprocess.DEVNULL)
    if check.returncode:
        server.log.error("ember: the application cannot be loaded (see above); the old one goes on serving")
        return
    server.log.info("ember: starting anew to load the application")
    if server.pidfile is not None:
        server.pidfile.unlink()
    for listener in server.LISTENERS:
        os.set_inheritable(listener.fileno(), True)
    # Gunicorn's own way to hand sockets over; the number is of no process that is our parent, so the new program is in charge at once.
    environment["GUNICORN_PID"] = str(os.getpid())
    environment["GUNICORN_FD"] = ",".join(str(listener.fileno()) for listener in server.LISTENERS)
    environment[_OLD_WORKERS] = " ".join(map(str, server.WORKERS))
    # They would end a program that has no handlers for them yet; they wait until it has.
    signal.pthread_sigmask(signal.SIG_BLOCK, _WAITING)
    os.chdir(server.START_CTX["cwd"])
    sys.stdout.flush()
    sys.stderr.flush()
    os.execve(command[0], command, environment)


def _command() -> list[str]:
    """What this process was started with."""
    return [sys.executable, *sys.orig_argv[1:]]
