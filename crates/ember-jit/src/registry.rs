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

/// Deopts at one exit after which its site is compiled generically.
const DEOPTS_BEFORE_RECOMPILE: u32 = 10;
/// The same in a worker whose master has compiled ahead: so many cost it as much as a new version would, which takes memory for itself alone.
const DEOPTS_IN_WORKER: u32 = 2000;
/// The last of these at which classes are looked at: what is written about each deopt is written to pages that others share, and it is read only when there are that many.
const DEOPTS_LOOKED_AT: u32 = 16;
/// Deopts at another exit of the same version that make its site generic in the same go.
const DEOPTS_TO_JOIN: u32 = 2;
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

    /// An exit at `bci` was taken too often: what was speculation there is not tried again. A call that was inlined becomes a call first; an attribute site is compiled for
    /// the classes seen there as long as there are new ones. Whether that is news.
    fn learn(&mut self, bci: u32) -> bool {
        let inlined = self.version.as_ref().is_some_and(|version| version.inlined.iter().any(|call| call.bci == bci));
        if inlined {
            return self.keep_calls.insert(bci);
        }
        if !self.informed.insert(bci) {
            return false;
        }
        let seen = self.seen.get(&bci).map_or(&[][..], Vec::as_slice);
        // The first class seen is the one the site was compiled for.
        let known = self.polymorphic.get(&bci).map_or(&seen[..seen.len().min(1)], Vec::as_slice);
        if seen.iter().any(|receiver| !known.contains(receiver)) {
            let seen = seen.to_vec();
            self.share(bci, &seen);
            self.polymorphic.insert(bci, seen);
            true
        } else {
            let siblings = self.owners.siblings(bci);
            self.informed.extend(&siblings);
            self.wary.extend(siblings);
            self.generic_sites.insert(bci)
        }
    }

    /// Has the other sites with the receiver of this one know its classes too.
    pub fn share(&mut self, site: u32, receivers: &[Receiver]) {
        for other in self.owners.siblings(site) {
            let seen = self.seen.entry(other).or_default();
            for &receiver in receivers {
                // Whether an attribute is in the instance's dict is a matter of the attribute.
                remember(seen, Receiver { dict_hint: None, ..receiver });
            }
            self.polymorphic.insert(other, seen.clone());
            self.informed.insert(other);
        }
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
                functions::install(func, entry, body);
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
    }
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

/// A function is going away.
///
/// # Safety
/// The GIL is held; called from CPython's watcher.
pub unsafe fn function_destroyed(func: *mut PyFunctionObject) {
    // SAFETY: by the contract.
    unsafe {
        if let Some(mut registry) = REGISTRY.try_borrow()
            && let Some(registry) = registry.as_mut()
        {
            if !registry.excluded.is_empty() {
                registry.excluded.remove(&(func as usize));
            }
            if let Some(entry) = registry.codes.get_mut(&((*func).func_code as usize)) {
                entry.functions.remove(&(func as usize));
            }
        }
        functions::forget(func);
    }
}

/// The function's code is about to be replaced.
///
/// # Safety
/// The GIL is held; called from CPython's watcher.
pub unsafe fn function_changes_code(func: *mut PyFunctionObject) {
    // SAFETY: by the contract.
    unsafe {
        let code = (*func).func_code;
        let had = with_code(code, |entry| entry.functions.remove(&(func as usize))).unwrap_or(false);
        functions::disconnect(func);
        // Direct calls pass what the old code takes.
        function_changes_defaults(func);
        if had {
            // Somebody may be running it, and so far the function kept it alive.
            ember_cpython::refcount::incref(code.cast());
            functions::restore(func, false);
        }
    }
}

/// The function's builtins were replaced (by lazy imports, when the last name that it mentions is resolved): what was compiled for the old ones looks names up
/// the slow way. The functions of its code run interpreted until they are compiled for the new ones.
///
/// # Safety
/// The GIL is held and `func` is alive.
pub unsafe fn function_changes_builtins(func: *mut PyFunctionObject) {
    // SAFETY: by the contract.
    unsafe {
        let restored = with_code((*func).func_code, |entry| {
            let stale = entry.builtins != (*func).func_builtins as usize && entry.functions.contains(&(func as usize));
            if !stale {
                return Vec::new();
            }
            entry.retired.extend(entry.version.take());
            entry.functions.drain().collect()
        });
        for function in restored.unwrap_or_default() {
            functions::restore(function as *mut PyFunctionObject, true);
        }
    }
}

/// The function's defaults are about to be replaced: direct calls which filled them in must not be made any more, so everything compiled with them is given up.
///
/// # Safety
/// The GIL is held; called from CPython's watcher.
pub unsafe fn function_changes_defaults(func: *mut PyFunctionObject) {
    // SAFETY: by the contract.
    unsafe {
        let dependents: Vec<usize> = with(|registry| {
            let mut dependents = Vec::new();
            for entry in registry.codes.values_mut() {
                if entry.version.as_ref().is_some_and(|version| version.kept.contains(func.cast())) {
                    dependents.extend(entry.functions.drain());
                    entry.retired.extend(entry.version.take());
                }
            }
            dependents
        });
        for dependent in dependents {
            functions::restore(dependent as *mut PyFunctionObject, true);
        }
    }
}

