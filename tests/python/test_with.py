"""with statements: order, swallowing, replacing, several managers, odd managers, control flow out of the body."""
import contextlib
import sys

from check import compiled, fresh, matrix, once, outcome, run, say, show


class CM:
    def __init__(self, name="cm", swallow=False, enter=None, exit=None):
        self.name, self.swallow, self.enter, self.exit, self.log = name, swallow, enter, exit, []
    def __enter__(self):
        LOG.append(f"enter {self.name}")
        if self.enter:
            raise self.enter
        return self.name
    def __exit__(self, t, e, tb):
        LOG.append((f"exit {self.name}", t and t.__name__, type(e).__name__, tb is not None, tb and tb.tb_lineno))
        if self.exit:
            raise self.exit
        return self.swallow
    def __repr__(self): return f"CM({self.name})"


LOG = []


def logged(f):
    def g(*a):
        LOG.clear()
        try:
            return f(*a), list(LOG)
        except BaseException as e:
            e.add_note(str(LOG))
            raise
    g.__qualname__ = f.__qualname__
    g.__name__ = f.__name__
    g.inner = f
    return g


def body(k):
    if k:
        raise k


def simple(cm, k):
    with cm as name:
        body(k)
        return name
    return "after"


def no_target(cm, k):
    with cm:
        body(k)
    return "after"


def two(a, b, k):
    with a as x, b as y:
        body(k)
        return x, y
    return "after"


def nested(a, b, k):
    with a:
        with b:
            body(k)
        LOG.append("between")
    return "after"


def flow(cm, how):
    for i in range(3):
        with cm as x:
            if how == "continue":
                continue
            if how == "break":
                break
            if how == "return":
                return "returned", i
            if how == "raise" and i == 1:
                raise KeyError(i)
            LOG.append(i)
    else:
        LOG.append("else")
    return "end", i


def in_try(cm, k):
    try:
        with cm:
            body(k)
    except ValueError as e:
        return "value", str(e)
    except Exception as e:
        return type(e).__name__, type(e.__context__).__name__
    else:
        return "else"
    finally:
        LOG.append("finally")


def target_fails(cm, k):
    with cm as (a, b):
        return a, b


def targets(cm, k):
    class O:
        pass
    o, l = O(), [0]
    with cm as o.x, cm as l[0]:
        body(k)
    return o.x, l


class OnlyEnter:
    def __enter__(self): return 1
    def __repr__(self): return "OnlyEnter"


class OnlyExit:
    def __exit__(self, *a): return 1
    def __repr__(self): return "OnlyExit"


class InstanceAttrs:
    def __init__(self): self.__enter__ = lambda: 1; self.__exit__ = lambda *a: 1
    def __repr__(self): return "InstanceAttrs"


class Static:
    __enter__ = staticmethod(lambda: "static")
    __exit__ = staticmethod(lambda *a: LOG.append("static exit"))
    def __repr__(self): return "Static"


class BadTruth:
    class T:
        def __bool__(self): raise OverflowError("bool of exit's result")
    def __enter__(self): return self
    def __exit__(self, *a): return self.T()
    def __repr__(self): return "BadTruth"


class Async:
    async def __aenter__(self): return 1
    async def __aexit__(self, *a): return 1
    def __repr__(self): return "Async"


class Property:
    @property
    def __enter__(self): return lambda: "prop"
    @property
    def __exit__(self): return lambda *a: LOG.append("prop exit")
    def __repr__(self): return "Property"


@contextlib.contextmanager
def made(swallow):
    LOG.append("made enter")
    try:
        yield "made"
    except ValueError:
        LOG.append("made caught")
        if not swallow:
            raise
    finally:
        LOG.append("made exit")


