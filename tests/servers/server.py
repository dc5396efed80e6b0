"""A server under test: started for real, loaded from several threads, its workers killed, reloaded, and stopped."""

import contextlib
import http.client
import json
import os
import pathlib
import signal
import socket
import subprocess
import sys
import threading
import time

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE))
PROCESSES = 3


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def wait_for(condition, what, seconds=60):
    """The condition's answer once it is true."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        try:
            if answer := condition():
                return answer
        except OSError:
            pass
        time.sleep(0.1)
    raise AssertionError(f"not within {seconds} s: {what}")


class Server:
    """A running server; `command` gets its port and the folder with the changeable module `content`."""

    def __init__(self, command, folder, variables):
        self.folder, self.port = pathlib.Path(folder), free_port()
        self.set_version("one")
        environment = {k: v for k, v in os.environ.items() if not k.startswith(("EMBER", "PYTHON"))}
        environment |= {"PYTHONDONTWRITEBYTECODE": "1", "HOME": str(folder), "EMBER_WARMUP": "/work?3,/version,/frozen"} | variables
        path = [str(self.folder), str(HERE), *filter(None, [variables.get("PYTHONPATH")])]
        environment["PYTHONPATH"] = os.pathsep.join(path)
        self.log_file = open(self.folder / "log", "w")
        self.process = subprocess.Popen(command(self.port, self.folder), env=environment, cwd=folder, stdin=subprocess.DEVNULL,
                                        stdout=self.log_file, stderr=self.log_file)  # fmt: skip

    def __enter__(self):
        try:
            wait_for(lambda: self.process.poll() is not None or self.get("/version") == "one", "the first answer")
            assert self.process.poll() is None, "the server ended"
        except BaseException:
            self.__exit__(*sys.exc_info())
            raise
        return self

    def __exit__(self, kind, error, traceback):
        if kind is not None:
            self.describe()
        self.process.send_signal(signal.SIGTERM)
        try:
            self.process.wait(20)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
            if kind is None:
                raise AssertionError("the server does not stop") from None
        self.log_file.close()
        log = self.log()
        if kind is not None:
            sys.stderr.write(f"the server's log ends so:\n{log[-6000:]}\n")

    def describe(self):
        """Say what the workers are doing."""
        for place in pathlib.Path(f"/proc/{self.process.pid}/task").glob("*/children"):
            for pid in place.read_text().split():
                try:
                    state = [line for line in pathlib.Path(f"/proc/{pid}/status").read_text().splitlines() if line.startswith("State")]
                    call = pathlib.Path(f"/proc/{pid}/syscall").read_text().split()[:4]
                    sys.stderr.write(f"worker {pid}: {state}, in system call {call}\n")
                except OSError as problem:
                    sys.stderr.write(f"worker {pid}: {problem}\n")

    def log(self):
        if self.folder.exists():
            self.last_log = (self.folder / "log").read_text(errors="replace")
        return self.last_log

    def set_version(self, version):
        (self.folder / "content.py").write_text(f"VERSION = {version!r}\n")

    def get(self, target):
        """The answer's body, on a connection of its own; raises OSError if there is none."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=30)
        try:
            connection.request("GET", target)
            answer = connection.getresponse()
            body = answer.read().decode()
            if answer.status != 200:
                raise AssertionError(f"{target} got {answer.status}: {body[:300]}")
            return body
        except http.client.HTTPException as error:
            raise ConnectionError(str(error)) from None
        finally:
            connection.close()

    def workers(self, everybody=PROCESSES):
        """Processes of all workers, as they answer."""
        seen = set()
        wait_for(lambda: seen.add(int(self.get("/pid"))) or len(seen) >= everybody, f"{everybody} workers answer", 30)
        return seen

    def frozen(self):
        """What the workers say of the master's objects: {(immortal, address)}."""
        return {tuple(json.loads(self.get("/frozen"))) for _ in range(20)}


