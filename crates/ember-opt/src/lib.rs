//! The optimiser: passes over HIR, one a file; [`pipeline`] has their order.
#![forbid(unsafe_code)]

pub mod clean_cfg;
pub mod dce;
pub mod edge_state;
pub mod frame_sync;
pub mod gvn;
pub mod inline;
pub mod licm;
pub mod phi_elim;
pub mod pipeline;
pub mod range;
pub mod refcount;
pub mod replace;
pub mod simplify;
pub mod slow_paths;
pub mod type_infer;
pub mod unbox;
