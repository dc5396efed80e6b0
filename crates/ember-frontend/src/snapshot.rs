//! What the compiler knows of a code object: a plain copy, taken with the GIL held, of everything the compiler may look at.
//!
//! The compiler itself never touches CPython. Whoever takes a snapshot (the JIT) upholds two things: every address in it belongs to an object which lives
//! as long as code compiled from the snapshot, and every fact in it either cannot change (the layout of a class, the items of a tuple) or
//! is watched, or is guarded by the compiler (it then says so below).
//!
//! # Who decodes what
//!
//! The compiler reads opcodes and plain numbers of inline caches from [`CodeSnapshot::adaptive`] itself. What needs an object or a layout is resolved into
//! [`Feedback`], keyed by the code unit of the instruction proper (after its `EXTENDED_ARG`s):
//!
//! | instruction (quickened or base) | feedback |
//! |---|---|
//! | `LOAD_ATTR*`, `STORE_ATTR*` | [`Feedback::Attr`]: one shape from the inline cache, or up to four from Ember's own caches |
//! | `LOAD_GLOBAL*`, and `LOAD_NAME` where `f_locals` are the globals | [`Feedback::Global`] |
//! | `CALL*`, `CALL_KW*` with a function version, or with a profile of Ember's own | [`Feedback::Callees`] |
//! | `LOAD_SUPER_ATTR*` | none yet |
//! | `BINARY_OP_EXTEND` with an arithmetic operator | [`Feedback::MixedArithmetic`] |
//!
//! Without feedback the compiler takes the generic way, which is always right.

use ember_hir::{ConstData, Type};
use rustc_hash::{FxHashMap, FxHashSet};

/// What is known of an object that code may name by its address.
#[derive(Clone, Debug, PartialEq)]
pub struct ConstInfo {
    /// The object's address.
    pub address: u64,
    /// Its type in the lattice; [`Type::immortal`] when it is an immortal object.
    pub ty: Type,
    /// Its value if it is an exact `int` (or `bool`) that fits.
    pub int: Option<i64>,
    /// Its value if it is an exact `float`.
    pub double: Option<f64>,
    /// A short text for dumps, without addresses; the string itself for an exact `str`.
    pub text: String,
}

impl ConstInfo {
    /// The same as the HIR keeps it.
    #[must_use]
    pub fn to_data(&self) -> ConstData {
        ConstData {
            address: self.address,
            ty: self.ty,
            int: self.int,
            double: self.double.map(f64::to_bits),
            text: self.text.clone(),
        }
    }
}

/// A builtin whose meaning the compiler knows.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum KnownBuiltin {
    /// `sum`, `sorted` and others, called with one argument: they iterate over it and do nothing else with it.
    Exhausts,
    /// The class `list`
    List,
    /// The class `set`
    Set,
    /// `len`
    Len,
    /// `isinstance`
    IsInstance,
    /// `abs`
    Abs,
    /// `min`
    Min,
    /// `max`
    Max,
    /// `list.append`
    ListAppend,
    /// The class `type`, called with one argument.
    Type,
    /// The class `str`
    Str,
    /// The class `tuple`
    Tuple,
    /// The class `range`
    Range,
}

/// A function implemented in C: a builtin, a bound builtin method, or the method descriptor of a C class.
#[derive(Clone, Debug, PartialEq)]
pub struct CFunctionInfo {
    /// Address of the C function (`ml_meth`).
    pub function: u64,
    /// `ml_flags` (`METH_*`).
    pub flags: u32,
    /// For a builtin: what it gets as `self` (`m_self`: usually its module), `None` for NULL. For a method descriptor: `None`.
    pub self_object: Option<ConstInfo>,
    /// For a method descriptor: its class (`d_type`), of which `self` must be an instance.
    pub class: Option<ConstInfo>,
    /// The lattice type of that class's own instances, if there is one.
    pub receiver: Option<Type>,
    /// Its meaning, if the compiler knows it.
    pub known: Option<KnownBuiltin>,
}

