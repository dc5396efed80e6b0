//! The interpreter frame of a body, which the code all functions share pushes and pops: locals, position.
//!
//! The frame is real: it lies on the thread's data stack and is linked, so everything that walks frames sees it. Its references are *borrowed* stack references
//! (tag 1): code object, function and parameters are kept alive by the caller, other locals by the body itself. A slot with an
//! untagged reference owns it; NULL is 1.

use super::{Lower, Result};
use crate::exits::ExitKind;
use crate::{BodyKind, left};
use cranelift_codegen::ir::condcodes::IntCC;
use cranelift_codegen::ir::{self, BlockArg, InstBuilder, types};
use ember_hir as hir;
use ember_hir::cfg::Cfg;
use ember_hir::{Op, Type};

/// The tag of a borrowed stack reference; alone, it is NULL.
const BORROWED: i64 = 1;

impl Lower<'_, '_> {
    // --- entering ---------------------------------------------------------------------------------------------------

    /// Opens the function; leaves the builder where the entry block goes on.
    pub(super) fn prologue(&mut self, cfg: &Cfg) -> Result {
        let block = self.b.create_block();
        self.b.append_block_params_for_function_params(block);
        self.b.switch_to_block(block);
        let inputs = self.b.block_params(block).to_vec();
        let params = &self.func.blocks[self.func.entry].params;
        self.tstate = inputs[0];
        match self.params.kind {
            BodyKind::Osr | BodyKind::Generator if params.is_empty() => self.pin_frame(inputs[1]),
            // The frame has been pushed when this begins.
            BodyKind::Function if params.len() == self.params.nparams as usize => {
                self.callable = inputs[1];
                self.shown = Some(self.params.first_traceable);
            }
            _ => return Err(self.unsupported("a parameter list that differs from the code object's")),
        }
        if cfg.preds[self.func.entry].is_empty() {
            let here = self.b.current_block();
            self.blocks[self.func.entry] = here.into();
            for (&param, &input) in params.iter().zip(&inputs[2..]) {
                self.values[param] = input.into();
            }
        } else {
            self.entry_args.extend_from_slice(&inputs[2..2 + params.len()]);
        }
        Ok(())
    }

    /// Enters an entry block that is also a loop's head.
    pub(super) fn jump_to_entry(&mut self, entry: hir::Block) -> Result {
        let target = self.target(entry)?;
        let args: Vec<BlockArg> = self.entry_args.iter().map(|&value| BlockArg::Value(value)).collect();
        self.b.ins().jump(target, &args);
        Ok(())
    }

    // --- leaving ----------------------------------------------------------------------------------------------------

    /// Returns `result`, an owned reference.
    pub(super) fn leave(&mut self, inst: hir::Inst, result: ir::Value) -> Result {
        let exit = self.exit_with(inst, ExitKind::Return, Some(result))?;
        if self.params.kind == BodyKind::Osr {
            self.b.ins().jump(exit, &[]);
            return Ok(());
        }
        let frame = self.frame();
        let seen = self.load(types::I64, frame, self.env.layout.frame_frame_obj);
        self.leave_if(seen, exit);
        if self.params.kind == BodyKind::Generator {
            let bottom = self.local_offset(self.params.nlocalsplus);
            self.store(result, frame, bottom);
            self.leave_foreign_frame(1, left::RETURNED);
            return Ok(());
        }
        let leaving = match self.leaving {
            Some(leaving) => leaving,
            None => {
                let leaving = self.b.create_block();
                self.b.append_block_param(leaving, types::I64);
                *self.leaving.insert(leaving)
            }
        };
        self.b.ins().jump(leaving, &[BlockArg::Value(result)]);
        Ok(())
    }

    /// Pops the frame and returns.
    pub(super) fn finish_leaving(&mut self) {
        let Some(leaving) = self.leaving else { return };
        self.b.switch_to_block(leaving);
        let result = self.b.block_params(leaving)[0];
        let result = self.call_for(self.env.stubs.leave, &[self.tstate, result], types::I64);
        self.b.ins().return_(&[result]);
    }

    /// Returns at once, with all locals, when somebody holds the frame object.
    pub(super) fn leave_observed(&mut self, inst: hir::Inst) -> Result {
        let result = self.value(self.func.insts[inst].args[0])?;
        let exit = self.exit_with(inst, ExitKind::Return, Some(result))?;
        let frame = self.frame();
        let seen = self.load(types::I64, frame, self.env.layout.frame_frame_obj);
        self.leave_if(seen, exit);
        Ok(())
    }

    // --- the position -----------------------------------------------------------------------------------------------

    pub(super) fn unit_address(&self, unit: u32) -> u64 {
        self.params.first_instr.wrapping_add(u64::from(unit) * 2)
    }

    /// The code unit of the frame that exists which an instruction belongs to: its own, or the call's it was inlined at.
    pub(super) fn visible_unit(&self, inst: hir::Inst) -> Option<u32> {
        let data = &self.func.insts[inst];
        let Some(mut id) = data.state.expand() else {
            return (data.level == self.func.root()).then_some(data.bci);
        };
        while let Some(parent) = self.func.states[id].parent {
            id = parent;
        }
        Some(self.func.states[id].bci)
    }

    /// Makes the frame's `instr_ptr` right for an instruction.
    pub(super) fn show_position(&mut self, inst: hir::Inst) {
        let Some(unit) = self.visible_unit(inst) else { return };
        if self.shown != Some(unit) {
            self.store_position(unit);
            self.shown = Some(unit);
        }
    }

