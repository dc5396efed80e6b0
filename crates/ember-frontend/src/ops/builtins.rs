//! Calls of builtins whose meaning the compiler knows.

use super::numeric::{as_double, as_int};
use super::subscript::size;
use crate::builder::Builder;
use crate::opcodes::v3_14 as op;
use crate::snapshot::KnownBuiltin;
use ember_hir::ops::{Cc, Region};
use ember_hir::{HelperId, Op, Type, Value};

/// The call by meaning; `None` when these arguments are not served.
pub(super) fn call(b: &mut Builder, known: Option<KnownBuiltin>, args: &[Value]) -> Option<Value> {
    match (known?, args) {
        (KnownBuiltin::Len, &[value]) => Some(len(b, value)),
        (KnownBuiltin::IsInstance, &[value, class]) => {
            let (value, class) = (b.object(value), b.object(class));
            let answer = b.helper(HelperId::builtin_isinstance, &[value, class]);
            let zero = b.int(0);
            Some(b.emit_value(Op::ICmp { cc: Cc::Ne }, &[answer, zero]))
        }
        (KnownBuiltin::ListAppend, &[list, value]) => {
            let value = b.object(value);
            b.helper_effect(HelperId::list_append, &[list, value]);
            Some(b.none())
        }
        (KnownBuiltin::Type, &[value]) => Some(of_object(b, HelperId::type_of, value)),
        (KnownBuiltin::Str, &[value]) => Some(of_object(b, HelperId::builtin_str, value)),
        (KnownBuiltin::Tuple, &[value]) => Some(of_object(b, HelperId::builtin_tuple, value)),
        (KnownBuiltin::List, &[value]) => Some(of_object(b, HelperId::builtin_list, value)),
        (KnownBuiltin::Set, &[value]) => Some(of_object(b, HelperId::builtin_set, value)),
        (KnownBuiltin::Abs, &[value]) => abs(b, value),
        (KnownBuiltin::Min, &[left, right]) => extreme(b, left, right, Cc::Lt),
        (KnownBuiltin::Range, args) => range(b, args),
        (KnownBuiltin::Max, &[left, right]) => extreme(b, left, right, Cc::Gt),
        _ => None,
    }
}

/// What a helper makes of one object.
fn of_object(b: &mut Builder, helper: HelperId, value: Value) -> Value {
    let value = b.object(value);
    b.helper(helper, &[value])
}

/// The arguments of a builtin, which gets a generator that it only exhausts in a form that native code resumes.
pub(super) fn arguments(b: &mut Builder, known: Option<KnownBuiltin>, args: &[Value]) -> Vec<Value> {
    let exhausts = matches!(known, Some(KnownBuiltin::Exhausts | KnownBuiltin::Min | KnownBuiltin::Max));
    match *args {
        [value] if exhausts && b.func.ty(value).could_be(Type::Other) => {
            vec![b.helper(HelperId::exhaustible, &[value])]
        }
        _ => args.to_vec(),
    }
}

/// `range` of ints that is about to be iterated over and nothing else: the iterator at once, which is its own iterator.
fn range(b: &mut Builder, args: &[Value]) -> Option<Value> {
    if b.next_instr().is_none_or(|next| next.opcode != op::GET_ITER) || b.snapshot.generic_sites.contains(&b.instr.unit)
    {
        return None;
    }
    let (start, stop, step) = match *args {
        [stop] => (None, stop, None),
        [start, stop] => (Some(start), stop, None),
        [start, stop, step] => (Some(start), stop, Some(step)),
        _ => return None,
    };
    let number = |b: &mut Builder, value: Value| {
        let value = if b.func.ty(value).is_primitive() { value } else { b.guard_type(value, Type::Long) };
        as_int(b, value)
    };
    if !args.iter().all(|&value| b.func.ty(value).is(Type::CInt) || b.func.ty(value).could_be(Type::Long)) {
        return None;
    }
    let stop = number(b, stop);
    let start = match start {
        Some(start) => number(b, start),
        None => b.int(0),
    };
    let step = match step {
        Some(step) => {
            let step = number(b, step);
            let zero = b.int(0);
            let moves = b.emit_value(Op::ICmp { cc: Cc::Ne }, &[step, zero]);
            b.emit(Op::GuardTrue, &[moves]);
            step
        }
        None => b.int(1),
    };
    // Leaves when the distance overflows.
    let distance = b.emit_value(Op::ISub, &[stop, start]);
    let stop = b.emit_value(Op::IAddWrap, &[start, distance]);
    Some(b.helper(HelperId::range_iter, &[start, stop, step]))
}

fn len(b: &mut Builder, value: Value) -> Value {
    let value = b.object(value);
    let ty = b.func.ty(value);
    if ty.is(Type::List) {
        size(b, value, Region::ListHeader)
    } else if ty.is(Type::Tuple.or(Type::Unicode).or(Type::Bytes)) {
        size(b, value, Region::Immutable)
    } else if ty.is(Type::Dict) {
        // The number of items is where other containers have their size.
        size(b, value, Region::Dict)
    } else {
        b.helper(HelperId::builtin_len, &[value])
    }
}

fn is_double(b: &Builder, value: Value) -> bool {
    b.func.ty(value).is(Type::CDouble) || b.func.ty(value).is(Type::Float)
}

fn is_int(b: &Builder, value: Value) -> bool {
    b.func.ty(value).is(Type::CInt) || b.func.ty(value).is(Type::Long)
}

fn abs(b: &mut Builder, value: Value) -> Option<Value> {
    if is_double(b, value) {
        let value = as_double(b, value);
        return Some(b.emit_value(Op::DAbs, &[value]));
    }
    if !is_int(b, value) {
        return None;
    }
    let value = as_int(b, value);
    let zero = b.int(0);
    let negative = b.emit_value(Op::ICmp { cc: Cc::Lt }, &[value, zero]);
    Some(choose(b, negative, Type::CInt, |b| b.emit_value(Op::INeg, &[value]), |_| value))
}

/// `min` and `max` of two numbers: the second only if it compares `cc` with the first.
fn extreme(b: &mut Builder, left: Value, right: Value, cc: Cc) -> Option<Value> {
    if is_int(b, left) && is_int(b, right) {
        let (left, right) = (as_int(b, left), as_int(b, right));
        let second = b.emit_value(Op::ICmp { cc }, &[right, left]);
        Some(choose(b, second, Type::CInt, |_| right, |_| left))
    } else if is_double(b, left) && is_double(b, right) {
        let (left, right) = (as_double(b, left), as_double(b, right));
        let second = b.emit_value(Op::DCmp { cc }, &[right, left]);
        Some(choose(b, second, Type::CDouble, |_| right, |_| left))
    } else {
        None
    }
}

fn choose<'a>(
    b: &mut Builder<'a>,
    condition: Value,
    ty: Type,
    yes: impl FnOnce(&mut Builder<'a>) -> Value,
    no: impl FnOnce(&mut Builder<'a>) -> Value,
) -> Value {
    let join = b.func.new_block();
    let result = b.func.add_param(join, ty);
    let otherwise = b.split_on(condition, false);
    let value = yes(b);
    b.jump(join, &[value]);
    b.at = Some(otherwise);
    let value = no(b);
    b.jump(join, &[value]);
    b.at = Some(join);
    result
}
