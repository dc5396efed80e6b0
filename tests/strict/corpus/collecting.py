# Containers in depth: lists, dicts, sets, sorting, slices, copies, the collections module.
# ----
l = list(range(10))
l[2:5] = ['x']; l[8:] = [7, 7, 7]; l[:0] = 'ab'; l[::3] = [0] * len(l[::3]); del l[1::4]; l[3:3] = (None,); l[-1:] = []
r = l, l[5:1:-2], l[-3::-1], l[100:], l[:-100], l[::-1][:2], l[slice(None, None, 2)]
m = [1, 2, 3]; m[1:1] = m; m += m[:1]; m *= 2; m[0], m[1] = m[1], m[0]
n = [[0] * 2] * 2; n[0][0] = 1; n2 = [[0] * 2 for _ in range(2)]; n2[0][0] = 1
errs = []
for f in (lambda: l.__setitem__(slice(0, 4, 2), [1]), lambda: l.__setitem__(99, 1), lambda: l.__delitem__(99), lambda: l['a'], lambda: l.insert('a', 1), lambda: l.pop(99), lambda: l.index('zz'), lambda: l.index(0, 50), lambda: [] + 'a', lambda: [1] * 1.5, lambda: l.extend(5), lambda: l[1, 2], lambda: l[::0]):
    try: errs.append(f())
    except Exception as e: errs.append((type(e).__name__, str(e)))
# ----
people = [('bob', 30), ('Al', 25), ('cy', 30), ('di', 25), ('Ed', 30)]
by = lambda key, **k: [p[0] for p in sorted(people, key=key, **k)]
r = by(lambda p: p[1]), by(lambda p: p[1], reverse=True), by(lambda p: (-p[1], p[0].lower())), by(lambda p: p[0]), by(lambda p: p[0].casefold(), reverse=True), sorted([3, 1, 2]), sorted('hello'), sorted({'b': 1, 'a': 2}), sorted([(1, 'b'), (1, 'a')]), sorted([[2], [1, 5], [1]]), sorted([True, 0, 2.5, -1]), sorted([1, 1.0, True], key=lambda x: 0), sorted(['b', 'a'], key=str.upper), sorted(range(5), key=lambda x: x % 3)
class K:
    made = 0
    def __init__(self, v): self.v = v; K.made += 1
    def __lt__(self, o): return self.v < o.v
s = [x for x in sorted([5, 3, 9], key=K)], K.made
class OnlyGt:
    def __init__(self, v): self.v = v
    def __gt__(self, o): return self.v > o.v
    def __repr__(self): return f'G{self.v}'
t = sorted([OnlyGt(2), OnlyGt(1)]), min(OnlyGt(2), OnlyGt(1)), max([OnlyGt(2), OnlyGt(1)])
q = [3, 1, 2]; q.sort(); q2 = q.sort(reverse=True), q
def failing(x):
    if x == 2: raise ValueError('key')
    return x
f = [3, 2, 1]
try: f.sort(key=failing)
except ValueError: u = f
try: sorted([1, None])
except TypeError as e: v = str(e)
# ----
d = {'a': 1, 'b': 2}
d |= [('c', 3)]; d.update({'d': 4}, e=5); d.update([('f', 6)]); d.setdefault('g'); d.setdefault('a', 99)
r = d, d.pop('f'), d.pop('zz', 'default'), d.popitem(), list(d), d | {'a': 0}, {'z': 0} | d, dict(d, h=8), d.get('nope'), d.get('nope', 1), d.copy() is d, d == dict(reversed(d.items())), list(d.items())[0], 'a' in d, {**d, 'a': 'over'}, dict(zip('xy', [1, 2])), dict([['k', 'v']]), dict.fromkeys([1, 2]), dict.fromkeys('aba', 0), {k: v for v, k in enumerate('abc')}, {1: 'int', 1.0: 'float', True: 'bool'}, {(): 1, (1,): 2}, len(d), bool({}), d != {}, dict(**{'a': 1}), min(d), max(d, key=d.get), sorted(d, key=d.__getitem__, reverse=True)
errs = []
for f in (lambda: {}['x'], lambda: {}.pop('x'), lambda: {}.popitem(), lambda: {[]: 1}, lambda: {{}: 1}, lambda: dict(['abc']), lambda: {} | [], lambda: {} < {}, lambda: d.update(5), lambda: dict.fromkeys(5), lambda: {}.__delitem__('q'), lambda: {1: 2}[(1, [])], lambda: {} + {}):
    try: errs.append(f())
    except Exception as e: errs.append((type(e).__name__, str(e)))
