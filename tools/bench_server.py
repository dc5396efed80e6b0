"""`./x bench server`: what the site of `examples/feed` costs, served plainly and by Ember. Never a test: nothing fails by a figure.

usage: ./x bench server [--only PART[,PART…]] [--workers N] [--time SECONDS] [--requests N] [--starts N] [--turns N] [--forks N]
                        [--postgresql] [--json FILE] [--html FILE] [--server NAME]

Its parts, all of them unless --only names some, are printed in one run:

memory   private memory of a worker after --requests requests each, plain, with `gc.freeze()`, and by Ember with and without its compiler; the memory
         of compiled code and how much of it workers share
first    the first request of a worker after the fork against its hundredth, of --forks workers one after another; and how often each had to wait for a page
start    the time and the processor time from a master's start to its first answer, with the profile of an earlier master, plain and by Ember in turns,
         --turns of each; and what it takes until the master is prepared
cost     processor time a request, plain against Ember, over all views and by view, from `python -m ember ab`: at most --time seconds, --starts starts

--server serves by uwsgi, uvicorn (in gunicorn) or granian instead of gunicorn: memory and cost only.
"""

import json
import os
import pathlib
import signal
import statistics
import sys
import tempfile
import time

import site_load
import web

PARTS = ("memory", "first", "start", "cost")
#: Ways of serving that are looked at.
WAYS = ("plain", "gc-freeze", "ember-nojit", "ember")
#: The view whose first request is compared with its hundredth; this one is the median of so many around it.
VIEW, HUNDREDTH, AROUND = "home", 100, 10
#: Requests to each worker whose profile the next master begins with.
PROFILED = 1500
#: Seconds of which a worker uses none while it waits, and until it must do so.
IDLE, PATIENCE = 0.1, 120.0


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


def wait_for(condition, server, what):
    """Wait until `condition` gives something, and give that."""
    deadline = time.monotonic() + PATIENCE
    while time.monotonic() < deadline:
        if found := condition():
            return found
        time.sleep(0.01)
    raise SystemExit(f"bench_server: {server.spec.name}: not within {PATIENCE:.0f} s: {what}\n{server.last_words()}")


def wait_prepared(server):
    """Wait until Ember's master has said what it did: its children are workers from then on."""
    if server.spec.name.startswith("ember"):
        wait_for(lambda: "froze " in server.last_words(), server, "the master is prepared")


def home(traffic):
    """The number of the request whose first and hundredth are compared."""
    return next(index for index, request in enumerate(traffic.requests) if request.view == VIEW)


def code_memory(pid):
    """(bytes of compiled code that are mapped, bytes of them that are this process's alone)"""
    mapped = private = 0
    inside = False
    with open(f"/proc/{pid}/smaps") as source:
        for line in source:
            if "-" in line.split(" ", 1)[0]:
                # In a prepared master it lies in huge pages, which have no name.
                words = line.split(None, 5)
                inside = "x" in words[1] and (len(words) == 5 or "ember-code" in words[5])
            elif inside and line.startswith("Rss:"):
                mapped += int(line.split()[1]) * 1024
            elif inside and line.startswith("Private_"):
                private += int(line.split()[1]) * 1024
    return mapped, private


def memory(spec, traffic, options):
    """What the workers of one way of serving have after their requests. → figures"""
    from ember.ab import Server
    from ember.ab.traffic import Deck

    workers = options["workers"]
    with Server(spec) as server:
        wait_prepared(server)
        wait_for(lambda: len(server.workers()) >= workers, server, f"{workers} workers")
        drive(traffic, server, [home(traffic)] * workers, workers)
        drive(traffic, server, Deck(traffic).draw(workers * options["requests"]), 2 * workers)
        found = server.memory()
        codes = [code_memory(pid) for pid in server.workers()]
    return {
        "private_mb": statistics.median(one.private for one in found) / 1e6,
        "pss_mb": statistics.median(one.pss for one in found) / 1e6,
        "rss_mb": statistics.median(one.rss for one in found) / 1e6,
        "code_mb": statistics.median(mapped for mapped, _ in codes) / 1e6,
        "code_private_mb": statistics.median(private for _, private in codes) / 1e6,
        "workers": len(found),
    }


def idle(pid):
    """Whether a process does nothing."""
    from ember.ab.servers import cpu_seconds

    before = cpu_seconds(pid)
    time.sleep(IDLE)
    return cpu_seconds(pid) - before < IDLE / 20


def faults(pid):
    """How often a process had to wait until a page was made or copied."""
    with open(f"/proc/{pid}/stat") as source:
        return int(source.read().rpartition(")")[2].split()[7])


