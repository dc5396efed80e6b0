//! Better versions from what native code itself has seen.
//!
//! A function may be compiled before the interpreter has specialised all of its sites (it was compiled ahead, or a branch was cold). Such sites are generic, and the interpreter
//! does not see them any more; but their caches in native code do: what an attribute access finds ([`ember_runtime::caches`]), what a call calls ([`ember_runtime::sites`]). When a site
//! becomes hot its cache reports it, once. At the next safe point the function's caches are read, and where that is news it is compiled anew, at most [`MOST_RETUNES`] times.
//! `precompile` does the same at once for all functions that have native code already.

use crate::callables::known_object;
use crate::compile::{self, Job};
use crate::gil::GilCell;
use crate::kept::Kept;
use crate::registry::{self, CodeEntry};
use crate::{functions, policy};
use ember_codegen::arena::pages;
use ember_cpython::layout::{PyCodeObject, PyFunctionObject, PyObject};
use ember_cpython::types::VersionMap;
use ember_frontend::decode::{self, Instr};
use ember_frontend::opcodes::v3_14 as op;
use ember_frontend::snapshot::{Callable, Callee, Callees, CodeSnapshot, Feedback};
use ember_runtime::caches::AttrCache;
use ember_runtime::classes;
use ember_runtime::sites::{CallCache, Kind, Observer, Seen};
use indexmap::IndexSet;
use rustc_hash::FxHashMap;

/// The profiles of the call sites of a version, by code unit. Boxed: code names them by address.
pub type CallSites = FxHashMap<u32, Box<CallCache>>;

/// Most versions that are made because sites have become hot.
const MOST_RETUNES: u32 = 2;
/// Calls a site must have seen before its profile says anything.
const ENOUGH: u64 = 8;
/// A callee counts from this share of the calls on: one in so many.
const RARE: u64 = 16;

/// A callee that a profile has seen.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SeenCallee {
    callee: usize,
    kind: Kind,
    number: u32,
    /// Whether the site has called nothing else.
    alone: bool,
}

impl SeenCallee {
    /// A callee: a Python function (or a bound method's), a class with its number, or a function in C that is kept alive.
    pub fn new(callee: *mut PyObject, kind: Kind, number: u32, alone: bool) -> SeenCallee {
        SeenCallee { callee: callee as usize, kind, number, alone }
    }

    /// What it is.
    pub fn kind(&self) -> Kind {
        self.kind
    }

    /// Whether the site has called nothing else.
    pub fn is_alone(&self) -> bool {
        self.alone
    }
}

/// What a version's feedback says of its calls, as far as it can be told later whether it is still there.
pub fn called(feedback: &FxHashMap<u32, Feedback>) -> FxHashMap<u32, Vec<SeenCallee>> {
    let of_site = |(&unit, feedback): (&u32, &Feedback)| {
        let Feedback::Callees(callees) = feedback else { return None };
        let seen: Vec<SeenCallee> = callees
            .known
            .iter()
            .filter_map(|callee| {
                let object = callee.known.object.address as *mut PyObject;
                // SAFETY: the GIL is held, and what a version names is alive.
                let number = || unsafe { functions::note(object.cast()) };
                let (kind, number) = match &callee.known.callable {
                    Callable::Function(_) if callee.bound => (Kind::Bound, number()),
                    Callable::Function(_) => (Kind::Function, number()),
                    Callable::Class(class) => (Kind::Class, class.number),
                    Callable::Unknown | Callable::C(_) | Callable::Builtin(_) => return None,
                };
                Some(SeenCallee::new(object, kind, number, callees.all && callees.known.len() == 1))
            })
            .collect();
        (!seen.is_empty()).then_some((unit, seen))
    };
    feedback.iter().filter_map(of_site).collect()
}

static HOT_CODES: GilCell<Option<IndexSet<usize>>> = GilCell::new(None);

/// What the runtime's call sites tell.
pub static OBSERVER: Observer = Observer { hot: note_hot, function: note_function };

/// A site of the code has become hot; native code is running.
unsafe fn note_hot(code: u64) {
    // SAFETY: the GIL is held.
    if let Some(mut hot) = unsafe { HOT_CODES.try_borrow() } {
        hot.get_or_insert_default().insert(code as usize);
    }
    policy::schedule_review();
}

