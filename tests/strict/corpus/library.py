# The standard library as code makes use of it: dataclasses, enums, typing, functools, dates, paths and numbers in depth.
# ----
from dataclasses import dataclass, field, fields, asdict, astuple, replace, make_dataclass, MISSING, is_dataclass
@dataclass(eq=False)
class Identity: x: int
@dataclass(repr=False, init=False)
class Bare: x: int = 1
@dataclass(unsafe_hash=True, match_args=False)
class Hashed:
    x: int
    y: list = field(hash=False, compare=False, default_factory=list)
@dataclass(order=True)
class Ordered:
    sort_key: int = field(init=False, repr=False)
    name: str
    weight: int = field(default=0, compare=False, metadata={'unit': 'kg'})
    def __post_init__(self): self.sort_key = len(self.name)
r = Identity(1) == Identity(1), Bare().x, hash(Hashed(1)) == hash(Hashed(1, [2])), hasattr(Hashed, '__match_args__'), sorted([Ordered('abc'), Ordered('z')]), Ordered('a') == Ordered('a', 9), fields(Ordered)[2].metadata['unit'], fields(Ordered)[1].default is MISSING, Ordered.__match_args__
M = make_dataclass('M', [('a', int), 'b', ('c', str, field(default='d'))], namespace={'double': lambda self: self.a * 2}, frozen=True)
s = M(1, 2), M(3, 4).double(), asdict(M(1, [M(2, 3)])), astuple(M(1, (2,))), replace(M(1, 2), a=5), is_dataclass(M)
errs = []
for make in ('x: int = field(default=1, default_factory=list)', 'x: dict = {}', 'x: int = 1\n    y: int'):
    try: exec(f'@dataclass\nclass Z:\n    {make}', globals())
    except (ValueError, TypeError) as e: errs.append(str(e))
try: replace(Ordered('a'), sort_key=3)
except (ValueError, TypeError) as e: errs.append(str(e))
# ----
from dataclasses import dataclass, field, InitVar, KW_ONLY, asdict
from typing import ClassVar
@dataclass(slots=True)
class Base:
    a: int
    _: KW_ONLY
    b: int = 2
@dataclass(slots=True)
class Child(Base):
    c: str = 'c'
    count: ClassVar[int] = 0
    tags: list = field(default_factory=list, kw_only=True)
    def __post_init__(self): type(self).count += 1
@dataclass(frozen=True, slots=True, weakref_slot=True)
class Frozen:
    x: int = 0
    def moved(self, by): return Frozen(self.x + by)
c = Child(1, 'z', b=5)
r = c, Child.__slots__, Base.__slots__, hasattr(c, '__dict__'), asdict(c), Child.count, Frozen(1).moved(2), Frozen() == Frozen(0), {Frozen(): 1}[Frozen()], Frozen.__slots__
errs = []
for do in (lambda: setattr(c, 'new', 1), lambda: setattr(Frozen(), 'x', 1), lambda: Child(), lambda: Child(1, 2, 3)):
    try: do()
    except Exception as e: errs.append((type(e).__name__, str(e)))
@dataclass
class WithDescriptor:
    class Positive:
        def __set_name__(self, owner, name): self.name = '_' + name
        def __get__(self, obj, owner=None): return 7 if obj is None else getattr(obj, self.name)
        def __set__(self, obj, value): setattr(obj, self.name, max(value, 0))
    n: int = Positive()
s = WithDescriptor(-5).n, WithDescriptor().n, WithDescriptor(3)
# ----
from enum import Enum, IntEnum, Flag, IntFlag, StrEnum, auto, unique, member, nonmember, verify, CONTINUOUS, NAMED_FLAGS, UNIQUE, EnumCheck, KEEP, STRICT, CONFORM, EJECT, property as eprop, global_enum
class Planet(Enum):
    EARTH = 5.97e24, 6.37e6
    MARS = 6.42e23, 3.39e6
    def __init__(self, mass, radius): self.mass, self.radius = mass, radius
    @property
    def heavy(self): return self.mass > 1e24
    @classmethod
    def _missing_(cls, value): return cls.EARTH if value == 'home' else None
class Auto(Enum):
    @staticmethod
    def _generate_next_value_(name, start, count, last): return (name.lower(), count, last[-1:])
    A = auto(); B = auto(); C = 'fixed'; D = auto()
class Odd(Enum):
    X = 1
    helper = nonmember(5)
    @member
    class Inner: pass
    def method(self): return self.name
    Y = X
