# Exceptions with all that hangs on them: notes, chains, groups, attributes, order of evaluation, and where programs end.
# ----
def chain(e):
    out = []
    while e is not None:
        out.append((type(e).__name__, e.args, 'cause' if e.__cause__ is not None else 'context', e.__suppress_context__))
        e = e.__cause__ or (None if e.__suppress_context__ else e.__context__)
    return out
try:
    try:
        try: 1 / 0
        except ZeroDivisionError as a: raise KeyError('k') from a
    except KeyError: raise ValueError('v')
except ValueError as b: r = chain(b)
try:
    try: raise KeyError(1)
    finally: raise IndexError(2)
except IndexError as c: s = chain(c)
def gen():
    try: yield
    except ValueError: raise TypeError('t')
g = gen(); next(g)
try: g.throw(ValueError('thrown'))
except TypeError as d: t = chain(d)
# ----
def cleanup(log):
    for i in range(4):
        try:
            log.append(('try', i))
            if i == 1: continue
            if i == 3: return 'ret'
        except Exception: pass
        else: log.append(('else', i))
        finally:
            log.append(('finally', i))
            if i == 2: continue
    return 'end'
log = []
r = cleanup(log)
def nested():
    try:
        try: return log2.append('inner return')
        finally:
            try: raise KeyError
            except KeyError: log2.append('handled in finally')
    finally: log2.append('outer finally')
log2 = []
s = nested()
def override():
    try: return 1
    finally: return 2
t = override()
# ----
import sys
def f():
    try: raise ValueError('a')
    except ValueError:
        inner = sys.exc_info()[1].args
        try: raise KeyError('b')
        except KeyError: deeper = sys.exception().args
        return inner, deeper, sys.exception().args
r = f(), sys.exception(), sys.exc_info()
def gen():
    try: raise ValueError('g')
    except ValueError:
        yield sys.exception().args
        yield sys.exception().args
try: raise KeyError('outside')
except KeyError:
    g = gen()
    s = next(g), sys.exception().args, next(g)
# ----
e = ExceptionGroup('top', [ValueError(1), ExceptionGroup('sub', [KeyError(2), OSError(3)]), TypeError(4)])
r = e.subgroup(KeyError), e.split((KeyError, TypeError)), e.subgroup(lambda x: isinstance(x, ValueError)), e.derive([ValueError(9)]), str(e), repr(e.exceptions[1]), e.message, e.args
class Mine(ExceptionGroup):
    def __new__(cls, message, excs, code=0):
        self = super().__new__(cls, message, excs); self.code = code; return self
    def derive(self, excs): return Mine(self.message, excs, self.code)
m = Mine('mine', [ValueError(1), KeyError(2)], code=7)
s = m.subgroup(KeyError).code, type(m.split(ValueError)[1]).__name__, m.code
errs = []
for make in (lambda: ExceptionGroup('x', []), lambda: ExceptionGroup('x', [5]), lambda: ExceptionGroup('x', 5), lambda: ExceptionGroup(1, [ValueError()]), lambda: ExceptionGroup('x', [KeyboardInterrupt()]), lambda: type(BaseExceptionGroup('x', [ValueError()])).__name__, lambda: type(BaseExceptionGroup('x', [SystemExit()])).__name__, lambda: ExceptionGroup('x')):
    try: errs.append(make())
    except Exception as x: errs.append((type(x).__name__, str(x)))
# ----
log = []
try:
    try: raise ExceptionGroup('eg', [ValueError('a'), TypeError('b'), KeyError('c')])
    except* ValueError as g: log.append(g.exceptions); raise
    except* TypeError as g: raise LookupError('from handler') from g
    finally: log.append('finally')
except ExceptionGroup as g: log.append((g.message, [repr(x) for x in g.exceptions], [type(x.__cause__).__name__ for x in g.exceptions]))
try:
    try: raise ExceptionGroup('only', [ValueError(1)])
    except* TypeError: log.append('no')
    else: log.append('never')
except* ValueError as g: log.append(g)
try: pass
except* ValueError: log.append('no')
else: log.append('else')
try:
    try: raise ExceptionGroup('x', [ValueError(1)])
    except* ExceptionGroup: pass
except TypeError as x: log.append(str(x))
# ----
e = ValueError('base')
e.add_note('first')
e.add_note('second')
class Noted(Exception):
    def __init__(self, *a): super().__init__(*a); self.add_note('made')
g = ExceptionGroup('g', [Noted(1)]); g.add_note('on the group')
r = e.__notes__, Noted().__notes__, g.subgroup(Noted).__notes__, g.exceptions[0].__notes__
e.__notes__ = ['replaced']
s = e.__notes__
del e.__notes__
t = hasattr(e, '__notes__')
try: Noted().add_note(b'x')
except TypeError as x: u = str(x)
# ----
class Coded(Exception):
    code = 0
    def __init__(self, code, **extra): self.code = code; self.extra = extra
    def __str__(self): return f'{self.code}:{sorted(self.extra)}'
