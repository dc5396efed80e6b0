//! What the stub `re` asks: patterns are compiled and matched here, everything around that is Python.

use crate::heap::{Kind, Native, native};
use crate::regex::{Error, Found, Mode, Regex, compile};
use crate::value::Value;
use crate::vm::call::Args;
use crate::vm::{R, Vm};
use std::sync::Arc;

/// Steps that one match may take.
const STEPS: u64 = 2_000_000;

/// Patterns that were compiled, by flags and code points; nothing for those that cannot be.
pub type Patterns = rustc_hash::FxHashMap<(bool, u32, Vec<u32>), Result<Arc<Regex>, Error>>;

pub const FUNCTIONS: &[Native] = &[
    // compile(pattern, flags): (flags, number of groups, ((name, number), …)), or (message, position), or None if it uses
    // something that is not done here.
    native("__ember_re_compile__", |vm, args| {
        Ok(match compiled(vm, &args)? {
            Ok(regex) => {
                let mut names = Vec::new();
                for (name, number) in &regex.names {
                    let name = vm.str(name.as_str());
                    names.push(vm.tuple(vec![name, Value::Int(*number as i64)]));
                }
                let names = vm.tuple(names);
                vm.tuple(vec![Value::Int(regex.flags.into()), Value::Int(regex.groups as i64), names])
            }
            Err(Error::Wrong(message, at)) => {
                let message = vm.str(message);
                vm.tuple(vec![message, Value::Int(at as i64)])
            }
            Err(Error::Unsupported) => Value::None,
        })
    }),
    // match(pattern, flags, string, mode, pos, endpos, most): the matches, each (last group, start, end, start, end, …),
    // at most so many; None if it takes too long.
    native("__ember_re_match__", |vm, args| {
        let Ok(regex) = compiled(vm, &args)? else { return Ok(Value::None) };
        let Some((_, text)) = points(vm, args.at(2)) else { return Ok(Value::None) };
        // What a lone surrogate is here cannot be matched as what it is.
        if text.contains(&0xfffd) {
            return Ok(Value::None);
        }
        let mode = match args.at(3) {
            Value::Int(0) => Mode::Match,
            Value::Int(1) => Mode::Full,
            _ => Mode::Search,
        };
        let end = vm.index(args.at(5))?.clamp(0, text.len() as i64) as usize;
        let start = vm.index(args.at(4))?.max(0) as usize;
        let most = vm.index(args.at(6))?;
        vm.tick(text.len() as u64 / 16)?;
        let found = all(vm, &regex, &text, (start, end), mode, most)?;
        Ok(found.map_or(Value::None, |list| vm.list(list)))
    }),
];

/// The code points of a string or of bytes, and whether it is bytes.
fn points(vm: &Vm<'_>, value: Value) -> Option<(bool, Vec<u32>)> {
    match vm.kind(value)? {
        Kind::Str(text) => Some((false, text.chars().map(|c| c as u32).collect())),
        Kind::Bytes(bytes) => Some((true, bytes.iter().map(|b| (*b).into()).collect())),
        Kind::ByteArray(bytes) => Some((true, bytes.iter().map(|b| (*b).into()).collect())),
        _ => None,
    }
}

fn compiled(vm: &mut Vm<'_>, args: &Args) -> R<Result<Arc<Regex>, Error>> {
    let Some((bytes, pattern)) = points(vm, args.at(0)) else {
        return vm.type_error("first argument must be string or compiled pattern");
    };
    let flags = u32::try_from(vm.index(args.at(1))?).unwrap_or(0);
    vm.tick(pattern.len() as u64 / 4)?;
    if !bytes && pattern.contains(&0xfffd) {
        return Ok(Err(Error::Unsupported));
    }
    let key = (bytes, flags, pattern);
    if let Some(known) = vm.patterns.get(&key) {
        return Ok(known.clone());
    }
    let made = compile(&key.2, flags, bytes).map(Arc::new);
    vm.patterns.insert(key, made.clone());
    Ok(made)
}

/// Matches that follow each other; nothing if that takes too long.
fn all(
    vm: &mut Vm<'_>,
    regex: &Regex,
    text: &[u32],
    (start, end): (usize, usize),
    mode: Mode,
    most: i64,
) -> R<Option<Vec<Value>>> {
    let (mut list, mut at, mut not_empty) = (Vec::new(), start, false);
    while at <= end && (list.len() as i64) < most {
        let (result, steps) = regex.program.run(text, (at, end), mode, not_empty, STEPS);
        vm.tick(1 + steps / 8)?;
        let Ok(found) = result else { return Ok(None) };
        let Some(Found { spans, last }) = found else { break };
        let (from, to) = spans.first().copied().flatten().unwrap_or((at, at));
        (at, not_empty) = (to, from == to);
        let mut parts = vec![Value::Int(last as i64)];
        for span in spans {
            let (from, to) = span.map_or((-1, -1), |(from, to)| (from as i64, to as i64));
            parts.extend([Value::Int(from), Value::Int(to)]);
        }
        list.push(vm.tuple(parts));
    }
    Ok(Some(list))
}
