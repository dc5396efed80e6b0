//! Arithmetic.
#![allow(clippy::missing_safety_doc, reason = "the contract of all helpers is in the module above")]

use ember_cpython::ffi;
use ember_cpython::layout::{PyLongObject, PyObject};

/// `-x`
pub unsafe extern "C" fn unary_negative(x: *mut PyObject) -> *mut PyObject {
    // SAFETY: a live object.
    unsafe { pyo3_ffi::PyNumber_Negative(x) }
}

/// `~x`
pub unsafe extern "C" fn unary_invert(x: *mut PyObject) -> *mut PyObject {
    // SAFETY: a live object.
    unsafe { pyo3_ffi::PyNumber_Invert(x) }
}

/// A binary operation by its `NB_*` number.
pub unsafe extern "C" fn binary_op(left: *mut PyObject, right: *mut PyObject, op: i64) -> *mut PyObject {
    // SAFETY: live objects and CPython's own table of these functions.
    unsafe {
        match ffi::_PyEval_BinaryOps.get(op as usize).copied().flatten() {
            Some(function) => function(left, right),
            None => {
                pyo3_ffi::PyErr_BadInternalCall();
                core::ptr::null_mut()
            }
        }
    }
}

/// Sum of two exact ints.
pub unsafe extern "C" fn long_add(left: *mut PyObject, right: *mut PyObject) -> *mut PyObject {
    // SAFETY: two live ints.
    unsafe { ffi::_PyLong_Add(left.cast::<PyLongObject>(), right.cast::<PyLongObject>()) }
}

/// Difference of two exact ints.
pub unsafe extern "C" fn long_subtract(left: *mut PyObject, right: *mut PyObject) -> *mut PyObject {
    // SAFETY: two live ints.
    unsafe { ffi::_PyLong_Subtract(left.cast::<PyLongObject>(), right.cast::<PyLongObject>()) }
}

/// Product of two exact ints.
pub unsafe extern "C" fn long_multiply(left: *mut PyObject, right: *mut PyObject) -> *mut PyObject {
    // SAFETY: two live ints.
    unsafe { ffi::_PyLong_Multiply(left.cast::<PyLongObject>(), right.cast::<PyLongObject>()) }
}

/// Concatenation of two exact strings.
pub unsafe extern "C" fn unicode_concat(left: *mut PyObject, right: *mut PyObject) -> *mut PyObject {
    // SAFETY: two live strings.
    unsafe { pyo3_ffi::PyUnicode_Concat(left, right) }
}

/// Concatenation of two exact strings, of which the left one is taken over.
pub unsafe extern "C" fn unicode_append(left: *mut PyObject, right: *mut PyObject) -> *mut PyObject {
    let mut result = left;
    // SAFETY: two live strings; the reference to the left one is ours to give, and NULL is left in its place on failure.
    unsafe { pyo3_ffi::PyUnicode_Append(&mut result, right) };
    result
}

/// A new `int`.
pub unsafe extern "C" fn box_int(value: i64) -> *mut PyObject {
    // SAFETY: the GIL is held.
    unsafe { pyo3_ffi::PyLong_FromLongLong(value) }
}

/// Power of two doubles. The result is not finite where Python raises (overflow, zero to a negative power).
pub extern "C" fn double_pow(base: f64, exponent: f64) -> f64 {
    base.powf(exponent)
}

/// Python's float remainder, of the divisor's sign; the divisor is not zero.
pub extern "C" fn double_mod(left: f64, right: f64) -> f64 {
    let remainder = left % right;
    if remainder == 0.0 {
        return 0f64.copysign(right);
    }
    if (right < 0.0) != (remainder < 0.0) { remainder + right } else { remainder }
}

/// Python's float floor division; the divisor is not zero.
pub extern "C" fn double_floor_div(left: f64, right: f64) -> f64 {
    let remainder = left % right;
    let mut quotient = (left - remainder) / right;
    if remainder != 0.0 && (right < 0.0) != (remainder < 0.0) {
        quotient -= 1.0;
    }
    if quotient == 0.0 {
        return 0f64.copysign(left / right);
    }
    let floor = quotient.floor();
    if quotient - floor > 0.5 { floor + 1.0 } else { floor }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What CPython 3.14 answers for `left % right` and `left // right`.
    #[test]
    fn division_rounds_towards_minus_infinity() {
        for (left, right, remainder, quotient) in [
            (7.0, 3.0, 1.0, 2.0),
            (-7.0, 3.0, 2.0, -3.0),
            (7.0, -3.0, -2.0, -3.0),
            (-7.0, -3.0, -1.0, 2.0),
            (6.0, -3.0, -0.0, -2.0),
            (-0.0, 3.0, 0.0, -0.0),
            (0.0, -3.0, -0.0, -0.0),
            (1e16, 0.1, 0.04488848768742176, 1e17),
            (5.0, f64::INFINITY, 5.0, 0.0),
            (-5.0, f64::INFINITY, f64::INFINITY, -1.0),
        ] {
            assert_eq!(double_mod(left, right).to_bits(), f64::to_bits(remainder), "{left} % {right}");
            assert_eq!(double_floor_div(left, right).to_bits(), f64::to_bits(quotient), "{left} // {right}");
        }
        assert!(double_mod(f64::NAN, 2.0).is_nan() && double_mod(f64::INFINITY, 2.0).is_nan());
        assert!(double_floor_div(f64::INFINITY, 2.0).is_nan());
    }
}
