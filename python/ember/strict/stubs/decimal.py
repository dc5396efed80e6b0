"""`decimal`: numbers are made and held; what is computed of them is not known."""

from __ember__ import PROCESS, effect, unknown

ROUND_UP, ROUND_DOWN, ROUND_CEILING, ROUND_FLOOR = "ROUND_UP", "ROUND_DOWN", "ROUND_CEILING", "ROUND_FLOOR"
ROUND_HALF_UP, ROUND_HALF_DOWN, ROUND_HALF_EVEN, ROUND_05UP = "ROUND_HALF_UP", "ROUND_HALF_DOWN", "ROUND_HALF_EVEN", "ROUND_05UP"
HAVE_THREADS = HAVE_CONTEXTVAR = True
MAX_PREC = MAX_EMAX = 999999999999999999
MIN_EMIN, MIN_ETINY, IEEE_CONTEXT_MAX_BITS = -999999999999999999, -1999999999999999997, 512


class DecimalException(ArithmeticError):
    pass


class Clamped(DecimalException):
    pass


class InvalidOperation(DecimalException):
    pass


class ConversionSyntax(InvalidOperation):
    pass


class DivisionByZero(DecimalException, ZeroDivisionError):
    pass


class Inexact(DecimalException):
    pass


class Rounded(DecimalException):
    pass


class Subnormal(DecimalException):
    pass


class Overflow(Inexact, Rounded):
    pass


class Underflow(Inexact, Rounded, Subnormal):
    pass


class FloatOperation(DecimalException, TypeError):
    pass


def _operation(name):
    def method(self, *args, **kwargs):
        return unknown(f"Decimal.{name}()")

    return method


class Decimal:
    def __new__(cls, value="0", context=None):
        self = super().__new__(cls)
        self._value = value._value if isinstance(value, Decimal) else value
        return self

    @classmethod
    def from_float(cls, value):
        return cls(value)

    def __eq__(self, other):
        if isinstance(other, Decimal) and self._value == other._value:
            return True
        return unknown("Decimal.__eq__()")

    def __hash__(self):
        return hash(self._value)

    def __bool__(self):
        return unknown("Decimal.__bool__()")

    def __repr__(self):
        return f"Decimal({str(self._value)!r})"

    def __class_getitem__(cls, item):
        return cls

    for _name in """add radd sub rsub mul rmul truediv rtruediv floordiv rfloordiv mod rmod pow rpow neg pos abs lt le gt ge
    int float round str format""".split():
        locals()[f"__{_name}__"] = _operation(f"__{_name}__")
    for _name in """quantize normalize to_integral_value to_integral_exact as_tuple as_integer_ratio sqrt exp ln log10 adjusted
    compare is_nan is_infinite is_finite is_signed is_zero copy_sign copy_abs copy_negate scaleb to_eng_string""".split():
        locals()[_name] = _operation(_name)
    del _name


class DecimalTuple(tuple):
    pass


class Context:
    def __init__(self, prec=28, rounding=ROUND_HALF_EVEN, Emin=None, Emax=None, capitals=1, clamp=0, flags=None, traps=None):
        self.prec, self.rounding, self.Emin, self.Emax = prec, rounding, Emin, Emax
        self.capitals, self.clamp = capitals, clamp
        self.flags = {flag: False for flag in flags or ()}
        self.traps = {trap: True for trap in traps or ()}

    def copy(self):
        return Context(self.prec, self.rounding)

    def create_decimal(self, value="0"):
        return Decimal(value)

    def __getattr__(self, name):
        if name.startswith("__"):
            raise AttributeError(name)
        return _operation(name).__get__(self)


BasicContext, ExtendedContext, DefaultContext = Context(9, ROUND_HALF_UP), Context(9), Context()


def getcontext():
    return Context()


def IEEEContext(bits):
    return Context()


setcontext = effect("sets the context of decimal numbers", PROCESS)
localcontext = effect("sets the context of decimal numbers", PROCESS)
