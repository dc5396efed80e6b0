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
    Ok(Value::Int((hash >> 1) as i64))
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

const INT: &[Native] = &[
    native("__add__", |vm, args| binary(vm, BinOp::Add, args.at(0), args.at(1))),
    native("__radd__", |vm, args| binary(vm, BinOp::Add, args.at(1), args.at(0))),
    native("__sub__", |vm, args| binary(vm, BinOp::Sub, args.at(0), args.at(1))),
    native("__rsub__", |vm, args| binary(vm, BinOp::Sub, args.at(1), args.at(0))),
    native("__mul__", |vm, args| binary(vm, BinOp::Mul, args.at(0), args.at(1))),
    native("__rmul__", |vm, args| binary(vm, BinOp::Mul, args.at(1), args.at(0))),
    native("__truediv__", |vm, args| binary(vm, BinOp::Div, args.at(0), args.at(1))),
    native("__rtruediv__", |vm, args| binary(vm, BinOp::Div, args.at(1), args.at(0))),
    native("__mod__", |vm, args| binary(vm, BinOp::Mod, args.at(0), args.at(1))),
    native("__rmod__", |vm, args| binary(vm, BinOp::Mod, args.at(1), args.at(0))),
    native("__pow__", |vm, args| binary(vm, BinOp::Pow, args.at(0), args.at(1))),
    native("__rpow__", |vm, args| binary(vm, BinOp::Pow, args.at(1), args.at(0))),
    native("__lshift__", |vm, args| binary(vm, BinOp::LShift, args.at(0), args.at(1))),
    native("__rlshift__", |vm, args| binary(vm, BinOp::LShift, args.at(1), args.at(0))),
    native("__rshift__", |vm, args| binary(vm, BinOp::RShift, args.at(0), args.at(1))),
    native("__rrshift__", |vm, args| binary(vm, BinOp::RShift, args.at(1), args.at(0))),
    native("__or__", |vm, args| binary(vm, BinOp::Or, args.at(0), args.at(1))),
    native("__ror__", |vm, args| binary(vm, BinOp::Or, args.at(1), args.at(0))),
    native("__xor__", |vm, args| binary(vm, BinOp::Xor, args.at(0), args.at(1))),
    native("__rxor__", |vm, args| binary(vm, BinOp::Xor, args.at(1), args.at(0))),
    native("__and__", |vm, args| binary(vm, BinOp::And, args.at(0), args.at(1))),
    native("__rand__", |vm, args| binary(vm, BinOp::And, args.at(1), args.at(0))),
    native("__floordiv__", |vm, args| binary(vm, BinOp::FloorDiv, args.at(0), args.at(1))),
    native("__rfloordiv__", |vm, args| binary(vm, BinOp::FloorDiv, args.at(1), args.at(0))),
    holder("__eq__", |vm, args| compare(vm, Cmp::Eq, &args)),
    holder("__ne__", |vm, args| compare(vm, Cmp::Ne, &args)),
    holder("__lt__", |vm, args| compare(vm, Cmp::Lt, &args)),
    holder("__le__", |vm, args| compare(vm, Cmp::Le, &args)),
    holder("__gt__", |vm, args| compare(vm, Cmp::Gt, &args)),
    holder("__ge__", |vm, args| compare(vm, Cmp::Ge, &args)),
    native("__neg__", |vm, args| unary(vm, UnOp::Neg, &args)),
    native("__pos__", |vm, args| unary(vm, UnOp::Pos, &args)),
    native("__invert__", |vm, args| unary(vm, UnOp::Invert, &args)),
    holder("__hash__", hash),
    holder("__repr__", repr),
    native("__bool__", truth),
    native("__index__", index),
    native("__int__", index),
    native("__float__", float),
    native("__trunc__", index),
    native("__floor__", index),
    native("__ceil__", index),
    native("__getnewargs__", new_args),
];

