//! Leaving native code: what the exits of compiled functions call.
//!
//! An exit comes with an [`ExitInfo`] (see there for the contract) and a buffer of live values. The handler makes the interpreter's frame out of them and then does what the exit is for:
//!
//! * **deopt**: the interpreter goes on at the given instruction, and its result is the native function's;
//! * **raise**: the traceback gets its entry, the frame is cleared and popped, NULL is returned;
//! * **return**: somebody holds the frame object; CPython moves the frame into it, the result is returned.
//!
//! Whatever the handler does, afterwards the frame is gone, the recursion counter is back where it was before the call, and every reference of the buffer has found an
//! owner or was dropped.

use crate::tracing;
use core::ffi::c_int;
use core::sync::atomic::{AtomicPtr, AtomicUsize, Ordering};
use ember_codegen::BodyInfo;
use ember_codegen::exits::{BufKind, ExitInfo, ExitKind, ExitLevel, ExitState, Slot};
use ember_cpython::layout::{
    CodeUnit, FRAME_OWNED_BY_THREAD, InterpreterFrame, PyFunctionObject, PyObject, PyThreadState, StackRef,
};
use ember_cpython::{ffi, frame as frames, stackref, tstate as threads};
use smallvec::SmallVec;

/// What the engine wants to be told when an exit is taken, to count it: the exit, and the frame as the interpreter is about to go on with it.
type ExitObserver = unsafe fn(&ExitInfo, *mut InterpreterFrame);

static OBSERVER: AtomicUsize = AtomicUsize::new(0);

/// Has `observer` called at each deopt. It runs in the middle of native code: it may only take notes.
pub fn observe_deopts(observer: ExitObserver) {
    OBSERVER.store(observer as usize, Ordering::Release);
}

unsafe fn note_deopt(info: &ExitInfo, frame: *mut InterpreterFrame) {
    let observer = OBSERVER.load(Ordering::Acquire);
    if observer == 0 {
        info.take();
        return;
    }
    // SAFETY: only ever written by `observe_deopts`, with a function of this type; the frame is complete.
    unsafe {
        let observer = core::mem::transmute::<usize, ExitObserver>(observer);
        observer(info, frame);
    }
}

/// The buffer of an exit while its values find their places.
struct Buffer<'a> {
    kinds: &'a [BufKind],
    values: *const u64,
    /// Entries whose own reference has been given away.
    taken: SmallVec<[bool; 16]>,
    /// Whether borrowed entries may stay borrowed in the frame.
    lend: bool,
}

