"""Compiled code called back from C: keys, maps, sorting, hashing, iteration protocols, formatting, with errors through C frames."""
import bisect
import collections
import functools
import heapq
import itertools
import json
import operator
import re

from check import compiled, fresh, matrix, once, outcome, run, say, show


def key(x): return -x if isinstance(x, (int, float)) else x
def bad_key(x): return 1 / x
def pred(x): return x % 2 == 0
def pair(a, b): return a * 10 + b
def cmp(a, b): return (a > b) - (a < b)


def sorts(xs):
    l = list(xs)
    l.sort(key=key)
    return l, sorted(xs, key=lambda v: (v % 3, v)), sorted(xs, key=functools.cmp_to_key(cmp), reverse=True), min(xs, key=key), max(xs, key=lambda v: v % 4)


def maps(xs):
    return (list(map(key, xs)), list(filter(pred, xs)), functools.reduce(pair, xs), list(itertools.starmap(pair, zip(xs, xs))),
            list(itertools.accumulate(xs, pair)), [list(g) for k, g in itertools.groupby(sorted(xs, key=pred), pred)], list(itertools.takewhile(lambda v: v < 5, xs)),
            sum(map(key, xs)), any(map(pred, xs)), dict(zip(xs, map(pred, xs))), list(map(pair, xs, xs)))


def bad(xs): return sorted(xs, key=bad_key), list(map(bad_key, xs))
def bad_sort(xs):
    xs.sort(key=lambda v: xs.append(v) or v)


def regex(s): return re.sub(r"\d+", lambda m: str(int(m.group()) * 2), s), re.split(r"\W", s), [m.start() for m in re.finditer("a", s)]


def test_all():
    inputs = [([3, 1, 2],), ([5, 4.5, 2],), ([],), (["b", "a"],), ([0, 1],), (range(5),), ([True, 3],), (5,)]
    for f in (sorts, maps, bad):
        matrix(f, inputs)
    matrix(bad_sort, [lambda: ([3, 1, 2],), lambda: ([],)])
    matrix(regex, [("a1 b22 a3",), ("",), (5,), (b"a",)])
    run(sorts, [3, 1, 2])
    for f in (key, pred, pair, sorts, maps):
        if f is not maps:
            compiled(f)


class Key:
    """Every protocol method, called only from C."""
    def __init__(self, v): self.v = v
    def __hash__(self): return self.v % 3
    def __eq__(self, o): return isinstance(o, Key) and self.v == o.v
    def __lt__(self, o): return self.v < o.v
    def __len__(self): return self.v
    def __iter__(self):
        for i in range(self.v):
            yield i
    def __index__(self): return self.v
    def __repr__(self): return f"K{self.v}"
    def __str__(self): return f"str K{self.v}"
    def __format__(self, s): return f"fmt{s}{self.v}"
    def __contains__(self, x): return x == self.v
    def __reversed__(self): return iter([self.v])
    def __int__(self): return self.v + 1
    def __float__(self): return self.v + 0.5
    def __round__(self, n=None): return ("round", n)
    def __bytes__(self): return b"k"
    def __call__(self, *a): return ("called", a)
    def __abs__(self): return "abs"
    def __divmod__(self, o): return "divmod"
    def __length_hint__(self): return 5
    def __dir__(self): return ["z", "a"]
    def __sizeof__(self): return 100
    def __complex__(self): return 1j
    def __bool__(self): return self.v > 1
    def __copy__(self): return "copied"
    def __reduce__(self): return Key, (self.v,)
    def __instancecheck__(self, o): return "inst"
    def __missing__(self, k): return k
    def __getattr__(self, n): raise AttributeError("none of " + n)
    def __set_name__(self, o, n): self.v = len(n)
    def __fspath__(self): return "/dev/null"


def protocols(v):
    import copy
    import os
    import pickle
    k = Key(v)
    d = {Key(i): i for i in range(6)}
    return (d[k], k in d, {k, Key(v)}, sorted([Key(3), k]), len(k), list(k), [10, 20, 30, 40, 50][k], repr(k), str(k), f"{k:x}", v in k, list(reversed(k)), int(k), float(k),
            round(k), round(k, 2), bytes(k), k(1), abs(k), divmod(k, 1), dir(k), complex(k), bool(k), copy.copy(k), pickle.loads(pickle.dumps(k)) == k, isinstance(1, k),
            hasattr(k, "q"), range(k), os.fspath(k), max(Key(1), k), "%s %r" % (k, k), [*k], (*k,), tuple(k), operator.index(k), hex(k), heapq.nsmallest(2, [k, Key(0), Key(9)]),
            bisect.bisect([Key(0), Key(5)], k), json.dumps({"a": v}, default=str), collections.Counter([k, k])[k], dict.fromkeys([k]), "x" * k, [0] * k, hash(k))


