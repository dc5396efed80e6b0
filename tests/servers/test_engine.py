"""The JIT under what masters and their applications do to it: compiling by hand before it is on, turning it on twice, making classes."""

import gc
import sys
import tempfile
import time
import types
import typing

import ember


def make():
    def inner(text):
        return text.upper() + "!"

    return inner


def use():
    return make()("a")


def test_what_dies_before_the_jit_is_on():
    """Functions that native code has seen, and that are gone when it is made anew."""
    for _ in range(60):
        use()
    ember.jit.compile(use)
    for _ in range(500):
        assert use() == "A!"
    assert ember.enable("auto")
    ember.jit.precompile(1)
    gc.collect()
    ember.jit.dump(use, "hir")
    assert {use() for _ in range(500)} == {"A!"} and ember.jit.is_compiled(use)


LIMIT = 3


def beyond(n):
    return n > LIMIT


def test_what_changes_before_the_jit_is_on():
    global LIMIT
    assert [beyond(n) for n in range(100)].count(True) == 96
    ember.jit.compile(beyond)
    LIMIT = 90
    assert [beyond(n) for n in range(100)].count(True) == 9
    LIMIT = 3


def test_the_jit_can_be_turned_on_twice():
    assert ember.enable("auto") and ember.enable("auto") and ember.status().enabled
    assert ember.enable("all") and ember.status().mode == "all"
    ember.disable()
    assert ember.enable("auto") and ember.status().mode == "auto"


class Point:
    def __init__(self, x):
        self.x = x


def x_of(point):
    return point.x


def test_a_named_tuple_does_not_make_other_classes_unknown():
    """`typing.NamedTuple` assigns to the `__bases__` of each class it makes: that is that class's business."""
    points = [Point(n) for n in range(100)]
    assert [x_of(point) for point in points] == list(range(100))
    assert ember.enable("auto")
    ember.jit.compile(x_of)
    assert "GuardClass" in ember.jit.dump(x_of, "hir")

    class Pair(typing.NamedTuple):
        x: int

    assert [x_of(point) for point in points] == list(range(100))
    assert ember.jit.deopt_count(x_of) == 0
    assert x_of(Pair(7)) == 7


class Base:
    kind = "base"


class Other:
    kind = "other"


class Derived(Base):
    pass


def kind_of(thing):
    return thing.kind


def test_other_bases_are_noticed():
    thing = Derived()
    assert {kind_of(thing) for _ in range(100)} == {"base"}
    assert ember.enable("auto")
    ember.jit.compile(kind_of)
    assert kind_of(thing) == "base"
    Derived.__bases__ = (Other,)
    assert kind_of(thing) == "other" and kind_of(Base()) == "base"


def get(mapping, key):
    return mapping.get(key)


def starts(text):
    return text.startswith("a")


def test_methods_of_built_in_classes_are_known_from_the_first_version_on():
    """The interpreter's cache of classes by version has no built-in ones."""
    for _ in range(40):
        assert get({1: 2}, 1) == 2 and starts("abc")
    assert ember.enable("auto")
    for function in (get, starts):
        ember.jit.compile(function)
        hir = ember.jit.dump(function, "hir")
        assert "load_method" not in hir and "CallC" in hir, hir
    assert get({1: 2}, 1) == 2 and starts("abc") and ember.jit.deopt_count(get) == 0


def once(values):
    return [value + 1 for value in values]


def often(values):
    return [value + 2 for value in values]


class Lazy:
    def __getattr__(self, name):
        return name


def generic(lazy):
    return lazy.anything


def generic_once(lazy):
    return lazy.anything


def test_what_ran_repeatedly_is_compiled_ahead():
    """Not only what samples have seen, and not what was only part of an import."""
    assert ember.enable("auto")
    once([])
    for n in range(20):
        often([n])
    for _ in range(20):
        generic(Lazy())
    generic_once(Lazy())
    ember.jit.precompile(1)
    assert ember.jit.is_compiled(often) and not ember.jit.is_compiled(once)
    assert ember.jit.is_compiled(generic) and not ember.jit.is_compiled(generic_once)


def loop(n, step):
    total = 0
    for i in range(n):
        total += step * i
    return total


def test_loops_of_excluded_functions_stay_interpreted():
    """Excluded by hand or by a list, a function is not replaced while it runs either; and what is replaced is left when it is excluded."""
    assert ember.enable("auto")
    copies = {name: types.FunctionType(loop.__code__.replace(co_name=name), globals(), name) for name in ("plain", "barred", "listed")}
    for function in copies.values():
        function.__qualname__ = function.__name__

    def entries(function):
        before = ember.jit.stats()["loop_entries"]
        assert function(3_000_000, 1) == 4_499_998_500_000
        return ember.jit.stats()["loop_entries"] - before

    ember.jit.exclude(copies["barred"])
    with tempfile.NamedTemporaryFile("w+") as file:
        print("-*:listed", file=file, flush=True)
        ember.jit.load_list(file.name)
    ends = time.monotonic() + 60
    while not entries(copies["plain"]) and time.monotonic() < ends:
        pass
    assert [entries(copies[name]) for name in ("barred", "listed")] == [0, 0]
    ember.jit.exclude(copies["plain"])
    assert entries(copies["plain"]) == 0


def traced(x):
    return x + 1


def test_who_listened_before_anything_was_compiled():
    """Nobody is told of listeners before the first function is compiled; those there are by then are found."""
    assert ember.enable("auto")
    seen = []

    def trace(frame, event, argument):
        if frame.f_code is traced.__code__:
            seen.append(event)
        return trace

    sys.settrace(trace)
    ember.jit.compile(traced)
    assert traced(1) == 2
    sys.settrace(None)
    assert seen == ["call", "line", "return"]
    # It is entered when nobody listens any more.
    ember.jit.wait()
    assert ember.jit.is_compiled(traced) and traced(1) == 2


def test_a_tool_that_was_there_before_anything_was_compiled():
    assert ember.enable("auto")
    monitoring, lines = sys.monitoring, []
    monitoring.use_tool_id(1, "test")
    monitoring.register_callback(1, monitoring.events.LINE, lambda code, line: lines.append(line))
    ember.jit.compile(traced)
    monitoring.set_local_events(1, traced.__code__, monitoring.events.LINE)
    assert traced(1) == 2 and lines == [traced.__code__.co_firstlineno + 1]
    monitoring.free_tool_id(1)


def test_nothing_is_heard_before_anything_is_compiled():
    """CPython builds objects for audit events as soon as anybody hears them, and tells of each closure whoever watches functions."""
    assert ember.enable("auto")
    before = ember.jit.stats()
    assert before["watching"] is False
    ember.jit.compile(traced)
    assert ember.jit.stats()["watching"] is True
