"""Classes made inside functions: scoping, metaclasses, decorators, type parameters, dataclasses, enums, annotations, errors."""
import abc
import dataclasses
import enum
import typing

from check import compiled, fresh, matrix, once, outcome, run, say, show


def basic(x):
    class C:
        a = x
        b = a
        def m(self): return x, self.a
        @property
        def p(self): return self.b
        for i in range(3):
            locals()[f"dyn{i}"] = i
        del i
    c = C()
    return c.m(), c.p, C.dyn2, C.__qualname__, hasattr(C, "i"), C.__module__


def inherits(bases):
    class D(*bases):
        pass
    return [b.__name__ for b in D.__mro__]


def keywords(kw):
    class D(Base, **kw):
        pass
    return D.seen


class Base:
    def __init_subclass__(cls, /, tag="none", **kw):
        super().__init_subclass__(**kw)
        cls.seen = tag


class Meta(type):
    @classmethod
    def __prepare__(mcls, name, bases, **kw):
        d = Recorder()
        d["prepared"] = sorted(kw)
        return d
    def __new__(mcls, name, bases, ns, **kw): return super().__new__(mcls, name, bases, dict(ns))
    def __init__(cls, name, bases, ns, **kw): super().__init__(name, bases, ns)
    def __call__(cls, *a): return ("called", super().__call__(*a).__class__.__name__)


class Recorder(dict):
    def __getitem__(self, k):
        if k == "magic":
            return "from namespace"
        return super().__getitem__(k)


def with_meta(x):
    class M(metaclass=Meta, option=x):
        y = magic
        def f(self): pass
    return M.prepared, M.y, M(), sorted(k for k in vars(M) if not k.startswith("_"))


def decorated(n):
    def d(c):
        c.n = n
        return c
    @d
    @dataclasses.dataclass(order=True)
    class P:
        x: int
        y: float = 2.5
        z: list = dataclasses.field(default_factory=list)
    p, q = P(n), P(n, 1)
    return p, P.n, p == P(n), p < q, dataclasses.replace(p, x=0), dataclasses.astuple(q)


def enums():
    class E(enum.Enum):
        A = 1
        B = "b"
        C = A
        def describe(self): return self.name, self.value
    class F(enum.IntFlag):
        X = enum.auto()
        Y = enum.auto()
    return [e.describe() for e in E], E("b"), E["A"], F.X | F.Y, F(3) & F.X, E.C is E.A


def named():
    class T(typing.NamedTuple):
        a: int
        b: str = "d"
        def both(self): return self.a, self.b
    t = T(1)
    a, b = t
    return t, t._replace(a=5), t.both(), a, b, t._asdict()


def abstract(full):
    class A(abc.ABC):
        @abc.abstractmethod
        def f(self): ...
        @property
        @abc.abstractmethod
        def g(self): ...
    class B(A):
        def f(self): return "f"
        if full:
            g = "g"
    b = B()
    return b.f(), b.g, isinstance(b, A), issubclass(int, A), A.register(int) is int, isinstance(5, A)


def generic():
    class G[T, *Ts, **P]:
        x: T
        def m[U: int = bool](self, u: U) -> T: return u
    def f[T](x: T) -> T: return x
    type Alias[A] = list[A]
    type Rec = int | list[Rec]
    g = G[int, str, [int]]
    return G.__type_params__, f(3), f.__type_params__, Alias.__value__, Alias[int], Rec.__value__, G.m.__type_params__[0].__bound__, G.m.__type_params__[0].__default__, g.__args__


def annotations(x):
    class C:
        a: int
        b: undefined_name = 3
        c: list[x] = []
        def f(self, p: "text", *q: int, r: x = 5) -> None: ...
    def g(v: missing_thing): return v
    try:
        bad = C.__annotations__
    except NameError as e:
        bad = str(e)
    import annotationlib
    fw = annotationlib.get_annotations(C, format=annotationlib.Format.STRING)
    return bad, fw, C.b, g(1), annotationlib.get_annotations(g, format=annotationlib.Format.STRING), C.f.__annotations__


def local_annotation(x):
    y: int = x
    z: nothing.at.all
    (w): str = "s"
    return y, w, sorted(locals())


