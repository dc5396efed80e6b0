//! Iteration and unpacking.

use super::attr::scratch;
use super::subscript::{items, size};
use crate::builder::Builder;
use crate::layout;
use crate::opcodes::v3_14 as op;
use ember_hir::ops::{Cc, Region, Width};
use ember_hir::{Block, HelperId, Op, Type, Value};

/// The class of iterator that a `FOR_ITER` was specialised for, if it is served here.
fn iterator_type(special: u8) -> Option<Type> {
    match special {
        op::FOR_ITER_RANGE => Some(Type::RangeIter),
        op::FOR_ITER_LIST => Some(Type::ListIter),
        op::FOR_ITER_TUPLE => Some(Type::TupleIter),
        _ => None,
    }
}

/// The guard on the iterator's class is taken here, once, where a specialised loop follows: it stands before the loop.
pub(super) fn get_iter(b: &mut Builder) {
    let value = b.pop_object();
    let ready = b.func.ty(value).is(Type::RangeIter);
    let iterator = if ready { value } else { b.helper(HelperId::get_iter, &[value]) };
    b.push(iterator);
    if b.next_instr().is_some_and(|next| next.opcode == op::FOR_ITER) {
        b.in_next_instr(|b| {
            if let Some(ty) = iterator_type(b.special()) {
                b.guard_type(iterator, ty);
            }
        });
    }
}

/// An exhausted iterator stays on the stack for the `POP_ITER` at the jump's target.
pub(super) fn for_iter(b: &mut Builder) {
    let mut iterator = b.peek_object(0);
    let Some(target) = b.instr.jump_target() else { return };
    // Every way into the loop must find the same kind of items.
    let ranges = b.range_loops.contains(&b.instr.unit).then_some(Type::RangeIter);
    if let Some(ty) = ranges.or(iterator_type(b.special())) {
        iterator = b.guard_type(iterator, ty);
    }
    let ty = b.func.ty(iterator);
    if ty.is(Type::RangeIter) {
        b.range_loops.insert(b.instr.unit);
    }
    // Known from where the iterator was made, even if this site is generic.
    let (exit, item) = if ty.is(Type::RangeIter) {
        next_of_range(b, iterator)
    } else if ty.is(Type::ListIter) {
        next_of_sequence(b, iterator, Type::List)
    } else if ty.is(Type::TupleIter) {
        next_of_sequence(b, iterator, Type::Tuple)
    } else {
        next_of_any(b, iterator)
    };
    let body = b.at.replace(exit);
    b.jump_to(target);
    b.at = body;
    b.push(item);
}

/// Goes on where there is an item; gives the block where there is none, and the item.
fn next_of_any(b: &mut Builder, iterator: Value) -> (Block, Value) {
    let next = b.helper(HelperId::iter_next, &[iterator]);
    let sentinel = b.emit_value(Op::IterDone, &[]);
    let done = b.emit_value(Op::Is, &[next, sentinel]);
    let more = b.split_on(done, false);
    let exit = b.current();
    b.at = Some(more);
    (exit, b.emit_value(Op::Refine { ty: Type::Object }, &[next]))
}

fn load_int(b: &mut Builder, base: Value, offset: i32) -> Value {
    b.emit_value(Op::LoadInt { offset, region: Region::Iterator, width: Width::I64 }, &[base])
}

fn store_int(b: &mut Builder, base: Value, offset: i32, value: Value) {
    b.emit(Op::StoreInt { offset, region: Region::Iterator, width: Width::I64 }, &[base, value]);
}

fn next_of_range(b: &mut Builder, iterator: Value) -> (Block, Value) {
    let left = load_int(b, iterator, layout::RANGE_ITER_LEN);
    let (zero, one) = (b.int(0), b.int(1));
    let more = b.emit_value(Op::ICmp { cc: Cc::Gt }, &[left, zero]);
    let exit = b.split_on(more, false);
    let value = load_int(b, iterator, layout::RANGE_ITER_START);
    let step = load_int(b, iterator, layout::RANGE_ITER_STEP);
    let next = b.emit_value(Op::IAddWrap, &[value, step]);
    store_int(b, iterator, layout::RANGE_ITER_START, next);
    let left = b.emit_value(Op::ISubWrap, &[left, one]);
    store_int(b, iterator, layout::RANGE_ITER_LEN, left);
    (exit, value)
}

