//! Frame memory: writes locals into the frame's slots where somebody could look, and nowhere else.
//!
//! The frame of a running function is a real interpreter frame, but its locals live in SSA values; a slot's memory is only brought up to date
//! * before an instruction which may run Python code: every slot then shows what its frame state says (a machine number is boxed into the slot, which then owns the box);
//! * before a `Decref` which may run a finaliser: no slot may then show an object that is released.
//!
//! The analysis is a forward dataflow of [`Content`], translated through block parameters. It runs after the reference counts are explicit, since it is the end of our own
//! reference which makes a slot's content stale.
//!
//! For the exits it fills in `exit_synced`: the slots which hold what the state says; where that is a reference the exit owns, it becomes the slot's. An exit
//! overwrites all others; a slot not listed may hold a stale address (tagged as borrowed) or own a box (not tagged), so the exit releases what an untagged slot holds
//! and never looks at a tagged one.

use crate::refcount::{Class, Ownerships};
use crate::slow_paths::{self, Restores};
use cranelift_entity::SecondaryMap;
use ember_hir::cfg::Cfg;
use ember_hir::{
    Block, BlockCall, Effects, ErrorMode, FrameState, FrameStateId, Function, Inst, Op, Ownership, Type, Value,
    ValueDef,
};
use smallvec::{SmallVec, smallvec};

/// What a slot's memory holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Content {
    /// NULL.
    Null,
    /// The reference of a root, borrowed, while that is valid.
    Object(Value),
    /// `True` or `False` for a machine truth value.
    Truth(Value),
    /// A box of its own for a machine number.
    Box(Value),
    /// Something else, perhaps no longer valid.
    Stale {
        /// Whether it may be a box which the slot owns.
        boxed: bool,
    },
}

impl Content {
    fn may_own(self) -> bool {
        matches!(self, Content::Box(_) | Content::Stale { boxed: true })
    }

    fn names(self, value: Value) -> bool {
        matches!(self, Content::Object(other) | Content::Truth(other) | Content::Box(other) if other == value)
    }

    fn stale(self) -> Content {
        Content::Stale { boxed: self.may_own() }
    }
}

/// A write to a slot.
#[derive(Clone, Copy, Debug)]
enum Write {
    Set(u32, Value),
    Truth(u32, Value),
    Box(u32, Value),
    Clear(u32),
    Drop(u32),
}

/// Inserts the writes and fills in `exit_synced`.
pub fn run(func: &mut Function) {
    let slots = (func.levels[func.root()].nlocalsplus as usize).saturating_sub(func.names.len());
    if slots == 0 {
        return;
    }
    let restores = slow_paths::split(func);
    let cfg = Cfg::new(func);
    let owners = Ownerships::new(func, &cfg);
    let mut home = SecondaryMap::with_default(u32::MAX);
    for (order, &block) in cfg.rpo.iter().enumerate() {
        for &inst in &func.blocks[block].insts {
            home[inst] = order as u32;
        }
    }
    let mut sync = Sync { owners, slots, home, restores, shown: SecondaryMap::new(), walk: Walk::default() };
    let starts = sync.solve(func, &cfg);
    for (order, &block) in cfg.rpo.iter().enumerate() {
        if let Some(start) = &starts[block] {
            sync.recall(block, &starts);
            sync.emit(func, block, order as u32, start.clone());
        }
    }
}

/// What is known inside a block.
#[derive(Default)]
struct Walk {
    content: Vec<Content>,
    /// How many references to an owned root we hold, where that is not one.
    held: Vec<(Value, u32)>,
    /// The root-level state of the nearest instruction from here on that has one, by index.
    ahead: Vec<Option<FrameStateId>>,
    /// Values defined so far in this block.
    defined: Vec<Value>,
    writes: Vec<Write>,
    /// What the slots shall hold at the end of the block, on the way back from a slow path.
    restore: Option<Vec<Content>>,
}

struct Sync {
    owners: Ownerships,
    slots: usize,
    /// The position of an instruction's block.
    home: SecondaryMap<Inst, u32>,
    /// Values some slot showed.
    shown: SecondaryMap<Value, bool>,
    restores: Restores,
    walk: Walk,
}

