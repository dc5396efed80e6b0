//! Terminators, the periodic check, and catching exceptions.

use super::{Lower, Result, machine_type};
use crate::exits::ExitKind;
use cranelift_codegen::ir::{self, BlockArg, InstBuilder, TrapCode, condcodes::IntCC, types};
use ember_hir as hir;
use ember_hir::{BlockCall, Op, Type};

impl Lower<'_, '_> {
    pub(super) fn terminator(&mut self, inst: hir::Inst) -> Result {
        let func = self.func;
        let data = &func.insts[inst];
        match (data.op, data.targets.as_slice()) {
            (Op::Jump, [target]) => {
                let (block, args) = self.edge(target)?;
                self.b.ins().jump(block, &args);
            }
            (Op::Branch, [yes, no]) => {
                let (mut condition, mut swapped) = (self.operand(inst, 0), false);
                // A negation costs nothing: the targets change places.
                while let Some(negation) = func.def_inst(condition).filter(|&def| func.insts[def].op == Op::BNot) {
                    condition = self.operand(negation, 0);
                    swapped = !swapped;
                }
                let condition = self.value(condition)?;
                let (yes, no) = if swapped { (no, yes) } else { (yes, no) };
                let ((yes, yes_args), (no, no_args)) = (self.edge(yes)?, self.edge(no)?);
                self.b.ins().brif(condition, yes, &yes_args, no, &no_args);
            }
            (Op::BranchError, [error, fine]) => {
                let value = self.arg(inst, 0)?;
                let ty = func.ty(self.operand(inst, 0));
                let ((error, error_args), (fine, fine_args)) = (self.edge(error)?, self.edge(fine)?);
                if ty.is_primitive() {
                    if !ty.is(Type::CInt) {
                        return Err(self.unsupported(&format!("BranchError on {ty}")));
                    }
                    let negative = self.b.ins().icmp_imm_s(IntCC::SignedLessThan, value, 0);
                    self.b.ins().brif(negative, error, &error_args, fine, &fine_args);
                } else {
                    self.b.ins().brif(value, fine, &fine_args, error, &error_args);
                }
            }
            (Op::Return, []) => {
                let result = self.arg(inst, 0)?;
                self.leave(inst, result)?;
            }
            (Op::Suspend { unit, depth }, []) => self.suspend(unit, depth),
            (Op::Deopt, []) => self.jump_to_exit(inst, ExitKind::Deopt)?,
            (Op::Unwind { traceback }, []) => self.jump_to_exit(inst, ExitKind::Raise { traceback })?,
            (Op::Unreachable, []) => {
                self.b.ins().trap(TrapCode::unwrap_user(1));
            }
            (op, targets) => return Err(self.unsupported(&format!("{} with {} targets", op.name(), targets.len()))),
        }
        Ok(())
    }

    fn jump_to_exit(&mut self, inst: hir::Inst, kind: ExitKind) -> Result {
        let exit = self.exit(inst, kind)?;
        self.b.ins().jump(exit, &[]);
        Ok(())
    }

    fn edge(&mut self, call: &BlockCall) -> Result<(ir::Block, Vec<BlockArg>)> {
        let block = self.target(call.block)?;
        let params = &self.func.blocks[call.block].params;
        if params.len() != call.args.len() {
            return Err(self.unsupported(&format!("an edge to {} with {} arguments", call.block, call.args.len())));
        }
        let mut args = Vec::with_capacity(params.len());
        for (&value, &param) in call.args.iter().zip(params) {
            let machine = self.value(value)?;
            if self.b.func.dfg.value_type(machine) != machine_type(self.func.ty(param)) {
                let (given, taken) = (self.func.ty(value), self.func.ty(param));
                return Err(self.unsupported(&format!("{value} of type {given} passed to {param} of type {taken}")));
            }
            args.push(BlockArg::Value(machine));
        }
        Ok((block, args))
    }

