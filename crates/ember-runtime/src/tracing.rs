//! Tracing, monitoring and pending events, as native code sees them.
//!
//! CPython keeps an instrumentation version in the upper bits of each thread's `eval_breaker`; `sys.settrace`, `sys.setprofile` and `sys.monitoring` raise it whenever they
//! change what must be reported. Native code reports nothing, so it may run only while nobody listens: at entry and at each loop's back edge it compares the
//! whole word with [`EXPECTED`]. Equal means: nobody listens and nothing is pending. Otherwise [`ember_handle_eval_breaker`] decides.

use core::sync::atomic::{AtomicBool, AtomicPtr, AtomicUsize, Ordering};
use ember_cpython::ffi;
use ember_cpython::layout::{
    EVAL_ASYNC_EXCEPTION, EVAL_EVENTS_MASK, EVAL_SIGNALS_PENDING, FRAME_OWNED_BY_THREAD, InterpreterFrame, PyObject,
    PyThreadState,
};

/// The `eval_breaker` under which native code runs on: the version of a time when nobody listened, no pending events.
pub static EXPECTED: AtomicUsize = AtomicUsize::new(0);

/// The last version found to have listeners: saves asking at every call while a debugger is attached.
static LISTENED: AtomicUsize = AtomicUsize::new(usize::MAX);

/// How often the answer for [`LISTENED`] was reused; a tool may go away without a change of version.
static ASKED: AtomicUsize = AtomicUsize::new(0);
const ASK_AGAIN: usize = 1024;

/// Whether any thread is traced or profiled, or any monitoring tool has events switched on.
unsafe fn somebody_listens(tstate: *mut PyThreadState) -> bool {
    // SAFETY: the GIL is held, so the list of thread states does not change.
    unsafe {
        let mut thread = ffi::PyInterpreterState_ThreadHead((*tstate).interp);
        while !thread.is_null() {
            if !(*thread).c_tracefunc.is_null() || !(*thread).c_profilefunc.is_null() {
                return true;
            }
            thread = ffi::PyThreadState_Next(thread);
        }
        monitoring_active()
    }
}

/// Set when a monitoring tool registers a callback: events for single code objects do not change the version, so from then on it is asked whether tools are in use.
static TOOLS_SEEN: AtomicBool = AtomicBool::new(false);

/// The tool id of Ember's own loop replacement (`sys.monitoring.OPTIMIZER_ID`).
const OWN_TOOL: core::ffi::c_int = 5;

/// Has native code ask again before it goes on, since a tool has registered a callback.
pub fn tool_registered() {
    TOOLS_SEEN.store(true, Ordering::Relaxed);
    LISTENED.store(usize::MAX, Ordering::Relaxed);
    EXPECTED.store(usize::MAX, Ordering::Relaxed);
}

/// Whether any tool but Ember's own is in use: it may have registered callbacks. Any doubt counts as yes.
///
/// # Safety
/// The GIL is held.
#[must_use]
pub unsafe fn has_tools() -> bool {
    // SAFETY: ordinary API calls with the GIL held; an exception that is set is kept aside, and each reference is released.
    unsafe {
        let saved = pyo3_ffi::PyErr_GetRaisedException();
        let monitoring = pyo3_ffi::PySys_GetObject(c"monitoring".as_ptr());
        let used = monitoring.is_null()
            || (0..6).filter(|&tool| tool != OWN_TOOL).any(|tool| {
                let name = pyo3_ffi::PyObject_CallMethod(monitoring, c"get_tool".as_ptr(), c"i".as_ptr(), tool);
                let free = name == pyo3_ffi::Py_None();
                pyo3_ffi::Py_XDECREF(name);
                !free
            });
        pyo3_ffi::PyErr_Clear();
        pyo3_ffi::PyErr_SetRaisedException(saved);
        used
    }
}

/// Asks `sys.monitoring` whether a tool has global events, or once one has registered callbacks, whether any is in use. Any doubt counts as yes.
unsafe fn monitoring_active() -> bool {
    // SAFETY: ordinary API calls with the GIL held; an exception that is set is kept aside.
    unsafe {
        let saved = pyo3_ffi::PyErr_GetRaisedException();
        let active = monitoring_events().is_none_or(|events| events);
        pyo3_ffi::PyErr_Clear();
        pyo3_ffi::PyErr_SetRaisedException(saved);
        active
    }
}

unsafe fn monitoring_events() -> Option<bool> {
    // SAFETY: as above; each reference is released.
    unsafe {
        let monitoring = pyo3_ffi::PySys_GetObject(c"monitoring".as_ptr());
        if monitoring.is_null() {
            return None;
        }
        for tool in 0..6 {
            let name = pyo3_ffi::PyObject_CallMethod(monitoring, c"get_tool".as_ptr(), c"i".as_ptr(), tool);
            if name.is_null() {
                return None;
            }
            let used = name != pyo3_ffi::Py_None();
            pyo3_ffi::Py_DECREF(name);
            if !used {
                continue;
            }
            if tool != OWN_TOOL && TOOLS_SEEN.load(Ordering::Relaxed) {
                return Some(true);
            }
            let events = pyo3_ffi::PyObject_CallMethod(monitoring, c"get_events".as_ptr(), c"i".as_ptr(), tool);
            if events.is_null() {
                return None;
            }
            let value = pyo3_ffi::PyLong_AsLong(events);
            pyo3_ffi::Py_DECREF(events);
            if value != 0 {
                return Some(true);
            }
        }
        Some(false)
    }
}

