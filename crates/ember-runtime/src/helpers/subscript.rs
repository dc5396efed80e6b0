//! Subscripts and slices.
#![allow(clippy::missing_safety_doc, reason = "the contract of all helpers is in the module above")]

use crate::dict::{self, Found};
use crate::ffi::PyDict_GetItemRef;
use crate::object::{class_of, is_exact_str, none, size, small_index, str_data, str_len, tuple_items};
use ember_cpython::ffi;
use ember_cpython::layout::{PyDictObject, PyListObject, PyObject};
use ember_cpython::refcount::{decref, new_ref};

/// Nothing is known of where a dict keeps a key.
const NO_HINT: u32 = u32::MAX;

/// `container[key]`
pub unsafe extern "C" fn subscript(container: *mut PyObject, key: *mut PyObject) -> *mut PyObject {
    // SAFETY: live objects; items are read within bounds.
    unsafe {
        let class = class_of(container);
        if class == (&raw mut pyo3_ffi::PyDict_Type).cast() {
            return dict_subscript(container, key);
        }
        let items = if class == (&raw mut pyo3_ffi::PyList_Type).cast() {
            (*container.cast::<PyListObject>()).ob_item
        } else if class == (&raw mut pyo3_ffi::PyTuple_Type).cast() {
            tuple_items(container)
        } else {
            return pyo3_ffi::PyObject_GetItem(container, key);
        };
        match small_index(key).and_then(|index| within(index, size(container))) {
            Some(index) => new_ref(*items.add(index)),
            None => pyo3_ffi::PyObject_GetItem(container, key),
        }
    }
}

/// A Python index as one from the start, if it is in bounds.
#[inline(always)]
fn within(index: isize, len: isize) -> Option<usize> {
    let index = if index < 0 { index + len } else { index };
    if index >= 0 && index < len { Some(index as usize) } else { None }
}

/// `dict[key]` for exact dicts.
pub unsafe extern "C" fn dict_subscript(dict: *mut PyObject, key: *mut PyObject) -> *mut PyObject {
    // SAFETY: a live dict and object.
    unsafe {
        let mut hint = NO_HINT;
        if is_exact_str(key)
            && let Found::Value(value) = dict::get_hinted(dict.cast::<PyDictObject>(), key, &mut hint)
        {
            return new_ref(value);
        }
        let mut value = core::ptr::null_mut();
        if PyDict_GetItemRef(dict, key, &mut value) == 0 {
            ffi::_PyErr_SetKeyError(key);
        }
        value
    }
}

/// `string[index]` for an exact string.
pub unsafe extern "C" fn unicode_subscript(string: *mut PyObject, index: i64) -> *mut PyObject {
    // SAFETY: a live string; characters are read within its length.
    unsafe {
        let len = str_len(string) as isize;
        let Some(index) = within(index as isize, len) else {
            pyo3_ffi::PyErr_SetString(pyo3_ffi::PyExc_IndexError, c"string index out of range".as_ptr());
            return core::ptr::null_mut();
        };
        let (width, data) = str_data(string);
        let data = data.as_ptr();
        let character = match width {
            1 => u32::from(*data.add(index)),
            2 => u32::from(*data.cast::<u16>().add(index)),
            _ => *data.cast::<u32>().add(index),
        };
        pyo3_ffi::PyUnicode_FromOrdinal(character as i32)
    }
}

/// `container[key] = value`
pub unsafe extern "C" fn store_subscript(container: *mut PyObject, key: *mut PyObject, value: *mut PyObject) -> i64 {
    // SAFETY: live objects; the item replaced is released last, when the list is consistent.
    unsafe {
        let class = class_of(container);
        if class == (&raw mut pyo3_ffi::PyDict_Type).cast() {
            return dict_store(container, key, value);
        }
        if class == (&raw mut pyo3_ffi::PyList_Type).cast()
            && let Some(index) = small_index(key).and_then(|index| within(index, size(container)))
        {
            let slot = (*container.cast::<PyListObject>()).ob_item.add(index);
            let old = *slot;
            *slot = new_ref(value);
            decref(old);
            return 0;
        }
        i64::from(pyo3_ffi::PyObject_SetItem(container, key, value))
    }
}

/// `dict[key] = value` for exact dicts.
pub unsafe extern "C" fn dict_store(dict: *mut PyObject, key: *mut PyObject, value: *mut PyObject) -> i64 {
    // SAFETY: a live dict and objects.
    unsafe {
        let mut hint = NO_HINT;
        if is_exact_str(key) && dict::replace(dict.cast::<PyDictObject>(), key, value, &mut hint) {
            return 0;
        }
        i64::from(pyo3_ffi::PyDict_SetItem(dict, key, value))
    }
}

