"""When objects die: at del, at rebinding, at return, after a call; weak references and finalisers; cycles; the collector in loops."""
import gc
import sys
import weakref

from check import compiled, fresh, matrix, once, outcome, run, say, show, TRAIN

LOG = []


class D:
    """Says when it dies."""
    def __init__(self, name, *refs): self.name, self.refs = name, refs
    def __del__(self): LOG.append(self.name)
    def method(self): return 1
    def __add__(self, o): return D(f"({self.name}+{o.name if isinstance(o, D) else o})")
    def __getitem__(self, i): return D(f"{self.name}[{i}]")
    def __enter__(self): return self
    def __exit__(self, *a): LOG.append("exit")
    def __iter__(self): return iter((1, 2))
    def __call__(self, *a): return 2
    def __bool__(self): return True
    def __len__(self): return 3
    def __eq__(self, o): return True
    __hash__ = object.__hash__
    @property
    def prop(self): return D(self.name + ".prop")


def mark(x):
    LOG.append(x)
    return x


def timeline(f, *args):
    """The order of deaths and marks, the same at every call."""
    seen = None
    for i in range(TRAIN + 4):
        LOG.clear()
        try:
            f(*args)
        except Exception as e:
            LOG.append(type(e).__name__)
            del e
        LOG.append("returned")
        gc.collect(0)
        if LOG != seen:
            say(f"{f.__name__} from call {i}: {LOG}")
            seen = list(LOG)
    compiled(f)


def deleted():
    x = D("x")
    mark(1)
    del x
    mark(2)


def rebound():
    x = D("a")
    mark(1)
    x = D("b")
    mark(2)
    x = None
    mark(3)


def returned_from():
    x, y = D("x"), D("y")
    mark(1)
    return 5


def temporary():
    D("t1").method()
    mark(1)
    D("t2") + D("t3")
    mark(2)
    [D("t4")]
    mark(3)
    (D("t5"), mark("in"), D("t6"))
    mark(4)
    D("t7")[0]
    mark(5)
    D("t8").prop
    mark(6)
    len([D("t9")])
    mark(7)
    len(D("t10"))
    mark(8)
    D("t11")()
    mark(9)
    D("t12").name
    mark(10)
    D("t13") == 1
    mark(11)
    D("t14") is None
    mark(12)
    not D("t15")
    mark(13)
    f"{D('t16').name}"
    mark(14)


def chained(): return D("a").prop.prop.name


def passed():
    helper(D("arg"))
    mark("after call")
    helper(D("a1"), D("a2"))
    mark("after call 2")


def helper(*args):
    mark("in helper")
    return None


def one_param(x):
    mark("in one_param")
    x = None
    mark("param dropped")


def drops_parameter():
    one_param(D("arg"))
    mark("after")


def deletes_param(x):
    del x
    mark("param deleted")


def passes_to_deleter():
    deletes_param(D("arg"))
    mark("after")


def named_then_passed():
    y = D("arg")
    deletes_param(y)
    mark("still mine")
    del y
    mark("gone")


def branches():
    for i in range(3):
        x = D(f"x{i}")
        if i == 1:
            continue
        y = D(f"y{i}")
        if i == 2:
            break
    mark("loop over")


def loop_variable():
    for x in [D("l1"), D("l2")]:
        mark(x.name + "!")
    mark("after loop")
    del x
    mark("end")


def raising():
    x = D("x")
    y = D("y")
    mark(1)
    raise ValueError


def raising_midway():
    [D("s1"), D("s2"), helper(D("s3"), 1 / 0)]


def caught():
    try:
        x = D("x")
        D("y").nothing
    except AttributeError as e:
        mark("handler")
    mark("after handler")
    del x
    mark("end")


def caught_deeper():
    try:
        raising()
    except ValueError:
        mark("handler")
    mark("after")


def swap():
    a, b = D("a"), D("b")
    a, b = b, a
    mark(1)
    del a
    mark(2)
    del b
    mark(3)


def containers():
    l = [D("l0"), D("l1")]
    l[0] = None
    mark(1)
    l.pop()
    mark(2)
    d = {"k": D("d")}
    d["k"] = D("d2")
    mark(3)
    d.clear()
    mark(4)
    s = {D("s")}
    s.pop()
    mark(5)
    t = (D("t"),)
    t = ()
    mark(6)
    l.append(D("l2"))
    l.clear()
    mark(7)
    l = [D("l3")] * 3
    del l[0], l[0]
    mark(8)
    l = None
    mark(9)


def closure_cell():
    x = D("x")
    def f(): return x
    f()
    del f
    mark(1)
    x = None
    mark(2)


def with_block():
    with D("cm"):
        mark("body")
    mark("after")
    with D("cm2") as c:
        pass
    c = 1
    mark("end")


def unpacking():
    a, *b = D("1"), D("2"), D("3")
    b = None
    mark(1)
    a, c = D("4"), D("5")
    mark(2)


def conditional_expression(flag=True):
    x = D("yes") if flag else D("no")
    mark(1)
    x = (D("left") and D("right"))
    mark(2)
    x = D("first") or D("second")
    mark(3)


def attributes():
    o = D("o")
    o.child = D("child")
    o.child = None
    mark(1)
    o.self = o
    del o
    mark(2)


def generator_expression():
    g = (x for x in [D("g1"), D("g2")])
    next(g)
    mark(1)
    del g
    mark(2)


def comprehension():
    r = [x.name for x in [D("c1"), D("c2")]]
    mark(1)
    r = [D(n) for n in "ab"]
    mark(2)