r = Planet.EARTH.heavy, Planet('home'), Planet((6.42e23, 3.39e6)).name, [a.value for a in Auto], Odd.helper, Odd.Y is Odd.X, list(Odd), Odd.X.method(), list(Odd.__members__), Odd['Y'].name, Planet.MARS in Planet, 'home' in Planet, len(Odd), repr(Planet.EARTH), str(Odd.X), Odd.X == 1, hash(Odd.X) == hash(Odd('X') if False else Odd.X), Odd.__members__['X'].value, bool(Odd.X)
errs = []
for do in (lambda: Planet(3), lambda: Planet['X'], lambda: Planet.VENUS, lambda: Enum('E', 'a a'), lambda: setattr(Planet.EARTH, 'value', 1), lambda: Planet.EARTH < Planet.MARS, lambda: delattr(Planet, 'EARTH'), lambda: Planet(), lambda: unique(Odd)):
    try: errs.append(do())
    except Exception as e: errs.append((type(e).__name__, str(e)))
# ----
from enum import Flag, IntFlag, auto, STRICT, CONFORM, EJECT, KEEP, verify, NAMED_FLAGS
class Perm(Flag):
    R = auto(); W = auto(); X = auto()
    RW = R | W
    ALL = RW | X
class Strict(Flag, boundary=STRICT): A = 1; B = 2
class Conform(Flag, boundary=CONFORM): A = 1; B = 2
class Ejecting(Flag, boundary=EJECT): A = 1; B = 2
class Keeping(Flag, boundary=KEEP): A = 1; B = 2
class IF(IntFlag): A = 1; B = 4
r = Perm.R | Perm.X, ~Perm.R, Perm.RW & Perm.W, Perm.R ^ Perm.RW, Perm.R in Perm.RW, Perm(0), bool(Perm(0)), list(Perm.RW), len(Perm.ALL), Perm(5), Perm(5).name, Perm.RW.name, str(Perm.R | Perm.X), repr(Perm(0)), [p.name for p in Perm], Perm.ALL.value, Perm['RW'] is Perm.R | Perm.W, ~Perm.ALL, Perm.R < Perm.RW if False else 0, hash(Perm.R | Perm.W) == hash(Perm.RW)
s = Conform(7), Ejecting(8), Keeping(8), IF.A | 8, IF(5), IF.A + 1, IF.B & 6, ~IF.A, IF(16), type(IF.A | 2).__name__, IF.A | IF.B, repr(IF(3)), isinstance(IF.A, int), f'{IF.A:d}', f'{IF.A}'
errs = []
for do in (lambda: Strict(8), lambda: Perm(64), lambda: Perm.R | 1, lambda: Perm('x')):
    try: errs.append(do())
    except Exception as e: errs.append((type(e).__name__, str(e).splitlines()[0]))
# ----
from enum import StrEnum, IntEnum, Enum, auto, ReprEnum, EnumMeta, EnumType
class Color(StrEnum): RED = auto(); DARK_BLUE = 'dark blue'
class Level(IntEnum):
    LOW = 1; HIGH = 10
    def __str__(self): return self.name.lower()
class Mixed(str, Enum):
    A = 'a'; B = 'b'
class Bytes(bytes, ReprEnum): X = b'x'
class Tupled(tuple, Enum): P = (1, 2)
class Meta(EnumMeta):
    def __getitem__(cls, name): return super().__getitem__(name.upper())
class Ci(Enum, metaclass=Meta): ONE = 1
class Base(Enum):
    def shout(self): return self.name + '!'
    @classmethod
    def parse(cls, s): return cls[s.upper()]
class Sub(Base): A = 1; B = 2
r = Color.RED, str(Color.RED), f'{Color.DARK_BLUE}', Color('red') is Color.RED, Color.RED == 'red', {'red': 1}[Color.RED], Color.RED.upper(), repr(Color.RED), '%s' % Color.RED, Color.RED + '!', sorted(Color), Level.HIGH > 5, str(Level.LOW), f'{Level.LOW}', repr(Level.LOW), Level(10), sum(Level), Level.LOW + Level.HIGH, [10, 20][Level.LOW], Mixed.A == 'a', str(Mixed.A), f'{Mixed.A}', Mixed.A.value, repr(Mixed.A), 'a' in Mixed, Bytes.X + b'y', Tupled.P[1], Ci['one'], Sub.A.shout(), Sub.parse('b'), max(Level), isinstance(Sub.A, Base), range(Level.LOW, 3)[1], type(Color) is EnumType
# ----
from typing import NamedTuple, TypedDict, Protocol, runtime_checkable, Generic, TypeVar, Annotated, Literal, get_type_hints, get_args, get_origin, Required, NotRequired, ReadOnly, is_typeddict, Unpack, Self, overload, get_overloads, final, dataclass_transform
T = TypeVar('T')
class Pair(NamedTuple, Generic[T]):
    first: T
    second: T | None = None
    def swap(self) -> 'Pair[T]': return Pair(self.second, self.first)
    @property
    def both(self): return f'{self.first}/{self.second}'
