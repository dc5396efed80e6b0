//! Structural pattern matching.

use crate::builder::Builder;
use ember_hir::HelperId;

pub(super) fn match_class(b: &mut Builder, positional: u32) {
    let operands = b.pop_objects(3);
    let count = b.int(i64::from(positional));
    let attributes = b.helper(HelperId::match_class, &[operands[0], operands[1], operands[2], count]);
    b.push(attributes);
}

pub(super) fn match_keys(b: &mut Builder) {
    let keys = b.peek_object(0);
    let subject = b.peek_object(1);
    let values = b.helper(HelperId::match_keys, &[subject, keys]);
    b.push(values);
}

pub(super) fn match_mapping(b: &mut Builder) {
    is_kind(b, HelperId::is_mapping);
}

pub(super) fn match_sequence(b: &mut Builder) {
    is_kind(b, HelperId::is_sequence);
}

fn is_kind(b: &mut Builder, id: HelperId) {
    let subject = b.peek_object(0);
    let answer = b.helper(id, &[subject]);
    b.push(answer);
}
