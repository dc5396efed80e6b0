"""Small callees, properties, constructors, closures and comprehensions that can be inlined: tracebacks, frames, changes and exits inside them."""
import sys

from check import MODE, TRAIN, compiled, fresh, matrix, once, outcome, run, say, show


def add(a, b): return a + b
def twice(x): return add(x, x)
def const(): return 7
def pick(x, y=3): return x if x else y
def fails(x): return x.nope
def maybe(x): return None if x else 5
def guard(x):
    if x is None:
        raise ValueError("none")
    return x
def frame(): return sys._getframe().f_code.co_name, sys._getframe(1).f_code.co_name


def uses(x, n):
    t = x
    for i in range(n):
        t = add(t, twice(i)) + const() + pick(i) + guard(i)
    return t


def level3(a, b): return a / b
def level2(a, b):
    c = a + 1
    return level3(c, b) + 1
def level1(a, b):
    d = a * 2
    return level2(d, b), d


class P:
    def __init__(self, x, y=0): self.x, self.y = x, y
    @property
    def norm(self): return self.x * self.x + self.y * self.y
    def get(self): return self.x
    def set(self, v): self.x = v
    def moved(self, dx): return P(self.x + dx, self.y)
    def __add__(self, o): return P(self.x + o.x, self.y + o.y)
    def __eq__(self, o): return isinstance(o, P) and self.x == o.x and self.y == o.y
    def __getitem__(self, i): return (self.x, self.y)[i]
    def __len__(self): return 2
    def __repr__(self): return f"P({self.x},{self.y})"
    __hash__ = None
    @staticmethod
    def origin(): return P(0)
    @classmethod
    def at(cls, v): return cls(v, v)
    def chain(self): return self


class Q(P):
    def get(self): return ("Q", super().get())


def points(n, cls):
    total = cls(0, 0)
    for i in range(n):
        p = cls(i, i + 1)
        p.set(p.get() if cls is P else i)
        total = total + p.moved(1)
        if p == total:
            total.x += p.norm
        total.y += p[1] + len(p)
    return total, cls.origin(), cls.at(3), total.chain().chain().norm


def test_simple():
    matrix(uses, [(1, 5), (0.5, 5), ("a", 5), (1 << 61, 8), (None, 1), (1, 0)])
    matrix(level1, [(1, 2), (1, 0), (1.5, 2), ("a", 1), (1, None), (1 << 80, 3)])
    matrix(points, [(4, P), (4, Q), (0, P), (3, int)])
    for f in (uses, level1, level2, points):
        compiled(f)


def test_errors_inside():
    def caller(x):
        y = [x]
        z = fails(x)
        return y, z
    matrix(caller, [(1,), ("s",), (type("T", (), {"nope": 3})(),)])
    def caught(x):
        try:
            return fails(x)
        except AttributeError as e:
            tb = e.__traceback__
            return [(t.tb_frame.f_code.co_name, t.tb_lineno, dict(t.tb_frame.f_locals) if t.tb_next is None else None) for t in (tb, tb.tb_next)]
    run(caught, 1)
    def in_loop(xs):
        out = []
        for x in xs:
            try:
                out.append(guard(x))
            except ValueError as e:
                out.append((str(e), e.__traceback__.tb_next.tb_lineno))
        return out
    run(in_loop, [1, None, 2])
    run(in_loop, [None] * 3)
    compiled(in_loop)


def test_frames_inside():
    def outer():
        a = 1
        def inner():
            b = 2
            return frame(), sorted(sys._getframe(1).f_locals)
        return inner()
    run(outer)
    def through_property():
        class C:
            @property
            def p(self): return [sys._getframe(k).f_code.co_name for k in range(2)]
        return C().p
    run(through_property)


def test_callee_changes():
    global add
    saved = add
    run(uses, 1, 5)
    add = lambda a, b: a - b
    run(uses, 1, 5)
    add = saved
    run(uses, 1, 5)
    code = twice.__code__
    twice.__code__ = (lambda x: 100).__code__
    run(uses, 1, 5)
    twice.__code__ = code
    run(uses, 1, 5)
    pick.__defaults__ = (1000,)
    run(uses, 1, 5)
    pick.__defaults__ = (3,)
    run(uses, 1, 5)
    get = P.get
    P.get = lambda self: 42
    run(points, 3, P)
    P.get = get
    init = P.__init__
    P.__init__ = lambda self, x, y=0: init(self, x + 1, y)
    run(points, 3, P)
    P.__init__ = init
    run(points, 3, P)


def change_inside(n, f):
    """The callee is replaced while an inlined copy of it runs."""
    out = []
    for i in range(n):
        out.append(f(i))
    return out