class Plain(Coded): code = 5
e = Coded(3, a=1)
r = e.args, str(e), repr(e), e.code, str(Plain(1, z=2)), repr(Plain(4)), f'{e}', '%s' % e, [e]
class NoInit(Exception): pass
class KW(Exception):
    def __new__(cls, *a, **k): o = super().__new__(cls, 'from new'); return o
    def __init__(self, *a, **k): pass
s = repr(NoInit()), str(NoInit('a', 1)), repr(NoInit('a')), KW(1, k=2).args, NoInit(*range(3)).args
try: NoInit(k=1)
except TypeError as x: t = str(x)
try: raise KW
except Exception as x: u = x.args
# ----
errs = []
o = OSError(2, 'No such file', 'a.txt')
r = o.errno, o.strerror, o.filename, str(o), o.args, type(o).__name__, repr(o), type(OSError(13, 'x')).__name__, type(OSError(17, '')).__name__, type(OSError('just text')).__name__, OSError('t').errno, OSError().args, isinstance(OSError(32, 'x'), ConnectionError), type(IOError(104, '')).__name__
o2 = OSError(1, 'two files', 'a', None, 'b')
s = str(o2), o2.filename2, o2.args
class Sub(OSError): pass
t = type(Sub(2, 'x')).__name__, FileNotFoundError(2, 'm', 'f').filename, EnvironmentError is OSError
k = KeyError('single'); k2 = KeyError('a', 'b'); k3 = KeyError()
u = str(k), str(k2), str(k3), repr(k), str(KeyError(1)), str(LookupError('x'))
i = ImportError('msg', name='n', path='p')
v = i.name, i.path, i.msg, str(i), ImportError().msg, ModuleNotFoundError('x', name='y').name
st = StopIteration(1, 2); se = SystemExit('code'); 
w = st.value, se.code, SystemExit().code, SystemExit(1, 2).code, StopIteration().value, StopAsyncIteration(1).args
ue = UnicodeDecodeError('utf-8', b'ab\xff', 2, 3, 'bad byte')
x = ue.encoding, ue.object, ue.start, ue.end, ue.reason, str(ue)
# ----
errs = []
for act in (lambda: 'é'.encode('ascii'), lambda: b'\xff'.decode('utf-8'), lambda: b'\xff'.decode('ascii'), lambda: '\u20ac'.encode('latin-1'), lambda: b'\xc3'.decode(), lambda: b'\xff\xfea\x00'.decode('utf-16'), lambda: 'é'.encode('ascii', 'ignore'), lambda: 'é'.encode('ascii', 'replace'), lambda: 'é'.encode('ascii', 'backslashreplace'), lambda: 'é'.encode('ascii', 'xmlcharrefreplace'), lambda: b'a\xffb'.decode('utf-8', 'replace'), lambda: b'a\xffb'.decode('utf-8', 'ignore'), lambda: b'\xe9'.decode('latin-1'), lambda: b'\x80'.decode('cp1252'), lambda: 'é'.encode('utf-16-le'), lambda: str(b'ab', 'ascii'), lambda: bytes('é', 'utf-8'), lambda: 'a'.encode(encoding='utf-8', errors='strict')):
    try: errs.append(act())
    except Exception as e: errs.append((type(e).__name__, str(e)))
# ----
def order(log):
    def f(n): log.append(n); return n
    d = {}
    d[f(1)] = f(2)
    d[f(3)], d[f(4)] = f(5), f(6)
    f(7) if f(0) else f(8)
    {f(9): f(10), **{f(11): f(12)}}
    [f(13), *[f(14)]]
    f(15) < f(16) < f(10) < f(99)
    (lambda a=f(17), *, b=f(18): None)(f(19), b=f(20))
    x = y = f(21)
    return f(22) + f(23) * f(24)
log = []
r = order(log)
class A:
    log.append('body')
    def m(self, a=log.append('default')): pass
    @staticmethod
    def s(): pass
@(log.append('decorator') or (lambda c: c))
class B(log.append('base') or object, metaclass=log.append('meta') or type): log.append('in body')
# ----
errs = []
def check(f, *a, **k):
    try: f(*a, **k)
    except Exception as e: errs.append((type(e).__name__, str(e)))
    else: errs.append('fine')
