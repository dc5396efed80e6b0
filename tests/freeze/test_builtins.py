"""Objects of every builtin type, and of subclasses of all that can be subclassed, do after a freeze what they did before."""

import _thread
import array
import asyncio
import builtins
import collections
import contextvars
import copy
import datetime
import decimal
import enum
import fractions
import functools
import gc
import io
import itertools
import mmap
import operator
import pickle
import queue
import random
import re
import select
import socket
import sqlite3
import string
import struct
import sys
import tempfile
import threading
import types
import typing
import uuid
import weakref
import zlib

from support import freeze, in_child, is_immortal


def function(a, b=2, *args, c: int = 3, **kwargs):
    """Adds."""
    return a + b + c + len(args) + len(kwargs)


def generator():
    yield 1
    yield 2


async def coroutine():
    return 1


async def async_generator():
    yield 1


class Plain:
    def __init__(self):
        self.a, self.b = 1, [2]

    def method(self):
        return self.a

    @property
    def prop(self):
        return self.b

    @classmethod
    def of_class(cls):
        return cls

    @staticmethod
    def static():
        return 5


class Sequence:
    def __len__(self):
        return 3

    def __getitem__(self, index):
        return [index]


class Slotted:
    __slots__ = ("__weakref__", "only")


class Generic[T]:
    pass


type Alias[T] = list[T]


class Colour(enum.Enum):
    RED = 1
    GREEN = 2


class Flags(enum.IntFlag):
    A = 1
    B = 2


def frame():
    return sys._getframe()


def traceback():
    try:
        1 / 0
    except ZeroDivisionError as error:
        return error.__traceback__


def cell():
    x = [1]
    return (lambda: x).__closure__[0]


