//! Exits: how native code hands its state back.
//!
//! A guard that fails, an operation that raised, a return with a frame object attached: each has an [`ExitInfo`], which belongs to the code
//! version and says where everything is. The machine code of an exit stores the live values into a native buffer, one 64-bit word an entry,
//! and calls the exit handler with the thread state, the frame, the exit's info and the buffer.
//!
//! Contract with the handler:
//! * **Levels**: innermost (an inlined callee) first, the frame that exists last. The levels before the last have no frame yet.
//! * **Slots**: [`Slot::Keep`] means the frame's memory is right already, *including who owns it*. For every other slot the handler closes what the memory holds
//!   (a stack reference: owned ones are released, borrowed ones and NULL forgotten) and writes the slot's value.
//! * **Buffer**: an entry [`BufKind::ObjOwned`] is a reference the handler now owns; the first slot that names it takes it, each further one gets a new reference, and what no slot
//!   names is released. [`BufKind::ObjBorrowed`] entries are alive for as long as the native frame's caller runs: a slot that names one is a borrowed stack
//!   reference (or a new reference where the value may outlive the caller). An object entry may be NULL: then the slot is NULL, too.
//! * **Raise**: an exception is set. Levels carry the locals (for the traceback's frame), their stacks are empty. `bci` is the raising instruction.
//! * **Return**: entry 0 of the buffer is the result, owned; `levels` is empty when the frame's memory is right as it is.

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

/// In the code, an exit is named by this number plus its info's distance from the first one: shorter than an address, known before the infos have one, and
/// easy to recognise in a listing. The shared end of all exits makes an address of it.
pub(crate) const TAG: u64 = 0x4000_0000;

/// Bytes from one info to the next.
pub(crate) const STRIDE: u64 = size_of::<ExitInfo>() as u64;

/// Why native code leaves.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum ExitKind {
    /// The interpreter goes on at the instruction of the innermost level.
    Deopt,
    /// An exception is set and no handler in this function has it: unwind.
    Raise {
        /// Whether a traceback entry is still to be added.
        traceback: bool,
    },
    /// The function returns while somebody holds its frame object, or the frame is the interpreter's.
    Return,
}

/// What a buffer entry is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum BufKind {
    /// A reference, now the handler's.
    ObjOwned,
    /// A reference somebody else keeps alive.
    ObjBorrowed,
    /// A signed integer, to be boxed.
    Int,
    /// A double's bits, to be boxed.
    Double,
    /// 0 or 1, to be boxed.
    Bool,
    /// A code unit, to be written as a tagged integer.
    Lasti,
}

/// What belongs into a local's slot or onto the operand stack.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Slot {
    /// The frame's memory is right already.
    Keep,
    /// The frame's memory shows the right object; the handler takes a reference for it unless it owns one.
    Own,
    /// The frame's memory shows, borrowed, the right object (or nothing); the reference this exit owns is now the memory's.
    Adopt,
    /// Nothing.
    Null,
    /// The object at this address, kept alive by the compiled code.
    Const(u64),
    /// An entry of the buffer.
    Buf(u16),
    /// A code unit, as a tagged integer.
    Lasti(u32),
    /// An integer, to be boxed.
    Int(i64),
    /// A double's bits, to be boxed.
    Double(u64),
    /// A truth value, to be boxed.
    Bool(bool),
}

/// The state of one function body.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct ExitLevel {
    /// Code unit to execute next (to return to, for the callers of inlined bodies).
    pub bci: u32,
    /// Address of the code object; 0 for the frame that exists.
    pub code: u64,
    /// Address of the function object of an inlined body; 0 for the frame that exists.
    pub func: u64,
    /// Locals, cells and free variables.
    pub locals: Vec<Slot>,
    /// Operand stack, bottom first.
    pub stack: Vec<Slot>,
}

/// Everything about one exit.
#[derive(Debug)]
pub struct ExitInfo {
    /// Why.
    pub kind: ExitKind,
    /// Code unit of the instruction that left or raised, in the innermost body.
    pub bci: u32,
    /// The code version, as [`crate::BodyParams::token`] has it.
    pub token: u64,
    /// The HIR operation that left, for reports.
    pub reason: &'static str,
    /// Number of the HIR instruction.
    pub inst: u32,
    /// Bodies, innermost first, the frame that exists last. Shared: most exits of an instruction have the same.
    pub levels: Arc<[ExitLevel]>,
    /// What the buffer's entries are.
    pub buf: Arc<[BufKind]>,
    /// How often the exit was taken.
    pub count: AtomicU32,
}

impl ExitInfo {
    /// Notes that the exit is taken; returns how often it has been.
    pub fn take(&self) -> u32 {
        self.count.fetch_add(1, Ordering::Relaxed).wrapping_add(1)
    }

    /// How often the exit was taken.
    #[must_use]
    pub fn taken(&self) -> u32 {
        self.count.load(Ordering::Relaxed)
    }
}
