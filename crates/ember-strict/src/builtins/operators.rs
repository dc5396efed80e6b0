//! The operator methods of the builtin types: `int.__add__`, `str.__eq__`, `list.__getitem__` and so on.
//!
//! They do what the operators do on objects of these kinds, so that a subclass can call them through `super()`.

use super::Methods;
use crate::heap::{Kind, Native, T, holder, native};
use crate::syntax::code::{BinOp, Cmp, UnOp};
use crate::value::Value;
use crate::vm::call::Args;
use crate::vm::{R, Vm};

fn binary(vm: &mut Vm<'_>, op: BinOp, left: Value, right: Value) -> R {
    Ok(vm.builtin_binary(op, left, right)?.unwrap_or(Value::NotImplemented))
}

fn compare(vm: &mut Vm<'_>, cmp: Cmp, args: &Args) -> R {
    Ok(vm.builtin_compare(cmp, args.at(0), args.at(1))?.unwrap_or(Value::NotImplemented))
}

fn unary(vm: &mut Vm<'_>, op: UnOp, args: &Args) -> R {
    Ok(vm.unary_number(op, args.at(0))?.unwrap_or(Value::NotImplemented))
}

fn truth(vm: &mut Vm<'_>, args: Args) -> R {
    let zero = match vm.number(args.at(0)) {
        Some(number) => number.float() == Some(0.0),
        None => false,
    };
    Ok(Value::Bool(!zero))
}

fn hash(vm: &mut Vm<'_>, args: Args) -> R {
    let hash = match args.at(0) {
        Value::Obj(r) => vm.builtin_hash(r)?,
        other => vm.hash(other)?,
    };
    Ok(Value::Int(hash as i64))
}

fn length(vm: &mut Vm<'_>, args: Args) -> R {
    Ok(args.at(0).obj().and_then(|r| vm.builtin_length(r)).map_or(Value::NotImplemented, |n| Value::Int(n as i64)))
}

fn contains(vm: &mut Vm<'_>, args: Args) -> R {
    match args.at(0).obj() {
        Some(r) => Ok(Value::Bool(vm.builtin_contains(r, args.at(1))?.unwrap_or(false))),
        None => Ok(Value::Bool(false)),
    }
}

fn iterate(vm: &mut Vm<'_>, args: Args) -> R {
    match vm.builtin_iter(args.at(0)) {
        Some(iterator) => Ok(iterator),
        None => Ok(Value::NotImplemented),
    }
}

fn item(vm: &mut Vm<'_>, args: Args) -> R {
    match args.at(0).obj() {
        Some(r) => Ok(vm.builtin_getitem(r, args.at(1))?.unwrap_or(Value::NotImplemented)),
        None => Ok(Value::NotImplemented),
    }
}

fn index(vm: &mut Vm<'_>, args: Args) -> R {
    Ok(match vm.number(args.at(0)) {
        Some(number) => match number.big() {
            Some(big) => vm.int(big),
            None => Value::NotImplemented,
        },
        None => Value::NotImplemented,
    })
}

fn float(vm: &mut Vm<'_>, args: Args) -> R {
    Ok(vm.number(args.at(0)).and_then(|number| number.float()).map_or(Value::NotImplemented, Value::Float))
}

fn reversed(vm: &mut Vm<'_>, args: Args) -> R {
    vm.reverse_iterator(args.at(0))
}

fn repr(vm: &mut Vm<'_>, args: Args) -> R {
    let text = vm.builtin_repr(args.at(0))?;
    Ok(vm.str(text))
}

fn new_args(vm: &mut Vm<'_>, args: Args) -> R {
    let plain = match vm.kind(args.at(0)) {
        Some(Kind::Int(i)) => Value::Int(*i),
        Some(Kind::Float(f)) => Value::Float(*f),
        Some(Kind::Str(text)) => {
            let text = text.clone();
            vm.str(text)
        }
        _ => args.at(0),
    };
    Ok(vm.tuple(vec![plain]))
}

/// What all numbers have.
const FIELD: &[Native] = &[
    native("__add__", |vm, args| binary(vm, BinOp::Add, args.at(0), args.at(1))),
    native("__radd__", |vm, args| binary(vm, BinOp::Add, args.at(1), args.at(0))),
    native("__sub__", |vm, args| binary(vm, BinOp::Sub, args.at(0), args.at(1))),
    native("__rsub__", |vm, args| binary(vm, BinOp::Sub, args.at(1), args.at(0))),
    native("__mul__", |vm, args| binary(vm, BinOp::Mul, args.at(0), args.at(1))),
    native("__rmul__", |vm, args| binary(vm, BinOp::Mul, args.at(1), args.at(0))),
    native("__truediv__", |vm, args| binary(vm, BinOp::Div, args.at(0), args.at(1))),
    native("__rtruediv__", |vm, args| binary(vm, BinOp::Div, args.at(1), args.at(0))),
    native("__pow__", |vm, args| binary(vm, BinOp::Pow, args.at(0), args.at(1))),
    native("__rpow__", |vm, args| binary(vm, BinOp::Pow, args.at(1), args.at(0))),
    native("__neg__", |vm, args| unary(vm, UnOp::Neg, &args)),
    native("__pos__", |vm, args| unary(vm, UnOp::Pos, &args)),
    native("__bool__", truth),
];

