"""``python -m ember lazy report``: a program with its imports put off, compared with the program as it is."""

from __future__ import annotations

import json
import os
import statistics
import subprocess
import sys
import tempfile
import time

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any


class ReportError(Exception):
    """The program cannot be run; the message says why."""


def environment(mode: str) -> dict[str, str]:
    """The environment in which the program runs."""
    return {**os.environ, "EMBER_LAZY_IMPORTS": mode}


def run(program: list[str], mode: str, events: bool = False) -> dict[str, Any]:
    """Run the program once; what `_watch` saw if `events`, else the seconds it took."""
    with tempfile.TemporaryDirectory(prefix="ember-lazy-") as scratch:
        seen = os.path.join(scratch, "seen.json")
        variables = environment(mode)
        if events:
            variables["EMBER_LAZY_WATCH"] = seen
        began = time.perf_counter()
        done = subprocess.run([sys.executable, *program], env=variables, stdin=subprocess.DEVNULL, capture_output=True)
        took = time.perf_counter() - began
        if not events:
            return {"seconds": took, "code": done.returncode}
        try:
            with open(seen, encoding="utf-8") as file:
                return {**json.load(file), "code": done.returncode}
        except (OSError, ValueError):
            raise ReportError(f"the program did not come to its end: {done.stderr.decode(errors='replace').strip()[-500:]}") from None


def report(program: list[str], mode: str, runs: int, tree: bool) -> int:
    """Print the comparison; the exit code."""
    if not program:
        raise ReportError("report needs a program: script.py, -m MODULE or -c CODE")
    run(program, mode)
    before, after = run(program, "off", events=True), run(program, mode, events=True)
    if before["code"] != after["code"]:
        print(f"The program ends with exit code {after['code']} if its imports are put off, and with {before['code']} if not.")
    times: dict[str, list[float]] = {"off": [], mode: []}
    for _ in range(max(1, runs)):
        for one in times:
            times[one].append(run(program, one)["seconds"])
    medians = {one: statistics.median(values) for one, values in times.items()}
    print(f"{'':24}{'as it is':>12}{mode:>12}")
    row("time, ms", medians["off"] * 1000, medians[mode] * 1000)
    row("modules imported", len(before["modules"]), len(after["modules"]))
    row("memory, MB", before["memory"] / 1024, after["memory"] / 1024)
    never = sorted(set(before["modules"]) - set(after["modules"]))
    cost = {name: own for name, _, own in before["loaded"]}
    print(f"\n{len(never)} modules were never needed; their own code takes {sum(cost.get(name, 0) for name in never) * 1000:.1f} ms:")
    for name in sorted(never, key=lambda name: -cost.get(name, 0))[:25]:
        print(f"  {cost.get(name, 0) * 1000:8.2f} ms  {name}")
    if len(never) > 25:
        print(f"  and {len(never) - 25} more")
    print_reasons(after)
    if tree:
        print("\nWho imported what, as it is:")
        print_tree(before)
        print(f"\nWho imported what, {mode}:")
        print_tree(after)
    return 0


def row(what: str, plain: float, lazy: float) -> None:
    """A line of the comparison."""
    saved = f"{(1 - lazy / plain) * 100:+.0f} %".replace("+", "-", 1) if plain and lazy <= plain else ""
    print(f"{what:24}{plain:12.1f}{lazy:12.1f}  {saved}")


def print_reasons(after: dict[str, Any]) -> None:
    """Why imports were not put off."""
    stats = after["stats"]
    eager = stats.get("eager", {})
    print(f"\n{stats.get('put off', 0)} names were put off, {stats.get('resolved', 0)} of them used.")
    if eager:
        print(f"{sum(eager.values())} import statements were not put off:")
        for reason, count in list(eager.items())[:15]:
            print(f"  {count:6} {reason}")
        if len(eager) > 15:
            print(f"  and for {len(eager) - 15} more reasons")


def print_tree(seen: dict[str, Any]) -> None:
    """The modules under those whose code imported them."""
    children: dict[str, list[str]] = {}
    for name, parent, _ in seen["loaded"]:
        children.setdefault(parent, []).append(name)
    stack = [(name, 1) for name in reversed(children.get("__main__", []))]
    while stack:
        name, depth = stack.pop()
        print("  " * depth + name)
        stack += [(child, depth + 1) for child in reversed(children.pop(name, []))]
