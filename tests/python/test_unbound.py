"""Unbound and deleted names: UnboundLocalError, NameError, del in every place, conditional binding."""
from check import compiled, fresh, matrix, once, outcome, run, say, show


def before():
    x
    x = 1


def maybe(flag):
    if flag:
        x = 1
    return x


def maybe_loop(n):
    for i in range(n):
        y = i
    return i, y


def deleted(flag):
    x = 1
    if flag:
        del x
    return x


def del_unbound():
    del x
    x = 1


def del_twice(x):
    del x
    del x


def del_parameter(a, b):
    del a
    try:
        a
    except UnboundLocalError as e:
        return str(e), b


def rebind_after_del(x):
    y = x
    del x
    x = y, 1
    return x


def augmented_unbound():
    x += 1


def augmented_global():
    global_counter += 1


def in_loop(n):
    out = []
    for i in range(n):
        try:
            out.append(v)
        except UnboundLocalError:
            out.append("unbound")
        if i == 1:
            v = i
        if i == 3:
            del v
    return out


def through_try(flag):
    try:
        if flag == 1:
            raise ValueError
        x = "bound"
        if flag == 2:
            raise KeyError
    except ValueError:
        pass
    except KeyError:
        pass
    return x


def with_bound(flag):
    while flag:
        z = flag
        flag -= 1
        if flag == 3:
            break
    else:
        w = "else"
    return z, w


def walrus(flag): return (flag and (q := 5)) or q


def in_comprehension(flag):
    if flag:
        k = 3
    return [k for _ in range(2)]


def in_inner(flag):
    def g(): return k
    if flag:
        k = 1
    return g()


def exception_name():
    try:
        raise ValueError
    except ValueError as e:
        pass
    return e


def import_name(flag):
    if flag:
        import sys
    return sys.__name__


def match_name(v):
    match v:
        case [a, b]: pass
        case {"k": c}: pass
    return a, b


def locals_view(flag):
    if flag:
        x = 1
    y = 2
    d = locals()
    del y
    return d, sorted(locals())


def many(flag):
    if flag:
        a = b = c = d = e = f = g = h = i = j = 1
    return j, i, h, g, f, e, d, c, b, a


def test_all():
    for f in (before, del_unbound, augmented_unbound, augmented_global, exception_name):
        run(f)
        compiled(f)
    for f in (maybe, deleted, through_try, walrus, in_comprehension, in_inner, import_name, locals_view, many):
        matrix(f, [(0,), (1,), (2,), (True,)])
        run(f, 1)
        compiled(f)
    matrix(maybe_loop, [(0,), (3,)])
    matrix(with_bound, [(0,), (2,), (5,), (4,)])
    run(del_twice, 1)
    run(del_parameter, 1, 2)
    run(rebind_after_del, 5)
    run(in_loop, 6)
    matrix(match_name, [([1, 2],), ({"k": 1},), (5,)])


def class_scope(flag):
    class C:
        if flag:
            v = 1
        w = v
    return C.w


def class_delete():
    class C:
        a = 1
        del a
        b = a
    return C


def test_class_scope():
    matrix(class_scope, [(True,), (False,)])
    run(class_delete)


def delete_targets(o, l, d):
    del o.x, l[0], d["k"], (o.y, l[0])
    return vars(o), l, d


def test_delete_targets():
    class O:
        def __init__(self): self.x = self.y = 1
        def __repr__(self): return "O"
    matrix(delete_targets, [lambda: (O(), [1, 2, 3], {"k": 1}), lambda: (O(), [1], {"k": 1}), lambda: (O(), [1, 2], {}), lambda: (5, [1], {})])


def lifetimes():
    log = []
    class D:
        def __init__(self, n): self.n = n
        def __del__(self): log.append(self.n)
    a = D("a")
    del a
    log.append(1)
    b = D("b")
    b = None
    log.append(2)
    for c in [D("c1"), D("c2")]:
        log.append("loop")
    log.append(3)
    del c
    log.append(4)
    d = e = D("d")
    del d
    log.append(5)
    del e
    log.append(6)
    f = [D("f")]
    del f[0]
    log.append(7)
    g = D("g")
    g = D("h")
    log.append(8)
    return log


def test_lifetimes():
    run(lifetimes)
    compiled(lifetimes)
