"""What running a statement again, or having run it, does besides binding names.

The idea: two judges. Plain statements (definitions, constants, tables, imports, calls of builtins and of what is known to
only make things) are seen to be harmless from their syntax and the values their names have now. All others are judged by
the analyser of imports (`ember-strict`), which has executed the module and says on which lines it does more; what comes
after the place where it gave up is not known.

An effect is always a reason that can be shown: the line and what happens there.
"""

from __future__ import annotations

import ast
import builtins
import enum
import functools
import json
import threading
import types

from . import _source

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from typing import Any

    from ._project import Module, Project

#: Classes whose objects compute without side effects.
PLAIN = (int, float, complex, bool, str, bytes, type(None), list, dict, set, frozenset, tuple, range, slice, type(...))
#: Modules of the standard library whose functions and classes only make and compute things.
HARMLESS_MODULES = frozenset(
    "math cmath operator itertools functools collections decimal fractions datetime re string textwrap dataclasses enum typing "
    "types abc contextlib copy uuid numbers statistics heapq bisect struct pathlib posixpath os.path json base64 hashlib "
    "collections.abc _collections_abc zoneinfo ipaddress urllib.parse html unicodedata annotationlib _collections _functools "
    "_operator _decimal _datetime".split()
)
HARMLESS = frozenset(
    "int float complex bool str bytes bytearray list dict set frozenset tuple range slice len sorted min max sum abs round "
    "enumerate zip map filter reversed isinstance issubclass repr ascii any all chr ord hash divmod pow object property "
    "staticmethod classmethod format type bin hex oct memoryview callable hasattr getattr iter next super id".split()
)
#: Functions of other modules that only make or look up things.
HARMLESS_OTHERS = frozenset(
    ["logging.getLogger", "_thread.allocate_lock", "_thread.RLock", "threading.Event", "os.getenv", "os.cpu_count", "os.fspath"]
)
#: What can be known as harmless: functions, and what makes functions of functions.
CALLABLES = (types.FunctionType, types.BuiltinFunctionType, types.MethodType, types.MethodDescriptorType, classmethod, staticmethod)
#: Functions that keep or look at the functions and classes that they are given, and do not call them.
KEEPERS = frozenset(
    "isinstance issubclass callable hasattr id staticmethod classmethod property partial wraps lru_cache cache cached_property "
    "field getLogger NewType cast TypeVar".split()
)
#: Methods of plain values that take part in what the module makes itself.
OWN_METHODS = frozenset("append extend insert add update setdefault pop remove discard clear sort reverse popitem".split())


class Effect:
    """Why a statement cannot be run again or undone."""

    __slots__ = ("line", "text")

    def __init__(self, line: int, text: str) -> None:
        self.line = line
        self.text = text


class Analysis:
    """The analyser's answers about the program's modules, kept warm.

    The answers are about the sources that the modules *are*; while a batch is judged the files are ahead of them.
    """

    def __init__(self, project: Project) -> None:
        self.project = project
        self._session: Any = None
        self._answers: dict[str, list[dict[str, Any]] | None] = {}
        #: Files that the session has not seen as they are; files of the batch and the sources before it.
        self._changed: set[str] = set()
        self._before: dict[str, Module] = {}
        #: The session answers one question at a time, for seconds at first; the notes above are locked for moments only.
        self._asking = threading.RLock()
        self._lock = threading.RLock()

    def _start(self) -> Any:
        from .. import _ember, check

        arguments = check.parser().parse_args(["--no-cache"])
        options = check.options(arguments) | {"threads": 1}
        return _ember.StrictSession(json.dumps(options))

    def begin(self, modules: Iterable[Module]) -> None:
        """The files of these modules have changed; the modules have not yet."""
        with self._lock:
            self._before = {module.path: module for module in modules}

    def end(self) -> None:
        """The batch is over: the modules are what their files are, or the files are still ahead."""
        with self._lock:
            self._changed |= set(self._before)
            self._before = {}

    def refresh(self) -> None:
        """Analyse what is not known or has changed; takes seconds the first time, and milliseconds after a save."""
        with self._asking:
            with self._lock:
                modules = [m for m in self.project if m.name != "__main__"]
                new = [m for m in modules if m.name not in self._answers]
                changed = self._changed | set(self._before) | {m.path for m in new}
                # The files may be ahead of the modules at any time, so the sources that the modules are made of are given.
                texts = [(m.name, m.path, m.text.decode("utf-8", "replace")) for m in modules if m.path in changed]
                self._changed = set()
            answers = self._ask(modules, changed, texts)
            with self._lock:
                self._answers = answers

    def _ask(self, modules: list[Module], changed: set[str], texts: list[tuple[str, str, str]]) -> dict[str, Any]:
        if self._session is None:
            self._session = self._start()
        question = {"modules": [(m.name, m.path, m.package) for m in modules], "changed": sorted(changed), "texts": texts}
        return {answer["name"]: answer["found"] for answer in json.loads(self._session.ask(json.dumps(question)))}

    def found(self, module: Module) -> list[dict[str, Any]] | None:
        """What importing a module as it is now does; None if that is not known."""
        with self._asking:
            if self._changed or module.name not in self._answers:
                self.refresh()
            return self._answers.get(module.name)

    def found_in_file(self, module: Module) -> list[dict[str, Any]] | None:
        """What importing a module as its file is now would do."""
        with self._asking:
            answer = self._ask([module], self._changed | set(self._before), []).get(module.name)
            with self._lock:
                # The session has seen the files of the batch, so the sources before it have to be given again.
                self._changed |= set(self._before)
            return answer


