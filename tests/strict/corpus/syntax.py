# Statements and expressions of the language.
# ----
a, *b, c = range(6)
[d, (e, *f)], g = [1, 'xyz'], 2
*h, = 'ab'
(i), j = 1, [2]
k = l = [0]
k.append(1)
# ----
x = 5
y = x if x > 3 else -x
z = 'a' if x < 3 else 'b' if x < 4 else 'c'
t = 1 < x < 10, 1 < x > 10, x == 5 != 4, not x == 5, (not x) is False
u = x and 0 or 'z', x or 1 / 0, 0 and 1 / 0, None or [] or 0, 1 and 2 and 3
# ----
total = 0
for i in range(10):
    if i == 2:
        continue
    if i == 7:
        break
    total += i
else:
    total = -1
for j in []:
    pass
else:
    done = 'empty'
n = 0
while n < 3:
    n += 1
else:
    finished = n
while True:
    n += 1
    if n > 6:
        break
# ----
if (n := 10) > 5:
    m = n
values = [y := 1, y ** 2, y + 1]
print_ = [last := v for v in (3, 4, 5)]
any_big = any((witness := v) > 3 for v in (1, 4, 9))
w = (p := 2) + (q := p * 2)
def f(x=(d := 7)): return x + d
r = f(), f(1)
# ----
pairs = [(i, j) for i in range(4) if i % 2 for j in range(i) if j != 1]
squares = {n: n * n for n in range(4)}
letters = sorted({c for c in 'hello' if c not in 'l'})
nested = [[r * c for c in range(3)] for r in range(3)]
flat = [x for row in nested for x in row if x]
gen = list(x for x in (y + 1 for y in range(3)))
i = 'kept'
[i for i in range(3)]
still = i
sorted_letters = sorted(letters)
# ----
class C:
    xs = [1, 2, 3]
    ys = [x * 2 for x in xs]
    n = 10
    try:
        zs = [n for _ in range(2)]
    except NameError as e:
        zs = str(e)
r = C.ys, C.zs
# ----
def outer():
    x = 1
    def inner():
        nonlocal x
        x += 1
        return x
    def reader(): return x
    return inner, reader
inc, get = outer()
r = inc(), inc(), get(), inc.__closure__[0].cell_contents, get.__code__.co_freevars
counter = 0
def bump():
    global counter, made
    counter += 1
    made = 'here'
bump(); bump()
# ----
fs = [lambda: i for i in range(3)]
gs = [lambda i=i: i for i in range(3)]
r = [f() for f in fs], [g() for g in gs]
adders = {n: (lambda m: lambda x: x + m)(n) for n in (1, 2)}
s = adders[1](10), adders[2](10)
fact = (lambda f: lambda n: f(f, n))(lambda f, n: 1 if n < 2 else n * f(f, n - 1))(10)
# ----
xs = list(range(10))
a = xs[2:5], xs[::-1], xs[-3:], xs[:-7], xs[1:8:3], xs[8:1:-3], xs[100:], xs[-100:2]
xs[2:4] = 'abc'
del xs[::2]
b = list(xs)
xs[:] = []
c = xs
d = 'python'[1:4], 'python'[::-2], (1, 2, 3)[1:], b'abc'[1], b'abc'[:2]
# ----
d = {'a': 1, **{'b': 2, 'a': 3}, 'c': 4}
l = [*range(2), *'ab', *{'k': 1}]
t = *l, 9
s = sorted({*l, *t}, key=str)
n = len(s)
def f(*a, **k): return a, sorted(k.items())
r = f(*[1, 2], 3, *'x', a=1, **{'b': 2}, **dict(c=3))
# ----
def f(a, b=2, /, c=3, *args, d, e=5, **kw): return a, b, c, args, d, e, kw
r = f(1, d=4), f(1, 20, 30, 40, 50, d=0, z=1), f(1, d=2, b='kw')
errs = []
for call in (lambda: f(), lambda: f(1), lambda: f(1, d=1, d2=2, c=3, **{'d': 5}), lambda: f(*range(3), c=1, d=0)):
    try: errs.append(call())
    except TypeError as e: errs.append(str(e))
# ----
def f(a, /, b, *, c): pass
def g(): pass
def h(x, y=1): pass
errs = []
for call in (lambda: f(1), lambda: f(1, 2), lambda: f(1, 2, 3, c=1), lambda: f(a=1, b=2, c=3), lambda: g(1), lambda: g(x=1), lambda: h(), lambda: h(1, 2, 3), lambda: h(1, x=2), lambda: h(y=1)):
    try: call()
    except TypeError as e: errs.append(str(e))
# ----
log = []
def f():
    try:
        log.append('try')
        return 'returned'
    finally:
        log.append('finally')
