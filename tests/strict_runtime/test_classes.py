"""Classes of strict modules are immutable, and all that the standard library does with classes still works."""

import abc
import collections.abc
import copy
import inspect
import pickle
import weakref

import harness
from harness import project, raises

import __strict__
import ember.strict

SOURCE = '''
import __strict__
from __strict__ import mutable
import abc, collections, dataclasses, enum, functools, typing

class C:
    """About C."""
    limit: int = 3
    class Inner:
        pass
    def __init__(self, a, b=2):
        self.a = a
        self.b = b
    def m(self):
        return self.a + self.b
    @functools.cached_property
    def slow(self):
        return [self.a]
    @property
    def both(self):
        return (self.a, self.b)

class D(C):
    def m(self):
        return super().m() + 1

@mutable
class Open:
    pass

class OpenChild(Open):
    pass

class Meta(type):
    def shout(cls):
        return cls.__name__.upper()

class WithMeta(metaclass=Meta):
    pass

class Abstract(abc.ABC):
    @abc.abstractmethod
    def f(self): ...

class Real(Abstract):
    def f(self):
        return 1

@dataclasses.dataclass
class Point:
    x: int
    y: int = 0

@dataclasses.dataclass(slots=True, frozen=True, order=True)
class Slotted:
    x: int
    y: list = dataclasses.field(default_factory=list)

class Colour(enum.Enum):
    RED = 1
    BLUE = 2

class Bits(enum.Flag):
    A = 1
    B = 2

class Row(typing.NamedTuple):
    name: str
    size: int = 0

Pair = collections.namedtuple("Pair", "left right")

class Shape(typing.TypedDict):
    sides: int

@typing.runtime_checkable
class Sized(typing.Protocol):
    def size(self) -> int: ...

class HasSize:
    def size(self):
        return 1

T = typing.TypeVar("T")

class Box(typing.Generic[T]):
    def __init__(self, item):
        self.item = item

class New[S]:
    item: S

class Slots:
    __slots__ = ("a", "__weakref__")

class Failure(Exception):
    def __init__(self, code):
        super().__init__(code)
        self.code = code

class Numbers(list):
    pass

class Descriptor:
    def __set_name__(self, owner, name):
        self.name = name
    def __get__(self, obj, kind=None):
        return self.name

class Holder:
    field = Descriptor()

@functools.total_ordering
class Version:
    def __init__(self, n): self.n = n
    def __eq__(self, other): return self.n == other.n
    def __lt__(self, other): return self.n < other.n
    def __hash__(self): return hash(self.n)

def make():
    class Late:
        pass
    return Late

def factory():
    class Early:
        pass
    return Early

HIDDEN = {"early": factory()}

class Counted:
    made = 0
    @classmethod
    def bump(cls):
        cls.made += 1
'''


def loaded():
    """The module, imported from a folder that is still there while the test runs."""
    return project(kinds=SOURCE)


NAMES = "C D Meta WithMeta Real Point Slotted Colour Bits Row Pair Shape HasSize Box New Slots Failure Numbers Descriptor Holder Version OpenChild Counted"


def test_all_are_immutable():
    with loaded():
        import kinds

        for name in NAMES.split():
            cls = getattr(kinds, name)
            with raises(TypeError, "cannot set 'extra' attribute of immutable type"):
                type.__setattr__(cls, "extra", 1)
            assert "extra" not in vars(cls)
        with raises(TypeError, "cannot set 'm' attribute of immutable type 'C'"):
            kinds.C.m = None
        with raises(TypeError, "cannot set 'm' attribute of immutable type 'C'"):
            del kinds.C.m
        with raises(TypeError, "cannot set 'x' attribute of immutable type"):
            kinds.C.Inner.x = 1
        with raises(TypeError, "cannot set 'x' attribute of immutable type"):
            kinds.HIDDEN["early"].x = 1
        with raises(TypeError, "cannot set 'made' attribute of immutable type"):
            kinds.Counted.bump()
        for name, value in {"__name__": "X", "__doc__": "x", "__bases__": (object,), "__annotations__": {}}.items():
            with raises(TypeError, "immutable type"):
                setattr(kinds.C, name, value)


def test_mutable_ones():
    with loaded():
        import kinds

        kinds.Open.x = 1
        assert kinds.OpenChild.x == 1
        late = kinds.make()
        late.x = 1


def test_abstract_ones_stay_so():
    with loaded():
        import kinds

        with raises(TypeError, "immutable type"):
            kinds.Abstract.x = 1
        with raises(TypeError, "abstract"):
            kinds.Abstract()

        @kinds.Abstract.register
        class Registered:
            pass

        assert isinstance(Registered(), kinds.Abstract) and issubclass(kinds.Real, kinds.Abstract) and kinds.Real().f() == 1
        collections.abc.Sequence.register(kinds.HasSize)
        assert issubclass(kinds.HasSize, collections.abc.Sequence)