def test_changed_while_inside():
    global victim
    def victim(x):
        global victim
        if x == 45:
            victim = lambda y: ("new", y)
        return ("old", x)
    def drive(n): return [victim(i) for i in range(n)][-6:]
    once(drive, 50)
    once(drive, 3)


def test_exits_inside():
    """A guard in an inlined callee fails: both frames must be rebuilt."""
    def inner(a, b):
        c = a * 2
        d = c + b
        return c, d
    def middle(a, b):
        e = a + 1
        return inner(e, b), e
    def outer(a, b):
        f = [a]
        r = middle(a, b)
        return r, f, a
    matrix(outer, [(1, 2), (1, 2.5), (1.5, 2), ("a", "b"), (1, "b"), (1 << 62, 1 << 62), (None, 1), (True, False), ([1], [2])])
    compiled(outer)
    def loop(xs):
        t = 0
        for x in xs:
            t = middle(t, x)[0][1] % 1000003
        return t
    matrix(loop, [([1, 2, 3],), ([1, 2.5],), ([1, 1 << 70],), ([1, "a"],), ([True],)])


def test_recursion_limit_inside():
    def a(n): return b(n)
    def b(n): return a(n)
    for _ in range(3):
        try:
            a(0)
        except RecursionError as e:
            show(str(e)[:32])


def closures_inlined(n):
    k = 2
    def scale(x): return x * k
    def acc(x):
        nonlocal total
        total += scale(x)
    total = 0
    for i in range(n):
        acc(i)
        if i == 3:
            k = 0.5
    return total, k


def lambdas(xs): return [(lambda v: v + 1)(x) for x in xs], (lambda *a, k=2: (a, k))(*xs), (lambda: xs)()


def test_closures():
    matrix(closures_inlined, [(3,), (6,), (0,)])
    matrix(lambdas, [([1, 2],), ([],), (["a"],), ([1.5],)])
    compiled(closures_inlined)


def predicates(xs): return [x for x in xs if is_even(x) and not is_neg(x)], any(is_neg(x) for x in xs), sum(1 for x in xs if is_even(x))
def is_even(x): return x % 2 == 0
def is_neg(x): return x < 0


def test_predicates():
    matrix(predicates, [([1, 2, -2],), ([2.0, 3],), ([True],), (["a"],), (["%d"],), ([1 << 70],), ([],)])
    compiled(is_even)


def early(x):
    for i in range(3):
        if x == i:
            return i * 10
        try:
            if x == "e":
                raise KeyError
        except KeyError:
            return "key"
    return "end"


def uses_early(xs): return [early(x) for x in xs]
def test_early(): matrix(uses_early, [([0, 1, 2, 3],), (["e"],), ([0.0, 1.0],), ([None],)])


class Tree:
    __slots__ = "l", "r", "v"
    def __init__(self, v, l=None, r=None): self.v, self.l, self.r = v, l, r
    def insert(self, v):
        if v < self.v:
            if self.l is None:
                self.l = Tree(v)
            else:
                self.l.insert(v)
        elif self.r is None:
            self.r = Tree(v)
        else:
            self.r.insert(v)
    def walk(self, out):
        if self.l:
            self.l.walk(out)
        out.append(self.v)
        if self.r:
            self.r.walk(out)
        return out


def tree_sort(xs):
    t = Tree(xs[0])
    for x in xs[1:]:
        t.insert(x)
    return t.walk([])


def test_tree():
    matrix(tree_sort, [([3, 1, 2, 5],), (["b", "a"],), ([1.5, 1],), ([1, "a"],), ([],), (list(range(30)),)])
    compiled(Tree.insert)


def lifetimes_through_inlining():
    log = []
    class D:
        def __init__(self, n): self.n = n
        def __del__(self): log.append(self.n)
    def ident(x): return x
    def drop(x): log.append("in drop")
    def make(n): return D(n)
    a = ident(make("a"))
    log.append(1)
    drop(make("b"))
    log.append(2)
    make("c")
    log.append(3)
    a = make("d")
    log.append(4)
    return log[:]


def test_lifetimes(): run(lifetimes_through_inlining)


demanded = set()


def inlined(f, *names):
    """Demand that these callees are part of `f`'s code, compiled with a profile; in later rounds theirs says something else."""
    if MODE == "warm" and f.__qualname__ not in demanded:
        demanded.add(f.__qualname__)
        import ember
        found = {call["function"] for call in ember.jit.explain(f).get("inlined", ())}
        missing = set(names) - found
        if missing:
            raise AssertionError(f"{f.__qualname__} has not inlined {missing}, only {found}")


class Cell:
    def __init__(self, x): self.x = x
    def get(self): return self.x
    def put(self, v): self.x = v
    def inverse(self): return 1 / self.x
    @property
    def next(self): return self.x + 1
    def both(self): return self.get() + self.next
