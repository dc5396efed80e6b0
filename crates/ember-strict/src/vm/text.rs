//! Values as text: `repr`, `str`, `format`, and `%`.

use super::numbers::Num;
use super::{LONGEST, R, Stop, Vm};
use crate::diagnostics::Code as Emb;
use crate::heap::{Kind, T, View};
use crate::value::{Ref, Str, Value};
use num_bigint::BigInt;
use num_traits::Signed;

/// A string's `repr`.
pub fn quote(text: &str) -> String {
    let quote = if text.contains('\'') && !text.contains('"') { '"' } else { '\'' };
    let mut out = String::with_capacity(text.len() + 2);
    out.push(quote);
    for c in text.chars() {
        match c {
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            c if c == quote => {
                out.push('\\');
                out.push(c);
            }
            c if (c as u32) < 0x20 || c as u32 == 0x7f => out.push_str(&format!("\\x{:02x}", c as u32)),
            c if (0x80..0xa1).contains(&(c as u32)) || c as u32 == 0xad => {
                out.push_str(&format!("\\x{:02x}", c as u32))
            }
            c => out.push(c),
        }
    }
    out.push(quote);
    out
}

fn quote_bytes(bytes: &[u8]) -> String {
    let quote = if bytes.contains(&b'\'') && !bytes.contains(&b'"') { '"' } else { '\'' };
    let mut out = format!("b{quote}");
    for byte in bytes {
        match byte {
            b'\\' => out.push_str("\\\\"),
            b'\n' => out.push_str("\\n"),
            b'\r' => out.push_str("\\r"),
            b'\t' => out.push_str("\\t"),
            c if *c == quote as u8 => {
                out.push('\\');
                out.push(*c as char);
            }
            0x20..=0x7e => out.push(*byte as char),
            _ => out.push_str(&format!("\\x{byte:02x}")),
        }
    }
    out.push(quote);
    out
}

/// A float's `repr`.
pub fn float_repr(f: f64) -> String {
    if f.is_nan() {
        return "nan".into();
    }
    if f.is_infinite() {
        return if f > 0.0 { "inf".into() } else { "-inf".into() };
    }
    let scientific = format!("{f:e}");
    let Some((mantissa, exponent)) = scientific.split_once('e') else { return scientific };
    let exponent: i32 = exponent.parse().unwrap_or(0);
    if (-4..16).contains(&exponent) {
        let plain = format!("{f}");
        return if plain.contains('.') { plain } else { format!("{plain}.0") };
    }
    let sign = if exponent < 0 { '-' } else { '+' };
    format!("{mantissa}e{sign}{:02}", exponent.abs())
}

impl<'w> Vm<'w> {
    /// The `repr` of values for which nothing of the program runs.
    pub fn plain_repr(&self, value: Value) -> Option<String> {
        Some(match value {
            Value::Null | Value::None => "None".into(),
            Value::Bool(true) => "True".into(),
            Value::Bool(false) => "False".into(),
            Value::Int(i) => i.to_string(),
            Value::Float(f) => float_repr(f),
            Value::Ellipsis => "Ellipsis".into(),
            Value::NotImplemented => "NotImplemented".into(),
            Value::Obj(r) => match &self.get(r).kind {
                Kind::Str(text) => quote(text),
                Kind::Bytes(bytes) => quote_bytes(bytes),
                Kind::ByteArray(bytes) => format!("bytearray({})", quote_bytes(bytes)),
                Kind::Int(i) => i.to_string(),
                Kind::Big(big) => {
                    if big.bits() > 40_000 {
                        return None;
                    }
                    big.to_string()
                }
                Kind::Float(f) => float_repr(*f),
                Kind::Complex(a, b) => {
                    let imag = float_repr(*b).trim_end_matches(".0").to_owned();
                    let sign = if imag.starts_with('-') { "" } else { "+" };
                    if *a == 0.0 && a.is_sign_positive() {
                        format!("{imag}j")
                    } else {
                        format!("({}{sign}{imag}j)", float_repr(*a).trim_end_matches(".0"))
                    }
                }
                Kind::Range(a, b, 1) => format!("range({a}, {b})"),
                Kind::Range(a, b, c) => format!("range({a}, {b}, {c})"),
                Kind::Module(name) => format!("<module '{name}'>"),
                Kind::Class(_) => self.class_repr(r),
                Kind::Function(function) => format!("<function {} at 0x{:x}>", function.qualname, r.index),
                Kind::Native(native) => {
                    format!("<built-in function {}>", native.name.split(' ').next().unwrap_or_default())
                }
                _ => return None,
            },
        })
    }

