//! The layouts of CPython 3.14, default build (with the GIL, not debug), 64 bit.
//!
//! Field names are CPython's. Structs end where Ember stops looking: never use `size_of` of one to
//! allocate, except where the field list is complete. `PyObject` and `PyTypeObject` as *pointees*
//! are pyo3-ffi's, so that pointers pass freely between its functions and ours; [`ObjectHead`] and
//! [`TypeObject`] say what is inside.
#![allow(non_camel_case_types, non_snake_case)]

use core::ffi::{c_char, c_int, c_uint, c_ulong, c_void};

pub use pyo3_ffi::{PyGetSetDef, PyMemberDef, PyMethodDef, PyObject, PyTypeObject, vectorcallfunc};

/// The minor version this module describes.
pub const MINOR: u32 = 14;

mod objects;
pub use objects::*;

/// One unit of bytecode: opcode in the low byte, oparg in the high byte, or a slice of an inline cache.
pub type CodeUnit = u16;

/// Opcodes that make a generator before anything of its function runs.
pub const OPCODE_COPY_FREE_VARS: u8 = 60;
pub const OPCODE_MAKE_CELL: u8 = 97;
pub const OPCODE_RETURN_GENERATOR: u8 = 34;

/// A tagged reference in a frame: see [`crate::stackref`].
#[repr(transparent)]
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct StackRef(pub usize);

// ---- objects -------------------------------------------------------------------------------------

/// What every object starts with.
#[repr(C)]
pub struct ObjectHead {
    pub ob_refcnt: u32,
    pub ob_overflow: u16,
    /// Bit 0: immortal from birth (`FLAG_IMMORTAL`), bit 2: statically allocated.
    pub ob_flags: u16,
    pub ob_type: *mut PyTypeObject,
}

/// What every variable-sized object starts with.
#[repr(C)]
pub struct VarHead {
    pub ob_base: ObjectHead,
    pub ob_size: isize,
}

/// What lies before every object of a type that the collector knows.
#[repr(C)]
pub struct GcHead {
    /// Zero while the object is in none of the collector's lists.
    pub gc_next: usize,
    pub gc_prev: usize,
}

/// Refcount given to objects made immortal; increments stop here.
pub const IMMORTAL_INITIAL_REFCNT: u32 = 3 << 30;
/// From here on (bit 31) decrements do nothing.
pub const IMMORTAL_MINIMUM_REFCNT: u32 = 1 << 31;
/// `ob_flags` bit that is OR-ed into references to declared immortals; equals the stackref tag.
pub const FLAG_IMMORTAL: u16 = 1;

/// `PyTypeObject`, complete, with slots we never call left untyped.
#[repr(C)]
pub struct TypeObject {
    pub ob_base: VarHead,
    pub tp_name: *const c_char,
    pub tp_basicsize: isize,
    pub tp_itemsize: isize,
    pub tp_dealloc: *mut c_void,
    pub tp_vectorcall_offset: isize,
    pub tp_getattr: *mut c_void,
    pub tp_setattr: *mut c_void,
    pub tp_as_async: *mut c_void,
    pub tp_repr: *mut c_void,
    pub tp_as_number: *mut c_void,
    pub tp_as_sequence: *mut c_void,
    pub tp_as_mapping: *mut c_void,
    pub tp_hash: *mut c_void,
    pub tp_call: *mut c_void,
    pub tp_str: *mut c_void,
    pub tp_getattro: *mut c_void,
    pub tp_setattro: *mut c_void,
    pub tp_as_buffer: *mut c_void,
    pub tp_flags: c_ulong,
    pub tp_doc: *const c_char,
    pub tp_traverse: *mut c_void,
    pub tp_clear: *mut c_void,
    pub tp_richcompare: *mut c_void,
    pub tp_weaklistoffset: isize,
    pub tp_iter: *mut c_void,
    pub tp_iternext: *mut c_void,
    pub tp_methods: *mut PyMethodDef,
    pub tp_members: *mut PyMemberDef,
    pub tp_getset: *mut PyGetSetDef,
    pub tp_base: *mut PyTypeObject,
    /// NULL for static builtin types: go through `PyType_GetDict`.
    pub tp_dict: *mut PyObject,
    pub tp_descr_get: *mut c_void,
    pub tp_descr_set: *mut c_void,
    pub tp_dictoffset: isize,
    pub tp_init: *mut c_void,
    pub tp_alloc: *mut c_void,
    pub tp_new: *mut c_void,
    pub tp_free: *mut c_void,
    pub tp_is_gc: *mut c_void,
    pub tp_bases: *mut PyObject,
    pub tp_mro: *mut PyObject,
    pub tp_cache: *mut PyObject,
    pub tp_subclasses: *mut c_void,
    pub tp_weaklist: *mut PyObject,
    pub tp_del: *mut c_void,
    pub tp_version_tag: c_uint,
    pub tp_finalize: *mut c_void,
    pub tp_vectorcall: Option<vectorcallfunc>,
    pub tp_watched: u8,
    pub tp_versions_used: u16,
}

