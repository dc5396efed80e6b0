//! Locals, constants and stack shuffling: mostly no code at all.

use crate::builder::Builder;
use crate::refusal::Refusal;
use ember_hir::{HelperId, Op, Type};

pub(super) fn pop_top(b: &mut Builder) {
    let value = b.pop();
    if !b.func.ty(value).drops_quietly() {
        b.forget_facts();
        b.emit(Op::EndLife, &[value]);
    }
}

pub(super) fn push_null(b: &mut Builder) {
    let null = b.null();
    b.push(null);
}

pub(super) fn copy(b: &mut Builder, depth: u32) {
    let value = b.peek((depth as usize).wrapping_sub(1));
    b.push(value);
}

pub(super) fn swap(b: &mut Builder, depth: u32) {
    let len = b.state.stack.len();
    match len.checked_sub(depth as usize) {
        Some(other) if depth > 0 => b.state.stack.swap(other, len - 1),
        _ => b.failure = Some(Refusal::Malformed),
    }
}

pub(super) fn load_const(b: &mut Builder, index: u32) -> Result<(), Refusal> {
    let info = b.snapshot.consts.get(index as usize).ok_or(Refusal::Malformed)?;
    let value = b.constant(info);
    b.push(value);
    Ok(())
}

pub(super) fn load_small_int(b: &mut Builder, value: u32) {
    let value = b.small_int(i64::from(value));
    b.push(value);
}

pub(super) fn load_common_constant(b: &mut Builder, index: u32) {
    match b.snapshot.well_known.common_constants.get(index as usize) {
        Some(info) => {
            let value = b.constant(info);
            b.push(value);
        }
        None => b.deopt(),
    }
}

/// The bytecode compiler has proved the local bound.
pub(super) fn load_fast(b: &mut Builder, index: u32) {
    match b.local(index) {
        Some(value) => {
            let ty = b.func.ty(value);
            let value = if ty.may_be_null() { b.refine(value, ty.subtract(Type::Null)) } else { value };
            b.push(value);
        }
        None => b.failure = b.failure.or(Some(Refusal::Malformed)),
    }
}

pub(super) fn load_fast_check(b: &mut Builder, index: u32) {
    if require_bound(b, index) {
        load_fast(b, index);
    }
}

/// Raises `UnboundLocalError` if the local is unbound. False when it certainly is: then the block has ended.
fn require_bound(b: &mut Builder, index: u32) -> bool {
    let Some(value) = b.local(index) else {
        raise_unbound(b, index);
        return false;
    };
    let ty = b.func.ty(value);
    if ty.may_be_null() {
        let missing = b.emit_value(Op::IsNull, &[value]);
        let bound = b.emit_value(Op::BNot, &[missing]);
        let unbound = b.split_on(bound, true);
        let resume = b.at.replace(unbound);
        raise_unbound(b, index);
        b.at = resume;
        b.refine(value, ty.subtract(Type::Null));
    }
    true
}

fn raise_unbound(b: &mut Builder, index: u32) {
    let slot = b.int(i64::from(index));
    b.raise(HelperId::raise_unbound_local, &[slot], true);
}

pub(super) fn load_fast_and_clear(b: &mut Builder, index: u32) {
    let value = match b.local(index) {
        Some(value) => value,
        None => b.null(),
    };
    b.push(value);
    b.set_local(index, None);
}

pub(super) fn store_fast(b: &mut Builder, index: u32) {
    let value = b.pop();
    end_life(b, index);
    b.set_local(index, Some(value));
}

/// What the local holds is about to be let go: whatever that runs, runs here.
fn end_life(b: &mut Builder, index: u32) {
    if let Some(old) = b.local(index)
        && !b.func.ty(old).drops_quietly()
    {
        b.forget_facts();
        b.emit(Op::EndLife, &[old]);
    }
}

pub(super) fn delete_fast(b: &mut Builder, index: u32) {
    if require_bound(b, index) {
        end_life(b, index);
        b.set_local(index, None);
    }
}
