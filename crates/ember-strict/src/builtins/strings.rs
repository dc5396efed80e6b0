//! `str`.

use super::bytes::bytes_of;
use super::object::made;
use super::{Methods, codecs};
use crate::heap::{Kind, Native, T, native};
use crate::value::{Str, Value};
use crate::vm::call::Args;
use crate::vm::unicode;
use crate::vm::{R, Vm};

pub const METHODS: Methods = &[
    (T::Str, CASES),
    (T::Str, TESTS),
    (T::Str, PARTS),
    (
        T::Str,
        &[
            native("__str__", |vm, args| {
                let text = this(vm, &args);
                Ok(vm.str(text))
            }),
            native("format", format),
            native("format_map", |vm, args| {
                let template = this(vm, &args);
                let fields = Fields { args: &Args::of(&[args.at(0)]), mapping: Some(args.at(1)) };
                formatted(vm, &template, &fields)
            }),
            native("encode", |vm, mut args| {
                let text = this(vm, &args);
                let (encoding, errors) = codecs::named(vm, &mut args, 1)?;
                codecs::encode(vm, &text, &encoding, &errors)
            }),
            native("translate", translate),
            native("expandtabs", |vm, args| {
                let size = match args.clone().named(1, "tabsize") {
                    Some(size) => usize::try_from(vm.index(size)?).unwrap_or(0),
                    None => 8,
                };
                let (mut out, mut column) = (String::new(), 0);
                for c in this(vm, &args).chars() {
                    match c {
                        '\t' => {
                            let width = if size == 0 { 0 } else { size - column % size };
                            vm.charge(out.len() + width)?;
                            out.extend(std::iter::repeat_n(' ', width));
                            column += width;
                        }
                        '\n' | '\r' => {
                            out.push(c);
                            column = 0;
                        }
                        c => {
                            out.push(c);
                            column += 1;
                        }
                    }
                }
                Ok(vm.str(out))
            }),
        ],
    ),
];

pub const STATICS: Methods = &[(
    T::Str,
    &[
        native("__new__", |vm, mut args| {
            let value = args.named(1, "object");
            let text = match value {
                None => "".into(),
                Some(value) if args.pos.len() > 2 || !args.kw.is_empty() => {
                    if vm.as_str(value).is_some() {
                        return vm.type_error("decoding str is not supported");
                    }
                    let bytes = bytes_of(vm, value)?;
                    let (encoding, errors) = codecs::named(vm, &mut args, 2)?;
                    let made = codecs::decode(vm, &bytes, &encoding, &errors)?;
                    match vm.as_str(made) {
                        Some(text) => text,
                        None => return Ok(made),
                    }
                }
                Some(value) => vm.to_str(value)?,
            };
            made(vm, &args, Kind::Str(text))
        }),
        native("maketrans", |vm, args| {
            let table = vm.dict();
            if args.pos.len() == 1 {
                for (key, value) in vm.mapping_items(args.at(0), "argument must be a dict")? {
                    let key = match vm.as_str(key) {
                        Some(text) => Value::Int(text.chars().next().map_or(0, |c| c as i64)),
                        None => key,
                    };
                    vm.dict_set(table, key, value, Value::Obj(table))?;
                }
                return Ok(Value::Obj(table));
            }
            let (from, to) = (
                vm.as_str(args.at(0)).unwrap_or_else(|| "".into()),
                vm.as_str(args.at(1)).unwrap_or_else(|| "".into()),
            );
            for (a, b) in from.chars().zip(to.chars()) {
                vm.dict_set(table, Value::Int(a as i64), Value::Int(b as i64), Value::Obj(table))?;
            }
            for c in vm.as_str(args.get(2)).unwrap_or_else(|| "".into()).chars() {
                vm.dict_set(table, Value::Int(c as i64), Value::None, Value::Obj(table))?;
            }
            Ok(Value::Obj(table))
        }),
    ],
)];

