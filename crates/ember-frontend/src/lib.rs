//! From CPython 3.14 bytecode and its profile to HIR.
//!
//! [`build`] translates a [`CodeSnapshot`], [`build_osr`] the rest of one from a loop head on. The crate knows CPython only as data: opcode numbers
//! ([`opcodes`]), a few field offsets ([`layout`]) and the snapshot. An opcode it has no translation for becomes a `Deopt` at that point, so that the
//! interpreter goes on there; a code object is refused as a whole only for a named reason ([`Refusal`]).

#![forbid(unsafe_code)]

pub mod blocks;
pub mod builder;
pub mod decode;
mod emit;
pub mod exception_table;
mod known;
pub mod layout;
mod merge;
pub mod opcodes;
pub mod ops;
mod refusal;
pub mod snapshot;
pub mod stack;

pub use builder::{build, build_osr, parameter_count};
pub use refusal::Refusal;
pub use snapshot::CodeSnapshot;
