//! Opcode tables, one module a CPython minor version.

#[rustfmt::skip]
pub mod v3_14;
