//! Strict modules: what importing a module does.
//!
//! A module's top level is *executed* on the analyser's own objects ([`vm`]), so conditions, loops, decorators, metaclasses
//! and exceptions take the way they take in the interpreter. Three things are watched: values that cannot be known
//! may be held but not used; an object may be changed only by the module that made it; and functions with effects are known
//! by stubs. What is found gives a verdict for each module: *pure*, *effects* or *gave up*.
//!
//! The way of a module: [`modules::finder`] → [`syntax`] (parse, scopes, bytecode) → [`vm`] → findings
//! ([`diagnostics`]). The crate knows nothing of CPython's internals.
#![forbid(unsafe_code)]

pub mod builtins;
pub mod cache;
pub mod check;
pub mod diagnostics;
pub mod dict;
pub mod heap;
pub mod load;
pub mod modules;
pub mod probe;
pub mod regex;
pub mod session;
pub mod source;
pub mod syntax;
pub mod value;
pub mod vm;

/// A name for this build: another analyser may say something else, so what was said is kept under it.
pub const BUILD: &str = env!("EMBER_STRICT_BUILD");
