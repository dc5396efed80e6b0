//! The helper table: one row a runtime helper, the C functions that native code calls.
//!
//! To add a helper: add a row here and a function of the same name in `ember-runtime` (`extern "C"`, the operands in order). A row gives the kinds of the
//! operands, the kind of the result, the effects, and which implicit arguments come first.
//!
//! Operand kinds: `O` a borrowed object, `N` a borrowed object or NULL, `S` an object whose reference the helper takes over (even when it fails),
//! `I` a machine integer, `P` an address, `D` a double. A row with `rest` takes further objects: native code passes the address of an array of
//! them and their number (`rest` borrowed, `rest_stolen` taken over).
//!
//! Result kinds: `Obj(type)` a new reference, NULL on error; `Opt` a new reference or NULL where NULL is no error; `Int` a machine integer, negative on error;
//! `Bool` a machine truth value, no error possible; `Double`; `Void`.

use crate::ops::Effects;
use crate::types::Type;

/// The kind of an operand.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Operand {
    /// A borrowed object.
    O,
    /// A borrowed object or NULL.
    N,
    /// An object whose reference is taken over.
    S,
    /// A machine integer.
    I,
    /// An address.
    P,
    /// A double.
    D,
}

/// The kind of a result.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum HelperResult {
    /// A new reference of this type; NULL is an error.
    Obj(Type),
    /// A new reference or NULL, no error possible.
    Opt,
    /// An integer; a negative one is an error.
    Int,
    /// A truth value.
    Bool,
    /// A double.
    Double,
    /// Nothing.
    Void,
}

impl HelperResult {
    /// Whether the result is not a reference.
    #[must_use]
    pub fn is_primitive(self) -> bool {
        !matches!(self, HelperResult::Obj(_) | HelperResult::Opt)
    }
}

/// Further objects after the fixed operands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Rest {
    /// None.
    No,
    /// Borrowed.
    Borrowed,
    /// Taken over.
    Stolen,
}

/// What comes before the operands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub struct Implicit {
    /// The thread state.
    pub tstate: bool,
    /// The frame.
    pub frame: bool,
    /// The address of the scratch array for further results (see [`crate::Op::ScratchLoad`]).
    pub scratch: bool,
}

/// A row of the table.
#[derive(Debug)]
pub struct HelperSig {
    /// Name, also of the C function.
    pub name: &'static str,
    /// Fixed operands.
    pub operands: &'static [Operand],
    /// Further operands.
    pub rest: Rest,
    /// Result.
    pub result: HelperResult,
    /// Effects.
    pub effects: Effects,
    /// Implicit leading arguments: thread state, frame, scratch, in this order.
    pub implicit: Implicit,
}

impl HelperSig {
    /// Whether the reference of operand `index` is taken over.
    #[must_use]
    pub fn steals(&self, index: usize) -> bool {
        match self.operands.get(index) {
            Some(kind) => *kind == Operand::S,
            None => self.rest == Rest::Stolen,
        }
    }

    /// The type of the result.
    #[must_use]
    pub fn result_type(&self) -> Option<Type> {
        match self.result {
            HelperResult::Obj(ty) => Some(ty),
            HelperResult::Opt => Some(Type::OptObject),
            HelperResult::Int => Some(Type::CInt),
            HelperResult::Bool => Some(Type::CBool),
            HelperResult::Double => Some(Type::CDouble),
            HelperResult::Void => None,
        }
    }
}

const ANY: Effects = Effects::RAISES.union(Effects::ARBITRARY);
const RAISES: Effects = Effects::RAISES;
const READS: Effects = Effects::READS;
const WRITES: Effects = Effects::WRITES;
const ARBITRARY: Effects = Effects::ARBITRARY;
const FRESH: Effects = Effects::RAISES.union(Effects::ALLOCATES);
const PURE: Effects = Effects::empty();
const PINNED: Effects = Effects::PINNED;

