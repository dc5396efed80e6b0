# Objects: descriptors, slots, metaclasses, attributes, super, pattern matching.
# ----
class Typed:
    def __init__(self, t): self.t = t
    def __set_name__(self, o, n): self.n = '_' + n
    def __get__(self, obj, owner): return self if obj is None else getattr(obj, self.n, 'unset')
    def __set__(self, obj, v):
        if not isinstance(v, self.t): raise TypeError(f'{self.n[1:]} wants {self.t.__name__}')
        setattr(obj, self.n, v)
    def __delete__(self, obj): delattr(obj, self.n)
class P: name = Typed(str); age = Typed(int)
p = P(); p.name = 'x'
r = p.name, p.age, vars(p), P.name.n
del p.name
try: p.age = 'old'
except TypeError as e: err = str(e)
# ----
class Lazy:
    def __init__(self, f): self.f = f
    def __get__(self, o, t):
        if o is None: return self
        v = o.__dict__[self.f.__name__] = self.f(o)
        return v
class A:
    calls = 0
    @Lazy
    def v(self): A.calls += 1; return 42
a = A()
r = a.v, a.v, A.calls, 'v' in a.__dict__
# ----
class A:
    __slots__ = ('x', '__dict__')
class B:
    __slots__ = {'doc': 'documented'}
class C(B): __slots__ = ('more',)
a = A(); a.x = 1; a.y = 2
c = C(); c.doc = 1; c.more = 2
r = a.y, c.doc, C.__slots__, B.doc.__name__, hasattr(c, '__dict__')
try: c.other = 1
except AttributeError as e: err = str(e)
# ----
class Meta(type):
    registry = {}
    def __new__(m, n, b, d, **k):
        c = super().__new__(m, n, b, d)
        m.registry[n] = sorted(k)
        return c
    def __init__(c, n, b, d, **k): super().__init__(n, b, d); c.extra = k
    def __getitem__(c, k): return (c.__name__, k)
    def __iter__(c): return iter(c.extra)
    def __contains__(c, x): return x == 'yes'
    def __or__(c, o): return 'or'
    def __instancecheck__(c, i): return i == 'inst'
    def __subclasscheck__(c, s): return s is int
    def __repr__(c): return f'<{c.__name__}>'
    def __getattr__(c, n): return 'meta ' + n
class A(metaclass=Meta, x=1, y=2): pass
class B(A): own = 1
r = Meta.registry, A['k'], list(A), 'yes' in A, A | B, isinstance('inst', A), issubclass(int, A), repr(A), A.nope, B.own, type(B) is Meta
# ----
from collections import OrderedDict
class Ordered(type):
    @classmethod
    def __prepare__(m, n, b, **k): return Trace()
    def __new__(m, n, b, ns): return super().__new__(m, n, b, dict(ns) | {'order': [k for k in ns if not k.startswith('__')]})
class Trace(dict):
    def __setitem__(self, k, v):
        if k in self and not k.startswith('__'): raise TypeError(k + ' twice')
        super().__setitem__(k, v)
class A(metaclass=Ordered): z = 1; a = 2; m = lambda s: 0
r = A.order
try:
    class B(metaclass=Ordered): x = 1; x = 2
except TypeError as e: err = str(e)
# ----
class Base:
    def __init_subclass__(cls, /, key=None, **kw):
        super().__init_subclass__(**kw)
        cls.key = key or cls.__name__.lower()
        Base.all[cls.key] = cls
    all = {}
class A(Base): pass
class B(Base, key='bee'): pass
r = sorted(Base.all), A.key, B.key
try:
    class C(Base, wrong=1): pass
except TypeError as e: err = str(e)
# ----
class A:
    def f(self): return ['A']
class B(A):
    def f(self): return ['B'] + super().f()
class C(A):
    def f(self): return ['C'] + super().f()
class D(B, C):
    def f(self): return ['D'] + super().f()
    @classmethod
    def make(cls): return super().__new__(cls)
    @property
    def up(self): return super().f()
r = D().f(), [c.__name__ for c in D.__mro__], D.make().up, super(B, D()).f(), super(D, D).f(D()), D.mro()[1].__name__
# ----
class A:
    x = 1
    def __getattr__(self, n):
        if n.startswith('get_'): return lambda: n[4:]
        raise AttributeError(n)
    def __setattr__(self, n, v): super().__setattr__(n, v if n.startswith('_') else v * 2)
    def __delattr__(self, n): log.append(n); super().__delattr__(n)
    def __dir__(self): return ['only', 'these']
log = []
a = A(); a.v = 5; a._w = 5
r = a.get_thing(), a.v, a._w, hasattr(a, 'zzz'), dir(a), getattr(a, 'nope', 'd'), A.x
del a.v
# ----
class V:
    def __init__(self, x, y): self.x, self.y = x, y
    __match_args__ = ('x', 'y')
def where(p):
    match p:
        case V(0, 0): return 'origin'
        case V(x, 0) | V(0, x): return ('axis', x)
        case V(x=a, y=b) if a == b: return ('diag', a)
        case V(): return 'else'
        case [V(x, _), *_]: return ('list', x)
        case {'p': V(x, y), **rest}: return (x, y, rest)
        case str() | bytes(): return 'text'
        case int(n) | float(n): return ('num', n)
        case (1, 2) | [3]: return 'unreached'
        case True | None: return 'const'
        case _: return None
