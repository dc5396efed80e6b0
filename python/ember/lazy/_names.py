"""The names of modules that are imported at their first use: what they stand for, who asks for them, what happens then.

A lazy name is *unbound*: it is not in its module's dict, so every way to it ends in a place that can be ours.

- Code of the module asks the builtins next, and those are a `LazyBuiltins` of the extension, which calls `Names.look_up`.
- Attributes of the module (``m.x``, ``getattr``, ``from m import x``, ``hasattr``) are looked up on its class when they are not in its dict. While a module
  has unresolved names its class is `LazyModule`, which has a descriptor for each such name. It is no data descriptor and the class has no
  ``__getattr__``, so attributes that are in the dict are found, and their lookups specialised, as in any module.
- ``m.__dict__``, ``vars(m)``, and ``globals()``, ``locals()``, ``vars()``, ``dir()`` in the module's own code resolve all its names first.

The invariant: a name is in `Names.names` as `Lazy` exactly from the execution of its import statement to its resolution or to its being bound otherwise.
No lock is held while something is imported; the import system has its own. Of several threads that resolve a name at once the first to be done binds it.
"""

from __future__ import annotations

import sys
from _thread import get_ident

from .. import _ember as native
from . import _log
from ._policy import ModuleType, raw_dict

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable
    from types import CodeType
    from typing import Any

#: Builtins with which code can see names without naming them.
REVEALING = ("globals", "locals", "vars", "dir")
#: Modules that use the dict of another module as globals to run code with (that code gets the names anyway), or only add to it. What `dataclasses` looks up in it
#: are names from `typing` and itself in string annotations, and these are never put off.
EVALUATING = frozenset(("dataclasses", "enum", "importlib._bootstrap", "importlib._bootstrap_external", "ember.lazy._loader"))

#: By `id` of a module that has unresolved names, or is executing: its names.
modules: dict[int, Names] = {}
#: Which thread is resolving what.
_resolving: set[tuple[int, int]] = set()
#: The same by `id` of the module's dict.
scopes: dict[int, Names] = {}
#: By name of a module: its submodules whose import somebody has put off.
submodules: dict[str, set[str]] = {}
#: Modules of which the packages around them expect that they come into them, or of which that was so.
_expected: set[str] = set()
#: The names that `LazyModule` knows.
_attributes: set[str] = set()


class Lazy:
    """What a name stands for: `module` is imported, and the attributes of `path` are taken from what comes of it."""

    __slots__ = ("also", "fromlist", "line", "module", "path")

    def __init__(self, module: str, fromlist: tuple[str, ...] | None, path: tuple[str, ...], line: int) -> None:
        self.module = module
        self.fromlist = fromlist
        self.path = path
        self.line = line
        #: Modules that are imported, too: ``import a.b`` and ``import a.c`` both bind ``a``.
        self.also: tuple[str, ...] = ()

    def load(self, names: Names) -> Any:
        """Import; the value of the name."""
        importer = names.real["__import__"]
        for module in self.also:
            importer(module, names.globals, None, None, 0)
        value = importer(self.module, names.globals, None, self.fromlist, 0)
        for attribute in self.path:
            value = native.lazy_import_from(value, attribute)
        return value

    def described(self) -> str:
        """As people write it."""
        if self.fromlist:
            return f"{self.module}.{self.path[0]}"
        return self.module


class Submodule(Lazy):
    """A submodule that an import which is put off would have put into its package."""

    __slots__ = ()

    def __init__(self, package: str, name: str, line: int) -> None:
        super().__init__(package, (name,), (name,), line)


class Site:
    """An import statement whose execution is announced by a marker."""

    __slots__ = ("bindings", "decided", "effects", "fromlist", "level", "line", "module", "name")

    def __init__(self, described: tuple[Any, ...]) -> None:
        #: `module` is the absolute name of what is imported. `decided`: it is known to be lazy; else the module's ``__lazy_modules__`` says so when the
        #: statement is executed. `effects`: something else may have to be executed in its place.
        self.module, _, (self.line, _), (self.name, self.level, self.fromlist), self.bindings, self.decided, self.effects = described