class Judge:
    """Says of statements what their effects are."""

    def __init__(self, project: Project) -> None:
        self.analysis = Analysis(project)
        #: Adapters' knowledge: objects whose calls only make things, and objects that are harmless decorators.
        self.harmless: list[Callable[[Any], bool]] = []
        self.readable: list[Callable[[Any, str], bool]] = []

    def effect(
        self, module: Module, version: _source.Version, statement: _source.Statement, in_file: bool = False
    ) -> Effect | None:
        """What a statement of a version does besides binding names: of the present one, or of the one in the file."""
        scene = Scene(self, module)
        if all(scene.harmless(node) for node in statement.nodes):
            return None
        plain = Effect(scene.line or statement.first, scene.text or "may do more than bind names")
        if module.name == "__main__":
            return plain
        found = self.analysis.found_in_file(module) if in_file else self.analysis.found(module)
        if found is None:
            return plain
        unknown: set[str] = set()
        for item in sorted(found, key=lambda item: item["line"]):
            if statement.first <= item["line"] <= statement.last or item["line"] == 0:
                return Effect(item["line"] or statement.first, item["message"])
            if item["line"] < statement.first and item["last"]:
                return plain
            if item["weight"] == "unknown":
                source = version.at(item["line"])
                unknown |= source.binds | source.mutates if source is not None else set()
        return plain if unknown & (statement.loads | statement.mutates) else None


