//! Dict tables read from outside: which entry holds a name, and what is in it.
//!
//! Only tables whose keys are all strs are looked into (`unicode` and `split` kinds): there a lookup
//! cannot run Python code. Indices of entries are stable until the keys' version changes; the version
//! is 0 until CPython's specialiser gave the keys one.

use crate::layout::*;
use crate::object;

/// Result of a lookup in a table.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Lookup {
    /// Index of the entry.
    Found(usize),
    /// Not there.
    Absent,
    /// The table has keys other than strs, or the name is not a hashed exact str: cannot tell.
    Unknown,
}

/// The dict's keys.
///
/// # Safety
/// `dict` is a live dict.
#[inline(always)]
pub unsafe fn keys(dict: *mut PyObject) -> *mut PyDictKeysObject {
    // SAFETY: as the caller says.
    unsafe { (*dict.cast::<PyDictObject>()).ma_keys }
}

/// Number of items.
///
/// # Safety
/// `dict` is a live dict.
#[inline(always)]
pub unsafe fn len(dict: *mut PyObject) -> usize {
    // SAFETY: as the caller says.
    unsafe { (*dict.cast::<PyDictObject>()).ma_used as usize }
}

/// Is the dict split (values apart from shared keys)?
///
/// # Safety
/// `dict` is a live dict.
#[inline(always)]
pub unsafe fn is_split(dict: *mut PyObject) -> bool {
    // SAFETY: as the caller says.
    unsafe { !(*dict.cast::<PyDictObject>()).ma_values.is_null() }
}

/// Version of the keys, 0 if they have none. Unchanged means: same keys at the same indices.
///
/// # Safety
/// `keys` is live.
#[inline(always)]
pub unsafe fn keys_version(keys: *mut PyDictKeysObject) -> u32 {
    // SAFETY: as the caller says.
    unsafe { (*keys).dk_version }
}

/// Are all keys strs?
///
/// # Safety
/// `keys` is live.
#[inline(always)]
pub unsafe fn is_unicode(keys: *mut PyDictKeysObject) -> bool {
    // SAFETY: as the caller says.
    unsafe { (*keys).dk_kind != DICT_KEYS_GENERAL }
}

/// Watchers of the dict, one bit each.
///
/// # Safety
/// `dict` is a live dict.
#[inline]
pub unsafe fn watchers(dict: *mut PyObject) -> u8 {
    // SAFETY: as the caller says.
    unsafe { (*dict.cast::<PyDictObject>()).ma_watcher_tag as u8 }
}

/// The entries of a table.
///
/// # Safety
/// `keys` is live and of a unicode kind.
#[inline]
pub unsafe fn unicode_entries(keys: *mut PyDictKeysObject) -> *mut PyDictUnicodeEntry {
    // SAFETY: the entries follow the indices.
    unsafe { indices(keys).add(1 << (*keys).dk_log2_index_bytes).cast() }
}

unsafe fn indices(keys: *mut PyDictKeysObject) -> *mut u8 {
    // SAFETY: as the caller says.
    unsafe { (&raw mut (*keys).dk_indices).cast() }
}

/// Slot `i` of the hash table: an entry's index or a negative mark. Entries are as wide as the table
/// needs.
unsafe fn index_at(keys: *mut PyDictKeysObject, i: usize) -> isize {
    // SAFETY: `i` is below the table's size, which decides the width.
    unsafe {
        let p = indices(keys);
        match (*keys).dk_log2_size {
            0..8 => *p.cast::<i8>().add(i) as isize,
            8..16 => *p.cast::<i16>().add(i) as isize,
            16..32 => *p.cast::<i32>().add(i) as isize,
            _ => *p.cast::<i64>().add(i) as isize,
        }
    }
}

