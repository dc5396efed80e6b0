//! A profile that was loaded, as seeds of the code objects of this process.
//!
//! Loading only parses. A profile is *applied* when its functions and classes are there: once before a master compiles ahead; and in a program that runs, again and again in its first
//! seconds, until nothing is missing. A *seed* is what earlier versions of a function have taught, in the terms of this process; the registry takes it over when it first
//! hears of the code, and snapshots read it where the interpreter has not seen anything itself.

use super::file::{Callee, CalleeKind, Function, Profile, Receiver, Site};
use super::names::{self, World};
use super::{code_hash, record};
use crate::compile::Limits;
use crate::gil::GilCell;
use crate::report::Report;
use crate::retune::SeenCallee;
use crate::{functions, registry};
use core::ffi::{c_int, c_void};
use core::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use ember_cpython::layout::{PyCodeObject, PyFunctionObject, PyObject};
use ember_cpython::{code, dict, refcount};
use ember_frontend::decode::{self, Instr};
use ember_frontend::opcodes::v3_14 as op;
use ember_frontend::snapshot::{AttrKind, AttrShape, Feedback};
use ember_runtime::caches;
use ember_runtime::classes::number_of;
use ember_runtime::sites::Kind;
use rustc_hash::{FxHashMap, FxHashSet};

/// What a profile says of a code object, in the terms of this process.
#[derive(Default)]
struct Seed {
    limits: Limits,
    /// Specialised instructions.
    ops: Vec<(u32, u8)>,
    /// Jumps of which one way was never taken, as the interpreter notes that.
    jumps: Vec<(u32, u16)>,
    extra: Vec<(u32, Extra)>,
    /// Whether it had native code of its own.
    compiled: bool,
}

#[derive(Clone, Copy)]
enum Extra {
    AlwaysTrue(u32),
    FloatLeft(bool),
    /// A module, kept alive.
    Module(usize),
}

/// What became of the profiles loaded so far.
#[derive(Clone, Copy, Default)]
struct Counts {
    functions: usize,
    seeded: usize,
    stale: usize,
    names: usize,
    names_dropped: usize,
}

#[derive(Default)]
struct State {
    pending: Vec<Function>,
    /// Names of which no function was found yet.
    missing: FxHashSet<String>,
    /// Functions with such names that were made since, kept alive: some live for one call only, and the next time the profile is applied it is to find them.
    appeared: Vec<usize>,
    seeds: FxHashMap<usize, Seed>,
    /// Functions to be compiled with the numbers they were noted under, hottest last.
    queue: Vec<(usize, u32)>,
    counts: Counts,
}

static STATE: GilCell<Option<State>> = GilCell::new(None);
/// Whether any profile was loaded: nobody pays for this who has none.
static LOADED: AtomicBool = AtomicBool::new(false);
/// Whether there are names of which no function was found yet.
static MISSING: AtomicBool = AtomicBool::new(false);
/// Samples since a profile was loaded.
static SAMPLES: AtomicU32 = AtomicU32::new(0);

unsafe fn with<R>(then: impl FnOnce(&mut State) -> R) -> R {
    // SAFETY: the callers hold the GIL, and no closure runs Python code.
    then(unsafe { STATE.borrow() }.get_or_insert_default())
}

unsafe fn with_seed<R>(code: usize, then: impl FnOnce(&Seed) -> R) -> Option<R> {
    if !LOADED.load(Ordering::Relaxed) {
        return None;
    }
    // SAFETY: as above.
    unsafe { with(|state| state.seeds.get(&code).map(then)) }
}

/// Takes a profile in, to be applied later.
///
/// # Safety
/// The GIL is held.
pub unsafe fn load(profile: Profile) {
    // SAFETY: by the contract.
    unsafe {
        with(|state| {
            state.counts.functions += profile.functions.len();
            state.pending.extend(profile.functions);
        });
    }
    SAMPLES.store(0, Ordering::Relaxed);
    MISSING.store(false, Ordering::Relaxed);
    LOADED.store(true, Ordering::Relaxed);
}

/// Whether a profile was loaded.
pub fn is_loaded() -> bool {
    LOADED.load(Ordering::Relaxed)
}

