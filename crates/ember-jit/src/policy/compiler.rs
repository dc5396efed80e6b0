//! The compiler thread, its jobs and what becomes of them; compiling ahead.

use super::*;
use std::sync::{Arc, Mutex};
use std::thread::JoinHandle;

/// A job on its way to the compiler thread, with a reference to its function.
pub(super) struct Ticket {
    pub(super) job: Job,
    pub(super) func: usize,
}

pub(super) struct Done {
    pub(super) outcome: Outcome,
    pub(super) func: usize,
}

/// The compiler thread's ends of the channels, and the process it runs in.
pub(super) struct Compiler {
    pub(super) jobs: Sender<Ticket>,
    pub(super) done: Receiver<Done>,
    pub(super) pid: u32,
    inbox: Arc<Mutex<Receiver<Ticket>>>,
    outbox: Sender<Done>,
    /// Whether its thread is there.
    running: Arc<AtomicBool>,
    /// Its last thread and its helpers, those that have ended included.
    threads: Mutex<Vec<JoinHandle<()>>>,
}

impl Compiler {
    /// Hands a job over, and starts a thread if there is none; gives the job back when there can be none.
    fn send(&self, ticket: Ticket) -> Result<(), Box<Ticket>> {
        self.jobs.send(ticket).map_err(|error| Box::new(error.0))?;
        if self.start() {
            return Ok(());
        }
        let waiting = self.inbox.lock().ok().and_then(|inbox| inbox.try_recv().ok());
        waiting.map_or(Ok(()), |ticket| Err(Box::new(ticket)))
    }

    /// Starts the thread unless it is there or nothing is to be compiled now; whether that could be done.
    fn start(&self) -> bool {
        if PAUSED.load(Ordering::SeqCst) || self.running.swap(true, Ordering::SeqCst) {
            return true;
        }
        let theirs = (self.inbox.clone(), self.outbox.clone(), self.running.clone());
        let thread = std::thread::Builder::new().name("ember-compiler".into()).stack_size(8 << 20);
        let started = thread.spawn(move || compile_all(&theirs.0, &theirs.1, &theirs.2));
        if let Err(error) = &started {
            log::warn!("no compiler thread: {error}");
            self.running.store(false, Ordering::SeqCst);
        }
        started.map(|thread| self.remember(thread)).is_ok()
    }

    /// Keeps a thread's handle, for [`Compiler::end`].
    fn remember(&self, thread: JoinHandle<()>) {
        if let Ok(mut threads) = self.threads.lock() {
            threads.retain(|thread| !thread.is_finished());
            threads.push(thread);
        }
    }

    /// Has its threads end once nothing is left to compile, and waits for that.
    fn end(self) {
        let Self { jobs, threads, .. } = self;
        // Nobody can send any more: whoever waits for a job ends.
        drop(jobs);
        for thread in threads.into_inner().unwrap_or_default() {
            // One that panicked has said so.
            let _ = thread.join();
        }
    }

    /// Has so many more threads compile what is waiting; they end when nothing is.
    fn help(&self, threads: usize) {
        for _ in 0..threads {
            let (inbox, outbox) = (self.inbox.clone(), self.outbox.clone());
            let thread = std::thread::Builder::new().name("ember-helper".into()).stack_size(8 << 20);
            let started = thread.spawn(move || {
                let Some(env) = engine::env() else { return };
                // The compiler thread holds the lock while it waits: then there is nothing to do.
                while !PAUSED.load(Ordering::SeqCst)
                    && let Some(Ticket { job, func }) = inbox.try_lock().ok().and_then(|inbox| inbox.try_recv().ok())
                {
                    let outcome = compile::run(job, env, Wanted::default());
                    if outbox.send(Done { outcome, func }).is_err() {
                        return;
                    }
                }
            });
            match started {
                Ok(thread) => self.remember(thread),
                Err(error) => {
                    log::warn!("no helper for the compiler thread: {error}");
                    return;
                }
            }
        }
    }
}

