//! What Python asks of the analyser of strict modules: text in, text out, without the GIL.

use ember_strict::check::{Options, Report, check};
use ember_strict::diagnostics::{Code, render};
use pyo3::exceptions::PyValueError;
use pyo3::prelude::*;

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

/// Put the functions into the module.
pub fn add(m: &Bound<'_, PyModule>) -> PyResult<()> {
    m.add_function(wrap_pyfunction!(strict_check, m)?)?;
    m.add_function(wrap_pyfunction!(strict_render, m)?)?;
    m.add_function(wrap_pyfunction!(strict_codes, m)?)?;
    m.add_function(wrap_pyfunction!(strict_probe, m)?)?;
    Ok(())
}
