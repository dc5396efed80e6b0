//! What exits teach: sites that leave too often become generic, or are compiled for the classes seen there, in another version.
//!
//! An exit is noted in the middle of native code ([`note_deopt`]) and looked at where Python code may run ([`review_deopts`]). Invariant: a site is learnt about once a version,
//! and only what is news makes another; so there is an end to versions.

use super::*;

/// Deopts at one exit after which its site is compiled generically.
const DEOPTS_BEFORE_RECOMPILE: u32 = 10;

/// The same in a worker whose master has compiled ahead: so many cost it as much as a new version would, which takes memory for itself alone.
const DEOPTS_IN_WORKER: u32 = 2000;
/// The last of these at which classes are looked at: what is written about each deopt is written to pages that others share, and it is read only when there are that many.
const DEOPTS_LOOKED_AT: u32 = 16;

/// Deopts at another exit of the same version that make its site generic in the same go.
const DEOPTS_TO_JOIN: u32 = 2;

/// Most classes remembered of an attribute site.
const MOST_SEEN: usize = 4;

impl CodeEntry {
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

/// Counts of a worker, each of all exits that happen to share it: a hundred thousand exits lie on pages that a worker has from its master, and each counts in its own. Who shares a count with another is
/// looked at too early now and then, which does no harm.
const COUNTS: usize = 1024;

/// Notes in a worker that an exit is taken; how often it was, or one that shares its count.
fn take_in_worker(counts: &mut Vec<u32>, info: &ExitInfo) -> u32 {
    if counts.is_empty() {
        counts.resize(COUNTS, 0);
    }
    let place = core::ptr::from_ref(info) as usize / size_of::<ExitInfo>();
    let count = &mut counts[place % COUNTS];
    *count = count.wrapping_add(1);
    *count
}

/// Takes note of a deopt: called in the middle of native code.
///
/// # Safety
/// Native code is running, with the GIL held; the frame is complete.
pub unsafe fn note_deopt(info: &ExitInfo, frame: *mut InterpreterFrame) {
    // SAFETY: by the contract.
    unsafe {
        if let Some(mut registry) = REGISTRY.try_borrow()
            && let Some(registry) = registry.as_mut()
        {
            registry.deopts += 1;
            let in_worker = crate::policy::is_worker();
            let patience = if in_worker { DEOPTS_IN_WORKER } else { DEOPTS_BEFORE_RECOMPILE };
            let times = if in_worker { take_in_worker(&mut registry.in_worker, info) } else { info.take() };
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
