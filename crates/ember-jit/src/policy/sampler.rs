//! What is hot: samples of the running frames, taken by pending calls.

use super::compiler::{request, send};
use super::*;

/// Starts the thread that asks for samples, once a process.
pub(super) fn start_sampler() {
    SAMPLING.store(true, Ordering::Relaxed);
    let pid = std::process::id();
    if SAMPLER_PID.swap(pid, Ordering::Relaxed) == pid {
        return;
    }
    SAMPLE_DUE.store(false, Ordering::Relaxed);
    let thread = std::thread::Builder::new().name("ember-sampler".into()).stack_size(256 << 10);
    if let Err(error) = thread.spawn(sampler) {
        log::warn!("no sampler thread: {error}");
        SAMPLER_PID.store(0, Ordering::Relaxed);
    }
}

/// Samples since the last one that found something to compile.
pub(super) static QUIET: AtomicU32 = AtomicU32::new(0);

/// After each so many samples that found nothing to compile, samples are taken half as often; the pace is back at the first that does.
pub(super) const SETTLED_AFTER: u32 = 256;
/// … down to this part of the pace, as a power of two.
pub(super) const SLOWEST: u32 = 5;

/// The pace in workers whose master has compiled ahead, likewise.
pub(super) const WORKERS_PACE: u32 = 3;

/// In such a worker a function must run so much more often: compiling takes megabytes that it then has for itself, as do all its siblings.
const WORKERS_CARE: u32 = 25;

/// Unserved samples after which the sampler takes the GIL itself.
pub(super) const PATIENCE: u32 = 25;

pub(super) fn sampler() {
    let interval = Duration::from_micros(options::get().sample_us.max(100));
    let mut unserved = 0;
    loop {
        let quiet = (QUIET.load(Ordering::Relaxed) / SETTLED_AFTER).min(SLOWEST);
        let slower = 1 << if is_worker() { quiet.max(WORKERS_PACE) } else { quiet };
        std::thread::sleep(if LOOPING.swap(false, Ordering::Relaxed) { interval / 4 } else { interval * slower });
        if !SAMPLING.load(Ordering::Relaxed) {
            std::thread::sleep(interval * 20);
            continue;
        }
        if SAMPLE_DUE.swap(true, Ordering::Relaxed) {
            unserved += 1;
            if unserved >= PATIENCE {
                unserved = 0;
                sample_with_gil();
            }
            continue;
        }
        unserved = 0;
        // SAFETY: may be called from any thread, without the GIL.
        if unsafe { pyo3_ffi::Py_AddPendingCall(Some(on_sample), core::ptr::null_mut()) } < 0 {
            SAMPLE_DUE.store(false, Ordering::Relaxed);
        }
    }
}

pub(super) fn sample_with_gil() {
    // SAFETY: the interpreter is running: the thread is a daemon that CPython stops at finalisation by never giving it the GIL again.
    unsafe {
        if pyo3_ffi::Py_IsInitialized() == 0 || pyo3_ffi::Py_IsFinalizing() != 0 {
            return;
        }
        let state = pyo3_ffi::PyGILState_Ensure();
        let _ = catch_unwind(|| sample());
        pyo3_ffi::PyGILState_Release(state);
    }
}

pub(super) extern "C" fn on_sample(_: *mut c_void) -> c_int {
    SAMPLE_DUE.store(false, Ordering::Relaxed);
    let _ = catch_unwind(|| {
        // SAFETY: pending calls are made with the GIL held at a safe point.
        unsafe { sample() }
    });
    0
}

/// Samples in which native code must be seen before what its caches have learnt is looked at.
pub(super) const REFRESH_AT: [u32; 4] = [20, 80, 320, 1280];

/// Frames of each thread that a sample looks at.
pub(super) const DEPTH: usize = 6;

pub(super) unsafe fn sample() {
    // SAFETY: the GIL is held: all frames stand still.
    unsafe {
        resume_if_quiet();
        take_finished();
        super::compiler::trim_if_due();
        if is_suspended() || mode() != Mode::Auto || with(|policy| policy.paused) {
            return;
        }
        let mut hot: Vec<*mut PyFunctionObject> = Vec::new();
        let mut thread = ffi::PyInterpreterState_ThreadHead(ffi::PyInterpreterState_Get());
        while !thread.is_null() {
            crate::share::note((*thread).current_frame);
            look_at((*thread).current_frame, &mut hot);
            thread = ffi::PyThreadState_Next(thread);
        }
        look_at_loops();
        if !is_worker() {
            hot.extend(crate::profile::take_due());
        }
        QUIET.fetch_add(1, Ordering::Relaxed);
        for func in hot {
            if functions::is_original(func) {
                // What cannot be compiled, or must not, is seen for ever.
                if request(func) {
                    QUIET.store(0, Ordering::Relaxed);
                }
            } else {
                crate::retune::refresh(func);
            }
        }
    }
}

