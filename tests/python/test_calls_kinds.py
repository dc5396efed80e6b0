"""Callables of every kind through one call site: functions, methods, classes, C functions of all conventions, partials, wrappers."""
import functools
import itertools
import math
import operator
import types

from check import compiled, fresh, matrix, once, outcome, run, say, show


def call0(f): return f()
def call1(f, a): return f(a)
def call2(f, a, b): return f(a, b)
def call_kw(f, a): return f(a, key=None)
def call_ex(f, args): return f(*args)


class Plain:
    pass


class Init:
    def __init__(self, *a): self.a = a
    def __repr__(self): return f"Init{self.a}"


class InitReturns:
    def __init__(self, *a): return 5


class InitRaises:
    def __init__(self, *a): raise ValueError(a)


class New:
    def __new__(cls, *a): return ("new", cls.__name__, a)


class NewInit:
    def __new__(cls, *a):
        self = super().__new__(cls)
        self.n = len(a)
        return self
    def __init__(self, *a): self.n += 10
    def __repr__(self): return f"NewInit({self.n})"


class NewOther:
    def __new__(cls, *a): return Init("other")
    def __init__(self, *a): raise AssertionError("must not run")


class Call:
    def __call__(self, *a, **k): return ("call", a, k)
    def __repr__(self): return "Call"


class Meta(type):
    def __call__(cls, *a, **k): return ("meta call", cls.__name__, a, k)


class Metaed(metaclass=Meta):
    pass


class SlotInit:
    __slots__ = ("v",)
    def __init__(self, v=0): self.v = v
    def __repr__(self): return f"SlotInit({self.v})"


class Methods:
    def m(self, *a, **k): return ("m", a, k)
    @classmethod
    def c(cls, *a, **k): return ("c", a, k)
    @staticmethod
    def s(*a, **k): return ("s", a, k)
    def __repr__(self): return "Methods"


class Abstract:
    def __init__(self, v): self.v = v
    @property
    def getter(self): return lambda *a: ("via property", a)


@functools.lru_cache
def cached(*a): return ("cached", a)


@functools.wraps(Plain)
def wrapped(*a, **k): return ("wrapped", a, k)


def generator(*a): yield a
async def coroutine(*a): return a
def recursive_default(n=3): return 0 if n == 0 else 1 + recursive_default(n - 1)


m = Methods()
CALLABLES = [Plain, Init, InitReturns, InitRaises, New, NewInit, NewOther, Call(), Metaed, SlotInit, m.m, m.c, m.s, Methods.m, Methods.c,
             functools.partial(pow, 2), functools.partial(Init, 9), cached, wrapped, generator, len, abs, repr, iter, sorted, min, max, sum,
             int, float, str, bool, list, tuple, dict, set, bytes, type, object, range, enumerate, zip, map, reversed,
             "abc".upper, "a,b".split, [3, 1].count, {1: 2}.get, {1: 2}.keys, math.sqrt, math.pow, math.hypot, operator.add,
             operator.itemgetter(0), operator.attrgetter("real"), operator.methodcaller("upper"), str.upper, str.join, list.append, dict.get,
             int.__add__, (5).__add__, (5).__radd__, object.__repr__, "x".__eq__, type.__call__, ord, chr, divmod, isinstance, getattr,
             dict.fromkeys, int.from_bytes, str.maketrans, itertools.count, slice, complex, frozenset, property, types.SimpleNamespace,
             Exception, KeyError, recursive_default, (lambda *a: a), 5, None, "str", NotImplemented, super, classmethod]


def deterministic(f, *args):
    r = f(*args)
    if hasattr(r, "__next__"):
        r = (type(r).__name__, [repr(x) for x in itertools.islice(r, 3)])
    return r


def sites(f, values):
    """One polymorphic site of each arity."""
    out = []
    for call, args in ((call0, (f,)), (call1, (f, values[0])), (call2, (f, *values)), (call_kw, (f, values[0])), (call_ex, (f, values))):
        out.append(outcome(deterministic, call, *args).split(" tb=")[0])
    return out


def test_every_callable():
    for values in ((3, 4), ("ab", "b"), ([2, 1], 1), (2.5, 1.5), (Plain, 1)):
        for f in CALLABLES:
            name = getattr(f, "__qualname__", repr(f))
            for _ in range(2):
                say(f"{name} {sites(f, values)}")


def test_site_specialised_then_changed():
    iterators = (generator, coroutine, enumerate, zip, map, iter, reversed, itertools.count)
    matrix(call1, [(f, 3) for f in CALLABLES if f not in iterators],
           train_on=(0, 1, 5, 7, 9, 10, 11, 12, 15, 17, 20, 22, 25, 28, 40, 43, 60))
    matrix(call0, [(f,) for f in CALLABLES if f not in iterators], train_on=(0, 1, 4, 5, 7, 8, 10, 12, 29, 42))


