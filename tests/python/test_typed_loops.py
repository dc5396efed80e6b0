"""Hot numeric loops where values can live unboxed, with exits of every kind while they do: overflow, type change, error, callee looking at locals."""
import math
import sys

from check import compiled, deopts, fresh, matrix, once, outcome, run, say, show, TRAIN


class Body:
    def __init__(self, x, y, vx, vy, m): self.x, self.y, self.vx, self.vy, self.m = x, y, vx, vy, m


def nbody(n, bodies):
    for _ in range(n):
        for i in range(len(bodies)):
            a = bodies[i]
            for j in range(i + 1, len(bodies)):
                b = bodies[j]
                dx = a.x - b.x
                dy = a.y - b.y
                d = dx * dx + dy * dy + 0.01
                mag = 0.01 / (d * math.sqrt(d))
                a.vx -= dx * b.m * mag
                a.vy -= dy * b.m * mag
                b.vx += dx * a.m * mag
                b.vy += dy * a.m * mag
        for b in bodies:
            b.x += b.vx * 0.01
            b.y += b.vy * 0.01
    return [(b.x, b.y) for b in bodies]


def bodies(kind): return [Body(kind(1), kind(2), kind(0), kind(0), kind(3)), Body(kind(-1), kind(0), kind(0), kind(1), kind(2)), Body(kind(0), kind(4), kind(1), kind(0), kind(1))]


def test_nbody():
    matrix(nbody, [lambda: (3, bodies(float)), lambda: (3, bodies(int)), lambda: (3, bodies(complex)), lambda: (0, []), lambda: (1, bodies(str))])
    compiled(nbody)


def mixed_exit(n, odd, at):
    """Everything is small ints until `odd` comes along."""
    a, b, c = 1, 2, 0.5
    out = []
    for i in range(n):
        v = odd if i == at else i
        a = a + v
        b = b * 3 % 1009
        c = c * 1.5 - b
        if i == n - 1:
            out.append((a, b, c, v))
    return out, a, b, c


def test_mixed_exit():
    copy = fresh(mixed_exit)
    for _ in range(TRAIN):
        copy(20, 0, -1)
    for odd in (1 << 29, 1 << 62, 1 << 63, -(1 << 63), 1 << 80, 2.5, True, "s", None, [1], 1j, float("nan")):
        for at in (0, 7, 19):
            say(f"{odd!r} {at} {outcome(copy, 20, odd, at)}")
    compiled(copy)
    deopts(copy)


def overflow_each(n, start):
    a = start
    out = []
    for i in range(n):
        a = a + a
        b = a - 1
        c = a * 3
        d = -a
        out.append((a == b + 1, c == 3 * a, d + a))
    return a, b, c, d, all(o[0] and o[1] for o in out)


def test_overflow():
    for start in (1, -1, 3, 0, (1 << 30) - 1):
        run(overflow_each, 70, start)
    matrix(overflow_each, [(10, 1), (40, 1), (70, 1), (70, -1), (70, 0.5), (3, True), (2, "a")])


def look(): return dict(sys._getframe(1).f_locals)


def looked_at(n):
    i = t = 0
    x = 0.5
    seen = []
    while i < n:
        i += 1
        t += i * i
        x = x * 0.5 + t
        flag = t > 10
        if i % 5 == 0:
            seen.append(look())
    return seen[-1] if seen else None, i, t, x, flag


def test_looked_at():
    run(looked_at, 12)
    compiled(looked_at)


def error_in_loop(xs):
    total = 0
    scale = 1.0
    for i, x in enumerate(xs):
        total += x
        scale *= total
        ratio = total / (10 - total)
    return total, scale, ratio


def test_error_in_loop():
    matrix(error_in_loop, [([1, 2, 3],), ([5, 5],), ([1.5, 2],), ([1, "a"],), ([],), ([1 << 62, 1 << 62],), ([True, None],)])
    compiled(error_in_loop)