class Movie(TypedDict, total=False):
    title: Required[str]
    year: int
    tags: ReadOnly[list[str]]
class Sequel(Movie): number: int
@runtime_checkable
class Closer(Protocol):
    def name(self): ...
    def close(self, *, force: bool = False) -> None: ...
class File:
    def name(self): return 'f'
    def close(self): pass
class Incomplete:
    def close(self): pass
r = Pair(1, 2).swap(), Pair('a').both, Pair[int](1).first, Pair._field_defaults, Pair.__annotations__['first'], Movie(title='x'), sorted(Movie.__required_keys__), sorted(Sequel.__optional_keys__), Sequel.__required_keys__ == {'title', 'number'}, is_typeddict(Movie), isinstance(File(), Closer), isinstance(Incomplete(), Closer), get_args(Annotated[int, 'a', 5]), get_origin(Annotated[int, 1]), Annotated[int, 1].__metadata__, get_type_hints(Movie)['year'], Literal[1, '1', True].__args__, get_args(Literal[Literal[1], 2])
errs = []
for do in (lambda: isinstance(5, Movie), lambda: Closer(), lambda: issubclass(File, Closer), lambda: Generic(), lambda: Pair(), lambda: Literal[[]] and 1, lambda: TypeVar('Q', int), lambda: list[int]().x, lambda: Protocol[int], lambda: Annotated[int]):
    try: errs.append(do())
    except Exception as e: errs.append((type(e).__name__, str(e)[:60]))
# ----
import functools
calls = []
@functools.lru_cache(maxsize=2)
def f(x, *, y=0): calls.append(x); return x * 2
for x in (1, 2, 1, 3, 2): f(x)
@functools.lru_cache
def g(n): return n if n < 2 else g(n - 1) + g(n - 2)
@functools.lru_cache(typed=True)
def h(x): return type(x).__name__
r = calls, f.cache_info(), g(50), g.cache_info().misses, h(1), h(1.0), f.__wrapped__(4), f.cache_parameters(), f(1, y=0)
f.cache_clear(); s = f.cache_info()
def compare(a, b): return (a > b) - (a < b)
key = functools.cmp_to_key(compare)
t = sorted([3, 1, 2], key=key), key(1) < key(2), key(1) == key(1), max([4, 9], key=key), functools.reduce(lambda a, b: f'({a}{b})', 'abcd', ''), functools.partial(print).func is print
class P:
    @functools.partialmethod
    def bad(self): pass
    def op(self, sign, n): return f'{sign}{n}'
    plus = functools.partialmethod(op, '+'); minus = functools.partialmethod(op, sign='-', n=1)
u = P().plus(5), P().minus(), functools.partial(pow, functools.Placeholder, 2)(5), functools.partial(int, base=16)('ff'), repr(functools.partial(max, 1)), functools.partial(functools.partial(max, 1), 2).args
try: f([])
except TypeError as e: err = type(e).__name__
del key
# ----
import functools
@functools.singledispatch
def size(x, *extra): return ('object', extra)
@size.register
def _(x: int | float, *extra): return 'number'
@size.register(str)
@size.register(bytes)
def _(x, *extra): return 'text'
@size.register
def _(x: list): return [size(i) for i in x]
class Animal: pass
class Dog(Animal): pass
size.register(Animal, lambda x: 'animal')
class Render:
    @functools.singledispatchmethod
    def show(self, x): return 'any'
    @show.register
    def _(self, x: int): return f'int {x}'
    @show.register
    @classmethod
    def _(cls, x: str): return f'{cls.__name__} {x}'
r = size(1), size(1.5), size('a'), size(b''), size([1, 'x', None]), size(Dog()), size(None, 1), size.dispatch(bool).__name__, size.registry[str] is size.registry[bytes], Render().show(1), Render().show('s'), Render().show([])
errs = []
try: size()
except TypeError as e: errs.append(str(e))
try:
    @size.register
    def _(x): pass
except TypeError as e: errs.append(str(e)[:40])
@functools.total_ordering
class V:
    def __init__(self, *n): self.n = n
    def __eq__(self, o): return self.n == o.n if isinstance(o, V) else NotImplemented
    def __le__(self, o): return self.n <= o.n if isinstance(o, V) else NotImplemented
