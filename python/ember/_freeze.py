"""`freeze`: the heap of a server's master, made such that its children share it for good."""

from __future__ import annotations

import os
import sys

from . import _native


class OfType:
    """Objects of one type: how many, and their size."""

    __slots__ = ("bytes", "name", "objects")

    name: str
    objects: int
    bytes: int

    def __init__(self, name: str, objects: int, bytes: int) -> None:
        self.name, self.objects, self.bytes = name, objects, bytes

    def __repr__(self) -> str:
        return f"OfType({self.name!r}, {self.objects}, {self.bytes})"


class FreezeReport:
    """What one call of `freeze` did; as a text it is a table for people."""

    __slots__ = (
        "code",
        "collect_milliseconds",
        "gaps",
        "gaps_milliseconds",
        "hashes",
        "kept",
        "milliseconds",
        "types",
        "unfinished",
        "versions",
    )

    #: What was made immortal, by type, most bytes first.
    types: list[OfType]
    #: What stays mortal, because something runs when it dies (`__del__`, files, generators) or because frames own it.
    kept: list[OfType]
    #: Tuples and frozen sets that stay mortal because C code may be in the middle of making them.
    unfinished: int
    #: Strings whose hash was computed.
    hashes: int
    #: Classes that were given a version.
    versions: int
    #: Bytes of gaps between objects that are not used for new objects any more.
    gaps: int
    #: Bytes of compiled code that were moved into huge pages, for children to share.
    code: int
    #: Durations: of making everything immortal, of the full collection before, of closing the gaps after it.
    milliseconds: float
    collect_milliseconds: float
    gaps_milliseconds: float

    def __init__(self, figures: dict) -> None:
        self.types = [OfType(*row) for row in figures["types"]]
        self.kept = [OfType(*row) for row in figures["kept"]]
        for name in ("unfinished", "hashes", "versions", "gaps", "code"):
            setattr(self, name, figures[name])
        self.milliseconds = figures["freeze_seconds"] * 1e3
        self.collect_milliseconds = figures["collect_seconds"] * 1e3
        self.gaps_milliseconds = figures["gaps_seconds"] * 1e3

    @property
    def objects(self) -> int:
        """How many objects this call made immortal."""
        return sum(row.objects for row in self.types)

    @property
    def bytes(self) -> int:
        """Their size, with what only they use."""
        return sum(row.bytes for row in self.types)

    def summary(self) -> str:
        """The report in one line."""
        return (
            f"froze {self.objects} objects ({self.bytes / 2**20:.1f} MiB) in {self.milliseconds:.0f} ms"
            f" after {self.collect_milliseconds:.0f} ms of collecting;"
            f" closed {self.gaps / 2**20:.1f} MiB of gaps in {self.gaps_milliseconds:.0f} ms"
        )

    def as_dict(self) -> dict:
        """The report as plain values, for JSON."""
        plain = {name: getattr(self, name) for name in self.__slots__ if name not in ("types", "kept")}
        plain.update(objects=self.objects, bytes=self.bytes)
        plain["types"] = [{name: getattr(row, name) for name in OfType.__slots__} for row in self.types]
        plain["kept"] = [{name: getattr(row, name) for name in OfType.__slots__} for row in self.kept]
        return plain

    def __str__(self) -> str:
        lines = [self.summary()]
        for title, rows in (("frozen", self.types), ("left mortal", self.kept)):
            if rows:
                lines.append(f"{'objects':>10} {'KiB':>10}  {title}")
            lines += [f"{row.objects:10} {row.bytes / 1024:10.1f}  {row.name}" for row in rows[:25]]
            if len(rows) > 25:
                rest = rows[25:]
                size = sum(row.bytes for row in rest) / 1024
                lines.append(f"{sum(row.objects for row in rest):10} {size:10.1f}  of {len(rest)} other types")
        if self.unfinished:
            lines.append(f"{self.unfinished} tuples and frozen sets that only C code refers to stay mortal")
        return "\n".join(lines)

    def __repr__(self) -> str:
        return f"<FreezeReport: {self.summary()}>"


def freeze(
    *, collect: bool = True, close_gaps: bool = True, map: str | None = None, quiet: bool = False
) -> FreezeReport:
    """Make everything that is alive immortal and settled, so that processes forked from this one share it for good.

    To be called once a program is loaded and warm, right before it forks. A full garbage collection is made, the rest
    is moved out of the collector's sight (`gc.freeze`), and everything reachable becomes immortal in the sense of
    PEP 683: its reference count is not written any more. Hashes of strings and versions of classes are computed, and
    the gaps in the heap are closed, so that new objects do not lie on pages with frozen ones. Compiled code is moved into
    huge pages where the kernel has them, which are never written again.

    What is frozen is never destroyed: it costs memory if the program drops it. `sys.getrefcount` of it is a large
    constant, weak references to it stay alive. Objects with a finalizer are left mortal; those that only frozen objects
    hold are finalized when the interpreter exits. A second call freezes what is new.

    With `map`, or ``EMBER_MEMORY_MAP`` in the environment, what lies where is written into a file, for ``python -m ember memory``.

    Says what it did in one line on standard error unless `quiet`; the report it returns has the details.

    Raises `ember.jit.Unsupported` in an interpreter that Ember does not know. Debug builds of CPython will do, though nothing is compiled there.
    """
    map = map or os.environ.get("EMBER_MEMORY_MAP") or None
    figures = _native.load_to_freeze().freeze(collect, close_gaps, map)
    report = FreezeReport(figures)
    if figures.get("map_error") and sys.stderr is not None:
        sys.stderr.write(f"ember: no map of the heap in {map}: {figures['map_error']}\n")
    if not quiet and sys.stderr is not None:
        sys.stderr.write(f"ember: {report.summary()}\n")
    return report
