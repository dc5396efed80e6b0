//! The one crate that knows CPython's private layouts.
#![allow(non_camel_case_types)]

pub mod debug_offsets;
pub mod dict;
pub mod ffi;
pub mod frame;
pub mod layout;
pub mod monitoring;
pub mod object;
pub mod refcount;
pub mod stackref;
pub mod tstate;
pub mod types;
pub mod verify;
pub mod watchers;
