//! State that the GIL protects.
//!
//! Everything the engine remembers is touched only with the GIL held: from API calls, from CPython's watchers, from pending calls. A lock would be wrong twice: it could be
//! held across a `fork`, and a watcher that fires inside a locked region would wait for itself. A [`GilCell`] is a cell that is borrowed for
//! short stretches in which no Python code can run; a watcher that still finds it borrowed is told so and does without.

use core::cell::{RefCell, RefMut};

/// A value protected by the GIL.
pub struct GilCell<T>(RefCell<T>);

// SAFETY: the contract of `GilCell::borrow`: the GIL is held, so accesses of different threads are ordered.
unsafe impl<T> Sync for GilCell<T> {}

impl<T> GilCell<T> {
    /// A cell with a first value.
    pub const fn new(value: T) -> GilCell<T> {
        GilCell(RefCell::new(value))
    }

    /// Borrows the value, or says that it is borrowed already.
    ///
    /// # Safety
    /// The GIL is held, and stays held for as long as the borrow lives.
    pub unsafe fn try_borrow(&self) -> Option<RefMut<'_, T>> {
        self.0.try_borrow_mut().ok()
    }

    /// Borrows the value. Panics when it is borrowed already: a bug, caught like any other in the compiler.
    ///
    /// # Safety
    /// The GIL is held, and stays held for as long as the borrow lives.
    pub unsafe fn borrow(&self) -> RefMut<'_, T> {
        self.0.borrow_mut()
    }
}
