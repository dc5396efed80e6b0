//! The sentinel with which [`iter_next`](crate::helpers::iter::iter_next) says that an iterator is exhausted.
//!
//! NULL would do, but NULL already means "an exception is set"; with an object of its own, native code tells the three outcomes apart by two comparisons
//! and no second call. It is immortal, so counting it does nothing, and it looks like a plain `object()` should a tool ever see it.

use core::cell::UnsafeCell;
use ember_cpython::layout::{FLAG_IMMORTAL, IMMORTAL_INITIAL_REFCNT, ObjectHead, PyObject};

/// `ob_flags` of objects that are not on the heap.
const FLAG_STATIC: u16 = 1 << 2;

#[repr(transparent)]
struct Sentinel(UnsafeCell<ObjectHead>);

// SAFETY: the object is immortal, so nobody writes to it after it was initialised.
unsafe impl Sync for Sentinel {}

static ITER_DONE: Sentinel = Sentinel(UnsafeCell::new(ObjectHead {
    ob_refcnt: IMMORTAL_INITIAL_REFCNT,
    ob_overflow: 0,
    ob_flags: FLAG_IMMORTAL | FLAG_STATIC,
    ob_type: &raw mut pyo3_ffi::PyBaseObject_Type,
}));

/// The sentinel.
#[inline(always)]
#[must_use]
pub fn iter_done() -> *mut PyObject {
    ITER_DONE.0.get().cast()
}
