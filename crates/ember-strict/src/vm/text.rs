//! Values as text: `repr`, `str`, `format`, and `%`.

use super::{LONGEST, R, Stop, Vm};
use crate::diagnostics::Code as Emb;
use crate::heap::{Kind, T, View};
use crate::value::{Ref, Str, Value};

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
            c if super::unicode::is_printable(c) => out.push(c),
            c => out.push_str(&escape(c)),
        }
    }
    out.push(quote);
    out
}

/// A character as an escape sequence.
fn escape(c: char) -> String {
    match c as u32 {
        code @ 0..=0xff => format!("\\x{code:02x}"),
        code @ 0x100..=0xffff => format!("\\u{code:04x}"),
        code => format!("\\U{code:08x}"),
    }
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
            // Such as `__repr__ = object.__repr__` in a subclass of `int`.
            Some(method) if class.owner != 0 && self.native_name(method) != Some("__repr__") => {
                let text = self.deeper(|vm| vm.call_with(method, &[value]))?;
                Ok(self.as_str(text).unwrap_or_else(|| "?".into()))
            }
            _ => self.deeper(|vm| vm.builtin_repr(value)),
        }
    }

    fn native_name(&self, method: Value) -> Option<&'static str> {
        match self.kind(method) {
            Some(Kind::Native(native)) => Some(native.name),
            _ => None,
        }
    }

    /// The `repr` of an object by what it is.
    pub fn builtin_repr(&mut self, value: Value) -> R<Str> {
        if let Some(text) = self.plain_repr(value) {
            return Ok(text.into());
        }
        let Some(r) = value.obj() else { return Ok("?".into()) };
        self.tick(2)?;
        if self.shown.contains(&r) {
            return Ok(match &self.get(r).kind {
                Kind::List(_) => "[...]".into(),
                Kind::Tuple(_) => "(...)".into(),
                Kind::Dict(_) => "{...}".into(),
                Kind::Set(_) => format!("{}(...)", self.class_name(value)).into(),
                _ => "...".into(),
            });
        }
        self.shown.push(r);
        let text = self.structure_repr(value, r);
        self.shown.pop();
        let text = text?;
        self.charge(text.len())?;
        Ok(text.into())
    }

    /// The `repr` of what has parts.
    fn structure_repr(&mut self, value: Value, r: Ref) -> R<String> {
        Ok(match &self.get(r).kind {
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
                format!("<{class} object at 0x{:x}>", 0x7000_0000 + u64::from(r.index) * 16)
            }
        })
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
            // Such as `__str__ = int.__repr__` in an enumeration of numbers.
            if class.owner != 0
                && let Some(method) = method
                && self.native_name(method) != Some("__str__")
            {
                let text = self.deeper(|vm| vm.call_with(method, &[value]))?;
                return Ok(self.as_str(text).unwrap_or_else(|| "?".into()));
            }
            return self.builtin_str(value);
        }
        self.repr(value)
    }

    /// `'ascii' codec can't encode character '\xe9' in position 0: ordinal not in range(128)`
    fn unicode_error_text(&mut self, error: Value, args: &[Value]) -> R<Str> {
        let (codec, reason) = (self.to_str(args[0])?, self.to_str(args[4])?);
        let (start, end) = (self.index(args[2])?, self.index(args[3])?);
        let encodes = self.is_a(error, T::UnicodeEncodeError);
        let one = usize::try_from(start).ok().filter(|_| end == start + 1);
        let shown = match (one, self.kind(args[1])) {
            (Some(at), Some(Kind::Str(text))) if encodes => text.chars().nth(at).map(escape),
            (Some(at), Some(Kind::Bytes(bytes))) => bytes.get(at).map(|byte| format!("0x{byte:02x}")),
            _ => None,
        };
        let verb = if encodes { "encode character" } else { "decode byte" };
        Ok(match shown {
            Some(shown) if encodes => format!("'{codec}' codec can't {verb} '{shown}' in position {start}: {reason}"),
            Some(shown) => format!("'{codec}' codec can't {verb} {shown} in position {start}: {reason}"),
            None => format!("'{codec}' codec can't {verb}s in position {start}-{}: {reason}", end - 1),
        }
        .into())
    }

    /// `[Errno 2] No such file: 'a' -> 'b'`
    fn os_error_text(&mut self, error: Value, args: &[Value]) -> R<Str> {
        let mut text = format!("[Errno {}] {}", self.to_str(args[0])?, self.to_str(args[1])?);
        for (name, sign) in [("filename", ": "), ("filename2", " -> ")] {
            let file = self.getattr_opt(error, &name.into())?.filter(|file| !file.is_none());
            if let Some(file) = file {
                text.push_str(sign);
                text.push_str(&self.repr(file)?);
            }
        }
        Ok(text.into())
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
                    return self.os_error_text(value, &args);
                }
                if self.is_a(value, T::UnicodeError) && args.len() == 5 {
                    return self.unicode_error_text(value, &args);
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
}

/// A text with everything but ASCII escaped.
pub fn ascii(text: &str) -> String {
    let mut out = String::new();
    for c in text.chars() {
        match c {
            '\0'..='\x7f' => out.push(c),
            c => out.push_str(&escape(c)),
        }
    }
    out
}
