"""Gunicorn with Ember: ``gunicorn -c python:ember.gunicorn app.wsgi``, or ``from ember.gunicorn import *`` in a configuration.

The master loads the application, warms it up, compiles, freezes its heap, and then forks its workers from that; so does it when
it replaces one that died or had its `max_requests`. With `serve-early`, which is on where there is a profile, workers serve meanwhile that were forked before. Options: see `ember._options`. A configuration that has a `when_ready`, `on_reload` or `post_worker_init` of
its own calls the ones here from it.

``HUP`` reloads the application, which gunicorn's own reload does not do when the master has loaded it: the master starts
anew in its process, with the sockets it listens on, loads the changed code and prepares it; until that is done the old
workers serve, and then they are told to finish. If the changed application cannot be loaded, all stays as it is.
"""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
import time

from . import _control, _options, _prefork, _shared

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

__all__ = ["on_reload", "post_worker_init", "preload_app", "when_ready"]

preload_app = True

#: Variable with the workers of the program that this one replaced.
_OLD_WORKERS = "EMBER_OLD_WORKERS"

#: While the application is loaded nothing is compiled: what runs then does not run again, and whoever waits for the first answer waits for less.
_loading = contextlib.ExitStack()
if "gunicorn.app.base" in sys.modules:
    _loading.enter_context(_control.paused())

#: Signals that wait while the master starts anew.
_WAITING = (signal.SIGHUP, signal.SIGUSR1, signal.SIGUSR2, signal.SIGTTIN, signal.SIGTTOU, signal.SIGWINCH)


#: Seconds after `graceful_timeout` at which a worker that was told to finish is killed.
_GRACE = 1.0
#: Workers that were told to finish and that gunicorn does not know: number → handle. A number may come to be another process's; a handle does not.
_retiring: dict[int, int] = {}


def _still_there(handle: int, number: int = 0) -> bool:
    """Whether a process is still there, to get a signal."""
    try:
        signal.pidfd_send_signal(handle, number)
        return True
    except ProcessLookupError:
        return False


def _retire(server: Any, workers: list[int]) -> None:
    """Tell workers that are no longer in gunicorn's books to finish; those that have not after `graceful_timeout` are killed, which gunicorn does for its own only."""
    for worker in workers:
        try:
            _retiring[worker] = os.pidfd_open(worker)
            os.kill(worker, signal.SIGTERM)
        except ProcessLookupError:
            pass
    if not _retiring:
        return
    master, before = os.getpid(), signal.getsignal(signal.SIGALRM)

    def kill(*_: object) -> None:
        if os.getpid() != master:
            return
        signal.signal(signal.SIGALRM, before)
        while _retiring:
            worker, handle = _retiring.popitem()
            if _still_there(handle, signal.SIGKILL):
                server.log.warning("ember: old worker %s did not finish within graceful_timeout and was killed", worker)
            os.close(handle)

    signal.signal(signal.SIGALRM, kill)
    # Timers are not inherited by the workers that are forked meanwhile.
    signal.setitimer(signal.ITIMER_REAL, server.cfg.graceful_timeout + _GRACE)


#: Seconds that early workers have the machine for themselves.
_HEAD_START = 1.0


def _serve_early(server: Any) -> list[int]:
    """Have workers serve while the master is being prepared: forked now, with the JIT off. They are no longer in gunicorn's books."""
    mode, limit = _control.mode(), server.cfg.max_requests
    _control.disable()
    # Nobody replaces them, so they do not end by themselves.
    server.cfg.set("max_requests", 0)
    server.manage_workers()
    server.cfg.set("max_requests", limit)
    if mode != "off":
        _control.enable(mode)
    workers = list(server.WORKERS)
    server.WORKERS.clear()
    # Their first requests do what is done once in a process; preparing the master takes all processors.
    time.sleep(_HEAD_START)
    return workers


def when_ready(server: Any) -> None:
    """Prepare the master, before its first worker."""
    old = [int(word) for word in os.environ.pop(_OLD_WORKERS, "").split()]
    signal.pthread_sigmask(signal.SIG_UNBLOCK, _WAITING)
    if not server.cfg.preload_app:
        server.log.error("ember: preload_app is off: each worker loads the application for itself and shares nothing")
        _loading.close()
    else:
        try:
            options = _options.load()
            if _options.serve_early(options) and not old:
                old = _serve_early(server)
            _loading.close()
            # Gunicorn resets the signals of its workers; `post_worker_init` comes after that.
            options.pop("profile_signal", None)
            _prefork.from_options(server.app.wsgi(), options)
        except (_prefork.PreforkRefused, _options.OptionError) as refusal:
            server.log.error("ember: the heap is not frozen: %s", refusal)
        except Exception:
            # Whatever a warm-up runs into, workers can serve without it; above all after a reload, when nobody else does.
            server.log.exception("ember: the heap is not frozen, because preparing the master failed")
        finally:
            _loading.close()
    # Workers of the old program stop accepting now; the backlog keeps what comes in until the new ones are there.
    _retire(server, old)


def post_worker_init(worker: Any) -> None:
    """In a worker whose signals are as it wants them: the one at which it saves its profile, too. And before its first request: what that would wait for."""
    # Workers of other kinds serve in threads, which have connections of their own.
    if worker.cfg.worker_class_str == "sync":
        _shared.reopen()
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
    # Timers outlive the program that set them: the new one sees to those that are still finishing.
    signal.setitimer(signal.ITIMER_REAL, 0)
    finishing = [worker for worker, handle in _retiring.items() if _still_there(handle)]
    environment[_OLD_WORKERS] = " ".join(map(str, [*server.WORKERS, *finishing]))
    # They would end a program that has no handlers for them yet; they wait until it has.
    signal.pthread_sigmask(signal.SIG_BLOCK, _WAITING)
    os.chdir(server.START_CTX["cwd"])
    sys.stdout.flush()
    sys.stderr.flush()
    os.execve(command[0], command, environment)


def _command() -> list[str]:
    """What this process was started with."""
    return [sys.executable, *sys.orig_argv[1:]]
