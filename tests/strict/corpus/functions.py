# Functions, closures, generators, context managers, exceptions; programs that end in an exception.
# ----
def f(a, b=2, *c, d, e=5, **g): return a, b, c, d, e, g
x = f(1, d=4)
y = f(1, 2, 3, 4, d=5, z=6)
z = f(*[1, 2], **{'d': 3})
# ----
def f(a, /, b, *, c): return a, b, c
x = f(1, 2, c=3); y = f(1, b=2, c=3)
try: f(a=1, b=2, c=3)
except TypeError as e: err = str(e)
# ----
def f(a, b): pass
errs = []
for args in [(), (1,), (1, 2, 3)]:
    try: f(*args)
    except TypeError as e: errs.append(str(e))
try: f(1, 2, c=3)
except TypeError as e: errs.append(str(e))
try: f(1, a=1)
except TypeError as e: errs.append(str(e))
# ----
def outer():
    n = 0
    def inc(by=1):
        nonlocal n
        n += by
        return n
    return inc
c = outer(); x = [c(), c(5), c()]
# ----
def make(n):
    return [lambda m=m: m * n for m in range(3)]
x = [f() for f in make(10)]
fs = [lambda: i for i in range(3)]
y = [f() for f in fs]
# ----
def deco(f):
    def w(*a): return ('w', f(*a))
    w.__name__ = f.__name__
    return w
@deco
def g(x): return x + 1
x = g(2); n = g.__name__
# ----
def rec(n): return 1 if n == 0 else n * rec(n - 1)
x = rec(20)
def fib(n):
    a, b = 0, 1
    for _ in range(n): a, b = b, a + b
    return a
y = [fib(i) for i in range(15)]
# ----
def f():
    try:
        return 1
    finally:
        log.append('fin')
log = []; x = f()
def g():
    for i in range(3):
        try:
            if i == 1: continue
            if i == 2: break
        finally:
            log.append(i)
    return 'end'
y = g()
def h():
    while True:
        try:
            return 'a'
        finally:
            break
    return 'b'
# ----
def f(x):
    '''doc of f
       more'''
    return x
d = f.__doc__; n = f.__name__; q = f.__qualname__; a = f.__code__.co_argcount; v = f.__code__.co_varnames
f.attr = 3; at = f.attr; dd = f.__dict__; de = f.__defaults__
# ----
x = (lambda *a, **k: (a, k))(1, 2, z=3)
f = lambda a, b=2: a + b
y = f(1), f(1, 1)
# ----
def f(a: int, b: 'str' = 'x') -> bool: ...
x = f.__annotations__
# ----
g = 1
def f():
    global g, h
    g += 1
    h = g * 2
f(); f()
# ----
def f():
    x = 1
    del x
    try: x
    except UnboundLocalError as e: return str(e)
r = f()
try: undefined_name
except NameError as e: n = str(e)
# ----
import functools
@functools.wraps(len)
def f(x): return 1
n = f.__name__
p = functools.partial(int, base=2); x = p('101')
r = functools.reduce(lambda a, b: a * b, [1, 2, 3, 4])
@functools.lru_cache(maxsize=None)
def sq(v): return v * v
y = [sq(3), sq(3)]
# ----
def gen():
    a = yield 1
    b = yield a
    return b
it = gen(); x = [next(it), it.send('A')]
try: it.send('B')
except StopIteration as e: v = e.value
# ----
def inner():
    r = yield 'i'
    return r * 2
def outer():
    v = yield from inner()
    yield ('got', v)
    yield from [7, 8]
o = outer(); x = [next(o), o.send(21)] + list(o)
# ----
log = []
def g():
    try:
        yield 1
        yield 2
    except ValueError as e:
        log.append(str(e)); yield 'caught'
    finally:
        log.append('fin')
a = g(); x = [next(a), a.throw(ValueError('boom'))]
a.close()
b = g(); next(b); b.close()
c = g(); y = list(c)
# ----
def countdown(n):
    while n:
        yield n
        n -= 1
x = list(countdown(3)); s = sum(countdown(4)); m = max(countdown(5))
y = [a + b for a, b in zip(countdown(2), countdown(2))]
z = dict(enumerate(countdown(2)))
# ----
class It:
    def __init__(self, n): self.n = n
    def __iter__(self): return self
    def __next__(self):
        if self.n == 0: raise StopIteration
        self.n -= 1
        return self.n
x = list(It(3)); a, b = It(2); c = 1 in It(3)
# ----
x = []
class CM:
    def __init__(self, n, swallow=False): self.n, self.s = n, swallow
    def __enter__(self): x.append(('in', self.n)); return self.n
    def __exit__(self, t, v, tb): x.append(('out', self.n, t and t.__name__)); return self.s
