//! Subscripts of exact builtin containers, by the profile.

use super::numeric::{as_double, as_int};
use crate::builder::Builder;
use crate::layout;
use crate::opcodes::v3_14 as op;
use crate::snapshot::ArrayInfo;
use ember_hir::ops::{Cc, Region, Width};
use ember_hir::{HelperId, Op, Type, Value};

/// The number of items of a list (mutable header) or of a tuple or string (immutable).
pub(super) fn size(b: &mut Builder, container: Value, region: Region) -> Value {
    b.emit_value(Op::LoadInt { offset: layout::OB_SIZE, region, width: Width::I64 }, &[container])
}

/// Leaves unless `0 <= index < size`: a negative index counts from the end, which the generic way knows.
fn in_bounds(b: &mut Builder, index: Value, size: Value) {
    let inside = b.emit_value(Op::ICmp { cc: Cc::Ult }, &[index, size]);
    b.emit(Op::GuardTrue, &[inside]);
}

/// The pointer to a list's items.
pub(super) fn items(b: &mut Builder, list: Value) -> Value {
    let load = Op::LoadField { offset: layout::LIST_ITEMS, region: Region::ListHeader, ty: Type::CPtr };
    b.emit_value(load, &[list])
}

/// `container[key]` as specialised; `None` when it is not. Operands have been popped.
pub(super) fn load(b: &mut Builder, container: Value, key: Value) -> Option<Value> {
    match b.special() {
        op::BINARY_OP_SUBSCR_LIST_INT => {
            let (list, index) = list_element(b, container, key);
            let items = items(b, list);
            let load = Op::LoadIndexed { offset: 0, region: Region::ListItems, ty: Type::Object };
            Some(b.emit_value(load, &[items, index]))
        }
        op::BINARY_OP_SUBSCR_TUPLE_INT => {
            let index = as_int(b, key);
            let tuple = b.guard_type(container, Type::Tuple);
            let size = size(b, tuple, Region::Immutable);
            in_bounds(b, index, size);
            let load = Op::LoadIndexed { offset: layout::TUPLE_ITEMS, region: Region::Immutable, ty: Type::Object };
            Some(b.emit_value(load, &[tuple, index]))
        }
        op::BINARY_OP_SUBSCR_STR_INT => {
            let index = as_int(b, key);
            let text = b.guard_type(container, Type::Unicode);
            let size = size(b, text, Region::Immutable);
            in_bounds(b, index, size);
            Some(b.helper(HelperId::unicode_subscript, &[text, index]))
        }
        op::BINARY_OP_SUBSCR_DICT => {
            let key = b.object(key);
            let dict = b.guard_type(container, Type::Dict);
            Some(b.helper(HelperId::dict_subscript, &[dict, key]))
        }
        _ => {
            let (info, place) = array_element(b, container, key)?;
            Some(if info.doubles {
                b.emit_value(Op::LoadDouble { offset: 0, region: Region::ListItems }, &[place])
            } else {
                let load = Op::LoadInt { offset: 0, region: Region::ListItems, width: Width::I32 };
                b.emit_value(load, &[place])
            })
        }
    }
}

/// Where an element of an array is, if the container is a local that was seen to be one. The interpreter does not specialise these.
fn array_element(b: &mut Builder, container: Value, key: Value) -> Option<(ArrayInfo, Value)> {
    let ty = b.func.ty(key);
    if b.snapshot.arrays.is_empty()
        || b.snapshot.generic_sites.contains(&b.instr.unit)
        || !(ty.is(Type::CInt) || ty.could_be(Type::Long))
        || b.func.ty(container).is_primitive()
    {
        return None;
    }
    let root = b.root(container);
    let slot = b.state.locals.iter().position(|local| local.is_some_and(|local| b.root(local) == root))?;
    let info = *b.snapshot.arrays.get(&(slot as u32))?;
    let index = as_int(b, key);
    for (offset, address) in [(layout::OB_TYPE, info.class), (layout::ARRAY_DESCR, info.descr)] {
        let load = Op::LoadInt { offset, region: Region::Immutable, width: Width::I64 };
        let found = b.emit_value(load, &[container]);
        let expected = b.int(address as i64);
        let same = b.emit_value(Op::ICmp { cc: Cc::Eq }, &[found, expected]);
        b.emit(Op::GuardTrue, &[same]);
    }
    let size = size(b, container, Region::ListHeader);
    in_bounds(b, index, size);
    let load = Op::LoadField { offset: layout::ARRAY_ITEMS, region: Region::ListHeader, ty: Type::CPtr };
    let items = b.emit_value(load, &[container]);
    let place = b.emit_value(Op::Offset { scale: if info.doubles { 8 } else { 4 } }, &[items, index]);
    Some((info, place))
}

fn list_element(b: &mut Builder, container: Value, key: Value) -> (Value, Value) {
    let index = as_int(b, key);
    let list = b.guard_type(container, Type::List);
    let size = size(b, list, Region::ListHeader);
    in_bounds(b, index, size);
    (list, index)
}

/// `container[key] = value` as specialised; false when it is not. Operands have been popped.
pub(super) fn store(b: &mut Builder, container: Value, key: Value, value: Value) -> bool {
    match b.special() {
        op::STORE_SUBSCR_LIST_INT => {
            let (list, index) = list_element(b, container, key);
            let items = items(b, list);
            let value = b.object(value);
            b.emit(Op::SwapIndexed { offset: 0, region: Region::ListItems }, &[items, index, value]);
            true
        }
        op::STORE_SUBSCR_DICT => {
            let dict = b.guard_type(container, Type::Dict);
            let (key, value) = (b.object(key), b.object(value));
            b.helper_effect(HelperId::dict_store, &[dict, key, value]);
            true
        }
        _ => {
            let ty = b.func.ty(value);
            if !ty.is(Type::CDouble) && !ty.is(Type::Float) {
                return false;
            }
            let number = as_double(b, value);
            match array_element(b, container, key) {
                Some((info, place)) if info.doubles => {
                    b.emit(Op::StoreDouble { offset: 0, region: Region::ListItems }, &[place, number]);
                    true
                }
                _ => false,
            }
        }
    }
}
