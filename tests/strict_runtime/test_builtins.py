"""The code of strict modules uses the builtins as they were when the module was loaded."""

import builtins

import harness
from harness import project


def test_changes_do_not_reach_it():
    with project(m="import __strict__\ndef f(x):\n    return divmod(x, 2)\ndef later(x):\n    return [divmod(y, 2) for y in [x]][0]\n", plain="def f(x):\n    return divmod(x, 2)\n"):
        import m
        import plain

        assert [m.f(7) for _ in range(100)] == [(3, 1)] * 100
        before = builtins.divmod
        builtins.divmod = lambda x, y: -1
        try:
            assert plain.f(7) == -1
            assert m.f(7) == (3, 1) == m.later(7)
            with project(newer="import __strict__\ndef f(x):\n    return divmod(x, 2)\n"):
                import newer

                assert newer.f(7) == -1 and m.f(7) == (3, 1)
        finally:
            builtins.divmod = before
        assert m.f(5) == (2, 1) == plain.f(5)


def test_new_builtins_do_not_reach_it():
    with project(m="import __strict__\ndef f():\n    return novelty\n"):
        import m

        builtins.novelty = 1
        try:
            try:
                m.f()
            except NameError as error:
                assert error.name == "novelty"
            else:
                raise AssertionError("found")
        finally:
            del builtins.novelty


def test_its_own_names_hide_builtins():
    with project(m="import __strict__\ndef len(x):\n    return 7\ndef f(x):\n    return len(x)\n"):
        import m

        assert m.f("abc") == 7


def test_modules_share_them():
    with project(a="import __strict__\n", b="import __strict__\n"):
        import a
        import b

        assert a.__builtins__ is b.__builtins__ and type(a.__builtins__) is dict
        assert {k: v for k, v in a.__builtins__.items() if k != "__build_class__"} == {
            k: v for k, v in vars(builtins).items() if k != "__build_class__"
        }


def test_functions_that_make_classes_and_import():
    source = """
    import __strict__
    def make(base=object, **words):
        class K(base, **words):
            x = 1
            def f(self):
                return super().__repr__()[:2]
        return K
    def load():
        import json
        return json
    def evaluate(text):
        return eval(text), eval(text, {})
    """
    with project(m=source):
        import json

        import m

        class Base:
            def __init_subclass__(cls, tag=None):
                cls.tag = tag

        kind = m.make(Base, tag=5)
        assert kind.tag == 5 and kind().f() == "<m" and kind.__qualname__ == "make.<locals>.K" and kind.__module__ == "m"
        kind.x = 2
        assert m.load() is json and m.evaluate("len('ab')") == (2, 2)


harness.main()
