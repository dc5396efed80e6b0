"""Reference leaks: each operation repeated a thousand times must leave neither blocks nor references behind."""
from check import compiled, fresh, leaks, Sentinel, show, say

S = Sentinel()


class Obj:
    x = 1
    def __init__(self, v=None): self.v = v
    def m(self, *a, **k): return a
    @property
    def p(self): return self.v
    def __getattr__(self, n):
        if n == "dyn":
            return self
        raise AttributeError(n)
    def __add__(self, o): return o
    def __getitem__(self, i): return i
    def __enter__(self): return self
    def __exit__(self, *a): return True
    def __call__(self, a): return a


class Slots:
    __slots__ = ("a", "b")


def identity(s): return s
def assign(s):
    a = s
    b = a
    a = None
    del b
def arithmetic(s):
    x = 1 << 70
    y = 2.5
    for i in range(5):
        x += i
        y *= 1.5
    return x, y
def type_error(s): return s + 1
def type_error_list(s): return [s, s + 1, s]
def type_error_call(s): return identity(s, s + 1)
def attribute_error(s): return s.nope
def attributes(s):
    o = Obj(s)
    o.w = s
    o.w = o.v
    del o.w
    return o.x, o.p, o.dyn, o.v
def attribute_error_store(s): s.real.x = s
def slots(s):
    o = Slots()
    o.a = s
    o.a = s
    try:
        o.b
    except AttributeError:
        pass
    del o.a
def many_attributes(s):
    o = Obj()
    for i in range(40):
        setattr(o, f"k{i}", s)
    return o.k7
def methods(s):
    o = Obj()
    b = o.m
    return o.m(s), b(s, s), o.m(*[s]), o.m(**{"k": s}), Obj.m(o, s)
def calls(s):
    def f(a, b=s, *c, d=s, **e): return a, c, e
    return f(s), f(s, s, s, s, d=s, e=s), f(*(s, s), **{"z": s})
def call_errors(s):
    for args in ((), (s, s, s)):
        try:
            one(*args)
        except TypeError:
            pass
    try:
        one(s, nope=s)
    except TypeError:
        pass
    return one(s)
def one(a): return a
def containers(s):
    l = [s, s]
    l.append(s)
    l[0] = s
    l += [s]
    t = (s, *l)
    d = {"a": s, **{"b": s}}
    d["c"] = s
    st = {s, s}
    x = l[1:3]
    del l[0], d["a"]
    return l, t, d, st, x, l * 2
def subscript_errors(s):
    for f in (lambda: [s][5], lambda: {s: s}["q"], lambda: (s,)["a"], lambda: s[0], lambda: [s][s]):
        try:
            f()
        except (IndexError, KeyError, TypeError):
            pass
def unpacking(s):
    a, b = s, s
    a, *b = [s, s, s]
    (a, b), c = (s, s), s
    try:
        a, b = [s, s, s]
    except ValueError:
        pass
    try:
        a, b = s
    except TypeError:
        pass
    return a, b, c
def loops(s):
    for x in [s, s]:
        for y in (s,):
            if y is s:
                break
    for k, v in {"a": s}.items():
        continue
    for i, x in enumerate([s]):
        pass
    return [x for x in [s] if x is s], {x: x for x in (s,)}, {x for x in (s,)}
def loop_error(s):
    for x in [s, s]:
        x + 1
def generator(s):
    def g():
        yield s
        yield s
    it = g()
    next(it)
    return list(g()), it
def generator_partial(s):
    for x in (y for y in [s, s]):
        break
def exceptions(s):
    try:
        raise ValueError(s)
    except ValueError as e:
        x = e
    try:
        raise KeyError(s) from x
    except KeyError:
        pass
    return None
def nested_exceptions(s):
    try:
        try:
            s.a
        except AttributeError:
            s.b
        finally:
            z = [s]
    except AttributeError as e:
        return e.__context__ is not None
def escaping(s):
    a = [s]
    b = s
    raise ValueError(a, b)
def deep_escape(s):
    def inner(k): return inner(k - 1) if k else s.missing
    return inner(5)
def finally_return(s):
    try:
        return [s]
    finally:
        s = None
def finally_swallow(s):
    for _ in range(2):
        try:
            s.x
        finally:
            break
def with_block(s):
    with Obj(s) as o:
        o.v.missing
    with Obj(s), Obj(s):
        pass
