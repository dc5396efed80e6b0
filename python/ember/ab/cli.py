"""The command line of ``python -m ember ab``."""

from __future__ import annotations

import argparse
import os
import re
import signal
import sys

from . import report
from .measure import Comparison, Plan
from .servers import ServerError, Spec
from .traffic import TrafficError, load

TYPE_CHECKING = False
if TYPE_CHECKING:
    from types import FrameType
    from typing import Any

DESCRIPTION = """\
Compare two servers under load: processor time a request first of all, then requests a second, latencies and memory.

A and B are commands, with variables in front if need be ("EMBER=auto gunicorn -b {address} app:site"); {port} and {address} stand for a free port of this
machine, {python} for this interpreter. Or the address of a server that runs already (http://127.0.0.1:8000), of which only time can be measured. A file in TOML may have all of it:

    traffic = "traffic.toml"
    [a]
    command = "gunicorn -b {address} app:site"
    [b]
    command = "gunicorn -c python:ember.gunicorn -b {address} app:site"
    environment = { EMBER = "auto" }

The exit code is 0 when it was resolved, 3 when time was over before, 1 when answers were wrong."""

#: Options that a file may have too, under the same names.
OPTIONS = ("traffic", "resolution", "max_time", "starts", "warmup", "slice", "connections", "timeout", "confidence", "latency", "seed", "rounds")
UNITS = {"": 1.0, "s": 1.0, "m": 60.0, "min": 60.0, "h": 3600.0}


def seconds(text: str) -> float:
    """A time as people write it: 90, 90s, 10m, 1h."""
    found = re.fullmatch(r"([\d.]+)\s*([a-z]*)", text.strip())
    if not found or found[2] not in UNITS:
        raise argparse.ArgumentTypeError(f"{text!r} is no time: write 90s, 10m or 1h")
    return float(found[1]) * UNITS[found[2]]


def share(text: str) -> float:
    """A share as people write it: 0.25%, 0.0025."""
    try:
        value = float(text.removesuffix("%")) / (100 if text.endswith("%") else 1)
    except ValueError:
        raise argparse.ArgumentTypeError(f"{text!r} is no share: write 0.25% or 0.0025") from None
    if not 0 < value < 1:
        raise argparse.ArgumentTypeError(f"{text!r} is not between 0 and 100 %")
    return value


def parser() -> argparse.ArgumentParser:
    """What can be given on the command line."""
    made = argparse.ArgumentParser("python -m ember ab", description=DESCRIPTION, formatter_class=argparse.RawDescriptionHelpFormatter)
    made.add_argument("file", nargs="?", help="a TOML file with the servers and options")
    made.add_argument("--a", metavar="SERVER", help="the first server")
    made.add_argument("--b", metavar="SERVER", help="the second server; without it the first is compared with itself")
    made.add_argument("--names", default="A,B", help="what they are called in reports (default A,B)")
    made.add_argument("--folder", help="where both are started")
    made.add_argument("--traffic", metavar="FILE", help="the requests: TOML, HAR, or JSON lines as ember.ab.record writes them")
    made.add_argument("--resolution", type=share, metavar="SHARE", help="how narrow half the interval is to be (default 0.25%%)")
    made.add_argument("--max-time", type=seconds, metavar="TIME", help="measure no longer than that (default 10m)")
    made.add_argument("--starts", type=int, metavar="N", help="start both so many times anew (default 8)")
    made.add_argument("--warmup", type=int, metavar="N", help="requests before measuring, after each start (default 400)")
    made.add_argument("--slice", type=seconds, metavar="TIME", help="how long one server is driven at a time (default 1s)")
    made.add_argument("--connections", type=int, metavar="N", help="connections at a time (default two for each worker)")
    made.add_argument("--timeout", type=seconds, metavar="TIME", help="how long to wait for an answer (default 30s)")
    made.add_argument("--confidence", type=share, metavar="SHARE", help="of the intervals (default 95%%)")
    made.add_argument("--latency", type=seconds, metavar="TIME", help="how long latencies are measured at each start (default 4s; 0s for not)")
    made.add_argument("--rounds", type=int, metavar="N", help="no more rounds than that, over all starts")
    made.add_argument("--seed", type=int, help="of the order of requests")
    made.add_argument("--by-view", action="store_true", help="compare each view by itself as well, in half as much time again")
    made.add_argument("--fixed-layout", action="store_true", help="the same addresses at each start: sooner resolved, but to within an accident of layout")
    made.add_argument("--remote", action="store_true", help="allow addresses of other machines")
    made.add_argument("--json", metavar="FILE", help="write everything that was measured")
    made.add_argument("--html", metavar="FILE", help="write a page with plots")
    made.add_argument("--quiet", action="store_true", help="do not say how it goes")
    return made


