"""The import hook: modules from source files get their code with markers where imports are put off.

A finder stands before importlib's and changes nothing but the loader of what that finds: `LazyLoader` is importlib's loader with another `exec_module`. The
code comes from importlib's own caches (``__pycache__``), and the import statements are found in its bytecode, so start-up stays as fast as it was.
"""

from __future__ import annotations

import sys
from importlib._bootstrap import _call_with_frames_removed
from importlib._bootstrap_external import PathFinder, SourceFileLoader

from .. import _ember as native
from . import _annotations, _log, _names, _policy

TYPE_CHECKING = False
if TYPE_CHECKING:
    from types import CodeType
    from typing import Any

#: Names that mean something to the import system, or to everybody; they are never put off.
SPECIAL = frozenset(
    ("__all__", "__annotate__", "__annotations__", "__builtins__", "__conditional_annotations__", "__file__", "__getattr__", "__lazy_modules__")
    + ("__loader__", "__name__", "__package__", "__path__", "__slots__", "__spec__", *_names.REVEALING, *dir(_names.ModuleType))
)


class LazyLoader(SourceFileLoader):
    """Executes modules with their imports put off, as far as the policy says so."""

    def exec_module(self, module: Any) -> None:
        own = _names.raw_dict(module)
        code = self.get_code(module.__name__)
        if code is None:
            raise ImportError(f"cannot load module {module.__name__!r} when get_code() returns None")
        names = None
        # With builtins in its dict it was executed before, and functions of that time would not find what is put off now.
        if "__builtins__" not in own:
            code, names = prepare(module, own, code, self)
        try:
            _call_with_frames_removed(exec, code, own)
        finally:
            if names is not None:
                names.executed()
            if module.__name__ in _names.submodules:
                _names.package_loaded(module)

    # So that importlib leaves it out of tracebacks, as it does with its own part in an import.
    exec_module.__code__ = exec_module.__code__.replace(co_filename="<frozen importlib._bootstrap_external>")


class LazyFinder:
    """Stands before importlib's finder of files and gives modules from sources our loader."""

    @staticmethod
    def find_spec(name: str, path: Any = None, target: Any = None) -> Any:
        """What importlib finds."""
        spec = PathFinder.find_spec(name, path, target)
        if spec is not None and type(spec.loader) is SourceFileLoader:
            spec.loader = LazyLoader(spec.loader.name, spec.loader.path)
        return spec


def install() -> None:
    """Put the finder in its place."""
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
    chosen: list[tuple[_names.Site, int, int]] = []
    source: str | None = None
    covered_count, loaded = 0, sys.modules
    for one in native.lazy_imports_of(code):
        start, end, line, column, name, level, fromlist, bindings, covered = one
        if covered:
            covered_count += 1
            continue
        absolute = absolute_name(name, level, own) if level else name
        if absolute in loaded and not marking and (not fromlist or _policy.is_loaded(absolute, fromlist)):
            continue
        if not absolute or name == "__future__":
            continue
        decided = _policy.puts_off(importing, absolute, fromlist)
        if not decided and not marking:
            continue
        if column != 0 and code.co_exceptiontable:
            # Bytecode does not tell the ``else`` and ``finally`` bodies of `try` statements.
            source = source_of(loader) if source is None else source
            if native.lazy_is_protected(source, line):
                covered_count += 1
                continue
        chosen.append((_names.Site(absolute, one, decided), start, end))
    if covered_count:
        _log.count("in a try or with statement", covered_count)
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
    _names.modules[id(module)] = made
    if type(module) is _names.ModuleType:
        module.__class__ = _names.LazyModule
    return code, made


def real_builtins() -> dict[str, Any]:
    """The builtins that modules have."""
    import builtins

    return vars(builtins)


def absolute_name(name: str, level: int, own: dict[str, Any]) -> str:
    """The absolute name of what is imported; empty if the import is going to fail."""
    if not level:
        return name
    package = own.get("__package__") or ""
    parts = package.rsplit(".", level - 1)
    if not package or len(parts) < level:
        return ""
    return f"{parts[0]}.{name}" if name else parts[0]


def without_special_names(code: CodeType, chosen: list[tuple[_names.Site, int, int]]) -> list[tuple[_names.Site, int, int]]:
    """Those of the statements that bind only names which can wait."""
    never = SPECIAL.union(native.lazy_deleted_by(code))
    kept = [one for one in chosen if never.isdisjoint(target for _, target in one[0].bindings)]
    if len(kept) != len(chosen):
        _log.count("the name is special, or deleted later", len(chosen) - len(kept))
    quoted = _annotations.named_in_strings(code)
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
