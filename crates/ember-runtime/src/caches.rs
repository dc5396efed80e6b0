//! Polymorphic inline caches for attribute sites.
//!
//! Each `object.name` in native code has an [`AttrCache`] of up to four entries, one a class number (see [`crate::classes`]). An entry says, in this order,
//! * where the *instance* would keep the attribute ([`Place`]): in its inline values, in a dict, in a slot, or nowhere;
//! * what to do when it is not there ([`Action`]): return what the class has, bind a method, call a getter, …
//!
//! Why an answer from an entry is the one CPython would give: everything an entry says about the class is what looking the name up in it gave, and a class loses its
//! number (and no number is used twice) whenever that may have changed: the name in the class or in a base, `__bases__`, the metaclass's likewise. Everything else is
//! looked at each time: the instance's values and dict, whether its inline values are still in use, and how many shared keys the class has (they
//! only ever grow). A descriptor whose own class may be changed is guarded by that class's number too. What does not fit is left to CPython.
//!
//! Object pointers in entries are borrowed: an entry is only used while its number stands, and so long the class keeps the object alive.
//!
//! Entries are made by [`analysis`], and only after CPython has found the attribute in the general way.

pub mod analysis;
mod load;
pub mod shared;
mod store;

pub use load::{load_attr, load_method};
pub use store::store_attr;

use crate::classes::{class_of_number, stands};
use crate::object::{class_of, field};
use ember_cpython::layout::{PyDictValues, PyObject, TypeObject};

/// Where an instance may keep the attribute.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub enum Place {
    /// No entry.
    Empty = 0,
    /// Nowhere, or it does not matter.
    Nowhere = 1,
    /// In the inline values, `offset` bytes from the object; in the managed dict when the values are no longer in use.
    Inline = 2,
    /// The same, for a descriptor whose class has to be checked first.
    InlineChecked = 3,
    /// Not in the inline values: the shared keys, of which there were `hint`, lack the name. In the managed dict when the values are no longer in use.
    InlineAbsent = 4,
    /// In the dict to which the pointer `offset` bytes from the object leads, perhaps at entry `hint`.
    Dict = 5,
    /// In the slot `offset` bytes from the object.
    Slot = 6,
    /// In the dict of the receiver, a module, perhaps at entry `hint`.
    Module = 7,
    /// The receiver is the class with number `owner_number`.
    Class = 8,
}

/// What to do when the attribute is not in its place.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub enum Action {
    /// Ask CPython.
    Generic = 0,
    /// `object` is the attribute.
    Value = 1,
    /// `object` is a function or method descriptor to be bound.
    Method = 2,
    /// `object` is a descriptor: call its `__get__` or `__set__`.
    Descriptor = 3,
    /// `object` is a property.
    Property = 4,
    /// `object` is a static method.
    Static = 5,
    /// `object` is a class method.
    ClassMethod = 6,
    /// `object` is the `__getattr__` function of the class.
    Hook = 7,
}

/// The class has a `__getattr__`, to be asked when a getter raises AttributeError.
pub const FLAG_HOOKED: u16 = 1;
/// The attribute has been found in the managed dict of an instance.
pub const FLAG_IN_DICT: u16 = 2;

/// What is known of one class.
#[derive(Clone, Copy, Debug)]
#[repr(C)]
pub struct AttrEntry {
    /// Number of the receiver's class.
    pub number: u32,
    /// Where an instance may keep the attribute.
    pub place: Place,
    /// What to do when it is not there.
    pub action: Action,
    /// Byte offset of the value or dict pointer.
    pub offset: i16,
    /// Byte offset of the inline values' header.
    pub values: u16,
    /// `FLAG_*`
    pub flags: u16,
    /// Entry of a dict, or number of shared keys.
    pub hint: u32,
    /// Number of the class of `object`, if that class may be changed; else 0.
    pub object_number: u32,
    /// For [`Place::Class`]: number of the receiver.
    pub owner_number: u32,
    /// What the class has, borrowed.
    pub object: *mut PyObject,
}

/// Entries of a cache.
pub const ENTRIES: usize = 4;
/// How many sites ahead the caches are fetched.
const FETCHED_AHEAD: usize = 4;

