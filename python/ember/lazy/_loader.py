"""The import hook: modules from source files get their code with markers where imports are put off.

A finder stands before importlib's and finds what that would find, but with another loader: `LazyLoader` is importlib's with another `exec_module`. The
code comes from importlib's own caches (``__pycache__``), and the import statements are found in its bytecode. Both do in machine code what importlib does in Python
(`ember_lazy::locate`), and leave to it what is out of the ordinary. While a module is being imported the garbage collector is made to wait longer.
"""

from __future__ import annotations

import _imp
import gc
import marshal
import sys
from _io import open_code
from importlib._bootstrap import ModuleSpec, _call_with_frames_removed
from importlib._bootstrap_external import MAGIC_NUMBER, ExtensionFileLoader, PathFinder, SourceFileLoader, SourceLoader

from .. import _ember as native
from . import _annotations, _folders, _log, _names, _policy

TYPE_CHECKING = False
if TYPE_CHECKING:
    from types import CodeType
    from typing import Any

#: Names that mean something to the import system, or to everybody; they are never put off.
SPECIAL = frozenset(
    ("__all__", "__annotate__", "__annotations__", "__builtins__", "__conditional_annotations__", "__file__", "__getattr__", "__lazy_modules__")
    + ("__loader__", "__name__", "__package__", "__path__", "__slots__", "__spec__", *_names.REVEALING, *dir(_names.ModuleType))
)
#: The class of code objects.
CODE = type((lambda: None).__code__)
#: What is left to importlib: this package, on which the rest stands.
OWN = "ember."
#: importlib's own way to the code of a module; whoever puts another in its place is to be asked.
STOCK_CODE = SourceLoader.get_code
#: How often objects are made before the garbage collector looks at them, while a module is being imported: what an import makes is there to stay.
PATIENCE = 50_000

#: How many modules are being executed.
_importing = 0


class LazyLoader(SourceFileLoader):
    """Executes modules with their imports put off, as far as the policy says so."""

    def get_code(self, fullname: str) -> CodeType | None:
        """The module's code, from its bytecode file if that is importlib's and up to date."""
        tag = sys.implementation.cache_tag
        if SourceLoader.get_code is STOCK_CODE and not sys.flags.optimize and not sys.flags.verbose and sys.pycache_prefix is None and tag:
            bytecode = native.lazy_cached_code(self.path, tag, MAGIC_NUMBER, open_code)
            if bytecode is not None:
                code = marshal.loads(memoryview(bytecode)[16:])
                if isinstance(code, CODE):
                    _imp._fix_co_filename(code, self.path)
                    return code
        return super().get_code(fullname)

    def exec_module(self, module: Any) -> None:
        """Execute it."""
        global _importing
        _importing += 1
        thresholds = hold_collector() if _importing == 1 else None
        try:
            self._execute(module)
        finally:
            _importing -= 1
            if thresholds is not None and gc.get_threshold() == (PATIENCE, *thresholds[1:]):
                gc.set_threshold(*thresholds)

    def _execute(self, module: Any) -> None:
        own = _names.raw_dict(module)
        if _policy.mode == "safe":
            from . import _effects, _verdicts

            if _verdicts.planner().may_look(self.path):
                _effects.before_looking(module.__name__)
        code = self.get_code(module.__name__)
        if code is None:
            raise ImportError(f"cannot load module {module.__name__!r} when get_code() returns None")
        names = None
        # With builtins in its dict it was executed before, and functions of that time would not find what is put off now.
        if "__builtins__" not in own:
            code, names = prepare(module, own, code, self)
        try:
            _call_with_frames_removed(exec, code, own)
            if module.__name__ == "annotationlib":
                _annotations.watch(module)
        finally:
            if names is not None:
                names.executed()
            if module.__name__ in _names.submodules:
                _names.package_loaded(module)

    # So that importlib leaves them out of tracebacks, as it does with its own part in an import.
    exec_module.__code__ = exec_module.__code__.replace(co_filename="<frozen importlib._bootstrap_external>")
    _execute.__code__ = _execute.__code__.replace(co_filename="<frozen importlib._bootstrap_external>")


def hold_collector() -> tuple[int, int, int] | None:
    """Let the collector wait longer; its thresholds to go back to, or None if it waits already, or somebody has settings of their own."""
    thresholds = gc.get_threshold()
    if thresholds[0] in (0, PATIENCE) or thresholds[0] > PATIENCE:
        return None
    gc.set_threshold(PATIENCE, *thresholds[1:])
    return thresholds


