"""A strict module that is complete is immutable and otherwise a module like any."""

import inspect
import pickle
import sys
import types
import copy

import harness
from harness import project, raises

SOURCE = '''
"""About it."""
from __future__ import annotations
import __strict__

X = 1
counter = 0
names: list[str] = []


def count():
    global counter, added
    counter += 1
    added = counter * 10
    return counter


def remove():
    global added
    del added


def read():
    return X, globals()["X"]


def __getattr__(name):
    if name == "lazy":
        return "made up"
    raise AttributeError(name)
'''


def test_attributes_stay():
    with project(m=SOURCE):
        import m

        for change in (lambda: setattr(m, "X", 2), lambda: delattr(m, "X")):
            with raises(AttributeError, "cannot modify attribute 'X' of strict module m") as caught:
                change()
            assert caught.error.name == "X" and caught.error.obj is m
        with raises(AttributeError, "cannot modify attribute 'new' of strict module m"):
            m.new = 1
        with raises(AttributeError, "cannot modify attribute '__class__' of strict module m"):
            m.__class__ = types.ModuleType
        assert m.X == 1 and not hasattr(m, "new")


def test_its_own_functions_assign():
    with project(m=SOURCE):
        import m

        assert m.count() == 1 and m.count() == 2
        assert m.counter == 2 and m.added == 20
        m.remove()
        assert not hasattr(m, "added") and m.read() == (1, 1)


def test_namespace_is_a_copy():
    with project(m=SOURCE):
        import m

        namespace = vars(m)
        assert namespace["X"] == 1 and m.__dict__ is not m.__dict__ and m.__dict__ == namespace
        assert m.__dict__ is not m.count.__globals__
        for change in (
            lambda: namespace.__setitem__("X", 2),
            lambda: namespace.__delitem__("X"),
            lambda: namespace.update(X=2),
            lambda: namespace.pop("X"),
            lambda: namespace.setdefault("Y", 2),
            lambda: namespace.clear(),
            lambda: namespace.popitem(),
            lambda: namespace.__ior__({}),
        ):
            with raises(TypeError, "cannot modify the namespace of strict module m"):
                change()
        m.count()
        assert namespace["counter"] == 0 and vars(m)["counter"] == 1
        assert dict(namespace)["X"] == 1 and type(namespace.copy()) is dict and type(copy.deepcopy({"a": 1})) is dict


def test_it_is_a_module():
    with project(m=SOURCE) as folder:
        import m

        assert isinstance(m, types.ModuleType) and inspect.ismodule(m)
        assert repr(m) == f"<module 'm' from '{folder}/m.py'>"
        assert {"X", "count", "__name__"} <= set(dir(m))
        assert m.lazy == "made up" and not hasattr(m, "other")
        assert m.__doc__ == "About it." and m.__annotations__ == {"names": "list[str]"}
        assert m.__file__ == f"{folder}/m.py" and m.__spec__.name == "m" and m.__name__ == "m"
        assert inspect.getsource(m.count).startswith("def count():") and "About it" in inspect.getsource(m)
        assert inspect.getmodule(m.count) is m
        from m import X, lazy

        assert (X, lazy) == (1, "made up")


def test_star_import_from_it():
    with project(m=SOURCE, other="from m import *\n"):
        import other

        assert other.X == 1 and other.count.__module__ == "m"


def test_evaluated_annotations():
    with project(m="import __strict__\nx: int = 1\n"):
        import m

        assert m.__annotations__ == {"x": int} == m.__annotations__


def test_pickle_and_copy():
    with project(m=SOURCE):
        import m

        assert pickle.loads(pickle.dumps(m)) is m and copy.copy(m) is m and copy.deepcopy(m) is m
        assert pickle.loads(pickle.dumps(m.count)) is m.count


def test_with_a_class_of_its_own():
    source = """
    import __strict__
    from __strict__ import allow_side_effects
    import sys, types
    class Special(types.ModuleType):
        @property
        def answer(self):
            return 42
    sys.modules[__name__].__class__ = Special
    """
    with project(m=source):
        import m

        assert m.answer == 42 and isinstance(m, m.Special)
        with raises(AttributeError, "cannot modify attribute 'x' of strict module m"):
            m.x = 1


def test_warnings_find_their_registry():
    source = "import __strict__\nimport warnings\ndef f():\n    warnings.warn('old')\n"
    with project(m=source):
        import m
        import warnings

        with warnings.catch_warnings(record=True) as seen:
            warnings.simplefilter("default")
            m.f()
        assert len(seen) == 1 and seen[0].filename.endswith("m.py")


def test_attributes_are_cached():
    """The interpreter specialises reads of attributes as it does for any module."""
    import dis

    with project(m="import __strict__\nX = 1\n"):
        import m

        def read():
            for _ in range(2000):
                m.X
            return 0

        read(), read()
        names = {i.opname for i in dis.get_instructions(read, adaptive=True)}
        compiled = sys.modules["ember"].status().enabled
        assert compiled or "LOAD_ATTR_MODULE" in names, names


harness.main()
