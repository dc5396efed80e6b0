"""`ember.profile`: what one process has learnt, the next begins with; and the same by way of servers."""

import json
import os
import pathlib
import signal
import subprocess
import sys
import tempfile
import textwrap

import ember
from ember import profile

SHOP = """
class Item:
    def __init__(self, price):
        self.price = price

    def cost(self):
        return self.price + 1


class Gift(Item):
    def cost(self):
        return 0


class Basket:
    def __init__(self, items):
        self.items = items

    def total(self):
        total = 0
        for item in self.items:
            total = total + item.cost()
        return total


def make():
    def inner(text):
        return text.upper() + "!"

    return inner


def call(function, argument):
    return function(argument)


def half(number):
    return number * 0.5 if number > 3 else number


def work(n):
    basket = Basket([Item(n), Gift(n), Item(n + 1)])
    return [basket.total(), make()("a"), call(half, n), half(n)]
"""


def run(program, folder, *words, check=True, **variables):
    """A process that has the module `shop`. → standard output"""
    environment = {name: value for name, value in os.environ.items() if not name.startswith("EMBER")} | variables
    environment["PYTHONPATH"] = folder + os.pathsep + environment.get("PYTHONPATH", "")
    command = [sys.executable, "-c", textwrap.dedent(program), *words] if program else [sys.executable, *words]
    done = subprocess.run(command, env=environment, cwd=folder, capture_output=True, text=True, timeout=120)
    assert done.returncode == 0 or not check, (done.stdout, done.stderr)
    return done.stdout if check else done


LEARN = """
    import ember, shop
    names = [shop.Item.cost, shop.Gift.cost, shop.Basket.total, shop.call, shop.half, shop.work, shop.Basket.__init__]
    for i in range(60):
        shop.work(i)
    for name in names:
        ember.jit.compile(name)
    for i in range(500):
        shop.work(i)
    ember.enable("auto")
    ember.jit.precompile(1)
    for i in range(500):
        shop.work(i)
    ember.jit.wait()
    print(ember.profile.save("shop.profile"))
"""

USE = """
    import json, ember, shop
    ember.profile.load("shop.profile")
    ember.enable("auto")
    ember.jit.precompile(1)
    expected = [[(i + 1) + 0 + (i + 2), "A!", i * 0.5 if i > 3 else i, i * 0.5 if i > 3 else i] for i in range(500)]
    assert [shop.work(i) for i in range(500)] == expected
    total = ember.jit.explain(shop.Basket.total)
    print(json.dumps([ember.profile.report(), total["versions"], total["deopts"], ember.jit.is_compiled(shop.half), ember.jit.dump(shop.Basket.total, "hir")]))
"""


def shop(folder, text=SHOP):
    pathlib.Path(folder, "shop.py").write_text(text)


def test_a_process_begins_with_what_another_has_learnt():
    with tempfile.TemporaryDirectory() as folder:
        shop(folder)
        assert int(run(LEARN, folder)) >= 7
        report, versions, deopts, half, hir = json.loads(run(USE, folder))
        assert report["stale"] == 0 and report["applied"] >= 7 and report["names"] > 5, report
        # Both classes at the one site, at the first attempt.
        assert versions == 1 and deopts == [] and half and hir.count("BranchClass") + hir.count("IsClass") + hir.count("GuardClass") + hir.count("ClassIs") > 0, (versions, deopts, hir)
        # Without a profile the function is compiled before anything is known of it.
        without = json.loads(run(USE.replace('ember.profile.load("shop.profile")', "ember.jit.compile(shop.Basket.total)"), folder))
        assert without[1] > 1 or without[2] or without[4] != hir, without[:3]


