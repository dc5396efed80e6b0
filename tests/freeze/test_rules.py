"""Where counts matter: code that looks at them, objects that C code is making, and freezes from unlikely places."""

import asyncio
import collections
import ctypes
import gc
import itertools
import os
import sys
import threading
import types
import weakref

import ember
from support import IMMORTAL, freeze, in_child, is_immortal


class Thing:
    def __init__(self, name="thing"):
        self.name = name
        self.items = [name, len(name)]


def test_everything_reachable_is_immortal():
    key, value = "a key made at " + str(id(test_rules := [])), 12345.5 + len(test_rules)
    holder = {key: [value, (value + 1, {"deep": {value + 2}})]}

    def inner(argument, default=holder):
        constant = "a constant of a code object"
        return constant, argument, default

    freeze()
    code = inner.__code__
    parts = [holder, key, value, holder[key], holder[key][1], holder[key][1][1], *holder[key][1][1]["deep"]]
    parts += [inner, code, code.co_consts, code.co_names, code.co_linetable, code.co_filename, code.co_qualname]
    parts += [Thing, Thing.__dict__["__init__"], Thing.__mro__, sys.modules, Thing.__init__.__code__.co_exceptiontable]
    assert [part for part in parts if not is_immortal(part)] == []
    assert sys.getrefcount(holder) == IMMORTAL
    assert holder not in gc.get_objects() and gc.get_freeze_count() > 1000


def test_counts_do_not_move():
    thing = Thing()
    freeze()
    for _ in range(1000):
        [thing] * 100
    assert sys.getrefcount(thing) == IMMORTAL


def test_constants_of_code_are_not_counted_any_more():
    """The interpreter decides at the first execution whether loading a constant counts a reference, and does not look again.

    not in debug builds: a constant that is a plain string stays mortal
    """
    import _opcode_metadata

    def ran():
        return ("a constant", 2.5, (3, "more"), b"bytes"), 4.5, len("a text that is a constant"), 10**20

    def never():
        return len("a text that nobody has loaded yet"), 5.5

    for _ in range(20):
        ran()
    consts = [const for function in (ran, never) for const in function.__code__.co_consts if const is not None]
    mortal = _opcode_metadata._specialized_opmap["LOAD_CONST_MORTAL"]
    assert mortal in ran.__code__._co_code_adaptive[::2]
    freeze()
    assert all(map(is_immortal, consts)) and mortal not in ran.__code__._co_code_adaptive[::2]
    for _ in range(1000):
        ran(), never()
    assert [sys.getrefcount(const) for const in consts] == [IMMORTAL] * len(consts)
    assert ran() == (("a constant", 2.5, (3, "more"), b"bytes"), 4.5, 25, 10**20) and never() == (33, 5.5)


def test_no_small_gaps_are_left():
    """What is freed before the freeze, in a heap that goes on behind it, is not handed out again."""
    import ctypes

    class Figures(ctypes.Structure):
        _fields_ = [(name, ctypes.c_size_t) for name in "arena ordblks smblks hblks hblkhd usmblks fsmblks uordblks fordblks keepcost".split()]

    libc = ctypes.CDLL(None)
    if not hasattr(libc, "mallinfo2"):
        return
    libc.mallinfo2.restype = Figures
    # Sizes that CPython asks malloc for.
    blocks = [bytearray(600 + 16 * (index % 97)) for index in range(20_000)]
    del blocks[::2]
    assert libc.mallinfo2().ordblks > 5000
    freeze()
    assert libc.mallinfo2().ordblks < 100, libc.mallinfo2().ordblks
    assert blocks


def test_a_second_call_freezes_what_is_new():
    """not in debug builds: plain strings stay mortal"""
    class Local:
        pass

    old = {"list": [], "object": Local()}
    first = freeze()
    assert first.objects > 10_000
    idle = freeze()
    assert idle.objects < 2000
    old["list"].append(text := "new text %d" % id(old))
    old["object"].attribute = number = 3.5 + id(old)
    for index in range(500):
        old[f"key {index} {id(old)}"] = index + 10**6
    assert not is_immortal(text) and not is_immortal(number)
    second = freeze()
    assert is_immortal(text) and is_immortal(number) and is_immortal(old["key 7 %d" % id(old)])
    assert 1000 < second.objects < 5000


