//! The engine's interface for the extension module.
//!
//! Every function is called with the GIL held; those that wait release it themselves. A function pointer is that of a Python function and alive during the call. Panics
//! are the compiler's bugs and end at its own entry; what is left here would be caught by the extension module.

use crate::engine;
use crate::jit_list::JitList;
use crate::policy::{self, Mode};
use crate::profile;
use crate::registry;
use crate::report::Report;
use ember_codegen::ExitInfo;
use ember_cpython::ffi;
use ember_cpython::layout::{PyCodeObject, PyFunctionObject, PyObject};
use ember_cpython::refcount;
use ember_runtime::immutable;
pub use ember_runtime::immutable::Outcome;

/// Whether this interpreter is one the engine can work in.
///
/// # Errors
/// One line that says why not.
pub fn support() -> Result<(), String> {
    engine::support()
}

/// Turns the engine on in a mode.
///
/// # Errors
/// One line that says why it stays off.
pub fn enable(mode: &str, list: Option<JitList>) -> Result<(), String> {
    let mode = Mode::parse(mode).ok_or_else(|| format!("unknown mode {mode:?}"))?;
    // SAFETY: the GIL is held (module contract).
    unsafe { policy::enable(mode, list) }
}

/// Turns the engine off and puts every function back as it was.
pub fn disable() {
    // SAFETY: the GIL is held (module contract).
    unsafe { policy::disable() }
}

/// While paused nothing is compiled and no function enters native code.
pub fn set_paused(paused: bool) {
    // SAFETY: the GIL is held (module contract).
    unsafe { policy::set_paused(paused) }
}

/// Compiles a function now.
///
/// # Errors
/// Why it cannot be compiled.
pub fn compile(function: *mut PyObject) -> Result<(), String> {
    // SAFETY: module contract.
    unsafe { registry::compile_now(function.cast()).map_err(|reason| reason.to_string()) }
}

/// Forgets a function's native code; whether it had any.
pub fn uncompile(function: *mut PyObject) -> bool {
    // SAFETY: module contract.
    unsafe { registry::uninstall(function.cast()) | crate::generators::withdraw(function.cast()) }
}

/// The function's builtins were replaced.
pub fn builtins_changed(function: *mut PyObject) {
    // SAFETY: module contract.
    unsafe { policy::function_changes_builtins(function.cast()) }
}

/// Whether a call of the function runs native code.
pub fn is_compiled(function: *mut PyObject) -> bool {
    // SAFETY: module contract.
    unsafe { registry::is_installed(function.cast()) }
}

/// Never compiles the function.
pub fn exclude(function: *mut PyObject) {
    // SAFETY: module contract.
    unsafe { registry::exclude(function.cast()) }
}

/// The functions that have native code now: strong references, which the caller takes over.
pub fn compiled_functions() -> Vec<*mut PyObject> {
    // SAFETY: module contract.
    unsafe {
        let functions: Vec<*mut PyObject> = registry::installed().into_iter().map(registry::as_object).collect();
        for &function in &functions {
            refcount::incref(function);
        }
        functions
    }
}

/// Adds entries to the list in force.
pub fn load_list(list: JitList) {
    // SAFETY: module contract.
    unsafe { policy::load_list(list) }
}

/// Compiles what is wanted on several threads.
pub fn precompile(workers: usize) -> Report {
    // SAFETY: module contract.
    let (compiled, failed) = unsafe { policy::precompile(workers) };
    Report::map([("compiled", Report::from(compiled)), ("failed", Report::from(failed))])
}

/// Before children are forked: ends the compiler's threads, and moves the compiled code into huge pages, for the children to share; how many bytes.
pub fn settle_code() -> usize {
    // SAFETY: module contract.
    unsafe {
        policy::rest();
        crate::engine::settle_code()
    }
}

/// Takes in a profile, to be applied when its functions are there.
///
/// # Errors
/// Why the text is none.
pub fn profile_load(text: &str) -> Result<(), String> {
    let profile = profile::file::Profile::parse(text).map_err(|error| error.to_string())?;
    // SAFETY: module contract.
    unsafe { profile::load(profile) };
    Ok(())
}