d.clear(); d['new'] = 1; del d['new']
# ----
a, b = {1, 2, 3}, {3, 4}
r = a | b, a & b, a - b, a ^ b, a.union([9], 'x') == {1, 2, 3, 9, 'x'}, a.intersection([1], [1, 2]), a.difference([1], [2]), a.symmetric_difference([1, 8]) == {2, 3, 8}, a <= {1, 2, 3}, a < {1, 2, 3}, a > set(), a.issubset(range(5)), a.issuperset([1]), a.isdisjoint(b), frozenset('ab') | {'c'} == set('abc'), type(frozenset() | set()).__name__, type(set() | frozenset()).__name__, {1} == frozenset([1]), hash(frozenset([1, 2])) == hash(frozenset([2, 1])), len({1, 1.0, True}), {frozenset([1]): 'k'}[frozenset([1])], {1, 2} != {1}, set('aab') == {'a', 'b'}, 1 in a, set() or 'empty', {*'ab', *'bc'} == set('abc'), {frozenset({1})} == {frozenset({1})}, {1} in [{1}]
c = {5}; c.add(6); c.discard(99); c.update([7], (8,)); c -= {5}; c &= {6, 7}; c ^= {7, 9}; c |= {1}; c.intersection_update([6, 1, 9]); c.difference_update([9]); c.symmetric_difference_update({2})
s = sorted(c), c.copy() == c, c == {1, 2, 6}, len(c)
c = sorted(c)
errs = []
for f in (lambda: {1}.remove(2), lambda: set().pop(), lambda: {[]}, lambda: {1} | [2], lambda: {1} + {2}, lambda: set(5), lambda: {1} < [1], lambda: frozenset().add(1), lambda: {1}[0], lambda: hash({1}), lambda: {1}.union(5), lambda: {{1}}, lambda: {1} <= 5):
    try: errs.append(f())
    except Exception as e: errs.append((type(e).__name__, str(e)))
# ----
t = (1, 2, 3)
r = t + (4,), t * 2, t[::-1], t.index(3), t.count(1), t < (1, 2, 4), t == (1.0, 2, 3), (1, 'a') < (1, 'b'), () < (0,), hash(t) == hash((1, 2, 3)), t[1:][0], 2 in t, len(()), tuple('ab'), tuple({1: 2}), (t,)[0] is t, t[:] is t, tuple(t) is t, max(t, (9,)), (*t, 4), sum(t), t.__class__, not (), (1,) != 1, (lambda: (yield_,))() if False else 'skip'
a = b, c = (1, 2)
x, *y, z = t + (4,)
(p, q), [s, *u] = (1, 2), 'xyz'
i, j = j, i = 1, 2
*w, = ()
errs = []
for f in (lambda: t[9], lambda: t['a'], lambda: t.__setitem__, lambda: t + [1], lambda: t.index(99), lambda: (1, 2) < (1, 'a'), lambda: t * t, lambda: hash(([],)), lambda: t.append):
    try: errs.append(f())
    except Exception as e: errs.append((type(e).__name__, str(e)))
