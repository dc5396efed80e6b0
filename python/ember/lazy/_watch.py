"""Runs inside of a program for `_report`: notes what is imported, by whom and for how long, and writes it down at exit.

It is imported by ``-X importtime``-like means of our own: a finder in front of all others sees each import begin, and the loader it wraps sees the
module's code begin and end. The order of the modules, who asked for them and the time of their own code come out of that.
"""

from __future__ import annotations

import atexit
import os
import sys
import time

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

#: What is being executed, innermost last: [module, seconds of what it imported].
_open: list[list[Any]] = []
#: [module, who was executing when it was imported, seconds of its own]
loaded: list[tuple[str, str, float]] = []
#: [module, name, what it stands for, line] of what was put off.
put_off: list[tuple[str, str, str, int]] = []
_before = frozenset(sys.modules)


class Watcher:
    """A finder that wraps the `exec_module` of what the others find."""

    _busy = False

    @classmethod
    def find_spec(cls, name: str, path: Any = None, target: Any = None) -> Any:
        for finder in sys.meta_path:
            if finder is not cls and (spec := finder.find_spec(name, path, target)) is not None:
                loader = spec.loader
                if hasattr(loader, "exec_module"):
                    watch(loader, name)
                return spec
        return None


def watch(loader: Any, name: str) -> None:
    """Time the execution of one module."""
    if isinstance(loader, type):
        # The interpreter's own modules: one loader for all of them.
        loaded.append((name, _open[-1][0] if _open else "__main__", 0.0))
        return
    execute = loader.exec_module

    def exec_module(module: Any) -> None:
        parent = _open[-1][0] if _open else "__main__"
        _open.append([name, 0.0])
        began = time.perf_counter()
        try:
            execute(module)
        finally:
            took = time.perf_counter() - began
            inner = _open.pop()[1]
            if _open:
                _open[-1][1] += took
            loaded.append((name, parent, took - inner))

    try:
        loader.exec_module = exec_module
    except AttributeError:
        loaded.append((name, _open[-1][0] if _open else "__main__", 0.0))


def on_event(event: str, module: str, name: str, lazy: Any) -> None:
    """Called by `_log`."""
    if event == "put off":
        put_off.append((module, name, lazy.described(), lazy.line))


def write(target: str) -> None:
    """Write down what was seen."""
    seen_loaded = [one for one in loaded if one[0].partition(".")[0] != "ember"]
    modules = [name for name in sys.modules if name not in _before and name.partition(".")[0] != "ember"]
    import json

    sources = [str(getattr(module, "__file__", None) or "") for module in list(sys.modules.values())]
    memory = 0
    with open("/proc/self/status", encoding="ascii", errors="replace") as status:
        memory = next((int(line.split()[1]) for line in status if line.startswith("VmHWM")), 0)
    lazy: Any = sys.modules.get("ember.lazy")
    seen = {
        "modules": modules,
        "loaded": seen_loaded,
        "put_off": put_off,
        "sources": sources,
        "path": sys.path,
        "memory": memory,
        "stats": lazy.stats() if lazy else {},
        "pending": lazy.pending() if lazy else {},
    }
    with open(target, "w", encoding="utf-8") as file:
        json.dump(seen, file)


def start() -> None:
    """Begin to watch; what was seen goes to the file that ``EMBER_LAZY_WATCH`` names."""
    target = os.environ.pop("EMBER_LAZY_WATCH")
    owner = os.getpid()
    sys.meta_path.insert(0, Watcher)
    if log := sys.modules.get("ember.lazy._log"):
        log.listener = on_event  # type: ignore[attr-defined]
    atexit.register(lambda: os.getpid() == owner and write(target))
