//! Address space for one purpose, taken when it is first needed. Its pages exist once they are touched.

use core::sync::atomic::{AtomicUsize, Ordering};

/// A private mapping without huge pages: a child that writes four bytes must not copy two megabytes.
pub(super) struct Region {
    /// Where it begins; 0 before it is needed, 1 when there is none.
    base: AtomicUsize,
    size: usize,
}

impl Region {
    pub(super) const fn new(size: usize) -> Region {
        Region { base: AtomicUsize::new(0), size }
    }

    /// Its first address, if it has been needed.
    pub(super) fn known(&self) -> Option<usize> {
        Some(self.base.load(Ordering::Acquire)).filter(|&base| base > 1)
    }

    pub(super) fn contains(&self, address: usize) -> bool {
        let base = self.base.load(Ordering::Relaxed);
        base > 1 && address.wrapping_sub(base) < self.size
    }

    /// Its first address; `None` where the system has no room.
    pub(super) fn base(&self) -> Option<usize> {
        if self.base.load(Ordering::Acquire) != 0 {
            return self.known();
        }
        // SAFETY: a fresh private mapping; advice about it.
        let mapped = unsafe {
            let flags = libc::MAP_PRIVATE | libc::MAP_ANONYMOUS | libc::MAP_NORESERVE;
            let mapped = libc::mmap(core::ptr::null_mut(), self.size, libc::PROT_READ | libc::PROT_WRITE, flags, -1, 0);
            if mapped == libc::MAP_FAILED {
                1
            } else {
                libc::madvise(mapped, self.size, libc::MADV_NOHUGEPAGE);
                mapped as usize
            }
        };
        if self.base.compare_exchange(0, mapped, Ordering::AcqRel, Ordering::Acquire).is_err() && mapped > 1 {
            // SAFETY: nobody else has seen it.
            unsafe { libc::munmap(mapped as *mut libc::c_void, self.size) };
        }
        self.known()
    }
}
