"""``python -m ember memory``: which pages processes have for themselves, what lies on them, and why they were written.

The idea: the kernel tells, of every page of one's own processes, whether it is mapped by one process only
(/proc/PID/pagemap, which needs no rights beyond being the same user). After a fork that is a page that was written, or made, since. What lies on it
is in the map that `ember.freeze` writes when ``EMBER_MEMORY_MAP`` names a file: frozen objects do not move. And why it was written
shows where it differs from the master's page, if this user may read the memory of both (/proc/PID/mem: root, or
kernel.yama.ptrace_scope = 0); otherwise the reason stays unknown, and it is said why.
"""

from __future__ import annotations

import array
import bisect
import collections
import json
import os
import struct
import sys

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Any

PAGE = os.sysconf("SC_PAGE_SIZE")
PRESENT, SWAPPED, FILE, EXCLUSIVE = 1 << 63, 1 << 62, 1 << 61, 1 << 56
#: A record of the map: address, bytes, bytes before, type, module.
RECORD = struct.Struct("=QIIII")
#: Where the bytecode begins in a code object, and the count of references ends in any.
BYTECODE, COUNT_ENDS = 208, 8
USAGE = """\
usage: python -m ember memory [PID | --tree PID] [--by object|page|module] [--map FILE] [--top N] [--json | --html FILE]

Memory of a process, or of a master and its workers (--tree): resident, proportional share, private. With the map that
ember.freeze wrote (EMBER_MEMORY_MAP=FILE when the master started), what lies on private pages and why they were written."""


class Unreadable(Exception):
    """Something cannot be read; the message says what and why."""


class HeapMap:
    """What lies where in the frozen heap."""

    def __init__(self, path: str) -> None:
        self.types: list[str] = []
        self.modules: list[str] = []
        self.pid = 0
        #: Start of an object's block → bytes of it before the object.
        self.before: dict[int, int] = {}
        rows: list[tuple[int, int, int, int]] = []
        with open(path, "rb") as source:
            while line := source.readline():
                head = json.loads(line)
                if head.get("ember_map") != 1:
                    raise Unreadable(f"{path} is no map of a frozen heap")
                self.pid = head["pid"]
                type_base, module_base = len(self.types), len(self.modules)
                self.types += head["types"]
                self.modules += head["modules"]
                data = source.read(head["records"] * RECORD.size)
                for address, size, before, kind, module in RECORD.iter_unpack(data):
                    rows.append((address - before, address + size, kind + type_base, module + module_base))
                    if before:
                        self.before[address - before] = before
        rows.sort()
        self.starts = array.array("Q", (row[0] for row in rows))
        self.rows = rows

    def on(self, start: int, end: int) -> Iterator[tuple[int, int, int, int]]:
        """What lies between two addresses, in order."""
        index = max(bisect.bisect_right(self.starts, start) - 1, 0)
        while index < len(self.rows) and self.rows[index][0] < end:
            if self.rows[index][1] > start:
                yield self.rows[index]
            index += 1


