//! `int`, `float`, `complex`, `bool`: making them, and their methods.

use super::floats::complex_new;
use super::object::made;
use super::{GetSets, Methods};
use crate::heap::{GetSet, Kind, T, native};
use crate::value::Value;
use crate::vm::call::Args;
use crate::vm::numbers::Num;
use crate::vm::{R, Vm};
use num_bigint::BigInt;
use num_traits::{FromPrimitive, Signed};

pub const METHODS: Methods = &[
    (
        T::Int,
        &[
            native("bit_length", |vm, args| {
                Ok(Value::Int(vm.number(args.at(0)).and_then(|n| n.big()).map_or(0, |b| b.bits() as i64)))
            }),
            native("bit_count", |vm, args| {
                let big = vm.number(args.at(0)).and_then(|n| n.big()).unwrap_or_default();
                Ok(Value::Int(big.magnitude().count_ones() as i64))
            }),
            native("conjugate", |_, args| Ok(args.at(0))),
            native("as_integer_ratio", |vm, args| Ok(vm.tuple(vec![args.at(0), Value::Int(1)]))),
            native("is_integer", |_, _| Ok(Value::Bool(true))),
            native("__round__", |vm, args| round(vm, args.at(0), args.get(1))),
            native("__divmod__", |vm, args| {
                let f = vm.world.builtin("divmod");
                vm.call_with(f, &[args.at(0), args.at(1)])
            }),
            native("to_bytes", |vm, mut args| {
                let length = args.named(1, "length").unwrap_or(Value::Int(1));
                let length = vm.index(length)?.max(0) as usize;
                let order = args.named(2, "byteorder");
                let little = order.and_then(|o| vm.as_str(o)).is_some_and(|o| &*o == "little");
                let signed = args.take("signed").is_some_and(|s| matches!(s, Value::Bool(true)));
                let big = vm.number(args.at(0)).and_then(|n| n.big()).unwrap_or_default();
                vm.charge(length)?;
                if big.is_negative() && !signed {
                    return vm.raise(T::OverflowError, "can't convert negative int to unsigned");
                }
                let mut bytes = if big.is_negative() { big.to_signed_bytes_le() } else { big.to_bytes_le().1 };
                if bytes.len() > length && big.sign() != num_bigint::Sign::NoSign {
                    return vm.raise(T::OverflowError, "int too big to convert");
                }
                bytes.resize(length, if big.is_negative() { 0xff } else { 0 });
                if !little {
                    bytes.reverse();
                }
                Ok(vm.bytes(bytes))
            }),
        ],
    ),
    (
        T::Float,
        &[
            native("is_integer", |vm, args| {
                Ok(Value::Bool(vm.number(args.at(0)).and_then(|n| n.float()).is_some_and(|f| f.fract() == 0.0)))
            }),
            native("as_integer_ratio", |vm, args| {
                let f = vm.number(args.at(0)).and_then(|n| n.float()).unwrap_or(0.0);
                let (mut f, mut bottom) = (f, BigInt::from(1));
                while f.fract() != 0.0 {
                    f *= 2.0;
                    bottom *= 2;
                }
                let top = vm.int(BigInt::from_f64(f).unwrap_or_default());
                let bottom = vm.int(bottom);
                Ok(vm.tuple(vec![top, bottom]))
            }),
            native("conjugate", |_, args| Ok(args.at(0))),
            native("hex", |vm, _| Ok(vm.unknown("float.hex()"))),
            native("__int__", |vm, args| int_of(vm, args.at(0))),
            native("__trunc__", |vm, args| int_of(vm, args.at(0))),
            native("__round__", |vm, args| round(vm, args.at(0), args.get(1))),
            native("__floor__", |vm, args| {
                let f = vm.number(args.at(0)).and_then(|n| n.float()).unwrap_or(0.0).floor();
                int_of(vm, Value::Float(f))
            }),
            native("__ceil__", |vm, args| {
                let f = vm.number(args.at(0)).and_then(|n| n.float()).unwrap_or(0.0).ceil();
                int_of(vm, Value::Float(f))
            }),
        ],
    ),
    (
        T::Complex,
        &[native("conjugate", |vm, args| match vm.number(args.at(0)) {
            Some(Num::Complex(a, b)) => Ok(vm.make(T::Complex, Kind::Complex(a, -b))),
            _ => Ok(args.at(0)),
        })],
    ),
];

