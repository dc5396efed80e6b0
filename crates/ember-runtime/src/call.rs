//! Calling objects: what native code needs at every corner and must be short.
#![allow(
    clippy::missing_safety_doc,
    reason = "native code upholds the contracts, which are those of the C API calls of the same meaning"
)]

use crate::bind::{Given, tuple_len};
use crate::ffi::{ARGUMENTS_OFFSET, PyObject_Vectorcall};
use crate::generators;
use crate::object::{class_of, field, is_exact};
use crate::sites::{CallCache, Kind, bound_function, count_object, counting};
use crate::tracing::returning;
use ember_codegen::CallSite;
use ember_cpython::ffi;
use ember_cpython::layout::{
    CodeUnit, PyFunctionObject, PyMethodObject, PyObject, PyThreadState, PyTypeObject, TPFLAGS_HAVE_VECTORCALL,
    vectorcallfunc,
};
use ember_cpython::refcount::decref;

/// Calls `callable` by the vectorcall protocol, as `PyObject_Vectorcall` does, with the thread state at hand, and counts it in the site's cache (or NULL). The word before the
/// arguments is ours to use. The result is new, or NULL with an exception.
#[inline(always)]
unsafe fn call_vector(
    tstate: *mut PyThreadState,
    callable: *mut PyObject,
    args: *mut *mut PyObject,
    nargsf: usize,
    kwnames: *mut PyObject,
    site: *mut CallCache,
) -> *mut PyObject {
    // SAFETY: live objects and an argument vector by PEP 590; the slot is where the class says it is.
    unsafe {
        let class = class_of(callable);
        if class == (&raw mut ffi::PyFunction_Type).cast() {
            if !site.is_null() {
                (*site).count(callable, Kind::Function);
            }
            return call_function(tstate, callable, args, nargsf, kwnames);
        }
        if let Some(method) = bound_function(callable) {
            return call_bound(tstate, method, args, nargsf, kwnames, site);
        }
        if !site.is_null() {
            count_object(site, callable);
        }
        if (*class).tp_flags & TPFLAGS_HAVE_VECTORCALL != 0 {
            let slot = field::<Option<vectorcallfunc>>(callable, (*class).tp_vectorcall_offset);
            if let Some(function) = *slot {
                return checked(tstate, callable, function(callable, args, nargsf, kwnames));
            }
        }
        ffi::_PyObject_MakeTpCall(tstate, callable, args, (nargsf & !ARGUMENTS_OFFSET) as isize, kwnames)
    }
}

/// Calls a Python function, which returns an object or NULL with an exception and needs no check.
#[inline(always)]
unsafe fn call_function(
    tstate: *mut PyThreadState,
    function: *mut PyObject,
    args: *mut *mut PyObject,
    nargsf: usize,
    kwnames: *mut PyObject,
) -> *mut PyObject {
    // SAFETY: as for `call_vector`; the object is a Python function.
    unsafe {
        let given = Given::by_vector(args, nargsf, kwnames);
        if let Some(made) = generators::make(tstate, function.cast(), &given) {
            return made;
        }
        match (*function.cast::<PyFunctionObject>()).vectorcall {
            Some(entry) => entry(function, args, nargsf, kwnames),
            None => PyObject_Vectorcall(function, args, nargsf, kwnames),
        }
    }
}