with CM(1) as a, CM(2, True) as b:
    x.append((a, b)); raise KeyError('k')
try:
    with CM(3): raise ValueError
except ValueError: x.append('escaped')
def f():
    with CM(4): return 'r'
y = f()
for i in range(2):
    with CM(i):
        if i == 0: continue
        break
# ----
x = []
try:
    try: raise ValueError('a')
    except ValueError as e: raise KeyError('b') from e
except KeyError as e:
    x = [str(e), str(e.__cause__), e.__suppress_context__]
try:
    try: 1 / 0
    except ZeroDivisionError: raise TypeError('t')
except TypeError as e:
    y = type(e.__context__).__name__
# ----
x = []
for exc in (ValueError('v'), KeyError('k'), IndexError, Exception('a', 1)):
    try: raise exc
    except KeyError as e: x.append(('key', str(e), e.args))
    except (ValueError, IndexError) as e: x.append(('vi', str(e)))
    except Exception as e: x.append(repr(e))
    else: x.append('no')
    finally: x.append('f')
try: pass
except: pass
else: x.append('else')
# ----
class MyError(ValueError):
    def __init__(self, code, msg):
        super().__init__(msg); self.code = code
    def __str__(self): return f'{self.code}: {self.args[0]}'
try: raise MyError(3, 'bad')
except ValueError as e: x = (str(e), e.code, repr(e), type(e).__mro__[1].__name__)
# ----
x = []
try:
    raise ExceptionGroup('g', [ValueError(1), TypeError(2), ExceptionGroup('h', [ValueError(3)])])
except* ValueError as eg: x.append([repr(e) for e in eg.exceptions])
except* TypeError as eg: x.append(repr(eg.exceptions))
# ----
try:
    try: raise ExceptionGroup('g', [OSError(1), KeyError(2)])
    except* KeyError: pass
except ExceptionGroup as e: x = repr(e.exceptions)
# ----
x = []
def f():
    try: raise ValueError
    except ValueError:
        try: raise KeyError
        except KeyError: x.append('inner')
        raise
try: f()
except ValueError: x.append('outer')
# ----
assert 1 + 1 == 2
try: assert False, 'msg'
except AssertionError as e: x = str(e)
# ----
errs = []
for src in ['1 + "a"', '[][1]', '{}["k"]', 'None.x', 'int("z")', '(1)()', 'len(5)', '"a" < 1', '[1] + (2,)', '{[]: 1}', 'next(iter([]))', 'x.y.z', '-"a"', 'a = b = nope', '"abc".nope', 'range(1, 2, 0)', '[1, 2, 3].index(9)', 'a, b = 1, 2, 3', 'a, b = [1]', 'for q in 5: pass', 'del nope', 'object().x', '(1, 2)[5]', '"abc"[9]', 'float("x")', 'raise ValueError("v")', 'raise 5', 'open', 'super()', '"%d" % "a"', '"{}".format()', 'isinstance(1, 1)', 'class A(int, str): pass', 'class B(1): pass', '5 in 5', 'abs("a")', 'max([])', 'chr(-1)', 'sorted([1, "a"])', '[].pop()', '{}.popitem()', 'set().pop()', '[].remove(1)', '"a".index("z")', 'dict([1])', 'import nope_module', 'from os import nope_name', 'type("X", (), {})().z']:
    try: exec(src, {})
    except Exception as e: errs.append((src, type(e).__name__))
    else: errs.append((src, 'ok'))
# ----
x = 1
y = 2
1/0
# ----
def f():
    raise ValueError('a')

f()
# ----
x = [1]

x[5]
# ----
class A:
    x = 1
    y = z
# ----
for i in range(3):
    if i == 2:
        raise KeyError(i)
# ----
import does_not_exist
# ----
from collections import nothing_here
# ----
x = None
x.foo
# ----
with 5: pass
# ----
def f(a): pass


f()
# ----
d = {}
d['a']['b']
# ----
assert 0, 'no'
# ----
x = int('q')
# ----
a, b = 1
# ----
raise SystemExit(3)
# ----
class A(A): pass
# ----
[i for i in 5]
# ----
lambda: 0
(lambda: 1/0)()
# ----
@undefined
def f(): pass
# ----
try:
    1/0
finally:
    x = 1
# ----
{}.x
# ----
x: int = y
# ----
def g():
    yield 1/0
list(g())
# ----
class M(type):
    def __new__(m, *a): raise RuntimeError('m')

class C(metaclass=M): pass
# ----
match 1:
    case 1:
        raise LookupError('x')
# ----
import sys
sys.exit('bye')
# ----
x = 5
x()
# ----
print.nope
# ----
del q
# ----
global_ = 1
global_.y = 2
# ----
(1).real = 2
# ----
int.x = 1
# ----
'abc'[0] = 'x'
# ----
()[0]
