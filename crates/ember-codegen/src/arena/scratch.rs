//! The compiler's working memory: taken by adding to a number, and given back as a whole when a function is compiled.
//!
//! What a compilation allocates is gone when it is over, but for its result. From malloc it would take memory in the middle of what other threads get, in the program's threads and in those of forked
//! workers, where it stays dirty; freeing its large pieces would tell malloc to keep more of everybody's memory from then on; and it would cost a tenth of the compilation's time. So it comes from
//! *slabs* of a region that nothing else is in. A compilation owns the slabs it takes; blocks are cut off one after the other, or were one of that size before; the last one can grow; and when there is
//! no block left all begins anew. What a job leaves behind by mistake keeps its slab from being used again until it is freed, by whatever thread; [`escaped`] counts such blocks.
//!
//! [`within`] says where a compilation begins and ends, [`outside`] allocates what outlives it. Nothing here blocks. In the child of a fork the slabs of threads that are not there any more are free.

use core::cell::{Cell, UnsafeCell};
use core::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::alloc::Layout;

use super::region::Region;
use super::with_flag;

/// Address space of the region. Its pages exist once they are touched.
const SPAN: usize = 256 << 20;
const SLAB: usize = 8 << 20;
/// Larger things are malloc's.
const LARGEST: usize = 4 << 20;

static REGION: Region = Region::new(SPAN);

