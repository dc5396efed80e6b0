"""From saved files to what has to be done in the process, or why that cannot be done in place.

The idea: a program's state after its imports is what its top-level statements made, each from what others had made before.
A changed statement, and every statement that rests on what changed, is run again, in order; functions and classes are not made again
but get their new code. What a statement did to objects that stay (a registration, say) cannot be taken back: if such a
statement would have to run again or go away, the plan is refused, with the line.

The invariant: a plan that is not refused leaves every name with a value that a fresh start would give it, except for what
the running program has changed since in objects whose statements are as they were.
"""

from __future__ import annotations

import ast
import types

from . import _classes, _functions, _source

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Any

    from ._effects import Judge
    from ._project import Module, Project
    from ._source import Statement, Version

Functions = (ast.FunctionDef, ast.AsyncFunctionDef)
#: Values that nothing can change.
FIXED = (int, float, complex, bool, str, bytes, frozenset, range, type(None), type(...), types.ModuleType, types.BuiltinFunctionType)


class Refusal(Exception):
    """The process cannot be changed in place: where, and what is in the way."""

    def __init__(self, path: str, line: int, text: str, source: str = "") -> None:
        super().__init__(f"{path}:{line}: {text}")
        self.path = path
        self.line = line
        self.text = text
        self.source = source


class Work:
    """What has to be done in one module."""

    def __init__(self, module: Module, new: Version) -> None:
        self.module = module
        self.old = module.version
        self.new = new
        self.changed_source = new is not self.old
        #: New statement → the old one it was, for those that stay.
        self.before: dict[Statement, Statement] = {}
        self.removed: list[Statement] = []
        #: Statements that run, because they are new or have to run again.
        self.run: set[Statement] = set()
        #: Definitions whose function is given another signature: new statement → old.
        self.signatures: dict[Statement, Statement] = {}
        self.patches: dict[Statement, _classes.Patch] = {}
        #: Definitions whose defaults were computed by what has changed.
        self.deep: set[Statement] = set()
        #: If the module's body is still running (a script's main loop), the line it has come to.
        self.running = running_line(module)

    @classmethod
    def unchanged(cls, module: Module) -> Work:
        """Work in a module whose source is as it was."""
        work = cls(module, module.version)
        work.before = {statement: statement for statement in work.new.statements}
        return work

    @property
    def name(self) -> str:
        """The module's name."""
        return self.module.name

    def statements(self) -> Iterator[Statement]:
        """The statements of the new version that were there before and run neither anew nor again."""
        here = [s for s in self.new.statements if s in self.before and s not in self.run]
        return (s for s in here if self.running is None or self.before[s].last < self.running)

    def refuse(self, line: int, text: str, version: Version | None = None) -> Refusal:
        """A refusal that shows a line."""
        version = version or self.new
        return Refusal(self.module.path, line, text, version.line(line))


