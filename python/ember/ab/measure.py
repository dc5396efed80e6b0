"""The comparison: two servers, the same requests to both, in turns, until it is known how they compare.

A *start* runs both servers anew; a *round* gives both the same requests in the same order, one server right after the other and the other first in
the next round. What a round costs a server is the processor time of all its processes from the round's begin to its
end, so what it leaves for later (a compiler in the background) counts too. At the end of a start both get requests at
the same pace, below what the slower one can take, for the latencies, and their memory is looked at.

The invariant: everything that is compared was checked. Before it is measured each server answers every request once, and the
answers of A are what all later ones of both must be.
"""

from __future__ import annotations

import contextlib
import dataclasses
import math
import time

from .. import _native
from .servers import Memory, Server, ServerError, Spec
from .traffic import Deck, Traffic

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from typing import Any

#: Host header of requests that have none: the same for both servers, since pages contain it.
HOST = "localhost"
#: Rounds before an interval says anything, and the fewest of a start.
FEWEST = 8
#: Of what the slower server can take, so much is asked of both while latencies are measured.
PACE = 0.6
#: How many requests of a slice each connection sends at least.
TURNS = 4
#: Requests of a view at least, when views are compared one by one, and how many rounds there are between two such comparisons.
VIEW_REQUESTS, VIEW_EVERY = 6, 4
PERCENTILES = (50.0, 90.0, 95.0, 99.0, 99.9)


@dataclasses.dataclass
class Plan:
    """How a comparison is made."""

    a: Spec
    b: Spec
    traffic: Traffic
    #: Half of the interval is to be no wider than this share of the ratio.
    resolution: float = 0.0025
    #: At most so many seconds, without the starts of servers.
    max_time: float = 600.0
    #: How often both servers are started.
    starts: int = 8
    #: Requests to each server after a start, before anything is measured.
    warmup: int = 400
    #: Seconds for which one server is driven at a time.
    slice_seconds: float = 1.0
    #: Connections at a time; None for two for each worker.
    connections: int | None = None
    #: Seconds after which an answer is a failure.
    timeout: float = 30.0
    #: Whether views are compared one by one as well.
    by_view: bool = False
    #: Seconds for which latencies are measured, of each server at each start.
    latency_seconds: float = 4.0
    #: Whether addresses are the same at each start: starts then agree more than they should, see `servers.fix_layout`.
    fixed_layout: bool = False
    #: Whether the servers may be on another machine.
    remote: bool = False
    seed: int = 1
    #: Stop after so many rounds, whatever is known.
    max_rounds: int | None = None
    #: Of the intervals that are reported, and of the one that a difference must be outside of to be called one.
    confidence: float = 0.95
    verdict_confidence: float = 0.997


@dataclasses.dataclass
class Side:
    """What was found of one server."""

    name: str
    requests: int = 0
    cpu: float = 0.0
    saturated_seconds: float = 0.0
    saturated_requests: int = 0
    memory: list[Memory] = dataclasses.field(default_factory=list)
    start_seconds: list[float] = dataclasses.field(default_factory=list)
    #: Kind of problem → how often, and the first example.
    problems: dict[str, tuple[int, str, bytes]] = dataclasses.field(default_factory=dict)
    #: View → microseconds → how many answers took so long, at the common pace.
    latencies: dict[str, dict[int, int]] = dataclasses.field(default_factory=dict)

    @property
    def per_cpu_second(self) -> float:
        return self.requests / self.cpu if self.cpu else math.nan

    @property
    def per_second(self) -> float:
        return self.saturated_requests / self.saturated_seconds if self.saturated_seconds else math.nan

    @property
    def private(self) -> float:
        """Private memory of a worker, in bytes."""
        return sum(found.private for found in self.memory) / len(self.memory) if self.memory else math.nan

    def percentiles(self, view: str | None = None) -> dict[float, float]:
        """Latencies in milliseconds."""
        merged: dict[int, int] = {}
        for name, counts in self.latencies.items():
            if view in (None, name):
                for value, count in counts.items():
                    merged[value] = merged.get(value, 0) + count
        return percentiles(merged)


