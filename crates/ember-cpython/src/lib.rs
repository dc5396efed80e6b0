//! The one crate that knows CPython's private layouts.
//!
//! Ember runs in a stock CPython, so it must read and write what CPython does not publish: frames, inline
//! caches, dict tables, version tags. All knowledge of how those lie in memory is here, one module a minor
//! version ([`layout`]), and everything else in the workspace uses names. Three things uphold it:
//!
//! 1. `tests/layout/check.py` compares every offset, size and constant with what a C compiler makes of the
//!    headers, and every name in [`ffi`] with the binary's symbols;
//! 2. [`verify::check`] compares at import with CPython's own table of offsets and by probing objects; if
//!    anything differs Ember stays off;
//! 3. [`selftest::run`], for tests, tries what only a running interpreter can show.
//!
//! Invariant of all functions: the GIL of the main interpreter is held and pointers are live, unless said
//! otherwise; nothing runs Python code unless said so.
//!
//! | module | what |
//! |---|---|
//! | [`layout`] | `repr(C)` mirrors and constants of the running minor version; [`layout::offsets`]: `usize` offsets by name for code generation, `TABLE`, `by_name` |
//! | [`debug_offsets`] | `_Py_DebugOffsets`, CPython's own table |
//! | [`ffi`] | exported functions and data pyo3-ffi lacks |
//! | [`refcount`] | `incref decref xincref xdecref new_ref is_immortal refcnt` |
//! | [`stackref`] | `StackRef::{NULL, borrow, steal, new, from_int, object, owns, is_null, is_int, to_int, into_owned, close}` |
//! | [`tstate`] | `current size c_stack_soft_limit(_offset) c_stack_exhausted enter_c_call enter_python_call leave_python_call recursion_limit_reached instrumentation_version events_pending handle_pending error_occurred take_exception is_tracing` |
//! | [`frame`] | `push pop init alloc pop_memory is_observed clear_and_pop_unlinked resume_in_interpreter localsplus stack_base stack_depth code code_checked function instruction lasti set_lasti is_incomplete first_complete line add_traceback` |
//! | [`code`] | `adaptive_units base_units consts names local_names local_kinds exception_table location line parameter_count is_generator_like`; entries: `set_entry restore_entry has_original_entry take_code_version restore_code_version` |
//! | [`object`] | `type_of is_exact is_instance type_flags has_type_flag is_type type_name none bool_object`, `Builtin` (table of exact types), contents of ints, floats, strs, bytes, tuples, lists |
//! | [`dict`] | tables of str keys: `lookup get value_at value_slot keys keys_version iter watchers`; instances: `has_inline_values inline_values(_valid) inline_value_offsets shared_keys managed_dict add_to_insertion_order` |
//! | [`heap`] | `tracked_objects is_tracked traverse_of has_finalizer make_immortal settle_shared_keys settle_str_hash`, what `tp_traverse` passes over: keys, parts of code and of types |
//! | [`types`] | `version_tag current_version_tag lookup mro has_generic_getattr`, by version: `type_in_cache function_in_cache code_in_cache`, `VersionMap` |
//! | [`watchers`] | `install uninstall`, `watch_dict unwatch_dict is_dict_watched watch_type unwatch_type is_type_watched`, event enums |
//! | [`monitoring`] | `tools_of is_monitored_by_others is_instrumented use_tool free_tool register_callback set_local_events disable_object` |
//! | [`verify`] | `check version_string is_cpython_jit_enabled has_foreign_evaluator original_function_vectorcall` |
//!
//! Another minor version is another file beside `layout/v3_14.rs`, selected in `layout/mod.rs`, and whatever
//! its headers make `check.py` complain about.
#![allow(non_camel_case_types)]

pub mod code;
pub mod debug_offsets;
pub mod dict;
pub mod ffi;
pub mod frame;
pub mod heap;
pub mod layout;
pub mod monitoring;
pub mod object;
pub mod refcount;
pub mod selftest;
pub mod stackref;
pub mod tstate;
mod type_tree;
pub mod types;
pub mod verify;
pub mod watchers;
