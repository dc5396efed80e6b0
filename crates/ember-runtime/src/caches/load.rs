//! Reading attributes through a cache.

use super::analysis::{self, Looked};
use super::{
    Action, AttrCache, AttrEntry, Class, FLAG_HOOKED, FLAG_IN_DICT, Outcome, Place, fetch, inline_values, shared,
};
use crate::call::{call_one, call_two};
use crate::classes::stands;
use crate::dict::{self, Found};
use crate::ffi::DescrGet;
use crate::object::{GETATTR, class_of, field, is_exact, none};
use core::mem::{offset_of, transmute};
use ember_cpython::dict::{Lookup, lookup, managed_dict};
use ember_cpython::ffi;
use ember_cpython::layout::{
    MANAGED_DICT_OFFSET, PyDictObject, PyFunctionObject, PyHeapTypeObject, PyMethodWrapperObject, PyModuleObject,
    PyObject, PyPropertyObject,
};
use ember_cpython::refcount::{decref, new_ref, xdecref};

/// `object.name`: a new reference, or NULL with an exception.
///
/// # Safety
/// A live object, a live exact string, the cache of this site or NULL; the GIL is held.
pub unsafe extern "C" fn load_attr(obj: *mut PyObject, name: *mut PyObject, cache: *mut AttrCache) -> *mut PyObject {
    // SAFETY: as the caller promises.
    unsafe { load::<false>(obj, name, cache, core::ptr::null_mut()) }
}

/// The callable for `object.name(…)`: a new reference, or NULL with an exception. `scratch[0]` becomes the first argument to call it with (a new reference), or NULL.
///
/// # Safety
/// As for [`load_attr`]; `scratch` has room for an object.
pub unsafe extern "C" fn load_method(
    scratch: *mut *mut PyObject,
    obj: *mut PyObject,
    name: *mut PyObject,
    cache: *mut AttrCache,
) -> *mut PyObject {
    // SAFETY: as the caller promises.
    unsafe {
        *scratch = core::ptr::null_mut();
        load::<true>(obj, name, cache, scratch)
    }
}

#[inline(always)]
unsafe fn load<const METHOD: bool>(
    obj: *mut PyObject,
    name: *mut PyObject,
    cache: *mut AttrCache,
    scratch: *mut *mut PyObject,
) -> *mut PyObject {
    // SAFETY: as for `load_attr`; no reference into the cache lives across a call that may run Python code.
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
                if (*entry).place == Place::Inline && (*inline_values(obj, (*entry).values)).valid != 0 {
                    let value = *field::<*mut PyObject>(obj, (*entry).offset as isize);
                    if !value.is_null() {
                        return new_ref(value);
                    }
                }
                match use_entry::<METHOD>(entry, obj, class, name, scratch) {
                    Outcome::Done(result) => {
                        if METHOD {
                            // It is called once its arguments are there.
                            fetch(result.cast::<u8>().wrapping_add(offset_of!(PyFunctionObject, func_code)));
                            fetch(result.cast::<u8>().wrapping_add(offset_of!(PyFunctionObject, vectorcall)));
                        }
                        return result;
                    }
                    Outcome::Generic => return generic::<METHOD>(obj, name, scratch),
                    Outcome::Other => {}
                    Outcome::Stale => break,
                }
            }
        }
        missed::<METHOD>(obj, name, cache, scratch)
    }
}

/// CPython's own way.
unsafe fn generic<const METHOD: bool>(
    obj: *mut PyObject,
    name: *mut PyObject,
    scratch: *mut *mut PyObject,
) -> *mut PyObject {
    // SAFETY: as for `load_attr`.
    unsafe {
        if !METHOD {
            return pyo3_ffi::PyObject_GetAttr(obj, name);
        }
        let mut method = core::ptr::null_mut();
        if ffi::_PyObject_GetMethod(obj, name, &mut method) != 0 {
            *scratch = new_ref(obj);
        }
        method
    }
}

