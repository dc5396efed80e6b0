//! `bytes` and `bytearray`.

use super::object::made;
use super::{Methods, codecs};
use crate::heap::{Kind, Native, T, holder, native};
use crate::value::Value;
use crate::vm::call::Args;
use crate::vm::{R, Vm};

pub const METHODS: Methods = &[
    (T::Bytes, BYTES),
    (T::ByteArray, BYTES),
    (
        T::ByteArray,
        &[
            holder("append", |vm, args| {
                let byte = byte_of(vm, args.at(1))?;
                change_bytes(vm, args.at(0), |bytes| bytes.push(byte));
                Ok(Value::None)
            }),
            holder("extend", |vm, args| {
                let more = iterated(vm, args.at(1))?;
                change_bytes(vm, args.at(0), |bytes| bytes.extend(more));
                Ok(Value::None)
            }),
            holder("insert", |vm, args| {
                let (at, byte) = (vm.index(args.at(1))?, byte_of(vm, args.at(2))?);
                change_bytes(vm, args.at(0), |bytes| {
                    let length = bytes.len() as i64;
                    let at = if at < 0 { (at + length).max(0) } else { at.min(length) };
                    bytes.insert(at as usize, byte);
                });
                Ok(Value::None)
            }),
            holder("pop", |vm, args| {
                let length = this(vm, &args)?.len();
                if length == 0 {
                    return vm.raise(T::IndexError, "pop from empty bytearray");
                }
                match vm.position(args.pos.get(1).copied().unwrap_or(Value::Int(-1)), length)? {
                    Some(at) => {
                        let byte = this(vm, &args)?[at];
                        change_bytes(vm, args.at(0), |bytes| {
                            bytes.remove(at);
                        });
                        Ok(Value::Int(byte.into()))
                    }
                    None => vm.raise(T::IndexError, "pop index out of range"),
                }
            }),
            holder("remove", |vm, args| {
                let byte = byte_of(vm, args.at(1))?;
                match this(vm, &args)?.iter().position(|other| *other == byte) {
                    Some(at) => {
                        change_bytes(vm, args.at(0), |bytes| {
                            bytes.remove(at);
                        });
                        Ok(Value::None)
                    }
                    None => vm.raise(T::ValueError, "value not found in bytearray"),
                }
            }),
            holder("reverse", |vm, args| {
                change_bytes(vm, args.at(0), |bytes| bytes.reverse());
                Ok(Value::None)
            }),
            holder("clear", |vm, args| {
                change_bytes(vm, args.at(0), Vec::clear);
                Ok(Value::None)
            }),
            native("__iadd__", |vm, args| {
                let more = bytes_of(vm, args.at(1))?;
                change_bytes(vm, args.at(0), |bytes| bytes.extend(more));
                Ok(args.at(0))
            }),
            native("__imul__", |vm, args| {
                let times = usize::try_from(vm.index(args.at(1))?).unwrap_or(0);
                let length = this(vm, &args)?.len();
                vm.charge(length.saturating_mul(times))?;
                change_bytes(vm, args.at(0), |bytes| *bytes = bytes.repeat(times));
                Ok(args.at(0))
            }),
            holder("__setitem__", set_item),
            holder("__delitem__", |vm, args| {
                let length = this(vm, &args)?.len();
                let mut places = places(vm, args.at(1), length)?;
                places.sort_unstable();
                change_bytes(vm, args.at(0), |bytes| {
                    places.iter().rev().for_each(|at| {
                        bytes.remove(*at);
                    })
                });
                Ok(Value::None)
            }),
        ],
    ),
];

