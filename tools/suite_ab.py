"""The A/B tool: files of requests, the recorder, servers and their processes, comparisons with right and wrong answers, reports.

Figures are not tested here, for machines are noisy: that intervals hold what they say is tested with made-up pairs in `ember-ab`.
"""

import contextlib
import io
import json
import os
import pathlib
import signal
import subprocess
import sys
import tempfile
import time
import unittest

import workshop
from ember import ab
from ember.ab import cli, measure, record, report, servers, traffic

SERVER = pathlib.Path(__file__).resolve().parent.parent / "tests" / "ab" / "server.py"
COMMAND = f"{{python}} {SERVER} {{port}}"
TRAFFIC = """
volatile = [{ after = "nonce=", until = ";" }]
[headers]
Accept = "text/plain"
[as.friend]
Cookie = "a=b"
[[request]]
name = "small"
weight = 3
path = "/work/1"
contains = "page"
[[request]]
name = "large"
as = "friend"
paths = ["/work/2", "/work/3"]
[[request]]
name = "form"
path = "/form"
form = { a = "b c" }
status = 302
"""


def written(folder, name, content):
    path = os.path.join(folder, name)
    with open(path, "w") as out:
        out.write(content)
    return path


class Case(unittest.TestCase):
    def setUp(self):
        scratch = tempfile.TemporaryDirectory()
        self.addCleanup(scratch.cleanup)
        self.folder = scratch.name
        self.traffic = written(self.folder, "traffic.toml", TRAFFIC)

    def plan(self, a="", b="", **changes):
        options = {"max_rounds": 4, "starts": 1, "warmup": 12, "slice_seconds": 0.05, "latency_seconds": 0.2, "timeout": 5.0} | changes
        specs = [servers.Spec.parse(name, f"{variables} {COMMAND}") for name, variables in (("A", a), ("B", b))]
        return ab.Plan(*specs, ab.load(self.traffic), **options)

    def command(self, *words):
        """The command line. → (exit code, what it printed)"""
        out, err = io.StringIO(), io.StringIO()
        with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
            code = cli.main([*words])
        return code, out.getvalue(), err.getvalue()


class TrafficFiles(Case):
    def test_toml(self):
        found = ab.load(self.traffic)
        self.assertEqual([str(r) for r in found.requests], ["small (GET /work/1)", "large (GET /work/2)", "large (GET /work/3)", "form (POST /form)"])
        small, large, _, form = found.requests
        self.assertEqual((small.weight, large.weight, small.contains), (3.0, 0.5, "page"))
        self.assertEqual(large.headers, (("Accept", "text/plain"), ("Cookie", "a=b")))
        self.assertEqual((form.body, form.status), (b"a=b+c", 302))
        self.assertIn(("Content-Type", "application/x-www-form-urlencoded"), form.headers)
        self.assertEqual(found.volatile, ((b"nonce=", b";"),))

    def test_what_is_wrong_is_said(self):
        for content, said in [
            ("", "'request' is missing"),
            ("[[request]]\nname = 'a'", "'path' is missing"),
            ("[[request]]\npath = '/'\nwieght = 2", "request 1 (without a name): no entry can be called wieght"),
            ("[[request]]\npath = '/'\nas = 'nobody'", "there is no table as.nobody"),
            ("[[request]]\npath = '/'\nweight = 0", "it has no weight or no path"),
            ("request = [", "Invalid value"),
        ]:
            with self.subTest(content), self.assertRaisesRegex(ab.TrafficError, said.replace("(", r"\(").replace(")", r"\)")):
                ab.load(written(self.folder, "wrong.toml", content))

    def test_har(self):
        def entry(url, status):
            headers = [{"name": "Cookie", "value": "a=b"}, {"name": "Host", "value": "x"}, {"name": ":path", "value": "/"}]
            return {"request": {"method": "GET", "url": url, "headers": headers}, "response": {"status": status}}

        entries = [entry("https://x.example/a?b=c", 200), entry("https://x.example/d", 404), entry("https://x.example/a?b=c", 200)]
        found = ab.load(written(self.folder, "saved.har", json.dumps({"log": {"entries": entries}})))
        self.assertEqual([(r.path, r.weight, r.status) for r in found.requests], [("/a?b=c", 2.0, 200), ("/d", 1.0, 404)])
        self.assertEqual(found.requests[0].headers, (("Cookie", "a=b"),))

    def test_orders_have_the_shares_that_weights_say(self):
        found = ab.load(self.traffic)
        deck, counts = traffic.Deck(found), [0, 0, 0, 0]
        for _ in range(100):
            order = deck.draw(7)
            self.assertEqual(len(order), 7)
            for index in order:
                counts[index] += 1
        self.assertEqual(counts, [420, 70, 70, 140])
        self.assertEqual(traffic.Deck(found, 5).draw(20), traffic.Deck(found, 5).draw(20))
        self.assertNotEqual(traffic.Deck(found, 5).draw(20), traffic.Deck(found, 6).draw(20))


