//! Assembler text of compiled code, with the names of what it refers to.

use crate::env::Env;
use crate::{CompiledBody, ExitKind};
use iced_x86::{Decoder, DecoderOptions, Formatter, Instruction, IntelFormatter, OpKind};
use std::fmt::Write;

/// The text of a body as if it were installed at `address`: a label a part, a line an instruction, with a comment for known addresses.
pub(crate) fn disassemble(body: &CompiledBody, address: u64, env: &Env) -> String {
    let mut text = String::new();
    for (name, offset, size) in body.parts() {
        let start = offset as usize;
        let Some(bytes) = body.bytes.get(start..start + size as usize) else { continue };
        let _ = writeln!(text, "{name}:");
        part(bytes, address + u64::from(offset), &mut text, &|value| describe(body, env, value));
    }
    text
}

fn describe(body: &CompiledBody, env: &Env, value: u64) -> Option<String> {
    if let Some(name) = env.symbol(value) {
        return Some(name.to_owned());
    }
    let exit = body.exits.iter().find(|exit| std::ptr::from_ref(&***exit) as u64 == value)?;
    let kind = match exit.kind {
        ExitKind::Deopt => "deopt",
        ExitKind::Raise { .. } => "raise",
        ExitKind::Return => "return",
    };
    Some(format!("{kind} {} at {}", exit.reason, exit.bci))
}

fn part(bytes: &[u8], address: u64, text: &mut String, describe: &dyn Fn(u64) -> Option<String>) {
    let mut decoder = Decoder::with_ip(64, bytes, address, DecoderOptions::NONE);
    let mut formatter = IntelFormatter::new();
    let mut line = String::new();
    let mut instruction = Instruction::default();
    while decoder.can_decode() {
        decoder.decode_out(&mut instruction);
        if instruction.is_invalid() {
            // The constants after the code do not decode; there is no code behind them.
            let _ = writeln!(text, "  {:6x}  (constants)", instruction.ip() - address);
            return;
        }
        line.clear();
        formatter.format(&instruction, &mut line);
        let comment = immediate(&instruction).and_then(describe).map(|name| format!("  ; {name}")).unwrap_or_default();
        let _ = writeln!(text, "  {:6x}  {line}{comment}", instruction.ip() - address);
    }
}

/// The immediate operand that could be an address.
fn immediate(instruction: &Instruction) -> Option<u64> {
    (0..instruction.op_count()).find_map(|index| match instruction.op_kind(index) {
        OpKind::Immediate64 => Some(instruction.immediate64()),
        OpKind::Immediate32 => Some(u64::from(instruction.immediate32())),
        OpKind::Immediate32to64 => Some(instruction.immediate32to64() as u64),
        _ => None,
    })
}
