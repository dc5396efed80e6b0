//! `ember._ember`: what Python can ask of the JIT, and no more.
//!
//! The idea: one function here for one of [`api`], with Python's values turned into Rust's and back. Nothing is decided
//! here; defaults, names and documentation for users are those of the Python package, which is the only caller.
//!
//! Two invariants are upheld here. Whatever reaches the API as a function *is* a Python function (not a method, not
//! a callable), alive for the length of the call. And every call is made with the GIL held: what waits in the API
//! releases it there.

mod lazy;
mod load;
mod profile;
mod reload;
mod strict;

use ember_jit::api;

use ember_jit::jit_list::JitList;
use ember_jit::report::Report;
use pyo3::exceptions::{PyRuntimeError, PyValueError};
use pyo3::ffi;
use pyo3::import_exception;
use pyo3::prelude::*;
use pyo3::types::{PyDict, PyFunction, PyList};

/// What lives as long as native code has pages of its own.
#[global_allocator]
static ALLOCATOR: ember_jit::Allocator = ember_jit::Allocator;

import_exception!(ember._native, CompileError);

fn pointer(function: &Bound<'_, PyFunction>) -> *mut ffi::PyObject {
    function.as_ptr()
}

fn parse_list(text: &str) -> PyResult<JitList> {
    JitList::parse(text).map_err(|error| PyValueError::new_err(error.to_string()))
}

pub(crate) fn to_python<'py>(py: Python<'py>, report: Report) -> PyResult<Bound<'py, PyAny>> {
    Ok(match report {
        Report::None => py.None().into_bound(py),
        Report::Bool(value) => value.into_pyobject(py)?.to_owned().into_any(),
        Report::Int(value) => value.into_pyobject(py)?.into_any(),
        Report::Float(value) => value.into_pyobject(py)?.into_any(),
        Report::Text(value) => value.into_pyobject(py)?.into_any(),
        Report::List(items) => {
            let list = PyList::empty(py);
            for item in items {
                list.append(to_python(py, item)?)?;
            }
            list.into_any()
        }
        Report::Map(parts) => {
            let dict = PyDict::new(py);
            for (key, part) in parts {
                dict.set_item(key, to_python(py, part)?)?;
            }
            dict.into_any()
        }
    })
}

/// Why this interpreter is not one that the JIT can work in; None if it is.
#[pyfunction]
fn unsupported() -> Option<String> {
    api::support().err()
}

/// Why heaps cannot be frozen in this interpreter; None if they can. Freezing asks for less than the JIT.
#[pyfunction]
fn freezing_unsupported() -> Option<String> {
    // SAFETY: the GIL is held where Python calls a function.
    unsafe { ember_freeze::support() }.err()
}

/// Turn the JIT on in a mode; in the mode `list`, with the text of a list.
#[pyfunction]
#[pyo3(signature = (mode, list=None))]
fn enable(mode: &str, list: Option<&str>) -> PyResult<()> {
    let list = list.map(parse_list).transpose()?;
    api::enable(mode, list).map_err(PyRuntimeError::new_err)
}

/// Turn the JIT off and put every function back as it was.
#[pyfunction]
fn disable() {
    api::disable();
}

/// While paused nothing new is compiled and no function enters native code.
#[pyfunction]
fn set_paused(paused: bool) {
    api::set_paused(paused);
}

/// Compile a function now.
#[pyfunction]
fn compile(function: &Bound<'_, PyFunction>) -> PyResult<()> {
    api::compile(pointer(function)).map_err(CompileError::new_err)
}

/// Forget a function's native code; whether it had any.
#[pyfunction]
fn uncompile(function: &Bound<'_, PyFunction>) -> bool {
    api::uncompile(pointer(function))
}

/// Whether a call of the function runs native code.
#[pyfunction]
fn is_compiled(function: &Bound<'_, PyFunction>) -> bool {
    api::is_compiled(pointer(function))
}

/// Never compile the function.
#[pyfunction]
fn exclude(function: &Bound<'_, PyFunction>) {
    api::exclude(pointer(function));
}

/// The functions that have native code now.
#[pyfunction]
fn compiled_functions(py: Python<'_>) -> Vec<Bound<'_, PyAny>> {
    let functions = api::compiled_functions();
    // SAFETY: the API hands out strong references, and each is taken over here exactly once.
    functions.into_iter().map(|function| unsafe { Bound::from_owned_ptr(py, function) }).collect()
}

/// Add the entries of a list's text to those in force.
#[pyfunction]
fn load_list(text: &str) -> PyResult<()> {
    api::load_list(parse_list(text)?);
    Ok(())
}

/// What a list's text says of a function: `listed`, `excluded` or `unlisted`.
#[pyfunction]
fn list_verdict(text: &str, module: &str, qualname: &str, filename: &str, line: u32) -> PyResult<&'static str> {
    use ember_jit::jit_list::{Subject, Verdict};
    Ok(match parse_list(text)?.verdict(Subject { module, qualname, filename, line }) {
        Verdict::Listed => "listed",
        Verdict::Excluded => "excluded",
        Verdict::Unlisted => "unlisted",
    })
}

