//! HIR to Cranelift IR, one module a family of operations.
//!
//! The mapping is direct: an HIR block is a Cranelift block, its parameters are block parameters, an HIR value is a Cranelift value. Guards, refinements and
//! other aliases are the *same* Cranelift value as their operand, so that an exit recognises one reference under all its names.
//!
//! Blocks are lowered in reverse post-order, so that definitions come before uses. Everything that is not expected to run is a cold block, which
//! Cranelift places behind the hot code: the exits (written last, see `guard`), deallocation, slow paths.

mod arith;
mod call;
mod consts;
mod control;
mod emit;
mod frame;
mod fused;
mod guard;
mod memory;
mod refcount;

use crate::disasm;
use crate::entry;
use crate::env::Env;
use crate::exits::{ExitInfo, Exits};
use crate::isa::{self, Quality};
use crate::thunk;
use crate::{BodyKind, BodyParams, CodegenError, CompiledBody, Options};
use cranelift_codegen::Context;
use cranelift_codegen::ir::{
    self, AbiParam, ExtFuncData, ExternalName, FuncRef, InstBuilder, MemFlagsData, SigRef, Signature, StackSlot,
    StackSlotData, StackSlotKind, UserExternalName, UserFuncName, types,
};
use cranelift_codegen::isa::{CallConv, TargetIsa};
use cranelift_entity::SecondaryMap;
use cranelift_entity::packed_option::PackedOption;
use cranelift_frontend::{FunctionBuilder, FunctionBuilderContext};
use ember_hir as hir;
use ember_hir::cfg::Cfg;
use ember_hir::{Effects, ErrorMode, Op, Type};
use rustc_hash::FxHashMap;
use smallvec::SmallVec;

use emit::{DATA, INSIDE, OUTSIDE, Outside, emit};

type Result<T = ()> = std::result::Result<T, CodegenError>;

/// What a compilation builds with.
struct Tools {
    context: Context,
    builder: FunctionBuilderContext,
}

pub(crate) fn compile(func: &hir::Function, params: &BodyParams, env: &Env, options: &Options) -> Result<CompiledBody> {
    thunk::set_functions(&env.functions);
    let mut tools = Tools { context: Context::new(), builder: FunctionBuilderContext::new() };
    let isa = isa::host(Quality::Good, options.verify)?;
    let (exits, outside) = build_body(&mut tools, &*isa, func, params, env)?;
    let insts = tools.context.func.dfg.num_insts();
    if insts > options.max_insts {
        return Err(CodegenError::TooLarge { insts });
    }
    let clif = options.keep_clif.then(|| tools.context.func.display().to_string());
    let isa = if insts > options.max_insts_good { isa::host(Quality::Fast, options.verify)? } else { isa };
    let (mut bytes, mut calls) = match params.kind {
        BodyKind::Function => entry::preamble(params, &env.stubs),
        BodyKind::Osr | BodyKind::Generator => (Vec::new(), Vec::new()),
    };
    let [entry, spread, body] = match params.kind {
        BodyKind::Function => [entry::ENTRY as u32, entry::SPREAD as u32, entry::BODY as u32],
        BodyKind::Osr | BodyKind::Generator => [0; 3],
    };
    let data = emit(&mut tools.context, &*isa, &outside, body, options, &mut bytes, &mut calls)?;
    let mut result = CompiledBody { bytes, calls, body, spread, entry, data, exits, insts, clif: None };
    result.clif = clif.map(|text| disasm::name_addresses(&text, &result, env));
    Ok(result)
}

/// Lowers the HIR into the context's function; the exits, and what else it refers to.
fn build_body(
    tools: &mut Tools,
    isa: &dyn TargetIsa,
    func: &hir::Function,
    params: &BodyParams,
    env: &Env,
) -> Result<(Box<[ExitInfo]>, Outside)> {
    let cfg = Cfg::new(func);
    let mut lower = Lower::new(tools, func, params, env);
    lower.prologue(&cfg)?;
    lower.lower_blocks(&cfg)?;
    lower.finish_leaving();
    let exits = lower.finish_exits();
    Ok((exits, lower.finish(isa)))
}

/// A stack slot whose size grows with what is asked of it.
struct GrowingSlot {
    slot: StackSlot,
    size: u32,
}

