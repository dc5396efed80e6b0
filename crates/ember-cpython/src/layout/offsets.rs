//! Offsets into CPython's structs, by name, for code that emits loads and stores.
//!
//! Each is derived from the `repr(C)` mirrors with `offset_of!`, so there is one source. [`TABLE`]
//! lists them under their C names for `tests/layout/check.py`, and [`by_name`] serves whoever
//! reads layouts as data.

use core::mem::{offset_of, size_of};

use super::current::*;

macro_rules! offsets {
    ($($(#[$doc:meta])* $name:ident = $ty:ident . $($field:ident).+ => $c:literal;)*) => {
        $( $(#[$doc])* #[doc = concat!("Offset of `", $c, "`.")] pub const $name: usize = offset_of!($ty, $($field).+); )*
        /// Rust name, C name, offset.
        pub const TABLE: &[(&str, &str, usize)] = &[$((stringify!($name), $c, $name)),*];
    };
}

offsets! {
    OB_REFCNT = ObjectHead.ob_refcnt => "PyObject.ob_refcnt";
    OB_FLAGS = ObjectHead.ob_flags => "PyObject.ob_flags";
    OB_TYPE = ObjectHead.ob_type => "PyObject.ob_type";
    OB_SIZE = VarHead.ob_size => "PyVarObject.ob_size";

    TP_NAME = TypeObject.tp_name => "PyTypeObject.tp_name";
    TP_BASICSIZE = TypeObject.tp_basicsize => "PyTypeObject.tp_basicsize";
    TP_ITEMSIZE = TypeObject.tp_itemsize => "PyTypeObject.tp_itemsize";
    TP_DEALLOC = TypeObject.tp_dealloc => "PyTypeObject.tp_dealloc";
    TP_VECTORCALL_OFFSET = TypeObject.tp_vectorcall_offset => "PyTypeObject.tp_vectorcall_offset";
    TP_AS_ASYNC = TypeObject.tp_as_async => "PyTypeObject.tp_as_async";
    TP_AS_NUMBER = TypeObject.tp_as_number => "PyTypeObject.tp_as_number";
    TP_AS_SEQUENCE = TypeObject.tp_as_sequence => "PyTypeObject.tp_as_sequence";
    TP_AS_MAPPING = TypeObject.tp_as_mapping => "PyTypeObject.tp_as_mapping";
    TP_HASH = TypeObject.tp_hash => "PyTypeObject.tp_hash";
    TP_CALL = TypeObject.tp_call => "PyTypeObject.tp_call";
    TP_GETATTRO = TypeObject.tp_getattro => "PyTypeObject.tp_getattro";
    TP_SETATTRO = TypeObject.tp_setattro => "PyTypeObject.tp_setattro";
    TP_FLAGS = TypeObject.tp_flags => "PyTypeObject.tp_flags";
    TP_TRAVERSE = TypeObject.tp_traverse => "PyTypeObject.tp_traverse";
    TP_RICHCOMPARE = TypeObject.tp_richcompare => "PyTypeObject.tp_richcompare";
    TP_ITER = TypeObject.tp_iter => "PyTypeObject.tp_iter";
    TP_ITERNEXT = TypeObject.tp_iternext => "PyTypeObject.tp_iternext";
    TP_BASE = TypeObject.tp_base => "PyTypeObject.tp_base";
    TP_DICT = TypeObject.tp_dict => "PyTypeObject.tp_dict";
    TP_DESCR_GET = TypeObject.tp_descr_get => "PyTypeObject.tp_descr_get";
    TP_DESCR_SET = TypeObject.tp_descr_set => "PyTypeObject.tp_descr_set";
    TP_DICTOFFSET = TypeObject.tp_dictoffset => "PyTypeObject.tp_dictoffset";
    TP_INIT = TypeObject.tp_init => "PyTypeObject.tp_init";
    TP_ALLOC = TypeObject.tp_alloc => "PyTypeObject.tp_alloc";
    TP_NEW = TypeObject.tp_new => "PyTypeObject.tp_new";
    TP_FREE = TypeObject.tp_free => "PyTypeObject.tp_free";
    TP_IS_GC = TypeObject.tp_is_gc => "PyTypeObject.tp_is_gc";
    TP_BASES = TypeObject.tp_bases => "PyTypeObject.tp_bases";
    TP_MRO = TypeObject.tp_mro => "PyTypeObject.tp_mro";
    TP_VERSION_TAG = TypeObject.tp_version_tag => "PyTypeObject.tp_version_tag";
    TP_FINALIZE = TypeObject.tp_finalize => "PyTypeObject.tp_finalize";
    TP_VECTORCALL = TypeObject.tp_vectorcall => "PyTypeObject.tp_vectorcall";
    TP_WATCHED = TypeObject.tp_watched => "PyTypeObject.tp_watched";
    TP_VERSIONS_USED = TypeObject.tp_versions_used => "PyTypeObject.tp_versions_used";
    HT_NAME = PyHeapTypeObject.ht_name => "PyHeapTypeObject.ht_name";
    HT_SLOTS = PyHeapTypeObject.ht_slots => "PyHeapTypeObject.ht_slots";
    HT_QUALNAME = PyHeapTypeObject.ht_qualname => "PyHeapTypeObject.ht_qualname";
    HT_CACHED_KEYS = PyHeapTypeObject.ht_cached_keys => "PyHeapTypeObject.ht_cached_keys";
    HT_MODULE = PyHeapTypeObject.ht_module => "PyHeapTypeObject.ht_module";
    HT_SPEC_GETITEM = PyHeapTypeObject.spec_cache_getitem => "PyHeapTypeObject._spec_cache.getitem";
    HT_SPEC_GETITEM_VERSION = PyHeapTypeObject.spec_cache_getitem_version => "PyHeapTypeObject._spec_cache.getitem_version";
    HT_SPEC_INIT = PyHeapTypeObject.spec_cache_init => "PyHeapTypeObject._spec_cache.init";

    TSTATE_INTERP = PyThreadState.interp => "PyThreadState.interp";
    TSTATE_EVAL_BREAKER = PyThreadState.eval_breaker => "PyThreadState.eval_breaker";
    TSTATE_PY_RECURSION_REMAINING = PyThreadState.py_recursion_remaining => "PyThreadState.py_recursion_remaining";
    TSTATE_PY_RECURSION_LIMIT = PyThreadState.py_recursion_limit => "PyThreadState.py_recursion_limit";
    TSTATE_TRACING = PyThreadState.tracing => "PyThreadState.tracing";
    TSTATE_CURRENT_FRAME = PyThreadState.current_frame => "PyThreadState.current_frame";
    TSTATE_C_PROFILEFUNC = PyThreadState.c_profilefunc => "PyThreadState.c_profilefunc";
    TSTATE_C_TRACEFUNC = PyThreadState.c_tracefunc => "PyThreadState.c_tracefunc";
    TSTATE_CURRENT_EXCEPTION = PyThreadState.current_exception => "PyThreadState.current_exception";
    TSTATE_EXC_INFO = PyThreadState.exc_info => "PyThreadState.exc_info";
    TSTATE_ID = PyThreadState.id => "PyThreadState.id";
    TSTATE_DATASTACK_CHUNK = PyThreadState.datastack_chunk => "PyThreadState.datastack_chunk";
    TSTATE_DATASTACK_TOP = PyThreadState.datastack_top => "PyThreadState.datastack_top";
    TSTATE_DATASTACK_LIMIT = PyThreadState.datastack_limit => "PyThreadState.datastack_limit";
    TSTATE_EXC_STATE = PyThreadState.exc_state => "PyThreadState.exc_state";
    TSTATE_CURRENT_EXECUTOR = PyThreadState.current_executor => "PyThreadState.current_executor";
    EXC_VALUE = PyErrStackItem.exc_value => "_PyErr_StackItem.exc_value";
    EXC_PREVIOUS_ITEM = PyErrStackItem.previous_item => "_PyErr_StackItem.previous_item";
    CHUNK_PREVIOUS = StackChunk.previous => "_PyStackChunk.previous";
    CHUNK_SIZE = StackChunk.size => "_PyStackChunk.size";
    CHUNK_TOP = StackChunk.top => "_PyStackChunk.top";
    CHUNK_DATA = StackChunk.data => "_PyStackChunk.data";

    FRAME_EXECUTABLE = InterpreterFrame.f_executable => "_PyInterpreterFrame.f_executable";
    FRAME_PREVIOUS = InterpreterFrame.previous => "_PyInterpreterFrame.previous";
    FRAME_FUNCOBJ = InterpreterFrame.f_funcobj => "_PyInterpreterFrame.f_funcobj";
    FRAME_GLOBALS = InterpreterFrame.f_globals => "_PyInterpreterFrame.f_globals";
    FRAME_BUILTINS = InterpreterFrame.f_builtins => "_PyInterpreterFrame.f_builtins";
    FRAME_LOCALS = InterpreterFrame.f_locals => "_PyInterpreterFrame.f_locals";
    FRAME_FRAME_OBJ = InterpreterFrame.frame_obj => "_PyInterpreterFrame.frame_obj";
    FRAME_INSTR_PTR = InterpreterFrame.instr_ptr => "_PyInterpreterFrame.instr_ptr";
    FRAME_STACKPOINTER = InterpreterFrame.stackpointer => "_PyInterpreterFrame.stackpointer";
    /// A 4-byte store of zero here sets `return_offset`, `owner` (thread) and `visited`.
    FRAME_RETURN_OFFSET = InterpreterFrame.return_offset => "_PyInterpreterFrame.return_offset";
    FRAME_OWNER = InterpreterFrame.owner => "_PyInterpreterFrame.owner";
    FRAME_VISITED = InterpreterFrame.visited => "_PyInterpreterFrame.visited";
    FRAME_LOCALSPLUS = InterpreterFrame.localsplus => "_PyInterpreterFrame.localsplus";
    FRAMEOBJ_BACK = PyFrameObject.f_back => "PyFrameObject.f_back";
    FRAMEOBJ_FRAME = PyFrameObject.f_frame => "PyFrameObject.f_frame";
    FRAMEOBJ_TRACE = PyFrameObject.f_trace => "PyFrameObject.f_trace";
    FRAMEOBJ_LINENO = PyFrameObject.f_lineno => "PyFrameObject.f_lineno";
    FRAMEOBJ_TRACE_LINES = PyFrameObject.f_trace_lines => "PyFrameObject.f_trace_lines";
    FRAMEOBJ_TRACE_OPCODES = PyFrameObject.f_trace_opcodes => "PyFrameObject.f_trace_opcodes";
    FRAMEOBJ_EXTRA_LOCALS = PyFrameObject.f_extra_locals => "PyFrameObject.f_extra_locals";
    FRAMEOBJ_LOCALS_CACHE = PyFrameObject.f_locals_cache => "PyFrameObject.f_locals_cache";
    FRAMEOBJ_OVERWRITTEN = PyFrameObject.f_overwritten_fast_locals => "PyFrameObject.f_overwritten_fast_locals";
    FRAMEOBJ_DATA = PyFrameObject._f_frame_data => "PyFrameObject._f_frame_data";

    FUNC_GLOBALS = PyFunctionObject.func_globals => "PyFunctionObject.func_globals";
    FUNC_BUILTINS = PyFunctionObject.func_builtins => "PyFunctionObject.func_builtins";
    FUNC_NAME = PyFunctionObject.func_name => "PyFunctionObject.func_name";
    FUNC_QUALNAME = PyFunctionObject.func_qualname => "PyFunctionObject.func_qualname";
    FUNC_CODE = PyFunctionObject.func_code => "PyFunctionObject.func_code";
    FUNC_DEFAULTS = PyFunctionObject.func_defaults => "PyFunctionObject.func_defaults";
    FUNC_KWDEFAULTS = PyFunctionObject.func_kwdefaults => "PyFunctionObject.func_kwdefaults";
    FUNC_CLOSURE = PyFunctionObject.func_closure => "PyFunctionObject.func_closure";
    FUNC_DOC = PyFunctionObject.func_doc => "PyFunctionObject.func_doc";
    FUNC_DICT = PyFunctionObject.func_dict => "PyFunctionObject.func_dict";
    FUNC_MODULE = PyFunctionObject.func_module => "PyFunctionObject.func_module";
    FUNC_ANNOTATIONS = PyFunctionObject.func_annotations => "PyFunctionObject.func_annotations";
    FUNC_ANNOTATE = PyFunctionObject.func_annotate => "PyFunctionObject.func_annotate";
    FUNC_TYPEPARAMS = PyFunctionObject.func_typeparams => "PyFunctionObject.func_typeparams";
    FUNC_VECTORCALL = PyFunctionObject.vectorcall => "PyFunctionObject.vectorcall";
    FUNC_VERSION = PyFunctionObject.func_version => "PyFunctionObject.func_version";

    CO_CONSTS = PyCodeObject.co_consts => "PyCodeObject.co_consts";
    CO_NAMES = PyCodeObject.co_names => "PyCodeObject.co_names";
    CO_EXCEPTIONTABLE = PyCodeObject.co_exceptiontable => "PyCodeObject.co_exceptiontable";
    CO_FLAGS = PyCodeObject.co_flags => "PyCodeObject.co_flags";
    CO_ARGCOUNT = PyCodeObject.co_argcount => "PyCodeObject.co_argcount";
    CO_POSONLYARGCOUNT = PyCodeObject.co_posonlyargcount => "PyCodeObject.co_posonlyargcount";
    CO_KWONLYARGCOUNT = PyCodeObject.co_kwonlyargcount => "PyCodeObject.co_kwonlyargcount";
    CO_STACKSIZE = PyCodeObject.co_stacksize => "PyCodeObject.co_stacksize";
    CO_FIRSTLINENO = PyCodeObject.co_firstlineno => "PyCodeObject.co_firstlineno";
    CO_NLOCALSPLUS = PyCodeObject.co_nlocalsplus => "PyCodeObject.co_nlocalsplus";
    CO_FRAMESIZE = PyCodeObject.co_framesize => "PyCodeObject.co_framesize";
    CO_NLOCALS = PyCodeObject.co_nlocals => "PyCodeObject.co_nlocals";
    CO_NCELLVARS = PyCodeObject.co_ncellvars => "PyCodeObject.co_ncellvars";
    CO_NFREEVARS = PyCodeObject.co_nfreevars => "PyCodeObject.co_nfreevars";
    CO_VERSION = PyCodeObject.co_version => "PyCodeObject.co_version";
    CO_LOCALSPLUSNAMES = PyCodeObject.co_localsplusnames => "PyCodeObject.co_localsplusnames";
    CO_LOCALSPLUSKINDS = PyCodeObject.co_localspluskinds => "PyCodeObject.co_localspluskinds";
    CO_FILENAME = PyCodeObject.co_filename => "PyCodeObject.co_filename";
    CO_NAME = PyCodeObject.co_name => "PyCodeObject.co_name";
    CO_QUALNAME = PyCodeObject.co_qualname => "PyCodeObject.co_qualname";
    CO_LINETABLE = PyCodeObject.co_linetable => "PyCodeObject.co_linetable";
    CO_EXECUTORS = PyCodeObject.co_executors => "PyCodeObject.co_executors";
    CO_CACHED = PyCodeObject.co_cached => "PyCodeObject._co_cached";
    CO_INSTRUMENTATION_VERSION = PyCodeObject.co_instrumentation_version => "PyCodeObject._co_instrumentation_version";
    CO_MONITORING = PyCodeObject.co_monitoring => "PyCodeObject._co_monitoring";
    CO_FIRSTTRACEABLE = PyCodeObject.co_firsttraceable => "PyCodeObject._co_firsttraceable";
    CO_EXTRA = PyCodeObject.co_extra => "PyCodeObject.co_extra";
    CO_CODE_ADAPTIVE = PyCodeObject.co_code_adaptive => "PyCodeObject.co_code_adaptive";
    MON_LOCAL_MONITORS = CoMonitoringData.local_monitors => "_PyCoMonitoringData.local_monitors";
    MON_ACTIVE_MONITORS = CoMonitoringData.active_monitors => "_PyCoMonitoringData.active_monitors";
    MON_TOOLS = CoMonitoringData.tools => "_PyCoMonitoringData.tools";

    GEN_NAME = PyGenObject.gi_name => "PyGenObject.gi_name";
    GEN_QUALNAME = PyGenObject.gi_qualname => "PyGenObject.gi_qualname";
    GEN_EXC_STATE = PyGenObject.gi_exc_state => "PyGenObject.gi_exc_state";
    GEN_ORIGIN_OR_FINALIZER = PyGenObject.gi_origin_or_finalizer => "PyGenObject.gi_origin_or_finalizer";
    GEN_FRAME_STATE = PyGenObject.gi_frame_state => "PyGenObject.gi_frame_state";
    GEN_IFRAME = PyGenObject.gi_iframe => "PyGenObject.gi_iframe";

    LONG_TAG = PyLongObject.lv_tag => "PyLongObject.long_value.lv_tag";
    LONG_DIGIT = PyLongObject.ob_digit => "PyLongObject.long_value.ob_digit";
    FLOAT_VALUE = PyFloatObject.ob_fval => "PyFloatObject.ob_fval";
    LIST_ITEMS = PyListObject.ob_item => "PyListObject.ob_item";
    LIST_ALLOCATED = PyListObject.allocated => "PyListObject.allocated";
    TUPLE_HASH = PyTupleObject.ob_hash => "PyTupleObject.ob_hash";
    TUPLE_ITEMS = PyTupleObject.ob_item => "PyTupleObject.ob_item";
    BYTES_DATA = PyBytesObject.ob_sval => "PyBytesObject.ob_sval";
    DICT_USED = PyDictObject.ma_used => "PyDictObject.ma_used";
    DICT_WATCHER_TAG = PyDictObject.ma_watcher_tag => "PyDictObject._ma_watcher_tag";
    DICT_KEYS = PyDictObject.ma_keys => "PyDictObject.ma_keys";
    DICT_VALUES = PyDictObject.ma_values => "PyDictObject.ma_values";
    DK_REFCNT = PyDictKeysObject.dk_refcnt => "PyDictKeysObject.dk_refcnt";
    DK_LOG2_SIZE = PyDictKeysObject.dk_log2_size => "PyDictKeysObject.dk_log2_size";
    DK_LOG2_INDEX_BYTES = PyDictKeysObject.dk_log2_index_bytes => "PyDictKeysObject.dk_log2_index_bytes";
    DK_KIND = PyDictKeysObject.dk_kind => "PyDictKeysObject.dk_kind";
    DK_VERSION = PyDictKeysObject.dk_version => "PyDictKeysObject.dk_version";
    DK_USABLE = PyDictKeysObject.dk_usable => "PyDictKeysObject.dk_usable";
    DK_NENTRIES = PyDictKeysObject.dk_nentries => "PyDictKeysObject.dk_nentries";
    DK_INDICES = PyDictKeysObject.dk_indices => "PyDictKeysObject.dk_indices";
    UNICODE_ENTRY_KEY = PyDictUnicodeEntry.me_key => "PyDictUnicodeEntry.me_key";
    UNICODE_ENTRY_VALUE = PyDictUnicodeEntry.me_value => "PyDictUnicodeEntry.me_value";
    KEY_ENTRY_HASH = PyDictKeyEntry.me_hash => "PyDictKeyEntry.me_hash";
    KEY_ENTRY_KEY = PyDictKeyEntry.me_key => "PyDictKeyEntry.me_key";
    KEY_ENTRY_VALUE = PyDictKeyEntry.me_value => "PyDictKeyEntry.me_value";
    VALUES_CAPACITY = PyDictValues.capacity => "PyDictValues.capacity";
    VALUES_SIZE = PyDictValues.size => "PyDictValues.size";
    VALUES_EMBEDDED = PyDictValues.embedded => "PyDictValues.embedded";
    VALUES_VALID = PyDictValues.valid => "PyDictValues.valid";
    VALUES_VALUES = PyDictValues.values => "PyDictValues.values";
    SET_FILL = PySetObject.fill => "PySetObject.fill";
    SET_USED = PySetObject.used => "PySetObject.used";
    SET_MASK = PySetObject.mask => "PySetObject.mask";
    SET_TABLE = PySetObject.table => "PySetObject.table";
    SET_HASH = PySetObject.hash => "PySetObject.hash";
    SET_FINGER = PySetObject.finger => "PySetObject.finger";
    SLICE_START = PySliceObject.start => "PySliceObject.start";
    SLICE_STOP = PySliceObject.stop => "PySliceObject.stop";
    SLICE_STEP = PySliceObject.step => "PySliceObject.step";
    RANGEITER_START = PyRangeIterObject.start => "_PyRangeIterObject.start";
    RANGEITER_STEP = PyRangeIterObject.step => "_PyRangeIterObject.step";
    RANGEITER_LEN = PyRangeIterObject.len => "_PyRangeIterObject.len";
    LISTITER_INDEX = PySeqIterObject.it_index => "_PyListIterObject.it_index";
    LISTITER_SEQ = PySeqIterObject.it_seq => "_PyListIterObject.it_seq";
    TUPLEITER_INDEX = PySeqIterObject.it_index => "_PyTupleIterObject.it_index";
    TUPLEITER_SEQ = PySeqIterObject.it_seq => "_PyTupleIterObject.it_seq";
    UNICODE_LENGTH = PyASCIIObject.length => "PyASCIIObject.length";
    UNICODE_HASH = PyASCIIObject.hash => "PyASCIIObject.hash";
    UNICODE_STATE = PyASCIIObject.state => "PyASCIIObject.state";
    UNICODE_UTF8_LENGTH = PyCompactUnicodeObject.utf8_length => "PyCompactUnicodeObject.utf8_length";
    UNICODE_UTF8 = PyCompactUnicodeObject.utf8 => "PyCompactUnicodeObject.utf8";
    UNICODE_DATA = PyUnicodeObject.data => "PyUnicodeObject.data";

    CELL_REF = PyCellObject.ob_ref => "PyCellObject.ob_ref";
    METHOD_FUNC = PyMethodObject.im_func => "PyMethodObject.im_func";
    METHOD_SELF = PyMethodObject.im_self => "PyMethodObject.im_self";
    METHOD_VECTORCALL = PyMethodObject.vectorcall => "PyMethodObject.vectorcall";
    CFUNC_ML = PyCFunctionObject.m_ml => "PyCFunctionObject.m_ml";
    CFUNC_SELF = PyCFunctionObject.m_self => "PyCFunctionObject.m_self";
    CFUNC_MODULE = PyCFunctionObject.m_module => "PyCFunctionObject.m_module";
    CFUNC_VECTORCALL = PyCFunctionObject.vectorcall => "PyCFunctionObject.vectorcall";
    METHODDEF_NAME = PyMethodDef.ml_name => "PyMethodDef.ml_name";
    METHODDEF_METH = PyMethodDef.ml_meth => "PyMethodDef.ml_meth";
    METHODDEF_FLAGS = PyMethodDef.ml_flags => "PyMethodDef.ml_flags";
    GETSETDEF_GET = PyGetSetDef.get => "PyGetSetDef.get";
    GETSETDEF_SET = PyGetSetDef.set => "PyGetSetDef.set";
    GETSETDEF_CLOSURE = PyGetSetDef.closure => "PyGetSetDef.closure";
    MEMBERDEF_TYPE = PyMemberDef.type_code => "PyMemberDef.type";
    MEMBERDEF_OFFSET = PyMemberDef.offset => "PyMemberDef.offset";
    MEMBERDEF_FLAGS = PyMemberDef.flags => "PyMemberDef.flags";
    DESCR_TYPE = PyDescrObject.d_type => "PyDescrObject.d_type";
    DESCR_NAME = PyDescrObject.d_name => "PyDescrObject.d_name";
    METHODDESCR_METHOD = PyMethodDescrObject.d_method => "PyMethodDescrObject.d_method";
    METHODDESCR_VECTORCALL = PyMethodDescrObject.vectorcall => "PyMethodDescrObject.vectorcall";
    MEMBERDESCR_MEMBER = PyMemberDescrObject.d_member => "PyMemberDescrObject.d_member";
    GETSETDESCR_GETSET = PyGetSetDescrObject.d_getset => "PyGetSetDescrObject.d_getset";
    WRAPPERDESCR_BASE = PyWrapperDescrObject.d_base => "PyWrapperDescrObject.d_base";
    WRAPPERDESCR_WRAPPED = PyWrapperDescrObject.d_wrapped => "PyWrapperDescrObject.d_wrapped";
    PROPERTY_GET = PyPropertyObject.prop_get => "_PyPropertyObject.prop_get";
    PROPERTY_SET = PyPropertyObject.prop_set => "_PyPropertyObject.prop_set";
    PROPERTY_DEL = PyPropertyObject.prop_del => "_PyPropertyObject.prop_del";
    MODULE_DICT = PyModuleObject.md_dict => "PyModuleObject.md_dict";
    MODULE_NAME = PyModuleObject.md_name => "PyModuleObject.md_name";
    DESCR_QUALNAME = PyDescrObject.d_qualname => "PyDescrObject.d_qualname";
    GC_NEXT = GcHead.gc_next => "PyGC_Head._gc_next";
    GC_PREV = GcHead.gc_prev => "PyGC_Head._gc_prev";
    TP_DEL = TypeObject.tp_del => "PyTypeObject.tp_del";
    TP_SUBCLASSES = TypeObject.tp_subclasses => "PyTypeObject.tp_subclasses";
    CACHED_CODE = CoCached.co_code => "_PyCoCached._co_code";
    CACHED_VARNAMES = CoCached.co_varnames => "_PyCoCached._co_varnames";
    CACHED_CELLVARS = CoCached.co_cellvars => "_PyCoCached._co_cellvars";
    CACHED_FREEVARS = CoCached.co_freevars => "_PyCoCached._co_freevars";
    SPECIAL_METHOD_NAME = SpecialMethod.name => "_Py_SpecialMethod.name";
    SPECIAL_METHOD_ERROR = SpecialMethod.error => "_Py_SpecialMethod.error";
    INTRINSIC1_FUNC = Intrinsic1.func => "intrinsic_func1_info.func";
    INTRINSIC2_FUNC = Intrinsic2.func => "intrinsic_func2_info.func";
}

/// Sizes under their C names: structs whose mirror is complete.
pub const SIZES: &[(&str, usize)] = &[
    ("PyGC_Head", size_of::<GcHead>()),
    ("_PyCoCached", size_of::<CoCached>()),
    ("PyObject", size_of::<ObjectHead>()),
    ("PyVarObject", size_of::<VarHead>()),
    ("PyTypeObject", size_of::<TypeObject>()),
    ("PyHeapTypeObject", size_of::<PyHeapTypeObject>()),
    ("_PyErr_StackItem", size_of::<PyErrStackItem>()),
    ("_PyStackChunk", size_of::<StackChunk>()),
    ("_PyInterpreterFrame", size_of::<InterpreterFrame>()),
    ("PyFrameObject", size_of::<PyFrameObject>()),
    ("PyFunctionObject", size_of::<PyFunctionObject>()),
    ("PyCodeObject", size_of::<PyCodeObject>()),
    ("PyGenObject", size_of::<PyGenObject>()),
    ("PyLongObject", size_of::<PyLongObject>()),
    ("PyFloatObject", size_of::<PyFloatObject>()),
    ("PyListObject", size_of::<PyListObject>()),
    ("PyTupleObject", size_of::<PyTupleObject>()),
    ("PyDictObject", size_of::<PyDictObject>()),
    ("PyDictKeysObject", size_of::<PyDictKeysObject>()),
    ("PyDictUnicodeEntry", size_of::<PyDictUnicodeEntry>()),
    ("PyDictKeyEntry", size_of::<PyDictKeyEntry>()),
    ("PyDictValues", size_of::<PyDictValues>()),
    ("setentry", size_of::<SetEntry>()),
    ("PySliceObject", size_of::<PySliceObject>()),
    ("_PyRangeIterObject", size_of::<PyRangeIterObject>()),
    ("_PyListIterObject", size_of::<PySeqIterObject>()),
    ("_PyTupleIterObject", size_of::<PySeqIterObject>()),
    ("PyASCIIObject", size_of::<PyASCIIObject>()),
    ("PyCompactUnicodeObject", size_of::<PyCompactUnicodeObject>()),
    ("PyUnicodeObject", size_of::<PyUnicodeObject>()),
    ("PyCellObject", size_of::<PyCellObject>()),
    ("PyMethodObject", size_of::<PyMethodObject>()),
    ("PyCFunctionObject", size_of::<PyCFunctionObject>()),
    ("PyMethodDef", size_of::<PyMethodDef>()),
    ("PyGetSetDef", size_of::<PyGetSetDef>()),
    ("PyMemberDef", size_of::<PyMemberDef>()),
    ("PyMethodDescrObject", size_of::<PyMethodDescrObject>()),
    ("PyMemberDescrObject", size_of::<PyMemberDescrObject>()),
    ("PyGetSetDescrObject", size_of::<PyGetSetDescrObject>()),
    ("PyWrapperDescrObject", size_of::<PyWrapperDescrObject>()),
    ("_PyPropertyObject", size_of::<PyPropertyObject>()),
    ("PyModuleObject", size_of::<PyModuleObject>()),
    ("_Py_SpecialMethod", size_of::<SpecialMethod>()),
    ("intrinsic_func1_info", size_of::<Intrinsic1>()),
    ("_Py_DebugOffsets", size_of::<crate::debug_offsets::DebugOffsets>()),
    ("struct _func_version_cache_item", size_of::<FuncVersionCacheItem>()),
    ("struct type_cache_entry", size_of::<TypeCacheItem>()),
];

/// Constants of the headers, under their C expressions.
pub const CONSTANTS: &[(&str, i64)] = &[
    ("_Py_IMMORTAL_INITIAL_REFCNT", IMMORTAL_INITIAL_REFCNT as i64),
    ("_Py_IMMORTAL_MINIMUM_REFCNT", IMMORTAL_MINIMUM_REFCNT as i64),
    ("_Py_IMMORTAL_FLAGS", FLAG_IMMORTAL as i64),
    ("SMALL_REQUEST_THRESHOLD", POOL_LARGEST_BLOCK as i64),
    ("ALIGNMENT", POOL_ALIGNMENT as i64),
    ("POOL_SIZE", POOL_SIZE as i64),
    ("sizeof(struct pool_header)", POOL_OVERHEAD as i64),
    ("FRAME_SPECIALS_SIZE", FRAME_SPECIALS_SIZE as i64),
    ("FRAME_OWNED_BY_THREAD", FRAME_OWNED_BY_THREAD as i64),
    ("FRAME_OWNED_BY_GENERATOR", FRAME_OWNED_BY_GENERATOR as i64),
    ("FRAME_OWNED_BY_FRAME_OBJECT", FRAME_OWNED_BY_FRAME_OBJECT as i64),
    ("FRAME_OWNED_BY_INTERPRETER", FRAME_OWNED_BY_INTERPRETER as i64),
    ("FRAME_OWNED_BY_CSTACK", FRAME_OWNED_BY_CSTACK as i64),
    ("PyStackRef_NULL.bits", crate::stackref::NULL.0 as i64),
    ("Py_TAG_BITS", crate::stackref::TAG_BITS as i64),
    ("Py_TAG_REFCNT", crate::stackref::TAG_REFCNT as i64),
    ("Py_INT_TAG", crate::stackref::TAG_INT as i64),
    ("_PyLong_NON_SIZE_BITS", LONG_NON_SIZE_BITS as i64),
    ("_PyLong_SIGN_MASK", LONG_SIGN_MASK as i64),
    ("PyLong_SHIFT", LONG_SHIFT as i64),
    ("MANAGED_DICT_OFFSET", MANAGED_DICT_OFFSET as i64),
    ("MANAGED_WEAKREF_OFFSET", MANAGED_WEAKREF_OFFSET as i64),
    ("SHARED_KEYS_MAX_SIZE", SHARED_KEYS_MAX_SIZE as i64),
    ("DICT_KEYS_GENERAL", DICT_KEYS_GENERAL as i64),
    ("DICT_KEYS_UNICODE", DICT_KEYS_UNICODE as i64),
    ("DICT_KEYS_SPLIT", DICT_KEYS_SPLIT as i64),
    ("FUNC_VERSION_UNSET", FUNC_VERSION_UNSET as i64),
    ("FUNC_VERSION_CLEARED", FUNC_VERSION_CLEARED as i64),
    ("FUNC_VERSION_FIRST_VALID", FUNC_VERSION_FIRST_VALID as i64),
    ("_PY_EVAL_EVENTS_BITS", EVAL_EVENTS_BITS as i64),
    ("_PY_GIL_DROP_REQUEST_BIT", EVAL_GIL_DROP_REQUEST as i64),
    ("_PY_SIGNALS_PENDING_BIT", EVAL_SIGNALS_PENDING as i64),
    ("_PY_CALLS_TO_DO_BIT", EVAL_CALLS_TO_DO as i64),
    ("_PY_ASYNC_EXCEPTION_BIT", EVAL_ASYNC_EXCEPTION as i64),
    ("_PY_GC_SCHEDULED_BIT", EVAL_GC_SCHEDULED as i64),
    ("_PY_DATA_STACK_CHUNK_SIZE", DATA_STACK_CHUNK_SIZE as i64),
    ("_Py_ATTR_CACHE_UNUSED", ATTR_CACHE_UNUSED as i64),
    ("_PY_MONITORING_LOCAL_EVENTS", MONITORING_LOCAL_EVENTS as i64),
    ("PY_MONITORING_TOOL_IDS", MONITORING_TOOL_IDS as i64),
    ("FRAME_CREATED", GEN_FRAME_CREATED as i64),
    ("FRAME_SUSPENDED", GEN_FRAME_SUSPENDED as i64),
    ("FRAME_SUSPENDED_YIELD_FROM", GEN_FRAME_SUSPENDED_YIELD_FROM as i64),
    ("FRAME_EXECUTING", GEN_FRAME_EXECUTING as i64),
    ("FRAME_COMPLETED", GEN_FRAME_COMPLETED as i64),
    ("FRAME_CLEARED", GEN_FRAME_CLEARED as i64),
    ("CO_FAST_HIDDEN", CO_FAST_HIDDEN as i64),
    ("CO_FAST_LOCAL", CO_FAST_LOCAL as i64),
    ("CO_FAST_CELL", CO_FAST_CELL as i64),
    ("CO_FAST_FREE", CO_FAST_FREE as i64),
    ("Py_TPFLAGS_INLINE_VALUES", TPFLAGS_INLINE_VALUES as i64),
    ("Py_TPFLAGS_MANAGED_DICT", TPFLAGS_MANAGED_DICT as i64),
    ("Py_TPFLAGS_MANAGED_WEAKREF", TPFLAGS_MANAGED_WEAKREF as i64),
    ("Py_TPFLAGS_HEAPTYPE", TPFLAGS_HEAPTYPE as i64),
    ("Py_TPFLAGS_IMMUTABLETYPE", TPFLAGS_IMMUTABLETYPE as i64),
    ("Py_TPFLAGS_HAVE_VECTORCALL", TPFLAGS_HAVE_VECTORCALL as i64),
    ("Py_TPFLAGS_HAVE_GC", TPFLAGS_HAVE_GC as i64),
    ("Py_TPFLAGS_METHOD_DESCRIPTOR", TPFLAGS_METHOD_DESCRIPTOR as i64),
    ("Py_TPFLAGS_SEQUENCE", TPFLAGS_SEQUENCE as i64),
    ("Py_TPFLAGS_MAPPING", TPFLAGS_MAPPING as i64),
];

/// Offset of a field by its C name, e.g. `"PyListObject.ob_item"`.
pub fn by_name(c_name: &str) -> Option<usize> {
    TABLE.iter().find(|(_, c, _)| *c == c_name).map(|t| t.2)
}

// pyo3-ffi must agree where its types are used as pointees, else its functions and ours would read
// different things behind one pointer.
#[cfg(Py_3_14)]
const _: () = {
    assert!(size_of::<PyObject>() == size_of::<ObjectHead>());
    assert!(size_of::<PyTypeObject>() == size_of::<TypeObject>());
    assert!(offset_of!(PyTypeObject, tp_version_tag) == TP_VERSION_TAG);
    assert!(offset_of!(PyTypeObject, tp_flags) == TP_FLAGS);
};