const FLOAT: &[Native] = &[
    native("__add__", |vm, args| binary(vm, BinOp::Add, args.at(0), args.at(1))),
    native("__radd__", |vm, args| binary(vm, BinOp::Add, args.at(1), args.at(0))),
    native("__sub__", |vm, args| binary(vm, BinOp::Sub, args.at(0), args.at(1))),
    native("__rsub__", |vm, args| binary(vm, BinOp::Sub, args.at(1), args.at(0))),
    native("__mul__", |vm, args| binary(vm, BinOp::Mul, args.at(0), args.at(1))),
    native("__rmul__", |vm, args| binary(vm, BinOp::Mul, args.at(1), args.at(0))),
    native("__truediv__", |vm, args| binary(vm, BinOp::Div, args.at(0), args.at(1))),
    native("__rtruediv__", |vm, args| binary(vm, BinOp::Div, args.at(1), args.at(0))),
    native("__mod__", |vm, args| binary(vm, BinOp::Mod, args.at(0), args.at(1))),
    native("__rmod__", |vm, args| binary(vm, BinOp::Mod, args.at(1), args.at(0))),
    native("__pow__", |vm, args| binary(vm, BinOp::Pow, args.at(0), args.at(1))),
    native("__rpow__", |vm, args| binary(vm, BinOp::Pow, args.at(1), args.at(0))),
    native("__floordiv__", |vm, args| binary(vm, BinOp::FloorDiv, args.at(0), args.at(1))),
    native("__rfloordiv__", |vm, args| binary(vm, BinOp::FloorDiv, args.at(1), args.at(0))),
    holder("__eq__", |vm, args| compare(vm, Cmp::Eq, &args)),
    holder("__ne__", |vm, args| compare(vm, Cmp::Ne, &args)),
    holder("__lt__", |vm, args| compare(vm, Cmp::Lt, &args)),
    holder("__le__", |vm, args| compare(vm, Cmp::Le, &args)),
    holder("__gt__", |vm, args| compare(vm, Cmp::Gt, &args)),
    holder("__ge__", |vm, args| compare(vm, Cmp::Ge, &args)),
    native("__neg__", |vm, args| unary(vm, UnOp::Neg, &args)),
    native("__pos__", |vm, args| unary(vm, UnOp::Pos, &args)),
    holder("__hash__", hash),
    holder("__repr__", repr),
    native("__bool__", truth),
    native("__float__", float),
    native("__getnewargs__", new_args),
];

const COMPLEX: &[Native] = &[
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
    holder("__eq__", |vm, args| compare(vm, Cmp::Eq, &args)),
    holder("__ne__", |vm, args| compare(vm, Cmp::Ne, &args)),
    native("__neg__", |vm, args| unary(vm, UnOp::Neg, &args)),
    native("__pos__", |vm, args| unary(vm, UnOp::Pos, &args)),
    holder("__hash__", hash),
    holder("__repr__", repr),
    native("__bool__", truth),
];

const STR: &[Native] = &[
    native("__add__", |vm, args| binary(vm, BinOp::Add, args.at(0), args.at(1))),
    native("__mul__", |vm, args| binary(vm, BinOp::Mul, args.at(0), args.at(1))),
    native("__mod__", |vm, args| binary(vm, BinOp::Mod, args.at(0), args.at(1))),
    native("__rmul__", |vm, args| binary(vm, BinOp::Mul, args.at(0), args.at(1))),
    native("__getnewargs__", new_args),
    holder("__eq__", |vm, args| compare(vm, Cmp::Eq, &args)),
    holder("__ne__", |vm, args| compare(vm, Cmp::Ne, &args)),
    holder("__lt__", |vm, args| compare(vm, Cmp::Lt, &args)),
    holder("__le__", |vm, args| compare(vm, Cmp::Le, &args)),
    holder("__gt__", |vm, args| compare(vm, Cmp::Gt, &args)),
    holder("__ge__", |vm, args| compare(vm, Cmp::Ge, &args)),
    holder("__hash__", hash),
    holder("__repr__", repr),
    native("__len__", length),
    holder("__contains__", contains),
    native("__iter__", iterate),
    native("__getitem__", item),
];

