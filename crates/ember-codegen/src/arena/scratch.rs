//! The compiler's working memory: taken by adding to a number, and given back as a whole when a function is compiled.
//!
//! What a compilation allocates is gone when it is over, but for its result. From malloc it would take memory in the middle of what other threads get, in the program's threads and in those of forked
//! workers, where it stays dirty; freeing its large pieces would tell malloc to keep more of everybody's memory from then on; and it would cost a twelfth of the compilation's time. So it comes from
//! *slabs* of a region that nothing else is in. A compilation owns the slabs it takes; blocks are cut off one after the other, the last one can grow and be given back, and a slab without
//! blocks begins anew. What a job leaves behind by mistake keeps its slab from being used again until it is freed, by whatever thread; [`escaped`] counts such blocks.
//!
//! [`within`] says where a compilation begins and ends, [`outside`] allocates what outlives it. Nothing here blocks. In the child of a fork the slabs of threads that are not there any more are free.

use core::cell::Cell;
use core::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::alloc::Layout;

use super::region::Region;

/// Address space of the region. Its pages exist once they are touched.
const SPAN: usize = 1 << 30;
const SLAB: usize = 8 << 20;
/// Larger things are malloc's.
const LARGEST: usize = 4 << 20;

static REGION: Region = Region::new(SPAN);

struct Slab {
    /// Address of its owner's [`BUMP`]; 0 without one.
    owner: AtomicUsize,
    /// Its blocks. Only the owner takes any.
    blocks: AtomicUsize,
    /// Whether it may have pages.
    touched: AtomicBool,
}

static SLABS: [Slab; SPAN / SLAB] =
    [const { Slab { owner: AtomicUsize::new(0), blocks: AtomicUsize::new(0), touched: AtomicBool::new(false) } };
        SPAN / SLAB];
/// Blocks that outlived their compilation.
static ESCAPED: AtomicUsize = AtomicUsize::new(0);

/// The free part of the slab that blocks are taken from.
#[derive(Clone, Copy)]
struct Bump {
    next: usize,
    end: usize,
}

thread_local! {
    static WORKING: Cell<bool> = const { Cell::new(false) };
    static BUMP: Cell<Bump> = const { Cell::new(Bump { next: 0, end: 0 }) };
}

/// Runs a compilation: what it allocates lies in its slabs, and is to be gone when it returns.
pub fn within<R>(compilation: impl FnOnce() -> R) -> R {
    struct Working;
    impl Drop for Working {
        fn drop(&mut self) {
            WORKING.set(false);
            give_up_slabs();
        }
    }
    WORKING.set(true);
    let _working = Working;
    compilation()
}

/// Within a compilation: what `then` allocates outlives it.
pub fn outside<R>(then: impl FnOnce() -> R) -> R {
    struct Before(bool);
    impl Drop for Before {
        fn drop(&mut self) {
            WORKING.set(self.0);
        }
    }
    let _before = Before(WORKING.replace(false));
    then()
}

/// Blocks that outlived their compilation so far, in this process.
#[must_use]
pub fn escaped() -> usize {
    ESCAPED.load(Ordering::Relaxed)
}

/// Gives the pages of slabs that nobody uses back to the system.
pub fn trim() {
    for (number, slab) in SLABS.iter().enumerate() {
        if slab.touched.load(Ordering::Relaxed) && claim(slab) {
            give_back_pages(number);
            slab.owner.store(0, Ordering::Release);
        }
    }
}

/// In the child of a fork, in which only this thread is left, and compiles nothing: no slab has an owner.
pub(super) fn after_fork_in_child() {
    for slab in &SLABS {
        if slab.owner.swap(0, Ordering::Relaxed) != 0 {
            slab.blocks.store(0, Ordering::Relaxed);
        }
    }
}

pub(super) fn is_working() -> bool {
    WORKING.get()
}

pub(super) fn is_inside(block: *mut u8) -> bool {
    REGION.contains(block as usize)
}

