//! Calls and the making of functions.

use crate::builder::Builder;
use ember_hir::{HelperId, Op, Value};

/// The stack is callable, `self` or NULL, arguments.
pub(super) fn call(b: &mut Builder, count: u32) {
    let operands = b.pop_objects(count as usize + 2);
    let result = b.emit_value(Op::CallVector, &operands);
    b.push(result);
}

/// The same with the tuple of keyword names on top. The compiler always puts a constant there.
pub(super) fn call_kw(b: &mut Builder, count: u32) {
    let names = b.pop();
    let Some(&Op::Const { id: names }) = b.func.def_op(names) else {
        b.deopt();
        return;
    };
    let operands = b.pop_objects(count as usize + 2);
    let result = b.emit_value(Op::CallKw { names }, &operands);
    b.push(result);
}

/// The stack is callable, `self` or NULL, positional arguments, keyword arguments or NULL.
pub(super) fn call_function_ex(b: &mut Builder) {
    let operands = b.pop_objects(4);
    let result = b.helper(HelperId::call_function_ex, &operands);
    b.push(result);
}

pub(super) fn intrinsic_1(b: &mut Builder, number: u32) {
    let value = b.pop_object();
    let number = b.int(i64::from(number));
    let result = b.helper(HelperId::intrinsic_1, &[number, value]);
    b.push(result);
}

pub(super) fn intrinsic_2(b: &mut Builder, number: u32) {
    let operands: Vec<Value> = b.pop_objects(2);
    let number = b.int(i64::from(number));
    let result = b.helper(HelperId::intrinsic_2, &[number, operands[0], operands[1]]);
    b.push(result);
}

pub(super) fn make_function(b: &mut Builder) {
    let code = b.pop_object();
    let function = b.helper(HelperId::make_function, &[code]);
    b.push(function);
}

pub(super) fn set_function_attribute(b: &mut Builder, which: u32) {
    let function = b.pop_object();
    let value = b.pop_object();
    let which = b.int(i64::from(which));
    b.helper_effect(HelperId::set_function_attribute, &[function, value, which]);
    b.push(function);
}

pub(super) fn load_build_class(b: &mut Builder) {
    let builder = b.helper(HelperId::load_build_class, &[]);
    b.push(builder);
}
