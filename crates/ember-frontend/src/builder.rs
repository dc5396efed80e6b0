//! The driver: bytecode block by bytecode block, instruction by instruction, into SSA.
//!
//! Blocks are taken in reverse post-order. A block with one predecessor goes on with its state. Where several meet ([`crate::merge`]), a slot with the
//! same value on all ways keeps it, any other becomes a block parameter; at a loop's head whatever the loop assigns becomes one.
//!
//! Every operation which may leave native code gets the frame state *before* the bytecode instruction: the interpreter would execute that instruction again.
//! So an instruction that becomes several operations has its guards first and side effects last; what follows the first side effect may raise but not deopt.
//!
//! In a try range an operation which may raise is followed by `BranchError` to a landing block of its own, which catches the exception and jumps to the handler
//! with the state at that operation.

use crate::blocks::{BlockGraph, BlockIndex};
use crate::decode::{Cache, Instr};
use crate::exception_table::Entry;
use crate::merge::{Edge, Head};
use crate::ops;
use crate::refusal::Refusal;
use crate::snapshot::{Callable, CodeSnapshot, ConstInfo, Feedback, KnownObject};
use crate::stack::State;
use ember_hir::{
    Block, BlockCall, ConstData, ConstId, Effects, ErrorMode, FrameState, FrameStateId, Function, HelperId, Inst, Op,
    Type, Value, ValueDef,
};
use rustc_hash::{FxHashMap, FxHashSet};
use smallvec::smallvec;

const CO_OPTIMIZED: u32 = 0x1;
const CO_NEWLOCALS: u32 = 0x2;
const CO_VARARGS: u32 = 0x4;
const CO_VARKEYWORDS: u32 = 0x8;
/// `CO_GENERATOR | CO_COROUTINE | CO_ASYNC_GENERATOR`
const CO_SUSPENDS: u32 = 0x20 | 0x80 | 0x200;
const MAX_UNITS: usize = 60_000;

/// Translates a code object.
pub fn build(snapshot: &CodeSnapshot) -> Result<Function, Refusal> {
    build_from(snapshot, None)
}

/// Translates the part of a code object that can be reached from the loop head at `unit`, for a frame which the interpreter has brought there: the entry
/// block takes locals and stack out of that frame.
pub fn build_osr(snapshot: &CodeSnapshot, unit: u32) -> Result<Function, Refusal> {
    build_from(snapshot, Some(unit))
}

fn build_from(snapshot: &CodeSnapshot, osr: Option<u32>) -> Result<Function, Refusal> {
    if snapshot.flags & CO_SUSPENDS != 0 {
        return Err(Refusal::Generator);
    }
    // A module's loop has neither flag; on-stack replacement serves it too, since names are left to helpers there.
    if osr.is_none() && snapshot.flags & (CO_OPTIMIZED | CO_NEWLOCALS) != CO_OPTIMIZED | CO_NEWLOCALS {
        return Err(Refusal::NotAFunction);
    }
    if snapshot.units.len() > MAX_UNITS {
        return Err(Refusal::TooLarge);
    }
    let graph = BlockGraph::new(snapshot, osr)?;
    let mut builder = Builder::new(snapshot, &graph);
    match osr {
        None => builder.enter(),
        Some(unit) => builder.enter_osr(unit)?,
    }
    for &index in &graph.rpo {
        builder.block(index)?;
    }
    Ok(builder.func)
}

/// The number of parameter locals of a code object.
#[must_use]
pub fn parameter_count(snapshot: &CodeSnapshot) -> u32 {
    snapshot.argcount
        + snapshot.kwonlyargcount
        + u32::from(snapshot.flags & CO_VARARGS != 0)
        + u32::from(snapshot.flags & CO_VARKEYWORDS != 0)
}

/// What has been checked of an object since arbitrary code ran last.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Fact {
    /// Its class has this version.
    Version(u32),
    /// Its inline values are its attributes.
    ValuesValid,
    /// Its class's shared keys have this version.
    Keys(u32),
}

