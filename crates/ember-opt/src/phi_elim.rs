//! Block parameters which always get the same value become that value.

use crate::replace::Replacements;
use cranelift_entity::SecondaryMap;
use ember_hir::cfg::Cfg;
use ember_hir::{Block, Function, Value};

/// Runs the pass; whether it changed anything.
pub fn run(func: &mut Function) -> bool {
    let cfg = Cfg::new(func);
    let mut replacements = Replacements::new(func);
    // Two parameters may depend on each other, so once more as long as it helps.
    for _ in 0..8 {
        let mut changed = false;
        for &block in cfg.rpo.iter().skip(1) {
            for index in 0..func.blocks[block].params.len() {
                let param = func.blocks[block].params[index];
                if replacements.is_replaced(param) {
                    continue;
                }
                if let Some(value) = only_value(func, &cfg, &replacements, block, index, param)
                    && func.ty(value).is(func.ty(param))
                {
                    replacements.set(param, value);
                    changed = true;
                }
            }
        }
        if !changed {
            break;
        }
    }
    if !replacements.apply(func) {
        return false;
    }
    let mut keep: SecondaryMap<Block, Vec<bool>> = SecondaryMap::new();
    for &block in cfg.rpo.iter().skip(1) {
        keep[block] = func.blocks[block].params.iter().map(|&param| !replacements.is_replaced(param)).collect();
    }
    remove_params(func, &cfg, &keep);
    true
}

/// The one value a parameter gets besides itself.
fn only_value(
    func: &Function,
    cfg: &Cfg,
    replacements: &Replacements,
    block: Block,
    index: usize,
    param: Value,
) -> Option<Value> {
    let mut only = None;
    for &(pred, edge) in &cfg.preds[block] {
        let arg = replacements.get(func.successors(pred)[edge].args[index]);
        if arg != param && only.replace(arg).is_some_and(|other| other != arg) {
            return None;
        }
    }
    only
}

/// Removes the parameters of reachable blocks for which `keep` says false, and the arguments passed to them. Blocks without an entry keep all.
pub fn remove_params(func: &mut Function, cfg: &Cfg, keep: &SecondaryMap<Block, Vec<bool>>) {
    for &block in &cfg.rpo {
        let last = func.terminator(block);
        for call in &mut func.insts[last].targets {
            let keep = &keep[call.block];
            if keep.contains(&false) {
                let mut index = 0;
                call.args.retain(|_| {
                    index += 1;
                    keep[index - 1]
                });
            }
        }
    }
    for &block in &cfg.rpo {
        let flags = &keep[block];
        if !flags.contains(&false) {
            continue;
        }
        let mut index = 0;
        func.blocks[block].params.retain(|_| {
            index += 1;
            flags[index - 1]
        });
        for index in 0..func.blocks[block].params.len() {
            let param = func.blocks[block].params[index];
            func.values[param].def = ember_hir::ValueDef::Param(block, index as u32);
        }
    }
}
