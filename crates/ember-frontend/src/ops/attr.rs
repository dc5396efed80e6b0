//! Attributes and globals.

use super::call::call_function;
use super::shapes::{self, Found, Miss};
use crate::builder::Builder;
use crate::opcodes::v3_14 as op;
use crate::snapshot::{AttrKind, AttrShape, Callable, Feedback, KnownObject};
use ember_hir::{HelperId, Op, Type, Value};

/// The address of the site's polymorphic cache.
fn cache(b: &mut Builder) -> Value {
    let address = b.snapshot.attr_caches.get(&b.instr.unit).copied().unwrap_or(0);
    b.pointer(address)
}

/// An object that a helper left behind, directly after it.
pub(super) fn scratch(b: &mut Builder, index: u32, ty: Type) -> Value {
    let value = b.emit_value(Op::ScratchLoad { index }, &[]);
    b.func.values[value].ty = ty;
    value
}

fn shapes<'a>(b: &Builder<'a>) -> &'a [AttrShape] {
    match b.feedback() {
        Some(Feedback::Attr(shapes)) => shapes,
        _ => &[],
    }
}

/// Bit 0 of the argument asks for a method: callable and `self` instead of a bound method.
pub(super) fn load_attr(b: &mut Builder, arg: u32) {
    let owner = b.pop_object();
    let name = b.name(arg >> 1);
    // From here on this frame's locals may be assigned behind our back.
    b.called |= b.snapshot.names.get((arg >> 1) as usize).is_some_and(|name| name.text == "f_locals");
    let method = arg & 1 != 0;
    let shapes = shapes(b);
    let (value, this) = match shapes {
        [shape] if usable(shape, method) && (!is_wary(b) || is_steady(shape)) => {
            let found = shapes::find(b, owner, name, shape, Miss::Leave);
            take(b, owner, found, method)
        }
        _ => {
            let usable: Vec<&AttrShape> = shapes.iter().filter(|shape| usable(shape, method)).collect();
            if usable.is_empty() {
                generic(b, owner, name, method)
            } else {
                polymorphic(b, owner, name, &usable, method)
            }
        }
    };
    b.push(value);
    if let Some(this) = this {
        b.push(this);
    }
}

/// A method without a call would have to be bound, which is the generic way's work.
fn usable(shape: &AttrShape, method: bool) -> bool {
    let bound = matches!(shape.kind, AttrKind::Method { .. } | AttrKind::ClassMethod { .. });
    shapes::serves(shape) && (method || !bound)
}

/// Whether the site must take the general way where its shapes do not fit, and not leave.
fn is_wary(b: &Builder) -> bool {
    b.snapshot.cautious || b.snapshot.wary.contains(&b.instr.unit)
}

/// Methods of C classes: their receivers hardly ever vary, and called directly they gain most.
fn is_steady(shape: &AttrShape) -> bool {
    matches!(&shape.kind, AttrKind::Method { descr, .. } if matches!(descr.callable, Callable::C(_)))
}

fn generic(b: &mut Builder, owner: Value, name: Value, method: bool) -> (Value, Option<Value>) {
    let cache = cache(b);
    if method {
        let callable = b.helper(HelperId::load_method, &[owner, name, cache]);
        let this = scratch(b, 0, Type::OptObject);
        (callable, Some(this))
    } else {
        (b.helper(HelperId::load_attr, &[owner, name, cache]), None)
    }
}

/// What a found attribute leaves on the stack.
fn take<'a>(b: &mut Builder<'a>, owner: Value, found: Found<'a>, method: bool) -> (Value, Option<Value>) {
    match found {
        Found::Method(descr) => (b.known_object(descr), Some(owner)),
        Found::Bound(function, class) => (b.known_object(function), Some(class)),
        Found::Known(known) => (b.known_object(known), method.then(|| b.null())),
        Found::Value(value) => (value, method.then(|| b.null())),
        Found::Getter(getter) => {
            let function = b.constant(&getter.func);
            let value = call_function(b, getter, function, &[owner]);
            (value, method.then(|| b.null()))
        }
    }
}

