# What the language has in its newest versions: templates, deferred annotations, generics, `except` without parentheses.
# ----
errs = []
for exc in (KeyError('k'), IndexError('i'), OSError('o')):
    try: raise exc
    except KeyError, IndexError: errs.append('lookup')
    except OSError: errs.append('os')
# ----
log = []
try: raise ExceptionGroup('g', [ValueError(1), KeyError(2), OSError(3)])
except* ValueError, KeyError: log.append('two')
except* OSError as g: log.append(repr(g))
# ----
log = []
kinds = (ZeroDivisionError, (KeyError, (IndexError,)))
for act in (lambda: 1 / 0, lambda: {}[1], lambda: [][1]):
    try: act()
    except kinds as e: log.append(type(e).__name__)
def which(): log.append('evaluated'); return ValueError
try: raise ValueError
except which(): log.append('caught')
try: pass
except undefined_class: log.append('never evaluated')
# ----
log = []
try:
    try: raise KeyError('a')
    except 5: log.append('no')
except TypeError as e: log.append((str(e), type(e.__context__).__name__))
try:
    try: raise KeyError('a')
    except (ValueError, 'x'): log.append('no')
except TypeError as e: log.append(str(e))
# ----
name = 'World'
t = t'a{name}b' 'c' t'{name!r:>10}'
r = t.strings, t.values, [(i.value, i.expression, i.conversion, i.format_spec) for i in t.interpolations], repr(t'x{1}')
parts = [p if isinstance(p, str) else p.expression for p in t]
try: t'a' + 'b'
except TypeError as e: err = str(e)
# ----
def lower(template):
    done = []
    for part in template:
        if isinstance(part, str): done.append(part.lower())
        else:
            value = part.value
            if part.conversion == 'r': value = repr(value)
            elif part.conversion == 's': value = str(value)
            elif part.conversion == 'a': value = ascii(value)
            done.append(format(value, part.format_spec))
    return ''.join(done)
w, d = 10, {'k': 'é'}
r = lower(t'AB {w:>5} {d["k"]!a} {3.14159:.{2}f} {{BRACES}}'), lower(t'{w + 1 = }'), lower(t'''{
    w
} LINES''')
# ----
from string.templatelib import Template, Interpolation, convert
i = Interpolation('v', 'expr', 'r', '>5')
t = Template('a', 'b', i, i, 'c')
r = t.strings, len(t.interpolations), i, convert('é', 'a'), convert(5, None), convert('x', 'r'), Interpolation.__match_args__
try: i.value = 5
except AttributeError as e: err = type(e).__name__
errs = []
for make in (lambda: Template(5), lambda: Interpolation('v', 'e', 'q'), lambda: Template(a=1)):
    try: make()
    except Exception as e: errs.append(type(e).__name__)
# ----
def f(a: undefined_one, b: int = 2) -> undefined_two: return a
r = f(1), f.__defaults__
try: f.__annotations__
except NameError as e: err = str(e)
undefined_one = undefined_two = str
s = f.__annotations__
# ----
import annotationlib
class A:
    x: Missing[int]
    y: 'quoted'
    z: Missing.attr | None
def f(a: Missing, *b: [Missing], c: 1 + Missing = 3) -> Missing(): ...
r = annotationlib.get_annotations(A, format=annotationlib.Format.STRING), annotationlib.get_annotations(f, format=annotationlib.Format.STRING)
s = annotationlib.Format.VALUE, annotationlib.Format.STRING.value, annotationlib.type_repr(int), annotationlib.type_repr('x')
# ----
def f(x: int) -> str: ...
calls = []
old = f.__annotate__
def annotate(format):
    calls.append(format)
    if format > 2: raise NotImplementedError
    return {'x': 'replaced'}
f.__annotate__ = annotate
r = f.__annotations__, f.__annotations__ is f.__annotations__, calls, old(1)
class C:
    a: int
s = C.__annotate__(1), C.__annotations__
f.__annotate__ = None
t = f.__annotations__
# ----
class A:
    n = 3
    kinds = [int, str]
    x: kinds[0]
    y: 'A'
    z: list[n]
    for k in kinds:
        w: k
r = A.__annotations__['x'], A.__annotations__['z'], A.__annotations__['w'], A.k
A.kinds = [bytes, bytes]
s = A.__annotations__['x']
# ----
class Node[T]:
    value: T
    next: Node[T] | None = None
    def __init__(self, value: T) -> None: self.value = value
    def map[U](self, f: 'Callable[[T], U]', *, deep: bool = False) -> Node[U]: return Node[U](f(self.value))
    type Alias = list[T]
