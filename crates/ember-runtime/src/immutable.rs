//! Classes of Python that are made immutable, and mutable again.
//!
//! The idea: CPython knows immutable classes (`Py_TPFLAGS_IMMUTABLETYPE`, which its own types have), so a class of a strict module that is complete gets that
//! flag, and `type.__setattr__` refuses with CPython's own words. Nothing else about the class changes.
//!
//! The interpreter takes the flag for more than a ban on assignments, and so it has to be true:
//!
//! * Attributes of classes are cached without looking at an immutable *metaclass* again. A metaclass inherits, so it is made immutable only if all its
//!   bases are (what `PyType_Freeze` asks of any class). For other classes the interpreter compares versions, which a change of a base renews.
//! * When a class becomes mutable again ([`thaw`]), all that was cached under the assumption is dropped: the versions of all classes, and all class numbers.
//! * The interpreter inlines `__init__` only into calls of mutable classes and asks immutable ones for a `tp_vectorcall`. So a plain class gets one
//!   ([`construct`]), which does what `type.__call__` does without packing arguments. That slot is not inherited.

use crate::classes;
use crate::ffi::{ARGUMENTS_OFFSET, PyObject_Vectorcall};
use crate::object::{INIT, class_of, is_exact};
use core::ffi::{c_int, c_ulong, c_void};
use ember_cpython::ffi;
use ember_cpython::layout::{PyObject, TPFLAGS_HEAPTYPE, TPFLAGS_IMMUTABLETYPE, TypeObject};
use ember_cpython::refcount::{decref, incref};
use ember_cpython::types::mro;
use smallvec::SmallVec;

/// `Py_TPFLAGS_IS_ABSTRACT`
const IS_ABSTRACT: c_ulong = 1 << 20;

/// What became of a class.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Outcome {
    /// It is immutable now.
    Done,
    /// It already was.
    Before,
    /// It is a metaclass that inherits from a mutable one.
    OpenMetaclass,
}

/// Whether a class is immutable and cannot change by way of a base either.
///
/// # Safety
/// A live class; the GIL is held.
pub unsafe fn is_fixed(class: *mut TypeObject) -> bool {
    // SAFETY: by the contract; the items of a resolution order are classes.
    unsafe {
        if (*class).tp_flags & TPFLAGS_IMMUTABLETYPE == 0 {
            return false;
        }
        mro(class.cast()).iter().all(|&base| (*base.cast::<TypeObject>()).tp_flags & TPFLAGS_IMMUTABLETYPE != 0)
    }
}

/// Makes a class immutable.
///
/// # Safety
/// A live class that is ready; the GIL is held.
pub unsafe fn freeze(class: *mut TypeObject) -> Outcome {
    // SAFETY: by the contract.
    unsafe {
        if (*class).tp_flags & TPFLAGS_IMMUTABLETYPE != 0 {
            return Outcome::Before;
        }
        let bases = mro(class.cast()).get(1..).unwrap_or_default();
        let is_metaclass = pyo3_ffi::PyType_IsSubtype(class.cast(), &raw mut pyo3_ffi::PyType_Type) != 0;
        if is_metaclass && !bases.iter().all(|&base| is_fixed(base.cast())) {
            return Outcome::OpenMetaclass;
        }
        pyo3_ffi::PyType_Modified(class.cast());
        (*class).tp_flags |= TPFLAGS_IMMUTABLETYPE;
        if (*class).tp_vectorcall.is_none() && is_plain(class) && !INIT.get().is_null() {
            (*class).tp_vectorcall = Some(construct);
        }
        pyo3_ffi::PyErr_Clear();
        Outcome::Done
    }
}

/// Makes a class of Python's mutable again; whether it was immutable. The caller then drops what was cached ([`dropped`]).
///
/// # Safety
/// A live class that [`freeze`] made immutable; the GIL is held.
pub unsafe fn thaw(class: *mut TypeObject) -> bool {
    // SAFETY: by the contract.
    unsafe {
        let flags = (*class).tp_flags;
        if flags & TPFLAGS_IMMUTABLETYPE == 0 || flags & TPFLAGS_HEAPTYPE == 0 {
            return false;
        }
        (*class).tp_flags &= !TPFLAGS_IMMUTABLETYPE;
        if (*class).tp_vectorcall.is_some_and(|function| function as usize == construct as *const () as usize) {
            (*class).tp_vectorcall = None;
        }
        pyo3_ffi::PyType_Modified(class.cast());
        true
    }
}

