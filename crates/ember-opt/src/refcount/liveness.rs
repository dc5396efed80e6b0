//! Which owned roots are live where: a backward dataflow over bit sets, with frame states counted as uses.

use super::ownership::Ownerships;
use cranelift_entity::{EntityRef, SecondaryMap};
use ember_hir::cfg::Cfg;
use ember_hir::{Block, ErrorMode, FrameStateId, Function, Inst, Op, Value};
use smallvec::SmallVec;

/// A set of roots, by dense number.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RootSet {
    words: Vec<u64>,
}

impl RootSet {
    fn new(roots: usize) -> RootSet {
        RootSet { words: vec![0; roots.div_ceil(64)] }
    }

    /// Adds a root; whether it is new.
    pub fn insert(&mut self, root: u32) -> bool {
        let (word, bit) = (&mut self.words[root as usize / 64], 1 << (root % 64));
        let new = *word & bit == 0;
        *word |= bit;
        new
    }

    /// Removes a root; whether it was there.
    pub fn remove(&mut self, root: u32) -> bool {
        let (word, bit) = (&mut self.words[root as usize / 64], 1 << (root % 64));
        let there = *word & bit != 0;
        *word &= !bit;
        there
    }

    /// Whether the root is in the set.
    #[must_use]
    pub fn contains(&self, root: u32) -> bool {
        self.words[root as usize / 64] & (1 << (root % 64)) != 0
    }

    /// Becomes a copy of another set of the same function.
    pub fn copy_from(&mut self, other: &RootSet) {
        self.words.copy_from_slice(&other.words);
    }

    /// Adds what is in both other sets; whether something is new.
    pub fn insert_common(&mut self, one: &RootSet, other: &RootSet) -> bool {
        let mut changed = false;
        for (word, (&one, &other)) in self.words.iter_mut().zip(one.words.iter().zip(&other.words)) {
            let new = one & other & !*word;
            *word |= new;
            changed |= new != 0;
        }
        changed
    }

    /// Removes everything.
    pub fn clear(&mut self) {
        self.words.fill(0);
    }

    fn union(&mut self, words: &[u64]) {
        for (word, &other) in self.words.iter_mut().zip(words) {
            *word |= other;
        }
    }

    /// The members in order of their definition.
    pub fn iter(&self) -> impl Iterator<Item = u32> + '_ {
        self.words.iter().enumerate().flat_map(|(index, &word)| {
            let mut rest = word;
            std::iter::from_fn(move || {
                (rest != 0).then(|| {
                    let bit = rest.trailing_zeros();
                    rest &= rest - 1;
                    index as u32 * 64 + bit
                })
            })
        })
    }
}

/// Numbers for owned roots, the roots frame states use, and what is live into blocks.
#[derive(Debug)]
pub struct Liveness {
    /// Owned roots by number, in order of their definition.
    pub roots: Vec<Value>,
    numbers: SecondaryMap<Value, u32>,
    state_ranges: SecondaryMap<FrameStateId, (u32, u32)>,
    state_roots: Vec<u32>,
    live_in: Vec<u64>,
    words: usize,
}

impl Liveness {
    /// Analyses the reachable part of `func`.
    #[must_use]
    pub fn new(func: &Function, cfg: &Cfg, owners: &Ownerships) -> Liveness {
        let mut this = Liveness {
            roots: Vec::new(),
            numbers: SecondaryMap::with_default(u32::MAX),
            state_ranges: SecondaryMap::new(),
            state_roots: Vec::new(),
            live_in: Vec::new(),
            words: 0,
        };
        this.numbers.resize(func.values.len());
        for &block in &cfg.rpo {
            let results = func.blocks[block].insts.iter().filter_map(|&inst| func.insts[inst].result.expand());
            for value in func.blocks[block].params.iter().copied().chain(results) {
                if owners.root(value) == value && owners.class(value).is_owned() {
                    this.numbers[value] = this.roots.len() as u32;
                    this.roots.push(value);
                }
            }
        }
        this.words = this.roots.len().div_ceil(64);
        this.collect_states(func, cfg, owners);
        this.solve(func, cfg, owners);
        this
    }

