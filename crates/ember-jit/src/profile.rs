//! What a process has learnt of its functions, kept in a file for the next one to begin with.
//!
//! A function that is compiled for the first time is compiled for what the interpreter has seen, and then again, and again, for what its own guards and caches have seen since.
//! A *profile* has the outcome: for each function the specialised instructions, the classes at its attribute sites, what its calls call, which of its sites are not worth speculating on. A
//! process that loads one compiles these functions at once, into the versions that they would have come to have.
//!
//! * [`file`]: the format, and merging the profiles of many processes.
//! * [`record`]: what the registry, native code's caches and the interpreter's caches know, as a profile.
//! * [`apply`]: a profile as *seeds* of code objects, which the registry and snapshots take up.
//! * [`names`], [`code_hash`]: how objects are named across processes, and when code is still the same.
//!
//! Nothing in a file is trusted: a site must be one of the function's, names are looked up among the objects there are, and whatever is compiled from them is guarded
//! as if it had been seen here. A wrong profile costs time, never an answer.

mod apply;
mod code_hash;
pub mod file;
mod names;
mod record;

pub use apply::{
    apply, created, extra_feedback, forget, is_loaded, limits_of, load, misses_something, overlay, report, take_due,
    wanted_functions, wants,
};
pub use names::module_of;
pub use record::record;
