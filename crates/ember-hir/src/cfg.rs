//! The control flow graph of a function: predecessors, reverse post-order, dominators, loops.

use crate::function::{Block, Function};
use cranelift_entity::SecondaryMap;
use smallvec::SmallVec;

/// Edges into a block: the block each comes from, and its index among the targets of that block's terminator. Most blocks have one or two, and this is made anew for most passes.
pub type Preds = SmallVec<[(Block, usize); 2]>;

/// A snapshot of a function's control flow; stale as soon as a terminator changes.
#[derive(Debug)]
pub struct Cfg {
    /// Reachable blocks in reverse post-order; the entry is first.
    pub rpo: Vec<Block>,
    /// Position of a block in `rpo`, `u32::MAX` when unreachable.
    pub order: SecondaryMap<Block, u32>,
    /// Reachable predecessors, one entry an edge: the block and the index of the edge among its terminator's targets.
    pub preds: SecondaryMap<Block, Preds>,
    /// Immediate dominators; the entry's is itself.
    pub idom: SecondaryMap<Block, Option<Block>>,
}

impl Cfg {
    /// Analyses `func`.
    #[must_use]
    pub fn new(func: &Function) -> Cfg {
        let rpo = reverse_post_order(func);
        let mut order = SecondaryMap::with_default(u32::MAX);
        order.resize(func.blocks.len());
        for (index, &block) in rpo.iter().enumerate() {
            order[block] = index as u32;
        }
        let mut preds: SecondaryMap<Block, Preds> = SecondaryMap::new();
        preds.resize(func.blocks.len());
        for &block in &rpo {
            for (index, call) in func.successors(block).iter().enumerate() {
                preds[call.block].push((block, index));
            }
        }
        let idom = dominators(func, &rpo, &order, &preds);
        Cfg { rpo, order, preds, idom }
    }

    /// Whether the block can be reached from the entry.
    #[must_use]
    pub fn is_reachable(&self, block: Block) -> bool {
        self.order[block] != u32::MAX
    }

    /// Whether `a` dominates `b` (both reachable).
    #[must_use]
    pub fn dominates(&self, a: Block, mut b: Block) -> bool {
        while self.order[b] > self.order[a] {
            match self.idom[b] {
                Some(up) => b = up,
                None => return false,
            }
        }
        a == b
    }

    /// Whether the block is the target of a back edge (of a reducible loop).
    #[must_use]
    pub fn is_loop_header(&self, block: Block) -> bool {
        self.preds[block].iter().any(|&(pred, _)| self.dominates(block, pred))
    }

    /// Nesting depth of natural loops, by block.
    #[must_use]
    pub fn loop_depths(&self) -> SecondaryMap<Block, u32> {
        let mut depth = SecondaryMap::new();
        for &header in &self.rpo {
            let mut body = vec![header];
            let mut work: Vec<Block> =
                self.preds[header].iter().map(|&(pred, _)| pred).filter(|&pred| self.dominates(header, pred)).collect();
            if work.is_empty() {
                continue;
            }
            while let Some(block) = work.pop() {
                if !body.contains(&block) {
                    body.push(block);
                    work.extend(self.preds[block].iter().map(|&(pred, _)| pred));
                }
            }
            for block in body {
                depth[block] += 1;
            }
        }
        depth
    }
}

fn reverse_post_order(func: &Function) -> Vec<Block> {
    let mut seen: SecondaryMap<Block, bool> = SecondaryMap::new();
    seen.resize(func.blocks.len());
    let mut post = Vec::with_capacity(func.blocks.len());
    let mut stack = vec![(func.entry, 0usize)];
    seen[func.entry] = true;
    while let Some((block, next)) = stack.last_mut() {
        let successors = func.successors(*block);
        if let Some(call) = successors.get(successors.len().wrapping_sub(1).wrapping_sub(*next)) {
            *next += 1;
            let target = call.block;
            if !seen[target] {
                seen[target] = true;
                stack.push((target, 0));
            }
        } else {
            post.push(*block);
            stack.pop();
        }
    }
    post.reverse();
    post
}

/// Cooper, Harvey and Kennedy, "A Simple, Fast Dominance Algorithm".
fn dominators(
    func: &Function,
    rpo: &[Block],
    order: &SecondaryMap<Block, u32>,
    preds: &SecondaryMap<Block, Preds>,
) -> SecondaryMap<Block, Option<Block>> {
    let mut idom: SecondaryMap<Block, Option<Block>> = SecondaryMap::new();
    idom.resize(func.blocks.len());
    idom[func.entry] = Some(func.entry);
    let mut changed = true;
    while changed {
        changed = false;
        for &block in rpo.iter().skip(1) {
            let mut new: Option<Block> = None;
            for &(pred, _) in &preds[block] {
                if idom[pred].is_none() {
                    continue;
                }
                new = Some(match new {
                    None => pred,
                    Some(mut other) => {
                        let mut finger = pred;
                        while finger != other {
                            while order[finger] > order[other] {
                                finger = idom[finger].expect("processed");
                            }
                            while order[other] > order[finger] {
                                other = idom[other].expect("processed");
                            }
                        }
                        other
                    }
                });
            }
            if new.is_some() && idom[block] != new {
                idom[block] = new;
                changed = true;
            }
        }
    }
    idom
}
