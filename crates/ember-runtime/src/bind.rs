//! Binding a call's arguments to a compiled function's parameters.
//!
//! A compiled body takes one *borrowed* argument for each parameter: positional and keyword parameters in order, then `*args` and `**kwargs`. The function's native
//! entry does the common case, the exact number of positional arguments; everything else comes here. What binding creates (the tuple, the dict) and what
//! it borrows from a place that may change during the call (defaults) is held until the body has returned.
//!
//! Only calls that succeed are bound here. Any mistake in a call is left to the interpreter's own entry, so that there is one source of error messages.

use core::sync::atomic::{AtomicUsize, Ordering};
use ember_cpython::ffi;
use ember_cpython::layout::{
    CO_VARARGS, CO_VARKEYWORDS, PyCodeObject, PyFunctionObject, PyObject, PyThreadState, PyTupleObject, vectorcallfunc,
};
use ember_cpython::refcount::{decref, incref};
use smallvec::SmallVec;

/// The interpreter's own function entry, which every function has that was not compiled.
static ORIGINAL_VECTORCALL: AtomicUsize = AtomicUsize::new(0);

/// `(tstate, func, args)`: passes the arguments of an array to a body.
type Spread = unsafe extern "C" fn(*mut PyThreadState, *mut PyObject, *const *mut PyObject) -> *mut PyObject;

/// Remembers the interpreter's own function entry.
pub fn set_original_vectorcall(vectorcall: vectorcallfunc) {
    ORIGINAL_VECTORCALL.store(vectorcall as usize, Ordering::Release);
}

/// The interpreter's own function entry.
#[must_use]
pub fn original_vectorcall() -> Option<vectorcallfunc> {
    let address = ORIGINAL_VECTORCALL.load(Ordering::Acquire);
    // SAFETY: only ever written by `set_original_vectorcall`, with a function of this type.
    unsafe { core::mem::transmute::<usize, Option<vectorcallfunc>>(address) }
}

/// Values bound to parameters, and the references held for the call.
struct Bound {
    values: SmallVec<[*mut PyObject; 16]>,
    held: SmallVec<[*mut PyObject; 8]>,
}

impl Bound {
    /// Drops the references held.
    unsafe fn release(&mut self) {
        while let Some(object) = self.held.pop() {
            // SAFETY: `held` are references this struct owns; the caller holds the GIL.
            unsafe { decref(object) };
        }
    }

    /// Holds a reference to `object` and returns it.
    unsafe fn hold_new(&mut self, object: *mut PyObject) -> *mut PyObject {
        // SAFETY: the caller passes a live object.
        unsafe { incref(object) };
        self.held.push(object);
        object
    }
}

unsafe fn tuple_item(tuple: *mut PyObject, index: usize) -> *mut PyObject {
    let items = tuple.cast::<u8>().wrapping_add(core::mem::offset_of!(PyTupleObject, ob_item)).cast::<*mut PyObject>();
    // SAFETY: the caller passes a tuple longer than `index`.
    unsafe { *items.add(index) }
}

unsafe fn tuple_len(tuple: *mut PyObject) -> usize {
    // SAFETY: the caller passes a tuple.
    unsafe { pyo3_ffi::Py_SIZE(tuple) as usize }
}

/// The parameter of that name, among those which can be given by keyword.
unsafe fn find_parameter(code: *mut PyCodeObject, name: *mut PyObject) -> Option<usize> {
    // SAFETY: a live code object; its names are exact strings.
    unsafe {
        let names = (*code).co_localsplusnames;
        let first = (*code).co_posonlyargcount as usize;
        let last = ((*code).co_argcount + (*code).co_kwonlyargcount) as usize;
        (first..last)
            .find(|&index| tuple_item(names, index) == name)
            .or_else(|| (first..last).find(|&index| ffi::_PyUnicode_Equal(tuple_item(names, index), name) != 0))
    }
}