pub const TPFLAGS_INLINE_VALUES: c_ulong = 1 << 2;
pub const TPFLAGS_MANAGED_WEAKREF: c_ulong = 1 << 3;
pub const TPFLAGS_MANAGED_DICT: c_ulong = 1 << 4;
pub const TPFLAGS_SEQUENCE: c_ulong = 1 << 5;
pub const TPFLAGS_MAPPING: c_ulong = 1 << 6;
pub const TPFLAGS_IMMUTABLETYPE: c_ulong = 1 << 8;
pub const TPFLAGS_HEAPTYPE: c_ulong = 1 << 9;
pub const TPFLAGS_BASETYPE: c_ulong = 1 << 10;
pub const TPFLAGS_HAVE_VECTORCALL: c_ulong = 1 << 11;
pub const TPFLAGS_HAVE_GC: c_ulong = 1 << 14;
pub const TPFLAGS_METHOD_DESCRIPTOR: c_ulong = 1 << 17;
pub const TPFLAGS_LONG_SUBCLASS: c_ulong = 1 << 24;
pub const TPFLAGS_LIST_SUBCLASS: c_ulong = 1 << 25;
pub const TPFLAGS_TUPLE_SUBCLASS: c_ulong = 1 << 26;
pub const TPFLAGS_BYTES_SUBCLASS: c_ulong = 1 << 27;
pub const TPFLAGS_UNICODE_SUBCLASS: c_ulong = 1 << 28;
pub const TPFLAGS_DICT_SUBCLASS: c_ulong = 1 << 29;
pub const TPFLAGS_BASE_EXC_SUBCLASS: c_ulong = 1 << 30;
pub const TPFLAGS_TYPE_SUBCLASS: c_ulong = 1 << 31;

/// `tp_versions_used` of a type whose attribute cache is switched off.
pub const ATTR_CACHE_UNUSED: u16 = 30000;

/// `PyHeapTypeObject` after the embedded method suites.
#[repr(C)]
pub struct PyHeapTypeObject {
    pub ht_type: TypeObject,
    pub as_async: [*mut c_void; 4],
    pub as_number: [*mut c_void; 36],
    pub as_mapping: [*mut c_void; 3],
    pub as_sequence: [*mut c_void; 10],
    pub as_buffer: [*mut c_void; 2],
    pub ht_name: *mut PyObject,
    pub ht_slots: *mut PyObject,
    pub ht_qualname: *mut PyObject,
    /// Keys shared by the instances' split dicts and inline values.
    pub ht_cached_keys: *mut PyDictKeysObject,
    pub ht_module: *mut PyObject,
    pub _ht_tpname: *mut c_char,
    pub ht_token: *mut c_void,
    pub spec_cache_getitem: *mut PyObject,
    pub spec_cache_getitem_version: u32,
    pub spec_cache_init: *mut PyObject,
}

// ---- threads -------------------------------------------------------------------------------------

/// An entry of the stack of exceptions being handled.
#[repr(C)]
pub struct PyErrStackItem {
    pub exc_value: *mut PyObject,
    pub previous_item: *mut PyErrStackItem,
}