class Failure:
    """Makes the error of an import that was put off."""

    @staticmethod
    def of(lazy: Lazy, names: Names, error: BaseException) -> ImportError:
        """What is raised where the name is used; `error` is its cause, and leads through the line of the import statement."""
        where = names.globals.get("__file__") or "<unknown>"
        error.__traceback__ = Failure._through(where, lazy.line, names.globals, error)
        text = f"the import of {lazy.described()!r}, put off from line {lazy.line} of {where}, failed: {error or type(error).__name__}"
        made = ImportError(text, name=getattr(error, "name", None) or lazy.module, path=getattr(error, "path", None))
        made.__cause__ = error
        return made

    @staticmethod
    def _through(where: str, line: int, scope: dict[str, Any], error: BaseException) -> Any:
        """The traceback of `error` without our frames, and with one of the module at the line of its import."""
        rest = error.__traceback__
        while rest is not None and rest.tb_frame.f_code.co_filename == __file__:
            rest = rest.tb_next
        frames: list[Any] = []
        code = compile("frames.append(here())", where, "eval").replace(co_name="<module>", co_qualname="<module>", co_firstlineno=line)
        shown = {"__name__": scope.get("__name__"), "__file__": where, "__loader__": scope.get("__loader__")}
        eval(code, {**shown, "frames": frames, "here": sys._getframe, "__builtins__": {}})
        return type(error.__traceback__)(rest, frames[0], -1, line)


class Names:
    """The lazy names of a module."""

    __slots__ = ("executing", "globals", "inside", "module", "names", "real", "trap")

    def __init__(self, module: Any, real: dict[str, Any], names: dict[str, Any]) -> None:
        self.module = module
        #: What the names of modules inside of this one begin with.
        self.inside = module.__name__ + "."
        self.globals: dict[str, Any] = raw_dict(module)
        self.real = real
        #: Name or marker → what it stands for; None for a name whose import statement was not executed yet.
        self.names = names
        for name in REVEALING:
            names.setdefault(name, self)
        self.trap = native.LazyBuiltins.make(self.globals, real, names, self.look_up)
        self.executing = True

    # --- being asked ------------------------------------------------------------------------------------------------

    def look_up(self, name: str, entry: Any) -> Any:
        """Code of the module uses `name`: called by its builtins. The value."""
        if type(entry) is Site:
            return self.execute(entry)
        if entry is self:
            if not asks_for_names(name, sys._getframe(1)):
                return self.real[name]
            self.resolve_all()
            return self.real[name]
        return self.resolve(name, entry)

    def resolve(self, name: str, lazy: Lazy) -> Any:
        """Import what `name` stands for and bind it; the value."""
        _log.begin(self, name, lazy)
        key = (get_ident(), id(lazy))
        outermost = key not in _resolving
        _resolving.add(key)
        try:
            value = lazy.load(self)
        except Exception as error:
            raise Failure.of(lazy, self, error) from error
        finally:
            if outermost:
                _resolving.discard(key)
            _log.end(self, name, lazy)
        if self.names.get(name) is lazy:
            self.globals[name] = value
            self.settle(name)
            return value
        # Somebody was faster, or the import itself bound it.
        return self.globals.get(name, value)

    def resolve_all(self) -> None:
        """Resolve every name whose import statement was executed."""
        thread = get_ident()
        while waiting := [(n, e) for n, e in self.unresolved().items() if (thread, id(e)) not in _resolving]:
            for name, entry in waiting:
                if self.names.get(name) is entry:
                    self.resolve(name, entry)

    def unresolved(self) -> dict[str, Lazy]:
        """The names that wait."""
        return {name: entry for name, entry in self.names.items() if isinstance(entry, Lazy)}

    # --- import statements ------------------------------------------------------------------------------------------

    def execute(self, site: Site) -> None:
        """An import statement is executed: note its names, or bind them now where there is nothing left to put off."""
        decided = site.decided or site.module in self.globals.get("__lazy_modules__", ())
        if not decided:
            _log.count("not named in __lazy_modules__")
            self.bind_now(site, site.bindings)
            return
        if site.effects:
            from . import _effects

            if not _effects.make(site.module, site.fromlist, self.real["__import__"]):
                self.bind_now(site, site.bindings)
                return
        loaded = sys.modules.get(site.module)
        later = site.bindings
        if loaded is not None:
            now, later = [], []
            for binding in site.bindings:
                (now if is_there(loaded, site, binding) else later).append(binding)
            if now:
                self.bind_now(site, now)
        for path, target in later:
            self.put_off(site, path, target)

    def bind_now(self, site: Site, bindings: Iterable[tuple[list[str], str]]) -> None:
        """Do what the import statement does."""
        fromlist = site.fromlist and tuple(path[0] for path, _ in bindings)
        imported = self.real["__import__"](site.name, self.globals, self.globals, fromlist, site.level)
        for path, target in bindings:
            value = imported
            for attribute in path:
                value = native.lazy_import_from(value, attribute)
            self.globals[target] = value
            if isinstance(self.names.get(target), Lazy):
                self.settle(target)

    def put_off(self, site: Site, path: tuple[str, ...], target: str) -> None:
        """`target` stands for an import from now on."""
        module = site.module
        # Of ``from a import b`` the names are what is taken from the module.
        lazy = Lazy(module, site.fromlist and path[:1], path, site.line)
        if not path:
            before = self.names.get(target)
            if isinstance(before, Lazy) and not before.path:
                lazy.also = (*before.also, before.module)
            elif "." in module and isinstance(before := self.globals.get(target), ModuleType):
                # `import a` was executed, or `a` was there: it stays, and its submodule waits.
                if before is sys.modules.get(target):
                    expect_submodules(module)
                    _log.put_off(self, target, lazy)
                    return
        if target in self.globals:
            del self.globals[target]
        self.names[target] = lazy
        if target not in _attributes:
            attribute_for(target)
        expect_submodules(module)
        if site.fromlist:
            expect_in(module, path[0])
        if module.startswith(self.inside):
            child = sys.intern(module[len(self.inside) :].partition(".")[0])
            if child in self.names and self.names[child] is None and child not in self.globals:
                self.names[child] = Submodule(self.module.__name__, child, site.line)
        _log.put_off(self, target, lazy)

    # --- being done -------------------------------------------------------------------------------------------------

    def settle(self, name: str) -> None:
        """`name` is bound, or will never be lazy."""
        self.trap.settle(sys.intern(name))
        if not self.executing and not any(isinstance(entry, Lazy) for entry in self.names.values()):
            self.finish()

    def executed(self) -> None:
        """The module's code has come to its end."""
        self.executing = False
        for name, entry in list(self.names.items()):
            if entry is None or type(entry) is Site or (isinstance(entry, Lazy) and name in self.globals):
                self.trap.settle(name)
        if not any(isinstance(entry, Lazy) for entry in self.names.values()):
            self.finish()
        elif type(self.module) is not LazyModule:
            # The module gave itself another class: attributes from outside would not find the names.
            _log.count("the module changed its class", len(self.unresolved()))
            self.resolve_all()

    def finish(self) -> None:
        """Nothing is lazy in this module any more: leave no trace."""
        modules.pop(id(self.module), None)
        scopes.pop(id(self.globals), None)
        for name in list(self.names):
            self.trap.settle(name)
        if self.globals.get("__builtins__") is self.trap:
            self.globals["__builtins__"] = self.real
        release(self.module)