pub(super) unsafe fn look_at(mut frame: *mut InterpreterFrame, hot: &mut Vec<*mut PyFunctionObject>) {
    // SAFETY: as above; executables of complete frames are code objects.
    unsafe {
        let threshold = options::get().hot;
        let mut depth = 0;
        while !frame.is_null() && depth < DEPTH {
            let executable = (*frame).f_executable.object();
            let owner = (*frame).owner;
            if owner == ember_cpython::layout::FRAME_OWNED_BY_THREAD
                && !executable.is_null()
                && pyo3_ffi::Py_TYPE(executable) == core::ptr::addr_of_mut!(ffi::PyCode_Type)
            {
                depth += 1;
                let code = executable.cast::<PyCodeObject>();
                if depth == 1 {
                    with(|policy| {
                        policy.samples = policy.samples.saturating_add(1);
                        *policy.innermost.entry(code as usize).or_default() += 1;
                        policy.forget_slowly();
                    });
                }
                let func = (*frame).f_funcobj.object();
                if func.is_null() || pyo3_ffi::Py_TYPE(func) != core::ptr::addr_of_mut!(pyo3_ffi::PyFunction_Type) {
                } else if !functions::is_original(func.cast()) {
                    let heat = with(|policy| {
                        let heat = policy.native_heat.entry(code as usize).or_default();
                        *heat += 1;
                        *heat
                    });
                    if !is_worker()
                        && REFRESH_AT.contains(&heat)
                        && (*func.cast::<PyFunctionObject>()).func_code == code
                    {
                        hot.push(func.cast());
                    }
                } else if is_candidate(code) {
                    let heat = with(|policy| {
                        let heat = policy.heat.entry(code as usize).or_default();
                        *heat += 1;
                        *heat
                    });
                    if heat == threshold {
                        crate::arrays::remember(frame);
                    }
                    if heat >= threshold && runs_often(code) && !hot.contains(&func.cast()) {
                        hot.push(func.cast());
                    }
                }
            }
            frame = (*frame).previous;
        }
    }
}

/// Samples after which all counts are halved, so that what ran long ago fades.
const FADE: u32 = 1 << 14;

/// Whether a function is called often enough for its native code to pay. Samples are taken where functions are entered and loops go round, so their number tells how often that happens.
/// Machine code that is run once in a long while has to be fetched, decoded and its branches learnt each time, which costs more than the interpreter, whose loop is always at hand: a
/// server's request goes through hundreds of functions once. What runs often is in a profile, if there is one; of what is not a few samples say nothing.
pub(super) unsafe fn runs_often(code: *mut PyCodeObject) -> bool {
    // SAFETY: the GIL is held.
    unsafe {
        let passed_over = crate::profile::is_loaded() && !crate::profile::wants(code);
        with(|policy| {
            let innermost = policy.innermost.get(&(code as usize)).copied().unwrap_or(0);
            let often = options::get().often / if is_worker() { WORKERS_CARE } else { 1 };
            is_often(innermost, policy.samples, often, passed_over)
        })
    }
}

/// Samples that a function that no profile names must have had for that to tell anything.
const FEW: u32 = 5;

/// Whether one in `often` samples was of a function; one that a profile passes over must have been seen more than once or twice.
fn is_often(innermost: u32, samples: u32, often: u32, passed_over: bool) -> bool {
    innermost >= if passed_over { FEW } else { 0 } && innermost.saturating_mul(often) >= samples
}

/// Samples in which a profile's function must have been seen running native code for what its caches have seen to be of use.
const SEEN_RUNNING: u32 = 3;

/// Whether it pays to compile a function anew because its caches have seen something. One from a profile begins with all that earlier processes have seen; what a few
/// turns of a warm-up add to that is what hardly ever happens, unless the function is hot here, too.
pub(super) unsafe fn may_be_retuned(code: *mut PyCodeObject) -> bool {
    // SAFETY: the GIL is held.
    unsafe {
        let seen = with(|policy| policy.native_heat.get(&(code as usize)).copied().unwrap_or(0));
        pays_again(crate::profile::wants(code), seen)
    }
}

/// The same for a function that a profile names or does not, and that so many samples have seen running native code.
fn pays_again(in_profile: bool, seen: u32) -> bool {
    !in_profile || seen >= SEEN_RUNNING
}

