//! `str`.

use super::bytes::bytes_of;
use super::object::made;
use super::{Methods, codecs, formatting};
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
            native("format", formatting::format),
            native("format_map", formatting::format_map),
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
