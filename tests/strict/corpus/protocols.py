# What classes agree with the interpreter on: hooks of class creation, descriptors, slots, operators, containers.
# ----
class D:
    def __set_name__(self, owner, name): raise ValueError('no ' + name)
try:
    class A: x = D()
except ValueError as e: r = str(e), e.__notes__
try:
    class B:
        y = type('Bad', (), {'__set_name__': lambda self: None})()
except TypeError as e: s = e.__notes__
# ----
order = []
class D:
    def __set_name__(self, owner, name): order.append(('set_name', name, owner.__name__, hasattr(owner, 'late')))
class Base:
    def __init_subclass__(cls, **kw): order.append(('init_subclass', cls.__name__, kw)); super().__init_subclass__()
class Meta(type):
    @classmethod
    def __prepare__(m, name, bases, **kw): order.append(('prepare', name, kw)); return {'given': 1}
    def __new__(m, name, bases, ns, **kw): order.append(('new', sorted(k for k in ns if k[0] != '_'))); return super().__new__(m, name, bases, ns, **kw)
    def __init__(c, name, bases, ns, **kw): order.append(('init', c.__name__)); super().__init__(name, bases, ns)
    def __call__(c, *a): order.append('call'); return super().__call__(*a)
class A(Base, metaclass=Meta, k=1):
    order.append('body')
    d = D(); e = D()
A()
# ----
class M1(type): pass
class M2(type): pass
class A(metaclass=M1): pass
class B(metaclass=M2): pass
errs = []
for make in (lambda: type('C', (A, B), {}), lambda: M2('C', (A,), {}), lambda: type('C', (A,), {}), lambda: type('C', (int, A), {}).__name__):
    try: errs.append(type(make()).__name__)
    except TypeError as e: errs.append(str(e))
class M3(M1, M2): pass
class C(A, B, metaclass=M3): pass
r = type(C).__name__
# ----
class M1(type): pass
class M2(type): pass
class A(metaclass=M1): pass
class B(A, metaclass=M2):
    x = 1
# ----
errs = []
class X: pass
class Y(X): pass
for make in (lambda: type('Z', (X, Y), {}), lambda: type('Z', (X, X), {}), lambda: type('Z', (object, X), {}), lambda: type('Z', (), {'__slots__': 5}), lambda: type('Z', (), {'__slots__': ('a', 'a b')}), lambda: type('Z', (), {'__slots__': ('__dict__', '__dict__')}), lambda: type('Z', (int,), {'__slots__': ('a',)}), lambda: type('Z', (tuple,), {'__slots__': ('a',)}), lambda: type('Z', ('notaclass',), {}), lambda: type(5, (), {}), lambda: type('Z', (), []), lambda: type('Z', (type(None),), {}), lambda: type('Z', (type(lambda: 0),), {}), lambda: type('Z', (range,), {}), lambda: type('Z', (slice,), {})):
    try: errs.append(make().__name__)
    except TypeError as e: errs.append(str(e))
    except Exception as e: errs.append(repr(e))
# ----
class WithSlots: __slots__ = ('a', 'b')
class Other: __slots__ = ('c',)
errs = []
for make in (lambda: type('Z', (WithSlots, Other), {}), lambda: type('Z', (WithSlots, int), {}), lambda: type('Z', (int, dict), {}), lambda: type('Z', (WithSlots,), {'__slots__': ('a',)}), lambda: type('Z', (Exception, dict), {}), lambda: type('Z', (ValueError, OSError), {}), lambda: type('Z', (KeyError, AttributeError), {})):
    try: errs.append([b.__name__ for b in make().__mro__])
    except TypeError as e: errs.append(str(e))
class C(WithSlots): pass
c = C(); c.a = 1; c.free = 2
r = c.free, WithSlots.a.__get__(c), WithSlots.__dict__['b'].__name__, WithSlots.a.__objclass__ is WithSlots
class P: __slots__ = ('__private', '_x')
s = sorted(k for k in vars(P) if 'x' in k or 'private' in k)
# ----
class D:
    __slots__ = ()
    def __get__(self, obj, owner): return ('got', obj is None, owner.__name__)
class Data(D):
    __slots__ = ()
    def __set__(self, obj, value): obj.__dict__['stored'] = value