    /// The same on a side path that joins the main path again, which then does not know what is shown.
    pub(super) fn show_position_aside(&mut self, inst: hir::Inst) {
        let Some(unit) = self.visible_unit(inst) else { return };
        if self.shown != Some(unit) {
            self.store_position(unit);
            self.shown = None;
        }
    }

    fn store_position(&mut self, unit: u32) {
        let first = self.params.first_instr;
        let last = self.unit_address(self.params.code_units.max(unit));
        let ty = if first >> 32 == last >> 32 { types::I32 } else { types::I64 };
        let address = self.unit_address(unit);
        let position = if ty == types::I32 {
            // The upper half is the same for the whole code object.
            self.b.ins().iconst(types::I32, i64::from(address as u32))
        } else {
            self.address(address)
        };
        let frame = self.frame();
        self.store(position, frame, self.env.layout.frame_instr_ptr);
    }

    // --- locals -----------------------------------------------------------------------------------------------------

    fn local_offset(&self, slot: u32) -> i32 {
        self.env.layout.frame_localsplus + slot as i32 * 8
    }

    pub(super) fn frame_op(&mut self, inst: hir::Inst) -> Result<Option<ir::Value>> {
        let frame = self.frame();
        match self.func.insts[inst].op {
            Op::TakeLocal { slot } => Ok(Some(self.take(self.local_offset(slot)))),
            Op::TakeStack { index } => Ok(Some(self.take(self.local_offset(self.params.nlocalsplus + index)))),
            Op::SetLocal { slot } => {
                let value = self.arg(inst, 0)?;
                let shown = match self.func.def_op(self.root(self.operand(inst, 0))) {
                    Some(Op::Const { id }) => self.address(self.func.consts[*id].address | BORROWED as u64),
                    _ => self.b.ins().bor_imm_s(value, BORROWED),
                };
                self.store(shown, frame, self.local_offset(slot));
                Ok(None)
            }
            Op::SetLocalOwned { slot } => {
                let value = self.arg(inst, 0)?;
                self.store(value, frame, self.local_offset(slot));
                Ok(None)
            }
            Op::ClearLocal { slot } => {
                let null = self.int(BORROWED);
                self.store(null, frame, self.local_offset(slot));
                Ok(None)
            }
            Op::DropLocal { slot } => {
                let offset = self.local_offset(slot);
                let held = self.load(types::I64, frame, offset);
                let null = self.int(BORROWED);
                self.store(null, frame, offset);
                let tag = self.b.ins().band_imm_u(held, BORROWED);
                let (owned, done) = (self.new_block(), self.new_block());
                self.b.ins().brif(tag, done, &[], owned, &[]);
                self.b.switch_to_block(owned);
                // What frame memory owns are boxes of machine values: nothing looks at the frame when they go.
                self.decref(None, held, Type::Long);
                self.b.ins().jump(done, &[]);
                self.b.switch_to_block(done);
                Ok(None)
            }
            Op::KeepLocal { slot } => self.keep(inst, self.local_offset(slot)),
            Op::KeepStack { index } => self.keep(inst, self.local_offset(self.params.nlocalsplus + index)),
            op => Err(self.unsupported(op.name())),
        }
    }

    /// Moves a reference into the frame's memory. What is immortal need not be tagged: releasing it does nothing.
    fn keep(&mut self, inst: hir::Inst, offset: i32) -> Result<Option<ir::Value>> {
        let value = self.arg(inst, 0)?;
        let ty = self.func.ty(self.operand(inst, 0));
        let kept = if ty.is_null() {
            self.int(BORROWED)
        } else if ty.may_be_null() {
            let null = self.int(BORROWED);
            let is_null = self.b.ins().icmp_imm_s(IntCC::Equal, value, 0);
            self.b.ins().select(is_null, null, value)
        } else {
            value
        };
        let frame = self.frame();
        self.store(kept, frame, offset);
        Ok(None)
    }

    /// Leaves a frame that is complete: where it is resumed, and how high its stack is.
    pub(super) fn suspend(&mut self, unit: u32, depth: u32) {
        self.store_position(unit);
        self.leave_foreign_frame(depth, left::SUSPENDED);
    }

    /// Returns from a frame of the interpreter's, whose stack has so many items.
    fn leave_foreign_frame(&mut self, depth: u32, how: i64) {
        let frame = self.frame();
        let top = self.local_offset(self.params.nlocalsplus + depth);
        let top = self.b.ins().iadd_imm_s(frame, i64::from(top));
        self.store(top, frame, self.env.layout.frame_stackpointer);
        self.b.ins().set_pinned_reg(self.pinned);
        let how = self.int(how);
        self.b.ins().return_(&[how]);
    }

    /// Moves a reference out of the frame's memory: a new reference where the memory only borrowed it.
    fn take(&mut self, offset: i32) -> ir::Value {
        let frame = self.frame();
        let held = self.load(types::I64, frame, offset);
        let null = self.int(BORROWED);
        self.store(null, frame, offset);
        let tag = self.b.ins().band_imm_u(held, BORROWED);
        let object = self.b.ins().band_imm_s(held, !3);
        let (borrowed, counted, done) = (self.new_block(), self.new_block(), self.new_block());
        self.b.ins().brif(tag, borrowed, &[], done, &[]);
        self.b.switch_to_block(borrowed);
        self.b.ins().brif(object, counted, &[], done, &[]);
        self.b.switch_to_block(counted);
        self.incref(object);
        self.b.ins().jump(done, &[]);
        self.b.switch_to_block(done);
        object
    }
}
