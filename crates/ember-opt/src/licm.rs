//! Loop-invariant code motion.
//!
//! Operations without effects whose operands are defined outside a loop move before it. Guards (and what unboxes behind them) move when they stand in the loop's header before anything
//! that has an effect: the loop would run them first anyway, and the header's frame state, seen from before the loop, lets them leave there. Type guards stay true
//! whatever runs in the loop; guards on versions, and loads, stay.

use crate::edge_state::{EdgeStates, is_constant};
use cranelift_entity::SecondaryMap;
use ember_hir::cfg::Cfg;
use ember_hir::{Block, BlockCall, Effects, Function, Inst, Op, Value, ValueDef};
use smallvec::SmallVec;

/// Runs the pass.
pub fn run(func: &mut Function) {
    let cfg = Cfg::new(func);
    let headers: Vec<Block> = cfg.rpo.iter().copied().filter(|&block| cfg.is_loop_header(block)).collect();
    if headers.is_empty() {
        return;
    }
    let split = headers.iter().fold(false, |split, &header| make_preheader(func, &cfg, header) | split);
    let cfg = if split { Cfg::new(func) } else { cfg };
    let mut mover =
        Mover { edges: EdgeStates::new(func, &cfg), cfg: &cfg, inside: SecondaryMap::with_default(u32::MAX) };
    // Inner loops first: what leaves one may leave the next.
    for (stamp, &header) in headers.iter().rev().enumerate() {
        if let Some(before) = preheader(func, &cfg, header) {
            mover.run(func, header, before, stamp as u32);
        }
    }
}

fn outside(cfg: &Cfg, header: Block) -> SmallVec<[(Block, usize); 2]> {
    cfg.preds[header].iter().copied().filter(|&(pred, _)| !cfg.dominates(header, pred)).collect()
}

/// The block before a loop, if there is one that only jumps into it.
fn preheader(func: &Function, cfg: &Cfg, header: Block) -> Option<Block> {
    match outside(cfg, header).as_slice() {
        &[(pred, _)] if func.insts[func.terminator(pred)].op == Op::Jump => Some(pred),
        _ => None,
    }
}

/// Splits the only edge into a loop if it is a branch's.
fn make_preheader(func: &mut Function, cfg: &Cfg, header: Block) -> bool {
    let &[(pred, edge)] = outside(cfg, header).as_slice() else { return false };
    let last = func.terminator(pred);
    if func.insts[last].op == Op::Jump {
        return false;
    }
    let between = func.new_block();
    func.blocks[between].cold = func.blocks[header].cold;
    let call =
        std::mem::replace(&mut func.insts[last].targets[edge], BlockCall { block: between, args: SmallVec::new() });
    let jump = func.append(between, Op::Jump, &[]);
    (func.insts[jump].bci, func.insts[jump].level) = (func.insts[last].bci, func.insts[last].level);
    func.insts[jump].targets.push(call);
    true
}

struct Mover<'a> {
    edges: EdgeStates<'a>,
    cfg: &'a Cfg,
    /// The loop a block was last found in.
    inside: SecondaryMap<Block, u32>,
}

/// An operation which computes and does nothing else.
fn is_pure(op: &Op) -> bool {
    op.effects().is_empty() && !matches!(op, Op::Helper { .. } | Op::Refine { .. })
}

/// A test that, once passed, holds as long as the object lives.
fn is_lasting_guard(op: &Op) -> bool {
    matches!(op, Op::GuardType { .. } | Op::GuardNotNull | Op::UnboxInt)
}

impl Mover<'_> {
    fn run(&mut self, func: &mut Function, header: Block, before: Block, stamp: u32) {
        let mut body: Vec<Block> = vec![header];
        self.inside[header] = stamp;
        let mut work: Vec<Block> = self.cfg.preds[header].iter().map(|&(pred, _)| pred).collect();
        while let Some(block) = work.pop() {
            if self.inside[block] != stamp && self.cfg.dominates(header, block) {
                self.inside[block] = stamp;
                body.push(block);
                work.extend(self.cfg.preds[block].iter().map(|&(pred, _)| pred));
            }
        }
        body.sort_unstable_by_key(|&block| self.cfg.order[block]);
        for &block in &body {
            self.block(func, block, header, before, stamp);
        }
    }

    fn is_invariant(&self, func: &Function, value: Value, stamp: u32) -> bool {
        match func.values[value].def {
            ValueDef::Param(home, _) => self.inside[home] != stamp,
            ValueDef::Inst(inst) => {
                is_constant(&func.insts[inst].op)
                    || self.edges.home(inst).is_some_and(|home| self.inside[home] != stamp)
            }
        }
    }

    fn block(&mut self, func: &mut Function, block: Block, header: Block, before: Block, stamp: u32) {
        // Whether nothing has happened yet in this iteration.
        let mut first = block == header;
        let insts = func.blocks[block].insts.clone();
        let mut moved: Vec<Inst> = Vec::new();
        for &inst in &insts {
            let data = &func.insts[inst];
            let op = data.op;
            let guard = first && is_lasting_guard(&op);
            if !op.is_terminator()
                && !is_constant(&op)
                && (is_pure(&op) || guard)
                && data.args.iter().all(|&arg| self.is_invariant(func, arg, stamp))
            {
                let state = data.state.expand();
                let available = state.is_none_or(|state| self.edges.is_available(func, header, before, state));
                if available {
                    for index in 0..func.insts[inst].args.len() {
                        let arg = func.insts[inst].args[index];
                        func.insts[inst].args[index] = self.constant_outside(func, arg, before, stamp);
                    }
                    if let Some(state) = state {
                        func.insts[inst].state = self.edges.copy(func, header, before, state).into();
                    }
                    let end = func.blocks[before].insts.len() - 1;
                    func.blocks[before].insts.insert(end, inst);
                    self.edges.moved(inst, before);
                    moved.push(inst);
                    continue;
                }
            }
            let effects = Effects::ARBITRARY | Effects::WRITES | Effects::RAISES | Effects::PINNED;
            first &= !op.effects().intersects(effects);
        }
        if !moved.is_empty() {
            func.blocks[block].insts.retain(|inst| !moved.contains(inst));
        }
    }

    /// An operand's name before the loop: constants of the loop are made again.
    fn constant_outside(&mut self, func: &mut Function, value: Value, before: Block, stamp: u32) -> Value {
        match func.values[value].def {
            ValueDef::Inst(inst) if self.edges.home(inst).is_some_and(|home| self.inside[home] == stamp) => {
                self.edges.insert(func, before, func.insts[inst].op, &[], None)
            }
            _ => value,
        }
    }
}
