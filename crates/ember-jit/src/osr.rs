//! On-stack replacement: a loop that is hot in a function entered once goes native while it runs.
//!
//! CPython lets a monitoring tool move a frame: after the callback of a JUMP event the interpreter reads the frame's `instr_ptr` and `stackpointer` again (that is how `f_lineno`
//! is assigned). So a hot loop's code object is given JUMP events of the tool id set aside for optimisers; the callback runs the rest of the function natively, on the frame's own
//! locals, and leaves the frame where the interpreter is to go on: at a `RETURN_VALUE`, or wherever a guard failed. Nothing is paid where nothing is armed.
//!
//! The loops of modules and class bodies stay in native code until they end; the rest of such a body, which runs once, is the interpreter's. Their names live in a dict. Where nothing
//! in the loop can run Python code, the names are kept in registers and written back by every exit; the test for signals and thread switches is such an exit, so that nobody can look meanwhile.
//! What the code takes for granted of the dict is compared before each entry ([`Replacement::fits`]).
//!
//! An exception that leaves native code here is reported at the loop's jump, so only loops whose jump lies in no `try` range are replaced.

use crate::compile::{self, Job, Outcome};
use crate::engine;
use crate::gil::GilCell;
use crate::jit_list::Verdict;
use crate::kept::Kept;
use crate::reason::Reason;
use crate::snapshot::{tuple_items, type_of};
use crate::{policy, registry};
use core::sync::atomic::{AtomicBool, Ordering};
use ember_codegen::arena::CodePtr;
use ember_codegen::{BodyKind, ExitInfo};
use ember_cpython::ffi;
use ember_cpython::layout::{CO_OPTIMIZED, InterpreterFrame, PyCodeObject, PyFunctionObject, PyObject, PyThreadState};
use ember_cpython::monitoring::{self, OPTIMIZER_ID, events};
use ember_frontend::decode;
use ember_frontend::opcodes::v3_14 as op;
use ember_frontend::snapshot::Namespace;
use ember_hir::Type;
use ember_runtime::caches::AttrCache;
use ember_runtime::exits::{osr_result, set_names};
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
    /// The first and the last unit of the loop.
    span: (u32, u32),
    globals: usize,
    builtins: usize,
    /// For the body of a module or a class: whether `f_locals` is the globals, and the classes of the names that are taken out of it.
    namespace: Option<(bool, Vec<(u32, Type)>)>,
    /// Names that are kept in registers, by index in `co_names`.
    names: Vec<u32>,
}

impl Replacement {
    /// Whether what the code takes for granted is so in a frame.
    unsafe fn fits(&self, frame: *mut InterpreterFrame) -> bool {
        // SAFETY: the GIL is held and the frame is the one that made the jump. Lookups of strings in a dict compare strings only, unless somebody put other keys into it: then
        // what runs cannot invalidate what has been compared, as the lookup answers with what it found last.
        unsafe {
            let names = (*frame).f_locals;
            let same = (*frame).f_globals as usize == self.globals && (*frame).f_builtins as usize == self.builtins;
            let Some((is_globals, held)) = self.namespace.as_ref().filter(|_| same) else { return same };
            if pyo3_ffi::PyDict_CheckExact(names) == 0 || *is_globals != core::ptr::eq(names, (*frame).f_globals) {
                return false;
            }
            let code = (*frame).f_executable.object().cast::<PyCodeObject>();
            held.iter().all(|&(name, ty)| held_type(names, name_of(code, name)).is_some_and(|found| found.is(ty)))
        }
    }

    /// Whether leaving at a unit is what the code is made for: at the end of the loop, or of an iteration.
    unsafe fn planned(&self, code: *mut PyCodeObject, unit: u32) -> bool {
        if self.namespace.is_none() {
            return false;
        }
        // SAFETY: a unit of a live code object.
        let raw = unsafe { *core::ptr::addr_of!((*code).co_code_adaptive).cast::<u16>().add(unit as usize) };
        let opcode = op::BASE[usize::from(raw as u8)];
        unit < self.span.0 || unit > self.span.1 || matches!(opcode, op::JUMP_BACKWARD | op::INSTRUMENTED_JUMP_BACKWARD)
    }
}

unsafe fn name_of(code: *mut PyCodeObject, index: u32) -> *mut PyObject {
    // SAFETY: the caller passes a live code object.
    unsafe { tuple_items((*code).co_names).get(index as usize).copied().unwrap_or(core::ptr::null_mut()) }
}