s = V(1) < V(2), V(1) >= V(1), V(2) > V(1), sorted([V(3), V(1)])[0].n, V(1) != V(2)
try: V(1) < 5
except TypeError as e: t = str(e)
# ----
from datetime import date, datetime, time, timedelta, timezone
d = date(2024, 12, 30)
r = tuple(d.isocalendar()), d.isoformat(), d + timedelta(weeks=1), d - date(2024, 1, 1), (d - timedelta(1)).weekday(), date.fromisocalendar(2025, 1, 1), date.fromordinal(1), d.replace(day=1), max(d, date.max), date(2024, 2, 28) + timedelta(2), (date(2025, 3, 1) - timedelta(1)).day, [date(2024, m, 1).weekday() for m in range(1, 13)], d in {date(2024, 12, 30)}, d.toordinal() % 7
t = timedelta(hours=-1)
s = t, str(t), t.days, t.seconds, timedelta(1.5), timedelta(microseconds=1500), timedelta(1) / timedelta(hours=8), timedelta(1) // 7, timedelta(seconds=5) * 1.5, -timedelta(1, 1), abs(t), timedelta(days=2) % timedelta(hours=7), timedelta(hours=25) > timedelta(1), str(timedelta(3, 4, 5)), repr(timedelta()), sum([timedelta(1), timedelta(2)], timedelta()), timedelta.max, timedelta.resolution
u = datetime(2024, 1, 31, 12, tzinfo=timezone.utc)
v = u.isoformat(), u.astimezone(timezone(timedelta(hours=5, minutes=30), 'IST')), (u + timedelta(hours=13)).date(), u.replace(tzinfo=None), datetime.fromisoformat('2024-01-31T12:00:00+00:00') == u, u.timestamp(), datetime.fromisoformat('2024-06-01 08:30'), datetime.min, u - datetime(2024, 1, 1, tzinfo=timezone.utc), datetime.combine(d, time(1, 2)), time(23, 59).isoformat('seconds'), timezone(timedelta(hours=-5)).utcoffset(None), str(timezone.utc), time.fromisoformat('04:05:06.000007')
errs = []
for do in (lambda: date(2024, 13, 1), lambda: date(2023, 2, 29), lambda: datetime(2024, 1, 1, 24), lambda: timedelta(days=10**10), lambda: date.fromisoformat('nope'), lambda: d < u, lambda: d + 1, lambda: timezone(timedelta(hours=24)), lambda: time(1) + timedelta(1), lambda: d - t - d - 'x'):
    try: errs.append(do())
    except Exception as e: errs.append(type(e).__name__)
# ----
from fractions import Fraction as F
from decimal import Decimal as D, getcontext
import math, numbers, statistics, cmath
r = F(3, -6), F('1/3') + F('0.5'), F(0.1).limit_denominator(10), F(7, 2) // F(3, 2), F(-7, 2) % 2, F(2, 3) ** -2, round(F(5, 2)), round(F(22, 7), 2), math.floor(F(-1, 2)), F(1, 3) < 0.34, F(1, 2) == 0.5, hash(F(2)) == hash(2), F.from_float(0.25), str(F(4, 2)), F(1, 3) * 3 == 1, sum([F(1, n) for n in range(1, 5)]), F(5).as_integer_ratio(), int(F(9, 4)), F(1, 2) + 1, 1 - F(1, 4), F(1, 2) + 0.5, f'{F(1, 3):.3f}', abs(F(-1, 3)), -F(1, 2), bool(F(0)), F('1e-2'), isinstance(F(1), numbers.Rational), divmod(F(7, 2), 1)
s = math.gcd(12, 18, 27), math.lcm(), math.comb(10, 3), math.isqrt(99), math.prod([]), math.fsum([0.1] * 3), math.hypot(1, 2, 2), math.dist((1, 2), (4, 6)), math.log(100, 10), math.copysign(3, -0.0), math.frexp(10), math.trunc(-3.7), math.perm(5), math.factorial(20), math.fmod(-7, 3), math.modf(-2.5), math.degrees(1), math.tau, math.isfinite(math.inf), math.ceil(10**20 + 0.5), math.exp(0), math.pow(2, 10)
t = statistics.mean([F(1, 2), F(1, 3)]), statistics.median([3, 1, 2, 4]), statistics.mode('abba'), statistics.variance([1, 2, 4]), statistics.harmonic_mean([1, 2]), statistics.fmean([1, 2], [3, 1]), statistics.geometric_mean([1, 4]), statistics.median_grouped([1, 2, 2, 3])
errs = []
for do in (lambda: F(1, 0), lambda: F('x'), lambda: F(1) / 0, lambda: math.sqrt(-1), lambda: math.log(0), lambda: math.floor(math.nan), lambda: statistics.mean([]), lambda: F(1.5, 2)):
    try: errs.append(do())
    except Exception as e: errs.append(type(e).__name__)