impl GrowingSlot {
    fn need(&mut self, words: usize) -> StackSlot {
        self.size = self.size.max(words as u32 * 8);
        self.slot
    }
}

/// The state of lowering one function.
struct Lower<'a, 'b> {
    b: FunctionBuilder<'b>,
    func: &'a hir::Function,
    params: &'a BodyParams,
    env: &'a Env,
    blocks: SecondaryMap<hir::Block, PackedOption<ir::Block>>,
    values: SecondaryMap<hir::Value, PackedOption<ir::Value>>,
    tstate: ir::Value,
    /// What the pinned register held for the caller of a body for on-stack replacement.
    pinned: ir::Value,
    callable: ir::Value,
    /// Argument arrays, the out parameter of a few functions, and what exits store: none of these needs to last.
    args: GrowingSlot,
    /// What helpers leave behind.
    scratch: GrowingSlot,
    /// Where counts of immortal objects are written.
    nowhere: StackSlot,
    exits: Exits,
    pending: Vec<guard::PendingExit>,
    signatures: Vec<(Vec<ir::Type>, Option<ir::Type>, SigRef)>,
    /// Signatures under which a call preserves every register, by the number of parameters.
    preserving: [Option<SigRef>; 5],
    /// The functions outside, as they are called; the addresses are in `targets`.
    outside: FxHashMap<(u64, SigRef), FuncRef>,
    targets: Vec<u64>,
    body_ref: Option<FuncRef>,
    /// The arguments of an entry block that has a block of its own.
    entry_args: Vec<ir::Value>,
    /// Where all returns pop the frame; its parameter is the result.
    leaving: Option<ir::Block>,
    /// Whether anything may be in a vector register.
    vectors: bool,
    /// Whether decrements are written out here.
    inline_counts: bool,
    /// What the call whose exit is being written has taken over.
    consumed: SmallVec<[hir::Value; 4]>,
    /// What lies behind the code.
    data: Vec<u8>,
    /// The code unit the frame's `instr_ptr` shows here, where it is known.
    shown: Option<u32>,
}

impl<'a, 'b> Lower<'a, 'b> {
    fn new(tools: &'b mut Tools, func: &'a hir::Function, params: &'a BodyParams, env: &'a Env) -> Lower<'a, 'b> {
        tools.context.clear();
        tools.context.func.name = UserFuncName::user(0, 0);
        let inputs = match params.kind {
            BodyKind::Function => 2 + params.nparams as usize,
            BodyKind::Osr | BodyKind::Generator => 2,
        };
        tools.context.func.signature = signature(&vec![types::I64; inputs], Some(types::I64));
        let mut b = FunctionBuilder::new(&mut tools.context.func, &mut tools.builder);
        let mut growing = || GrowingSlot {
            slot: b.create_sized_stack_slot(StackSlotData::new(StackSlotKind::ExplicitSlot, 0, 3)),
            size: 0,
        };
        let (args, scratch) = (growing(), growing());
        let nowhere = b.create_sized_stack_slot(StackSlotData::new(
            StackSlotKind::ExplicitSlot,
            env.layout.ob_refcnt as u32 + 8,
            3,
        ));
        let none = ir::Value::from_u32(0);
        Lower {
            b,
            func,
            params,
            env,
            blocks: SecondaryMap::new(),
            values: SecondaryMap::new(),
            tstate: none,
            pinned: none,
            callable: none,
            args,
            scratch,
            nowhere,
            exits: Exits::default(),
            pending: Vec::new(),
            signatures: Vec::new(),
            preserving: [None; 5],
            outside: FxHashMap::default(),
            targets: Vec::new(),
            body_ref: None,
            entry_args: Vec::new(),
            leaving: None,
            vectors: func.values.keys().any(|value| func.ty(value).bits & Type::CDouble.bits != 0),
            inline_counts: true,
            consumed: SmallVec::new(),
            data: Vec::new(),
            shown: None,
        }
    }

    /// Ends the function.
    fn finish(mut self, isa: &dyn TargetIsa) -> Outside {
        for growing in [&self.args, &self.scratch] {
            self.b.func.sized_stack_slots[growing.slot].size = growing.size;
        }
        self.b.seal_all_blocks();
        self.b.finalize(isa.frontend_config());
        Outside { functions: self.targets, data: self.data }
    }