@dataclasses.dataclass
class Round:
    """One round: processor seconds of both servers for the same requests."""

    start: int
    requests: int
    cpu_a: float
    cpu_b: float
    first: str


@dataclasses.dataclass
class Result:
    """What came of a comparison. Ratios are A's cost by B's: above one, B is the better one."""

    plan: Plan
    a: Side
    b: Side
    rounds: list[Round] = dataclasses.field(default_factory=list)
    #: View → processor seconds of both; too few a start to tell starts apart.
    views: dict[str, list[tuple[float, float]]] = dataclasses.field(default_factory=dict)
    seconds: float = 0.0
    own_cpu: float = 0.0
    driven_cpu: float = 0.0
    rate: float = 0.0
    connections: int = 0

    @property
    def measured(self) -> str:
        """What the ratio is of."""
        return "CPU time" if self.driven_cpu else "Time"

    def pairs(self) -> list[list[tuple[float, float]]]:
        """Processor seconds of A and B by round, a list for each start."""
        starts = max((r.start for r in self.rounds), default=-1) + 1
        return [[(r.cpu_a, r.cpu_b) for r in self.rounds if r.start == start] for start in range(starts)]

    def interval(self, confidence: float | None = None) -> dict[str, float] | None:
        """The ratio of processor time a request, A's by B's, with its interval; None if too little is known."""
        return interval(self.pairs(), self.plan.confidence if confidence is None else confidence)

    def half_width(self) -> float:
        """Half of the interval, as a share."""
        found = self.interval()
        return math.log(found["high"] / found["low"]) / 2 if found else math.inf

    @property
    def resolved(self) -> bool:
        return self.half_width() <= self.plan.resolution

    def longer(self) -> float:
        """How many seconds more it would take until the interval is as narrow as asked, if all goes on like this."""
        width = self.half_width()
        return max(0.0, self.seconds * ((width / self.plan.resolution) ** 2 - 1)) if math.isfinite(width) else math.inf

    @property
    def differs(self) -> bool:
        """Whether there is a difference, in all likelihood."""
        found = self.interval(self.plan.verdict_confidence)
        return found is not None and not found["low"] <= 1.0 <= found["high"]

    def verdict(self) -> str:
        """A sentence about it."""
        found = self.interval()
        if self.a.problems or self.b.problems:
            return "Answers were wrong or missing: nothing can be said until that is mended."
        if found is None:
            return f"Too few rounds to say anything: {len(self.rounds)}."
        share = abs(found["ratio"] - 1) * 100
        if not self.differs:
            return f"No difference was found; one of more than {self.half_width() * 100:.2f} % would probably have been."
        unit = "CPU second" if self.driven_cpu else "second"
        return f"{self.b.name} serves {share:.2f} % {'more' if found['ratio'] > 1 else 'fewer'} requests per {unit} than {self.a.name}."


def interval(pairs: Sequence[Sequence[tuple[float, float]]], confidence: float, seed: int = 1) -> dict[str, float] | None:
    """See `ember_ab::stats`."""
    found: dict[str, float] | None = _native.load().interval([list(group) for group in pairs], confidence, seed)
    return found


def percentiles(counts: dict[int, int]) -> dict[float, float]:
    """Percentiles of a histogram of microseconds, in milliseconds."""
    total, seen, found = sum(counts.values()), 0, {}
    wanted = list(PERCENTILES)
    for value in sorted(counts):
        seen += counts[value]
        while wanted and seen >= math.ceil(total * wanted[0] / 100):
            found[wanted.pop(0)] = value / 1000
    return found


