//! Raising, catching, `with`.
#![allow(clippy::missing_safety_doc, reason = "the contract of all helpers is in the module above")]

use crate::ffi::{ARGUMENTS_OFFSET, PyErr_SetHandledException, PyObject_Vectorcall};
use crate::object::{class_of, has_type_flag, none};
use core::mem::offset_of;
use ember_cpython::ffi;
use ember_cpython::layout::{
    CodeUnit, InterpreterFrame, PyCodeObject, PyErrStackItem, PyObject, PyThreadState, StackRef,
    TPFLAGS_BASE_EXC_SUBCLASS, TPFLAGS_TYPE_SUBCLASS, TypeObject,
};
use ember_cpython::refcount::{decref, new_ref, xdecref};

/// An exception is set, and the traceback entry of this instruction is still to be added.
const RAISED: i64 = -1;
/// An exception was raised again: its traceback has this frame already.
const RERAISED: i64 = -2;

const NOT_AN_EXCEPTION: &core::ffi::CStr = c"calling %R should have returned an instance of BaseException, not %R";

unsafe fn is_exception(obj: *mut PyObject) -> bool {
    // SAFETY: a live object.
    unsafe { has_type_flag(obj, TPFLAGS_BASE_EXC_SUBCLASS) }
}

unsafe fn is_exception_class(obj: *mut PyObject) -> bool {
    // SAFETY: a live object, read as a class only when it is one.
    unsafe {
        has_type_flag(obj, TPFLAGS_TYPE_SUBCLASS)
            && (*obj.cast::<TypeObject>()).tp_flags & TPFLAGS_BASE_EXC_SUBCLASS != 0
    }
}

/// The exception that `raise class` raises: a new reference, or NULL with another exception.
unsafe fn instantiate(tstate: *mut PyThreadState, class: *mut PyObject) -> *mut PyObject {
    // SAFETY: a live class.
    unsafe {
        let value = pyo3_ffi::PyObject_CallNoArgs(class);
        if value.is_null() || is_exception(value) {
            return value;
        }
        ffi::_PyErr_Format(tstate, pyo3_ffi::PyExc_TypeError, NOT_AN_EXCEPTION.as_ptr(), class, class_of(value));
        decref(value);
        core::ptr::null_mut()
    }
}

/// `raise`, `raise exc`, `raise exc from cause`. -1, or -2 where the exception being handled was raised again, which adds no traceback entry.
pub unsafe extern "C" fn raise(tstate: *mut PyThreadState, exc: *mut PyObject, cause: *mut PyObject) -> i64 {
    // SAFETY: live objects or NULL.
    unsafe {
        if exc.is_null() {
            return raise_handled(tstate);
        }
        let (class, value) = if is_exception_class(exc) {
            (exc, instantiate(tstate, exc))
        } else if is_exception(exc) {
            (class_of(exc).cast(), new_ref(exc))
        } else {
            let message = c"exceptions must derive from BaseException";
            ffi::_PyErr_SetString(tstate, pyo3_ffi::PyExc_TypeError, message.as_ptr());
            return RAISED;
        };
        if value.is_null() {
            return RAISED;
        }
        if cause.is_null() || set_cause(tstate, value, cause) {
            pyo3_ffi::PyErr_SetObject(class, value);
        }
        decref(value);
        RAISED
    }
}

/// Sets the cause of an exception; false with an exception where it is none.
unsafe fn set_cause(tstate: *mut PyThreadState, value: *mut PyObject, cause: *mut PyObject) -> bool {
    // SAFETY: live objects.
    unsafe {
        let fixed = if is_exception_class(cause) {
            let instance = instantiate(tstate, cause);
            if instance.is_null() {
                return false;
            }
            instance
        } else if is_exception(cause) {
            new_ref(cause)
        } else if cause == none() {
            core::ptr::null_mut()
        } else {
            let message = c"exception causes must derive from BaseException";
            ffi::_PyErr_SetString(tstate, pyo3_ffi::PyExc_TypeError, message.as_ptr());
            return false;
        };
        pyo3_ffi::PyException_SetCause(value, fixed);
        true
    }
}

/// The innermost exception being handled, borrowed, or NULL.
unsafe fn handled(tstate: *mut PyThreadState) -> *mut PyObject {
    // SAFETY: the thread's own state; the list of handlers ends in NULL.
    unsafe {
        let mut item: *mut PyErrStackItem = (*tstate).exc_info;
        while (*item).exc_value.is_null() && !(*item).previous_item.is_null() {
            item = (*item).previous_item;
        }
        (*item).exc_value
    }
}

unsafe fn raise_handled(tstate: *mut PyThreadState) -> i64 {
    // SAFETY: the thread's own state.
    unsafe {
        let exc = handled(tstate);
        if exc.is_null() || exc == none() {
            let message = c"No active exception to reraise";
            ffi::_PyErr_SetString(tstate, pyo3_ffi::PyExc_RuntimeError, message.as_ptr());
            return RAISED;
        }
        ffi::_PyErr_SetRaisedException(tstate, new_ref(exc));
        RERAISED
    }
}

/// Raises again an exception taken over. The frame gets back the instruction that raised it first, if there is one.
pub unsafe extern "C" fn reraise(
    tstate: *mut PyThreadState,
    frame: *mut InterpreterFrame,
    exc: *mut PyObject,
    unit: i64,
) -> i64 {
    // SAFETY: a frame of a running function, one of whose code units is `unit`; the reference is ours to give.
    unsafe {
        if unit >= 0 {
            let code = (*frame).f_executable.object();
            let first = code.cast::<u8>().add(offset_of!(PyCodeObject, co_code_adaptive)).cast::<CodeUnit>();
            (*frame).instr_ptr = first.add(unit as usize);
        }
        ffi::_PyErr_SetRaisedException(tstate, exc);
        RERAISED
    }
}

