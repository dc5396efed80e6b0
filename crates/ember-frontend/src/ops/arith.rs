//! Operators, comparisons and subscripts.

use crate::builder::Builder;
use ember_hir::ops::Cc;
use ember_hir::{HelperId, Op, Value};

/// `NB_SUBSCR`
const SUBSCR: u32 = 26;

pub(super) fn unary_negative(b: &mut Builder) {
    let value = b.pop_object();
    let result = b.helper(HelperId::unary_negative, &[value]);
    b.push(result);
}

pub(super) fn unary_invert(b: &mut Builder) {
    let value = b.pop_object();
    let result = b.helper(HelperId::unary_invert, &[value]);
    b.push(result);
}

pub(super) fn binary_op(b: &mut Builder, operator: u32) {
    let right = b.pop_object();
    let left = b.pop_object();
    let result = if operator == SUBSCR {
        b.helper(HelperId::subscript, &[left, right])
    } else {
        let operator = b.int(i64::from(operator));
        b.helper(HelperId::binary_op, &[left, right, operator])
    };
    b.push(result);
}

/// The comparison is in bits 5 and up of the argument; bit 4 asks for the truth of the outcome.
pub(super) fn compare_op(b: &mut Builder, arg: u32) {
    let right = b.pop_object();
    let left = b.pop_object();
    let operator = b.int(i64::from(arg >> 5));
    let result = if arg & 16 != 0 {
        let truth = b.helper(HelperId::compare_truth, &[left, right, operator]);
        is_nonzero(b, truth)
    } else {
        b.helper(HelperId::compare, &[left, right, operator])
    };
    b.push(result);
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
    let found = b.helper(HelperId::contains, &[container, item]);
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
    let operands = b.pop_objects(3);
    let (value, container, key) = (operands[0], operands[1], operands[2]);
    b.helper_effect(HelperId::store_subscript, &[container, key, value]);
}

pub(super) fn delete_subscr(b: &mut Builder) {
    let operands = b.pop_objects(2);
    b.helper_effect(HelperId::delete_subscript, &operands);
}