/// What became of the profiles loaded so far.
///
/// # Safety
/// The GIL is held.
pub unsafe fn report() -> Report {
    // SAFETY: by the contract.
    let (counts, missing) = unsafe { with(|state| (state.counts, state.pending.len())) };
    Report::map([
        ("functions", Report::from(counts.functions)),
        ("applied", Report::from(counts.seeded)),
        ("stale", Report::from(counts.stale)),
        ("missing", Report::from(missing)),
        ("names", Report::from(counts.names)),
        ("names_dropped", Report::from(counts.names_dropped)),
    ])
}

/// What earlier versions of a code object have taught.
///
/// # Safety
/// The GIL is held.
pub unsafe fn limits_of(code: *mut PyCodeObject) -> Option<Limits> {
    // SAFETY: by the contract.
    unsafe { with_seed(code as usize, |seed| seed.limits.clone()) }
}

/// Whether a profile wants a code object to be compiled.
///
/// # Safety
/// The GIL is held.
pub unsafe fn wants(code: *mut PyCodeObject) -> bool {
    // SAFETY: by the contract.
    unsafe { with_seed(code as usize, |seed| seed.compiled) }.unwrap_or(false)
}

/// A code object is going away.
///
/// # Safety
/// The GIL is held; called from CPython's watcher.
pub unsafe fn forget(code: *mut PyCodeObject) {
    if LOADED.load(Ordering::Relaxed)
        // SAFETY: by the contract.
        && let Some(mut state) = unsafe { STATE.try_borrow() }
        && let Some(state) = state.as_mut()
    {
        state.seeds.remove(&(code as usize));
    }
}

/// Puts specialised instructions where the interpreter has not specialised any itself. Their inline caches stay empty: only such are taken whose name says everything.
///
/// # Safety
/// The GIL is held.
pub unsafe fn overlay(code: *mut PyCodeObject, units: &[u16], adaptive: &mut [u16]) {
    let apply = |seed: &Seed| {
        for &(unit, special) in &seed.ops {
            let (Some(&base), Some(raw)) = (units.get(unit as usize), adaptive.get_mut(unit as usize)) else {
                continue;
            };
            if *raw as u8 == base as u8 {
                *raw = *raw & 0xFF00 | u16::from(special);
            }
        }
        for &(unit, history) in &seed.jumps {
            if let Some(raw) = adaptive.get_mut(unit as usize + 1) {
                // How a jump's history begins: neither way is known.
                if *raw == 0x5555 || *raw == 0xAAAA {
                    *raw = history;
                }
            }
        }
    };
    // SAFETY: by the contract.
    unsafe { with_seed(code as usize, apply) };
}

/// Feedback that is neither a class at an attribute site nor a callee, where a snapshot has none of its own.
///
/// # Safety
/// The GIL is held and `func` is alive.
pub unsafe fn extra_feedback(func: *mut PyFunctionObject) -> Vec<(u32, Feedback)> {
    // SAFETY: by the contract; modules in seeds are kept alive.
    unsafe {
        let of = (*func).func_code;
        let extras = with_seed(of as usize, |seed| seed.extra.clone()).unwrap_or_default();
        let feedback = |(unit, extra)| {
            Some((
                unit,
                match extra {
                    Extra::AlwaysTrue(number) => Feedback::AlwaysTrue(number),
                    Extra::FloatLeft(float_left) => Feedback::MixedArithmetic { float_left },
                    Extra::Module(module) => module_shape(of, unit, module as *mut PyObject)?,
                },
            ))
        };
        extras.into_iter().filter_map(feedback).collect()
    }
}

/// Where an attribute is in a module's dict, if its keys have a version to go by.
unsafe fn module_shape(of: *mut PyCodeObject, unit: u32, module: *mut PyObject) -> Option<Feedback> {
    // SAFETY: a live code object and module.
    unsafe {
        let units = code::base_units(of)?;
        let instr = decode::instrs(&units, &units).find(|instr| instr.unit == unit)?;
        let name = *code::names(of).get(instr.arg as usize >> 1)?;
        let (dict, keys_version) = names::keys_of_module(module)?;
        let (index, _) = dict::get(dict, name)?;
        let kind = AttrKind::Module { keys_version, index: u32::try_from(index).ok()? };
        Some(Feedback::Attr(vec![AttrShape { number: 0, checked: None, kind }]))
    }
}

