"""A module's source as its top-level statements: what each binds, reads and changes, and which code it makes.

The idea: a module is a list of statements that were executed once, in order. Two versions of a source differ in some of
them; what lies in the bodies of functions is no part of a statement (its *skeleton* leaves bodies out), because it can be
replaced in the functions that exist.

What is said of names is an upper bound: a statement may read and change less than it says, never more.
"""

from __future__ import annotations

import ast
import difflib
import types

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from typing import Any

#: A code object and the name of its file.
Key = tuple[str, types.CodeType]
FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda)
#: Methods that leave their object as it is, and builtins that leave their arguments as they are.
READERS = frozenset(
    "get items keys values copy index count startswith endswith split rsplit join format strip lstrip rstrip lower upper "
    "title replace encode decode union intersection difference issubset issuperset isdisjoint match search sub findall "
    "fullmatch group splitlines partition rpartition capitalize casefold zfill isoformat strftime total_seconds "
    "len sorted list dict set tuple frozenset sum any all enumerate zip isinstance issubclass min max str repr int float "
    "bool range reversed hash id type print abs round getattr hasattr callable bytes chain namedtuple".split()
)
#: Names through which anything may be read.
WILD = frozenset(["globals", "locals", "vars", "dir", "eval", "exec", "getattr", "attrgetter", "__import__", "import_module"])
OPTIMIZED = 1


def is_function_code(code: types.CodeType) -> bool:
    """Whether it is the code of a function and not of the body of a class or module."""
    return bool(code.co_flags & OPTIMIZED)


def children(code: types.CodeType) -> list[types.CodeType]:
    """The code objects that stand directly in `code`, in order."""
    return [constant for constant in code.co_consts if isinstance(constant, types.CodeType)]


def key(code: types.CodeType) -> Key:
    """What a code object is known by: equal code objects of two files are two things."""
    return code.co_filename, code


def walk_codes(code: types.CodeType) -> Iterator[types.CodeType]:
    """`code` and all code in it."""
    yield code
    for child in children(code):
        yield from walk_codes(child)


def same_but_lines(
    old: types.CodeType, new: types.CodeType, pairs: dict[types.CodeType, types.CodeType] | None = None
) -> bool:
    """Whether two code objects do the same, wherever they stand in their file.

    With `pairs` functions inside count as the same if the one becomes the other: those that exist get the new code, too.
    """
    if old == new:
        return True
    names = ("co_code", "co_names", "co_varnames", "co_freevars", "co_cellvars", "co_flags", "co_name", "co_qualname")
    counts = ("co_argcount", "co_kwonlyargcount", "co_posonlyargcount", "co_exceptiontable")
    if any(getattr(old, name) != getattr(new, name) for name in names + counts):
        return False
    if len(old.co_consts) != len(new.co_consts):
        return False
    for mine, other in zip(old.co_consts, new.co_consts, strict=True):
        if isinstance(mine, types.CodeType) and isinstance(other, types.CodeType):
            if pairs is not None and pairs.get(mine) == other and mine.co_freevars == other.co_freevars:
                continue
            if not same_but_lines(mine, other):
                return False
        elif type(mine) is not type(other) or repr(mine) != repr(other):
            return False
    return True


def dump(node: Any, bodies: bool = True) -> Any:
    """A node as nested tuples, without positions; without the bodies of functions if `bodies` is false."""
    if isinstance(node, ast.Constant):
        return (type(node.value).__name__, repr(node.value))
    if isinstance(node, ast.AST):
        hidden = not bodies and isinstance(node, FUNCTIONS)
        fields = [name for name in node._fields if name not in ("ctx", "type_comment") and not (hidden and name == "body")]
        return (type(node).__name__, *[dump(getattr(node, name, None), bodies) for name in fields])
    if isinstance(node, list):
        return tuple([dump(item, bodies) for item in node])
    return node