pub const STATICS: Methods = &[
    (T::Int, &[native("__new__", int_new)]),
    (
        T::Bool,
        &[native("__new__", |vm, args| {
            let value = args.get(1);
            Ok(Value::Bool(if args.pos.len() > 1 { vm.truth(value)? } else { false }))
        })],
    ),
    (T::Float, &[native("__new__", float_new)]),
    (T::Complex, &[native("__new__", complex_new)]),
];

pub const CLASS_METHODS: Methods = &[
    (
        T::Int,
        &[native("from_bytes", |vm, mut args| {
            let bytes = match vm.kind(args.at(1)) {
                Some(Kind::Bytes(bytes)) => bytes.to_vec(),
                Some(Kind::ByteArray(bytes)) => bytes.clone(),
                _ => {
                    let mut bytes = Vec::new();
                    for item in vm.items(args.at(1))? {
                        bytes.push(vm.index(item)? as u8);
                    }
                    bytes
                }
            };
            let order = args.named(2, "byteorder");
            let little = order.and_then(|o| vm.as_str(o)).is_some_and(|o| &*o == "little");
            let signed = args.take("signed").is_some_and(|s| matches!(s, Value::Bool(true)));
            let big = match (little, signed) {
                (true, true) => BigInt::from_signed_bytes_le(&bytes),
                (false, true) => BigInt::from_signed_bytes_be(&bytes),
                (true, false) => BigInt::from_bytes_le(num_bigint::Sign::Plus, &bytes),
                (false, false) => BigInt::from_bytes_be(num_bigint::Sign::Plus, &bytes),
            };
            let number = vm.int(big);
            // A subclass makes its own of it.
            if args.at(0).same(T::Int.v()) { Ok(number) } else { vm.call_with(args.at(0), &[number]) }
        })],
    ),
    (
        T::Float,
        &[
            native("fromhex", |vm, _| Ok(vm.unknown("float.fromhex()"))),
            native("from_number", |vm, args| vm.call_with(T::Float.v(), &[args.at(1)])),
            native("__getformat__", |vm, _| Ok(vm.str("IEEE, little-endian"))),
        ],
    ),
];

pub const GETSETS: GetSets = &[
    (
        T::Int,
        &[
            GetSet { name: "real", get: |vm, this| number_part(vm, this, true), set: None },
            GetSet { name: "imag", get: |_, _| Ok(Value::Int(0)), set: None },
            GetSet { name: "numerator", get: |vm, this| number_part(vm, this, true), set: None },
            GetSet { name: "denominator", get: |_, _| Ok(Value::Int(1)), set: None },
        ],
    ),
    (
        T::Float,
        &[
            GetSet { name: "real", get: |vm, this| number_part(vm, this, true), set: None },
            GetSet { name: "imag", get: |_, _| Ok(Value::Float(0.0)), set: None },
        ],
    ),
    (
        T::Complex,
        &[
            GetSet { name: "real", get: |vm, this| number_part(vm, this, true), set: None },
            GetSet { name: "imag", get: |vm, this| number_part(vm, this, false), set: None },
        ],
    ),
];

fn number_part(vm: &mut Vm<'_>, this: Value, real: bool) -> R {
    Ok(match vm.number(this) {
        Some(Num::Complex(a, b)) => Value::Float(if real { a } else { b }),
        Some(Num::Int(i)) => Value::Int(i),
        Some(Num::Float(f)) => Value::Float(f),
        _ => this,
    })
}

fn int_of(vm: &mut Vm<'_>, value: Value) -> R {
    let Some(f) = vm.number(value).and_then(|n| n.float()) else { return Ok(Value::NotImplemented) };
    if f.is_nan() {
        return vm.raise(T::ValueError, "cannot convert float NaN to integer");
    }
    if f.is_infinite() {
        return vm.raise(T::OverflowError, "cannot convert float infinity to integer");
    }
    Ok(vm.int(BigInt::from_f64(f.trunc()).unwrap_or_default()))
}