pub const STATICS: Methods = &[
    (
        T::Bytes,
        &[
            native("__new__", |vm, mut args| {
                let bytes = new_bytes(vm, &mut args)?;
                made(vm, &args, Kind::Bytes(bytes.into()))
            }),
            native("maketrans", |vm, args| {
                let (from, to) = (bytes_of(vm, args.at(0))?, bytes_of(vm, args.at(1))?);
                let mut table: Vec<u8> = (0..=255).collect();
                for (a, b) in from.iter().zip(&to) {
                    table[*a as usize] = *b;
                }
                Ok(vm.bytes(table))
            }),
        ],
    ),
    (
        T::ByteArray,
        &[native("__new__", |vm, mut args| {
            let bytes = new_bytes(vm, &mut args)?;
            made(vm, &args, Kind::ByteArray(bytes))
        })],
    ),
    (T::MemoryView, &[native("__new__", |vm, _| Ok(vm.unknown("memoryview()")))]),
];

const BYTES: &[Native] = &[
    native("__buffer__", |vm, _| Ok(vm.unknown("memoryview()"))),
    native("decode", |vm, mut args| {
        let bytes = bytes_of(vm, args.at(0))?;
        let (encoding, errors) = codecs::named(vm, &mut args, 1)?;
        codecs::decode(vm, &bytes, &encoding, &errors)
    }),
    native("hex", |vm, mut args| {
        let bytes = bytes_of(vm, args.at(0))?;
        let separator = args.named(1, "sep").and_then(|s| vm.as_str(s)).unwrap_or_else(|| "".into());
        let group = match args.named(2, "bytes_per_sep") {
            Some(group) => vm.index(group)?,
            None => 1,
        };
        let mut text = String::with_capacity(bytes.len() * 2);
        for (at, byte) in bytes.iter().enumerate() {
            let place = if group > 0 { bytes.len() - at } else { at };
            if at > 0 && group != 0 && (place as u64).is_multiple_of(group.unsigned_abs()) {
                text.push_str(&separator);
            }
            text.push_str(&format!("{byte:02x}"));
        }
        Ok(vm.str(text))
    }),
    native("lower", |vm, args| latin(vm, args, "lower")),
    native("upper", |vm, args| latin(vm, args, "upper")),
    native("startswith", |vm, args| bytes_affix(vm, args, |b, p| b.starts_with(p))),
    native("endswith", |vm, args| bytes_affix(vm, args, |b, p| b.ends_with(p))),
    native("strip", |vm, args| latin(vm, args, "strip")),
    native("join", |vm, args| {
        let separator = bytes_of(vm, args.at(0))?;
        let mut parts = Vec::new();
        for item in vm.items(args.at(1))? {
            parts.push(bytes_of(vm, item)?);
        }
        Ok(vm.bytes(parts.join(&separator[..])))
    }),
    native("replace", |vm, args| latin(vm, args, "replace")),
    native("split", |vm, args| latin(vm, args, "split")),
    native("translate", |vm, mut args| {
        let b = bytes_of(vm, args.at(0))?;
        let delete = args.named(2, "delete");
        let delete = match delete {
            Some(d) => bytes_of(vm, d)?,
            None => Vec::new(),
        };
        let table = if args.get(1).is_none() { (0..=255).collect() } else { bytes_of(vm, args.at(1))? };
        Ok(vm.bytes(
            b.into_iter()
                .filter(|c| !delete.contains(c))
                .map(|c| table.get(c as usize).copied().unwrap_or(c))
                .collect(),
        ))
    }),
    native("find", |vm, args| latin(vm, args, "find")),
    native("center", |vm, args| latin(vm, args, "center")),
    native("swapcase", |vm, args| latin(vm, args, "swapcase")),
    native("istitle", |vm, args| latin(vm, args, "istitle")),
    native("expandtabs", |vm, args| latin(vm, args, "expandtabs")),
    native("rfind", |vm, args| latin(vm, args, "rfind")),
    native("index", |vm, args| latin(vm, args, "index")),
    native("rindex", |vm, args| latin(vm, args, "rindex")),
    native("count", |vm, args| latin(vm, args, "count")),
    native("rsplit", |vm, args| latin(vm, args, "rsplit")),
    native("splitlines", |vm, mut args| {
        let keep = args.named(1, "keepends").unwrap_or(Value::Bool(false));
        let keep = vm.truth(keep)?;
        let text = as_text(&bytes_of(vm, args.at(0))?);
        let lines: Vec<Value> = super::strings::lines(&text, keep, |c| matches!(c, '\n' | '\r'))
            .into_iter()
            .map(|line| vm.bytes(as_bytes(line)))
            .collect();
        Ok(vm.list(lines))
    }),
    native("partition", |vm, args| latin(vm, args, "partition")),
    native("rpartition", |vm, args| latin(vm, args, "rpartition")),
    native("lstrip", |vm, args| latin(vm, args, "lstrip")),
    native("rstrip", |vm, args| latin(vm, args, "rstrip")),
    native("ljust", |vm, args| latin(vm, args, "ljust")),
    native("rjust", |vm, args| latin(vm, args, "rjust")),
    native("zfill", |vm, args| latin(vm, args, "zfill")),
    native("title", |vm, args| latin(vm, args, "title")),
    native("capitalize", |vm, args| latin(vm, args, "capitalize")),
    native("removeprefix", |vm, args| latin(vm, args, "removeprefix")),
    native("removesuffix", |vm, args| latin(vm, args, "removesuffix")),
    native("isalpha", |vm, args| latin(vm, args, "isalpha")),
    native("isalnum", |vm, args| latin(vm, args, "isalnum")),
    native("isspace", |vm, args| latin(vm, args, "isspace")),
    native("isascii", |vm, args| latin(vm, args, "isascii")),
    native("islower", |vm, args| latin(vm, args, "islower")),
    native("isupper", |vm, args| latin(vm, args, "isupper")),
    native("isdigit", |vm, args| {
        let b = bytes_of(vm, args.at(0))?;
        Ok(Value::Bool(!b.is_empty() && b.iter().all(u8::is_ascii_digit)))
    }),
    native("copy", |vm, args| {
        let b = bytes_of(vm, args.at(0))?;
        Ok(vm.make(T::ByteArray, Kind::ByteArray(b)))
    }),
];