# ----
from pathlib import PurePosixPath as P, PureWindowsPath as W, PurePath
r = P('/a') / 'b' / P('c.txt'), P('a/b/../c').parts, P('a') / '/abs', P('//x/y').root, P('a.b.c').suffixes, P('.hidden').suffix, P('a.').suffix, P('/').parent, P('a').parent.parent, list(map(str, P('/a/b/c').parents)), P('/a/b').joinpath('c', 'd'), P('a/b').with_name('z'), P('a.txt').with_suffix(''), P('a').with_suffix('.py'), P('/a/b/c').relative_to('/a'), P('/a/b').is_relative_to('/a/bc'), P('a/b') == P('a//b/'), P('B') < P('a'), hash(P('a')) == hash(P('a/.')), P('a/b.py').match('*.py'), P('a/b/c.py').full_match('a/**/*.py'), P('a', 'b', '..', 'c'), repr(P()), bool(P('')), P('x').as_uri if False else '', P('/a/b').as_posix(), P('~x').name, str(P('a') / ''), P('/a/b/c').relative_to('/a/x', walk_up=True), P('a/b').parts[-1], P.__mro__[1] is PurePath, P('/etc/x').anchor, P('a\\b').parts
s = W('c:/Users\\x').parts, W('C:x').is_absolute(), W('//srv/share/f').drive, W('a/B') == W('A/b'), W('c:\\') / 'd', str(W('a/b')), W('c:/a').as_posix(), W('c:/a').relative_to('C:/'), W('file.TXT').suffix
errs = []
for do in (lambda: P('/a').relative_to('/b'), lambda: P('a').with_name(''), lambda: P('').with_suffix('.x'), lambda: P('a').with_suffix('x'), lambda: P('a') / 5, lambda: P(5), lambda: P('a').with_name('b/c')):
    try: errs.append(do())
    except Exception as e: errs.append((type(e).__name__, str(e)[:50]))
# ----
import json
class Enc(json.JSONEncoder):
    def default(self, o):
        if isinstance(o, complex): return [o.real, o.imag]
        return super().default(o)
r = json.dumps({'b': [1, 2.0, None], 'a': {'n': True}, 3: 'k', 2.5: 'f', None: 0, True: 1}), json.dumps([1j], cls=Enc), json.dumps('é\u2028"\\\n\x01😀'), json.dumps('é', ensure_ascii=False), json.dumps({'b': 1, 'a': [{}, []]}, indent=2, sort_keys=True), json.dumps([1, [2]], separators=(',', ':')), json.dumps((1, (2,))), json.dumps(float('inf')), json.dumps({}, indent=4), json.dumps({(1, 2): 3, 'a': 1}, skipkeys=True), json.dumps(10**20), json.dumps(1e100), json.dumps('</script>'), json.dumps({'a': 1}, indent='\t'), json.JSONEncoder(indent=1).encode([1]), ''.join(json.JSONEncoder().iterencode([1, {'a': 2}]))
errs = []
l = []; l.append(l)
for do in (lambda: json.dumps({1}), lambda: json.dumps(l), lambda: json.dumps(float('nan'), allow_nan=False), lambda: json.dumps({(1,): 2}), lambda: json.dumps(object, default=lambda o: [o.__name__])):
    try: errs.append(do())
    except Exception as e: errs.append((type(e).__name__, str(e)))
# ----
import json
loads = lambda text, **how: json.JSONDecoder(**how).decode(text)
r = loads('{"a": [1, 2.5, -3e2, true, false, null, "x\\u00e9\\n"], "b": {"c": {}}}'), loads('[]'), loads(' 5 '), loads('"\\ud83d\\ude00"'), loads('[1.1]', parse_float=str), loads('{"a": 1, "a": 2}'), loads('{"a": 1}', object_hook=lambda d: sorted(d)), loads('{"a": 1, "b": 2}', object_pairs_hook=list), loads('123456789012345678901234567890'), loads('[NaN, Infinity]', parse_constant=lambda c: c)
errs = []
for bad in ('{', '[1,]', '{"a" 1}', "{'a': 1}", '[1 2]', 'nul', '', '[1]x', '{"a":1,}', '01'):
    try: loads(bad)
    except json.JSONDecodeError as e: errs.append((e.msg, e.lineno, e.colno, e.pos))
