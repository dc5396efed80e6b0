//! Global value numbering with simplification, guards and memory.
//!
//! One walk over the blocks in reverse post-order. Each instruction is simplified ([`crate::simplify`]); if an equal one dominates it, its result is that one's. Guards are numbered like
//! pure operations: behind the first, an equal second cannot fail. Operations which read memory are equal only in the same *epoch* of their region: writes begin a new one, Python code
//! begins new ones for everything that can change. A store is remembered as the value of the loads it serves.

use crate::replace::Replacements;
use crate::simplify::{Simpler, root, simplify};
use cranelift_entity::SecondaryMap;
use ember_hir::cfg::Cfg;
use ember_hir::ops::{Region, Width};
use ember_hir::{Block, Effects, ErrorMode, Function, Inst, Op, Type, Value, ValueDef};
use rustc_hash::FxHashMap;
use smallvec::SmallVec;

/// Runs the pass.
pub fn run(func: &mut Function) {
    let cfg = Cfg::new(func);
    let mut replacements = Replacements::new(func);
    let loops = loop_writes(func, &cfg);
    let mut gvn = Gvn {
        table: FxHashMap::with_capacity_and_hasher(func.values.len(), Default::default()),
        replacements: &mut replacements,
        ends: SecondaryMap::new(),
        next_epoch: 1,
        constants: SecondaryMap::new(),
        cfg: &cfg,
        loops: &loops,
    };
    for &block in &cfg.rpo {
        gvn.block(func, block);
    }
    replacements.apply(func);
}

const REGIONS: usize = 10;

fn region_index(region: Region) -> usize {
    match region {
        Region::Immutable => 0,
        Region::Type => 1,
        Region::Instance => 2,
        Region::Dict => 3,
        Region::ListHeader => 4,
        Region::ListItems => 5,
        Region::Cell => 6,
        Region::Iterator => 7,
        Region::Ember => 8,
        Region::Thread => 9,
    }
}

/// All but what never changes.
const CHANGEABLE: u16 = ((1 << REGIONS) - 1) & !1;

/// The regions an operation may write, as bits. Those of `Swap*` and `Store*` with a known offset are narrower than this says.
fn writes(op: &Op) -> u16 {
    let one = |region: Region| 1 << region_index(region);
    match op {
        Op::SwapField { region, .. }
        | Op::SwapIndexed { region, .. }
        | Op::StoreInt { region, .. }
        | Op::StoreDouble { region, .. } => one(*region),
        // Runs nothing, or leaves.
        Op::CheckTracing | Op::LeaveObserved => 0,
        // May run a finaliser.
        Op::EndLife => CHANGEABLE,
        _ if op.effects().contains(Effects::ARBITRARY) => CHANGEABLE,
        _ if op.effects().contains(Effects::WRITES) => CHANGEABLE & !one(Region::Type) & !one(Region::Ember),
        _ => 0,
    }
}

/// What the bodies of loops write, by header.
pub fn loop_writes(func: &Function, cfg: &Cfg) -> SecondaryMap<Block, u16> {
    let mut loops: SecondaryMap<Block, u16> = SecondaryMap::new();
    let mut seen: SecondaryMap<Block, u32> = SecondaryMap::with_default(u32::MAX);
    for (stamp, &header) in cfg.rpo.iter().enumerate() {
        let back = |&(pred, _): &(Block, usize)| (cfg.order[pred] >= cfg.order[header]).then_some(pred);
        let mut work: Vec<Block> = cfg.preds[header].iter().filter_map(back).collect();
        if work.is_empty() {
            continue;
        }
        seen[header] = stamp as u32;
        let block_writes =
            |block: Block| func.blocks[block].insts.iter().fold(0, |bits, &inst| bits | writes(&func.insts[inst].op));
        let mut bits = block_writes(header);
        while let Some(block) = work.pop() {
            if seen[block] == stamp as u32 {
                continue;
            }
            seen[block] = stamp as u32;
            bits |= block_writes(block);
            work.extend(cfg.preds[block].iter().map(|&(pred, _)| pred));
        }
        loops[header] = bits;
    }
    loops
}

