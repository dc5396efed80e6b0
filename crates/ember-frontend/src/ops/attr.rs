//! Attributes and globals.

use crate::builder::Builder;
use ember_hir::{HelperId, Op, Type, Value};

/// The address of the site's polymorphic cache.
fn cache(b: &mut Builder) -> Value {
    let address = b.snapshot.attr_caches.get(&b.instr.unit).copied().unwrap_or(0);
    b.pointer(address)
}

/// The `self` (or NULL) that a helper left behind, directly after it.
pub(super) fn scratch(b: &mut Builder, index: u32, ty: Type) -> Value {
    let value = b.emit_value(Op::ScratchLoad { index }, &[]);
    b.func.values[value].ty = ty;
    value
}

/// Bit 0 of the argument asks for a method: callable and `self` instead of a bound method.
pub(super) fn load_attr(b: &mut Builder, arg: u32) {
    let owner = b.pop_object();
    let name = b.name(arg >> 1);
    let cache = cache(b);
    if arg & 1 == 0 {
        let value = b.helper(HelperId::load_attr, &[owner, name, cache]);
        b.push(value);
    } else {
        let callable = b.helper(HelperId::load_method, &[owner, name, cache]);
        let this = scratch(b, 0, Type::OptObject);
        b.push(callable);
        b.push(this);
    }
}

pub(super) fn store_attr(b: &mut Builder, arg: u32) {
    let owner = b.pop_object();
    let value = b.pop_object();
    let name = b.name(arg);
    let cache = cache(b);
    b.helper_effect(HelperId::store_attr, &[owner, name, value, cache]);
}

pub(super) fn delete_attr(b: &mut Builder, arg: u32) {
    let owner = b.pop_object();
    let name = b.name(arg);
    b.helper_effect(HelperId::delete_attr, &[owner, name]);
}

pub(super) fn load_super_attr(b: &mut Builder, arg: u32) {
    let operands = b.pop_objects(3);
    let name = b.name(arg >> 2);
    let flags = b.int(i64::from(arg));
    let value = b.helper(HelperId::load_super_attr, &[operands[0], operands[1], operands[2], name, flags]);
    let this = (arg & 1 != 0).then(|| scratch(b, 0, Type::OptObject));
    b.push(value);
    if let Some(this) = this {
        b.push(this);
    }
}

pub(super) fn load_global(b: &mut Builder, arg: u32) {
    let name = b.name(arg >> 1);
    let value = b.helper(HelperId::load_global, &[name]);
    b.push(value);
    if arg & 1 != 0 {
        let null = b.null();
        b.push(null);
    }
}

pub(super) fn store_global(b: &mut Builder, arg: u32) {
    let value = b.pop_object();
    let name = b.name(arg);
    b.helper_effect(HelperId::store_global, &[name, value]);
}

pub(super) fn delete_global(b: &mut Builder, arg: u32) {
    let name = b.name(arg);
    b.helper_effect(HelperId::delete_global, &[name]);
}
