//! Looking at objects: exact types, flags, and the contents of the builtin ones.
//!
//! Everything here takes raw pointers to live objects with the GIL held; nothing runs Python code
//! unless it says so.

use core::ffi::{CStr, c_ulong};

use pyo3_ffi as py;

use crate::ffi;
use crate::layout::*;

/// The object's type.
///
/// # Safety
/// `obj` is live.
#[inline(always)]
pub unsafe fn type_of(obj: *mut PyObject) -> *mut PyTypeObject {
    // SAFETY: as the caller says.
    unsafe { (*obj.cast::<ObjectHead>()).ob_type }
}

/// Is the object's type exactly `ty`?
///
/// # Safety
/// `obj` is live.
#[inline(always)]
pub unsafe fn is_exact(obj: *mut PyObject, ty: *mut PyTypeObject) -> bool {
    // SAFETY: as the caller says.
    unsafe { type_of(obj) == ty }
}

/// Is the object an instance of `ty` or of a subclass (by MRO, as C code sees it)?
///
/// # Safety
/// `obj` and `ty` are live.
#[inline]
pub unsafe fn is_instance(obj: *mut PyObject, ty: *mut PyTypeObject) -> bool {
    // SAFETY: as the caller says.
    unsafe { type_of(obj) == ty || py::PyType_IsSubtype(type_of(obj), ty) != 0 }
}

/// `tp_flags`.
///
/// # Safety
/// `ty` is live.
#[inline(always)]
pub unsafe fn type_flags(ty: *mut PyTypeObject) -> c_ulong {
    // SAFETY: as the caller says.
    unsafe { (*ty.cast::<TypeObject>()).tp_flags }
}

/// Does the object's type have any of `flags` (e.g. [`TPFLAGS_LONG_SUBCLASS`])?
///
/// # Safety
/// `obj` is live.
#[inline(always)]
pub unsafe fn has_type_flag(obj: *mut PyObject, flags: c_ulong) -> bool {
    // SAFETY: as the caller says.
    unsafe { type_flags(type_of(obj)) & flags != 0 }
}

/// Is the object a type?
///
/// # Safety
/// `obj` is live.
#[inline]
pub unsafe fn is_type(obj: *mut PyObject) -> bool {
    // SAFETY: as the caller says.
    unsafe { has_type_flag(obj, TPFLAGS_TYPE_SUBCLASS) }
}

/// `tp_name`: the name, with the module for types made in C.
///
/// # Safety
/// `ty` is live.
pub unsafe fn type_name(ty: *mut PyTypeObject) -> String {
    // SAFETY: types always have a name.
    unsafe { CStr::from_ptr((*ty.cast::<TypeObject>()).tp_name) }.to_string_lossy().into_owned()
}

/// `None`, without counting.
#[inline(always)]
pub fn none() -> *mut PyObject {
    &raw mut ffi::_Py_NoneStruct
}

/// `True` or `False`, without counting.
#[inline(always)]
pub fn bool_object(value: bool) -> *mut PyObject {
    if value { (&raw mut ffi::_Py_TrueStruct).cast() } else { (&raw mut ffi::_Py_FalseStruct).cast() }
}

/// `Ellipsis`, without counting.
#[inline(always)]
pub fn ellipsis() -> *mut PyObject {
    &raw mut ffi::_Py_EllipsisObject
}

/// `NotImplemented`, without counting.
#[inline(always)]
pub fn not_implemented() -> *mut PyObject {
    &raw mut ffi::_Py_NotImplementedStruct
}

macro_rules! builtin_types {
    ($($variant:ident $name:literal $symbol:path;)*) => {
        /// The builtin types a compiler wants to recognise.
        #[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
        #[allow(missing_docs)]
        pub enum Builtin { $($variant),* }

        impl Builtin {
            /// All of them.
            pub const ALL: &'static [Builtin] = &[$(Builtin::$variant),*];

            /// The type object.
            pub fn type_object(self) -> *mut PyTypeObject {
                match self { $(Builtin::$variant => &raw mut $symbol),* }
            }

            /// Its Python name.
            pub fn name(self) -> &'static str {
                match self { $(Builtin::$variant => $name),* }
            }
        }
    };
}

