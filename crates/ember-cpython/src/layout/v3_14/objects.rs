//! Layouts of the builtin objects of CPython 3.14: numbers, containers, callables, descriptors.

use core::ffi::{c_char, c_int, c_long, c_void};

use super::*;

// ---- numbers -------------------------------------------------------------------------------------

/// `lv_tag`: bits 0-1 are 1 - sign (0 positive, 1 zero, 2 negative), bit 2 marks the preallocated
/// small ints, the rest counts 30-bit digits.
#[repr(C)]
pub struct PyLongObject {
    pub ob_base: ObjectHead,
    pub lv_tag: usize,
    pub ob_digit: [u32; 1],
}

pub const LONG_SIGN_MASK: usize = 3;
pub const LONG_NON_SIZE_BITS: u32 = 3;
/// An int is compact (at most one digit) iff its tag is below this.
pub const LONG_COMPACT_LIMIT: usize = 2 << LONG_NON_SIZE_BITS;
pub const LONG_SHIFT: u32 = 30;

#[repr(C)]
pub struct PyFloatObject {
    pub ob_base: ObjectHead,
    pub ob_fval: f64,
}

// ---- containers ----------------------------------------------------------------------------------

#[repr(C)]
pub struct PyListObject {
    pub ob_base: VarHead,
    pub ob_item: *mut *mut PyObject,
    pub allocated: isize,
}

#[repr(C)]
pub struct PyTupleObject {
    pub ob_base: VarHead,
    pub ob_hash: isize,
    pub ob_item: [*mut PyObject; 1],
}

#[repr(C)]
pub struct PyBytesObject {
    pub ob_base: VarHead,
    pub ob_shash: isize,
    pub ob_sval: [u8; 1],
}

#[repr(C)]
pub struct PyDictObject {
    pub ob_base: ObjectHead,
    pub ma_used: isize,
    /// Low 8 bits: watchers.
    pub ma_watcher_tag: u64,
    pub ma_keys: *mut PyDictKeysObject,
    /// NULL: combined table, values are in the keys' entries.
    pub ma_values: *mut PyDictValues,
}

#[repr(C)]
pub struct PyDictKeysObject {
    pub dk_refcnt: isize,
    pub dk_log2_size: u8,
    pub dk_log2_index_bytes: u8,
    pub dk_kind: u8,
    pub dk_version: u32,
    pub dk_usable: isize,
    pub dk_nentries: isize,
    /// `1 << dk_log2_index_bytes` bytes of indices, then the entries.
    pub dk_indices: [u8; 0],
}

/// `dk_refcnt` of tables whose users are not counted (any negative count means that; tried at import).
pub const DICT_KEYS_IMMORTAL_REFCNT: isize = isize::MIN;
/// Small blocks of up to this many bytes, in steps of [`POOL_ALIGNMENT`], lie in pools of [`POOL_SIZE`] bytes after a head of [`POOL_OVERHEAD`].
pub const POOL_LARGEST_BLOCK: usize = 512;
pub const POOL_ALIGNMENT: usize = 16;
pub const POOL_SIZE: usize = 16 * 1024;
pub const POOL_OVERHEAD: usize = 48;

pub const DICT_KEYS_GENERAL: u8 = 0;
pub const DICT_KEYS_UNICODE: u8 = 1;
pub const DICT_KEYS_SPLIT: u8 = 2;
pub const DKIX_EMPTY: isize = -1;
pub const DKIX_DUMMY: isize = -2;
pub const SHARED_KEYS_MAX_SIZE: usize = 30;

#[repr(C)]
pub struct PyDictUnicodeEntry {
    pub me_key: *mut PyObject,
    pub me_value: *mut PyObject,
}

#[repr(C)]
pub struct PyDictKeyEntry {
    pub me_hash: isize,
    pub me_key: *mut PyObject,
    pub me_value: *mut PyObject,
}

/// Values of a split dict, or of an object's inline attributes (then at `obj + tp_basicsize`).
#[repr(C)]
pub struct PyDictValues {
    pub capacity: u8,
    pub size: u8,
    pub embedded: u8,
    pub valid: u8,
    pub values: [*mut PyObject; 1],
}

/// From an object to its managed dict pointer (NULL while attributes are inline only).
pub const MANAGED_DICT_OFFSET: isize = -24;
pub const MANAGED_WEAKREF_OFFSET: isize = -32;

#[repr(C)]
pub struct SetEntry {
    pub key: *mut PyObject,
    pub hash: isize,
}

#[repr(C)]
pub struct PySetObject {
    pub ob_base: ObjectHead,
    pub fill: isize,
    pub used: isize,
    pub mask: isize,
    pub table: *mut SetEntry,
    pub hash: isize,
    pub finger: isize,
}

#[repr(C)]
pub struct PySliceObject {
    pub ob_base: ObjectHead,
    pub start: *mut PyObject,
    pub stop: *mut PyObject,
    pub step: *mut PyObject,
}

/// `range`: the four ints, as objects.
#[repr(C)]
pub struct PyRangeObject {
    pub ob_base: ObjectHead,
    pub start: *mut PyObject,
    pub stop: *mut PyObject,
    pub step: *mut PyObject,
    pub length: *mut PyObject,
}

