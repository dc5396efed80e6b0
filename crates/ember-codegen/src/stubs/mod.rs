//! Small pieces of code that are not compiled from a function.

mod shared;

pub use shared::{Stubs, build};

use crate::CodegenError;
use crate::isa::{self, Quality};
use cranelift_codegen::Context;
use cranelift_codegen::control::ControlPlane;
use cranelift_codegen::ir::{
    AbiParam, InstBuilder, MemFlagsData, Signature, StackSlotData, StackSlotKind, UserFuncName, types,
};
use cranelift_codegen::isa::CallConv;
use cranelift_frontend::{FunctionBuilder, FunctionBuilderContext};

/// Code with a body's signature, `(tstate, func, a0 …)`, which stores the arguments to an array and calls `target`, a `fn(tstate, func, args, shape) -> *PyObject`
/// with the given `shape`.
///
/// # Errors
/// When Cranelift refuses.
pub fn uncompiled_stub(parameters: usize, target: u64, shape: u64) -> Result<Vec<u8>, CodegenError> {
    let isa = isa::host(Quality::Good, cfg!(debug_assertions))?;
    let mut context = Context::new();
    let mut tools = FunctionBuilderContext::new();
    let signature = |inputs: usize| {
        let mut signature = Signature::new(CallConv::SystemV);
        signature.params.extend((0..inputs).map(|_| AbiParam::new(types::I64)));
        signature.returns.push(AbiParam::new(types::I64));
        signature
    };
    context.func.name = UserFuncName::user(1, parameters as u32);
    context.func.signature = signature(2 + parameters);
    let mut b = FunctionBuilder::new(&mut context.func, &mut tools);
    let size = (parameters.max(1) * 8) as u32;
    let slot = b.create_sized_stack_slot(StackSlotData::new(StackSlotKind::ExplicitSlot, size, 3));
    let block = b.create_block();
    b.append_block_params_for_function_params(block);
    b.switch_to_block(block);
    let inputs = b.block_params(block).to_vec();
    let array = b.ins().stack_addr(types::I64, slot, 0);
    for (index, &value) in inputs.iter().skip(2).enumerate() {
        b.ins().store(MemFlagsData::trusted(), value, array, (index * 8) as i32);
    }
    let count = b.ins().iconst(types::I64, shape as i64);
    let callee = b.ins().iconst(types::I64, target as i64);
    let signature = b.import_signature(signature(4));
    let call = b.ins().call_indirect(signature, callee, &[inputs[0], inputs[1], array, count]);
    let result = b.inst_results(call)[0];
    b.ins().return_(&[result]);
    b.seal_all_blocks();
    b.finalize(isa.frontend_config());
    context
        .compile(&*isa, &mut ControlPlane::default())
        .map_err(|error| CodegenError::Cranelift(format!("{:?}", error.inner)))?;
    let code = context.compiled_code().ok_or_else(|| CodegenError::Cranelift("no code".to_owned()))?;
    if !code.buffer.relocs().is_empty() {
        return Err(CodegenError::Cranelift("a relocation in a stub".to_owned()));
    }
    Ok(code.buffer.data().to_vec())
}