const BYTES: &[Native] = &[
    native("__add__", |vm, args| binary(vm, BinOp::Add, args.at(0), args.at(1))),
    native("__mul__", |vm, args| binary(vm, BinOp::Mul, args.at(0), args.at(1))),
    holder("__eq__", |vm, args| compare(vm, Cmp::Eq, &args)),
    holder("__ne__", |vm, args| compare(vm, Cmp::Ne, &args)),
    holder("__lt__", |vm, args| compare(vm, Cmp::Lt, &args)),
    holder("__le__", |vm, args| compare(vm, Cmp::Le, &args)),
    holder("__gt__", |vm, args| compare(vm, Cmp::Gt, &args)),
    holder("__ge__", |vm, args| compare(vm, Cmp::Ge, &args)),
    holder("__hash__", hash),
    holder("__repr__", repr),
    native("__len__", length),
    holder("__contains__", contains),
    native("__iter__", iterate),
    native("__getitem__", item),
];

const TUPLE: &[Native] = &[
    native("__add__", |vm, args| binary(vm, BinOp::Add, args.at(0), args.at(1))),
    native("__mul__", |vm, args| binary(vm, BinOp::Mul, args.at(0), args.at(1))),
    native("__rmul__", |vm, args| binary(vm, BinOp::Mul, args.at(0), args.at(1))),
    native("__getnewargs__", new_args),
    holder("__eq__", |vm, args| compare(vm, Cmp::Eq, &args)),
    holder("__ne__", |vm, args| compare(vm, Cmp::Ne, &args)),
    holder("__lt__", |vm, args| compare(vm, Cmp::Lt, &args)),
    holder("__le__", |vm, args| compare(vm, Cmp::Le, &args)),
    holder("__gt__", |vm, args| compare(vm, Cmp::Gt, &args)),
    holder("__ge__", |vm, args| compare(vm, Cmp::Ge, &args)),
    holder("__hash__", hash),
    holder("__repr__", repr),
    native("__len__", length),
    holder("__contains__", contains),
    native("__iter__", iterate),
    native("__getitem__", item),
];

const LIST: &[Native] = &[
    native("__add__", |vm, args| binary(vm, BinOp::Add, args.at(0), args.at(1))),
    native("__mul__", |vm, args| binary(vm, BinOp::Mul, args.at(0), args.at(1))),
    native("__rmul__", |vm, args| binary(vm, BinOp::Mul, args.at(0), args.at(1))),
    native("__reversed__", reversed),
    holder("__eq__", |vm, args| compare(vm, Cmp::Eq, &args)),
    holder("__ne__", |vm, args| compare(vm, Cmp::Ne, &args)),
    holder("__lt__", |vm, args| compare(vm, Cmp::Lt, &args)),
    holder("__le__", |vm, args| compare(vm, Cmp::Le, &args)),
    holder("__gt__", |vm, args| compare(vm, Cmp::Gt, &args)),
    holder("__ge__", |vm, args| compare(vm, Cmp::Ge, &args)),
    holder("__repr__", repr),
    native("__len__", length),
    holder("__contains__", contains),
    native("__iter__", iterate),
    native("__getitem__", item),
];

const BYTEARRAY: &[Native] = &[
    native("__add__", |vm, args| binary(vm, BinOp::Add, args.at(0), args.at(1))),
    native("__mul__", |vm, args| binary(vm, BinOp::Mul, args.at(0), args.at(1))),
    holder("__eq__", |vm, args| compare(vm, Cmp::Eq, &args)),
    holder("__ne__", |vm, args| compare(vm, Cmp::Ne, &args)),
    holder("__lt__", |vm, args| compare(vm, Cmp::Lt, &args)),
    holder("__le__", |vm, args| compare(vm, Cmp::Le, &args)),
    holder("__gt__", |vm, args| compare(vm, Cmp::Gt, &args)),
    holder("__ge__", |vm, args| compare(vm, Cmp::Ge, &args)),
    holder("__repr__", repr),
    native("__len__", length),
    holder("__contains__", contains),
    native("__iter__", iterate),
    native("__getitem__", item),
];

