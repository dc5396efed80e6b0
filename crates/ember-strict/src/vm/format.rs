//! `format`, f-strings and `%`: values as text in a given form.

use super::numbers::Num;
use super::spec::{Spec, format_float};
use super::text::ascii;
use super::{LONGEST, R, Stop, Vm};
use crate::diagnostics::Code as Emb;
use crate::heap::{Kind, T};
use crate::value::{Str, Value};
use num_bigint::BigInt;
use num_traits::Signed;

/// Zero without its sign, if that is what a number is in a format.
fn without_sign_of_zero(f: f64, spec: &Spec) -> f64 {
    let shown = format_float(f.abs(), spec).unwrap_or_default();
    if shown.bytes().all(|byte| !matches!(byte, b'1'..=b'9')) { f.abs() } else { f }
}

impl<'w> Vm<'w> {
    /// The part of an f-string: conversion (1 `str`, 2 `repr`, 3 `ascii`) and format.
    pub fn format_value(&mut self, value: Value, conversion: u8, spec: Value) -> R {
        if self.is_unknown(value) {
            return self.use_unknown(Emb::UnknownOperand, value, "makes a text of something unknown", "");
        }
        if self.is_unknown(spec) {
            return Ok(spec);
        }
        let value = match conversion {
            1 => {
                let text = self.to_str(value)?;
                self.str(text)
            }
            2 => {
                let text = self.repr(value)?;
                self.str(text)
            }
            3 => {
                let text = self.repr(value)?;
                self.str(ascii(&text))
            }
            _ => value,
        };
        let spec = if spec.is_null() { "".into() } else { self.to_str(spec)? };
        self.format(value, &spec)
    }

    /// `format(value, spec)`
    pub fn format(&mut self, value: Value, spec: &Str) -> R {
        let class = self.class_of(value);
        if spec.is_empty() && class == T::Str.r() {
            return Ok(value);
        }
        let method = self.lookup(class, &self.world.name("__format__"));
        if !self.is_native(method)
            && let Some(method) = method
        {
            let method = self.bind(method, value, class)?;
            let spec = self.str(spec.clone());
            let made = self.call_with(method, &[spec])?;
            if !self.is_a(made, T::Str) && !self.is_unknown(made) {
                let name = self.class_name(made);
                return self.type_error(format!("__format__ must return a str, not {name}"));
            }
            return Ok(made);
        }
        let text = self.builtin_format(value, spec)?;
        Ok(self.str(text))
    }

    /// `format` of an object by what it is.
    pub fn builtin_format(&mut self, value: Value, spec: &Str) -> R<Str> {
        if spec.is_empty() {
            return self.to_str(value);
        }
        let class = self.class_of(value);
        if self.is_a(value, T::Str)
            && let Some(text) = self.as_str(value)
        {
            let parsed = self.parse_spec(spec)?;
            return self.pad_text(&text, &parsed);
        }
        if let Some(number) = self.number(value) {
            let parsed = self.parse_spec(spec)?;
            return self.format_number(&number, &parsed, matches!(value, Value::Bool(_)));
        }
        let name = self.name_of(class);
        self.type_error(format!("unsupported format string passed to {name}.__format__"))
    }

    fn parse_spec(&mut self, spec: &str) -> R<Spec> {
        match Spec::parse(spec) {
            Ok(parsed) if parsed.width <= LONGEST / 4 && parsed.precision.unwrap_or(0) <= LONGEST / 4 => Ok(parsed),
            Ok(_) => Err(Stop::GiveUp("it makes an object that is too large")),
            Err(wrong) => self.raise(T::ValueError, wrong),
        }
    }

    fn pad_text(&mut self, text: &str, spec: &Spec) -> R<Str> {
        if !matches!(spec.kind, 's' | '\0') {
            return self.raise(T::ValueError, format!("Unknown format code '{}' for object of type 'str'", spec.kind));
        }
        if let Some(wrong) = spec.text_error() {
            return self.raise(T::ValueError, wrong);
        }
        let cut: String = match spec.precision {
            Some(precision) => text.chars().take(precision).collect(),
            None => text.to_owned(),
        };
        self.charge(spec.width)?;
        Ok(spec.pad(&cut, '<').into())
    }

