//! One compilation: snapshot in, machine code out.
//!
//! [`prepare`] runs with the GIL held and takes the snapshot; [`run`] needs no GIL and can be on any thread; what becomes of the outcome is the registry's business.
//! A panic anywhere in the compiler ends here and only makes this function uncompiled.

use crate::kept::Kept;
use crate::reason::Reason;
use crate::retune::{CallSites, SeenCallee};
use crate::snapshot;
use ember_codegen::arena::scratch;
use ember_codegen::{BodyKind, BodyParams, CompiledBody, Env};
use ember_cpython::layout::{CO_VARARGS, CO_VARKEYWORDS, PyCodeObject, PyFunctionObject};
use ember_frontend::decode;
use ember_frontend::layout;
use ember_frontend::snapshot::CodeSnapshot;
use ember_hir::{ConstId, Effects, Function, HelperId, Op};
use ember_opt::inline;
use ember_runtime::caches::{AttrCache, Receiver};
use rustc_hash::{FxHashMap, FxHashSet};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::time::Duration;

/// Everything a compilation needs; owns references, so it is dropped with the GIL held.
pub struct Job {
    /// The code object, which names the job.
    pub code: usize,
    /// The snapshot.
    pub snapshot: CodeSnapshot,
    /// Parameters of code generation.
    pub params: BodyParams,
    /// Objects named by the snapshot.
    pub kept: Kept,
    /// Caches of its attribute sites.
    pub caches: Box<[AttrCache]>,
    /// Profiles of its call sites.
    pub calls: CallSites,
    /// The head and the jump of the loop to replace while it runs, instead of the whole function.
    pub osr: Option<(u32, u32)>,
    /// The globals and builtins of the frame that runs that loop.
    pub globals: (usize, usize),
    /// Calls that must not be inlined, by code unit: their bodies left too often.
    pub keep_calls: FxHashSet<u32>,
}

// SAFETY: other threads read the snapshot's plain data only; addresses in it are dereferenced, and references dropped, with the GIL held.
unsafe impl Send for Job {}

/// Texts asked for by somebody who wants to see the compiler's work.
#[derive(Clone, Copy, Debug, Default)]
pub struct Wanted {
    /// HIR after the passes.
    pub hir: bool,
    /// Cranelift IR.
    pub clif: bool,
}

/// What a compilation gave.
pub struct Outcome {
    /// The job, with its references.
    pub job: Job,
    /// The code, or why there is none.
    pub result: Result<Product, Reason>,
    /// Time spent, without waiting.
    pub time: Duration,
}

/// Machine code and what was asked for.
pub struct Product {
    /// The code.
    pub body: CompiledBody,
    /// HIR, if wanted.
    pub hir: Option<String>,
    /// Addresses of the objects that the code names: the others of the snapshot need not be kept.
    pub named: FxHashSet<usize>,
    /// Calls that are part of the code.
    pub inlined: Vec<inline::Inlined>,
    /// Names of a module or class body that a loop keeps in registers.
    pub names: Vec<u32>,
    /// All names that it takes out of the dict.
    pub taken: Vec<u32>,
    /// Code units of the calls whose callee the code does not know.
    pub generic_calls: FxHashSet<u32>,
}

/// What earlier versions of a code object have taught.
#[derive(Clone, Debug, Default)]
pub struct Limits {
    /// Sites, by code unit, whose guards failed too often: they are compiled without looking at the profile.
    pub generic_sites: FxHashSet<u32>,
    /// Receivers seen at attribute sites for which these are to be compiled, by code unit.
    pub polymorphic: FxHashMap<u32, Vec<Receiver>>,
    /// Whether attribute sites must not leave any more.
    pub cautious: bool,
    /// Attribute sites, by code unit, that must not leave.
    pub wary: FxHashSet<u32>,
    /// What generic call sites have called, by code unit.
    pub callees: FxHashMap<u32, Vec<SeenCallee>>,
    /// Calls, by code unit, whose inlined bodies left too often: they stay calls.
    pub keep_calls: FxHashSet<u32>,
    /// Whether to do without the profile altogether.
    pub generic: bool,
}

/// Takes everything a compilation needs from a function.
///
/// # Safety
/// The GIL is held and `func` is alive.
pub unsafe fn prepare(func: *mut PyFunctionObject, limits: &Limits) -> Result<Job, Reason> {
    // SAFETY: by the contract.
    unsafe {
        let code = (*func).func_code;
        crate::policy::watch_program()?;
        if ember_cpython::monitoring::is_monitored_by_others(code) {
            return Err(Reason::Monitored);
        }
        let mut taken = snapshot::take(func, limits).ok_or(Reason::Unreadable)?;
        taken.snapshot.arrays = crate::arrays::seen(code as usize);
        mark_generic(&mut taken.snapshot, &limits.generic_sites);
        taken.snapshot.cautious = limits.cautious;
        taken.snapshot.wary.clone_from(&limits.wary);
        if limits.generic {
            taken.snapshot.adaptive.clone_from(&taken.snapshot.units);
            taken.snapshot.feedback.clear();
            taken.snapshot.arrays.clear();
            taken.kept.small.clear();
        }
        let mut params = body_params(code);
        params.call_sites =
            taken.calls.iter().map(|(&unit, site)| (unit, core::ptr::from_ref(&**site) as u64)).collect();
        Ok(Job {
            code: code as usize,
            snapshot: taken.snapshot,
            params,
            kept: taken.kept,
            caches: taken.caches,
            calls: taken.calls,
            osr: None,
            globals: (0, 0),
            keep_calls: limits.keep_calls.clone(),
        })
    }
}

