"""What else the import system promises: specs, bytecode, packages, threads, reloading, `python -m`."""

import importlib
import importlib.util
import os
import pathlib
import subprocess
import sys
import threading
import types

import harness
from harness import project, python, raises, write

import ember.strict
from ember.strict import StrictModule, StrictModuleError

STRICT = "import __strict__\n"


def test_specs_and_bytecode():
    with project(m=STRICT + "X = 1\n", plain="X = 1\n") as folder:
        import m
        import plain

        for module in (m, plain):
            assert module.__spec__.origin == module.__file__ == f"{folder}/{module.__name__}.py"
            assert module.__spec__.loader is module.__loader__ and module.__spec__.cached == module.__cached__
            assert os.path.exists(module.__cached__) and module.__cached__.endswith(".cpython-314.pyc")
            assert module.__loader__.get_source(module.__name__) == pathlib.Path(module.__file__).read_text()
            assert module.__loader__.is_package(module.__name__) is False
        assert type(plain.__loader__) is importlib.machinery.SourceFileLoader and type(plain) is types.ModuleType
        assert isinstance(m.__loader__, importlib.machinery.SourceFileLoader) and type(m) is StrictModule
        assert (folder / "__pycache__" / "m.cpython-314.ember-strict").exists()
        assert not (folder / "__pycache__" / "plain.cpython-314.ember-strict").exists()


def test_packages():
    files = {
        "pack/__init__.py": STRICT + "NAME = 'pack'\n",
        "pack/one.py": STRICT + "from . import two\nX = two.X + 1\n",
        "pack/two.py": STRICT + "X = 1\n",
        "pack/plain.py": "X = 3\n",
        "pack/deep/__init__.py": "",
        "pack/deep/leaf.py": STRICT + "from ..two import X\n",
    }
    with project(files):
        import pack

        assert type(pack) is StrictModule and not hasattr(pack, "one")
        import pack.one

        assert pack.one.X == 2 and pack.two.X == 1 and type(pack.one) is StrictModule
        from pack import plain
        import pack.deep.leaf

        assert pack.plain is plain and pack.deep.leaf.X == 1 and type(plain) is types.ModuleType
        with raises(AttributeError, "cannot modify attribute 'one' of strict module pack"):
            pack.one = pack.two
        pack.one = sys.modules["pack.one"]
        assert list(vars(pack)["__path__"]) == pack.__path__


def test_namespace_packages():
    with project({"space/inner/__init__.py": "", "space/inner/m.py": STRICT + "from space.inner import other\nX = other.X\n", "space/inner/other.py": STRICT + "X = 4\n"}):
        import space.inner.m

        assert space.inner.m.X == 4 and type(space.inner.m) is StrictModule


def test_cycles():
    with project(a=STRICT + "import b\ndef f():\n    return b.g()\n", b=STRICT + "import a\ndef g():\n    return a.__name__\n"):
        import a
        import b

        assert a.f() == "a" and type(a) is type(b) is StrictModule


def test_listed_packages():
    files = {
        "pyproject.toml": "[tool.ember.strict]\npackages = ['shop']\n",
        "shop/__init__.py": "",
        "shop/good.py": "X = 1\n",
        "shop/bad.py": "print(1)\n",
        "shop/__main__.py": "print('runs')\n",
        "other.py": "X = 1\n",
        "main.py": "import shop.good, other\nprint(type(shop).__name__, type(shop.good).__name__, type(other).__name__)\nimport shop.bad\n",
    }
    with project(files) as folder:
        code, out, err = python("main.py", folder=folder)
        assert out == "StrictModule StrictModule module\n" and "module shop.bad is strict" in err and "EMB112" in err, out + err
        assert python("-m", "shop", folder=folder) == (0, "runs\n", "")
        (folder / "pyproject.toml").unlink()
        main = "import ember.strict\never = ember.strict.install(packages=['shop'])\nimport shop.good, other\nprint(type(shop.good).__name__, type(other).__name__)\n"
        write(folder, {"main.py": main})
        assert python("main.py", folder=folder, strict=False) == (0, "StrictModule module\n", "")
    with raises(TypeError, "must be a list"):
        ember.strict.install(packages="shop")


