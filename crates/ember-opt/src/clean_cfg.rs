//! Control flow without detours: empties unreachable blocks, sends jumps past blocks that only jump, merges a block into its only predecessor.
//!
//! Blocks are emptied, never removed, so that block numbers stay valid.

use crate::replace::Replacements;
use ember_hir::cfg::Cfg;
use ember_hir::{Block, Function, Op, Value};
use smallvec::SmallVec;

/// Runs the pass.
pub fn run(func: &mut Function) {
    let cfg = Cfg::new(func);
    for block in func.blocks.keys() {
        if !cfg.is_reachable(block) {
            func.blocks[block].insts.clear();
            func.blocks[block].params.clear();
        }
    }
    thread_jumps(func, &cfg);
    merge(func);
}

/// A block which does nothing but jump on, without parameters: where to, and what it passes.
fn detour(func: &Function, block: Block) -> Option<(Block, SmallVec<[Value; 4]>)> {
    let data = &func.blocks[block];
    let &[inst] = data.insts.as_slice() else { return None };
    if func.insts[inst].op != Op::Jump || !data.params.is_empty() || block == func.entry {
        return None;
    }
    let call = &func.insts[inst].targets[0];
    (call.block != block).then(|| (call.block, call.args.clone()))
}

/// `Jump`s take the direct way; the edges of branches stay split where the target has other predecessors.
fn thread_jumps(func: &mut Function, cfg: &Cfg) {
    for &block in &cfg.rpo {
        let last = func.terminator(block);
        if func.insts[last].op != Op::Jump {
            continue;
        }
        for _ in 0..8 {
            let Some((target, args)) = detour(func, func.insts[last].targets[0].block) else { break };
            let call = &mut func.insts[last].targets[0];
            (call.block, call.args) = (target, args);
        }
    }
}

/// Appends blocks to their only predecessor where that ends in a `Jump`.
fn merge(func: &mut Function) {
    let cfg = Cfg::new(func);
    let mut replacements = Replacements::new(func);
    for &block in &cfg.rpo {
        // A block merged away is empty; its contents were moved to one that stands before it in the order.
        while let Some(&last) = func.blocks[block].insts.last() {
            if func.insts[last].op != Op::Jump {
                break;
            }
            let target = func.insts[last].targets[0].block;
            if target == block || target == func.entry || cfg.preds[target].len() != 1 {
                break;
            }
            let args = std::mem::take(&mut func.insts[last].targets[0].args);
            let params = std::mem::take(&mut func.blocks[target].params);
            for (&param, &arg) in params.iter().zip(&args) {
                replacements.set(param, arg);
            }
            let insts = std::mem::take(&mut func.blocks[target].insts);
            func.blocks[block].insts.pop();
            func.blocks[block].insts.extend(insts);
        }
    }
    replacements.apply(func);
    let cfg = Cfg::new(func);
    for block in func.blocks.keys() {
        if !cfg.is_reachable(block) {
            func.blocks[block].insts.clear();
            func.blocks[block].params.clear();
        }
    }
}
