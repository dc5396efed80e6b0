//! Writing attributes through a cache.

use super::analysis::{self, Looked};
use super::{Action, AttrCache, AttrEntry, Place, inline_values};
use crate::call::call_two;
use crate::classes::stands;
use crate::dict;
use crate::ffi::DescrSet;
use crate::object::{class_of, field};
use core::ffi::c_void;
use core::mem::transmute;
use ember_cpython::dict::{add_to_insertion_order, managed_dict, value_of, watchers};
use ember_cpython::layout::{PyDictObject, PyObject, PyPropertyObject};
use ember_cpython::refcount::{decref, new_ref, xdecref};

/// What an entry makes of a store.
enum Stored {
    /// Done: 0, or -1 with an exception.
    Done(i64),
    /// CPython has to be asked, and there is nothing to learn.
    Generic,
    /// The entry no longer holds.
    Stale,
}

/// `object.name = value`: 0, or -1 with an exception.
///
/// # Safety
/// Live objects, a live exact string, the cache of this site or NULL; the GIL is held.
pub unsafe extern "C" fn store_attr(
    obj: *mut PyObject,
    name: *mut PyObject,
    value: *mut PyObject,
    cache: *mut AttrCache,
) -> i64 {
    // SAFETY: as the caller promises.
    unsafe {
        let class = class_of(obj);
        if !cache.is_null() {
            (*cache).fetch_next();
            (*cache).count();
            let entries = (&raw mut (*cache).entries).cast::<AttrEntry>();
            for index in 0..super::ENTRIES {
                let entry = entries.add(index);
                if !stands(class, (*entry).number) {
                    continue;
                }
                match use_entry(entry, obj, name, value) {
                    Stored::Done(result) => return result,
                    Stored::Generic => return generic(obj, name, value),
                    Stored::Stale => break,
                }
            }
        }
        missed(obj, name, value, cache)
    }
}

unsafe fn generic(obj: *mut PyObject, name: *mut PyObject, value: *mut PyObject) -> i64 {
    // SAFETY: as for `store_attr`.
    unsafe { i64::from(pyo3_ffi::PyObject_SetAttr(obj, name, value)) }
}

#[cold]
#[inline(never)]
unsafe fn missed(obj: *mut PyObject, name: *mut PyObject, value: *mut PyObject, cache: *mut AttrCache) -> i64 {
    // SAFETY: as for `store_attr`. The store comes first: it may be what adds the name to the shared keys.
    unsafe {
        let result = generic(obj, name, value);
        if result == 0 && !cache.is_null() && (*cache).miss() {
            match analysis::for_store(obj, name) {
                Looked::Entry(entry) => (*cache).insert(entry),
                Looked::Unknown => (*cache).fills = (*cache).fills.saturating_add(1),
            }
        }
        result
    }
}

#[inline(always)]
unsafe fn use_entry(entry: *mut AttrEntry, obj: *mut PyObject, name: *mut PyObject, value: *mut PyObject) -> Stored {
    // SAFETY: the number stands, so the entry's offsets are those of this receiver and its object is alive.
    unsafe {
        if !(*entry).object.is_null() && !(*entry).object_class_stands() {
            return Stored::Stale;
        }
        match (*entry).place {
            Place::Inline | Place::InlineChecked => {
                let values = inline_values(obj, (*entry).values);
                let dict = managed_dict(obj);
                if (*values).valid == 0 {
                    return into_dict(dict, entry, name, value);
                }
                let slot = field::<*mut PyObject>(obj, (*entry).offset as isize);
                let old = *slot;
                if dict.is_null() {
                    *slot = new_ref(value);
                    if old.is_null() {
                        add_to_insertion_order(values, slot.offset_from(value_of(values, 0)) as usize);
                    } else {
                        decref(old);
                    }
                    return Stored::Done(0);
                }
                if old.is_null() || watchers(dict.cast()) != 0 {
                    return add_to_dict(dict, name, value);
                }
                *slot = new_ref(value);
                decref(old);
                Stored::Done(0)
            }
            Place::Dict => into_dict(*field::<*mut PyDictObject>(obj, (*entry).offset as isize), entry, name, value),
            Place::Slot => {
                let slot = field::<*mut PyObject>(obj, (*entry).offset as isize);
                let old = *slot;
                *slot = new_ref(value);
                xdecref(old);
                Stored::Done(0)
            }
            Place::InlineAbsent => {
                if (*inline_values(obj, (*entry).values)).valid == 0 {
                    return into_dict(managed_dict(obj), entry, name, value);
                }
                // The store will add the name to the shared keys, if they have room: learn then where it went.
                Stored::Stale
            }
            Place::Nowhere => set(entry, obj, value),
            Place::Empty | Place::Module | Place::Class => Stored::Generic,
        }
    }
}

/// A store into an instance's dict.
#[inline(always)]
unsafe fn into_dict(
    dict: *mut PyDictObject,
    entry: *mut AttrEntry,
    name: *mut PyObject,
    value: *mut PyObject,
) -> Stored {
    // SAFETY: as in `use_entry`.
    unsafe {
        if dict.is_null() {
            return Stored::Generic;
        }
        if dict::replace(dict, name, value, &mut (*entry).hint) {
            return Stored::Done(0);
        }
        add_to_dict(dict, name, value)
    }
}

/// What CPython does once it knows that no descriptor of the class is in the way: whoever fills in an object with more attributes than its class's shared keys have room for comes here at
/// each of them, and need not look through the class and its bases again.
#[inline(never)]
unsafe fn add_to_dict(dict: *mut PyDictObject, name: *mut PyObject, value: *mut PyObject) -> Stored {
    // SAFETY: a live dict, held meanwhile as its owner may get another one; name and value are the caller's.
    unsafe {
        let dict = new_ref(dict.cast::<PyObject>());
        let result = pyo3_ffi::PyDict_SetItem(dict, name, value);
        decref(dict);
        Stored::Done(i64::from(result))
    }
}

/// A data descriptor of the class.
#[inline(always)]
unsafe fn set(entry: *mut AttrEntry, obj: *mut PyObject, value: *mut PyObject) -> Stored {
    // SAFETY: the number stands, so `object` is alive and of the class the action is for.
    unsafe {
        match (*entry).action {
            Action::Property => {
                let setter = (*(*entry).object.cast::<PyPropertyObject>()).prop_set;
                if setter.is_null() {
                    return Stored::Generic;
                }
                let setter = new_ref(setter);
                let result = call_two(setter, obj, value);
                decref(setter);
                if result.is_null() {
                    return Stored::Done(-1);
                }
                decref(result);
                Stored::Done(0)
            }
            Action::Descriptor => {
                let descr = new_ref((*entry).object);
                let slot = transmute::<*mut c_void, Option<DescrSet>>((*class_of(descr)).tp_descr_set);
                let result = match slot {
                    Some(set) => Stored::Done(i64::from(set(descr, obj, value))),
                    None => Stored::Generic,
                };
                decref(descr);
                result
            }
            _ => Stored::Generic,
        }
    }
}
