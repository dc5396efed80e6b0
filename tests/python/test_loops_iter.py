"""Iteration over lists, tuples, dicts, sets, strings, generators and user iterators, some of them changed or broken on the way."""
import itertools

from check import compiled, fresh, matrix, once, outcome, run, say, show


def walk(xs):
    out = []
    for x in xs:
        out.append(x)
        if len(out) > 30:
            break
    else:
        out.append("else")
    return out


class Iterator:
    def __init__(self, n, error=None): self.n, self.error = n, error
    def __iter__(self): return self
    def __next__(self):
        self.n -= 1
        if self.n < 0:
            raise self.error or StopIteration("done")
        return self.n
    def __repr__(self): return f"Iterator({self.n})"


class OldStyle:
    def __getitem__(self, i):
        if i > 3:
            raise IndexError
        return i * 10
    def __repr__(self): return "OldStyle"


class BadIter:
    def __iter__(self): return 5
    def __repr__(self): return "BadIter"


class NoneIter:
    __iter__ = None
    def __repr__(self): return "NoneIter"


class RaisingIter:
    def __iter__(self): raise ValueError("no iter")
    def __repr__(self): return "RaisingIter"


class ListSub(list):
    def __iter__(self): return iter(["sub"])


class ListSub2(list):
    pass


def gen(n):
    for i in range(n):
        yield i
    return "value"


def bad_gen():
    yield 1
    raise KeyError("in gen")


def stop_gen():
    yield 1
    raise StopIteration("inside")


def makers():
    return [lambda: [1, 2], lambda: (1, "a"), lambda: {1: 2, "k": 3}, lambda: {5}, lambda: "ab", lambda: b"ab", lambda: range(3), lambda: gen(3),
            lambda: bad_gen(), lambda: stop_gen(), lambda: Iterator(3), lambda: Iterator(2, TypeError("boom")), lambda: Iterator(1, StopIteration()),
            lambda: OldStyle(), lambda: BadIter(), lambda: NoneIter(), lambda: RaisingIter(), lambda: ListSub([1]), lambda: ListSub2([1, 2]),
            lambda: enumerate("ab"), lambda: zip([1, 2], "ab"), lambda: map(str, [1, 2]), lambda: filter(None, [0, 1]), lambda: reversed([1, 2]),
            lambda: iter([1, 2]), lambda: {1: 2}.items(), lambda: {1: 2}.values(), lambda: {1: 2}.keys(), lambda: [], lambda: (), lambda: {},
            lambda: "", lambda: 5, lambda: None, lambda: itertools.chain([1], (2,)), lambda: itertools.islice(itertools.count(), 3),
            lambda: itertools.product("ab", repeat=2), lambda: (x for x in [1, 2]), lambda: iter(int, 0), lambda: memoryview(b"ab"),
            lambda: frozenset([1]), lambda: bytearray(b"a"), lambda: map(lambda x: 1 / x, [1, 0]), lambda: int]


def test_every_iterable():
    matrix(walk, [(lambda m=m: (m(),)) for m in makers()])
    run(walk, [1])
    compiled(walk)


def pairs(xs):
    out = []
    for a, b in xs:
        out.append((b, a))
    return out


def triple(xs):
    out = []
    for i, (a, *b) in enumerate(xs):
        out.append((i, a, b))
    return out


def test_unpacking_targets():
    cases = [([(1, 2)],), ([[1, 2], "ab"],), ({1: 2}.items(),), (zip([1], [2]),), ([(1,)],), ([(1, 2, 3)],), ([5],), (["ab", 5],), ({"ab": 1},), ([],)]
    matrix(pairs, [(lambda c=c: (zip([1], [2]),) if type(c[0]) is zip else c) for c in cases])
    matrix(triple, [([(1, 2)],), (["abc"],), ([()],), ([[1]],), ([5],)])


def odd_targets():
    class O:
        pass
    o, l, d = O(), [0, 0], {}
    for o.x in range(3):
        pass
    for l[0] in range(4):
        pass
    for d["k"], *o.rest in ["abc", "xyz"]:
        pass
    for l[1], o.y in [(1, 2)]:
        l[0] += 1
    return o.x, l, d, o.rest, o.y


def test_odd_targets(): run(odd_targets)


def grow(xs, n):
    out = []
    for x in xs:
        out.append(x)
        if len(xs) < n:
            xs.append(x + 1)
    return out


def shrink(xs):
    out = []
    for x in xs:
        out.append(x)
        xs.pop()
    return out, xs


def remove_first(xs):
    out = []
    for x in xs:
        out.append(x)
        xs.pop(0)
    return out, xs


def clear(xs):
    out = []
    for x in xs:
        out.append(x)
        xs.clear()
    xs.append(9)
    return out


