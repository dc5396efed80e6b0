"""Function objects: attributes changed at run time, code replaced, copying, pickling, introspection."""
import copy
import functools
import gc
import inspect
import pickle
import types
import weakref

from check import compiled, fresh, matrix, once, outcome, run, say, show, TRAIN


def target(a, b=2, *, c=3):
    """Docs."""
    return a, b, c


def other(a, b=2, *, c=3): return "other", a, b, c
def fewer(a): return "fewer", a
def more(a, b, d, *, c): return "more", a, b, c, d
def star(*a, **k): return "star", a, k
def gen(a, b=2, *, c=3):
    yield a
async def coro(a, b=2, *, c=3): return a


def caller(f): return f(1), f(1, c=5)


def test_code_replaced():
    def f(a, b=2, *, c=3): return "f", a, b, c
    original = f.__code__
    run(caller, f)
    for g in (other, fewer, more, star):
        f.__code__ = g.__code__
        run(caller, f)
        show(f.__name__, f.__code__.co_name)
    f.__code__ = gen.__code__
    run(lambda: list(f(1)))
    f.__code__ = coro.__code__
    run(lambda: outcome(lambda: f(1).close()))
    f.__code__ = original
    run(caller, f)
    def bad():
        x = 1
        def closure(): return x
        f.__code__ = closure.__code__
    run(bad)
    def direct(): return f(1), f(1, 9)
    run(direct)
    f.__code__ = other.__code__
    run(direct)
    compiled(direct)


def test_code_replaced_while_running():
    def f(n):
        if n == 2:
            f.__code__ = g.__code__
        return ("old", n, f(n - 1)) if n else "old end"
    def g(n): return ("new", n)
    saved = f.__code__
    def reset():
        f.__code__ = saved
        return f(4)
    run(reset)


def test_attributes():
    f = fresh(target)
    f.extra = 1
    f.__name__ = "renamed"
    f.__qualname__ = "Some.renamed"
    f.__doc__ = "new docs"
    f.__module__ = "nowhere"
    f.__annotations__ = {"a": int}
    run(lambda: f())
    show(f.__name__, f.__qualname__, f.__doc__, f.extra, f.__dict__, repr(f)[:22], f.__type_params__)
    f.__dict__ = {"z": 1}
    show(f.z)
    for bad in (lambda: setattr(f, "__code__", 5), lambda: setattr(f, "__defaults__", 5), lambda: setattr(f, "__closure__", ()), lambda: setattr(f, "__globals__", {}),
                lambda: setattr(f, "__name__", 5), lambda: delattr(f, "__code__")):
        once(bad)
    def inner(a): return a.x
    inner.__qualname__ = "Fancy.inner"
    once(inner, 5)
    for _ in range(TRAIN):
        outcome(inner, 5)
    inner.__name__ = "plain"
    inner.__qualname__ = "Later.inner"
    run(lambda: inner())
    compiled(inner)


def test_copies():
    f = target
    show(copy.copy(f) is f, copy.deepcopy(f) is f, pickle.loads(pickle.dumps(f)) is f)
    g = types.FunctionType(f.__code__, f.__globals__, "g", (7,))
    g.__kwdefaults__ = {"c": 8}
    run(g, 1)
    p = functools.partial(f, 1, c=9)
    run(pickle.loads(pickle.dumps(p)))
    class C:
        def m(self): return "m"
    show(copy.copy(C.m) is C.m)
    run(copy.copy(C()).m)
    w = functools.update_wrapper(lambda *a: f(*a), f)
    run(w, 1)
    show(inspect.unwrap(w) is f, w.__name__)


def test_introspection():
    for f in (target, other, more, star, gen, coro):
        show(str(inspect.signature(f)), inspect.isfunction(f), inspect.isgeneratorfunction(f), inspect.iscoroutinefunction(f), callable(f))
        c = f.__code__
        show(c.co_argcount, c.co_kwonlyargcount, c.co_varnames, c.co_flags & 0xFF, c.co_firstlineno, len(list(c.co_lines())) > 0, c.co_stacksize > 0)
        show(type(f) is types.FunctionType, f.__builtins__["len"] is len, f.__get__(1).__self__)
    for _ in range(TRAIN):
        target(1)
    import dis
    show([i.opname for i in dis.get_instructions(target)], hash(target.__code__) == hash(target.__code__.replace()), target.__code__ == target.__code__.replace())
    import marshal
    show(marshal.loads(marshal.dumps(target.__code__)) == target.__code__)
    compiled(target)


def test_death_of_functions():
    """Compiled functions die like any other, and their memory may be reused by new ones."""
    refs = []
    def make(i):
        def f(x): return x + i
        return f
    out = 0
    for i in range(300):
        f = make(i)
        for _ in range(3):
            out += f(1)
        if i % 50 == 0:
            refs.append(weakref.ref(f))
    del f
    gc.collect()
    show(out, [r() for r in refs])
    for i in range(100):
        scope = {}
        exec(f"def g(x):\n  y = x + {i}\n  return [y]", scope)
        g = scope["g"]
        for _ in range(20):
            r = g(1)
        if i % 25 == 0:
            show(r)
    code_ref = weakref.ref(g.__code__)
    del g, scope
    gc.collect()
    show(code_ref() is None)


def test_dies_while_running():
    def run_it():
        def f(n):
            nonlocal f
            x = n + 1
            del f
            gc.collect()
            return x, [x * 2]
        return f(1)
    run(run_it)
    class C:
        def m(self):
            del C.m
            return hasattr(C, "m")
    saved = C.m
    def use():
        C.m = saved
        return C().m()
    run(use)


def shared_code(n):
    """Many functions, one code object."""
    fs = [lambda x, i=i: x + i for i in range(n)]
    return [f(10) for f in fs], len({f.__code__ for f in fs})


def test_shared_code():
    run(shared_code, 5)
    def make(k):
        def f(x): return (x, k)
        return f
    a, b = make(1), make("b")
    run(a, 1)
    run(b, 1)
    a.__defaults__ = (99,)
    run(a)
    once(b)
    compiled(a)


def method_objects():
    class C:
        def m(self, x): return self, x
        def __repr__(self): return "C"
        def __eq__(self, o): return isinstance(o, C)
        __hash__ = None
    c = C()
    m = c.m
    return m(1), m.__func__ is C.m, m.__self__ is c, m == c.m, m.__name__, C.m.__get__(c)(2), types.MethodType(C.m, 5)(3)


def test_method_objects(): run(method_objects)


def test_builtin_function_types():
    show(type(target).__name__, isinstance(target, types.FunctionType), type(target.__call__).__name__, target.__call__(1), target.__hash__() == hash(target), target == target)
    def use(f): return f.__call__(1)
    matrix(use, [(target,), (star,), (len,), (5,), (int,)])


def vectorcall_after_changes():
    def f(x, y=1): return x, y
    def call(): return f(1), f(1, 2), f(x=1), f(*(1,)), f(**{"x": 3})
    out = []
    for _ in range(30):
        first = call()
    out.append(first)
    f.__defaults__ = (5,)
    out.append(call())
    f.__code__ = (lambda x, y=1: [x, y]).__code__
    out.append(call())
    f.__defaults__ = None
    try:
        call()
    except TypeError as e:
        out.append(str(e))
    f.__kwdefaults__ = {}
    f.__defaults__ = (7,)
    out.append(call())
    return out


def test_vectorcall(): run(vectorcall_after_changes)
