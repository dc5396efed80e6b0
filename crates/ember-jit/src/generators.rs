//! Native code for generators: a body for each place where one is resumed (`ember_runtime::resume`).
//!
//! Whether a generator is worth it is seen where native code resumes it. Its code object then gets a body for its start and one for each `yield`, all made from one look at the function;
//! each contains what can be reached from its place up to the next `yield`. Bodies live as long as the code object: a frame holds that, so nobody is in a body that is freed. Generators that delegate (`yield from`, `await`) stay interpreted, as do coroutines and asynchronous generators, whose resumptions come from C code.

use crate::compile::{self, Job, Outcome};
use crate::engine;
use crate::gil::GilCell;
use crate::kept::Kept;
use crate::reason::Reason;
use crate::report::Report;
use ember_codegen::arena::CodePtr;
use ember_codegen::{BodyKind, ExitInfo};
use ember_cpython::layout::{CO_ASYNC_GENERATOR, CO_COROUTINE, CO_GENERATOR, PyCodeObject, PyFunctionObject};
use ember_frontend::decode;
use ember_frontend::opcodes::v3_14 as op;
use ember_runtime::caches::AttrCache;
use ember_runtime::resume;
use rustc_hash::FxHashMap;

/// Places where a generator is resumed; one with more stays interpreted.
const MOST_PLACES: usize = 6;

/// What a body needs as long as it may be entered.
struct Body {
    code: usize,
    block: CodePtr,
    exits: Box<[ExitInfo]>,
    _caches: Box<[AttrCache]>,
    _kept: Kept,
}

#[derive(Default)]
struct Bodies {
    bodies: Vec<Body>,
    /// Bodies whose code object is gone, to be freed at a safe point.
    orphans: Vec<Body>,
    /// Code objects that were looked at.
    looked: FxHashMap<usize, Looked>,
}

/// What came of looking at a code object.
#[derive(Default)]
struct Looked {
    /// How often it was hot: the second time its guards had failed too often.
    times: u32,
    /// Why it has no bodies.
    reason: Option<String>,
}

static BODIES: GilCell<Option<Bodies>> = GilCell::new(None);

unsafe fn with<R>(then: impl FnOnce(&mut Bodies) -> R) -> R {
    // SAFETY: the callers hold the GIL, and no closure runs Python code.
    then(unsafe { BODIES.borrow() }.get_or_insert_default())
}

/// Makes the jobs for a function whose generators are hot: the second time without what the interpreter has seen, which has turned out to change, and none after that.
///
/// # Safety
/// The GIL is held and `func` is alive.
pub unsafe fn begin(func: *mut PyFunctionObject) -> Vec<Job> {
    // SAFETY: by the contract.
    unsafe {
        let code = (*func).func_code as usize;
        let times = with(|known| {
            let looked = known.looked.entry(code).or_default();
            looked.times += 1;
            if looked.reason.is_some() { u32::MAX } else { looked.times }
        });
        if times > 2 {
            return Vec::new();
        }
        let limits = compile::Limits { generic: times == 2, ..compile::Limits::default() };
        jobs(func, &limits).unwrap_or_else(|reason| {
            refused(code, &reason);
            Vec::new()
        })
    }
}

unsafe fn refused(code: usize, reason: &Reason) {
    // SAFETY: the callers hold the GIL.
    unsafe { with(|known| known.looked.entry(code).or_default().reason = Some(reason.to_string())) };
}

unsafe fn jobs(func: *mut PyFunctionObject, limits: &compile::Limits) -> Result<Vec<Job>, Reason> {
    // SAFETY: as for `begin`.
    unsafe {
        let code = (*func).func_code;
        if crate::registry::is_excluded(func) {
            return Err(Reason::Excluded);
        }
        if (*code).co_flags & (CO_GENERATOR | CO_COROUTINE | CO_ASYNC_GENERATOR) != CO_GENERATOR {
            return Err(Reason::Unsupported("a coroutine".into()));
        }
        let first = compile::prepare(func, limits)?;
        let places = places(&first)?;
        let mut jobs = vec![first];
        while jobs.len() < places.len() {
            jobs.push(compile::prepare(func, limits)?);
        }
        for (job, &unit) in jobs.iter_mut().zip(&places) {
            let globals = ((*func).func_globals as usize, (*func).func_builtins as usize);
            job.enter_frame(BodyKind::Generator, (unit, unit), globals);
        }
        Ok(jobs)
    }
}