def test_a_metaclass_of_a_mutable_one_stays_mutable():
    source = "import __strict__\nimport abc\nclass M(abc.ABCMeta): pass\nclass K(metaclass=M): pass\n"
    with project(m=source):
        import m

        before = ember.strict.stats()["left"]
        assert before["a metaclass that inherits from a mutable one"] >= 1
        m.M.tag = 1
        assert m.K.tag == 1
        with raises(TypeError, "immutable type"):
            m.K.other = 1


def test_instances():
    with loaded():
        import kinds

        c = kinds.C(1)
        c.a, c.new = 5, 6
        assert (c.m(), c.both, c.new, kinds.C(b=1, a=2).m()) == (7, (5, 2), 6, 3)
        assert c.slow is c.slow and c.slow == [5] and kinds.D(1).m() == 4
        assert kinds.Holder.field == "field" == kinds.Holder().field
        assert kinds.WithMeta.shout() == "WITHMETA"
        assert weakref.ref(kinds.C)() is kinds.C and weakref.ref(c)() is c
        for arguments, message in (((), "missing 1 required positional argument: 'a'"), ((1, 2, 3), "takes from 2 to 3 positional arguments")):
            with raises(TypeError, message):
                kinds.C(*arguments)
        with raises(TypeError, "unexpected keyword argument 'z'"):
            kinds.C(1, z=2)
        with raises(TypeError, "__class__ assignment only supported for mutable types"):
            c.__class__ = kinds.D


def test_many_instances():
    with loaded():
        import kinds

        for n in range(3000):
            assert kinds.C(n, 1).m() == n + 1
            assert kinds.C(n, b=n).both == (n, n)
            assert kinds.D(*(n,), **{"b": 0}).m() == n + 1
            assert kinds.Point(n).y == 0 and kinds.Slotted(n).y == []
            assert kinds.Failure(n).code == n


def test_wrong_init():
    source = "import __strict__\nclass W:\n    def __init__(self):\n        return 3\nclass E:\n    def __init__(self):\n        raise KeyError('e')\n"
    with project(m=source):
        import m

        for _ in range(200):
            with raises(TypeError, "__init__() should return None, not 'int'"):
                m.W()
            with raises(KeyError):
                m.E()


def test_recursion_ends():
    with project(m="import __strict__\nclass W:\n    def __init__(self, n):\n        W(n=n)\n        W(n)\n"):
        import m

        for _ in range(3):
            with raises(RecursionError):
                m.W(1)


def test_references():
    """Neither arguments nor instances are kept or lost."""
    import sys

    with project(m="import __strict__\nclass W:\n    def __init__(self, a, *rest, k=0, **words):\n        self.a = a\n        if k:\n            raise ValueError\n"):
        import m

        value, words = object(), {"x": 1}
        before = sys.getrefcount(value)
        for _ in range(300):
            m.W(value), m.W(value, 1, 2, 3, 4, 5, 6, 7, 8, 9), m.W(a=value), m.W(value, k=0, z=value), m.W(*(value,), **words)
            for call in (lambda: m.W(value, k=1), lambda: m.W(value, 1, 2, k=1), lambda: m.W()):
                try:
                    call()
                except (ValueError, TypeError):
                    pass
        assert sys.getrefcount(value) == before
        made = m.W(value)
        dies = weakref.ref(made)
        del made
        assert dies() is None


def test_bases_may_change():
    source = "import __strict__\nimport base\nclass K(base.B):\n    def __init__(self):\n        self.x = self.f()\n"
    with project(m=source, base="class B:\n    def f(self): return 1\n"):
        import base
        import m

        def use():
            return [m.K().x for _ in range(500)][-1]

        assert use() == 1
        base.B.f = lambda self: 2
        assert use() == 2
        base.B.__new__ = lambda cls: object.__new__(cls)
        base.B.y = 3
        assert use() == 2 and m.K.y == 3 == m.K().y


def test_subclasses_elsewhere():
    with loaded():
        import kinds

        class Mine(kinds.C):
            def __init__(self, a):
                super().__init__(a, 10)

        Mine.extra = 1
        assert Mine(1).m() == 11 and Mine.extra == 1

        class Both(kinds.Numbers, kinds.C):
            pass

        both = Both((1, 2))
        both.append(3)
        assert both == [1, 2, 3] and isinstance(both, kinds.C)

        class Deeper(kinds.D, metaclass=type):
            __slots__ = ()

        assert Deeper(2).m() == 5 and type(Deeper) is type
        assert kinds.C.__subclasses__()[0] is kinds.D


def test_construction_of_subclasses_is_their_own():
    with loaded():
        import kinds

        class Other(kinds.C):
            def __new__(cls, *args):
                made = super().__new__(cls)
                made.tag = args
                return made

        for _ in range(500):
            assert Other(1, 2).tag == (1, 2)


def test_dataclasses():
    import dataclasses

    with loaded():
        import kinds

        point = kinds.Point(1, 2)
        assert point == kinds.Point(1, 2) and repr(point) == "Point(x=1, y=2)"
        assert dataclasses.replace(point, y=5) == kinds.Point(1, 5) and dataclasses.asdict(point) == {"x": 1, "y": 2}
        assert [field.name for field in dataclasses.fields(kinds.Point)] == ["x", "y"]
        assert kinds.Slotted(1) < kinds.Slotted(2) and not hasattr(kinds.Slotted(1), "__dict__")
        with raises(dataclasses.FrozenInstanceError):
            kinds.Slotted(1).x = 2
        made = dataclasses.make_dataclass("Made", [("z", int, 0)], bases=(kinds.Point,), module="kinds")
        assert made(1, 2, 3).z == 3