/// What became of the profiles loaded, applied to what is there now.
pub fn profile_report() -> Report {
    // SAFETY: module contract.
    unsafe {
        profile::apply(false);
        profile::report()
    }
}

/// Begins to compile what the profiles loaded want, on so many threads in the background; how many functions that are.
pub fn profile_compile(workers: usize) -> usize {
    // SAFETY: module contract.
    unsafe { policy::compile_profiled(workers) }
}

/// What this process has learnt, as the text of a profile.
pub fn profile_save() -> String {
    // SAFETY: module contract.
    unsafe { profile::record() }.to_text()
}

/// One profile of many.
///
/// # Errors
/// Which text is no profile (by index), and why.
pub fn profile_merge(texts: &[String]) -> Result<String, (usize, String)> {
    let mut profiles = Vec::new();
    for (index, text) in texts.iter().enumerate() {
        let profile = profile::file::Profile::parse(text).map_err(|error| (index, error.to_string()))?;
        profiles.push(profile);
    }
    Ok(profile::file::Profile::merge(profiles).to_text())
}

/// Starts the engine's threads again in a child.
pub fn after_fork() {
    // SAFETY: module contract.
    unsafe { policy::after_fork() }
}

/// Tries the layouts on live objects.
///
/// # Errors
/// What differs.
pub fn selftest() -> Result<(), String> {
    // SAFETY: module contract.
    unsafe { ember_cpython::selftest::run() }
}

/// Makes a class immutable.
///
/// # Safety
/// A live class; the layouts were checked ([`support`]); the GIL is held.
pub unsafe fn freeze_class(class: *mut PyObject) -> Outcome {
    // SAFETY: passed on.
    unsafe { immutable::freeze(class.cast()) }
}

/// Makes classes mutable again that [`freeze_class`] made immutable.
///
/// # Safety
/// As for [`freeze_class`].
pub unsafe fn thaw_classes(classes: &[*mut PyObject]) {
    // SAFETY: passed on.
    unsafe {
        for &class in classes {
            immutable::thaw(class.cast());
        }
        immutable::dropped();
    }
}

/// Waits until nothing is being compiled.
pub fn wait() {
    // SAFETY: module contract.
    unsafe { policy::wait() }
}

fn counts<K: AsRef<str>, V: Into<Report> + Copy>(map: impl IntoIterator<Item = (K, V)>) -> Report {
    let mut rows: Vec<(String, Report)> =
        map.into_iter().map(|(name, count)| (name.as_ref().to_owned(), count.into())).collect();
    rows.sort_by(|a, b| a.0.cmp(&b.0));
    Report::Map(rows)
}

/// What the engine has done so far.
pub fn stats() -> Report {
    // SAFETY: module contract.
    let (figures, loops, mode, code_memory) =
        unsafe { (registry::figures(), crate::osr::figures(), policy::mode(), engine::code_bytes()) };
    // SAFETY: as above.
    let (samples, generators) = unsafe { (policy::samples(), crate::generators::figures()) };
    let mut times = figures.compile_times.clone();
    times.sort_unstable();
    let quantile = |part: f64| {
        let index = ((times.len() as f64 - 1.0) * part).round().max(0.0) as usize;
        Report::from(f64::from(times.get(index).copied().unwrap_or(0)) / 1000.0)
    };
    let total: u64 = times.iter().map(|&time| u64::from(time)).sum();
    Report::map([
        ("mode", Report::from(mode.name())),
        ("samples", Report::from(samples as usize)),
        ("worker", Report::from(policy::is_worker())),
        ("compiled", Report::from(figures.functions)),
        ("codes", Report::from(figures.codes)),
        ("versions", Report::from(figures.versions)),
        ("compile_ms_total", Report::from(total as f64 / 1000.0)),
        ("compile_ms_median", quantile(0.5)),
        ("compile_ms_p99", quantile(0.99)),
        ("native_bytes", Report::from(figures.code_bytes)),
        ("bytecode_bytes", Report::from(figures.bytecode_bytes)),
        ("code_memory", Report::from(code_memory)),
        ("table_memory", Report::from(ember_codegen::arena::pages::taken())),
        ("escaped_blocks", Report::from(ember_codegen::arena::scratch::escaped())),
        ("watching", Report::from(policy::is_watching())),
        ("loops", Report::from(loops.0)),
        ("loop_bytes", Report::from(loops.1)),
        ("loop_entries", Report::from(loops.2)),
        ("generator_bodies", Report::from(generators.0)),
        ("generator_bytes", Report::from(generators.1)),
        ("deopts", Report::from(figures.deopts)),
        ("generic_calls", Report::from(figures.generic_calls)),
        ("deopt_reasons", counts(figures.deopt_reasons.iter().map(|(name, count)| (*name, *count)))),
        // SAFETY: module contract.
        ("share", unsafe { crate::share::report() }),
        ("not_compiled", counts(figures.reasons.iter().map(|(name, count)| (name.as_str(), *count)))),
    ])
}