def first(spec, traffic, options):
    """What a worker's first requests cost it, of workers that replace each other. → figures"""
    from ember.ab import Server
    from ember.ab.servers import children, cpu_seconds

    costs = []
    with Server(spec) as server:
        gone = 0
        wait_prepared(server)
        for _ in range(options["forks"]):
            worker = wait_for(lambda: next((pid for pid in children(server.pid) if pid != gone), None), server, "a worker")
            wait_for(lambda: idle(worker), server, "a worker that waits for its first request")

            def cost(worker=worker):
                """Milliseconds of a request: processor time, what comes after the answer included; and until the answer is there. And its pages."""
                pages, before, began = faults(worker), cpu_seconds(worker), time.perf_counter()
                drive(traffic, server, [home(traffic)], 1)
                waited = time.perf_counter() - began
                time.sleep(0.01)
                return (cpu_seconds(worker) - before) * 1e3, waited * 1e3, faults(worker) - pages

            early = [cost(), cost()]
            # In one go: the less time there is between what is compared, the less differs by what else the machine does.
            drive(traffic, server, [home(traffic)] * (HUNDREDTH - AROUND // 2 - len(early)), 1)
            costs.append(early + [cost() for _ in range(AROUND)])
            gone = worker
            os.kill(worker, signal.SIGKILL)
    figures = {f"{name}_faults": statistics.median(each[number][2] for each in costs) for name, number in (("first", 0), ("second", 1), ("hundredth", -1))}
    for at, prefix in enumerate(("", "wall_")):
        firsts, seconds = ([each[number][at] for each in costs] for number in (0, 1))
        hundredths = [statistics.median(one[at] for one in each[-AROUND:]) for each in costs]
        ratios = [one / other for one, other in zip(firsts, hundredths)]
        named = {"first_ms": firsts, "second_ms": seconds, "hundredth_ms": hundredths, "ratio": ratios}
        figures |= {prefix + name: statistics.median(values) for name, values in named.items()} | {prefix + "ratios": ratios}
        # What else runs on the machine only ever adds, so the best of all has the least of it.
        figures[prefix + "best_ratio"] = min(firsts) / min(hundredths)
    return figures


def learn(spec, traffic, folder, workers):
    """Serve, and have the workers leave their profiles in a folder. → its path"""
    from ember.ab import Server
    from ember.ab.traffic import Deck

    path = os.path.join(folder, "profiles")
    os.makedirs(path, exist_ok=True)
    spec.variables["EMBER_JIT_PROFILE_SAVE"] = os.path.join(path, "{pid}.profile")
    with Server(spec) as server:
        drive(traffic, server, Deck(traffic).draw(workers * PROFILED), 2 * workers)
    if not os.listdir(path):
        raise SystemExit("bench_server: no worker has left a profile")
    return path


def one_start(spec, traffic, prepared):
    """From a master's start to its first answer. → seconds, processor seconds of all, both until it is prepared (or None)"""
    from ember.ab import Server
    from ember.ab.servers import cpu_seconds

    began = time.monotonic()
    with Server(spec) as server:
        drive(traffic, server, [len(traffic.requests) - 1], 1)
        answered, cpu = time.monotonic() - began, server.cpu()
        if not prepared:
            return answered, cpu, None, None
        wait_prepared(server)
        return answered, cpu, time.monotonic() - began, cpu_seconds(server.pid)


def start(known, traffic, scratch, options):
    """Starts of both ways in turns. → {way: figures}"""
    workers = options["workers"]
    path = learn(site_load.served("ember", known["ember"], scratch, 2), traffic, scratch, 2)
    specs = {name: site_load.served(name, known[name], scratch, workers) for name in ("plain", "ember")}
    specs["ember"].variables["EMBER_JIT_PROFILE"] = path
    found = {name: [] for name in specs}
    for turn in range(options["turns"]):
        for name in list(specs)[:: 1 if turn % 2 else -1]:
            found[name].append(one_start(specs[name], traffic, name != "plain"))
    keys = ("first_answer_s", "first_answer_cpu_s", "prepared_s", "prepared_cpu_s")
    middle = {name: {key: statistics.median(values) for key, values in zip(keys, zip(*each)) if values[0] is not None} for name, each in found.items()}
    return {name: figures | {"all_s": [each[0] for each in found[name]]} for name, figures in middle.items()}


def show_table(title, figures, rows):
    """One column for each way of serving."""
    print(f"\n{title:<38}" + "".join(f"{name:>13}" for name in figures))
    for label, key, digits in rows:
        print(f"{label:<38}" + "".join(f"{found[key]:>13.{digits}f}" if key in found else f"{'–':>13}" for found in figures.values()))


def show(part, figures, options):
    """What a part has found."""
    ember, plain = figures["ember"], figures["plain"]
    if part == "memory":
        rows = [("private memory, MB", "private_mb", 1), ("PSS, MB", "pss_mb", 1), ("RSS, MB", "rss_mb", 1), ("compiled code, MB", "code_mb", 1), ("of it private, MB", "code_private_mb", 1)]
        show_table(f"a worker, after {options['requests']} requests", figures, rows)
        shares = [f"{ember['private_mb'] / figures[name]['private_mb']:.0%} of {name}" for name in ("plain", "gc-freeze") if name in figures]
        print(f"private memory of ember: {', '.join(shares)}", flush=True)
    elif part == "first":
        rows = [("first, ms", "first_ms", 2), ("second, ms", "second_ms", 2), (f"{HUNDREDTH}th, ms", "hundredth_ms", 2), (f"first by {HUNDREDTH}th", "ratio", 2), ("the same of the best of all", "best_ratio", 2)]
        show_table(f"processor time of a worker's requests ({VIEW})", figures, rows)
        show_table("the same until the answer is there", figures, [(label, "wall_" + key, digits) for label, key, digits in rows])
        pages = [("first", "first_faults", 0), ("second", "second_faults", 0), (f"{HUNDREDTH}th", "hundredth_faults", 0)]
        show_table("pages that a request has to wait for", figures, pages)
    else:
        rows = [("first answer, s", "first_answer_s", 2), ("processor time until then, s", "first_answer_cpu_s", 2), ("master prepared, s", "prepared_s", 2), ("processor time of it, s", "prepared_cpu_s", 2)]
        show_table("start of a master with a profile", figures, rows)
        print(f"start to first answer, by plain: {ember['first_answer_s'] / plain['first_answer_s']:.2f}", flush=True)


def parse(words):
    """The command line as options; None if it cannot be read."""
    options = {
        "only": "", "workers": site_load.WORKERS, "time": 420.0, "requests": 600, "starts": 3, "turns": 5, "forks": 8,
        "postgresql": False, "json": "", "html": "", "server": "",
    }  # fmt: skip
    if site_load.read_options(words, options) is not None:
        return None
    possible = [part for part in PARTS if part in ("memory", "cost") or not options["server"]]
    options["parts"] = options.pop("only").split(",") if options["only"] else possible
    return options if set(options["parts"]) <= set(possible) and options["server"] in ("", *site_load.OTHERS) else None


def main(words):
    from ember import ab
    from ember.ab import report

    options = parse(words)
    if options is None:
        print(__doc__.strip())
        return 0 if words[0].lstrip("-") in ("h", "help") else 2
    web.install("feed")
    if options["server"]:
        site_load.suite_servers.install()
    traffic = ab.load(str(site_load.SITE / "traffic.toml"))
    figures, result, workers, server = {}, None, options["workers"], options["server"]

    def way(name, workers=workers):
        """A way of serving the site."""
        return site_load.served_by(server, name, known[name], workers) if server else site_load.served(name, known[name], scratch, workers)

    with tempfile.TemporaryDirectory() as scratch, site_load.databases(WAYS, scratch, options["postgresql"]) as known:
        for part in options["parts"]:
            print(f"{part} …", file=sys.stderr, flush=True)
            if part == "memory":
                ways = [name for name in WAYS if name != "gc-freeze" or not server]
                figures[part] = {name: memory(way(name), traffic, options) for name in ways}
            elif part == "first":
                figures[part] = {name: first(way(name, 1), traffic, options) for name in ("plain", "gc-freeze", "ember")}
            elif part == "start":
                figures[part] = start(known, traffic, scratch, options)
            else:
                plan = ab.Plan(way("plain"), way("ember"), traffic, max_time=options["time"], starts=options["starts"], warmup=150 * workers, by_view=True)
                result = ab.compare(plan, lambda text: print(text, file=sys.stderr, flush=True))
                print("\n" + report.text(result), flush=True)
                continue
            show(part, figures[part], options)
    if options["html"] and result is not None:
        pathlib.Path(options["html"]).write_text(report.html(result))
    if options["json"]:
        comparison = report.without_nan(report.summary(result)) if result is not None else None
        pathlib.Path(options["json"]).write_text(json.dumps({"servers": figures, "comparison": comparison}, indent=1) + "\n")
    return 1 if result is not None and (result.a.problems or result.b.problems) else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