/// Has the processor fetch a cache line that is going to be read soon, and goes on meanwhile.
#[inline(always)]
fn fetch(at: *const u8) {
    #[cfg(target_arch = "x86_64")]
    // SAFETY: nothing is read: an address at which there is nothing is as good as any.
    unsafe {
        core::arch::x86_64::_mm_prefetch::<{ core::arch::x86_64::_MM_HINT_T0 }>(at.cast());
    }
    #[cfg(not(target_arch = "x86_64"))]
    let _ = at;
}

/// After so many fills a site counts as megamorphic and learns a new class only now and then.
const EAGER_FILLS: u32 = 16;
/// … namely at each of so many misses.
const LAZY_FILL_PERIOD: u32 = 32;

/// The cache of a site. All zeros is an empty cache; its address must not change while code uses it.
#[derive(Debug)]
#[repr(C, align(32))]
pub struct AttrCache {
    /// Entries; a number occurs once, except for receivers that are classes.
    pub entries: [AttrEntry; ENTRIES],
    /// How often no entry knew the class since there are too many to remember.
    pub misses: u32,
    /// How many entries were made.
    pub fills: u32,
    /// How often the site was executed while somebody counted, up to [`crate::sites::HOT`], when it is reported.
    pub uses: u32,
    /// Names the code object with the site, to be reported when it is hot.
    pub code: u64,
}

const _: () = {
    assert!(size_of::<AttrEntry>() == 32, "two entries a cache line");
    assert!(Place::Empty as u8 == 0 && Action::Generic as u8 == 0, "zeroed memory is an empty cache");
};

/// What a receiver was, as far as code may be made for it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Receiver {
    /// The number of its class; or its own, if it is a class.
    pub number: u32,
    /// Whether it is a class.
    pub itself: bool,
    /// Where in its managed dict the attribute was, if it was there.
    pub dict_hint: Option<u16>,
}

impl Receiver {
    /// The class that the number stands for; NULL when it means nothing any more.
    #[must_use]
    pub fn class(&self) -> *mut TypeObject {
        class_of_number(self.number)
    }
}

impl AttrEntry {
    /// What the receiver is.
    #[must_use]
    pub fn receiver(&self) -> Receiver {
        let itself = self.place == Place::Class;
        let hint = match self.place {
            Place::InlineAbsent => u16::try_from(self.offset).ok(),
            _ => u16::try_from(self.hint).ok(),
        };
        Receiver {
            number: if itself { self.owner_number } else { self.number },
            itself,
            dict_hint: hint.filter(|_| self.flags & FLAG_IN_DICT != 0),
        }
    }

    /// No entry.
    pub const EMPTY: AttrEntry = AttrEntry {
        number: 0,
        place: Place::Empty,
        action: Action::Generic,
        offset: 0,
        values: 0,
        flags: 0,
        hint: 0,
        object_number: 0,
        owner_number: 0,
        object: core::ptr::null_mut(),
    };

    /// Whether the class of `object` is still what it was.
    #[inline(always)]
    unsafe fn object_class_stands(&self) -> bool {
        // SAFETY: the caller has seen that the number stands, so `object` is alive.
        unsafe { self.object_number == 0 || stands(class_of(self.object), self.object_number) }
    }
}

impl AttrCache {
    /// An empty cache.
    pub const EMPTY: AttrCache =
        AttrCache { entries: [AttrEntry::EMPTY; ENTRIES], misses: 0, fills: 0, uses: 0, code: 0 };

    /// Whether the site has seen more classes than it can remember.
    #[must_use]
    pub fn is_megamorphic(&self) -> bool {
        self.fills > EAGER_FILLS
    }

    /// The entries that hold, oldest first unless some were replaced.
    pub fn in_use(&self) -> impl Iterator<Item = &AttrEntry> {
        self.entries.iter().filter(|entry| entry.place != Place::Empty && !class_of_number(entry.number).is_null())
    }

    /// Counts an execution of the site. Where nobody counts, the counter is not even read: it lies in another cache line than the entries, and what runs once in a while finds neither
    /// in the cache. It is read by a function of its own, since the optimiser would read it before it knows whether to.
    #[inline(always)]
    fn count(&mut self) {
        if crate::sites::counting() {
            self.count_use();
        }
    }

