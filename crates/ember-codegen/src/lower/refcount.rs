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
        let done = ty.may_be_null().then(|| {
            let (object, done) = (self.new_block(), self.new_block());
            self.b.ins().brif(value, object, &[], done, &[]);
            self.b.switch_to_block(object);
            done
        });
        if self.func.insts[inst].op == Op::Incref {
            self.incref(value);
        } else {
            self.decref(Some(inst), value, ty);
        }
        if let Some(done) = done {
            self.b.ins().jump(done, &[]);
            self.b.switch_to_block(done);
        }
        Ok(())
    }

    /// Counts one more.
    pub(super) fn incref(&mut self, object: ir::Value) {
        let offset = self.env.layout.ob_refcnt;
        let count = self.load(types::I32, object, offset);
        let mortal = self.b.ins().icmp_imm_u(IntCC::UnsignedLessThan, count, IMMORTAL);
        let place = self.counted(mortal, object);
        let more = self.b.ins().iadd_imm_s(count, 1);
        self.store(more, place, offset);
    }

    /// Where a new count is to be written: into the object if it is mortal, else where nobody looks. Branches would be taken for one of both kinds, wherever they lead, and
    /// code that runs once a request has them forgotten by the processor each time.
    fn counted(&mut self, mortal: ir::Value, object: ir::Value) -> ir::Value {
        // Where the count is not the first thing in an object the slot is that much larger.
        let nowhere = self.slot_address(self.nowhere, 0);
        self.b.ins().select(mortal, object, nowhere)
    }

    fn count_by(&mut self, thunk: u64, object: ir::Value) {
        let signature = self.preserving(1);
        let thunk = self.function_at(thunk, signature);
        self.b.ins().call(thunk, &[object]);
    }

    /// Counts one less and deallocates at zero. The position is shown only where something is deallocated that could look at it.
    pub(super) fn decref(&mut self, inst: Option<hir::Inst>, object: ir::Value, ty: Type) {
        let dealloc = self.dealloc_for(ty);
        let offset = self.env.layout.ob_refcnt;
        let count = self.load(types::I32, object, offset);
        let mortal = self.b.ins().icmp_imm_s(IntCC::SignedGreaterThanOrEqual, count, 0);
        let place = self.counted(mortal, object);
        let (done, dead) = (self.new_block(), self.cold_block());
        // A subtraction of one has a short form, an addition of 2^32 - 1 has not.
        let one = self.b.ins().iconst(types::I32, 1);
        let less = self.b.ins().isub(count, one);
        self.store(less, place, offset);
        self.b.ins().brif(less, done, &[], dead, &[]);
        self.b.switch_to_block(dead);
        if let Some(inst) = inst.filter(|_| !ty.drops_quietly()) {
            self.show_position_aside(inst);
        }
        self.call_address(dealloc, &[object], None);
        self.b.ins().jump(done, &[]);
        self.b.switch_to_block(done);
    }

    /// What deallocates an object of this type.
    fn dealloc_for(&self, ty: Type) -> u64 {
        let functions = &self.env.functions;
        if ty.is(Type::Float.or(Type::Null)) { functions.free_float } else { functions.dealloc }
    }
}
