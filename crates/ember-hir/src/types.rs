//! The type lattice.
//!
//! A [`Type`] is a set of leaf types (a bit each) plus, where it is known, a specialisation (a class number). Builtin classes have two leaves:
//! the exact class and its user-defined subclasses. `Null` is a leaf too: it is the absence of an object (an unbound local, the empty
//! `self` slot of a call), so that "may be unbound" is an ordinary question to the lattice.
//!
//! One extra bit, [`Type::MORTAL`], says that a value may be a mortal object; where it is absent no reference has to be counted. Since it is a
//! bit like the others, union and intersection need no case for it.

use std::fmt;

/// What is known beyond the leaf set.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Default)]
pub enum Spec {
    /// Nothing more.
    #[default]
    Any,
    /// The object is of the class with this number, in the state it had when the number was given.
    Class(u32),
}

/// A set of leaf types, with an optional specialisation.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct Type {
    /// Leaf bits.
    pub bits: u64,
    /// What is known beyond them.
    pub spec: Spec,
}

macro_rules! leaves {
    ($($(#[$doc:meta])* $name:ident = $bit:literal, $text:literal, $mortal:literal;)*) => {
        #[allow(non_upper_case_globals, reason = "lattice constants read as type names")]
        impl Type {
            $($(#[$doc])* pub const $name: Type = Type::leaf($bit, $mortal);)*
        }
        /// Leaf types by bit, in the order of the text format.
        pub const LEAVES: &[(&str, Type)] = &[$(($text, Type::$name)),*];
    };
}

leaves! {
    /// No object.
    Null = 0, "Null", false;
    /// `None`.
    NoneType = 1, "None", false;
    /// `True` or `False`.
    Bool = 2, "Bool", false;
    /// Exactly `int`.
    Long = 3, "Long", true;
    /// A subclass of `int` other than `bool`.
    LongSub = 4, "LongSub", true;
    /// Exactly `float`.
    Float = 5, "Float", true;
    /// A subclass of `float`.
    FloatSub = 6, "FloatSub", true;
    /// Exactly `str`.
    Unicode = 7, "Unicode", true;
    /// A subclass of `str`.
    UnicodeSub = 8, "UnicodeSub", true;
    /// Exactly `bytes`.
    Bytes = 9, "Bytes", true;
    /// Exactly `list`.
    List = 10, "List", true;
    /// A subclass of `list`.
    ListSub = 11, "ListSub", true;
    /// Exactly `tuple`.
    Tuple = 12, "Tuple", true;
    /// A subclass of `tuple`.
    TupleSub = 13, "TupleSub", true;
    /// Exactly `dict`.
    Dict = 14, "Dict", true;
    /// A subclass of `dict`.
    DictSub = 15, "DictSub", true;
    /// Exactly `set`.
    Set = 16, "Set", true;
    /// Exactly `frozenset`.
    FrozenSet = 17, "FrozenSet", true;
    /// Exactly a Python function.
    Function = 18, "Function", true;
    /// Exactly a bound method.
    Method = 19, "Method", true;
    /// An instance of `type` or of a metaclass.
    Class = 20, "Class", true;
    /// Exactly a module.
    Module = 21, "Module", true;
    /// Exactly `slice`.
    Slice = 22, "Slice", true;
    /// Exactly a `range` iterator over machine integers.
    RangeIter = 23, "RangeIter", true;
    /// Exactly a list iterator.
    ListIter = 24, "ListIter", true;
    /// Exactly a tuple iterator.
    TupleIter = 25, "TupleIter", true;
    /// Exactly a closure cell.
    Cell = 26, "Cell", true;
    /// Exactly a builtin function or a bound builtin method.
    CFunction = 27, "CFunction", true;
    /// Exactly a method descriptor of a C class.
    MethodDescr = 28, "MethodDescr", true;
    /// Any other object.
    Other = 29, "Other", true;
    /// The sentinel with which an exhausted iterator answers.
    IterDone = 30, "IterDone", false;
    /// A signed machine integer of 64 bits.
    CInt = 32, "CInt", false;
    /// A machine double.
    CDouble = 33, "CDouble", false;
    /// A machine truth value, 0 or 1.
    CBool = 34, "CBool", false;
    /// An address that is not an object.
    CPtr = 35, "CPtr", false;
    /// The offset of a raising instruction, kept on the stack by handlers as a tagged integer.
    CLasti = 36, "CLasti", false;
}

#[allow(non_upper_case_globals, reason = "lattice constants read as type names")]
impl Type {
    /// The bit that says "may be a mortal object".
    pub const MORTAL: u64 = 1 << 63;
    /// No value.
    pub const Bottom: Type = Type { bits: 0, spec: Spec::Any };
    /// Any object, not NULL.
    pub const Object: Type = Type { bits: 0x7FFF_FFFE & !(1 << 30) | Type::MORTAL, spec: Spec::Any };
    /// Any object, or NULL.
    pub const OptObject: Type = Type { bits: Type::Object.bits | 1, spec: Spec::Any };

    /// Objects that own nothing whose release could run Python code.
    pub const QUIET: Type = Type {
        bits: Type::Long.bits
            | Type::Float.bits
            | Type::Unicode.bits
            | Type::Bytes.bits
            | Type::NoneType.bits
            | Type::Bool.bits,
        spec: Spec::Any,
    };

    const fn leaf(bit: u32, mortal: bool) -> Type {
        Type { bits: (1 << bit) | if mortal { Type::MORTAL } else { 0 }, spec: Spec::Any }
    }

    const LEAF_MASK: u64 = !Type::MORTAL;
    const PRIMITIVE_MASK: u64 = 0x1F << 32;

    /// The union of two sets without specialisation, for tables.
    #[must_use]
    pub const fn or(self, other: Type) -> Type {
        Type { bits: self.bits | other.bits, spec: Spec::Any }
    }

    /// Least upper bound.
    #[must_use]
    pub fn union(self, other: Type) -> Type {
        if self.bits & Self::LEAF_MASK == 0 {
            return other;
        }
        if other.bits & Self::LEAF_MASK == 0 {
            return self;
        }
        let spec = if self.spec == other.spec { self.spec } else { Spec::Any };
        Type { bits: self.bits | other.bits, spec }
    }

    /// Greatest lower bound, keeping the more specific specialisation.
    #[must_use]
    pub fn intersect(self, other: Type) -> Type {
        let bits = self.bits & other.bits;
        if bits & Self::LEAF_MASK == 0 {
            return Type::Bottom;
        }
        let spec = if self.spec == Spec::Any { other.spec } else { self.spec };
        Type { bits, spec }
    }

    /// `self` without the leaves of `other`.
    #[must_use]
    pub fn subtract(self, other: Type) -> Type {
        let leaves = self.bits & Self::LEAF_MASK & !(other.bits & Self::LEAF_MASK);
        let immortal_only =
            leaves & !(Self::Null.bits | Self::NoneType.bits | Self::Bool.bits | Self::IterDone.bits) == 0;
        Type { bits: leaves | if immortal_only { 0 } else { self.bits & Self::MORTAL }, spec: self.spec }
    }

    /// Whether every value of `self` is one of `other`.
    #[must_use]
    pub fn is(self, other: Type) -> bool {
        self == Type::Bottom || self.bits & !other.bits == 0 && (other.spec == Spec::Any || other.spec == self.spec)
    }

    /// Whether some value may be of both.
    #[must_use]
    pub fn could_be(self, other: Type) -> bool {
        self.bits & other.bits & Self::LEAF_MASK != 0
    }

    /// Whether the value may be NULL.
    #[must_use]
    pub fn may_be_null(self) -> bool {
        self.could_be(Type::Null)
    }

    /// Whether the value is certainly NULL.
    #[must_use]
    pub fn is_null(self) -> bool {
        self.bits & Self::LEAF_MASK == Type::Null.bits
    }

    /// Whether the value is a machine value and not a reference.
    #[must_use]
    pub fn is_primitive(self) -> bool {
        self.bits & Self::PRIMITIVE_MASK != 0
    }

    /// Whether references to the value must be counted.
    #[must_use]
    pub fn is_counted(self) -> bool {
        !self.is_primitive() && self.bits & Self::MORTAL != 0
    }

    /// Whether dropping the last reference cannot run Python code: the classes whose instances own nothing that could.
    #[must_use]
    pub fn drops_quietly(self) -> bool {
        let quiet =
            Type::QUIET.bits | Type::RangeIter.bits | Type::Null.bits | Type::IterDone.bits | Type::PRIMITIVE_MASK;
        self.bits & !quiet == 0
    }

    /// The same, known not to need counting.
    #[must_use]
    pub fn immortal(self) -> Type {
        Type { bits: self.bits & !Self::MORTAL, spec: self.spec }
    }

    /// The same with a class number known.
    #[must_use]
    pub fn with_class(self, number: u32) -> Type {
        Type { bits: self.bits, spec: Spec::Class(number) }
    }

    /// The class number, if known.
    #[must_use]
    pub fn class_number(self) -> Option<u32> {
        match self.spec {
            Spec::Class(number) => Some(number),
            Spec::Any => None,
        }
    }

    /// Parses what [`fmt::Display`] prints.
    #[must_use]
    pub fn parse(text: &str) -> Option<Type> {
        let (text, spec) = match text.split_once('@') {
            Some((head, number)) => (head, Spec::Class(number.parse().ok()?)),
            None => (text, Spec::Any),
        };
        let (text, immortal) = match text.strip_suffix('!') {
            Some(head) => (head, true),
            None => (text, false),
        };
        let mut ty = Type::Bottom;
        for part in text.split('|') {
            let leaf = match part {
                "Object" => Type::Object,
                "OptObject" => Type::OptObject,
                "Bottom" => Type::Bottom,
                name => LEAVES.iter().find(|(leaf, _)| *leaf == name)?.1,
            };
            ty = ty.union(leaf);
        }
        ty.spec = spec;
        Some(if immortal { ty.immortal() } else { ty })
    }
}

impl fmt::Display for Type {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let leaves = self.bits & Self::LEAF_MASK;
        let mut derived = 0;
        if leaves == Self::Object.bits & Self::LEAF_MASK {
            derived |= Self::MORTAL;
            f.write_str("Object")?;
        } else if leaves == Self::OptObject.bits & Self::LEAF_MASK {
            derived |= Self::MORTAL;
            f.write_str("OptObject")?;
        } else if leaves == 0 {
            f.write_str("Bottom")?;
        } else {
            let mut first = true;
            for (name, leaf) in LEAVES {
                if leaves & leaf.bits & Self::LEAF_MASK != 0 {
                    derived |= leaf.bits & Self::MORTAL;
                    write!(f, "{}{name}", if first { "" } else { "|" })?;
                    first = false;
                }
            }
        }
        if derived & Self::MORTAL != 0 && self.bits & Self::MORTAL == 0 {
            f.write_str("!")?;
        }
        if let Spec::Class(number) = self.spec {
            write!(f, "@{number}")?;
        }
        Ok(())
    }
}

impl fmt::Debug for Type {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{self}")
    }
}
