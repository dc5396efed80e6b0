"""The loader of strict modules.

A finder stands in front of the path finder. It asks the finders behind it, and where they find a Python source it puts `Loader` in place of the standard
loader, of which it is a subclass: bytecode is found, cached and invalidated as ever. What it reads, source or bytecode, tells in passing whether the module can be a
strict one, so other modules cost a search for a word. Those are then given the standard loader and are executed by it.

A strict module takes this way: `get_code` asks for the analyser's answer (`_verdicts`) and refuses the module with `StrictModuleError` or goes on; `exec_module` binds the
builtins, has the module executed and seals it (`_module`, `_classes`). Frames of this module are taken out of tracebacks that pass through, as importlib does with its own.
"""

from __future__ import annotations

import os
import sys
from _frozen_importlib_external import PathFinder, SourceFileLoader  # type: ignore[import-not-found]

from .. import _control
from . import _classes, _module, _patching, _verdicts
from ._errors import StrictModuleError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable
    from importlib.machinery import ModuleSpec
    from types import CodeType, ModuleType
    from typing import Any

MARK = b"__strict__"
#: Never strict: they are what the loader is made of.
_OWN = ("ember", "__strict__")
#: Whose finder and loader put imports off; ordinary modules are left to them.
_LAZY = "ember.lazy._loader"
_STDLIB = os.path.dirname(os.__file__) + os.sep

_counts: dict[str, int] = {"strict": 0, "ordinary": 0, "refused": 0}
#: Why modules that are listed as strict are not, and how many.
_left: dict[str, int] = {}


class Loader(SourceFileLoader):
    """Loads a Python source, as a strict module if it is one."""

    _marked: bool = False
    _strict: bool = False
    _code: CodeType | None = None

    def __init__(self, inner: Any) -> None:
        super().__init__(inner.name, inner.path)
        #: Who executes the module if it is an ordinary one.
        self._inner = inner

    def get_data(self, path: str) -> bytes:
        """Read a file; note whether the module's source or bytecode has the marker in it."""
        data: bytes = super().get_data(path)
        if path.endswith((".py", ".pyc")) and MARK in data:
            self._marked = True
        return data

    def get_code(self, fullname: str) -> CodeType | None:
        """The module's code; raises `StrictModuleError` if it is a strict module that must not be imported."""
        if self._code is not None:
            code, self._code = self._code, None
            return code
        code = super().get_code(fullname)
        folder = os.path.dirname(self.path)
        if self._marked or _verdicts.is_listed(fullname, folder):
            if (reason := unsupported()) is not None:
                _left[reason] = _left.get(reason, 0) + 1
                return code
            self._strict, message = _verdicts.answer(fullname, self.path)
            if message:
                _counts["refused"] += 1
                raise StrictModuleError(_refusal(fullname, self._strict, message), name=fullname, path=self.path)
        return code

    def create_module(self, spec: ModuleSpec) -> None:
        """Decide what the module is. An ordinary one is left to the loader that was found for it, with the code that has been read."""
        if spec.loader is not self:
            return  # somebody else's loader around this one: `exec_module` decides
        try:
            code = self.get_code(spec.name)
        except BaseException as error:
            error.__traceback__ = None if _is_refusal(error, spec.name) else _without_own(error.__traceback__)
            raise
        if self._strict:
            self._code = code
            return
        _counts["ordinary"] += 1
        spec.loader = _with_code(self._inner, code)

    def exec_module(self, module: ModuleType) -> None:
        """Execute the module, and make it immutable if it is a strict one."""
        name, again = module.__name__, isinstance(module, _module.StrictModule)
        # All in one function: each frame counts where modules import each other, hundreds deep.
        try:
            if again:
                self._reload(name)
            if self._code is None:
                self._code = self.get_code(name)
            if again:
                _patching.forget(module)
                _module.unseal(module)  # type: ignore[arg-type]
            if not self._strict:
                self._leave(module)
                super().exec_module(module)
                return
            namespace = _module.namespace(module)
            namespace["__builtins__"] = _classes.captured_builtins()
            _classes.begin()
            try:
                super().exec_module(module)
                _classes.freeze_module(namespace, name)
            finally:
                _classes.end()
                if again:
                    _module.seal(module)
            if not again:
                _module.seal(module)
            _counts["strict"] += 1
        except BaseException as error:
            error.__traceback__ = None if _is_refusal(error, name) else _without_own(error.__traceback__)
            raise

    def _reload(self, name: str) -> None:
        """`importlib.reload` of a strict module."""
        if not _patching.enabled:
            raise StrictModuleError(
                f"strict module {name} is not reloaded, since it is immutable: start the program again,"
                f" or, in tests and at the prompt, allow patches ({_patching.HOW})",
                name=name,
                path=self.path,
            )
        _verdicts.forget()
        self._strict, self._code = False, None

    def _leave(self, module: ModuleType) -> None:
        """An ordinary module that is executed by us after all: its spec and its attributes say who would have."""
        _counts["ordinary"] += 1
        module.__loader__ = self._inner
        if module.__spec__ is not None and module.__spec__.loader is self:
            module.__spec__.loader = self._inner


