//! Closures: cells and free variables.

use crate::builder::Builder;
use crate::layout;
use crate::refusal::Refusal;
use ember_hir::ops::Region;
use ember_hir::{HelperId, Op, Type, Value};

pub(super) fn make_cell(b: &mut Builder, index: u32) {
    let value = match b.local(index) {
        Some(value) => b.object(value),
        None => b.null(),
    };
    let cell = b.helper(HelperId::make_cell, &[value]);
    b.set_local(index, Some(cell));
}

/// The function object keeps its closure alive and never changes it, so the cells are as good as arguments.
pub(super) fn copy_free_vars(b: &mut Builder, count: u32) {
    let func = b.emit_value(Op::Func, &[]);
    let load = |offset, ty| Op::LoadField { offset, region: Region::Immutable, ty };
    let closure = b.emit_value(load(layout::FUNC_CLOSURE, Type::Tuple), &[func]);
    let Some(first) = b.snapshot.nlocalsplus.checked_sub(count) else {
        b.failure = Some(Refusal::Malformed);
        return;
    };
    for index in 0..count {
        let cell = b.emit_value(load(layout::TUPLE_ITEMS + 8 * index as i32, Type::Cell), &[closure]);
        b.set_local(first + index, Some(cell));
    }
}

/// The cell in a local; the compiler keeps one there always.
fn cell(b: &mut Builder, index: u32) -> Value {
    match b.local(index) {
        Some(cell) => {
            let ty = b.func.ty(cell);
            if ty.may_be_null() { b.refine(cell, ty.subtract(Type::Null)) } else { cell }
        }
        None => {
            b.failure = Some(Refusal::Malformed);
            b.null()
        }
    }
}

/// The cell is read in place; the helper is for the error.
pub(super) fn load_deref(b: &mut Builder, index: u32) {
    let cell = cell(b, index);
    let load = Op::LoadField { offset: layout::CELL_REF, region: Region::Cell, ty: Type::OptObject };
    let value = b.emit_value(load, &[cell]);
    let missing = b.emit_value(Op::IsNull, &[value]);
    let bound = b.emit_value(Op::BNot, &[missing]);
    let empty = b.split_on(bound, true);
    let resume = b.at.replace(empty);
    let slot = b.int(i64::from(index));
    b.raise(HelperId::load_deref, &[cell, slot], true);
    b.at = resume;
    let value = b.emit_value(Op::Refine { ty: Type::Object }, &[value]);
    b.push(value);
}

pub(super) fn store_deref(b: &mut Builder, index: u32) {
    let value = b.pop_object();
    let cell = cell(b, index);
    b.helper_effect(HelperId::store_deref, &[cell, value]);
}

pub(super) fn delete_deref(b: &mut Builder, index: u32) {
    let cell = cell(b, index);
    let slot = b.int(i64::from(index));
    b.helper_effect(HelperId::delete_deref, &[cell, slot]);
}

pub(super) fn load_from_dict_or_deref(b: &mut Builder, index: u32) {
    let mapping = b.pop_object();
    let cell = cell(b, index);
    let slot = b.int(i64::from(index));
    let value = b.helper(HelperId::load_from_dict_or_deref, &[mapping, cell, slot]);
    b.push(value);
}

pub(super) fn load_from_dict_or_globals(b: &mut Builder, index: u32) {
    let mapping = b.pop_object();
    let name = b.name(index);
    let value = b.helper(HelperId::load_from_dict_or_globals, &[mapping, name]);
    b.push(value);
}
