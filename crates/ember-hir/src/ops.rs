//! The ops table: one row an operation, and everything that is derived from it.
//!
//! To add an operation: add a row here, a lowering in `ember-codegen`, an evaluation rule in `eval` and a file test. Operations which only
//! call a C function do not need a row: they are [`Op::Helper`] with a row in [`crate::helpers`].

use crate::function::{ConstId, Function, Value};
use crate::helpers::HelperId;
use crate::types::Type;
use bitflags::bitflags;
use std::fmt;

bitflags! {
    /// What an operation may do besides computing its result.
    #[derive(Clone, Copy, Debug, PartialEq, Eq)]
    pub struct Effects: u16 {
        /// May raise a Python exception.
        const RAISES = 1;
        /// May leave to the interpreter before it has done anything.
        const DEOPTS = 2;
        /// May run arbitrary Python code, which may read this frame, write any memory and release any object it can reach.
        const ARBITRARY = 4;
        /// Reads memory that other operations may write.
        const READS = 8;
        /// Writes memory, without running Python code.
        const WRITES = 16;
        /// Ends a block.
        const TERMINATOR = 32;
        /// Must stay where it is even when its result is unused.
        const PINNED = 64;
        /// The result is an object not seen anywhere before.
        const ALLOCATES = 128;
    }
}

impl Effects {
    /// Whether an instruction with these effects must stay even when nobody uses its result.
    #[must_use]
    pub fn keeps_alive(self) -> bool {
        self.intersects(
            Effects::RAISES
                | Effects::DEOPTS
                | Effects::ARBITRARY
                | Effects::WRITES
                | Effects::TERMINATOR
                | Effects::PINNED,
        )
    }

    /// Whether the instruction may leave native code or show the frame, and so needs a frame state.
    #[must_use]
    pub fn needs_state(self) -> bool {
        self.intersects(Effects::RAISES | Effects::DEOPTS | Effects::ARBITRARY)
    }
}

/// Who owns the reference an operation returns.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ownership {
    /// A new reference which this function owns.
    Owned,
    /// A borrowed reference that stays valid until the function returns (arguments, constants).
    Stable,
    /// A borrowed reference that is valid until the next operation which may release objects.
    Unstable,
    /// The same reference as the first operand.
    Alias,
    /// Not a reference, or one that needs no counting.
    Uncounted,
}

/// What memory an access touches; accesses to different regions do not alias.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Region {
    /// Never changes while the object lives: tuple items, `func_code` of a guarded function, float values.
    Immutable,
    /// Object headers and type objects.
    Type,
    /// Inline instance values and slots.
    Instance,
    /// Dict headers, key tables and values.
    Dict,
    /// List headers (size, items pointer).
    ListHeader,
    /// List items.
    ListItems,
    /// Closure cells.
    Cell,
    /// The state of builtin iterators.
    Iterator,
    /// Ember's own cells: global values, call targets.
    Ember,
    /// The interpreter's thread state.
    Thread,
}

/// The width of an integer access.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Width {
    /// Unsigned byte.
    U8,
    /// Unsigned 32 bits.
    U32,
    /// Signed 32 bits.
    I32,
    /// 64 bits.
    I64,
}

/// A comparison.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Cc {
    /// Equal.
    Eq,
    /// Not equal.
    Ne,
    /// Less.
    Lt,
    /// Less or equal.
    Le,
    /// Greater.
    Gt,
    /// Greater or equal.
    Ge,
    /// Less, as unsigned integers (integers only).
    Ult,
}

