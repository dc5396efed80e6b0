//! Functions and data exported by the CPython binary that pyo3-ffi lacks, or declares with opaque
//! types where we know better.
//!
//! Every name here is in the dynamic symbol table of a stock CPython 3.14 (`tests/layout/check.py`
//! proves it). What CPython hides is reached by other routes, in the modules that need it.
#![allow(non_upper_case_globals, clashing_extern_declarations)]

use core::ffi::{c_char, c_int, c_uint, c_void};

use crate::debug_offsets::DebugOffsets;
use crate::layout::*;

pub type binaryfunc = unsafe extern "C" fn(*mut PyObject, *mut PyObject) -> *mut PyObject;
pub type unaryfunc = unsafe extern "C" fn(*mut PyObject) -> *mut PyObject;
pub type visitproc = unsafe extern "C" fn(*mut PyObject, *mut c_void) -> c_int;
pub type traverseproc = unsafe extern "C" fn(*mut PyObject, visitproc, *mut c_void) -> c_int;
pub type AuditHook = unsafe extern "C" fn(*const c_char, *mut PyObject, *mut c_void) -> c_int;
pub type gcvisitobjects = unsafe extern "C" fn(*mut PyObject, *mut c_void) -> c_int;
pub type FrameEvalFunction = unsafe extern "C" fn(*mut PyThreadState, *mut InterpreterFrame, c_int) -> *mut PyObject;
pub type DictWatchCallback = unsafe extern "C" fn(c_int, *mut PyObject, *mut PyObject, *mut PyObject) -> c_int;
pub type TypeWatchCallback = unsafe extern "C" fn(*mut PyTypeObject) -> c_int;
pub type FunctionWatchCallback = unsafe extern "C" fn(c_int, *mut PyFunctionObject, *mut PyObject) -> c_int;
pub type CodeWatchCallback = unsafe extern "C" fn(c_int, *mut PyCodeObject) -> c_int;

/// CPython's allocator of large areas, from which data stack chunks come.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct ArenaAllocator {
    pub ctx: *mut c_void,
    pub alloc: Option<unsafe extern "C" fn(*mut c_void, usize) -> *mut c_void>,
    pub free: Option<unsafe extern "C" fn(*mut c_void, *mut c_void, usize)>,
}

/// State of one monitoring event for a code-like object.
#[repr(C)]
#[derive(Clone, Copy, Default)]
pub struct MonitoringState {
    pub active: u8,
    pub opaque: u8,
}

