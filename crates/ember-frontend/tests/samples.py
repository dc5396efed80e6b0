"""What the front end's tests translate. `warm` arguments make the interpreter specialise a function; without them it stays generic."""


def add(a, b):
    return a + b


def count(n):
    total = 0
    while n > 0:
        total += n
        n -= 1
    return total


def loop(items):
    out = []
    for item in items:
        if item:
            out.append(item)
        elif item is None:
            break
    else:
        out = None
    return out


def unbound(flag):
    if flag:
        value = 1
    return value


def delete(value, flag):
    if flag:
        del value
    return value


def guarded(f, x):
    try:
        return f(x)
    except ValueError as error:
        return error.args
    except (TypeError, KeyError):
        x = None
        raise
    finally:
        f(x)


def nested(f):
    for i in range(3):
        try:
            x = f(i)
        except OSError:
            continue
        try:
            x.close()
        finally:
            del x
    return i


def group(f):
    try:
        f()
    except* ValueError as errors:
        return_value = errors
    else:
        return_value = None
    return return_value


def reraise_bare(f):
    try:
        f()
    except Exception:
        raise


def raise_from(a, b):
    raise a from b


def with_two(a, b):
    with a as x, b:
        x.go()


def unpack(seq):
    a, (b, *c), d = seq
    a, b, c = c, a, b
    return a, b, c, d


def build(a, b):
    l = [a, b, *a]
    d = {a: b, **b, "k": 1}
    s = {a, b, *l}
    return l, d, s, a[1:2], a[::b], f"{a!r:>10}{b}"


def template(a):
    return t"x{a!s:>{a}}y{a}"


def comprehensions(xs):
    x = 5
    squares = [x * x for x in xs if x]
    table = {x: y for x, y in xs}
    names = {x.name for x in xs}
    return squares, table, names, x


def calls(f, *args, key=1, **kwargs):
    f(1, 2)
    f(1, k=2)
    f.method(1)
    f.method(1, k=args)
    f(*args, **kwargs, other=key)
    return f(*args)


def closure(a):
    b = a + 1

    def inner(c=b, *, d: int = 2):
        nonlocal b
        b = c
        return a, b, d

    del a
    return inner, b


def attributes(o):
    o.x = o.y
    del o.z
    o[0] = o[1]
    del o[2]
    o[1:2] = o[3:]
    return -o, ~o, not o, +o


def compare(a, b):
    return a < b, a in b, a not in b, a is not b, a if a == b else b


def chained(a, b, c):
    return a < b < c and a or b


def match(subject):
    match subject:
        case {"k": value, **rest}:
            return value, rest
        case [first, *others]:
            return first, others
        case int(x) | complex(real=x):
            return x
        case _:
            return None


def imports():
    import os.path as path
    from sys import argv, exit

    return path, argv, exit


GLOBAL = 1


def globals_():
    global GLOBAL, OTHER
    GLOBAL = GLOBAL + 1
    del OTHER


class Base:
    def method(self):
        return 1


class Derived(Base):
    def method(self):
        return super().method() + super().attribute


super_call = Derived.method


def class_body(x):
    class Inner(Base):
        y = x

    return Inner


def asserts(x):
    assert x, "message"
    return x