const CASES: &[Native] = &[
    native("lower", |vm, args| map(vm, args, |t| t.to_lowercase())),
    native("upper", |vm, args| map(vm, args, |t| t.to_uppercase())),
    native("casefold", |vm, args| map(vm, args, unicode::casefold)),
    native("swapcase", |vm, args| map(vm, args, unicode::swapcase)),
    native("capitalize", |vm, args| map(vm, args, unicode::capitalize)),
    native("title", |vm, args| map(vm, args, unicode::title)),
    native("strip", |vm, args| strip(vm, args, true, true)),
    native("lstrip", |vm, args| strip(vm, args, true, false)),
    native("rstrip", |vm, args| strip(vm, args, false, true)),
    native("center", |vm, args| pad(vm, args, '^')),
    native("ljust", |vm, args| pad(vm, args, '<')),
    native("rjust", |vm, args| pad(vm, args, '>')),
    native("zfill", |vm, args| {
        let text = this(vm, &args);
        let width = usize::try_from(vm.index(args.at(1))?).unwrap_or(0);
        vm.charge(width)?;
        let (sign, digits) = match text.as_bytes().first() {
            Some(b'-' | b'+') => text.split_at(1),
            _ => ("", &*text),
        };
        let missing = width.saturating_sub(text.chars_len());
        let filled = format!("{sign}{}{digits}", "0".repeat(missing));
        Ok(vm.str(filled))
    }),
    native("removeprefix", |vm, args| {
        let (text, part) = (this(vm, &args), vm.need_str(args.at(1), "removeprefix() argument")?);
        let rest = text.strip_prefix(&*part).unwrap_or(&text).to_owned();
        Ok(vm.str(rest))
    }),
    native("removesuffix", |vm, args| {
        let (text, part) = (this(vm, &args), vm.need_str(args.at(1), "removesuffix() argument")?);
        let rest = text.strip_suffix(&*part).unwrap_or(&text).to_owned();
        Ok(vm.str(rest))
    }),
    native("replace", |vm, mut args| {
        let text = this(vm, &args);
        let (old, new) =
            (vm.need_str(args.at(1), "replace() argument 1")?, vm.need_str(args.at(2), "replace() argument 2")?);
        let count = match args.named(3, "count") {
            Some(count) => usize::try_from(vm.index(count)?).unwrap_or(usize::MAX),
            None => usize::MAX,
        };
        vm.charge(text.len().saturating_mul(1 + new.len() / old.len().max(1)))?;
        Ok(vm.str(text.replacen(&*old, &new, count)))
    }),
];

const TESTS: &[Native] = &[
    native("isalpha", |vm, args| test(vm, args, unicode::is_alphabetic)),
    native("isdigit", |vm, args| test(vm, args, unicode::is_digit)),
    native("isdecimal", |vm, args| test(vm, args, unicode::is_decimal)),
    native("isnumeric", |vm, args| test(vm, args, unicode::is_numeric)),
    native("isalnum", |vm, args| test(vm, args, unicode::is_alphanumeric)),
    native("isspace", |vm, args| test(vm, args, unicode::is_space)),
    native("isprintable", |vm, args| Ok(Value::Bool(this(vm, &args).chars().all(unicode::is_printable)))),
    native("isascii", |vm, args| Ok(Value::Bool(this(vm, &args).is_ascii()))),
    native("isupper", |vm, args| {
        let text = this(vm, &args);
        let other = text.chars().any(|c| c.is_lowercase() || unicode::is_title(c));
        Ok(Value::Bool(text.chars().any(char::is_uppercase) && !other))
    }),
    native("islower", |vm, args| {
        let text = this(vm, &args);
        let other = text.chars().any(|c| c.is_uppercase() || unicode::is_title(c));
        Ok(Value::Bool(text.chars().any(char::is_lowercase) && !other))
    }),
    native("istitle", |vm, args| Ok(Value::Bool(unicode::is_title_text(&this(vm, &args))))),
    native("isidentifier", |vm, args| {
        let text = this(vm, &args);
        let mut chars = text.chars();
        let first = chars.next().is_some_and(|c| c == '_' || c.is_alphabetic());
        Ok(Value::Bool(first && chars.all(|c| c == '_' || c.is_alphanumeric())))
    }),
    native("startswith", |vm, args| affix(vm, args, |text, part| text.starts_with(part))),
    native("endswith", |vm, args| affix(vm, args, |text, part| text.ends_with(part))),
];