/// A code object is going away: nothing runs it any more.
///
/// # Safety
/// The GIL is held; called from CPython's watcher.
pub unsafe fn code_destroyed(code: *mut PyCodeObject) {
    // SAFETY: by the contract.
    unsafe {
        if let Some(mut registry) = REGISTRY.try_borrow()
            && let Some(registry) = registry.as_mut()
            && let Some(entry) = registry.codes.remove(&(code as usize))
        {
            // What the versions keep alive is released at a safe point.
            registry.orphans.extend(entry.version.into_iter().chain(entry.retired));
            if !registry.orphans.is_empty() {
                crate::policy::schedule_review();
            }
        }
    }
}

/// Most classes remembered of an attribute site.
const MOST_SEEN: usize = 4;

/// Adds a receiver to those seen, in place of those whose number means nothing any more; whether it is news.
pub fn remember(seen: &mut Vec<Receiver>, receiver: Receiver) -> bool {
    seen.retain(|known| !known.class().is_null());
    let same = |known: &&mut Receiver| (known.number, known.itself) == (receiver.number, receiver.itself);
    if let Some(known) = seen.iter_mut().find(same) {
        let news = receiver.dict_hint.is_some() && known.dict_hint.is_none();
        if news {
            known.dict_hint = receiver.dict_hint;
        }
        return news;
    }
    let news = seen.len() < MOST_SEEN;
    if news {
        seen.push(receiver);
    }
    news
}

/// The receiver at an attribute site that left.
unsafe fn class_at_site(info: &ExitInfo, frame: *mut InterpreterFrame) -> Option<Receiver> {
    // SAFETY: a complete frame of a live code object, at an instruction of its code.
    unsafe {
        let at = ember_cpython::frame::lasti(frame);
        let code = ember_cpython::frame::code(frame);
        // A guard that was moved left elsewhere; but EXTENDED_ARG belongs to the instruction.
        if code as u64 != info.token() || !(at..at + 4).contains(&(info.bci as usize)) {
            return None;
        }
        let unit = *core::ptr::addr_of!((*code).co_code_adaptive).cast::<u16>().add(info.bci as usize);
        if !matches!(op::BASE[usize::from(unit as u8)], op::LOAD_ATTR | op::STORE_ATTR) {
            return None;
        }
        let owner = (*(*frame).stackpointer.sub(1)).object();
        if owner.is_null() {
            return None;
        }
        let itself = pyo3_ffi::PyType_Check(owner) != 0;
        let class = if itself { owner.cast() } else { pyo3_ffi::Py_TYPE(owner).cast() };
        let number = number_of(class, core::ptr::null_mut())?;
        Some(Receiver { number, itself, dict_hint: None })
    }
}

/// Takes note of a deopt: called in the middle of native code.
///
/// # Safety
/// Native code is running, with the GIL held; the frame is complete.
pub unsafe fn note_deopt(info: &ExitInfo, times: u32, frame: *mut InterpreterFrame) {
    // SAFETY: by the contract.
    unsafe {
        if let Some(mut registry) = REGISTRY.try_borrow()
            && let Some(registry) = registry.as_mut()
        {
            registry.deopts += 1;
            let in_worker = crate::policy::is_worker();
            let patience = if in_worker { DEOPTS_IN_WORKER } else { DEOPTS_BEFORE_RECOMPILE };
            let due = times.is_multiple_of(patience);
            if (!in_worker || due || times % patience > patience - DEOPTS_LOOKED_AT)
                && let Some(receiver) = class_at_site(info, frame)
                && let Some(entry) = registry.codes.get_mut(&(info.token() as usize))
            {
                remember(entry.seen.entry(info.bci).or_default(), receiver);
            }
            if due && crate::options::get().stress_deopt == 0 {
                registry.pending_deopts.insert((info.token() as usize, info.bci));
                crate::policy::schedule_review();
            }
        }
    }
}

/// Looks at the exits taken too often: their sites become generic and their functions get a new version.
///
/// # Safety
/// The GIL is held, at a point where Python code may run.
pub unsafe fn review_deopts() {
    // SAFETY: by the contract.
    unsafe {
        let noted: Vec<(usize, u32)> = with(|registry| registry.pending_deopts.drain(..).collect());
        let mut codes: IndexSet<usize> = IndexSet::new();
        for (code, bci) in noted {
            with_code(code as *mut PyCodeObject, |entry| {
                // The version to come knows more than the one that left.
                if !entry.queued && entry.learn(bci) {
                    codes.insert(code);
                    let joining = entry.version.iter().flat_map(|version| &version.exits);
                    let joining = joining.filter(|exit| exit.taken() >= DEOPTS_TO_JOIN).map(|exit| exit.bci);
                    for bci in joining.collect::<Vec<u32>>() {
                        entry.learn(bci);
                    }
                }
            });
        }
        for code in codes {
            let func = with_code(code as *mut PyCodeObject, |entry| entry.first_function()).flatten();
            if let Some(func) = func {
                recompile(func);
            }
        }
    }
}

