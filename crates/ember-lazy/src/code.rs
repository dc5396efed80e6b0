//! [`crate::sites`] for Python: code objects in, tuples and code objects out.

use crate::sites;
use ember_cpython::layout::{CodeUnit, PyCodeObject, PyObject};
use ember_cpython::{code, ffi, frame};
use pyo3::exceptions::PyValueError;
use pyo3::prelude::*;
use pyo3::types::{PyBytes, PyCode, PyTuple};

pub(crate) fn raw(source: &Bound<'_, PyCode>) -> *mut PyCodeObject {
    source.as_ptr().cast()
}

pub(crate) fn base_units(source: &Bound<'_, PyCode>) -> PyResult<Vec<CodeUnit>> {
    // SAFETY: a live code object; the GIL is held.
    unsafe { code::base_units(raw(source)) }.ok_or_else(|| PyValueError::new_err("no memory for the code's units"))
}

/// Names deleted as globals, in this code and in what is nested in it.
#[must_use]
pub fn deleted<'py>(source: &Bound<'py, PyCode>) -> Vec<Bound<'py, PyAny>> {
    let mut deleted = Vec::new();
    let mut work = vec![raw(source)];
    while let Some(at) = work.pop() {
        // SAFETY: code objects nested in a live one are alive, and so are their names; units do not change while the GIL is held and no Python code runs.
        unsafe {
            let units = core::slice::from_raw_parts(frame::instruction(at, 0), code::len(at));
            for index in sites::deleted(units) {
                if let Some(name) = code::names(at).get(index as usize) {
                    deleted.push(Bound::from_borrowed_ptr(source.py(), *name));
                }
            }
            let is_code = |constant: &*mut PyObject| pyo3_ffi::PyCode_Check(*constant) != 0;
            work.extend(code::consts(at).iter().copied().filter(is_code).map(|nested| nested.cast::<PyCodeObject>()));
        }
    }
    deleted
}

/// The code with the statements in `marks` (start, end, name of the marker) replaced by lookups of the markers.
pub fn mark<'py>(
    source: &Bound<'py, PyCode>,
    marks: Vec<(u32, u32, Bound<'py, PyAny>)>,
) -> PyResult<Bound<'py, PyAny>> {
    let py = source.py();
    let names = source.getattr("co_names")?.cast_into::<PyTuple>()?;
    let first = names.len() as u32;
    let places: Vec<(u32, u32, u32)> =
        marks.iter().zip(first..).map(|((start, end, _), index)| (*start, *end, index)).collect();
    let units = sites::mark(&base_units(source)?, &places)
        .ok_or_else(|| PyValueError::new_err("a place is not an import statement of this code"))?;
    let bytes: Vec<u8> = units.iter().flat_map(|unit| unit.to_le_bytes()).collect();
    let all: Vec<Bound<'py, PyAny>> = names.iter().chain(marks.into_iter().map(|(_, _, name)| name)).collect();
    let changes = pyo3::types::PyDict::new(py);
    changes.set_item("co_code", PyBytes::new(py, &bytes))?;
    changes.set_item("co_names", PyTuple::new(py, all)?)?;
    source.call_method("replace", (), Some(&changes))
}

/// What `from module import name` takes out of a module that was imported.
pub fn import_from<'py>(module: &Bound<'py, PyAny>, name: &Bound<'py, PyAny>) -> PyResult<Bound<'py, PyAny>> {
    // SAFETY: the GIL is held, both are live; the result is a new reference or NULL with an exception.
    unsafe {
        let value =
            ffi::_PyEval_ImportFrom(ember_cpython::tstate::current(), module.as_ptr().cast(), name.as_ptr().cast());
        Bound::from_owned_ptr_or_err(module.py(), value.cast())
    }
}
