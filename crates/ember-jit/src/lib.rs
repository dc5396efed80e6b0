//! The engine: when to compile, what is compiled, and what it rests on.
//!
//! The way of a function through this crate: [`policy`] decides that it is hot, [`registry`] makes a job of it, [`snapshot`] copies what the compiler may know (with
//! [`globals`] and [`callables`] for what it names), [`compile`] runs the pipeline on another thread, [`registry`] places the code and [`functions`] swaps the function's entry.
//! Deopts are counted where they happen and reviewed at the next safe point; a function whose guards keep failing is compiled anew, more generically. Functions with hot sites
//! that had to be compiled generically get a better version from what these sites have seen ([`retune`]). What was learnt can be kept in a file for the next process ([`profile`]).
//!
//! All state is protected by the GIL (see [`gil`]).

pub mod api;
mod arrays;
pub use ember_codegen::arena::pages::Allocator;
mod callables;
mod compile;
mod engine;
mod env;
mod functions;
mod generators;
pub mod gil;
mod globals;
mod inherited;
pub mod jit_list;
mod kept;
mod options;
mod osr;
mod owners;
mod policy;
mod profile;
mod reason;
mod registry;
pub mod report;
mod retune;
mod shapes;
mod share;
mod snapshot;
mod stubs;
mod words;
