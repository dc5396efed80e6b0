"""The pytest plugin: tests that leave patches behind fail, and the patches do not reach the next test."""

import harness
from harness import project, python

SOURCE = """
import __strict__
RATE = 1
def price(n):
    return n * RATE
class Service:
    def send(self):
        return "really"
"""

TESTS = """
import pytest, unittest, unittest.mock
import ember.strict, prices

def test_it_is_strict():
    assert type(prices) is ember.strict.StrictModule

def test_monkeypatch(monkeypatch):
    monkeypatch.setattr(prices, "RATE", 2)
    monkeypatch.setattr("prices.price", lambda n: prices.RATE)
    monkeypatch.setattr(prices.Service, "send", lambda self: 0)
    monkeypatch.setattr(prices, "new", 1, raising=False)
    assert prices.price(1) == 2 and prices.Service().send() == 0

def test_monkeypatch_delattr(monkeypatch):
    monkeypatch.delattr(prices, "RATE")
    assert not hasattr(prices, "RATE")

@unittest.mock.patch("prices.RATE", 3)
def test_mock():
    assert prices.price(1) == 3

@ember.strict.patch(prices, "RATE", 4)
def test_patch():
    assert prices.price(1) == 4

@pytest.fixture
def doubled():
    with ember.strict.patch(prices, "RATE", 2):
        yield

def test_fixture(doubled):
    assert prices.price(1) == 2

@pytest.fixture(scope="module")
def tripled():
    with ember.strict.patch(prices, "RATE", 3):
        yield

class Mixed(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.patch = unittest.mock.patch("prices.RATE", 5)
        cls.patch.start()
    @classmethod
    def tearDownClass(cls):
        cls.patch.stop()
    def test_one(self):
        self.assertEqual(prices.price(1), 5)
    def test_two(self):
        self.assertEqual(prices.price(1), 5)

def test_bad_module():
    prices.RATE = 7

def test_after_bad_module():
    assert prices.price(1) == 1

def test_bad_class():
    prices.Service.send = None

def test_after_bad_class():
    assert prices.Service().send() == "really"

def test_bad_new():
    prices.new = 1

def test_after_bad_new():
    assert not hasattr(prices, "new")

def test_wide(tripled):
    assert prices.price(1) == 3

def test_wide_still(tripled):
    assert prices.price(1) == 3
"""

BAD = ("test_bad_module", "test_bad_class", "test_bad_new")


def check(folder, *words, **variables):
    code, out, err = python("-m", "pytest", "-q", "-rA", "-p", "no:cacheprovider", *words, folder=folder, **variables)
    lines = out.splitlines()
    assert code == 1, out + err
    errors = [line for line in lines if line.startswith("ERROR ")]
    assert [line.split("::")[1].split()[0] for line in errors] == list(BAD), out
    assert "patched in strict modules and not put back: prices.RATE" in out and "prices.Service.send" in out and "prices.new" in out
    assert not [line for line in lines if line.startswith("FAILED ")], out
    assert "16 passed, 3 errors" in lines[-1], lines[-1]


#: As an installed wheel has it by its entry point.
PLUGIN = ("-p", "ember.strict.pytest_plugin")


def test_option():
    with project({"test_prices.py": TESTS}, prices=SOURCE) as folder:
        check(folder, *PLUGIN, "--ember-strict", strict=False)


def test_setting():
    with project({"test_prices.py": TESTS, "pytest.ini": "[pytest]\nember_strict = true\n"}, prices=SOURCE) as folder:
        check(folder, *PLUGIN, strict=False)


def test_variable():
    with project({"test_prices.py": TESTS}, prices=SOURCE) as folder:
        check(folder, *PLUGIN)


def test_modules_that_conftest_imports():
    with project({"test_prices.py": TESTS, "conftest.py": "import prices\n"}, prices=SOURCE) as folder:
        check(folder, *PLUGIN, "--ember-strict", strict=False)


def test_without_it():
    """Nothing is loaded and nothing is checked."""
    tests = "import sys, prices\ndef test():\n    prices.RATE = 2\n    assert 'ember.strict._loader' not in sys.modules and '__strict__' in sys.modules\n"
    with project({"test_prices.py": tests}, prices=SOURCE) as folder:
        code, out, err = python("-m", "pytest", "-q", "-p", "no:cacheprovider", *PLUGIN, folder=folder, strict=False, EMBER="off")
        assert code == 0 and "1 passed" in out, out + err


def test_refused_modules_are_errors():
    with project({"test_bad.py": "import bad\ndef test(): pass\n"}, bad="import __strict__\nprint(1)\n") as folder:
        code, out, err = python("-m", "pytest", "-q", "-p", "no:cacheprovider", *PLUGIN, "--ember-strict", folder=folder, strict=False)
        assert code == 2 and "EMB112" in out and "module bad is strict" in out, out


harness.main()