def g():
    for i in range(3):
        try:
            if i == 1: continue
            if i == 2: break
            log.append(i)
        finally:
            log.append(('f', i))
    return 'end'
r = f(), g()
# ----
class CM:
    def __init__(self, name, swallow=False): self.name, self.swallow = name, swallow
    def __enter__(self): log.append('enter ' + self.name); return self
    def __exit__(self, t, v, tb): log.append(('exit', self.name, t and t.__name__, str(v) if v else None)); return self.swallow
log = []
with CM('a') as a, CM('b', True) as b:
    log.append((a.name, b.name))
    raise ValueError('boom')
with (CM('c'), CM('d') as d,):
    pass
def f():
    with CM('e'):
        return 1
r = f()
for i in range(2):
    with CM(str(i)):
        continue
# ----
log = []
def deco(tag):
    log.append('make ' + tag)
    def wrap(f):
        log.append('wrap ' + tag)
        def inner(*a): return tag + f(*a)
        inner.__name__ = f.__name__
        return inner
    return wrap
@deco('a')
@deco('b')
def f(x): return x
@(lambda c: c.__name__)
class K: pass
decos = [deco('z')]
@decos[0]
def g(x): return x
r = f('x'), f.__name__, K, g('y')
# ----
x = 10
del x
try: x
except NameError as e: err = str(e)
d = {'a': [1, 2, 3], 'b': 2}
del d['a'][0], d['b']
class O: a = 1
o = O(); o.b = 2
del o.b
try: del o.b
except AttributeError as e: err2 = str(e)
try: del d['zz']
except KeyError as e: err3 = str(e)
# ----
try:
    assert 1 == 2, 'not ' + 'equal'
except AssertionError as e:
    a = e.args
try:
    assert []
except AssertionError as e:
    b = e.args
assert True, 1 / 0
# ----
name, n, f = 'world', 42, 3.14159
a = f'hello {name}', f'{n:05d}|{n:>6}|{n:<6}|{n:^6}|{n:+}|{n:#x}|{n:b}', f'{f:.2f} {f:e} {f:10.3f}'
b = f'{name!r} {name!s} {"é"!a}', f'{n = } {n+1=}', f'{"nested " + f"{n}"}', f'{{literal}} {n}'
w = 8
c = f'{name:{w}}|{name:>{w}}|{name:*^{w}}', f'{f:{w}.{2}}', f"{'a' if n else 'b'}", f'{[x for x in range(3)]}'
d = f'''multi
{n}
line''', rf'\d{n}', f'{n:,}', f'{1234567.891:,.1f}', f'{0.25:%}', f'{1e10:g}'
e = f'{name.upper()[:2]!r:>10}', f'{(lambda: 1)()}'
# ----
a = 'x' 'y' "z", b'a' b'b', r'\n', '\x41\u0042\N{LATIN SMALL LETTER E WITH ACUTE}\t\\', 'a\
b'
b = 1_000_000, 0xff, 0o17, 0b1010, 1e3, .5, 5., 1_0.0_1, 3j, 0xDEAD_BEEF
c = True + True, None is None, ..., ... is Ellipsis
# ----
def f():
    """doc"""
    return f.__doc__
class C:
    'class doc'
    def m(self): 'method doc'
r = f(), C.__doc__, C.m.__doc__, (lambda: 0).__name__, f.__qualname__, C.m.__qualname__, C.m.__module__ == __name__
# ----
def gen():
    x = yield 1
    y = yield x
    return x, y
g = gen()
log = [next(g), g.send('a')]
try: g.send('b')
except StopIteration as e: log.append(e.value)
def delegating():
    r = yield from gen()
    yield r
d = delegating()
log2 = [next(d), d.send(1), d.send(2)]
# ----
i = 0
def at(): 
    global i
    i += 1
    return i
order = [at(), at()]
d = {at(): at(), at(): at()}
def f(a, b=at(), *, c=at()): return a, b, c
r = f(at(), c=at())
x = [0] * 20
x[at()] = at()
x[at()] += at()
# ----
a = [1, 2, 3]
b = a
b += [4]
c = (1,)
e = c
e += (2,)
s = {1}; s |= {2}; s &= {2, 3}; s ^= {5}; s -= {5}
n = 10; n -= 3; n *= 2; n //= 4; n **= 3; n %= 7; n <<= 4; n >>= 1; n |= 1; n &= 0xff; n ^= 2
t = ([],)
try: t[0] += [1]
except TypeError as err: msg = str(err)
f = 7.0; f /= 2
# ----
x = 1
def shadow():
    try: return x
    except UnboundLocalError as e: return str(e)
    x = 2
a = shadow()
def shadow2():
    try: y
    except NameError as e: return str(e)
