//! Code objects and functions, read and switched.
//!
//! **Entry.** A function is entered natively by replacing its vectorcall through
//! [`set_entry`]; CPython then marks its version cleared, so no call site inlines its bytecode. Closures
//! made later get the *code's* version, so compiled code objects must have theirs taken
//! ([`take_code_version`]). [`restore_entry`] undoes both.

use crate::ffi;
use crate::frame;
use crate::layout::*;
use crate::object;
use crate::refcount::decref;
use crate::verify;

/// Number of code units.
///
/// # Safety
/// `code` is live.
#[inline]
pub unsafe fn len(code: *mut PyCodeObject) -> usize {
    // SAFETY: as the caller says.
    unsafe { (*code).ob_base.ob_size as usize }
}

/// The code's units as they are now: specialised, with inline caches filled, maybe instrumented.
///
/// # Safety
/// `code` is live; the GIL is held.
pub unsafe fn adaptive_units(code: *mut PyCodeObject) -> Vec<CodeUnit> {
    // SAFETY: as the caller says; the copy is made before anything can respecialise.
    unsafe { core::slice::from_raw_parts(frame::instruction(code, 0), len(code)).to_vec() }
}

/// The code's units with base opcodes and empty caches. None if CPython is out of memory.
///
/// # Safety
/// `code` is live; the GIL is held.
pub unsafe fn base_units(code: *mut PyCodeObject) -> Option<Vec<CodeUnit>> {
    // SAFETY: as the caller says; the bytes are dropped after the copy.
    unsafe {
        let bytes = ffi::PyCode_GetCode(code);
        if bytes.is_null() {
            pyo3_ffi::PyErr_Clear();
            return None;
        }
        let units = object::bytes(bytes).chunks_exact(2).map(|u| CodeUnit::from_le_bytes([u[0], u[1]])).collect();
        decref(bytes);
        Some(units)
    }
}

/// The constants, borrowed.
///
/// # Safety
/// `code` is live and outlives the slice.
pub unsafe fn consts<'a>(code: *mut PyCodeObject) -> &'a [*mut PyObject] {
    // SAFETY: as the caller says.
    unsafe { object::tuple_items((*code).co_consts) }
}

/// The names (interned strs), borrowed.
///
/// # Safety
/// As for [`consts`].
pub unsafe fn names<'a>(code: *mut PyCodeObject) -> &'a [*mut PyObject] {
    // SAFETY: as the caller says.
    unsafe { object::tuple_items((*code).co_names) }
}

/// Names of locals, cells and free variables by slot, borrowed.
///
/// # Safety
/// As for [`consts`].
pub unsafe fn local_names<'a>(code: *mut PyCodeObject) -> &'a [*mut PyObject] {
    // SAFETY: as the caller says.
    unsafe { object::tuple_items((*code).co_localsplusnames) }
}

/// Kinds of the slots (`CO_FAST_*` bits), one byte each.
///
/// # Safety
/// As for [`consts`].
pub unsafe fn local_kinds<'a>(code: *mut PyCodeObject) -> &'a [u8] {
    // SAFETY: as the caller says.
    unsafe { object::bytes((*code).co_localspluskinds) }
}

/// The exception table, encoded.
///
/// # Safety
/// As for [`consts`].
pub unsafe fn exception_table<'a>(code: *mut PyCodeObject) -> &'a [u8] {
    // SAFETY: as the caller says.
    unsafe { object::bytes((*code).co_exceptiontable) }
}

/// File, qualified name, first line.
///
/// # Safety
/// `code` is live.
pub unsafe fn location(code: *mut PyCodeObject) -> (String, String, i32) {
    // SAFETY: both are strs.
    unsafe {
        let file = object::str_to_string((*code).co_filename);
        (file, object::str_to_string((*code).co_qualname), (*code).co_firstlineno)
    }
}

/// Line of code unit `index`, or -1.
///
/// # Safety
/// `code` is live; the GIL is held.
pub unsafe fn line(code: *mut PyCodeObject, index: usize) -> i32 {
    // SAFETY: as the caller says.
    unsafe { ffi::PyCode_Addr2Line(code, (index * size_of::<CodeUnit>()) as i32) }
}

