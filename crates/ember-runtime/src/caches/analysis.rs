//! How an attribute is found, as an entry of a cache.
//!
//! What is done here once, CPython does at each access in `PyObject_GenericGetAttr`, `type.__getattribute__` and `PyObject_GenericSetAttr`.
#![allow(clippy::missing_safety_doc, reason = "callers pass live objects with the GIL held")]

use super::{Action, AttrEntry, Class, FLAG_HOOKED, Place};
use crate::classes::number_of;
use crate::immutable::is_fixed;
use crate::object::{GETATTR, GETATTRIBUTE, class_of, has_type_flag, is_exact, is_exact_str};
use core::ffi::{c_int, c_void};
use core::mem::offset_of;
use ember_cpython::dict::{Lookup, lookup};
use ember_cpython::ffi;
use ember_cpython::layout::{
    MANAGED_DICT_OFFSET, PyDescrObject, PyDictValues, PyHeapTypeObject, PyMemberDescrObject, PyObject, PyTypeObject,
    TPFLAGS_HEAPTYPE, TPFLAGS_INLINE_VALUES, TPFLAGS_MANAGED_DICT, TPFLAGS_METHOD_DESCRIPTOR, TypeObject,
};

/// `Py_T_OBJECT_EX`, the kind of `__slots__`.
const MEMBER_OBJECT_EX: c_int = 16;
/// `Py_READONLY`
const MEMBER_READONLY: c_int = 1;
/// `Py_AUDIT_READ`
const MEMBER_AUDIT: c_int = 2;
/// `Py_RELATIVE_OFFSET`
const MEMBER_RELATIVE: c_int = 8;

/// What the analysis came to.
pub enum Looked {
    /// An entry for the receiver's class (perhaps one that says: ask CPython).
    Entry(AttrEntry),
    /// The class has no number, so nothing can be remembered.
    Unknown,
}

/// The byte offset of inline value `index`.
pub(super) fn inline_offset(values: u16, index: usize) -> Option<i16> {
    i16::try_from(values as usize + offset_of!(PyDictValues, values) + index * size_of::<*mut PyObject>()).ok()
}

/// The number by which to guard the class of `object`: 0 when that class cannot be changed, `None` when it cannot be guarded.
unsafe fn object_number(object: *mut PyObject) -> Option<u32> {
    // SAFETY: a live object; of its class only slots matter.
    unsafe {
        let class = class_of(object);
        if is_fixed(class) { Some(0) } else { number_of(class, core::ptr::null_mut()) }
    }
}

/// An entry that only says: ask CPython.
fn generic(number: u32) -> AttrEntry {
    AttrEntry { number, place: Place::Nowhere, ..AttrEntry::EMPTY }
}

/// The slots of `object`, `type` and `module`, by which their ways of looking attributes up are told.
unsafe fn slots_of(class: *mut PyTypeObject) -> (*mut c_void, *mut c_void) {
    // SAFETY: a static type.
    unsafe { ((*class.cast::<TypeObject>()).tp_getattro, (*class.cast::<TypeObject>()).tp_setattro) }
}

/// How classes of this kind look attributes up.
enum Manner {
    /// `object.__getattribute__`; with a `__getattr__` when one is given.
    Plain(*mut PyObject),
    /// `type.__getattribute__`
    Class,
    /// `module.__getattribute__`
    Module,
    /// In a way of their own.
    Custom,
}

unsafe fn manner_of(class: Class) -> Manner {
    // SAFETY: a live class; static types are read by their addresses.
    unsafe {
        let slot = (*class).tp_getattro;
        if slot == slots_of(&raw mut pyo3_ffi::PyBaseObject_Type).0 {
            return Manner::Plain(core::ptr::null_mut());
        }
        if slot == slots_of(&raw mut pyo3_ffi::PyType_Type).0 {
            return Manner::Class;
        }
        if slot == slots_of(&raw mut ffi::PyModule_Type).0 {
            return Manner::Module;
        }
        if (*class).tp_flags & TPFLAGS_HEAPTYPE == 0 {
            return Manner::Custom;
        }
        let (getattribute, getattr) = (GETATTRIBUTE.get(), GETATTR.get());
        if getattribute.is_null() || getattr.is_null() {
            pyo3_ffi::PyErr_Clear();
            return Manner::Custom;
        }
        let own = ffi::_PyType_Lookup(class.cast(), getattribute);
        let hook = ffi::_PyType_Lookup(class.cast(), getattr);
        let plain = ffi::_PyType_Lookup(&raw mut pyo3_ffi::PyBaseObject_Type, getattribute);
        if own.is_null() || own != plain || hook.is_null() { Manner::Custom } else { Manner::Plain(hook) }
    }
}

