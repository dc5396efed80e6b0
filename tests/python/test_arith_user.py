"""Operators on user classes: reflected methods, subclass priority, NotImplemented, in-place fallbacks, errors from them."""
import operator

from check import compiled, fresh, matrix, once, outcome, run, say, show


class Left:
    def __init__(self, v): self.v = v
    def __repr__(self): return f"{type(self).__name__}({self.v})"
    def __add__(self, o): return ("add", self.v, repr(o))
    def __radd__(self, o): return ("radd", repr(o), self.v)
    def __sub__(self, o): return NotImplemented
    def __rsub__(self, o): return ("rsub", repr(o), self.v)
    def __mul__(self, o): return NotImplemented
    def __matmul__(self, o): return ("matmul", repr(o))
    def __imatmul__(self, o): self.v += 1; return self
    def __truediv__(self, o): raise ZeroDivisionError("mine")
    def __mod__(self, o): return ("mod",)
    def __pow__(self, o, m=None): return ("pow", repr(o), m)
    def __rpow__(self, o, m=None): return ("rpow", repr(o), m)
    def __lshift__(self, o): return None
    def __iadd__(self, o): return ("iadd", repr(o))
    def __isub__(self, o): return NotImplemented
    def __and__(self, o): return 1
    def __eq__(self, o): return "eq"
    def __lt__(self, o): return "lt"
    def __gt__(self, o): return NotImplemented
    __hash__ = None


class Sub(Left):
    def __radd__(self, o): return ("Sub.radd", repr(o))
    def __rsub__(self, o): return ("Sub.rsub", repr(o))


class Plain:
    def __repr__(self): return "Plain"


OPERANDS = [Left(1), Sub(2), Plain(), 3, 2.5, "s", [1], (1,), None, True]
CASES = [(a, b) for a in OPERANDS for b in OPERANDS]

OPS = {}
for _name, _sign in dict(add="+", sub="-", mul="*", matmul="@", truediv="/", floordiv="//", mod="%", pow="**", lshift="<<",
                         rshift=">>", and_="&", or_="|", xor="^", eq="==", ne="!=", lt="<", le="<=", gt=">", ge=">=").items():
    _scope = {}
    exec(f"def {_name}(a, b): return a {_sign} b", _scope)
    OPS[_name] = _scope[_name]
INPLACE = {}
for _name, _sign in dict(iadd="+=", isub="-=", imul="*=", imatmul="@=", itruediv="/=", ifloordiv="//=", imod="%=", ipow="**=",
                         ilshift="<<=", irshift=">>=", iand="&=", ior="|=", ixor="^=").items():
    _scope = {}
    exec(f"def {_name}(a, b):\n  a {_sign} b\n  return a", _scope)
    INPLACE[_name] = _scope[_name]


def test_binary():
    for f in OPS.values():
        matrix(f, CASES, train_on=(0, 3, 33, 30, 55))


def test_inplace():
    cases = [(lambda i=i, j=j: (operands()[i], operands()[j])) for i in range(8) for j in range(8)]
    for f in INPLACE.values():
        matrix(f, cases, train_on=(0, 2, 19, 18, 36, 45))


def operands():
    return [Left(1), Sub(2), 3, 2.5, "s", [1], {1, 2}, {1: 2}]


def test_unary():
    class U:
        def __neg__(self): return "neg"
        def __pos__(self): return "pos"
        def __invert__(self): return "inv"
        def __abs__(self): return "abs"
        def __bool__(self): return False
        def __repr__(self): return "U"
    def unary(x): return [outcome(lambda: -x), outcome(lambda: +x), outcome(lambda: ~x), outcome(lambda: abs(x)), not x]
    def minus(x): return -x
    def plus(x): return +x
    def invert(x): return ~x
    matrix(unary, [(U(),), (3,), (2.5,), ("s",), (True,), (None,), ([],)])
    for f in (minus, plus, invert):
        matrix(f, [(U(),), (3,), (2.5,), ("s",), (True,), (None,), ([],)])


