//! What the engine knows of each code object: whether it is compiled, into which version, for which functions.
//!
//! Invariants, upheld here: a function whose `vectorcall` is a version's entry is in that code's `functions`; a version in use is kept alive (its code, its exits, the
//! objects it names); a version that is no longer current is *retired* and freed only when no thread can be in it.

use crate::compile::{self, Job, Limits, Outcome, Wanted};
use crate::engine;
use crate::functions;
use crate::gil::GilCell;
use crate::kept::Kept;
use crate::owners::Owners;
use crate::reason::Reason;
use crate::retune::{CallSites, SeenCallee};
use core::sync::atomic::{AtomicBool, Ordering};
use ember_codegen::ExitInfo;
use ember_codegen::arena::CodePtr;
use ember_cpython::ffi;
use ember_cpython::layout::{InterpreterFrame, PyCodeObject, PyFunctionObject, PyObject};
use ember_frontend::opcodes::v3_14 as op;
use ember_frontend::snapshot::Feedback;
use ember_opt::inline::Inlined;
use ember_runtime::caches::{AttrCache, Receiver};
use ember_runtime::classes::number_of;
use indexmap::IndexSet;
use rustc_hash::{FxHashMap, FxHashSet};
use std::time::Duration;

mod figures;
mod learning;
mod retired;
mod watched;

pub use figures::figures;
pub use learning::{note_deopt, recompile, remember, review_deopts};
pub use retired::collect_retired;
pub use watched::{
    code_destroyed, function_changes_builtins, function_changes_code, function_changes_defaults, function_destroyed,
};

/// Versions after which a function is compiled without any feedback.
const VERSIONS_BEFORE_GENERIC: u32 = 16;
/// Versions after which attribute sites no longer leave.
const VERSIONS_BEFORE_CAUTION: u32 = 6;

/// Machine code of a code object.
pub struct Version {
    block: CodePtr,
    /// Address of the vectorcall entry.
    pub entry: usize,
    /// Address of the body.
    pub body: usize,
    /// Bytes of machine code.
    pub bytes: usize,
    /// Its exits.
    pub exits: Box<[ExitInfo]>,
    /// What it keeps alive.
    pub kept: Kept,
    /// The caches of its attribute sites.
    pub caches: Box<[AttrCache]>,
    /// Code units of the attribute sites, by their caches.
    pub sites: Box<[u32]>,
    /// What its generic calls have called.
    pub calls: CallSites,
    /// Calls that are part of the code.
    pub inlined: Vec<Inlined>,
    /// Time to compile.
    pub time: Duration,
}

/// What is known of a code object.
pub struct CodeEntry {
    /// The module it belongs to, if that has a name.
    pub module: Option<Box<str>>,
    globals: usize,
    builtins: usize,
    /// The version in use.
    pub version: Option<Box<Version>>,
    #[allow(clippy::vec_box, reason = "versions are moved here as they are")]
    retired: Vec<Box<Version>>,
    /// Functions which enter the version in use.
    functions: FxHashSet<usize>,
    /// Sites, by code unit, whose guards have failed too often.
    pub generic_sites: FxHashSet<u32>,
    /// What generic calls have called, by code unit.
    pub callees: FxHashMap<u32, Vec<SeenCallee>>,
    /// What the version in use takes its calls to call, by code unit.
    pub called: FxHashMap<u32, Vec<SeenCallee>>,
    keep_calls: FxHashSet<u32>,
    /// Attribute sites that must not leave: others with the same receiver have left for reasons other than its class.
    wary: FxHashSet<u32>,
    /// Sites about which something was learnt since the version in use was made: that they leave says nothing new.
    informed: FxHashSet<u32>,
    /// Which attribute sites are about the same receiver.
    pub owners: Owners,
    /// Numbers of the classes for which attribute sites are compiled, by code unit.
    pub polymorphic: FxHashMap<u32, Vec<Receiver>>,
    /// Versions of the classes at attribute sites that left, by code unit.
    pub seen: FxHashMap<u32, Vec<Receiver>>,
    /// How often native code was improved by what its own caches had seen.
    pub refreshed: u32,
    /// How often native code was improved because one of its sites became hot.
    pub retuned: u32,
    /// Versions made so far.
    pub versions: u32,
    /// Why there is none.
    pub reason: Option<Reason>,
    /// Whether a job for it is waiting or running.
    pub queued: bool,
    saved_code_version: u32,
}

