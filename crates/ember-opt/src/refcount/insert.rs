//! Inserts `Incref` and `Decref`.
//!
//! Blocks are rewritten backwards with the set of live owned roots. Where a root dies its reference is released: right after the instruction that
//! used it last (the operand stack from the top, then locals by slot: the interpreter's order), or on the edge to the successor where it is not live.
//! An edge's code stands before a `Jump`, at the start of a successor with no other predecessor, or in a new block.
//!
//! Nothing comes between a helper and the `ScratchLoad`s after it, nor between an instruction that gives its error and the `BranchError`.

use super::borrow;
use super::liveness::{Liveness, RootSet, absent_on_edge, must_outlive};
use super::ownership::{Class, Ownerships};
use cranelift_entity::{EntityRef, SecondaryMap};
use ember_hir::cfg::Cfg;
use ember_hir::{Block, Effects, ErrorMode, Function, HelperId, Inst, Op, Type, Value, ValueDef};
use smallvec::SmallVec;

/// Makes the ownership of references explicit and fills in `exit_owned`.
pub fn run(func: &mut Function) {
    let cfg = Cfg::new(func);
    let mut owners = Ownerships::new(func, &cfg);
    let mut live = Liveness::new(func, &cfg, &owners);
    borrow::run(func, &cfg, &mut owners, &mut live);
    let names = Names::new(func, &cfg, &owners);
    let mut inserter = Inserter {
        cfg: &cfg,
        owners: &owners,
        names,
        edge_starts: SecondaryMap::new(),
        heads: SecondaryMap::new(),
        scratch: Vec::new(),
        live: &live,
        func,
    };
    for &block in &cfg.rpo {
        inserter.block(block);
    }
    inserter.place_edge_starts();
}

/// The narrowest names of roots: through `Alias` operations a root gets others, with narrower types, and a `Decref` of a narrower type is cheaper and quieter.
struct Names {
    /// The latest alias of a root, by value; aliases are linked.
    first: SecondaryMap<Value, u32>,
    next: SecondaryMap<Value, u32>,
    /// Where an instruction stands.
    place: SecondaryMap<Inst, (u32, u32)>,
}

impl Names {
    fn new(func: &Function, cfg: &Cfg, owners: &Ownerships) -> Names {
        let mut names = Names {
            first: SecondaryMap::with_default(u32::MAX),
            next: SecondaryMap::with_default(u32::MAX),
            place: SecondaryMap::new(),
        };
        for &block in &cfg.rpo {
            for (index, &inst) in func.blocks[block].insts.iter().enumerate() {
                let Some(result) = func.insts[inst].result.expand() else { continue };
                let root = owners.root(result);
                if root != result && owners.class(root).is_owned() && !func.ty(result).is_primitive() {
                    names.place[inst] = (block.index() as u32, index as u32);
                    names.next[result] = names.first[root];
                    names.first[root] = result.index() as u32;
                }
            }
        }
        names
    }

    fn cost(ty: Type) -> u32 {
        match ty.is_counted() {
            false => 0,
            true if ty.drops_quietly() => ty.bits.count_ones(),
            true => 64 + ty.bits.count_ones(),
        }
    }

    /// The narrowest name of `root` available after instruction `index` of `block`.
    fn best(&self, func: &Function, cfg: &Cfg, root: Value, block: Block, index: usize) -> Value {
        let (mut best, mut cost) = (root, Self::cost(func.ty(root)));
        let mut next = self.first[root];
        while next != u32::MAX {
            let name = Value::from_u32(next);
            let name_cost = Self::cost(func.ty(name));
            if name_cost < cost
                && let ValueDef::Inst(inst) = func.values[name].def
            {
                let (home, at) = (Block::new(self.place[inst].0 as usize), self.place[inst].1 as usize);
                if if home == block { at <= index } else { cfg.dominates(home, block) } {
                    (best, cost) = (name, name_cost);
                }
            }
            next = self.next[name];
        }
        best
    }
}