    /// One compare of the whole word against the value it has when there is nothing to do; everything else is aside.
    pub(super) fn check_eval_breaker(&mut self, inst: hir::Inst) -> Result<ir::Value> {
        let (busy, other) = (self.cold_block(), self.cold_block());
        let goes_on = self.new_block();
        let cell = self.address(self.env.objects.expected_eval_breaker);
        let expected = self.load(types::I64, cell, 0);
        let found = self.load(types::I64, self.tstate, self.env.layout.ts_eval_breaker);
        let quiet = self.b.ins().icmp(IntCC::Equal, found, expected);
        // Only where the error is handled here does the answer matter to anyone.
        let caught = !self.raises_here(inst);
        let answers = |lower: &mut Self, answer| {
            let answer = lower.int(answer);
            if caught { vec![BlockArg::Value(answer)] } else { Vec::new() }
        };
        let fine = answers(self, 0);
        self.b.ins().brif(quiet, goes_on, &fine, busy, &[]);

        self.b.switch_to_block(busy);
        self.show_position_aside(inst);
        let handle = self.env.functions.handle_eval_breaker;
        let answer = self.call_rarely(handle, self.tstate, self.tstate, types::I32);
        let fine = answers(self, 0);
        self.b.ins().brif(answer, other, &[], goes_on, &fine);
        self.b.switch_to_block(other);
        let deopt = self.exit(inst, ExitKind::Deopt)?;
        let negative = self.b.ins().icmp_imm_s(IntCC::SignedLessThan, answer, 0);
        if caught {
            let error = answers(self, -1);
            self.b.ins().brif(negative, goes_on, &error, deopt, &[]);
        } else {
            let raise = self.exit(inst, ExitKind::Raise { traceback: true })?;
            self.b.ins().brif(negative, raise, &[], deopt, &[]);
        }
        self.b.switch_to_block(goes_on);
        Ok(if caught { self.b.append_block_param(goes_on, types::I64) } else { self.int(0) })
    }

    /// Whether `eval_breaker` is not what it is when nothing waits.
    pub(super) fn eval_breaker(&mut self) -> ir::Value {
        let cell = self.address(self.env.objects.expected_eval_breaker);
        let expected = self.load(types::I64, cell, 0);
        let found = self.load(types::I64, self.tstate, self.env.layout.ts_eval_breaker);
        self.b.ins().icmp(IntCC::NotEqual, found, expected)
    }

    /// Compares `eval_breaker` and looks for a frame object; only when something is unusual the runtime is asked whether to leave.
    pub(super) fn check_tracing(&mut self, inst: hir::Inst) -> Result {
        let unusual = self.cold_block();
        let goes_on = self.new_block();
        let cell = self.address(self.env.objects.expected_eval_breaker);
        let expected = self.load(types::I64, cell, 0);
        let found = self.load(types::I64, self.tstate, self.env.layout.ts_eval_breaker);
        let differs = self.b.ins().bxor(found, expected);
        let frame = self.frame();
        let observer = self.load(types::I64, frame, self.env.layout.frame_frame_obj);
        let either = self.b.ins().bor(differs, observer);
        self.b.ins().brif(either, unusual, &[], goes_on, &[]);
        self.b.switch_to_block(unusual);
        let check = self.env.functions.check_tracing;
        let frame = self.frame();
        let answer = self.call_rarely(check, self.tstate, frame, types::I32);
        let exit = self.exit(inst, ExitKind::Deopt)?;
        self.b.ins().brif(answer, exit, &[], goes_on, &[]);
        self.b.switch_to_block(goes_on);
        Ok(())
    }

    pub(super) fn catch_exception(&mut self, inst: hir::Inst, traceback: bool) -> ir::Value {
        let traceback = self.int(i64::from(traceback));
        let unit = self.int(i64::from(self.func.insts[inst].bci));
        let args = [self.tstate, self.frame(), traceback, unit];
        self.call_for(self.env.functions.catch_exception, &args, types::I64)
    }
}
