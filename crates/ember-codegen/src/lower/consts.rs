//! Constants, and what is known of a value at compile time.

use super::{Lower, Result};
use cranelift_codegen::ir::immediates::Ieee64;
use cranelift_codegen::ir::{self, InstBuilder, types};
use ember_hir as hir;
use ember_hir::Op;

impl Lower<'_, '_> {
    /// Lowers an operation without operands. Cranelift makes integer constants anew at each use, so they hold no register.
    pub(super) fn constant(&mut self, inst: hir::Inst) -> Result<ir::Value> {
        Ok(match self.func.insts[inst].op {
            Op::Const { id } => self.address(self.func.consts[id].address),
            Op::CInt { value } => self.int(value),
            Op::CDouble { bits } => self.b.ins().f64const(Ieee64::with_bits(bits)),
            Op::CBool { value } => self.b.ins().iconst(types::I8, i64::from(value)),
            Op::CPtr { address } => self.address(address),
            Op::CLasti { unit } => self.int(i64::from(unit)),
            Op::IterDone => self.address(self.env.objects.iter_done),
            Op::Func if self.params.kind.is_on_foreign_frame() => {
                // The interpreter's frame holds it as a stack reference.
                let frame = self.frame();
                let tagged = self.load(types::I64, frame, self.env.layout.frame_funcobj);
                self.b.ins().band_imm_s(tagged, !3)
            }
            Op::Func => self.callable,
            _ => self.int(0),
        })
    }

    /// The integer a machine value certainly is.
    pub(super) fn known_int(&self, value: hir::Value) -> Option<i64> {
        match self.func.def_op(value)? {
            Op::CInt { value } => Some(*value),
            _ => None,
        }
    }

    /// The double a machine value certainly is.
    pub(super) fn known_double(&self, value: hir::Value) -> Option<f64> {
        match self.func.def_op(value)? {
            Op::CDouble { bits } => Some(f64::from_bits(*bits)),
            _ => None,
        }
    }
}
