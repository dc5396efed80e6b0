"""for over range in every shape, loop variables afterwards, loops changed under way, nested and hot loops."""
from check import compiled, fresh, matrix, once, outcome, run, say, show


def collect(*args):
    out = []
    for i in range(*args):
        out.append(i)
        if len(out) > 20:
            break
    else:
        out.append("else")
    return out


def after(n):
    for i in range(n):
        pass
    return i


def total(n):
    t = 0
    for i in range(n):
        t += i
    return t


def total_step(a, b, c):
    t = 0
    for i in range(a, b, c):
        t = t * 3 + i
    return t


def nested(n, m):
    t = 0
    for i in range(n):
        for j in range(i, m):
            if j == i + 3:
                continue
            if t > 10000:
                break
            t += i * j
        else:
            t += 1
    return t, i, j


def rebind(n):
    out = []
    for i in range(n):
        out.append(i)
        i = i * 2
        out.append(i)
        n = 100
    return out, i, n


def range_objects(r):
    out = []
    for i in r:
        out.append(i)
    return out, len(r), r[0] if len(r) else None, list(r), 3 in r


class Index:
    def __init__(self, v): self.v = v
    def __index__(self): return self.v
    def __repr__(self): return f"Index({self.v})"


def test_shapes():
    matrix(collect, [(0,), (5,), (-3,), (2, 7), (7, 2), (7, 2, -1), (0, 10, 3), (0, -10, -3), (5, 5), (True,), (1, 2, 0), (2.5,), ("a",), (None,),
                     (1 << 62, (1 << 62) + 3), ((1 << 63) - 2, (1 << 63) + 2), (1 << 70, (1 << 70) + 4), (-(1 << 63) - 2, -(1 << 63) + 2),
                     (0, 1 << 70, 1 << 68), ((1 << 63) - 1, -(1 << 63), -(1 << 62)), (Index(3),), (0, Index(6), Index(2)), (Index("x"),),
                     (0, 1 << 64, 1 << 63), (0, 3, 1 << 70), (0, -3, -(1 << 70))])


def test_after():
    matrix(after, [(3,), (0,), (1,), (-1,), (300,)])
    matrix(total, [(0,), (10,), (1000,), (True,), (2.0,), (Index(4),)])
    matrix(total_step, [(0, 10, 1), (10, 0, -1), (0, 100, 7), (1 << 60, (1 << 60) + 5, 2), (-5, 5, 1), (0, 5, 0)])
    matrix(nested, [(5, 5), (1, 1), (10, 40), (0, 3), (3, 0)])
    matrix(rebind, [(3,), (0,)])
    matrix(range_objects, [(range(5),), (range(0),), (range(5, 0, -2),), ([1, 2],), (range(1 << 65, (1 << 65) + 2),), ("ab",)])
    for f in (total, nested, rebind):
        compiled(f)


def shadowed(n):
    range = lambda k: ["mine"] * k
    return [x for x in range(n)]


def shared_iterator():
    it = iter(range(10))
    out = []
    for a in it:
        out.append(a)
        if a == 3:
            break
    for b in it:
        out.append(-b)
        next(it, None)
    return out, list(it)


def two_at_once(n):
    it = iter(range(n))
    return [(a, b) for a in it for b in it], [x for x in zip(it, it)]


def pickled_midway():
    import copy
    it = iter(range(5))
    next(it)
    other = copy.copy(it)
    return list(it), list(other), it.__length_hint__()


def test_iterators():
    run(shadowed, 2)
    run(shared_iterator)
    run(two_at_once, 6)
    run(pickled_midway)


def while_loops(n):
    i = n
    out = 0
    while True:
        i -= 1
        if i < 0:
            break
        if i % 3 == 0:
            continue
        out += i
    while i < 5:
        i += 1
    else:
        out = out, "else"
    while n:
        n -= 1
    return out, i, n


