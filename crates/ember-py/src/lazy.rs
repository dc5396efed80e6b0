//! What Python asks for lazy imports: import statements of code objects, code with markers in their place, builtins that know lazy names.

use ember_lazy::builtins::LazyBuiltins;
use ember_lazy::locate::{self, LazyFolders};
use ember_lazy::planning::LazyPlanner;
use ember_lazy::{blocks, choose, code, dicts, users};
use pyo3::prelude::*;
use pyo3::types::{PyBytes, PyCode, PyType};

/// The import statements of a module's code that wait; see `ember_lazy::choose`.
#[pyfunction]
fn lazy_choose<'py>(code: &Bound<'py, PyCode>, request: choose::Request<'py>) -> PyResult<Bound<'py, PyAny>> {
    Ok(choose::choose(code, &request)?.into_pyobject(code.py())?.into_any())
}

/// The names that a module's code deletes somewhere.
#[pyfunction]
fn lazy_deleted_by<'py>(code: &Bound<'py, PyCode>) -> Vec<Bound<'py, PyAny>> {
    code::deleted(code)
}

/// The code with a lookup of a marker in the place of each statement: [(start, end, marker)].
#[pyfunction]
fn lazy_mark<'py>(code: &Bound<'py, PyCode>, marks: Vec<(u32, u32, Bound<'py, PyAny>)>) -> PyResult<Bound<'py, PyAny>> {
    code::mark(code, marks)
}

/// What `from module import name` takes out of a module.
#[pyfunction]
fn lazy_import_from<'py>(module: &Bound<'py, PyAny>, name: &Bound<'py, PyAny>) -> PyResult<Bound<'py, PyAny>> {
    code::import_from(module, name)
}

/// Whether a line (from 1) must be taken to stand in a `try` or `with` statement.
#[pyfunction]
fn lazy_is_protected(source: &str, line: usize) -> bool {
    blocks::is_protected(source, line)
}

/// The bytecode file of a source if it is up to date; see `ember_lazy::locate`.
#[pyfunction]
fn lazy_cached_code<'py>(
    source: &str,
    tag: &str,
    magic: &[u8],
    open: &Bound<'py, PyAny>,
) -> PyResult<Option<Bound<'py, PyBytes>>> {
    locate::cached_code(source, tag, magic, open)
}

/// Have `function(module)` answer for the `__dict__` of a class of modules; see `ember_lazy::dicts`.
#[pyfunction]
fn lazy_dict_attribute(class: &Bound<'_, PyType>, function: Py<PyAny>) -> PyResult<()> {
    dicts::install(class, function)
}

/// Put the functions into the module.
pub fn add(m: &Bound<'_, PyModule>) -> PyResult<()> {
    users::on_switch(ember_jit::api::builtins_changed);
    m.add_class::<LazyBuiltins>()?;
    m.add_class::<LazyPlanner>()?;
    m.add_class::<LazyFolders>()?;
    m.add_function(wrap_pyfunction!(lazy_cached_code, m)?)?;
    m.add_function(wrap_pyfunction!(lazy_dict_attribute, m)?)?;
    m.add_function(wrap_pyfunction!(lazy_choose, m)?)?;
    m.add_function(wrap_pyfunction!(lazy_deleted_by, m)?)?;
    m.add_function(wrap_pyfunction!(lazy_mark, m)?)?;
    m.add_function(wrap_pyfunction!(lazy_import_from, m)?)?;
    m.add_function(wrap_pyfunction!(lazy_is_protected, m)?)?;
    Ok(())
}
