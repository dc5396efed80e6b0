//! `list`, `tuple`, `set`, `frozenset`, `range`, `slice`; items and slices of all sequences.

use super::Methods;
use super::object::made;
use crate::heap::{Kind, Native, T, holder, native};
use crate::syntax::code::BinOp;
use crate::value::{Ref, Value};
use crate::vm::call::Args;
use crate::vm::iter::range_len;
use crate::vm::{R, Vm};

pub const METHODS: Methods = &[
    (
        T::List,
        &[
            holder("__init__", |vm, args| {
                let items = if args.pos.len() > 1 { vm.items(args.at(1))? } else { Vec::new() };
                change_list(vm, args.at(0), "fills", |list| *list = items);
                Ok(Value::None)
            }),
            holder("append", |vm, args| {
                vm.arity("list.append", &args, 2, 2)?;
                change_list(vm, args.at(0), "appends to", |list| list.push(args.at(1)));
                Ok(Value::None)
            }),
            holder("extend", |vm, args| {
                let items = vm.items(args.at(1))?;
                charge_growth(vm, args.at(0), items.len())?;
                change_list(vm, args.at(0), "extends", |list| list.extend(items));
                Ok(Value::None)
            }),
            holder("__iadd__", |vm, args| {
                let items = vm.items(args.at(1))?;
                charge_growth(vm, args.at(0), items.len())?;
                change_list(vm, args.at(0), "extends", |list| list.extend(items));
                Ok(args.at(0))
            }),
            holder("__imul__", |vm, args| {
                let count = usize::try_from(vm.index(args.at(1))?).unwrap_or(0);
                let items = vm.items(args.at(0))?;
                vm.charge(items.len().saturating_mul(count))?;
                change_list(vm, args.at(0), "repeats", |list| *list = items.repeat(count));
                Ok(args.at(0))
            }),
            holder("insert", |vm, args| {
                let at = vm.index(args.at(1))?;
                change_list(vm, args.at(0), "inserts into", |list| {
                    let length = list.len() as i64;
                    let at = if at < 0 { (at + length).max(0) } else { at.min(length) };
                    list.insert(at as usize, args.at(2));
                });
                Ok(Value::None)
            }),
            holder("pop", |vm, args| {
                let items = vm.items(args.at(0))?;
                if items.is_empty() {
                    return vm.raise(T::IndexError, "pop from empty list");
                }
                let at = match args.pos.get(1) {
                    Some(index) => vm.position(*index, items.len())?,
                    None => Some(items.len() - 1),
                };
                let Some(at) = at else { return vm.raise(T::IndexError, "pop index out of range") };
                change_list(vm, args.at(0), "takes from", |list| {
                    if at < list.len() {
                        list.remove(at);
                    }
                });
                Ok(items[at])
            }),
            holder("remove", |vm, args| {
                let items = vm.items(args.at(0))?;
                for (at, item) in items.iter().enumerate() {
                    if vm.equal(*item, args.at(1))? {
                        change_list(vm, args.at(0), "removes from", |list| {
                            if at < list.len() {
                                list.remove(at);
                            }
                        });
                        return Ok(Value::None);
                    }
                }
                vm.raise(T::ValueError, "list.remove(x): x not in list")
            }),
            holder("clear", |vm, args| {
                change_list(vm, args.at(0), "clears", Vec::clear);
                Ok(Value::None)
            }),
            native("copy", |vm, args| {
                let items = own_items(vm, args.at(0))?;
                Ok(vm.list(items))
            }),
            holder("reverse", |vm, args| {
                change_list(vm, args.at(0), "reverses", |list| list.reverse());
                Ok(Value::None)
            }),
            native("sort", |vm, mut args| {
                let items = vm.items(args.at(0))?;
                let key = args.take("key").unwrap_or(Value::None);
                let reverse = args.take("reverse").unwrap_or(Value::Bool(false));
                let reverse = vm.truth(reverse)?;
                let sorted = vm.sort(items, key, reverse)?;
                change_list(vm, args.at(0), "sorts", |list| *list = sorted);
                Ok(Value::None)
            }),
            native("index", |vm, args| find_index(vm, args, "list.index(x): x not in list")),
            native("count", count),
            holder("__setitem__", |vm, args| {
                vm.list_setitem(args.at(0), args.at(1), args.at(2))?;
                Ok(Value::None)
            }),
            holder("__delitem__", |vm, args| {
                list_delitem(vm, args.at(0), args.at(1))?;
                Ok(Value::None)
            }),
        ],
    ),
    (
        T::Tuple,
        &[native("index", |vm, args| find_index(vm, args, "tuple.index(x): x not in tuple")), native("count", count)],
    ),
    (T::Set, SET),
    (
        T::Set,
        &[
            holder("__init__", |vm, args| {
                let Some(set) = args.at(0).obj() else { return Ok(Value::None) };
                let items = if args.pos.len() > 1 { vm.items(args.at(1))? } else { Vec::new() };
                if let Some(Kind::Set(table)) = vm.change(set, args.at(0), "fills").map(|o| &mut o.kind) {
                    table.clear();
                }
                for item in items {
                    vm.set_add(set, item)?;
                }
                Ok(Value::None)
            }),
            holder("add", |vm, args| {
                if let Some(set) = args.at(0).obj() {
                    vm.set_add(set, args.at(1))?;
                }
                Ok(Value::None)
            }),
            holder("discard", |vm, args| {
                if let Some(set) = args.at(0).obj() {
                    vm.dict_del(set, args.at(1), args.at(0))?;
                }
                Ok(Value::None)
            }),
            holder("remove", |vm, args| {
                let Some(set) = args.at(0).obj() else { return Ok(Value::None) };
                if vm.dict_del(set, args.at(1), args.at(0))?.is_none() {
                    let key = vm.tuple(vec![args.at(1)]);
                    let exception = vm.exception_with(T::KeyError.r(), key);
                    return Err(crate::vm::Stop::Raise(exception));
                }
                Ok(Value::None)
            }),
            holder("pop", |vm, args| {
                let Some(set) = args.at(0).obj() else { return Ok(Value::None) };
                let first = vm.table(set).and_then(|table| table.iter().next());
                let Some(first) = first else { return vm.raise(T::KeyError, "pop from an empty set") };
                vm.dict_del(set, first.key, args.at(0))?;
                Ok(first.key)
            }),
            holder("clear", |vm, args| {
                if let Some(set) = args.at(0).obj()
                    && let Some(Kind::Set(table)) = vm.change(set, args.at(0), "clears").map(|o| &mut o.kind)
                {
                    table.clear();
                }
                Ok(Value::None)
            }),
            holder("update", |vm, args| {
                let Some(set) = args.at(0).obj() else { return Ok(Value::None) };
                for other in args.pos.iter().skip(1) {
                    for item in vm.items(*other)? {
                        vm.set_add(set, item)?;
                    }
                }
                Ok(Value::None)
            }),
            holder("__ior__", |vm, args| set_assign(vm, BinOp::Or, args)),
            holder("__iand__", |vm, args| set_assign(vm, BinOp::And, args)),
            holder("__isub__", |vm, args| set_assign(vm, BinOp::Sub, args)),
            holder("__ixor__", |vm, args| set_assign(vm, BinOp::Xor, args)),
            holder("difference_update", |vm, args| set_assign(vm, BinOp::Sub, args).map(|_| Value::None)),
            holder("intersection_update", |vm, args| set_assign(vm, BinOp::And, args).map(|_| Value::None)),
            holder("symmetric_difference_update", |vm, args| set_assign(vm, BinOp::Xor, args).map(|_| Value::None)),
        ],
    ),
    (T::FrozenSet, SET),
    (T::DictKeys, &[native("isdisjoint", disjoint)]),
    (T::DictItems, &[native("isdisjoint", disjoint)]),
    (
        T::Range,
        &[native("index", |vm, args| find_index(vm, args, "range.index(x): x not in range")), native("count", count)],
    ),
    (
        T::Slice,
        &[native("indices", |vm, args| {
            let length = vm.index(args.at(1))?;
            let (start, stop, step, _) = vm.slice_bounds(args.at(0), length.max(0) as usize)?;
            Ok(vm.tuple(vec![Value::Int(start), Value::Int(stop), Value::Int(step)]))
        })],
    ),
];

