"""What an installed wheel promises, run by the interpreter of the environment it was installed into.

Each test starts a fresh interpreter, because what is tested is how one starts. The last line is `N passed, N failed`.
"""

import os
import pathlib
import subprocess
import sys
import tempfile
import textwrap
import unittest

CLEAN = {name: value for name, value in os.environ.items() if not name.startswith(("EMBER", "PYTHON"))}


def python(*words, code=0, **environment):
    """Start an interpreter in a folder where nothing of Ember lies; (stdout, stderr)."""
    with tempfile.TemporaryDirectory() as elsewhere:
        done = subprocess.run(
            [sys.executable, *words], env={**CLEAN, **environment}, cwd=elsewhere, capture_output=True, text=True, timeout=60
        )
    if done.returncode != code:
        raise AssertionError(f"exit code {done.returncode}, expected {code}\n{done.stdout}{done.stderr}")
    return done.stdout.strip(), done.stderr.strip()


MODE = "import sys; print(sys.modules['ember'].status().mode if 'ember' in sys.modules else 'absent')"


class Start(unittest.TestCase):
    """The ways of turning it on, and of not."""

    def test_absent_unless_asked_for(self):
        self.assertEqual(python("-c", MODE), ("absent", ""))
        self.assertEqual(python("-c", MODE, EMBER="off"), ("absent", ""))
        _, loaded = python("-X", "importtime", "-c", "pass")
        self.assertNotIn("ember", loaded)

    def test_variable(self):
        self.assertEqual(python("-c", MODE, EMBER="1"), ("auto", ""))
        self.assertEqual(python("-c", MODE, EMBER="all"), ("all", ""))
        self.assertEqual(python("-c", MODE, EMBER=""), ("absent", ""))

    def test_variable_is_ignored_when_the_environment_is(self):
        for option in ("-E", "-I"):
            self.assertIn(python(option, "-c", MODE, EMBER="1")[0], ("absent", "off"))

    def test_strict_modules(self):
        program = "import sys, __strict__; print('ember.strict._loader' in sys.modules, __strict__.mutable.__name__)"
        self.assertEqual(python("-c", program, EMBER_STRICT="1"), ("True mutable", ""))
        self.assertEqual(python("-c", program), ("False mutable", ""))
        plugins = "from importlib.metadata import entry_points; print([p.value for p in entry_points(group='pytest11', name='ember_strict')])"
        self.assertEqual(python("-c", plugins)[0], "['ember.strict.pytest_plugin']")

    def test_off_wins(self):
        program = "import ember; print(ember.enable('all'), ember.status().mode, ember.status().reason)"
        self.assertEqual(python("-c", program, EMBER="off"), ("False off EMBER=off is set", ""))
        self.assertEqual(python("-m", "ember", "--mode", "all", "-c", MODE, EMBER="off"), ("absent", ""))

    def test_a_bad_variable_does_not_keep_python_from_starting(self):
        out, error = python("-c", "print('up')", EMBER="sideways")
        self.assertEqual(out, "up")
        self.assertEqual(len(error.splitlines()), 1)
        self.assertIn("sideways", error)
        out, error = python("-c", "print('up')", EMBER="list:/no/such/list")
        self.assertEqual((out, len(error.splitlines())), ("up", 1))

    def test_cpythons_jit_wins(self):
        program = "import sys, ember; print(sys._jit.is_enabled() and ember.enable())"
        for started in ("", "1"):
            out, error = python("-c", program, EMBER=started, PYTHON_JIT="1")
            self.assertEqual(out, "False")
            self.assertTrue(not error or "own JIT" in error and len(error.splitlines()) == 1, error)

    def test_import_changes_nothing_and_is_quick(self):
        program = "import sys, time; t = time.perf_counter(); import ember; print((time.perf_counter() - t) * 1000)"
        best = min(float(python("-c", program)[0]) for _ in range(5))
        self.assertLess(best, 15)
        self.assertEqual(python("-c", "import sys, ember; print('ember._ember' in sys.modules)")[0], "False")