impl Job {
    /// Makes it a job for code that is entered at `at.0` on a frame of the interpreter's, whose globals and builtins are these.
    pub fn enter_frame(&mut self, kind: BodyKind, at: (u32, u32), globals: (usize, usize)) {
        let returns = decode::instrs(&self.snapshot.units, &self.snapshot.adaptive)
            .find(|instr| instr.opcode == ember_frontend::opcodes::v3_14::RETURN_VALUE);
        self.osr = Some(at);
        self.globals = globals;
        self.params.kind = kind;
        // Such code is made once; nobody would read what its calls have seen.
        self.params.call_sites.clear();
        self.params.nparams = 0;
        self.params.token = returns.map_or(0, |instr| u64::from(instr.unit));
    }
}

/// Exits name the unit the interpreter starts an instruction at, the compiler its opcode's, which comes after any `EXTENDED_ARG`.
pub fn mark_generic(snapshot: &mut CodeSnapshot, sites: &FxHashSet<u32>) {
    if sites.is_empty() {
        return;
    }
    let units = decode::instrs(&snapshot.units, &snapshot.adaptive)
        .filter(|instr| sites.contains(&instr.start) || sites.contains(&instr.unit))
        .map(|instr| instr.unit)
        .collect();
    snapshot.generic_sites = units;
}

unsafe fn body_params(code: *mut PyCodeObject) -> BodyParams {
    // SAFETY: a live code object.
    unsafe {
        let variadic = [CO_VARARGS, CO_VARKEYWORDS].iter().filter(|&&flag| (*code).co_flags & flag != 0).count();
        let named = ((*code).co_argcount + (*code).co_kwonlyargcount) as usize;
        BodyParams {
            kind: BodyKind::Function,
            code: code as u64,
            framesize: (*code).co_framesize as u32,
            nlocalsplus: (*code).co_nlocalsplus as u32,
            nparams: (named + variadic) as u32,
            simple_args: variadic == 0 && (*code).co_kwonlyargcount == 0,
            first_instr: core::ptr::addr_of!((*code).co_code_adaptive) as u64,
            code_units: (*code).ob_base.ob_size as u32,
            first_traceable: (*code).co_firsttraceable as u32,
            token: code as u64,
            ..BodyParams::default()
        }
    }
}

fn pipeline(job: &mut Job, env: &Env, wanted: Wanted) -> Result<Product, Reason> {
    let mut func = optimized(job)?;
    // Names can stay in registers only where nothing can look at the dict they belong to.
    if let Some(namespace) = job.snapshot.namespace.as_mut().filter(|namespace| namespace.in_registers)
        && runs_python(&func.0)
    {
        namespace.in_registers = false;
        func = optimized(job)?;
    }
    if let (Some(_), Some((kinds, pattern))) = (job.osr, &crate::options::get().dump)
        && kinds.iter().any(|kind| kind == "hir")
        && crate::jit_list::matches(pattern, &job.snapshot.qualname)
    {
        eprintln!("== hir of a loop in {} ==\n{}", job.snapshot.qualname, func.0);
    }
    let (func, inlined) = func;
    let tidy = !crate::options::get().skip_passes.iter().any(|skipped| skipped == "tidy");
    let options = ember_codegen::Options { keep_clif: wanted.clif, tidy, ..ember_codegen::Options::default() };
    let hir = wanted.hir.then(|| func.to_string());
    let body = ember_codegen::compile(&func, &job.params, env, &options)
        .map_err(|error| Reason::Unsupported(error.to_string()))?;
    Ok(Product {
        body,
        hir,
        named: named_objects(&func, job),
        inlined,
        generic_calls: generic_calls(&func),
        taken: taken_names(&func, job),
        names: func.names,
    })
}

/// The names that a loop takes out of the dict where it is entered.
fn taken_names(func: &Function, job: &Job) -> Vec<u32> {
    let taken = func.blocks[func.entry].insts.iter().filter_map(|&inst| {
        let data = &func.insts[inst];
        let id = match data.op {
            Op::Helper { id: HelperId::take_name } => data.args[0],
            _ => return None,
        };
        let Some(&Op::Const { id }) = func.def_op(id) else { return None };
        let address = func.consts[id].address;
        job.snapshot.names.iter().position(|name| name.address == address)
    });
    taken.map(|name| name as u32).collect()
}

