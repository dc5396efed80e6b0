//! Guards and exits.
//!
//! An exit is a cold block of its own for each guard, so that nothing about it burdens the hot path: it stores the live values into the exit
//! buffer and jumps, with what names its [`ExitInfo`], to one shared block, which calls the handler and returns what that returns. What several
//! exits store is stored in one place. The blocks are written at the very end, when the buffer's size is known.

use super::{Lower, Result};
use crate::BodyKind;
use crate::exits::{self, BufKind, ExitInfo, ExitKind, ExitLevel, ExitState, Slot};
use cranelift_codegen::ir::{self, BlockArg, InstBuilder, condcodes::IntCC, types};
use ember_hir as hir;
use ember_hir::{Op, Type};
use rustc_hash::FxHashMap;
use smallvec::SmallVec;
use std::sync::atomic::{AtomicU8, AtomicUsize, Ordering};

/// `Py_TPFLAGS_TYPE_SUBCLASS`: instances are classes.
const TYPE_SUBCLASS: i64 = 1 << 31;

/// For tests in which each guard fails once: whether it has, by the order in which guards were compiled. Memory that is not touched otherwise.
static FAILED: [AtomicU8; 1 << 20] = [const { AtomicU8::new(0) }; 1 << 20];
static NEXT_GUARD: AtomicUsize = AtomicUsize::new(0);

/// An exit whose block is still to be written.
pub(super) struct PendingExit {
    block: ir::Block,
    /// Stands for the info's address, see [`exits::TAG`].
    tagged: u64,
    stores: Vec<ir::Value>,
}

/// The buffer of an exit while it is put together.
#[derive(Default)]
struct Buffer {
    kinds: Vec<BufKind>,
    stores: Vec<ir::Value>,
}

impl Buffer {
    fn push(&mut self, value: ir::Value, kind: BufKind) -> Slot {
        self.kinds.push(kind);
        self.stores.push(value);
        Slot::Buf((self.stores.len() - 1) as u16)
    }

    /// Puts the entries from `first` on in an order in which what exits store in common comes first: what they own, oldest first (it was given latest first, which is how the
    /// handler drops it, from the end), then the rest by definition.
    fn sort(&mut self, first: usize, level: &mut Option<ExitLevel>) {
        let mut order: Vec<u16> = (0..self.stores.len() as u16).collect();
        order[first..].sort_by_key(|&index| match self.kinds[usize::from(index)] {
            BufKind::ObjOwned => (false, u32::from(u16::MAX - index)),
            _ => (true, self.stores[usize::from(index)].as_u32()),
        });
        if order.is_sorted() {
            return;
        }
        let mut places = vec![0; order.len()];
        for (place, &index) in order.iter().enumerate() {
            places[usize::from(index)] = place as u16;
        }
        self.stores = order.iter().map(|&index| self.stores[usize::from(index)]).collect();
        self.kinds = order.iter().map(|&index| self.kinds[usize::from(index)]).collect();
        if let Some(level) = level {
            for slot in level.locals.iter_mut().chain(&mut level.stack) {
                if let Slot::Buf(index) = slot {
                    *index = places[usize::from(*index)];
                }
            }
        }
    }
}

