//! Borrowed results which never need a reference of their own.
//!
//! A result of class [`Class::Unstable`] is kept alive by somebody else until something releases objects. If nothing on the way from its definition to any of its uses does, no
//! reference is needed at all: the root becomes [`Class::Borrowed`]. Releasing is what [`may_release`] says, and every `Decref` that `insert` will place for a
//! root whose death may run code; since roots that turn out to need a reference have such deaths too, this is repeated until nothing changes.

use super::liveness::{Liveness, RootSet};
use super::may_release;
use super::ownership::{Class, Ownerships};
use ember_hir::cfg::Cfg;
use ember_hir::{Block, Function, Inst, Op, Value};
use smallvec::SmallVec;

/// Finds the borrowed roots and takes them out of `owners` and `live`.
pub fn run(func: &Function, cfg: &Cfg, owners: &mut Ownerships, live: &mut Liveness) {
    let unstable: Vec<u32> = (0..live.roots.len() as u32)
        .filter(|&number| owners.class(live.roots[number as usize]) == Class::Unstable)
        .collect();
    if unstable.is_empty() {
        return;
    }
    let mut finder = Finder { func, owners, live, needed: live.empty(), changed: true };
    while finder.changed {
        finder.changed = false;
        for &block in cfg.rpo.iter().rev() {
            finder.block(block);
        }
    }
    let needed = finder.needed;
    let mut borrowed = live.empty();
    for number in unstable {
        if !needed.contains(number) {
            borrowed.insert(number);
            owners.set_borrowed(live.roots[number as usize]);
        }
    }
    live.remove(&borrowed);
}

struct Finder<'a> {
    func: &'a Function,
    owners: &'a Ownerships,
    live: &'a Liveness,
    /// Unstable roots which need a reference.
    needed: RootSet,
    changed: bool,
}

impl Finder<'_> {
    /// Whether the end of a root's reference may release other objects. `name` is what it was last called.
    fn dies_loudly(&self, number: u32, name: Option<Value>) -> bool {
        let root = self.live.roots[number as usize];
        let counted = self.owners.class(root) == Class::Owned || self.needed.contains(number);
        counted && !self.func.ty(root).drops_quietly() && !name.is_some_and(|name| self.func.ty(name).drops_quietly())
    }

    fn need(&mut self, number: u32) {
        if self.owners.class(self.live.roots[number as usize]) == Class::Unstable && self.needed.insert(number) {
            self.changed = true;
        }
    }

    fn need_all(&mut self, live: &RootSet) {
        for number in live.iter() {
            self.need(number);
        }
    }

    fn block(&mut self, block: Block) {
        let (func, live_info, owners) = (self.func, self.live, self.owners);
        let insts = &func.blocks[block].insts;
        let mut live = self.live.empty();
        self.edges(insts, &mut live);
        for (index, &inst) in insts.iter().enumerate().rev() {
            let data = &func.insts[inst];
            let checked = index.checked_sub(1).map(|before| insts[before]);
            let mut uses: SmallVec<[u32; 16]> = SmallVec::new();
            live_info.visit_uses(func, owners, inst, checked, &mut |number| uses.push(number));
            if !data.op.is_terminator() {
                let result = data.result.expand().filter(|&value| owners.root(value) == value);
                let result = result.and_then(|value| live_info.number(owners, value));
                let name = |number: u32| {
                    let root = live_info.roots[number as usize];
                    let names = data.args.iter().copied();
                    names.into_iter().find(|&arg| owners.root(arg) == root && !func.ty(arg).is_primitive())
                };
                let loud = uses.iter().any(|&number| !live.contains(number) && self.dies_loudly(number, name(number)))
                    || result.is_some_and(|number| !live.contains(number) && self.dies_loudly(number, None));
                if loud {
                    self.need_all(&live);
                }
                if let Some(number) = result {
                    live.remove(number);
                }
                if may_release(&data.op) {
                    self.need_all(&live);
                    uses.iter().for_each(|&number| self.need(number));
                }
            }
            uses.iter().for_each(|&number| {
                live.insert(number);
            });
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
    fn edges(&mut self, insts: &[Inst], live: &mut RootSet) {
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
        for call in &data.targets {
            let passed = |number: u32| {
                let root = self.live.roots[number as usize];
                let params = call.args.iter().zip(&self.func.blocks[call.block].params);
                params
                    .into_iter()
                    .any(|(&arg, &param)| self.owners.root(arg) == root && self.owners.class(param).is_owned())
            };
            let dies = |number: u32| !self.live.is_live_in(call.block, number) && !passed(number);
            if at_end.iter().any(|number| dies(number) && self.dies_loudly(number, None)) {
                let mut after = self.live.empty();
                self.live.add_live_in(call.block, &mut after);
                self.need_all(&after);
            }
        }
    }
}
