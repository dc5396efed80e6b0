//! An attribute `__dict__` for a class of modules that is told when it is asked for, and looks like the one that every module has.
//!
//! `inspect.getattr_static` takes an instance's attributes from its dict only if no class of it has a `__dict__` of its own but the interpreter's: a *getset descriptor*
//! with that name, of that class. A property would hide all attributes of a module from it.

use core::ffi::c_void;
use pyo3::exceptions::PyTypeError;
use pyo3::prelude::*;
use pyo3::types::PyType;
use pyo3_ffi as ffi;

/// Calls the function that the descriptor was made with.
unsafe extern "C" fn ask(module: *mut ffi::PyObject, function: *mut c_void) -> *mut ffi::PyObject {
    // SAFETY: the interpreter passes an instance of the class, and what `install` gave it: a function that lives for ever. The GIL is held.
    unsafe { ffi::PyObject_CallOneArg(function.cast(), module) }
}

/// Have `function(instance)` answer for the `__dict__` of the instances of a class.
///
/// # Errors
/// The class is one of the interpreter's, which cannot be changed; or there is no memory.
pub fn install(class: &Bound<'_, PyType>, function: Py<PyAny>) -> PyResult<()> {
    let py = class.py();
    // Like the class, the definition and the function stay.
    let definition = Box::leak(Box::new(ffi::PyGetSetDef {
        name: c"__dict__".as_ptr(),
        get: Some(ask),
        set: None,
        doc: core::ptr::null(),
        closure: function.into_ptr().cast(),
    }));
    let class_pointer = class.as_type_ptr();
    // SAFETY: the GIL is held; the class is live and, as the flag says, made by a `class` statement, so that its dict may be written if it is told of that.
    unsafe {
        if ffi::PyType_GetFlags(class_pointer) & ffi::Py_TPFLAGS_HEAPTYPE == 0 {
            return Err(PyTypeError::new_err("a class of the interpreter's"));
        }
        let descriptor = Bound::from_owned_ptr_or_err(py, ffi::PyDescr_NewGetSet(class_pointer, definition))?;
        let dict = Bound::from_owned_ptr_or_err(py, ffi::PyType_GetDict(class_pointer))?;
        let set = ffi::PyDict_SetItemString(dict.as_ptr(), c"__dict__".as_ptr(), descriptor.as_ptr());
        ffi::PyType_Modified(class_pointer);
        if set < 0 { Err(PyErr::fetch(py)) } else { Ok(()) }
    }
}
