"""Django's runserver under `python -m ember dev`."""

import time

from djangosite import write_project
from servers import Server, edit, free_port, write


def serve(apps=1, extra=0):
    write_project(".", apps, extra)
    port = free_port()
    return Server("manage.py", "runserver", "--skip-checks", f"127.0.0.1:{port}", port=port)


def pid_of(server):
    return server.get("/app0/").split()[3]


def test_views_urls_templates():
    with serve() as server:
        server.wait("/app0/", "hello 3")
        pid = pid_of(server)
        edit("app0/views.py", 'f"{GREETING} ', 'f"{GREETING}! ')
        server.wait("/app0/", "hello! 3")
        edit("app0/logic.py", '"hello"', '"moin"')
        server.wait("/app0/", "moin! 3")
        edit("app0/helpers.py", "STEP = 0", "STEP = 100")
        server.wait("/app0/", "moin! 103")
        edit("app0/helpers.py", "return a + b", "return a + b + 1")
        server.wait("/app0/", "moin! 106")
        edit("app0/models.py", 'f"item {self.name}"', 'f"thing {self.name}"')
        server.wait("/app0/page/", "page thing x")
        write("templates/page.html", "sheet {{ item.label }}\n")
        server.wait("/app0/page/", "sheet thing x")
        edit("app0/views.py", 'word = "detail"', 'word = "more"')
        server.wait("/app0/detail/5/", "more 5")
        # A new view and its address are there at once.
        write("app0/views.py", open("app0/views.py").read() + '\ndef fresh(request):\n    return HttpResponse("brand new")\n')
        edit("app0/urls.py", "urlpatterns = [\n", 'urlpatterns = [\n    path("fresh/", views.fresh, name="fresh"),\n')
        server.wait("/app0/fresh/", "brand new")
        edit("app0/urls.py", '"page/"', '"pages/"')
        server.wait("/app0/pages/", "sheet thing x")
        edit("app0/views.py", "@require_GET\ndef index", "def index")
        edit("app0/views.py", '{os.getpid()} {signals', '{os.getpid()} x {signals')
        server.wait("/app0/", " x ")
        edit("site_demo/middleware.py", 'response = get_response(request)\n', 'response = get_response(request)\n        response.content += b" stamped"\n')
        server.wait("/app0/", "stamped")
        assert pid_of(server) == pid and not server.count("restarting")
        answer = server.get("/app0/").split()
        assert int(answer[2]) > 5


def test_signals_are_connected_once():
    with serve() as server:
        server.wait("/app0/", "hello 3")
        pid = pid_of(server)
        edit("app0/signals.py", 'CALLS["n"] += 1', 'CALLS["n"] += 1000')
        time.sleep(0.3)
        until = time.monotonic() + 30
        while int(server.get("/app0/").split()[4]) < 1000 and time.monotonic() < until:
            time.sleep(0.05)
        before = int(server.get("/app0/").split()[4])
        assert int(server.get("/app0/").split()[4]) == before + 1000
        assert pid_of(server) == pid


def test_what_restarts():
    with serve() as server:
        server.wait("/app0/", "hello 3")
        pids = [pid_of(server)]
        for path, old, new, reason in [
            ("app0/models.py", "max_length=20", "max_length=30", "restarting: app0/models.py:3: the model Item0 changes"),
            ("site_demo/settings.py", "PAGE = 10", "PAGE = 20", "restarting: site_demo/settings.py:.*PAGE"),
            ("app0/admin.py", 'list_display = ["name"]', 'list_display = ["name", "price"]', "restarting: app0/admin.py"),
        ]:
            edit(path, old, new)
            server.said(reason)
            until = time.monotonic() + 60
            while time.monotonic() < until:
                answer = server.get("/app0/")
                if answer and answer.split()[3] != pids[-1]:
                    break
                time.sleep(0.05)
            pids.append(pid_of(server))
        assert len(set(pids)) == 4, pids


def test_broken_saves():
    with serve() as server:
        server.wait("/app0/", "hello 3")
        pid = pid_of(server)
        edit("app0/views.py", "def page(request):", "def page(request:")
        server.said("not reloaded: app0/views.py:16: SyntaxError")
        assert pid_of(server) == pid
        edit("app0/views.py", "def page(request:", "def page(request):")
        edit("app0/logic.py", '"hello"', "undefined_name")
        server.said("not reloaded: app0/logic.py:2: NameError")
        assert server.get("/app0/").startswith("hello")
        edit("app0/logic.py", "undefined_name", '"good"')
        server.wait("/app0/", "good 3")
        assert pid_of(server) == pid
