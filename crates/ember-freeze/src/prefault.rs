//! Pages that a child is going to write to, made its own before it has to wait for that; and pages of files that it is going to look at.
//!
//! A page that is shared with the master is copied when a child first writes to it: an exception of the processor and a way through the kernel for each. A child that is
//! told beforehand which pages those are has them copied in one go while nobody waits for it. What is on them does not change. Pages of files are not copied, but a child begins without
//! knowing where they are, and finds out in the same way.

use core::ffi::c_void;

/// Bytes of a page range in the list: address and length, each a word in the machine's order.
const RANGE: usize = 2 * size_of::<usize>();

/// Maps the pages of all ranges, with `copy` as this process's own; how many bytes of them were. Ranges that are not mapped, or not to be written, are passed over; a kernel that cannot do it does
/// nothing.
pub fn populate(ranges: &[u8], copy: bool) -> usize {
    let advice = if copy { libc::MADV_POPULATE_WRITE } else { libc::MADV_POPULATE_READ };
    let word = |bytes: &[u8]| bytes.try_into().map_or(0, usize::from_ne_bytes);
    let mut populated = 0;
    for range in ranges.chunks_exact(RANGE) {
        let (address, length) = range.split_at(size_of::<usize>());
        let (address, length) = (word(address), word(length));
        // SAFETY: the kernel checks the range; pages have the content that they had.
        let failed = unsafe { libc::madvise(address as *mut c_void, length, advice) };
        populated += if failed == 0 { length } else { 0 };
    }
    populated
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_cannot_be_written_is_passed_over() {
        let page = 4096;
        let mut area = vec![7u8; 4 * page];
        let inside = (area.as_mut_ptr() as usize + page) & !(page - 1);
        let ranges: Vec<u8> = [(0, page), (inside, 2 * page)]
            .iter()
            .flat_map(|&(at, size)| [at.to_ne_bytes(), size.to_ne_bytes()].concat())
            .collect();
        assert!([true, false].iter().all(|&copy| [0, 2 * page].contains(&populate(&ranges, copy))));
        assert!(area.iter().all(|&byte| byte == 7));
        assert_eq!(populate(&ranges[..RANGE - 1], true), 0);
    }
}