def except_star(s):
    try:
        raise ExceptionGroup("g", [ValueError(s), KeyError(s)])
    except* ValueError as e:
        pass
    except* KeyError:
        pass
def closures(s):
    n = s
    def f():
        nonlocal n
        m = n
        n = s
        return m
    return f(), f(), f
def closure_self(s):
    def f(k): return f(k - 1) if k else s
    r = f(3)
    del f
    return r
def classes(s):
    class C:
        a = s
        def m(self): return s
    return C().m()
def match_block(s):
    match [s, {"k": s}, Obj(s)]:
        case [a, {"k": b}, Obj(v=c)]:
            return a, b, c
def fstrings(s): return f"{s!r:>100}", f"{s is None}{1}{2.5}"
def fstring_error(s): return f"{s}{s:d}"
def strings(s):
    x = ""
    for i in range(20):
        x += str(i)
    return x.upper().split("1"), "%s %r" % (s, 1)
def globals_(s):
    global KEPT
    KEPT = s
    x = KEPT
    del KEPT
    return x
def comparisons(s): return s == s, s is s, s in [s], s != 1, [s] == [s], 1 < 2 < 3
def compare_error(s): return 1 < 2 < s
def boolean(s): return s and s, s or s, not s, s if s else None
def slices(s):
    l = [s] * 10
    l[2:5] = [s]
    del l[::2]
    return l[1:], l[::-1], (s,) * 3
def frames(s):
    import sys
    f = sys._getframe()
    l = f.f_locals
    r = l["s"]
    del l, f
    return r
def locals_(s): return locals()
def super_call(s):
    class A:
        def __init__(self, v): self.v = v
    class B(A):
        def __init__(self, v):
            super().__init__(v)
    return B(s).v
def sorting(s): return sorted([3, 1, 2], key=lambda v: (v, id(s))), list(map(lambda v: s, [1, 2])), max([1, 2], key=lambda k: -k)
def partial_build(s): return (s, [s, {"k": s, "e": s.boom}])
def kw_error(s): return one(a=s, **{"a": s})
def star_error(s): return one(*s)
def iteration_error(s):
    def g():
        yield s
        raise ValueError(s)
    return [x for x in g()]
def recursion(s):
    def r(n, v): return v if n == 0 else r(n - 1, v)
    return r(30, s)
def walrus(s): return [y := s, y, (z := [y])]
def del_in_loop(s):
    for i in range(5):
        x = [s]
        del x
def annotated(s):
    x: list = [s]
    def f(a: s) -> s: return a
    return f(x)
def type_switch(s):
    out = []
    for v in (1, 2.5, "a", s, 1 << 80, None, [s], True):
        try:
            out.append(v + v)
        except TypeError:
            out.append(v)
    return out
def big_ints(s):
    t = 0
    for i in range(50):
        t = t * 7 + (1 << 61) - i
    return t
def floats(s):
    t = [0.5]
    for i in range(50):
        t.append(t[-1] * 1.1)
    return sum(t)
async def coroutine(s): return s
def make_coroutine(s):
    c = coroutine(s)
    try:
        c.send(None)
    except StopIteration as e:
        return e.value


FUNCTIONS = [v for v in list(globals().values()) if getattr(v, "__code__", None) and getattr(v, "__module__", "") == __name__
             and v.__code__.co_argcount == 1 and v.__code__.co_varnames[0] == "s" and not v.__code__.co_flags & 0x80]


def test_every_function():
    for f in FUNCTIONS:
        leaks(f, S)
        if f.__name__ not in ("frames",):
            compiled(f)


def test_other_arguments():
    for f in (type_error, attribute_error, arithmetic, comparisons, boolean, type_switch, unpacking, subscript_errors, loops):
        for arg in ([1], {"a": 1}, "text", 2.5, (1, 2)):
            leaks(f, arg, rounds=300)


def test_deopt_paths():
    """Trained on one type, repeated with another: the way out must not leak either."""
    def f(a, b, o):
        x = [a, b]
        y = a + b
        z = o.v
        w = {"k": (x, y)}
        return y, w, z
    o = Obj([1])
    for _ in range(60):
        f(1, 2, o)
    for args in ((1.5, 2.5, o), ("a", "b", o), ([1], [2], o), (1, 2, Slots()), (S, 1, o), (1 << 70, 1, o)):
        leaks(f, *args, rounds=300)
