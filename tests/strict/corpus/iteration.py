# Generators, coroutines by hand, iterators of all kinds, itertools to the corners, lazily made sequences.
# ----
def averager():
    total = count = 0
    average = None
    while True:
        got = yield average
        if got is None: return total, count
        total += got; count += 1; average = total / count
def delegate(out):
    while True:
        out.append((yield from averager()))
out = []
d = delegate(out)
next(d)
r = [d.send(x) for x in (10, 20, 60)], d.send(None), d.send(5), d.gi_yieldfrom is not None
d.close()
s = out, d.gi_frame
# ----
class Delegate:
    def __init__(self): self.log = []; self.n = 0
    def __iter__(self): return self
    def __next__(self): self.n += 1; self.log.append('next'); return self.n
    def send(self, v): self.log.append(('send', v)); return v * 2
    def throw(self, *e): self.log.append(('throw', repr(e[0]))); raise StopIteration('thrown')
    def close(self): self.log.append('close')
def g(d):
    got = yield from d
    yield ('result', got)
d = Delegate(); it = g(d)
r = next(it), it.send(5), it.throw(ValueError('v'))
it.close()
d2 = Delegate(); it2 = g(d2); next(it2); it2.close()
s = d.log, d2.log
class Minimal:
    def __iter__(self): return iter('ab')
it3 = g(Minimal())
t = next(it3)
try: it3.send('x')
except AttributeError as e: u = str(e)
# ----
def fibonacci():
    a, b = 0, 1
    while True:
        reset = yield a
        a, b = (0, 1) if reset else (b, a + b)
f = fibonacci()
r = [next(f) for _ in range(8)], f.send(True), next(f)
pipeline = (x * x for x in (y for y in range(20) if y % 3) if x % 2)
s = list(pipeline), list(pipeline)
def take(n, it): return [x for _, x in zip(range(n), it)]
it = iter(range(10))
t = take(3, it), take(2, it), next(it)
nested = (a + b for a in 'xy' for b in (c.upper() for c in 'pq') if b != a)
u = ' '.join(nested)
# ----
calls = []
def src(n):
    for i in range(n): calls.append(i); yield i
lazy = map(lambda x: x * 10, filter(lambda x: x % 2, src(6)))
r = next(lazy), list(calls), list(lazy), len(calls)
z = zip(src(2), src(3))
s = list(z)
any_ = any(x > 1 for x in src(100)); n = len(calls)
first = next((x for x in src(10) if x > 3), None)
m = max(src(3), key=lambda x: -x), min(src(3), default=9), sum(src(4), 100), sorted(src(3), reverse=True), dict(enumerate(src(2), 5)), set(src(2)) == {0, 1}, 2 in src(5), tuple(reversed([*src(3)]))
a, *b = src(4)
# ----
async def co(n): return n * 2
async def outer():
    total = 0
    for i in range(3): total += await co(i)
    return total
class Awaitable:
    def __await__(self): yield 'suspended'; return 'done'
async def waits(): return await Awaitable()
async def agen():
    for i in range(2): yield i
r = [type(x).__name__ for x in (co, agen, Awaitable)], co.__name__, outer.__code__.co_flags & 0x80 != 0
made = [co(1), outer(), waits()]
s = [type(c).__name__ for c in made], made[0].__name__, hasattr(made[0], 'send'), type(agen()).__name__
for c in made: c.close()
del made, c
class Async:
    async def __aenter__(self): return self
    async def __aexit__(self, *a): return None
    def __aiter__(self): return self
    async def __anext__(self): raise StopAsyncIteration