/// What is known of memory at a point.
#[derive(Clone, Debug, Default, PartialEq)]
struct Memory {
    epochs: [u32; REGIONS],
    /// Newer epochs of single offsets.
    offsets: SmallVec<[(Region, i32, u32); 4]>,
}

impl Memory {
    fn epoch(&self, region: Region, offset: Option<i32>) -> u32 {
        let base = self.epochs[region_index(region)];
        let newer =
            self.offsets.iter().filter(|entry| entry.0 == region && offset.is_none_or(|offset| offset == entry.1));
        newer.map(|entry| entry.2).fold(base, u32::max)
    }
}

#[derive(Clone, PartialEq, Eq, Hash)]
struct Key {
    op: Op,
    args: SmallVec<[Value; 3]>,
    epoch: u32,
}

struct Gvn<'a> {
    table: FxHashMap<Key, (Value, Block)>,
    replacements: &'a mut Replacements,
    ends: SecondaryMap<Block, Option<Memory>>,
    next_epoch: u32,
    /// Roots known to be constants from a block on: the code keeps these alive.
    constants: SecondaryMap<Value, Option<Block>>,
    cfg: &'a Cfg,
    loops: &'a SecondaryMap<Block, u16>,
}

/// The region and offset an operation reads; `None` for one that reads nothing.
fn reads(op: &Op) -> Option<(Region, Option<i32>)> {
    Some(match *op {
        Op::LoadField { offset, region, .. } | Op::LoadDouble { offset, region } => (region, Some(offset)),
        // A narrow integer may lie inside a wider one that was stored.
        Op::LoadInt { offset, region, width } => (region, matches!(width, Width::I64).then_some(offset)),
        Op::LoadIndexed { region, .. } => (region, None),
        Op::LoadManagedDict { .. } => (Region::Dict, None),
        Op::LoadGlobalCell { .. } => (Region::Ember, None),
        Op::GuardClass { .. } | Op::HasClass { .. } => (Region::Type, None),
        _ => return None,
    })
}

/// Whether equal operands give equal results (in the same epoch).
fn is_numbered(op: &Op) -> bool {
    match op {
        // An object of a class without identity worth speaking of; the interpreter would have had one as well.
        Op::BoxInt | Op::BoxDouble => true,
        Op::Refine { .. } => false,
        _ => {
            let effects = op.effects();
            let stays = Effects::RAISES
                | Effects::ARBITRARY
                | Effects::WRITES
                | Effects::TERMINATOR
                | Effects::PINNED
                | Effects::ALLOCATES;
            !effects.intersects(stays) && (!effects.contains(Effects::READS) || reads(op).is_some())
        }
    }
}

