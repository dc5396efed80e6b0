"""The site of `examples/feed` under load: seeded databases, ways of serving it, and a comparison for people to read.

usage: ./x demo site [--serve] [--postgresql] [--time SECONDS] [--workers N] [--html FILE]

Plain CPython with a preloading gunicorn against Ember, eight workers each, the same requests to both.
"""

import contextlib
import os
import shutil
import subprocess
import sys
import tempfile

import postgres
import programs
import suite_servers
import web

SITE = web.EXAMPLES / "feed"
WORKERS = 8
GUNICORN = ["-m", "gunicorn", "-b", "{address}", "--backlog", "1024", "--log-level", "warning"]

#: A plain server that has done what can be done without Ember: its heap is out of the collector's sight.
FROZEN = """
import gc
preload_app = True
def when_ready(server):
    server.app.wsgi()
    gc.collect()
    gc.freeze()
"""


def variables(database):
    """The environment of a server, without Ember."""
    found = {name: value for name, value in os.environ.items() if not name.startswith(("EMBER", "PYTHON", "FEED"))}
    return found | web.variables(database) | {"EMBER": "off"}


@contextlib.contextmanager
def databases(names, scratch, in_postgres=False):
    """{name: database}, all seeded alike."""
    first, *others = names
    with contextlib.ExitStack() as stack:
        make = stack.enter_context(postgres.server(scratch)) if in_postgres else None
        made = {first: make(f"feed_{first}") if make else os.path.join(scratch, f"{first}.sqlite3")}
        command = [*programs.plain().command, "manage.py", "seed"]
        subprocess.run(command, cwd=SITE, env=variables(made[first]), check=True, stdout=subprocess.DEVNULL)
        for name in others:
            made[name] = make(f"feed_{name}", f"feed_{first}") if make else os.path.join(scratch, f"{name}.sqlite3")
            if not make:
                shutil.copyfile(made[first], made[name])
        yield made


#: Granian's master by its own means, and prepared.
GRANIAN = {
    "plain": "from granian import Granian as serve; serve(sys.argv[1], **options).serve()",
    "ember": "import ember.granian; ember.granian.serve(sys.argv[1], **options)",
}
GRANIAN_OPTIONS = "import sys; options = dict(interface='wsgi', port=int(sys.argv[2]), workers=int(sys.argv[3]))\n"
#: What serves the site other than gunicorn with its own workers.
OTHERS = ("uvicorn", "uwsgi", "granian")


def prepared_by(name):
    """The variables of a server that is prepared by Ember: `ember` or `ember-nojit`."""
    return {"EMBER": "auto" if name == "ember" else "off", "EMBER_WARMUP": "sample:warm"}


def other_command(server, prepared, workers, uwsgi):
    """The command of a server, plain (as a preloading master, where it can be one) or `prepared` by Ember, in the same interpreter."""
    if server == "uvicorn":
        more = ["-c", "python:ember.gunicorn"] if prepared else ["--preload"]
        return [sys.executable, *GUNICORN, *more, "-k", "uvicorn_worker.UvicornWorker", "-w", str(workers), "hearth.asgi:application"]
    if server == "uwsgi":
        more = ["--import", "ember.uwsgi"] if prepared else []
        flags = ["--master", "--need-app", "--disable-logging", "--die-on-term", "--home", sys.prefix]
        return [uwsgi, *flags, *more, "--processes", str(workers), "--http-socket", "{address}", "--module", "hearth.wsgi:application"]
    program = GRANIAN_OPTIONS + GRANIAN["ember" if prepared else "plain"]
    return [sys.executable, "-c", program, "hearth.wsgi:application", "{port}", str(workers)]


def served_by(server, name, database, workers=WORKERS):
    """A way of serving the site by another server than gunicorn: `plain`, `ember` or `ember-nojit`."""
    from ember.ab import Spec

    prepared, there = name != "plain", suite_servers.environment()
    found = variables(database) | (prepared_by(name) if prepared else {})
    found["PYTHONPATH"] += os.pathsep + str(suite_servers.PACKAGES)
    if server == "uwsgi" and "UWSGI_LIBRARIES" in there:
        found["LD_LIBRARY_PATH"] = there["UWSGI_LIBRARIES"]
    return Spec(name, other_command(server, prepared, workers, there["UWSGI"]), found, str(SITE))


def served(name, database, scratch, workers=WORKERS):
    """A way of serving the site by gunicorn, for `ember.ab`: `plain`, `gc-freeze`, `ember` or `ember-nojit`."""
    from ember.ab import Spec

    more = ["-w", str(workers), "hearth.wsgi"]
    if name == "plain":
        return Spec(name, [*programs.plain().command, *GUNICORN, "--preload", *more], variables(database), str(SITE))
    if name == "gc-freeze":
        path = os.path.join(scratch, "frozen.conf.py")
        with open(path, "w") as out:
            out.write(FROZEN)
        return Spec(name, [*programs.plain().command, *GUNICORN, "-c", path, *more], variables(database), str(SITE))
    return Spec(name, [sys.executable, *GUNICORN, "-c", "python:ember.gunicorn", *more], variables(database) | prepared_by(name), str(SITE))


def show(options):
    """Compare, print, and serve if asked. → exit code"""
    from ember import ab
    from ember.ab import report

    web.install("feed")
    with tempfile.TemporaryDirectory() as scratch, databases(("plain", "ember"), scratch, options["postgresql"]) as known:
        specs = [served(name, database, scratch, options["workers"]) for name, database in known.items()]
        plan = ab.Plan(*specs, ab.load(str(SITE / "traffic.toml")), resolution=0.02, warmup=150 * options["workers"], max_time=options["time"], starts=1, by_view=True)
        result = ab.compare(plan, lambda text: print(text, file=sys.stderr, flush=True))
        print(report.text(result))
        if options["html"]:
            with open(options["html"], "w") as out:
                out.write(report.html(result))
        if options["serve"]:
            with ab.Server(specs[1]) as server:
                print(f"\nHearth is at http://{server.address}/ (log in as ada, password: by the fire). Ctrl-C ends it.", flush=True)
                with contextlib.suppress(KeyboardInterrupt):
                    server.process.wait()
    return 1 if result.a.problems or result.b.problems else 0


def read_options(words, options):
    """Take a command line's options, each of the type of its default. → the first that is unknown, or None"""
    words = list(words)
    while words:
        name = words.pop(0).removeprefix("--")
        if name not in options:
            return name
        options[name] = True if options[name] is False else type(options[name])(words.pop(0))
    return None


def main(words):
    options = {"serve": False, "postgresql": False, "time": 60.0, "workers": WORKERS, "html": ""}
    if (unknown := read_options(words, options)) is not None:
        print(__doc__.strip())
        return 0 if unknown in ("h", "-h", "help") else 2
    return show(options)