const PARTS: &[Native] = &[
    native("split", |vm, args| split(vm, args, false)),
    native("rsplit", |vm, args| split(vm, args, true)),
    native("splitlines", |vm, mut args| {
        let keep = args.named(1, "keepends").unwrap_or(Value::Bool(false));
        let keep = vm.truth(keep)?;
        let text = this(vm, &args);
        let lines: Vec<Value> = lines(&text, keep, unicode::is_line_end).into_iter().map(|line| vm.str(line)).collect();
        Ok(vm.list(lines))
    }),
    native("partition", |vm, args| partition(vm, args, false)),
    native("rpartition", |vm, args| partition(vm, args, true)),
    native("join", |vm, args| {
        let separator = this(vm, &args);
        let items = vm.items(args.at(1))?;
        let mut out = String::new();
        for (index, item) in items.iter().enumerate() {
            if index > 0 {
                out.push_str(&separator);
            }
            match vm.as_str(*item) {
                Some(text) => out.push_str(&text),
                None if vm.is_unknown(*item) => {
                    return vm.use_unknown(
                        crate::diagnostics::Code::UnknownOperand,
                        *item,
                        "joins something unknown",
                        " joined",
                    );
                }
                None => {
                    let class = vm.class_name(*item);
                    return vm.type_error(format!("sequence item {index}: expected str instance, {class} found"));
                }
            }
            if out.len() > crate::vm::LONGEST {
                vm.charge(out.len())?;
            }
        }
        vm.charge(out.len())?;
        Ok(vm.str(out))
    }),
    native("find", |vm, args| search(vm, args, false, false)),
    native("rfind", |vm, args| search(vm, args, true, false)),
    native("index", |vm, args| search(vm, args, false, true)),
    native("rindex", |vm, args| search(vm, args, true, true)),
    native("count", |vm, args| {
        let text = this(vm, &args);
        let part = vm.need_str(args.at(1), "count() argument")?;
        let (start, stop) = range(vm, &args, text.chars_len())?;
        let window: String = text.chars().skip(start).take(stop.saturating_sub(start)).collect();
        Ok(Value::Int(if part.is_empty() { window.chars().count() + 1 } else { window.matches(&*part).count() } as i64))
    }),
];

/// The lines of a text; with their ends, if `keep`.
pub fn lines(text: &str, keep: bool, ends: fn(char) -> bool) -> Vec<&str> {
    let mut found = Vec::new();
    let mut rest = text;
    while let Some(at) = rest.find(ends) {
        let width =
            if rest[at..].starts_with("\r\n") { 2 } else { rest[at..].chars().next().map_or(1, char::len_utf8) };
        found.push(&rest[..if keep { at + width } else { at }]);
        rest = &rest[at + width..];
    }
    found.extend((!rest.is_empty()).then_some(rest));
    found
}

fn this(vm: &Vm<'_>, args: &Args) -> Str {
    vm.as_str(args.at(0)).unwrap_or_else(|| "".into())
}

fn map(vm: &mut Vm<'_>, args: Args, f: impl Fn(&str) -> String) -> R {
    let text = this(vm, &args);
    vm.charge(text.len())?;
    Ok(vm.str(f(&text)))
}

fn test(vm: &mut Vm<'_>, args: Args, f: impl Fn(char) -> bool) -> R {
    let text = this(vm, &args);
    Ok(Value::Bool(!text.is_empty() && text.chars().all(f)))
}

fn strip(vm: &mut Vm<'_>, args: Args, left: bool, right: bool) -> R {
    let text = this(vm, &args);
    let set = vm.as_str(args.get(1));
    let inside = |c: char| set.as_ref().map_or_else(|| unicode::is_space(c), |set| set.contains(c));
    let mut part = &*text;
    if left {
        part = part.trim_start_matches(inside);
    }
    if right {
        part = part.trim_end_matches(inside);
    }
    let part = part.to_owned();
    Ok(vm.str(part))
}

fn pad(vm: &mut Vm<'_>, args: Args, align: char) -> R {
    let text = this(vm, &args);
    let width = usize::try_from(vm.index(args.at(1))?).unwrap_or(0);
    vm.charge(width)?;
    let fill = vm.as_str(args.get(2)).unwrap_or_else(|| " ".into());
    let missing = width.saturating_sub(text.chars_len());
    let (left, right) = match align {
        '<' => (0, missing),
        '>' => (missing, 0),
        _ => {
            let left = missing / 2 + (missing & width & 1);
            (left, missing - left)
        }
    };
    let padded = format!("{}{text}{}", fill.repeat(left), fill.repeat(right));
    Ok(vm.str(padded))
}

