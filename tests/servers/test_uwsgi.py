"""uWSGI: workers replaced, reloaded, recycled."""

import os
import signal
import sys
import tempfile
import time

from server import PROCESSES, Load, Server, check_life, wait_for


def command(*more):
    def make(port, folder):
        settings = {
            "import": "ember.uwsgi", "module": "site_app:application", "master": "true", "lazy-apps": "false", "processes": str(PROCESSES),
            "http-socket": f"127.0.0.1:{port}", "home": sys.prefix, "die-on-term": "true", "need-app": "true", "disable-logging": "true",
            "worker-reload-mercy": "5",
        }  # fmt: skip
        settings.update(dict(more))
        settings = {name: value for name, value in settings.items() if value is not None}
        ini = folder / "uwsgi.ini"
        ini.write_text("[uwsgi]\n" + "".join(f"{name} = {value}\n" for name, value in settings.items()))
        return [os.environ["UWSGI"], "--ini", str(ini)]

    return make


def run(check, *more, variables=None):
    loader = os.environ.get("UWSGI_LIBRARIES")
    variables = {"EMBER": "off", "PYTHONPATH": os.environ.get("PYTHONPATH", "")} | ({"LD_LIBRARY_PATH": loader} if loader else {}) | (variables or {})
    with tempfile.TemporaryDirectory() as folder, Server(command(*more), folder, variables) as server:
        check(server)
        return server.log()


def test_workers_are_replaced_and_reloaded():
    log = run(lambda server: check_life(server, signal.SIGHUP))
    assert log.count("froze") == 2, log


def test_the_jit_is_on():
    assert "functions ahead" in run(lambda server: check_life(server, signal.SIGHUP), variables={"EMBER": "auto"})


def test_max_requests():
    def check(server):
        first = server.workers()
        with Load(server) as load:
            wait_for(lambda: not first & server.workers(1), "all workers were replaced", 60)
            time.sleep(1)
        assert load.wrong == [] and sum(load.right) > 100, (load.wrong[:3], load.right)
        assert sum(load.lost) <= 8, load.lost
        assert len(server.frozen()) == 1

    run(check, ("max-requests", "40"))


def test_a_warm_up_that_fails_does_not_keep_it_from_serving():
    log = run(lambda server: server.workers(), variables={"EMBER_WARMUP": "/work?1,/raise"})
    assert "the heap is not frozen" in log and "the warm-up ran into this" in log


def test_lazy_apps_are_named():
    assert "lazy-apps is on" in run(lambda server: server.workers(), ("lazy-apps", "true"))
