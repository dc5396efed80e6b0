//! From CPython 3.14 bytecode and its profile to HIR.

pub mod snapshot;
