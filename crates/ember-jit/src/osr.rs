//! On-stack replacement: a loop that is hot in a function entered once goes native while it runs.
//!
//! CPython lets a monitoring tool move a frame: after the callback of a JUMP event the interpreter reads the frame's `instr_ptr` and `stackpointer` again (that is how `f_lineno`
//! is assigned). So a hot loop's code object is given JUMP events of the tool id set aside for optimisers; the callback runs the rest of the function natively, on the frame's own
//! locals, and leaves the frame where the interpreter is to go on: at a `RETURN_VALUE`, or wherever a guard failed. Nothing is paid where nothing is armed.
//!
//! An exception that leaves native code here is reported at the loop's jump, so only loops whose jump lies in no `try` range are replaced.

use crate::compile::{self, Job, Outcome};
use crate::engine;
use crate::gil::GilCell;
use crate::kept::Kept;
use crate::reason::Reason;
use core::sync::atomic::{AtomicBool, Ordering};
use ember_codegen::arena::CodePtr;
use ember_codegen::{BodyKind, ExitInfo};
use ember_cpython::ffi;
use ember_cpython::layout::{CO_OPTIMIZED, InterpreterFrame, PyCodeObject, PyFunctionObject, PyObject, PyThreadState};
use ember_cpython::monitoring::{self, OPTIMIZER_ID, events};
use ember_frontend::decode;
use ember_frontend::opcodes::v3_14 as op;
use ember_runtime::caches::AttrCache;
use ember_runtime::exits::osr_result;
use rustc_hash::{FxHashMap, FxHashSet};

/// Failed guards after which a replacement is given up.
const MOST_DEOPTS: u32 = 50;

/// A loop's native code.
struct Replacement {
    block: CodePtr,
    body: usize,
    _exits: Box<[ExitInfo]>,
    _caches: Box<[AttrCache]>,
    _kept: Kept,
    deopts: u32,
    entries: u64,
}

#[derive(Default)]
struct Loops {
    /// Whether the tool id could be had.
    tool: Option<bool>,
    /// By code object and code unit of the loop's head.
    replacements: FxHashMap<(usize, u32), Box<Replacement>>,
    refused: FxHashSet<(usize, u32)>,
}

/// Whether the engine is registering its own callback right now.
static REGISTERING: AtomicBool = AtomicBool::new(false);

/// Whether the engine is registering its own callback right now.
#[must_use]
pub fn registering() -> bool {
    REGISTERING.load(Ordering::Relaxed)
}

static LOOPS: GilCell<Option<Loops>> = GilCell::new(None);

unsafe fn with<R>(then: impl FnOnce(&mut Loops) -> R) -> R {
    // SAFETY: the callers hold the GIL, and no closure runs Python code.
    then(unsafe { LOOPS.borrow() }.get_or_insert_default())
}

/// The backward jump at a code unit: the loop's head, unless it lies in a `try` range.
fn loop_head(job: &Job, jump: u32) -> Option<u32> {
    let snapshot = &job.snapshot;
    let instr = decode::instrs(&snapshot.units, &snapshot.adaptive).find(|instr| instr.unit == jump)?;
    if instr.opcode != op::JUMP_BACKWARD {
        return None;
    }
    let table = ember_frontend::exception_table::parse(&snapshot.exception_table)?;
    match ember_frontend::exception_table::lookup(&table, jump) {
        Some(_) => None,
        None => instr.jump_target(),
    }
}

/// Makes a job for the loop which the jump at `jump` closes, for a frame of `func`.
///
/// # Safety
/// The GIL is held and `func` is alive.
///
/// # Errors
/// Why the loop cannot be replaced.
pub unsafe fn begin(func: *mut PyFunctionObject, jump: u32) -> Result<Job, Reason> {
    // SAFETY: by the contract.
    unsafe {
        let code = (*func).func_code as usize;
        let refuse = |reason| {
            with(|loops| loops.refused.insert((code, jump)));
            Err(reason)
        };
        if with(|loops| loops.refused.contains(&(code, jump))) {
            return Err(Reason::GaveUp);
        }
        // Names of a module or class body live in a dict: there is nothing to gain yet.
        if (*(*func).func_code).co_flags & CO_OPTIMIZED == 0 {
            return refuse(Reason::Unsupported("a loop of a module or class body".into()));
        }
        let mut job = match compile::prepare(func, &compile::Limits::default()) {
            Ok(job) => job,
            Err(reason) => return refuse(reason),
        };
        let Some(head) = loop_head(&job, jump) else {
            return refuse(Reason::Unsupported("a loop inside a try statement".into()));
        };
        let returns =
            decode::instrs(&job.snapshot.units, &job.snapshot.adaptive).find(|instr| instr.opcode == op::RETURN_VALUE);
        job.osr = Some(head);
        job.params.kind = BodyKind::Osr;
        job.params.nparams = 0;
        job.params.token = returns.map_or(0, |instr| u64::from(instr.unit));
        with(|loops| loops.refused.insert((code, jump)));
        Ok(job)
    }
}