/// A chunk of a thread's data stack, on which frames live.
#[repr(C)]
pub struct StackChunk {
    pub previous: *mut StackChunk,
    /// Bytes, header included.
    pub size: usize,
    /// Words in use, written when the next chunk is pushed.
    pub top: usize,
    pub data: [*mut PyObject; 1],
}

/// Smallest chunk CPython allocates, in bytes.
pub const DATA_STACK_CHUNK_SIZE: usize = 16 * 1024;
/// Words CPython reserves beside the frame when it sizes a new chunk.
pub const DATA_STACK_MINIMUM_OVERHEAD: usize = 1000;

/// The interpreter state: opaque, its size drifts within 3.14.x. See [`interp`].
pub type PyInterpreterState = pyo3_ffi::PyInterpreterState;

/// A thread state up to the fields that later 3.14.x releases moved or appended.
///
/// The C stack limits follow the *complete* struct, whose size is known at run time only: see
/// [`crate::tstate::c_stack_soft_limit_offset`].
#[repr(C)]
pub struct PyThreadState {
    pub prev: *mut PyThreadState,
    pub next: *mut PyThreadState,
    pub interp: *mut PyInterpreterState,
    /// Instrumentation version in the bits above [`EVAL_EVENTS_BITS`], pending events below.
    pub eval_breaker: usize,
    pub _status: c_uint,
    pub holds_gil: c_int,
    pub _whence: c_int,
    pub state: c_int,
    pub py_recursion_remaining: c_int,
    pub py_recursion_limit: c_int,
    pub recursion_headroom: c_int,
    pub tracing: c_int,
    pub what_event: c_int,
    pub current_frame: *mut InterpreterFrame,
    pub c_profilefunc: *mut c_void,
    pub c_tracefunc: *mut c_void,
    pub c_profileobj: *mut PyObject,
    pub c_traceobj: *mut PyObject,
    pub current_exception: *mut PyObject,
    pub exc_info: *mut PyErrStackItem,
    pub dict: *mut PyObject,
    pub gilstate_counter: c_int,
    pub async_exc: *mut PyObject,
    pub thread_id: c_ulong,
    pub native_thread_id: c_ulong,
    pub delete_later: *mut PyObject,
    pub critical_section: usize,
    pub coroutine_origin_tracking_depth: c_int,
    pub async_gen_firstiter: *mut PyObject,
    pub async_gen_finalizer: *mut PyObject,
    pub context: *mut PyObject,
    pub context_ver: u64,
    pub id: u64,
    pub datastack_chunk: *mut StackChunk,
    pub datastack_top: *mut StackRef,
    pub datastack_limit: *mut StackRef,
    pub exc_state: PyErrStackItem,
    pub current_executor: *mut PyObject,
}

/// `sizeof(PyThreadState)` in releases that keep one chunk of the data stack cached; that pointer is
/// then the last word of the struct. Earlier 3.14.x are a word smaller and have none.
pub const THREAD_STATE_SIZE_WITH_CACHED_CHUNK: usize = 832;
pub const THREAD_STATE_SIZE_WITHOUT_CACHED_CHUNK: usize = 824;

/// Bits of `eval_breaker` that hold pending events; the rest is the instrumentation version.
pub const EVAL_EVENTS_BITS: u32 = 8;
pub const EVAL_EVENTS_MASK: usize = (1 << EVAL_EVENTS_BITS) - 1;
pub const EVAL_GIL_DROP_REQUEST: usize = 1;
pub const EVAL_SIGNALS_PENDING: usize = 1 << 1;
pub const EVAL_CALLS_TO_DO: usize = 1 << 2;
pub const EVAL_ASYNC_EXCEPTION: usize = 1 << 3;
pub const EVAL_GC_SCHEDULED: usize = 1 << 4;

/// Offsets into `PyInterpreterState`, true only for the size given. Other 3.14.x releases do without
/// (see [`crate::types`]).
pub mod interp {
    /// `sizeof(PyInterpreterState)` these offsets belong to.
    pub const SIZE: usize = 225_864;
    pub const FUNC_VERSION_CACHE: usize = 14_264;
    /// What was looked up in classes, by version and name.
    pub const TYPE_CACHE: usize = 81_928;
    pub const TYPE_CACHE_SIZE: usize = 4096;
    pub const FUNC_VERSION_CACHE_SIZE: usize = 4096;
    pub const TYPE_VERSION_CACHE: usize = 190_344;
    pub const TYPE_VERSION_CACHE_SIZE: usize = 4096;
}