builtin_types! {
    Object "object" py::PyBaseObject_Type;
    Type "type" py::PyType_Type;
    None "NoneType" ffi::_PyNone_Type;
    NotImplemented "NotImplementedType" ffi::_PyNotImplemented_Type;
    Ellipsis "ellipsis" ffi::PyEllipsis_Type;
    Bool "bool" py::PyBool_Type;
    Int "int" py::PyLong_Type;
    Float "float" py::PyFloat_Type;
    Complex "complex" py::PyComplex_Type;
    Str "str" py::PyUnicode_Type;
    Bytes "bytes" py::PyBytes_Type;
    ByteArray "bytearray" py::PyByteArray_Type;
    List "list" py::PyList_Type;
    Tuple "tuple" py::PyTuple_Type;
    Dict "dict" py::PyDict_Type;
    Set "set" py::PySet_Type;
    FrozenSet "frozenset" py::PyFrozenSet_Type;
    Slice "slice" py::PySlice_Type;
    Range "range" py::PyRange_Type;
    RangeIter "range_iterator" ffi::PyRangeIter_Type;
    LongRangeIter "longrange_iterator" ffi::PyLongRangeIter_Type;
    ListIter "list_iterator" ffi::PyListIter_Type;
    TupleIter "tuple_iterator" ffi::PyTupleIter_Type;
    StrIter "str_iterator" ffi::PyUnicodeIter_Type;
    SetIter "set_iterator" ffi::PySetIter_Type;
    DictKeys "dict_keys" ffi::PyDictKeys_Type;
    DictValues "dict_values" ffi::PyDictValues_Type;
    DictItems "dict_items" ffi::PyDictItems_Type;
    DictKeyIter "dict_keyiterator" ffi::PyDictIterKey_Type;
    DictValueIter "dict_valueiterator" ffi::PyDictIterValue_Type;
    DictItemIter "dict_itemiterator" ffi::PyDictIterItem_Type;
    Enumerate "enumerate" ffi::PyEnum_Type;
    Zip "zip" ffi::PyZip_Type;
    Map "map" ffi::PyMap_Type;
    Filter "filter" ffi::PyFilter_Type;
    Reversed "reversed" ffi::PyReversed_Type;
    Function "function" ffi::PyFunction_Type;
    Code "code" ffi::PyCode_Type;
    Cell "cell" ffi::PyCell_Type;
    Method "method" ffi::PyMethod_Type;
    CFunction "builtin_function_or_method" ffi::PyCFunction_Type;
    CMethod "builtin_method" ffi::PyCMethod_Type;
    MethodDescr "method_descriptor" ffi::PyMethodDescr_Type;
    ClassMethodDescr "classmethod_descriptor" ffi::PyClassMethodDescr_Type;
    MemberDescr "member_descriptor" ffi::PyMemberDescr_Type;
    GetSetDescr "getset_descriptor" ffi::PyGetSetDescr_Type;
    WrapperDescr "wrapper_descriptor" ffi::PyWrapperDescr_Type;
    Property "property" ffi::PyProperty_Type;
    ClassMethod "classmethod" ffi::PyClassMethod_Type;
    StaticMethod "staticmethod" ffi::PyStaticMethod_Type;
    Super "super" ffi::PySuper_Type;
    Module "module" ffi::PyModule_Type;
    Generator "generator" ffi::PyGen_Type;
    Coroutine "coroutine" ffi::PyCoro_Type;
    AsyncGenerator "async_generator" ffi::PyAsyncGen_Type;
    Frame "frame" ffi::PyFrame_Type;
    Traceback "traceback" ffi::PyTraceBack_Type;
    MemoryView "memoryview" py::PyMemoryView_Type;
    Union "Union" ffi::_PyUnion_Type;
}

impl Builtin {
    /// Which builtin `ty` is, if it is one.
    pub fn of_type(ty: *mut PyTypeObject) -> Option<Builtin> {
        Builtin::ALL.iter().copied().find(|b| b.type_object() == ty)
    }

