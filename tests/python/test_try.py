"""try/except/else/finally in every nesting; control flow through finally; the exception variable; re-raising."""
import sys

from check import compiled, fresh, matrix, once, outcome, run, say, show


def fail(kind):
    if kind:
        raise kind
    return "fine"


KINDS = [None, ValueError("v"), KeyError("k"), ZeroDivisionError("z"), TypeError("t"), StopIteration(3), IndexError, OSError(2, "os"), KeyboardInterrupt("ki"),
         SystemExit(3), GeneratorExit(), UnicodeDecodeError("utf8", b"x", 0, 1, "why"), ExceptionGroup("g", [ValueError(1)])]


def again(kind):
    """A new exception of the same kind, so that nothing of the last raise sticks to it."""
    return type(kind)(*kind.args) if isinstance(kind, BaseException) else kind


def simple(k):
    try:
        return fail(k)
    except ValueError:
        return "value"


def several(k):
    try:
        r = fail(k)
    except ValueError as e:
        r = ("value", e.args)
    except (KeyError, IndexError) as e:
        r = ("lookup", e.args)
    except LookupError:
        r = "never"
    except ArithmeticError:
        r = "arith"
    except Exception as e:
        r = ("exc", type(e).__name__)
    except:
        r = "bare"
    return r


def with_else(k):
    log = []
    try:
        log.append("try")
        fail(k)
    except ValueError:
        log.append("except")
    else:
        log.append("else")
    finally:
        log.append("finally")
    return log


def else_raises(k):
    try:
        pass
    except ValueError:
        return "not here"
    else:
        fail(k)
    return "end"


def finally_only(k):
    log = []
    try:
        try:
            fail(k)
        finally:
            log.append("inner finally")
    except ValueError:
        log.append("caught")
    return log


def nested(k):
    log = []
    try:
        try:
            try:
                fail(k)
            except KeyError:
                log.append("key")
                raise
            finally:
                log.append("f1")
        except ValueError as e:
            log.append("value")
            raise TypeError("converted") from e
        finally:
            log.append("f2")
    except TypeError as e:
        log.append(("type", type(e.__cause__).__name__, type(e.__context__).__name__))
    except KeyError:
        log.append("key again")
    return log


def in_handler(k):
    try:
        fail(k)
    except ValueError:
        try:
            1 / 0
        except ZeroDivisionError as z:
            return type(z.__context__).__name__, sys.exception() is z
    except KeyError:
        return {}["raises in handler"]
    return sys.exception()


def return_in_try(k):
    try:
        return fail(k)
    finally:
        k = "changed"


def return_in_finally(k):
    try:
        fail(k)
    finally:
        return "swallowed"


def override(k):
    for i in range(3):
        try:
            fail(k)
            return "try"
        except Exception:
            return "except"
        finally:
            if i < 1:
                continue
            break
    return "after", i


def break_finally(k):
    out = []
    while True:
        try:
            fail(k)
        except ValueError:
            continue_ = True
        finally:
            out.append("f")
            break
    return out


def loop(kinds):
    out = []
    for k in kinds:
        try:
            out.append(fail(k))
            if len(out) > 6:
                break
        except ValueError as e:
            out.append(str(e))
            continue
        except KeyError:
            out.append("key")
        finally:
            out.append(".")
    else:
        out.append("else")
    return out


def variable(k):
    e = "before"
    try:
        fail(k)
    except ValueError as e:
        inside = repr(e)
    try:
        return e
    except UnboundLocalError as u:
        return str(u)


def variable_deleted(k):
    try:
        fail(k)
    except Exception as e:
        del e
    return "gone"


def variable_rebound(k):
    try:
        fail(k)
    except Exception as e:
        e = 5
        r = e
    else:
        r = 0
    return r, "e" in locals()


def variable_captured(k):
    try:
        fail(k)
    except Exception as e:
        f = lambda: e
        r = repr(f())
    else:
        return "none"
    try:
        return r, f()
    except NameError as n:
        return r, str(n)


def dynamic(k, t):
    try:
        fail(k)
    except t as e:
        return "matched", type(e).__name__
    return "no"


def dynamic_call(k):
    def which():
        log.append("evaluated")
        return ValueError
    log = []
    try:
        fail(k)
    except which():
        return "matched", log
    return log


def reraise_named(k):
    try:
        fail(k)
    except Exception as e:
        raise e


def reraise_bare(k):
    try:
        fail(k)
    except Exception:
        raise


def no_active():
    raise


def raise_forms(k, cause):
    if cause == "none":
        raise k from None
    if cause == "bad":
        raise k from 5
    if cause == "class":
        raise k from KeyError
    if cause == "twice":
        try:
            raise k
        except BaseException as e:
            raise e from e
    raise k


def test_shapes():
    functions = (simple, several, with_else, else_raises, finally_only, nested, in_handler, return_in_try, return_in_finally, override, break_finally,
                 variable, variable_deleted, variable_rebound, variable_captured, dynamic_call, reraise_named, reraise_bare)
    for f in functions:
        cases = [(lambda k=k: (again(k),)) for k in KINDS]
        matrix(f, cases)
        for _ in range(30):
            outcome(f, ValueError("again"))
        compiled(f)


