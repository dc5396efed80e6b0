"""Starts the process anew.

Under ``python -m ember dev`` the command's process ends and the supervisor starts it again: the main thread is interrupted
as by Ctrl-C, so that exit functions run; if it does not end by itself within a few seconds the process is ended. Without
a supervisor the process replaces itself with a fresh interpreter that has the same command line.
"""

from __future__ import annotations

import json
import os
import signal
import sys
import threading
import time

TYPE_CHECKING = False
if TYPE_CHECKING:
    from ._reloader import Reload

#: The variable with the supervisor's request: the number of a pipe that is inherited, and options.
REQUEST = "EMBER_RELOAD"
#: How long the process may take to end by itself, in seconds.
PATIENCE = 3.0

#: Variables of the environment that frameworks set for their own reloaders; a fresh start must not see them.
FORGET: set[str] = set()

_pipe: int | None = None


def claim() -> dict[str, object] | None:
    """Take the supervisor's request for this process alone: children of it are not to be reloaded."""
    global _pipe
    text = os.environ.pop(REQUEST, "")
    try:
        request = json.loads(text) if text else None
    except ValueError:
        request = None
    if not isinstance(request, dict):
        return None
    try:
        os.set_inheritable(request["pipe"], False)
        _pipe = request["pipe"]
    except (OSError, KeyError, TypeError):
        return None
    return request


def tell(word: str) -> bool:
    """Tell the supervisor something; whether there is one."""
    if _pipe is None:
        return False
    try:
        os.write(_pipe, word.encode() + b"\n")
    except OSError:
        return False
    return True


def restart(_reload: Reload | None = None) -> None:
    """End this process so that it is started again, or replace it."""
    if not tell("restart"):
        for stream in (sys.stdout, sys.stderr):
            if stream is not None:
                stream.flush()
        for name in FORGET:
            os.environ.pop(name, None)
        for entry in os.listdir("/proc/self/fd"):
            # Sockets that a server has made inheritable would keep their port.
            if int(entry) > 2:
                try:
                    os.set_inheritable(int(entry), False)
                except OSError:
                    pass
        os.execv(sys.executable, [sys.executable, *sys.orig_argv[1:]])
    main = threading.main_thread()
    if main.is_alive() and main.ident is not None:
        signal.pthread_kill(main.ident, signal.SIGINT)
    time.sleep(PATIENCE)
    os._exit(3)