/// Functions in profiles have an entry in the table of functions, which they lose when they die.
unsafe fn note_function(func: *mut PyFunctionObject) -> u32 {
    // SAFETY: the GIL is held and the function alive.
    unsafe { functions::note(func) }
}

/// Gives each call site of a code object a profile.
pub fn call_sites(snapshot: &CodeSnapshot, code: u64) -> CallSites {
    decode::instrs(&snapshot.units, &snapshot.adaptive)
        .filter(|instr| matches!(instr.opcode, op::CALL | op::CALL_KW))
        .map(|instr| (instr.unit, pages::keep(|| Box::new(CallCache::new(code)))))
        .collect()
}

/// What is known of a call site: from Ember's own profile if there is one, else from the interpreter's inline cache.
///
/// # Safety
/// The GIL is held; no Python code ran since `versions` was made.
pub unsafe fn call_feedback(
    instr: &Instr,
    adaptive: &[u16],
    seen: &[SeenCallee],
    versions: &mut VersionMap,
    kept: &mut Kept,
) -> Option<Feedback> {
    let mut known = Vec::new();
    for one in seen {
        // SAFETY: by the contract.
        if let Some(object) = unsafe { alive(one) } {
            // SAFETY: as found.
            let found = unsafe { known_object(object, kept) };
            if !matches!(found.callable, Callable::Unknown) {
                known.push(Callee { known: found, bound: one.kind == Kind::Bound });
            }
        }
    }
    let mut all = matches!(seen, [one] if one.alone);
    if seen.is_empty() {
        // SAFETY: by the contract.
        let (object, bound) = unsafe { cached(instr, adaptive, versions) }?;
        // SAFETY: as found.
        let found = unsafe { known_object(object, kept) };
        known.push(Callee { known: found, bound });
        all = true;
    }
    (!known.is_empty()).then_some(Feedback::Callees(Callees { known, all }))
}

/// The object of a profile, if it is still what was seen.
///
/// # Safety
/// The GIL is held.
pub unsafe fn alive(seen: &SeenCallee) -> Option<*mut PyObject> {
    let object = seen.callee as *mut PyObject;
    // SAFETY: passed on; builtins in profiles are kept alive.
    unsafe {
        match seen.kind {
            // A method needs its `self` checked, which attribute sites see to.
            Kind::Empty | Kind::Descriptor | Kind::Instance => None,
            Kind::Function | Kind::Bound => functions::is_known(object.cast(), seen.number).then_some(object),
            Kind::Builtin => Some(object),
            Kind::Class => classes::stands(object.cast(), seen.number).then_some(object),
        }
    }
}

/// The callee in the interpreter's inline cache, and whether it is called by way of a bound method.
///
/// # Safety
/// The GIL is held; no Python code ran since `versions` was made.
pub unsafe fn cached(instr: &Instr, adaptive: &[u16], versions: &mut VersionMap) -> Option<(*mut PyObject, bool)> {
    let bound = match instr.special {
        op::CALL_PY_EXACT_ARGS | op::CALL_PY_GENERAL | op::CALL_KW_PY => false,
        op::CALL_BOUND_METHOD_EXACT_ARGS | op::CALL_BOUND_METHOD_GENERAL | op::CALL_KW_BOUND_METHOD => true,
        op::CALL_ALLOC_AND_ENTER_INIT => {
            let version = decode::call_version(adaptive, instr.unit);
            // SAFETY: passed on.
            return unsafe { versions.type_by_version(version) }.map(|class| (class.cast(), false));
        }
        _ => return None,
    };
    // SAFETY: passed on.
    let function = unsafe { versions.function_by_version(decode::call_version(adaptive, instr.unit)) }?;
    Some((function.cast(), bound))
}