    /// Which builtin the object is exactly.
    ///
    /// # Safety
    /// `obj` is live.
    pub unsafe fn of(obj: *mut PyObject) -> Option<Builtin> {
        // SAFETY: as the caller says.
        Builtin::of_type(unsafe { type_of(obj) })
    }
}

/// The value of an int of at most one digit; None for bigger ones.
///
/// # Safety
/// `obj` is a live int (or bool, or subclass).
#[inline(always)]
pub unsafe fn compact_int(obj: *mut PyObject) -> Option<i64> {
    // SAFETY: as the caller says.
    unsafe {
        let long: *mut PyLongObject = obj.cast();
        let tag = (*long).lv_tag;
        (tag < LONG_COMPACT_LIMIT).then(|| (1 - (tag & LONG_SIGN_MASK) as i64) * (*long).ob_digit[0] as i64)
    }
}

/// The value of an int that fits 64 bits.
///
/// # Safety
/// `obj` is a live int (or bool, or subclass).
#[inline]
pub unsafe fn int_value(obj: *mut PyObject) -> Option<i64> {
    // SAFETY: as the caller says; on ints the conversion cannot raise, only report overflow.
    unsafe {
        if let Some(v) = compact_int(obj) {
            return Some(v);
        }
        let mut overflow = 0;
        let v = py::PyLong_AsLongLongAndOverflow(obj, &mut overflow);
        (overflow == 0).then_some(v)
    }
}

/// The value of a float.
///
/// # Safety
/// `obj` is a live float (or subclass).
#[inline(always)]
pub unsafe fn float_value(obj: *mut PyObject) -> f64 {
    // SAFETY: as the caller says.
    unsafe { (*obj.cast::<PyFloatObject>()).ob_fval }
}

/// The items of a tuple, borrowed.
///
/// # Safety
/// `obj` is a live tuple that outlives the slice.
#[inline]
pub unsafe fn tuple_items<'a>(obj: *mut PyObject) -> &'a [*mut PyObject] {
    // SAFETY: as the caller says.
    unsafe {
        let tuple: *mut PyTupleObject = obj.cast();
        core::slice::from_raw_parts((&raw const (*tuple).ob_item).cast(), (*tuple).ob_base.ob_size as usize)
    }
}

/// The items of a list, borrowed; stale as soon as the list changes.
///
/// # Safety
/// `obj` is a live list, unchanged while the slice is used.
#[inline]
pub unsafe fn list_items<'a>(obj: *mut PyObject) -> &'a [*mut PyObject] {
    // SAFETY: as the caller says.
    unsafe {
        let list: *mut PyListObject = obj.cast();
        let n = (*list).ob_base.ob_size as usize;
        if n == 0 { &[] } else { core::slice::from_raw_parts((*list).ob_item, n) }
    }
}

/// The contents of a bytes object.
///
/// # Safety
/// `obj` is a live bytes object that outlives the slice.
#[inline]
pub unsafe fn bytes<'a>(obj: *mut PyObject) -> &'a [u8] {
    // SAFETY: as the caller says.
    unsafe {
        let b: *mut PyBytesObject = obj.cast();
        core::slice::from_raw_parts((&raw const (*b).ob_sval).cast(), (*b).ob_base.ob_size as usize)
    }
}

/// Code points of a str.
///
/// # Safety
/// `obj` is a live str.
#[inline]
pub unsafe fn str_len(obj: *mut PyObject) -> usize {
    // SAFETY: as the caller says.
    unsafe { (*obj.cast::<PyASCIIObject>()).length as usize }
}

