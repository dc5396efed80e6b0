//! Pages of their own for what lives as long as native code: tables of exits, caches of sites.
//!
//! The compiler's working memory is large and short-lived; these tables are small, live long, and some are written now and then. Where malloc puts both side by side, no page of a compiler thread's
//! memory ever becomes free again, and a forked worker that compiles something, or takes an exit, copies pages that are mostly others'. So the tables lie one beside the other in a region that nothing else is in,
//! and what compiling took goes back to the system as a whole.
//!
//! [`Allocator`] is the extension's global allocator: the system's, except for what is allocated inside [`keep`] and in a compilation ([`scratch`]). Nothing here blocks or needs repair after a `fork`: space is taken by adding to
//! a number, and whoever does not get the lists of free blocks at once does without (a block more is taken, or one is lost).

use core::cell::Cell;
use core::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::alloc::{GlobalAlloc, Layout, System};

use super::region::Region;
use super::{scratch, with_flag};

/// Address space of the region. Its pages exist once they are touched.
const REGION: usize = 256 << 20;
/// Blocks are multiples of this, and begin at one.
const UNIT: usize = 32;
/// Larger things have pages of their own anyway.
const LARGEST: usize = 64 << 10;

static SPACE: Region = Region::new(REGION);
/// How much of it has been taken.
static TAKEN: AtomicUsize = AtomicUsize::new(0);
/// Free blocks by size, each beginning with the address of the next.
static FREE: [AtomicUsize; LARGEST / UNIT + 1] = [const { AtomicUsize::new(0) }; LARGEST / UNIT + 1];
/// Whether somebody uses the lists of free blocks. In the child of a fork it may stay so for ever: then they are not used there.
static BUSY: AtomicBool = AtomicBool::new(false);

thread_local! {
    static KEEPING: Cell<bool> = const { Cell::new(false) };
}

/// What `then` allocates lies in the region.
pub fn keep<R>(then: impl FnOnce() -> R) -> R {
    with_flag(&KEEPING, true, then)
}

/// Bytes of the region that have been taken so far, free blocks included.
#[must_use]
pub fn taken() -> usize {
    TAKEN.load(Ordering::Relaxed).min(REGION)
}

fn is_inside(block: *mut u8) -> bool {
    SPACE.contains(block as usize)
}

/// Units of a block; `None` for what does not belong into the region.
fn units(layout: Layout) -> Option<usize> {
    (layout.size() <= LARGEST && layout.align() <= UNIT).then(|| layout.size().div_ceil(UNIT).max(1))
}

/// Uses the lists of free blocks, if nobody else does.
fn with_free<R>(then: impl FnOnce() -> R) -> Option<R> {
    if BUSY.swap(true, Ordering::Acquire) {
        return None;
    }
    let result = then();
    BUSY.store(false, Ordering::Release);
    Some(result)
}

fn take(layout: Layout) -> Option<*mut u8> {
    let units = units(layout)?;
    let base = SPACE.base()?;
    let free = with_free(|| {
        let head = FREE[units].load(Ordering::Relaxed);
        if head != 0 {
            // SAFETY: a free block of the region begins with the address of the next one.
            FREE[units].store(unsafe { *(head as *const usize) }, Ordering::Relaxed);
        }
        head
    });
    if let Some(block) = free.filter(|&block| block != 0) {
        return Some(block as *mut u8);
    }
    let at = TAKEN.fetch_add(units * UNIT, Ordering::Relaxed);
    (at + units * UNIT <= REGION).then_some((base + at) as *mut u8)
}

fn give_back(block: *mut u8, layout: Layout) {
    let Some(units) = units(layout) else { return };
    with_free(|| {
        // SAFETY: the block is of the region, at least a unit long, aligned, and nobody's any more.
        unsafe { *block.cast::<usize>() = FREE[units].load(Ordering::Relaxed) };
        FREE[units].store(block as usize, Ordering::Relaxed);
    });
}

