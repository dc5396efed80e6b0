"""match statements: every pattern kind, guards, captures, classes with __match_args__, errors inside patterns."""
import collections
import dataclasses
import enum

from check import compiled, fresh, matrix, once, outcome, run, say, show


class Color(enum.Enum):
    RED = 1
    BLUE = 2


@dataclasses.dataclass
class Point:
    x: int
    y: int = 0


@dataclasses.dataclass
class Point3(Point):
    z: int = 9


class Args:
    __match_args__ = ("a", "b")
    def __init__(self, a, b): self.a, self.b = a, b
    def __repr__(self): return "Args"


class BadArgs:
    __match_args__ = 5
    x = 1
    def __repr__(self): return "BadArgs"


class BadArgs2:
    __match_args__ = (5,)
    def __repr__(self): return "BadArgs2"


class RaisingAttr:
    @property
    def x(self): raise ValueError("attr")
    def __repr__(self): return "RaisingAttr"


class MissingAttr:
    __match_args__ = ("nope",)
    def __repr__(self): return "MissingAttr"


class EqRaises:
    def __eq__(self, o): raise TypeError("eq")
    __hash__ = object.__hash__
    def __repr__(self): return "EqRaises"


class Mapping(collections.UserDict):
    pass


class LenRaises(list):
    def __len__(self): raise OSError("len")


def literals(x):
    match x:
        case 1: return "one"
        case -1: return "minus"
        case 2.5: return "float"
        case "s": return "str"
        case b"b": return "bytes"
        case None: return "none"
        case True: return "true"
        case False: return "false"
        case 1 + 2j: return "complex"
        case "a" | "b" | 7: return "or"
        case _: return "other"


def sequences(x):
    match x:
        case []: return "empty"
        case [a]: return "one", a
        case [1, b]: return "1,", b
        case (a, "x" | "y" as b): return "xy", a, b
        case [a, [b, *c], *d]: return "nested", a, b, c, d
        case [_, _, *rest] if len(rest) > 3: return "long", rest
        case [first, *_, last]: return first, last
    return "no match"


def mappings(x):
    match x:
        case {"type": "a", "v": v}: return "a", v
        case {"type": t, **rest} if rest: return t, rest
        case {"type": ("b" | "c") as t}: return t
        case {1: one, 2: {"deep": [d, *_]}}: return one, d
        case {Color.RED: r}: return "red", r
        case {**everything}: return "any map", everything
        case _: return "none"


def classes(x):
    match x:
        case Point(0, 0): return "origin"
        case Point3(x=a, z=9): return "p3", a
        case Point(x=a, y=b) if a == b: return "diag", a
        case Point(a, b): return "point", a, b
        case Args(1, b=c): return "args1", c
        case Args(a, b): return "args", a, b
        case int(n) if n > 100: return "big int", n
        case bool(): return "bool"
        case int() | float(): return "number"
        case str(s): return "str", s
        case list([a, b]): return "list", a, b
        case dict(d): return "dict", d
        case tuple((a, *b)): return "tuple", a, b
        case Color.RED: return "red"
        case Color(): return "color"
        case type(): return "type"
        case MissingAttr(a): return "never", a
        case object(x=v): return "has x", v
    return "none"


def bad(x):
    match x:
        case BadArgs(a): return a
        case BadArgs2(a): return a
        case Point(1, 2, 3): return "too many"
    return "none"


def not_a_class(x):
    Thing = 5
    match x:
        case Thing(): return 1


def duplicate_attr(x):
    match x:
        case Point(1, x=2): return 1
    return 2


def guards(x):
    log = []
    match x:
        case a if log.append(("g1", a)): pass
        case [a, b] if log.append((a, b)) or a == b: return "eq", log
        case [a, b]: return "ne", log, a, b
        case a if (y := a): return "walrus", y, log
        case _: return "end", log, a


