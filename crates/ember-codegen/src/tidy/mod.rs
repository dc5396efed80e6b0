//! Machine code made shorter, after registers are allocated and before it is placed.
//!
//! A server runs some thousand functions once a request, and its processor has to fetch their code each time: bytes on the usual path cost time. Cranelift emits
//! what its register allocator leaves behind: copies of what is in the register already, at nearly every block's start, with blocks of
//! their own on the edges between, and jumps in their longest form. What is done here, one pass a file:
//! * [`copies`]: moves, reloads, spills and constants whose result is where it should be already are left out, or become moves between registers;
//! * [`forward`]: what a copy was made for reads the copy's source; copies that nobody reads are left out;
//! * [`short`]: the shortest form of what is there;
//! * [`jumps`]: jumps to jumps, branches around jumps, code that nothing leads to; and every jump as short as its distance allows.
//!
//! Invariant: wherever something is read, by an instruction, a callee or the caller, it is what it was before: registers, flags and memory. Instructions keep their order. What is
//! not understood is not touched, and code with control flow of an unknown kind is left as it is ([`tidy`] gives `None`). Only x86-64 is known here.

mod blocks;
mod copies;
mod forward;
mod jumps;
mod short;
#[cfg(test)]
mod tests;

use crate::arena::scratch;
use blocks::Blocks;
use iced_x86::{Code as Form, Decoder, DecoderOptions, Encoder, Instruction, Mnemonic, OpKind, Register};
use std::sync::Once;

/// Code that was tidied.
pub(crate) struct Tidied {
    /// The code with the constants behind it.
    pub(crate) bytes: Vec<u8>,
    /// Where the relocations are now, in the order they were given in; `None` in code that nothing reached.
    pub(crate) relocations: Vec<Option<u32>>,
}

/// What becomes of an instruction.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Fate {
    /// Its bytes stay.
    Kept,
    /// It is left out.
    Gone,
    /// These bytes take its place.
    Replaced(Bytes),
    /// A jump to an instruction, by its index.
    Jump(u32),
    /// A jump under a condition, as the processor numbers these.
    Branch(u8, u32),
}

/// The bytes of one instruction.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Bytes {
    bytes: [u8; 15],
    len: u8,
}

impl Bytes {
    fn new(from: &[u8]) -> Bytes {
        let mut bytes = [0; 15];
        bytes[..from.len()].copy_from_slice(from);
        Bytes { bytes, len: from.len() as u8 }
    }

    fn as_slice(&self) -> &[u8] {
        &self.bytes[..usize::from(self.len)]
    }
}

/// An instruction of the code.
struct Inst {
    /// Where it was.
    at: u32,
    /// How long it was.
    len: u8,
    /// What it does now.
    decoded: Instruction,
    fate: Fate,
    /// Whether it holds a relocation.
    relocated: bool,
    /// Where in the instruction the distance to a constant behind the code is; 0 for none.
    constant: u8,
    /// Whether anything jumps here.
    target: bool,
}

impl Inst {
    /// Whether its bytes can be replaced by others.
    fn is_free(&self) -> bool {
        matches!(self.fate, Fate::Kept | Fate::Replaced(_)) && !self.relocated && self.constant == 0
    }

    /// Whether what follows is not reached from here.
    fn ends(&self) -> bool {
        matches!(self.fate, Fate::Jump(_)) || self.fate == Fate::Kept && self.is_last()
    }

    /// Whether nothing can follow.
    fn is_last(&self) -> bool {
        use Mnemonic::{Hlt, Int3, Jmp, Ret, Ud2};
        matches!(self.decoded.mnemonic(), Ret | Ud2 | Int3 | Hlt | Jmp)
    }
}

/// A function's machine code.
struct Code<'a> {
    bytes: &'a [u8],
    insts: Vec<Inst>,
    /// Where the code ends and the constants begin.
    end: usize,
    encoder: Encoder,
}