    /// Blocks that are rarely run: those said to be, and those that only such lead to.
    fn cold_blocks(&self, cfg: &Cfg) -> SecondaryMap<hir::Block, bool> {
        let mut cold = SecondaryMap::new();
        for &block in &cfg.rpo {
            // What a loop jumps back from is later in the order, and as cold as its head.
            let mut before =
                cfg.preds[block].iter().filter(|&&(pred, _)| cfg.order[pred] < cfg.order[block]).peekable();
            let only_cold = before.peek().is_some() && before.all(|&(pred, _)| cold[pred]);
            cold[block] = self.func.blocks[block].cold || only_cold;
        }
        cold
    }

    fn lower_blocks(&mut self, cfg: &Cfg) -> Result {
        let cold = self.cold_blocks(cfg);
        // The entry is lowered into the prologue's block unless something jumps back to it.
        for &block in cfg.rpo.iter().skip(usize::from(self.blocks[self.func.entry].is_some())) {
            let target = self.b.create_block();
            self.blocks[block] = target.into();
            if cold[block] {
                self.b.set_cold_block(target);
            }
            for &param in &self.func.blocks[block].params {
                let value = self.b.append_block_param(target, machine_type(self.func.ty(param)));
                self.values[param] = value.into();
            }
        }
        if let [first, ..] = cfg.rpo.as_slice()
            && !cfg.preds[*first].is_empty()
        {
            self.jump_to_entry(*first)?;
        }
        let mut shown_at_end: SecondaryMap<hir::Block, Option<u32>> = SecondaryMap::new();
        for &block in &cfg.rpo {
            // Where code is rarely run a call is shorter; elsewhere it is one more taken branch to predict.
            self.inline_counts = !cold[block];
            let never_ends = self.never_ends(block);
            let target = self.target(block)?;
            if self.b.current_block() != Some(target) {
                self.shown = match cfg.preds[block].as_slice() {
                    [(pred, _)] if cfg.order[*pred] < cfg.order[block] => shown_at_end[*pred],
                    _ => None,
                };
                self.b.switch_to_block(target);
            }
            let insts = &self.func.blocks[block].insts;
            let mut index = 0;
            while let Some(&inst) = insts.get(index) {
                if never_ends.contains(&index) {
                    index = never_ends.end;
                } else if let Some(fused) = self.fused(&insts[index..]) {
                    self.lower_fused(&fused)?;
                    index += fused.len();
                } else {
                    self.lower_inst(inst)?;
                    index += 1;
                }
            }
            shown_at_end[block] = self.shown;
        }
        Ok(())
    }

    /// What need not be done before a block's end, because that is never reached.
    fn never_ends(&self, block: hir::Block) -> std::ops::Range<usize> {
        let insts = &self.func.blocks[block].insts;
        let last = insts.len().saturating_sub(1);
        if insts.last().is_none_or(|&inst| self.func.insts[inst].op != Op::Unreachable) {
            return 0..0;
        }
        let idle =
            |&&inst: &&hir::Inst| matches!(self.func.insts[inst].op, Op::Incref | Op::Decref | Op::ClearLocal { .. });
        last - insts[..last].iter().rev().take_while(idle).count()..last
    }