def in_loop(commands):
    x = y = 0
    out = []
    for c in commands:
        match c.split() if isinstance(c, str) else c:
            case ["go", ("n" | "s") as d]:
                y += 1 if d == "n" else -1
            case ["go", d]: x += len(d)
            case ["say", *words]:
                out.append(" ".join(words))
                continue
            case ["stop"]: break
            case {"jump": (px, py)}: x, y = px, py
            case int(k) | float(k): x += k
            case unknown:
                out.append(("?", unknown))
    else:
        out.append("finished")
    return x, y, out


VALUES = [1, -1, 0, True, False, None, 2.5, 1.0, "s", "a", "b", 7, 101, b"b", 1 + 2j, [], [1], [1, 2], [5, "x"], ["y", "y"], [1, [2, 3], 4], [0, [1]], [1, 2, 3, 4, 5, 6],
          (1, 2), (), range(3), "ab", bytearray(b"ab"), {}, {"type": "a", "v": 1}, {"type": "b"}, {"type": "c", "q": 1}, {1: 1, 2: {"deep": [7]}}, {Color.RED: 3},
          Mapping(type="a", v=2), collections.deque([1, 2]), {1, 2}, Point(0, 0), Point(1, 1), Point(1, 2), Point3(1, 2), Point3(1, 2, 3), Args(1, 2), Args(2, 3),
          BadArgs(), BadArgs2(), RaisingAttr(), MissingAttr(), EqRaises(), Color.RED, Color.BLUE, int, object(), collections.defaultdict(list), LenRaises(), (1, (2, 3))]


def test_all():
    for f in (literals, sequences, mappings, classes, bad, not_a_class, duplicate_attr, guards):
        matrix(f, [(v,) for v in VALUES])
    matrix(in_loop, [(["go n", "go s", "go east", "say hi there"],), (["stop", "x"],), ([{"jump": (1, 2)}, 5, 2.5, "eh"],), ([],), ([None],), (5,)])
    run(literals, 1)
    run(in_loop, ["go n"])
    compiled(literals)
    compiled(in_loop)


def test_names_stay():
    def f(x):
        match x:
            case [a, 1]: pass
            case [b, 2]: pass
        return sorted(locals())
    matrix(f, [([0, 1],), ([0, 2],), ([0, 3],), (5,)])


def test_dotted_and_changed():
    class Consts:
        A = 1
    def f(x):
        match x:
            case Consts.A: return "A"
            case Consts.B: return "B"
    run(f, 1)
    run(f, 2)
    Consts.B = 2
    run(f, 2)
    Consts.A = 3
    run(f, 1)
    def g(p):
        match p:
            case Point(a): return a
    run(g, Point(1, 2))
    Point.__match_args__ = ("y", "x")
    try:
        run(g, Point(1, 2))
    finally:
        Point.__match_args__ = ("x", "y")
    run(g, Point(1, 2))


def evaluate(e):
    match e:
        case ("+", a, b): return evaluate(a) + evaluate(b)
        case ("*", a, b): return evaluate(a) * evaluate(b)
        case ("neg", a): return -evaluate(a)
        case ("if", c, t, f): return evaluate(t) if evaluate(c) else evaluate(f)
        case int() | float() as v: return v
        case other: raise ValueError(f"bad expression {other!r}")


def test_evaluate():
    matrix(evaluate, [(("+", 1, ("*", 2, 3)),), (("neg", ("neg", 2.5)),), (("if", 0, 1, ("+", 1, "x")),), (("/", 1),), (1 << 70,), (("+", 1 << 62, 1 << 62),)])
    compiled(evaluate)


def mapping_errors():
    class M(collections.UserDict):
        def get(self, k, d=None): raise RuntimeError("get")
    def f(x):
        match x:
            case {"a": 1}: return 1
        return 0
    def dup(x):
        k = "a"
        class K:
            A = "a"
            B = "a"
        match x:
            case {K.A: 1, K.B: 2}: return 1
    return f, dup, M


def test_mapping_errors():
    f, dup, M = mapping_errors()
    run(f, M(a=1))
    run(f, {"a": 1})
    run(dup, {"a": 1})