impl<'a> Buffer<'a> {
    fn new(state: &'a ExitState, values: *const u64, lend: bool) -> Buffer<'a> {
        Buffer { kinds: &state.buf, values, taken: SmallVec::from_elem(false, state.buf.len()), lend }
    }

    unsafe fn entry(&mut self, index: usize) -> StackRef {
        let Some(kind) = self.kinds.get(index) else {
            return stackref::NULL;
        };
        // SAFETY: the buffer has one word for each kind.
        let word = unsafe { *self.values.add(index) };
        let object = word as *mut PyObject;
        // SAFETY: object entries are live objects or NULL; boxing has no precondition but the GIL.
        unsafe {
            match kind {
                BufKind::ObjOwned if !self.taken[index] => {
                    self.taken[index] = true;
                    StackRef::steal(object)
                }
                BufKind::ObjOwned => StackRef::new(object),
                // Who lends it may be dropped with the rest of the buffer.
                BufKind::ObjBorrowed => StackRef::new(object),
                BufKind::Int => box_int(word as i64),
                BufKind::Double => box_double(f64::from_bits(word)),
                BufKind::Bool => box_bool(word & 1 != 0),
                BufKind::Lasti => StackRef::from_int(word as isize),
            }
        }
    }

    /// The reference for a slot, `None` when the memory is right already.
    unsafe fn slot(&mut self, slot: Slot) -> Option<StackRef> {
        // SAFETY: passed on; constants are kept alive by the compiled code, which somebody is running.
        unsafe {
            Some(match slot {
                Slot::Keep | Slot::Own | Slot::Adopt => return None,
                Slot::Null => stackref::NULL,
                Slot::Const(address) if self.lend => StackRef::borrow(address as *mut PyObject),
                Slot::Const(address) => StackRef::new(address as *mut PyObject),
                Slot::Buf(index) => self.entry(index as usize),
                Slot::Lasti(unit) => StackRef::from_int(unit as isize),
                Slot::Int(value) => box_int(value),
                Slot::Double(bits) => box_double(f64::from_bits(bits)),
                Slot::Bool(value) => box_bool(value),
            })
        }
    }

    /// Drops the owned entries that no slot took, the last one first.
    unsafe fn drop_rest(&mut self) {
        for (index, kind) in self.kinds.iter().enumerate().rev() {
            if *kind == BufKind::ObjOwned && !self.taken[index] {
                self.taken[index] = true;
                // SAFETY: the entry owns a reference to a live object, or is NULL.
                unsafe { ember_cpython::refcount::xdecref(*self.values.add(index) as *mut PyObject) };
            }
        }
    }
}

unsafe fn box_int(value: i64) -> StackRef {
    // SAFETY: a new reference, NULL when memory is short.
    unsafe { StackRef::steal(pyo3_ffi::PyLong_FromLongLong(value)) }
}

unsafe fn box_double(value: f64) -> StackRef {
    // SAFETY: as above.
    unsafe { StackRef::steal(pyo3_ffi::PyFloat_FromDouble(value)) }
}

unsafe fn box_bool(value: bool) -> StackRef {
    StackRef::borrow(ember_cpython::object::bool_object(value))
}

/// Writes the locals of a level; what the slots owned before is released only after all of them are right.
unsafe fn write_locals(frame: *mut InterpreterFrame, level: &ExitLevel, buffer: &mut Buffer<'_>) {
    let mut old: SmallVec<[StackRef; 8]> = SmallVec::new();
    // SAFETY: the level has one slot for each of the frame's locals; those after them are names (see `write_names`).
    unsafe {
        let locals = frames::localsplus(frame);
        let count = (*frames::code(frame)).co_nlocalsplus as usize;
        for (index, slot) in level.locals.iter().enumerate().take(count) {
            if *slot == Slot::Own {
                let place = locals.add(index);
                if !(*place).owns() && !(*place).is_int() {
                    *place = StackRef::new((*place).object());
                }
                continue;
            }
            if *slot == Slot::Adopt {
                let place = locals.add(index);
                if !(*place).owns() && !(*place).is_int() {
                    *place = StackRef::steal((*place).object());
                }
                continue;
            }
            if let Some(value) = buffer.slot(*slot) {
                let place = locals.add(index);
                if (*place).owns() {
                    old.push(*place);
                }
                *place = value;
            }
        }
        for reference in old {
            reference.close();
        }
    }
}

/// Writes the operand stack of a level and sets the stack pointer above it.
unsafe fn write_stack(frame: *mut InterpreterFrame, level: &ExitLevel, buffer: &mut Buffer<'_>) {
    // SAFETY: the code's stack size bounds the level's stack.
    unsafe {
        let base = frames::localsplus(frame).add((*frames::code(frame)).co_nlocalsplus as usize);
        for (index, slot) in level.stack.iter().enumerate() {
            *base.add(index) = buffer.slot(*slot).unwrap_or(stackref::NULL);
        }
        (*frame).stackpointer = base.add(level.stack.len());
    }
}

/// Which names the loop that is running keeps in registers, by index in `co_names`. Nothing runs between an entry and the exit of such a loop.
static NAMES: AtomicPtr<Vec<u32>> = AtomicPtr::new(core::ptr::null_mut());

/// Says which names a loop keeps in registers that is about to be entered.
pub fn set_names(names: &Vec<u32>) {
    NAMES.store(core::ptr::from_ref(names).cast_mut(), Ordering::Relaxed);
}

/// Writes the names of a module or class body, which the level has after the locals, back into the dict where they live.
unsafe fn write_names(frame: *mut InterpreterFrame, level: &ExitLevel, buffer: &mut Buffer<'_>) {
    // SAFETY: whoever entered the loop has seen that `f_locals` is a dict with these names and said which they are; the names are strings.
    unsafe {
        let code = frames::code(frame);
        let names = NAMES.load(Ordering::Relaxed);
        let count = (*code).co_nlocalsplus as usize;
        if level.locals.len() <= count || names.is_null() {
            return;
        }
        let raised = pyo3_ffi::PyErr_GetRaisedException();
        for (&slot, &name) in level.locals[count..].iter().zip(&*names) {
            let Some(value) = buffer.slot(slot).filter(|value| !value.is_null()) else { continue };
            let name = pyo3_ffi::PyTuple_GetItem((*code).co_names, name as isize);
            pyo3_ffi::PyDict_SetItem((*frame).f_locals, name, value.object());
            value.close();
        }
        pyo3_ffi::PyErr_Clear();
        pyo3_ffi::PyErr_SetRaisedException(raised);
    }
}

/// How many threads are between the end of a frame and the return into the native code it belonged to.
static LEAVING: AtomicUsize = AtomicUsize::new(0);

/// Whether some thread is about to return into native code that no frame shows any more: then no code may be freed.
#[must_use]
pub fn leaving() -> bool {
    LEAVING.load(Ordering::Relaxed) != 0
}

/// Runs what may run Python code between the end of a native frame and the return into its code.
pub(crate) fn while_leaving<R>(then: impl FnOnce() -> R) -> R {
    // Written with the GIL held only, so no locked instruction is needed.
    LEAVING.store(LEAVING.load(Ordering::Relaxed).wrapping_add(1), Ordering::Relaxed);
    let result = then();
    LEAVING.store(LEAVING.load(Ordering::Relaxed).wrapping_sub(1), Ordering::Relaxed);
    result
}

/// Unlinks, clears and pops the frame, and uncounts the call.
unsafe fn discard(tstate: *mut PyThreadState, frame: *mut InterpreterFrame) {
    // SAFETY: the frame is the innermost one and on top of the data stack.
    unsafe {
        threads::leave_python_call(tstate);
        (*tstate).current_frame = (*frame).previous;
        while_leaving(|| frames::clear_and_pop_unlinked(tstate, frame));
    }
}

/// The exit handler of compiled functions.
///
/// # Safety
/// Called by compiled code only, with its own frame, exit and buffer.
pub unsafe extern "C" fn ember_exit(
    tstate: *mut PyThreadState,
    frame: *mut InterpreterFrame,
    info: *const ExitInfo,
    values: *const u64,
) -> *mut PyObject {
    // SAFETY: by the contract; exits live as long as their code, which is running.
    unsafe {
        let info = &*info;
        let result = match info.kind {
            ExitKind::Deopt => deopt(tstate, frame, info, values),
            ExitKind::Raise { traceback } => raise(tstate, frame, info, values, traceback),
            ExitKind::Return => return_observed(tstate, frame, info, values),
        };
        tracing::returning(tstate, result)
    }
}

unsafe fn deopt(
    tstate: *mut PyThreadState,
    frame: *mut InterpreterFrame,
    info: &ExitInfo,
    values: *const u64,
) -> *mut PyObject {
    // SAFETY: by the contract of `ember_exit`.
    unsafe {
        let interrupted = crate::tracing::take_interrupted();
        let called = frames::lasti(frame);
        let state = info.state();
        let mut buffer = Buffer::new(&state, values, false);
        if let Some(level) = &state.level {
            write_locals(frame, level, &mut buffer);
            write_stack(frame, level, &mut buffer);
            frames::set_lasti(frame, level.bci as usize);
        }
        buffer.drop_rest();
        drop(buffer);
        let raised = interrupted && ffi::_Py_HandlePending(tstate) != 0;
        if raised {
            // The interpreter looks for a handler at the unit before the one it stands at.
            frames::set_lasti(frame, called + 1);
        } else if !interrupted {
            note_deopt(info, frame);
        }
        threads::leave_python_call(tstate);
        frames::resume_in_interpreter(tstate, frame, raised)
    }
}

unsafe fn raise(
    tstate: *mut PyThreadState,
    frame: *mut InterpreterFrame,
    info: &ExitInfo,
    values: *const u64,
    traceback: bool,
) -> *mut PyObject {
    // SAFETY: by the contract of `ember_exit`.
    unsafe {
        ensure_exception(tstate);
        if info.plain {
            (*frame).stackpointer = frames::localsplus(frame).add((*frames::code(frame)).co_nlocalsplus as usize);
            add_traceback(tstate, frame, info, traceback);
        } else {
            let state = info.state();
            let mut buffer = Buffer::new(&state, values, true);
            if let Some(level) = &state.level {
                write_locals(frame, level, &mut buffer);
                (*frame).stackpointer = frames::localsplus(frame).add(level.locals.len());
            }
            add_traceback(tstate, frame, info, traceback);
            buffer.drop_rest();
        }
        discard(tstate, frame);
        core::ptr::null_mut()
    }
}

unsafe fn add_traceback(tstate: *mut PyThreadState, frame: *mut InterpreterFrame, info: &ExitInfo, traceback: bool) {
    if traceback {
        // SAFETY: by the contract of `ember_exit`.
        unsafe {
            frames::set_lasti(frame, info.bci as usize);
            frames::add_traceback(tstate);
        }
    }
}

unsafe fn return_observed(
    tstate: *mut PyThreadState,
    frame: *mut InterpreterFrame,
    info: &ExitInfo,
    values: *const u64,
) -> *mut PyObject {
    // SAFETY: by the contract of `ember_exit`: entry 0 is the result.
    unsafe {
        let result = *values as *mut PyObject;
        // Where it returned from is what its line is from now on.
        frames::set_lasti(frame, info.bci as usize);
        if !info.plain {
            let state = info.state();
            let mut buffer = Buffer::new(&state, values, true);
            if let Some(taken) = buffer.taken.first_mut() {
                *taken = true;
            }
            if let Some(level) = &state.level {
                write_locals(frame, level, &mut buffer);
            }
            buffer.drop_rest();
        }
        discard(tstate, frame);
        result
    }
}

/// What a body entered by on-stack replacement returns: how the interpreter goes on with its frame.
pub mod osr_result {
    /// At the frame's `instr_ptr`, with its stack: the function returns there.
    pub const RETURN: usize = ember_codegen::left::RETURNED as usize;
    /// At the frame's `instr_ptr`, with its stack: a guard failed there.
    pub const DEOPT: usize = 2;
    /// With the exception that is set, whose traceback lacks this frame.
    pub const RAISE: usize = 0;
    /// A generator: it is suspended, with the value that is yielded on its stack.
    pub const SUSPENDED: usize = ember_codegen::left::SUSPENDED as usize;
    /// With the exception that is set.
    pub const RAISED: usize = 4;
}

/// The exit handler of bodies entered by on-stack replacement: the frame is the interpreter's and stays; it is only brought up to date. A return leaves the result on the
/// stack and the frame at a `RETURN_VALUE`, whose code unit is the token of such bodies.
///
/// # Safety
/// Called by compiled code only, with the interpreter's frame, its exit and its buffer.
pub unsafe extern "C" fn ember_osr_exit(
    tstate: *mut PyThreadState,
    frame: *mut InterpreterFrame,
    info: *const ExitInfo,
    values: *const u64,
) -> *mut PyObject {
    // SAFETY: by the contract; exits live as long as their code, which is running.
    unsafe {
        let info = &*info;
        let state = info.state();
        let mut buffer = Buffer::new(&state, values, false);
        let code = frames::code(frame);
        let base = frames::localsplus(frame).add((*code).co_nlocalsplus as usize);
        let how = match info.kind {
            ExitKind::Deopt => {
                info.take();
                // The interpreter looks for signals at the next back edge.
                let _ = crate::tracing::take_interrupted();
                if let Some(level) = &state.level {
                    write_locals(frame, level, &mut buffer);
                    write_names(frame, level, &mut buffer);
                    write_stack(frame, level, &mut buffer);
                    frames::set_lasti(frame, level.bci as usize);
                }
                osr_result::DEOPT
            }
            ExitKind::Raise { traceback } => {
                ensure_exception(tstate);
                if let Some(level) = &state.level {
                    write_locals(frame, level, &mut buffer);
                    write_names(frame, level, &mut buffer);
                }
                (*frame).stackpointer = base;
                frames::set_lasti(frame, info.bci as usize);
                if traceback { osr_result::RAISE } else { osr_result::RAISED }
            }
            ExitKind::Return => {
                let result = *values as *mut PyObject;
                if let Some(taken) = buffer.taken.first_mut() {
                    *taken = true;
                }
                if let Some(level) = &state.level {
                    write_locals(frame, level, &mut buffer);
                    write_names(frame, level, &mut buffer);
                }
                *base = StackRef::steal(result);
                (*frame).stackpointer = base.add(1);
                frames::set_lasti(frame, info.token() as usize);
                osr_result::RETURN
            }
        };
        buffer.drop_rest();
        how as *mut PyObject
    }
}

unsafe fn ensure_exception(tstate: *mut PyThreadState) {
    // SAFETY: the current thread state.
    unsafe {
        if !threads::error_occurred(tstate) {
            ffi::_PyErr_SetString(tstate, pyo3_ffi::PyExc_SystemError, c"error return without exception set".as_ptr());
        }
    }
}

/// Takes the exception that is set, after adding this frame to its traceback when asked to. Never NULL.
///
/// # Safety
/// Called by compiled code only, with its own frame, whose `instr_ptr` is at the raising instruction.
pub unsafe extern "C" fn ember_catch_exception(
    tstate: *mut PyThreadState,
    _frame: *mut InterpreterFrame,
    traceback: i64,
    _unit: i64,
) -> *mut PyObject {
    // SAFETY: by the contract.
    unsafe {
        ensure_exception(tstate);
        if traceback != 0 {
            frames::add_traceback(tstate);
        }
        threads::take_exception(tstate)
    }
}

/// Enters a compiled function when a limit is near or the data stack's chunk is full: checks both limits, pushes the frame, fills and links it; all locals are NULL. NULL with an
/// exception set.
///
/// # Safety
/// Called by compiled code only, with its function and what is before its code.
pub unsafe extern "C" fn ember_enter_slow(
    tstate: *mut PyThreadState,
    func: *mut PyFunctionObject,
    info: *const BodyInfo,
) -> *mut InterpreterFrame {
    // SAFETY: by the contract; the words from the data stack's top to its limit are free.
    unsafe {
        if !threads::enter_c_call(tstate, c"".as_ptr()) {
            return core::ptr::null_mut();
        }
        if !threads::enter_python_call(tstate) {
            return core::ptr::null_mut();
        }
        let info = &*info;
        let words = info.frame_bytes as usize / 8;
        let top = (*tstate).datastack_top;
        // A thread without a data stack has 0 for both.
        let frame: *mut InterpreterFrame = if (top as usize) + words * 8 < (*tstate).datastack_limit as usize {
            (*tstate).datastack_top = top.add(words);
            top.cast()
        } else {
            let place = frames::alloc_slow(tstate, words);
            if place.is_null() {
                threads::leave_python_call(tstate);
                return core::ptr::null_mut();
            }
            place.cast()
        };
        let locals = info.locals_bytes as usize / 8;
        let place = frames::localsplus(frame);
        (*frame).f_executable = StackRef(info.executable as usize);
        (*frame).previous = (*tstate).current_frame;
        (*frame).f_funcobj = StackRef::borrow(func.cast());
        (*frame).f_globals = (*func).func_globals;
        (*frame).f_builtins = (*func).func_builtins;
        (*frame).f_locals = core::ptr::null_mut();
        (*frame).frame_obj = core::ptr::null_mut();
        (*frame).instr_ptr = info.position as *mut CodeUnit;
        (*frame).stackpointer = place.add(locals);
        (*frame).return_offset = 0;
        (*frame).owner = FRAME_OWNED_BY_THREAD;
        (*frame).visited = 0;
        for index in 0..locals {
            *place.add(index) = stackref::NULL;
        }
        (*tstate).current_frame = frame;
        frame
    }
}

/// The value of an int that is not compact; 0 when it does not fit into 64 bits.
///
/// # Safety
/// `object` is an int, `value` writable.
pub unsafe extern "C" fn ember_long_as_i64(object: *mut PyObject, value: *mut i64) -> c_int {
    let mut overflow = 0;
    // SAFETY: by the contract; an int never raises here.
    unsafe {
        *value = pyo3_ffi::PyLong_AsLongLongAndOverflow(object, &mut overflow);
    }
    c_int::from(overflow == 0)
}

/// Whether native code may run now; to be asked before functions are installed.
///
/// # Safety
/// The GIL is held.
#[must_use]
pub unsafe fn native_code_allowed() -> bool {
    // SAFETY: by the contract.
    unsafe { tracing::refresh(threads::current()) }
}
