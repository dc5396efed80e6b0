# Dataclasses, enums, named tuples.
# ----
from dataclasses import dataclass, field
@dataclass
class P:
    x: int
    y: int = 2
    z: list = field(default_factory=list)
p = P(1); q = P(1)
r = repr(p), p == q, p != P(2), p.z is q.z, P.y, hasattr(P, 'z'), P.__match_args__, P.__hash__
# ----
from dataclasses import dataclass, fields, asdict, astuple, replace, is_dataclass
@dataclass
class In: v: int
@dataclass
class Out: name: str; inner: In; many: list[In]
o = Out('n', In(1), [In(2), In(3)])
r = asdict(o), astuple(o), replace(o, name='m'), is_dataclass(Out), is_dataclass(o), is_dataclass(int)
names = [(f.name, f.type.__name__ if isinstance(f.type, type) else str(f.type)) for f in fields(Out)]
# ----
from dataclasses import dataclass, FrozenInstanceError
@dataclass(frozen=True)
class F: a: int; b: str = 'x'
f = F(1)
errs = []
for do in (lambda: setattr(f, 'a', 2), lambda: delattr(f, 'a'), lambda: setattr(f, 'new', 1)):
    try: do()
    except FrozenInstanceError as e: errs.append(str(e))
r = {F(1): 'one'}[F(1, 'x')], hash(F(1)) == hash(F(1)), f
# ----
from dataclasses import dataclass
@dataclass(order=True)
class V: major: int; minor: int = 0
r = V(1) < V(2), V(1, 5) > V(1, 4), sorted([V(2), V(1, 1), V(1)]), max(V(0), V(3)), V(1) <= V(1)
try: V(1) < 5
except TypeError as e: err = str(e)
# ----
from dataclasses import dataclass, field, KW_ONLY
@dataclass
class K:
    a: int
    _: KW_ONLY
    b: int = 0
    c: int
k = K(1, c=3)
try: K(1, 2, 3)
except TypeError as e: err = str(e)
@dataclass(kw_only=True)
class L: a: int = 1; b: int
r = k, L(b=2)
# ----
from dataclasses import dataclass, field
@dataclass
class A:
    x: int = 0
    hidden: int = field(default=5, repr=False)
    skip: int = field(init=False, default=9)
    cmp: int = field(default=1, compare=False)
r = A(), A(1, 2, 3) == A(1, 2, 4), A.__dataclass_fields__['hidden'].repr
try: A(1, 2, 3, 4)
except TypeError as e: err = str(e)
# ----
from dataclasses import dataclass, InitVar, field
from typing import ClassVar
@dataclass
class C:
    base: int
    scale: InitVar[int]
    total: int = field(init=False)
    count: ClassVar[int] = 0
    def __post_init__(self, scale): self.total = self.base * scale; C.count += 1
c = C(3, 4); d = C(1, 2)
r = c, d.total, C.count, [f for f in C.__dataclass_fields__]
# ----
from dataclasses import dataclass
@dataclass
class Base: a: int = 1
@dataclass
class Child(Base): b: int = 2; a: int = 10
@dataclass
class Grand(Child):
    c: int = 3
    def total(self): return self.a + self.b + self.c
r = Child(), Grand(), Grand(1, 2, 3).total(), Grand.__mro__[1].__name__, isinstance(Grand(), Base)
# ----
from dataclasses import dataclass
@dataclass(slots=True)
class S: x: int; y: int = 0
s = S(1)
r = S.__slots__, s, hasattr(s, '__dict__')
try: s.z = 1
except AttributeError as e: err = str(e)
# ----
from dataclasses import make_dataclass, field, dataclass
M = make_dataclass('M', ['a', ('b', int), ('c', int, field(default=3))], namespace={'double': lambda self: self.b * 2})
m = M(1, 2)
r = m, m.double(), M.__name__
# ----
from dataclasses import dataclass
@dataclass(repr=False, eq=False)
class N: x: int
n = N(1)
r = N.__eq__ is object.__eq__, N.__repr__ is object.__repr__, hash(n) == hash(n)
@dataclass(init=False)
class I:
    x: int = 4
    def __init__(self): self.x = 7