/// No entry of the site's own knows the class: asks the table shared by all sites, else CPython, and learns from it.
#[cold]
#[inline(never)]
unsafe fn missed<const METHOD: bool>(
    obj: *mut PyObject,
    name: *mut PyObject,
    cache: *mut AttrCache,
    scratch: *mut *mut PyObject,
) -> *mut PyObject {
    // SAFETY: as for `load_attr`; the receiver is the caller's, so it is alive after the lookup.
    unsafe {
        let class = class_of(obj);
        let learn = !cache.is_null() && (*cache).miss();
        let mut look = true;
        if !learn && let Some(entry) = shared::find(obj, name) {
            match use_entry::<METHOD>(entry, obj, class, name, scratch) {
                Outcome::Done(result) => return result,
                Outcome::Generic => return generic::<METHOD>(obj, name, scratch),
                // Another class with the same metaclass has the place.
                Outcome::Other => look = shared::is_due(),
                Outcome::Stale => {}
            }
        }
        let result = generic::<METHOD>(obj, name, scratch);
        if !look || result.is_null() {
            return result;
        }
        match analysis::for_load(obj, name) {
            Looked::Entry(entry) if learn => (*cache).insert(entry),
            Looked::Entry(entry) => shared::keep(obj, name, entry),
            Looked::Unknown if learn => (*cache).fills = (*cache).fills.saturating_add(1),
            Looked::Unknown => {}
        }
        result
    }
}

/// The attribute was in the managed dict. Written once only: the cache's page may be shared with other processes.
#[inline(always)]
unsafe fn note_in_dict(entry: *mut AttrEntry) {
    // SAFETY: an entry of a cache in use.
    unsafe {
        if (*entry).flags & FLAG_IN_DICT == 0 {
            (*entry).flags |= FLAG_IN_DICT;
        }
    }
}

/// Does what an entry for the receiver's class says.
#[inline(always)]
unsafe fn use_entry<const METHOD: bool>(
    entry: *mut AttrEntry,
    obj: *mut PyObject,
    class: Class,
    name: *mut PyObject,
    scratch: *mut *mut PyObject,
) -> Outcome {
    // SAFETY: the number stands, so the entry's offsets are those of this receiver and its object is alive.
    unsafe {
        if (*entry).place != Place::Class && !(*entry).object_class_stands() {
            return Outcome::Stale;
        }
        match (*entry).place {
            Place::Nowhere => {}
            Place::Inline | Place::InlineChecked => {
                if (*inline_values(obj, (*entry).values)).valid != 0 {
                    let value = *field::<*mut PyObject>(obj, (*entry).offset as isize);
                    if !value.is_null() {
                        return Outcome::Done(new_ref(value));
                    }
                } else if let Some(outcome) = in_dict(managed_dict(obj), entry, name) {
                    note_in_dict(entry);
                    return outcome;
                }
            }
            Place::InlineAbsent => {
                if (*inline_values(obj, (*entry).values)).valid == 0 {
                    // The offset, which says nothing here, serves as the dict's hint.
                    let before = (*entry).offset as u32;
                    let mut hint = before;
                    let outcome = in_dict_at(managed_dict(obj), &mut hint, name);
                    if hint != before {
                        (*entry).offset = i16::try_from(hint).unwrap_or(0);
                    }
                    if let Some(outcome) = outcome {
                        note_in_dict(entry);
                        return outcome;
                    }
                } else if shared_key_count(class) != (*entry).hint && !still_absent(entry, class, name) {
                    let value = *field::<*mut PyObject>(obj, (*entry).offset as isize);
                    if !value.is_null() {
                        return Outcome::Done(new_ref(value));
                    }
                }
            }
            Place::Dict => {
                let dict = *field::<*mut PyDictObject>(obj, (*entry).offset as isize);
                if !dict.is_null()
                    && let Some(outcome) = in_dict(dict, entry, name)
                {
                    if i32::from((*entry).offset) == MANAGED_DICT_OFFSET as i32 {
                        note_in_dict(entry);
                    }
                    return outcome;
                }
            }
            Place::Slot => {
                let value = *field::<*mut PyObject>(obj, (*entry).offset as isize);
                if value.is_null() {
                    return Outcome::Generic;
                }
                return Outcome::Done(new_ref(value));
            }
            Place::Module => {
                let dict = (*obj.cast::<PyModuleObject>()).md_dict.cast::<PyDictObject>();
                return in_dict(dict, entry, name).unwrap_or(Outcome::Generic);
            }
            Place::Class => {
                if !stands(obj.cast(), (*entry).owner_number) {
                    return Outcome::Other;
                }
                if !(*entry).object_class_stands() {
                    return Outcome::Stale;
                }
            }
            Place::Empty => return Outcome::Other,
        }
        act::<METHOD>(entry, obj, class, name, scratch)
    }
}

