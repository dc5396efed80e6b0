//! Resuming generators in native code.
//!
//! A generator whose code is hot has native bodies, one for each place where it is resumed. They run on the generator's own frame, as what is made by on-stack replacement runs on an
//! interpreted frame: a body takes locals and operands out of the frame, and puts them back when it yields ([`ember_codegen::BodyKind::Generator`]). Between two resumptions there is
//! nothing to see but an ordinary suspended generator, which anybody may resume, throw into, close or look at. Where a guard fails the interpreter goes on with the frame.
//!
//! Only native code resumes generators this way: its `for` loops ([`crate::helpers`]' `iter_next`) and its calls of builtins that do nothing with an iterator but exhaust it, which
//! get it in a [`wrapped`] form.

use crate::ffi::IterNext;
use crate::object::{class_of, is_exact, none};
use crate::tracing;
use core::cell::UnsafeCell;
use core::ffi::{c_int, c_uint, c_void};
use core::mem::transmute;
use core::sync::atomic::{AtomicPtr, AtomicU32, AtomicUsize, Ordering};
use ember_codegen::left;
use ember_cpython::layout::{
    GEN_FRAME_CREATED, GEN_FRAME_EXECUTING, GEN_FRAME_SUSPENDED, InterpreterFrame, ObjectHead, PyFunctionObject,
    PyGenObject, PyObject, PyThreadState, StackRef,
};
use ember_cpython::refcount::{decref, new_ref};
use ember_cpython::{ffi, frame as frames, tstate as threads};
use rustc_hash::FxHashMap;
use smallvec::SmallVec;

use crate::exits::osr_result;

type Body = unsafe extern "C" fn(*mut PyThreadState, *mut InterpreterFrame) -> usize;

/// What is known of a generator's code object.
#[derive(Default)]
struct Known {
    /// How often native code has resumed it in the interpreter, up to the number at which the observer is told.
    resumed: u32,
    deopts: u32,
    globals: usize,
    builtins: usize,
    /// Native code by the unit where the generator is resumed.
    bodies: SmallVec<[(u32, usize); 3]>,
}

struct Table(UnsafeCell<Option<FxHashMap<usize, Known>>>);

// SAFETY: only touched with the GIL held; no reference into the table outlives a statement.
unsafe impl Sync for Table {}

static TABLE: Table = Table(UnsafeCell::new(None));

/// After how many resumptions the observer is told.
static HOT: AtomicU32 = AtomicU32::new(u32::MAX);
static MOST_DEOPTS: AtomicU32 = AtomicU32::new(u32::MAX);
static OBSERVER: AtomicUsize = AtomicUsize::new(0);

/// Is told of a function whose generators are resumed often, while one of them is suspended; it may compile.
type Observer = unsafe fn(*mut PyFunctionObject);

/// Has `observer` told of generators that native code has resumed `hot` times. After more than `most_deopts` failed guards a generator's bodies are given up.
pub fn observe(observer: Observer, hot: u32, most_deopts: u32) {
    MOST_DEOPTS.store(most_deopts, Ordering::Relaxed);
    OBSERVER.store(observer as usize, Ordering::Release);
    HOT.store(hot.max(1), Ordering::Relaxed);
}

unsafe fn with<R>(code: usize, then: impl FnOnce(&mut Known) -> R) -> R {
    // SAFETY: the callers hold the GIL, and no closure runs Python code.
    then(unsafe { (*TABLE.0.get()).get_or_insert_default() }.entry(code).or_default())
}

/// How many places a code object's generators are resumed at natively: none once their guards have failed too often.
///
/// # Safety
/// The GIL is held.
#[must_use]
pub unsafe fn bodies(code: usize) -> usize {
    // SAFETY: by the contract.
    unsafe { with(code, |known| known.bodies.len()) }
}

/// Gives generators of a code object native code: `body` is entered at `unit` where globals and builtins are these.
///
/// # Safety
/// The GIL is held; the body is a [`ember_codegen::BodyKind::Generator`] of that code and lives for ever, as does the code object.
pub unsafe fn install(code: usize, unit: u32, body: usize, (globals, builtins): (usize, usize)) {
    // SAFETY: by the contract.
    unsafe {
        with(code, |known| {
            (known.globals, known.builtins) = (globals, builtins);
            known.bodies.retain(|&mut (other, _)| other != unit);
            known.bodies.push((unit, body));
        });
        forget_recent();
    }
}

