//! Jumps, returns and truth.

use super::subscript::size;
use crate::builder::Builder;
use crate::opcodes::v3_14 as op;
use crate::snapshot::Feedback;
use ember_hir::ops::{Cc, Region, Width};
use ember_hir::{HelperId, Op, Type, Value};

/// The test for signals, thread switches and tracing at a function's start.
pub(super) fn resume(b: &mut Builder) {
    b.emit(Op::CheckEvalBreaker, &[]);
}

pub(super) fn return_value(b: &mut Builder) {
    let value = b.pop_object();
    let state = b.before_state();
    let inst = b.append(Op::Return, &[value]);
    b.func.insts[inst].state = state.into();
    b.at = None;
}

/// Moves locals and operands into the frame, the value that is yielded on top. Whoever resumes the frame takes that one and leaves another.
///
/// Inside of a handler the stack has what is no object: there the interpreter yields, as it does for another iterator.
pub(super) fn yield_value(b: &mut Builder) {
    let delegates = b.instr.arg != 0;
    if delegates || b.state.stack.iter().any(|&value| b.func.ty(value).is(Type::CLasti)) {
        return b.deopt();
    }
    let yielded = b.pop_object();
    let mut stack = b.state.stack.clone();
    stack.push(yielded);
    let locals = b.state.locals.clone();
    // All boxes are made before anything is moved.
    let stack: Vec<Value> = stack.into_iter().map(|value| b.object(value)).collect();
    let in_frame = |local: Option<Value>| match local {
        Some(value) => b.object(value),
        None => b.null(),
    };
    let locals: Vec<Value> = locals.into_iter().map(in_frame).collect();
    for (slot, &value) in locals.iter().enumerate() {
        b.append(Op::KeepLocal { slot: slot as u32 }, &[value]);
    }
    for (index, &value) in stack.iter().enumerate() {
        b.append(Op::KeepStack { index: index as u32 }, &[value]);
    }
    b.append(Op::Suspend { unit: b.instr.next, depth: stack.len() as u32 }, &[]);
    b.at = None;
}

pub(super) fn jump_forward(b: &mut Builder) {
    jump(b);
}

pub(super) fn jump_backward(b: &mut Builder, interruptible: bool) {
    let in_registers = b.snapshot.namespace.as_ref().is_some_and(|namespace| namespace.in_registers);
    if interruptible && in_registers {
        b.emit(Op::GuardQuiet, &[]);
    } else if interruptible {
        b.emit(Op::CheckEvalBreaker, &[]);
    }
    jump(b);
}

fn jump(b: &mut Builder) {
    if let Some(target) = b.instr.jump_target() {
        b.jump_to(target);
    }
}

pub(super) fn pop_jump_if(b: &mut Builder, when: bool) {
    let value = b.pop();
    let condition = as_condition(b, value);
    branch(b, condition, when);
}

pub(super) fn pop_jump_if_none(b: &mut Builder, when: bool) {
    let value = b.pop();
    let ty = b.func.ty(value);
    let condition = if ty.is(Type::NoneType) || !ty.could_be(Type::NoneType) {
        b.emit_value(Op::CBool { value: ty.is(Type::NoneType) }, &[])
    } else {
        let none = b.none();
        b.emit_value(Op::Is, &[value, none])
    };
    branch(b, condition, when);
}

/// Goes to the jump's target when the condition is `when`, else on.
fn branch(b: &mut Builder, condition: Value, when: bool) {
    let Some(target) = b.instr.jump_target() else { return };
    let jump = (target, b.state.clone());
    let next = (b.instr.next, b.state.clone());
    // The interpreter keeps one bit for each of the last sixteen times: whether it jumped.
    let jumped = match b.cache().u16(0) {
        0 => Some(false),
        0xFFFF => Some(true),
        _ => None,
    };
    let rare = jumped.map(|jumped| usize::from(jumped == when));
    if when { b.branch_to(condition, jump, next, rare) } else { b.branch_to(condition, next, jump, rare) }
}