/// The state of a translation.
pub struct Builder<'a> {
    /// What is translated.
    pub snapshot: &'a CodeSnapshot,
    /// Its control flow.
    pub graph: &'a BlockGraph,
    /// What has been made so far.
    pub func: Function,
    /// Locals and stack at this point.
    pub state: State,
    /// Locals and stack before the instruction.
    pub before: State,
    /// `before` as a frame state, once an operation has needed it.
    before_id: Option<FrameStateId>,
    /// A frame state and the same without its stack.
    unwind_id: Option<(FrameStateId, FrameStateId)>,
    /// The instruction.
    pub instr: Instr,
    /// Its handler.
    pub handler: Option<Entry>,
    /// Where operations are appended; `None` after a terminator.
    pub at: Option<Block>,
    /// HIR blocks by bytecode block.
    pub(crate) blocks: Vec<Option<Block>>,
    /// Edges into bytecode blocks not yet translated.
    pub(crate) edges: Vec<Vec<Edge>>,
    /// Loop heads already translated, whose back edges are still to come.
    pub(crate) heads: Vec<Option<Head>>,
    consts: FxHashMap<(u64, String), ConstId>,
    /// What constants do when they are called.
    callables: FxHashMap<ConstId, &'a Callable>,
    pub(crate) facts: FxHashSet<(Value, Fact)>,
    /// Index of the instruction in the graph.
    position: usize,
    /// First thing that went wrong in a place which cannot return it.
    pub(crate) failure: Option<Refusal>,
}

