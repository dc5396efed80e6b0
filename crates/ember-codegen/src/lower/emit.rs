//! From Cranelift's function to bytes: machine code, tidied, with the data behind it and what is to be completed where it is placed.

use super::Result;
use crate::arena::ALIGN;
use crate::tidy::{self, Tidied};
use crate::{CodegenError, Options, OutsideCall};
use cranelift_codegen::binemit::Reloc;
use cranelift_codegen::control::ControlPlane;
use cranelift_codegen::ir::ExternalName;
use cranelift_codegen::isa::TargetIsa;
use cranelift_codegen::{CompiledCode, Context, FinalizedMachReloc, FinalizedRelocTarget};
use smallvec::SmallVec;

/// Namespaces of relocation targets: the body itself, functions outside by their place in a list of addresses.
pub(super) const INSIDE: u32 = 0;
pub(super) const OUTSIDE: u32 = 1;
/// What lies behind the code, by its offset there.
pub(super) const DATA: u32 = 2;

/// What a body refers to outside of its code.
pub(super) struct Outside {
    /// The functions it calls.
    pub(super) functions: Vec<u64>,
    /// What is to lie behind the code.
    pub(super) data: Vec<u8>,
}

/// Compiles what is in the context and appends it to `bytes`, and the data after it; the data's offset. Calls of the body itself lead to its offset `body`.
pub(super) fn emit(
    context: &mut Context,
    isa: &dyn TargetIsa,
    outside: &Outside,
    body: u32,
    options: &Options,
    bytes: &mut Vec<u8>,
    calls: &mut Vec<OutsideCall>,
) -> Result<u32> {
    if let Err(error) = context.compile(isa, &mut ControlPlane::default()) {
        return Err(CodegenError::Cranelift(format!("{:?}", error.inner)));
    }
    let Some(code) = context.compiled_code() else {
        return Err(CodegenError::Cranelift("no code".to_owned()));
    };
    if code.buffer.alignment > ALIGN as u32 {
        return Err(CodegenError::Cranelift(format!("alignment {}", code.buffer.alignment)));
    }
    let base = bytes.len() as u32;
    let mut places: Vec<Option<u32>> = code.buffer.relocs().iter().map(|relocation| Some(relocation.offset)).collect();
    match (options.tidy && cfg!(target_arch = "x86_64")).then(|| tidied(context, code)).flatten() {
        Some(tidied) => {
            bytes.extend_from_slice(&tidied.bytes);
            places = tidied.relocations;
        }
        None => bytes.extend_from_slice(code.buffer.data()),
    }
    let end = bytes.len().next_multiple_of(8);
    bytes.resize(end, 0xCC);
    bytes.extend_from_slice(&outside.data);
    let data = end as u32;
    for (FinalizedMachReloc { kind, target, addend, .. }, place) in code.buffer.relocs().iter().zip(places) {
        let Some(offset) = place else { continue };
        let FinalizedRelocTarget::ExternalName(ExternalName::User(name)) = target else {
            return Err(CodegenError::Cranelift(format!("relocation {kind:?} to {target:?}")));
        };
        if !matches!(kind, Reloc::X86PCRel4 | Reloc::X86CallPCRel4) || *addend != -4 {
            return Err(CodegenError::Cranelift(format!("relocation {kind:?} with {addend}")));
        }
        let name = &context.func.params.user_named_funcs()[*name];
        let at = base + offset;
        if let INSIDE | DATA = name.namespace {
            // Relative, so it holds wherever the code is placed.
            let target = if name.namespace == INSIDE { body } else { data + name.index };
            let distance = target.wrapping_sub(at + 4);
            bytes[at as usize..at as usize + 4].copy_from_slice(&distance.to_le_bytes());
        } else if let Some(&target) = outside.functions.get(name.index as usize) {
            calls.push(OutsideCall { at, target });
        } else {
            return Err(CodegenError::Cranelift(format!("relocation to {name:?}")));
        }
    }
    Ok(data)
}

/// The same code, shorter.
fn tidied(context: &Context, code: &CompiledCode) -> Option<Tidied> {
    let layout = code.buffer.frame_layout()?;
    let slots = &context.func.sized_stack_slots;
    // Above the slots there is nothing but what registers were spilled to and saved in.
    let spills = slots.iter().map(|(slot, data)| layout.stackslots[slot].offset + data.size).max()?;
    let relocations: SmallVec<[u32; 32]> = code.buffer.relocs().iter().map(|relocation| relocation.offset).collect();
    let tidied = tidy::tidy(code.buffer.data(), &relocations, spills, layout.frame_to_fp_offset);
    debug_assert!(tidied.is_some(), "Cranelift emits what is not understood");
    tidied
}