def root(node: ast.AST) -> str | None:
    """The name that an attribute or item, or a call of one, starts from."""
    while isinstance(node, (ast.Attribute, ast.Subscript, ast.Starred, ast.Call)):
        node = node.func if isinstance(node, ast.Call) else node.value
    return node.id if isinstance(node, ast.Name) else None


def executed(nodes: Iterable[ast.AST], whole: bool = False) -> Iterator[ast.AST]:
    """All nodes that run when these statements run: not the bodies of functions (unless `whole`), nor annotations."""
    work = list(nodes)[::-1]
    while work:
        node = work.pop()
        yield node
        if whole or not isinstance(node, FUNCTIONS):
            work.extend(reversed(list(ast.iter_child_nodes(node))))
            continue
        work.extend(default for default in (*node.args.defaults, *node.args.kw_defaults) if default is not None)
        decorators = getattr(node, "decorator_list", [])
        work.extend(decorators)
        if decorators:
            # A decorator may look at the annotations.
            arguments = (*node.args.posonlyargs, *node.args.args, *node.args.kwonlyargs)
            work.extend(argument.annotation for argument in arguments if argument.annotation is not None)


def mutated(nodes: Iterable[ast.AST], whole: bool = False) -> set[str]:
    """Names whose objects may be changed by running `nodes`."""
    found: set[str | None] = set()
    for node in executed(nodes, whole):
        if isinstance(node, (ast.Attribute, ast.Subscript)) and not isinstance(node.ctx, ast.Load):
            found.add(root(node))
        elif isinstance(node, ast.AugAssign):
            found.add(root(node.target))
        elif isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)):
            for decorator in node.decorator_list:
                if isinstance(decorator, (ast.Attribute, ast.Call)):
                    found.add(root(decorator))
        if isinstance(node, ast.Call):
            name = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", None)
            if name in READERS:
                continue
            if isinstance(node.func, ast.Attribute):
                found.add(root(node.func))
            for argument in (*node.args, *[keyword.value for keyword in node.keywords]):
                parts = argument.elts if isinstance(argument, (ast.List, ast.Tuple)) else [argument]
                found.update(root(part) for part in parts if isinstance(part, (ast.Name, ast.Starred, ast.Attribute)))
    return {name for name in found if name}


