"""Types, instances and modules that change between (and during) calls of already compiled code."""
import sys
import types

from check import compiled, fresh, matrix, once, outcome, run, say, show


def read(o): return o.x
def call(o): return o.m()


def make():
    class A:
        x = "A.x"
        def m(self): return "A.m"
    class B(A):
        def __repr__(self): return "B"
    return A, B


def test_class_attribute_changes():
    A, B = make()
    b = B()
    run(read, b)
    A.x = "changed"
    run(read, b)
    B.x = "in B"
    run(read, b)
    b.x = "in b"
    run(read, b)
    del b.x
    run(read, b)
    del B.x
    run(read, b)
    del A.x
    run(read, b)
    A.x = property(lambda self: "property now")
    run(read, b)
    A.__getattr__ = lambda self, n: "getattr now"
    run(read, b)
    del A.x
    run(read, b)
    A.__getattribute__ = lambda self, n: "getattribute now"
    run(read, b)
    compiled(read)


def test_method_changes():
    A, B = make()
    b = B()
    run(call, b)
    A.m = lambda self: "new A.m"
    run(call, b)
    B.m = lambda self: "B.m"
    run(call, b)
    b.m = lambda: "instance m"
    run(call, b)
    del b.m
    run(call, b)
    B.m = staticmethod(lambda: "static")
    run(call, b)
    B.m = classmethod(lambda cls: cls.__name__)
    run(call, b)
    B.m = 5
    run(call, b)
    del B.m
    run(call, b)
    b.__dict__["m"] = len
    run(call, b)
    compiled(call)


def test_code_replaced_on_method():
    A, B = make()
    b = B()
    run(call, b)
    def other(self): return "other code"
    A.m.__code__ = other.__code__
    run(call, b)
    A.m.__defaults__ = (1, 2)
    run(call, b)
    def needs(self, k): return ("k", k)
    A.m.__code__ = needs.__code__
    run(call, b)
    A.m.__defaults__ = None
    run(call, b)


def test_bases_change():
    A, B = make()
    class Other:
        x = "Other.x"
        def m(self): return "Other.m"
    b = B()
    run(read, b)
    run(call, b)
    B.__bases__ = (Other,)
    run(read, b)
    run(call, b)
    B.__bases__ = (A, Other)
    run(read, b)


def test_class_assignment():
    A, B = make()
    class C(A):
        x = "C.x"
        def m(self): return "C.m"
    o = B()
    o.y = 1
    run(read, o)
    run(call, o)
    o.__class__ = C
    run(read, o)
    run(call, o)
    o.__class__ = A
    run(call, o)
    def bad(): o.__class__ = int
    run(bad)
    def flip(o, n):
        out = []
        for i in range(n):
            o.__class__ = C if i % 2 else B
            out.append(o.x)
        return out, type(o).__name__
    run(flip, o, 5)
    compiled(flip)


def test_class_assignment_in_a_call():
    A, B = make()
    class C(A):
        pass
    def change(o): o.__class__ = C
    def again(o):
        before = type(o)
        if type(o) is B:
            change(o)
        return before.__name__, type(o).__name__, type(o) is C, isinstance(o, B)
    for _ in range(3):
        run(again, B())
    compiled(again)


def test_changed_inside_loop():
    A, B = make()
    def loop(o, n, at, change):
        out = []
        for i in range(n):
            if i == at:
                change(o)
            out.append((o.x, o.m()))
        return out
    def set_instance(o): o.x = "instance"
    def set_class(o): type(o).x = "class"
    def set_method(o): type(o).m = lambda self: "patched"
    def set_dict(o): o.__dict__ = {"x": "fresh dict", "m": lambda: "dict m"}
    def set_getattribute(o): type(o).__getattribute__ = lambda self, n: (lambda: "ga")
    def delete(o): del A.x
    for change in (set_instance, set_class, set_method, set_dict, set_getattribute, delete):
        A, B = make()
        for _ in range(30):
            loop(B(), 5, -1, change)
        o = B()
        once(loop, o, 6, 3, change)
        once(loop, o, 4, -1, change)
    compiled(loop)


def test_method_patches_itself():
    class P:
        def __init__(self): self.n = 0
        def step(self):
            self.n += 1
            if self.n == 40:
                P.step = lambda self: "replaced while running"
            return self.n
    def drive(p, n):
        return [p.step() for _ in range(n)]
    p = P()
    once(drive, p, 45)
    once(drive, p, 3)


