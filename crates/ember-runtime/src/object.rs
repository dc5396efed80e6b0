//! Reading objects: what every helper looks at, beside what [`ember_cpython::object`] has.
//!
//! All of it is layout arithmetic on live objects with the GIL held, which is what each function's caller promises.
#![allow(clippy::missing_safety_doc, reason = "the contract of the whole module is above")]

use core::mem::offset_of;
use core::sync::atomic::{AtomicPtr, Ordering};
use ember_cpython::layout::{ObjectHead, PyASCIIObject, PyObject, PyTupleObject, TypeObject, VarHead};
pub use ember_cpython::object::{bool_object, compact_int, has_type_flag, is_exact, none, str_data, str_len};

/// The class of an object.
#[inline(always)]
pub unsafe fn class_of(obj: *mut PyObject) -> *mut TypeObject {
    // SAFETY: a live object.
    unsafe { (*obj.cast::<ObjectHead>()).ob_type.cast() }
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
    unsafe { is_exact(obj, &raw mut pyo3_ffi::PyUnicode_Type) }
}

/// The hash of an exact string; -1 while nobody has asked for it.
#[inline(always)]
pub unsafe fn str_hash(name: *mut PyObject) -> isize {
    // SAFETY: a live string.
    unsafe { (*name.cast::<PyASCIIObject>()).hash }
}

/// The value of a small index, if `obj` is exactly an `int`.
#[inline(always)]
pub unsafe fn small_index(obj: *mut PyObject) -> Option<isize> {
    // SAFETY: a live object, read as an int only when it is one.
    unsafe {
        if is_exact(obj, &raw mut pyo3_ffi::PyLong_Type) { compact_int(obj).map(|value| value as isize) } else { None }
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
/// `__init__`
pub static INIT: Name = Name::new(c"__init__");
/// `__class__`
pub static CLASS: Name = Name::new(c"__class__");
/// `__instancecheck__`
pub static INSTANCECHECK: Name = Name::new(c"__instancecheck__");
/// `__build_class__`
pub static BUILD_CLASS: Name = Name::new(c"__build_class__");
