"""What a worker writes to of what it has from its master, while it does what the master has prepared: as good as nothing."""

import functools
import gc
import os
import subprocess
import sys
import time

import ember
from ember import _prefault

PAGE = _prefault.PAGE


def copied(act):
    """How many pages that a child had from this process become its own while it does something. What else goes on in it only adds to that: the least of some."""
    return min(copied_once(act) for _ in range(4))


def copied_once(act):
    source, sink = os.pipe()
    if os.fork() == 0:
        try:
            regions = _prefault._regions()
            before = _prefault._entries(regions)
            act()
            after = _prefault._entries(regions)
            private = _prefault.PRESENT | _prefault.EXCLUSIVE
            pages = sum(old & private == _prefault.PRESENT and new & private == private for was, now in zip(before, after) for old, new in zip(was, now))
            os.write(sink, b"%d" % pages)
        finally:
            os._exit(0)
    os.close(sink)
    answer = os.read(source, 100)
    os.close(source)
    os.wait()
    assert answer, "the child has failed"
    return int(answer)


def in_some_master(limit):
    """What is measured must be below a limit in one of some interpreters, each its own: where things lie in memory is chance, and so is what a master has left to its children to do."""

    def decorate(measure):
        @functools.wraps(measure)
        def test():
            code = f"import test_workers; print(test_workers.{measure.__name__}.__wrapped__())"
            found = []
            while not found or (found[-1] >= limit and len(found) < 8):
                variables = os.environ | {"PYTHONPATH": os.pathsep.join([os.path.dirname(__file__), os.environ.get("PYTHONPATH", "")])}
                done = subprocess.run([sys.executable, "-W", "ignore", "-c", code], env=variables, capture_output=True, text=True)
                assert done.returncode == 0, done.stderr
                found.append(int(done.stdout))
            assert found[-1] < limit, found

        return test

    return decorate


def many(count, source):
    """So many functions of different code; `{}` in the source stands for the number."""
    namespace = {}
    exec("\n".join(source.replace("{}", str(number)) for number in range(count)), namespace)
    return [namespace[f"f{number}"] for number in range(count)]


def prepared():
    assert ember.enable("auto")
    ember.jit.precompile(1)


def compilers():
    """How many threads of this process compile, or wait for something to compile."""
    names = []
    for task in os.listdir("/proc/self/task"):
        with open(f"/proc/self/task/{task}/comm") as comm:
            names.append(comm.read().strip())
    return sum(name in ("ember-compiler", "ember-helper") for name in names)


@in_some_master(1)
def test_no_compiler_waits_while_a_master_forks():
    assert ember.enable("auto")
    deadline = time.monotonic() + 60
    while not compilers():
        assert time.monotonic() < deadline, "nothing was compiled"
        for function in many(5, "def f{}(x):\n    for y in range(2000): x += y & {}\n    return x"):
            for _ in range(20):
                function(1)
    ember.freeze(quiet=True)
    assert not ember.jit.stats()["escaped_blocks"]
    return compilers()


@in_some_master(150)
def test_a_review_writes_to_nothing_it_has_no_news_of():
    prepared()
    functions = many(700, "def f{}(x): return x + {}")
    for function in functions:
        ember.jit.compile(function)
    ember.freeze(quiet=True)
    gone = many(1, "def f{}(x): return x - {}")
    ember.jit.compile(gone[0])

    def act():
        # Native code that nobody owns any more is looked for among all there is.
        gone.clear()
        gc.collect()
        for _ in range(1000):
            pass

    pages = copied(act)
    return pages


def make(n):
    def inner():
        return n

    return inner


@in_some_master(80)
def test_functions_that_come_and_go():
    """The table of those that native code knows is not written all over."""
    prepared()
    kept = [make(n) for n in range(40)]
    assert sum(inner() for inner in kept) == 780
    ember.jit.compile(make)
    ember.jit.compile(kept[0])
    kept += [make(n) for n in range(6000)]
    ember.freeze(quiet=True)
    assert ember.jit.is_compiled(kept[-1])

    def act():
        fresh = [make(n) for n in range(400)]
        assert all(ember.jit.is_compiled(inner) and inner() == n for n, inner in enumerate(fresh))
        del fresh[::2]
        assert fresh[0]() == 1

    pages = copied(act)
    return pages


class Thing:
    pass


@in_some_master(80)
def test_sites_whose_receivers_differ():
    """Where in its dict a receiver has the attribute is not remembered by workers."""
    prepared()
    functions = many(60, "def f{}(o):\n" + "    o.x\n" * 30 + "    return o.x")
    for function in functions:
        ember.jit.compile(function)
    early, late = Thing(), Thing()
    early.x = 1
    for thing in (early, late):
        # So many attributes have no place in the instance.
        vars(thing).update((f"a{n}", n) for n in range(60))
    late.x = 2
    for _ in range(3):
        assert all(function(early) == 1 for function in functions)
    ember.freeze(quiet=True)

    def act():
        assert all(function(thing) == value for function in functions for thing, value in ((early, 1), (late, 2), (early, 1)))

    pages = copied(act)
    return pages


class Other:
    def __init__(self):
        self.y, self.x = 0, 3


@in_some_master(90)
def test_code_that_is_left_now_and_then():
    """What a worker sees where native code does not go on is not noted before there is much of it, and counted in few places."""
    prepared()
    functions = many(700, "def f{}(o): return o.x")
    one, other = Thing(), Other()
    one.x = 1
    for function in functions:
        assert [function(one) for _ in range(20)] == [1] * 20
        ember.jit.compile(function)
    ember.freeze(quiet=True)

    def act():
        for function in functions:
            assert function(other) == 3

    pages = copied(act)
    assert ember.jit.deopt_count(functions[0]) == 0
    return pages