r = Node(1).map(str).value, Node.map.__type_params__, Node.__annotations__['next'], Node.map.__annotations__['return'], Node.Alias.__value__, Node.Alias
# ----
type Pair[A, B = int] = tuple[A, B]
r = Pair.__type_params__, Pair.__parameters__, Pair[str, bytes], Pair[str, bytes].__origin__ is Pair, Pair[str, bytes].__args__, Pair.__name__, Pair.__module__ == __name__
type Rec = dict[str, Rec] | int
s = Rec.__value__.__args__[1], repr(Rec | None), Pair.__type_params__[1].__default__
try: Rec.__value__ = 5
except AttributeError as e: err = type(e).__name__
try: Rec[int]
except TypeError as e: err2 = str(e)
# ----
def f[T: (int, str), *Ts, **P](x: T, *a: *Ts, **k: P.kwargs) -> T: return T.__name__
T, Ts, P = f.__type_params__
r = T.__constraints__, T.__bound__, repr(T), repr(Ts), repr(P), T.__infer_variance__, T.__covariant__, f(1), f.__annotations__['a'], P.args, P.kwargs
class C[X]:
    def g[Y](self): return X, Y
s = C().g(), C.g.__qualname__, C.__type_params__[0] is C().g()[0]
# ----
x = 'outer'
class A[T]:
    x = 'class'
    def f[U = T](self, a: x = x): return U.__default__, a
    type Inner = x
r = A().f(), A.f.__annotations__, A.Inner.__value__
def deco(c): log.append([p.__name__ for p in c.__type_params__]); return c
log = []
@deco
class B[T, U](A[T], dict[str, U]): pass
s = B.__orig_bases__[0].__args__, [b.__name__ for b in B.__bases__], log
# ----
match {'a': 1, 'b': [1, {'c': (2, 3)}], 'd': None}:
    case {'a': int(a) as n, 'b': [first, {'c': (x, y)}], **rest} if n < x < y:
        r = a, n, first, x, y, rest
match (1, 2, 3, 4, 5):
    case [a1, *middle, z1]: s = a1, middle, z1
match 'text':
    case [*chars]: t = chars
    case str(text): t = text
match b'ab':
    case [97, 98]: u = 'sequence'
    case bytes(v): u = v
# ----
class Base:
    __match_args__ = ('a',)
    def __init__(self, a, b=None): self.a, self.b = a, b
class Derived(Base): __match_args__ = ('a', 'b')
def f(v):
    match v:
        case Derived(1, b=Base(c)): return 'deep', c
        case Derived(a, b): return 'derived', a, b
        case Base(a=[_, x]): return 'list', x
        case Base(('p' | 'q') as letter): return letter
        case Base(): return 'base'
r = [f(v) for v in (Derived(1, Base(9)), Derived(2, 3), Base([1, 2]), Base('q'), Base(0), 0)]
errs = []
for do in ('match Base(1):\n case Base(1, 2): pass', 'match 5:\n case int(5, 6): pass', 'match 5:\n case f(): pass', 'class X: __match_args__ = 5\nmatch X():\n case X(1): pass', 'class X: __match_args__ = [1]\nmatch X():\n case X(1): pass', 'match Derived(1):\n case Derived(1, a=1): pass'):
    try: exec(do, {'Base': Base, 'Derived': Derived, 'f': f})
    except TypeError as e: errs.append(str(e))
    else: errs.append(None)
# ----
from collections import OrderedDict, deque, namedtuple, UserList, defaultdict
import array, types
P = namedtuple('P', 'x y')
def f(v):
    match v:
        case {'k': x}: return 'map', x
        case P(x, 5): return 'point', x
        case [x, y]: return 'seq', x, y
        case _: return 'none'
r = [f(v) for v in (OrderedDict(k=1), types.MappingProxyType({'k': 2}), P(1, 5), P(1, 2), deque([1, 2]), range(2), UserList('ab'), {1, 2}, 'ab', b'ab', iter([1, 2]))]
d = defaultdict(list)
match d:
    case {'nope': x}: s = x
    case {}: s = 'not asked for'
t = dict(d)
# ----
import enum
class K(enum.Enum): A = 1; B = 'b'
class Flags(enum.Flag): X = 1; Y = 2
class consts: LIMIT = 10; class_ = type('n', (), {'deep': 'd'})
def f(v):
    match v:
        case K.A | K.B as k: return k.name
        case Flags.X: return 'x'
        case consts.LIMIT: return 'limit'
        case consts.class_.deep: return 'deep'
        case -1.5 | -2 + 3j: return 'signed'
        case K(): return 'unreached'
        case None | True | False: return 'constant'
r = [f(v) for v in (K.A, K.B, Flags.X, Flags.Y, 10, 'd', -1.5, -2 + 3j, None, True, 1, 0)]
# ----
log = []
class Sub:
    @property
    def a(self): log.append('a'); return 1
    @property
    def b(self): log.append('b'); raise AttributeError('b')