/// What the generic calls of the version in use have called most of the time, by code unit.
pub fn common_callees(entry: &CodeEntry) -> Vec<(u32, Vec<SeenCallee>)> {
    let Some(version) = &entry.version else { return Vec::new() };
    let mut common_callees = Vec::new();
    for (&unit, site) in &version.calls {
        let total = site.recent();
        if total < ENOUGH {
            continue;
        }
        let counts = |seen: &&Seen| seen.kind != Kind::Empty && u64::from(seen.calls) * RARE >= total;
        let mut common: Vec<&Seen> = site.seen.iter().filter(counts).collect();
        common.sort_by_key(|seen| core::cmp::Reverse(seen.calls));
        let covered: u64 = common.iter().map(|seen| u64::from(seen.calls)).sum();
        if common.is_empty() || covered * 2 < total {
            continue;
        }
        let alone = covered == total && common.len() == 1 && !entry.generic_sites.contains(&unit);
        let seen = common.iter().map(|seen| SeenCallee::new(seen.callee, seen.kind, seen.number, alone));
        common_callees.push((unit, seen.collect()));
    }
    common_callees
}

/// Takes over what the generic calls of the version in use have seen; whether that is news.
fn learn_calls(entry: &mut CodeEntry) -> bool {
    let mut changed = false;
    for (unit, learnt) in common_callees(entry) {
        let alone = learnt.iter().all(SeenCallee::is_alone);
        // A site that had this profile already and is generic all the same gains nothing by having it again.
        let known = entry.callees.get(&unit);
        let same = known.is_some_and(|known| learnt.iter().all(|one| known.iter().any(|old| old.callee == one.callee)));
        if !same {
            changed |= learnt.iter().any(|one| match one.kind {
                Kind::Function => true,
                Kind::Bound | Kind::Class => alone,
                // Static classes have nothing faster than their vectorcall.
                // SAFETY: builtins in profiles are kept alive.
                Kind::Builtin => alone && unsafe { pyo3_ffi::PyType_Check(one.callee as *mut PyObject) } == 0,
                Kind::Empty | Kind::Descriptor | Kind::Instance => false,
            });
            entry.callees.insert(unit, learnt);
        }
    }
    changed
}

/// Classes in a site's cache after which it is left to the cache.
const MEGAMORPHIC: u32 = 8;

/// Whether a site's cache has seen so many classes that code is not made for them.
pub fn is_megamorphic(cache: &AttrCache) -> bool {
    cache.fills >= MEGAMORPHIC
}

/// Most versions that are made because the caches of hot native code have filled.
const MOST_REFRESHES: u32 = 3;

/// Hot native code has run for a while: where its attribute sites had to ask their caches, what these have seen makes a better version.
///
/// # Safety
/// The GIL is held, at a point where Python code may run; `func` is alive.
pub unsafe fn refresh(func: *mut PyFunctionObject) {
    // SAFETY: by the contract.
    unsafe {
        let changed = registry::with_code((*func).func_code, |entry| {
            let changed = entry.refreshed < MOST_REFRESHES && learn_from_caches(entry);
            entry.refreshed += u32::from(changed);
            changed && !entry.queued
        });
        if changed == Some(true) {
            registry::recompile(func);
        }
    }
}

/// Takes over what the caches of the version in use have seen; whether that is news.
fn learn_from_caches(entry: &mut CodeEntry) -> bool {
    let attributes = learn_attributes(entry);
    learn_calls(entry) || attributes
}

fn learn_attributes(entry: &mut CodeEntry) -> bool {
    let Some(version) = entry.version.as_ref() else { return false };
    let mut learnt = Vec::new();
    for (&unit, cache) in version.sites.iter().zip(&version.caches) {
        if is_megamorphic(cache) {
            continue;
        }
        let seen = entry.seen.entry(unit).or_default();
        let mut news = false;
        for found in cache.in_use() {
            news |= registry::remember(seen, found.receiver());
        }
        if news {
            learnt.push((unit, seen.clone()));
            entry.polymorphic.insert(unit, seen.clone());
            if seen.len() > 1 || seen.iter().any(|receiver| receiver.dict_hint.is_some()) {
                entry.generic_sites.remove(&unit);
            }
        }
    }
    for (unit, receivers) in &learnt {
        entry.share(*unit, receivers);
    }
    !learnt.is_empty()
}

