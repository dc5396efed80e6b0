"""Generators as values, driven from compiled code: send, throw, close, return values, yield from, delegation, state."""
import inspect
import types

from check import compiled, fresh, matrix, once, outcome, run, say, show


def count(n):
    i = 0
    while i < n:
        got = yield i
        if got is not None:
            i = got
        i += 1
    return "done"


def drive(g):
    out = [next(g)]
    out.append(g.send(5))
    out.append(inspect.getgeneratorstate(g))
    out.append(g.gi_frame.f_lineno)
    out.append(dict(g.gi_frame.f_locals))
    g.close()
    out.append(inspect.getgeneratorstate(g))
    out.append(g.gi_frame)
    return out


def sum_all(g):
    t = 0
    for x in g:
        t += x
    return t


def return_value(n):
    r = yield from count(n)
    yield ("returned", r)


def delegate(it):
    try:
        r = yield from it
        yield ("r", r)
    except ValueError as e:
        yield ("caught", str(e))
    finally:
        yield "finally"


class Custom:
    def __init__(self): self.log = []
    def __iter__(self): return self
    def __next__(self): self.log.append("next"); return len(self.log)
    def send(self, v): self.log.append(("send", v)); return len(self.log)
    def throw(self, *a): self.log.append("throw"); raise StopIteration("from throw")
    def close(self): self.log.append("close")


def test_drive():
    def f(n): return drive(count(n))
    run(f, 20)
    run(f, 3)
    run(lambda n: sum_all(count(n)), 30)
    matrix(sum_all, [lambda: (count(4),), lambda: ([1, 2],), lambda: (iter((1.5,)),), lambda: ("ab",), lambda: ((x * 2 for x in range(3)),)])
    compiled(sum_all)
    compiled(drive)


def test_yield_from():
    run(lambda: list(return_value(3)))
    def sending(make):
        g = delegate(make())
        out = [next(g)]
        for op in (lambda: g.send(1), lambda: g.throw(ValueError("x")), lambda: next(g), lambda: next(g)):
            try:
                out.append(op())
            except BaseException as e:
                out.append((type(e).__name__, str(e)))
        return out
    matrix(sending, [lambda: (lambda: count(9),), lambda: (Custom,), lambda: (lambda: [1, 2, 3],), lambda: (lambda: 5,), lambda: (lambda: iter("abc"),)])


def throws():
    log = []
    def g():
        while True:
            try:
                log.append((yield len(log)))
            except ValueError as e:
                log.append(("V", str(e)))
            except GeneratorExit:
                log.append("exit")
                return
    it = g()
    next(it)
    it.throw(ValueError("a"))
    it.send("b")
    it.throw(ValueError)
    it.close()
    try:
        it.throw(KeyError("after close"))
    except KeyError as e:
        log.append(str(e))
    try:
        next(it)
    except StopIteration:
        log.append("stopped")
    return log


def misuse():
    log = []
    def attempt(f):
        try:
            log.append(f())
        except BaseException as e:
            log.append((type(e).__name__, str(e)))
    def reentrant():
        yield next(holder[0])
    holder = [None]
    holder[0] = reentrant()
    attempt(lambda: next(holder[0]))
    g = count(3)
    attempt(lambda: g.send(1))
    def ignores_exit():
        try:
            yield 1
        except GeneratorExit:
            yield 2
    h = ignores_exit()
    next(h)
    attempt(h.close)
    def raises_stop():
        yield 1
        raise StopIteration("x")
    attempt(lambda: list(raises_stop()))
    attempt(lambda: next(iter([])))
    attempt(lambda: g.throw(5))
    attempt(lambda: g.throw(ValueError, "old style"))
    return log


def test_throw_and_misuse():
    run(throws)
    import warnings
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        run(misuse)


def objects():
    g = count(2)
    return type(g) is types.GeneratorType, g.__name__, g.__qualname__, g.gi_code is count.__code__, g.gi_running, g.gi_yieldfrom, repr(g)[:24]


def test_objects(): run(objects)


def pipeline(n):
    def source(): yield from range(n)
    def double(it):
        for x in it:
            yield x * 2
    def keep(it, p):
        for x in it:
            if p(x):
                yield x
    return list(keep(double(source()), lambda v: v % 3 == 0))


def permutations(xs):
    if len(xs) <= 1:
        yield xs
    for i in range(len(xs)):
        for rest in permutations(xs[:i] + xs[i + 1:]):
            yield [xs[i]] + rest


class Tree:
    def __init__(self, v, l=None, r=None): self.v, self.l, self.r = v, l, r
    def __iter__(self):
        if self.l:
            yield from self.l
        yield self.v
        if self.r:
            yield from self.r


def build(lo, hi):
    if lo >= hi:
        return None
    m = (lo + hi) // 2
    return Tree(m, build(lo, m), build(m + 1, hi))


def test_algorithms():
    run(pipeline, 20)
    run(lambda: [p for p in permutations([1, 2, 3])])
    run(lambda: list(build(0, 20)))
    for f in (pipeline, build):
        compiled(f)


def send_loop(n):
    def averager():
        total, k, avg = 0.0, 0, None
        while True:
            x = yield avg
            total += x
            k += 1
            avg = total / k
    a = averager()
    next(a)
    return [a.send(i) for i in range(n)]


def test_send(): run(send_loop, 10)


def exception_context():
    def g():
        try:
            yield 1
        finally:
            try:
                raise KeyError("inner")
            except KeyError as e:
                log.append(type(e.__context__).__name__)
    log = []
    it = g()
    next(it)
    try:
        it.throw(ValueError("outer"))
    except ValueError as e:
        log.append(type(e.__context__).__name__)
    try:
        raise OSError("around")
    except OSError:
        it = g()
        next(it)
        it.close()
    return log


def test_context(): run(exception_context)


def lifetimes():
    log = []
    class D:
        def __del__(self): log.append("D dead")
    def g():
        d = D()
        try:
            yield 1
        finally:
            log.append("finally")
    it = g()
    next(it)
    log.append("drop")
    del it
    log.append("dropped")
    it = g()
    del it
    log.append("never started")
    for _ in g():
        pass
    log.append("exhausted")
    return log


def test_lifetimes(): run(lifetimes)


def closures():
    def make(n):
        def g():
            nonlocal n
            while n:
                n -= 1
                yield n
        return g, lambda: n
    g, peek = make(5)
    it = g()
    return next(it), peek(), list(it), peek()


def test_closures():
    run(closures)
    compiled(closures)


def star_args():
    def g(*a, k=1, **kw):
        yield a
        yield k
        yield kw
    return list(g(1, 2, k=3, z=4)), [*g()], tuple(g(5))


def test_arguments():
    run(star_args)
    run(lambda: count())
    run(lambda: next(count("a")))
