//! When functions are compiled.
//!
//! * **all**, **list**: functions get a stub as their entry which compiles at the first call, and then is gone.
//! * **auto**: nothing is changed about a function that is not compiled. A *sampler* thread asks, a thousand times a second, for a pending call; CPython makes it at the next safe point
//!   of the main thread, and there the innermost frames of all threads are looked at: with the GIL held they stand still. What is seen often enough is hot. A
//!   snapshot is taken on the spot, a *compiler* thread compiles it without the GIL, and the next sample installs the outcome.
//!
//! When the main thread makes no pending calls (it waits in C code), the sampler takes the GIL itself for a sample now and then.

use crate::compile::{self, Job, Outcome, Wanted};
use crate::gil::GilCell;
use crate::jit_list::{JitList, Subject, Verdict};
use crate::snapshot::text_of;
use crate::{engine, functions, options, registry};
use core::ffi::{c_int, c_void};
use core::sync::atomic::{AtomicBool, AtomicU32, AtomicUsize, Ordering};
use ember_cpython::ffi;
use ember_cpython::layout::{CO_NEWLOCALS, CO_OPTIMIZED, InterpreterFrame, PyCodeObject, PyFunctionObject, PyObject};
use ember_cpython::refcount;
use ember_cpython::watchers::{self, Callbacks, CodeEvent, FunctionEvent};
use ember_runtime::bind::original_vectorcall;
use rustc_hash::{FxHashMap, FxHashSet};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::time::Duration;

/// The modes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub enum Mode {
    /// Nothing is compiled.
    #[default]
    Off,
    /// What is hot.
    Auto,
    /// Everything, at its first call.
    All,
    /// What a list names, at its first call.
    List,
}

impl Mode {
    /// The mode of that name.
    #[must_use]
    pub fn parse(name: &str) -> Option<Mode> {
        Some(match name {
            "off" => Mode::Off,
            "auto" | "1" => Mode::Auto,
            "all" => Mode::All,
            "list" => Mode::List,
            _ => return None,
        })
    }

    /// Its name.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Mode::Off => "off",
            Mode::Auto => "auto",
            Mode::All => "all",
            Mode::List => "list",
        }
    }
}

/// A job on its way to the compiler thread, with a reference to its function.
struct Ticket {
    job: Job,
    func: usize,
}

struct Done {
    outcome: Outcome,
    func: usize,
}

/// The compiler thread's ends of the channels, and the process it runs in.
struct Compiler {
    jobs: Sender<Ticket>,
    done: Receiver<Done>,
    pid: u32,
}

#[derive(Default)]
struct Policy {
    mode: Mode,
    list: JitList,
    paused: bool,
    calls: FxHashMap<usize, u32>,
    heat: FxHashMap<usize, u32>,
    /// Samples in which native code was seen running.
    native_heat: FxHashMap<usize, u32>,
    /// Frames seen in a loop in the last sample, and the loop's head, with how often in a row.
    loops: FxHashMap<(usize, u32), u32>,
    compiler: Option<Compiler>,
}

static POLICY: GilCell<Option<Policy>> = GilCell::new(None);
static SAMPLING: AtomicBool = AtomicBool::new(false);
static SAMPLER_PID: AtomicU32 = AtomicU32::new(0);
static SAMPLE_DUE: AtomicBool = AtomicBool::new(false);
static IN_FLIGHT: AtomicUsize = AtomicUsize::new(0);
/// Whether a loop has been seen that deserves another look soon.
static LOOPING: AtomicBool = AtomicBool::new(false);
static REVIEW_DUE: AtomicBool = AtomicBool::new(false);

unsafe fn with<R>(then: impl FnOnce(&mut Policy) -> R) -> R {
    // SAFETY: the callers hold the GIL, and no closure runs Python code.
    then(unsafe { POLICY.borrow() }.get_or_insert_default())
}

/// The mode in force.
///
/// # Safety
/// The GIL is held.
#[must_use]
pub unsafe fn mode() -> Mode {
    // SAFETY: by the contract.
    unsafe { with(|policy| policy.mode) }
}