const DICT: &[Native] = &[
    native("__or__", |vm, args| binary(vm, BinOp::Or, args.at(0), args.at(1))),
    native("__ror__", |vm, args| binary(vm, BinOp::Or, args.at(1), args.at(0))),
    holder("__eq__", |vm, args| compare(vm, Cmp::Eq, &args)),
    holder("__ne__", |vm, args| compare(vm, Cmp::Ne, &args)),
    holder("__repr__", repr),
    native("__len__", length),
    holder("__contains__", contains),
    native("__iter__", iterate),
    holder("__getitem__", item),
    native("__reversed__", reversed),
];

const SET: &[Native] = &[
    native("__or__", |vm, args| binary(vm, BinOp::Or, args.at(0), args.at(1))),
    native("__ror__", |vm, args| binary(vm, BinOp::Or, args.at(1), args.at(0))),
    native("__and__", |vm, args| binary(vm, BinOp::And, args.at(0), args.at(1))),
    native("__rand__", |vm, args| binary(vm, BinOp::And, args.at(1), args.at(0))),
    native("__sub__", |vm, args| binary(vm, BinOp::Sub, args.at(0), args.at(1))),
    native("__rsub__", |vm, args| binary(vm, BinOp::Sub, args.at(1), args.at(0))),
    native("__xor__", |vm, args| binary(vm, BinOp::Xor, args.at(0), args.at(1))),
    native("__rxor__", |vm, args| binary(vm, BinOp::Xor, args.at(1), args.at(0))),
    holder("__eq__", |vm, args| compare(vm, Cmp::Eq, &args)),
    holder("__ne__", |vm, args| compare(vm, Cmp::Ne, &args)),
    holder("__lt__", |vm, args| compare(vm, Cmp::Lt, &args)),
    holder("__le__", |vm, args| compare(vm, Cmp::Le, &args)),
    holder("__gt__", |vm, args| compare(vm, Cmp::Gt, &args)),
    holder("__ge__", |vm, args| compare(vm, Cmp::Ge, &args)),
    holder("__repr__", repr),
    native("__len__", length),
    holder("__contains__", contains),
    native("__iter__", iterate),
];

const FROZENSET: &[Native] = &[
    native("__or__", |vm, args| binary(vm, BinOp::Or, args.at(0), args.at(1))),
    native("__ror__", |vm, args| binary(vm, BinOp::Or, args.at(1), args.at(0))),
    native("__and__", |vm, args| binary(vm, BinOp::And, args.at(0), args.at(1))),
    native("__rand__", |vm, args| binary(vm, BinOp::And, args.at(1), args.at(0))),
    native("__sub__", |vm, args| binary(vm, BinOp::Sub, args.at(0), args.at(1))),
    native("__rsub__", |vm, args| binary(vm, BinOp::Sub, args.at(1), args.at(0))),
    native("__xor__", |vm, args| binary(vm, BinOp::Xor, args.at(0), args.at(1))),
    native("__rxor__", |vm, args| binary(vm, BinOp::Xor, args.at(1), args.at(0))),
    holder("__eq__", |vm, args| compare(vm, Cmp::Eq, &args)),
    holder("__ne__", |vm, args| compare(vm, Cmp::Ne, &args)),
    holder("__lt__", |vm, args| compare(vm, Cmp::Lt, &args)),
    holder("__le__", |vm, args| compare(vm, Cmp::Le, &args)),
    holder("__gt__", |vm, args| compare(vm, Cmp::Gt, &args)),
    holder("__ge__", |vm, args| compare(vm, Cmp::Ge, &args)),
    holder("__hash__", hash),
    holder("__repr__", repr),
    native("__len__", length),
    holder("__contains__", contains),
    native("__iter__", iterate),
];

