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

use crate::blocks::{BlockGraph, BlockIndex, BytecodeBlock};
use crate::decode::{Cache, Instr};
use crate::exception_table::Entry;
use crate::merge::{Edge, Head};
use crate::ops;
use crate::refusal::Refusal;
use crate::snapshot::{Callable, CodeSnapshot, Feedback, KnownObject};
use crate::stack::State;
use ember_hir::{Block, ConstId, FrameStateId, Function, HelperId, Op, Type, Value};
use rustc_hash::{FxHashMap, FxHashSet};

const CO_OPTIMIZED: u32 = 0x1;
const CO_NEWLOCALS: u32 = 0x2;
const CO_VARARGS: u32 = 0x4;
const CO_VARKEYWORDS: u32 = 0x8;
/// `CO_GENERATOR | CO_COROUTINE | CO_ASYNC_GENERATOR`
const CO_SUSPENDS: u32 = CO_GENERATOR | 0x80 | 0x200;
const CO_GENERATOR: u32 = 0x20;
const MAX_UNITS: usize = 60_000;

/// Translates a code object.
pub fn build(snapshot: &CodeSnapshot) -> Result<Function, Refusal> {
    build_from(snapshot, None)
}

/// Translates the part of a code object that can be reached from the loop head at `unit`, or from where a generator is resumed, for a frame which the interpreter has brought there:
/// the entry block takes locals and stack out of that frame.
pub fn build_osr(snapshot: &CodeSnapshot, unit: u32) -> Result<Function, Refusal> {
    build_from(snapshot, Some(unit))
}

fn build_from(snapshot: &CodeSnapshot, osr: Option<u32>) -> Result<Function, Refusal> {
    let suspends = snapshot.flags & CO_SUSPENDS;
    if suspends != 0 && (osr.is_none() || suspends != CO_GENERATOR) {
        return Err(Refusal::Generator);
    }
    // A module's loop has neither flag; on-stack replacement serves it too.
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
    /// It is of the class with this number.
    Class(u32),
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
    pub(crate) before_id: Option<FrameStateId>,
    /// A frame state and the same without its stack.
    pub(crate) unwind_id: Option<(FrameStateId, FrameStateId)>,
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
    /// A handler is not cold for being reached from landing blocks only.
    pub(crate) in_landing: bool,
    /// Bytecode blocks already translated, or found unreachable.
    pub(crate) done: Vec<bool>,
    /// Loop heads already translated, whose back edges are still to come.
    pub(crate) heads: Vec<Option<Head>>,
    pub(crate) consts: FxHashMap<(u64, String), ConstId>,
    /// What constants do when they are called.
    pub(crate) callables: FxHashMap<ConstId, &'a Callable>,
    /// What a value that is called may be, where several ways of finding it meet.
    pub(crate) candidates: FxHashMap<Value, Vec<&'a KnownObject>>,
    pub(crate) facts: FxHashSet<(Value, Fact)>,
    /// What names hold that the loop only reads.
    pub(crate) read_names: FxHashMap<u32, Value>,
    /// `FOR_ITER`s that were found to iterate over a range.
    pub(crate) range_loops: FxHashSet<u32>,
    /// Index of the instruction in the graph.
    pub(crate) position: usize,
    /// Whether the instruction has called something that may switch tracing on.
    pub(crate) called: bool,
    /// First thing that went wrong in a place which cannot return it.
    pub(crate) failure: Option<Refusal>,
}

impl<'a> Builder<'a> {
    fn new(snapshot: &'a CodeSnapshot, graph: &'a BlockGraph) -> Builder<'a> {
        let slots = snapshot.nlocalsplus + graph.assigned_names.len() as u32;
        let mut func = Function::new(snapshot.qualname.clone(), slots);
        func.names.clone_from(&graph.assigned_names);
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
            in_landing: false,
            done: vec![false; count],
            heads: vec![None; count],
            consts,
            callables: FxHashMap::default(),
            candidates: FxHashMap::default(),
            facts: FxHashSet::default(),
            called: false,
            read_names: FxHashMap::default(),
            range_loops: FxHashSet::default(),
            position: 0,
            failure: None,
        }
    }

    /// Whether a loop comes back to the instruction.
    pub(crate) fn is_in_loop(&self) -> bool {
        let here = |block: &&BytecodeBlock| (block.first..block.end).contains(&self.position);
        self.graph.blocks.iter().find(here).is_none_or(|block| block.in_loop)
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
        let graph = self.graph;
        for &name in &graph.assigned_names {
            let value = self.take_name(name);
            self.state.locals.push(Some(value));
        }
        for &name in &graph.read_names {
            let value = self.take_name(name);
            self.read_names.insert(name, value);
        }
        self.within(graph.blocks[graph.root].first, Self::unbox_numbers);
        self.jump_to(unit);
        Ok(())
    }

    /// Tests the numbers among the locals once, and takes those which the loop assigns out of their boxes, so that they stay unboxed in it.
    fn unbox_numbers(&mut self) {
        for slot in 0..self.state.locals.len() {
            let Some(value) = self.state.locals[slot] else { continue };
            let seen = self.snapshot.local_types.get(slot).copied().flatten();
            let ty = seen.unwrap_or(self.func.ty(value));
            let (unbox, make) = if ty.is(Type::Long) {
                (Op::EnterInt, Op::BoxInt)
            } else if ty.is(Type::Float) {
                (Op::UnboxDouble, Op::BoxDouble)
            } else {
                continue;
            };
            let value = self.guard_type(value, ty);
            let mut loops = self.graph.blocks.iter().filter_map(|block| block.header.as_ref());
            if loops.any(|info| info.assigned[slot]) {
                let number = self.emit_value(unbox, &[value]);
                let boxed = self.emit_value(make, &[number]);
                self.state.locals[slot] = Some(boxed);
            }
        }
    }

    /// What a name holds at the entry. Whoever enters has made sure that it does, and of which class.
    fn take_name(&mut self, name: u32) -> Value {
        let held = self.snapshot.namespace.as_ref().and_then(|namespace| namespace.held.get(name as usize).copied());
        let name = self.name(name);
        let value = self.helper(HelperId::take_name, &[name]);
        self.emit_value(Op::Refine { ty: held.flatten().unwrap_or(Type::Object) }, &[value])
    }

    fn block(&mut self, index: BlockIndex) -> Result<(), Refusal> {
        self.done[index] = true;
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
            self.called = false;
            if block.outside {
                self.deopt();
                return Ok(());
            }
            ops::lower(self)?;
            if let Some(failure) = self.failure {
                return Err(failure);
            }
            if self.at.is_none() {
                return Ok(());
            }
            self.check_depth()?;
            if self.called {
                self.in_next_instr(|b| {
                    b.append(Op::CheckTracing, &[]);
                });
            }
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

    // --- the stack -----------------------------------------------------------------------------------------------------

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
                self.null()
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
        let index = depth.checked_add(1).and_then(|depth| self.state.stack.len().checked_sub(depth));
        match index.and_then(|index| self.state.stack.get(index).copied()) {
            Some(value) => value,
            None => {
                self.failure = Some(Refusal::Malformed);
                self.null()
            }
        }
    }

    /// The object `depth` below the top.
    pub fn peek_object(&mut self, depth: usize) -> Value {
        let value = self.peek(depth);
        self.object(value)
    }

    // --- locals --------------------------------------------------------------------------------------------------------

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

    // --- profile -------------------------------------------------------------------------------------------------------

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
