"""How long a saved view takes until it is live: hot reload against the restart of Django's own reloader.

usage: bench_reload.py [--apps N] [--extra N] [--saves N] [--restarts N]

Makes a Django project (300 modules of its own by default), serves it with `runserver`, saves a view again and again and asks until
the new answer comes. Prints medians: with hot reload, and with Django's reloader (which looks at files once a second), and how
long a fresh process takes to its first answer.
"""

import argparse
import http.client
import os
import pathlib
import signal
import statistics
import subprocess
import sys
import tempfile
import time

import suite_reload
import workshop

sys.path.insert(0, str(suite_reload.FOLDER))

from djangosite import write_project  # noqa: E402
from servers import edit, free_port  # noqa: E402


def ask(port, path):
    """The body of an answer; None if there is no server."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=20)
    try:
        connection.request("GET", path)
        return connection.getresponse().read().decode()
    except (OSError, http.client.HTTPException):
        return None
    finally:
        connection.close()


def until(port, path, wanted, process):
    """Ask until `wanted` is in the answer; seconds."""
    begin = time.perf_counter()
    while True:
        answer = ask(port, path)
        if answer is not None and wanted in answer:
            return time.perf_counter() - begin
        if process.poll() is not None:
            raise SystemExit("the server has ended")
        if time.perf_counter() - begin > 120:
            raise SystemExit(f"no answer with {wanted!r} within two minutes")
        time.sleep(0.002)


def serve(folder, words, port, log):
    """Start a server in a process group of its own."""
    variables = os.environ | {"PYTHONPATH": str(suite_reload.PACKAGES), "PYTHONDONTWRITEBYTECODE": ""}
    return subprocess.Popen(
        [sys.executable, *words, "manage.py", "runserver", "--skip-checks", f"127.0.0.1:{port}"],
        cwd=folder, env=variables, stdout=log, stderr=subprocess.STDOUT, start_new_session=True,
    )  # fmt: skip


def end(process):
    os.killpg(process.pid, signal.SIGKILL)
    process.wait()


def measure(folder, words, count, log):
    """(seconds to the first answer, seconds from each save to its answer)"""
    port = free_port()
    process = serve(folder, words, port, log)
    try:
        first = until(port, "/app3/", "hello", process)
        # The first analysis of the program is over before anybody has changed a line.
        time.sleep(8)
        view, seconds, old = folder / "app3" / "views.py", [], 'f"{GREETING} '
        for number in range(count):
            new = f'f"{{GREETING}} v{os.getpid()}.{number} '
            edit(view, old, new)
            seconds.append(until(port, "/app3/", f"v{os.getpid()}.{number} ", process))
            old = new
            time.sleep(0.2 if words else 1.2)
        edit(view, old, 'f"{GREETING} ')
        return first, seconds
    finally:
        end(process)


def main(argv):
    parser = argparse.ArgumentParser(usage=__doc__)
    parser.add_argument("--apps", type=int, default=20)
    parser.add_argument("--extra", type=int, default=94)
    parser.add_argument("--saves", type=int, default=30)
    parser.add_argument("--restarts", type=int, default=5)
    options = parser.parse_args(argv)
    suite_reload.install()
    with tempfile.TemporaryDirectory() as scratch:
        folder = pathlib.Path(os.path.realpath(scratch))
        count = write_project(folder, options.apps, options.extra)
        log_path = workshop.CACHE / "bench-reload.log"
        with open(log_path, "w") as log:
            first, live = measure(folder, ["-m", "ember", "dev", "--"], options.saves, log)
            print(f"{count} modules of the project; a save is live after: median {statistics.median(live) * 1000:.0f} ms,", end=" ")
            print(f"least {min(live) * 1000:.0f}, most {max(live) * 1000:.0f}, of {len(live)}")
            print(f"first answer after the start with hot reload: {first * 1000:.0f} ms")
            plain, restarts = measure(folder, [], options.restarts, log)
        print(f"Django's reloader: median {statistics.median(restarts) * 1000:.0f} ms of {len(restarts)}; first answer after the start: {plain * 1000:.0f} ms")
        lines = log_path.read_text().splitlines()
        print("restarts with hot reload:", sum("ember: restarting" in line for line in lines))


if __name__ == "__main__":
    main(sys.argv[1:])