def test_changed_code_is_left_out_and_moved_code_is_not():
    with tempfile.TemporaryDirectory() as folder:
        shop(folder)
        run(LEARN, folder)
        shop(folder, "# moved\n\n\n" + SHOP.replace("return self.price + 1", "return 1 + self.price"))
        report = json.loads(run(USE, folder))[0]
        assert report["stale"] == 1 and report["applied"] >= 6, report
        shop(folder, SHOP.replace("class Gift", "class Present").replace("Gift(n)", "Present(n)"))
        report = json.loads(run(USE, folder))[0]
        assert report["missing"] >= 1 and report["names_dropped"] >= 1 and report["stale"] >= 1, report


def test_the_program_compiles_from_it_in_the_background():
    program = """
        import time, ember, shop
        deadline = time.monotonic() + 60
        # Called too rarely to become hot.
        while not (ember.jit.is_compiled(shop.half) and ember.jit.is_compiled(shop.Basket.total)) and time.monotonic() < deadline:
            sum(range(2000))
            shop.half(7)
        print(ember.jit.is_compiled(shop.half), ember.jit.is_compiled(shop.Basket.total), ember.profile.report()["applied"])
        assert shop.work(5) == [13, "A!", 2.5, 2.5]
    """
    with tempfile.TemporaryDirectory() as folder:
        shop(folder)
        run(LEARN, folder)
        half, total, applied = run(program, folder, EMBER="auto", EMBER_JIT_PROFILE="shop.profile").split()
        assert (half, total) == ("True", "True") and int(applied) >= 7, (half, total, applied)
        # Nothing there, or nothing that can be read, is said in a line and does not keep the program from running.
        done = run("print(1)", folder, check=False, EMBER="auto", EMBER_JIT_PROFILE="none.profile")
        assert done.stdout == "1\n" and done.stderr.count("\n") == 1 and "no profile" in done.stderr and "none.profile" in done.stderr
        done = run("print(1)", folder, check=False, EMBER="auto", EMBER_JIT_PROFILE="shop.py")
        assert done.stdout == "1\n" and done.stderr.count("\n") == 1 and "shop.py: line 1" in done.stderr, done.stderr


def test_a_pause_keeps_the_processors_free():
    """What waits for the compiler when a pause begins is compiled when it ends, and not meanwhile."""
    program = """
        import pathlib, time, ember, shop
        from ember import _native

        def compiling():
            names = []
            for file in pathlib.Path("/proc/self/task").glob("*/comm"):
                try:
                    names.append(file.read_text().strip())
                except OSError:
                    pass  # It has just ended.
            return not {"ember-compiler", "ember-helper"}.isdisjoint(names)

        def until_nobody_compiles():
            deadline = time.monotonic() + 60
            while compiling() and time.monotonic() < deadline:
                time.sleep(0.01)
            assert not compiling()
            # There is nothing to wait for; what was in the middle of being compiled is installed.
            ember.jit.wait()

        ember.enable("auto")
        ember.profile.load("shop.profile")
        with ember.paused():
            until_nobody_compiles()
            before = ember.jit.stats()["compiled"]
            wanted = _native.load().profile_compile(2)
            until_nobody_compiles()
            print(wanted, ember.jit.stats()["compiled"] - before)
        ember.jit.wait()
        print(ember.jit.is_compiled(shop.half), ember.jit.is_compiled(shop.Basket.total))
    """
    with tempfile.TemporaryDirectory() as folder:
        shop(folder)
        run(LEARN, folder)
        wanted, meanwhile, *after = run(program, folder).split()
        assert int(wanted) >= 7 and int(meanwhile) == 0 and after == ["True", "True"], (wanted, meanwhile, after)


def test_functions_that_live_for_one_call():
    learn = """
        import ember, shop
        for i in range(100):
            shop.make()("a")
        ember.jit.compile(shop.make()); ember.jit.compile(shop.make)
        for i in range(100):
            shop.make()("a")
        function = shop.make()
        ember.profile.save("shop.profile")
        assert "make.<locals>.inner" in open("shop.profile").read()
    """
    use = """
        import ember, shop
        ember.enable("auto")
        ember.profile.load("shop.profile")
        assert ember.profile.report()["missing"] == 1, ember.profile.report()
        shop.make()("a")
        assert ember.profile.report()["missing"] == 0, ember.profile.report()
        shop.make()("a")
    """
    with tempfile.TemporaryDirectory() as folder:
        shop(folder)
        run(learn, folder)
        run(use, folder)


