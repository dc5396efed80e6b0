//! Types of block parameters and of what follows from them.
//!
//! An optimistic fixpoint: a parameter starts with no type at all and grows to the union of what is passed to it. Results whose table row computes their type from
//! the operand's follow; all other results keep what the one who built them knew.

use cranelift_entity::SecondaryMap;
use ember_hir::cfg::Cfg;
use ember_hir::{Function, Op, Type, Value};

/// Whether the type of the result depends on the operand's.
fn follows(op: &Op) -> bool {
    matches!(
        op,
        Op::GuardType { .. } | Op::Refine { .. } | Op::GuardClass { .. } | Op::GuardNotNull | Op::GuardIs { .. }
    )
}

/// Runs the pass.
pub fn run(func: &mut Function) {
    let cfg = Cfg::new(func);
    let declared: SecondaryMap<Value, Option<Type>> = {
        let mut declared = SecondaryMap::new();
        for &block in cfg.rpo.iter().skip(1) {
            for index in 0..func.blocks[block].params.len() {
                let param = func.blocks[block].params[index];
                declared[param] = Some(func.ty(param));
                func.values[param].ty = Type::Bottom;
            }
        }
        for &block in &cfg.rpo {
            for &inst in &func.blocks[block].insts {
                if follows(&func.insts[inst].op)
                    && let Some(result) = func.insts[inst].result.expand()
                {
                    declared[result] = Some(func.ty(result));
                    func.values[result].ty = Type::Bottom;
                }
            }
        }
        declared
    };
    propagate(func, &cfg, &declared);
    // What is still without a type no value ever reaches; keep what was said of it, and what follows from that.
    for &block in &cfg.rpo {
        let results = func.blocks[block].insts.iter().filter_map(|&inst| func.insts[inst].result.expand());
        for value in func.blocks[block].params.iter().copied().chain(results).collect::<Vec<_>>() {
            if let (Type::Bottom, Some(ty)) = (func.ty(value), declared[value]) {
                func.values[value].ty = ty;
            }
        }
    }
    propagate(func, &cfg, &declared);
}

/// Lets types grow until nothing changes.
fn propagate(func: &mut Function, cfg: &Cfg, declared: &SecondaryMap<Value, Option<Type>>) {
    let mut changed = true;
    while changed {
        changed = false;
        for &block in &cfg.rpo {
            for &inst in &func.blocks[block].insts {
                let data = &func.insts[inst];
                if let (true, Some(result)) = (follows(&data.op), data.result.expand()) {
                    let computed = data.op.result_type(func, &data.args).unwrap_or(Type::Bottom);
                    let narrow = declared[result].map_or(computed, |declared| declared.intersect(computed));
                    let ty = func.ty(result).union(narrow);
                    if ty != func.ty(result) {
                        func.values[result].ty = ty;
                        changed = true;
                    }
                }
            }
            let last = func.terminator(block);
            for target in 0..func.insts[last].targets.len() {
                let call = &func.insts[last].targets[target];
                for (index, &arg) in call.args.iter().enumerate() {
                    let param = func.blocks[call.block].params[index];
                    let ty = func.ty(param).union(func.ty(arg));
                    if ty != func.ty(param) {
                        func.values[param].ty = ty;
                        changed = true;
                    }
                }
            }
        }
    }
}