/// `del container[key]`
pub unsafe extern "C" fn delete_subscript(container: *mut PyObject, key: *mut PyObject) -> i64 {
    // SAFETY: live objects.
    unsafe { i64::from(pyo3_ffi::PyObject_DelItem(container, key)) }
}

/// `container[start:stop]`
pub unsafe extern "C" fn binary_slice(
    container: *mut PyObject,
    start: *mut PyObject,
    stop: *mut PyObject,
) -> *mut PyObject {
    // SAFETY: live objects; the slice is ours to release.
    unsafe {
        if let Some(result) = plain_slice(container, start, stop) {
            return result;
        }
        let slice = pyo3_ffi::PySlice_New(start, stop, core::ptr::null_mut());
        if slice.is_null() {
            return slice;
        }
        let result = pyo3_ffi::PyObject_GetItem(container, slice);
        decref(slice);
        result
    }
}

/// The bounds of a slice whose ends are small ints or `None`, as `slice.indices` gives them.
#[inline(always)]
unsafe fn bounds(start: *mut PyObject, stop: *mut PyObject, len: isize) -> Option<(isize, isize)> {
    let clip = |index: isize| (if index < 0 { index + len } else { index }).clamp(0, len);
    // SAFETY: live objects.
    unsafe {
        let start = if start == none() { 0 } else { clip(small_index(start)?) };
        let stop = if stop == none() { len } else { clip(small_index(stop)?) };
        Some((start, stop.max(start)))
    }
}

/// Slices of exact lists, tuples and strings by small ints, without a slice object.
#[inline(always)]
unsafe fn plain_slice(container: *mut PyObject, start: *mut PyObject, stop: *mut PyObject) -> Option<*mut PyObject> {
    // SAFETY: live objects, passed to functions for their classes.
    unsafe {
        let class = class_of(container);
        if class == (&raw mut pyo3_ffi::PyUnicode_Type).cast() {
            let (start, stop) = bounds(start, stop, str_len(container) as isize)?;
            return Some(pyo3_ffi::PyUnicode_Substring(container, start, stop));
        }
        if class == (&raw mut pyo3_ffi::PyList_Type).cast() {
            let (start, stop) = bounds(start, stop, size(container))?;
            return Some(pyo3_ffi::PyList_GetSlice(container, start, stop));
        }
        if class == (&raw mut pyo3_ffi::PyTuple_Type).cast() {
            let (start, stop) = bounds(start, stop, size(container))?;
            return Some(pyo3_ffi::PyTuple_GetSlice(container, start, stop));
        }
        None
    }
}

/// `container[start:stop] = value`
pub unsafe extern "C" fn store_slice(
    container: *mut PyObject,
    start: *mut PyObject,
    stop: *mut PyObject,
    value: *mut PyObject,
) -> i64 {
    // SAFETY: live objects; the slice is ours to release.
    unsafe {
        let (list, tuple) = (&raw mut pyo3_ffi::PyList_Type, &raw mut pyo3_ffi::PyTuple_Type);
        if class_of(container) == list.cast()
            && (class_of(value) == list.cast() || class_of(value) == tuple.cast())
            && let Some((start, stop)) = bounds(start, stop, size(container))
        {
            return i64::from(pyo3_ffi::PyList_SetSlice(container, start, stop, value));
        }
        let slice = pyo3_ffi::PySlice_New(start, stop, core::ptr::null_mut());
        if slice.is_null() {
            return -1;
        }
        let result = pyo3_ffi::PyObject_SetItem(container, slice, value);
        decref(slice);
        i64::from(result)
    }
}

/// `slice(start, stop, step)`
pub unsafe extern "C" fn build_slice(start: *mut PyObject, stop: *mut PyObject, step: *mut PyObject) -> *mut PyObject {
    // SAFETY: live objects, of which the step may be NULL.
    unsafe { pyo3_ffi::PySlice_New(start, stop, step) }
}

#[cfg(test)]
mod tests {
    use super::within;

    #[test]
    fn indices_count_from_either_end() {
        for (index, found) in [(0, Some(0)), (2, Some(2)), (3, None), (-1, Some(2)), (-3, Some(0)), (-4, None)] {
            assert_eq!(within(index, 3), found, "{index}");
        }
        assert_eq!(within(isize::MIN, 3), None);
    }
}
