//! Floats and complex numbers as text and as hashes.

use super::Methods;
use super::object::made;
use crate::heap::{Kind, T, native};
use crate::value::Value;
use crate::vm::call::Args;
use crate::vm::numbers::Num;
use crate::vm::{R, Vm};
use num_bigint::BigInt;
use num_integer::Integer;
use num_traits::{Signed, ToPrimitive};

pub const METHODS: Methods = &[(
    T::Float,
    &[native("hex", |vm, args| {
        let f = vm.number(args.at(0)).and_then(|n| n.float()).unwrap_or(f64::NAN);
        Ok(vm.str(hex(f)))
    })],
)];

pub const CLASS_METHODS: Methods = &[(
    T::Float,
    &[native("fromhex", |vm, args| {
        let text = vm.need_str(args.at(1), "fromhex() argument")?;
        match from_hex(&text) {
            Some(f) if args.at(0).same(T::Float.v()) => Ok(Value::Float(f)),
            Some(f) => vm.call_with(args.at(0), &[Value::Float(f)]),
            None => vm.raise(T::ValueError, "invalid hexadecimal floating-point string"),
        }
    })],
)];

fn hex(f: f64) -> String {
    if !f.is_finite() {
        return crate::vm::text::float_repr(f);
    }
    let sign = if f.is_sign_negative() { "-" } else { "" };
    let bits = f.to_bits();
    let (exponent, mantissa) = ((bits >> 52) & 0x7ff, bits & ((1 << 52) - 1));
    match (exponent, mantissa) {
        (0, 0) => format!("{sign}0x0.0p+0"),
        (0, _) => format!("{sign}0x0.{mantissa:013x}p-1022"),
        _ => format!("{sign}0x1.{mantissa:013x}p{:+}", exponent as i64 - 1023),
    }
}

fn from_hex(text: &str) -> Option<f64> {
    let text = text.trim().to_ascii_lowercase();
    let (negative, text) = match text.strip_prefix('-') {
        Some(rest) => (true, rest),
        None => (false, text.strip_prefix('+').unwrap_or(&text)),
    };
    let value = match text {
        "inf" | "infinity" => f64::INFINITY,
        "nan" => f64::NAN,
        _ => {
            let digits = text.strip_prefix("0x").unwrap_or(text);
            let (digits, exponent) = match digits.split_once('p') {
                Some((digits, exponent)) => (digits, exponent.parse::<i32>().ok()?),
                None => (digits, 0),
            };
            let (whole, fraction) = digits.split_once('.').unwrap_or((digits, ""));
            if (whole.is_empty() && fraction.is_empty()) || whole.len() + fraction.len() > 1000 {
                return None;
            }
            let mut value = 0.0f64;
            for digit in whole.chars().chain(fraction.chars()) {
                value = value * 16.0 + f64::from(digit.to_digit(16)?);
            }
            value * 2f64.powi(exponent.saturating_sub(4 * fraction.len() as i32))
        }
    };
    Some(if negative { -value } else { value })
}

/// The complex number that a text means, as for `complex("1+2j")`.
pub fn parse_complex(text: &str) -> Option<(f64, f64)> {
    let text = text.trim();
    let text = text.strip_prefix('(').and_then(|inner| inner.strip_suffix(')')).unwrap_or(text).trim();
    let number = |part: &str| match part {
        "+" | "" => Some(1.0),
        "-" => Some(-1.0),
        part if part.ends_with(|c: char| c.is_ascii_digit() || c == '.' || c == 'f' || c == 'n' || c == 'y') => {
            part.replace('_', "").parse::<f64>().ok()
        }
        _ => None,
    };
    let Some(imaginary) = text.strip_suffix(['j', 'J']) else {
        return (!text.is_empty()).then(|| number(text)).flatten().map(|real| (real, 0.0));
    };
    // The sign between the parts is the last one that does not belong to an exponent.
    let split = imaginary
        .char_indices()
        .rev()
        .find(|(at, c)| *at > 0 && matches!(c, '+' | '-') && !imaginary[..*at].ends_with(['e', 'E']));
    match split {
        Some((at, _)) => Some((number(&imaginary[..at])?, number(&imaginary[at..])?)),
        None => Some((0.0, number(imaginary)?)),
    }
}

/// `complex(…)`
pub fn complex_new(vm: &mut Vm<'_>, mut args: Args) -> R {
    let real = args.named(1, "real").unwrap_or(Value::Int(0));
    let imag = args.named(2, "imag").unwrap_or(Value::Int(0));
    if let Some(text) = vm.as_str(real) {
        return match parse_complex(&text) {
            Some((a, b)) => made(vm, &args, Kind::Complex(a, b)),
            None => vm.raise(T::ValueError, "complex() arg is a malformed string"),
        };
    }
    let (Some((a, b)), Some((c, d))) = (complex_of(vm, real)?, complex_of(vm, imag)?) else {
        let class = vm.class_name(real);
        return vm.type_error(format!("complex() argument 'real' must be a real number, not {class}"));
    };
    made(vm, &args, Kind::Complex(a - d, b + c))
}

fn complex_of(vm: &mut Vm<'_>, value: Value) -> R<Option<(f64, f64)>> {
    for name in ["", "__complex__", "__float__", "__index__"] {
        let value = match name {
            "" => value,
            name => match vm.special(value, name)? {
                Some(method) => vm.call_with(method, &[])?,
                None => continue,
            },
        };
        match vm.number(value) {
            Some(Num::Complex(a, b)) => return Ok(Some((a, b))),
            Some(other) => return Ok(other.float().map(|f| (f, 0.0))),
            None => {}
        }
    }
    Ok(None)
}

/// The prime by which hashes of numbers are reduced.
const PRIME: i64 = (1 << 61) - 1;

/// The hash of a number, which equal numbers of all types share.
pub fn number_hash(number: &Num) -> i64 {
    let hash = match number {
        Num::Int(i) => i % PRIME,
        Num::Big(big) => {
            let rest = big.abs().mod_floor(&BigInt::from(PRIME)).to_i64().unwrap_or(0);
            if big.is_negative() { -rest } else { rest }
        }
        Num::Float(f) => float_hash(*f),
        Num::Complex(a, b) => float_hash(*a).wrapping_add(float_hash(*b).wrapping_mul(1_000_003)),
    };
    if hash == -1 { -2 } else { hash }
}

fn float_hash(f: f64) -> i64 {
    if f.is_infinite() {
        return if f > 0.0 { 314_159 } else { -314_159 };
    }
    if f.is_nan() || f == 0.0 {
        return 0;
    }
    // As CPython does: the mantissa in pieces of 28 bits, then the exponent as a rotation.
    let bits = f.abs().to_bits();
    let (raw, fraction) = ((bits >> 52) as i32, bits & ((1 << 52) - 1));
    let (mut mantissa, exponent) = match raw {
        0 => (fraction as f64 / 2f64.powi(52), -1022),
        _ => ((fraction | (1 << 52)) as f64 / 2f64.powi(53), raw - 1022),
    };
    let (mut x, mut e) = (0u64, exponent);
    while mantissa != 0.0 {
        x = ((x << 28) & PRIME as u64) | (x >> (61 - 28));
        mantissa *= f64::from(1u32 << 28);
        e -= 28;
        let piece = mantissa.trunc();
        mantissa -= piece;
        x += piece as u64;
        if x >= PRIME as u64 {
            x -= PRIME as u64;
        }
    }
    let turn = e.rem_euclid(61) as u32;
    x = ((x << turn) & PRIME as u64) | (x >> (61 - turn));
    if f < 0.0 { -(x as i64) } else { x as i64 }
}
