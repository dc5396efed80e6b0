"""Unpacking: sequences, stars, nested targets, swaps, and the messages when the number is wrong."""
from check import compiled, fresh, matrix, once, outcome, run, say, show


def two(x):
    a, b = x
    return b, a


def three(x):
    a, b, c = x
    return a, b, c


def one(x):
    a, = x
    return a


def zero(x):
    () = x
    return "ok"


def star_last(x):
    a, *b = x
    return a, b


def star_first(x):
    *a, b = x
    return a, b


def star_middle(x):
    a, *b, c = x
    return a, b, c


def star_only(x):
    *a, = x
    return a


def nested(x):
    (a, b), [c, *d] = x
    return a, b, c, d


def duplicate(x):
    a, a = x
    return a


def swap(x):
    a = b = c = x
    a, b = b, (a, c)
    a, b, c = c, a, b
    a, b, c, d = 1, a, b, c
    return a, b, c, d


def large(x):
    (a, b, c, d, e, f, g, h, i, j, k, l, m, n, o, p, q, r, s, t) = x
    return t, s, r, q, p, o, n, m, l, k, j, i, h, g, f, e, d, c, b, a


def gen(n):
    for i in range(n):
        yield i


def failing():
    yield 1
    raise ValueError("mid unpack")


class Seq:
    def __init__(self, n): self.n = n
    def __getitem__(self, i):
        if i >= self.n:
            raise IndexError
        return i
    def __repr__(self): return f"Seq{self.n}"


class TupleSub(tuple):
    def __iter__(self): return iter(("sub", "iter"))


class ListSub(list):
    def __iter__(self): return iter(("lsub", "iter"))


VALUES = [lambda: (1, 2), lambda: [1, 2], lambda: "ab", lambda: {1: 2, 3: 4}, lambda: gen(2), lambda: (), lambda: [], lambda: (1,), lambda: [1],
          lambda: (1, 2, 3), lambda: [1, 2, 3], lambda: "abc", lambda: gen(3), lambda: gen(1), lambda: range(2), lambda: range(10), lambda: 5, lambda: None,
          lambda: failing(), lambda: Seq(2), lambda: Seq(3), lambda: TupleSub((1, 2, 3)), lambda: ListSub([1]), lambda: {1, 2}, lambda: b"ab",
          lambda: ((1, 2), (3, 4, 5)), lambda: ("ab", "c"), lambda: (1, (2, 3)), lambda: zip("ab", "cd"), lambda: tuple(range(20)), lambda: list(range(20)),
          lambda: list(range(21)), lambda: iter([1, 2]), lambda: int]


def test_all():
    for f in (zero, one, two, three, star_last, star_first, star_middle, star_only, nested, duplicate, large):
        matrix(f, [(lambda v=v: (v(),)) for v in VALUES])
        run(f, (1, 2))
        compiled(f)
    matrix(swap, [(1,), ("s",), (None,)])


def targets(x):
    class O:
        pass
    o, l, d = O(), [None] * 3, {}
    o.a, l[0], d["k"] = x
    l[1:3], o.b = x[:2], x[2]
    (o.c, l[0]), *d["rest"] = x, 2, 3
    return o.a, l, d, o.b, o.c


def test_targets(): matrix(targets, [((1, 2, 3),), ([1, 2, 3],), ("abc",), ((1, 2),), (((1, 2), (3, 4), 5),)])


def partial_effects(x):
    a = b = "old"
    try:
        a, b = x
    except (ValueError, TypeError) as e:
        return a, b, str(e)
    return a, b


def test_partial(): matrix(partial_effects, [(lambda v=v: (v(),)) for v in VALUES if v().__class__ is not type(failing())])


def order():
    log = []
    class L(list):
        def __setitem__(self, i, v): log.append((i, v))
    l = L()
    def ix(i):
        log.append(("index", i))
        return i
    def val(v):
        log.append(("value", v))
        return v
    l[ix(1)], l[ix(2)] = val("a"), val("b")
    l[ix(3)] = l[ix(4)] = val("c")
    i, l[i] = 7, 8
    return log


def test_order(): run(order)


def displays(a, b, d):
    return [*a, 0, *b], (*a, *b), {*a, 1}, {**d, "z": 0, **d}, [*a], (*a,), [*a, *[]], f(*a, *b), {**d}


def f(*args): return args


def test_displays():
    matrix(displays, [([1], (2,), {}), ("ab", range(2), {"k": 1}), ({1: 2}, [], {1: 2}), (5, [], {}), ([], 5, {}), ([1], [2], 5), ([1], [2], [(1, 2)]),
                      ([[]], [1], {}), (TupleSub((1,)), ListSub(), {"a": 1})])
    class M:
        def keys(self): return iter("ab")
        def __getitem__(self, k): return k * 2
    matrix(displays, [([1], [2], M())])
    compiled(displays)


def rotate(n):
    a, b, c = 0, 1, 2
    for _ in range(n):
        a, b, c = b, c, a + b + c
    return a, b, c


def fib(n):
    a, b = 0, 1
    for _ in range(n):
        a, b = b, a + b
    return a


def test_loops():
    run(rotate, 50)
    run(rotate, 120)
    for n in (10, 80, 100, 300):
        run(fib, n)
    compiled(fib)


def returned(x):
    def inner(y): return y, y + 1, "z"
    a, b, c = inner(x)
    (d, e), f = divmod(b, 2), c
    g, *h = inner(d)
    return a, b, c, d, e, f, g, h


def test_returned(): matrix(returned, [(1,), (2.5,), ("s",), (1 << 64,)])
