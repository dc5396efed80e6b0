"""Closures: cells read, written, deleted, shared; nonlocal; late binding; decorators; cells seen from outside."""
import gc
import weakref

from check import compiled, fresh, matrix, once, outcome, run, say, show


def counter():
    n = 0
    def inc(by=1):
        nonlocal n
        n += by
        return n
    def get(): return n
    def reset():
        nonlocal n
        n = 0
    return inc, get, reset


def test_counter():
    def use(k):
        inc, get, reset = counter()
        for i in range(k):
            inc(i)
        a = get()
        reset()
        return a, get(), inc()
    matrix(use, [(5,), (0,), (100,)])
    inc, get, reset = counter()
    run(inc)
    run(inc, 1 << 62)
    run(inc, 0.5)
    run(inc, "s")
    run(get)
    for f in (inc, get, use):
        compiled(f)


def test_late_binding():
    def make(): return [lambda: i for i in range(3)], [lambda i=i: i for i in range(3)]
    def use():
        late, early = make()
        return [f() for f in late], [f() for f in early]
    run(use)
    def loop():
        fs = []
        for i in range(3):
            def f(): return i
            fs.append(f)
        i = "after"
        return [f() for f in fs]
    run(loop)


def test_unbound_cells():
    def f(flag):
        if flag:
            x = 1
        def g(): return x
        return g()
    matrix(f, [(True,), (False,)])
    def deleted():
        x = 1
        def g(): return x
        a = g()
        del x
        try:
            g()
        except NameError as e:
            return a, str(e)
    run(deleted)
    def del_twice():
        x = 1
        def g(): return x
        del x
        del x
    run(del_twice)
    def nonlocal_del():
        x = 1
        def g():
            nonlocal x
            del x
        g()
        return x
    run(nonlocal_del)
    def unbound_local():
        def g(): return x
        print(x)
        x = 1
    run(unbound_local)
    def set_through(flag):
        def setter():
            nonlocal x
            x = 5
        if flag:
            setter()
        return x
        x = 0
    matrix(set_through, [(True,), (False,)])
    compiled(f)


def test_parameters_are_cells():
    def f(a, *b, c=3, **d):
        def g():
            nonlocal a, b
            a, b = b, a
            return a, b, c, d
        return g(), a, b
    run(f, 1, 2, 3, c=4, e=5)
    run(f, 1)
    compiled(f)


def test_nested_three():
    def a(x):
        def b(y):
            def c(z):
                nonlocal x, y
                x += z
                y += x
                return x, y, z
            return c
        return b
    def use(n):
        c = a(1)(2)
        for i in range(n):
            r = c(i)
        return r
    run(use, 10)
    c = a("x")("y")
    run(c, "z")
    run(c, 5)


def test_cell_contents_from_outside():
    def make():
        x = 1
        def get(): return x
        def put(v):
            nonlocal x
            x = v
        return get, put
    get, put = make()
    run(get)
    get.__closure__[0].cell_contents = "outside"
    run(get)
    del get.__closure__[0].cell_contents
    run(get)
    put(7)
    run(get)
    show(get.__closure__[0] is put.__closure__[0], get.__code__.co_freevars, make.__code__.co_cellvars)
    compiled(get)


def test_decorators():
    log = []
    def deco(tag):
        def wrap(f):
            def inner(*a, **k):
                log.append(tag)
                return (tag, f(*a, **k))
            inner.__wrapped__ = f
            return inner
        return wrap
    @deco("outer")
    @deco("inner")
    def f(a, b=2): return a, b
    class C:
        @deco("m")
        def m(self, x): return x
        @classmethod
        @deco("c")
        def c(cls, x): return cls.__name__, x
        @property
        @deco("p")
        def p(self): return "prop"
    def use(o, x): return f(x), f(x, b=3), o.m(x), o.c(x), o.p, f.__wrapped__.__wrapped__(x)
    run(use, C(), 1)
    matrix(use, [(C(), 1), (C(), "s"), (None, 1)])
    def bad_decorator():
        @5
        def g(): pass
    run(bad_decorator)
    def order():
        log.clear()
        def d(n):
            log.append(("eval", n))
            def w(f):
                log.append(("apply", n))
                return f
            return w
        @d(1)
        @d(2)
        def g(a=log.append("default")): return a
        return list(log)
    run(order)


def memo(f):
    cache = {}
    def g(*args):
        try:
            return cache[args]
        except KeyError:
            r = cache[args] = f(*args)
            return r
    return g


@memo
def fib(n): return n if n < 2 else fib(n - 1) + fib(n - 2)


def test_memo():
    run(fib, 50)
    run(fib, 100)
    once(fib, [1])
    compiled(fib)


def test_shared_loop_cell():
    def accumulate(values):
        total = 0
        history = []
        def add(v):
            nonlocal total
            total += v
            history.append(total)
        for v in values:
            add(v)
            if total > 100:
                total = 0
        return total, history
    matrix(accumulate, [([1, 2, 3],), ([1.5, 2],), ([50, 60, 70],), (["a"],), ([True, 1 << 70],), ([],)])
    compiled(accumulate)


def test_comprehension_cells():
    def f(n):
        k = 10
        return [x * k for x in range(n)], {x: (lambda: x + k)() for x in range(n)}, [[y + x for y in range(x)] for x in range(n)]
    run(f, 4)
    def shadow(x): return [x for x in range(x)], x
    run(shadow, 3)
    def leak():
        fs = [lambda: y for y in range(3)]
        try:
            return y, fs
        except NameError as e:
            return str(e), [g() for g in fs]
    run(leak)
    class C:
        k = 3
        v = [i for i in range(k)]
    show(C.v)


def test_closure_outlives():
    log = []
    class D:
        def __del__(self): log.append("dead")
    def make():
        d = D()
        def use(): return d is not None
        return use
    for _ in range(25):
        log.clear()
        u = make()
        u()
        log.append("before")
        del u
        log.append("after")
    show(log)


def test_self_reference():
    import gc
    import weakref
    def make():
        def rec(n): return 0 if n == 0 else 1 + rec(n - 1)
        return rec
    for _ in range(25):
        r = make()
        r(5)
        w = weakref.ref(r)
        del r
        gc.collect()
    show(w() is None)


def test_eval_sees_closure():
    def f(x):
        def g(): return eval("x") if x else None
        return g()
    run(f, 5)
    def h():
        x = 1
        exec("x = 2")
        return x, locals()["x"]
    run(h)


def test_closures_made_anew_are_not_taken_for_one():
    """Each lies where the one before it lay; code that was made for one of them would keep alive what it holds."""
    class Token: pass
    tokens = weakref.WeakSet()
    def outer(token):
        def inner(k): return inner(k - 1) if k else token
        found = inner(3)
        del inner
        return found is token
    right = 0
    for _ in range(3000):
        token = Token()
        tokens.add(token)
        right += outer(token)
    del token
    gc.collect()
    say(f"{right} right, {len(tokens)} alive")
    compiled(outer)
