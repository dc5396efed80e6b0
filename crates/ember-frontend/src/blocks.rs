//! Basic blocks of bytecode: leaders, edges, handlers, stack depths, reverse post-order, and what loops assign.
//!
//! An instruction inside a try range has an edge to its handler. Only reachable instructions are looked at: CPython leaves dead code with
//! arbitrary stack depths behind.

use crate::decode::{self, Instr};
use crate::exception_table::{self, Entry};
use crate::opcodes::v3_14 as op;
use crate::refusal::Refusal;
use crate::snapshot::{CodeSnapshot, Namespace};
use ember_hir::Type;
use rustc_hash::FxHashMap;

/// Index of a bytecode block.
pub type BlockIndex = usize;

/// A basic block.
#[derive(Clone, Debug, Default)]
pub struct BytecodeBlock {
    /// Its instructions, as a range of [`BlockGraph::instrs`].
    pub first: usize,
    /// End of the range.
    pub end: usize,
    /// Where control may go from its last instruction: the next block first, then the jump's target.
    pub successors: Vec<BlockIndex>,
    /// Handlers of its instructions.
    pub handlers: Vec<BlockIndex>,
    /// Stack depth at its start; `None` when it cannot be reached.
    pub depth: Option<u32>,
    /// What the loop does whose head this is.
    pub header: Option<LoopInfo>,
    /// Whether a loop comes back to it.
    pub in_loop: bool,
    /// Whether control has left the loop that is to be replaced: the interpreter goes on here.
    pub outside: bool,
    /// Whether the block is a lone `FOR_ITER` which is translated anew at each way into it (see [`BlockGraph::inline_iterations`]).
    pub inlined: bool,
}

/// What a loop does.
#[derive(Clone, Debug)]
pub struct LoopInfo {
    /// By local: whether it is assigned, deleted or cleared in the loop.
    pub assigned: Vec<bool>,
    /// Stack items below this depth stay as they are.
    pub floor: u32,
    /// Whether the loop can be entered elsewhere than at its head.
    pub irreducible: bool,
}

/// The control flow of a code object.
#[derive(Clone, Debug)]
pub struct BlockGraph {
    /// All instructions.
    pub instrs: Vec<Instr>,
    /// The exception table.
    pub table: Vec<Entry>,
    /// Blocks in the order of the code.
    pub blocks: Vec<BytecodeBlock>,
    /// Blocks reachable from the root, in reverse post-order.
    pub rpo: Vec<BlockIndex>,
    /// Where control comes in.
    pub root: BlockIndex,
    /// By local: whether it is ever unbound after having been bound.
    pub unbinds: Vec<bool>,
    /// Names of a module or class body that the loop assigns, by index in `co_names`: they are kept like locals, after the real ones.
    pub assigned_names: Vec<u32>,
    /// Names that the loop only reads.
    pub read_names: Vec<u32>,
    nlocals: u32,
    block_at: FxHashMap<u32, BlockIndex>,
}

impl BlockGraph {
    /// Analyses a code object, entered at its first instruction or (for on-stack replacement) at the block which starts at unit `entry`.
    pub fn new(snapshot: &CodeSnapshot, entry: Option<u32>) -> Result<BlockGraph, Refusal> {
        let instrs: Vec<Instr> = decode::instrs(&snapshot.units, &snapshot.adaptive).collect();
        let table = exception_table::parse(&snapshot.exception_table).ok_or(Refusal::Malformed)?;
        let mut graph = BlockGraph {
            instrs,
            table,
            blocks: Vec::new(),
            rpo: Vec::new(),
            root: 0,
            unbinds: Vec::new(),
            assigned_names: Vec::new(),
            read_names: Vec::new(),
            nlocals: snapshot.nlocalsplus,
            block_at: FxHashMap::default(),
        };
        graph.split()?;
        graph.connect()?;
        graph.find_depths()?;
        if let Some(unit) = entry {
            graph.root = graph.block_at(unit).ok_or(Refusal::Malformed)?;
        }
        if let Some(namespace) = &snapshot.namespace {
            graph.keep_cycle();
            if namespace.in_registers {
                graph.find_names(namespace);
            }
        }
        let slots = snapshot.nlocalsplus as usize + graph.assigned_names.len();
        graph.unbinds = vec![false; slots];
        graph.inline_iterations();
        graph.order();
        graph.find_loops(slots)?;
        Ok(graph)
    }