    fn collect_states(&mut self, func: &Function, cfg: &Cfg, owners: &Ownerships) {
        let mut seen: SecondaryMap<Value, u32> = SecondaryMap::with_default(0);
        seen.resize(func.values.len());
        let mut stamp = 0;
        for &block in &cfg.rpo {
            for &inst in &func.blocks[block].insts {
                let Some(state) = func.insts[inst].state.expand() else { continue };
                if self.state_ranges[state] != (0, 0) {
                    continue;
                }
                stamp += 1;
                let start = self.state_roots.len() as u32;
                let mut add = |value: Value| {
                    let root = owners.root(value);
                    let number = self.numbers[root];
                    if number != u32::MAX && seen[root] != stamp {
                        seen[root] = stamp;
                        self.state_roots.push(number);
                    }
                };
                let mut next = Some(state);
                while let Some(id) = next {
                    let data = &func.states[id];
                    data.stack.iter().rev().copied().for_each(&mut add);
                    data.locals.iter().flatten().copied().for_each(&mut add);
                    next = data.parent;
                }
                // The first half of the pair is never zero, so that a state without owned values is not collected again.
                self.state_ranges[state] = (start + 1, self.state_roots.len() as u32 + 1);
            }
        }
    }

    /// The owned roots a frame state names: the stack from the top, then the locals in slot order, then the callers' likewise.
    #[must_use]
    pub fn state(&self, state: FrameStateId) -> &[u32] {
        let (start, end) = self.state_ranges[state];
        if start == 0 { &[] } else { &self.state_roots[start as usize - 1..end as usize - 1] }
    }

    /// The number of a value's root, if that is owned.
    #[must_use]
    pub fn number(&self, owners: &Ownerships, value: Value) -> Option<u32> {
        let number = self.numbers[owners.root(value)];
        (number != u32::MAX).then_some(number)
    }

    /// Takes roots out: they need no reference.
    pub fn remove(&mut self, roots: &RootSet) {
        for number in roots.iter() {
            self.numbers[self.roots[number as usize]] = u32::MAX;
        }
        for words in self.live_in.chunks_mut(self.words.max(1)) {
            for (word, &gone) in words.iter_mut().zip(&roots.words) {
                *word &= !gone;
            }
        }
        let mut removed = 0;
        let mut kept = Vec::with_capacity(self.state_roots.len() + 1);
        for &number in &self.state_roots {
            kept.push(removed);
            removed += u32::from(roots.contains(number));
        }
        kept.push(removed);
        self.state_roots.retain(|&number| !roots.contains(number));
        for (start, end) in self.state_ranges.values_mut() {
            if *start != 0 {
                *start -= kept[*start as usize - 1];
                *end -= kept[*end as usize - 1];
            }
        }
    }

    /// An empty set.
    #[must_use]
    pub fn empty(&self) -> RootSet {
        RootSet::new(self.roots.len())
    }

    /// Whether a root is live at the start of a block (its own parameters excepted).
    #[must_use]
    pub fn is_live_in(&self, block: Block, root: u32) -> bool {
        self.live_in[block.index() * self.words + root as usize / 64] & (1 << (root % 64)) != 0
    }

    /// Adds what is live at the start of a block to a set.
    pub fn add_live_in(&self, block: Block, set: &mut RootSet) {
        set.union(&self.live_in[block.index() * self.words..][..self.words]);
    }

    /// Calls `visit` on every owned root `inst` uses: its state's (the stack from the top), then operands, then what it passes on. A `BranchError` also uses
    /// what the instruction before it leaves behind, since nothing may be released between the two.
    pub fn visit_uses(
        &self,
        func: &Function,
        owners: &Ownerships,
        inst: Inst,
        checked: Option<Inst>,
        visit: &mut dyn FnMut(u32),
    ) {
        let data = &func.insts[inst];
        if let Some(state) = data.state.expand() {
            self.state(state).iter().copied().for_each(&mut *visit);
        }
        for &arg in data.args.iter().rev() {
            if let Some(number) = self.number(owners, arg) {
                visit(number);
            }
        }
        for &arg in data.targets.iter().flat_map(|call| &call.args) {
            if let Some(number) = self.number(owners, arg) {
                visit(number);
            }
        }
        if data.op != Op::BranchError {
            return;
        }
        let Some(checked) = checked else { return };
        let before = &func.insts[checked];
        let mut keep = |number: u32| {
            if !is_consumed(func, owners, checked, self.roots[number as usize]) {
                visit(number);
            }
        };
        for &arg in &before.args {
            if let Some(number) = self.number(owners, arg) {
                keep(number);
            }
        }
        if let Some(state) = before.state.expand() {
            self.state(state).iter().copied().for_each(keep);
        }
    }