/// Turns the engine on.
///
/// # Safety
/// The GIL is held.
///
/// # Errors
/// One line that says why the engine stays off.
pub unsafe fn enable(mode: Mode, list: Option<JitList>) -> Result<(), String> {
    // SAFETY: by the contract.
    unsafe {
        engine::start()?;
        watchers::install(Callbacks {
            dict: Some(on_dict),
            function: Some(on_function),
            code: Some(on_code),
            ..Callbacks::default()
        })?;
        watch_listeners();
        let _ = ember_runtime::exits::native_code_allowed();
        with(|policy| {
            policy.mode = mode;
            policy.paused = false;
            if let Some(list) = list {
                policy.list.merge(list);
            }
        });
        match mode {
            Mode::All | Mode::List => for_each_function(|func| offer(func)),
            Mode::Auto => {
                for_each_function(|func| {
                    if listed(func) == Verdict::Listed {
                        offer(func);
                    }
                });
                start_sampler();
            }
            Mode::Off => {}
        }
        Ok(())
    }
}

/// Globals and classes share CPython's one kind of dict event.
fn on_dict(event: watchers::DictEvent, dict: *mut PyObject, key: *mut PyObject, new_value: *mut PyObject) {
    crate::globals::on_dict_event(event, dict, key, new_value);
    // SAFETY: called by CPython's watcher, with the GIL held.
    unsafe { ember_runtime::classes::on_dict_event(event, dict, key) };
}

/// Functions whose entries were put back because somebody listens; they get them again when nobody does any more.
static SUSPENDED: AtomicBool = AtomicBool::new(false);

/// Has itself told, by audit events, when somebody may be about to listen; once a process.
unsafe fn watch_listeners() {
    static WATCHING: AtomicBool = AtomicBool::new(false);
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
        unsafe { ffi::PySys_AddAuditHook(Some(on_event), core::ptr::null_mut()) };
    }
}