    /// Has the processor fetch the caches of the code's next sites meanwhile. Sites lie in the order of their instructions, and in code that runs once in a while waiting for its cache is
    /// half of what a site costs.
    #[inline(always)]
    fn fetch_next(&self) {
        for ahead in 1..=FETCHED_AHEAD {
            fetch(core::ptr::from_ref(self).wrapping_add(ahead).cast());
        }
    }

    #[cold]
    #[inline(never)]
    fn count_use(&mut self) {
        if self.uses < crate::sites::HOT {
            self.uses += 1;
            if self.uses == crate::sites::HOT {
                crate::sites::report_hot(self.code);
            }
        }
    }

    /// Whether a miss is worth the effort to learn from it. Where nobody counts, a site that has seen many classes is left as it is: its page is shared with other processes, and
    /// the table of all sites serves it.
    #[inline]
    fn miss(&mut self) -> bool {
        if self.fills < EAGER_FILLS {
            return true;
        }
        if !crate::sites::counting() {
            return false;
        }
        self.misses = self.misses.wrapping_add(1);
        self.misses.is_multiple_of(LAZY_FILL_PERIOD)
    }

    /// Puts an entry where the same class is, else where none is or one that means nothing any more, else in place of another.
    fn insert(&mut self, entry: AttrEntry) {
        self.fills = self.fills.saturating_add(1);
        let same = |old: &AttrEntry| old.number == entry.number && old.owner_number == entry.owner_number;
        let at = self
            .entries
            .iter()
            .position(|old| old.place != Place::Empty && same(old))
            .or_else(|| self.entries.iter().position(|old| class_of_number(old.number).is_null()))
            .unwrap_or(self.fills as usize % ENTRIES);
        if let Some(slot) = self.entries.get_mut(at) {
            *slot = entry;
        }
    }
}

/// The inline values of an object.
#[inline(always)]
fn inline_values(obj: *mut PyObject, offset: u16) -> *mut PyDictValues {
    field(obj, offset as isize)
}

/// What an entry makes of an access.
enum Outcome {
    /// The result: NULL with an exception, or a new reference.
    Done(*mut PyObject),
    /// The entry is about another receiver.
    Other,
    /// CPython has to be asked, and there is nothing to learn.
    Generic,
    /// The entry no longer holds.
    Stale,
}

type Class = *mut TypeObject;

#[cfg(test)]
mod tests {
    use super::*;

    fn entry(number: u32, owner_number: u32) -> AttrEntry {
        crate::classes::pretend(number);
        AttrEntry { number, owner_number, place: Place::Nowhere, ..AttrEntry::EMPTY }
    }

    #[test]
    fn a_class_seen_again_replaces_its_own_entry() {
        let mut cache = AttrCache::EMPTY;
        for number in [5, 6, 5, 7] {
            cache.insert(entry(number, 0));
        }
        assert_eq!(cache.in_use().map(|e| e.number).collect::<Vec<_>>(), [5, 6, 7]);
    }

    #[test]
    fn receivers_that_are_classes_share_their_metaclass_number() {
        let mut cache = AttrCache::EMPTY;
        cache.insert(entry(5, 100));
        cache.insert(entry(5, 101));
        assert_eq!(cache.in_use().count(), 2);
    }

    #[test]
    fn a_full_cache_replaces_others_and_learns_ever_less() {
        let mut cache = AttrCache::EMPTY;
        let mut learnt = 0;
        for number in 1..=1000 {
            if cache.miss() {
                cache.insert(entry(number, 0));
                learnt += 1;
            }
        }
        assert_eq!(cache.in_use().count(), ENTRIES);
        assert!(cache.is_megamorphic());
        assert!(learnt < 64, "{learnt} fills");
    }

    #[test]
    fn zeroed_memory_is_an_empty_cache() {
        // SAFETY: the point of the test: zeros are valid for every field.
        let cache: AttrCache = unsafe { core::mem::zeroed() };
        assert_eq!(cache.in_use().count(), 0);
        assert!(!cache.is_megamorphic());
    }
}
