//! Boxing that cannot fail.
//!
//! Native code makes ints and floats in the middle of arithmetic, where an exception would have no instruction to belong to. When CPython has no memory for one, it is taken from the C
//! library directly: CPython's object allocator gives blocks it does not know back there. If there is none either, the process ends as CPython's own would.

use core::sync::atomic::{AtomicPtr, Ordering};
use ember_cpython::ffi;
use ember_cpython::layout::{
    FreeList, INTERP_FREE_FLOATS, MOST_FREE_FLOATS, ObjectHead, PyFloatObject, PyLongObject, PyObject,
};

/// A new `int`.
///
/// # Safety
/// The GIL is held.
pub unsafe extern "C" fn ember_box_int(value: i64) -> *mut PyObject {
    // SAFETY: by the contract.
    unsafe {
        let object = pyo3_ffi::PyLong_FromLongLong(value);
        if object.is_null() { emergency_int(value) } else { object }
    }
}

/// CPython's list of free floats, NULL while it has not been found.
static FREE_FLOATS: AtomicPtr<FreeList> = AtomicPtr::new(core::ptr::null_mut());

/// Looks whether the list of free floats is where it should be, by freeing two.
///
/// # Safety
/// The GIL of the main interpreter is held.
pub unsafe fn find_free_floats() {
    // SAFETY: the interpreter's state is larger than the offset in all versions that pass the checks at import; only words of it are read.
    unsafe {
        let list = ffi::PyInterpreterState_Get().cast::<u8>().add(INTERP_FREE_FLOATS).cast::<FreeList>();
        let floats = [pyo3_ffi::PyFloat_FromDouble(0.125), pyo3_ffi::PyFloat_FromDouble(0.375)];
        if floats.iter().any(|float| float.is_null()) {
            return;
        }
        let size = (*list).size;
        let mut found = (0..MOST_FREE_FLOATS - 1).contains(&size);
        for (freed, &float) in floats.iter().enumerate() {
            let before = (*list).first;
            ember_cpython::refcount::decref(float);
            found &= (*list).first == float && (*list).size == size + freed as isize + 1;
            found &= *float.cast::<*mut PyObject>() == before;
        }
        if found {
            FREE_FLOATS.store(list, Ordering::Relaxed);
        }
    }
}

/// Deallocates an exact float whose count has come to zero: as `_Py_Dealloc` does, but straight onto the list of free ones.
///
/// # Safety
/// The GIL is held.
pub unsafe extern "C" fn ember_free_float(object: *mut PyObject) {
    let list = FREE_FLOATS.load(Ordering::Relaxed);
    // SAFETY: by the contract; the list is the interpreter's.
    unsafe {
        if list.is_null() || !(0..MOST_FREE_FLOATS).contains(&(*list).size) {
            ffi::_Py_Dealloc(object);
            return;
        }
        *object.cast::<*mut PyObject>() = (*list).first;
        (*list).first = object;
        (*list).size += 1;
    }
}

/// A new `float`.
///
/// # Safety
/// The GIL is held.
pub unsafe extern "C" fn ember_box_double(value: f64) -> *mut PyObject {
    let list = FREE_FLOATS.load(Ordering::Relaxed);
    // SAFETY: by the contract; what is on the list is a float but for its first word.
    unsafe {
        if !list.is_null() && !(*list).first.is_null() {
            let object = (*list).first;
            (*list).first = *object.cast::<*mut PyObject>();
            (*list).size -= 1;
            *object.cast::<u64>() = 1;
            (*object.cast::<PyFloatObject>()).ob_fval = value;
            return object;
        }
        let object = pyo3_ffi::PyFloat_FromDouble(value);
        if object.is_null() { emergency_float(value) } else { object }
    }
}

/// Memory for an object of `size` bytes of class `class`, with one reference.
unsafe fn emergency_object(size: usize, class: *mut pyo3_ffi::PyTypeObject) -> *mut PyObject {
    // SAFETY: the block is large enough for the header, which is all that is written.
    unsafe {
        pyo3_ffi::PyErr_Clear();
        let block = libc::calloc(1, size).cast::<ObjectHead>();
        if block.is_null() {
            pyo3_ffi::Py_FatalError(c"Ember: out of memory while boxing a number".as_ptr());
        }
        (*block).ob_type = class;
        ffi::_Py_NewReference(block.cast());
        block.cast()
    }
}

#[cold]
unsafe fn emergency_int(value: i64) -> *mut PyObject {
    const SHIFT: u32 = 30;
    const MASK: u64 = (1 << SHIFT) - 1;
    // SAFETY: three digits are enough for 64 bits; the block has room for them.
    unsafe {
        let size = core::mem::offset_of!(PyLongObject, ob_digit) + 3 * size_of::<u32>();
        let object = emergency_object(size, core::ptr::addr_of_mut!(pyo3_ffi::PyLong_Type));
        let digits = object.cast::<u8>().add(core::mem::offset_of!(PyLongObject, ob_digit)).cast::<u32>();
        let mut rest = value.unsigned_abs();
        let mut count = 0;
        while rest != 0 {
            *digits.add(count) = (rest & MASK) as u32;
            rest >>= SHIFT;
            count += 1;
        }
        let sign = match value {
            0 => 1,
            _ if value < 0 => 2,
            _ => 0,
        };
        let tag = object.cast::<u8>().add(core::mem::offset_of!(PyLongObject, lv_tag)).cast::<usize>();
        *tag = (count << 3) | sign;
        object
    }
}

#[cold]
unsafe fn emergency_float(value: f64) -> *mut PyObject {
    // SAFETY: the block is a float's size.
    unsafe {
        let object = emergency_object(size_of::<PyFloatObject>(), core::ptr::addr_of_mut!(pyo3_ffi::PyFloat_Type));
        (*object.cast::<PyFloatObject>()).ob_fval = value;
        object
    }
}