#: A sample of each type, made anew at every call.
SAMPLES = {
    "object": object,
    "bool": lambda: True,
    "int": lambda: 123456,
    "big int": lambda: 7**200,
    "float": lambda: 1.25,
    "complex": lambda: 1 + 2j,
    "str": lambda: "text " * 3,
    "wide str": lambda: "tëxt € 𝄞" * 3,
    "bytes": lambda: b"bytes" * 3,
    "bytearray": lambda: bytearray(b"abc"),
    "memoryview": lambda: memoryview(bytearray(b"abc")),
    "tuple": lambda: (1, "a", [2]),
    "nested tuple": lambda: ((1, (2, ("x",))), "y"),
    "list": lambda: [1, "a", [2]],
    "dict": lambda: {"a": 1, 2: "b", (3,): [4]},
    "string dict": lambda: {"a": 1, "b": [2]},
    "large dict": lambda: {i: str(i) for i in range(500)},
    "set": lambda: {1, "a", (2,)},
    "large set": lambda: set(range(300)),
    "frozenset": lambda: frozenset([1, "a", (2,)]),
    "range": lambda: range(10**20, 10**20 + 30, 3),
    "slice": lambda: slice(1, [2], None),
    "enumerate": lambda: enumerate([1, 2, 3]),
    "zip": lambda: zip([1, 2, 3], "abc"),
    "map": lambda: map(str, [1, 2]),
    "filter": lambda: filter(None, [0, 1]),
    "reversed": lambda: reversed(Sequence()),
    "reversed list": lambda: reversed([1, 2, 3]),
    "super": lambda: super(Plain, Plain()),
    "property": lambda: Plain.__dict__["prop"],
    "classmethod": lambda: Plain.__dict__["of_class"],
    "staticmethod": lambda: Plain.__dict__["static"],
    "type": lambda: type("Made", (Plain,), {"x": 1}),
    "exception": lambda: ValueError("wrong", [1]),
    "exception group": lambda: ExceptionGroup("several", [ValueError(1), KeyError("k")]),
    "module": lambda: types.ModuleType("made"),
    "function": lambda: types.FunctionType(function.__code__, globals(), "made", (1,)),
    "lambda": lambda: lambda x, *, y=[]: (x, y),
    "code": lambda: compile("def f(x): return [x, (1, 2), 'text', 1.5]\nresult = f(1)", "<made>", "exec"),
    "method": lambda: Plain().method,
    "builtin": lambda: [].append,
    "wrapper": lambda: (5).__add__,
    "wrapper descriptor": lambda: int.__add__,
    "method descriptor": lambda: str.upper,
    "classmethod descriptor": lambda: dict.__dict__["fromkeys"],
    "getset descriptor": lambda: type.__dict__["__mro__"],
    "member descriptor": lambda: Slotted.only,
    "generator": generator,
    "coroutine": coroutine,
    "generator coroutine": lambda: types.coroutine(generator)(),
    "async generator": async_generator,
    "frame": frame,
    "traceback": traceback,
    "cell": cell,
    "mappingproxy": lambda: types.MappingProxyType({"a": [1]}),
    "namespace": lambda: types.SimpleNamespace(a=1, b=[2]),
    "generic alias": lambda: list[int],
    "union": lambda: int | str | list[int],
    "type alias": lambda: Alias,
    "type variable": lambda: Generic.__type_params__[0],
    "generic": lambda: Generic[int],
    "typing": lambda: typing.Callable[[int], typing.Optional[str]],
    "template": lambda: t"a {1 + 1} b",
    "capsule": lambda: datetime.datetime_CAPI,
    "list iterator": lambda: iter([1, 2]),
    "tuple iterator": lambda: iter((1, 2)),
    "str iterator": lambda: iter("ab"),
    "dict iterator": lambda: iter({"a": 1}.items()),
    "dict items": lambda: {"a": 1}.items(),
    "dict keys": lambda: {"a": 1}.keys(),
    "set iterator": lambda: iter({1}),
    "range iterator": lambda: iter(range(3)),
    "long range iterator": lambda: iter(range(10**30, 10**30 + 3)),
    "callable iterator": lambda: iter(lambda: 1, 2),
    "ellipsis": lambda: ...,
    "none": lambda: None,
    "not implemented": lambda: NotImplemented,
    "instance": Plain,
    "slotted": Slotted,
    "enum": lambda: Colour.RED,
    "flag": lambda: Flags.A | Flags.B,
    "weak reference": lambda: weakref.ref(KEPT),
    "weak method": lambda: weakref.WeakMethod(KEPT.method),
    "weak proxy": lambda: weakref.proxy(PROXIED),
    "weak dict": lambda: weakref.WeakValueDictionary(a=KEPT),
    "weak set": lambda: weakref.WeakSet([KEPT]),
    "deque": lambda: collections.deque([1, [2]], 5),
    "defaultdict": lambda: collections.defaultdict(list, a=[1]),
    "ordered dict": lambda: collections.OrderedDict(a=1, b=[2]),
    "counter": lambda: collections.Counter("abca"),
    "chain map": lambda: collections.ChainMap({"a": 1}, {"b": 2}),
    "named tuple": lambda: collections.namedtuple("P", "x y")(1, [2]),
    "struct sequence": lambda: sys.version_info,
    "partial": lambda: functools.partial(function, 1, c=[]),
    "cached": lambda: functools.lru_cache(maxsize=2)(lambda x: [x]),
    "cached property": lambda: functools.cached_property(len),
    "single dispatch": lambda: functools.singledispatch(function),
    "item getter": lambda: operator.itemgetter(1, 2),
    "attribute getter": lambda: operator.attrgetter("a.b"),
    "method caller": lambda: operator.methodcaller("f", 1, x=2),
    "product": lambda: itertools.product("ab", [1, 2]),
    "combinations": lambda: itertools.combinations("abc", 2),
    "permutations": lambda: itertools.permutations("abc", 2),
    "chain": lambda: itertools.chain([1], "a"),
    "count": lambda: itertools.count(10**20, 3),
    "cycle": lambda: itertools.cycle([1, 2]),
    "groupby": lambda: itertools.groupby([1, 1, 2]),
    "tee": lambda: itertools.tee([1, 2])[0],
    "zip longest": lambda: itertools.zip_longest([1], "ab"),
    "pairwise": lambda: itertools.pairwise([1, 2, 3]),
    "batched": lambda: itertools.batched([1, 2, 3], 2),
    "islice": lambda: itertools.islice([1, 2, 3], 2),
    "accumulate": lambda: itertools.accumulate([1, 2]),
    "array": lambda: array.array("d", [1, 2]),
    "struct": lambda: struct.Struct("<id"),
    "pattern": lambda: re.compile(r"(a)(?P<n>b+)?"),
    "match": lambda: re.match(r"(a)(?P<n>b+)?", "abb"),
    "decimal": lambda: decimal.Decimal("1.25"),
    "decimal context": lambda: decimal.Context(prec=5),
    "fraction": lambda: fractions.Fraction(1, 3),
    "date": lambda: datetime.date(2026, 1, 2),
    "time": lambda: datetime.time(1, 2, tzinfo=datetime.timezone(datetime.timedelta(hours=1), "X")),
    "datetime": lambda: datetime.datetime(2026, 1, 2, tzinfo=datetime.UTC),
    "timedelta": lambda: datetime.timedelta(1, 2, 3),
    "uuid": lambda: uuid.UUID(int=5),
    "random": lambda: random.Random(5),
    "string io": lambda: io.StringIO("text\nmore"),
    "bytes io": lambda: io.BytesIO(b"bytes"),
    "file": lambda: tempfile.TemporaryFile("w+"),
    "binary file": lambda: tempfile.TemporaryFile(),
    "mmap": lambda: mmap.mmap(-1, 4096),
    "socket": socket.socket,
    "epoll": select.epoll,
    "lock": threading.Lock,
    "rlock": threading.RLock,
    "thread local": threading.local,
    "event": threading.Event,
    "queue": queue.SimpleQueue,
    "context": contextvars.copy_context,
    "context variable": lambda: contextvars.ContextVar("made", default=[1]),
    "token": lambda: contextvars.ContextVar("made").set([1]),
    "sqlite": lambda: sqlite3.connect(":memory:"),
    "compressor": zlib.compressobj,
    "future": lambda: asyncio.Future(loop=LOOP),
    "string template": lambda: string.Template("$a"),
}
KEPT, PROXIED = Plain(), Plain()
LOOP = asyncio.new_event_loop()
#: Builtins that are no types of objects one can have a sample of, or whose sample has another name here.
WITHOUT_SAMPLE = {"BaseException", "BaseExceptionGroup"}
SUBCLASSED = [
    int, float, complex, str, bytes, bytearray, tuple, list, dict, set, frozenset, object, type, property, classmethod, staticmethod, Exception,
    OSError, types.ModuleType, types.SimpleNamespace, enumerate, zip, map, filter, reversed, super, collections.deque, collections.OrderedDict,
    collections.defaultdict, array.array, decimal.Decimal, datetime.datetime, datetime.tzinfo, weakref.ref, io.StringIO, io.BytesIO, random.Random,
    functools.partial, itertools.chain, itertools.count, threading.local, _thread.RLock if isinstance(_thread.RLock, type) else object,
]  # fmt: skip
ARGUMENTS = {
    tuple: ((1, [2]),), list: ([1, 2],), frozenset: ([1],), set: ([1],), str: ("text",), bytes: (b"x",), type: ("Made", (), {}), enumerate: ("ab",),
    zip: ("ab", [1]), map: (str, [1]), filter: (None, [1]), reversed: ([1, 2],), classmethod: (len,), staticmethod: (len,), array.array: ("d", [1]),
    types.ModuleType: ("made",), datetime.datetime: (2026, 1, 1), weakref.ref: (KEPT,), functools.partial: (len,), super: (Plain, KEPT),
}  # fmt: skip


