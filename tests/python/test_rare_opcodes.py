"""Forms that hardly any program has: string annotations in class bodies, keyword calls of bound methods, class attributes of slotted types."""
from __future__ import annotations

from check import compiled, fresh, matrix, once, outcome, run, say, show


def annotated_class(x):
    class C:
        a: int = x
        b: nonexistent_name
        if x:
            c: str = "c"
    return C.__annotations__, C.a


def annotated_function(x):
    def f(a: missing, *b: also_missing) -> nothing: return a
    y: undefined = x
    return f.__annotations__, f(y)


class Slotted:
    __slots__ = ("s",)
    shared = "class attribute"
    def __init__(self, s=0): self.s = s
    def m(self, a, *, k=1): return self.s, a, k
    def __repr__(self): return f"Slotted({self.s})"


class Loose:
    shared = "loose"
    def m(self, a, *, k=2): return a, k
    def __repr__(self): return "Loose"


def class_attribute(o): return o.shared
def method_object(o):
    f = o.m
    return f(1, k=5), f(a=2)
def bound_in_loop(o, n):
    f = o.m
    out = []
    for i in range(n):
        out.append(f(i, k=i))
    return out
def kw_everywhere(o, n):
    out = []
    for i in range(n):
        out.append((o.m(i, k=3), o.m(a=i), dict(a=i, b=n), int("7", base=8), sorted([2, i], reverse=True), print_like(i, sep="-"), Slotted(s=i).s))
    return out[-1]
def print_like(*a, sep=" "): return sep.join(map(str, a + a))


def test_all():
    matrix(annotated_class, [(1,), (0,), ("s",)])
    matrix(annotated_function, [(1,), ("s",)])
    for f in (class_attribute, method_object):
        matrix(f, [(Slotted(),), (Loose(),), (Slotted,), (5,), (3,)])
    for f in (bound_in_loop, kw_everywhere):
        matrix(f, [(Slotted(), 20), (Loose(), 20), (Slotted("x"), 3), (5, 2)])
        run(f, Slotted(), 20)
        compiled(f)


def immutable_types(x): return x.real, x.imag, x.__doc__ is None, x.__class__


def test_builtin_attributes():
    matrix(immutable_types, [(1,), (2.5,), (True,), (1j,), ("s",), (None,)])
    def class_level(s): return s.maketrans is not None, s.__add__("x"), s.isdigit
    matrix(class_level, [("a",), ("b" * 3,), (5,)])