/// Bytes as a text of as many characters. Those that are not ASCII become characters for private use, which are no letters,
/// blanks or digits, as these bytes are none.
fn as_text(bytes: &[u8]) -> String {
    let shown =
        |byte: u8| if byte.is_ascii() { byte as char } else { char::from_u32(0xe000 + u32::from(byte)).unwrap_or('?') };
    bytes.iter().map(|byte| shown(*byte)).collect()
}

fn as_bytes(text: &str) -> Vec<u8> {
    text.chars().map(|c| c as u32 as u8).collect()
}

/// A method of `bytes` by the method of `str` of the same name.
fn latin(vm: &mut Vm<'_>, args: Args, name: &str) -> R {
    let looks_for = matches!(name, "find" | "rfind" | "index" | "rindex" | "count");
    let mut converted = Vec::new();
    for (at, value) in args.pos.iter().enumerate() {
        converted.push(match vm.kind(*value) {
            Some(Kind::Bytes(_) | Kind::ByteArray(_)) => {
                let text = as_text(&bytes_of(vm, *value)?);
                vm.str(text)
            }
            Some(Kind::Str(_)) => {
                return vm.type_error("a bytes-like object is required, not 'str'");
            }
            _ if looks_for && at == 1 && matches!(value, Value::Int(_)) => {
                let byte = byte_of(vm, *value)?;
                vm.str(as_text(&[byte]))
            }
            _ => *value,
        });
    }
    let array = vm.class_of(args.at(0)) == T::ByteArray.r();
    let method = vm.getattr(converted[0], &name.into())?;
    let result = match vm.call(method, Args { pos: converted[1..].iter().copied().collect(), kw: args.kw }) {
        Err(stop) if vm.stopped_by(&stop, T::ValueError) && name.ends_with("index") => {
            return vm.raise(T::ValueError, "subsection not found");
        }
        result => result?,
    };
    back_to_bytes(vm, result, array)
}

fn this(vm: &mut Vm<'_>, args: &Args) -> R<Vec<u8>> {
    bytes_of(vm, args.at(0))
}

