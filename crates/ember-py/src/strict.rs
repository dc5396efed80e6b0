//! What Python asks of the analyser of strict modules: text in, text out, without the GIL; and what the loader of strict modules needs.

use ember_jit::api::{self, Outcome};
use ember_strict::check::{Options, Report, check};
use ember_strict::diagnostics::{Code, render};
use ember_strict::load;
use pyo3::exceptions::{PyRuntimeError, PyValueError};
use pyo3::prelude::*;
use pyo3::types::{PyDict, PyList, PyTuple, PyType};
use std::collections::HashMap;
use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, Ordering};

fn parse<'t, Parsed: serde::Deserialize<'t>>(text: &'t str) -> PyResult<Parsed> {
    serde_json::from_str(text).map_err(|error| PyValueError::new_err(error.to_string()))
}

/// Check what options (JSON) say; the report as JSON.
#[pyfunction]
fn strict_check(py: Python<'_>, options: &str) -> PyResult<String> {
    let options: Options = parse(options)?;
    Ok(py.detach(|| render::json(&check(&options))))
}

/// A report (JSON) in a format for people or programs.
#[pyfunction]
fn strict_render(report: &str, format: &str, colour: bool, verdicts: bool) -> PyResult<String> {
    let report: Report = parse(report)?;
    match format {
        "text" => Ok(render::text(&report, colour, verdicts)),
        "json" => Ok(render::json(&report)),
        "sarif" => Ok(render::sarif(&report)),
        "github" => Ok(render::github(&report)),
        other => Err(PyValueError::new_err(format!("no format {other}"))),
    }
}

/// All codes with title and explanation.
#[pyfunction]
fn strict_codes() -> Vec<(String, &'static str, &'static str)> {
    Code::ALL.iter().map(|code| (code.id(), code.title(), code.explain())).collect()
}

/// Run each source in the interpreter of the analyser; what became of it, as a JSON list.
#[pyfunction]
fn strict_probe(py: Python<'_>, options: &str, sources: Vec<String>) -> PyResult<String> {
    let options: Options = parse(options)?;
    let outcomes = py.detach(|| ember_strict::probe::run_all(&options, &sources));
    serde_json::to_string(&outcomes).map_err(|error| PyValueError::new_err(error.to_string()))
}

/// An answer about a module as Python sees it: whether it is strict, what speaks against it, the text to keep.
type Answer = (bool, String, String);

/// A name for the build of the analyser: what it says is kept under it.
#[pyfunction]
fn strict_build() -> &'static str {
    ember_strict::BUILD
}

/// A key for answers: whatever they depend on besides files.
#[pyfunction]
fn strict_key(text: &str) -> u64 {
    ember_strict::value::hash_bytes(text.as_bytes())
}

/// The answer that was kept for a module, if it still holds: whether it is strict, and what speaks against it.
#[pyfunction]
fn strict_recall(py: Python<'_>, kept: &[u8], key: u64, path: PathBuf) -> Option<(bool, String)> {
    py.detach(|| load::recall(kept, key, &path)).map(|entry| (entry.strict, entry.message))
}

/// Analyse a module with all it imports; answers by path, for it and for the strict modules on the way.
#[pyfunction]
fn strict_judge(
    py: Python<'_>,
    options: &str,
    key: u64,
    name: &str,
    path: PathBuf,
) -> PyResult<HashMap<String, Answer>> {
    let options: Options = parse(options)?;
    let judged = py.detach(|| load::judge(&options, key, name, &path));
    Ok(judged
        .into_iter()
        .map(|one| {
            let text = load::keep(&one.entry, b"");
            (one.path.to_string_lossy().into_owned(), (one.entry.strict, one.entry.message, text))
        })
        .collect())
}

/// What to write beside a module's bytecode: a new answer before those for other settings.
#[pyfunction]
fn strict_keep(entry: &[u8], before: &[u8]) -> Option<String> {
    load::first(entry).map(|entry| load::keep(&entry, before))
}

/// Look at all files anew from now on.
#[pyfunction]
fn strict_forget() {
    load::forget();
}

/// Make a class immutable; why not, if it stays mutable.
#[pyfunction]
fn freeze_class(class: &Bound<'_, PyType>) -> PyResult<Option<&'static str>> {
    api::support().map_err(PyRuntimeError::new_err)?;
    // SAFETY: a live class that Python code can see, so it is ready; the layouts were checked, the GIL is held.
    let outcome = unsafe { api::freeze_class(class.as_ptr()) };
    Ok(match outcome {
        Outcome::Done => None,
        Outcome::Before => Some("immutable already"),
        Outcome::OpenMetaclass => Some("a metaclass that inherits from a mutable one"),
    })
}

/// Make classes mutable that `freeze_class` made immutable.
#[pyfunction]
fn thaw_classes(classes: Vec<Bound<'_, PyType>>) -> PyResult<()> {
    api::support().map_err(PyRuntimeError::new_err)?;
    let pointers: Vec<_> = classes.iter().map(Bound::as_ptr).collect();
    // SAFETY: live classes; the layouts were checked, the GIL is held.
    unsafe { api::thaw_classes(&pointers) };
    Ok(())
}

/// `__build_class__` of strict modules: that of the interpreter, which also notes the classes that are made while `made` is a list.
#[pyclass(frozen, module = "ember._ember")]
struct ClassBuilder {
    original: Py<PyAny>,
    made: Py<PyList>,
    counting: AtomicBool,
}

#[pymethods]
impl ClassBuilder {
    #[new]
    fn new(original: Py<PyAny>, made: Py<PyList>) -> ClassBuilder {
        ClassBuilder { original, made, counting: AtomicBool::new(false) }
    }

    /// Whether classes are noted from now on.
    fn note(&self, wanted: bool) {
        self.counting.store(wanted, Ordering::Relaxed);
    }

    #[pyo3(signature = (*args, **kwargs))]
    fn __call__<'py>(
        &self,
        py: Python<'py>,
        args: &Bound<'py, PyTuple>,
        kwargs: Option<&Bound<'py, PyDict>>,
    ) -> PyResult<Bound<'py, PyAny>> {
        let class = self.original.bind(py).call(args, kwargs)?;
        if self.counting.load(Ordering::Relaxed) {
            self.made.bind(py).append(&class)?;
        }
        Ok(class)
    }
}

/// Put the functions into the module.
pub fn add(m: &Bound<'_, PyModule>) -> PyResult<()> {
    m.add_function(wrap_pyfunction!(strict_check, m)?)?;
    m.add_function(wrap_pyfunction!(strict_render, m)?)?;
    m.add_function(wrap_pyfunction!(strict_codes, m)?)?;
    m.add_function(wrap_pyfunction!(strict_probe, m)?)?;
    m.add_function(wrap_pyfunction!(strict_build, m)?)?;
    m.add_function(wrap_pyfunction!(strict_key, m)?)?;
    m.add_function(wrap_pyfunction!(strict_recall, m)?)?;
    m.add_function(wrap_pyfunction!(strict_judge, m)?)?;
    m.add_function(wrap_pyfunction!(strict_keep, m)?)?;
    m.add_function(wrap_pyfunction!(strict_forget, m)?)?;
    m.add_function(wrap_pyfunction!(freeze_class, m)?)?;
    m.add_function(wrap_pyfunction!(thaw_classes, m)?)?;
    m.add_class::<ClassBuilder>()?;
    Ok(())
}