/// This thread, as an owner.
fn me() -> usize {
    BUMP.with(|bump| core::ptr::from_ref(bump) as usize)
}

fn slab_of(block: usize) -> Option<(&'static Slab, usize)> {
    let number = block.wrapping_sub(REGION.known()?) / SLAB;
    Some((SLABS.get(number)?, REGION.known()? + number * SLAB))
}

/// Makes a slab this thread's, if it is nobody's and empty.
fn claim(slab: &Slab) -> bool {
    if slab.blocks.load(Ordering::Acquire) != 0
        || slab.owner.compare_exchange(0, me(), Ordering::AcqRel, Ordering::Relaxed).is_err()
    {
        return false;
    }
    // Its last owner may have left something behind meanwhile.
    let empty = slab.blocks.load(Ordering::Acquire) == 0;
    if !empty {
        slab.owner.store(0, Ordering::Release);
    }
    empty
}

/// The free part of an empty slab, which is this thread's from now on: the first there is, because that was used last.
#[cold]
fn next_slab() -> Option<Bump> {
    let base = REGION.base()?;
    let number = SLABS.iter().position(claim)?;
    SLABS[number].touched.store(true, Ordering::Relaxed);
    let next = base + number * SLAB;
    Some(Bump { next, end: next + SLAB })
}

/// Ends this thread's ownership. Of what it had the first slab keeps its pages: the next compilation is likely to be of a small function, too.
fn give_up_slabs() {
    BUMP.set(Bump { next: 0, end: 0 });
    let me = me();
    let ours = SLABS.iter().enumerate().filter(|(_, slab)| slab.owner.load(Ordering::Relaxed) == me);
    for (place, (number, slab)) in ours.enumerate() {
        let left = slab.blocks.load(Ordering::Relaxed);
        ESCAPED.fetch_add(left, Ordering::Relaxed);
        if place > 0 && left == 0 {
            give_back_pages(number);
        }
        slab.owner.store(0, Ordering::Release);
    }
}

/// Gives the pages of a slab of this thread's, which has no blocks, back to the system.
fn give_back_pages(number: usize) {
    let Some(base) = REGION.known() else { return };
    SLABS[number].touched.store(false, Ordering::Relaxed);
    // SAFETY: nobody has anything there.
    unsafe { libc::madvise((base + number * SLAB) as *mut libc::c_void, SLAB, libc::MADV_DONTNEED) };
}

/// A block, unless it is too large or there is no room.
pub(super) fn take(layout: Layout) -> Option<*mut u8> {
    if layout.size() > LARGEST || layout.align() > LARGEST {
        return None;
    }
    let mut bump = BUMP.get();
    let mut block = bump.next.next_multiple_of(layout.align());
    if block + layout.size() > bump.end {
        bump = next_slab()?;
        block = bump.next.next_multiple_of(layout.align());
    }
    BUMP.set(Bump { next: block + layout.size(), ..bump });
    let (slab, _) = slab_of(block)?;
    slab.blocks.store(slab.blocks.load(Ordering::Relaxed) + 1, Ordering::Relaxed);
    Some(block as *mut u8)
}

/// Takes a block back.
pub(super) fn give_back(block: *mut u8, layout: Layout) {
    let block = block as usize;
    let Some((slab, start)) = slab_of(block) else { return };
    if slab.owner.load(Ordering::Relaxed) != me() {
        slab.blocks.fetch_sub(1, Ordering::AcqRel);
        return;
    }
    let left = slab.blocks.load(Ordering::Relaxed) - 1;
    slab.blocks.store(left, Ordering::Relaxed);
    let bump = BUMP.get();
    let is_current = bump.end == start + SLAB;
    if is_current && left == 0 {
        BUMP.set(Bump { next: start, ..bump });
    } else if is_current && block + layout.size() == bump.next {
        BUMP.set(Bump { next: block, ..bump });
    }
}

