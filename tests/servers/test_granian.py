"""Granian, whose workers are forked from a prepared master, and by itself."""

import os
import pathlib
import signal
import sys
import tempfile

from server import PROCESSES, Load, Server, wait_for

SCRIPT = str(pathlib.Path(__file__).with_name("serve_granian.py"))


def prepared(interface, target):
    return lambda port, folder: [sys.executable, SCRIPT, interface, target, str(port), str(PROCESSES)]


def life(command, variables=None):
    with tempfile.TemporaryDirectory() as folder:
        with Server(command, folder, {"EMBER": "off", "PYTHONPATH": os.environ.get("PYTHONPATH", "")} | (variables or {})) as server:
            before = server.frozen()
            assert len(before) == 1 and next(iter(before))[0], before
            with Load(server, 3) as load:
                for number in (signal.SIGKILL, signal.SIGTERM):
                    victim = next(iter(server.workers(1)))
                    os.kill(victim, number)
                    wait_for(lambda: not os.path.exists(f"/proc/{victim}/cwd"), "the worker is gone", 20)
                    server.workers()
                    # Granian takes two deaths of one worker within 5.5 s for a crash loop.
                    if number == signal.SIGKILL:
                        __import__("time").sleep(6)
            assert load.wrong == [] and sum(load.right) > 50 and sum(load.lost) <= 6, (load.wrong[:3], load.right, load.lost)
            assert server.frozen() == before, "replaced workers have another heap"
            old = server.workers()
            with Load(server, 3) as load:
                os.kill(server.process.pid, signal.SIGHUP)
                wait_for(lambda: not old & server.workers(1), "new workers")
                server.workers()
            assert load.wrong == [] and sum(load.lost) <= 6, (load.wrong[:3], load.lost)
            assert server.frozen() == before
        return server.log()


def test_workers_are_forked_from_a_prepared_master():
    assert "froze" in life(prepared("wsgi", "site_app:application"))


def test_asgi_and_the_jit():
    log = life(prepared("asgi", "site_app:asgi"), {"EMBER": "auto"})
    assert "froze" in log and "functions ahead" in log


def test_by_itself_it_shares_nothing():
    def command(port, folder):
        options = ["--interface", "wsgi", "--host", "127.0.0.1", "--port", str(port), "--workers", str(PROCESSES)]
        return [sys.executable, "-m", "granian", *options, "site_app:application"]

    with tempfile.TemporaryDirectory() as folder:
        variables = {"EMBER": "auto", "PYTHONPATH": os.environ.get("PYTHONPATH", "")}
        with Server(command, folder, variables) as server, Load(server, 3) as load:
            server.workers()
            assert not any(frozen for frozen, _ in server.frozen())
        assert load.wrong == [] and sum(load.right) > 10