def replace(xs):
    out = []
    for x in xs:
        out.append(x)
        xs[:] = ["r"] * (len(xs) + (len(out) < 5))
    return out


def test_list_mutated():
    matrix(grow, [lambda: ([1], 5), lambda: ([], 3), lambda: ([1, 2, 3], 2), lambda: (bytearray(b"a"), 4)])
    for f in (shrink, remove_first, clear, replace):
        matrix(f, [lambda: ([1, 2, 3, 4],), lambda: ([],), lambda: ([1],), lambda: ((1,),)])
    def exhausted():
        xs = [1, 2]
        it = iter(xs)
        a = list(it)
        xs.append(3)
        return a, list(it), it.__length_hint__()
    run(exhausted)
    compiled(grow)


def add_key(d):
    for k in d:
        d[k + 1] = 0


def add_value(d):
    for v in d.values():
        d["new"] = 0


def delete_key(d):
    for k, v in d.items():
        del d[k]


def same_size(d):
    out = []
    for k in d:
        out.append(k)
        del d[k]
        d[k + 100] = 1
        if len(out) > 10:
            break
    return out


def update_value(d):
    for k in d:
        d[k] += 1
    return d


def clear_dict(d):
    for k in d:
        d.clear()


def set_add(s):
    for x in s:
        s.add(x + 1)


def test_dict_mutated():
    for f in (add_key, add_value, delete_key, same_size, update_value, clear_dict):
        matrix(f, [lambda: ({1: 1, 2: 2},), lambda: ({},), lambda: ({1: 1},), lambda: ([1],)])
    matrix(set_add, [lambda: ({1, 2},), lambda: (set(),)])
    class C:
        def __init__(self): self.a, self.b = 1, 2
    def attributes(o):
        for k in o.__dict__:
            setattr(o, k + "2", 1)
    matrix(attributes, [lambda: (C(),)])


def iterator_dies():
    log = []
    class It:
        def __iter__(self): return self
        def __next__(self): return 1
        def __del__(self): log.append("it dead")
    for x in It():
        log.append("body")
        break
    log.append("after break")
    def f():
        for x in It():
            return log.append("returning")
    f()
    log.append("after return")
    def g():
        for x in It():
            raise ValueError
    try:
        g()
    except ValueError:
        log.append("caught")
    log.append("after except")
    return log


def test_iterator_lifetime():
    run(iterator_dies)


def nested_generators(n):
    def outer():
        for i in range(n):
            yield from inner(i)
    def inner(i):
        for j in range(i):
            yield i, j
    return list(outer()), sum(1 for _ in outer()), dict(outer())


def test_generators():
    run(nested_generators, 4)
    def close_early():
        log = []
        def g():
            try:
                yield 1
                yield 2
            finally:
                log.append("closed")
        for x in g():
            break
        log.append("after")
        it = g()
        for x in it:
            break
        log.append("still open")
        it.close()
        return log
    run(close_early)
    compiled(nested_generators)


def dict_loops(d):
    out = []
    for k in d:
        out.append(k)
    for k, v in d.items():
        out.append((k, v))
    for v in d.values():
        out.append(v)
    for k in sorted(d):
        out.append(d[k])
    for i, k in enumerate(d):
        out.append((i, k))
    return out


def test_dicts():
    class D(dict):
        def items(self): return [("sub", "items")]
    import collections
    matrix(dict_loops, [({},), ({1: 2},), ({"a": 1, "b": 2},), (D(x=1),), (collections.OrderedDict(b=1, a=2),), (collections.Counter("aab"),),
                        ({1: 2, "a": 3},), ([1],)])


def zips(a, b):
    out = [x + y for x, y in zip(a, b)]
    out += [i * x for i, x in enumerate(a, 1)]
    for i, (x, y) in enumerate(zip(a, b)):
        out.append((i, x, y))
    for x in reversed(a):
        out.append(x)
    return out, [*map(lambda p, q: (p, q), a, b)], list(zip(a, b, strict=True))


def test_zip(): matrix(zips, [([1, 2], [3, 4]), ((1,), [2, 3]), ([], []), ("ab", "cd"), ([1.5], [2]), ([1], ["a"]), (5, [1]), ([1, 2, 3], (1, 2, 3))])


def iterator_swallowed(it):
    for x in it:
        if x == 1:
            break
    return list(it)


def test_iterators_shared(): matrix(iterator_swallowed, [lambda: (iter([0, 1, 2, 3]),), lambda: (gen(5),), lambda: ([0, 1, 2],), lambda: (Iterator(4),)])


def next_calls(it):
    a = next(it)
    b = next(it, "default")
    c = next(it, "default")
    return a, b, c, next(it)


def test_next(): matrix(next_calls, [lambda: (iter([1, 2]),), lambda: (gen(4),), lambda: (gen(5),), lambda: ([1],), lambda: (Iterator(9),)])
