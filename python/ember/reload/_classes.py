"""Makes a class what its changed statement says, in place: the class keeps its identity, and so do its instances.

The idea: what changed in the body of the class is executed again, as a class body with the class's own names, and what it
binds is set on the class. Where the class is more than its body (a decorator, a metaclass) the whole statement is
executed aside and what came of it is moved into the class that exists. Where neither is certain to give what a fresh start would, the answer is a `Refused` with a reason.
"""

from __future__ import annotations

import abc
import ast
import copy
import types

from . import _functions, _source
from ._transaction import MISSING, Replaced

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    from ._transaction import Transaction

#: What a class has of its own and is not made by statements of its body.
KEPT = frozenset(
    ["__dict__", "__weakref__", "__module__", "__qualname__", "__abstractmethods__", "_abc_impl", "__static_attributes__"]
)
SPECIAL = {"__new__": staticmethod, "__init_subclass__": classmethod, "__class_getitem__": classmethod}
#: Metaclasses that do nothing with what stands in a body. Adapters add those that do nothing with methods.
NEUTRAL: set[type] = {type, abc.ABCMeta}
METHODS = (types.FunctionType, property, staticmethod, classmethod)


class Refused(Exception):
    """A class cannot be changed in place; the line and why."""

    def __init__(self, line: int, text: str) -> None:
        super().__init__(text)
        self.line = line
        self.text = text


class Names(dict):  # type: ignore[type-arg]
    """The namespace of a body that is executed in part: what it does not bind is what the class has."""

    def __init__(self, cls: type, extra: dict[str, Any]) -> None:
        super().__init__()
        self.cls = cls
        self.extra = extra

    def __missing__(self, name: str) -> Any:
        return self.extra[name] if name in self.extra else self.cls.__dict__[name]


class Collect:
    """Stands for the metaclass of a body that is only executed."""

    def __init__(self, cls: type, extra: dict[str, Any]) -> None:
        self.cls = cls
        self.extra = extra

    def __prepare__(self, _name: str, _bases: tuple[type, ...], **_keywords: Any) -> Names:
        return Names(self.cls, self.extra)

    def __call__(self, _name: str, _bases: tuple[type, ...], names: Names, **_keywords: Any) -> Names:
        for key, value in (("__classcell__", self.cls), ("__classdictcell__", self.cls.__dict__)):
            if key in names:
                names.pop(key).cell_contents = value
        return names


def execute_body(around: list[tuple[type, ast.ClassDef]], body: list[ast.stmt], version: _source.Version, names: dict[str, Any]) -> Names:
    """Execute some statements of a class's body; what they bind. `around` are the class and, before it, those it is in."""
    extra: dict[str, Any] = {}
    node = around[-1][1]
    nodes = body or [ast.copy_location(ast.Pass(), node)]
    for depth, (cls, node) in reversed(list(enumerate(around))):
        if node.type_params:
            raise Refused(node.lineno, f"the class {node.name} has type parameters")
        made = copy.copy(node)
        made.bases, made.decorator_list, made.body = [], [], nodes
        meta = ast.copy_location(ast.Name(f"__ember_collect_{depth}__", ast.Load()), node)
        made.keywords = [ast.copy_location(ast.keyword("metaclass", meta), node)]
        extra = {f"__ember_collect_{depth}__": Collect(cls, extra)}
        nodes = [made]
    found: Any = _functions.evaluate(nodes, version, names, extra)
    for _, node in around:
        found = found[node.name]
    return found  # type: ignore[no-any-return]