pub const STATICS: Methods = &[
    (T::List, &[holder("__new__", |vm, args| made(vm, &args, Kind::List(Vec::new())))]),
    (
        T::Tuple,
        &[holder("__new__", |vm, args| {
            if args.at(0).obj() == Some(T::Tuple.r()) && args.pos.len() > 1 && vm.is_exact(args.at(1), T::Tuple) {
                return Ok(args.at(1));
            }
            let items = if args.pos.len() > 1 { vm.items(args.at(1))? } else { Vec::new() };
            made(vm, &args, Kind::Tuple(items.into()))
        })],
    ),
    (T::Set, &[holder("__new__", |vm, args| made(vm, &args, Kind::Set(Box::default())))]),
    (
        T::FrozenSet,
        &[holder("__new__", |vm, args| {
            let items = if args.pos.len() > 1 { vm.items(args.at(1))? } else { Vec::new() };
            let set = made(vm, &args, Kind::Set(Box::default()))?;
            if let Some(set) = set.obj() {
                for item in items {
                    vm.set_add(set, item)?;
                }
            }
            Ok(set)
        })],
    ),
    (
        T::Range,
        &[native("__new__", |vm, args| {
            let mut parts = [0i64, 0, 1];
            match args.pos.len() {
                2 => parts[1] = vm.index(args.at(1))?,
                3 | 4 => {
                    for (at, part) in parts.iter_mut().enumerate().take(args.pos.len() - 1) {
                        *part = vm.index(args.at(at + 1))?;
                    }
                }
                n => return vm.type_error(format!("range expected at least 1 argument, got {}", n.saturating_sub(1))),
            }
            if parts[2] == 0 {
                return vm.raise(T::ValueError, "range() arg 3 must not be zero");
            }
            Ok(vm.make(T::Range, Kind::Range(parts[0], parts[1], parts[2])))
        })],
    ),
    (
        T::Slice,
        &[holder("__new__", |vm, args| {
            let parts = match args.pos.len() {
                2 => [Value::None, args.at(1), Value::None],
                _ => [args.get(1), args.get(2), args.get(3)],
            };
            Ok(vm.make(T::Slice, Kind::Slice(Box::new(parts))))
        })],
    ),
];

