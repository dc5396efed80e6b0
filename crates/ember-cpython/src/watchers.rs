//! CPython's watchers of dicts, types, functions and code objects, with Rust callbacks.
//!
//! One callback a kind for the whole process, given to [`install`]. Functions are not watched before somebody asks for it ([`watch_functions`]): programs make closures all the
//! time, and CPython would tell of each. A callback runs with the GIL
//! held, in the middle of CPython's mutation: it must not run Python code, raise, or touch the object
//! beyond reading it. Panics are caught and logged, since they may not cross into C.

use core::ffi::c_int;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::ptr;
use std::sync::atomic::{AtomicI32, AtomicPtr, Ordering};

use pyo3_ffi as py;

use crate::ffi;
use crate::layout::*;

/// What happened, or is about to happen, to a watched dict. The callback comes *before* the change.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum DictEvent {
    /// A key is added.
    Added,
    /// A key's value is replaced.
    Modified,
    /// A key is removed.
    Deleted,
    /// An empty dict becomes a copy of another (`key` is that dict).
    Cloned,
    /// The dict is cleared.
    Cleared,
    /// The dict is going away.
    Deallocated,
}

/// What happened to a function. The callback comes *before* the change.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum FunctionEvent {
    /// Made; its version is not set yet.
    Create,
    /// Going away.
    Destroy,
    /// `__code__` is replaced.
    ModifyCode,
    /// `__defaults__` is replaced.
    ModifyDefaults,
    /// `__kwdefaults__` is replaced (not: its contents changed).
    ModifyKwDefaults,
}

/// What happened to a code object.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum CodeEvent {
    /// Made.
    Create,
    /// Going away.
    Destroy,
}

/// The callbacks; kinds left None are not watched.
#[derive(Clone, Copy, Default)]
pub struct Callbacks {
    /// For dicts given to [`watch_dict`]: event, dict, key, new value (both may be NULL).
    pub dict: Option<fn(DictEvent, *mut PyObject, *mut PyObject, *mut PyObject)>,
    /// For types given to [`watch_type`]: about to be modified (then its version is 0).
    pub ty: Option<fn(*mut PyTypeObject)>,
    /// For every function: event, function, the new code, defaults or keyword defaults.
    pub function: Option<fn(FunctionEvent, *mut PyFunctionObject, *mut PyObject)>,
    /// Whether `function` wants to hear of one that is made (or else goes away). This is asked before anything else is done: it must not panic and looks at nothing but plain memory.
    pub function_matters: Option<fn(*mut PyFunctionObject, made: bool) -> bool>,
    /// For every code object.
    pub code: Option<fn(CodeEvent, *mut PyCodeObject)>,
}

/// The callbacks and the ids CPython gave them, -1 for none.
struct Installed {
    callbacks: Callbacks,
    dict: c_int,
    ty: c_int,
    function: AtomicI32,
    code: c_int,
}

/// Written with the GIL held only; what it points to is never freed, so readers need no lock.
static INSTALLED: AtomicPtr<Installed> = AtomicPtr::new(ptr::null_mut());

fn installed() -> Option<&'static Installed> {
    // SAFETY: NULL or a leaked box.
    unsafe { INSTALLED.load(Ordering::Acquire).as_ref() }
}

/// Are callbacks in place?
pub fn is_installed() -> bool {
    installed().is_some()
}

/// Registers the callbacks; that of functions when [`watch_functions`] is called. An error message if some are in place already, or if CPython has no watcher
/// slot left (there are eight a kind); then nothing is registered.
///
/// # Safety
/// The GIL of the main interpreter is held.
pub unsafe fn install(callbacks: Callbacks) -> Result<(), String> {
    if is_installed() {
        return Err("watchers are installed already".into());
    }
    // SAFETY: the GIL is held; the callbacks are `extern "C"` functions that never unwind, and do nothing
    // until the table is in place.
    let ids = unsafe {
        Installed {
            callbacks,
            dict: callbacks.dict.map_or(-1, |_| ffi::PyDict_AddWatcher(on_dict)),
            ty: callbacks.ty.map_or(-1, |_| ffi::PyType_AddWatcher(on_type)),
            function: AtomicI32::new(callbacks.function.map_or(-1, |_| ffi::PyFunction_AddWatcher(on_function))),
            code: callbacks.code.map_or(-1, |_| ffi::PyCode_AddWatcher(on_code)),
        }
    };
    let wanted = [
        (callbacks.dict.is_some(), ids.dict, "dict"),
        (callbacks.ty.is_some(), ids.ty, "type"),
        (callbacks.function.is_some(), ids.function.load(Ordering::Relaxed), "function"),
        (callbacks.code.is_some(), ids.code, "code"),
    ];
    if let Some((_, _, kind)) = wanted.iter().find(|(wanted, id, _)| *wanted && *id < 0) {
        // SAFETY: the failed registration set an exception; the others' ids are ours.
        unsafe {
            py::PyErr_Clear();
            clear(&ids);
        }
        return Err(format!("CPython has no {kind} watcher left"));
    }
    // There is a place for it, that is all that had to be known.
    let function = ids.function.swap(-1, Ordering::Relaxed);
    // SAFETY: the GIL is held, the id is ours.
    unsafe { clear_one(function, ffi::PyFunction_ClearWatcher) };
    INSTALLED.store(Box::into_raw(Box::new(ids)), Ordering::Release);
    Ok(())
}

