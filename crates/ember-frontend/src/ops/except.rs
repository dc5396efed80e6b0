//! Raising, handling, and `with`.

use crate::builder::Builder;
use crate::ops::attr::scratch;
use ember_hir::ops::Cc;
use ember_hir::{HelperId, Op, Type};

/// What the `raise` helper answers when it raised the handled exception again: then this frame adds no traceback entry.
const RAISED_AGAIN: i64 = -2;

pub(super) fn raise_varargs(b: &mut Builder, count: u32) {
    let cause = if count == 2 { b.pop_object() } else { b.null() };
    let exception = if count >= 1 { b.pop_object() } else { b.null() };
    if count > 0 {
        b.raise(HelperId::raise, &[exception, cause], true);
        return;
    }
    let outcome = b.start_raise(HelperId::raise, &[exception, cause]);
    let code = b.int(RAISED_AGAIN);
    let again = b.emit_value(Op::ICmp { cc: Cc::Eq }, &[outcome, code]);
    let fresh = b.split_on(again, true);
    b.unwind(false);
    b.at = Some(fresh);
    b.unwind(true);
}

/// With an argument, the offset of the instruction which raised first lies that far below the exception.
pub(super) fn reraise(b: &mut Builder, depth: u32) {
    let exception = b.pop_object();
    let unit = if depth > 0 { b.peek(depth as usize - 1) } else { b.int(-1) };
    if depth > 0 && !b.func.ty(unit).is(Type::CLasti) {
        // Came in with an interpreted frame: a tagged integer.
        b.deopt();
        return;
    }
    b.raise(HelperId::reraise, &[exception, unit], false);
}

pub(super) fn push_exc_info(b: &mut Builder) {
    let exception = b.pop_object();
    let previous = b.helper(HelperId::push_exc_info, &[exception]);
    b.push(previous);
    b.push(exception);
}

pub(super) fn pop_except(b: &mut Builder) {
    let previous = b.pop_object();
    let helper = if b.is_in_loop() { HelperId::pop_exc_info } else { HelperId::pop_last_exc_info };
    b.helper_effect(helper, &[previous]);
}

pub(super) fn check_exc_match(b: &mut Builder) {
    let class = b.pop_object();
    let exception = b.peek_object(0);
    let matches = b.helper(HelperId::check_exc_match, &[exception, class]);
    let zero = b.int(0);
    let result = b.emit_value(Op::ICmp { cc: Cc::Ne }, &[matches, zero]);
    b.push(result);
}

pub(super) fn check_eg_match(b: &mut Builder) {
    let operands = b.pop_objects(2);
    b.helper_effect(HelperId::check_eg_match, &operands);
    let rest = scratch(b, 0, Type::Object);
    let matched = scratch(b, 1, Type::Object);
    b.push(rest);
    b.push(matched);
}

pub(super) fn load_special(b: &mut Builder, which: u32) {
    let owner = b.pop_object();
    let which = b.int(i64::from(which));
    let method = b.helper(HelperId::load_special, &[owner, which]);
    let this = scratch(b, 0, Type::OptObject);
    b.push(method);
    b.push(this);
}

/// The stack is `__exit__`, its `self` or NULL, an offset, the exception handled before, the exception.
pub(super) fn with_except_start(b: &mut Builder) {
    let exception = b.peek_object(0);
    let this = b.peek_object(3);
    let exit = b.peek_object(4);
    let result = b.helper(HelperId::with_except_start, &[exit, this, exception]);
    b.push(result);
}