    fn lower_inst(&mut self, inst: hir::Inst) -> Result {
        let data = &self.func.insts[inst];
        let effects = data.op.effects();
        if effects.intersects(Effects::RAISES | Effects::ARBITRARY) && shows_position(&data.op) {
            self.show_position(inst);
        }
        self.stress(inst)?;
        let result = match data.op {
            Op::Const { .. }
            | Op::CInt { .. }
            | Op::CDouble { .. }
            | Op::CBool { .. }
            | Op::CPtr { .. }
            | Op::CLasti { .. }
            | Op::Null
            | Op::IterDone
            | Op::Func => Some(self.constant(inst)?),
            Op::GuardType { .. }
            | Op::GuardClass { .. }
            | Op::GuardIs { .. }
            | Op::GuardNotNull
            | Op::GuardTrue
            | Op::GuardFalse
            | Op::Refine { .. } => self.guard_op(inst)?,
            Op::UnboxInt
            | Op::EnterInt
            | Op::UnboxDouble
            | Op::UnboxBool
            | Op::BoxInt
            | Op::BoxDouble
            | Op::BoxBool
            | Op::IntToDouble
            | Op::BoolToInt => Some(self.boxing(inst)?),
            Op::IAdd
            | Op::ISub
            | Op::IMul
            | Op::IFloorDiv
            | Op::IMod
            | Op::IShl
            | Op::IShr
            | Op::IAddWrap
            | Op::ISubWrap
            | Op::IMulWrap
            | Op::IAnd
            | Op::IOr
            | Op::IXor
            | Op::INeg
            | Op::INot
            | Op::ICmp { .. } => Some(self.integer(inst)?),
            Op::DAdd | Op::DSub | Op::DMul | Op::DDiv | Op::DNeg | Op::DAbs | Op::DSqrt | Op::DCmp { .. } => {
                Some(self.double(inst)?)
            }
            Op::BNot | Op::Is | Op::IsNull | Op::IsType { .. } | Op::HasClass { .. } => Some(self.test(inst)?),
            Op::LoadField { .. }
            | Op::LoadInt { .. }
            | Op::LoadDouble { .. }
            | Op::LoadIndexed { .. }
            | Op::Offset { .. }
            | Op::LoadManagedDict { .. }
            | Op::SwapField { .. }
            | Op::SwapIndexed { .. }
            | Op::StoreInt { .. }
            | Op::StoreDouble { .. }
            | Op::LoadGlobalCell { .. }
            | Op::ScratchLoad { .. } => self.memory(inst)?,
            Op::Helper { .. }
            | Op::CallVector
            | Op::CallKw { .. }
            | Op::CallDirect { .. }
            | Op::CallSelf
            | Op::CallCNoArgs { .. }
            | Op::CallCOne { .. }
            | Op::CallCFast { .. }
            | Op::CallCFastKw { .. } => self.call(inst)?,
            Op::CheckEvalBreaker => Some(self.check_eval_breaker(inst)?),
            Op::EvalBreaker => Some(self.eval_breaker()),
            Op::GuardQuiet => {
                let set = self.eval_breaker();
                let exit = self.exit(inst, crate::exits::ExitKind::Deopt)?;
                self.leave_if(set, exit);
                None
            }
            Op::CheckTracing => {
                self.check_tracing(inst)?;
                None
            }
            Op::EndLife => None,
            Op::LeaveObserved => {
                self.leave_observed(inst)?;
                None
            }
            Op::CatchException { traceback } => Some(self.catch_exception(inst, traceback)),
            Op::Incref | Op::Decref => {
                self.refcount(inst)?;
                None
            }
            Op::TakeLocal { .. }
            | Op::TakeStack { .. }
            | Op::SetLocal { .. }
            | Op::SetLocalOwned { .. }
            | Op::ClearLocal { .. }
            | Op::DropLocal { .. }
            | Op::KeepLocal { .. }
            | Op::KeepStack { .. } => self.frame_op(inst)?,
            Op::Jump
            | Op::Branch
            | Op::BranchError
            | Op::Return
            | Op::Suspend { .. }
            | Op::Deopt
            | Op::Unwind { .. }
            | Op::Unreachable => {
                self.terminator(inst)?;
                None
            }
        };
        if let (Some(value), Some(machine)) = (data.result.expand(), result) {
            self.values[value] = machine.into();
        }
        Ok(())
    }

    // --- operands ---------------------------------------------------------------------------------------------------

    fn value(&self, value: hir::Value) -> Result<ir::Value> {
        self.values[value].expand().ok_or_else(|| self.unsupported(&format!("{value} used before it is defined")))
    }

    fn operand(&self, inst: hir::Inst, index: usize) -> hir::Value {
        self.func.insts[inst].args[index]
    }

    fn arg(&self, inst: hir::Inst, index: usize) -> Result<ir::Value> {
        match self.func.insts[inst].args.get(index) {
            Some(&value) => self.value(value),
            None => Err(self.unsupported(&format!("{inst} has no operand {index}"))),
        }
    }