/// Tidies the code of one function, with its constants, in which four bytes at each of `relocations`, in ascending order, are filled in later. From `spills` on the stack frame
/// has only what is always accessed relative to the stack pointer; `frame` is the distance to the frame pointer.
pub(crate) fn tidy(bytes: &[u8], relocations: &[u32], spills: u32, frame: u32) -> Option<Tidied> {
    // Tables that are allocated when they are first needed, and stay.
    static TABLES: Once = Once::new();
    TABLES.call_once(|| scratch::outside(|| drop((Decoder::new(64, &[], DecoderOptions::NONE), Encoder::new(64)))));
    let mut code = decode(bytes, relocations)?;
    find_jumps(&mut code)?;
    let blocks = Blocks::new(&code);
    copies::run(&mut code, &blocks, spills);
    forward::run(&mut code, &blocks);
    short::run(&mut code, frame);
    jumps::run(&mut code);
    write(&code, relocations)
}

/// Takes the code apart, up to the constants.
fn decode<'a>(bytes: &'a [u8], relocations: &[u32]) -> Option<Code<'a>> {
    let mut decoder = Decoder::with_ip(64, bytes, 0, DecoderOptions::NONE);
    let mut insts: Vec<Inst> = Vec::with_capacity(bytes.len() / 4);
    let mut end = bytes.len();
    let mut relocations = relocations.iter().map(|&at| at as usize).peekable();
    while decoder.position() < end {
        // Constants are aligned.
        let padding = &bytes[decoder.position()..end];
        if padding.len() < 16 && padding.iter().all(|&byte| byte == 0) && insts.last().is_some_and(Inst::is_last) {
            break;
        }
        let decoded = decoder.decode();
        let (at, len) = (decoded.ip() as u32, decoded.len() as u8);
        let mut inst = Inst { at, len, decoded, fate: Fate::Kept, relocated: false, constant: 0, target: false };
        if inst.decoded.is_invalid() || decoder.position() > end {
            return None;
        }
        inst.relocated = relocations.next_if(|&at| at < decoder.position()).is_some();
        if inst.decoded.is_ip_rel_memory_operand() && !inst.relocated {
            // Constants lie behind all code that refers to them.
            let target = inst.decoded.ip_rel_memory_address() as usize;
            if target < decoder.position() || target > bytes.len() {
                return None;
            }
            end = end.min(target);
            inst.constant = decoder.get_constant_offsets(&inst.decoded).displacement_offset() as u8;
        }
        insts.push(inst);
    }
    Some(Code { bytes, insts, end, encoder: Encoder::new(64) })
}

/// Finds the jumps and where they lead.
fn find_jumps(code: &mut Code<'_>) -> Option<()> {
    for index in 0..code.insts.len() {
        if let Some(fate) = code.jump(index)? {
            let (Fate::Jump(to) | Fate::Branch(_, to)) = fate else { continue };
            code.insts[to as usize].target = true;
            code.insts[index].fate = fate;
        }
    }
    Some(())
}

impl Code<'_> {
    /// What a jump is; `None` for one of a kind that Cranelift does not emit here.
    fn jump(&self, index: usize) -> Option<Option<Fate>> {
        let inst = &self.insts[index];
        let near = inst.decoded.op_count() > 0 && inst.decoded.op0_kind() == OpKind::NearBranch64;
        let mnemonic = inst.decoded.mnemonic();
        if mnemonic == Mnemonic::Call || !(near || mnemonic == Mnemonic::Jmp) {
            return Some(None);
        }
        let bytes = self.bytes_of(inst);
        let to = || {
            let target = inst.decoded.near_branch_target();
            self.insts.binary_search_by_key(&target, |inst| u64::from(inst.at)).ok().map(|to| to as u32)
        };
        match *bytes {
            _ if !near || inst.relocated => None,
            [0xEB, ..] | [0xE9, ..] => Some(Some(Fate::Jump(to()?))),
            [opcode @ 0x70..=0x7F, _] | [0x0F, opcode @ 0x80..=0x8F, ..] => {
                Some(Some(Fate::Branch(opcode & 15, to()?)))
            }
            _ => None,
        }
    }

    /// The bytes the instruction had.
    fn bytes_of(&self, inst: &Inst) -> &[u8] {
        &self.bytes[inst.at as usize..inst.at as usize + usize::from(inst.len)]
    }

    /// The length an instruction has now.
    fn size(&self, index: usize) -> u8 {
        match self.insts[index].fate {
            Fate::Replaced(bytes) => bytes.len,
            Fate::Gone => 0,
            _ => self.insts[index].len,
        }
    }

    /// Puts another instruction in the place of one.
    fn replace(&mut self, index: usize, new: Instruction) {
        if let Some(bytes) = self.encoded(&new) {
            self.insts[index].decoded = new;
            self.insts[index].fate = Fate::Replaced(bytes);
        }
    }

    fn encoded(&mut self, new: &Instruction) -> Option<Bytes> {
        let result = self.encoder.encode(new, 0);
        let mut bytes = self.encoder.take_buffer();
        let encoded = result.is_ok().then(|| Bytes::new(&bytes));
        bytes.clear();
        self.encoder.set_buffer(bytes);
        encoded
    }

    /// The first instruction from this one on that is not left out.
    fn live(&self, from: usize) -> Option<usize> {
        (from..self.insts.len()).find(|&index| self.insts[index].fate != Fate::Gone)
    }
}

