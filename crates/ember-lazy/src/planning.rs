//! [`crate::plan`] for Python: a planner with the file it keeps its verdicts in.
//!
//! The lock is held while the graph is asked, and never while Python code runs: what the graph needs to know is found out in between.

use crate::places::Place;
use crate::plan::{Loaded, Need, Plan, Planner};
use crate::verdicts::{self, Table, Verdict};
use pyo3::prelude::*;
use pyo3::types::{PyBytes, PyDict, PyString};
use rustc_hash::FxHashSet;
use std::path::PathBuf;
use std::sync::{Mutex, MutexGuard, PoisonError};

/// `sys.modules`
struct Modules<'py>(Bound<'py, PyDict>);

impl Loaded for Modules<'_> {
    type Name = Py<PyString>;

    fn name(&self, text: &str) -> Py<PyString> {
        PyString::intern(self.0.py(), text).unbind()
    }

    fn contains(&self, name: &Py<PyString>) -> bool {
        // Strings are compared without running code; an error is none of a `dict` of strings.
        self.0.contains(name.bind(self.0.py())).unwrap_or(false)
    }
}

/// What the loaded modules are.
pub(crate) fn loaded(py: Python<'_>) -> PyResult<Bound<'_, PyDict>> {
    // SAFETY: the GIL is held; the dict is borrowed from the interpreter, which outlives the call.
    let modules = unsafe { Bound::from_borrowed_ptr_or_err(py, pyo3_ffi::PyImport_GetModuleDict()) }?;
    Ok(modules.cast_into::<PyDict>()?)
}

/// Verdicts of the analyser in a file, and what follows from them.
#[pyclass(frozen, module = "ember._ember")]
pub struct LazyPlanner {
    file: PathBuf,
    planner: Mutex<Planner<Py<PyString>>>,
    find_top: Py<PyAny>,
    digest: Py<PyAny>,
}

impl LazyPlanner {
    fn planner(&self) -> MutexGuard<'_, Planner<Py<PyString>>> {
        self.planner.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Ask until all that has to be known is.
    fn answer<T>(
        &self,
        py: Python<'_>,
        question: impl Fn(&mut Planner<Py<PyString>>, &Modules<'_>) -> Result<T, Need>,
    ) -> PyResult<T> {
        let modules = Modules(loaded(py)?);
        loop {
            let answer = question(&mut self.planner(), &modules);
            match answer {
                Ok(answer) => return Ok(answer),
                Err(need) => self.meet(py, &need)?,
            }
        }
    }

    fn meet(&self, py: Python<'_>, need: &Need) -> PyResult<()> {
        match need {
            Need::Top(name) => {
                let found = self.find_top.call1(py, (name,))?;
                let (origin, folders): (Option<String>, Vec<String>) = found.extract(py)?;
                let place = match origin {
                    None => Place::Elsewhere,
                    Some(path) if path.is_empty() => Place::Folder,
                    Some(path) => Place::Source(path),
                };
                self.planner().places.learn_top(name, place, folders);
            }
            Need::Digest(path) => {
                let digest = self.digest.call1(py, (path,))?;
                let digest = digest.bind(py).cast::<PyBytes>()?;
                self.planner().learn_digest(path, digest.as_bytes());
            }
        }
        Ok(())
    }

    /// Whether an import can wait.
    pub(crate) fn plan(&self, py: Python<'_>, module: &str, names: &[&str]) -> PyResult<Plan> {
        self.answer(py, |planner, modules| planner.plan(module, names, modules))
    }
}

#[pymethods]
impl LazyPlanner {
    /// `find_top(name)` says where a top-level module is: (source; "" for a package without code, None for neither; folders). `digest(path)` is the hash of
    /// a source; empty if it is not there.
    #[new]
    fn new(
        file: PathBuf,
        stdlib: FxHashSet<String>,
        eager: FxHashSet<String>,
        stubs: Vec<String>,
        find_top: Py<PyAny>,
        digest: Py<PyAny>,
    ) -> LazyPlanner {
        let mut planner = Planner::new(stdlib, eager, stubs);
        planner.table = verdicts::read(&file);
        LazyPlanner { file, planner: Mutex::new(planner), find_top, digest }
    }

    /// What stands against putting off an import; None if nothing does, empty if somebody has to be analysed first.
    fn objection(&self, py: Python<'_>, module: &str, names: Option<Vec<String>>) -> PyResult<Option<String>> {
        let names = names.unwrap_or_default();
        let names: Vec<&str> = names.iter().map(String::as_str).collect();
        Ok(match self.plan(py, module, &names)? {
            Plan::Waits { .. } => None,
            Plan::Now(reason) => Some(reason),
            Plan::Missing => Some(String::new()),
        })
    }

    /// The modules to execute in place of an import that waits, in order.
    fn effects(&self, py: Python<'_>, module: &str, names: Option<Vec<String>>) -> PyResult<Vec<String>> {
        let names = names.unwrap_or_default();
        let names: Vec<&str> = names.iter().map(String::as_str).collect();
        self.answer(py, |planner, modules| planner.effects(module, &names, modules))
    }

    /// What a module that looks at all of `sys.modules` imports; None if it does not look.
    fn looks(&self, py: Python<'_>, module: &str) -> PyResult<Option<Vec<String>>> {
        self.answer(py, |planner, modules| planner.looks(module, modules))
    }

    /// Whether the source may look at all of `sys.modules`: [`LazyPlanner::looks`] knows.
    fn may_look(&self, path: &str) -> bool {
        self.planner().table.get(path).is_some_and(|verdict| verdict.traits & verdicts::LOOKS != 0)
    }

    /// The source of a module; empty for a package without code, None if it has no source, or is not there.
    fn path_of(&self, py: Python<'_>, module: &str) -> PyResult<Option<String>> {
        let place = self.answer(py, |planner, _| planner.places.of(module).map_err(Need::from))?;
        Ok(match place {
            Place::Source(path) => Some(path),
            Place::Folder => Some(String::new()),
            Place::Elsewhere => None,
        })
    }

    /// Sources that should be analysed, since the last call.
    fn take_wanted(&self) -> Vec<String> {
        self.planner().take_wanted()
    }

    /// Note the verdict of a source.
    fn put(&self, path: String, time: i64, size: u64, digest: &[u8], reason: String, traits: u8, imports: Vec<String>) {
        let verdict = Verdict { time, size, digest: digest.to_vec(), reason, traits, imports };
        self.planner().table.insert(path, verdict);
    }

    /// Answer by the verdicts that were put since.
    fn forget(&self) {
        self.planner().forget();
    }

    /// The paths of which there is a verdict, with what stands against each.
    fn known(&self) -> Vec<(String, String)> {
        let planner = self.planner();
        planner.table.iter().map(|(path, verdict)| (path.clone(), verdict.reason.clone())).collect()
    }

    /// Whether verdicts got new times, so that they should be saved.
    #[getter]
    fn touched(&self) -> bool {
        self.planner().touched
    }

    /// Keep the verdicts, with those that another process kept meanwhile; whether that was possible.
    fn save(&self) -> bool {
        let mut merged: Table = verdicts::read(&self.file);
        let mut planner = self.planner();
        merged.extend(planner.table.iter().map(|(path, verdict)| (path.clone(), verdict.clone())));
        planner.touched = false;
        drop(planner);
        verdicts::write(&self.file, &merged).is_ok()
    }
}
