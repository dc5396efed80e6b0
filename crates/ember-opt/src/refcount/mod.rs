//! Reference counts: the last passes but one, which make ownership explicit.
//!
//! Until here HIR says nothing about counts: a value may be used wherever its definition dominates. [`insert`] turns that into explicit `Incref`s and `Decref`s:
//! each root (see [`ownership`]) holds at most one reference of its own from its definition to its last use; what takes a reference over gets that one, or a new one
//! when the value is used again. What is borrowed gets none where nothing is released before its last use ([`borrow`]); [`elide`] then delays the others and removes those which
//! protect against nothing.
//!
//! A release may run a finaliser, so where it happens matters to everything that knows something of memory: [`borrow::mark_ends`] runs before all other passes and makes the ends of
//! lives explicit that the front end has not marked. Each is a barrier for [`crate::gvn`] and pins the release.
//!
//! Afterwards `exit_owned` of an instruction which may leave native code lists the roots whose reference we hold at that moment: the exit gives
//! them to the frame or drops them.

pub mod borrow;
pub mod elide;
pub mod insert;
pub mod liveness;
pub mod ownership;

pub use ownership::{Class, Ownerships};

use ember_hir::Op;
use ember_hir::ops::Effects;

/// Whether an instruction (other than `Decref`) may release objects which are not its own result or operands, so that borrowed references end.
#[must_use]
pub fn may_release(op: &Op) -> bool {
    match op {
        Op::SwapField { .. } | Op::SwapIndexed { .. } => true,
        Op::Incref | Op::Decref | Op::StoreInt { .. } | Op::StoreDouble { .. } => false,
        Op::SetLocal { .. } | Op::SetLocalOwned { .. } | Op::ClearLocal { .. } | Op::DropLocal { .. } => false,
        // A frame that is suspended gives nothing away before all of it is in place.
        Op::KeepLocal { .. } | Op::KeepStack { .. } => false,
        // Shows the locals to whoever looks at the traceback.
        Op::CatchException { .. } => true,
        // Runs nothing, or leaves.
        Op::CheckTracing => false,
        _ => op.effects().intersects(Effects::ARBITRARY | Effects::WRITES),
    }
}
