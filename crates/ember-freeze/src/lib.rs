//! The heap of a server's master, made such that its children share it for good.
//!
//! After a fork parent and child share every page until one of them writes to it, and a CPython process writes to nearly
//! every page of its heap: whoever looks at an object counts a reference in it, the collector uses the headers of all
//! containers, hashes and versions are computed at first use, and new objects are put into the gaps between old ones.
//! [`freeze`], called in the master right before the fork, takes these reasons away one by one:
//!
//! 1. a full collection, so that no garbage is kept, and `gc.freeze()`, so that the collector looks at nothing of it again;
//! 2. everything reachable becomes immortal (PEP 683): its count is not written any more ([`walk`], [`consts`]);
//! 3. what would be computed at first use is computed: hashes of strings, versions of types, tables of shared keys ([`walk`]);
//! 4. the gaps that the master's freed blocks left are closed, and free pages go back to the system ([`gaps`]).
//!
//! What it costs: what is immortal is never destroyed, so a child that drops a part of the frozen heap does not get the
//! memory back. What has a finalizer is left mortal, because somebody may wait for it to run; whatever of it is held by
//! immortal objects alone is finalized at exit ([`exit`]), as the interpreter would have done.
//!
//! Invariant of the crate: the GIL of the main interpreter is held, and `ember_cpython::verify::check_layouts` has passed.

pub mod consts;
pub mod exit;
pub mod gaps;
pub mod map;
pub mod prefault;
pub mod report;
pub mod walk;

use std::path::Path;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Instant;

use ember_cpython::layout::PyObject;
use ember_cpython::types;
use pyo3_ffi as py;

pub use report::Frozen;

/// A Python exception is set.
#[derive(Clone, Copy, Debug)]
pub struct ExceptionSet;

/// What [`freeze`] does beside making objects immortal.
#[derive(Clone, Copy, Debug)]
pub struct Options {
    /// Collect garbage first. Without it garbage that is there becomes immortal, too.
    pub collect: bool,
    /// Close the gaps in the heap, so that new objects do not lie on pages with old ones.
    pub close_gaps: bool,
}

/// The process that wrote the last map: it adds to that one.
static LAST_MAP: AtomicU32 = AtomicU32::new(0);

/// Whether heaps can be frozen in this interpreter.
///
/// # Safety
/// The GIL is held.
///
/// # Errors
/// One line that says why not.
pub unsafe fn support() -> Result<(), String> {
    // SAFETY: as the caller says.
    unsafe { ember_cpython::verify::check_layouts() }
}

/// Freezes the heap; what came of it, and a `map` of it in a file if one is asked for. On error an exception is set and nothing was made immortal.
///
/// Runs Python code (finalizers) only before the first object is made immortal. Does nothing while the interpreter ends.
///
/// # Safety
/// The GIL of the main interpreter is held, `verify::check_layouts` has passed and no exception is set.
pub unsafe fn freeze(options: Options, map: Option<&Path>) -> Result<Frozen, ExceptionSet> {
    let began = Instant::now();
    // SAFETY: as the caller says.
    unsafe {
        // An interpreter that ends takes its objects apart; there is nothing to share any more.
        if py::Py_IsFinalizing() != 0 {
            return Ok(Frozen::default());
        }
        if options.collect {
            call_collector(c"collect")?;
        }
        if !types::interpreter_caches_known() {
            // The walk cannot find the names in there, which children would drop one by one.
            py::PyType_ClearCache();
        }
        let guards = exit::install()?;
        let collected = Instant::now();
        call_collector(c"freeze")?;
        let mut walker = walk::Walker::new(map.is_some());
        guards.into_iter().for_each(|guard| walker.keep_mortal(guard));
        walker.run();
        walker.settle_types();
        walker.settle_code();
        let mut map_error = None;
        if let (Some(path), Some((map, types))) = (map, walker.map()) {
            let again = LAST_MAP.swap(std::process::id(), Ordering::Relaxed) == std::process::id();
            map_error = map.write(path, types, again).err().map(|error| error.to_string());
        }
        let freeze_seconds = collected.elapsed().as_secs_f64();
        // What the walk needed would leave gaps itself; so would the report, which comes after for that.
        walker.finish();
        let (mut closed, started) = (0, Instant::now());
        if options.close_gaps {
            closed = gaps::close();
        }
        let gaps_seconds = started.elapsed().as_secs_f64();
        let frozen = Frozen {
            gaps: closed,
            map_error,
            collect_seconds: (collected - began).as_secs_f64(),
            freeze_seconds,
            gaps_seconds,
            ..walker.report()
        };
        Ok(frozen)
    }
}

/// Calls a function of the module `gc`: CPython does not export them all.
unsafe fn call_collector(name: &core::ffi::CStr) -> Result<(), ExceptionSet> {
    // SAFETY: the GIL is held; both references are owned and dropped.
    unsafe {
        let module: *mut PyObject = py::PyImport_ImportModule(c"gc".as_ptr());
        if module.is_null() {
            return Err(ExceptionSet);
        }
        let result = py::PyObject_CallMethod(module, name.as_ptr(), core::ptr::null());
        py::Py_DECREF(module);
        if result.is_null() {
            return Err(ExceptionSet);
        }
        py::Py_DECREF(result);
        Ok(())
    }
}
