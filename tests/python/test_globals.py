"""Globals and builtins that change at run time, shadowing, deletion, odd namespaces."""
import builtins
import types

from check import compiled, fresh, matrix, once, outcome, run, say, show

VALUE = 1
COUNT = 0


def read(): return VALUE
def read_twice(): return VALUE, helper(), VALUE
def helper(): return ("helper", VALUE)
def use_len(x): return len(x)
def use_missing(): return not_defined_anywhere
def write(v):
    global VALUE
    VALUE = v
    return VALUE
def bump(n):
    global COUNT
    for _ in range(n):
        COUNT += 1
    return COUNT
def delete_it():
    global GONE
    GONE = 1
    a = GONE
    del GONE
    try:
        return a, GONE
    except NameError as e:
        return a, str(e)
def delete_missing():
    global NEVER
    del NEVER
def loop_reads(n, change):
    out = []
    for i in range(n):
        if i == n // 2:
            change()
        out.append(VALUE)
        out.append(helper()[0])
    return out


def test_read_and_change():
    global VALUE, helper
    VALUE = 1
    run(read)
    run(read_twice)
    for v in (2, "s", None, [1], 1 << 80):
        VALUE = v
        run(read)
    saved = helper
    helper = lambda: "new helper"
    run(read_twice)
    helper = 5
    run(read_twice)
    helper = saved
    run(read_twice)
    del VALUE
    run(read)
    VALUE = 1
    run(read)
    globals()["VALUE"] = "through dict"
    run(read)
    compiled(read)


def test_write():
    for v in (1, "a", None):
        run(write, v)
    global COUNT
    COUNT = 0
    show([bump(3) for _ in range(30)][-1])
    COUNT = (1 << 62) - 4
    show([bump(3) for _ in range(5)])
    COUNT = "s"
    once(bump, 1)
    COUNT = 0
    run(delete_it)
    run(delete_missing)
    compiled(bump)


def test_change_in_loop():
    global VALUE, helper
    saved = helper
    def c1():
        global VALUE
        VALUE = "changed in loop"
    def c2():
        global helper
        helper = lambda: ["replaced"]
    def c3(): exec("VALUE = 'by exec'", globals())
    def c4():
        global VALUE
        del VALUE
    def c5(): globals().update(VALUE="updated")
    for change in (c1, c2, c3, c5, c4):
        for _ in range(30):
            loop_reads(4, lambda: None)
        once(loop_reads, 6, change)
        VALUE = 1
        helper = saved
    compiled(loop_reads)


def test_builtin_shadowed_by_global():
    global len
    run(use_len, [1, 2])
    len = lambda x: "fake len"
    try:
        run(use_len, [1, 2])
    finally:
        del len
    run(use_len, [1, 2])
    compiled(use_len)


def patched(name, value, f, *args):
    saved = getattr(builtins, name)
    run(f, *args)
    setattr(builtins, name, value)
    try:
        result = [outcome(f, *args) for _ in range(3)]
    finally:
        setattr(builtins, name, saved)
    show(result)
    run(f, *args)


def loop_sum(n):
    t = 0
    for i in range(n):
        t += abs(i - 3)
    return t, max(t, 1), min(1, t), isinstance(t, int), len([t]), sum([t]), str(t), int(t), list((t,)), type(t), repr(t), print


def test_builtins_patched():
    for name, value in (("len", lambda x: 99), ("range", lambda n: [n, n]), ("abs", lambda x: 0), ("isinstance", lambda *a: "fake"),
                        ("max", lambda *a: "max"), ("min", lambda *a: "min"), ("sum", lambda x: "sum"), ("str", lambda x: "str"),
                        ("int", lambda x: "int"), ("list", lambda x: "list"), ("type", lambda x: "type"), ("repr", lambda x: "r")):
        saved = getattr(builtins, name)
        say(f"{name} {outcome(loop_sum, 5)[:200]}")
        setattr(builtins, name, value)
        try:
            result = None
            try:
                result = loop_sum(5)
            except Exception as e:
                result = e
        finally:
            setattr(builtins, name, saved)
        say(f"{name} {[repr(type(v)) + (v if saved is not str and type(v) is str else '') for v in result] if type(result) is tuple else outcome(str, result)}")
        say(f"{name} {outcome(loop_sum, 5)[:200]}")
    compiled(loop_sum)