class Eq:
    def __eq__(self, o): log.append(('eq', o)); return o == 2
match Sub():
    case Sub(a=1, b=2): log.append('no')
    case Sub(a=2): log.append('no')
    case Sub(): log.append('yes')
match Eq():
    case 1: log.append('one')
    case 2: log.append('two')
match [1, 2]:
    case [x, y] if log.append((x, y)): pass
    case [x, z]: log.append('second')
r = x, y, z
# ----
x = 5
r = []
r.append([x for x in range(3)])
r.append(x)
r.append([y := x for _ in range(2)])
r.append(y)
def f():
    total = 0
    parts = [total := total + v for v in range(4)]
    return parts, total
r.append(f())
def g():
    def h(): return [z for z in (1, 2)], [lambda: z for z in (1, 2)][0]()
    return h()
r.append(g())
class C:
    a = [x for x in range(2)]
    b = [(lambda: i)() for i in range(2)]
    c = [[j for j in range(i)] for i in range(3)]
    d = __class__ if False else 'none'
r.append((C.a, C.b, C.c, hasattr(C, 'i')))
# ----
def f():
    yield [(yield i) for i in range(2)] if False else 'only'
    x = [i async for i in ()] if False else 1
    yield x
# ----
from __future__ import annotations
import dataclasses, typing
@dataclasses.dataclass
class A:
    x: int
    c: typing.ClassVar[int] = 3
    i: dataclasses.InitVar[str] = 's'
    k: dataclasses.KW_ONLY
    z: Undefined = None
    def __post_init__(self, i): self.got = i
r = [f.name for f in dataclasses.fields(A)], A.__annotations__, A(1, 'q', z=2), A(1).got
# ----
lines = []
def f(
    a,
    b=(
        1 +
        2
    ),
): return a, b
value = f(
    1,
    *[
        2
    ],
)
x = (
    1
    if value
    else
    undefined
)
y = [
    0,
    1 /
    0,
]
# ----
a = {
    'x': 1,
    'y': (
        undefined_here
    ),
}
# ----
def f(x):
    return x.a \
        .b \
        .c
f(
    type('A', (), {'a': 1})
)
# ----
class A:
    x = 1
    def f(self): return __class__, super().__init__
    y = property(lambda self: __class__)
r = A().f()[0] is A, A().y is A
def outside():
    try: super()
    except RuntimeError as e: return str(e)
s = outside()
class B:
    def m(me): return super().__repr__()
    def n(self):
        del self
        try: super()
        except RuntimeError as e: return str(e)
    def o(*a):
        try: return super()
        except RuntimeError as e: return str(e)
t = B().n(), B.m(B())[:1], B().o()
# ----
x = 1
def f():
    global x
    class C:
        x = 'class'
        y = x
    def g():
        return x
    return C.y, g()
r = f()
def outer():
    v = 'outer'
    class C:
        nonlocal v
        v = 'changed'
        w = 2
    return v, hasattr(C, 'v')
s = outer()
def loop():
    out = []
    for i in range(3):
        def add(n, i=i): return n + i
        out.append(add(10))
    return out, add(0)
t = loop()
# ----
class C:
    locals()['made'] = 1
    for name in ('a', 'b'): locals()[name * 2] = name
    vars()['also'] = made + 1
    exec('via_exec = also + 1')
    del name
r = C.made, C.aa, C.bb, C.also, C.via_exec, hasattr(C, 'name')
globals()['written'] = 5
s = written
def f():
    a = 1
    locals()['a'] = 2
    exec('a = 3')
    return a, eval('a + 1')
t = f()
# ----
import sys
def f(n):
    return (lambda frame: (frame.f_code.co_name, frame.f_lineno))(sys._getframe(n))
def g(): return f(0), f(1)
r = g(), f(1)[0]
def caller(): return sys._getframe(1).f_globals['__name__'] == __name__, sys._getframe(1).f_code.co_name
class C:
    names = 'own'
    seen = sys._getframe(0).f_locals['names'], sys._getframe().f_code.co_name
    inside = [caller() for _ in range(1)]
s = caller(), C.seen, C.inside
# ----
def f(): 1/0
x = [
    f()
    for _ in
    range(2)
]
# ----
with (
    open
    if False else
    nothing_there
) as f:
    pass
# ----
@(
    lambda f:
    f.nope
)
def g():
    pass
# ----
class A(
    object,
    metaclass=lambda *a: 1 / 0,
):
    x = 1
# ----
for x in (
    1,
    2,
):
    y = x
    if x == 2:
        raise StopIteration(
            x
        )
# ----
assert (
    False
), (
    'a' +
    1
)
# ----
def f(x, /, y, *, z): return x
f(
    1,
    2,
    w=3,
)
