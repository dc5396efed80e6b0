//! Building and filling containers.
#![allow(clippy::missing_safety_doc, reason = "the contract of all helpers is in the module above")]

use crate::object::{class_of, is_exact, size};
use ember_cpython::ffi;
use ember_cpython::layout::{PyDictObject, PyListObject, PyObject, PySetObject, PyThreadState, VarHead};
use ember_cpython::refcount::{decref, new_ref};

/// A list of items taken over.
pub unsafe extern "C" fn build_list(items: *const *mut PyObject, count: usize) -> *mut PyObject {
    // SAFETY: `count` references, which are released if there is no list to hold them.
    unsafe {
        let list = pyo3_ffi::PyList_New(count as isize);
        if list.is_null() {
            for index in 0..count {
                decref(*items.add(index));
            }
            return list;
        }
        if count != 0 {
            core::ptr::copy_nonoverlapping(items, (*list.cast::<PyListObject>()).ob_item, count);
        }
        list
    }
}

/// A tuple of items taken over.
pub unsafe extern "C" fn build_tuple(items: *const *mut PyObject, count: usize) -> *mut PyObject {
    // SAFETY: `count` references, given to CPython as owned stack references, unless it fails. This is the way that leaves tuples of objects without references
    // to others untracked.
    unsafe {
        let tuple = ffi::_PyTuple_FromStackRefStealOnSuccess(items.cast(), count as isize);
        if tuple.is_null() {
            for index in 0..count {
                decref(*items.add(index));
            }
        }
        tuple
    }
}

/// A set of items.
pub unsafe extern "C" fn build_set(items: *const *mut PyObject, count: usize) -> *mut PyObject {
    // SAFETY: `count` live objects; the set is new and ours until it is returned.
    unsafe {
        let set = pyo3_ffi::PySet_New(core::ptr::null_mut());
        if set.is_null() {
            return set;
        }
        for index in 0..count {
            if ffi::_PySet_AddTakeRef(set.cast::<PySetObject>(), new_ref(*items.add(index))) < 0 {
                decref(set);
                return core::ptr::null_mut();
            }
        }
        set
    }
}

/// A dict of alternating keys and values.
pub unsafe extern "C" fn build_map(items: *const *mut PyObject, count: usize) -> *mut PyObject {
    // SAFETY: `count` live objects, an even number.
    unsafe {
        if count == 0 {
            return pyo3_ffi::PyDict_New();
        }
        ffi::_PyDict_FromItems(items, 2, items.add(1), 2, (count / 2) as isize)
    }
}

/// An empty dict.
pub unsafe extern "C" fn new_dict() -> *mut PyObject {
    // SAFETY: the GIL is held.
    unsafe { pyo3_ffi::PyDict_New() }
}

/// A dict of alternating names and values.
pub unsafe extern "C" fn build_keywords(items: *const *mut PyObject, count: usize) -> *mut PyObject {
    // SAFETY: as for `build_map`; hashing and comparing exact strings runs no code.
    unsafe { ffi::_PyDict_FromItems(items, 2, items.add(1), 2, (count / 2) as isize) }
}

/// Strings joined.
pub unsafe extern "C" fn build_string(items: *const *mut PyObject, count: usize) -> *mut PyObject {
    // SAFETY: `count` live strings; the empty string is immortal, so it need not be released.
    unsafe {
        let empty = pyo3_ffi::PyUnicode_New(0, 0);
        if empty.is_null() {
            return empty;
        }
        ffi::_PyUnicode_JoinArray(empty, items, count as isize)
    }
}

/// Appends to an exact list.
pub unsafe extern "C" fn list_append(list: *mut PyObject, item: *mut PyObject) -> i64 {
    // SAFETY: a live list and object; a slot below `allocated` is free to be written.
    unsafe {
        let head = list.cast::<PyListObject>();
        let len = size(list);
        if len < (*head).allocated {
            *(*head).ob_item.offset(len) = new_ref(item);
            (*list.cast::<VarHead>()).ob_size = len + 1;
            return 0;
        }
        i64::from(ffi::_PyList_AppendTakeRefListResize(head, new_ref(item)))
    }
}