def test_enums():
    with loaded():
        import kinds

        assert kinds.Colour(1) is kinds.Colour.RED and kinds.Colour["BLUE"].value == 2 and list(kinds.Colour) == [kinds.Colour.RED, kinds.Colour.BLUE]
        assert (kinds.Bits.A | kinds.Bits.B).value == 3 and kinds.Bits(3) == kinds.Bits.A | kinds.Bits.B and ~kinds.Bits.A == kinds.Bits.B
        assert pickle.loads(pickle.dumps(kinds.Colour.RED)) is kinds.Colour.RED and copy.deepcopy(kinds.Colour.RED) is kinds.Colour.RED


def test_named_tuples():
    with loaded():
        import kinds

        row = kinds.Row("a")
        assert row == ("a", 0) and row._replace(size=2).size == 2 and row._asdict() == {"name": "a", "size": 0}
        assert kinds.Pair(1, 2).right == 2 and pickle.loads(pickle.dumps(kinds.Pair(1, 2))) == (1, 2)


def test_typing():
    import typing

    with loaded():
        import kinds

        assert kinds.Box[int](3).item == 3 and kinds.Box[int] is kinds.Box[int] and kinds.Box[int](3).__orig_class__ == kinds.Box[int]
        assert kinds.New[int].__origin__ is kinds.New and typing.get_type_hints(kinds.Point) == {"x": int, "y": int}
        assert isinstance(kinds.HasSize(), kinds.Sized) and not isinstance(3, kinds.Sized)
        assert kinds.Shape(sides=3) == {"sides": 3} and kinds.Shape.__required_keys__ == {"sides"}
        assert kinds.C.__annotations__ == {"limit": int} and kinds.C.__annotations__ is kinds.C.__annotations__
        assert inspect.get_annotations(kinds.New) == {"item": kinds.New.__type_params__[0]}
        assert str(inspect.signature(kinds.C)) == "(a, b=2)" and kinds.C.__doc__ == "About C." and inspect.getdoc(kinds.D) == "About C."
        assert inspect.getsource(kinds.D).startswith("class D(C):")


def test_pickle_and_copy():
    with loaded():
        import kinds

        slots = kinds.Slots()
        slots.a = [1]
        for made in (kinds.C(1), kinds.Point(1), kinds.Slotted(1), kinds.Row("a"), kinds.Numbers([1]), kinds.Box(2), kinds.D(4)):
            for protocol in range(pickle.HIGHEST_PROTOCOL + 1):
                again = pickle.loads(pickle.dumps(made, protocol))
                assert type(again) is type(made) and getattr(again, "__dict__", 0) == getattr(made, "__dict__", 0)
            assert type(copy.copy(made)) is type(copy.deepcopy(made)) is type(made)
        assert copy.deepcopy(slots).a == [1] and copy.deepcopy(slots).a is not slots.a and pickle.loads(pickle.dumps(slots)).a == [1]
        failure = pickle.loads(pickle.dumps(kinds.Failure(3)))
        assert failure.code == 3 and failure.args == (3,)
        for name in NAMES.split():
            cls = getattr(kinds, name)
            assert pickle.loads(pickle.dumps(cls)) is cls and copy.deepcopy(cls) is cls


def test_single_dispatch():
    import functools

    with loaded():
        import kinds

        @functools.singledispatch
        def name(value):
            return "other"

        name.register(kinds.C, lambda value: "c")
        assert name(kinds.C(1)) == name(kinds.D(1)) == "c" and name(1) == "other"


def test_freeze_type():
    @__strict__.freeze_type
    class Frozen:
        x = 1

    with raises(TypeError, "cannot set 'x' attribute of immutable type 'Frozen'"):
        Frozen.x = 2

    @__strict__.freeze_type
    @__strict__.mutable
    class Open:
        x = 1

    Open.x = 2
    assert __strict__.set_freeze_enabled(False) is True
    try:

        @__strict__.freeze_type
        class Other:
            x = 1

        Other.x = 2
        with project(late="import __strict__\nclass C: pass\n"):
            import late

            late.C.x = 1
            with raises(AttributeError):
                late.y = 1
    finally:
        assert __strict__.set_freeze_enabled(True) is False
    assert ember.strict.stats()["left"]["set_freeze_enabled(False)"] >= 1


def test_as_class_attributes():
    """Instances of immutable classes in classes: what the interpreter caches of them stays right when a base changes."""
    source = "import __strict__\nimport base\nclass K(base.B): pass\nclass H:\n    k = K()\n    n = 0\n"
    with project(m=source, base="class B: pass\n"):
        import m

        def read():
            h = m.H()
            return [h.k for _ in range(300)][-1]

        assert isinstance(read(), m.K)
        m.H().k.tag = 1
        assert read().tag == 1


harness.main()