impl Policy {
    fn forget_slowly(&mut self) {
        if self.samples >= FADE {
            self.samples /= 2;
            self.innermost.retain(|_, count| {
                *count /= 2;
                *count > 0
            });
        }
    }
}

/// Samples in a row in which a frame must be seen in a loop before that is replaced: where it stands at the loop's end, and where it is calling something.
pub(super) const LOOP_SAMPLES: (u32, u32) = (2, 8);

/// Code units up to which a loop's function is compiled on the spot: the thread that is looping has nothing better to do meanwhile.
pub(super) const COMPILE_AT_ONCE: usize = 1500;

/// Looks for frames that have been in a loop for a while: their activation will not profit from a compiled entry.
pub(super) unsafe fn look_at_loops() {
    // SAFETY: the GIL is held: all frames stand still.
    unsafe {
        let mut seen: Vec<(*mut InterpreterFrame, *mut PyFunctionObject, u32, u32)> = Vec::new();
        let mut thread = ffi::PyInterpreterState_ThreadHead(ffi::PyInterpreterState_Get());
        while !thread.is_null() {
            let mut frame = (*thread).current_frame;
            for depth in 0..DEPTH {
                if frame.is_null() {
                    break;
                }
                if let Some((func, head)) = in_loop(frame) {
                    seen.push((frame, func, head, if depth == 0 { LOOP_SAMPLES.0 } else { LOOP_SAMPLES.1 }));
                }
                frame = (*frame).previous;
            }
            thread = ffi::PyThreadState_Next(thread);
        }
        with(|policy| {
            let before = core::mem::take(&mut policy.loops);
            seen.retain(|&(frame, _, head, wanted)| {
                let key = (frame as usize, head);
                let times = before.get(&key).copied().unwrap_or(0) + 1;
                policy.loops.insert(key, times);
                if times < wanted && wanted == LOOP_SAMPLES.0 {
                    LOOPING.store(true, Ordering::Relaxed);
                }
                times >= wanted
            });
        });
        for (frame, func, head, _) in seen {
            let Ok(job) = crate::osr::begin(frame, func, head) else { continue };
            let env = engine::env().filter(|_| job.snapshot.units.len() <= COMPILE_AT_ONCE);
            match env {
                Some(env) => crate::osr::finish(compile::run(job, env, Wanted::default())),
                None => {
                    send(job, func);
                }
            }
        }
    }
}

/// The function, and the head of the innermost loop, that an interpreted frame is in.
pub(super) unsafe fn in_loop(frame: *mut InterpreterFrame) -> Option<(*mut PyFunctionObject, u32)> {
    use ember_cpython::layout::{CO_ASYNC_GENERATOR, CO_COROUTINE, CO_GENERATOR, FRAME_OWNED_BY_THREAD};
    // SAFETY: a linked frame; executables of its kind are code objects.
    unsafe {
        let func = (*frame).f_funcobj.object();
        // The frames of native code borrow their code object.
        if (*frame).owner != FRAME_OWNED_BY_THREAD
            || !(*frame).f_executable.owns()
            || crate::osr::is_running(frame)
            || func.is_null()
            || pyo3_ffi::Py_TYPE(func) != core::ptr::addr_of_mut!(pyo3_ffi::PyFunction_Type)
        {
            return None;
        }
        let code = (*frame).f_executable.object().cast::<PyCodeObject>();
        if (*code).co_flags & (CO_GENERATOR | CO_COROUTINE | CO_ASYNC_GENERATOR) != 0
            || (*func.cast::<PyFunctionObject>()).func_code != code
        {
            return None;
        }
        let first = core::ptr::addr_of!((*code).co_code_adaptive).cast::<u16>();
        let units = core::slice::from_raw_parts(first, (*code).ob_base.ob_size as usize);
        let head = ember_frontend::decode::loop_around(units, ember_cpython::frame::lasti(frame))?;
        Some((func.cast(), head))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_profile_passes_over_must_be_seen_more_than_once() {
        // One sample of many is enough where nothing else is known.
        assert!(is_often(1, 400, 1500, false));
        assert!(!is_often(1, 400, 1500, true) && is_often(FEW, 400, 1500, true));
        // A share that is too small is so in any case.
        assert!(!is_often(1, 1501, 1500, false) && !is_often(FEW, 10_000, 1500, true));
        assert!(is_often(0, 0, 1500, false));
    }

    #[test]
    fn what_a_profile_knows_is_compiled_anew_only_where_it_is_hot() {
        assert!(pays_again(false, 0));
        assert!(!pays_again(true, 0) && !pays_again(true, SEEN_RUNNING - 1) && pays_again(true, SEEN_RUNNING));
    }
}