class Scene:
    """Looks at the nodes of one statement, with the values that the module's names have now."""

    def __init__(self, judge: Judge, module: Module) -> None:
        self.judge = judge
        self.names = module.module.__dict__
        self.line = 0
        self.text = ""
        self.local: set[str] = set()

    def no(self, node: Any, text: str) -> bool:
        """Note the first thing that is in the way."""
        if not self.line:
            self.line, self.text = getattr(node, "lineno", 0), text
        return False

    def value(self, node: ast.AST) -> Any:
        """The value that an expression of names and attributes has now; raises LookupError."""
        if isinstance(node, ast.Name):
            if node.id in self.names:
                return self.names[node.id]
            if hasattr(builtins, node.id):
                return getattr(builtins, node.id)
        elif isinstance(node, ast.Attribute):
            holder = self.value(node.value)
            # Looking up an attribute of something else might run code.
            if isinstance(holder, (types.ModuleType, type)):
                found = vars(holder).get(node.attr, self)
                if found is self and isinstance(holder, type):
                    found = next((vars(c)[node.attr] for c in holder.__mro__ if node.attr in vars(c)), self)
                if found is not self:
                    return found
            elif any(known(holder, node.attr) for known in self.judge.readable):
                return getattr(holder, node.attr)
        raise LookupError

    def harmless(self, node: ast.AST) -> bool:
        """Whether running a statement only binds names."""
        match node:
            case ast.FunctionDef() | ast.AsyncFunctionDef():
                defaults = [*node.args.defaults, *[default for default in node.args.kw_defaults if default is not None]]
                return all(self.computes(default) for default in defaults) and self.decorators(node)
            case ast.ClassDef():
                return self.class_body(node)
            case ast.Assign(targets=targets, value=value):
                return all(self.target(target) for target in targets) and self.computes(value)
            case ast.AnnAssign(target=target, value=value):
                return self.target(target) and (value is None or self.computes(value))
            case ast.AugAssign(target=ast.Name(), value=value):
                return self.computes(node.target) and self.computes(value)
            case ast.Expr(value=value):
                return self.computes(value)
            case ast.Import() | ast.ImportFrom() | ast.Pass() | ast.TypeAlias() | ast.Global():
                return True
            case ast.If(test=test):
                return self.computes(test) and all(self.harmless(child) for child in (*node.body, *node.orelse))
            case ast.Try(handlers=handlers):
                inner = [*node.body, *node.orelse, *node.finalbody, *[child for h in handlers for child in h.body]]
                return all(self.harmless(child) for child in inner)
            case ast.For(target=target, iter=iterable) if not node.orelse:
                self.local |= {name.id for name in ast.walk(target) if isinstance(name, ast.Name)}
                return self.computes(iterable) and all(self.harmless(child) for child in node.body)
            case ast.Delete(targets=targets):
                return all(isinstance(target, ast.Name) for target in targets)
        return self.no(node, f"a statement of the kind {type(node).__name__.lower()} may do anything")

    def target(self, node: ast.AST) -> bool:
        match node:
            case ast.Name():
                return True
            case ast.Tuple(elts=parts) | ast.List(elts=parts):
                return all(self.target(part) for part in parts)
            case ast.Subscript(value=ast.Name(id=name), slice=index) if type(self.names.get(name)) in PLAIN:
                return self.computes(index)
        return self.no(node, f"sets {ast.unparse(node)}, which is not the module's own name")

    def decorators(self, node: ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef) -> bool:
        for decorator in node.decorator_list:
            called = decorator.func if isinstance(decorator, ast.Call) else decorator
            if isinstance(decorator, ast.Call) and not all(self.computes(argument) for argument in arguments(decorator)):
                return False
            if not (isinstance(called, ast.Attribute) and called.attr in ("setter", "getter", "deleter")) and not self.known(called):
                return self.no(decorator, f"the decorator @{ast.unparse(decorator)} may do more than return a function")
        return True

    def class_body(self, node: ast.ClassDef) -> bool:
        if not self.decorators(node) or node.keywords:
            return self.no(node, f"making the class {node.name} may do more than make it")
        for base in node.bases:
            try:
                found = self.value(base)
            except LookupError:
                return self.no(base, f"the base class {ast.unparse(base)} is not known")
            own_init = any("__init_subclass__" in vars(c) and c is not object for c in getattr(found, "__mro__", ()))
            if not isinstance(found, type) or own_init or type(found).__module__ not in ("builtins", "abc", "enum"):
                if not any(known(found) for known in self.judge.harmless):
                    return self.no(base, f"deriving from {ast.unparse(base)} may do more than make a class")
        before = self.local
        self.local = before | {n.id for n in ast.walk(node) if isinstance(n, ast.Name) and isinstance(n.ctx, ast.Store)}
        self.local |= {n.name for n in node.body if isinstance(n, (ast.FunctionDef, ast.AsyncFunctionDef))}
        fine = all(self.harmless(child) for child in node.body)
        self.local = before
        return fine

    def known(self, node: ast.AST) -> bool:
        """Whether calling what an expression names now only makes or computes things."""
        try:
            found = self.value(node)
        except LookupError:
            return False
        if any(known(found) for known in self.judge.harmless):
            return True
        if isinstance(found, functools.partial):
            found = found.func
        if not isinstance(found, (type, *CALLABLES)):
            return False
        name, home = getattr(found, "__qualname__", ""), getattr(found, "__module__", None)
        if home == "builtins" or home is None:
            return name in HARMLESS and getattr(builtins, name, None) is found
        if isinstance(found, type) and issubclass(found, (enum.Enum, BaseException)):
            return True
        return (home in HARMLESS_MODULES and found is not None) or f"{home}.{name}" in HARMLESS_OTHERS

    def computes(self, node: ast.AST) -> bool:
        """Whether evaluating an expression has no effects, seen from what its names are now."""
        match node:
            case ast.Constant() | ast.Lambda():
                return True
            case ast.Name():
                return True
            case ast.Attribute(value=value):
                if isinstance(value, ast.Name) and value.id in self.local:
                    return self.no(node, f"reads {ast.unparse(node)}, which may run code")
                try:
                    self.value(node)
                    return True
                except LookupError:
                    return self.no(node, f"reads {ast.unparse(node)}, which may run code")
            case ast.Call(func=func):
                return self.call(node, func) and all(self.computes(argument) for argument in arguments(node))
            case ast.Starred(value=value) | ast.keyword(value=value) | ast.FormattedValue(value=value):
                return self.computes(value) and self.plain(value)
            case ast.BinOp() | ast.UnaryOp() | ast.Compare() | ast.Subscript():
                parts = [part for part in ast.iter_child_nodes(node) if isinstance(part, ast.expr)]
                return all(self.computes(part) and self.plain(part) for part in parts)
            case ast.comprehension() | ast.ListComp() | ast.SetComp() | ast.DictComp() | ast.GeneratorExp():
                for part in getattr(node, "generators", ()):
                    self.local |= {name.id for name in ast.walk(part.target) if isinstance(name, ast.Name)}
            case ast.expr():
                pass
            case _:
                return self.no(node, "is not a plain expression")
        children = [c for c in ast.iter_child_nodes(node) if isinstance(c, (ast.expr, ast.comprehension, ast.keyword))]
        if isinstance(node, (ast.Await, ast.Yield, ast.YieldFrom)):
            return self.no(node, "waits")
        return all(self.computes(child) for child in children)

    def plain(self, node: ast.AST) -> bool:
        """Whether operators on the value run no code of the program."""
        if not isinstance(node, (ast.Name, ast.Attribute)) or (isinstance(node, ast.Name) and node.id in self.local):
            return True
        try:
            found = self.value(node)
        except LookupError:
            return True
        simple = type(found) in PLAIN or type(found).__module__ in ("datetime", "decimal", "pathlib", "fractions", "pathlib._local")
        return simple or isinstance(found, (type, types.FunctionType)) or self.no(node, f"uses {ast.unparse(node)} in an expression")

    def keeps(self, node: ast.Call, func: ast.AST) -> bool:
        """Whether a harmless function does not call functions of the program that it is given."""
        if name_of(func) in KEEPERS or any(known(self.value(func)) for known in self.judge.harmless):
            return True
        for argument in arguments(node):
            argument = argument.value if isinstance(argument, (ast.keyword, ast.Starred)) else argument
            try:
                given = self.value(argument)
            except LookupError:
                continue
            own_class = isinstance(given, type) and given.__module__ not in ("builtins", *HARMLESS_MODULES)
            if isinstance(given, (types.FunctionType, types.MethodType)) or own_class:
                return self.no(node, f"passes {ast.unparse(argument)} to {ast.unparse(func)}(), which may call it")
        return True

    def call(self, node: ast.Call, func: ast.AST) -> bool:
        if self.known(func):
            return self.keeps(node, func)
        if isinstance(func, ast.Attribute):
            holder = func.value
            literal = isinstance(holder, (ast.Constant, ast.JoinedStr, ast.List, ast.Dict, ast.Set, ast.Tuple))
            try:
                plain = literal or type(self.value(holder)) in PLAIN
            except LookupError:
                plain = False
            if plain and (func.attr in _source.READERS or func.attr in OWN_METHODS):
                return True
            if isinstance(holder, ast.Name) and holder.id in self.local and func.attr in _source.READERS:
                return True
        return self.no(node, f"calls {ast.unparse(func)}()")


def name_of(node: ast.AST) -> str:
    """The last name of an expression of names and attributes."""
    return getattr(node, "attr", getattr(node, "id", ""))


def arguments(call: ast.Call) -> list[ast.AST]:
    """All arguments of a call."""
    return [*call.args, *call.keywords]
