//! What the generic call sites of native code have called.
//!
//! A call whose callee the compiler did not know goes through [`crate::call::call_vector`], which notes in the site's [`CallCache`] what was called. That is the profile of such sites: they
//! may have been compiled before the interpreter had run them often enough to have one, and the interpreter never sees them again. A site that has become hot is reported once, so
//! that its function can be compiled anew.
//!
//! Callees are remembered by address and not kept alive. Python functions may die and another may take the address: whoever reads a cache asks whether there is such a function
//! ([`Kind::Function`] and [`Kind::Bound`] are announced to the observer when they are first seen), and looks whether a class's number still stands. What is compiled from a cache is guarded by
//! identity, so that a wrong guess costs time only. C functions are kept alive: they belong to modules and static classes, which hardly ever go.

use crate::object::{INIT, class_of, is_exact};
use core::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use ember_cpython::ffi;
use ember_cpython::layout::{
    CO_ASYNC_GENERATOR, CO_COROUTINE, CO_GENERATOR, PyFunctionObject, PyMethodDescrObject, PyMethodObject, PyObject,
    TPFLAGS_HEAPTYPE, TPFLAGS_TYPE_SUBCLASS, TypeObject,
};
use ember_cpython::refcount::incref;

/// What was called.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
#[repr(u8)]
pub enum Kind {
    /// Nothing yet.
    #[default]
    Empty = 0,
    /// A Python function.
    Function = 1,
    /// A bound method of this Python function.
    Bound = 2,
    /// A builtin function of a module, or a static class.
    Builtin = 3,
    /// Another class.
    Class = 4,
    /// A method of a static class, unbound.
    Descriptor = 5,
    /// Some object of this class.
    Instance = 6,
}

/// A callee and how often it was called in a row of others.
#[derive(Clone, Copy, Debug)]
#[repr(C)]
pub struct Seen {
    /// Its address; for a bound method that of the function, for [`Kind::Instance`] that of the class.
    pub callee: *mut PyObject,
    /// Calls, up to [`HOT`].
    pub calls: u32,
    /// The number of a class (see [`crate::classes`]), or of a function: a closure is often at the address of the one before it.
    pub number: u32,
    /// What it is.
    pub kind: Kind,
}

impl Seen {
    const EMPTY: Seen = Seen { callee: core::ptr::null_mut(), calls: 0, number: 0, kind: Kind::Empty };

    /// Counts a call at a site of `code`. A hot site is known: from there on nothing is written, so that forked processes go on sharing it.
    #[inline(always)]
    fn count(&mut self, code: u64) {
        if self.calls < HOT {
            self.calls += 1;
            if self.calls == HOT {
                report_hot(code);
            }
        }
    }
}

/// Callees remembered at a site.
pub const CALLEES: usize = 3;
/// Calls of others after which a site starts afresh, if they are the most.
const RELEARN: u32 = 64;
/// Calls of one callee at a site that make its function worth another look.
pub const HOT: u32 = 1000;

/// The profile of a call site. Its address must not change while code uses it.
#[derive(Debug)]
#[repr(C)]
pub struct CallCache {
    /// Callees, in the order in which they were first seen.
    pub seen: [Seen; CALLEES],
    /// Calls of anything else, up to [`HOT`].
    pub others: u32,
    /// Calls before the site started afresh.
    pub before: u64,
    /// Names the code object with the site, for the observer.
    pub code: u64,
}

/// What the engine wants to be told by call sites. Runs in the middle of native code: it may only take notes.
#[derive(Clone, Copy)]
pub struct Observer {
    /// `code` has a site that has become hot.
    pub hot: unsafe fn(code: u64),
    /// This function was called at a site that had not seen it. The answer is a number that no other function has at any time; 0 if there is none.
    pub function: unsafe fn(*mut PyFunctionObject) -> u32,
}

/// Whether sites count.
static COUNTING: AtomicBool = AtomicBool::new(true);

/// Whether sites count what they are used for.
#[inline(always)]
pub(crate) fn counting() -> bool {
    COUNTING.load(Ordering::Relaxed)
}

/// Has sites count no more: what they write is in memory that forked processes share until they write to it.
pub fn stop_counting() {
    COUNTING.store(false, Ordering::Relaxed);
}

static OBSERVER: AtomicUsize = AtomicUsize::new(0);

/// Has `observer` told what call sites see.
pub fn observe(observer: &'static Observer) {
    OBSERVER.store(core::ptr::from_ref(observer) as usize, Ordering::Release);
}

fn observer() -> Option<&'static Observer> {
    // SAFETY: only ever written by `observe`, with a reference that lives for ever.
    unsafe { (OBSERVER.load(Ordering::Acquire) as *const Observer).as_ref() }
}

/// Calls of what a site does not know before it remembers (and keeps alive) a C function.
const STEADY: u32 = 4;

/// Reports a code object with a hot site.
#[cold]
pub fn report_hot(code: u64) {
    if let Some(observer) = observer() {
        // SAFETY: native code is running, with the GIL held.
        unsafe { (observer.hot)(code) };
    }
}

impl CallCache {
    /// A cache that has seen nothing.
    #[must_use]
    pub fn new(code: u64) -> CallCache {
        CallCache { seen: [Seen::EMPTY; CALLEES], others: 0, before: 0, code }
    }

