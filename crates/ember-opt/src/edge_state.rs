//! Frame states seen from before a block.
//!
//! What a block does before it has any effect may as well be done on the edge into it. To leave there, the state of the instruction is needed in terms of what is known
//! at the end of the predecessor: parameters become the arguments passed, guarded values the values under the guards, constants are made again.

use crate::simplify::root;
use cranelift_entity::SecondaryMap;
use ember_hir::cfg::Cfg;
use ember_hir::{Block, FrameStateId, Function, Inst, Op, Value, ValueDef};

/// Where instructions stand, for translating states.
pub struct EdgeStates<'a> {
    cfg: &'a Cfg,
    homes: SecondaryMap<Inst, u32>,
}

/// Operations that can be made again anywhere.
#[must_use]
pub fn is_constant(op: &Op) -> bool {
    matches!(
        op,
        Op::Const { .. }
            | Op::Null
            | Op::CInt { .. }
            | Op::CDouble { .. }
            | Op::CBool { .. }
            | Op::CPtr { .. }
            | Op::CLasti { .. }
            | Op::IterDone
            | Op::Func
    )
}

impl<'a> EdgeStates<'a> {
    /// For the function as it is now.
    #[must_use]
    pub fn new(func: &Function, cfg: &'a Cfg) -> EdgeStates<'a> {
        let mut homes = SecondaryMap::with_default(u32::MAX);
        homes.resize(func.insts.len());
        for (order, &block) in cfg.rpo.iter().enumerate() {
            for &inst in &func.blocks[block].insts {
                homes[inst] = order as u32;
            }
        }
        EdgeStates { cfg, homes }
    }

    /// Notes that an instruction now stands in `block`.
    pub fn moved(&mut self, inst: Inst, block: Block) {
        self.homes[inst] = self.cfg.order[block];
    }

    /// The block an instruction stands in.
    #[must_use]
    pub fn home(&self, inst: Inst) -> Option<Block> {
        self.cfg.rpo.get(self.homes[inst] as usize).copied()
    }

    /// The name which a value known at the start of `block` has at the end of its predecessor `pred`, which ends in a `Jump`.
    #[must_use]
    pub fn seen_from(&self, func: &Function, block: Block, pred: Block, value: Value) -> Option<Value> {
        let dominates = |home: Block| home != block && self.cfg.dominates(home, pred);
        if let ValueDef::Inst(inst) = func.values[value].def
            && self.home(inst).is_some_and(dominates)
        {
            return Some(value);
        }
        // Guards in the block itself are not passed yet: the value under them is the same object.
        let value = if func.ty(value).is_primitive() { value } else { root(func, value) };
        match func.values[value].def {
            ValueDef::Param(home, index) if home == block => {
                func.insts[func.terminator(pred)].targets[0].args.get(index as usize).copied()
            }
            ValueDef::Param(home, _) => self.cfg.dominates(home, pred).then_some(value),
            ValueDef::Inst(inst) if is_constant(&func.insts[inst].op) => Some(value),
            ValueDef::Inst(inst) => self.home(inst).is_some_and(dominates).then_some(value),
        }
    }

    /// Whether everything a state names has a name on the edge.
    #[must_use]
    pub fn is_available(&self, func: &Function, block: Block, pred: Block, state: FrameStateId) -> bool {
        let mut available = true;
        func.visit_state(state, &mut |value| available &= self.seen_from(func, block, pred, value).is_some());
        available
    }

    /// A copy of a state for the end of `pred`; [`EdgeStates::is_available`] holds.
    pub fn copy(&mut self, func: &mut Function, block: Block, pred: Block, id: FrameStateId) -> FrameStateId {
        let mut state = func.states[id].clone();
        for value in state.locals.iter_mut().flatten().chain(&mut state.stack) {
            *value = self.name(func, block, pred, *value);
        }
        if let Some(parent) = state.parent {
            state.parent = Some(self.copy(func, block, pred, parent));
        }
        func.states.push(state)
    }

    /// The name of a value at the end of `pred`; constants are made there if they are not known yet.
    pub fn name(&mut self, func: &mut Function, block: Block, pred: Block, value: Value) -> Value {
        let seen = self.seen_from(func, block, pred, value).unwrap_or(value);
        match func.values[seen].def {
            ValueDef::Inst(inst) if is_constant(&func.insts[inst].op) => {
                let known = self.home(inst).is_some_and(|home| home != block && self.cfg.dominates(home, pred));
                if known { seen } else { self.insert(func, pred, func.insts[inst].op, &[], None) }
            }
            _ => seen,
        }
    }

    /// Puts an instruction before the terminator of a block and returns its result.
    pub fn insert(
        &mut self,
        func: &mut Function,
        block: Block,
        op: Op,
        args: &[Value],
        state: Option<FrameStateId>,
    ) -> Value {
        let ty = op.result_type(func, args);
        let inst = func.make_inst(op, args, ty);
        let last = func.terminator(block);
        (func.insts[inst].bci, func.insts[inst].level) = (func.insts[last].bci, func.insts[last].level);
        func.insts[inst].state = state.into();
        let end = func.blocks[block].insts.len() - 1;
        func.blocks[block].insts.insert(end, inst);
        self.moved(inst, block);
        func.result(inst)
    }
}
