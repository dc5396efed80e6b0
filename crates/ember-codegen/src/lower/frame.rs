//! The interpreter frame a body pushes: prologue, epilogue, locals, position.
//!
//! The frame is real: it lies on the thread's data stack and is linked, so everything that walks frames sees it. Its references are *borrowed* stack references
//! (tag 1): code object, function and parameters are kept alive by the caller, other locals by the body itself. A slot with an
//! untagged reference owns it; NULL is 1.

use super::{Lower, Result};
use crate::BodyKind;
use crate::exits::ExitKind;
use cranelift_codegen::ir::{self, BlockArg, InstBuilder, condcodes::IntCC, types};
use ember_hir as hir;
use ember_hir::cfg::Cfg;
use ember_hir::{Op, Type};

/// The tag of a borrowed stack reference; alone, it is NULL.
const BORROWED: i64 = 1;

impl Lower<'_, '_> {
    // --- entering ---------------------------------------------------------------------------------------------------

    /// Opens the function and pushes the frame; leaves the builder where the entry block goes on.
    pub(super) fn prologue(&mut self, cfg: &Cfg) -> Result {
        let block = self.b.create_block();
        self.b.append_block_params_for_function_params(block);
        self.b.switch_to_block(block);
        let inputs = self.b.block_params(block).to_vec();
        let params = &self.func.blocks[self.func.entry].params;
        self.tstate = inputs[0];
        match self.params.kind {
            BodyKind::Osr if params.is_empty() => self.pin_frame(inputs[1]),
            BodyKind::Function if params.len() == self.params.nparams as usize => {
                self.callable = inputs[1];
                if self.env.functions.enter != 0 && self.is_large(cfg) {
                    self.enter(&inputs[2..]);
                } else {
                    self.check_stack();
                    self.push_frame(&inputs[2..]);
                }
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

    /// Enters by a call.
    fn enter(&mut self, args: &[ir::Value]) {
        let code = self.address(self.params.code | BORROWED as u64);
        let sizes = self.int(i64::from(self.params.framesize) | i64::from(self.params.nlocalsplus) << 32);
        let position = self.address(self.unit_address(self.params.first_traceable));
        let all = [self.tstate, self.callable, code, sizes, position];
        let frame = self.call_for(self.env.functions.enter, &all, types::I64);
        let refused = self.cold_block();
        self.leave_unless(frame, refused);
        let entered = self.b.current_block();
        self.b.switch_to_block(refused);
        let null = self.int(0);
        self.b.ins().return_(&[null]);
        if let Some(entered) = entered {
            self.b.switch_to_block(entered);
        }
        self.shown = Some(self.params.first_traceable);
        self.show_arguments(frame, args);
        self.pin_frame(frame);
    }

    fn show_arguments(&mut self, frame: ir::Value, args: &[ir::Value]) {
        for (slot, &arg) in args.iter().enumerate() {
            let shown = self.b.ins().bor_imm_s(arg, BORROWED);
            self.store(shown, frame, self.local_offset(slot as u32));
        }
    }

    /// The two limits: of the C stack and of Python's recursion.
    fn check_stack(&mut self) {
        let layout = &self.env.layout;
        let (low, failed) = (self.cold_block(), self.cold_block());
        let limit = self.load(types::I64, self.tstate, layout.ts_c_stack_soft_limit);
        let sp = self.b.ins().get_stack_pointer(types::I64);
        let below = self.b.ins().icmp(IntCC::UnsignedLessThan, sp, limit);
        let counting = self.b.create_block();
        self.b.ins().brif(below, low, &[], counting, &[]);

        self.b.switch_to_block(low);
        let error = self.call_rarely(self.env.functions.c_stack_check, self.tstate, self.tstate, types::I32);
        self.b.ins().brif(error, failed, &[], counting, &[]);
        self.b.switch_to_block(failed);
        let null = self.int(0);
        self.b.ins().return_(&[null]);

        self.b.switch_to_block(counting);
        let remaining = self.load(types::I32, self.tstate, layout.ts_py_recursion_remaining);
        let less = self.b.ins().iadd_imm_s(remaining, -1);
        self.store(less, self.tstate, layout.ts_py_recursion_remaining);
        let (deep, refused) = (self.cold_block(), self.cold_block());
        let pushing = self.b.create_block();
        let fine = self.b.ins().icmp_imm_s(IntCC::SignedGreaterThan, remaining, 0);
        self.b.ins().brif(fine, pushing, &[], deep, &[]);
        self.b.switch_to_block(deep);
        let error = self.call_rarely(self.env.functions.recursion_check, self.tstate, self.tstate, types::I32);
        self.b.ins().brif(error, refused, &[], pushing, &[]);
        self.b.switch_to_block(refused);
        self.recursion_left();
        let null = self.int(0);
        self.b.ins().return_(&[null]);
        self.b.switch_to_block(pushing);
    }

    fn recursion_left(&mut self) {
        let offset = self.env.layout.ts_py_recursion_remaining;
        let remaining = self.load(types::I32, self.tstate, offset);
        let more = self.b.ins().iadd_imm_s(remaining, 1);
        self.store(more, self.tstate, offset);
    }

    fn push_frame(&mut self, args: &[ir::Value]) {
        let layout = &self.env.layout;
        let (full, failed) = (self.cold_block(), self.cold_block());
        let (fits, ready) = (self.b.create_block(), self.b.create_block());
        let frame = self.b.append_block_param(ready, types::I64);
        let top = self.load(types::I64, self.tstate, layout.ts_datastack_top);
        let limit = self.load(types::I64, self.tstate, layout.ts_datastack_limit);
        let words = i64::from(self.params.framesize);
        let new_top = self.b.ins().iadd_imm_s(top, words * 8);
        // A thread without a data stack has 0 for both.
        let room = self.b.ins().icmp(IntCC::UnsignedLessThan, new_top, limit);
        self.b.ins().brif(room, fits, &[], full, &[]);

        self.b.switch_to_block(full);
        let words = self.int(words);
        let place = self.call_rarely(self.env.functions.push_frame_slow, self.tstate, words, types::I64);
        self.b.ins().brif(place, ready, &[BlockArg::Value(place)], failed, &[]);
        self.b.switch_to_block(failed);
        self.recursion_left();
        let null = self.int(0);
        self.b.ins().return_(&[null]);

        self.b.switch_to_block(fits);
        self.store(new_top, self.tstate, layout.ts_datastack_top);
        self.b.ins().jump(ready, &[BlockArg::Value(top)]);

        self.b.switch_to_block(ready);
        self.fill_frame(frame, args);
        self.store(frame, self.tstate, layout.ts_current_frame);
        self.pin_frame(frame);
    }

    /// Writes every field; the frame is linked only afterwards.
    fn fill_frame(&mut self, frame: ir::Value, args: &[ir::Value]) {
        let layout = &self.env.layout;
        let code = self.address(self.params.code | BORROWED as u64);
        self.store(code, frame, layout.frame_executable);
        let previous = self.load(types::I64, self.tstate, layout.ts_current_frame);
        self.store(previous, frame, layout.frame_previous);
        let function = self.b.ins().bor_imm_s(self.callable, BORROWED);
        self.store(function, frame, layout.frame_funcobj);
        let globals = self.load(types::I64, self.callable, layout.func_globals);
        self.store(globals, frame, layout.frame_globals);
        let builtins = self.load(types::I64, self.callable, layout.func_builtins);
        self.store(builtins, frame, layout.frame_builtins);
        for offset in [layout.frame_locals, layout.frame_frame_obj, layout.frame_return_offset] {
            let zero = self.int(0);
            self.store(zero, frame, offset);
        }
        let position = self.address(self.unit_address(self.params.first_traceable));
        self.store(position, frame, layout.frame_instr_ptr);
        self.shown = Some(self.params.first_traceable);
        let locals = i64::from(self.params.nlocalsplus);
        let stack = self.b.ins().iadd_imm_s(frame, i64::from(layout.frame_localsplus) + locals * 8);
        self.store(stack, frame, layout.frame_stackpointer);
        self.show_arguments(frame, args);
        for slot in args.len() as u32..self.params.nlocalsplus {
            let null = self.int(BORROWED);
            self.store(null, frame, self.local_offset(slot));
        }
    }

    // --- leaving ----------------------------------------------------------------------------------------------------

    /// Returns `result`, an owned reference.
    pub(super) fn leave(&mut self, inst: hir::Inst, result: ir::Value) -> Result {
        let exit = self.exit_with(inst, ExitKind::Return, Some(result))?;
        if self.params.kind == BodyKind::Osr {
            self.b.ins().jump(exit, &[]);
            return Ok(());
        }
        let layout = &self.env.layout;
        let frame = self.frame();
        let seen = self.load(types::I64, frame, layout.frame_frame_obj);
        self.leave_if(seen, exit);
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
        let layout = &self.env.layout;
        let (tstate, frame) = (self.tstate, self.frame());
        let previous = self.load(types::I64, frame, layout.frame_previous);
        self.store(previous, tstate, layout.ts_current_frame);
        let chunk = self.load(types::I64, tstate, layout.ts_datastack_chunk);
        let base = self.b.ins().iadd_imm_s(chunk, i64::from(layout.chunk_data));
        let first = self.b.ins().icmp(IntCC::Equal, frame, base);
        let (emptied, within, popped) = (self.cold_block(), self.b.create_block(), self.b.create_block());
        self.b.ins().brif(first, emptied, &[], within, &[]);
        self.b.switch_to_block(emptied);
        self.call_rarely(self.env.functions.pop_frame, tstate, frame, types::I64);
        self.b.ins().jump(popped, &[]);
        self.b.switch_to_block(within);
        self.store(frame, tstate, layout.ts_datastack_top);
        self.b.ins().jump(popped, &[]);
        self.b.switch_to_block(popped);
        self.recursion_left();
        self.return_pinned(result);
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

    fn unit_address(&self, unit: u32) -> u64 {
        self.params.first_instr.wrapping_add(u64::from(unit) * 2)
    }

    /// The code unit of the frame that exists which an instruction belongs to: its own, or the call's it was inlined at.
    fn visible_unit(&self, inst: hir::Inst) -> Option<u32> {
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
                let (owned, done) = (self.b.create_block(), self.b.create_block());
                self.b.ins().brif(tag, done, &[], owned, &[]);
                self.b.switch_to_block(owned);
                // What frame memory owns are boxes of machine values: nothing looks at the frame when they go.
                self.decref_then(None, held, Type::Long, done);
                self.b.switch_to_block(done);
                Ok(None)
            }
            op => Err(self.unsupported(op.name())),
        }
    }

    /// Moves a reference out of the frame's memory: a new reference where the memory only borrowed it.
    fn take(&mut self, offset: i32) -> ir::Value {
        let frame = self.frame();
        let held = self.load(types::I64, frame, offset);
        let null = self.int(BORROWED);
        self.store(null, frame, offset);
        let tag = self.b.ins().band_imm_u(held, BORROWED);
        let object = self.b.ins().band_imm_s(held, !3);
        let (borrowed, counted, done) = (self.b.create_block(), self.b.create_block(), self.b.create_block());
        self.b.ins().brif(tag, borrowed, &[], done, &[]);
        self.b.switch_to_block(borrowed);
        self.b.ins().brif(object, counted, &[], done, &[]);
        self.b.switch_to_block(counted);
        self.incref_then(object, done);
        self.b.switch_to_block(done);
        object
    }
}
