//! Memory for code.
//!
//! Code lives in *segments*: shared memory files mapped twice, once writable and once executable, so that no page is ever both and other threads
//! can run code in a page while more is written to it. Within a segment blocks are handed out first-fit and can be given back.
//!
//! The mappings are shared with children after `fork`: their code is the same physical memory, however often they are forked. The price is that neither side may
//! overwrite what the other may be running. So `fork` *seals* all segments: a counter goes up in a fork handler, and a segment from before the
//! last fork is never allocated from nor freed into again; both sides go on in new segments of their own.
//!
//! A master that is about to fork its workers can have its segments *settled*: their code is moved, in place, into huge pages that nobody writes any more. Code that goes through a thousand
//! functions once a request touches a page for each, more than the processor remembers translations of; huge pages need a handful. (Shared memory files get huge pages on hardly any
//! machine, private memory on nearly all, and after a fork it is as much shared as long as it is only read.)
//!
//! Whoever frees a block guarantees that no thread can return into it.

pub mod pages;
mod region;
pub mod scratch;

use crate::OutsideCall;
use std::cell::Cell;
use std::collections::BTreeMap;
use std::fmt;
use std::ptr::NonNull;
use std::sync::Once;
use std::sync::atomic::{AtomicU64, Ordering};
use std::thread::LocalKey;

/// Runs something with a flag of this thread's at a value, and puts back what it was.
fn with_flag<R>(flag: &'static LocalKey<Cell<bool>>, value: bool, then: impl FnOnce() -> R) -> R {
    struct Before(&'static LocalKey<Cell<bool>>, bool);
    impl Drop for Before {
        fn drop(&mut self) {
            self.0.set(self.1);
        }
    }
    let _before = Before(flag, flag.replace(value));
    then()
}

/// Alignment of blocks.
pub const ALIGN: usize = 64;

const SEGMENT: usize = 16 << 20;

/// A huge page of x86-64, and of aarch64 with pages of 4 KB.
const HUGE: usize = 2 << 20;

/// For [`Segment::forks`]: settled, never written again.
const SETTLED: u64 = u64::MAX;

/// How often this process, or an ancestor since the handler was registered, has forked.
static FORKS: AtomicU64 = AtomicU64::new(0);

extern "C" fn before_fork() {
    FORKS.fetch_add(1, Ordering::SeqCst);
}

fn watch_forks() {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        // SAFETY: the handlers only change atomics, which is allowed at fork; this code is never unloaded.
        unsafe { libc::pthread_atfork(Some(before_fork), None, Some(scratch::after_fork_in_child)) };
    });
}

/// Why there is no memory for code.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ArenaError {
    /// The arena's limit is reached.
    Full,
    /// The operating system refused, with this `errno`.
    System(i32),
}

impl fmt::Display for ArenaError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            ArenaError::Full => f.write_str("code memory is full"),
            ArenaError::System(errno) => write!(f, "no executable memory (errno {errno})"),
        }
    }
}

impl std::error::Error for ArenaError {}

/// A block of executable memory.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct CodePtr {
    address: u64,
    size: u32,
}

impl CodePtr {
    /// Where the code can be called.
    #[must_use]
    pub fn address(self) -> u64 {
        self.address
    }

    /// The block's size, a multiple of [`ALIGN`].
    #[must_use]
    pub fn size(self) -> u32 {
        self.size
    }
}

struct Segment {
    writable: NonNull<u8>,
    executable: u64,
    size: usize,
    forks: u64,
    /// Free ranges by offset, never adjacent to one another.
    free: BTreeMap<usize, usize>,
}

// SAFETY: the mappings belong to the segment alone and are not tied to a thread.
unsafe impl Send for Segment {}

/// All code memory of a process. Not synchronised: the owner wraps it in a lock.
pub struct Arena {
    segments: Vec<Segment>,
    limit: usize,
    used: usize,
    /// Jumps to functions that are too far away for a relative call: the function, the jump. They stay for ever.
    veneers: Vec<(u64, u64)>,
}

fn distance(from: u64, to: u64) -> Option<i32> {
    i32::try_from(to.wrapping_sub(from) as i64).ok()
}

impl fmt::Debug for Arena {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Arena")
            .field("segments", &self.segments.len())
            .field("used", &self.used)
            .field("limit", &self.limit)
            .finish()
    }
}

