# Classes, descriptors, metaclasses, and the standard library at work.
# ----
class A:
    n = 1
    def __init__(self, v=0): self.v = v
    def m(self): return self.v
    @classmethod
    def c(cls): return cls.__name__
    @staticmethod
    def s(x): return x
class B(A):
    def m(self): return super().m() + 1
x = B(4).m(), B.c(), B.s(3), A().c(), B.n, B.__mro__[1].__name__, B.__bases__[0] is A
# ----
class P:
    def __init__(self): self._x = 1
    @property
    def x(self):
        'doc'
        return self._x
    @x.setter
    def x(self, v): self._x = v * 2
    @x.deleter
    def x(self): self._x = None
p = P(); a = p.x; p.x = 5; b = p.x; del p.x; c = p.x; d = P.x.__doc__
class Q:
    @property
    def r(self): return 1
try: Q().r = 2
except AttributeError as e: err = str(e)
# ----
class D:
    def __set_name__(self, owner, name): self.name = name; names.append((owner.__name__, name))
    def __get__(self, obj, cls=None): return (self.name, obj is None)
names = []
class A:
    x = D(); y = D()
r = A.x, A().y
class DD(D):
    def __set__(self, obj, v): names.append(('set', v))
class B:
    z = DD()
b = B(); b.z = 3; b.__dict__['z'] = 9; t = b.z
# ----
class Meta(type):
    def __new__(m, name, bases, ns, **kw):
        ns['made'] = name + str(sorted(kw.items()))
        return super().__new__(m, name, bases, ns)
    def __init__(cls, name, bases, ns, **kw): super().__init__(name, bases, ns)
    def __call__(cls, *a): return (cls.__name__, a)
    def __len__(cls): return 7
    @property
    def prop(cls): return 'p'
class A(metaclass=Meta, opt=1): pass
class B(A): pass
x = A.made, B.made, A(1), len(A), A.prop, type(B).__name__
# ----
class Meta(type):
    @classmethod
    def __prepare__(m, name, bases): return {'pre': 1}
class A(metaclass=Meta): y = pre + 1
x = A.pre, A.y
class Base:
    subs = []
    def __init_subclass__(cls, /, tag=None, **kw): super().__init_subclass__(**kw); Base.subs.append((cls.__name__, tag))
class S1(Base): pass
class S2(Base, tag='t'): pass
z = Base.subs
# ----
class V:
    def __init__(self, *c): self.c = c
    def __add__(self, o): return V(*(a + b for a, b in zip(self.c, o.c)))
    def __radd__(self, o): return ('radd', o)
    def __mul__(self, k): return V(*(a * k for a in self.c)) if isinstance(k, int) else NotImplemented
    __rmul__ = __mul__
    def __eq__(self, o): return isinstance(o, V) and self.c == o.c
    def __lt__(self, o): return self.c < o.c
    def __repr__(self): return f'V{self.c}'
    def __bool__(self): return any(self.c)
    def __len__(self): return len(self.c)
    def __getitem__(self, i): return self.c[i]
    def __contains__(self, x): return x in self.c
    def __call__(self, *a): return a
    def __neg__(self): return V(*(-a for a in self.c))
    def __iadd__(self, o): self.c += (o,); return self
    def __format__(self, s): return 'F' + s
    def __index__(self): return 2
    def __enter__(self): return 1
x = V(1, 2) + V(3, 4), 5 + V(1), V(1) * 3, 2 * V(2), V(1) == V(1), V(1) != V(2), V(1) < V(2), bool(V(0)), len(V(1, 2)), V(5, 6)[1], 6 in V(5, 6), V()(1), -V(1), list(V(1, 2)), f'{V():q}', [1, 2, 3][V()]
y = V(1); y += 2
try: V(1) * 1.5
except TypeError as e: err = str(e)
try: hash(V(1))
except TypeError as e: err2 = str(e)
# ----
class A:
    def __getattr__(self, n): return 'dyn_' + n
    real = 1
class B:
    def __getattribute__(self, n): return ('all', n)