/// The units at which a generator is resumed: behind `RETURN_GENERATOR` and behind each `yield`.
fn places(job: &Job) -> Result<Vec<u32>, Reason> {
    let mut places = Vec::new();
    for instr in decode::instrs(&job.snapshot.units, &job.snapshot.adaptive) {
        if instr.opcode == op::SEND {
            return Err(Reason::Unsupported("a generator that delegates to another iterator".into()));
        }
        if instr.suspends() {
            places.push(instr.next);
        }
    }
    if places.len() > MOST_PLACES {
        return Err(Reason::Unsupported("a generator with many places where it yields".into()));
    }
    Ok(places)
}

/// Takes in the outcome of a job.
///
/// # Safety
/// The GIL is held.
pub unsafe fn finish(outcome: Outcome) {
    // SAFETY: by the contract.
    unsafe {
        let Outcome { mut job, result, .. } = outcome;
        let code = job.code;
        let Some((unit, _)) = job.osr else { return };
        let mut product = match result {
            Ok(product) => product,
            Err(reason) => return refused(code, &reason),
        };
        let Ok(block) = engine::place(&mut product.body.bytes, &product.body.calls) else { return };
        job.kept.keep_only(&product.named);
        let entry = block.address() as usize + product.body.body as usize;
        let body = Body { code, block, exits: product.body.exits, _caches: job.caches, _kept: job.kept };
        with(|known| known.bodies.push(body));
        resume::install(code, unit, entry, job.globals);
    }
}

/// Has a function's generators interpreted from their next resumption on; whether they were not. They are looked at again when they are hot.
///
/// # Safety
/// The GIL is held and `func` is alive.
pub unsafe fn withdraw(func: *mut PyFunctionObject) -> bool {
    // SAFETY: by the contract.
    unsafe {
        let code = (*func).func_code as usize;
        with(|known| known.looked.remove(&code));
        resume::withdraw(code)
    }
}

/// The same for ever: the function was excluded.
///
/// # Safety
/// The GIL is held and `func` is alive.
pub unsafe fn bar(func: *mut PyFunctionObject) {
    // SAFETY: by the contract.
    unsafe {
        if withdraw(func) {
            refused((*func).func_code as usize, &Reason::Excluded);
        }
    }
}

/// Forgets a code object that is going away.
///
/// # Safety
/// The GIL is held.
pub unsafe fn forget(code: *mut PyCodeObject) {
    // SAFETY: by the contract.
    unsafe {
        resume::forget(code as usize);
        if let Some(mut known) = BODIES.try_borrow()
            && let Some(known) = known.as_mut()
        {
            if known.looked.remove(&(code as usize)).is_none() {
                return;
            }
            let (gone, left) =
                std::mem::take(&mut known.bodies).into_iter().partition(|body| body.code == code as usize);
            known.bodies = left;
            known.orphans.extend::<Vec<Body>>(gone);
            if !known.orphans.is_empty() {
                crate::policy::schedule_review();
            }
        }
    }
}

/// Frees the bodies whose code object is gone.
///
/// # Safety
/// The GIL is held, at a point where Python code may run.
pub unsafe fn free_orphans() {
    // SAFETY: by the contract; no frame of such a code object is left, and nobody enters its bodies any more.
    unsafe {
        for body in with(|known| std::mem::take(&mut known.orphans)) {
            engine::free(body.block);
        }
    }
}

/// For functions whose generators were looked at: how many native bodies they have, or why none.
///
/// # Safety
/// The GIL is held and `code` is alive.
#[must_use]
pub unsafe fn found(code: *mut PyCodeObject) -> Option<Report> {
    // SAFETY: by the contract.
    unsafe {
        let reason = with(|known| known.looked.get(&(code as usize)).map(|looked| looked.reason.clone()))?;
        Some(reason.map_or_else(|| Report::from(resume::bodies(code as usize)), Report::from))
    }
}

/// Looks at the exits of a code object's bodies.
///
/// # Safety
/// The GIL is held, and `look` runs no Python code.
pub unsafe fn with_exits<R>(code: *mut PyCodeObject, look: impl FnOnce(&mut dyn Iterator<Item = &ExitInfo>) -> R) -> R {
    // SAFETY: by the contract.
    unsafe {
        with(|known| {
            let bodies = known.bodies.iter().filter(|body| body.code == code as usize);
            look(&mut bodies.flat_map(|body| &body.exits))
        })
    }
}

/// Native bodies, bytes of their code.
///
/// # Safety
/// The GIL is held.
#[must_use]
pub unsafe fn figures() -> (usize, usize) {
    // SAFETY: by the contract.
    unsafe { with(|known| (known.bodies.len(), known.bodies.iter().map(|body| body.block.size() as usize).sum())) }
}