/// Sets [`EXPECTED`] to the present version if nobody listens; returns whether native code may run.
///
/// # Safety
/// The GIL is held and `tstate` is the current thread's state.
pub unsafe fn refresh(tstate: *mut PyThreadState) -> bool {
    // SAFETY: by the contract above.
    unsafe {
        let version = (*tstate).eval_breaker & !EVAL_EVENTS_MASK;
        if version == EXPECTED.load(Ordering::Relaxed) {
            return true;
        }
        if version == LISTENED.load(Ordering::Relaxed)
            && ASKED.fetch_add(1, Ordering::Relaxed) % ASK_AGAIN != ASK_AGAIN - 1
        {
            return false;
        }
        if somebody_listens(tstate) {
            LISTENED.store(version, Ordering::Relaxed);
            return false;
        }
        EXPECTED.store(version, Ordering::Relaxed);
        true
    }
}

/// What native code calls when `eval_breaker` is not what it expects: 0 to go on, 1 to leave to the interpreter, -1 when an exception is set.
///
/// # Safety
/// The GIL is held, `tstate` is the current thread's state and the current frame is truthful.
pub unsafe extern "C" fn ember_handle_eval_breaker(tstate: *mut PyThreadState) -> i64 {
    // SAFETY: by the contract above.
    unsafe {
        if (*tstate).eval_breaker & EVAL_EVENTS_MASK != 0 && ffi::_Py_HandlePending(tstate) != 0 {
            return -1;
        }
        i64::from(!refresh(tstate))
    }
}

/// Whether native code is leaving after a call because a signal, or an exception from another thread, waits to be handled there.
static INTERRUPTED: AtomicBool = AtomicBool::new(false);

/// Whether the exit being taken has to see to what interrupted; asked once.
pub(crate) fn take_interrupted() -> bool {
    INTERRUPTED.swap(false, Ordering::Relaxed)
}

/// The result of a call after which native code must leave, on its way from where that was found to where the call was. Nothing runs between the two, and the GIL is held.
static PENDING: AtomicPtr<PyObject> = AtomicPtr::new(core::ptr::null_mut());

/// What a call returns to native code: its result, or NULL when native code must leave and take the result with [`ember_take_pending`].
///
/// # Safety
/// The GIL is held, `tstate` is the current thread's state, the innermost frame the caller's; `result` is owned, or NULL with an exception.
pub unsafe extern "C" fn ember_returning(tstate: *mut PyThreadState, result: *mut PyObject) -> *mut PyObject {
    // SAFETY: by the contract.
    unsafe {
        let frame = (*tstate).current_frame;
        if result.is_null() || !is_function(frame) || ember_check_tracing(tstate, frame) == 0 {
            return result;
        }
        PENDING.store(result, Ordering::Relaxed);
        core::ptr::null_mut()
    }
}

/// Whether a frame is one of a function's, as native code's are. The frames that interpreter loops have for themselves have no initialised frame object.
#[inline(always)]
unsafe fn is_function(frame: *mut InterpreterFrame) -> bool {
    // SAFETY: the innermost frame or NULL.
    unsafe { !frame.is_null() && (*frame).owner == FRAME_OWNED_BY_THREAD }
}

/// Whether nothing is pending and nobody listens.
///
/// # Safety
/// The thread's own state.
#[inline(always)]
pub(crate) unsafe fn is_quiet(tstate: *mut PyThreadState) -> bool {
    // SAFETY: by the contract.
    unsafe { (*tstate).eval_breaker == EXPECTED.load(Ordering::Relaxed) }
}

/// The same for what is rarely unusual.
///
/// # Safety
/// As for [`ember_returning`].
#[inline(always)]
pub unsafe fn returning(tstate: *mut PyThreadState, result: *mut PyObject) -> *mut PyObject {
    // SAFETY: by the contract.
    unsafe {
        let frame = (*tstate).current_frame;
        if is_quiet(tstate) && (!is_function(frame) || (*frame).frame_obj.is_null()) {
            return result;
        }
        ember_returning(tstate, result)
    }
}

/// What a call that returned NULL has left to be taken: its result, or NULL when an exception is set.
pub extern "C" fn ember_take_pending() -> *mut PyObject {
    PENDING.swap(core::ptr::null_mut(), Ordering::Relaxed)
}

/// The same for a caller that goes on all the same.
pub extern "C" fn ember_ignore_pending() -> *mut PyObject {
    let pending = ember_take_pending();
    if !pending.is_null() {
        take_interrupted();
    }
    pending
}

/// What native code asks after a call when `eval_breaker` is not as expected or the frame has a frame object. Not 0: leave to the interpreter. Signals and exceptions from other
/// threads are due here, as in the interpreter: a handler around the call must see them. Other events wait for the next back edge or call.
///
/// # Safety
/// The GIL is held, `tstate` is the current thread's state, `frame` its innermost frame.
pub unsafe extern "C" fn ember_check_tracing(tstate: *mut PyThreadState, frame: *mut InterpreterFrame) -> i32 {
    // SAFETY: by the contract; a frame object lives at least as long as its frame.
    unsafe {
        let assigned = crate::proxies::may_have_assigned((*frame).frame_obj);
        let interrupted = (*tstate).eval_breaker & (EVAL_SIGNALS_PENDING | EVAL_ASYNC_EXCEPTION) != 0;
        INTERRUPTED.store(interrupted, Ordering::Relaxed);
        i32::from(interrupted || assigned || !refresh(tstate))
    }
}
