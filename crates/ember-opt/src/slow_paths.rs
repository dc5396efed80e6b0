//! Takes the rare half of the test at loop back edges out of the way.
//!
//! `CheckEvalBreaker` may run anything, so before it every slot would have to be brought up to date, in every iteration of every loop; but it runs something
//! only when the eval breaker is set. So it becomes a branch on [`Op::EvalBreaker`] to a cold block with the full test, where [`crate::frame_sync`] brings the slots up to date and afterwards
//! puts back what the other path left in them.
//!
//! Runs after reference counts are explicit: the two paths own the same.

use cranelift_entity::SecondaryMap;
use ember_hir::{Block, BlockCall, ErrorMode, Function, Inst, Op};
use smallvec::SmallVec;

/// For a block: the slow block at whose start the slots held what they shall hold at this block's end.
pub type Restores = SecondaryMap<Block, Option<Block>>;

/// Splits all tests but the one at the function's start.
pub fn split(func: &mut Function) -> Restores {
    let mut restores = Restores::new();
    let last = func.blocks.len();
    for block in (0..last).map(|index| Block::from_u32(index as u32)) {
        split_block(func, block, &mut restores);
    }
    restores
}

fn split_block(func: &mut Function, mut block: Block, restores: &mut Restores) {
    let mut from = usize::from(block == func.entry);
    loop {
        let insts = &func.blocks[block].insts;
        let found = (from..insts.len()).find(|&index| func.insts[insts[index]].op == Op::CheckEvalBreaker);
        let Some(index) = found else { return };
        let check = insts[index];
        let cold = func.blocks[block].cold;
        let tail = func.blocks[block].insts.split_off(index);
        let slow = func.new_block();
        func.blocks[slow].cold = true;
        if func.insts[check].on_error == ErrorMode::Null {
            // The check and its `BranchError`, which is the block's terminator.
            let branch = tail[1];
            let back = func.new_block();
            func.blocks[back].cold = true;
            let good = func.insts[branch].targets[1].clone();
            func.insts[branch].targets[1] = BlockCall { block: back, args: SmallVec::new() };
            func.blocks[slow].insts = tail;
            jump(func, back, check, good.clone());
            restores[back] = Some(slow);
            fork(func, block, check, slow, good);
            return;
        }
        func.blocks[slow].insts.push(check);
        restores[slow] = Some(slow);
        if func.insts[tail[1]].op == Op::Jump {
            let on = func.insts[tail[1]].targets[0].clone();
            func.blocks[slow].insts.push(tail[1]);
            fork(func, block, check, slow, on);
            return;
        }
        let rest = func.new_block();
        func.blocks[rest].cold = cold;
        func.blocks[rest].insts = tail[1..].to_vec();
        let on = BlockCall { block: rest, args: SmallVec::new() };
        jump(func, slow, check, on.clone());
        fork(func, block, check, slow, on);
        (block, from) = (rest, 0);
    }
}

fn place(func: &mut Function, inst: Inst, like: Inst) {
    (func.insts[inst].bci, func.insts[inst].level) = (func.insts[like].bci, func.insts[like].level);
}

fn jump(func: &mut Function, block: Block, like: Inst, call: BlockCall) {
    let jump = func.append(block, Op::Jump, &[]);
    place(func, jump, like);
    func.insts[jump].targets.push(call);
}

/// Ends a block with the quick test.
fn fork(func: &mut Function, block: Block, like: Inst, slow: Block, on: BlockCall) {
    let test = func.append(block, Op::EvalBreaker, &[]);
    place(func, test, like);
    let condition = func.result(test);
    let branch = func.append(block, Op::Branch, &[condition]);
    place(func, branch, like);
    func.insts[branch].targets.push(BlockCall { block: slow, args: SmallVec::new() });
    func.insts[branch].targets.push(on);
}