    /// The block which starts at a unit.
    #[must_use]
    pub fn block_at(&self, unit: u32) -> Option<BlockIndex> {
        self.block_at.get(&unit).copied()
    }

    /// The handler of an instruction.
    #[must_use]
    pub fn handler(&self, instr: &Instr) -> Option<Entry> {
        exception_table::lookup(&self.table, instr.unit)
    }

    fn split(&mut self) -> Result<(), Refusal> {
        let starts: FxHashMap<u32, usize> =
            self.instrs.iter().enumerate().map(|(index, instr)| (instr.start, index)).collect();
        let mut leaders = vec![false; self.instrs.len()];
        *leaders.first_mut().ok_or(Refusal::Malformed)? = true;
        if self.instrs.iter().any(Instr::jumps_nowhere) {
            return Err(Refusal::Malformed);
        }
        let targets =
            self.instrs.iter().filter_map(Instr::jump_target).chain(self.table.iter().map(|entry| entry.target));
        for target in targets {
            leaders[*starts.get(&target).ok_or(Refusal::Malformed)?] = true;
        }
        for (index, instr) in self.instrs.iter().enumerate() {
            let ends = instr.jump_target().is_some() || !instr.falls_through() || instr.suspends();
            if ends && index + 1 < leaders.len() {
                leaders[index + 1] = true;
            }
        }
        for (index, _) in leaders.iter().enumerate().filter(|(_, leader)| **leader) {
            if let Some(last) = self.blocks.last_mut() {
                last.end = index;
            }
            self.block_at.insert(self.instrs[index].start, self.blocks.len());
            self.blocks.push(BytecodeBlock { first: index, end: self.instrs.len(), ..BytecodeBlock::default() });
        }
        Ok(())
    }

    fn connect(&mut self) -> Result<(), Refusal> {
        for index in 0..self.blocks.len() {
            let (first, end) = (self.blocks[index].first, self.blocks[index].end);
            let last = &self.instrs[end - 1];
            let mut successors = Vec::new();
            // Where a generator is resumed is an entry of its own.
            if last.falls_through() && !last.suspends() {
                // Dead code at the very end may fall off it; a reachable end is noticed when depths are found.
                successors.extend(self.block_at(last.next));
            }
            if let Some(target) = last.jump_target() {
                successors.push(self.block_at(target).ok_or(Refusal::Malformed)?);
            }
            let mut handlers = Vec::new();
            for instr in &self.instrs[first..end] {
                if let Some(entry) = self.handler(instr) {
                    let handler = self.block_at(entry.target).ok_or(Refusal::Malformed)?;
                    if !handlers.contains(&handler) {
                        handlers.push(handler);
                    }
                }
            }
            self.blocks[index].successors = successors;
            self.blocks[index].handlers = handlers;
        }
        Ok(())
    }

