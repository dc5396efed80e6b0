"""Servers under load for minutes, while workers are killed, recycled and reloaded all the time. Nothing may be answered wrongly, and only what a killed worker had in hand may be lost.

usage: soak.py [--minutes N] [--every SECONDS] [SERVER…]

SERVER is gunicorn, gthread, uvicorn or uwsgi; all by default. Every so many seconds one thing happens, in turns: SIGKILL to a worker, a segmentation fault inside a request, SIGKILL, SIGSEGV
from outside (to gunicorn's; uWSGI's own handler of that signal is not safe), and each sixth time HUP with a changed application. Workers are recycled after some hundred requests besides. A request
is *in hand* if it was being made when a worker was killed; more of these than the worker can have are a failure, as is any request lost at another time. Prints a line a minute, and `N passed, N failed`.
"""

import json
import os
import pathlib
import random
import signal
import sys
import tempfile
import threading
import time

import site_work
import test_gunicorn
import test_uwsgi
from server import PROCESSES, Server, wait_for

MAX_REQUESTS = 400
THREADS = 4
#: Server → its command, and the requests a worker may have in hand.
SERVERS = {
    "gunicorn": (test_gunicorn.command("--max-requests", str(MAX_REQUESTS), "--max-requests-jitter", "100"), 1),
    "gthread": (test_gunicorn.command("-k", "gthread", "--threads", str(THREADS), "--max-requests", str(MAX_REQUESTS)), THREADS + 1),
    "uvicorn": (test_gunicorn.command("-k", "uvicorn_worker.UvicornWorker", "--max-requests", str(MAX_REQUESTS), app="site_app:asgi"), THREADS + 1),
    "uwsgi": (test_uwsgi.command(("max-requests", str(MAX_REQUESTS))), 1),
}
#: Seconds around a kill in which a lost request is one that was in hand: the killed worker's connections are closed when the kernel gets to it.
AROUND = 1.0


class Watched:
    """Requests from several threads, each checked; what is lost is remembered with when it was under way."""

    def __init__(self, server, threads=THREADS):
        self.server, self.stopped = server, False
        self.versions = {"one"}
        self.expected = [site_work.work(n) for n in range(7)]
        self.right, self.wrong, self.lost = [0] * threads, [], []
        self.threads = [threading.Thread(target=self._run, args=(index,)) for index in range(threads)]

    def _run(self, index):
        chance = random.Random(index)
        while not self.stopped:
            n = chance.randrange(8)
            began, versions = time.monotonic(), set(self.versions)
            try:
                body = self.server.get("/version" if n == 7 else f"/work?{n}")
            except OSError as error:
                self.lost.append((began, time.monotonic(), f"{type(error).__name__}: {error}"))
                continue
            except AssertionError as error:
                self.wrong.append(str(error))
                continue
            allowed = versions | self.versions if n == 7 else {self.expected[n]}
            if body in allowed:
                self.right[index] += 1
            else:
                self.wrong.append(f"{n} got {body[:100]!r}, not one of {allowed}")

    def __enter__(self):
        [thread.start() for thread in self.threads]
        return self

    def __exit__(self, *error):
        self.stopped = True
        [thread.join() for thread in self.threads]