/// Applies what is pending to the functions there are now. If `patient`, a function that names what is not there yet waits.
///
/// # Safety
/// The GIL is held.
pub unsafe fn apply(patient: bool) {
    if !LOADED.load(Ordering::Relaxed) {
        return;
    }
    // SAFETY: by the contract; nothing in here runs Python code.
    unsafe {
        // Without it nothing is compiled.
        if with(|state| state.pending.is_empty()) || crate::policy::watch_program().is_err() {
            return;
        }
        let pending = with(|state| core::mem::take(&mut state.pending));
        let wanted: FxHashSet<&str> = pending.iter().flat_map(names_in).collect();
        let mut world = World::of(&wanted);
        let mut later = Vec::new();
        let mut fresh: Vec<(u64, usize, u32)> = Vec::new();
        for function in pending {
            match apply_one(&function, &mut world, patient) {
                Applied::Later => later.push(function),
                Applied::Stale => with(|state| state.counts.stale += 1),
                Applied::To(func) => {
                    if function.compiled {
                        fresh.push((function.heat, func as usize, functions::note(func)));
                    }
                }
            }
        }
        fresh.sort_unstable();
        let appeared = with(|state| {
            state.missing = later.iter().map(|function| function.function.clone()).collect();
            MISSING.store(!state.missing.is_empty(), Ordering::Relaxed);
            state.pending = later;
            // Those without a function that stays are compiled when one appears and is called often.
            state.queue.splice(0..0, fresh.into_iter().map(|(_, func, number)| (func, number)));
            core::mem::take(&mut state.appeared)
        });
        drop_later(appeared);
    }
}

/// Gives references back where Python code may run.
unsafe fn drop_later(functions: Vec<usize>) {
    extern "C" fn drop_them(functions: *mut c_void) -> c_int {
        // SAFETY: a pending call, with the GIL held and what was boxed for it.
        unsafe {
            for func in *Box::from_raw(functions.cast::<Vec<usize>>()) {
                refcount::decref(func as *mut PyObject);
            }
        }
        0
    }
    if !functions.is_empty() {
        let functions = Box::into_raw(Box::new(functions));
        // SAFETY: may be called from anywhere. Without a place in the queue the functions live on, which is no harm.
        let _ = unsafe { pyo3_ffi::Py_AddPendingCall(Some(drop_them), functions.cast()) };
    }
}

/// Whether functions are wanted that have not been made yet.
#[must_use]
pub fn misses_something() -> bool {
    MISSING.load(Ordering::Relaxed)
}

/// A function was made: is it one that was missing?
///
/// # Safety
/// The GIL is held; called from CPython's watcher.
pub unsafe fn created(func: *mut PyFunctionObject) {
    if !MISSING.load(Ordering::Relaxed) {
        return;
    }
    // SAFETY: by the contract; a reference is counted, nothing runs.
    unsafe {
        if let Some(mut state) = STATE.try_borrow()
            && let Some(state) = state.as_mut()
            && let Some(name) = names::of_function(func)
            && state.missing.remove(&name)
        {
            refcount::incref(func.cast());
            state.appeared.push(func as usize);
            MISSING.store(!state.missing.is_empty(), Ordering::Relaxed);
        }
    }
}

/// All names in a function's entry.
fn names_in(function: &Function) -> Vec<&str> {
    let mut names = vec![function.function.as_str()];
    for site in function.sites.values() {
        match site {
            Site::Attr(receivers) => names.extend(receivers.iter().map(|one| one.class.as_str())),
            Site::Call(callees) => names.extend(callees.iter().map(|one| one.name.as_str())),
            Site::True(class) => names.push(class),
            Site::Op(_) | Site::Module(_) | Site::Jumps(_) | Site::FloatLeft(_) => {}
        }
    }
    names
}

enum Applied {
    /// To the code of this function.
    To(*mut PyFunctionObject),
    /// There is no such function yet, or something it names is missing.
    Later,
    /// The function's code is another one.
    Stale,
}