#[allow(unused_imports, reason = "the table reads better with short names")]
use HelperResult::{Bool, Double, Int, Obj, Opt, Void};
use Operand::{D, I, N, O, P, S};

macro_rules! helpers {
    ($($(#[$doc:meta])* $name:ident($($operand:ident),*) $($rest:ident)? -> $result:expr, $effects:expr $(, [$($implicit:ident)+])?;)*) => {
        /// A runtime helper.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        #[allow(non_camel_case_types, reason = "variants are named as the C functions are")]
        #[repr(u16)]
        pub enum HelperId { $($(#[$doc])* $name,)* }

        /// All rows, by [`HelperId`].
        #[allow(clippy::needless_update, reason = "a row may name all implicit arguments")]
        pub static HELPERS: &[HelperSig] = &[$(
            HelperSig {
                name: stringify!($name),
                operands: &[$($operand),*],
                rest: helpers!(@rest $($rest)?),
                result: $result,
                effects: $effects,
                implicit: Implicit { $($($implicit: true,)+)? ..Implicit { tstate: false, frame: false, scratch: false } },
            },
        )*];

        const ALL: &[HelperId] = &[$(HelperId::$name),*];

        /// Calls a macro with the names of all helpers, in order: how the runtime builds its address table.
        #[macro_export]
        macro_rules! for_each_helper {
            ($callback:ident) => { $callback! { $($name),* } };
        }
    };
    (@rest) => { Rest::No };
    (@rest rest) => { Rest::Borrowed };
    (@rest rest_stolen) => { Rest::Stolen };
}

helpers! {
    // --- arithmetic and comparison ---------------------------------------------------------------------------------
    /// `-x`
    unary_negative(O) -> Obj(Type::Object), ANY;
    /// `~x`
    unary_invert(O) -> Obj(Type::Object), ANY;
    /// A binary operation by its `NB_*` number (in place or not).
    binary_op(O, O, I) -> Obj(Type::Object), ANY;
    /// Comparison by its `Py_LT`… number.
    compare(O, O, I) -> Obj(Type::Object), ANY;
    /// Comparison and truth of the outcome.
    compare_truth(O, O, I) -> Int, ANY;
    /// Truth of an object.
    is_true(O) -> Int, ANY;
    /// `item in container` (container first).
    contains(O, O) -> Int, ANY;
    /// `item in dict` for exact dicts.
    dict_contains(O, O) -> Int, ANY;
    /// `item in set` for exact sets and frozensets.
    set_contains(O, O) -> Int, ANY;
    /// Equality (0: `==`, 1: `!=`) of exact strings.
    unicode_equal(O, O) -> Bool, PURE;
    /// Sum of two exact ints.
    long_add(O, O) -> Obj(Type::Long), RAISES;
    /// Difference of two exact ints.
    long_subtract(O, O) -> Obj(Type::Long), RAISES;
    /// Product of two exact ints.
    long_multiply(O, O) -> Obj(Type::Long), RAISES;
    /// Concatenation of two exact strings.
    unicode_concat(O, O) -> Obj(Type::Unicode), RAISES;
    /// Concatenation in place: the left string is taken over and grown where nobody else holds it.
    unicode_append(S, O) -> Obj(Type::Unicode), RAISES;
    /// A new `int`.
    box_int(I) -> Obj(Type::Long), FRESH;
    /// Power of two doubles, for finite operands with a non-negative base.
    double_pow(D, D) -> Double, PURE;
    /// Python's float remainder; the divisor is not zero.
    double_mod(D, D) -> Double, PURE;
    /// Python's float floor division; the divisor is not zero.
    double_floor_div(D, D) -> Double, PURE;

    // --- subscripts ------------------------------------------------------------------------------------------------
    /// `container[key]`
    subscript(O, O) -> Obj(Type::Object), ANY;
    /// `dict[key]` for exact dicts; raises KeyError.
    dict_subscript(O, O) -> Obj(Type::Object), ANY;
    /// `string[index]` for an exact string; raises IndexError.
    unicode_subscript(O, I) -> Obj(Type::Unicode), RAISES;
    /// `container[key] = value`
    store_subscript(O, O, O) -> Int, ANY;
    /// `dict[key] = value` for exact dicts.
    dict_store(O, O, O) -> Int, ANY;
    /// `del container[key]`
    delete_subscript(O, O) -> Int, ANY;
    /// `container[start:stop]`
    binary_slice(O, O, O) -> Obj(Type::Object), ANY;
    /// `container[start:stop] = value` (container, start, stop, value).
    store_slice(O, O, O, O) -> Int, ANY;
    /// `slice(start, stop, step)`
    build_slice(O, O, N) -> Obj(Type::Slice), FRESH;

    // --- attributes, globals, cells --------------------------------------------------------------------------------
    /// `object.name` through a polymorphic inline cache (object, name, cache).
    load_attr(O, O, P) -> Obj(Type::Object), ANY;
    /// The callable for `object.name(…)`, through a cache; leaves `self` or NULL in scratch 0.
    load_method(O, O, P) -> Obj(Type::Object), ANY, [scratch];
    /// `object.name = value` through a cache (object, name, value, cache).
    store_attr(O, O, O, P) -> Int, ANY;
    /// `del object.name`
    delete_attr(O, O) -> Int, ANY;
    /// A global or builtin by name; raises NameError.
    load_global(O) -> Obj(Type::Object), ANY, [frame];
    /// A name of a module or class body.
    load_name(O) -> Obj(Type::Object), ANY, [frame];
    /// `name = value` in a module or class body.
    store_name(O, O) -> Int, ANY, [frame];
    /// `del name` in a module or class body.
    delete_name(O) -> Int, ANY, [frame];
    /// What `f_locals`, a dict, holds for a name.
    take_name(O) -> Opt, PINNED, [frame];
    /// `global name; name = value`
    store_global(O, O) -> Int, ANY, [frame];
    /// `global name; del name`
    delete_global(O) -> Int, ANY, [frame];
    /// `super().name` (super, class, self, name, oparg); leaves `self` or NULL in scratch 0 when bit 0 of oparg asks for a method.
    load_super_attr(O, O, O, O, I) -> Obj(Type::Object), ANY, [tstate frame scratch];
    /// A new cell holding a value or nothing.
    make_cell(N) -> Obj(Type::Cell), FRESH;
    /// What a cell holds; raises NameError or UnboundLocalError for local `slot` when empty.
    load_deref(O, I) -> Obj(Type::Object), RAISES, [tstate frame];
    /// Sets what a cell holds.
    store_deref(O, O) -> Void, ARBITRARY;
    /// Empties a cell; raises when it is empty.
    delete_deref(O, I) -> Int, ANY, [tstate frame];
    /// A name from a mapping, else a global.
    load_from_dict_or_globals(O, O) -> Obj(Type::Object), ANY, [frame];
    /// A free variable's name from a mapping, else its cell (mapping, cell, slot).
    load_from_dict_or_deref(O, O, I) -> Obj(Type::Object), ANY, [tstate frame];
    /// Raises UnboundLocalError for local `slot`.
    raise_unbound_local(I) -> Int, RAISES, [tstate frame];

    // --- iteration and unpacking -----------------------------------------------------------------------------------
    /// `iter(object)`
    get_iter(O) -> Obj(Type::Object), ANY;
    /// The next item, or the sentinel of exhaustion.
    iter_next(O) -> Obj(Type::Object.or(Type::IterDone)), ANY, [tstate];
    /// Unpacks exactly n items into scratch, first item first.
    unpack_sequence(O, I) -> Int, ANY, [tstate scratch];
    /// Unpacks `before` items, a list of the middle, and `after` items into scratch.
    unpack_ex(O, I, I) -> Int, ANY, [tstate scratch];
    /// `len(object)` as an object.
    get_len(O) -> Obj(Type::Long), ANY;

    // --- building --------------------------------------------------------------------------------------------------
    /// A list of the given items.
    build_list() rest_stolen -> Obj(Type::List), FRESH;
    /// A tuple of the given items.
    build_tuple() rest_stolen -> Obj(Type::Tuple), FRESH;
    /// A set of the given items.
    build_set() rest -> Obj(Type::Set), ANY;
    /// A dict of alternating keys and values.
    build_map() rest -> Obj(Type::Dict), ANY;
    /// An empty dict.
    new_dict() -> Obj(Type::Dict), FRESH;
    /// A dict of alternating names (exact strings) and values.
    build_keywords() rest -> Obj(Type::Dict), FRESH;
    /// Strings joined.
    build_string() rest -> Obj(Type::Unicode), FRESH;
    /// Appends to an exact list.
    list_append(O, O) -> Int, Effects::RAISES.union(Effects::WRITES);
    /// Extends a list by an iterable.
    list_extend(O, O) -> Int, ANY, [tstate];
    /// Adds to a set.
    set_add(O, O) -> Int, ANY;
    /// Adds all items of an iterable to a set.
    set_update(O, O) -> Int, ANY;
    /// Sets an item of a dict.
    map_add(O, O, O) -> Int, ANY;
    /// Updates a dict from a mapping.
    dict_update(O, O) -> Int, ANY, [tstate];
    /// Updates a dict of keyword arguments from a mapping, refusing duplicates (dict, mapping, callable).
    dict_merge(O, O, O) -> Int, ANY, [tstate];
    /// The keyword arguments of `callable(**mapping)`, for `call_forward` (mapping, callable): an exact dict itself, anything else as a new dict.
    keywords_of(O, O) -> Obj(Type::Dict), ANY, [tstate];
    /// `format(x)` for an f-string field without specification.
    format_simple(O) -> Obj(Type::Unicode.or(Type::UnicodeSub)), ANY;
    /// `format(x, spec)`
    format_with_spec(O, O) -> Obj(Type::Unicode.or(Type::UnicodeSub)), ANY;
    /// `str`, `repr` or `ascii` of a field.
    convert_value(O, I) -> Obj(Type::Unicode.or(Type::UnicodeSub)), ANY;
    /// An interpolation of a t-string (value, expression, oparg, specification or NULL).
    build_interpolation(O, O, I, N) -> Obj(Type::Other), ANY;
    /// A t-string from its strings and interpolations.
    build_template(O, O) -> Obj(Type::Other), ANY;

    // --- calls, functions, imports ---------------------------------------------------------------------------------
    /// `callable(*args, **kwargs)` (callable, self or NULL, args, kwargs or NULL).
    call_function_ex(O, N, O, N) -> Obj(Type::Object), ANY, [tstate];
    /// The same where the dict of keyword arguments is nobody else's when nobody else has a reference to it.
    call_forward(O, N, O, N) -> Obj(Type::Object), ANY, [tstate];
    /// A unary intrinsic by number.
    intrinsic_1(I, O) -> Obj(Type::Object), ANY, [tstate];
    /// A binary intrinsic by number.
    intrinsic_2(I, O, O) -> Obj(Type::Object), ANY, [tstate];
    /// A function from a code object and the frame's globals.
    make_function(O) -> Obj(Type::Function), ANY, [frame];
    /// Sets defaults, annotations, closure … of a fresh function; the value is taken over.
    set_function_attribute(O, S, I) -> Void, WRITES;
    /// `import name` (name, fromlist, level).
    import_name(O, O, O) -> Obj(Type::Object), ANY, [tstate frame];
    /// `from module import name`
    import_from(O, O) -> Obj(Type::Object), ANY, [tstate];
    /// `__build_class__`
    load_build_class() -> Obj(Type::Object), ANY, [tstate frame];

    // --- exceptions, with ------------------------------------------------------------------------------------------
    /// Raises (exception or NULL for the one being handled, cause or NULL); always negative: -2 when it raised the handled exception again, which adds no
    /// traceback entry.
    raise(N, N) -> Int, ANY, [tstate];
    /// Raises again an exception, taken over; a unit that is not negative goes into the frame first; always negative.
    reraise(S, I) -> Int, RAISES, [tstate frame];
    /// Makes an exception the handled one; returns the one before (or `None`).
    push_exc_info(O) -> Obj(Type::Object), PINNED, [tstate];
    /// Makes an earlier exception (or `None`), taken over, the handled one again.
    pop_exc_info(S) -> Void, ARBITRARY, [tstate];
    /// The same, and drops the frame object if nobody saw it: where no loop comes back to handle another exception.
    pop_last_exc_info(S) -> Void, ARBITRARY, [tstate frame];
    /// Whether an exception matches the type or tuple of an `except`.
    check_exc_match(O, O) -> Int, ANY, [tstate];
    /// Splits an exception group for `except*`; leaves the rest in scratch 0, the match in scratch 1 (either may be `None`).
    check_eg_match(O, O) -> Int, ANY, [tstate scratch];
    /// A special method by number, looked up on the type; leaves `self` or NULL in scratch 0.
    load_special(O, I) -> Obj(Type::Object), ANY, [tstate scratch];
    /// Calls `__exit__` with an exception (function, self or NULL, exception).
    with_except_start(O, N, O) -> Obj(Type::Object), ANY;

    // --- pattern matching ------------------------------------------------------------------------------------------
    /// The attributes of a class pattern (subject, class, keyword names, number of positional ones): a tuple, or `None`.
    match_class(O, O, O, I) -> Obj(Type::Object), ANY, [tstate];
    /// The values of a mapping pattern's keys: a tuple, or `None`.
    match_keys(O, O) -> Obj(Type::Object), ANY, [tstate];
    /// Whether the class is a mapping for patterns.
    is_mapping(O) -> Bool, READS;
    /// Whether the class is a sequence for patterns.
    is_sequence(O) -> Bool, READS;

    // --- builtins with known meaning -------------------------------------------------------------------------------
    /// `len(x)`
    builtin_len(O) -> Int, ANY;
    /// `isinstance(x, cls)`
    builtin_isinstance(O, O) -> Int, ANY;
    /// `iter(range(start, stop, step))`, where neither the step is zero nor the distance too long for a machine integer.
    range_iter(I, I, I) -> Obj(Type::RangeIter), FRESH;
    /// `str(x)`
    builtin_str(O) -> Obj(Type::Object), ANY;
    /// `tuple(x)`
    builtin_tuple(O) -> Obj(Type::Object), ANY;
    /// `list(x)`
    builtin_list(O) -> Obj(Type::List), ANY;
    /// `set(x)`
    builtin_set(O) -> Obj(Type::Object), ANY;
    /// What a builtin is given that only iterates over its argument: the operand, or a stand-in for a generator.
    exhaustible(O) -> Obj(Type::Object), READS;
    /// The class of an object, which whoever is called may change.
    type_of(O) -> Obj(Type::Class), READS;
    /// A new instance of a class with inline values whose `__new__` is `object.__new__`.
    alloc_instance(O) -> Obj(Type::Other), FRESH;
    /// Raises TypeError unless the operand, what `__init__` returned, is `None`.
    check_init_result(O) -> Int, RAISES, [tstate];
}

impl HelperId {
    /// The row.
    #[must_use]
    pub fn sig(self) -> &'static HelperSig {
        &HELPERS[self as usize]
    }

    /// The name.
    #[must_use]
    pub fn name(self) -> &'static str {
        self.sig().name
    }

    /// The helper of that name.
    #[must_use]
    pub fn from_name(name: &str) -> Option<HelperId> {
        ALL.iter().copied().find(|id| id.name() == name)
    }

    /// All helpers.
    #[must_use]
    pub fn all() -> &'static [HelperId] {
        ALL
    }
}
