"""Integer arithmetic around every boundary: small ints, one digit, compact, two digits, 64 bits, big."""
from check import compiled, deopts, fresh, matrix, once, run, show, TRAIN, outcome, say

EDGES = sorted({s * b + d for b in (0, 1, 5, 256, 257, 1 << 15, 1 << 29, 1 << 30, 1 << 31, 1 << 32, 1 << 59, 1 << 60,
                                    1 << 61, 1 << 62, 1 << 63, 1 << 64, 1 << 100)
                for s in (1, -1) for d in (-1, 0, 1)})
FEW = [0, 1, -1, 7, 255, 256, -5, -6, (1 << 30) - 1, 1 << 30, -(1 << 30), (1 << 60) - 1, 1 << 60, (1 << 62), (1 << 63) - 1,
       1 << 63, -(1 << 63), -(1 << 63) - 1, 1 << 90]


def add(a, b): return a + b
def sub(a, b): return a - b
def mul(a, b): return a * b
def floordiv(a, b): return a // b
def mod(a, b): return a % b
def truediv(a, b): return a / b
def and_(a, b): return a & b
def or_(a, b): return a | b
def xor(a, b): return a ^ b
def lshift(a, b): return a << b
def rshift(a, b): return a >> b
def power(a, b): return a ** b
def neg(a): return -a
def pos(a): return +a
def inv(a): return ~a
def chain(a, b): return (a + b) * 3 - (a - b) // 7 + (a ^ b) % 11


def test_add(): matrix(add, [(a, b) for a in FEW for b in FEW[::3]], train_on=range(0, 120, 13))
def test_sub(): matrix(sub, [(a, b) for a in FEW for b in FEW[::3]], train_on=range(0, 120, 13))
def test_mul(): matrix(mul, [(a, b) for a in FEW for b in FEW[::2]], train_on=range(0, 180, 17))


def test_division():
    cases = [(a, b) for a in FEW[::2] + [-7, 7, -8] for b in (1, -1, 2, -2, 3, -3, 7, 0, 1 << 30, -(1 << 62), 1 << 70)]
    for f in (floordiv, mod, truediv):
        matrix(f, cases, train_on=range(0, len(cases), 19))


def test_bitwise():
    cases = [(a, b) for a in FEW for b in (0, 1, -1, 255, 1 << 29, -(1 << 30), (1 << 63) - 1, 1 << 64)]
    for f in (and_, or_, xor):
        matrix(f, cases, train_on=range(0, len(cases), 23))


def test_shifts():
    cases = [(a, b) for a in FEW for b in (0, 1, 29, 30, 31, 59, 60, 61, 62, 63, 64, 65, 200, -1)]
    for f in (lshift, rshift):
        matrix(f, cases, train_on=range(0, len(cases), 37))
    once(lshift, 1, 1 << 70)
    once(lshift, 0, 1 << 70)
    once(rshift, 1 << 40, 1 << 70)
    once(rshift, -1, 1 << 70)


def test_power():
    cases = [(a, b) for a in (0, 1, -1, 2, -2, 3, 10, -7, 1 << 31) for b in (0, 1, 2, 3, 5, 31, 62, 63, 64, -1, -2)]
    matrix(power, cases, train_on=range(0, len(cases), 11))
    for f in (pow,):
        once(f, 3, -1, 7)
        once(f, 2, 10, 1000)
        once(f, 2, -1, 4)


def test_unary():
    for f in (neg, pos, inv):
        matrix(f, [(a,) for a in EDGES] + [(True,), (False,)], train_on=range(0, len(EDGES), 9))


def test_bool():
    cases = [(a, b) for a in (True, False, 0, 1, 2, -1) for b in (True, False, 1, 3)]
    for f in (add, sub, mul, and_, or_, xor, lshift, rshift, floordiv, mod, power, truediv):
        matrix(f, cases, train_on=(0, 3, 9, 14))


def test_chain(): matrix(chain, [(a, b) for a in FEW for b in FEW[::4]], train_on=range(0, 90, 7))


