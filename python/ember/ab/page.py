"""The report as a page: one file, plots drawn as SVG, nothing fetched from anywhere."""

from __future__ import annotations

import math
from html import escape

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import Any

    from .measure import Result

WIDTH, HEIGHT = 720, 260
LEFT, BOTTOM, TOP, RIGHT = 60, 34, 14, 14
COLOURS = ("#5b6b7b", "#d2541b")

STYLE = """
body { font: 16px/1.5 system-ui, sans-serif; color: #26221f; background: #faf8f5; max-width: 780px; margin: 2rem auto; padding: 0 1rem }
h1 { font-size: 1.4rem } h2 { font-size: 1.05rem; margin: 2rem 0 .4rem } .verdict { font-size: 1.15rem; background: #fff1e2; padding: .8rem 1rem; border-radius: 8px }
table { border-collapse: collapse; width: 100% } th, td { text-align: right; padding: .25rem .6rem; border-bottom: 1px solid #e6ddd2 } th:first-child, td:first-child { text-align: left }
svg { width: 100%; height: auto; background: #fff; border: 1px solid #e6ddd2; border-radius: 8px } text { font: 12px system-ui, sans-serif; fill: #6b625b }
pre { white-space: pre-wrap; background: #f3ece4; padding: .6rem; border-radius: 8px; font-size: .85rem } small { color: #6b625b }
"""


class Plot:
    """A frame with axes; x and y are given in the data's units."""

    def __init__(self, x: tuple[float, float], y: tuple[float, float]) -> None:
        self.x, self.y = widened(x), widened(y)
        self.parts: list[str] = []

    def at(self, x: float, y: float) -> tuple[float, float]:
        """Where a point lies on the page."""
        across = (x - self.x[0]) / (self.x[1] - self.x[0])
        up = (y - self.y[0]) / (self.y[1] - self.y[0])
        return LEFT + across * (WIDTH - LEFT - RIGHT), HEIGHT - BOTTOM - up * (HEIGHT - BOTTOM - TOP)

    def line(self, points: Sequence[tuple[float, float]], colour: str, dashed: bool = False) -> None:
        places = " ".join("{:.1f},{:.1f}".format(*self.at(x, y)) for x, y in points)
        dash = ' stroke-dasharray="4 4"' if dashed else ""
        self.parts.append(f'<polyline points="{places}" fill="none" stroke="{colour}" stroke-width="2"{dash}/>')

    def dot(self, x: float, y: float, colour: str) -> None:
        px, py = self.at(x, y)
        self.parts.append(f'<circle cx="{px:.1f}" cy="{py:.1f}" r="3" fill="{colour}" fill-opacity=".7"/>')

    def band(self, low: float, high: float, colour: str) -> None:
        top, bottom = self.at(self.x[0], high)[1], self.at(self.x[0], low)[1]
        self.parts.append(f'<rect x="{LEFT}" y="{top:.1f}" width="{WIDTH - LEFT - RIGHT}" height="{max(1.0, bottom - top):.1f}" fill="{colour}" fill-opacity=".25"/>')

    def label(self, x: float, y: float, text: str, anchor: str = "middle", dx: float = 0, dy: float = 0) -> None:
        px, py = self.at(x, y)
        self.parts.append(f'<text x="{px + dx:.1f}" y="{py + dy:.1f}" text-anchor="{anchor}">{escape(text)}</text>')

    def svg(self, x_labels: Sequence[tuple[float, str]], y_labels: Sequence[tuple[float, str]]) -> str:
        """The picture, with its axes."""
        for value, text in y_labels:
            self.label(self.x[0], value, text, "end", dx=-6, dy=4)
            (x0, y0), (x1, _) = self.at(self.x[0], value), self.at(self.x[1], value)
            self.parts.insert(0, f'<line x1="{x0:.1f}" x2="{x1:.1f}" y1="{y0:.1f}" y2="{y0:.1f}" stroke="#eee6dc"/>')
        for value, text in x_labels:
            self.label(value, self.y[0], text, dy=18)
        return f'<svg viewBox="0 0 {WIDTH} {HEIGHT}" role="img">{"".join(self.parts)}</svg>'


def widened(ends: tuple[float, float]) -> tuple[float, float]:
    """Ends of an axis that are not the same."""
    low, high = ends
    return (low, high) if high > low else (low - 0.5, high + 0.5)


def steps(low: float, high: float, count: int = 5) -> list[float]:
    """Values for the labels of an axis."""
    return [low + (high - low) * step / count for step in range(count + 1)]


