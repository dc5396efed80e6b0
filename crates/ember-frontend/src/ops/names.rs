//! Names of module and class bodies, which live in a dict.
//!
//! While a loop runs in which nothing can look at the dict, the names it assigns are kept like locals (exits write them back) and those it only reads are read once, before it. Kept
//! are only objects that own nothing: what else is assigned to such a name leaves native code, as the release of the old value could be seen.

use super::attr;
use crate::builder::Builder;
use ember_hir::{HelperId, Type};

pub(super) fn load_name(b: &mut Builder, index: u32) {
    let kept = match b.graph.name_slot(index) {
        Some(slot) => b.local(slot),
        None => b.read_names.get(&index).copied(),
    };
    match kept {
        Some(value) => b.push(value),
        None if b.snapshot.namespace.as_ref().is_some_and(|namespace| namespace.is_globals) => {
            attr::load_global(b, index << 1);
        }
        None => {
            let name = b.name(index);
            let value = b.helper(HelperId::load_name, &[name]);
            b.push(value);
        }
    }
}

pub(super) fn store_name(b: &mut Builder, index: u32) {
    match b.graph.name_slot(index) {
        Some(slot) => {
            let top = b.peek(0);
            if !b.func.ty(top).is(Type::QUIET) && !b.func.ty(top).is_primitive() {
                let held = b.snapshot.namespace.as_ref().and_then(|names| names.held.get(index as usize).copied());
                b.guard_type(top, held.flatten().unwrap_or(Type::Long));
            }
            let value = b.pop();
            b.set_local(slot, Some(value));
        }
        None => {
            let value = b.pop_object();
            let name = b.name(index);
            b.helper_effect(HelperId::store_name, &[name, value]);
        }
    }
}

pub(super) fn delete_name(b: &mut Builder, index: u32) {
    let name = b.name(index);
    b.helper_effect(HelperId::delete_name, &[name]);
}