class C:
    def __setattr__(self, n, v): object.__setattr__(self, n, v * 2)
    def __delattr__(self, n): object.__setattr__(self, 'deleted', n)
c = C(); c.x = 4; del c.x
x = A().real, A().foo, B().z, c.deleted
h = hasattr(A(), 'q'), hasattr(c, 'nope'), getattr(c, 'nope', 5)
# ----
class S:
    __slots__ = ('a', 'b')
    def __init__(self): self.a = 1
s = S(); x = s.a
errs = []
for f in (lambda: s.b, lambda: setattr(s, 'c', 1), lambda: s.__dict__):
    try: f()
    except AttributeError as e: errs.append(str(e))
# ----
class O: pass
class A(O): pass
class B(O): pass
class C(A, B): pass
x = [k.__name__ for k in C.__mro__]
try:
    class X(A, C): pass
except TypeError as e: err = 'mro'
class L:
    def f(self): return 'L'
class M1(L):
    def f(self): return 'M1' + super().f()
class M2(L):
    def f(self): return 'M2' + super().f()
class D(M1, M2):
    def f(self): return 'D' + super().f()
y = D().f()
# ----
X = type('X', (), {'a': 1, 'f': lambda self: self.a})
x = X().f(), X.__name__, isinstance(X(), X), issubclass(X, object), type(X()) is X
class A:
    def __new__(cls, *a):
        if a: return 42
        return super().__new__(cls)
    def __init__(self): self.i = 1
y = A(5), A().i
class I(int):
    def __new__(cls, v): return super().__new__(cls, v + 1)
    def dbl(self): return self * 2
z = I(4), I(4).dbl(), I(4) + 1, type(I(4) + 1).__name__, isinstance(I(1), int)
class T(tuple): pass
class D(dict):
    def __missing__(self, k): return k * 2
class St(str):
    def shout(self): return self.upper()
w = T([1, 2]), D()['ab'], St('q').shout(), St('x') + 'y', len(T((1,)))
class Li(list):
    def append(self, v): super().append(v * 2)
l = Li(); l.append(2); l.extend([1])
# ----
class A:
    x = [i for i in range(3)]
    y = len(x)
    def f(self): return self.__class__.__name__
    class Inner:
        z = 5
    __private = 7
    def g(self): return self.__private
a = A.x, A.y, A().f(), A.Inner.z, A().g(), A._A__private, A.Inner.__qualname__
def f():
    class L: pass
    return L.__qualname__
b = f()
# ----
from abc import ABC, abstractmethod
class A(ABC):
    @abstractmethod
    def f(self): ...
    @property
    @abstractmethod
    def p(self): ...
try: A()
except TypeError as e: err = str(e)
class B(A):
    def f(self): return 1
    p = 2
x = B().f(), sorted(A.__abstractmethods__), isinstance(B(), A)
# ----
from collections.abc import Sized, Iterable, Mapping, Callable, Hashable, MutableMapping
class S:
    def __len__(self): return 1
x = isinstance(S(), Sized), isinstance([], Iterable), isinstance({}, Mapping), isinstance(len, Callable), isinstance([], Hashable), issubclass(dict, MutableMapping)
class M(MutableMapping):
    def __init__(self): self.d = {}
    def __getitem__(self, k): return self.d[k]
    def __setitem__(self, k, v): self.d[k] = v
    def __delitem__(self, k): del self.d[k]
    def __iter__(self): return iter(self.d)
    def __len__(self): return len(self.d)
m = M(); m['a'] = 1; m.update(b=2); y = dict(m), m.get('z'), m.pop('a'), 'b' in m, list(m.items()), m == {'b': 2}
# ----
import enum
class Color(enum.Enum):
    RED = 1
    GREEN = 2
    CRIMSON = 1
x = Color.RED, Color(2), Color['RED'], Color.CRIMSON is Color.RED, [c.name for c in Color], Color.RED.value, len(Color), Color.RED in Color, repr(Color.GREEN), str(Color.RED)
try: Color(9)
except ValueError as e: err = str(e)
class N(enum.IntEnum):
    A = 1
    B = 5