def test_a_program_saves_when_it_ends():
    program = """
        import time, ember, shop
        ember.jit.compile(shop.half)
        import os, signal, sys
        if len(sys.argv) > 1:
            os.kill(os.getpid(), signal.SIGUSR2)
            shop.half(1)
            os._exit(0)
        pid = os.fork()
        if pid == 0:
            sys.exit(0)
        os.waitpid(pid, 0)
    """
    with tempfile.TemporaryDirectory() as folder:
        shop(folder)
        for words in ((), ("by signal",)):
            run(program, folder, *words, EMBER="auto", EMBER_JIT_PROFILE_SAVE="{host}-{pid}.profile", EMBER_JIT_PROFILE_SIGNAL="USR2")
            saved = list(pathlib.Path(folder).glob("*-*.profile"))
            # The child that it forked is another process.
            assert len(saved) == 1 and "shop:half" in saved[0].read_text(), saved
            saved[0].unlink()


def test_merging_and_showing():
    with tempfile.TemporaryDirectory() as folder:
        shop(folder)
        os.mkdir(os.path.join(folder, "profiles"))
        program = """
            import sys, ember, shop
            for argument in ({0}):
                for i in range(100):
                    shop.call(shop.half, argument)
            ember.jit.compile(shop.half)
            ember.profile.save("profiles/{{pid}}.profile")
        """
        run(program.format("5,"), folder)
        run(program.format("'x' and 5.5, 4.0"), folder)
        out = run(None, folder, "-m", "ember", "profile", "merge", "all.profile", "profiles")
        assert out.startswith("all.profile: 1 functions") or out.startswith("all.profile: 2 functions"), out
        rows = {row["function"]: row for row in profile.read(os.path.join(folder, "all.profile"))}
        # One saw ints only, the other floats only: nothing to speculate on.
        assert rows["shop:half"]["generic"], rows
        shown = run(None, folder, "-m", "ember", "profile", "show", "all.profile")
        assert "shop:half" in shown and "compiled" in shown
        tried = run(None, folder, "-m", "ember", "profile", "load", "all.profile", "shop")
        assert "are as they were, 0 have changed, 0 are not there" in tried, tried
        pathlib.Path(folder, "profiles", "bad.profile").write_text("{}")
        for words in (("merge", "x", "profiles"), ("show", "profiles"), ("show", "nothing"), ("merge", "x"), ("show",), ("mix",)):
            done = run(None, folder, "-m", "ember", "profile", *words, check=False)
            assert done.returncode in (1, 2) and done.stderr.startswith("ember: ") and "Traceback" not in done.stderr, (words, done.stderr)
        assert "bad.profile: line 1" in run(None, folder, "-m", "ember", "profile", "show", "profiles", check=False).stderr


def test_what_a_profile_says_is_not_trusted():
    """Names and sites that are of other kinds than they say, or of nothing."""
    with tempfile.TemporaryDirectory() as folder:
        shop(folder)
        run(LEARN, folder)
        path = pathlib.Path(folder, "shop.profile")
        head, *rows = path.read_text().splitlines()
        for wrong in (
            {"op": "BINARY_OP_ADD_FLOAT"}, {"op": "FOR_ITER_RANGE"}, {"op": "TO_BOOL_STR"}, {"op": "no such"}, {"attr": [{"class": "builtins:int", "itself": True, "hint": 9}]},
            {"attr": [{"class": "shop:Basket"}]}, {"module": "sys"}, {"true": "shop:Item"}, {"jumps": True}, {"floatleft": True},
            {"call": [{"name": "builtins:len", "kind": "builtin", "alone": True}]}, {"call": [{"name": "shop:Item", "kind": "class", "alone": True}]},
        ):  # fmt: skip
            fresh = []
            for row in rows:
                function = json.loads(row)
                function["sites"] = {str(unit): wrong for unit in range(0, 120)}
                function["generic"] = function["wary"] = function["kept_calls"] = [1, 7, 100_000]
                fresh.append(json.dumps(function))
            path.write_text("\n".join([head, *fresh]) + "\n")
            run(USE, folder)


