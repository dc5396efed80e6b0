"""Recursion: self, mutual, through C, through classes; the limit as an exception, never a crash, and usable afterwards."""
import functools
import sys

from check import MODE, compiled, fresh, matrix, once, outcome, run, say, show


def fib(n): return n if n < 2 else fib(n - 1) + fib(n - 2)
def ack(m, n): return n + 1 if m == 0 else ack(m - 1, 1) if n == 0 else ack(m - 1, ack(m, n - 1))
def even(n): return True if n == 0 else odd(n - 1)
def odd(n): return False if n == 0 else even(n - 1)
def fact(n): return 1 if n <= 1 else n * fact(n - 1)
def depth(n): return 0 if n == 0 else 1 + depth(n - 1)
def hanoi(n, a, b, c, moves):
    if n:
        hanoi(n - 1, a, c, b, moves)
        moves.append((a, c))
        hanoi(n - 1, b, a, c, moves)
    return len(moves)


def test_ordinary():
    for n in (1, 10, 15):
        run(fib, n)
    run(fib, 10.0)
    run(fib, True)
    run(ack, 2, 3)
    run(even, 20)
    run(even, 21)
    run(fact, 20)
    run(fact, 21)
    run(fact, 60)
    run(depth, 300)
    for _ in range(25):
        last = hanoi(6, "a", "b", "c", [])
    show(last)
    for f in (fib, ack, even, odd, fact, depth, hanoi):
        compiled(f)


def test_wrong_types():
    matrix(fib, [(5,), (5.0,), ("a",), (None,), ([],), (True,), (1 << 70,)][:6])
    run(depth, "a")


def endless(n): return endless(n + 1)
def endless_a(n): return endless_b(n) + 1
def endless_b(n): return endless_a(n) + 1
def endless_sorted(n): return sorted([n, n], key=endless_sorted)
def endless_map(n): return list(map(endless_map, [n]))
def endless_try(n):
    try:
        return endless_try(n + 1)
    finally:
        pass
class Rec:
    def __getattr__(self, name): return self.other
    def __repr__(self): return repr(self)
    def __eq__(self, o): return self == o
    def __call__(self): return self()
    def __init__(self, deep=False):
        if deep:
            Rec(True)
    def __hash__(self): return hash((self,))
    def __len__(self): return len(self)
    def __add__(self, o): return self + o
    def __index__(self): return [1][self]
    def __iter__(self): return iter(list(self))
    def __bool__(self): return not self
    def m(self): return self.m()
    @property
    def p(self): return self.p


def kind(f, *args):
    """Only the exception's type and message: how deep it got depends on who runs it."""
    try:
        f(*args)
    except RecursionError as e:
        return str(e).split(" while")[0][:60]
    return "no error"


def test_limit():
    r = Rec()
    for f in (lambda: endless(0), lambda: endless_a(0), lambda: endless_sorted(0), lambda: endless_map(0), lambda: endless_try(0),
              lambda: r.q, lambda: repr(r), lambda: r == 1, lambda: r(), lambda: Rec(True), lambda: hash(r), lambda: len(r), lambda: r + 1,
              lambda: [1][r], lambda: list(r), lambda: bool(r), lambda: r.m(), lambda: r.p):
        for _ in range(3):
            say(kind(f))
    compiled(endless)
    run(fib, 10)


def measure(f):
    """Depth reached before RecursionError."""
    reached = 0
    def down(n):
        nonlocal reached
        reached = n
        down(n + 1)
    try:
        down(0)
    except RecursionError:
        pass
    return reached


def test_depth_near_limit():
    """Not the exact depth (a native frame may count differently), but the configured one within a few."""
    old = sys.getrecursionlimit()
    try:
        for limit in (200, 1000, 3000):
            sys.setrecursionlimit(limit)
            for _ in range(3):
                got = measure(None)
            say(f"limit {limit}: within {abs(limit - got) < 40}")
    finally:
        sys.setrecursionlimit(old)


def test_deep_but_allowed():
    old = sys.getrecursionlimit()
    sys.setrecursionlimit(20000)
    try:
        for _ in range(3):
            # With every guard failing each level is also an interpreter's frame on the C stack.
            n = 4000 if MODE.startswith("deopt") else 15000
            show(depth(n) == n)
        def catch_deep(n):
            try:
                return catch_deep(n - 1) if n else 1 / 0
            except ZeroDivisionError:
                raise
        for _ in range(3):
            try:
                catch_deep(500)
            except ZeroDivisionError as e:
                n, tb = 0, e.__traceback__
                while tb:
                    n, tb = n + 1, tb.tb_next
                show(n)
    finally:
        sys.setrecursionlimit(old)


def test_recover():
    caught = 0
    def dive(n):
        return dive(n + 1)
    def handler():
        nonlocal caught
        try:
            dive(0)
        except RecursionError:
            caught += 1
            return fib(8)
    for _ in range(10):
        r = handler()
    show(caught, r)
    def catch_at_bottom(n):
        try:
            return catch_at_bottom(n + 1)
        except RecursionError:
            return "bottom"
    for _ in range(5):
        show(catch_at_bottom(0))


def test_limit_lowered_while_running():
    old = sys.getrecursionlimit()
    def f(n):
        if n == 0:
            try:
                sys.setrecursionlimit(10)
            except RecursionError as e:
                return "refused"
            return "accepted"
        return f(n - 1)
    try:
        for _ in range(3):
            show(f(50))
    finally:
        sys.setrecursionlimit(old)


def test_closures_recursive():
    def outer(n):
        def inner(k): return 0 if k == 0 else k + inner(k - 1)
        return inner(n)
    run(outer, 20)
    y = lambda f: (lambda x: x(x))(lambda x: f(lambda v: x(x)(v)))
    run(y(lambda s: lambda n: 1 if n == 0 else n * s(n - 1)), 10)
    @functools.lru_cache(None)
    def cached(n): return n if n < 2 else cached(n - 1) + cached(n - 2)
    run(cached, 100)


class Tree:
    def __init__(self, d):
        self.left = Tree(d - 1) if d else None
        self.right = Tree(d - 1) if d else None
    def count(self): return 1 + (self.left.count() if self.left else 0) + (self.right.count() if self.right else 0)


def test_tree():
    def build(d): return Tree(d).count()
    run(build, 5)
    compiled(build)
    compiled(Tree.count)


def test_generators_recursive():
    def walk(n):
        if n:
            yield from walk(n - 1)
            yield n
    def total(n): return sum(walk(n)), list(walk(3))
    run(total, 20)
    def endless_gen(): yield from endless_gen()
    say(kind(lambda: list(endless_gen())))
