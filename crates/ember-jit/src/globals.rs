//! Cells for the values of global and builtin names, kept current by dict watchers.
//!
//! Native code reads a global with one load: from a cell that holds a borrowed reference to what a lookup in the function's globals and then in its builtins would find,
//! or NULL when a real lookup is needed. Both dicts are watched; CPython announces each change right before making it. A borrowed reference is enough, as the dict
//! that is watched owns the value.
//!
//! Cells live as long as the process: compiled code names them by address.

use crate::functions;
use crate::gil::GilCell;
use crate::words;
use core::sync::atomic::{AtomicUsize, Ordering};
use ember_cpython::ffi;
use ember_cpython::layout::PyObject;
use ember_cpython::watchers::{self, DictEvent};
use rustc_hash::FxHashMap;

/// A cell and what it is for.
struct GlobalCell {
    /// The cell: the value, borrowed, or NULL.
    value: &'static AtomicUsize,
    name: *mut PyObject,
    globals: *mut PyObject,
    builtins: *mut PyObject,
}

#[derive(Default)]
struct Cells {
    by_name: FxHashMap<(usize, usize, usize), &'static GlobalCell>,
    by_dict: FxHashMap<usize, Vec<&'static GlobalCell>>,
}

static CELLS: GilCell<Option<Cells>> = GilCell::new(None);

/// A borrowed lookup that neither raises nor runs code: names are exact strings, and dicts with other keys answer "not found".
unsafe fn lookup(dict: *mut PyObject, name: *mut PyObject) -> *mut PyObject {
    // SAFETY: a live dict and a live string; the exception state is left as it was.
    unsafe {
        if pyo3_ffi::PyDict_CheckExact(dict) == 0 {
            return core::ptr::null_mut();
        }
        let value = pyo3_ffi::PyDict_GetItemWithError(dict, name);
        if value.is_null() && !pyo3_ffi::PyErr_Occurred().is_null() {
            pyo3_ffi::PyErr_Clear();
        }
        value
    }
}

/// Address of the cell for `name` as seen by a function with these globals and builtins; `None` when the dicts cannot be watched.
///
/// # Safety
/// The GIL is held; all three are live, `name` is an interned string.
pub unsafe fn cell_for(globals: *mut PyObject, builtins: *mut PyObject, name: *mut PyObject) -> Option<u64> {
    // SAFETY: by the contract above; nothing here runs Python code while the cells are borrowed.
    unsafe {
        if pyo3_ffi::PyDict_CheckExact(globals) == 0 || pyo3_ffi::PyDict_CheckExact(builtins) == 0 {
            return None;
        }
        let mut value = lookup(globals, name);
        if value.is_null() {
            value = lookup(builtins, name);
        }
        let mut cells = CELLS.borrow();
        let cells = cells.get_or_insert_with(Cells::default);
        let key = (globals as usize, builtins as usize, name as usize);
        if let Some(cell) = cells.by_name.get(&key) {
            return Some(core::ptr::from_ref(cell.value) as u64);
        }
        if !watchers::watch_dict(globals) || !watchers::watch_dict(builtins) {
            return None;
        }
        pyo3_ffi::Py_INCREF(name);
        let word = words::take(globals as usize);
        word.store(value as usize, Ordering::Relaxed);
        let cell: &'static GlobalCell = Box::leak(Box::new(GlobalCell { value: word, name, globals, builtins }));
        cells.by_name.insert(key, cell);
        cells.by_dict.entry(globals as usize).or_default().push(cell);
        if builtins != globals {
            cells.by_dict.entry(builtins as usize).or_default().push(cell);
        }
        Some(core::ptr::from_ref(word) as u64)
    }
}

/// The value in a cell, borrowed.
///
/// # Safety
/// `cell` came from [`cell_for`]; the GIL is held.
pub unsafe fn value_of(cell: u64) -> *mut PyObject {
    // SAFETY: cells live forever.
    unsafe { (*(cell as *const AtomicUsize)).load(Ordering::Relaxed) as *mut PyObject }
}

/// Whether two names are the same string: interned ones by address, others by content.
unsafe fn same_name(a: *mut PyObject, b: *mut PyObject) -> bool {
    // SAFETY: `a` is an exact string; comparing exact strings runs no code.
    unsafe { a == b || (pyo3_ffi::PyUnicode_CheckExact(b) != 0 && ffi::_PyUnicode_Equal(a, b) != 0) }
}

/// A dict that is cleared, cloned over or destroyed: its cells stay empty for ever, so that each access looks up, and nobody gets them again (another dict may take its address).
fn forget(cells: &mut Cells, dict: *mut PyObject) {
    for cell in cells.by_dict.remove(&(dict as usize)).unwrap_or_default() {
        cell.value.store(0, Ordering::Relaxed);
        cells.by_name.remove(&(cell.globals as usize, cell.builtins as usize, cell.name as usize));
        for other in [cell.globals, cell.builtins] {
            if let Some(list) = cells.by_dict.get_mut(&(other as usize)) {
                list.retain(|kept| !core::ptr::eq(*kept, cell));
            }
        }
    }
}

/// A watched dict is about to change.
pub fn on_dict_event(event: DictEvent, dict: *mut PyObject, key: *mut PyObject, new_value: *mut PyObject) {
    // SAFETY: called by CPython's watcher with the GIL held and live arguments; runs no Python code.
    unsafe {
        let stays = matches!(event, DictEvent::Added | DictEvent::Modified | DictEvent::Deleted);
        if let Some(func) = functions::owner_of_keyword_defaults(dict, !stays) {
            crate::registry::function_changes_defaults(func);
        }
        let Some(mut cells) = CELLS.try_borrow() else {
            return;
        };
        let Some(cells) = cells.as_mut() else {
            return;
        };
        if !stays {
            forget(cells, dict);
            return;
        }
        let Some(list) = cells.by_dict.get(&(dict as usize)) else {
            return;
        };
        for cell in list {
            if !same_name(cell.name, key) {
                continue;
            }
            let new_value = if event == DictEvent::Deleted { core::ptr::null_mut() } else { new_value };
            let value = if dict == cell.globals {
                if new_value.is_null() { lookup(cell.builtins, cell.name) } else { new_value }
            } else {
                let own = lookup(cell.globals, cell.name);
                if own.is_null() { new_value } else { own }
            };
            cell.value.store(value as usize, Ordering::Relaxed);
        }
    }
}