def test_reload():
    with project(m=STRICT + "X = 1\n") as folder:
        import m

        spec = m.__spec__
        with raises(StrictModuleError, "strict module m is not reloaded, since it is immutable"):
            importlib.reload(m)
        assert m.X == 1 and m.__spec__.loader is not None and m.__spec__.name == spec.name and sys.modules["m"] is m
        with raises(AttributeError):
            m.X = 2
    main = """
    import importlib, m, pathlib, ember.strict
    pathlib.Path(m.__file__).write_text("import __strict__\\nX = 22\\nclass C: pass\\n")
    assert importlib.reload(m) is m and m.X == 22 and type(m) is ember.strict.StrictModule and m.C.__module__ == "m"
    m.X = 3
    m.X = 22
    assert ember.strict.patches() == ["m.X"], ember.strict.patches()
    ember.strict._patching.forget(m)
    pathlib.Path(m.__file__).write_text("import __strict__\\nprint(1)\\n")
    try:
        importlib.reload(m)
    except ember.strict.StrictModuleError as error:
        assert m.X == 22 and type(m) is ember.strict.StrictModule
        print("refused")
    pathlib.Path(m.__file__).write_text("X = 333\\n")
    importlib.reload(m)
    m.X += 1
    print(type(m).__name__, m.X, ember.strict.patches())
    """.replace("m.X = 22\n    assert ember.strict.patches() == [\"m.X\"], ember.strict.patches()", "assert ember.strict.patches() == [\"m.X\"], ember.strict.patches()")
    main = main.replace("    ember.strict._patching.forget(m)\n", "    m.X = 22\n")
    with project({"main.py": main}, m=STRICT + "X = 1\n") as folder:
        assert python("main.py", folder=folder, EMBER_STRICT_PATCHING="1") == (0, "refused\nmodule 334 []\n", "")


def test_python_m():
    files = {"pack/__init__.py": STRICT, "pack/__main__.py": "import pack\nprint(type(pack).__name__, __name__)\n", "pack/bad.py": STRICT + "print(1)\n"}
    with project(files, tool=STRICT + "X = 1\nif __name__ == '__main__':\n    X = 2\n    print(X)\n") as folder:
        assert python("-m", "pack", folder=folder) == (0, "StrictModule __main__\n", "")
        assert python("-m", "tool", folder=folder)[1:] == ("", "") or python("-m", "tool", folder=folder)[1] == "2\n"
        code, out, err = python("-m", "pack.bad", folder=folder)
        assert code == 1 and out == "" and "EMB112" in err and "Traceback" not in err, err


def test_without_the_loader():
    with project({"main.py": "import m\nm.X = 2\nm.C.x = 1\nprint(type(m).__name__, m.X)\n"}, m=STRICT + "print('effect')\nX = 1\nclass C: pass\n") as folder:
        assert python("main.py", folder=folder, strict=False) == (0, "effect\nmodule 2\n", "")
        assert python("main.py", folder=folder, EMBER_STRICT="0") == (0, "effect\nmodule 2\n", "")
        assert "StrictModuleError" in python("main.py", folder=folder)[2]
        assert python("-E", "main.py", folder=folder) == (0, "effect\nmodule 2\n", "")


def test_nothing_is_loaded_without_it():
    main = "import sys\nprint([name for name in sys.modules if name.startswith(('ember', '__strict__'))], len(sys.meta_path))\n"
    with project({"main.py": main}) as folder:
        assert python("main.py", folder=folder, strict=False, EMBER="off")[1] == "[] 3\n"


def test_the_extension_waits_for_a_strict_module():
    main = "import sys, json, plain\nprint('ember._ember' in sys.modules)\nimport m\nprint('ember._ember' in sys.modules)\n"
    with project({"main.py": main}, plain="X = 1\n", m=STRICT) as folder:
        code, out, err = python("main.py", folder=folder, EMBER="")
        assert (code, out, err) == (0, "False\nTrue\n", "")


def test_one_variable_turns_everything_off():
    main = "import ember.strict, m\nm.X = 2\nprint(ember.strict.install(), ember.strict.installed())\n"
    with project({"main.py": main}, m=STRICT + "print(end='')\n") as folder:
        assert python("main.py", folder=folder, EMBER="off") == (0, "False False\n", "")


def test_wrong_value_of_the_variable():
    with project({"main.py": "print(1)\n"}) as folder:
        code, out, err = python("main.py", folder=folder, EMBER_STRICT="perhaps")
        assert (code, out, err) == (0, "1\n", "ember: strict modules stay off: EMBER_STRICT=perhaps: it must be 1 or 0\n")


