//! What is before the code of a compiled function.
//!
//! A block of code begins with a [`BodyInfo`], which says what entering the function takes, and three small pieces of code that pass its address on to the
//! code all functions share ([`crate::stubs`]): most of what calls cost is the same for all of them, and a server runs so many functions that the processor would fetch it anew for each.
//!
//! A call with its arguments in a tuple and a dict is bound without taking these apart; the binder then needs the `spread` function that belongs to the entry a function has in its
//! `vectorcall`. So each entry has a header before it: a number that nothing else begins with, and how far before the entry `spread` is.

use crate::{BodyParams, OutsideCall, stubs::Stubs};
use std::mem::offset_of;

/// Bytes of the header: [`MAGIC`] and the distance from `spread` to the entry, eight bytes each.
pub const HEADER: usize = 16;
/// What a header begins with: neither instructions of a compiler nor the padding between functions.
pub const MAGIC: u64 = 0xE3BE_12C0_DE5B_9EAD;

/// What the shared code must know of a function.
#[derive(Clone, Copy, Debug)]
#[repr(C)]
pub struct BodyInfo {
    /// The code object as a borrowed stack reference.
    pub executable: u64,
    /// The address of the code unit a new frame points at.
    pub position: u64,
    /// Bytes of the frame.
    pub frame_bytes: u32,
    /// Bytes of its locals.
    pub locals_bytes: u32,
    /// How many locals are not parameters.
    pub other_locals: u32,
    /// How many are.
    pub parameters: u32,
    /// How far after this `body` is.
    pub body: i32,
    /// How far after this `spread` is.
    pub spread: i32,
    unused: [u32; 2],
}

/// Offsets within a block.
const BEFORE_ENTRY: usize = size_of::<BodyInfo>();
/// Of the entry, a multiple of [`crate::arena::ALIGN`].
pub(crate) const ENTRY: usize = BEFORE_ENTRY + HEADER;
/// Of `spread`.
pub(crate) const SPREAD: usize = ENTRY + 16;
/// Of `body`, which the compiled code follows.
pub(crate) const BODY: usize = SPREAD + 20;
/// Of the compiled code.
pub(crate) const CODE: usize = BODY + PIECE;
/// Bytes of a piece of code: an address and a call or a jump.
const PIECE: usize = 12;

const _: () = assert!(ENTRY.is_multiple_of(crate::arena::ALIGN) && CODE.is_multiple_of(16));

/// Offsets of fields that the shared code reads.
pub(crate) const FRAME_BYTES: i32 = offset_of!(BodyInfo, frame_bytes) as i32;
pub(crate) const LOCALS_BYTES: i32 = offset_of!(BodyInfo, locals_bytes) as i32;
pub(crate) const OTHER_LOCALS: i32 = offset_of!(BodyInfo, other_locals) as i32;
pub(crate) const PARAMETERS: i32 = offset_of!(BodyInfo, parameters) as i32;
pub(crate) const EXECUTABLE: i32 = offset_of!(BodyInfo, executable) as i32;
pub(crate) const POSITION: i32 = offset_of!(BodyInfo, position) as i32;
pub(crate) const TO_BODY: i32 = offset_of!(BodyInfo, body) as i32;
pub(crate) const TO_SPREAD: i32 = offset_of!(BodyInfo, spread) as i32;

/// `lea rax, rcx, r8, [rip + …]`
const LEA_RAX: [u8; 3] = [0x48, 0x8D, 0x05];
const LEA_RCX: [u8; 3] = [0x48, 0x8D, 0x0D];
const LEA_R8: [u8; 3] = [0x4C, 0x8D, 0x05];
const CALL: u8 = 0xE8;
const JUMP: u8 = 0xE9;

/// Everything up to [`CODE`], and the calls in it that are to be completed.
pub(crate) fn preamble(params: &BodyParams, stubs: &Stubs) -> (Vec<u8>, Vec<OutsideCall>) {
    let info = BodyInfo {
        executable: params.code | 1,
        position: params.first_instr.wrapping_add(u64::from(params.first_traceable) * 2),
        frame_bytes: params.framesize * 8,
        locals_bytes: params.nlocalsplus * 8,
        other_locals: params.nlocalsplus.saturating_sub(params.nparams),
        parameters: params.nparams,
        body: BODY as i32,
        spread: SPREAD as i32,
        unused: [0; 2],
    };
    let mut bytes = vec![0xCC; CODE];
    bytes[..BEFORE_ENTRY].copy_from_slice(&info.bytes());
    bytes[BEFORE_ENTRY..BEFORE_ENTRY + 8].copy_from_slice(&MAGIC.to_le_bytes());
    bytes[BEFORE_ENTRY + 8..ENTRY].copy_from_slice(&(ENTRY as u64).wrapping_sub(SPREAD as u64).to_le_bytes());
    let parameters = params.nparams as usize;
    let entry = if params.simple_args { stubs.entry(parameters) } else { stubs.bind };
    let mut calls = Vec::with_capacity(3);
    for (at, lea, jump, target) in [
        (ENTRY, LEA_R8, JUMP, entry),
        (SPREAD, LEA_RCX, JUMP, stubs.spread(parameters)),
        (BODY, LEA_RAX, CALL, stubs.enter(parameters)),
    ] {
        bytes[at..at + 3].copy_from_slice(&lea);
        bytes[at + 3..at + 7].copy_from_slice(&(-(at as i32 + 7)).to_le_bytes());
        bytes[at + 7] = jump;
        calls.push(OutsideCall { at: at as u32 + 8, target });
    }
    (bytes, calls)
}

impl BodyInfo {
    fn bytes(&self) -> [u8; BEFORE_ENTRY] {
        let mut bytes = [0; BEFORE_ENTRY];
        bytes[..8].copy_from_slice(&self.executable.to_le_bytes());
        bytes[8..16].copy_from_slice(&self.position.to_le_bytes());
        let words = [
            self.frame_bytes,
            self.locals_bytes,
            self.other_locals,
            self.parameters,
            self.body as u32,
            self.spread as u32,
        ];
        for (place, word) in bytes[16..].chunks_exact_mut(4).zip(words) {
            place.copy_from_slice(&word.to_le_bytes());
        }
        bytes
    }
}
