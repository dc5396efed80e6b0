"""Patches of strict modules: allowed in tests, undone, or reported."""

import types
import unittest
import unittest.mock

import harness
from harness import project, python, raises

import ember.strict
from ember.strict import PatchLeftBehind, PatchingDisabled, check_patches, patch, patches

SOURCE = """
import __strict__
RATE = 1
def price(n):
    return n * RATE
class Service:
    def send(self):
        return "really"
"""


def test_off_by_default():
    with project(prices=SOURCE):
        import prices

        for where, name in ((prices, "RATE"), ("prices", "RATE"), (prices.Service, "send")):
            with raises(PatchingDisabled, f"{name!r} of", "cannot be patched: turn it on with ember.strict.install(patching=True)"):
                with patch(where, name, 2):
                    pass
        with raises(AttributeError, "cannot modify attribute 'RATE' of strict module prices"):
            with unittest.mock.patch("prices.RATE", 2):
                pass
        with raises(TypeError, "immutable type"):
            with unittest.mock.patch.object(prices.Service, "send"):
                pass
        assert prices.price(1) == 1 and patches() == []


def test_ordinary_modules():
    module = types.ModuleType("ordinary")
    module.x = 1
    with patch(module, "x", 2) as value:
        assert module.x == 2 == value
    assert module.x == 1
    with raises(AttributeError):
        with patch(module, "missing", 2):
            pass


def test_zz_allow():
    """From here on patching is allowed, also of what was imported before."""
    with project(prices=SOURCE):
        import prices

        with raises(TypeError):
            prices.Service.send = None
        ember.strict.install(patching=True)
        with patch(prices.Service, "send", lambda self: "patched"):
            assert prices.Service().send() == "patched" and patches() == ["prices.Service.send"]
        with patch(prices, "RATE", 5):
            assert prices.price(2) == 10
        assert prices.Service().send() == "really" and prices.price(2) == 2 and patches() == []


def test_zz_patch():
    with project(prices=SOURCE):
        import prices

        with patch("prices", "RATE", 3):
            assert prices.price(2) == 6 and patches() == ["prices.RATE"]
            with patch(prices, "RATE", 4):
                assert prices.price(2) == 8
            assert prices.price(2) == 6
        assert prices.price(2) == 2

        @patch(prices, "RATE", 7)
        def decorated(n):
            """Text."""
            return prices.price(n)

        assert decorated(2) == 14 and prices.RATE == 1 and decorated.__doc__ == "Text."
        with raises(ValueError):
            with patch(prices, "RATE", 9):
                raise ValueError
        assert prices.RATE == 1

        @patch(prices, "RATE", 2)
        async def later():
            return prices.price(1)

        coroutine = later()
        assert prices.RATE == 1
        with raises(StopIteration):
            coroutine.send(None)
        assert prices.RATE == 1
        with raises(AttributeError):
            with patch(prices, "missing", 2):
                pass
        check_patches()


def test_zz_mock():
    with project(prices=SOURCE):
        import prices

        with unittest.mock.patch("prices.RATE", 3), unittest.mock.patch.object(prices, "price", return_value=1) as price:
            assert prices.RATE == 3 and prices.price() == 1 and price.called
            assert sorted(patches()) == ["prices.RATE", "prices.price"]
        with unittest.mock.patch.object(prices, "fresh", 1, create=True):
            assert prices.fresh == 1
        with unittest.mock.patch.object(prices.Service, "send", autospec=True) as send:
            assert prices.Service().send() is send.return_value
        with unittest.mock.patch("prices.Service") as service:
            assert prices.Service is service
        assert prices.Service().send() == "really" and not hasattr(prices, "fresh") and patches() == []


def test_zz_submodules():
    with project({"pack/__init__.py": "import __strict__\n", "pack/sub.py": "import __strict__\nX = 1\n"}):
        import pack.sub

        assert patches() == []
        with unittest.mock.patch("pack.sub") as sub:
            assert pack.sub is sub and patches() == ["pack.sub"]
        with patch(pack, "sub", 3):
            assert pack.sub == 3
        assert pack.sub.X == 1 and patches() == []


def test_zz_by_hand():
    with project(prices=SOURCE):
        import prices

        before = prices.RATE
        prices.RATE = 2
        assert patches() == ["prices.RATE"]
        prices.RATE = before
        del prices.price
        assert patches() == ["prices.price"]
        with raises(PatchLeftBehind, "patched in strict modules and not put back: prices.price"):
            check_patches()
        assert prices.price(3) == 3
        prices.Service.send = lambda self: 0
        prices.Service.fresh = prices.fresh = 1
        with raises(PatchLeftBehind, "prices.fresh, prices.Service.send, prices.Service.fresh"):
            check_patches()
        assert prices.Service().send() == "really" and not hasattr(prices, "fresh") and not hasattr(prices.Service, "fresh")
        check_patches()


def test_zz_own_assignments_are_no_patches():
    with project(m="import __strict__\nn = 0\ndef f():\n    global n\n    n += 1\n"):
        import m

        m.f()
        check_patches()
        assert m.n == 1


def test_left_behind_at_the_end():
    main = "import prices\nprices.RATE = 2\n"
    with project({"main.py": main}, prices=SOURCE) as folder:
        code, out, err = python("main.py", folder=folder, EMBER_STRICT_PATCHING="1")
        assert (code, err) == (0, "ember: patches of strict modules were never undone: prices.RATE\n"), err
        code, out, err = python("main.py", folder=folder)
        assert code == 1 and "cannot modify attribute 'RATE' of strict module prices" in err


def test_unittest():
    main = """
    import unittest, ember.strict, prices
    class T(unittest.TestCase):
        def tearDown(self):
            ember.strict.check_patches()
        def test_bad(self):
            prices.RATE = 2
        def test_good(self):
            with ember.strict.patch(prices, "RATE", 4):
                self.assertEqual(prices.price(2), 8)
            self.assertEqual(prices.price(2), 2)
    unittest.main()
    """
    with project({"main.py": main}, prices=SOURCE) as folder:
        code, out, err = python("main.py", folder=folder, EMBER_STRICT_PATCHING="1")
        assert code == 1 and "FAIL: test_bad" in err and "failures=1" in err and "prices.RATE" in err, err


harness.main()
