"""Big functions: hundreds of locals, constants and names, EXTENDED_ARG, long jumps, deep nesting, many arguments."""
from check import compiled, fresh, matrix, once, outcome, run, say, show


def made(source, name="f", **scope):
    exec(source, scope)
    return scope[name]


def test_many_locals():
    n = 400
    body = "\n".join(f"    v{i} = x + {i}" for i in range(n))
    total = " + ".join(f"v{i}" for i in range(0, n, 7))
    f = made(f"def f(x):\n{body}\n    return {total}, v{n - 1}, v256, v255, v257, len(locals())")
    matrix(f, [(1,), (2.5,), (1 << 62,), ("s",)])
    run(f, 1)
    compiled(f, may_be="too large")


def test_many_locals_loop():
    n = 300
    init = "\n".join(f"    v{i} = {i}" for i in range(n))
    step = "\n".join(f"        v{i} = v{(i + 1) % n} + 1" for i in range(n))
    f = made(f"def f(k):\n{init}\n    for i in range(k):\n{step}\n    return v0, v{n - 1}, v{n // 2}, sum(v for v in locals().values() if type(v) is int)")
    run(f, 5)
    compiled(f, may_be="too large")


def test_many_arguments():
    n = 300
    args = ", ".join(f"a{i}" for i in range(n))
    f = made(f"def f({args}):\n    return a0, a255, a256, a{n - 1}, a1 + a2")
    run(f, *range(n))
    run(f, *range(n - 1))
    g = made(f"def f({', '.join(f'a{i}={i}' for i in range(n))}, *, {', '.join(f'k{i}=-{i}' for i in range(n))}):\n    return a0, a299, k0, k299")
    run(g)
    run(g, 9, a299=1, k299="k")
    run(g, **{f"a{i}": i * 2 for i in range(n)})
    call = made(f"def f(g):\n    return g({', '.join(str(i) for i in range(n))})")
    run(call, lambda *a: (len(a), a[-1]))
    call_kw = made(f"def f(g):\n    return g({', '.join(f'q{i}={i}' for i in range(n))})")
    run(call_kw, lambda **k: (len(k), k["q299"]))
    compiled(call, may_be="too large")


def test_many_constants_and_names():
    n = 400
    scope = {f"g{i}": i for i in range(n)}
    source = "def f(x):\n    t = x\n" + "\n".join(f"    t += g{i} * {i + 1000.5}" for i in range(n)) + "\n    return t"
    f = made(source, **scope)
    run(f, 1)
    attrs = "def f(o):\n    t = 0\n" + "\n".join(f"    o.a{i} = {i}\n    t += o.a{i}" for i in range(n)) + "\n    return t"
    class O:
        pass
    run(made(attrs), O())
    strings = "def f():\n    return [" + ", ".join(f"'s{i}'" for i in range(n)) + "]"
    run(made(strings))
    compiled(f, may_be="too large")


def test_long_jumps():
    n = 600
    work = "\n".join(f"        t = (t * 3 + {i}) & 0xFFFF" for i in range(n))
    f = made(f"def f(k):\n    t = 0\n    for i in range(k):\n        if i % 2:\n            continue\n{work}\n    else:\n        t += 1\n    return t")
    run(f, 5)
    g = made("def f(x):\n    t = 0\n    if x:\n" + work + "\n    else:\n" + work.replace("* 3", "* 5") + "\n    return t")
    run(g, 0)
    run(g, 1)
    h = made("def f(x):\n    t = 0\n    try:\n" + work + "\n        t += 1 // x\n    except ZeroDivisionError:\n" + work + "\n    return t")
    run(h, 0)
    run(h, 1)
    w = made(f"def f(k):\n    t = 0\n    while k:\n        k -= 1\n{work}\n        if t == 77:\n            break\n    return t")
    run(w, 4)
    for x in (f, g, h, w):
        compiled(x, may_be="too large")


def test_elif_chain():
    n = 300
    chain = "\n".join(f"    elif x == {i}:\n        return 'case {i}'" for i in range(1, n))
    f = made(f"def f(x):\n    if x == 0:\n        return 'zero'\n{chain}\n    else:\n        return 'none'")
    matrix(f, [(0,), (1,), (150,), (299,), (300,), (2.0,), ("s",)])
    cases = "\n".join(f"        case {i}: return {i * 2}" for i in range(n))
    g = made(f"def f(x):\n    match x:\n{cases}\n        case _: return None")
    matrix(g, [(0,), (299,), (2.0,), ("s",), (True,)])