/// Jobs for better versions of all functions that have native code whose caches have seen something new, as far as `pays` says that it pays.
///
/// # Safety
/// The GIL is held; `pays` runs no Python code.
pub unsafe fn all(pays: impl Fn(*mut PyCodeObject) -> bool) -> Vec<(Job, *mut PyFunctionObject)> {
    // SAFETY: by the contract; functions entering native code are alive.
    unsafe {
        let mut better = Vec::new();
        registry::for_each_code(|code, entry| {
            if !entry.queued && pays(code) && learn_from_caches(entry) {
                better.extend(entry.first_function());
            }
        });
        let jobs = better.into_iter().filter_map(|func| {
            let job = compile::prepare(func, &registry::limits_of(func)).ok()?;
            Some((job, func))
        });
        jobs.collect()
    }
}

/// Looks at the functions whose sites have become hot.
///
/// # Safety
/// The GIL is held, at a point where Python code may run.
pub unsafe fn review() {
    // SAFETY: by the contract; functions entering native code are alive.
    unsafe {
        let hot = HOT_CODES.borrow().take().unwrap_or_default();
        if policy::is_worker() {
            return;
        }
        for code in hot {
            let func = registry::with_code(code as *mut PyCodeObject, |entry| {
                if entry.retuned >= MOST_RETUNES || entry.queued || !learn_from_caches(entry) {
                    return None;
                }
                entry.retuned += 1;
                entry.first_function()
            });
            if let Some(func) = func.flatten() {
                registry::recompile(func);
            }
        }
    }
}

/// The generic calls of a version, for people: code unit, calls, and what was called most often.
///
/// # Safety
/// The GIL is held.
pub unsafe fn describe(calls: &CallSites) -> Vec<(u32, u64, String)> {
    let mut rows: Vec<(u32, u64, String)> = calls
        .iter()
        .filter(|(_, site)| site.before + site.recent() > 0)
        .map(|(&unit, site)| {
            let most = site.seen.iter().max_by_key(|seen| seen.calls);
            // SAFETY: by the contract.
            let name = most.map_or(String::new(), |seen| unsafe { name_of(seen) });
            (unit, site.before + site.recent(), name)
        })
        .collect();
    rows.sort_unstable();
    rows
}

unsafe fn name_of(seen: &Seen) -> String {
    use ember_cpython::layout::{PyMethodDescrObject, TypeObject};
    // SAFETY: the GIL is held; objects that may have died are not looked at, except classes that are static.
    unsafe {
        let c_text = |text: *const core::ffi::c_char| core::ffi::CStr::from_ptr(text).to_string_lossy().into_owned();
        match seen.kind {
            Kind::Empty => String::new(),
            Kind::Function | Kind::Bound => {
                let func = seen.callee.cast::<PyFunctionObject>();
                if functions::is_known(func, seen.number) {
                    crate::snapshot::text_of((*func).func_qualname)
                } else {
                    "a function that is gone".to_owned()
                }
            }
            Kind::Builtin if pyo3_ffi::PyType_Check(seen.callee) != 0 => {
                c_text((*seen.callee.cast::<TypeObject>()).tp_name)
            }
            Kind::Builtin => c_text((*(*seen.callee.cast::<pyo3_ffi::PyCFunctionObject>()).m_ml).ml_name),
            Kind::Descriptor => c_text((*(*seen.callee.cast::<PyMethodDescrObject>()).d_method).ml_name),
            Kind::Class if classes::stands(seen.callee.cast(), seen.number) => {
                c_text((*seen.callee.cast::<TypeObject>()).tp_name)
            }
            Kind::Class => "a class that is gone".to_owned(),
            // The static classes of callables; others may have gone.
            Kind::Instance => {
                use core::ptr::addr_of_mut;
                let known = [
                    (addr_of_mut!(pyo3_ffi::PyCFunction_Type), "a builtin method"),
                    (addr_of_mut!(ember_cpython::ffi::PyMethod_Type), "a bound method"),
                    (addr_of_mut!(pyo3_ffi::PyMethodDescr_Type), "a method descriptor"),
                    (addr_of_mut!(pyo3_ffi::PyWrapperDescr_Type), "a slot wrapper"),
                ];
                let found = known.iter().find(|(class, _)| class.cast::<PyObject>() == seen.callee);
                found.map_or("an object", |(_, name)| name).to_owned()
            }
        }
    }
}