/// Has generators of a code object interpreted from their next resumption on; whether they were not.
///
/// # Safety
/// The GIL is held.
pub unsafe fn withdraw(code: usize) -> bool {
    // SAFETY: by the contract.
    unsafe {
        let had = with(code, |known| {
            (known.deopts, known.resumed) = (0, 0);
            !core::mem::take(&mut known.bodies).is_empty()
        });
        if had {
            forget_recent();
        }
        had
    }
}

/// Forgets a code object that is going away.
///
/// # Safety
/// The GIL is held.
pub unsafe fn forget(code: usize) {
    // SAFETY: by the contract.
    unsafe {
        if let Some(table) = &mut *TABLE.0.get()
            && table.remove(&code).is_some_and(|known| !known.bodies.is_empty())
        {
            forget_recent();
        }
    }
}

/// `next(generator)` as its `tp_iternext` has it: a new reference, or NULL with an exception or without.
///
/// # Safety
/// A live exact generator; the GIL is held, `tstate` is the thread's own.
#[inline(never)]
pub(crate) unsafe fn next(tstate: *mut PyThreadState, object: *mut PyObject) -> *mut PyObject {
    // SAFETY: by the contract; a suspended generator's frame is complete.
    unsafe {
        let generator = object.cast::<PyGenObject>();
        let state = (*generator).gi_frame_state;
        if (state == GEN_FRAME_CREATED || state == GEN_FRAME_SUSPENDED)
            && tracing::is_quiet(tstate)
            && (*tstate).py_recursion_remaining > 1
            && has_stack(tstate)
        {
            let frame = &raw mut (*generator).gi_iframe;
            if let Some(body) = body_for(frame)
                && is_plain(frame)
            {
                return enter(tstate, generator, frame, body);
            }
        }
        generic(object)
    }
}

/// Whether the C stack has room; where it has not, the interpreter says so.
#[inline(always)]
unsafe fn has_stack(tstate: *mut PyThreadState) -> bool {
    let here = 0u8;
    // SAFETY: the thread's own state.
    core::ptr::from_ref(&here) as usize > unsafe { threads::c_stack_soft_limit(tstate) }
}

unsafe fn generic(object: *mut PyObject) -> *mut PyObject {
    // SAFETY: generators have the slot.
    unsafe {
        match transmute::<*mut c_void, Option<IterNext>>((*class_of(object)).tp_iternext) {
            Some(next) => next(object),
            None => core::ptr::null_mut(),
        }
    }
}

/// A body that was found, by the address of the unit where it is entered.
#[derive(Clone, Copy)]
struct Found {
    position: usize,
    globals: usize,
    builtins: usize,
    body: usize,
}

impl Found {
    const NOTHING: Found = Found { position: 0, globals: 0, builtins: 0, body: 0 };
}

const PLACES: usize = 256;

struct Recent(UnsafeCell<[Found; PLACES]>);

// SAFETY: as for the table.
unsafe impl Sync for Recent {}

static RECENT: Recent = Recent(UnsafeCell::new([Found::NOTHING; PLACES]));

unsafe fn forget_recent() {
    // SAFETY: the callers hold the GIL.
    unsafe { *RECENT.0.get() = [Found::NOTHING; PLACES] };
}

/// The native code for where a suspended frame stands, if there is some; else the resumption is counted.
#[inline(always)]
unsafe fn body_for(frame: *mut InterpreterFrame) -> Option<Body> {
    // SAFETY: as for `next`.
    unsafe {
        let position = (*frame).instr_ptr as usize;
        let recent = RECENT.0.get().cast::<Found>().add((position >> 1 ^ position >> 9) % PLACES);
        let Found { position: at, globals, builtins, body } = *recent;
        if at == position && (*frame).f_globals as usize == globals && (*frame).f_builtins as usize == builtins {
            return Some(transmute::<usize, Body>(body));
        }
        look_up(frame, recent)
    }
}

