//! The compiler's environment: the offsets and addresses that machine code is made with.
//!
//! Filled once, after the layouts have been checked against the running interpreter.

use core::mem::offset_of;
use core::ptr::addr_of;
use core::sync::atomic::AtomicI64;
use ember_codegen::{Env, Functions, Layout, Objects, Stubs};
use ember_cpython::ffi;
use ember_cpython::layout::{
    InterpreterFrame, ObjectHead, PyFloatObject, PyFunctionObject, PyLongObject, PyThreadState, StackChunk, TypeObject,
    VarHead,
};
use ember_hir::{HelperId, Type};
use ember_runtime::{exits, tracing};

/// The table of opcodes is the front end's; the runtime knows three of them.
const _: () = {
    use ember_cpython::layout::{OPCODE_COPY_FREE_VARS, OPCODE_MAKE_CELL, OPCODE_RETURN_GENERATOR};
    use ember_frontend::opcodes::v3_14 as op;
    assert!(OPCODE_COPY_FREE_VARS == op::COPY_FREE_VARS);
    assert!(OPCODE_MAKE_CELL == op::MAKE_CELL);
    assert!(OPCODE_RETURN_GENERATOR == op::RETURN_GENERATOR);
};

/// Counts guards down when some are to be made to fail.
static STRESS: AtomicI64 = AtomicI64::new(1);

fn layout() -> Layout {
    Layout {
        ob_refcnt: offset_of!(ObjectHead, ob_refcnt) as i32,
        ob_type: offset_of!(ObjectHead, ob_type) as i32,
        ob_size: offset_of!(VarHead, ob_size) as i32,
        tp_flags: offset_of!(TypeObject, tp_flags) as i32,
        long_tag: offset_of!(PyLongObject, lv_tag) as i32,
        long_digit: offset_of!(PyLongObject, ob_digit) as i32,
        float_value: offset_of!(PyFloatObject, ob_fval) as i32,
        func_globals: offset_of!(PyFunctionObject, func_globals) as i32,
        func_builtins: offset_of!(PyFunctionObject, func_builtins) as i32,
        ts_eval_breaker: offset_of!(PyThreadState, eval_breaker) as i32,
        ts_py_recursion_remaining: offset_of!(PyThreadState, py_recursion_remaining) as i32,
        ts_current_frame: offset_of!(PyThreadState, current_frame) as i32,
        ts_datastack_chunk: offset_of!(PyThreadState, datastack_chunk) as i32,
        ts_datastack_top: offset_of!(PyThreadState, datastack_top) as i32,
        ts_datastack_limit: offset_of!(PyThreadState, datastack_limit) as i32,
        ts_c_stack_soft_limit: ember_cpython::tstate::c_stack_soft_limit_offset() as i32,
        chunk_data: offset_of!(StackChunk, data) as i32,
        frame_executable: offset_of!(InterpreterFrame, f_executable) as i32,
        frame_previous: offset_of!(InterpreterFrame, previous) as i32,
        frame_funcobj: offset_of!(InterpreterFrame, f_funcobj) as i32,
        frame_globals: offset_of!(InterpreterFrame, f_globals) as i32,
        frame_builtins: offset_of!(InterpreterFrame, f_builtins) as i32,
        frame_locals: offset_of!(InterpreterFrame, f_locals) as i32,
        frame_frame_obj: offset_of!(InterpreterFrame, frame_obj) as i32,
        frame_instr_ptr: offset_of!(InterpreterFrame, instr_ptr) as i32,
        frame_stackpointer: offset_of!(InterpreterFrame, stackpointer) as i32,
        frame_return_offset: offset_of!(InterpreterFrame, return_offset) as i32,
        frame_owner: offset_of!(InterpreterFrame, owner) as i32,
        frame_localsplus: offset_of!(InterpreterFrame, localsplus) as i32,
    }
}

