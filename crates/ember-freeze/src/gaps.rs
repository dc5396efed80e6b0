//! The gaps that freed blocks left between the objects of the master, closed.
//!
//! The idea: a child's first new objects would be put into these gaps, and each would cost the page that it shares with the
//! master; over a heap that is a tenth empty that is most of the pages. So the master takes all free blocks of pools
//! and areas that are in use and never gives them back. A child then gets pools and areas of its own, which are compact and
//! which it uses again and again. The memory in the gaps is lost, but it lay on pages that are shared.
//!
//! Both allocators are asked in the ordinary way for blocks of each size until they hand out fresh memory, which shows:
//! - CPython's small blocks lie in pools of one size. Pools in use are handed out before empty ones, so when a whole pool
//!   came in one piece, there are no gaps of that size left. (The empty pool is given back.)
//! - glibc takes the best fitting gap before it takes new memory from its top, so for each size, beginning with the largest, blocks
//!   come from gaps until one comes from beyond the first that made the heap grow. Wide gaps are set aside meanwhile and left
//!   open: they are mostly whole pages. Nothing larger is asked for: glibc would take from that how much memory of freed
//!   blocks a process is to keep.
//!
//! Before that, `malloc_trim` gives wholly free pages back to the system. CPython gives empty arenas back by itself.

use core::ffi::c_void;

use ember_cpython::heap;
use ember_cpython::layout::{POOL_ALIGNMENT, POOL_LARGEST_BLOCK, POOL_OVERHEAD, POOL_SIZE};
use pyo3_ffi as py;

/// More blocks of a size than this are taken from pools in no case.
const MOST_BLOCKS: usize = 1 << 22;

/// Closes the gaps; how many bytes they had.
///
/// # Safety
/// The GIL is held.
pub unsafe fn close() -> usize {
    // SAFETY: as the caller says.
    unsafe {
        let pools = if heap::uses_small_block_allocator() { close_pools() } else { 0 };
        pools + close_malloc()
    }
}

/// Takes every free block in pools that are in use.
unsafe fn close_pools() -> usize {
    let mut taken = 0;
    let mut fresh: Vec<*mut c_void> = Vec::with_capacity(POOL_SIZE / POOL_ALIGNMENT);
    for size in (POOL_ALIGNMENT..=POOL_LARGEST_BLOCK).step_by(POOL_ALIGNMENT) {
        let capacity = (POOL_SIZE - POOL_OVERHEAD) / size;
        let mut pool = 0;
        fresh.clear();
        for _ in 0..MOST_BLOCKS {
            // SAFETY: the GIL is held.
            let block = unsafe { py::PyObject_Malloc(size) };
            if block.is_null() {
                break;
            }
            if block as usize & !(POOL_SIZE - 1) != pool {
                pool = block as usize & !(POOL_SIZE - 1);
                taken += fresh.len() * size;
                fresh.clear();
            }
            fresh.push(block);
            if fresh.len() == capacity {
                break;
            }
        }
        for &block in &fresh {
            // SAFETY: blocks of this pool are nobody else's, and each is freed once.
            unsafe { py::PyObject_Free(block) };
        }
    }
    taken
}

/// Takes every free block in glibc's main heap that is smaller than [`WIDE`].
#[cfg(all(target_os = "linux", target_env = "gnu"))]
unsafe fn close_malloc() -> usize {
    /// Gaps of this size are wide enough to be used like fresh memory: they consist of free pages nearly whole.
    const WIDE: usize = 256 << 10;
    /// More than glibc lets a thread keep at hand.
    const AT_HAND: usize = 16 << 20;
    /// From here on down every size is asked for.
    const EVERY: usize = 4096;
    // Nothing is to be allocated by us while gaps are looked for.
    let mut wide: Vec<*mut c_void> = Vec::with_capacity(4096);
    // SAFETY: glibc's own functions; what is allocated is freed once or never.
    unsafe {
        libc::malloc_trim(0);
        let free = libc::mallinfo2().fordblks;
        // Another allocator was loaded, and serves `malloc`.
        if free == 0 {
            return 0;
        }
        // What a thread keeps at hand for itself does not count as free, and comes first: without room for it the smallest gaps, of which there are the most, would stay open.
        let limit = free + AT_HAND;
        let heap_end = libc::sbrk(0) as usize;
        let mut top = heap_end;
        let (mut taken, mut set_aside) = (0, 0);
        let mut size = WIDE;
        while size >= POOL_ALIGNMENT {
            while taken + set_aside < limit {
                let block = libc::malloc(size);
                let address = block as usize;
                if block.is_null() {
                    break;
                }
                if address >= top || address + size >= heap_end {
                    // From the top, or an area of its own: no gap of this size is left.
                    if address < libc::sbrk(0) as usize {
                        top = top.min(address);
                    }
                    libc::free(block);
                    break;
                }
                // A page that begins in the block is not touched by this: only the words before it are written.
                let length = libc::malloc_usable_size(block) + size_of::<usize>();
                if size < WIDE {
                    taken += length;
                } else if wide.len() < wide.capacity() {
                    wide.push(block);
                    set_aside += length;
                }
            }
            size = if size > EVERY { size * 7 / 8 } else { size - POOL_ALIGNMENT };
        }
        wide.iter().for_each(|&block| libc::free(block));
        taken
    }
}

#[cfg(not(all(target_os = "linux", target_env = "gnu")))]
unsafe fn close_malloc() -> usize {
    0
}
