//! What this process has learnt, as a profile.
//!
//! Three sources, the better ones first: what the registry has taken over from deopts and caches, what native code's caches hold beyond that, and the interpreter's inline caches. Functions
//! without native code of their own are in the profile when native code names them: they are called directly, or are part of it.

use super::file::{Callee, CalleeKind, Function, Profile, Receiver, Site};
use super::{code_hash, names};
use crate::compile::Limits;
use crate::registry::{self, CodeEntry};
use crate::retune::{self, SeenCallee};
use crate::{policy, snapshot};
use ember_cpython::layout::{PyCodeObject, PyFunctionObject, PyObject, TypeObject};
use ember_cpython::types::VersionMap;
use ember_cpython::{code, object};
use ember_frontend::decode::{self, Cache, Instr};
use ember_frontend::opcodes::v3_14 as op;
use ember_runtime::caches;
use ember_runtime::sites::Kind;
use rustc_hash::{FxHashMap, FxHashSet};
use std::collections::BTreeSet;

/// What the registry knows of a code object.
#[derive(Default)]
struct Learnt {
    /// The code object; while it has an entry it is alive.
    code: usize,
    module: Option<Box<str>>,
    versions: u32,
    limits: Limits,
    receivers: FxHashMap<u32, Vec<caches::Receiver>>,
    callees: FxHashMap<u32, Vec<SeenCallee>>,
    /// Objects that its native code names.
    named: Vec<*mut PyObject>,
}

impl Learnt {
    fn of(code: *mut PyCodeObject, entry: &CodeEntry) -> Option<Learnt> {
        let version = entry.version.as_ref()?;
        let limits = entry.limits();
        let mut receivers = entry.seen.clone();
        receivers.extend(limits.polymorphic.iter().map(|(&unit, seen)| (unit, seen.clone())));
        for (&unit, cache) in version.sites.iter().zip(&version.caches) {
            if !retune::is_megamorphic(cache) {
                let seen = receivers.entry(unit).or_default();
                cache.in_use().for_each(|found| {
                    registry::remember(seen, found.receiver());
                });
            }
        }
        let mut callees = entry.called.clone();
        callees.extend(retune::common_callees(entry));
        callees.extend(limits.callees.iter().map(|(&unit, seen)| (unit, seen.clone())));
        Some(Learnt {
            code: code as usize,
            module: entry.module.clone(),
            versions: entry.versions,
            limits,
            receivers,
            callees,
            named: version.kept.objects().collect(),
        })
    }
}

/// The profile of this process.
///
/// # Safety
/// The GIL is held.
#[must_use]
pub unsafe fn record() -> Profile {
    // SAFETY: by the contract; no Python code runs in here, so that objects and versions stay what they are.
    unsafe {
        let mut all = Vec::new();
        registry::for_each_code(|code, entry| all.extend(Learnt::of(code, entry)));
        let mut recorder = Recorder { versions: VersionMap::new(), modules: names::modules_by_keys() };
        let mut done = FxHashSet::default();
        let mut profile = Profile::default();
        for learnt in &all {
            let code = learnt.code as *mut PyCodeObject;
            done.insert(code);
            let name = learnt.module.as_ref().and_then(|module| names::of_code(module, code));
            profile.functions.extend(name.and_then(|name| recorder.function(name, code, learnt, true)));
        }
        let nothing = Learnt::default();
        for &named in all.iter().flat_map(|learnt| &learnt.named) {
            if object::is_exact(named, &raw mut pyo3_ffi::PyFunction_Type) {
                let func = named.cast::<PyFunctionObject>();
                let code = (*func).func_code;
                if done.insert(code) {
                    let name = names::of_function(func);
                    profile.functions.extend(name.and_then(|name| recorder.function(name, code, &nothing, false)));
                }
            }
        }
        Profile::merge([profile])
    }
}

struct Recorder {
    versions: VersionMap,
    modules: FxHashMap<u32, String>,
}

/// A code object's instructions, and what the interpreter has made of them.
struct Code {
    units: Vec<u16>,
    adaptive: Vec<u16>,
}

impl Recorder {
    unsafe fn function(
        &mut self,
        name: String,
        of: *mut PyCodeObject,
        learnt: &Learnt,
        compiled: bool,
    ) -> Option<Function> {
        // SAFETY: the caller passes a live code object.
        unsafe {
            let code = Code { units: code::base_units(of)?, adaptive: code::adaptive_units(of) };
            let mut function = Function {
                function: name,
                code: code_hash::text(code_hash::of(of)?),
                heat: u64::from(policy::heat_of(of)),
                compiled,
                versions: learnt.versions,
                generic: sorted(&learnt.limits.generic_sites),
                wary: sorted(&learnt.limits.wary),
                kept_calls: sorted(&learnt.limits.keep_calls),
                ..Function::default()
            };
            for instr in decode::instrs(&code.units, &code.adaptive) {
                if learnt.limits.cautious && matches!(instr.opcode, op::LOAD_ATTR | op::STORE_ATTR) {
                    function.wary.insert(instr.unit);
                }
                if let Some(site) = self.site(&instr, &code, learnt) {
                    function.sites.insert(instr.unit, site);
                }
            }
            Some(function)
        }
    }

