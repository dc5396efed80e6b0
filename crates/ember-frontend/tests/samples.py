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


# --- specialised: calls with `warm` come before the snapshot -------------------------------------------------------------------


def warm(*arguments, **attributes):
    def decorate(func):
        func.warm = arguments
        vars(func).update(attributes)
        return func

    return decorate


warm.no_snapshot = True


@warm(3, 4)
def int_ops(a, b):
    c = a * b - a
    if c < b:
        return c
    return -c % 7 + (c // 2) / 3


@warm(1.5, 2.5)
def float_ops(a, b):
    c = a * b - a + 2.0
    return c if c > b else c / b


@warm(1.5, 2, float_left=True)
def mixed_ops(a, b):
    return a * b


@warm(6, 3)
def bit_ops(a, b):
    return a & b


@warm(100)
def int_loop(n):
    total = 0
    i = 0
    while i < n:
        total += i
        i += 1
    return total


@warm(range(10))
def range_loop(r):
    total = 0
    for i in r:
        total += i
    return total


@warm([1, 2, 3])
def list_loop(xs):
    for x in xs:
        pass
    return None


@warm((1, 2, 3))
def tuple_loop(xs):
    try:
        for x in xs:
            pass
    except ValueError:
        return x


@warm([1, 2], (1, 2), {"k": 1}, "text", 1)
def subscripts(l, t, d, s, i):
    l[i] = t[i]
    d["k"] = l[i]
    return l[i], t[i], d["k"], s[i]


@warm("a", "b")
def text_ops(a, b):
    a += b
    if a == b:
        return a + b
    return a


@warm({"k": 1}, {1})
def membership(d, s):
    return "k" in d and 1 not in s


@warm(1, "", [], None, True, Base)
def truths(i, s, l, n, b, o):
    return not i, not s, not l, not n, not b, not o


@warm((1, 2), [1, 2, 3])
def unpackings(t, l):
    a, b = t
    c, d, e = l
    return a, b, c, d, e


class Point:
    def __init__(self, x, y=0):
        self.x = x
        self.y = y

    def norm(self, scale=1, *, bias=2):
        return self.x * self.x

    @property
    def area(self):
        return self.x


point_shapes = {
    "x": (Point, "value", 16, 24),
    "y": (Point, "value", 16, 32),
    "norm": (Point, "method-keys", 5, 16, Point.norm),
    "area": (Point, "property", Point.area.fget),
}


@warm(Point(1, 2), shapes=point_shapes)
def instance_values(p):
    p.x = p.y
    return p.x


@warm(Point(1, 2), shapes=point_shapes)
def method_calls(p):
    return p.norm() + p.norm(2, bias=3) + p.area


@warm(Point(1, 2), shapes={"x": (Point, "slot", 16), "y": (Point, "hint", 3)})
def slots_and_hints(p):
    p.x = p.y


@warm(1)
def instantiate(a):
    return Point(a)


@warm([1], {"k": 1}, shapes={"append": (list, "method", list.append), "get": (dict, "method", dict.get)})
def c_methods(l, d):
    l.append(2)
    return d.get("k")


@warm([1], 2.0, 3)
def builtin_calls(l, f, i):
    return len(l) + 1, isinstance(l, list), abs(f * 1.0), min(i + 1, i + 2), max(i, 1, 2), type(l), str(i), tuple(l)


def helper_function(a, b=2, *args, c=3, **kwargs):
    return a


@warm()
def known_function_calls():
    helper_function(1)
    helper_function(1, 2, 3, 4, d=5)
    return helper_function(b=1, a=2)


@warm(5)
def fib(n):
    return n if n < 2 else fib(n - 1) + fib(n - 2)


LIMIT = 100


@warm(Point(1, 2), shapes=point_shapes)
def keywords_and_constants(p):
    if p.x < LIMIT:
        return p.y
    return Point(y=1, x=p.x)


def running_total(items, limit):
    total = 0
    for item in items:
        if item > limit:
            return "more"
        total += item
        sent = yield total
        if sent is not None:
            limit = sent
