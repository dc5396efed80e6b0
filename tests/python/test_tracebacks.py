"""Tracebacks in detail: lines and columns of multi-line expressions, frames' locals, chaining, formatted text."""
import subprocess
import sys
import tempfile
import traceback

from check import compiled, fresh, matrix, once, outcome, run, say, show, error


def multi_line_call(a):
    return max(
        a,
        len(
            a
        ),
    )


def multi_line_binary(a, b, c):
    return (
        a
        + b
        + c
    )


def chained_calls(s):
    return (s
            .strip()
            .nothing()
            .upper())


def in_list(x):
    return [
        1,
        2,
        x.attr,
        3,
    ]


def in_dict(x):
    return {
        "a": 1,
        "b": x["missing"],
    }


def in_args(f, x):
    return f(
        1,
        key=x / 0,
    )


def subscripts(x):
    y = x[0][
        "a"
    ][5]
    return y


def conditional(x):
    return (
        "yes"
        if x < 5
        else
        "no"
    )


def augmented(x):
    total = 0
    total += x
    total -= (
        x.y
    )
    return total


def store_attr(x):
    a = 1
    x.attribute = a; b = 2
    return b


def store_item(x):
    x[
        0
    ] = 5


def delete(x):
    del x[0], x.y


def unpack(x):
    a, (b,
        c) = x
    return a


def loop(xs):
    for x in xs:
        y = 1 / x
    return y


def comparison(x):
    return 1 < 2 < x < 4


def assertion(x):
    assert x > 1, f"message {x}"
    assert x < 10
    return x


def raising(x):
    raise ValueError(
        x
    )


def import_missing(x):
    import not_a_module.at_all
    from os import nothing_like_that


def import_from(x):
    from os import nothing_like_that


def default_args(x):
    def g(a, b=x.nothing): pass
    return g


def decorated(x):
    @x
    def g(): pass
    return g


def class_body(x):
    class C(object):
        a = 1
        b = x.q
    return C


def comprehension(xs):
    return [
        y / x
        for x in xs
        for y in [1]
    ]


def generator(xs):
    return sum(
        1 / x
        for x in xs
    )


def lambda_(x): return (lambda y: y + "s")(x)
def fstring(x): return f"{x}-{x.missing}"
def call_kw(x): return int("5", base=x)
def walrus(x): return (y := x.z) + y
def star(x): return print(*x)
def dict_star(x): return dict(**x)
def starred_list(x): return [*x, 1]
def with_(x):
    with x as y:
        return y
def raise_from(x):
    try:
        x.attr
    except AttributeError as e:
        raise KeyError("k") from e
def boolean(x): return x.a and x.b or not x.c
def negative(x): return -x
def in_(x): return 5 in x
def slice_(x): return x[1:2]
def global_(x): return missing_global + x
def multi_line_string(x): return ("abc"
                                  "def" + x)


FUNCTIONS = [v for v in list(globals().values()) if getattr(v, "__module__", None) == __name__ and getattr(v, "__code__", None)
             and v.__code__.co_argcount == 1 and v.__name__ not in ("import_missing",)]
BADS = [lambda: None, lambda: 5, lambda: "s", lambda: [0], lambda: {}, lambda: [1, 0], lambda: object(), lambda: (1, 2, 3), lambda: 0]


def test_single_argument():
    for f in FUNCTIONS:
        matrix(f, [(lambda b=b: (b(),)) for b in BADS])
        for _ in range(20):
            outcome(f, None)
        compiled(f)


def test_several_arguments():
    matrix(multi_line_binary, [(1, 2, "s"), (1, "s", 2), (1, 2, 3), ("a", "b", 1), (1.5, None, 2)])
    matrix(in_args, [(print, 1), (lambda *a, **k: a, 0), (None, "s")])
    once(import_missing, 1)


def level1(n): return level2(n) + 1
def level2(n):
    x = n * 2
    y = "local"
    return level3(x, y=y)
def level3(x, *rest, y, **kw):
    z = [x]
    for i in range(3):
        if i == 2:
            return z[i]
    return None


