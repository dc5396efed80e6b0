"""The decorators of `__strict__`, with and without the loader."""

import pickle
import sys
import warnings
import weakref

import harness
from harness import project, python, raises

SOURCE = '''
from __future__ import annotations
import __strict__
from __strict__ import extra_slot, freeze_type, loose_slots, mutable, set_freeze_enabled, strict_slots
from typing import ClassVar

@strict_slots
class Point:
    x: int
    y: "Unknown"
    made: ClassVar[int] = 0
    def __init__(self, x, y):
        self.x, self.y = x, y
    def total(self):
        return self.x + self.y
    def owner(self):
        return __class__

@strict_slots
class Point3(Point):
    z: int
    x: int
    def __init__(self, x, y, z):
        super().__init__(x, y)
        self.z = z

@loose_slots
class Loose:
    a: int

@extra_slot("above")
@strict_slots
@extra_slot("below")
class Extra:
    a: int

@mutable
class Open:
    a: int
'''


def check_marks():
    """In a process with the loader or without."""
    import marks

    point = marks.Point(1, 2)
    assert marks.Point.__slots__ == ("x", "y", "__weakref__") and not hasattr(point, "__dict__")
    assert point.total() == 3 and point.owner() is marks.Point and weakref.ref(point)() is point and marks.Point.made == 0
    with raises(AttributeError, "'Point' object has no attribute 'other'"):
        point.other = 1
    deeper = marks.Point3(1, 2, 3)
    assert marks.Point3.__slots__ == ("z",) and (deeper.total(), deeper.z) == (3, 3) and deeper.owner() is marks.Point
    with raises(AttributeError):
        deeper.other = 1
    assert pickle.loads(pickle.dumps(point)).y == 2
    loose = marks.Loose()
    with warnings.catch_warnings(record=True) as seen:
        warnings.simplefilter("always")
        loose.a = 1
        assert not seen
        loose.b = 2
        assert [str(w.message) for w in seen] == ["marks.Loose has no slot 'b'"] and seen[0].category is RuntimeWarning
        assert seen[0].filename == __file__
    assert (loose.a, loose.b, vars(loose)) == (1, 2, {"b": 2})
    extra = marks.Extra()
    extra.a = extra.above = extra.below = 1
    with raises(AttributeError):
        extra.c = 1
    marks.Open.x = 1
    assert marks.Open.x == 1


def test_with_the_loader():
    with project(marks=SOURCE):
        check_marks()
        import marks

        for name in ("Point", "Point3", "Loose", "Extra"):
            with raises(TypeError, "immutable type"):
                getattr(marks, name).x = 1


def test_without_the_loader():
    main = f"import sys; sys.path.append({harness.__file__.rpartition('/')[0]!r})\n"
    main += "import harness, ember.strict\nember.strict.uninstall()\nfrom harness import raises\n"
    import inspect

    main += "import pickle, warnings, weakref\n" + inspect.getsource(check_marks)
    main += "check_marks()\nimport marks\nmarks.Point.x = marks.extra = 1\nprint(type(marks).__name__)\n"
    with project({"main.py": main}, marks=SOURCE) as folder:
        assert python("main.py", folder=folder, strict=False) == (0, "module\n", "")


def test_without_anything_of_ember():
    main = "import marks, sys\nmarks.Point(1, 2)\nmarks.Open.x = 1\nprint([name for name in sys.modules if name.startswith('ember')])\n"
    with project({"main.py": main}, marks=SOURCE) as folder:
        assert python("main.py", folder=folder, strict=False, EMBER="off") == (0, "[]\n", "")


def test_conflicts():
    from __strict__ import extra_slot, strict_slots

    with raises(TypeError, "class test_conflicts.<locals>.C: the class attribute 'x' conflicts with the slot of that name", "ClassVar"):

        @strict_slots
        class C:
            x: int = 1

    with raises(TypeError, "has __slots__ already"):

        @strict_slots
        class D:
            __slots__ = ()

    with raises(TypeError, "extra_slot needs the name of an attribute, not 3"):
        extra_slot(3)


def test_slots_and_loose_slots():
    from __strict__ import loose_slots, strict_slots

    @strict_slots
    @loose_slots
    class A:
        a: int

    @loose_slots
    @strict_slots
    class B:
        a: int

    for cls in (A, B):
        with warnings.catch_warnings(record=True) as seen:
            warnings.simplefilter("always")
            cls().b = 1
        assert len(seen) == 1 and "a" in cls.__slots__


def test_freeze_without_the_loader():
    main = "import __strict__\n@__strict__.freeze_type\nclass C: pass\nC.x = 1\nprint(__strict__.set_freeze_enabled(False), __strict__.set_freeze_enabled(True))\n"
    with project({"main.py": main}) as folder:
        assert python("main.py", folder=folder, strict=False) == (0, "True False\n", "")


def test_types():
    import inspect

    import __strict__

    for name in __strict__.__all__:
        value = getattr(__strict__, name)
        if callable(value):
            assert inspect.signature(value).return_annotation is not inspect.Signature.empty and value.__doc__, name
    assert "py.typed" in {path.name for path in __import__("pathlib").Path(__strict__.__file__).parent.iterdir()}


harness.main()