    fn class_repr(&self, class: Ref) -> String {
        let name = self.qualified_name(class);
        format!("<class '{name}'>")
    }

    /// `module.qualname` of a class, without `builtins`.
    pub fn qualified_name(&self, class: Ref) -> String {
        let dict = self.get(class).dict;
        let module = dict.and_then(|d| self.get_str(d, &"__module__".into())).and_then(|v| self.as_str(v));
        let name = self.class(class).map_or_else(|| "?".into(), |data| data.qualname.clone());
        match module {
            Some(module) if &*module != "builtins" && class.owner != 0 => format!("{module}.{name}"),
            _ => name.to_string(),
        }
    }

    /// `repr(value)`
    pub fn repr(&mut self, value: Value) -> R<Str> {
        let class = self.class_of(value);
        if class.owner == 0
            && class != T::Type.r()
            && let Some(text) = self.plain_repr(value)
        {
            return Ok(text.into());
        }
        if self.is_unknown(value) {
            self.use_unknown(Emb::UnknownOperand, value, "makes a text of something unknown", "")?;
            return Ok("?".into());
        }
        match self.lookup(class, &self.world.name("__repr__")) {
            Some(method) if !self.is_native(Some(method)) => {
                let method = self.bind(method, value, class)?;
                let text = self.deeper(|vm| vm.call_with(method, &[]))?;
                if self.is_unknown(text) {
                    return Ok("?".into());
                }
                match self.as_str(text) {
                    Some(text) => Ok(text),
                    None => {
                        let name = self.class_name(text);
                        self.type_error(format!("__repr__ returned non-string (type {name})"))
                    }
                }
            }
            _ => self.deeper(|vm| vm.builtin_repr(value)),
        }
    }

    /// The `repr` of an object by what it is.
    pub fn builtin_repr(&mut self, value: Value) -> R<Str> {
        if let Some(text) = self.plain_repr(value) {
            return Ok(text.into());
        }
        let Some(r) = value.obj() else { return Ok("?".into()) };
        self.tick(2)?;
        let text = match &self.get(r).kind {
            Kind::Big(_) => {
                return self.raise(T::ValueError, "Exceeds the limit (4300 digits) for integer string conversion");
            }
            Kind::Tuple(items) => {
                let items = items.clone();
                let parts = self.reprs(&items)?;
                if items.len() == 1 { format!("({parts},)") } else { format!("({parts})") }
            }
            Kind::List(items) => {
                let items = items.clone();
                format!("[{}]", self.reprs(&items)?)
            }
            Kind::Set(table) => {
                let items: Vec<Value> = table.iter().map(|entry| entry.key).collect();
                let parts = self.reprs(&items)?;
                let name = self.class_name(value);
                match (&*name, items.is_empty()) {
                    ("set", false) => format!("{{{parts}}}"),
                    (name, true) => format!("{name}()"),
                    (name, false) => format!("{name}({{{parts}}})"),
                }
            }
            Kind::Dict(_) => {
                let mut parts = Vec::new();
                for (key, item) in self.entries(r) {
                    parts.push(format!("{}: {}", self.repr(key)?, self.repr(item)?));
                }
                format!("{{{}}}", parts.join(", "))
            }
            Kind::View(dict, view) => {
                let (dict, view) = (*dict, *view);
                let name = match view {
                    View::Keys => "dict_keys",
                    View::Values => "dict_values",
                    View::Items => "dict_items",
                };
                let _ = dict;
                let items = self.items(value)?;
                format!("{name}([{}])", self.reprs(&items)?)
            }
            Kind::Proxy(inner) => {
                let inner = *inner;
                format!("mappingproxy({})", self.repr(inner)?)
            }
            Kind::Slice(parts) => {
                let parts = parts.to_vec();
                format!("slice({})", self.reprs(&parts)?)
            }
            Kind::Exception(data) => {
                let args = self.as_tuple(data.args).unwrap_or_default();
                let parts = self.reprs(&args)?;
                format!("{}({parts})", self.class_name(value))
            }
            Kind::Method(function, this) => {
                let (function, this) = (*function, *this);
                let name = self.describe(function);
                format!("<bound method {name} of {}>", self.repr(this)?)
            }
            _ => {
                let class = self.qualified_name_with_module(self.class_of(value));
                format!("<{class} object at 0x{:x}>", 0x7000_0000 + r.index * 16)
            }
        };
        self.charge(text.len())?;
        Ok(text.into())
    }

