//! f-strings and t-strings.
#![allow(clippy::missing_safety_doc, reason = "the contract of all helpers is in the module above")]

use crate::object::is_exact_str;
use core::ffi::c_int;
use ember_cpython::ffi;
use ember_cpython::layout::PyObject;
use ember_cpython::refcount::new_ref;

/// `format(x)`
pub unsafe extern "C" fn format_simple(value: *mut PyObject) -> *mut PyObject {
    // SAFETY: a live object.
    unsafe {
        if is_exact_str(value) { new_ref(value) } else { pyo3_ffi::PyObject_Format(value, core::ptr::null_mut()) }
    }
}

/// `format(x, spec)`
pub unsafe extern "C" fn format_with_spec(value: *mut PyObject, spec: *mut PyObject) -> *mut PyObject {
    // SAFETY: live objects.
    unsafe { pyo3_ffi::PyObject_Format(value, spec) }
}

/// `str(x)`, `repr(x)` or `ascii(x)`, for `!s`, `!r`, `!a`.
pub unsafe extern "C" fn convert_value(value: *mut PyObject, conversion: i64) -> *mut PyObject {
    // SAFETY: a live object and CPython's own table of these functions.
    unsafe {
        match ffi::_PyEval_ConversionFuncs.get(conversion as usize).copied().flatten() {
            Some(convert) => convert(value),
            None => {
                pyo3_ffi::PyErr_BadInternalCall();
                core::ptr::null_mut()
            }
        }
    }
}

/// An interpolation of a t-string; the instruction's argument holds the conversion above its two low bits.
pub unsafe extern "C" fn build_interpolation(
    value: *mut PyObject,
    expression: *mut PyObject,
    oparg: i64,
    spec: *mut PyObject,
) -> *mut PyObject {
    // SAFETY: live objects, of which the specification may be NULL; the empty string is immortal.
    unsafe {
        let spec = if spec.is_null() { pyo3_ffi::PyUnicode_New(0, 0) } else { spec };
        if spec.is_null() {
            return spec;
        }
        ffi::_PyInterpolation_Build(value, expression, (oparg >> 2) as c_int, spec)
    }
}

/// A t-string from its strings and interpolations, two tuples.
pub unsafe extern "C" fn build_template(strings: *mut PyObject, interpolations: *mut PyObject) -> *mut PyObject {
    // SAFETY: live tuples.
    unsafe { ffi::_PyTemplate_Build(strings, interpolations) }
}