/// An entry of the interpreter's function version cache.
#[repr(C)]
pub struct FuncVersionCacheItem {
    pub func: *mut PyFunctionObject,
    pub code: *mut PyObject,
}

/// An entry of the interpreter's cache of lookups in classes. It owns the name.
#[repr(C)]
pub struct TypeCacheItem {
    pub version: u32,
    pub name: *mut PyObject,
    pub value: *mut PyObject,
}

// ---- frames, functions, code ---------------------------------------------------------------------

/// `_PyInterpreterFrame`.
#[repr(C)]
pub struct InterpreterFrame {
    pub f_executable: StackRef,
    pub previous: *mut InterpreterFrame,
    pub f_funcobj: StackRef,
    pub f_globals: *mut PyObject,
    pub f_builtins: *mut PyObject,
    pub f_locals: *mut PyObject,
    pub frame_obj: *mut PyFrameObject,
    pub instr_ptr: *mut CodeUnit,
    pub stackpointer: *mut StackRef,
    pub return_offset: u16,
    pub owner: u8,
    pub visited: u8,
    pub _pad: u32,
    pub localsplus: [StackRef; 1],
}

/// Where `PyInterpreterState` has the list of free floats (`object_state.freelists.floats`). Tried on live floats before it is used, and done without where it is not so.
pub const INTERP_FREE_FLOATS: usize = 11120;

/// `struct _Py_freelist`: free objects, each with the next one's address in its first word.
#[repr(C)]
pub struct FreeList {
    pub first: *mut PyObject,
    pub size: isize,
}

/// `Py_floats_MAXFREELIST`
pub const MOST_FREE_FLOATS: isize = 100;

/// Words of a frame before `localsplus`; `co_framesize` counts them.
pub const FRAME_SPECIALS_SIZE: usize = 10;

pub const FRAME_OWNED_BY_THREAD: u8 = 0;
pub const FRAME_OWNED_BY_GENERATOR: u8 = 1;
pub const FRAME_OWNED_BY_FRAME_OBJECT: u8 = 2;
pub const FRAME_OWNED_BY_INTERPRETER: u8 = 3;
pub const FRAME_OWNED_BY_CSTACK: u8 = 4;

#[repr(C)]
pub struct PyFrameObject {
    pub ob_base: ObjectHead,
    pub f_back: *mut PyFrameObject,
    pub f_frame: *mut InterpreterFrame,
    pub f_trace: *mut PyObject,
    pub f_lineno: c_int,
    pub f_trace_lines: c_char,
    pub f_trace_opcodes: c_char,
    pub f_extra_locals: *mut PyObject,
    pub f_locals_cache: *mut PyObject,
    pub f_overwritten_fast_locals: *mut PyObject,
    pub _f_frame_data: [*mut PyObject; 1],
}

#[repr(C)]
pub struct PyFunctionObject {
    pub ob_base: ObjectHead,
    pub func_globals: *mut PyObject,
    pub func_builtins: *mut PyObject,
    pub func_name: *mut PyObject,
    pub func_qualname: *mut PyObject,
    pub func_code: *mut PyCodeObject,
    pub func_defaults: *mut PyObject,
    pub func_kwdefaults: *mut PyObject,
    pub func_closure: *mut PyObject,
    pub func_doc: *mut PyObject,
    pub func_dict: *mut PyObject,
    pub func_weakreflist: *mut PyObject,
    pub func_module: *mut PyObject,
    pub func_annotations: *mut PyObject,
    pub func_annotate: *mut PyObject,
    pub func_typeparams: *mut PyObject,
    pub vectorcall: Option<vectorcallfunc>,
    pub func_version: u32,
}

pub const FUNC_VERSION_UNSET: u32 = 0;
/// The version of a function whose vectorcall was replaced: no call site inlines it.
pub const FUNC_VERSION_CLEARED: u32 = 1;
pub const FUNC_VERSION_FIRST_VALID: u32 = 2;

