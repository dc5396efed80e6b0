//! How much of a program runs in native code, and what the rest is: by sampling.
//!
//! Bytecodes cannot be counted while native code runs: what counts them in the interpreter (`sys.monitoring`) keeps native code out. So the sampler, each time it is served, notes whether
//! the innermost Python frame is native, and if not, whose it is and why. It is served where the interpreter and native code alike look for signals: at the start of functions and at the
//! end of iterations. So a share is one of samples at such places; what runs in C counts for the Python code that comes next. Nothing is noted unless asked for.

use crate::functions;
use crate::gil::GilCell;
use crate::report::Report;
use crate::{options, registry};
use core::sync::atomic::{AtomicBool, Ordering};
use ember_cpython::layout::{
    CO_ASYNC_GENERATOR, CO_COROUTINE, CO_GENERATOR, CO_OPTIMIZED, FRAME_OWNED_BY_GENERATOR, FRAME_OWNED_BY_THREAD,
    InterpreterFrame, PyCodeObject, PyFunctionObject,
};
use rustc_hash::FxHashMap;

/// Rows of the report.
const MOST_ROWS: usize = 20;

#[derive(Default)]
struct Share {
    native: u64,
    interpreted: FxHashMap<(String, String), u64>,
}

static COUNTING: AtomicBool = AtomicBool::new(false);
static SHARE: GilCell<Option<Share>> = GilCell::new(None);

/// Starts to take notes anew, or stops.
///
/// # Safety
/// The GIL is held.
pub unsafe fn count(wanted: bool) {
    COUNTING.store(wanted, Ordering::Relaxed);
    if wanted {
        // SAFETY: by the contract.
        *unsafe { SHARE.borrow() } = Some(Share::default());
    }
}

/// Notes what a thread is running.
///
/// # Safety
/// The GIL is held and the frame is a thread's innermost one, or NULL.
pub unsafe fn note(mut frame: *mut InterpreterFrame) {
    if !COUNTING.load(Ordering::Relaxed) && !options::get().share {
        return;
    }
    // SAFETY: linked frames of a thread that stands still; executables of these kinds are code objects.
    unsafe {
        while !frame.is_null() && !matches!((*frame).owner, FRAME_OWNED_BY_THREAD | FRAME_OWNED_BY_GENERATOR) {
            frame = (*frame).previous;
        }
        if frame.is_null() {
            return;
        }
        let Some(mut share) = SHARE.try_borrow() else { return };
        let share = share.get_or_insert_default();
        // The frames of native code borrow their code object, but for the interpreter's that a loop runs in.
        if !(*frame).f_executable.owns() || crate::osr::is_running(frame) {
            share.native += 1;
            return;
        }
        let code = (*frame).f_executable.object().cast::<PyCodeObject>();
        let name = crate::snapshot::text_of((*code).co_qualname);
        let place = format!("{name}:{}", (*code).co_firstlineno);
        *share.interpreted.entry((place, why((*frame).f_funcobj.object().cast(), code))).or_default() += 1;
    }
}

/// Why an interpreted frame is not native.
unsafe fn why(func: *mut PyFunctionObject, code: *mut PyCodeObject) -> String {
    // SAFETY: the GIL is held; both are alive.
    unsafe {
        let flags = (*code).co_flags;
        if flags & (CO_COROUTINE | CO_ASYNC_GENERATOR) != 0 {
            return "coroutine".into();
        }
        if flags & CO_GENERATOR != 0 {
            return "generator".into();
        }
        if flags & CO_OPTIMIZED == 0 {
            return "module or class body".into();
        }
        let known = registry::with_code(code, |entry| {
            let reason = entry.reason.as_ref().map(ToString::to_string);
            reason.unwrap_or_else(|| if entry.queued { "being compiled".into() } else { String::new() })
        });
        match known {
            Some(reason) if !reason.is_empty() => reason,
            _ if pyo3_ffi::Py_TYPE(func.cast()) == core::ptr::addr_of_mut!(pyo3_ffi::PyFunction_Type)
                && !functions::is_original(func) =>
            {
                "a guard failed, or called before it was compiled".into()
            }
            _ => "not hot yet".into(),
        }
    }
}

/// The notes: the share of native samples, their number, and the most frequent places and reasons of the others.
///
/// # Safety
/// The GIL is held.
#[must_use]
pub unsafe fn report() -> Report {
    // SAFETY: by the contract.
    let Some(share) = (unsafe { SHARE.try_borrow() }) else { return Report::None };
    let Some(share) = share.as_ref() else { return Report::None };
    let rest: u64 = share.interpreted.values().sum();
    let samples = share.native + rest;
    let mut rows: Vec<_> = share.interpreted.iter().collect();
    rows.sort_by(|a, b| b.1.cmp(a.1).then_with(|| a.0.cmp(b.0)));
    let rows = rows.into_iter().take(MOST_ROWS).map(|((place, reason), &count)| {
        Report::map([
            ("function", Report::from(place.clone())),
            ("reason", Report::from(reason.clone())),
            ("share", Report::from(count as f64 / samples.max(1) as f64)),
        ])
    });
    Report::map([
        ("native", Report::from(share.native as f64 / samples.max(1) as f64)),
        ("samples", Report::from(samples)),
        ("interpreted", Report::List(rows.collect())),
    ])
}
