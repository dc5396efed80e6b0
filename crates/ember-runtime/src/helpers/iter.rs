//! Iteration and unpacking.
#![allow(clippy::missing_safety_doc, reason = "the contract of all helpers is in the module above")]

use crate::ffi::IterNext;
use crate::object::{class_of, is_exact, size, tuple_items};
use crate::sentinel::iter_done;
use core::ffi::{c_int, c_void};
use core::mem::transmute;
use ember_cpython::ffi;
use ember_cpython::layout::{PyListObject, PyObject, PyRangeIterObject, PyThreadState, StackRef};
use ember_cpython::refcount::new_ref;

/// `iter(object)`
pub unsafe extern "C" fn get_iter(obj: *mut PyObject) -> *mut PyObject {
    // SAFETY: a live object.
    unsafe { pyo3_ffi::PyObject_GetIter(obj) }
}

/// The iterator over a range of machine integers.
pub unsafe extern "C" fn range_iter(start: i64, stop: i64, step: i64) -> *mut PyObject {
    // SAFETY: the class is CPython's, whose layout is checked at import; its instances own nothing.
    unsafe {
        let object = pyo3_ffi::PyObject_New::<PyObject>(core::ptr::addr_of_mut!(ffi::PyRangeIter_Type).cast());
        if !object.is_null() {
            let (distance, stride) = if step > 0 {
                ((stop as u64).wrapping_sub(start as u64), step as u64)
            } else {
                ((start as u64).wrapping_sub(stop as u64), step.unsigned_abs())
            };
            let runs = if step > 0 { start < stop } else { start > stop };
            let length = if runs { 1 + (distance - 1) / stride } else { 0 };
            let fields = object.cast::<PyRangeIterObject>();
            ((*fields).start, (*fields).step, (*fields).len) = (start, step, length as i64);
        }
        object
    }
}

/// The next item, or the sentinel when there is none.
pub unsafe extern "C" fn iter_next(tstate: *mut PyThreadState, iter: *mut PyObject) -> *mut PyObject {
    // SAFETY: a live object; the slot has this type when it is not NULL.
    unsafe {
        let class = class_of(iter);
        let item = if class == (&raw mut ffi::PyGen_Type).cast() {
            crate::resume::next(tstate, iter)
        } else {
            let Some(next) = transmute::<*mut c_void, Option<IterNext>>((*class).tp_iternext) else {
                let format = c"'%.100s' object is not an iterator";
                return ffi::_PyErr_Format(tstate, pyo3_ffi::PyExc_TypeError, format.as_ptr(), (*class).tp_name);
            };
            next(iter)
        };
        if item.is_null() { exhausted(tstate) } else { item }
    }
}

/// An iterator gave nothing: it is done, or it failed.
#[inline]
unsafe fn exhausted(tstate: *mut PyThreadState) -> *mut PyObject {
    // SAFETY: the thread's own state.
    unsafe {
        if !(*tstate).current_exception.is_null() {
            if ffi::_PyErr_ExceptionMatches(tstate, pyo3_ffi::PyExc_StopIteration) == 0 {
                return core::ptr::null_mut();
            }
            ffi::_PyErr_Clear(tstate);
        }
        iter_done()
    }
}

/// Unpacks exactly `count` items into scratch.
pub unsafe extern "C" fn unpack_sequence(
    tstate: *mut PyThreadState,
    scratch: *mut *mut PyObject,
    obj: *mut PyObject,
    count: i64,
) -> i64 {
    // SAFETY: a live object and room for `count` objects.
    unsafe {
        let items = if is_exact(obj, &raw mut pyo3_ffi::PyTuple_Type) {
            tuple_items(obj)
        } else if is_exact(obj, &raw mut pyo3_ffi::PyList_Type) {
            (*obj.cast::<PyListObject>()).ob_item
        } else {
            return unpack(tstate, scratch, obj, count, -1);
        };
        if size(obj) as i64 != count {
            return unpack(tstate, scratch, obj, count, -1);
        }
        for index in 0..count as usize {
            *scratch.add(index) = new_ref(*items.add(index));
        }
        0
    }
}

/// Unpacks `before` items, a list of those in the middle, and `after` items into scratch.
pub unsafe extern "C" fn unpack_ex(
    tstate: *mut PyThreadState,
    scratch: *mut *mut PyObject,
    obj: *mut PyObject,
    before: i64,
    after: i64,
) -> i64 {
    // SAFETY: a live object and room for `before + 1 + after` objects.
    unsafe { unpack(tstate, scratch, obj, before, after) }
}

/// CPython's unpacking, which fills an operand stack downwards: the first item is the last word.
unsafe fn unpack(
    tstate: *mut PyThreadState,
    scratch: *mut *mut PyObject,
    obj: *mut PyObject,
    before: i64,
    after: i64,
) -> i64 {
    let total = if after < 0 { before } else { before + 1 + after } as usize;
    // SAFETY: room for `total` words, all of which are references once the call has succeeded.
    unsafe {
        let stack = scratch.cast::<StackRef>();
        if ffi::_PyEval_UnpackIterableStackRef(tstate, obj, before as c_int, after as c_int, stack.add(total)) == 0 {
            return -1;
        }
        let (mut low, mut high) = (0, total);
        while low + 1 < high {
            high -= 1;
            core::ptr::swap(stack.add(low), stack.add(high));
            low += 1;
        }
        for index in 0..total {
            let object = (*stack.add(index)).into_owned();
            *scratch.add(index) = object;
        }
        0
    }
}

/// `len(object)` as an object, for sequence patterns.
pub unsafe extern "C" fn get_len(obj: *mut PyObject) -> *mut PyObject {
    // SAFETY: a live object.
    unsafe {
        let len = pyo3_ffi::PyObject_Size(obj);
        if len < 0 { core::ptr::null_mut() } else { pyo3_ffi::PyLong_FromSsize_t(len) }
    }
}