def test_strings_grow_as_before():
    text = "seed" * 3
    freeze()
    kept = text
    for _ in range(100):
        text += "x"
    assert text == "seed" * 3 + "x" * 100 and kept == "seed" * 3


def test_result_tuples_are_not_reused_after_a_freeze():
    for make in (
        lambda: zip("abc", [1, 2, 3]),
        lambda: enumerate("abc"),
        lambda: itertools.product("ab", "xy"),
        lambda: itertools.combinations("abcd", 2),
        lambda: itertools.permutations("abc", 2),
        lambda: itertools.zip_longest("abc", "a"),
        lambda: itertools.pairwise("abcd"),
        lambda: iter({"a": 1, "b": 2, "c": 3}.items()),
        lambda: reversed({"a": 1, "b": 2, "c": 3}.items()),
    ):
        expected = list(make())
        iterator = make()
        seen = [next(iterator)]
        freeze(collect=False)
        seen += list(iterator)
        assert seen == expected, (seen, expected)
        iterator = make()
        next(iterator)
        freeze(collect=False)
        assert list(iterator) == expected[1:]


def test_tuples_that_c_code_is_making():
    """`tuple(generator)` writes to the tuple and resizes it while the generator freezes."""
    for length in (1, 5, 9, 10, 11, 12, 50):

        def numbers(at):
            for index in range(length):
                if index == at:
                    freeze(collect=False)
                yield [index]

        for at in {0, 1, length // 2, length - 1}:
            if at < length:
                assert tuple(numbers(at)) == tuple([index] for index in range(length))
                assert frozenset(tuple(part) for part in numbers(at)) == {(index,) for index in range(length)}
    assert tuple(map(lambda x: freeze(collect=False) and x, range(3))) == (0, 1, 2)
    assert types.SimpleNamespace(**dict((k, freeze(collect=False) and k) for k in "ab")).a == "a"
    assert (*(freeze(collect=False) and i for i in range(20)), 1)[-1] == 1
    assert max((freeze(collect=False) and i for i in range(3)), key=lambda i: -i) == 0
    Point = collections.namedtuple("Point", "x y z")
    assert Point(*(freeze(collect=False) and i for i in range(3))) == (0, 1, 2)


def test_freezing_from_callbacks():
    calls = []

    def called(name):
        freeze(collect=False)
        calls.append(name)

    class Loud:
        def __hash__(self):
            called("hash")
            return 1

        def __eq__(self, other):
            called("eq")
            return self is other

        def __lt__(self, other):
            called("lt")
            return id(self) < id(other)

        def __repr__(self):
            called("repr")
            return "Loud()"

        def __getattr__(self, name):
            called("getattr")
            return name

        def __del__(self):
            called("del")

    things = [Loud() for _ in range(4)]
    assert len(set(things)) == 4 and len({thing: 1 for thing in things}) == 4
    assert len(sorted(things)) == 4
    things.sort(key=lambda thing: called("key") or id(thing))
    assert repr(things) == "[Loud(), Loud(), Loud(), Loud()]"
    assert things[0].whatever == "whatever"
    weak = weakref.ref(Loud(), lambda _: called("weak"))
    gc.callbacks.append(lambda phase, info: called(phase))
    gc.collect()
    gc.callbacks.pop()
    type("Meta", (type,), {"__new__": lambda *args: called("meta") or type.__new__(*args)})("Made", (), {})
    assert weak() is None
    things.clear()
    assert {"hash", "eq", "lt", "key", "repr", "getattr", "del", "weak", "start", "meta"} <= set(calls), set(calls)


def test_freezing_inside_generators_and_coroutines():
    def numbers():
        held = [1]
        yield held
        freeze()
        held.append(2)
        yield held

    async def wait():
        held = {"a": 1}
        await asyncio.sleep(0)
        freeze()
        await asyncio.sleep(0)
        held["b"] = 2
        return held

    assert list(numbers()) == [[1, 2], [1, 2]]
    suspended = numbers()
    next(suspended)
    freeze()
    assert next(suspended) == [1, 2] and next(suspended, "end") == "end"
    assert asyncio.run(wait()) == {"a": 1, "b": 2}
    suspended = numbers()
    next(suspended)
    freeze()
    assert not is_immortal(suspended)
    suspended.close()


def test_locals_of_running_frames():
    a, b, c = [1], "b" * 10, {"c": (1, 2)}
    frame = sys._getframe()
    freeze()
    assert frame.f_locals["a"] is a and not is_immortal(frame)
    a.append(b)
    c["d"] = a
    del b
    assert frame.f_locals["a"] == [1, "b" * 10] and "b" not in frame.f_locals

    def inner():
        return sys._getframe().f_back

    assert inner() is frame
    died = []

    def with_frame():
        local = Thing()
        weakref.finalize(local, died.append, 1)
        sys._getframe()
        freeze()
        return None

    with_frame()


def test_an_object_that_dies_while_it_freezes():
    class Dying:
        def __init__(self):
            self.parts = [Thing(), {"a": Thing()}]

        def __del__(self):
            freeze(collect=False)

    for _ in range(3):
        Dying()
    holder = [Dying()]
    nested = {"a": [Dying(), (Dying(),)]}
    del holder, nested
    gc.collect()


def test_interned_strings():
    plain = "not interned " + str(id(gc))
    interned = sys.intern("interned " + str(id(gc)))
    freeze()
    assert sys.intern(plain) == plain and sys.intern("interned " + str(id(gc))) is interned
    assert sys.intern("not interned " + str(id(gc))) is sys.intern(plain)
    setattr(types.SimpleNamespace(), plain + "x", 1)


def test_weak_references():
    died = []
    thing, other = Thing(), Thing()
    frozen = weakref.ref(thing, died.append)
    table = weakref.WeakValueDictionary(a=thing)
    freeze()
    fresh = Thing()
    later = weakref.ref(fresh, died.append)
    late_table = weakref.WeakKeyDictionary({fresh: 1, other: 2})
    del thing, fresh
    gc.collect()
    assert frozen() is table["a"] and later() is None and died == [later]
    assert list(late_table) == [other]


def test_threads_that_run():
    stop, counts = threading.Event(), []

    def work():
        n = 0
        while not stop.is_set():
            made = {str(i): (i, [i]) for i in range(50)}
            n += len(tuple(made.items())) and len("".join(made))
        counts.append(n)

    threads = [threading.Thread(target=work) for _ in range(3)]
    [thread.start() for thread in threads]
    for _ in range(10):
        freeze()
    stop.set()
    [thread.join() for thread in threads]
    assert len(counts) == 3


def test_classes_change_after_a_freeze():
    class Base:
        def name(self):
            return "base"

    class Derived(Base):
        pass

    objects = [Derived() for _ in range(5)]
    assert {o.name() for o in objects} == {"base"}
    freeze()
    Base.name = lambda self: "changed"
    assert {o.name() for o in objects} == {"changed"}
    Derived.name = lambda self: "own"
    assert {o.name() for o in objects} == {"own"}
    Derived.__bases__ = (Thing,)
    assert objects[0].name() == "own" and isinstance(objects[0], Thing)
    objects[0].__class__ = Base
    assert objects[0].name() == "changed"
    del Derived.name
    assert not callable(Derived("x").name)


def test_instances_get_attributes_after_a_freeze():
    """The shared tables of keys are settled, and still every instance has what was given to it."""

    class Wide:
        def __init__(self):
            self.a = 1

    before = [Wide() for _ in range(3)]
    freeze()
    for instance in before + [Wide() for _ in range(40)]:
        for index in range(35):
            setattr(instance, f"x{index}", (instance, index))
        assert list(vars(instance)) == ["a"] + [f"x{index}" for index in range(35)]
        assert instance.x34 == (instance, 34)
        del instance.a
        instance.__dict__ = {"only": 1}
        assert instance.only == 1

    class Never:
        pass

    freeze()
    made = [Never() for _ in range(3)]
    for instance in made:
        instance.x, instance.y = 1, 2
        assert vars(instance) == {"x": 1, "y": 2}


def test_caches_inside_dead_frozen_objects():
    """Containers that drop frozen objects, clear themselves or are rebuilt."""
    table = {(i, str(i)): [i] for i in range(2000)}
    names = {str(i): i for i in range(2000)}
    numbers, items = set(range(2000)), list(range(2000))
    freeze()
    for _ in range(3):
        for key in list(table)[::2]:
            del table[key]
        table.update({(i, "x"): i for i in range(3000)})
        names |= {f"new {i}": i for i in range(3000)}
        names.popitem()
        numbers ^= set(range(1000, 5000))
        del items[::2]
        items.sort(reverse=True)
    assert table.copy() == table and dict(names) == names and set(numbers) == numbers
    table.clear()
    names.clear()
    assert not table and not names


def test_collections_after_a_freeze_see_only_what_is_new():
    freeze()
    gc.collect()
    assert len(gc.get_objects()) < 2000
    young = [Thing() for _ in range(100)]
    for thing in young:
        thing.itself = thing
    del young, thing
    assert gc.collect() >= 100


def test_children_exit_in_the_ordinary_way():
    data = {"a": [Thing() for _ in range(100)]}
    freeze()

    def child():
        data["a"].clear()
        data["b"] = Thing()
        freeze()
        data.clear()

    for _ in range(3):
        in_child(child)
    assert len(data["a"]) == 100


def test_compiled_code_is_settled_and_goes_on():
    """not in debug builds: nothing is compiled"""
    ember.enable("all")
    try:

        def total(numbers):
            result = 0
            for number in numbers:
                result += number
            return result

        assert total([1, 2, 3]) == 6 and ember.jit.is_compiled(total)
        report = freeze()
        with open("/sys/kernel/mm/transparent_hugepage/enabled") as enabled:
            huge = "[never]" not in enabled.read()
        assert (report.code > 0) == huge

        def product(numbers):
            result = 1
            for number in numbers:
                result *= number
            return result

        def use():
            assert total([1, 2, 3]) == 6 and product([2, 3]) == 6
            assert ember.jit.is_compiled(total) and ember.jit.is_compiled(product)

        use()
        in_child(use)
        freeze()
        use()
    finally:
        ember.disable()


def test_the_report():
    report = ember.freeze(quiet=True)
    assert report.objects == sum(row.objects for row in report.types) > 10_000
    assert report.bytes > 1_000_000 and report.milliseconds > 0 and report.hashes > 0 and report.versions > 0
    by_name = {row.name: row for row in report.types}
    assert {"dict", "tuple", "str", "code", "function", "type"} <= set(by_name)
    assert by_name["dict"].bytes > by_name["dict"].objects * 64
    assert any(row.name == "_io.TextIOWrapper" for row in report.kept)
    text = str(report)
    assert "froze" in text and "dict" in text and "left mortal" in text
    plain = report.as_dict()
    assert plain["objects"] == report.objects and plain["types"][0]["name"] == report.types[0].name


def test_sizes_are_near_what_sys_says():
    """not in debug builds: plain strings stay mortal"""
    sample = [list(range(1000)), {i: i for i in range(1000)}, "x" * 1000, "€" * 1000, b"x" * 1000, set(range(1000)), tuple(range(1000))]
    before = freeze()
    kinds = {type(value).__name__: sys.getsizeof(value) for value in sample}
    fresh = [list(value) if isinstance(value, list) else value for value in sample]
    del before
    texts = ["y" * 1000 + str(i) for i in range(50)]
    report = freeze()
    row = next(row for row in report.types if row.name == "str")
    assert row.bytes >= 50 * sys.getsizeof(texts[0]) * 0.95, row
    assert kinds and fresh


def test_debug_builds_freeze_and_do_no_more():
    """only in debug builds"""
    status = ember.status()
    assert not ember.enable("auto") and not ember.status().enabled
    assert status.reason == "it does not support debug builds of CPython, where heaps can be frozen and no more", status
    values = ["a plain text %d" % id(status), sys.intern("interned %d" % id(status)), 5.5 + id(status)]
    report = freeze()
    assert report.objects > 10_000
    assert [sys.getrefcount(value) >= 1 << 31 for value in values] == [False, True, True]


def test_interned_strings_stay_interned():
    name = sys.intern("a name %d" % id(object()))
    names = [name]
    freeze()
    del names
    # CPython's debug builds check how a string is interned against its count whenever they look at it.
    assert is_immortal(name) and sys.intern("a name " + name[7:]) is name and sys._is_immortal(name)
    setattr(type("Class", (), {}), name, name.upper().lower())


def test_unsupported_interpreters_say_so():
    from ember import _native

    before = _native._module, _native._reason, _native._freeze_reason
    reason = "it is made for something else"
    _native._module, _native._reason, _native._freeze_reason = None, reason, reason
    try:
        ember.freeze()
    except ember.jit.Unsupported as error:
        assert "something else" in str(error)
    else:
        raise AssertionError("no error")
    finally:
        _native._module, _native._reason, _native._freeze_reason = before


def test_compiled_functions():
    """Functions compiled before and after a freeze, and ones that are dropped.

    not in debug builds: nothing is compiled
    """

    def add(a, b):
        return a + b

    def total(items):
        result = 0.0
        for item in items:
            result = add(result, item)
        return result

    if not ember.enable("auto"):
        raise AssertionError("Ember is off")
    for _ in range(50):
        assert total([1.5, 2.5, 3]) == 7.0
    ember.jit.compile(total)
    freeze()
    assert total([1.5, 2.5, 3]) == 7.0 and total([1, "x"]) if False else True
    ember.jit.compile(add)
    assert total([1.5, 2.5, 3]) == 7.0
    try:
        total(["x"])
    except TypeError:
        pass
    in_child(lambda: total([1.0] * 1000))
    ember.disable()
    assert total([1.5, 2.5, 3]) == 7.0


#: Run by `test_other_allocators` in a process of its own.
PROGRAM = """
import ember, gc, os, sys
held = {i: [str(i), (i, float(i))] for i in range(5000)}
report = ember.freeze(quiet=True)
assert report.objects > 20_000 and sys.getrefcount(held[7]) >= 1 << 31
for i in range(0, 5000, 2):
    del held[i]
held.update((i, {i}) for i in range(9000))
gc.collect()
pid = os.fork()
if pid:
    assert os.waitpid(pid, 0)[1] == 0
print("well", len(held))
"""


def test_other_allocators():
    import subprocess

    for variables, options in (
        ({"PYTHONMALLOC": "malloc"}, []),
        ({"PYTHONMALLOC": "debug"}, []),
        ({"PYTHONTRACEMALLOC": "3"}, []),
        ({"MALLOC_ARENA_MAX": "1", "MALLOC_PERTURB_": "165"}, []),
        ({}, ["-X", "dev", "-W", "ignore"]),
    ):
        done = subprocess.run(
            [sys.executable, *options, "-c", PROGRAM], env=os.environ | variables, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
        )
        assert (done.returncode, done.stdout) == (0, "well 9000\nwell 9000\n"), (variables, options, done)


def test_other_interpreters_go_on():
    """Interpreters of their own in the same process have their own objects, and are left alone."""
    from concurrent import interpreters

    other = interpreters.create()
    other.exec("import json, collections\nheld = {i: [str(i)] for i in range(1000)}\nclass C: pass\nthings = [C() for _ in range(100)]")
    freeze()
    other.exec("import gc\nfor i in range(1000): held[i].append(C())\nassert json.loads(json.dumps({'a': [1]})) == {'a': [1]}\ndel held, things\ngc.collect()")
    other.close()
    late = interpreters.create()
    late.exec("import decimal, re\nassert re.match('a+', 'aaa').end() == 3")
    freeze()
    late.close()


def test_names_that_only_the_cache_of_lookups_has():
    """A child that comes to need their places in the cache would drop them, and write to their pages (not in debug builds: there the cache is emptied)."""

    class Looked:
        pass

    names = ["".join(["looked_up_", str(number)]) for number in range(300)]
    places = {id(name): name.encode() for name in names}
    assert all(getattr(Looked, name, None) is None for name in names)
    del names

    def count(place):
        return ctypes.c_uint32.from_address(place).value

    def still_cached():
        """Those that have not lost their places to others, and that nobody else refers to."""
        return [place for place, text in places.items() if count(place) in (1, 2) and ctypes.string_at(place + (sys.getsizeof("") - 1), len(text)) == text]

    cached = still_cached()
    assert len(cached) > 5
    freeze()
    # Some lose their places to names that freezing itself looks up; of the others each is frozen.
    assert still_cached() == []
    assert sum(count(place) >= 1 << 31 for place in cached) > len(cached) * 3 / 4
