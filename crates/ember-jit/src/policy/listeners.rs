//! Whoever listens: tracers, profilers, monitoring tools.
//!
//! Native code reports nothing. While somebody listens, functions are entered as the interpreter made them; when nobody does any more, they enter native code again. Audit events say
//! when somebody may be about to listen, and also when a class's bases are about to change ([`ember_runtime::classes`]).

use super::*;

/// Functions whose entries were put back because somebody listens; they get them again when nobody does any more.
pub(super) static SUSPENDED: AtomicBool = AtomicBool::new(false);

static WATCHING: AtomicBool = AtomicBool::new(false);

/// Whether audit events are heard: from the first compilation on.
#[must_use]
pub fn is_watching() -> bool {
    WATCHING.load(Ordering::Relaxed)
}

/// Has itself told, by audit events, when somebody may be about to listen; once a process. Who listens already is found out.
pub(super) unsafe fn watch_listeners() {
    unsafe extern "C" fn on_event(event: *const core::ffi::c_char, args: *mut PyObject, _: *mut c_void) -> c_int {
        const EVENTS: [&core::ffi::CStr; 3] = [c"sys.monitoring.register_callback", c"sys.settrace", c"sys.setprofile"];
        // SAFETY: CPython passes a string; the GIL is held.
        unsafe {
            // The names of most events differ from these in their first letters already.
            if *event == b's' as core::ffi::c_char
                && EVENTS.contains(&core::ffi::CStr::from_ptr(event))
                && !crate::osr::registering()
            {
                let _ = catch_unwind(|| suspend());
            } else if *event == b'o' as core::ffi::c_char
                && core::ffi::CStr::from_ptr(event) == c"object.__setattr__"
                && let Some(class) = ember_runtime::classes::announced(args)
            {
                let _ = catch_unwind(|| ember_runtime::classes::bases_change(class));
            }
        }
        0
    }
    if !WATCHING.swap(true, Ordering::Relaxed) {
        // SAFETY: the GIL is held; the hook lives for ever.
        unsafe {
            ffi::PySys_AddAuditHook(Some(on_event), core::ptr::null_mut());
            if ember_runtime::tracing::has_tools() || !ember_runtime::exits::native_code_allowed() {
                suspend();
            }
        }
    }
}

/// Somebody may listen from now on: native code ends at its next test, and functions are entered as the interpreter made them, so that each call is
/// reported as what it is.
pub(super) unsafe fn suspend() {
    // SAFETY: the GIL is held; putting entries back runs no Python code.
    unsafe {
        ember_runtime::tracing::tool_registered();
        if !SUSPENDED.swap(true, Ordering::Relaxed) {
            for func in registry::installed() {
                functions::restore(func, true);
            }
            if offers() {
                for_each_function(|func| remove_stub(func));
            }
        }
        schedule_review();
    }
}

/// Lets functions enter native code again if nobody listens.
///
/// # Safety
/// The GIL is held, at a point where Python code may run.
pub unsafe fn resume_if_quiet() {
    // SAFETY: by the contract.
    unsafe {
        if SUSPENDED.load(Ordering::Relaxed) && ember_runtime::exits::native_code_allowed() {
            SUSPENDED.store(false, Ordering::Relaxed);
            for func in registry::installed() {
                registry::install_current(func);
            }
            if offers() {
                for_each_function(|func| offer(func));
            }
        }
    }
}

/// Whether functions must be left as they are because somebody listens.
#[must_use]
pub fn is_suspended() -> bool {
    SUSPENDED.load(Ordering::Relaxed)
}