/// Binds, or returns `None` when the call is wrong or memory is short (no exception is left set). `bound` comes empty; it is filled in place, since moving what
/// has just been written word by word stalls the processor.
unsafe fn bind(
    bound: &mut Bound,
    func: *mut PyFunctionObject,
    args: *const *mut PyObject,
    positional: usize,
    kwnames: *mut PyObject,
) -> Option<()> {
    // SAFETY: the arguments are those of a vectorcall of `func`, by the protocol of PEP 590.
    unsafe {
        let code = (*func).func_code;
        let argcount = (*code).co_argcount as usize;
        let named = argcount + (*code).co_kwonlyargcount as usize;
        let varargs = (*code).co_flags & CO_VARARGS != 0;
        let varkw = (*code).co_flags & CO_VARKEYWORDS != 0;
        let total = named + usize::from(varargs) + usize::from(varkw);
        bound.values.resize(total, core::ptr::null_mut());

        for index in 0..positional.min(argcount) {
            bound.values[index] = *args.add(index);
        }
        if varargs {
            let extra = positional.saturating_sub(argcount);
            let tuple = ffi::_PyTuple_FromArray(args.add(positional - extra), extra as isize);
            if tuple.is_null() {
                pyo3_ffi::PyErr_Clear();
                return None;
            }
            bound.held.push(tuple);
            bound.values[named] = tuple;
        } else if positional > argcount {
            return None;
        }
        let mut kwargs = core::ptr::null_mut();
        if varkw {
            kwargs = pyo3_ffi::PyDict_New();
            if kwargs.is_null() {
                pyo3_ffi::PyErr_Clear();
                return None;
            }
            bound.held.push(kwargs);
            bound.values[total - 1] = kwargs;
        }
        if !kwnames.is_null() {
            for index in 0..tuple_len(kwnames) {
                let (name, value) = (tuple_item(kwnames, index), *args.add(positional + index));
                match find_parameter(code, name) {
                    Some(slot) if bound.values[slot].is_null() => bound.values[slot] = value,
                    Some(_) => return None,
                    None if kwargs.is_null() => return None,
                    None => {
                        if pyo3_ffi::PyDict_SetItem(kwargs, name, value) < 0 {
                            pyo3_ffi::PyErr_Clear();
                            return None;
                        }
                    }
                }
            }
        }
        fill_defaults(func, bound, argcount, named)
    }
}

unsafe fn fill_defaults(func: *mut PyFunctionObject, bound: &mut Bound, argcount: usize, named: usize) -> Option<()> {
    // SAFETY: a live function; `bound` has a slot for each of its parameters.
    unsafe {
        let defaults = (*func).func_defaults;
        let ndefaults = if defaults.is_null() { 0 } else { tuple_len(defaults) };
        let first_default = argcount.checked_sub(ndefaults)?;
        for index in 0..argcount {
            if bound.values[index].is_null() {
                if index < first_default {
                    return None;
                }
                bound.values[index] = bound.hold_new(tuple_item(defaults, index - first_default));
            }
        }
        for index in argcount..named {
            if bound.values[index].is_null() {
                let kwdefaults = (*func).func_kwdefaults;
                if kwdefaults.is_null() {
                    return None;
                }
                let name = tuple_item((*(*func).func_code).co_localsplusnames, index);
                let value = pyo3_ffi::PyDict_GetItemWithError(kwdefaults, name);
                if value.is_null() {
                    pyo3_ffi::PyErr_Clear();
                    return None;
                }
                bound.values[index] = bound.hold_new(value);
            }
        }
        Some(())
    }
}

/// Parameters of a function that [`with_defaults`] serves.
const FEW: usize = 12;

