//! Attributes of instances whose class has a known number: where the value is, what must be checked, what is known of it.
//!
//! Every check says what happens when it fails: leave to the interpreter (a site that has always seen one shape), or go to a block with the generic
//! way (a site that has seen several).

use crate::builder::{Builder, Fact};
use crate::layout;
use crate::snapshot::{Absent, AttrKind, AttrShape, KnownObject};
use ember_hir::ops::{Cc, Region, Width};
use ember_hir::{Block, Op, Type, Value};

/// Where to go when a check fails.
#[derive(Clone, Copy, Debug)]
pub(super) enum Miss {
    /// To the interpreter.
    Leave,
    /// To this block.
    To(Block),
}

/// What an attribute access gives.
pub(super) enum Found<'a> {
    /// A value.
    Value(Value),
    /// A value known when compiling.
    Known(&'a KnownObject),
    /// A function or descriptor to be called with the receiver.
    Method(&'a KnownObject),
    /// A function to be called with a class.
    Bound(&'a KnownObject, Value),
    /// A getter to be called with the receiver.
    Getter(&'a crate::snapshot::CalleeInfo),
}

/// Goes on only if the condition holds.
pub(super) fn require(b: &mut Builder, condition: Value, miss: Miss) {
    match miss {
        Miss::Leave => {
            b.emit(Op::GuardTrue, &[condition]);
        }
        Miss::To(block) => {
            let next = b.next_block();
            b.branch(Op::Branch, &[condition], next, block);
            b.at = Some(next);
        }
    }
}

/// Goes on only if the value is not NULL; gives it as an object.
fn require_bound(b: &mut Builder, value: Value, miss: Miss) -> Value {
    match miss {
        Miss::Leave => b.emit_value(Op::GuardNotNull, &[value]),
        Miss::To(_) => {
            let missing = b.emit_value(Op::IsNull, &[value]);
            let bound = b.emit_value(Op::BNot, &[missing]);
            require(b, bound, miss);
            b.emit_value(Op::Refine { ty: Type::Object }, &[value])
        }
    }
}

fn equals(b: &mut Builder, left: Value, right: i64, miss: Miss) {
    let right = b.int(right);
    let same = b.emit_value(Op::ICmp { cc: Cc::Eq }, &[left, right]);
    require(b, same, miss);
}

fn load(b: &mut Builder, base: Value, offset: i32, region: Region, ty: Type) -> Value {
    b.emit_value(Op::LoadField { offset, region, ty }, &[base])
}

fn load_int(b: &mut Builder, base: Value, offset: i32, region: Region, width: Width) -> Value {
    b.emit_value(Op::LoadInt { offset, region, width }, &[base])
}

/// Goes on only if the receiver is of the class with this number.
fn check_class(b: &mut Builder, owner: Value, number: u32, miss: Miss) {
    if b.holds(owner, Fact::Class(number)) {
        return;
    }
    match miss {
        Miss::Leave => {
            b.emit(Op::GuardClass { number }, &[owner]);
            b.learn(owner, Fact::Class(number));
        }
        Miss::To(_) => {
            let same = b.emit_value(Op::HasClass { number }, &[owner]);
            require(b, same, miss);
        }
    }
}

/// Whether an object is itself the class with this number.
pub(super) fn is_class(b: &mut Builder, object: Value, number: u32) -> Value {
    let cell = b.pointer(b.snapshot.well_known.class_cells + 8 * u64::from(number));
    let class = load(b, cell, 0, Region::Type, Type::OptObject);
    b.emit_value(Op::Is, &[object, class])
}

/// Goes on only if the inline values are the instance's attributes.
fn check_values(b: &mut Builder, owner: Value, values_offset: i32, miss: Miss) {
    if b.holds(owner, Fact::ValuesValid) {
        return;
    }
    let valid = load_int(b, owner, values_offset + layout::VALUES_VALID, Region::Instance, Width::U8);
    let zero = b.int(0);
    let valid = b.emit_value(Op::ICmp { cc: Cc::Ne }, &[valid, zero]);
    require(b, valid, miss);
    if matches!(miss, Miss::Leave) {
        b.learn(owner, Fact::ValuesValid);
    }
}

fn check_absent(b: &mut Builder, owner: Value, absent: Absent, miss: Miss) {
    match absent {
        Absent::Nothing => {}
        Absent::Keys { keys_version, values_offset } => {
            check_values(b, owner, values_offset, miss);
            if b.holds(owner, Fact::Keys(keys_version)) {
                return;
            }
            let class = load(b, owner, layout::OB_TYPE, Region::Type, Type::Class);
            let keys = load(b, class, layout::CACHED_KEYS, Region::Type, Type::CPtr);
            let version = load_int(b, keys, layout::KEYS_VERSION, Region::Dict, Width::U32);
            equals(b, version, i64::from(keys_version), miss);
            if matches!(miss, Miss::Leave) {
                b.learn(owner, Fact::Keys(keys_version));
            }
        }
        Absent::SharedKeys { count, values_offset } => {
            check_values(b, owner, values_offset, miss);
            let class = load(b, owner, layout::OB_TYPE, Region::Type, Type::Class);
            let keys = load(b, class, layout::CACHED_KEYS, Region::Type, Type::CPtr);
            let entries = load_int(b, keys, layout::KEYS_NENTRIES, Region::Dict, Width::I64);
            equals(b, entries, i64::from(count), miss);
        }
        Absent::NullDict { offset } => {
            let dict = load(b, owner, offset, Region::Instance, Type::OptObject);
            let none = b.emit_value(Op::IsNull, &[dict]);
            require(b, none, miss);
        }
    }
}

/// `base + index * 8` of entry `entry` in a table with string keys, as an index: entries of two words follow the table of indices.
fn entry_index(b: &mut Builder, keys: Value, entry: u32) -> Value {
    let log2 = load_int(b, keys, layout::KEYS_LOG2_INDEX_BYTES, Region::Dict, Width::U8);
    let (three, one) = (b.int(3), b.int(1));
    // At least eight bytes of indices.
    let log2_words = b.emit_value(Op::ISubWrap, &[log2, three]);
    let words = b.emit_value(Op::IShl, &[one, log2_words]);
    let before = b.int(2 * i64::from(entry));
    b.emit_value(Op::IAddWrap, &[words, before])
}

/// The attribute of `owner` by this shape. The name is an interned constant.
pub(super) fn find<'a>(b: &mut Builder, owner: Value, name: Value, shape: &'a AttrShape, miss: Miss) -> Found<'a> {
    match &shape.kind {
        AttrKind::Module { .. } => {}
        AttrKind::Constant { on_class: true, .. } | AttrKind::ClassMethod { class: None, .. } => {
            let same = is_class(b, owner, shape.number);
            require(b, same, miss);
        }
        _ => check_class(b, owner, shape.number, miss),
    }
    check_descriptor(b, shape, miss);
    match &shape.kind {
        AttrKind::Module { keys_version, index } => Found::Value(find_in_module(b, owner, *keys_version, *index, miss)),
        AttrKind::InlineValue { values_offset, offset } => {
            check_values(b, owner, *values_offset, miss);
            let value = load(b, owner, *offset, Region::Instance, Type::OptObject);
            Found::Value(require_bound(b, value, miss))
        }
        AttrKind::Slot { offset } => {
            let value = load(b, owner, *offset, Region::Instance, Type::OptObject);
            Found::Value(require_bound(b, value, miss))
        }
        AttrKind::DictHint { hint } => Found::Value(find_in_dict(b, owner, name, *hint, miss)),
        AttrKind::Constant { value, absent, .. } => {
            check_absent(b, owner, *absent, miss);
            Found::Known(value)
        }
        AttrKind::Method { descr, absent } => {
            check_absent(b, owner, *absent, miss);
            Found::Method(descr)
        }
        AttrKind::ClassMethod { callable, class, absent } => {
            check_absent(b, owner, *absent, miss);
            let class = class.as_ref().map_or(owner, |class| b.constant(class));
            Found::Bound(callable, class)
        }
        AttrKind::Property { getter } => Found::Getter(getter),
    }
}

/// Goes on only if what the class has under the name is still as much of a descriptor as it was.
fn check_descriptor(b: &mut Builder, shape: &AttrShape, miss: Miss) {
    if let Some((descriptor, number)) = &shape.checked {
        let descriptor = b.constant(descriptor);
        check_class(b, descriptor, *number, miss);
    }
}

fn find_in_dict(b: &mut Builder, owner: Value, name: Value, hint: u32, miss: Miss) -> Value {
    let dict = b.emit_value(Op::LoadManagedDict { offset: layout::MANAGED_DICT }, &[owner]);
    let dict = require_bound(b, dict, miss);
    let keys = load(b, dict, layout::DICT_KEYS, Region::Dict, Type::CPtr);
    let used = load_int(b, keys, layout::KEYS_NENTRIES, Region::Dict, Width::I64);
    let entry = b.int(i64::from(hint));
    let inside = b.emit_value(Op::ICmp { cc: Cc::Ult }, &[entry, used]);
    require(b, inside, miss);
    let kind = load_int(b, keys, layout::KEYS_KIND, Region::Dict, Width::U8);
    let general = b.int(0);
    let strings_only = b.emit_value(Op::ICmp { cc: Cc::Ne }, &[kind, general]);
    require(b, strings_only, miss);
    let index = entry_index(b, keys, hint);
    let at = |offset, ty| Op::LoadIndexed { offset: layout::KEYS_INDICES + offset, region: Region::Dict, ty };
    let key = b.emit_value(at(0, Type::OptObject), &[keys, index]);
    let same = b.emit_value(Op::Is, &[key, name]);
    require(b, same, miss);
    let value = b.emit_value(at(8, Type::OptObject), &[keys, index]);
    require_bound(b, value, miss)
}

fn find_in_module(b: &mut Builder, owner: Value, keys_version: u32, index: u32, miss: Miss) -> Value {
    if !b.func.ty(owner).is(Type::Module) {
        match miss {
            Miss::Leave => {
                b.guard_type(owner, Type::Module);
            }
            Miss::To(_) => {
                let module = b.emit_value(Op::IsType { ty: Type::Module }, &[owner]);
                require(b, module, miss);
            }
        }
    }
    let dict = load(b, owner, layout::MODULE_DICT, Region::Instance, Type::Dict);
    let keys = load(b, dict, layout::DICT_KEYS, Region::Dict, Type::CPtr);
    let version = load_int(b, keys, layout::KEYS_VERSION, Region::Dict, Width::U32);
    equals(b, version, i64::from(keys_version), miss);
    let index = entry_index(b, keys, index);
    let load = Op::LoadIndexed { offset: layout::KEYS_INDICES + 8, region: Region::Dict, ty: Type::OptObject };
    let value = b.emit_value(load, &[keys, index]);
    require_bound(b, value, miss)
}

/// Whether the shape can be served.
pub(super) fn serves(shape: &AttrShape) -> bool {
    match &shape.kind {
        AttrKind::Property { getter } => getter.cell != 0 && getter.nparams == 1,
        _ => true,
    }
}

/// Stores to an attribute that the instance already has; the value it had is released. Gives the block where that cannot be done.
pub(super) fn store(b: &mut Builder, owner: Value, value: Value, shape: &AttrShape) -> Option<Block> {
    match shape.kind {
        AttrKind::InlineValue { values_offset, offset } => {
            check_class(b, owner, shape.number, Miss::Leave);
            check_descriptor(b, shape, Miss::Leave);
            check_values(b, owner, values_offset, Miss::Leave);
            let old = load(b, owner, offset, Region::Instance, Type::OptObject);
            let missing = b.emit_value(Op::IsNull, &[old]);
            let present = b.emit_value(Op::BNot, &[missing]);
            let absent = b.split_on(present, false);
            // A dict that shares the values may be watched.
            let dict = b.emit_value(Op::LoadManagedDict { offset: layout::MANAGED_DICT }, &[owner]);
            let undisturbed = b.emit_value(Op::IsNull, &[dict]);
            require(b, undisturbed, Miss::To(absent));
            b.emit(Op::SwapField { offset, region: Region::Instance }, &[owner, value]);
            Some(absent)
        }
        AttrKind::Slot { offset } => {
            check_class(b, owner, shape.number, Miss::Leave);
            check_descriptor(b, shape, Miss::Leave);
            b.emit(Op::SwapField { offset, region: Region::Instance }, &[owner, value]);
            None
        }
        _ => None,
    }
}

/// Stores as [`store`] does; goes to `next` for another class, to `generic` where that cannot be done.
pub(super) fn store_or(b: &mut Builder, owner: Value, value: Value, shape: &AttrShape, next: Block, generic: Block) {
    check_class(b, owner, shape.number, Miss::To(next));
    check_descriptor(b, shape, Miss::To(next));
    match shape.kind {
        AttrKind::InlineValue { values_offset, offset } => {
            check_values(b, owner, values_offset, Miss::To(generic));
            let old = load(b, owner, offset, Region::Instance, Type::OptObject);
            let missing = b.emit_value(Op::IsNull, &[old]);
            let present = b.emit_value(Op::BNot, &[missing]);
            require(b, present, Miss::To(generic));
            let dict = b.emit_value(Op::LoadManagedDict { offset: layout::MANAGED_DICT }, &[owner]);
            let undisturbed = b.emit_value(Op::IsNull, &[dict]);
            require(b, undisturbed, Miss::To(generic));
            b.emit(Op::SwapField { offset, region: Region::Instance }, &[owner, value]);
        }
        AttrKind::Slot { offset } => {
            b.emit(Op::SwapField { offset, region: Region::Instance }, &[owner, value]);
        }
        _ => b.jump(generic, &[]),
    }
}

/// Whether [`store`] serves the shape.
pub(super) fn can_store(shape: &AttrShape) -> bool {
    matches!(shape.kind, AttrKind::InlineValue { .. } | AttrKind::Slot { .. })
}