const VIEW: &[Native] = &[
    native("__or__", |vm, args| binary(vm, BinOp::Or, args.at(0), args.at(1))),
    native("__ror__", |vm, args| binary(vm, BinOp::Or, args.at(1), args.at(0))),
    native("__and__", |vm, args| binary(vm, BinOp::And, args.at(0), args.at(1))),
    native("__rand__", |vm, args| binary(vm, BinOp::And, args.at(1), args.at(0))),
    native("__sub__", |vm, args| binary(vm, BinOp::Sub, args.at(0), args.at(1))),
    native("__rsub__", |vm, args| binary(vm, BinOp::Sub, args.at(1), args.at(0))),
    native("__xor__", |vm, args| binary(vm, BinOp::Xor, args.at(0), args.at(1))),
    native("__rxor__", |vm, args| binary(vm, BinOp::Xor, args.at(1), args.at(0))),
    holder("__eq__", |vm, args| compare(vm, Cmp::Eq, &args)),
    holder("__ne__", |vm, args| compare(vm, Cmp::Ne, &args)),
    holder("__lt__", |vm, args| compare(vm, Cmp::Lt, &args)),
    holder("__le__", |vm, args| compare(vm, Cmp::Le, &args)),
    holder("__gt__", |vm, args| compare(vm, Cmp::Gt, &args)),
    holder("__ge__", |vm, args| compare(vm, Cmp::Ge, &args)),
    holder("__repr__", repr),
    native("__len__", length),
    holder("__contains__", contains),
    native("__iter__", iterate),
    native("__reversed__", reversed),
];

const RANGE: &[Native] = &[
    holder("__eq__", |vm, args| compare(vm, Cmp::Eq, &args)),
    holder("__ne__", |vm, args| compare(vm, Cmp::Ne, &args)),
    holder("__hash__", hash),
    holder("__repr__", repr),
    native("__reversed__", reversed),
    native("__len__", length),
    holder("__contains__", contains),
    native("__iter__", iterate),
    native("__getitem__", item),
];

const PROXY: &[Native] = &[
    native("__or__", |vm, args| binary(vm, BinOp::Or, args.at(0), args.at(1))),
    native("__ror__", |vm, args| binary(vm, BinOp::Or, args.at(1), args.at(0))),
    holder("__eq__", |vm, args| compare(vm, Cmp::Eq, &args)),
    holder("__ne__", |vm, args| compare(vm, Cmp::Ne, &args)),
    holder("__repr__", repr),
    native("__len__", length),
    holder("__contains__", contains),
    native("__iter__", iterate),
    holder("__getitem__", |vm, args| match vm.kind(args.at(0)) {
        Some(Kind::Proxy(inner)) => {
            let inner = *inner;
            vm.getitem(inner, args.at(1))
        }
        _ => Ok(Value::NotImplemented),
    }),
    native("__reversed__", reversed),
];

const METHOD: &[Native] = &[
    holder("__eq__", |vm, args| compare(vm, Cmp::Eq, &args)),
    holder("__ne__", |vm, args| compare(vm, Cmp::Ne, &args)),
    holder("__hash__", hash),
];

pub const METHODS: Methods = &[
    (T::Int, INT),
    (T::Float, FLOAT),
    (T::Complex, COMPLEX),
    (T::Str, STR),
    (T::Bytes, BYTES),
    (T::Tuple, TUPLE),
    (T::List, LIST),
    (T::ByteArray, BYTEARRAY),
    (T::Dict, DICT),
    (T::Set, SET),
    (T::FrozenSet, FROZENSET),
    (T::DictKeys, VIEW),
    (T::DictItems, VIEW),
    (T::DictValues, &[native("__len__", length), native("__iter__", iterate), native("__reversed__", reversed)]),
    (T::Range, RANGE),
    (T::MappingProxy, PROXY),
    (T::Method, METHOD),
    (T::Slice, &[holder("__eq__", |vm, args| compare(vm, Cmp::Eq, &args)), holder("__repr__", repr)]),
];
