# Exceptions: raising, catching, chains, groups, and programs that end with one.
# ----
try: 1 / 0
except ZeroDivisionError as e: a = type(e).__name__, str(e), e.args, repr(e)
try: e
except NameError: gone = True
# ----
class MyError(Exception):
    def __init__(self, code, *rest): super().__init__(code, *rest); self.code = code
    def __str__(self): return f'<{self.code}>'
try: raise MyError(3, 'x')
except (KeyError, MyError) as e: a = e.code, e.args, str(e), repr(e), isinstance(e, Exception)
# ----
log = []
def f(x):
    try:
        if x == 1: raise ValueError('v')
        if x == 2: raise KeyError('k')
        if x == 3: return 'ret'
    except ValueError: log.append('value')
    except LookupError as e: log.append(('lookup', e.args))
    else: log.append('else')
    finally: log.append('fin')
    return 'end'
r = [f(x) for x in range(4)]
# ----
try:
    try: 1 / 0
    except ZeroDivisionError as e: raise ValueError('second') from e
except ValueError as e:
    a = type(e.__cause__).__name__, e.__context__ is e.__cause__, e.__suppress_context__
try:
    try: 1 / 0
    except ZeroDivisionError: raise ValueError('second')
except ValueError as e:
    b = e.__cause__, type(e.__context__).__name__, e.__suppress_context__
try:
    try: 1 / 0
    except ZeroDivisionError: raise ValueError('x') from None
except ValueError as e:
    c = e.__cause__, e.__suppress_context__, type(e.__context__).__name__
# ----
def f():
    try: raise ValueError(1)
    finally: return 'swallowed'
def g():
    for x in range(2):
        try: raise KeyError(x)
        except KeyError: continue
        finally: log.append(x)
    return 'done'
log = []
r = f(), g(), log
# ----
try:
    try: raise ValueError('a')
    except ValueError:
        raise
except ValueError as e: a = str(e)
try: raise
except RuntimeError as e: b = str(e)
try: raise KeyError
except KeyError as e: c = e.args
try: raise 5
except TypeError as e: d = str(e)
try: raise ValueError from 5
except TypeError as e: f = str(e)
# ----
e = ValueError('a')
e.add_note('one'); e.add_note('two')
a = e.__notes__
try: e.add_note(3)
except TypeError as err: b = str(err)
f = e.with_traceback(None) is e, e.__traceback__
# ----
g = ExceptionGroup('g', [ValueError(1), TypeError(2), ExceptionGroup('h', [KeyError(3), ValueError(4)])])
a = str(g), g.message, len(g.exceptions), repr(g.exceptions[0])
m, rest = g.split(ValueError)
b = repr(m), repr(rest), repr(g.subgroup(KeyError)), g.subgroup(OSError)
c = repr(g.subgroup(lambda e: isinstance(e, TypeError)))
# ----
log = []
try: raise ExceptionGroup('eg', [ValueError(1), TypeError(2), KeyError(3)])
except* ValueError as g: log.append(repr(g))
except* (TypeError, OSError) as g: log.append([type(e).__name__ for e in g.exceptions])
except* KeyError: log.append('key')
else: log.append('no')
finally: log.append('fin')
# ----
log = []
try:
    try: raise ExceptionGroup('eg', [ValueError(1), TypeError(2)])
    except* ValueError: raise KeyError('new')
except ExceptionGroup as g:
    log.append(sorted(type(e).__name__ for e in g.exceptions))
try:
    try: raise ExceptionGroup('eg', [ValueError(1), TypeError(2)])
    except* ValueError: pass
except ExceptionGroup as g: log.append(repr(g))
# ----
log = []
try: raise ValueError('bare')
except* ValueError as g: log.append((type(g).__name__, [str(e) for e in g.exceptions]))
try:
    try: raise OSError(2, 'gone')
    except* ValueError: log.append('no')
except OSError as e: log.append((e.errno, e.strerror, str(e)))
try:
    for i in range(1):
        try: raise ExceptionGroup('a', [ValueError(1)])
        except* ValueError as e: log.append('in loop')
