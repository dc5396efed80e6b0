"""What came of a comparison: as text, as JSON, as a page with plots.

All three come from `summary`, so that they say the same.
"""

from __future__ import annotations

import json
import math

from .measure import Result, Side, interval

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

#: More of the servers' processor time than this and the generator disturbs what it measures.
TOO_MUCH = 0.1


def side(found: Side) -> dict[str, Any]:
    """One server's figures."""
    return {
        "name": found.name,
        "requests": found.requests,
        "cpu_seconds": found.cpu,
        "requests_per_cpu_second": found.per_cpu_second,
        "requests_per_second": found.per_second,
        "latency_ms": {f"p{key:g}": value for key, value in found.percentiles().items()},
        "latency_ms_by_view": {view: {f"p{k:g}": v for k, v in found.percentiles(view).items()} for view in found.latencies},
        "private_mb_per_worker": found.private / 1e6,
        "memory": [{"pid": m.pid, "rss": m.rss, "pss": m.pss, "private": m.private} for m in found.memory],
        "start_seconds": found.start_seconds,
        "problems": {kind: {"count": n, "first": where, "example": example.decode(errors="replace")[:20_000]} for kind, (n, where, example) in found.problems.items()},
    }


def summary(result: Result) -> dict[str, Any]:
    """Everything, as JSON has it."""
    views = {}
    for view, pairs in result.views.items():
        if found := interval([pairs], result.plan.confidence):
            views[view] = {**found, "pairs": len(pairs)}
    total = max((r.start for r in result.rounds), default=-1) + 1
    return {
        "verdict": result.verdict(),
        "resolved": result.resolved,
        "resolution": result.plan.resolution,
        "half_width": result.half_width(),
        "seconds": result.seconds,
        "seconds_more": None if result.resolved else result.longer(),
        "differs": result.differs,
        "confidence": result.plan.confidence,
        "cpu_ratio": result.interval(),
        "views": views,
        "a": side(result.a),
        "b": side(result.b),
        "starts": total,
        "rounds": [{"start": r.start, "requests": r.requests, "cpu_a": r.cpu_a, "cpu_b": r.cpu_b, "first": r.first} for r in result.rounds],
        "connections": result.connections,
        "latency_rate": result.rate,
        "generator_cpu_share": result.own_cpu / result.driven_cpu if result.driven_cpu else None,
        "bodies_identical": not (result.a.problems or result.b.problems),
    }


def without_nan(value: Any) -> Any:
    """JSON knows neither NaN nor infinity: None stands for them."""
    if isinstance(value, dict):
        return {key: without_nan(part) for key, part in value.items()}
    if isinstance(value, list):
        return [without_nan(part) for part in value]
    return None if isinstance(value, float) and not math.isfinite(value) else value


def as_json(result: Result) -> str:
    """All of it."""
    return json.dumps(without_nan(summary(result)), indent=1) + "\n"


def duration(value: float) -> str:
    """Seconds for people."""
    if not math.isfinite(value):
        return "a time that cannot be told yet"
    return f"{value:.0f} s" if value < 120 else f"{value / 60:.0f} min" if value < 7200 else f"{value / 3600:.1f} h"


def figure(value: float, digits: int = 1) -> str:
    """A number, or a dash where there is none."""
    return f"{value:,.{digits}f}" if math.isfinite(value) else "-"