#[inline(always)]
unsafe fn shared_key_count(class: Class) -> u32 {
    // SAFETY: a class with inline values has shared keys.
    unsafe { (*(*class.cast::<PyHeapTypeObject>()).ht_cached_keys).dk_nentries as u32 }
}

/// Looks through keys that were added to the class's shared keys; when the name is among them, the entry says from now on where.
#[cold]
unsafe fn still_absent(entry: *mut AttrEntry, class: Class, name: *mut PyObject) -> bool {
    // SAFETY: as in `use_entry`.
    unsafe {
        let keys = (*class.cast::<PyHeapTypeObject>()).ht_cached_keys;
        let found = match lookup(keys, name) {
            Lookup::Found(index) => analysis::inline_offset((*entry).values, index),
            Lookup::Absent | Lookup::Unknown => None,
        };
        match found {
            Some(offset) => {
                (*entry).offset = offset;
                (*entry).place = if (*entry).object_number == 0 { Place::Inline } else { Place::InlineChecked };
                (*entry).hint = 0;
                false
            }
            None => {
                (*entry).hint = shared_key_count(class);
                true
            }
        }
    }
}

/// The attribute from an instance's dict, if it is there.
#[inline(always)]
unsafe fn in_dict(dict: *mut PyDictObject, entry: *mut AttrEntry, name: *mut PyObject) -> Option<Outcome> {
    // SAFETY: as in `use_entry`; the hint is written before anything else can run.
    unsafe { in_dict_at(dict, &mut (*entry).hint, name) }
}

#[inline(always)]
unsafe fn in_dict_at(dict: *mut PyDictObject, hint: &mut u32, name: *mut PyObject) -> Option<Outcome> {
    // SAFETY: as in `use_entry`.
    unsafe {
        if dict.is_null() {
            return Some(Outcome::Generic);
        }
        match dict::get_hinted(dict, name, hint) {
            Found::Value(value) => Some(Outcome::Done(new_ref(value))),
            Found::Absent => None,
            Found::Unknown => Some(Outcome::Generic),
        }
    }
}

/// The attribute is not on the instance: does what the class says.
#[inline(always)]
unsafe fn act<const METHOD: bool>(
    entry: *mut AttrEntry,
    obj: *mut PyObject,
    class: Class,
    name: *mut PyObject,
    scratch: *mut *mut PyObject,
) -> Outcome {
    // SAFETY: the number stands, so `object` is alive and of the class the action is for.
    unsafe {
        let object = (*entry).object;
        let on_class = (*entry).place == Place::Class;
        match (*entry).action {
            Action::Generic => Outcome::Generic,
            Action::Value => Outcome::Done(new_ref(object)),
            Action::Method => {
                if METHOD {
                    *scratch = new_ref(obj);
                    return Outcome::Done(new_ref(object));
                }
                if is_exact(object, &raw mut ffi::PyFunction_Type) {
                    return Outcome::Done(ffi::PyMethod_New(object, obj));
                }
                Outcome::Done(get(object, obj, class.cast()))
            }
            Action::Static => Outcome::Done(new_ref((*object.cast::<PyMethodWrapperObject>()).callable)),
            Action::ClassMethod => {
                let callable = (*object.cast::<PyMethodWrapperObject>()).callable;
                let receiver = if on_class { obj } else { class.cast() };
                if METHOD {
                    *scratch = new_ref(receiver);
                    return Outcome::Done(new_ref(callable));
                }
                Outcome::Done(ffi::PyMethod_New(callable, receiver))
            }
            Action::Property => {
                let getter = (*object.cast::<PyPropertyObject>()).prop_get;
                if getter.is_null() {
                    return Outcome::Generic;
                }
                let hooked = (*entry).flags & FLAG_HOOKED != 0;
                // The getter may replace itself while it runs.
                let getter = new_ref(getter);
                let result = call_one(getter, obj);
                decref(getter);
                Outcome::Done(settle(result, hooked, !METHOD, obj, name))
            }
            Action::Descriptor => {
                let hooked = (*entry).flags & FLAG_HOOKED != 0;
                let object = new_ref(object);
                let result =
                    if on_class { get(object, core::ptr::null_mut(), obj) } else { get(object, obj, class.cast()) };
                decref(object);
                Outcome::Done(settle(result, hooked, !METHOD || on_class, obj, name))
            }
            Action::Hook => {
                let hook = new_ref(object);
                let result = call_two(hook, obj, name);
                decref(hook);
                Outcome::Done(settle(result, false, true, obj, name))
            }
        }
    }
}

