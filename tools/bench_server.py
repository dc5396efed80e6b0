"""`./x bench server`: what the site of `examples/feed` costs, served plainly and by Ember. Never a test: nothing fails by a figure.

usage: ./x bench server [--workers N] [--time SECONDS] [--requests N] [--starts N] [--postgresql] [--json FILE] [--html FILE]

Printed are, in one run: private memory of a worker after --requests requests each, plain, with `gc.freeze()`, and by Ember
with and without its compiler; the first request of a worker against its hundredth; the time from a master's start to
its first answer; the memory of compiled code and how much of it workers share; and processor time a request, plain against
Ember, over all views and by view, from `python -m ember ab`.
"""

import json
import pathlib
import sys
import tempfile
import time

import site_load
import web

#: Ways of serving that are looked at.
WAYS = ("plain", "gc-freeze", "ember-nojit", "ember")
#: The view whose first request is compared with its hundredth.
VIEW, HUNDREDTH = "home", 100


def drive(traffic, server, order, connections):
    """Send an order of requests; what came of it. A wrong answer ends the whole thing."""
    from ember import _ember

    described = traffic.described()
    for target in described:
        target["headers"].append(("Host", "localhost"))
    bounds = {"connections": connections, "rate": None, "timeout": 120.0, "longest": 3600.0, "remote": False, "keep_bodies": False}
    outcome = _ember.drive(described, server.address, order, [None] * len(described), bounds)
    if outcome["problems"]:
        raise SystemExit(f"bench_server: {server.spec.name}: {({kind: problem[:2] for kind, problem in outcome['problems'].items()})}\n{server.last_words()}")
    return outcome


def code_memory(pid):
    """(bytes of compiled code that are mapped, bytes of them that are this process's alone)"""
    mapped = private = 0
    inside = False
    with open(f"/proc/{pid}/smaps") as source:
        for line in source:
            if "-" in line.split(" ", 1)[0]:
                inside = "ember" in line and "memfd" in line
            elif inside and line.startswith("Rss:"):
                mapped += int(line.split()[1]) * 1024
            elif inside and line.startswith("Private_"):
                private += int(line.split()[1]) * 1024
    return mapped, private


def one_server(spec, traffic, workers, requests):
    """What there is to know of one way of serving, from a single start. → figures"""
    from ember.ab import Server
    from ember.ab.traffic import Deck

    home = [index for index, request in enumerate(traffic.requests) if request.view == VIEW][:1]
    began = time.monotonic()
    with Server(spec) as server:
        drive(traffic, server, [len(traffic.requests) - 1], 1)
        first_answer = time.monotonic() - began
        deadline = time.monotonic() + 30
        while len(server.workers()) < workers and time.monotonic() < deadline:
            time.sleep(0.05)

        def cost():
            """Processor time of a request to each worker, as far as the kernel gives each one."""
            before = server.cpu()
            drive(traffic, server, home * workers, workers)
            return (server.cpu() - before) / workers * 1e3

        first = cost()
        drive(traffic, server, home * (workers * (HUNDREDTH - 2)), workers)
        hundredth = cost()
        drive(traffic, server, Deck(traffic).draw(max(workers, workers * (requests - HUNDREDTH))), workers)
        memory = server.memory()
        codes = [code_memory(pid) for pid in server.workers()]
        count = max(1, len(memory))
        return {
            "first_answer_s": first_answer,
            "first_ms": first,
            "hundredth_ms": hundredth,
            "private_mb": sum(m.private for m in memory) / count / 1e6,
            "pss_mb": sum(m.pss for m in memory) / count / 1e6,
            "rss_mb": sum(m.rss for m in memory) / count / 1e6,
            "code_mb": sum(mapped for mapped, _ in codes) / count / 1e6,
            "code_private_mb": sum(private for _, private in codes) / count / 1e6,
            "workers": len(memory),
        }


def show(figures, requests):
    """The table of ways of serving."""
    print(f"\n{'a worker, after ' + str(requests) + ' requests':<34}" + "".join(f"{name:>14}" for name in figures))
    rows = [
        ("private memory, MB", "private_mb", 1), ("PSS, MB", "pss_mb", 1), ("RSS, MB", "rss_mb", 1),
        ("compiled code, MB", "code_mb", 1), ("of it private, MB", "code_private_mb", 1),
        (f"its first request ({VIEW}), CPU ms", "first_ms", 2), (f"its {HUNDREDTH}th, CPU ms", "hundredth_ms", 2),
        ("master's start to first answer, s", "first_answer_s", 2),
    ]  # fmt: skip
    for label, key, digits in rows:
        print(f"{label:<34}" + "".join(f"{found[key]:>14.{digits}f}" for found in figures.values()))
    plain, frozen, ember = (figures[name] for name in ("plain", "gc-freeze", "ember"))
    print(f"\nprivate memory of ember: {ember['private_mb'] / plain['private_mb']:.0%} of plain, {ember['private_mb'] / frozen['private_mb']:.0%} of gc-freeze")
    print(f"first request by hundredth: plain {plain['first_ms'] / plain['hundredth_ms']:.2f}, ember {ember['first_ms'] / ember['hundredth_ms']:.2f}")
    print(f"start to first answer, by plain: {ember['first_answer_s'] / plain['first_answer_s']:.2f}", flush=True)


def main(words):
    from ember import ab
    from ember.ab import report

    options = {"workers": site_load.WORKERS, "time": 600.0, "requests": 600, "starts": 4, "postgresql": False, "json": "", "html": ""}
    words = list(words)
    while words:
        name = words.pop(0).removeprefix("--")
        if name not in options:
            print(__doc__.strip())
            return 0 if name in ("h", "-h", "help") else 2
        options[name] = True if options[name] is False else type(options[name])(words.pop(0))
    web.install("feed")
    traffic = ab.load(str(site_load.SITE / "traffic.toml"))
    with tempfile.TemporaryDirectory() as scratch, site_load.databases(WAYS, scratch, options["postgresql"]) as known:
        specs = {name: site_load.served(name, database, scratch, options["workers"]) for name, database in known.items()}
        figures = {}
        for name, spec in specs.items():
            print(f"{name} …", file=sys.stderr, flush=True)
            figures[name] = one_server(spec, traffic, options["workers"], options["requests"])
        show(figures, options["requests"])
        plan = ab.Plan(specs["plain"], specs["ember"], traffic, max_time=options["time"], starts=options["starts"], warmup=150 * options["workers"], by_view=True)
        result = ab.compare(plan, lambda text: print(text, file=sys.stderr, flush=True))
    print("\n" + report.text(result))
    if options["html"]:
        pathlib.Path(options["html"]).write_text(report.html(result))
    if options["json"]:
        pathlib.Path(options["json"]).write_text(json.dumps({"servers": figures, "comparison": report.without_nan(report.summary(result))}, indent=1) + "\n")
    return 1 if result.a.problems or result.b.problems else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
