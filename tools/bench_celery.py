"""`./x bench celery`: what a task costs in Celery's prefork pool, and what its processes have for themselves. Never a test: nothing fails by a figure.

usage: ./x bench celery [--processes N] [--rounds N] [--tasks N] [--json FILE]

The task is the digest of the site in `examples/feed`: queries, a ranking in plain Python, a template. Messages and results are files. Two pools run, one plain and one whose main process Ember
has prepared; in each of --rounds each in turn does the same --tasks tasks, and what counts is the processor time of the pool's processes. The texts must be the same.
"""

import contextlib
import json
import os
import pathlib
import signal
import statistics
import subprocess
import sys
import tempfile
import time

import programs
import site_load
import suite_servers
import web

WAYS = ("plain", "ember-nojit", "ember")
#: The ways between which rounds go back and forth, after so many tasks for each process.
COMPARED, WARM = ("plain", "ember"), 40
#: Seconds until a pool is ready, and for a round.
PATIENCE = 300


def is_done(pending):
    """Whether a task's result is there: not if its file is being written."""
    from kombu.exceptions import DecodeError

    try:
        return pending.ready()
    except DecodeError:
        return False


class Pool:
    """Celery's main process and its pool, with a broker of its own, while a ``with`` block lasts."""

    def __init__(self, name, database, scratch, processes):
        self.name, self.processes = name, processes
        self.folder = pathlib.Path(scratch, name)
        self.folder.mkdir()
        self.log = self.folder / "log"
        python = programs.plain().command if name == "plain" else [sys.executable]
        options = ["-A", "hearth.celery", "worker", "--pool", "prefork", "-c", str(processes), "--without-gossip", "--without-mingle", "--without-heartbeat"]
        self.command = [*python, "-m", "celery", *options, "-l", "info"]
        self.variables = site_load.variables(database) | {"FEED_BROKER": str(self.folder), "DJANGO_SETTINGS_MODULE": "hearth.settings"}
        self.variables["PYTHONPATH"] += os.pathsep + str(suite_servers.PACKAGES)
        if name == "ember":
            self.variables["EMBER"] = "auto"

    def __enter__(self):
        from hearth.celery import made

        with open(self.log, "w") as log:
            self.main = subprocess.Popen(self.command, cwd=site_load.SITE, env=self.variables, stdout=log, stderr=log, stdin=subprocess.DEVNULL)
        self.app = made(str(self.folder))
        self.wait_until(lambda: "ready." in self.log.read_text(), "the pool is ready")
        return self

    def __exit__(self, *problem):
        self.main.send_signal(signal.SIGTERM)
        with contextlib.suppress(subprocess.TimeoutExpired):
            self.main.wait(30)
        self.main.kill()
        self.main.wait()

    def wait_until(self, condition, what):
        """Wait until `condition` holds."""
        deadline = time.monotonic() + PATIENCE
        while not condition():
            if self.main.poll() is not None or time.monotonic() > deadline:
                raise SystemExit(f"bench_celery: {self.name}: not so: {what}\n{self.log.read_text()[-3000:]}")
            time.sleep(0.05)

    def pool(self):
        """The processes of the pool."""
        from ember.ab.servers import children

        return children(self.main.pid)

    def cpu(self):
        """Seconds of processor time that the pool has used."""
        from ember.ab.servers import cpu_seconds

        return sum(map(cpu_seconds, self.pool()))

    def work(self, handles):
        """Have a digest made for each of the members. → (milliseconds of the pool's processor time a task, the texts)"""
        before = self.cpu()
        pending = [self.app.send_task("digest", [handle]) for handle in handles]
        self.wait_until(lambda: all(map(is_done, pending)), "the tasks are done")
        texts = [result.get() for result in pending]
        # A process saves the result before it is done with the task.
        time.sleep(0.2)
        return (self.cpu() - before) / len(handles) * 1e3, texts

    def private(self):
        """Private memory of a process of the pool, in MB."""
        from ember.ab.servers import memory

        found = [memory(pid) for pid in self.pool()]
        return statistics.median(one.private for one in found if one) / 1e6


def handles(database, count):
    """The names of so many members, the same ones again if there are fewer."""
    import sqlite3

    with contextlib.closing(sqlite3.connect(database)) as connection:
        found = [row[0] for row in connection.execute("select handle from feed_profile order by id")]
    return [found[number % len(found)] for number in range(count)]


def measure(known, scratch, options):
    """→ ({way: figures}, the ratios of the rounds)"""
    wanted = handles(known["plain"], options["tasks"])
    figures, ratios = {name: {"ms": []} for name in WAYS}, []
    with contextlib.ExitStack() as stack:
        pools = [stack.enter_context(Pool(name, known[name], scratch, options["processes"])) for name in WAYS]
        right = {}

        def work(pool, handles):
            """What a task costs; every member's text must be the same everywhere."""
            cost, texts = pool.work(handles)
            if any(right.setdefault(handle, text) != text for handle, text in zip(handles, texts, strict=True)):
                raise SystemExit(f"bench_celery: {pool.name} writes another text than {WAYS[0]}")
            return cost

        for pool in pools:
            print(f"{pool.name} …", file=sys.stderr, flush=True)
            work(pool, handles(known["plain"], WARM * options["processes"]))
        compared = [pool for pool in pools if pool.name in COMPARED]
        for turn in range(options["rounds"]):
            found = {}
            for pool in compared[:: 1 if turn % 2 else -1]:
                found[pool.name] = work(pool, wanted)
                figures[pool.name]["ms"].append(found[pool.name])
            ratios.append(found["plain"] / found["ember"])
        # The one that is not compared has done as much by then.
        work(pools[1], wanted * options["rounds"])
        for pool in pools:
            figures[pool.name]["private_mb"] = pool.private()
    return figures, ratios


def main(words):
    options = {"processes": 4, "rounds": 12, "tasks": 120, "json": ""}
    if (unknown := site_load.read_options(words, options)) is not None:
        print(__doc__.strip())
        return 0 if unknown in ("h", "-h", "help") else 2
    web.install("feed")
    suite_servers.install()
    sys.path += [str(suite_servers.PACKAGES), str(site_load.SITE)]
    with tempfile.TemporaryDirectory() as scratch, site_load.databases(WAYS, scratch) as known:
        figures, ratios = measure(known, scratch, options)
    print(f"{'':34}" + "".join(f"{name:>13}" for name in WAYS))
    medians = {name: statistics.median(found["ms"]) for name, found in figures.items() if found["ms"]}
    print(f"{'processor time of a task, ms':34}" + "".join(f"{medians[name]:>13.2f}" if name in medians else f"{'–':>13}" for name in WAYS))
    print(f"{'private memory of a process, MB':34}" + "".join(f"{figures[name]['private_mb']:>13.1f}" for name in WAYS))
    low, *_, high = statistics.quantiles(ratios, n=10) if len(ratios) > 1 else [ratios[0]] * 2
    print(f"plain by ember: {statistics.median(ratios):.2f} ({low:.2f} to {high:.2f} in eight rounds of ten); private memory of plain's: {figures['ember']['private_mb'] / figures['plain']['private_mb']:.0%}")
    if options["json"]:
        pathlib.Path(options["json"]).write_text(json.dumps({"pools": figures, "ratios": ratios}, indent=1) + "\n")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
