"""`python -m ember memory`: what a child has for itself, what lies there, and why."""

import contextlib
import io
import json
import os
import signal
import subprocess
import sys
import tempfile

import ember
from ember import _memory
from support import freeze

NAMES = {f"name {i}": i for i in range(3000)}
NUMBERS = [float(i) for i in range(3000)]


def cold(items):
    total = 0
    for item in items:
        total += len(item) if isinstance(item, str) else item
    return total


class Child:
    """A forked child that does something and stays."""

    def __init__(self, act):
        read, write = os.pipe()
        self.pid = os.fork()
        if self.pid == 0:
            kept = act()
            os.write(write, b"x")
            signal.pause()
            os._exit(len(kept or ""))
        os.close(write)
        os.read(read, 1)
        os.close(read)

    def __enter__(self):
        return self

    def __exit__(self, *error):
        os.kill(self.pid, signal.SIGKILL)
        os.waitpid(self.pid, 0)


@contextlib.contextmanager
def frozen_map():
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, "map")
        freeze(map=path)
        yield path


def look(child, heap, by="object"):
    explainer = _memory.Explainer(heap, _memory.Process(os.getpid()))
    return _memory.analyse(_memory.Process(child.pid), explainer, by, 1000)


def test_the_map_has_everything_where_it_is():
    with frozen_map() as path:
        heap = _memory.HeapMap(path)
        assert heap.pid == os.getpid()

        def at(address):
            return {heap.types[row[2]] for row in heap.on(address, address + 1)}

        for value in (NAMES, NUMBERS, cold, cold.__code__, ember, "an_interned_text", NUMBERS[7], Child):
            assert type(value).__name__ in {name.rpartition(".")[2] for name in at(id(value))}, value
        code = next(heap.on(id(cold.__code__), id(cold.__code__) + 1))
        assert heap.modules[code[3]] == __file__ and heap.before.get(code[0], 0) == 0
        assert heap.before[next(heap.on(id(NAMES), id(NAMES) + 1))[0]] == 16
        # Times without a zone are allocated shorter than their type says.
        rows = sorted(row for row in heap.rows if not heap.types[row[2]].startswith("datetime."))
        overlapping = [(a, b) for a, b in zip(rows, rows[1:]) if a[1] > b[0]]
        assert overlapping == [], [(heap.types[a[2]], heap.types[b[2]]) for a, b in overlapping[:5]]
        # A second freeze adds a section.
        before, fresh = len(heap.rows), [[i] for i in range(500)]
        freeze(map=path)
        assert len(_memory.HeapMap(path).rows) >= before + 500 and fresh


def test_writes_are_explained():
    mortal = open(os.devnull)

    def act():
        NAMES["name 5"] = "changed"
        NUMBERS[9] = "changed"
        for _ in range(5):
            cold([1, "a"])
        return [mortal] * 10

    with frozen_map() as path, Child(act) as child:
        heap = _memory.HeapMap(path)
        report = look(child, heap)
        found = {(row["type"], row["reason"]) for row in report["objects"]}
        assert ("(table of a dict)", "dict write") in found and ("(items of a list)", "list write") in found, found
        assert ("code", "bytecode and its caches") in found, found
        assert ("_io.TextIOWrapper", "reference count") in found, found
        assert "note" not in report and report["private_pages"] * _memory.PAGE == sum(report["regions"].values())
        page = next(row for row in look(child, heap, "page")["pages"] if row["address"] == id(cold.__code__) & -_memory.PAGE)
        assert any("bytecode" in text for text in page["on"]), page
        assert any(row["module"] == __file__ for row in look(child, heap, "module")["modules"])


def test_a_child_that_only_looks_writes_little():
    """Counting references, hashing and looking up attributes of frozen objects leaves their pages alone."""

    def act():
        for _ in range(3):
            [(name, hash(name), value) for name, value in NAMES.items()]
            [number for number in NUMBERS]
            [(module.__name__, vars(module)) for module in list(sys.modules.values())]

    act()
    with frozen_map() as path, Child(act) as child:
        report = look(child, _memory.HeapMap(path))
        frozen = [row for row in report["objects"] if row["reason"] in ("reference count", "collector's header")]
        assert sum(row["pages"] for row in frozen) <= 5, frozen


def test_the_command():
    with frozen_map() as path, Child(lambda: bytearray(b"x") * (8 << 20)) as child:
        run = [sys.executable, "-m", "ember", "memory"]
        options = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "text": True}
        text = subprocess.run([*run, "--tree", str(os.getpid()), "--map", path], **options)
        assert text.returncode == 0 and str(child.pid) in text.stdout and "MiB" in text.stdout, text
        reports = {row["pid"]: row for row in json.loads(subprocess.run([*run, "--tree", str(os.getpid()), "--json"], **options).stdout)}
        assert {os.getpid(), child.pid} <= set(reports)
        assert reports[child.pid]["private_dirty"] >= 8 << 20 and reports[child.pid]["rss"] > reports[child.pid]["private_dirty"]
        page = path + ".html"
        assert subprocess.run([*run, str(child.pid), "--map", path, "--html", page], **options).returncode == 0
        with open(page) as source:
            html = source.read()
        assert html.startswith("<!doctype html>") and f"<h2>{child.pid}: " in html and "class=bar" in html and "<table>" in html
        absent = subprocess.run([*run, "999999999"], **options)
        assert absent.returncode == 1 and absent.stderr == "ember: there is no process 999999999\n", absent
        with open(page, "w") as out:
            out.write('{"something": "else"}\n')
        assert "no map of a frozen heap" in subprocess.run([*run, str(child.pid), "--map", page], **options).stderr
        assert subprocess.run([*run, "--help"], **options).stdout.startswith("usage")


def test_memory_that_may_not_be_read():
    with frozen_map() as path, Child(lambda: NAMES.update(x=1)) as child:
        explainer = _memory.Explainer(_memory.HeapMap(path), None)
        report = _memory.analyse(_memory.Process(child.pid), explainer, "object", 1000)
        assert "ptrace_scope" in report["note"] and any(row["type"] == "(table of a dict)" for row in report["objects"])
        assert "reasons are unknown" in _memory.as_text([report], 5)


def test_a_map_that_cannot_be_written():
    with contextlib.redirect_stderr(io.StringIO()) as said:
        report = freeze(map="/nonexistent/map")
    assert report.objects > 1000 and "/nonexistent/map" in said.getvalue()