#[repr(C)]
pub struct PyCodeObject {
    /// `ob_size` is the number of code units.
    pub ob_base: VarHead,
    pub co_consts: *mut PyObject,
    pub co_names: *mut PyObject,
    pub co_exceptiontable: *mut PyObject,
    pub co_flags: c_int,
    pub co_argcount: c_int,
    pub co_posonlyargcount: c_int,
    pub co_kwonlyargcount: c_int,
    pub co_stacksize: c_int,
    pub co_firstlineno: c_int,
    pub co_nlocalsplus: c_int,
    pub co_framesize: c_int,
    pub co_nlocals: c_int,
    pub co_ncellvars: c_int,
    pub co_nfreevars: c_int,
    pub co_version: u32,
    pub co_localsplusnames: *mut PyObject,
    pub co_localspluskinds: *mut PyObject,
    pub co_filename: *mut PyObject,
    pub co_name: *mut PyObject,
    pub co_qualname: *mut PyObject,
    pub co_linetable: *mut PyObject,
    pub co_weakreflist: *mut PyObject,
    pub co_executors: *mut c_void,
    pub co_cached: *mut CoCached,
    pub co_instrumentation_version: usize,
    pub co_monitoring: *mut CoMonitoringData,
    pub co_unique_id: isize,
    pub co_firsttraceable: c_int,
    pub co_extra: *mut c_void,
    pub co_code_adaptive: [CodeUnit; 1],
}

pub const CO_OPTIMIZED: c_int = 0x1;
pub const CO_NEWLOCALS: c_int = 0x2;
pub const CO_VARARGS: c_int = 0x4;
pub const CO_VARKEYWORDS: c_int = 0x8;
pub const CO_NESTED: c_int = 0x10;
pub const CO_GENERATOR: c_int = 0x20;
pub const CO_COROUTINE: c_int = 0x80;
pub const CO_ITERABLE_COROUTINE: c_int = 0x100;
pub const CO_ASYNC_GENERATOR: c_int = 0x200;

/// Bits of a byte of `co_localspluskinds`.
pub const CO_FAST_HIDDEN: u8 = 0x10;
pub const CO_FAST_LOCAL: u8 = 0x20;
pub const CO_FAST_CELL: u8 = 0x40;
pub const CO_FAST_FREE: u8 = 0x80;

/// Lazily made attributes of a code object.
#[repr(C)]
pub struct CoCached {
    pub co_code: *mut PyObject,
    pub co_varnames: *mut PyObject,
    pub co_cellvars: *mut PyObject,
    pub co_freevars: *mut PyObject,
}

pub const MONITORING_LOCAL_EVENTS: usize = 11;
pub const MONITORING_TOOL_IDS: usize = 8;

/// What instrumentation keeps per code object: bit t of `tools[event]` means tool t wants the event.
#[repr(C)]
pub struct CoMonitoringData {
    pub local_monitors: [u8; MONITORING_LOCAL_EVENTS],
    pub active_monitors: [u8; MONITORING_LOCAL_EVENTS],
    pub tools: *mut u8,
    pub tool_versions: [usize; MONITORING_TOOL_IDS],
}

#[repr(C)]
pub struct PyGenObject {
    pub ob_base: ObjectHead,
    pub gi_weakreflist: *mut PyObject,
    pub gi_name: *mut PyObject,
    pub gi_qualname: *mut PyObject,
    pub gi_exc_state: PyErrStackItem,
    pub gi_origin_or_finalizer: *mut PyObject,
    pub gi_hooks_inited: u8,
    pub gi_closed: u8,
    pub gi_running_async: u8,
    pub gi_frame_state: i8,
    pub gi_iframe: InterpreterFrame,
}

pub const GEN_FRAME_CREATED: i8 = -3;
pub const GEN_FRAME_SUSPENDED: i8 = -2;
pub const GEN_FRAME_SUSPENDED_YIELD_FROM: i8 = -1;
pub const GEN_FRAME_EXECUTING: i8 = 0;
pub const GEN_FRAME_COMPLETED: i8 = 1;
pub const GEN_FRAME_CLEARED: i8 = 4;
