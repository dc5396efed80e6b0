//! The thread state: events, recursion limits, the pending exception.
//!
//! Native code gets the thread state in a register; [`current`] is for those who come from outside.
//! Fields that sit behind the drifting tail of the struct are addressed with offsets computed from the
//! size CPython itself reports in `_PyRuntime`.

use core::ffi::c_char;

use crate::ffi;
use crate::layout::*;

/// The calling thread's state; NULL if it holds none (so no GIL either).
#[inline]
pub fn current() -> *mut PyThreadState {
    // SAFETY: callable at any time, from any thread.
    unsafe { ffi::PyThreadState_GetUnchecked() }
}

/// `sizeof(PyThreadState)` of the running CPython.
#[inline]
pub fn size() -> usize {
    // SAFETY: a constant table in the binary.
    unsafe { ffi::_PyRuntime.thread_state.size as usize }
}

/// Offset of the C stack's soft limit (an address, `usize`) from the thread state. The limits follow
/// the public struct: a reference count, the top, the soft limit, the hard limit.
#[inline]
pub fn c_stack_soft_limit_offset() -> usize {
    size() + 16
}

/// Offset of the C stack's top.
#[inline]
pub fn c_stack_top_offset() -> usize {
    size() + 8
}

/// Offset of the C stack's hard limit.
#[inline]
pub fn c_stack_hard_limit_offset() -> usize {
    size() + 24
}

/// Offset of the cached data stack chunk, in the releases that have one.
#[inline]
pub fn cached_chunk_offset() -> Option<usize> {
    (size() == THREAD_STATE_SIZE_WITH_CACHED_CHUNK).then_some(THREAD_STATE_SIZE_WITH_CACHED_CHUNK - 8)
}

/// The lowest stack address native code may use before it must raise `RecursionError`.
///
/// # Safety
/// `ts` is a live thread state.
#[inline]
pub unsafe fn c_stack_soft_limit(ts: *mut PyThreadState) -> usize {
    // SAFETY: thread states are allocated with this tail.
    unsafe { *ts.byte_add(c_stack_soft_limit_offset()).cast::<usize>() }
}

/// Is the C stack past its soft limit at the caller?
///
/// # Safety
/// `ts` is the current thread state.
#[inline(always)]
pub unsafe fn c_stack_exhausted(ts: *mut PyThreadState) -> bool {
    let here = 0u8;
    // SAFETY: as the caller says.
    (&raw const here as usize) < unsafe { c_stack_soft_limit(ts) }
}

/// The check CPython makes when a C function recurses: false with `RecursionError` set.
///
/// # Safety
/// `ts` is the current thread state; `place` is NUL-terminated (e.g. `c" while calling"`).
#[inline]
pub unsafe fn enter_c_call(ts: *mut PyThreadState, place: *const c_char) -> bool {
    // SAFETY: as the caller says.
    unsafe { !c_stack_exhausted(ts) || ffi::_Py_CheckRecursiveCall(ts, place) == 0 }
}

/// Counts a Python-level call: false with `RecursionError` set and nothing counted. Pair with
/// [`leave_python_call`].
///
/// # Safety
/// `ts` is the current thread state, the GIL is held.
#[inline(always)]
pub unsafe fn enter_python_call(ts: *mut PyThreadState) -> bool {
    // SAFETY: as the caller says.
    unsafe {
        let left = (*ts).py_recursion_remaining;
        (*ts).py_recursion_remaining = left - 1;
        left > 0 || recursion_limit_reached(ts)
    }
}

/// Uncounts a Python-level call.
///
/// # Safety
/// As for [`enter_python_call`].
#[inline(always)]
pub unsafe fn leave_python_call(ts: *mut PyThreadState) {
    // SAFETY: as the caller says.
    unsafe { (*ts).py_recursion_remaining += 1 }
}

/// The Python recursion limit was hit by a call already counted: raises, unless an earlier
/// `RecursionError` is being made right now and there is headroom for that. Returns whether to go on;
/// if not, the call is uncounted again.
///
/// # Safety
/// As for [`enter_python_call`].
#[cold]
#[inline(never)]
pub unsafe fn recursion_limit_reached(ts: *mut PyThreadState) -> bool {
    // SAFETY: as the caller says.
    unsafe {
        if (*ts).recursion_headroom > 0 {
            if (*ts).py_recursion_remaining < -50 {
                pyo3_ffi::Py_FatalError(c"Cannot recover from Python stack overflow.".as_ptr());
            }
            return true;
        }
        (*ts).recursion_headroom += 1;
        ffi::_PyErr_SetString(ts, pyo3_ffi::PyExc_RecursionError, c"maximum recursion depth exceeded".as_ptr());
        (*ts).recursion_headroom -= 1;
        (*ts).py_recursion_remaining += 1;
        false
    }
}