t = sorted(n for n in vars(Async) if n.startswith('__a'))
# ----
import types
@types.coroutine
def old_style(): yield 1; return 2
def plain_gen(): yield
r = type(old_style()).__name__, type(plain_gen()).__name__, plain_gen().gi_code.co_name, plain_gen.__code__.co_flags & 0x20 != 0
g = plain_gen()
s = g.gi_running, g.gi_suspended, next(g), g.gi_suspended, g.__qualname__
g.__name__ = 'renamed'
t = g.__name__
try: g.__name__ = 5
except TypeError as e: u = str(e)
# ----
import itertools as it
r = list(it.accumulate('abc')), list(it.accumulate([], initial=5)), list(it.accumulate([3, 1, 2], max)), list(it.accumulate([1, 2], func=lambda a, b: a - b)), list(it.chain()), list(it.chain('ab', range(2), {'k': 1})), list(it.islice('abcdefg', 2)), list(it.islice('abcdefg', 2, 4)), list(it.islice('abcdefg', 0, None, 3)), list(it.islice(it.count(1.5, .5), 3)), list(it.islice(it.count(), 2, 4)), next(it.count(-3, -2)), list(it.repeat(1, 0)), list(map(pow, range(3), it.repeat(2)))
s = list(it.combinations('abc', 0)), list(it.combinations('ab', 3)), list(it.permutations('abc', 3))[:3], list(it.combinations_with_replacement('abc', 2)), list(it.product()), list(it.product('ab', repeat=0)), list(it.product(range(2), 'x', [True])), list(it.zip_longest()), list(it.zip_longest('a', [], 'xyz')), list(it.starmap(lambda *a: sum(a), [(1, 2), (3,), ()])), list(it.batched('abcdefg', 3)), list(it.pairwise('a')), list(it.compress('abcd', [True, 0, 'x'])), list(it.filterfalse(lambda x: x > 2, range(5))), list(it.takewhile(bool, [1, 2, 0, 3])), list(it.dropwhile(bool, [1, 0, 2]))
errs = []
for f in (lambda: list(it.batched('abc', 2, strict=True)), lambda: it.islice('a', -1), lambda: it.islice('a', 1, 2, 0), lambda: it.combinations('a', -1), lambda: it.product(1), lambda: it.permutations('ab', -1), lambda: it.count('a'), lambda: it.chain.from_iterable(5), lambda: list(it.chain(5)), lambda: it.tee('a', -1)):
    try: f(); errs.append('fine')
    except Exception as e: errs.append((type(e).__name__, str(e)))
# ----
import itertools as it
groups = it.groupby([1, 1, 2, 2, 1], key=lambda x: x)
keys = []
for k, g in groups: keys.append((k, next(g)))
g1 = it.groupby('AaBb', str.lower)
k1, v1 = next(g1); k2, v2 = next(g1)
r = keys, k1, list(v1), k2, list(v2)
a, b, c = it.tee(iter('xyz'), 3)
s = next(a), next(a), next(b), list(c), list(a), list(b)
cyc = it.cycle([1, 2, 3])
t = [next(cyc) for _ in range(7)], list(it.islice(it.cycle('ab'), 3)), list(it.cycle([]))
rp = it.repeat('x', 3); next(rp)
u = list(rp), repr(it.repeat(5)), repr(it.repeat(5, 2)), repr(it.count(3)), repr(it.count(1, 2))
def unique(seq, key=None, seen=None):
    seen = set()
    for x in it.filterfalse(seen.__contains__, seq): seen.add(x); yield x
v = list(unique('abracadabra')), list(it.chain.from_iterable(it.repeat(tuple('ab'), 2))), dict(it.zip_longest('abc', [1], fillvalue=0)), sum(map(len, it.batched(range(10), 4)))
# ----
class Countdown:
    def __init__(self, n): self.n = n
    def __iter__(self): return self
    def __next__(self):
        if not self.n: raise StopIteration('end')
        self.n -= 1; return self.n
class OldStyle:
    def __init__(self, data): self.data = data
    def __getitem__(self, i): return self.data[i]
class Both(OldStyle):
    def __len__(self): return len(self.data)
    def __reversed__(self): return iter('reversed')
class NoneIter: __iter__ = None
class Keys:
    def keys(self): return 'ab'
    def __getitem__(self, k): return k.upper()
r = list(Countdown(3)), list(OldStyle('abc')), 'b' in OldStyle('ab'), list(reversed(Both('abc'))), [*iter(OldStyle([1, 2]))], list(zip(OldStyle('ab'), Countdown(5))), dict(Keys()), {**Keys()}, (lambda **k: k)(**Keys()), list(enumerate(Countdown(2))), max(Countdown(3)), ''.join(OldStyle('xyz')), list(iter(Countdown(5).__next__, 2)), tuple(map(str, Countdown(2)))
class LenOnly(OldStyle):
    def __len__(self): return 2
s = list(reversed(LenOnly([10, 20])))
errs = []
for f in (lambda: list(NoneIter()), lambda: reversed(OldStyle('a')), lambda: iter(5), lambda: iter(5, 5), lambda: next([]), lambda: reversed({1}), lambda: [*5], lambda: {**[]}, lambda: (lambda **k: k)(**{1: 2}), lambda: dict(a=1, **{'a': 2}), lambda: next(iter([])), lambda: list(zip([1], [1, 2], strict=True)), lambda: list(map(None, [1])), lambda: list(filter(5, [1])), lambda: sum(['a', 'b']), lambda: sum([b'a'], b''), lambda: list(map(5, [1]))):
    try: errs.append(f())
    except Exception as e: errs.append((type(e).__name__, str(e)))
