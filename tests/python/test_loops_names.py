"""Loops of modules, class bodies and functions entered once, replaced while they run: names in dicts, exceptions, signals, threads, code that looks in between.

Loops are replaced in the mode `auto` only, whose samples come from a clock, so the programs run in a process of their own there; what they print must be what plain CPython prints.
"""
import os
import subprocess
import sys

from check import INTERPRETED, say

COUNT = 400_000

PROGRAMS = {
    "while": "i = s = 0\nwhile i < N:\n    s += i & 7\n    i += 1\nshow(i, s)",
    "for": "s = 0\nfor k in range(N):\n    s += k\nelse:\n    e = 'else'\nshow(s, k, e)",
    "nested": "c = 0\nfor a in range(600):\n    for b in range(600):\n        if a ^ b & 1:\n            c += 1\n        elif b > 500:\n            break\n    if a > 590:\n        continue\nshow(a, b, c)",
    "steps": "c = 0\nfor a in range(N, 0, -3):\n    for b in range(1, 4):\n        c += a * b\nfor a in range(5, 5):\n    c = None\nshow(a, b, c)",
    "floats": "x = 0.5\nn = 0\nwhile n < N:\n    x = x * 0.999 + 0.25\n    n += 1\nshow(x, n)",
    "grows": "s = 1\nfor i in range(N):\n    s += s\n    if s > 1 << 200:\n        s = i\nshow(s, i)",
    "types": "v = 0\nfor i in range(N):\n    if i == N // 2:\n        v = 0.5\n    elif i == N - 10:\n        v = 'text'\n    if i < N - 10:\n        v += 1\nshow(v, i)",
    "raises": "t = [1] * (N - 5)\ns = 0\ntry:\n    for i in range(N):\n        s += t[i]\nexcept IndexError as e:\n    show(type(e).__name__, str(e), i, s)",
    "raises_in_place": "t = [1] * (N - 5)\ns = 0\nfor i in range(N):\n    s += t[i]",
    "divides": "s = 0\nd = N - 7\nfor i in range(N):\n    d -= 1\n    s += 100 // d",
    "reader": "def look():\n    return globals()['s'], globals()['i']\ns = 0\nfor i in range(N):\n    s += i\n    if i % (N // 4) == 5:\n        show(look())\nshow(s)",
    "writer": "def write():\n    global s, i\n    s += 1\n    i = -1\ns = t = 0\nfor i in range(N):\n    if i % 100 == 7:\n        write()\n    t += i\nshow(s, t, i)",
    "deleter": "s = 0\nfor i in range(N):\n    tmp = i\n    s += tmp\n    del tmp\nshow(s, 'tmp' in globals())",
    "missing": "s = 0\nfor i in range(N):\n    if i == N - 3:\n        del s\n    s += i",
    "finaliser": "class D:\n    def __del__(self):\n        global seen\n        seen += s\nseen = s = 0\nfor i in range(N):\n    s += 1\n    if i % 1000 == 0:\n        d = D()\nshow(seen, s)",
    "shadow": "s = 0\nfor i in range(N):\n    if i == N // 2:\n        abs = lambda x: 1\n    s += abs(-2)\nshow(s)",
    "comprehension": "s = 0\nfor i in range(N // 20):\n    s += sum([i * j for j in range(5)])\nshow(s, i)",
    "strings": "s = ''\nn = 0\nfor i in range(N):\n    s = 'a' if i & 1 else 'b'\n    if s == 'a':\n        n += 1\nshow(s, n)",
    "class_body": "class C:\n    s = 0\n    for i in range(N):\n        s += i\n    t = i\nshow(C.s, C.i, C.t, [k for k in vars(C) if len(k) == 1])",
    "function": "def f(n):\n    i = s = 0\n    x = 1.5\n    while i < n:\n        s += i & 7\n        x += 0.5\n        i += 1\n    return i, s, x\nshow(f(N))",
    "caller": "def g(x):\n    return x + 1\ndef f(n):\n    c = 0\n    for i in range(n):\n        c = g(c)\n    return c, i\nshow(f(N))\nc = 0\nfor i in range(N):\n    c = g(c)\nshow(c, i)",
    "globals_replaced": "def g(x):\n    return 1\nc = 0\nfor i in range(N):\n    if i == N // 2:\n        def g(x):\n            return 2\n    c += g(i)\nshow(c)",
    "signal": "import signal\nbad = hits = 0\ndef handler(*a):\n    global bad, hits\n    hits += 1\n    n = globals()\n    bad += n['s'] not in (n['i'] * (n['i'] - 1) // 2, n['i'] * (n['i'] + 1) // 2)\nsignal.signal(signal.SIGALRM, handler)\ni = s = 0\nsignal.setitimer(signal.ITIMER_REAL, 0.0005, 0.0005)\nwhile i < N * 10:\n    s += i\n    i += 1\nsignal.setitimer(signal.ITIMER_REAL, 0)\nshow(bad, hits > 0, i, s)",
    "thread": "import threading, time\nstop = False\nfalls = 0\nnames = globals()\ndef watch():\n    global falls\n    last = -1\n    while not stop:\n        now = names['i']\n        falls += now < last\n        last = now\n        time.sleep(0.001)\ni = 0\nt = threading.Thread(target=watch)\nt.start()\nwhile i < N * 4:\n    i += 1\nstop = True\nt.join()\nshow(falls, i)",
    "traced": "import sys\nlines = 0\ndef tracer(f, e, a):\n    return None\ns = 0\nfor i in range(N):\n    s += i\n    if i == N // 2:\n        sys.settrace(tracer)\n    elif i == N // 2 + 100:\n        sys.settrace(None)\nshow(s, i)",
    "frame": "import sys\ns = 0\nfor i in range(N):\n    s += i\n    if i % (N // 3) == 1:\n        show(sys._getframe().f_locals['s'], sys._getframe().f_lineno)\nshow(s)",
    "dict_items": "d = {}\nfor i in range(N):\n    d[i & 15] = i\n    k = d[i & 7]\nshow(d, k)",
    "append": "t = []\nfor i in range(N // 4):\n    t.append(i)\ns = 0\nfor v in t:\n    s += v\nshow(len(t), s, v)",
    "arrays": "from array import array\ndef f(n):\n    a = array('d', [0.5] * 64)\n    c = array('i', range(-32, 32))\n    s = 0.0\n    t = 0\n    for i in range(n):\n        j = i & 63\n        a[j] = a[j ^ 1] * 0.5 + s\n        s = a[63 - j] / 3\n        t += c[j] * c[63 - j]\n    return s, t, list(a), a[-1], c[-64]\nshow(f(N))\nshow(f(N))",
    "arrays_end": "from array import array\ndef f(a, n):\n    s = 0.0\n    try:\n        for i in range(n):\n            s += a[i]\n            a[i] = s\n    except IndexError as e:\n        return s, i, str(e)\n    return s, i, a[-1], len(a)\nshow(f(array('d', [1.0] * N), N))\nshow(f(array('d', [1.0] * (N - 9)), N))\nshow(f(array('f', [1.5] * N), N))\nshow(f([1.0] * N, N))\nclass L(array):\n    def __getitem__(self, i):\n        return 2.0\nshow(f(L('d', [1.0] * N), N))\nshow(f(array('i', [7] * 9), 3))",
    "unpacked": "p = [(1, 2)] * (N // 4)\ns = 0\nfor a, b in p:\n    s += a * b\nshow(s, a, b)",
}

