//! Exits: how native code hands its state back.
//!
//! A guard that fails, an operation that raised, a return with a frame object attached: each has an [`ExitInfo`], which belongs to the code
//! version and says where everything is. The machine code of an exit stores the live values into a native buffer, one 64-bit word an entry,
//! and calls the exit handler with the thread state, the frame, the exit's info and the buffer.
//!
//! Contract with the handler:
//! * **Level**: the state of the frame that exists. An inlined body has none of its own: the interpreter executes the call again.
//! * **Slots**: [`Slot::Keep`] means the frame's memory is right already, *including who owns it*. For every other slot the handler closes what the memory holds
//!   (a stack reference: owned ones are released, borrowed ones and NULL forgotten) and writes the slot's value.
//! * **Buffer**: an entry [`BufKind::ObjOwned`] is a reference the handler now owns; the first slot that names it takes it, each further one gets a new reference, and what no slot
//!   names is released, the last entry first. [`BufKind::ObjBorrowed`] entries are alive for as long as the native frame's caller runs: a slot that names one is a borrowed stack
//!   reference (or a new reference where the value may outlive the caller). An object entry may be NULL: then the slot is NULL, too.
//! * **Raise**: an exception is set. The level carries the locals (for the traceback's frame), its stack is empty. `bci` is the raising instruction.
//! * **Return**: entry 0 of the buffer is the result, owned; there is no level when the frame's memory is right as it is.

use rustc_hash::FxHashMap;
use smallvec::SmallVec;
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

/// The state of the frame.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ExitLevel {
    /// Code unit to execute next.
    pub bci: u32,
    /// Locals, cells and free variables.
    pub locals: SmallVec<[Slot; 12]>,
    /// Operand stack, bottom first.
    pub stack: SmallVec<[Slot; 6]>,
}

/// What an exit hands over.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ExitState {
    /// The state of the frame, where its memory does not show it.
    pub level: Option<ExitLevel>,
    /// What the buffer's entries are.
    pub buf: SmallVec<[BufKind; 16]>,
}

impl ExitState {
    /// See [`ExitInfo::plain`].
    fn is_plain(&self, kind: ExitKind) -> bool {
        let results = usize::from(kind == ExitKind::Return);
        let kept = |level: &ExitLevel| level.stack.is_empty() && level.locals.iter().all(|slot| *slot == Slot::Keep);
        self.buf.len() == results && self.level.as_ref().is_some_and(kept)
    }
}

/// What the exits of a body share.
#[derive(Debug, Default)]
struct Shared {
    token: u64,
    reasons: Vec<&'static str>,
    states: Box<[u8]>,
}

/// Everything about one exit.
#[derive(Debug)]
pub struct ExitInfo {
    /// Why.
    pub kind: ExitKind,
    /// Whether the frame's memory is right in all locals, and there is nothing else to hand over (for a return: but its result): the state need not be looked at.
    pub plain: bool,
    reason: u8,
    /// Code unit of the instruction that left or raised; of the call, in an inlined body.
    pub bci: u32,
    /// Where its state is among the shared ones.
    state: u32,
    /// How often the exit was taken.
    count: AtomicU32,
    shared: Arc<Shared>,
}

impl ExitInfo {
    /// The code version, as [`crate::BodyParams::token`] has it.
    #[must_use]
    pub fn token(&self) -> u64 {
        self.shared.token
    }

    /// The HIR operation that left, for reports.
    #[must_use]
    pub fn reason(&self) -> &'static str {
        self.shared.reasons.get(usize::from(self.reason)).copied().unwrap_or_default()
    }

    /// What is handed over.
    #[must_use]
    pub fn state(&self) -> ExitState {
        Reader { bytes: self.shared.states.get(self.state as usize..).unwrap_or_default() }.state()
    }

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

/// Puts the exits of a body together. States are bytes, and equal ones are kept once: a web application has a hundred thousand exits, of which it takes a hundred.
#[derive(Default)]
pub(crate) struct Exits {
    infos: Vec<(ExitKind, bool, u8, u32, u32)>,
    reasons: Vec<&'static str>,
    states: Vec<u8>,
    known: FxHashMap<Vec<u8>, u32>,
}

