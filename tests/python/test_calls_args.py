"""Argument binding: every kind of parameter called in every way, and the exact message when it is wrong."""
from check import compiled, fresh, matrix, once, outcome, run, say, show, TRAIN


def none(): return "none"
def one(a): return a
def two(a, b): return a, b
def default(a, b=2, c=3): return a, b, c
def all_default(a=1, b=[]): return a, b
def star(a, *rest): return a, rest
def only_star(*rest): return rest
def kw_only(a, *, k, d=4): return a, k, d
def pos_only(a, b=2, /, c=3): return a, b, c
def pos_only_kw(a, /, **kw): return a, kw
def kwargs(**kw): return kw
def star_kw(*rest, k=1, **kw): return rest, k, kw
def everything(a, b=2, /, c=3, d=4, *rest, e, f=6, **kw): return a, b, c, d, rest, e, f, kw
def many(a, b, c, d, e, f, g, h, i, j, k, l): return a + l, (b, c, d, e, f, g, h, i, j, k)

FUNCTIONS = [none, one, two, default, all_default, star, only_star, kw_only, pos_only, pos_only_kw, kwargs, star_kw, everything, many]


def c0(f): return f()
def c1(f): return f(1)
def c2(f): return f(1, 2)
def c3(f): return f(1, 2, 3)
def c4(f): return f(1, 2, 3, 4)
def c12(f): return f(1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12)
def ka(f): return f(a=1)
def kb(f): return f(1, b=5)
def kab(f): return f(b=5, a=1)
def kc(f): return f(1, c=9)
def kk(f): return f(1, k=7)
def kd(f): return f(1, d=7, k=8)
def ke(f): return f(1, e=7)
def kef(f): return f(1, 2, 3, 4, 5, f=6, e=7, z=8)
def dup(f): return f(1, a=2)
def unknown(f): return f(1, nope=2)
def unknown2(f): return f(1, nope=2, nada=3)
def ex(f, args): return f(*args)
def ex_kw(f, args, kw): return f(*args, **kw)
def only_kw(f, kw): return f(**kw)
def mixed(f, args, kw): return f(0, *args, e=5, **kw)
def mixed2(f, args, kw): return f(*args, 8, *args, **kw, **{"q": 1})


def test_every_call_of_every_function():
    for caller in (c0, c1, c2, c3, c4, c12, ka, kb, kab, kc, kk, kd, ke, kef, dup, unknown, unknown2):
        matrix(caller, [(f,) for f in FUNCTIONS])


def test_star_calls():
    cases = [(f, args) for f in FUNCTIONS for args in ((), (1,), [1, 2], range(3), "abcd", {1: 2}, iter([5]), 5, None)]
    matrix(ex, [(lambda f=f, a=a: (f, iter([5]) if type(a) is type(iter([])) else a)) for f, a in cases], train_on=(0, 11, 30, 52, 110))


def test_kw_calls():
    kws = ({}, {"a": 1}, {"k": 1}, {"e": 1, "z": 2}, {"nope": 3}, {1: 2}, {"b": 1, "c": 2}, 5, [("a", 1)])
    matrix(ex_kw, [(f, a, k) for f in FUNCTIONS for a in ((), (1,), (1, 2, 3, 4, 5)) for k in kws], train_on=(0, 30, 81, 200, 300))
    matrix(only_kw, [(f, k) for f in FUNCTIONS for k in kws], train_on=(0, 19, 60))
    matrix(mixed, [(f, (1,), k) for f in FUNCTIONS for k in kws], train_on=(0, 50, 100))
    matrix(mixed2, [(f, (1,), k) for f in FUNCTIONS for k in kws], train_on=(0, 50, 100))


class MappingLike:
    def keys(self): return ["a", "b"]
    def __getitem__(self, k): return k.upper()


class BadMapping:
    def keys(self): return ["a"]
    def __getitem__(self, k): raise KeyError("bad mapping")


class StrSub(str):
    pass