/// What real numbers have.
const DIVISION: &[Native] = &[
    native("__mod__", |vm, args| binary(vm, BinOp::Mod, args.at(0), args.at(1))),
    native("__rmod__", |vm, args| binary(vm, BinOp::Mod, args.at(1), args.at(0))),
    native("__floordiv__", |vm, args| binary(vm, BinOp::FloorDiv, args.at(0), args.at(1))),
    native("__rfloordiv__", |vm, args| binary(vm, BinOp::FloorDiv, args.at(1), args.at(0))),
    native("__float__", float),
    native("__getnewargs__", new_args),
];

/// What integers have.
const INTEGER: &[Native] = &[
    native("__lshift__", |vm, args| binary(vm, BinOp::LShift, args.at(0), args.at(1))),
    native("__rlshift__", |vm, args| binary(vm, BinOp::LShift, args.at(1), args.at(0))),
    native("__rshift__", |vm, args| binary(vm, BinOp::RShift, args.at(0), args.at(1))),
    native("__rrshift__", |vm, args| binary(vm, BinOp::RShift, args.at(1), args.at(0))),
    native("__invert__", |vm, args| unary(vm, UnOp::Invert, &args)),
    native("__index__", index),
    native("__int__", index),
    native("__trunc__", index),
    native("__floor__", index),
    native("__ceil__", index),
];

/// Intersections and the like: of bits, of sets.
const ALGEBRA: &[Native] = &[
    native("__or__", |vm, args| binary(vm, BinOp::Or, args.at(0), args.at(1))),
    native("__ror__", |vm, args| binary(vm, BinOp::Or, args.at(1), args.at(0))),
    native("__and__", |vm, args| binary(vm, BinOp::And, args.at(0), args.at(1))),
    native("__rand__", |vm, args| binary(vm, BinOp::And, args.at(1), args.at(0))),
    native("__xor__", |vm, args| binary(vm, BinOp::Xor, args.at(0), args.at(1))),
    native("__rxor__", |vm, args| binary(vm, BinOp::Xor, args.at(1), args.at(0))),
];

/// Differences of sets.
const DIFFERENCE: &[Native] = &[
    native("__sub__", |vm, args| binary(vm, BinOp::Sub, args.at(0), args.at(1))),
    native("__rsub__", |vm, args| binary(vm, BinOp::Sub, args.at(1), args.at(0))),
];

/// Unions of mappings.
const UNION: &[Native] = &[
    native("__or__", |vm, args| binary(vm, BinOp::Or, args.at(0), args.at(1))),
    native("__ror__", |vm, args| binary(vm, BinOp::Or, args.at(1), args.at(0))),
];

/// What can be put one after the other, and repeated.
const SEQUENCE: &[Native] = &[
    native("__add__", |vm, args| binary(vm, BinOp::Add, args.at(0), args.at(1))),
    native("__mul__", |vm, args| binary(vm, BinOp::Mul, args.at(0), args.at(1))),
    native("__rmul__", |vm, args| binary(vm, BinOp::Mul, args.at(0), args.at(1))),
];

/// What can be equal.
const EQUALITY: &[Native] = &[
    holder("__eq__", |vm, args| compare(vm, Cmp::Eq, &args)),
    holder("__ne__", |vm, args| compare(vm, Cmp::Ne, &args)),
];

/// What has an order.
const ORDER: &[Native] = &[
    holder("__lt__", |vm, args| compare(vm, Cmp::Lt, &args)),
    holder("__le__", |vm, args| compare(vm, Cmp::Le, &args)),
    holder("__gt__", |vm, args| compare(vm, Cmp::Gt, &args)),
    holder("__ge__", |vm, args| compare(vm, Cmp::Ge, &args)),
];

const HASH: &[Native] = &[holder("__hash__", hash)];
const REPR: &[Native] = &[holder("__repr__", repr)];
const REVERSED: &[Native] = &[native("__reversed__", reversed)];
const ITEM: &[Native] = &[native("__getitem__", item)];
/// A mapping only holds the key.
const HELD_ITEM: &[Native] = &[holder("__getitem__", item)];
const SIZE: &[Native] = &[native("__len__", length), native("__iter__", iterate)];
const MEMBERS: &[Native] = &[holder("__contains__", contains)];