def test_patched_during_loop():
    def f(n, at):
        out = []
        for i in range(n):
            if i == at:
                builtins.len = lambda x: "patched"
            out.append(len("abc"))
        return out
    real = builtins.len
    for _ in range(30):
        f(4, -1)
    try:
        got = f(5, 2)
        got2 = f(2, -1)
    finally:
        builtins.len = real
    show(got, got2, f(3, -1))


def test_new_builtin():
    def f(): return brand_new_builtin
    run(f)
    builtins.brand_new_builtin = 7
    run(f)
    builtins.brand_new_builtin = 8
    run(f)
    del builtins.brand_new_builtin
    run(f)


def test_function_with_other_globals():
    def f(): return a_name + len("xy")
    g1 = types.FunctionType(f.__code__, {"a_name": 1})
    g2 = types.FunctionType(f.__code__, {"a_name": "s", "len": lambda x: "L"})
    g3 = types.FunctionType(f.__code__, {"a_name": 5, "__builtins__": {"len": lambda x: 10}})
    g4 = types.FunctionType(f.__code__, {"a_name": 5, "__builtins__": {}})
    g5 = types.FunctionType(f.__code__, {})
    for _ in range(2):
        for g in (g1, g2, g3, g4, g5):
            run(g)
    g1.__globals__["a_name"] = 100
    run(g1)
    g5.__globals__["a_name"] = 3
    run(g5)
    g3.__builtins__["len"] = lambda x: 20
    run(g3)


class Namespace(dict):
    def __missing__(self, key): return f"missing {key}"
    def __getitem__(self, key):
        if key == "magic":
            return "magic value"
        return super().__getitem__(key)


def test_dict_subclass_globals():
    scope = Namespace(x=1)
    exec("def f(): return x\ndef g(): return magic\ndef h(): return len", scope)
    for name in "fgh":
        run(dict.__getitem__(scope, name))
    plain = {"y": 1}
    exec("def k():\n  global y\n  y += 1\n  return y", plain)
    run(plain["k"])
    exec("r = [x, other, magic]", {}, scope)
    show(dict.get(scope, "r"))


def test_clear_globals():
    scope = {}
    exec("value = 3\ndef f(): return value\ndef g(): return len([value])", scope)
    f, g = scope["f"], scope["g"]
    run(f)
    run(g)
    scope.clear()
    run(f)
    run(g)
    scope["value"] = 9
    run(f)
    scope.update({f"k{i}": i for i in range(1000)})
    run(f)
    run(g)
    scope["len"] = lambda x: "shadow"
    run(g)


def test_name_errors():
    run(use_missing)
    def suggestion(): return helpr()
    run(suggestion)
    def instead(): return self.x
    run(instead)
    def builtin_typo(): return lenn([])
    run(builtin_typo)
    try:
        use_missing()
    except NameError as e:
        show(e.name)


def test_module_reload_style():
    """A module whose functions are all replaced, as a development server does."""
    module = types.ModuleType("m")
    exec("K = 1\ndef inner(): return K\ndef outer(): return inner() + 1", module.__dict__)
    outer = module.outer
    run(outer)
    exec("K = 10\ndef inner(): return K * 2", module.__dict__)
    run(outer)
    exec("def inner(): return 'text'", module.__dict__)
    run(outer)
    compiled(outer)


def test_many_changes():
    """A global that changes all the time must end as a plain lookup, not as endless recompilation."""
    global VALUE
    ok = True
    for i in range(3000):
        VALUE = i
        ok &= read() == i
    show(ok)
    VALUE = 1