def test_while():
    matrix(while_loops, [(10,), (0,), (1000,), (True,), (5.0,)])
    def odd_float(n):
        x = 0.0
        k = 0
        while x < n:
            x += 0.1
            k += 1
        return x, k
    matrix(odd_float, [(1,), (1.0,), (0,), (float("nan"),)])
    def infinite_guarded():
        n = 0
        while 1:
            n += 1
            if n >= 1000:
                return n
    run(infinite_guarded)
    compiled(while_loops)


def sieve(n):
    flags = [True] * (n + 1)
    flags[0] = flags[1] = False
    for i in range(2, int(n ** 0.5) + 1):
        if flags[i]:
            for j in range(i * i, n + 1, i):
                flags[j] = False
    return [i for i in range(n + 1) if flags[i]]


def matmul(a, b):
    n, m, p = len(a), len(b), len(b[0])
    c = [[0] * p for _ in range(n)]
    for i in range(n):
        for j in range(p):
            s = 0
            for k in range(m):
                s += a[i][k] * b[k][j]
            c[i][j] = s
    return c


def bubble(xs):
    xs = list(xs)
    for i in range(len(xs)):
        for j in range(len(xs) - 1 - i):
            if xs[j] > xs[j + 1]:
                xs[j], xs[j + 1] = xs[j + 1], xs[j]
    return xs


def test_algorithms():
    run(sieve, 100)
    m = [[1, 2], [3, 4]]
    matrix(matmul, [(m, m), ([[1.5, 2.0]], [[1.0], [2.0]]), (m, [[1 << 62, 1], [2, "x"]]), ([["a"]], [[3]]), ([[1 << 40]], [[1 << 40]])])
    matrix(bubble, [([3, 1, 2],), (["c", "a"],), ([2.5, 1],), ([1, "a"],), (range(10, 0, -1),)])
    compiled(sieve)
    compiled(bubble)


def break_in_try(n):
    out = []
    for i in range(n):
        try:
            if i == 2:
                continue
            if i == 5:
                break
            out.append(i)
        finally:
            out.append("f")
    else:
        out.append("else")
    return out


def return_in_loop(n):
    for i in range(n):
        for j in range(n):
            if i * j == 12:
                return i, j
    return None


def test_exits():
    for n in (0, 2, 4, 8):
        run(break_in_try, n)
        run(return_in_loop, n)


def index_loops(xs):
    out = []
    for i in range(len(xs)):
        out.append(xs[i])
        out.append(xs[-i - 1])
    for i in range(len(xs) - 1, -1, -1):
        out.append(xs[i])
    return out


def off_by_one(xs):
    t = 0
    for i in range(len(xs) + 1):
        t += xs[i]
    return t


def test_indexing():
    matrix(index_loops, [([1, 2],), ((1, 2, 3),), ("abc",), ([],), (b"ab",), (range(3),), ({0: 1, -1: 2},)])
    matrix(off_by_one, [([1, 2],), ((1.5,),), ([],), ({0: 1, 1: 2},)])


def deep(n):
    c = 0
    for a in range(n):
        for b in range(n):
            for d in range(n):
                for e in range(n):
                    for f in range(n):
                        for g in range(n):
                            c += a ^ b ^ d ^ e ^ f ^ g
    return c


def test_deep():
    run(deep, 3)
    compiled(deep)


def once_hot(n):
    """Called once with a long loop: the loop itself has to be replaced while it runs."""
    t = 0
    x = 0.0
    names = []
    for i in range(n):
        t = (t * 31 + i) & 0xFFFFFF
        x += i * 0.5
        if i % 50000 == 0:
            names.append(f"{i}:{t}")
        if i == n - 3:
            t = "now a string"
            t = len(t)
    return t, x, names


def test_long_loop_once():
    once(once_hot, 120000)
    def local_once(n):
        d = {}
        i = 0
        while i < n:
            d[i & 7] = d.get(i & 7, 0) + i
            i += 1
        return d
    once(local_once, 60000)
    scope = {}
    exec("t = 0\nfor i in range(60000):\n    t += i & 3\nu = t", scope)
    show(scope["t"], scope["i"], scope["u"])
    def raises_late(n):
        for i in range(n):
            k = 1 // (n - 1 - i)
        return k
    once(raises_late, 50000)
