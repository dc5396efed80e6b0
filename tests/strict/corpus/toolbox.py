# functools, collections, itertools, operator, contextlib, abc, types.
# ----
import functools
@functools.lru_cache(maxsize=None)
def fib(n): return n if n < 2 else fib(n - 1) + fib(n - 2)
r = fib(30), fib.cache_info().hits > 0, fib.__name__, fib.__wrapped__.__name__
@functools.cache
def g(x): calls.append(x); return x
calls = []
g(1); g(1); g(2)
# ----
import functools
def f(a, b, c=0, **k): return a, b, c, sorted(k.items())
p = functools.partial(f, 1, c=5)
q = functools.partial(p, 2, z=9)
r = p(2), q(), p.args, p.keywords, q.func is f, p(3, c=7)
class A:
    def m(self, x, y): return x, y
    pm = functools.partialmethod(m, 10)
s = A().pm(y=2)
# ----
import functools
def deco(f):
    @functools.wraps(f)
    def inner(*a, **k): 'inner doc'; return f(*a, **k)
    return inner
@deco
def f(x: int) -> str:
    'doc of f'
    return x
f.attr = 1
r = f.__name__, f.__doc__, f.__qualname__, f.__module__ == __name__, f.__wrapped__(3), f(4), f.__annotations__, f.__dict__['attr']
# ----
import functools
r = functools.reduce(lambda a, b: a * b, range(1, 6)), functools.reduce(max, [3, 1, 4]), functools.reduce(lambda a, b: a + [b], 'ab', [])
@functools.total_ordering
class T:
    def __init__(self, n): self.n = n
    def __eq__(self, o): return self.n == o.n
    def __lt__(self, o): return self.n < o.n
s = T(1) <= T(1), T(2) > T(1), T(1) >= T(2), T(1) != T(1)
t = sorted('bca', key=functools.cmp_to_key(lambda a, b: (a < b) - (a > b)))
# ----
import functools
@functools.singledispatch
def show(x): return 'any'
@show.register
def _(x: int): return 'int'
@show.register(list)
def _(x): return 'list of ' + ' '.join(map(show, x))
@show.register
def _(x: str | bytes): return 'text'
r = show(1), show([1, 'a']), show(1.5), show(True), show(b''), show.dispatch(bool).__name__, len(show.registry)
class C:
    @functools.singledispatchmethod
    def m(self, x): return 'any'
    @m.register
    def _(self, x: int): return 'int'
s = C().m(1), C().m('')
# ----
import functools
class A:
    n = 0
    @functools.cached_property
    def v(self): self.n += 1; return self.n * 10
a = A()
r = a.v, a.v, a.n, a.__dict__['v'], A.v.attrname
del a.v
s = a.v
# ----
from collections import OrderedDict, defaultdict, Counter, deque, ChainMap
c = Counter('abracadabra')
r = c.most_common(2), c['z'], c.total(), Counter(a=1) + Counter(a=2, b=1), Counter(a=3) - Counter(a=1, b=1), sorted(c.elements())[:6], c & Counter(a=2), Counter(a=1) | Counter(b=2)
c.update('aa'); c.subtract({'b': 5})
s = c['a'], c['b'], +c, dict(Counter([1, 1, 2]))
# ----
from collections import defaultdict
d = defaultdict(list)
d['a'].append(1); d['b']; d['a'].append(2)
e = defaultdict(lambda: defaultdict(int))
e['x']['y'] += 3
r = d, dict(d), e['x']['y'], d.get('zz'), 'zz' in d, d.default_factory is list
class M(defaultdict):
    def __missing__(self, k): return k * 2