# ----
import uuid, struct, base64, hashlib, zlib, binascii, secrets, string, types, weakref, ipaddress, urllib.parse as up, html, colorsys, keyword, textwrap, difflib, shlex
r = ipaddress.ip_address('192.168.0.1'), int(ipaddress.ip_address('0.0.1.2')), str(ipaddress.ip_address('::1')), ipaddress.ip_address('::ffff:1.2.3.4').exploded, sorted(map(ipaddress.ip_address, ('10.0.0.2', '9.9.9.9'))), colorsys.rgb_to_hsv(1, 0, 0), shlex.join(['a b', 'c']), up.parse_qsl('a=1&b=&c', keep_blank_values=True), up.urlunsplit(('http', 'h', '/p', 'q=1', 'f')), up.quote_plus('a b&c'), up.unquote_plus('a+b%26'), up.urlsplit('http://u:p@h:8080/p;x?q#f').port, up.urljoin('http://h/a/b', '/c'), up.quote('/a b', safe=''), up.urlencode([('a', [1, 2])], doseq=True), up.urldefrag('http://h/#f').fragment
try: ipaddress.ip_address('1.2.3')
except ValueError as e: err = str(e)
# ----
import operator as op, collections.abc as abc, types
class Shape:
    def __init__(self, **kw): self.__dict__.update(kw)
s = Shape(pos=Shape(x=1, y=2), tags=['a', 'b'], name='n')
r = op.attrgetter('pos.x', 'name')(s), op.itemgetter(slice(1, 3))('abcd'), op.itemgetter('k', 'j')({'k': 1, 'j': 2}), op.methodcaller('split', 'b', 1)('abcb'), op.iadd([1], [2]), op.setitem([1, 2], 0, 5), op.concat('a', 'b'), op.indexOf([1, 2], 2), op.countOf('aab', 'a'), op.matmul.__name__, op.is_not(1, None), op.truth(''), op.length_hint(iter([1, 2])), op.index(True), op.call(max, 1, 2), op.mod('%s!', 'x'), op.and_(6, 3), op.not_([]), op.is_none(None), op.lshift(1, 4), op.inv(5), op.le(1, 1), repr(op.itemgetter(1, 2)), repr(op.attrgetter('a.b'))
errs = []
for do in (lambda: op.attrgetter('nope')(s), lambda: op.itemgetter(9)('a'), lambda: op.attrgetter(5), lambda: op.indexOf([], 1), lambda: op.add(1, 'a'), lambda: op.methodcaller('nope')(s)):
    try: errs.append(do())
    except Exception as e: errs.append((type(e).__name__, str(e)[:50]))
kinds = [[n for n in ('Sized', 'Iterable', 'Iterator', 'Container', 'Collection', 'Sequence', 'MutableSequence', 'Mapping', 'MutableMapping', 'Set', 'MutableSet', 'Hashable', 'Callable', 'Reversible', 'Generator', 'Awaitable', 'Buffer') if isinstance(v, getattr(abc, n))] for v in ([], (), {}, set(), frozenset(), '', b'', bytearray(), range(1), iter([]), (x for x in ()), {}.keys(), {}.values(), {}.items(), len, int, 5, None, types.MappingProxyType({}), zip(), map(len, []), enumerate([]), slice(1), s)]
# ----
from contextlib import contextmanager, ExitStack, suppress, nullcontext, closing, redirect_stdout, ContextDecorator, AbstractContextManager, chdir
log = []
class Track(ContextDecorator):
    def __init__(self, name): self.name = name
    def __enter__(self): log.append(('enter', self.name)); return self
    def __exit__(self, kind, value, tb): log.append(('exit', self.name, kind and kind.__name__)); return kind is KeyError
@Track('deco')
def work(x): log.append(x); return x * 2
@contextmanager
def gen(name, swallow=False):
    try: yield name
    except ValueError:
        log.append('gen caught')
        if not swallow: raise
    finally: log.append('gen end')
r = work(5)
with ExitStack() as outer:
    outer.enter_context(Track('a')); outer.callback(log.append, 'cb'); outer.push(lambda *e: log.append(e[0] and e[0].__name__) or True)
    with outer.pop_all() if False else nullcontext('null') as n: log.append(n)
    raise IndexError('swallowed by push')
try:
    with gen('g'): raise ValueError('x')
except ValueError as e: log.append(str(e))
with gen('h', True) as h, suppress(KeyError, LookupError): raise ValueError
with ExitStack() as stack:
    saved = stack.pop_all()
    stack.callback(log.append, 'only this')
saved.close()
class Once(AbstractContextManager):
    def __exit__(self, *a): log.append('once')
with Once() as o: s = isinstance(o, Once), isinstance(Track('z'), AbstractContextManager)
@contextmanager
def never(): return; yield
errs = []
try:
    with never(): pass
except RuntimeError as e: errs.append(str(e))
@contextmanager
def twice(): yield 1; yield 2
try:
    with twice(): pass
