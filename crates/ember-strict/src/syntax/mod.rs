//! From text to the analyser's bytecode: scopes, then code.

pub mod code;
pub mod compile;
pub mod depth;
pub mod rules;
pub mod scope;
