"""Modules whose import does more than make them are refused, with the linter's words."""

import subprocess
import sys

import harness
from harness import project, python, raises, write

import ember.strict
from ember.strict import StrictModuleError


def refused(source, *texts, **others):
    with project(bad="import __strict__\n" + source, **others), raises(StrictModuleError, *texts) as caught:
        import bad  # noqa: F401
    assert "bad" not in sys.modules
    return caught.error


def test_input_and_output():
    refused("print('hello')\n", "EMB112", "bad.py:2:1", "print('hello')")
    refused("open('x')\n", "EMB112")


def test_environment():
    refused("import os\nX = os.environ.get('HOME')\n", "EMB113")


def test_registries():
    refused("import table\ntable.ENTRIES['bad'] = 1\n", "EMB110", "ENTRIES", table="ENTRIES = {}\n")


def test_star_import():
    refused("from table import *\n", "EMB116", table="X = 1\n")


def test_unknown_values():
    error = refused("import no_such_module_anywhere\n", "EMB125")
    assert "no_such_module_anywhere" in str(error)


def test_through_another_module():
    helper = "def ask(what):\n    return input(what)\n"
    refused("from helper import ask\nNAME = ask('who?')\n", "bad.py:3", "in 'ask' of helper", helper=helper)


def test_the_error():
    error = refused("print(1)\n")
    assert isinstance(error, ImportError)
    assert error.name == "bad" and error.path.endswith("bad.py")
    assert str(error).startswith("module bad is strict, and importing it does what strict modules must not do\n")


def test_words_are_the_linters():
    with project(bad="import __strict__\nimport os\nprint(os.getcwd())\n") as folder:
        with raises(StrictModuleError) as caught:
            import bad  # noqa: F401
        command = [sys.executable, "-m", "ember", "check", "--no-cache", str(folder / "bad.py")]
        shown = subprocess.run(command, capture_output=True, text=True, timeout=120).stdout
    findings = str(caught.error).partition("\n\n")[2]
    assert findings and shown.startswith(findings), (findings, shown)


def test_comments_silence():
    with project(quiet="import __strict__\nprint(end='')  # ember: ignore[EMB112]\n"):
        import quiet

        assert type(quiet) is ember.strict.StrictModule


def test_settings_silence():
    files = {"pyproject.toml": "[tool.ember.strict]\nignore = ['EMB112']\n", "main.py": "import quiet; print(type(quiet).__name__)\n"}
    with project(files, quiet="import __strict__\nprint(end='')\n") as folder:
        assert python("main.py", folder=folder) == (0, "StrictModule\n", "")


def test_wrong_settings():
    files = {"pyproject.toml": "[tool.ember.strict]\nignored = []\n", "main.py": "import m\n"}
    with project(files, m="import __strict__\n") as folder:
        code, out, err = python("main.py", folder=folder)
        assert code == 1 and "has no setting 'ignored'" in err and "StrictModuleError" in err, err


def test_imports_of_refused_modules():
    with project(outer="import bad\n", bad="import __strict__\nprint(1)\n"):
        with raises(StrictModuleError, "module bad is strict"):
            import outer  # noqa: F401
        assert "outer" not in sys.modules and "bad" not in sys.modules


def test_mended():
    with project(bad="import __strict__\nprint(1)\n") as folder:
        with raises(StrictModuleError):
            import bad
        write(folder, {"bad.py": "import __strict__\nX = 'good'\n"})
        import bad

        assert bad.X == "good" and type(bad) is ember.strict.StrictModule


def test_errors_of_the_module_itself():
    source = "import __strict__\nfrom __strict__ import allow_side_effects\ndef f():\n    1 / 0\nf()\n"
    with project({"main.py": "import failing\n"}, failing=source) as folder:
        code, out, err = python("main.py", folder=folder)
        plain = python("main.py", folder=folder, strict=False)
        assert code == 1 and err == plain[2], err + plain[2]
        assert "importlib" not in err and "_loader" not in err, err


def test_the_errors_traceback():
    with project({"main.py": "import bad\n"}, bad="import __strict__\nprint(1)\n") as folder:
        code, out, err = python("main.py", folder=folder)
        assert code == 1
        assert err.startswith(f'Traceback (most recent call last):\n  File "{folder}/main.py", line 1, in <module>\n    import bad\n'), err
        assert "_loader.py" not in err and "importlib" not in err, err


harness.main()