    fn solve(&mut self, func: &Function, cfg: &Cfg, owners: &Ownerships) {
        let mut transfer: SecondaryMap<Block, Option<(RootSet, RootSet)>> = SecondaryMap::new();
        for &block in &cfg.rpo {
            let data = &func.blocks[block];
            let (mut used, mut defined) = (self.empty(), self.empty());
            for index in (0..data.insts.len()).rev() {
                let inst = data.insts[index];
                let result = func.insts[inst].result.expand().filter(|&value| owners.root(value) == value);
                if let Some(number) = result.and_then(|value| self.number(owners, value)) {
                    used.remove(number);
                    defined.insert(number);
                }
                let checked = index.checked_sub(1).map(|before| data.insts[before]);
                self.visit_uses(func, owners, inst, checked, &mut |number| {
                    used.insert(number);
                });
            }
            for &param in &data.params {
                if let Some(number) = self.number(owners, param) {
                    used.remove(number);
                    defined.insert(number);
                }
            }
            transfer[block] = Some((used, defined));
        }
        self.live_in = vec![0; func.blocks.len() * self.words];
        let mut live = self.empty();
        let mut changed = true;
        while changed {
            changed = false;
            for &block in cfg.rpo.iter().rev() {
                let Some((used, defined)) = &transfer[block] else { continue };
                live.clear();
                for call in func.successors(block) {
                    live.union(&self.live_in[call.block.index() * self.words..][..self.words]);
                }
                let start = block.index() * self.words;
                for (index, word) in live.words.iter().enumerate() {
                    let new = used.words[index] | (word & !defined.words[index]);
                    changed |= new != self.live_in[start + index];
                    self.live_in[start + index] = new;
                }
            }
        }
    }
}

/// Whether the reference of a root must outlive an instruction which takes it over: another operand borrows it, or a local shows it while the
/// instruction runs Python code or when it raises.
#[must_use]
pub fn must_outlive(func: &Function, owners: &Ownerships, inst: Inst, root: Value) -> bool {
    let data = &func.insts[inst];
    let borrowed = |(index, &arg): (usize, &Value)| !data.op.steals(index) && owners.root(arg) == root;
    if data.args.iter().enumerate().any(borrowed) {
        return true;
    }
    let effects = data.op.effects();
    let exits = effects.contains(ember_hir::Effects::RAISES) && data.on_error == ErrorMode::Exit;
    if data.op.is_terminator() || !(exits || effects.contains(ember_hir::Effects::ARBITRARY)) {
        return false;
    }
    let mut next = data.state.expand();
    while let Some(id) = next {
        if func.states[id].locals.iter().flatten().any(|&value| owners.root(value) == root) {
            return true;
        }
        next = func.states[id].parent;
    }
    false
}

/// Whether an instruction takes over the one reference we have to a root, if that is not used afterwards.
#[must_use]
pub fn is_consumed(func: &Function, owners: &Ownerships, inst: Inst, root: Value) -> bool {
    let data = &func.insts[inst];
    data.args.iter().enumerate().any(|(index, &arg)| data.op.steals(index) && owners.root(arg) == root)
        && !must_outlive(func, owners, inst, root)
}

/// Roots which on an edge are known to be NULL or immortal, so that there is nothing to release.
#[must_use]
pub fn absent_on_edge(func: &Function, owners: &Ownerships, inst: Inst, edge: usize) -> SmallVec<[Value; 2]> {
    let data = &func.insts[inst];
    let mut absent = SmallVec::new();
    match data.op {
        Op::BranchError if edge == 0 => absent.push(owners.root(data.args[0])),
        Op::Branch => {
            let (mut condition, mut holds) = (data.args[0], edge == 0);
            while let Some(Op::BNot) = func.def_op(condition) {
                let Some(not) = func.def_inst(condition) else { break };
                condition = func.insts[not].args[0];
                holds = !holds;
            }
            let Some(test) = func.def_inst(condition).filter(|_| holds) else { return absent };
            let test = &func.insts[test];
            match test.op {
                Op::IsNull => absent.push(owners.root(test.args[0])),
                Op::IsType { ty } if !ty.is_counted() => absent.push(owners.root(test.args[0])),
                Op::Is => {
                    for (one, other) in [(0, 1), (1, 0)] {
                        if !func.ty(test.args[other]).is_counted() {
                            absent.push(owners.root(test.args[one]));
                        }
                    }
                }
                _ => {}
            }
        }
        _ => {}
    }
    absent
}
