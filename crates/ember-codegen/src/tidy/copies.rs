//! Moves whose result is where it should be already.
//!
//! The register allocator splits what lives long into pieces and moves from one to the next, often back and forth, and makes constants anew where they are used. Here
//! *numbers* stand for values: two places with the same number hold the same 64 bits. A copy gives its target its source's number, everything else that writes a place gives it a
//! new one. A move between places of the same number is left out; a reload or a constant that some register holds becomes a move between registers.
//!
//! Places are the general registers and the spill slots, which are only ever accessed relative to the stack pointer. Where control flow joins, two places have the same number if they have
//! on every way there; where a loop begins nothing is known.

use super::blocks::{Block, Blocks};
use super::{Code, Fate, copied, general};
use iced_x86::{Code as Form, Instruction, Mnemonic, OpKind, Register};
use rustc_hash::FxHashMap;
use smallvec::SmallVec;

/// Spill slots that are remembered.
const MOST_SLOTS: usize = 48;

/// Which values are the same. Numbers are never used for two values at a time.
#[derive(Clone)]
struct Known {
    registers: [u32; 16],
    slots: SmallVec<[(u32, u32); 16]>,
}

impl Known {
    fn slot(&self, offset: u32) -> Option<u32> {
        self.slots.iter().find(|&&(known, _)| known == offset).map(|&(_, number)| number)
    }

    fn set_slot(&mut self, offset: u32, number: u32) {
        self.forget_slots(offset, 8);
        if self.slots.len() == MOST_SLOTS {
            self.slots.remove(0);
        }
        self.slots.push((offset, number));
    }

    fn forget_slots(&mut self, offset: u32, bytes: u32) {
        self.slots.retain(|&mut (known, _)| known + 8 <= offset || offset + bytes <= known);
    }

    fn register_with(&self, number: u32) -> Option<usize> {
        self.registers.iter().position(|&known| known == number)
    }
}

/// Which numbers have been given.
struct Numbers {
    last: u32,
    constants: FxHashMap<u64, u32>,
}

impl Numbers {
    fn fresh(&mut self) -> u32 {
        self.last += 1;
        self.last
    }

    fn constant(&mut self, value: u64) -> u32 {
        let last = &mut self.last;
        *self.constants.entry(value).or_insert_with(|| {
            *last += 1;
            *last
        })
    }

    /// Nothing is the same.
    fn nothing(&mut self) -> Known {
        Known { registers: std::array::from_fn(|_| self.fresh()), slots: SmallVec::new() }
    }

    /// What holds on both ways.
    fn both(&mut self, one: &Known, other: &Known) -> Known {
        let mut pairs: SmallVec<[(u32, u32, u32); 16]> = SmallVec::new();
        let mut joined = |numbers: &mut Numbers, one: u32, other: u32| {
            if one == other {
                return one;
            }
            if let Some(&(.., number)) = pairs.iter().find(|&&(a, b, _)| (a, b) == (one, other)) {
                return number;
            }
            let number = numbers.fresh();
            pairs.push((one, other, number));
            number
        };
        let registers =
            std::array::from_fn(|register| joined(self, one.registers[register], other.registers[register]));
        let mut slots = SmallVec::new();
        for &(offset, number) in &one.slots {
            if let Some(there) = other.slot(offset) {
                slots.push((offset, joined(self, number, there)));
            }
        }
        Known { registers, slots }
    }
}

pub(super) fn run(code: &mut Code<'_>, blocks: &Blocks, spills: u32) {
    let mut numbers = Numbers { last: 0, constants: FxHashMap::default() };
    let mut after: Vec<Option<Known>> = blocks.all.iter().map(|_| None).collect();
    for &block in &blocks.order {
        let mut known = before(&blocks.all[block], &after, &mut numbers);
        for index in blocks.all[block].first..blocks.all[block].end {
            instruction(code, index, &mut known, &mut numbers, spills);
        }
        after[block] = Some(known);
    }
}

/// What is known where a block begins. Of what jumps back to it nothing is known yet.
fn before(block: &Block, after: &[Option<Known>], numbers: &mut Numbers) -> Known {
    let mut known: Option<Known> = None;
    for &before in &block.before {
        let Some(there) = &after[before as usize] else { return numbers.nothing() };
        known = Some(match known {
            Some(known) => numbers.both(&known, there),
            None => there.clone(),
        });
    }
    known.unwrap_or_else(|| numbers.nothing())
}

/// What a call may change, by the number of the register: all but those a C function preserves, of which the pinned register is none.
const CLOBBERED: [usize; 10] = [0, 1, 2, 6, 7, 8, 9, 10, 11, 15];

/// Registers' numbers.
const RSP: usize = 4;

fn instruction(code: &mut Code<'_>, index: usize, known: &mut Known, numbers: &mut Numbers, spills: u32) {
    let decoded = code.insts[index].decoded;
    if let Some((to, from)) = copied(&decoded) {
        let number = known.registers[from.number()];
        if known.registers[to.number()] == number {
            code.insts[index].fate = Fate::Gone;
        }
        write_register(known, to.number(), number);
        return;
    }
    if let Some((value, to)) = constant(&decoded).filter(|_| !code.insts[index].relocated) {
        let number = numbers.constant(value);
        replace_by_register(code, index, known, number, to);
        write_register(known, to, number);
        return;
    }
    match slot(&decoded, spills) {
        Some(Slot::Reload { to, offset }) => {
            let number = known.slot(offset).unwrap_or_else(|| {
                let number = numbers.fresh();
                known.set_slot(offset, number);
                number
            });
            replace_by_register(code, index, known, number, to);
            write_register(known, to, number);
            return;
        }
        Some(Slot::Spill { from, offset }) => {
            let number = known.registers[from];
            if known.slot(offset) == Some(number) {
                code.insts[index].fate = Fate::Gone;
            }
            known.set_slot(offset, number);
            return;
        }
        Some(Slot::Other { offset }) => known.forget_slots(offset, 16),
        Some(Slot::Unknown) => known.slots.clear(),
        None => {}
    }
    match written(&decoded) {
        Written::Nothing => {}
        Written::Register(register) => write_register(known, register, numbers.fresh()),
        Written::ByCall => CLOBBERED.iter().for_each(|&register| known.registers[register] = numbers.fresh()),
        Written::Unknown => *known = numbers.nothing(),
    }
}