class Truth:
    def __init__(self, how): self.how = how
    def __bool__(self):
        if self.how == "raise":
            raise ValueError("no truth")
        return self.how


class Sized:
    def __init__(self, n): self.n = n
    def __len__(self): return self.n


def truth(x):
    if x:
        return "yes"
    return "no"


def short(x, y): return x and y, x or y, not x, (x or y) and x, x if y else 0


def test_truth():
    cases = [(Truth(True),), (Truth(False),), (Truth("raise"),), (Truth(1),), (Truth(None),), (Sized(0),), (Sized(2),), (Sized(-1),),
             (Sized(1 << 70),), (Sized("a"),), (Plain(),), (0,), (1 << 70,), (0.0,), (-0.0,), (float("nan"),), ("",), ("a",), ([],),
             ([0],), ({},), ((),), (None,), (b"",), (range(0),), (range(3),), (0j,), (NotImplemented,), (Ellipsis,), (set(),), (print,)]
    matrix(truth, cases)
    matrix(short, [(a[0], b[0]) for a in cases[:12] for b in cases[9:15]], train_on=(0, 3, 40, 60))


class Number:
    """A class with every operator, as numeric code would have it."""
    def __init__(self, v): self.v = v
    def __add__(self, o): return Number(self.v + (o.v if isinstance(o, Number) else o))
    __radd__ = __add__
    def __mul__(self, o): return Number(self.v * (o.v if isinstance(o, Number) else o))
    __rmul__ = __mul__
    def __sub__(self, o): return Number(self.v - (o.v if isinstance(o, Number) else o))
    def __rsub__(self, o): return Number(o - self.v)
    def __lt__(self, o): return self.v < (o.v if isinstance(o, Number) else o)
    def __eq__(self, o): return self.v == (o.v if isinstance(o, Number) else o)
    def __hash__(self): return hash(self.v)
    def __repr__(self): return f"N({self.v})"


def polynomial(x, n):
    total = x - x
    for i in range(n):
        total = total * x + i
        if total < 0:
            total = 0 - total
    return total


def test_numeric_class():
    matrix(polynomial, [(2, 10), (Number(2), 10), (1.5, 10), (Number(1.5), 10), (Number(-3), 9), (True, 3), ("a", 3), (Number("a"), 2)])
    show(sum([Number(1), Number(2)], Number(0)), sorted([Number(3), Number(1)]), max(Number(1), Number(5)))


def test_operators_changed():
    class C:
        def __add__(self, o): return "one"
    def f(a, b): return a + b
    c = C()
    run(f, c, 1)
    C.__add__ = lambda self, o: "two"
    run(f, c, 1)
    del C.__add__
    run(f, c, 1)
    C.__add__ = 5
    run(f, c, 1)
    C.__add__ = staticmethod(lambda o: "three")
    run(f, c, 1)
    class D(C):
        def __radd__(self, o): return "D.radd"
    run(f, c, D())
    run(f, 1, D())
    compiled(f)


def test_raising_operator():
    class R:
        def __add__(self, o): raise KeyError(o)
        def __index__(self): raise LookupError("index")
        def __len__(self): raise LookupError("len")
        def __bool__(self): raise LookupError("bool")
        def __eq__(self, o): raise LookupError("eq")
        def __contains__(self, o): raise LookupError("in")
        def __hash__(self): raise LookupError("hash")
        def __iter__(self): raise LookupError("iter")
    r = R()
    def plus(): return r + 1
    def index(): return [1, 2][r]
    def length(): return len(r)
    def boolean(): return 1 if r else 2
    def equal(): return r == 1
    def contains(): return 1 in r
    def hashed(): return {r: 1}
    def inset(): return {r}
    def iterate():
        for x in r:
            pass
    def unpack():
        a, b = r
    def star(): return [*r]
    def ranged(): return range(r)
    for f in (plus, index, length, boolean, equal, contains, hashed, inset, iterate, unpack, star, ranged):
        run(f)