    unsafe fn site(&mut self, instr: &Instr, code: &Code, learnt: &Learnt) -> Option<Site> {
        // SAFETY: passed on.
        unsafe {
            match instr.opcode {
                op::LOAD_ATTR | op::STORE_ATTR => self.attribute(instr, code, learnt),
                op::CALL | op::CALL_KW => self.call(instr, code, learnt),
                op::TO_BOOL if instr.special == op::TO_BOOL_ALWAYS_TRUE => {
                    let class = self.versions.type_by_version(Cache::new(&code.adaptive, instr.unit).u32(1))?;
                    names::of_class(class.cast()).map(Site::True)
                }
                op::POP_JUMP_IF_FALSE | op::POP_JUMP_IF_TRUE | op::POP_JUMP_IF_NONE | op::POP_JUMP_IF_NOT_NONE => {
                    match Cache::new(&code.adaptive, instr.unit).u16(0) {
                        0 => Some(Site::Jumps(false)),
                        0xFFFF => Some(Site::Jumps(true)),
                        _ => None,
                    }
                }
                op::BINARY_OP if instr.special == op::BINARY_OP_EXTEND => {
                    let mixed = snapshot::float_side(&code.adaptive, instr.unit).map(Site::FloatLeft);
                    mixed.or_else(|| specialised(instr))
                }
                _ => specialised(instr),
            }
        }
    }

    unsafe fn attribute(&mut self, instr: &Instr, code: &Code, learnt: &Learnt) -> Option<Site> {
        let mut receivers = Vec::new();
        for seen in learnt.receivers.get(&instr.unit).into_iter().flatten() {
            let class = seen.class();
            if !class.is_null() {
                // SAFETY: a class is alive as long as its number stands.
                receivers.extend(unsafe { receiver(class, seen.itself, seen.dict_hint) });
            }
        }
        if !receivers.is_empty() {
            return Some(Site::Attr(receivers));
        }
        let cache = decode::attr_cache(&code.adaptive, instr.unit)?;
        if cache.special == op::LOAD_ATTR_MODULE {
            return self.modules.get(&cache.version).cloned().map(Site::Module);
        }
        // SAFETY: the GIL is held, and no Python code ran since the map was made.
        unsafe {
            let class = self.versions.type_by_version(cache.version)?;
            let itself = matches!(cache.special, op::LOAD_ATTR_CLASS | op::LOAD_ATTR_CLASS_WITH_METACLASS_CHECK);
            let in_dict = matches!(cache.special, op::LOAD_ATTR_WITH_HINT | op::STORE_ATTR_WITH_HINT);
            receiver(class.cast(), itself, in_dict.then_some(cache.index)).map(|one| Site::Attr(vec![one]))
        }
    }

    unsafe fn call(&mut self, instr: &Instr, code: &Code, learnt: &Learnt) -> Option<Site> {
        let mut callees = Vec::new();
        for seen in learnt.callees.get(&instr.unit).into_iter().flatten() {
            // SAFETY: the GIL is held; what is gone is not looked at.
            callees
                .extend(unsafe { retune::alive(seen).and_then(|object| callee(object, seen.kind(), seen.is_alone())) });
        }
        if callees.is_empty() {
            // SAFETY: no Python code ran since the map was made.
            let (object, bound) = unsafe { retune::cached(instr, &code.adaptive, &mut self.versions) }?;
            // SAFETY: as found.
            let is_class = unsafe { object::is_type(object) };
            let kind = if is_class { Kind::Class } else { [Kind::Function, Kind::Bound][usize::from(bound)] };
            // SAFETY: as found.
            callees.extend(unsafe { callee(object, kind, true) });
        }
        (!callees.is_empty()).then_some(Site::Call(callees))
    }
}

fn sorted(units: &FxHashSet<u32>) -> BTreeSet<u32> {
    units.iter().copied().collect()
}

/// An instruction that the interpreter has specialised, if the compiler goes by its name alone.
fn specialised(instr: &Instr) -> Option<Site> {
    let telling = is_told_by_name(instr.opcode) && instr.special != instr.opcode;
    telling.then(|| Site::Op(op::NAMES[usize::from(instr.special)].to_owned()))
}

/// Whether the name of a specialised instruction says all that the compiler wants to know.
pub fn is_told_by_name(opcode: u8) -> bool {
    matches!(
        opcode,
        op::BINARY_OP
            | op::COMPARE_OP
            | op::CONTAINS_OP
            | op::TO_BOOL
            | op::FOR_ITER
            | op::UNPACK_SEQUENCE
            | op::STORE_SUBSCR
    )
}

unsafe fn receiver(class: *mut TypeObject, itself: bool, hint: Option<u16>) -> Option<Receiver> {
    // SAFETY: the caller passes a live class.
    Some(Receiver { class: unsafe { names::of_class(class) }?, itself, hint })
}

unsafe fn callee(object: *mut PyObject, kind: Kind, alone: bool) -> Option<Callee> {
    // SAFETY: the caller passes a live object of that kind.
    unsafe {
        let (kind, name, code) = match kind {
            Kind::Function | Kind::Bound => {
                let func = object.cast::<PyFunctionObject>();
                let of: *mut PyCodeObject = (*func).func_code;
                let kind = if kind == Kind::Bound { CalleeKind::Bound } else { CalleeKind::Function };
                (kind, names::of_function(func)?, code_hash::text(code_hash::of(of)?))
            }
            Kind::Class => (CalleeKind::Class, names::of_class(object.cast())?, String::new()),
            // Static classes have nothing faster than their own entry.
            Kind::Builtin if object::is_exact(object, &raw mut pyo3_ffi::PyCFunction_Type) => {
                (CalleeKind::Builtin, names::of_builtin(object)?, String::new())
            }
            Kind::Builtin | Kind::Empty | Kind::Descriptor | Kind::Instance => return None,
        };
        Some(Callee { name, kind, code, alone })
    }
}
