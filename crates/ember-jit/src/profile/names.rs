//! Names of functions, classes and modules, and the objects that have them.
//!
//! A name is `module:qualname`. Objects are found by it among all there are (the collector knows every function and every class that may go), not by asking modules for attributes: that could
//! run code, and would find what a decorator has put in the place of a function.

use super::code_hash;
use core::ffi::{c_int, c_void};
use ember_cpython::layout::{
    PyCFunctionObject, PyCodeObject, PyFunctionObject, PyHeapTypeObject, PyObject, TPFLAGS_HEAPTYPE, TypeObject,
};
use ember_cpython::object::{self, Builtin};
use ember_cpython::{dict, ffi, refcount, types};
use rustc_hash::{FxHashMap, FxHashSet};

/// The name in two parts; a text that is no such name has an empty module.
pub fn parts(name: &str) -> (&str, &str) {
    name.split_once(':').unwrap_or(("", name))
}

unsafe fn string(value: *mut PyObject) -> Option<String> {
    // SAFETY: the callers pass live objects, or NULL.
    unsafe {
        (!value.is_null() && object::is_exact(value, &raw mut pyo3_ffi::PyUnicode_Type))
            .then(|| object::str_to_string(value))
    }
}

/// The module a function's code belongs to. Not `__module__`, which a decorator may have set: what many wrappers share is one code, under one name.
///
/// # Safety
/// The GIL is held and `func` is alive.
pub unsafe fn module_of(func: *mut PyFunctionObject) -> Option<String> {
    // SAFETY: by the contract; the globals of a live function are a live dict.
    unsafe {
        let globals = (*func).func_globals;
        if pyo3_ffi::PyDict_CheckExact(globals) == 0 {
            return None;
        }
        string(attribute(globals, "__name__")?)
    }
}

/// A function's name: its module's and its code's.
///
/// # Safety
/// The GIL is held and `func` is alive.
pub unsafe fn of_function(func: *mut PyFunctionObject) -> Option<String> {
    // SAFETY: by the contract.
    unsafe { of_code(&module_of(func)?, (*func).func_code) }
}

/// The name of a module's code.
///
/// # Safety
/// The GIL is held and `code` is alive.
pub unsafe fn of_code(module: &str, code: *mut PyCodeObject) -> Option<String> {
    // SAFETY: by the contract.
    unsafe { Some(format!("{module}:{}", string((*code).co_qualname)?)) }
}

/// A class's name.
///
/// # Safety
/// The GIL is held and `class` is alive.
pub unsafe fn of_class(class: *mut TypeObject) -> Option<String> {
    // SAFETY: by the contract; the dict of a ready class is alive.
    unsafe {
        if (*class).tp_flags & TPFLAGS_HEAPTYPE == 0 {
            let name = object::type_name(class.cast());
            return Some(match name.rsplit_once('.') {
                Some((module, name)) => format!("{module}:{name}"),
                None => format!("builtins:{name}"),
            });
        }
        let key = pyo3_ffi::PyUnicode_InternFromString(c"__module__".as_ptr());
        if key.is_null() {
            pyo3_ffi::PyErr_Clear();
            return None;
        }
        let module = dict::get((*class).tp_dict, key).and_then(|(_, module)| string(module));
        refcount::decref(key);
        let qualname = string((*class.cast::<PyHeapTypeObject>()).ht_qualname)?;
        Some(format!("{}:{qualname}", module?))
    }
}

/// The name of a function of a module in C.
///
/// # Safety
/// The GIL is held and `function` is a live builtin function.
pub unsafe fn of_builtin(function: *mut PyObject) -> Option<String> {
    // SAFETY: by the contract.
    unsafe {
        let builtin = function.cast::<PyCFunctionObject>();
        let name = core::ffi::CStr::from_ptr((*(*builtin).m_ml).ml_name).to_str().ok()?;
        Some(format!("{}:{name}", string((*builtin).m_module)?))
    }
}

/// `sys.modules`, borrowed, if it is a dict.
unsafe fn modules() -> Option<*mut PyObject> {
    // SAFETY: the GIL is held.
    unsafe {
        let modules = pyo3_ffi::PyImport_GetModuleDict();
        (!modules.is_null() && pyo3_ffi::PyDict_CheckExact(modules) != 0).then_some(modules)
    }
}

/// The dict of a real module.
unsafe fn dict_of_module(module: *mut PyObject) -> Option<*mut PyObject> {
    // SAFETY: a live object, read as a module when it is one.
    unsafe {
        let real = object::is_exact(module, &raw mut ffi::PyModule_Type);
        let dict = if real { pyo3_ffi::PyModule_GetDict(module) } else { core::ptr::null_mut() };
        (!dict.is_null() && pyo3_ffi::PyDict_CheckExact(dict) != 0).then_some(dict)
    }
}

/// Modules that were imported, by the version of their dicts' keys, where these have one.
///
/// # Safety
/// The GIL is held.
pub unsafe fn modules_by_keys() -> FxHashMap<u32, String> {
    // SAFETY: by the contract; nothing runs while the dict is read.
    unsafe {
        let Some(modules) = modules() else { return FxHashMap::default() };
        let named = dict::iter(modules).filter_map(|(name, module)| {
            let version = dict::keys_version(dict::keys(dict_of_module(module)?));
            Some((version, string(name)?)).filter(|(version, _)| *version != 0)
        });
        named.collect()
    }
}

/// What a profile's names stand for in this process. Holds borrowed pointers: no Python code may run while it is used.
#[derive(Default)]
pub struct World {
    functions: FxHashMap<String, Vec<*mut PyFunctionObject>>,
    /// `None` for names that several classes have.
    classes: FxHashMap<String, Option<*mut TypeObject>>,
    hashes: FxHashMap<usize, Option<u64>>,
}