/// Finds `name` in a table of str keys.
///
/// # Safety
/// `keys` is live; `name` is a live object.
pub unsafe fn lookup(keys: *mut PyDictKeysObject, name: *mut PyObject) -> Lookup {
    // SAFETY: as the caller says. A table always has an empty slot, so the probing ends.
    unsafe {
        if !is_unicode(keys) || !object::has_type_flag(name, TPFLAGS_UNICODE_SUBCLASS) {
            return Lookup::Unknown;
        }
        let hash = (*name.cast::<PyASCIIObject>()).hash;
        if hash == -1 {
            return Lookup::Unknown;
        }
        let entries = unicode_entries(keys);
        let mask = (1usize << (*keys).dk_log2_size) - 1;
        let mut perturb = hash as usize;
        let mut i = hash as usize & mask;
        loop {
            let ix = index_at(keys, i);
            if ix == DKIX_EMPTY {
                return Lookup::Absent;
            }
            if ix >= 0 {
                let key = (*entries.add(ix as usize)).me_key;
                let same_hash = || (*key.cast::<PyASCIIObject>()).hash == hash;
                if key == name || (!key.is_null() && same_hash() && object::str_eq(key, name)) {
                    return Lookup::Found(ix as usize);
                }
            }
            perturb >>= 5;
            i = mask & (i.wrapping_mul(5).wrapping_add(perturb).wrapping_add(1));
        }
    }
}

/// Key of entry `index`; NULL if the entry was deleted.
///
/// # Safety
/// `keys` is of a unicode kind, `index` below its `dk_nentries`.
#[inline]
pub unsafe fn key_at(keys: *mut PyDictKeysObject, index: usize) -> *mut PyObject {
    // SAFETY: as the caller says.
    unsafe { (*unicode_entries(keys).add(index)).me_key }
}

/// Where the value of entry `index` of the dict is stored: in the entry or in the split values.
///
/// # Safety
/// `dict` is a live dict of a unicode kind, `index` below `dk_nentries`.
#[inline]
pub unsafe fn value_slot(dict: *mut PyObject, index: usize) -> *mut *mut PyObject {
    // SAFETY: as the caller says.
    unsafe {
        let d: *mut PyDictObject = dict.cast();
        if (*d).ma_values.is_null() {
            &raw mut (*unicode_entries((*d).ma_keys).add(index)).me_value
        } else {
            value_of((*d).ma_values, index)
        }
    }
}

/// Value of entry `index`, borrowed; NULL if unset.
///
/// # Safety
/// As for [`value_slot`].
#[inline]
pub unsafe fn value_at(dict: *mut PyObject, index: usize) -> *mut PyObject {
    // SAFETY: as the caller says.
    unsafe { *value_slot(dict, index) }
}

/// Index and value (borrowed) of a name in a dict with str keys; None if absent, unset or unknown.
///
/// # Safety
/// `dict` is a live dict, `name` a live object.
pub unsafe fn get(dict: *mut PyObject, name: *mut PyObject) -> Option<(usize, *mut PyObject)> {
    // SAFETY: as the caller says.
    unsafe {
        let Lookup::Found(index) = lookup(keys(dict), name) else { return None };
        let value = value_at(dict, index);
        (!value.is_null()).then_some((index, value))
    }
}

/// Names and values (borrowed) of a dict with str keys, in order.
///
/// # Safety
/// `dict` is a live dict, unchanged while the iterator is used.
pub unsafe fn iter(dict: *mut PyObject) -> impl Iterator<Item = (*mut PyObject, *mut PyObject)> {
    // SAFETY: as the caller says.
    let n = unsafe {
        let k = keys(dict);
        if is_unicode(k) { (*k).dk_nentries as usize } else { 0 }
    };
    (0..n).filter_map(move |i| {
        // SAFETY: `i` is below the number of entries.
        let (key, value) = unsafe { (key_at(keys(dict), i), value_at(dict, i)) };
        (!key.is_null() && !value.is_null()).then_some((key, value))
    })
}

// ---- attributes of instances ---------------------------------------------------------------------

