"""`math`."""

from __ember__ import unknown

pi = 3.141592653589793
e = 2.718281828459045
tau = 6.283185307179586
inf = float("inf")
nan = float("nan")
_call = __ember_float_digits__


def _function(name):
    def function(x, /):
        return _call(name, float(x))

    function.__name__ = function.__qualname__ = name
    return function


def _function2(name):
    def function(x, y, /):
        return _call(name, float(x), float(y))

    function.__name__ = function.__qualname__ = name
    return function


exp, log2, log10, sin, cos, tan = map(_function, ("exp", "log2", "log10", "sin", "cos", "tan"))
asin, acos, atan, sinh, cosh, tanh = map(_function, ("asin", "acos", "atan", "sinh", "cosh", "tanh"))
expm1, log1p, cbrt, exp2 = map(_function, ("expm1", "log1p", "cbrt", "exp2"))
atan2, pow, copysign, fmod = map(_function2, ("atan2", "pow", "copysign", "fmod"))


def sqrt(x, /):
    x = float(x)
    if x < 0:
        raise ValueError("expected a nonnegative input, got " + repr(x))
    return _call("sqrt", x)


def log(x, *base):
    if isinstance(x, int) and x > 0 and x.bit_length() > 1000:
        extra = x.bit_length() - 1000
        value = _call("log", float(x >> extra)) + extra * _call("log", 2.0)
    else:
        if x <= 0:
            raise ValueError("expected a positive input")
        value = _call("log", float(x))
    return value / _call("log", float(base[0])) if base else value


def floor(x, /):
    return x if isinstance(x, int) else type(x).__floor__(x)


def ceil(x, /):
    return x if isinstance(x, int) else type(x).__ceil__(x)


def trunc(x, /):
    return type(x).__trunc__(x)


def fabs(x, /):
    return abs(float(x))


def isnan(x, /):
    return x != x


def isinf(x, /):
    return x in (inf, -inf)


def isfinite(x, /):
    return x == x and x not in (inf, -inf)


def isclose(a, b, *, rel_tol=1e-09, abs_tol=0.0):
    return a == b or abs(a - b) <= max(rel_tol * max(abs(a), abs(b)), abs_tol)


def radians(x, /):
    return x * pi / 180


def degrees(x, /):
    return x * 180 / pi


def factorial(n, /):
    result = 1
    for factor in range(2, n + 1):
        result *= factor
    return result


def gcd(*values):
    result = 0
    for value in values:
        a, b = result, abs(value)
        while b:
            a, b = b, a % b
        result = a
    return result


def lcm(*values):
    result = 1
    for value in values:
        result = result * value // gcd(result, value) if value else 0
    return abs(result)


def comb(n, k, /):
    return factorial(n) // factorial(k) // factorial(n - k) if 0 <= k <= n else 0


def perm(n, k=None, /):
    return factorial(n) // factorial(n - (n if k is None else k))


def prod(iterable, /, *, start=1):
    for value in iterable:
        start = start * value
    return start


def fsum(values, /):
    partials = []
    for x in values:
        count = 0
        x = float(x)
        for y in partials:
            if abs(x) < abs(y):
                x, y = y, x
            high = x + y
            low = y - (high - x)
            if low:
                partials[count] = low
                count += 1
            x = high
        partials[count:] = [x]
    return sum(reversed(partials), 0.0)


def sumprod(p, q, /):
    p, q = list(p), list(q)
    if len(p) != len(q):
        raise ValueError("Inputs are not the same length")
    products = [a * b for a, b in zip(p, q)]
    return fsum(products) if any(isinstance(product, float) for product in products) else sum(products)


def hypot(*values):
    return _call("sqrt", float(sum(value * value for value in values)))


def dist(p, q, /):
    return hypot(*(a - b for a, b in zip(p, q)))


def isqrt(n, /):
    if n < 2:
        return n
    guess = 1 << ((n.bit_length() + 1) // 2)
    while True:
        better = (guess + n // guess) // 2
        if better >= guess:
            return guess
        guess = better


def modf(x, /):
    whole = float(int(x))
    return x - whole, whole


def frexp(x, /):
    if x == 0:
        return x, 0
    exponent = 0
    while abs(x) >= 1:
        x, exponent = x / 2, exponent + 1
    while abs(x) < 0.5:
        x, exponent = x * 2, exponent - 1
    return x, exponent


def ldexp(x, i, /):
    return x * 2.0**i


def __getattr__(name):
    if name.startswith("__"):
        raise AttributeError(name)
    return lambda *args, **kwargs: unknown(f"math.{name}()")
