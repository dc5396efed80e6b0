"""Reading attributes: instance values, many attributes, dicts, slots, class attributes, properties, descriptors, hooks."""
import math
import types

from check import compiled, fresh, matrix, once, outcome, run, say, show


def get_x(o): return o.x
def get_x_twice(o): return o.x, o.x
def get_chain(o): return o.x.x
def call_m(o): return o.m()
def call_m1(o, a): return o.m(a)
def get_m(o): return o.m.__name__


class Inline:
    def __init__(self, x=1): self.x = x
    def __repr__(self): return type(self).__name__
    def m(self): return "Inline.m"


class Many:
    """More attributes than fit inline."""
    def __init__(self):
        for i in range(40):
            setattr(self, f"a{i}", i)
        self.x = "many"
    def m(self): return "Many.m"
    def __repr__(self): return "Many"


class Slots:
    __slots__ = ("x", "y")
    def __init__(self, x="slot"): self.x = x
    def m(self): return "Slots.m"
    def __repr__(self): return "Slots"


class EmptySlot(Slots):
    __slots__ = ()
    def __init__(self): pass


class ClassAttr:
    x = "class"
    def m(self): return "ClassAttr.m"
    def __repr__(self): return "ClassAttr"


class Prop:
    @property
    def x(self): return ("prop", self.y)
    y = 3
    @property
    def m(self): return lambda: "prop call"
    def __repr__(self): return "Prop"


class RaisingProp:
    @property
    def x(self): raise AttributeError("inner")
    def m(self): raise ValueError("m")
    def __repr__(self): return "RaisingProp"


class PropThenGetattr:
    @property
    def x(self): raise AttributeError("inner")
    def __getattr__(self, name): return "fallback " + name
    def __repr__(self): return "PropThenGetattr"


class Data:
    def __get__(self, o, t): return ("data", o is None, t.__name__)
    def __set__(self, o, v): raise AttributeError("read only")


class NonData:
    def __get__(self, o, t): return ("nondata", o is None, t.__name__)


class WithData:
    x = Data()
    m = Data()
    def __init__(self): self.__dict__["x"] = "shadow"
    def __repr__(self): return "WithData"


class WithNonData:
    x = NonData()
    def __repr__(self): return "WithNonData"


class Shadowed(WithNonData):
    def __init__(self): self.x = "instance wins"


class Getattr:
    def __getattr__(self, name):
        if name == "m":
            return lambda *a: ("dynamic", a)
        if name == "x":
            return "getattr"
        raise AttributeError(f"no {name} here")
    def __repr__(self): return "Getattr"


class Getattribute:
    def __getattribute__(self, name):
        if name in ("x", "m"):
            return (lambda *a: ("m", a)) if name == "m" else "getattribute"
        return object.__getattribute__(self, name)
    def __repr__(self): return "Getattribute"


class Both:
    def __getattribute__(self, name): raise AttributeError("always")
    def __getattr__(self, name): return "rescued " + name
    def __repr__(self): return "Both"


class Inherit(Inline):
    x = "class of subclass"
    z = 1


class DictReplaced:
    def __init__(self): self.__dict__ = {"x": "replaced", "m": lambda: "from dict"}
    def __repr__(self): return "DictReplaced"


class Unset:
    def __repr__(self): return "Unset"


class CallableAttr:
    class Callable:
        def __call__(self, *a): return ("called", a)
        __name__ = "callable"
    m = Callable()
    def __repr__(self): return "CallableAttr"


class StaticClass:
    @staticmethod
    def m(*a): return ("static", a)
    @classmethod
    def c(cls): return cls.__name__
    x = staticmethod(len)
    def __repr__(self): return "StaticClass"


class ClassMethod:
    @classmethod
    def m(cls, *a): return ("class", cls.__name__, a)
    x = classmethod(lambda cls: 1)
    def __repr__(self): return "ClassMethod"


class Meta(type):
    x = "meta class attr"
    def m(cls, *a): return ("meta method", cls.__name__, a)
    @property
    def mp(cls): return "meta property"


class OfMeta(metaclass=Meta):
    pass