/// The order in which an exit drops what nobody takes: the interpreter empties the operand stack from the top, and what was made last is there.
fn latest_first(mut owned: SmallVec<[Value; 16]>) -> SmallVec<[Value; 4]> {
    owned.reverse();
    owned.into_iter().collect()
}

struct Inserter<'a> {
    func: &'a mut Function,
    cfg: &'a Cfg,
    owners: &'a Ownerships,
    live: &'a Liveness,
    names: Names,
    /// Code to stand at the start of blocks, after their `ScratchLoad`s.
    edge_starts: SecondaryMap<Block, Vec<Inst>>,
    /// The number of leading `ScratchLoad`s of a block.
    heads: SecondaryMap<Block, u32>,
    /// The block being written, backwards.
    scratch: Vec<Inst>,
}

impl Inserter<'_> {
    fn make(&mut self, op: Op, arg: Value, like: Inst) -> Inst {
        let inst = self.func.make_inst(op, &[arg], None);
        self.func.insts[inst].bci = self.func.insts[like].bci;
        self.func.insts[inst].level = self.func.insts[like].level;
        inst
    }

    /// A `Decref` of a root after instruction `index` of `block`, unless its narrowest name needs none.
    fn release(&mut self, number: u32, block: Block, index: usize, like: Inst) -> Option<Inst> {
        let root = self.live.roots[number as usize];
        let name = self.names.best(self.func, self.cfg, root, block, index);
        self.func.ty(name).is_counted().then(|| self.make(Op::Decref, name, like))
    }

    fn number(&self, value: Value) -> Option<u32> {
        self.live.number(self.owners, value)
    }

    fn is_scratch(&self, inst: Inst) -> bool {
        matches!(self.func.insts[inst].op, Op::ScratchLoad { .. })
    }

    fn block(&mut self, block: Block) {
        let insts = std::mem::take(&mut self.func.blocks[block].insts);
        let mut live = self.live.empty();
        self.scratch.clear();
        self.terminator(block, &insts, &mut live);
        let mut end = insts.len() - 1;
        while end > 0 {
            let mut start = end - 1;
            while self.is_scratch(insts[start]) && start > 0 {
                start -= 1;
            }
            if self.is_scratch(insts[start]) {
                self.leading_scratch(block, &insts[..end], &mut live);
            } else {
                self.group(block, &insts, start, end, &mut live);
            }
            end = start;
        }
        let mut dead = Vec::new();
        for index in 0..self.func.blocks[block].params.len() {
            let param = self.func.blocks[block].params[index];
            if let Some(number) = self.number(param)
                && !live.contains(number)
            {
                dead.push(self.make(Op::Decref, param, insts[0]));
            }
        }
        let mut new: Vec<Inst> = self.scratch.iter().rev().copied().collect();
        let head = self.heads[block] as usize;
        new.splice(head..head, dead);
        self.func.blocks[block].insts = new;
    }

    /// `ScratchLoad`s at the start of a block: what is done about their results comes after the edge's code.
    fn leading_scratch(&mut self, block: Block, loads: &[Inst], live: &mut RootSet) {
        for &load in loads.iter().rev() {
            self.result(load, live);
        }
        self.scratch.extend(loads.iter().rev());
        self.heads[block] = loads.len() as u32;
    }

    /// Handles the result of an instruction: a reference of our own for a borrowed one, or release at once when nobody uses it.
    fn result(&mut self, inst: Inst, live: &mut RootSet) {
        let Some(value) = self.func.insts[inst].result.expand() else { return };
        if self.owners.root(value) != value {
            return;
        }
        let Some(number) = self.number(value) else { return };
        let used = live.remove(number);
        let op = match (used, self.owners.class(value)) {
            (true, Class::Unstable) => Op::Incref,
            (false, Class::Owned) => Op::Decref,
            _ => return,
        };
        let inst = self.make(op, value, inst);
        self.scratch.push(inst);
    }

    /// An instruction with the `ScratchLoad`s after it: `insts[start..end]`.
    fn group(&mut self, block: Block, insts: &[Inst], start: usize, end: usize, live: &mut RootSet) {
        let inst = insts[start];
        let data = &self.func.insts[inst];
        let (effects, on_error, steals) = (data.op.effects(), data.on_error, data.args.len());
        // What is taken over: our one reference if the root is dead afterwards, else a new one.
        let mut consumed: SmallVec<[u32; 4]> = SmallVec::new();
        let mut before: SmallVec<[Inst; 4]> = SmallVec::new();
        for index in 0..steals {
            if !self.func.insts[inst].op.steals(index) {
                continue;
            }
            let arg = self.func.insts[inst].args[index];
            match self.number(arg) {
                Some(number)
                    if !live.contains(number)
                        && !consumed.contains(&number)
                        && !must_outlive(self.func, self.owners, inst, self.owners.root(arg)) =>
                {
                    consumed.push(number);
                }
                None if self.owners.class(arg) == Class::Uncounted => {}
                _ => before.push(self.make(Op::Incref, arg, inst)),
            }
        }

        // Backwards: first what comes last. Results which are dead, then operands and state, then references to borrowed results.
        let mut adopt: SmallVec<[Inst; 4]> = SmallVec::new();
        for &definer in insts[start..end].iter().rev() {
            let mark = self.scratch.len();
            self.result(definer, live);
            if self.scratch.len() > mark && self.func.insts[self.scratch[mark]].op == Op::Incref {
                adopt.extend(self.scratch.drain(mark..));
            }
        }
        let mut dying: SmallVec<[u32; 16]> = SmallVec::new();
        self.live.visit_uses(self.func, self.owners, inst, None, &mut |number| {
            if live.insert(number) && !consumed.contains(&number) {
                dying.push(number);
            }
        });
        if let Op::Helper { id: HelperId::binary_op } = self.func.insts[inst].op {
            // The one bytecode that releases the left operand first.
            let left = self.func.insts[inst].args.first().and_then(|&left| self.number(left));
            if let Some(at) = left.and_then(|left| dying.iter().position(|&number| number == left)) {
                dying[..=at].rotate_right(1);
            }
        }
        for &number in dying.iter().rev() {
            if let Some(inst) = self.release(number, block, start, inst) {
                self.scratch.push(inst);
            }
        }
        self.scratch.extend(adopt);
        self.scratch.extend(insts[start..end].iter().rev());
        self.scratch.extend(before.into_iter().rev());

        if effects.contains(Effects::DEOPTS) || (effects.contains(Effects::RAISES) && on_error == ErrorMode::Exit) {
            let owned = live.iter().filter(|number| !consumed.contains(number));
            let owned: SmallVec<[Value; 16]> = owned.map(|number| self.live.roots[number as usize]).collect();
            self.func.exit_owned[inst] = latest_first(owned);
        }
    }

    fn terminator(&mut self, block: Block, insts: &[Inst], live: &mut RootSet) {
        let inst = insts[insts.len() - 1];
        let checked = insts.len().checked_sub(2).map(|index| insts[index]);
        self.scratch.push(inst);
        for index in 0..self.func.insts[inst].targets.len() {
            self.live.add_live_in(self.func.insts[inst].targets[index].block, live);
        }
        let passed: SmallVec<[u32; 16]> = live.iter().collect();
        let mut uses: SmallVec<[u32; 16]> = SmallVec::new();
        self.live.visit_uses(self.func, self.owners, inst, checked, &mut |number| {
            if live.insert(number) {
                uses.push(number);
            }
        });
        match self.func.insts[inst].op {
            Op::Return => self.before_return(block, insts, &uses),
            Op::Unwind { .. } | Op::Deopt => {
                let owned = live.iter().map(|number| self.live.roots[number as usize]).collect();
                self.func.exit_owned[inst] = latest_first(owned);
            }
            _ => {
                uses.extend(passed);
                self.edges(block, insts, &uses);
            }
        }
    }

    /// Gives the result away and drops everything else. What was dropped is taken out of the state that the exit of a frame somebody holds uses.
    fn before_return(&mut self, block: Block, insts: &[Inst], uses: &[u32]) {
        let index = insts.len() - 1;
        let inst = insts[index];
        let value = self.func.insts[inst].args[0];
        let returned = self.number(value);
        // The interpreter empties a frame from the end.
        let start = self.scratch.len();
        for &number in uses.iter().filter(|&&number| Some(number) != returned) {
            if let Some(release) = self.release(number, block, index, inst) {
                self.scratch.push(release);
            }
        }
        let state = self.func.insts[inst].state;
        if self.scratch.len() > start && state.is_some() {
            // A frame object outlives the frame and keeps its locals.
            let check = self.make(Op::LeaveObserved, value, inst);
            self.func.insts[check].state = state;
            let others = uses.iter().copied().filter(|&number| Some(number) != returned);
            self.func.exit_owned[check] = others.map(|number| self.live.roots[number as usize]).collect();
            self.scratch.push(check);
        }
        if matches!(self.owners.class(value), Class::Stable | Class::Borrowed) {
            let incref = self.make(Op::Incref, value, inst);
            self.scratch.push(incref);
        }
        if let Some(id) = self.func.insts[inst].state.expand() {
            let mut state = self.func.states[id].clone();
            state.stack.clear();
            for local in &mut state.locals {
                let dropped = |value: Value| match self.number(value) {
                    Some(number) => Some(number) != returned,
                    None => self.owners.class(value) == Class::Borrowed,
                };
                if local.is_some_and(dropped) {
                    *local = None;
                }
            }
            let state = self.func.states.push(state);
            self.func.insts[inst].state = state.into();
        }
    }

    /// What the edges out of a block do about counts.
    fn edges(&mut self, block: Block, insts: &[Inst], owned: &[u32]) {
        let index = insts.len() - 1;
        let inst = insts[index];
        let count = self.func.insts[inst].targets.len();
        for edge in 0..count {
            let code = self.edge(block, index, inst, edge, owned);
            if code.is_empty() {
                continue;
            }
            let target = self.func.insts[inst].targets[edge].block;
            if count == 1 {
                self.scratch.extend(code.into_iter().rev());
            } else if self.cfg.preds[target].len() == 1 {
                self.edge_starts[target] = code;
            } else {
                self.split(block, inst, edge, code);
            }
        }
    }

    fn edge(&mut self, block: Block, index: usize, inst: Inst, edge: usize, owned: &[u32]) -> Vec<Inst> {
        let call = self.func.insts[inst].targets[edge].clone();
        let absent = absent_on_edge(self.func, self.owners, inst, edge);
        let mut code = Vec::new();
        let mut given: SmallVec<[u32; 8]> = SmallVec::new();
        for (position, &arg) in call.args.iter().enumerate() {
            let param = self.func.blocks[call.block].params[position];
            if !self.owners.class(param).is_owned() || absent.contains(&self.owners.root(arg)) {
                continue;
            }
            match self.number(arg) {
                Some(number) if !given.contains(&number) && !self.live.is_live_in(call.block, number) => {
                    given.push(number);
                }
                None if self.owners.class(arg) == Class::Uncounted => {}
                _ => code.push(self.make(Op::Incref, arg, inst)),
            }
        }
        for &number in owned {
            let root = self.live.roots[number as usize];
            if !given.contains(&number) && !self.live.is_live_in(call.block, number) && !absent.contains(&root) {
                code.extend(self.release(number, block, index, inst));
            }
        }
        code
    }

    /// Puts code into a new block on an edge.
    fn split(&mut self, block: Block, inst: Inst, edge: usize, code: Vec<Inst>) {
        let between = borrow::split_edge(self.func, block, inst, edge);
        self.func.blocks[between].insts.splice(0..0, code);
    }

    fn place_edge_starts(&mut self) {
        for &block in &self.cfg.rpo {
            let code = std::mem::take(&mut self.edge_starts[block]);
            let mut head = self.heads[block] as usize;
            let first = self.func.blocks[block].insts.get(head);
            if first.is_some_and(|&inst| matches!(self.func.insts[inst].op, Op::CatchException { .. })) {
                // The traceback gets its entry before the operand stack is emptied.
                head += 1;
            }
            self.func.blocks[block].insts.splice(head..head, code);
        }
    }
}