class OnlySet:
    def __set__(self, obj, value): obj.__dict__['only'] = value * 2
class A: d = D(); data = Data(); only = OnlySet()
a = A(); a.__dict__.update(d='instance', data='instance')
r = a.d, a.data, A.d, A.data, type(a.only).__name__
a.only = 4
s = a.only, a.__dict__['only']
errs = []
for do in (lambda: delattr(a, 'data'), lambda: delattr(a, 'only'), lambda: delattr(A, 'nope')):
    try: do()
    except AttributeError as e: errs.append(str(e))
# ----
class Meta(type):
    x = property(lambda cls: 'meta property')
    def y(cls): return 'meta method of ' + cls.__name__
    z = 'meta plain'
class A(metaclass=Meta):
    x = 'own'
    y = 'own y'
a = A()
r = A.x, A.y, A.z, a.x, a.y, hasattr(a, 'z'), Meta.y(A), A.__dict__['x']
try: A.x = 5
except AttributeError as e: err = str(e)
class B(metaclass=Meta): pass
s = B.y(), B.x
# ----
class P:
    def __init__(self): self._v = 1
    v = property(doc='the doc')
    @v.getter
    def v(self): 'getter doc'; return self._v
    @v.setter
    def v(self, x): self._v = x
class Q(P):
    @P.v.setter
    def v(self, x): self._v = x * 100
    w = property(lambda s: 1, None, lambda s: log.append('deleted'))
log = []
q = Q(); q.v = 2
r = q.v, P.v.fget.__name__, Q.v.fset is not P.v.fset, P.v.__doc__, Q.w.fset
del q.w
errs = []
for do in (lambda: setattr(q, 'w', 1), lambda: delattr(q, 'v'), lambda: P.v.fget(5)):
    try: do()
    except AttributeError as e: errs.append(str(e))
s = property.__get__(P.v, q), P.v.__set__(q, 9), q.v, P.v.__name__, P.v.__isabstractmethod__
# ----
class A:
    def __class_getitem__(cls, item): return f'{cls.__name__}[{item}]'
class B(A): pass
class M(type):
    def __getitem__(cls, item): return 'meta'
class C(A, metaclass=M): pass
r = A[1], B['x'], B[1, 2], C[0], A.__class_getitem__(3), B()[1] if hasattr(B, '__getitem__') else 'no'
errs = []
for do in (lambda: B()[1], lambda: type('D', (), {})[1], lambda: int[3], lambda: M[1]):
    try: errs.append(do())
    except TypeError as e: errs.append(str(e))
# ----
class Bag:
    def __init__(self, **kw): self.kw = kw
    def __getitem__(self, k): return k if not isinstance(k, slice) else (k.start, k.stop, k.step)
    def __setitem__(self, k, v): log.append(('set', k, v))
    def __delitem__(self, k): log.append(('del', k))
    def __missing__(self, k): return 'unused'
    def __length_hint__(self): return 5
    def __len__(self): return 3
    def __contains__(self, x): return x
log = []
b = Bag()
b[1:2] = 'a'; b[..., 1] = 'b'; b[{'k': 1}['k']] = 'c'
del b[1], b[::2]
r = b[1:2:3], b[..., 1:2], b[()], b[1,], 'x' in b, 0 in b, [] not in b, len(b), bool(b)
b[0] += 1
# ----
class Num:
    def __init__(self, v): self.v = v
    def __repr__(self): return f'N({self.v})'
    def __radd__(self, o): return Num(('r', o))
    def __rsub__(self, o): return NotImplemented
    def __imul__(self, o): self.v = ('im', o); return self
    def __ifloordiv__(self, o): return NotImplemented
    def __floordiv__(self, o): return Num('floor')
    def __rpow__(self, o, m=None): return ('rpow', o, m)
    def __ror__(self, o): return ('ror', o)
    def __ipow__(self, o): return ('ipow', o)
    def __rlshift__(self, o): return ('rl', o)
    def __irshift__(self, o): return ('irs', o)
