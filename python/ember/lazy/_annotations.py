"""Names in annotations that are strings.

`typing.get_type_hints` and all that is built on it evaluate such a string by `annotationlib.ForwardRef.evaluate`, which looks a single name up in the dict of a
function's globals itself, where a name that waits is not. `watch` has it ask for the names first.

`dataclasses` compares what such names stand for with names of `typing` and its own. So imports from these modules do not wait if the name
may be in a string annotation: those are strings where they are quoted (constants of ``__annotate__`` functions) and, with ``from __future__ import annotations``, all
of them (constants of the code around the function or class). What a module lists in ``__all__`` looks alike, and is left out.
"""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from types import CodeType
    from typing import Any

#: Modules with names that `dataclasses` looks for in string annotations.
TYPING = frozenset(("typing", "typing_extensions", "dataclasses"))
#: ``from __future__ import annotations`` (`CO_FUTURE_ANNOTATIONS`)
FUTURE = 0x1000000
#: Longer strings are texts.
LONGEST = 300
LOAD_CONST, STORE_NAME = 82, 116
_SPACES = {ord(character): " " for character in "[](){}|.,:;*&=<>+-/'\"@!~^%\n\t"}


def watch(annotationlib: Any) -> None:
    """Have names that wait resolved where a string annotation that names them is evaluated."""
    reference = annotationlib.ForwardRef
    evaluate = reference.evaluate
    if getattr(evaluate, "__module__", None) == __name__:
        return
    import functools

    from . import _names

    @functools.wraps(evaluate)
    def evaluate_with_names(self: Any, *, globals: Any = None, locals: Any = None, **more: Any) -> Any:
        if _names.scopes:
            words = self.__forward_arg__.translate(_SPACES).split()
            owners = (more.get("owner"), self.__owner__)
            for scope in (globals, self.__globals__, *(getattr(owner, "__globals__", None) for owner in owners)):
                _names.resolve_named(words, scope)
        return evaluate(self, globals=globals, locals=locals, **more)

    evaluate_with_names.__module__ = __name__
    reference.evaluate = evaluate_with_names


def named_in_strings(code: CodeType, wanted: set[str]) -> set[str]:
    """Those of the identifiers that are in what may be a string annotation of a module's code."""
    found: set[str] = set()
    everywhere = bool(code.co_flags & FUTURE)
    work = [code]
    while work:
        at = work.pop()
        collect = everywhere or at.co_name == "__annotate__"
        listed = in_all(at) if collect and at is code else None
        for constant in at.co_consts:
            if isinstance(constant, type(code)):
                work.append(constant)
            elif collect and constant is not listed:
                add_words(constant, wanted, found)
    return found


def add_words(constant: Any, wanted: set[str], found: set[str]) -> None:
    """Note the wanted identifiers in a string, or in a tuple of such."""
    if isinstance(constant, str):
        if len(constant) <= LONGEST and any(word in constant for word in wanted):
            found.update(wanted.intersection(constant.translate(_SPACES).split()))
    elif isinstance(constant, tuple):
        for item in constant:
            add_words(item, wanted, found)


def in_all(code: CodeType) -> Any:
    """The constant that ``__all__`` is made of, if it is made of one."""
    if "__all__" not in code.co_names:
        return None
    index, units = code.co_names.index("__all__"), code.co_code
    for at in range(0, len(units), 2):
        if units[at] == STORE_NAME and units[at + 1] == index:
            for before in range(at - 2, max(at - 10, -2), -2):
                if units[before] == LOAD_CONST:
                    return code.co_consts[units[before + 1]]
    return None
