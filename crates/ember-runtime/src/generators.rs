//! Making generators, coroutines and asynchronous generators without running their function's first instructions.
//!
//! A call of such a function runs `COPY_FREE_VARS`, `MAKE_CELL` and `RETURN_GENERATOR` and nothing of the program: entering the interpreter for that costs more than what it does.
//! What is made here is what those instructions make: an object of CPython's own (`_Py_MakeCoro`) whose frame stands behind `RETURN_GENERATOR`, never entered. Whoever resumes it
//! enters it in the interpreter. Nobody can see the difference: no event belongs to these instructions, and no Python code runs in them.
//!
//! Calls that fail, and those about which a debugging aid wants to know who made them, are left to the interpreter.

use crate::bind::{Given, bind_all, original_vectorcall};
use crate::object::size;
use core::mem::offset_of;
use ember_cpython::ffi;
use ember_cpython::frame::{instruction, localsplus};
use ember_cpython::layout::{
    CO_ASYNC_GENERATOR, CO_COROUTINE, CO_GENERATOR, CO_NEWLOCALS, CO_OPTIMIZED, CodeUnit, FRAME_OWNED_BY_GENERATOR,
    GEN_FRAME_CREATED, OPCODE_COPY_FREE_VARS, OPCODE_MAKE_CELL, OPCODE_RETURN_GENERATOR, PyCodeObject,
    PyFunctionObject, PyGenObject, PyObject, PyThreadState, PyTupleObject, StackRef,
};
use ember_cpython::refcount::decref;

/// Is it the function of a generator, coroutine or asynchronous generator, not compiled and as `def` makes it?
///
/// # Safety
/// A live Python function.
#[inline(always)]
unsafe fn makes_generators(func: *mut PyFunctionObject) -> bool {
    // SAFETY: by the contract.
    unsafe {
        if (*func).vectorcall.map(|entry| entry as usize) != original_vectorcall().map(|entry| entry as usize) {
            return false;
        }
        let flags = (*(*func).func_code).co_flags;
        flags & (CO_GENERATOR | CO_COROUTINE | CO_ASYNC_GENERATOR) != 0
            && flags & (CO_OPTIMIZED | CO_NEWLOCALS) == CO_OPTIMIZED | CO_NEWLOCALS
    }
}

/// What a call of a function that makes generators returns; `None` for any other function and for calls that are left to the interpreter.
///
/// # Safety
/// A live Python function and the arguments of a call of it, alive during the call.
#[inline(always)]
pub(crate) unsafe fn make(
    tstate: *mut PyThreadState,
    func: *mut PyFunctionObject,
    given: &Given,
) -> Option<*mut PyObject> {
    // SAFETY: passed on.
    unsafe { if makes_generators(func) { bind_and_make(tstate, func, given) } else { None } }
}

#[inline(never)]
unsafe fn bind_and_make(
    tstate: *mut PyThreadState,
    func: *mut PyFunctionObject,
    given: &Given,
) -> Option<*mut PyObject> {
    // SAFETY: by the contract of `make`.
    unsafe {
        let traced = (*tstate).coroutine_origin_tracking_depth != 0;
        if traced || (*tstate).py_recursion_remaining <= 1 {
            return None;
        }
        let start = start(func)?;
        bind_all(func, given, |values, count| new_generator(func, start, values, count))
    }
}

/// Where a new generator stands: behind `RETURN_GENERATOR`. `None` if anything unknown comes before that.
unsafe fn start(func: *mut PyFunctionObject) -> Option<usize> {
    // SAFETY: a code object has units up to its first traceable one, which comes behind `RETURN_GENERATOR`; so far nothing is ever instrumented.
    unsafe {
        let code = (*func).func_code;
        for index in 0..(*code).co_firsttraceable as usize {
            match opcode(code, index) {
                OPCODE_RETURN_GENERATOR => return Some(index + 1),
                OPCODE_COPY_FREE_VARS | OPCODE_MAKE_CELL => {}
                _ => return None,
            }
        }
        None
    }
}

unsafe fn opcode(code: *mut PyCodeObject, index: usize) -> u8 {
    // SAFETY: the caller's index is one of the code's units.
    unsafe { (*instruction(code, index) & 0xFF) as u8 }
}

/// The generator, with the parameters' values, standing at unit `start`. NULL with an exception when there is no memory.
unsafe fn new_generator(
    func: *mut PyFunctionObject,
    start: usize,
    values: *const *mut PyObject,
    count: usize,
) -> *mut PyObject {
    // SAFETY: `values` are the live values of all parameters. The object is complete before anything could run that looks at it: nothing here runs Python code or the collector.
    unsafe {
        let made = ffi::_Py_MakeCoro(func);
        if made.is_null() {
            return made;
        }
        let code = (*func).func_code;
        let generator = made.cast::<PyGenObject>();
        let frame = &raw mut (*generator).gi_iframe;
        let locals = localsplus(frame);
        let n = (*code).co_nlocalsplus as usize;
        (*frame).f_executable = StackRef::new(code.cast());
        (*frame).previous = core::ptr::null_mut();
        (*frame).f_funcobj = StackRef::new(func.cast());
        (*frame).f_globals = (*func).func_globals;
        (*frame).f_builtins = (*func).func_builtins;
        (*frame).f_locals = core::ptr::null_mut();
        (*frame).frame_obj = core::ptr::null_mut();
        (*frame).instr_ptr = instruction(code, start);
        (*frame).stackpointer = locals.add(n);
        (*frame).return_offset = 0;
        (*frame).visited = 0;
        (*frame).owner = FRAME_OWNED_BY_GENERATOR;
        for index in 0..n {
            *locals.add(index) = if index < count { StackRef::new(*values.add(index)) } else { StackRef::NULL };
        }
        copy_free_variables(func, locals.add(n));
        (*generator).gi_frame_state = GEN_FRAME_CREATED;
        if make_cells(code, start, locals) {
            return made;
        }
        decref(made);
        core::ptr::null_mut()
    }
}

/// `COPY_FREE_VARS`: the last slots become the closure's cells.
#[inline(always)]
unsafe fn copy_free_variables(func: *mut PyFunctionObject, end: *mut StackRef) {
    // SAFETY: a function has as many cells in its closure as its code has free variables, which are the last slots.
    unsafe {
        let closure = (*func).func_closure;
        if closure.is_null() {
            return;
        }
        let count = size(closure) as usize;
        let items = closure.byte_add(offset_of!(PyTupleObject, ob_item)).cast::<*mut PyObject>();
        for index in 0..count {
            *end.sub(count - index) = StackRef::new(*items.add(index));
        }
    }
}

/// `MAKE_CELL` for each variable that has one. Whether there was memory.
#[inline(always)]
unsafe fn make_cells(code: *mut PyCodeObject, start: usize, locals: *mut StackRef) -> bool {
    // SAFETY: the arguments of `MAKE_CELL` are indices of slots; what a slot owned is the new cell's afterwards.
    unsafe {
        for index in 0..start {
            let unit: CodeUnit = *instruction(code, index);
            if (unit & 0xFF) as u8 != OPCODE_MAKE_CELL {
                continue;
            }
            let slot = locals.add(usize::from(unit >> 8));
            let cell = pyo3_ffi::PyCell_New((*slot).object());
            if cell.is_null() {
                return false;
            }
            (*slot).close();
            *slot = StackRef::steal(cell);
        }
        true
    }
}
