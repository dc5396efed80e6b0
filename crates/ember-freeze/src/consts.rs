//! Constants of frozen code, loaded without being counted.
//!
//! The interpreter notes at an instruction's first execution whether its constant is immortal. If it was not, the instruction counts a reference each time from then on and does not look
//! again, while whoever drops the reference does look: so the count of a constant that was made immortal since would be
//! written by every execution, in every child, and would only ever grow, until it is that of a mortal object. The invariant: no instruction of frozen code counts
//! references to a frozen constant.

use ember_cpython::layout::PyCodeObject;
use ember_cpython::refcount::is_immortal;
use ember_cpython::{code, frame};
use ember_frontend::opcodes::v3_14 as op;

/// Has a code object's instructions load what is immortal by now as such.
///
/// # Safety
/// The GIL is held and `code` is live.
pub unsafe fn settle(code: *mut PyCodeObject) {
    // SAFETY: as the caller says; units and constants are the code's own, and nothing runs meanwhile.
    unsafe {
        let consts = code::consts(code);
        let units = core::slice::from_raw_parts_mut(frame::instruction(code, 0), code::len(code));
        for (unit, index) in loads(units) {
            if consts.get(index).is_some_and(|&constant| is_immortal(constant))
                && let Some(unit) = units.get_mut(unit)
            {
                *unit = *unit & 0xFF00 | u16::from(op::LOAD_CONST_IMMORTAL);
            }
        }
    }
}

/// Where constants are loaded as mortal ones, or were not loaded yet, and which. What lies beyond an instruction that a debugger or profiler has
/// put in another's place is not looked at: how long that one is cannot be seen.
fn loads(units: &[u16]) -> Vec<(usize, usize)> {
    let mut found = Vec::new();
    let (mut at, mut arg) = (0, 0usize);
    while let Some(&raw) = units.get(at) {
        let opcode = raw as u8;
        if opcode >= FIRST_INSTRUMENTED {
            break;
        }
        arg = arg << 8 | usize::from(raw >> 8);
        if matches!(opcode, op::LOAD_CONST | op::LOAD_CONST_MORTAL) {
            found.push((at, arg));
        }
        if opcode != op::EXTENDED_ARG {
            arg = 0;
        }
        at += 1 + usize::from(op::CACHES[usize::from(op::BASE[usize::from(opcode)])]);
    }
    found
}

/// From here on opcodes stand for others.
const FIRST_INSTRUMENTED: u8 = op::INSTRUMENTED_END_FOR;

#[cfg(test)]
mod tests {
    use super::*;

    fn unit(opcode: u8, arg: u8) -> u16 {
        u16::from(arg) << 8 | u16::from(opcode)
    }

    #[test]
    fn loads_are_found_behind_caches_and_extended_arguments() {
        let caches = usize::from(op::CACHES[usize::from(op::LOAD_ATTR)]);
        let mut units = vec![unit(op::LOAD_ATTR, 0)];
        // What a cache holds is no instruction.
        units.extend(std::iter::repeat_n(unit(op::LOAD_CONST_MORTAL, 7), caches));
        units.extend([unit(op::EXTENDED_ARG, 1), unit(op::LOAD_CONST_MORTAL, 2), unit(op::LOAD_CONST, 3)]);
        units.push(unit(op::LOAD_CONST_IMMORTAL, 4));
        assert_eq!(loads(&units), [(caches + 2, 258), (caches + 3, 3)]);
    }

    #[test]
    fn nothing_is_found_beyond_an_instrumented_instruction() {
        let units = [unit(op::LOAD_CONST, 1), unit(FIRST_INSTRUMENTED, 0), unit(op::LOAD_CONST, 2)];
        assert_eq!(loads(&units), [(0, 1)]);
    }
}
