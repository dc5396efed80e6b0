"""`ember.prefork` itself: what it sends, what it refuses, what it closes, and its options."""

import os
import socket
import sqlite3
import sys
import tempfile
import threading

import ember
from ember import _client, _options, _shared


def refusal(**options):
    try:
        ember.prefork(quiet=True, freeze=False, **options)
    except ember.PreforkRefused as error:
        return str(error)
    return ""


def test_a_function_warms_up():
    calls = []
    report = ember.prefork(lambda: calls.append(1), quiet=True)
    assert calls == [1] and report.freeze.objects > 10_000 and report.compiled is None
    assert "froze" in str(report) and "the JIT is off" in str(report)
    assert sys.getrefcount(calls) >= 1 << 31
    os.environ["WARMED"] = ""
    ember.prefork("site_like:warm", quiet=True, freeze=False)
    assert os.environ["WARMED"] == "yes"


def test_requests_to_wsgi():
    seen = []

    def app(environ, start_response):
        seen.append((environ["REQUEST_METHOD"], environ["PATH_INFO"], environ["QUERY_STRING"], environ["wsgi.input"].read(), environ.get("HTTP_COOKIE")))
        start_response("500 no" if environ["PATH_INFO"] == "/bad" else "200 OK", [])
        return [b"body"]

    requests = ["/a?b=c%20d", "POST /form", {"path": "/x%C3%A9", "method": "PUT", "body": "text", "headers": {"Cookie": "k=v"}}, "/bad"]
    report = ember.prefork(requests, app=app, rounds=3, quiet=True, freeze=False)
    assert len(seen) == 12 and report.requests == 12
    assert seen[0] == ("GET", "/a", "b=c%20d", b"", None) and seen[1][0] == "POST"
    assert seen[2] == ("PUT", "/xé".encode().decode("latin-1"), "", b"text", "k=v")
    assert "GET /bad got 500" in str(report)


def test_requests_to_asgi():
    events = []

    async def app(scope, receive, send):
        if scope["type"] == "lifespan":
            for _ in range(2):
                message = await receive()
                events.append(message["type"])
                await send({"type": message["type"] + ".complete"})
            return
        body = (await receive())["body"]
        events.append((scope["method"], scope["path"], scope["query_string"], body, dict(scope["headers"])[b"host"]))
        await send({"type": "http.response.start", "status": 201, "headers": []})
        await send({"type": "http.response.body", "body": b"x"})

    report = ember.prefork(["/p?q", {"path": "/post", "method": "POST", "body": b"data"}], app=app, rounds=1, quiet=True, freeze=False)
    assert events == [
        "lifespan.startup", ("GET", "/p", b"q", b"", b"localhost"), ("POST", "/post", b"", b"data", b"localhost"), "lifespan.shutdown",
    ]  # fmt: skip
    assert report.statuses == {"GET /p?q": 201, "POST /post": 201}

    class Plain:
        async def __call__(self, scope, receive, send):
            assert scope["type"] == "http"
            await send({"type": "http.response.start", "status": 200, "headers": []})
            await send({"type": "http.response.body", "body": b""})

    assert _client.is_asgi(Plain())
    assert ember.prefork(["/"], app=Plain(), rounds=2, quiet=True, freeze=False).statuses == {"GET /": 200}


def test_requests_that_make_no_sense():
    for wrong in (["no slash"], [{"method": "GET"}], [5]):
        try:
            ember.prefork(wrong, app=lambda *_: [], quiet=True)
        except ValueError as error:
            assert "no request" in str(error)
        else:
            raise AssertionError(wrong)
    try:
        ember.prefork(["/"], quiet=True)
    except ValueError as error:
        assert "app=" in str(error)
    else:
        raise AssertionError


def test_threads_are_named():
    stop = threading.Event()

    def lingering():
        stop.wait()

    thread = threading.Thread(target=lingering, name="the thread's name")
    thread.start()
    text = refusal()
    stop.set()
    thread.join()
    assert "the thread's name" in text and "lingering" in text and "threading.py:" in text, text
    assert refusal() == ""


def test_threads_whose_work_is_done_may_end():
    """An executor that nobody has any more ends its threads, but not at once."""
    from concurrent.futures import ThreadPoolExecutor

    def warm():
        executor = ThreadPoolExecutor(max_workers=2)
        executor.submit(sum, [1, 2]).result()
        executor.myself = executor

    assert refusal(warmup=warm) == ""


