//! The hash table behind `dict`, `set` and every namespace: keeps insertion order.
//!
//! The idea: entries stand in a vector in the order of insertion, holes where something was deleted; above a few entries
//! an index from hash to places is kept. The table never compares keys by itself, since a key's `__eq__` may be the
//! analysed program's: it gives the candidates with the right hash, and who asks compares.

use crate::value::Value;
use rustc_hash::FxHashMap;
use smallvec::SmallVec;

/// Below this many entries they are searched one by one.
const SMALL: usize = 8;

/// A key with its value.
#[derive(Clone, Copy, Debug)]
pub struct Entry {
    /// The key's hash.
    pub hash: u64,
    /// The key; `Null` where an entry was deleted.
    pub key: Value,
    /// The value; `None` in sets.
    pub value: Value,
}

/// The table.
#[derive(Clone, Default, Debug)]
pub struct Dict {
    entries: Vec<Entry>,
    live: usize,
    index: Option<Box<FxHashMap<u64, SmallVec<[u32; 2]>>>>,
}

impl Dict {
    /// How many entries there are.
    pub fn len(&self) -> usize {
        self.live
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.live == 0
    }

    /// How many places there are, holes included: the bound for walking by place.
    pub fn places(&self) -> usize {
        self.entries.len()
    }

    /// The entry at a place, unless it is a hole.
    pub fn at(&self, place: usize) -> Option<Entry> {
        self.entries.get(place).copied().filter(|entry| !entry.key.is_null())
    }

    /// The entries in order.
    pub fn iter(&self) -> impl DoubleEndedIterator<Item = Entry> + '_ {
        self.entries.iter().copied().filter(|entry| !entry.key.is_null())
    }

    /// The place of the first entry with this hash whose key `equal` accepts.
    pub fn find(&self, hash: u64, mut equal: impl FnMut(Value) -> bool) -> Option<usize> {
        match &self.index {
            Some(index) => {
                let places = index.get(&hash)?;
                places.iter().map(|place| *place as usize).find(|place| equal(self.entries[*place].key))
            }
            None => {
                self.entries.iter().position(|entry| entry.hash == hash && !entry.key.is_null() && equal(entry.key))
            }
        }
    }

    /// The places of all entries with this hash.
    pub fn candidates(&self, hash: u64) -> SmallVec<[usize; 2]> {
        match &self.index {
            Some(index) => index.get(&hash).into_iter().flatten().map(|place| *place as usize).collect(),
            None => (0..self.entries.len())
                .filter(|place| self.entries[*place].hash == hash && !self.entries[*place].key.is_null())
                .collect(),
        }
    }

    /// Add an entry whose key is known not to be there.
    pub fn push(&mut self, hash: u64, key: Value, value: Value) {
        if self.entries.len() > 32 && self.entries.len() > 2 * self.live {
            self.compact();
        }
        let place = self.entries.len();
        self.entries.push(Entry { hash, key, value });
        self.live += 1;
        match &mut self.index {
            Some(index) => index.entry(hash).or_default().push(place as u32),
            None if place >= SMALL => self.build_index(),
            None => {}
        }
    }

    /// Change the value at a place.
    pub fn set_at(&mut self, place: usize, value: Value) {
        if let Some(entry) = self.entries.get_mut(place) {
            entry.value = value;
        }
    }

    /// Delete the entry at a place.
    pub fn remove_at(&mut self, place: usize) {
        let Some(entry) = self.entries.get_mut(place).filter(|entry| !entry.key.is_null()) else { return };
        entry.key = Value::Null;
        entry.value = Value::Null;
        let hash = entry.hash;
        self.live -= 1;
        if let Some(index) = &mut self.index
            && let Some(places) = index.get_mut(&hash)
        {
            places.retain(|other| *other as usize != place);
            if places.is_empty() {
                index.remove(&hash);
            }
        }
        while self.entries.last().is_some_and(|entry| entry.key.is_null()) {
            self.entries.pop();
        }
    }

    /// Delete everything.
    pub fn clear(&mut self) {
        *self = Dict::default();
    }

    fn compact(&mut self) {
        self.entries.retain(|entry| !entry.key.is_null());
        self.index = None;
        if self.entries.len() > SMALL {
            self.build_index();
        }
    }

    fn build_index(&mut self) {
        let mut index: FxHashMap<u64, SmallVec<[u32; 2]>> = FxHashMap::default();
        for (place, entry) in self.entries.iter().enumerate().filter(|(_, entry)| !entry.key.is_null()) {
            index.entry(entry.hash).or_default().push(place as u32);
        }
        self.index = Some(Box::new(index));
    }
}

#[cfg(test)]
mod tests {
    use super::Dict;
    use crate::value::Value;

    fn get(dict: &Dict, key: i64) -> Option<usize> {
        dict.find((key % 7) as u64, |other| other.same(Value::Int(key)))
    }

    #[test]
    fn keeps_order_and_finds_after_deletions() {
        let mut dict = Dict::default();
        for key in 0..100 {
            dict.push((key % 7) as u64, Value::Int(key), Value::Int(key * 2));
        }
        for key in (0..100).step_by(3) {
            let place = get(&dict, key).expect("there");
            dict.remove_at(place);
        }
        for key in 100..160 {
            dict.push((key % 7) as u64, Value::Int(key), Value::None);
        }
        assert_eq!(get(&dict, 3), None);
        assert!(get(&dict, 4).is_some() && get(&dict, 159).is_some());
        assert_eq!(dict.len(), 66 + 60);
        let keys: Vec<i64> = dict.iter().map(|e| if let Value::Int(k) = e.key { k } else { -1 }).collect();
        assert!(keys.is_sorted());
    }
}