    fn qualified_name_with_module(&self, class: Ref) -> String {
        self.qualified_name(class)
    }

    fn reprs(&mut self, items: &[Value]) -> R<String> {
        let mut out = String::new();
        for (index, item) in items.iter().enumerate() {
            if index > 0 {
                out.push_str(", ");
            }
            out.push_str(&self.repr(*item)?);
            if out.len() > LONGEST {
                return Err(Stop::GiveUp("it makes an object that is too large"));
            }
        }
        Ok(out)
    }

    /// `str(value)`
    pub fn to_str(&mut self, value: Value) -> R<Str> {
        let class = self.class_of(value);
        if class == T::Str.r()
            && let Some(text) = self.as_str(value)
        {
            return Ok(text);
        }
        if class.owner != 0 || class.index >= T::BaseException as u32 {
            let method = self.lookup(class, &self.world.name("__str__"));
            if !self.is_native(method)
                && let Some(method) = method
            {
                let method = self.bind(method, value, class)?;
                let text = self.deeper(|vm| vm.call_with(method, &[]))?;
                if self.is_unknown(text) {
                    return Ok("?".into());
                }
                return match self.as_str(text) {
                    Some(text) => Ok(text),
                    None => {
                        let name = self.class_name(text);
                        self.type_error(format!("__str__ returned non-string (type {name})"))
                    }
                };
            }
            return self.builtin_str(value);
        }
        self.repr(value)
    }

