//! Calls with argument lists, intrinsics, making functions.
#![allow(clippy::missing_safety_doc, reason = "the contract of all helpers is in the module above")]

use crate::bind::{Forwarded, forward};
use crate::object::{field, is_exact, size, tuple_items};
use crate::sites::bound_function;
use core::mem::offset_of;
use ember_cpython::ffi;
use ember_cpython::layout::{InterpreterFrame, PyCodeObject, PyDictObject, PyFunctionObject, PyObject, PyThreadState};
use ember_cpython::refcount::{decref, new_ref, xdecref};
use smallvec::SmallVec;

/// `callable(*args, **kwargs)`
pub unsafe extern "C" fn call_function_ex(
    tstate: *mut PyThreadState,
    callable: *mut PyObject,
    receiver: *mut PyObject,
    args: *mut PyObject,
    kwargs: *mut PyObject,
) -> *mut PyObject {
    // SAFETY: live objects, of which the receiver and the keyword arguments may be NULL; what is made here is released here.
    unsafe {
        let args = arguments(tstate, callable, receiver, args);
        if args.is_null() {
            return args;
        }
        let named = keywords(tstate, callable, kwargs);
        let failed = named.is_null() && !kwargs.is_null();
        let result = if failed { core::ptr::null_mut() } else { pyo3_ffi::PyObject_Call(callable, args, named) };
        xdecref(named);
        decref(args);
        result
    }
}

/// The same where the dict of keyword arguments is nobody else's when nobody else has a reference to it: it may become the callee's `**kwargs`.
pub unsafe extern "C" fn call_forward(
    tstate: *mut PyThreadState,
    callable: *mut PyObject,
    receiver: *mut PyObject,
    args: *mut PyObject,
    kwargs: *mut PyObject,
) -> *mut PyObject {
    // SAFETY: as in `call_function_ex`.
    unsafe {
        let simple = receiver.is_null()
            && is_exact(args, &raw mut pyo3_ffi::PyTuple_Type)
            && (kwargs.is_null() || is_exact(kwargs, &raw mut pyo3_ffi::PyDict_Type));
        if !simple {
            return call_function_ex(tstate, callable, receiver, args, kwargs);
        }
        let (items, count) = (tuple_items(args), size(args) as usize);
        let named = !kwargs.is_null() && (*kwargs.cast::<PyDictObject>()).ma_used != 0;
        if is_exact(callable, &raw mut ffi::PyFunction_Type) {
            let given = Forwarded { args: items, count, kwargs, named };
            if let Some(result) = forward(tstate, callable.cast(), &given) {
                return result;
            }
        } else if let Some(method) = bound_function(callable) {
            let mut all: SmallVec<[*mut PyObject; 8]> = SmallVec::with_capacity(count + 1);
            all.push((*method).im_self);
            all.extend_from_slice(core::slice::from_raw_parts(items, count));
            let given = Forwarded { args: all.as_mut_ptr(), count: count + 1, kwargs, named };
            if let Some(result) = forward(tstate, (*method).im_func.cast(), &given) {
                return result;
            }
        }
        pyo3_ffi::PyObject_Call(callable, args, kwargs)
    }
}

/// The positional arguments as a tuple: a new reference, or NULL with an exception.
unsafe fn arguments(
    tstate: *mut PyThreadState,
    callable: *mut PyObject,
    receiver: *mut PyObject,
    args: *mut PyObject,
) -> *mut PyObject {
    // SAFETY: as in `call_function_ex`.
    unsafe {
        let tuple = if is_exact(args, &raw mut pyo3_ffi::PyTuple_Type) {
            new_ref(args)
        } else if ffi::_Py_Check_ArgsIterable(tstate, callable, args) < 0 {
            core::ptr::null_mut()
        } else {
            pyo3_ffi::PySequence_Tuple(args)
        };
        if tuple.is_null() || receiver.is_null() {
            return tuple;
        }
        let count = size(tuple);
        let whole = pyo3_ffi::PyTuple_New(count + 1);
        if !whole.is_null() {
            let items = tuple_items(whole);
            *items = new_ref(receiver);
            for index in 0..count {
                *items.offset(index + 1) = new_ref(*tuple_items(tuple).offset(index));
            }
        }
        decref(tuple);
        whole
    }
}