class Statement:
    """A top-level statement of a module or class, or several that share a line."""

    __slots__ = (
        "aliases", "attributes", "binds", "codes", "first", "imports", "last", "loads", "mutates", "nodes", "skeleton",
        "wild",
    )  # fmt: skip

    def __init__(self, nodes: list[ast.stmt], codes: list[types.CodeType]) -> None:
        self.nodes = nodes
        self.codes = codes
        self.first = min(first_line(node) for node in nodes)
        self.last = max(node.end_lineno or node.lineno for node in nodes)
        self.skeleton = tuple([dump(node, bodies=False) for node in nodes])
        #: Names it binds; names it reads; attributes it reads or sets; names whose objects it may change.
        self.binds: set[str] = set()
        self.loads: set[str] = set()
        self.attributes: set[str] = set()
        self.mutates = mutated(nodes)
        #: Names whose object it binds to another name.
        self.aliases: set[str] = set()
        #: (module, level, names) of its imports; no names for `import m`.
        self.imports: list[tuple[str, int, tuple[str, ...]]] = []
        for node in nodes:
            self._bound(node)
        for node in executed(nodes):
            self._note(node)
        self.wild = bool(self.loads & WILD or self.attributes & WILD)

    def _bound(self, node: ast.AST) -> None:
        """Names that defining statements bind, in compound statements, too, but not in classes and functions."""
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)):
            self.binds.add(node.name)
            return
        skipped = node.target if isinstance(node, ast.comprehension) else None
        if isinstance(node, ast.AnnAssign) and node.value is None:
            skipped = node.target
        for child in ast.iter_child_nodes(node):
            if not isinstance(child, ast.Lambda) and child is not skipped:
                self._bound(child)
        if isinstance(node, ast.Name) and not isinstance(node.ctx, ast.Load):
            self.binds.add(node.id)
        elif isinstance(node, ast.TypeAlias) and isinstance(node.name, ast.Name):
            self.binds.add(node.name.id)
        elif isinstance(node, (ast.MatchAs, ast.MatchStar)) and node.name:
            self.binds.add(node.name)

    def _note(self, node: ast.AST) -> None:
        if isinstance(node, ast.Name):
            if isinstance(node.ctx, ast.Load):
                self.loads.add(node.id)
        elif isinstance(node, ast.Attribute):
            self.attributes.add(node.attr)
        elif isinstance(node, ast.AugAssign) and isinstance(node.target, ast.Name):
            self.loads.add(node.target.id)
        elif isinstance(node, ast.Assign) and isinstance(node.value, ast.Name):
            self.aliases.add(node.value.id)
        elif isinstance(node, ast.Import):
            for alias in node.names:
                self.imports.append((alias.name, 0, ()))
                self.binds.add(alias.asname or alias.name.split(".")[0])
        elif isinstance(node, ast.ImportFrom):
            self.imports.append((node.module or "", node.level, tuple(alias.name for alias in node.names)))
            self.binds.update(alias.asname or alias.name for alias in node.names if alias.name != "*")

    @property
    def node(self) -> ast.stmt | None:
        """The statement's node if it is one statement."""
        return self.nodes[0] if len(self.nodes) == 1 else None

    @property
    def kind(self) -> tuple[Any, ...]:
        """What a changed version of this statement is known by."""
        node = self.node
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
            return ("def", node.name)
        if isinstance(node, ast.ClassDef):
            return ("class", node.name)
        if isinstance(node, (ast.Assign, ast.AugAssign, ast.AnnAssign)):
            targets = node.targets if isinstance(node, ast.Assign) else [node.target]
            return (type(node).__name__, dump(targets))
        return (type(node).__name__, frozenset(self.binds), dump(node.value.func) if is_call(node) else None)


def is_call(node: ast.AST | None) -> bool:
    """Whether a statement is a call and nothing else."""
    return isinstance(node, ast.Expr) and isinstance(node.value, ast.Call)


def is_docstring(statement: Statement) -> bool:
    """Whether a statement is a mere string or another constant."""
    return isinstance(statement.node, ast.Expr) and isinstance(statement.node.value, ast.Constant)


def function_code(statement: Statement) -> types.CodeType | None:
    """The code of the function that a statement defines, if it makes no other functions beside it (annotations aside)."""
    codes = [code for code in statement.codes if code.co_name != "__annotate__"]
    name = getattr(statement.node, "name", None)
    if len(codes) != 1 or name is None:
        return None
    return next((code for code in walk_codes(codes[0]) if code.co_name == name and is_function_code(code)), None)


def first_line(node: Any) -> int:
    """The first line of a statement, its decorators included."""
    return min([node.lineno, *[decorator.lineno for decorator in getattr(node, "decorator_list", ())]])


def statements(body: list[ast.stmt], code: types.CodeType | None) -> list[Statement]:
    """The statements of a body, those that share a line together, with the code objects that they make."""
    groups: list[list[ast.stmt]] = []
    last = 0
    for node in body:
        if groups and first_line(node) <= last:
            groups[-1].append(node)
        else:
            groups.append([node])
        last = node.end_lineno or node.lineno
    made = children(code) if code is not None else []
    result = []
    for group in groups:
        first, end = first_line(group[0]), group[-1].end_lineno or 0
        skipped = ("__annotate__",) if all(isinstance(node, ast.AnnAssign) for node in group) else ()
        inside = [c for c in made if first <= c.co_firstlineno <= end and c.co_name not in skipped]
        result.append(Statement(group, inside))
    return result