    /// A number in a format.
    pub fn format_number(&mut self, number: &Num, spec: &Spec, _is_bool: bool) -> R<Str> {
        let float_kind = matches!(spec.kind, 'e' | 'E' | 'f' | 'F' | 'g' | 'G' | '%');
        let whole = number.is_int() && !float_kind;
        if let Some(wrong) = spec.number_error(whole) {
            return self.raise(T::ValueError, wrong);
        }
        let body = match number {
            Num::Int(_) | Num::Big(_) if !float_kind => {
                let big = number.big().unwrap_or_default();
                let digits = match spec.kind {
                    '\0' | 'd' | 'n' => big.abs().to_string(),
                    'x' => format!("{}{}", if spec.alternate { "0x" } else { "" }, big.abs().to_str_radix(16)),
                    'X' => format!(
                        "{}{}",
                        if spec.alternate { "0X" } else { "" },
                        big.abs().to_str_radix(16).to_uppercase()
                    ),
                    'o' => format!("{}{}", if spec.alternate { "0o" } else { "" }, big.abs().to_str_radix(8)),
                    'b' => format!("{}{}", if spec.alternate { "0b" } else { "" }, big.abs().to_str_radix(2)),
                    'c' => {
                        let Some(c) = u32::try_from(&big).ok().and_then(char::from_u32) else {
                            return self.raise(T::OverflowError, "%c arg not in range(0x110000)");
                        };
                        return Ok(spec.pad(&c.to_string(), '<').into());
                    }
                    other => {
                        return self
                            .raise(T::ValueError, format!("Unknown format code '{other}' for object of type 'int'"));
                    }
                };
                spec.group(&digits, big.is_negative())
            }
            Num::Complex(real, imag) => return self.format_complex(*real, *imag, spec),
            _ => {
                let f = number.float().unwrap_or(f64::NAN);
                let f = if spec.unsigned_zero { without_sign_of_zero(f, spec) } else { f };
                let Some(digits) = format_float(f.abs(), spec) else {
                    return self.raise(
                        T::ValueError,
                        format!("Unknown format code '{}' for object of type 'float'", spec.kind),
                    );
                };
                spec.group(&digits, f.is_sign_negative() && !f.is_nan())
            }
        };
        self.charge(spec.width)?;
        Ok(spec.pad_number(&body).into())
    }

    /// A complex number in a format: both parts in it, the whole padded.
    fn format_complex(&mut self, real: f64, imag: f64, spec: &Spec) -> R<Str> {
        if !matches!(spec.kind, '\0' | 'e' | 'E' | 'f' | 'F' | 'g' | 'G' | 'n') {
            return self
                .raise(T::ValueError, format!("Unknown format code '{}' for object of type 'complex'", spec.kind));
        }
        if spec.zero || spec.align == '=' {
            let what = if spec.zero { "Zero padding is" } else { "'=' alignment flag is" };
            return self.raise(T::ValueError, format!("{what} not allowed in complex format specifier"));
        }
        let part = |f: f64, sign: char| {
            let mut inner = Spec { sign, width: 0, zero: false, ..spec.clone() };
            // Without a kind a part is as short as in `repr`.
            let text = match (spec.kind, spec.precision) {
                ('\0', None) => super::text::float_repr(f.abs()).trim_end_matches(".0").to_owned(),
                ('\0', Some(_)) => {
                    inner.kind = 'g';
                    format_float(f.abs(), &inner).unwrap_or_default()
                }
                _ => format_float(f.abs(), &inner).unwrap_or_default(),
            };
            inner.group(&text, f.is_sign_negative() && !f.is_nan())
        };
        let both = match spec.kind {
            '\0' if real == 0.0 && real.is_sign_positive() => format!("{}j", part(imag, spec.sign)),
            '\0' => format!("({}{}j)", part(real, spec.sign), part(imag, '+')),
            _ => format!("{}{}j", part(real, spec.sign), part(imag, '+')),
        };
        self.charge(spec.width)?;
        Ok(spec.pad(&both, '>').into())
    }