fn range(vm: &mut Vm<'_>, args: &Args, length: usize) -> R<(usize, usize)> {
    let mut bound = |at: usize, default: usize| -> R<usize> {
        match args.pos.get(at) {
            Some(value) if !value.is_none() => {
                let index = vm.index(*value)?;
                let index = if index < 0 { index + length as i64 } else { index };
                Ok(usize::try_from(index).unwrap_or(0).min(length))
            }
            _ => Ok(default),
        }
    };
    Ok((bound(2, 0)?, bound(3, length)?))
}

fn affix(vm: &mut Vm<'_>, args: Args, f: fn(&str, &str) -> bool) -> R {
    let text = this(vm, &args);
    let (start, stop) = range(vm, &args, text.chars_len())?;
    let window: Str = if args.pos.len() > 2 {
        text.chars().skip(start).take(stop.saturating_sub(start)).collect::<String>().into()
    } else {
        text
    };
    let parts = vm.as_tuple(args.at(1)).map_or_else(|| vec![args.at(1)], |parts| parts.to_vec());
    for part in parts {
        let part = vm.need_str(part, "first arg")?;
        if f(&window, &part) {
            return Ok(Value::Bool(true));
        }
    }
    Ok(Value::Bool(false))
}

fn search(vm: &mut Vm<'_>, args: Args, last: bool, must: bool) -> R {
    let text = this(vm, &args);
    let part = vm.need_str(args.at(1), "argument")?;
    let (start, stop) = range(vm, &args, text.chars_len())?;
    let window: String = text.chars().skip(start).take(stop.saturating_sub(start)).collect();
    let found = if last { window.rfind(&*part) } else { window.find(&*part) };
    match found {
        Some(at) => Ok(Value::Int((start + window[..at].chars().count()) as i64)),
        None if must => vm.raise(T::ValueError, "substring not found"),
        None => Ok(Value::Int(-1)),
    }
}

fn split(vm: &mut Vm<'_>, mut args: Args, from_right: bool) -> R {
    let text = this(vm, &args);
    let limit = match args.named(2, "maxsplit") {
        Some(limit) => usize::try_from(vm.index(limit)?).unwrap_or(usize::MAX),
        None => usize::MAX,
    };
    let separator = args.named(1, "sep").unwrap_or(Value::None);
    vm.charge(text.len())?;
    let parts: Vec<String> = if separator.is_none() {
        split_blank(&text, limit, from_right)
    } else {
        let separator = vm.need_str(separator, "separator")?;
        if separator.is_empty() {
            return vm.raise(T::ValueError, "empty separator");
        }
        let count = limit.saturating_add(1);
        if from_right {
            let mut parts: Vec<String> = text.rsplitn(count, &*separator).map(String::from).collect();
            parts.reverse();
            parts
        } else {
            text.splitn(count, &*separator).map(String::from).collect()
        }
    };
    let parts: Vec<Value> = parts.into_iter().map(|part| vm.str(part)).collect();
    Ok(vm.list(parts))
}

/// The words of a text. What is left after `limit` of them keeps its blanks on the side that was not split.
fn split_blank(text: &str, limit: usize, from_right: bool) -> Vec<String> {
    let mut parts = Vec::new();
    let mut rest = text;
    loop {
        rest = if from_right {
            rest.trim_end_matches(unicode::is_space)
        } else {
            rest.trim_start_matches(unicode::is_space)
        };
        if rest.is_empty() {
            break;
        }
        let at = if from_right { rest.rfind(unicode::is_space) } else { rest.find(unicode::is_space) };
        let Some(at) = at.filter(|_| parts.len() < limit) else {
            parts.push(rest.to_owned());
            break;
        };
        if from_right {
            let width = rest[at..].chars().next().map_or(1, char::len_utf8);
            parts.push(rest[at + width..].to_owned());
            rest = &rest[..at];
        } else {
            parts.push(rest[..at].to_owned());
            rest = &rest[at..];
        }
    }
    if from_right {
        parts.reverse();
    }
    parts
}

