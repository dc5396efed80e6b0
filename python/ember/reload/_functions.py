"""Gives functions that exist new code, wherever they are held: in modules, classes, closures, tables, wrappers.

The idea: a function is found by its code. Code objects are equal if they were compiled from the same source, so the code
of the old source, compiled again, says which functions were made of it.
"""

from __future__ import annotations

import ast
import copy
import functools
import gc
import itertools
import types

from . import _source

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from typing import Any

    from ._transaction import Transaction

Caches = type(functools.lru_cache(lambda: None))
#: Decorators that only keep the function and call it; others may have looked at its signature.
TRANSPARENT = frozenset(["property", "staticmethod", "classmethod", "cache", "lru_cache", "cached_property", "contextmanager"])
#: Libraries whose decorators translate a function once and for all.
COMPILERS = frozenset(["numba", "jax", "torch", "tensorflow", "cupy", "taichi", "triton", "cython"])


class Living:
    """The functions that exist, of some files; and all caches around functions. One look at the heap."""

    def __init__(self, filenames: Iterable[str]) -> None:
        files = set(filenames)
        self.functions: dict[_source.Key, list[types.FunctionType]] = {}
        self.caches: list[Any] = []
        suspended = (types.CoroutineType, types.GeneratorType, types.AsyncGeneratorType)
        self.suspended: list[Any] = []
        function_type, cache_type = types.FunctionType, Caches
        kinds = frozenset([function_type, cache_type, *suspended])
        things = gc.get_objects()
        # A program has hundreds of thousands of objects and some ten thousand functions: the first look stays in C.
        for thing in itertools.compress(things, map(kinds.__contains__, map(type, things))):
            kind = type(thing)
            if kind is function_type:
                if thing.__code__.co_filename in files:
                    self.functions.setdefault(_source.key(thing.__code__), []).append(thing)
            elif kind is cache_type:
                self.caches.append(thing)
            else:
                self.suspended.append(thing)

    def of(self, code: types.CodeType) -> list[types.FunctionType]:
        """The functions that were made of this code."""
        return self.functions.get(_source.key(code), [])


class Shape(Exception):
    """A function that exists cannot take the new code; says which and why."""

    def __init__(self, code: types.CodeType, text: str) -> None:
        super().__init__(text)
        self.code = code
        self.text = text


def swap(pairs: dict[_source.Key, types.CodeType], living: Living, work: Transaction) -> int:
    """Queue new code for all functions that exist. → how many do something else from then on"""
    count = 0
    for (_, old), new in pairs.items():
        if old == new:
            continue
        same = _source.same_but_lines(old, new)
        for function in living.of(old):
            if old.co_freevars != new.co_freevars:
                names = ", ".join(sorted(set(old.co_freevars) ^ set(new.co_freevars)))
                raise Shape(new, f"the function {new.co_qualname} that exists has no variable {names} of the function around it")
            work.queue_set(function, "__code__", new)
            if new.co_name == "__annotate__":
                continue
            if not same:
                count += 1
                old_doc, new_doc = docstring(old), docstring(new)
                if old_doc != new_doc and function.__doc__ == old_doc:
                    work.queue_set(function, "__doc__", new_doc)
    return count


def docstring(code: types.CodeType) -> str | None:
    """The docstring that a function of this code is made with."""
    has = code.co_flags & 0x4000000 and code.co_consts and isinstance(code.co_consts[0], str)
    return code.co_consts[0] if has else None


def bare(node: ast.FunctionDef | ast.AsyncFunctionDef) -> ast.FunctionDef | ast.AsyncFunctionDef:
    """The definition without its decorators."""
    made = copy.copy(node)
    made.decorator_list = []
    return made


def evaluate(nodes: list[ast.stmt], version: _source.Version, names: dict[str, Any], local: dict[str, Any]) -> dict[str, Any]:
    """Execute statements of a version with a module's names, binding in `local`."""
    module = ast.Module([*version.future, *nodes], [])
    exec(compile(module, version.path, "exec", dont_inherit=True), names, local)
    return local


def parameters(node: ast.FunctionDef | ast.AsyncFunctionDef) -> dict[str, ast.expr]:
    """Names of parameters and the expressions of their defaults."""
    positional = [*node.args.posonlyargs, *node.args.args]
    defaults = node.args.defaults
    found = {a.arg: d for a, d in zip(positional[len(positional) - len(defaults) :], defaults, strict=True)}
    found.update({a.arg: d for a, d in zip(node.args.kwonlyargs, node.args.kw_defaults, strict=True) if d is not None})
    return found


