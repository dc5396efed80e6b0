"""The application for Celery of `examples/feed`: its pool comes from a prepared main process and writes what the site itself would."""

import os
import tempfile

from server import celery_pool, result_of


def test_digests_from_a_prepared_pool():
    with tempfile.TemporaryDirectory() as folder:
        os.environ |= {"FEED_DATABASE": os.path.join(folder, "db.sqlite3"), "DJANGO_SETTINGS_MODULE": "hearth.settings", "FEED_BROKER": folder}
        import sample

        sample.fill()
        from feed.digest import digest
        from feed.models import Profile

        with celery_pool("hearth.celery", folder, "auto") as log:
            assert "compiled" in log.read_text(), log.read_text()[-3000:]
            import hearth.celery

            handles = list(Profile.objects.values_list("handle", flat=True)[:8])
            pending = [hearth.celery.digest.delay(handle) for handle in handles]
            assert [result_of(result) for result in pending] == [digest(handle) for handle in handles]