#[derive(Default)]
struct Found {
    functions: Vec<*mut PyFunctionObject>,
    classes: FxHashSet<*mut TypeObject>,
}

unsafe extern "C" fn collect(object: *mut PyObject, found: *mut c_void) -> c_int {
    // SAFETY: CPython passes a live object and what `World::of` passed; nothing here touches Python's memory.
    unsafe {
        let found = &mut *found.cast::<Found>();
        if object::is_exact(object, &raw mut pyo3_ffi::PyFunction_Type) {
            found.functions.push(object.cast());
        } else if object::is_type(object) {
            found.classes.insert(object.cast());
        }
        // Static classes of extensions show up as classes of objects only.
        found.classes.insert(object::type_of(object).cast());
    }
    1
}

impl World {
    /// Finds what has these names.
    ///
    /// # Safety
    /// The GIL is held; no Python code may run while the answer is in use.
    pub unsafe fn of(wanted: &FxHashSet<&str>) -> World {
        let mut found = Found::default();
        let mut world = World::default();
        // SAFETY: by the contract; what is collected stays alive, since nothing runs.
        unsafe {
            ffi::PyUnstable_GC_VisitObjects(collect, (&raw mut found).cast());
            for func in found.functions {
                if let Some(name) = of_function(func).filter(|name| wanted.contains(name.as_str())) {
                    world.functions.entry(name).or_default().push(func);
                }
            }
            let bases: Vec<*mut TypeObject> =
                found.classes.iter().flat_map(|class| types::mro(class.cast())).map(|&base| base.cast()).collect();
            found.classes.extend(bases);
            found.classes.extend(Builtin::ALL.iter().map(|builtin| builtin.type_object().cast::<TypeObject>()));
            for class in found.classes {
                if let Some(name) = of_class(class).filter(|name| wanted.contains(name.as_str())) {
                    let several = world.classes.insert(name.clone(), Some(class)).is_some();
                    if several {
                        world.classes.insert(name, None);
                    }
                }
            }
        }
        world
    }

    /// The functions with a name.
    pub fn functions(&self, name: &str) -> &[*mut PyFunctionObject] {
        self.functions.get(name).map_or(&[], Vec::as_slice)
    }

    /// The hash of a function's code.
    ///
    /// # Safety
    /// The GIL is held and `func` is one of this world's.
    pub unsafe fn hash_of(&mut self, func: *mut PyFunctionObject) -> Option<u64> {
        // SAFETY: by the contract.
        unsafe {
            let code = (*func).func_code;
            *self.hashes.entry(code as usize).or_insert_with(|| code_hash::of(code))
        }
    }

    /// The only function with a name and this code.
    ///
    /// # Safety
    /// The GIL is held; no Python code ran since this was made.
    pub unsafe fn function(&mut self, name: &str, code: &str) -> Option<*mut PyFunctionObject> {
        let mut only = None;
        for func in self.functions(name).to_vec() {
            // SAFETY: by the contract.
            if unsafe { self.hash_of(func) }.is_some_and(|hash| code_hash::text(hash) == code)
                && only.replace(func).is_some()
            {
                return None;
            }
        }
        only
    }

    /// The class with a name, if it is the only one.
    pub fn class(&self, name: &str) -> Option<*mut TypeObject> {
        self.classes.get(name).copied().flatten()
    }

    /// A function of a module in C.
    ///
    /// # Safety
    /// The GIL is held.
    pub unsafe fn builtin(&self, name: &str) -> Option<*mut PyObject> {
        let (module, name) = parts(name);
        // SAFETY: by the contract; looking strings up in dicts of strings runs no code.
        unsafe {
            let function = attribute(dict_of_module(self.module(module)?)?, name)?;
            object::is_exact(function, &raw mut pyo3_ffi::PyCFunction_Type).then_some(function)
        }
    }

    /// An imported module.
    ///
    /// # Safety
    /// The GIL is held.
    pub unsafe fn module(&self, name: &str) -> Option<*mut PyObject> {
        // SAFETY: by the contract.
        unsafe { attribute(modules()?, name).filter(|&module| dict_of_module(module).is_some()) }
    }
}

/// The dict of a module's names, and the version of its keys if they have one.
///
/// # Safety
/// The GIL is held and `module` is alive.
pub unsafe fn keys_of_module(module: *mut PyObject) -> Option<(*mut PyObject, u32)> {
    // SAFETY: by the contract.
    unsafe {
        let dict = dict_of_module(module)?;
        let keys = dict::keys(dict);
        let version = dict::keys_version(keys);
        (version != 0 && dict::is_unicode(keys)).then_some((dict, version))
    }
}

/// What a dict has under a text, borrowed.
unsafe fn attribute(dict: *mut PyObject, name: &str) -> Option<*mut PyObject> {
    // SAFETY: a live dict; the key is an exact string.
    unsafe {
        let key = pyo3_ffi::PyUnicode_FromStringAndSize(name.as_ptr().cast(), name.len() as isize);
        let value = if key.is_null() { core::ptr::null_mut() } else { pyo3_ffi::PyDict_GetItemWithError(dict, key) };
        refcount::xdecref(key);
        if value.is_null() {
            pyo3_ffi::PyErr_Clear();
            return None;
        }
        Some(value)
    }
}

#[cfg(test)]
mod tests {
    use super::parts;

    #[test]
    fn names_have_two_parts() {
        assert_eq!(parts("a.b:C.<locals>.d"), ("a.b", "C.<locals>.d"));
        assert_eq!(parts("nothing"), ("", "nothing"));
    }
}
