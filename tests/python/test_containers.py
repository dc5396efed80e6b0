"""Methods of list, dict, set, tuple and deque called in loops and with odd arguments; aliasing; keys that misbehave."""
import collections

from check import compiled, fresh, matrix, once, outcome, run, say, show


def list_methods(xs):
    l = list(xs)
    l.append(1)
    l.extend((2, 3))
    l.extend(x for x in [4])
    l.insert(0, "i")
    l.insert(-100, "n")
    l.insert(100, "p")
    a = l.pop(), l.pop(0), l.pop(-1)
    l.remove(2)
    b = l.index(1), l.count(3), l.copy() == l, l * 2, l + [0], l == l[:], [] == []
    l.reverse()
    l.sort(key=str)
    c = l[:]
    l.clear()
    return a, b, c, l


def list_errors(xs, v):
    out = []
    for f in (lambda: xs.index(v), lambda: xs.remove(v), lambda: xs.pop(v), lambda: xs.insert(v, 1), lambda: xs.extend(v), lambda: xs + v, lambda: xs * v, lambda: xs.append(),
              lambda: xs.append(1, 2), lambda: xs.sort(v), lambda: xs.nothing(), lambda: xs.append(x=1)):
        out.append(outcome(f).split(" tb=")[0])
    return out


def dict_methods(d):
    d = dict(d)
    d["new"] = 1
    a = d.get("new"), d.get("none"), d.get("none", 5), d.setdefault("s", []), d.setdefault("new", 2), d.pop("new"), d.pop("new", "gone")
    d.update({"u": 1}, v=2)
    d.update([("w", 3)])
    d |= {"x": 4}
    e = d | {"y": 5}
    b = list(d), list(d.values()), list(d.items()), len(d), "u" in d, d == e, e.popitem(), d.copy() == d, dict.fromkeys("ab", 0)
    k = d.keys() & {"u", "v"}, sorted(d.keys() | {"q"}), d.items() >= {("u", 1)}, list(reversed(d))
    d.clear()
    return a, b, k, d


def dict_errors(d, k):
    out = []
    for f in (lambda: d[k], lambda: d.pop(k), lambda: {}.popitem(), lambda: d.get(), lambda: d.update(5), lambda: d.update([1]), lambda: d | 5, lambda: d.setdefault([], 1),
              lambda: d.__getitem__(k), lambda: {k: 1}, lambda: k in d, lambda: d.get(k), lambda: d.fromkeys(5), lambda: {**k}):
        out.append(outcome(f).split(" tb=")[0])
    return out


def set_methods(s):
    s = set(s)
    s.add(1)
    s.update([2], (3,))
    s.discard(99)
    t = s | {4}, s & {1, 2}, s - {1}, s ^ {1, 5}, s <= {1, 2, 3, 4}, s.issuperset({1}), s.isdisjoint({7}), s.union([9]), frozenset(s) == s
    s.remove(1)
    s -= {2}
    s |= {8}
    s &= {8, 3}
    s ^= {8, 10}
    try:
        s.remove("nope")
    except KeyError as e:
        err = str(e)
    n = len(s)
    while s:
        s.pop()
    return t, err, n, s, {x % 3 for x in range(10)}, {*"ab", "c"} == set("abc")


def tuple_methods(t): return t + (1,), t * 2, t.count(1), t.index(1), t[::-1], (*t, 0), t == tuple(t), t < (5,), hash(t) == hash(tuple(list(t))), len(t), 1 in t, tuple(x for x in t)


def test_methods():
    matrix(list_methods, [([],), ([5],), ("ab",), ((1, 2),), ([[]],), (5,)])
    matrix(list_errors, [(lambda v=v: ([1, 2], v)) for v in (0, 9, "a", None, [1], 2.5, 1 << 70)])
    matrix(dict_methods, [({},), ({"a": 1},), ([("k", "v")],), ({1: 2},), ({"new": 5, "u": 0},), (5,)])
    matrix(dict_errors, [(lambda k=k: ({"a": 1}, k)) for k in ("a", "z", [], None, 1.5, {})])
    matrix(set_methods, [([],), ([1, 2],), ("ab",), ({5},), ([[]],)])
    matrix(tuple_methods, [((),), ((1,),), ((1, 2, 1),), (([],),), (("a", 1),), ([1],)])
    for f in (list_methods, dict_methods, set_methods):
        run(f, [])
        compiled(f)


def stack_machine(program):
    stack, names, pc, steps = [], {}, 0, 0
    while pc < len(program) and steps < 2000:
        steps += 1
        op, *args = program[pc]
        pc += 1
        if op == "push":
            stack.append(args[0])
        elif op == "add":
            b, a = stack.pop(), stack.pop()
            stack.append(a + b)
        elif op == "mul":
            stack[-2:] = [stack[-2] * stack[-1]]
        elif op == "store":
            names[args[0]] = stack.pop()
        elif op == "load":
            stack.append(names[args[0]])
        elif op == "jnz":
            if stack.pop():
                pc = args[0]
        elif op == "dup":
            stack.append(stack[-1])
        else:
            raise NotImplementedError(op)
    return stack, names, steps


PROGRAM = [("push", 10), ("store", "n"), ("push", 1), ("store", "acc"), ("load", "acc"), ("load", "n"), ("mul",), ("store", "acc"), ("load", "n"), ("push", -1), ("add",), ("dup",),
           ("store", "n"), ("jnz", 4), ("load", "acc")]