/// The class of what a dict holds for a name, mortal or not.
unsafe fn held_type(dict: *mut PyObject, name: *mut PyObject) -> Option<Type> {
    if name.is_null() {
        return None;
    }
    // SAFETY: an exact dict and a string; an exception can only come from keys that are no strings.
    unsafe {
        let value = pyo3_ffi::PyDict_GetItemWithError(dict, name);
        if value.is_null() {
            pyo3_ffi::PyErr_Clear();
            return None;
        }
        let ty = type_of(value);
        Some(if ty.is(Type::NoneType) || ty.is(Type::Bool) { ty } else { Type { bits: ty.bits | Type::MORTAL, ..ty } })
    }
}

/// What is known of the names of a module or class body, or why its loops stay interpreted.
unsafe fn namespace(frame: *mut InterpreterFrame, code: *mut PyCodeObject) -> Result<Namespace, Reason> {
    // SAFETY: the GIL is held and the frame runs that code.
    unsafe {
        let names = (*frame).f_locals;
        if names.is_null() || pyo3_ffi::PyDict_CheckExact(names) == 0 {
            return Err(Reason::Unsupported("a loop whose names live in something other than a dict".into()));
        }
        let held = tuple_items((*code).co_names).iter().map(|&name| held_type(names, name)).collect();
        Ok(Namespace { is_globals: core::ptr::eq(names, (*frame).f_globals), held, in_registers: true })
    }
}

#[derive(Default)]
struct Loops {
    /// Whether the tool id could be had.
    tool: Option<bool>,
    /// By code object and code unit of the loop's head.
    replacements: FxHashMap<(usize, u32), Box<Replacement>>,
    /// Loops that were looked at, by code object and code unit of the head: replaced or found unfit.
    tried: FxHashSet<(usize, u32)>,
    /// Code objects whose functions were excluded.
    barred: FxHashSet<usize>,
}

/// The interpreter's frames that native code is running in.
static RUNNING: GilCell<Vec<usize>> = GilCell::new(Vec::new());

unsafe fn running<R>(then: impl FnOnce(&mut Vec<usize>) -> R) -> R {
    // SAFETY: the callers hold the GIL, and no closure runs Python code.
    let mut frames = unsafe { RUNNING.borrow() };
    then(&mut frames)
}

