//! Reading objects: types, flags, strings, the fields every helper looks at.
//!
//! All of it is layout arithmetic on live objects with the GIL held, which is what each function's caller promises.
#![allow(clippy::missing_safety_doc, reason = "the contract of the whole module is above")]

use core::mem::offset_of;
use core::sync::atomic::{AtomicPtr, Ordering};
use ember_cpython::layout::{
    LONG_COMPACT_LIMIT, LONG_SIGN_MASK, ObjectHead, PyASCIIObject, PyLongObject, PyObject, PyTupleObject, PyTypeObject,
    TypeObject, UNICODE_ASCII, UNICODE_COMPACT, UNICODE_KIND_MASK, UNICODE_KIND_SHIFT, VarHead,
};

/// The class of an object.
#[inline(always)]
pub unsafe fn class_of(obj: *mut PyObject) -> *mut TypeObject {
    // SAFETY: a live object.
    unsafe { (*obj.cast::<ObjectHead>()).ob_type.cast() }
}

/// Whether the class of `obj` is exactly `class`.
#[inline(always)]
pub unsafe fn is_exactly(obj: *mut PyObject, class: *mut PyTypeObject) -> bool {
    // SAFETY: a live object.
    unsafe { (*obj.cast::<ObjectHead>()).ob_type == class }
}

/// Whether `obj`'s class has one of these `tp_flags`.
#[inline(always)]
pub unsafe fn has_flag(obj: *mut PyObject, flag: core::ffi::c_ulong) -> bool {
    // SAFETY: a live object.
    unsafe { (*class_of(obj)).tp_flags & flag != 0 }
}

/// `None`, borrowed.
#[inline(always)]
pub fn none() -> *mut PyObject {
    &raw mut ember_cpython::ffi::_Py_NoneStruct
}

/// `True`, borrowed.
#[inline(always)]
pub fn true_() -> *mut PyObject {
    (&raw mut ember_cpython::ffi::_Py_TrueStruct).cast()
}

/// `False`, borrowed.
#[inline(always)]
pub fn false_() -> *mut PyObject {
    (&raw mut ember_cpython::ffi::_Py_FalseStruct).cast()
}

/// The address of a field `offset` bytes into an object.
#[inline(always)]
pub fn field<T>(obj: *mut PyObject, offset: isize) -> *mut T {
    obj.cast::<u8>().wrapping_offset(offset).cast()
}

/// `ob_size` of a variable-sized object.
#[inline(always)]
pub unsafe fn size(obj: *mut PyObject) -> isize {
    // SAFETY: a live variable-sized object.
    unsafe { (*obj.cast::<VarHead>()).ob_size }
}

/// The items of a tuple.
#[inline(always)]
pub fn tuple_items(tuple: *mut PyObject) -> *mut *mut PyObject {
    field(tuple, offset_of!(PyTupleObject, ob_item) as isize)
}

/// Whether `obj` is exactly a `str`.
#[inline(always)]
pub unsafe fn is_exact_str(obj: *mut PyObject) -> bool {
    // SAFETY: a live object.
    unsafe { is_exactly(obj, &raw mut pyo3_ffi::PyUnicode_Type) }
}

/// The hash of an exact string; -1 while nobody has asked for it.
#[inline(always)]
pub unsafe fn str_hash(name: *mut PyObject) -> isize {
    // SAFETY: a live string.
    unsafe { (*name.cast::<PyASCIIObject>()).hash }
}

/// The value of an exact `int` of at most one digit.
#[inline(always)]
pub unsafe fn compact_int(obj: *mut PyObject) -> Option<isize> {
    // SAFETY: a live int; its first digit is always there.
    unsafe {
        let long = obj.cast::<PyLongObject>();
        let tag = (*long).lv_tag;
        if tag >= LONG_COMPACT_LIMIT {
            return None;
        }
        let digit = (*long).ob_digit[0] as isize;
        Some((1 - (tag & LONG_SIGN_MASK) as isize) * digit)
    }
}

/// The value of a small index, if `obj` is exactly an `int`.
#[inline(always)]
pub unsafe fn small_index(obj: *mut PyObject) -> Option<isize> {
    // SAFETY: a live object, read as an int only when it is one.
    unsafe {
        if is_exactly(obj, &raw mut pyo3_ffi::PyLong_Type) { compact_int(obj) } else { None }
    }
}

/// The kind (bytes a character) and the data of a compact string; `None` for the rare other ones.
#[inline(always)]
pub unsafe fn compact_str(obj: *mut PyObject) -> Option<(u32, *const u8)> {
    // SAFETY: a live string; compact ones keep their characters right after their header.
    unsafe {
        let state = (*obj.cast::<PyASCIIObject>()).state;
        if state & UNICODE_COMPACT == 0 {
            return None;
        }
        let header = if state & UNICODE_ASCII != 0 {
            size_of::<PyASCIIObject>()
        } else {
            size_of::<ember_cpython::layout::PyCompactUnicodeObject>()
        };
        Some(((state >> UNICODE_KIND_SHIFT) & UNICODE_KIND_MASK, obj.cast::<u8>().add(header)))
    }
}

/// A name that CPython looks up by itself, interned when it is first needed.
pub struct Name {
    text: &'static core::ffi::CStr,
    object: AtomicPtr<PyObject>,
}

impl Name {
    /// A name not interned yet.
    pub const fn new(text: &'static core::ffi::CStr) -> Name {
        Name { text, object: AtomicPtr::new(core::ptr::null_mut()) }
    }

    /// The interned string, borrowed for ever; NULL with an exception when memory is short.
    pub unsafe fn get(&self) -> *mut PyObject {
        let known = self.object.load(Ordering::Relaxed);
        if !known.is_null() {
            return known;
        }
        // SAFETY: the GIL is held; the reference is kept for the life of the process.
        unsafe {
            let fresh = pyo3_ffi::PyUnicode_InternFromString(self.text.as_ptr());
            self.object.store(fresh, Ordering::Relaxed);
            fresh
        }
    }
}

/// `__getattr__`
pub static GETATTR: Name = Name::new(c"__getattr__");
/// `__getattribute__`
pub static GETATTRIBUTE: Name = Name::new(c"__getattribute__");
/// `__build_class__`
pub static BUILD_CLASS: Name = Name::new(c"__build_class__");

#[cfg(test)]
mod tests {
    use super::*;

    fn long(tag: usize, digit: u32) -> PyLongObject {
        let ob_base = ObjectHead { ob_refcnt: 1, ob_overflow: 0, ob_flags: 0, ob_type: core::ptr::null_mut() };
        PyLongObject { ob_base, lv_tag: tag, ob_digit: [digit] }
    }

    #[test]
    fn compact_ints_have_their_sign() {
        for (tag, digit, value) in
            [(1, 0, Some(0)), (8, 7, Some(7)), (8 | 2, 7, Some(-7)), (8 | 4, 3, Some(3)), (16, 1, None), (18, 1, None)]
        {
            let mut object = long(tag, digit);
            // SAFETY: a live object of this layout.
            assert_eq!(unsafe { compact_int((&raw mut object).cast()) }, value, "tag {tag}");
        }
    }
}
