"""Does what a plan says: all of it or nothing.

First all functions that exist get their new code, in one step between two instructions of the program. Then, if the plan
has them, statements run, module by module in the order of imports, with other threads kept waiting. An exception in a
statement takes everything back.
"""

from __future__ import annotations

import ast
import copy
import gc
import sys
import threading
import time
import types

from . import _functions, _holders, _source
from ._classes import functions_of
from ._plan import Functions, Refusal
from ._transaction import MISSING, Alone, Replaced, Transaction

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from typing import Any

    from ._plan import Plan, Work
    from ._source import Statement

#: What can be called and is kept by those who registered it.
CALLABLE = (types.FunctionType, _functions.Caches, type, types.MethodType)

#: How long is waited for calls that are under way, in seconds.
PATIENCE = 0.05


class Failed(Exception):
    """A statement of the new source raised an exception; everything is as it was."""

    def __init__(self, path: str, error: BaseException) -> None:
        super().__init__(str(error))
        self.path = path
        self.error = error


class Done:
    """What was done."""

    def __init__(self) -> None:
        self.functions = 0
        self.classes: list[str] = []
        self.statements = 0
        self.caches = 0
        #: Functions that run somewhere with their old code, and where: (frame or generator, code).
        self.lingering: list[tuple[Any, types.CodeType]] = []
        #: Functions that were replaced and that calls under way still have, each with the ids of all that was replaced.
        self.doubtful: list[tuple[Replaced, set[int]]] = []
        #: Names that go away when no function of their module is running: (namespace, name, value).
        self.deferred: list[tuple[dict[str, Any], str, Any]] = []


