# Generators, iteration, context managers.
# ----
def count(n):
    i = 0
    while i < n:
        got = yield i
        i = got if got is not None else i + 1
g = count(5)
r = next(g), g.send(3), next(g), list(g)
# ----
def g():
    try: yield 1
    except ValueError as e: yield 'caught ' + str(e)
    finally: log.append('closed')
log = []
a = g(); next(a); x = a.throw(ValueError('v')); a.close()
b = g(); next(b); b.close(); b.close()
# ----
def inner():
    x = yield 'i1'
    log.append(x)
    return 'inner result'
def outer():
    r = yield from inner()
    log.append(r)
    yield from 'ab'
    yield from [1, 2]
log = []
g = outer()
r = next(g), g.send('sent'), list(g)
# ----
def tree(n): 
    if n: yield from tree(n - 1); yield n; yield from tree(n - 1)
r = list(tree(3)), sum(tree(5)), [x for x in tree(2) if x > 1]
def chain(*its):
    for it in its: yield from it
s = list(chain('ab', [1], (x for x in range(2))))
# ----
g = (x * y for x in range(3) for y in range(x))
r = next(g), list(g), list(g)
e = (x for x in [1, 2])
s = sum(e), sum(e), type(e).__name__, iter(e) is e
# ----
def g():
    yield
    return 5
it = g(); next(it)
try: next(it)
except StopIteration as e: r = e.value, e.args
try: next(it)
except StopIteration as e: s = e.value
def bad(): raise StopIteration('x'); yield
try: list(bad())
except RuntimeError as e: t = str(e), type(e.__cause__).__name__
# ----
class Count:
    def __init__(self, n): self.n = n
    def __iter__(self): return self
    def __next__(self):
        if self.n <= 0: raise StopIteration
        self.n -= 1
        return self.n
class Seq:
    def __getitem__(self, i):
        if i > 3: raise IndexError
        return i * 10
r = list(Count(3)), list(Seq()), 20 in Seq(), [*Count(2)], dict(zip('ab', Count(2))), max(Count(4)), sorted(Seq(), reverse=True), tuple(enumerate(Seq(), 1)), list(reversed([1, 2])), list(zip(Count(2), 'abc', strict=False))
a, *b = Seq()
try: list(zip([1], [1, 2], strict=True))
except ValueError as e: err = str(e)
# ----
r = list(map(lambda a, b: a + b, [1, 2], [10, 20, 30])), list(filter(None, [0, 1, '', 'a'])), list(iter(iter([1, 2, 3]).__next__, 3)), next(iter([]), 'default'), list(enumerate('ab', start=5)), list(zip()), list(zip([1], [2], [3])), [*map(str, range(3))], list(reversed(range(5))), list(range(10, 0, -3))
it = iter([1, 2, 3])
s = list(zip(it, it)), next(it, None), any(x > 2 for x in it)
# ----
def g():
    log.append('start'); x = yield 1; log.append(x)
log = []
a = g()
try: a.send(5)
except TypeError as e: err = str(e)
next(a)
try: a.send('v')
except StopIteration: log.append('stop')
def reent():
    yield next(me)
me = reent()
try: next(me)
except ValueError as e: err2 = str(e)
# ----
class D(dict):
    def __missing__(self, k): self[k] = len(self); return self[k]
d = D(); r = d['a'], d['b'], d['a'], dict(d), d.get('zz')
class R:
    def __reversed__(self): return iter('rev')
    def __length_hint__(self): return 3
    def __contains__(self, x): return x == 'yes'
s = list(reversed(R())), 'yes' in R(), 'no' in R()
# ----
from contextlib import contextmanager
@contextmanager
def m(x):
    log.append('in')
    try: yield x
    except KeyError: log.append('key'); raise ValueError from None
    else: log.append('ok')
    finally: log.append('out')
log = []
with m(1) as a, m(2) as b: log.append(a + b)
try:
    with m(3): raise KeyError
except ValueError: log.append('value')
@m('deco')
def f(): return 'called'
r = f()
# ----
class M:
    def __enter__(self): return self
    def __exit__(self, t, v, tb):
        log.append(t.__name__ if t else None)
        return t is KeyError
log = []
def f():
    for i in range(4):
        with M():
            if i == 0: continue
            if i == 1: raise KeyError
            if i == 2: break
    with M(): return 'ret'
r = f()
try:
    with M(): raise IndexError
except IndexError: log.append('passed')
class NoExit:
    def __enter__(self): pass
try:
    with NoExit(): pass
except TypeError as e: err = str(e)
# ----
def fib():
    a, b = 0, 1
    while True: yield a; a, b = b, a + b
import itertools
r = list(itertools.islice(fib(), 10)), next(x for x in fib() if x > 50), list(itertools.takewhile(lambda x: x < 30, fib()))
def primes():
    seen = []
    for n in itertools.count(2):
        if all(n % p for p in seen): seen.append(n); yield n
s = [p for p, _ in zip(primes(), range(8))]
# ----
def flatten(x):
    for i in x:
        if isinstance(i, (list, tuple)): yield from flatten(i)
        else: yield i
def window(it, n):
    buf = []
    for x in it:
        buf.append(x)
        if len(buf) == n: yield tuple(buf); buf.pop(0)
r = list(flatten([1, [2, (3, [4])], 5])), list(window('abcd', 2))
g = flatten([1, 2]); s = g.gi_running, g.__name__, g.gi_code.co_name
# ----
class Node:
    def __init__(self, v, l=None, r=None): self.v, self.l, self.r = v, l, r
    def __iter__(self):
        if self.l: yield from self.l
        yield self.v
        if self.r: yield from self.r
t = Node(4, Node(2, Node(1), Node(3)), Node(6))
r = list(t), sum(t), 3 in t, sorted(t, reverse=True), {k: k * k for k in t}, ','.join(map(str, t))
# ----
x = [1, 2, 3, 4]
for i in x:
    if i % 2: x.remove(i)
d = {1: 1}
try:
    for k in d: d[k + 1] = 1
except RuntimeError as e: err = str(e)
s = {1, 2}
try:
    for k in s: s.add(k + 10)
except RuntimeError as e: err2 = str(e)