    fn target(&self, block: hir::Block) -> Result<ir::Block> {
        self.blocks[block].expand().ok_or_else(|| self.unsupported(&format!("{block} is not reachable")))
    }

    /// A value's first definition, behind guards and refinements.
    fn root(&self, mut value: hir::Value) -> hir::Value {
        while let Some(inst) = self.func.def_inst(value) {
            let data = &self.func.insts[inst];
            match data.args.first() {
                Some(&operand) if data.op.ownership() == hir::Ownership::Alias => value = operand,
                _ => break,
            }
        }
        value
    }

    fn unsupported(&self, what: &str) -> CodegenError {
        CodegenError::Unsupported(format!("{}: {what}", self.func.name))
    }

    fn raises_here(&self, inst: hir::Inst) -> bool {
        self.func.insts[inst].on_error == ErrorMode::Exit
    }

    // --- short forms ------------------------------------------------------------------------------------------------

    /// The interpreter's frame.
    fn frame(&mut self) -> ir::Value {
        self.b.ins().get_pinned_reg(types::I64)
    }

    /// Keeps the frame in the pinned register from here on, and what the register held.
    fn pin_frame(&mut self, frame: ir::Value) {
        self.pinned = self.b.ins().get_pinned_reg(types::I64);
        self.b.ins().set_pinned_reg(frame);
    }

    fn int(&mut self, value: i64) -> ir::Value {
        self.b.ins().iconst(types::I64, value)
    }

    fn address(&mut self, value: u64) -> ir::Value {
        self.int(value as i64)
    }

    fn load(&mut self, ty: ir::Type, base: ir::Value, offset: i32) -> ir::Value {
        self.b.ins().load(ty, MemFlagsData::trusted(), base, offset)
    }

    fn store(&mut self, value: ir::Value, base: ir::Value, offset: i32) {
        self.b.ins().store(MemFlagsData::trusted(), value, base, offset);
    }

    fn slot_address(&mut self, slot: StackSlot, offset: i32) -> ir::Value {
        self.b.ins().stack_addr(types::I64, slot, offset)
    }

    /// A block that goes on from the current one: cold if that is.
    fn new_block(&mut self) -> ir::Block {
        let block = self.b.create_block();
        if self.b.current_block().is_some_and(|current| self.b.func.layout.is_cold(current)) {
            self.b.set_cold_block(block);
        }
        block
    }

    fn cold_block(&mut self) -> ir::Block {
        let block = self.b.create_block();
        self.b.set_cold_block(block);
        block
    }

    /// Branches to `cold` if the condition holds and goes on otherwise.
    fn leave_if(&mut self, condition: ir::Value, cold: ir::Block) {
        let next = self.new_block();
        self.b.ins().brif(condition, cold, &[], next, &[]);
        self.b.switch_to_block(next);
    }

    /// Branches to `cold` unless the condition holds.
    fn leave_unless(&mut self, condition: ir::Value, cold: ir::Block) {
        let next = self.new_block();
        self.b.ins().brif(condition, next, &[], cold, &[]);
        self.b.switch_to_block(next);
    }

    fn signature(&mut self, inputs: &[ir::Type], output: Option<ir::Type>) -> SigRef {
        let known = self.signatures.iter().find(|(known, result, _)| known == inputs && *result == output);
        if let Some((_, _, reference)) = known {
            return *reference;
        }
        let reference = self.b.import_signature(signature(inputs, output));
        self.signatures.push((inputs.to_vec(), output, reference));
        reference
    }

    /// Calls the function at `address`; the signature follows from the arguments.
    fn call_address(&mut self, address: u64, args: &[ir::Value], output: Option<ir::Type>) -> Option<ir::Value> {
        let inputs: Vec<ir::Type> = args.iter().map(|&arg| self.b.func.dfg.value_type(arg)).collect();
        let signature = self.signature(&inputs, output);
        let callee = self.function_at(address, signature);
        let call = self.b.ins().call(callee, args);
        self.b.inst_results(call).first().copied()
    }

