//! Where ways meet: block parameters.
//!
//! Edges into a bytecode block are collected until it is translated. Then each slot either keeps the one value it has on all ways, or becomes a parameter
//! whose argument is patched into every edge. At a loop's head, machine values are boxed first: what comes around is not known yet, and an object must not get a
//! second box each time around.

use crate::blocks::BlockIndex;
use crate::builder::{Builder, Fact};
use crate::emit::box_op;
use crate::refusal::Refusal;
use crate::stack::State;
use ember_hir::{Block, BlockCall, Inst, Op, Type, Value};
use rustc_hash::FxHashSet;
use smallvec::smallvec;

/// A way into a bytecode block.
#[derive(Clone, Debug)]
pub(crate) struct Edge {
    /// The block whose terminator it is.
    from: Block,
    /// Which of its targets.
    target: usize,
    /// Locals and stack on this way.
    state: State,
    /// What is known of objects on this way.
    facts: FxHashSet<(Value, Fact)>,
    /// Whether this way is rarely taken.
    cold: bool,
}

/// A loop head that has been translated.
#[derive(Clone, Debug)]
pub(crate) struct Head {
    /// The state at its start; parameters in `params` are values of it.
    state: State,
    /// Which slots are parameters, in order.
    params: Vec<Slot>,
    /// Locals that the loop assigns before anything looks at them.
    dead: Vec<u32>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Slot {
    Local(usize),
    Stack(usize),
}

impl Slot {
    fn of(self, state: &State) -> Option<Value> {
        match self {
            Slot::Local(index) => state.locals[index],
            Slot::Stack(index) => Some(state.stack[index]),
        }
    }

    fn set(self, state: &mut State, value: Option<Value>) {
        match (self, value) {
            (Slot::Local(index), value) => state.locals[index] = value,
            (Slot::Stack(index), Some(value)) => state.stack[index] = value,
            (Slot::Stack(_), None) => {}
        }
    }
}

impl Builder<'_> {
    /// Ends the current block with a jump to the bytecode block at a unit.
    pub fn jump_to(&mut self, unit: u32) {
        let Some(index) = self.graph.block_at(unit) else {
            self.failure = Some(Refusal::Malformed);
            return;
        };
        if self.graph.blocks[index].inlined {
            self.inline_block(index);
            return;
        }
        let target = self.block_for(index);
        let from = self.current();
        self.jump(target, &[]);
        self.add_edge(
            index,
            Edge { from, target: 0, state: self.state.clone(), facts: self.facts.clone(), cold: false },
        );
    }

    /// Ends the current block with a branch to two bytecode blocks, each with its own state. `rare` is the way that is hardly ever taken.
    pub fn branch_to(&mut self, condition: Value, first: (u32, State), second: (u32, State), rare: Option<usize>) {
        let (Some(one), Some(two)) = (self.graph.block_at(first.0), self.graph.block_at(second.0)) else {
            self.failure = Some(Refusal::Malformed);
            return;
        };
        let inlined = |index: BlockIndex| self.graph.blocks[index].inlined;
        let (first_inlined, second_inlined) = (inlined(one), inlined(two));
        let a = if first_inlined { self.func.new_block() } else { self.block_for(one) };
        let b = if second_inlined { self.func.new_block() } else { self.block_for(two) };
        let from = self.current();
        self.branch(Op::Branch, &[condition], a, b);
        let facts = self.facts.clone();
        let ways = [(one, first_inlined, a, 0, first.1), (two, second_inlined, b, 1, second.1)];
        for (index, inlined, block, target, state) in ways {
            let cold = rare == Some(target);
            if inlined {
                self.func.blocks[block].cold |= cold;
                self.at = Some(block);
                self.state = state;
                self.facts.clone_from(&facts);
                self.inline_block(index);
            } else {
                self.add_edge(index, Edge { from, target, state, facts: facts.clone(), cold });
            }
        }
    }

    /// Translates a block of one instruction here, and goes on to what follows it.
    fn inline_block(&mut self, index: BlockIndex) {
        let position = self.graph.blocks[index].first;
        let Some(&instr) = self.graph.instrs.get(position) else { return };
        let state = self.state.clone();
        self.within(position, |b| {
            if let Err(refusal) = crate::ops::lower(b) {
                b.failure = Some(refusal);
            }
            if b.at.is_some() {
                b.jump_to(instr.next);
            }
        });
        self.state = state;
    }

    fn block_for(&mut self, index: BlockIndex) -> Block {
        *self.blocks[index].get_or_insert_with(|| self.func.new_block())
    }

    fn add_edge(&mut self, index: BlockIndex, mut edge: Edge) {
        edge.cold |= self.func.blocks[edge.from].cold && !self.in_landing;
        match self.heads[index].clone() {
            // Only a loop's head may be reached from what comes after it.
            None if self.done[index] => self.failure = Some(Refusal::Irreducible),
            None => self.edges[index].push(edge),
            Some(head) => {
                if let Err(refusal) = self.close_loop(&head, edge) {
                    self.failure = Some(refusal);
                }
            }
        }
    }