/// A number that is a byte.
fn byte_of(vm: &mut Vm<'_>, value: Value) -> R<u8> {
    match u8::try_from(vm.index(value)?) {
        Ok(byte) => Ok(byte),
        Err(_) => vm.raise(T::ValueError, "byte must be in range(0, 256)"),
    }
}

/// The bytes of something that is iterated over.
fn iterated(vm: &mut Vm<'_>, value: Value) -> R<Vec<u8>> {
    match vm.kind(value) {
        Some(Kind::Str(_)) => vm.type_error("expected iterable of integers; got: 'str'"),
        _ => bytes_of(vm, value),
    }
}

/// The places that an index or a slice means.
fn places(vm: &mut Vm<'_>, key: Value, length: usize) -> R<Vec<usize>> {
    if let Some(Kind::Slice(_)) = vm.kind(key) {
        let range = vm.call_method(key, "indices", &[Value::Int(length as i64)])?;
        let parts = vm.items(range)?;
        let parts = [vm.index(parts[0])?, vm.index(parts[1])?, vm.index(parts[2])?];
        let count = crate::vm::iter::range_len(parts[0], parts[1], parts[2]) as i64;
        return Ok((0..count).map(|n| (parts[0] + n * parts[2]) as usize).collect());
    }
    match vm.position(key, length)? {
        Some(at) => Ok(vec![at]),
        None => vm.raise(T::IndexError, "bytearray index out of range"),
    }
}

fn set_item(vm: &mut Vm<'_>, args: Args) -> R {
    let length = this(vm, &args)?.len();
    let Some(Kind::Slice(parts)) = vm.kind(args.at(1)) else {
        let at = places(vm, args.at(1), length)?;
        let byte = byte_of(vm, args.at(2))?;
        change_bytes(vm, args.at(0), |bytes| bytes[at[0]] = byte);
        return Ok(Value::None);
    };
    let plain = parts[2].is_none() || parts[2].same(Value::Int(1));
    let (places, given) = (places(vm, args.at(1), length)?, iterated(vm, args.at(2))?);
    if plain {
        let range = vm.call_method(args.at(1), "indices", &[Value::Int(length as i64)])?;
        let range = vm.items(range)?;
        let (start, stop) = (vm.index(range[0])? as usize, vm.index(range[1])? as usize);
        change_bytes(vm, args.at(0), |bytes| drop(bytes.splice(start..stop.max(start), given)));
        return Ok(Value::None);
    }
    if places.len() != given.len() {
        let (n, m) = (given.len(), places.len());
        return vm.raise(T::ValueError, format!("attempt to assign bytes of size {n} to extended slice of size {m}"));
    }
    change_bytes(vm, args.at(0), |bytes| places.iter().zip(given).for_each(|(at, byte)| bytes[*at] = byte));
    Ok(Value::None)
}

fn back_to_bytes(vm: &mut Vm<'_>, value: Value, array: bool) -> R {
    match vm.kind(value) {
        Some(Kind::Str(text)) => {
            let bytes = as_bytes(text);
            Ok(if array { vm.make(T::ByteArray, Kind::ByteArray(bytes)) } else { vm.bytes(bytes) })
        }
        Some(Kind::List(items)) => {
            let items = items.clone();
            let mut made = Vec::new();
            for item in items {
                made.push(back_to_bytes(vm, item, array)?);
            }
            Ok(vm.list(made))
        }
        Some(Kind::Tuple(items)) => {
            let items = items.clone();
            let mut made = Vec::new();
            for item in items.iter() {
                made.push(back_to_bytes(vm, *item, array)?);
            }
            Ok(vm.tuple(made))
        }
        _ => Ok(value),
    }
}

fn bytes_affix(vm: &mut Vm<'_>, args: Args, f: fn(&[u8], &[u8]) -> bool) -> R {
    let bytes = bytes_of(vm, args.at(0))?;
    let parts = vm.as_tuple(args.at(1)).map_or_else(|| vec![args.at(1)], |parts| parts.to_vec());
    for part in parts {
        let part = bytes_of(vm, part)?;
        if f(&bytes, &part) {
            return Ok(Value::Bool(true));
        }
    }
    Ok(Value::Bool(false))
}