/// Slot `index` of a values array.
///
/// # Safety
/// `values` is live, `index` below its capacity.
#[inline(always)]
pub unsafe fn value_of(values: *mut PyDictValues, index: usize) -> *mut *mut PyObject {
    // SAFETY: as the caller says.
    unsafe { (&raw mut (*values).values).cast::<*mut PyObject>().add(index) }
}

/// Do instances of the type keep their attributes inline?
///
/// # Safety
/// `ty` is live.
#[inline]
pub unsafe fn has_inline_values(ty: *mut PyTypeObject) -> bool {
    // SAFETY: as the caller says.
    unsafe { object::type_flags(ty) & TPFLAGS_INLINE_VALUES != 0 }
}

/// The object's inline values. Check [`inline_values_valid`] before using them.
///
/// # Safety
/// `obj` is live and its type [`has_inline_values`].
#[inline(always)]
pub unsafe fn inline_values(obj: *mut PyObject) -> *mut PyDictValues {
    // SAFETY: as the caller says.
    unsafe {
        let basicsize = (*object::type_of(obj).cast::<TypeObject>()).tp_basicsize;
        obj.byte_offset(basicsize).cast()
    }
}

/// Are the inline values still where the attributes are?
///
/// # Safety
/// As for [`inline_values`].
#[inline(always)]
pub unsafe fn inline_values_valid(obj: *mut PyObject) -> bool {
    // SAFETY: as the caller says.
    unsafe { (*inline_values(obj)).valid != 0 }
}

/// Offset from an instance to its attribute `index`, and to the byte that says the values are valid.
///
/// # Safety
/// `ty` is live and [`has_inline_values`].
pub unsafe fn inline_value_offsets(ty: *mut PyTypeObject, index: usize) -> (usize, usize) {
    // SAFETY: as the caller says.
    let base = unsafe { (*ty.cast::<TypeObject>()).tp_basicsize as usize };
    (
        base + core::mem::offset_of!(PyDictValues, values) + index * size_of::<usize>(),
        base + core::mem::offset_of!(PyDictValues, valid),
    )
}

/// The keys that instances of a heap type share; NULL if none.
///
/// # Safety
/// `ty` is live.
pub unsafe fn shared_keys(ty: *mut PyTypeObject) -> *mut PyDictKeysObject {
    // SAFETY: only heap types have the field.
    unsafe {
        if object::type_flags(ty) & TPFLAGS_HEAPTYPE == 0 {
            return core::ptr::null_mut();
        }
        (*ty.cast::<PyHeapTypeObject>()).ht_cached_keys
    }
}

/// Where the managed dict pointer of an instance is.
///
/// # Safety
/// `obj` is live and its type has [`TPFLAGS_MANAGED_DICT`].
#[inline(always)]
pub unsafe fn managed_dict_slot(obj: *mut PyObject) -> *mut *mut PyDictObject {
    // SAFETY: as the caller says.
    unsafe { obj.byte_offset(MANAGED_DICT_OFFSET).cast() }
}

/// The materialised dict of an instance with a managed dict; NULL while there is none.
///
/// # Safety
/// As for [`managed_dict_slot`].
#[inline(always)]
pub unsafe fn managed_dict(obj: *mut PyObject) -> *mut PyDictObject {
    // SAFETY: as the caller says.
    unsafe { *managed_dict_slot(obj) }
}

/// Notes that inline (or split) value `index` was set for the first time: the order array follows the
/// values and `size` counts it.
///
/// # Safety
/// `values` is valid, not full, and `index` was unset.
#[inline]
pub unsafe fn add_to_insertion_order(values: *mut PyDictValues, index: usize) {
    // SAFETY: the array of `capacity` bytes follows the values.
    unsafe {
        let size = (*values).size;
        let order: *mut u8 = value_of(values, (*values).capacity as usize).cast();
        *order.add(size as usize) = index as u8;
        (*values).size = size + 1;
    }
}

#[cfg(test)]
#[path = "dict_tests.rs"]
mod tests;