/// Slots that parameters fill: positional, keyword-only, `*args`, `**kwargs`.
///
/// # Safety
/// `code` is live.
pub unsafe fn parameter_count(code: *mut PyCodeObject) -> usize {
    // SAFETY: as the caller says.
    unsafe {
        let flags = (*code).co_flags;
        let stars = i32::from(flags & CO_VARARGS != 0) + i32::from(flags & CO_VARKEYWORDS != 0);
        ((*code).co_argcount + (*code).co_kwonlyargcount + stars) as usize
    }
}

/// Does a call make a generator, coroutine or async generator instead of running the body?
///
/// # Safety
/// `code` is live.
pub unsafe fn is_generator_like(code: *mut PyCodeObject) -> bool {
    // SAFETY: as the caller says.
    unsafe { (*code).co_flags & (CO_GENERATOR | CO_COROUTINE | CO_ASYNC_GENERATOR) != 0 }
}

/// Takes the code's version away (0: none), so that closures made of it are not inlined by the
/// interpreter. Returns it for [`restore_code_version`].
///
/// # Safety
/// `code` is live; the GIL is held.
pub unsafe fn take_code_version(code: *mut PyCodeObject) -> u32 {
    // SAFETY: as the caller says.
    unsafe { core::mem::replace(&mut (*code).co_version, 0) }
}

/// Gives the code the version it had.
///
/// # Safety
/// As for [`take_code_version`].
pub unsafe fn restore_code_version(code: *mut PyCodeObject, version: u32) {
    // SAFETY: as the caller says.
    unsafe { (*code).co_version = version }
}

/// Does the function still have CPython's own entry? False before [`verify::check`] passed.
///
/// # Safety
/// `func` is live.
pub unsafe fn has_original_entry(func: *mut PyFunctionObject) -> bool {
    let original = verify::original_function_vectorcall();
    // SAFETY: as the caller says.
    unsafe { original.is_some() && (*func).vectorcall.map(|f| f as usize) == original.map(|f| f as usize) }
}

/// Replaces the function's entry; returns the version it had (for [`restore_entry`]).
///
/// # Safety
/// `func` is live, the GIL is held; `entry` is a vectorcall that stays valid while it is in place, or while
/// any thread may be between loading and calling it.
pub unsafe fn set_entry(func: *mut PyFunctionObject, entry: vectorcallfunc) -> u32 {
    // SAFETY: as the caller says.
    unsafe {
        let version = (*func).func_version;
        ffi::PyFunction_SetVectorcall(func, entry);
        version
    }
}

/// Puts CPython's own entry back, and the version if `version` is valid: then call sites inline the
/// function again. Give the version only if code and defaults are those it was taken with.
///
/// # Safety
/// `func` is live; the GIL is held; [`verify::check`] passed.
pub unsafe fn restore_entry(func: *mut PyFunctionObject, version: u32) {
    let Some(original) = verify::original_function_vectorcall() else { return };
    // SAFETY: as the caller says.
    unsafe {
        ffi::PyFunction_SetVectorcall(func, original);
        if version >= FUNC_VERSION_FIRST_VALID {
            ffi::_PyFunction_SetVersion(func, version);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parameters_count_the_stars() {
        // SAFETY: all fields are integers, raw pointers or nullable.
        let mut code: Box<PyCodeObject> = Box::new(unsafe { core::mem::zeroed() });
        code.co_argcount = 2;
        code.co_kwonlyargcount = 1;
        // SAFETY: `code` lives.
        unsafe {
            assert_eq!(parameter_count(&mut *code), 3);
            code.co_flags = CO_VARARGS | CO_VARKEYWORDS | CO_COROUTINE;
            assert_eq!(parameter_count(&mut *code), 5);
            assert!(is_generator_like(&mut *code));
            code.co_version = 77;
            assert_eq!(take_code_version(&mut *code), 77);
            assert_eq!(code.co_version, 0);
        }
    }
}