def server(name: str, entry: Any, folder: str | None) -> Spec:
    """A server from what the file or the command line says of it."""
    if isinstance(entry, str):
        return Spec.parse(name, entry, folder=folder)
    command = entry["command"]
    variables = {key: str(value) for key, value in entry.get("environment", {}).items()}
    place = entry.get("folder", folder)
    called = entry.get("name", name)
    if isinstance(command, list):
        return Spec(called, [str(word) for word in command], variables, place)
    return Spec.parse(called, command, variables, place)


def plan_of(words: argparse.Namespace) -> Plan:
    """The plan that the command line and the file describe; ValueError if they do not describe one."""
    entries: dict[str, Any] = {}
    base = ""
    if words.file:
        import tomllib

        with open(words.file, "rb") as source:
            entries = tomllib.load(source)
        base = os.path.dirname(os.path.abspath(words.file))
    for option in OPTIONS:
        if (value := getattr(words, option)) is not None:
            entries[option] = value
        elif isinstance(entries.get(option), str) and option != "traffic":
            entries[option] = (share if option in ("resolution", "confidence") else seconds)(entries[option])
    first = words.a or entries.get("a")
    second = words.b or entries.get("b") or first
    if not first or not entries.get("traffic"):
        raise ValueError("a server (--a) and requests (--traffic) are needed")
    names = (words.names.split(",") + ["B"])[:2]
    folder = words.folder or entries.get("folder") or base or None
    traffic = entries["traffic"] if words.traffic else os.path.join(base, entries["traffic"])
    renamed = {"slice": "slice_seconds", "latency": "latency_seconds", "rounds": "max_rounds"}
    options = {renamed.get(key, key): value for key, value in entries.items() if key in OPTIONS and key != "traffic"}
    plan = Plan(server(names[0], first, folder), server(names[1], second, folder), load(traffic), **options)
    plan.by_view = words.by_view or bool(entries.get("by_view"))
    plan.fixed_layout = words.fixed_layout or bool(entries.get("fixed_layout"))
    plan.remote = words.remote
    return plan


def ended(number: int, frame: FrameType | None) -> None:
    """A signal that ends this process ends the servers too: by leaving the ``with`` blocks."""
    sys.exit(128 + number)


def main(arguments: list[str]) -> int:
    """Run the command; the exit code."""
    words = parser().parse_args(arguments)
    try:
        plan = plan_of(words)
    except (ValueError, KeyError, TypeError, OSError, argparse.ArgumentTypeError, TrafficError) as error:
        print(f"ember: ab: {f'{error} is missing' if isinstance(error, KeyError) else error}", file=sys.stderr)
        return 2
    for number in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, ended)
    comparison = Comparison(plan, (lambda text: None) if words.quiet else (lambda text: print(text, file=sys.stderr, flush=True)))
    try:
        result = comparison.run()
    except ServerError as error:
        print(f"ember: ab: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        if not comparison.result.rounds:
            return 130
        result = comparison.result
    print(report.text(result))
    for path, content in ((words.json, report.as_json), (words.html, report.html)):
        if path:
            with open(path, "w") as out:
                out.write(content(result))
    if result.a.problems or result.b.problems:
        return 1
    return 0 if result.resolved else 3