impl CodeEntry {
    /// What the next version is to be made of.
    pub fn limits(&self) -> Limits {
        Limits {
            generic_sites: self.generic_sites.clone(),
            polymorphic: self.polymorphic.clone(),
            callees: self.callees.clone(),
            keep_calls: self.keep_calls.clone(),
            wary: self.wary.clone(),
            cautious: self.versions >= VERSIONS_BEFORE_CAUTION,
            generic: self.versions >= VERSIONS_BEFORE_GENERIC,
        }
    }

    /// Begins with what a profile has of earlier processes.
    fn begin_with(mut self, limits: Limits) -> CodeEntry {
        self.seen.clone_from(&limits.polymorphic);
        self.polymorphic = limits.polymorphic;
        self.callees = limits.callees;
        self.generic_sites = limits.generic_sites;
        self.wary = limits.wary;
        self.keep_calls = limits.keep_calls;
        self
    }

    /// One of the functions that enter the version in use.
    pub fn first_function(&self) -> Option<*mut PyFunctionObject> {
        self.functions.iter().next().map(|&func| func as *mut PyFunctionObject)
    }

    /// Whether the compiler has refused it.
    pub fn is_refused(&self) -> bool {
        self.version.is_none() && self.reason.is_some()
    }
}

#[derive(Default)]
struct Registry {
    codes: FxHashMap<usize, Box<CodeEntry>>,
    excluded: FxHashSet<usize>,
    /// Versions of code objects that are gone.
    #[allow(clippy::vec_box, reason = "versions are moved here as they are")]
    orphans: Vec<Box<Version>>,
    pending_deopts: IndexSet<(usize, u32)>,
    /// How often exits were taken in a worker, see [`learning`].
    in_worker: Vec<u32>,
    compile_times: Vec<u32>,
    bytecode_bytes: usize,
    deopts: u64,
}

/// Whether the program has ever excluded a function.
static HAS_EXCLUDED: AtomicBool = AtomicBool::new(false);

/// Whether the program has ever excluded a function.
#[must_use]
pub fn has_excluded() -> bool {
    HAS_EXCLUDED.load(Ordering::Relaxed)
}

static REGISTRY: GilCell<Option<Registry>> = GilCell::new(None);

unsafe fn with<R>(then: impl FnOnce(&mut Registry) -> R) -> R {
    // SAFETY: the callers hold the GIL, and no closure runs Python code.
    then(unsafe { REGISTRY.borrow() }.get_or_insert_default())
}

fn new_entry(func: *mut PyFunctionObject) -> CodeEntry {
    // SAFETY: the callers hold the GIL and the function is alive.
    let (globals, builtins, learnt, module) = unsafe {
        let learnt = crate::profile::limits_of((*func).func_code);
        ((*func).func_globals as usize, (*func).func_builtins as usize, learnt, crate::profile::module_of(func))
    };
    let entry = CodeEntry {
        module: module.map(String::into_boxed_str),
        globals,
        builtins,
        version: None,
        retired: Vec::new(),
        functions: FxHashSet::default(),
        generic_sites: FxHashSet::default(),
        keep_calls: FxHashSet::default(),
        wary: FxHashSet::default(),
        informed: FxHashSet::default(),
        owners: Owners::default(),
        polymorphic: FxHashMap::default(),
        seen: FxHashMap::default(),
        refreshed: 0,
        callees: FxHashMap::default(),
        called: FxHashMap::default(),
        retuned: 0,
        versions: 0,
        reason: None,
        queued: false,
        saved_code_version: 0,
    };
    match learnt {
        Some(learnt) => entry.begin_with(learnt),
        None => entry,
    }
}