/// The system's allocator, the region's and the compiler's.
pub struct Allocator;

/// A block of the region, or of the compilation that this thread is in the middle of; `None` for what is the system's.
fn own(layout: Layout) -> Option<*mut u8> {
    if KEEPING.get() {
        take(layout)
    } else if scratch::is_working() {
        scratch::take(layout)
    } else {
        None
    }
}

// SAFETY: blocks of the region and of slabs are as large and aligned as asked for and belong to one owner; everything else is the system's business.
unsafe impl GlobalAlloc for Allocator {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        match own(layout) {
            Some(block) => block,
            // SAFETY: passed on.
            None => unsafe { System.alloc(layout) },
        }
    }

    unsafe fn alloc_zeroed(&self, layout: Layout) -> *mut u8 {
        match own(layout) {
            // SAFETY: a block of that size; it may have been somebody's before.
            Some(block) => unsafe {
                block.write_bytes(0, layout.size());
                block
            },
            // SAFETY: passed on.
            None => unsafe { System.alloc_zeroed(layout) },
        }
    }

    unsafe fn dealloc(&self, block: *mut u8, layout: Layout) {
        if scratch::is_inside(block) {
            scratch::give_back(block, layout);
        } else if is_inside(block) {
            give_back(block, layout);
        } else {
            // SAFETY: passed on: the block is the system's.
            unsafe { System.dealloc(block, layout) }
        }
    }

    unsafe fn realloc(&self, block: *mut u8, layout: Layout, new_size: usize) -> *mut u8 {
        if scratch::is_inside(block) {
            if scratch::resize(block, layout, new_size) {
                return block;
            }
        } else if !is_inside(block) {
            // SAFETY: passed on: the block is the system's.
            return unsafe { System.realloc(block, layout, new_size) };
        }
        // SAFETY: by the contract the new size is valid for this alignment; the old block is copied before it is given back.
        unsafe {
            let fresh = self.alloc(Layout::from_size_align_unchecked(new_size, layout.align()));
            if !fresh.is_null() {
                core::ptr::copy_nonoverlapping(block, fresh, layout.size().min(new_size));
                self.dealloc(block, layout);
            }
            fresh
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn blocks_are_taken_again() {
        let layout = Layout::from_size_align(700, 32).expect("a layout");
        let first = take(layout).expect("room");
        assert!(is_inside(first) && (first as usize).is_multiple_of(UNIT));
        give_back(first, layout);
        let again: Vec<*mut u8> = (0..4).filter_map(|_| take(layout)).collect();
        assert_eq!(again.len(), 4);
        let mut different = again.clone();
        different.sort_unstable();
        different.dedup();
        assert_eq!(different.len(), 4);
    }

    #[test]
    fn large_things_are_the_systems() {
        assert!(take(Layout::from_size_align(LARGEST + 1, 8).expect("a layout")).is_none());
        assert!(take(Layout::from_size_align(64, 4096).expect("a layout")).is_none());
    }

    #[test]
    fn keeping_ends() {
        keep(|| assert!(KEEPING.get()));
        assert!(!KEEPING.get());
        let before = taken();
        let _ = std::panic::catch_unwind(|| keep(|| panic!("in the middle")));
        assert!(!KEEPING.get() && taken() >= before);
    }

    #[test]
    fn threads_get_blocks_of_their_own() {
        let layout = Layout::from_size_align(96, 32).expect("a layout");
        let all: Vec<usize> = std::thread::scope(|scope| {
            let take_some = || (0..1000).filter_map(|_| take(layout)).map(|block| block as usize).collect::<Vec<_>>();
            let threads: Vec<_> = (0..4).map(|_| scope.spawn(take_some)).collect();
            threads.into_iter().flat_map(|thread| thread.join().expect("a thread")).collect()
        });
        let mut different = all.clone();
        different.sort_unstable();
        different.dedup();
        assert_eq!(different.len(), 4000);
    }
}