fn new_bytes(vm: &mut Vm<'_>, args: &mut Args) -> R<Vec<u8>> {
    let value = args.get(1);
    if args.pos.len() < 2 {
        return Ok(Vec::new());
    }
    if let Some(text) = vm.as_str(value) {
        if args.pos.len() < 3 && args.kw.is_empty() {
            return vm.type_error("string argument without an encoding");
        }
        let (encoding, errors) = codecs::named(vm, args, 2)?;
        let made = codecs::encode(vm, &text, &encoding, &errors)?;
        return match vm.is_unknown(made) {
            true => Err(crate::vm::Stop::GiveUp("it depends on an encoding that is not known")),
            false => bytes_of(vm, made),
        };
    }
    if let Some(crate::vm::numbers::Num::Int(count)) = vm.number(value) {
        let Ok(count) = usize::try_from(count) else { return vm.raise(T::ValueError, "negative count") };
        vm.charge(count)?;
        return Ok(vec![0; count]);
    }
    if let Some(method) = vm.special(value, "__bytes__")? {
        let made = vm.call_with(method, &[])?;
        return match vm.kind(made) {
            Some(Kind::Bytes(bytes)) => Ok(bytes.to_vec()),
            _ => {
                let name = vm.class_name(made);
                vm.type_error(format!("__bytes__ returned non-bytes (type {name})"))
            }
        };
    }
    bytes_of(vm, value)
}

/// The bytes that a value is made of.
pub fn bytes_of(vm: &mut Vm<'_>, value: Value) -> R<Vec<u8>> {
    match vm.kind(value) {
        Some(Kind::Bytes(bytes)) => return Ok(bytes.to_vec()),
        Some(Kind::ByteArray(bytes)) => return Ok(bytes.clone()),
        Some(Kind::Str(_)) => return vm.type_error("a bytes-like object is required, not 'str'"),
        _ => {}
    }
    if let Value::Int(byte) = value {
        return Ok(vec![byte as u8]);
    }
    let mut bytes = Vec::new();
    for item in vm.items(value)? {
        match vm.index(item)? {
            byte @ 0..=255 => bytes.push(byte as u8),
            _ => return vm.raise(T::ValueError, "bytes must be in range(0, 256)"),
        }
    }
    Ok(bytes)
}

fn change_bytes(vm: &mut Vm<'_>, value: Value, change: impl FnOnce(&mut Vec<u8>)) {
    if let Some(r) = value.obj()
        && let Some(Kind::ByteArray(bytes)) = vm.change(r, value, "changes").map(|o| &mut o.kind)
    {
        change(bytes);
    }
}

pub const CLASS_METHODS: Methods = &[(T::Bytes, FROM_HEX), (T::ByteArray, FROM_HEX)];

const FROM_HEX: &[Native] = &[native("fromhex", |vm, args| {
    let text = vm.need_str(args.at(1), "fromhex() argument")?;
    let (mut bytes, mut rest) = (Vec::new(), text.char_indices().peekable());
    while let Some((at, first)) = rest.next() {
        if first.is_ascii_whitespace() {
            continue;
        }
        let second = rest.peek().copied();
        let pair = first.to_digit(16).zip(second.and_then(|(_, c)| c.to_digit(16)));
        let Some((high, low)) = pair else {
            let wrong = if first.is_ascii_hexdigit() { second.map_or(at + 1, |(at, _)| at) } else { at };
            return vm.raise(
                T::ValueError,
                format!("non-hexadecimal number found in fromhex() arg at position {}", text[..wrong].chars().count()),
            );
        };
        rest.next();
        bytes.push((high * 16 + low) as u8);
    }
    let made = vm.bytes(bytes);
    vm.call_with(args.at(0), &[made])
})];