def caught_in_loop(xs):
    total, errors, last = 0, 0, None
    x = 0.0
    for v in xs:
        x += 0.25
        try:
            total += 100 // v
            last = v
        except ZeroDivisionError:
            errors += 1
            total -= 1
        except TypeError as e:
            errors += 100
            last = str(e)
    return total, errors, last, x


def test_caught_in_loop():
    matrix(caught_in_loop, [([1, 2, 0, 4],), ([0, 0],), ([1.5, 0.0],), (["a", 1],), ([1 << 70, 3],), ([True, False],), ([None],)])
    compiled(caught_in_loop)


def bits(n):
    c = 0
    x = n
    while x:
        c += x & 1
        x >>= 1
    y = 0
    for i in range(64):
        if n >> i & 1:
            y |= 1 << 63 - i
    return c, y, n ^ (n >> 1), ~n & 0xFF, n << 3 & 0xFFFF


def hash_mix(n):
    h = 0x9E3779B97F4A7C15
    for i in range(n):
        h ^= h >> 12
        h = h ^ (h << 25) & 0xFFFFFFFFFFFFFFFF
        h ^= h >> 27
        h = h * 0x2545F4914F6CDD1D & 0xFFFFFFFFFFFFFFFF
    return h


def xorshift32(n):
    x = 2463534242
    s = 0
    for _ in range(n):
        x ^= x << 13 & 0xFFFFFFFF
        x ^= x >> 17
        x ^= x << 5 & 0xFFFFFFFF
        s += x & 0xFF
    return x, s


def test_bits():
    matrix(bits, [(0,), (1,), (0xDEADBEEF,), ((1 << 62) - 1,), ((1 << 64) - 1,), (True,), (2.5,)])
    run(hash_mix, 30)
    run(xorshift32, 40)
    compiled(hash_mix)