class Run(unittest.TestCase):
    """`python -m ember`."""

    def test_command(self):
        self.assertEqual(python("-m", "ember", "-c", "import sys; print(sys.argv)", "a", "-x")[0], "['-c', 'a', '-x']")
        self.assertEqual(python("-m", "ember", "-c", MODE)[0], "auto")
        self.assertEqual(python("-m", "ember", "--mode", "all", "-c", MODE)[0], "all")
        self.assertEqual(python("-m", "ember", "--mode=off", "-c", MODE)[0], "absent")

    def test_a_replaced_loop_counts_as_native(self):
        program = textwrap.dedent('''
            import ember, time
            def loop():
                ends, x, native = time.monotonic() + 60, 0.0, 0
                while native < 50 and time.monotonic() < ends:
                    for n in range(1000000): x += n
                    share = ember.jit.stats()["share"]
                    native = share["native"] * share["samples"]
                return share
            share = loop()
            print(share["native"] > 0.5, [row for row in share["interpreted"] if "loop" in row["function"] and row["share"] > 0.4])
        ''')
        self.assertEqual(python("-c", program, EMBER="1", EMBER_SHARE="1", EMBER_SAMPLE_US="200")[0], "True []")

    def test_workers_of_a_master_that_compiled_go_on_with_care(self):
        program = textwrap.dedent('''
            import ember, os, sys, time
            def known(x): return x + 1
            def call(f): all(map(f, range(200000)))
            def until(done):
                ends = time.monotonic() + 60
                while time.monotonic() < ends and not done(): yield
            def child():
                """Whether it is a worker; versions made of what the master had; whether what is new is compiled."""
                before = ember.jit.stats()["versions"]
                call(known)
                again = ember.jit.stats()["versions"] - before
                def new(x): return x + 2
                for _ in until(lambda: ember.jit.is_compiled(new)): call(new)
                print(ember.jit.stats()["worker"], again, ember.jit.is_compiled(new), flush=True)
            for prepare in (False, True):
                if prepare:
                    for _ in until(lambda: ember.jit.is_compiled(known)): call(known)
                    ember.jit.precompile()
                pid = os.fork()
                if not pid:
                    child()
                    os._exit(0)
                os.waitpid(pid, 0)
            print(ember.jit.stats()["worker"])
        ''')
        out = python("-W", "ignore", "-c", program, EMBER="1", EMBER_SAMPLE_US="100")[0].splitlines()
        self.assertEqual((out[0].split()[0], out[1:]), ("False", ["True 0 True", "False"]))

    def test_what_runs_rarely_stays_interpreted(self):
        program = textwrap.dedent('''
            import ember, time
            def rare(x): return x + 1
            def often(x): return x + 1
            ends = time.monotonic() + 60
            # Called from C: neither becomes part of its caller.
            while time.monotonic() < ends and ember.jit.stats()["samples"] < 500:
                all(map(often, range(200000)))
                rare(1)
            ember.jit.wait()
            print(ember.jit.is_compiled(often), ember.jit.is_compiled(rare))
            # Who prepares for others compiles it as well.
            ember.jit.precompile()
            print(ember.jit.is_compiled(rare))
        ''')
        settings = {"EMBER": "1", "EMBER_SAMPLE_US": "100", "EMBER_OFTEN": "4"}
        self.assertEqual(python("-c", program, **settings)[0].split(), ["True", "False", "True"])

    def test_exit_code_and_traceback_are_the_programs(self):
        plain = python("-c", "1/0", code=1)
        self.assertEqual(python("-m", "ember", "-c", "1/0", code=1), plain)
        python("-m", "ember", "-c", "import sys; sys.exit(7)", code=7)

    def test_script_and_module(self):
        with tempfile.TemporaryDirectory() as folder:
            script = pathlib.Path(folder) / "program.py"
            script.write_text(
                textwrap.dedent("""
                import __main__, sys
                def f(): return sys._getframe().f_back.f_back
                print(__name__, __file__, sys.argv, f() is None or f().f_code.co_name, __main__.f is f)
                """)
            )
            plain = python(str(script), "1", "2")
            self.assertEqual(python("-m", "ember", str(script), "1", "2"), plain)
            plain = python("-m", "program", "1", PYTHONPATH=folder)
            self.assertEqual(python("-m", "ember", "-m", "program", "1", PYTHONPATH=folder), plain)

    def test_interpreter_options_are_kept(self):
        program = "import sys; print(sys.flags.optimize, sys.flags.dev_mode)"
        self.assertEqual(python("-O", "-X", "dev", "-m", "ember", "-c", program)[0], "1 True")

    def test_usage(self):
        self.assertIn("usage", python("-m", "ember", "--help")[0])
        self.assertIn("usage", python("-m", "ember", code=2)[1])
        self.assertIn("no mode", python("-m", "ember", "--mode", "fast", "-c", "", code=2)[1])
        self.assertIn("no option", python("-m", "ember", "--fast", "-c", "", code=2)[1])

    def test_explain(self):
        out, _ = python("-m", "ember", "explain", "json.decoder:JSONDecoder.decode")
        self.assertIn("compiled: ", out)
        python("-m", "ember", "explain", "json.decoder:nothing", code=1)
        python("-m", "ember", "explain", "nonsense", code=2)

    def test_ab(self):
        self.assertIn("--traffic", python("-m", "ember", "ab", "--help")[0])
        self.assertIn("a server (--a) and requests", python("-m", "ember", "ab", code=2)[1])


