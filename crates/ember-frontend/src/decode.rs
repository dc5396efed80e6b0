//! Instructions out of code units.
//!
//! A code unit is an opcode (low byte) and an argument (high byte). `EXTENDED_ARG` units before an instruction give the higher bytes of its
//! argument, inline cache units after it belong to it. The iterator yields whole instructions; units beyond the end of the code end it.

use crate::opcodes::v3_14 as op;

/// An instruction.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Instr {
    /// Unit of its first `EXTENDED_ARG`, or of the instruction: where the interpreter must start to execute it.
    pub start: u32,
    /// Unit of the opcode itself: what frames, tracebacks and profiles name.
    pub unit: u32,
    /// Unit after it and its caches.
    pub next: u32,
    /// Base opcode.
    pub opcode: u8,
    /// The opcode as the interpreter has specialised it, or the base opcode.
    pub special: u8,
    /// Argument.
    pub arg: u32,
}

impl Instr {
    /// The unit a relative jump goes to, `None` for instructions that do not jump.
    #[must_use]
    pub fn jump_target(&self) -> Option<u32> {
        match self.opcode {
            op::JUMP_FORWARD
            | op::POP_JUMP_IF_FALSE
            | op::POP_JUMP_IF_TRUE
            | op::POP_JUMP_IF_NONE
            | op::POP_JUMP_IF_NOT_NONE
            | op::SEND => self.next.checked_add(self.arg),
            // An exhausted iterator goes past the END_FOR to the POP_ITER.
            op::FOR_ITER => self.next.checked_add(self.arg)?.checked_add(1),
            op::JUMP_BACKWARD | op::JUMP_BACKWARD_NO_INTERRUPT => self.next.checked_sub(self.arg),
            _ => None,
        }
    }

    /// Whether it is a jump to before the first unit, or beyond any.
    #[must_use]
    pub fn jumps_nowhere(&self) -> bool {
        let backward = matches!(self.opcode, op::JUMP_BACKWARD | op::JUMP_BACKWARD_NO_INTERRUPT);
        self.jump_target().is_none() && (backward || Instr { arg: 0, ..*self }.jump_target().is_some())
    }

    /// Whether the frame is left here, to be resumed at the next instruction.
    #[must_use]
    pub fn suspends(&self) -> bool {
        matches!(self.opcode, op::YIELD_VALUE | op::RETURN_GENERATOR)
    }

    /// Whether the next instruction may follow.
    #[must_use]
    pub fn falls_through(&self) -> bool {
        !matches!(
            self.opcode,
            op::JUMP_FORWARD
                | op::JUMP_BACKWARD
                | op::JUMP_BACKWARD_NO_INTERRUPT
                | op::RETURN_VALUE
                | op::RAISE_VARARGS
                | op::RERAISE
                | op::INTERPRETER_EXIT
        )
    }
}

/// The head of the innermost loop around a unit of quickened code.
#[must_use]
pub fn loop_around(adaptive: &[u16], unit: usize) -> Option<u32> {
    let (mut at, mut arg) = (0, 0usize);
    while let Some(&raw) = adaptive.get(at) {
        let opcode = match op::BASE[usize::from(raw as u8)] {
            op::INSTRUMENTED_JUMP_BACKWARD => op::JUMP_BACKWARD,
            opcode => opcode,
        };
        arg = (arg & 0xFF_FFFF) << 8 | usize::from(raw >> 8);
        let next = at + 1 + usize::from(op::CACHES[usize::from(opcode)]);
        if opcode == op::JUMP_BACKWARD && at >= unit {
            let head = next.checked_sub(arg)?;
            if head <= unit {
                return Some(head as u32);
            }
        }
        if opcode != op::EXTENDED_ARG {
            arg = 0;
        }
        at = next;
    }
    None
}

/// Iterates over the instructions of a code object.
#[derive(Clone, Debug)]
pub struct Instrs<'a> {
    units: &'a [u16],
    adaptive: &'a [u16],
    at: usize,
}

/// The instructions of `units` (base opcodes), with the specialisations found in `adaptive`.
#[must_use]
pub fn instrs<'a>(units: &'a [u16], adaptive: &'a [u16]) -> Instrs<'a> {
    Instrs { units, adaptive, at: 0 }
}

impl Iterator for Instrs<'_> {
    type Item = Instr;

    fn next(&mut self) -> Option<Instr> {
        let start = self.at;
        let mut arg = 0u32;
        let (mut opcode, mut low);
        loop {
            let unit = *self.units.get(self.at)?;
            (opcode, low) = ((unit & 0xFF) as u8, u32::from(unit >> 8));
            arg = arg << 8 | low;
            if opcode != op::EXTENDED_ARG {
                break;
            }
            self.at += 1;
        }
        let unit = self.at;
        self.at = unit + 1 + usize::from(op::CACHES[usize::from(opcode)]);
        // Instrumented and executor opcodes have no base here; they say nothing.
        let special = match self.adaptive.get(unit).map(|&raw| (raw & 0xFF) as u8) {
            Some(special) if op::BASE[usize::from(special)] == opcode => special,
            _ => opcode,
        };
        Some(Instr { start: start as u32, unit: unit as u32, next: self.at as u32, opcode, special, arg })
    }
}

