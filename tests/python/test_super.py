"""super(): zero-argument and explicit, attributes and methods, classmethods, multiple inheritance, odd uses and errors."""
from check import compiled, fresh, matrix, once, outcome, run, say, show


class A:
    x = "A.x"
    def m(self, *a, **k): return ("A.m", a, k)
    @classmethod
    def c(cls): return ("A.c", cls.__name__)
    @staticmethod
    def s(v): return ("A.s", v)
    @property
    def p(self): return "A.p"
    def __init__(self, v=0): self.v = v
    def __getitem__(self, i): return ("A[]", i)
    def __repr__(self): return type(self).__name__


class B(A):
    x = "B.x"
    def __init__(self, v=1):
        super().__init__(v + 1)
        self.w = v
    def m(self, *a, **k): return ("B.m", super().m(*a, **k))
    @classmethod
    def c(cls): return ("B.c", super().c())
    @staticmethod
    def s(v): return super(B, B).s(v)
    @property
    def p(self): return ("B.p", super().p)
    def get_x(self): return super().x
    def __getitem__(self, i): return ("B[]", super().__getitem__(i))
    def explicit(self): return super(B, self).m(1)
    def missing(self): return super().nothing
    def unbound(self): return super(B).__self__ is None, type(super(B, self)).__name__
    def after_rebinding(self):
        self = 5
        return super().m
    def in_comprehension(self): return [super(B, self).x for _ in range(2)]
    def in_generator(self): return list(super(B, self).x for _ in range(2))
    def nested(self):
        def inner(): return super().x
        return inner()
    def nested_self(self):
        def inner(self): return super().x
        return inner(self)
    def deleted(self):
        del self
        return super().m()
    def bound(self):
        m = super().m
        return m(1), m(2)


class C(B):
    x = "C.x"
    def m(self, *a, **k): return ("C.m", super().m(*a, **k))
    def get_x(self): return super().x, B.get_x(self)


class M1(A):
    def m(self, *a): return ("M1", super().m(*a))


class M2(A):
    def m(self, *a): return ("M2", super().m(*a))


class D(M1, M2):
    def m(self, *a): return ("D", super().m(*a))


def use(o): return [outcome(getattr(o, n)) for n in ("m", "c", "get_x", "explicit", "missing", "unbound", "after_rebinding", "in_comprehension",
                                                     "in_generator", "nested", "nested_self", "deleted", "bound") if hasattr(o, n)]
def call_m(o): return o.m(1)
def call_mk(o): return o.m(1, k=2)
def get_p(o): return o.p, o[3], o.v


def test_super():
    for f in (use, call_m, call_mk, get_p):
        matrix(f, [(A(),), (B(),), (C(),), (D(),), (M1(),), (M2(),)])
    run(B.s, 4)
    for m in (B.m, B.__init__, B.get_x, B.explicit, C.m, C.get_x):
        for _ in range(30):
            m(C())
        compiled(m)


def test_no_class_cell():
    def f(self): return super().x
    once(f, 1)
    def g(): return super().x
    once(g)
    def h(*a): return super().x
    once(h, 1)
    lam = lambda self: super().x
    once(lam, 1)
    class X:
        g = f
        def no_args(): return super().x
        def star(*args): return super().__class__.__name__
    once(X().g)
    once(X.no_args)
    once(X().star)
    once(X.star)


def test_wrong_type():
    once(B.get_x, A())
    once(B.get_x, 5)
    once(B.explicit, object())
    once(lambda: super(5, 6))
    once(lambda: super(B, 6))
    once(lambda: super(B, A))
    once(lambda: super(B, C).m(A()))


def test_shadowed_super():
    global super
    def m_of(o): return o.get_x()
    b = B()
    run(m_of, b)
    super = lambda *a: type("Fake", (), {"x": "fake super", "m": lambda *b: "fake m"})
    try:
        run(m_of, b)
        run(call_m, b)
    finally:
        del super
    run(m_of, b)


def test_bases_changed():
    class P:
        def m(self): return "P"
    class Q:
        def m(self): return "Q"
    class R(P):
        def m(self): return ("R", super().m())
    r = R()
    def call(o): return o.m()
    run(call, r)
    P.m = lambda self: "P patched"
    run(call, r)
    class P2(P):
        pass
    R.__bases__ = (P2,)
    run(call, r)
    P2.m = lambda self: "P2"
    run(call, r)
    R.__bases__ = (Q,)
    run(call, r)
    R.__bases__ = (P,)
    run(call, r)
    del P.m
    run(call, r)


def test_class_cell_access():
    class E:
        def cls(self): return __class__.__name__
        def change(self):
            nonlocal_cell = E.cls.__closure__[0]
            return nonlocal_cell.cell_contents is E
    class F(E):
        pass
    def use_cls(o): return o.cls(), o.change()
    matrix(use_cls, [(E(),), (F(),)])


def test_getattribute_metaclass():
    class Meta(type):
        def __getattribute__(cls, n):
            if n == "m":
                return lambda *a: "meta m"
            return type.__getattribute__(cls, n)
    class S(A, metaclass=Meta):
        def m(self): return super().m()
        @classmethod
        def c(cls): return super().c()
    def f(o): return o.m(), o.c(), type(o).m()
    run(f, S())


def test_cooperative_init():
    class Base:
        def __init__(self, **kw): self.rest = kw
    class X(Base):
        def __init__(self, *, x=1, **kw):
            super().__init__(**kw)
            self.x = x
    class Y(Base):
        def __init__(self, *, y=2, **kw):
            super().__init__(**kw)
            self.y = y
    class Z(X, Y):
        def __init__(self, **kw): super().__init__(z=3, **kw)
    def make(kw):
        o = Z(**kw)
        return o.x, o.y, o.rest
    matrix(make, [({},), ({"x": 5},), ({"x": 5, "y": 6, "q": 7},), ({"z": 1},)])
    compiled(make)