y = N.A + 1, N.B > N.A, N(5).name, isinstance(N.A, int)
class F(enum.Flag):
    R = enum.auto()
    W = enum.auto()
    RW = R | W
z = F.R | F.W, F.RW.value, F.R in F.RW, bool(F.R & F.W), F(3) is F.RW
class S(enum.StrEnum):
    ONE = enum.auto()
    TWO = 'two!'
w = S.ONE, S.TWO.value, S.ONE + 'x'
# ----
from enum import Enum, auto, unique, member
class P(Enum):
    EARTH = (1, 2)
    MARS = (3, 4)
    def __init__(self, a, b): self.a, self.b = a, b
    @property
    def s(self): return self.a + self.b
    @classmethod
    def first(cls): return cls.EARTH
x = P.EARTH.s, P.MARS.a, P.first().name
class A(Enum):
    X = auto()
    Y = auto()
    def _generate_next_value_(name, start, count, last): return name.lower()
y = [a.value for a in A]
F = Enum('F', 'P Q')
z = F.P.value, list(F)
try:
    @unique
    class U(Enum):
        A = 1
        B = 1
except ValueError as e: err = 'unique'
# ----
from dataclasses import dataclass, field, asdict, astuple, fields, replace, FrozenInstanceError
@dataclass
class P:
    x: int
    y: int = 2
    tags: list = field(default_factory=list)
a = P(1); b = P(1, 2, [])
x = a, a == b, asdict(P(1, 2, ['t'])), astuple(a), [f.name for f in fields(P)], replace(a, x=9), P.__match_args__
@dataclass(frozen=True, order=True)
class F:
    a: int
    b: str = 'q'
try: F(1).a = 2
except FrozenInstanceError as e: err = str(e)
y = F(1) < F(2), sorted([F(3), F(1)]), hash(F(1)) == hash(F(1)), {F(1): 2}[F(1)]
@dataclass
class C(P):
    z: int = 5
    def __post_init__(self): self.s = self.x + self.z
w = C(1).s, C(1)
@dataclass(slots=True, kw_only=True)
class K:
    k: int
v = K(k=3)
try: K(3)
except TypeError as e: err2 = 'kw'
# ----
from typing import *
T = TypeVar('T')
class Box(Generic[T]):
    def __init__(self, v: T): self.v = v
x = Box(3).v, Box[int](4).v, repr(Optional[int]), repr(Union[int, str]), repr(List[int]), repr(Dict[str, Any]), repr(Callable[[int], str]), get_origin(List[int]), get_args(Dict[str, int]), repr(list[int]), repr(int | None), repr(Literal['a', 1]), repr(Tuple[int, ...])
class NT(NamedTuple):
    a: int
    b: str = 'd'
n = NT(1), NT(1).b, NT._fields, NT(2)._replace(a=5), NT(1, 'x')[1], NT._field_defaults
class TD(TypedDict, total=False):
    k: int
t = TD(k=1), TD.__optional_keys__
@runtime_checkable
class Pr(Protocol):
    def f(self): ...
class HasF:
    def f(self): return 1
p = isinstance(HasF(), Pr), isinstance(3, Pr)
U = NewType('U', int)
u = U(5), U.__name__
c = cast(int, 'x')
def f(a: 'int', b: Optional[str] = None) -> List[int]: ...
h = get_type_hints(f)
# ----
from collections import namedtuple, OrderedDict, defaultdict, Counter, deque, ChainMap
P = namedtuple('P', 'x y', defaults=[5])
x = P(1), P(1, 2).y, P._make([3, 4]), P(1)._asdict(), P(2) == (2, 5), P.__name__
d = defaultdict(list); d['a'].append(1)
c = Counter('abca'); y = c['a'], c.most_common(1), c + Counter('a'), dict(c), sum(c.values())
q = deque([1, 2, 3], maxlen=3); q.append(4); q.appendleft(0); z = list(q), q.pop(), len(q)
o = OrderedDict(a=1, b=2); o.move_to_end('a'); w = list(o)
m = ChainMap({'a': 1}, {'a': 2, 'b': 3}); v = m['a'], m['b'], sorted(m)
# ----
from contextlib import contextmanager, suppress, ExitStack, nullcontext, closing
log = []
@contextmanager
def cm(n):
    log.append(('in', n))
    try: yield n * 2
    except KeyError: log.append('swallow')
    finally: log.append(('out', n))