impl Gvn<'_> {
    fn fresh(&mut self) -> u32 {
        self.next_epoch += 1;
        self.next_epoch
    }

    /// Memory at the start of a block: what all predecessors agree on.
    fn start(&mut self, block: Block) -> Memory {
        let mut memory: Option<Memory> = None;
        let mut changed = self.loops[block];
        for &(pred, _) in &self.cfg.preds[block] {
            let Some(end) = &self.ends[pred] else { continue };
            match &memory {
                None => memory = Some(end.clone()),
                Some(first) if first == end => {}
                Some(first) => {
                    for index in 0..REGIONS {
                        let in_region = |entry: &&(Region, i32, u32)| region_index(entry.0) == index;
                        let same = first.epochs[index] == end.epochs[index]
                            && first.offsets.iter().filter(in_region).eq(end.offsets.iter().filter(in_region));
                        if !same {
                            changed |= 1 << index;
                        }
                    }
                }
            }
        }
        let mut memory = memory.unwrap_or_default();
        self.change(&mut memory, changed);
        memory
    }

    fn change(&mut self, memory: &mut Memory, regions: u16) {
        if regions == 0 {
            return;
        }
        let epoch = self.fresh();
        for index in (0..REGIONS).filter(|index| regions & (1 << index) != 0) {
            memory.epochs[index] = epoch;
        }
        memory.offsets.retain(|entry| regions & (1 << region_index(entry.0)) == 0);
    }

    fn block(&mut self, func: &mut Function, block: Block) {
        let mut memory = self.start(block);
        let old = std::mem::take(&mut func.blocks[block].insts);
        let mut new: Vec<Inst> = Vec::with_capacity(old.len());
        for &inst in &old {
            self.instruction(func, block, inst, &mut memory, &mut new);
        }
        func.blocks[block].insts = new;
        self.ends[block] = Some(memory);
    }

    fn instruction(&mut self, func: &mut Function, block: Block, inst: Inst, memory: &mut Memory, new: &mut Vec<Inst>) {
        let data = &mut func.insts[inst];
        data.args.iter_mut().for_each(|arg| *arg = self.replacements.get(*arg));
        data.targets.iter_mut().flat_map(|call| &mut call.args).for_each(|arg| *arg = self.replacements.get(*arg));
        for _ in 0..4 {
            match simplify(func, inst) {
                Simpler::Same => break,
                Simpler::Value(value) => {
                    self.replace(func, inst, value);
                    return;
                }
                Simpler::Op(op, args) => become_op(func, inst, op, &args),
                Simpler::Twice(outer, inner, args) => {
                    let ty = inner.result_type(func, &args);
                    let before = func.make_inst(inner, &args, ty);
                    func.insts[before].bci = func.insts[inst].bci;
                    func.insts[before].level = func.insts[inst].level;
                    let value = func.result(before);
                    new.push(before);
                    become_op(func, inst, outer, &[value]);
                }
                Simpler::Nothing => return,
                Simpler::Goes(target) => {
                    let call = func.insts[inst].targets[target].clone();
                    become_op(func, inst, Op::Jump, &[]);
                    func.insts[inst].targets = SmallVec::from_elem(call, 1);
                }
                Simpler::Swapped(condition) => {
                    func.insts[inst].args[0] = condition;
                    func.insts[inst].targets.swap(0, 1);
                }
            }
        }
        retype(func, inst);
        if func.insts[inst].op == Op::EndLife {
            // Nothing is released that others hold as long as the function runs.
            let value = func.insts[inst].args[0];
            let constant = self.constants[root(func, value)];
            if is_kept(func, value) || constant.is_some_and(|home| self.cfg.dominates(home, block)) {
                return;
            }
        }
        self.number(func, block, inst, memory, new);
    }

    fn number(&mut self, func: &mut Function, block: Block, inst: Inst, memory: &mut Memory, new: &mut Vec<Inst>) {
        let data = &func.insts[inst];
        let op = data.op;
        if data.on_error == ErrorMode::Exit && is_numbered(&op) {
            let whole = data.args.first().is_none_or(|&base| func.ty(base).is_primitive());
            let epoch = reads(&op).map_or(0, |(region, offset)| memory.epoch(region, offset.filter(|_| !whole)));
            let key = Key { op, args: key_args(func, &op, &data.args), epoch };
            match (self.table.get(&key), data.result.expand()) {
                (Some(&(_, home)), None) if self.cfg.dominates(home, block) => return,
                (Some(&(value, home)), Some(result))
                    if self.cfg.dominates(home, block) && func.ty(value).is(func.ty(result)) =>
                {
                    self.replacements.set(result, value);
                    return;
                }
                (_, result) => {
                    // An operation without result is remembered by anything at all.
                    let value = result.unwrap_or_else(|| data.args.first().copied().unwrap_or(Value::from_u32(0)));
                    self.table.insert(key, (value, block));
                }
            }
        }
        new.push(inst);
        self.after(func, block, inst, memory, new);
    }

    /// What an instruction that stays does to memory and to what is known.
    fn after(&mut self, func: &mut Function, block: Block, inst: Inst, memory: &mut Memory, new: &mut Vec<Inst>) {
        let (op, args) = (func.insts[inst].op, func.insts[inst].args.clone());
        match op {
            Op::SwapField { offset, region } => {
                self.store(func, memory, args[0], region, offset);
                let (base, value) = (root(func, args[0]), args[1]);
                let whole = func.ty(base).is_primitive();
                let epoch = memory.epoch(region, Some(offset).filter(|_| !whole));
                for ty in [Type::OptObject, Type::Object] {
                    if func.ty(value).is(ty) {
                        let key =
                            Key { op: Op::LoadField { offset, region, ty }, args: SmallVec::from_elem(base, 1), epoch };
                        self.table.insert(key, (value, block));
                    }
                }
            }
            Op::StoreInt { offset, region, .. } | Op::StoreDouble { offset, region } => {
                self.store(func, memory, args[0], region, offset);
            }
            Op::GuardIs { id } => {
                self.constants[root(func, args[0])] = Some(block);
                // From here on the constant itself, which needs no reference.
                if let Some(result) = func.insts[inst].result.expand() {
                    let key = Key { op: Op::Const { id }, args: SmallVec::new(), epoch: 0 };
                    let known = self.table.get(&key).filter(|entry| self.cfg.dominates(entry.1, block));
                    let value = match known {
                        Some(&(value, _)) => value,
                        None => {
                            let ty = func.consts[id].ty;
                            let load = func.make_inst(Op::Const { id }, &[], Some(ty));
                            func.insts[load].bci = func.insts[inst].bci;
                            func.insts[load].level = func.insts[inst].level;
                            new.push(load);
                            let value = func.result(load);
                            self.table.insert(key, (value, block));
                            value
                        }
                    };
                    if func.ty(value).is(func.ty(result)) {
                        self.replacements.set(result, value);
                    }
                }
            }
            Op::EndLife if func.ty(args[0]).drops_quietly() => {}
            _ => {
                let regions = writes(&op);
                self.change(memory, regions);
            }
        }
    }

    /// A store at one offset of a region. Objects do not overlap, so other offsets keep their epoch; an address may point anywhere.
    fn store(&mut self, func: &Function, memory: &mut Memory, base: Value, region: Region, offset: i32) {
        memory.offsets.retain(|entry| (entry.0, entry.1) != (region, offset));
        if func.ty(base).is_primitive() || memory.offsets.len() >= 16 {
            self.change(memory, 1 << region_index(region));
        } else {
            memory.offsets.push((region, offset, self.fresh()));
        }
    }

    fn replace(&mut self, func: &mut Function, inst: Inst, value: Value) {
        if let Some(result) = func.insts[inst].result.expand() {
            self.replacements.set(result, value);
        }
    }
}