# ----
from collections import deque
d = deque('abcdef', maxlen=4)
d.rotate(-1); d.appendleft('z'); d.extendleft('12'); d[0] = 'first'; del d[1]; d.insert(1, 'ins')
r = d, d.maxlen, d.index('ins'), d.count('z'), d[-1], list(reversed(d)), d.copy() == d, 'ins' in d, d + deque('x'), deque([1]) * 3, deque([1, 2]) < deque([1, 3]), len(d), bool(deque()), deque([1, 2, 3])[1], list(deque(range(5), 3)), deque(maxlen=0), repr(deque([deque()])), deque('ab') == ['a', 'b'], type(d[0]).__name__
d.remove('ins'); d.reverse(); p, q = d.pop(), d.popleft()
errs = []
for f in (lambda: deque().pop(), lambda: deque().popleft(), lambda: deque([1])[5], lambda: deque([1]).remove(2), lambda: deque(5), lambda: deque(maxlen=-1), lambda: deque([1], maxlen=1).insert(0, 2), lambda: deque([1])[0:1]):
    try: errs.append(f())
    except Exception as e: errs.append((type(e).__name__, str(e)))
e = deque([1, 2])
try:
    for x in e: e.append(3)
except RuntimeError as x: s = str(x)
# ----
from collections import Counter
c = Counter('mississippi', x=2)
c.update(['m', 'q']); c.update({'s': 1}); c.subtract('pp'); c['new'] += 1; del c['x']; del c['absent']
r = c, c.most_common(2), c.most_common()[-1], c.total(), sorted(c.elements()), c['none'], 'none' in c, +c, -c, c + Counter(s=1), c - Counter('sss'), c & Counter('iiis'), c | Counter('zz'), Counter(a=1) <= Counter(a=2), Counter(a=1) == Counter(a=1, b=0), c.copy() == c, Counter([1, 1, 2]).most_common(1), Counter({'a': -1}), Counter(), repr(Counter('ab')), sum(Counter('aab').values()), dict(Counter('ab')), max(Counter('aab'), key=Counter('aab').get), list(Counter('ba'))
try: Counter.fromkeys('ab')
except NotImplementedError as e: s = type(e).__name__
c.clear(); t = c
class Multi(Counter):
    def __missing__(self, k): return 100
u = Multi('a')['z'], type(Multi('a') + Multi('b')).__name__
# ----
from collections import OrderedDict, defaultdict, ChainMap
o = OrderedDict.fromkeys('abc', 0)
o['d'] = 1; o.move_to_end('a'); o.move_to_end('d', last=False); o.update(e=5); o.pop('b')
r = o, list(o), o.popitem(), o.popitem(last=False), o == {'c': 0, 'a': 0}, o == OrderedDict(a=0, c=0), o | {'z': 1}, list(reversed(o)), OrderedDict([(1, 2)]).copy(), o.setdefault('new', 7), dict(o), repr(OrderedDict()), list(o.items()), o.keys() & {'a'}
try: o.move_to_end('nope')
except KeyError as e: err = str(e)
dd = defaultdict(lambda: len(dd)); [dd[c] for c in 'abac']
s = dict(dd), dd['zz'], dd.default_factory is not None, defaultdict(int, a=1), defaultdict(None, {'x': 1}), dd.copy() == dd, type(dd | {}).__name__, dd.get('qq'), defaultdict(list, {'k': [1]})['k']
try: defaultdict(None)['x']
except KeyError as e: err2 = str(e)
try: defaultdict(5)
except TypeError as e: err3 = str(e)
tree = lambda: defaultdict(tree)
t = tree(); t['a']['b']['c'] = 1
cm = ChainMap({'a': 1}, {'a': 2, 'b': 3}); child = cm.new_child({'b': 'own'}); child['c'] = 9; cm2 = child.new_child(z=0)
u = dict(child), child.maps, child.parents['b'], len(child), list(child), 'c' in cm, child.pop('c'), cm | {'n': 1}, cm2['z'], child.get('q'), bool(ChainMap())
try: del cm['b']
except KeyError as e: err4 = str(e)
# ----
from collections import namedtuple
P = namedtuple('P', ['x', 'y', 'z'], defaults=(0, 1))
Q = namedtuple('Q', 'a, b class _c', rename=True)
class R(P):
    __slots__ = ()
    @property
    def norm(self): return self.x + self.y
    def __str__(self): return f'R<{self.x}>'
    def __new__(cls, x, y=5): return super().__new__(cls, x, y, 'z')
