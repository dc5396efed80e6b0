"""exec, eval, locals, globals, compile and type() inside functions; code that makes code."""
import types

from check import compiled, fresh, matrix, once, outcome, run, say, show

G = "global"


def evaluates(x): return eval("x + 1"), eval("G"), eval("x", {"x": "other"}), eval("y", {}, {"y": x})
def executes(x):
    exec("x = 'changed'\nz = 1")
    return x, "z" in locals()
def exec_scope(x):
    d = {"x": x}
    exec("def f(a): return a, x\nr = f(2)", d)
    return d["r"], d["f"](x)
def exec_two(x):
    g, l = {"x": x}, {}
    exec("y = x\ndef f(): return x\nz = f()\nclass C:\n  w = y", g, l)
    return l["y"], l["z"], l["C"].w
def exec_error(s): exec(s)
def eval_error(s): return eval(s)
def locals_write(x):
    locals()["x"] = "no effect"
    locals()["new"] = 1
    return x, sorted(locals())
def globals_write(x):
    globals()["made_by_globals"] = x
    return made_by_globals
def eval_in_loop(n):
    t = 0
    for i in range(n):
        t += eval("i * 2")
    return t
def comprehension_eval(x): return [eval("y") for y in [x]], [eval("x") for y in [1]]
def lambda_eval(x): return (lambda: eval("x", globals(), {"x": x}))()
def vars_dir(x):
    y = 1
    return vars(), sorted(dir()), vars() == locals()


def test_simple():
    for f in (evaluates, executes, exec_scope, exec_two, locals_write, globals_write, comprehension_eval, lambda_eval, vars_dir):
        matrix(f, [(1,), (2.5,), ("s",), (None,)])
        run(f, 1)
        compiled(f)
    run(eval_in_loop, 5)
    for s in ("1 +", "1/0", "undefined", "raise ValueError('in exec')", "def f(:\n pass", "x = 1\ny = x.z", "return 5"):
        run(exec_error, s)
        run(eval_error, s)


def generated(n):
    out = []
    for i in range(n):
        scope = {}
        exec(f"def f{i}(x, k={i}):\n    return x + k + {i}", scope)
        out.append(scope[f"f{i}"](i))
    return out


def compiled_objects():
    c = compile("a + b", "<made>", "eval")
    e = compile("r = [i for i in range(a)]", "<made>", "exec")
    s = {"a": 3, "b": 4}
    exec(e, s)
    return eval(c, s), eval(c, {"a": "x", "b": "y"}), s["r"]


def closure_exec():
    def outer():
        v = 1
        def inner():
            nonlocal v
            v += 1
            return v
        return inner
    f = outer()
    exec(f.__code__, {}, closure=f.__closure__)
    return f()


def test_generated():
    run(generated, 5)
    run(compiled_objects)
    run(closure_exec)
    compiled(generated)


def function_factory():
    code = compile("def template(a, b=2, *, c=3):\n    return a, b, c", "<t>", "exec").co_consts[0]
    f = types.FunctionType(code, {})
    g = types.FunctionType(code, {}, "g", (9,))
    g.__kwdefaults__ = {"c": 10}
    try:
        f(1)
    except TypeError as e:
        err = str(e)
    return err, g(1), f(1, 2, c=3)


def type_made(n):
    C = type("C", (), {"v": n, "m": lambda self: self.v * 2, "__init__": lambda self, k=1: setattr(self, "k", k)})
    D = type("D", (C,), {})
    return C().m(), D(5).k, C.__name__, D().m(), types.new_class("E", (D,), {}, lambda ns: ns.update(q=n)).q


def test_factories():
    run(function_factory)
    matrix(type_made, [(1,), ("s",), (2.5,)])


def code_replace(n):
    def f(x): return x + 1
    g = types.FunctionType(f.__code__.replace(co_consts=tuple(100 if c == 1 else c for c in f.__code__.co_consts), co_name="renamed"), globals())
    return f(n), g(n), g.__code__.co_name


def test_code_replace(): matrix(code_replace, [(1,), (2.5,)])


def module_level():
    scope = {"__name__": "made"}
    source = """
total = 0
for i in range(50):
    if i % 2:
        continue
    total += i
    try:
        if i == 10:
            raise ValueError(i)
    except ValueError as e:
        caught = e.args
while total > 500:
    total -= 7
class K:
    x = [total for _ in range(2)]
def f(): return total
del i
names = sorted(k for k in globals() if not k.startswith("_"))
"""
    exec(source, scope)
    return scope["total"], scope["caught"], scope["K"].x, scope["f"](), scope["names"], "i" in scope


def test_module_level(): run(module_level)


def star_import():
    scope = {}
    exec("from math import *\nfrom os.path import join as j, split\nimport os.path as p, sys\nr = sqrt(4), j('a', 'b'), p is sys.modules['os.path']", scope)
    return scope["r"]


def imports():
    import math, os.path, collections.abc as cabc
    from itertools import chain, count as cnt
    import math as m2
    return math.sqrt(9), os.path.join("a"), cabc.Sized.__name__, list(chain([1])), next(cnt()), m2 is math


def import_errors(which):
    if which == 0:
        import surely_missing_module
    if which == 1:
        from math import surely_missing_name
    if which == 2:
        import math.sub
    if which == 3:
        from . import relative
    if which == 4:
        from os import path, missing_too
    return "fine"


def test_imports():
    run(star_import)
    run(imports)
    matrix(import_errors, [(i,) for i in range(6)])
    import builtins
    saved = builtins.__import__
    log = []
    def hooked(name, *a, **k):
        log.append(name)
        return saved(name, *a, **k)
    builtins.__import__ = hooked
    try:
        imports()
    finally:
        builtins.__import__ = saved
    show(log)
    compiled(imports)