s = I()
@dataclass(unsafe_hash=True)
class H: a: int
t = hash(H(1)) == hash(H(1))
# ----
from dataclasses import dataclass
@dataclass
class T[X]:
    value: X
    def get(self) -> X: return self.value
r = T(1), T[int](2).get(), T.__type_params__
match T(5):
    case T(value=v): got = v
match T(6):
    case T(v2): got2 = v2
# ----
from dataclasses import dataclass, field
@dataclass
class Meta:
    x: int = field(default=1, metadata={'unit': 'm'})
    y: int = field(default=2, kw_only=True)
f = Meta.__dataclass_fields__['x']
r = f.metadata['unit'], f.name, f.default, Meta(3, y=4), f.type.__name__
# ----
from enum import Enum
class Color(Enum):
    RED = 1
    GREEN = 2
    CRIMSON = 1
r = Color.RED, Color.CRIMSON is Color.RED, Color(2), Color['GREEN'], Color.RED.name, Color.RED.value, list(Color), len(Color)
s = list(Color.__members__), Color.RED in Color, 1 in Color, repr(Color.RED), str(Color.RED), isinstance(Color.RED, Color), Color.RED == 1
try: Color(9)
except ValueError as e: err = str(e)
try: Color['NOPE']
except KeyError as e: err2 = str(e)
# ----
from enum import Enum, auto
class A(Enum):
    X = auto()
    Y = auto()
    Z = 'z'
class N(Enum):
    @staticmethod
    def _generate_next_value_(name, start, count, last): return name.lower() + str(count)
    ONE = auto()
    TWO = auto()
r = [a.value for a in A], [n.value for n in N]
# ----
from enum import IntEnum, StrEnum, auto
class P(IntEnum): LOW = 1; HIGH = 10
class S(StrEnum): FOO = auto(); BAR = 'b'
r = P.LOW < P.HIGH, P.HIGH + 1, sorted([P.HIGH, P.LOW]), S.FOO == 'foo', S.BAR.upper(), f'{P.LOW} {S.FOO}', int(P.HIGH), [0, 1][P.LOW], str(P.LOW), repr(P.LOW), repr(S.BAR)
# ----
from enum import Flag, IntFlag, auto
class Perm(Flag):
    R = auto(); W = auto(); X = auto()
    RW = R | W
r = Perm.R | Perm.W, Perm.R & Perm.RW, Perm.RW ^ Perm.R, ~Perm.R, bool(Perm.R & Perm.W), Perm.R in Perm.RW, list(Perm.RW), Perm(0), Perm.RW.value, Perm(3), len(Perm)
class I(IntFlag): A = 1; B = 2
s = I.A | I.B, I.A | 8, int(I.A | I.B), I(3)
# ----
from enum import Enum
class Planet(Enum):
    MERCURY = (3.303e23, 2.4397e6)
    EARTH = (5.976e24, 6.37814e6)
    def __init__(self, mass, radius): self.mass = mass; self.radius = radius
    @property
    def gravity(self): return round(6.67300E-11 * self.mass / (self.radius * self.radius), 3)
r = Planet.EARTH.gravity, Planet.MERCURY.mass, Planet.EARTH.value[1]
# ----
from enum import Enum, unique
try:
    @unique
    class Bad(Enum): A = 1; B = 1
except ValueError as e: err = str(e)
class M(Enum):
    A = 1
    def describe(self): return self.name, self.value
    @classmethod
    def default(cls): return cls.A
    def __str__(self): return 'my ' + self.name
r = M.A.describe(), M.default(), str(M.A), f'{M.A}'
try: M.A = 2
except AttributeError as e: err2 = str(e)
try: M.A.value = 2
except AttributeError as e: err3 = str(e)
# ----
from enum import Enum
class E(Enum):
    @classmethod
    def _missing_(cls, value): return cls.OTHER if isinstance(value, str) else None
    ONE = 1
    OTHER = 'other'
