//! Arithmetic of builtin objects.

use super::{LONGEST, R, Stop, Vm};
use crate::heap::{Kind, T};
use crate::syntax::code::{BinOp, Cmp, UnOp};
use crate::value::Value;
use crate::vm::compare::decide;
use num_bigint::BigInt;
use num_integer::Integer;
use num_traits::{FromPrimitive, Pow, Signed, ToPrimitive, Zero};
use std::sync::Arc;

/// A number.
#[derive(Clone, Debug)]
pub enum Num {
    Int(i64),
    Big(Arc<BigInt>),
    Float(f64),
    Complex(f64, f64),
}

impl Num {
    /// As a whole number.
    pub fn big(&self) -> Option<BigInt> {
        match self {
            Num::Int(i) => Some(BigInt::from(*i)),
            Num::Big(big) => Some((**big).clone()),
            _ => None,
        }
    }

    /// As a `float`.
    pub fn float(&self) -> Option<f64> {
        match self {
            Num::Int(i) => Some(*i as f64),
            Num::Big(big) => big.to_f64(),
            Num::Float(f) => Some(*f),
            Num::Complex(..) => None,
        }
    }

    /// As a `float`, unless it is a whole number beyond the floats.
    pub fn float_in_range(&self) -> Option<f64> {
        self.float().filter(|f| !(self.is_int() && f.is_infinite()))
    }

    /// Whether it is a whole number.
    pub fn is_int(&self) -> bool {
        matches!(self, Num::Int(_) | Num::Big(_))
    }
}

impl<'w> Vm<'w> {
    /// The number that a value is.
    pub fn number(&self, value: Value) -> Option<Num> {
        Some(match value {
            Value::Int(i) => Num::Int(i),
            Value::Bool(b) => Num::Int(b as i64),
            Value::Float(f) => Num::Float(f),
            Value::Obj(r) => match &self.get(r).kind {
                Kind::Int(i) => Num::Int(*i),
                Kind::Big(big) => Num::Big(big.clone()),
                Kind::Float(f) => Num::Float(*f),
                Kind::Complex(a, b) => Num::Complex(*a, *b),
                _ => return None,
            },
            _ => return None,
        })
    }

    pub(super) fn compare_numbers(&self, cmp: Cmp, a: &Num, b: &Num) -> Option<bool> {
        if matches!(a, Num::Complex(..)) || matches!(b, Num::Complex(..)) {
            let parts = |n: &Num| match n {
                Num::Complex(a, b) => (*a, *b),
                other => (other.float().unwrap_or(f64::NAN), 0.0),
            };
            let equal = parts(a) == parts(b);
            return match cmp {
                Cmp::Eq => Some(equal),
                Cmp::Ne => Some(!equal),
                _ => None,
            };
        }
        let ordering = match (a, b) {
            (Num::Int(a), Num::Int(b)) => a.cmp(b),
            (a, b) if a.is_int() && b.is_int() => a.big()?.cmp(&b.big()?),
            (Num::Float(f), other) | (other, Num::Float(f)) if f.is_finite() && other.is_int() && f.abs() > 9e15 => {
                let whole = BigInt::from_f64(f.trunc())?;
                let ordering = whole.cmp(&other.big()?);
                if matches!(a, Num::Float(_)) { ordering } else { ordering.reverse() }
            }
            (a, b) => match a.float()?.partial_cmp(&b.float()?) {
                Some(ordering) => ordering,
                None => return Some(cmp == Cmp::Ne),
            },
        };
        Some(decide(cmp, ordering))
    }

