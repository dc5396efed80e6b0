//! Ember's high-level intermediate representation (HIR).
//!
//! HIR is a static single assignment form with *block parameters* instead of phi instructions. It sits between CPython
//! bytecode and Cranelift's IR and knows neither: every Python object constant is an opaque [`ConstId`], every runtime
//! service is a row of the helper table ([`helpers`]), every other operation a row of the ops table ([`ops`]).
//!
//! Everything derivable about an operation (its name in the text format, its result type, its effects, who owns the
//! reference it returns, which operands it consumes) is derived from these two tables; passes never match on an
//! operation to find out what it may do.
//!
//! Invariants, upheld by whoever edits a [`Function`] and checked by `verify` after every pass:
//! * a value is defined once and its definition dominates its uses;
//! * a block ends in exactly one terminator, and only there;
//! * a jump passes as many arguments as its target has parameters;
//! * an instruction which may leave native code has a [`FrameState`].
#![forbid(unsafe_code)]

pub mod cfg;
pub mod eval;
pub mod function;
pub mod helpers;
pub mod ops;
pub mod parse;
pub mod print;
pub mod types;
pub mod verify;

pub use function::{
    Block, BlockCall, BlockData, ConstData, ConstId, ErrorMode, FrameState, FrameStateId, Function, Inst, InstData,
    Level, LevelData, Value, ValueData, ValueDef,
};
pub use helpers::{HelperId, HelperSig};
pub use ops::{Effects, Op, Ownership};
pub use types::Type;