def test_prefork_takes_it():
    with tempfile.TemporaryDirectory() as folder:
        shop(folder)
        run(LEARN, folder)
        program = """
            import ember, shop
            report = ember.prefork(lambda: shop.work(1), profile="shop.profile", workers=2, quiet=True)
            assert report.profile["applied"] >= 7 and ember.status().mode == "auto" and ember.jit.is_compiled(shop.half), report.profile
            assert "are as they were" in str(report)
            assert [shop.work(i)[2] for i in range(6)] == [0, 1, 2, 3, 2.0, 2.5]
            # One that is not there is said, and all goes on.
            report = ember.prefork(lambda: shop.work(1), profile="nothing.profile", workers=1, quiet=True)
            assert report.profile is None
        """
        done = run(program, folder, check=False)
        assert done.returncode == 0 and "no profile to compile from" in done.stderr and "nothing.profile" in done.stderr, done.stderr


def life_of_a_profile(command, folder, variables, signalled):
    """A server whose workers save, and another one that compiles from what they saved."""
    from server import Server, wait_for

    saved = os.path.join(folder, "profiles")
    os.mkdir(saved)
    variables |= {"EMBER": "auto", "EMBER_JIT_PROFILE_SAVE": os.path.join(saved, "{pid}.profile"), "EMBER_JIT_PROFILE": saved}
    if signalled:
        variables["EMBER_JIT_PROFILE_SIGNAL"] = "USR2"
    with Server(command, folder, variables) as server:
        for n in range(200):
            server.get(f"/work?{n % 7}")
        workers = server.workers()
        if signalled:
            done = subprocess.run([sys.executable, "-m", "ember", "profile", "save", "--tree", str(server.process.pid)], capture_output=True, text=True)
            assert done.returncode == 0 and f"asked {len(workers)} of {len(workers)}" in done.stdout, done
            wait_for(lambda: len(os.listdir(saved)) == len(workers), "all have saved")
            for name in os.listdir(saved):
                os.unlink(os.path.join(saved, name))
    names = {f"{pid}.profile" for pid in workers}
    assert names <= set(os.listdir(saved)), (names, os.listdir(saved), server.log()[-9000:])
    assert f"{server.process.pid}.profile" not in os.listdir(saved)
    # Which functions run often depends on when samples are taken.
    assert any(row.get("compiled") for row in profile.read(saved))
    with Server(command, folder, variables) as server:
        import site_work

        # Gunicorn serves before its master is prepared.
        wait_for(lambda: "functions are as they were" in server.log(), "the master is prepared")
        assert {server.get("/work?3") for _ in range(20)} == {site_work.work(3)}


def test_workers_of_gunicorn():
    import test_gunicorn

    with tempfile.TemporaryDirectory() as folder:
        life_of_a_profile(test_gunicorn.command(), folder, {"PYTHONPATH": os.environ.get("PYTHONPATH", "")}, True)


def test_workers_of_uwsgi():
    import test_uwsgi

    libraries = os.environ.get("UWSGI_LIBRARIES")
    variables = {"PYTHONPATH": os.environ.get("PYTHONPATH", "")} | ({"LD_LIBRARY_PATH": libraries} if libraries else {})
    with tempfile.TemporaryDirectory() as folder:
        life_of_a_profile(test_uwsgi.command(), folder, variables, False)


def test_a_signal_by_name():
    assert profile.signal_number("USR2") == profile.signal_number("sigusr2") == profile.signal_number(str(int(signal.SIGUSR2))) == signal.SIGUSR2
    for wrong in ("NONE", "400"):
        try:
            profile.signal_number(wrong)
        except ValueError:
            continue
        raise AssertionError(wrong)
    assert ember.profile is profile