with cm(1) as v: log.append(v)
with cm(2): raise KeyError
with suppress(ZeroDivisionError): 1 / 0
with ExitStack() as st:
    a = st.enter_context(cm(3)); st.callback(log.append, 'cb')
with nullcontext(5) as n: pass
# ----
import itertools as it
x = list(it.chain([1], 'a')), list(it.islice(it.count(5), 3)), list(it.product('ab', [1, 2])), list(it.permutations([1, 2, 3], 2)), list(it.combinations('abc', 2)), list(it.accumulate([1, 2, 3])), [(k, list(g)) for k, g in it.groupby('aabc')], list(it.zip_longest([1, 2], 'a', fillvalue=0)), list(it.takewhile(lambda v: v < 3, range(9))), list(it.dropwhile(lambda v: v < 3, range(5))), list(it.starmap(pow, [(2, 3)])), list(it.repeat('r', 2)), list(it.pairwise('abc')), list(it.batched('abcde', 2)), list(it.compress('abc', [1, 0, 1])), list(it.filterfalse(None, [0, 1])), list(it.chain.from_iterable([[1], [2]])), list(it.islice('abcdef', 1, 5, 2)), next(it.cycle('z'))
# ----
import operator as op, functools as ft
x = op.add(1, 2), op.itemgetter(1)([1, 2]), op.attrgetter('real')(5), op.methodcaller('upper')('a'), op.itemgetter(0, 2)('abc'), op.not_(1), op.contains([1], 1)
@ft.total_ordering
class V:
    def __init__(s, v): s.v = v
    def __eq__(s, o): return s.v == o.v
    def __lt__(s, o): return s.v < o.v
y = V(1) >= V(0), V(1) > V(2), sorted([V(2), V(1)])[0].v
class C:
    @ft.cached_property
    def p(self): log.append(1); return 5
log = []; c = C(); z = c.p, c.p, log
@ft.singledispatch
def f(a): return 'obj'
@f.register
def _(a: int): return 'int'
@f.register(list)
def _(a): return 'list'
w = f(1), f([]), f('s')
# ----
import datetime as dt
d = dt.date(2024, 2, 29); t = dt.timedelta(days=1, hours=2)
x = d.isoformat(), (d + t).isoformat(), t.total_seconds(), d.weekday(), dt.datetime(2020, 1, 2, 3, 4).isoformat(), dt.time(5, 6).isoformat(), str(t), (dt.date(2024, 3, 1) - d).days, dt.timezone.utc, d < dt.date(2025, 1, 1), dt.date.max.year
# ----
from decimal import Decimal
from fractions import Fraction
x = Decimal('1.10'), {Decimal('2'): 1}[Decimal('2')], isinstance(Decimal(3), Decimal)
y = Fraction(1, 3) + Fraction(1, 6), Fraction(3, 6).numerator
# ----
import json, string, textwrap, os.path, posixpath, keyword, math, types, uuid, copy, pprint, heapq, bisect, statistics
a = os.path.join('a', 'b', '..'), os.path.basename('/x/y.py'), os.path.splitext('f.tar.gz'), os.path.dirname('/a/b'), os.path.normpath('a/../b//c'), os.path.isabs('/a')
b = string.ascii_lowercase[:3], textwrap.dedent('  x\n  y'), keyword.iskeyword('if'), math.floor(2.5), math.sqrt(16), math.gcd(12, 18), math.pi, math.ceil(-1.5), math.factorial(5), math.isclose(0.1 + 0.2, 0.3)
c = copy.copy([1, [2]]), copy.deepcopy({'a': [1]}), types.SimpleNamespace(a=1).a, uuid.UUID(int=5).hex
h = [3, 1, 2]; heapq.heapify(h); d = heapq.heappop(h), bisect.bisect([1, 2, 3], 2)
e = types.MappingProxyType({'a': 1})['a']
# ----
from pathlib import Path, PurePosixPath
p = PurePosixPath('/a/b/c.tar.gz')
x = p.name, p.suffix, p.stem, str(p.parent), p.parts, str(p / 'd'), p.suffixes, str(PurePosixPath('a') / 'b'), p.is_absolute(), str(p.with_suffix('.x')), p == PurePosixPath('/a/b/c.tar.gz'), str(p.relative_to('/a'))
# ----
def f(v):
    match v:
        case 0: return 'zero'
        case 1 | 2: return 'small'
        case int(n) if n > 100: return ('big', n)
        case str() as s: return ('str', s)
        case []: return 'empty'
        case [x]: return ('one', x)
        case [x, *rest]: return ('many', x, rest)
        case {'k': v, **r}: return ('map', v, r)
        case {'t': (1 | 2) as t}: return t
        case None: return 'none'
        case (float() | complex()) as z: return ('num', z)
        case _: return 'other'
