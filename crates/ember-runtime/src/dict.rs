//! Reading and overwriting the values of dicts with string keys, without calling CPython.
//!
//! Works for key tables whose keys are all strings (`DICT_KEYS_UNICODE`, `DICT_KEYS_SPLIT`), which is every instance dict, module dict and most others; tables of
//! the general kind are left to CPython, since comparing their keys may run Python code. Nothing here runs any, and nothing here writes, except
//! [`replace`], which only overwrites the value of a key that is there, in a dict nobody watches.
#![allow(clippy::missing_safety_doc, reason = "callers pass live objects with the GIL held")]

use ember_cpython::dict::{Lookup, lookup, unicode_entries, value_of, watchers};
use ember_cpython::layout::{DICT_KEYS_GENERAL, DICT_KEYS_UNICODE, PyDictObject, PyObject};
use ember_cpython::refcount::{decref, new_ref};

/// What a lookup found.
#[derive(Clone, Copy)]
pub enum Found {
    /// The value, borrowed.
    Value(*mut PyObject),
    /// No such key.
    Absent,
    /// A table that only CPython can search.
    Unknown,
}

/// The value of `name` (an exact string with a known hash), trying entry `hint` first and remembering where it was.
#[inline(always)]
pub unsafe fn get_hinted(dict: *mut PyDictObject, name: *mut PyObject, hint: &mut u32) -> Found {
    // SAFETY: a live dict; entries are read only within the table.
    unsafe {
        let keys = (*dict).ma_keys;
        if (*keys).dk_kind == DICT_KEYS_GENERAL {
            return Found::Unknown;
        }
        let mut index = *hint as usize;
        let table = unicode_entries(keys);
        if index as isize >= (*keys).dk_nentries || (*table.add(index)).me_key != name {
            match lookup(keys, name) {
                Lookup::Found(found) => index = found,
                Lookup::Absent => return Found::Absent,
                Lookup::Unknown => return Found::Unknown,
            }
            note(hint, index);
        }
        let values = (*dict).ma_values;
        let value = if values.is_null() { (*table.add(index)).me_value } else { *value_of(values, index) };
        if value.is_null() { Found::Absent } else { Found::Value(value) }
    }
}

/// Remembers where a key was found; not where nobody counts what sites see: receivers whose dicts differ would have their site's page written for ever, and it is shared with other processes.
#[inline(always)]
fn note(hint: &mut u32, index: usize) {
    if crate::sites::counting() {
        *hint = index as u32;
    }
}

/// Overwrites the value of a key that is there, where that needs nobody's notice; false when nothing was done.
#[inline(always)]
pub unsafe fn replace(dict: *mut PyDictObject, name: *mut PyObject, value: *mut PyObject, hint: &mut u32) -> bool {
    // SAFETY: a live dict and string; the slot written holds a reference which is released last, when the dict is consistent.
    unsafe {
        let keys = (*dict).ma_keys;
        if (*keys).dk_kind != DICT_KEYS_UNICODE || !(*dict).ma_values.is_null() || watchers(dict.cast()) != 0 {
            return false;
        }
        let mut index = *hint as usize;
        let table = unicode_entries(keys);
        if index as isize >= (*keys).dk_nentries || (*table.add(index)).me_key != name {
            let Lookup::Found(found) = lookup(keys, name) else { return false };
            index = found;
            note(hint, index);
        }
        let slot = &raw mut (*table.add(index)).me_value;
        let old = *slot;
        if old.is_null() {
            return false;
        }
        *slot = new_ref(value);
        decref(old);
        true
    }
}
