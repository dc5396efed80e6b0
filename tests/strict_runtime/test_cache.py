"""Answers are kept beside the bytecode, and given anew when anything they rest on has changed."""

import harness
from harness import project, python, write

STRICT = "import __strict__\n"
#: Prints what the loader did, or that the module was refused.
MAIN = """
import sys, ember.strict
try:
    import m
    print("imported", end=" ")
except ember.strict.StrictModuleError as error:
    print("refused", end=" ")
answers = ember.strict.stats()["answers"]
print(answers["analysed"], answers["kept"], answers["ahead"])
"""


def run(folder, *words, **variables):
    code, out, err = python(*words, "main.py", folder=folder, **variables)
    assert code == 0 and err == "", err
    return out.strip()


def test_the_second_time():
    with project({"main.py": MAIN}, m=STRICT + "import n\n", n=STRICT + "import dataclasses\n") as folder:
        assert run(folder) == "imported 1 0 1"
        assert run(folder) == "imported 0 2 0"


def test_one_run_for_all():
    """Also for those that are imported by name only, later, and that another package has."""
    main = MAIN.replace("import m\n", "import m, importlib\n    for name in ('p.a', 'p.b', 'q.c'): importlib.import_module(name)\n")
    files = {"main.py": main} | {f"{name}.py": STRICT + "import dataclasses\n" for name in ("p/a", "p/b", "q/c")}
    files |= {"p/__init__.py": "", "q/__init__.py": "", "q/broken.py": STRICT + "x = = 1\n", "q/bad.py": STRICT + "print(1)\n"}
    with project(files, m=STRICT) as folder:
        assert run(folder) == "imported 1 0 3"
        assert run(folder) == "imported 0 4 0"


def test_refusals_are_kept():
    with project({"main.py": MAIN}, m=STRICT + "print(1)\n") as folder:
        assert run(folder) == "refused 1 0 0"
        assert run(folder) == "refused 0 1 0"
        write(folder, {"m.py": STRICT})
        assert run(folder) == "imported 1 0 0"


def test_the_module_changed():
    with project({"main.py": MAIN}, m=STRICT + "X = 1\n") as folder:
        assert run(folder) == "imported 1 0 0"
        write(folder, {"m.py": STRICT + "print(1)\n"})
        assert run(folder) == "refused 1 0 0"


def test_something_it_imports_changed():
    with project({"main.py": MAIN}, m=STRICT + "from deep import f\nX = f()\n", deep="import deeper\ndef f():\n    return deeper.g()\n", deeper="def g():\n    return 1\n") as folder:
        assert run(folder) == "imported 1 0 0"
        assert run(folder) == "imported 0 1 0"
        write(folder, {"deeper.py": "def g():\n    return input()\n"})
        assert run(folder) == "refused 1 0 0"
        write(folder, {"deeper.py": "def g():\n    return 1\n"})
        assert run(folder) == "imported 1 0 0"


def test_what_is_imported_by_name_only():
    """Not by a statement at the top level, but by a function that runs."""
    source = STRICT + "def load():\n    from late import X\n    return X\nY = load()  # ember: ignore[EMB117]\n"
    with project({"main.py": MAIN}, m=source, late="X = 1\n") as folder:
        assert run(folder) == "imported 1 0 0"
        assert run(folder) == "imported 0 1 0"
        write(folder, {"late.py": "X = 2\n"})
        assert run(folder) == "imported 1 0 0"


def test_unchanged_again():
    """Times do not matter, contents do."""
    import os

    with project({"main.py": MAIN}, m=STRICT + "import n\n", n="X = 1\n") as folder:
        assert run(folder) == "imported 1 0 0"
        for name in ("m.py", "n.py"):
            os.utime(folder / name, (1, 1))
        assert run(folder) == "imported 0 1 0"


def test_a_module_that_appears_before_another():
    files = {"main.py": "import sys\nsys.path.insert(0, 'first')\n" + MAIN, "first/__init__.py": ""}
    with project(files, m=STRICT + "import n\nY = n.X\n", n="X = []\n") as folder:
        assert run(folder) == "imported 1 0 0"
        write(folder, {"first/notes.txt": "nothing to import"})
        assert run(folder) == "imported 0 1 0"
        write(folder, {"first/n.py": "X = 1\n"})
        assert run(folder) == "imported 1 0 0"


def test_stubs_and_settings():
    files = {"main.py": MAIN, "pyproject.toml": "[tool.ember.strict]\nstubs = ['stubs']\n", "stubs/fast.py": "def f():\n    return 1\n"}
    with project(files, m=STRICT + "import fast\nX = fast.f()\n", fast="def f():\n    return print(end='')\n") as folder:
        assert run(folder) == "imported 1 0 0"
        assert run(folder) == "imported 0 1 0"
        write(folder, {"stubs/fast.py": "from __ember__ import effect\nf = effect('reads the clock')\n"})
        assert run(folder) == "refused 1 0 0"
        write(folder, {"pyproject.toml": "[tool.ember.strict]\nstubs = ['stubs']\nignore = ['EMB112']\n"})
        assert run(folder) == "imported 1 0 0"
        write(folder, {"pyproject.toml": "[tool.ember.strict]\nstubs = ['stubs']\n"})
        assert run(folder) == "refused 0 1 0", "the answer for the former settings is still there"


def test_another_search_path():
    with project({"main.py": MAIN, "more/readme": ""}, m=STRICT) as folder:
        assert run(folder) == "imported 1 0 0"
        assert run(folder, PYTHONPATH=str(folder / "more")) == "imported 1 0 0"
        assert run(folder) == "imported 0 1 0"
        assert run(folder, PYTHONPATH=str(folder / "more")) == "imported 0 1 0"


def test_another_build_of_the_analyser():
    other = "import ember._ember\nember._ember.strict_build = lambda: 'another'\n" + MAIN
    with project({"main.py": MAIN}, m=STRICT) as folder:
        assert run(folder) == "imported 1 0 0"
        write(folder, {"main.py": other})
        assert run(folder) == "imported 1 0 0"
        assert run(folder) == "imported 0 1 0"
        write(folder, {"main.py": MAIN})
        assert run(folder) == "imported 0 1 0", "the answer of the former build is still there"


def test_not_written():
    with project({"main.py": MAIN}, m=STRICT) as folder:
        assert run(folder, "-B") == "imported 1 0 0"
        assert not (folder / "__pycache__").exists()
        assert run(folder) == "imported 1 0 0"
    with project({"main.py": MAIN}, m=STRICT) as folder, project() as elsewhere:
        assert run(folder, PYTHONPYCACHEPREFIX=str(elsewhere)) == "imported 1 0 0"
        assert not (folder / "__pycache__").exists() and list(elsewhere.rglob("m.cpython-314.ember-strict"))
        assert run(folder, PYTHONPYCACHEPREFIX=str(elsewhere)) == "imported 0 1 0"


def test_damaged():
    with project({"main.py": MAIN}, m=STRICT) as folder:
        assert run(folder) == "imported 1 0 0"
        place = folder / "__pycache__" / "m.cpython-314.ember-strict"
        whole = place.read_bytes()
        for text in (b"", b"{}", b"[1]", whole[: len(whole) // 2], b"\xff\xfe", whole.replace(b'"strict":true', b'"strict":3')):
            place.write_bytes(text)
            assert run(folder) == "imported 1 0 0", text
            assert run(folder) == "imported 0 1 0"


harness.main()