class Version:
    """One version of a module's source."""

    def __init__(self, path: str, text: bytes) -> None:
        """Raises SyntaxError or ValueError (null bytes) if it is not Python."""
        self.path = path
        self.text = text
        self.tree = ast.parse(text, path)
        self.code = compile(self.tree, path, "exec", dont_inherit=True)
        self.future = [n for n in self.tree.body if isinstance(n, ast.ImportFrom) and n.module == "__future__"]
        self.statements = statements(self.tree.body, self.code)
        self._functions: dict[tuple[str, int], ast.AST] | None = None

    def at(self, line: int) -> Statement | None:
        """The statement in which a line lies."""
        return next((statement for statement in self.statements if statement.first <= line <= statement.last), None)

    def line(self, number: int) -> str:
        """A line of the source."""
        lines = self.text.decode("utf-8", "replace").splitlines()
        return lines[number - 1] if 0 < number <= len(lines) else ""

    def function(self, code: types.CodeType) -> ast.AST | None:
        """The node that a function's code was made of."""
        if self._functions is None:
            self._functions = {}
            for node in ast.walk(self.tree):
                if isinstance(node, FUNCTIONS):
                    self._functions[(getattr(node, "name", "<lambda>"), first_line(node))] = node
                elif isinstance(node, ast.GeneratorExp):
                    self._functions[("<genexpr>", node.lineno)] = node
        return self._functions.get((code.co_name, code.co_firstlineno))


class Difference:
    """How two lists of statements differ."""

    def __init__(self, old: list[Statement], new: list[Statement]) -> None:
        #: Pairs with the same skeleton; pairs of which the second is a changed version of the first; the rest.
        self.same: list[tuple[Statement, Statement]] = []
        self.changed: list[tuple[Statement, Statement]] = []
        self.removed: list[Statement] = []
        self.added: list[Statement] = []
        matcher = difflib.SequenceMatcher(None, [s.skeleton for s in old], [s.skeleton for s in new], autojunk=False)
        left, right = [], []
        for tag, i, i_end, j, j_end in matcher.get_opcodes():
            if tag == "equal":
                self.same += zip(old[i:i_end], new[j:j_end], strict=True)
            else:
                left += old[i:i_end]
                right += new[j:j_end]
        self._pair(left, right)

    def _pair(self, left: list[Statement], right: list[Statement]) -> None:
        for statement in right:
            match = next((s for s in left if s.skeleton == statement.skeleton), None)
            if match is None:
                kind = statement.kind
                match = next((s for s in left if s.kind == kind), None)
            if match is None:
                self.added.append(statement)
                continue
            left.remove(match)
            # A statement that moved counts as changed unless it only defines: what stood between it and its new place matters.
            moved_freely = match.skeleton == statement.skeleton and isinstance(
                statement.node, (ast.FunctionDef, ast.AsyncFunctionDef)
            )
            free = moved_freely and not statement.node.decorator_list  # type: ignore[union-attr]
            (self.same if free else self.changed).append((match, statement))
        self.removed = left


def pair_codes(old: list[types.CodeType], new: list[types.CodeType], pairs: dict[types.CodeType, types.CodeType]) -> bool:
    """Note which code becomes which, for statements with the same skeleton; whether all could be paired."""
    if [code.co_name for code in old] != [code.co_name for code in new]:
        return False
    complete = True
    for mine, other in zip(old, new, strict=True):
        if is_function_code(mine):
            pair_functions(mine, other, pairs)
        else:
            complete &= pair_codes(children(mine), children(other), pairs)
    return complete


def pair_functions(old: types.CodeType, new: types.CodeType, pairs: dict[types.CodeType, types.CodeType]) -> None:
    """Note that `old` becomes `new`, and the functions inside by their names as far as that is clear."""
    pairs[old] = new
    mine, other = children(old), children(new)
    for name in {code.co_name for code in mine}:
        left = [code for code in mine if code.co_name == name]
        right = [code for code in other if code.co_name == name]
        if len(left) == len(right):
            for one, two in zip(left, right, strict=True):
                if is_function_code(one) and is_function_code(two):
                    pair_functions(one, two, pairs)
                else:
                    pair_codes(children(one), children(two), pairs)
