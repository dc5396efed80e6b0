"""Comprehensions and generator expressions: nesting, conditions, scoping, unpacking, errors inside."""
from check import compiled, fresh, matrix, once, outcome, run, say, show


def basic(xs): return [x for x in xs], {x for x in xs}, {x: x for x in xs}, list(x for x in xs)
def mapped(xs): return [x * 2 for x in xs], [str(x) for x in xs], [(x, i) for i, x in enumerate(xs)]
def filtered(xs): return [x for x in xs if x], [x for x in xs if x if not x == 2], [x if x else "no" for x in xs]
def nested(xs): return [[y for y in xs] for x in xs], [(x, y) for x in xs for y in xs if x != y], [z for row in [xs, xs] for z in row]
def items(d): return {v: k for k, v in d.items()}, [k + v for k, v in d.items()], {k: {v} for k, v in d.items() if v}
def divides(xs): return [10 / x for x in xs]
def shadow(x): return [x for x in [x, x]], x, [x := x for _ in range(1)], x
def walrus(xs): return [y := x + 1 for x in xs], y
def starred(xs): return [(a, b) for a, *b in xs], {a: b for a, *b in xs}
def conditions(xs): return [x for x in xs if (x > 1 and x < 5) or x == 9], any(x > 3 for x in xs), all(x > 0 for x in xs), sum(x for x in xs if x), max((x for x in xs), default=None)
def dependent(n): return [[i * j for j in range(i)] for i in range(n)], {i: [j for j in range(i) if j % 2] for i in range(n)}
def closure(n): return [f() for f in [lambda: i for i in range(n)]], [f(1) for f in [lambda x, i=i: x + i for i in range(n)]]
def lazy(xs): return next((x for x in xs if x == "hit"), "none"), (x for x in xs).__next__()


INPUTS = [([1, 2, 3],), ((0, 1, 9),), ("ab",), ([],), ({1: 2},), (range(4),), ([2.5, 0.0],), ([None],), (5,), (None,), ([[1]],), (["hit"],), ([1, "a"],),
          ([True, 1, 1.0],), (iter(()),)]


def test_simple():
    for f in (basic, mapped, filtered, nested, divides, walrus, starred, conditions, lazy):
        matrix(f, INPUTS)
    matrix(shadow, [(1,), ("s",)])
    matrix(items, [({1: 2},), ({"a": "b"},), ({},), ({1: []},), ([1],), ({1: "a"},)])
    matrix(dependent, [(4,), (0,), (True,), ("a",)])
    matrix(closure, [(3,), (0,)])
    for f in (basic, mapped, filtered, nested, conditions, dependent):

        for _ in range(30):
            outcome(f, [1, 2] if f is not dependent else 3)
        compiled(f)


def scoping():
    x = "outer"
    a = [x for x in range(3)]
    b = [(lambda: x)() for x in range(3)]
    class C:
        y = 5
        c = [1 for _ in range(2)]
        z = [i for i in range(y)]
    def g(): return [x for _ in range(2)]
    return x, a, b, C.z, g(), [locals().get("x") for x in range(2)]


def test_scoping():
    run(scoping)
    def class_scope():
        class D:
            k = 3
            bad = [k for _ in range(1)]
        return D.bad
    run(class_scope)
    def locals_inside():
        y = 1
        return [sorted(locals()) for z in range(2)]
    run(locals_inside)
    def error_restores():
        x = "kept"
        try:
            [1 // x for x in [1, 0]]
        except ZeroDivisionError:
            return x
    run(error_restores)
    def unbound_restores():
        try:
            [1 // q for q in [1, 0]]
        except ZeroDivisionError:
            try:
                return q
            except NameError as e:
                return type(e).__name__, str(e)
        q = 1
    run(unbound_restores)
    def deletes():
        x = 1
        del x
        r = [x for x in range(2)]
        try:
            return x
        except UnboundLocalError as e:
            return r, str(e)
    run(deletes)


def mutating():
    xs = [1, 2, 3]
    a = [xs.pop() for _ in range(2)]
    d = {}
    b = [d.setdefault(k, []).append(k) for k in "aab"]
    seen = set()
    c = [x for x in [1, 2, 1, 3] if not (x in seen or seen.add(x))]
    return a, xs, b, d, c


def test_mutating(): run(mutating)


def generator_state():
    log = []
    g = (log.append(x) or x for x in range(3))
    log.append("made")
    next(g)
    log.append("first")
    rest = list(g)
    try:
        first_now = (1 // 0 for _ in [1])
        log.append("lazy body")
        next(first_now)
    except ZeroDivisionError:
        log.append("late")
    try:
        (1 for _ in 5)
    except TypeError as e:
        log.append(str(e))
    return log, rest


def test_generator_expression(): run(generator_state)


def flatten(xs): return [y for x in xs for y in (flatten(x) if isinstance(x, list) else [x])]
def transpose(m): return [[row[i] for row in m] for i in range(len(m[0]))]
def primes(n): return [p for p in range(2, n) if all(p % q for q in range(2, int(p ** 0.5) + 1))]
def group(words): return {k: [w for w in words if w[0] == k] for k in sorted({w[0] for w in words})}
def queens(n):
    def place(k): return [[]] if k == 0 else [q + [c] for q in place(k - 1) for c in range(n) if safe(q, c)]
    def safe(q, c): return all(c != d and abs(c - d) != len(q) - i for i, d in enumerate(q))
    return len(place(n))


def test_algorithms():
    run(flatten, [1, [2, [3, []]], 4])
    matrix(transpose, [([[1, 2], [3, 4]],), (["ab", "cd"],), ([[1]],), ([],), ([[1, 2], [3]],)])
    run(primes, 60)
    run(group, ["apple", "bob", "ant"])
    run(group, ["", "x"])
    run(queens, 5)
    compiled(flatten)
    compiled(primes)


def large(n): return len([x for x in range(n)]), len({x for x in range(n)}), len({x: x for x in range(n)}), sum(x for x in range(n))


def test_large(): run(large, 3000)


async def agen(n):
    for i in range(n):
        yield i


def test_async_comprehension():
    import asyncio
    async def f(n):
        a = [x async for x in agen(n)]
        b = {x: x async for x in agen(n) if x}
        g = (x async for x in agen(n))
        return a, b, {x async for x in agen(n)}, [x async for x in g], [await h(x) for x in range(n)]
    async def h(x): return x + 1
    def drive(n): return asyncio.run(f(n))
    for _ in range(3):
        show(drive(3))