p = P(1, z=3)
r = p, p.x, p[2], p._asdict(), p._replace(y=9), P._make('abc'), P._fields, P._field_defaults, Q._fields, Q(1, 2, 3, 4), R(1), str(R(2)), R(1).norm, isinstance(R(1), tuple), p == (1, 0, 3), len(p), p + (1,), list(p), {p: 1}[P(1, 0, 3)], P.__doc__, P.x.__doc__, P.__name__, P.__module__ == __name__, p.index(3), p < P(2), sorted([P(2), P(1)]), [*p], P.__match_args__, p.__class__ is P, hash(p) == hash((1, 0, 3)), R.__mro__[1] is P, P.__new__.__defaults__, max(p), f'{p}'
errs = []
for f in (lambda: P(), lambda: P(1, 2, 3, 4), lambda: P(1, x=2), lambda: P(q=1), lambda: p._replace(nope=1), lambda: P._make([1]), lambda: namedtuple('N', 'a a'), lambda: namedtuple('N', '_a'), lambda: namedtuple('N', 'class'), lambda: namedtuple('1N', 'a'), lambda: namedtuple('N', 'a', defaults=(1, 2)), lambda: setattr(p, 'x', 1), lambda: p.nope, lambda: setattr(p, 'new', 1), lambda: setattr(R(1), 'new', 1)):
    try: errs.append(f())
    except Exception as e: errs.append((type(e).__name__, str(e)))
match p:
    case P(x, z=z): s = x, z
# ----
from collections import UserDict, UserList, UserString
class Lower(UserDict):
    def __getitem__(self, k): return super().__getitem__(k.lower())
    def __setitem__(self, k, v): super().__setitem__(k.lower(), v)
    def __contains__(self, k): return super().__contains__(k.lower())
    def __missing__(self, k): return f'missing {k}'
d = Lower({'A': 1}, B=2); d.update({'C': 3}); d |= {'D': 4}
r = d, d['a'], d['ZZ'], 'C' in d, d.get('B'), d.get('nope', 'x'), len(d), list(d), d.pop('A'), d.data, dict(d), d == {'b': 2, 'c': 3, 'd': 4}, d.copy() == d, type(d | {}).__name__, isinstance(d, dict)
class Sorted(UserList):
    def append(self, v): super().append(v); self.data.sort()
l = Sorted([3]); l.append(1); l += [2]; l.insert(0, 9)
s = l, l[0], l[1:], type(l[1:]).__name__, l + [5], [5] + l, l * 2, len(l), 9 in l, l == [9, 1, 3, 2], sorted(l), l.pop(), l.index(1), l.count(3), l.copy() == l, l < [10], isinstance(l, list)
u = UserString('abc')
t = u + 'd', u.upper(), type(u.upper()).__name__, u == 'abc', u[0], len(u), 'b' in u, str(u), u % (), hash(u) == hash('abc'), u.split('b'), 'x' + u, u < 'b', u.join(['1', '2'])
# ----
import copy
class Node:
    def __init__(self, v): self.v, self.next = v, None
a = Node(1); a.next = Node([2]); a.next.next = a
b = copy.copy(a); c = copy.deepcopy(a)
r = b.next is a.next, c.next is a.next, c.next.next is c, c.next.v == [2], c.next.v is a.next.v
d = {'l': [1], 't': (1, [2]), 's': {3}, 'f': frozenset([4]), 'n': None, 'fn': len, 'c': Node}
e = copy.deepcopy(d)
s = e == d, e['l'] is d['l'], e['t'] is d['t'], e['t'][1] is d['t'][1], e['f'] is d['f'], e['c'] is Node, copy.deepcopy((1, 2)) == (1, 2)
shared = [0]; pair = copy.deepcopy([shared, shared]); pair[0].append(1)
class Memo:
    def __deepcopy__(self, memo): log.append(len(memo) >= 0); new = Memo(); memo[id(self)] = new; return new