#[inline(never)]
unsafe fn look_up(frame: *mut InterpreterFrame, recent: *mut Found) -> Option<Body> {
    // SAFETY: as for `next`; `recent` is a place for what is found.
    unsafe {
        let code = (*frame).f_executable.object() as usize;
        let unit = frames::lasti(frame) as u32;
        let known = (*TABLE.0.get()).get_or_insert_default().entry(code).or_default();
        if let Some(&(_, body)) = known.bodies.iter().find(|&&(at, _)| at == unit) {
            let (globals, builtins) = (known.globals, known.builtins);
            if (*frame).f_globals as usize != globals || (*frame).f_builtins as usize != builtins {
                return None;
            }
            *recent = Found { position: (*frame).instr_ptr as usize, globals, builtins, body };
            return Some(transmute::<usize, Body>(body));
        }
        let hot = HOT.load(Ordering::Relaxed);
        if known.resumed < hot {
            known.resumed += 1;
            if known.resumed == hot {
                became_hot(frame);
                return look_up(frame, recent);
            }
        }
        None
    }
}

/// Tells the observer, who may have made native code when it returns.
#[cold]
#[inline(never)]
unsafe fn became_hot(frame: *mut InterpreterFrame) {
    // SAFETY: as for `next`; the observer was set with a function of this type.
    unsafe {
        let observer = OBSERVER.load(Ordering::Acquire);
        let function = (*frame).f_funcobj.object();
        if observer != 0 && is_exact(function, &raw mut ffi::PyFunction_Type) {
            transmute::<usize, Observer>(observer)(function.cast());
        }
    }
}

/// Whether all operands are objects. In a handler some are not, and bodies do not take them.
#[inline(always)]
unsafe fn is_plain(frame: *mut InterpreterFrame) -> bool {
    // SAFETY: as for `next`.
    unsafe {
        let mut item = frames::stack_base(frame);
        while item < (*frame).stackpointer {
            if (*item).is_int() {
                return false;
            }
            item = item.add(1);
        }
        true
    }
}

/// Resumes the frame natively, and does around that what `gen_send_ex2` does.
#[inline(always)]
unsafe fn enter(
    tstate: *mut PyThreadState,
    generator: *mut PyGenObject,
    frame: *mut InterpreterFrame,
    body: Body,
) -> *mut PyObject {
    // SAFETY: as for `next`. The generator is its caller's and stays alive.
    unsafe {
        *(*frame).stackpointer = StackRef::borrow(none());
        (*frame).stackpointer = (*frame).stackpointer.add(1);
        (*generator).gi_exc_state.previous_item = (*tstate).exc_info;
        (*tstate).exc_info = &raw mut (*generator).gi_exc_state;
        (*generator).gi_frame_state = GEN_FRAME_EXECUTING;
        (*frame).previous = (*tstate).current_frame;
        (*tstate).current_frame = frame;
        (*tstate).py_recursion_remaining -= 1;
        let how = body(tstate, frame);
        if how as i64 == left::SUSPENDED {
            let value = pop(frame);
            (*generator).gi_frame_state = GEN_FRAME_SUSPENDED;
            (*tstate).exc_info = (*generator).gi_exc_state.previous_item;
            (*generator).gi_exc_state.previous_item = core::ptr::null_mut();
            (*tstate).current_frame = (*frame).previous;
            (*frame).previous = core::ptr::null_mut();
            threads::leave_python_call(tstate);
            return value;
        }
        left_otherwise(tstate, generator, frame, how)
    }
}

/// Takes the top of the frame's stack.
#[inline(always)]
unsafe fn pop(frame: *mut InterpreterFrame) -> *mut PyObject {
    // SAFETY: there is an item, which owns its reference.
    unsafe {
        (*frame).stackpointer = (*frame).stackpointer.sub(1);
        (*(*frame).stackpointer).object()
    }
}

/// The generator has returned or raised, or a guard has failed.
#[inline(never)]
unsafe fn left_otherwise(
    tstate: *mut PyThreadState,
    generator: *mut PyGenObject,
    frame: *mut InterpreterFrame,
    how: usize,
) -> *mut PyObject {
    // SAFETY: as for `next`; the exit has brought the frame up to date.
    unsafe {
        let result = match how {
            osr_result::RETURN => {
                let result = pop(frame);
                finish(tstate, frame);
                result
            }
            osr_result::RAISE | osr_result::RAISED => {
                if how == osr_result::RAISE {
                    frames::add_traceback(tstate);
                }
                finish(tstate, frame);
                return core::ptr::null_mut();
            }
            _ => {
                let code = (*frame).f_executable.object() as usize;
                let failing = with(code, |known| {
                    known.deopts = known.deopts.saturating_add(1);
                    known.deopts > MOST_DEOPTS.load(Ordering::Relaxed)
                });
                if failing {
                    // Perhaps the observer knows better when it is hot again.
                    withdraw(code);
                }
                threads::leave_python_call(tstate);
                frames::resume_in_interpreter(tstate, frame, false)
            }
        };
        if result.is_null() || (*generator).gi_frame_state < GEN_FRAME_EXECUTING {
            return result;
        }
        if result != none() {
            ffi::_PyGen_SetStopIterationValue(result);
        }
        decref(result);
        core::ptr::null_mut()
    }
}