class Apply:
    """One execution of a plan."""

    def __init__(self, plan: Plan) -> None:
        self.plan = plan
        self.work = Transaction()
        self.done = Done()
        #: A statement that has run and cannot be taken back.
        self.irreversible: tuple[Work, Statement] | None = None

    def run(self) -> Done:
        """Do it; raises `Refusal` or `Failed`, and then nothing has changed."""
        plan = self.plan
        works = self._in_order()
        self.living = _functions.Living({work.module.filename for work in works} | {filename for filename, _ in plan.pairs})
        self._check_sources(works)
        loaded = set(sys.modules)
        try:
            self.done.functions = _functions.swap(plan.pairs, self.living, self.work)
        except _functions.Shape as shape:
            raise self._refusal(shape) from None
        self.done.lingering = self._lingering()
        quiet = not any(work.run or work.removed or work.signatures or work.patches for work in works)
        if quiet:
            with Alone(briefly=True):
                self._wait_for_calls()
                self.work.commit_queue()
            self._finish(works)
            return self.done
        with Alone():
            try:
                self._wait_for_calls()
                self.work.commit_queue()
                self._clear_caches()
                for work in works:
                    self._module(work)
                self._finish(works)
                self._prove()
            except BaseException as error:
                self.work.rollback()
                for name in set(sys.modules) - loaded:
                    if name in plan.project.modules:
                        del sys.modules[name], plan.project.modules[name]
                if isinstance(error, _functions.Shape):
                    error = self._refusal(error)
                if self.irreversible is not None and not isinstance(error, Refusal):
                    work, statement = self.irreversible
                    error = work.refuse(statement.first, f"this statement has run, and then there was an error: {error}")
                raise error from None
        return self.done

    def _check_sources(self, works: list[Work]) -> None:
        """Refuse if a module's functions were not made of what is taken for its source: then nothing would find them."""
        for work in works:
            if not work.changed_source:
                continue
            known = set(_source.walk_codes(work.old.code))
            names = work.module.module.__dict__
            for name, value in list(names.items()):
                is_class = isinstance(value, type) and value.__module__ == work.name
                for function in [f for v in vars(value).values() for f in functions_of(v)] if is_class else functions_of(value):
                    code = function.__code__
                    if function.__globals__ is names and code.co_filename == work.module.filename and code not in known:
                        text = f"the function {code.co_qualname} is not what the source was before it was saved"
                        raise work.refuse(code.co_firstlineno, text)

    def _refusal(self, shape: _functions.Shape) -> Refusal:
        entries = self.plan.project.at(shape.code.co_filename)
        work = next((self.plan.works[entry.name] for entry in entries if entry.name in self.plan.works), None)
        line = shape.code.co_firstlineno
        return Refusal(shape.code.co_filename, line, shape.text, work.new.line(line) if work else "")

    def _wait_for_calls(self) -> None:
        """Wait a little for a moment in which no thread is in a function of the modules that change."""
        until = time.monotonic() + PATIENCE
        files = {work.module.filename for work in self.plan.works.values()}
        while time.monotonic() < until and busy_in(lambda frame: frame.f_code.co_filename in files and frame.f_code.co_name != "<module>"):
            time.sleep(0.001)

    def _in_order(self) -> list[Work]:
        """The modules, each after those of them that it imports."""
        works = sorted(self.plan.works.values(), key=lambda work: work.module.number)
        names = {work.name: work for work in works}
        order: list[Work] = []
        state: dict[str, int] = {}

        def visit(work: Work) -> None:
            if state.get(work.name):
                return
            state[work.name] = 1
            for statement in work.new.statements:
                for target, level, parts in statement.imports:
                    base = self.plan._absolute(work.module, target, level)
                    for name in (base, *[f"{base}.{part}" for part in parts]):
                        if name in names:
                            visit(names[name])
            order.append(work)

        for work in works:
            visit(work)
        return order

    # --- one module -----------------------------------------------------------------------------------------------

    def _module(self, work: Work) -> None:
        names = work.module.module.__dict__
        if not (work.run or work.removed or work.signatures or work.patches):
            return
        self.work.snapshot(names)
        bound = {name for statement in work.new.statements for name in statement.binds}
        for statement in work.removed:
            gone = statement.binds - bound
            self._forget(names, gone)
        for statement in work.before:
            self._forget(names, work.before[statement].binds - bound if statement in work.run else set())
        noting = any(needs_notes(statement) for statement in (*work.run, *work.signatures, *work.patches))
        if noting and work.module.traces is not None:
            work.module.notes = {}
            self.plan.project.listen()
        try:
            for statement in work.new.statements:
                self._statement(work, statement, names)
        finally:
            if noting:
                self.plan.project.stop_listening()
        self._annotations(work, names)

    def _forget(self, names: dict[str, Any], gone: set[str]) -> None:
        """Names that nothing binds any more go away; if a function of the module is running, after it."""
        busy = bool(gone) and busy_in(lambda frame: frame.f_globals is names)
        for name in gone & names.keys():
            if busy:
                self.done.deferred.append((names, name, names[name]))
            else:
                del names[name]

    def _statement(self, work: Work, statement: Statement, names: dict[str, Any]) -> None:
        try:
            if statement in work.run:
                self._execute(work, statement, names)
                self.done.statements += 1
            elif statement in work.signatures:
                self._signature(work, work.signatures[statement], statement, names)
            elif statement in work.patches:
                patch = work.patches[statement]
                patch.apply(self.living, self.work, self.plan.renewed_in(work.module))
                self.done.classes.append(patch.cls.__qualname__)
        except (_functions.Shape, Refusal):
            raise
        except Exception as error:
            from ._classes import Refused

            if isinstance(error, Refused):
                raise work.refuse(error.line, error.text) from None
            raise Failed(work.module.path, error) from error

    def _execute(self, work: Work, statement: Statement, names: dict[str, Any]) -> None:
        if _source.is_docstring(statement):
            if statement is work.new.statements[0] and isinstance(statement.node.value.value, str):  # type: ignore[union-attr]
                names["__doc__"] = statement.node.value.value  # type: ignore[union-attr]
            return
        for target in getattr(statement.node, "targets", ()):
            if isinstance(target, (ast.Attribute, ast.Subscript)):
                self._remember(target, names)
        for adapter in self.plan.adapters:
            adapter.before_run(work, statement)
            if statement not in work.before and adapter.order_is_free(work, statement):
                self.irreversible = (work, statement)
        nodes = [plain_assignment(node) for node in statement.nodes]
        code = compile(ast.Module([*work.new.future, *nodes], []), work.new.path, "exec", dont_inherit=True)
        exec(code, names)

    def _remember(self, target: ast.Attribute | ast.Subscript, names: dict[str, Any]) -> None:
        """Let a rollback restore an attribute or item that is about to be overwritten."""
        holder = eval(compile(ast.Expression(target.value), "", "eval"), names)
        undo = self.work.call_at_rollback
        if isinstance(target, ast.Attribute):
            old = getattr(holder, "__dict__", {}).get(target.attr, MISSING)
            undo(*((delattr, holder, target.attr) if old is MISSING else (setattr, holder, target.attr, old)))
        elif isinstance(holder, (dict, list)):
            key = eval(compile(ast.Expression(target.slice), "", "eval"), names)
            present = key in holder if isinstance(holder, dict) else True
            undo(*((holder.__setitem__, key, holder[key]) if present else (holder.pop, key, None)))

    def _signature(self, work: Work, old: Statement, new: Statement, names: dict[str, Any]) -> None:
        node: Any = new.node
        made = _functions.evaluate([_functions.bare(node)], work.new, names, {})[node.name]
        code, before = _source.function_code(new), _source.function_code(old)
        renewed = self.plan.renewed_in(work.module)
        for function in self.living.of(before) if code is not None and before is not None else ():
            fresh = copy_function(made)
            _functions.keep_defaults(old.node, node, function, fresh, renewed, new in work.deep)
            _functions.adopt(function, fresh, code, self.work)
            self.done.functions += 1
        self.work.commit_queue()

    def _annotations(self, work: Work, names: dict[str, Any]) -> None:
        """The annotations of the module itself."""
        def annotated(version: _source.Version) -> list[Any]:
            return [node for node in version.tree.body if isinstance(node, ast.AnnAssign)]

        nodes = [copy.copy(node) for node in annotated(work.new)]
        for node in nodes:
            node.value = None
        if [_source.dump(n) for n in nodes] != [_source.dump(strip(n)) for n in annotated(work.old)]:
            made = _functions.evaluate(nodes, work.new, names, {})
            if "__conditional_annotations__" in made:
                names["__conditional_annotations__"] = made["__conditional_annotations__"]
            work.module.module.__annotate__ = made.get("__annotate__")  # type: ignore[attr-defined]

    # --- afterwards -----------------------------------------------------------------------------------------------

    def _finish(self, works: list[Work]) -> None:
        plan = self.plan
        self._class_lines(works)
        self._clear_caches()
        for adapter in plan.adapters:
            adapter.after(plan, self.work)

    def _clear_caches(self) -> None:
        """Clear what the program's `lru_cache`s have computed with what changed: before statements use them, and after."""
        plan = self.plan
        names = {code.co_name for _, code in plan.codes} | {name for _, name in plan.values}
        names |= {name for _, attributes in plan.attributes for name in attributes}
        if names and self.living.caches:
            count = _functions.clear_caches(self.living.caches, names, plan.project.filenames.__contains__)
            self.done.caches = max(self.done.caches, count)

    def _class_lines(self, works: Iterable[Work]) -> None:
        """Classes know their first line; `inspect` asks for it."""
        for work in works:
            if not work.changed_source:
                continue
            names = work.module.module.__dict__
            for statement in work.new.statements:
                node = statement.node
                cls = names.get(node.name) if isinstance(node, ast.ClassDef) else None
                if isinstance(cls, type) and cls.__module__ == work.name and "__firstlineno__" in cls.__dict__:
                    line = statement.first
                    if cls.__dict__["__firstlineno__"] != line:
                        self.work.set_class(cls, "__firstlineno__", line)

    def _prove(self) -> None:
        """Refuse if somebody outside of modules' names still holds a function or wrapper that was replaced."""
        names = self.work.replaced()
        gone = {id(name.old) for name in names}
        lost = {id(n.old): n for n in names if isinstance(n.old, CALLABLE) and n.new is not MISSING and n.old.__module__ == n.module}
        for work in self.plan.works.values():
            for patch in work.patches.values():
                kept = {id(function) for value in vars(patch.cls).values() for function in functions_of(value)}
                lost |= {id(method.old): method for method in patch.replaced if id(method.old) not in kept}
        for each in lost.values():
            holder = self._holder(each, gone)
            if holder is not None:
                work = self.plan.works[each.module]
                name = each.name.split(".")[0]
                line = next((s.first for s in work.new.statements if name in s.binds), 1)
                raise work.refuse(line, f"{each.name} is another object now, and {_holders.describe(holder)} still has the old one")

    def _holder(self, name: Replaced, gone: set[int]) -> Any:
        """Something that stays and has what was replaced; notes it if only calls that are under way have it."""
        work, living = self.work, self.living
        ours = {id(copied) for _, copied in work.snapshots.values()} | {id(step) for step in work.undo} | {id(work.undo)}
        ours |= {id(living.caches), *map(id, living.functions.values())}
        search = _holders.Search(name.old, gone, ours, living.suspended)
        if search.firm is None and search.passing is None:
            return None
        # What was found may be garbage.
        del search
        gc.collect()
        search = _holders.Search(name.old, gone, ours, living.suspended)
        if search.firm is None and search.passing is not None:
            self.done.doubtful.append((name, gone))
        return search.firm

    def _lingering(self) -> list[tuple[Any, types.CodeType]]:
        """Frames and suspended generators that run old code of functions that change."""
        changed = {id(code) for _, old in self.plan.codes for code in (f.__code__ for f in self.living.of(old))}
        found: list[tuple[Any, types.CodeType]] = []
        for frame in sys._current_frames().values():
            walked: types.FrameType | None = frame
            while walked is not None:
                if id(walked.f_code) in changed:
                    found.append((walked, walked.f_code))
                walked = walked.f_back
        for thing in self.living.suspended:
            frame = _holders.frame_of(thing)
            if frame is not None and id(frame.f_code) in changed:
                found.append((thing, frame.f_code))
        return found


