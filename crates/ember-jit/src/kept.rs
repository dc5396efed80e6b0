//! References that compiled code holds: every object it names by address.

use ember_cpython::layout::PyObject;
use ember_cpython::refcount;
use ember_frontend::snapshot::{CodeSnapshot, ConstInfo};
use rustc_hash::{FxHashMap, FxHashSet};

/// A function that is small enough to be inlined.
pub struct SmallFunction {
    /// Its code.
    pub snapshot: CodeSnapshot,
    /// The tuple of its defaults.
    pub defaults: Option<ConstInfo>,
}

/// A set of strong references.
///
/// Dropping one must happen with the GIL held; it may run Python code (an object's last reference may be here).
#[derive(Default)]
pub struct Kept {
    objects: FxHashSet<usize>,
    /// Functions seen while the snapshot was taken that may be inlined, by address; `None` for those that may not.
    pub small: FxHashMap<usize, Option<SmallFunction>>,
    /// How many snapshots of callees are being taken, one inside the other.
    pub depth: u32,
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
        self.small.clear();
        drop(Kept { objects: dropped, small: FxHashMap::default(), depth: 0 });
    }

    /// The objects that are kept alive here, borrowed.
    pub fn objects(&self) -> impl Iterator<Item = *mut PyObject> {
        self.objects.iter().map(|&object| object as *mut PyObject)
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
