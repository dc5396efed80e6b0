//! Who may assign a running function's locals: the objects that `frame.f_locals` gives.
//!
//! Such a proxy writes into the frame's memory, of which native code has its own copies in registers. CPython notes an assignment in the frame object only when the old
//! value was a counted object, so that is not enough to go by. Instead the proxies are counted from their allocation to their deallocation, and one that goes away leaves a mark
//! in its frame object: an empty tuple in `f_overwritten_fast_locals`. A frame with a mark, or any frame with a frame object while there are proxies, counts as assigned.

use core::ffi::c_void;
use core::sync::atomic::{AtomicUsize, Ordering};
use ember_cpython::ffi;
use ember_cpython::layout::{ObjectHead, PyFrameObject, PyObject, TypeObject};

type Alloc = unsafe extern "C" fn(*mut TypeObject, isize) -> *mut PyObject;
type Dealloc = unsafe extern "C" fn(*mut PyObject);

/// A `PyFrameLocalsProxyObject`.
#[repr(C)]
struct Proxy {
    ob_base: ObjectHead,
    frame: *mut PyFrameObject,
}

static ALIVE: AtomicUsize = AtomicUsize::new(0);
static ALLOC: AtomicUsize = AtomicUsize::new(0);
static DEALLOC: AtomicUsize = AtomicUsize::new(0);

/// Starts counting; once a process.
///
/// # Safety
/// The GIL is held.
pub unsafe fn watch() {
    if ALLOC.load(Ordering::Relaxed) != 0 {
        return;
    }
    // SAFETY: a static type whose slots are read with the GIL held; nothing can inherit them.
    unsafe {
        let proxy = (&raw mut ffi::PyFrameLocalsProxy_Type).cast::<TypeObject>();
        if (*proxy).tp_alloc.is_null() || (*proxy).tp_dealloc.is_null() {
            return;
        }
        ALLOC.store((*proxy).tp_alloc as usize, Ordering::Relaxed);
        DEALLOC.store((*proxy).tp_dealloc as usize, Ordering::Relaxed);
        (*proxy).tp_alloc = allocate as *mut c_void;
        (*proxy).tp_dealloc = deallocate as *mut c_void;
    }
}

unsafe extern "C" fn allocate(class: *mut TypeObject, items: isize) -> *mut PyObject {
    // SAFETY: what was in the slot before, see `watch`.
    unsafe {
        let original = core::mem::transmute::<usize, Alloc>(ALLOC.load(Ordering::Relaxed));
        let object = original(class, items);
        if !object.is_null() {
            ALIVE.fetch_add(1, Ordering::Relaxed);
        }
        object
    }
}

unsafe extern "C" fn deallocate(object: *mut PyObject) {
    // SAFETY: a proxy that dies; its frame object, if it has one yet, is alive. What was in the slot before, see `watch`.
    unsafe {
        ALIVE.fetch_sub(1, Ordering::Relaxed);
        let frame = (*object.cast::<Proxy>()).frame;
        if !frame.is_null() && (*frame).f_overwritten_fast_locals.is_null() {
            // The one empty tuple, which exists.
            (*frame).f_overwritten_fast_locals = pyo3_ffi::PyTuple_New(0);
        }
        let original = core::mem::transmute::<usize, Dealloc>(DEALLOC.load(Ordering::Relaxed));
        original(object);
    }
}

/// Whether a frame's locals may have been assigned through its frame object (NULL: there is none). Takes the mark away: whoever asks makes the frame's memory the truth.
///
/// # Safety
/// The GIL is held; `observer` is NULL or alive.
pub unsafe fn may_have_assigned(observer: *mut PyFrameObject) -> bool {
    // SAFETY: by the contract.
    unsafe {
        if observer.is_null() {
            return false;
        }
        let mark = (*observer).f_overwritten_fast_locals;
        if mark.is_null() {
            return ALIVE.load(Ordering::Relaxed) != 0;
        }
        if pyo3_ffi::PyTuple_Size(mark) == 0 {
            (*observer).f_overwritten_fast_locals = core::ptr::null_mut();
            ember_cpython::refcount::decref(mark);
        }
        true
    }
}
