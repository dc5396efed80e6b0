"""f-strings, format specifications, conversions, t-strings, str.format and %, with user __format__ and errors."""
from string.templatelib import Interpolation, Template

from check import compiled, fresh, matrix, once, outcome, run, say, show


class Fmt:
    def __format__(self, spec): return f"<{spec}>"
    def __repr__(self): return "Fmt"
    def __str__(self): return "str(Fmt)"


class BadFmt:
    def __format__(self, spec): return 5
    def __str__(self): raise ValueError("no str")
    def __repr__(self): return "BadFmt"


class BadRepr:
    def __repr__(self): return 5


class StrSub(str):
    def __str__(self): return "sub-str"
    def __format__(self, s): return "sub-format"


def plain(x): return f"{x}"
def two(x, y): return f"{x}{y}"
def text(x): return f"a{x}b{x}c"
def conv(x): return f"{x!r} {x!s} {x!a}"
def spec(x): return f"{x:>10}|{x:<5}|{x:^7}"
def numeric(x): return f"{x:d} {x:05d} {x:+} {x:,} {x:x} {x:#b}"
def floats(x): return f"{x:.2f} {x:e} {x:g} {x:10.3f} {x:%} {x:.0f}"
def nested(x, w): return f"{x:{w}} {x!r:>{w}} {x:{'>'}{w}}"
def debug(x): return f"{x=} {x = !s} {x+1=:>4}"
def expr(x): return f"{x + x} {[y for y in (x, x)]} {(lambda: x)()} {x if x else 'no'} {{literal}} {'quoted'!r}"
def percent(x): return "%s|%r|%5s|%-5s|" % (x, x, x, x)
def percent_num(x): return "%d %5.1f %x %c" % (x, x, x, x)
def percent_map(d): return "%(a)s %(b)r" % d
def method(x): return "{} {0!r} {0:>5}".replace("{}", "{0}").format(x)
def method_attr(x): return "{0.real} {0.imag} {x[0]}".format(x, x=[x])
def many(a, b, c, d): return f"{a}{b}{c}{d}-{a}{b}{c}{d}-{a!r:>4}{b!s}{c}{d}" f"{a}" "tail"
def builtin(x, s): return format(x, s)


VALUES = [1, -5, True, 1 << 70, 2.5, float("nan"), -0.0, "s", "é\U0001f600", "", None, [1, "a"], {"k": 1}, (1,), Fmt(), BadFmt(), BadRepr(), StrSub("q"), 1j, b"b", int, Ellipsis]


def test_all():
    cases = [(v,) for v in VALUES]
    for f in (plain, text, conv, spec, numeric, floats, debug, expr, percent, percent_num, method, method_attr):
        matrix(f, cases)
    matrix(two, [(a, b) for a in VALUES for b in VALUES[::3]], train_on=(0, 20, 50, 90))
    matrix(nested, [(v, w) for v in VALUES for w in (5, "8", "bad", -1, 2.5)], train_on=(0, 30, 35))
    matrix(percent_map, [({"a": 1, "b": "x"},), ({"a": 1},), ((1, 2),), (5,)])
    matrix(many, [(1, "b", 2.5, None), ("a", "b", "c", "d"), (Fmt(), Fmt(), 1, 1), (BadFmt(), 1, 1, 1), (1, 1, 1, BadFmt())])
    matrix(builtin, [(v, s) for v in VALUES for s in ("", ">5", "d", ".2f", "q", 5)], train_on=(0, 7, 25, 43))
    for f in (plain, text, spec, many):
        for _ in range(30):
            outcome(f, *[1] * f.__code__.co_argcount)
        compiled(f)


def order():
    log = []
    class L:
        def __init__(self, n): self.n = n
        def __format__(self, s):
            log.append((self.n, s))
            return self.n
    def mk(n):
        log.append("make " + n)
        return L(n)
    s = f"{mk('a')}{mk('b'):x{mk('c')}}{mk('d')!r:.0}"
    return s, log


def test_order(): run(order)


def build(n):
    s = ""
    for i in range(n):
        s += f"{i},"
        if i % 10 == 9:
            s = s[:-1] + ";"
    return s


def build_shared(n):
    s = ""
    kept = []
    for i in range(n):
        s += "x"
        kept.append(s)
    return kept[3], kept[-1], len(set(kept))


def join(xs): return ",".join([f"{x:02}" for x in xs]) + "|".join(map(str, xs)) + "-".join(str(x) for x in xs)


def test_building():
    run(build, 35)
    run(build_shared, 30)
    matrix(join, [([1, 2],), ([2.5],), (["a"],), ([],), ([None],), (5,), (range(3),)])
    compiled(build)


def describe(t):
    return ("T", t.strings, tuple((type(i.value).__name__, i.expression, i.conversion, i.format_spec) for i in t.interpolations), t.values if not any(
        isinstance(v, (BadFmt, BadRepr)) for v in t.values) else "bad")


def t_plain(x): return describe(t"hello {x}")
def t_spec(x, w): return describe(t"{x!r:>{w}} and {x=} {x + x!s}")
def t_empty(): return describe(t"")
def t_concat(x): return describe(t"a{x}b" t"c{x}d" + t"e{x}")
def t_types(x):
    t = t"{x}{x}"
    return type(t) is Template, type(t.interpolations[0]) is Interpolation, list(type(p).__name__ for p in t"a{x}b")


def test_tstrings():
    for f in (t_plain, t_concat, t_types):
        matrix(f, [(v,) for v in VALUES[:16]])
    matrix(t_spec, [(1, 5), ("s", "<3"), (None, 1), (Fmt(), Fmt())])
    run(t_empty)
    run(lambda: t"{undefined_name}")
    run(lambda: t"a" + "b")
    compiled(t_plain)
    def render(t): return "".join(p if isinstance(p, str) else format({"r": repr, "s": str, "a": ascii, None: lambda v: v}[p.conversion](p.value), p.format_spec) for p in t)
    def use(x): return render(t"<{x!r:>5}> {x} {x!a}")
    matrix(use, [(1,), ("s",), (2.5,)])


def errors_with_lines():
    x = None
    return (f"first {x}"
            f"second {x:d}"
            f"third {x}")


def test_error_lines():
    run(errors_with_lines)
    run(lambda: f"{1 / 0}")
    run(lambda: f"{missing!r}")
    run(lambda: f"{'a':{1 / 0}}")
