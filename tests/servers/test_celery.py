"""Celery's prefork pool: children of a frozen main process, replaced after so many tasks."""

import os
import pathlib
import signal
import subprocess
import sys
import tempfile

from server import result_of, wait_for


def test_tasks_run_in_children_of_a_frozen_process():
    import site_work

    with tempfile.TemporaryDirectory() as folder:
        os.environ["CELERY_FOLDER"] = folder
        log = pathlib.Path(folder) / "log"
        command = [sys.executable, "-m", "celery", "-A", "celery_tasks", "worker", "-P", "prefork", "-c", "2", "--without-gossip", "--without-mingle", "-l", "info"]
        with open(log, "w") as file:
            worker = subprocess.Popen(command, env=os.environ | {"EMBER": "off"}, stdout=file, stderr=file, stdin=subprocess.DEVNULL)
        try:
            wait_for(lambda: "ready." in log.read_text() or worker.poll() is not None, "the worker")
            assert worker.poll() is None and "froze" in log.read_text(), log.read_text()[-3000:]
            from celery_tasks import compute

            def results(count):
                pending = [compute.delay(n % 7) for n in range(count)]
                found = [result_of(result) for result in pending]
                assert [result[0] for result in found] == [site_work.work(n % 7) for n in range(count)]
                return {result[1] for result in found}, {tuple(result[2:]) for result in found}

            processes, frozen = results(10)
            assert len(frozen) == 1 and next(iter(frozen))[0]
            # After twenty tasks each process is replaced.
            later, still = results(80)
            assert still == frozen and len(later - processes) >= 2
        finally:
            worker.send_signal(signal.SIGTERM)
            worker.wait(30)
