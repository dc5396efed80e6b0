"""Watches the program's files and brings each batch of saves into the process, or restarts it.

One daemon thread does all of it. It waits without the GIL; it works under it. What it does is said on standard error, in
one line where all is well.
"""

from __future__ import annotations

import collections
import gc
import linecache
import os
import sys
import threading
import time
import traceback

from . import _apply, _effects, _functions, _holders, _plan, _project, _restart, _source, frameworks

TYPE_CHECKING = False
if TYPE_CHECKING:
    import types
    from collections.abc import Callable, Iterable
    from typing import Any

    from ._transaction import Replaced

#: A function that still runs with its old code after so many seconds is not going to return.
LINGERING = 3.0
#: How often it is looked whether modules were imported, in seconds.
TICK = 0.5


class Reload:
    """What became of one batch of saves."""

    __slots__ = ("files", "line", "message", "milliseconds", "outcome", "path")

    #: ``reloaded``, ``restart``, ``error`` (the old code keeps running) or ``nothing``.
    outcome: str
    #: The files.
    files: list[str]
    #: What was done, or why not.
    message: str
    #: Where the reason for a restart or an error is; an empty path if nowhere.
    path: str
    line: int
    #: From the end of the batch to the new code being live.
    milliseconds: float

    def __init__(
        self, outcome: str, files: Iterable[str], message: str = "", path: str = "", line: int = 0, milliseconds: float = 0.0
    ) -> None:
        self.outcome, self.files, self.message = outcome, sorted(files), message
        self.path, self.line, self.milliseconds = path, line, milliseconds

    def __repr__(self) -> str:
        place = f"{self.path}:{self.line}: " if self.path else ""
        return f"<Reload {self.outcome}: {place}{self.message}>"