impl Sync {
    /// Finds what the slots shall hold at the end of a block that comes back from a slow path.
    fn recall(&mut self, block: Block, starts: &SecondaryMap<Block, Option<Vec<Content>>>) {
        self.walk.restore = self.restores[block].and_then(|slow| starts[slow].clone());
    }

    /// Puts back what the path around the slow one left in the slots, as far as that can be said.
    fn restore(&mut self, func: &Function) {
        let Some(before) = self.walk.restore.take() else { return };
        for (slot, &content) in before.iter().enumerate() {
            let now = self.walk.content[slot];
            if now == content {
                continue;
            }
            match content {
                Content::Null => self.show_slot(func, slot, None),
                Content::Object(value) => self.show_slot(func, slot, Some(value)),
                Content::Stale { boxed: false } if now.may_own() => {
                    self.write(Write::Drop(slot as u32), Content::Null);
                }
                _ => {}
            }
        }
    }

    /// The content of the slots at the start of each block.
    fn solve(&mut self, func: &Function, cfg: &Cfg) -> SecondaryMap<Block, Option<Vec<Content>>> {
        let mut starts: SecondaryMap<Block, Option<Vec<Content>>> = SecondaryMap::new();
        let mut ends: SecondaryMap<Block, Option<Vec<Content>>> = SecondaryMap::new();
        let mut changes: SecondaryMap<Block, u32> = SecondaryMap::new();
        starts[func.entry] = Some(self.at_entry(func));
        let mut again = true;
        while again {
            again = false;
            for (order, &block) in cfg.rpo.iter().enumerate() {
                if block != func.entry {
                    let mut start = self.meet(func, cfg, block, &ends);
                    if let Some(old) = &starts[block] {
                        if *old == start {
                            continue;
                        }
                        changes[block] += 1;
                        for (new, &old) in start.iter_mut().zip(old) {
                            // Contents only lose precision, so that this ends.
                            let lost = matches!(old, Content::Stale { .. }) || (changes[block] > 2 && *new != old);
                            if lost {
                                *new = Content::Stale { boxed: new.may_own() || old.may_own() };
                            }
                        }
                        if *old == start {
                            continue;
                        }
                    }
                    starts[block] = Some(start);
                }
                let Some(start) = &starts[block] else { continue };
                let start = start.clone();
                self.recall(block, &starts);
                self.enter(func, block, start);
                for index in 0..func.blocks[block].insts.len() {
                    self.step(func, block, index, order as u32);
                }
                if ends[block].as_ref() != Some(&self.walk.content) {
                    ends[block] = Some(self.walk.content.clone());
                    let back = |call: &BlockCall| cfg.order[call.block] <= order as u32;
                    again |= func.successors(block).iter().any(back);
                }
            }
        }
        starts
    }

    fn at_entry(&mut self, func: &Function) -> Vec<Content> {
        let mut content = vec![Content::Null; self.slots];
        for (slot, &param) in content.iter_mut().zip(&func.blocks[func.entry].params) {
            *slot = self.wanted(func, Some(param));
        }
        content
    }

    fn meet(
        &mut self,
        func: &Function,
        cfg: &Cfg,
        block: Block,
        ends: &SecondaryMap<Block, Option<Vec<Content>>>,
    ) -> Vec<Content> {
        let edges: SmallVec<[(&BlockCall, &Vec<Content>); 4]> = cfg.preds[block]
            .iter()
            .filter_map(|&(pred, edge)| Some((&func.successors(pred)[edge], ends[pred].as_ref()?)))
            .collect();
        let mut start = Vec::with_capacity(self.slots);
        for slot in 0..self.slots {
            let mut options: Option<SmallVec<[Content; 4]>> = None;
            let mut boxed = false;
            for (call, end) in &edges {
                boxed |= end[slot].may_own();
                let here = self.options(func, call, end[slot]);
                match &mut options {
                    None => options = Some(here),
                    Some(options) => options.retain(|option| here.contains(option)),
                }
            }
            let chosen = options.and_then(|options| options.first().copied());
            let chosen = chosen.filter(|content| !matches!(content, Content::Stale { .. }));
            let content = chosen.unwrap_or(Content::Stale { boxed });
            self.note(content);
            start.push(content);
        }
        start
    }

