"""Subscripts: reading, storing, deleting; every container; negative, huge and odd indexes; user hooks; errors."""
import collections
import types

from check import compiled, fresh, matrix, once, outcome, run, say, show


def get(o, i): return o[i]
def get0(o): return o[0]
def get_1(o): return o[-1]
def get_big(o): return o[1 << 70]
def put(o, i, v):
    o[i] = v
    return o[i]
def aug(o, i, v):
    o[i] += v
    return o[i]
def delete(o, i):
    del o[i]
    return o
def contains_get(o, i): return o[i] if i in o else "absent"
def twice(o, i, j): return o[i][j]


class Idx:
    def __init__(self, v): self.v = v
    def __index__(self):
        if self.v == "raise":
            raise LookupError("index raises")
        return self.v
    def __repr__(self): return f"Idx({self.v})"


class Item:
    def __init__(self): self.d = {}
    def __getitem__(self, k): return ("item", repr(k), repr(self.d.get(repr(k))))
    def __setitem__(self, k, v): self.d[repr(k)] = v
    def __delitem__(self, k): self.d["deleted"] = repr(k)
    def __contains__(self, k): return k == 0
    def __repr__(self): return f"Item{self.d}"


class ItemRaises:
    def __getitem__(self, k): raise KeyError(f"custom {k!r}")
    def __setitem__(self, k, v): raise IndexError("custom set")
    def __delitem__(self, k): raise IndexError("custom del")
    def __repr__(self): return "ItemRaises"


class Missing(dict):
    def __missing__(self, k): return ("missing", repr(k))


class MissingRaises(dict):
    def __missing__(self, k): raise ValueError("missing raises")


class ListSub(list):
    def __getitem__(self, i): return ("sub", list.__getitem__(self, 0))


class PlainListSub(list):
    pass


class DictSub(dict):
    def __getitem__(self, k): return "DictSub"


class Class:
    def __class_getitem__(cls, k): return ("class item", repr(k))


class Meta(type):
    def __getitem__(cls, k): return ("meta item", repr(k))
    def __contains__(cls, k): return False


class OfMeta(metaclass=Meta):
    pass


CONTAINERS = [lambda: [10, 20, 30], lambda: (10, 20, 30), lambda: "xyz", lambda: "é€\U0001f600", lambda: b"xyz", lambda: bytearray(b"xyz"),
              lambda: {0: "zero", 1: "one", "k": "v", -1: "neg"}, lambda: range(10, 20), lambda: memoryview(b"xyz"), Item, ItemRaises, lambda: Missing({0: 1}),
              lambda: MissingRaises({0: 1}), lambda: ListSub([5]), lambda: PlainListSub([5, 6]), lambda: DictSub(), lambda: collections.OrderedDict({0: 1}),
              lambda: collections.defaultdict(list), lambda: collections.deque([1, 2]), lambda: collections.Counter("aab"), lambda: Class, lambda: OfMeta,
              lambda: list, lambda: 5, lambda: None, lambda: {1}, lambda: [], lambda: (), lambda: "", lambda: {}, lambda: types.MappingProxyType({0: 1}),
              lambda: int, lambda: (lambda: 0)]
KEYS = [0, 1, -1, 2, 3, -3, -4, 256, True, 1 << 62, 1 << 63, -(1 << 63), 1 << 70, "k", "nope", 1.0, 0.5, None, (), Idx(1), Idx(-1), Idx(9), Idx("raise"),
        Idx("bad"), [], float("nan"), slice(0, 1)]


def test_get():
    cases = [(lambda c=c, k=k: (c(), k)) for c in CONTAINERS for k in KEYS]
    n = len(KEYS)
    matrix(get, cases, train_on=(0, n, 2 * n, 4 * n, 6 * n, 6 * n + 13, 7 * n, 9 * n, 11 * n, 14 * n, 17 * n, 20 * n, 0 * n + 2, n + 2, 2 * n + 2, 16 * n))


def test_constant_index():
    for f in (get0, get_1, get_big):
        matrix(f, [(lambda c=c: (c(),)) for c in CONTAINERS])


def test_put():
    cases = [(lambda c=c, k=k, v=v: (c(), k, v)) for c in CONTAINERS for k in KEYS[::2] + ["k"] for v in (5, "s")]
    matrix(put, cases, train_on=range(0, len(cases), 131))
    matrix(aug, cases, train_on=range(0, len(cases), 137))


def test_delete():
    cases = [(lambda c=c, k=k: (c(), k)) for c in CONTAINERS for k in KEYS]
    matrix(delete, cases, train_on=range(0, len(cases), 101))


def test_contains_get():
    cases = [(lambda c=c, k=k: (c(), k)) for c in CONTAINERS for k in KEYS[:6] + ["k", None]]
    matrix(contains_get, cases, train_on=range(0, len(cases), 37))


