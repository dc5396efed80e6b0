"""``python -m ember dev -- COMMAND``: runs a command with hot reload, and starts it anew when that is needed.

The command is started as it is, with a request in its environment; the first Python process that sees the request takes it
for itself. Through a pipe it says that it wants to be started again. A command that has ended is started again after the next save.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import signal
import subprocess
import sys
import threading

from . import _restart

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

#: Folders that are not watched while no program runs.
SKIPPED = frozenset(["__pycache__", "node_modules", "site-packages", "venv", "build", "dist"])
#: The most folders that are watched then.
FOLDERS = 2000


class DevError(Exception):
    """The command cannot be run; the message says why."""


def parser() -> argparse.ArgumentParser:
    """The command line."""
    made = argparse.ArgumentParser(
        prog="python -m ember dev",
        description="Run a command and bring what is saved into the running process; restart it where that cannot be done.",
        usage="python -m ember dev [OPTIONS] -- COMMAND [ARGS...]",
    )
    made.add_argument("--path", action="append", default=[], metavar="DIR", help="only modules in DIR are the program's own")
    made.add_argument("--ignore", action="append", default=[], metavar="DIR", help="leave modules in DIR alone")
    made.add_argument("--poll", action="store_true", help="look at all files twice a second instead of asking the kernel")
    made.add_argument("--quiet", action="store_true", help="say nothing about reloads")
    made.add_argument("command", nargs=argparse.REMAINDER, metavar="COMMAND")
    return made


def full_command(words: list[str]) -> list[str]:
    """The command with its interpreter: scripts and ``-m`` are run by this one."""
    if words[:1] == ["--"]:
        words = words[1:]
    if not words:
        raise DevError("there is no command; usage: python -m ember dev [OPTIONS] -- COMMAND [ARGS...]")
    if words[0] in ("python", "python3") or words[0].endswith(".py") or words[0] in ("-m", "-c"):
        rest = words[1:] if words[0].startswith("python") else words
        return [sys.executable, *rest]
    beside = os.path.join(os.path.dirname(sys.executable), words[0])
    found = beside if os.path.exists(beside) else shutil.which(words[0])
    if found is None:
        raise DevError(f"{words[0]}: there is no such command")
    return [found, *words[1:]]


class Supervisor:
    """Runs one command for as long as the user wants."""

    def __init__(self, command: list[str], options: dict[str, Any]) -> None:
        self.command, self.options = command, options
        self.child: subprocess.Popen[bytes] | None = None
        self.ending = False

    def run(self) -> int:
        """Run the command until it is stopped; its exit code."""
        signal.signal(signal.SIGTERM, self._stop)
        while True:
            try:
                code, again = self._once()
            except KeyboardInterrupt:
                return self._end_child()
            if self.ending or code == -signal.SIGTERM:
                return code
            if not again:
                what = "has ended" if code == 0 else f"has ended with code {code}"
                try:
                    self._wait_for_save(f"ember: the program {what}; it is started again after the next save (Ctrl-C to stop)\n")
                except KeyboardInterrupt:
                    return code
                if self.ending:
                    return code

    def _once(self) -> tuple[int, bool]:
        """Run the command once. → its exit code, and whether it wants to be started again"""
        told: list[str] = []
        read, write = os.pipe()
        environment = dict(os.environ)
        environment[_restart.REQUEST] = json.dumps({"pipe": write, **self.options})
        self.child = subprocess.Popen(self.command, env=environment, pass_fds=[write])
        os.close(write)
        # Children of the program may keep the pipe open, so its end is not waited for.
        reader = threading.Thread(target=self._listen, args=(read, told), daemon=True)
        reader.start()
        code = self.child.wait()
        reader.join(0.2)
        if "claimed" not in told and code == 0:
            sys.stderr.write("ember: the command is no Python program with Ember, so nothing was reloaded\n")
        return code, "restart" in told

    def _listen(self, read: int, told: list[str]) -> None:
        with os.fdopen(read, encoding="utf-8") as pipe:
            for line in pipe:
                told.append(line.strip())

    def _stop(self, *_: object) -> None:
        self.ending = True
        if self.child is not None and self.child.poll() is None:
            self.child.send_signal(signal.SIGTERM)
        else:
            raise KeyboardInterrupt

    def _end_child(self) -> int:
        """Ctrl-C has reached the program, too: give it the time to end."""
        if self.child is None:
            return 130
        try:
            return self.child.wait(10)
        except (subprocess.TimeoutExpired, KeyboardInterrupt):
            self.child.kill()
            return self.child.wait()

    def _wait_for_save(self, message: str) -> None:
        """Say something once saves are noticed, and wait for one."""
        from .. import _ember

        watcher = _ember.FileWatcher(poll=bool(self.options.get("poll")))
        count = 0
        for root in self.options.get("paths") or [os.getcwd()]:
            for folder, inside, _ in os.walk(root):
                inside[:] = [name for name in inside if name not in SKIPPED and not name.startswith(".")]
                watcher.add(folder)
                count += 1
                if count >= FOLDERS:
                    break
        sys.stderr.write(message)
        while not self.ending:
            paths = watcher.next(0.5)
            if any(os.fspath(path).endswith(".py") for path in paths or ()):
                return


def main(words: list[str]) -> int:
    """The command; the exit code of the program."""
    arguments = parser().parse_args(words)
    try:
        command = full_command(arguments.command)
        options = {
            "paths": [os.path.abspath(path) for path in arguments.path],
            "ignore": [os.path.abspath(path) for path in arguments.ignore],
            "poll": arguments.poll,
            "quiet": arguments.quiet,
        }
        return Supervisor(command, options).run()
    except (DevError, OSError, ImportError) as error:
        print(f"ember: {error}", file=sys.stderr)
        return 2