/// Whether something in a function may run Python code, or end the life of what could.
fn runs_python(func: &Function) -> bool {
    func.blocks.values().flat_map(|block| &block.insts).any(|&inst| {
        let data = &func.insts[inst];
        match data.op {
            Op::Decref => !func.ty(data.args[0]).drops_quietly(),
            // Says where a life ends; the reference goes by its own operation.
            Op::EndLife => false,
            op => op.effects().contains(Effects::ARBITRARY),
        }
    })
}

fn optimized(job: &Job) -> Result<(Function, Vec<inline::Inlined>), Reason> {
    let built = match job.osr {
        Some((head, _)) => ember_frontend::build_osr(&job.snapshot, head),
        None => ember_frontend::build(&job.snapshot),
    };
    let mut func = built.map_err(|refusal| Reason::Refused(refusal.to_string()))?;
    let passes = ember_opt::pipeline::Options {
        skip: crate::options::get().skip_passes.clone(),
        verify: crate::options::get().verify,
        optimize: crate::options::get().optimize,
    };
    let inlined = if passes.optimize && !passes.skip.iter().any(|skipped| skipped == "inline") {
        inline::run(&mut func, &job.keep_calls, &mut |address| small_function(job, address))
    } else {
        Vec::new()
    };
    ember_opt::pipeline::run(&mut func, &passes).map_err(|error| Reason::Unsupported(error.to_string()))?;
    Ok((func, inlined))
}

/// Where the code calls what it does not know.
fn generic_calls(func: &Function) -> FxHashSet<u32> {
    let insts = func.blocks.values().flat_map(|block| &block.insts).map(|&inst| &func.insts[inst]);
    let own = insts.filter(|inst| inst.level == func.root());
    own.filter(|inst| matches!(inst.op, Op::CallVector | Op::CallKw { .. })).map(|inst| inst.bci).collect()
}

/// What the inliner needs of a function that the snapshot has found small.
fn small_function(job: &Job, address: u64) -> Option<inline::Callee> {
    let small = job.kept.small.get(&(address as usize))?.as_ref()?;
    let body = ember_frontend::build(&small.snapshot).ok()?;
    let code = (layout::FUNC_CODE, small.snapshot.code.as_ref()?.to_data());
    let defaults = small.defaults.as_ref().map(|defaults| (layout::FUNC_DEFAULTS, defaults.to_data()));
    Some(inline::Callee { body, checks: std::iter::once(code).chain(defaults).collect() })
}

/// The objects whose addresses are in the code or in what belongs to it.
fn named_objects(func: &Function, job: &Job) -> FxHashSet<usize> {
    let mut named: FxHashSet<usize> = FxHashSet::default();
    let mut name = |id: ConstId| {
        named.insert(func.consts[id].address as usize);
    };
    for level in func.levels.values() {
        level.code.into_iter().chain(level.func).for_each(&mut name);
    }
    for block in func.blocks.values() {
        for &inst in &block.insts {
            match func.insts[inst].op {
                Op::Const { id } | Op::GuardIs { id } | Op::CallKw { names: id } => name(id),
                _ => {}
            }
        }
    }
    // The functions that run the code keep it alive; if their compiled form did as well, it could never die. A loop's code has no such function.
    if job.params.kind == BodyKind::Osr {
        named.insert(job.code);
    } else {
        named.remove(&job.code);
    }
    named
}

/// Compiles.
#[must_use]
pub fn run(mut job: Job, env: &Env, wanted: Wanted) -> Outcome {
    let start = thread_time();
    let result = scratch::within(|| {
        let result = catch_unwind(AssertUnwindSafe(|| pipeline(&mut job, env, wanted)))
            .unwrap_or_else(|panic| Err(Reason::Panicked(panic_text(&*panic))));
        scratch::outside(|| moved(result))
    });
    Outcome { job, result, time: thread_time().saturating_sub(start) }
}

/// The result in memory of its own: what a compilation allocates is gone when it is over.
fn moved(result: Result<Product, Reason>) -> Result<Product, Reason> {
    let product = result.map_err(|reason| reason.clone())?;
    Ok(Product {
        body: product.body.moved(),
        hir: product.hir.clone(),
        named: product.named.clone(),
        inlined: product.inlined.clone(),
        names: product.names.clone(),
        taken: product.taken.clone(),
        generic_calls: product.generic_calls.clone(),
    })
}

/// The processor time that this thread has taken: what compiling costs does not depend on what else the machine is doing.
fn thread_time() -> Duration {
    let mut time = libc::timespec { tv_sec: 0, tv_nsec: 0 };
    // SAFETY: the structure is ours; where there is no such clock it stays zero.
    unsafe { libc::clock_gettime(libc::CLOCK_THREAD_CPUTIME_ID, &mut time) };
    Duration::new(time.tv_sec as u64, time.tv_nsec as u32)
}

fn panic_text(panic: &(dyn std::any::Any + Send)) -> String {
    if let Some(text) = panic.downcast_ref::<&str>() {
        return (*text).to_owned();
    }
    panic.downcast_ref::<String>().cloned().unwrap_or_else(|| "panic".to_owned())
}
