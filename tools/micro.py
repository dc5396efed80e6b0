"""Small figures, each printed as one JSON line; run on a runtime by `bench.py`. Plain enough for Python 3.11."""

import json
import sys
import time

clock = time.perf_counter


def best(f, *arguments, rounds=12, warm=1.0):
    """Best seconds of a call of `f` once it is warm."""
    began = clock()
    while clock() - began < warm:
        f(*arguments)
    low = float("inf")
    for _ in range(rounds):
        before = clock()
        f(*arguments)
        low = min(low, clock() - before)
    return low


def fib(n):
    if n < 2:
        return n
    return fib(n - 1) + fib(n - 2)


def int_loop(n):
    i = total = 0
    while i < n:
        total += i & 7
        i += 1
    return total


def called_once(n):
    i = total = 0
    while i < n:
        total += i & 7
        i += 1
    return total


def raise_and_catch(n):
    caught = 0
    for i in range(n):
        try:
            if i % 2:
                raise KeyError(i)
        except KeyError:
            caught += 1
    return caught


class Point:
    def __init__(self, x, y):
        self.x = x
        self.y = y

    def norm(self):
        return self.x * self.x + self.y * self.y


def method_calls(n):
    point, total = Point(1, 2), 0
    for _ in range(n):
        total += point.norm()
    return total


def attributes(n):
    point = Point(1, 2)
    for _ in range(n):
        point.x = point.y + 1
        point.y = point.x - 1
    return point.x


def constructor(n):
    for i in range(n):
        point = Point(i, 2)
    return point.x


def target(a, b=2, *rest, key=None, **more):
    return a


def forwarder(*args, **kwargs):
    return target(*args, **kwargs)


def keyword_calls(n):
    for i in range(n):
        forwarder(i, key=3, other=4)


def list_and_dict(n):
    values, counts = [0] * 16, {}
    for i in range(n):
        values[i & 15] += i
        counts[i & 15] = values[i & 15]
    return len(counts)


def floats(n):
    x = 0.5
    for _ in range(n):
        x = x * 1.000001 + 0.25
    return x


def emit(name, value):
    print(json.dumps([name, value]), flush=True)


emit("fib, ns a call", best(fib, 24) / 150_049 * 1e9)
emit("int loop, ns an iteration", best(int_loop, 300_000) / 300_000 * 1e9)
before = clock()
called_once(20_000_000)
emit("int loop in a function called once", (clock() - before) / 20_000_000 * 1e9)
before = clock()
i = total = 0
while i < 5_000_000:
    total += i & 7
    i += 1
emit("int loop at module level", (clock() - before) / 5_000_000 * 1e9)
for title, f in (
    ("method call", method_calls),
    ("two attribute reads and writes", attributes),
    ("object made", constructor),
    ("*args, **kwargs forwarded", keyword_calls),
    ("list and dict items", list_and_dict),
    ("float loop", floats),
):
    emit(title + ", ns an iteration", best(f, 50_000, warm=0.5) / 50_000 * 1e9)
emit("raise and catch, ns an iteration", best(raise_and_catch, 50_000) / 50_000 * 1e9)
if "ember" in sys.modules:
    for name, value in sys.modules["ember"].jit.stats().items():
        if isinstance(value, (int, float)):
            emit("stats: " + name, value)