except RuntimeError as e: errs.append(str(e))
@contextmanager
def stops():
    try: yield
    except ZeroDivisionError as e: raise RuntimeError('converted') from e
try:
    with stops(): 1 / 0
except RuntimeError as e: errs.append((str(e), repr(e.__cause__), e.__suppress_context__))
# ----
import abc
class Plugin(abc.ABC):
    registry = {}
    def __init_subclass__(cls, *, name=None, **kw):
        super().__init_subclass__(**kw)
        if not getattr(cls, '__abstractmethods__', None): Plugin.registry[name or cls.__name__] = cls
    @property
    @abc.abstractmethod
    def kind(self): ...
    @classmethod
    @abc.abstractmethod
    def make(cls): ...
    @staticmethod
    @abc.abstractmethod
    def helper(): ...
    def __repr__(self): return f'<{self.kind}>'
class Half(Plugin):
    kind = 'half'
class Full(Half, name='full'):
    @classmethod
    def make(cls): return cls()
    @staticmethod
    def helper(): return 'help'
errs = []
for do in (Plugin, Half):
    try: do()
    except TypeError as e: errs.append(str(e))
Half.make = classmethod(lambda cls: 'late'); abc.update_abstractmethods(Half)
class Hook(abc.ABC):
    @classmethod
    def __subclasshook__(cls, other):
        if cls is Hook: return any('hook' in vars(b) for b in other.__mro__) or NotImplemented
        return NotImplemented
class Has: hook = 1
class Reg: pass
Hook.register(Reg)
class Narrow(Hook): pass
r = Full.make(), sorted(Plugin.registry), sorted(Half.__abstractmethods__), sorted(Plugin.__abstractmethods__), issubclass(Has, Hook), isinstance(Reg(), Hook), issubclass(Reg, Narrow), issubclass(Narrow, Hook), Full.kind, abc.get_cache_token() is not None
# ----
import string, random, collections
class Vector:
    __slots__ = ('_c',)
    def __init__(self, *c): self._c = tuple(map(float, c))
    def __repr__(self): return f"Vector({', '.join(map('{:g}'.format, self._c))})"
    def __iter__(self): return iter(self._c)
    def __eq__(self, o): return isinstance(o, Vector) and tuple(self) == tuple(o)
    def __hash__(self): return hash(self._c)
    def __abs__(self): return sum(x * x for x in self) ** .5
    def __bool__(self): return any(self)
    def __add__(self, o): return Vector(*map(sum, zip(self, o))) if isinstance(o, Vector) else NotImplemented
    def __mul__(self, k): return Vector(*(x * k for x in self)) if isinstance(k, (int, float)) else NotImplemented
    __rmul__ = __mul__
    def __matmul__(self, o): return sum(a * b for a, b in zip(self, o))
    def __neg__(self): return self * -1
    def __sub__(self, o): return self + -o
    def __getitem__(self, i): return Vector(*self._c[i]) if isinstance(i, slice) else self._c[i]
    def __len__(self): return len(self._c)
    def __getattr__(self, n):
        try: return self._c['xyz'.index(n)]
        except (ValueError, IndexError): raise AttributeError(n) from None
    def __format__(self, spec): return '<' + ', '.join(format(x, spec) for x in self) + '>'
    def __lt__(self, o): return abs(self) < abs(o)
v, w = Vector(3, 4), Vector(1, 2)
r = v + w, v - w, 2 * v, v * .5, v @ w, abs(v), -v, v == Vector(3.0, 4.0), {v: 1}[Vector(3, 4)], bool(Vector(0, 0)), v[0], v[:1], v.x, v.y, [*v], f'{v:.1f}', sorted([v, w]), max(w, v), len(v), hasattr(v, 'z'), v != w, sum([v, w], Vector(0, 0)), tuple(v), 3.0 in v
errs = []
for do in (lambda: v + 1, lambda: v.q, lambda: v * v, lambda: setattr(v, 'new', 1)):
    try: errs.append(do())
    except Exception as e: errs.append((type(e).__name__, str(e)))
# ----
class Field:
    order = 0
    def __init__(self, kind=str, default=None, required=False):
        self.kind, self.default, self.required = kind, default, required
        Field.order += 1; self.order = Field.order
    def __set_name__(self, owner, name): self.name = name
    def __get__(self, obj, owner): return self if obj is None else obj.__dict__.get(self.name, self.default)
    def __set__(self, obj, value):
        if not isinstance(value, self.kind): raise TypeError(f'{type(obj).__name__}.{self.name}: {self.kind.__name__} wanted, not {type(value).__name__}')
        obj.__dict__[self.name] = value