fn functions() -> Functions {
    Functions {
        get_tstate: ffi::PyThreadState_GetUnchecked as *const () as u64,
        dealloc: ffi::_Py_Dealloc as *const () as u64,
        free_float: ember_runtime::boxing::ember_free_float as *const () as u64,
        exit_handler: exits::ember_exit as *const () as u64,
        osr_exit_handler: exits::ember_osr_exit as *const () as u64,
        bind_slow: ember_runtime::bind::ember_bind_slow as *const () as u64,
        enter_slow: exits::ember_enter_slow as *const () as u64,
        pop_frame: ffi::_PyThreadState_PopFrame as *const () as u64,
        handle_eval_breaker: tracing::ember_handle_eval_breaker as *const () as u64,
        check_tracing: tracing::ember_check_tracing as *const () as u64,
        catch_exception: exits::ember_catch_exception as *const () as u64,
        float_from_double: ember_runtime::boxing::ember_box_double as *const () as u64,
        long_from_i64: ember_runtime::boxing::ember_box_int as *const () as u64,
        long_as_i64_checked: exits::ember_long_as_i64 as *const () as u64,
        call_site: ember_runtime::call::ember_call_site as *const () as u64,
        take_pending: tracing::ember_take_pending as *const () as u64,
        returning: tracing::ember_returning as *const () as u64,
        ignore_pending: tracing::ember_ignore_pending as *const () as u64,
    }
}

/// Builds the environment.
///
/// # Safety
/// The GIL is held and the layouts have been checked.
#[must_use]
pub unsafe fn build() -> Env {
    // SAFETY: by the contract; only addresses of static objects are taken.
    unsafe {
        let stress_period = crate::options::get().stress_deopt;
        let mut env = Env {
            layout: layout(),
            objects: Objects {
                class_cells: ember_runtime::classes::cells(),
                none: pyo3_ffi::Py_None() as u64,
                true_: pyo3_ffi::Py_True() as u64,
                false_: pyo3_ffi::Py_False() as u64,
                iter_done: ember_runtime::sentinel::iter_done() as u64,
                small_ints: crate::snapshot::small_ints()
                    .filter(|table| table.size as i64 == Objects::SMALL_INT_STRIDE)
                    .map_or(0, |table| table.first),
                expected_eval_breaker: addr_of!(tracing::EXPECTED) as u64,
                stress_counter: STRESS.as_ptr() as u64,
                stress_period,
            },
            functions: functions(),
            stubs: Stubs::default(),
            types: [0; 32],
            helpers: HelperId::all().iter().map(|&id| ember_runtime::helpers::address(id) as u64).collect(),
        };
        set_types(&mut env);
        env
    }
}

unsafe fn set_types(env: &mut Env) {
    use core::ptr::addr_of_mut;
    // SAFETY: addresses of static types.
    unsafe {
        let table = [
            (Type::NoneType, pyo3_ffi::Py_TYPE(pyo3_ffi::Py_None())),
            (Type::Bool, addr_of_mut!(pyo3_ffi::PyBool_Type)),
            (Type::Long, addr_of_mut!(pyo3_ffi::PyLong_Type)),
            (Type::Float, addr_of_mut!(pyo3_ffi::PyFloat_Type)),
            (Type::Unicode, addr_of_mut!(pyo3_ffi::PyUnicode_Type)),
            (Type::Bytes, addr_of_mut!(pyo3_ffi::PyBytes_Type)),
            (Type::List, addr_of_mut!(pyo3_ffi::PyList_Type)),
            (Type::Tuple, addr_of_mut!(pyo3_ffi::PyTuple_Type)),
            (Type::Dict, addr_of_mut!(pyo3_ffi::PyDict_Type)),
            (Type::Set, addr_of_mut!(pyo3_ffi::PySet_Type)),
            (Type::FrozenSet, addr_of_mut!(pyo3_ffi::PyFrozenSet_Type)),
            (Type::Function, addr_of_mut!(pyo3_ffi::PyFunction_Type)),
            (Type::Method, addr_of_mut!(ffi::PyMethod_Type)),
            (Type::Module, addr_of_mut!(pyo3_ffi::PyModule_Type)),
            (Type::Slice, addr_of_mut!(pyo3_ffi::PySlice_Type)),
            (Type::RangeIter, addr_of_mut!(pyo3_ffi::PyRangeIter_Type)),
            (Type::ListIter, addr_of_mut!(pyo3_ffi::PyListIter_Type)),
            (Type::TupleIter, addr_of_mut!(pyo3_ffi::PyTupleIter_Type)),
            (Type::Cell, addr_of_mut!(pyo3_ffi::PyCell_Type)),
            (Type::CFunction, addr_of_mut!(pyo3_ffi::PyCFunction_Type)),
            (Type::MethodDescr, addr_of_mut!(pyo3_ffi::PyMethodDescr_Type)),
        ];
        for (leaf, class) in table {
            env.set_type_object(leaf, class as u64);
        }
    }
}
