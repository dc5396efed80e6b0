"""The application for Celery of `examples/feed`: its pool comes from a prepared main process and writes what the site itself would."""

import os
import pathlib
import signal
import subprocess
import sys
import tempfile

from server import result_of, wait_for


def test_digests_from_a_prepared_pool():
    with tempfile.TemporaryDirectory() as folder:
        os.environ |= {"FEED_DATABASE": os.path.join(folder, "db.sqlite3"), "DJANGO_SETTINGS_MODULE": "hearth.settings", "FEED_BROKER": folder}
        import sample

        sample.fill()
        from feed.digest import digest
        from feed.models import Profile

        log = pathlib.Path(folder) / "log"
        command = [sys.executable, "-m", "celery", "-A", "hearth.celery", "worker", "--pool", "prefork", "-c", "2", "--without-gossip", "--without-mingle", "-l", "info"]
        with open(log, "w") as file:
            worker = subprocess.Popen(command, env=os.environ | {"EMBER": "auto"}, stdout=file, stderr=file, stdin=subprocess.DEVNULL)
        try:
            wait_for(lambda: "ready." in log.read_text() or worker.poll() is not None, "the worker")
            assert worker.poll() is None and "compiled" in log.read_text() and "froze" in log.read_text(), log.read_text()[-3000:]
            import hearth.celery

            handles = list(Profile.objects.values_list("handle", flat=True)[:8])
            pending = [hearth.celery.digest.delay(handle) for handle in handles]
            assert [result_of(result) for result in pending] == [digest(handle) for handle in handles]
        finally:
            worker.send_signal(signal.SIGTERM)
            worker.wait(30)
