//! Numbers for classes, by which caches and native code know that what they learnt of a class still holds.
//!
//! CPython's own mark for that, `tp_version_tag`, is lost at *any* change of a class or of one of its bases, and after a thousand changes a class gets no
//! new one. Frameworks count in class attributes (`Field.creation_counter += 1` at each field made), which in a server costs
//! every subclass its version, and then its caches, for ever. So Ember keeps books of its own, by name:
//!
//! * A class is given a *number*, and the cell of that number ([`cells`]) holds the address of the class for as long as everything learnt under the number is true. A guard
//!   compares the object's class with the cell.
//! * Whoever learns something by looking a name up says so ([`number_of`]): the name is noted for the dict of each class in the resolution order, and
//!   these dicts are watched, and those of the metaclass likewise, for lookups in the class itself. CPython announces each change right before making it.
//! * When a noted name changes in a dict, or any name with leading underscores (they are behind slots), the cells of all classes that look there are emptied:
//!   their numbers mean nothing from then on and are never given again. Other names change without anybody minding. What keeps changing is not
//!   relied on any more.
//! * A resolution order changes only by assignment to `__bases__`; a class's own class only by assignment to `__class__`. Both are announced by an audit event ([`bases_change`]),
//!   and empty the cells of that class and of what derives from it (`typing.NamedTuple` assigns to `__bases__` of each class it makes).
//! * A class that dies has had its dict cleared by the collector (a class is always part of a cycle), or has its dict destroyed: both are events of that dict.
//!
//! Static types need no watching. All of this happens with the GIL held, and nothing here runs Python code.

use core::cell::UnsafeCell;
use core::sync::atomic::{AtomicUsize, Ordering};
use ember_cpython::layout::{PyObject, TPFLAGS_HEAPTYPE, TypeObject};
use ember_cpython::object::str_is_interned;
use ember_cpython::types::mro;
use ember_cpython::watchers::{DictEvent, watch_dict};
use rustc_hash::{FxHashMap, FxHashSet};

type Class = *mut TypeObject;

/// How many numbers there are. Cells lie in memory that is not touched before it is used.
const NUMBERS: usize = 1 << 20;
/// After so many changes a name is not relied on any more.
const RESTLESS: u8 = 2;
/// After so many changes of names with leading underscores, nothing in a dict is relied on any more.
const RESTLESS_SLOTS: u8 = 32;

/// The cells. Number 0 is no class's.
static CELLS: [AtomicUsize; NUMBERS] = [const { AtomicUsize::new(0) }; NUMBERS];

/// What is relied on in the dict of a class.
#[derive(Default)]
struct Watched {
    /// Names looked up through this dict, with how often they changed. The table holds a reference to each, so that no other string gets its address.
    names: FxHashMap<usize, Name>,
    /// Numbers of the classes that look here; some may mean nothing any more.
    dependents: Vec<u32>,
    /// Changes of names with leading underscores.
    slots_changed: u8,
}

#[derive(Clone, Copy, Default)]
struct Name {
    changes: u8,
    /// Whether somebody relies on it at present.
    noted: bool,
}

#[derive(Default)]
struct Books {
    by_class: FxHashMap<usize, u32>,
    dicts: FxHashMap<usize, Watched>,
    /// Classes whose `__bases__` were assigned to: neither they nor what derives from them gets numbers.
    rebased: FxHashSet<usize>,
    last: u32,
}

/// The books, which are only touched with the GIL held.
#[repr(transparent)]
struct Shelf(UnsafeCell<Option<Books>>);

// SAFETY: the GIL serialises all access, and no function here calls anything that could come back while it holds a reference (watching a dict and counting references run no code).
unsafe impl Sync for Shelf {}

static BOOKS: Shelf = Shelf(UnsafeCell::new(None));

#[allow(clippy::mut_from_ref, reason = "exclusive by the contract")]
unsafe fn books() -> &'static mut Books {
    // SAFETY: the callers hold the GIL, and drop the reference before they return.
    unsafe { (*BOOKS.0.get()).get_or_insert_default() }
}

/// The address of the first cell; that of number `n` is `8 * n` bytes further.
#[must_use]
pub fn cells() -> u64 {
    CELLS.as_ptr() as u64
}