def resolve_named(words: Iterable[str], scope: Any) -> None:
    """Somebody is going to look these names up in the dict `scope`, which may be that of a module with names that wait."""
    names = scopes.get(id(scope))
    if names is not None:
        for word in words:
            if isinstance(entry := names.names.get(word), Lazy) and (get_ident(), id(entry)) not in _resolving:
                names.resolve(word, entry)


def resolve_within(packages: set[str]) -> None:
    """Resolve what waits in the modules of these packages, and what comes to wait meanwhile; what fails goes on waiting."""
    tried: set[int] = set()
    while waiting := [
        (names, name, entry)
        for names in list(modules.values())
        if names.module.__name__.partition(".")[0] in packages
        for name, entry in names.unresolved().items()
        if id(entry) not in tried
    ]:
        for names, name, entry in waiting:
            tried.add(id(entry))
            if names.names.get(name) is entry and (get_ident(), id(entry)) not in _resolving:
                try:
                    names.resolve(name, entry)
                except ImportError:
                    continue


def is_there(loaded: Any, site: Site, binding: tuple[list[str], str]) -> bool:
    """Whether executing this part of an import statement would import nothing."""
    if loaded is None:
        return False
    if not site.fromlist:
        return True
    return not isinstance(loaded, ModuleType) or binding[0][0] in raw_dict(loaded)


def asks_for_names(builtin: str, frame: Any) -> bool:
    """Whether `builtin`, which `frame` is looking up, is going to be used on the frame's own names."""
    if builtin not in ("dir", "vars"):
        return True
    code: CodeType = frame.f_code
    units, at = code.co_code, frame.f_lasti
    import opcode

    name, called = opcode.opname[units[at]], False
    if name == "LOAD_GLOBAL":
        called = bool(units[at + 1] & 1)
    at += 2 + 2 * opcode._inline_cache_entries.get(name, 0)
    if opcode.opname[units[at]] == "PUSH_NULL":
        called, at = True, at + 2
    # Called without arguments, or taken along.
    return not called or (opcode.opname[units[at]] == "CALL" and units[at + 1] == 0)


# --- attributes of modules --------------------------------------------------------------------------------------------


class Attribute:
    """A name of `LazyModule`: whichever module is asked for it, if it is one of its lazy names or submodules it is resolved."""

    __slots__ = ("name",)

    def __init__(self, name: str) -> None:
        self.name = name

    def __get__(self, module: Any, owner: type) -> Any:
        if module is not None:
            names = modules.get(id(module))
            if names is not None and isinstance(entry := names.names.get(self.name), Lazy):
                if (get_ident(), id(entry)) not in _resolving:
                    return names.resolve(self.name, entry)
                # What is being imported looks for itself in its package: it is not there yet.
                raise AttributeError(self.name)
            if (waiting := submodules.get(raw_dict(module).get("__name__", ""))) and self.name in waiting:
                return load_submodule(module, self.name, waiting)
        raise AttributeError(self.name)


