//! Removes instructions nobody needs and parameters nobody reads.
//!
//! Needed are the instructions with effects (see [`Effects::keeps_alive`]), what they use (operands, frame states), and what flows into a parameter that is
//! needed. Guards are effects: what they protect need not name them. Machine operations which leave only when their result cannot be represented go when nobody
//! wants the result.

use crate::phi_elim::remove_params;
use cranelift_entity::{EntitySet, SecondaryMap};
use ember_hir::cfg::Cfg;
use ember_hir::{Block, Function, Inst, Op, Value, ValueDef};

fn is_needed(func: &Function, inst: Inst) -> bool {
    let data = &func.insts[inst];
    match &data.op {
        // When it is released does not matter to anyone.
        Op::EndLife => data.args.iter().any(|&arg| !func.ty(arg).drops_quietly()),
        Op::UnboxInt | Op::IAdd | Op::ISub | Op::IMul | Op::INeg => false,
        op => op.effects().keeps_alive(),
    }
}

/// Runs the pass.
pub fn run(func: &mut Function) {
    let cfg = Cfg::new(func);
    let mut live: EntitySet<Value> = EntitySet::with_capacity(func.values.len());
    let mut kept: EntitySet<Inst> = EntitySet::with_capacity(func.insts.len());
    let mut seen_states = EntitySet::with_capacity(func.states.len());
    let mut work: Vec<Value> = Vec::new();
    let mut states = Vec::new();
    let mark = |value: Value, live: &mut EntitySet<Value>, work: &mut Vec<Value>| {
        if live.insert(value) {
            work.push(value);
        }
    };
    for &block in &cfg.rpo {
        for &inst in &func.blocks[block].insts {
            if is_needed(func, inst) {
                kept.insert(inst);
                func.insts[inst].args.iter().for_each(|&arg| mark(arg, &mut live, &mut work));
                states.extend(func.insts[inst].state.expand());
            }
        }
    }
    loop {
        while let Some(id) = states.pop() {
            if seen_states.insert(id) {
                let state = &func.states[id];
                let values = state.locals.iter().flatten().chain(&state.stack);
                values.for_each(|&value| mark(value, &mut live, &mut work));
                states.extend(state.parent);
            }
        }
        let Some(value) = work.pop() else { break };
        match func.values[value].def {
            ValueDef::Inst(inst) => {
                if kept.insert(inst) {
                    func.insts[inst].args.iter().for_each(|&arg| mark(arg, &mut live, &mut work));
                    states.extend(func.insts[inst].state.expand());
                }
            }
            ValueDef::Param(block, index) => {
                for &(pred, edge) in &cfg.preds[block] {
                    mark(func.successors(pred)[edge].args[index as usize], &mut live, &mut work);
                }
            }
        }
    }
    let mut keep: SecondaryMap<Block, Vec<bool>> = SecondaryMap::new();
    for &block in &cfg.rpo {
        func.blocks[block].insts.retain(|&inst| kept.contains(inst));
        if block != func.entry {
            keep[block] = func.blocks[block].params.iter().map(|&param| live.contains(param)).collect();
        }
    }
    remove_params(func, &cfg, &keep);
}
