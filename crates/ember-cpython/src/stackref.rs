//! Tagged references, as frames hold them in 3.14's default build.
//!
//! The two low bits of a reference say who owns what:
//! * `0`: the frame owns a reference to the object;
//! * `1`: *borrowed or immortal*, nobody counts; the object must outlive the frame's use of it (the
//!   interpreter makes such references strong when a frame object outlives its frame);
//! * `3`: not an object but an int, shifted left by two (`lasti` below a caught exception).
//!
//! NULL is `1`, not `0`: a slot filled with zeros crashes the interpreter.

use crate::layout::{FLAG_IMMORTAL, ObjectHead, PyObject, StackRef};
use crate::refcount;

/// The empty slot.
pub const NULL: StackRef = StackRef(1);
/// Bits of the tag.
pub const TAG_BITS: usize = 3;
/// Tag of references that carry no refcount.
pub const TAG_REFCNT: usize = 1;
/// Tag of ints.
pub const TAG_INT: usize = 3;

impl StackRef {
    /// The empty slot.
    pub const NULL: StackRef = NULL;

    /// Is this the empty slot?
    #[inline]
    pub fn is_null(self) -> bool {
        self == NULL
    }

    /// Is this a tagged int, not an object?
    #[inline]
    pub fn is_int(self) -> bool {
        self.0 & TAG_INT == TAG_INT
    }

    /// Does the slot own a reference that must be dropped?
    #[inline]
    pub fn owns(self) -> bool {
        self.0 & TAG_REFCNT == 0
    }

    /// A tagged int.
    #[inline]
    pub fn from_int(value: isize) -> StackRef {
        StackRef((value << 2) as usize | TAG_INT)
    }

    /// The value of a tagged int.
    #[inline]
    pub fn to_int(self) -> isize {
        (self.0 as isize) >> 2
    }

    /// A reference that counts nothing: the caller promises that something else keeps `obj` alive for
    /// as long as the slot holds it. NULL gives the empty slot.
    #[inline]
    pub fn borrow(obj: *mut PyObject) -> StackRef {
        StackRef(obj as usize | TAG_REFCNT)
    }

    /// The object, whatever the tag; NULL for the empty slot. Not for ints.
    #[inline]
    pub fn object(self) -> *mut PyObject {
        debug_assert!(!self.is_int());
        (self.0 & !TAG_REFCNT) as *mut PyObject
    }

    /// Hands one reference to `obj` over to the slot (NULL gives the empty slot).
    ///
    /// # Safety
    /// `obj` is NULL or a live object of which the caller owns a reference.
    #[inline]
    pub unsafe fn steal(obj: *mut PyObject) -> StackRef {
        if obj.is_null() {
            return NULL;
        }
        // SAFETY: `obj` is live.
        let flags = unsafe { (*obj.cast::<ObjectHead>()).ob_flags };
        StackRef(obj as usize | (flags & FLAG_IMMORTAL) as usize)
    }

    /// A counted reference to `obj` (NULL gives the empty slot).
    ///
    /// # Safety
    /// `obj` is NULL or a live object; the GIL is held.
    #[inline]
    pub unsafe fn new(obj: *mut PyObject) -> StackRef {
        if obj.is_null() {
            return NULL;
        }
        // SAFETY: `obj` is live and the GIL is held.
        unsafe {
            if refcount::is_immortal(obj) {
                return StackRef::borrow(obj);
            }
            refcount::incref(obj);
        }
        StackRef(obj as usize)
    }

    /// Turns the slot's content into an owned pointer (NULL for the empty slot): the slot's own
    /// reference if it has one, a new one otherwise.
    ///
    /// # Safety
    /// The referent is live, the GIL is held, and the slot is overwritten or forgotten afterwards.
    #[inline]
    pub unsafe fn into_owned(self) -> *mut PyObject {
        let obj = self.object();
        if !self.owns() && !obj.is_null() {
            // SAFETY: the caller vouches for the referent.
            unsafe { refcount::incref(obj) };
        }
        obj
    }

    /// Drops what the slot owns, if anything.
    ///
    /// # Safety
    /// The slot's content is valid and is overwritten or forgotten afterwards; the GIL is held. May run
    /// arbitrary Python code.
    #[inline]
    pub unsafe fn close(self) {
        if self.owns() {
            // SAFETY: an owned reference to a live object.
            unsafe { refcount::decref(self.0 as *mut PyObject) };
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_empty_slot_is_one_and_owns_nothing() {
        assert_eq!(NULL.0, 1);
        assert!(NULL.is_null() && !NULL.owns() && !NULL.is_int());
        assert!(NULL.object().is_null());
        assert_eq!(StackRef::borrow(core::ptr::null_mut()), NULL);
        // SAFETY: NULL is allowed.
        assert_eq!(unsafe { StackRef::steal(core::ptr::null_mut()) }, NULL);
    }

    #[test]
    fn tagged_ints_keep_their_sign() {
        for v in [0, 1, -1, 12345, -98765] {
            let r = StackRef::from_int(v);
            assert!(r.is_int() && !r.owns() && !r.is_null());
            assert_eq!(r.to_int(), v);
        }
    }

    #[test]
    fn stealing_and_counting_follow_immortality() {
        let mut mortal = ObjectHead { ob_refcnt: 1, ob_overflow: 0, ob_flags: 0, ob_type: core::ptr::null_mut() };
        let m: *mut PyObject = (&raw mut mortal).cast();
        // SAFETY: `mortal` lives through the block and is never deallocated (its count stays positive).
        unsafe {
            let s = StackRef::steal(m);
            assert!(s.owns() && s.object() == m);
            let n = StackRef::new(m);
            assert!(n.owns());
            assert_eq!((*m.cast::<ObjectHead>()).ob_refcnt, 2);
            n.close();
            assert_eq!((*m.cast::<ObjectHead>()).ob_refcnt, 1);
            let b = StackRef::borrow(m);
            b.close();
            assert_eq!(b.into_owned(), m);
            assert_eq!((*m.cast::<ObjectHead>()).ob_refcnt, 2);
        }
        let mut eternal =
            ObjectHead { ob_refcnt: 3 << 30, ob_overflow: 0, ob_flags: 1, ob_type: core::ptr::null_mut() };
        let e: *mut PyObject = (&raw mut eternal).cast();
        // SAFETY: as above.
        unsafe {
            assert!(!StackRef::steal(e).owns());
            assert!(!StackRef::new(e).owns());
            assert_eq!((*e.cast::<ObjectHead>()).ob_refcnt, 3 << 30);
        }
    }
}