    fn find_depths(&mut self) -> Result<(), Refusal> {
        self.blocks[0].depth = Some(0);
        let mut work = vec![0];
        while let Some(index) = work.pop() {
            let block = self.blocks[index].clone();
            let mut depth = block.depth.ok_or(Refusal::Malformed)?;
            let mut reached: Vec<(BlockIndex, u32)> = Vec::new();
            for instr in &self.instrs[block.first..block.end] {
                if let Some(entry) = self.handler(instr) {
                    let handler = self.block_at(entry.target).ok_or(Refusal::Malformed)?;
                    if depth < entry.depth {
                        return Err(Refusal::Malformed);
                    }
                    reached.push((handler, entry.depth + 1 + u32::from(entry.lasti)));
                }
                let before = depth;
                let left = depth.checked_sub(op::popped(instr.opcode, instr.arg)).ok_or(Refusal::Malformed)?;
                depth = left + op::pushed(instr.opcode, instr.arg);
                if let Some(target) = instr.jump_target() {
                    // The iterator stays, without a next item.
                    let there = if instr.opcode == op::FOR_ITER { before } else { depth };
                    reached.push((self.block_at(target).ok_or(Refusal::Malformed)?, there));
                }
            }
            let last = &self.instrs[block.end - 1];
            if last.falls_through() {
                reached.push((self.block_at(last.next).ok_or(Refusal::Malformed)?, depth));
            }
            for (target, depth) in reached {
                match self.blocks[target].depth {
                    Some(known) if known == depth => {}
                    Some(_) => return Err(Refusal::Malformed),
                    None => {
                        self.blocks[target].depth = Some(depth);
                        work.push(target);
                    }
                }
            }
        }
        Ok(())
    }

    /// Inverts `for` loops: the `FOR_ITER` at the head is repeated at every way into it, so that the loop's head is its body. There the loop variable is about
    /// to be assigned and needs no merging with its unbound state before the loop, and each iteration has one branch.
    fn inline_iterations(&mut self) {
        const MAX_COPIES: u32 = 4;
        let mut ways = vec![0u32; self.blocks.len()];
        for block in self.blocks.iter().filter(|block| block.depth.is_some()) {
            block.successors.iter().for_each(|&target| ways[target] += 1);
        }
        let is_head = |block: &BytecodeBlock| {
            block.end - block.first == 1
                && self.instrs[block.first].opcode == op::FOR_ITER
                && block.successors.len() == 2
        };
        let heads: Vec<bool> = self.blocks.iter().map(is_head).collect();
        for index in 0..self.blocks.len() {
            let follows_itself = self.blocks[index].successors.iter().any(|&target| heads[target]);
            // Entered at a head from which an outer loop comes back, the loop would have two entries: its body and its exit.
            let entered = index == self.root && heads[index] && self.reaches(self.blocks[index].successors[1], index);
            self.blocks[index].inlined = heads[index] && !follows_itself && !entered && ways[index] <= MAX_COPIES;
        }
        for index in 0..self.blocks.len() {
            let (mut successors, mut handlers) = (Vec::new(), self.blocks[index].handlers.clone());
            for &target in &self.blocks[index].successors {
                if self.blocks[target].inlined {
                    successors.extend(&self.blocks[target].successors);
                    handlers.extend(&self.blocks[target].handlers);
                } else {
                    successors.push(target);
                }
            }
            handlers.sort_unstable();
            handlers.dedup();
            self.blocks[index].successors = successors;
            self.blocks[index].handlers = handlers;
        }
    }

    /// The depth below which a block leaves the stack alone.
    fn floor(&self, index: BlockIndex) -> u32 {
        let block = &self.blocks[index];
        let Some(mut depth) = block.depth else { return u32::MAX };
        // A handler's block starts with what unwinding pushed.
        let is_handler = self.table.iter().any(|entry| self.block_at(entry.target) == Some(index));
        let mut floor = if is_handler { depth.saturating_sub(2) } else { depth };
        for instr in &self.instrs[block.first..block.end] {
            floor = floor.min(depth.saturating_sub(replaced(instr)));
            depth = (depth + op::pushed(instr.opcode, instr.arg)).saturating_sub(op::popped(instr.opcode, instr.arg));
        }
        floor
    }

    fn reaches(&self, from: BlockIndex, to: BlockIndex) -> bool {
        let mut seen = vec![false; self.blocks.len()];
        let mut work = vec![from];
        while let Some(index) = work.pop() {
            if !std::mem::replace(&mut seen[index], true) {
                work.extend(self.blocks[index].successors.iter().chain(&self.blocks[index].handlers));
            }
        }
        seen[to]
    }