/// Calls `then` with the entry of a code object, if there is one.
///
/// # Safety
/// The GIL is held; `then` runs no Python code.
pub unsafe fn with_code<R>(code: *mut PyCodeObject, then: impl FnOnce(&mut CodeEntry) -> R) -> Option<R> {
    // SAFETY: by the contract.
    unsafe { with(|registry| registry.codes.get_mut(&(code as usize)).map(|entry| then(entry))) }
}

/// Calls `then` with each code object and its entry.
///
/// # Safety
/// The GIL is held; `then` runs no Python code.
pub unsafe fn for_each_code(mut then: impl FnMut(*mut PyCodeObject, &mut CodeEntry)) {
    // SAFETY: by the contract.
    unsafe {
        with(|registry| registry.codes.iter_mut().for_each(|(&code, entry)| then(code as *mut PyCodeObject, entry)));
    }
}

/// What the next version of a function is to be made of.
///
/// # Safety
/// The GIL is held and `func` is alive.
pub unsafe fn limits_of(func: *mut PyFunctionObject) -> Limits {
    // SAFETY: by the contract.
    unsafe { with_code((*func).func_code, |entry| entry.limits()) }.unwrap_or_default()
}

/// Makes a job for a function, unless its code is compiled already: then the function is installed at once.
///
/// # Safety
/// The GIL is held and `func` is alive.
///
/// # Errors
/// The reason why there is nothing to do.
pub unsafe fn begin(func: *mut PyFunctionObject) -> Result<Option<Job>, Reason> {
    // SAFETY: by the contract.
    unsafe {
        let code = (*func).func_code;
        crate::policy::watch_program()?;
        let limits = with(|registry| {
            if registry.excluded.contains(&(func as usize)) {
                return Err(Reason::Excluded);
            }
            functions::note_code(code);
            let entry = registry.codes.entry(code as usize).or_insert_with(|| Box::new(new_entry(func)));
            if entry.functions.is_empty() && entry.version.is_none() {
                entry.globals = (*func).func_globals as usize;
                entry.builtins = (*func).func_builtins as usize;
            }
            if entry.globals != (*func).func_globals as usize || entry.builtins != (*func).func_builtins as usize {
                return Err(Reason::OtherGlobals);
            }
            if entry.version.is_none()
                && let Some(reason) = &entry.reason
            {
                return Err(reason.clone());
            }
            Ok(entry.limits())
        })?;
        if install_current(func) {
            return Ok(None);
        }
        match compile::prepare(func, &limits) {
            Ok(job) => Ok(Some(job)),
            Err(reason) => {
                with_code(code, |entry| entry.reason = Some(reason.clone()));
                Err(reason)
            }
        }
    }
}

/// Lets a function enter the version of its code, if there is one.
///
/// # Safety
/// The GIL is held and `func` is alive.
pub unsafe fn install_current(func: *mut PyFunctionObject) -> bool {
    // SAFETY: by the contract.
    unsafe { install_in(func, functions::install) }
}

/// The same for a function that has just been made, of which nothing is known therefore.
///
/// # Safety
/// As for [`install_current`].
pub unsafe fn install_made(func: *mut PyFunctionObject) -> bool {
    // SAFETY: by the contract.
    unsafe { install_in(func, functions::install_made) }
}

unsafe fn install_in(func: *mut PyFunctionObject, install: unsafe fn(*mut PyFunctionObject, usize, usize)) -> bool {
    // SAFETY: by the contract of `install_current`.
    unsafe {
        let target = with(|registry| {
            if registry.excluded.contains(&(func as usize)) {
                return None;
            }
            let entry = registry.codes.get_mut(&((*func).func_code as usize))?;
            if entry.globals != (*func).func_globals as usize || entry.builtins != (*func).func_builtins as usize {
                return None;
            }
            let version = entry.version.as_ref()?;
            let target = (version.entry, version.body);
            entry.functions.insert(func as usize);
            Some(target)
        });
        match target {
            // Its entry comes when nobody listens any more.
            Some(_) if crate::policy::is_suspended() => true,
            Some((entry, body)) => {
                install(func, entry, body);
                true
            }
            None => false,
        }
    }
}

