//! The runtime helpers: the C functions that native code calls, one for each row of [`ember_hir::helpers`], by the same name and with the same operands.
//!
//! Conventions, which native code and helpers uphold together:
//! * implicit arguments come first: thread state, frame, scratch, in this order;
//! * operands `O` and `N` are borrowed, `S` taken over also on failure; `rest` is the address of an array of objects and their number;
//! * a result that is an object is a new reference, NULL with an exception set; an `Int` is negative with an exception set; a `Bool` is 0 or 1;
//! * objects left in scratch are new references (or NULL), and only there when the helper succeeds;
//! * the GIL is held, and the frame is truthful wherever the row says that Python code may run.
//!
//! Each says what the interpreter does for the instruction it is named after, error messages included. No helper can panic: they index nothing and unwrap nothing.

pub mod arith;
pub mod attr;
pub mod build;
pub mod builtins;
pub mod calls;
pub mod cells;
pub mod compare;
pub mod exceptions;
pub mod format;
pub mod globals;
pub mod imports;
pub mod iter;
pub mod match_;
pub mod subscript;

use arith::*;
use attr::*;
use build::*;
use builtins::*;
use calls::*;
use cells::*;
use compare::*;
use ember_hir::HelperId;
use exceptions::*;
use format::*;
use globals::*;
use imports::*;
use iter::*;
use match_::*;
use subscript::*;

macro_rules! addresses {
    ($($name:ident),*) => {
        /// The address of a helper.
        #[must_use]
        pub fn address(id: HelperId) -> usize {
            match id {
                $(HelperId::$name => $name as *const () as usize,)*
            }
        }
    };
}
ember_hir::for_each_helper!(addresses);
