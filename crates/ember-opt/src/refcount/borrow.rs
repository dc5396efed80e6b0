//! Borrowed results which never need a reference of their own.
//!
//! A result of class [`Class::Unstable`] is kept alive by somebody else until something releases objects. If nothing on the way from its definition to any of its uses does, no
//! reference is needed at all: the root becomes [`Class::Borrowed`]. Releasing is what [`may_release`] says, and every `Decref` that `insert` will place for a
//! root whose death may run code; since roots that turn out to need a reference have such deaths too, this is repeated until nothing changes.

use super::liveness::{Liveness, RootSet, absent_on_edge, is_consumed};
use super::may_release;
use super::ownership::{Class, Ownerships};
use ember_hir::cfg::Cfg;
use ember_hir::{Block, BlockCall, Effects, ErrorMode, Function, Inst, Op, Value};
use smallvec::SmallVec;

/// Finds the borrowed roots and takes them out of `owners` and `live`.
pub fn run(func: &Function, cfg: &Cfg, owners: &mut Ownerships, live: &mut Liveness) {
    let mut finder = Finder::new(func, owners, live);
    if finder.unstable.iter().next().is_none() {
        return;
    }
    finder.solve(cfg);
    let (needed, unstable) = (finder.needed, finder.unstable);
    let mut borrowed = live.empty();
    for number in unstable.iter() {
        if !needed.contains(number) {
            borrowed.insert(number);
            owners.set_borrowed(live.roots[number as usize]);
        }
    }
    live.remove(&borrowed);
}

/// Makes the ends of lives explicit that the optimiser would not see: an `EndLife` after each instruction which runs nothing itself but after which a reference is released that
/// may run a finaliser (the value a store replaced, a temporary last loaded from). It is a barrier for what is known of memory, and keeps the release where it is.
pub fn mark_ends(func: &mut Function) {
    let cfg = Cfg::new(func);
    let owners = Ownerships::new(func, &cfg);
    let live = Liveness::new(func, &cfg, &owners);
    let mut ends = Ends::default();
    let mut finder = Finder::new(func, &owners, &live);
    finder.solve(&cfg);
    finder.ends = Some(&mut ends);
    for &block in &cfg.rpo {
        finder.block(block);
    }
    for (block, index, value) in ends.after {
        let end = make_end(func, func.blocks[block].insts[index], value);
        func.blocks[block].insts.insert(index + 1, end);
    }
    let mut split: Option<(Block, usize, Block)> = None;
    for (block, edge, value) in ends.on_edge {
        let last = func.terminator(block);
        let end = make_end(func, last, value);
        let target = func.insts[last].targets[edge].block;
        let (home, place) = if func.insts[last].op == Op::Jump {
            (block, func.blocks[block].insts.len() - 1)
        } else if cfg.is_reachable(target) && cfg.preds[target].len() == 1 {
            let insts = &func.blocks[target].insts;
            let scratch = |&inst: &Inst| !matches!(func.insts[inst].op, Op::ScratchLoad { .. } | Op::EndLife);
            (target, insts.iter().position(scratch).unwrap_or(0))
        } else if let Some((_, _, between)) = split.filter(|known| (known.0, known.1) == (block, edge)) {
            (between, func.blocks[between].insts.len() - 1)
        } else {
            let between = split_edge(func, block, last, edge);
            split = Some((block, edge, between));
            (between, 0)
        };
        func.blocks[home].insts.insert(place, end);
    }
}

fn make_end(func: &mut Function, like: Inst, value: Value) -> Inst {
    let end = func.make_inst(Op::EndLife, &[value], None);
    (func.insts[end].bci, func.insts[end].level) = (func.insts[like].bci, func.insts[like].level);
    end
}

/// Puts a new block on an edge of a block's terminator.
pub fn split_edge(func: &mut Function, block: Block, last: Inst, edge: usize) -> Block {
    let between = func.new_block();
    let call = BlockCall { block: between, args: SmallVec::new() };
    let target = std::mem::replace(&mut func.insts[last].targets[edge], call);
    func.blocks[between].cold = func.blocks[target.block].cold || func.blocks[block].cold;
    let jump = func.append(between, Op::Jump, &[]);
    (func.insts[jump].bci, func.insts[jump].level) = (func.insts[last].bci, func.insts[last].level);
    func.insts[jump].targets.push(target);
    between
}

/// Ends of lives that `mark_ends` has to make explicit.
#[derive(Default)]
struct Ends {
    /// After an instruction: block, index, value. Later ones of a block come first.
    after: Vec<(Block, usize, Value)>,
    /// On an edge out of a block.
    on_edge: Vec<(Block, usize, Value)>,
}

struct Finder<'a> {
    func: &'a Function,
    owners: &'a Ownerships,
    live: &'a Liveness,
    /// Roots of class [`Class::Unstable`].
    unstable: RootSet,
    /// Those which need a reference.
    needed: RootSet,
    changed: bool,
    /// What is live across the instruction looked at.
    across: RootSet,
    /// Where to note the ends of lives.
    ends: Option<&'a mut Ends>,
}

