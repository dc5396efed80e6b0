"""Generators resumed by compiled code: by its `for` loops and by builtins that exhaust them, mixed with everybody else who resumes them."""
import gc
import inspect
import sys
import threading
import traceback
import weakref

from check import INTERPRETED, MODE, Sentinel, compiled, fresh, leaks, matrix, once, run, say, show

if not INTERPRETED:
    import ember


S = Sentinel()


def native(f):
    """Demand that generators of `f` are resumed natively by now."""
    if MODE in ("first", "second", "warm"):
        found = ember.jit.explain(f).get("resumed_natively")
        assert type(found) is int and found > 0, (f, found)


def interpreted(f, reason):
    """Demand that they are not, for a reason."""
    if MODE in ("first", "second", "warm"):
        found = ember.jit.explain(f).get("resumed_natively")
        assert reason in str(found), (f, found)


def collect(it):
    out = []
    for x in it:
        out.append(x)
    return out


def count(n, step=1):
    i = 0
    while i < n:
        yield i
        i += step


def kinds(a, b):
    """Locals of all kinds across a `yield`: numbers, unbound, deleted, cells, many."""
    x = a * 2
    y = b * 0.5
    flag = a > b
    yield x, y, flag
    cell = [x]
    read = lambda: (cell, z)
    z = y
    del x
    yield read(), flag
    try:
        yield x
    except UnboundLocalError as e:
        yield str(e)
    yield 2 ** 70 + a


def test_kinds():
    matrix(collect, [lambda: (kinds(3, 4),), lambda: (kinds(3.5, 1),), lambda: (kinds(True, 0),), lambda: (count(7),), lambda: (count(2.5, 0.5),)])
    compiled(collect)
    native(kinds)
    native(count)


def exhausted(make):
    return [
        sum(make()), list(make()), tuple(make()), set(make()), sorted(make()), max(make()), min(make()),
        any(x > 2 for x in make()), all(x < 9 for x in make()), sum(x * 2 for x in make() if x), sum(1.5 for _ in make()),
    ]


def test_builtins():
    run(lambda: exhausted(lambda: count(5)))
    run(lambda: exhausted(lambda: (x % 3 for x in range(20))))
    run(lambda: exhausted(lambda: [3, 1, 2]))
    run(lambda: sum(str(x) for x in range(3)))
    run(lambda: sum([x] for x in range(3)))
    run(lambda: max(x for x in ()))
    run(lambda: sum(count(3), 10))
    run(lambda: sorted((x for x in "hello"), reverse=True))
    run(lambda: set([x] for x in range(3)))
    run(lambda: list(count(3)) + [type(iter(count(3))).__name__])
    native(count)


def failing(n):
    for i in range(n):
        yield 10 // (n - 2 - i)


def stops():
    yield 1
    raise StopIteration("no")


def with_finally(log):
    try:
        yield 1
        yield 2
    except ValueError as e:
        log.append(("caught", str(e)))
        yield "handled"
        yield "twice"
    finally:
        log.append("finally")


def loops_and_throws(log, how):
    out = []
    g = with_finally(log)
    for x in g:
        out.append(x)
        if x == 1 and how == "throw":
            out.append(g.throw(ValueError("v")))
        elif x == 1 and how == "close":
            g.close()
        elif x == 2 and how == "break":
            break
        elif x == 1 and how == "send":
            out.append(g.send("s"))
    del g
    return out, log


def test_exceptions():
    run(lambda: collect(failing(5)))
    run(lambda: sum(failing(5)))
    run(lambda: collect(stops()))
    for how in ("throw", "close", "break", "send", ""):
        run(lambda: loops_and_throws([], how))
    native(failing)
    native(stops)
    native(with_finally)


class Manager:
    def __init__(self, log):
        self.log = log
    def __enter__(self):
        self.log.append("enter")
        return self
    def __exit__(self, *exc):
        self.log.append(exc[0].__name__ if exc[0] else "exit")
        return exc[0] is KeyError


def inside_with(log, fail):
    with Manager(log) as m:
        yield m is not None
        for i in range(3):
            yield i
            if i == fail:
                raise KeyError(i)
    yield "after"


def in_handlers(n):
    for i in range(n):
        try:
            if i % 2:
                raise ValueError(i)
            yield ("fine", i)
        except ValueError as e:
            yield ("handler", str(e), type(sys.exception()).__name__)
            yield ("again", sys.exception() is e)
        finally:
            yield ("finally", i)


def test_blocks():
    for fail in (1, 5):
        def f():
            log = []
            return collect(inside_with(log, fail)), log
        run(f)
    run(lambda: collect(in_handlers(4)))
    def outer():
        try:
            raise KeyError("outer")
        except KeyError:
            return collect(in_handlers(3)), type(sys.exception()).__name__
    run(outer)


def looks(log):
    frame = sys._getframe()
    x = 1
    log.append((frame.f_lineno - frame.f_code.co_firstlineno, frame.f_back.f_code.co_name, frame.f_locals["x"], frame.f_generator is not None))
    yield x
    frame.f_locals["x"] = 50
    yield x
    x += 1
    log.append([f.name for f in traceback.extract_stack(limit=2)])
    yield frame.f_locals["x"]


def keeps(frames):
    y = [1]
    frames.append(sys._getframe())
    yield y
    y = [y, 2]
    yield y


def test_frames():
    def f():
        log = []
        return collect(looks(log)), log
    run(f)
    def g():
        frames = []
        items = collect(keeps(frames))
        return items, frames[0].f_locals, frames[0].f_lineno - frames[0].f_code.co_firstlineno
    run(g)
    native(keeps)
    def h():
        g = count(9)
        state = [inspect.getgeneratorstate(g)]
        for x in g:
            state.append((x, inspect.getgeneratorstate(g), g.gi_frame.f_locals["i"], g.gi_running))
            if x == 3:
                break
        return state, next(g), g.send(None), collect(g), inspect.getgeneratorstate(g), g.gi_frame
    run(h)