/// Takes in the outcome of a job: places the code and lets the functions of the code enter it.
///
/// # Safety
/// The GIL is held.
///
/// # Errors
/// Why there is no code.
pub unsafe fn finish(outcome: Outcome, func: Option<*mut PyFunctionObject>) -> Result<(), Reason> {
    // SAFETY: by the contract.
    unsafe {
        let Outcome { mut job, result, time } = outcome;
        let code = job.code as *mut PyCodeObject;
        let mut product = match result {
            Ok(product) => product,
            Err(reason) => {
                if let Reason::Panicked(text) = &reason {
                    log::warn!(
                        "the compiler failed on {} ({}:{}), which stays interpreted: {text}",
                        job.snapshot.qualname,
                        job.snapshot.filename,
                        job.snapshot.firstlineno,
                    );
                }
                with_code(code, |entry| {
                    entry.queued = false;
                    entry.reason = Some(reason.clone());
                });
                return Err(reason);
            }
        };
        let block = match engine::place(&mut product.body.bytes, &product.body.calls) {
            Ok(block) => block,
            Err(error) => {
                let reason = Reason::CodeMemory(error);
                with_code(code, |entry| {
                    entry.queued = false;
                    entry.reason = Some(reason.clone());
                });
                return Err(reason);
            }
        };
        name_for_perf(&job, &product.body, block);
        job.kept.keep_only(&product.named);
        let units = job.snapshot.units.len();
        let owners = Owners::of(&job.snapshot);
        let version = Box::new(Version {
            block,
            entry: block.address() as usize + product.body.entry as usize,
            body: block.address() as usize + product.body.body as usize,
            bytes: product.body.bytes.len(),
            exits: product.body.exits,
            kept: job.kept,
            caches: job.caches,
            sites: sites_by_cache(&job.snapshot.attr_caches),
            calls: job.calls.into_iter().filter(|(unit, _)| product.generic_calls.contains(unit)).collect(),
            // A copy: what a compiler thread allocated is to be free again as a whole.
            inlined: product.inlined.to_vec(),
            time,
        });
        let installed: Vec<usize> = with(|registry| {
            registry.compile_times.push(time.as_micros() as u32);
            registry.bytecode_bytes += units * 2;
            let Some(entry) = registry.codes.get_mut(&(code as usize)) else { return Vec::new() };
            entry.queued = false;
            entry.reason = None;
            entry.versions += 1;
            entry.owners = owners;
            entry.informed.clear();
            entry.called = crate::retune::called(&job.snapshot.feedback);
            for (unit, feedback) in &job.snapshot.feedback {
                if let Feedback::Attr(shapes) = feedback
                    && let [shape] = shapes.as_slice()
                    && let Some(receiver) = crate::shapes::receiver(shape)
                {
                    entry.seen.entry(*unit).or_insert_with(|| vec![receiver]);
                }
            }
            if (*code).co_version != 0 {
                entry.saved_code_version = (*code).co_version;
                (*code).co_version = 0;
            }
            entry.retired.extend(entry.version.replace(version));
            entry.functions.iter().copied().collect()
        });
        for known in installed {
            install_current(known as *mut PyFunctionObject);
        }
        if let Some(func) = func {
            install_current(func);
        }
        Ok(())
    }
}

/// The code units of attribute sites in the order of their caches, which are one behind the other.
fn sites_by_cache(caches: &FxHashMap<u32, u64>) -> Box<[u32]> {
    let mut sites: Vec<u32> = caches.keys().copied().collect();
    sites.sort_unstable_by_key(|unit| caches[unit]);
    sites.into()
}

fn name_for_perf(job: &Job, body: &ember_codegen::CompiledBody, block: CodePtr) {
    if !crate::options::get().perf_map {
        return;
    }
    for (part, offset, length) in body.parts() {
        let name = format!("ember::{}:{} [{part}]", job.snapshot.qualname, job.snapshot.filename);
        if let Ok(name) = std::ffi::CString::new(name) {
            // SAFETY: the GIL is held by `finish`'s contract; CPython copies the name.
            unsafe {
                ffi::PyUnstable_WritePerfMapEntry(
                    (block.address() + u64::from(offset)) as *const core::ffi::c_void,
                    length,
                    name.as_ptr(),
                );
            }
        }
    }
}

