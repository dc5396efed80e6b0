//! Imports inside functions.

use crate::builder::Builder;
use ember_hir::HelperId;

pub(super) fn import_name(b: &mut Builder, index: u32) {
    let operands = b.pop_objects(2);
    let (level, names) = (operands[0], operands[1]);
    let name = b.name(index);
    let module = b.helper(HelperId::import_name, &[name, names, level]);
    b.push(module);
}

pub(super) fn import_from(b: &mut Builder, index: u32) {
    let module = b.peek_object(0);
    let name = b.name(index);
    let value = b.helper(HelperId::import_from, &[module, name]);
    b.push(value);
}