impl<'a> Lower<'a, '_> {
    /// The exit of an instruction: a block to branch to from here.
    pub(super) fn exit(&mut self, inst: hir::Inst, kind: ExitKind) -> Result<ir::Block> {
        self.exit_with(inst, kind, None)
    }

    /// The same with a result to hand over in the buffer's first entry.
    pub(super) fn exit_with(
        &mut self,
        inst: hir::Inst,
        kind: ExitKind,
        result: Option<ir::Value>,
    ) -> Result<ir::Block> {
        let data = &self.func.insts[inst];
        let mut buffer = Buffer::default();
        if let Some(result) = result {
            buffer.push(result, BufKind::ObjOwned);
        }
        // What a frame of the interpreter's shows after the return must not depend on who keeps it alive, so there all is handed over.
        let adopted = if self.hands_all_over(kind) { Vec::new() } else { self.adopted(inst) };
        for &value in &self.func.exit_owned[inst] {
            if self.func.ty(value).is_primitive()
                || adopted.iter().any(|&(root, _)| root == value)
                || self.consumed.contains(&value)
            {
                continue;
            }
            let machine = self.value(value)?;
            // The result of a return is handed over already.
            if result != Some(machine) {
                buffer.push(machine, BufKind::ObjOwned);
            }
        }
        if data.state.is_none() && kind == ExitKind::Deopt {
            return Err(self.unsupported(&format!("{inst} {} has no frame state", data.op.name())));
        }
        let mut level = match self.root_state(inst) {
            Some(state) => Some(self.exit_level(inst, kind, state, &adopted, &mut buffer)?),
            None => None,
        };
        if buffer.stores.len() > usize::from(u16::MAX) {
            return Err(self.unsupported("an exit with too many values"));
        }
        self.args.need(buffer.stores.len());
        buffer.sort(usize::from(result.is_some()), &mut level);
        // A guard that was moved blames its own instruction; what was inlined, the call.
        let bci = match data.state.expand() {
            Some(state) if kind == ExitKind::Deopt && data.level != self.func.root() => self.func.states[state].bci,
            _ => data.bci,
        };
        let state = ExitState { level, buf: buffer.kinds.into() };
        let number = self.exits.push(kind, bci, data.op.name(), &state);
        let block = self.cold_block();
        let tagged = exits::TAG + number as u64 * exits::STRIDE;
        self.pending.push(PendingExit { block, tagged, stores: buffer.stores });
        Ok(block)
    }

    /// Whether an exit gives the frame all its locals, whatever its memory shows.
    fn hands_all_over(&self, kind: ExitKind) -> bool {
        kind == ExitKind::Return && self.params.kind.is_on_foreign_frame()
    }

    /// The references an exit owns that the frame's memory already shows, with the first slot that does: these need not be stored.
    fn adopted(&self, inst: hir::Inst) -> Vec<(hir::Value, u32)> {
        let (owned, synced) = (&self.func.exit_owned[inst], &self.func.exit_synced[inst]);
        let mut adopted: Vec<(hir::Value, u32)> = Vec::new();
        let Some(state) = self.root_state(inst) else { return adopted };
        if owned.is_empty() || self.func.insts[inst].op == Op::CheckTracing {
            return adopted;
        }
        for &slot in synced {
            let Some(&Some(local)) = state.locals.get(slot as usize) else { continue };
            let root = self.root(local);
            if owned.contains(&root) && !adopted.iter().any(|&(known, _)| known == root) {
                adopted.push((root, slot));
            }
        }
        adopted
    }

    /// The state of the frame that exists.
    pub(super) fn root_state(&self, inst: hir::Inst) -> Option<&'a hir::FrameState> {
        let mut id = self.func.insts[inst].state.expand()?;
        while let Some(parent) = self.func.states[id].parent {
            id = parent;
        }
        Some(&self.func.states[id])
    }

    fn exit_level(
        &mut self,
        inst: hir::Inst,
        kind: ExitKind,
        state: &hir::FrameState,
        adopted: &[(hir::Value, u32)],
        buffer: &mut Buffer,
    ) -> Result<ExitLevel> {
        let interpreters = self.hands_all_over(kind);
        let func = self.func;
        let mut locals = SmallVec::with_capacity(state.locals.len());
        for (index, local) in state.locals.iter().enumerate() {
            if func.insts[inst].op == Op::CheckTracing {
                locals.push(Slot::Own);
                continue;
            }
            let synced = !interpreters && func.exit_synced[inst].contains(&(index as u32));
            let taken = local.filter(|_| synced).and_then(|value| {
                let root = self.root(value);
                adopted.iter().find(|&&(known, _)| known == root)
            });
            if let Some(&(_, first)) = taken {
                locals.push(if first == index as u32 { Slot::Adopt } else { Slot::Own });
                continue;
            }
            locals.push(match local {
                None if synced => Slot::Keep,
                None => Slot::Null,
                Some(value) => {
                    let slot = self.exit_slot(*value, buffer, synced)?;
                    // Memory that shows a reference which this exit owns has to take it over.
                    let owned = matches!(slot, Slot::Buf(at) if buffer.kinds[usize::from(at)] == BufKind::ObjOwned);
                    if synced && !owned { Slot::Keep } else { slot }
                }
            });
        }
        let mut stack = SmallVec::new();
        if kind == ExitKind::Deopt {
            for &value in &state.stack {
                stack.push(self.exit_slot(value, buffer, false)?);
            }
        }
        Ok(ExitLevel { bci: state.bci, locals, stack })
    }

    /// Where an exit finds a value. With `only_owned`, a value that the exit does not own is not stored, and the answer means nothing.
    fn exit_slot(&mut self, value: hir::Value, buffer: &mut Buffer, only_owned: bool) -> Result<Slot> {
        let ty = self.func.ty(value);
        if ty.is_null() {
            return Ok(Slot::Null);
        }
        let machine = self.value(value)?;
        if let Some(at) = buffer.stores.iter().position(|&stored| stored == machine) {
            return Ok(Slot::Buf(at as u16));
        }
        match self.func.def_op(self.root(value)) {
            Some(Op::Const { id }) => return Ok(Slot::Const(self.func.consts[*id].address)),
            Some(Op::CInt { value }) => return Ok(Slot::Int(*value)),
            Some(Op::CDouble { bits }) => return Ok(Slot::Double(*bits)),
            Some(Op::CBool { value }) => return Ok(Slot::Bool(*value)),
            Some(Op::CLasti { unit }) => return Ok(Slot::Lasti(*unit)),
            Some(Op::IterDone) => return Ok(Slot::Const(self.env.objects.iter_done)),
            Some(Op::Null) => return Ok(Slot::Null),
            _ if only_owned => return Ok(Slot::Keep),
            _ => {}
        }
        let kind = if !ty.is_primitive() {
            BufKind::ObjBorrowed
        } else if ty.is(Type::CInt) {
            BufKind::Int
        } else if ty.is(Type::CDouble) {
            BufKind::Double
        } else if ty.is(Type::CBool) {
            BufKind::Bool
        } else if ty.is(Type::CLasti) {
            BufKind::Lasti
        } else {
            return Err(self.unsupported(&format!("{value} of type {ty} in a frame state")));
        };
        Ok(buffer.push(machine, kind))
    }

    /// Writes the blocks of all exits.
    pub(super) fn finish_exits(&mut self) -> Box<[ExitInfo]> {
        // From here on their addresses do not change.
        let infos = std::mem::take(&mut self.exits).finish(self.params.token);
        if self.pending.is_empty() {
            return infos;
        }
        let tail = self.cold_block();
        let tagged = self.b.append_block_param(tail, types::I64);
        let slot = self.args.slot;
        // What an exit stores is in the order of definition, so exits mostly store the same as others and a little more: each stores what it alone has and
        // goes on where the rest is stored.
        let pending = std::mem::take(&mut self.pending);
        let mut users: FxHashMap<&[ir::Value], u32> = FxHashMap::default();
        for exit in &pending {
            for length in 1..=exit.stores.len() {
                *users.entry(&exit.stores[..length]).or_default() += 1;
            }
        }
        let mut shared: FxHashMap<&[ir::Value], ir::Block> = FxHashMap::default();
        for exit in &pending {
            self.b.switch_to_block(exit.block);
            let mut address = self.address(exit.tagged);
            let mut next = tail;
            for length in (1..=exit.stores.len()).rev() {
                let stores = &exit.stores[..length];
                if users.get(stores).is_some_and(|&users| users > 1) {
                    if let Some(&known) = shared.get(stores) {
                        next = known;
                        break;
                    }
                    // Every value dominates all exits that store it, so it dominates this block, which only they lead to.
                    let block = self.cold_block();
                    self.b.ins().jump(block, &[BlockArg::Value(address)]);
                    self.b.switch_to_block(block);
                    address = self.b.append_block_param(block, types::I64);
                    shared.insert(stores, block);
                }
                self.store_exit_value(length - 1, stores[length - 1]);
            }
            self.b.ins().jump(next, &[BlockArg::Value(address)]);
        }
        self.b.switch_to_block(tail);
        let handler = match self.params.kind {
            BodyKind::Function => self.env.functions.exit_handler,
            BodyKind::Osr | BodyKind::Generator => self.env.functions.osr_exit_handler,
        };
        let base = self.address((infos.as_ptr() as u64).wrapping_sub(exits::TAG));
        let info = self.b.ins().iadd(tagged, base);
        let buffer = self.slot_address(slot, 0);
        let frame = self.frame();
        let result = self.call_for(handler, &[self.tstate, frame, info, buffer], types::I64);
        let callers = match self.params.kind {
            // The handler has popped the frame.
            BodyKind::Function => self.load(types::I64, self.tstate, self.env.layout.ts_current_frame),
            BodyKind::Osr | BodyKind::Generator => self.pinned,
        };
        self.b.ins().set_pinned_reg(callers);
        self.b.ins().return_(&[result]);
        infos
    }

    fn store_exit_value(&mut self, index: usize, value: ir::Value) {
        let base = self.slot_address(self.args.slot, 0);
        let narrow = self.b.func.dfg.value_type(value) == types::I8;
        let value = if narrow { self.b.ins().uextend(types::I64, value) } else { value };
        self.store(value, base, index as i32 * 8);
    }

    // --- guards -----------------------------------------------------------------------------------------------------

    /// For tests: lets every so many guards fail, or each guard once, whatever they would find.
    pub(super) fn stress(&mut self, inst: hir::Inst) -> Result {
        let op = &self.func.insts[inst].op;
        let effects = op.effects();
        let (cell, period) = (self.env.objects.stress_counter, self.env.objects.stress_period);
        if period == 0
            || !effects.contains(hir::Effects::DEOPTS)
            || effects.intersects(hir::Effects::ARBITRARY | hir::Effects::TERMINATOR)
        {
            return Ok(());
        }
        if period < 0 {
            return self.stress_once(inst);
        }
        let cell = self.address(cell);
        let count = self.load(types::I64, cell, 0);
        let left = self.b.ins().iadd_imm_s(count, -1);
        let due = self.b.ins().icmp_imm_s(IntCC::SignedLessThanOrEqual, left, 0);
        let again = self.int(period);
        let next = self.b.ins().select(due, again, left);
        self.store(next, cell, 0);
        self.deopt_if(inst, due)
    }

    /// For tests: lets a guard fail the first time it is reached. Since the call then goes on in the interpreter, the next call gets as far as the next guard: each fails in its turn, after
    /// all before it have passed.
    fn stress_once(&mut self, inst: hir::Inst) -> Result {
        let Some(cell) = FAILED.get(NEXT_GUARD.fetch_add(1, Ordering::Relaxed)) else { return Ok(()) };
        let cell = self.address(cell.as_ptr() as u64);
        let failed = self.load(types::I8, cell, 0);
        let due = self.b.ins().icmp_imm_s(IntCC::Equal, failed, 0);
        let yes = self.b.ins().iconst(types::I8, 1);
        self.store(yes, cell, 0);
        self.deopt_if(inst, due)
    }

    /// Leaves unless the condition holds.
    pub(super) fn deopt_unless(&mut self, inst: hir::Inst, condition: ir::Value) -> Result {
        let exit = self.exit(inst, ExitKind::Deopt)?;
        self.leave_unless(condition, exit);
        Ok(())
    }

    /// Leaves if the condition holds.
    pub(super) fn deopt_if(&mut self, inst: hir::Inst, condition: ir::Value) -> Result {
        let exit = self.exit(inst, ExitKind::Deopt)?;
        self.leave_if(condition, exit);
        Ok(())
    }

    pub(super) fn guard_op(&mut self, inst: hir::Inst) -> Result<Option<ir::Value>> {
        let value = self.arg(inst, 0)?;
        let ty = self.func.ty(self.operand(inst, 0));
        match self.func.insts[inst].op {
            Op::Refine { .. } => {}
            Op::GuardType { ty: wanted } => {
                if !ty.is(wanted) {
                    let exit = self.exit(inst, ExitKind::Deopt)?;
                    let passed = self.new_block();
                    self.branch_on_type(value, ty, wanted, passed, exit)?;
                    self.b.switch_to_block(passed);
                }
            }
            // A number that stood before may mean nothing now: only a pass that knows the effects in between can tell.
            Op::GuardClass { number } => {
                let exit = self.exit(inst, ExitKind::Deopt)?;
                if ty.may_be_null() {
                    self.leave_unless(value, exit);
                }
                let matches = self.has_class(value, number);
                self.leave_unless(matches, exit);
            }
            Op::GuardIs { id } => {
                let same = self.b.ins().icmp_imm_s(IntCC::Equal, value, self.func.consts[id].address as i64);
                self.deopt_unless(inst, same)?;
            }
            Op::GuardNotNull => {
                if ty.may_be_null() {
                    self.deopt_unless(inst, value)?;
                }
            }
            Op::GuardFalse => {
                self.deopt_if(inst, value)?;
                return Ok(None);
            }
            _ => {
                self.deopt_unless(inst, value)?;
                return Ok(None);
            }
        }
        Ok(Some(value))
    }

    /// Operations which answer a question with a truth value.
    pub(super) fn test(&mut self, inst: hir::Inst) -> Result<ir::Value> {
        let value = self.arg(inst, 0)?;
        let ty = self.func.ty(self.operand(inst, 0));
        Ok(match self.func.insts[inst].op {
            Op::BNot => self.b.ins().bxor_imm_u(value, 1),
            Op::Is => {
                let other = self.arg(inst, 1)?;
                self.b.ins().icmp(IntCC::Equal, value, other)
            }
            Op::IsNull => self.b.ins().icmp_imm_s(IntCC::Equal, value, 0),
            Op::HasClass { number } if !ty.may_be_null() => self.has_class(value, number),
            Op::IsType { ty: wanted } if ty.is(wanted) => self.b.ins().iconst(types::I8, 1),
            Op::IsType { ty: wanted } if !ty.could_be(wanted) => self.b.ins().iconst(types::I8, 0),
            op => {
                let (yes, no, join) = (self.new_block(), self.new_block(), self.new_block());
                let answer = self.b.append_block_param(join, types::I8);
                match op {
                    Op::IsType { ty: wanted } => self.branch_on_type(value, ty, wanted, yes, no)?,
                    Op::HasClass { number } => {
                        self.leave_unless(value, no);
                        let matches = self.has_class(value, number);
                        self.b.ins().brif(matches, yes, &[], no, &[]);
                    }
                    _ => return Err(self.unsupported(op.name())),
                }
                for (block, truth) in [(yes, 1), (no, 0)] {
                    self.b.switch_to_block(block);
                    let truth = self.b.ins().iconst(types::I8, truth);
                    self.b.ins().jump(join, &[BlockArg::Value(truth)]);
                }
                self.b.switch_to_block(join);
                answer
            }
        })
    }

    fn has_class(&mut self, value: ir::Value, number: u32) -> ir::Value {
        let class = self.load(types::I64, value, self.env.layout.ob_type);
        let cell = self.b.ins().iconst(types::I64, (self.env.objects.class_cells + 8 * u64::from(number)) as i64);
        let expected = self.load(types::I64, cell, 0);
        self.b.ins().icmp(IntCC::Equal, class, expected)
    }

    /// Branches on whether a value known to be of type `ty` is one of `wanted`. Ends the current block.
    fn branch_on_type(&mut self, value: ir::Value, ty: Type, wanted: Type, yes: ir::Block, no: ir::Block) -> Result {
        let possible = ty.immortal().intersect(wanted.immortal());
        let mut rest = Type { bits: possible.bits, spec: hir::types::Spec::Any };
        if ty.may_be_null() {
            // A NULL has no class to look at.
            let null = if rest.may_be_null() { yes } else { no };
            self.leave_unless(value, null);
            rest = rest.subtract(Type::Null);
        }
        let present = ty.immortal().subtract(Type::Null);
        if present.subtract(rest).bits == 0 {
            self.b.ins().jump(yes, &[]);
            return Ok(());
        }
        for (leaf, address) in [(Type::NoneType, self.env.objects.none), (Type::IterDone, self.env.objects.iter_done)] {
            if rest.could_be(leaf) {
                rest = rest.subtract(leaf);
                let same = self.b.ins().icmp_imm_s(IntCC::Equal, value, address as i64);
                self.leave_if(same, yes);
            }
        }
        if rest.bits == 0 {
            self.b.ins().jump(no, &[]);
            return Ok(());
        }
        let class = self.load(types::I64, value, self.env.layout.ob_type);
        while rest.bits != 0 {
            let leaf = Type { bits: 1 << rest.bits.trailing_zeros(), spec: hir::types::Spec::Any };
            rest.bits &= !leaf.bits;
            let matches = self.class_is(class, leaf)?;
            if rest.bits == 0 {
                self.b.ins().brif(matches, yes, &[], no, &[]);
            } else {
                self.leave_if(matches, yes);
            }
        }
        Ok(())
    }

    fn class_is(&mut self, class: ir::Value, leaf: Type) -> Result<ir::Value> {
        if leaf.bits == Type::Class.immortal().bits {
            let flags = self.load(types::I64, class, self.env.layout.tp_flags);
            let bit = self.b.ins().band_imm_u(flags, TYPE_SUBCLASS);
            return Ok(self.b.ins().icmp_imm_s(IntCC::NotEqual, bit, 0));
        }
        match self.env.type_object(leaf) {
            Some(address) => Ok(self.b.ins().icmp_imm_s(IntCC::Equal, class, address as i64)),
            None => Err(self.unsupported(&format!("a test for {leaf}"))),
        }
    }
}