/// Makes the last block of this thread's slab as large as `size`, in its place; whether that could be done.
pub(super) fn grow(block: *mut u8, layout: Layout, size: usize) -> bool {
    let (block, bump) = (block as usize, BUMP.get());
    let fits = block + layout.size() == bump.next && size <= LARGEST && block + size <= bump.end;
    if fits {
        BUMP.set(Bump { next: block + size, ..bump });
    }
    fits
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::Mutex;

    /// Tests count slabs, of which there is one set.
    static ALONE: Mutex<()> = Mutex::new(());

    fn layout(size: usize) -> Layout {
        Layout::from_size_align(size, 16).expect("a layout")
    }

    #[test]
    fn an_empty_slab_begins_anew() {
        let _alone = ALONE.lock();
        within(|| {
            let first = take(layout(100)).expect("room");
            let second = take(layout(50)).expect("room");
            assert!(is_inside(first) && second as usize >= first as usize + 100);
            give_back(first, layout(100));
            assert_ne!(take(layout(8)), Some(first));
            give_back(second, layout(50));
            give_back(second, layout(8));
            assert_eq!(take(layout(8)), Some(first));
            give_back(first, layout(8));
        });
    }

    #[test]
    fn the_last_block_grows_in_its_place() {
        let _alone = ALONE.lock();
        within(|| {
            let block = take(layout(64)).expect("room");
            assert!(grow(block, layout(64), 4096) && !grow(block, layout(4096), LARGEST + 1));
            let other = take(layout(16)).expect("room");
            assert!(other as usize >= block as usize + 4096 && !grow(block, layout(4096), 8192));
            give_back(other, layout(16));
            give_back(block, layout(4096));
        });
    }

    #[test]
    fn a_slab_is_used_again_once_what_escaped_is_freed() {
        let _alone = ALONE.lock();
        let before = escaped();
        let block = within(|| take(layout(32)).expect("room"));
        assert_eq!(escaped(), before + 1);
        let other = within(|| {
            let other = take(layout(32)).expect("room");
            give_back(other, layout(32));
            other
        });
        assert_ne!(other, block);
        let address = block as usize;
        std::thread::spawn(move || give_back(address as *mut u8, layout(32))).join().expect("a thread");
        trim();
        within(|| {
            assert_eq!(take(layout(32)), Some(block));
            // SAFETY: the block is this test's; its page was given back, so it is fresh.
            assert_eq!(unsafe { *block }, 0);
            give_back(block, layout(32));
        });
    }

    #[test]
    fn threads_have_slabs_of_their_own_and_large_things_are_mallocs() {
        let _alone = ALONE.lock();
        let mut place = 0;
        within(|| {
            let block = take(layout(LARGEST)).expect("room");
            let theirs = std::thread::scope(|scope| {
                let other =
                    || within(|| take(layout(16)).map(|block| (give_back(block, layout(16)), block as usize).1));
                scope.spawn(other).join().expect("a thread").expect("room")
            });
            assert!((block as usize).abs_diff(theirs) >= SLAB / 2);
            assert!(take(layout(LARGEST + 1)).is_none());
            let further = take(layout(LARGEST)).expect("room");
            let next = take(layout(LARGEST)).expect("room in another slab");
            // SAFETY: the block is this test's.
            unsafe { *next = 7 };
            place = next as usize;
            for block in [block, further, next] {
                give_back(block, layout(LARGEST));
            }
        });
        // SAFETY: the region stays mapped; the pages of a second slab are given back.
        assert_eq!(unsafe { *(place as *const u8) }, 0);
    }

    #[test]
    fn nothing_is_taken_for_what_outlives_a_compilation() {
        let _alone = ALONE.lock();
        within(|| {
            assert!(is_working());
            outside(|| assert!(!is_working()));
            assert!(is_working());
        });
        let _ = std::panic::catch_unwind(|| within(|| panic!("in the middle")));
        assert!(!is_working());
    }
}