class Load:
    """Threads that request and check all the time; `lost` counts requests without an answer."""

    def __init__(self, server, threads=4):
        import site_work

        self.server, self.stopped = server, False
        self.expected = [site_work.work(n) for n in range(7)]
        self.right, self.lost, self.wrong = [0] * threads, [0] * threads, []
        self.threads = [threading.Thread(target=self._run, args=(index,)) for index in range(threads)]

    def _run(self, index):
        n = index
        while not self.stopped:
            n = (n + 1) % 7
            try:
                body = self.server.get(f"/work?{n}")
            except OSError:
                self.lost[index] += 1
                continue
            except AssertionError as error:
                self.wrong.append(str(error))
                continue
            if body == self.expected[n]:
                self.right[index] += 1
            else:
                self.wrong.append(f"/work?{n} got {body[:100]!r}")

    def __enter__(self):
        [thread.start() for thread in self.threads]
        return self

    def __exit__(self, *error):
        self.stopped = True
        [thread.join() for thread in self.threads]


def check_life(server, reload, immortal=True):
    """Load, kills by signals from outside and inside, a reload with changed and with broken code. Nothing may be answered wrongly."""
    before = server.frozen()
    assert len(before) == 1 and (not immortal or next(iter(before))[0]), before
    with Load(server) as load:
        kills = 0
        # A segmentation fault comes from inside only: uWSGI's handler is not made for one in the middle of malloc.
        for number in (signal.SIGKILL, signal.SIGBUS, signal.SIGKILL, signal.SIGKILL):
            victim = next(iter(server.workers(1)))
            os.kill(victim, number)
            kills += 1
            wait_for(lambda: not os.path.exists(f"/proc/{victim}/cwd"), "the worker is gone", 20)
            server.workers()
        for number in (signal.SIGKILL, signal.SIGSEGV):
            try:
                server.get(f"/die?{int(number)}")
                raise AssertionError("a killed worker answered")
            except OSError:
                kills += 1
            server.workers()
        time.sleep(0.5)
    assert load.wrong == [], load.wrong[:3]
    assert sum(load.right) > 50, load.right
    # Each kill loses what that worker had in hand.
    assert sum(load.lost) <= 2 * kills, (load.lost, kills)
    assert server.frozen() == before, "replaced workers have another heap"
    with Load(server) as load:
        server.set_version("two")
        os.kill(server.process.pid, reload)
        wait_for(lambda: {server.get("/version") for _ in range(12)} == {"two"}, "the changed application serves")
    assert load.wrong == [] and sum(load.lost) <= 4, (load.wrong[:3], load.lost)
    assert server.process.poll() is None
    server.workers()
    assert not immortal or all(frozen for frozen, _ in server.frozen())


@contextlib.contextmanager
def celery_pool(application, folder, mode):
    """A pool of two processes, in a mode of Ember, once it is ready; its log is in the folder."""
    log = pathlib.Path(folder) / "log"
    command = [sys.executable, "-m", "celery", "-A", application, "worker", "-P", "prefork", "-c", "2", "--without-gossip", "--without-mingle", "-l", "info"]
    with open(log, "w") as file:
        worker = subprocess.Popen(command, env=os.environ | {"EMBER": mode}, stdout=file, stderr=file, stdin=subprocess.DEVNULL)
    try:
        wait_for(lambda: "ready." in log.read_text() or worker.poll() is not None, "the worker")
        assert worker.poll() is None and "froze" in log.read_text(), log.read_text()[-3000:]
        yield log
    finally:
        worker.send_signal(signal.SIGTERM)
        worker.wait(30)


def result_of(pending):
    """What a task of Celery's gave. Results lie in files, and one that is being written cannot be read."""
    from kombu.exceptions import DecodeError

    deadline = time.monotonic() + 60
    while True:
        try:
            return pending.get(timeout=60)
        except DecodeError:
            if time.monotonic() > deadline:
                raise
            time.sleep(0.01)