class Package(unittest.TestCase):
    """The Python side in this process."""

    def test_typed(self):
        import ember

        self.assertTrue((pathlib.Path(ember.__file__).parent / "py.typed").exists())
        self.assertTrue((pathlib.Path(ember.__file__).parent / "_ember.pyi").exists())

    def test_documented(self):
        import ember

        for holder in (ember, ember.jit):
            for name in holder.__all__:
                if callable(getattr(holder, name)):
                    self.assertTrue(getattr(holder, name).__doc__, name)

    def test_version(self):
        from importlib import metadata

        import ember
        from ember import _ember

        self.assertEqual(metadata.version("ember-jit"), ember.__version__)
        self.assertEqual(_ember.__version__, ember.__version__)

    def test_modes(self):
        import ember

        for bad in ("fast", "list", "list:", "auto:x"):
            with self.assertRaises(ValueError, msg=bad):
                ember.enable(bad)
        with self.assertRaises(OSError):
            ember.enable("list:/no/such/list")

    def test_only_functions(self):
        import ember

        for thing in (len, 1, type, "f"):
            with self.assertRaises(TypeError):
                ember.jit.is_compiled(thing)
            with self.assertRaises(TypeError):
                ember.jit.compile(thing)

    def test_methods_stand_for_their_functions(self):
        import ember

        for thing in (self.test_methods_stand_for_their_functions, staticmethod(python), classmethod(python), python):
            self.assertFalse(ember.jit.is_compiled(thing))

    def test_enable_and_disable(self):
        import ember

        self.assertTrue(ember.enable())
        self.assertEqual(ember.status().mode, "auto")
        with ember.paused():
            self.assertTrue(ember.status().paused)
            with ember.paused():
                pass
            self.assertTrue(ember.status().paused)
        self.assertFalse(ember.status().paused)
        ember.disable()
        self.assertFalse(ember.status().enabled)

    def test_lists(self):
        import ember
        from ember import _ember

        def verdict(text):
            return _ember.list_verdict(text, "shop.views", "Cart.total", "/srv/shop/views.py", 42)

        self.assertEqual(verdict("shop.*:Cart.*  # hot"), "listed")
        self.assertEqual(verdict("Cart.total@views.py:42"), "listed")
        self.assertEqual(verdict("*:*\n-shop.views:*"), "excluded")
        self.assertEqual(verdict("shop.views:total"), "unlisted")
        with tempfile.TemporaryDirectory() as folder:
            path = os.path.join(folder, "list")
            with open(path, "w") as out:
                out.write("# fine\na:b\nnonsense\n")
            with self.assertRaisesRegex(ValueError, "line 3"):
                ember.jit.load_list(path)
            with self.assertRaisesRegex(ValueError, "line 3"):
                ember.enable("list:" + path)
            self.assertEqual(ember.jit.save_list(path), len(ember.jit.compiled_functions()))
            ember.jit.load_list(path)

    def test_unknown_interpreters(self):
        program = textwrap.dedent("""
            import sys
            from types import SimpleNamespace as New
            {}
            import ember
            print(ember.enable(), ember.jit.stats(), ember.jit.compiled_functions(), ember.jit.is_compiled(lambda: 0))
            print(ember.enable(), ember.status().reason)
        """)
        for change, reason in {
            "sys.version_info = type('v', (tuple,), {'releaselevel': 'final'})((3, 15, 0))": "this is 3.15",
            "sys.version_info = type('v', (tuple,), {'releaselevel': 'final'})((3, 13, 1))": "this is 3.13",
            "sys.implementation = New(**{**vars(sys.implementation), 'name': 'pypy'})": "this is pypy",
            "sys.abiflags = 't'": "free-threaded",
        }.items():
            out, error = python("-c", program.format(change))
            self.assertEqual(out.splitlines()[0], "False {} [] False")
            self.assertIn(reason, out)
            self.assertEqual(len(error.splitlines()), 1, error)


if __name__ == "__main__":
    suite = unittest.defaultTestLoader.loadTestsFromModule(sys.modules[__name__])
    result = unittest.TextTestRunner(verbosity=1).run(suite)
    failed = len({test.id() for test, _ in result.failures + result.errors})
    print(f"{result.testsRun - failed} passed, {failed} failed")
    sys.exit(bool(failed))