    /// `format % values` of bytes: as of texts, with a character for each byte.
    pub fn percent_bytes(&mut self, format: &[u8], values: Value) -> R {
        let as_text = |bytes: &[u8]| -> String { bytes.iter().map(|byte| *byte as char).collect() };
        let shown = |vm: &mut Self, value: Value| match vm.kind(value) {
            Some(Kind::Bytes(bytes)) => {
                let text = as_text(bytes);
                Some(vm.str(text))
            }
            Some(Kind::ByteArray(bytes)) => {
                let text = as_text(bytes);
                Some(vm.str(text))
            }
            _ => vm.number(value).map(|_| value),
        };
        let items = match self.as_tuple(values) {
            Some(items) => items.to_vec(),
            None => vec![values],
        };
        let mut texts = Vec::new();
        for item in items {
            match shown(self, item) {
                Some(text) => texts.push(text),
                None => return Ok(self.unknown("bytes that were formatted")),
            }
        }
        let texts = self.tuple(texts);
        let made = self.percent_format(&as_text(format).replace("%b", "%s"), texts)?;
        let text = self.as_str(made).unwrap_or_else(|| "".into());
        Ok(self.bytes(text.chars().map(|c| c as u32 as u8).collect()))
    }

    /// `format % values`
    pub fn percent_format(&mut self, format: &str, values: Value) -> R {
        let tuple = self.as_tuple(values).filter(|_| self.is_a(values, T::Tuple));
        let mapping = tuple.is_none()
            && !self.is_a(values, T::Str)
            && self.lookup(self.class_of(values), &"__getitem__".into()).is_some();
        let args: Vec<Value> = tuple.map_or_else(|| vec![values], |items| items.to_vec());
        let (mut next, mut used_mapping) = (0, false);
        let mut out = String::new();
        let mut chars = format.chars().peekable();
        while let Some(c) = chars.next() {
            if c != '%' {
                out.push(c);
                continue;
            }
            let mut key = None;
            if chars.peek() == Some(&'(') {
                chars.next();
                let mut depth = 1;
                let mut name = String::new();
                for c in chars.by_ref() {
                    match c {
                        '(' => depth += 1,
                        ')' => depth -= 1,
                        _ => {}
                    }
                    if depth == 0 {
                        break;
                    }
                    name.push(c);
                }
                if depth > 0 {
                    return self.raise(T::ValueError, "incomplete format key");
                }
                key = Some(name);
            }
            let mut spec = Spec::default();
            while let Some(c) = chars.peek().copied().filter(|c| "#0- +".contains(*c)) {
                match c {
                    '#' => spec.alternate = true,
                    '0' => spec.zero = true,
                    '-' => spec.align = '<',
                    other => spec.sign = other,
                }
                chars.next();
            }
            let mut take_arg = |vm: &mut Self| -> R {
                let value = args.get(next).copied();
                next += 1;
                match value {
                    Some(value) => Ok(value),
                    None => vm.type_error("not enough arguments for format string"),
                }
            };
            if chars.peek() == Some(&'*') {
                chars.next();
                let width = take_arg(self)?;
                if self.number(width).is_none_or(|width| !width.is_int()) {
                    return self.type_error("* wants int");
                }
                let width = self.index(width)?;
                if width < 0 {
                    spec.align = '<';
                }
                spec.width = width.unsigned_abs() as usize;
            }
            while let Some(digit) = chars.peek().and_then(|c| c.to_digit(10)) {
                spec.width = spec.width.saturating_mul(10).saturating_add(digit as usize);
                chars.next();
            }
            if chars.peek() == Some(&'.') {
                chars.next();
                let mut precision = 0usize;
                if chars.peek() == Some(&'*') {
                    chars.next();
                    let value = take_arg(self)?;
                    precision = self.index(value)?.max(0) as usize;
                }
                while let Some(digit) = chars.peek().and_then(|c| c.to_digit(10)) {
                    precision = precision.saturating_mul(10).saturating_add(digit as usize);
                    chars.next();
                }
                spec.precision = Some(precision);
            }
            while chars.peek().is_some_and(|c| "hlL".contains(*c)) {
                chars.next();
            }
            if spec.width > LONGEST / 4 || spec.precision.unwrap_or(0) > LONGEST / 4 {
                return Err(Stop::GiveUp("it makes an object that is too large"));
            }
            let Some(kind) = chars.next() else { return self.raise(T::ValueError, "incomplete format") };
            if kind == '%' {
                out.push('%');
                continue;
            }
            if !"diouxXeEfFgGcrsa".contains(kind) {
                let index = format.chars().count() - chars.count() - 1;
                return self.raise(
                    T::ValueError,
                    format!("unsupported format character '{kind}' (0x{:x}) at index {index}", kind as u32),
                );
            }
            let value = match key {
                Some(key) => {
                    if !mapping {
                        return self.type_error("format requires a mapping");
                    }
                    used_mapping = true;
                    let key = self.str(key);
                    self.getitem(values, key)?
                }
                None => take_arg(self)?,
            };
            if self.is_unknown(value) {
                return self.use_unknown(Emb::UnknownOperand, value, "makes a text of something unknown", "");
            }
            let text = self.percent_item(kind, value, spec)?;
            out.push_str(&text);
            self.charge(out.len() / 8)?;
        }
        if !used_mapping && next < args.len() && !mapping {
            return self.type_error("not all arguments converted during string formatting");
        }
        Ok(self.str(out))
    }