class Alarm(Cell):
    def __del__(self): ends.append(("gone", self.x))
ends = []


def plus(a, b): return a + b
def ratio(i, j): return 1.0 / ((i + j) * (i + j + 1) / 2 + i + 1)
def letter(s, i): return s[i]
def offset(a, b=10): return a + b
def pair(a, b): return (a, b)


def getters(c, v): return plus(c.get(), v) + c.next + c.both()
def ratios(i, j): return ratio(i, j) + ratio(j, i)
def offsets(a): return offset(a) + offset(a, 1)
def setters(c, v):
    c.put(v)
    c.put(c.get())
    return c.x
def letters(c, s, i):
    try:
        first = letter(s, i)
        return first, c.inverse()
    except Exception as e:
        entries = []
        tb = e.__traceback__
        while tb:
            code = tb.tb_frame.f_code
            seen = {name: value for name, value in tb.tb_frame.f_locals.items() if name in ("s", "i", "first")}
            entries.append((code.co_name, tb.tb_lineno, list(code.co_positions())[tb.tb_lasti // 2], seen))
            tb = tb.tb_next
        return type(e).__name__, str(e), entries


callers = getters, ratios, setters, offsets, letters


def test_exits_start_the_call_again():
    """Whatever is wrong in an inlined body: the interpreter makes the call, with frames, tracebacks and values of its own."""
    getters, ratios, setters, offsets, letters = map(fresh, callers)
    for _ in range(TRAIN):
        getters(Cell(1), 2), ratios(1, 2), setters(Cell(1), 2), offsets(1), letters(Cell(2), "abc", 1)
    inlined(getters, "Cell.get", "plus", "Cell.next", "Cell.both")
    inlined(ratios, "ratio")
    inlined(setters, "Cell.put", "Cell.get")
    inlined(offsets, "offset")
    inlined(letters, "letter")
    for case in [(Cell(1), 2.5), (Cell(1.5), 2), (Cell("a"), "b"), (Cell(1), None), (Cell(1 << 62), 1 << 62), (Cell(True), False), (None, 1)]:
        once(getters, *case)
    for case in [(1.5, 2), (0, -1), (1 << 70, 1), ("a", 1), (-2, 1)]:
        once(ratios, *case)
    for case in [(Cell(1), "x"), (Q(1), 2), (object(), 1)]:
        once(setters, *case)
    for case in [("a",), (1.5,), (1 << 63,)]:
        once(offsets, *case)
    for case in [(Cell(0), "abc", 1), (Cell(1), "abc", 7), (Cell(2), [1], 0), (Cell(2), [1], 5), (Cell("x"), "abc", -1), (Cell(2), "abc", 10**30), (3, "abc", 1), (Cell(4), {1: 2}, 1)]:
        once(letters, *case)
    # Often enough that calls are compiled as calls again.
    for _ in range(80):
        outcome(getters, Cell(1.5), 2), outcome(letters, Cell(0), "abc", 9)
    once(getters, Cell(1.5), 2)
    once(letters, Cell(0), "abc", 9)


def test_inlined_function_changes():
    getters, offsets = map(fresh, (callers[0], callers[3]))
    for _ in range(TRAIN):
        getters(Cell(1), 2), offsets(1)
    once(offsets, 1)
    offset.__defaults__ = (1000,)
    once(offsets, 1)
    offset.__defaults__ = (10,)
    code = plus.__code__
    plus.__code__ = (lambda a, b: a - b).__code__
    once(getters, Cell(1), 2)
    plus.__code__ = code
    once(getters, Cell(1), 2)
    saved = Cell.next
    Cell.next = property(lambda self: 100)
    once(getters, Cell(1), 2)
    Cell.next = saved
    once(getters, Cell(1), 2)
    c = Cell(1)
    c.get = lambda: 7
    once(getters, c, 2)
    c.__dict__["x"] = 5
    once(getters, c, 2)
    del c.x
    once(getters, c, 2)


class Holder:
    def __init__(self, x): self.x = x
    def put(self, v): self.x = v


def replaces(c, v):
    c.put(v)
    ends.append("put")
    return c


def temporaries(n):
    plus(Alarm(n).get(), 0)
    ends.append("after get")
    pair(Alarm(n + 1), 2)
    ends.append("after pair")


def test_finalisers_around():
    """What an inlined setter lets go, and what is only an argument, ends where the program ends it."""
    holder = Holder(1)
    replaces = fresh(globals()["replaces"])
    for i in range(TRAIN):
        replaces(holder, Alarm(i))
        temporaries(i)
    inlined(replaces, "Holder.put")
    ends.clear()
    for i in range(3):
        replaces(holder, Alarm(i))
        temporaries(i)
    show(str(ends))