def test_stack_of_frames():
    run(level1, 5)
    try:
        level1(5)
    except IndexError as e:
        say(e.__traceback__.tb_next.tb_next.tb_frame.f_locals)
        frames = []
        tb = e.__traceback__
        while tb:
            f = tb.tb_frame
            frames.append((f.f_code.co_name, f.f_lineno, tb.tb_lineno, tb.tb_lasti, f.f_lasti, f.f_back.f_code.co_name if f.f_back else None, f.f_globals is globals()))
            tb = tb.tb_next
        for f in frames[1:]:
            show(*f)
    for f in (level1, level2, level3):
        compiled(f)


def formatted(f, *a):
    try:
        f(*a)
    except Exception as e:
        lines = traceback.format_exception(e)
        return "".join(l for l in lines if "check.py" not in l).replace(__file__, "FILE")


def test_formatted():
    for f in FUNCTIONS:
        for b in (None, 0, "s"):
            for _ in range(2):
                say(formatted(f, b))
    say(formatted(level1, 5))
    say(formatted(raise_from, 1))


def chain(n):
    try:
        if n == 0:
            raise ValueError("base")
        chain(n - 1)
    except Exception as e:
        if n % 2:
            raise KeyError(n) from e
        raise TypeError(n)


def test_chain():
    for n in (0, 1, 3):
        run(chain, n)
    compiled(chain)


def reraised_lines():
    try:
        try:
            1 / 0
        except ZeroDivisionError as e:
            saved = e
            raise
        finally:
            x = 1
    except ZeroDivisionError:
        pass
    y = 2
    raise saved


def with_traceback():
    try:
        1 / 0
    except ZeroDivisionError as e:
        tb = e.__traceback__
    raise ValueError("new").with_traceback(tb)


def cleared():
    try:
        1 / 0
    except ZeroDivisionError as e:
        e.__traceback__ = None
        raise e


def raised_twice():
    e = ValueError("same")
    for i in range(2):
        try:
            raise e
        except ValueError:
            pass
    raise e


def in_finally():
    try:
        return 1 / 0
    finally:
        {}["missing"]


def helper_raises(x):
    def inner(y):
        if y > 2:
            raise RuntimeError(y)
        return inner(y + 1)
    try:
        return inner(x)
    except RuntimeError:
        raise


def test_reraised():
    for f in (reraised_lines, with_traceback, cleared, raised_twice, in_finally):
        run(f)
    run(helper_raises, 0)


def frame_clear():
    try:
        level1(1)
    except IndexError as e:
        tb = e.__traceback__
        while tb.tb_next:
            tb = tb.tb_next
        before = dict(tb.tb_frame.f_locals)
        tb.tb_frame.clear()
        return before, dict(tb.tb_frame.f_locals)


def test_frame_clear(): run(frame_clear)


def frames_outlive():
    """Frames kept alive by a traceback keep their locals after the function is gone, and let go of them in time."""
    log = []
    class D:
        def __init__(self, n): self.n = n
        def __del__(self): log.append(self.n)
    def f(a):
        b = D("b")
        c = [D("c")]
        return c[a.index]
    try:
        f(D("a"))
    except AttributeError as e:
        keep = e.__traceback__
        log.append("caught")
    log.append(sorted(keep.tb_next.tb_frame.f_locals))
    del keep
    log.append("dropped")
    return log


def test_frames_outlive(): run(frames_outlive)


def excepthook_like():
    lines = []
    try:
        level1(2)
    except IndexError:
        lines = [l for l in traceback.format_exc().replace(__file__, "FILE").splitlines()]
    return lines[-5:]


def test_format_exc(): run(excepthook_like)


def walk():
    return [(f.name, f.lineno, f.colno, f.end_colno) for f in traceback.extract_stack()[-3:] if "check" not in f.filename and "run.py" not in f.filename]


def test_extract_stack():
    def a(): return walk()
    def b(): return a(), walk()
    run(b)
    compiled(a)


def test_programs_that_end_with_an_exception():
    """What ends a program is printed, or is its exit code, also when functions read names of the module that the interpreter deletes before."""
    for ending in ("raise ValueError(here(1))", "import sys; sys.exit(3)", "here(2)", "here()"):
        with tempfile.NamedTemporaryFile("w", suffix=".py") as source:
            source.write("def here(n): return n, __file__ != '', len([n])\n" + "here(0)\n" * 20 + ending + "\n")
            source.flush()
            done = subprocess.run([sys.executable, source.name], capture_output=True, text=True)
            say(f"{ending}: {done.returncode} {done.stdout!r} {done.stderr.replace(source.name, 'PROGRAM')!r}")
