//! Attributes: through inline caches (see [`crate::caches`]), by deletion, and of `super()`.
#![allow(clippy::missing_safety_doc, reason = "the contract of all helpers is in the module above")]

use crate::caches::shared::super_method;
pub use crate::caches::{load_attr, load_method, store_attr};
use crate::ffi::PyObject_Vectorcall;
use crate::object::{class_of, has_type_flag};
use ember_cpython::ffi;
use ember_cpython::layout::{InterpreterFrame, PyObject, PyThreadState, TPFLAGS_TYPE_SUBCLASS, TypeObject};
use ember_cpython::refcount::{decref, new_ref};

/// Bit of `LOAD_SUPER_ATTR`'s argument: the attribute is going to be called.
const SUPER_METHOD: i64 = 1;
/// Bit of `LOAD_SUPER_ATTR`'s argument: `super` was written with its two arguments.
const SUPER_ARGUMENTS: i64 = 2;

/// `del object.name`
pub unsafe extern "C" fn delete_attr(obj: *mut PyObject, name: *mut PyObject) -> i64 {
    // SAFETY: live objects.
    unsafe { i64::from(pyo3_ffi::PyObject_DelAttr(obj, name)) }
}

/// `super().name`, without a `super` object where `super` is the builtin.
pub unsafe extern "C" fn load_super_attr(
    _tstate: *mut PyThreadState,
    _frame: *mut InterpreterFrame,
    scratch: *mut *mut PyObject,
    global_super: *mut PyObject,
    class: *mut PyObject,
    receiver: *mut PyObject,
    name: *mut PyObject,
    oparg: i64,
) -> *mut PyObject {
    // SAFETY: live objects and room for one in scratch.
    unsafe {
        *scratch = core::ptr::null_mut();
        if global_super == (&raw mut ffi::PySuper_Type).cast() && has_type_flag(class, TPFLAGS_TYPE_SUBCLASS) {
            let plain = (*(&raw mut pyo3_ffi::PyBaseObject_Type).cast::<TypeObject>()).tp_getattro;
            let as_method = oparg & SUPER_METHOD != 0 && (*class_of(receiver)).tp_getattro == plain;
            if !as_method {
                return ffi::_PySuper_Lookup(class.cast(), receiver, name, core::ptr::null_mut());
            }
            let mut found = false;
            let attr = super_method(class, receiver, name, &mut found);
            if !attr.is_null() && found {
                *scratch = new_ref(receiver);
            }
            return attr;
        }
        let args = [class, receiver];
        let count = if oparg & SUPER_ARGUMENTS != 0 { 2 } else { 0 };
        let object = PyObject_Vectorcall(global_super, args.as_ptr(), count, core::ptr::null_mut());
        if object.is_null() {
            return object;
        }
        let attr = pyo3_ffi::PyObject_GetAttr(object, name);
        decref(object);
        attr
    }
}