class LazyModule(ModuleType):
    """The class of a module for as long as it has names or submodules that wait."""

    __slots__ = ()

    def __dir__(self) -> list[str]:
        names = modules.get(id(self))
        if names is not None:
            names.resolve_all()
        return list(ModuleType.__dir__(self))

    def __setattr__(self, name: str, value: Any) -> None:
        names = modules.get(id(self))
        entry = names.names.get(name) if names is not None else None
        if isinstance(entry, Lazy):
            if is_import_of_submodule(self, name, value) and not stands_for_submodule(self, name, entry):
                # The import system puts a submodule under its name; the import statement comes, or came, after that.
                return
            ModuleType.__setattr__(self, name, value)
            names.settle(name)  # type: ignore[union-attr]
            return
        ModuleType.__setattr__(self, name, value)
        if waiting := submodules.get(raw_dict(self).get("__name__", "")):
            waiting.discard(name)
            release(self)

    def __delattr__(self, name: str) -> None:
        names = modules.get(id(self))
        if names is not None and isinstance(names.names.get(name), Lazy) and name not in names.globals:
            names.settle(name)
            return
        ModuleType.__delattr__(self, name)


def dict_of(module: LazyModule) -> dict[str, Any]:
    """The attribute ``__dict__`` of a `LazyModule`."""
    names = modules.get(id(module))
    if names is not None and sys._getframe(1).f_globals.get("__name__") not in EVALUATING:
        names.resolve_all()
    return raw_dict(module)


native.lazy_dict_attribute(LazyModule, dict_of)


def is_import_of_submodule(module: Any, name: str, value: Any) -> bool:
    """Whether setting an attribute is the import system's doing."""
    return isinstance(value, ModuleType) and sys.modules.get(f"{raw_dict(module).get('__name__')}.{name}") is value


def stands_for_submodule(module: Any, name: str, lazy: Lazy) -> bool:
    """Whether a lazy name stands for the submodule of that name."""
    return lazy.module == raw_dict(module).get("__name__") and lazy.path == (name,)


def attribute_for(name: str) -> None:
    """Have `LazyModule` know a name."""
    if name not in _attributes:
        _attributes.add(name)
        if name not in LazyModule.__dict__:
            setattr(LazyModule, name, Attribute(name))


def expect_submodules(module: str) -> None:
    """Importing `module` would put modules into their packages; until it does, the packages load them when they are asked."""
    while "." in module and module not in _expected:
        _expected.add(module)
        module, _, name = module.rpartition(".")
        expect_in(module, name)


def expect_in(package: str, name: str) -> None:
    """Importing `name` from `package` would put it there, if it is a module."""
    waiting = submodules.get(package)
    if waiting is not None and name in waiting:
        return
    loaded = sys.modules.get(package)
    if loaded is not None and (not isinstance(loaded, ModuleType) or name in (own := raw_dict(loaded)) or "__path__" not in own):
        return
    if waiting is None:
        waiting = submodules[package] = set()
    if name not in _attributes:
        if hasattr(ModuleType, name):
            return
        attribute_for(name)
    waiting.add(name)
    if loaded is not None and type(loaded) is ModuleType:
        loaded.__class__ = LazyModule


def package_loaded(module: Any) -> None:
    """A module has been executed of which somebody expects submodules."""
    own = raw_dict(module)
    name = own.get("__name__", "")
    if waiting := submodules.get(name):
        waiting.difference_update(own)
        if "__path__" not in own or not waiting:
            del submodules[name]
        elif type(module) is ModuleType:
            module.__class__ = LazyModule


def release(module: Any) -> None:
    """Give a module in which nothing waits any more its own class."""
    if type(module) is LazyModule and id(module) not in modules and not submodules.get(raw_dict(module).get("__name__", "")):
        module.__class__ = ModuleType


def load_submodule(module: Any, name: str, waiting: set[str]) -> Any:
    """Somebody asks a package for a submodule whose import was put off."""
    waiting.discard(name)
    own = raw_dict(module)
    if "__path__" not in own:
        raise AttributeError(name)
    package = own["__name__"]
    if "__getattr__" in own:
        try:
            return own["__getattr__"](name)
        except AttributeError:
            pass
    try:
        __import__(f"{package}.{name}")
    except ModuleNotFoundError as error:
        if error.name == f"{package}.{name}":
            raise AttributeError(name) from None
        waiting.add(name)
        raise
    release(module)
    if name not in own:
        raise AttributeError(name)
    return own[name]