def describe(value):
    """What an object shows of itself without being changed."""
    facts = [type(value).__name__]
    try:
        facts.append(repr(value))
    except Exception as error:
        facts.append(type(error).__name__)
    try:
        facts.append(hash(value))
    except (TypeError, ValueError):
        facts.append("unhashable")
    facts.append(sorted(name for name in dir(value) if name != "__annotations_cache__"))
    for protocol in (2, 5):
        try:
            facts.append(pickle.dumps(value, protocol))
        except Exception as error:
            facts.append(type(error).__name__)
    return facts


def use(name, value):
    """Change and use up an object in ways its type allows."""
    try:
        copied = copy.copy(value)
        del copied
    except Exception:
        pass
    if isinstance(value, (list, bytearray, collections.deque, array.array)):
        value.append(value[0])
        value.extend(list(value))
        value.pop()
        value.clear()
    elif isinstance(value, dict):
        for index in range(100):
            value[f"new {index}"] = index
        for key in list(value):
            del value[key]
    elif isinstance(value, set):
        value |= set(range(1000, 1100))
        value.clear()
    elif isinstance(value, (str, bytes, tuple)):
        total = value
        total += value
        total += value
        assert total == value * 3 and len(total) == 3 * len(value)
    elif isinstance(value, int):
        assert value + 1 - 1 == value and value * 2 // 2 == value
    elif type(value) in (Plain, types.SimpleNamespace, types.FunctionType, types.ModuleType):
        for index in range(40):
            setattr(value, f"x{index}", index)
        value.__dict__.clear()
    elif isinstance(value, functools._lru_cache_wrapper):
        assert [value(i) for i in (1, 2, 3, 1, 2, 3)] == [[1], [2], [3], [1], [2], [3]]
        value.cache_clear()
    elif isinstance(value, types.CodeType):
        names = {}
        exec(value, names)
        assert names["result"] == [1, (1, 2), "text", 1.5]
    elif isinstance(value, type) and name == "type":
        assert value().x == 1
        value.y = 2
        assert type("Sub", (value,), {})().y == 2
    elif isinstance(value, (io.StringIO, io.BytesIO)) or name in ("file", "binary file"):
        value.write(b"more" if isinstance(value, io.BytesIO) or name == "binary file" else "more")
        value.seek(0)
        assert value.read()
    elif isinstance(value, weakref.ref):
        assert value() is KEPT or value().__self__ is KEPT
    elif name == "generator":
        assert next(value) == 1
        value.close()
    elif name == "generator coroutine":
        assert value.send(None) == 1
        value.close()
    elif name == "coroutine":
        value.close()
    elif hasattr(value, "__next__"):
        list(itertools.islice(value, 50))


