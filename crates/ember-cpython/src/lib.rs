//! The one crate that knows CPython's private layouts.
#![allow(non_camel_case_types)]

pub mod debug_offsets;
pub mod ffi;
pub mod layout;
pub mod refcount;
pub mod stackref;