log = []
m = Memo(); x = copy.deepcopy([m, m])
t = pair, x[0] is x[1], log, copy.copy({1: [2]})[1], copy.copy((1,)), copy.copy(range(3)), copy.copy('a'), copy.deepcopy(slice(1, 2)), copy.copy(bytearray(b'a'))
del a, b, c
# ----
import heapq, bisect
h = []
for x in (5, 1, 8, 3, 2): heapq.heappush(h, (x, str(x)))
order = [heapq.heappop(h)[0] for _ in range(3)]
r = order, h, heapq.heappushpop(h, (0, '0')), heapq.heapreplace(h, (9, '9')), heapq.nlargest(2, [3, 1, 4, 1, 5]), heapq.nsmallest(2, ['bb', 'a', 'ccc'], key=len), list(heapq.merge([1, 4], [2, 3], [0])), list(heapq.merge('ca', 'b', reverse=True)), heapq.nlargest(9, [1, 2]), heapq.nsmallest(0, [1])
class Task:
    def __init__(self, p, n): self.p, self.n = p, n
    def __lt__(self, o): return self.p < o.p
q = [Task(3, 'c'), Task(1, 'a')]; heapq.heapify(q)
s = heapq.heappop(q).n
l = [1, 3, 3, 5]
t = bisect.bisect(l, 3), bisect.bisect_left(l, 3), bisect.bisect_left(l, 9), bisect.bisect(l, 4, 0, 2), bisect.bisect_left(['a', 'bb'], 2, key=len)
bisect.insort(l, 4); bisect.insort_left(l, 3); bisect.insort(l, -2, key=abs) if False else None
def grade(n, cuts=(60, 70, 80), marks='FCBA'): return marks[bisect.bisect(cuts, n)]
u = l, [grade(n) for n in (33, 60, 77, 99)]
try: heapq.heappop([])
except IndexError as e: err = type(e).__name__
h2 = [3, 1, 2]; heapq.heapify_max(h2); v = heapq.heappop_max(h2), h2[0]
# ----
from collections import deque
matrix = [[1, 2, 3], [4, 5, 6]]
graph = {'a': ['b', 'c'], 'b': ['d'], 'c': ['d'], 'd': []}
def dfs(n, seen=None):
    seen = [] if seen is None else seen
    if n not in seen:
        seen.append(n)
        for m in graph[n]: dfs(m, seen)
    return seen
def bfs(start):
    q, seen = deque([start]), {start: None}
    while q:
        for m in graph[n := q.popleft()]:
            if m not in seen: seen[m] = n; q.append(m)
    return seen
def topo():
    out, marks = [], {}
    def visit(n):
        match marks.get(n):
            case 'done': return
            case 'open': raise ValueError('cycle')
        marks[n] = 'open'
        for m in graph[n]: visit(m)
        marks[n] = 'done'; out.insert(0, n)
    for n in graph: visit(n)
    return out
def flatten(d, prefix=''): return {k2: v2 for k, v in d.items() for k2, v2 in (flatten(v, f'{prefix}{k}.').items() if isinstance(v, dict) else [(prefix + k, v)])}
def merge(a, b): return {k: merge(a[k], b[k]) if isinstance(a.get(k), dict) and isinstance(b.get(k), dict) else b.get(k, a.get(k)) for k in [*a, *(k for k in b if k not in a)]}
r = [*map(list, zip(*matrix))], [x for row in matrix for x in row], [sum(c) for c in zip(*matrix)], dfs('a'), bfs('a'), topo(), flatten({'a': {'b': 1, 'c': {'d': 2}}, 'e': 3}), merge({'a': {'x': 1}, 'b': 1}, {'a': {'y': 2}, 'c': 3}), {k: [v for kk, v in [('a', 1), ('b', 2), ('a', 3)] if kk == k] for k in 'ab'}, dict(sorted({'b': 1, 'a': 2}.items())), dict(sorted({'b': 1, 'a': 2}.items(), key=lambda kv: kv[1])), list(dict.fromkeys('banana')), [[r * c for c in range(1, 4)] for r in range(1, 3)], {v: k for k, v in {'a': 1}.items()}