/// Starts to note how much runs in native code, or stops.
pub fn count_share(wanted: bool) {
    // SAFETY: module contract.
    unsafe { crate::share::count(wanted) }
}

/// Where native code has left for the interpreter: the exits that were taken.
unsafe fn taken(code: *mut PyCodeObject, exits: &mut dyn Iterator<Item = &ExitInfo>) -> Report {
    let rows = exits.filter(|exit| exit.taken() > 0).map(|exit| {
        // SAFETY: the caller passes a live code object.
        let line = unsafe { ffi::PyCode_Addr2Line(code, (exit.bci * 2) as i32) };
        Report::map([
            ("line", Report::from(line)),
            ("reason", Report::from(exit.reason())),
            ("count", Report::from(exit.taken())),
        ])
    });
    Report::List(rows.collect())
}

/// What is known of one function.
pub fn explain(function: *mut PyObject) -> Report {
    let func = function.cast::<PyFunctionObject>();
    // SAFETY: module contract.
    unsafe {
        let code = (*func).func_code;
        let compiled = registry::is_installed(func);
        let mut parts = vec![("compiled".to_owned(), Report::from(compiled))];
        let details = registry::with_code(code, |entry| {
            let mut parts = vec![
                ("versions".to_owned(), Report::from(entry.versions)),
                ("reason".to_owned(), entry.reason.as_ref().map_or(Report::None, |why| Report::from(why.to_string()))),
            ];
            if let Some(version) = &entry.version {
                parts.push(("deopts".to_owned(), taken(code, &mut version.exits.iter())));
                let inlined = version.inlined.iter().map(|call| {
                    let line = ffi::PyCode_Addr2Line(code, (call.bci * 2) as i32);
                    Report::map([("line", Report::from(line)), ("function", Report::from(call.name.clone()))])
                });
                parts.push(("inlined".to_owned(), Report::List(inlined.collect())));
                let generic = crate::retune::describe(&version.calls).into_iter().map(|(unit, count, callee)| {
                    let line = ffi::PyCode_Addr2Line(code, (unit * 2) as i32);
                    Report::map([
                        ("line", Report::from(line)),
                        ("count", Report::from(count)),
                        ("callee", Report::from(callee)),
                    ])
                });
                parts.push(("generic_calls".to_owned(), Report::List(generic.collect())));
                parts.push(("native_bytes".to_owned(), Report::from(version.bytes)));
                parts.push(("guards".to_owned(), Report::from(version.exits.len())));
                parts.push(("compile_ms".to_owned(), Report::from(version.time.as_secs_f64() * 1000.0)));
            }
            parts
        });
        if let Some(found) = crate::generators::found(code) {
            parts.push(("resumed_natively".to_owned(), found));
            let deopts = crate::generators::with_exits(code, |exits| taken(code, exits));
            parts.push(("deopts".to_owned(), deopts));
        }
        match details {
            Some(details) => parts.extend(details),
            None => parts.push(("reason".to_owned(), Report::from("never called often enough, or never seen"))),
        }
        Report::Map(parts)
    }
}

/// The compiler's view of a function: `hir`, `clif` or `asm`.
///
/// # Errors
/// Why it cannot be compiled.
pub fn dump(function: *mut PyObject, kind: &str) -> Result<String, String> {
    // SAFETY: module contract.
    unsafe { registry::dump(function.cast(), kind).map_err(|reason| reason.to_string()) }
}