impl Arena {
    /// An arena that gives out at most `limit` bytes. Maps nothing yet.
    #[must_use]
    pub fn new(limit: usize) -> Arena {
        Arena { segments: Vec::new(), limit, used: 0, veneers: Vec::new() }
    }

    /// Bytes given out and not freed.
    #[must_use]
    pub fn used(&self) -> usize {
        self.used
    }

    /// Places code in memory.
    ///
    /// # Errors
    /// When the limit is reached or the operating system gives no memory.
    pub fn install(&mut self, code: &[u8]) -> Result<CodePtr, ArenaError> {
        let block = self.alloc(code.len())?;
        self.write(block, code);
        Ok(block)
    }

    /// Places code and completes its calls of functions outside.
    ///
    /// # Errors
    /// When the limit is reached or the operating system gives no memory.
    pub fn install_linked(&mut self, code: &mut [u8], calls: &[OutsideCall]) -> Result<CodePtr, ArenaError> {
        let block = self.alloc(code.len())?;
        for call in calls {
            let Some(place) = code.get_mut(call.at as usize..call.at as usize + 4) else { continue };
            let next = block.address + u64::from(call.at) + 4;
            let distance = match distance(next, call.target) {
                Some(distance) => distance,
                None => match self.veneer(next, call.target) {
                    Ok(distance) => distance,
                    Err(error) => {
                        self.free(block);
                        return Err(error);
                    }
                },
            };
            place.copy_from_slice(&distance.to_le_bytes());
        }
        self.write(block, code);
        Ok(block)
    }

    /// The distance from `next` to a jump to `target`, which is too far away for a call.
    fn veneer(&mut self, next: u64, target: u64) -> Result<i32, ArenaError> {
        let known = self.veneers.iter().filter(|(known, _)| *known == target);
        if let Some(found) = known.filter_map(|&(_, place)| distance(next, place)).next() {
            return Ok(found);
        }
        // jmp [rip + 0]; the address
        let mut jump = vec![0xFF, 0x25, 0, 0, 0, 0];
        jump.extend_from_slice(&target.to_le_bytes());
        let place = self.install(&jump)?.address;
        self.veneers.push((target, place));
        distance(next, place).ok_or(ArenaError::Full)
    }

    /// Room for `bytes` bytes of code.
    ///
    /// # Errors
    /// When the limit is reached or the operating system gives no memory.
    pub fn alloc(&mut self, bytes: usize) -> Result<CodePtr, ArenaError> {
        watch_forks();
        let size = bytes.max(1).next_multiple_of(ALIGN);
        let block_size = u32::try_from(size).map_err(|_| ArenaError::Full)?;
        if size > self.limit.saturating_sub(self.used) {
            return Err(ArenaError::Full);
        }
        let forks = FORKS.load(Ordering::SeqCst);
        let found = self
            .segments
            .iter_mut()
            .filter(|segment| segment.forks == forks)
            .find_map(|segment| segment.take(size).map(|offset| segment.executable + offset as u64));
        let address = match found {
            Some(address) => address,
            None => {
                let mut segment = Segment::map(size.max(SEGMENT).next_multiple_of(4096), forks)?;
                let offset = segment.take(size).ok_or(ArenaError::Full)?;
                let address = segment.executable + offset as u64;
                self.segments.push(segment);
                address
            }
        };
        self.used += size;
        Ok(CodePtr { address, size: block_size })
    }

    /// Copies code into a block; the part of `code` that does not fit is ignored, the rest of the block is filled with breakpoints.
    pub fn write(&mut self, block: CodePtr, code: &[u8]) {
        let Some((segment, offset)) = self.find(block) else { return };
        let size = (block.size as usize).min(segment.size - offset);
        let length = code.len().min(size);
        // SAFETY: the block lies within the writable mapping; the caller has not given it to anyone to run yet.
        unsafe {
            let to = segment.writable.as_ptr().add(offset);
            std::ptr::copy_nonoverlapping(code.as_ptr(), to, length);
            std::ptr::write_bytes(to.add(length), 0xCC, size - length);
        }
    }

    /// Gives a block back. Within a segment from before a fork its memory stays as it is.
    pub fn free(&mut self, block: CodePtr) {
        let forks = FORKS.load(Ordering::SeqCst);
        let Some((segment, offset)) = self.find(block) else { return };
        if segment.forks == forks {
            segment.give(offset, block.size as usize);
        }
        self.used = self.used.saturating_sub(block.size as usize);
    }

