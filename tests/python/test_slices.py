"""Slices: reading, assigning, deleting; constant and computed; all types; extended steps; user classes; errors."""
from check import compiled, fresh, matrix, once, outcome, run, say, show


def s_ab(o, a, b): return o[a:b]
def s_a(o, a): return o[a:]
def s_b(o, b): return o[:b]
def s_all(o): return o[:]
def s_abc(o, a, b, c): return o[a:b:c]
def s_const(o): return o[1:3], o[:-1], o[::2], o[::-1], o[-2:], o[1:1], o[100:]
def set_ab(o, a, b, v):
    o[a:b] = v
    return o
def set_abc(o, a, b, c, v):
    o[a:b:c] = v
    return o
def del_ab(o, a, b):
    del o[a:b]
    return o
def del_step(o, c):
    del o[::c]
    return o
def aug_ab(o, a, b, v):
    o[a:b] += v
    return o
def multi(o): return o[1, 2], o[1:2, ::3], o[..., None], o[()]


class Echo:
    def __getitem__(self, k): return repr(k)
    def __setitem__(self, k, v): self.k = (repr(k), repr(v))
    def __delitem__(self, k): self.k = ("del", repr(k))
    def __repr__(self): return f"Echo{vars(self)}"


class Sub(list):
    pass


class Idx:
    def __init__(self, v): self.v = v
    def __index__(self): return self.v
    def __repr__(self): return f"Idx({self.v})"


SEQS = [lambda: [0, 1, 2, 3, 4], lambda: (0, 1, 2, 3, 4), lambda: "01234", lambda: b"01234", lambda: bytearray(b"01234"), lambda: range(5), Echo,
        lambda: Sub([1, 2, 3]), lambda: [], lambda: {"a": 1}, lambda: 5, lambda: None, lambda: "é1€3\U0001f600", lambda: memoryview(b"01234")]
BOUNDS = [(0, 3), (1, -1), (-3, None), (None, 2), (None, None), (3, 1), (-100, 100), (1 << 70, None), (True, False), (Idx(1), Idx(3)), ("a", 1), (1, 2.5)]


def test_read():
    cases = [(lambda s=s, b=b: (s(), *b)) for s in SEQS for b in BOUNDS]
    matrix(s_ab, cases, train_on=range(0, len(cases), 13))
    for f in (s_a, s_b):
        matrix(f, [(lambda s=s, b=b: (s(), b[0])) for s in SEQS for b in BOUNDS[:8]], train_on=(0, 8, 16, 48))
    for f in (s_all, s_const, multi):
        matrix(f, [(lambda s=s: (s(),)) for s in SEQS])
    steps = [(lambda s=s, b=b, c=c: (s(), *b, c)) for s in SEQS[:8] for b in BOUNDS[:6] for c in (1, 2, -1, None, 0, Idx(2), "x")]
    matrix(s_abc, steps, train_on=range(0, len(steps), 41))
    run(s_ab, [1, 2], 0, 1)
    compiled(s_ab)


def test_write():
    values = [[], [9], "xy", (1, 2, 3), iter([7, 8]), 5, None, b"ab", {1: 2}]
    makers = [(lambda s=s, b=b, i=i: (s(), *b, iter([7, 8]) if i == 4 else values[i])) for s in SEQS for b in BOUNDS[:7] for i in range(len(values))]
    matrix(set_ab, makers, train_on=range(0, len(makers), 97))
    matrix(aug_ab, makers, train_on=range(0, len(makers), 151))
    ext = [(lambda s=s, c=c, v=v: (s(), 0, None, c, v)) for s in SEQS for c in (1, 2, -1, 0, -2) for v in ([1, 2, 3], "abc", [], 5)]
    matrix(set_abc, ext, train_on=range(0, len(ext), 43))


def test_delete():
    matrix(del_ab, [(lambda s=s, b=b: (s(), *b)) for s in SEQS for b in BOUNDS], train_on=(0, 12, 48, 72))
    matrix(del_step, [(lambda s=s, c=c: (s(), c)) for s in SEQS for c in (1, 2, -1, 0, 3)], train_on=(0, 6, 31))


def test_self_assignment():
    def f():
        a = [1, 2, 3]
        a[1:2] = a
        a[:] = a
        a[::2] = a[1::2] + [0] * (len(a[::2]) - len(a[1::2]))
        b = a
        b[len(b):] = [b is a]
        return a
    run(f)


def quicksort(xs):
    if len(xs) <= 1:
        return xs
    p = xs[0]
    return quicksort([x for x in xs[1:] if x < p]) + [p] + quicksort([x for x in xs[1:] if x >= p])


def merge(xs):
    if len(xs) < 2:
        return xs
    m = len(xs) // 2
    a, b = merge(xs[:m]), merge(xs[m:])
    out = []
    while a and b:
        out.append((a if a[0] <= b[0] else b).pop(0))
    return out + a + b


def palindrome(s): return s == s[::-1], s[: len(s) // 2], s[(len(s) + 1) // 2:]


def chunks(s, n): return [s[i : i + n] for i in range(0, len(s), n)]


def test_algorithms():
    for f in (quicksort, merge):
        matrix(f, [([3, 1, 2, 5, 4],), (["b", "a"],), ([2.5, 1, True],), ([],), ([1, "a"],)])
    matrix(palindrome, [("abcba",), ([1, 2, 1],), ((1, 2),), (b"aa",), ("",)])
    matrix(chunks, [("abcdefg", 3), ([1, 2, 3], 2), ((1,), 5), ("abc", 0), ("abc", 1.5)])


def test_slice_objects():
    def f(o): return o[slice(1, 3)], o[slice(None)], slice(1, 2, 3).indices(5), slice(1) == slice(None, 1, None)
    matrix(f, [([1, 2, 3],), ("abc",), ((1,),)])
    def key(a, b): return {slice(a, b): 1}[a:b], hash(slice(1, 2)) == hash(slice(1, 2))
    run(key, 1, 2)
    run(key, 1, [])
