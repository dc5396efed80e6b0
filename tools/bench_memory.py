"""Private memory of a Django site's workers under gunicorn: plain preload, preload with gc.freeze, and Ember.

usage: bench_memory.py [--workers N] [--requests N] [--json FILE] [SETUP…]

Each setup (plain, gc.freeze, ember-off, ember; `ember` has the JIT on) serves examples/django_app with gunicorn's own kind of workers. Requests go
round over the views, from several connections, until each worker has had --requests on average. Then
/proc/PID/smaps_rollup of every worker is read, and medians are printed: what a worker has for itself (private dirty), its
share of everything (PSS) and all it has mapped (RSS), in MB.
"""

import argparse
import concurrent.futures
import http.client
import json
import os
import pathlib
import signal
import socket
import statistics
import subprocess
import sys
import tempfile
import time

import suite_servers
import web

#: Setup → (variables, configuration).
PRELOAD = "preload_app = True\n"
SETUPS = {
    "plain": ({}, PRELOAD),
    "gc.freeze": ({}, PRELOAD + "def when_ready(server):\n    import gc\n    gc.collect()\n    gc.freeze()\n"),
    "ember-off": ({"EMBER": "off"}, "from ember.gunicorn import *\n"),
    "ember": ({"EMBER": "auto"}, "from ember.gunicorn import *\n"),
}
#: What is requested; all but the forms, which would fill the database.
PATHS = ["/?page=2", "/api/posts/?page=1", "/api/posts/7/", "/json/", "/async/", "/ranking/?n=120", "/api/posts/999999/", "/?page=1"]
CONNECTIONS = 16


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def memory(pid):
    """{name: MB} of a process."""
    figures = {}
    for line in pathlib.Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines():
        words = line.split()
        if words[-1:] == ["kB"]:
            figures[words[0].rstrip(":")] = int(words[1]) / 1024
    return {"private": figures["Private_Dirty"], "pss": figures["Pss"], "rss": figures["Rss"]}


def children(pid):
    return [int(word) for word in pathlib.Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]


def get(port, path, tries=1):
    """→ (status, body) on a connection of its own."""
    for attempt in range(tries):
        try:
            connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
            connection.request("GET", path)
            answer = connection.getresponse()
            return answer.status, answer.read()
        except OSError:
            if attempt + 1 == tries:
                raise
            time.sleep(0.2)
        finally:
            connection.close()


def measure(setup, workers, requests, scratch):
    """Serve, request, look. → figures"""
    variables, configuration = SETUPS[setup]
    port, folder = free_port(), pathlib.Path(scratch) / setup
    folder.mkdir()
    (folder / "configuration.py").write_text(configuration)
    # The packages of all sites lie together, and Django REST framework imports this one where it finds it: each worker's memory, if nothing warms it up before the fork.
    (folder / "psycopg.py").write_text("raise ImportError('this site does without')\n")
    environment = {k: v for k, v in os.environ.items() if not k.startswith(("EMBER", "PYTHON"))}
    environment |= web.variables(os.path.join(scratch, "sample.sqlite3")) | variables
    environment |= {"EMBER_WARMUP": ",".join(PATHS), "EMBER_WARMUP_ROUNDS": "60", "EMBER_WARMUP_SECONDS": "120", "HOME": str(folder)}
    environment["PYTHONPATH"] = os.pathsep.join(map(str, (folder, environment["PYTHONPATH"], web.EXAMPLES / "django_app", suite_servers.PACKAGES)))
    command = [sys.executable, "-m", "gunicorn", "-c", str(folder / "configuration.py"), "-w", str(workers), "-b", f"127.0.0.1:{port}", "wsgi"]
    with open(folder / "log", "w") as log:
        server = subprocess.Popen(command, env=environment, cwd=folder, stdout=log, stderr=log, stdin=subprocess.DEVNULL)
    try:
        deadline = time.monotonic() + 300
        while len(children(server.pid)) < workers:
            if server.poll() is not None or time.monotonic() > deadline:
                raise SystemExit(f"bench_memory: gunicorn did not start for {setup}:\n" + (folder / "log").read_text()[-2000:])
            time.sleep(0.2)
        get(port, "/json/", tries=20)
        wrong = 0
        with concurrent.futures.ThreadPoolExecutor(CONNECTIONS) as pool:
            for path, (status, _) in zip(PATHS * 10**6, pool.map(lambda i: get(port, PATHS[i % len(PATHS)]), range(requests * workers))):
                wrong += status != (404 if "999999" in path else 200)
        figures = [memory(pid) for pid in children(server.pid)]
        result = {name: statistics.median(figure[name] for figure in figures) for name in figures[0]}
        result |= {"master": memory(server.pid)["rss"], "wrong": wrong, "log": (folder / "log").read_text()}
        return result
    finally:
        server.send_signal(signal.SIGTERM)
        server.wait()


def fill(scratch):
    """Make the database once."""
    environment = os.environ | web.variables(os.path.join(scratch, "sample.sqlite3")) | {"DJANGO_SETTINGS_MODULE": "settings", "EMBER": "off"}
    program = "import django; django.setup(); import sample; sample.fill()"
    subprocess.run([sys.executable, "-c", program], env=environment, cwd=web.EXAMPLES / "django_app", check=True, stdout=subprocess.DEVNULL)


def main(argv):
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--workers", type=int, default=8)
    parser.add_argument("--requests", type=int, default=600, help="a worker")
    parser.add_argument("--json", help="file for the figures")
    parser.add_argument("setups", nargs="*", metavar="SETUP", default=[])
    options = parser.parse_args(argv)
    unknown = set(options.setups) - set(SETUPS)
    if unknown:
        parser.error(f"no setup {', '.join(unknown)}; there are {', '.join(SETUPS)}")
    web.install("django_app")
    suite_servers.install()
    results = {}
    with tempfile.TemporaryDirectory() as scratch:
        fill(scratch)
        print(f"{'MB a worker':<12}{'private dirty':>14}{'of plain':>10}{'of gc.freeze':>14}{'PSS':>8}{'RSS':>8}{'master':>8}   wrong answers")
        for setup in options.setups or SETUPS:
            result = results[setup] = measure(setup, options.workers, options.requests, scratch)
            ratios = [result["private"] / results[other]["private"] if other in results else float("nan") for other in ("plain", "gc.freeze")]
            print(
                f"{setup:<12}{result['private']:>14.1f}{ratios[0]:>10.0%}{ratios[1]:>14.0%}{result['pss']:>8.1f}{result['rss']:>8.1f}{result['master']:>8.1f}"
                f"   {result['wrong']}",
                flush=True,
            )
    if options.json:
        pathlib.Path(options.json).write_text(json.dumps(results, indent=1))
    return 1 if any(result["wrong"] for result in results.values()) else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