fn partition(vm: &mut Vm<'_>, args: Args, last: bool) -> R {
    let text = this(vm, &args);
    let separator = vm.need_str(args.at(1), "separator")?;
    let found = if last { text.rfind(&*separator) } else { text.find(&*separator) };
    let parts = match found {
        Some(at) => [text[..at].to_owned(), separator.to_string(), text[at + separator.len()..].to_owned()],
        None if last => [String::new(), String::new(), text.to_string()],
        None => [text.to_string(), String::new(), String::new()],
    };
    let parts: Vec<Value> = parts.into_iter().map(|part| vm.str(part)).collect();
    Ok(vm.tuple(parts))
}

fn translate(vm: &mut Vm<'_>, args: Args) -> R {
    let text = this(vm, &args);
    let mut out = String::new();
    for c in text.chars() {
        let replaced = match vm.getitem(args.at(1), Value::Int(c as i64)) {
            Ok(value) => value,
            Err(stop) if vm.stopped_by(&stop, T::LookupError) => {
                out.push(c);
                continue;
            }
            Err(stop) => return Err(stop),
        };
        match (replaced, vm.as_str(replaced)) {
            (_, Some(text)) => out.push_str(&text),
            (Value::Int(code), _) => out.extend(u32::try_from(code).ok().and_then(char::from_u32)),
            _ => {}
        }
    }
    Ok(vm.str(out))
}

/// `str.format`
fn format(vm: &mut Vm<'_>, args: Args) -> R {
    let template = this(vm, &args);
    formatted(vm, &template, &Fields { args: &args, mapping: None })
}

/// Where the values of a format come from.
struct Fields<'a> {
    args: &'a Args,
    /// Of `format_map`: asked for all names.
    mapping: Option<Value>,
}

fn formatted(vm: &mut Vm<'_>, template: &str, fields: &Fields<'_>) -> R {
    match expand(vm, template, fields, &mut Numbering::Open, 0)? {
        Ok(text) => Ok(vm.str(text)),
        Err(unknown) => Ok(unknown),
    }
}

/// How fields without a name are counted.
enum Numbering {
    Open,
    /// The number of the next one.
    Automatic(usize),
    Manual,
}

fn expand(
    vm: &mut Vm<'_>,
    template: &str,
    fields: &Fields<'_>,
    next: &mut Numbering,
    depth: usize,
) -> R<Result<String, Value>> {
    let mut out = String::new();
    let chars: Vec<char> = template.chars().collect();
    let mut at = 0;
    while at < chars.len() {
        let c = chars[at];
        at += 1;
        if (c == '{' || c == '}') && chars.get(at) == Some(&c) {
            out.push(c);
            at += 1;
            continue;
        }
        if c == '}' {
            return vm.raise(T::ValueError, "Single '}' encountered in format string");
        }
        if c != '{' {
            out.push(c);
            continue;
        }
        let start = at;
        let mut level = 1;
        while at < chars.len() && level > 0 {
            match chars[at] {
                '{' => level += 1,
                '}' => level -= 1,
                _ => {}
            }
            at += 1;
        }
        if depth > 1 {
            return vm.raise(T::ValueError, "Max string recursion exceeded");
        }
        if level > 0 {
            let empty = start == chars.len();
            let what =
                if empty { "Single '{' encountered in format string" } else { "expected '}' before end of string" };
            return vm.raise(T::ValueError, what);
        }
        let field: String = chars[start..at - 1].iter().collect();
        let (head, conversion, spec) = match split_field(&field) {
            Ok(parts) => parts,
            Err(wrong) => return vm.raise(T::ValueError, wrong),
        };
        let (name, conversion) = match conversion {
            None => (head, 0),
            Some('s') => (head, 1),
            Some('r') => (head, 2),
            Some('a') => (head, 3),
            Some(other) => return vm.raise(T::ValueError, format!("Unknown conversion specifier {other}")),
        };
        let value = field_value(vm, &name, fields, next)?;
        let spec = match expand(vm, &spec, fields, next, depth + 1)? {
            Ok(spec) => spec,
            Err(unknown) => return Ok(Err(unknown)),
        };
        let spec = vm.str(spec);
        let text = vm.format_value(value, conversion, spec)?;
        match vm.as_str(text) {
            Some(text) => out.push_str(&text),
            None => return Ok(Err(text)),
        }
        vm.charge(out.len() / 8)?;
    }
    Ok(Ok(out))
}