impl Exits {
    /// Adds an exit; its number.
    pub(crate) fn push(&mut self, kind: ExitKind, bci: u32, reason: &'static str, state: &ExitState) -> usize {
        let bytes = write_state(state);
        let at = match self.known.get(&bytes) {
            Some(&known) => known,
            None => {
                let at = self.states.len() as u32;
                self.states.extend_from_slice(&bytes);
                self.known.insert(bytes, at);
                at
            }
        };
        let reason = self.reasons.iter().position(|&known| known == reason).unwrap_or_else(|| {
            self.reasons.push(reason);
            self.reasons.len() - 1
        });
        self.infos.push((kind, state.is_plain(kind), u8::try_from(reason).unwrap_or(u8::MAX), bci, at));
        self.infos.len() - 1
    }

    /// The exits of the body called `token`, which stay where they are from now on.
    pub(crate) fn finish(self, token: u64) -> Box<[ExitInfo]> {
        crate::arena::pages::keep(|| self.tables(token))
    }

    /// The tables, allocated anew.
    fn tables(&self, token: u64) -> Box<[ExitInfo]> {
        let shared = Arc::new(Shared { token, reasons: self.reasons.clone(), states: self.states.as_slice().into() });
        let info = |&(kind, plain, reason, bci, state)| ExitInfo {
            kind,
            plain,
            reason,
            bci,
            state,
            count: AtomicU32::new(0),
            shared: Arc::clone(&shared),
        };
        self.infos.iter().map(info).collect()
    }
}

// --- states as bytes ----------------------------------------------------------------------------------------------------
//
// The buffer's kinds (their number, a byte each); whether there is a level; its unit; locals and stack. A list of slots is its length and the slots: a byte whose upper half
// says which slot and whose lower half how many more of the same follow (only where there is nothing else to say), and what there is to say.

const KINDS: [BufKind; 6] =
    [BufKind::ObjOwned, BufKind::ObjBorrowed, BufKind::Int, BufKind::Double, BufKind::Bool, BufKind::Lasti];
const PLAIN: [Slot; 6] = [Slot::Keep, Slot::Own, Slot::Adopt, Slot::Null, Slot::Bool(false), Slot::Bool(true)];
const CONST: u8 = 6;
const BUF: u8 = 7;
const LASTI: u8 = 8;
const INT: u8 = 9;
const DOUBLE: u8 = 10;

fn write_number(out: &mut Vec<u8>, mut number: u32) {
    while number >= 0x80 {
        out.push(number as u8 | 0x80);
        number >>= 7;
    }
    out.push(number as u8);
}

fn write_state(state: &ExitState) -> Vec<u8> {
    let mut out = Vec::new();
    write_number(&mut out, state.buf.len() as u32);
    out.extend(state.buf.iter().map(|kind| KINDS.iter().position(|known| known == kind).unwrap_or(0) as u8));
    out.push(u8::from(state.level.is_some()));
    if let Some(level) = &state.level {
        write_number(&mut out, level.bci);
        write_slots(&mut out, &level.locals);
        write_slots(&mut out, &level.stack);
    }
    out
}

fn write_slots(out: &mut Vec<u8>, mut slots: &[Slot]) {
    write_number(out, slots.len() as u32);
    while let Some(slot) = slots.first() {
        let mut length = 1;
        match *slot {
            Slot::Const(address) => {
                out.push(CONST << 4);
                out.extend_from_slice(&address.to_le_bytes());
            }
            Slot::Buf(index) => {
                out.push(BUF << 4);
                write_number(out, u32::from(index));
            }
            Slot::Lasti(unit) => {
                out.push(LASTI << 4);
                write_number(out, unit);
            }
            Slot::Int(value) => {
                out.push(INT << 4);
                out.extend_from_slice(&value.to_le_bytes());
            }
            Slot::Double(bits) => {
                out.push(DOUBLE << 4);
                out.extend_from_slice(&bits.to_le_bytes());
            }
            Slot::Keep | Slot::Own | Slot::Adopt | Slot::Null | Slot::Bool(_) => {
                length = slots.iter().take(16).take_while(|other| *other == slot).count();
                let which = PLAIN.iter().position(|known| known == slot).unwrap_or(0) as u8;
                out.push(which << 4 | (length - 1) as u8);
            }
        }
        slots = &slots[length..];
    }
}

struct Reader<'a> {
    bytes: &'a [u8],
}

