//! `dict`, its views, `mappingproxy`.

use super::Methods;
use super::object::made;
use crate::heap::{Kind, T, View, holder, native};
use crate::value::{Ref, Value};
use crate::vm::call::Args;
use crate::vm::{R, Vm};

pub const METHODS: Methods = &[
    (
        T::Dict,
        &[
            holder("__init__", update),
            holder("update", update),
            holder("__ior__", |vm, args| {
                let this = args.at(0);
                update(vm, args)?;
                Ok(this)
            }),
            holder("get", |vm, args| {
                let Some(dict) = args.at(0).obj() else { return Ok(Value::None) };
                Ok(vm.dict_get(dict, args.at(1))?.unwrap_or(args.get(2)))
            }),
            holder("setdefault", |vm, args| {
                let Some(dict) = args.at(0).obj() else { return Ok(Value::None) };
                if let Some(found) = vm.dict_get(dict, args.at(1))? {
                    return Ok(found);
                }
                vm.dict_set(dict, args.at(1), args.get(2), args.at(0))?;
                Ok(args.get(2))
            }),
            holder("pop", |vm, args| {
                let Some(dict) = args.at(0).obj() else { return Ok(Value::None) };
                match vm.dict_del(dict, args.at(1), args.at(0))? {
                    Some(value) => Ok(value),
                    None if args.pos.len() > 2 => Ok(args.at(2)),
                    None => {
                        let key = vm.tuple(vec![args.at(1)]);
                        let exception = vm.exception_with(T::KeyError.r(), key);
                        Err(crate::vm::Stop::Raise(exception))
                    }
                }
            }),
            holder("popitem", |vm, args| {
                let Some(dict) = args.at(0).obj() else { return Ok(Value::None) };
                let last = vm.table(dict).and_then(|table| table.iter().next_back());
                let Some(last) = last else { return vm.raise(T::KeyError, "popitem(): dictionary is empty") };
                vm.dict_del(dict, last.key, args.at(0))?;
                Ok(vm.tuple(vec![last.key, last.value]))
            }),
            holder("clear", |vm, args| {
                if let Some(dict) = args.at(0).obj()
                    && let Some(Kind::Dict(table)) = vm.change(dict, args.at(0), "clears").map(|o| &mut o.kind)
                {
                    table.clear();
                }
                Ok(Value::None)
            }),
            holder("copy", |vm, args| {
                let table = args.at(0).obj().and_then(|r| vm.table(r)).cloned().unwrap_or_default();
                Ok(vm.make(T::Dict, Kind::Dict(Box::new(table))))
            }),
            native("keys", |vm, args| view(vm, args, View::Keys)),
            native("values", |vm, args| view(vm, args, View::Values)),
            native("items", |vm, args| view(vm, args, View::Items)),
            holder("__setitem__", |vm, args| {
                if let Some(dict) = args.at(0).obj() {
                    vm.dict_set(dict, args.at(1), args.at(2), args.at(0))?;
                }
                Ok(Value::None)
            }),
            holder("__delitem__", |vm, args| {
                let Some(dict) = args.at(0).obj() else { return Ok(Value::None) };
                if vm.dict_del(dict, args.at(1), args.at(0))?.is_none() {
                    let key = vm.tuple(vec![args.at(1)]);
                    let exception = vm.exception_with(T::KeyError.r(), key);
                    return Err(crate::vm::Stop::Raise(exception));
                }
                Ok(Value::None)
            }),
        ],
    ),
    (
        T::MappingProxy,
        &[
            holder("get", |vm, args| {
                let inner = inner(vm, args.at(0));
                match vm.getitem(inner, args.at(1)) {
                    Ok(value) => Ok(value),
                    Err(stop) if vm.stopped_by(&stop, T::KeyError) => Ok(args.get(2)),
                    Err(stop) => Err(stop),
                }
            }),
            native("keys", |vm, args| forward(vm, args, "keys")),
            native("values", |vm, args| forward(vm, args, "values")),
            native("items", |vm, args| forward(vm, args, "items")),
            native("copy", |vm, args| forward(vm, args, "copy")),
        ],
    ),
    (T::DictKeys, &[]),
];

pub const STATICS: Methods = &[
    (T::Dict, &[holder("__new__", |vm, args| made(vm, &args, Kind::Dict(Box::default())))]),
    (T::MappingProxy, &[holder("__new__", |vm, args| made(vm, &args, Kind::Proxy(args.get(1))))]),
];

pub const CLASS_METHODS: Methods = &[(
    T::Dict,
    &[holder("fromkeys", |vm, args| {
        let dict = vm.call_with(args.at(0), &[])?;
        for key in vm.items(args.at(1))? {
            vm.setitem(dict, key, args.get(2))?;
        }
        Ok(dict)
    })],
)];

fn inner(vm: &Vm<'_>, proxy: Value) -> Value {
    match vm.kind(proxy) {
        Some(Kind::Proxy(inner)) => *inner,
        _ => Value::None,
    }
}

fn forward(vm: &mut Vm<'_>, args: Args, name: &str) -> R {
    let inner = inner(vm, args.at(0));
    vm.call_method(inner, name, &[])
}

fn view(vm: &mut Vm<'_>, args: Args, view: View) -> R {
    let class = match view {
        View::Keys => T::DictKeys,
        View::Values => T::DictValues,
        View::Items => T::DictItems,
    };
    match args.at(0).obj() {
        Some(dict) => Ok(vm.make(class, Kind::View(dict, view))),
        None => Ok(Value::None),
    }
}

fn update(vm: &mut Vm<'_>, args: Args) -> R {
    let this = args.at(0);
    let Some(dict) = this.obj() else { return Ok(Value::None) };
    if let Some(other) = args.pos.get(1).copied() {
        if vm.is_unknown(other) {
            return vm.use_unknown(
                crate::diagnostics::Code::UnknownIteration,
                other,
                "fills a dict from something unknown",
                "",
            );
        }
        let mapping = matches!(vm.kind(other), Some(Kind::Dict(_) | Kind::Proxy(_)))
            || vm.getattr_opt(other, &"keys".into())?.is_some();
        if mapping {
            for (key, value) in vm.mapping_items(other, "object is not a mapping")? {
                vm.dict_set(dict, key, value, this)?;
            }
        } else {
            for (index, pair) in vm.items(other)?.into_iter().enumerate() {
                let pair = vm.items_of(pair, "cannot convert dictionary update sequence element to a sequence")?;
                let [key, value] = pair.as_slice() else {
                    let length = pair.len();
                    return vm.raise(
                        T::ValueError,
                        format!("dictionary update sequence element #{index} has length {length}; 2 is required"),
                    );
                };
                vm.dict_set(dict, *key, *value, this)?;
            }
        }
    }
    put_keywords(vm, dict, this, args);
    Ok(Value::None)
}

fn put_keywords(vm: &mut Vm<'_>, dict: Ref, this: Value, args: Args) {
    for (name, value) in args.kw {
        vm.set_str(dict, &name, value, this);
    }
}