def test_dynamic_types():
    class NotExc:
        pass
    class Sub(ValueError):
        pass
    types = [ValueError, (ValueError, KeyError), (), BaseException, Exception, 5, (5,), NotExc, (ValueError, NotExc), ((ValueError,), KeyError), None, "s", Sub]
    matrix(dynamic, [(lambda k=k, t=t: (again(k), t)) for k in (None, ValueError("v"), KeyError("k"), Sub("s")) for t in types])


def test_raise_forms():
    class NoInit(Exception):
        def __init__(self): raise TypeError("init fails")
    class NotInstance(Exception):
        def __new__(cls): return 5
    kinds = [lambda: ValueError("v"), lambda: ValueError, lambda: NoInit, lambda: NotInstance, lambda: 5, lambda: None, lambda: "s", lambda: int]
    matrix(raise_forms, [(lambda k=k, c=c: (k(), c)) for k in kinds for c in ("", "none", "bad", "class", "twice")], train_on=(0, 3, 12, 20))
    run(no_active)


def test_loop():
    run(loop, [None, ValueError("a"), KeyError("b"), None])
    run(loop, [None] * 8)
    run(loop, [None, TypeError("stop")])
    run(loop, [])
    compiled(loop)


def raise_and_catch(n):
    caught = 0
    for i in range(n):
        try:
            if i % 2:
                raise ValueError(i)
            caught += 1
        except ValueError as e:
            caught += e.args[0]
    return caught


def catch_builtin(n):
    out = 0
    d = {1: 1}
    for i in range(n):
        try:
            out += d[i]
        except KeyError:
            out += 100
        try:
            [][i]
        except IndexError:
            out += 1
        try:
            None.x
        except AttributeError:
            out += 1
        try:
            int("x")
        except ValueError:
            out += 1
        try:
            1 // (i - i)
        except ZeroDivisionError:
            out += 1
        try:
            undefined
        except NameError:
            out += 1
    return out, sys.exception()


def deep_catch(n):
    def level(k):
        if k == 0:
            raise LookupError("deep")
        return level(k - 1) + 1
    try:
        return level(n)
    except LookupError as e:
        d = 0
        tb = e.__traceback__
        while tb:
            d, tb = d + 1, tb.tb_next
        return d


def test_hot():
    run(raise_and_catch, 20)
    run(catch_builtin, 5)
    for n in (0, 1, 30):
        run(deep_catch, n)
    for f in (raise_and_catch, catch_builtin, deep_catch):
        compiled(f)


def locals_in_handler(x):
    a = 1
    try:
        a = 2
        b = a + x
        a = 3
        c = b / x
        a = 4
    except ZeroDivisionError:
        return "zero", a, b
    except TypeError:
        return "type", a, "b" in locals(), "c" in locals()
    return a, b, c


def test_locals_in_handler():
    matrix(locals_in_handler, [(1,), (0,), ("s",), (0.0,), (1 << 62,), (None,)])
    compiled(locals_in_handler)


def stack_under_try(x):
    return [1, 2, (lambda: guarded(x))(), *[guarded(y) for y in (x, 0)], f"{guarded(x)}", {guarded(x): guarded(x)}]


def guarded(x):
    total = 10
    for i in range(3):
        try:
            total += total / (x - i)
        except ZeroDivisionError:
            total -= 1
        except TypeError:
            return "type"
    return total


def test_stack(): matrix(stack_under_try, [(0,), (1,), (2,), (5,), ("a",), (2.0,)])


def finally_with_locals(x):
    try:
        y = 1 / x
        z = y + 1
    finally:
        r = sorted(locals().items(), key=lambda kv: kv[0])
        say(r)
    return r


def test_finally_locals(): matrix(finally_with_locals, [(1,), (0,), ("a",)])


def exc_info_nesting():
    log = []
    def note(): log.append((type(sys.exception()).__name__, sys.exc_info()[0] is type(sys.exception())))
    note()
    try:
        raise ValueError
    except ValueError:
        note()
        try:
            raise KeyError
        except KeyError:
            note()
            def inner():
                note()
                try:
                    raise OSError
                except OSError:
                    note()
                note()
            inner()
        note()
        try:
            note()
        finally:
            note()
    note()
    return log


def test_exc_info():
    run(exc_info_nesting)
    compiled(exc_info_nesting)


def generator_exceptions():
    log = []
    def g():
        try:
            log.append((yield 1))
        except ValueError as e:
            log.append(("caught", str(e), type(e.__context__).__name__))
            yield 2
        finally:
            log.append(type(sys.exception()).__name__)
    try:
        raise KeyError("outer")
    except KeyError:
        it = g()
        next(it)
        it.throw(ValueError("thrown"))
        log.append(type(sys.exception()).__name__)
        it.close()
    it = g()
    next(it)
    try:
        it.throw(TypeError("x"))
    except TypeError as e:
        log.append(type(e).__name__)
    return log


def test_generator_exceptions(): run(generator_exceptions)
