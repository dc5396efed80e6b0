//! Types and functions by version.
//!
//! The interpreter's inline caches name types and functions by version number. CPython's functions that
//! turn a version into an object are hidden, so two routes exist: the interpreter's own caches, at
//! offsets known for releases whose interpreter state has the size they were measured for; and walks:
//! over the subclasses of `object` for types, which many are not in the cache ([`crate::type_tree`]), and over
//! the collector's objects for functions. Either way the answer is checked against the object's own field, so a
//! wrong guess yields None, never a wrong type.
//!
//! Versions are unique over the life of an interpreter: an object that carries the version is the one.

use core::ffi::{c_int, c_uint, c_void};

use rustc_hash::FxHashMap;

use crate::ffi;
use crate::layout::*;
use crate::object;
use crate::type_tree;

/// The type's version, assigning one if it has none; 0 if CPython has run out for this type.
///
/// # Safety
/// `ty` is live; the GIL is held.
pub unsafe fn version_tag(ty: *mut PyTypeObject) -> u32 {
    // SAFETY: as the caller says.
    unsafe {
        let tag = &raw const (*ty.cast::<TypeObject>()).tp_version_tag;
        if *tag == 0 && ffi::PyUnstable_Type_AssignVersionTag(ty) == 0 {
            return 0;
        }
        *tag
    }
}

/// The type's version as it is: 0 after a change until somebody needs one.
///
/// # Safety
/// `ty` is live.
#[inline(always)]
pub unsafe fn current_version_tag(ty: *mut PyTypeObject) -> u32 {
    // SAFETY: as the caller says.
    unsafe { (*ty.cast::<TypeObject>()).tp_version_tag }
}

/// What attribute lookup on the type finds (borrowed), without descriptors being asked; NULL if nothing.
/// No exception. Assigns the type a version as a side effect.
///
/// # Safety
/// `ty` is live, `name` an interned str; the GIL is held.
pub unsafe fn lookup(ty: *mut PyTypeObject, name: *mut PyObject) -> *mut PyObject {
    // SAFETY: as the caller says.
    unsafe { ffi::_PyType_Lookup(ty, name) }
}

/// The types of the MRO, most derived first.
///
/// # Safety
/// `ty` is live and ready, its MRO unchanged while the slice is used.
pub unsafe fn mro<'a>(ty: *mut PyTypeObject) -> &'a [*mut PyTypeObject] {
    // SAFETY: as the caller says; the items of an MRO tuple are types.
    unsafe {
        let tuple = (*ty.cast::<TypeObject>()).tp_mro;
        if tuple.is_null() {
            return &[];
        }
        let items = object::tuple_items(tuple);
        core::slice::from_raw_parts(items.as_ptr().cast(), items.len())
    }
}

/// Does the type keep CPython's generic attribute access (no `__getattribute__`, no C override)?
///
/// # Safety
/// `ty` is live.
pub unsafe fn has_generic_getattr(ty: *mut PyTypeObject) -> bool {
    let generic = pyo3_ffi::PyObject_GenericGetAttr as *mut c_void;
    // SAFETY: as the caller says.
    unsafe { (*ty.cast::<TypeObject>()).tp_getattro == generic }
}

/// Does the type keep CPython's generic attribute assignment?
///
/// # Safety
/// `ty` is live.
pub unsafe fn has_generic_setattr(ty: *mut PyTypeObject) -> bool {
    let generic = pyo3_ffi::PyObject_GenericSetAttr as *mut c_void;
    // SAFETY: as the caller says.
    unsafe { (*ty.cast::<TypeObject>()).tp_setattro == generic }
}

/// May the interpreter's own caches be read in the running release?
pub fn interpreter_caches_known() -> bool {
    // SAFETY: a constant table in the binary.
    unsafe { ffi::_PyRuntime.interpreter_state.size as usize == interp::SIZE }
}

/// The type with this version, from the interpreter's cache only.
///
/// # Safety
/// The GIL is held.
pub unsafe fn type_in_cache(version: u32) -> Option<*mut PyTypeObject> {
    if version == 0 || !interpreter_caches_known() {
        return None;
    }
    // SAFETY: in releases of this size the cache is there; CPython clears a dying type's entry.
    unsafe {
        let base: *mut u8 = ffi::PyInterpreterState_Get().cast();
        let cache: *mut *mut PyTypeObject = base.add(interp::TYPE_VERSION_CACHE).cast();
        let ty = *cache.add(version as usize % interp::TYPE_VERSION_CACHE_SIZE);
        (!ty.is_null() && current_version_tag(ty) == version).then_some(ty)
    }
}

/// The names to which the interpreter's cache of lookups in classes holds references; none where it cannot be read.
///
/// # Safety
/// The GIL is held; `then` makes no lookups.
pub unsafe fn for_each_cached_name(mut then: impl FnMut(*mut PyObject)) {
    if !interpreter_caches_known() {
        return;
    }
    // SAFETY: as in `type_in_cache`; names are owned by the cache.
    unsafe {
        let base: *mut u8 = ffi::PyInterpreterState_Get().cast();
        let cache: *const TypeCacheItem = base.add(interp::TYPE_CACHE).cast();
        for index in 0..interp::TYPE_CACHE_SIZE {
            let name = (*cache.add(index)).name;
            if !name.is_null() {
                then(name);
            }
        }
    }
}

