//! Loads and stores of objects' fields.

use super::{Lower, Result};
use cranelift_codegen::ir::{self, InstBuilder, MemFlagsData, types};
use ember_hir as hir;
use ember_hir::Op;
use ember_hir::ops::Width;

impl Lower<'_, '_> {
    pub(super) fn memory(&mut self, inst: hir::Inst) -> Result<Option<ir::Value>> {
        let op = self.func.insts[inst].op;
        match op {
            Op::LoadGlobalCell { cell } => {
                let cell = self.address(cell);
                return Ok(Some(self.load(types::I64, cell, 0)));
            }
            Op::ScratchLoad { index } => {
                let slot = self.scratch.need(index as usize + 1);
                let base = self.slot_address(slot, index as i32 * 8);
                return Ok(Some(self.load(types::I64, base, 0)));
            }
            _ => {}
        }
        let base = self.arg(inst, 0)?;
        Ok(Some(match op {
            Op::LoadField { offset, .. } | Op::LoadManagedDict { offset } => self.load(types::I64, base, offset),
            Op::LoadInt { offset, width, .. } => {
                let flags = MemFlagsData::trusted();
                match width {
                    Width::U8 => self.b.ins().uload8(types::I64, flags, base, offset),
                    Width::U32 => self.b.ins().uload32(flags, base, offset),
                    Width::I32 => self.b.ins().sload32(flags, base, offset),
                    Width::I64 => self.load(types::I64, base, offset),
                }
            }
            Op::Offset { scale } => {
                let index = self.arg(inst, 1)?;
                let bytes = self.b.ins().ishl_imm_u(index, i64::from(scale.trailing_zeros()));
                self.b.ins().iadd(base, bytes)
            }
            Op::LoadDouble { offset, .. } => self.load(types::F64, base, offset),
            Op::LoadIndexed { offset, .. } => {
                let place = self.indexed(inst, base)?;
                self.load(types::I64, place, offset)
            }
            Op::SwapField { offset, .. } => {
                let new = self.arg(inst, 1)?;
                let old = self.load(types::I64, base, offset);
                self.store(new, base, offset);
                old
            }
            Op::SwapIndexed { offset, .. } => {
                let new = self.arg(inst, 2)?;
                let place = self.indexed(inst, base)?;
                let old = self.load(types::I64, place, offset);
                self.store(new, place, offset);
                old
            }
            Op::StoreInt { offset, width, .. } => {
                let value = self.arg(inst, 1)?;
                let flags = MemFlagsData::trusted();
                match width {
                    Width::U8 => self.b.ins().istore8(flags, value, base, offset),
                    Width::U32 | Width::I32 => self.b.ins().istore32(flags, value, base, offset),
                    Width::I64 => self.b.ins().store(flags, value, base, offset),
                };
                return Ok(None);
            }
            Op::StoreDouble { offset, .. } => {
                let value = self.arg(inst, 1)?;
                self.store(value, base, offset);
                return Ok(None);
            }
            op => return Err(self.unsupported(op.name())),
        }))
    }

    /// `base + index * 8`; the machine's addressing mode takes both.
    fn indexed(&mut self, inst: hir::Inst, base: ir::Value) -> Result<ir::Value> {
        let index = self.arg(inst, 1)?;
        let scaled = self.b.ins().ishl_imm_u(index, 3);
        Ok(self.b.ins().iadd(base, scaled))
    }
}