const SET: &[Native] = &[
    native("copy", |vm, args| {
        let items = vm.items(args.at(0))?;
        let class = if vm.is_a(args.at(0), T::FrozenSet) { T::FrozenSet } else { T::Set };
        vm.set_of(class, items)
    }),
    native("union", |vm, args| set_many(vm, BinOp::Or, args)),
    native("intersection", |vm, args| set_many(vm, BinOp::And, args)),
    native("difference", |vm, args| set_many(vm, BinOp::Sub, args)),
    native("symmetric_difference", |vm, args| set_many(vm, BinOp::Xor, args)),
    native("isdisjoint", disjoint),
    native("issubset", |vm, args| {
        let other = as_set(vm, args.at(1))?;
        vm.compare(crate::syntax::code::Cmp::Le, args.at(0), other)
    }),
    native("issuperset", |vm, args| {
        let other = as_set(vm, args.at(1))?;
        vm.compare(crate::syntax::code::Cmp::Ge, args.at(0), other)
    }),
];

fn as_set(vm: &mut Vm<'_>, value: Value) -> R {
    let items = vm.items(value)?;
    vm.set_of(T::Set, items)
}

fn disjoint(vm: &mut Vm<'_>, args: Args) -> R {
    for item in vm.items(args.at(1))? {
        if vm.contains(args.at(0), item)? {
            return Ok(Value::Bool(false));
        }
    }
    Ok(Value::Bool(true))
}

fn set_many(vm: &mut Vm<'_>, op: BinOp, args: Args) -> R {
    let items = vm.items(args.at(0))?;
    let class = if vm.is_a(args.at(0), T::FrozenSet) { T::FrozenSet } else { T::Set };
    let mut result = vm.set_of(class, items)?;
    for other in args.pos.iter().skip(1) {
        let other = as_set(vm, *other)?;
        result = vm.set_op(op, result, other)?;
    }
    Ok(result)
}

fn set_assign(vm: &mut Vm<'_>, op: BinOp, args: Args) -> R {
    let other = as_set(vm, args.at(1))?;
    let result = vm.set_op(op, args.at(0), other)?;
    let table = result.obj().and_then(|r| vm.table(r)).cloned().unwrap_or_default();
    if let Some(r) = args.at(0).obj()
        && let Some(object) = vm.change(r, args.at(0), "changes")
    {
        object.kind = Kind::Set(Box::new(table));
    }
    Ok(args.at(0))
}

/// Use up fuel for a list that grows; refuses what gets too large.
fn charge_growth(vm: &mut Vm<'_>, list: Value, more: usize) -> R<()> {
    let length = list.obj().and_then(|r| vm.builtin_length(r)).unwrap_or(0);
    vm.charge(length.saturating_add(more))?;
    vm.tick(more as u64 / 4)
}

fn change_list(vm: &mut Vm<'_>, list: Value, what: &str, change: impl FnOnce(&mut Vec<Value>)) {
    if let Some(r) = list.obj()
        && let Some(Kind::List(items)) = vm.change(r, list, what).map(|object| &mut object.kind)
    {
        change(items);
    }
}

/// The items of a list or tuple itself, whatever a subclass of the program iterates over.
fn own_items(vm: &mut Vm<'_>, value: Value) -> R<Vec<Value>> {
    match vm.kind(value) {
        Some(Kind::List(items)) => Ok(items.clone()),
        Some(Kind::Tuple(items)) => Ok(items.to_vec()),
        _ => vm.items(value),
    }
}