class Patch:
    """The change of one class from one version of its statement to another."""

    def __init__(
        self,
        cls: type,
        old: _source.Statement,
        new: _source.Statement,
        version: _source.Version,
        names: dict[str, Any],
        old_code: types.CodeType,
        new_code: types.CodeType,
        outer: list[tuple[type, ast.ClassDef]] | None = None,
    ) -> None:
        """`outer` are the classes that it is nested in; raises `Refused` only in `plan`."""
        self.cls, self.version, self.names = cls, version, names
        assert isinstance(old.node, ast.ClassDef) and isinstance(new.node, ast.ClassDef)
        self.old, self.new = old.node, new.node
        self.around = [*(outer or []), (cls, self.new)]
        self.first = new.first
        self.difference = _source.Difference(
            _source.statements(self.old.body, old_code), _source.statements(self.new.body, new_code)
        )
        #: Attributes that get another object or go away.
        self.attributes: set[str] = set()
        self.pairs: dict[types.CodeType, types.CodeType] = {}
        self.again: list[_source.Statement] = []
        self.nested: list[Patch] = []
        #: Definitions whose function stays and gets another signature: (old statement, new statement).
        self.signatures: list[tuple[_source.Statement, _source.Statement]] = []
        self.whole = False
        #: Why unchanged statements of the body run again: names with other values, calls of changed code.
        self.renewed: set[str] = set()
        self.calls = False
        #: Code of methods that are made anew; functions that were, under their names.
        self.renamed: set[types.CodeType] = set()
        self.replaced: list[Replaced] = []

    def plan(
        self, adapters: list[Callable[[Patch], None]], whole_effect: Callable[[], Any], renewed: set[str], calls: bool
    ) -> None:
        """Decide how the class is changed; raises `Refused`.

        `renewed` are names whose values are not what they were, `calls` whether what the body called has changed;
        `whole_effect` says what executing the whole statement would do beside making a class.
        """
        old, new, cls = self.old, self.new, self.cls
        same_head = all(_source.dump(getattr(old, part)) == _source.dump(getattr(new, part)) for part in ("bases", "keywords"))
        if not same_head:
            raise Refused(new.lineno, f"the bases of the class {cls.__qualname__} change")
        for one, two in self.difference.same:
            pairs: dict[types.CodeType, types.CodeType] = {}
            if not _source.pair_codes(one.codes, two.codes, pairs):
                raise Refused(two.first, f"the functions in this statement of {cls.__qualname__} cannot be told apart")
            if any(captures_other(code, pairs[code]) for code in one.codes if code in pairs):
                # A method that says super() now and did not before: another function, since this one has no place for it.
                self.again.append(two)
                self.attributes |= two.binds
                self.renamed |= set(pairs)
            else:
                self.pairs |= pairs
        self._sort_changes(renewed, calls)
        for adapter in adapters:
            adapter(self)
        if old.decorator_list or new.decorator_list or type(cls) not in NEUTRAL:
            self._plan_special(whole_effect)
        inherited = next((c for c in cls.__mro__[1:-1] if "__init_subclass__" in vars(c)), None)
        if inherited is not None and not self.only_methods():
            raise Refused(new.lineno, f"{inherited.__qualname__}.__init_subclass__ has seen the attributes of {cls.__qualname__}")

    def _sort_changes(self, renewed: set[str], calls: bool) -> None:
        """Which statements of the body run again, and what goes away."""
        for one, two in self.difference.changed:
            if "__slots__" in one.binds | two.binds:
                raise Refused(two.first, f"the slots of the class {self.cls.__qualname__} change")
            if self._is_signature(one, two):
                self.signatures.append((one, two))
            elif isinstance(one.node, ast.ClassDef) and isinstance(two.node, ast.ClassDef):
                self._nest(one, two)
            elif not _source.is_docstring(two):
                self.again.append(two)
                self.attributes |= one.binds | two.binds
        for statement in (*self.difference.removed, *self.difference.added):
            if "__slots__" in statement.binds:
                raise Refused(statement.first, f"the slots of the class {self.cls.__qualname__} change")
            self.attributes |= statement.binds
        self.again += [statement for statement in self.difference.added if not _source.is_docstring(statement)]
        current = [two for _, two in self.difference.same]
        for one, two in self.difference.same:
            if not (two.loads & renewed or (calls and any(isinstance(n, ast.Call) for n in _source.executed(two.nodes)))):
                continue
            if self._is_signature(one, two):
                self.signatures.append((one, two))
            else:
                self.again.append(two)
                self.attributes |= two.binds
        while True:
            more = [s for s in current if s not in self.again and (s.binds & self.attributes or s.loads & self.attributes)]
            if not more:
                break
            self.again += more
            for statement in more:
                self.attributes |= statement.binds
        for statement in self.again:
            if not all(isinstance(node, PLAIN_STATEMENTS) for node in statement.nodes):
                raise Refused(statement.first, f"this statement in the body of {self.cls.__qualname__} is not a plain definition")

    def _is_signature(self, one: _source.Statement, two: _source.Statement) -> bool:
        """Whether only the signature of a method changed, so that the function that exists can be given the new one."""
        functions = (ast.FunctionDef, ast.AsyncFunctionDef)
        if not isinstance(one.node, functions) or type(one.node) is not type(two.node):
            return False
        decorators = two.node.decorator_list  # type: ignore[union-attr]
        same = _source.dump(one.node.decorator_list) == _source.dump(decorators)
        old_code, new_code = _source.function_code(one), _source.function_code(two)
        if old_code is None or new_code is None or captures_other(old_code, new_code):
            return False
        return same and all(map(_functions.is_transparent, decorators))

    def _nest(self, one: _source.Statement, two: _source.Statement) -> None:
        nested = self.cls.__dict__.get(two.node.name)  # type: ignore[union-attr]
        codes = [next((c for c in s.codes if c.co_name == two.node.name), None) for s in (one, two)]  # type: ignore[union-attr]
        if not isinstance(nested, type) or None in codes or type(self.cls) not in NEUTRAL or self.old.decorator_list:
            raise Refused(two.first, f"the class {two.node.name} in {self.cls.__qualname__} changes")  # type: ignore[union-attr]
        patch = Patch(nested, one, two, self.version, self.names, *codes, outer=self.around)  # type: ignore[arg-type]
        patch.plan([], lambda: None, set(), False)
        self.nested.append(patch)
        self.pairs |= patch.pairs

    def only_methods(self) -> bool:
        """Whether only methods (and the docstring) are added, removed or changed."""
        parts = [*self.difference.added, *self.difference.removed, *self.again]
        parts += [s for pair in self.difference.changed for s in pair]
        simple = (ast.FunctionDef, ast.AsyncFunctionDef)
        return not self.nested and all(
            _source.is_docstring(s)
            or (isinstance(s.node, simple) and all(map(_functions.is_transparent, s.node.decorator_list)))
            for s in parts
        )

    def _plan_special(self, whole_effect: Callable[[], Any]) -> None:
        """A class with decorators or a metaclass: it may be more than its body."""
        cls = self.cls
        decorated = bool(self.old.decorator_list or self.new.decorator_list)
        if not decorated and type(cls).__name__ == "EnumType":
            if self.only_methods():
                return
            raise Refused(self.new.lineno, f"the members of the enumeration {cls.__qualname__} change")
        if not decorated and self.only_methods() and any(issubclass(type(cls), meta) for meta in METHOD_NEUTRAL):
            return
        effect = whole_effect()
        if effect is not None:
            why = "its decorators change" if _source.dump(self.old.decorator_list) != _source.dump(self.new.decorator_list) else (
                f"its metaclass {type(cls).__name__} looks at the body" if not decorated else "its decorators look at the body"
            )
            raise Refused(effect.line, f"the class {cls.__qualname__} cannot be made again, and {why}: {effect.text}")
        self.whole = True
        self.attributes.add("*")

    # --- doing it ------------------------------------------------------------------------------------------------

    def apply(self, living: _functions.Living, work: Transaction, renewed: set[str]) -> None:
        """Change the class. The code of functions whose bodies changed has been replaced before."""
        for nested in self.nested:
            nested.apply(living, work, renewed)
        if self.whole:
            self._transplant(work)
            return
        self._adopt_signatures(living, work, renewed)
        body = [node for statement in self._in_order(self.again) for node in statement.nodes]
        made: dict[str, Any] = execute_body(self.around, body, self.version, self.names) if body else {}
        for plain in sorted(self.attributes):
            name = self.mangled(plain)
            value = dict.get(made, name, MISSING)
            if name in SPECIAL and isinstance(value, types.FunctionType):
                value = SPECIAL[name](value)
            for function in functions_of(self.cls.__dict__.get(name)):
                self.replaced.append(Replaced(self.cls.__module__, f"{self.cls.__qualname__}.{plain}", function, value))
            if value is not MISSING or not any(plain in statement.binds for _, statement in self.difference.same):
                work.set_class(self.cls, name, value)
        for name in map(self.mangled, self.attributes):
            value = self.cls.__dict__.get(name)
            if hasattr(type(value), "__set_name__"):
                type(value).__set_name__(value, self.cls, name)
        self._finish(work)

    def mangled(self, name: str) -> str:
        """A name as the compiler writes it in the body of the class."""
        own = self.new.name.lstrip("_")
        private = name.startswith("__") and not name.endswith("__") and own
        return f"_{own}{name}" if private else name

    def _in_order(self, again: list[_source.Statement]) -> list[_source.Statement]:
        return sorted(again, key=lambda statement: statement.first)

    def _adopt_signatures(self, living: _functions.Living, work: Transaction, renewed: set[str]) -> None:
        if not self.signatures:
            return
        for one, two in self.signatures:
            node: Any = two.node
            made = execute_body(self.around, [_functions.bare(node)], self.version, self.names)[node.name]
            code, old_code = _source.function_code(two), _source.function_code(one)
            for function in living.of(old_code) if code is not None and old_code is not None else ():
                fresh = types.FunctionType(made.__code__, made.__globals__, made.__name__, made.__defaults__, made.__closure__)
                fresh.__kwdefaults__, fresh.__doc__, fresh.__annotate__ = made.__kwdefaults__, made.__doc__, made.__annotate__
                _functions.keep_defaults(one.node, node, function, fresh, renewed, self.calls)
                _functions.adopt(function, fresh, code, work)
        work.commit_queue()

    def _finish(self, work: Transaction) -> None:
        """What `type` does for a class beside its body."""
        cls, new = self.cls, self.new
        work.set_class(cls, "__firstlineno__", _source.first_line(new))
        if ast.get_docstring(self.old, clean=False) != ast.get_docstring(new, clean=False):
            old = cls.__doc__
            work.call_at_rollback(setattr, cls, "__doc__", old)
            cls.__doc__ = docstring(new)
        annotations = [[_source.dump(s) for s in n.body if isinstance(s, ast.AnnAssign)] for n in (self.old, new)]
        if annotations[0] != annotations[1]:
            self._annotate(work)
        if "__eq__" in self.attributes and not any("__hash__" in s.binds for s in _source.statements(new.body, None)):
            work.set_class(cls, "__hash__", None if "__eq__" in cls.__dict__ else MISSING)
        if isinstance(cls, abc.ABCMeta):
            for each in [cls, *subclasses(cls)]:
                work.call_at_rollback(abc.update_abstractmethods, each)
                abc.update_abstractmethods(each)

    def _annotate(self, work: Transaction) -> None:
        body = []
        for node in self.new.body:
            if isinstance(node, ast.AnnAssign):
                made = copy.copy(node)
                made.value = None
                body.append(made)
        names = execute_body(self.around, body, self.version, self.names)
        old = self.cls.__annotate__
        work.call_at_rollback(setattr, self.cls, "__annotate__", old)
        self.cls.__annotate__ = dict.get(names, "__annotate_func__")

    def _transplant(self, work: Transaction) -> None:
        """Execute the whole statement and move what came of it into the class that exists."""
        cls = self.cls
        made = _functions.evaluate([self.new], self.version, self.names, {})[self.new.name]
        if not isinstance(made, type):
            raise Refused(self.new.lineno, f"the decorators of {cls.__qualname__} do not give a class")
        layout = ("__bases__", "__basicsize__", "__itemsize__", "__dictoffset__", "__weakrefoffset__", "__flags__")
        if type(made) is not type(cls) or any(getattr(made, name) != getattr(cls, name) for name in layout):
            raise Refused(self.new.lineno, f"instances of the class {cls.__qualname__} would have another layout")
        for name, value in made.__dict__.items():
            if name in KEPT or isinstance(value, types.MemberDescriptorType):
                continue
            redirect(value, made, cls)
            work.set_class(cls, name, value)
            if hasattr(type(value), "__set_name__"):
                type(value).__set_name__(value, cls, name)
        bound = set().union(*[s.binds for s in _source.statements(self.old.body, None)])
        for name in bound - set(made.__dict__):
            work.set_class(cls, name, MISSING)
        if cls.__dict__.get("__annotate_func__") is not None:
            cls.__annotate__ = cls.__annotate__
        if isinstance(cls, abc.ABCMeta):
            abc.update_abstractmethods(cls)