def rows(result: Result) -> list[tuple[str, str, str, str]]:
    """The table: what, A, B, and B against A."""
    a, b = result.a, result.b

    def ratio(x: float, y: float) -> str:
        return f"{y / x:.3f}" if x and y and math.isfinite(x / y) else "-"

    table = []
    if result.driven_cpu:
        table.append(("requests per CPU second", figure(a.per_cpu_second, 2), figure(b.per_cpu_second, 2), ratio(a.per_cpu_second, b.per_cpu_second)))
        table.append(("CPU ms a request", figure(1e3 / a.per_cpu_second, 3), figure(1e3 / b.per_cpu_second, 3), ratio(b.per_cpu_second, a.per_cpu_second)))
    table.append(("requests a second", figure(a.per_second), figure(b.per_second), ratio(a.per_second, b.per_second)))
    pa, pb = a.percentiles(), b.percentiles()
    table += [(f"latency p{key:g}, ms", figure(pa[key], 2), figure(pb[key], 2), ratio(pa[key], pb[key])) for key in pa if key in pb]
    if a.memory and b.memory:
        table.append(("private memory a worker, MB", figure(a.private / 1e6), figure(b.private / 1e6), ratio(a.private, b.private)))
        for name in ("pss", "rss"):
            x, y = (sum(getattr(m, name) for m in found.memory) / len(found.memory) for found in (a, b))
            table.append((f"{name.upper()} a worker, MB", figure(x / 1e6), figure(y / 1e6), ratio(x, y)))
    if a.start_seconds and b.start_seconds:
        table.append(("seconds to its first connection", figure(min(a.start_seconds), 2), figure(min(b.start_seconds), 2), ratio(min(a.start_seconds), min(b.start_seconds))))
    return table


def remarks(result: Result) -> list[str]:
    """What one should know besides."""
    found, said = result.interval(), []
    if found:
        percent = result.plan.confidence * 100
        said.append(
            f"{result.measured} of {result.a.name} by {result.b.name}: {found['ratio']:.4f}, between {found['low']:.4f} and {found['high']:.4f} with {percent:g} % confidence"
            f" ({len(result.rounds)} rounds, {len(result.pairs())} starts, {duration(result.seconds)})."
        )
        if result.resolved:
            said.append(f"Resolved: ± {result.half_width() * 100:.2f} %, asked for ± {result.plan.resolution * 100:.2f} %.")
        else:
            said.append(
                f"Not resolved: ± {result.half_width() * 100:.2f} % instead of ± {result.plan.resolution * 100:.2f} %;"
                f" about {duration(result.longer())} more would do, on a machine as busy as this."
            )
        if found["between"] > 0.5:
            said.append("Most of what is uncertain is due to differences from start to start: more --starts help, more time does not.")
    if result.rate:
        said.append(f"Latencies are at {result.rate:.0f} requests a second to both, counted from when each request was due.")
    if result.driven_cpu:
        part = result.own_cpu / result.driven_cpu
        warning = " That is too much: the generator is part of what was measured." if part > TOO_MUCH else ""
        said.append(f"The load generator took {part * 100:.1f} % of the servers' CPU time, with {result.connections} connections.{warning}")
    return said


def problems(result: Result) -> list[str]:
    """Wrong answers and failures."""
    lines = []
    for found in (result.a, result.b):
        for kind, (count, where, example) in found.problems.items():
            lines += [f"{found.name}: {kind}, {count} times, first at {where}:", f"    {example[:400].decode(errors='replace')!r}"]
    return lines or ["All answers were right, and the bodies identical."]


def text(result: Result) -> str:
    """For people to read in a terminal."""
    table = rows(result)
    width = max(len(row[0]) for row in table)
    names = (result.a.name, result.b.name)
    lines = [result.verdict(), "", f"{'':{width}}  {names[0]:>12}  {names[1]:>12}  {'ratio':>8}"]
    lines += [f"{what:{width}}  {x:>12}  {y:>12}  {r:>8}" for what, x, y, r in table]
    views = summary(result)["views"]
    if views:
        wide = max(map(len, views))
        lines += ["", f"{result.measured} of {names[0]} by {names[1]}, by view (above 1: {names[1]} is better):"]
        lines += [f"  {view:{wide}}  {v['ratio']:6.3f}  [{v['low']:.3f}, {v['high']:.3f}]" for view, v in views.items()]
    return "\n".join([*lines, "", *remarks(result), *problems(result)])


def html(result: Result) -> str:
    """A page with plots, of one file."""
    from . import page

    return page.render(result, rows(result), remarks(result), problems(result), summary(result))