/// A Python function that may be called directly.
#[derive(Clone, Debug)]
pub struct CalleeInfo {
    /// The function object.
    pub func: ConstInfo,
    /// `func_version` when the snapshot was taken.
    pub func_version: u32,
    /// Address of the cell that holds the address of its body. The cell's stub also honours a later change of `__code__`, `__defaults__` and
    /// `__kwdefaults__`: whoever owns the cell watches the function and takes care that code compiled on these assumptions is retired.
    pub cell: u64,
    /// `co_flags`
    pub flags: u32,
    /// Number of parameter locals: positional, keyword-only, `*args`, `**kwargs`.
    pub nparams: u32,
    /// `co_argcount` (positional-only ones included)
    pub argcount: u32,
    /// `co_posonlyargcount`
    pub posonlyargcount: u32,
    /// `co_kwonlyargcount`
    pub kwonlyargcount: u32,
    /// Names of the parameter locals (interned strings), in order.
    pub param_names: Vec<ConstInfo>,
    /// `__defaults__`, for the last of the positional parameters.
    pub defaults: Vec<ConstInfo>,
    /// The tuple of these.
    pub defaults_tuple: Option<ConstInfo>,
    /// `__kwdefaults__` by keyword-only parameter; `None` where there is no default.
    pub kwdefaults: Vec<Option<ConstInfo>>,
}

/// A class that may be instantiated directly.
#[derive(Clone, Debug)]
pub struct ClassInfo {
    /// The class.
    pub class: ConstInfo,
    /// Its number (see [`AttrShape::number`]).
    pub number: u32,
    /// Whether `alloc_instance` serves it: `__new__` is `object.__new__`, metaclass `type`, plain `tp_alloc`, not abstract.
    pub plain_new: bool,
    /// Its `__init__`, when that is a Python function.
    pub init: Option<Box<CalleeInfo>>,
    /// Whether there is no `__init__` other than `object.__init__`.
    pub no_init: bool,
}

/// What an object does when it is called.
#[derive(Clone, Debug, Default)]
pub enum Callable {
    /// Nothing is known.
    #[default]
    Unknown,
    /// A Python function.
    Function(Box<CalleeInfo>),
    /// A builtin, a bound builtin method (with `self_object`) or a method descriptor (with `class`).
    C(Box<CFunctionInfo>),
    /// A class.
    Class(Box<ClassInfo>),
    /// A class (or other callable) whose meaning the compiler knows.
    Builtin(KnownBuiltin),
}

/// An object together with what it does when called.
#[derive(Clone, Debug)]
pub struct KnownObject {
    /// The object.
    pub object: ConstInfo,
    /// What it does when called.
    pub callable: Callable,
}

/// How an attribute is found on instances of one class.
#[derive(Clone, Debug)]
pub enum AttrKind {
    /// In the inline values: `offset` bytes from the object; the values' header (`PyDictValues`) is `values_offset` bytes from it.
    InlineValue {
        /// `tp_basicsize`
        values_offset: i32,
        /// Byte offset of the value.
        offset: i32,
    },
    /// In a `__slots__` slot or another `PyMemberDef` of object kind, `offset` bytes from the object.
    Slot {
        /// Byte offset of the value.
        offset: i32,
    },
    /// In the managed dict, at entry `hint` of a table with string keys.
    DictHint {
        /// Index of the entry.
        hint: u32,
    },
    /// In the dict of a module (`number` is not used; `keys_version` is compared with the keys' `dk_version`), at entry `index`.
    Module {
        /// Version of the module dict's keys.
        keys_version: u32,
        /// Index of the entry.
        index: u32,
    },
    /// On the class (a plain value, or the receiver is the class itself): the value is constant as long as the number stands. For a receiver that is a
    /// class, `number` of the shape is the receiver's own.
    Constant {
        /// The value.
        value: Box<KnownObject>,
        /// Whether the receiver is the class (`LOAD_ATTR_CLASS*`).
        on_class: bool,
        /// What else must hold.
        absent: Absent,
    },
    /// A method on the class: a function or method descriptor, to be called with the receiver.
    Method {
        /// The function or descriptor.
        descr: Box<KnownObject>,
        /// What else must hold.
        absent: Absent,
    },
    /// A class method: the function, to be called with the class, which is the receiver itself or else its class.
    ClassMethod {
        /// The function.
        callable: Box<KnownObject>,
        /// The class of the receiver; `None` if the receiver is the class.
        class: Option<ConstInfo>,
        /// What else must hold.
        absent: Absent,
    },
    /// A property with a getter written in Python.
    Property {
        /// The getter.
        getter: Box<CalleeInfo>,
    },
}

