//! Types by version, from the tree of subclasses.
//!
//! The interpreter's cache of types by version has 4,096 places, by version modulo their number, and the static types are not in it: of a large program's
//! classes some, and of the built-in ones all, are not found there. All types derive from `object`, so a walk over the subclasses finds them (about a
//! millisecond for 5,000 classes), and hardly ever has to be made again:
//!
//! * Versions are given in order and once. One that is not above the highest that a walk met, and that the walk did not find, belongs to nothing any more.
//! * Static types do not die and keep their version: what was found of them stays true.
//!
//! Only a heap type that the cache has lost takes another walk, since its address may be another's by now.

use core::cell::UnsafeCell;

use rustc_hash::{FxHashMap, FxHashSet};

use crate::layout::*;
use crate::object;
use crate::refcount::decref;
use crate::types::current_version_tag;

#[derive(Clone, Copy)]
struct Found {
    ty: *mut PyTypeObject,
    is_static: bool,
}

/// What the last walk found.
#[derive(Default)]
struct Walked {
    types: FxHashMap<u32, Found>,
    highest: u32,
}

#[repr(transparent)]
struct Shelf(UnsafeCell<Option<Walked>>);

// SAFETY: only touched with the GIL held, and nothing is called while a reference to it lives.
unsafe impl Sync for Shelf {}

static WALKED: Shelf = Shelf(UnsafeCell::new(None));

/// The live type with this version. `fresh` says whether the last walk was made after Python code ran last; it is set when this makes one.
///
/// # Safety
/// The GIL of the main interpreter is held; `version` is not 0.
pub(crate) unsafe fn type_with(version: u32, fresh: &mut bool) -> Option<*mut PyTypeObject> {
    // SAFETY: by the contract; what was found is alive if it is static or nothing ran since.
    unsafe {
        let known = known(version);
        match known {
            Some(found) if *fresh || found.is_static => {}
            None if *fresh || version <= highest() => return None,
            _ => {
                let walked = walk();
                *WALKED.0.get() = Some(walked);
                *fresh = true;
            }
        }
        let found = if *fresh { self::known(version) } else { known }?;
        (current_version_tag(found.ty) == version).then_some(found.ty)
    }
}

/// What the last walk found under this version: to be looked into only if it is static, or nothing ran since.
unsafe fn known(version: u32) -> Option<Found> {
    // SAFETY: by the contract of the callers.
    unsafe { (*WALKED.0.get()).as_ref().and_then(|walked| walked.types.get(&version).copied()) }
}

unsafe fn highest() -> u32 {
    // SAFETY: by the contract of the callers.
    unsafe { (*WALKED.0.get()).as_ref().map_or(0, |walked| walked.highest) }
}

/// All types that have a version. Runs no Python code: it asks `type` itself, not metaclasses, and no type dies of it.
unsafe fn walk() -> Walked {
    let mut walked = Walked::default();
    // SAFETY: the GIL is held; a type met is alive, as the list that it came from is dropped only when its own subclasses were asked for.
    unsafe {
        let metatype: *mut PyObject = (&raw mut pyo3_ffi::PyType_Type).cast();
        let subclasses = pyo3_ffi::PyObject_GetAttrString(metatype, c"__subclasses__".as_ptr());
        let root: *mut PyTypeObject = &raw mut pyo3_ffi::PyBaseObject_Type;
        let (mut seen, mut waiting) = (FxHashSet::default(), vec![root]);
        while let Some(ty) = waiting.pop() {
            if !seen.insert(ty) {
                continue;
            }
            let version = current_version_tag(ty);
            if version != 0 {
                let is_static = object::type_flags(ty) & TPFLAGS_HEAPTYPE == 0;
                walked.types.insert(version, Found { ty, is_static });
                walked.highest = walked.highest.max(version);
            }
            if !subclasses.is_null() {
                waiting.extend(subclasses_of(subclasses, ty));
            }
        }
        if !subclasses.is_null() {
            decref(subclasses);
        }
        if !pyo3_ffi::PyErr_Occurred().is_null() {
            pyo3_ffi::PyErr_Clear();
        }
    }
    walked
}

/// The direct subclasses; somebody else keeps each alive (a type refers to itself in its MRO, and no collection runs meanwhile).
unsafe fn subclasses_of(subclasses: *mut PyObject, ty: *mut PyTypeObject) -> Vec<*mut PyTypeObject> {
    // SAFETY: `type.__subclasses__` answers with a list of types, or with an exception (no memory).
    unsafe {
        let list = pyo3_ffi::PyObject_CallOneArg(subclasses, ty.cast());
        if list.is_null() {
            pyo3_ffi::PyErr_Clear();
            return Vec::new();
        }
        let found = object::list_items(list).iter().map(|&item| item.cast()).collect();
        decref(list);
        found
    }
}