class Recording(Case):
    def test_wsgi(self):
        def application(environ, start_response):
            start_response("201 Created", [])
            return [environ["wsgi.input"].read()]

        path = os.path.join(self.folder, "seen.jsonl")
        recorder = record.Recorder(application, path)
        environ = {"REQUEST_METHOD": "POST", "PATH_INFO": "/caf\xc3\xa9", "QUERY_STRING": "a=b", "CONTENT_LENGTH": "3", "CONTENT_TYPE": "text/plain"}
        for _ in range(2):
            environ["wsgi.input"], environ["HTTP_COOKIE"] = io.BytesIO(b"abc"), "c=d"
            self.assertEqual(b"".join(recorder(environ, lambda *words: None)), b"abc")
        self.assertEqual(os.stat(path).st_mode & 0o077, 0)
        (request,) = ab.load(path).requests
        self.assertEqual((request.method, request.path, request.body, request.status, request.weight), ("POST", "/caf%C3%A9?a=b", b"abc", 201, 2.0))
        self.assertEqual(request.headers, (("Cookie", "c=d"), ("Content-Type", "text/plain")))

    def test_asgi(self):
        async def application(scope, receive, send):
            await receive()
            await send({"type": "http.response.start", "status": 200, "headers": []})

        async def receive():
            return {"type": "http.request", "body": b"abc"}

        async def send(message):
            pass

        path = os.path.join(self.folder, "seen.jsonl")
        scope = {"type": "http", "method": "PUT", "path": "/a b", "query_string": b"", "headers": [(b"host", b"x"), (b"cookie", b"c=d")]}
        import asyncio

        asyncio.run(record.AsgiRecorder(application, path, most=1)(scope, receive, send))
        asyncio.run(record.AsgiRecorder(application, path, most=0)(scope, receive, send))
        (request,) = ab.load(path).requests
        self.assertEqual((request.path, request.body, request.headers), ("/a%20b", b"abc", (("cookie", "c=d"),)))


class Servers(Case):
    def test_specs(self):
        spec = servers.Spec.parse("x", "A=1 B='c d' run --now {port}")
        self.assertEqual((spec.command, spec.variables), (["run", "--now", "{port}"], {"A": "1", "B": "c d"}))
        self.assertEqual(servers.Spec.parse("x", "http://127.0.0.1:80/").address, "127.0.0.1:80")
        with self.assertRaisesRegex(ValueError, "no command"):
            servers.Spec.parse("x", "A=1")

    def test_processes_are_known_and_end(self):
        with servers.Server(servers.Spec.parse("x", COMMAND + " 3")) as server:
            before = server.cpu()
            deadline = time.monotonic() + 10
            while len(server.workers()) < 3 and time.monotonic() < deadline:
                time.sleep(0.01)
            pids = servers.tree(server.pid)
            self.assertEqual((len(pids), len(server.workers())), (4, 3))
            self.assertGreater(server.cpu(), 0.0)
            self.assertGreaterEqual(server.cpu(), before)
            self.assertTrue(all(0 < m.private <= m.rss for m in server.memory()))
        for pid in pids:
            self.assertFalse(os.path.exists(f"/proc/{pid}/smaps_rollup") and servers.memory(pid) and servers.memory(pid).rss)

    def test_processor_time_of_dead_children_counts(self):
        words = "import os\nfor _ in range(3):\n    if not os.fork():\n        sum(range(30_000_000)); os._exit(0)\n    os.wait()\ninput()"
        process = subprocess.Popen([sys.executable, "-c", words], stdin=subprocess.PIPE)
        self.addCleanup(process.communicate, b"\n")
        deadline = time.monotonic() + 60
        # What it took itself is a few hundredths.
        while servers.cpu_seconds(process.pid) <= time.clock_gettime((~process.pid << 3) | 2) + 0.3:
            self.assertLess(time.monotonic(), deadline)
            time.sleep(0.05)

    def test_a_server_that_does_not_start(self):
        with self.assertRaisesRegex(ab.ServerError, "(?s)ended with code 3.*no such thing"), servers.Server(servers.Spec.parse("x", """sh -c 'echo no such thing; exit 3'""")):
            pass
        with self.assertRaisesRegex(ab.ServerError, "cannot run /nowhere"), servers.Server(servers.Spec.parse("x", "/nowhere")):
            pass


