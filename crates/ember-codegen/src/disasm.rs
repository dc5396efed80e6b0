//! Assembler text of compiled code, with the names of what it refers to.

use crate::CompiledBody;
use crate::env::Env;
use crate::exits::{self, ExitKind};
use iced_x86::{Decoder, DecoderOptions, Formatter, Instruction, IntelFormatter, OpKind};
use std::fmt::Write;

/// The text of a body as if it were installed at `address`: a label a part, a line an instruction with its address, with a comment for known addresses. Targets of jumps are
/// addresses of lines.
pub(crate) fn disassemble(body: &CompiledBody, address: u64, env: &Env) -> String {
    let mut text = String::new();
    for (name, offset, size) in body.parts() {
        let start = offset as usize;
        let Some(bytes) = body.bytes.get(start..start + size as usize) else { continue };
        let _ = writeln!(text, "{name}:");
        let called = |end: u64| {
            let at = ((end - address) as u32).checked_sub(4)?;
            let call = body.calls.iter().find(|call| call.at == at)?;
            Some(env.symbol(call.target).map_or_else(|| format!("{:#x}", call.target), str::to_owned))
        };
        part(bytes, address + u64::from(offset), &mut text, &|value| describe(body, env, value), &called);
    }
    text
}

fn describe(body: &CompiledBody, env: &Env, value: u64) -> Option<String> {
    if let Some(name) = env.symbol(value) {
        return Some(name.to_owned());
    }
    if value == (body.exits.as_ptr() as u64).wrapping_sub(exits::TAG) {
        return Some("exits".to_owned());
    }
    let distance = value.checked_sub(exits::TAG)?;
    let exit = body.exits.get((distance / exits::STRIDE) as usize).filter(|_| distance % exits::STRIDE == 0)?;
    let kind = match exit.kind {
        ExitKind::Deopt => "deopt",
        ExitKind::Raise { .. } => "raise",
        ExitKind::Return => "return",
    };
    Some(format!("{kind} {} at {}", exit.reason(), exit.bci))
}

/// Cranelift IR with names instead of the addresses that have one, so that the text is the same in every process.
pub(crate) fn name_addresses(text: &str, body: &CompiledBody, env: &Env) -> String {
    let mut named = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find("0x") {
        let (before, number) = rest.split_at(at);
        let end = number[2..].find(|c: char| !c.is_ascii_hexdigit() && c != '_').map_or(number.len(), |end| end + 2);
        let digits = number[2..end].replace('_', "");
        named.push_str(before);
        match u64::from_str_radix(&digits, 16).ok().and_then(|value| describe(body, env, value)) {
            Some(name) => {
                let _ = write!(named, "<{name}>");
            }
            None => named.push_str(&number[..end]),
        }
        rest = &number[end..];
    }
    named.push_str(rest);
    named
}

/// `describe` names an address, `called` the function outside that a call which ends at an address is of.
fn part(
    bytes: &[u8],
    address: u64,
    text: &mut String,
    describe: &dyn Fn(u64) -> Option<String>,
    called: &dyn Fn(u64) -> Option<String>,
) {
    let mut decoder = Decoder::with_ip(64, bytes, address, DecoderOptions::NONE);
    let mut formatter = IntelFormatter::new();
    let mut line = String::new();
    let mut instruction = Instruction::default();
    while decoder.can_decode() {
        decoder.decode_out(&mut instruction);
        if instruction.is_invalid() {
            // The constants after the code do not decode; there is no code behind them.
            let _ = writeln!(text, "  {:6x}  (constants)", instruction.ip());
            return;
        }
        line.clear();
        if instruction.mnemonic() == iced_x86::Mnemonic::Call
            && let Some(name) = called(instruction.next_ip())
        {
            let _ = writeln!(text, "  {:6x}  call {name}", instruction.ip());
            continue;
        }
        formatter.format(&instruction, &mut line);
        let comment = immediate(&instruction).and_then(describe).map(|name| format!("  ; {name}")).unwrap_or_default();
        let _ = writeln!(text, "  {:6x}  {line}{comment}", instruction.ip());
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
