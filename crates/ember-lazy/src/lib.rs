//! Names that are imported when they are first used, in a stock interpreter.
//!
//! A value in a module's dict cannot be trapped: `LOAD_GLOBAL` reads it without asking anybody. A name that is *not* there can, because the lookup goes on to
//! the builtins of the frame, and those may be an instance of a subclass of `dict`. So:
//!
//! 1. [`sites`] finds the import statements in a module's bytecode and replaces those that may be lazy by a lookup of a marker;
//! 2. while the module has unresolved names its `__builtins__` is a [`builtins::LazyBuiltins`], which hands such names to Python code of ours and answers
//!    everything else from the real builtins;
//! 3. [`users`] keeps the price where it belongs: a function whose code mentions no unresolved name has the real builtins from the moment it is made, the
//!    others get them as soon as the last name they mention is resolved. Then nothing tells such a function from one of an ordinary module: the
//!    interpreter specialises its lookups, and the JIT compiles them.
//!
//! What is lazy, when, and what importing it does is decided in Python (`ember.lazy`).
//!
//! Invariants: functions and frames with our builtins belong to the module whose names they are (others are given the real ones at once); an instance
//! lives for ever, because frames borrow their builtins; nothing here runs Python code while a lock is held.

pub mod blocks;
pub mod builtins;
pub mod choose;
pub mod code;
pub mod dicts;
pub mod locate;
pub mod places;
pub mod plan;
pub mod planning;
pub mod sites;
pub mod users;
pub mod verdicts;
