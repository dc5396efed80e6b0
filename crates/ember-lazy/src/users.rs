//! Who has a module's [`LazyBuiltins`]: the functions that mention one of its unresolved names, and nobody else.
//!
//! A function takes its builtins from its globals when it is made. CPython's function watcher tells of that moment, of new code for a function and of its
//! end. A function that mentions nothing unresolved is given the real builtins at once; another is noted under the names that it mentions and is given
//! them when the last of these is settled. Frames copy the (borrowed) builtins of their function when they begin, so running frames are looked up
//! then, too. Suspended generators keep what they began with, which is right and only slower.
//!
//! The collector takes a function in a circle apart before it goes away, and its builtins with it: [`NOTED`] says which those were.
//!
//! What a function mentions is the names of its code object, which include attributes: too many at worst, never too few.

use crate::builtins::LazyBuiltins;
use core::ffi::c_int;
use core::sync::atomic::{AtomicPtr, Ordering};
use ember_cpython::layout::{PyCodeObject, PyFunctionObject, PyObject, PyThreadState, PyTypeObject};
use ember_cpython::refcount::{decref, incref};
use ember_cpython::{code, ffi, frame};
use ember_frontend::opcodes::v3_14 as op;
use pyo3::exceptions::PyRuntimeError;
use pyo3::prelude::*;
use pyo3::type_object::PyTypeInfo;
use pyo3_ffi as py;
use rustc_hash::FxHashMap;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Mutex, PoisonError};

/// Functions by the unresolved names that they mention. All addresses are of live objects: a function is forgotten when it goes away, and a name's
/// string is held by the code objects that mention it.
#[derive(Default)]
pub struct Users {
    by_name: FxHashMap<usize, Vec<usize>>,
    unresolved: FxHashMap<usize, u32>,
}

impl Users {
    fn enter(&mut self, func: usize, names: &[usize]) {
        for name in names {
            self.by_name.entry(*name).or_default().push(func);
        }
        self.unresolved.insert(func, names.len() as u32);
    }

    fn forget(&mut self, func: usize, names: &[usize]) {
        if self.unresolved.remove(&func).is_none() {
            return;
        }
        for name in names {
            if let Some(list) = self.by_name.get_mut(name) {
                list.retain(|other| *other != func);
            }
        }
    }

    /// The functions for which `name` was the last one.
    fn settle(&mut self, name: usize) -> Vec<usize> {
        let mut done = Vec::new();
        for func in self.by_name.remove(&name).unwrap_or_default() {
            if let Some(left) = self.unresolved.get_mut(&func) {
                *left = left.saturating_sub(1);
                if *left == 0 {
                    self.unresolved.remove(&func);
                    done.push(func);
                }
            }
        }
        done
    }

    /// How many functions there are.
    pub fn count(&self) -> usize {
        self.unresolved.len()
    }
}

/// The type [`LazyBuiltins`] once there is one.
static TYPE: AtomicPtr<PyTypeObject> = AtomicPtr::new(core::ptr::null_mut());
/// By address of a module's globals: its builtins. Both live for ever.
static MODULES: Mutex<Option<FxHashMap<usize, usize>>> = Mutex::new(None);
/// By address of each function that is noted: the builtins it is noted with.
static NOTED: Mutex<Option<FxHashMap<usize, usize>>> = Mutex::new(None);
/// What is told of a function that got the real builtins: whoever compiled it may do better now.
static ON_SWITCH: Mutex<Option<fn(*mut PyObject)>> = Mutex::new(None);

/// Have `hook` called for each function that gets the real builtins after it had ours.
pub fn on_switch(hook: fn(*mut PyObject)) {
    *ON_SWITCH.lock().unwrap_or_else(PoisonError::into_inner) = Some(hook);
}

/// Make sure that functions are watched.
pub(crate) fn watch(py: Python<'_>) -> PyResult<()> {
    if !TYPE.load(Ordering::Acquire).is_null() {
        return Ok(());
    }
    // SAFETY: the GIL is held; the callback never unwinds.
    if unsafe { ffi::PyFunction_AddWatcher(on_function) } < 0 {
        let error = PyErr::fetch(py);
        return Err(PyRuntimeError::new_err(format!("functions cannot be watched: {error}")));
    }
    TYPE.store(LazyBuiltins::type_object_raw(py).cast(), Ordering::Release);
    Ok(())
}

