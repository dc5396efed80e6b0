//! Looking up strings in dict key tables without calling CPython.
//!
//! Works for key tables whose keys are all strings (`DICT_KEYS_UNICODE`, `DICT_KEYS_SPLIT`), which is every instance dict, module dict and most others; tables of
//! the general kind are left to CPython, since comparing their keys may run Python code. Nothing here runs any, and nothing here writes, except
//! [`replace`], which only overwrites the value of a key that is there, in a dict nobody watches.
#![allow(clippy::missing_safety_doc, reason = "callers pass live objects with the GIL held")]

use crate::object::str_hash;
use core::mem::offset_of;
use ember_cpython::ffi;
use ember_cpython::layout::{
    DICT_KEYS_GENERAL, DICT_KEYS_SPLIT, DICT_KEYS_UNICODE, DKIX_EMPTY, PyDictKeysObject, PyDictObject, PyDictUnicodeEntry, PyDictValues, PyObject,
};
use ember_cpython::refcount::{decref, new_ref};

/// Bits of `ma_watcher_tag` that name watchers.
const WATCHERS: u64 = 0xFF;

/// The entries of a table of strings.
#[inline(always)]
pub unsafe fn entries(keys: *mut PyDictKeysObject) -> *mut PyDictUnicodeEntry {
    // SAFETY: a live key table; the entries follow the indices.
    unsafe {
        let indices = keys.cast::<u8>().add(offset_of!(PyDictKeysObject, dk_indices));
        indices.add(1usize << (*keys).dk_log2_index_bytes).cast()
    }
}

#[inline(always)]
unsafe fn index_at(keys: *mut PyDictKeysObject, slot: usize) -> isize {
    // SAFETY: a live key table and a slot within its size.
    unsafe {
        let indices = keys.cast::<u8>().add(offset_of!(PyDictKeysObject, dk_indices));
        match (*keys).dk_log2_size {
            0..8 => *indices.cast::<i8>().add(slot) as isize,
            8..16 => *indices.cast::<i16>().add(slot) as isize,
            16..32 => *indices.cast::<i32>().add(slot) as isize,
            _ => *indices.cast::<i64>().add(slot) as isize,
        }
    }
}

/// The index of the entry of `name`, an exact string with this hash, or `None`. The table must be one of strings.
#[inline]
pub unsafe fn find_with(
    keys: *mut PyDictKeysObject,
    name: *mut PyObject,
    hash: isize,
    equal: impl Fn(*mut PyObject, *mut PyObject) -> bool,
) -> Option<usize> {
    // SAFETY: the walk is the one CPython does for the same table, so it meets the key or an empty slot.
    unsafe {
        let mask = (1usize << (*keys).dk_log2_size).wrapping_sub(1);
        let entries = entries(keys);
        let mut perturb = hash as usize;
        let mut slot = perturb & mask;
        loop {
            let index = index_at(keys, slot);
            if index >= 0 {
                let key = (*entries.offset(index)).me_key;
                if key == name || (!key.is_null() && str_hash(key) == hash && equal(key, name)) {
                    return Some(index as usize);
                }
            } else if index == DKIX_EMPTY {
                return None;
            }
            perturb >>= 5;
            slot = mask & slot.wrapping_mul(5).wrapping_add(perturb).wrapping_add(1);
        }
    }
}

/// [`find_with`] by the equality of strings.
#[inline]
pub unsafe fn find(keys: *mut PyDictKeysObject, name: *mut PyObject, hash: isize) -> Option<usize> {
    // SAFETY: as the caller promises; keys of such tables are strings.
    unsafe { find_with(keys, name, hash, |a, b| ffi::_PyUnicode_Equal(a, b) != 0) }
}

/// Slot `index` of a dict's or an object's values.
#[inline(always)]
pub unsafe fn value_slot(values: *mut PyDictValues, index: usize) -> *mut *mut PyObject {
    // SAFETY: live values with more than `index` slots.
    unsafe { values.cast::<u8>().add(offset_of!(PyDictValues, values)).cast::<*mut PyObject>().add(index) }
}

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
        let table = entries(keys);
        if index as isize >= (*keys).dk_nentries || (*table.add(index)).me_key != name {
            let hash = str_hash(name);
            if hash == -1 {
                return Found::Unknown;
            }
            match find(keys, name, hash) {
                Some(found) => index = found,
                None => return Found::Absent,
            }
            *hint = index as u32;
        }
        let values = (*dict).ma_values;
        let value = if values.is_null() { (*table.add(index)).me_value } else { *value_slot(values, index) };
        if value.is_null() { Found::Absent } else { Found::Value(value) }
    }
}