fn find_index(vm: &mut Vm<'_>, args: Args, otherwise: &str) -> R {
    let items = own_items(vm, args.at(0))?;
    let length = items.len() as i64;
    let bound = |vm: &mut Vm<'_>, at: usize, default: i64| -> R<i64> {
        match args.pos.get(at) {
            Some(value) => {
                let index = vm.index(*value)?;
                Ok(if index < 0 { (index + length).max(0) } else { index.min(length) })
            }
            None => Ok(default),
        }
    };
    let (start, stop) = (bound(vm, 2, 0)?, bound(vm, 3, length)?);
    for at in start..stop {
        if vm.equal(items[at as usize], args.at(1))? {
            return Ok(Value::Int(at));
        }
    }
    vm.raise(T::ValueError, otherwise)
}

fn count(vm: &mut Vm<'_>, args: Args) -> R {
    let mut count = 0;
    for item in own_items(vm, args.at(0))? {
        count += i64::from(vm.equal(item, args.at(1))?);
    }
    Ok(Value::Int(count))
}

fn list_delitem(vm: &mut Vm<'_>, list: Value, key: Value) -> R<()> {
    let length = list.obj().and_then(|r| vm.builtin_length(r)).unwrap_or(0);
    if matches!(vm.kind(key), Some(Kind::Slice(_))) {
        let mut places = vm.slice_places(key, length)?;
        places.sort_unstable();
        change_list(vm, list, "deletes an item of", |items| {
            for at in places.into_iter().rev() {
                if at < items.len() {
                    items.remove(at);
                }
            }
        });
        return Ok(());
    }
    let Some(at) = vm.position(key, length)? else {
        return vm.raise(T::IndexError, "list assignment index out of range");
    };
    change_list(vm, list, "deletes an item of", |items| {
        items.remove(at);
    });
    Ok(())
}