impl Reader<'_> {
    fn byte(&mut self) -> u8 {
        let Some((&first, rest)) = self.bytes.split_first() else { return 0 };
        self.bytes = rest;
        first
    }

    fn number(&mut self) -> u32 {
        let (mut number, mut shift) = (0, 0);
        loop {
            let byte = self.byte();
            number |= u32::from(byte & 0x7F) << shift;
            if byte < 0x80 || shift >= 28 {
                return number;
            }
            shift += 7;
        }
    }

    fn word(&mut self) -> u64 {
        let Some((word, rest)) = self.bytes.split_first_chunk() else { return 0 };
        self.bytes = rest;
        u64::from_le_bytes(*word)
    }

    fn state(mut self) -> ExitState {
        let count = self.number();
        let buf = (0..count).map(|_| KINDS[usize::from(self.byte()) % KINDS.len()]).collect();
        if self.byte() == 0 {
            return ExitState { level: None, buf };
        }
        let mut level = ExitLevel { bci: self.number(), ..ExitLevel::default() };
        self.slots(|slot| level.locals.push(slot));
        self.slots(|slot| level.stack.push(slot));
        ExitState { level: Some(level), buf }
    }

    fn slots(&mut self, mut push: impl FnMut(Slot)) {
        let mut left = self.number();
        while left > 0 {
            let head = self.byte();
            let slot = match head >> 4 {
                CONST => Slot::Const(self.word()),
                BUF => Slot::Buf(self.number() as u16),
                LASTI => Slot::Lasti(self.number()),
                INT => Slot::Int(self.word() as i64),
                DOUBLE => Slot::Double(self.word()),
                plain => PLAIN[usize::from(plain) % PLAIN.len()],
            };
            let run = u32::from(head & 15) + 1;
            (0..run).for_each(|_| push(slot));
            left = left.saturating_sub(run);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use smallvec::smallvec;

    #[test]
    fn states_come_back() {
        let mut locals: SmallVec<[Slot; 12]> = smallvec![Slot::Keep; 40];
        locals.extend([Slot::Own, Slot::Adopt, Slot::Null, Slot::Null, Slot::Const(u64::MAX), Slot::Buf(300)]);
        locals.extend([Slot::Lasti(1 << 30), Slot::Int(-2), Slot::Double(7), Slot::Bool(true), Slot::Bool(false)]);
        let level = ExitLevel { bci: 70_000, locals, stack: smallvec![Slot::Buf(0)] };
        let full = ExitState { level: Some(level), buf: KINDS.iter().copied().collect() };
        let empty = ExitState::default();
        let mut exits = Exits::default();
        for (bci, state) in [&full, &empty, &full].into_iter().enumerate() {
            exits.push(ExitKind::Deopt, bci as u32, "Deopt", state);
        }
        let infos = exits.finish(5);
        assert_eq!(infos.iter().map(ExitInfo::state).collect::<Vec<_>>(), [full.clone(), empty, full]);
        assert_eq!(infos[0].state, infos[2].state, "kept once");
        assert_eq!((infos[2].bci, infos[2].reason(), infos[2].token()), (2, "Deopt", 5));
        assert!(infos.iter().all(|info| !info.plain));
        const { assert!(STRIDE <= 32) };
    }

    #[test]
    fn plain_exits_hand_over_nothing_but_a_result() {
        let level = |locals: &[Slot], stack: &[Slot]| {
            Some(ExitLevel { bci: 1, locals: locals.iter().copied().collect(), stack: stack.iter().copied().collect() })
        };
        let state = |results: usize, level| ExitState { level, buf: smallvec![BufKind::ObjOwned; results] };
        let (raise, kept) = (ExitKind::Raise { traceback: true }, [Slot::Keep; 2]);
        assert!(state(0, level(&kept, &[])).is_plain(raise));
        assert!(state(1, level(&kept, &[])).is_plain(ExitKind::Return));
        assert!(!state(1, level(&kept, &[])).is_plain(raise), "something to drop");
        assert!(!state(2, level(&kept, &[])).is_plain(ExitKind::Return));
        assert!(!state(0, level(&[Slot::Keep, Slot::Own], &[])).is_plain(raise));
        assert!(!state(0, level(&kept, &[Slot::Null])).is_plain(raise));
        assert!(!state(0, None).is_plain(raise));
    }
}