unsafe fn apply_one(function: &Function, world: &mut World, patient: bool) -> Applied {
    // SAFETY: the caller's contract is `apply`'s.
    unsafe {
        let named = world.functions(&function.function).to_vec();
        if named.is_empty() {
            return Applied::Later;
        }
        let mut same = Vec::new();
        for func in named {
            if world.hash_of(func).is_some_and(|hash| code_hash::text(hash) == function.code) {
                same.push(func);
            }
        }
        let Some(&first) = same.first() else { return Applied::Stale };
        let codes: FxHashSet<*mut PyCodeObject> = same.iter().map(|&func| (*func).func_code).collect();
        let mut counts = Counts::default();
        let mut seeds = Vec::new();
        for of in codes {
            seeds.push((of, Sower { world, counts: &mut counts }.seed(function, of)));
        }
        if patient && counts.names_dropped > 0 {
            return Applied::Later;
        }
        with(|state| {
            state.counts.seeded += 1;
            state.counts.names += counts.names;
            state.counts.names_dropped += counts.names_dropped;
            state.seeds.extend(seeds.into_iter().map(|(of, seed)| (of as usize, seed)));
        });
        Applied::To(first)
    }
}

/// Makes seeds.
struct Sower<'a> {
    world: &'a mut World,
    counts: &'a mut Counts,
}

impl Sower<'_> {
    unsafe fn seed(&mut self, function: &Function, of: *mut PyCodeObject) -> Seed {
        // SAFETY: a live code object, with the GIL held.
        unsafe {
            let mut seed = Seed { compiled: function.compiled, ..Seed::default() };
            let Some(units) = code::base_units(of) else { return seed };
            seed.limits.generic_sites = function.generic.iter().copied().collect();
            seed.limits.wary = function.wary.iter().copied().collect();
            seed.limits.keep_calls = function.kept_calls.iter().copied().collect();
            for instr in decode::instrs(&units, &units) {
                if let Some(site) = function.sites.get(&instr.unit) {
                    self.site(&mut seed, &instr, site);
                }
            }
            seed
        }
    }

    /// What a site is said to have seen, if it is a site of that kind.
    unsafe fn site(&mut self, seed: &mut Seed, instr: &Instr, site: &Site) {
        // SAFETY: the GIL is held; objects of the world are alive.
        unsafe {
            match (instr.opcode, site) {
                (opcode, Site::Op(name)) => {
                    let special = op::NAMES.iter().position(|known| known == name).map(|index| index as u8);
                    let special = special.filter(|&special| op::BASE[usize::from(special)] == opcode);
                    if record::is_told_by_name(opcode) {
                        seed.ops.extend(special.map(|special| (instr.unit, special)));
                    }
                }
                (op::LOAD_ATTR | op::STORE_ATTR, Site::Attr(receivers)) => {
                    let known: Vec<caches::Receiver> = receivers.iter().filter_map(|one| self.receiver(one)).collect();
                    if !known.is_empty() {
                        seed.limits.polymorphic.insert(instr.unit, known);
                    }
                }
                (op::LOAD_ATTR, Site::Module(name)) => {
                    let module = self.world.module(name);
                    if let Some(module) = self.counted(module) {
                        // Modules hardly ever go, and a reference more does not keep one that is to go from going out of use.
                        refcount::incref(module);
                        seed.extra.push((instr.unit, Extra::Module(module as usize)));
                    }
                }
                (op::CALL | op::CALL_KW, Site::Call(callees)) => {
                    let known: Vec<SeenCallee> = callees.iter().filter_map(|one| self.callee(one)).collect();
                    if !known.is_empty() {
                        seed.limits.callees.insert(instr.unit, known);
                    }
                }
                (op::TO_BOOL, Site::True(name)) => {
                    let class = self.world.class(name);
                    let number = self.counted(class).and_then(|class| number_of(class, core::ptr::null_mut()));
                    if let Some(number) = number {
                        seed.ops.push((instr.unit, op::TO_BOOL_ALWAYS_TRUE));
                        seed.extra.push((instr.unit, Extra::AlwaysTrue(number)));
                    }
                }
                (op::BINARY_OP, &Site::FloatLeft(left)) => seed.extra.push((instr.unit, Extra::FloatLeft(left))),
                (
                    op::POP_JUMP_IF_FALSE | op::POP_JUMP_IF_TRUE | op::POP_JUMP_IF_NONE | op::POP_JUMP_IF_NOT_NONE,
                    &Site::Jumps(always),
                ) => seed.jumps.push((instr.unit, if always { 0xFFFF } else { 0 })),
                _ => {}
            }
        }
    }

    fn counted<T>(&mut self, found: Option<T>) -> Option<T> {
        self.counts.names += 1;
        self.counts.names_dropped += usize::from(found.is_none());
        found
    }

    unsafe fn receiver(&mut self, named: &Receiver) -> Option<caches::Receiver> {
        let class = self.world.class(&named.class);
        let class = self.counted(class)?;
        // SAFETY: classes of the world are alive.
        let number = unsafe { number_of(class, core::ptr::null_mut()) }?;
        Some(caches::Receiver { number, itself: named.itself, dict_hint: named.hint })
    }

    unsafe fn callee(&mut self, named: &Callee) -> Option<SeenCallee> {
        // SAFETY: what the world finds is alive, with the GIL held.
        unsafe {
            let (object, kind, number) = match named.kind {
                CalleeKind::Function | CalleeKind::Bound => {
                    let func = self.world.function(&named.name, &named.code);
                    let func = self.counted(func)?;
                    let number = functions::note(func);
                    let kind = if named.kind == CalleeKind::Bound { Kind::Bound } else { Kind::Function };
                    (func.cast::<PyObject>(), kind, number)
                }
                CalleeKind::Class => {
                    let class = self.world.class(&named.name);
                    let class = self.counted(class)?;
                    (class.cast(), Kind::Class, number_of(class, core::ptr::null_mut())?)
                }
                CalleeKind::Builtin => {
                    let function = self.world.builtin(&named.name);
                    let function = self.counted(function)?;
                    // As in the caches of call sites, it is kept alive.
                    refcount::incref(function);
                    (function, Kind::Builtin, 0)
                }
            };
            Some(SeenCallee::new(object, kind, number, named.alone))
        }
    }
}