/// The registers of a copy of 64 bits: to, from.
fn copied(decoded: &Instruction) -> Option<(Register, Register)> {
    let copies = matches!(decoded.code(), Form::Mov_r64_rm64 | Form::Mov_rm64_r64)
        && decoded.op0_kind() == OpKind::Register
        && decoded.op1_kind() == OpKind::Register;
    copies.then(|| (decoded.op0_register(), decoded.op1_register()))
}

/// The general register with this number.
fn general(number: usize) -> Register {
    use Register as R;
    const ALL: [Register; 16] = [
        R::RAX,
        R::RCX,
        R::RDX,
        R::RBX,
        R::RSP,
        R::RBP,
        R::RSI,
        R::RDI,
        R::R8,
        R::R9,
        R::R10,
        R::R11,
        R::R12,
        R::R13,
        R::R14,
        R::R15,
    ];
    ALL[number & 15]
}

/// Puts the code together, every jump in the length that [`jumps::place`] found for it.
fn write(code: &Code<'_>, relocations: &[u32]) -> Option<Tidied> {
    let places = jumps::place(code);
    let size = *places.last()?;
    // Constants keep their alignment.
    let shift = (code.end as u32 % 16 + 16 - size % 16) % 16;
    let constants = size + shift;
    let mut bytes = Vec::with_capacity(constants as usize + code.bytes.len() - code.end);
    let mut moved = Vec::with_capacity(relocations.len());
    let mut relocations = relocations.iter().peekable();
    for (index, inst) in code.insts.iter().enumerate() {
        let (at, end) = (places[index], places[index + 1]);
        while let Some(&relocation) = relocations.next_if(|&&offset| offset < inst.at + u32::from(inst.len)) {
            moved.push((inst.fate != Fate::Gone).then(|| at + (relocation - inst.at)));
        }
        match inst.fate {
            Fate::Gone => {}
            Fate::Replaced(new) => bytes.extend_from_slice(new.as_slice()),
            Fate::Jump(to) => jumps::write(&mut bytes, None, places[to as usize], end),
            Fate::Branch(condition, to) => jumps::write(&mut bytes, Some(condition), places[to as usize], end),
            Fate::Kept => {
                bytes.extend_from_slice(code.bytes_of(inst));
                if inst.constant != 0 {
                    let target = inst.decoded.ip_rel_memory_address() as u32 - code.end as u32 + constants;
                    let field = at as usize + usize::from(inst.constant);
                    bytes[field..field + 4].copy_from_slice(&target.wrapping_sub(end).to_le_bytes());
                }
            }
        }
        if bytes.len() as u32 != end {
            return None;
        }
    }
    if code.end < code.bytes.len() {
        bytes.resize(constants as usize, 0xCC);
        bytes.extend_from_slice(&code.bytes[code.end..]);
    }
    (relocations.next().is_none()).then_some(Tidied { bytes, relocations: moved })
}
