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
use crate::reason::Reason;
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
use std::sync::mpsc::{Receiver, Sender, channel};
use std::time::Duration;

mod compiler;
mod generators;
mod listeners;
mod sampler;

use compiler::Compiler;
pub use compiler::{compile_in_background, compile_profiled, precompile, rest, take_finished, wait};
use listeners::watch_listeners;
pub use listeners::{is_suspended, is_watching, resume_if_quiet};
use sampler::start_sampler;

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

#[derive(Default)]
struct Policy {
    mode: Mode,
    list: JitList,
    paused: bool,
    calls: FxHashMap<usize, u32>,
    heat: FxHashMap<usize, u32>,
    /// Samples taken.
    samples: u32,
    /// Samples in which a code object was the innermost one of its thread.
    innermost: FxHashMap<usize, u32>,
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

/// Samples taken, as far as they still count.
///
/// # Safety
/// The GIL is held.
#[must_use]
pub unsafe fn samples() -> u32 {
    // SAFETY: by the contract.
    unsafe { with(|policy| policy.samples) }
}

/// In how many samples a code object was running.
///
/// # Safety
/// The GIL is held.
#[must_use]
pub unsafe fn heat_of(code: *mut PyCodeObject) -> u32 {
    // SAFETY: by the contract.
    unsafe {
        with(|policy| {
            let heat = |counts: &FxHashMap<usize, u32>| counts.get(&(code as usize)).copied().unwrap_or(0);
            heat(&policy.heat).saturating_add(heat(&policy.native_heat))
        })
    }
}

/// Makes the engine ready, in whatever mode: what is compiled, by hand too, is right only as long as changes are watched.
///
/// # Safety
/// The GIL is held.
///
/// # Errors
/// One line that says why it cannot work.
pub unsafe fn start() -> Result<&'static ember_codegen::Env, String> {
    // SAFETY: by the contract.
    unsafe {
        let env = engine::start()?;
        // The watchers are the main interpreter's, whoever asks.
        if !ember_cpython::tstate::is_main_interpreter() {
            return Err("subinterpreters are not supported".into());
        }
        if !watchers::is_installed() {
            watchers::install(Callbacks {
                dict: Some(on_dict),
                function: Some(on_function),
                function_matters: Some(function_matters),
                code: Some(on_code),
                ..Callbacks::default()
            })?;
        }
        let _ = ember_runtime::exits::native_code_allowed();
        Ok(env)
    }
}

