//! CPython's private layouts, one module a minor version, and the offsets derived from them.
//!
//! Invariant: nothing outside this folder writes down a number that depends on how CPython lays out
//! memory. `tests/layout/check.py` compares every entry of [`offsets::TABLE`] with what a C compiler
//! makes of the installed headers; [`crate::verify::check`] compares what can be seen at run time.

pub mod v3_14;

pub use v3_14 as current;
pub use v3_14::*;

pub mod offsets;
