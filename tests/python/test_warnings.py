"""warnings: stacklevel, registries, filters, and which line a warning raised in compiled code names."""
import warnings

from check import compiled, fresh, matrix, once, outcome, run, say, show


def warn(level): warnings.warn(f"level {level}", UserWarning, stacklevel=level)
def one(level):
    x = 1
    warn(level)
    return x
def two(level):
    return one(
        level
    )
def three(level): return [two(level) for _ in range(1)]


def recorded(f, *a):
    with warnings.catch_warnings(record=True) as seen:
        warnings.simplefilter("always")
        r = f(*a)
    return r, [(str(w.message), w.category.__name__, w.lineno if w.filename == __file__ else "elsewhere") for w in seen]


def test_levels():
    for level in (1, 2, 3, 4):
        run(recorded, three, level)
    for f in (warn, one, two, three):
        compiled(f)


def repeated(n):
    for i in range(n):
        warnings.warn("same place", UserWarning)
    warnings.warn("same place", UserWarning)


def test_default_filter():
    def f():
        with warnings.catch_warnings(record=True) as seen:
            warnings.resetwarnings()
            warnings.simplefilter("default")
            globals().pop("__warningregistry__", None)
            repeated(5)
            return [(str(w.message), w.lineno) for w in seen]
    run(f)


def test_error_filter():
    def f(level):
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            return three(level)
    for level in (1, 2, 3):
        run(f, level)


def interpreter_warnings():
    return eval("1 is 1"), eval("'\\d'"), compile("assert (1, 2)", "<w>", "exec") is not None, ~True


def test_interpreter_warnings():
    run(recorded, interpreter_warnings)
    def f():
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            return ~True
    run(f)


def skip_files():
    warnings.warn("skipped", skip_file_prefixes=("/nowhere",))


def explicit():
    warnings.warn_explicit("explicit", UserWarning, "file.py", 77)


def test_others():
    run(recorded, skip_files)
    run(recorded, explicit)
    import functools
    class D:
        @warnings.deprecated("use other")
        def m(self): return 1
    @warnings.deprecated("old function")
    def g(): return 2
    def use(): return D().m(), g()
    run(recorded, use)
    compiled(use)