def _with_code(loader: Any, code: CodeType | None) -> Any:
    """A loader that takes this code for the first module that it executes, instead of reading it again."""

    def once(fullname: str) -> CodeType | None:
        del loader.get_code
        return code

    loader.get_code = once
    return loader


def _is_refusal(error: BaseException, name: str) -> bool:
    return type(error) is StrictModuleError and error.name == name


def _refusal(name: str, strict: bool, message: str) -> str:
    what = "is strict, and importing it does what strict modules must not do" if strict else "says that it is strict, but not in the right place"
    return f"module {name} {what}\n\n{message.rstrip()}"


def _without_own(traceback: Any) -> Any:
    """A traceback without the frames of this file at its beginning, so that importlib's own are adjacent and CPython hides them."""
    while traceback is not None and traceback.tb_frame.f_code.co_filename == __file__:
        traceback = traceback.tb_next
    return traceback


class Finder:
    """Stands before the path finder in `sys.meta_path`."""

    def find_spec(self, fullname: str, path: Any = None, target: Any = None) -> ModuleSpec | None:
        """What the finders behind this one find, with our loader in place of the standard one for sources."""
        behind = iter(sys.meta_path)
        for finder in behind:
            if finder is self:
                break
        for finder in behind:
            find = getattr(finder, "find_spec", None)
            spec: ModuleSpec | None = find(fullname, path, target) if find is not None else None
            if spec is not None:
                return _with_loader(spec)
        return None

    def invalidate_caches(self) -> None:
        """Nothing is kept here; the finders behind are asked by importlib itself."""


def _is_candidate(spec: ModuleSpec) -> bool:
    """Whether this may be a strict module: a source, none of the standard library, and nothing that the loader itself is made of."""
    kind = type(spec.loader)
    if not (kind is SourceFileLoader or kind.__module__ == _LAZY) or spec.name.partition(".")[0] in _OWN:
        return False
    path: str = spec.loader.path  # type: ignore[union-attr]
    return not path.startswith(_STDLIB) or path.startswith(("site-packages", "dist-packages"), len(_STDLIB))


def _with_loader(spec: ModuleSpec) -> ModuleSpec:
    if _is_candidate(spec):
        spec.loader = Loader(spec.loader)
    elif spec.origin and spec.has_location and _verdicts.packages and not spec.origin.endswith(".py"):
        if _verdicts.is_listed(spec.name, os.path.dirname(spec.origin)):
            reason = f"listed as strict, but loaded by {type(spec.loader).__name__}"
            _left[reason] = _left.get(reason, 0) + 1
    return spec


_finder = Finder()
_said: set[str] = set()


def unsupported() -> str | None:
    """Why strict modules are loaded as ordinary ones in this interpreter, said once in one line; None if they are not."""
    from .. import _native

    reason = _native.unsupported()
    if reason is not None and reason not in _said:
        _said.add(reason)
        if sys.stderr is not None:
            sys.stderr.write(f"ember: strict modules are loaded as ordinary ones: {reason}\n")
    return reason


def install(*, patching: bool = False, packages: Iterable[str] = ()) -> bool:
    """Turn the loader of strict modules on; whether it is on now. ``EMBER=off`` in the environment keeps it off.

    It holds for modules that are imported from now on. `patching` allows tests to patch strict modules (see `patch`), also those imported before; so does
    ``EMBER_STRICT_PATCHING=1``. `packages` are packages that are strict without saying so, besides those of ``[tool.ember.strict]``. May be called
    again, to allow more.
    """
    import __strict__

    if isinstance(packages, str):
        raise TypeError("packages must be a list of names")
    if _control.environment_says_off():
        return False
    _verdicts.packages.update(packages)
    said = not sys.flags.ignore_environment and os.environ.get("EMBER_STRICT_PATCHING", "0") not in ("", "0", "off")
    if patching or said:
        _patching.enable()
    __strict__._freezer = _classes.freeze
    if _finder not in sys.meta_path:
        places = [at for at, finder in enumerate(sys.meta_path) if finder is PathFinder or getattr(finder, "__module__", "") == _LAZY]
        sys.meta_path.insert(places[0] if places else len(sys.meta_path), _finder)
    return True


def uninstall() -> None:
    """Turn the loader off for modules that are imported from now on."""
    import __strict__

    __strict__._freezer = None
    if _finder in sys.meta_path:
        sys.meta_path.remove(_finder)


def installed() -> bool:
    """Whether the loader is on."""
    return _finder in sys.meta_path


def stats() -> dict[str, Any]:
    """What the loader has done in this process: modules by kind, classes made immutable, where the analyser's answers came from, and what was left out and why."""
    left = {**_left}
    for reason, count in _classes.left.items():
        left[reason] = left.get(reason, 0) + count
    return {"modules": {**_counts}, "frozen classes": len(_classes.frozen), "answers": {**_verdicts.counts}, "left": left}
