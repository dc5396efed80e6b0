"""`ember.prefork` and Django: its connections are closed, and asgiref's thread does not stay behind."""

import os
import tempfile

import ember


def test_connections_and_threads_are_closed():
    with tempfile.TemporaryDirectory() as folder:
        os.environ |= {"EXAMPLE_DB": os.path.join(folder, "db.sqlite3"), "DJANGO_SETTINGS_MODULE": "settings"}
        import sample
        from wsgi import application

        sample.fill()
        from django.db import connection

        requests = ["/?page=2", "/api/posts/7/", "/async/", "/json/"]
        report = ember.prefork(requests, app=application, rounds=3, quiet=True)
        assert set(report.statuses.values()) == {200}, report.statuses
        assert report.freeze.objects > 150_000 and report.statuses
        connection.ensure_connection()
        assert "Django's database connections" in ember.prefork(lambda: None, quiet=True).closed and connection.connection is None
        from ember import _client

        pid = os.fork()
        if pid == 0:
            statuses = _client.send_all(application, [_client.Request.parse(request) for request in requests], 5, lambda: False)
            os._exit(0 if set(statuses.values()) == {200} else 1)
        assert os.waitpid(pid, 0)[1] == 0
