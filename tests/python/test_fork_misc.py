"""Fork, subprocesses, pickling of results, atexit, and odd places for code to run: __init_subclass__, hooks, asserts, walrus, global state."""
import os
import sys

from check import compiled, fresh, matrix, once, outcome, run, say, show, TRAIN


def work(n):
    t = 0
    for i in range(n):
        t = (t * 31 + i) % 1000003
    return t


def in_child(f, *args):
    """Result of f in a forked child, sent back through a pipe."""
    r, w = os.pipe()
    pid = os.fork()
    if pid == 0:
        code = 1
        try:
            os.write(w, repr(f(*args)).encode())
            code = 0
        finally:
            os._exit(code)
    os.close(w)
    data = b""
    while chunk := os.read(r, 4096):
        data += chunk
    os.close(r)
    _, status = os.waitpid(pid, 0)
    return data.decode(), status


def test_fork():
    for _ in range(TRAIN):
        work(50)
    compiled(work)
    show(in_child(work, 50), work(50))
    def fresh_in_child():
        def g(x): return x * 2 + 1
        return [g(i) for i in range(40)][-1], work(10)
    show(in_child(fresh_in_child), fresh_in_child())
    def nested(): return in_child(work, 20)
    show(in_child(nested))
    def fails(): return 1 / 0
    show(in_child(lambda: outcome(fails).split(" tb=")[0]))
    def changes():
        global work
        old = work
        work = lambda n: "changed in child"
        return work(1)
    show(in_child(changes), work(5))
    children = [in_child(work, n) for n in range(5)]
    show(children)


def test_fork_in_loop():
    def f(n):
        out = []
        for i in range(n):
            pid = os.fork()
            if pid == 0:
                os._exit(i)
            out.append(os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]))
        return out
    show(f(3), f(3))


def asserts(x):
    assert x, "falsy"
    assert x > 0, ("negative", x)
    assert isinstance(x, int)
    return x


def walrus(xs):
    if (n := len(xs)) > 2:
        return n
    while (k := n) < 5:
        n += 2
    return [y for x in xs if (y := x)], k, n, (lambda q: (z := q) + z)(3)


def ternaries(a, b, c): return a if b else c, (a if b else c) if c else b, not a if not b else not c, a and b or c, a or b and c, (a and b) if (b or c) else (c and a)


def ellipsis_and_consts(): return ..., None, True, False, 1j, b"x", "s", (1, (2, "t")), frozenset({1}), 10 ** 20, -5, -0.0, 1e400, [(), {}, set()], __debug__, __name__


def chained_assign():
    a = b = c = []
    a.append(1)
    d = e = 5
    e += 1
    x = y = [z, w] = [1, 2]
    return a is b is c, d, e, x is y, z, w


def star_expressions(xs): return *xs, 1, *xs
def lambda_defaults(): return [f() for f in [lambda i=i, *a, k=i * 2, **kw: (i, a, k, kw) for i in range(3)]]
def conditional_import(flag):
    if flag:
        import json as j
    else:
        import string as j
    return j.__name__
def global_in_function():
    global MADE
    MADE = [1]
    MADE += [2]
    return MADE
def docstring_only():
    """Only this."""
def pass_only(): pass
def many_returns(x):
    if x == 0: return
    if x == 1: return None
    if x == 2: return (yield_like := x)
    return x, x
def infinite_break():
    while True:
        while True:
            break
        else:
            return "never"
        break
    return "ok"
def dead_code():
    return 1
    print("never")
    return 2
def del_things(l):
    a, b = l, l
    del a, b[0]
    return l


def test_misc():
    matrix(asserts, [(1,), (0,), (-1,), (2.5,), ("s",), (None,)])
    matrix(walrus, [([],), ([1, 0],), ([1, 2, 3],), ("ab",), (5,)])
    matrix(ternaries, [(a, b, c) for a in (0, 1, "") for b in (None, 2) for c in ([], "c")])
    for f in (ellipsis_and_consts, chained_assign, lambda_defaults, global_in_function, docstring_only, pass_only, infinite_break, dead_code):
        run(f)
        compiled(f)
    matrix(star_expressions, [([1],), ("ab",), (5,)])
    matrix(conditional_import, [(True,), (False,)])
    matrix(many_returns, [(0,), (1,), (2,), (3,)])
    matrix(del_things, [lambda: ([1, 2],), lambda: ([],)])


def test_ellipsis_ops():
    def f(x): return x is ..., x == ..., x is NotImplemented, [x][0] is x
    matrix(f, [(...,), (None,), (NotImplemented,), (1,)])


def test_subprocess():
    import subprocess
    for source, code in (("def f(n):\n  return n if n < 2 else f(n-1) + f(n-2)\nprint(f(15))", 0), ("def f(): raise SystemExit(7)\nf()", 7),
                         ("def f(n):\n  return f(n+1)\ntry:\n  f(0)\nexcept RecursionError:\n  print('limit')", 0), ("import sys\ndef f():\n  sys.exit('message')\nf()", 1),
                         ("def f():\n  x = 1\n  raise ValueError('shown')\nf()", 1), ("import atexit\ndef f(): print('at exit')\natexit.register(f)\nfor _ in range(50): pass", 0),
                         ("class D:\n  def __del__(self): print('shutdown')\nd = D()\ndef f(): return d\nfor _ in range(40): f()", 0),
                         ("import threading\ndef f():\n  t = 0\n  for i in range(10000): t += i\n  print(t)\nt = threading.Thread(target=f)\nt.start()", 0)):
        p = subprocess.run([sys.executable, "-c", source], capture_output=True, text=True)
        show(p.returncode == code, p.stdout, p.stderr[-300:])


def test_subinterpreters():
    """Functions of other interpreters are left alone: nobody would tell of their end."""
    import _interpreters

    def here(n): return n + 1
    run(here, 1)
    for config in ("legacy", "isolated"):
        other = _interpreters.create(config)
        say(str(_interpreters.exec(other, "def f(n): return n + 1\nfor k in range(3000): f(k)\nfor k in range(3000): f(k / 2)\n")))
        _interpreters.destroy(other)
    for number in (2.5, "a", 1 << 70):
        run(here, number)
    for k in range(3000):
        here(k / 2)
    compiled(here)
