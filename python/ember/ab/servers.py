"""A server under test: its processes, started and stopped, and what they cost.

The invariant: whatever a `Server` starts is in a session of its own and is gone when the ``with`` block ends. What it costs
is asked of the kernel for the whole tree of processes: of those that live, to the nanosecond, and of those that have
died, as their parents know it.
"""

from __future__ import annotations

import contextlib
import dataclasses
import os
import shlex
import signal
import socket
import subprocess
import sys
import tempfile
import time

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping
    from types import TracebackType

#: How long a server may take to answer for the first time, and to end.
READY, STOP = 180.0, 15.0
#: See personality(2).
ADDR_NO_RANDOMIZE = 0x0040000
_TICK = os.sysconf("SC_CLK_TCK")


class ServerError(RuntimeError):
    """A server did not start, or went away; the argument says what it said last."""


@dataclasses.dataclass
class Spec:
    """How a server is started.

    In the command and in the variables, ``{port}`` stands for a free port and ``{address}`` for it with the host, ``{python}`` for this interpreter.
    """

    name: str
    command: list[str]
    variables: dict[str, str] = dataclasses.field(default_factory=dict)
    folder: str | None = None
    #: Where a server runs already, as ``host:port``; then there is no command.
    address: str | None = None

    @classmethod
    def parse(cls, name: str, text: str, variables: Mapping[str, str] = {}, folder: str | None = None) -> Spec:
        """A command line with variables in front (``EMBER=auto gunicorn …``), or the URL of a server that runs."""
        if text.startswith("http://"):
            return cls(name, [], address=text.removeprefix("http://").rstrip("/"))
        words, found = shlex.split(text), dict(variables)
        while words and "=" in words[0] and words[0].partition("=")[0].isidentifier():
            key, _, found[key] = words.pop(0).partition("=")
        if not words:
            raise ValueError(f"server {name}: there is no command in {text!r}")
        return cls(name, words, found, folder)


@dataclasses.dataclass(frozen=True)
class Memory:
    """Memory of one process, in bytes."""

    pid: int
    rss: int
    pss: int
    private: int


