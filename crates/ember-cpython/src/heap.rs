//! The heap as the collector sees it, immortality, and what CPython writes into objects when it first uses them.
//!
//! The idea: everything that freezing a heap has to know of CPython's insides is here, in small steps that leave the
//! heap consistent after each. Policy (which objects, in which order) is `ember-freeze`'s.
//!
//! Invariant: nothing here runs Python code, allocates Python objects or drops references, so pointers stay valid from
//! one call to the next for as long as the caller keeps to that, too.

use core::ffi::{c_int, c_void};
use core::mem::size_of;

use pyo3_ffi as py;

use crate::ffi;
use crate::layout::*;
use crate::object;
use crate::refcount::is_immortal;

/// All objects the collector tracks, those that `gc.freeze` hid from it included. Borrowed.
///
/// # Safety
/// The GIL is held.
pub unsafe fn tracked_objects() -> Vec<*mut PyObject> {
    unsafe extern "C" fn push(obj: *mut PyObject, list: *mut c_void) -> c_int {
        // SAFETY: `list` is the vector below, and nobody else has it meanwhile.
        unsafe { (*list.cast::<Vec<*mut PyObject>>()).push(obj) };
        1
    }
    let mut list: Vec<*mut PyObject> = Vec::new();
    // SAFETY: the callback neither makes nor drops Python objects.
    unsafe { ffi::PyUnstable_GC_VisitObjects(push, (&raw mut list).cast()) };
    list
}

/// Has the object a header of the collector before it?
///
/// # Safety
/// `obj` is live.
pub unsafe fn has_gc_head(obj: *mut PyObject) -> bool {
    // SAFETY: as the caller says.
    unsafe { object::has_type_flag(obj, TPFLAGS_HAVE_GC) && py::PyObject_IS_GC(obj) != 0 }
}

/// Is the object in one of the collector's lists?
///
/// # Safety
/// `obj` is live.
pub unsafe fn is_tracked(obj: *mut PyObject) -> bool {
    // SAFETY: an object that has a header has it right before itself.
    unsafe { has_gc_head(obj) && (*obj.cast::<GcHead>().sub(1)).gc_next != 0 }
}

/// The type's `tp_traverse`.
///
/// # Safety
/// `ty` is live.
pub unsafe fn traverse_of(ty: *mut PyTypeObject) -> Option<ffi::traverseproc> {
    // SAFETY: the slot holds such a function or NULL.
    unsafe {
        let slot = (*ty.cast::<TypeObject>()).tp_traverse;
        core::mem::transmute::<*mut c_void, Option<ffi::traverseproc>>(slot)
    }
}

/// Does something run when an object of this type dies (`__del__`, or what C types have for it)?
///
/// # Safety
/// `ty` is live.
pub unsafe fn has_finalizer(ty: *mut PyTypeObject) -> bool {
    // SAFETY: as the caller says.
    unsafe {
        let ty = ty.cast::<TypeObject>();
        !(*ty).tp_finalize.is_null() || !(*ty).tp_del.is_null()
    }
}

/// From now on the object's count neither changes nor matters, and it is never destroyed (PEP 683).
///
/// # Safety
/// `obj` is live; the GIL is held.
#[inline]
pub unsafe fn make_immortal(obj: *mut PyObject) {
    // SAFETY: as the caller says. CPython's own function would forget the other flags.
    unsafe {
        let head = obj.cast::<ObjectHead>();
        if !is_immortal(obj) {
            (*head).ob_refcnt = IMMORTAL_INITIAL_REFCNT;
            (*head).ob_flags |= FLAG_IMMORTAL;
        }
    }
}

/// The same for a table of keys that instances of a class share, whose users are counted, too. It also ends the phase
/// in which CPython counts down the room of the table at each new instance, if there was an instance.
///
/// # Safety
/// `keys` is the live shared table of a class that never dies; the GIL is held.
pub unsafe fn settle_shared_keys(keys: *mut PyDictKeysObject) {
    // SAFETY: as the caller says.
    unsafe {
        (*keys).dk_refcnt = DICT_KEYS_IMMORTAL_REFCNT;
        if (*keys).dk_nentries > 0 && (*keys).dk_usable > 1 {
            (*keys).dk_usable = 1;
        }
    }
}

/// Says of an immortal string that is interned that it is so for good: the table's references would else be counted in it when the table ends.
///
/// # Safety
/// `obj` is a live, immortal instance of `str` or a subclass; the GIL is held.
#[inline]
pub unsafe fn settle_interned(obj: *mut PyObject) {
    // SAFETY: as the caller says. The two bits are a number, and the higher ones of the word stay.
    unsafe {
        let state = &raw mut (*obj.cast::<PyASCIIObject>()).state;
        if *state & UNICODE_INTERNED_MASK == UNICODE_INTERNED_MORTAL {
            *state = *state & !UNICODE_INTERNED_MASK | UNICODE_INTERNED_IMMORTAL;
        }
    }
}

/// Computes the hash that a `str` keeps in itself, if nobody has asked for it yet.
///
/// # Safety
/// `obj` is a live instance of `str` or a subclass; the GIL is held.
pub unsafe fn settle_str_hash(obj: *mut PyObject) {
    // SAFETY: str's own hash function runs no Python code and does not fail.
    unsafe {
        if (*obj.cast::<PyASCIIObject>()).hash == -1 {
            let slot = (*(&raw mut py::PyUnicode_Type).cast::<TypeObject>()).tp_hash;
            if let Some(hash) = core::mem::transmute::<*mut c_void, Option<py::hashfunc>>(slot) {
                hash(obj);
            }
        }
    }
}