def test_property_changes():
    class P:
        @property
        def x(self): return "first"
    p = P()
    run(read, p)
    P.x = P.x.getter(lambda self: "second")
    run(read, p)
    P.x = 5
    run(read, p)


def test_slots_change():
    class S:
        __slots__ = ("x",)
    s = S()
    s.x = 1
    run(read, s)
    del s.x
    run(read, s)
    s.x = 2
    saved = S.x
    S.x = "class attr now"
    run(read, s)
    S.x = saved
    run(read, s)
    del S.x
    run(read, s)


def test_module_attributes():
    module = types.ModuleType("mod")
    module.x = 1
    run(read, module)
    module.x = 2
    run(read, module)
    del module.x
    run(read, module)
    module.__getattr__ = lambda name: "lazy " + name
    run(read, module)
    module.x = 3
    run(read, module)
    class M(types.ModuleType):
        x = property(lambda self: "module property")
    module.__class__ = M
    run(read, module)
    module.__dict__.clear()
    run(read, module)


def test_metaclass_changes():
    class M(type):
        pass
    class C(metaclass=M):
        x = 1
    run(read, C)
    C.x = 2
    run(read, C)
    del C.x
    run(read, C)
    M.x = 3
    run(read, C)
    M.x = property(lambda c: "meta prop")
    run(read, C)
    def set_it(): C.x = 1
    run(set_it)
    M.__getattribute__ = lambda c, n: "M.getattribute"
    run(read, C)


def test_many_versions():
    """Modify a type so often that its version tags run out; answers must stay right."""
    class V:
        x = 0
        def m(self): return self.x
    v = V()
    out = []
    for i in range(1500):
        V.x = i
        out.append((read(v), call(v)))
    show(out[:3], out[-3:], all(a == b == i for i, (a, b) in enumerate(out)))


def test_attribute_dies_in_getter():
    class Node:
        def __del__(self): log.append("del")
    log = []
    class Holder:
        def __init__(self): self.x = Node()
    def swap(h):
        a = h.x
        h.x = None
        log.append("swapped")
        del a
        log.append("deleted")
        return h.x
    for _ in range(30):
        log.clear()
        swap(Holder())
    show(log)
    compiled(swap)


def test_setattr_hook_added_later():
    class H:
        def __init__(self): self.x = 0
    def bump(h):
        h.x += 1
        return h.__dict__.get("x")
    h = H()
    run(bump, h)
    H.__setattr__ = lambda self, n, v: object.__setattr__(self, n, v * 10)
    run(bump, h)
    del H.__setattr__
    h.x = 0
    run(bump, h)
    H.__delattr__ = lambda self, n: None
    def drop(h):
        del h.x
        return hasattr(h, "x")
    run(drop, h)
    compiled(bump)


def test_many_classes_at_a_site():
    class A:
        kind = "A"
        def __init__(self, v): self.v, self.w = v, 1
        def m(self, x): return self.v + x
        @property
        def p(self): return self.v * 2
    class B(A):
        kind = "B"
        def m(self, x): return self.v - x
    class C:
        __slots__ = ("v", "w")
        kind = "C"
        p = 3
        def __init__(self, v): self.v, self.w = v, 2
        def m(self, x, y=5): return self.v * x + y
    class D:
        def __init__(self, v): self.v, self.w, self.kind, self.m = v, 0, "D", lambda x: ("own", x)
        p = property(lambda self: "getter")
    class E:
        def __init__(self, v): self.v, self.w = v, 9
        def __getattr__(self, name): return (lambda x: (name, x)) if name == "m" else name
    def use(o, x):
        o.w = x
        found = o.m(x)
        o.v = o.v
        return o.kind, found, o.p, o.w, o.v
    objects = [A(1), B(2), C(3), D(4), E(5), A(10)]
    def rounds():
        seen = [use(o, i) for i in range(60) for o in objects]
        return seen[-6:], len(set(seen))
    show(rounds())
    A.m = lambda self, x: ("new", x)
    show(rounds())
    objects[0].kind = "shadowed"
    objects[1].m = objects[2].m
    show(rounds())
    A.p = 5
    B.m = A.m
    # The class's own function, in an instance: called without `self`.
    objects[5].m = B.__dict__["m"]
    run(use, objects[5], 1)
    compiled(use)