n = Num(1)
r = 5 + n, 'x' + n, [] + n if False else None, sum([n], 0), 2 ** n, {'a'} | n, 1 << n
n *= 4; m = n; m //= 3; k = Num(0); k **= 2; j = Num(0); j >>= 1
errs = []
for do in (lambda: 5 - n, lambda: n + 5, lambda: n ** 2, lambda: [] + n, lambda: n @ n):
    try: errs.append(do())
    except TypeError as e: errs.append(str(e))
# ----
class A:
    def __eq__(self, o): log.append('A=='); return NotImplemented
    def __lt__(self, o): log.append('A<'); return NotImplemented
    def __gt__(self, o): log.append('A>'); return 'gt'
class B(A):
    def __eq__(self, o): log.append('B=='); return 'b'
    def __gt__(self, o): log.append('B>'); return 'bgt'
class Hashless:
    def __eq__(self, o): return True
class Restored(Hashless): __hash__ = object.__hash__
log = []
r = A() == B(), B() == A(), A() < B(), A() < A(), A() == 1, A() != B(), A.__hash__, Hashless.__hash__, isinstance(hash(Restored()), int)
class NeDefault:
    def __eq__(self, o): return 0
class LeOnly:
    def __le__(self, o): return [1]
s = NeDefault() != 1, LeOnly() <= 2, 2 >= LeOnly()
try: LeOnly() < 2
except TypeError as e: err = str(e)
# ----
class V:
    def __init__(self, x): self.x = x
    def __int__(self): return 7
    def __index__(self): return 3
    def __float__(self): return 1.5
    def __complex__(self): return 2j
    def __bool__(self): return False
    def __str__(self): return 'str'
    def __repr__(self): return 'repr'
    def __bytes__(self): return b'bytes'
    def __format__(self, spec): return f'fmt<{spec}>'
    def __hash__(self): return 99
    def __dir__(self): return ['z', 'a']
    def __sizeof__(self): return 5
    def __fspath__(self): return 'path'
    def __reversed__(self): return 'reversed'
    def __trunc__(self): return 'trunc'
v = V(1)
r = int(v), [0, 1, 2, 3][v], float(v), complex(v), bool(v), str(v), repr(v), bytes(v), format(v, 'q'), f'{v:x}{v!r}{v}', hash(v), dir(v), reversed(v), '%s|%r|%d' % (v, v, v), 'abcdef'[v:], hex(v), chr(v), list(range(v)), bytes(2) * v, round(1.23456, v), divmod(7, int(v)), [v], (v,), {v: v}
errs = []
for bad in ({'__int__': lambda s: 'x'}, {'__index__': lambda s: 1.5}, {'__bool__': lambda s: 1}, {'__str__': lambda s: 1}, {'__repr__': lambda s: None}, {'__bytes__': lambda s: 'x'}, {'__hash__': lambda s: 'x'}, {'__len__': lambda s: -1}, {'__len__': lambda s: 'x'}, {'__float__': lambda s: 1}, {'__iter__': lambda s: 5}, {'__format__': lambda s, f: 1}, {'__dir__': lambda s: 5}):
    name = next(iter(bad)); bad_one = type('Bad', (), bad)()
    do = {'__int__': int, '__index__': [1].__getitem__, '__bool__': bool, '__str__': str, '__repr__': repr, '__bytes__': bytes, '__hash__': hash, '__len__': len, '__float__': float, '__iter__': iter, '__format__': format, '__dir__': dir, '__complex__': complex}[name]
    try: errs.append((name, do(bad_one)))
    except Exception as e: errs.append((name, type(e).__name__, str(e)))
del v, bad_one
# ----
class L(list):
    def __getitem__(self, i): return ('item', super().__getitem__(i))
    def __iter__(self): return iter(['iterated'])
    def __len__(self): return 42
    def __contains__(self, x): return True
    def __eq__(self, o): return 'eq'
    def __add__(self, o): return 'added'
    def __iadd__(self, o): super().append(('i', o)); return self
    def __bool__(self): return False
    __hash__ = None
l = L([1, 2])
r = l[0], l[-1:], list(l), len(l), 9 in l, l == 1, l + [1], bool(l), sorted(l), [*l], tuple(l), list.__len__(l), list.__iter__(l).__next__(), repr(l), l.index(2), l.copy(), type(l.copy()).__name__, l * 2
l += [3]
s = list.__len__(l), str(l)
class D(dict):
    def __getitem__(self, k): return 'item'
    def __setitem__(self, k, v): super().__setitem__(k, ('wrapped', v))
    def keys(self): return ['q']
    def __iter__(self): return iter('it')