/// Whether a value is an argument or a constant.
fn is_kept(func: &Function, value: Value) -> bool {
    match func.values[root(func, value)].def {
        ValueDef::Param(block, _) => block == func.entry,
        ValueDef::Inst(inst) => matches!(func.insts[inst].op, Op::Const { .. } | Op::Func),
    }
}

/// Operands as they are compared: guards and loads do not care by which name an object goes.
fn key_args(func: &Function, op: &Op, args: &[Value]) -> SmallVec<[Value; 3]> {
    let by_root = reads(op).is_some()
        || matches!(
            op,
            Op::GuardType { .. }
                | Op::GuardIs { .. }
                | Op::GuardNotNull
                | Op::IsNull
                | Op::IsType { .. }
                | Op::Is
                | Op::UnboxInt
                | Op::UnboxDouble
        );
    let by_root = by_root && !matches!(op, Op::LoadIndexed { .. });
    args.iter().map(|&arg| if by_root { root(func, arg) } else { arg }).collect()
}

/// Turns an instruction into another operation, keeping its result.
fn become_op(func: &mut Function, inst: Inst, op: Op, args: &[Value]) {
    let data = &mut func.insts[inst];
    data.op = op;
    data.args = SmallVec::from_slice(args);
    if op == Op::Jump || !op.effects().needs_state() {
        data.state = Default::default();
    }
    data.on_error = ErrorMode::Exit;
    retype(func, inst);
}

/// The result's type again, now that more is known of the operands.
fn retype(func: &mut Function, inst: Inst) {
    let data = &func.insts[inst];
    let Some(result) = data.result.expand() else { return };
    if let Some(computed) = data.op.result_type(func, &data.args) {
        let ty = func.ty(result).intersect(computed);
        debug_assert!(func.values[result].def == ValueDef::Inst(inst));
        if ty != Type::Bottom {
            func.values[result].ty = ty;
        }
    }
}
