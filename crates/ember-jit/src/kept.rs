//! References that compiled code holds: every object it names by address.

use ember_cpython::layout::PyObject;
use ember_cpython::refcount;
use rustc_hash::FxHashSet;

/// A set of strong references.
///
/// Dropping one must happen with the GIL held; it may run Python code (an object's last reference may be here).
#[derive(Default)]
pub struct Kept {
    objects: FxHashSet<usize>,
}

impl Kept {
    /// Keeps an object alive.
    ///
    /// # Safety
    /// The GIL is held and `object` is alive.
    pub unsafe fn keep(&mut self, object: *mut PyObject) {
        // SAFETY: by the contract.
        unsafe {
            if !refcount::is_immortal(object) && self.objects.insert(object as usize) {
                refcount::incref(object);
            }
        }
    }

    /// Takes over all references of another set.
    pub fn absorb(&mut self, mut other: Kept) {
        for object in std::mem::take(&mut other.objects) {
            if !self.objects.insert(object) {
                // SAFETY: `other` held a reference of its own, and so does `self`: this is not the last one.
                unsafe { refcount::decref(object as *mut PyObject) };
            }
        }
    }

    /// Whether an object is kept alive here.
    #[must_use]
    pub fn contains(&self, object: *mut PyObject) -> bool {
        self.objects.contains(&(object as usize))
    }

    /// Number of objects kept.
    #[must_use]
    pub fn len(&self) -> usize {
        self.objects.len()
    }

    /// Whether nothing is kept.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.objects.is_empty()
    }
}

impl Drop for Kept {
    fn drop(&mut self) {
        for object in std::mem::take(&mut self.objects) {
            // SAFETY: each was counted when it was kept; the GIL is held by the type's contract.
            unsafe { refcount::decref(object as *mut PyObject) };
        }
    }
}

// SAFETY: only addresses travel to other threads; references are counted and dropped with the GIL held.
unsafe impl Send for Kept {}