class Plan:
    """What has to be done for one batch of saves."""

    def __init__(self, project: Project, judge: Judge, adapters: list[Any]) -> None:
        self.project, self.judge, self.adapters = project, judge, adapters
        self.works: dict[str, Work] = {}
        self.pairs: dict[_source.Key, types.CodeType] = {}
        #: (module, name) that get another object; names alone; code that does something else from now on.
        self.values: set[tuple[str, str]] = set()
        self.codes: set[_source.Key] = set()
        #: (class, names of attributes that get another object).
        self.attributes: list[tuple[type, set[str]]] = []

    # --- what changed ---------------------------------------------------------------------------------------------

    def change(self, module: Module, new: Version) -> None:
        """A module's source is another one now."""
        work = self.works[module.name] = Work(module, new)
        self._refuse_not_run(work)
        difference = _source.Difference(work.old.statements, new.statements)
        for one, two in difference.same:
            work.before[two] = one
            pairs: dict[types.CodeType, types.CodeType] = {}
            if isinstance(two.node, ast.ClassDef) and self._methods_capture_others(one, two):
                self._changed(work, one, two)
            elif _source.pair_codes(one.codes, two.codes, pairs):
                self._swap(work, two, pairs)
            else:
                self._changed(work, one, two)
        for one, two in difference.changed:
            work.before[two] = one
            self._changed(work, one, two)
        for one in difference.removed:
            self._remove(work, one)
        for two in difference.added:
            self._add(work, two)

    def _methods_capture_others(self, one: Statement, two: Statement) -> bool:
        """Whether a method of a class has begun or ceased to say `super()`."""
        bodies = [self._class_code(statement) for statement in (one, two)]
        if bodies[0] is None or bodies[1] is None:
            return False
        pairs = zip(_source.children(bodies[0]), _source.children(bodies[1]), strict=False)
        return any(_classes.captures_other(old, new) for old, new in pairs if old.co_name == new.co_name)

    def _refuse_not_run(self, work: Work) -> None:
        """A module whose body is still running has not come to all of its statements, and cannot come to others."""
        if work.running is None:
            return
        running = work.old.at(work.running)
        place = work.old.statements.index(running) if running is not None else 0
        count = len(work.old.statements) - place
        tails = [[s.skeleton for s in version.statements[-count:]] for version in (work.old, work.new)]
        if tails[0] != tails[1] or len(work.new.statements) < count:
            text = "the script is still running this statement, and it or what follows has changed"
            raise work.refuse(work.running, text, work.old)

    def _swap(self, work: Work, statement: Statement, pairs: dict[types.CodeType, types.CodeType]) -> None:
        changed = {old for old, new in pairs.items() if not _source.same_but_lines(old, new, pairs)}
        self.pairs |= {_source.key(old): new for old, new in pairs.items()}
        self.codes |= set(map(_source.key, changed))
        if not changed:
            return
        for node in statement.nodes:
            for part in ast.walk(node):
                decorators = getattr(part, "decorator_list", [])
                name = _functions.translator(decorators, work.module.module.__dict__) if decorators else None
                inside = any(part.lineno <= pairs[c].co_firstlineno <= part.end_lineno for c in changed) if name else False
                if inside:
                    raise work.refuse(part.lineno, f"{name} has translated the function {part.name} already")  # type: ignore[attr-defined]

    def _changed(self, work: Work, one: Statement, two: Statement) -> None:
        names = work.module.module.__dict__
        if isinstance(one.node, Functions) and type(one.node) is type(two.node):
            decorators = two.node.decorator_list  # type: ignore[union-attr]
            same = _source.dump(one.node.decorator_list) == _source.dump(decorators)
            old_code = _source.function_code(one)
            if same and self._transparent(work, decorators) and old_code is not None and _source.function_code(two) is not None:
                work.signatures[two] = one
                self.codes |= set(map(_source.key, _source.walk_codes(old_code)))
                return
        if isinstance(one.node, ast.ClassDef) and isinstance(two.node, ast.ClassDef):
            cls = names.get(one.node.name)
            if isinstance(cls, type) and cls.__qualname__ == one.node.name and cls.__module__ == work.name:
                self._patch_class(work, cls, one, two)
                return
        if self._is_overwriting(work, one) and self._is_overwriting(work, two) and one.kind == two.kind:
            work.run.add(two)
            return
        if _source.is_docstring(one) and _source.is_docstring(two):
            work.run.add(two)
            return
        self.redo(work, two)

    def _transparent(self, work: Work, decorators: list[ast.expr]) -> bool:
        """Whether all decorators keep the function and have not looked at its signature."""
        from ._effects import Scene

        scene = Scene(self.judge, work.module)
        for decorator in decorators:
            called = decorator.func if isinstance(decorator, ast.Call) else decorator
            if _functions.is_transparent(decorator):
                continue
            try:
                if isinstance(called, ast.Attribute) and isinstance(called.value, ast.Name):
                    # A method of an object: what registers, say.
                    found = getattr(scene.value(called.value), called.attr, None)
                else:
                    found = scene.value(called)
            except LookupError:
                return False
            if not any(adapter.transparent(found) for adapter in self.adapters):
                return False
        return True

    def _remove(self, work: Work, one: Statement) -> None:
        work.removed.append(one)
        self._undoable(work, one, "goes away")
        self.values |= {(work.name, name) for name in one.binds}
        self.codes |= {_source.key(code) for made in one.codes for code in _source.walk_codes(made)}
        self._others_of(work, one)

    def _add(self, work: Work, two: Statement) -> None:
        work.run.add(two)
        self.values |= {(work.name, name) for name in two.binds}
        if any(adapter.order_is_free(work, two) for adapter in self.adapters):
            return
        following = work.new.statements[work.new.statements.index(two) + 1 :]
        touched = self._touched(work, two)
        for other in following:
            if other in work.before and touched & self._touched(work, work.before[other]):
                self._others_of(work, two)
                break
        for name in two.binds:
            self._redo_binders(work, name)
        if self._is_overwriting(work, two):
            return
        effect = self.judge.effect(work.module, work.new, two, in_file=True)
        if effect is not None:
            raise work.refuse(effect.line, f"this statement is new, and it {effect.text}; a fresh start would run it in its place")

    # --- what follows from it -------------------------------------------------------------------------------------

    def redo(self, work: Work, statement: Statement) -> None:
        """A statement has to run again, and with it all that together make what it makes."""
        if statement in work.run:
            return
        work.run.add(statement)
        before = work.before[statement]
        for table in (work.signatures, work.patches):
            table.pop(statement, None)  # type: ignore[attr-defined]
        self._undoable(work, before, "has to run again")
        self._new_values(work, statement)
        self._others_of(work, before)
        for name in statement.binds:
            self._redo_binders(work, name)

    def _new_values(self, work: Work, statement: Statement) -> None:
        """Note which names get another object because a statement runs again."""
        before = work.before[statement]
        if not all(isinstance(node, (ast.Import, ast.ImportFrom)) for node in (*before.nodes, *statement.nodes)):
            self.values |= {(work.name, name) for name in before.binds | statement.binds}
            return
        sources = [self._sources(work, version) for version in (before, statement)]
        for name in before.binds | statement.binds:
            old, new = sources[0].get(name), sources[1].get(name)
            if old != new or new in self.values:
                self.values.add((work.name, name))
        stars = {module for module, name in sources[1].values() if name == "*"}
        self.values |= {(work.name, name) for module, name in self.values if module in stars}

    def _sources(self, work: Work, statement: Statement) -> dict[str, tuple[str, str]]:
        """Names that imports bind, and where they come from."""
        found = {}
        for node in statement.nodes:
            for alias in getattr(node, "names", ()):
                if isinstance(node, ast.ImportFrom):
                    home = self._absolute(work.module, node.module or "", node.level)
                    found[alias.asname or (alias.name if alias.name != "*" else f"* {home}")] = (home, alias.name)
                else:
                    found[alias.asname or alias.name.split(".")[0]] = (alias.name, "")
        return found

    def _undoable(self, work: Work, old: Statement, what: str) -> None:
        """Refuse if what the old statement did cannot be undone."""
        if isinstance(old.node, ast.ClassDef) and what != "goes away":
            raise work.refuse(old.first, f"the class {old.node.name} would have to be made again", work.old)
        if _source.is_docstring(old) or self._is_overwriting(work, old) and what != "goes away":
            return
        effect = self.judge.effect(work.module, work.old, old)
        if effect is not None:
            raise work.refuse(effect.line, f"this statement {what}, and it {effect.text}", work.old)

    def _is_overwriting(self, work: Work, statement: Statement) -> bool:
        """Whether it sets attributes or items of objects that stay, so that running it again replaces what it did."""
        node = statement.node
        if not isinstance(node, ast.Assign) or not all(isinstance(t, (ast.Attribute, ast.Subscript)) for t in node.targets):
            return False
        from ._effects import Scene

        scene = Scene(self.judge, work.module)
        for target in node.targets:
            assert isinstance(target, (ast.Attribute, ast.Subscript))
            if isinstance(target, ast.Subscript) and not isinstance(target.slice, ast.Constant):
                return False
            try:
                holder = self._holder(work, target.value)
            except (LookupError, AttributeError):
                return False
            setter = "__setattr__" if isinstance(target, ast.Attribute) else "__setitem__"
            plain = (object.__setattr__, type.__setattr__, types.ModuleType.__setattr__, dict.__setitem__)
            if getattr(type(holder), setter, None) not in plain:
                return False
            if isinstance(target, ast.Attribute) and isinstance(getattr(type(holder), target.attr, None), property):
                return False
        return scene.computes(node.value)

    def _holder(self, work: Work, node: ast.expr) -> Any:
        if isinstance(node, ast.Name):
            return work.module.module.__dict__[node.id]
        if isinstance(node, ast.Attribute):
            holder = self._holder(work, node.value)
            found = vars(holder).get(node.attr)
            if found is not None:
                return found
        raise LookupError

    def _fixed(self, work: Work) -> set[str]:
        """Names of a module whose values nothing can change."""
        fixed = (*FIXED, types.FunctionType, type)
        return {name for name, value in work.module.module.__dict__.items() if isinstance(value, fixed)}

    def _touched(self, work: Work, statement: Statement) -> set[str]:
        """Names of its module whose objects a statement may have changed, itself or through what it called."""
        names = set(statement.mutates | (statement.aliases if not isinstance(statement.node, Functions) else set()))
        traced = self._traced(work, statement)
        for _, code in self._called(work, statement) if traced is None or statement in work.run else traced:
            node = work.old.function(code) if code.co_filename == work.module.filename else None
            if node is not None:
                names |= _source.mutated([node], whole=True) & set(code.co_names)
                if "cls" in _source.mutated([node], whole=True):
                    names |= {n for n in statement.loads if isinstance(work.module.module.__dict__.get(n), type)}
        stores = {_source.root(t) for n in statement.nodes for t in ast.walk(n) if is_store(t)}
        return {name for name in names if name in stores or name not in self._fixed(work)}

    def _called(self, work: Work, statement: Statement) -> set[_source.Key]:
        """What a statement that has not run under our eyes would call, as far as names tell."""
        found: set[_source.Key] = set()
        names = work.module.module.__dict__
        wanted = set(statement.loads) if not isinstance(statement.node, (ast.Import, ast.ImportFrom)) else set()
        while wanted:
            thing = names.get(wanted.pop())
            for part in vars(thing).values() if isinstance(thing, type) else [thing]:
                code = getattr(getattr(part, "__wrapped__", part), "__code__", None)
                if isinstance(code, types.CodeType) and code.co_filename == work.module.filename and _source.key(code) not in found:
                    found |= set(map(_source.key, _source.walk_codes(code)))
                    wanted |= set(code.co_names)
        return found

    def _others_of(self, work: Work, old: Statement) -> None:
        """All that has a part in the objects that a statement has changed has to run again with it."""
        touched = self._touched(work, old) - old.binds
        own = {name for s in work.old.statements for name in s.binds if not s.imports}
        for name in sorted(touched & own):
            self._redo_binders(work, name)
        touched |= old.binds
        for statement in list(work.statements()):
            if statement in work.before and self._touched(work, work.before[statement]) & touched - self._fixed(work):
                self.redo(work, statement)

    def _redo_binders(self, work: Work, name: str) -> None:
        for statement in list(work.statements()):
            if name in statement.binds:
                if isinstance(statement.node, (*Functions, ast.ClassDef)) and not self._bound_twice(work, name):
                    kind = "class" if isinstance(statement.node, ast.ClassDef) else "function"
                    raise work.refuse(statement.first, f"what was set on the {kind} {name} would have to be undone")
                self.redo(work, statement)

    def _bound_twice(self, work: Work, name: str) -> bool:
        return any(sum(name in s.binds for s in version.statements) > 1 for version in (work.old, work.new))

    def _patch_class(
        self, work: Work, cls: type, one: Statement, two: Statement, renewed: set[str] | None = None, calls: bool = False
    ) -> None:
        codes = [self._class_code(statement) for statement in (one, two)]
        if None in codes:
            raise work.refuse(two.first, f"the class {cls.__qualname__} has type parameters, and more than methods change")
        patch = _classes.Patch(cls, one, two, work.new, work.module.module.__dict__, *codes)  # type: ignore[arg-type]
        effect = lambda: self.judge.effect(work.module, work.old, one)  # noqa: E731
        checks = [adapter.class_change for adapter in self.adapters]
        try:
            patch.plan(checks, effect, renewed or set(), calls)
        except _classes.Refused as refused:
            raise work.refuse(refused.line, refused.text) from None
        work.patches[two] = patch
        self._swap(work, two, patch.pairs)
        self.codes |= set(map(_source.key, patch.renamed))
        self.codes |= {_source.key(code) for old, _ in patch.signatures for made in old.codes for code in _source.walk_codes(made)}
        self.attributes.append((cls, patch.attributes))

    def _class_code(self, statement: Statement) -> types.CodeType | None:
        name = statement.node.name  # type: ignore[union-attr]
        return next((code for code in statement.codes if code.co_name == name and not _source.is_function_code(code)), None)

    # --- who rests on it ------------------------------------------------------------------------------------------

    def spread(self) -> None:
        """Find what rests on what changed, until nothing more is found."""
        while True:
            before = self._size()
            for work in list(self.works.values()):
                for statement in work.run & work.before.keys():
                    self._new_values(work, statement)
            names = {name for _, name in self.values}
            functions = {code.co_name for _, code in self.codes}
            for module in sorted(self.project, key=lambda module: module.number):
                work = self.works.get(module.name)
                if work is None and not self._may_concern(module, names | functions):
                    continue
                if work is None:
                    work = Work.unchanged(module)
                for statement in list(work.statements()):
                    if self._rests_on_change(work, statement):
                        self.works[module.name] = work
                        self._again(work, statement)
            if self._size() == before:
                return

    def _size(self) -> tuple[int, ...]:
        works = self.works.values()
        parts = [sum(len(getattr(work, part)) for work in works) for part in ("run", "signatures", "patches", "deep")]
        return (len(self.values), len(self.codes), len(self.attributes), *parts)

    def _may_concern(self, module: Module, names: set[str]) -> bool:
        """Whether a module mentions anything of what changed: a cheap look before its source is taken apart."""
        if module.traces and any(not codes.isdisjoint(self.codes) for codes in module.traces.values()):
            return True
        if module.notes and any(not codes.isdisjoint(self.codes) for codes in module.notes.values()):
            return True
        if not self.values and not self.attributes and module.notes is not None and not has_caches(module):
            return False
        names = names | {cls.__name__ for cls, _ in self.attributes}
        return b"import *" in module.text or any(name.encode() in module.text for name in names)

    def _traced(self, work: Work, statement: Statement) -> set[_source.Key] | None:
        """What a statement ran when it was imported; None if nobody knows."""
        traces = work.module.traces
        old = work.before.get(statement, statement)
        return None if traces is None else traces.get(old.first, set())

    def _rests_on_change(self, work: Work, statement: Statement) -> bool:
        old = work.before[statement]
        if statement in work.patches and statement in work.signatures:
            return False
        return self._calls_changed(work, old) or self._reads_changed(work, old)

    def _calls_changed(self, work: Work, old: Statement) -> bool:
        traced = self._traced(work, old)
        if traced is not None:
            if not traced.isdisjoint(self.codes) or self._traced_reads_changed(work, old):
                return True
            return self._through_cache(work, old, traced)
        if isinstance(old.node, (*Functions, ast.Import, ast.ImportFrom)) and not getattr(old.node, "decorator_list", None):
            return False
        names = {code.co_name for _, code in self.codes} - {"__annotate__"}
        called = set()
        for node in _source.executed(old.nodes):
            if isinstance(node, ast.Call):
                parts = [node.func, *node.args, *[keyword.value for keyword in node.keywords]]
                called |= {getattr(p, "attr", getattr(p, "id", None)) for p in parts}
        called |= {_source.root(d) for n in old.nodes for d in getattr(n, "decorator_list", ())}
        own = work.module.module.__dict__
        mentioned = [own[name] for name in called if name in own]
        parts = [part for thing in mentioned for part in (vars(thing).values() if isinstance(thing, type) else [thing])]
        ours = self.project.filenames.__contains__
        functions = [part for part in parts if isinstance(part, types.FunctionType) and ours(part.__code__.co_filename)]
        return bool(names & called) or any(_functions.reaches(function, names, ours) for function in functions)

    def _through_cache(self, work: Work, old: Statement, traced: set[_source.Key]) -> bool:
        """Whether it has called an `lru_cache` that may have answered without running what changed."""
        if work.module.mentions_caches is False:
            return False
        names = {code.co_name for _, code in self.codes} | {name for _, name in self.values}
        mentioned = [(work.module.module.__dict__, old.loads | old.attributes)]
        for _, code in traced:
            mentioned += [(home.module.__dict__, set(code.co_names)) for home in self.project.at(code.co_filename)]
        ours = self.project.filenames.__contains__
        for namespace, words in mentioned:
            for word in words:
                thing = namespace.get(word)
                holders = [thing] if not isinstance(thing, types.ModuleType) else [vars(thing).get(w) for w in words]
                for holder in holders:
                    function = getattr(holder, "__wrapped__", None) if isinstance(holder, _functions.Caches) else None
                    if isinstance(function, types.FunctionType) and ours(function.__code__.co_filename):
                        if _functions.reaches(function, names, ours):
                            return True
        return False

    def _reads_changed(self, work: Work, old: Statement) -> bool:
        """Whether a statement, or what it called, reads a name or an attribute that has another object now."""
        own = work.module.module.__dict__
        seen = {name for module, name in self.values if module == work.name}
        if old.loads & seen:
            return True
        elsewhere = {(module, name) for module, name in self.values if module != work.name}
        for module, name in elsewhere:
            if self._imports(work, old, module, name):
                return True
            if (name in old.attributes or old.wild) and self._mentions_module(own, old.loads, module):
                return True
        if old.wild and seen:
            return True
        return self._traced_reads_changed(work, old) or self._reads_attributes(work, old, own)

    def _traced_reads_changed(self, work: Work, old: Statement) -> bool:
        """Whether what a statement called reads a name that has another object now."""
        for _, code in self._traced(work, old) or ():
            homes = self.project.at(code.co_filename)
            names = set(code.co_names)
            for module, name in self.values:
                if name in names and any(module == home.name or self._sees(home, module) for home in homes):
                    return True
        return False

    def _imports(self, work: Work, old: Statement, module: str, name: str) -> bool:
        for target, level, names in old.imports:
            if names and (name in names or "*" in names) and self._absolute(work.module, target, level) == module:
                return True
        return False

    def _absolute(self, module: Module, target: str, level: int) -> str:
        if level == 0:
            return target
        base = module.name.split(".")
        base = base[: len(base) - level + (1 if module.package else 0)]
        return ".".join([*base, target] if target else base)

    def _mentions_module(self, own: dict[str, Any], loads: set[str], module: str) -> bool:
        for name in loads:
            found = own.get(name)
            if isinstance(found, types.ModuleType) and (module + ".").startswith(found.__name__ + "."):
                return True
        return False

    def _sees(self, entry: Module, module: str) -> bool:
        return self._mentions_module(entry.module.__dict__, set(entry.module.__dict__), module)

    def _reads_attributes(self, work: Work, old: Statement, own: dict[str, Any]) -> bool:
        for cls, names in self.attributes:
            mentioned = [own[name] for name in old.loads if name in own]
            related = any(
                (isinstance(m, type) and issubclass(m, cls)) or isinstance(m, (cls, types.ModuleType)) for m in mentioned
            )
            is_itself = isinstance(old.node, ast.ClassDef) and own.get(old.node.name) is cls
            if not names or not related or is_itself or isinstance(old.node, (ast.Import, ast.ImportFrom)):
                continue
            traced = self._traced(work, old) or set()
            if "*" in names or old.attributes & names or any(names & set(code.co_names) for _, code in traced):
                return True
            special = {name for name in names if name.startswith("__")}
            if special and any(isinstance(node, ast.Call) for node in _source.executed(old.nodes)):
                return True
        return False

    def _again(self, work: Work, statement: Statement) -> None:
        """A statement that rests on what changed: renew what can be renewed in place, else run it again."""
        node, old = statement.node, work.before[statement]
        renewed = self.renewed_in(work.module)
        if isinstance(node, Functions) and self._transparent(work, node.decorator_list) and _source.function_code(statement):
            work.signatures.setdefault(statement, old)
            if self._calls_changed(work, old):
                work.deep.add(statement)
            return
        if isinstance(node, ast.ClassDef):
            cls = work.module.module.__dict__.get(node.name)
            heads = {n.id for b in (*node.bases, *node.keywords) for n in ast.walk(b) if isinstance(n, ast.Name)}
            heads &= {name for module, name in self.values if module == work.name}
            if isinstance(cls, type) and cls.__qualname__ == node.name and not heads:
                done = work.patches.get(statement)
                calls = self._calls_changed(work, old)
                if done is None or not (renewed & old.loads) <= done.renewed or calls > done.calls:
                    self._patch_class(work, cls, old, statement, renewed & old.loads, calls)
                    work.patches[statement].renewed = renewed & old.loads
                    work.patches[statement].calls = calls
                return
        if self._is_overwriting(work, old):
            work.run.add(statement)
            return
        self.redo(work, statement)

    def renewed_in(self, module: Module) -> set[str]:
        """Names of a module that get another object, and names of modules and classes of which a part does."""
        renewed = {name for home, name in self.values if home == module.name}
        homes = {home for home, _ in self.values if home != module.name}
        for name, found in module.module.__dict__.items():
            if isinstance(found, types.ModuleType):
                if any((home + ".").startswith(found.__name__ + ".") for home in homes):
                    renewed.add(name)
            elif isinstance(found, type) and any(names and issubclass(found, cls) for cls, names in self.attributes):
                renewed.add(name)
        return renewed


def has_caches(module: Module) -> bool:
    """Whether a module mentions an `lru_cache` of the program, or a module that may have one."""
    if module.mentions_caches is None:
        values = list(module.module.__dict__.values())
        module.mentions_caches = any(isinstance(value, (_functions.Caches, types.ModuleType)) for value in values)
    return module.mentions_caches


def running_line(module: Module) -> int | None:
    """The line of a module's body that is being executed, if it is."""
    import sys

    for frame in sys._current_frames().values():
        walked: types.FrameType | None = frame
        while walked is not None:
            if walked.f_code.co_name == "<module>" and walked.f_globals is module.module.__dict__:
                return walked.f_lineno
            walked = walked.f_back
    return None


def is_store(node: ast.AST) -> bool:
    """Whether a node sets or deletes an attribute or item."""
    return isinstance(node, (ast.Attribute, ast.Subscript)) and not isinstance(node.ctx, ast.Load)
