//! What objects say of themselves to be made again: `__reduce_ex__` and `__getstate__` of `object`, which `copy` asks.
//!
//! As in CPython the answer is a call of `copyreg.__newobj__`, so that `__init__` does not run, with the state to be put back and
//! the items of lists and dicts.

use crate::heap::{Kind, T};
use crate::value::{Ref, Str, Value};
use crate::vm::call::Args;
use crate::vm::{R, Vm};

/// `object.__reduce_ex__`: a `__reduce__` of the program comes first.
pub fn reduce_ex(vm: &mut Vm<'_>, args: Args) -> R {
    let this = args.at(0);
    let own = vm.lookup(vm.class_of(this), &"__reduce__".into());
    match own.and_then(|own| vm.kind(own)) {
        Some(Kind::Native(native)) if native.name == "__reduce__ of object" => reduce(vm, args),
        _ => vm.call_method(this, "__reduce__", &[]),
    }
}

/// `object.__reduce__`
pub fn reduce(vm: &mut Vm<'_>, args: Args) -> R {
    let this = args.at(0);
    let class = Value::Obj(vm.class_of(this));
    if let Some(contents) = contents(vm, this)? {
        let state = vm.call_method(this, "__getstate__", &[])?;
        let contents = vm.tuple(contents);
        return Ok(vm.tuple(vec![class, contents, state]));
    }
    let copyreg = vm.import_module("copyreg")?;
    let keywords = vm.getattr_opt(this, &"__getnewargs_ex__".into())?;
    let (maker, given) = match keywords {
        Some(method) => {
            let pair = vm.call_with(method, &[])?;
            let pair = vm.items(pair)?;
            let both =
                [class, pair.first().copied().unwrap_or(Value::None), pair.get(1).copied().unwrap_or(Value::None)];
            (vm.getattr(copyreg, &"__newobj_ex__".into())?, both.to_vec())
        }
        None => {
            let mut given = vec![class];
            given.extend(new_args(vm, this)?);
            (vm.getattr(copyreg, &"__newobj__".into())?, given)
        }
    };
    let state = vm.call_method(this, "__getstate__", &[])?;
    let (items, pairs) = match vm.kind(this) {
        Some(Kind::List(_)) => (vm.iter(this)?, Value::None),
        Some(Kind::Dict(_)) => {
            let pairs = vm.call_method(this, "items", &[])?;
            (Value::None, vm.iter(pairs)?)
        }
        _ => (Value::None, Value::None),
    };
    let given = vm.tuple(given);
    Ok(vm.tuple(vec![maker, given, state, items, pairs]))
}

/// What `__new__` is to be given.
fn new_args(vm: &mut Vm<'_>, this: Value) -> R<Vec<Value>> {
    match vm.getattr_opt(this, &"__getnewargs__".into())? {
        Some(method) => {
            let given = vm.call_with(method, &[])?;
            vm.items(given)
        }
        None => Ok(Vec::new()),
    }
}

/// What a call of the class makes those builtin objects of again that have a `__reduce__` of their own in CPython.
fn contents(vm: &mut Vm<'_>, this: Value) -> R<Option<Vec<Value>>> {
    Ok(Some(match vm.kind(this) {
        Some(Kind::Set(table)) => {
            let items = table.iter().map(|entry| entry.key).collect();
            vec![vm.list(items)]
        }
        Some(Kind::Bytes(bytes)) => {
            let bytes = bytes.to_vec();
            vec![vm.bytes(bytes)]
        }
        Some(Kind::ByteArray(bytes)) => {
            let bytes = bytes.clone();
            vec![vm.bytes(bytes)]
        }
        Some(Kind::Slice(parts)) => parts.to_vec(),
        Some(Kind::Range(start, stop, step)) => vec![Value::Int(*start), Value::Int(*stop), Value::Int(*step)],
        Some(Kind::Complex(real, imag)) => vec![Value::Float(*real), Value::Float(*imag)],
        _ => return Ok(None),
    }))
}

/// `object.__getstate__`: the attributes, and those in slots beside them.
pub fn get_state(vm: &mut Vm<'_>, args: Args) -> R {
    let Some(r) = args.at(0).obj() else { return Ok(Value::None) };
    let class = vm.get(r).class;
    let has_dict = vm.class(class).is_some_and(|data| data.has_dict);
    let Some(dict) = vm.get(r).dict else { return Ok(Value::None) };
    let slots = slots_of(vm, class);
    let in_slots = vm.dict();
    for name in &slots {
        if let Some(value) = vm.get_str(dict, name) {
            vm.set_str(in_slots, name, value, Value::Obj(in_slots));
        }
    }
    if slots.is_empty() {
        return Ok(if has_dict { Value::Obj(dict) } else { Value::None });
    }
    let attributes = if has_dict {
        let rest = vm.dict();
        for (key, value) in vm.entries(dict) {
            if !vm.as_str(key).is_some_and(|name| slots.contains(&name)) {
                vm.dict_set(rest, key, value, Value::Obj(rest))?;
            }
        }
        Value::Obj(rest)
    } else {
        Value::None
    };
    Ok(vm.tuple(vec![attributes, Value::Obj(in_slots)]))
}

/// The names of all slots of a class's instances, as they are stored.
fn slots_of(vm: &Vm<'_>, class: Ref) -> Vec<Str> {
    let Some(data) = vm.class(class) else { return Vec::new() };
    let mut names = Vec::new();
    for base in data.mro.iter().filter(|base| **base != T::Object.r()) {
        let Some(base) = vm.class(*base) else { continue };
        for slot in base.slots.iter().flatten().filter(|slot| !matches!(&***slot, "__dict__" | "__weakref__")) {
            names.push(crate::syntax::scope::mangle(Some(&base.name), slot).into());
        }
    }
    names
}