class OfMetaShadow(metaclass=Meta):
    x = "own"
    def m(*a): return ("own m", len(a))


class MetaData(type):
    x = property(lambda cls: "meta data descriptor")


class OfMetaData(metaclass=MetaData):
    x = "hidden"


class Namespace(types.SimpleNamespace):
    pass


def objects():
    unset = Unset()
    module = types.ModuleType("made")
    module.x = "module"
    module.m = lambda *a: ("module function", a)
    lazy = types.ModuleType("lazy")
    lazy.__getattr__ = lambda name: f"lazy {name}"
    return [Inline(), Inline("other"), Many(), Slots(), EmptySlot(), ClassAttr(), Prop(), RaisingProp(), PropThenGetattr(), WithData(),
            WithNonData(), Shadowed(), Getattr(), Getattribute(), Both(), Inherit(), DictReplaced(), unset, CallableAttr(), StaticClass(),
            ClassMethod(), OfMeta, OfMetaShadow, OfMetaData, Inline, Slots, module, lazy, 5, "s", None, 2.5, [], Namespace(x=1, m=str),
            types.MappingProxyType({}), Inline(Inline(3)), math, print, (lambda: 0), type, super(Inherit, Inherit())]


def test_read():
    cases = [(o,) for o in objects()]
    for f in (get_x, get_x_twice, get_chain):
        matrix(f, cases)


def test_method():
    cases = [(o,) for o in objects()]
    for f in (call_m, get_m):
        matrix(f, cases)
    matrix(call_m1, [(o, 1) for o in objects()], train_on=(0, 3, 9, 12, 18, 19, 20, 21, 22, 26))


def four_shapes(items):
    return [o.x for o in items], [o.m() for o in items]


def test_polymorphic():
    a = [Inline(), Many(), Slots(), ClassAttr()]
    b = a + [Inherit(), Getattr(), StaticClass()]
    class Extra:
        def __init__(self, i): self.x = i
        def m(self): return "extra"
        def __repr__(self): return "Extra"
    c = [type(f"E{i}", (Extra,), {})(i) for i in range(12)]
    matrix(four_shapes, [(a,), (b,), (c,), ([],), (a[::-1],), (a + [None],), (c + [5],)])
    run(four_shapes, a)
    compiled(four_shapes)


def layout(o): return o.x, o.y


def test_instance_layouts():
    class P:
        def __repr__(self): return "P"
    one, two, three, four = P(), P(), P(), P()
    one.x, one.y = 1, 2
    two.y, two.x = 3, 4
    three.x, three.other, three.y = 5, 0, 6
    four.x = 7
    matrix(layout, [(one,), (two,), (three,), (four,)])
    four.y = 8
    del three.x
    matrix(layout, [(one,), (two,), (three,), (four,)])
    one.__dict__["x"] = "through dict"
    two.__dict__ = {"x": "new", "y": "dict"}
    vars(four)["z"] = 1
    matrix(layout, [(one,), (two,), (three,), (four,)])
    del one.__dict__
    run(layout, one)


def dunder(o): return o.__class__.__name__, type(o.__dict__).__name__, o.__doc__, o.__module__


def test_dunder():
    matrix(dunder, [(Inline(),), (Many(),), (Inline,), (Slots(),), (5,), (WithData(),), (Both(),)])


def optional(o, default):
    return getattr(o, "x", default), hasattr(o, "x"), hasattr(o, "nothing"), getattr(o, "nothing", None)


def test_getattr_builtin():
    matrix(optional, [(o, "dflt") for o in objects()], train_on=(0, 2, 4, 7, 17, 28))


def error_hints(o): return o.lenght


def test_error_messages():
    class HasLength:
        def __init__(self): self.length = 1
    once(error_hints, HasLength())
    once(error_hints, 5)
    once(error_hints, None)
    once(error_hints, math)
    once(error_hints, HasLength)
    once(error_hints, (lambda: 0))
    try:
        error_hints(h := HasLength())
    except AttributeError as e:
        show(e.name, e.obj is h)


def test_compiled():
    for _ in range(30):
        get_x(Inline())
        call_m(Inline())
    compiled(get_x)
    compiled(call_m)