/// The function with this version, from the interpreter's cache only.
///
/// # Safety
/// The GIL is held.
pub unsafe fn function_in_cache(version: u32) -> Option<*mut PyFunctionObject> {
    if version < FUNC_VERSION_FIRST_VALID || !interpreter_caches_known() {
        return None;
    }
    // SAFETY: as in `type_in_cache`; a dying function clears its entry.
    unsafe {
        let func = (*func_cache_item(version)).func;
        (!func.is_null() && (*func).func_version == version).then_some(func)
    }
}

/// The code of functions with this version: survives when closures share it and come and go.
///
/// # Safety
/// The GIL is held.
pub unsafe fn code_in_cache(version: u32) -> Option<*mut PyCodeObject> {
    if version < FUNC_VERSION_FIRST_VALID || !interpreter_caches_known() {
        return None;
    }
    // SAFETY: as above; a dying code object clears its entry.
    unsafe {
        let code = (*func_cache_item(version)).code;
        let is_code = !code.is_null() && object::is_exact(code, &raw mut ffi::PyCode_Type);
        (is_code && (*code.cast::<PyCodeObject>()).co_version == version).then_some(code.cast())
    }
}

/// # Safety
/// [`interpreter_caches_known`]; the GIL is held.
unsafe fn func_cache_item(version: u32) -> *mut FuncVersionCacheItem {
    // SAFETY: as the caller says.
    unsafe {
        let base: *mut u8 = ffi::PyInterpreterState_Get().cast();
        let cache: *mut FuncVersionCacheItem = base.add(interp::FUNC_VERSION_CACHE).cast();
        cache.add(version as usize % interp::FUNC_VERSION_CACHE_SIZE)
    }
}

/// Types and functions by version, as walks found them. Holds borrowed pointers: use it
/// with the GIL held and without letting Python run in between, then drop it.
#[derive(Default)]
pub struct VersionMap {
    functions: FxHashMap<u32, *mut PyFunctionObject>,
    walked: bool,
    /// Was the tree of types walked for this map?
    walked_types: bool,
}

impl VersionMap {
    /// An empty map: walks on the first question the interpreter's caches cannot answer.
    pub fn new() -> VersionMap {
        VersionMap::default()
    }

    /// The type with this version.
    ///
    /// # Safety
    /// The GIL is held, no Python code ran since the map was made.
    pub unsafe fn type_by_version(&mut self, version: u32) -> Option<*mut PyTypeObject> {
        // SAFETY: as the caller says.
        unsafe {
            if version == 0 {
                return None;
            }
            type_in_cache(version).or_else(|| type_tree::type_with(version, &mut self.walked_types))
        }
    }

    /// The function with this version.
    ///
    /// # Safety
    /// As for [`VersionMap::type_by_version`].
    pub unsafe fn function_by_version(&mut self, version: u32) -> Option<*mut PyFunctionObject> {
        // SAFETY: as the caller says.
        unsafe {
            if version < FUNC_VERSION_FIRST_VALID {
                return None;
            }
            if let Some(func) = function_in_cache(version) {
                return Some(func);
            }
            // Where the interpreter's cache can be read, what is not in it is mostly a version that is no more: a walk over a large heap would cost
            // more than the few functions lost to collisions are worth.
            if interpreter_caches_known() {
                return None;
            }
            self.walk();
            let func = *self.functions.get(&version)?;
            ((*func).func_version == version).then_some(func)
        }
    }

    /// How many functions a walk finds (makes one if none was made).
    ///
    /// # Safety
    /// As for [`VersionMap::type_by_version`].
    pub unsafe fn walked_functions(&mut self) -> usize {
        // SAFETY: as the caller says.
        unsafe { self.walk() };
        self.functions.len()
    }

    /// What the walk alone found for a function's version.
    pub(crate) fn walked_function(&self, version: u32) -> Option<*mut PyFunctionObject> {
        self.functions.get(&version).copied()
    }

    unsafe fn walk(&mut self) {
        if core::mem::replace(&mut self.walked, true) {
            return;
        }
        // SAFETY: the callback neither allocates Python objects nor drops any.
        unsafe { ffi::PyUnstable_GC_VisitObjects(visit, (&raw mut *self).cast()) };
    }
}

/// Called for every object the collector tracks; 1 means go on. No panic may leave it: the map's only
/// operation that can fail is allocation, which aborts.
unsafe extern "C" fn visit(obj: *mut PyObject, arg: *mut c_void) -> c_int {
    // SAFETY: `arg` is the map that walks; `obj` is live.
    unsafe {
        let map = &mut *arg.cast::<VersionMap>();
        let ty = object::type_of(obj);
        if ty == &raw mut ffi::PyFunction_Type {
            let func: *mut PyFunctionObject = obj.cast();
            if (*func).func_version >= FUNC_VERSION_FIRST_VALID {
                map.functions.insert((*func).func_version, func);
            }
        }
    }
    1
}

/// Gives a function back the version it had, after a native vectorcall was taken out again: call sites
/// then inline it as before.
///
/// # Safety
/// `func` is live, `version` is one it had with the same code and defaults; the GIL is held.
pub unsafe fn set_function_version(func: *mut PyFunctionObject, version: c_uint) {
    // SAFETY: as the caller says.
    unsafe { ffi::_PyFunction_SetVersion(func, version) }
}
