//! Closure cells, and locals that are not bound.
#![allow(clippy::missing_safety_doc, reason = "the contract of all helpers is in the module above")]

use crate::ffi::PyMapping_GetOptionalItem;
use crate::object::{size, tuple_items};
use core::ffi::{CStr, c_int};
use ember_cpython::ffi;
use ember_cpython::layout::{InterpreterFrame, PyCellObject, PyCodeObject, PyObject, PyThreadState};
use ember_cpython::refcount::{decref, new_ref, xdecref};

const UNBOUND_LOCAL: &CStr = c"cannot access local variable '%s' where it is not associated with a value";

#[inline(always)]
unsafe fn code_of(frame: *mut InterpreterFrame) -> *mut PyCodeObject {
    // SAFETY: a frame of a running function.
    unsafe { (*frame).f_executable.object().cast() }
}

/// The name of local `slot`; NULL with an exception when there is none.
unsafe fn local_name(frame: *mut InterpreterFrame, slot: i64) -> *mut PyObject {
    // SAFETY: a frame of a running function; its code's names are a tuple.
    unsafe {
        let names = (*code_of(frame)).co_localsplusnames;
        if slot < 0 || slot as isize >= size(names) {
            pyo3_ffi::PyErr_BadInternalCall();
            return core::ptr::null_mut();
        }
        *tuple_items(names).add(slot as usize)
    }
}

#[cold]
unsafe fn raise_unbound_cell(tstate: *mut PyThreadState, frame: *mut InterpreterFrame, slot: i64) {
    // SAFETY: a frame of a running function, of whose code `slot` is a cell or free variable.
    unsafe { ffi::_PyEval_FormatExcUnbound(tstate, code_of(frame), slot as c_int) }
}

/// A new cell.
pub unsafe extern "C" fn make_cell(value: *mut PyObject) -> *mut PyObject {
    // SAFETY: NULL or a live object.
    unsafe { ffi::PyCell_New(value) }
}

/// What a cell holds.
pub unsafe extern "C" fn load_deref(
    tstate: *mut PyThreadState,
    frame: *mut InterpreterFrame,
    cell: *mut PyObject,
    slot: i64,
) -> *mut PyObject {
    // SAFETY: a live cell and its place among the frame's locals.
    unsafe {
        let value = (*cell.cast::<PyCellObject>()).ob_ref;
        if value.is_null() {
            raise_unbound_cell(tstate, frame, slot);
            return value;
        }
        new_ref(value)
    }
}

/// Sets what a cell holds.
pub unsafe extern "C" fn store_deref(cell: *mut PyObject, value: *mut PyObject) {
    // SAFETY: a live cell; what it held is released last.
    unsafe {
        let slot = &raw mut (*cell.cast::<PyCellObject>()).ob_ref;
        let old = *slot;
        *slot = new_ref(value);
        xdecref(old);
    }
}

/// Empties a cell.
pub unsafe extern "C" fn delete_deref(
    tstate: *mut PyThreadState,
    frame: *mut InterpreterFrame,
    cell: *mut PyObject,
    slot: i64,
) -> i64 {
    // SAFETY: as in `load_deref`.
    unsafe {
        let place = &raw mut (*cell.cast::<PyCellObject>()).ob_ref;
        let old = *place;
        if old.is_null() {
            raise_unbound_cell(tstate, frame, slot);
            return -1;
        }
        *place = core::ptr::null_mut();
        decref(old);
        0
    }
}

/// A free variable by its name from a mapping (a class body's locals), else from its cell.
pub unsafe extern "C" fn load_from_dict_or_deref(
    tstate: *mut PyThreadState,
    frame: *mut InterpreterFrame,
    mapping: *mut PyObject,
    cell: *mut PyObject,
    slot: i64,
) -> *mut PyObject {
    // SAFETY: live objects, a cell and its place among the frame's locals.
    unsafe {
        let name = local_name(frame, slot);
        if name.is_null() {
            return name;
        }
        let mut value = core::ptr::null_mut();
        match PyMapping_GetOptionalItem(mapping, name, &mut value) {
            0 => load_deref(tstate, frame, cell, slot),
            _ => value,
        }
    }
}

/// Raises UnboundLocalError.
pub unsafe extern "C" fn raise_unbound_local(
    tstate: *mut PyThreadState,
    frame: *mut InterpreterFrame,
    slot: i64,
) -> i64 {
    // SAFETY: a frame of a running function; the format is the one CPython itself uses.
    unsafe {
        let name = local_name(frame, slot);
        if !name.is_null() {
            let exception = pyo3_ffi::PyExc_UnboundLocalError;
            ffi::_PyEval_FormatExcCheckArg(tstate, exception, UNBOUND_LOCAL.as_ptr(), name);
        }
        -1
    }
}