/// How many digits a number may have in texts of which the base is no power of two.
const LONGEST_DECIMAL: usize = 4300;

fn parse_int(text: &str, base: u32) -> Option<BigInt> {
    let text = text.trim();
    let (negative, digits) = match text.as_bytes().first() {
        Some(b'-') => (true, &text[1..]),
        Some(b'+') => (false, &text[1..]),
        _ => (false, text),
    };
    let lower = digits.to_ascii_lowercase();
    let (base, digits) = match (base, lower.get(..2)) {
        (0 | 16, Some("0x")) => (16, &lower[2..]),
        (0 | 8, Some("0o")) => (8, &lower[2..]),
        (0 | 2, Some("0b")) => (2, &lower[2..]),
        (0, _) => (10, &lower[..]),
        (base, _) => (base, &lower[..]),
    };
    let digits = digits.strip_prefix('_').filter(|_| base != 10).unwrap_or(digits);
    if digits.is_empty()
        || digits.starts_with('_')
        || digits.ends_with('_')
        || digits.contains("__")
        || digits.starts_with(['+', '-'])
    {
        return None;
    }
    let digits: String = digits
        .chars()
        .filter(|c| *c != '_')
        .map(|c| crate::vm::unicode::decimal(c).and_then(|d| char::from_digit(d, 10)).unwrap_or(c))
        .collect();
    let value = BigInt::parse_bytes(digits.as_bytes(), base)?;
    Some(if negative { -value } else { value })
}

fn int_new(vm: &mut Vm<'_>, mut args: Args) -> R {
    let class = args.at(0).obj().unwrap_or(T::Int.r());
    let base = args.named(2, "base");
    let value = match args.pos.get(1).copied() {
        None => Value::Int(0),
        Some(value) => value,
    };
    let number = int_value(vm, value, base)?;
    let (Value::Int(_) | Value::Obj(_)) = number else { return Ok(number) };
    if class == T::Int.r() {
        return Ok(number);
    }
    let kind = match vm.number(number) {
        Some(Num::Int(i)) => Kind::Int(i),
        Some(Num::Big(big)) => Kind::Big(big),
        _ => return Ok(number),
    };
    Ok(Value::Obj(vm.alloc(class, kind)))
}

fn int_value(vm: &mut Vm<'_>, value: Value, base: Option<Value>) -> R {
    let text = match vm.kind(value) {
        Some(Kind::Str(text)) => Some(text.to_string()),
        Some(Kind::Bytes(bytes)) => Some(String::from_utf8_lossy(bytes).into_owned()),
        _ => None,
    };
    if let Some(text) = text {
        let base = match base {
            Some(base) => vm.index(base)?,
            None => 10,
        };
        if base != 0 && !(2..=36).contains(&base) {
            return vm.raise(T::ValueError, "int() base must be >= 2 and <= 36, or 0");
        }
        let digits = text.chars().filter(char::is_ascii_alphanumeric).count();
        if digits > LONGEST_DECIMAL && !(base as u64).is_power_of_two() {
            return vm.raise(
                T::ValueError,
                format!(
                    "Exceeds the limit ({LONGEST_DECIMAL} digits) for integer string conversion: value has {digits} digits; use sys.set_int_max_str_digits() to increase the limit"
                ),
            );
        }
        vm.charge(text.len())?;
        return match parse_int(&text, base as u32) {
            Some(big) => Ok(vm.int(big)),
            None => {
                let shown = crate::vm::text::quote(&text);
                vm.raise(T::ValueError, format!("invalid literal for int() with base {base}: {shown}"))
            }
        };
    }
    match vm.number(value) {
        Some(Num::Int(i)) if vm.class_of(value).owner == 0 => return Ok(Value::Int(i)),
        Some(Num::Big(big)) if vm.class_of(value).owner == 0 => return Ok(vm.make(T::Int, Kind::Big(big))),
        Some(Num::Float(_)) => return int_of(vm, value),
        _ => {}
    }
    for name in ["__int__", "__index__", "__trunc__"] {
        if let Some(method) = vm.special(value, name)? {
            let made = vm.call_with(method, &[])?;
            let whole = vm.is_unknown(made) || vm.number(made).is_some_and(|number| number.is_int());
            if !whole && name != "__trunc__" {
                let given = vm.class_name(made);
                return vm.type_error(format!("{name} returned non-int (type {given})"));
            }
            return Ok(made);
        }
    }
    let class = vm.class_name(value);
    vm.type_error(format!("int() argument must be a string, a bytes-like object or a real number, not '{class}'"))
}