impl Vm<'_> {
    /// Start, stop, step and length of a slice of something of this length.
    pub fn slice_bounds(&mut self, slice: Value, length: usize) -> R<(i64, i64, i64, usize)> {
        let Some(Kind::Slice(parts)) = self.kind(slice) else { return Ok((0, 0, 1, 0)) };
        let [start, stop, step] = **parts;
        let step = if step.is_none() { 1 } else { self.index(step)? };
        if step == 0 {
            return self.raise(T::ValueError, "slice step cannot be zero");
        }
        let step = step.max(-i64::MAX);
        let length = length as i64;
        let (low, high) = if step > 0 { (0, length) } else { (-1, length - 1) };
        let mut bound = |value: Value, default: i64| -> R<i64> {
            if value.is_none() {
                return Ok(default);
            }
            let index = self.index(value)?;
            let index = if index < 0 { index.saturating_add(length) } else { index };
            Ok(index.clamp(low, high))
        };
        let start = bound(start, if step > 0 { low } else { high })?;
        let stop = bound(stop, if step > 0 { high } else { low })?;
        Ok((start, stop, step, range_len(start, stop, step) as usize))
    }

    /// The places that a slice selects.
    pub fn slice_places(&mut self, slice: Value, length: usize) -> R<Vec<usize>> {
        let (start, _, step, count) = self.slice_bounds(slice, length)?;
        self.charge(count)?;
        Ok((0..count as i64).filter_map(|at| usize::try_from(start + at * step).ok()).collect())
    }

    /// `object[key]` by what the object is; nothing if it has no items.
    pub fn builtin_getitem(&mut self, r: Ref, key: Value) -> R<Option<Value>> {
        if let Kind::Dict(_) = &self.get(r).kind {
            if let Some(value) = self.dict_get(r, key)? {
                return Ok(Some(value));
            }
            let class = self.get(r).class;
            if class.owner != 0
                && let Some(missing) = self.lookup(class, &"__missing__".into())
            {
                let missing = self.bind(missing, Value::Obj(r), class)?;
                return self.call_with(missing, &[key]).map(Some);
            }
            let args = self.tuple(vec![key]);
            let exception = self.exception_with(T::KeyError.r(), args);
            return Err(crate::vm::Stop::Raise(exception));
        }
        if let Kind::Proxy(inner) = &self.get(r).kind {
            let inner = *inner;
            return self.getitem(inner, key).map(Some);
        }
        let Some(length) = self.builtin_length(r) else { return Ok(None) };
        let name = match &self.get(r).kind {
            Kind::Tuple(_) => "tuple",
            Kind::List(_) => "list",
            Kind::Str(_) => "string",
            Kind::Bytes(_) => "byte",
            Kind::ByteArray(_) => "bytearray",
            Kind::Range(..) => "range object",
            _ => return Ok(None),
        };
        if matches!(self.kind(key), Some(Kind::Slice(_))) {
            return self.sliced(r, key, length).map(Some);
        }
        if self.number(key).is_none_or(|n| n.big().is_none()) && !self.is_unknown(key) {
            let class = self.class_of(key);
            if self.lookup(class, &self.world.name("__index__")).is_none() {
                let given = self.class_name(key);
                let what = match name {
                    "string" => return self.type_error(format!("string indices must be integers, not '{given}'")),
                    "range object" => "range",
                    name => name,
                };
                return self.type_error(format!("{what} indices must be integers or slices, not {given}"));
            }
        }
        let Some(at) = self.position(key, length)? else {
            return match name {
                "byte" => self.raise(T::IndexError, "index out of range"),
                _ => self.raise(T::IndexError, format!("{name} index out of range")),
            };
        };
        Ok(Some(match &self.get(r).kind {
            Kind::Tuple(items) => items[at],
            Kind::List(items) => items[at],
            Kind::Bytes(bytes) => Value::Int(bytes[at].into()),
            Kind::ByteArray(bytes) => Value::Int(bytes[at].into()),
            Kind::Range(start, _, step) => Value::Int(start + step * at as i64),
            Kind::Str(text) => {
                let one = if text.is_ascii() {
                    text[at..at + 1].to_owned()
                } else {
                    text.chars().nth(at).map(String::from).unwrap_or_default()
                };
                self.str(one)
            }
            _ => return Ok(None),
        }))
    }

    fn sliced(&mut self, r: Ref, slice: Value, length: usize) -> R {
        if let Kind::Range(start, _, step) = self.get(r).kind {
            let (low, high, by, _) = self.slice_bounds(slice, length)?;
            return Ok(self.make(T::Range, Kind::Range(start + step * low, start + step * high, step * by)));
        }
        let places = self.slice_places(slice, length)?;
        // All of what cannot change is the thing itself.
        let whole = places.len() == length && places.first().is_none_or(|first| *first == 0);
        if whole
            && self.get(r).class.owner == 0
            && matches!(self.get(r).kind, Kind::Tuple(_) | Kind::Str(_) | Kind::Bytes(_))
        {
            return Ok(Value::Obj(r));
        }
        Ok(match &self.get(r).kind {
            Kind::Tuple(items) => {
                let items = places.iter().map(|at| items[*at]).collect();
                self.tuple(items)
            }
            Kind::List(items) => {
                let items = places.iter().map(|at| items[*at]).collect();
                self.list(items)
            }
            Kind::Bytes(bytes) => {
                let bytes = places.iter().map(|at| bytes[*at]).collect();
                self.bytes(bytes)
            }
            Kind::ByteArray(bytes) => {
                let bytes = places.iter().map(|at| bytes[*at]).collect();
                self.make(T::ByteArray, Kind::ByteArray(bytes))
            }
            Kind::Str(text) => {
                let text = text.clone();
                let chars: Vec<char> = text.chars().collect();
                let text: String = places.iter().filter_map(|at| chars.get(*at)).collect();
                self.str(text)
            }
            _ => Value::None,
        })
    }

    fn list_setitem(&mut self, list: Value, key: Value, value: Value) -> R<()> {
        let length = list.obj().and_then(|r| self.builtin_length(r)).unwrap_or(0);
        if matches!(self.kind(key), Some(Kind::Slice(_))) {
            let items = self.items(value)?;
            let (start, stop, step, count) = self.slice_bounds(key, length)?;
            if step == 1 {
                let (start, stop) = (start as usize, stop.max(start) as usize);
                change_list(self, list, "sets items of", |list| {
                    list.splice(start..stop.min(list.len()), items);
                });
                return Ok(());
            }
            if items.len() != count {
                return self.raise(
                    T::ValueError,
                    format!("attempt to assign sequence of size {} to extended slice of size {count}", items.len()),
                );
            }
            change_list(self, list, "sets items of", |list| {
                for (at, item) in items.into_iter().enumerate() {
                    if let Some(place) = usize::try_from(start + at as i64 * step).ok().and_then(|p| list.get_mut(p)) {
                        *place = item;
                    }
                }
            });
            return Ok(());
        }
        let Some(at) = self.position(key, length)? else {
            return self.raise(T::IndexError, "list assignment index out of range");
        };
        change_list(self, list, "sets an item of", |list| list[at] = value);
        Ok(())
    }
}
