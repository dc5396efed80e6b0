"""Gunicorn, with its own workers, threads and uvicorn's."""

import os
import signal
import sys
import tempfile
import threading
import time

from server import PROCESSES, Load, Server, check_life, wait_for


def command(*more, config="python:ember.gunicorn", app="site_app"):
    def make(port, folder):
        return [sys.executable, "-m", "gunicorn", "-c", config, "-w", str(PROCESSES), "-b", f"127.0.0.1:{port}", "--graceful-timeout", "5", *more, app]

    return make


def run(check, *more, variables=None, **options):
    with tempfile.TemporaryDirectory() as folder:
        with Server(command(*more, **options), folder, {"EMBER": "off"} | (variables or {}) | {"PYTHONPATH": os.environ.get("PYTHONPATH", "")}) as server:
            check(server)
            return server


def life(server):
    check_life(server, signal.SIGHUP)
    assert server.log().count("froze") >= 2 and "the heap is not frozen" not in server.log()
    # Code that cannot be loaded changes nothing.
    server.set_version("three")
    (server.folder / "content.py").write_text("this is not python")
    os.kill(server.process.pid, signal.SIGHUP)
    wait_for(lambda: "the application cannot be loaded" in server.log(), "the refusal")
    assert {server.get("/version") for _ in range(12)} == {"two"}
    server.set_version("three")
    os.kill(server.process.pid, signal.SIGHUP)
    wait_for(lambda: {server.get("/version") for _ in range(12)} == {"three"}, "the mended application serves")


def test_workers_are_replaced_and_reloaded():
    run(life, "--pid", "gunicorn.pid")


def test_the_jit_is_on():
    server = run(lambda server: check_life(server, signal.SIGHUP), variables={"EMBER": "auto"})
    assert "functions ahead" in server.log()


def test_threads():
    run(lambda server: check_life(server, signal.SIGHUP), "-k", "gthread", "--threads", "4")


def test_uvicorn_workers():
    run(lambda server: check_life(server, signal.SIGHUP), "-k", "uvicorn_worker.UvicornWorker", app="site_app:asgi")


def test_max_requests():
    def check(server):
        first = server.workers()
        with Load(server) as load:
            wait_for(lambda: not first & server.workers(1), "all workers were replaced", 60)
            time.sleep(1)
        assert load.wrong == [] and sum(load.right) > 100, (load.wrong[:3], load.right)
        assert sum(load.lost) <= 8, load.lost
        assert len(server.frozen()) == 1

    run(check, "--max-requests", "40", "--max-requests-jitter", "20")


def test_a_configuration_of_its_own():
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, "configuration.py")
        with open(path, "w") as file:
            file.write("from ember import gunicorn\nfrom ember.gunicorn import *\ndef when_ready(server):\n    gunicorn.when_ready(server)\n    print('my own hook', flush=True)\n")
        server = run(lambda server: server.workers(), config=path)
        assert "my own hook" in server.log() and "froze" in server.log()


def test_options_of_the_project():
    def check(server):
        assert "warmed up with 21 requests" in server.log(), server.log()
        assert not next(iter(server.frozen()))[0] and "the heap was not frozen" in server.log()

    with tempfile.TemporaryDirectory() as folder:
        with open(os.path.join(folder, "pyproject.toml"), "w") as file:
            file.write("[tool.ember]\nwarmup-rounds = 7\nfreeze = false\n")
        with Server(command(), folder, {"PYTHONPATH": os.environ.get("PYTHONPATH", "")}) as server:
            check(server)


def test_a_thread_in_the_master_is_named():
    def check(server):
        log = server.log()
        assert "the heap is not frozen" in log and "thread 'left behind'" in log and "left_behind" in log, log
        assert server.get("/version") == "one"

    with tempfile.TemporaryDirectory() as folder:
        with open(os.path.join(folder, "threaded.py"), "w") as file:
            file.write(
                "import threading, time\nfrom site_app import application\ndef left_behind():\n    time.sleep(600)\n"
                "threading.Thread(target=left_behind, name='left behind', daemon=True).start()\n"
            )
        with Server(command(app="threaded"), folder, {"PYTHONPATH": os.environ.get("PYTHONPATH", "")}) as server:
            check(server)