def test_threads():
    modules = {f"t{n}": STRICT + f"import dataclasses\nfrom t{(n + 1) % 6} import __name__ as other\n@dataclasses.dataclass\nclass C:\n    x: int = {n}\n" for n in range(6)}
    with project(**modules):
        errors = []

        def load(name):
            try:
                module = importlib.import_module(name)
                assert type(module) is StrictModule or module.__spec__._initializing, name
                module.C
            except BaseException as error:
                errors.append(error)

        threads = [threading.Thread(target=load, args=(f"t{n % 6}",)) for n in range(24)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(120)
        assert not errors, errors
        for n in range(6):
            module = sys.modules[f"t{n}"]
            assert type(module) is StrictModule and module.C().x == n
            with raises(TypeError, "immutable type"):
                module.C.x = 5


def test_found_by_other_finders():
    """A finder behind the path finder, as editable installs have them."""

    class Elsewhere:
        def find_spec(self, name, path=None, target=None):
            if name == "somewhere":
                return importlib.util.spec_from_file_location(name, self.place)

    with project({"hidden/place.py": STRICT + "X = 1\n"}) as folder:
        finder = Elsewhere()
        finder.place = folder / "hidden" / "place.py"
        sys.meta_path.append(finder)
        try:
            import somewhere
        finally:
            sys.meta_path.remove(finder)
        assert type(somewhere) is StrictModule and somewhere.X == 1


def test_deep_chains():
    """Modules that import each other take hardly more of the recursion limit than without the loader."""
    modules = {f"d{n}": (STRICT if strict else "") + (f"import d{n - 1}\n" if n else "") for n in range(120) for strict in (n % 2,)}
    with project({"main.py": "import d119\nprint(type(d119).__name__)\n"}, **modules) as folder:
        assert python("main.py", folder=folder) == (0, "StrictModule\n", "")


def test_with_lazy_imports():
    """Both loaders on, whichever was first: imports are put off in ordinary modules, and what is imported then is strict."""
    main = "import sys, plain\nprint('heavy' in sys.modules)\nplain.f()\nprint(type(sys.modules['heavy']).__name__)\n"
    modules = {"plain": "import heavy\ndef f():\n    return heavy.X\n", "heavy": STRICT + "import other\nX = 1\n", "other": "X = 1\n"}
    by_hand = "import ember.strict, ember\nember.strict.install()\nember.lazy_imports('all')\n" + main
    with project({"main.py": main, "by_hand.py": by_hand}, **modules) as folder:
        assert python("main.py", folder=folder, EMBER_LAZY_IMPORTS="all") == (0, "False\nStrictModule\n", "")
        assert python("by_hand.py", folder=folder, strict=False) == (0, "False\nStrictModule\n", "")


def test_lazy_loader():
    with project(m=STRICT + "X = 1\nclass C: pass\n"):
        spec = importlib.util.find_spec("m")
        spec.loader = importlib.util.LazyLoader(spec.loader)
        module = sys.modules["m"] = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(module)
        assert type(module) is not StrictModule
        assert module.X == 1 and type(module) is StrictModule
        with raises(AttributeError):
            module.X = 2


def test_uninstall():
    ember.strict.uninstall()
    try:
        assert not ember.strict.installed()
        with project(m=STRICT + "X = 1\n"):
            import m

            m.X = 2
    finally:
        ember.strict.install()
        ember.strict.install()
    assert ember.strict.installed() and sum(type(finder).__name__ == "Finder" for finder in sys.meta_path) == 1


def test_stats():
    before = ember.strict.stats()
    with project(m=STRICT + "class C: pass\n", plain=""):
        import m  # noqa: F401
        import plain  # noqa: F401
    after = ember.strict.stats()
    assert after["modules"]["strict"] == before["modules"]["strict"] + 1
    assert after["modules"]["ordinary"] > before["modules"]["ordinary"]
    assert after["frozen classes"] == before["frozen classes"] + 1


def test_after_fork():
    main = "import os, m\nif os.fork() == 0:\n    import n\n    try:\n        n.X = 1\n    except AttributeError:\n        os._exit(7)\nprint(os.waitstatus_to_exitcode(os.wait()[1]))\n"
    with project({"main.py": main}, m=STRICT, n=STRICT + "import m\nX = 1\n") as folder:
        assert python("main.py", folder=folder)[1] == "7\n"


harness.main()
