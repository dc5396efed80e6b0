//! The world as machine code sees it: offsets and addresses.
//!
//! Codegen knows no CPython. Every offset it adds to a pointer and every address it writes into an instruction comes out of an [`Env`], which
//! `ember-jit` fills once from `ember-cpython`'s checked layouts and from `ember-runtime`'s functions. Whoever fills it guarantees that the
//! offsets describe the running interpreter and that each function has exactly the signature its field documents (`extern "C"`, no unwinding).

use crate::Stubs;
use ember_hir::{HelperId, Type};

/// Offsets in bytes of the fields that native code touches.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Layout {
    /// `PyObject.ob_refcnt`, 32 bits.
    pub ob_refcnt: i32,
    /// `PyObject.ob_type`.
    pub ob_type: i32,
    /// `PyVarObject.ob_size`.
    pub ob_size: i32,
    /// `PyTypeObject.tp_flags`, 64 bits.
    pub tp_flags: i32,
    /// `PyLongObject.long_value.lv_tag`, 64 bits.
    pub long_tag: i32,
    /// `PyLongObject.long_value.ob_digit[0]`, 32 bits.
    pub long_digit: i32,
    /// `PyFloatObject.ob_fval`.
    pub float_value: i32,
    /// `PyFunctionObject.func_globals`.
    pub func_globals: i32,
    /// `PyFunctionObject.func_builtins`.
    pub func_builtins: i32,
    /// `PyThreadState.eval_breaker`, 64 bits.
    pub ts_eval_breaker: i32,
    /// `PyThreadState.py_recursion_remaining`, 32 bits signed.
    pub ts_py_recursion_remaining: i32,
    /// `PyThreadState.current_frame`.
    pub ts_current_frame: i32,
    /// `PyThreadState.datastack_chunk`.
    pub ts_datastack_chunk: i32,
    /// `PyThreadState.datastack_top`.
    pub ts_datastack_top: i32,
    /// `PyThreadState.datastack_limit`.
    pub ts_datastack_limit: i32,
    /// `_PyThreadStateImpl.c_stack_soft_limit`.
    pub ts_c_stack_soft_limit: i32,
    /// `_PyStackChunk.data`: where the first frame of a chunk is.
    pub chunk_data: i32,
    /// `_PyInterpreterFrame.f_executable`.
    pub frame_executable: i32,
    /// `_PyInterpreterFrame.previous`.
    pub frame_previous: i32,
    /// `_PyInterpreterFrame.f_funcobj`.
    pub frame_funcobj: i32,
    /// `_PyInterpreterFrame.f_globals`.
    pub frame_globals: i32,
    /// `_PyInterpreterFrame.f_builtins`.
    pub frame_builtins: i32,
    /// `_PyInterpreterFrame.f_locals`.
    pub frame_locals: i32,
    /// `_PyInterpreterFrame.frame_obj`.
    pub frame_frame_obj: i32,
    /// `_PyInterpreterFrame.instr_ptr`.
    pub frame_instr_ptr: i32,
    /// `_PyInterpreterFrame.stackpointer`.
    pub frame_stackpointer: i32,
    /// `_PyInterpreterFrame.return_offset`: the 8 bytes from here on (return_offset, owner, visited, padding) are zeroed together, which makes the
    /// owner `FRAME_OWNED_BY_THREAD`.
    pub frame_return_offset: i32,
    /// `_PyInterpreterFrame.owner`, 8 bits: 0 for frames of functions on the data stack.
    pub frame_owner: i32,
    /// `_PyInterpreterFrame.localsplus`.
    pub frame_localsplus: i32,
}

/// Addresses of objects and of data.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Objects {
    /// The first of the cells that hold, by number, the classes which still are what the compiler took them for; 8 bytes each.
    pub class_cells: u64,
    /// `None`.
    pub none: u64,
    /// `True`.
    pub true_: u64,
    /// `False`.
    pub false_: u64,
    /// The sentinel with which `iter_next` says that the iterator is exhausted (`IterDone`).
    pub iter_done: u64,
    /// The address of the static `int` object [`Objects::SMALL_INT_MIN`]; the others follow, [`Objects::SMALL_INT_STRIDE`] bytes apart. 0: do not use the table.
    pub small_ints: u64,
    /// The cell which holds the value `tstate->eval_breaker` has when there is nothing to do (64 bits).
    pub expected_eval_breaker: u64,
    /// For tests: a cell (64 bits) that counts guards down; where it reaches 0 the guard fails, whatever it found, and the cell starts again at [`Objects::stress_period`].
    pub stress_counter: u64,
    /// For tests: how many guards pass from one that is made to fail to the next; -1: each guard fails the first time it is reached. 0: none is made to fail.
    pub stress_period: i64,
}