def none(): pass
def two(a, b): pass
def kwonly(*, k, l=1): pass
def posonly(a, /, b=1): pass
def many(a, b, c, d): pass
check(none, 1); check(two, 1); check(two, 1, 2, 3); check(two, 1, a=1); check(two, 1, 2, z=1); check(kwonly); check(kwonly, 1, k=1); check(kwonly, k=1, m=1); check(posonly, a=1); check(posonly); check(many); check(many, 1, 2); check(many, d=1); check(two, *[1], **{'b': 2}); check(lambda x: x); check(two, **{'a': 1, 'c': 2}); check(none, **{'x': 1}); check(kwonly, 1, 2); check(posonly, 1, 2, 3)
class M:
    def m(self, a): pass
    def __call__(self, x): pass
check(M().m); check(M().m, 1, 2); check(M()); check(M); check(M.m); check(M, 1)
check(int, 'x', 'y'); check(dict, [(1, 2, 3)]); check(abs, 'x'); check(range); check(range, 1.5); check(super, 1); check(chr, 'a'); check(ord, ''); check(hash, []); check(isinstance, 1, 'x'); check(issubclass, 1, int); check(iter, 5); check(sum, 'ab')
# ----
import warnings
try: raise DeprecationWarning('as error')
except Warning as e: r = repr(e)
class Ctx:
    def __enter__(self): return self
    def __exit__(self, t, v, tb):
        if t is not None: log.append((t.__name__, v.args))
        return isinstance(v, KeyError)
log = []
for i, exc in enumerate((KeyError('k'), None)):
    with Ctx():
        if exc: raise exc
        log.append(i)
def f():
    with Ctx(), Ctx() as c:
        try: raise KeyError('deep')
        except KeyError as e: raise ValueError('replaced') from e
try: f()
except ValueError as e: s = repr(e.__cause__), log
# ----
def g():
    try: yield 1
    finally: log.append('cleanup')
def h():
    try: yield from g()
    except RuntimeError as e: log.append(str(e)); yield 'recovered'
log = []
it = h()
r = next(it), it.throw(RuntimeError('in')), list(it)
it2 = g(); next(it2)
try: it2.throw(KeyError('k'))
except KeyError as e: log.append(e.args)
it3 = g()
try: it3.throw(ValueError('not started'))
except ValueError: log.append('never ran')
try: next(it3)
except StopIteration: log.append('done')
def ignores():
    while True:
        try: yield
        except GeneratorExit: log.append('ignored'); yield
it4 = ignores(); next(it4)
try: it4.close()
except RuntimeError as e: log.append(str(e))
def ret():
    try: yield
    except GeneratorExit: return 'value of close'
it5 = ret(); next(it5)
s = it5.close()
# ----
def f():
    try:
        raise KeyError('a')
    except KeyError:
        pass
    raise ValueError(
        'second'
    )
def g():
    return f()
x = 1
try:
    g()
except KeyError:
    x = 2
# ----
class R:
    def __enter__(self): return self
    def __exit__(self, *a): raise ValueError('exit')
with R():
    x = 1
y = 2
# ----
x = 0
for i in range(3):
    try:
        x += i
    finally:
        if i == 1:
            {}['gone']
# ----
try:
    raise ExceptionGroup('g', [ValueError(1), KeyError(2)])
except* ValueError:
    x = 1
# ----
def gen():
    yield 1
    x = yield from [2, 3]
    undefined
for v in gen():
    w = v
# ----
x = [1, 2]
a, (b, c) = x
# ----
from collections import namedtuple
P = namedtuple('P', 'x y')
p = P(1, 2)
p.x = 5
# ----
d = dict.fromkeys('ab')
for k in d:
    d.pop(k)
# ----
s = 'abc'
s[1:2] = 'x'
# ----
def f(n):
    return f(n + 1)
x = 1
f(0)
# ----
import collections
collections.OrderedDict().popitem()
# ----
class A:
    @property
    def p(self): return self.missing
A().p
# ----
next(x for x in [])
# ----
x = sorted([3, 'a', 1])
# ----
class Meta(type):
    def __call__(cls): raise PermissionError(13, 'no')
class A(metaclass=Meta): pass
A()
# ----
import enum
class E(enum.Enum): A = 1
E.A = 2
# ----
import enum
class E(enum.Enum): A = 1
E('nope')
# ----
from typing import NamedTuple
class N(NamedTuple):
    a: int = 1
    b: str
# ----
import functools
@functools.singledispatch
def f(x): raise NotImplementedError(type(x).__name__)
f([])
# ----
import dataclasses
@dataclasses.dataclass(frozen=True)
class A: x: int
@dataclasses.dataclass
class B(A): y: int = 1
# ----
import itertools
list(itertools.batched('abc', 0))
# ----
"{} {}".format(1)
# ----
'{0.missing}'.format(1)
# ----
f'{5:q}'
# ----
f'{"a":d}'
# ----
(1).__add__(2).nope
# ----
int('9' * 5000)
# ----
[].sort(key=5)
# ----
x = 10
del x, y
# ----
lambda: 1
x: int = (lambda: undefined)()