    /// An operator on builtin objects by what they are; nothing if they do not know each other.
    pub fn builtin_binary(&mut self, op: BinOp, left: Value, right: Value) -> R<Option<Value>> {
        if let (Some(a), Some(b)) = (self.number(left), self.number(right)) {
            if let (Value::Bool(a), Value::Bool(b)) = (left, right) {
                match op {
                    BinOp::And => return Ok(Some(Value::Bool(a & b))),
                    BinOp::Or => return Ok(Some(Value::Bool(a | b))),
                    BinOp::Xor => return Ok(Some(Value::Bool(a ^ b))),
                    _ => {}
                }
            }
            return self.arithmetic(op, &a, &b);
        }
        if op == BinOp::Or {
            let inner = |vm: &Self, value| match vm.kind(value) {
                Some(Kind::Proxy(inner)) => Some(*inner),
                _ => None,
            };
            let (x, y) = (inner(self, left), inner(self, right));
            if x.is_some() || y.is_some() {
                let (x, y) = (x.unwrap_or(left), y.unwrap_or(right));
                return self.binary(op, x, y).map(Some);
            }
        }
        self.builtin_container_op(op, left, right)
    }

    fn arithmetic(&mut self, op: BinOp, a: &Num, b: &Num) -> R<Option<Value>> {
        if matches!(a, Num::Complex(..)) || matches!(b, Num::Complex(..)) {
            return self.complex_op(op, a, b);
        }
        if a.is_int() && b.is_int() {
            return self.int_op(op, a, b);
        }
        let (Some(x), Some(y)) = (a.float_in_range(), b.float_in_range()) else {
            return self.raise(T::OverflowError, "int too large to convert to float");
        };
        let result = match op {
            BinOp::Add => x + y,
            BinOp::Sub => x - y,
            BinOp::Mul => x * y,
            BinOp::Div if y == 0.0 => return self.raise(T::ZeroDivisionError, "division by zero"),
            BinOp::Div => x / y,
            BinOp::FloorDiv | BinOp::Mod if y == 0.0 => return self.raise(T::ZeroDivisionError, "division by zero"),
            BinOp::FloorDiv => float_divmod(x, y).0,
            BinOp::Mod => float_divmod(x, y).1,
            BinOp::Pow => {
                if x == 0.0 && y < 0.0 {
                    return self.raise(T::ZeroDivisionError, "zero to a negative power");
                }
                if x < 0.0 && y.fract() != 0.0 && y.is_finite() {
                    return self.complex_op(op, &Num::Complex(x, 0.0), &Num::Complex(y, 0.0));
                }
                let result = x.powf(y);
                if result.is_infinite() && x.is_finite() && y.is_finite() {
                    return self.raise(T::OverflowError, "(34, 'Numerical result out of range')");
                }
                result
            }
            _ => return Ok(None),
        };
        Ok(Some(Value::Float(result)))
    }

    fn int_op(&mut self, op: BinOp, a: &Num, b: &Num) -> R<Option<Value>> {
        let (Some(x), Some(y)) = (a.big(), b.big()) else { return Ok(None) };
        self.tick((x.bits() + y.bits()) / 1024)?;
        let result = match op {
            BinOp::Add => x + y,
            BinOp::Sub => x - y,
            BinOp::Mul => {
                self.charge(((x.bits() + y.bits()) / 8) as usize)?;
                self.tick(x.bits() * y.bits() / 65536)?;
                x * y
            }
            BinOp::Div => {
                if y.is_zero() {
                    return self.raise(T::ZeroDivisionError, "division by zero");
                }
                let quotient = match (x.to_f64(), y.to_f64()) {
                    (Some(a), Some(b)) if a.is_finite() && b.is_finite() => a / b,
                    _ => return self.raise(T::OverflowError, "integer division result too large for a float"),
                };
                return Ok(Some(Value::Float(quotient)));
            }
            BinOp::FloorDiv | BinOp::Mod if y.is_zero() => {
                let what =
                    if op == BinOp::Mod { "integer modulo by zero" } else { "integer division or modulo by zero" };
                let _ = what;
                return self.raise(T::ZeroDivisionError, "division by zero");
            }
            BinOp::FloorDiv => x.div_floor(&y),
            BinOp::Mod => x.mod_floor(&y),
            BinOp::Pow => return self.int_power(a, b, &x, &y),
            BinOp::LShift => {
                if y.is_negative() {
                    return self.raise(T::ValueError, "negative shift count");
                }
                let Some(shift) = y.to_usize().filter(|shift| *shift / 8 < LONGEST || x.is_zero()) else {
                    return Err(Stop::GiveUp("it makes an object that is too large"));
                };
                self.charge(shift / 8)?;
                if x.is_zero() { x } else { x << shift }
            }
            BinOp::RShift => {
                if y.is_negative() {
                    return self.raise(T::ValueError, "negative shift count");
                }
                match y.to_usize() {
                    Some(shift) => x >> shift,
                    None => BigInt::from(if x.is_negative() { -1 } else { 0 }),
                }
            }
            BinOp::And => x & y,
            BinOp::Or => x | y,
            BinOp::Xor => x ^ y,
            BinOp::MatMul => return Ok(None),
        };
        Ok(Some(self.int(result)))
    }