/// Sends a hot function to the compiler thread; whether there was something to send.
pub(super) unsafe fn request(func: *mut PyFunctionObject) -> bool {
    // SAFETY: the GIL is held and the function alive.
    unsafe {
        let code = (*func).func_code;
        if listed(func) == Verdict::Excluded || registry::with_code(code, |entry| entry.queued).unwrap_or(false) {
            return false;
        }
        let Ok(Some(job)) = registry::begin(func) else { return false };
        let queued = send(job, func);
        registry::with_code(code, |entry| entry.queued = queued);
        queued
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
pub(super) unsafe fn send(job: Job, func: *mut PyFunctionObject) -> bool {
    // SAFETY: the GIL is held and the function alive.
    unsafe {
        refcount::incref(func.cast());
        let ticket = Ticket { job, func: func as usize };
        let sent = with(|policy| match compiler(policy) {
            Some(compiler) => compiler.send(ticket),
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

/// The compiler of this process, made when there is none yet (or none any more: threads do not survive `fork`).
pub(super) fn compiler(policy: &mut Policy) -> Option<&Compiler> {
    let pid = std::process::id();
    if policy.compiler.as_ref().is_none_or(|compiler| compiler.pid != pid) {
        let (jobs, inbox) = channel::<Ticket>();
        let (outbox, done) = channel::<Done>();
        let (inbox, running) = (Arc::new(Mutex::new(inbox)), Arc::new(AtomicBool::new(false)));
        IN_FLIGHT.store(0, Ordering::Relaxed);
        // What the parent's thread had been given is lost with it.
        let threads = Mutex::default();
        std::mem::forget(policy.compiler.replace(Compiler { jobs, done, pid, inbox, outbox, running, threads }));
    }
    policy.compiler.as_ref()
}

/// After so long without work the compiler thread ends.
pub(super) const IDLE: Duration = Duration::from_millis(500);
/// The same in a worker, which compiles something now and then and has memory for itself alone.
const IDLE_WORKER: Duration = Duration::from_millis(50);

/// Whether compiling is put off: what waits to be compiled goes on waiting, so that whatever runs in a pause has the processors for itself.
static PAUSED: AtomicBool = AtomicBool::new(false);

/// Puts compiling off, or has what waits for it compiled.
pub(super) unsafe fn put_off(paused: bool) {
    PAUSED.store(paused, Ordering::SeqCst);
    if !paused && IN_FLIGHT.load(Ordering::Relaxed) > 0 {
        // SAFETY: the GIL is held.
        unsafe { with(|policy| compiler(policy).map(Compiler::start)) };
    }
}

/// Whether a compiler thread has ended, so that what it took can go back to the system.
static TRIM_DUE: AtomicBool = AtomicBool::new(false);

/// Gives back what a compiler thread took, if one has ended. A thread that lives has blocks in its own cache, and keeps their pages.
pub(super) fn trim_if_due() {
    if TRIM_DUE.swap(false, Ordering::Relaxed) {
        engine::trim_heap();
    }
}

fn compile_all(inbox: &Mutex<Receiver<Ticket>>, outbox: &Sender<Done>, running: &AtomicBool) {
    let Some(env) = engine::env() else { return };
    let idle = if is_worker() { IDLE_WORKER } else { IDLE };
    loop {
        if PAUSED.load(Ordering::SeqCst) {
            // Whoever ends the pause looks after that whether somebody is there; so one last look after saying that nobody is.
            running.store(false, Ordering::SeqCst);
            if PAUSED.load(Ordering::SeqCst) || running.swap(true, Ordering::SeqCst) {
                return;
            }
        }
        let Ok(inbox) = inbox.lock() else { return };
        let received = inbox.recv_timeout(idle).or_else(|error| {
            // Whoever sends looks after sending whether somebody is there; so one last look after saying that nobody is.
            running.store(false, Ordering::SeqCst);
            let last = inbox.try_recv().map_err(|_| error);
            running.store(last.is_ok(), Ordering::SeqCst);
            last
        });
        drop(inbox);
        let Ok(Ticket { job, func }) = received else {
            TRIM_DUE.store(true, Ordering::Relaxed);
            return;
        };
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
            if outcome.job.params.kind == ember_codegen::BodyKind::Generator {
                crate::generators::finish(outcome);
            } else if outcome.job.osr.is_some() {
                crate::osr::finish(outcome);
            } else if registry::finish(outcome, Some(func)).is_ok() {
                dump_if_wanted(func);
            }
            refcount::decref(func.cast());
        }
    }
}

/// Waits until the compiler thread has nothing to do, and installs its work; in a pause there is nothing to wait for. Releases the GIL meanwhile.
///
/// # Safety
/// The GIL is held.
pub unsafe fn wait() {
    // SAFETY: by the contract.
    unsafe {
        take_finished();
        while IN_FLIGHT.load(Ordering::Relaxed) > 0 && !PAUSED.load(Ordering::SeqCst) {
            let state = pyo3_ffi::PyEval_SaveThread();
            std::thread::sleep(Duration::from_millis(1));
            pyo3_ffi::PyEval_RestoreThread(state);
            take_finished();
        }
        trim_if_due();
    }
}

/// Ends the compiler's threads as soon as nothing is to be compiled, and gives back what they took: for a process that is about to be forked. A thread that lives has blocks in its own cache, and
/// in the children they stay for ever in the middle of memory that other threads are given.
///
/// # Safety
/// The GIL is held; it is released meanwhile.
pub unsafe fn rest() {
    // SAFETY: by the contract.
    unsafe {
        wait();
        if IN_FLIGHT.load(Ordering::Relaxed) == 0 {
            let ours = |compiler: &mut Compiler| compiler.pid == std::process::id();
            if let Some(compiler) = with(|policy| policy.compiler.take_if(ours)) {
                compiler.end();
            }
        }
        // Now, and not in each of the children once more: the threads have just said that it is due.
        TRIM_DUE.store(true, Ordering::Relaxed);
        trim_if_due();
    }
}

/// Hands all functions that a profile wants to the compiler thread and as many helpers as make up `workers`; they are installed while the program goes on, or by [`wait`]. How many
/// there are. In a mode without a compiler thread there is nothing to do: [`precompile`] compiles them.
///
/// # Safety
/// The GIL is held.
pub unsafe fn compile_profiled(workers: usize) -> usize {
    // SAFETY: by the contract; no Python code runs until the functions are handed over.
    unsafe {
        if mode() != Mode::Auto || engine::env().is_none() {
            return 0;
        }
        PREPARED.store(true, Ordering::Relaxed);
        crate::profile::apply(false);
        let functions = crate::profile::wanted_functions();
        for &func in &functions {
            request(func);
        }
        with(|policy| {
            if let Some(compiler) = compiler(policy) {
                compiler.help(workers.saturating_sub(1));
            }
        });
        functions.len()
    }
}

/// How many functions [`precompile`] compiles before it installs them: what is made of their snapshots is in memory together.
pub(super) const BATCH: usize = 128;

/// Compiles everything the mode and the list want, or everything that has run so far, on `workers` threads; what is compiled already is compiled anew where its own
/// caches have seen what the compiler did not know.
///
/// # Safety
/// The GIL is held.
pub unsafe fn precompile(workers: usize) -> (usize, usize) {
    // SAFETY: by the contract.
    unsafe {
        let Some(env) = engine::env() else { return (0, 0) };
        PREPARED.store(true, Ordering::Relaxed);
        take_finished();
        crate::profile::apply(false);
        // All snapshots come first: a call site names its callee by a version that the callee's code loses when it is compiled.
        let mut tickets = Vec::new();
        let mut codes = FxHashSet::default();
        for (job, func) in crate::retune::all(|code| super::sampler::may_be_retuned(code)) {
            codes.insert((*func).func_code as usize);
            refcount::incref(func.cast());
            tickets.push(Ticket { job, func: func as usize });
        }
        let (mode, profiled) = (mode(), crate::profile::is_loaded());
        for_each_function(|func| {
            let code = (*func).func_code;
            let verdict = listed(func);
            let wanted = match mode {
                Mode::List => verdict == Verdict::Listed || crate::profile::wants(code),
                // Not only what runs often: where all is native nothing crosses over to the interpreter and back, and the one process pays for its children.
                _ => verdict == Verdict::Listed || if profiled { crate::profile::wants(code) } else { has_run(code) },
            };
            // Functions of one code object share what is compiled, so one of them is enough.
            if wanted
                && verdict != Verdict::Excluded
                && is_candidate(code)
                && !codes.contains(&(code as usize))
                && let Ok(Some(job)) = registry::begin(func)
            {
                codes.insert(code as usize);
                // While it is being compiled nobody else need do so.
                registry::with_code(code, |entry| entry.queued = true);
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

/// Whether the code ran more than once or twice: the interpreter specialises no instruction sooner. What imports run once stays out of this.
unsafe fn has_run(code: *mut PyCodeObject) -> bool {
    // SAFETY: a live code object.
    ran_repeatedly(&unsafe { ember_cpython::code::adaptive_units(code) })
}

/// Counters of instructions that may be specialised, before their first run and after it. At the second CPython tries, and whatever comes of it the counter is another.
const FRESH_COUNTERS: [u16; 2] = [0x11, 0x01];

/// Whether code with these units ran more than once or twice.
fn ran_repeatedly(units: &[u16]) -> bool {
    use ember_frontend::opcodes::v3_14 as op;
    let (mut at, mut entered, mut can_specialise) = (0, false, false);
    while let Some(&unit) = units.get(at) {
        let special = (unit & 0xFF) as u8;
        let base = op::BASE[usize::from(special)];
        let caches = usize::from(op::CACHES[usize::from(base)]);
        entered |= special == op::RESUME_CHECK;
        // Instructions without caches have forms that depend on nothing, like constants that are immortal; branches only count.
        let counts = caches == 0
            || matches!(
                base,
                op::POP_JUMP_IF_FALSE | op::POP_JUMP_IF_TRUE | op::POP_JUMP_IF_NONE | op::POP_JUMP_IF_NOT_NONE
            );
        // The counter of a loop's jump begins elsewhere, and it has another form after its first run.
        let tried = || base != op::JUMP_BACKWARD && units.get(at + 1).is_some_and(|now| !FRESH_COUNTERS.contains(now));
        if !counts && (special != base || tried()) {
            return true;
        }
        can_specialise |= !counts;
        at += 1 + caches;
    }
    entered && !can_specialise
}

pub(super) fn compile_on_threads(tickets: Vec<Ticket>, workers: usize, env: &'static ember_codegen::Env) -> Vec<Done> {
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

#[cfg(test)]
mod tests {
    use super::*;
    use ember_frontend::opcodes::v3_14 as op;

    #[test]
    fn what_ran_repeatedly_need_not_have_been_specialised() {
        let code = |entry: u8, access: u8, counter: u16| {
            let caches = usize::from(op::CACHES[usize::from(op::LOAD_ATTR)]);
            let mut units = vec![u16::from(entry), u16::from(op::LOAD_FAST), u16::from(access), counter];
            units.resize(3 + caches, 0);
            units.push(u16::from(op::RETURN_VALUE));
            units
        };
        let plain = |counter| ran_repeatedly(&code(op::RESUME_CHECK, op::LOAD_ATTR, counter));
        // As compiled, and after one run.
        assert!(!ran_repeatedly(&code(op::RESUME, op::LOAD_ATTR, 0x11)) && !plain(0x11) && !plain(0x01));
        // Tried in vain, and specialised.
        assert!(plain(0x22) && plain(0x330));
        assert!(ran_repeatedly(&code(op::RESUME_CHECK, op::LOAD_ATTR_INSTANCE_VALUE, 0x340)));
        // What cannot be specialised was at least entered twice.
        let flat = |entry: u8| vec![u16::from(entry), u16::from(op::LOAD_FAST), u16::from(op::RETURN_VALUE)];
        assert!(ran_repeatedly(&flat(op::RESUME_CHECK)) && !ran_repeatedly(&flat(op::RESUME)));
    }
}