PLAIN_STATEMENTS = (
    ast.FunctionDef, ast.AsyncFunctionDef, ast.Assign, ast.AnnAssign, ast.AugAssign, ast.Pass, ast.Import, ast.ImportFrom, ast.ClassDef,
)  # fmt: skip
#: Metaclasses under which methods can come and go: what they do concerns other attributes only.
METHOD_NEUTRAL: list[type] = []


def docstring(node: ast.ClassDef) -> str | None:
    """The docstring as the compiler stores it."""
    text = ast.get_docstring(node, clean=False)
    if text is None:
        return None
    code = compile(ast.Module([ast.copy_location(ast.Expr(ast.copy_location(ast.Constant(text), node)), node)], []), "", "exec")
    return next((constant for constant in code.co_consts if isinstance(constant, str)), text)


def subclasses(cls: type) -> list[type]:
    """All classes that derive from a class, those nearer to it first."""
    found: list[type] = []
    work = list(cls.__subclasses__())
    while work:
        each = work.pop(0)
        if each not in found:
            found.append(each)
            work += each.__subclasses__()
    return found


def captures_other(old: types.CodeType, new: types.CodeType) -> bool:
    """Whether a function of the old code has other variables of what is around it than the new code wants."""
    return old.co_freevars != new.co_freevars and _source.is_function_code(old)


def functions_of(value: Any) -> list[types.FunctionType]:
    """The functions in what a class has under a name."""
    parts = [value.fget, value.fset, value.fdel] if isinstance(value, property) else [getattr(value, "__func__", value)]
    return [part for part in parts if isinstance(part, types.FunctionType)]


def redirect(value: Any, made: type, cls: type) -> None:
    """Let functions that say `super()` or `__class__` mean the class that exists."""
    parts = [value]
    if isinstance(value, property):
        parts = [value.fget, value.fset, value.fdel]
    for part in parts:
        part = getattr(part, "__func__", part)
        if isinstance(part, types.FunctionType):
            for cell in part.__closure__ or ():
                try:
                    if cell.cell_contents is made:
                        cell.cell_contents = cls
                except ValueError:
                    pass
