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

    /// Drops all references but those to the objects named. May run Python code.
    pub fn keep_only(&mut self, named: &FxHashSet<usize>) {
        let (kept, dropped) = std::mem::take(&mut self.objects).into_iter().partition(|object| named.contains(object));
        self.objects = kept;
        drop(Kept { objects: dropped });
    }

    /// Whether an object is kept alive here.
    #[must_use]
    pub fn contains(&self, object: *mut PyObject) -> bool {
        self.objects.contains(&(object as usize))
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
