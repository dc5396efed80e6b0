//! What Python asks for lazy imports: import statements of code objects, code with markers in their place, builtins that know lazy names.

use ember_lazy::builtins::LazyBuiltins;
use ember_lazy::{blocks, code, users};
use pyo3::prelude::*;
use pyo3::types::PyCode;

/// The import statements of a module's code; see `ember_lazy::code::imports`.
#[pyfunction]
fn lazy_imports_of<'py>(code: &Bound<'py, PyCode>) -> PyResult<Bound<'py, PyAny>> {
    Ok(code::imports(code)?.into_pyobject(code.py())?.into_any())
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

/// Put the functions into the module.
pub fn add(m: &Bound<'_, PyModule>) -> PyResult<()> {
    users::on_switch(ember_jit::api::builtins_changed);
    m.add_class::<LazyBuiltins>()?;
    m.add_function(wrap_pyfunction!(lazy_imports_of, m)?)?;
    m.add_function(wrap_pyfunction!(lazy_deleted_by, m)?)?;
    m.add_function(wrap_pyfunction!(lazy_mark, m)?)?;
    m.add_function(wrap_pyfunction!(lazy_import_from, m)?)?;
    m.add_function(wrap_pyfunction!(lazy_is_protected, m)?)?;
    Ok(())
}