def overflow_loop(start, step, n):
    total = start
    for _ in range(n):
        total = total + step
    return total


def mul_loop(n):
    x = 1
    out = []
    for i in range(n):
        x = x * 3
        out.append(x)
    return out[-1], sum(out) % 1000003


def count_while(n):
    i = 0
    while i < n:
        i += 1
    return i


def shift_loop(n):
    x = 1
    for i in range(n):
        x = (x << 1) | (i & 1)
    return x


def test_overflow_in_loops():
    # Trained on small numbers, then the accumulator crosses each boundary while the loop runs.
    for f in (overflow_loop,):
        copy = fresh(f)
        for _ in range(TRAIN):
            copy(0, 1, 20)
        for start in (0, (1 << 30) - 10, (1 << 60) - 10, (1 << 62) - 10, (1 << 63) - 10, -(1 << 63) + 10, -(1 << 30) + 3):
            for step in (1, -1, 1 << 29, 1 << 59, 1 << 62, -(1 << 62), True):
                say(f"{start} {step} {outcome(copy, start, step, 25)}")
    run(mul_loop, 100)
    run(mul_loop, 10)
    run(count_while, 500)
    run(shift_loop, 80)
    compiled(mul_loop)
    compiled(count_while)


def lcg(seed, n):
    x = seed
    for _ in range(n):
        x = (x * 6364136223846793005 + 1442695040888963407) & ((1 << 64) - 1)
    return x


def crc(data):
    c = 0xFFFFFFFF
    for b in data:
        c ^= b
        for _ in range(8):
            c = (c >> 1) ^ 0xEDB88320 if c & 1 else c >> 1
    return c ^ 0xFFFFFFFF


def collatz(n):
    steps = 0
    while n != 1:
        n = n // 2 if n % 2 == 0 else 3 * n + 1
        steps += 1
    return steps


def gcd(a, b):
    while b:
        a, b = b, a % b
    return a


def isqrt(n):
    x = n
    y = (x + 1) // 2
    while y < x:
        x = y
        y = (x + n // x) // 2
    return x


def test_algorithms():
    run(lcg, 42, 50)
    run(crc, b"hello world")
    for n in (27, 97, (1 << 62) + 1, 3):
        run(collatz, n)
    run(gcd, 1071, 462)
    run(gcd, 1 << 80, 3 << 70)
    run(gcd, -8, 12)
    for n in (10, 10 ** 10, 10 ** 40):
        run(isqrt, n)


class MyInt(int):
    def __add__(self, other): return "MyInt+"
    def __radd__(self, other): return "+MyInt"


def test_subclass():
    matrix(add, [(1, 2), (MyInt(1), 2), (1, MyInt(2)), (MyInt(1), MyInt(2)), (1 << 70, MyInt(1))])
    matrix(sub, [(5, 2), (MyInt(1), 2), (1, MyInt(2)), (True, MyInt(2))])


def identity(a, b):
    return (a + b) is (a + b), a + b - b is a


def test_small_int_identity():
    matrix(identity, [(1, 2), (100, 100), (-5, 0), (0, -5), (100, 156)])


def compare_all(a, b):
    return a < b, a <= b, a == b, a != b, a > b, a >= b


def test_compare(): matrix(compare_all, [(a, b) for a in FEW[::2] for b in FEW[::3]], train_on=range(0, 70, 11))


def divmod_all(a, b):
    return divmod(a, b), a // b * b + a % b == a


def test_divmod():
    matrix(divmod_all, [(a, b) for a in (7, -7, 0, 1 << 63, -(1 << 62)) for b in (3, -3, 1, 0, 1 << 31)], train_on=range(0, 25, 6))


def test_inplace_mixed():
    def f(x, k):
        x += k
        x -= 1
        x *= 2
        x //= 3
        x %= 1 << 40
        x <<= 2
        x >>= 1
        x |= 5
        x &= 0xFFFFFFFFFFFF
        x ^= 3
        x **= 2
        return x
    matrix(f, [(a, b) for a in FEW[::2] for b in (1, -1, 1 << 62)], train_on=range(0, 30, 7))