/// Ends the frame, as the interpreter does where a generator returns or raises.
unsafe fn finish(tstate: *mut PyThreadState, frame: *mut InterpreterFrame) {
    // SAFETY: the frame is the innermost one.
    unsafe {
        threads::leave_python_call(tstate);
        (*tstate).current_frame = (*frame).previous;
        crate::exits::while_leaving(|| ffi::_PyEval_FrameClearAndPop(tstate, frame));
    }
}

// --- for builtins that exhaust an iterator ---------------------------------------------------------------------------------

/// An iterator over what a generator yields, resumed natively. Nobody ever sees one: it is made for a call of a builtin and gone afterwards.
#[repr(C)]
struct Wrapper {
    head: ObjectHead,
    generator: *mut PyObject,
}

static WRAPPER_TYPE: AtomicPtr<pyo3_ffi::PyTypeObject> = AtomicPtr::new(core::ptr::null_mut());

/// What a builtin is given in place of an object that it only iterates over, to the end: a new reference.
///
/// # Safety
/// A live object; the GIL is held.
pub(crate) unsafe fn wrapped(object: *mut PyObject) -> *mut PyObject {
    // SAFETY: by the contract.
    unsafe {
        if !is_exact(object, &raw mut ffi::PyGen_Type) {
            return new_ref(object);
        }
        let class = WRAPPER_TYPE.load(Ordering::Relaxed);
        let class = if class.is_null() { make_class() } else { class };
        let wrapper = if class.is_null() { class.cast() } else { pyo3_ffi::PyType_GenericAlloc(class, 0) };
        if wrapper.is_null() {
            pyo3_ffi::PyErr_Clear();
            return new_ref(object);
        }
        (*wrapper.cast::<Wrapper>()).generator = new_ref(object);
        wrapper
    }
}

#[cold]
unsafe fn make_class() -> *mut pyo3_ffi::PyTypeObject {
    let slot = |slot: c_int, pfunc: *mut c_void| pyo3_ffi::PyType_Slot { slot, pfunc };
    let mut slots = [
        slot(pyo3_ffi::Py_tp_iter, pyo3_ffi::PyObject_SelfIter as *mut c_void),
        slot(pyo3_ffi::Py_tp_iternext, wrapper_next as *mut c_void),
        slot(pyo3_ffi::Py_tp_dealloc, wrapper_dealloc as *mut c_void),
        slot(0, core::ptr::null_mut()),
    ];
    let mut spec = pyo3_ffi::PyType_Spec {
        name: c"ember.generator".as_ptr(),
        basicsize: size_of::<Wrapper>() as c_int,
        itemsize: 0,
        flags: pyo3_ffi::Py_TPFLAGS_DEFAULT as c_uint | pyo3_ffi::Py_TPFLAGS_DISALLOW_INSTANTIATION as c_uint,
        slots: slots.as_mut_ptr(),
    };
    // SAFETY: the specification is copied; the class is kept for ever.
    let class = unsafe { pyo3_ffi::PyType_FromSpec(&mut spec) }.cast::<pyo3_ffi::PyTypeObject>();
    WRAPPER_TYPE.store(class, Ordering::Relaxed);
    class
}

unsafe extern "C" fn wrapper_next(wrapper: *mut PyObject) -> *mut PyObject {
    // SAFETY: called with an instance, by whoever holds it and the GIL.
    unsafe { next(ffi::PyThreadState_GetUnchecked(), (*wrapper.cast::<Wrapper>()).generator) }
}

unsafe extern "C" fn wrapper_dealloc(wrapper: *mut PyObject) {
    // SAFETY: the last reference is gone; an instance of a heap type holds its type.
    unsafe {
        let class = pyo3_ffi::Py_TYPE(wrapper);
        let generator = (*wrapper.cast::<Wrapper>()).generator;
        pyo3_ffi::PyObject_Free(wrapper.cast());
        decref(generator);
        decref(class.cast());
    }
}