/// Overwrites the value of a key that is there, where that needs nobody's notice; false when nothing was done.
#[inline(always)]
pub unsafe fn replace(dict: *mut PyDictObject, name: *mut PyObject, value: *mut PyObject, hint: &mut u32) -> bool {
    // SAFETY: a live dict and string; the slot written holds a reference which is released last, when the dict is consistent.
    unsafe {
        let keys = (*dict).ma_keys;
        if (*keys).dk_kind != DICT_KEYS_UNICODE || !(*dict).ma_values.is_null() || (*dict).ma_watcher_tag & WATCHERS != 0 {
            return false;
        }
        let mut index = *hint as usize;
        let table = entries(keys);
        if index as isize >= (*keys).dk_nentries || (*table.add(index)).me_key != name {
            let hash = str_hash(name);
            if hash == -1 {
                return false;
            }
            match find(keys, name, hash) {
                Some(found) => index = found,
                None => return false,
            }
            *hint = index as u32;
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

/// Whether changes of the dict must be reported to somebody.
#[inline(always)]
pub unsafe fn is_watched(dict: *mut PyDictObject) -> bool {
    // SAFETY: a live dict.
    unsafe { (*dict).ma_watcher_tag & WATCHERS != 0 }
}

/// The index of `name` in a class's shared keys.
#[inline]
pub unsafe fn find_shared(keys: *mut PyDictKeysObject, name: *mut PyObject) -> Option<usize> {
    // SAFETY: a live key table.
    unsafe {
        let hash = str_hash(name);
        if (*keys).dk_kind != DICT_KEYS_SPLIT || hash == -1 {
            return None;
        }
        find(keys, name, hash)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use ember_cpython::layout::{ObjectHead, PyASCIIObject};

    const LOG2_SIZE: u8 = 3;

    #[repr(C)]
    struct Table {
        keys: PyDictKeysObject,
        indices: [i8; 1 << LOG2_SIZE],
        entries: [PyDictUnicodeEntry; 5],
    }

    fn string(hash: isize) -> PyASCIIObject {
        let ob_base = ObjectHead { ob_refcnt: 1, ob_overflow: 0, ob_flags: 0, ob_type: core::ptr::null_mut() };
        PyASCIIObject { ob_base, length: 1, hash, state: 0 }
    }

    /// Inserts as CPython does: the first empty slot of the same walk.
    fn table(strings: &mut [PyASCIIObject]) -> Table {
        let empty = || PyDictUnicodeEntry { me_key: core::ptr::null_mut(), me_value: core::ptr::null_mut() };
        let mut table = Table {
            keys: PyDictKeysObject {
                dk_refcnt: 1,
                dk_log2_size: LOG2_SIZE,
                dk_log2_index_bytes: LOG2_SIZE,
                dk_kind: DICT_KEYS_UNICODE,
                dk_version: 0,
                dk_usable: 0,
                dk_nentries: strings.len() as isize,
                dk_indices: [],
            },
            indices: [-1; 1 << LOG2_SIZE],
            entries: core::array::from_fn(|_| empty()),
        };
        for (index, string) in strings.iter_mut().enumerate() {
            let mut perturb = string.hash as usize;
            let mut slot = perturb & 7;
            while table.indices[slot] != -1 {
                perturb >>= 5;
                slot = 7 & slot.wrapping_mul(5).wrapping_add(perturb).wrapping_add(1);
            }
            table.indices[slot] = index as i8;
            table.entries[index].me_key = core::ptr::from_mut(string).cast();
        }
        table
    }

    #[test]
    fn finds_by_identity_and_by_equality_through_collisions() {
        let mut strings = [string(8), string(16), string(16), string(-9), string(3)];
        let mut table = table(&mut strings);
        let keys = &raw mut table.keys;
        for (index, string) in strings.iter_mut().enumerate() {
            let (hash, name) = (string.hash, core::ptr::from_mut(string).cast::<PyObject>());
            // SAFETY: a table laid out as CPython's.
            assert_eq!(unsafe { find_with(keys, name, hash, |_, _| false) }, Some(index), "identity");
        }
        let mut other = string(16);
        let name = (&raw mut other).cast::<PyObject>();
        // SAFETY: as above.
        unsafe {
            assert_eq!(find_with(keys, name, 16, |_, _| true), Some(1), "an equal string is found first where it was put first");
            assert_eq!(find_with(keys, name, 16, |_, _| false), None, "the same hash alone is not enough");
            assert_eq!(find_with(keys, name, 24, |_, _| true), None, "strings of another hash are not even compared");
        }
    }

    #[test]
    fn walks_over_deleted_entries() {
        let mut strings = [string(8), string(16)];
        let mut table = table(&mut strings);
        table.indices[0] = -2;
        table.entries[0].me_key = core::ptr::null_mut();
        let name = (&raw mut strings[1]).cast::<PyObject>();
        // SAFETY: a table laid out as CPython's.
        assert_eq!(unsafe { find_with(&raw mut table.keys, name, 16, |_, _| false) }, Some(1));
    }
}