/// Where instances of `class` keep what is not a data descriptor's; `None` when only CPython knows.
unsafe fn place_of(class: Class, name: *mut PyObject, entry: &mut AttrEntry) -> Option<()> {
    // SAFETY: a live class and exact string.
    unsafe {
        let flags = (*class).tp_flags;
        if flags & TPFLAGS_INLINE_VALUES != 0 {
            let keys = (*class.cast::<PyHeapTypeObject>()).ht_cached_keys;
            if keys.is_null() {
                return None;
            }
            entry.values = u16::try_from((*class).tp_basicsize).ok()?;
            match lookup(keys, name) {
                Lookup::Found(index) => {
                    entry.offset = inline_offset(entry.values, index)?;
                    entry.place = if entry.object_number == 0 { Place::Inline } else { Place::InlineChecked };
                }
                Lookup::Unknown => return None,
                Lookup::Absent => {
                    entry.place = Place::InlineAbsent;
                    entry.hint = (*keys).dk_nentries as u32;
                }
            }
        } else if flags & TPFLAGS_MANAGED_DICT != 0 {
            entry.place = Place::Dict;
            entry.offset = MANAGED_DICT_OFFSET as i16;
        } else if (*class).tp_dictoffset > 0 {
            entry.place = Place::Dict;
            entry.offset = i16::try_from((*class).tp_dictoffset).ok()?;
        } else if (*class).tp_dictoffset == 0 {
            entry.place = Place::Nowhere;
        } else {
            return None;
        }
        Some(())
    }
}

/// The offset of a slot that a member descriptor describes, if it can be read or written without the descriptor.
unsafe fn slot_offset(class: Class, descr: *mut PyObject, refused: c_int) -> Option<i16> {
    // SAFETY: a live class and member descriptor.
    unsafe {
        if !is_exact(descr, &raw mut ffi::PyMemberDescr_Type) {
            return None;
        }
        let member = (*descr.cast::<PyMemberDescrObject>()).d_member;
        let owner = (*descr.cast::<PyDescrObject>()).d_type;
        if (*member).type_code != MEMBER_OBJECT_EX
            || (*member).flags & refused != 0
            || pyo3_ffi::PyType_IsSubtype(class.cast::<PyTypeObject>(), owner) == 0
        {
            return None;
        }
        i16::try_from((*member).offset).ok()
    }
}

/// How `obj.name` is found.
pub unsafe fn for_load(obj: *mut PyObject, name: *mut PyObject) -> Looked {
    // SAFETY: a live object and name; `_PyType_Lookup` leaves no exception and runs no code for a string.
    unsafe {
        if !is_exact_str(name) {
            return Looked::Unknown;
        }
        let class = class_of(obj);
        let Some(number) = number_of(class, name) else { return Looked::Unknown };
        let descr = ffi::_PyType_Lookup(class.cast(), name);
        let entry = match manner_of(class) {
            Manner::Plain(hook) => plain_load(class, name, descr, number, hook),
            Manner::Class => class_load(obj.cast(), name, descr, number),
            Manner::Module if descr.is_null() => Some(AttrEntry { number, place: Place::Module, ..AttrEntry::EMPTY }),
            Manner::Module | Manner::Custom => None,
        };
        Looked::Entry(entry.unwrap_or(generic(number)))
    }
}

/// How instances of `class` find the attribute; `None` when that is not a matter of the class and the instance alone.
pub unsafe fn for_instances_load(class: Class, name: *mut PyObject) -> Option<AttrEntry> {
    // SAFETY: a live class and exact string.
    unsafe {
        let Manner::Plain(hook) = manner_of(class) else { return None };
        if !hook.is_null() {
            return None;
        }
        let number = number_of(class, name)?;
        plain_load(class, name, ffi::_PyType_Lookup(class.cast(), name), number, hook)
    }
}

/// How a class finds an attribute of its own; `None` when that is not a matter of the class and its metaclass alone.
pub unsafe fn for_own_load(owner: Class, name: *mut PyObject) -> Option<AttrEntry> {
    // SAFETY: a live class and exact string.
    match unsafe { for_load(owner.cast(), name) } {
        Looked::Entry(entry) => Some(entry).filter(|entry| entry.place == Place::Class),
        Looked::Unknown => None,
    }
}

/// The same for storing.
pub unsafe fn for_instances_store(class: Class, name: *mut PyObject) -> Option<AttrEntry> {
    // SAFETY: a live class and exact string.
    unsafe {
        let number = number_of(class, name)?;
        plain_store(class, name, ffi::_PyType_Lookup(class.cast(), name), number)
    }
}

unsafe fn plain_load(
    class: Class,
    name: *mut PyObject,
    descr: *mut PyObject,
    number: u32,
    hook: *mut PyObject,
) -> Option<AttrEntry> {
    // SAFETY: as in `for_load`.
    unsafe {
        let flags = if hook.is_null() { 0 } else { FLAG_HOOKED };
        let mut entry = AttrEntry { number, flags, place: Place::Nowhere, object: descr, ..AttrEntry::EMPTY };
        if descr.is_null() {
            if is_function(hook) {
                entry.action = Action::Hook;
                entry.object = hook;
            }
            place_of(class, name, &mut entry)?;
            return Some(entry);
        }
        entry.object_number = object_number(descr)?;
        let kind = class_of(descr);
        if (*kind).tp_descr_get.is_null() {
            entry.action = Action::Value;
        } else if !(*kind).tp_descr_set.is_null() {
            if let Some(offset) = slot_offset(class, descr, MEMBER_AUDIT | MEMBER_RELATIVE) {
                entry.place = Place::Slot;
                entry.offset = offset;
            } else if is_exact(descr, &raw mut ffi::PyProperty_Type) {
                entry.action = Action::Property;
            } else {
                entry.action = Action::Descriptor;
            }
            return Some(entry);
        } else if has_type_flag(descr, TPFLAGS_METHOD_DESCRIPTOR) && entry.object_number == 0 {
            entry.action = Action::Method;
        } else {
            entry.action = wrapper_action(descr);
        }
        place_of(class, name, &mut entry)?;
        Some(entry)
    }
}

