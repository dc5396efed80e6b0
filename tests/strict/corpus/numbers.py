# Arithmetic of builtin numbers, and their texts.
# ----
INTS = [0, 1, -1, 7, -7, 255, 2**31, -2**63, 2**64 + 1, 10**30]
sums = [a + b for a in INTS for b in INTS]
differences = [a - b for a in INTS for b in INTS]
products = [a * b for a in INTS for b in INTS]
# ----
INTS = [1, -1, 3, -3, 7, 2**31, -2**33, 2**64 + 1, -10**25]
quotients = [a // b for a in INTS for b in INTS]
remainders = [a % b for a in INTS for b in INTS]
pairs = [divmod(a, b) for a in INTS for b in INTS]
checked = all(q * b + r == a for (q, r), (a, b) in zip(pairs, [(a, b) for a in INTS for b in INTS]))
# ----
INTS = [0, 1, -1, 5, -6, 255, -256, 2**40, -2**70]
ands = [a & b for a in INTS for b in INTS]
ors = [a | b for a in INTS for b in INTS]
xors = [a ^ b for a in INTS for b in INTS]
inverted = [~a for a in INTS]
shifts = [(a << n, a >> n) for a in INTS for n in (0, 1, 7, 64, 100)]
# ----
true_quotients = [a / b for a in (0, 1, -7, 10**20, 2**70) for b in (1, -3, 7, 2**65, 0.5, -1e10)]
errs = []
for f in (lambda: 1 / 0, lambda: 1 // 0, lambda: 1 % 0, lambda: divmod(5, 0), lambda: 1.0 / 0, lambda: 1.0 % 0.0, lambda: 0 ** -1, lambda: 0.0 ** -1, lambda: 1j / 0, lambda: 10**400 * 1.0, lambda: float(10**400), lambda: 2.0 ** 5000, lambda: int('1' * 5), lambda: int(float('inf')), lambda: int(float('nan')), lambda: 1 >> -1):
    try: errs.append(f())
    except Exception as e: errs.append((type(e).__name__, str(e)))
# ----
powers = [a ** b for a in (0, 1, -1, 2, -3, 10) for b in (0, 1, 2, 5, 17)]
fractions = [2 ** -1, (-2) ** -3, 4 ** 0.5, 2.5 ** 2, (-8) ** 2, 1.5 ** -2, 0 ** 0, 0.0 ** 0, 10 ** -2, (-1) ** 0.5]
modular = [pow(3, 10, 7), pow(2, -1, 7), pow(-3, 5, 11), pow(7, 0, 1), pow(2, 100, 10**9 + 7), pow(5, 3, -7)]
huge = 3 ** 200, 2 ** 1000 % 10**20
# ----
FLOATS = [0.0, -0.0, 1.5, -2.25, 1e16, 1e-5, 123456789.123, float('inf'), -3.0]
sums = [a + b for a in FLOATS for b in FLOATS]
products = [a * b for a in FLOATS for b in FLOATS]
floors = [a // b for a in (7.5, -7.5, 1e20) for b in (2.0, -2.0, 0.3)]
mods = [a % b for a in (7.5, -7.5, 1e10) for b in (2.0, -2.0, 0.7)]
divmods = [divmod(a, b) for a in (7.5, -7.5) for b in (2, -2)]
# ----
comparisons = [(a < b, a <= b, a == b, a != b, a > b, a >= b) for a in (1, 1.0, True, 2**70, -0.0) for b in (1, 0, 1.5, 2**70, float('inf'), float('nan'))]
mixed = 1 == 1.0 == True, 0 == -0.0 == False, 2**53 == 2.0**53, 2**53 + 1 == 2.0**53, 10**22 == 1e22, 10**23 == 1e23
nan = float('nan')
odd = nan == nan, nan != nan, [nan] == [nan], nan in [nan], nan < 1, max(1, nan), min([2, 1.5, 3])
# ----
complexes = [1 + 2j, (1 + 2j) * (3 - 1j), (1 + 2j) / (1 - 1j), (1 + 2j) - 1, abs(3 + 4j), (1 + 2j).conjugate(), (1 + 2j).real, (2j).imag, -1j, +(1 + 1j), (1 + 2j) ** 2, complex(1, 2), complex('1+2j'), complex(3), 1j * 1j == -1, bool(0j), complex('-1.5j'), hash(1 + 0j) == hash(1)]
texts = [repr(c) for c in (1j, 1 + 0j, -0.0 + 1j, 1.5 - 2.5j, 1e20 + 1j)]
# ----
reprs = [repr(f) for f in (0.1, 1e16, 1e15, 123456789012345680.0, 1e22, 1e-4, 1e-5, 1.0, 100.0, 1e100, 5e-324, 1.7976931348623157e308, float('inf'), float('nan'), -0.0, 1 / 3, 2 / 3, 0.1 + 0.2)]
strs = [str(f) for f in (3.0, 1e5, 1.25e-7)]
ints = [repr(i) for i in (0, -5, 10**50)]
# ----
rounds = [round(x) for x in (0.5, 1.5, 2.5, -0.5, -1.5, 2.675, 1e20)], [round(x, 2) for x in (2.675, 1.005, 3.14159, -2.345)], round(1234, -2), round(1250, -2), round(5), round(2.5, 0), round(-7.5), round(10**25 + 5, -1)
trunc = [int(x) for x in (1.9, -1.9, 1e15, True)], [x.is_integer() for x in (1.0, 1.5)], (0.75).as_integer_ratio(), (5).as_integer_ratio(), (2.5).hex(), float.fromhex('0x1.8p1')
# ----
parsed = [int(s) for s in ('12', ' -7 ', '+3', '1_000', '007')], [int(s, b) for s, b in (('ff', 16), ('0xff', 16), ('0b101', 0), ('zz', 36), ('-0o17', 8), ('12', 3))], [float(s) for s in ('1.5', ' 2e3 ', '-inf', '1_0.5', '.5', 'Infinity')]
errs = []
for f in (lambda: int('1.5'), lambda: int(''), lambda: int('1__0'), lambda: int('9', 8), lambda: int('z', 37), lambda: float(''), lambda: float('1e'), lambda: int([]), lambda: float(None), lambda: int('5', base=1), lambda: complex('x')):
    try: f()
    except Exception as e: errs.append((type(e).__name__, str(e)))
# ----
bases = bin(10), bin(-5), oct(64), hex(255), hex(-1), hex(2**70), (255).to_bytes(2, 'big'), (-1).to_bytes(2, 'little', signed=True), int.from_bytes(b'\x01\x00', 'big'), int.from_bytes(b'\xff', 'big', signed=True), (10).bit_length(), (0).bit_length(), (-8).bit_length(), (7).bit_count(), (2**100).bit_length()
try: (256).to_bytes(1, 'big')
except OverflowError as e: err = str(e)
# ----
formats = [format(n, s) for n in (0, 42, -42, 123456789) for s in ('', 'd', '5', '<5', '^7', '>7', '05', '+', ' ', 'x', '#x', 'X', 'o', '#o', 'b', '#b', ',', '_', 'c' if n == 42 else 'd', 'e', '.2f', '%', 'n', '*>6', '+08,', '#010x', '_x', '=+6')]
# ----
formats = [format(f, s) for f in (0.0, 3.14159, -2.5, 1234567.891, 1e-7, 1e20) for s in ('', '.2f', '.0f', 'e', '.3e', 'g', '.3g', '%', '.1%', ',', ',.2f', '+.1f', '08.2f', '<10.1f', '>10', '^12.3f', 'E', 'G', '#.0f', '_.1f', '.10g', 'n')]
# ----
percents = ['%d' % 5, '%5d|%-5d|%05d' % (1, 2, 3), '%x %X %#x %o' % (255, 255, 255, 8), '%f %.2f %e %g' % (1.5, 2.345, 12345.678, 0.0001), '%s %r %a' % ('é', 'é', 'é'), '%c%c' % (65, 'B'), '%%', '%(a)s-%(b)d' % {'a': 1, 'b': 2}, '%+d % d' % (3, 4), '%*d' % (5, 42), '%.3s' % 'abcdef', '%-8s|' % 'ab', '%i' % 3.9, '%s' % ((1, 2),), '%5.1f%%' % 99.55]
errs = []
for f in (lambda: '%d' % 'a', lambda: '%s %s' % 1, lambda: '%s' % (1, 2), lambda: '%(k)s' % {}, lambda: '%q' % 1, lambda: '%d' % None, lambda: '%(a)s' % 5):
    try: f()
    except Exception as e: errs.append((type(e).__name__, str(e)))
# ----
class Money(int):
    def __add__(self, other): return Money(int(self) + int(other))
    def __repr__(self): return f'${int(self)}'
class Temp(float):
    unit = 'C'
    def __new__(cls, v, unit='C'): t = super().__new__(cls, v); t.unit = unit; return t
    def __str__(self): return f'{float(self)}{self.unit}'
a = Money(3) + 4, Money(3) * 2, type(Money(3) * 2).__name__, sum([Money(1), Money(2)], Money(0)), [10, 20, 30][Money(1)], Money(5) == 5, {5: 'x'}[Money(5)], Money(7) // 2, -Money(1)
b = str(Temp(20.5)), Temp(1, 'F').unit, Temp(2) + 1, f'{Temp(3.14159):.1f}', Temp(2) > Temp(1), isinstance(Temp(1), float)
# ----
class N:
    def __init__(self, v): self.v = v
    def __int__(self): return 7
    def __float__(self): return 7.5
    def __index__(self): return 2
    def __round__(self, n=None): return ('round', n)
    def __trunc__(self): return 'trunc'
    def __floor__(self): return 'floor'
    def __ceil__(self): return 'ceil'
    def __abs__(self): return 'abs'
    def __divmod__(self, o): return ('divmod', o)
    def __rdivmod__(self, o): return ('rdivmod', o)
    def __pow__(self, o, m=None): return ('pow', o, m)
    def __complex__(self): return 1j
    def __matmul__(self, o): return ('@', o)
    def __rmatmul__(self, o): return ('r@', o)
    def __lshift__(self, o): return ('<<', o)
import math
n = N(1)
r = int(n), float(n), [1, 2, 3][n], round(n), round(n, 2), math.trunc(n), math.floor(n), math.ceil(n), abs(n), divmod(n, 3), divmod(3, n), n ** 2, pow(n, 2, 5), complex(n), n @ 5, 5 @ n, n << 1, bin(n), range(n), 'ab' * n, hex(n)
# ----
class A:
    def __add__(self, o): return 'A+' if isinstance(o, A) else NotImplemented
    def __radd__(self, o): return 'rA'
class B(A):
    def __radd__(self, o): return 'rB'
class C:
    def __radd__(self, o): return NotImplemented
    def __iadd__(self, o): return ('i', o)
    def __eq__(self, o): return NotImplemented
r = A() + A(), A() + B(), 1 + A(), A() == A(), C() == C(), C() != 1
x = C(); x += 5
errs = []
for f in (lambda: A() + 1, lambda: 1 + C(), lambda: A() - A(), lambda: -A(), lambda: A() < A(), lambda: A() @ 1, lambda: abs(A()), lambda: round(A()), lambda: A() ** 2, lambda: ~A()):
    try: errs.append(f())
    except TypeError as e: errs.append(str(e))
# ----
b = True
r = b + b, b * 3, ~False, b & False, b | False, b ^ b, type(b & 1).__name__, type(b & b).__name__, sum([True, False, True]), [10, 20][True], True == 1, {True: 'a', 1: 'b'}, str(True), f'{True:d}', int(True), bool('False'), bool(0.0), bool([0]), not [], isinstance(True, int), True < 2, -True, True / 2
# ----
hashes = hash(1) == hash(1.0) == hash(True), hash(2**61 - 1), hash(-1), hash(0), hash(10**20) == hash(float(10**20)), hash('a') == hash('a'), hash((1, 2)) == hash((1, 2)), hash(1.5), hash(-2.0), hash(float('inf')), hash(None) == hash(None), hash(2**61), hash(-(2**61 - 1))
# ----
aggregates = sum([1, 2.5, True]), sum([[1], [2]], []), sum((0.1,) * 10), min('bca'), max([1, 5, 3], key=lambda x: -x), min(3, 1, 2), max({'a': 1, 'b': 0}), max([], default='none'), abs(-5), abs(-2.5), all([]), any([0, '', 3]), sorted([3, 1, 2], reverse=True), divmod(-7, 2), sum(range(101)), max('a', 'B', key=str.lower)
collatz = []
n = 27
while n != 1:
    collatz.append(n)
    n = 3 * n + 1 if n % 2 else n // 2
steps, peak = len(collatz), max(collatz)
fib = [0, 1]
while fib[-1] < 10**30: fib.append(fib[-1] + fib[-2])
last = fib[-1]
factorial = 1
for i in range(1, 60): factorial *= i
