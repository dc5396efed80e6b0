//! Tables shared by all sites: for attribute sites that see more classes than their own cache holds (or have none), and for `super().method`.
//!
//! Both are direct-mapped: a key has one place, and whoever comes last has it. Keys contain class versions, so entries need no invalidation (see [`super`]). Names are
//! compared by address, so each entry holds a reference to its name: no other string can have that address meanwhile.
#![allow(clippy::missing_safety_doc, reason = "callers pass live objects with the GIL held")]

use super::AttrEntry;
use crate::object::{class_of, has_type_flag, is_exact};
use core::cell::UnsafeCell;
use core::ffi::c_int;
use ember_cpython::ffi;
use ember_cpython::layout::{PyObject, TPFLAGS_TYPE_SUBCLASS};
use ember_cpython::refcount::{new_ref, xdecref};

const ATTR_SLOTS: usize = 2048;
const SUPER_SLOTS: usize = 512;

#[derive(Clone, Copy)]
struct AttrSlot {
    name: *mut PyObject,
    entry: AttrEntry,
}

#[derive(Clone, Copy)]
struct SuperSlot {
    name: *mut PyObject,
    class: *mut PyObject,
    version: u32,
    /// The method, borrowed: a class in the receiver's resolution order keeps it alive as long as the version stands.
    method: *mut PyObject,
}

/// A table that is only touched with the GIL held.
#[repr(transparent)]
struct Table<T>(UnsafeCell<T>);

// SAFETY: the GIL serialises all access; no reference into a table outlives the function that made it.
unsafe impl<T> Sync for Table<T> {}

static ATTRS: Table<[AttrSlot; ATTR_SLOTS]> =
    Table(UnsafeCell::new([AttrSlot { name: core::ptr::null_mut(), entry: AttrEntry::EMPTY }; ATTR_SLOTS]));
static SUPERS: Table<[SuperSlot; SUPER_SLOTS]> = Table(UnsafeCell::new(
    [SuperSlot { name: core::ptr::null_mut(), class: core::ptr::null_mut(), version: 0, method: core::ptr::null_mut() };
        SUPER_SLOTS],
));

fn mix(version: u32, name: *mut PyObject) -> usize {
    (version as usize).wrapping_mul(0x9E37_79B1) ^ (name as usize >> 4)
}

/// Where the entry of a class version and a name is, if it is known.
pub(super) unsafe fn find(version: u32, name: *mut PyObject) -> Option<*mut AttrEntry> {
    let slot = ATTRS.0.get().cast::<AttrSlot>().wrapping_add(mix(version, name) % ATTR_SLOTS);
    // SAFETY: a slot of the table.
    unsafe {
        if (*slot).name == name && (*slot).entry.version == version { Some(&raw mut (*slot).entry) } else { None }
    }
}

/// Keeps an entry.
pub(super) unsafe fn keep(name: *mut PyObject, entry: AttrEntry) {
    let slot = ATTRS.0.get().cast::<AttrSlot>().wrapping_add(mix(entry.version, name) % ATTR_SLOTS);
    // SAFETY: a slot of the table; the old name, a string, is released without running anything.
    unsafe {
        let old = (*slot).name;
        *slot = AttrSlot { name: new_ref(name), entry };
        xdecref(old);
    }
}

/// `super(class, receiver).name` for a receiver that is no class: the method (a new reference) where it is one, to be called with the receiver, or whatever CPython
/// makes of it. NULL with an exception. `found` says which.
pub unsafe fn super_method(
    class: *mut PyObject,
    receiver: *mut PyObject,
    name: *mut PyObject,
    found: &mut bool,
) -> *mut PyObject {
    // SAFETY: live objects, `class` a class; the table holds what CPython answered for the same class, version and name.
    unsafe {
        let version = (*class_of(receiver)).tp_version_tag;
        let cacheable = version != 0 && !has_type_flag(receiver, TPFLAGS_TYPE_SUBCLASS);
        let hash = mix(version, name) ^ (class as usize >> 5);
        let slot = SUPERS.0.get().cast::<SuperSlot>().wrapping_add(hash % SUPER_SLOTS);
        if cacheable && (*slot).version == version && (*slot).class == class && (*slot).name == name {
            *found = true;
            return new_ref((*slot).method);
        }
        let mut is_method: c_int = 0;
        let attr = ffi::_PySuper_Lookup(class.cast(), receiver, name, &mut is_method);
        *found = is_method != 0;
        let unchanged = (*class_of(receiver)).tp_version_tag == version;
        if !attr.is_null() && *found && cacheable && unchanged && lasts(attr) && in_order(class, receiver) {
            let old = (*slot).name;
            *slot = SuperSlot { name: new_ref(name), class, version, method: attr };
            xdecref(old);
        }
        attr
    }
}

/// Whether objects of its class are methods for ever.
unsafe fn lasts(attr: *mut PyObject) -> bool {
    // SAFETY: a live object.
    unsafe {
        is_exact(attr, &raw mut ffi::PyFunction_Type)
            || is_exact(attr, &raw mut ffi::PyMethodDescr_Type)
            || is_exact(attr, &raw mut ffi::PyWrapperDescr_Type)
    }
}

/// Whether the receiver's class derives from `class`, so that its version stands for what was looked through. (Proxies may only claim it by `__class__`.)
unsafe fn in_order(class: *mut PyObject, receiver: *mut PyObject) -> bool {
    // SAFETY: live classes.
    unsafe { pyo3_ffi::PyType_IsSubtype(class_of(receiver).cast(), class.cast()) != 0 }
}
