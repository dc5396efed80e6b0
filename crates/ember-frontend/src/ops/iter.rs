//! Iteration and unpacking.

use crate::builder::Builder;
use crate::ops::attr::scratch;
use ember_hir::{HelperId, Op, Type};

pub(super) fn get_iter(b: &mut Builder) {
    let value = b.pop_object();
    let iterator = b.helper(HelperId::get_iter, &[value]);
    b.push(iterator);
}

/// An exhausted iterator stays on the stack for the `POP_ITER` at the jump's target.
pub(super) fn for_iter(b: &mut Builder) {
    let iterator = b.peek_object(0);
    let next = b.helper(HelperId::iter_next, &[iterator]);
    let sentinel = b.emit_value(Op::IterDone, &[]);
    let done = b.emit_value(Op::Is, &[next, sentinel]);
    let Some(target) = b.instr.jump_target() else { return };
    let exit = b.cold_block();
    let body = b.func.new_block();
    b.func.blocks[exit].cold = false;
    b.branch(Op::Branch, &[done], exit, body);
    b.at = Some(exit);
    b.jump_to(target);
    b.at = Some(body);
    let item = b.emit_value(Op::Refine { ty: Type::Object }, &[next]);
    b.push(item);
}

/// The first item ends on top.
pub(super) fn unpack_sequence(b: &mut Builder, count: u32) {
    let sequence = b.pop_object();
    let expected = b.int(i64::from(count));
    b.helper_effect(HelperId::unpack_sequence, &[sequence, expected]);
    push_scratch(b, count);
}

pub(super) fn unpack_ex(b: &mut Builder, arg: u32) {
    let (before, after) = (arg & 0xFF, arg >> 8);
    let sequence = b.pop_object();
    let (first, last) = (b.int(i64::from(before)), b.int(i64::from(after)));
    b.helper_effect(HelperId::unpack_ex, &[sequence, first, last]);
    push_scratch(b, before + 1 + after);
}

fn push_scratch(b: &mut Builder, count: u32) {
    let items: Vec<_> = (0..count).map(|index| scratch(b, index, Type::Object)).collect();
    items.into_iter().rev().for_each(|item| b.push(item));
}

pub(super) fn get_len(b: &mut Builder) {
    let value = b.peek_object(0);
    let len = b.helper(HelperId::get_len, &[value]);
    b.push(len);
}
