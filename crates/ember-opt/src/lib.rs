//! The optimiser: passes over HIR, one a file; [`pipeline`] has their order.
#![forbid(unsafe_code)]

pub mod frame_sync;
pub mod refcount;
