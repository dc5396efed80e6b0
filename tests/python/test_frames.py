"""Frames seen from outside: sys._getframe, f_locals read and written, f_lineno, f_back, inspect, of compiled callers."""
import gc
import inspect
import sys

from check import compiled, fresh, matrix, once, outcome, run, say, show


def peek(depth=1):
    """What a callee sees of its caller."""
    f = sys._getframe(depth)
    return f.f_code.co_name, f.f_lineno - f.f_code.co_firstlineno, dict(f.f_locals), f.f_lasti


def caller(a, b):
    c = a + b
    first = peek()
    d = [c]
    c = "rebound"
    second = peek()
    del d
    return first, second, peek()


def in_loop(n):
    out = []
    for i in range(n):
        x = i * 1.5
        y = i * i
        out.append(peek())
    return out[-1], len(out)


def unboxed(n):
    total = 0
    scale = 0.5
    for i in range(n):
        total += i
        scale *= 1.5
        if i == n - 1:
            seen = peek()
    return seen


def nested(a):
    def inner(b):
        z = a + b
        return peek(1), peek(2)
    y = a * 2
    return inner(y)


def in_expression(a):
    return [1, a, (peek(), 2), {"k": peek()}, *(peek(),)][2:]


def with_cells(a):
    b = a + 1
    def g():
        nonlocal b
        b += 1
        return a, b
    r = g()
    return peek(), r, peek()


def in_except(a):
    try:
        b = 1
        a.nothing
    except AttributeError as e:
        r = peek()
        return r[0], r[1], sorted(r[2])
    finally:
        say(peek()[:2])


def unbound(flag):
    if flag:
        x = 1
    r = peek()
    y = 2
    return r


def args_kinds(a, /, b, *c, d=4, **e):
    return peek()


def test_peek():
    for args in ((1, 2), ("a", "b"), (1.5, 2), (1 << 70, True)):
        run(caller, *args)
    run(in_loop, 5)
    run(unboxed, 10)
    run(unboxed, 70)
    run(nested, 1)
    run(in_expression, "s")
    run(with_cells, 5)
    run(in_except, 5)
    matrix(unbound, [(True,), (False,)])
    run(args_kinds, 1, 2, 3, 4, d=5, f=6)
    for f in (caller, in_loop, unboxed, nested, with_cells, args_kinds):
        compiled(f)


def poke(name, value):
    sys._getframe(1).f_locals[name] = value


def poked(a):
    b = a
    poke("a", "poked")
    poke("b", [1])
    poke("c", 5)
    try:
        return a, b, c
    except NameError as e:
        return a, b, str(e)


def poked_loop(n):
    total = 0
    for i in range(n):
        if i == 3:
            poke("total", 1000)
        if i == 5:
            poke("total", 0.5)
        if i == 7:
            poke("i", 100)
        total += i
    return total, i


def poked_bound():
    poke("later", "set from outside")
    try:
        return later
    except UnboundLocalError as e:
        return str(e)
    later = 1


def poked_cell():
    x = 1
    def g(): return x
    poke("x", "cell poked")
    return x, g()


def poked_type(n):
    """A local the compiler could keep unboxed changes its type behind its back."""
    x = 1
    y = 2.5
    poke("x", "string now")
    poke("y", None)
    return x, y, [x] * n


def test_poke():
    run(poked, 1)
    run(poked_loop, 10)
    run(poked_bound)
    run(poked_cell)
    run(poked_type, 2)
    for f in (poked, poked_loop, poked_cell, poked_type):
        compiled(f)


def names(limit=6):
    out = []
    f = sys._getframe(1)
    while f and len(out) < limit:
        if f.f_code.co_filename == __file__:
            out.append((f.f_code.co_name, f.f_lineno))
        f = f.f_back
    return out


def a1(n): return a2(n) + [1]
def a2(n): return a3(n) if n else names()
def a3(n): return list(map(lambda k: names(), [1]))[0]
def small(x): return names()
def calls_small(n): return [small(i) for i in range(n)][-1]
class M:
    def __init__(self): self.seen = names()
    @property
    def p(self): return names()
    def __add__(self, o): return names()
    def __getattr__(self, n): return names()
    def __getitem__(self, k): return names()
    def __len__(self): say(names()); return 3
    def __bool__(self): say(names()); return True
    def __iter__(self): say(names()); return iter(())
    def __eq__(self, o): return names()
    def __enter__(self): say(names())
    def __exit__(self, *a): say(names())
    def __del__(self): say(names())
    def __call__(self): return names()
    def __hash__(self): say(names()); return 1
    def __format__(self, s): say(names()); return ""
    def __contains__(self, k): say(names()); return True


def every_hook():
    m = M()
    out = [m.seen, m.p, m + 1, m.nothing, m[0], m == 1, m(), len(m)]
    if m:
        out.append("true")
    for _ in m:
        pass
    with m:
        pass
    f"{m}"
    1 in m
    {m: 1}
    m = None
    return out


def test_back():
    run(a1, 0)
    run(a1, 1)
    run(calls_small, 3)
    run(every_hook)
    for f in (a1, a2, a3, small, calls_small, every_hook):
        compiled(f)


def stack_names(): return [(f.function, f.lineno, f.positions) for f in inspect.stack()[:6] if f.filename == __file__]
def inspected(x):
    y = (x,
         stack_names())
    return y


def arg_values(a, b=2, *c, **d):
    return inspect.getargvalues(inspect.currentframe())


