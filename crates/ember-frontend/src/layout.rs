//! The offsets in CPython 3.14's objects that translated code reads by itself. `ember-cpython` checks the same numbers against the headers and at import.

/// `PyObject.ob_type`
pub const OB_TYPE: i32 = 8;
/// `PyVarObject.ob_size`
pub const OB_SIZE: i32 = 16;
/// `PyLongObject.long_value.lv_tag`
pub const LONG_TAG: i32 = 16;
/// `PyFloatObject.ob_fval`
pub const FLOAT_VALUE: i32 = 16;
/// `PyListObject.ob_item`
pub const LIST_ITEMS: i32 = 24;
/// `PyTupleObject.ob_item`
pub const TUPLE_ITEMS: i32 = 32;
/// `PyCellObject.ob_ref`
pub const CELL_REF: i32 = 16;
/// `PyFunctionObject.func_code`
pub const FUNC_CODE: i32 = 48;
/// `PyFunctionObject.func_defaults`
pub const FUNC_DEFAULTS: i32 = 56;
/// `PyFunctionObject.func_closure`
pub const FUNC_CLOSURE: i32 = 72;
/// `PyFunctionObject.func_version`
pub const FUNC_VERSION: i32 = 144;
/// `PyMethodObject.im_func`
pub const METHOD_FUNC: i32 = 16;
/// `PyMethodObject.im_self`
pub const METHOD_SELF: i32 = 24;
/// `PyHeapTypeObject.ht_cached_keys`
pub const CACHED_KEYS: i32 = 880;
/// `PyDictValues.valid`
pub const VALUES_VALID: i32 = 3;
/// Where an object with a managed dict keeps the pointer to it.
pub const MANAGED_DICT: i32 = -24;
/// `PyDictObject.ma_keys`
pub const DICT_KEYS: i32 = 32;
/// `PyDictObject.ma_values`
pub const DICT_VALUES: i32 = 40;
/// `PyDictKeysObject.dk_log2_index_bytes`
pub const KEYS_LOG2_INDEX_BYTES: i32 = 9;
/// `PyDictKeysObject.dk_kind`
pub const KEYS_KIND: i32 = 10;
/// `PyDictKeysObject.dk_version`
pub const KEYS_VERSION: i32 = 12;
/// `PyDictKeysObject.dk_nentries`
pub const KEYS_NENTRIES: i32 = 24;
/// `PyDictKeysObject.dk_indices`
pub const KEYS_INDICES: i32 = 32;
/// `PyModuleObject.md_dict`
pub const MODULE_DICT: i32 = 16;
/// `arrayobject.ob_item` of the module `array`; whoever says that a local is such an array has compared it with what the array exports.
pub const ARRAY_ITEMS: i32 = 24;
/// `arrayobject.ob_descr`: which kind of items it has.
pub const ARRAY_DESCR: i32 = 40;
/// `_PyRangeIterObject.start`
pub const RANGE_ITER_START: i32 = 16;
/// `_PyRangeIterObject.step`
pub const RANGE_ITER_STEP: i32 = 24;
/// `_PyRangeIterObject.len`
pub const RANGE_ITER_LEN: i32 = 32;
/// `_PyListIterObject.it_index`, `_PyTupleIterObject.it_index`
pub const SEQ_ITER_INDEX: i32 = 16;
/// `_PyListIterObject.it_seq`, `_PyTupleIterObject.it_seq`
pub const SEQ_ITER_SEQ: i32 = 24;
