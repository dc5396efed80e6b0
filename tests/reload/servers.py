"""Starts a command under `python -m ember dev` and talks to it."""

import http.client
import os
import pathlib
import re
import signal
import socket
import subprocess
import sys
import threading
import time

PATIENCE = 60


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class Server:
    """A command under the supervisor, in the working directory."""

    def __init__(self, *command, port=None, variables=None, options=()):
        self.port = port
        self.lines = []
        environment = dict(os.environ) | {"PYTHONUNBUFFERED": "1", **(variables or {})}
        words = [sys.executable, "-m", "ember", "dev", *options, "--", *command]
        self.process = subprocess.Popen(
            words, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, env=environment, start_new_session=True
        )
        threading.Thread(target=self._read, daemon=True).start()

    def _read(self):
        for line in self.process.stdout:
            self.lines.append(line.rstrip())

    def __enter__(self):
        return self

    def __exit__(self, kind, *rest):
        if self.process.poll() is None:
            os.killpg(self.process.pid, signal.SIGINT)
            try:
                self.process.wait(15)
            except subprocess.TimeoutExpired:
                os.killpg(self.process.pid, signal.SIGKILL)
                self.process.wait()
        if kind is not None:
            sys.stderr.write("--- what the server said\n" + "\n".join(self.lines[-60:]) + "\n---\n")

    def get(self, path):
        """The body of an answer, or None if there is no server."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=20)
        try:
            connection.request("GET", path)
            return connection.getresponse().read().decode()
        except (OSError, http.client.HTTPException):
            return None
        finally:
            connection.close()

    def wait(self, path, wanted):
        """Ask until the answer is what is wanted."""
        until, answer = time.monotonic() + PATIENCE, None
        while time.monotonic() < until:
            answer = self.get(path)
            if answer is not None and wanted in answer:
                return answer
            assert self.process.poll() is None, "the supervisor has ended"
            time.sleep(0.02)
        raise AssertionError(f"{path} says {answer!r:.300}, not {wanted!r}")

    def said(self, pattern, times=1):
        """Wait until the output has had a line that matches; it."""
        until = time.monotonic() + PATIENCE
        while time.monotonic() < until:
            found = [line for line in self.lines if re.search(pattern, line)]
            if len(found) >= times:
                return found[-1]
            time.sleep(0.02)
        raise AssertionError(f"nobody said {pattern!r} {times} times")

    def count(self, pattern):
        """How many lines of the output match."""
        return sum(bool(re.search(pattern, line)) for line in self.lines)


def write(path, text):
    """Save as editors do that rename."""
    path = pathlib.Path(path)
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = path.with_name("." + path.name + ".swp")
    temporary.write_text(text)
    os.replace(temporary, path)


def edit(path, old, new):
    """Replace a part of a file."""
    text = pathlib.Path(path).read_text()
    assert text.count(old) == 1, (old, text)
    write(path, text.replace(old, new))