/// All functions that the profile wants compiled and that wait for it, hottest first.
///
/// # Safety
/// The GIL is held; the functions are alive until Python code runs.
pub unsafe fn wanted_functions() -> Vec<*mut PyFunctionObject> {
    // SAFETY: by the contract.
    unsafe { take(usize::MAX) }
}

/// Takes so many functions of the queue that are still there and not compiled.
unsafe fn take(count: usize) -> Vec<*mut PyFunctionObject> {
    // SAFETY: the GIL is held; functions of which note was taken are alive as long as they are known.
    unsafe {
        let queued = with(|state| {
            let from = state.queue.len().saturating_sub(count);
            state.queue.split_off(from)
        });
        let functions = queued.into_iter().rev().map(|(func, number)| (func as *mut PyFunctionObject, number));
        let wanted =
            functions.filter(|&(func, number)| functions::is_known(func, number) && !registry::is_installed(func));
        wanted.map(|(func, _)| func).collect()
    }
}

/// Samples after which a running program looks whether what its profile names has come; at the last of them it does not wait any longer.
const LOOKS: [u32; 6] = [50, 150, 400, 1000, 3000, 9000];
/// Functions handed to the compiler in one sample: their snapshots hold the program up.
const A_SAMPLE: usize = 8;

/// At a sample of a running program: the functions to be compiled now.
///
/// # Safety
/// The GIL is held; the functions are alive until Python code runs.
pub unsafe fn take_due() -> Vec<*mut PyFunctionObject> {
    if !LOADED.load(Ordering::Relaxed) {
        return Vec::new();
    }
    let samples = SAMPLES.fetch_add(1, Ordering::Relaxed).saturating_add(1);
    // SAFETY: by the contract.
    unsafe {
        if LOOKS.contains(&samples) {
            apply(LOOKS.last() != Some(&samples));
        }
        take(A_SAMPLE)
    }
}