class Comparisons(Case):
    def test_the_same_twice(self):
        result = ab.compare(self.plan())
        self.assertEqual((result.a.problems, result.b.problems), ({}, {}))
        self.assertEqual(len(result.rounds), 4)
        self.assertEqual(result.a.requests, result.b.requests)
        self.assertEqual([r.first for r in result.rounds], ["A", "B", "A", "B"])
        self.assertTrue(all(r.cpu_a > 0 and r.cpu_b > 0 for r in result.rounds))
        self.assertEqual(len(result.a.memory), 2)
        content = json.loads(report.as_json(result))
        self.assertTrue(content["bodies_identical"])
        self.assertLessEqual(content["cpu_ratio"]["low"], content["cpu_ratio"]["high"])
        self.assertEqual(set(content["a"]["latency_ms"]), {"p50", "p90", "p95", "p99", "p99.9"})
        self.assertIn("the bodies identical", report.text(result))
        self.assertIn("<svg", report.html(result))

    def test_more_work_costs_more(self):
        result = ab.compare(self.plan(b="EXTRA=4", max_rounds=12, by_view=True))
        self.assertTrue(result.differs, report.text(result))
        self.assertLess(result.interval()["high"], 0.7)
        self.assertEqual(set(result.views), {"small", "large", "form"})
        self.assertIn("fewer requests per CPU second than A", result.verdict())

    def test_wrong_answers_are_found(self):
        for fault, said in [("body", "another body"), ("status", "status 500 instead of 200"), ("close", "connection broke")]:
            with self.subTest(fault):
                result = ab.compare(self.plan(b=f"FAULT={fault} RIGHT=20", latency_seconds=0))
                self.assertEqual(result.a.problems, {})
                self.assertIn(said, result.b.problems)
                self.assertIn("nothing can be said", result.verdict())
                self.assertIn(said, report.text(result))

    def test_bodies_that_differ_from_the_first(self):
        result = ab.compare(self.plan(b="FAULT=body", latency_seconds=0))
        count, where, example = result.b.problems["another body"]
        self.assertIn("wrong", example.decode())
        self.assertIn("(GET /work/", where)

    def test_an_answer_that_does_not_come(self):
        result = ab.compare(self.plan(b="FAULT=hang RIGHT=8", timeout=0.3, warmup=8, max_rounds=1, latency_seconds=0))
        self.assertIn("no answer in time", result.b.problems)

    def test_a_server_that_dies(self):
        with self.assertRaisesRegex(ab.ServerError, "server B"):
            ab.compare(self.plan(b="FAULT=exit RIGHT=3"))

    def test_other_machines_are_left_alone(self):
        plan = self.plan()
        plan.b = servers.Spec("B", [], address="192.0.2.1:80")
        with self.assertRaisesRegex(ValueError, "192.0.2.1:80 is not an address of this machine"):
            ab.compare(plan)

    def test_servers_that_run_already(self):
        with servers.Server(servers.Spec.parse("x", COMMAND)) as server:
            plan = self.plan()
            plan.a, plan.b = (servers.Spec.parse(name, f"http://{server.address}/") for name in "AB")
            result = ab.compare(plan)
        self.assertEqual(result.driven_cpu, 0.0)
        self.assertEqual(len(result.rounds), 4)
        self.assertNotIn("CPU", report.text(result))
        self.assertNotIn("memory", report.text(result))

    def test_orders_end_in_time(self):
        with servers.Server(servers.Spec.parse("x", COMMAND)) as server:
            bounds = {"connections": 2, "rate": None, "timeout": 5.0, "longest": 0.3, "remote": False, "keep_bodies": True}
            described = ab.load(self.traffic).described()
            outcome = measure._native.load().drive(described, server.address, [1] * 100_000, [None] * 4, bounds)
        self.assertLess(outcome["sent"], 100_000)
        self.assertEqual(outcome["sent"], outcome["answered"])
        self.assertIn(b"page /work/2", outcome["bodies"][1])
        self.assertEqual(sum(count for view in outcome["latencies"] for _, count in view), outcome["answered"])

    def test_percentiles(self):
        self.assertEqual(measure.percentiles({1000: 98, 5000: 1, 9000: 1}), {50.0: 1.0, 90.0: 1.0, 95.0: 1.0, 99.0: 5.0, 99.9: 9.0})
        self.assertEqual(measure.percentiles({}), {})