def free_port() -> int:
    """A port of the loopback interface that nobody has now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
    return port


def children(pid: int) -> list[int]:
    """The processes that a process has started and that are there."""
    found: list[int] = []
    try:
        for thread in os.listdir(f"/proc/{pid}/task"):
            with open(f"/proc/{pid}/task/{thread}/children") as source:
                found += map(int, source.read().split())
    except (FileNotFoundError, ProcessLookupError):
        pass  # it has gone meanwhile
    return found


def tree(pid: int) -> list[int]:
    """A process and all that descend from it."""
    found = [pid]
    for process in found:
        found += children(process)
    return found


def cpu_seconds(pid: int) -> float:
    """Processor time of a process, all its threads, and of those of its children that it has waited for."""
    try:
        # The number of another process's clock is made of its id (clock_getcpuclockid).
        seconds = time.clock_gettime((~pid << 3) | 2)
        with open(f"/proc/{pid}/stat") as source:
            fields = source.read().rpartition(")")[2].split()
    except OSError:
        return 0.0
    return seconds + (int(fields[13]) + int(fields[14])) / _TICK


def memory(pid: int) -> Memory | None:
    """Memory of a process; None if it has gone."""
    sums = {"Rss": 0, "Pss": 0, "Private_Dirty": 0}
    try:
        with open(f"/proc/{pid}/smaps_rollup") as source:
            for line in source:
                name = line.partition(":")[0]
                if name in sums:
                    sums[name] = int(line.split()[1]) * 1024
    except OSError:
        return None
    return Memory(pid, sums["Rss"], sums["Pss"], sums["Private_Dirty"])


def fix_layout() -> None:
    """In a child, before its program: have addresses chosen the same way each time.

    Where the kernel happens to put things makes the same interpreter some percent faster or slower from start to start. With
    that fixed starts agree, but what they agree on may still be an accident, of the length of a variable for example.
    """
    import ctypes

    ctypes.CDLL(None).personality(ADDR_NO_RANDOMIZE)


class Server:
    """A server that runs while a ``with`` block does."""

    def __init__(self, spec: Spec, fixed_layout: bool = False) -> None:
        self.spec = spec
        self.fixed_layout = fixed_layout
        self.address = ""
        self.process: subprocess.Popen[bytes] | None = None
        self.log = ""
        #: Seconds from its start to its first answer.
        self.start_seconds = 0.0

    def __enter__(self) -> Server:
        if self.spec.address is not None:
            self.address = self.spec.address
            return self
        port = free_port()
        self.address = f"127.0.0.1:{port}"
        names = {"port": str(port), "address": self.address, "python": sys.executable}
        words = [substitute(word, names) for word in self.spec.command]
        # Hashes that differ from start to start would be a difference between the servers that nobody asked about.
        variables = {"PYTHONHASHSEED": "0"} | dict(os.environ) | {key: substitute(value, names) for key, value in self.spec.variables.items()}
        handle, self.log = tempfile.mkstemp(prefix=f"ember-ab-{self.spec.name}-", suffix=".log")
        began = time.monotonic()
        try:
            with open(handle, "wb") as log:
                self.process = subprocess.Popen(
                    words, env=variables, cwd=self.spec.folder, stdin=subprocess.DEVNULL, stdout=log, stderr=log,
                    start_new_session=True, preexec_fn=fix_layout if self.fixed_layout else None,
                )
            self.wait_ready()
        except OSError as error:
            self.stop()
            raise ServerError(f"server {self.spec.name}: cannot run {words[0]}: {error}") from None
        except BaseException:
            self.stop()
            raise
        self.start_seconds = time.monotonic() - began
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.stop()

    def wait_ready(self) -> None:
        """Wait until it takes connections; raises `ServerError` when it ends or takes too long."""
        host, _, port = self.address.rpartition(":")
        deadline = time.monotonic() + READY
        while time.monotonic() < deadline:
            self.check_alive()
            try:
                socket.create_connection((host, int(port)), 1.0).close()
                return
            except OSError:
                time.sleep(0.02)
        raise ServerError(f"server {self.spec.name} takes no connections at {self.address} after {READY:.0f} s\n{self.last_words()}")

    def check_alive(self) -> None:
        """Raise `ServerError` if it has ended."""
        if self.process is not None and self.process.poll() is not None:
            raise ServerError(f"server {self.spec.name} ended with code {self.process.returncode}\n{self.last_words()}")

    def last_words(self, lines: int = 20) -> str:
        """The end of what it wrote."""
        if not self.log:
            return ""
        with open(self.log, errors="replace") as source:
            return "\n".join("    " + line.rstrip() for line in source.readlines()[-lines:])

    def stop(self) -> None:
        """End it and everything it has started."""
        if self.process is not None:
            if self.process.poll() is None:
                self.process.terminate()
                with contextlib.suppress(subprocess.TimeoutExpired):
                    self.process.wait(STOP)
            # Its session is its own, so this ends nobody else's processes.
            with contextlib.suppress(ProcessLookupError):
                os.killpg(self.process.pid, signal.SIGKILL)
            self.process.wait()
            self.process = None
        if self.log:
            os.unlink(self.log)
            self.log = ""

    @property
    def pid(self) -> int | None:
        """The root of its processes; None if it was not started here."""
        return self.process.pid if self.process is not None else None

    def cpu(self) -> float:
        """Processor seconds of all its processes so far."""
        return sum(map(cpu_seconds, tree(self.pid))) if self.pid is not None else 0.0

    def workers(self) -> list[int]:
        """The processes that have started no others: those that answer."""
        return [pid for pid in tree(self.pid) if not children(pid)] if self.pid is not None else []

    def memory(self) -> list[Memory]:
        """Memory of its workers."""
        return [found for pid in self.workers() if (found := memory(pid)) is not None]


def substitute(text: str, names: Mapping[str, str]) -> str:
    """`text` with ``{name}`` replaced, and all other braces left alone."""
    for name, value in names.items():
        text = text.replace("{" + name + "}", value)
    return text