/// The inline cache of an instruction: units counted from the one after the opcode, the first being the counter.
#[derive(Clone, Copy, Debug)]
pub struct Cache<'a> {
    adaptive: &'a [u16],
    first: usize,
}

impl<'a> Cache<'a> {
    /// The cache of the instruction whose opcode is at `unit`.
    #[must_use]
    pub fn new(adaptive: &'a [u16], unit: u32) -> Cache<'a> {
        Cache { adaptive, first: unit as usize + 1 }
    }

    /// 16 bits; zero beyond the end.
    #[must_use]
    pub fn u16(&self, index: usize) -> u16 {
        self.adaptive.get(self.first + index).copied().unwrap_or(0)
    }

    /// 32 bits.
    #[must_use]
    pub fn u32(&self, index: usize) -> u32 {
        u32::from(self.u16(index)) | u32::from(self.u16(index + 1)) << 16
    }

    /// 64 bits.
    #[must_use]
    pub fn u64(&self, index: usize) -> u64 {
        u64::from(self.u32(index)) | u64::from(self.u32(index + 2)) << 32
    }
}

/// The plain numbers in an attribute site's inline cache, for those who resolve them to [`crate::snapshot::AttrShape`]s.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct AttrCache {
    /// `LOAD_ATTR_*` or `STORE_ATTR_*` opcode.
    pub special: u8,
    /// Type version (for `LOAD_ATTR_MODULE` the keys' version).
    pub version: u32,
    /// Byte offset, entry index or hint (`INSTANCE_VALUE`, `SLOT`, `WITH_HINT`, `MODULE`; `STORE_ATTR_*`).
    pub index: u16,
    /// Keys version (`METHOD_WITH_VALUES`, `NONDESCRIPTOR_WITH_VALUES`), metaclass version (`CLASS_WITH_METACLASS_CHECK`).
    pub keys_version: u32,
    /// Dict offset (`METHOD_LAZY_DICT`).
    pub dict_offset: u16,
    /// Address of the descriptor or value (`METHOD_*`, `NONDESCRIPTOR_*`, `CLASS*`, `PROPERTY`, `GETATTRIBUTE_OVERRIDDEN`).
    pub descr: u64,
}

/// Reads the inline cache of a specialised `LOAD_ATTR` or `STORE_ATTR`; `None` when the site is not specialised.
#[must_use]
pub fn attr_cache(adaptive: &[u16], unit: u32) -> Option<AttrCache> {
    let special = (adaptive.get(unit as usize)? & 0xFF) as u8;
    let base = op::BASE[usize::from(special)];
    if special == base || !matches!(base, op::LOAD_ATTR | op::STORE_ATTR) {
        return None;
    }
    let cache = Cache::new(adaptive, unit);
    let load = base == op::LOAD_ATTR;
    Some(AttrCache {
        special,
        version: cache.u32(1),
        index: cache.u16(3),
        keys_version: if load { cache.u32(3) } else { 0 },
        dict_offset: cache.u16(3),
        descr: if load { cache.u64(5) } else { 0 },
    })
}

/// The function version in the inline cache of a specialised `CALL` or `CALL_KW`.
#[must_use]
pub fn call_version(adaptive: &[u16], unit: u32) -> u32 {
    Cache::new(adaptive, unit).u32(1)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn unit(opcode: u8, arg: u8) -> u16 {
        u16::from(opcode) | u16::from(arg) << 8
    }

    #[test]
    fn extended_arguments_and_caches_belong_to_their_instruction() {
        let units = [unit(op::EXTENDED_ARG, 1), unit(op::LOAD_GLOBAL, 2), 0, 0, 0, 0, unit(op::RETURN_VALUE, 0)];
        let all: Vec<Instr> = instrs(&units, &[]).collect();
        assert_eq!(all.len(), 2);
        assert_eq!((all[0].start, all[0].unit, all[0].next, all[0].arg), (0, 1, 6, 0x102));
        assert_eq!(all[1].opcode, op::RETURN_VALUE);
    }

    #[test]
    fn a_specialisation_of_another_family_is_ignored() {
        let units = [unit(op::BINARY_OP, 0), 0, 0, 0, 0, 0];
        let instr = |special| instrs(&units, &[unit(special, 0)]).next().expect("one instruction").special;
        assert_eq!(instr(op::BINARY_OP_ADD_INT), op::BINARY_OP_ADD_INT);
        assert_eq!(instr(op::LOAD_ATTR_SLOT), op::BINARY_OP);
        assert_eq!(instr(255), op::BINARY_OP);
    }

    #[test]
    fn the_innermost_loop_around_a_unit() {
        // An outer loop over units 1 to 7 with one over 2 to 5 inside, each jump with its cache; one of the jumps is instrumented.
        let nop = unit(op::NOP, 0);
        let inner = unit(op::INSTRUMENTED_JUMP_BACKWARD, 4);
        let code = [nop, nop, nop, nop, inner, 0, nop, unit(op::JUMP_BACKWARD, 8), 0, nop];
        for (at, head) in [(0, None), (1, Some(1)), (2, Some(2)), (4, Some(2)), (6, Some(1)), (7, Some(1)), (9, None)] {
            assert_eq!(loop_around(&code, at), head, "{at}");
        }
    }

    #[test]
    fn truncated_code_ends_the_iteration() {
        assert_eq!(instrs(&[unit(op::EXTENDED_ARG, 1)], &[]).next(), None);
    }
}