def test_reentry():
    def f():
        def own():
            yield 1
            yield sum(g)
        g = own()
        return collect(g)
    run(f)
    def deep(n):
        def rec(n):
            if n:
                for x in rec(n - 1):
                    yield x + 1
            yield 0
        return sum(rec(n))
    run(deep, 30)
    once(lambda: type(outcome_of(deep, 100000)).__name__)


def outcome_of(f, *args):
    try:
        return f(*args)
    except RecursionError as e:
        return e


def returning(n):
    for i in range(n):
        yield i
    return "value"


def delegates(n):
    got = yield from returning(n)
    yield got


def test_returns():
    def f():
        g = returning(3)
        out = [x for x in g]
        try:
            next(g)
        except StopIteration as e:
            out.append(e.value)
        return out
    run(f)
    run(lambda: collect(delegates(3)))
    native(returning)
    interpreted(delegates, "delegates")


class Item:
    alive = 0
    def __init__(self):
        Item.alive += 1
    def __del__(self):
        Item.alive -= 1


def items(n):
    last = None
    for _ in range(n):
        last = Item()
        yield last
        last = last, Item()
        yield last


def test_lifetimes():
    def f():
        out = []
        for x in items(3):
            out.append(Item.alive)
            del x
        out.append(Item.alive)
        g = items(3)
        for x in g:
            break
        out.append(Item.alive)
        del x
        out.append(Item.alive)
        del g
        out.append(Item.alive)
        return out
    run(f)
    def cycle():
        def own():
            me = holder
            yield Item()
            yield me
        holder = []
        holder.append(own())
        for x in holder[0]:
            break
        del x, holder
        gc.collect()
        return Item.alive
    run(cycle)
    def counts():
        marker = object()
        def own():
            yield marker
            x = marker
            yield x
            y = x, x
            yield y
        before = sys.getrefcount(marker)
        for _ in range(50):
            collect(own())
            for x in own():
                break
        del x
        return sys.getrefcount(marker) - before
    run(counts)
    native(items)


def test_patched():
    """Code and globals that change while generators are suspended."""
    names = {}
    exec("def g(n):\n    for i in range(n):\n        yield i + K\nK = 1\n", names)
    g = names["g"]
    run(lambda: collect(g(3)))
    names["K"] = 2.5
    run(lambda: collect(g(3)))
    half = g(5)
    for x in half:
        break
    g.__code__ = (lambda n: (yield from ("new", n))).__code__
    run(lambda: collect(g(2)))
    show(x, collect(half))
    other = {"K": "s"}
    exec("def g(n):\n    for i in range(n):\n        yield str(i) + K\n", other)
    run(lambda: collect(other["g"](3)))


def test_code_dies():
    """Native bodies do not keep the code alive that they were made for."""
    def f():
        names = {}
        exec("def g(n):\n    for i in range(n):\n        yield [i]\n", names)
        for _ in range(30):
            out = collect(names["g"](3))
        native(names["g"])
        code = weakref.ref(names["g"].__code__)
        del names
        gc.collect()
        return out, code() is None
    once(f)
    once(f)


def test_uncompiled():
    """`uncompile` and `exclude` hold for generators, too."""
    def counted(n):
        yield n
        yield n + 1
    counted = fresh(counted)
    def again(): return [collect(counted(1)) for _ in range(20)][-1]
    run(again)
    native(counted)
    if MODE in ("first", "second", "warm"):
        assert ember.jit.uncompile(counted) and not ember.jit.explain(counted).get("resumed_natively")
    half = counted(5)
    for x in half:
        break
    run(again)
    native(counted)
    if MODE in ("first", "second", "warm"):
        ember.jit.exclude(counted)
    show(collect(half))
    run(again)
    interpreted(counted, "excluded")


def test_leaks():
    def items(s):
        for x in (s, s, s):
            yield x
    def each(s):
        for x in items(s):
            pass
    def some(s):
        for x in items(s):
            break
    def built(s): return len(list(items(s))), any(x is None for x in items(s)), sum(1 for x in items(s) if x is s)
    def fails(s):
        try:
            for x in (y.nothing for y in items(s)):
                pass
        except AttributeError:
            pass
    def caught(s):
        def until(s):
            i = 0
            try:
                while True:
                    v = (s, s)[i]
                    yield v
                    i += 1
            except IndexError:
                return
        for x in until(s):
            pass
    def observed(s):
        def own(s):
            frames.append(sys._getframe())
            yield s
            v = s
            yield v
        frames = []
        for x in own(s):
            pass
    for f in (each, some, built, fails, caught, observed):
        leaks(f, S)
    native(items)


def test_tracing():
    def f():
        events = []
        def tracer(frame, event, arg):
            if frame.f_code.co_name == "count":
                events.append((event, frame.f_lineno - frame.f_code.co_firstlineno))
            return tracer
        g = count(4)
        for x in g:
            if x == 1:
                sys.settrace(tracer)
            elif x == 2:
                sys.settrace(None)
        return events
    run(f)


def test_threads():
    def f():
        def pull(g, out):
            for x in g:
                out.append(x)
        outs = [[] for _ in range(4)]
        threads = [threading.Thread(target=pull, args=(count(3000), out)) for out in outs]
        for t in threads: t.start()
        for t in threads: t.join()
        return [sum(out) for out in outs]
    once(f)
    once(f)