d = D(a=1); d['b'] = 2; d.update(c=3); d.setdefault('e', 4)
t = dict(d), {**d}, d.get('a'), d.pop('b'), list(d), repr(d), 'a' in d, D.fromkeys('xy', 0), type(d.copy()).__name__, '%(anything)s' % d, '{anything}'.format_map(d), dict.__getitem__(d, 'a')
# ----
class S(str):
    def __new__(cls, v, tag='t'): self = super().__new__(cls, v); self.tag = tag; return self
    def __str__(self): return 'str!' + self.tag
    def __repr__(self): return 'repr!'
    def __eq__(self, o): return False
    def __hash__(self): return super().__hash__()
    def __len__(self): return 99
    def __format__(self, spec): return 'format!' + spec
s = S('abc', tag='x')
r = str(s), repr(s), s + 'd', s.upper(), type(s.upper()).__name__, s == 'abc', 'abc' == s, len(s), s[0], f'{s}', f'{s:>5}', '%s' % s, '{}'.format(s), ''.join([s, s]), s.join(['a', 'b']), 'b' in s, hash(s) == hash('abc'), {s: 1}.get('abc'), s.tag, s * 2, str.__str__(s), s.encode(), s.replace('a', 'z'), s.split('b'), isinstance(s, str), type(s.strip()).__name__, s in ['abc'], s is s
class I(int):
    def __repr__(self): return 'I!'
    def __add__(self, o): return I(int(self) + o)
    def __index__(self): return 50
    def __bool__(self): return False
    def __hash__(self): return 1
i = I(5)
t = i, i + 1, 1 + i, i * 2, -i, str(i), f'{i}', f'{i:d}', '%d %s' % (i, i), bool(i), int(i), list(range(i)), [0, 1, 2, 3, 4, 5, 6][i], i == 5, {5: 'x'}.get(i), sum([i, i]), max(i, 3), abs(i), round(i), i.real, type(i.real).__name__, i.bit_length(), float(i), hash(i), I('12'), I.from_bytes(b'\x07'), type(I.from_bytes(b'\x07')).__name__
# ----
class Point(tuple):
    __slots__ = ()
    def __new__(cls, x, y): return tuple.__new__(cls, (x, y))
    x = property(lambda s: s[0])
    def __repr__(self): return f'P{tuple(self)}'
    def __add__(self, o): return Point(self[0] + o[0], self[1] + o[1])
    def __hash__(self): return 5
class Fs(frozenset):
    def __repr__(self): return 'Fs'
class By(bytes):
    def __getitem__(self, i): return 'own'
class Fl(float):
    def __repr__(self): return 'Fl'
    def __round__(self, n=None): return ('round', n)
p = Point(1, 2)
r = p, p.x, p + (3, 4), p == (1, 2), p[0:1], type(p[:]).__name__, len(p), list(p), p * 2, hash(p), {p: 1}[Point(1, 2)], p < (2,), p.index(2), (0,) + p, Fs([1]) | {2}, type(Fs() & Fs()).__name__, By(b'ab')[0], By(b'ab') + b'c', Fl(2.5), Fl(2.5) + 1, round(Fl(1)), str(Fl(1.5)), f'{Fl(1.5):.2f}', [Fl(1)]
try: p.z = 1
except AttributeError as e: err = str(e)
# ----
class Ctx:
    def __enter__(self): log.append('enter'); return 'value'
    def __exit__(self, kind, value, tb): log.append((kind and kind.__name__, str(value), tb is not None)); return log[0] == 'swallow'
log = ['swallow']
with Ctx() as (a, *b): raise KeyError(1)
class Bad:
    def __enter__(self): raise ValueError('enter')
    def __exit__(self, *a): log.append('never')
class BadExit:
    def __enter__(self): return self
    def __exit__(self, *a): raise RuntimeError('exit')
errs = []
try:
    with Bad(): pass
except ValueError as e: errs.append(str(e))
try:
    with BadExit(): raise KeyError('body')
