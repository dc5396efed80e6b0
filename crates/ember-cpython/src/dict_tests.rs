//! Lookups in tables built by hand the way CPython builds them.

use super::*;

/// A compact ASCII str with a given hash; `has_type_flag` needs a type that says "str".
#[repr(C)]
struct Str {
    head: PyASCIIObject,
    text: [u8; 8],
}

fn str_type() -> Box<TypeObject> {
    // SAFETY: all fields are integers, raw pointers or nullable.
    let mut t: Box<TypeObject> = Box::new(unsafe { core::mem::zeroed() });
    t.tp_flags = TPFLAGS_UNICODE_SUBCLASS;
    t
}

fn string(ty: &mut TypeObject, text: &str, hash: isize) -> Box<Str> {
    let ob_base = ObjectHead { ob_refcnt: 1, ob_overflow: 0, ob_flags: 0, ob_type: (&raw mut *ty).cast() };
    let state = (1 << UNICODE_KIND_SHIFT) | UNICODE_COMPACT | UNICODE_ASCII;
    let head = PyASCIIObject { ob_base, length: text.len() as isize, hash, state };
    let mut s = Box::new(Str { head, text: [0; 8] });
    let start = core::mem::size_of::<PyASCIIObject>();
    let bytes: *mut u8 = (&raw mut *s).cast();
    for (i, b) in text.bytes().enumerate() {
        // SAFETY: at most 8 characters follow the head.
        unsafe { *bytes.add(start + i) = b };
    }
    s
}

/// A table of 8 slots with room for 5 entries.
#[repr(C)]
struct Table {
    keys: PyDictKeysObject,
    indices: [i8; 8],
    entries: [[*mut PyObject; 2]; 5],
}

fn table(names: &[(*mut PyObject, isize)]) -> Box<Table> {
    let keys = PyDictKeysObject {
        dk_refcnt: 1,
        dk_log2_size: 3,
        dk_log2_index_bytes: 3,
        dk_kind: DICT_KEYS_UNICODE,
        dk_version: 0,
        dk_usable: 0,
        dk_nentries: names.len() as isize,
        dk_indices: [],
    };
    let mut t = Box::new(Table { keys, indices: [-1; 8], entries: [[core::ptr::null_mut(); 2]; 5] });
    for (ix, &(key, hash)) in names.iter().enumerate() {
        let (mut perturb, mut i) = (hash as usize, hash as usize & 7);
        while t.indices[i] != -1 {
            perturb >>= 5;
            i = 7 & i.wrapping_mul(5).wrapping_add(perturb).wrapping_add(1);
        }
        t.indices[i] = ix as i8;
        t.entries[ix][0] = key;
    }
    t
}

#[test]
fn names_are_found_by_identity_and_by_value_also_after_collisions() {
    let mut ty = str_type();
    let mut a = string(&mut ty, "a", 1);
    let mut b = string(&mut ty, "bb", 9); // collides with a
    let mut c = string(&mut ty, "ccc", 17); // with both
    let mut a2 = string(&mut ty, "a", 1); // equal to a, another object
    let mut d = string(&mut ty, "d", 1); // same hash as a, different text
    let p = |s: &mut Str| (&raw mut *s).cast::<PyObject>();
    let mut t = table(&[(p(&mut a), 1), (p(&mut b), 9), (p(&mut c), 17)]);
    let keys: *mut PyDictKeysObject = (&raw mut *t).cast();
    // SAFETY: table and names live; the names look like strs.
    unsafe {
        assert_eq!(lookup(keys, p(&mut a)), Lookup::Found(0));
        assert_eq!(lookup(keys, p(&mut b)), Lookup::Found(1));
        assert_eq!(lookup(keys, p(&mut c)), Lookup::Found(2));
        assert_eq!(lookup(keys, p(&mut a2)), Lookup::Found(0));
        assert_eq!(lookup(keys, p(&mut d)), Lookup::Absent);
        assert_eq!(key_at(keys, 1), p(&mut b));

        // A dummy does not end the search, unhashed names and other tables cannot be told.
        t.indices[1] = DKIX_DUMMY as i8;
        let keys: *mut PyDictKeysObject = (&raw mut *t).cast();
        assert_eq!(lookup(keys, p(&mut b)), Lookup::Found(1));
        a.head.hash = -1;
        assert_eq!(lookup(keys, p(&mut a)), Lookup::Unknown);
        t.keys.dk_kind = DICT_KEYS_GENERAL;
        assert_eq!(lookup(&raw mut t.keys, p(&mut b)), Lookup::Unknown);
    }
}

#[test]
fn first_assignments_are_noted_in_order() {
    // capacity 3: header, three values, three bytes of order
    let mut words = [0u64; 6];
    let values: *mut PyDictValues = words.as_mut_ptr().cast();
    // SAFETY: six words hold the header, three values and the order.
    unsafe {
        (*values).capacity = 3;
        add_to_insertion_order(values, 2);
        add_to_insertion_order(values, 0);
        assert_eq!((*values).size, 2);
    }
    assert_eq!(words[4].to_le_bytes()[..2], [2, 0]);
}