/// How a value found on the class is known not to be hidden by one on the instance.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Absent {
    /// The number suffices: instances have no dict, or the value is a data descriptor, or the receiver is a class.
    Nothing,
    /// Inline values are valid and the class's shared keys (`ht_cached_keys`) have this version.
    Keys {
        /// `dk_version`
        keys_version: u32,
        /// `tp_basicsize`: where the values' header is.
        values_offset: i32,
    },
    /// Inline values are valid and the class's shared keys, which only grow and lack the name, are still as many.
    SharedKeys {
        /// `dk_nentries`
        count: u32,
        /// `tp_basicsize`: where the values' header is.
        values_offset: i32,
    },
    /// The dict pointer at this offset from the object is NULL.
    NullDict {
        /// Offset from the object.
        offset: i32,
    },
}

/// One shape seen at an attribute site.
#[derive(Clone, Debug)]
pub struct AttrShape {
    /// Number of the receiver's class (see [`AttrKind::Constant`] and [`AttrKind::Module`] for the exceptions): it stands for the class in its present
    /// state, as far as that matters to what was looked up. The class is in the cell of its number ([`WellKnown::class_cells`]) as long as that holds.
    pub number: u32,
    /// What the class has under the name and the number of *its* class, where that may change: if it became a data descriptor, or a descriptor at all,
    /// it would matter.
    pub checked: Option<(ConstInfo, u32)>,
    /// Where the attribute is.
    pub kind: AttrKind,
}

/// What a call site has called.
#[derive(Clone, Debug)]
pub struct Callees {
    /// The callees.
    pub known: Vec<Callee>,
    /// Whether nothing else was ever called there.
    pub all: bool,
}

/// A callee of a call site.
#[derive(Clone, Debug)]
pub struct Callee {
    /// What is called; for a bound method its function.
    pub known: KnownObject,
    /// Whether it is called by way of a bound method.
    pub bound: bool,
}

/// What the profile of one instruction says, resolved to objects and layouts.
#[derive(Clone, Debug)]
pub enum Feedback {
    /// An object, for whatever the instruction makes of it.
    Object(ConstInfo),
    /// The shapes seen at an attribute site, most frequent first; at most four.
    Attr(Vec<AttrShape>),
    /// A global or builtin, read through a watched cell.
    Global {
        /// Address of the cell: holds a borrowed reference to the value, or NULL when the name must be looked up.
        cell: u64,
        /// The value when the snapshot was taken. The compiler guards by identity before it relies on it.
        value: Option<Box<KnownObject>>,
    },
    /// The number of the class at a `TO_BOOL` whose instances are all true.
    AlwaysTrue(u32),
    /// What a call site has called, most often called first. The compiler tests for identity before it relies on it.
    Callees(Callees),
    /// `BINARY_OP_EXTEND` on a float and an int.
    MixedArithmetic {
        /// Whether the left operand is the float.
        float_left: bool,
    },
    /// Exact classes seen, in the order of operands, where Ember learnt them itself.
    SeenTypes(Vec<Type>),
}