    /// Forgets the writable view of what has been written, which counts as memory of the process a second time.
    pub fn trim(&mut self) {
        for segment in &mut self.segments {
            // SAFETY: the view is a shared mapping of a file: its pages come back, with what was written, when they are next touched.
            unsafe { libc::madvise(segment.writable.as_ptr().cast(), segment.size, libc::MADV_DONTNEED) };
        }
    }

    /// Moves all code into huge pages, where it stays at its addresses and is never written again; new code goes elsewhere. How many bytes were moved: none where the kernel has no
    /// huge pages for us.
    ///
    /// Nobody may run code of the arena meanwhile.
    pub fn settle(&mut self) -> usize {
        let forks = FORKS.load(Ordering::SeqCst);
        self.segments.iter_mut().filter(|segment| segment.forks == forks).filter_map(Segment::settle).sum()
    }

    fn find(&mut self, block: CodePtr) -> Option<(&mut Segment, usize)> {
        self.segments.iter_mut().find_map(|segment| {
            let offset = block.address.checked_sub(segment.executable)? as usize;
            (offset < segment.size).then_some((segment, offset))
        })
    }
}

impl Segment {
    fn map(size: usize, forks: u64) -> Result<Segment, ArenaError> {
        let file = memory_file(size)?;
        let writable = map_view(file, size, libc::PROT_READ | libc::PROT_WRITE);
        let executable = map_aligned(file, size, libc::PROT_READ | libc::PROT_EXEC);
        // SAFETY: the descriptor was made above and is not used again; the mappings keep the file.
        unsafe { libc::close(file) };
        match (writable, executable) {
            (Ok(writable), Ok(executable)) => Ok(Segment {
                writable,
                executable: executable.as_ptr() as u64,
                size,
                forks,
                free: BTreeMap::from([(0, size)]),
            }),
            (writable, executable) => {
                for view in [writable, executable].into_iter().flatten() {
                    // SAFETY: the view was mapped above with this size and nobody has seen it.
                    unsafe { libc::munmap(view.as_ptr().cast(), size) };
                }
                Err(writable.and(executable).err().unwrap_or(ArenaError::Full))
            }
        }
    }

    /// Where its code ends.
    fn end(&self) -> usize {
        match self.free.last_key_value() {
            Some((&offset, &room)) if offset + room == self.size => offset,
            _ => self.size,
        }
    }

    /// See [`Arena::settle`].
    fn settle(&mut self) -> Option<usize> {
        let used = self.end();
        let size = used.next_multiple_of(HUGE).min(self.size);
        if used == 0 || !size.is_multiple_of(HUGE) {
            return None;
        }
        let copy = Reservation::new(size)?;
        // SAFETY: the copy is ours alone; the executable view is readable for its whole size and keeps its content, under the same address, when the copy takes its place.
        unsafe {
            let (from, to) = (self.executable as *mut libc::c_void, copy.aligned as *mut libc::c_void);
            if libc::mprotect(to, size, libc::PROT_READ | libc::PROT_WRITE) != 0
                || libc::madvise(to, size, libc::MADV_HUGEPAGE) != 0
            {
                return None;
            }
            std::ptr::copy_nonoverlapping(from.cast::<u8>(), to.cast::<u8>(), used);
            if libc::mprotect(to, size, libc::PROT_READ | libc::PROT_EXEC) != 0
                || libc::mremap(to, size, size, libc::MREMAP_MAYMOVE | libc::MREMAP_FIXED, from) == libc::MAP_FAILED
            {
                return None;
            }
            // What is in the file is not needed any more.
            libc::madvise(self.writable.as_ptr().cast(), size, libc::MADV_REMOVE);
        }
        copy.keep(size);
        self.forks = SETTLED;
        Some(used)
    }

    fn take(&mut self, size: usize) -> Option<usize> {
        let (&offset, &room) = self.free.iter().find(|&(_, &room)| room >= size)?;
        self.free.remove(&offset);
        if room > size {
            self.free.insert(offset + size, room - size);
        }
        Some(offset)
    }

    fn give(&mut self, mut offset: usize, mut size: usize) {
        if let Some((&before, &room)) = self.free.range(..offset).next_back()
            && before + room == offset
        {
            self.free.remove(&before);
            offset = before;
            size += room;
        }
        if let Some(room) = self.free.remove(&(offset + size)) {
            size += room;
        }
        self.free.insert(offset, size);
    }
}

