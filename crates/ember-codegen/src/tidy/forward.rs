//! Copies that need not be made.
//!
//! Cranelift copies the pinned register wherever it is used, and the register allocator copies out of registers that calls preserve. Where every reader of a copy could as well read the register it
//! was copied from, it does, and the copy is left out. So is every copy, constant and reload that nobody reads.
//!
//! That nobody reads a register is known from its liveness: which registers some way from here reads before it writes them. Calls read all registers in which arguments could be, and the
//! pinned one; they write none, since some preserve all.

use super::blocks::Blocks;
use super::{Code, Fate, copied};
use iced_x86::{
    Code as Form, FlowControl, Instruction, InstructionInfoFactory, InstructionInfoOptions, Mnemonic, OpAccess, OpKind,
    Register,
};
use smallvec::SmallVec;

/// Registers, a bit each.
type Set = u16;

/// `rcx`, `rdx`, `rsi`, `rdi`, `r8`, `r9` and the pinned register.
const READ_BY_CALLS: Set = 1 << 1 | 1 << 2 | 1 << 6 | 1 << 7 | 1 << 8 | 1 << 9 | 1 << 15;
/// `rax`, `rdx` and what a function preserves.
const READ_BY_CALLER: Set = 1 << 0 | 1 << 2 | 1 << 3 | 1 << 4 | 1 << 5 | 0b1111 << 12;
/// The stack and frame pointer.
const ALWAYS: Set = 1 << 4 | 1 << 5;

/// What an instruction does with registers.
#[derive(Clone, Copy, Default)]
struct Uses {
    /// Those whose value it depends on.
    reads: Set,
    /// Those it writes whatever was there.
    writes: Set,
    /// Those it may change.
    changes: Set,
}

fn set(register: Register) -> Set {
    if register.is_gpr() { 1 << register.full_register().number() } else { 0 }
}

fn uses(decoded: &Instruction, factory: &mut InstructionInfoFactory) -> Uses {
    let mut uses = Uses::default();
    for used in factory.info_options(decoded, InstructionInfoOptions::NO_MEMORY_USAGE).used_registers() {
        let register = set(used.register());
        match used.access() {
            OpAccess::None | OpAccess::NoMemAccess => continue,
            OpAccess::Read | OpAccess::CondRead => uses.reads |= register,
            OpAccess::Write if used.register().is_gpr64() || used.register().is_gpr32() => {
                uses.writes |= register;
                uses.changes |= register;
            }
            // Of what is written in part, or perhaps, the rest is read.
            _ => {
                uses.reads |= register;
                uses.changes |= register;
            }
        }
    }
    match decoded.flow_control() {
        FlowControl::Call | FlowControl::IndirectCall => uses.reads |= READ_BY_CALLS,
        FlowControl::Return => uses.reads |= READ_BY_CALLER,
        _ => {}
    }
    uses
}

pub(super) fn run(code: &mut Code<'_>, blocks: &Blocks) {
    let mut factory = InstructionInfoFactory::new();
    let mut all: Vec<Uses> = code
        .insts
        .iter()
        .map(|inst| if inst.fate == Fate::Gone { Uses::default() } else { uses(&inst.decoded, &mut factory) })
        .collect();
    let live = liveness(blocks, &all);
    let mut forwarder = Forwarder { factory, changes: SmallVec::new() };
    for &block in &blocks.order {
        let (first, end) = (blocks.all[block].first, blocks.all[block].end);
        for index in first..end {
            forwarder.forward(code, &mut all, index, end, live[block]);
        }
        leave_out_unread(code, &all, first, end, live[block]);
    }
}

/// The registers that are read after each block.
fn liveness(blocks: &Blocks, all: &[Uses]) -> Vec<Set> {
    let mut of_block = vec![Uses::default(); blocks.all.len()];
    for &number in &blocks.order {
        let block = &blocks.all[number];
        for uses in &all[block.first..block.end] {
            of_block[number].reads |= uses.reads & !of_block[number].writes;
            of_block[number].writes |= uses.writes;
        }
    }
    let mut live_in: Vec<Set> = vec![0; blocks.all.len()];
    let mut live_out: Vec<Set> = vec![ALWAYS; blocks.all.len()];
    loop {
        let mut changed = false;
        for &number in blocks.order.iter().rev() {
            let out = blocks.all[number].next.iter().fold(ALWAYS, |out, &next| out | live_in[next as usize]);
            let before = of_block[number].reads | out & !of_block[number].writes;
            changed |= out != live_out[number] || before != live_in[number];
            (live_out[number], live_in[number]) = (out, before);
        }
        if !changed {
            return live_out;
        }
    }
}

/// Leaves out the moves into registers that nobody reads.
fn leave_out_unread(code: &mut Code<'_>, all: &[Uses], first: usize, end: usize, mut live: Set) {
    for index in (first..end).rev() {
        let inst = &mut code.insts[index];
        if matches!(inst.fate, Fate::Gone) {
            continue;
        }
        let uses = all[index];
        if inst.is_free() && is_move(&inst.decoded) && uses.writes != 0 && uses.writes & live == 0 {
            inst.fate = Fate::Gone;
            continue;
        }
        live = live & !uses.writes | uses.reads;
    }
}