/// Drops what interpreter and native code remember of classes, after some were made mutable.
///
/// # Safety
/// The GIL is held.
pub unsafe fn dropped() {
    // SAFETY: by the contract; each class is held from when it was found.
    unsafe {
        classes::forget_all();
        let mut found: Vec<*mut PyObject> = Vec::new();
        ffi::PyUnstable_GC_VisitObjects(collect_class, (&raw mut found).cast());
        for class in found {
            pyo3_ffi::PyType_Modified(class.cast());
            decref(class);
        }
    }
}

/// Adds a class to the list; 1 means go on.
unsafe extern "C" fn collect_class(object: *mut PyObject, list: *mut c_void) -> c_int {
    // SAFETY: a live object; the list is that of `dropped`.
    unsafe {
        if pyo3_ffi::PyType_Check(object) != 0 && (*object.cast::<TypeObject>()).tp_version_tag != 0 {
            incref(object);
            (*list.cast::<Vec<*mut PyObject>>()).push(object);
        }
    }
    1
}

/// Whether calling the class makes a plain object and calls `__init__`, and `type` itself does that.
unsafe fn is_plain(class: *mut TypeObject) -> bool {
    // SAFETY: a live class; static types are read by their addresses.
    unsafe {
        let plain = (&raw mut pyo3_ffi::PyBaseObject_Type).cast::<TypeObject>();
        class_of(class.cast()) == (&raw mut pyo3_ffi::PyType_Type).cast()
            && (*class).tp_new == (*plain).tp_new
            && (*class).tp_init != (*plain).tp_init
            && (*class).tp_alloc == pyo3_ffi::PyType_GenericAlloc as *mut c_void
            && (*class).tp_flags & IS_ABSTRACT == 0
    }
}

/// The `__init__` of a plain class if it is a function of Python's (borrowed), else NULL.
unsafe fn plain_init(class: *mut TypeObject) -> *mut PyObject {
    // SAFETY: a live class; the name was made when the first class was frozen.
    unsafe {
        let init = if is_plain(class) { ffi::_PyType_Lookup(class.cast(), INIT.get()) } else { core::ptr::null_mut() };
        let function = !init.is_null() && is_exact(init, &raw mut ffi::PyFunction_Type);
        if function { init } else { core::ptr::null_mut() }
    }
}

/// `tp_vectorcall` of an immutable plain class: `type.__call__` without packing the arguments. What it is now is looked up each time, since bases may change.
///
/// # Safety
/// The vectorcall protocol (PEP 590).
unsafe extern "C" fn construct(
    callable: *mut PyObject,
    args: *const *mut PyObject,
    nargsf: usize,
    kwnames: *mut PyObject,
) -> *mut PyObject {
    // SAFETY: by the protocol; the function and the new object are held while they are in use.
    unsafe {
        let count = nargsf & !ARGUMENTS_OFFSET;
        let init = plain_init(callable.cast());
        if init.is_null() {
            let tstate = ffi::PyThreadState_Get();
            return ffi::_PyObject_MakeTpCall(tstate, callable, args, count as isize, kwnames);
        }
        let object = pyo3_ffi::PyType_GenericAlloc(callable.cast(), 0);
        if object.is_null() {
            return object;
        }
        incref(init);
        let keywords = if kwnames.is_null() { 0 } else { pyo3_ffi::PyTuple_GET_SIZE(kwnames) as usize };
        let total = count + keywords;
        let result = if nargsf & ARGUMENTS_OFFSET != 0 {
            // The slot before the arguments is lent to us.
            let slot = args.cast_mut().sub(1);
            let saved = core::ptr::replace(slot, object);
            let result = PyObject_Vectorcall(init, slot, count + 1, kwnames);
            *slot = saved;
            result
        } else {
            let mut vector = SmallVec::<[*mut PyObject; 8]>::with_capacity(total + 1);
            vector.push(object);
            if total > 0 {
                vector.extend_from_slice(core::slice::from_raw_parts(args, total));
            }
            PyObject_Vectorcall(init, vector.as_ptr(), count + 1, kwnames)
        };
        decref(init);
        finished(object, result)
    }
}

/// What a constructor gives: the object, unless `__init__` failed or gave something.
unsafe fn finished(object: *mut PyObject, result: *mut PyObject) -> *mut PyObject {
    // SAFETY: both are owned here.
    unsafe {
        if result == pyo3_ffi::Py_None() {
            decref(result);
            return object;
        }
        if !result.is_null() {
            let name = (*class_of(result)).tp_name;
            pyo3_ffi::PyErr_Format(
                pyo3_ffi::PyExc_TypeError,
                c"__init__() should return None, not '%.200s'".as_ptr(),
                name,
            );
            decref(result);
        }
        decref(object);
        core::ptr::null_mut()
    }
}