    /// What an object of the program is as a number.
    fn number_for_percent(&mut self, kind: char, value: Value) -> R<Option<Num>> {
        let names: &[&str] = match kind {
            'd' | 'i' | 'u' => &["__int__", "__index__"],
            'x' | 'X' | 'o' => &["__index__"],
            _ => &["__float__", "__index__"],
        };
        for name in names {
            if let Some(method) = self.special(value, name)? {
                let made = self.call_with(method, &[])?;
                return Ok(self.number(made));
            }
        }
        Ok(None)
    }

    fn percent_item(&mut self, kind: char, value: Value, mut spec: Spec) -> R<String> {
        let default = if spec.align == '\0' { '>' } else { '<' };
        let text = match kind {
            's' => self.to_str(value)?.to_string(),
            'r' => self.repr(value)?.to_string(),
            'a' => ascii(&self.repr(value)?),
            'c' => match (self.number(value), self.as_str(value)) {
                (Some(Num::Int(i)), _) => match u32::try_from(i).ok().and_then(char::from_u32) {
                    Some(c) => c.to_string(),
                    None => return self.raise(T::OverflowError, "%c arg not in range(0x110000)"),
                },
                (_, Some(text)) if text.chars_len() == 1 => text.to_string(),
                (_, Some(text)) => {
                    let length = text.chars_len();
                    return self.type_error(format!(
                        "%c requires an int or a unicode character, not a string of length {length}"
                    ));
                }
                _ => {
                    let name = self.class_name(value);
                    return self.type_error(format!("%c requires an int or a unicode character, not {name}"));
                }
            },
            'd' | 'i' | 'u' | 'x' | 'X' | 'o' | 'e' | 'E' | 'f' | 'F' | 'g' | 'G' => {
                let number = match self.number(value) {
                    Some(Num::Complex(..)) => None,
                    Some(Num::Float(_)) if "xXo".contains(kind) => None,
                    None => self.number_for_percent(kind, value)?,
                    some => some,
                };
                let Some(number) = number else {
                    let name = self.class_name(value);
                    return if "diu".contains(kind) {
                        self.type_error(format!("%{kind} format: a real number is required, not {name}"))
                    } else if "xXo".contains(kind) {
                        self.type_error(format!("%{kind} format: an integer is required, not {name}"))
                    } else {
                        self.type_error(format!("must be real number, not {name}"))
                    };
                };
                let whole = "diuxXo".contains(kind);
                let number = match number {
                    Num::Float(f) if whole => num_traits::FromPrimitive::from_f64(f.trunc())
                        .map_or(Num::Int(0), |big: BigInt| Num::Big(std::sync::Arc::new(big))),
                    other => other,
                };
                spec.kind = if "iu".contains(kind) { 'd' } else { kind };
                if !whole && spec.precision.is_none() {
                    spec.precision = Some(6);
                }
                if whole && let Some(precision) = spec.precision.take() {
                    let digits = self.format_number(&number, &Spec { kind: spec.kind, ..Spec::default() }, false)?;
                    let (sign, digits) = digits.strip_prefix('-').map_or(("", &*digits), |d| ("-", d));
                    let text = format!("{sign}{digits:0>precision$}");
                    spec.kind = 's';
                    return Ok(spec.pad(&text, default));
                }
                return Ok(self.format_number(&number, &spec, false)?.to_string());
            }
            _ => String::new(),
        };
        let cut: String = match spec.precision {
            Some(precision) => text.chars().take(precision).collect(),
            None => text,
        };
        spec.zero = false;
        Ok(spec.pad(&cut, default))
    }
}