r = E('zzz'), E(1)
try: E(5)
except ValueError as e: err = str(e)
F = Enum('F', 'A B C')
G = Enum('G', {'X': 10, 'Y': 20})
H = Enum('H', [('P', 1), ('Q', 2)])
s = list(F), G.Y.value, [h.name for h in H], F.__name__
# ----
from enum import Enum, member, nonmember, property as eprop
class E(Enum):
    A = 1
    B = member(2)
    C = nonmember(3)
    _ignore_ = ['tmp']
    tmp = 5
    class Inner: pass
    def m(self): pass
r = [e.name for e in E], E.C, hasattr(E, 'tmp')
# ----
from enum import Enum
class Shape(Enum):
    SQUARE = 2
    CIRCLE = 3
d = {Shape.SQUARE: 'sq', Shape.CIRCLE: 'ci'}
def name(s):
    match s:
        case Shape.SQUARE: return 'square'
        case Shape.CIRCLE: return 'circle'
r = d[Shape(2)], name(Shape.CIRCLE), hash(Shape.SQUARE) == hash(Shape.SQUARE), Shape.SQUARE is Shape['SQUARE'], Shape.SQUARE != Shape.CIRCLE, sorted(Shape, key=lambda s: -s.value)
import copy, pickle
s = copy.copy(Shape.SQUARE) is Shape.SQUARE, copy.deepcopy(d) == d
# ----
from enum import IntEnum
class Status(IntEnum):
    def __new__(cls, value, phrase):
        obj = int.__new__(cls, value)
        obj._value_ = value
        obj.phrase = phrase
        return obj
    OK = 200, 'Fine'
    GONE = 410, 'Gone'
r = Status.OK.phrase, Status(410), Status.OK == 200, Status.GONE.value, [s.phrase for s in Status]
# ----
from collections import namedtuple
P = namedtuple('P', 'x y')
p = P(1, y=2)
r = p, p.x, p[1], p._asdict(), p._replace(x=5), P._make([3, 4]), P._fields, p == (1, 2), tuple(p), len(p)
x, y = p
s = P.__doc__, P.x.__doc__, P.__name__, P.__match_args__, hash(p) == hash((1, 2))
try: P(1)
except TypeError as e: err = str(e)
try: p.x = 1
except AttributeError as e: err2 = str(e)
# ----
from collections import namedtuple
D = namedtuple('D', ['a', 'b', 'c'], defaults=[2, 3])
R = namedtuple('R', 'x class x', rename=True)
r = D(1), D._field_defaults, R._fields
class Sub(namedtuple('Base', 'w h')):
    __slots__ = ()
    @property
    def area(self): return self.w * self.h
    def __repr__(self): return f'Sub {self.w}x{self.h}'
s = Sub(2, 3).area, Sub(2, 3), Sub(2, 3)._replace(w=4).area
try: namedtuple('X', 'a a')
except ValueError as e: err = str(e)
try: namedtuple('X', '_a')
except ValueError as e: err2 = str(e)
try: namedtuple('1X', 'a')
except ValueError as e: err3 = str(e)
# ----
from typing import NamedTuple
class P(NamedTuple):
    x: int
    y: str = 'why'
    def both(self): return self.y * self.x
p = P(3)
r = p, p.both(), P._field_defaults, P.__annotations__, p._replace(y='n'), isinstance(p, tuple), P._fields
match p:
    case P(a, b): got = a, b
match p:
    case P(y='why'): got2 = True
Q = NamedTuple('Q', [('a', int), ('b', str)])
s = Q(1, 'b'), Q.__annotations__
class G[T](NamedTuple): item: T
t = G(1), G[int](2)
# ----
from dataclasses import dataclass
import functools
@dataclass(frozen=True)
@functools.total_ordering
class Ver:
    parts: tuple
    @classmethod
    def parse(cls, text): return cls(tuple(map(int, text.split('.'))))
    def __lt__(self, other): return self.parts < other.parts
    def __str__(self): return '.'.join(map(str, self.parts))
vs = sorted(map(Ver.parse, ['1.10', '1.9', '1.2.3']))
r = [str(v) for v in vs], Ver.parse('1.0') >= Ver.parse('0.9'), vs[0] <= vs[1]
