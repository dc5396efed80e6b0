//! Delays and removes references taken to borrowed results.
//!
//! `insert` takes a reference right after the definition of a borrowed result. Nothing can happen to the object before the next operation which may release
//! objects, so the `Incref` is put off until such an operation, until something takes the reference over, or until the end of the block; and if the
//! matching `Decref` comes first, both vanish. The instructions passed no longer own the reference when they leave.
//!
//! Invariant: between its definition and its (delayed) `Incref` a borrowed root is used only where whoever lent it still holds it.

use super::may_release;
use super::ownership::{Class, Ownerships};
use ember_hir::cfg::Cfg;
use ember_hir::{Block, ErrorMode, Function, Inst, Op, Value};

/// Runs after [`super::insert`].
pub fn run(func: &mut Function) {
    let cfg = Cfg::new(func);
    let owners = Ownerships::new(func, &cfg);
    let mut pending = Vec::new();
    for &block in &cfg.rpo {
        run_block(func, &owners, block, &mut pending);
    }
}

/// A reference to be taken later.
struct Pending {
    root: Value,
    /// The `Incref`, taken out of its block.
    incref: Inst,
    /// The number of references taken for operands which will be taken over.
    extra: u32,
}

fn run_block(func: &mut Function, owners: &Ownerships, block: Block, pending: &mut Vec<Pending>) {
    let has_borrowed =
        |&inst: &Inst| func.insts[inst].op == Op::Incref && owners.class(func.insts[inst].args[0]) == Class::Unstable;
    if !func.blocks[block].insts.iter().any(has_borrowed) {
        return;
    }
    pending.clear();
    let old = std::mem::take(&mut func.blocks[block].insts);
    let mut new = Vec::with_capacity(old.len());
    let mut defined_here: Vec<Value> = Vec::new();
    for &inst in &old {
        let data = &func.insts[inst];
        match data.op {
            Op::Incref => {
                let root = owners.root(data.args[0]);
                if let Some(entry) = pending.iter_mut().find(|entry| entry.root == root) {
                    entry.extra += 1;
                } else if let Some(index) = defined_here.iter().position(|&value| value == root) {
                    defined_here.swap_remove(index);
                    pending.push(Pending { root, incref: inst, extra: 0 });
                    continue;
                }
                new.push(inst);
                continue;
            }
            Op::Decref => {
                let root = owners.root(data.args[0]);
                if let Some(index) = pending.iter().position(|entry| entry.root == root) {
                    pending.remove(index);
                    continue;
                }
                let quiet = func.ty(data.args[0]).drops_quietly();
                let lent = |value: Value| {
                    let lender = func.def_inst(value).and_then(|inst| func.insts[inst].args.first());
                    lender.is_some_and(|&lender| owners.root(lender) == root)
                };
                new.extend(pending.extract_if(.., |entry| !quiet || lent(entry.root)).map(|entry| entry.incref));
                new.push(inst);
                continue;
            }
            _ => {}
        }
        let leaves = data.op.is_terminator() || data.op == Op::LeaveObserved;
        if may_release(&data.op) || leaves || data.on_error == ErrorMode::Null {
            new.extend(pending.drain(..).map(|entry| entry.incref));
        } else {
            take_over(func, owners, inst, pending, &mut new);
        }
        if !pending.is_empty() && !func.exit_owned[inst].is_empty() {
            func.exit_owned[inst].retain(|root| !pending.iter().any(|entry| entry.root == *root));
        }
        new.push(inst);
        if let Some(result) = func.insts[inst].result.expand() {
            let root = owners.root(result);
            if root == result {
                if owners.class(root) == Class::Unstable {
                    defined_here.push(root);
                }
            } else if let Some(entry) = pending.iter().find(|entry| entry.root == root)
                && func.ty(result).is(func.ty(func.insts[entry.incref].args[0]))
            {
                // A narrower name: no test for NULL, perhaps no count at all.
                let incref = entry.incref;
                func.insts[incref].args[0] = result;
            }
        }
    }
    func.blocks[block].insts = new;
}

/// References an instruction takes over have to be there before it.
fn take_over(func: &Function, owners: &Ownerships, inst: Inst, pending: &mut Vec<Pending>, new: &mut Vec<Inst>) {
    let data = &func.insts[inst];
    for (index, &arg) in data.args.iter().enumerate() {
        if pending.is_empty() || !data.op.steals(index) {
            continue;
        }
        let root = owners.root(arg);
        if let Some(index) = pending.iter().position(|entry| entry.root == root) {
            match &mut pending[index].extra {
                0 => new.push(pending.remove(index).incref),
                extra => *extra -= 1,
            }
        }
    }
}