/// The class that a number stands for; NULL when it means nothing any more.
#[inline(always)]
#[must_use]
pub fn class_of_number(number: u32) -> *mut TypeObject {
    CELLS.get(number as usize).map_or(core::ptr::null_mut(), |cell| cell.load(Ordering::Relaxed) as *mut TypeObject)
}

/// Whether `class` still is what it was when it was given this number.
#[inline(always)]
#[must_use]
pub fn stands(class: *mut TypeObject, number: u32) -> bool {
    class_of_number(number) == class
}

/// The number of a class, under which the caller may rely on what looking `name` up in it gives (or only on its slots, without a name). `None`
/// when that is not to be relied on.
///
/// # Safety
/// The GIL is held, `class` is alive and ready, `name` is a live exact string or NULL.
#[must_use]
pub unsafe fn number_of(class: *mut TypeObject, name: *mut PyObject) -> Option<u32> {
    // SAFETY: by the contract; dicts of live classes are alive.
    unsafe {
        if !name.is_null() && !str_is_interned(name) {
            return None;
        }
        let books = books();
        if !name.is_null() && !may_note(books, class, name) {
            return None;
        }
        let number = match books.by_class.get(&(class as usize)) {
            Some(&number) => number,
            None => give(books, class)?,
        };
        if !name.is_null() {
            note(books, class, name);
        }
        Some(number)
    }
}

/// The dicts in which lookups in a class and in its instances look, of classes that may change or die; static types do neither.
unsafe fn changeable_dicts(class: Class) -> impl Iterator<Item = *mut PyObject> {
    // SAFETY: a live class, whose resolution order and metaclass stay while the iterator is used: nothing runs meanwhile.
    unsafe {
        let metaclass = crate::object::class_of(class.cast());
        let of_metaclass = if (*metaclass).tp_flags & TPFLAGS_HEAPTYPE != 0 { mro(metaclass.cast()) } else { &[] };
        mro(class.cast())
            .iter()
            .chain(of_metaclass)
            .map(|&base| base.cast::<TypeObject>())
            .filter(|&base| (*base).tp_flags & TPFLAGS_HEAPTYPE != 0)
            .map(|base| (*base).tp_dict)
    }
}

unsafe fn may_note(books: &Books, class: Class, name: *mut PyObject) -> bool {
    // SAFETY: as in `number_of`.
    unsafe {
        changeable_dicts(class).all(|dict| {
            let known = books.dicts.get(&(dict as usize)).and_then(|dict| dict.names.get(&(name as usize)));
            known.is_none_or(|name| name.changes < RESTLESS)
        })
    }
}

unsafe fn note(books: &mut Books, class: Class, name: *mut PyObject) {
    // SAFETY: as in `number_of`.
    unsafe {
        for dict in changeable_dicts(class) {
            let Some(dict) = books.dicts.get_mut(&(dict as usize)) else { continue };
            let entry = dict.names.entry(name as usize).or_insert_with(|| {
                ember_cpython::refcount::incref(name);
                Name::default()
            });
            // Written once only: its page may be shared with other processes.
            if !entry.noted {
                entry.noted = true;
            }
        }
    }
}

unsafe fn give(books: &mut Books, class: Class) -> Option<u32> {
    // SAFETY: as in `number_of`.
    unsafe {
        let order = mro(class.cast());
        if order.is_empty() || order.iter().any(|&base| books.rebased.contains(&(base as usize))) {
            return None;
        }
        let number = books.last + 1;
        if number as usize >= NUMBERS {
            return None;
        }
        for dict in changeable_dicts(class) {
            if dict.is_null() || !(ember_cpython::watchers::is_dict_watched(dict) || watch_dict(dict)) {
                return None;
            }
            let watched = books.dicts.entry(dict as usize).or_default();
            if watched.slots_changed >= RESTLESS_SLOTS {
                return None;
            }
            if watched.dependents.len() == watched.dependents.capacity() {
                watched.dependents.retain(|&number| !class_of_number(number).is_null());
            }
            watched.dependents.push(number);
        }
        books.last = number;
        books.by_class.insert(class as usize, number);
        CELLS.get(number as usize)?.store(class as usize, Ordering::Relaxed);
        Some(number)
    }
}

/// Empties the cells of all classes that look into this dict.
fn revoke(books: &mut Books, dict: usize) {
    let Some(watched) = books.dicts.get_mut(&dict) else { return };
    for name in watched.names.values_mut() {
        name.noted = false;
    }
    for number in core::mem::take(&mut watched.dependents) {
        if let Some(cell) = CELLS.get(number as usize) {
            let class = cell.swap(0, Ordering::Relaxed);
            books.by_class.remove(&class);
        }
    }
}