/// Extends a list by an iterable, for `[*a]` and `f(*a)`.
pub unsafe extern "C" fn list_extend(tstate: *mut PyThreadState, list: *mut PyObject, iterable: *mut PyObject) -> i64 {
    // SAFETY: a live list and object.
    unsafe {
        let none = ffi::_PyList_Extend(list.cast::<PyListObject>(), iterable);
        if !none.is_null() {
            decref(none);
            return 0;
        }
        let class = class_of(iterable);
        if ffi::_PyErr_ExceptionMatches(tstate, pyo3_ffi::PyExc_TypeError) != 0
            && (*class).tp_iter.is_null()
            && pyo3_ffi::PySequence_Check(iterable) == 0
        {
            ffi::_PyErr_Clear(tstate);
            let format = c"Value after * must be an iterable, not %.200s";
            ffi::_PyErr_Format(tstate, pyo3_ffi::PyExc_TypeError, format.as_ptr(), (*class).tp_name);
        }
        -1
    }
}

/// Adds to a set.
pub unsafe extern "C" fn set_add(set: *mut PyObject, item: *mut PyObject) -> i64 {
    // SAFETY: a live set and object.
    unsafe {
        if !is_exact(set, &raw mut pyo3_ffi::PySet_Type) {
            return i64::from(pyo3_ffi::PySet_Add(set, item));
        }
        i64::from(ffi::_PySet_AddTakeRef(set.cast::<PySetObject>(), new_ref(item)))
    }
}

/// Adds all items of an iterable to a set.
pub unsafe extern "C" fn set_update(set: *mut PyObject, iterable: *mut PyObject) -> i64 {
    // SAFETY: a live set and object.
    unsafe { i64::from(ffi::_PySet_Update(set, iterable)) }
}

/// Sets an item of a dict.
pub unsafe extern "C" fn map_add(dict: *mut PyObject, key: *mut PyObject, value: *mut PyObject) -> i64 {
    // SAFETY: a live dict and objects; the references given are new.
    unsafe { i64::from(ffi::_PyDict_SetItem_Take2(dict.cast::<PyDictObject>(), new_ref(key), new_ref(value))) }
}

/// Updates a dict from a mapping, for `{**a}`.
pub unsafe extern "C" fn dict_update(tstate: *mut PyThreadState, dict: *mut PyObject, mapping: *mut PyObject) -> i64 {
    // SAFETY: a live dict and object.
    unsafe {
        if pyo3_ffi::PyDict_Update(dict, mapping) == 0 {
            return 0;
        }
        if ffi::_PyErr_ExceptionMatches(tstate, pyo3_ffi::PyExc_AttributeError) != 0 {
            let format = c"'%.200s' object is not a mapping";
            ffi::_PyErr_Format(tstate, pyo3_ffi::PyExc_TypeError, format.as_ptr(), (*class_of(mapping)).tp_name);
        }
        -1
    }
}

/// Updates the keyword arguments of a call from a mapping, for `f(**a)`, refusing duplicates.
pub unsafe extern "C" fn dict_merge(
    tstate: *mut PyThreadState,
    dict: *mut PyObject,
    mapping: *mut PyObject,
    callable: *mut PyObject,
) -> i64 {
    // SAFETY: a live dict and objects.
    unsafe {
        if ffi::_PyDict_MergeEx(dict, mapping, 2) < 0 {
            ffi::_PyEval_FormatKwargsError(tstate, callable, mapping);
            return -1;
        }
        0
    }
}

/// The keyword arguments of `callable(**mapping)`: an exact dict itself, anything else as a new dict.
pub unsafe extern "C" fn keywords_of(
    tstate: *mut PyThreadState,
    mapping: *mut PyObject,
    callable: *mut PyObject,
) -> *mut PyObject {
    // SAFETY: live objects.
    unsafe {
        if is_exact(mapping, &raw mut pyo3_ffi::PyDict_Type) {
            return new_ref(mapping);
        }
        let dict = pyo3_ffi::PyDict_New();
        if !dict.is_null() && dict_merge(tstate, dict, mapping, callable) < 0 {
            decref(dict);
            return core::ptr::null_mut();
        }
        dict
    }
}