def test_deep_nesting():
    depth = 18
    source = "def f(n):\n    t = 0\n"
    for d in range(depth):
        source += "    " * (d + 1) + f"for i{d} in range(1 + (n > {d} and {d} % 6 == 0)):\n"
    source += "    " * (depth + 1) + "t += 1 + i0\n    return t"
    run(made(source), 5)
    source = "def f(n):\n"
    for d in range(18):
        source += "    " * (d + 1) + "try:\n"
    source += "    " * 19 + "r = 1 // n\n"
    for d in reversed(range(18)):
        source += "    " * (d + 1) + f"except {'ValueError' if d else 'ZeroDivisionError'}:\n" + "    " * (d + 2) + f"r = {d}\n"
    source += "    return r"
    run(made(source), 0)
    run(made(source), 1)
    withs = "def f(cm):\n" + "".join("    " * (d + 1) + f"with cm() as c{d}:\n" for d in range(15)) + "    " * 16 + "r = c0, c14\n    return r"
    import contextlib
    run(made(withs), contextlib.nullcontext)
    expr = "def f(x):\n    return " + "(" * 80 + "x" + " + 1)" * 80
    run(made(expr), 1)
    run(made(expr), 0.5)
    lists = "def f(x):\n    return " + "[" * 80 + "x" + "]" * 80
    run(made(lists), 1)


def test_deep_stack():
    wide = "def f(x):\n    return (" + ", ".join(f"x + {i}" for i in range(600)) + ")"
    f = made(wide)
    run(lambda x: f(x)[::97], 1)
    fail = "def f(x):\n    return [" + ", ".join(["x"] * 300 + ["1 // x"] + ["x"] * 50) + "]"
    run(made(fail), 0)
    nested = "def f(x, g):\n    return " + "g(x, " * 60 + "x" + ")" * 60
    run(made(nested), 1, lambda a, b: (a + b) if isinstance(b, int) else b)
    d = "def f(x):\n    return {" + ", ".join(f"'k{i}': x * {i}" for i in range(400)) + "}"
    g = made(d)
    run(lambda x: list(g(x).items())[::57], 2)
    s = "def f(x):\n    return f'" + "".join(f"{{x}}-{i}." for i in range(300)) + "'"
    h = made(s)
    run(lambda x: h(x)[-30:], 3)
    unpack = "def f(x):\n    " + ", ".join(f"a{i}" for i in range(300)) + " = x\n    return a0, a299"
    run(made(unpack), range(300))
    run(made(unpack), range(299))


def test_many_functions():
    source = "\n".join(f"def f{i}(x):\n    return x + {i} if x % {i + 1} else f{i - 1 if i else 299}(x - 1) if x > 0 else {i}" for i in range(300))
    scope = {}
    exec(source, scope)
    show([scope[f"f{i}"](i * 3) for i in range(0, 300, 7)])
    for _ in range(20):
        for i in range(300):
            scope[f"f{i}"](i)
    show([scope[f"f{i}"](i * 3) for i in range(0, 300, 7)])


def test_many_branches():
    source = "def f(bits):\n    t = 0\n" + "\n".join(f"    if bits & {1 << (i % 60)}:\n        t += {i}\n    else:\n        t ^= {i}" for i in range(200)) + "\n    return t"
    f = made(source)
    matrix(f, [(0,), ((1 << 60) - 1,), (0x5555555555555555,), (True,), (1 << 70,), (1.5,)])


def test_many_cells():
    n = 150
    source = "def f(x):\n" + "\n".join(f"    c{i} = x + {i}" for i in range(n)) + "\n    def g():\n        nonlocal c0\n        c0 += 1\n        return " + \
        " + ".join(f"c{i}" for i in range(n)) + "\n    return g(), g(), c0"
    run(made(source), 1)
    run(made(source), 0.5)


def test_generated_state_machine():
    states = 60
    source = "def f(n):\n    state = 0\n    out = []\n    for step in range(n):\n"
    for i in range(states):
        source += f"        {'if' if i == 0 else 'elif'} state == {i}:\n            state = (state * 7 + step + {i}) % {states}\n            out.append(state)\n"
    source += "        else:\n            raise ValueError(state)\n    return out"
    run(made(source), 80)