    /// `str` of an object by what it is.
    pub fn builtin_str(&mut self, value: Value) -> R<Str> {
        match self.kind(value) {
            Some(Kind::Str(text)) => Ok(text.clone()),
            Some(Kind::Exception(data)) => {
                let args = self.as_tuple(data.args).unwrap_or_default();
                if self.is_a(value, T::KeyError) && args.len() == 1 {
                    return self.repr(args[0]);
                }
                if self.is_a(value, T::BaseExceptionGroup) && args.len() == 2 {
                    let count = self.items(args[1])?.len();
                    let plural = if count == 1 { "" } else { "s" };
                    return Ok(format!("{} ({count} sub-exception{plural})", self.to_str(args[0])?).into());
                }
                if self.is_a(value, T::OSError) && args.len() >= 2 {
                    return Ok(format!("[Errno {}] {}", self.to_str(args[0])?, self.to_str(args[1])?).into());
                }
                match args.len() {
                    0 => Ok("".into()),
                    1 => self.to_str(args[0]),
                    _ => {
                        let parts = self.reprs(&args)?;
                        Ok(format!("({parts})").into())
                    }
                }
            }
            _ => self.repr(value),
        }
    }

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
            return self.call_with(method, &[spec]);
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
            Some(parsed) if parsed.width <= LONGEST / 4 && parsed.precision.unwrap_or(0) <= LONGEST / 4 => Ok(parsed),
            Some(_) => Err(Stop::GiveUp("it makes an object that is too large")),
            None => self.raise(T::ValueError, "Invalid format specifier"),
        }
    }

    fn pad_text(&mut self, text: &str, spec: &Spec) -> R<Str> {
        if !matches!(spec.kind, 's' | '\0') {
            return self.raise(T::ValueError, format!("Unknown format code '{}' for object of type 'str'", spec.kind));
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
        let float_kind = matches!(spec.kind, 'e' | 'E' | 'f' | 'F' | 'g' | 'G' | '%' | 'n');
        let body = match number {
            Num::Int(_) | Num::Big(_) if !float_kind => {
                let big = number.big().unwrap_or_default();
                let digits = match spec.kind {
                    '\0' | 'd' => big.abs().to_string(),
                    'x' => format!("{}{}", if spec.alternate { "0x" } else { "" }, big.abs().to_str_radix(16)),
                    'X' => format!(
                        "{}{}",
                        if spec.alternate { "0X" } else { "" },
                        big.abs().to_str_radix(16).to_uppercase()
                    ),
                    'o' => format!("{}{}", if spec.alternate { "0o" } else { "" }, big.abs().to_str_radix(8)),
                    'b' => format!("{}{}", if spec.alternate { "0b" } else { "" }, big.abs().to_str_radix(2)),
                    'c' => {
                        let code = u32::try_from(&big).ok().and_then(char::from_u32);
                        let text = code.map(String::from).unwrap_or_default();
                        return Ok(spec.pad(&text, '<').into());
                    }
                    other => {
                        return self
                            .raise(T::ValueError, format!("Unknown format code '{other}' for object of type 'int'"));
                    }
                };
                spec.group(&digits, big.is_negative())
            }
            Num::Complex(..) => return Ok("?".into()),
            _ => {
                let f = number.float().unwrap_or(f64::NAN);
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

    fn percent_item(&mut self, kind: char, value: Value, mut spec: Spec) -> R<String> {
        let default = if spec.align == '\0' { '>' } else { '<' };
        let text = match kind {
            's' => self.to_str(value)?.to_string(),
            'r' => self.repr(value)?.to_string(),
            'a' => ascii(&self.repr(value)?),
            'c' => match (self.number(value), self.as_str(value)) {
                (Some(Num::Int(i)), _) => {
                    u32::try_from(i).ok().and_then(char::from_u32).map(String::from).unwrap_or_default()
                }
                (_, Some(text)) => text.to_string(),
                _ => return self.type_error("%c requires an int or a unicode character"),
            },
            'd' | 'i' | 'u' | 'x' | 'X' | 'o' | 'e' | 'E' | 'f' | 'F' | 'g' | 'G' => {
                let Some(number) = self.number(value) else {
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
            other => {
                return self.raise(
                    T::ValueError,
                    format!("unsupported format character '{other}' (0x{:x}) at index 0", other as u32),
                );
            }
        };
        let cut: String = match spec.precision {
            Some(precision) => text.chars().take(precision).collect(),
            None => text,
        };
        spec.zero = false;
        Ok(spec.pad(&cut, default))
    }
}

/// A text with everything but ASCII escaped.
pub fn ascii(text: &str) -> String {
    let mut out = String::new();
    for c in text.chars() {
        match c as u32 {
            0..=0x7f => out.push(c),
            code @ 0x80..=0xff => out.push_str(&format!("\\x{code:02x}")),
            code @ 0x100..=0xffff => out.push_str(&format!("\\u{code:04x}")),
            code => out.push_str(&format!("\\U{code:08x}")),
        }
    }
    out
}

/// A format specification.
#[derive(Clone, Debug)]
pub struct Spec {
    fill: char,
    align: char,
    sign: char,
    alternate: bool,
    zero: bool,
    width: usize,
    grouping: char,
    precision: Option<usize>,
    kind: char,
}

impl Default for Spec {
    fn default() -> Spec {
        Spec {
            fill: ' ',
            align: '\0',
            sign: '-',
            alternate: false,
            zero: false,
            width: 0,
            grouping: '\0',
            precision: None,
            kind: '\0',
        }
    }
}

impl Spec {
    fn parse(text: &str) -> Option<Spec> {
        let mut spec = Spec::default();
        let chars: Vec<char> = text.chars().collect();
        let mut at = 0;
        let aligns = |c: char| "<>=^".contains(c);
        if chars.len() >= 2 && aligns(chars[1]) {
            (spec.fill, spec.align) = (chars[0], chars[1]);
            at = 2;
        } else if chars.first().is_some_and(|c| aligns(*c)) {
            spec.align = chars[0];
            at = 1;
        }
        let get = |at: usize| chars.get(at).copied().unwrap_or('\0');
        if "+- ".contains(get(at)) && get(at) != '\0' {
            spec.sign = get(at);
            at += 1;
        }
        if get(at) == 'z' {
            at += 1;
        }
        if get(at) == '#' {
            spec.alternate = true;
            at += 1;
        }
        if get(at) == '0' {
            spec.zero = true;
            at += 1;
        }
        while let Some(digit) = get(at).to_digit(10) {
            spec.width = spec.width.saturating_mul(10).saturating_add(digit as usize);
            at += 1;
        }
        if get(at) == ',' || get(at) == '_' {
            spec.grouping = get(at);
            at += 1;
        }
        if get(at) == '.' {
            at += 1;
            let mut precision = 0usize;
            let start = at;
            while let Some(digit) = get(at).to_digit(10) {
                precision = precision.saturating_mul(10).saturating_add(digit as usize);
                at += 1;
            }
            if at == start {
                return None;
            }
            spec.precision = Some(precision);
        }
        if at < chars.len() {
            spec.kind = chars[at];
            at += 1;
        }
        (at == chars.len()).then_some(spec)
    }

    fn pad(&self, text: &str, default: char) -> String {
        let length = text.chars().count();
        let missing = self.width.saturating_sub(length);
        let align = if self.align == '\0' { default } else { self.align };
        let fill = if self.zero && self.align == '\0' { '0' } else { self.fill };
        let fill = |n: usize| fill.to_string().repeat(n);
        match align {
            '>' | '=' => format!("{}{text}", fill(missing)),
            '^' => format!("{}{text}{}", fill(missing / 2), fill(missing - missing / 2)),
            _ => format!("{text}{}", fill(missing)),
        }
    }

    /// Digits with sign and separators.
    fn group(&self, digits: &str, negative: bool) -> String {
        let sign = match (negative, self.sign) {
            (true, _) => "-",
            (false, '+') => "+",
            (false, ' ') => " ",
            _ => "",
        };
        if self.grouping == '\0' {
            return format!("{sign}{digits}");
        }
        let end = digits.find(['.', 'e', '%']).unwrap_or(digits.len());
        let (prefix, whole) = match digits.get(..2) {
            Some("0x" | "0b" | "0o" | "0X") => digits[..end].split_at(2),
            _ => ("", &digits[..end]),
        };
        let every = if matches!(self.kind, 'x' | 'X' | 'b' | 'o') { 4 } else { 3 };
        let mut out = String::new();
        for (index, c) in whole.chars().enumerate() {
            if index > 0 && (whole.len() - index).is_multiple_of(every) {
                out.push(self.grouping);
            }
            out.push(c);
        }
        format!("{sign}{prefix}{out}{}", &digits[end..])
    }

    fn pad_number(&self, body: &str) -> String {
        let missing = self.width.saturating_sub(body.chars().count());
        if (self.zero && self.align == '\0') || self.align == '=' {
            let fill = if self.zero && self.align == '\0' { '0' } else { self.fill };
            let at = body.find(|c: char| !"+- ".contains(c)).unwrap_or(0);
            let at = if body[at..].starts_with("0x") || body[at..].starts_with("0b") || body[at..].starts_with("0o") {
                at + 2
            } else {
                at
            };
            return format!("{}{}{}", &body[..at], fill.to_string().repeat(missing), &body[at..]);
        }
        Spec { zero: false, ..self.clone() }.pad(body, '>')
    }
}

/// A float that is not negative, in a format.
fn format_float(f: f64, spec: &Spec) -> Option<String> {
    if f.is_nan() || f.is_infinite() {
        return Some(if f.is_nan() { "nan".into() } else { "inf".into() });
    }
    let precision = spec.precision.unwrap_or(6).min(10_000);
    Some(match spec.kind {
        'f' | 'F' => format!("{f:.precision$}"),
        'e' | 'E' => {
            let text = exponent_form(f, precision);
            if spec.kind == 'E' { text.to_uppercase() } else { text }
        }
        '%' => format!("{:.precision$}%", f * 100.0),
        'g' | 'G' | 'n' => general(f, precision.max(1), spec.alternate),
        '\0' => match spec.precision {
            Some(precision) => {
                let text = general(f, precision.max(1), false);
                if text.contains(['.', 'e']) { text } else { format!("{text}.0") }
            }
            None => float_repr(f),
        },
        _ => return None,
    })
}

fn exponent_form(f: f64, precision: usize) -> String {
    let text = format!("{f:.precision$e}");
    let Some((mantissa, exponent)) = text.split_once('e') else { return text };
    let exponent: i32 = exponent.parse().unwrap_or(0);
    format!("{mantissa}e{}{:02}", if exponent < 0 { '-' } else { '+' }, exponent.abs())
}

fn general(f: f64, precision: usize, keep: bool) -> String {
    let scientific = format!("{f:.*e}", precision - 1);
    let exponent: i32 = scientific.split_once('e').and_then(|(_, e)| e.parse().ok()).unwrap_or(0);
    let strip = |text: String| {
        if keep || !text.contains('.') { text } else { text.trim_end_matches('0').trim_end_matches('.').to_owned() }
    };
    if (-4..precision as i32).contains(&exponent) {
        return strip(format!("{f:.*}", (precision as i32 - 1 - exponent).max(0) as usize));
    }
    let text = exponent_form(f, precision - 1);
    match text.split_once('e') {
        Some((mantissa, exponent)) => format!("{}e{exponent}", strip(mantissa.to_owned())),
        None => text,
    }
}
