//! The shortest form of an instruction.
//!
//! * Arithmetic with a constant between -128 and 127 holds it in one byte instead of four, with any register.
//! * What is within 128 bytes of the frame pointer is named by its distance from there, which is four bytes less than a large distance from the stack pointer, and one less than a small one.
//! * A stack pointer that is set from the frame pointer need not be added to before.

use super::{Bytes, Code, Fate, copied};
use iced_x86::{Instruction, Mnemonic, OpKind, Register};

pub(super) fn run(code: &mut Code<'_>, frame: u32) {
    for index in 0..code.insts.len() {
        if !code.insts[index].is_free() {
            continue;
        }
        if overwritten(code, index) {
            code.insts[index].fate = Fate::Gone;
        } else if let Some(short) = from_frame_pointer(&code.insts[index].decoded, frame) {
            code.replace(index, short);
        } else if code.insts[index].fate == Fate::Kept
            && let Some(bytes) = small_immediate(code.bytes_of(&code.insts[index]), &code.insts[index].decoded)
        {
            code.insts[index].fate = Fate::Replaced(bytes);
        }
    }
}

/// The same, with the address relative to the frame pointer.
fn from_frame_pointer(decoded: &Instruction, frame: u32) -> Option<Instruction> {
    if decoded.memory_base() != Register::RSP || decoded.memory_index() != Register::None {
        return None;
    }
    let distance = i64::from(frame) - decoded.memory_displacement64() as i64;
    let near = (-127..=128).contains(&distance) && decoded.memory_displacement64() != 0;
    near.then(|| {
        let mut short = *decoded;
        short.set_memory_base(Register::RBP);
        short.set_memory_displacement64((-distance) as u64);
        short.set_memory_displ_size(1);
        short
    })
}

/// The form with an immediate of one byte of `add`, `or`, `adc`, `sbb`, `and`, `sub`, `xor` and `cmp`.
fn small_immediate(bytes: &[u8], decoded: &Instruction) -> Option<Bytes> {
    if decoded.op_count() != 2 || !matches!(decoded.op1_kind(), OpKind::Immediate32 | OpKind::Immediate32to64) {
        return None;
    }
    let (before, immediate) = bytes.split_last_chunk::<4>()?;
    let immediate = i8::try_from(i32::from_le_bytes(*immediate)).ok()? as u8;
    let (prefix, opcode) = match before {
        [prefix @ 0x40..=0x4F, opcode @ ..] => (Some(*prefix), opcode),
        _ => (None, before),
    };
    let mut short: smallvec::SmallVec<[u8; 15]> = prefix.into_iter().collect();
    match *opcode {
        [0x81, ref operand @ ..] => {
            short.push(0x83);
            short.extend_from_slice(operand);
        }
        // The forms for the accumulator, which have no operand.
        [opcode] if opcode < 0x40 && opcode & 7 == 5 => short.extend([0x83, 0xC0 | opcode & 0x38]),
        _ => return None,
    }
    short.push(immediate);
    Some(Bytes::new(&short))
}

/// Whether this is the `add rsp, …` before `mov rsp, rbp` at a function's end, where nobody looks at the flags.
fn overwritten(code: &Code<'_>, index: usize) -> bool {
    let inst = &code.insts[index];
    inst.decoded.mnemonic() == Mnemonic::Add
        && inst.decoded.op0_kind() == OpKind::Register
        && inst.decoded.op0_register() == Register::RSP
        && code.insts.get(index + 1).is_some_and(|next| {
            next.fate == Fate::Kept && !next.target && copied(&next.decoded) == Some((Register::RSP, Register::RBP))
        })
}