const PROXY_ITEM: &[Native] = &[holder("__getitem__", |vm, args| match vm.kind(args.at(0)) {
    Some(Kind::Proxy(inner)) => {
        let inner = *inner;
        vm.getitem(inner, args.at(1))
    }
    _ => Ok(Value::NotImplemented),
})];

const STR: &[Native] =
    &[native("__mod__", |vm, args| binary(vm, BinOp::Mod, args.at(0), args.at(1))), native("__getnewargs__", new_args)];
const TUPLE: &[Native] = &[native("__getnewargs__", new_args)];

/// Which type has what.
#[rustfmt::skip]
pub const METHODS: Methods = &[
    (T::Int, FIELD), (T::Int, DIVISION), (T::Int, INTEGER), (T::Int, ALGEBRA), (T::Int, EQUALITY), (T::Int, ORDER), (T::Int, HASH), (T::Int, REPR),
    (T::Float, FIELD), (T::Float, DIVISION), (T::Float, EQUALITY), (T::Float, ORDER), (T::Float, HASH), (T::Float, REPR),
    (T::Complex, FIELD), (T::Complex, EQUALITY), (T::Complex, HASH), (T::Complex, REPR),
    (T::Str, SEQUENCE), (T::Str, STR), (T::Str, EQUALITY), (T::Str, ORDER), (T::Str, HASH), (T::Str, REPR), (T::Str, SIZE), (T::Str, MEMBERS), (T::Str, ITEM),
    (T::Bytes, SEQUENCE), (T::Bytes, EQUALITY), (T::Bytes, ORDER), (T::Bytes, HASH), (T::Bytes, REPR), (T::Bytes, SIZE), (T::Bytes, MEMBERS), (T::Bytes, ITEM),
    (T::ByteArray, SEQUENCE), (T::ByteArray, EQUALITY), (T::ByteArray, ORDER), (T::ByteArray, REPR), (T::ByteArray, SIZE), (T::ByteArray, MEMBERS), (T::ByteArray, ITEM),
    (T::Tuple, SEQUENCE), (T::Tuple, TUPLE), (T::Tuple, EQUALITY), (T::Tuple, ORDER), (T::Tuple, HASH), (T::Tuple, REPR), (T::Tuple, SIZE), (T::Tuple, MEMBERS), (T::Tuple, ITEM),
    (T::List, SEQUENCE), (T::List, EQUALITY), (T::List, ORDER), (T::List, REPR), (T::List, SIZE), (T::List, MEMBERS), (T::List, ITEM), (T::List, REVERSED),
    (T::Dict, UNION), (T::Dict, EQUALITY), (T::Dict, REPR), (T::Dict, SIZE), (T::Dict, MEMBERS), (T::Dict, HELD_ITEM), (T::Dict, REVERSED),
    (T::Set, ALGEBRA), (T::Set, DIFFERENCE), (T::Set, EQUALITY), (T::Set, ORDER), (T::Set, REPR), (T::Set, SIZE), (T::Set, MEMBERS),
    (T::FrozenSet, ALGEBRA), (T::FrozenSet, DIFFERENCE), (T::FrozenSet, EQUALITY), (T::FrozenSet, ORDER), (T::FrozenSet, HASH), (T::FrozenSet, REPR), (T::FrozenSet, SIZE), (T::FrozenSet, MEMBERS),
    (T::DictKeys, ALGEBRA), (T::DictKeys, DIFFERENCE), (T::DictKeys, EQUALITY), (T::DictKeys, ORDER), (T::DictKeys, REPR), (T::DictKeys, SIZE), (T::DictKeys, MEMBERS), (T::DictKeys, REVERSED),
    (T::DictItems, ALGEBRA), (T::DictItems, DIFFERENCE), (T::DictItems, EQUALITY), (T::DictItems, ORDER), (T::DictItems, REPR), (T::DictItems, SIZE), (T::DictItems, MEMBERS), (T::DictItems, REVERSED),
    (T::DictValues, REPR), (T::DictValues, SIZE), (T::DictValues, REVERSED),
    (T::Range, EQUALITY), (T::Range, HASH), (T::Range, REPR), (T::Range, SIZE), (T::Range, MEMBERS), (T::Range, ITEM), (T::Range, REVERSED),
    (T::MappingProxy, UNION), (T::MappingProxy, EQUALITY), (T::MappingProxy, REPR), (T::MappingProxy, SIZE), (T::MappingProxy, MEMBERS), (T::MappingProxy, PROXY_ITEM), (T::MappingProxy, REVERSED),
    (T::Method, EQUALITY), (T::Method, HASH),
    (T::Slice, EQUALITY), (T::Slice, REPR),
];
