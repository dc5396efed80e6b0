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
# ----
import sys, traceback
def f():
    raise ValueError('deep')
def g():
    f()
try:
    g()
except ValueError as e:
    tb = e.__traceback__
    lines = []
    while tb is not None:
        lines.append((tb.tb_lineno, tb.tb_frame.f_code.co_name)); tb = tb.tb_next
    summary = [(frame.f_code.co_name, line) for frame, line in traceback.walk_tb(e.__traceback__)]
    only = traceback.format_exception_only(e), ''.join(traceback.format_exception_only(KeyError('k')))
    info = sys.exc_info()[0], sys.exc_info()[1] is e
del tb
r = lines, summary, only, info
class Ctx:
    def __enter__(self): return self
    def __exit__(self, kind, value, tb): seen.append((kind.__name__, tb.tb_lineno)); return True
seen = []
with Ctx():
    x = 1
    raise KeyError
# ----
class Point:
    __slots__ = ('x', 'y')
    def __init__(self, x, y): self.x, self.y = x, y
    def __replace__(self, **changes): return Point(changes.get('x', self.x), changes.get('y', self.y))
class Node:
    def __init__(self, value, parent): self.value, self.parent = value, parent
    def __getstate__(self): return {'value': self.value}
    def __setstate__(self, state): self.__dict__.update(state, parent=None)
class Tagged(list):
    def __init__(self, items, tag): super().__init__(items); self.tag = tag
class Keyed(dict):
    def __init__(self, *a, kind): super().__init__(*a); self.kind = kind
class Celsius(float):
    def __new__(cls, v, unit): o = super().__new__(cls, v); o.unit = unit; return o
    def __getnewargs__(self): return float(self), self.unit
import copy
p = copy.copy(Point(1, [2])); n = copy.copy(Node(1, 'up')); t = copy.deepcopy(Tagged([[1]], 'tag')); k = copy.copy(Keyed({'a': 1}, kind='z')); c = copy.copy(Celsius(1.5, 'C'))
r = (p.x, p.y), vars(n), (t, t.tag, type(t).__name__), (k, k.kind), (c, c.unit), copy.replace(Point(1, 2), y=9).y, copy.copy({1, 2}) == {1, 2}, copy.deepcopy([{1}, frozenset([2]), bytearray(b'x'), 1j, range(3), slice(1)]), copy.deepcopy({'s': {(1, 2)}})
e = copy.copy(KeyError('k')); s = type(e).__name__, e.args
# ----
class Registry(dict):
    def __missing__(self, key): return f'<{key}>'
    def __getitem__(self, key): return super().__getitem__(key.upper())
class Ns(dict):
    def __getitem__(self, key): log.append(key); return super().__getitem__(key)
log = []
r = Registry(A=1)
s = r['a'], r['zz'], r.get('a', 'get does not ask'), '%(a)s %(q)s' % r, '{a} {q}'.format_map(r), 'a' in r, {**r}, dict(r)
exec('x = 1\ny = x + len([x])', {'log': log}, ns := Ns())
t = dict(ns), log
class Meta(type):
    @classmethod
    def __prepare__(m, *a): return Ns(given='g')
class C(metaclass=Meta): seen = given
u = C.seen, 'given' in log
del r, ns
# ----
class Trace:
    def __init__(self, log): object.__setattr__(self, '_log', log)
    def __getattr__(self, n): self._log.append(('get', n)); return Trace(self._log)
    def __setattr__(self, n, v): self._log.append(('set', n, v))
    def __delattr__(self, n): self._log.append(('del', n))
    def __getitem__(self, k): self._log.append(('item', k)); return 10
    def __setitem__(self, k, v): self._log.append(('setitem', k, v))
    def __delitem__(self, k): self._log.append(('delitem', k))
    def __call__(self, *a, **k): self._log.append(('call', a, k)); return self
    def __iadd__(self, o): self._log.append(('iadd', o)); return self
    def __enter__(self): self._log.append('enter'); return self
    def __exit__(self, *a): self._log.append('exit')
    def __iter__(self): self._log.append('iter'); return iter((1, 2))
    def __contains__(self, x): self._log.append(('in', x)); return True
    def __bool__(self): self._log.append('bool'); return True
    def __hash__(self): return 1
    def __eq__(self, o): self._log.append('eq'); return NotImplemented