    /// Starts a bytecode block with the state of the ways into it; false when there are none.
    pub(crate) fn start_block(&mut self, index: BlockIndex) -> Result<bool, Refusal> {
        let mut edges = std::mem::take(&mut self.edges[index]);
        let is_head = self.graph.blocks[index].header.is_some();
        let Some(first) = edges.first() else {
            return Ok(false);
        };
        if edges.iter().any(|edge| edge.state.stack.len() != first.state.stack.len()) {
            return Err(Refusal::Malformed);
        }
        let block = self.block_for(index);
        self.func.blocks[block].cold = edges.iter().all(|edge| edge.cold);
        self.at = Some(block);
        if !is_head && edges.len() == 1 {
            let edge = edges.remove(0);
            (self.state, self.facts) = (edge.state, edge.facts);
            return Ok(true);
        }
        // What comes around a loop is not known; elsewhere what is known on all ways is.
        self.facts = if is_head { FxHashSet::default() } else { first.facts.clone() };
        self.facts.retain(|fact| edges.iter().all(|edge| edge.facts.contains(fact)));
        let dead = self.graph.assigned_first(index);
        for edge in &mut edges {
            dead.iter().for_each(|&local| edge.state.locals[local as usize] = None);
        }
        if is_head {
            for edge in &mut edges {
                self.box_all(edge, self.item_slot(index));
            }
        }
        let mut state = edges[0].state.clone();
        let locals = (0..state.locals.len()).map(Slot::Local);
        let slots: Vec<Slot> = locals.chain((0..state.stack.len()).map(Slot::Stack)).collect();
        let mut params = Vec::new();
        for slot in slots {
            if !self.must_be_param(index, slot) && self.same_value(slot, &edges, &mut state) {
                continue;
            }
            params.push(slot);
        }
        self.make_params(index, &params, &mut edges, &mut state);
        // NULL on all ways: a constant of its own, since those of the edges may not dominate.
        self.state = state;
        for position in 0..self.state.stack.len() {
            if edges.len() > 1 && self.func.ty(self.state.stack[position]).is_null() {
                self.state.stack[position] = self.null();
            }
        }
        if is_head {
            self.heads[index] = Some(Head { state: self.state.clone(), params, dead });
        }
        Ok(true)
    }

    fn must_be_param(&self, index: BlockIndex, slot: Slot) -> bool {
        let Some(info) = &self.graph.blocks[index].header else {
            return false;
        };
        match slot {
            Slot::Local(local) => {
                info.irreducible
                    || (info.assigned[local] && !self.graph.assigned_first(index).contains(&(local as u32)))
            }
            Slot::Stack(depth) => info.irreducible || depth as u32 >= info.floor,
        }
    }

    /// The stack slot that holds the item which an inlined `FOR_ITER` before the block has just got.
    fn item_slot(&self, index: BlockIndex) -> Option<Slot> {
        let block = &self.graph.blocks[index];
        let before = block.first.checked_sub(1).and_then(|position| self.graph.instrs.get(position))?;
        let head = self.graph.block_at(before.start)?;
        let depth = block.depth?.checked_sub(1)?;
        self.graph.blocks[head].inlined.then_some(Slot::Stack(depth as usize))
    }

    /// Whether a slot holds one value on all ways; if so, `state` gets it.
    fn same_value(&self, slot: Slot, edges: &[Edge], state: &mut State) -> bool {
        let first = slot.of(&edges[0].state);
        let mut exactly = true;
        let mut all_null = first.is_some_and(|value| self.func.ty(value).is_null());
        let mut same_root = true;
        for edge in &edges[1..] {
            let value = slot.of(&edge.state);
            exactly &= value == first;
            all_null &= value.is_some_and(|value| self.func.ty(value).is_null());
            same_root &= match (value, first) {
                (Some(value), Some(first)) => self.root(value) == self.root(first),
                (None, None) => true,
                _ => false,
            };
        }
        if !exactly && same_root && !all_null {
            let root = first.map(|value| self.root(value));
            slot.set(state, root);
        }
        exactly || same_root || all_null
    }

    fn make_params(&mut self, index: BlockIndex, params: &[Slot], edges: &mut [Edge], state: &mut State) {
        let Some(block) = self.at else { return };
        let header = self.graph.blocks[index].header.as_ref();
        let (is_head, irreducible) = (header.is_some(), header.is_some_and(|info| info.irreducible));
        let item = self.item_slot(index);
        let is_int =
            |edge: &Edge, slot: Slot| slot.of(&edge.state).is_some_and(|value| self.func.ty(value).is(Type::CInt));
        let unboxed = item.filter(|&slot| edges.iter().all(|edge| is_int(edge, slot)));
        let mut arguments: Vec<Vec<Value>> = vec![Vec::new(); edges.len()];
        for (edge, arguments) in edges.iter_mut().zip(&mut arguments) {
            for &slot in params {
                let value = match slot.of(&edge.state) {
                    Some(value) if unboxed == Some(slot) => value,
                    _ => self.argument(edge, slot),
                };
                arguments.push(value);
            }
        }
        for (position, &slot) in params.iter().enumerate() {
            let types = arguments.iter().map(|arguments| self.func.ty(arguments[position]));
            let mut ty = types.fold(Type::Bottom, Type::union);
            if is_head {
                let unbinds = match slot {
                    Slot::Local(local) => self.graph.unbinds[local] || irreducible,
                    Slot::Stack(_) => false,
                };
                ty = match slot {
                    Slot::Local(local) if local >= self.snapshot.nlocalsplus as usize => Type::QUIET,
                    _ => widen(ty, unbinds),
                };
            }
            let param = self.func.add_param(block, ty);
            slot.set(state, Some(param));
        }
        for (edge, arguments) in edges.iter().zip(arguments) {
            let inst = self.func.terminator(edge.from);
            self.func.insts[inst].targets[edge.target].args = arguments.into();
        }
    }