    /// Calls since the site last started afresh.
    #[must_use]
    pub fn recent(&self) -> u64 {
        self.seen.iter().map(|seen| u64::from(seen.calls)).sum::<u64>() + u64::from(self.others)
    }

    /// Counts a call of `callee`, which is told apart from a method of the same function by `kind`.
    ///
    /// # Safety
    /// A live object of that kind; the GIL is held.
    #[inline(always)]
    pub unsafe fn count(&mut self, callee: *mut PyObject, kind: Kind) {
        let first = &mut self.seen[0];
        if first.callee == callee && (first.kind == Kind::Bound) == (kind == Kind::Bound) {
            first.count(self.code);
        } else {
            // SAFETY: passed on.
            unsafe { self.count_other(callee, kind) };
        }
    }

    #[inline(never)]
    unsafe fn count_other(&mut self, callee: *mut PyObject, kind: Kind) {
        for seen in &mut self.seen[1..] {
            if seen.callee == callee && (seen.kind == Kind::Bound) == (kind == Kind::Bound) {
                seen.count(self.code);
                return;
            }
        }
        // Others never outnumber a callee that is hot.
        self.others = (self.others + 1).min(HOT);
        let known: u32 = self.seen.iter().map(|seen| seen.calls).fold(0, u32::saturating_add);
        if self.others >= RELEARN && self.others > known {
            self.before += self.recent();
            self.seen = [Seen::EMPTY; CALLEES];
            self.others = 0;
        }
        // A C function called once or twice is not worth being kept alive: its module may be meant to go.
        if kind == Kind::Builtin && self.others < STEADY {
            return;
        }
        // SAFETY: passed on.
        unsafe {
            if let Some(free) = self.seen.iter_mut().find(|seen| seen.kind == Kind::Empty)
                && let Some(fresh) = describe(callee, kind)
            {
                *free = fresh;
                self.others -= u32::from(self.others > 0);
            }
        }
    }
}

/// A callee seen for the first time; `None` for what is not worth remembering.
unsafe fn describe(callee: *mut PyObject, kind: Kind) -> Option<Seen> {
    // SAFETY: the caller passes a live object of that kind.
    unsafe {
        let mut seen = Seen { callee, calls: 1, number: 0, kind };
        match kind {
            Kind::Function | Kind::Bound => {
                // A call that makes a generator is the same either way.
                let flags = (*(*callee.cast::<PyFunctionObject>()).func_code).co_flags;
                if flags & (CO_GENERATOR | CO_COROUTINE | CO_ASYNC_GENERATOR) != 0 {
                    return None;
                }
                seen.number = (observer()?.function)(callee.cast());
            }
            Kind::Builtin => incref(callee),
            Kind::Class => {
                let init = INIT.get();
                if init.is_null() {
                    pyo3_ffi::PyErr_Clear();
                    return None;
                }
                seen.number = crate::classes::number_of(callee.cast(), init)?;
            }
            Kind::Empty | Kind::Descriptor | Kind::Instance => {}
        }
        Some(seen)
    }
}

/// Counts a call of something that is neither a Python function nor a method of one.
///
/// # Safety
/// A live cache, a live object; the GIL is held.
pub unsafe fn count_object(site: *mut CallCache, callable: *mut PyObject) {
    // SAFETY: by the contract; objects are read as what their classes say.
    unsafe {
        let class = class_of(callable);
        let (key, kind) = if class == (&raw mut pyo3_ffi::PyCFunction_Type).cast() {
            let owner = (*callable.cast::<pyo3_ffi::PyCFunctionObject>()).m_self;
            if owner.is_null() || is_exact(owner, &raw mut pyo3_ffi::PyModule_Type) {
                (callable, Kind::Builtin)
            } else {
                (class.cast(), Kind::Instance)
            }
        } else if class == (&raw mut pyo3_ffi::PyMethodDescr_Type).cast() {
            let owner = (*callable.cast::<PyMethodDescrObject>()).d_common.d_type.cast::<TypeObject>();
            if (*owner).tp_flags & TPFLAGS_HEAPTYPE == 0 {
                (callable, Kind::Descriptor)
            } else {
                (class.cast(), Kind::Instance)
            }
        } else if (*class).tp_flags & TPFLAGS_TYPE_SUBCLASS != 0 {
            let fixed = (*callable.cast::<TypeObject>()).tp_flags & TPFLAGS_HEAPTYPE == 0;
            (callable, if fixed { Kind::Builtin } else { Kind::Class })
        } else {
            (class.cast(), Kind::Instance)
        };
        (*site).count(key, kind);
    }
}

/// What a bound method binds, if `callable` is exactly a method of a Python function.
///
/// # Safety
/// A live object.
#[inline(always)]
pub unsafe fn bound_function(callable: *mut PyObject) -> Option<*mut PyMethodObject> {
    // SAFETY: a live object, read as a method only when it is one.
    unsafe {
        let method = callable.cast::<PyMethodObject>();
        (is_exact(callable, &raw mut ffi::PyMethod_Type) && is_exact((*method).im_func, &raw mut ffi::PyFunction_Type))
            .then_some(method)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn calls_of_all_callees_are_counted() {
        let mut cache = CallCache::new(7);
        cache.seen[0] = Seen { calls: 3, kind: Kind::Function, ..Seen::EMPTY };
        cache.seen[1] = Seen { calls: 4, kind: Kind::Bound, ..Seen::EMPTY };
        cache.others = 5;
        assert_eq!((cache.recent(), cache.code), (12, 7));
    }
}
