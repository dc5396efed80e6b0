//! Lists, tuples, sets, dicts, slices, strings.

use crate::builder::Builder;
use crate::opcodes::v3_14 as op;
use ember_hir::HelperId;

fn build(b: &mut Builder, id: HelperId, count: u32) {
    let items = b.pop_objects(count as usize);
    let result = b.helper(id, &items);
    b.push(result);
}

pub(super) fn build_list(b: &mut Builder, count: u32) {
    build(b, HelperId::build_list, count);
}

pub(super) fn build_tuple(b: &mut Builder, count: u32) {
    build(b, HelperId::build_tuple, count);
}

pub(super) fn build_set(b: &mut Builder, count: u32) {
    build(b, HelperId::build_set, count);
}

pub(super) fn build_map(b: &mut Builder, count: u32) {
    if count > 0 {
        build(b, HelperId::build_map, count.saturating_mul(2));
    } else if forwards_keywords(b) {
        // What comes next makes the dict, if there is need for one.
        let nothing = b.null();
        b.push(nothing);
    } else {
        build(b, HelperId::new_dict, 0);
    }
}

/// Whether this empty dict gets the items of a local's dict and is passed on at once, as in `f(*args, **kwargs)`. Nothing in between can leave.
fn forwards_keywords(b: &mut Builder) -> bool {
    let [load, merge, call] = [1, 2, 3].map(|ahead| b.graph.instrs.get(b.position + ahead).copied());
    let (Some(load), Some(merge), Some(call)) = (load, merge, call) else { return false };
    matches!(load.opcode, op::LOAD_FAST | op::LOAD_FAST_BORROW)
        && merge.opcode == op::DICT_MERGE
        && merge.arg == 1
        && call.opcode == op::CALL_FUNCTION_EX
        && b.local(load.arg).is_some_and(|value| !b.func.ty(value).may_be_null())
        && !b.graph.instrs.iter().filter_map(|instr| instr.jump_target()).any(|to| to > b.instr.unit && to <= call.unit)
}

pub(super) fn build_string(b: &mut Builder, count: u32) {
    build(b, HelperId::build_string, count);
}

pub(super) fn build_slice(b: &mut Builder, count: u32) {
    if count == 2 {
        let null = b.null();
        b.push(null);
    }
    build(b, HelperId::build_slice, 3);
}

pub(super) fn build_template(b: &mut Builder) {
    build(b, HelperId::build_template, 2);
}

pub(super) fn build_interpolation(b: &mut Builder, arg: u32) {
    let spec = if arg & 1 != 0 { b.pop_object() } else { b.null() };
    let operands = b.pop_objects(2);
    let flags = b.int(i64::from(arg));
    let result = b.helper(HelperId::build_interpolation, &[operands[0], operands[1], flags, spec]);
    b.push(result);
}

/// Adds the top of the stack to a container `depth` below what remains.
fn add(b: &mut Builder, id: HelperId, depth: u32) {
    let item = b.pop_object();
    let container = b.peek_object((depth as usize).wrapping_sub(1));
    b.helper_effect(id, &[container, item]);
}

pub(super) fn list_append(b: &mut Builder, depth: u32) {
    add(b, HelperId::list_append, depth);
}

pub(super) fn list_extend(b: &mut Builder, depth: u32) {
    add(b, HelperId::list_extend, depth);
}

pub(super) fn set_add(b: &mut Builder, depth: u32) {
    add(b, HelperId::set_add, depth);
}

pub(super) fn set_update(b: &mut Builder, depth: u32) {
    add(b, HelperId::set_update, depth);
}

pub(super) fn dict_update(b: &mut Builder, depth: u32) {
    add(b, HelperId::dict_update, depth);
}

pub(super) fn map_add(b: &mut Builder, depth: u32) {
    let value = b.pop_object();
    let key = b.pop_object();
    let dict = b.peek_object((depth as usize).wrapping_sub(1));
    b.helper_effect(HelperId::map_add, &[dict, key, value]);
}

/// The callable, for error messages, is three below the dict: under it `self` or NULL, then the positional arguments.
pub(super) fn dict_merge(b: &mut Builder, depth: u32) {
    let update = b.pop_object();
    let dict = b.peek_object((depth as usize).wrapping_sub(1));
    let callable = b.peek_object(depth as usize + 2);
    if b.func.ty(dict).is_null() {
        let keywords = b.helper(HelperId::keywords_of, &[update, callable]);
        b.pop();
        b.push(keywords);
        return;
    }
    b.helper_effect(HelperId::dict_merge, &[dict, update, callable]);
}

pub(super) fn format_simple(b: &mut Builder) {
    let value = b.pop_object();
    if b.func.ty(value).is(ember_hir::Type::Unicode) {
        b.push(value);
        return;
    }
    let text = b.helper(HelperId::format_simple, &[value]);
    b.push(text);
}

pub(super) fn format_with_spec(b: &mut Builder) {
    build(b, HelperId::format_with_spec, 2);
}

pub(super) fn convert_value(b: &mut Builder, which: u32) {
    let value = b.pop_object();
    let which = b.int(i64::from(which));
    let text = b.helper(HelperId::convert_value, &[value, which]);
    b.push(text);
}
