//! `ember._ember.drive`: the load generator for the Python package, and `interval`, its arithmetic.
//!
//! A run takes place without the GIL, on the calling thread, and nothing is kept between two calls: a process that never makes one pays
//! nothing for that the generator is there.

use ember_ab::target::Volatile;
use ember_ab::{Latencies, Outcome, Slice, Target, stats};
use pyo3::exceptions::PyValueError;
use pyo3::prelude::*;
use pyo3::types::{PyBytes, PyDict};
use std::time::Duration;

/// A request and what is right for an answer, as the Python package writes it.
#[derive(FromPyObject)]
#[pyo3(from_item_all)]
pub struct Described {
    method: String,
    path: String,
    headers: Vec<(String, String)>,
    body: Vec<u8>,
    view: usize,
    status: u16,
    contains: Vec<u8>,
    compare: bool,
    volatile: Vec<(Vec<u8>, Vec<u8>)>,
}

/// Where, how much and how fast, as the Python package writes it.
#[derive(FromPyObject)]
#[pyo3(from_item_all)]
pub struct Bounds {
    connections: usize,
    rate: Option<f64>,
    timeout: f64,
    longest: f64,
    remote: bool,
    keep_bodies: bool,
}

/// The targets that are described.
fn targets(described: Vec<Described>) -> Result<Vec<Target>, String> {
    let one = |described: Described| {
        let mut target = Target::new(&described.method, &described.path, &described.headers, described.body)?;
        target.view = described.view;
        target.status = described.status;
        target.contains = described.contains;
        target.compare = described.compare;
        target.volatile = described.volatile.into_iter().map(|(after, until)| Volatile { after, until }).collect();
        Ok(target)
    };
    described.into_iter().map(one).collect()
}

/// A number of seconds.
fn seconds(value: f64) -> Result<Duration, String> {
    Duration::try_from_secs_f64(value).map_err(|error| format!("{value} s: {error}"))
}

/// Send the described requests, in an order of their numbers, to the server at `address`; what came of it.
#[pyfunction]
pub fn drive<'py>(
    py: Python<'py>,
    described: Vec<Described>,
    address: &str,
    order: Vec<usize>,
    expected: Vec<Option<u64>>,
    bounds: Bounds,
) -> PyResult<Bound<'py, PyDict>> {
    let run = || {
        let slice = Slice {
            address: address.parse().map_err(|_| format!("{address:?} is no address with a port"))?,
            remote: bounds.remote,
            order,
            expected,
            connections: bounds.connections,
            rate: bounds.rate,
            timeout: seconds(bounds.timeout)?,
            longest: seconds(bounds.longest)?,
            keep_bodies: bounds.keep_bodies,
        };
        ember_ab::drive(&targets(described)?, slice)
    };
    let outcome = py.detach(run).map_err(PyValueError::new_err)?;
    to_python(py, &outcome)
}

/// The outcome as Python's own objects.
fn to_python<'py>(py: Python<'py>, outcome: &Outcome) -> PyResult<Bound<'py, PyDict>> {
    let dict = PyDict::new(py);
    dict.set_item("sent", outcome.sent)?;
    dict.set_item("answered", outcome.answered)?;
    dict.set_item("seconds", outcome.seconds)?;
    dict.set_item("saturated", outcome.saturated)?;
    dict.set_item("connections", outcome.connections)?;
    dict.set_item("bytes", outcome.bytes)?;
    dict.set_item("own_cpu", outcome.own_cpu)?;
    dict.set_item("digests", &outcome.digests)?;
    let problems = PyDict::new(py);
    for (kind, problem) in &outcome.problems {
        problems.set_item(kind, (problem.count, problem.target, PyBytes::new(py, &problem.example)))?;
    }
    dict.set_item("problems", problems)?;
    let bodies = PyDict::new(py);
    for (index, body) in &outcome.bodies {
        bodies.set_item(index, PyBytes::new(py, body))?;
    }
    dict.set_item("bodies", bodies)?;
    // Buckets of HdrHistograms with the same bounds: adding up their counts adds up the histograms.
    let buckets = |histogram: &Latencies| {
        histogram
            .iter_recorded()
            .map(|bucket| (bucket.value_iterated_to(), bucket.count_at_value()))
            .collect::<Vec<_>>()
    };
    dict.set_item("latencies", outcome.latencies.iter().map(buckets).collect::<Vec<_>>())?;
    Ok(dict)
}

/// The ratio of A's costs to B's over groups of pairs, with an interval, see `ember_ab::stats`; None for too few pairs.
#[pyfunction]
pub fn interval<'py>(
    py: Python<'py>,
    groups: Vec<Vec<(f64, f64)>>,
    confidence: f64,
    seed: u64,
) -> PyResult<Option<Bound<'py, PyDict>>> {
    let Some(found) = py.detach(|| stats::interval(&groups, confidence, seed)) else { return Ok(None) };
    let dict = PyDict::new(py);
    dict.set_item("ratio", found.ratio)?;
    dict.set_item("low", found.low)?;
    dict.set_item("high", found.high)?;
    dict.set_item("error", found.error)?;
    dict.set_item("between", found.between)?;
    Ok(Some(dict))
}
