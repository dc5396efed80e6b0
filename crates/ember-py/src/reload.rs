//! What hot reload asks: which files were saved, and what importing a module does. Both wait and work without the GIL.

use ember_strict::check::Options;
use ember_strict::session::{Question, Session};
use ember_watch::{Changes, Pace, Stopper, Wait, Watcher};
use pyo3::exceptions::{PyOSError, PyRuntimeError, PyValueError};
use pyo3::prelude::*;
use std::path::PathBuf;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

/// Watches folders for saved files.
#[pyclass(frozen, module = "ember._ember")]
struct FileWatcher {
    watcher: Mutex<Watcher>,
    changes: Mutex<Changes>,
    stopper: Stopper,
}

#[pymethods]
impl FileWatcher {
    /// `quiet`: a batch ends after so many seconds without an event; `poll`: do not ask the kernel.
    #[new]
    #[pyo3(signature = (quiet=0.015, poll=false))]
    fn new(quiet: f64, poll: bool) -> PyResult<FileWatcher> {
        let quiet = Duration::try_from_secs_f64(quiet).map_err(|error| PyValueError::new_err(error.to_string()))?;
        let pace = Pace { quiet, ..Pace::default() };
        let (watcher, changes) = Watcher::new(pace, poll).map_err(PyOSError::new_err)?;
        let stopper = watcher.stopper();
        Ok(FileWatcher { watcher: Mutex::new(watcher), changes: Mutex::new(changes), stopper })
    }

    /// Also watch a folder, not those in it.
    fn add(&self, py: Python<'_>, folder: PathBuf) -> PyResult<()> {
        py.detach(|| self.watcher.lock().unwrap_or_else(PoisonError::into_inner).add(&folder))
            .map_err(PyOSError::new_err)
    }

    /// Why folders are polled; None if the kernel tells.
    fn polling(&self) -> Option<String> {
        self.watcher.lock().unwrap_or_else(PoisonError::into_inner).polling().map(str::to_owned)
    }

    /// Wait for saved files, at most `limit` seconds for the first: their paths, or none in time, or None after `stop`.
    fn next(&self, py: Python<'_>, limit: f64) -> PyResult<Option<Vec<PathBuf>>> {
        let limit = Duration::try_from_secs_f64(limit).map_err(|error| PyValueError::new_err(error.to_string()))?;
        Ok(py.detach(|| match self.changes.lock().unwrap_or_else(PoisonError::into_inner).next(limit) {
            Wait::Changed(paths) => Some(paths),
            Wait::Nothing => Some(Vec::new()),
            Wait::Stopped => None,
        }))
    }

    /// Let the thread that waits return None.
    fn stop(&self) {
        self.stopper.stop();
    }
}

/// An analysis of the program's modules that is kept between saves.
#[pyclass(frozen, module = "ember._ember")]
struct StrictSession(Mutex<Session>);

#[pymethods]
impl StrictSession {
    /// Options as for `strict_check`, in JSON.
    #[new]
    fn new(options: &str) -> PyResult<StrictSession> {
        let options: Options =
            serde_json::from_str(options).map_err(|error| PyValueError::new_err(error.to_string()))?;
        Ok(StrictSession(Mutex::new(Session::new(options))))
    }

    /// What importing modules does: the question and the answers in JSON.
    fn ask(&self, py: Python<'_>, question: &str) -> PyResult<String> {
        let question: Question =
            serde_json::from_str(question).map_err(|error| PyValueError::new_err(error.to_string()))?;
        let answers = py.detach(|| self.0.lock().unwrap_or_else(PoisonError::into_inner).ask(&question));
        serde_json::to_string(&answers).map_err(|error| PyRuntimeError::new_err(error.to_string()))
    }

    /// How many modules are known.
    fn size(&self, py: Python<'_>) -> usize {
        py.detach(|| self.0.lock().unwrap_or_else(PoisonError::into_inner).size())
    }
}

/// Put the classes into the module.
pub fn add(m: &Bound<'_, PyModule>) -> PyResult<()> {
    m.add_class::<FileWatcher>()?;
    m.add_class::<StrictSession>()
}