/// Calls `__get__`.
#[inline(always)]
unsafe fn get(descr: *mut PyObject, obj: *mut PyObject, class: *mut PyObject) -> *mut PyObject {
    // SAFETY: a live descriptor; the slot has this type when it is not NULL, which the analysis saw under the same number.
    unsafe {
        match transmute::<*mut core::ffi::c_void, Option<DescrGet>>((*class_of(descr)).tp_descr_get) {
            Some(get) => get(descr, obj, class),
            None => new_ref(descr),
        }
    }
}

/// The result of a getter. Where it failed, a class with a `__getattr__` is asked, and an AttributeError is told what it is about, as CPython does it.
#[inline(always)]
unsafe fn settle(
    result: *mut PyObject,
    hooked: bool,
    describe: bool,
    obj: *mut PyObject,
    name: *mut PyObject,
) -> *mut PyObject {
    if !result.is_null() {
        return result;
    }
    // SAFETY: a live receiver and name; an exception is set.
    unsafe { failed(hooked, describe, obj, name) }
}

#[cold]
unsafe fn failed(hooked: bool, describe: bool, obj: *mut PyObject, name: *mut PyObject) -> *mut PyObject {
    // SAFETY: as in `settle`.
    unsafe {
        if pyo3_ffi::PyErr_ExceptionMatches(pyo3_ffi::PyExc_AttributeError) == 0 {
            return core::ptr::null_mut();
        }
        let result = if hooked { ask_hook(obj, name) } else { core::ptr::null_mut() };
        if result.is_null() && (describe || hooked) {
            describe_error(obj, name);
        }
        result
    }
}

/// Calls `__getattr__` in place of an AttributeError. The class is looked at anew, since the getter may have changed it.
unsafe fn ask_hook(obj: *mut PyObject, name: *mut PyObject) -> *mut PyObject {
    // SAFETY: as in `settle`.
    unsafe {
        let hook_name = GETATTR.get();
        if hook_name.is_null() {
            return core::ptr::null_mut();
        }
        let hook = ffi::_PyType_LookupRef(class_of(obj).cast(), hook_name);
        if hook.is_null() {
            return core::ptr::null_mut();
        }
        pyo3_ffi::PyErr_Clear();
        let bound = get(hook, obj, class_of(obj).cast());
        decref(hook);
        if bound.is_null() {
            return bound;
        }
        let result = call_one(bound, name);
        decref(bound);
        result
    }
}

/// Gives an AttributeError its `name` and `obj`, unless it has either.
unsafe fn describe_error(obj: *mut PyObject, name: *mut PyObject) {
    // SAFETY: live objects; the exception is ours from when it is taken until it is put back.
    unsafe {
        if pyo3_ffi::PyErr_ExceptionMatches(pyo3_ffi::PyExc_AttributeError) == 0 {
            return;
        }
        let exc = pyo3_ffi::PyErr_GetRaisedException();
        let fields = [(c"name", name), (c"obj", obj)];
        let mut vacant = true;
        for (field, _) in fields {
            let value = pyo3_ffi::PyObject_GetAttrString(exc, field.as_ptr());
            vacant &= value == none();
            xdecref(value);
        }
        for (field, value) in fields {
            vacant = vacant && pyo3_ffi::PyObject_SetAttrString(exc, field.as_ptr(), value) == 0;
        }
        pyo3_ffi::PyErr_SetRaisedException(exc);
    }
}
