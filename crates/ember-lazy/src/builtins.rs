//! The builtins of a module with unresolved names.
//!
//! `LazyBuiltins` is a `dict` (CPython insists on that) whose own table stays empty. A lookup, by the interpreter or by anybody else, asks the names of the
//! module first, so that a lazy name may be called like a builtin, and then the builtins that the module would have without us. So a builtin that is
//! changed while the program runs is seen here, too.
//!
//! The names are a dict from a name (or marker) to what the handler is given with it; None stands for a name that may become lazy and is not
//! yet. The handler's answer is the value of the name. Names are only for code that runs with the globals of the module: code that somebody runs in
//! other globals (`exec(code, {})`) inherits the builtins of its caller, not the caller's names.

use crate::users::{self, Users};
use ember_cpython::frame;
use ember_cpython::layout::PyObject;
use ember_cpython::tstate;
use pyo3::exceptions::PyKeyError;
use pyo3::prelude::*;
use pyo3::types::{PyDict, PyIterator, PyString};
use std::sync::{Mutex, MutexGuard, PoisonError};

/// Builtins with the unresolved names of a module in front.
#[pyclass(extends = PyDict, mapping, frozen, module = "ember._ember")]
pub struct LazyBuiltins {
    globals: Py<PyDict>,
    real: Py<PyDict>,
    names: Py<PyDict>,
    handler: Py<PyAny>,
    users: Mutex<Users>,
}

/// The globals of the code that asks for a name.
fn asking_globals() -> *mut PyObject {
    let ts = tstate::current();
    // SAFETY: a thread that runs Python code holds the GIL and has a state; its frames are live.
    unsafe {
        let frame = if ts.is_null() { core::ptr::null_mut() } else { frame::first_complete((*ts).current_frame) };
        if frame.is_null() { core::ptr::null_mut() } else { (*frame).f_globals }
    }
}

/// The error without the handler's own entries in its traceback: the program sees its statement, and then what that imports.
fn without_handler(py: Python<'_>, error: PyErr) -> PyErr {
    let Some(traceback) = error.traceback(py) else { return error };
    let ours = |entry: &Bound<'_, PyAny>| -> PyResult<bool> {
        let name = entry.getattr("tb_frame")?.getattr("f_globals")?.get_item("__name__")?;
        Ok(name.cast::<PyString>().is_ok_and(|name| name.to_str().is_ok_and(|name| name.starts_with("ember.lazy."))))
    };
    let mut rest = Some(traceback.into_any());
    while let Some(entry) = rest.take_if(|entry| ours(entry).unwrap_or(false)) {
        rest = entry.getattr("tb_next").ok().filter(|next| !next.is_none());
    }
    error.set_traceback(py, rest.and_then(|rest| rest.cast_into().ok()));
    error
}

impl LazyBuiltins {
    pub(crate) fn users(&self) -> MutexGuard<'_, Users> {
        self.users.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn globals_pointer(&self) -> *mut PyObject {
        self.globals.as_ptr()
    }

    pub(crate) fn real_pointer(&self) -> *mut PyObject {
        self.real.as_ptr()
    }

    pub(crate) fn names_pointer(&self) -> *mut PyObject {
        self.names.as_ptr()
    }

    fn lookup<'py>(&self, py: Python<'py>, key: &Bound<'py, PyAny>) -> PyResult<Option<Bound<'py, PyAny>>> {
        if let Some(entry) = self.names.bind(py).get_item(key)?
            && !entry.is_none()
            && asking_globals() == self.globals_pointer()
        {
            return self.handler.bind(py).call1((key, entry)).map(Some).map_err(|error| without_handler(py, error));
        }
        self.real.bind(py).get_item(key)
    }
}

#[pymethods]
impl LazyBuiltins {
    /// Builtins for the module whose dict is `globals`; `real` are those it would have. Functions made from now on are kept track of.
    #[staticmethod]
    fn make<'py>(
        py: Python<'py>,
        globals: Py<PyDict>,
        real: Py<PyDict>,
        names: Py<PyDict>,
        handler: Py<PyAny>,
    ) -> PyResult<Bound<'py, LazyBuiltins>> {
        users::watch(py)?;
        let made = Bound::new(py, LazyBuiltins { globals, real, names, handler, users: Mutex::default() })?;
        // Frames borrow their builtins, so they stay for good.
        std::mem::forget(made.clone());
        users::enter(&made);
        Ok(made)
    }

    /// A name is resolved, or is not going to be lazy: functions and running frames that mention no other unresolved name get the real builtins.
    fn settle(slf: &Bound<'_, Self>, name: &Bound<'_, PyAny>) -> PyResult<()> {
        let names = slf.get().names.bind(slf.py());
        if names.contains(name)? {
            names.del_item(name)?;
        }
        users::settle(slf, name);
        Ok(())
    }

    /// How many functions have these builtins.
    fn count_users(&self) -> usize {
        self.users().count()
    }

    fn __getitem__<'py>(&self, key: &Bound<'py, PyAny>) -> PyResult<Bound<'py, PyAny>> {
        self.lookup(key.py(), key)?.ok_or_else(|| PyKeyError::new_err(key.clone().unbind()))
    }

    fn __setitem__(&self, key: &Bound<'_, PyAny>, value: &Bound<'_, PyAny>) -> PyResult<()> {
        self.real.bind(key.py()).set_item(key, value)
    }

    fn __delitem__(&self, key: &Bound<'_, PyAny>) -> PyResult<()> {
        self.real.bind(key.py()).del_item(key)
    }

    fn __contains__(&self, key: &Bound<'_, PyAny>) -> PyResult<bool> {
        self.real.bind(key.py()).contains(key)
    }

    fn __len__(&self, py: Python<'_>) -> usize {
        self.real.bind(py).len()
    }

    fn __iter__<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyIterator>> {
        self.real.bind(py).try_iter()
    }

    fn __repr__(&self, py: Python<'_>) -> PyResult<String> {
        Ok(self.real.bind(py).repr()?.to_string())
    }

    #[pyo3(signature = (key, default=None))]
    fn get<'py>(
        &self,
        key: &Bound<'py, PyAny>,
        default: Option<Bound<'py, PyAny>>,
    ) -> PyResult<Option<Bound<'py, PyAny>>> {
        Ok(self.real.bind(key.py()).get_item(key)?.or(default))
    }

    fn keys<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        self.real.bind(py).call_method0("keys")
    }

    fn values<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        self.real.bind(py).call_method0("values")
    }

    fn items<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        self.real.bind(py).call_method0("items")
    }

    fn copy<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyDict>> {
        self.real.bind(py).copy()
    }
}