/// The instrumentation version: changes when tracing, profiling or global monitoring events do. In the
/// form compiled code compares with: `eval_breaker` with the event bits cleared.
///
/// # Safety
/// `ts` is a live thread state.
#[inline(always)]
pub unsafe fn instrumentation_version(ts: *mut PyThreadState) -> usize {
    // SAFETY: as the caller says; other threads set event bits, so read it as volatile.
    unsafe { (&raw const (*ts).eval_breaker).read_volatile() & !EVAL_EVENTS_MASK }
}

/// Is something waiting for the next safe point (signal, GIL request, GC, pending call)?
///
/// # Safety
/// `ts` is a live thread state.
#[inline(always)]
pub unsafe fn events_pending(ts: *mut PyThreadState) -> bool {
    // SAFETY: as above.
    unsafe { (&raw const (*ts).eval_breaker).read_volatile() & EVAL_EVENTS_MASK != 0 }
}

/// Does what the interpreter does at a back edge with events pending: false with an exception set. Runs
/// arbitrary code and may switch threads.
///
/// # Safety
/// `ts` is the current thread state, the GIL is held, the current frame is truthful.
#[inline]
pub unsafe fn handle_pending(ts: *mut PyThreadState) -> bool {
    // SAFETY: as the caller says.
    unsafe { ffi::_Py_HandlePending(ts) == 0 }
}

/// Is an exception set?
///
/// # Safety
/// `ts` is the current thread state.
#[inline(always)]
pub unsafe fn error_occurred(ts: *mut PyThreadState) -> bool {
    // SAFETY: as the caller says.
    unsafe { !(*ts).current_exception.is_null() }
}

/// Takes the pending exception (owned), NULL if none.
///
/// # Safety
/// `ts` is the current thread state.
#[inline(always)]
pub unsafe fn take_exception(ts: *mut PyThreadState) -> *mut PyObject {
    // SAFETY: as the caller says.
    unsafe { core::mem::replace(&mut (*ts).current_exception, core::ptr::null_mut()) }
}

/// Is the thread inside a trace, profile or monitoring callback?
///
/// # Safety
/// `ts` is a live thread state.
#[inline]
pub unsafe fn is_tracing(ts: *mut PyThreadState) -> bool {
    // SAFETY: as the caller says.
    unsafe { (*ts).tracing > 0 }
}

/// The interpreter the extension serves: subinterpreters are refused.
pub fn is_main_interpreter() -> bool {
    // SAFETY: called with the GIL held, as everything here.
    unsafe { ffi::PyInterpreterState_Get() == ffi::PyInterpreterState_Main() }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn thread_state() -> Box<PyThreadState> {
        // SAFETY: all fields are integers, raw pointers or nullable.
        Box::new(unsafe { core::mem::zeroed() })
    }

    #[test]
    fn python_calls_are_counted_and_the_last_one_fits() {
        let mut ts = thread_state();
        ts.py_recursion_remaining = 2;
        // SAFETY: `ts` lives; the limit is not exceeded, so CPython is not called.
        unsafe {
            assert!(enter_python_call(&mut *ts));
            assert!(enter_python_call(&mut *ts));
            assert_eq!(ts.py_recursion_remaining, 0);
            leave_python_call(&mut *ts);
            assert_eq!(ts.py_recursion_remaining, 1);
        }
    }

    #[test]
    fn while_an_overflow_is_reported_there_is_headroom() {
        let mut ts = thread_state();
        ts.recursion_headroom = 1;
        // SAFETY: with headroom nothing of CPython is called.
        unsafe { assert!(enter_python_call(&mut *ts)) };
        assert_eq!(ts.py_recursion_remaining, -1);
    }

    #[test]
    fn version_and_events_share_one_word() {
        let mut ts = thread_state();
        ts.eval_breaker = 5 << 8;
        // SAFETY: `ts` lives.
        unsafe {
            assert!(!events_pending(&mut *ts));
            assert_eq!(instrumentation_version(&mut *ts), 5 << 8);
            ts.eval_breaker |= EVAL_GC_SCHEDULED;
            assert!(events_pending(&mut *ts));
            assert_eq!(instrumentation_version(&mut *ts), 5 << 8);
        }
    }
}
