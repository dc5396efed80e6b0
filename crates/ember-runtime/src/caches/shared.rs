//! Tables shared by all sites: for attribute sites that see more classes than their own cache holds (or have none), and for `super().method`.
//!
//! Both are direct-mapped: a key has one place, and whoever comes last has it. Entries carry class numbers, so they need no invalidation (see [`crate::classes`]). Names are
//! compared by address, so each entry holds a reference to its name: no other string can have that address meanwhile.
#![allow(clippy::missing_safety_doc, reason = "callers pass live objects with the GIL held")]

use super::{AttrEntry, Class};
use crate::classes::{number_of, stands};
use crate::object::{class_of, has_type_flag, is_exact};
use core::cell::UnsafeCell;
use core::ffi::c_int;
use core::sync::atomic::{AtomicU32, Ordering};
use ember_cpython::ffi;
use ember_cpython::layout::{PyObject, TPFLAGS_TYPE_SUBCLASS};
use ember_cpython::refcount::{new_ref, xdecref};

const ATTR_SLOTS: usize = 2048;
const SUPER_SLOTS: usize = 512;

/// In one line of the processor's cache.
#[derive(Clone, Copy)]
#[repr(align(64))]
struct AttrSlot {
    name: *mut PyObject,
    entry: AttrEntry,
}

#[derive(Clone, Copy)]
struct SuperSlot {
    name: *mut PyObject,
    class: *mut PyObject,
    /// Number of the receiver's class.
    number: u32,
    /// The method, borrowed: a class in the receiver's resolution order keeps it alive as long as the number stands.
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
    [SuperSlot { name: core::ptr::null_mut(), class: core::ptr::null_mut(), number: 0, method: core::ptr::null_mut() };
        SUPER_SLOTS],
));

fn mix(class: Class, name: *mut PyObject) -> usize {
    (class as usize >> 4).wrapping_mul(0x9E37_79B1) ^ (name as usize >> 4)
}

/// By what the entry for a receiver is found: its class; itself, if it is one.
unsafe fn key(obj: *mut PyObject) -> Class {
    // SAFETY: a live object.
    unsafe { if has_type_flag(obj, TPFLAGS_TYPE_SUBCLASS) { obj.cast() } else { class_of(obj) } }
}

/// Where the entry for a receiver and a name is, if it is known.
pub(super) unsafe fn find(obj: *mut PyObject, name: *mut PyObject) -> Option<*mut AttrEntry> {
    // SAFETY: a live object.
    let (class, key) = unsafe { (class_of(obj), key(obj)) };
    let slot = ATTRS.0.get().cast::<AttrSlot>().wrapping_add(mix(key, name) % ATTR_SLOTS);
    // SAFETY: a slot of the table.
    unsafe {
        if (*slot).name == name && stands(class, (*slot).entry.number) { Some(&raw mut (*slot).entry) } else { None }
    }
}

/// Whether it is time to let another one have a place: not at each miss, since two that alternate would be analysed each time.
pub(super) fn is_due() -> bool {
    static MISSES: AtomicU32 = AtomicU32::new(0);
    MISSES.fetch_add(1, Ordering::Relaxed).is_multiple_of(16)
}

/// Keeps an entry.
pub(super) unsafe fn keep(obj: *mut PyObject, name: *mut PyObject, entry: AttrEntry) {
    // SAFETY: a live object.
    let key = unsafe { key(obj) };
    let slot = ATTRS.0.get().cast::<AttrSlot>().wrapping_add(mix(key, name) % ATTR_SLOTS);
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
    // SAFETY: live objects, `class` a class; the table holds what CPython answered for the same class, receiver's class and name.
    unsafe {
        let kind = class_of(receiver);
        let hash = mix(kind, name) ^ (class as usize >> 5);
        let slot = SUPERS.0.get().cast::<SuperSlot>().wrapping_add(hash % SUPER_SLOTS);
        if (*slot).class == class && (*slot).name == name && stands(kind, (*slot).number) {
            *found = true;
            return new_ref((*slot).method);
        }
        let mut is_method: c_int = 0;
        let attr = ffi::_PySuper_Lookup(class.cast(), receiver, name, &mut is_method);
        *found = is_method != 0;
        let cacheable = !attr.is_null()
            && *found
            && !has_type_flag(receiver, TPFLAGS_TYPE_SUBCLASS)
            && lasts(attr)
            && class_of(receiver) == kind
            && in_order(class, receiver);
        if cacheable && let Some(number) = number_of(kind, name) {
            let old = (*slot).name;
            *slot = SuperSlot { name: new_ref(name), class, number, method: attr };
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

/// Whether the receiver's class derives from `class`, so that its number stands for what was looked through. (Proxies may only claim it by `__class__`.)
unsafe fn in_order(class: *mut PyObject, receiver: *mut PyObject) -> bool {
    // SAFETY: live classes.
    unsafe { pyo3_ffi::PyType_IsSubtype(class_of(receiver).cast(), class.cast()) != 0 }
}