unsafe fn leads_with_underscores(name: *mut PyObject) -> bool {
    // SAFETY: an exact string; reading characters runs no code.
    unsafe {
        let length = pyo3_ffi::PyUnicode_GetLength(name);
        length > 2 && (0..2).all(|index| pyo3_ffi::PyUnicode_ReadChar(name, index) == u32::from(b'_'))
    }
}

/// A watched dict is about to change.
///
/// # Safety
/// The GIL is held; the arguments are those of CPython's watcher.
pub unsafe fn on_dict_event(event: DictEvent, dict: *mut PyObject, key: *mut PyObject) {
    // SAFETY: by the contract.
    unsafe {
        let books = books();
        let Some(watched) = books.dicts.get_mut(&(dict as usize)) else { return };
        if !matches!(event, DictEvent::Added | DictEvent::Modified | DictEvent::Deleted) {
            revoke(books, dict as usize);
            // Another dict may come to be at this address. The references to its names are not given back: that could run code.
            books.dicts.remove(&(dict as usize));
            return;
        }
        let plain = pyo3_ffi::PyUnicode_CheckExact(key) != 0 && str_is_interned(key);
        if !plain || leads_with_underscores(key) {
            watched.slots_changed = watched.slots_changed.saturating_add(1);
        } else {
            match watched.names.get_mut(&(key as usize)) {
                Some(name) if name.noted => name.changes = name.changes.saturating_add(1),
                _ => return,
            }
        }
        revoke(books, dict as usize);
    }
}

/// Somebody is about to assign to `__bases__` or `__class__` of a class.
///
/// # Safety
/// The GIL is held.
pub unsafe fn bases_change(class: *mut PyObject) {
    // SAFETY: by the contract; classes with a number are alive.
    unsafe {
        let books = books();
        books.rebased.insert(class as usize);
        let looks_there = |other: Class| {
            let metaclass = crate::object::class_of(other.cast());
            mro(other.cast()).contains(&class.cast()) || mro(metaclass.cast()).contains(&class.cast())
        };
        books.by_class.retain(|&other, number| {
            let lost = looks_there(other as Class);
            if lost && let Some(cell) = CELLS.get(*number as usize) {
                cell.store(0, Ordering::Relaxed);
            }
            !lost
        });
    }
}

/// No number means anything any more: what was learnt of classes is to be learnt again.
///
/// # Safety
/// The GIL is held.
pub unsafe fn forget_all() {
    // SAFETY: by the contract.
    let books = unsafe { books() };
    for (_, number) in books.by_class.drain() {
        if let Some(cell) = CELLS.get(number as usize) {
            cell.store(0, Ordering::Relaxed);
        }
    }
    for watched in books.dicts.values_mut() {
        watched.dependents.clear();
        for name in watched.names.values_mut() {
            name.noted = false;
        }
    }
}

/// Whether an audit event announces such a change; then of what.
///
/// # Safety
/// The GIL is held; `args` are the arguments of an `object.__setattr__` event.
#[must_use]
pub unsafe fn announced(args: *mut PyObject) -> Option<*mut PyObject> {
    // SAFETY: by the contract: a tuple of object, name and value.
    unsafe {
        if args.is_null() || pyo3_ffi::PyTuple_Check(args) == 0 || pyo3_ffi::PyTuple_Size(args) < 2 {
            return None;
        }
        let object = pyo3_ffi::PyTuple_GetItem(args, 0);
        let name = pyo3_ffi::PyTuple_GetItem(args, 1);
        if object.is_null() || name.is_null() || pyo3_ffi::PyType_Check(object) == 0 {
            return None;
        }
        let named = |text: &core::ffi::CStr| {
            pyo3_ffi::PyUnicode_CheckExact(name) != 0
                && pyo3_ffi::PyUnicode_CompareWithASCIIString(name, text.as_ptr()) == 0
        };
        (named(c"__bases__") || named(c"__class__")).then_some(object)
    }
}

/// Has a number stand for some class.
#[cfg(test)]
pub(crate) fn pretend(number: u32) {
    CELLS[number as usize].store(16 * number as usize, Ordering::Relaxed);
}