impl<'a> Builder<'a> {
    fn new(snapshot: &'a CodeSnapshot, graph: &'a BlockGraph) -> Builder<'a> {
        let mut func = Function::new(snapshot.qualname.clone(), snapshot.nlocalsplus);
        let count = graph.blocks.len();
        let mut consts = FxHashMap::default();
        if let Some(code) = &snapshot.code {
            let id = func.consts.push(code.to_data());
            consts.insert((code.address, code.text.clone()), id);
            let root = func.root();
            func.levels[root].code = Some(id);
        }
        Builder {
            snapshot,
            graph,
            func,
            state: State::default(),
            before: State::default(),
            before_id: None,
            unwind_id: None,
            instr: Instr { start: 0, unit: 0, next: 0, opcode: 0, special: 0, arg: 0 },
            handler: None,
            at: None,
            blocks: vec![None; count],
            edges: vec![Vec::new(); count],
            heads: vec![None; count],
            consts,
            callables: FxHashMap::default(),
            facts: FxHashSet::default(),
            position: 0,
            failure: None,
        }
    }

    /// Makes the entry: parameters in the order of the locals, everything else unbound.
    fn enter(&mut self) {
        let entry = self.func.entry;
        self.blocks[0] = Some(entry);
        self.state.locals = vec![None; self.snapshot.nlocalsplus as usize];
        for index in 0..parameter_count(self.snapshot) as usize {
            let value = self.func.add_param(entry, Type::Object);
            if let Some(local) = self.state.locals.get_mut(index) {
                *local = Some(value);
            }
        }
        self.at = Some(entry);
    }

    /// Makes the entry for on-stack replacement.
    fn enter_osr(&mut self, unit: u32) -> Result<(), Refusal> {
        let depth = self.graph.blocks[self.graph.root].depth.ok_or(Refusal::Malformed)?;
        self.at = Some(self.func.entry);
        for slot in 0..self.snapshot.nlocalsplus {
            let value = self.emit_value(Op::TakeLocal { slot }, &[]);
            self.state.locals.push(Some(value));
        }
        for index in 0..depth {
            let value = self.emit_value(Op::TakeStack { index }, &[]);
            self.state.stack.push(value);
        }
        self.jump_to(unit);
        Ok(())
    }

    fn block(&mut self, index: BlockIndex) -> Result<(), Refusal> {
        let is_entry = self.blocks[index] == Some(self.func.entry);
        if !is_entry && !self.start_block(index)? {
            return Ok(());
        }
        let graph = self.graph;
        let block = &graph.blocks[index];
        for position in block.first..block.end {
            self.position = position;
            self.instr = graph.instrs[position];
            self.handler = graph.handler(&self.instr);
            self.before.locals.clone_from(&self.state.locals);
            self.before.stack.clone_from(&self.state.stack);
            self.before_id = None;
            ops::lower(self)?;
            if let Some(failure) = self.failure {
                return Err(failure);
            }
            if self.at.is_none() {
                return Ok(());
            }
            self.check_depth()?;
        }
        self.jump_to(graph.instrs[block.end - 1].next);
        self.failure.map_or(Ok(()), Err)
    }

    /// The abstract stack must move as the table says, or operands and slots have been mixed up.
    fn check_depth(&self) -> Result<(), Refusal> {
        use crate::opcodes::v3_14 as op;
        let Instr { opcode, arg, .. } = self.instr;
        let expected = self.before.stack.len() as u32 + op::pushed(opcode, arg);
        if self.state.stack.len() as u32 + op::popped(opcode, arg) == expected {
            Ok(())
        } else {
            Err(Refusal::Malformed)
        }
    }

    // --- the stack ---------------------------------------------------------------------------------------------------

    /// Pushes a value.
    pub fn push(&mut self, value: Value) {
        self.state.stack.push(value);
    }

    /// Pops a value, boxed or not. An empty stack is noted as a failure.
    pub fn pop(&mut self) -> Value {
        match self.state.stack.pop() {
            Some(value) => value,
            None => {
                self.failure = Some(Refusal::Malformed);
                Value::from_u32(0)
            }
        }
    }

    /// Pops an object (or NULL), boxing a machine value.
    pub fn pop_object(&mut self) -> Value {
        let value = self.pop();
        self.object(value)
    }

    /// Pops `count` objects, the deepest first.
    pub fn pop_objects(&mut self, count: usize) -> Vec<Value> {
        let mut values: Vec<Value> = (0..count).map(|_| self.pop_object()).collect();
        values.reverse();
        values
    }

    /// The value `depth` below the top (0 is the top), boxed or not.
    pub fn peek(&mut self, depth: usize) -> Value {
        let index = self.state.stack.len().checked_sub(depth + 1);
        match index.and_then(|index| self.state.stack.get(index).copied()) {
            Some(value) => value,
            None => {
                self.failure = Some(Refusal::Malformed);
                Value::from_u32(0)
            }
        }
    }

    /// The object `depth` below the top.
    pub fn peek_object(&mut self, depth: usize) -> Value {
        let value = self.peek(depth);
        self.object(value)
    }

    // --- operations --------------------------------------------------------------------------------------------------

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
            let next = self.func.new_block();
            self.branch(Op::BranchError, &[result], landing, next);
            self.at = Some(next);
        }
        result
    }

    /// The same for an operation which has a result.
    pub fn emit_value(&mut self, op: Op, args: &[Value]) -> Value {
        match self.emit(op, args) {
            Some(value) => value,
            None => {
                self.failure = Some(Refusal::Malformed);
                Value::from_u32(0)
            }
        }
    }

    /// Appends an operation with its frame state, without looking at handlers.
    pub fn append(&mut self, op: Op, args: &[Value]) -> Inst {
        if op.effects().contains(Effects::ARBITRARY) {
            self.facts.clear();
        }
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

    /// Branches on a truth value to two new blocks (the second cold if asked) and goes on in the first.
    pub fn split_on(&mut self, condition: Value, cold: bool) -> Block {
        let (yes, no) = (self.func.new_block(), self.func.new_block());
        self.func.blocks[no].cold = cold;
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
        self.jump_to(entry.target);
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
                | Op::GuardTypeVersion { .. }
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

    // --- facts -------------------------------------------------------------------------------------------------------

    /// Whether a fact about an object is known. Facts are about memory, not about the value: they do not survive arbitrary code.
    #[must_use]
    pub fn holds(&self, value: Value, fact: Fact) -> bool {
        self.facts.contains(&(self.root(value), fact))
    }

    /// Notes a fact that has been checked on the way to this point.
    pub fn learn(&mut self, value: Value, fact: Fact) {
        self.facts.insert((self.root(value), fact));
    }

    /// Forgets all facts: an object was released, which may run a finaliser.
    pub fn forget_facts(&mut self) {
        self.facts.clear();
    }

    // --- constants ---------------------------------------------------------------------------------------------------

    /// The identity of an object constant.
    pub fn const_id(&mut self, info: &ConstInfo) -> ConstId {
        self.const_data(info.to_data())
    }

    fn const_data(&mut self, data: ConstData) -> ConstId {
        let func = &mut self.func;
        *self.consts.entry((data.address, data.text.clone())).or_insert_with(|| func.consts.push(data))
    }

    /// An object constant.
    pub fn constant(&mut self, info: &ConstInfo) -> Value {
        let id = self.const_id(info);
        self.emit_value(Op::Const { id }, &[])
    }

    fn immortal(&mut self, address: u64, ty: Type, int: Option<i64>, text: &str) -> Value {
        let id = self.const_data(ConstData { address, ty: ty.immortal(), int, double: None, text: text.to_owned() });
        self.emit_value(Op::Const { id }, &[])
    }

    /// `None`.
    pub fn none(&mut self) -> Value {
        self.immortal(self.snapshot.well_known.none, Type::NoneType, None, "None")
    }

    /// `True`.
    pub fn r#true(&mut self) -> Value {
        self.immortal(self.snapshot.well_known.r#true, Type::Bool, Some(1), "True")
    }

    /// A small int.
    pub fn small_int(&mut self, value: i64) -> Value {
        let table = self.snapshot.well_known.small_ints;
        let address = table.first.wrapping_add((value.wrapping_sub(table.min) as u64).wrapping_mul(table.size));
        self.immortal(address, Type::Long, Some(value), &value.to_string())
    }

    /// An object of which it is known what it does when called.
    pub fn known_object(&mut self, known: &'a KnownObject) -> Value {
        let value = self.constant(&known.object);
        self.note_callable(known);
        value
    }

    /// Leaves unless the value is this object; what it does when called is then known. Replaces it in the state.
    pub fn guard_is(&mut self, value: Value, known: &'a KnownObject) -> Value {
        let id = self.note_callable(known);
        if self.known_id(value) == Some(id) {
            return value;
        }
        let guarded = self.emit_value(Op::GuardIs { id }, &[value]);
        self.state.replace(value, guarded);
        guarded
    }

    fn note_callable(&mut self, known: &'a KnownObject) -> ConstId {
        let id = self.const_id(&known.object);
        self.callables.insert(id, &known.callable);
        id
    }

    /// What a value does when called, if it is a known object.
    #[must_use]
    pub fn callable(&self, value: Value) -> Option<&'a Callable> {
        self.callables.get(&self.known_id(value)?).copied()
    }

    /// Which constant a value is, by definition or by a guard.
    #[must_use]
    pub fn known_id(&self, mut value: Value) -> Option<ConstId> {
        loop {
            let data = &self.func.insts[self.func.def_inst(value)?];
            match data.op {
                Op::Const { id } | Op::GuardIs { id } => return Some(id),
                Op::GuardType { .. } | Op::GuardTypeVersion { .. } | Op::GuardNotNull | Op::Refine { .. } => {
                    value = data.args[0];
                }
                _ => return None,
            }
        }
    }

    /// NULL.
    pub fn null(&mut self) -> Value {
        self.emit_value(Op::Null, &[])
    }

    /// A machine integer.
    pub fn int(&mut self, value: i64) -> Value {
        self.emit_value(Op::CInt { value }, &[])
    }

    /// An address.
    pub fn pointer(&mut self, address: u64) -> Value {
        self.emit_value(Op::CPtr { address }, &[])
    }

    /// A name; `None` (noted as a failure) when the index is out of range.
    pub fn name(&mut self, index: u32) -> Value {
        match self.snapshot.names.get(index as usize) {
            Some(info) => self.constant(info),
            None => {
                self.failure = Some(Refusal::Malformed);
                Value::from_u32(0)
            }
        }
    }

    /// What is known of the constant a value is.
    #[must_use]
    pub fn known(&self, value: Value) -> Option<&ConstData> {
        self.known_id(value).map(|id| &self.func.consts[id])
    }

    // --- locals ------------------------------------------------------------------------------------------------------

    /// What a local holds.
    pub fn local(&mut self, index: u32) -> Option<Value> {
        match self.state.locals.get(index as usize) {
            Some(&value) => value,
            None => {
                self.failure = Some(Refusal::Malformed);
                None
            }
        }
    }

    /// Sets a local. NULL makes it unbound.
    pub fn set_local(&mut self, index: u32, value: Option<Value>) {
        let value = value.filter(|&value| !self.func.ty(value).is_null());
        match self.state.locals.get_mut(index as usize) {
            Some(local) => *local = value,
            None => self.failure = Some(Refusal::Malformed),
        }
    }

    // --- profile -----------------------------------------------------------------------------------------------------

    /// The opcode as the interpreter has specialised it, unless this site must be generic.
    #[must_use]
    pub fn special(&self) -> u8 {
        if self.snapshot.generic_sites.contains(&self.instr.unit) { self.instr.opcode } else { self.instr.special }
    }

    /// The resolved profile, unless this site must be generic.
    #[must_use]
    pub fn feedback(&self) -> Option<&'a Feedback> {
        if self.snapshot.generic_sites.contains(&self.instr.unit) {
            return None;
        }
        self.snapshot.feedback.get(&self.instr.unit)
    }

    /// The inline cache.
    #[must_use]
    pub fn cache(&self) -> Cache<'a> {
        Cache::new(&self.snapshot.adaptive, self.instr.unit)
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
