"""Float arithmetic: nan, infinities, signed zero, division by zero, mixing with ints that do not fit a double."""
import math

from check import compiled, fresh, matrix, once, outcome, run, say, show, TRAIN

NAN, INF = float("nan"), float("inf")
FLOATS = [0.0, -0.0, 1.0, -1.5, 1e308, -1e308, 5e-324, INF, -INF, NAN, 2.0 ** 53, 0.1]


def add(a, b): return a + b
def sub(a, b): return a - b
def mul(a, b): return a * b
def div(a, b): return a / b
def floordiv(a, b): return a // b
def mod(a, b): return a % b
def power(a, b): return a ** b
def neg(a): return -a
def compare_all(a, b): return a < b, a <= b, a == b, a != b, a > b, a >= b


def test_binary():
    cases = [(a, b) for a in FLOATS for b in FLOATS]
    for f in (add, sub, mul, div, floordiv, mod, compare_all):
        matrix(f, cases, train_on=(0, 14, 50, 117))


def test_int_float():
    ints = [0, 1, -3, True, 1 << 53, (1 << 53) + 1, 1 << 62, 1 << 1023, 1 << 1024, -(1 << 70)]
    cases = [(i, x) for i in ints for x in (0.0, 2.5, -1e300, NAN, INF)]
    cases += [(b, a) for a, b in cases]
    for f in (add, sub, mul, div, floordiv, mod, compare_all):
        matrix(f, cases, train_on=(1, 11, 26, 60, 75, 99))


def test_power():
    cases = [(a, b) for a in (0.0, -0.0, 2.0, -2.0, 1e200, INF, NAN, 2, -8) for b in (0.0, 0.5, -1.0, 3.0, 1 / 3, INF, NAN, 2, -1, 1e3)]
    matrix(power, cases, train_on=(0, 13, 45, 77))


def test_neg():
    matrix(neg, [(x,) for x in FLOATS])


def mean(xs):
    total = 0.0
    for x in xs:
        total += x
    return total / len(xs)


def horner(x, coeffs):
    acc = 0.0
    for c in coeffs:
        acc = acc * x + c
    return acc


def newton(x):
    guess = x / 2.0
    for _ in range(30):
        guess = (guess + x / guess) / 2.0
    return guess


def mandel(cr, ci):
    zr = zi = 0.0
    for n in range(50):
        if zr * zr + zi * zi > 4.0:
            return n
        zr, zi = zr * zr - zi * zi + cr, 2.0 * zr * zi + ci
    return -1


def test_loops():
    run(mean, [1.0, 2.5, -0.5])
    run(mean, [1, 2.5, True])
    run(mean, [])
    matrix(mean, [([1.0, 2.0],), ([1, 2],), ([1.0, 2, True, 3.5],), ([1.0, "x"],), ([],), ([NAN, 1.0],), ([1 << 80, 1.0],), ([1 << 2000, 1.0],)])
    matrix(horner, [(2.0, (1.0, 2.0, 3.0)), (2, (1, 2, 3)), (0.5, (1 << 70, 0.1)), ("a", (1.0,)), (1e300, (1e300, 1e300))])
    matrix(newton, [(2.0,), (0.0,), (-1.0,), (9,), (INF,), (1 << 60,)])
    matrix(mandel, [(0.0, 0.0), (1.0, 1.0), (-0.7, 0.2), (1, 1), (INF, 0.0), (NAN, 0.0), (0.3, -0.5)])
    compiled(mean)


def zero_sign(x, y):
    z = x * y
    return math.copysign(1.0, z), str(z), str(z + 0.0), str(0.0 - z), str(-z)


def test_negative_zero():
    matrix(zero_sign, [(0.0, 1.0), (0.0, -1.0), (-0.0, -1.0), (0, -1.0), (1e-320, -1e-20)])


def becomes_float(n):
    x = 0
    for i in range(n):
        x = x + i if i < n // 2 else x / 2
    return x


def accumulates(kind, n):
    x = kind(1)
    for i in range(n):
        x += i
        x -= 0.5 if i % 3 == 0 else 1
    return x


def test_changing_types():
    run(becomes_float, 10)
    run(becomes_float, 11)
    matrix(accumulates, [(int, 10), (float, 10), (bool, 10), (complex, 10), (str, 10)])


def nan_logic(x):
    return (x == x, x != x, x is x, [x] == [x], x in [x], x in (1.0, x), not x, bool(x), min(x, 1.0), max(1.0, x), min(1.0, x), sorted([3.0, 1.0]))


def test_nan():
    matrix(nan_logic, [(NAN,), (1.0,), (0.0,), (-0.0,), (INF,)])


def convert(x):
    return int(x), round(x), round(x, 1), abs(x), divmod(x, 3), float(x), math.floor(x), x.is_integer(), x.as_integer_ratio()


def test_convert():
    matrix(convert, [(1.5,), (2.5,), (-2.5,), (1e300,), (INF,), (NAN,), (-0.0,)])


class F(float):
    def __add__(self, o): return "F+"
    def __rmul__(self, o): return "*F"
    def __lt__(self, o): return "F<"


def test_subclass():
    for f in (add, mul, compare_all):
        matrix(f, [(1.0, 2.0), (F(1), 2.0), (1.0, F(2)), (F(1), F(2)), (1, F(3))])


def complex_ops(a, b):
    return a + b, a - b, a * b, a == b, a != b


def test_complex():
    matrix(complex_ops, [(1j, 2), (1, 2j), (1.5, 1j), (1j, 1j), (True, 1j), (1, 2.0)])
    matrix(div, [(1j, 2), (1j, 0), (0j, 0j), (4, 2j)])
    matrix(compare_all, [(1j, 1), (1, 1)])
    matrix(power, [(1j, 2), (2, 1j), (0, 1j), (1j, 1j)])