def keep_defaults(old_node: Any, new_node: Any, old: types.FunctionType, new: types.FunctionType, renewed: set[str], calls: bool) -> None:
    """Give `new` the default values of `old` where their expressions are the same: they may have been changed since.

    `renewed` are names whose values are not what they were: defaults that mention them are made anew, and with `calls` all that call something.
    """
    before, after = parameters(old_node), parameters(new_node)
    values = {a.arg: v for a, v in zip(positional(old_node)[::-1], (old.__defaults__ or ())[::-1], strict=False)}
    values |= old.__kwdefaults__ or {}

    def pick(name: str, made: Any) -> Any:
        if name in before and name in values and _source.dump(before[name]) == _source.dump(after[name]):
            parts = list(ast.walk(after[name]))
            stale = calls and any(isinstance(node, ast.Call) for node in parts)
            if not stale and not any(isinstance(n, ast.Name) and n.id in renewed for n in parts):
                return values[name]
        return made

    if new.__defaults__:
        names = [argument.arg for argument in positional(new_node)][-len(new.__defaults__) :]
        new.__defaults__ = tuple([pick(name, made) for name, made in zip(names, new.__defaults__, strict=True)])
    if new.__kwdefaults__:
        new.__kwdefaults__ = {name: pick(name, made) for name, made in new.__kwdefaults__.items()}


def positional(node: Any) -> list[ast.arg]:
    """The positional parameters."""
    return [*node.args.posonlyargs, *node.args.args]


def adopt(old: types.FunctionType, new: types.FunctionType, code: types.CodeType, work: Transaction) -> None:
    """Queue for `old` to become what `new` is, with the code that the whole module has for it."""
    if old.__code__.co_freevars != code.co_freevars:
        raise Shape(code, f"the function {new.__qualname__} refers to other variables of what is around it than before")
    for name in ("__code__", "__defaults__", "__kwdefaults__", "__doc__", "__annotate__", "__type_params__"):
        value = code if name == "__code__" else getattr(new, name)
        if name == "__annotate__" and value is None and old.__annotate__ is None:
            continue
        work.queue_set(old, name, value)


def is_transparent(decorator: ast.expr) -> bool:
    """Whether a decorator is known to only keep the function."""
    called = decorator.func if isinstance(decorator, ast.Call) else decorator
    if isinstance(called, ast.Attribute) and called.attr in ("setter", "getter", "deleter"):
        return True
    name = called.attr if isinstance(called, ast.Attribute) else getattr(called, "id", "")
    return name in TRANSPARENT


def translator(decorators: list[ast.expr], names: dict[str, Any]) -> str | None:
    """The decorator that has translated a function into something that does not follow its code, if there is one."""
    for decorator in decorators:
        called = decorator.func if isinstance(decorator, ast.Call) else decorator
        start = _source.root(called)
        found = names.get(start or "")
        home = found.__name__ if isinstance(found, types.ModuleType) else getattr(found, "__module__", None)
        if isinstance(home, str) and home.split(".")[0] in COMPILERS:
            return ast.unparse(called)
    return None


def clear_caches(caches: list[Any], changed_names: set[str], is_ours: Callable[[str], bool]) -> int:
    """Clear `lru_cache`s of the program whose values may have been computed by what changed. → how many"""
    count = 0
    for cache in caches:
        wrapped = getattr(cache, "__wrapped__", None)
        if isinstance(wrapped, types.FunctionType) and is_ours(wrapped.__code__.co_filename):
            if reaches(wrapped, changed_names, is_ours) and cache.cache_info().currsize:
                cache.cache_clear()
                count += 1
    return count


def reaches(function: types.FunctionType, names: set[str], is_ours: Callable[[str], bool]) -> bool:
    """Whether a function, or one of the program's functions that it mentions, mentions one of the names or is called so."""
    seen: set[types.CodeType] = set()
    work: list[tuple[types.CodeType, dict[str, Any]]] = [(function.__code__, function.__globals__)]
    while work:
        code, namespace = work.pop()
        if code in seen:
            continue
        seen.add(code)
        if code.co_name in names or any(name in names for name in code.co_names):
            return True
        work += [(child, namespace) for child in _source.children(code)]
        for name in code.co_names:
            found = namespace.get(name)
            for thing in vars(found).values() if isinstance(found, type) else [found]:
                thing = getattr(thing, "__wrapped__", thing)
                if isinstance(thing, types.FunctionType) and is_ours(thing.__code__.co_filename):
                    work.append((thing.__code__, thing.__globals__))
    return False