/// Shape by shape, the generic way last; the outcomes meet.
fn polymorphic<'a>(
    b: &mut Builder<'a>,
    owner: Value,
    name: Value,
    shapes: &[&'a AttrShape],
    method: bool,
) -> (Value, Option<Value>) {
    let join = b.func.new_block();
    let value = b.func.add_param(join, Type::Object);
    let this = method.then(|| b.func.add_param(join, Type::OptObject));
    let mut candidates: Vec<&KnownObject> = Vec::new();
    for shape in shapes {
        let next = b.func.new_block();
        let found = shapes::find(b, owner, name, shape, Miss::To(next));
        if let Found::Method(descr) | Found::Bound(descr, _) = &found
            && !candidates.iter().any(|known| known.object.address == descr.object.address)
        {
            candidates.push(descr);
        }
        let (value, this) = take(b, owner, found, method);
        let args: Vec<Value> = [Some(value), this].into_iter().flatten().collect();
        b.jump(join, &args);
        b.at = Some(next);
    }
    let (other, other_this) = generic(b, owner, name, method);
    let args: Vec<Value> = [Some(other), other_this].into_iter().flatten().collect();
    b.jump(join, &args);
    b.at = Some(join);
    b.forget_facts();
    if !candidates.is_empty() {
        b.candidates.insert(value, candidates);
    }
    (value, this)
}

pub(super) fn store_attr(b: &mut Builder, arg: u32) {
    let owner = b.pop_object();
    let value = b.pop_object();
    let name = b.name(arg);
    match shapes(b) {
        [shape] if shapes::can_store(shape) && !is_wary(b) => {
            let Some(absent) = shapes::store(b, owner, value, shape) else { return };
            let join = b.func.new_block();
            b.jump(join, &[]);
            b.at = Some(absent);
            generic_store(b, owner, name, value);
            b.jump(join, &[]);
            b.at = Some(join);
        }
        several @ [_, ..] if several.iter().all(shapes::can_store) => {
            let join = b.func.new_block();
            let generic = b.func.new_block();
            for shape in several {
                let next = b.func.new_block();
                shapes::store_or(b, owner, value, shape, next, generic);
                b.jump(join, &[]);
                b.at = Some(next);
            }
            b.jump(generic, &[]);
            b.at = Some(generic);
            generic_store(b, owner, name, value);
            b.jump(join, &[]);
            b.at = Some(join);
            b.forget_facts();
        }
        _ => generic_store(b, owner, name, value),
    }
}

fn generic_store(b: &mut Builder, owner: Value, name: Value, value: Value) {
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

/// Bit 0 of the argument asks for a NULL after the value. Reading a watched cell is right even at a site that must be generic; only the guard on the
/// value is speculation.
pub(super) fn load_global(b: &mut Builder, arg: u32) {
    let name = b.name(arg >> 1);
    let value = match b.snapshot.feedback.get(&b.instr.unit) {
        Some(Feedback::Global { cell, value }) => {
            let loaded = b.emit_value(Op::LoadGlobalCell { cell: *cell }, &[]);
            let known = value.as_deref().filter(|known| worth_guarding(b, known, arg >> 1));
            match known.filter(|_| b.feedback().is_some()) {
                Some(known) => b.guard_is(loaded, known),
                None => or_look_up(b, loaded, name),
            }
        }
        _ => b.helper(HelperId::load_global, &[name]),
    };
    b.push(value);
    if arg & 1 != 0 {
        let null = b.null();
        b.push(null);
    }
}

/// Whether code profits from knowing this very value: callables, flags, and numbers that the code itself does not change.
fn worth_guarding(b: &Builder, known: &KnownObject, name: u32) -> bool {
    let number = Type::Bool.or(Type::NoneType).or(Type::Long).or(Type::Float);
    let stored = || b.graph.instrs.iter().any(|instr| instr.opcode == op::STORE_GLOBAL && instr.arg == name);
    !matches!(known.callable, Callable::Unknown) || (known.object.ty.is(number) && !stored())
}

/// A cell's value, or what a lookup finds when it is empty.
fn or_look_up(b: &mut Builder, loaded: Value, name: Value) -> Value {
    let join = b.func.new_block();
    let result = b.func.add_param(join, Type::Object);
    let missing = b.emit_value(Op::IsNull, &[loaded]);
    let present = b.emit_value(Op::BNot, &[missing]);
    let lookup = b.split_on(present, true);
    let found = b.emit_value(Op::Refine { ty: Type::Object }, &[loaded]);
    b.jump(join, &[found]);
    b.at = Some(lookup);
    let value = b.helper(HelperId::load_global, &[name]);
    b.jump(join, &[value]);
    b.at = Some(join);
    result
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