def test_class_calls_change():
    class A:
        def __init__(self, v): self.v = v
    def make(v): return A(v).v
    run(make, 1)
    A.__init__ = lambda self, v: setattr(self, "v", ("patched", v))
    run(make, 1)
    A.__new__ = lambda cls, v: type("Fake", (), {"v": "fake"})
    run(make, 1)
    A.__new__ = lambda cls, v: object.__new__(cls)
    run(make, 1)
    del A.__init__
    run(make, 1)
    compiled(make)


def test_init_errors():
    class A:
        def __init__(self, v, w=1):
            self.v = v
            self.q = v / w
    def make(*a): return A(*a).q
    matrix(make, [(1,), (1, 2), (1, 0), (), (1, 2, 3), ("x",)])
    def direct(v, w): return A(v, w).q
    matrix(direct, [(1, 2), (1, 0), ("x", 1), (2.5, 2)])
    compiled(direct)


def bound(f, n):
    g = f.m
    return [g(i)[1] for i in range(n)]


def test_bound_methods():
    matrix(bound, [(Methods(), 4), (Methods, 3), (Abstract(1), 2)])
    g = Methods().m
    def through(n): return [g(i) for i in range(n)]
    run(through, 3)
    run(types.MethodType(len, [1, 2]))
    run(types.MethodType(types.MethodType(lambda *a: a, 1), 2), 3)


def c_conventions(x):
    """METH_NOARGS, METH_O, METH_FASTCALL, with keywords, METH_VARARGS, on instances of builtin types."""
    s = f"a{x}b,c"
    d = {"k": x}
    l = [x, 1, 2]
    l.append(5)
    l.insert(0, 9)
    l.sort(key=lambda v: -v, reverse=True)
    return (s.upper(), s.split(","), s.split(sep=",", maxsplit=1), s.replace("a", "z"), s.startswith("a"), s.find("b", 1), s.format(),
            "{}-{}".format(x, s), d.get("k"), d.get("q"), d.get("q", 7), d.pop("k"), d.setdefault("n", 1), l.pop(), l.index(1), l.count(1),
            len(l), isinstance(x, int), abs(x), max(x, 2), min(l), divmod(7, 2), round(2.567, 2), round(2.5), sorted(l, reverse=True),
            int("12", base=8), int("7"), "".join(str(v) for v in l), math.floor(2.5), pow(2, 5), pow(2, 5, 7), hash(x), ord("a"))


def test_c_conventions():
    matrix(c_conventions, [(3,), (-7,), (2.5,), (True,), (1 << 70,), ("s",)])
    compiled(c_conventions)


def one_argument_builtins(x):
    return type(x).__name__, str(x), repr(x), len(str(x)), bool(x), callable(x), isinstance(x, (int, str)), issubclass(type(x), object)


def test_builtins():
    matrix(one_argument_builtins, [(1,), ("a",), (None,), (2.5,), ([1],), (int,), (True,)])


def exact_type(x):
    if type(x) is int:
        return "int"
    if type(x) is str:
        return "str"
    if isinstance(x, list):
        return "list"
    if isinstance(x, (dict, set)):
        return "dict or set"
    return "other"


def test_type_tests():
    class L(list):
        pass
    class M(type):
        def __instancecheck__(cls, o): return o == 4.5
        def __subclasscheck__(cls, o): return "odd"
    class V(metaclass=M):
        pass
    matrix(exact_type, [(1,), (True,), ("s",), ([],), (L(),), ({},), (set(),), (None,), (2.5,)])
    def inst(o, t): return isinstance(o, t)
    def sub(o, t): return issubclass(o, t)
    matrix(inst, [(1, int), (4.5, V), (1, V), (1, (str, V)), (1, int | str), (1, 5), (1, (5,)), (None, type(None)), (True, int), (1, list[int])])
    matrix(sub, [(bool, int), (int, V), (int, bool), (5, int), (int, 5), (int, (str, object))])
    compiled(exact_type)


def test_methods_via_class():
    class A:
        def m(self, x): return ("A", x)
    class B(A):
        def m(self, x): return ("B", A.m(self, x))
    def via(o, x): return A.m(o, x), type(o).m(o, x)
    matrix(via, [(A(), 1), (B(), 2), (5, 3), (None, 4)])


def test_functools():
    @functools.singledispatch
    def sd(x): return "default"
    @sd.register
    def _(x: int): return "int"
    @functools.cache
    def fib(n): return n if n < 2 else fib(n - 1) + fib(n - 2)
    class P:
        @functools.cached_property
        def cp(self): return []
        pm = functools.partialmethod(lambda self, a, b: (a, b), 1)
        @functools.singledispatchmethod
        def sdm(self, x): return "d"
        @sdm.register
        def _(self, x: str): return "s"
    def use(x):
        p = P()
        return sd(x), fib(30), p.cp is p.cp, p.pm(2), p.sdm(x), functools.reduce(lambda a, b: a * b, [1, 2, 3, 4], 1)
    matrix(use, [(1,), ("s",), (None,)])