def test_odd_mappings():
    for f in (two, kwargs, one):
        for kw in (MappingLike(), BadMapping(), {StrSub("a"): 1}, {"a": 1, StrSub("b"): 2}):
            run(only_kw, f, kw)
    def double(f, k): return f(a=1, **k)
    for k in ({"a": 2}, {"b": 2}, MappingLike()):
        run(double, two, k)
        run(double, kwargs, k)
    def gen(): yield 1; raise ValueError("in star")
    run(lambda f: f(*gen()), two)


def test_kwargs_are_fresh():
    def keep(**kw):
        kw["seen"] = True
        return kw
    def passing(d):
        r = keep(**d)
        return r, d, r is d
    matrix(passing, [lambda: ({},), lambda: ({"a": 1},)])
    def rest(*args): return args
    def same(t): return rest(*t) is t, rest(*t)
    matrix(same, [((1, 2),), ((),), ([1],)])


def forward(f, *args, **kwargs): return f(*args, **kwargs)
def forward2(f, *args, **kwargs): return forward(f, *args, **kwargs)
def add_kw(f, **kwargs): return f(extra=1, **kwargs)


def test_forwarding():
    for f in FUNCTIONS:
        run(forward2, f)
        run(forward2, f, 1)
        run(forward2, f, 1, 2)
        run(forward2, f, 1, e=5, k=6)
        run(add_kw, f, a=1)
    compiled(forward)
    compiled(forward2)


def test_defaults_evaluated_once():
    def acc(v, into=[]):
        into.append(v)
        return len(into)
    def calls(): return acc(1), acc(2), acc(3, [])
    r = [calls() for _ in range(30)]
    show(r[0], r[-1])
    compiled(acc)


def test_defaults_changed():
    def f(a, b=1, *, c=2): return a, b, c
    def caller(): return f(0), f(0, c=5), f(0, 9)
    run(caller)
    f.__defaults__ = ("B",)
    run(caller)
    f.__defaults__ = ("A", "B")
    run(lambda: f())
    f.__defaults__ = None
    run(caller)
    f.__kwdefaults__ = {"c": "C"}
    run(lambda: f(0, 1))
    f.__kwdefaults__ = None
    run(lambda: f(0, 1))
    f.__kwdefaults__ = {"c": 1}
    f.__kwdefaults__["c"] = "mutated"
    run(lambda: f(0, 1))
    compiled(f)


def test_order_of_evaluation():
    log = []
    def n(x):
        log.append(x)
        return x
    def f(*a, **k): return a, k
    def evaluate():
        log.clear()
        f(n(1), *n((2, 3)), n(4), k=n(5), **n({"z": 6}), y=n(7))
        return list(log)
    run(evaluate)
    def raising():
        log.clear()
        return f(n(1), n(1) / 0, n(2))
    run(raising)
    show(log)


def test_arguments_mutated():
    def f(a, b, *c, **d):
        a += 1
        b = c
        c = d
        d = a
        del a
        return b, c, d
    run(f, 1, 2, 3, x=4)
    def g(a, b):
        a, b = b, a
        return a, b, locals()
    run(g, 1, "b")
    compiled(f)


def mono_calls(n):
    t = 0
    for i in range(n):
        t += one(i) + default(i)[2] + len(only_star(i, i)) + kw_only(i, k=2)[1] + len(kwargs(x=i))
    return t


def test_hot_calls():
    run(mono_calls, 20)
    for f in (one, default, only_star, kw_only, kwargs, mono_calls):
        compiled(f)


def test_too_many_names():
    def suggestion(f): return f(1, defualt=3)
    def with_name(default=1, other=2): return default, other
    run(suggestion, with_name)
    def missing_many(a, b, c, *, d, e): return 1
    run(lambda: missing_many())
    run(lambda: missing_many(1, 2))
    run(lambda: missing_many(1, 2, 3))
    run(lambda: missing_many(1, 2, 3, 4))
    run(lambda: missing_many(1, 2, 3, 4, d=1, e=2))
    def po(a, b, /): return a
    run(lambda: po(1, b=2))
    run(lambda: po(a=1, b=2))
    class C:
        def m(self, a): return a
    run(lambda: C().m())
    run(lambda: C().m(1, 2))
    run(lambda: C.m())
    run(lambda: C(1))