/// Makes another version of a function from what has been learnt, in the background if the mode has a compiler thread.
///
/// # Safety
/// The GIL is held, at a point where Python code may run; `func` is alive.
pub unsafe fn recompile(func: *mut PyFunctionObject) {
    // SAFETY: the GIL is held; an installed function is alive (its destruction removes it from the registry).
    unsafe {
        let Some(env) = engine::env() else { return };
        let limits = limits_of(func);
        let Ok(job) = compile::prepare(func, &limits) else { return };
        if let Err(job) = crate::policy::compile_in_background(Box::new(job), func) {
            // A failure leaves the version in use as it is.
            let outcome = compile::run(*job, env, Wanted::default());
            if outcome.result.is_ok() {
                let _ = finish(outcome, Some(func));
            }
        }
    }
}

/// Frees retired versions that no thread can be in.
///
/// # Safety
/// The GIL is held, and no native code is on this thread's stack below a frame that has been popped.
pub unsafe fn collect_retired() {
    // SAFETY: by the contract.
    unsafe {
        if ember_runtime::exits::leaving() {
            return;
        }
        crate::generators::free_orphans();
        let running = running_codes();
        let free: Vec<Box<Version>> = with(|registry| {
            // Draining an empty list writes to it, and in a worker to a page of its master for each entry.
            let retired = registry
                .codes
                .iter_mut()
                .filter(|(code, entry)| !entry.retired.is_empty() && !running.contains(code))
                .flat_map(|(_, entry)| entry.retired.drain(..));
            retired.chain(registry.orphans.drain(..)).collect()
        });
        for version in free {
            engine::free(version.block);
            drop(version.kept);
        }
    }
}

unsafe fn running_codes() -> FxHashSet<usize> {
    let mut running = FxHashSet::default();
    // SAFETY: with the GIL held, other threads' frames stand still.
    unsafe {
        let mut thread = ffi::PyInterpreterState_ThreadHead(ffi::PyInterpreterState_Get());
        while !thread.is_null() {
            let mut frame = (*thread).current_frame;
            while !frame.is_null() {
                running.insert((*frame).f_executable.object() as usize);
                frame = (*frame).previous;
            }
            thread = ffi::PyThreadState_Next(thread);
        }
    }
    running
}

/// Figures of the registry.
#[derive(Debug, Default)]
pub struct Figures {
    /// Functions that enter native code.
    pub functions: usize,
    /// Code objects with a version.
    pub codes: usize,
    /// Versions made.
    pub versions: u32,
    /// Times to compile, in microseconds.
    pub compile_times: Vec<u32>,
    /// Bytes of machine code in versions in use.
    pub code_bytes: usize,
    /// Bytes of the bytecode compiled.
    pub bytecode_bytes: usize,
    /// Deopts so far.
    pub deopts: u64,
    /// Calls, in the versions in use, of what the code did not know.
    pub generic_calls: u64,
    /// Reasons not to compile, with their counts.
    pub reasons: FxHashMap<String, usize>,
    /// Deopts by reason.
    pub deopt_reasons: FxHashMap<&'static str, u64>,
}

/// Adds everything up.
///
/// # Safety
/// The GIL is held.
#[must_use]
pub unsafe fn figures() -> Figures {
    // SAFETY: by the contract.
    unsafe {
        with(|registry| {
            let mut figures = Figures {
                compile_times: registry.compile_times.clone(),
                bytecode_bytes: registry.bytecode_bytes,
                deopts: registry.deopts,
                ..Figures::default()
            };
            for entry in registry.codes.values() {
                figures.functions += entry.functions.len();
                figures.versions += entry.versions;
                if let Some(version) = &entry.version {
                    figures.codes += 1;
                    figures.code_bytes += version.bytes;
                    figures.generic_calls +=
                        version.calls.values().map(|site| site.before + site.recent()).sum::<u64>();
                }
                for version in entry.version.iter().chain(&entry.retired) {
                    for exit in &version.exits {
                        if exit.taken() > 0 {
                            *figures.deopt_reasons.entry(exit.reason()).or_default() += u64::from(exit.taken());
                        }
                    }
                }
                if let Some(reason) = &entry.reason {
                    *figures.reasons.entry(reason.name()).or_default() += 1;
                }
            }
            figures
        })
    }
}

/// The object an address stands for, as the API hands it out.
#[must_use]
pub fn as_object(func: *mut PyFunctionObject) -> *mut PyObject {
    func.cast()
}