    /// A function outside of the body. It is called by a relative call, which whoever places the code completes.
    fn function_at(&mut self, address: u64, signature: SigRef) -> FuncRef {
        if let Some(&known) = self.outside.get(&(address, signature)) {
            return known;
        }
        let index = self.targets.len() as u32;
        self.targets.push(address);
        let name = self.b.func.declare_imported_user_function(UserExternalName::new(OUTSIDE, index));
        let name = ExternalName::user(name);
        let reference = self.b.import_function(ExtFuncData { name, signature, colocated: true, patchable: false });
        self.outside.insert((address, signature), reference);
        reference
    }

    fn call_value(&mut self, callee: ir::Value, args: &[ir::Value], output: Option<ir::Type>) -> Option<ir::Value> {
        let inputs: Vec<ir::Type> = args.iter().map(|&arg| self.b.func.dfg.value_type(arg)).collect();
        let signature = self.signature(&inputs, output);
        let call = self.b.ins().call_indirect(signature, callee, args);
        self.b.inst_results(call).first().copied()
    }

    /// The same for functions with a result.
    fn call_for(&mut self, address: u64, args: &[ir::Value], output: ir::Type) -> ir::Value {
        self.call_address(address, args, Some(output)).unwrap_or(self.tstate)
    }

    /// Calls `address(a0, a1)`, whose result is at most 64 bits, without disturbing any register: for calls that almost never happen.
    fn call_rarely(&mut self, address: u64, a0: ir::Value, a1: ir::Value, output: ir::Type) -> ir::Value {
        let signature = self.preserving(4);
        let slot = self.args.need(1);
        let out = self.slot_address(slot, 0);
        let function = self.address(address);
        let thunk = self.function_at(thunk::call_preserving(), signature);
        self.b.ins().call(thunk, &[a0, a1, function, out]);
        self.load(output, out, 0)
    }

    /// The signature under which a call preserves every register; it has no result.
    fn preserving(&mut self, parameters: usize) -> SigRef {
        if let Some(known) = self.preserving[parameters] {
            return known;
        }
        let mut signature = signature(&vec![types::I64; parameters], None);
        signature.call_conv = CallConv::PreserveAll;
        *self.preserving[parameters].insert(self.b.import_signature(signature))
    }

    /// The address of a copy of these bytes, which are to lie behind the code.
    fn data_address(&mut self, bytes: &[u8]) -> ir::Value {
        let name = UserExternalName::new(DATA, self.data.len() as u32);
        self.data.extend_from_slice(bytes);
        let signature = self.signature(&[], None);
        let name = ExternalName::user(self.b.func.declare_imported_user_function(name));
        let place = ExtFuncData { name, signature, colocated: true, patchable: false };
        let place = self.b.import_function(place);
        self.b.ins().func_addr(types::I64, place)
    }

    /// A reference to the body itself, for direct calls.
    fn body(&mut self) -> FuncRef {
        if let Some(reference) = self.body_ref {
            return reference;
        }
        let inputs = match self.params.kind {
            BodyKind::Function => 2 + self.params.nparams as usize,
            BodyKind::Osr | BodyKind::Generator => 2,
        };
        let signature = self.signature(&vec![types::I64; inputs], Some(types::I64));
        let name = self.b.func.declare_imported_user_function(UserExternalName::new(INSIDE, 0));
        let reference = self.b.import_function(ExtFuncData {
            name: ExternalName::user(name),
            signature,
            colocated: true,
            patchable: false,
        });
        self.body_ref = Some(reference);
        reference
    }
}

fn signature(inputs: &[ir::Type], output: Option<ir::Type>) -> Signature {
    let mut signature = Signature::new(CallConv::SystemV);
    signature.params.extend(inputs.iter().map(|&ty| AbiParam::new(ty)));
    signature.returns.extend(output.map(AbiParam::new));
    signature
}

/// How a value of this type is held.
fn machine_type(ty: Type) -> ir::Type {
    if ty.bits & Type::CDouble.bits != 0 {
        types::F64
    } else if ty.bits & Type::CBool.bits != 0 {
        types::I8
    } else {
        types::I64
    }
}

/// Whether the position has to be in the frame before the operation. Those that only rarely run anything store it themselves, where they do; an
/// exit's is in its info.
fn shows_position(op: &Op) -> bool {
    !matches!(
        op,
        Op::CheckEvalBreaker | Op::CheckTracing | Op::Decref | Op::DropLocal { .. } | Op::Unwind { .. } | Op::Deopt
    )
}