b = shadow2()
def free():
    def inner(): return later
    try: inner()
    except NameError as e: return str(e)
    later = 1
c = free()
# ----
type Pair = tuple[int, int]
type Nested[T] = list[Nested[T] | T]
a = Pair.__name__, Pair.__value__, Nested.__name__, Nested.__type_params__[0].__name__
def first[T](xs: list[T]) -> T: return xs[0]
class Box[T: int, *Ts, **P]:
    def get(self) -> T: ...
b = first.__type_params__[0].__name__, [p.__name__ for p in Box.__type_params__], first([3])
c = Box.__type_params__[0].__bound__, Box.__parameters__ == Box.__type_params__
# ----
class A:
    x: int = 1
    y: 'str'
    def f(self, a: int, *b: float, c: str = '', **d: bytes) -> bool: ...
r = A.__annotations__, {k: v for k, v in A.f.__annotations__.items()}
module_level: list[int] = []
s = __annotations__
# ----
class Later:
    def f(self, other: Later) -> Undefined: ...
    g: AlsoUndefined
try: Later.f.__annotations__
except NameError as e: a = str(e)
try: Later.__annotations__
except NameError as e: b = str(e)
Undefined = 1; AlsoUndefined = int
c = Later.f.__annotations__['other'] is Later, Later.__annotations__
# ----
def f(n):
    match n:
        case 0: return 'zero'
        case 1 | 2: return 'small'
        case int(x) if x < 0: return 'negative'
        case int(): return 'int'
        case 'a' | "b" as s: return s * 2
        case [x]: return ('one', x)
        case [x, y, *rest]: return ('many', x, y, rest)
        case {'k': v, **others}: return (v, others)
        case None: return 'none'
        case _: return 'other'
r = [f(x) for x in (0, 2, -5, 99, 'a', 'z', [1], (1, 2, 3, 4), {'k': 1, 'm': 2}, {}, None, 1.5)]
# ----
async def coro(): return 1
async def agen(): yield 1
c = coro()
a = type(c).__name__, type(agen()).__name__, coro.__name__
c.close()
# ----
x = [1, 2, 3]
r = []
for i, x[i % 2] in enumerate('abcd'): r.append(list(x))
for (a, b), *c in [((1, 2), 3, 4), ((5, 6),)]: r.append((a, b, c))
class T: pass
t = T()
for t.v in range(3): pass
last = t.v
# ----
a = 1; b = 2; a, b = b, a
c = [1, 2]; c[0], c[1] = c[1], c[0]
(d, e), f = (1, 2), 3
x = y, = [5]
try: a, b = 1, 2, 3
except ValueError as err: e1 = str(err)
try: a, b, *c = 1,
except ValueError as err: e2 = str(err)
try: a, b = 5
except TypeError as err: e3 = str(err)
try: a, b = 'x'
except ValueError as err: e4 = str(err)
# ----
def f(): pass
r = f(), print.__name__, (lambda *a, k=1, **kw: (a, k, kw))(1, 2, k=3, z=4)
global_x = 1
def g():
    return 'global_x' in globals(), 'local_y' in locals()
s = g()
def h():
    a, b = 1, 2
    return sorted(locals())
t = h()
exec('made = 1 + 1')
u = eval('made * 2'), eval('a + b', {'a': 1, 'b': 2})
ns = {}
exec('def f(x): return x * 2\ny = f(4)', ns)
v = ns['y']; del ns
code = compile('p = 1\nq = p + 1', '<s>', 'exec')
exec(code)
# ----
x = 3
result = []
if x == 1: result.append(1)
elif x == 2: result.append(2)
elif x == 3:
    result.append(3)
    if x > 2:
        result.append('big')
    else:
        result.append('never')
else: result.append(4)
while x:
    x -= 1
    if x == 1: continue
    for y in range(x):
        if y: break
        result.append((x, y))
    else:
        result.append(('else', x))
# ----
class A: pass
class B(A): pass
r = isinstance(B(), A), issubclass(B, A), isinstance(1, (str, int)), isinstance(True, int), issubclass(bool, (str, int)), isinstance([], list | None), isinstance(None, int | None)
s = type(1) is int, type(B()) is B, type(type), callable(A), callable(1), hash('a') == hash('a')
try: isinstance(1, 'int')
except TypeError as e: err = str(e)
try: issubclass(1, int)
except TypeError as e: err2 = str(e)
# ----
lines = """
a = 1
b = a + 2
""".strip().splitlines()
ns = {}
for line in lines: exec(line, ns)
r = ns['a'], ns['b']; del ns
try: exec('x = (')
except SyntaxError as e: kind = type(e).__name__
try: eval('1 +')
except SyntaxError as e: kind2 = type(e).__name__
try: eval('nope')
except NameError as e: kind3 = str(e)