class ModelMeta(type):
    def __new__(m, name, bases, ns, abstract=False):
        inherited = {n: f for b in reversed(bases) for n, f in getattr(b, '_fields', {}).items()}
        own = sorted(((n, f) for n, f in ns.items() if isinstance(f, Field)), key=lambda p: p[1].order)
        meta = ns.pop('Meta', None)
        cls = super().__new__(m, name, bases, ns | {'_fields': inherited | dict(own)})
        cls._table = getattr(meta, 'table', name.lower() + 's')
        if not abstract: ModelMeta.models.append(cls)
        return cls
    models = []
class Model(metaclass=ModelMeta, abstract=True):
    def __init__(self, **values):
        for n, f in self._fields.items():
            if f.required and n not in values: raise ValueError(f'{n} is required')
        for n, v in values.items(): setattr(self, n, v)
    def __repr__(self): return f"{type(self).__name__}({', '.join(f'{n}={getattr(self, n)!r}' for n in self._fields)})"
class Named(Model, abstract=True): name = Field(required=True)
class User(Named):
    age = Field(int, 0)
    class Meta: table = 'accounts'
class Admin(User): level = Field(int, 1)
u = User(name='x')
r = u, Admin(name='y', level=5), list(Admin._fields), User._table, Admin._table, [m.__name__ for m in ModelMeta.models], User.age is Named.__dict__.get('age', User.__dict__['age']), hasattr(User, 'Meta')
errs = []
for do in (lambda: User(), lambda: User(name=5), lambda: setattr(u, 'age', 'old')):
    try: do()
    except Exception as e: errs.append((type(e).__name__, str(e)))
u.age = 7; s = u, vars(u)
# ----
class Signal:
    def __init__(self): self.handlers = []
    def connect(self, f=None, *, weight=0):
        if f is None: return lambda f: self.connect(f, weight=weight)
        self.handlers.append((weight, len(self.handlers), f)); self.handlers.sort(key=lambda h: h[:2]); return f
    def send(self, *a, **k): return [(f.__name__, f(*a, **k)) for _, _, f in self.handlers]
    def __get__(self, obj, owner): return self if obj is None else obj.__dict__.setdefault('_signal', Signal())
done = Signal()
@done.connect
def first(x): return x + 1
@done.connect(weight=-1)
def second(x): return x * 2
class Button: clicked = Signal()
b, c = Button(), Button()
b.clicked.connect(first)
class Router:
    def __init__(self, prefix=''): self.prefix, self.routes = prefix, {}
    def __getattr__(self, method):
        if method not in ('get', 'post'): raise AttributeError(method)
        def register(path, **options):
            def wrap(f): self.routes[method.upper(), self.prefix + path] = (f, options); return f
            return wrap
        return register
    def mount(self, other): self.routes |= {(m, self.prefix + p): r for (m, p), r in other.routes.items()}
    def dispatch(self, method, path):
        match self.routes.get((method, path)):
            case (f, {'auth': True}): return 'auth ' + f()
            case (f, _): return f()
            case None: return 404
api, app = Router('/api'), Router('/v1')
@api.get('/users', auth=True)
def users(): return 'users'
@api.post('/users')
@api.get('/people')
def create(): return 'created'
app.mount(api)
r = done.send(5), b.clicked.send(1), c.clicked.send(1), sorted(app.routes), app.dispatch('GET', '/v1/api/users'), app.dispatch('POST', '/v1/api/users'), app.dispatch('GET', '/')
# ----
import sys, types
class Lazy(types.ModuleType):
    def __init__(self, name, table): super().__init__(name); self._table = table
    def __getattr__(self, name):
        try: value = self._table[name]()
        except KeyError: raise AttributeError(f'module {self.__name__!r} has no attribute {name!r}') from None
        setattr(self, name, value); return value
    def __dir__(self): return sorted(set(super().__dir__()) | set(self._table))
calls = []
m = Lazy('lazy', {'x': lambda: calls.append('x') or 5})
r = m.x, m.x, calls, 'x' in dir(m), m.__name__, hasattr(m, 'nope'), isinstance(m, types.ModuleType), type(m).__name__
try: m.y
except AttributeError as e: err = str(e)
def __getattr__(name):
    if name.startswith('made_'): return name[5:]
    raise AttributeError(name)
this = sys.modules[__name__]
s = this.made_up, getattr(this, 'other', 'default'), this.__dict__ is globals()
del this, m
ns = types.SimpleNamespace(a=1); ns.b = [ns.a]; del ns.a
t = ns, vars(ns), ns == types.SimpleNamespace(b=[1]), types.SimpleNamespace({'k': 1}, z=2)