class Trouble:
    """What is done to a server: one thing at a time, and what came of it."""

    def __init__(self, name, server, load):
        self.name, self.server, self.load = name, server, load
        self.kills, self.counts, self.problems = [], {}, []
        self.turn = 0

    def once(self):
        self.turn += 1
        if self.turn % 6 == 0:
            return self._reload()
        kind = ("kill", "fault", "kill", "outside")[self.turn % 4]
        if kind == "outside" and self.name == "uwsgi":
            kind = "fault"
        self.counts[kind] = self.counts.get(kind, 0) + 1
        if kind == "fault":
            began = time.monotonic()
            try:
                self.server.get(f"/die?{int(signal.SIGSEGV)}")
                self.problems.append("a killed worker answered")
            except OSError:
                # The request itself is one of those in hand, and is not counted by the load.
                self.kills.append((began, time.monotonic()))
            return None
        victim = int(self.server.get("/pid"))
        began = time.monotonic()
        os.kill(victim, signal.SIGKILL if kind == "kill" else signal.SIGSEGV)
        try:
            wait_for(lambda: not os.path.exists(f"/proc/{victim}/cwd"), "gone", 20)
        except AssertionError:
            self.problems.append(f"worker {victim} did not end by signal ({kind})")
        self.kills.append((began, time.monotonic()))
        return None

    def _reload(self):
        self.counts["reload"] = self.counts.get("reload", 0) + 1
        version = f"version {self.turn}"
        # While it reloads the old one and the new one answer.
        self.load.versions |= {version}
        self.server.set_version(version)
        os.kill(self.server.process.pid, signal.SIGHUP)
        try:
            wait_for(lambda: {self.server.get("/version") for _ in range(12)} == {version}, "the changed application serves", 60)
        except AssertionError as problem:
            self.problems.append(f"reload: {problem}")
        self.load.versions = {version}


def judge(name, trouble, load, in_hand):
    """→ what was wrong, a sentence each"""
    problems = list(trouble.problems)
    problems += [f"answered wrongly: {text}" for text in load.wrong]
    of_kill = [0] * len(trouble.kills)
    for began, ended, text in load.lost:
        near = [at for at, (first, last) in enumerate(trouble.kills) if began <= last + AROUND and ended >= first - AROUND]
        if near:
            of_kill[near[0]] += 1
        else:
            problems.append(f"lost without a kill, after {ended - began:.2f} s: {text}")
    problems += [f"a kill lost {count} requests, and the worker had {in_hand} at most" for count in of_kill if count > in_hand]
    return problems


def soak(name, minutes, every):
    """→ problems"""
    command, in_hand = SERVERS[name]
    variables = {"EMBER": "auto", "PYTHONPATH": os.environ.get("PYTHONPATH", "")}
    if "UWSGI_LIBRARIES" in os.environ and name == "uwsgi":
        variables["LD_LIBRARY_PATH"] = os.environ["UWSGI_LIBRARIES"]
    with tempfile.TemporaryDirectory() as folder, Server(command, folder, variables) as server:
        began = said = time.monotonic()
        with Watched(server) as load:
            trouble = Trouble(name, server, load)
            while time.monotonic() < began + minutes * 60:
                time.sleep(every)
                trouble.once()
                if time.monotonic() > said + 60:
                    said = time.monotonic()
                    print(f"{name}: {said - began:.0f} s, {sum(load.right)} right, {len(load.wrong)} wrong, {len(load.lost)} lost, {json.dumps(trouble.counts)}", flush=True)
        problems = judge(name, trouble, load, in_hand)
        workers = server.workers()
        if len(workers) != PROCESSES:
            problems.append(f"{len(workers)} workers answer in the end")
        if not all(frozen for frozen, _ in server.frozen()):
            problems.append("the heap is not frozen in the end")
    seconds = time.monotonic() - began
    print(f"{name}: {seconds:.0f} s, {sum(load.right)} right, {len(load.wrong)} wrong, {len(load.lost)} lost, {json.dumps(trouble.counts)}", flush=True)
    return problems


def main(words):
    minutes, every, names = 10.0, 5.0, []
    words = list(words)
    while words:
        word = words.pop(0)
        if word == "--minutes":
            minutes = float(words.pop(0))
        elif word == "--every":
            every = float(words.pop(0))
        elif word in SERVERS:
            names.append(word)
        else:
            print(__doc__.strip())
            return 2
    failed = 0
    names = names or list(SERVERS)
    for name in names:
        problems = soak(name, minutes, every)
        for problem in problems[:20]:
            print(f"{name}: {problem}", flush=True)
        failed += bool(problems)
    print(f"{len(names) - failed} passed, {failed} failed")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))
    sys.exit(main(sys.argv[1:]))