unsafe fn is_function(object: *mut PyObject) -> bool {
    // SAFETY: NULL or a live object.
    unsafe { !object.is_null() && is_exact(object, &raw mut ffi::PyFunction_Type) }
}

/// For a descriptor that is none of data and is no method.
unsafe fn wrapper_action(descr: *mut PyObject) -> Action {
    // SAFETY: a live descriptor.
    unsafe {
        let wraps_nothing = || (*descr.cast::<ember_cpython::layout::PyMethodWrapperObject>()).callable.is_null();
        if is_exact(descr, &raw mut ffi::PyStaticMethod_Type) && !wraps_nothing() {
            Action::Static
        } else if is_exact(descr, &raw mut ffi::PyClassMethod_Type) && !wraps_nothing() {
            Action::ClassMethod
        } else {
            Action::Descriptor
        }
    }
}

/// For a receiver that is a class: the metaclass's data descriptors, then the class and its bases, then the metaclass.
unsafe fn class_load(owner: Class, name: *mut PyObject, meta: *mut PyObject, number: u32) -> Option<AttrEntry> {
    // SAFETY: as in `for_load`.
    unsafe {
        let mut entry = AttrEntry { number, place: Place::Class, ..AttrEntry::EMPTY };
        let mut meta_get = false;
        if !meta.is_null() {
            if object_number(meta)? != 0 {
                return None;
            }
            let kind = class_of(meta);
            meta_get = !(*kind).tp_descr_get.is_null();
            if meta_get && !(*kind).tp_descr_set.is_null() {
                return Some(AttrEntry { place: Place::Nowhere, action: Action::Descriptor, object: meta, ..entry });
            }
        }
        let own = ffi::_PyType_Lookup(owner.cast(), name);
        entry.owner_number = number_of(owner, name)?;
        if own.is_null() {
            if meta.is_null() {
                return None;
            }
            entry.object = meta;
            entry.action = match meta_get {
                false => Action::Value,
                true if has_type_flag(meta, TPFLAGS_METHOD_DESCRIPTOR) => Action::Method,
                true => return None,
            };
            return Some(entry);
        }
        entry.object = own;
        entry.object_number = object_number(own)?;
        entry.action = if (*class_of(own)).tp_descr_get.is_null() || binds_to_nothing(own) {
            Action::Value
        } else {
            wrapper_action(own)
        };
        Some(entry)
    }
}

/// Whether asking this descriptor for an attribute of the class itself gives the descriptor.
unsafe fn binds_to_nothing(descr: *mut PyObject) -> bool {
    // SAFETY: a live object.
    unsafe {
        is_function(descr)
            || is_exact(descr, &raw mut ffi::PyMethodDescr_Type)
            || is_exact(descr, &raw mut ffi::PyWrapperDescr_Type)
    }
}

/// How `obj.name = value` is done.
pub unsafe fn for_store(obj: *mut PyObject, name: *mut PyObject) -> Looked {
    // SAFETY: as in `for_load`.
    unsafe {
        if !is_exact_str(name) {
            return Looked::Unknown;
        }
        let class = class_of(obj);
        let Some(number) = number_of(class, name) else { return Looked::Unknown };
        let descr = ffi::_PyType_Lookup(class.cast(), name);
        Looked::Entry(plain_store(class, name, descr, number).unwrap_or(generic(number)))
    }
}

unsafe fn plain_store(class: Class, name: *mut PyObject, descr: *mut PyObject, number: u32) -> Option<AttrEntry> {
    // SAFETY: as in `for_load`.
    unsafe {
        if (*class).tp_setattro != slots_of(&raw mut pyo3_ffi::PyBaseObject_Type).1 {
            return None;
        }
        let mut entry = AttrEntry { number, place: Place::Nowhere, ..AttrEntry::EMPTY };
        if !descr.is_null() {
            entry.object = descr;
            entry.object_number = object_number(descr)?;
            if !(*class_of(descr)).tp_descr_set.is_null() {
                if let Some(offset) = slot_offset(class, descr, MEMBER_READONLY | MEMBER_RELATIVE) {
                    entry.place = Place::Slot;
                    entry.offset = offset;
                } else if is_exact(descr, &raw mut ffi::PyProperty_Type) {
                    entry.action = Action::Property;
                } else {
                    entry.action = Action::Descriptor;
                }
                return Some(entry);
            }
        }
        place_of(class, name, &mut entry)?;
        Some(entry)
    }
}