/// The name, conversion and specification of a field, or what is wrong with it.
pub fn split_field(field: &str) -> Result<(String, Option<char>, String), &'static str> {
    let (mut inside, mut end) = (false, field.len());
    for (at, c) in field.char_indices() {
        match c {
            '[' => inside = true,
            ']' => inside = false,
            ':' | '!' if !inside => {
                end = at;
                break;
            }
            _ => {}
        }
    }
    if inside {
        return Err("expected '}' before end of string");
    }
    let (name, rest) = field.split_at(end);
    if let Some(spec) = rest.strip_prefix(':') {
        return Ok((name.to_owned(), None, spec.to_owned()));
    }
    let Some(rest) = rest.strip_prefix('!') else { return Ok((name.to_owned(), None, String::new())) };
    let mut chars = rest.chars();
    let Some(conversion) = chars.next() else { return Err("unmatched '{' in format spec") };
    match (chars.next(), chars.as_str()) {
        (None, _) => Ok((name.to_owned(), Some(conversion), String::new())),
        (Some(':'), spec) => Ok((name.to_owned(), Some(conversion), spec.to_owned())),
        _ => Err("expected ':' after conversion specifier"),
    }
}

fn field_value(vm: &mut Vm<'_>, name: &str, fields: &Fields<'_>, next: &mut Numbering) -> R {
    let args = fields.args;
    let end = name.find(['.', '[']).unwrap_or(name.len());
    let (first, mut rest) = name.split_at(end);
    let given = (!first.is_empty() && first.bytes().all(|c| c.is_ascii_digit())).then(|| first.parse::<usize>().ok());
    let position = match (first.is_empty(), given.flatten(), &mut *next) {
        (true, _, Numbering::Manual) => {
            let wrong = "cannot switch from manual field specification to automatic field numbering";
            return vm.raise(T::ValueError, wrong);
        }
        (true, _, Numbering::Automatic(at)) => {
            *at += 1;
            Some(*at - 1)
        }
        (true, _, Numbering::Open) => {
            *next = Numbering::Automatic(1);
            Some(0)
        }
        (false, Some(_), Numbering::Automatic(_)) => {
            let wrong = "cannot switch from automatic field numbering to manual field specification";
            return vm.raise(T::ValueError, wrong);
        }
        (false, Some(at), _) => {
            *next = Numbering::Manual;
            Some(at)
        }
        (false, None, _) => None,
    };
    let mut value = match position {
        Some(_) if fields.mapping.is_some() => {
            return vm.raise(T::ValueError, "Format string contains positional fields");
        }
        None if let Some(mapping) = fields.mapping => {
            let key = vm.str(first);
            vm.getitem(mapping, key)?
        }
        Some(position) => match args.pos.get(position + 1) {
            Some(value) => *value,
            None => {
                return vm.raise(
                    T::IndexError,
                    format!("Replacement index {position} out of range for positional args tuple"),
                );
            }
        },
        None => match args.kw.iter().find(|(key, _)| &**key == first) {
            Some((_, value)) => *value,
            None => {
                let key = vm.str(first);
                let key = vm.tuple(vec![key]);
                let exception = vm.exception_with(T::KeyError.r(), key);
                return Err(crate::vm::Stop::Raise(exception));
            }
        },
    };
    while !rest.is_empty() {
        if let Some(tail) = rest.strip_prefix('.') {
            let end = tail.find(['.', '[']).unwrap_or(tail.len());
            if end == 0 {
                return vm.raise(T::ValueError, "Empty attribute in format string");
            }
            value = vm.getattr(value, &tail[..end].into())?;
            rest = &tail[end..];
        } else {
            let Some((key, tail)) = rest[1..].split_once(']') else { break };
            if !tail.is_empty() && !tail.starts_with(['.', '[']) {
                return vm.raise(T::ValueError, "Only '.' or '[' may follow ']' in format field specifier");
            }
            let index = key.bytes().all(|c| c.is_ascii_digit()).then(|| key.parse::<i64>().ok());
            let key = match index.flatten() {
                Some(index) => Value::Int(index),
                None => vm.str(key),
            };
            value = vm.getitem(value, key)?;
            rest = tail;
        }
    }
    Ok(value)
}
