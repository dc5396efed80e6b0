//! What Python asks about profiles: text of files in and out.

use ember_jit::api;
use pyo3::exceptions::PyValueError;
use pyo3::prelude::*;

/// Take in the text of a profile.
#[pyfunction]
fn profile_load(text: &str) -> PyResult<()> {
    api::profile_load(text).map_err(PyValueError::new_err)
}

/// What became of the profiles loaded, as a dict of counts.
#[pyfunction]
fn profile_report(py: Python<'_>) -> PyResult<Bound<'_, PyAny>> {
    crate::to_python(py, api::profile_report())
}

/// Begin to compile what they want, on this many threads; how many functions.
#[pyfunction]
fn profile_compile(workers: usize) -> usize {
    api::profile_compile(workers)
}

/// What this process has learnt, as the text of a profile.
#[pyfunction]
fn profile_save() -> String {
    api::profile_save()
}

/// One profile of many; a ValueError has the index of the text that is none, and why.
#[pyfunction]
fn profile_merge(py: Python<'_>, texts: Vec<String>) -> PyResult<String> {
    py.detach(|| api::profile_merge(&texts)).map_err(PyValueError::new_err)
}

/// Put the functions into the module.
pub fn add(m: &Bound<'_, PyModule>) -> PyResult<()> {
    m.add_function(wrap_pyfunction!(profile_load, m)?)?;
    m.add_function(wrap_pyfunction!(profile_report, m)?)?;
    m.add_function(wrap_pyfunction!(profile_compile, m)?)?;
    m.add_function(wrap_pyfunction!(profile_save, m)?)?;
    m.add_function(wrap_pyfunction!(profile_merge, m)?)?;
    Ok(())
}