class Process:
    """A running process."""

    def __init__(self, pid: int) -> None:
        self.pid = pid

    def _open(self, name: str, mode: str = "r") -> Any:
        try:
            return open(f"/proc/{self.pid}/{name}", mode, **({"buffering": 0} if mode == "rb" else {}))
        except FileNotFoundError:
            raise Unreadable(f"there is no process {self.pid}") from None
        except PermissionError:
            raise Unreadable(f"/proc/{self.pid}/{name} may not be read: process {self.pid} is another user's") from None

    def figures(self) -> dict[str, int]:
        """RSS, PSS and private memory in bytes."""
        names = {"Rss:": "rss", "Pss:": "pss", "Private_Dirty:": "private_dirty", "Private_Clean:": "private_clean"}
        found = {}
        with self._open("smaps_rollup") as source:
            for line in source:
                words = line.split()
                if words[0] in names:
                    found[names[words[0]]] = int(words[1]) * 1024
        return found

    def command(self) -> str:
        with self._open("cmdline") as source:
            return source.read().replace("\0", " ").strip()[:100]

    def children(self) -> list[int]:
        pids = []
        try:
            for task in os.listdir(f"/proc/{self.pid}/task"):
                with open(f"/proc/{self.pid}/task/{task}/children") as source:
                    pids += [int(word) for word in source.read().split()]
        except OSError:
            pass
        return pids

    def regions(self) -> list[tuple[int, int, str]]:
        """(start, end, name) of all mapped memory that can be private."""
        found = []
        with self._open("maps") as source:
            for line in source:
                fields = line.split(None, 5)
                start, end = (int(word, 16) for word in fields[0].split("-"))
                name = fields[5].strip() if len(fields) > 5 else ""
                if not name.startswith(("[vvar", "[vdso", "[vsyscall")):
                    found.append((start, end, name))
        return found

    def private_pages(self) -> list[tuple[int, str]]:
        """(address, region's name) of pages that only this process has, and that are no clean part of a file."""
        pages = []
        with self._open("pagemap", "rb") as pagemap:
            for start, end, name in self.regions():
                pagemap.seek(start // PAGE * 8)
                entries = array.array("Q", pagemap.read((end - start) // PAGE * 8))
                for number, entry in enumerate(entries):
                    if entry & PRESENT and entry & EXCLUSIVE and not entry & FILE:
                        pages.append((start + number * PAGE, name))
        return pages

    def memory(self) -> Any:
        """The process's memory, as a file; None if this user may not read it."""
        try:
            memory = open(f"/proc/{self.pid}/mem", "rb", buffering=0)
            memory.seek(self.regions()[0][0])
            memory.read(1)
            return memory
        except OSError:
            return None


def region_label(name: str) -> str:
    """A region's name for people."""
    if name == "[heap]":
        return "malloc's heap"
    if name.startswith("[stack"):
        return "stack"
    if "ember-code" in name:
        return "compiled code"
    return f"data of {os.path.basename(name)}" if name.startswith("/") else "mapped memory"


class Explainer:
    """Says of private pages what lies on them and why they were written."""

    def __init__(self, heap: HeapMap, master: Process | None) -> None:
        self.heap = heap
        self.master = master.memory() if master is not None else None
        self.mapped = [(start, end) for start, end, _ in master.regions()] if master is not None else []

    def _read(self, memory: Any, address: int) -> bytes | None:
        try:
            memory.seek(address)
            return memory.read(PAGE)
        except (OSError, ValueError):
            return None

    def _reason(self, address: int, row: tuple[int, int, int, int]) -> str:
        """Why a word in an object was written."""
        start, _, kind, _ = row
        name = self.heap.types[kind]
        first = start + self.heap.before.get(start, 0)
        if name == "(table of a dict)":
            return "dict write"
        if name.startswith("("):
            return "list write" if "list" in name else "set write" if "set" in name else "keys of instances"
        if address < first:
            return "collector's header" if address >= first - 16 else "managed dict or weak reference"
        if address < first + COUNT_ENDS:
            return "reference count"
        if name == "code":
            return "bytecode and its caches" if address >= first + BYTECODE else "code object"
        return "object write"

    def explain(self, memory: Any, address: int, region: str) -> tuple[str, collections.Counter[tuple[str, str]]]:
        """→ (the page's one reason, or `several`; {(reason, type or region): words})"""
        label = region_label(region)
        rows = list(self.heap.on(address, address + PAGE))
        inside = any(start <= address < end for start, end in self.mapped)
        if self.mapped and not inside:
            return "new memory", collections.Counter({("new memory", label): 1})
        old = self._read(self.master, address) if self.master is not None else None
        new = self._read(memory, address) if memory is not None else None
        if old is None or new is None:
            names = {self.heap.types[row[2]] for row in rows} or {label}
            return "unknown", collections.Counter(("unknown", name) for name in names)
        causes: collections.Counter[tuple[str, str]] = collections.Counter()
        if old == new:
            names = {self.heap.types[row[2]] for row in rows}
            return "written back as it was", collections.Counter({("written back as it was", ", ".join(sorted(names)[:2]) or label): 1})
        starts = [row[0] for row in rows]
        for offset in range(0, PAGE, 8):
            if old[offset : offset + 8] != new[offset : offset + 8]:
                at = bisect.bisect_right(starts, address + offset) - 1
                if at >= 0 and rows[at][1] > address + offset:
                    causes[self._reason(address + offset, rows[at]), self.heap.types[rows[at][2]]] += 1
                elif rows:
                    causes["new object beside frozen ones", label] += 1
                elif region in ("", "[heap]"):
                    causes["new object, or data of C code", label] += 1
                else:
                    causes[label, label] += 1
        reasons = {reason for reason, _ in causes}
        return (reasons.pop() if len(reasons) == 1 else "several"), causes


def analyse(process: Process, explainer: Explainer | None, by: str, top: int) -> dict[str, Any]:
    """Everything about one process, as plain values."""
    report: dict[str, Any] = {"pid": process.pid, "command": process.command(), **process.figures()}
    pages = process.private_pages()
    regions = collections.Counter(region_label(name) for _, name in pages)
    report["private_pages"] = len(pages)
    report["regions"] = {name: count * PAGE for name, count in regions.most_common()}
    if explainer is None:
        return report
    memory = process.memory() if explainer.master is not None else None
    reasons: collections.Counter[str] = collections.Counter()
    table: collections.Counter[tuple[str, str]] = collections.Counter()
    modules: collections.Counter[str] = collections.Counter()
    listing = []
    for address, name in pages:
        reason, causes = explainer.explain(memory, address, name)
        reasons[reason] += 1
        for cause in causes:
            table[cause] += 1
        if by == "module":
            owners = {explainer.heap.modules[row[3]] for row in explainer.heap.on(address, address + PAGE)} - {""}
            modules.update(owners)
        if by == "page":
            listing.append({"address": address, "region": region_label(name), "reason": reason,
                            "on": [f"{what}: {why}" for (why, what), _ in causes.most_common(4)]})  # fmt: skip
    report["reasons"] = {reason: count * PAGE for reason, count in reasons.most_common()}
    if explainer.master is None:
        report["note"] = "reasons are unknown: this user may not read the memory of these processes (be root, or set kernel.yama.ptrace_scope = 0)"
    if by == "object":
        report["objects"] = [{"type": what, "reason": why, "pages": count} for (why, what), count in table.most_common(top)]
    elif by == "module":
        report["modules"] = [{"module": name, "pages": count} for name, count in modules.most_common(top)]
    else:
        report["pages"] = listing
    return report


def _mib(value: int) -> str:
    return f"{value / 2**20:.1f}"


def as_text(reports: list[dict[str, Any]], top: int) -> str:
    """The reports for people."""
    lines = [f"{'process':>9} {'RSS':>8} {'PSS':>8} {'private dirty':>14}  MiB"]
    for report in reports:
        lines.append(f"{report['pid']:>9} {_mib(report['rss']):>8} {_mib(report['pss']):>8} {_mib(report['private_dirty']):>14}  {report['command'][:60]}")
    for report in reports:
        lines.append(f"\nprocess {report['pid']}: {report['private_pages']} pages of its own")
        for title, key in (("where", "regions"), ("why", "reasons")):
            lines += [f"  {_mib(size):>8} MiB  {name}" for name, size in list(report.get(key, {}).items())[:top]]
            if report.get(key):
                lines.append("")
        lines += [f"  {row['pages']:6} pages  {row['type']}: {row['reason']}" for row in report.get("objects", [])]
        lines += [f"  {row['pages']:6} pages  {row['module']}" for row in report.get("modules", [])]
        for row in report.get("pages", [])[:top]:
            lines.append(f"  {row['address']:#14x}  {row['reason']:<24} {row['region']}: {'; '.join(row['on'])}")
        if "note" in report:
            lines.append("  " + report["note"])
    return "\n".join(lines)


def as_html(reports: list[dict[str, Any]]) -> str:
    """The reports as a page with a bar for each process, and tables."""
    import html

    parts = ["<!doctype html><meta charset=utf-8><title>Memory of workers</title><style>body{font:14px sans-serif;margin:2em}"
             "td,th{padding:2px 10px;text-align:right}td:last-child{text-align:left}.bar{display:flex;height:22px;width:900px;margin:4px 0}"
             ".bar div{overflow:hidden;color:#fff;font-size:11px;line-height:22px;padding-left:3px}</style><h1>Memory of workers</h1>"]  # fmt: skip
    most = max(report["private_pages"] for report in reports) or 1
    for report in reports:
        parts.append(f"<h2>{report['pid']}: {html.escape(report['command'])}</h2><p>RSS {_mib(report['rss'])}, PSS {_mib(report['pss'])}, "
                     f"private dirty {_mib(report['private_dirty'])} MiB</p>")  # fmt: skip
        for key in ("regions", "reasons"):
            if not report.get(key):
                continue
            cells = []
            for index, (name, size) in enumerate(report[key].items()):
                width = size / PAGE / most * 100
                title = html.escape(f"{name}: {_mib(size)} MiB")
                cells.append(f"<div style='width:{width:.2f}%;background:hsl({index * 47 % 360} 55% 42%)' title='{title}'>{title}</div>")
            parts.append("<div class=bar>" + "".join(cells) + "</div>")
        rows = report.get("objects") or report.get("modules") or report.get("pages", [])[:2000]
        if rows:
            heads = "".join(f"<th>{html.escape(name)}</th>" for name in rows[0])
            body = "".join("<tr>" + "".join(f"<td>{html.escape(str(value))}</td>" for value in row.values()) + "</tr>" for row in rows)
            parts.append(f"<table><tr>{heads}</tr>{body}</table>")
        if "note" in report:
            parts.append(f"<p>{html.escape(report['note'])}</p>")
    return "\n".join(parts)


def main(words: list[str]) -> int:
    """The command ``memory``; the exit code."""
    import argparse

    parser = argparse.ArgumentParser(prog="python -m ember memory", usage=USAGE.removeprefix("usage: "), add_help=False, allow_abbrev=False)
    parser.add_argument("pid", nargs="?", type=int)
    parser.add_argument("--tree", type=int)
    parser.add_argument("--by", choices=["object", "page", "module"], default="object")
    parser.add_argument("--map", default=os.environ.get("EMBER_MEMORY_MAP"))
    parser.add_argument("--top", type=int, default=25)
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--html")
    parser.add_argument("--help", action="store_true")
    options = parser.parse_args(words)
    pid = options.tree or options.pid
    if options.help or pid is None:
        print(USAGE)
        return 0 if options.help else 2
    try:
        first = Process(pid)
        processes = [first] + ([Process(child) for child in first.children()] if options.tree else [])
        heap = HeapMap(options.map) if options.map else None
        # The process that froze is the one to compare with; its own pages are compared with nothing.
        master = Process(heap.pid) if heap is not None and os.path.exists(f"/proc/{heap.pid}") else None
        explainer = Explainer(heap, master) if heap is not None else None
        reports = [
            analyse(process, explainer if master is None or process.pid != master.pid else None, options.by, options.top) for process in processes
        ]
    except (Unreadable, OSError, ValueError) as error:
        print(f"ember: {error}", file=sys.stderr)
        return 1
    if options.html:
        with open(options.html, "w", encoding="utf-8") as out:
            out.write(as_html(reports))
    elif options.json:
        print(json.dumps(reports, indent=1))
    else:
        print(as_text(reports, options.top))
        if heap is None:
            print("\nStart the master with EMBER_MEMORY_MAP=FILE and pass --map FILE to see what lies on these pages.")
    return 0