# ----
r = range(10, 0, -3)
s = r, len(r), list(r), r[1], r[-1], r[1:], r[::-1], 7 in r, 8 in r, r.index(4), r.count(1), r == range(10, -1, -3), hash(r) == hash(range(10, 1, -3)), r.start, r.stop, r.step, list(reversed(r)), range(0) == range(5, 5), bool(range(0)), range(5) == [0, 1, 2, 3, 4], max(r), sum(r), 1.0 in range(3), 'a' in range(3), True in range(2), range(3)[True], range(10)[2:8:2], range(1, 10, 3)[:100]
errs = []
for f in (lambda: r[9], lambda: r.index(8), lambda: range(1, 2, 0), lambda: range('a'), lambda: range(), lambda: range(1.0), lambda: r['a'], lambda: range(3) + range(2), lambda: range(1) < range(2)):
    try: errs.append(f())
    except Exception as e: errs.append((type(e).__name__, str(e)))
# ----
l = [5, 3, 8]
it = iter(l)
next(it); l.append(9); l.insert(0, 0)
r = list(it), list(it), it.__length_hint__()
d = {'a': 1, 'b': 2}
k, v, i = d.keys(), d.values(), d.items()
d['c'] = 3
s = list(k), list(v), list(i), len(k), 'c' in k, ('a', 1) in i, k & {'a', 'z'}, k | {'z'} == {'a', 'b', 'c', 'z'}, k - {'a'} == {'b', 'c'}, k ^ {'a'} == {'b', 'c'}, k.isdisjoint('xyz'), k == {'a', 'b', 'c'}, i & {('a', 1)}, list(reversed(k)), list(reversed(d)), list(reversed(i)), k.mapping['a'], repr(k), repr(v), repr(i), {'a'} < k, k >= {'a'}
try:
    for x in d: del d['a']
except RuntimeError as e: t = str(e)
d2 = {1: 'x'}
for x in list(d2): d2[x + 1] = d2.pop(x)
st = {3, 1}
try:
    for x in st: st.discard(x); st.add(x * 10); st.add(x * 100)
except RuntimeError as e: u = str(e)
del st
q = [1, 2, 3, 4, 5, 6]
for x in q:
    if x % 2 == 0: q.remove(x)
# ----
import operator, functools
class Tree:
    def __init__(self, v, *kids): self.v, self.kids = v, kids
    def walk(self, depth=0):
        got = yield depth, self.v
        if got == 'skip': return 0
        n = 1
        for k in self.kids: n += (yield from k.walk(depth + 1))
        return n
t = Tree('a', Tree('b', Tree('c')), Tree('d', Tree('e'), Tree('f')))
r = list(t.walk())
w = t.walk(); out = [next(w)]
try:
    while True: out.append(w.send('skip' if out[-1][1] == 'b' else None))
except StopIteration as e: total = e.value
counts = functools.reduce(lambda acc, p: acc | {p[0]: acc.get(p[0], 0) + 1}, r, {})
def permutations(s):
    if not s: yield ''
    for i, c in enumerate(s):
        for rest in permutations(s[:i] + s[i + 1:]): yield c + rest
p = list(permutations('abc'))
def hanoi(n, a, b, c):
    if n: yield from hanoi(n - 1, a, c, b); yield a + c; yield from hanoi(n - 1, b, a, c)
h = list(hanoi(3, 'A', 'B', 'C'))
# ----
def primes():
    sieve = {}
    n = 2
    while True:
        if n not in sieve: yield n; sieve[n * n] = [n]
        else:
            for p in sieve.pop(n): sieve.setdefault(n + p, []).append(p)
        n += 1
import itertools
r = list(itertools.islice(primes(), 15))
def collatz(n):
    while n != 1: yield n; n = n // 2 if n % 2 == 0 else 3 * n + 1
s = max(collatz(27)), sum(1 for _ in collatz(97))
def rle(s): return ''.join(f'{len(list(g))}{k}' for k, g in itertools.groupby(s))
t = [x := '1'] + [x := rle(x) for _ in range(5)]
def queens(n, row=0, cols=()):
    if row == n: yield cols; return
    for c in range(n):
        if all(c != x and abs(c - x) != row - y for y, x in enumerate(cols)): yield from queens(n, row + 1, cols + (c,))
u = list(queens(4)), len(list(queens(5))), next(queens(6))
def life(cells):
    counts = {}
    for x, y in cells:
        for dx in (-1, 0, 1):
            for dy in (-1, 0, 1):
                if dx or dy: counts[x + dx, y + dy] = counts.get((x + dx, y + dy), 0) + 1
    return sorted(p for p, n in counts.items() if n == 3 or n == 2 and p in cells)
v = life([(1, 0), (1, 1), (1, 2)])