def slots_weird():
    class S:
        __slots__ = ["a", "b"]
        def __init__(self): self.a = 1
    s = S()
    log = [s.a]
    for op in (lambda: s.b, lambda: setattr(s, "c", 1), lambda: s.__dict__, lambda: S.a.__get__(s)):
        try:
            log.append(op())
        except AttributeError as e:
            log.append(str(e))
    return log


def errors(which):
    if which == 0:
        class A(int, str): pass
    if which == 1:
        class A(5): pass
    if which == 2:
        class A(metaclass=5): pass
    if which == 3:
        class A(bool): pass
    if which == 4:
        class A(Base, Base): pass
    if which == 5:
        class A:
            __slots__ = ("x",)
            x = 1
    if which == 6:
        class A:
            1 / 0
    if which == 7:
        class M1(type): pass
        class M2(type): pass
        class X(metaclass=M1): pass
        class Y(metaclass=M2): pass
        class A(X, Y): pass
    if which == 8:
        class D:
            def __set_name__(self, o, n): raise ValueError("set_name")
        class A:
            d = D()
    if which == 9:
        class A(Base, tag=1, nope=2): pass
    return "ok"


def nested_scopes(x):
    class A:
        x = "A"
        class B:
            y = x
            def f(self): return x, __class__.__name__
        def g(self): return x, A.x, A.B.y
        z = (lambda: x)()
        w = [x for _ in range(1)]
    return A.B().f(), A().g(), A.z, A.w


def global_nonlocal(x):
    n = x
    class C:
        nonlocal n
        n = n + 1
        global made_global
        made_global = n
        m = n
    return n, C.m, made_global, hasattr(C, "n")


def set_name():
    log = []
    class D:
        def __set_name__(self, o, n): log.append((o.__name__, n))
        def __get__(self, i, o): return log
    class C:
        a = D()
        b = D()
    return C.a


def subclass_builtins():
    class I(int):
        def __new__(cls, v): return super().__new__(cls, v * 2)
        def __repr__(self): return f"I{int(self)}"
    class L(list):
        def __init__(self, *a): super().__init__(a)
    class S(str):
        def shout(self): return self.upper() + "!"
    class D(dict):
        def __missing__(self, k): return k
    class T(tuple):
        def __new__(cls, *a): return super().__new__(cls, a)
        @property
        def first(self): return self[0]
    class E(Exception):
        def __init__(self, a, b): super().__init__(a); self.b = b
    return I(3) + 1, I(3), L(1, 2) + [3], S("ab").shout(), D(a=1)["z"], T(5, 6).first, E(1, 2).b, str(E(1, 2))


def test_all():
    matrix(basic, [(1,), ("s",), (None,)])
    matrix(inherits, [((),), ((int,),), ((Base, dict),), ((5,),), ([str],), (5,)])
    matrix(keywords, [({},), ({"tag": 5},), ({"nope": 1},), ({"metaclass": type},), (5,)])
    matrix(with_meta, [(1,)])
    matrix(decorated, [(1,), ("s",)])
    for f in (enums, named, generic, slots_weird, set_name, subclass_builtins):
        run(f)
        compiled(f)
    matrix(abstract, [(True,), (False,)])
    matrix(annotations, [(1,), (int,)])
    matrix(local_annotation, [(1,), ("s",)])
    matrix(errors, [(i,) for i in range(11)])
    matrix(nested_scopes, [("outer",)])
    matrix(global_nonlocal, [(1,), (2.5,), ("s",)])
    for _ in range(30):
        basic(1)
        nested_scopes(1)
    for f in (basic, nested_scopes):
        compiled(f)


def test_instances_of_fresh_classes():
    """A new class each time round: no cache may mistake one for another, even when a type's memory is reused."""
    def f(n):
        out = []
        for i in range(n):
            class K:
                v = i
                def __init__(self): self.w = i * 2
                def m(self): return self.v + self.w
            k = K()
            out.append((k.v, k.w, k.m()))
            del K, k
        return out
    run(f, 12)
    import gc
    def g(n):
        t = 0
        for i in range(n):
            C = type("C", (), {"x": i, "f": lambda self, i=i: i})
            c = C()
            t += c.x + c.f()
            del C, c
            if i % 50 == 0:
                gc.collect()
        return t
    for _ in range(3):
        show(g(300))
    compiled(f)