def test_stack_machine():
    matrix(stack_machine, [(PROGRAM,), ([("push", "a"), ("push", "b"), ("add",)],), ([("add",)],), ([("load", "x")],), ([("what",)],), ([],), ([("push", 2.5), ("push", 2), ("mul",)],), ([()],)])
    compiled(stack_machine)


def graph(n):
    edges = {i: [(i * 7 + 1) % n, (i * 3 + 2) % n] for i in range(n)}
    dist, queue = {0: 0}, collections.deque([0])
    while queue:
        v = queue.popleft()
        for w in edges[v]:
            if w not in dist:
                dist[w] = dist[v] + 1
                queue.append(w)
    seen, order = set(), []
    def visit(v):
        if v in seen:
            return
        seen.add(v)
        for w in edges[v]:
            visit(w)
        order.append(v)
    visit(0)
    return sorted(dist.items()), order


def knapsack(items, cap):
    best = [[0] * (cap + 1) for _ in range(len(items) + 1)]
    for i, (w, v) in enumerate(items, 1):
        for c in range(cap + 1):
            best[i][c] = best[i - 1][c]
            if w <= c and best[i - 1][c - w] + v > best[i][c]:
                best[i][c] = best[i - 1][c - w] + v
    return best[-1][-1]


def edit_distance(a, b):
    prev = list(range(len(b) + 1))
    for i, ca in enumerate(a, 1):
        cur = [i]
        for j, cb in enumerate(b, 1):
            cur.append(min(prev[j] + 1, cur[j - 1] + 1, prev[j - 1] + (ca != cb)))
        prev = cur
    return prev[-1]


def word_count(text):
    c = collections.Counter(text.split())
    d = collections.defaultdict(list)
    for w, n in c.items():
        d[n].append(w)
    return {k: sorted(v) for k, v in sorted(d.items())}, c.most_common(2)


def lru(n):
    cache, order, hits = {}, [], 0
    for i in range(n):
        k = i * i % 7
        if k in cache:
            hits += 1
            order.remove(k)
        elif len(cache) >= 3:
            del cache[order.pop(0)]
        cache[k] = i
        order.append(k)
    return cache, order, hits


def linked(n):
    head = None
    for i in range(n):
        head = (i, head)
    out = []
    while head is not None:
        v, head = head
        out.append(v)
    return out


def test_algorithms():
    run(graph, 20)
    matrix(knapsack, [([(1, 2), (3, 4)], 5), ([(1, 2.5)], 3), ([], 3), ([("a", 1)], 2)])
    matrix(edit_distance, [("kitten", "sitting"), ("", "abc"), ([1, 2], [2, 1]), ("a", 5)])
    run(word_count, "a b a c b a")
    run(lru, 40)
    run(linked, 20)
    for f in (graph, edit_distance, lru, linked):
        compiled(f)


def aliasing():
    a = [1, 2]
    b = a
    b += [3]
    c = a + [4]
    a *= 2
    d = [a] * 2
    d[0].append("x")
    t = ([],)
    try:
        t[0] += [1]
    except TypeError as e:
        err = str(e)
    e = {"k": a}
    f = dict(e)
    f["k"].append("y")
    return a is b, a, c, d, t, err, e


def test_aliasing(): run(aliasing)


def deque_ops(n):
    d = collections.deque(range(n), maxlen=4)
    d.append(9)
    d.appendleft(8)
    d.rotate(1)
    return list(d), d[0], d[-1], d.pop(), d.popleft(), d.count(9), d.maxlen


def test_deque(): matrix(deque_ops, [(0,), (2,), (10,), ("a",)])


def preallocate(n):
    l = [None] * n
    for i in range(n):
        l[i] = i if i % 2 else float(i)
    m = [0.0] * n
    for i in range(n):
        m[i] = l[i] * 0.5 + m[i - 1]
    return l, m, sum(m)


def test_preallocate():
    run(preallocate, 10)
    run(preallocate, 0)
    compiled(preallocate)


def membership(xs, probe): return probe in xs, [x for x in xs if x in (1, "a", None)], probe in {1, 2}, probe in [1, 2.5], probe not in "abc1" if isinstance(probe, str) else None


def test_membership(): matrix(membership, [([1, 2], 1), ("abc", "b"), ({1: 2}, 1), ((1,), 2.5), ([None], None), ([[]], []), (range(5), 3), ("abc", 1), (5, 1)])


class Tracked(dict):
    log = []
    def __setitem__(self, k, v): self.log.append(("set", k)); super().__setitem__(k, v)
    def __delitem__(self, k): self.log.append(("del", k)); super().__delitem__(k)
    def get(self, k, d=None): self.log.append(("get", k)); return super().get(k, d)
    def __contains__(self, k): self.log.append(("in", k)); return super().__contains__(k)
    def update(self, *a, **k): self.log.append("update"); super().update(*a, **k)


def use_mapping(d):
    d["a"] = 1
    d["a"] += 1
    x = d.get("a"), "a" in d
    del d["a"]
    d.update(b=2)
    return x, dict(d), list(getattr(d, "log", []))[-8:]


def test_mapping_subclass():
    matrix(use_mapping, [lambda: ({},), lambda: (Tracked(),), lambda: (collections.OrderedDict(),), lambda: (collections.UserDict(),), lambda: (collections.ChainMap(),), lambda: ([],)])