/// The machine truth value of what bytecode guarantees to be `True` or `False`.
fn as_condition(b: &mut Builder, value: Value) -> Value {
    let ty = b.func.ty(value);
    if ty.is(Type::CBool) {
        value
    } else if ty.is(Type::Bool) {
        b.emit_value(Op::UnboxBool, &[value])
    } else {
        let value = b.object(value);
        let r#true = b.r#true();
        b.emit_value(Op::Is, &[value, r#true])
    }
}

pub(super) fn unary_not(b: &mut Builder) {
    let value = b.pop();
    let condition = as_condition(b, value);
    let not = b.emit_value(Op::BNot, &[condition]);
    b.push(not);
}

pub(super) fn to_bool(b: &mut Builder) {
    let value = b.pop();
    let truth = match special_truth(b, value) {
        Some(truth) => truth,
        None => generic_truth(b, value),
    };
    b.push(truth);
}

fn special_truth(b: &mut Builder, value: Value) -> Option<Value> {
    let ty = b.func.ty(value);
    if ty.is(Type::CBool) {
        return Some(value);
    }
    if ty.is(Type::CInt) {
        let zero = b.int(0);
        return Some(b.emit_value(Op::ICmp { cc: Cc::Ne }, &[value, zero]));
    }
    if ty.is(Type::CDouble) {
        let zero = b.emit_value(Op::CDouble { bits: 0 }, &[]);
        return Some(b.emit_value(Op::DCmp { cc: Cc::Ne }, &[value, zero]));
    }
    if ty.is(Type::NoneType) {
        return Some(b.emit_value(Op::CBool { value: false }, &[]));
    }
    if ty.is(Type::Bool) {
        return Some(b.emit_value(Op::UnboxBool, &[value]));
    }
    let special = b.special();
    let guard = match special {
        op::TO_BOOL_BOOL => Type::Bool,
        op::TO_BOOL_INT => Type::Long,
        op::TO_BOOL_NONE => Type::NoneType,
        op::TO_BOOL_LIST => Type::List,
        op::TO_BOOL_STR => Type::Unicode,
        op::TO_BOOL_ALWAYS_TRUE => {
            let Some(&Feedback::AlwaysTrue(number)) = b.feedback() else { return None };
            let guarded = b.emit_value(Op::GuardClass { number }, &[value]);
            b.state.replace(value, guarded);
            return Some(b.emit_value(Op::CBool { value: true }, &[]));
        }
        _ => return None,
    };
    let value = b.guard_type(value, guard);
    Some(match special {
        op::TO_BOOL_BOOL => b.emit_value(Op::UnboxBool, &[value]),
        op::TO_BOOL_NONE => b.emit_value(Op::CBool { value: false }, &[]),
        op::TO_BOOL_INT => {
            // No unboxing: it would leave for an int of many digits. The two low bits of the tag say negative, zero or positive.
            let tag = Op::LoadInt { offset: crate::layout::LONG_TAG, region: Region::Immutable, width: Width::I64 };
            let tag = b.emit_value(tag, &[value]);
            let (mask, zero) = (b.int(3), b.int(1));
            let sign = b.emit_value(Op::IAnd, &[tag, mask]);
            b.emit_value(Op::ICmp { cc: Cc::Ne }, &[sign, zero])
        }
        // The length is at the same place in both.
        _ => {
            let region = if special == op::TO_BOOL_LIST { Region::ListHeader } else { Region::Immutable };
            let size = size(b, value, region);
            let zero = b.int(0);
            b.emit_value(Op::ICmp { cc: Cc::Ne }, &[size, zero])
        }
    })
}

fn generic_truth(b: &mut Builder, value: Value) -> Value {
    let value = b.object(value);
    let truth = b.helper(HelperId::is_true, &[value]);
    let zero = b.int(0);
    b.emit_value(Op::ICmp { cc: Cc::Ne }, &[truth, zero])
}