impl Objects {
    /// The smallest `int` of the table.
    pub const SMALL_INT_MIN: i64 = -5;
    /// The largest `int` of the table.
    pub const SMALL_INT_MAX: i64 = 256;
    /// Bytes from one `int` of the table to the next.
    pub const SMALL_INT_STRIDE: i64 = 32;
}

/// Addresses of functions: CPython's own and those of the runtime which are not rows of the helper table. `Frame` is `_PyInterpreterFrame`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Functions {
    /// `fn() -> *PyThreadState`: the calling thread's (`PyThreadState_GetUnchecked`).
    pub get_tstate: u64,
    /// `fn(*PyObject)`: `_Py_Dealloc`.
    pub dealloc: u64,
    /// `fn(*PyObject)`: the same for an exact float.
    pub free_float: u64,
    /// `fn(tstate, *Frame, *ExitInfo, *const u64 buf) -> *PyObject`: leaves native code at an exit. It takes over the frame (which it pops) and the entries of
    /// the buffer; what it returns is what the native body returns.
    pub exit_handler: u64,
    /// The same for bodies entered by on-stack replacement, whose frame belongs to the interpreter.
    pub osr_exit_handler: u64,
    /// `fn(callable, args, nargsf, kwnames, spread) -> *PyObject`: a vectorcall that is not of the plain arity. Binds the arguments to the parameters and calls
    /// `spread`, a `fn(tstate, func, *const *PyObject args) -> *PyObject` which passes an array with one (borrowed) reference for each parameter to the
    /// body.
    pub bind_slow: u64,
    /// `fn(tstate, func, *BodyInfo) -> *Frame`: enters a function when a limit is near: checks both, pushes the frame, fills and links it; all locals are NULL. NULL with an exception set.
    pub enter_slow: u64,
    /// `fn(tstate, *Frame)`: `_PyThreadState_PopFrame`, for the first frame of a chunk.
    pub pop_frame: u64,
    /// `fn(tstate) -> i32`: `eval_breaker` differs from the expected value. 0: go on, negative: an exception is set, positive: leave to the interpreter here.
    pub handle_eval_breaker: u64,
    /// `fn(tstate, *Frame) -> i32`: after a call, `eval_breaker` differs from the expected value or the frame has a frame object. Not 0: leave to the interpreter here.
    pub check_tracing: u64,
    /// `fn(tstate, *Frame, traceback: i64, unit: i64) -> *PyObject`: takes the exception that is set, after adding an entry to its traceback for this frame when
    /// `traceback` is 1. `unit` is the code unit of the catching instruction's `bci` (the raising one's is in the frame's `instr_ptr`). Never NULL.
    pub catch_exception: u64,
    /// `fn(f64) -> *PyObject`: a new `float`, never NULL (`PyFloat_FromDouble`).
    pub float_from_double: u64,
    /// `fn(i64) -> *PyObject`: a new `int`, never NULL (`PyLong_FromLongLong`).
    pub long_from_i64: u64,
    /// `fn(*PyObject, *mut i64) -> i32`: the value of an `int` that is not compact; 0 when it does not fit, and nothing is raised.
    pub long_as_i64_checked: u64,
    /// `fn(tstate, *mut *PyObject operands, *CallSite) -> *PyObject`: a call as [`CallSite`] says. The result of this, and of every body, may be NULL without an exception: then
    /// native code must leave right after the call, and `take_pending` gives the result.
    pub call_site: u64,
    /// `fn() -> *PyObject`: the result of a call after which native code must leave; NULL when an exception is set.
    pub take_pending: u64,
    /// `fn(tstate, *PyObject result) -> *PyObject`: what a body returns for `result` when its caller may have to leave; the caller's frame is the innermost.
    pub returning: u64,
    /// `fn() -> *PyObject`: as `take_pending`, for callers that are not native code and go on.
    pub ignore_pending: u64,
}