def busy_in(wanted: Callable[[types.FrameType], bool]) -> bool:
    """Whether another thread is in a frame of this kind."""
    own = threading.get_ident()
    for thread, frame in sys._current_frames().items():
        walked: types.FrameType | None = frame if thread != own else None
        while walked is not None:
            if wanted(walked):
                return True
            walked = walked.f_back
    return False


def needs_notes(statement: Statement) -> bool:
    """Whether running a statement may call functions of the program."""
    return any(
        isinstance(node, (ast.Call, ast.ClassDef)) or getattr(node, "decorator_list", None) for node in _source.executed(statement.nodes)
    )


def plain_assignment(node: ast.stmt) -> ast.stmt:
    """An annotated assignment without its annotation: those of the module are made together."""
    if isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name):
        if node.value is None:
            return ast.copy_location(ast.Pass(), node)
        return ast.copy_location(ast.Assign([node.target], node.value), node)
    return node


def strip(node: ast.AnnAssign) -> ast.AnnAssign:
    """The annotation alone."""
    made = copy.copy(node)
    made.value = None
    return made


def copy_function(made: types.FunctionType) -> types.FunctionType:
    """Another function that is all that `made` is."""
    fresh = types.FunctionType(made.__code__, made.__globals__, made.__name__, made.__defaults__, made.__closure__)
    fresh.__kwdefaults__, fresh.__doc__, fresh.__annotate__ = made.__kwdefaults__, made.__doc__, made.__annotate__
    fresh.__type_params__ = made.__type_params__
    return fresh


__all__ = ["Apply", "Done", "Failed", "Functions"]
