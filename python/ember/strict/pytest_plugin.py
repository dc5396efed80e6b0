"""Strict modules in pytest.

    pytest --ember-strict            # or  ember_strict = true  in pytest's settings

turns the loader on and lets tests patch strict modules. Where the loader is on already (``EMBER_STRICT=1``), patching is allowed in any case. A test
after which an attribute of a strict module or of one of its classes is not what it was fails at its teardown, and the attribute is put back. What fixtures of a
wider scope patch may stay until they end.

pytest loads this file wherever Ember is installed, so it imports nothing until there is a strict module.
"""

from __future__ import annotations

import sys

import pytest

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Generator
    from typing import Any

#: Names that fixtures of a wider scope have patched, by fixture.
_allowed: dict[Any, set[str]] = {}


def pytest_addoption(parser: pytest.Parser) -> None:
    """The option and the setting."""
    what = "load strict modules as such (import __strict__), and let tests patch them"
    parser.getgroup("ember").addoption("--ember-strict", action="store_true", default=False, help=what)
    parser.addini("ember_strict", what, type="bool", default=False)


@pytest.hookimpl(tryfirst=True)
def pytest_load_initial_conftests(early_config: pytest.Config) -> None:
    """Before anything of the project is imported."""
    _turn_on(early_config)


@pytest.hookimpl(tryfirst=True)
def pytest_configure(config: pytest.Config) -> None:
    """Once more, for pytest runs that have no early phase."""
    _turn_on(config)


def _turn_on(config: pytest.Config) -> None:
    loader = sys.modules.get("ember.strict._loader")
    wanted = config.getini("ember_strict") or getattr(config.known_args_namespace, "ember_strict", False)
    if wanted or (loader is not None and loader.installed()):
        from . import _loader

        if not _loader.install(patching=True):
            sys.stderr.write("ember: strict modules stay off: EMBER=off is set\n")


def _patching() -> Any:
    found = sys.modules.get("ember.strict._patching")
    return found if found is not None and found.enabled else None


@pytest.hookimpl(wrapper=True)
def pytest_fixture_setup(fixturedef: Any, request: Any) -> Generator[None, Any, Any]:
    """Note what a fixture of a wider scope than a function patches."""
    patching = _patching()
    if patching is None or fixturedef.scope == "function":
        return (yield)
    before = set(patching.patches())
    try:
        return (yield)
    finally:
        _allowed.setdefault(fixturedef, set()).update(set(patching.patches()) - before)


def pytest_fixture_post_finalizer(fixturedef: Any, request: Any) -> None:
    """A fixture has ended: what it patched must be put back by now."""
    _allowed.pop(fixturedef, None)


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_runtest_teardown(item: pytest.Item) -> Generator[None, Any, Any]:
    """After all of a test's fixtures have ended, nothing may be patched."""
    result = yield
    patching = _patching()
    if patching is not None:
        allowed = set().union(*_allowed.values())
        left = [(name, put_back) for name, put_back in patching.leftovers() if name not in allowed]
        for _, put_back in left:
            put_back()
        if left:
            names = ", ".join(name for name, _ in left)
            pytest.fail(f"patched in strict modules and not put back: {names}", pytrace=False)
    return result
