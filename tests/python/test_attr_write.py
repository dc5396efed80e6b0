"""Storing and deleting attributes: instance values, dicts, slots, descriptors, hooks, read-only things."""
import types

from check import compiled, fresh, matrix, once, outcome, run, say, show


def store(o, v):
    o.x = v
    return o.x


def store_many(o, v):
    o.x = v
    o.y = v
    o.z = (v, v)
    o.x = o.y
    return o.x, o.y, o.z


def augment(o, v):
    o.x += v
    o.x *= 2
    return o.x


def delete(o):
    del o.x
    return hasattr(o, "x")


def delete_and_set(o):
    o.x = 1
    del o.x
    o.x = 2
    return o.x


class Inline:
    def __init__(self, x=1): self.x = x
    def __repr__(self): return f"{type(self).__name__}{sorted(vars(self))}"


class Slots:
    __slots__ = ("x", "y", "z")
    def __init__(self): self.x = 10
    def __repr__(self): return "Slots"


class Prop:
    def __init__(self): self._x = 5
    @property
    def x(self): return self._x
    @x.setter
    def x(self, v): self._x = ("set", v)
    @x.deleter
    def x(self): self._x = "deleted"
    def __repr__(self): return f"Prop({self._x})"


class ReadOnly:
    @property
    def x(self): return 1
    def __repr__(self): return "ReadOnly"


class Descr:
    def __get__(self, o, t): return ("got", o.__dict__.get("v"))
    def __set__(self, o, v): o.__dict__["v"] = v
    def __delete__(self, o): o.__dict__["v"] = "descr deleted"


class WithDescr:
    x = Descr()
    def __repr__(self): return f"WithDescr{vars(self)}"


class Hook:
    def __init__(self): object.__setattr__(self, "log", [])
    def __setattr__(self, n, v): self.log.append((n, repr(v)))
    def __delattr__(self, n): self.log.append(("del", n))
    def __getattr__(self, n): return len(self.log)
    def __repr__(self): return f"Hook{self.log}"


class RaisingHook:
    x = 3
    def __setattr__(self, n, v): raise TypeError(f"frozen {n}")
    def __delattr__(self, n): raise TypeError(f"frozen del {n}")
    def __repr__(self): return "RaisingHook"


class Many:
    def __init__(self):
        for i in range(45):
            setattr(self, f"a{i}", i)
        self.x = 1
    def __repr__(self): return f"Many{len(vars(self))}"


class ClassAttr:
    x = 7
    def __repr__(self): return f"ClassAttr{vars(self)}"


class DictSub(dict):
    pass


class Weird:
    def __init__(self): self.__dict__ = DictSub(x=1)
    def __repr__(self): return f"Weird{dict(self.__dict__)}"


MAKERS = [Inline, Slots, Prop, ReadOnly, WithDescr, Hook, RaisingHook, Many, ClassAttr, Weird, lambda: Inline("s"),
          lambda: types.ModuleType("m"), lambda: type("T", (), {"x": 1}), lambda: 5, lambda: None, lambda: int, lambda: "s", lambda: [],
          lambda: types.SimpleNamespace(x=1), object, lambda: (lambda: 0)]


def test_store():
    matrix(store, [(lambda m=m: (m(), 3)) for m in MAKERS])
    matrix(store, [(lambda m=m: (m(), "v")) for m in MAKERS], train_on=(0, 1, 2, 7))


def test_store_many(): matrix(store_many, [(lambda m=m: (m(), 3)) for m in MAKERS])
def test_augment(): matrix(augment, [(lambda m=m, v=v: (m(), v)) for m in MAKERS for v in (1, 2.5, "s")], train_on=(0, 3, 6, 12, 21, 24))
def test_delete(): matrix(delete, [(lambda m=m: (m(),)) for m in MAKERS])
def test_delete_and_set(): matrix(delete_and_set, [(lambda m=m: (m(),)) for m in MAKERS])


def build(n):
    class Fresh:
        pass
    o = Fresh()
    for i in range(n):
        setattr(o, f"k{i}", i)
    o.last = n
    return o.last, len(vars(o)), list(vars(o))[:3]


def test_growing():
    for n in (0, 1, 5, 29, 30, 31, 40, 100):
        run(build, n)


def init_order(o, flag):
    if flag:
        o.a = 1
        o.b = 2
    else:
        o.b = 2
        o.a = 1
    o.c = o.a + o.b
    return list(vars(o).items())


def test_order():
    class P:
        def __repr__(self): return "P"
    matrix(init_order, [lambda: (P(), True), lambda: (P(), False), lambda: (types.SimpleNamespace(), True), lambda: (5, True)])


class Counter:
    def __init__(self):
        self.n = 0
        self.total = 0.0
        self.label = None
    def add(self, v):
        self.n += 1
        self.total += v
        self.label = f"{self.n}"
        return self


def count(values):
    c = Counter()
    for v in values:
        c.add(v)
    return c.n, c.total, c.label


def test_counter():
    matrix(count, [([1.0, 2.0],), ([1, 2],), ([],), (["a"],), ([1 << 90, True],), ([None],)])
    compiled(count)
    compiled(Counter.add)


def test_old_value_dies():
    log = []
    class D:
        def __init__(self, n): self.n = n
        def __del__(self): log.append(self.n)
    class H:
        pass
    def replace(h, n):
        h.x = D(n)
        log.append("a")
        h.x = D(n + 1)
        log.append("b")
        h.x = None
        log.append("c")
        del h.x
        log.append("d")
    for i in range(30):
        log.clear()
        replace(H(), 5)
    show(log)
    class S:
        __slots__ = ("x",)
    for i in range(30):
        log.clear()
        replace(S(), 5)
    show(log)
    class Reenter:
        def __del__(self):
            self.h.x = "set by __del__"
    def reenter(h):
        r = Reenter()
        r.h = h
        h.x = r
        del r
        h.x = "mine"
        return h.x
    class H2:
        pass
    for _ in range(25):
        h = H2()
        last = reenter(h)
    show(last, h.x)
    compiled(replace)


def swap(o):
    o.x, o.y = o.y, o.x
    return o.x, o.y


def test_swap():
    def mk(cls):
        o = cls()
        o.x, o.y = 1, "two"
        return (o,)
    matrix(swap, [lambda: mk(Slots), lambda: mk(Inline), lambda: mk(ClassAttr), lambda: (ReadOnly(),)])


def setattr_builtin(o, n, v):
    setattr(o, n, v)
    r = getattr(o, n)
    delattr(o, n)
    return r, hasattr(o, n)


def test_setattr_builtin():
    matrix(setattr_builtin, [(lambda m=m, n=n: (m(), n, 9)) for m in MAKERS for n in ("x", "new", "a b", 5)], train_on=(0, 4, 8))