    /// The locals that a block assigns before anything could look at them.
    #[must_use]
    pub fn assigned_first(&self, index: BlockIndex) -> Vec<u32> {
        let block = &self.blocks[index];
        let stores = self.instrs[block.first..block.end].iter().take_while(|instr| match instr.opcode {
            op::STORE_FAST | op::STORE_FAST_STORE_FAST | op::NOP => true,
            op::STORE_NAME => self.name_slot(instr.arg).is_some(),
            _ => false,
        });
        stores.flat_map(|instr| self.assigned_locals(instr).into_iter().flatten()).collect()
    }

    /// Where the value of a name is kept like a local's.
    #[must_use]
    pub fn name_slot(&self, name: u32) -> Option<u32> {
        let position = self.assigned_names.iter().position(|&known| known == name)?;
        Some(self.nlocals + position as u32)
    }

    /// The locals an instruction binds, rebinds or unbinds.
    fn assigned_locals(&self, instr: &Instr) -> [Option<u32>; 2] {
        match instr.opcode {
            op::STORE_FAST | op::DELETE_FAST | op::LOAD_FAST_AND_CLEAR | op::MAKE_CELL => [Some(instr.arg), None],
            op::STORE_FAST_LOAD_FAST => [Some(instr.arg >> 4), None],
            op::STORE_FAST_STORE_FAST => [Some(instr.arg >> 4), Some(instr.arg & 15)],
            op::STORE_NAME => [self.name_slot(instr.arg), None],
            _ => [None, None],
        }
    }

    /// Leaves the loops around the root as they are and ends everything else where it starts.
    fn keep_cycle(&mut self) {
        let count = self.blocks.len();
        let mut before: Vec<Vec<BlockIndex>> = vec![Vec::new(); count];
        for (index, block) in self.blocks.iter().enumerate() {
            for &target in block.successors.iter().chain(&block.handlers) {
                before[target].push(index);
            }
        }
        let spread = |next: &dyn Fn(BlockIndex) -> Vec<BlockIndex>| {
            let mut seen = vec![false; count];
            let mut work = vec![self.root];
            while let Some(index) = work.pop() {
                if !std::mem::replace(&mut seen[index], true) {
                    work.extend(next(index));
                }
            }
            seen
        };
        let after = spread(&|index| {
            let block = &self.blocks[index];
            block.successors.iter().chain(&block.handlers).copied().collect()
        });
        let back = spread(&|index| before[index].clone());
        for (index, block) in self.blocks.iter_mut().enumerate() {
            if !(after[index] && back[index]) {
                block.outside = true;
                block.successors.clear();
                block.handlers.clear();
            }
        }
    }

    /// Finds the names that the loop uses and that can be kept in registers.
    fn find_names(&mut self, namespace: &Namespace) {
        let (mut assigned, mut read, mut deleted) = (Vec::new(), Vec::new(), Vec::new());
        for block in self.blocks.iter().filter(|block| !block.outside) {
            for instr in &self.instrs[block.first..block.end] {
                match instr.opcode {
                    op::STORE_NAME => assigned.push(instr.arg),
                    op::LOAD_NAME => read.push(instr.arg),
                    op::DELETE_NAME => deleted.push(instr.arg),
                    _ => {}
                }
            }
        }
        let held = |name: u32| namespace.held.get(name as usize).copied().flatten();
        let callable = Type::Function.or(Type::Class).or(Type::CFunction).or(Type::Module);
        read.retain(|name| !assigned.contains(name) && !deleted.contains(name));
        read.retain(|&name| held(name).is_some_and(|ty| !(namespace.is_globals && ty.could_be(callable))));
        assigned.retain(|&name| held(name).is_some_and(Type::drops_quietly) && !deleted.contains(&name));
        for names in [&mut assigned, &mut read] {
            names.sort_unstable();
            names.dedup();
        }
        (self.assigned_names, self.read_names) = (assigned, read);
    }