    fn int_power(&mut self, a: &Num, b: &Num, x: &BigInt, y: &BigInt) -> R<Option<Value>> {
        if y.is_negative() {
            if x.is_zero() {
                return self.raise(T::ZeroDivisionError, "zero to a negative power");
            }
            let (Some(x), Some(y)) = (a.float(), b.float()) else { return Ok(None) };
            return Ok(Some(Value::Float(x.powf(y))));
        }
        let small = x.bits() <= 1;
        let Some(power) = y.to_u32().filter(|power| small || u64::from(*power) * x.bits() / 8 < LONGEST as u64 / 8)
        else {
            if small {
                let odd = y.is_odd();
                let result = if x.is_negative() && !odd { BigInt::from(1) } else { x.clone() };
                return Ok(Some(self.int(result)));
            }
            return Err(Stop::GiveUp("it makes an object that is too large"));
        };
        let bits = u64::from(power) * x.bits();
        self.tick(bits * bits / 65536 / 64)?;
        let result = Pow::pow(x, power);
        Ok(Some(self.int(result)))
    }

    fn complex_op(&mut self, op: BinOp, left: &Num, right: &Num) -> R<Option<Value>> {
        let parts = |n: &Num| match n {
            Num::Complex(a, b) => Some((*a, *b)),
            other => other.float().map(|f| (f, 0.0)),
        };
        let (Some((a, b)), Some((c, d))) = (parts(left), parts(right)) else { return Ok(None) };
        // A real operand has no imaginary part, not one of zero: signs of zeros tell.
        let real = |n: &Num| !matches!(n, Num::Complex(..));
        let (re, im) = match op {
            BinOp::Add if real(left) => (a + c, d),
            BinOp::Add if real(right) => (a + c, b),
            BinOp::Add => (a + c, b + d),
            BinOp::Sub if real(left) => (a - c, -d),
            BinOp::Sub if real(right) => (a - c, b),
            BinOp::Sub => (a - c, b - d),
            BinOp::Mul if real(left) => (a * c, a * d),
            BinOp::Mul if real(right) => (a * c, b * c),
            BinOp::Mul => (a * c - b * d, a * d + b * c),
            BinOp::Div if real(right) && c != 0.0 => (a / c, b / c),
            BinOp::Div => {
                let norm = c * c + d * d;
                if norm == 0.0 {
                    return self.raise(T::ZeroDivisionError, "division by zero");
                }
                ((a * c + b * d) / norm, (b * c - a * d) / norm)
            }
            BinOp::Pow => {
                if a == 0.0 && b == 0.0 {
                    if c == 0.0 && d == 0.0 { (1.0, 0.0) } else { (0.0, 0.0) }
                } else if d == 0.0 && c.fract() == 0.0 && (0.0..100.0).contains(&c) {
                    let (mut re, mut im) = (1.0, 0.0);
                    for _ in 0..c as i64 {
                        (re, im) = (re * a - im * b, re * b + im * a);
                    }
                    (re, im)
                } else {
                    let (length, angle) = (a.hypot(b), b.atan2(a));
                    let scale = length.powf(c) * (-d * angle).exp();
                    let turn = d * length.ln() + c * angle;
                    (scale * turn.cos(), scale * turn.sin())
                }
            }
            _ => return Ok(None),
        };
        Ok(Some(self.make(T::Complex, Kind::Complex(re, im))))
    }