/// Calls what a generic call site of native code says, drops the operands it gives away, and looks whether native code may go on.
pub unsafe extern "C" fn ember_call_site(
    tstate: *mut PyThreadState,
    operands: *mut *mut PyObject,
    site: *const CallSite,
) -> *mut PyObject {
    // SAFETY: operands as the site says, the word before them is free; the innermost frame is the native code's.
    unsafe {
        let site = &*site;
        (*(*tstate).current_frame).instr_ptr = site.position as *mut CodeUnit;
        let names = site.names as *mut PyObject;
        let with_self = !(*operands.add(1)).is_null();
        let mut count = site.arguments as usize + usize::from(with_self);
        if !names.is_null() {
            count -= tuple_len(names);
        }
        let args = operands.add(2 - usize::from(with_self));
        let profile = if counting() { site.profile as *mut CallCache } else { core::ptr::null_mut() };
        let result = call_vector(tstate, *operands, args, count | ARGUMENTS_OFFSET, names, profile);
        let mut consumed = site.consumed;
        while consumed != 0 {
            let operand = *operands.add(consumed.trailing_zeros() as usize);
            if !operand.is_null() {
                decref(operand);
            }
            consumed &= consumed - 1;
        }
        returning(tstate, result)
    }
}

/// Calls a method's function with `self` in the word before the arguments.
#[inline(always)]
unsafe fn call_bound(
    tstate: *mut PyThreadState,
    method: *mut PyMethodObject,
    args: *mut *mut PyObject,
    nargsf: usize,
    kwnames: *mut PyObject,
    site: *mut CallCache,
) -> *mut PyObject {
    // SAFETY: as for `call_vector`; the method is alive during the call and keeps function and `self` alive, neither of which ever changes.
    unsafe {
        let function = (*method).im_func;
        if !site.is_null() {
            (*site).count(function, Kind::Bound);
        }
        let all = args.sub(1);
        let count = (nargsf & !ARGUMENTS_OFFSET) + 1;
        let saved = core::mem::replace(&mut *all, (*method).im_self);
        let result = call_function(tstate, function, all, count, kwnames);
        *all = saved;
        result
    }
}

/// A callee's result, where it is either an object or NULL with an exception; anything else becomes the `SystemError` CPython raises for it.
#[inline(always)]
pub unsafe fn checked(tstate: *mut PyThreadState, callable: *mut PyObject, result: *mut PyObject) -> *mut PyObject {
    // SAFETY: a live thread state and callable, a result just returned by it.
    unsafe {
        if result.is_null() == (*tstate).current_exception.is_null() {
            return ffi::_Py_CheckFunctionResult(tstate, callable, result, core::ptr::null());
        }
        result
    }
}

/// Calls `callable` with `arg`, of which nobody but the caller needs to know.
#[inline(always)]
pub unsafe fn call_one(callable: *mut PyObject, arg: *mut PyObject) -> *mut PyObject {
    let mut args = [core::ptr::null_mut(), arg];
    // SAFETY: live objects; the slot before the argument is ours to lend.
    unsafe { call_lent(callable, args.as_mut_ptr().add(1), 1) }
}

/// Calls `callable` with two arguments.
#[inline(always)]
pub unsafe fn call_two(callable: *mut PyObject, first: *mut PyObject, second: *mut PyObject) -> *mut PyObject {
    let mut args = [core::ptr::null_mut(), first, second];
    // SAFETY: as in `call_one`.
    unsafe { call_lent(callable, args.as_mut_ptr().add(1), 2) }
}

#[inline(always)]
unsafe fn call_lent(callable: *mut PyObject, args: *mut *mut PyObject, count: usize) -> *mut PyObject {
    // SAFETY: as in `call_one`; a Python function returns an object or NULL with an exception and needs no check.
    unsafe {
        if is_exact(callable, &raw mut ffi::PyFunction_Type)
            && let Some(function) = (*callable.cast::<PyFunctionObject>()).vectorcall
        {
            return function(callable, args, count | ARGUMENTS_OFFSET, core::ptr::null_mut());
        }
        PyObject_Vectorcall(callable, args, count | ARGUMENTS_OFFSET, core::ptr::null_mut())
    }
}

/// A new instance of a class whose `__new__` is `object.__new__` and which is neither abstract nor initialised here.
pub unsafe extern "C" fn alloc_instance(class: *mut PyObject) -> *mut PyObject {
    // SAFETY: a live class.
    unsafe { pyo3_ffi::PyType_GenericAlloc(class.cast::<PyTypeObject>(), 0) }
}
