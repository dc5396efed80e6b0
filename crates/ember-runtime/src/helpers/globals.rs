//! Globals and builtins by name.
#![allow(clippy::missing_safety_doc, reason = "the contract of all helpers is in the module above")]

use crate::ffi::PyMapping_GetOptionalItem;
use core::ffi::{CStr, c_int};
use ember_cpython::ffi;
use ember_cpython::layout::{InterpreterFrame, PyObject, StackRef};

const NAME_ERROR: &CStr = c"name '%.200s' is not defined";

unsafe fn raise_name_error(name: *mut PyObject) {
    // SAFETY: a live string, named in the format CPython itself uses.
    unsafe {
        let tstate = ffi::PyThreadState_GetUnchecked();
        ffi::_PyEval_FormatExcCheckArg(tstate, pyo3_ffi::PyExc_NameError, NAME_ERROR.as_ptr(), name);
    }
}

/// A global or builtin.
pub unsafe extern "C" fn load_global(frame: *mut InterpreterFrame, name: *mut PyObject) -> *mut PyObject {
    let mut found = StackRef::NULL;
    // SAFETY: a frame of a running function.
    unsafe {
        ffi::_PyEval_LoadGlobalStackRef((*frame).f_globals, (*frame).f_builtins, name, &mut found);
        found.into_owned()
    }
}

/// `name = value` for a global.
pub unsafe extern "C" fn store_global(frame: *mut InterpreterFrame, name: *mut PyObject, value: *mut PyObject) -> i64 {
    // SAFETY: a frame of a running function, live objects.
    unsafe { i64::from(pyo3_ffi::PyDict_SetItem((*frame).f_globals, name, value)) }
}

/// `del name` for a global.
pub unsafe extern "C" fn delete_global(frame: *mut InterpreterFrame, name: *mut PyObject) -> i64 {
    // SAFETY: as above.
    unsafe {
        let found: c_int = ffi::PyDict_Pop((*frame).f_globals, name, core::ptr::null_mut());
        if found == 0 {
            raise_name_error(name);
        }
        if found > 0 { 0 } else { -1 }
    }
}

/// A name of a module or class body: from its `f_locals`, else a global or builtin.
pub unsafe extern "C" fn load_name(frame: *mut InterpreterFrame, name: *mut PyObject) -> *mut PyObject {
    // SAFETY: a frame that runs such a body has `f_locals`.
    unsafe { load_from_dict_or_globals(frame, (*frame).f_locals, name) }
}

/// `name = value` in a module or class body.
pub unsafe extern "C" fn store_name(frame: *mut InterpreterFrame, name: *mut PyObject, value: *mut PyObject) -> i64 {
    // SAFETY: as above.
    unsafe {
        let names = (*frame).f_locals;
        i64::from(if pyo3_ffi::PyDict_CheckExact(names) != 0 {
            pyo3_ffi::PyDict_SetItem(names, name, value)
        } else {
            pyo3_ffi::PyObject_SetItem(names, name, value)
        })
    }
}

/// `del name` in a module or class body.
pub unsafe extern "C" fn delete_name(frame: *mut InterpreterFrame, name: *mut PyObject) -> i64 {
    // SAFETY: as above.
    unsafe {
        let deleted = pyo3_ffi::PyObject_DelItem((*frame).f_locals, name);
        if deleted != 0 {
            raise_name_error(name);
        }
        i64::from(deleted)
    }
}

/// What `f_locals`, a dict, holds for a name: a new reference or NULL.
pub unsafe extern "C" fn take_name(frame: *mut InterpreterFrame, name: *mut PyObject) -> *mut PyObject {
    // SAFETY: as above; keys are compared as strings.
    unsafe { pyo3_ffi::Py_XNewRef(pyo3_ffi::PyDict_GetItemWithError((*frame).f_locals, name)) }
}

/// A name from a mapping, else a global or builtin.
pub unsafe extern "C" fn load_from_dict_or_globals(
    frame: *mut InterpreterFrame,
    mapping: *mut PyObject,
    name: *mut PyObject,
) -> *mut PyObject {
    let mut value = core::ptr::null_mut();
    // SAFETY: live objects; the result is a new reference or NULL.
    unsafe {
        match PyMapping_GetOptionalItem(mapping, name, &mut value) {
            0 => load_global(frame, name),
            _ => value,
        }
    }
}