impl<'a> Finder<'a> {
    fn new(func: &'a Function, owners: &'a Ownerships, live: &'a Liveness) -> Finder<'a> {
        let mut unstable = live.empty();
        for (number, &root) in live.roots.iter().enumerate() {
            if owners.class(root) == Class::Unstable {
                unstable.insert(number as u32);
            }
        }
        let (needed, across) = (live.empty(), live.empty());
        Finder { func, owners, live, unstable, needed, changed: false, across, ends: None }
    }

    fn solve(&mut self, cfg: &Cfg) {
        loop {
            self.changed = false;
            for &block in cfg.rpo.iter().rev() {
                self.block(block);
            }
            if !self.changed {
                return;
            }
        }
    }

    /// Whether the end of a root's reference may release other objects. `name` is what it was last called.
    fn dies_loudly(&self, number: u32, name: Option<Value>) -> bool {
        let root = self.live.roots[number as usize];
        let counted = self.owners.class(root) == Class::Owned || self.needed.contains(number);
        counted && !self.func.ty(root).drops_quietly() && !name.is_some_and(|name| self.func.ty(name).drops_quietly())
    }

    fn need(&mut self, number: u32) {
        if self.unstable.contains(number) && self.needed.insert(number) {
            self.changed = true;
        }
    }

    fn need_all(&mut self, live: &RootSet) {
        self.changed |= self.needed.insert_common(live, &self.unstable);
    }

    fn block(&mut self, block: Block) {
        let (func, live_info, owners) = (self.func, self.live, self.owners);
        let insts = &func.blocks[block].insts;
        let mut live = self.live.empty();
        self.edges(block, insts, &mut live);
        let mut dying: SmallVec<[u32; 16]> = SmallVec::new();
        for (index, &inst) in insts.iter().enumerate().rev() {
            let data = &func.insts[inst];
            let checked = index.checked_sub(1).map(|before| insts[before]);
            let result = data.result.expand().filter(|&value| owners.root(value) == value);
            let result = result.and_then(|value| live_info.number(owners, value));
            let result_lives = result.is_some_and(|number| live.remove(number));
            self.across.copy_from(&live);
            dying.clear();
            live_info.visit_uses(func, owners, inst, checked, &mut |number| {
                if live.insert(number) {
                    dying.push(number);
                }
            });
            if data.op.is_terminator() {
                continue;
            }
            if may_release(&data.op) {
                self.changed |= self.needed.insert_common(&self.across, &self.unstable);
                dying.iter().for_each(|&number| self.need(number));
                if data.op.effects().contains(Effects::ARBITRARY) {
                    continue;
                }
            }
            let name = |number: u32| {
                let root = live_info.roots[number as usize];
                let mut names = data.args.iter().copied();
                names.find(|&arg| owners.root(arg) == root && !func.ty(arg).is_primitive())
            };
            dying.retain(|number| {
                let root = live_info.roots[*number as usize];
                self.dies_loudly(*number, name(*number)) && !is_consumed(func, owners, inst, root)
            });
            let dead_result = result.filter(|&number| !result_lives && self.dies_loudly(number, None));
            if dying.is_empty() && dead_result.is_none() {
                continue;
            }
            self.changed |= self.needed.insert_common(&self.across, &self.unstable);
            if result_lives && let Some(number) = result {
                self.need(number);
            }
            let follows = insts.get(index + 1).map(|&next| func.insts[next].op);
            let silent = !data.op.effects().intersects(Effects::ARBITRARY | Effects::PINNED)
                && data.on_error == ErrorMode::Exit
                && !matches!(follows, Some(Op::ScratchLoad { .. }));
            if silent && let Some(ends) = &mut self.ends {
                let roots = dead_result.into_iter().chain(dying.iter().rev().copied());
                ends.after.extend(roots.map(|number| (block, index, live_info.roots[number as usize])));
            }
        }
        let dead_param = |&param: &Value| {
            let number = live_info.number(owners, param);
            number.is_some_and(|number| !live.contains(number) && self.dies_loudly(number, None))
        };
        if func.blocks[block].params.iter().any(dead_param) {
            self.need_all(&live);
        }
    }

    /// What dies on the edges out of a block; `live` becomes what is live at its end.
    fn edges(&mut self, block: Block, insts: &[Inst], live: &mut RootSet) {
        let Some(&last) = insts.last() else { return };
        let data = &self.func.insts[last];
        for call in &data.targets {
            self.live.add_live_in(call.block, live);
        }
        if matches!(data.op, Op::Return | Op::Unwind { .. } | Op::Deopt) {
            return;
        }
        let checked = insts.len().checked_sub(2).map(|index| insts[index]);
        let mut at_end = live.clone();
        self.live.visit_uses(self.func, self.owners, last, checked, &mut |number| {
            at_end.insert(number);
        });
        // After an instruction which runs anything nothing is known that could be wrong.
        let silent = checked.is_none_or(|inst| {
            data.op != Op::BranchError || !self.func.insts[inst].op.effects().contains(Effects::ARBITRARY)
        });
        for (edge, call) in data.targets.iter().enumerate() {
            let absent = absent_on_edge(self.func, self.owners, last, edge);
            let passed = |number: u32| {
                let root = self.live.roots[number as usize];
                let params = call.args.iter().zip(&self.func.blocks[call.block].params);
                params
                    .into_iter()
                    .any(|(&arg, &param)| self.owners.root(arg) == root && self.owners.class(param).is_owned())
            };
            let dies = |number: &u32| {
                !self.live.is_live_in(call.block, *number)
                    && !passed(*number)
                    && !absent.contains(&self.live.roots[*number as usize])
                    && self.dies_loudly(*number, None)
            };
            let dying: SmallVec<[u32; 8]> = at_end.iter().filter(dies).collect();
            if dying.is_empty() {
                continue;
            }
            let mut after = self.live.empty();
            self.live.add_live_in(call.block, &mut after);
            self.need_all(&after);
            if silent && let Some(ends) = &mut self.ends {
                ends.on_edge.extend(dying.iter().map(|&number| (block, edge, self.live.roots[number as usize])));
            }
        }
    }
}