/// Somebody may listen from now on: native code ends at its next test, and functions are entered as the interpreter made them, so that each call is
/// reported as what it is.
unsafe fn suspend() {
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

/// Whether there may be functions with a stub, which compiles them when they are called.
unsafe fn offers() -> bool {
    // SAFETY: the GIL is held.
    unsafe { with(|policy| policy.mode == Mode::All || policy.list.lists_something()) }
}

/// Whether functions must be left as they are because somebody listens.
#[must_use]
pub fn is_suspended() -> bool {
    SUSPENDED.load(Ordering::Relaxed)
}

/// Turns the engine off: every function is as it was.
///
/// # Safety
/// The GIL is held.
pub unsafe fn disable() {
    // SAFETY: by the contract.
    unsafe {
        SAMPLING.store(false, Ordering::Relaxed);
        with(|policy| policy.mode = Mode::Off);
        for func in registry::installed() {
            registry::uninstall(func);
        }
        for_each_function(|func| remove_stub(func));
    }
}

/// While paused nothing is compiled and no function enters native code.
///
/// # Safety
/// The GIL is held.
pub unsafe fn set_paused(paused: bool) {
    // SAFETY: by the contract.
    unsafe {
        let was = with(|policy| core::mem::replace(&mut policy.paused, paused));
        if paused && !was {
            let functions = registry::installed();
            for func in functions {
                registry::uninstall(func);
            }
        } else if was && !paused {
            for_each_function(|func| {
                if functions::is_original(func) {
                    registry::install_current(func);
                }
            });
        }
    }
}

/// Adds entries to the list in force.
///
/// # Safety
/// The GIL is held.
pub unsafe fn load_list(list: JitList) {
    // SAFETY: by the contract.
    unsafe {
        let mode = with(|policy| {
            policy.list.merge(list);
            policy.mode
        });
        if matches!(mode, Mode::List | Mode::Auto) {
            for_each_function(|func| {
                if listed(func) == Verdict::Listed {
                    offer(func);
                }
            });
        }
    }
}

/// What the list in force says of a function.
///
/// # Safety
/// The GIL is held and `func` is alive.
#[must_use]
pub unsafe fn listed(func: *mut PyFunctionObject) -> Verdict {
    // SAFETY: by the contract.
    unsafe {
        let code = (*func).func_code;
        let module = text_of((*func).func_module);
        let qualname = text_of((*func).func_qualname);
        let filename = text_of((*code).co_filename);
        let subject =
            Subject { module: &module, qualname: &qualname, filename: &filename, line: (*code).co_firstlineno as u32 };
        with(|policy| policy.list.verdict(subject))
    }
}

unsafe fn for_each_function(mut visit: impl FnMut(*mut PyFunctionObject)) {
    unsafe extern "C" fn collect(object: *mut PyObject, list: *mut c_void) -> c_int {
        // SAFETY: CPython passes a live object and our list; holding a reference runs no code.
        unsafe {
            if pyo3_ffi::Py_TYPE(object) == core::ptr::addr_of_mut!(pyo3_ffi::PyFunction_Type) {
                refcount::incref(object);
                (*list.cast::<Vec<*mut PyObject>>()).push(object);
            }
        }
        1
    }
    let mut found: Vec<*mut PyObject> = Vec::new();
    // SAFETY: the GIL is held; references are released when all have been visited.
    unsafe {
        ffi::PyUnstable_GC_VisitObjects(collect, core::ptr::from_mut(&mut found).cast());
        for &object in &found {
            visit(object.cast());
        }
        for object in found {
            refcount::decref(object);
        }
    }
}

/// Whether the code is a function's body that the compiler takes at all, by a glance at its flags.
unsafe fn is_candidate(code: *mut PyCodeObject) -> bool {
    use ember_cpython::layout::{CO_ASYNC_GENERATOR, CO_COROUTINE, CO_GENERATOR};
    // SAFETY: a live code object.
    let flags = unsafe { (*code).co_flags };
    flags & (CO_OPTIMIZED | CO_NEWLOCALS) == (CO_OPTIMIZED | CO_NEWLOCALS)
        && flags & (CO_GENERATOR | CO_COROUTINE | CO_ASYNC_GENERATOR) == 0
}

/// Gives a function the stub that compiles it, if the mode wants that.
unsafe fn offer(func: *mut PyFunctionObject) {
    // SAFETY: the GIL is held and the function alive.
    unsafe {
        if !is_candidate((*func).func_code) || !functions::is_original(func) {
            return;
        }
        let wanted = match (mode(), listed(func)) {
            (_, Verdict::Excluded) | (Mode::Off, _) => false,
            (Mode::All, _) | (_, Verdict::Listed) => true,
            _ => false,
        };
        if wanted && !registry::install_current(func) {
            functions::set_stub(func, ember_lazy_entry);
        }
    }
}

unsafe fn remove_stub(func: *mut PyFunctionObject) {
    // SAFETY: the GIL is held and the function alive.
    unsafe {
        if (*func).vectorcall.map(|entry| entry as usize) == Some(ember_lazy_entry as *const () as usize) {
            functions::restore(func, true);
        }
    }
}

/// The entry of functions to be compiled at a call.
unsafe extern "C" fn ember_lazy_entry(
    callable: *mut PyObject,
    args: *const *mut PyObject,
    nargsf: usize,
    kwnames: *mut PyObject,
) -> *mut PyObject {
    let func = callable.cast::<PyFunctionObject>();
    // SAFETY: a vectorcall of a live function, with the GIL held; panics end here.
    unsafe {
        let outcome = catch_unwind(AssertUnwindSafe(|| {
            let (paused, calls) = with(|policy| {
                let calls = policy.calls.entry((*func).func_code as usize).or_default();
                *calls += 1;
                (policy.paused || policy.mode == Mode::Off, *calls)
            });
            resume_if_quiet();
            if is_suspended() {
                return;
            }
            if paused || calls <= options::get().compile_after {
                return;
            }
            let saved = pyo3_ffi::PyErr_GetRaisedException();
            if registry::compile_now(func).is_err() {
                functions::restore(func, true);
            } else {
                dump_if_wanted(func);
            }
            pyo3_ffi::PyErr_SetRaisedException(saved);
        }));
        if outcome.is_err() {
            functions::restore(func, true);
        }
        let entry = (*func).vectorcall.filter(|entry| *entry as usize != ember_lazy_entry as *const () as usize);
        match entry.or(original_vectorcall()) {
            Some(entry) => entry(callable, args, nargsf, kwnames),
            None => core::ptr::null_mut(),
        }
    }
}

/// Prints what `EMBER_DUMP` asks for.
unsafe fn dump_if_wanted(func: *mut PyFunctionObject) {
    let Some((kinds, pattern)) = &options::get().dump else { return };
    // SAFETY: the GIL is held and the function alive.
    unsafe {
        let name = text_of((*func).func_qualname);
        if !crate::jit_list::matches(pattern, &name) {
            return;
        }
        for kind in kinds {
            match registry::dump(func, kind) {
                Ok(text) => eprintln!("== {kind} of {name} ==\n{text}"),
                Err(reason) => eprintln!("== {kind} of {name}: {reason} =="),
            }
        }
    }
}

fn on_function(event: FunctionEvent, func: *mut PyFunctionObject, _value: *mut PyObject) {
    // SAFETY: CPython's watcher: the GIL is held, the function alive.
    unsafe {
        // Generator expressions are functions that live for one call: nothing is known of them that would have to be forgotten.
        if matches!(event, FunctionEvent::Create | FunctionEvent::Destroy)
            && !is_candidate((*func).func_code)
            && !registry::has_excluded()
        {
            return;
        }
        match event {
            FunctionEvent::Create => {
                if !is_candidate((*func).func_code) {
                    return;
                }
                let Some(policy) = POLICY.try_borrow() else { return };
                let (mode, paused, unlisted) = policy.as_ref().map_or((Mode::Off, false, true), |policy| {
                    (policy.mode, policy.paused, policy.mode == Mode::Auto && !policy.list.lists_something())
                });
                drop(policy);
                // While somebody listens every function is entered as the interpreter made it.
                if mode == Mode::Off || paused || is_suspended() {
                    return;
                }
                // Functions are made often: without a list nobody needs to know their names.
                if !registry::install_current(func) && !unlisted {
                    offer(func);
                }
            }
            FunctionEvent::Destroy => registry::function_destroyed(func),
            FunctionEvent::ModifyCode => registry::function_changes_code(func),
            FunctionEvent::ModifyDefaults | FunctionEvent::ModifyKwDefaults => {
                registry::function_changes_defaults(func)
            }
        }
    }
}

fn on_code(event: CodeEvent, code: *mut PyCodeObject) {
    if event == CodeEvent::Destroy {
        // SAFETY: CPython's watcher: the GIL is held.
        unsafe {
            if let Some(mut policy) = POLICY.try_borrow()
                && let Some(policy) = policy.as_mut()
            {
                policy.calls.remove(&(code as usize));
                policy.heat.remove(&(code as usize));
                policy.native_heat.remove(&(code as usize));
            }
            crate::arrays::forget(code as usize);
            registry::code_destroyed(code);
            crate::osr::forget(code);
        }
    }
}

/// Has deopts looked at at the next safe point.
pub fn schedule_review() {
    if !REVIEW_DUE.swap(true, Ordering::Relaxed) {
        // SAFETY: may be called from anywhere.
        if unsafe { pyo3_ffi::Py_AddPendingCall(Some(review), core::ptr::null_mut()) } < 0 {
            REVIEW_DUE.store(false, Ordering::Relaxed);
        }
    }
}

extern "C" fn review(_: *mut c_void) -> c_int {
    REVIEW_DUE.store(false, Ordering::Relaxed);
    let _ = catch_unwind(|| {
        // SAFETY: pending calls are made with the GIL held at a safe point.
        unsafe {
            resume_if_quiet();
            registry::review_deopts();
            crate::retune::review();
            registry::collect_retired();
        }
    });
    0
}

/// Starts the thread that asks for samples, once a process.
fn start_sampler() {
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
static QUIET: AtomicU32 = AtomicU32::new(0);

/// After each so many samples that found nothing to compile, samples are taken half as often; the pace is back at the first that does.
const SETTLED_AFTER: u32 = 256;
/// … down to this part of the pace, as a power of two.
const SLOWEST: u32 = 5;

/// Unserved samples after which the sampler takes the GIL itself.
const PATIENCE: u32 = 25;

fn sampler() {
    let interval = Duration::from_micros(options::get().sample_us.max(100));
    let mut unserved = 0;
    loop {
        let slower = 1 << (QUIET.load(Ordering::Relaxed) / SETTLED_AFTER).min(SLOWEST);
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

fn sample_with_gil() {
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

extern "C" fn on_sample(_: *mut c_void) -> c_int {
    SAMPLE_DUE.store(false, Ordering::Relaxed);
    let _ = catch_unwind(|| {
        // SAFETY: pending calls are made with the GIL held at a safe point.
        unsafe { sample() }
    });
    0
}

/// Samples in which native code must be seen before what its caches have learnt is looked at.
const REFRESH_AT: [u32; 4] = [20, 80, 320, 1280];

/// Frames of each thread that a sample looks at.
const DEPTH: usize = 6;

unsafe fn sample() {
    // SAFETY: the GIL is held: all frames stand still.
    unsafe {
        resume_if_quiet();
        take_finished();
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
        QUIET.fetch_add(1, Ordering::Relaxed);
        for func in hot {
            if functions::is_original(func) {
                QUIET.store(0, Ordering::Relaxed);
                request(func);
            } else {
                crate::retune::refresh(func);
            }
        }
    }
}

unsafe fn look_at(mut frame: *mut InterpreterFrame, hot: &mut Vec<*mut PyFunctionObject>) {
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
                let func = (*frame).f_funcobj.object();
                if func.is_null() || pyo3_ffi::Py_TYPE(func) != core::ptr::addr_of_mut!(pyo3_ffi::PyFunction_Type) {
                } else if !functions::is_original(func.cast()) {
                    let heat = with(|policy| {
                        let heat = policy.native_heat.entry(code as usize).or_default();
                        *heat += 1;
                        *heat
                    });
                    if REFRESH_AT.contains(&heat) && (*func.cast::<PyFunctionObject>()).func_code == code {
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
                    if heat >= threshold && !hot.contains(&func.cast()) {
                        hot.push(func.cast());
                    }
                }
            }
            frame = (*frame).previous;
        }
    }
}

/// Samples in a row in which a frame must be seen in a loop before that is replaced: where it stands at the loop's end, and where it is calling something.
const LOOP_SAMPLES: (u32, u32) = (2, 8);

/// Code units up to which a loop's function is compiled on the spot: the thread that is looping has nothing better to do meanwhile.
const COMPILE_AT_ONCE: usize = 1500;

/// Looks for frames that have been in a loop for a while: their activation will not profit from a compiled entry.
unsafe fn look_at_loops() {
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
unsafe fn in_loop(frame: *mut InterpreterFrame) -> Option<(*mut PyFunctionObject, u32)> {
    use ember_cpython::layout::{CO_ASYNC_GENERATOR, CO_COROUTINE, CO_GENERATOR, FRAME_OWNED_BY_THREAD};
    // SAFETY: a linked frame; executables of its kind are code objects.
    unsafe {
        let func = (*frame).f_funcobj.object();
        // The frames of native code borrow their code object.
        if (*frame).owner != FRAME_OWNED_BY_THREAD
            || !(*frame).f_executable.owns()
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

/// Sends a hot function to the compiler thread.
unsafe fn request(func: *mut PyFunctionObject) {
    // SAFETY: the GIL is held and the function alive.
    unsafe {
        let code = (*func).func_code;
        if listed(func) == Verdict::Excluded || registry::with_code(code, |entry| entry.queued).unwrap_or(false) {
            return;
        }
        let Ok(Some(job)) = registry::begin(func) else { return };
        let queued = send(job, func);
        registry::with_code(code, |entry| entry.queued = queued);
    }
}

/// Hands a job for another version of a function to the compiler thread, in the mode that has one; else gives it back.
///
/// # Safety
/// The GIL is held and `func` is alive.
pub unsafe fn compile_in_background(job: Box<Job>, func: *mut PyFunctionObject) -> Result<(), Box<Job>> {
    // SAFETY: by the contract.
    unsafe {
        if mode() != Mode::Auto {
            return Err(job);
        }
        let queued = send(*job, func);
        registry::with_code((*func).func_code, |entry| entry.queued = queued);
        Ok(())
    }
}

/// Hands a job to the compiler thread; whether there is one.
unsafe fn send(job: Job, func: *mut PyFunctionObject) -> bool {
    // SAFETY: the GIL is held and the function alive.
    unsafe {
        refcount::incref(func.cast());
        let ticket = Ticket { job, func: func as usize };
        let sent = with(|policy| match compiler(policy) {
            Some(compiler) => compiler.jobs.send(ticket).map_err(|error| Box::new(error.0)),
            None => Err(Box::new(ticket)),
        });
        match sent {
            Ok(()) => {
                IN_FLIGHT.fetch_add(1, Ordering::Relaxed);
                true
            }
            Err(ticket) => {
                refcount::decref(ticket.func as *mut PyObject);
                false
            }
        }
    }
}

/// The compiler thread of this process, started when there is none yet (or none any more: threads do not survive `fork`).
fn compiler(policy: &mut Policy) -> Option<&Compiler> {
    let pid = std::process::id();
    if policy.compiler.as_ref().is_none_or(|compiler| compiler.pid != pid) {
        let (jobs, inbox) = channel::<Ticket>();
        let (outbox, done) = channel::<Done>();
        let thread = std::thread::Builder::new().name("ember-compiler".into()).stack_size(8 << 20);
        let started = thread.spawn(move || compile_all(&inbox, &outbox));
        if let Err(error) = started {
            log::warn!("no compiler thread: {error}");
            return None;
        }
        IN_FLIGHT.store(0, Ordering::Relaxed);
        // What the parent's thread had been given is lost with it.
        std::mem::forget(policy.compiler.replace(Compiler { jobs, done, pid }));
    }
    policy.compiler.as_ref()
}

/// After so long without work the compiler thread tidies up.
const IDLE: Duration = Duration::from_millis(500);

fn compile_all(inbox: &Receiver<Ticket>, outbox: &Sender<Done>) {
    let Some(env) = engine::env() else { return };
    let mut compiled = false;
    loop {
        // When there has been nothing to do for a while, what compiling took goes back to the system.
        let ticket = match inbox.recv_timeout(if compiled { IDLE } else { Duration::MAX }) {
            Ok(ticket) => ticket,
            Err(RecvTimeoutError::Timeout) => {
                engine::trim_heap();
                compiled = false;
                continue;
            }
            Err(RecvTimeoutError::Disconnected) => return,
        };
        compiled = true;
        let Ticket { job, func } = ticket;
        let outcome = compile::run(job, env, Wanted::default());
        if outbox.send(Done { outcome, func }).is_err() {
            return;
        }
    }
}

/// Installs what the compiler thread has finished.
///
/// # Safety
/// The GIL is held.
pub unsafe fn take_finished() {
    // SAFETY: by the contract.
    unsafe {
        loop {
            let done = with(|policy| {
                policy.compiler.as_ref().filter(|compiler| compiler.pid == std::process::id())?.done.try_recv().ok()
            });
            let Some(Done { outcome, func }) = done else { return };
            IN_FLIGHT.fetch_sub(1, Ordering::Relaxed);
            let func = func as *mut PyFunctionObject;
            if outcome.job.osr.is_some() {
                crate::osr::finish(outcome);
            } else if registry::finish(outcome, Some(func)).is_ok() {
                dump_if_wanted(func);
            }
            refcount::decref(func.cast());
        }
    }
}

/// Waits until the compiler thread has nothing to do, and installs its work. Releases the GIL meanwhile.
///
/// # Safety
/// The GIL is held.
pub unsafe fn wait() {
    // SAFETY: by the contract.
    unsafe {
        take_finished();
        while IN_FLIGHT.load(Ordering::Relaxed) > 0 {
            let state = pyo3_ffi::PyEval_SaveThread();
            std::thread::sleep(Duration::from_millis(1));
            pyo3_ffi::PyEval_RestoreThread(state);
            take_finished();
        }
    }
}

/// How many functions [`precompile`] compiles before it installs them: what is made of their snapshots is in memory together.
const BATCH: usize = 128;

/// Compiles everything the mode and the list want, or everything that has run so far, on `workers` threads; what is compiled already is compiled anew where its own
/// caches have seen what the compiler did not know.
///
/// # Safety
/// The GIL is held.
pub unsafe fn precompile(workers: usize) -> (usize, usize) {
    // SAFETY: by the contract.
    unsafe {
        let Some(env) = engine::env() else { return (0, 0) };
        take_finished();
        // All snapshots come first: a call site names its callee by a version that the callee's code loses when it is compiled.
        let mut tickets = Vec::new();
        let mut codes = FxHashSet::default();
        for (job, func) in crate::retune::all() {
            codes.insert((*func).func_code as usize);
            refcount::incref(func.cast());
            tickets.push(Ticket { job, func: func as usize });
        }
        let mode = mode();
        for_each_function(|func| {
            let code = (*func).func_code;
            let verdict = listed(func);
            let wanted = match mode {
                Mode::List => verdict == Verdict::Listed,
                _ => verdict == Verdict::Listed || has_run(code),
            };
            // Functions of one code object share what is compiled, so one of them is enough.
            if wanted
                && verdict != Verdict::Excluded
                && is_candidate(code)
                && !codes.contains(&(code as usize))
                && let Ok(Some(job)) = registry::begin(func)
            {
                codes.insert(code as usize);
                refcount::incref(func.cast());
                tickets.push(Ticket { job, func: func as usize });
            }
        });
        let mut counts = (0, 0);
        while !tickets.is_empty() {
            let batch = tickets.split_off(tickets.len().saturating_sub(BATCH));
            let state = pyo3_ffi::PyEval_SaveThread();
            let done = compile_on_threads(batch, workers.max(1), env);
            pyo3_ffi::PyEval_RestoreThread(state);
            for Done { outcome, func } in done {
                let func = func as *mut PyFunctionObject;
                if registry::finish(outcome, Some(func)).is_ok() {
                    counts.0 += 1;
                } else {
                    counts.1 += 1;
                }
                refcount::decref(func.cast());
            }
        }
        // What compiling took goes back to the system, so that no child of a fork inherits it.
        engine::trim();
        for_each_function(|func| {
            if functions::is_original(func) {
                registry::install_current(func);
            }
        });
        counts
    }
}

/// Whether the interpreter has specialised the code: it ran a few times.
unsafe fn has_run(code: *mut PyCodeObject) -> bool {
    // SAFETY: a live code object with at least `co_firsttraceable + 1` units.
    unsafe {
        let first = core::ptr::addr_of!((*code).co_code_adaptive).cast::<u16>();
        let resume = *first.add((*code).co_firsttraceable as usize) & 0xFF;
        resume as u8 == ember_frontend::opcodes::v3_14::RESUME_CHECK
    }
}

fn compile_on_threads(tickets: Vec<Ticket>, workers: usize, env: &'static ember_codegen::Env) -> Vec<Done> {
    let queue = std::sync::Mutex::new(tickets);
    let done = std::sync::Mutex::new(Vec::new());
    std::thread::scope(|scope| {
        for _ in 0..workers {
            scope.spawn(|| {
                loop {
                    let Some(Ticket { job, func }) = queue.lock().ok().and_then(|mut queue| queue.pop()) else {
                        return;
                    };
                    let outcome = compile::run(job, env, Wanted::default());
                    if let Ok(mut done) = done.lock() {
                        done.push(Done { outcome, func });
                    }
                }
            });
        }
    });
    done.into_inner().unwrap_or_default()
}

/// In a child after `fork`: threads are gone, so they are started anew.
///
/// # Safety
/// The GIL is held.
pub unsafe fn after_fork() {
    // SAFETY: by the contract.
    unsafe {
        if mode() == Mode::Auto {
            start_sampler();
        }
    }
}