/// Takes in the outcome of a job: from now on the loop is replaced where it is running.
///
/// # Safety
/// The GIL is held, at a point where Python code may run.
pub unsafe fn finish(outcome: Outcome) {
    // SAFETY: by the contract.
    unsafe {
        let Outcome { mut job, result, .. } = outcome;
        let (Ok(product), Some(head)) = (result, job.osr) else { return };
        let Ok(block) = engine::place(&product.body.bytes) else { return };
        job.kept.keep_only(&product.named);
        let replacement = Box::new(Replacement {
            block,
            body: block.address() as usize + product.body.body as usize,
            _exits: product.body.exits,
            _caches: job.caches,
            _kept: job.kept,
            deopts: 0,
            entries: 0,
        });
        let code = job.code as *mut PyCodeObject;
        if !have_tool() {
            return;
        }
        with(|loops| loops.replacements.insert((code as usize, head), replacement));
        monitoring::set_local_events(OPTIMIZER_ID, code, events::JUMP);
    }
}

unsafe fn have_tool() -> bool {
    // SAFETY: the GIL is held; registering runs Python-level functions, outside any borrow.
    unsafe {
        if let Some(known) = with(|loops| loops.tool) {
            return known;
        }
        let callback = make_callback();
        REGISTERING.store(true, Ordering::Relaxed);
        let have = !callback.is_null()
            && monitoring::use_tool(OPTIMIZER_ID, c"ember")
            && monitoring::register_callback(OPTIMIZER_ID, events::JUMP, callback);
        REGISTERING.store(false, Ordering::Relaxed);
        with(|loops| loops.tool = Some(have));
        have
    }
}

unsafe fn make_callback() -> *mut PyObject {
    struct Def(core::cell::UnsafeCell<pyo3_ffi::PyMethodDef>);
    // SAFETY: CPython only reads it.
    unsafe impl Sync for Def {}
    static DEF: Def = Def(core::cell::UnsafeCell::new(pyo3_ffi::PyMethodDef {
        ml_name: c"ember_loop".as_ptr(),
        ml_meth: pyo3_ffi::PyMethodDefPointer { PyCFunctionFast: on_jump },
        ml_flags: pyo3_ffi::METH_FASTCALL,
        ml_doc: core::ptr::null(),
    }));
    // SAFETY: the definition is static.
    unsafe { pyo3_ffi::PyCFunction_NewEx(DEF.0.get(), core::ptr::null_mut(), core::ptr::null_mut()) }
}

type Body = unsafe extern "C" fn(*mut PyThreadState, *mut InterpreterFrame) -> usize;

/// The JUMP callback: `(code, offset of the jump, offset of its destination)`.
unsafe extern "C" fn on_jump(_: *mut PyObject, args: *mut *mut PyObject, count: isize) -> *mut PyObject {
    // SAFETY: CPython calls with three arguments, in the thread whose innermost frame made the jump.
    unsafe {
        if count != 3 {
            return pyo3_ffi::Py_NewRef(pyo3_ffi::Py_None());
        }
        let code = *args;
        let destination = pyo3_ffi::PyLong_AsLong(*args.add(2));
        let key = (code as usize, (destination / 2) as u32);
        let tstate = ffi::PyThreadState_GetUnchecked();
        let frame = (*tstate).current_frame;
        let body = with(|loops| {
            let replacement = loops.replacements.get_mut(&key)?;
            if replacement.deopts > MOST_DEOPTS {
                return None;
            }
            replacement.entries += 1;
            Some(replacement.body)
        });
        let (Some(body), false) = (body, (*frame).f_executable.object() != code) else {
            let disable = monitoring::disable_object();
            return pyo3_ffi::Py_NewRef(if disable.is_null() { pyo3_ffi::Py_None() } else { disable });
        };
        let body = core::mem::transmute::<usize, Body>(body);
        // While a callback runs, CPython counts the thread as tracing: what the loop calls must not see that.
        ffi::PyThreadState_LeaveTracing(tstate);
        let result = body(tstate, frame);
        ffi::PyThreadState_EnterTracing(tstate);
        match result {
            osr_result::RAISE => core::ptr::null_mut(),
            result => {
                if result == osr_result::DEOPT {
                    with(|loops| {
                        if let Some(replacement) = loops.replacements.get_mut(&key) {
                            replacement.deopts += 1;
                        }
                    });
                }
                pyo3_ffi::Py_NewRef(pyo3_ffi::Py_None())
            }
        }
    }
}

/// Forgets the loops of a code object that is going away.
///
/// # Safety
/// The GIL is held; called from CPython's watcher.
pub unsafe fn forget(code: *mut PyCodeObject) {
    // SAFETY: by the contract.
    if let Some(mut loops) = unsafe { LOOPS.try_borrow() }
        && let Some(loops) = loops.as_mut()
    {
        loops.refused.retain(|(known, _)| *known != code as usize);
    }
}

/// Loops replaced, bytes of their code, entries so far.
///
/// # Safety
/// The GIL is held.
#[must_use]
pub unsafe fn figures() -> (usize, usize, u64) {
    // SAFETY: by the contract.
    unsafe {
        with(|loops| {
            let bytes = loops.replacements.values().map(|replacement| replacement.block.size() as usize).sum();
            let entries = loops.replacements.values().map(|replacement| replacement.entries).sum();
            (loops.replacements.len(), bytes, entries)
        })
    }
}