s = M()['ab']
# ----
from collections import deque
d = deque([1, 2, 3], maxlen=4)
d.append(4); d.append(5); d.appendleft(0); d.extend([7, 8]); d.rotate(1)
r = d, list(d), d.pop(), d.popleft(), len(d), d[0], d.maxlen, 7 in d, d.count(7)
e = deque('abc'); e.extendleft('xy'); e.reverse(); e.remove('a'); e.insert(1, 'q')
s = e, e.index('q'), deque([1]) == deque([1]), e.copy(), deque(range(5), 2)
e.clear()
# ----
from collections import OrderedDict, ChainMap
o = OrderedDict([('a', 1), ('b', 2), ('c', 3)])
o.move_to_end('a'); o.move_to_end('c', last=False)
r = list(o), o.popitem(), o.popitem(last=False), o, OrderedDict(a=1, b=2) == OrderedDict(b=2, a=1), OrderedDict(a=1) == {'a': 1}
m = ChainMap({'a': 1}, {'a': 2, 'b': 3})
s = m['a'], m['b'], len(m), sorted(m), m.new_child({'c': 4})['c'], m.parents['a'], m.maps[1]
m['z'] = 9
t = m.maps[0]
# ----
from collections import UserDict, UserList, UserString
class D(UserDict):
    def __setitem__(self, k, v): super().__setitem__(k.upper(), v)
d = D(a=1); d['b'] = 2
class L(UserList):
    def first(self): return self.data[0]