/// The keyword arguments as a dict: a new reference, or NULL (with an exception if there are any).
unsafe fn keywords(tstate: *mut PyThreadState, callable: *mut PyObject, kwargs: *mut PyObject) -> *mut PyObject {
    // SAFETY: as in `call_function_ex`.
    unsafe {
        if kwargs.is_null() || pyo3_ffi::PyDict_Check(kwargs) != 0 {
            if !kwargs.is_null() {
                new_ref(kwargs);
            }
            return kwargs;
        }
        let dict = pyo3_ffi::PyDict_New();
        if !dict.is_null() && ffi::_PyDict_MergeEx(dict, kwargs, 2) < 0 {
            decref(dict);
            ffi::_PyEval_FormatKwargsError(tstate, callable, kwargs);
            return core::ptr::null_mut();
        }
        dict
    }
}

/// A unary intrinsic by number.
pub unsafe extern "C" fn intrinsic_1(tstate: *mut PyThreadState, number: i64, value: *mut PyObject) -> *mut PyObject {
    // SAFETY: a live object and CPython's own table.
    unsafe {
        match ffi::_PyIntrinsics_UnaryFunctions.get(number as usize).and_then(|entry| entry.func) {
            Some(function) => function(tstate, value),
            None => {
                pyo3_ffi::PyErr_BadInternalCall();
                core::ptr::null_mut()
            }
        }
    }
}

/// A binary intrinsic by number; operands in the order in which they were pushed.
pub unsafe extern "C" fn intrinsic_2(
    tstate: *mut PyThreadState,
    number: i64,
    first: *mut PyObject,
    second: *mut PyObject,
) -> *mut PyObject {
    // SAFETY: live objects and CPython's own table.
    unsafe {
        match ffi::_PyIntrinsics_BinaryFunctions.get(number as usize).and_then(|entry| entry.func) {
            Some(function) => function(tstate, first, second),
            None => {
                pyo3_ffi::PyErr_BadInternalCall();
                core::ptr::null_mut()
            }
        }
    }
}

/// A function of a code object, in the frame's globals.
pub unsafe extern "C" fn make_function(frame: *mut InterpreterFrame, code: *mut PyObject) -> *mut PyObject {
    // SAFETY: a frame of a running function and a live code object.
    unsafe {
        let function = ffi::PyFunction_New(code, (*frame).f_globals);
        if !function.is_null() {
            let version = (*code.cast::<PyCodeObject>()).co_version;
            ffi::_PyFunction_SetVersion(function.cast::<PyFunctionObject>(), version);
        }
        function
    }
}

/// The argument of `SET_FUNCTION_ATTRIBUTE` for `__annotate__`.
const ANNOTATE: i64 = 16;

/// Sets an attribute of a fresh function; the value is taken over.
pub unsafe extern "C" fn set_function_attribute(function: *mut PyObject, value: *mut PyObject, which: i64) {
    let offset = match which {
        1 => offset_of!(PyFunctionObject, func_defaults),
        2 => offset_of!(PyFunctionObject, func_kwdefaults),
        4 => offset_of!(PyFunctionObject, func_annotations),
        8 => offset_of!(PyFunctionObject, func_closure),
        ANNOTATE => offset_of!(PyFunctionObject, func_annotate),
        _ => {
            // SAFETY: the reference was given to us.
            unsafe { decref(value) };
            return;
        }
    };
    // SAFETY: a live function; the field is empty in a fresh one, and what another held is released.
    unsafe {
        let slot = field::<*mut PyObject>(function, offset as isize);
        let old = *slot;
        *slot = value;
        xdecref(old);
        if which == ANNOTATE && is_exact(value, &raw mut ffi::PyFunction_Type) {
            name_annotate(function.cast::<PyFunctionObject>(), value.cast::<PyFunctionObject>());
        }
    }
}

/// Gives a function's `__annotate__` function its `__qualname__`.
unsafe fn name_annotate(function: *mut PyFunctionObject, annotate: *mut PyFunctionObject) {
    // SAFETY: live functions.
    unsafe {
        let qualname = pyo3_ffi::PyUnicode_FromFormat(c"%U.__annotate__".as_ptr(), (*function).func_qualname);
        if qualname.is_null() {
            pyo3_ffi::PyErr_Clear();
            return;
        }
        let old = (*annotate).func_qualname;
        (*annotate).func_qualname = qualname;
        xdecref(old);
    }
}