pub(crate) fn enter(made: &Bound<'_, LazyBuiltins>) {
    let mut modules = MODULES.lock().unwrap_or_else(PoisonError::into_inner);
    modules.get_or_insert_default().insert(made.get().globals_pointer() as usize, made.as_ptr() as usize);
}

/// The builtins that a function is noted with.
fn noted(func: usize) -> Option<usize> {
    let noted = NOTED.lock().unwrap_or_else(PoisonError::into_inner);
    noted.as_ref().and_then(|noted| noted.get(&func)).copied()
}

fn is_ours(object: *mut PyObject) -> bool {
    // SAFETY: builtins of live functions and frames are live objects.
    !object.is_null() && unsafe { py::Py_TYPE(object) } == TYPE.load(Ordering::Acquire)
}

/// The names of `code` that are keys of `names`.
unsafe fn mentioned(code: *mut PyCodeObject, names: *mut PyObject) -> Vec<usize> {
    // SAFETY: live objects; the names are strings, which hash and compare without running code.
    unsafe {
        let known = |name: &*mut PyObject| py::PyDict_Contains(names, *name) == 1;
        code::names(code).iter().copied().filter(known).map(|name| name as usize).collect()
    }
}

unsafe extern "C" fn on_function(event: c_int, func: *mut PyFunctionObject, value: *mut PyObject) -> c_int {
    // SAFETY: called by CPython with the GIL held and live arguments.
    let handle = AssertUnwindSafe(|| unsafe {
        match event {
            0 if is_ours((*func).func_builtins) => adopt(func, (*func).func_code),
            1 if is_ours((*func).func_builtins) => leave(func, (*func).func_builtins),
            // Taken apart by the collector; its code it always has.
            1 if (*func).func_builtins.is_null() => {
                if let Some(ours) = noted(func as usize) {
                    leave(func, ours as *mut PyObject);
                }
            }
            2 => change_code(func, value.cast()),
            _ => {}
        }
    });
    // Without its entry a function keeps the builtins that can resolve everything: slower, not wrong.
    let _ = catch_unwind(handle);
    0
}