CHILD = """
import sys, time
N = %d
def show(*values):
    print(*(repr(v)[:200] for v in values))
class Logged(dict):
    writes = 0
    def __setitem__(self, key, value):
        Logged.writes += 1
        dict.__setitem__(self, key, value)
def run(name, source):
    print("--", name)
    code = compile(source, name, "exec")
    def once(kind, *spaces):
        try:
            exec(code, *spaces)
        except Exception as error:
            t = error.__traceback__
            while t.tb_next: t = t.tb_next
            print(kind, type(error).__name__, error, t.tb_lineno)
        space = spaces[-1]
        print(kind, {k: v for k, v in space.items() if isinstance(v, (int, float, str)) and k not in ("hits", "__builtins__", "__module__")})
    once("module", {"N": N, "show": show, "__name__": "m"})
    if name in ("for", "raises_in_place", "shadow", "writer", "strings"):
        once("again", {"N": N // 2, "show": show, "__name__": "m"})
        once("apart", {"N": N, "show": show, "__name__": "m", "s": -1}, {})
        Logged.writes = 0
        once("logged", {"N": N // 4, "show": show, "__name__": "m"}, Logged())
        print(Logged.writes)
for name, source in PROGRAMS.items():
    run(name, source)
if len(sys.argv) > 1:
    stats = sys.modules["ember"].jit.stats()
    share = stats["share"]
    print("loops", stats["loops"] >= 20, stats["loop_entries"] >= 20)
    print("share", share["samples"] > 20, 0 < share["native"] < 1, any(row["reason"] == "module or class body" for row in share["interpreted"]))
else:
    print("loops True True")
    print("share True True True")
"""


def test_replaced_loops():
    environment = dict(os.environ, EMBER="off" if INTERPRETED else "auto", EMBER_SAMPLE_US="200", EMBER_SHARE="1")
    source = f"PROGRAMS = {PROGRAMS!r}\n" + CHILD % COUNT
    arguments = [] if INTERPRETED else ["ember"]
    done = subprocess.run([sys.executable, "-c", source, *arguments], env=environment, capture_output=True, text=True)
    for line in done.stdout.splitlines():
        say(line)
    say(done.stderr[-2000:])
    say(done.returncode)
