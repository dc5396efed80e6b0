"""Where the flag makes a module strict, and what is said where it does not."""

import harness
from harness import project, raises

from ember.strict import StrictModule, StrictModuleError


def strict(source):
    with project(flagged=source):
        import flagged

        return type(flagged) is StrictModule


def refused(source, *texts):
    with project(flagged=source), raises(StrictModuleError, "EMB119", "says that it is strict", *texts):
        import flagged  # noqa: F401


def test_first_statement():
    assert strict("import __strict__\nX = 1\n")
    assert strict('"""Text."""\nimport __strict__\n')
    assert strict('"""Text."""\nfrom __future__ import annotations\nimport __strict__\n')
    assert strict("# a comment\n\nimport __strict__\n")


def test_without_the_flag():
    assert not strict("X = 1\n")
    assert not strict("# import __strict__\nX = '__strict__'\n")
    assert not strict("from __strict__ import mutable\n@mutable\nclass C: pass\n")


def test_not_at_the_top():
    refused("X = 1\nimport __strict__\n", "flagged.py:2:1", "directly after the docstring")
    refused("import os\nimport __strict__\n")
    refused("'a'\n'b'\nimport __strict__\n")


def test_with_other_names():
    refused("import __strict__, sys\n")
    refused("import sys, __strict__\n")


def test_alias():
    refused("import __strict__ as s\n")


def test_in_a_function():
    refused("def f():\n    import __strict__\n")


def test_in_a_class():
    refused("class C:\n    import __strict__\n")


def test_in_a_block():
    refused("if True:\n    import __strict__\n")
    refused("try:\n    import __strict__\nexcept ImportError:\n    pass\n")


def test_allow_side_effects():
    with project(effects="import __strict__\nfrom __strict__ import allow_side_effects\nopen(__file__).close()\n"):
        import effects

        assert type(effects) is StrictModule
        with raises(AttributeError):
            effects.x = 1
    refused("X = 1\nimport __strict__\nfrom __strict__ import allow_side_effects\n")


def test_syntax_errors_are_pythons():
    with project(broken="import __strict__\nx = = 1\n"), raises(SyntaxError) as caught:
        import broken  # noqa: F401
    assert caught.error.lineno == 2


harness.main()
