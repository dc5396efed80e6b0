//! Words that native code reads by address, close together.
//!
//! Code that runs once in a while finds nothing of what it reads in the processor's caches, so what counts is how many cache lines it has to fetch. The cells of global names and of
//! functions that one module's code uses are therefore given out from lines of their own: what is compiled one after the other is read one after the other. And lines come
//! from pages of their own: among other things in the heap each would lie in another page, whose translation is fetched as well.
//!
//! A word stays where it is for ever; one that was given back is given out again to the same module.

use crate::gil::GilCell;
use core::sync::atomic::AtomicUsize;
use rustc_hash::FxHashMap;

static WORDS: GilCell<Option<Words>> = GilCell::new(None);

/// A word of the group's, which is zero unless it was used before.
///
/// # Safety
/// The GIL is held.
pub unsafe fn take(group: usize) -> &'static AtomicUsize {
    // SAFETY: by the contract.
    unsafe { WORDS.borrow() }.get_or_insert_default().take(group)
}

/// Takes a word back that nobody reads any more.
///
/// # Safety
/// The GIL is held.
pub unsafe fn give_back(group: usize, word: &'static AtomicUsize) {
    // SAFETY: by the contract.
    unsafe { WORDS.borrow() }.get_or_insert_default().give_back(group, word);
}

/// Words in a cache line.
const LINE: usize = 8;

#[repr(align(64))]
struct Line([AtomicUsize; LINE]);

/// Lines in a page.
const PAGE: usize = 4096 / size_of::<Line>();

#[repr(align(4096))]
struct Page([Line; PAGE]);

/// Words by group: the address of a dict of globals.
#[derive(Default)]
struct Words {
    lines: FxHashMap<usize, (&'static Line, usize)>,
    free: FxHashMap<usize, Vec<&'static AtomicUsize>>,
    /// Lines that belong to no group yet.
    unused: &'static [Line],
}

impl Words {
    fn take(&mut self, group: usize) -> &'static AtomicUsize {
        if let Some(word) = self.free.get_mut(&group).and_then(Vec::pop) {
            return word;
        }
        let unused = &mut self.unused;
        let (line, used) = self.lines.entry(group).or_insert_with(|| (new_line(unused), 0));
        if *used == LINE {
            (*line, *used) = (new_line(unused), 0);
        }
        *used += 1;
        &line.0[*used - 1]
    }

    fn give_back(&mut self, group: usize, word: &'static AtomicUsize) {
        self.free.entry(group).or_default().push(word);
    }
}

fn new_line(unused: &mut &'static [Line]) -> &'static Line {
    if unused.is_empty() {
        let line = || Line([const { AtomicUsize::new(0) }; LINE]);
        *unused = &Box::leak(Box::new(Page(std::array::from_fn(|_| line())))).0;
    }
    let (line, rest) = unused.split_at(1);
    *unused = rest;
    &line[0]
}

#[cfg(test)]
mod tests {
    use super::*;

    fn line_of(word: &AtomicUsize) -> usize {
        core::ptr::from_ref(word) as usize / 64
    }

    #[test]
    fn a_group_shares_lines_with_nobody() {
        let mut words = Words::default();
        let ours: Vec<_> = (0..2 * LINE).map(|_| words.take(1)).collect();
        let other = words.take(2);
        assert!(ours[..LINE].iter().all(|word| line_of(word) == line_of(ours[0])));
        assert!(ours[LINE..].iter().all(|word| line_of(word) == line_of(ours[LINE])));
        assert!(ours.iter().all(|word| line_of(word) != line_of(other)));
        let mut addresses: Vec<_> = ours.iter().map(|word| core::ptr::from_ref(*word) as usize).collect();
        addresses.dedup();
        assert_eq!(addresses.len(), 2 * LINE);
    }

    #[test]
    fn what_was_given_back_is_given_out_again_to_its_group() {
        let mut words = Words::default();
        let word = words.take(1);
        words.give_back(1, word);
        assert!(!core::ptr::eq(words.take(2), word));
        assert!(core::ptr::eq(words.take(1), word));
    }
}