def spectral(n):
    def a(i, j): return 1.0 / ((i + j) * (i + j + 1) // 2 + i + 1)
    u = [1.0] * n
    for _ in range(2):
        v = [sum(a(i, j) * u[j] for j in range(n)) for i in range(n)]
        u = [sum(a(j, i) * v[j] for j in range(n)) for i in range(n)]
    return u


def fannkuch(n):
    perm1 = list(range(n))
    count = list(range(1, n + 1))
    flips_max = checksum = r = 0
    r, sign = n, 1
    while True:
        if perm1[0]:
            perm = perm1[:]
            flips = 0
            k = perm[0]
            while k:
                perm[:k + 1] = perm[k::-1]
                flips += 1
                k = perm[0]
            flips_max = max(flips_max, flips)
            checksum += sign * flips
        if sign == 1:
            perm1[0], perm1[1] = perm1[1], perm1[0]
            sign = -1
        else:
            perm1[1], perm1[2] = perm1[2], perm1[1]
            sign = 1
            for r in range(2, n):
                if count[r] > 1:
                    count[r] -= 1
                    break
                count[r] = r + 1
                if r == n - 1:
                    return checksum, flips_max
                perm1.insert(r + 1, perm1.pop(0))


def fft(xs):
    n = len(xs)
    if n == 1:
        return xs
    even, odd = fft(xs[::2]), fft(xs[1::2])
    out = [0] * n
    for k in range(n // 2):
        w = complex(math.cos(-2 * math.pi * k / n), math.sin(-2 * math.pi * k / n)) * odd[k]
        out[k], out[k + n // 2] = even[k] + w, even[k] - w
    return out


def lu(n):
    a = [[1.0 / (i + j + 1) + (i == j) for j in range(n)] for i in range(n)]
    for k in range(n):
        for i in range(k + 1, n):
            a[i][k] /= a[k][k]
            row, piv, f = a[i], a[k], a[i][k]
            for j in range(k + 1, n):
                row[j] -= f * piv[j]
    return a


def sor(n, omega):
    g = [[math.sin(i * n + j) for j in range(n)] for i in range(n)]
    for _ in range(3):
        for i in range(1, n - 1):
            gi, up, down = g[i], g[i - 1], g[i + 1]
            for j in range(1, n - 1):
                gi[j] = omega * 0.25 * (up[j] + down[j] + gi[j - 1] + gi[j + 1]) + (1.0 - omega) * gi[j]
    return g[n // 2]


def monte_carlo(n):
    seed, inside = 42, 0
    for _ in range(n):
        seed = (seed * 1103515245 + 12345) & 0x7FFFFFFF
        x = seed / 0x7FFFFFFF
        seed = (seed * 1103515245 + 12345) & 0x7FFFFFFF
        y = seed / 0x7FFFFFFF
        if x * x + y * y <= 1.0:
            inside += 1
    return 4.0 * inside / n


def primes(n): return [p for p in range(2, n) if not any(p % d == 0 for d in range(2, p))]


def test_programs():
    run(spectral, 8)
    run(fannkuch, 5)
    run(fft, [float(i) for i in range(16)])
    run(lu, 6)
    run(sor, 8, 1.25)
    run(monte_carlo, 300)
    run(primes, 50)
    for f in (spectral, fannkuch, fft, lu, sor, monte_carlo):
        compiled(f)


def live_across(n):
    """Many values live over a call and over a possible exit."""
    a = b = c = d = e = f = g = h = 1
    p = q = r = s = 0.5
    for i in range(n):
        a, b, c, d = b + i, c + a, d - b, a ^ i
        e, f, g, h = f * 2 % 97, g + e, h | f, e & 63
        p, q, r, s = q + 0.1, r * 1.01, s - p, p / 2
        if i % 4 == 3:
            a += len(str(b))
    return a, b, c, d, e, f, g, h, p, q, r, s


def test_live_across():
    matrix(live_across, [(5,), (40,), (100,), (0,), (True,)])
    compiled(live_across)


def swap_types(n):
    x, y = 1, 0.5
    out = []
    for i in range(n):
        x, y = y, x
        x += 1
        y *= 2
        out.append((type(x).__name__, x, y))
    return out[-1], out[0]


def widening(n):
    x = True
    seen = []
    for i in range(n):
        x = x + i
        if i == 2:
            x = x / 2
        if i == 5:
            x = int(x)
        if i == 7:
            x = x * (1 << 61)
        if i == 9:
            x = str(x)
        if i == 10:
            x = len(x)
        seen.append(type(x).__name__)
        if type(x) is str:
            x = x[:3]
            x = int(x)
    return x, seen


def test_type_changes():
    run(swap_types, 9)
    run(swap_types, 60)
    for n in (3, 6, 9, 13):
        run(widening, n)


def loop_carried_none(xs):
    best = None
    prev = None
    runs = 0
    for x in xs:
        if best is None or x > best:
            best = x
        if prev is not None and prev < x:
            runs += 1
        prev = x
    return best, prev, runs


def test_none_and_value(): matrix(loop_carried_none, [([3, 1, 4],), ([],), ([2.5, 1, True],), (["a", "b"],), ([1, "a"],), ([None],), ([1 << 70, 5],)])


def float_int_compare(n):
    c = 0
    for i in range(n):
        if i < 2.5:
            c += 1
        if i * 1.0 == i:
            c += 10
        if i > n / 2:
            c += 100
        if (i if i % 2 else float(i)) >= 3:
            c += 1000
    return c


def test_float_int_compare(): matrix(float_int_compare, [(10,), (0,), (True,), (1,)])


def min_max(xs):
    lo = hi = xs[0]
    s = 0
    for x in xs:
        lo = min(lo, x)
        hi = max(hi, x)
        s += abs(x)
        s += int(x) + round(x)
    return lo, hi, s, min(xs), max(xs), sum(xs), divmod(s, 7), float(s), bool(s)


def test_min_max(): matrix(min_max, [([1, -2, 3],), ([1.5, -2.5],), ([True, 2],), ([1, 2.0, 1],), (["a"],), ([float("nan"), 1.0],), ([1 << 70, -1],), ([],), ([0.0, -0.0],), ([-0.0, 0],)])
