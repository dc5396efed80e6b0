//! Comparison, truth, membership.
#![allow(clippy::missing_safety_doc, reason = "the contract of all helpers is in the module above")]

use crate::object::{bool_object, none, str_hash};
use ember_cpython::ffi;
use ember_cpython::layout::{PyObject, PySetObject};
use ember_cpython::refcount::decref;

/// A rich comparison by its `Py_LT`… number.
pub unsafe extern "C" fn compare(left: *mut PyObject, right: *mut PyObject, op: i64) -> *mut PyObject {
    // SAFETY: live objects.
    unsafe { pyo3_ffi::PyObject_RichCompare(left, right, op as i32) }
}

/// A rich comparison and the truth of its outcome. (Not `PyObject_RichCompareBool`, for which what is identical is equal.)
pub unsafe extern "C" fn compare_truth(left: *mut PyObject, right: *mut PyObject, op: i64) -> i64 {
    // SAFETY: live objects; the outcome is ours to release.
    unsafe {
        let outcome = pyo3_ffi::PyObject_RichCompare(left, right, op as i32);
        if outcome.is_null() {
            return -1;
        }
        let truth = is_true(outcome);
        decref(outcome);
        truth
    }
}

/// Truth of an object.
pub unsafe extern "C" fn is_true(obj: *mut PyObject) -> i64 {
    if obj == bool_object(true) {
        return 1;
    }
    if obj == bool_object(false) || obj == none() {
        return 0;
    }
    // SAFETY: a live object.
    unsafe { i64::from(pyo3_ffi::PyObject_IsTrue(obj)) }
}

/// `item in container`
pub unsafe extern "C" fn contains(container: *mut PyObject, item: *mut PyObject) -> i64 {
    // SAFETY: live objects.
    unsafe { i64::from(pyo3_ffi::PySequence_Contains(container, item)) }
}

/// `item in dict` for exact dicts.
pub unsafe extern "C" fn dict_contains(dict: *mut PyObject, item: *mut PyObject) -> i64 {
    // SAFETY: a live dict and object.
    unsafe { i64::from(pyo3_ffi::PyDict_Contains(dict, item)) }
}

/// `item in set` for exact sets and frozensets.
pub unsafe extern "C" fn set_contains(set: *mut PyObject, item: *mut PyObject) -> i64 {
    // SAFETY: a live set and object.
    unsafe { i64::from(ffi::_PySet_Contains(set.cast::<PySetObject>(), item)) }
}

/// Equality of exact strings.
pub unsafe extern "C" fn unicode_equal(left: *mut PyObject, right: *mut PyObject) -> u64 {
    if left == right {
        return 1;
    }
    // SAFETY: two live strings. Hashes that both are known and differ settle it.
    unsafe {
        let (a, b) = (str_hash(left), str_hash(right));
        if a != b && a != -1 && b != -1 {
            return 0;
        }
        u64::from(ffi::_PyUnicode_Equal(left, right) != 0)
    }
}