    /// A unary operator on a number.
    pub fn unary_number(&mut self, op: UnOp, value: Value) -> R<Option<Value>> {
        let Some(number) = self.number(value) else { return Ok(None) };
        Ok(Some(match (op, number) {
            (UnOp::Neg, Num::Int(i)) => match i.checked_neg() {
                Some(i) => Value::Int(i),
                None => self.int(-BigInt::from(i)),
            },
            (UnOp::Neg, Num::Big(big)) => self.int(-(*big).clone()),
            (UnOp::Neg, Num::Float(f)) => Value::Float(-f),
            (UnOp::Neg, Num::Complex(a, b)) => self.make(T::Complex, Kind::Complex(-a, -b)),
            (UnOp::Invert, Num::Int(i)) => Value::Int(!i),
            (UnOp::Invert, Num::Big(big)) => self.int(-(*big).clone() - 1),
            (UnOp::Pos, Num::Int(i)) => Value::Int(i),
            (UnOp::Pos, Num::Big(big)) => self.int((*big).clone()),
            (UnOp::Pos, Num::Float(f)) => Value::Float(f),
            (UnOp::Pos, Num::Complex(a, b)) => self.make(T::Complex, Kind::Complex(a, b)),
            _ => return Ok(None),
        }))
    }

    fn builtin_container_op(&mut self, op: BinOp, left: Value, right: Value) -> R<Option<Value>> {
        if op == BinOp::Mul {
            let counted = |vm: &Self, v: Value| match vm.number(v) {
                Some(Num::Int(i)) => Some(i),
                Some(Num::Big(big)) => Some(if big.is_negative() { 0 } else { i64::MAX }),
                _ => None,
            };
            if let Some(count) = counted(self, right) {
                return self.repeat(left, count);
            }
            if let Some(count) = counted(self, left) {
                return self.repeat(right, count);
            }
            return Ok(None);
        }
        if op == BinOp::Mod {
            return match self.kind(left) {
                Some(Kind::Str(format)) => {
                    let format = format.clone();
                    self.percent_format(&format, right).map(Some)
                }
                Some(Kind::Bytes(format)) => {
                    let format = format.clone();
                    self.percent_bytes(&format, right).map(Some)
                }
                _ => Ok(None),
            };
        }
        let (Some(a), Some(b)) = (left.obj(), right.obj()) else { return Ok(None) };
        let made = match (op, &self.get(a).kind, &self.get(b).kind) {
            (BinOp::Add, Kind::Str(x), Kind::Str(y)) => {
                let size = x.len() + y.len();
                let text = format!("{x}{y}");
                self.charge(size)?;
                self.str(text)
            }
            (BinOp::Add, Kind::Tuple(x), Kind::Tuple(y)) => {
                let items: Vec<Value> = x.iter().chain(y.iter()).copied().collect();
                self.charge(items.len())?;
                self.tuple(items)
            }
            (BinOp::Add, Kind::List(x), Kind::List(y)) => {
                let items: Vec<Value> = x.iter().chain(y).copied().collect();
                self.charge(items.len())?;
                self.list(items)
            }
            (BinOp::Add, Kind::Bytes(x), Kind::Bytes(y)) => {
                let bytes: Vec<u8> = x.iter().chain(y.iter()).copied().collect();
                self.charge(bytes.len())?;
                self.bytes(bytes)
            }
            (BinOp::Add, Kind::Bytes(x), Kind::ByteArray(y)) => {
                let bytes: Vec<u8> = x.iter().chain(y).copied().collect();
                self.charge(bytes.len())?;
                self.bytes(bytes)
            }
            (BinOp::Add, Kind::ByteArray(x), other @ (Kind::Bytes(_) | Kind::ByteArray(_))) => {
                let y = match other {
                    Kind::ByteArray(y) => &y[..],
                    Kind::Bytes(y) => y,
                    _ => &[],
                };
                let bytes: Vec<u8> = x.iter().chain(y).copied().collect();
                self.charge(bytes.len())?;
                self.make(T::ByteArray, Kind::ByteArray(bytes))
            }
            (BinOp::Or, Kind::Dict(_), Kind::Dict(_)) => {
                let merged = self.dict();
                for (key, value) in self.entries(a).into_iter().chain(self.entries(b)) {
                    self.dict_set(merged, key, value, Value::Obj(merged))?;
                }
                Value::Obj(merged)
            }
            (
                BinOp::Or | BinOp::And | BinOp::Sub | BinOp::Xor,
                Kind::Set(_) | Kind::View(..),
                Kind::Set(_) | Kind::View(..),
            ) => {
                return self.set_op(op, left, right).map(Some);
            }
            _ => return Ok(None),
        };
        Ok(Some(made))
    }

