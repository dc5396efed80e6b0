//! Builtins whose meaning the compiler knows.
#![allow(clippy::missing_safety_doc, reason = "the contract of all helpers is in the module above")]

pub use crate::call::alloc_instance;
use crate::object::{class_of, none};
use crate::resume;
use ember_cpython::ffi;
use ember_cpython::layout::{PyObject, PyThreadState};
use ember_cpython::refcount::{decref, new_ref};

/// `len(x)`
pub unsafe extern "C" fn builtin_len(obj: *mut PyObject) -> i64 {
    // SAFETY: a live object.
    unsafe { pyo3_ffi::PyObject_Size(obj) as i64 }
}

/// `isinstance(x, cls)`
pub unsafe extern "C" fn builtin_isinstance(obj: *mut PyObject, class: *mut PyObject) -> i64 {
    // SAFETY: live objects.
    unsafe { crate::instances::is_instance(obj, class) }
}

/// `str(x)`
pub unsafe extern "C" fn builtin_str(obj: *mut PyObject) -> *mut PyObject {
    // SAFETY: a live object.
    unsafe { pyo3_ffi::PyObject_Str(obj) }
}

/// `tuple(x)`
pub unsafe extern "C" fn builtin_tuple(obj: *mut PyObject) -> *mut PyObject {
    // SAFETY: a live object.
    unsafe { of_exhausted(obj, pyo3_ffi::PySequence_Tuple) }
}

/// `list(x)`
pub unsafe extern "C" fn builtin_list(obj: *mut PyObject) -> *mut PyObject {
    // SAFETY: a live object.
    unsafe { of_exhausted(obj, pyo3_ffi::PySequence_List) }
}

/// `set(x)`
pub unsafe extern "C" fn builtin_set(obj: *mut PyObject) -> *mut PyObject {
    // SAFETY: a live object.
    unsafe { of_exhausted(obj, pyo3_ffi::PySet_New) }
}

/// What `build` makes of an iterable.
unsafe fn of_exhausted(
    obj: *mut PyObject,
    build: unsafe extern "C" fn(*mut PyObject) -> *mut PyObject,
) -> *mut PyObject {
    // SAFETY: a live object.
    unsafe {
        let iterable = resume::wrapped(obj);
        let built = build(iterable);
        decref(iterable);
        built
    }
}

/// What a builtin is given in place of an object that it only iterates over.
pub unsafe extern "C" fn exhaustible(obj: *mut PyObject) -> *mut PyObject {
    // SAFETY: a live object.
    unsafe { resume::wrapped(obj) }
}

/// The class of an object.
pub unsafe extern "C" fn type_of(obj: *mut PyObject) -> *mut PyObject {
    // SAFETY: a live object keeps its class alive.
    unsafe { new_ref(class_of(obj).cast()) }
}

/// Raises TypeError unless `__init__` returned `None`.
pub unsafe extern "C" fn check_init_result(tstate: *mut PyThreadState, result: *mut PyObject) -> i64 {
    if result == none() {
        return 0;
    }
    // SAFETY: a live object.
    unsafe {
        let format = c"__init__() should return None, not '%.200s'";
        ffi::_PyErr_Format(tstate, pyo3_ffi::PyExc_TypeError, format.as_ptr(), (*class_of(result)).tp_name);
    }
    -1
}
