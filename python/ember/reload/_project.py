"""Which modules are the program's own, what their sources were when they were imported, and what ran at their import.

The idea: a loader of our own (CPython's, plus a note) keeps each source that is executed, and while the program starts a
`sys.monitoring` tool notes which of the program's functions each top-level statement has called. So it is known, not
guessed, which statements rest on the old code of a function. The tool is gone as soon as no import is under way for a
while; nothing listens while the program works.

Modules that were imported before have no such notes: for them every function that a statement mentions counts as called.
"""

from __future__ import annotations

import importlib.machinery
import os
import sys
import sysconfig
import threading
import time
import types

from . import _source

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

#: The tool's number in `sys.monitoring`: one that debuggers and profilers do not use.
TOOL = 4
#: Notes are taken until nothing has been imported for so many seconds.
SETTLED = 1.0


class Module:
    """A module of the program as it was last imported or changed."""

    def __init__(self, name: str, filename: str, module: types.ModuleType, text: bytes, number: int) -> None:
        self.name = name
        #: The file's name as code objects have it, and as it is found wherever the process is.
        self.filename = filename
        self.path = os.path.abspath(filename)
        self.module = module
        #: The source that the module is now, and the file's state when it was read.
        self.text = text
        self.number = number
        #: Line of a statement → code objects that it ran at import; None if nobody took notes.
        self.notes: dict[int, set[_source.Key]] | None = None
        #: For each statement of `version`, by its first line, what it ran.
        self.traces: dict[int, set[_source.Key]] | None = None
        #: Whether it has a name for an `lru_cache` or for a module that may have one; None if nobody has looked.
        self.mentions_caches: bool | None = None
        self._version: _source.Version | None = None

    @property
    def version(self) -> _source.Version:
        """The source that the module is now, taken apart."""
        if self._version is None:
            self._version = _source.Version(self.filename, self.text)
            self.settle()
        return self._version

    def settle(self) -> None:
        """Turn notes by line into traces by statement."""
        if self.notes is None or self._version is None:
            return
        traces = self.traces = self.traces if self.traces is not None else {}
        for line, codes in list(self.notes.items()):
            statement = self._version.at(line)
            if statement is not None:
                traces.setdefault(statement.first, set()).update(codes)
        self.notes = {}

    def become(self, version: _source.Version, traces: dict[int, set[_source.Key]] | None) -> None:
        """The module has been changed into this version."""
        self._version, self.text, self.traces = version, version.text, traces
        self.mentions_caches = None

    @property
    def package(self) -> bool:
        """Whether it has submodules."""
        return os.path.basename(self.path) == "__init__.py"


class Loader(importlib.machinery.SourceFileLoader):
    """CPython's loader of sources, which tells the project what it executes."""

    project: Project

    def exec_module(self, module: types.ModuleType) -> None:
        """Execute the module, with notes."""
        with self.project.noting(module, self.path):
            super().exec_module(module)


class TriggerLoader(importlib.machinery.SourceFileLoader):
    """CPython's loader of sources, which calls a function when the module is there."""

    def __init__(self, name: str, path: str, then: Callable[[types.ModuleType], None]) -> None:
        super().__init__(name, path)
        self.then = then

    def exec_module(self, module: types.ModuleType) -> None:
        """Execute the module and tell."""
        super().exec_module(module)
        self.then(module)


class Finder:
    """Finds what CPython's path finder finds, and gives the program's own modules our loader."""

    def __init__(self, project: Project) -> None:
        self.project = project
        #: Modules of libraries whose import is waited for.
        self.triggers: dict[str, Callable[[types.ModuleType], None]] = {}
        self.loader = type("Loader", (Loader,), {"project": project, "__module__": __name__})

    def find_spec(
        self, name: str, path: Sequence[str] | None, target: types.ModuleType | None = None
    ) -> importlib.machinery.ModuleSpec | None:
        """What CPython's finder says, with our loader if it is the program's own."""
        spec = importlib.machinery.PathFinder.find_spec(name, path, target)
        if spec is not None and type(spec.loader) is importlib.machinery.SourceFileLoader and spec.origin is not None:
            if name in self.triggers:
                spec.loader = TriggerLoader(name, spec.origin, self.triggers.pop(name))
            elif self.project.owns(spec.origin):
                spec.loader = self.loader(name, spec.origin)
        return spec