except RuntimeError as e: errs.append((str(e), repr(e.__context__)))
class Instance: pass
i = Instance(); i.__enter__ = lambda: 1; i.__exit__ = lambda *a: 1
try:
    with i: pass
except TypeError as e: errs.append(str(e).split('(')[0].strip())
try:
    with Ctx() as c.attr: pass
except NameError as e: errs.append(str(e))
# ----
class Get:
    def __getattribute__(self, name):
        log.append(name)
        if name == 'fail': raise AttributeError('own message')
        return object.__getattribute__(self, name)
    def __getattr__(self, name): return ('fallback', name)
    x = 1
log = []
g = Get()
r = g.x, g.nope, g.fail, g.__class__.__name__, hasattr(g, 'q'), len(log), type(g).__name__
class Err:
    @property
    def p(self): raise AttributeError('inside')
    @property
    def q(self): return self.missing
class ErrFallback(Err):
    def __getattr__(self, name): return 'fell back for ' + name
s = ErrFallback().p, ErrFallback().q
try: Err().p
except AttributeError as e: t = str(e), e.name, e.obj is not None
try: Err().q
except AttributeError as e: u = str(e), e.name
try: undefined_thing
except NameError as e: v = e.name, str(e)
# ----
class A:
    count = 0
    def __init__(self): type(self).count += 1; self.__secret = 'A'
    def get(self): return self.__secret
    def __hidden(self): return 'hidden A'
    def call(self): return self.__hidden()
class B(A):
    def __init__(self): super().__init__(); self.__secret = 'B'
    def __hidden(self): return 'hidden B'
    class __Nested: pass
    def nested(self): return self.__Nested.__name__
    def kw(self, __a=1): return __a
class _Under:
    def f(self): return sorted(self.__dict__)
    def __init__(self): self.__x = 1; self.__y__ = 2; self.__ = 3
b = B()
r = b.get(), b.call(), sorted(vars(b)), A.count, B.count, b.nested(), _Under().f(), b.kw(), [n for n in dir(B) if 'idden' in n or 'Nested' in n]
# ----
class Abs:
    def __abs__(self): return 'abs'
    def __pos__(self): return 'pos'
    def __invert__(self): return 'inv'
    def __call__(self, *a, **k): return a, k
    def __iter__(self): yield from (1, 2)
    def __aiter__(self): return self
    def __matmul__(self, o): return 'mm'
    def __imatmul__(self, o): return 'imm'
    def __round__(self, *a): return ('round', a)
    def __reduce__(self): return (Abs, ())
    def __instancecheck__(self, o): return True
    def __next__(self): raise StopIteration
a = Abs()
r = abs(a), +a, ~a, a(1, k=2), a(*a, **{'z': 3}), a @ 1, round(a), round(a, 1), [*a], dict(zip(a, 'xy')), callable(a), list(map(a, [5])), isinstance(5, a), next(a, 'default'), max(a), 1 in a, sum(a)
c = a; c @= 2
x, y = a
A = Abs; A.late = lambda self: 'late'; s = a.late() if False else A().late()
del a, A
# ----
import copy
class P:
    def __init__(self, x): self.x = x
    def __getstate__(self): return {'x': self.x, 'saved': True}
    def __setstate__(self, state): self.__dict__.update(state); self.restored = True
class Q:
    __slots__ = ('a', 'b')
class R:
    def __reduce__(self): return (R.make, (1, 2), {'k': 'v'})
    @staticmethod
    def make(a, b): r = R(); r.ab = (a, b); return r
class T:
    def __reduce_ex__(self, p): return 'a_global'
class N:
    def __new__(cls, *a): o = super().__new__(cls); o.a = a; return o
    def __getnewargs__(self): return ('new', 'args')
    def __replace__(self, **kw): return kw
q = Q(); q.a = [1]
r = vars(copy.copy(P(1))), copy.copy(q).a is q.a, copy.deepcopy(q).a == q.a, vars(copy.copy(R())), copy.copy(N(5)).a, copy.replace(N(), z=1), hasattr(copy.copy(q), 'b')
s = copy.copy([1]), copy.copy({1}), copy.copy(len) is len, copy.deepcopy((1, [2])), copy.deepcopy({'k': {1, 2}}), copy.copy(P) is P
# ----
class Frozen:
    def __setattr__(self, k, v): raise AttributeError('frozen ' + k)
    def __delattr__(self, k): raise AttributeError('frozen ' + k)