class Reloader:
    """Hot reload of one process."""

    def __init__(
        self,
        paths: Iterable[str] = (),
        ignore: Iterable[str] = (),
        restart: Callable[[Reload], object] | None = None,
        verbose: bool = True,
        poll: bool = False,
    ) -> None:
        self.project = _project.Project(paths, ignore)
        self.judge = _effects.Judge(self.project)
        self.adapters = frameworks.all_adapters()
        self.judge.harmless = [adapter.harmless for adapter in self.adapters]
        self.judge.readable = [adapter.readable for adapter in self.adapters]
        self.restart = restart
        self.verbose = verbose
        self.poll = poll
        self.watcher: Any = None
        self.lock = threading.RLock()
        self.history: collections.deque[Reload] = collections.deque(maxlen=1000)
        self.dirty: set[str] = set()
        self.stopped = threading.Event()
        self.analyse = threading.Event()
        self.folders: set[str] = set()
        self.pending: list[tuple[float, Any, types.CodeType]] = []
        self.deferred: list[tuple[dict[str, Any], str, Any]] = []
        self.doubtful: list[tuple[float, Replaced, set[int]]] = []
        self.said_polling = False
        self.said: tuple[str, int, str, str] | None = None

    # --- starting and stopping -------------------------------------------------------------------------------------

    def start(self, watch: bool = True) -> None:
        """Begin: look at what has been imported, note what will be, watch."""
        from .. import _ember

        self.begun = time.time()
        self.project.add_loaded()
        place = next((at for at, finder in enumerate(sys.meta_path) if getattr(finder, "__name__", "") == "PathFinder"), 0)
        sys.meta_path.insert(place, self.project.finder)  # type: ignore[arg-type]
        for adapter in self.adapters:
            if adapter.trigger in sys.modules:
                adapter.start(sys.modules[adapter.trigger])
            elif adapter.trigger:
                self.project.finder.triggers[adapter.trigger] = adapter.start
        if watch:
            self.watcher = _ember.FileWatcher(poll=self.poll)
            threading.Thread(target=self._run, name="ember-reload", daemon=True).start()
        threading.Thread(target=self._analyse, name="ember-reload-analysis", daemon=True).start()

    def stop(self) -> None:
        """Watch no longer. What was reloaded stays."""
        self.stopped.set()
        self.analyse.set()
        if self.project.finder in sys.meta_path:
            sys.meta_path.remove(self.project.finder)  # type: ignore[arg-type]
        self.project.stop_listening()
        if self.watcher is not None:
            self.watcher.stop()

    def _analyse(self) -> None:
        """The thread that keeps the analyser's answers warm."""
        while not self.stopped.is_set():
            self.analyse.wait()
            self.analyse.clear()
            if self.stopped.is_set():
                return
            try:
                self.judge.analysis.refresh()
            except Exception as error:
                self.say(f"the analyser failed: {error}")

    # --- watching --------------------------------------------------------------------------------------------------

    def _run(self) -> None:
        settled = False
        while not self.stopped.is_set():
            try:
                paths = set(self._watch_more())
                # The script is read as soon as it is there: who runs it has read it a moment before.
                waiting = "__main__" not in self.project.modules and time.time() < self.begun + 5
                more = self.watcher.next(0.0 if paths else 0.01 if waiting else TICK)
                if more is None:
                    return
                paths |= {os.fspath(path) for path in more}
                if paths:
                    self.handle(paths)
                self._look_at_pending()
                self.project.stop_listening(_project.SETTLED)
                if not settled and not self.project._listening:
                    settled = True
                    self.analyse.set()
            except Exception:
                self.say("hot reload failed; the old code keeps running\n" + traceback.format_exc())

    def _watch_more(self) -> list[str]:
        """Watch the folders of modules that were imported since; the files that have changed in the meantime."""
        changed = []
        if "__main__" not in self.project.modules:
            self.project.add_loaded(["__main__"])
            self._check_script()
        for module in self.project.take_fresh():
            self._watch(os.path.dirname(os.path.realpath(module.path)))
            try:
                with open(module.path, "rb") as file:
                    if file.read() != module.text:
                        changed.append(module.path)
            except OSError:
                changed.append(module.path)
        for adapter in self.adapters:
            for folder in adapter.folders():
                self._watch(os.path.realpath(folder))
        return changed

    def _check_script(self) -> None:
        """A script that was saved between being started and being read here is not known as it was."""
        script = self.project.modules.get("__main__")
        if script is not None and os.stat(script.path).st_mtime > self.begun:
            self._conclude(self._restart([script.path], _plan.Refusal(script.path, 1, "the script was saved while it was starting")))

    def _watch(self, folder: str, again: bool = False) -> None:
        if folder in self.folders and not again:
            return
        self.folders.add(folder)
        try:
            self.watcher.add(folder)
        except OSError:
            self.folders.discard(folder)
        reason = self.watcher.polling()
        if reason and not self.said_polling:
            self.said_polling = True
            self.say(f"looks at all files twice a second: {reason}")

    def _forget_deferred(self) -> None:
        """Names that went away while functions of their module were running."""
        waiting = []
        for names, name, value in self.deferred:
            if _apply.busy_in(lambda frame, names=names: frame.f_globals is names):  # type: ignore[misc]
                waiting.append((names, name, value))
            elif names.get(name) is value:
                del names[name]
        self.deferred = waiting

    def _look_at_pending(self) -> None:
        self._forget_deferred()
        now = time.monotonic()
        due = [entry for entry in self.pending if entry[0] <= now]
        self.pending = [entry for entry in self.pending if entry[0] > now]
        self._look_at_doubtful(now)
        for _, thing, code in due:
            if still_runs(thing):
                text = f"{code.co_qualname} has been running since before it was changed and does not return"
                source = linecache.getline(code.co_filename, code.co_firstlineno)
                refusal = _plan.Refusal(code.co_filename, code.co_firstlineno, text, source)
                self._conclude(self._restart([code.co_filename], refusal))
                return

    def _look_at_doubtful(self, now: float) -> None:
        """Functions that were replaced while calls under way had them: by now nobody must have them."""
        due = [entry for entry in self.doubtful if entry[0] <= now]
        self.doubtful = [entry for entry in self.doubtful if entry[0] > now]
        if not due:
            return
        gc.collect()
        suspended = _functions.Living(()).suspended
        for _, name, gone in due:
            search = _holders.Search(name.old, gone, set(), suspended)
            holder = search.firm if search.firm is not None else search.passing
            if holder is not None:
                code = getattr(getattr(name.old, "__wrapped__", name.old), "__code__", None)
                path, line = (code.co_filename, code.co_firstlineno) if code is not None else ("", 0)
                text = f"{name.old.__qualname__} was replaced, and {_holders.describe(holder)} still has the old one"
                self._conclude(self._restart([path], _plan.Refusal(path, line, text, linecache.getline(path, line))))
                return

    # --- one batch -------------------------------------------------------------------------------------------------

    def handle(self, paths: Iterable[str]) -> Reload:
        """Bring saved files into the process. For all threads one after the other."""
        with self.lock:
            return self._conclude(self._handle(paths))

    def _conclude(self, reload: Reload) -> Reload:
        if reload.outcome != "nothing":
            self.history.append(reload)
        return reload

    def _handle(self, paths: Iterable[str]) -> Reload:
        begin = time.perf_counter()
        self._wait_for_imports()
        self._forget_deferred()
        others = []
        for path in paths:
            path = os.path.realpath(path)
            if path in self.folders and os.path.isdir(path) and self.watcher is not None:
                self._watch(path, again=True)
            if path.endswith(".py"):
                self.dirty.add(path)
            elif not os.path.isdir(path):
                others.append(path)
        for path in others:
            for adapter in self.adapters:
                if adapter.other_file(path) is False:
                    return self._restart([path], _plan.Refusal(path, 1, "this file was saved", ""))
        changed, deleted, new = self._sort()
        if not changed and not deleted and not new:
            return Reload("nothing", paths)
        files = [*[module.path for module in changed], *[module.path for module in deleted], *new]
        analysis = self.judge.analysis
        analysis.begin([*changed, *deleted])
        plan = _plan.Plan(self.project, self.judge, self.adapters)
        try:
            versions = self._parse(changed)
            for module, version in versions.items():
                plan.change(module, version)
            for path in new:
                self._new_file(plan, path)
            plan.spread()
            for module in deleted:
                self._check_deleted(plan, module)
            for adapter in self.adapters:
                adapter.check(plan)
            apply = _apply.Apply(plan)
            done = apply.run()
        except _plan.Refusal as refusal:
            return self._restart(files, refusal)
        except SyntaxError as error:
            return self._error(files, error.filename or "", error.lineno or 0, f"{type(error).__name__}: {error.msg}", error.text or "")
        except _apply.Failed as failed:
            return self._failed(files, failed)
        finally:
            analysis.end()
        live = (time.perf_counter() - begin) * 1000
        self._settle(plan, deleted)
        self.dirty.clear()
        self.deferred += done.deferred
        self.doubtful += [(time.monotonic() + LINGERING, *entry) for entry in done.doubtful]
        self.pending += [(time.monotonic() + LINGERING, thing, code) for thing, code in done.lingering]
        return self._reloaded(files, done, live)

    def _wait_for_imports(self) -> None:
        until = time.monotonic() + 5
        while self.project.imports_are_under_way() and time.monotonic() < until:
            time.sleep(0.01)

    def _sort(self) -> tuple[list[_project.Module], list[_project.Module], list[str]]:
        """What the files that were touched are: changed, deleted, new."""
        changed, deleted, new = [], [], []
        for path in sorted(self.dirty):
            modules = self.project.at(path)
            try:
                with open(path, "rb") as file:
                    text = file.read()
            except OSError:
                deleted += modules
                continue
            if not modules:
                new.append(path)
            changed += [module for module in modules if text != module.text]
        return changed, deleted, new

    def _parse(self, changed: list[_project.Module]) -> dict[_project.Module, _source.Version]:
        versions = {}
        for module in changed:
            with open(module.path, "rb") as file:
                text = file.read()
            try:
                versions[module] = _source.Version(module.filename, text)
            except ValueError as error:
                raise SyntaxError(str(error), (module.path, 1, 0, "")) from None
        return versions

    def _new_file(self, plan: _plan.Plan, path: str) -> None:
        """A file that is no module yet: imports of it that failed may be made again."""
        name = self.project.name_of(path)
        if name is None or name in sys.modules:
            return
        leaf = name.rpartition(".")[2].encode()
        for module in list(self.project):
            if leaf not in module.text:
                continue
            work = plan.works.get(module.name)
            if work is None:
                work = _plan.Work.unchanged(module)
            for statement in list(work.statements()):
                for target, level, parts in statement.imports:
                    base = plan._absolute(module, target, level)
                    if name == base or name in [f"{base}.{part}" for part in parts]:
                        plan.works[module.name] = work
                        plan.redo(work, statement)

    def _check_deleted(self, plan: _plan.Plan, module: _project.Module) -> None:
        """A module whose file is gone can go if nobody imports it any more and it has done nothing to others."""
        for other in list(self.project):
            work = plan.works.get(other.name)
            version = work.new if work is not None else other.version
            if other is module or module.name.rpartition(".")[2].encode() not in version.text:
                continue
            for statement in version.statements:
                for target, level, parts in statement.imports:
                    base = plan._absolute(other, target, level)
                    if module.name == base or module.name in [f"{base}.{part}" for part in parts]:
                        error = ModuleNotFoundError(f"No module named {module.name!r}: its file was deleted")
                        raise _apply.Failed(other.path, error.with_traceback(None)) from None
        for statement in module.version.statements:
            effect = self.judge.effect(module, module.version, statement)
            if effect is not None:
                text = f"the module goes away, and this statement {effect.text}"
                raise _plan.Refusal(module.path, effect.line, text, module.version.line(effect.line))

    def _settle(self, plan: _plan.Plan, deleted: list[_project.Module]) -> None:
        """Note what the modules are now, and what their statements ran."""
        moved = {old: _source.key(new) for old, new in plan.pairs.items() if old[1] != new}
        for work in plan.works.values():
            for one, two in [(one, two) for two, one in work.signatures.items()]:
                for old, new in zip(one.codes, two.codes, strict=False):
                    if old.co_name == new.co_name:
                        moved[_source.key(old)] = _source.key(new)
        if moved:
            for module in self.project:
                for first, codes in (module.traces or {}).items():
                    if not codes.isdisjoint(moved):
                        module.traces[first] = {moved.get(code, code) for code in codes}  # type: ignore[index]
        for work in plan.works.values():
            traces = work.module.traces
            fresh: dict[int, set[_source.Key]] | None = None
            if traces is not None:
                fresh = {}
                for statement in work.new.statements:
                    before = work.before.get(statement)
                    if statement not in work.run and before is not None and before.first in traces:
                        fresh[statement.first] = traces[before.first]
            work.module.become(work.new, fresh)
            work.module.settle()
            linecache.checkcache(work.module.path)
        for module in deleted:
            self.project.modules.pop(module.name, None)
            sys.modules.pop(module.name, None)
            parent, _, leaf = module.name.rpartition(".")
            if parent in sys.modules and getattr(sys.modules[parent], leaf, None) is module.module:
                delattr(sys.modules[parent], leaf)
        self.analyse.set()

    # --- what is said ----------------------------------------------------------------------------------------------

    def say(self, text: str) -> None:
        """A message for the user."""
        if self.verbose and sys.stderr is not None:
            sys.stderr.write(f"ember: {text}\n")
            sys.stderr.flush()

    def _reloaded(self, files: list[str], done: _apply.Done, milliseconds: float) -> Reload:
        parts = []
        for count, what in ((done.functions, "function"), (len(done.classes), "class"), (done.statements, "statement")):
            if count:
                plural = {"class": "classes"}.get(what, what + "s") if count > 1 else what
                parts.append(f"{count} {plural}{' run again' if what == 'statement' else ''}")
        if done.caches:
            parts.append(f"{done.caches} lru_cache{'s' if done.caches > 1 else ''} cleared")
        what = ", ".join(parts) or "only lines moved"
        shown = ", ".join(relative(path) for path in files[:3]) + (f" and {len(files) - 3} more" if len(files) > 3 else "")
        message = f"reloaded {shown}: {what}"
        self.say(f"{message} ({milliseconds:.0f} ms)")
        return Reload("reloaded", files, message, milliseconds=milliseconds)

    def _error(self, files: list[str], path: str, line: int, text: str, source: str) -> Reload:
        said = (path, line, text, source)
        if said == self.said and self.history and self.history[-1].outcome == "error":
            return Reload("error", files, text, path, line)
        self.said = said
        shown = f"\n  {line:>5} | {source.rstrip()}" if source.strip() else ""
        place = f"{relative(path)}:{line}: " if path else ""
        self.say(f"not reloaded: {place}{text}{shown}\n       the old code keeps running; save again when this is fixed")
        return Reload("error", files, text, path, line)

    def _failed(self, files: list[str], failed: _apply.Failed) -> Reload:
        for path in files:
            linecache.checkcache(path)
        frames = traceback.extract_tb(failed.error.__traceback__)
        ours = [frame for frame in frames if frame.filename in self.project.filenames]
        last = ours[-1] if ours else None
        path, line = (last.filename, last.lineno or 0) if last else (failed.path, 0)
        text = f"{type(failed.error).__name__}: {failed.error}"
        return self._error(files, path, line, text, linecache.getline(path, line) if line else "")

    def _restart(self, files: list[str], refusal: _plan.Refusal) -> Reload:
        source = refusal.source.rstrip()
        shown = f"\n  {refusal.line:>5} | {source}" if source.strip() else ""
        self.say(f"restarting: {relative(refusal.path)}:{refusal.line}: {refusal.text}{shown}")
        reload = Reload("restart", files, refusal.text, refusal.path, refusal.line)
        (self.restart or _restart.restart)(reload)
        return reload


def relative(path: str) -> str:
    """A path as it is best read: from the working directory if it lies there."""
    try:
        inside = os.path.relpath(path)
    except (ValueError, OSError):
        return path
    return path if inside.startswith("..") else inside


def still_runs(thing: Any) -> bool:
    """Whether a frame is on some thread's stack, or a generator has not ended."""
    if hasattr(thing, "f_code"):
        for frame in sys._current_frames().values():
            walked: types.FrameType | None = frame
            while walked is not None:
                if walked is thing:
                    return True
                walked = walked.f_back
        return False
    return any(getattr(thing, name, None) is not None for name in ("cr_frame", "gi_frame", "ag_frame"))