impl Drop for Segment {
    fn drop(&mut self) {
        // SAFETY: both views were mapped with this size; whoever drops the arena guarantees that no code in it runs any more.
        unsafe {
            libc::munmap(self.writable.as_ptr().cast(), self.size);
            libc::munmap(self.executable as *mut libc::c_void, self.size);
        }
    }
}

fn last_error() -> ArenaError {
    ArenaError::System(std::io::Error::last_os_error().raw_os_error().unwrap_or(0))
}

fn memory_file(size: usize) -> Result<libc::c_int, ArenaError> {
    // Newer kernels want to be told whether the file may be executed; older ones do not know the flag.
    const MFD_EXEC: libc::c_uint = 0x10;
    // SAFETY: the name is a C string; the flags are valid or refused.
    let mut file = unsafe { libc::memfd_create(c"ember-code".as_ptr(), libc::MFD_CLOEXEC | MFD_EXEC) };
    if file < 0 {
        // SAFETY: as above.
        file = unsafe { libc::memfd_create(c"ember-code".as_ptr(), libc::MFD_CLOEXEC) };
    }
    if file < 0 {
        return Err(last_error());
    }
    // SAFETY: `file` is the descriptor just made.
    if unsafe { libc::ftruncate(file, size as libc::off_t) } != 0 {
        let error = last_error();
        // SAFETY: as above; not used again.
        unsafe { libc::close(file) };
        return Err(error);
    }
    Ok(file)
}

fn map_view(file: libc::c_int, size: usize, protection: libc::c_int) -> Result<NonNull<u8>, ArenaError> {
    // SAFETY: a new mapping at an address the kernel chooses disturbs nothing.
    let view = unsafe { libc::mmap(std::ptr::null_mut(), size, protection, libc::MAP_SHARED, file, 0) };
    if view == libc::MAP_FAILED {
        return Err(last_error());
    }
    NonNull::new(view.cast()).ok_or(ArenaError::System(0))
}

/// Addresses that nothing else is mapped to, with an aligned range among them.
struct Reservation {
    start: usize,
    size: usize,
    aligned: usize,
}

impl Reservation {
    fn new(size: usize) -> Option<Reservation> {
        let whole = size + HUGE;
        let flags = libc::MAP_PRIVATE | libc::MAP_ANONYMOUS | libc::MAP_NORESERVE;
        // SAFETY: a new mapping at an address the kernel chooses disturbs nothing.
        let start = unsafe { libc::mmap(std::ptr::null_mut(), whole, libc::PROT_NONE, flags, -1, 0) };
        let start = (start != libc::MAP_FAILED).then_some(start as usize)?;
        Some(Reservation { start, size: whole, aligned: start.next_multiple_of(HUGE) })
    }

    /// Gives back all but the first `size` aligned bytes, which belong to somebody else now.
    fn keep(self, size: usize) {
        let end = self.aligned + size.next_multiple_of(4096);
        for (from, to) in [(self.start, self.aligned), (end, self.start + self.size)] {
            if to > from {
                // SAFETY: a part of the reservation that nobody uses.
                unsafe { libc::munmap(from as *mut libc::c_void, to - from) };
            }
        }
        std::mem::forget(self);
    }
}

impl Drop for Reservation {
    fn drop(&mut self) {
        // SAFETY: nobody uses it.
        unsafe { libc::munmap(self.start as *mut libc::c_void, self.size) };
    }
}