    /// An operator on sets.
    pub fn set_op(&mut self, op: BinOp, left: Value, right: Value) -> R {
        let class = if self.is_a(left, T::FrozenSet) { T::FrozenSet } else { T::Set };
        let (x, y) = (self.items(left)?, self.items(right)?);
        let (a, b) = (self.set_of(T::Set, x.clone())?, self.set_of(T::Set, y.clone())?);
        let mut items = Vec::new();
        match op {
            BinOp::Or => items.extend(x.into_iter().chain(y)),
            BinOp::And => {
                for item in x {
                    if self.contains(b, item)? {
                        items.push(item);
                    }
                }
            }
            _ => {
                for item in x {
                    if !self.contains(b, item)? {
                        items.push(item);
                    }
                }
                if op == BinOp::Xor {
                    for item in y {
                        if !self.contains(a, item)? {
                            items.push(item);
                        }
                    }
                }
            }
        }
        self.set_of(class, items)
    }

    fn repeat(&mut self, value: Value, count: i64) -> R<Option<Value>> {
        let count = usize::try_from(count).unwrap_or(0);
        let too_large = Stop::GiveUp("it makes an object that is too large");
        let sized = |size: usize| size.checked_mul(count).filter(|size| *size <= LONGEST);
        let made = match self.kind(value) {
            Some(Kind::Str(text)) => {
                let text = text.clone();
                let size = sized(text.len()).ok_or(too_large)?;
                self.charge(size)?;
                self.str(text.repeat(count))
            }
            Some(Kind::Bytes(bytes)) => {
                let bytes = bytes.clone();
                let size = sized(bytes.len()).ok_or(too_large)?;
                self.charge(size)?;
                self.bytes(bytes.repeat(count))
            }
            Some(Kind::Tuple(items)) => {
                let items = items.clone();
                let size = sized(items.len()).ok_or(too_large)?;
                self.charge(size)?;
                self.tuple(items.repeat(count))
            }
            Some(Kind::List(items)) => {
                let items = items.clone();
                let size = sized(items.len()).ok_or(too_large)?;
                self.charge(size)?;
                self.list(items.repeat(count))
            }
            Some(Kind::ByteArray(bytes)) => {
                let bytes = bytes.clone();
                let size = sized(bytes.len()).ok_or(too_large)?;
                self.charge(size)?;
                self.make(T::ByteArray, Kind::ByteArray(bytes.repeat(count)))
            }
            _ => return Ok(None),
        };
        Ok(Some(made))
    }
}

/// `divmod` of floats.
pub fn float_divmod(x: f64, y: f64) -> (f64, f64) {
    let mut rest = x % y;
    let mut quotient = (x - rest) / y;
    if rest != 0.0 {
        if (y < 0.0) != (rest < 0.0) {
            rest += y;
            quotient -= 1.0;
        }
    } else {
        rest = 0.0_f64.copysign(y);
    }
    let floor = if quotient != 0.0 {
        let floor = quotient.floor();
        if quotient - floor > 0.5 { floor + 1.0 } else { floor }
    } else {
        0.0_f64.copysign(x / y)
    };
    (floor, rest)
}