def test_a_warm_up_that_fails_does_not_keep_it_from_serving():
    log = run(lambda server: server.workers(), variables={"EMBER_WARMUP": "/work?1,/raise"}).log()
    assert "the heap is not frozen" in log and "the warm-up ran into this" in log
    log = run(lambda server: server.workers(), variables={"EMBER_WARMUP_ROUNDS": "many"}).log()
    assert "$EMBER_WARMUP_ROUNDS: warmup-rounds = 'many'" in log


def test_without_preload_it_says_so():
    server = run(lambda server: server.workers(), config="python:without_preload")
    assert "preload_app is off" in server.log()


def test_an_old_worker_that_hangs_is_killed():
    """One that does not finish its request after a reload; gunicorn itself no longer knows it."""

    def check(server):
        worker = int(server.get("/pid"))
        threading.Thread(target=hang, args=(server,), daemon=True).start()
        busy = wait_for(lambda: (server.folder / "hanging").exists() and int((server.folder / "hanging").read_text()), "a hanging worker")
        server.set_version("two")
        os.kill(server.process.pid, signal.SIGHUP)
        wait_for(lambda: {server.get("/version") for _ in range(12)} == {"two"}, "the changed application serves")
        wait_for(lambda: not os.path.exists(f"/proc/{busy}/cwd"), "the hanging worker is gone", 30)
        assert "did not finish" in server.log() and busy not in server.workers() and worker

    run(check, "--graceful-timeout", "2", "--timeout", "0")


def hang(server):
    try:
        server.get("/hang")
    except OSError:
        pass


def test_it_serves_while_the_master_is_being_prepared():
    """The first answers come from workers that are as they are without Ember; then others take over, and nothing is lost."""

    def check(server):
        early = server.workers()
        assert not next(iter(server.frozen()))[0] and "froze" not in server.log()
        with Load(server) as load:
            wait_for(lambda: "froze" in server.log(), "the master is prepared")
            wait_for(lambda: not early & server.workers(1), "the early workers have gone")
            server.workers()
            time.sleep(0.5)
        assert load.wrong == [] and sum(load.lost) == 0 and sum(load.right) > 20, (load.wrong[:3], load.lost, load.right)
        assert all(frozen for frozen, _ in server.frozen()) and len(server.frozen()) == 1
        assert "functions ahead" in server.log()
        server.set_version("two")
        os.kill(server.process.pid, signal.SIGHUP)
        wait_for(lambda: {server.get("/version") for _ in range(12)} == {"two"}, "the changed application serves")

    run(check, variables={"EMBER": "auto", "EMBER_SERVE_EARLY": "1", "EMBER_WARMUP": "site_work:slow_warmup"})
    # With a profile this is how it is, and without a word.
    with tempfile.TemporaryDirectory() as folder:
        with open(os.path.join(folder, "empty.profile"), "w") as file:
            file.write('{"ember_profile":1,"python":"3.14","functions":0}\n')
        run(check, variables={"EMBER": "auto", "EMBER_JIT_PROFILE": folder, "EMBER_WARMUP": "site_work:slow_warmup"})


def test_early_workers_do_not_end_by_themselves():
    """Nobody replaces them before the master is prepared."""

    def check(server):
        early, seen = server.workers(), []
        while "froze" not in server.log() and len(seen) < 12:
            seen.append(int(server.get("/pid")))
        assert len(seen) == 12 and set(seen) <= early, (seen, early)
        wait_for(lambda: "froze" in server.log(), "the master is prepared")
        wait_for(lambda: not early & server.workers(1), "the early workers have gone")

    run(check, "--max-requests", "1", variables={"EMBER": "auto", "EMBER_SERVE_EARLY": "1", "EMBER_WARMUP": "site_work:slow_warmup"})


def test_the_jit_comes_on_when_the_application_is_loaded():
    """Not while gunicorn itself and the application are being loaded."""

    def check(server):
        assert server.get("/version") == "one"

    with tempfile.TemporaryDirectory() as folder:
        with open(os.path.join(folder, "asks.py"), "w") as file:
            file.write("import sys\nfrom site_app import application\nfrom ember import _control\nprint('while it is loaded:', _control.mode(), flush=True)\n")
        path = folder + os.pathsep + os.environ.get("PYTHONPATH", "")
        with tempfile.TemporaryDirectory() as scratch, Server(command(app="asks"), scratch, {"EMBER": "auto", "PYTHONPATH": path}) as server:
            check(server)
        log = server.log()
        assert "while it is loaded: off" in log and "functions ahead" in log, log