/// Whether an instruction does nothing but put something into a register.
fn is_move(decoded: &Instruction) -> bool {
    matches!(
        decoded.code(),
        Form::Mov_r64_rm64 | Form::Mov_rm64_r64 | Form::Mov_r64_imm64 | Form::Mov_r32_imm32 | Form::Mov_rm64_imm32
    ) && decoded.op0_kind() == OpKind::Register
        && (decoded.op1_kind() != OpKind::Memory || decoded.memory_base() == Register::RSP)
}

struct Forwarder {
    factory: InstructionInfoFactory,
    changes: SmallVec<[(usize, Instruction); 4]>,
}

impl Forwarder {
    /// For a copy: lets what reads it read its source, up to where it is written again, if that is all of its readers.
    fn forward(&mut self, code: &mut Code<'_>, all: &mut [Uses], index: usize, end: usize, live: Set) {
        if !code.insts[index].is_free() {
            return;
        }
        let Some((to, from)) = copied(&code.insts[index].decoded) else { return };
        if (set(to) | set(from)) & ALWAYS != 0 {
            return;
        }
        self.changes.clear();
        let mut dead = false;
        for (at, (inst, uses)) in code.insts[..end].iter().zip(&*all).enumerate().skip(index + 1) {
            if inst.fate == Fate::Gone {
                continue;
            }
            if uses.reads & set(to) != 0 {
                let changed = inst.is_free().then(|| reading(&inst.decoded, to, from));
                let Some(Some(changed)) = changed else { return };
                self.changes.push((at, changed));
            }
            if uses.writes & set(to) != 0 {
                dead = true;
                break;
            }
            // What comes after needs what the source was before.
            if uses.changes & set(from) != 0 || inst.decoded.mnemonic() == Mnemonic::Call {
                break;
            }
        }
        if dead || self.is_unread(code, all, index, end, live, to) {
            self.apply(code, all, index);
        }
    }

    /// Whether nobody but those who are to be changed reads the copy.
    fn is_unread(&self, code: &Code<'_>, all: &[Uses], index: usize, end: usize, live: Set, to: Register) -> bool {
        let last = self.changes.last().map_or(index, |&(last, _)| last);
        for (inst, uses) in code.insts[last + 1..end].iter().zip(&all[last + 1..end]) {
            if inst.fate != Fate::Gone && uses.reads & set(to) != 0 {
                return false;
            }
            if inst.fate != Fate::Gone && uses.writes & set(to) != 0 {
                return true;
            }
        }
        live & set(to) == 0
    }

    /// Leaves the copy out, if that makes the code shorter.
    fn apply(&mut self, code: &mut Code<'_>, all: &mut [Uses], index: usize) {
        let mut encoded: SmallVec<[(usize, Instruction, super::Bytes); 4]> = SmallVec::new();
        let mut longer = 0;
        for &(at, changed) in &self.changes {
            let Some(bytes) = code.encoded(&changed) else { return };
            longer += i32::from(bytes.len) - i32::from(code.size(at));
            encoded.push((at, changed, bytes));
        }
        if longer >= i32::from(code.size(index)) {
            return;
        }
        code.insts[index].fate = Fate::Gone;
        all[index] = Uses::default();
        for (at, changed, bytes) in encoded {
            code.insts[at].decoded = changed;
            code.insts[at].fate = Fate::Replaced(bytes);
            all[at] = uses(&changed, &mut self.factory);
        }
    }
}

/// The instruction reading `from` wherever it read `to`; `None` if that is not known to be possible.
fn reading(decoded: &Instruction, to: Register, from: Register) -> Option<Instruction> {
    use Mnemonic as M;
    let known = matches!(
        decoded.mnemonic(),
        M::Mov
            | M::Movzx
            | M::Movsx
            | M::Movsxd
            | M::Lea
            | M::Cmp
            | M::Test
            | M::Add
            | M::Sub
            | M::And
            | M::Or
            | M::Xor
    );
    if !known || decoded.segment_prefix() != Register::None {
        return None;
    }
    let mut changed = *decoded;
    for operand in 0..decoded.op_count() {
        match decoded.op_kind(operand) {
            OpKind::Register if decoded.op_register(operand).full_register() == to => {
                let written = operand == 0 && !matches!(decoded.mnemonic(), M::Cmp | M::Test);
                if written {
                    // It may only be written: what also reads it needs the copy.
                    let only = matches!(decoded.mnemonic(), M::Mov | M::Movzx | M::Movsx | M::Movsxd | M::Lea);
                    let whole = decoded.op_register(0).is_gpr64() || decoded.op_register(0).is_gpr32();
                    if !(only && whole) {
                        return None;
                    }
                    continue;
                }
                changed.set_op_register(operand, of_size(from, decoded.op_register(operand))?);
            }
            OpKind::Memory => {
                if decoded.memory_base() == to {
                    changed.set_memory_base(from);
                }
                if decoded.memory_index() == to {
                    changed.set_memory_index(from);
                }
            }
            _ => {}
        }
    }
    Some(changed)
}

/// The part of `register` that `like` is of its register.
fn of_size(register: Register, like: Register) -> Option<Register> {
    if like.is_gpr64() {
        Some(register)
    } else if like.is_gpr32() {
        Some(register.full_register32())
    } else {
        None
    }
}
