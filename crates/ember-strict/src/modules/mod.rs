//! Modules: where they are found, who imports whom, and what is known of those that are finished.

pub mod finder;
pub mod graph;
pub mod group;
pub mod schedule;
pub mod shuffle;
pub mod sources;
pub mod world;

/// Stack of a thread that analyses: deep recursion of a program is ours, too. It is only reserved, not used.
pub const STACK: usize = 1 << 30;