/// A list or tuple iterator drops its sequence when it is exhausted.
fn next_of_sequence(b: &mut Builder, iterator: Value, ty: Type) -> (Block, Value) {
    let load = Op::LoadField { offset: layout::SEQ_ITER_SEQ, region: Region::Iterator, ty: ty.or(Type::Null) };
    let sequence = b.emit_value(load, &[iterator]);
    let missing = b.emit_value(Op::IsNull, &[sequence]);
    let present = b.emit_value(Op::BNot, &[missing]);
    let exit = b.split_on(present, false);
    let sequence = b.emit_value(Op::Refine { ty }, &[sequence]);
    let index = load_int(b, iterator, layout::SEQ_ITER_INDEX);
    let region = if ty.is(Type::List) { Region::ListHeader } else { Region::Immutable };
    let count = size(b, sequence, region);
    let inside = b.emit_value(Op::ICmp { cc: Cc::Ult }, &[index, count]);
    let exhausted = b.split_on(inside, false);
    let body = b.at.replace(exhausted);
    let minus_one = b.int(-1);
    store_int(b, iterator, layout::SEQ_ITER_INDEX, minus_one);
    let null = b.null();
    b.emit(Op::SwapField { offset: layout::SEQ_ITER_SEQ, region: Region::Iterator }, &[iterator, null]);
    b.jump(exit, &[]);
    b.at = body;
    let item = element(b, sequence, ty, index);
    let one = b.int(1);
    let next = b.emit_value(Op::IAddWrap, &[index, one]);
    store_int(b, iterator, layout::SEQ_ITER_INDEX, next);
    (exit, item)
}

fn element(b: &mut Builder, sequence: Value, ty: Type, index: Value) -> Value {
    if ty.is(Type::List) {
        let items = items(b, sequence);
        b.emit_value(Op::LoadIndexed { offset: 0, region: Region::ListItems, ty: Type::Object }, &[items, index])
    } else {
        let offset = layout::TUPLE_ITEMS;
        b.emit_value(Op::LoadIndexed { offset, region: Region::Immutable, ty: Type::Object }, &[sequence, index])
    }
}

/// The first item ends on top.
pub(super) fn unpack_sequence(b: &mut Builder, count: u32) {
    let sequence = b.pop_object();
    let ty = match b.special() {
        op::UNPACK_SEQUENCE_TWO_TUPLE | op::UNPACK_SEQUENCE_TUPLE => Type::Tuple,
        op::UNPACK_SEQUENCE_LIST => Type::List,
        _ => {
            let expected = b.int(i64::from(count));
            b.helper_effect(HelperId::unpack_sequence, &[sequence, expected]);
            push_scratch(b, count);
            return;
        }
    };
    let sequence = b.guard_type(sequence, ty);
    let is_tuple = ty.is(Type::Tuple);
    let found = size(b, sequence, if is_tuple { Region::Immutable } else { Region::ListHeader });
    let expected = b.int(i64::from(count));
    let same = b.emit_value(Op::ICmp { cc: Cc::Eq }, &[found, expected]);
    b.emit(Op::GuardTrue, &[same]);
    let (base, offset, region) = if is_tuple {
        (sequence, layout::TUPLE_ITEMS, Region::Immutable)
    } else {
        (items(b, sequence), 0, Region::ListItems)
    };
    for index in (0..count as i32).rev() {
        let load = Op::LoadField { offset: offset + 8 * index, region, ty: Type::Object };
        let item = b.emit_value(load, &[base]);
        b.push(item);
    }
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