class LazyFinder:
    """Stands before importlib's finder of files and gives modules from sources our loader."""

    @staticmethod
    def find_spec(name: str, path: Any = None, target: Any = None) -> Any:
        """What importlib finds."""
        if name.startswith(OWN):
            return None
        found = _folders.find(name, path)
        if found:
            place = found[0]
            loader = LazyLoader(name, place) if len(found) == 2 else ExtensionFileLoader(name, place)
            spec = ModuleSpec(name, loader, origin=place)
            spec.has_location = True
            if len(found) == 2 and found[1] is not None:
                spec.submodule_search_locations = [found[1]]
            return spec
        if found is False:
            return None
        spec = PathFinder.find_spec(name, path, target)
        if spec is not None and type(spec.loader) is SourceFileLoader:
            spec.loader = LazyLoader(spec.loader.name, spec.loader.path)
        return spec

    @staticmethod
    def invalidate_caches() -> None:
        """`importlib.invalidate_caches`"""
        _folders.known.forget()


def install() -> None:
    """Put the finder in its place."""
    if annotationlib := sys.modules.get("annotationlib"):
        _annotations.watch(annotationlib)
    if LazyFinder not in sys.meta_path:
        at = sys.meta_path.index(PathFinder) if PathFinder in sys.meta_path else len(sys.meta_path)
        sys.meta_path.insert(at, LazyFinder)


def uninstall() -> None:
    """Take it out; what is put off stays so until it is used."""
    if LazyFinder in sys.meta_path:
        sys.meta_path.remove(LazyFinder)


def prepare(module: Any, own: dict[str, Any], code: CodeType, loader: Any) -> tuple[CodeType, _names.Names | None]:
    """The code to execute, and the module's names if some may be lazy."""
    importing = module.__name__
    marking = "__lazy_modules__" in code.co_names
    if not _policy.concerns(importing, marking):
        return code, None
    request = _policy.request(importing, own.get("__package__") or "", marking)
    found, covered, reasons, missing = native.lazy_choose(code, request)
    if missing:
        from . import _verdicts

        if _verdicts.analyse_missing(importing):
            found, covered, reasons, missing = native.lazy_choose(code, request)
    for reason in reasons:
        _log.count(reason)
    if missing:
        _log.count("not analysed yet")
    chosen: list[tuple[_names.Site, int, int]] = []
    source: str | None = None
    for one in found:
        (start, end), (line, column) = one[1:3]
        if column != 0 and code.co_exceptiontable:
            # Bytecode does not tell the ``else`` and ``finally`` bodies of `try` statements.
            source = source_of(loader) if source is None else source
            if native.lazy_is_protected(source, line):
                covered += 1
                continue
        chosen.append((_names.Site(one), start, end))
    if covered:
        _log.count("in a try or with statement", covered)
    if chosen:
        chosen = without_special_names(code, chosen)
    if not chosen:
        return code, None
    return mark(module, own, code, chosen)


def mark(module: Any, own: dict[str, Any], code: CodeType, chosen: list[Any]) -> tuple[CodeType, _names.Names]:
    """The code with markers for the chosen statements."""
    names: dict[str, Any] = {}
    marks = []
    package = module.__name__ + "."
    for number, (site, start, end) in enumerate(chosen):
        marker = sys.intern(f"<import {number}>")
        marks.append((start, end, marker))
        names[marker] = site
        for _, target in site.bindings:
            names.setdefault(target, None)
        if site.module.startswith(package):
            # The import would bind the submodule in its package, too.
            names.setdefault(sys.intern(site.module[len(package) :].partition(".")[0]), None)
    code = native.lazy_mark(code, marks)
    made = _names.Names(module, real_builtins(), names)
    own["__builtins__"] = made.trap
    _names.modules[id(module)] = _names.scopes[id(own)] = made
    if type(module) is _names.ModuleType:
        module.__class__ = _names.LazyModule
    return code, made


def real_builtins() -> dict[str, Any]:
    """The builtins that modules have."""
    import builtins

    return vars(builtins)


def without_special_names(code: CodeType, chosen: list[tuple[_names.Site, int, int]]) -> list[tuple[_names.Site, int, int]]:
    """Those of the statements that bind only names which can wait."""
    targets = [target for one in chosen for _, target in one[0].bindings]
    deleted = native.lazy_deleted_by(code)
    kept = chosen
    if deleted or not SPECIAL.isdisjoint(targets):
        never = SPECIAL.union(deleted)
        kept = [one for one in chosen if never.isdisjoint(target for _, target in one[0].bindings)]
        if len(kept) != len(chosen):
            _log.count("the name is special, or deleted later", len(chosen) - len(kept))
    typing = {target for one in kept if one[0].module in _annotations.TYPING for _, target in one[0].bindings}
    if not typing:
        return kept
    quoted = typing & _annotations.named_in_strings(code, typing)
    wait = [one for one in kept if quoted.isdisjoint(target for _, target in one[0].bindings)]
    if len(wait) != len(kept):
        _log.count("the name is in a string annotation", len(kept) - len(wait))
    return wait


def source_of(loader: Any) -> str:
    """The source of a module; empty, so that everything counts as protected, if it is not there or not in UTF-8."""
    try:
        return loader.get_data(loader.path).decode()
    except (OSError, UnicodeDecodeError):
        return ""