f = Frozen()
f.x = 1
# ----
class A:
    x: int
    def __init__(self): self.y = 1
a = A()
a.x
# ----
class A:
    def __init__(self, a, *, b): pass
A(1, 2)
# ----
class A:
    def __getattr__(self, n): return getattr(self.inner, n)
try: A().x
except RecursionError as e: r = type(e).__name__
class B:
    def __repr__(self): return repr(self)
try: repr(B())
except RecursionError: s = 'recursion'
l = []; l.append(l); d = {}; d['d'] = d; t = (l, d)
r2 = repr(l), repr(d), repr(t)
try: l == [l]
except RecursionError: u = 'compared'
# ----
class A:
    def __new__(cls): return 5
    def __init__(self): log.append('never')
class B:
    def __new__(cls, x): return object.__new__(C)
    def __init__(self, x): log.append('B.init')
class C(B):
    def __init__(self, x): log.append(('C.init', x))
log = []
r = A(), type(B(1)).__name__
errs = []
class NoArgs: pass
class OnlyInit:
    def __init__(self, x): pass
class OnlyNew:
    def __new__(cls, x): return super().__new__(cls)
class RetInit:
    def __init__(self): return 5
for do in (lambda: NoArgs(1), lambda: OnlyInit(), lambda: OnlyNew(1), lambda: OnlyNew(), lambda: RetInit(), lambda: object.__new__(5), lambda: NoArgs(a=1)):
    try: errs.append(type(do()).__name__)
    except TypeError as e: errs.append(str(e))
# ----
class A:
    def f(self): return 'A.f'
class Mixin:
    def f(self): return 'Mixin:' + super().f()
class B(Mixin, A): pass
r = B().f(), [c.__name__ for c in B.mro()]
try: Mixin().f()
except AttributeError as e: err = str(e)
class S:
    x = 'class'
    def m(self): return super().__getattribute__('x')
    @classmethod
    def c(cls): return super().__subclasses__ is not None if False else super().__thisclass__.__name__ if False else 'c'
s = S().m(), S.c(), super(B, B()).f.__name__, super(Mixin, B).f(B()), type(super(B, B())).__name__, super(S, S()).__self_class__.__name__
errs = []
for do in (lambda: super(B, A()), lambda: super(5, 5), lambda: super(B).f, lambda: super(A, B()).f()):
    try: errs.append(repr(do()))
    except (TypeError, AttributeError) as e: errs.append(str(e))
# ----
class Meta(type):
    def mro(cls): return [cls, *[b for b in cls.__bases__ if b is not object], object] if cls.__bases__ != (object,) else type.mro(cls)
class A: x = 'A'
class B(metaclass=Meta): y = 'B'
class C(B, A): pass
r = C.x, C.y, [c.__name__ for c in C.__mro__], C.__base__.__name__, A.__subclasses__() == [C]
t = type('T', (A,), {'__module__': 'elsewhere', '__qualname__': 'Outer.T', '__doc__': 'doc'})
s = t.__module__, t.__qualname__, repr(t), t.__doc__, A.__doc__, t().__class__ is t, type.__call__(t).x, type(t).__name__, t.__bases__
# ----
class Desc:
    def __init__(self, fn): self.fn = fn
    def __get__(self, obj, owner):
        if obj is None: return self
        return lambda *a: self.fn(obj, *a)
class A:
    @Desc
    def m(self, x): return (type(self).__name__, x)
    @classmethod
    @property
    def chained(cls): return 'never'
    @staticmethod
    @Desc
    def sd(x): return x
    wrapped = classmethod(lambda cls, *a: (cls.__name__, a))
    direct = staticmethod(len)
    bound = 'abc'.upper
    builtin = len
    cls_attr = int
    part = __import__('functools').partial(lambda *a: len(a), 1)
a = A()
r = a.m(1), A.m.fn(a, 2), a.wrapped(1), A.wrapped(), a.direct('xyz'), a.bound(), a.builtin('ab'), a.cls_attr('5'), type(A.__dict__['sd']).__name__, a.wrapped.__func__.__name__, A.direct is len, A.__dict__['direct'].__wrapped__ is len
