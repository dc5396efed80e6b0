//! A table by address of which a forked process writes only what has changed.
//!
//! Addresses are spread over the whole of a hash table, so a process that adds and removes some all the time, as those of closures are, comes to write to each of its pages; and as long as it does
//! not, they are shared with its parent. So a worker puts what it adds into a table of its own, which is small, and leaves the one it was born with as it is.

use rustc_hash::FxHashMap;

/// The table. An address is in one of its halves only.
pub struct Inherited<V> {
    own: FxHashMap<usize, V>,
    /// What the parent had.
    before: FxHashMap<usize, V>,
}

impl<V> Default for Inherited<V> {
    fn default() -> Inherited<V> {
        Inherited { own: FxHashMap::default(), before: FxHashMap::default() }
    }
}

impl<V> Inherited<V> {
    /// In a worker, before anything is added: what is there stays where it is.
    pub fn begin(&mut self) {
        if self.before.is_empty() {
            self.before = core::mem::take(&mut self.own);
        }
    }

    /// What is known of an address.
    pub fn get(&self, address: usize) -> Option<&V> {
        self.own.get(&address).or_else(|| self.before.get(&address))
    }

    /// The same, to be changed.
    pub fn get_mut(&mut self, address: usize) -> Option<&mut V> {
        match self.own.get_mut(&address) {
            Some(found) => Some(found),
            None => self.before.get_mut(&address),
        }
    }

    /// Whether something is known of an address.
    pub fn contains(&self, address: usize) -> bool {
        self.get(address).is_some()
    }

    /// What is known of an address of which nothing was.
    pub fn add(&mut self, address: usize, value: V) -> &mut V {
        debug_assert!(!self.contains(address), "an address is in one half only");
        self.own.entry(address).insert_entry(value).into_mut()
    }

    /// Forgets an address. A table in which it is not is not written to.
    pub fn remove(&mut self, address: usize) -> Option<V> {
        self.own.remove(&address).or_else(|| self.before.remove(&address))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_there_is_found_changed_and_removed_in_a_worker_too() {
        let mut table = Inherited::default();
        table.add(16, 'a');
        table.add(32, 'b');
        table.begin();
        assert_eq!(*table.add(48, 'c'), 'c');
        assert_eq!(
            [16, 32, 48, 64].map(|address| table.get(address).copied()),
            [Some('a'), Some('b'), Some('c'), None]
        );
        *table.get_mut(16).unwrap() = 'A';
        assert_eq!(table.remove(16), Some('A'));
        assert_eq!(table.remove(48), Some('c'));
        assert_eq!(table.remove(48), None);
        assert!(!table.contains(16) && table.contains(32));
        *table.add(16, 'x') = 'y';
        assert_eq!(table.get(16), Some(&'y'));
    }

    #[test]
    fn a_worker_adds_nothing_to_what_it_was_born_with() {
        let mut table = Inherited::default();
        table.add(16, 1);
        table.begin();
        table.add(32, 2);
        // A worker's own children are born with both halves.
        table.begin();
        assert_eq!((table.before.len(), table.own.len()), (1, 1));
    }
}