    /// Gives a back edge its arguments.
    fn close_loop(&mut self, head: &Head, mut edge: Edge) -> Result<(), Refusal> {
        head.dead.iter().for_each(|&local| edge.state.locals[local as usize] = None);
        let unboxed = head.params.iter().copied().find(|slot| {
            let param = slot.of(&head.state).map(|value| self.func.ty(value));
            param.is_some_and(|ty| ty.is(Type::CInt))
        });
        self.box_all(&mut edge, unboxed);
        if edge.state.stack.len() != head.state.stack.len() {
            return Err(Refusal::Malformed);
        }
        let locals = (0..head.state.locals.len()).map(Slot::Local);
        for slot in locals.chain((0..head.state.stack.len()).map(Slot::Stack)) {
            if head.params.contains(&slot) {
                continue;
            }
            let fits = match (slot.of(&head.state), slot.of(&edge.state)) {
                (Some(expected), Some(value)) => {
                    self.root(expected) == self.root(value)
                        || (self.func.ty(expected).is_null() && self.func.ty(value).is_null())
                }
                (None, None) => true,
                _ => false,
            };
            if !fits {
                return Err(Refusal::Irreducible);
            }
        }
        let mut arguments = Vec::new();
        for &slot in &head.params {
            let value = match slot.of(&edge.state) {
                Some(value) if unboxed == Some(slot) => value,
                _ => self.argument(&mut edge, slot),
            };
            let param = slot.of(&head.state).ok_or(Refusal::Malformed)?;
            if !self.func.ty(value).is(self.func.ty(param)) {
                return Err(Refusal::Irreducible);
            }
            arguments.push(value);
        }
        let inst = self.func.terminator(edge.from);
        self.func.insts[inst].targets[edge.target].args = arguments.into();
        Ok(())
    }

    /// What an edge passes for a slot: an object, or NULL for an unbound local.
    fn argument(&mut self, edge: &mut Edge, slot: Slot) -> Value {
        let Some(value) = slot.of(&edge.state) else {
            return self.insert(edge, Op::Null, &[]);
        };
        let Some(op) = box_op(self.func.ty(value)) else {
            return value;
        };
        self.own_block(edge);
        let boxed = self.insert(edge, op, &[value]);
        edge.state.replace(value, boxed);
        boxed
    }

    fn box_all(&mut self, edge: &mut Edge, except: Option<Slot>) {
        let locals = (0..edge.state.locals.len()).map(Slot::Local);
        let slots: Vec<Slot> = locals.chain((0..edge.state.stack.len()).map(Slot::Stack)).collect();
        for slot in slots {
            if Some(slot) != except && slot.of(&edge.state).is_some() {
                self.argument(edge, slot);
            }
        }
    }

    /// Gives an edge out of a branch a block of its own, so that only this way does what is inserted.
    fn own_block(&mut self, edge: &mut Edge) {
        let inst = self.func.terminator(edge.from);
        if self.func.insts[inst].targets.len() == 1 {
            return;
        }
        let between = self.func.new_block();
        let (bci, state) = (self.func.insts[inst].bci, self.func.insts[inst].state);
        let call = std::mem::replace(
            &mut self.func.insts[inst].targets[edge.target],
            BlockCall { block: between, args: smallvec![] },
        );
        let jump = self.func.append(between, Op::Jump, &[]);
        self.func.insts[jump].targets.push(call);
        self.func.insts[jump].bci = bci;
        self.func.insts[jump].state = state;
        (edge.from, edge.target) = (between, 0);
    }

    /// Inserts an operation before an edge's terminator.
    fn insert(&mut self, edge: &Edge, op: Op, args: &[Value]) -> Value {
        let terminator: Inst = self.func.terminator(edge.from);
        let ty = op.result_type(&self.func, args);
        let inst = self.func.make_inst(op, args, ty);
        self.func.insts[inst].bci = self.func.insts[terminator].bci;
        let insts = &mut self.func.blocks[edge.from].insts;
        let last = insts.len().saturating_sub(1);
        insts.insert(last, inst);
        self.func.result(inst)
    }
}

/// The type of a loop head's parameter: what comes around may be any object, but NULL only if it was or can become so.
fn widen(ty: Type, unbinds: bool) -> Type {
    if ty.is_primitive() {
        ty
    } else if ty.may_be_null() || unbinds {
        Type::OptObject
    } else {
        Type::Object
    }
}