fn write_register(known: &mut Known, register: usize, number: u32) {
    known.registers[register] = number;
    // Slots are named by their distance from the stack pointer.
    if register == RSP {
        known.slots.clear();
    }
}

/// Leaves out a load into a register that holds the value, or copies it from one that does.
fn replace_by_register(code: &mut Code<'_>, index: usize, known: &Known, number: u32, to: usize) {
    if known.registers[to] == number {
        code.insts[index].fate = Fate::Gone;
    } else if let Some(from) = known.register_with(number) {
        let copy = Instruction::with2(Form::Mov_rm64_r64, general(to), general(from));
        copy.into_iter().for_each(|copy| code.replace(index, copy));
    }
}

/// The constant that a move puts into a register.
fn constant(decoded: &Instruction) -> Option<(u64, usize)> {
    let value = match decoded.code() {
        Form::Mov_r64_imm64 => decoded.immediate64(),
        Form::Mov_r32_imm32 => u64::from(decoded.immediate32()),
        Form::Mov_rm64_imm32 if decoded.op0_kind() == OpKind::Register => decoded.immediate32to64() as u64,
        _ => return None,
    };
    Some((value, decoded.op0_register().number()))
}

/// What an instruction does with the part of the frame where spill slots are.
enum Slot {
    Reload {
        to: usize,
        offset: u32,
    },
    Spill {
        from: usize,
        offset: u32,
    },
    /// Another access to, at most, sixteen bytes.
    Other {
        offset: u32,
    },
    /// An access to some place, or its address.
    Unknown,
}

fn slot(decoded: &Instruction, spills: u32) -> Option<Slot> {
    let memory = (0..decoded.op_count()).any(|operand| decoded.op_kind(operand) == OpKind::Memory);
    if !memory || decoded.memory_base() != Register::RSP {
        return None;
    }
    if decoded.memory_index() != Register::None || decoded.memory_displacement64() > u64::from(u32::MAX / 2) {
        return Some(Slot::Unknown);
    }
    let offset = decoded.memory_displacement64() as u32;
    if offset < spills {
        return None;
    }
    Some(match decoded.code() {
        Form::Mov_r64_rm64 => Slot::Reload { to: decoded.op0_register().number(), offset },
        Form::Mov_rm64_r64 => Slot::Spill { from: decoded.op1_register().number(), offset },
        _ if decoded.mnemonic() == Mnemonic::Lea => Slot::Unknown,
        _ => Slot::Other { offset },
    })
}

/// The general registers that an instruction writes.
enum Written {
    Nothing,
    Register(usize),
    ByCall,
    Unknown,
}

fn written(decoded: &Instruction) -> Written {
    use Mnemonic as M;
    match decoded.mnemonic() {
        M::Call => Written::ByCall,
        M::Cmp
        | M::Test
        | M::Bt
        | M::Ucomisd
        | M::Ucomiss
        | M::Comisd
        | M::Vucomisd
        | M::Vucomiss
        | M::Nop
        | M::Ud2 => Written::Nothing,
        M::Mov
        | M::Movzx
        | M::Movsx
        | M::Movsxd
        | M::Lea
        | M::Add
        | M::Sub
        | M::And
        | M::Or
        | M::Xor
        | M::Adc
        | M::Sbb
        | M::Inc
        | M::Dec
        | M::Neg
        | M::Not
        | M::Shl
        | M::Shr
        | M::Sar
        | M::Rol
        | M::Ror
        | M::Shlx
        | M::Shrx
        | M::Sarx
        | M::Movq
        | M::Vmovq
        | M::Movd
        | M::Vmovd
        | M::Cvttsd2si
        | M::Vcvttsd2si => first(decoded),
        M::Imul if decoded.op_count() > 1 => first(decoded),
        // Conditional moves and sets, by their names' place among the others.
        mnemonic if (M::Cmova as u32..=M::Cmovs as u32).contains(&(mnemonic as u32)) => first(decoded),
        mnemonic if (M::Seta as u32..=M::Sets as u32).contains(&(mnemonic as u32)) => first(decoded),
        _ if decoded.op_count() > 0
            && decoded.op0_kind() == OpKind::Register
            && decoded.op0_register().is_vector_register() =>
        {
            Written::Nothing
        }
        M::Movsd | M::Vmovsd | M::Movups | M::Movaps | M::Vmovups | M::Vmovaps => Written::Nothing,
        _ if decoded.op_count() == 1 && decoded.op0_kind() == OpKind::NearBranch64 => Written::Nothing,
        _ => Written::Unknown,
    }
}

/// What is written is the first operand.
fn first(decoded: &Instruction) -> Written {
    if decoded.op0_kind() != OpKind::Register {
        return Written::Nothing;
    }
    let register = decoded.op0_register();
    if register.is_gpr() { Written::Register(register.full_register().number()) } else { Written::Nothing }
}