l = L([3, 1]); l.append(2); l.sort()
r = d, d['A'], len(d), l, l.first(), l + [4], UserString('abc').upper(), 'A' in d
# ----
import itertools as it
r = list(it.chain([1], 'ab')), list(it.chain.from_iterable([[1], [2, 3]])), list(it.islice(it.count(5, 2), 3)), list(it.islice('abcdef', 1, None, 2)), list(it.repeat('x', 2)), list(it.islice(it.cycle('ab'), 5)), list(it.accumulate([1, 2, 3])), list(it.accumulate([1, 2, 3], lambda a, b: a * b, initial=10))
# ----
import itertools as it
r = list(it.product('ab', [1, 2])), list(it.product([0, 1], repeat=2)), list(it.permutations('abc', 2)), list(it.combinations('abcd', 2)), list(it.combinations_with_replacement('ab', 2)), list(it.permutations([1, 2]))
s = list(it.takewhile(lambda x: x < 3, [1, 2, 3, 1])), list(it.dropwhile(lambda x: x < 3, [1, 3, 1])), list(it.filterfalse(lambda x: x % 2, range(5))), list(it.starmap(pow, [(2, 3), (3, 2)])), list(it.compress('abc', [1, 0, 1])), list(it.zip_longest('ab', [1], fillvalue='-')), list(it.pairwise('abc')), list(it.batched('abcde', 2))
# ----
import itertools as it
g = [(k, list(v)) for k, v in it.groupby('aabbca')]
h = {k: [n for n in v] for k, v in it.groupby(range(6), key=lambda n: n // 3)}
a, b = it.tee([1, 2, 3])
r = next(a), list(b), list(a)
# ----
import operator as op
r = op.add(1, 2), op.mul(3, 4), op.itemgetter(1)('abc'), op.itemgetter(0, 2)('abc'), op.attrgetter('real')(5), op.attrgetter('real', 'imag')(5), op.methodcaller('upper')('x'), op.methodcaller('split', ',', maxsplit=1)('a,b,c')
s = op.not_(1), op.truth([]), op.is_(1, 1), op.contains('abc', 'b'), op.concat([1], [2]), op.countOf([1, 1, 2], 1), op.indexOf('abc', 'c'), op.getitem({'a': 1}, 'a'), op.index(True), op.lt(1, 2), op.pow(2, 5), op.neg(3), op.xor(5, 1), op.floordiv(7, 2), op.iadd([1], [2]), op.length_hint([1, 2])
class O: x = type('I', (), {'y': 5})()
t = op.attrgetter('x.y')(O), sorted([('b', 1), ('a', 2)], key=op.itemgetter(0))
# ----
from contextlib import contextmanager, suppress, nullcontext, ExitStack, closing, redirect_stdout, AbstractContextManager
log = []
@contextmanager
def tag(n):
    log.append('<' + n)
    try: yield n.upper()
    except ValueError: log.append('caught')
    finally: log.append('>' + n)
with tag('a') as x: log.append(x)
with tag('b'): raise ValueError
with suppress(KeyError): {}['x']
with nullcontext(5) as y: pass
@tag('d')
def f(): log.append('f')
f()
# ----
from contextlib import ExitStack, contextmanager
log = []
@contextmanager
def cm(n):
    log.append(('in', n)); yield n; log.append(('out', n))
with ExitStack() as stack:
    vals = [stack.enter_context(cm(i)) for i in range(3)]
    stack.callback(log.append, 'callback')
    stack.push(lambda *exc: log.append(exc[0]))
class Res:
    def close(self): log.append('closed')
from contextlib import closing
with closing(Res()) as r: log.append('using')
# ----
from abc import ABC, ABCMeta, abstractmethod
class Shape(ABC):
    @abstractmethod
    def area(self): ...
    @property
    @abstractmethod
    def name(self): ...
    def both(self): return self.name, self.area()
class Sq(Shape):
    name = 'sq'
    def area(self): return 4
r = Sq().both(), sorted(Shape.__abstractmethods__), Sq.__abstractmethods__, isinstance(Sq(), Shape)
try: Shape()
except TypeError as e: err = str(e)
class Half(Shape):
    def area(self): return 1
try: Half()
except TypeError as e: err2 = str(e)
# ----
from abc import ABC
class Base(ABC):
    @classmethod
    def __subclasshook__(cls, c): return True if hasattr(c, 'quack') else NotImplemented
class Duck:
    def quack(self): ...
class Other: pass
@Base.register
class Virtual: pass
r = issubclass(Duck, Base), issubclass(Other, Base), isinstance(Virtual(), Base), isinstance(Duck(), Base), Virtual.__mro__ == (Virtual, object)
# ----
from collections.abc import Iterable, Mapping, Sequence, Callable, Hashable, Sized, MutableMapping, Iterator, Generator, Set, Container
r = isinstance([], Iterable), isinstance({}, Mapping), isinstance('', Sequence), isinstance(len, Callable), isinstance([], Hashable), isinstance(5, Sized), isinstance(iter([]), Iterator), isinstance((x for x in ()), Generator), isinstance(set(), Set), issubclass(dict, MutableMapping), isinstance(range(3), Sequence)
class M(MutableMapping):
    def __init__(self): self.d = {}
    def __getitem__(self, k): return self.d[k]
    def __setitem__(self, k, v): self.d[k] = v
    def __delitem__(self, k): del self.d[k]
    def __iter__(self): return iter(self.d)
    def __len__(self): return len(self.d)
m = M(); m.update(a=1, b=2); m.setdefault('c', 3)
s = sorted(m.items()), m.pop('a'), m.get('zz', 0), 'b' in m, len(m), m == {'b': 2, 'c': 3}, list(m.keys()), m.popitem()
# ----
from collections.abc import Sequence, Set
class Seq(Sequence):
    def __getitem__(self, i): return 'abc'[i]
    def __len__(self): return 3
s = Seq()
r = list(s), 'b' in s, s.index('c'), s.count('a'), list(reversed(s)), s[-1]
class S(Set):
    def __init__(self, it): self.it = list(dict.fromkeys(it))
    def __contains__(self, x): return x in self.it
    def __iter__(self): return iter(self.it)
    def __len__(self): return len(self.it)
t = list(S('ab') | S('bc')), list(S('abc') & S('b')), list(S('ab') - S('a')), S('a') <= S('ab'), S('ab') == {'a', 'b'}, S('a').isdisjoint('b')
# ----
import types
ns = types.SimpleNamespace(a=1, b='x')
ns.c = 3
r = ns, ns.a, vars(ns), ns == types.SimpleNamespace(a=1, b='x', c=3)
m = types.MappingProxyType({'k': 1})
try: m['k'] = 2
except TypeError as e: err = str(e)
s = m['k'], dict(m), len(m), list(m), m.get('z', 5), m | {'q': 1}
C = types.new_class('C', (int,), {}, lambda ns: ns.update(x=5))
t = C.x, C(3) + 1, C.__name__
# ----
import types
def f(a): return a + b
b = 1
g = types.FunctionType(f.__code__, {'b': 10}, 'g')
m = types.MethodType(f, 5)
r = g(1), g.__name__, m(), isinstance(f, types.FunctionType), isinstance(len, types.BuiltinFunctionType), isinstance(m, types.MethodType), type(None) is types.NoneType, isinstance((x for x in ()), types.GeneratorType), types.resolve_bases((int,)), isinstance(list[int], types.GenericAlias), isinstance(int | str, types.UnionType)
mod = types.ModuleType('mod', 'its doc')
mod.x = 1
s = mod.__name__, mod.__doc__, mod.x
# ----
import types
class A:
    @types.DynamicClassAttribute
    def x(self): return 5
r = A().x
def base(name): return type(name, (), {'made': name})
s = [base(n).made for n in 'ab'], type('T', (dict,), {'get2': lambda self, k: self.get(k)})(a=1).get2('a')
class Meta(type): pass
T = types.new_class('T', (), {'metaclass': Meta})
t = type(T).__name__, types.prepare_class('X', (), {})[0] is type
# ----
import copy
a = [1, [2, 3], {'k': (4, [5])}]
b = copy.copy(a); c = copy.deepcopy(a)
a[1].append(9); a[2]['k'][1].append(6)
r = b, c
class P:
    def __init__(self, x): self.x = x
    def __copy__(self): return P('copied')
    def __deepcopy__(self, memo): return P('deep')
s = copy.copy(P(1)).x, copy.deepcopy([P(1)])[0].x
l = []; l.append(l)
t = copy.deepcopy(l)
u = t[0] is t
# ----
import heapq, bisect
h = [5, 1, 4]
heapq.heapify(h); heapq.heappush(h, 0)
r = heapq.heappop(h), h[0], heapq.nlargest(2, [3, 1, 2]), heapq.nsmallest(2, 'hello'), list(heapq.merge([1, 4], [2, 3])), heapq.heappushpop(h, 2), heapq.heapreplace(h, 9)
l = [1, 3, 5]
bisect.insort(l, 4)
s = l, bisect.bisect(l, 3), bisect.bisect_left(l, 3), bisect.bisect_right([1, 2, 2], 2), bisect.bisect([(1, 'a'), (2, 'b')], 1, key=lambda t: t[0])
# ----
import weakref
class A: pass
a = A()
w = weakref.ref(a)
d = weakref.WeakValueDictionary(); d['k'] = a
k = weakref.WeakKeyDictionary(); k[a] = 1
s = weakref.WeakSet([a])
r = w() is a, d['k'] is a, k[a], len(s), len(d)
del d, k
# ----
import math
r = math.sqrt(16), math.floor(-1.5), math.ceil(1.2), math.gcd(12, 18), math.lcm(4, 6), math.factorial(10), math.comb(5, 2), math.perm(5, 2), math.isqrt(17), math.prod([1, 2, 3, 4]), math.pi, math.e, math.inf, math.isnan(math.nan), math.hypot(3, 4), math.trunc(-2.7), math.copysign(1, -0.0), math.fsum([.1] * 10), math.isclose(.1 + .2, .3), math.degrees(math.pi), math.log2(8), math.log10(1000), math.log(8, 2), math.modf(2.5), math.frexp(8.0), math.ldexp(.5, 4), math.dist([0, 0], [3, 4]), math.fmod(7, 3), math.sumprod([1, 2], [3, 4])
# ----
import statistics
r = statistics.mean([1, 2, 3, 4]), statistics.median([1, 3, 2]), statistics.mode('aab'), statistics.pstdev([1, 2, 3]), statistics.median_low([1, 2, 3, 4]), statistics.fmean([1, 2]), statistics.multimode('aabb'), statistics.quantiles([1, 2, 3, 4], n=4)
# ----
import pprint, reprlib
r = pprint.pformat({'b': [1, 2], 'a': {'x': 1}}), pprint.pformat(list(range(40)), width=30), pprint.pformat('short')
s = reprlib.repr(list(range(100))), reprlib.repr('x' * 100)
class N:
    def __init__(self): self.kids = [self]
    @reprlib.recursive_repr()
    def __repr__(self): return f'N({self.kids})'
t = repr(N())
# ----
import graphlib
ts = graphlib.TopologicalSorter({'d': {'b', 'c'}, 'b': {'a'}, 'c': {'a'}})
order = list(ts.static_order())
r = order[0], order[-1]
try: list(graphlib.TopologicalSorter({1: {2}, 2: {1}}).static_order())
except graphlib.CycleError as e: err = e.args[1]
# ----
import numbers
class N(numbers.Number): __hash__ = None
r = isinstance(1, numbers.Integral), isinstance(1.0, numbers.Real), isinstance(1j, numbers.Complex), isinstance(1.0, numbers.Integral), isinstance(N(), numbers.Number), issubclass(bool, numbers.Integral)
# ----
import struct
r = struct.calcsize('<IhB'), struct.calcsize('>Q'), struct.Struct('<I').size
# ----
import inspect
def f(a, b: int = 2, *args, c, d=4, **kw) -> str: ...
s = inspect.signature(f)
r = str(s), list(s.parameters), s.parameters['b'].default, s.parameters['c'].kind.name, inspect.isfunction(f), inspect.isclass(int), inspect.getdoc(f), s.return_annotation
class A:
    'doc'
    def m(self, x): ...
t = str(inspect.signature(A.m)), str(inspect.signature(A().m)), inspect.ismethod(A().m), inspect.getdoc(A), inspect.cleandoc('  a\n    b'), [n for n, _ in inspect.getmembers(A) if not n.startswith('__')]
# ----
import string, textwrap, keyword
t = string.Template('$who likes ${what} $$5')
r = t.substitute(who='x', what='y'), t.safe_substitute(who='z'), string.ascii_lowercase[:3], string.digits, string.capwords('a bc d')
s = textwrap.dedent('  a\n    b\n  c'), textwrap.indent('a\nb', '> '), textwrap.shorten('hello world again', 12), textwrap.fill('aaa bbb ccc', 7), textwrap.wrap('the quick brown fox', 10)
u = keyword.iskeyword('for'), keyword.iskeyword('fore'), len(keyword.kwlist)
try: t.substitute(who=1)
except KeyError as e: err = str(e)
# ----
import fractions
F = fractions.Fraction
r = F(1, 2) + F(1, 3), F('0.25'), F(3, 6), F(1.5), F(7, 3) // 1, F(1, 2) * 4, F(1, 3) < F(1, 2), F(5, 2).limit_denominator(1), F(-3, 4), str(F(3, 4)), float(F(1, 4)), F(1, 2) ** 2, round(F(7, 2)), hash(F(1, 2)) == hash(0.5), F(3).numerator, abs(F(-1, 2)), int(F(7, 2))
# ----
from urllib.parse import urlparse, urljoin, quote, unquote, urlencode, parse_qs, urlsplit
u = urlparse('https://user@host:80/p/a;x?q=1&r=2#frag')
r = u.scheme, u.netloc, u.path, u.query, u.fragment, u.hostname, u.port, u.username
s = urljoin('http://a/b/c', '../d'), quote('a b/ü'), unquote('a%20b'), urlencode({'a': 1, 'b': 'x y'}), parse_qs('a=1&a=2&b=3'), urlsplit('//x/y').netloc
# ----
import html, shlex
r = html.escape('<a & "b">'), html.unescape('&lt;&amp;&#39;&eacute;'), shlex.quote("it's")
# ----
from dataclasses import dataclass, field
@dataclass
class Node:
    name: str
    children: list['Node'] = field(default_factory=list)
    parent: 'Node | None' = field(default=None, repr=False)
    def add(self, child): child.parent = self; self.children.append(child); return self
root = Node('root').add(Node('a').add(Node('b'))).add(Node('c'))
def walk(n, d=0):
    yield '  ' * d + n.name
    for c in n.children: yield from walk(c, d + 1)
lines = list(walk(root))
text = repr(root)