    /// What a content may be called on the other side of an edge, the most useful name first.
    fn options(&self, func: &Function, call: &BlockCall, content: Content) -> SmallVec<[Content; 4]> {
        let params = &func.blocks[call.block].params;
        let pairs = || call.args.iter().copied().zip(params.iter().copied());
        let mut options: SmallVec<[Content; 4]> = SmallVec::new();
        match content {
            Content::Stale { .. } => return smallvec![content],
            Content::Null => {
                let unbound = pairs().filter(|&(arg, param)| func.ty(arg).is_null() && !func.ty(param).is_primitive());
                options.extend(unbound.map(|(_, param)| Content::Object(param)));
                options.push(Content::Null);
            }
            Content::Object(root) => {
                let own = self.owners.class(root).is_owned();
                // What others keep alive stays what it is, whatever parameters it is passed to.
                if !own && !params.contains(&root) {
                    options.push(content);
                }
                let mut moved = false;
                for (_, param) in pairs().filter(|&(arg, _)| self.owners.root(arg) == root) {
                    options.push(Content::Object(param));
                    moved |= self.owners.class(param).is_owned();
                }
                if own && !params.contains(&root) && !moved {
                    options.push(content);
                }
            }
            Content::Truth(value) | Content::Box(value) => {
                let again =
                    |other| if content == Content::Truth(value) { Content::Truth(other) } else { Content::Box(other) };
                let same = pairs().filter(|&(arg, param)| arg == value && func.ty(param).is_primitive());
                options.extend(same.map(|(_, param)| again(param)));
                if !params.contains(&value) {
                    options.push(content);
                }
            }
        }
        options
    }

    fn note(&mut self, content: Content) {
        if let Content::Object(value) | Content::Truth(value) | Content::Box(value) = content {
            self.shown[value] = true;
        }
    }

    /// What a slot must hold to show a local.
    fn wanted(&self, func: &Function, local: Option<Value>) -> Content {
        let Some(value) = local else { return Content::Null };
        let ty = func.ty(value);
        if ty.is(Type::CBool) {
            Content::Truth(value)
        } else if ty.is(Type::CInt) || ty.is(Type::CDouble) {
            Content::Box(value)
        } else if ty.is_primitive() || ty.is_null() {
            Content::Null
        } else {
            Content::Object(self.owners.root(value))
        }
    }

    fn enter(&mut self, func: &Function, block: Block, content: Vec<Content>) {
        let walk = &mut self.walk;
        walk.content = content;
        walk.held.clear();
        walk.defined.clear();
        walk.writes.clear();
        let insts = &func.blocks[block].insts;
        walk.ahead.clear();
        walk.ahead.resize(insts.len(), None);
        let mut next = None;
        for (index, &inst) in insts.iter().enumerate().rev() {
            next = func.insts[inst].state.expand().map(|state| root_state(func, state)).or(next);
            walk.ahead[index] = next;
        }
    }

