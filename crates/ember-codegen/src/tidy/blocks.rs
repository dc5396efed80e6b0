//! Control flow between the instructions.

use super::{Code, Fate};
use smallvec::SmallVec;

/// A run of instructions without a jump but at its end.
#[derive(Default)]
pub(super) struct Block {
    pub(super) first: usize,
    pub(super) end: usize,
    pub(super) next: SmallVec<[u32; 2]>,
    /// Those that are reached and lead here.
    pub(super) before: SmallVec<[u32; 4]>,
}

/// The blocks of a function's code.
pub(super) struct Blocks {
    pub(super) all: Vec<Block>,
    /// Those that are reached, each after all that lead to it but for those that jump back.
    pub(super) order: Vec<usize>,
}

impl Blocks {
    pub(super) fn new(code: &Code<'_>) -> Blocks {
        let mut all = blocks(code);
        let order = order(&all);
        for &block in &order {
            for next in all[block].next.clone() {
                all[next as usize].before.push(block as u32);
            }
        }
        Blocks { all, order }
    }
}

fn blocks(code: &Code<'_>) -> Vec<Block> {
    let mut blocks: Vec<Block> = Vec::new();
    let mut block_at = vec![0; code.insts.len()];
    let mut begins = true;
    for (index, inst) in code.insts.iter().enumerate() {
        if begins || inst.target {
            blocks.push(Block { first: index, ..Block::default() });
        }
        let number = blocks.len() - 1;
        block_at[index] = number as u32;
        blocks[number].end = index + 1;
        begins = inst.ends() || matches!(inst.fate, Fate::Branch(..));
    }
    for number in 0..blocks.len() {
        let last = &code.insts[blocks[number].end - 1];
        let mut next = SmallVec::new();
        if let Fate::Jump(to) | Fate::Branch(_, to) = last.fate {
            next.push(block_at[to as usize]);
        }
        if !last.ends() && number + 1 < blocks.len() {
            next.push(number as u32 + 1);
        }
        blocks[number].next = next;
    }
    blocks
}

/// The blocks that are reached, each after all that lead to it but for those that jump back.
fn order(blocks: &[Block]) -> Vec<usize> {
    let mut order = Vec::with_capacity(blocks.len());
    let mut seen = vec![false; blocks.len()];
    let mut open: Vec<(usize, usize)> = Vec::new();
    if !blocks.is_empty() {
        seen[0] = true;
        open.push((0, 0));
    }
    while let Some(&mut (block, ref mut at)) = open.last_mut() {
        let next = blocks[block].next.get(*at).map(|&next| next as usize);
        *at += 1;
        match next {
            Some(next) if !seen[next] => {
                seen[next] = true;
                open.push((next, 0));
            }
            Some(_) => {}
            None => {
                order.push(block);
                open.pop();
            }
        }
    }
    order.reverse();
    order
}
