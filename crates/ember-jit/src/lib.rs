//! When to compile, what is compiled, and what it rests on.

pub mod jit_list;
pub mod report;