def default_arg():
    def f(a=D("default")): pass
    f()
    f = None
    mark(1)


def augmented():
    x = D("x")
    x += D("y")
    mark(x.name)


def star_call():
    helper(*[D("s1"), D("s2")], **{})
    mark(1)


def fstring():
    s = f"{D('f')!r:.1}"
    mark(1)


def returns_local():
    x = D("x")
    return x


def ignored_result():
    returns_local()
    mark(1)
    y = returns_local()
    mark(2)


def finally_block():
    x = D("x")
    try:
        return mark(1)
    finally:
        x = None
        mark(2)


def match_block():
    match [D("m1"), D("m2")]:
        case [a, b]:
            mark(1)
    del a
    mark(2)


def nested_calls(): return helper(helper(D("inner")), D("outer"))
def method_temp(): D("m").method(); mark(1)
def subscript_temp(): [D("a"), D("b")][1]; mark(1)
def compare_chain(): D("x") == D("y") == D("z"); mark(1)


FUNCTIONS = [v for v in list(globals().values()) if getattr(v, "__code__", None) and getattr(v, "__module__", "") == __name__
             and v.__name__ not in ("mark", "timeline", "helper", "one_param", "deletes_param")]


def test_locals_and_temporaries():
    for f in FUNCTIONS:
        if f not in (drops_parameter, passes_to_deleter, passed):
            timeline(f)


def test_arguments():
    """A named object handed to a function that lets go of its parameter. (A temporary handed over is the caller's until the call is
    over when the callee is compiled, as in every call through C; interpreted calls give it away.)"""
    timeline(named_then_passed)


def test_weakrefs():
    def f():
        x = D("x")
        r = weakref.ref(x)
        alive = r() is x
        del x
        dead = r() is None
        called = []
        y = D("y")
        r2 = weakref.ref(y, lambda _: called.append(1))
        y = None
        p = weakref.proxy(z := D("z"))
        m = p.method()
        z = None
        try:
            p.method()
        except ReferenceError as e:
            err = str(e)
        return alive, dead, called, m, err
    run(f)
    def dictionaries():
        w = weakref.WeakValueDictionary()
        s = weakref.WeakSet()
        a, b = D("a"), D("b")
        w["a"], w["b"] = a, b
        s.add(a)
        a = None
        return sorted(w), len(s)
    run(dictionaries)
    def methods():
        d = D("m")
        r = weakref.WeakMethod(d.method)
        x = r()()
        del d
        return x, r() is None
    run(methods)
    compiled(f)


def test_cycles():
    def f(n):
        for i in range(n):
            a, b = D("a"), D("b")
            a.other, b.other = b, a
        return None
    for _ in range(3):
        gc.collect()
        LOG.clear()
        f(5)
        gc.collect()
        show(len(LOG) if len(LOG) > 8 else len(LOG))
        f(0)
    run(f, 0)
    compiled(f)


def test_collector_in_loop():
    """The collector runs at allocation in the middle of compiled code; nothing live may be taken."""
    old = gc.get_threshold()
    gc.set_threshold(1)
    try:
        def f(n):
            keep = []
            for i in range(n):
                node = [i, {}]
                node.append(node)
                t = (node, [node], {"k": node})
                keep.append((i, len(t), t[0][0]))
                if i % 3 == 0:
                    del node
            return keep
        run(f, 20)
        def g(n):
            out = 0
            for i in range(n):
                d = {j: [j] for j in range(4)}
                d["self"] = d
                out += sum(len(v) for v in d.values())
            return out
        run(g, 30)
        compiled(f)
    finally:
        gc.set_threshold(*old)
    def explicit(n):
        x = [[i] for i in range(n)]
        gc.collect()
        y = [v[0] for v in x]
        gc.collect()
        return y, gc.is_tracked(x)
    run(explicit, 5)


def test_callbacks():
    events = []
    def cb(phase, info): events.append(phase)
    gc.callbacks.append(cb)
    try:
        def f(): return [gc.collect() >= 0, 1]
        run(f)
    finally:
        gc.callbacks.remove(cb)
    show(events[:2])


class Resurrect:
    kept = []
    def __del__(self): Resurrect.kept.append(self)


def test_resurrection():
    def f():
        r = Resurrect()
        r.v = 5
        del r
        k = Resurrect.kept.pop()
        return k.v
    run(f)


class DelRaises:
    def __del__(self): raise ValueError("in del")


def test_del_raises():
    seen = []
    old = sys.unraisablehook
    sys.unraisablehook = lambda u: seen.append((type(u.exc_value).__name__, str(u.exc_value)))
    try:
        def f():
            x = DelRaises()
            del x
            y = DelRaises()
            return 1
        run(f)
    finally:
        sys.unraisablehook = old
    show(len(seen), seen[0])


class DelDeep:
    def __init__(self, nxt): self.nxt = nxt


def test_deep_chain():
    def f(n):
        x = None
        for _ in range(n):
            x = DelDeep(x)
        return 1
    for _ in range(4):
        show(f(50000))


def test_del_changes_world():
    """A finaliser that changes what the code around it looks at."""
    class Box:
        x = 1
    class Mean:
        def __del__(self): Box.x += 1
    def f():
        before = Box.x
        m = Mean()
        m = None
        after = Box.x
        return after - before
    run(f)
    def g(l):
        class Pop:
            def __del__(self): l.clear()
        p = Pop()
        a = l[0]
        p = None
        try:
            return a, l[0]
        except IndexError:
            return a, "gone"
    matrix(g, [lambda: ([1, 2],)])
    compiled(f)