class CommandLine(Case):
    quick = ("--rounds", "4", "--starts", "1", "--warmup", "12", "--slice", "0.05s", "--latency", "0s", "--quiet")

    def test_a_file_has_it_all(self):
        path = written(self.folder, "compare.toml", f"traffic = 'traffic.toml'\nresolution = '90%'\n[a]\nname = 'old'\ncommand = '{COMMAND}'\n[b]\nname = 'new'\ncommand = '{COMMAND}'\nenvironment = {{ EXTRA = 0 }}")
        json_path, html_path = (os.path.join(self.folder, name) for name in ("out.json", "out.html"))
        code, out, err = self.command(path, *self.quick, "--json", json_path, "--html", html_path)
        self.assertEqual((code, err), (0, ""))
        self.assertIn("old", out)
        with open(json_path) as source:
            self.assertTrue(json.load(source)["resolved"])
        with open(html_path) as source:
            self.assertIn("new", source.read())

    def test_time_that_was_too_short(self):
        code, out, _ = self.command("--a", COMMAND, "--traffic", self.traffic, "--resolution", "0.0001%", *self.quick)
        self.assertEqual(code, 3)
        self.assertIn("Not resolved", out)

    def test_wrong_answers(self):
        code, out, _ = self.command("--a", COMMAND, "--b", f"FAULT=body {COMMAND}", "--traffic", self.traffic, *self.quick)
        self.assertEqual(code, 1)
        self.assertIn("another body", out)

    def test_what_makes_no_sense(self):
        for words, said in [
            ([], "a server (--a) and requests (--traffic) are needed"),
            (["--a", "x", "--traffic", "/nowhere"], "No such file"),
            (["--a", "A=1", "--traffic", self.traffic], "no command"),
        ]:
            code, _, err = self.command(*words)
            self.assertEqual(code, 2)
            self.assertIn(said, err)

    def test_units(self):
        self.assertEqual([cli.seconds(text) for text in ("90", "1.5s", "10m", "1h")], [90.0, 1.5, 600.0, 3600.0])
        self.assertEqual([cli.share(text) for text in ("0.25%", "0.01")], [0.0025, 0.01])
        for text in ("soon", "5 weeks"):
            self.assertRaises(cli.argparse.ArgumentTypeError, cli.seconds, text)
        for text in ("0", "150%", "much"):
            self.assertRaises(cli.argparse.ArgumentTypeError, cli.share, text)

    def test_a_signal_ends_the_servers_too(self):
        words = [sys.executable, "-m", "ember", "ab", "--a", COMMAND, "--traffic", self.traffic, "--max-time", "5m", "--quiet"]
        process = subprocess.Popen(words, cwd=self.folder, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        deadline = time.monotonic() + 20
        while len(servers.tree(process.pid)) < 7 and time.monotonic() < deadline:
            time.sleep(0.05)
        started = servers.tree(process.pid)
        self.assertEqual(len(started), 7)
        process.send_signal(signal.SIGTERM)
        self.assertEqual(process.wait(30), 143)
        for pid in started:
            self.assertFalse(os.path.exists(f"/proc/{pid}/smaps_rollup") and servers.memory(pid) and servers.memory(pid).rss, pid)


if __name__ == "__main__":
    program = unittest.main(argv=[sys.argv[0], *sys.argv[1:]], exit=False, verbosity=1)
    failed = len(program.result.failures) + len(program.result.errors)
    sys.exit(workshop.closing(program.result.testsRun - failed, failed))