/// Makes an exception the handled one; returns the one before, or `None`.
pub unsafe extern "C" fn push_exc_info(tstate: *mut PyThreadState, exc: *mut PyObject) -> *mut PyObject {
    // SAFETY: the thread's own state, a live exception; the reference to the one before goes to the caller.
    unsafe {
        let slot = &raw mut (*(*tstate).exc_info).exc_value;
        let before = *slot;
        *slot = new_ref(exc);
        if before.is_null() { new_ref(none()) } else { before }
    }
}

/// Makes an earlier exception (or `None`), taken over, the handled one again.
pub unsafe extern "C" fn pop_exc_info(tstate: *mut PyThreadState, exc: *mut PyObject) {
    // SAFETY: the thread's own state; the reference is ours to give, and the one replaced is released last.
    unsafe {
        let slot = &raw mut (*(*tstate).exc_info).exc_value;
        let old = *slot;
        if exc == none() {
            *slot = core::ptr::null_mut();
            decref(exc);
        } else {
            *slot = exc;
        }
        xdecref(old);
    }
}

/// The same where a function does not come again. The traceback had the frame's object, and mostly nobody else.
pub unsafe extern "C" fn pop_last_exc_info(
    tstate: *mut PyThreadState,
    frame: *mut InterpreterFrame,
    exc: *mut PyObject,
) {
    // SAFETY: as above; the frame is the one that native code is executing.
    unsafe {
        pop_exc_info(tstate, exc);
        ember_cpython::frame::drop_unseen_object(frame);
    }
}

/// Whether an exception matches the type or tuple of an `except`.
pub unsafe extern "C" fn check_exc_match(tstate: *mut PyThreadState, exc: *mut PyObject, target: *mut PyObject) -> i64 {
    // SAFETY: live objects.
    unsafe {
        if ffi::_PyEval_CheckExceptTypeValid(tstate, target) < 0 {
            return -1;
        }
        i64::from(pyo3_ffi::PyErr_GivenExceptionMatches(exc, target) != 0)
    }
}

/// Splits an exception group for `except*`.
pub unsafe extern "C" fn check_eg_match(
    tstate: *mut PyThreadState,
    scratch: *mut *mut PyObject,
    exc: *mut PyObject,
    target: *mut PyObject,
) -> i64 {
    // SAFETY: live objects, room for two in scratch; the current frame is the caller's.
    unsafe {
        if ffi::_PyEval_CheckExceptStarTypeValid(tstate, target) < 0 {
            return -1;
        }
        let (mut matched, mut rest) = (core::ptr::null_mut(), core::ptr::null_mut());
        let frame = (*tstate).current_frame;
        if ffi::_PyEval_ExceptionGroupMatch(frame, exc, target, &mut matched, &mut rest) < 0 {
            return -1;
        }
        if matched.is_null() {
            xdecref(rest);
            return -1;
        }
        if matched != none() {
            PyErr_SetHandledException(matched);
        }
        *scratch = rest;
        *scratch.add(1) = matched;
        0
    }
}

/// A special method (`__enter__`, `__exit__`, …), looked up on the class; `self` or NULL is left in scratch.
pub unsafe extern "C" fn load_special(
    tstate: *mut PyThreadState,
    scratch: *mut *mut PyObject,
    owner: *mut PyObject,
    number: i64,
) -> *mut PyObject {
    // SAFETY: a live object, room in scratch, CPython's own table; the two words hold references as the lookup wants them.
    unsafe {
        let Some(special) = ffi::_Py_SpecialMethods.get(number as usize) else {
            pyo3_ffi::PyErr_BadInternalCall();
            return core::ptr::null_mut();
        };
        let mut found = [StackRef::NULL, StackRef::new(owner)];
        let outcome = ffi::_PyObject_LookupSpecialMethod(special.name, found.as_mut_ptr());
        if outcome > 0 {
            *scratch = found[1].into_owned();
            return found[0].into_owned();
        }
        if outcome == 0 {
            let suggest = ffi::_PyEval_SpecialMethodCanSuggest(owner, number as i32) != 0;
            let format = if suggest { special.error_suggestion } else { special.error };
            ffi::_PyErr_Format(tstate, pyo3_ffi::PyExc_TypeError, format, owner);
        }
        for reference in found {
            reference.close();
        }
        core::ptr::null_mut()
    }
}

/// Calls `__exit__` with an exception: its class, itself, its traceback.
pub unsafe extern "C" fn with_except_start(
    exit: *mut PyObject,
    receiver: *mut PyObject,
    exc: *mut PyObject,
) -> *mut PyObject {
    // SAFETY: live objects, of which the receiver may be NULL; the word before the arguments is ours to lend.
    unsafe {
        let traceback = pyo3_ffi::PyException_GetTraceback(exc);
        let shown = if traceback.is_null() { none() } else { traceback };
        let mut stack = [core::ptr::null_mut(), receiver, class_of(exc).cast(), exc, shown];
        let with_self = usize::from(!receiver.is_null());
        let args = stack.as_mut_ptr().add(2 - with_self);
        let result = PyObject_Vectorcall(exit, args, (3 + with_self) | ARGUMENTS_OFFSET, core::ptr::null_mut());
        xdecref(traceback);
        result
    }
}
