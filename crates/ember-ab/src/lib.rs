//! The load generator of `python -m ember ab`: it sends requests to a server, checks every answer, and measures.
//!
//! The idea: what is compared are two servers, so the generator must not be what one measures. One thread runs all
//! connections; a request is made once, before the run; an answer costs one pass of a hash over its body. So it takes a
//! small part of the processor time of any server that runs Python, and it reports how much it took ([`Outcome::own_cpu`]).
//!
//! What is sent is an *order*: positions in a list of [`Target`]s. Two servers get the same order, so that they do the same work;
//! nothing here is random. Bounds are upheld by [`drive`]: never more than so many connections, never longer than so many
//! seconds, no answer larger than [`target::LARGEST`], and no address but a loopback one unless [`Slice::remote`] says so.
//!
//! [`stats`] has the arithmetic of comparisons: the interval in which a ratio lies.

#![forbid(unsafe_code)]

mod client;
mod drive;
mod outcome;
pub mod stats;
pub mod target;

pub use drive::{Slice, drive};
pub use outcome::{Latencies, Outcome, Problem};
pub use target::Target;