/// A code object (and, for specialising, the function it belongs to).
#[derive(Clone, Debug, Default)]
pub struct CodeSnapshot {
    /// `co_name`
    pub name: String,
    /// `co_qualname`
    pub qualname: String,
    /// `co_filename`
    pub filename: String,
    /// `co_firstlineno`
    pub firstlineno: u32,
    /// `co_flags`
    pub flags: u32,
    /// `co_argcount`
    pub argcount: u32,
    /// `co_posonlyargcount`
    pub posonlyargcount: u32,
    /// `co_kwonlyargcount`
    pub kwonlyargcount: u32,
    /// `co_nlocals`
    pub nlocals: u32,
    /// `co_nlocalsplus`
    pub nlocalsplus: u32,
    /// `co_ncellvars`
    pub ncellvars: u32,
    /// `co_nfreevars`
    pub nfreevars: u32,
    /// `co_stacksize`
    pub stacksize: u32,
    /// The code units with base opcodes, as `PyCode_GetCode` gives them: opcode in the low byte, argument in the high one; caches zero.
    pub units: Vec<u16>,
    /// The quickened units, raw, of the same length.
    pub adaptive: Vec<u16>,
    /// `co_consts`
    pub consts: Vec<ConstInfo>,
    /// `co_names`
    pub names: Vec<ConstInfo>,
    /// `co_localsplusnames`
    pub localsplus_names: Vec<String>,
    /// `co_localspluskinds`
    pub localsplus_kinds: Vec<u8>,
    /// `co_exceptiontable`
    pub exception_table: Vec<u8>,
    /// The code object.
    pub code: Option<ConstInfo>,
    /// The function the code is compiled for, if it is compiled for one: calls of it become direct calls of itself.
    pub function: Option<ConstInfo>,
    /// The items of tuples of strings among the constants (the names of keyword arguments), by the tuple's address.
    pub tuple_items: FxHashMap<u64, Vec<ConstInfo>>,
    /// Builtin objects the compiler names by itself.
    pub well_known: WellKnown,
    /// Addresses of Ember's polymorphic caches for attribute sites, by unit; a site without one passes 0.
    pub attr_caches: FxHashMap<u32, u64>,
    /// Resolved profile, by unit.
    pub feedback: FxHashMap<u32, Feedback>,
    /// For a loop to be replaced: the classes of the frame's locals, where they are worth knowing.
    pub local_types: Vec<Option<Type>>,
    /// Locals that were seen to hold arrays, by slot.
    pub arrays: FxHashMap<u32, ArrayInfo>,
    /// For the body of a module or a class: what is known of its names.
    pub namespace: Option<Namespace>,
    /// Units which must be compiled generically, because their guards failed too often.
    pub generic_sites: FxHashSet<u32>,
    /// Whether attribute sites must not leave: code that was left at one site after the other takes the general way there instead.
    pub cautious: bool,
    /// Attribute sites, by unit, that must not leave.
    pub wary: FxHashSet<u32>,
}

/// An array of the module `array`, as one was seen.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ArrayInfo {
    /// The address of its class.
    pub class: u64,
    /// The address of its descriptor: the kind of its items.
    pub descr: u64,
    /// Whether the items are doubles; else they are signed integers of 32 bits.
    pub doubles: bool,
}

/// The `f_locals` of a frame that runs the body of a module or a class: a dict. What is said of its contents is checked before each entry.
#[derive(Clone, Debug, Default)]
pub struct Namespace {
    /// Whether it is the globals.
    pub is_globals: bool,
    /// The classes of what it holds, by index in `co_names`; `None` for names it does not hold.
    pub held: Vec<Option<Type>>,
    /// Whether names may be kept in registers while the loop runs. That is right only if nothing in the loop can run code that could look at the dict.
    pub in_registers: bool,
}

/// Objects that instructions name implicitly (`LOAD_COMMON_CONSTANT`, `LOAD_SMALL_INT`, `None`, `True`, `False`).
#[derive(Clone, Debug, Default)]
pub struct WellKnown {
    /// Address of the first of the cells for class numbers, 8 bytes each.
    pub class_cells: u64,
    /// `None`
    pub none: u64,
    /// `True`
    pub r#true: u64,
    /// `False`
    pub r#false: u64,
    /// The small ints -5 … 1024 as far as this interpreter has them (`_PY_NSMALLNEGINTS` first).
    pub small_ints: SmallInts,
    /// `interp->common_consts` in order: `AssertionError`, `NotImplementedError`, `tuple`, `all`, `any`.
    pub common_constants: Vec<ConstInfo>,
}

/// The interpreter's table of small ints: object `i` is at `first + (i - min) * size`.
#[derive(Clone, Copy, Debug, Default)]
pub struct SmallInts {
    /// Address of the object for `min`.
    pub first: u64,
    /// The smallest one (-5).
    pub min: i64,
    /// Size of one object in bytes.
    pub size: u64,
}