def test_inspect():
    run(inspected, 1)
    run(arg_values, 1, 3, 4, e=5)
    show(str(inspect.signature(arg_values)), inspect.getsource(stack_names), inspect.getclosurevars(every_hook).globals.keys())
    compiled(inspected)


def keep_frame(a):
    b = a + 1
    return sys._getframe()


def test_frame_outlives():
    def use(n):
        f = keep_frame(n)
        return f.f_locals, f.f_lineno - f.f_code.co_firstlineno, f.f_back is None, f.f_code.co_name
    run(use, 1)
    run(use, 2.5)
    frames = [keep_frame(i) for i in range(40)]
    show([dict(f.f_locals) for f in frames[::13]])
    frames[0].clear()
    show(dict(frames[0].f_locals), [dict(f.f_locals) for f in frames[1:3]])
    compiled(keep_frame)


def frame_dies():
    log = []
    class D:
        def __del__(self): log.append("dead")
    def f():
        d = D()
        return sys._getframe()
    fr = f()
    log.append("held")
    del fr
    gc.collect()
    log.append("released")
    def g():
        d = D()
        x = sys._getframe()
    g()
    log.append("cycle")
    gc.collect()
    log.append("collected")
    return log


def test_frame_lifetime(): run(frame_dies)


def getframe_midway(n):
    """Take the own frame object in the middle: what happens afterwards must show up in it."""
    x = 0
    f = None
    for i in range(n):
        x += i
        if i == 2:
            f = sys._getframe()
        y = float(x)
    return f.f_locals["x"], f.f_locals["y"], f.f_locals["i"], f.f_lineno - f.f_code.co_firstlineno


def test_midway():
    run(getframe_midway, 6)
    compiled(getframe_midway)


def locals_snapshots(a):
    d1 = locals()
    b = 1
    d2 = locals()
    d1["a"] = "changed copy"
    a = a * 2
    return d1, d2, locals() is d1, a, sorted(locals())


def frame_locals_proxy(a):
    p = sys._getframe().f_locals
    b = 5
    p["a"] = "through proxy"
    return a, p["b"], sorted(p), "a" in p, len(p), type(p).__name__, p == sys._getframe().f_locals, {**p}["b"]


def test_locals():
    matrix(locals_snapshots, [(1,), ("s",), (2.5,), ([1],)])
    run(frame_locals_proxy, 1)
    compiled(locals_snapshots)


def generator_frames():
    def g(a):
        b = yield peek()
        yield peek(), b
    it = g(1)
    out = [next(it), it.gi_frame.f_locals["a"], it.send("sent"), it.gi_frame.f_back]
    it.gi_frame.f_locals["a"] = "poked"
    return out, it.gi_frame.f_locals["a"]


def test_generator_frames(): run(generator_frames)


def trace_attr(n):
    f = sys._getframe()
    return f.f_trace, f.f_trace_lines, f.f_trace_opcodes, f.f_builtins is __builtins__ or f.f_builtins is vars(__builtins__), f.f_generator


def test_attributes(): run(trace_attr, 1)


def current_frames():
    import threading
    me = sys._current_frames()[threading.get_ident()]
    return me.f_code.co_name, me.f_lineno - me.f_code.co_firstlineno, me is sys._getframe()


def test_current_frames(): run(current_frames)


def super_deep(n):
    if n == 0:
        f, k = sys._getframe(), 0
        while f and f.f_code is super_deep.__code__:
            k += 1
            assert f.f_locals["n"] == k - 1
            f = f.f_back
        return k
    return super_deep(n - 1)


def test_deep():
    run(super_deep, 50)
    compiled(super_deep)


def fail(a):
    raise ValueError(a)


def handled(a, rounds):
    """A frame whose object nobody keeps once the exception is handled."""
    out = []
    for i in range(rounds):
        try:
            fail((a, i))
        except ValueError as e:
            out.append((e.args, e.__traceback__.tb_frame is sys._getframe()))
        b = len(out)
        out.append(peek()[2]["b"])
    try:
        fail(a)
    except ValueError:
        pass
    return out, a, b


def kept(a):
    """Somebody keeps it: it stays the frame's, whatever is handled afterwards, and has the locals at the end."""
    try:
        fail(a)
    except ValueError as e:
        frame = e.__traceback__.tb_frame
    try:
        fail(a)
    except ValueError:
        pass
    same = frame is sys._getframe()
    b = [a, same]
    return frame, b


def what_was_kept(a):
    frame, b = kept(a)
    return b, frame.f_locals["b"] is b, frame.f_locals["a"], frame.f_code.co_name, frame.f_back, frame.f_lineno - frame.f_code.co_firstlineno


def set_on_frame(what, value):
    """What is set on a frame object stays, although nobody holds the object."""
    setattr(sys._getframe(), what, value)
    try:
        fail(1)
    except ValueError:
        pass
    found = getattr(sys._getframe(), what)
    len(show(found))
    return getattr(sys._getframe(), what), found


def assigned_in_handler(a):
    try:
        fail(a)
    except ValueError as e:
        e.__traceback__.tb_frame.f_locals["a"] = "poked"
    before = a
    try:
        fail(a)
    except ValueError:
        pass
    return before, a


def test_handled():
    matrix(handled, [(1, 3), ("s", 0), (2.5, 1), ([1], 2)])
    matrix(what_was_kept, [(1,), ("s",), (None,)])
    matrix(set_on_frame, [("f_trace_opcodes", True), ("f_trace_opcodes", False), ("f_trace_lines", False), ("f_trace", None)])
    matrix(assigned_in_handler, [(1,), ("s",)])
    for function in (handled, kept, set_on_frame, assigned_in_handler):
        compiled(function)