/// The characters of a str: width in bytes (1, 2, 4) and the data.
///
/// # Safety
/// `obj` is a live str that outlives the slice.
#[inline]
pub unsafe fn str_data<'a>(obj: *mut PyObject) -> (usize, &'a [u8]) {
    // SAFETY: as the caller says; the three representations follow the state bits.
    unsafe {
        let ascii: *mut PyASCIIObject = obj.cast();
        let state = (*ascii).state;
        let kind = ((state >> UNICODE_KIND_SHIFT) & UNICODE_KIND_MASK) as usize;
        let data: *const u8 = if state & UNICODE_COMPACT == 0 {
            (*obj.cast::<PyUnicodeObject>()).data.cast()
        } else if state & UNICODE_ASCII != 0 {
            obj.byte_add(offset_after_ascii()).cast()
        } else {
            obj.byte_add(size_of::<PyCompactUnicodeObject>()).cast()
        };
        (kind, core::slice::from_raw_parts(data, (*ascii).length as usize * kind))
    }
}

const fn offset_after_ascii() -> usize {
    size_of::<PyASCIIObject>()
}

/// A str as a Rust string; lone surrogates become the replacement character.
///
/// # Safety
/// `obj` is a live str.
pub unsafe fn str_to_string(obj: *mut PyObject) -> String {
    // SAFETY: as the caller says. `chunks_exact` keeps the reads inside the data.
    let (kind, data) = unsafe { str_data(obj) };
    let char_of = |c: u32| char::from_u32(c).unwrap_or(char::REPLACEMENT_CHARACTER);
    match kind {
        1 => data.iter().map(|&b| char::from(b)).collect(),
        2 => data.chunks_exact(2).map(|c| char_of(u32::from(u16::from_le_bytes([c[0], c[1]])))).collect(),
        _ => data.chunks_exact(4).map(|c| char_of(u32::from_le_bytes([c[0], c[1], c[2], c[3]]))).collect(),
    }
}

/// Are two strs equal?
///
/// # Safety
/// Both are live strs.
#[inline]
pub unsafe fn str_eq(a: *mut PyObject, b: *mut PyObject) -> bool {
    // SAFETY: as the caller says. Strs are stored in the narrowest kind, so equal ones have equal kinds.
    a == b || unsafe { str_len(a) == str_len(b) && str_data(a) == str_data(b) }
}

/// Is the str interned? Then equal interned strs are the same object.
///
/// # Safety
/// `obj` is a live str.
#[inline]
pub unsafe fn str_is_interned(obj: *mut PyObject) -> bool {
    // SAFETY: as the caller says.
    unsafe { (*obj.cast::<PyASCIIObject>()).state & UNICODE_INTERNED_MASK != 0 }
}

/// The dict of the module `builtins`, borrowed: what a frame has for builtins may be another one.
///
/// # Safety
/// The GIL is held; no exception is set.
pub unsafe fn builtins_dict() -> *mut PyObject {
    // SAFETY: as the caller says; the module is there from the interpreter's start to its end.
    unsafe {
        let module = pyo3_ffi::PyImport_AddModule(c"builtins".as_ptr());
        if module.is_null() {
            pyo3_ffi::PyErr_Clear();
            return pyo3_ffi::PyEval_GetBuiltins();
        }
        pyo3_ffi::PyModule_GetDict(module)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn long(tag: usize, digit: u32) -> PyLongObject {
        let ob_base = ObjectHead { ob_refcnt: 1, ob_overflow: 0, ob_flags: 0, ob_type: core::ptr::null_mut() };
        PyLongObject { ob_base, lv_tag: tag, ob_digit: [digit] }
    }

    #[test]
    fn compact_ints_read_sign_and_ignore_the_small_int_bit() {
        // (tag, digit, value): sign 0 positive, 1 zero, 2 negative; bit 2 marks preallocated ints.
        let cases = [
            (8, 5, Some(5)),
            (8 | 4, 5, Some(5)),
            (8 | 2, 7, Some(-7)),
            (8 | 2 | 4, 5, Some(-5)),
            (1, 0, Some(0)),
            (1 | 4, 0, Some(0)),
            (8, (1 << 30) - 1, Some((1 << 30) - 1)),
            (16, 1, None),
            (16 | 2, 1, None),
        ];
        for (tag, digit, value) in cases {
            let mut l = long(tag, digit);
            // SAFETY: `l` looks like an int.
            assert_eq!(unsafe { compact_int((&raw mut l).cast()) }, value, "tag {tag}");
        }
    }
}
