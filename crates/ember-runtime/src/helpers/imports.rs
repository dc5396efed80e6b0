//! Imports and class statements.
#![allow(clippy::missing_safety_doc, reason = "the contract of all helpers is in the module above")]

use crate::ffi::PyMapping_GetOptionalItem;
use crate::object::BUILD_CLASS;
use ember_cpython::ffi;
use ember_cpython::layout::{InterpreterFrame, PyObject, PyThreadState};

/// `import name`
pub unsafe extern "C" fn import_name(
    tstate: *mut PyThreadState,
    frame: *mut InterpreterFrame,
    name: *mut PyObject,
    fromlist: *mut PyObject,
    level: *mut PyObject,
) -> *mut PyObject {
    // SAFETY: a frame of a running function, live objects.
    unsafe { ffi::_PyEval_ImportName(tstate, frame, name, fromlist, level) }
}

/// `from module import name`
pub unsafe extern "C" fn import_from(
    tstate: *mut PyThreadState,
    module: *mut PyObject,
    name: *mut PyObject,
) -> *mut PyObject {
    // SAFETY: live objects.
    unsafe { ffi::_PyEval_ImportFrom(tstate, module, name) }
}

/// `__build_class__`
pub unsafe extern "C" fn load_build_class(tstate: *mut PyThreadState, frame: *mut InterpreterFrame) -> *mut PyObject {
    // SAFETY: a frame of a running function.
    unsafe {
        let name = BUILD_CLASS.get();
        if name.is_null() {
            return name;
        }
        let mut value = core::ptr::null_mut();
        if PyMapping_GetOptionalItem((*frame).f_builtins, name, &mut value) == 0 {
            ffi::_PyErr_SetString(tstate, pyo3_ffi::PyExc_NameError, c"__build_class__ not found".as_ptr());
        }
        value
    }
}
