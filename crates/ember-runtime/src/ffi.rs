//! Functions of CPython's that `pyo3-ffi` declares otherwise or not at all, and that only helpers need.
#![allow(clashing_extern_declarations, reason = "the same functions with the pointer types used here")]

use core::ffi::c_int;
use ember_cpython::layout::PyObject;

/// `tp_descr_get`
pub type DescrGet = unsafe extern "C" fn(*mut PyObject, *mut PyObject, *mut PyObject) -> *mut PyObject;
/// `tp_descr_set`
pub type DescrSet = unsafe extern "C" fn(*mut PyObject, *mut PyObject, *mut PyObject) -> c_int;
/// `tp_iternext`
pub type IterNext = unsafe extern "C" fn(*mut PyObject) -> *mut PyObject;

/// The bit of a vectorcall's argument count that lends the slot before the arguments.
pub const ARGUMENTS_OFFSET: usize = 1 << (usize::BITS - 1);

unsafe extern "C" {
    pub fn PyObject_Vectorcall(
        callable: *mut PyObject,
        args: *const *mut PyObject,
        nargsf: usize,
        kwnames: *mut PyObject,
    ) -> *mut PyObject;
    pub fn PyDict_GetItemRef(dict: *mut PyObject, key: *mut PyObject, result: *mut *mut PyObject) -> c_int;
    pub fn PyMapping_GetOptionalItem(obj: *mut PyObject, key: *mut PyObject, result: *mut *mut PyObject) -> c_int;
    pub fn PyErr_SetHandledException(exc: *mut PyObject);
}
