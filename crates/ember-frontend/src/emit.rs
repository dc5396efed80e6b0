//! Emitting operations: frame states, landing blocks, guards, boxes.

use crate::builder::Builder;
use crate::decode::Instr;
use crate::exception_table::Entry;
use crate::refusal::Refusal;
use ember_hir::{
    Block, BlockCall, Effects, ErrorMode, FrameState, FrameStateId, HelperId, Inst, Op, Type, Value, ValueDef,
};
use smallvec::smallvec;

impl Builder<'_> {
    /// The block that operations go to. After a terminator nothing more may be emitted; should it happen, it lands in an unreachable block.
    pub fn current(&mut self) -> Block {
        match self.at {
            Some(block) => block,
            None => {
                let block = self.func.new_block();
                self.at = Some(block);
                block
            }
        }
    }

    /// The frame state before this instruction.
    pub fn before_state(&mut self) -> FrameStateId {
        if let Some(id) = self.before_id {
            return id;
        }
        let state = FrameState {
            bci: self.instr.start,
            level: Some(self.func.root()),
            locals: self.before.locals.clone(),
            stack: self.before.stack.clone(),
            parent: None,
        };
        let id = self.func.states.push(state);
        self.before_id = Some(id);
        id
    }

    /// The frame state for leaving by an exception: the frame's locals stay visible in its traceback, its stack does not matter.
    fn unwind_state(&mut self) -> FrameStateId {
        let before = self.before_state();
        match self.unwind_id {
            Some((of, id)) if of == before => id,
            _ => {
                let state = FrameState { stack: Vec::new(), ..self.func.states[before].clone() };
                let id = self.func.states.push(state);
                self.unwind_id = Some((before, id));
                id
            }
        }
    }

    /// Appends an operation; gives it a frame state and, in a try range, a landing block when it needs them.
    pub fn emit(&mut self, op: Op, args: &[Value]) -> Option<Value> {
        let effects = op.effects();
        let inst = self.append(op, args);
        let result = self.func.insts[inst].result.expand();
        if let (true, Some(entry), Some(result)) = (effects.contains(Effects::RAISES), self.handler, result) {
            self.func.insts[inst].on_error = ErrorMode::Null;
            let landing = self.landing(entry, true);
            let next = self.next_block();
            self.branch(Op::BranchError, &[result], landing, next);
            self.at = Some(next);
        }
        result
    }

    /// The same for an operation which has a result.
    pub fn emit_value(&mut self, op: Op, args: &[Value]) -> Value {
        debug_assert!(op.result_type(&self.func, args).is_some(), "{} has no result", op.name());
        match self.emit(op, args) {
            Some(value) => value,
            // A mistake in a lowering; the translation is given up.
            None => {
                self.failure = Some(Refusal::Malformed);
                self.emit_null()
            }
        }
    }

    pub(crate) fn emit_null(&mut self) -> Value {
        let inst = self.append(Op::Null, &[]);
        self.func.result(inst)
    }

    /// Appends an operation with its frame state, without looking at handlers.
    pub fn append(&mut self, op: Op, args: &[Value]) -> Inst {
        if op.effects().contains(Effects::ARBITRARY) {
            self.facts.clear();
        }
        self.called |= is_call(&op);
        let block = self.current();
        let inst = self.func.append(block, op, args);
        self.func.insts[inst].bci = self.instr.unit;
        if op.effects().needs_state() {
            let state = if matches!(op, Op::Unwind { .. }) { self.unwind_state() } else { self.before_state() };
            self.func.insts[inst].state = state.into();
        }
        inst
    }

    /// Emits with another frame state than the one before the instruction.
    pub fn with_state<T>(&mut self, state: FrameStateId, emit: impl FnOnce(&mut Self) -> T) -> T {
        let saved = self.before_id.replace(state);
        let result = emit(self);
        self.before_id = saved;
        result
    }

    /// The instruction after this one in the code.
    #[must_use]
    pub fn next_instr(&self) -> Option<Instr> {
        self.graph.instrs.get(self.position + 1).copied()
    }

    /// Emits as the beginning of the next instruction: guards that are better taken once, before a loop.
    pub fn in_next_instr(&mut self, emit: impl FnOnce(&mut Self)) {
        self.within(self.position + 1, emit);
    }

    /// Emits as the instruction at a position in the code, with the present state before it.
    pub(crate) fn within(&mut self, position: usize, emit: impl FnOnce(&mut Self)) {
        let Some(&instr) = self.graph.instrs.get(position) else { return };
        let handler = self.graph.handler(&instr);
        let saved = (self.instr, self.position, self.handler, self.before.clone(), self.before_id);
        (self.instr, self.position, self.handler) = (instr, position, handler);
        self.before = self.state.clone();
        self.before_id = None;
        emit(self);
        (self.instr, self.position, self.handler, self.before, self.before_id) = saved;
    }

    /// Calls a helper which gives a result.
    pub fn helper(&mut self, id: HelperId, args: &[Value]) -> Value {
        self.emit_value(Op::Helper { id }, args)
    }

    /// Calls a helper for its effect.
    pub fn helper_effect(&mut self, id: HelperId, args: &[Value]) {
        self.emit(Op::Helper { id }, args);
    }

    /// Calls a helper that always raises, and ends the block.
    pub fn raise(&mut self, id: HelperId, args: &[Value], traceback: bool) {
        self.start_raise(id, args);
        self.unwind(traceback);
    }

    /// Calls a helper that always raises, and goes on in the block where the exception is set; gives the helper's answer.
    pub fn start_raise(&mut self, id: HelperId, args: &[Value]) -> Value {
        let inst = self.append(Op::Helper { id }, args);
        self.func.insts[inst].on_error = ErrorMode::Null;
        let answer = self.func.result(inst);
        let (raised, never) = (self.cold_block(), self.cold_block());
        self.branch(Op::BranchError, &[answer], raised, never);
        self.at = Some(never);
        self.append(Op::Unreachable, &[]);
        self.at = Some(raised);
        answer
    }

    /// Ends the block with an exception that is set: to the handler, or out of the function.
    pub fn unwind(&mut self, traceback: bool) {
        match self.handler {
            Some(entry) => {
                let landing = self.landing(entry, traceback);
                self.jump(landing, &[]);
            }
            None => {
                self.append(Op::Unwind { traceback }, &[]);
                self.at = None;
            }
        }
    }

    /// Ends the block by leaving to the interpreter before this instruction.
    pub fn deopt(&mut self) {
        self.append(Op::Deopt, &[]);
        self.at = None;
    }

    /// Ends the block with a jump inside the function being made.
    pub fn jump(&mut self, target: Block, args: &[Value]) {
        let inst = self.append(Op::Jump, &[]);
        self.func.insts[inst].targets.push(BlockCall { block: target, args: args.into() });
        self.at = None;
    }

    /// Ends the block with a two-way terminator, without arguments to its targets.
    pub fn branch(&mut self, op: Op, args: &[Value], first: Block, second: Block) -> Inst {
        let inst = self.append(op, args);
        let call = |block| BlockCall { block, args: smallvec![] };
        self.func.insts[inst].targets = smallvec![call(first), call(second)];
        self.at = None;
        inst
    }

    /// A new block that is expected to run rarely.
    pub fn cold_block(&mut self) -> Block {
        let block = self.func.new_block();
        self.func.blocks[block].cold = true;
        block
    }

    /// A new block that follows the current one and runs as rarely.
    pub fn next_block(&mut self) -> Block {
        let cold = self.at.is_some_and(|block| self.func.blocks[block].cold);
        let block = self.func.new_block();
        self.func.blocks[block].cold = cold;
        block
    }

    /// Branches on a truth value to two new blocks (the second cold if asked) and goes on in the first.
    pub fn split_on(&mut self, condition: Value, cold: bool) -> Block {
        let (yes, no) = (self.next_block(), self.next_block());
        self.func.blocks[no].cold |= cold;
        self.branch(Op::Branch, &[condition], yes, no);
        self.at = Some(yes);
        no
    }

    /// A block which catches the exception of this instruction and goes to its handler.
    fn landing(&mut self, entry: Entry, traceback: bool) -> Block {
        let landing = self.cold_block();
        let resume = self.at.replace(landing);
        let inst = self.append(Op::CatchException { traceback }, &[]);
        let state = self.unwind_state();
        self.func.insts[inst].state = state.into();
        let exception = self.func.result(inst);
        let mut state = self.state.clone();
        if state.stack.len() < entry.depth as usize {
            state.stack.clone_from(&self.before.stack);
        }
        state.stack.truncate(entry.depth as usize);
        if entry.lasti {
            let lasti = self.raising_unit();
            state.stack.push(lasti);
        }
        state.stack.push(exception);
        let saved = std::mem::replace(&mut self.state, state);
        self.in_landing = true;
        self.jump_to(entry.target);
        self.in_landing = false;
        self.state = saved;
        self.at = resume;
        landing
    }

    /// What the interpreter would push as the offset of the raising instruction: `RERAISE` passes on the offset it was given.
    fn raising_unit(&mut self) -> Value {
        use crate::opcodes::v3_14 as op;
        let passed_on = (self.instr.opcode == op::RERAISE && self.instr.arg > 0)
            .then(|| self.before.stack.len().checked_sub(1 + self.instr.arg as usize))
            .flatten();
        match passed_on {
            Some(index) => self.before.stack[index],
            None => self.emit_value(Op::CLasti { unit: self.instr.unit }, &[]),
        }
    }

    /// The root of a value: what it is without the refinements on the way.
    pub fn root(&self, mut value: Value) -> Value {
        while let ValueDef::Inst(inst) = self.func.values[value].def {
            let data = &self.func.insts[inst];
            match data.op {
                Op::GuardType { .. }
                | Op::GuardClass { .. }
                | Op::GuardIs { .. }
                | Op::GuardNotNull
                | Op::Refine { .. } => value = data.args[0],
                _ => break,
            }
        }
        value
    }

    /// A narrower view of a value, which also replaces it in the state.
    pub fn refine(&mut self, value: Value, ty: Type) -> Value {
        if self.func.ty(value).is(ty) {
            return value;
        }
        let refined = self.emit_value(Op::Refine { ty }, &[value]);
        self.state.replace(value, refined);
        refined
    }

    /// A guard that the value is of an exact builtin type; replaces it in the state. No guard where the type is known.
    pub fn guard_type(&mut self, value: Value, ty: Type) -> Value {
        if self.func.ty(value).is(ty) {
            return value;
        }
        let guarded = self.emit_value(Op::GuardType { ty }, &[value]);
        self.state.replace(value, guarded);
        guarded
    }

    /// The object a value is: machine values are boxed, and the box takes their place.
    pub fn object(&mut self, value: Value) -> Value {
        let Some(op) = box_op(self.func.ty(value)) else {
            return value;
        };
        let boxed = self.emit_value(op, &[value]);
        self.state.replace(value, boxed);
        self.before.replace(value, boxed);
        self.before_id = None;
        boxed
    }
}

/// The operation that boxes a machine value; `None` for what is an object, or needs no box.
pub(crate) fn box_op(ty: Type) -> Option<Op> {
    if !ty.is_primitive() {
        None
    } else if ty.is(Type::CInt) {
        Some(Op::BoxInt)
    } else if ty.is(Type::CDouble) {
        Some(Op::BoxDouble)
    } else if ty.is(Type::CBool) {
        Some(Op::BoxBool)
    } else {
        None
    }
}

/// Whether the operation calls whatever it is given.
fn is_call(op: &Op) -> bool {
    matches!(
        op,
        Op::CallVector
            | Op::CallKw { .. }
            | Op::CallDirect { .. }
            | Op::CallSelf
            | Op::CallCNoArgs { .. }
            | Op::CallCOne { .. }
            | Op::CallCFast { .. }
            | Op::CallCFastKw { .. }
            | Op::Helper { id: HelperId::call_function_ex | HelperId::call_forward }
    )
}