    /// Reverse post-order: the normal way first, jumps next, handlers last.
    fn order(&mut self) {
        let next: Vec<Vec<BlockIndex>> = self
            .blocks
            .iter()
            .map(|block| {
                let mut all = block.handlers.clone();
                all.extend(block.successors.iter().rev());
                all
            })
            .collect();
        let mut seen = vec![false; self.blocks.len()];
        let mut post = Vec::new();
        let mut stack = vec![(self.root, 0)];
        seen[self.root] = true;
        while let Some((index, at)) = stack.last_mut() {
            if let Some(&target) = next[*index].get(*at) {
                *at += 1;
                if !seen[target] {
                    seen[target] = true;
                    stack.push((target, 0));
                }
            } else {
                post.push(*index);
                stack.pop();
            }
        }
        post.reverse();
        self.rpo = post;
    }

    fn find_loops(&mut self, nlocals: usize) -> Result<(), Refusal> {
        let mut order = vec![usize::MAX; self.blocks.len()];
        let mut preds: Vec<Vec<BlockIndex>> = vec![Vec::new(); self.blocks.len()];
        for (position, &index) in self.rpo.iter().enumerate() {
            order[index] = position;
            for &target in self.blocks[index].successors.iter().chain(&self.blocks[index].handlers) {
                preds[target].push(index);
            }
        }
        let mut assigned: Vec<Vec<usize>> = vec![Vec::new(); self.blocks.len()];
        for &index in &self.rpo {
            let (first, end) = (self.blocks[index].first, self.blocks[index].end);
            for position in first..end {
                let instr = self.instrs[position];
                for local in self.assigned_locals(&instr).into_iter().flatten() {
                    if local as usize >= nlocals {
                        return Err(Refusal::Malformed);
                    }
                    assigned[index].push(local as usize);
                    if matches!(instr.opcode, op::DELETE_FAST | op::LOAD_FAST_AND_CLEAR) {
                        self.unbinds[local as usize] = true;
                    }
                }
            }
        }
        for &header in &self.rpo.clone() {
            let back: Vec<BlockIndex> =
                preds[header].iter().copied().filter(|&pred| order[pred] >= order[header]).collect();
            if back.is_empty() {
                continue;
            }
            let mut info = LoopInfo { assigned: vec![false; nlocals], floor: u32::MAX, irreducible: false };
            let mut body = vec![false; self.blocks.len()];
            body[header] = true;
            let mut work = back;
            while let Some(index) = work.pop() {
                if !std::mem::replace(&mut body[index], true) {
                    work.extend(&preds[index]);
                    // Something before the head is part of the loop: it is entered elsewhere, too.
                    info.irreducible |= order[index] < order[header];
                }
            }
            for (index, _) in body.iter().enumerate().filter(|(_, inside)| **inside) {
                assigned[index].iter().for_each(|&local| info.assigned[local] = true);
                info.floor = info.floor.min(self.floor(index));
                self.blocks[index].in_loop = true;
            }
            self.blocks[header].header = Some(info);
        }
        // A loop with two entries merges at both what never changed; loops around it cannot tell.
        let any = self.blocks.iter().filter_map(|block| block.header.as_ref()).any(|info| info.irreducible);
        self.blocks.iter_mut().filter_map(|block| block.header.as_mut()).for_each(|info| info.irreducible |= any);
        if self.root == 0 && self.blocks[0].header.is_some() {
            return Err(Refusal::Malformed);
        }
        Ok(())
    }
}

/// How many stack items an instruction takes or replaces, other than those it only looks at.
fn replaced(instr: &Instr) -> u32 {
    match instr.opcode {
        op::FOR_ITER
        | op::COPY
        | op::GET_LEN
        | op::MATCH_MAPPING
        | op::MATCH_SEQUENCE
        | op::MATCH_KEYS
        | op::IMPORT_FROM => 0,
        op::LIST_APPEND
        | op::LIST_EXTEND
        | op::SET_ADD
        | op::SET_UPDATE
        | op::DICT_UPDATE
        | op::DICT_MERGE
        | op::CHECK_EXC_MATCH => 1,
        op::MAP_ADD => 2,
        op::WITH_EXCEPT_START => 0,
        opcode => op::popped(opcode, instr.arg),
    }
}