r = [where(p) for p in (V(0, 0), V(3, 0), V(0, 4), V(5, 5), V(1, 2), [V(7, 8), 1], {'p': V(1, 2), 'q': 3}, 'x', 5, 2.5, [3], None, set())]
# ----
class Color: RED = 'r'; BLUE = 'b'
def f(x):
    match x:
        case Color.RED: return 'red'
        case -1 | 2.5 | 1 + 2j: return 'number'
        case 'a' 'b': return 'joined'
        case (a, b) if a > b: return 'desc'
        case (a, (b, *c), {'k': [d]}): return (a, b, c, d)
        case [1, _, 3, *_]: return 'pattern'
        case {}: return 'mapping'
        case []: return 'empty'
        case (Color.BLUE as c): return c
    return 'fell'
r = [f(x) for x in ('r', -1, 2.5, 1 + 2j, 'ab', (2, 1), (0, (1, 2, 3), {'k': [9]}), [1, 0, 3, 4], {'z': 1}, [], 'b', 'zz', (1, 2))]
# ----
class A:
    def __new__(cls, *a): o = super().__new__(cls); o.a = a; return o
    def __init__(self, *a): self.b = len(a)
class S(str):
    def __new__(cls, v): return super().__new__(cls, v.upper())
    def shout(self): return self + '!'
class T(tuple):
    def __new__(cls, *a): return super().__new__(cls, a)
    first = property(lambda s: s[0])
class Single:
    _i = None
    def __new__(cls): cls._i = cls._i or super().__new__(cls); return cls._i
class Other:
    def __new__(cls): return 5
r = A(1, 2).a, A(1).b, S('x').shout(), T(3, 4).first, Single() is Single(), Other(), type(S('a') + 'b').__name__
# ----
class A:
    @classmethod
    def c(cls, x=1): return cls.__name__, x
    @staticmethod
    def s(x): return x
    def i(self): return self.__class__.__name__
    cc = c; alias = i
class B(A): pass
r = A.c(), B.c(2), B().c(), A.s(3), A().s(4), B().i(), A.i(B()), B().alias(), A.c.__func__.__name__, A.__dict__['s'].__func__(5), B.c.__self__ is B, B().i.__self__.__class__ is B
try: A.i()
except TypeError as e: err = str(e)
# ----
class A: 
    x = []
    def add(self, v): self.x.append(v); return self
a, b = A().add(1), A().add(2)
r = A.x, a.x is b.x
A.y = 5; a.y = 6
s = b.y, a.y, A.__dict__['y'], vars(a)
setattr(A, 'dyn', lambda self: 'dyn'); t = a.dyn()
del A.y
u = hasattr(b, 'y'), a.y
A.__name__ = 'Renamed'; v = repr(A.__name__), A.__qualname__
class B: __qualname__ = 'custom.B'
w = B.__qualname__, B.__name__
# ----
class E:
    def __eq__(self, o): return True
class H:
    def __eq__(self, o): return isinstance(o, H)
    def __hash__(self): return 7
class L:
    def __init__(self, v): self.v = v
    def __lt__(self, o): return self.v < o.v
    def __repr__(self): return f'L{self.v}'
r = {H(): 1, H(): 2} and len({H(), H()}), E() == 1, E() != 1, sorted([L(3), L(1)]), min(L(2), L(1)), L(1) > L(0), H() in [H()]
try: hash(E())
except TypeError as e: err = str(e)
try: L(1) <= L(2)
except TypeError as e: err2 = str(e)
# ----
class Proxy:
    def __init__(self, t): object.__setattr__(self, '_t', t)
    def __getattribute__(self, n):
        if n in ('_t',): return object.__getattribute__(self, n)
        return getattr(object.__getattribute__(self, '_t'), n)
    def __setattr__(self, n, v): setattr(self._t, n, v)
class T: a = 1
t = T(); p = Proxy(t); p.b = 2
r = p.a, t.b, p.b, type(p).__name__, p.__class__.__name__
# ----
class Chain:
    def __init__(self, path=''): self._p = path
    def __getattr__(self, n): return Chain(f'{self._p}.{n}' if self._p else n)
    def __call__(self, *a): return Chain(f'{self._p}({", ".join(map(repr, a))})')
    def __getitem__(self, k): return Chain(f'{self._p}[{k!r}]')
    def __str__(self): return self._p
    def __truediv__(self, o): return Chain(f'{self._p}/{o}')
    __rtruediv__ = lambda self, o: Chain(f'{o}/{self._p}')
    def __matmul__(self, o): return f'{self}@{o}'
    def __invert__(self): return '~' + self._p
    def __pos__(self): return '+' + self._p
    def __bool__(self): return False
c = Chain()
r = str(c.a.b(1, 'x')[2:3].c), str(c.x / 'y'), str('z' / c.q), c.a @ c.b, ~c.n, +c.n, bool(c.a), not c.b
# ----
class A: pass
class B(A): pass
a = A()
a.__class__ = B
r = type(a).__name__, isinstance(a, B)
B.__bases__ = (type('X', (A,), {'new': 1}),)
s = a.new, B.__mro__[1].__name__
try: a.__class__ = int
except TypeError as e: err = type(e).__name__
C = type('C', (A,), dict(x=1, f=lambda self: self.x))
t = C().f(), C.__name__, C.__module__ == __name__, type(C), C.__bases__[0] is A
# ----
def f(a, b=2, *c, d, e=5, **g): 'doc'
f.x = 1
r = f.__name__, f.__defaults__, f.__kwdefaults__, f.__doc__, f.__dict__, f.__code__.co_varnames, f.__code__.co_argcount, f.__code__.co_kwonlyargcount, f.__code__.co_name, f.__globals__ is globals(), f.__closure__
f.__defaults__ = (9, 8)
f.__name__ = 'renamed'
s = f.__name__, f.__defaults__, f.__qualname__
def g(): return g.__name__
h = g
t = h(), callable(h), h is g, (lambda: 0).__qualname__
