"""What children of this process write to first, learnt from one of them, and copied by the others before they serve.

After a fork a page is shared until somebody writes to it, and whoever does waits while the kernel copies it: a worker's first request does so a thousand times. Which pages those are
is the same in each worker, because all begin alike. So one child runs the warm-up once and says which pages it has for itself
then; the others have these copied in one go, when they are forked. It is memory that their first requests would take anyway.

Pages that this process has not are left out: there is nothing to copy, and which of them a worker comes to need is another matter, because they are what the warm-up took at its most.

Pages of files, above all programs and libraries, are everybody's; but a child of a fork has to find each of them anew, and waits for that, too. So those that the warm-up has looked at are found ahead.
"""

from __future__ import annotations

import array
import itertools
import os
import select
import signal
import sys
import time

from . import _native, _shared

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    #: What a process may write to and shares with its children until one does: start, end, and whether it is of a file.
    Region = tuple[int, int, bool]

PAGE = os.sysconf("SC_PAGE_SIZE")
#: Of an entry of /proc/PID/pagemap.
PRESENT, FILE, EXCLUSIVE = 1 << 63, 1 << 61, 1 << 56

#: The process whose children copy pages, these as ranges (address and length, each a word), and likewise those that they only find.
_ranges: tuple[int, bytes, bytes] | None = None
_registered: bool = False


def _regions(*, files: bool = False) -> list[Region]:
    """What this process may write to and shares with its children until one does; or the `files` that it may only read."""
    found = []
    with open("/proc/self/maps") as maps:
        for line in maps:
            addresses, permissions, _, _, inode, *_ = line.split(None, 5)
            wanted = permissions.startswith("r-") and inode != "0" if files else permissions.startswith("rw")
            if wanted and permissions.endswith("p"):
                start, end = (int(word, 16) for word in addresses.split("-"))
                found.append((start, end, inode != "0"))
    return found


def _entries(regions: list[Region]) -> list[array.array[int]]:
    """What the kernel says of the pages in `regions`, a number for each."""
    found = []
    with open("/proc/self/pagemap", "rb", buffering=0) as pagemap:
        for start, end, _ in regions:
            pagemap.seek(start // PAGE * 8)
            found.append(array.array("Q", pagemap.read((end - start) // PAGE * 8)))
    return found


def _as_ranges(pages: Iterable[int]) -> array.array[int]:
    """Addresses of pages, in their order, as ranges."""
    ranges = array.array("Q")
    for address in pages:
        if ranges and ranges[-2] + ranges[-1] == address:
            ranges[-1] += PAGE
        else:
            ranges.append(address)
            ranges.append(PAGE)
    return ranges


def _copied_pages(regions: list[Region], before: list[array.array[int]]) -> Iterator[int]:
    """The pages in `regions` that only this process has, and of which it had its parent's `before`."""
    for (start, _, of_file), entries, had in zip(regions, _entries(regions), before):
        for address, entry, old in zip(itertools.count(start, PAGE), entries, had):
            # Pages of files are not mapped in a child until it looks at them.
            if entry & PRESENT and entry & EXCLUSIVE and not entry & FILE and (of_file or old & PRESENT):
                yield address


def _found_pages() -> Iterator[int]:
    """The pages of files that this process has looked at."""
    regions = _regions(files=True)
    for (start, _, _), entries in zip(regions, _entries(regions)):
        yield from (address for address, entry in zip(itertools.count(start, PAGE), entries) if entry & PRESENT)


def _in_child(run: Callable[[], object], regions: list[Region], answer: int) -> None:
    """Warm up, and answer with a letter and what was learnt, or what went wrong."""
    try:
        before = _entries(regions)
        run()
        copied, looked_at = (_as_ranges(pages).tobytes() for pages in (_copied_pages(regions, before), _found_pages()))
        found = b"+%d\n" % len(copied) + copied + looked_at
        _shared.tidy()
    except BaseException as problem:
        found = f"-{type(problem).__name__}: {problem}".encode()
    while found:
        found = found[os.write(answer, found) :]


def _answer(source: int, seconds: float) -> bytes:
    """What a child writes until it ends; empty if it takes too long."""
    deadline, pieces = time.monotonic() + seconds, []
    while select.select([source], [], [], max(0.0, deadline - time.monotonic()))[0]:
        piece = os.read(source, 1 << 16)
        if not piece:
            return b"".join(pieces)
        pieces.append(piece)
    return b""


def learn(run: Callable[[], object], seconds: float) -> int:
    """Have a child run the warm-up once, for at most so long, and the children after it copy what that wrote to; how many bytes these are.

    If it cannot be learnt that is said, and children copy what they write to when they do.
    """
    global _ranges, _registered
    try:
        regions = _regions()
        os.stat("/proc/self/pagemap")
    except OSError:
        return 0
    source, sink = os.pipe()
    child = os.fork()
    if child == 0:
        try:
            os.close(source)
            _in_child(run, regions, sink)
        finally:
            os._exit(0)
    os.close(sink)
    try:
        answer = _answer(source, seconds)
    finally:
        os.close(source)
        os.kill(child, signal.SIGKILL)
        os.waitpid(child, 0)
    if not answer.startswith(b"+"):
        problem = answer[1:].decode(errors="replace") or "it did not end"
        if sys.stderr is not None:
            sys.stderr.write(f"ember: the warm-up in a child, to learn what workers write to, failed: {problem}\n")
        return 0
    length, _, ranges = answer[1:].partition(b"\n")
    _ranges = (os.getpid(), ranges[: int(length)], ranges[int(length) :])
    if not _registered:
        _registered = True
        os.register_at_fork(after_in_child=copy)
    return sum(array.array("Q", _ranges[1])[1::2])


def copy() -> int:
    """In a child of the process that has learnt: copy the pages, and find those of files; how many bytes were copied. Elsewhere nothing is done."""
    if _ranges is None or _ranges[0] != os.getppid():
        return 0
    native = _native.load_to_freeze()
    native.prefault(_ranges[2], False)
    return native.prefault(_ranges[1], True)  # type: ignore[no-any-return]
