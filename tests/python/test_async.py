"""Coroutines, async generators, async with/for, driven by hand and by asyncio; errors and tracebacks through await."""
import asyncio
import types

from check import compiled, fresh, matrix, once, outcome, run, say, show


@types.coroutine
def suspend(v):
    r = yield v
    return r


async def simple(x): return x + 1
async def chain(x): return await simple(x) * 2
async def suspended(x):
    a = await suspend(x)
    b = await suspend(("second", a))
    return a, b
async def failing(x):
    await simple(x)
    return 1 / x


class Awaitable:
    def __init__(self, v): self.v = v
    def __await__(self):
        got = yield self.v
        return ("awaited", got)


class BadAwait:
    def __await__(self): return 5


class ACM:
    def __init__(self, log, swallow=False): self.log, self.swallow = log, swallow
    async def __aenter__(self):
        self.log.append("aenter")
        return await simple(1)
    async def __aexit__(self, t, e, tb):
        self.log.append(("aexit", t and t.__name__))
        await simple(1)
        return self.swallow


class AIter:
    def __init__(self, n): self.n = n
    def __aiter__(self): return self
    async def __anext__(self):
        if self.n == 0:
            raise StopAsyncIteration
        self.n -= 1
        return self.n


async def agen(n):
    try:
        for i in range(n):
            got = yield i
            if got:
                yield ("got", got)
    finally:
        await simple(0)


def complete(coro):
    """Run a coroutine by hand, answering each suspension with its own value."""
    sent, out = None, []
    try:
        while True:
            out.append(coro.send(sent))
            sent = ("answer", out[-1])
    except StopIteration as stop:
        return out, stop.value


def test_by_hand():
    for f in (simple, chain, suspended, failing):
        run(lambda x: complete(f(x)), 3)
        run(lambda x: complete(f(x)), 0)
        run(lambda x: complete(f(x)), "s")
    async def custom(a): return await a
    matrix(lambda make: complete(custom(make())), [(lambda: Awaitable(1),), (lambda: BadAwait(),), (lambda: 5,), (lambda: simple(1),), (lambda: None,)])
    compiled(complete)


async def use_with(log, fail, swallow):
    async with ACM(log, swallow) as v, ACM(log):
        log.append(v)
        if fail:
            raise fail
    log.append("after")
    return log


async def use_for(it):
    out = []
    async for x in it:
        out.append(x)
        if len(out) > 5:
            break
    else:
        out.append("else")
    return out


def test_with_for():
    for fail in (None, ValueError):
        for swallow in (False, True):
            run(lambda: complete(use_with([], fail, swallow)))
    for make in (lambda: AIter(3), lambda: agen(3), lambda: agen(20), lambda: [1], lambda: AIter(0), lambda: None):
        run(lambda: complete(use_for(make())))
    class NoNext:
        def __aiter__(self): return 5
    class BadNext:
        def __aiter__(self): return self
        def __anext__(self): return 5
    run(lambda: complete(use_for(NoNext())))
    run(lambda: complete(use_for(BadNext())))


async def gather_many(n):
    async def work(i):
        await asyncio.sleep(0)
        if i == 7:
            raise ValueError(i)
        return i * i
    r = await asyncio.gather(*[work(i) for i in range(n)], return_exceptions=True)
    return [x if isinstance(x, int) else repr(x) for x in r]


async def with_group(n):
    out = []
    async with asyncio.TaskGroup() as g:
        for i in range(n):
            g.create_task(add(out, i))
    return sorted(out)


async def add(out, i):
    await asyncio.sleep(0)
    out.append(i)


async def timeouts():
    try:
        async with asyncio.timeout(0.001):
            await asyncio.sleep(10)
    except TimeoutError:
        return "timed out"


async def cancels():
    log = []
    async def victim():
        try:
            await asyncio.sleep(10)
        except asyncio.CancelledError:
            log.append("cancelled")
            raise
        finally:
            log.append("finally")
    t = asyncio.create_task(victim())
    await asyncio.sleep(0)
    t.cancel("why")
    try:
        await t
    except asyncio.CancelledError as e:
        log.append(str(e))
    return log


async def queue(n):
    q = asyncio.Queue(2)
    async def produce():
        for i in range(n):
            await q.put(i)
        await q.put(None)
    async def consume():
        out = []
        while (x := await q.get()) is not None:
            out.append(x)
        return out
    _, r = await asyncio.gather(produce(), consume())
    return r


def test_asyncio():
    for make in (lambda: gather_many(10), lambda: with_group(5), timeouts, cancels, lambda: queue(7)):
        for _ in range(3):
            show(asyncio.run(make()))


async def agen_methods():
    log = []
    g = agen(4)
    log.append(await g.__anext__())
    log.append(await g.asend("hello"))
    log.append(await anext(g))
    try:
        await g.athrow(ValueError("thrown"))
    except ValueError as e:
        log.append(str(e))
    log.append(await anext(g, "finished"))
    h = agen(3)
    await anext(h)
    await h.aclose()
    log.append([x async for x in agen(3)])
    log.append(g.ag_running)
    return log


def test_async_generators():
    for _ in range(3):
        show(complete(agen_methods()))


def objects():
    c = simple(1)
    out = [type(c) is types.CoroutineType, c.__name__, c.cr_frame.f_lineno - simple.__code__.co_firstlineno, c.cr_running, c.cr_await]
    c.close()
    try:
        c.send(None)
    except RuntimeError as e:
        out.append(str(e))
    return out


def test_objects(): run(objects)


def test_never_awaited():
    import warnings
    def f():
        with warnings.catch_warnings(record=True) as seen:
            warnings.simplefilter("always")
            simple(1)
            return [str(w.message) for w in seen], [w.lineno for w in seen]
    run(f)


def make_and_call(n):
    """A plain (compilable) function that makes coroutines and hands them on."""
    coros = [simple(i) for i in range(n)]
    out = []
    for c in coros:
        try:
            c.send(None)
        except StopIteration as s:
            out.append(s.value)
    return out


def test_make():
    run(make_and_call, 5)
    compiled(make_and_call)


async def tb_inner(x):
    y = x - 1
    await asyncio.sleep(0)
    return [1, 2][x + y]


async def tb_outer(x):
    return await tb_inner(
        x
    )


def test_traceback():
    for _ in range(3):
        once(lambda: asyncio.run(tb_outer(5)))


async def context_vars():
    import contextvars
    v = contextvars.ContextVar("v", default=0)
    async def child(n):
        v.set(n)
        await asyncio.sleep(0)
        return v.get()
    r = await asyncio.gather(*(child(i) for i in range(4)))
    return r, v.get()


def test_context_vars():
    for _ in range(3):
        show(asyncio.run(context_vars()))


def test_sync_errors():
    def f(): return [x for x in agen(3)]
    run(f)
    async def g():
        for x in agen(3):
            pass
    run(lambda: complete(g()))
    async def h():
        with ACM([]):
            pass
    run(lambda: complete(h()))
    async def w():
        async with open("/dev/null"):
            pass
    run(lambda: complete(w()))
