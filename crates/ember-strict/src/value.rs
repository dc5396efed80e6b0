//! Values: what a variable of the analysed program can hold.
//!
//! The idea: a value is small and `Copy`. Numbers and singletons are in it, everything else is a [`Ref`] to an object in
//! a heap. A `Ref` says which module *owns* the object, because every module has a heap of its own; that makes the
//! central rule of strict modules (only the owner may change an object) a comparison of two numbers.

use std::fmt;
use std::hash::Hasher;
use std::ops::Deref;
use std::sync::Arc;

/// Number of a module instance: the group of modules it was executed with, and its place among those that the group executed. 0 is
/// the builtins. Numbers say nothing of when something ran or on which thread, so whatever goes by them is the same in every run.
pub type ModId = u32;

/// How many bits of a [`ModId`] are the place in the group.
const PLACE: u32 = 15;
/// The most modules that one group executes.
pub const PLACES: usize = 1 << PLACE;
/// The most groups in one world.
pub const GROUPS: usize = 1 << (32 - PLACE);

/// The number of the module at a place of a group.
pub fn module_at(group: u32, place: usize) -> ModId {
    group << PLACE | place as u32
}

/// The group of a module.
pub fn group_of(id: ModId) -> u32 {
    id >> PLACE
}

/// A module's place in its group.
pub fn place_of(id: ModId) -> usize {
    (id & ((1 << PLACE) - 1)) as usize
}

/// A reference to an object: whose heap, and where in it.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, PartialOrd, Ord)]
pub struct Ref {
    /// The module whose top level made the object.
    pub owner: ModId,
    /// Its place in that module's heap.
    pub index: u32,
}

/// A value of the analysed program.
#[derive(Clone, Copy, Debug)]
pub enum Value {
    /// An unbound variable; never seen by the program.
    Null,
    /// `None`.
    None,
    /// `True` or `False`.
    Bool(bool),
    /// An `int` that fits.
    Int(i64),
    /// A `float`.
    Float(f64),
    /// `...`.
    Ellipsis,
    /// `NotImplemented`.
    NotImplemented,
    /// Anything else.
    Obj(Ref),
}

impl Value {
    /// Python's `is`.
    pub fn same(self, other: Value) -> bool {
        match (self, other) {
            (Value::Null, Value::Null)
            | (Value::None, Value::None)
            | (Value::Ellipsis, Value::Ellipsis)
            | (Value::NotImplemented, Value::NotImplemented) => true,
            (Value::Bool(a), Value::Bool(b)) => a == b,
            (Value::Int(a), Value::Int(b)) => a == b,
            (Value::Float(a), Value::Float(b)) => a.to_bits() == b.to_bits(),
            (Value::Obj(a), Value::Obj(b)) => a == b,
            _ => false,
        }
    }

    /// Whether this is `None`.
    pub fn is_none(self) -> bool {
        matches!(self, Value::None)
    }

    /// Whether this is an unbound variable.
    pub fn is_null(self) -> bool {
        matches!(self, Value::Null)
    }

    /// The object, if it is one.
    pub fn obj(self) -> Option<Ref> {
        match self {
            Value::Obj(r) => Some(r),
            _ => None,
        }
    }
}

impl From<Ref> for Value {
    fn from(r: Ref) -> Value {
        Value::Obj(r)
    }
}

impl From<bool> for Value {
    fn from(b: bool) -> Value {
        Value::Bool(b)
    }
}

/// A string with its hash; cheap to clone, and comparing two clones compares pointers.
#[derive(Clone)]
pub struct Str(Arc<StrData>);

struct StrData {
    hash: u64,
    ascii: bool,
    text: Box<str>,
}

/// The hash of a string's text.
pub fn hash_text(text: &str) -> u64 {
    hash_bytes(text.as_bytes())
}

/// The hash of bytes.
pub fn hash_bytes(bytes: &[u8]) -> u64 {
    let mut hasher = rustc_hash::FxHasher::default();
    hasher.write(bytes);
    hasher.write_u8(0xff);
    hasher.finish()
}

impl Str {
    /// A new string.
    pub fn new(text: impl Into<Box<str>>) -> Str {
        let text = text.into();
        Str(Arc::new(StrData { hash: hash_text(&text), ascii: text.is_ascii(), text }))
    }

    /// Its hash.
    pub fn hash(&self) -> u64 {
        self.0.hash
    }

    /// Whether every character is one byte.
    pub fn is_ascii(&self) -> bool {
        self.0.ascii
    }

    /// The text.
    pub fn as_str(&self) -> &str {
        &self.0.text
    }

    /// Its length in characters.
    pub fn chars_len(&self) -> usize {
        if self.0.ascii { self.0.text.len() } else { self.0.text.chars().count() }
    }
}

impl Deref for Str {
    type Target = str;
    fn deref(&self) -> &str {
        &self.0.text
    }
}

impl PartialEq for Str {
    fn eq(&self, other: &Str) -> bool {
        Arc::ptr_eq(&self.0, &other.0) || (self.0.hash == other.0.hash && self.0.text == other.0.text)
    }
}

impl Eq for Str {}

impl fmt::Debug for Str {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&*self.0.text, f)
    }
}

impl fmt::Display for Str {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0.text)
    }
}

impl From<&str> for Str {
    fn from(text: &str) -> Str {
        Str::new(text)
    }
}

impl From<String> for Str {
    fn from(text: String) -> Str {
        Str::new(text)
    }
}
