//! What Python asks for lazy imports: import statements of code objects, code with markers in their place, builtins that know lazy names.

use ember_lazy::builtins::LazyBuiltins;
use ember_lazy::{code, users};
use pyo3::prelude::*;
use pyo3::types::PyCode;

/// The import statements of a module's code, and the names that it deletes; see `ember_lazy::code::imports`.
#[pyfunction]
fn lazy_imports_of<'py>(code: &Bound<'py, PyCode>) -> PyResult<Bound<'py, PyAny>> {
    Ok(code::imports(code)?.into_pyobject(code.py())?.into_any())
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

/// The lines of the import statements that stand inside of `try` or `with` statements; None if the source cannot be parsed.
#[pyfunction]
fn lazy_protected_lines(source: &str) -> Option<Vec<usize>> {
    ember_strict::protected::import_lines(source)
}

/// Put the functions into the module.
pub fn add(m: &Bound<'_, PyModule>) -> PyResult<()> {
    users::on_switch(ember_jit::api::builtins_changed);
    m.add_class::<LazyBuiltins>()?;
    m.add_function(wrap_pyfunction!(lazy_imports_of, m)?)?;
    m.add_function(wrap_pyfunction!(lazy_mark, m)?)?;
    m.add_function(wrap_pyfunction!(lazy_import_from, m)?)?;
    m.add_function(wrap_pyfunction!(lazy_protected_lines, m)?)?;
    Ok(())
}