fn float_new(vm: &mut Vm<'_>, args: Args) -> R {
    let class = args.at(0).obj().unwrap_or(T::Float.r());
    let value = args.pos.get(1).copied().unwrap_or(Value::Float(0.0));
    let f = if let Some(f) = vm.number(value).and_then(|n| n.float_in_range()) {
        f
    } else if matches!(vm.number(value), Some(Num::Int(_) | Num::Big(_))) {
        return vm.raise(T::OverflowError, "int too large to convert to float");
    } else if let Some(text) = vm.as_str(value) {
        let plain = text.trim().replace('_', "").to_ascii_lowercase();
        let shape = plain.trim_start_matches(['+', '-']);
        let good =
            shape.starts_with(|c: char| c.is_ascii_digit() || c == '.') || matches!(shape, "inf" | "infinity" | "nan");
        match plain.parse::<f64>() {
            Ok(f) if good => f,
            _ => {
                let shown = crate::vm::text::quote(&text);
                return vm.raise(T::ValueError, format!("could not convert string to float: {shown}"));
            }
        }
    } else if let Some(method) = vm.special(value, "__float__")? {
        let made = vm.call_with(method, &[])?;
        match vm.number(made) {
            Some(Num::Float(f)) => f,
            _ if vm.is_unknown(made) => return Ok(made),
            _ => {
                let (class, given) = (vm.class_name(value), vm.class_name(made));
                return vm.type_error(format!("{class}.__float__ returned non-float (type {given})"));
            }
        }
    } else {
        let class = vm.class_name(value);
        return vm.type_error(format!("float() argument must be a string or a real number, not '{class}'"));
    };
    if class == T::Float.r() {
        return Ok(Value::Float(f));
    }
    made(vm, &args, Kind::Float(f))
}

/// `round`
pub fn round(vm: &mut Vm<'_>, value: Value, digits: Value) -> R {
    let own = vm.lookup(vm.class_of(value), &"__round__".into());
    match vm.number(value).filter(|_| vm.is_native(own)) {
        Some(Num::Float(f)) => {
            if digits.is_none() {
                return int_of(vm, Value::Float(f.round_ties_even()));
            }
            let digits = vm.index(digits)?.clamp(-400, 400);
            if digits < 0 {
                let scale = 10f64.powi(-digits as i32);
                return Ok(Value::Float((f / scale).round_ties_even() * scale));
            }
            let text = format!("{f:.*}", digits as usize);
            Ok(Value::Float(text.parse().unwrap_or(f)))
        }
        Some(number @ (Num::Int(_) | Num::Big(_))) => {
            let big = number.big().unwrap_or_default();
            let digits = if digits.is_none() { 0 } else { vm.index(digits)? };
            if digits >= 0 {
                return Ok(vm.int(big));
            }
            let scale = num_traits::Pow::pow(BigInt::from(10), (-digits).min(400) as u32);
            let (quotient, rest) = num_integer::Integer::div_mod_floor(&big, &scale);
            let twice: BigInt = &rest * 2;
            let up = twice > scale || (twice == scale && num_integer::Integer::is_odd(&quotient));
            let rounded = (quotient + if up { 1 } else { 0 }) * scale;
            Ok(vm.int(rounded))
        }
        _ => match vm.special(value, "__round__")? {
            Some(method) if digits.is_none() => vm.call_with(method, &[]),
            Some(method) => vm.call_with(method, &[digits]),
            None => {
                let class = vm.class_name(value);
                vm.type_error(format!("type {class} doesn't define __round__ method"))
            }
        },
    }
}
