//! Machine code run against a fake interpreter: what it computes, what it stores, how it leaves.

mod arith;
mod build;
mod calls;
mod clif;
mod exits;
mod frames;
mod speed;
mod world;
