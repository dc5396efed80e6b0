"""Draws the modules of a report: who imports whom, coloured by verdict."""

from __future__ import annotations

import html
import pathlib

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

COLOURS = {"pure": "#8fce8f", "effects": "#f2a097", "gave up": "#f5d76e", "breaks rules": "#d7a0e8"}
WIDTH, HEIGHT, GAP = 230, 18, 60


def layers(modules: dict[str, Any]) -> dict[str, int]:
    """For each module how long the longest chain of imports below it is; circles are cut where they are met."""
    depth: dict[str, int] = {}
    for root in modules:
        work = [(root, iter(modules[root]["imports"]))]
        path = {root}
        while work:
            name, imports = work[-1]
            for target in imports:
                if target in modules and target not in path and target not in depth:
                    path.add(target)
                    work.append((target, iter(modules[target]["imports"])))
                    break
            else:
                below = [depth[t] for t in modules[name]["imports"] if t in depth]
                depth.setdefault(name, max(below, default=-1) + 1)
                path.discard(name)
                work.pop()
    return depth


def svg(report: dict[str, Any]) -> str:
    """The picture."""
    modules = {module["name"]: module for module in report["modules"]}
    depth = layers(modules)
    columns: dict[int, list[str]] = {}
    for name in sorted(modules):
        columns.setdefault(depth[name], []).append(name)
    place = {}
    for column, names in columns.items():
        for row, name in enumerate(names):
            place[name] = (10 + column * (WIDTH + GAP), 10 + row * (HEIGHT + 6))
    wide = 20 + len(columns) * (WIDTH + GAP)
    high = 20 + max((len(names) for names in columns.values()), default=0) * (HEIGHT + 6)
    parts = [f'<svg xmlns="http://www.w3.org/2000/svg" width="{wide}" height="{high}" font-family="sans-serif" font-size="11">']
    for name, module in modules.items():
        x, y = place[name]
        for target in module["imports"]:
            if target in place and target != name:
                tx, ty = place[target]
                colour = "#bbb" if modules[target]["verdict"] == "pure" else "#d88"
                parts.append(f'<path d="M{x} {y + 9} L{tx + WIDTH} {ty + 9}" stroke="{colour}" stroke-width="0.4" fill="none"/>')
    for name, module in modules.items():
        x, y = place[name]
        fill = COLOURS.get(module["verdict"], "#ddd")
        title = html.escape("\n".join([f"{name}: {module['verdict']}", *(item["message"] for item in module["items"][:8])]))
        parts.append(f'<g><title>{title}</title><rect x="{x}" y="{y}" width="{WIDTH}" height="{HEIGHT}" rx="3" fill="{fill}"/>')
        parts.append(f'<text x="{x + 4}" y="{y + 13}">{html.escape(name)}</text></g>')
    return "\n".join([*parts, "</svg>\n"])


def write(report: dict[str, Any], path: pathlib.Path) -> None:
    """Write the picture to a file, by its suffix alone or in a page."""
    picture = svg(report)
    if path.suffix in (".html", ".htm"):
        rows = "".join(
            f"<tr><td>{html.escape(m['name'])}</td><td>{html.escape(m['verdict'])}</td>"
            f"<td>{html.escape('; '.join(sorted({i['code'] for i in m['items']})))}</td></tr>"
            for m in report["modules"]
        )
        picture = f"<!doctype html><meta charset=utf-8><title>ember check</title>{picture}<table>{rows}</table>\n"
    path.write_text(picture, "utf-8")