/// Has functions watched from now on; whether they are. They are not if nothing is installed, or others have taken CPython's last place meanwhile.
///
/// # Safety
/// The GIL of the main interpreter is held.
pub unsafe fn watch_functions() -> bool {
    let Some(installed) = installed() else { return false };
    if installed.function.load(Ordering::Relaxed) < 0 && installed.callbacks.function.is_some() {
        // SAFETY: the GIL is held; the callback is an `extern "C"` function that never unwinds.
        unsafe {
            installed.function.store(ffi::PyFunction_AddWatcher(on_function), Ordering::Relaxed);
            if installed.function.load(Ordering::Relaxed) < 0 {
                py::PyErr_Clear();
            }
        }
    }
    installed.function.load(Ordering::Relaxed) >= 0
}

/// Takes the callbacks out again. Whatever was watched is not any more.
///
/// # Safety
/// The GIL of the main interpreter is held.
pub unsafe fn uninstall() {
    if let Some(ids) = installed() {
        INSTALLED.store(ptr::null_mut(), Ordering::Release);
        // SAFETY: as the caller says; the ids are ours.
        unsafe { clear(ids) };
    }
}

unsafe fn clear(ids: &Installed) {
    // SAFETY: the GIL is held, the ids are ours.
    unsafe {
        clear_one(ids.dict, ffi::PyDict_ClearWatcher);
        clear_one(ids.ty, ffi::PyType_ClearWatcher);
        clear_one(ids.function.swap(-1, Ordering::Relaxed), ffi::PyFunction_ClearWatcher);
        clear_one(ids.code, ffi::PyCode_ClearWatcher);
    }
}

unsafe fn clear_one(id: c_int, clear: unsafe extern "C" fn(c_int) -> c_int) {
    if id >= 0 {
        // SAFETY: the GIL is held, the id is ours.
        unsafe {
            clear(id);
            py::PyErr_Clear();
        }
    }
}

/// Starts sending events of this dict. False if not installed or refused (no exception left).
///
/// # Safety
/// `dict` is a live dict; the GIL is held.
pub unsafe fn watch_dict(dict: *mut PyObject) -> bool {
    // SAFETY: as the caller says; the id is ours.
    with_id(|i| i.dict, |id| unsafe { ffi::PyDict_Watch(id, dict) })
}

/// Stops sending events of this dict.
///
/// # Safety
/// As for [`watch_dict`].
pub unsafe fn unwatch_dict(dict: *mut PyObject) -> bool {
    // SAFETY: as the caller says; the id is ours.
    with_id(|i| i.dict, |id| unsafe { ffi::PyDict_Unwatch(id, dict) })
}

/// Is the dict watched by us?
///
/// # Safety
/// `dict` is a live dict.
pub unsafe fn is_dict_watched(dict: *mut PyObject) -> bool {
    // SAFETY: as the caller says.
    installed().is_some_and(|i| i.dict >= 0 && unsafe { crate::dict::watchers(dict) } & (1 << i.dict) != 0)
}

/// Starts sending events of this type; gives it a version, without which CPython sends none.
///
/// # Safety
/// `ty` is live; the GIL is held.
pub unsafe fn watch_type(ty: *mut PyTypeObject) -> bool {
    // SAFETY: as the caller says; the id is ours.
    with_id(|i| i.ty, |id| unsafe { ffi::PyType_Watch(id, ty.cast()) })
}

/// Stops sending events of this type.
///
/// # Safety
/// As for [`watch_type`].
pub unsafe fn unwatch_type(ty: *mut PyTypeObject) -> bool {
    // SAFETY: as the caller says; the id is ours.
    with_id(|i| i.ty, |id| unsafe { ffi::PyType_Unwatch(id, ty.cast()) })
}

/// Is the type watched by us? (A modified type stays watched but sends nothing until it has a version.)
///
/// # Safety
/// `ty` is live.
pub unsafe fn is_type_watched(ty: *mut PyTypeObject) -> bool {
    // SAFETY: as the caller says.
    installed().is_some_and(|i| i.ty >= 0 && unsafe { (*ty.cast::<TypeObject>()).tp_watched } & (1 << i.ty) != 0)
}

