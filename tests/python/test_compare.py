"""Comparisons: chained, rich, identity, membership; strings, containers, user classes; results that are not bools."""
from check import compiled, fresh, matrix, once, outcome, run, say, show


def lt(a, b): return a < b
def eq(a, b): return a == b
def ne(a, b): return a != b
def ge(a, b): return a >= b
def is_(a, b): return a is b
def is_not(a, b): return a is not b
def in_(a, b): return a in b
def not_in(a, b): return a not in b
def chained(a, b, c): return a < b <= c
def chained_mixed(a, b, c): return a == b in c
def branch(a, b):
    if a < b:
        return "less"
    elif a == b:
        return "same"
    else:
        return "more"
def branch_not(a, b):
    if not a == b:
        return 1
    return 2
def while_compare(a, b):
    n = 0
    while a != b and n < 10:
        a += 1
        n += 1
    return n


class Odd:
    def __init__(self, n): self.n = n
    def __lt__(self, o): return [] if self.n else [1]
    def __eq__(self, o): return "eq" if self.n else ""
    def __ge__(self, o): raise OverflowError("ge")
    def __contains__(self, o): return "in" if o else ""
    def __repr__(self): return f"Odd{self.n}"
    __hash__ = object.__hash__


VALUES = [1, 1.0, True, 2, "a", "b", "ab", "é", "\U0001f600", "", b"a", (1, 2), (1, 3), [1, 2], [1], None, {1: 2}, {1}, Odd(0), Odd(1), 1 << 70]


def test_pairs():
    cases = [(a, b) for a in VALUES for b in VALUES]
    for f in (lt, eq, ne, ge, branch, branch_not):
        matrix(f, cases, train_on=(0, 22, 22 * 4, 22 * 11, 22 * 18))
    for f in (is_, is_not):
        matrix(f, cases, train_on=(0, 5))


def test_strings():
    words = ["", "a", "b", "ab", "abc", "é", "éa", "Ā", "\U00010000", "a" * 1000, "a" * 999 + "b", "x\0y"]
    cases = [(a, "".join(list(b))) for a in words for b in words]
    for f in (eq, ne, lt, ge):
        matrix(f, cases, train_on=(0, 13, 70))


def test_contains():
    nan = float("nan")
    cases = [(a, b) for a in (1, 1.0, "a", None, nan, [1], 300) for b in ([1, 2], (1, "a"), "abc", {1: 2}, {1, "a"}, range(3), range(0, 600, 3),
                                                                         Odd(1), 5, None, [nan], frozenset([1]), b"abc", iter([1, 2, 3]))]
    for f in (in_, not_in):
        matrix(f, cases, train_on=(0, 2, 3, 4, 5, 7, 30))


def test_chained():
    cases = [(a, b, c) for a in (1, 1.5, "a", Odd(0), Odd(1)) for b in (1, 2, "b", Odd(1)) for c in (2, 0.5, "c", [1], "abc")]
    matrix(chained, cases, train_on=(0, 7, 60, 99))
    matrix(chained_mixed, cases, train_on=(0, 7, 60))
    evaluated = []
    def note(x):
        evaluated.append(x)
        return x
    def effects(a, b, c): return note(a) < note(b) < note(c), evaluated[-3:]
    matrix(effects, [(1, 2, 3), (2, 1, 3), (3, 3, 3), ("a", "b", "c")])


def test_while():
    matrix(while_compare, [(1, 5), (1.0, 5), (1, 5.0), (1, "x"), (5, 5), (Odd(1), 1), (1 << 62, (1 << 62) + 3)])


def long_chain(x): return 0 <= x < 10 <= x + 5 != 12 in (12, True) is not None


def test_long_chain():
    matrix(long_chain, [(0,), (5,), (7,), (9,), (-1,), (6.5,), (10,)])


class Meta(type):
    def __eq__(cls, o): return "meta-eq"
    def __contains__(cls, o): return o == 3
    def __lt__(cls, o): return "meta-lt"
    __hash__ = type.__hash__


class WithMeta(metaclass=Meta):
    pass


def test_metaclass_operators():
    matrix(eq, [(WithMeta, 1), (1, WithMeta), (int, int), (int, WithMeta)])
    matrix(in_, [(3, WithMeta), (4, WithMeta), (3, [3]), (3, int)])
    matrix(lt, [(WithMeta, 1), (int, 1), (1, 2)])


def test_changed_eq():
    class E:
        pass
    e, other = E(), E()
    def same(a, b): return a == b
    run(same, e, e)
    run(same, e, other)
    E.__eq__ = lambda self, o: 42
    run(same, e, other)
    E.__eq__ = None
    run(same, e, other)
    del E.__eq__
    run(same, e, other)
    run(same, e, e)


def none_checks(x):
    out = []
    if x is None: out.append("none")
    if x is not None: out.append("some")
    y = x if x is not None else "default"
    while x is None:
        x = 1
    return out, y, x


def test_none(): matrix(none_checks, [(None,), (0,), (False,), ("",), ([],)])


def bools(a, b):
    return a is True, a is False, a == True, b is not True, (a is True) == b, not (a is b)


def test_bools(): matrix(bools, [(True, False), (1, 0), (False, True), (None, 1)])


def filter_sorted(items, low, high):
    return sorted(x for x in items if low <= x < high), [x for x in items if not low < x], any(x == low for x in items)


def test_filter():
    run(filter_sorted, [3, 1, 2, 5, 9, 2], 2, 5)
    run(filter_sorted, [3.0, 1, True, 5, 9.5, 2], 1, 5)
    run(filter_sorted, ["x", "b", "c"], "b", "d")
    run(filter_sorted, ["x", 1], "b", "d")
