//! `sys.monitoring`: who listens, and the tool through which running loops are replaced.
//!
//! A tool's JUMP callback runs with the frame's stack pointer saved, and the interpreter re-reads the
//! frame's `instr_ptr` and `stackpointer` afterwards; so a callback may move the frame. CPython's C
//! functions for tools are hidden, hence the Python API (cold: a few calls a loop, ever).

use core::ffi::{CStr, c_int};
use core::ptr;

use pyo3_ffi as py;

use crate::layout::*;
use crate::object;
use crate::refcount::{decref, xdecref};

/// The tool id PEP 669 sets aside for optimizers.
pub const OPTIMIZER_ID: c_int = 5;

/// Events, as bits for `set_local_events`.
pub mod events {
    use core::ffi::c_int;
    pub const PY_START: c_int = 1 << 0;
    pub const PY_RESUME: c_int = 1 << 1;
    pub const PY_RETURN: c_int = 1 << 2;
    pub const PY_YIELD: c_int = 1 << 3;
    pub const CALL: c_int = 1 << 4;
    pub const LINE: c_int = 1 << 5;
    pub const INSTRUCTION: c_int = 1 << 6;
    pub const JUMP: c_int = 1 << 7;
    pub const BRANCH_LEFT: c_int = 1 << 8;
    pub const BRANCH_RIGHT: c_int = 1 << 9;
    pub const STOP_ITERATION: c_int = 1 << 10;
}

/// Does a tool other than ours listen to events local to instructions of this code? Covers tracing and
/// profiling (they are tools), as of the last time the code was instrumented.
///
/// # Safety
/// `code` is live; the GIL is held.
pub unsafe fn is_monitored_by_others(code: *mut PyCodeObject) -> bool {
    // SAFETY: as the caller says.
    unsafe { tools_of(code) & !(1 << OPTIMIZER_ID) != 0 }
}

/// The tools that listen to any local event of this code, one bit each.
///
/// # Safety
/// `code` is live; the GIL is held.
pub unsafe fn tools_of(code: *mut PyCodeObject) -> u8 {
    // SAFETY: NULL or valid for the code object's life.
    unsafe {
        let data = (*code).co_monitoring;
        if data.is_null() {
            return 0;
        }
        let local = (*data).local_monitors.iter();
        local.chain((*data).active_monitors.iter()).fold(0, |all, &tools| all | tools)
    }
}

/// Do the code's units hold instrumented opcodes, so that specialised ones are hidden?
///
/// # Safety
/// `code` is live; the GIL is held.
pub unsafe fn is_instrumented(code: *mut PyCodeObject) -> bool {
    // SAFETY: as the caller says.
    unsafe { tools_of(code) != 0 }
}

/// Claims a tool id. False (no exception left) if somebody has it.
///
/// # Safety
/// The GIL is held. Runs Python-level functions.
pub unsafe fn use_tool(tool: c_int, name: &CStr) -> bool {
    // SAFETY: as the caller says; the format matches the arguments.
    unsafe { done(call(c"use_tool_id", |m, f| py::PyObject_CallMethod(m, f, c"is".as_ptr(), tool, name.as_ptr()))) }
}

/// Gives a tool id back.
///
/// # Safety
/// As for [`use_tool`].
pub unsafe fn free_tool(tool: c_int) -> bool {
    // SAFETY: as the caller says.
    unsafe { done(call(c"free_tool_id", |m, f| py::PyObject_CallMethod(m, f, c"i".as_ptr(), tool))) }
}

/// Whether anybody holds the tool id.
///
/// # Safety
/// As for [`use_tool`].
pub unsafe fn is_tool_used(tool: c_int) -> bool {
    // SAFETY: as the caller says.
    unsafe {
        let name = call(c"get_tool", |m, f| py::PyObject_CallMethod(m, f, c"i".as_ptr(), tool));
        let used = !name.is_null() && name != object::none();
        xdecref(name);
        py::PyErr_Clear();
        used
    }
}

/// Sets the tool's callback for one event (a bit of [`events`]); NULL removes it. The callback is any
/// callable, best a builtin function.
///
/// # Safety
/// As for [`use_tool`]; `callback` is NULL or live.
pub unsafe fn register_callback(tool: c_int, event: c_int, callback: *mut PyObject) -> bool {
    let callback = if callback.is_null() { object::none() } else { callback };
    // SAFETY: as the caller says; "O" takes its own reference.
    unsafe {
        done(call(c"register_callback", |m, f| py::PyObject_CallMethod(m, f, c"iiO".as_ptr(), tool, event, callback)))
    }
}

/// Sets which events of this code object the tool gets (0: none). Instruments the code: its unit *opcodes*
/// change under whoever reads them, their places do not.
///
/// # Safety
/// As for [`use_tool`]; `code` is live.
pub unsafe fn set_local_events(tool: c_int, code: *mut PyCodeObject, event_set: c_int) -> bool {
    // SAFETY: as the caller says.
    unsafe {
        done(call(c"set_local_events", |m, f| py::PyObject_CallMethod(m, f, c"iOi".as_ptr(), tool, code, event_set)))
    }
}

/// `sys.monitoring.DISABLE`: returned by a callback to switch the event off at that instruction. Borrowed,
/// NULL if it cannot be had.
///
/// # Safety
/// As for [`use_tool`].
pub unsafe fn disable_object() -> *mut PyObject {
    // SAFETY: the module keeps the object alive.
    unsafe {
        let module = py::PySys_GetObject(c"monitoring".as_ptr());
        if module.is_null() {
            return ptr::null_mut();
        }
        let value = py::PyObject_GetAttrString(module, c"DISABLE".as_ptr());
        py::PyErr_Clear();
        xdecref(value);
        value
    }
}

/// Calls a function of `sys.monitoring`; owned result or NULL.
unsafe fn call(
    name: &CStr,
    invoke: impl FnOnce(*mut PyObject, *const core::ffi::c_char) -> *mut PyObject,
) -> *mut PyObject {
    // SAFETY: `monitoring` is a module the sys module keeps alive.
    unsafe {
        let module = py::PySys_GetObject(c"monitoring".as_ptr());
        if module.is_null() { ptr::null_mut() } else { invoke(module, name.as_ptr()) }
    }
}

/// Drops a call's result and any exception; true if there was a result.
unsafe fn done(result: *mut PyObject) -> bool {
    // SAFETY: an owned result or NULL with an exception.
    unsafe {
        if result.is_null() {
            py::PyErr_Clear();
            return false;
        }
        decref(result);
    }
    true
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn our_own_tool_does_not_count_as_a_listener() {
        // SAFETY: all fields are integers, raw pointers or nullable.
        let (mut code, mut data): (Box<PyCodeObject>, Box<CoMonitoringData>) =
            unsafe { (Box::new(core::mem::zeroed()), Box::new(core::mem::zeroed())) };
        // SAFETY: both live through the test.
        unsafe {
            assert!(!is_instrumented(&mut *code));
            code.co_monitoring = &mut *data;
            assert!(!is_instrumented(&mut *code));
            data.local_monitors[7] = 1 << OPTIMIZER_ID;
            assert!(is_instrumented(&mut *code) && !is_monitored_by_others(&mut *code));
            data.active_monitors[0] = 1 << 1;
            assert!(is_monitored_by_others(&mut *code));
        }
    }
}