/// The Python side of builtins that are ours.
unsafe fn with_builtins(object: *mut PyObject, then: impl FnOnce(&Bound<'_, LazyBuiltins>)) {
    // SAFETY: the GIL is held, and the type was compared.
    unsafe {
        let py = Python::assume_attached();
        then(Bound::from_borrowed_ptr(py, object).cast_unchecked::<LazyBuiltins>());
    }
}

/// A function with our builtins: note it, or give it the real ones.
unsafe fn adopt(func: *mut PyFunctionObject, code: *mut PyCodeObject) {
    // SAFETY: a live function with our builtins; the GIL is held.
    unsafe {
        with_builtins((*func).func_builtins, |ours| {
            let ours = ours.get();
            let foreign = (*func).func_globals != ours.globals_pointer();
            let names = if foreign { Vec::new() } else { mentioned(code, ours.names_pointer()) };
            if names.is_empty() {
                set_builtins(func, ours.real_pointer());
            } else {
                ours.users().enter(func as usize, &names);
                let mut noted = NOTED.lock().unwrap_or_else(PoisonError::into_inner);
                noted.get_or_insert_default().insert(func as usize, (*func).func_builtins as usize);
            }
        });
    }
}

/// A function is not to be noted with `ours` any more.
unsafe fn leave(func: *mut PyFunctionObject, ours: *mut PyObject) {
    forget_noted(func as usize);
    // SAFETY: as for `adopt`; builtins of ours live for ever. Names settled since are no keys any more and need no removal.
    unsafe {
        with_builtins(ours, |ours| {
            let names = mentioned((*func).func_code, ours.get().names_pointer());
            ours.get().users().forget(func as usize, &names);
        });
    }
}

fn forget_noted(func: usize) {
    if let Some(noted) = NOTED.lock().unwrap_or_else(PoisonError::into_inner).as_mut() {
        noted.remove(&func);
    }
}

/// A function gets other code, which may mention other names.
unsafe fn change_code(func: *mut PyFunctionObject, code: *mut PyCodeObject) {
    // SAFETY: live objects; builtins in the table live for ever.
    unsafe {
        if is_ours((*func).func_builtins) {
            leave(func, (*func).func_builtins);
            adopt(func, code);
            return;
        }
        let known = {
            let modules = MODULES.lock().unwrap_or_else(PoisonError::into_inner);
            modules.as_ref().and_then(|modules| modules.get(&((*func).func_globals as usize)).copied())
        };
        if let Some(ours) = known {
            set_builtins(func, ours as *mut PyObject);
            adopt(func, code);
        }
    }
}

unsafe fn set_builtins(func: *mut PyFunctionObject, builtins: *mut PyObject) {
    // SAFETY: live objects; a function owns its builtins. What had them is never destroyed by this: ours live for ever, the real ones belong to a module.
    unsafe {
        incref(builtins);
        let old = core::mem::replace(&mut (*func).func_builtins, builtins);
        decref(old);
    }
}

/// See [`LazyBuiltins::settle`].
pub(crate) fn settle(ours: &Bound<'_, LazyBuiltins>, name: &Bound<'_, PyAny>) {
    let me = ours.get();
    let done = me.users().settle(name.as_ptr() as usize);
    if done.is_empty() {
        return;
    }
    let hook = *ON_SWITCH.lock().unwrap_or_else(PoisonError::into_inner);
    // SAFETY: functions in the table are alive; the GIL is held. Whatever the hook does, they stay until we are done.
    done.iter().for_each(|func| unsafe { incref(*func as *mut PyObject) });
    for func in &done {
        forget_noted(*func);
        let func = *func as *mut PyFunctionObject;
        // SAFETY: held above; the GIL is held.
        unsafe {
            set_builtins(func, me.real_pointer());
            warm_up((*func).func_code);
            if let Some(hook) = hook {
                hook(func.cast());
            }
        }
    }
    // SAFETY: the GIL is held.
    unsafe { refresh_frames(ours.as_ptr()) };
    // SAFETY: held above.
    done.iter().for_each(|func| unsafe { decref(*func as *mut PyObject) });
}

/// The counter of an instruction that is to be specialised soon: `adaptive_counter_warmup` (`Include/internal/pycore_code.h`).
const WARM_UP: u16 = 1 << 4 | 1;

/// Lets the interpreter try soon to specialise the global lookups that it has given up for a while, because what stood in the way is gone.
unsafe fn warm_up(code: *mut PyCodeObject) {
    // SAFETY: a live code object; each step goes to where the instruction and its caches end, and nothing specialises meanwhile.
    unsafe {
        if !(*code).co_monitoring.is_null() {
            return;
        }
        let (mut at, end) = (0, code::len(code));
        let units = frame::instruction(code, 0);
        while at < end {
            let opcode = *units.add(at) as u8;
            if opcode == op::LOAD_GLOBAL && at + 1 < end {
                *units.add(at + 1) = WARM_UP;
            }
            at += 1 + usize::from(op::CACHES[usize::from(op::BASE[usize::from(opcode)])]);
        }
    }
}

/// Frames that run with `ours` get the builtins that their function has now.
unsafe fn refresh_frames(ours: *mut PyObject) {
    // SAFETY: with the GIL held no other thread runs, so the frames of all are linked and live.
    unsafe {
        let mut thread = py::PyInterpreterState_ThreadHead(py::PyInterpreterState_Get());
        while !thread.is_null() {
            let mut at = (*thread.cast::<PyThreadState>()).current_frame;
            while !at.is_null() {
                if (*at).f_builtins == ours && (*at).owner < ember_cpython::layout::FRAME_OWNED_BY_INTERPRETER {
                    let func = frame::function(at);
                    if !func.is_null() {
                        (*at).f_builtins = (*func).func_builtins;
                    }
                }
                at = (*at).previous;
            }
            thread = py::PyThreadState_Next(thread);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_function_is_done_when_its_last_name_is() {
        let mut users = Users::default();
        users.enter(100, &[1, 2]);
        users.enter(200, &[2]);
        assert_eq!(users.settle(2), [200]);
        assert_eq!(users.count(), 1);
        assert_eq!(users.settle(2), Vec::<usize>::new());
        assert_eq!(users.settle(1), [100]);
        assert_eq!(users.count(), 0);
    }

    #[test]
    fn another_function_at_the_same_address_starts_anew() {
        let mut users = Users::default();
        users.enter(100, &[1, 2]);
        users.forget(100, &[1, 2]);
        users.enter(100, &[1, 3]);
        assert_eq!(users.settle(1), Vec::<usize>::new());
        assert_eq!(users.settle(3), [100]);
    }
}