/// Is the table of this dict a block of its own, and how long is it? None for tables that are shared or static.
///
/// # Safety
/// `dict` is a live dict.
pub unsafe fn own_keys_size(dict: *mut PyObject) -> Option<usize> {
    // SAFETY: as the caller says.
    unsafe {
        let keys = (*dict.cast::<PyDictObject>()).ma_keys;
        (!keys.is_null() && (*keys).dk_refcnt == 1).then(|| keys_size(keys))
    }
}

/// Bytes of a table of keys.
///
/// # Safety
/// `keys` is a live table.
pub unsafe fn keys_size(keys: *mut PyDictKeysObject) -> usize {
    // SAFETY: as the caller says.
    unsafe {
        let entry = match (*keys).dk_kind {
            DICT_KEYS_GENERAL => size_of::<PyDictKeyEntry>(),
            _ => size_of::<PyDictUnicodeEntry>(),
        };
        let room = ((*keys).dk_nentries + (*keys).dk_usable).max(0) as usize;
        size_of::<PyDictKeysObject>() + (1usize << (*keys).dk_log2_index_bytes) + room * entry
    }
}

/// The keys that are in a table, also those without a value. (`tp_traverse` of a dict passes over keys that are strings.)
///
/// # Safety
/// `keys` is a live table.
pub unsafe fn for_each_key(keys: *mut PyDictKeysObject, mut each: impl FnMut(*mut PyObject)) {
    // SAFETY: entries below `dk_nentries` are initialised.
    unsafe {
        let entries = keys.byte_add(size_of::<PyDictKeysObject>() + (1usize << (*keys).dk_log2_index_bytes));
        for index in 0..(*keys).dk_nentries as usize {
            let key = match (*keys).dk_kind {
                DICT_KEYS_GENERAL => (*entries.cast::<PyDictKeyEntry>().add(index)).me_key,
                _ => (*entries.cast::<PyDictUnicodeEntry>().add(index)).me_key,
            };
            if !key.is_null() {
                each(key);
            }
        }
    }
}

/// What a code object refers to: it is not the collector's, so it has no `tp_traverse`.
///
/// # Safety
/// `code` is live.
pub unsafe fn for_each_part_of_code(code: *mut PyCodeObject, mut each: impl FnMut(*mut PyObject)) {
    // SAFETY: as the caller says.
    unsafe {
        let c = &*code;
        let cached = c.co_cached;
        let lazy = if cached.is_null() {
            [core::ptr::null_mut(); 4]
        } else {
            [(*cached).co_code, (*cached).co_varnames, (*cached).co_cellvars, (*cached).co_freevars]
        };
        let parts = [
            c.co_consts,
            c.co_names,
            c.co_exceptiontable,
            c.co_localsplusnames,
            c.co_localspluskinds,
            c.co_filename,
            c.co_name,
            c.co_qualname,
            c.co_linetable,
        ];
        parts.into_iter().chain(lazy).filter(|part| !part.is_null()).for_each(&mut each);
    }
}

/// What a type refers to and its `tp_traverse` passes over (all of it, for types that are not allocated).
///
/// # Safety
/// `ty` is live and ready; the GIL is held.
pub unsafe fn for_each_part_of_type(ty: *mut PyTypeObject, mut each: impl FnMut(*mut PyObject)) {
    // SAFETY: as the caller says. `PyType_GetDict` gives a new reference to a dict that the type keeps.
    unsafe {
        let t = &*ty.cast::<TypeObject>();
        let mut part = |obj: *mut PyObject| {
            if !obj.is_null() {
                each(obj);
            }
        };
        let dict = ffi::PyType_GetDict(ty);
        if !dict.is_null() {
            part(dict);
            crate::refcount::decref(dict);
        }
        part(t.tp_bases);
        part(t.tp_mro);
        part(t.tp_base.cast());
        if t.tp_flags & TPFLAGS_HEAPTYPE != 0 {
            // For types built into CPython this field is no pointer.
            part(t.tp_subclasses.cast());
            let heap = &*ty.cast::<PyHeapTypeObject>();
            part(heap.ht_name);
            part(heap.ht_qualname);
            part(heap.ht_slots);
            part(heap.ht_module);
            if !heap.ht_cached_keys.is_null() {
                for_each_key(heap.ht_cached_keys, part);
            }
        }
    }
}

/// The table that instances of a heap type share; NULL if there is none.
///
/// # Safety
/// `ty` is live.
pub unsafe fn shared_keys_of(ty: *mut PyTypeObject) -> *mut PyDictKeysObject {
    // SAFETY: only heap types have the longer struct.
    unsafe {
        if object::type_flags(ty) & TPFLAGS_HEAPTYPE == 0 {
            return core::ptr::null_mut();
        }
        (*ty.cast::<PyHeapTypeObject>()).ht_cached_keys
    }
}

/// Is CPython's allocator of small blocks in use, and nothing before it (`PYTHONMALLOC`, tracemalloc, a debug hook)?
///
/// # Safety
/// The GIL is held.
pub unsafe fn uses_small_block_allocator() -> bool {
    // SAFETY: the function answers with a static text, or NULL if it does not know the allocator.
    unsafe {
        let name = ffi::_PyMem_GetCurrentAllocatorName();
        !name.is_null() && core::ffi::CStr::from_ptr(name) == c"pymalloc"
    }
}