/// An immediate in the text format.
pub trait Immediate: Sized {
    /// Writes it.
    fn print(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result;
    /// Reads it.
    fn parse(text: &str) -> Option<Self>;
}

macro_rules! number_immediate {
    ($($ty:ty),*) => {$(
        impl Immediate for $ty {
            fn print(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result { write!(f, "{self}") }
            fn parse(text: &str) -> Option<Self> { text.parse().ok() }
        }
    )*};
}
number_immediate!(i32, u32, i64, u64, bool);

macro_rules! name_immediate {
    ($ty:ident: $($name:ident),*) => {
        impl Immediate for $ty {
            fn print(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result { write!(f, "{self:?}") }
            fn parse(text: &str) -> Option<Self> {
                match text { $(stringify!($name) => Some($ty::$name),)* _ => None }
            }
        }
    };
}
name_immediate!(Region: Immutable, Type, Instance, Dict, ListHeader, ListItems, Cell, Iterator, Ember, Thread);
name_immediate!(Width: U8, U32, I32, I64);
name_immediate!(Cc: Eq, Ne, Lt, Le, Gt, Ge, Ult);

impl Immediate for Type {
    fn print(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{self}")
    }
    fn parse(text: &str) -> Option<Self> {
        Type::parse(text)
    }
}

impl Immediate for ConstId {
    fn print(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{self}")
    }
    fn parse(text: &str) -> Option<Self> {
        text.strip_prefix('k')?.parse().ok().map(ConstId::from_u32)
    }
}

impl Immediate for HelperId {
    fn print(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
    fn parse(text: &str) -> Option<Self> {
        HelperId::from_name(text)
    }
}

/// How the type of a result follows.
enum ResultRule {
    None,
    Is(Type),
    #[allow(dead_code, reason = "a rule rows may use")]
    Arg0,
    Special,
}

macro_rules! ops {
    ($($(#[$doc:meta])* $name:ident $({ $($field:ident: $fty:ty),* })? => $rule:expr, $own:ident, [$($effect:ident)|*], steals $steals:expr;)*) => {
        /// An operation with its immediates.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        #[allow(missing_docs, reason = "immediates are described with their operation")]
        pub enum Op {
            $($(#[$doc])* $name $({ $($field: $fty),* })?,)*
        }

        impl Op {
            /// Name in the text format.
            #[must_use]
            pub fn name(&self) -> &'static str {
                match self { $(Op::$name { .. } => stringify!($name),)* }
            }

            /// Effects, by the table alone (a helper's are in the helper table: see [`Op::effects`]).
            fn row(&self) -> (ResultRule, Ownership, Effects, u32) {
                match self {
                    $(Op::$name { .. } => ($rule, Ownership::$own, Effects::empty() $(| Effects::$effect)*, $steals),)*
                }
            }

            /// Writes `Name` or `Name<immediate, …>`.
            pub fn print(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(self.name())?;
                match self {
                    $(Op::$name $({ $($field),* })? => {
                        let immediates: &[&dyn PrintImmediate] = &[$($($field),*)?];
                        for (index, immediate) in immediates.iter().enumerate() {
                            f.write_str(if index == 0 { "<" } else { ", " })?;
                            immediate.print_dyn(f)?;
                        }
                        if !immediates.is_empty() { f.write_str(">")?; }
                        Ok(())
                    })*
                }
            }

            /// Reads what [`Op::print`] writes, already split into the name and its immediates.
            #[must_use]
            pub fn parse(name: &str, immediates: &[&str]) -> Option<Op> {
                #[allow(unused_mut, unused_variables, reason = "operations without immediates")]
                let mut rest = immediates.iter();
                let op = match name {
                    $(stringify!($name) => Op::$name $({ $($field: <$fty as Immediate>::parse(rest.next()?)?),* })?,)*
                    _ => return None,
                };
                rest.next().is_none().then_some(op)
            }
        }
    };
}

trait PrintImmediate {
    fn print_dyn(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result;
}
impl<T: Immediate> PrintImmediate for T {
    fn print_dyn(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.print(f)
    }
}

use ResultRule::{Arg0, Is, None as NoResult, Special};

ops! {
    // --- constants -------------------------------------------------------------------------------------------------
    /// An object constant.
    Const { id: ConstId } => Special, Stable, [], steals 0;
    /// A machine integer.
    CInt { value: i64 } => Is(Type::CInt), Uncounted, [], steals 0;
    /// A machine double, by its bits.
    CDouble { bits: u64 } => Is(Type::CDouble), Uncounted, [], steals 0;
    /// A machine truth value.
    CBool { value: bool } => Is(Type::CBool), Uncounted, [], steals 0;
    /// An address.
    CPtr { address: u64 } => Is(Type::CPtr), Uncounted, [], steals 0;
    /// The code unit of a raising instruction as handlers keep it on the stack.
    CLasti { unit: u32 } => Is(Type::CLasti), Uncounted, [], steals 0;
    /// NULL.
    Null => Is(Type::Null), Uncounted, [], steals 0;
    /// The sentinel of an exhausted iterator.
    IterDone => Is(Type::IterDone), Uncounted, [], steals 0;
    /// The function object being called.
    Func => Is(Type::Function), Stable, [], steals 0;
    /// Moves local `slot` out of the frame the interpreter was running: on-stack replacement's way in.
    TakeLocal { slot: u32 } => Is(Type::OptObject), Owned, [PINNED], steals 0;
    /// Moves operand stack item `index` out of the frame the interpreter was running.
    TakeStack { index: u32 } => Is(Type::OptObject), Owned, [PINNED], steals 0;

    // --- guards ----------------------------------------------------------------------------------------------------
    /// Leaves unless the operand is one of these exact builtin types.
    GuardType { ty: Type } => Special, Alias, [DEOPTS], steals 0;
    /// Leaves unless the operand is of the class with this number (see `ember_runtime::classes`), in the state it had when the number was given.
    GuardClass { number: u32 } => Special, Alias, [DEOPTS | READS], steals 0;
    /// Leaves unless the operand is this very object.
    GuardIs { id: ConstId } => Special, Alias, [DEOPTS], steals 0;
    /// Leaves when the operand is NULL.
    GuardNotNull => Special, Alias, [DEOPTS], steals 0;
    /// Leaves unless the operand is true.
    GuardTrue => NoResult, Uncounted, [DEOPTS], steals 0;
    /// Leaves unless the operand is false.
    GuardFalse => NoResult, Uncounted, [DEOPTS], steals 0;
    /// The operand with a narrower type, known from control flow; no code.
    Refine { ty: Type } => Special, Alias, [], steals 0;
    /// The test at loop back edges and function entries: signals, thread switches, garbage collection, tracing. Negative on error.
    CheckEvalBreaker => Is(Type::CInt), Uncounted, [RAISES | DEOPTS | ARBITRARY], steals 0;
    /// Whether that test has anything to do: the quick half of it, which the optimiser splits off.
    EvalBreaker => Is(Type::CBool), Uncounted, [READS], steals 0;
    /// Leaves when the eval breaker is set, before the jump that ends an iteration: for loops in which nobody may see the frame.
    GuardQuiet => NoResult, Uncounted, [DEOPTS | PINNED], steals 0;
    /// The test after a call: leaves when tracing was switched on during it, or when somebody assigned this frame's locals through `f_locals`. Then the
    /// frame's memory is the truth (it runs nothing, but counts as if it did, so that the memory is brought up to date before it).
    CheckTracing => NoResult, Uncounted, [DEOPTS | ARBITRARY], steals 0;

    // --- boxing ----------------------------------------------------------------------------------------------------
    /// The value of an `int`; leaves when it does not fit.
    UnboxInt => Is(Type::CInt), Uncounted, [DEOPTS], steals 0;
    /// The same for an int with which a loop is entered in the middle: nothing takes it together with the box that follows, so that the loop keeps the number unboxed.
    EnterInt => Is(Type::CInt), Uncounted, [DEOPTS | PINNED], steals 0;
    /// The value of a `float`.
    UnboxDouble => Is(Type::CDouble), Uncounted, [], steals 0;
    /// Whether the operand, a `bool`, is `True`.
    UnboxBool => Is(Type::CBool), Uncounted, [], steals 0;
    /// A new `int`.
    BoxInt => Is(Type::Long), Owned, [ALLOCATES], steals 0;
    /// A new `float`.
    BoxDouble => Is(Type::Float), Owned, [ALLOCATES], steals 0;
    /// `True` or `False`.
    BoxBool => Is(Type::Bool), Uncounted, [], steals 0;
    /// The double nearest to a machine integer.
    IntToDouble => Is(Type::CDouble), Uncounted, [], steals 0;
    /// 0 or 1.
    BoolToInt => Is(Type::CInt), Uncounted, [], steals 0;

    // --- machine arithmetic: integer operations leave on overflow or division by zero -----------------------------------
    /// Sum.
    IAdd => Is(Type::CInt), Uncounted, [DEOPTS], steals 0;
    /// Difference.
    ISub => Is(Type::CInt), Uncounted, [DEOPTS], steals 0;
    /// Product.
    IMul => Is(Type::CInt), Uncounted, [DEOPTS], steals 0;
    /// Quotient rounded towards minus infinity.
    IFloorDiv => Is(Type::CInt), Uncounted, [DEOPTS], steals 0;
    /// Remainder with the divisor's sign.
    IMod => Is(Type::CInt), Uncounted, [DEOPTS], steals 0;
    /// Shift left; leaves when bits are lost or the count is not in 0..63.
    IShl => Is(Type::CInt), Uncounted, [DEOPTS], steals 0;
    /// Arithmetic shift right; leaves when the count is negative.
    IShr => Is(Type::CInt), Uncounted, [DEOPTS], steals 0;
    /// Sum, known not to overflow.
    IAddWrap => Is(Type::CInt), Uncounted, [], steals 0;
    /// Difference, known not to overflow.
    ISubWrap => Is(Type::CInt), Uncounted, [], steals 0;
    /// Product, known not to overflow.
    IMulWrap => Is(Type::CInt), Uncounted, [], steals 0;
    /// Bitwise and.
    IAnd => Is(Type::CInt), Uncounted, [], steals 0;
    /// Bitwise or.
    IOr => Is(Type::CInt), Uncounted, [], steals 0;
    /// Bitwise exclusive or.
    IXor => Is(Type::CInt), Uncounted, [], steals 0;
    /// Negation.
    INeg => Is(Type::CInt), Uncounted, [DEOPTS], steals 0;
    /// Bitwise complement.
    INot => Is(Type::CInt), Uncounted, [], steals 0;
    /// Comparison.
    ICmp { cc: Cc } => Is(Type::CBool), Uncounted, [], steals 0;
    /// Sum.
    DAdd => Is(Type::CDouble), Uncounted, [], steals 0;
    /// Difference.
    DSub => Is(Type::CDouble), Uncounted, [], steals 0;
    /// Product.
    DMul => Is(Type::CDouble), Uncounted, [], steals 0;
    /// Quotient; leaves when the divisor is zero.
    DDiv => Is(Type::CDouble), Uncounted, [DEOPTS], steals 0;
    /// Negation.
    DNeg => Is(Type::CDouble), Uncounted, [], steals 0;
    /// Absolute value.
    DAbs => Is(Type::CDouble), Uncounted, [], steals 0;
    /// Square root of a number that is not negative; leaves otherwise.
    DSqrt => Is(Type::CDouble), Uncounted, [DEOPTS], steals 0;
    /// Comparison; false (true for `Ne`) when either is not a number.
    DCmp { cc: Cc } => Is(Type::CBool), Uncounted, [], steals 0;
    /// Logical negation.
    BNot => Is(Type::CBool), Uncounted, [], steals 0;
    /// Identity of two references.
    Is => Is(Type::CBool), Uncounted, [], steals 0;
    /// Whether the operand is NULL.
    IsNull => Is(Type::CBool), Uncounted, [], steals 0;
    /// Whether the class of the operand is exactly one of these builtin types.
    IsType { ty: Type } => Is(Type::CBool), Uncounted, [], steals 0;
    /// Whether `GuardClass` would pass.
    HasClass { number: u32 } => Is(Type::CBool), Uncounted, [READS], steals 0;

    // --- memory ----------------------------------------------------------------------------------------------------
    /// The reference at `offset` from the operand.
    LoadField { offset: i32, region: Region, ty: Type } => Special, Unstable, [READS], steals 0;
    /// The integer at `offset` from the operand.
    LoadInt { offset: i32, region: Region, width: Width } => Is(Type::CInt), Uncounted, [READS], steals 0;
    /// The double at `offset` from the operand.
    LoadDouble { offset: i32, region: Region } => Is(Type::CDouble), Uncounted, [READS], steals 0;
    /// The reference at `base + index * 8 + offset`.
    LoadIndexed { offset: i32, region: Region, ty: Type } => Special, Unstable, [READS], steals 0;
    /// The address `index * scale` bytes after an address inside an object.
    Offset { scale: u32 } => Is(Type::CPtr), Unstable, [], steals 0;
    /// The managed dict pointer of the operand, or NULL.
    LoadManagedDict { offset: i32 } => Is(Type::OptObject), Unstable, [READS], steals 0;
    /// Stores the second operand's reference at `offset` from the first and returns what was there, which the caller now owns.
    SwapField { offset: i32, region: Region } => Is(Type::OptObject), Owned, [WRITES | READS], steals 0b10;
    /// Stores the third operand's reference at `base + index * 8 + offset` and returns what was there.
    SwapIndexed { offset: i32, region: Region } => Is(Type::Object), Owned, [WRITES | READS], steals 0b100;
    /// Stores an integer at `offset` from the first operand.
    StoreInt { offset: i32, region: Region, width: Width } => NoResult, Uncounted, [WRITES], steals 0;
    /// Stores a double at `offset` from the first operand.
    StoreDouble { offset: i32, region: Region } => NoResult, Uncounted, [WRITES], steals 0;
    /// The value in the cell of a watched global or builtin name; NULL when it must be looked up.
    LoadGlobalCell { cell: u64 } => Is(Type::OptObject), Unstable, [READS], steals 0;
    /// Object `index` of those a helper left behind; directly after that helper.
    ScratchLoad { index: u32 } => Is(Type::OptObject), Owned, [PINNED], steals 0;

    // --- calls -----------------------------------------------------------------------------------------------------
    /// Calls a runtime helper.
    Helper { id: HelperId } => Special, Owned, [], steals 0;
    /// Calls the first operand with the second (unless NULL) and the rest as positional arguments.
    CallVector => Is(Type::Object), Owned, [RAISES | ARBITRARY], steals 0;
    /// The same; the last arguments are keyword arguments with these names.
    CallKw { names: ConstId } => Is(Type::Object), Owned, [RAISES | ARBITRARY], steals 0;
    /// Calls a compiled function through the cell that holds its body: function object, then one value for each parameter.
    CallDirect { cell: u64 } => Is(Type::Object), Owned, [RAISES | ARBITRARY], steals 0;
    /// Calls the body of this very function: function object, then one value for each parameter.
    CallSelf => Is(Type::Object), Owned, [RAISES | ARBITRARY], steals 0;
    /// Calls a C function `(self, NULL)`.
    CallCNoArgs { function: u64 } => Is(Type::Object), Owned, [RAISES | ARBITRARY], steals 0;
    /// Calls a C function `(self, argument)`.
    CallCOne { function: u64 } => Is(Type::Object), Owned, [RAISES | ARBITRARY], steals 0;
    /// Calls a C function `(self, arguments, count)`.
    CallCFast { function: u64 } => Is(Type::Object), Owned, [RAISES | ARBITRARY], steals 0;
    /// Calls a C function `(self, arguments, count, NULL)`.
    CallCFastKw { function: u64 } => Is(Type::Object), Owned, [RAISES | ARBITRARY], steals 0;

    // --- exceptions ------------------------------------------------------------------------------------------------
    /// Takes the exception just raised, after adding the traceback entry.
    CatchException { traceback: bool } => Is(Type::Other), Owned, [PINNED], steals 0;

    /// The operand stops being a local here: its reference is released no earlier. Keeps finalisers where the program has them; no code.
    EndLife => NoResult, Uncounted, [PINNED], steals 0;

    /// Returns the operand at once, with all locals, when somebody holds the frame object: stands before the locals are released. The exit also owns the operand.
    LeaveObserved => NoResult, Uncounted, [PINNED], steals 0;

    // --- references and frame memory: inserted late ----------------------------------------------------------------
    /// Counts one reference more.
    Incref => NoResult, Uncounted, [WRITES], steals 0;
    /// Counts one reference less; nothing for NULL.
    Decref => NoResult, Uncounted, [ARBITRARY], steals 0;
    /// Shows the operand, borrowed, in a local's slot.
    SetLocal { slot: u32 } => NoResult, Uncounted, [WRITES], steals 0;
    /// Gives the operand to a local's slot.
    SetLocalOwned { slot: u32 } => NoResult, Uncounted, [WRITES], steals 1;
    /// Makes a local's slot NULL, without releasing anything.
    ClearLocal { slot: u32 } => NoResult, Uncounted, [WRITES], steals 0;
    /// Releases what a local's slot owns (boxes made for it) and makes it NULL.
    DropLocal { slot: u32 } => NoResult, Uncounted, [WRITES], steals 0;

    // --- suspending a generator: inserted by the front end ---------------------------------------------------------
    /// Moves the operand into a local's slot, for whoever resumes the frame.
    KeepLocal { slot: u32 } => NoResult, Uncounted, [WRITES], steals 1;
    /// Moves the operand into item `index` of the frame's operand stack.
    KeepStack { index: u32 } => NoResult, Uncounted, [WRITES], steals 1;

    // --- terminators -----------------------------------------------------------------------------------------------
    /// Goes on at the target.
    Jump => NoResult, Uncounted, [TERMINATOR], steals 0;
    /// Goes to the first target if the operand is true, else to the second.
    Branch => NoResult, Uncounted, [TERMINATOR], steals 0;
    /// Goes to the first target if the operand is NULL or negative (an exception is set), else to the second.
    BranchError => NoResult, Uncounted, [TERMINATOR], steals 0;
    /// Pops the frame and returns.
    Return => NoResult, Uncounted, [TERMINATOR], steals 1;
    /// Leaves the frame, which locals and operands have been moved into, with `depth` operands, to be resumed at `unit`.
    Suspend { unit: u32, depth: u32 } => NoResult, Uncounted, [TERMINATOR], steals 0;
    /// Leaves to the interpreter at the frame state.
    Deopt => NoResult, Uncounted, [TERMINATOR | DEOPTS], steals 0;
    /// Unwinds the frame with the exception that is set.
    Unwind { traceback: bool } => NoResult, Uncounted, [TERMINATOR | RAISES], steals 0;
    /// Never reached.
    Unreachable => NoResult, Uncounted, [TERMINATOR], steals 0;
}

impl Op {
    /// What the operation may do.
    #[must_use]
    pub fn effects(&self) -> Effects {
        match self {
            Op::Helper { id } => id.sig().effects,
            _ => self.row().2,
        }
    }

    /// Who owns the result.
    #[must_use]
    pub fn ownership(&self) -> Ownership {
        match self {
            Op::Helper { id } if id.sig().result.is_primitive() => Ownership::Uncounted,
            _ => self.row().1,
        }
    }

    /// Whether the operation takes over the reference of operand `index`.
    #[must_use]
    pub fn steals(&self, index: usize) -> bool {
        match self {
            Op::Helper { id } => id.sig().steals(index),
            _ => self.row().3 & (1 << index.min(31)) != 0,
        }
    }

    /// Whether it ends a block.
    #[must_use]
    pub fn is_terminator(&self) -> bool {
        self.effects().contains(Effects::TERMINATOR)
    }

    /// The type of the result, `None` when there is none.
    #[must_use]
    pub fn result_type(&self, func: &Function, args: &[Value]) -> Option<Type> {
        let arg0 = || args.first().map_or(Type::Bottom, |&arg| func.ty(arg));
        match self.row().0 {
            NoResult => None,
            Is(ty) => Some(ty),
            Arg0 => Some(arg0()),
            Special => Some(match self {
                Op::Const { id } => func.consts[*id].ty,
                Op::GuardType { ty } | Op::Refine { ty } => arg0().intersect(*ty),
                Op::GuardClass { number } => arg0().subtract(Type::Null).with_class(*number),
                Op::GuardIs { id } => func.consts[*id].ty,
                Op::GuardNotNull => arg0().subtract(Type::Null),
                Op::LoadField { ty, .. } | Op::LoadIndexed { ty, .. } => *ty,
                Op::Helper { id } => return id.sig().result_type(),
                _ => Type::OptObject,
            }),
        }
    }
}