def test_nested():
    matrix(twice, [([[1, 2]], 0, 1), (((1, 2), (3, 4)), 1, 0), ([[1, 2]], 1, 1), ([[1, 2]], 0, 5), ({"a": {"b": 1}}, "a", "b"), ({"a": [7]}, "a", 0),
                   (["ab", "cd"], -1, -1), ([{}], 0, "x"), ([None], 0, 0)])


class Vector:
    def __init__(self, *v): self.v = list(v)
    def __getitem__(self, i): return self.v[i]
    def __setitem__(self, i, v): self.v[i] = v
    def __len__(self): return len(self.v)


def vector_loop(n):
    v = Vector(*range(n))
    for i in range(len(v)):
        v[i] += v[i - 1]
    return v.v, v[0], v[-1], v[1:3], [x for x in v]


def test_vector():
    run(vector_loop, 6)
    compiled(vector_loop)
    compiled(Vector.__getitem__)
    run(lambda: Vector(1)[5])
    class C:
        def __getitem__(self, i): return "one"
    def f(c): return c[0]
    c = C()
    run(f, c)
    C.__getitem__ = lambda self, i: "two"
    run(f, c)
    C.__getitem__.__code__ = (lambda self, i: "three").__code__
    run(f, c)
    def with_default(self, i, j=7): return i, j
    C.__getitem__ = with_default
    run(f, c)
    del C.__getitem__
    run(f, c)


def histogram(xs):
    d = {}
    for x in xs:
        if x in d:
            d[x] += 1
        else:
            d[x] = 1
    e = {}
    for x in xs:
        e[x] = e.get(x, 0) + 1
    g = collections.defaultdict(int)
    for x in xs:
        g[x] += 1
    h = {}
    for x in xs:
        try:
            h[x] += 1
        except KeyError:
            h[x] = 1
    return d, d == e == dict(g) == h


def test_histogram():
    matrix(histogram, [("hello",), ([1, 2, 1],), ([1, 1.0, True],), ([None, (1,), None],), ([[]],), ([],)])
    compiled(histogram)


class HashRaises:
    def __hash__(self): raise RuntimeError("hash")
    def __repr__(self): return "HashRaises"


class EqRaises:
    def __hash__(self): return 1
    def __eq__(self, o): raise RuntimeError("eq")
    def __repr__(self): return "EqRaises"


class Same:
    def __init__(self, n): self.n = n
    def __hash__(self): return 7
    def __eq__(self, o): return isinstance(o, Same) and o.n == self.n
    def __repr__(self): return f"Same{self.n}"


def test_odd_keys():
    d = lambda: {1: "one", Same(1): "same one", Same(2): "same two"}
    for f in (get, contains_get):
        matrix(f, [lambda: (d(), 1), lambda: (d(), HashRaises()), lambda: (d(), EqRaises()), lambda: (d(), Same(2)), lambda: (d(), Same(3)),
                   lambda: (d(), [])])
    matrix(put, [lambda: (d(), HashRaises(), 1), lambda: (d(), EqRaises(), 1), lambda: (d(), Same(2), 1), lambda: (d(), [], 1)])


def string_keys(o): return o["a"], o["b"]


def test_string_keys():
    matrix(string_keys, [({"a": 1, "b": 2},), ({"a": 1},), (Missing(a=1),), ({1: 2},), ([],), (collections.ChainMap({"a": 1}, {"b": 2}),), (DictSub(),)])


def test_list_refcounts():
    log = []
    class D:
        def __init__(self, n): self.n = n
        def __del__(self): log.append(self.n)
    def f():
        l = [D(1), D(2)]
        l[0] = D(3)
        log.append("a")
        l[1] = l[0]
        log.append("b")
        del l[0]
        log.append("c")
        l[0] = None
        log.append("d")
        d = {"k": D(4)}
        d["k"] = D(5)
        log.append("e")
        del d["k"]
        log.append("f")
        return [D(6)][0].n, (D(7),)[0].n, {"x": D(8)}["x"].n
    for _ in range(25):
        log.clear()
        f()
    show(log)
    compiled(f)


def test_matrix_of_lists():
    def life(cells, n):
        size = len(cells)
        for _ in range(n):
            new = [[0] * size for _ in range(size)]
            for y in range(size):
                for x in range(size):
                    k = 0
                    for dy in (-1, 0, 1):
                        for dx in (-1, 0, 1):
                            if dx or dy:
                                k += cells[(y + dy) % size][(x + dx) % size]
                    new[y][x] = 1 if k == 3 or (k == 2 and cells[y][x]) else 0
            cells = new
        return cells
    glider = [[0] * 6 for _ in range(6)]
    for x, y in ((1, 0), (2, 1), (0, 2), (1, 2), (2, 2)):
        glider[y][x] = 1
    run(life, glider, 3)
    compiled(life)