def test_connections_are_named():
    with socket.create_server(("127.0.0.1", 0)) as listener:
        assert refusal() == ""
        with socket.create_connection(listener.getsockname()) as client:
            accepted, _ = listener.accept()
            text = refusal()
            assert f"127.0.0.1:{listener.getsockname()[1]}" in text and f"descriptor {client.fileno()}, of socket.socket" in text, text
            accepted.close()
        left, right = socket.socketpair()
        assert refusal() == ""
        # What a C library has open is no Python object.
        descriptor = os.dup(socket.create_connection(listener.getsockname()).detach())
        assert "of a C library" in refusal()
        os.close(descriptor)
        left.close()
        right.close()
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, "socket")
        with socket.socket(socket.AF_UNIX) as server, socket.socket(socket.AF_UNIX) as client:
            server.bind(path)
            server.listen()
            client.connect(path)
            assert f"a connection to {path}" in refusal()


def test_services_are_guessed():
    assert _shared._peer(("10.0.0.1", 5432)) == "10.0.0.1:5432 (PostgreSQL?)" and _shared._peer(("::1", 1, 0, 0)) == "::1:1"


def test_sqlite_is_named():
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, "a.sqlite3")
        connection = sqlite3.connect(path)
        memory = sqlite3.connect(":memory:")
        assert f"SQLite has {path} open" in refusal()
        connection.close()
        assert refusal() == ""
        memory.close()


def test_it_compiles_when_the_jit_is_on():
    def add(a, b):
        return a + b

    def warm():
        for i in range(2000):
            add(i, i)

    assert ember.enable("auto")
    report = ember.prefork(warm, workers=1, quiet=True)
    assert report.compiled is not None and ember.jit.is_compiled(add) and "functions ahead" in str(report)
    assert add(2, 3) == 5


def test_a_list_turns_the_jit_on():
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, "list.txt")
        with open(path, "w") as file:
            file.write("site_like:listed\n")
        import site_like

        ember.prefork(lambda: [site_like.listed(i) for i in range(100)], jit_list=path, workers=1, quiet=True)
        assert ember.status().enabled and ember.jit.is_compiled(site_like.listed)


PAGE = 4096


def faults_in_child(function):
    """How many pages a child has to wait for while it calls `function`."""
    import resource

    source, sink = os.pipe()
    pid = os.fork()
    if pid == 0:
        before = resource.getrusage(resource.RUSAGE_SELF).ru_minflt
        function()
        os.write(sink, str(resource.getrusage(resource.RUSAGE_SELF).ru_minflt - before).encode())
        os._exit(0)
    os.close(sink)
    with open(source) as answer:
        count = int(answer.read())
    os.waitpid(pid, 0)
    return count


def test_children_copy_ahead_what_the_warm_up_writes_to():
    pages = bytearray(PAGE * 600)

    def warm():
        if not learnt:
            return
        assert not any(pages)
        for at in range(0, len(pages), PAGE):
            pages[at] = 1

    # In this process itself the pages stay as they are.
    learnt = False
    assert ember.prefork(warm, quiet=True, prefault=False).prefault == 0
    learnt = True
    without = faults_in_child(warm)
    learnt = False

    def warm_in_child():
        nonlocal learnt
        learnt = os.getpid() != master
        warm()

    master = os.getpid()
    report = ember.prefork(warm_in_child, quiet=True)
    assert report.prefault >= len(pages) - PAGE and "ahead" in str(report), report.prefault
    assert not learnt and not any(pages)
    learnt = True
    assert without >= 590 and faults_in_child(warm) < 200, (without, faults_in_child(warm))


def test_children_find_ahead_the_pages_of_files_that_the_warm_up_looks_at():
    """As those of libraries; the kernel maps sixteen neighbours at a time."""
    import mmap
    import tempfile

    count = 400 * 16
    with tempfile.TemporaryFile() as file:
        file.truncate(count * PAGE)
        pages = mmap.mmap(file.fileno(), count * PAGE, flags=mmap.MAP_PRIVATE, prot=mmap.PROT_READ)

    def look():
        for at in range(0, len(pages), PAGE):
            pages[at]

    without = faults_in_child(look)
    ember.prefork(look, quiet=True)
    assert without >= 390 and faults_in_child(look) < 200, (without, faults_in_child(look))


def test_children_do_not_take_ahead_what_the_master_never_had():
    """What a warm-up takes at its most is new memory, which workers may never need."""
    import mmap

    pages, master = mmap.mmap(-1, PAGE * 600, flags=mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS), os.getpid()

    def warm():
        if os.getpid() != master:
            for at in range(0, len(pages), PAGE):
                pages[at] = 1

    report = ember.prefork(warm, quiet=True)
    assert 0 < report.prefault < len(pages) // 2, report.prefault