/// Compile everything that is listed or loaded, on this many threads; what came of it.
#[pyfunction]
fn precompile(py: Python<'_>, workers: usize) -> PyResult<Bound<'_, PyAny>> {
    to_python(py, api::precompile(workers))
}

/// Figures about the process.
#[pyfunction]
fn stats(py: Python<'_>) -> PyResult<Bound<'_, PyAny>> {
    to_python(py, api::stats())
}

/// Start to note how much runs in native code, or stop.
#[pyfunction]
fn count_share(wanted: bool) {
    api::count_share(wanted);
}

/// What is known about a function.
#[pyfunction]
fn explain<'py>(function: &Bound<'py, PyFunction>) -> PyResult<Bound<'py, PyAny>> {
    to_python(function.py(), api::explain(pointer(function)))
}

/// The function's `hir`, `clif` or `asm`.
#[pyfunction]
fn dump(function: &Bound<'_, PyFunction>, kind: &str) -> PyResult<String> {
    api::dump(pointer(function), kind).map_err(CompileError::new_err)
}

/// Wait until nothing is queued for compilation.
#[pyfunction]
fn wait() {
    api::wait();
}

/// In a child after `fork`: start the engine's threads again.
#[pyfunction]
fn after_fork() {
    api::after_fork();
}

/// Try the layouts on live objects; raises RuntimeError with what differs.
#[pyfunction]
fn selftest() -> PyResult<()> {
    api::selftest().map_err(PyRuntimeError::new_err)
}

/// Freeze the heap, and settle compiled code; what was done, as a dict of plain values.
#[pyfunction]
#[pyo3(signature = (collect, close_gaps, map=None))]
fn freeze(
    py: Python<'_>,
    collect: bool,
    close_gaps: bool,
    map: Option<std::path::PathBuf>,
) -> PyResult<Bound<'_, PyDict>> {
    if let Some(reason) = freezing_unsupported() {
        return Err(PyRuntimeError::new_err(reason));
    }
    // First, so that what this frees leaves no gaps.
    let code = api::settle_code();
    let options = ember_freeze::Options { collect, close_gaps };
    // SAFETY: the GIL is held, the layouts were checked, and no exception is set where Python calls a function.
    let frozen = unsafe { ember_freeze::freeze(options, map.as_deref()) }
        .map_err(|ember_freeze::ExceptionSet| PyErr::fetch(py))?;
    let list = |types: &[ember_freeze::report::OfType]| -> Vec<(String, usize, usize)> {
        types.iter().map(|of_type| (of_type.name.clone(), of_type.objects, of_type.bytes)).collect()
    };
    let dict = PyDict::new(py);
    dict.set_item("types", list(&frozen.types))?;
    dict.set_item("kept", list(&frozen.kept))?;
    dict.set_item("unfinished", frozen.unfinished)?;
    dict.set_item("hashes", frozen.hashes)?;
    dict.set_item("versions", frozen.versions)?;
    dict.set_item("gaps", frozen.gaps)?;
    dict.set_item("map_error", &frozen.map_error)?;
    dict.set_item("collect_seconds", frozen.collect_seconds)?;
    dict.set_item("freeze_seconds", frozen.freeze_seconds)?;
    dict.set_item("gaps_seconds", frozen.gaps_seconds)?;
    dict.set_item("code", code)?;
    Ok(dict)
}

/// Makes pages this process's own, or only maps them, see `ember._prefault`; how many bytes.
#[pyfunction]
fn prefault(ranges: &[u8], copy: bool) -> usize {
    ember_freeze::prefault::populate(ranges, copy)
}

#[pymodule(gil_used = true)]
#[pyo3(name = "_ember")]
fn ember_module(m: &Bound<'_, PyModule>) -> PyResult<()> {
    m.add("__version__", env!("CARGO_PKG_VERSION"))?;
    m.add_function(wrap_pyfunction!(unsupported, m)?)?;
    m.add_function(wrap_pyfunction!(freezing_unsupported, m)?)?;
    m.add_function(wrap_pyfunction!(enable, m)?)?;
    m.add_function(wrap_pyfunction!(disable, m)?)?;
    m.add_function(wrap_pyfunction!(set_paused, m)?)?;
    m.add_function(wrap_pyfunction!(compile, m)?)?;
    m.add_function(wrap_pyfunction!(uncompile, m)?)?;
    m.add_function(wrap_pyfunction!(is_compiled, m)?)?;
    m.add_function(wrap_pyfunction!(exclude, m)?)?;
    m.add_function(wrap_pyfunction!(compiled_functions, m)?)?;
    m.add_function(wrap_pyfunction!(load_list, m)?)?;
    m.add_function(wrap_pyfunction!(list_verdict, m)?)?;
    m.add_function(wrap_pyfunction!(precompile, m)?)?;
    m.add_function(wrap_pyfunction!(stats, m)?)?;
    m.add_function(wrap_pyfunction!(count_share, m)?)?;
    m.add_function(wrap_pyfunction!(explain, m)?)?;
    m.add_function(wrap_pyfunction!(dump, m)?)?;
    m.add_function(wrap_pyfunction!(wait, m)?)?;
    m.add_function(wrap_pyfunction!(after_fork, m)?)?;
    m.add_function(wrap_pyfunction!(selftest, m)?)?;
    m.add_function(wrap_pyfunction!(freeze, m)?)?;
    m.add_function(wrap_pyfunction!(prefault, m)?)?;
    m.add_function(wrap_pyfunction!(load::drive, m)?)?;
    m.add_function(wrap_pyfunction!(load::interval, m)?)?;
    lazy::add(m)?;
    profile::add(m)?;
    strict::add(m)?;
    reload::add(m)?;
    Ok(())
}