def rounds_plot(result: Result) -> str:
    """The ratio of each round, with the interval."""
    ratios = [r.cpu_a / r.cpu_b for r in result.rounds]
    found = result.interval()
    middle = sorted(ratios)[len(ratios) // 50 : len(ratios) - len(ratios) // 50]
    plot = Plot((0, len(ratios)), (min([*middle, 1.0]), max([*middle, 1.0])))
    if found:
        plot.band(found["low"], found["high"], COLOURS[1])
        plot.line([(0, found["ratio"]), (len(ratios), found["ratio"])], COLOURS[1])
    plot.line([(0, 1.0), (len(ratios), 1.0)], "#999", dashed=True)
    for number, (r, ratio) in enumerate(zip(result.rounds, ratios)):
        if plot.y[0] <= ratio <= plot.y[1]:
            plot.dot(number + 0.5, ratio, "#3c6e71" if r.start % 2 else "#284b63")
    starts = [(number, f"start {r.start + 1}") for number, r in enumerate(result.rounds) if number == 0 or r.start != result.rounds[number - 1].start]
    return plot.svg([(x + len(ratios) / 20, text) for x, text in starts], [(y, f"{y:.2f}") for y in steps(*plot.y)])


def latency_plot(result: Result) -> str:
    """Percentiles of latency, the tail stretched."""
    curves = []
    for side in (result.a, result.b):
        merged: dict[int, int] = {}
        for counts in side.latencies.values():
            for value, count in counts.items():
                merged[value] = merged.get(value, 0) + count
        total, seen, points = sum(merged.values()), 0, []
        for value in sorted(merged):
            seen += merged[value]
            points.append((-math.log10(max(1 - seen / (total + 1), 1e-9)), value / 1000))
        curves.append(points)
    everything = [point for points in curves for point in points]
    if not everything:
        return ""
    plot = Plot((0, max(x for x, _ in everything)), (0, max(y for _, y in everything)))
    for points, colour, side in zip(curves, COLOURS, (result.a, result.b)):
        plot.line(points, colour)
        if points:
            plot.label(*points[-1], side.name, "end", dx=-6, dy=-4 if colour == COLOURS[0] else 14)
    marks = [(0.0, "0"), (0.30103, "50 %"), (1.0, "90 %"), (2.0, "99 %"), (3.0, "99.9 %"), (4.0, "99.99 %")]
    return plot.svg([mark for mark in marks if mark[0] <= plot.x[1]], [(y, f"{y:.0f} ms") for y in steps(*plot.y)])


def views_plot(views: dict[str, Any]) -> str:
    """The ratio of each view with its interval."""
    height = 24 * len(views) + 50
    low: float = min([1.0, *(v["low"] for v in views.values())])
    high: float = max([1.0, *(v["high"] for v in views.values())])

    def across(value: float) -> float:
        return 150 + (value - low) / max(high - low, 1e-9) * (WIDTH - 200)

    parts = [f'<line x1="{across(1):.1f}" x2="{across(1):.1f}" y1="10" y2="{height - 30}" stroke="#999" stroke-dasharray="4 4"/>']
    for number, (view, v) in enumerate(views.items()):
        y = 24 + 24 * number
        colour = COLOURS[1] if v["ratio"] >= 1 else COLOURS[0]
        parts.append(f'<text x="140" y="{y + 4}" text-anchor="end">{escape(view)}</text>')
        parts.append(f'<line x1="{across(v["low"]):.1f}" x2="{across(v["high"]):.1f}" y1="{y}" y2="{y}" stroke="{colour}" stroke-width="2"/>')
        parts.append(f'<circle cx="{across(v["ratio"]):.1f}" cy="{y}" r="5" fill="{colour}"/>')
    parts += [f'<text x="{across(value):.1f}" y="{height - 10}" text-anchor="middle">{value:.2f}</text>' for value in steps(low, high, 6)]
    return f'<svg viewBox="0 0 {WIDTH} {height}" role="img">{"".join(parts)}</svg>'


def render(result: Result, rows: Sequence[tuple[str, str, str, str]], remarks: Sequence[str], problems: Sequence[str], summary: dict[str, Any]) -> str:
    """The whole page."""
    a, b = escape(result.a.name), escape(result.b.name)
    table = "".join("<tr>" + "".join(f"<td>{escape(cell)}</td>" for cell in row) + "</tr>" for row in rows)
    parts = [
        f"<!doctype html><html lang='en'><head><meta charset='utf-8'><title>{a} and {b}</title><style>{STYLE}</style></head><body>",
        f"<h1>{a} and {b}</h1><p class='verdict'>{escape(result.verdict())}</p>",
        f"<table><tr><th></th><th>{a}</th><th>{b}</th><th>ratio</th></tr>{table}</table>",
        f"<h2>{result.measured} of {a} by {b}, round by round</h2>{rounds_plot(result)}" if result.rounds else "",
        "<p><small>A dot is a round: the same requests to both. The band is the interval in which the ratio lies. Above 1 the second is better.</small></p>",
    ]
    if summary["views"]:
        parts.append(f"<h2>By view</h2>{views_plot(summary['views'])}")
    if picture := latency_plot(result):
        parts.append(f"<h2>Latency by percentile</h2>{picture}")
    parts.append("<h2>Besides</h2>" + "".join(f"<p>{escape(remark)}</p>" for remark in remarks))
    parts.append(f"<pre>{escape(chr(10).join(problems))}</pre></body></html>\n")
    return "".join(parts)
