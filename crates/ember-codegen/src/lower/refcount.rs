//! Reference counts.
//!
//! A count is 32 bits. From `3 << 30` on it belongs to an immortal object and is never written: neither incremented nor decremented, so that objects shared by
//! forked processes stay clean. Counts that look negative are left alone by decrements.

use super::{Lower, Result};
use crate::thunk;
use cranelift_codegen::ir::{self, InstBuilder, condcodes::IntCC, types};
use ember_hir as hir;
use ember_hir::{Op, Type};

/// Immortal objects start with this count.
const IMMORTAL: i64 = 3 << 30;

impl Lower<'_, '_> {
    pub(super) fn refcount(&mut self, inst: hir::Inst) -> Result {
        let value = self.arg(inst, 0)?;
        let ty = self.func.ty(self.operand(inst, 0));
        if !ty.is_counted() || ty.is_null() {
            return Ok(());
        }
        // What has a function of its own to destroy it is decremented here.
        let usual = self.dealloc_for(ty) == self.env.functions.dealloc;
        if !self.inline_counts && usual && self.env.layout.ob_refcnt == 0 {
            let decref = self.func.insts[inst].op == Op::Decref;
            if decref && !ty.drops_quietly() {
                self.show_position(inst);
            }
            self.count_by(if decref { thunk::decref(self.vectors) } else { thunk::incref() }, value);
            return Ok(());
        }
        let done = self.b.create_block();
        if ty.may_be_null() {
            let object = self.b.create_block();
            self.b.ins().brif(value, object, &[], done, &[]);
            self.b.switch_to_block(object);
        }
        if self.func.insts[inst].op == Op::Incref {
            self.incref_then(value, done);
        } else {
            self.decref_then(Some(inst), value, ty, done);
        }
        self.b.switch_to_block(done);
        Ok(())
    }

    /// Counts one more and jumps to `done`.
    pub(super) fn incref_then(&mut self, object: ir::Value, done: ir::Block) {
        let offset = self.env.layout.ob_refcnt;
        let count = self.load(types::I32, object, offset);
        let immortal = self.b.ins().icmp_imm_u(IntCC::UnsignedGreaterThanOrEqual, count, IMMORTAL);
        let mortal = self.b.create_block();
        self.b.ins().brif(immortal, done, &[], mortal, &[]);
        self.b.switch_to_block(mortal);
        let more = self.b.ins().iadd_imm_s(count, 1);
        self.store(more, object, offset);
        self.b.ins().jump(done, &[]);
    }

    fn count_by(&mut self, thunk: u64, object: ir::Value) {
        let signature = self.preserving(1);
        let thunk = self.function_at(thunk, signature);
        self.b.ins().call(thunk, &[object]);
    }

    /// Counts one less, deallocates at zero, and jumps to `done`. The position is shown only where something is deallocated that could look at it.
    pub(super) fn decref_then(&mut self, inst: Option<hir::Inst>, object: ir::Value, ty: Type, done: ir::Block) {
        let dealloc = self.dealloc_for(ty);
        let offset = self.env.layout.ob_refcnt;
        let count = self.load(types::I32, object, offset);
        let immortal = self.b.ins().icmp_imm_s(IntCC::SignedLessThan, count, 0);
        let (mortal, dead) = (self.b.create_block(), self.cold_block());
        self.b.ins().brif(immortal, done, &[], mortal, &[]);
        self.b.switch_to_block(mortal);
        // A subtraction of one has a short form, an addition of 2^32 - 1 has not.
        let one = self.b.ins().iconst(types::I32, 1);
        let less = self.b.ins().isub(count, one);
        self.store(less, object, offset);
        self.b.ins().brif(less, done, &[], dead, &[]);
        self.b.switch_to_block(dead);
        if let Some(inst) = inst.filter(|_| !ty.drops_quietly()) {
            self.show_position_aside(inst);
        }
        self.call_address(dealloc, &[object], None);
        self.b.ins().jump(done, &[]);
    }

    /// What deallocates an object of this type.
    fn dealloc_for(&self, ty: Type) -> u64 {
        let functions = &self.env.functions;
        if ty.is(Type::Float.or(Type::Null)) { functions.free_float } else { functions.dealloc }
    }
}