/// Compiles a function now, on this thread.
///
/// # Safety
/// The GIL is held and `func` is alive.
///
/// # Errors
/// Why it has no code.
pub unsafe fn compile_now(func: *mut PyFunctionObject) -> Result<(), Reason> {
    // SAFETY: by the contract.
    unsafe {
        let env = crate::policy::start().map_err(|_| Reason::Off)?;
        match begin(func)? {
            None => Ok(()),
            Some(job) => finish(compile::run(job, env, Wanted::default()), Some(func)),
        }
    }
}

/// The compiler's view of a function as text: `hir`, `clif` or `asm`.
///
/// # Safety
/// The GIL is held and `func` is alive.
///
/// # Errors
/// Why it cannot be compiled.
pub unsafe fn dump(func: *mut PyFunctionObject, kind: &str) -> Result<String, Reason> {
    // SAFETY: by the contract.
    unsafe {
        let env = crate::policy::start().map_err(|_| Reason::Off)?;
        let limits = limits_of(func);
        let job = compile::prepare(func, &limits)?;
        let outcome = compile::run(job, env, Wanted { hir: kind == "hir", clif: kind == "clif" });
        let product = outcome.result?;
        Ok(match kind {
            "hir" => product.hir.unwrap_or_default(),
            "clif" => product.body.clif.unwrap_or_default(),
            _ => product.body.disassemble(0, env),
        })
    }
}

/// Takes native code away from a function; whether it had any.
///
/// # Safety
/// The GIL is held and `func` is alive.
pub unsafe fn uninstall(func: *mut PyFunctionObject) -> bool {
    // SAFETY: by the contract.
    unsafe {
        let code = (*func).func_code;
        let had = with_code(code, |entry| {
            let had = entry.functions.remove(&(func as usize));
            if had && entry.functions.is_empty() && entry.saved_code_version != 0 {
                (*code).co_version = core::mem::take(&mut entry.saved_code_version);
            }
            had
        })
        .unwrap_or(false);
        if had {
            functions::restore(func, true);
        }
        had
    }
}

/// Whether calls of the function enter native code.
///
/// # Safety
/// The GIL is held and `func` is alive.
#[must_use]
pub unsafe fn is_installed(func: *mut PyFunctionObject) -> bool {
    // SAFETY: by the contract.
    unsafe { with_code((*func).func_code, |entry| entry.functions.contains(&(func as usize))).unwrap_or(false) }
}

/// Never compile this function.
///
/// # Safety
/// The GIL is held and `func` is alive.
pub unsafe fn exclude(func: *mut PyFunctionObject) {
    // SAFETY: by the contract.
    unsafe {
        uninstall(func);
        HAS_EXCLUDED.store(true, Ordering::Relaxed);
        with(|registry| registry.excluded.insert(func as usize));
        // Where that fails nothing is compiled anyway.
        let _ = crate::policy::watch_program();
        crate::osr::bar((*func).func_code);
        crate::generators::bar(func);
    }
}

/// Whether the program has excluded this function.
///
/// # Safety
/// The GIL is held.
#[must_use]
pub unsafe fn is_excluded(func: *mut PyFunctionObject) -> bool {
    // SAFETY: by the contract.
    has_excluded() && unsafe { with(|registry| registry.excluded.contains(&(func as usize))) }
}

/// All functions that enter native code, as borrowed pointers.
///
/// # Safety
/// The GIL is held.
#[must_use]
pub unsafe fn installed() -> Vec<*mut PyFunctionObject> {
    // SAFETY: by the contract.
    unsafe {
        with(|registry| {
            registry
                .codes
                .values()
                .flat_map(|entry| entry.functions.iter().map(|&func| func as *mut PyFunctionObject))
                .collect()
        })
    }
}

/// The object an address stands for, as the API hands it out.
#[must_use]
pub fn as_object(func: *mut PyFunctionObject) -> *mut PyObject {
    func.cast()
}
