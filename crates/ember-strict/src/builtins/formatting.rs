//! `str.format` and `str.format_map`: templates with fields in braces, which name a value, how it is converted, and in which form it
//! is shown.

use crate::heap::T;
use crate::value::Value;
use crate::vm::call::Args;
use crate::vm::{R, Vm};

/// `str.format`
pub fn format(vm: &mut Vm<'_>, args: Args) -> R {
    let template = vm.as_str(args.at(0)).unwrap_or_else(|| "".into());
    formatted(vm, &template, &Fields { args: &args, mapping: None })
}

/// `str.format_map`
pub fn format_map(vm: &mut Vm<'_>, args: Args) -> R {
    let template = vm.as_str(args.at(0)).unwrap_or_else(|| "".into());
    formatted(vm, &template, &Fields { args: &Args::of(&[args.at(0)]), mapping: Some(args.at(1)) })
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
fn split_field(field: &str) -> Result<(String, Option<char>, String), &'static str> {
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
