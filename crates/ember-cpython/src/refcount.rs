//! Reference counts by 3.14's rule (default build, 64 bit).
//!
//! The low 32 bits count. From 2^31 on an object is immortal: decrements stop there, increments at
//! 3·2^30 only, so a count that strays into the range drifts up and stays. All functions need the GIL.

use crate::ffi;
use crate::layout::{IMMORTAL_INITIAL_REFCNT, ObjectHead, PyObject};

/// Takes a reference.
///
/// # Safety
/// `obj` is a live object; the GIL is held.
#[inline(always)]
pub unsafe fn incref(obj: *mut PyObject) {
    // SAFETY: the caller vouches for `obj`.
    unsafe {
        let count = &raw mut (*obj.cast::<ObjectHead>()).ob_refcnt;
        let n = *count;
        if n < IMMORTAL_INITIAL_REFCNT {
            *count = n + 1;
        }
    }
}

/// Drops a reference; the last one deallocates, which may run arbitrary code.
///
/// # Safety
/// The caller owns a reference to `obj`; the GIL is held.
#[inline(always)]
pub unsafe fn decref(obj: *mut PyObject) {
    // SAFETY: the caller vouches for `obj`.
    unsafe {
        let count = &raw mut (*obj.cast::<ObjectHead>()).ob_refcnt;
        let n = *count;
        if (n as i32) < 0 {
            return;
        }
        *count = n - 1;
        if n == 1 {
            ffi::_Py_Dealloc(obj);
        }
    }
}

/// [`incref`] unless NULL.
///
/// # Safety
/// As for [`incref`].
#[inline(always)]
pub unsafe fn xincref(obj: *mut PyObject) {
    if !obj.is_null() {
        // SAFETY: not NULL, else as the caller says.
        unsafe { incref(obj) }
    }
}

/// [`decref`] unless NULL.
///
/// # Safety
/// As for [`decref`].
#[inline(always)]
pub unsafe fn xdecref(obj: *mut PyObject) {
    if !obj.is_null() {
        // SAFETY: not NULL, else as the caller says.
        unsafe { decref(obj) }
    }
}

/// Takes a reference and returns the pointer.
///
/// # Safety
/// As for [`incref`].
#[inline(always)]
pub unsafe fn new_ref(obj: *mut PyObject) -> *mut PyObject {
    // SAFETY: as the caller says.
    unsafe { incref(obj) };
    obj
}

/// Do counts no longer matter for this object?
///
/// # Safety
/// `obj` is a live object.
#[inline(always)]
pub unsafe fn is_immortal(obj: *mut PyObject) -> bool {
    // SAFETY: the caller vouches for `obj`.
    unsafe { ((*obj.cast::<ObjectHead>()).ob_refcnt as i32) < 0 }
}

/// The count.
///
/// # Safety
/// `obj` is a live object.
#[inline(always)]
pub unsafe fn refcnt(obj: *mut PyObject) -> u32 {
    // SAFETY: the caller vouches for `obj`.
    unsafe { (*obj.cast::<ObjectHead>()).ob_refcnt }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn head(n: u32) -> ObjectHead {
        ObjectHead { ob_refcnt: n, ob_overflow: 7, ob_flags: 9, ob_type: core::ptr::null_mut() }
    }

    #[test]
    fn counts_move_and_stop_where_cpython_stops() {
        // before, after incref, after decref
        let cases: [(u32, u32, u32); 5] = [
            (2, 3, 1),
            ((1 << 31) - 1, 1 << 31, (1 << 31) - 2),
            (1 << 31, (1 << 31) + 1, 1 << 31),
            ((3 << 30) - 1, 3 << 30, (3 << 30) - 1),
            (3 << 30, 3 << 30, 3 << 30),
        ];
        for (n, up, down) in cases {
            let mut h = head(n);
            // SAFETY: `h` is live and its count never reaches zero.
            unsafe { incref((&raw mut h).cast()) };
            assert_eq!(h.ob_refcnt, up, "incref of {n:#x}");
            let mut h = head(n);
            // SAFETY: as above.
            unsafe { decref((&raw mut h).cast()) };
            assert_eq!(h.ob_refcnt, down, "decref of {n:#x}");
            assert_eq!((h.ob_overflow, h.ob_flags), (7, 9));
        }
    }
}