    /// Follows one instruction; the writes that must stand before it are left in `walk.writes`.
    fn step(&mut self, func: &Function, block: Block, index: usize, order: u32) {
        let inst = func.blocks[block].insts[index];
        let data = &func.insts[inst];
        self.walk.writes.clear();
        match data.op {
            Op::Incref => self.take(data.args[0]),
            Op::Decref => {
                let (root, ty) = (self.owners.root(data.args[0]), func.ty(data.args[0]));
                if self.give(root) {
                    if ty.drops_quietly() {
                        self.forget(root);
                    } else {
                        self.before_finaliser(func, Some(root), index, order);
                    }
                }
            }
            Op::TakeLocal { slot } => {
                if let Some(content) = self.walk.content.get_mut(slot as usize) {
                    *content = Content::Null;
                }
            }
            Op::KeepLocal { slot } => {
                // What the slot has owned goes first.
                if self.walk.content.get(slot as usize).is_some_and(|content| content.may_own()) {
                    self.write(Write::Drop(slot), Content::Null);
                }
                if let Some(content) = self.walk.content.get_mut(slot as usize) {
                    *content = Content::Stale { boxed: false };
                }
            }
            Op::Jump => self.restore(func),
            Op::Return => {
                for slot in 0..self.slots {
                    if self.walk.content[slot].may_own() {
                        self.write(Write::Drop(slot as u32), Content::Null);
                    }
                }
            }
            _ => {
                let state = data.state.expand().map(|state| root_state(func, state));
                if data.op.effects().contains(Effects::ARBITRARY) || matches!(data.op, Op::CatchException { .. }) {
                    match state {
                        Some(state) => self.show(func, &func.states[state]),
                        None => self.before_finaliser(func, None, index, order),
                    }
                }
                for (index, &arg) in data.args.iter().enumerate() {
                    if data.op.steals(index) {
                        let root = self.owners.root(arg);
                        if self.give(root) {
                            self.forget(root);
                        }
                    }
                }
            }
        }
        if let Some(result) = data.result.expand() {
            self.walk.defined.push(result);
            if self.shown[result] {
                for content in self.walk.content.iter_mut().filter(|content| content.names(result)) {
                    *content = content.stale();
                }
            }
            if data.op.ownership() == Ownership::Unstable && self.owners.class(result) == Class::Unstable {
                // Borrowed until its own `Incref`, which `elide` may have put off.
                self.walk.held.push((result, 0));
            }
        }
    }

    /// One reference more to a root.
    fn take(&mut self, value: Value) {
        let root = self.owners.root(value);
        if !self.owners.class(root).is_owned() {
            return;
        }
        match self.walk.held.iter_mut().find(|entry| entry.0 == root) {
            Some(entry) => entry.1 += 1,
            None => self.walk.held.push((root, 2)),
        }
    }

    /// One reference less; whether it was the last of ours.
    fn give(&mut self, root: Value) -> bool {
        if !self.owners.class(root).is_owned() {
            return false;
        }
        let Some(index) = self.walk.held.iter().position(|entry| entry.0 == root) else { return true };
        let held = &mut self.walk.held[index].1;
        *held = held.saturating_sub(1);
        let last = *held == 0;
        // A borrowed root may get its own reference later.
        if last && self.owners.class(root) == Class::Owned {
            self.walk.held.swap_remove(index);
        }
        last
    }

    /// A root's reference is gone, without anybody looking.
    fn forget(&mut self, root: Value) {
        if self.shown[root] {
            for content in self.walk.content.iter_mut().filter(|content| content.names(root)) {
                *content = content.stale();
            }
        }
    }

    fn write(&mut self, write: Write, content: Content) {
        let (Write::Set(slot, _)
        | Write::Truth(slot, _)
        | Write::Box(slot, _)
        | Write::Clear(slot)
        | Write::Drop(slot)) = write;
        self.walk.writes.push(write);
        self.walk.content[slot as usize] = content;
        self.note(content);
    }

    /// Makes one slot hold what a local needs.
    fn show_slot(&mut self, func: &Function, slot: usize, local: Option<Value>) {
        let wanted = self.wanted(func, local);
        if self.walk.content[slot] == wanted {
            return;
        }
        let number = slot as u32;
        if self.walk.content[slot].may_own() {
            self.write(Write::Drop(number), Content::Null);
        }
        match (wanted, local) {
            (Content::Object(_), Some(value)) => self.write(Write::Set(number, value), wanted),
            (Content::Truth(_), Some(value)) => self.write(Write::Truth(number, value), wanted),
            (Content::Box(_), Some(value)) => self.write(Write::Box(number, value), wanted),
            _ if self.walk.content[slot] != Content::Null => self.write(Write::Clear(number), Content::Null),
            _ => {}
        }
    }

    /// Shows all locals of a state.
    fn show(&mut self, func: &Function, state: &FrameState) {
        for slot in 0..self.slots {
            self.show_slot(func, slot, state.locals.get(slot).copied().flatten());
        }
    }