class Comparison:
    """A comparison under way."""

    def __init__(self, plan: Plan, say: Callable[[str], None] = lambda text: None) -> None:
        self.plan = plan
        self.say = say
        self.described = plan.traffic.described()
        for target in self.described:
            if not any(name.lower() == "host" for name, _ in target["headers"]):
                target["headers"].append(("Host", HOST))
        self.expected: list[int | None] = [None] * len(self.described)
        self.deck = Deck(plan.traffic, plan.seed)
        self.result = Result(plan, Side(plan.a.name), Side(plan.b.name))
        self.size = 0
        self.began = 0.0
        self.paused = 0.0

    @property
    def seconds(self) -> float:
        """How long it has been measuring."""
        return time.monotonic() - self.began - self.paused

    def run(self) -> Result:
        """Make the whole comparison."""
        self.began = time.monotonic()
        for start in range(self.plan.starts):
            if start and self.out_of_time():
                break
            self.one_start(start)
        self.result.seconds = self.seconds
        return self.result

    def out_of_time(self) -> bool:
        """Whether nothing more is to be measured."""
        return self.seconds >= self.plan.max_time

    def one_start(self, start: int) -> None:
        """Both servers, from their start to their end."""
        before = time.monotonic()
        with contextlib.ExitStack() as stack:
            servers = [stack.enter_context(Server(spec, self.plan.fixed_layout)) for spec in (self.plan.a, self.plan.b)]
            sides = (self.result.a, self.result.b)
            for server, side in zip(servers, sides):
                side.start_seconds.append(server.start_seconds)
                self.rehearse(server, side)
            workers = max(len(server.workers()) for server in servers)
            self.result.connections = self.plan.connections or max(2, 2 * workers)
            for server, side in zip(servers, sides):
                self.warm(server, side)
            self.paused += time.monotonic() - before
            # Each start gets its share of the time that is left.
            until = self.seconds + (self.plan.max_time - self.seconds) / (self.plan.starts - start)
            last = until - 4 * self.plan.latency_seconds if until - self.seconds > 8 * self.plan.latency_seconds else until
            self.rounds(start, servers, sides, last)
            self.latencies(servers, sides)
            for server, side in zip(servers, sides):
                server.check_alive()
                side.memory += server.memory()

    def drive(self, server: Server, side: Side, order: list[int], rate: float | None = None) -> dict[str, Any]:
        """Send an order of requests to a server; what came of it."""
        bounds = {
            "connections": self.result.connections or 1,
            "rate": rate,
            "timeout": self.plan.timeout,
            "longest": max(60.0, 10 * self.plan.slice_seconds),
            "remote": self.plan.remote,
            "keep_bodies": False,
        }
        outcome: dict[str, Any] = _native.load().drive(self.described, server.address, order, self.expected, bounds)
        for kind, (count, target, example) in outcome["problems"].items():
            known = side.problems.get(kind)
            where = str(self.plan.traffic.requests[target])
            side.problems[kind] = (count + known[0], *known[1:]) if known else (count, where, example)
        if not outcome["answered"]:
            server.check_alive()
            raise ServerError(f"server {server.spec.name} answered nothing: {', '.join(outcome['problems'])}\n{server.last_words()}")
        return outcome

    def rehearse(self, server: Server, side: Side) -> None:
        """Every request once; the first answers of all are what is right from then on."""
        self.result.connections = 0
        outcome = self.drive(server, side, list(range(len(self.described))))
        self.expected = outcome["digests"]
        if side.problems:
            kind, (_, where, example) = next(iter(side.problems.items()))
            self.say(f"{side.name}: {kind}: {where}: {example[:300]!r}")

    def warm(self, server: Server, side: Side) -> None:
        """Requests that are not measured, and how many of them fit into a slice."""
        outcome = self.drive(server, side, self.deck.draw(max(self.plan.warmup, 2 * self.result.connections)))
        per_second = outcome["answered"] / outcome["seconds"]
        # With fewer a slice would be over before the server is saturated.
        fits = max(TURNS * self.result.connections, int(per_second * self.plan.slice_seconds))
        self.size = min(self.size, fits) if self.size else fits
        self.say(f"{side.name}: warmed up with {outcome['answered']} requests, {per_second:.0f} a second")

    def rounds(self, start: int, servers: Sequence[Server], sides: Sequence[Side], until: float) -> None:
        """Rounds until this start's share of the time is over, or it adds nothing any more."""
        done = 0
        most = math.ceil(self.plan.max_rounds / self.plan.starts) if self.plan.max_rounds else math.inf
        while done < most and (done < FEWEST or self.seconds < until):
            self.one_round(start, servers, sides)
            done += 1
            if self.plan.by_view and done % VIEW_EVERY == 1:
                self.view_round(servers, sides)
            self.result.seconds = self.seconds
            if done % FEWEST == 0:
                found = self.result.interval()
                if found is None:
                    continue
                self.say(
                    f"round {len(self.result.rounds)}: {found['ratio']:.4f} ± {self.result.half_width() * 100:.2f} %"
                    f" after {self.seconds:.0f} s, {self.result.longer():.0f} s more for ± {self.plan.resolution * 100:.2f} %"
                )
                # What this start alone is known by: the others will have to know as much.
                alone = interval(self.result.pairs()[start:], self.plan.confidence)
                wanted = self.plan.resolution * math.sqrt(self.plan.starts)
                if alone and math.log(alone["high"] / alone["low"]) / 2 <= wanted and (start + 1 < self.plan.starts or self.result.resolved):
                    return

    def pair(self, servers: Sequence[Server], sides: Sequence[Side], order: list[int], turn: int) -> tuple[list[dict[str, Any]], list[float]]:
        """The same requests to both; what came of it, and what it cost."""
        before = [server.cpu() for server in servers]
        outcomes: list[Any] = [None, None]
        for which in (0, 1) if turn % 2 == 0 else (1, 0):
            outcomes[which] = self.drive(servers[which], sides[which], order)
        spent = [server.cpu() - cpu for server, cpu in zip(servers, before)]
        # An order that took too long was cut short: what counts is the cost of as many requests.
        costs = [cpu * len(order) / outcome["answered"] for cpu, outcome in zip(spent, outcomes)]
        self.result.own_cpu += sum(outcome["own_cpu"] for outcome in outcomes)
        self.result.driven_cpu += sum(spent)
        return outcomes, costs

    def one_round(self, start: int, servers: Sequence[Server], sides: Sequence[Side]) -> None:
        """A slice of each server."""
        turn = len(self.result.rounds)
        outcomes, costs = self.pair(servers, sides, self.deck.draw(self.size), turn)
        for side, outcome, cost in zip(sides, outcomes, costs):
            side.requests += outcome["answered"]
            side.cpu += cost * outcome["answered"] / self.size
            seconds, requests = outcome["saturated"]
            side.saturated_seconds += seconds
            side.saturated_requests += requests
        # A server that was not started here has no processor time to ask for: then it is time that is compared.
        if not all(costs):
            costs = [outcome["seconds"] * self.size / outcome["answered"] for outcome in outcomes]
        first = sides[turn % 2].name
        self.result.rounds.append(Round(start, outcomes[0]["answered"], costs[0], costs[1], first))

    def view_round(self, servers: Sequence[Server], sides: Sequence[Side]) -> None:
        """A slice of each server for each view."""
        for number, view in enumerate(self.plan.traffic.views):
            targets = [index for index, target in enumerate(self.described) if target["view"] == number]
            size = max(2 * len(targets), VIEW_REQUESTS)
            order = (targets * (size // len(targets) + 1))[:size]
            outcomes, costs = self.pair(servers, sides, order, len(self.result.rounds))
            if all(costs):
                self.result.views.setdefault(view, []).append((costs[0], costs[1]))

    def latencies(self, servers: Sequence[Server], sides: Sequence[Side]) -> None:
        """Both at the same pace, in turns; latencies count from when a request was due."""
        if self.plan.latency_seconds <= 0:
            return
        rate = PACE * min(side.per_second for side in sides)
        self.result.rate = rate
        order = self.deck.draw(max(2, int(rate * self.plan.latency_seconds / 2)))
        views = self.plan.traffic.views
        for which in (0, 1, 1, 0):
            outcome = self.drive(servers[which], sides[which], order, rate)
            for view, buckets in zip(views, outcome["latencies"]):
                counts = sides[which].latencies.setdefault(view, {})
                for value, count in buckets:
                    counts[value] = counts.get(value, 0) + count