log = []
t = Trace(log)
t.a.b = t.c(1, k=2)[3:4]
t[1] += 5
t.d += 1
del t.e, t[0]
with t.f as t.g: pass
a, *t.rest = t
for t.loop in (7,): pass
x = 5 in t and not t
y = t == 1, t != 2
t += 'end'
log = [tuple(i for i in e if not isinstance(i, Trace)) if isinstance(e, tuple) else e for e in log]
del t
# ----
calls = []
def deco(*names):
    def wrap(f):
        def inner(*a, **k):
            calls.append((f.__name__, a, sorted(k.items())))
            return f(*a, **k)
        inner.__name__, inner.__wrapped__ = f.__name__, f
        inner.__dict__.update({n: True for n in names})
        return inner
    return wrap
class Service:
    @deco('cached')
    def get(self, key, *, default=None): return self.store.get(key, default)
    @staticmethod
    @deco()
    def parse(text): return int(text)
    @classmethod
    @deco('factory')
    def make(cls, **store): o = cls(); o.store = store; return o
    @property
    @deco()
    def size(self): return len(self.store)
    def __init_subclass__(cls, **kw):
        for name, member in list(vars(cls).items()):
            if callable(member) and not name.startswith('_'): setattr(cls, name, deco('auto')(member))
class Sub(Service):
    def extra(self): return self.get('a')
    attr = 5
s = Sub.make(a=1)
r = s.extra(), s.size, Sub.parse('7'), s.get('z', default=0), Sub.extra.auto, Service.get.cached, Sub.make.__func__.factory, Sub.extra.__wrapped__.__name__
calls = [(n, len(a), k) for n, a, k in calls]
del s
# ----
def f(n):
    match n:
        case int() | float() if n < 0: return 'negative'
        case 0 | 0.0 | False: return 'zero'
        case complex(real=r, imag=i): return ('complex', r, i)
        case str() as s if s.isdigit(): return int(s)
        case [] | () | {}: return 'empty'
        case [[x, *_], *_] | [(x, _)]: return ('nested', x)
        case {'type': 'a' | 'b' as t, **rest} if rest: return (t, rest)
        case {'type': str(t)}: return ('only', t)
        case [1, 2, *others, 9]: return others
        case (bool() | None) as x: return x
    return 'none'
r = [f(x) for x in (-1, -1.5, 0, False, 2j, '12', 'x', [], {}, [[1, 2], 3], [(4, 5)], {'type': 'a', 'x': 1}, {'type': 'a'}, {'type': 'z', 'y': 2}, [1, 2, 5, 6, 9], (1, 2, 9), None, True, {'other': 1})]
# ----
total = 0
for i in range(3):
    try:
        try:
            if i == 0: raise KeyError('zero')
            if i == 1: continue
            total += 1
        except KeyError as e:
            total += 10
            raise ValueError from e
        finally:
            total += 100
    except ValueError as e:
        total += 1000 * (e.__cause__ is not None)
    else:
        total += 10000
    finally:
        if i == 2: break
try: e
except NameError: gone = True
def f():
    for x in (1, 2, 3):
        with open_ as o:
            try: return x
            finally:
                if x < 3: continue
class Open:
    def __enter__(self): log.append('in')
    def __exit__(self, *a): log.append('out')
log, open_ = [], Open()
r = f(), log
del open_
# ----
def make(kind, **attributes):
    bases = {'list': (list,), 'dict': (dict,), 'err': (ValueError,), 'str': (str,)}[kind]
    return type(kind.title(), bases, {'__slots__': () if kind != 'err' else ('code',), **attributes})
L = make('list', first=property(lambda s: s[0]), __call__=lambda s, i: s[i])
D = make('dict', __getattr__=lambda s, n: s[n], __or__=lambda s, o: 'or')
E = make('err', __str__=lambda s: f'E{s.args}')
S = make('str', __add__=lambda s, o: S(str.__add__(s, '+' + o)), __truediv__=lambda s, o: s.split(o))
r = L([1, 2]).first, L('ab')(1), D(a=5).a, D() | 1, S('a') + 'b' + 'c', S('a/b') / '/', str(E(1, 2)), [c.__name__ for c in (L, D, E, S)]
try: raise E('x')
except ValueError as e: e.code = 7; s = e.code, str(e), type(e).__mro__[1].__name__
try: L().other = 1
except AttributeError as e: t = str(e)
# ----
x = {'a': [1, 2, {'b': (3, 4)}]}
x['a'][2]['b'] += (5,)
x['a'][0], x['a'][1] = x['a'][1], x['a'][0]
x['a'][2]['c'] = y = x['a'][:2]
x['n'] = n = len(x['a'])
(x['t'], *x['u']), x['v'] = 'pqr', {'w': 1}
x['v']['w'] <<= 4
x |= {'m': [*x]}
del x['a'][2]['b'], x['u'][0]
y.append(n)
z = x['a'][2]['c'] is y, x.setdefault('k', []).append(1), x['k']