/// Whether native code is running in a frame of the interpreter's.
///
/// # Safety
/// The GIL is held.
#[must_use]
pub unsafe fn is_running(frame: *mut InterpreterFrame) -> bool {
    // SAFETY: by the contract.
    unsafe { running(|frames| frames.contains(&(frame as usize))) }
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

/// Which of a frame's locals are numbers that fit into a register.
unsafe fn number_types(frame: *mut InterpreterFrame, count: usize) -> Vec<Option<Type>> {
    // SAFETY: the GIL is held; a frame has as many locals as its code says.
    let ty = |slot| unsafe {
        let value = (*ember_cpython::frame::localsplus(frame).add(slot)).object();
        if value.is_null() { None } else { number_type(value) }
    };
    (0..count).map(ty).collect()
}

unsafe fn number_type(value: *mut PyObject) -> Option<Type> {
    // SAFETY: the caller passes a live object; converting exact ints runs no code.
    unsafe {
        if pyo3_ffi::PyFloat_CheckExact(value) != 0 {
            return Some(Type::Float);
        }
        let mut overflow = 0;
        let fits = pyo3_ffi::PyLong_CheckExact(value) != 0 && {
            pyo3_ffi::PyLong_AsLongLongAndOverflow(value, &mut overflow);
            overflow == 0
        };
        fits.then_some(Type::Long)
    }
}

/// The last of the jumps that close the loop with that head; `None` when one of them lies in a `try` range.
fn last_jump(job: &Job, head: u32) -> Option<u32> {
    let snapshot = &job.snapshot;
    let table = ember_frontend::exception_table::parse(&snapshot.exception_table)?;
    let mut last = None;
    for instr in decode::instrs(&snapshot.units, &snapshot.adaptive) {
        if instr.opcode == op::JUMP_BACKWARD && instr.jump_target() == Some(head) {
            if ember_frontend::exception_table::lookup(&table, instr.unit).is_some() {
                return None;
            }
            last = Some(instr.unit);
        }
    }
    last
}

/// Makes a job for the loop with that head, for a frame of `func`.
///
/// # Safety
/// The GIL is held, `func` is alive and `frame` is an interpreted call of it.
///
/// # Errors
/// Why the loop cannot be replaced.
pub unsafe fn begin(frame: *mut InterpreterFrame, func: *mut PyFunctionObject, head: u32) -> Result<Job, Reason> {
    // SAFETY: by the contract.
    unsafe {
        let code = (*func).func_code as usize;
        if !with(|loops| loops.tried.insert((code, head))) {
            return Err(Reason::GaveUp);
        }
        if registry::is_excluded(func) || policy::listed(func) == Verdict::Excluded {
            return Err(Reason::Excluded);
        }
        let body = (*(*func).func_code).co_flags & CO_OPTIMIZED == 0;
        let namespace = if body { Some(namespace(frame, (*func).func_code)?) } else { None };
        let mut job = compile::prepare(func, &compile::Limits::default())?;
        let Some(jump) = last_jump(&job, head) else {
            return Err(Reason::Unsupported("a loop inside a try statement".into()));
        };
        if namespace.as_ref().is_some_and(|namespace| namespace.is_globals) {
            crate::snapshot::resolve_names(func, &mut job.snapshot, head, &mut job.kept);
        }
        let globals = ((*frame).f_globals as usize, (*frame).f_builtins as usize);
        job.enter_frame(BodyKind::Osr, (head, jump), globals);
        job.snapshot.namespace = namespace;
        job.snapshot.arrays = crate::arrays::among_locals(frame);
        job.snapshot.local_types = number_types(frame, job.snapshot.nlocalsplus as usize);
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
        let (Ok(mut product), Some(span)) = (result, job.osr) else { return };
        if with(|loops| loops.barred.contains(&job.code)) {
            return;
        }
        let Ok(block) = engine::place(&mut product.body.bytes, &product.body.calls) else { return };
        job.kept.keep_only(&product.named);
        // Names that nothing is taken for granted of need not be compared.
        let namespace = job.snapshot.namespace.take().map(|namespace| {
            let held =
                namespace.held.into_iter().enumerate().filter(|(name, _)| product.taken.contains(&(*name as u32)));
            (namespace.is_globals, held.filter_map(|(name, ty)| Some((name as u32, ty?))).collect())
        });
        let replacement = Box::new(Replacement {
            block,
            body: block.address() as usize + product.body.body as usize,
            _exits: product.body.exits,
            _caches: job.caches,
            _kept: job.kept,
            deopts: 0,
            entries: 0,
            span,
            globals: job.globals.0,
            builtins: job.globals.1,
            namespace,
            names: product.names,
        });
        let code = job.code as *mut PyCodeObject;
        if !have_tool() {
            return;
        }
        with(|loops| loops.replacements.insert((code as usize, span.0), replacement));
        // Jumps without a replacement have been switched off one by one; this switches them on again.
        monitoring::set_local_events(OPTIMIZER_ID, code, 0);
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
        // Replacements live for ever, so this one may be looked at while the table is not borrowed.
        let found = with(|loops| {
            let replacement = loops.replacements.get(&key).filter(|replacement| replacement.deopts <= MOST_DEOPTS)?;
            Some(core::ptr::from_ref::<Replacement>(replacement))
        });
        let (Some(replacement), true) = (found, (*frame).f_executable.object() == code) else {
            let disable = monitoring::disable_object();
            return pyo3_ffi::Py_NewRef(if disable.is_null() { pyo3_ffi::Py_None() } else { disable });
        };
        let count = |failed: bool| {
            with(|loops| {
                if let Some(replacement) = loops.replacements.get_mut(&key) {
                    replacement.entries += u64::from(!failed);
                    replacement.deopts += u32::from(failed);
                }
            });
        };
        if !(*replacement).fits(frame) {
            count(true);
            return pyo3_ffi::Py_NewRef(pyo3_ffi::Py_None());
        }
        count(false);
        let body = (*replacement).body;
        set_names(&(*replacement).names);
        let body = core::mem::transmute::<usize, Body>(body);
        // While a callback runs, CPython counts the thread as tracing: what the loop calls must not see that.
        ffi::PyThreadState_LeaveTracing(tstate);
        running(|frames| frames.push(frame as usize));
        let result = body(tstate, frame);
        // Threads may have taken turns meanwhile, so it need not be the last one.
        running(|frames| {
            if let Some(at) = frames.iter().rposition(|&known| known == frame as usize) {
                frames.remove(at);
            }
        });
        ffi::PyThreadState_EnterTracing(tstate);
        match result {
            osr_result::RAISE | osr_result::RAISED => core::ptr::null_mut(),
            result => {
                if result == osr_result::DEOPT
                    && !(*replacement).planned(code.cast(), ember_cpython::frame::lasti(frame) as u32)
                {
                    count(true);
                }
                pyo3_ffi::Py_NewRef(pyo3_ffi::Py_None())
            }
        }
    }
}

/// Has the loops of a code object interpreted from their next jump on: its function was excluded.
///
/// # Safety
/// The GIL is held.
pub unsafe fn bar(code: *mut PyCodeObject) {
    // SAFETY: by the contract.
    unsafe {
        with(|loops| {
            loops.barred.insert(code as usize);
            let own = loops.replacements.iter_mut().filter(|((known, _), _)| *known == code as usize);
            own.for_each(|(_, replacement)| replacement.deopts = MOST_DEOPTS + 1);
        });
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
        loops.tried.retain(|(known, _)| *known != code as usize);
        loops.barred.remove(&(code as usize));
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
