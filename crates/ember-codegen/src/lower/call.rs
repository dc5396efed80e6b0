//! Calls: vectorcalls, direct calls of compiled bodies and C functions, runtime helpers.

use super::{Lower, Result};
use crate::exits::ExitKind;
use cranelift_codegen::ir::{self, InstBuilder, condcodes::IntCC, types};
use ember_hir as hir;
use ember_hir::helpers::{HelperResult, Operand, Rest};
use ember_hir::{Effects, HelperId, Op};

impl Lower<'_, '_> {
    pub(super) fn call(&mut self, inst: hir::Inst) -> Result<Option<ir::Value>> {
        let op = self.func.insts[inst].op;
        let result = match op {
            Op::Helper { id } => return self.helper(inst, id),
            Op::CallVector => {
                let result = self.call_site(inst, None, &[])?;
                Some(self.or_pending(result))
            }
            Op::CallKw { names } => {
                let result = self.call_site(inst, Some(self.func.consts[names].address), &[])?;
                Some(self.or_pending(result))
            }
            Op::CallDirect { .. } | Op::CallSelf => {
                let result = self.call_body(inst)?;
                Some(self.or_pending(result))
            }
            Op::CallCNoArgs { function } => {
                let (receiver, null) = (self.arg(inst, 0)?, self.int(0));
                self.call_address(function, &[receiver, null], Some(types::I64))
            }
            Op::CallCOne { function } => {
                let (receiver, argument) = (self.arg(inst, 0)?, self.arg(inst, 1)?);
                self.call_address(function, &[receiver, argument], Some(types::I64))
            }
            Op::CallCFast { function } | Op::CallCFastKw { function } => {
                let receiver = self.arg(inst, 0)?;
                let array = self.array(inst, 1, 0)?;
                let count = self.int(self.func.insts[inst].args.len() as i64 - 1);
                let null = self.int(0);
                let all = [receiver, array, count, null];
                let used = if matches!(op, Op::CallCFast { .. }) { &all[..3] } else { &all[..] };
                self.call_address(function, used, Some(types::I64))
            }
            op => return Err(self.unsupported(op.name())),
        };
        if let Some(result) = result {
            self.check_object(inst, result)?;
        }
        Ok(result)
    }

    /// Thread state and operands, as a body takes them.
    pub(super) fn native_args(&mut self, inst: hir::Inst) -> Result<Vec<ir::Value>> {
        let mut args = vec![self.tstate];
        for index in 0..self.func.insts[inst].args.len() {
            args.push(self.arg(inst, index)?);
        }
        Ok(args)
    }

    /// Operands from `first` on as an array whose first word is word `at` of the argument slot.
    pub(super) fn array(&mut self, inst: hir::Inst, first: usize, at: usize) -> Result<ir::Value> {
        let count = self.func.insts[inst].args.len().saturating_sub(first);
        let slot = self.args.need(at + count);
        let base = self.slot_address(slot, at as i32 * 8);
        for index in 0..count {
            let value = self.arg(inst, first + index)?;
            self.store(value, base, index as i32 * 8);
        }
        Ok(base)
    }

    /// The one lowering of all runtime helpers.
    fn helper(&mut self, inst: hir::Inst, id: HelperId) -> Result<Option<ir::Value>> {
        let sig = id.sig();
        let Some(address) = self.env.helper(id) else {
            return Err(self.unsupported(&format!("helper {} has no address", sig.name)));
        };
        let given = self.func.insts[inst].args.len();
        let fixed = sig.operands.len();
        if given < fixed || (given > fixed && sig.rest == Rest::No) {
            return Err(self.unsupported(&format!("helper {} with {given} operands", sig.name)));
        }
        let mut args = Vec::with_capacity(given + 3);
        if sig.implicit.tstate {
            args.push(self.tstate);
        }
        if sig.implicit.frame {
            args.push(self.frame());
        }
        if sig.implicit.scratch {
            let slot = self.scratch.need(self.scratch_words(inst, id));
            args.push(self.slot_address(slot, 0));
        }
        for (index, operand) in sig.operands.iter().enumerate() {
            let value = self.arg(inst, index)?;
            args.push(self.as_operand(value, *operand)?);
        }
        if sig.rest != Rest::No {
            args.push(self.array(inst, fixed, 0)?);
            args.push(self.int((given - fixed) as i64));
        }
        let output = match sig.result {
            HelperResult::Obj(_) | HelperResult::Opt | HelperResult::Int => Some(types::I64),
            HelperResult::Bool => Some(types::I8),
            HelperResult::Double => Some(types::F64),
            HelperResult::Void => None,
        };
        let result = self.call_address(address, &args, output);
        if let Some(result) = result
            && sig.effects.contains(Effects::RAISES)
        {
            match sig.result {
                HelperResult::Obj(_) => self.check_object(inst, result)?,
                HelperResult::Int => self.check_int(inst, result)?,
                _ => {}
            }
        }
        Ok(result)
    }

    /// How many words a helper may leave in the scratch array.
    fn scratch_words(&self, inst: hir::Inst, id: HelperId) -> usize {
        let known = |index: usize| {
            let value = self.func.insts[inst].args.get(index).copied();
            value.and_then(|value| self.known_int(value)).and_then(|n| usize::try_from(n).ok()).unwrap_or(0)
        };
        match id {
            HelperId::unpack_sequence => known(1).max(2),
            HelperId::unpack_ex => known(1) + known(2) + 1,
            _ => 2,
        }
    }

    fn as_operand(&mut self, value: ir::Value, operand: Operand) -> Result<ir::Value> {
        let ty = self.b.func.dfg.value_type(value);
        match operand {
            Operand::D if ty == types::F64 => Ok(value),
            Operand::I if ty == types::I8 => Ok(self.b.ins().uextend(types::I64, value)),
            Operand::O | Operand::N | Operand::S | Operand::I | Operand::P if ty == types::I64 => Ok(value),
            _ => Err(self.unsupported(&format!("an operand of type {ty} where a helper takes {operand:?}"))),
        }
    }

    fn check_object(&mut self, inst: hir::Inst, result: ir::Value) -> Result {
        if self.raises_here(inst) {
            let exit = self.exit(inst, ExitKind::Raise { traceback: true })?;
            self.leave_unless(result, exit);
        }
        Ok(())
    }

    fn check_int(&mut self, inst: hir::Inst, result: ir::Value) -> Result {
        if self.raises_here(inst) {
            let exit = self.exit(inst, ExitKind::Raise { traceback: true })?;
            let negative = self.b.ins().icmp_imm_s(IntCC::SignedLessThan, result, 0);
            self.leave_if(negative, exit);
        }
        Ok(())
    }
}
