//! What native code calls at run time.
//!
//! Everything here is entered from machine code with the GIL held and a thread state in hand, and leaves as C functions do: a result, or NULL (or a negative
//! number) with an exception set. Nothing here may panic, since there is nothing to catch it: what looks impossible is answered with `SystemError`.
//!
//! * [`helpers`]: one function for each row of the HIR's helper table; [`helpers::address`] is how code generation finds them;
//! * [`caches`]: the inline caches of attribute sites;
//! * [`instances`]: what `isinstance` has answered;
//! * [`call`]: calls of whatever can be called; [`sites`]: what such calls have called;
//! * `generators`: what a call of a generator function makes;
//! * [`resume`]: generators that native code resumes;
//! * [`immutable`]: classes of strict modules;
//! * [`exits`], [`bind`], [`tracing`]: leaving native code, entering it, and the test at its back edges.

pub mod bind;
pub mod boxing;
pub mod caches;
pub mod call;
pub mod classes;
pub mod dict;
pub mod exits;
pub mod ffi;
mod generators;
pub mod helpers;
pub mod immutable;
pub mod instances;
pub mod object;
pub mod proxies;
pub mod resume;
pub mod sentinel;
pub mod sites;
pub mod tracing;