def test_protocols():
    matrix(protocols, [(1,), (2,), (4,)])
    for m in (Key.__hash__, Key.__eq__, Key.__lt__, Key.__len__, Key.__index__, Key.__repr__):
        compiled(m)


class Bad:
    """Every protocol method returns the wrong thing or raises."""
    def __init__(self, how): self.how = how
    def _do(self):
        if self.how == "raise":
            raise ValueError("bad")
        return self.how
    def __hash__(self): return self._do()
    def __len__(self): return self._do()
    def __iter__(self): return self._do()
    def __index__(self): return self._do()
    def __repr__(self): return self._do()
    def __str__(self): return self._do()
    def __bool__(self): return self._do()
    def __int__(self): return self._do()
    def __float__(self): return self._do()
    def __contains__(self, k): return self._do()
    def __bytes__(self): return self._do()
    def __format__(self, s): return self._do()
    def __dir__(self): return self._do()
    def __next__(self): return self._do()


OPS = [hash, len, iter, repr, str, bool, int, float, list, bytes, format, dir, next, lambda b: [1][b], lambda b: 1 in b, lambda b: {b}, lambda b: {b: 1}, lambda b: range(b),
       lambda b: [*b], lambda b: f"{b}", lambda b: "%s" % b, sorted, sum, lambda b: "a" * b, lambda b: b and 1, lambda b: not b, enumerate, tuple, lambda b: 1 if b else 2]


def test_bad_protocols():
    for op in OPS:
        def f(b): return op(b)
        for how in ("raise", None, -1, "s", 2.5, 1 << 80):
            r = [outcome(f, Bad(how)).split(" tb=")[0] for _ in range(3)]
            say(f"{how!r} {r[0] if len(set(r)) == 1 else r}")


class Descending(list):
    def __lt__(self, o): return list.__gt__(self, o)


def test_sort_with_methods():
    def f(xs): return sorted(Descending(x) for x in xs)
    matrix(f, [([[1], [2]],), ([[1, 2], [1]],), ([],)])
    def heap(xs):
        h = []
        for x in xs:
            heapq.heappush(h, (x, key(x)))
        return [heapq.heappop(h) for _ in xs]
    matrix(heap, [([3, 1, 2],), ([2.5, 1],), (["a", "b"],), ([],)])
    compiled(heap)


def iter_sentinel():
    n = 0
    def f():
        nonlocal n
        n += 1
        return n
    return list(iter(f, 5)), n


def test_iter_sentinel(): run(iter_sentinel)


def dict_with_changing_eq():
    log = []
    class K:
        def __init__(self, d): self.d = d
        def __hash__(self): return 1
        def __eq__(self, o):
            log.append("eq")
            self.d[len(log) + 1000] = 0
            return False
    d = {}
    a = K(d)
    d[a] = "a"
    try:
        d[K(d)] = "b"
        d.get(K(d))
    except RuntimeError as e:
        log.append(str(e))
    return len(log) > 1, len(d)


def test_dict_changing_eq(): run(dict_with_changing_eq)


def props():
    class P:
        x = property(operator.attrgetter("_x"), lambda self, v: setattr(self, "_x", v * 2))
    p = P()
    p.x = 4
    p.x += 1
    return p.x, p._x


def test_properties_from_c(): run(props)


def attr_errors(o): return sorted([o], key=operator.attrgetter("a.b")), operator.itemgetter(0, 1)(o)
def test_operator(): matrix(attr_errors, [(1,), ([1, 2],), (type("T", (), {"a": type("U", (), {"b": 1}), "__getitem__": lambda s, i: i})(),)])


class Pairs:
    """C code passes this object to `__next__` while only a `pairwise` owns it, which lets go of it in the call."""
    count = 0
    most = 1

    def __iter__(self):
        return self

    def __next__(self):
        if self.count >= self.most:
            raise StopIteration
        self.count += 1
        if self.count == 1:
            return next(self.pairs[0], None)
        return [self.count]


class PairsWithDefaults(Pairs):
    def __next__(self, more=0, *rest):
        if self.count >= self.most:
            raise StopIteration
        self.count += 1 + more
        if self.count == 1:
            return next(self.pairs[0], None)
        return [self.count]


def empty_while_running(kind, most):
    pairs = []
    kind.pairs = pairs
    kind.most = most
    pairs.append(itertools.pairwise(kind()))
    return list(pairs[0])


def test_arguments_are_held():
    for kind in (Pairs, PairsWithDefaults):
        for most in (1, 2, 3, 4):
            run(empty_while_running, kind, most)
        compiled(kind.__next__)


def test_functions_are_held():
    iterators = []
    def make(i):
        def concealing(n=[3]):
            iterators[0] = None
            total = sum(n) + i
            if total > 5:
                return total
            return -1
        return concealing
    def use(i):
        iterators[:] = [iter(make(i), 7)]
        return list(itertools.islice(iterators[0], 1))
    run(use, 1)
    run(use, 4)
    run(use, 9)
    compiled(use)
