//! Operators, comparisons and subscripts.

use super::{numeric, subscript};
use crate::builder::Builder;
use crate::opcodes::v3_14 as op;
use ember_hir::ops::Cc;
use ember_hir::{FrameState, HelperId, Op, Type, Value};

/// `NB_SUBSCR`
const SUBSCR: u32 = 26;

pub(super) fn unary_negative(b: &mut Builder) {
    let value = b.pop();
    let result = match numeric::negative(b, value) {
        Some(result) => result,
        None => {
            let value = b.object(value);
            b.helper(HelperId::unary_negative, &[value])
        }
    };
    b.push(result);
}

pub(super) fn unary_invert(b: &mut Builder) {
    let value = b.pop();
    let result = match numeric::invert(b, value) {
        Some(result) => result,
        None => {
            let value = b.object(value);
            b.helper(HelperId::unary_invert, &[value])
        }
    };
    b.push(result);
}

pub(super) fn binary_op(b: &mut Builder, operator: u32) {
    let right = b.pop();
    let left = b.pop();
    let special = if operator == SUBSCR {
        subscript::load(b, left, right)
    } else {
        match strings(b, left, right) {
            Some(result) => Some(result),
            None => numeric::binary(b, operator, left, right),
        }
    };
    let result = match special {
        Some(result) => result,
        None => generic_binary(b, operator, left, right),
    };
    b.push(result);
}

/// The same machine value twice must become one object.
fn objects(b: &mut Builder, left: Value, right: Value) -> (Value, Value) {
    let boxed = b.object(left);
    (boxed, if left == right { boxed } else { b.object(right) })
}

fn generic_binary(b: &mut Builder, operator: u32, left: Value, right: Value) -> Value {
    let (left, right) = objects(b, left, right);
    if operator == SUBSCR {
        return b.helper(HelperId::subscript, &[left, right]);
    }
    let operator = b.int(i64::from(operator));
    b.helper(HelperId::binary_op, &[left, right, operator])
}

/// Concatenation of exact strings.
fn strings(b: &mut Builder, left: Value, right: Value) -> Option<Value> {
    let special = b.special();
    if !matches!(special, op::BINARY_OP_ADD_UNICODE | op::BINARY_OP_INPLACE_ADD_UNICODE) {
        return None;
    }
    let right = b.guard_type(right, Type::Unicode);
    let left = b.guard_type(left, Type::Unicode);
    let target = (special == op::BINARY_OP_INPLACE_ADD_UNICODE).then(|| stored_to(b)).flatten();
    match target {
        Some(slot) if b.local(slot).is_some_and(|local| b.root(local) == b.root(left)) => {
            Some(append_in_place(b, slot, left, right))
        }
        _ => Some(b.helper(HelperId::unicode_concat, &[left, right])),
    }
}

/// The local that the next instruction stores to.
fn stored_to(b: &Builder) -> Option<u32> {
    let next = b.next_instr()?;
    (next.opcode == op::STORE_FAST).then_some(next.arg)
}

/// `local += right`: the local gives its reference away, so that the string can grow where it is. It is unbound meanwhile, in the frame as well.
fn append_in_place(b: &mut Builder, slot: u32, left: Value, right: Value) -> Value {
    b.set_local(slot, None);
    let null = b.null();
    let mut locals = b.before.locals.clone();
    locals[slot as usize] = None;
    let root = b.root(left);
    let stack = b.before.stack.iter().map(|&value| if b.root(value) == root { null } else { value }).collect();
    let level = Some(b.func.root());
    let state = b.func.states.push(FrameState { bci: b.instr.start, level, locals, stack, parent: None });
    b.with_state(state, |b| b.helper(HelperId::unicode_append, &[left, right]))
}

/// The comparison is in bits 5 and up of the argument; bit 4 asks for the truth of the outcome.
pub(super) fn compare_op(b: &mut Builder, arg: u32) {
    let right = b.pop();
    let left = b.pop();
    let result = match numeric::compare(b, arg >> 5, left, right) {
        Some(result) => result,
        None => generic_compare(b, arg, left, right),
    };
    b.push(result);
}

fn generic_compare(b: &mut Builder, arg: u32, left: Value, right: Value) -> Value {
    let (left, right) = objects(b, left, right);
    let operator = b.int(i64::from(arg >> 5));
    if arg & 16 != 0 {
        let truth = b.helper(HelperId::compare_truth, &[left, right, operator]);
        is_nonzero(b, truth)
    } else {
        b.helper(HelperId::compare, &[left, right, operator])
    }
}

fn is_nonzero(b: &mut Builder, value: Value) -> Value {
    let zero = b.int(0);
    b.emit_value(Op::ICmp { cc: Cc::Ne }, &[value, zero])
}

fn is_zero(b: &mut Builder, value: Value) -> Value {
    let zero = b.int(0);
    b.emit_value(Op::ICmp { cc: Cc::Eq }, &[value, zero])
}

pub(super) fn is_op(b: &mut Builder, invert: u32) {
    let right = b.pop_object();
    let left = b.peek_object(0);
    b.pop();
    let same = b.emit_value(Op::Is, &[left, right]);
    let result = if invert != 0 { b.emit_value(Op::BNot, &[same]) } else { same };
    b.push(result);
}

pub(super) fn contains_op(b: &mut Builder, invert: u32) {
    let container = b.pop_object();
    let item = b.pop_object();
    let (id, container) = match b.special() {
        op::CONTAINS_OP_DICT => (HelperId::dict_contains, b.guard_type(container, Type::Dict)),
        op::CONTAINS_OP_SET => (HelperId::set_contains, b.guard_type(container, Type::Set.or(Type::FrozenSet))),
        _ => (HelperId::contains, container),
    };
    let found = b.helper(id, &[container, item]);
    let result = if invert != 0 { is_zero(b, found) } else { is_nonzero(b, found) };
    b.push(result);
}

pub(super) fn binary_slice(b: &mut Builder) {
    let operands = b.pop_objects(3);
    let result = b.helper(HelperId::binary_slice, &operands);
    b.push(result);
}

pub(super) fn store_slice(b: &mut Builder) {
    let operands = b.pop_objects(4);
    let (value, container, start, stop) = (operands[0], operands[1], operands[2], operands[3]);
    b.helper_effect(HelperId::store_slice, &[container, start, stop, value]);
}

pub(super) fn store_subscr(b: &mut Builder) {
    let key = b.pop();
    let container = b.pop();
    let value = b.pop();
    if subscript::store(b, container, key, value) {
        return;
    }
    let (key, value) = objects(b, key, value);
    let container = b.object(container);
    b.helper_effect(HelperId::store_subscript, &[container, key, value]);
}

pub(super) fn delete_subscr(b: &mut Builder) {
    let operands = b.pop_objects(2);
    b.helper_effect(HelperId::delete_subscript, &operands);
}