def test_a_warm_up_that_works_only_in_the_master():
    import io
    import time

    master = os.getpid()

    def raises():
        if os.getpid() != master:
            raise RuntimeError("not in a child")

    def hangs():
        if os.getpid() != master:
            time.sleep(600)

    for warm, problem in ((raises, "RuntimeError: not in a child"), (hangs, "it did not end")):
        sys.stderr, kept = io.StringIO(), sys.stderr
        try:
            report = ember.prefork(warm, seconds=0.5, quiet=True)
            said = sys.stderr.getvalue()
        finally:
            sys.stderr = kept
        assert report.prefault == 0 and problem in said, said
        try:
            os.waitpid(-1, os.WNOHANG)
            raise AssertionError("there is a child left")
        except ChildProcessError:
            pass


def test_databases_are_open_before_the_first_request():
    import types

    opened = []

    class Connection:
        vendor = "other"

        def __init__(self, alias, age):
            self.alias, self.connection, self.settings_dict = alias, None, {"CONN_MAX_AGE": age}

        def ensure_connection(self):
            opened.append(self.alias)
            if self.alias == "away":
                raise OSError("no such server")
            self.connection = object()

        def close(self):
            self.connection = None

    class Connections(dict):
        def all(self, initialized_only):
            return list(self.values())

        def close_all(self):
            [connection.close() for connection in self.values()]

    known = Connections({alias: Connection(alias, age) for alias, age in {"kept": None, "while": 60, "away": 60, "each": 0, "unused": None}.items()})
    for alias, connection in known.items():
        connection.connection = None if alias == "unused" else object()
    sys.modules["django.db"] = types.SimpleNamespace(connections=known)
    sys.modules["django.conf"] = types.SimpleNamespace(settings=types.SimpleNamespace(configured=True))
    assert "Django's database connections" in _shared.tidy() and opened == []
    _shared.reopen()
    assert sorted(opened) == ["away", "kept", "while"]
    assert [alias for alias, connection in known.items() if connection.connection is not None] == ["kept", "while"]


def test_serving_early_is_for_those_with_a_profile():
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, "hot.profile")
        assert not _options.serve_early({}) and not _options.serve_early({"profile": path}) and not _options.serve_early({"profile": folder})
        open(path, "w").close()
        assert _options.serve_early({"profile": path}) and _options.serve_early({"profile": folder})
        assert not _options.serve_early({"profile": path, "serve_early": False}) and _options.serve_early({"serve_early": True})


def test_options():
    with tempfile.TemporaryDirectory() as folder:
        inner = os.path.join(folder, "a", "b")
        os.makedirs(inner)
        path = os.path.join(folder, "pyproject.toml")

        def write(text):
            with open(path, "w") as file:
                file.write(text)

        write("[project]\nname = 'x'\n")
        assert _options.load(inner) == {}
        write('[tool.ember]\nmode = "auto"\nwarmup = ["/", "POST /x"]\nwarmup-rounds = 5\nfreeze = false\nprecompile-workers = 2\n')
        assert _options.load(inner) == {"mode": "auto", "warmup": ["/", "POST /x"], "warmup_rounds": 5, "freeze": False, "precompile_workers": 2}
        os.environ |= {"EMBER_WARMUP": "package.module:function", "EMBER_FREEZE": "1", "EMBER_WARMUP_SECONDS": "2.5"}
        loaded = _options.load(inner)
        assert loaded["warmup"] == "package.module:function" and loaded["freeze"] is True and loaded["warmup_seconds"] == 2.5
        os.environ["EMBER_WARMUP"] = "/a, /b?x=1:2"
        assert _options.load(inner)["warmup"] == ["/a", "/b?x=1:2"]
        for text, part in (("[tool.ember]\nwarm = 1\n", "no option warm"), ("[tool.ember\n", path), ("[tool.ember]\nwarmup-rounds = -1\n", "warmup-rounds")):
            write(text)
            try:
                _options.load(inner)
            except _options.OptionError as error:
                assert part in str(error), error
            else:
                raise AssertionError(text)


def test_an_unknown_interpreter_still_warms_up():
    from ember import _native

    _native._module, _native._reason, _native._freeze_reason = None, *["it is made for something else"] * 2
    import gc

    frozen = gc.get_freeze_count()
    report = ember.prefork(lambda: None, quiet=True)
    assert report.freeze is None and gc.get_freeze_count() > frozen