def check(name, make):
    """Freeze an object between two looks at it, use it, in a child too, and drop it."""
    value = make()
    describe(value)  # pickle leaves notes in classes
    expected = describe(value)
    twin = make()
    use(name, twin)
    holder = [value, {"value": value}]
    freeze()
    assert describe(value) == expected, (name, describe(value), expected)
    freeze(collect=False)
    in_child(lambda: use(name, value))
    use(name, value)
    holder.clear()
    del value
    gc.collect()


def test_samples_cover_every_builtin_type():
    made = {name: make() for name, make in SAMPLES.items()}
    made["coroutine"].close()
    covered = {type(value) for value in made.values()} | {type}
    missing = []
    for name, value in vars(builtins).items():
        if isinstance(value, type) and not name.startswith("_") and name not in WITHOUT_SAMPLE and not issubclass(value, BaseException) and value not in covered:
            missing.append(name)
    for name, value in vars(types).items():
        if isinstance(value, type) and not name.startswith("_") and value not in covered:
            missing.append(name)
    assert set(missing) <= {"DynamicClassAttribute"}, missing


def make_tests():
    for name, make in SAMPLES.items():
        label = f"test_{name.replace(' ', '_')}"
        globals()[label] = functools.partial(check, name, make)


make_tests()


def test_subclasses_of_everything():
    made = []
    for base in SUBCLASSED:
        for extra in ({}, {"__slots__": ()}, {"__slots__": ("__dict__", "__weakref__")}):
            try:
                cls = type(f"Sub{base.__name__}", (base,), dict(extra))
                value = cls(*ARGUMENTS.get(base, ()))
            except TypeError:
                continue
            if hasattr(value, "__dict__") and not isinstance(value, type):
                value.attribute = [len(made), "attribute"]
            describe(value)
            made.append((base, value, describe(value)))
    assert len(made) > 70, len(made)
    freeze()
    for base, value, expected in made:
        assert describe(value) == expected, base
        if hasattr(value, "attribute"):
            assert is_immortal(value.attribute) and is_immortal(value.attribute[1])
            value.attribute = None
            value.another = "x"
        assert is_immortal(type(value))
    in_child(made.clear)
    made.clear()
    gc.collect()


def test_exceptions_of_every_type():
    made = []
    for cls in [value for value in vars(builtins).values() if isinstance(value, type) and issubclass(value, BaseException)]:
        try:
            made.append(cls("text", [1]))
        except (TypeError, ValueError):
            continue
    assert len(made) > 50
    freeze()
    for error in made:
        try:
            raise error from made[0]
        except BaseException as caught:
            assert caught is error and caught.__traceback__
            caught.__traceback__ = None


def test_the_standard_library_loaded():
    """Everything that can be imported, frozen, and left."""
    import importlib

    left_out = {"antigravity", "this", "idlelib", "turtle", "tkinter", "__main__"}
    loaded = 0
    for name in sorted(sys.stdlib_module_names):
        if name.split(".")[0] in left_out or name.startswith("_test") or name in ("_xxtestfuzz", "_tkinter"):
            continue
        try:
            importlib.import_module(name)
            loaded += 1
        except ImportError:
            continue
    assert loaded > 180
    report = freeze()
    assert report.objects > 100_000
    assert freeze().objects < report.objects / 20
    in_child(gc.collect)