/// Everything that machine code takes from outside.
#[derive(Clone, Debug, Default)]
pub struct Env {
    /// Field offsets.
    pub layout: Layout,
    /// Objects and data.
    pub objects: Objects,
    /// Functions.
    pub functions: Functions,
    /// The code all functions share.
    pub stubs: Stubs,
    /// The type object of each leaf that is exactly one builtin class, by the leaf's bit ([`ember_hir::types::LEAVES`]); 0 where there is none (`Object`-like leaves, subclasses).
    pub types: [u64; 32],
    /// The runtime helpers' addresses by [`HelperId`].
    pub helpers: Vec<u64>,
}

impl Env {
    /// The type object of an exact leaf. `None` for anything else.
    #[must_use]
    pub fn type_object(&self, leaf: Type) -> Option<u64> {
        let bits = leaf.immortal().bits;
        if bits.count_ones() != 1 {
            return None;
        }
        self.types.get(bits.trailing_zeros() as usize).copied().filter(|&address| address != 0)
    }

    /// Sets the type object of an exact leaf.
    pub fn set_type_object(&mut self, leaf: Type, address: u64) {
        let bits = leaf.immortal().bits;
        debug_assert_eq!(bits.count_ones(), 1, "one leaf");
        if let Some(entry) = self.types.get_mut(bits.trailing_zeros() as usize) {
            *entry = address;
        }
    }

    /// The address of a helper.
    #[must_use]
    pub fn helper(&self, id: HelperId) -> Option<u64> {
        self.helpers.get(id as usize).copied().filter(|&address| address != 0)
    }

    /// The address of the static object of a small `int`.
    #[must_use]
    pub fn small_int(&self, value: i64) -> Option<u64> {
        if self.objects.small_ints == 0 || !(Objects::SMALL_INT_MIN..=Objects::SMALL_INT_MAX).contains(&value) {
            return None;
        }
        let index = value - Objects::SMALL_INT_MIN;
        Some(self.objects.small_ints.wrapping_add((index * Objects::SMALL_INT_STRIDE) as u64))
    }

    /// The name of what is at an address, for disassembly.
    #[must_use]
    pub fn symbol(&self, address: u64) -> Option<&'static str> {
        if address == 0 {
            return None;
        }
        let functions = &self.functions;
        let objects = &self.objects;
        let named = [
            (crate::thunk::call_preserving(), "call_preserving"),
            (crate::thunk::decref(false), "decref"),
            (crate::thunk::decref(true), "decref"),
            (crate::thunk::incref(), "incref"),
            (functions.get_tstate, "get_tstate"),
            (functions.dealloc, "_Py_Dealloc"),
            (functions.free_float, "free_float"),
            (functions.exit_handler, "exit_handler"),
            (functions.osr_exit_handler, "osr_exit_handler"),
            (functions.bind_slow, "bind_slow"),
            (functions.enter_slow, "enter_slow"),
            (functions.pop_frame, "pop_frame"),
            (functions.handle_eval_breaker, "handle_eval_breaker"),
            (functions.check_tracing, "check_tracing"),
            (functions.catch_exception, "catch_exception"),
            (functions.float_from_double, "float_from_double"),
            (functions.long_from_i64, "long_from_i64"),
            (functions.long_as_i64_checked, "long_as_i64_checked"),
            (functions.call_site, "call_site"),
            (functions.take_pending, "take_pending"),
            (objects.none, "None"),
            (objects.true_, "True"),
            (objects.false_, "False"),
            (objects.iter_done, "iter_done"),
            (objects.small_ints, "small_ints"),
            (objects.expected_eval_breaker, "expected_eval_breaker"),
        ];
        if let Some((_, name)) = named.iter().find(|(known, _)| *known == address) {
            return Some(name);
        }
        if let Some(name) = self.stubs.name(address) {
            return Some(name);
        }
        if let Some(index) = self.helpers.iter().position(|&known| known == address) {
            return HelperId::all().get(index).map(|id| id.name());
        }
        let bit = self.types.iter().position(|&known| known == address)?;
        ember_hir::types::LEAVES.iter().find(|(_, leaf)| leaf.immortal().bits == 1 << bit).map(|(name, _)| *name)
    }
}