struct Slab {
    /// Address of its owner's [`WORK`]; 0 without one.
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

/// Sizes up to this are rounded up to sixteens, larger ones to quarters of a power of two.
const SMALL: usize = 1 << 10;
const CLASSES: usize = SMALL / 16 + 4 * (LARGEST.ilog2() - SMALL.ilog2()) as usize;

/// The class of a size, and how large its blocks are.
fn class(size: usize) -> (usize, usize) {
    if size <= SMALL {
        let rounded = size.max(1).next_multiple_of(16);
        return (rounded / 16 - 1, rounded);
    }
    let power = (size - 1).ilog2();
    let step = 1 << (power - 2);
    let rounded = size.next_multiple_of(step);
    (SMALL / 16 + 4 * (power - SMALL.ilog2()) as usize + rounded / step - 5, rounded)
}

/// A thread's part: what the compilation that it runs has.
struct Work {
    /// The free part of the slab that blocks are cut from.
    next: usize,
    end: usize,
    /// All its blocks, in all its slabs.
    blocks: usize,
    /// Blocks that are free again, by class, each beginning with the address of the next.
    free: [usize; CLASSES],
}

impl Work {
    const NONE: Work = Work { next: 0, end: 0, blocks: 0, free: [0; CLASSES] };
}

thread_local! {
    static WORKING: Cell<bool> = const { Cell::new(false) };
    static WORK: UnsafeCell<Work> = const { UnsafeCell::new(Work::NONE) };
}

/// Uses this thread's part.
fn with_work<R>(then: impl FnOnce(&mut Work) -> R) -> R {
    // SAFETY: only this thread sees it, and nothing in here calls back.
    WORK.with(|work| then(unsafe { &mut *work.get() }))
}

/// Runs a compilation: what it allocates lies in its slabs, and is to be gone when it returns.
pub fn within<R>(compilation: impl FnOnce() -> R) -> R {
    struct Slabs;
    impl Drop for Slabs {
        fn drop(&mut self) {
            give_up_slabs();
        }
    }
    let _slabs = Slabs;
    with_flag(&WORKING, true, compilation)
}

/// Within a compilation: what `then` allocates outlives it.
pub fn outside<R>(then: impl FnOnce() -> R) -> R {
    with_flag(&WORKING, false, then)
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
pub(super) extern "C" fn after_fork_in_child() {
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
    WORK.with(|work| work.get() as usize)
}

fn slab_of(block: usize) -> Option<&'static Slab> {
    SLABS.get(block.wrapping_sub(REGION.known()?) / SLAB)
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

/// The bounds of an empty slab, which is this thread's from now on: the first there is, because that was used last.
#[cold]
fn next_slab() -> Option<(usize, usize)> {
    let base = REGION.base()?;
    let number = SLABS.iter().position(claim)?;
    SLABS[number].touched.store(true, Ordering::Relaxed);
    let start = base + number * SLAB;
    Some((start, start + SLAB))
}

/// Ends this thread's ownership. Of what it had the first slab keeps its pages: the next compilation is likely to be of a small function, too.
fn give_up_slabs() {
    with_work(|work| *work = Work::NONE);
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
    let (class, size) = class(layout.size());
    with_work(|work| {
        let known = work.free[class];
        let block = if known != 0 && layout.align() <= 16 {
            // SAFETY: a free block of this thread's slabs begins with the address of the next one.
            work.free[class] = unsafe { *(known as *const usize) };
            known
        } else {
            let mut block = work.next.next_multiple_of(layout.align().max(16));
            if block + size > work.end {
                (work.next, work.end) = next_slab()?;
                block = work.next.next_multiple_of(layout.align().max(16));
            }
            work.next = block + size;
            block
        };
        let slab = slab_of(block)?;
        slab.blocks.store(slab.blocks.load(Ordering::Relaxed) + 1, Ordering::Relaxed);
        work.blocks += 1;
        Some(block as *mut u8)
    })
}

/// Takes a block back.
pub(super) fn give_back(block: *mut u8, layout: Layout) {
    let block = block as usize;
    let Some(slab) = slab_of(block) else { return };
    if slab.owner.load(Ordering::Relaxed) != me() {
        slab.blocks.fetch_sub(1, Ordering::AcqRel);
        return;
    }
    slab.blocks.store(slab.blocks.load(Ordering::Relaxed) - 1, Ordering::Relaxed);
    let (class, size) = class(layout.size());
    with_work(|work| {
        work.blocks -= 1;
        if work.blocks == 0 {
            work.next = work.end - SLAB;
            work.free.fill(0);
        } else if block + size == work.next {
            work.next = block;
        } else {
            // SAFETY: the block is nobody's any more, at least sixteen bytes long, and aligned to as many.
            unsafe { *(block as *mut usize) = work.free[class] };
            work.free[class] = block;
        }
    });
}

/// Gives a block another size in its place; whether that could be done: if it has the room anyway, or is the last one of this thread's slab.
pub(super) fn resize(block: *mut u8, layout: Layout, new_size: usize) -> bool {
    let ((_, size), (_, new)) = (class(layout.size()), class(new_size.min(LARGEST)));
    if new_size > LARGEST {
        return false;
    }
    with_work(|work| {
        let (block, is_last) = (block as usize, block as usize + size == work.next);
        if is_last && block + new <= work.end {
            work.next = block + new;
        }
        new <= size || (is_last && block + new <= work.end)
    })
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
    fn what_is_free_is_used_again() {
        let _alone = ALONE.lock();
        within(|| {
            let mut blocks: Vec<*mut u8> = (0..4).filter_map(|_| take(layout(1500))).collect();
            let [_, first, second, _] = blocks[..] else { panic!("no room") };
            give_back(first, layout(1500));
            give_back(second, layout(1500));
            // Of another class; of the same.
            let other = take(layout(1200)).expect("room");
            assert!(other != first && other != second);
            assert_eq!([1530, 1290].map(|size| take(layout(size))), [Some(second), Some(first)]);
            let aligned = Layout::from_size_align(64, 1024).expect("a layout");
            let far = take(aligned).expect("room");
            assert!((far as usize).is_multiple_of(1024));
            give_back(far, aligned);
            give_back(other, layout(1200));
            blocks.drain(..).for_each(|block| give_back(block, layout(1500)));
        });
    }

    #[test]
    fn sizes_have_classes_that_hold_them() {
        let mut before = (0, 0);
        for size in (1..5000).chain((5000..LARGEST).step_by(997)).chain([LARGEST]) {
            let (class, rounded) = class(size);
            assert!(
                rounded >= size && rounded - size <= 15.max(size / 4) && class < CLASSES,
                "{size}: {class}, {rounded}"
            );
            assert!(class == before.0 && rounded == before.1 || class > before.0 && rounded > before.1 || size == 1);
            before = (class, rounded);
        }
    }

    #[test]
    fn a_block_is_resized_in_its_place() {
        let _alone = ALONE.lock();
        within(|| {
            let block = take(layout(64)).expect("room");
            assert!(resize(block, layout(64), 4096) && !resize(block, layout(4096), LARGEST + 1));
            let other = take(layout(16)).expect("room");
            assert!(other as usize >= block as usize + 4096 && !resize(block, layout(4096), 8192));
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