/// Iterator over a range that fits C longs: yields `start`, then `start += step`, `len` times.
#[repr(C)]
pub struct PyRangeIterObject {
    pub ob_base: ObjectHead,
    pub start: c_long,
    pub step: c_long,
    pub len: c_long,
}

/// Iterator over a list or tuple; `it_seq` is NULL when exhausted.
#[repr(C)]
pub struct PySeqIterObject {
    pub ob_base: ObjectHead,
    pub it_index: isize,
    pub it_seq: *mut PyObject,
}

/// `str`, the common part. Compact ASCII data follows directly, other compact data follow
/// [`PyCompactUnicodeObject`], else there is a pointer.
#[repr(C)]
pub struct PyASCIIObject {
    pub ob_base: ObjectHead,
    pub length: isize,
    /// -1 until computed.
    pub hash: isize,
    pub state: u32,
}

#[repr(C)]
pub struct PyCompactUnicodeObject {
    pub base: PyASCIIObject,
    pub utf8_length: isize,
    pub utf8: *mut c_char,
}

#[repr(C)]
pub struct PyUnicodeObject {
    pub base: PyCompactUnicodeObject,
    pub data: *mut c_void,
}

/// Fields of `PyASCIIObject::state`.
pub const UNICODE_INTERNED_MASK: u32 = 3;
pub const UNICODE_INTERNED_MORTAL: u32 = 1;
pub const UNICODE_INTERNED_IMMORTAL: u32 = 2;
pub const UNICODE_KIND_SHIFT: u32 = 2;
pub const UNICODE_KIND_MASK: u32 = 7;
pub const UNICODE_COMPACT: u32 = 1 << 5;
pub const UNICODE_ASCII: u32 = 1 << 6;
pub const UNICODE_STATIC: u32 = 1 << 7;

// ---- callables and descriptors -------------------------------------------------------------------

#[repr(C)]
pub struct PyCellObject {
    pub ob_base: ObjectHead,
    pub ob_ref: *mut PyObject,
}

#[repr(C)]
pub struct PyMethodObject {
    pub ob_base: ObjectHead,
    pub im_func: *mut PyObject,
    pub im_self: *mut PyObject,
    pub im_weakreflist: *mut PyObject,
    pub vectorcall: Option<vectorcallfunc>,
}

#[repr(C)]
pub struct PyCFunctionObject {
    pub ob_base: ObjectHead,
    pub m_ml: *mut PyMethodDef,
    pub m_self: *mut PyObject,
    pub m_module: *mut PyObject,
    pub m_weakreflist: *mut PyObject,
    pub vectorcall: Option<vectorcallfunc>,
}

#[repr(C)]
pub struct PyDescrObject {
    pub ob_base: ObjectHead,
    pub d_type: *mut PyTypeObject,
    pub d_name: *mut PyObject,
    pub d_qualname: *mut PyObject,
}

#[repr(C)]
pub struct PyMethodDescrObject {
    pub d_common: PyDescrObject,
    pub d_method: *mut PyMethodDef,
    pub vectorcall: Option<vectorcallfunc>,
}

#[repr(C)]
pub struct PyMemberDescrObject {
    pub d_common: PyDescrObject,
    pub d_member: *mut PyMemberDef,
}

#[repr(C)]
pub struct PyGetSetDescrObject {
    pub d_common: PyDescrObject,
    pub d_getset: *mut PyGetSetDef,
}

#[repr(C)]
pub struct PyWrapperDescrObject {
    pub d_common: PyDescrObject,
    pub d_base: *mut c_void,
    pub d_wrapped: *mut c_void,
}

#[repr(C)]
pub struct PyPropertyObject {
    pub ob_base: ObjectHead,
    pub prop_get: *mut PyObject,
    pub prop_set: *mut PyObject,
    pub prop_del: *mut PyObject,
    pub prop_doc: *mut PyObject,
    pub prop_name: *mut PyObject,
    pub getter_doc: c_int,
}

/// `classmethod` and `staticmethod` objects.
#[repr(C)]
pub struct PyMethodWrapperObject {
    pub ob_base: ObjectHead,
    pub callable: *mut PyObject,
    pub dict: *mut PyObject,
}

#[repr(C)]
pub struct PyModuleObject {
    pub ob_base: ObjectHead,
    pub md_dict: *mut PyObject,
    pub md_def: *mut c_void,
    pub md_state: *mut c_void,
    pub md_weaklist: *mut PyObject,
    pub md_name: *mut PyObject,
}

/// An entry of `_Py_SpecialMethods` (`LOAD_SPECIAL`).
#[repr(C)]
pub struct SpecialMethod {
    pub name: *mut PyObject,
    pub error: *const c_char,
    pub error_suggestion: *const c_char,
}

/// An entry of the one-argument intrinsics table.
#[repr(C)]
pub struct Intrinsic1 {
    pub func: Option<unsafe extern "C" fn(*mut PyThreadState, *mut PyObject) -> *mut PyObject>,
    pub name: *const c_char,
}

/// An entry of the two-argument intrinsics table.
#[repr(C)]
pub struct Intrinsic2 {
    pub func: Option<unsafe extern "C" fn(*mut PyThreadState, *mut PyObject, *mut PyObject) -> *mut PyObject>,
    pub name: *const c_char,
}
