"""except*: splitting, nesting, re-raising, raising inside handlers, naked exceptions, and what cannot be caught."""
from check import compiled, fresh, matrix, once, outcome, run, say, show


def raise_it(e):
    if e is not None:
        raise e
    return "nothing"


def one(e):
    log = []
    try:
        log.append(raise_it(e))
    except* ValueError as g:
        log.append(("V", g.message, [str(x) for x in g.exceptions]))
    return log


def several(e):
    log = []
    try:
        raise_it(e)
    except* ValueError as g:
        log.append(("V", len(g.exceptions)))
    except* (KeyError, OSError) as g:
        log.append(("K/O", [type(x).__name__ for x in g.exceptions]))
    except* TypeError:
        log.append("T")
    else:
        log.append("else")
    finally:
        log.append("finally")
    return log


def reraise(e):
    try:
        raise_it(e)
    except* ValueError:
        raise
    except* KeyError as g:
        raise g


def raising(e):
    try:
        raise_it(e)
    except* ValueError as g:
        raise RuntimeError("from handler")
    except* KeyError as g:
        raise LookupError("chained") from g


def nested(e):
    log = []
    try:
        try:
            raise_it(e)
        except* ValueError:
            log.append("inner V")
        except* TypeError:
            log.append("inner T")
            raise KeyError("new")
    except* KeyError as g:
        log.append(("outer K", repr(g)))
    return log


def variable(e):
    g = 1
    try:
        raise_it(e)
    except* ValueError as g:
        pass
    return "g" in locals()


def in_loop(errors):
    log = []
    for e in errors:
        try:
            raise_it(e)
            log.append("ok")
        except* ValueError:
            log.append("V")
        except* Exception as g:
            log.append(len(g.exceptions))
    return log


def bad_type(e, t):
    try:
        raise_it(e)
    except* t:
        e = "caught"
    return e


class MyGroup(ExceptionGroup):
    def derive(self, excs): return MyGroup(self.message + "'", excs)


def errors():
    return [lambda: None, lambda: ValueError("naked"), lambda: KeyError("naked"), lambda: TypeError("naked"), lambda: ZeroDivisionError("other"),
            lambda: ExceptionGroup("g", [ValueError(1)]), lambda: ExceptionGroup("g", [ValueError(1), KeyError(2)]),
            lambda: ExceptionGroup("g", [ValueError(1), ExceptionGroup("h", [KeyError(2), ValueError(3), OSError(4)]), TypeError(5)]),
            lambda: MyGroup("mine", [ValueError(1), TypeError(2), ZeroDivisionError(3)]), lambda: BaseExceptionGroup("b", [KeyboardInterrupt(), ValueError(1)]),
            lambda: KeyboardInterrupt("ki"), lambda: ExceptionGroup("z", [ZeroDivisionError(1)])]


def test_all():
    for f in (one, several, reraise, raising, nested, variable):
        matrix(f, [(lambda e=e: (e(),)) for e in errors()])
        for _ in range(30):
            outcome(f, None)
        compiled(f)
    run(in_loop, [None, ValueError(1), ExceptionGroup("g", [OSError(), KeyError()])])
    types = [ValueError, ExceptionGroup, (ValueError, ExceptionGroup), 5, (5,), BaseException, ()]
    matrix(bad_type, [(lambda e=e, t=t: (e(), t)) for e in errors()[:7] for t in types])


def lines(e):
    try:
        raise e
    except* ValueError as g:
        x = [
            1,
            g.missing,
        ]
    except* KeyError:
        1 / 0


def test_lines():
    matrix(lines, [lambda: (ExceptionGroup("g", [ValueError(1), KeyError(2)]),), lambda: (KeyError(1),), lambda: (ExceptionGroup("g", [OSError(1)]),)])


def flow(e):
    for i in range(3):
        try:
            raise_it(e)
        except* ValueError:
            for j in range(2):
                if j:
                    break
                continue
            i += 10
    return i


def test_flow(): matrix(flow, [lambda: (None,), lambda: (ValueError(1),), lambda: (ExceptionGroup("g", [ValueError(1), KeyError(2)]),)])
