//! The JIT's interface as the surface sees it, for as long as there is no JIT behind it: nothing is ever compiled.
//!
//! Every function is called with the GIL held; those that wait release it themselves. A function pointer is that of
//! a Python function and alive during the call.

use ember_jit::jit_list::JitList;
use ember_jit::report::Report;
use pyo3::ffi::PyObject;

const ABSENT: &str = "the compiler is not part of this build";

pub fn support() -> Result<(), String> {
    Ok(())
}

pub fn enable(_mode: &str, _list: Option<JitList>) -> Result<(), String> {
    Ok(())
}

pub fn disable() {}

pub fn set_paused(_paused: bool) {}

pub fn compile(_function: *mut PyObject) -> Result<(), String> {
    Err(ABSENT.to_owned())
}

pub fn uncompile(_function: *mut PyObject) -> bool {
    false
}

pub fn is_compiled(_function: *mut PyObject) -> bool {
    false
}

pub fn exclude(_function: *mut PyObject) {}

/// Strong references, which the caller takes over.
pub fn compiled_functions() -> Vec<*mut PyObject> {
    Vec::new()
}

pub fn load_list(_list: JitList) {}

pub fn precompile(_workers: usize) -> Report {
    Report::map([("compiled", Report::from(0_i64)), ("failed", Report::from(0_i64))])
}

pub fn stats() -> Report {
    Report::map([("compiled", Report::from(0_i64)), ("deopts", Report::from(0_i64))])
}

pub fn explain(_function: *mut PyObject) -> Report {
    Report::map([("compiled", Report::from(false)), ("reason", Report::from(ABSENT))])
}

pub fn dump(_function: *mut PyObject, _kind: &str) -> Result<String, String> {
    Err(ABSENT.to_owned())
}

pub fn wait() {}