/// Maps a view whose address is a multiple of a huge page's size.
fn map_aligned(file: libc::c_int, size: usize, protection: libc::c_int) -> Result<NonNull<u8>, ArenaError> {
    let Some(room) = Reservation::new(size) else { return Err(last_error()) };
    let flags = libc::MAP_SHARED | libc::MAP_FIXED;
    // SAFETY: the range lies in the reservation, which is ours.
    let view = unsafe { libc::mmap(room.aligned as *mut libc::c_void, size, protection, flags, file, 0) };
    if view == libc::MAP_FAILED {
        return Err(last_error());
    }
    room.keep(size);
    NonNull::new(view.cast()).ok_or(ArenaError::System(0))
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::{Mutex, MutexGuard, PoisonError};

    /// A fork in one test seals the segments of all.
    fn alone() -> MutexGuard<'static, ()> {
        static LOCK: Mutex<()> = Mutex::new(());
        LOCK.lock().unwrap_or_else(PoisonError::into_inner)
    }

    #[test]
    fn blocks_do_not_overlap_and_come_back() {
        let _alone = alone();
        let mut arena = Arena::new(1 << 20);
        let a = arena.install(&[1; 100]).unwrap();
        let b = arena.install(&[2; 10]).unwrap();
        let c = arena.install(&[3; 64]).unwrap();
        assert_eq!((a.size(), b.size(), c.size()), (128, 64, 64));
        assert_eq!(b.address(), a.address() + 128);
        arena.free(b);
        arena.free(a);
        assert_eq!(arena.used(), 64);
        let d = arena.install(&[4; 192]).unwrap();
        assert_eq!(d.address(), a.address(), "the two free blocks are one again");
    }

    #[test]
    fn code_runs_and_the_limit_holds() {
        let _alone = alone();
        let mut arena = Arena::new(128);
        // mov eax, 42; ret
        let block = arena.install(&[0xB8, 42, 0, 0, 0, 0xC3]).unwrap();
        // SAFETY: the bytes are a function of this type.
        let f: extern "C" fn() -> i32 = unsafe { std::mem::transmute(block.address() as usize) };
        assert_eq!(f(), 42);
        assert_eq!(arena.alloc(65), Err(ArenaError::Full));
        assert!(arena.alloc(64).is_ok());
        assert_eq!(arena.alloc(1), Err(ArenaError::Full));
    }

    #[test]
    fn calls_reach_everywhere() {
        let _alone = alone();
        let mut arena = Arena::new(1 << 20);
        let near = arena.install(&[0xC3]).unwrap().address();
        let far = near.wrapping_add(1 << 40);
        let mut code = [0xE8, 0, 0, 0, 0].repeat(3);
        let calls = [(1, near), (6, far), (11, far)].map(|(at, target)| OutsideCall { at, target });
        let block = arena.install_linked(&mut code, &calls).unwrap();
        let reached = |at: usize| {
            let distance = i32::from_le_bytes(code[at..at + 4].try_into().unwrap());
            (block.address() + at as u64 + 4).wrapping_add_signed(i64::from(distance))
        };
        assert_eq!(reached(1), near);
        let jump = reached(6);
        assert_eq!(reached(11), jump, "one jump for all calls");
        // SAFETY: the jump is in the arena, 14 bytes long.
        let jump = unsafe { std::slice::from_raw_parts(jump as *const u8, 14) };
        assert_eq!(jump[..6], [0xFF, 0x25, 0, 0, 0, 0]);
        assert_eq!(jump[6..], far.to_le_bytes());
    }

    #[test]
    fn trimming_keeps_the_code() {
        let _alone = alone();
        let mut arena = Arena::new(1 << 20);
        let block = arena.install(&[0xB8, 42, 0, 0, 0, 0xC3]).unwrap();
        arena.trim();
        // SAFETY: the bytes are a function of this type.
        let f: extern "C" fn() -> i32 = unsafe { std::mem::transmute(block.address() as usize) };
        assert_eq!(f(), 42);
        let next = arena.install(&[0xC3]).unwrap();
        assert_ne!(next.address(), block.address());
    }

    #[test]
    fn settled_code_runs_where_it_was_and_new_code_goes_elsewhere() {
        let _alone = alone();
        let mut arena = Arena::new(1 << 20);
        let a = arena.install(&[0xB8, 42, 0, 0, 0, 0xC3]).unwrap();
        let used = arena.settle();
        if used == 0 {
            // A kernel without huge pages: nothing has changed.
            assert_eq!(arena.install(&[0xC3]).unwrap().address(), a.address() + ALIGN as u64);
            return;
        }
        assert_eq!(used, ALIGN);
        // SAFETY: the bytes are a function of this type.
        let f: extern "C" fn() -> i32 = unsafe { std::mem::transmute(a.address() as usize) };
        assert_eq!(f(), 42);
        let b = arena.install(&[0xB8, 43, 0, 0, 0, 0xC3]).unwrap();
        assert!(b.address().abs_diff(a.address()) >= HUGE as u64, "a new segment");
        arena.free(a);
        assert_eq!((f(), arena.settle()), (42, ALIGN), "the new segment only");
    }

    #[test]
    fn fork_seals() {
        let _alone = alone();
        let mut arena = Arena::new(1 << 20);
        let a = arena.install(&[0xC3]).unwrap();
        // What the handler does at fork.
        before_fork();
        arena.free(a);
        let b = arena.install(&[0xC3]).unwrap();
        assert!(b.address().abs_diff(a.address()) >= 4096, "a new segment");
    }
}