fn with_id(id: fn(&Installed) -> c_int, action: impl FnOnce(c_int) -> c_int) -> bool {
    let Some(id) = installed().map(id).filter(|&id| id >= 0) else { return false };
    let done = action(id) == 0;
    if !done {
        // SAFETY: CPython refused with an exception, which the caller does not want.
        unsafe { py::PyErr_Clear() };
    }
    done
}

/// Runs a callback so that nothing unwinds into C; CPython is always told "no error".
fn guarded(kind: &str, f: impl FnOnce(&Callbacks)) -> c_int {
    let Some(installed) = installed() else { return 0 };
    if catch_unwind(AssertUnwindSafe(|| f(&installed.callbacks))).is_err() {
        log::error!("panic in the {kind} watcher; assumptions about this object may be stale");
    }
    0
}

/// An exception that is on its way, put aside for a while. Watched objects change then, too (the interpreter deletes `__file__` of a program before it prints what has ended it): callbacks that
/// look things up find no exception set, and it is there again afterwards.
struct Pending(*mut PyObject);

impl Pending {
    fn put_aside() -> Pending {
        // SAFETY: watchers are called with the GIL held.
        let pending = unsafe { !py::PyErr_Occurred().is_null() };
        // SAFETY: as above; the reference is kept until it is given back.
        Pending(if pending { unsafe { py::PyErr_GetRaisedException() } } else { core::ptr::null_mut() })
    }
}

impl Drop for Pending {
    fn drop(&mut self) {
        if !self.0.is_null() {
            // SAFETY: the exception taken by `put_aside`.
            unsafe { py::PyErr_SetRaisedException(self.0) };
        }
    }
}

unsafe extern "C" fn on_dict(event: c_int, dict: *mut PyObject, key: *mut PyObject, value: *mut PyObject) -> c_int {
    let _pending = Pending::put_aside();
    guarded("dict", |c| {
        if let (Some(f), Some(event)) = (c.dict, dict_event(event)) {
            f(event, dict, key, value);
        }
    })
}

unsafe extern "C" fn on_type(ty: *mut PyTypeObject) -> c_int {
    let _pending = Pending::put_aside();
    guarded("type", |c| {
        if let Some(f) = c.ty {
            f(ty);
        }
    })
}

unsafe extern "C" fn on_function(event: c_int, func: *mut PyFunctionObject, value: *mut PyObject) -> c_int {
    let matters = installed().and_then(|i| i.callbacks.function_matters);
    if event < FunctionEvent::ModifyCode as c_int && matters.is_some_and(|matters| !matters(func, event == 0)) {
        return 0;
    }
    function_changes(event, func, value)
}

/// Apart from `on_function`, so that what mostly happens there needs no frame for this.
#[cold]
#[inline(never)]
fn function_changes(event: c_int, func: *mut PyFunctionObject, value: *mut PyObject) -> c_int {
    let _pending = Pending::put_aside();
    guarded("function", |c| {
        if let (Some(f), Some(event)) = (c.function, function_event(event)) {
            f(event, func, value);
        }
    })
}

unsafe extern "C" fn on_code(event: c_int, code: *mut PyCodeObject) -> c_int {
    guarded("code", |c| {
        if let Some(f) = c.code {
            f(if event == 0 { CodeEvent::Create } else { CodeEvent::Destroy }, code);
        }
    })
}

/// CPython's enum, in its order.
fn dict_event(event: c_int) -> Option<DictEvent> {
    use DictEvent::*;
    [Added, Modified, Deleted, Cloned, Cleared, Deallocated].get(event as usize).copied()
}

/// CPython's enum, in its order.
fn function_event(event: c_int) -> Option<FunctionEvent> {
    use FunctionEvent::*;
    [Create, Destroy, ModifyCode, ModifyDefaults, ModifyKwDefaults].get(event as usize).copied()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn events_keep_cpythons_order_and_unknown_ones_are_dropped() {
        assert_eq!(dict_event(0), Some(DictEvent::Added));
        assert_eq!(dict_event(5), Some(DictEvent::Deallocated));
        assert_eq!(dict_event(6), None);
        assert_eq!(dict_event(-1), None);
        assert_eq!(function_event(2), Some(FunctionEvent::ModifyCode));
        assert_eq!(function_event(5), None);
    }

    #[test]
    fn a_panicking_callback_does_not_unwind_into_c() {
        fn boom(_: CodeEvent, _: *mut PyCodeObject) {
            panic!("expected by the test");
        }
        let callbacks = Callbacks { code: Some(boom), ..Callbacks::default() };
        let ids = Installed { callbacks, dict: -1, ty: -1, function: AtomicI32::new(-1), code: -1 };
        INSTALLED.store(Box::into_raw(Box::new(ids)), Ordering::Release);
        // SAFETY: the callback ignores the pointer.
        assert_eq!(unsafe { on_code(0, core::ptr::null_mut()) }, 0);
        // SAFETY: refused before the pointer is used, for want of an id.
        assert!(!unsafe { watch_dict(core::ptr::null_mut()) });
    }
}