finally: log.append('out')
# ----
errs = []
for f in (lambda: [][1], lambda: {}['k'], lambda: 'a' + 1, lambda: 1 + 'a', lambda: [] + (), lambda: None.x, lambda: int('x'), lambda: [1][1.5], lambda: len(5), lambda: (1)(), lambda: {[]: 1}, lambda: iter(5), lambda: next(iter([])), lambda: 'abc'.index('z'), lambda: [].pop(), lambda: {}.popitem(), lambda: [1].remove(2), lambda: ''.join([1]), lambda: sum(['a']), lambda: max([]), lambda: chr(-1), lambda: ord('ab'), lambda: 1 < 'a', lambda: [] < {}, lambda: -'a', lambda: ~1.5, lambda: 'a' * 'b', lambda: 2 ** 'a', lambda: set().pop(), lambda: float('z'), lambda: range(1, 2, 0), lambda: 'x'['y'], lambda: (1,)[5], lambda: divmod(1, 0), lambda: 1 % 0, lambda: 1.0 // 0, lambda: 0 ** -1, lambda: 1 << -1):
    try: f()
    except Exception as e: errs.append((type(e).__name__, str(e)))
# ----
errs = []
class A:
    __slots__ = 'x'
    p = property(lambda s: 1)
a = A()
for f in (lambda: a.x, lambda: a.y, lambda: setattr(a, 'y', 1), lambda: setattr(a, 'p', 1), lambda: delattr(a, 'x'), lambda: A.zz, lambda: object().q, lambda: setattr(object(), 'q', 1), lambda: setattr(1, 'q', 1), lambda: (1).real.foo, lambda: A(1), lambda: object(1), lambda: super().x, lambda: type('X', (1,), {}), lambda: type('X', (bool,), {}), lambda: f.nope, lambda: A.__bases__.append):
    try: f()
    except Exception as e: errs.append((type(e).__name__, str(e)))
# ----
x = 1
y = x + undefined_name
z = 3
# ----
def f(n):
    if n: return f(n - 1)
    return [][0]
a = 1
b = f(3)
# ----
a = {'k': 1}
b = a['k']
c = a['missing']
# ----
import not_a_module_at_all
# ----
from os import not_a_name_in_os
# ----
from . import sibling
# ----
x = 'before'
class A:
    y = 1
    z = y.missing
# ----
class Meta(type):
    def __new__(m, n, b, d): raise RuntimeError('no class ' + n)
ok = 1
class A(metaclass=Meta):
    pass
# ----
def deco(f): raise ValueError(f.__name__)
a = 1
@deco
def g():
    pass
# ----
def gen():
    yield 1
    raise KeyError('in generator')
a = []
for x in gen():
    a.append(x)
# ----
a = [1, 2, 3]
b, c = a
# ----
a = 5
a.b = 3
# ----
assert 1 + 1 == 3, 'arithmetic'
# ----
def f(a, b): return a
x = f(1, 2)
y = f(1)
# ----
raise SystemExit(3)
# ----
try:
    raise ValueError('inner')
except ValueError:
    done = 1
    raise KeyError('outer')
# ----
raise ExceptionGroup('all', [ValueError(1)])
# ----
class C:
    def __enter__(self): return self
    def __exit__(self, *a): return False
with C() as c:
    x = 1
    raise OSError('inside')
# ----
with 5 as x:
    pass
# ----
for x in 5:
    pass
# ----
a = lambda: 1 / 0
b = 1
c = [a() for _ in range(1)]
# ----
x = f'{1 / 0}'
# ----
import json
json.loads('{"a": }')
# ----
int('12z')
# ----
def f(): return f()
f()
# ----
x = 1
def f():
    print(x)
    x = 2
f()
# ----
class A:
    def __bool__(self): return 5
if A(): pass
# ----
class A:
    def __len__(self): return -1
x = len(A())
# ----
class A:
    def __repr__(self): return 5
x = repr(A())
# ----
class A:
    def __hash__(self): return 'x'
x = {A(): 1}
# ----
class A:
    def __iter__(self): return 5
x = list(A())
# ----
class A:
    __slots__ = ('x', 'x2')
    x2 = 5
# ----
class X(int, str): pass
# ----
class A: pass
class B(A): pass
class C(A, B): pass
# ----
class A(A): pass
# ----
from dataclasses import dataclass
@dataclass
class D:
    x: int = 1
    y: str
# ----
from dataclasses import dataclass
@dataclass
class D:
    x: list = []
# ----
from enum import Enum
class E(Enum):
    A = 1
    A = 2
# ----
from enum import Enum
class E(Enum): A = 1
class F(E): pass
# ----
from abc import ABC, abstractmethod
class A(ABC):
    @abstractmethod
    def m(self): ...
A()
# ----
from collections import namedtuple
P = namedtuple('P', 'x y')
P(1)
# ----
import functools
functools.reduce(lambda a, b: a + b, [])
# ----
x = 1
   y = 2
# ----
def f(:
    pass
# ----
return 5
# ----
def f():
    x = 1
    nonlocal x
# ----
for i in range(3):
    pass
break
# ----
def f(a, a): pass
# ----
f(a=1, a=2)
# ----
x = yield 1
# ----
async def f(): pass
await f()
# ----
(a + b) = 3
# ----
x = 'unterminated
# ----
def f():
    global g
    g = 1
    nonlocal h
# ----
from __future__ import braces
# ----
x = 1
from __future__ import annotations
# ----
class A:
    return 1
# ----
f(**k, *a)
# ----
del f()
# ----
1 = x
# ----
match 1:
    case x: pass
    case 2: pass
# ----
match 1:
    case a | b: pass
# ----
try: pass
except: pass
except ValueError: pass
# ----
lambda: (yield)
x = 5
y = (x := 3) + x
z = [i := 0 for i in range(3)]
# ----
def f(*, a=1, **k, b): pass
# ----
def f(a=1, b): pass
# ----
import a.b as c.d
# ----
continue