    /// Takes what is or will be invalid out of the slots: they show the local's next value if that exists already, else nothing.
    fn before_finaliser(&mut self, func: &Function, dying: Option<Value>, index: usize, order: u32) {
        for slot in 0..self.slots {
            match self.walk.content[slot] {
                Content::Stale { .. } => {}
                Content::Object(root) if Some(root) == dying => {}
                _ => continue,
            }
            let ahead = self.walk.ahead[index].map(|state| &func.states[state]);
            let next = ahead.and_then(|state| state.locals.get(slot).copied().flatten());
            let next = next.filter(|&value| {
                let object = matches!(self.wanted(func, Some(value)), Content::Object(root) if Some(root) != dying);
                object && self.is_defined(func, value, order)
            });
            self.show_slot(func, slot, next);
        }
    }

    fn is_defined(&self, func: &Function, value: Value, order: u32) -> bool {
        match func.values[value].def {
            ValueDef::Param(..) => true,
            ValueDef::Inst(inst) => self.home[inst] != order || self.walk.defined.contains(&value),
        }
    }

    fn emit(&mut self, func: &mut Function, block: Block, order: u32, start: Vec<Content>) {
        self.enter(func, block, start);
        let mut new = Vec::with_capacity(func.blocks[block].insts.len());
        for index in 0..func.blocks[block].insts.len() {
            let inst = func.blocks[block].insts[index];
            // What an exit finds is what the slots hold before the instruction, after the writes made for it.
            self.step_and_sync(func, block, index, order);
            for write in std::mem::take(&mut self.walk.writes) {
                make(func, write, inst, &mut new);
            }
            new.push(inst);
        }
        func.blocks[block].insts = new;
    }

    fn step_and_sync(&mut self, func: &mut Function, block: Block, index: usize, order: u32) {
        let inst = func.blocks[block].insts[index];
        let data = &func.insts[inst];
        let effects = data.op.effects();
        let exits = effects.contains(Effects::DEOPTS)
            || matches!(data.op, Op::LeaveObserved | Op::Return)
            || (effects.contains(Effects::RAISES) && data.on_error == ErrorMode::Exit);
        let state = data.state.expand().filter(|_| exits).map(|state| root_state(func, state));
        self.step(func, block, index, order);
        let Some(state) = state else { return };
        let locals = &func.states[state].locals;
        let owned = &func.exit_owned[inst];
        let synced = (0..self.slots).filter(|&slot| {
            let content = self.walk.content[slot];
            let wanted = self.wanted(func, locals.get(slot).copied().flatten());
            let held = match content {
                Content::Object(root) if self.owners.class(root).is_owned() => owned.contains(&root),
                _ => true,
            };
            content == wanted && held
        });
        func.exit_synced[inst] = synced.map(|slot| slot as u32).collect();
    }
}

/// The state of the function's own frame.
fn root_state(func: &Function, mut state: FrameStateId) -> FrameStateId {
    while let Some(parent) = func.states[state].parent {
        state = parent;
    }
    state
}

fn make(func: &mut Function, write: Write, like: Inst, out: &mut Vec<Inst>) {
    let mut push = |func: &mut Function, op: Op, args: &[Value]| {
        let ty = op.result_type(func, args);
        let inst = func.make_inst(op, args, ty);
        func.insts[inst].bci = func.insts[like].bci;
        func.insts[inst].level = func.insts[like].level;
        out.push(inst);
        inst
    };
    match write {
        Write::Set(slot, value) => {
            push(func, Op::SetLocal { slot }, &[value]);
        }
        Write::Truth(slot, value) => {
            let object = push(func, Op::BoxBool, &[value]);
            let object = func.result(object);
            push(func, Op::SetLocal { slot }, &[object]);
        }
        Write::Box(slot, value) => {
            let op = if func.ty(value).is(Type::CInt) { Op::BoxInt } else { Op::BoxDouble };
            let object = push(func, op, &[value]);
            let object = func.result(object);
            push(func, Op::SetLocalOwned { slot }, &[object]);
        }
        Write::Clear(slot) => {
            push(func, Op::ClearLocal { slot }, &[]);
        }
        Write::Drop(slot) => {
            push(func, Op::DropLocal { slot }, &[]);
        }
    }
}
