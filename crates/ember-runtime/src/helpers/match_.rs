//! Pattern matching.
#![allow(clippy::missing_safety_doc, reason = "the contract of all helpers is in the module above")]

use crate::object::{has_type_flag, none};
use ember_cpython::ffi;
use ember_cpython::layout::{PyObject, PyThreadState, TPFLAGS_MAPPING, TPFLAGS_SEQUENCE};
use ember_cpython::refcount::new_ref;

/// The attributes a class pattern asks for, as a tuple; `None` where it does not match.
pub unsafe extern "C" fn match_class(
    tstate: *mut PyThreadState,
    subject: *mut PyObject,
    class: *mut PyObject,
    names: *mut PyObject,
    positional: i64,
) -> *mut PyObject {
    // SAFETY: live objects.
    unsafe {
        let attributes = ffi::_PyEval_MatchClass(tstate, subject, class, positional as isize, names);
        if attributes.is_null() && (*tstate).current_exception.is_null() { new_ref(none()) } else { attributes }
    }
}

/// The values of a mapping pattern's keys, as a tuple; `None` where one is missing.
pub unsafe extern "C" fn match_keys(
    tstate: *mut PyThreadState,
    subject: *mut PyObject,
    keys: *mut PyObject,
) -> *mut PyObject {
    // SAFETY: live objects.
    unsafe { ffi::_PyEval_MatchKeys(tstate, subject, keys) }
}

/// Whether an object is a mapping for patterns.
pub unsafe extern "C" fn is_mapping(subject: *mut PyObject) -> u64 {
    // SAFETY: a live object.
    unsafe { u64::from(has_type_flag(subject, TPFLAGS_MAPPING)) }
}

/// Whether an object is a sequence for patterns.
pub unsafe extern "C" fn is_sequence(subject: *mut PyObject) -> u64 {
    // SAFETY: a live object.
    unsafe { u64::from(has_type_flag(subject, TPFLAGS_SEQUENCE)) }
}