x = [f(v) for v in (0, 2, 500, 7, 'a', [], [5], [1, 2, 3], (9,), {'k': 1, 'z': 2}, {'t': 2}, None, 1.5, object)]
class P:
    __match_args__ = ('a', 'b')
    def __init__(self, a, b): self.a, self.b = a, b
def g(p):
    match p:
        case P(0, b): return ('zero', b)
        case P(a=1, b=[y, *_]): return ('list', y)
        case P(a, b): return (a, b)
y = g(P(0, 5)), g(P(1, [7, 8])), g(P(2, 3)), g(4)
match [1, [2, 3]]:
    case [a, [b, c]] if a == 9: r = 'no'
    case [a, [b, *c]]: r = (a, b, c)
# ----
def first[T](xs: list[T]) -> T: return xs[0]
class Stack[T]:
    def __init__(self): self.items: list[T] = []
    def push(self, v: T): self.items.append(v); return self
type Pair[A] = tuple[A, A]
type Num = int | float
x = first([3]), Stack[int]().push(1).items, Stack.__type_params__[0].__name__, Pair.__name__, repr(Num.__value__), first.__type_params__[0].__name__, Stack.__orig_bases__ != ()
class Sub[K: (int, str), *Ts, **P](dict[K, int]): pass
y = [p.__name__ for p in Sub.__type_params__], Sub({1: 2})[1]
# ----
x: int = 5
y: 'str'
z: list[undefined_later] = []
class C:
    a: int = 1
    b: str
r = C.__annotations__, list(__annotations__) if False else None
# ----
if (n := 10) > 5: m = n
w = [last := v for v in range(3)], last
a = b = c = 3
t = 1 if m else 2
del a
x = 'skip'
# ----
import sys
x = sys.version_info >= (3, 8), sys.maxsize > 2**32, sys.byteorder, sys.platform.startswith('linux'), __name__ in sys.modules
if sys.platform == 'win32':
    import msvcrt
else:
    y = 'posix'
try: import _winreg as w
except ImportError: w = None
# ----
src = 'a = 1\ndef f(): return a + b'
ns = {'b': 5}; exec(src, ns); x = ns['f']()
y = eval('1 + 2 * 3'), eval('k', {'k': 9})
c = compile('p + 1', 's', 'eval'); z = eval(c, {'p': 4})
def loc():
    q = 3
    return sorted(locals())
w = loc(); g = 'loc' in globals(); v = vars()['y']
d = [n for n in dir([]) if n == 'append']
# ----
class Reg(dict):
    def __call__(self, n):
        def deco(f): self[n] = f; return f
        return deco
reg = Reg()
@reg('a')
def fa(): return 1
@reg('b')
def fb(): return 2
x = {k: v() for k, v in reg.items()}
def params(*dargs):
    def d(cls):
        cls.params = dargs
        return cls
    return d
@params(1, 2)
class K: pass
y = K.params
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
a = A(); x = a.v, a.v, A.calls, 'v' in a.__dict__
# ----
t = t'{1 + 1} and {"x"!r:>5}'
x = t.strings, [i.value for i in t.interpolations], t.interpolations[0].expression, t.interpolations[1].conversion, t.interpolations[1].format_spec