MANAGERS = [lambda: CM(), lambda: CM("swallower", True), lambda: CM("bad enter", enter=OSError("enter")), lambda: CM("bad exit", exit=TypeError("exit")),
            lambda: CM("truthy", [1]), OnlyEnter, OnlyExit, InstanceAttrs, Static, BadTruth, Async, Property, lambda: made(True), lambda: made(False),
            lambda: contextlib.suppress(ValueError), lambda: contextlib.nullcontext("null"), lambda: contextlib.ExitStack(), lambda: 5, lambda: None,
            lambda: contextlib.closing(open("/dev/null"))]
KINDS = [lambda: None, lambda: ValueError("v"), lambda: KeyError("k"), lambda: StopIteration(1), lambda: KeyboardInterrupt()]


def test_one():
    for f in (simple, no_target, in_try, targets, target_fails):
        cases = [(lambda m=m, k=k: (m(), k())) for m in MANAGERS for k in KINDS]
        matrix(f, cases, train_on=(0, 1, 5, 6, 40, 62))
        g = logged(f)
        for m in MANAGERS[:9]:
            for k in KINDS:
                for _ in range(3):
                    once(g, m(), k())
        compiled(f)


def test_two():
    for f in (two, nested):
        g = logged(f)
        for m in MANAGERS[:4]:
            for n in MANAGERS[:4]:
                for k in KINDS[:3]:
                    for _ in range(3):
                        once(g, m(), n(), k())
        compiled(f)


def test_flow():
    g = logged(flow)
    for m in MANAGERS[:5]:
        for how in ("", "continue", "break", "return", "raise"):
            for _ in range(3):
                once(g, m(), how)
    compiled(flow)


def test_exit_sees_exception():
    def f():
        seen = []
        class C:
            def __enter__(self): return self
            def __exit__(self, t, e, tb):
                seen.append((type(sys.exception()).__name__, e is sys.exception(), tb.tb_lineno if tb else None, tb.tb_frame is sys._getframe(1) if tb else None))
                return True
        with C():
            raise ValueError
        seen.append(sys.exception())
        with C():
            pass
        try:
            raise KeyError
        except KeyError:
            with C():
                1 / 0
            seen.append(type(sys.exception()).__name__)
        return seen
    run(f)
    compiled(f)


def test_methods_replaced():
    c = CM()
    def f():
        with c as x:
            return x
    run(f)
    saved = CM.__enter__
    CM.__enter__ = lambda self: "patched"
    run(f)
    CM.__enter__ = saved
    c.__enter__ = lambda: "ignored"
    run(f)
    del c.__enter__
    saved = CM.__exit__
    del CM.__exit__
    run(f)
    CM.__exit__ = saved
    run(f)


def test_lock_and_file():
    import threading
    lock = threading.Lock()
    def f(n):
        t = 0
        for i in range(n):
            with lock:
                t += i
        return t, lock.locked()
    def g(n):
        with lock:
            raise ValueError(lock.locked())
    run(f, 10)
    run(g, 1)
    show(lock.locked())
    def read():
        with open("/dev/null") as h:
            return h.read(), h.closed
    run(read)
    compiled(f)


def test_exit_stack():
    def f(n, k):
        log = []
        with contextlib.ExitStack() as stack:
            for i in range(n):
                stack.callback(log.append, i)
            stack.enter_context(contextlib.suppress(ValueError))
            body(k)
        return log
    for k in (None, ValueError("x"), KeyError("y")):
        run(f, 3, k and type(k)(*k.args))


def parenthesized():
    with (
        CM("a") as a,
        CM("b") as b,
        contextlib.nullcontext([1]) as [c],
    ):
        return a, b, c


def test_parenthesized(): run(parenthesized)


def lifetime():
    log = []
    class D:
        def __enter__(self): return self
        def __exit__(self, *a): log.append("exit")
        def __del__(self): log.append("del")
    with D():
        log.append("body")
    log.append("after")
    with D() as d:
        pass
    log.append("still bound")
    del d
    log.append("end")
    return log


def test_lifetime(): run(lifetime)