/// The commonest of the other calls: positional arguments, fewer than there are parameters, the rest by default. `None` when it is not that.
#[inline]
unsafe fn with_defaults(
    func: *mut PyFunctionObject,
    args: *const *mut PyObject,
    positional: usize,
    spread: usize,
) -> Option<*mut PyObject> {
    // SAFETY: as for `bind`; the tuple of defaults is held until the body has returned.
    unsafe {
        let code = (*func).func_code;
        let defaults = (*func).func_defaults;
        let argcount = (*code).co_argcount as usize;
        if (*code).co_flags & (CO_VARARGS | CO_VARKEYWORDS) != 0
            || (*code).co_kwonlyargcount != 0
            || defaults.is_null()
            || positional >= argcount
            || argcount > FEW
        {
            return None;
        }
        let ndefaults = tuple_len(defaults);
        let first_default = argcount.checked_sub(ndefaults).filter(|&first| positional >= first)?;
        let mut values = [core::ptr::null_mut::<PyObject>(); FEW];
        for (index, value) in values.iter_mut().enumerate().take(argcount) {
            *value = if index < positional { *args.add(index) } else { tuple_item(defaults, index - first_default) };
        }
        incref(defaults);
        let spread = core::mem::transmute::<usize, Spread>(spread);
        let result = spread(ffi::PyThreadState_GetUnchecked(), func.cast(), values.as_ptr());
        crate::exits::while_leaving(|| decref(defaults));
        Some(result)
    }
}

/// A vectorcall of a compiled function in any form: binds the arguments and has `spread` call the body.
///
/// # Safety
/// The arguments of a vectorcall of a Python function; `spread` belongs to its compiled body.
pub unsafe extern "C" fn ember_bind_slow(
    callable: *mut PyObject,
    args: *const *mut PyObject,
    nargsf: usize,
    kwnames: *mut PyObject,
    spread: usize,
    _token: u64,
) -> *mut PyObject {
    // SAFETY: passed on from the vectorcall protocol. The function and the arguments are held meanwhile, as an interpreted frame would hold them.
    unsafe {
        let positional = nargsf & !pyo3_ffi::PY_VECTORCALL_ARGUMENTS_OFFSET;
        let count = positional + if kwnames.is_null() { 0 } else { tuple_len(kwnames) };
        let mut held: SmallVec<[*mut PyObject; 12]> = SmallVec::new();
        held.push(callable);
        if count > 0 {
            held.extend_from_slice(core::slice::from_raw_parts(args, count));
        }
        for &object in &held {
            incref(object);
        }
        let result = bind_and_call(callable, args, nargsf, kwnames, spread);
        crate::exits::while_leaving(|| {
            for object in held {
                decref(object);
            }
        });
        result
    }
}

unsafe fn bind_and_call(
    callable: *mut PyObject,
    args: *const *mut PyObject,
    nargsf: usize,
    kwnames: *mut PyObject,
    spread: usize,
) -> *mut PyObject {
    // SAFETY: passed on from the vectorcall protocol; `spread` is code of this type by the contract.
    unsafe {
        let func = callable.cast::<PyFunctionObject>();
        let positional = nargsf & !pyo3_ffi::PY_VECTORCALL_ARGUMENTS_OFFSET;
        if kwnames.is_null()
            && let Some(result) = with_defaults(func, args, positional, spread)
        {
            return result;
        }
        let mut bound = Bound { values: SmallVec::new(), held: SmallVec::new() };
        if bind(&mut bound, func, args, positional, kwnames).is_some() {
            let spread = core::mem::transmute::<usize, Spread>(spread);
            let result = spread(ffi::PyThreadState_GetUnchecked(), callable, bound.values.as_ptr());
            crate::exits::while_leaving(|| bound.release());
            return result;
        }
        bound.release();
        match original_vectorcall() {
            Some(original) => original(callable, args, nargsf, kwnames),
            None => core::ptr::null_mut(),
        }
    }
}

/// What a call cell leads to while its function has no compiled body: calls the function as anybody would.
///
/// # Safety
/// `args` are `count` live objects, one for each parameter of `func` when it was called for the last time the caller looked.
pub unsafe extern "C" fn ember_call_uncompiled(
    _tstate: *mut PyThreadState,
    func: *mut PyObject,
    args: *const *mut PyObject,
    count: usize,
) -> *mut PyObject {
    // SAFETY: by the contract above; direct calls are made only to functions whose parameters are all positional.
    unsafe { pyo3_ffi::PyObject_Vectorcall(func, args, count, core::ptr::null_mut()) }
}