/// Has CPython tell of functions that are made and go away and of whoever listens, before anything is known of the program or any function is entered otherwise. Not sooner: it builds
/// objects for its audit events as soon as somebody hears them, and `id()` is one, so that a program of which nothing is compiled would pay for nothing.
///
/// # Safety
/// The GIL is held, and nothing of the engine's is borrowed.
///
/// # Errors
/// Why that cannot be: then nothing may be compiled.
pub unsafe fn watch_program() -> Result<(), Reason> {
    // SAFETY: by the contract; only the main interpreter has an engine.
    unsafe {
        if !watchers::watch_functions() {
            return Err(Reason::Unsupported("others have taken CPython's last watcher of functions".into()));
        }
        watch_listeners();
        Ok(())
    }
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
        start()?;
        with(|policy| {
            policy.mode = mode;
            policy.paused = false;
            if let Some(list) = list {
                policy.list.merge(list);
            }
            policy.tell_watcher();
        });
        compiler::put_off(false);
        generators::watch_generators(mode);
        if offers() {
            watch_program().map_err(|reason| reason.to_string())?;
        }
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

/// Whether there may be functions with a stub, which compiles them when they are called.
unsafe fn offers() -> bool {
    // SAFETY: the GIL is held.
    unsafe { with(|policy| policy.mode == Mode::All || policy.list.lists_something()) }
}

/// Turns the engine off: every function is as it was.
///
/// # Safety
/// The GIL is held.
pub unsafe fn disable() {
    // SAFETY: by the contract.
    unsafe {
        SAMPLING.store(false, Ordering::Relaxed);
        with(|policy| {
            policy.mode = Mode::Off;
            policy.tell_watcher();
        });
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
        compiler::put_off(paused);
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
            policy.tell_watcher();
            policy.mode
        });
        if matches!(mode, Mode::List | Mode::Auto) && offers() && watch_program().is_ok() {
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

/// See [`registry::function_changes_builtins`]; where every function is compiled at its first call this one is again.
///
/// # Safety
/// The GIL is held and `func` is alive.
pub unsafe fn function_changes_builtins(func: *mut PyFunctionObject) {
    // SAFETY: by the contract.
    unsafe {
        registry::function_changes_builtins(func);
        if mode() != Mode::Off {
            offer(func);
        }
    }
}

/// The same for a function that is about to get this code.
unsafe fn offer_for(func: *mut PyFunctionObject, code: *mut PyCodeObject) {
    // SAFETY: the GIL is held, both are alive.
    unsafe {
        let Some(policy) = POLICY.try_borrow() else { return };
        let paused = policy.as_ref().is_none_or(|policy| policy.paused || policy.mode == Mode::Off);
        drop(policy);
        if paused || is_suspended() || !offers() || !is_candidate(code) || !functions::is_original(func) {
            return;
        }
        if mode() == Mode::All && listed(func) != Verdict::Excluded || listed(func) == Verdict::Listed {
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

/// Whether the mode and the list may want functions that are made to get a stub.
static OFFERS: AtomicBool = AtomicBool::new(false);

impl Policy {
    /// Whether functions that are made may get a stub. In the mode `auto` without a list nobody needs to know their names.
    fn offers(&self) -> bool {
        match self.mode {
            Mode::Off => false,
            Mode::Auto => self.list.lists_something(),
            Mode::All | Mode::List => true,
        }
    }

    /// After each change of the mode or the list.
    fn tell_watcher(&self) {
        OFFERS.store(self.offers(), Ordering::Relaxed);
    }
}

/// Whether [`on_function`] has anything to do. Lambdas and generator expressions live for a moment: mostly nothing is known of them or their code, and nothing is wanted.
fn function_matters(func: *mut PyFunctionObject, made: bool) -> bool {
    // SAFETY: CPython's watcher: the GIL is held, the function alive.
    let noted = functions::is_noted(unsafe { (*func).func_code });
    noted
        || if made {
            OFFERS.load(Ordering::Relaxed) || crate::profile::misses_something()
        } else {
            registry::has_excluded()
        }
}

fn on_function(event: FunctionEvent, func: *mut PyFunctionObject, value: *mut PyObject) {
    // SAFETY: CPython's watcher: the GIL is held, the function alive.
    unsafe {
        let code = (*func).func_code;
        match event {
            FunctionEvent::Create => {
                if !is_candidate(code) {
                    return;
                }
                crate::profile::created(func);
                let Some(policy) = POLICY.try_borrow() else { return };
                let (mode, paused, offers) = policy
                    .as_ref()
                    .map_or((Mode::Off, false, false), |policy| (policy.mode, policy.paused, policy.offers()));
                drop(policy);
                // While somebody listens every function is entered as the interpreter made it.
                if mode == Mode::Off || paused || is_suspended() {
                    return;
                }
                // Functions are made often: without a list nobody needs to know their names.
                let installed = functions::is_noted(code) && registry::install_made(func);
                if !installed && offers {
                    offer(func);
                }
            }
            FunctionEvent::Destroy => registry::function_destroyed(func),
            FunctionEvent::ModifyCode => {
                registry::function_changes_code(func);
                offer_for(func, value.cast());
            }
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
                policy.innermost.remove(&(code as usize));
            }
            crate::arrays::forget(code as usize);
            crate::profile::forget(code);
            registry::code_destroyed(code);
            crate::osr::forget(code);
            crate::generators::forget(code);
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

/// In a child after `fork`: threads are gone, so they are started anew.
///
/// # Safety
/// The GIL is held.
pub unsafe fn after_fork() {
    // SAFETY: by the contract.
    unsafe {
        if PREPARED.load(Ordering::Relaxed) {
            INHERITED.store(true, Ordering::Relaxed);
            ember_runtime::sites::stop_counting();
            functions::after_fork();
        }
        if mode() == Mode::Auto {
            start_sampler();
        }
    }
}

/// Whether this process has compiled ahead for its children.
static PREPARED: AtomicBool = AtomicBool::new(false);
/// Whether this process was forked from one that has.
static INHERITED: AtomicBool = AtomicBool::new(false);

/// Whether this is a worker whose master has compiled ahead. What such a worker compiled itself it would have for itself alone, in memory and in time, like all its siblings: it does so only for what
/// matters much, and does not improve what works.
#[must_use]
pub fn is_worker() -> bool {
    INHERITED.load(Ordering::Relaxed)
}