unsafe extern "C" {
    // -- runtime, threads
    pub static _PyRuntime: DebugOffsets;
    pub static Py_Version: u64;
    pub fn PyThreadState_GetUnchecked() -> *mut PyThreadState;
    pub fn PyThreadState_Get() -> *mut PyThreadState;
    pub fn PyThreadState_GetFrame(tstate: *mut PyThreadState) -> *mut PyFrameObject;
    pub fn PyThreadState_EnterTracing(tstate: *mut PyThreadState);
    pub fn PyThreadState_LeaveTracing(tstate: *mut PyThreadState);
    pub fn PyThreadState_Next(tstate: *mut PyThreadState) -> *mut PyThreadState;
    pub fn PyInterpreterState_Get() -> *mut PyInterpreterState;
    pub fn PyInterpreterState_Main() -> *mut PyInterpreterState;
    pub fn PyInterpreterState_ThreadHead(interp: *mut PyInterpreterState) -> *mut PyThreadState;
    pub fn PyUnstable_ThreadState_SetStackProtection(
        tstate: *mut PyThreadState,
        start: *mut c_void,
        size: usize,
    ) -> c_int;
    pub fn _PyInterpreterState_GetEvalFrameFunc(interp: *mut PyInterpreterState) -> Option<FrameEvalFunction>;
    pub fn PyObject_GetArenaAllocator(allocator: *mut ArenaAllocator);
    /// Signals, pending calls, GIL requests, asynchronous exceptions, GC. -1 with an exception set.
    pub fn _Py_HandlePending(tstate: *mut PyThreadState) -> c_int;
    /// Called when the C stack is past its soft limit: -1 with `RecursionError`, or 0.
    pub fn _Py_CheckRecursiveCall(tstate: *mut PyThreadState, place: *const c_char) -> c_int;
    pub fn _Py_ReachedRecursionLimitWithMargin(tstate: *mut PyThreadState, margin: c_int) -> c_int;

    // -- frames and evaluation
    /// Runs `frame` (links, runs, clears and pops it); returns its result or NULL.
    pub fn _PyEval_EvalFrameDefault(
        tstate: *mut PyThreadState,
        frame: *mut InterpreterFrame,
        throwflag: c_int,
    ) -> *mut PyObject;
    /// Binds arguments (stolen) to a new frame of `func` (stolen). Not linked. NULL with an exception.
    pub fn _PyEvalFramePushAndInit(
        tstate: *mut PyThreadState,
        func: StackRef,
        locals: *mut PyObject,
        args: *const StackRef,
        argcount: usize,
        kwnames: *mut PyObject,
        previous: *mut InterpreterFrame,
    ) -> *mut InterpreterFrame;
    pub fn _PyEval_FrameClearAndPop(tstate: *mut PyThreadState, frame: *mut InterpreterFrame);
    pub fn _PyThreadState_PopFrame(tstate: *mut PyThreadState, frame: *mut InterpreterFrame);
    pub fn PyUnstable_InterpreterFrame_GetCode(frame: *mut InterpreterFrame) -> *mut PyObject;
    pub fn PyUnstable_InterpreterFrame_GetLasti(frame: *mut InterpreterFrame) -> c_int;
    pub fn PyUnstable_InterpreterFrame_GetLine(frame: *mut InterpreterFrame) -> c_int;
    pub fn PyTraceBack_Here(frame: *mut PyFrameObject) -> c_int;
    pub fn PyFrame_GetLineNumber(frame: *mut PyFrameObject) -> c_int;
    pub fn PyFrame_GetCode(frame: *mut PyFrameObject) -> *mut PyCodeObject;
    pub fn PyEval_GetFrame() -> *mut PyFrameObject;
    pub fn _PyEval_MonitorRaise(tstate: *mut PyThreadState, frame: *mut InterpreterFrame, instr: *mut CodeUnit);
    pub fn _PyEval_NoToolsForUnwind(tstate: *mut PyThreadState) -> bool;

    // -- functions and code
    pub fn PyFunction_SetVectorcall(func: *mut PyFunctionObject, vectorcall: vectorcallfunc);
    pub fn _PyFunction_SetVersion(func: *mut PyFunctionObject, version: u32);
    pub fn PyFunction_GetCode(func: *mut PyObject) -> *mut PyObject;
    pub fn PyFunction_New(code: *mut PyObject, globals: *mut PyObject) -> *mut PyObject;
    pub fn PyFunction_SetClosure(func: *mut PyObject, closure: *mut PyObject) -> c_int;
    pub static _Py_FunctionAttributeOffsets: [usize; 0];
    pub fn PyCode_GetCode(code: *mut PyCodeObject) -> *mut PyObject;
    pub fn PyCode_Addr2Line(code: *mut PyCodeObject, byte_offset: c_int) -> c_int;
    pub fn PyCode_Addr2Location(
        code: *mut PyCodeObject,
        byte_offset: c_int,
        line: *mut c_int,
        column: *mut c_int,
        end_line: *mut c_int,
        end_column: *mut c_int,
    ) -> c_int;
    pub fn PyUnstable_Eval_RequestCodeExtraIndex(free: Option<unsafe extern "C" fn(*mut c_void)>) -> isize;
    pub fn PyUnstable_Code_GetExtra(code: *mut PyObject, index: isize, extra: *mut *mut c_void) -> c_int;
    pub fn PyUnstable_Code_SetExtra(code: *mut PyObject, index: isize, extra: *mut c_void) -> c_int;
    /// A generator, coroutine or async generator (by the code's flags) whose frame is filled by the caller.
    pub fn _Py_MakeCoro(func: *mut PyFunctionObject) -> *mut PyObject;

    // -- generators, coroutines
    pub fn _PyGen_yf(generator: *mut PyGenObject) -> *mut PyObject;
    pub fn _PyGen_SetStopIterationValue(value: *mut PyObject) -> c_int;
    /// 0 and the value (new) if StopIteration or nothing was raised, -1 with another exception.
    pub fn _PyGen_FetchStopIterationValue(value: *mut *mut PyObject) -> c_int;
    pub fn _PyCoro_GetAwaitableIter(o: *mut PyObject) -> *mut PyObject;
    pub fn _PyEval_GetANext(aiter: *mut PyObject) -> *mut PyObject;
    pub fn _PyEval_GetAwaitable(iterable: *mut PyObject, oparg: c_int) -> *mut PyObject;
    pub fn _PyEval_FormatAwaitableError(tstate: *mut PyThreadState, ty: *mut PyTypeObject, oparg: c_int);
    pub static mut PyGen_Type: PyTypeObject;
    pub static mut PyCoro_Type: PyTypeObject;
    pub static mut PyAsyncGen_Type: PyTypeObject;
    pub static mut _PyAsyncGenASend_Type: PyTypeObject;

    // -- operators and names
    /// Indexed by the oparg of BINARY_OP (`NB_*`).
    pub static _PyEval_BinaryOps: [Option<binaryfunc>; 27];
    /// Indexed by the oparg of CONVERT_VALUE: [_, str, repr, ascii].
    pub static _PyEval_ConversionFuncs: [Option<unaryfunc>; 4];
    /// Indexed by the oparg of CALL_INTRINSIC_1 / CALL_INTRINSIC_2.
    pub static _PyIntrinsics_UnaryFunctions: [Intrinsic1; 12];
    pub static _PyIntrinsics_BinaryFunctions: [Intrinsic2; 6];
    /// Indexed by the oparg of LOAD_SPECIAL: `__enter__`, `__exit__`, `__aenter__`, `__aexit__`.
    pub static _Py_SpecialMethods: [SpecialMethod; 4];
    pub static _Py_SwappedOp: [c_int; 6];
    pub fn _PyEval_SpecialMethodCanSuggest(owner: *mut PyObject, oparg: c_int) -> c_int;
    pub fn _PyEval_LoadName(
        tstate: *mut PyThreadState,
        frame: *mut InterpreterFrame,
        name: *mut PyObject,
    ) -> *mut PyObject;
    pub fn _PyEval_LoadGlobalStackRef(
        globals: *mut PyObject,
        builtins: *mut PyObject,
        name: *mut PyObject,
        to: *mut StackRef,
    );
    pub fn _PyDict_LoadGlobal(globals: *mut PyObject, builtins: *mut PyObject, key: *mut PyObject) -> *mut PyObject;
    pub fn _PyEval_GetBuiltin(name: *mut PyObject) -> *mut PyObject;
    pub fn _PyEval_ImportName(
        tstate: *mut PyThreadState,
        frame: *mut InterpreterFrame,
        name: *mut PyObject,
        fromlist: *mut PyObject,
        level: *mut PyObject,
    ) -> *mut PyObject;
    pub fn _PyEval_ImportFrom(tstate: *mut PyThreadState, module: *mut PyObject, name: *mut PyObject) -> *mut PyObject;
    pub fn _PyEval_MatchClass(
        tstate: *mut PyThreadState,
        subject: *mut PyObject,
        ty: *mut PyObject,
        nargs: isize,
        kwargs: *mut PyObject,
    ) -> *mut PyObject;
    pub fn _PyEval_MatchKeys(tstate: *mut PyThreadState, map: *mut PyObject, keys: *mut PyObject) -> *mut PyObject;
    /// Writes `argcnt + 1 + argcntafter` references downwards from `sp`; 1 on success, 0 with an exception.
    pub fn _PyEval_UnpackIterableStackRef(
        tstate: *mut PyThreadState,
        iterable: *mut PyObject,
        argcnt: c_int,
        argcntafter: c_int,
        sp: *mut StackRef,
    ) -> c_int;
    pub fn _PyEval_SliceIndex(value: *mut PyObject, index: *mut isize) -> c_int;
    pub fn _PyEval_SliceIndexNotNone(value: *mut PyObject, index: *mut isize) -> c_int;

    // -- errors
    pub fn _PyErr_SetRaisedException(tstate: *mut PyThreadState, exc: *mut PyObject);
    pub fn _PyErr_GetRaisedException(tstate: *mut PyThreadState) -> *mut PyObject;
    pub fn _PyErr_ExceptionMatches(tstate: *mut PyThreadState, exc: *mut PyObject) -> c_int;
    pub fn _PyErr_Clear(tstate: *mut PyThreadState);
    pub fn _PyErr_SetString(tstate: *mut PyThreadState, exc: *mut PyObject, message: *const c_char);
    pub fn _PyErr_Format(tstate: *mut PyThreadState, exc: *mut PyObject, format: *const c_char, ...) -> *mut PyObject;
    pub fn _PyErr_SetKeyError(key: *mut PyObject);
    pub fn _PyErr_FormatFromCause(exc: *mut PyObject, format: *const c_char, ...) -> *mut PyObject;
    pub fn _PyErr_ChainExceptions1(exc: *mut PyObject);
    pub fn _PyEval_CheckExceptTypeValid(tstate: *mut PyThreadState, right: *mut PyObject) -> c_int;
    pub fn _PyEval_CheckExceptStarTypeValid(tstate: *mut PyThreadState, right: *mut PyObject) -> c_int;
    pub fn _PyEval_ExceptionGroupMatch(
        frame: *mut InterpreterFrame,
        exc: *mut PyObject,
        match_type: *mut PyObject,
        matched: *mut *mut PyObject,
        rest: *mut *mut PyObject,
    ) -> c_int;
    pub fn _PyEval_FormatExcCheckArg(
        tstate: *mut PyThreadState,
        exc: *mut PyObject,
        format: *const c_char,
        obj: *mut PyObject,
    );
    pub fn _PyEval_FormatExcUnbound(tstate: *mut PyThreadState, code: *mut PyCodeObject, oparg: c_int);
    pub fn _PyEval_FormatKwargsError(tstate: *mut PyThreadState, func: *mut PyObject, kwargs: *mut PyObject);
    pub fn PyUnstable_Exc_PrepReraiseStar(orig: *mut PyObject, excs: *mut PyObject) -> *mut PyObject;

    // -- calls and attributes
    pub fn _Py_CheckFunctionResult(
        tstate: *mut PyThreadState,
        callable: *mut PyObject,
        result: *mut PyObject,
        place: *const c_char,
    ) -> *mut PyObject;
    pub fn _PyObject_MakeTpCall(
        tstate: *mut PyThreadState,
        callable: *mut PyObject,
        args: *const *mut PyObject,
        nargs: isize,
        keywords: *mut PyObject,
    ) -> *mut PyObject;
    pub fn _Py_Check_ArgsIterable(tstate: *mut PyThreadState, func: *mut PyObject, args: *mut PyObject) -> c_int;
    pub fn _PyObject_FunctionStr(func: *mut PyObject) -> *mut PyObject;
    pub fn _PyStack_AsDict(values: *const *mut PyObject, kwnames: *mut PyObject) -> *mut PyObject;
    /// 1 and an unbound method, 0 and a bound attribute (or NULL with an exception); new references.
    pub fn _PyObject_GetMethod(obj: *mut PyObject, name: *mut PyObject, method: *mut *mut PyObject) -> c_int;
    pub fn _PyObject_LookupSpecial(obj: *mut PyObject, name: *mut PyObject) -> *mut PyObject;
    /// `method_and_self[1]` is the object; on 1 `[0]` is the method (and `[1]` maybe NULL).
    pub fn _PyObject_LookupSpecialMethod(name: *mut PyObject, method_and_self: *mut StackRef) -> c_int;
    pub fn _Py_LoadAttr_StackRefSteal(
        tstate: *mut PyThreadState,
        owner: StackRef,
        name: *mut PyObject,
        self_or_null: *mut StackRef,
    ) -> StackRef;
    pub fn _PyObject_GetDictPtr(obj: *mut PyObject) -> *mut *mut PyObject;
    pub fn _PyObject_GenericGetAttrWithDict(
        obj: *mut PyObject,
        name: *mut PyObject,
        dict: *mut PyObject,
        suppress: c_int,
    ) -> *mut PyObject;
    pub fn _PyObject_GenericSetAttrWithDict(
        obj: *mut PyObject,
        name: *mut PyObject,
        value: *mut PyObject,
        dict: *mut PyObject,
    ) -> c_int;
    pub fn PyObject_VisitManagedDict(obj: *mut PyObject, visit: visitproc, arg: *mut c_void) -> c_int;
    pub fn PyObject_ClearManagedDict(obj: *mut PyObject);
    pub fn _PySuper_Lookup(
        su_type: *mut PyTypeObject,
        su_obj: *mut PyObject,
        name: *mut PyObject,
        method_found: *mut c_int,
    ) -> *mut PyObject;
    pub static mut PySuper_Type: PyTypeObject;

    // -- types
    /// Borrowed, no exception.
    pub fn _PyType_Lookup(ty: *mut PyTypeObject, name: *mut PyObject) -> *mut PyObject;
    pub fn _PyType_LookupRef(ty: *mut PyTypeObject, name: *mut PyObject) -> *mut PyObject;
    pub fn PyUnstable_Type_AssignVersionTag(ty: *mut PyTypeObject) -> c_int;
    pub fn _PyType_SetVersion(ty: *mut PyTypeObject, version: c_uint);
    pub fn PyType_GetDict(ty: *mut PyTypeObject) -> *mut PyObject;
    pub fn PyType_Modified(ty: *mut PyTypeObject);
    pub fn _PyType_Name(ty: *mut PyTypeObject) -> *const c_char;
    pub fn _PyType_NewManagedObject(ty: *mut PyTypeObject) -> *mut PyObject;
    pub fn _PyType_AllocNoTrack(ty: *mut PyTypeObject, nitems: isize) -> *mut PyObject;

    // -- watchers
    pub fn PyDict_AddWatcher(callback: DictWatchCallback) -> c_int;
    pub fn PyDict_ClearWatcher(id: c_int) -> c_int;
    pub fn PyDict_Watch(id: c_int, dict: *mut PyObject) -> c_int;
    pub fn PyDict_Unwatch(id: c_int, dict: *mut PyObject) -> c_int;
    pub fn PyType_AddWatcher(callback: TypeWatchCallback) -> c_int;
    pub fn PyType_ClearWatcher(id: c_int) -> c_int;
    pub fn PyType_Watch(id: c_int, ty: *mut PyObject) -> c_int;
    pub fn PyType_Unwatch(id: c_int, ty: *mut PyObject) -> c_int;
    pub fn PyFunction_AddWatcher(callback: FunctionWatchCallback) -> c_int;
    pub fn PyFunction_ClearWatcher(id: c_int) -> c_int;
    pub fn PyCode_AddWatcher(callback: CodeWatchCallback) -> c_int;
    pub fn PyCode_ClearWatcher(id: c_int) -> c_int;
    pub fn _PyDict_SendEvent(
        watchers: c_int,
        event: c_int,
        dict: *mut PyObject,
        key: *mut PyObject,
        value: *mut PyObject,
    );

    // -- containers and strings
    pub fn _PyDict_GetItem_KnownHash(dict: *mut PyObject, key: *mut PyObject, hash: isize) -> *mut PyObject;
    pub fn _PyDict_SetItem_KnownHash(
        dict: *mut PyObject,
        key: *mut PyObject,
        value: *mut PyObject,
        hash: isize,
    ) -> c_int;
    /// Steals key and value.
    pub fn _PyDict_SetItem_Take2(dict: *mut PyDictObject, key: *mut PyObject, value: *mut PyObject) -> c_int;
    pub fn _PyDict_MergeEx(dict: *mut PyObject, other: *mut PyObject, override_: c_int) -> c_int;
    pub fn _PyDict_FromItems(
        keys: *const *mut PyObject,
        keys_offset: isize,
        values: *const *mut PyObject,
        values_offset: isize,
        length: isize,
    ) -> *mut PyObject;
    pub fn _PyDict_NewPresized(minused: isize) -> *mut PyObject;
    pub fn PyDict_Pop(dict: *mut PyObject, key: *mut PyObject, result: *mut *mut PyObject) -> c_int;
    pub fn PyDict_SetDefaultRef(
        dict: *mut PyObject,
        key: *mut PyObject,
        default: *mut PyObject,
        result: *mut *mut PyObject,
    ) -> c_int;
    pub fn _PyList_Extend(list: *mut PyListObject, iterable: *mut PyObject) -> *mut PyObject;
    pub fn _PyList_AppendTakeRefListResize(list: *mut PyListObject, item: *mut PyObject) -> c_int;
    pub fn _PyList_AsTupleAndClear(list: *mut PyListObject) -> *mut PyObject;
    pub fn _PyList_FromStackRefStealOnSuccess(items: *const StackRef, n: isize) -> *mut PyObject;
    pub fn _PyList_SliceSubscript(list: *mut PyObject, slice: *mut PyObject) -> *mut PyObject;
    pub fn _PyTuple_FromArray(items: *const *mut PyObject, n: isize) -> *mut PyObject;
    /// Steals the items, also on failure.
    pub fn _PyTuple_FromStackRefStealOnSuccess(items: *const StackRef, n: isize) -> *mut PyObject;
    pub fn _PySet_Update(set: *mut PyObject, iterable: *mut PyObject) -> c_int;
    pub fn _PySet_Contains(set: *mut PySetObject, key: *mut PyObject) -> c_int;
    pub fn _PySet_AddTakeRef(set: *mut PySetObject, key: *mut PyObject) -> c_int;
    pub fn _PySet_NextEntry(set: *mut PyObject, pos: *mut isize, key: *mut *mut PyObject, hash: *mut isize) -> c_int;
    pub fn _PyUnicode_JoinArray(separator: *mut PyObject, items: *const *mut PyObject, n: isize) -> *mut PyObject;
    pub fn _PyUnicode_Equal(a: *mut PyObject, b: *mut PyObject) -> c_int;
    pub fn _PyUnicode_ExactDealloc(op: *mut PyObject);
    pub fn _PySlice_FromIndices(start: isize, stop: isize) -> *mut PyObject;
    pub fn _PyTemplate_Build(strings: *mut PyObject, interpolations: *mut PyObject) -> *mut PyObject;
    /// `conversion` as in the oparg: 0 none, 1 str, 2 repr, 3 ascii.
    pub fn _PyInterpolation_Build(
        value: *mut PyObject,
        text: *mut PyObject,
        conversion: c_int,
        format_spec: *mut PyObject,
    ) -> *mut PyObject;
    pub fn PyCell_New(value: *mut PyObject) -> *mut PyObject;
    pub fn PyCell_Get(cell: *mut PyObject) -> *mut PyObject;
    pub fn PyCell_Set(cell: *mut PyObject, value: *mut PyObject) -> c_int;
    pub fn PyMethod_New(func: *mut PyObject, self_: *mut PyObject) -> *mut PyObject;

    // -- numbers
    pub fn _PyLong_Add(a: *mut PyLongObject, b: *mut PyLongObject) -> *mut PyObject;
    pub fn _PyLong_Subtract(a: *mut PyLongObject, b: *mut PyLongObject) -> *mut PyObject;
    pub fn _PyLong_Multiply(a: *mut PyLongObject, b: *mut PyLongObject) -> *mut PyObject;
    pub fn _PyLong_ExactDealloc(op: *mut PyObject);
    pub fn _PyFloat_ExactDealloc(op: *mut PyObject);

    // -- memory
    pub fn _Py_Dealloc(op: *mut PyObject);
    pub fn _Py_NewReference(op: *mut PyObject);
    pub fn _PyObject_GC_New(ty: *mut PyTypeObject) -> *mut PyObject;
    pub fn _PyObject_GC_NewVar(ty: *mut PyTypeObject, nitems: isize) -> *mut PyObject;
    pub fn _Py_SetImmortal(op: *mut PyObject);
    pub fn _Py_SetImmortalUntracked(op: *mut PyObject);
    pub fn PyUnstable_IsImmortal(op: *mut PyObject) -> c_int;
    pub fn PyUnstable_GC_VisitObjects(callback: gcvisitobjects, arg: *mut c_void);
    pub fn PyObject_CallFinalizer(op: *mut PyObject);
    /// The name of the allocator in use; NULL if it is none of CPython's.
    pub fn _PyMem_GetCurrentAllocatorName() -> *const c_char;

    // -- monitoring, profiling
    pub fn PyMonitoring_EnterScope(
        states: *mut MonitoringState,
        version: *mut u64,
        events: *const u8,
        length: isize,
    ) -> c_int;
    pub fn PyMonitoring_ExitScope() -> c_int;
    pub fn _PyMonitoring_FirePyStartEvent(state: *mut MonitoringState, code: *mut PyObject, offset: i32) -> c_int;
    pub fn _PyMonitoring_FirePyReturnEvent(
        state: *mut MonitoringState,
        code: *mut PyObject,
        offset: i32,
        value: *mut PyObject,
    ) -> c_int;
    pub fn PySys_AddAuditHook(hook: Option<AuditHook>, data: *mut c_void) -> c_int;
    pub fn PyUnstable_PerfMapState_Init() -> c_int;
    pub fn PyUnstable_WritePerfMapEntry(address: *const c_void, size: c_uint, name: *const c_char) -> c_int;

    // -- types pyo3-ffi lacks or hides
    pub static mut PyFrameLocalsProxy_Type: PyTypeObject;
    pub static mut PyCode_Type: PyTypeObject;
    pub static mut PyFunction_Type: PyTypeObject;
    pub static mut PyMethod_Type: PyTypeObject;
    pub static mut PyCell_Type: PyTypeObject;
    pub static mut PyCFunction_Type: PyTypeObject;
    pub static mut PyCMethod_Type: PyTypeObject;
    pub static mut PyMethodDescr_Type: PyTypeObject;
    pub static mut PyClassMethodDescr_Type: PyTypeObject;
    pub static mut PyMemberDescr_Type: PyTypeObject;
    pub static mut PyGetSetDescr_Type: PyTypeObject;
    pub static mut PyWrapperDescr_Type: PyTypeObject;
    pub static mut PyProperty_Type: PyTypeObject;
    pub static mut PyClassMethod_Type: PyTypeObject;
    pub static mut PyStaticMethod_Type: PyTypeObject;
    pub static mut PyRangeIter_Type: PyTypeObject;
    pub static mut PyLongRangeIter_Type: PyTypeObject;
    pub static mut PyListIter_Type: PyTypeObject;
    pub static mut PyTupleIter_Type: PyTypeObject;
    pub static mut PyUnicodeIter_Type: PyTypeObject;
    pub static mut PySetIter_Type: PyTypeObject;
    pub static mut PyDictIterKey_Type: PyTypeObject;
    pub static mut PyDictIterValue_Type: PyTypeObject;
    pub static mut PyDictIterItem_Type: PyTypeObject;
    pub static mut PyDictKeys_Type: PyTypeObject;
    pub static mut PyDictValues_Type: PyTypeObject;
    pub static mut PyDictItems_Type: PyTypeObject;
    pub static mut PyEnum_Type: PyTypeObject;
    pub static mut PyZip_Type: PyTypeObject;
    pub static mut PyMap_Type: PyTypeObject;
    pub static mut PyFilter_Type: PyTypeObject;
    pub static mut PyReversed_Type: PyTypeObject;
    pub static mut PyFrame_Type: PyTypeObject;
    pub static mut PyTraceBack_Type: PyTypeObject;
    pub static mut PyModule_Type: PyTypeObject;
    pub static mut PyEllipsis_Type: PyTypeObject;
    pub static mut _PyNone_Type: PyTypeObject;
    pub static mut _PyNotImplemented_Type: PyTypeObject;
    pub static mut _PyUnion_Type: PyTypeObject;
    pub static mut _Py_NoneStruct: PyObject;
    pub static mut _Py_EllipsisObject: PyObject;
    pub static mut _Py_NotImplementedStruct: PyObject;
    pub static mut _Py_TrueStruct: PyLongObject;
    pub static mut _Py_FalseStruct: PyLongObject;
    pub static mut _PySet_Dummy: *mut PyObject;
}
