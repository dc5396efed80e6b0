//! `bytes` and `bytearray`.

use super::Methods;
use super::object::made;
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
                let byte = vm.index(args.at(1))? as u8;
                change_bytes(vm, args.at(0), |bytes| bytes.push(byte));
                Ok(Value::None)
            }),
            holder("extend", |vm, args| {
                let more = bytes_of(vm, args.at(1))?;
                change_bytes(vm, args.at(0), |bytes| bytes.extend(more));
                Ok(Value::None)
            }),
            holder("__setitem__", |vm, args| {
                let length = args.at(0).obj().and_then(|r| vm.builtin_length(r)).unwrap_or(0);
                let byte = vm.index(args.at(2))? as u8;
                if let Some(at) = vm.position(args.at(1), length)? {
                    change_bytes(vm, args.at(0), |bytes| bytes[at] = byte);
                }
                Ok(Value::None)
            }),
        ],
    ),
];

pub const STATICS: Methods = &[
    (
        T::Bytes,
        &[
            native("__new__", |vm, args| {
                let bytes = new_bytes(vm, &args)?;
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
        &[native("__new__", |vm, args| {
            let bytes = new_bytes(vm, &args)?;
            made(vm, &args, Kind::ByteArray(bytes))
        })],
    ),
    (T::MemoryView, &[native("__new__", |vm, _| Ok(vm.unknown("memoryview()")))]),
];

const BYTES: &[Native] = &[
    native("decode", |vm, mut args| {
        let bytes = bytes_of(vm, args.at(0))?;
        let encoding = args.named(1, "encoding").and_then(|e| vm.as_str(e));
        let encoding = encoding.unwrap_or_else(|| "utf-8".into()).to_ascii_lowercase().replace(['_', '-'], "");
        match encoding.as_str() {
            "latin1" | "iso88591" => Ok(vm.str(bytes.iter().map(|b| *b as char).collect::<String>())),
            "utf8" | "ascii" => match String::from_utf8(bytes) {
                Ok(text) => Ok(vm.str(text)),
                Err(_) => vm.raise(T::UnicodeDecodeError, "invalid bytes"),
            },
            _ => Ok(vm.unknown("bytes.decode()")),
        }
    }),
    native("hex", |vm, args| {
        let bytes = bytes_of(vm, args.at(0))?;
        Ok(vm.str(bytes.iter().map(|b| format!("{b:02x}")).collect::<String>()))
    }),
    native("lower", |vm, args| {
        let b = bytes_of(vm, args.at(0))?;
        Ok(vm.bytes(b.to_ascii_lowercase()))
    }),
    native("upper", |vm, args| {
        let b = bytes_of(vm, args.at(0))?;
        Ok(vm.bytes(b.to_ascii_uppercase()))
    }),
    native("startswith", |vm, args| bytes_affix(vm, args, |b, p| b.starts_with(p))),
    native("endswith", |vm, args| bytes_affix(vm, args, |b, p| b.ends_with(p))),
    native("strip", |vm, args| {
        let b = bytes_of(vm, args.at(0))?;
        Ok(vm.bytes(b.trim_ascii().to_vec()))
    }),
    native("join", |vm, args| {
        let separator = bytes_of(vm, args.at(0))?;
        let mut parts = Vec::new();
        for item in vm.items(args.at(1))? {
            parts.push(bytes_of(vm, item)?);
        }
        Ok(vm.bytes(parts.join(&separator[..])))
    }),
    native("replace", |vm, args| {
        let (b, old, new) = (bytes_of(vm, args.at(0))?, bytes_of(vm, args.at(1))?, bytes_of(vm, args.at(2))?);
        let latin = |b: &[u8]| b.iter().map(|c| *c as char).collect::<String>();
        let text = latin(&b).replace(&latin(&old), &latin(&new));
        Ok(vm.bytes(text.chars().map(|c| c as u8).collect()))
    }),
    native("split", |vm, args| {
        let b = bytes_of(vm, args.at(0))?;
        let latin: String = b.iter().map(|c| *c as char).collect();
        let parts: Vec<String> = if args.get(1).is_none() {
            latin.split_ascii_whitespace().map(String::from).collect()
        } else {
            let separator: String = bytes_of(vm, args.at(1))?.iter().map(|c| *c as char).collect();
            latin.split(&separator).map(String::from).collect()
        };
        let parts: Vec<Value> = parts.into_iter().map(|p| vm.bytes(p.chars().map(|c| c as u8).collect())).collect();
        Ok(vm.list(parts))
    }),
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
    native("find", |vm, args| {
        let (b, part) = (bytes_of(vm, args.at(0))?, bytes_of(vm, args.at(1))?);
        let found = if part.is_empty() { Some(0) } else { b.windows(part.len()).position(|w| w == &part[..]) };
        Ok(Value::Int(found.map_or(-1, |at| at as i64)))
    }),
    native("rfind", |vm, args| latin(vm, args, "rfind")),
    native("index", |vm, args| latin(vm, args, "index")),
    native("rindex", |vm, args| latin(vm, args, "rindex")),
    native("count", |vm, args| latin(vm, args, "count")),
    native("rsplit", |vm, args| latin(vm, args, "rsplit")),
    native("splitlines", |vm, args| latin(vm, args, "splitlines")),
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

/// A method of `bytes` by the method of `str` of the same name, on the bytes as Latin-1.
fn latin(vm: &mut Vm<'_>, args: Args, name: &str) -> R {
    let mut converted = Vec::new();
    for value in &args.pos {
        converted.push(match vm.kind(*value) {
            Some(Kind::Bytes(_) | Kind::ByteArray(_)) => {
                let text: String = bytes_of(vm, *value)?.iter().map(|byte| *byte as char).collect();
                vm.str(text)
            }
            _ => *value,
        });
    }
    let result = vm.call_method(converted[0], name, &converted[1..])?;
    back_to_bytes(vm, result)
}

fn back_to_bytes(vm: &mut Vm<'_>, value: Value) -> R {
    match vm.kind(value) {
        Some(Kind::Str(text)) => {
            let bytes = text.chars().map(|c| c as u8).collect();
            Ok(vm.bytes(bytes))
        }
        Some(Kind::List(items)) => {
            let items = items.clone();
            let mut made = Vec::new();
            for item in items {
                made.push(back_to_bytes(vm, item)?);
            }
            Ok(vm.list(made))
        }
        Some(Kind::Tuple(items)) => {
            let items = items.clone();
            let mut made = Vec::new();
            for item in items.iter() {
                made.push(back_to_bytes(vm, *item)?);
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

fn new_bytes(vm: &mut Vm<'_>, args: &Args) -> R<Vec<u8>> {
    let value = args.get(1);
    if args.pos.len() < 2 {
        return Ok(Vec::new());
    }
    if let Some(text) = vm.as_str(value) {
        if args.pos.len() < 3 && args.kw.is_empty() {
            return vm.type_error("string argument without an encoding");
        }
        return Ok(text.as_bytes().to_vec());
    }
    if let Some(crate::vm::numbers::Num::Int(count)) = vm.number(value) {
        let count = usize::try_from(count).unwrap_or(0);
        vm.charge(count)?;
        return Ok(vec![0; count]);
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

pub const CLASS_METHODS: Methods = &[(
    T::Bytes,
    &[native("fromhex", |vm, args| {
        let text = vm.as_str(args.at(1)).unwrap_or_else(|| "".into());
        let digits: Vec<u32> = text.chars().filter(|c| !c.is_whitespace()).filter_map(|c| c.to_digit(16)).collect();
        Ok(vm.bytes(digits.chunks(2).map(|pair| pair.iter().fold(0, |byte, d| byte * 16 + *d) as u8).collect()))
    })],
)];