class Project:
    """The program's own modules."""

    def __init__(self, roots: Iterable[str] = (), ignore: Iterable[str] = ()) -> None:
        #: Only what lies in these folders is the program's own, if any are given.
        self.roots = [os.path.realpath(root) + os.sep for root in roots]
        self.ignore = [os.path.realpath(folder) + os.sep for folder in ignore]
        self.modules: dict[str, Module] = {}
        self.by_path: dict[str, list[Module]] = {}
        self.filenames: set[str] = set()
        self.fresh: list[Module] = []
        self.lock = threading.RLock()
        self.last_import = time.monotonic()
        self.finder = Finder(self)
        self._libraries: dict[str, bool] = {}
        self._listening = False
        self._count = 0
        paths = sysconfig.get_paths()
        self.foreign = [os.path.realpath(paths[key]) + os.sep for key in ("stdlib", "platstdlib")]
        self.foreign.append(os.path.dirname(os.path.dirname(os.path.realpath(__file__))) + os.sep)

    # --- what belongs to the program ------------------------------------------------------------------------------

    def owns(self, path: str) -> bool:
        """Whether a file is the program's own: not the standard library's, and not an installed package's."""
        path = os.path.realpath(path)
        if any(path.startswith(folder) for folder in self.ignore):
            return False
        if self.roots:
            return any(path.startswith(root) for root in self.roots)
        if any(path.startswith(folder) for folder in self.foreign):
            return False
        folder = os.path.dirname(path)
        while True:
            if self._is_library(folder):
                return False
            parent = os.path.dirname(folder)
            if parent == folder:
                return True
            folder = parent

    def _is_library(self, folder: str) -> bool:
        """Whether installed packages lie in this folder."""
        known = self._libraries.get(folder)
        if known is None:
            known = os.path.basename(folder) in ("site-packages", "dist-packages", "node_modules")
            if not known and folder in {os.path.realpath(entry) for entry in sys.path if entry}:
                try:
                    known = any(name.endswith(".dist-info") for name in os.listdir(folder))
                except OSError:
                    known = False
            self._libraries[folder] = known
        return known

    def add(self, module: types.ModuleType, path: str, text: bytes | None = None) -> Module | None:
        """Note a module that is being or was imported from `path`."""
        if text is None:
            try:
                with open(path, "rb") as file:
                    text = file.read()
            except OSError:
                return None
        with self.lock:
            self._count += 1
            entry = Module(module.__name__, path, module, text, self._count)
            self.modules[entry.name] = entry
            others = [m for m in self.by_path.get(os.path.realpath(path), ()) if m.name != entry.name]
            for name in {os.path.realpath(path), os.path.abspath(path), path}:
                self.by_path[name] = [*others, entry]
            self.filenames.add(path)
            self.fresh.append(entry)
        return entry

    def at(self, path: str) -> list[Module]:
        """The modules that were made of a file: a script may be imported, too."""
        found = self.by_path.get(path) or self.by_path.get(os.path.realpath(path), [])
        return [module for module in found if self.modules.get(module.name) is module]

    def add_loaded(self, names: Iterable[str] | None = None) -> None:
        """Note what has been imported already."""
        for name in list(sys.modules) if names is None else names:
            module = sys.modules.get(name)
            path = getattr(module, "__file__", None)
            if name in self.modules or not isinstance(module, types.ModuleType) or not isinstance(path, str):
                continue
            if path.endswith(".py") and self.owns(path):
                self.add(module, path)

    def take_fresh(self) -> list[Module]:
        """The modules that were noted since this was last asked."""
        with self.lock:
            fresh, self.fresh = self.fresh, []
        return fresh

    def name_of(self, path: str) -> str | None:
        """The name under which a file would be imported, or None if it cannot be."""
        path = os.path.realpath(path)
        for entry in sorted({os.path.realpath(entry or os.getcwd()) for entry in sys.path}, key=len, reverse=True):
            if path.startswith(entry + os.sep):
                parts = path[len(entry) + 1 : -3].split(os.sep)
                if parts[-1] == "__init__":
                    parts.pop()
                return ".".join(parts) if parts and all(part.isidentifier() for part in parts) else None
        return None

    # --- notes of what imports run --------------------------------------------------------------------------------

    def noting(self, module: types.ModuleType, path: str) -> Noting:
        """A block in which the module is executed."""
        return Noting(self, module, path)

    def listen(self) -> None:
        """Take notes from now on; without effect if somebody else has the tool's number."""
        monitoring = sys.monitoring
        if self._listening or monitoring.get_tool(TOOL) is not None:
            return
        monitoring.use_tool_id(TOOL, "ember.reload")
        monitoring.register_callback(TOOL, monitoring.events.PY_START, self._started)
        monitoring.set_events(TOOL, monitoring.events.PY_START)
        self._listening = True

    def stop_listening(self, settled: float = 0.0) -> None:
        """Take no more notes, if nothing was imported for so many seconds."""
        if self._listening and time.monotonic() - self.last_import >= settled:
            self._listening = False
            sys.monitoring.set_events(TOOL, 0)
            sys.monitoring.free_tool_id(TOOL)
            # Taking the callback away is an audit event: it lets the JIT see that nobody listens any more.
            sys.monitoring.register_callback(TOOL, sys.monitoring.events.PY_START, None)

    def _started(self, code: types.CodeType, _offset: int) -> object:
        if code.co_filename not in self.filenames:
            return sys.monitoring.DISABLE
        if not _source.is_function_code(code):
            return None
        frame: types.FrameType | None = sys._getframe(1)
        while frame is not None:
            # Only module bodies have their own globals for locals.
            if frame.f_code.co_name == "<module>":
                entry = self.modules.get(frame.f_globals.get("__name__", ""))
                if entry is not None and entry.notes is not None and frame.f_code.co_filename == entry.filename:
                    entry.notes.setdefault(frame.f_lineno, set()).add(_source.key(code))
                    return None
            frame = frame.f_back
        return None

    def imports_are_under_way(self) -> bool:
        """Whether some module of the program is being imported right now."""
        for entry in list(self.modules.values()):
            spec = getattr(entry.module, "__spec__", None)
            if spec is not None and getattr(spec, "_initializing", False):
                return True
        return False

    def __iter__(self) -> Iterator[Module]:
        return iter(list(self.modules.values()))


class Noting:
    """Notes what the execution of one module runs."""

    def __init__(self, project: Project, module: types.ModuleType, path: str) -> None:
        self.project = project
        self.entry = project.add(module, path)
        if self.entry is not None:
            self.entry.notes = {}

    def __enter__(self) -> None:
        self.project.last_import = time.monotonic()
        self.project.listen()

    def __exit__(self, kind: type[BaseException] | None, *rest: object) -> None:
        self.project.last_import = time.monotonic()
        if self.entry is None:
            return
        with self.project.lock:
            if kind is not None:
                self.project.modules.pop(self.entry.name, None)
                return
            # Modules count in the order in which their execution ended.
            self.project._count += 1
            self.entry.number = self.project._count
