//! Machine numbers across control flow: block parameters that always get a fresh box, or a constant, become machine values; boxes that only frame states want
//! are not made at all.
//!
//! A parameter is a candidate for a kind (int or double) when everything passed to it is a box of that kind, a constant of that kind, or another candidate; on
//! the edge into a loop any object will do when the loop's header unboxes it before it does anything else, for then it may as well be unboxed before the loop, with the
//! header's frame state seen from there. It is worth it when something unboxes the parameter. Other uses get a box of their own, made where they are.

use crate::edge_state::EdgeStates;
use crate::replace::Replacements;
use crate::simplify::root;
use crate::type_infer;
use cranelift_entity::{EntityRef, SecondaryMap};
use ember_hir::cfg::Cfg;
use ember_hir::{Block, Effects, Function, Inst, Op, Ownership, Type, Value, ValueDef};
use smallvec::SmallVec;

/// The kind of a machine value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    Int,
    Double,
}

impl Kind {
    fn ty(self) -> Type {
        if self == Kind::Int { Type::CInt } else { Type::CDouble }
    }

    fn object(self) -> Type {
        if self == Kind::Int { Type::Long } else { Type::Float }
    }

    fn boxes(self) -> Op {
        if self == Kind::Int { Op::BoxInt } else { Op::BoxDouble }
    }

    fn unboxes(self) -> Op {
        if self == Kind::Int { Op::UnboxInt } else { Op::UnboxDouble }
    }
}

/// Runs the pass; whether parameters changed.
pub fn run(func: &mut Function) -> bool {
    let cfg = Cfg::new(func);
    let edges = EdgeStates::new(func, &cfg);
    let mut unboxer = Unboxer { kinds: SecondaryMap::new(), entries: SecondaryMap::new(), edges, cfg: &cfg };
    let changed = unboxer.choose(func);
    if changed {
        unboxer.forget_lives(func);
        unboxer.rewrite(func);
        // Boxes made anew are not the immortal constants they may stand for.
        type_infer::run(func);
    }
    sink_boxes(func);
    changed
}

struct Unboxer<'a> {
    /// The kind of a candidate.
    kinds: SecondaryMap<Value, Option<Kind>>,
    /// The instruction at the header whose state serves to unbox a candidate before the loop.
    entries: SecondaryMap<Value, Option<Inst>>,
    edges: EdgeStates<'a>,
    cfg: &'a Cfg,
}

/// The kind of a value which is a box or a constant.
fn boxed_kind(func: &Function, value: Value) -> Option<Kind> {
    match func.def_op(root(func, value))? {
        Op::BoxInt => Some(Kind::Int),
        Op::BoxDouble => Some(Kind::Double),
        Op::Const { id } => {
            let data = &func.consts[*id];
            if data.ty.is(Type::Long) && data.int.is_some() {
                Some(Kind::Int)
            } else if data.ty.is(Type::Float) && data.double.is_some() {
                Some(Kind::Double)
            } else {
                None
            }
        }
        _ => None,
    }
}

/// Whether a value can be unboxed as `kind` anywhere, without a test.
fn is_float(func: &Function, value: Value, kind: Kind) -> bool {
    kind == Kind::Double && func.ty(value).is(Type::Float)
}

impl Unboxer<'_> {
    fn kind(&self, func: &Function, value: Value) -> Option<Kind> {
        self.kinds[root(func, value)]
    }

    /// Machine values have no lives to end.
    fn forget_lives(&self, func: &mut Function) {
        for &block in &self.cfg.rpo {
            let mut insts = std::mem::take(&mut func.blocks[block].insts);
            insts.retain(|&inst| {
                let data = &func.insts[inst];
                data.op != Op::EndLife || self.kind(func, data.args[0]).is_none()
            });
            func.blocks[block].insts = insts;
        }
    }

    /// Finds the candidates that are worth it.
    fn choose(&mut self, func: &Function) -> bool {
        let mut candidates: Vec<(Block, usize, Value)> = Vec::new();
        for &block in self.cfg.rpo.iter().skip(1) {
            for (index, &param) in func.blocks[block].params.iter().enumerate() {
                if func.ty(param).is_primitive() {
                    continue;
                }
                // The first kind any of its sources has; the fixpoint below finds whether all agree.
                let sources = self.cfg.preds[block].iter().map(|&(pred, edge)| func.successors(pred)[edge].args[index]);
                let kind = sources.clone().find_map(|arg| boxed_kind(func, arg));
                self.kinds[param] = kind.or_else(|| sources.clone().find_map(|arg| self.kinds[root(func, arg)]));
                if self.kinds[param].is_some() {
                    candidates.push((block, index, param));
                }
            }
        }
        if candidates.is_empty() {
            return false;
        }
        self.find_entries(func);
        self.refuse_unusable(func);
        loop {
            let mut changed = false;
            for &(block, index, param) in &candidates {
                if let Some(kind) = self.kinds[param]
                    && !self.agrees(func, block, index, param, kind)
                {
                    self.kinds[param] = None;
                    changed = true;
                }
            }
            if !changed {
                break;
            }
        }
        self.keep_worthy(func, &candidates);
        candidates.iter().any(|&(_, _, param)| self.kinds[param].is_some())
    }

    fn agrees(&self, func: &Function, block: Block, index: usize, param: Value, kind: Kind) -> bool {
        self.cfg.preds[block].iter().all(|&(pred, edge)| {
            let arg = func.successors(pred)[edge].args[index];
            boxed_kind(func, arg) == Some(kind)
                || self.kind(func, arg) == Some(kind)
                || (is_float(func, arg, kind) && func.insts[func.terminator(pred)].op != Op::BranchError)
                || (self.entries[param].is_some()
                    && func.insts[func.terminator(pred)].op == Op::Jump
                    && self.entry_state_is_available(func, block, pred, param))
        })
    }

    /// Finds for each candidate the unboxing its block does before anything else.
    fn find_entries(&mut self, func: &Function) {
        for &block in &self.cfg.rpo {
            for &inst in &func.blocks[block].insts {
                let data = &func.insts[inst];
                let effects = data.op.effects();
                if effects.intersects(Effects::ARBITRARY | Effects::WRITES | Effects::RAISES | Effects::PINNED) {
                    break;
                }
                let unboxed = match data.op {
                    Op::UnboxInt | Op::UnboxDouble => root(func, data.args[0]),
                    _ => continue,
                };
                if let ValueDef::Param(home, _) = func.values[unboxed].def
                    && home == block
                    && let Some(kind) = self.kinds[unboxed]
                    && kind.unboxes() == data.op
                    && self.entries[unboxed].is_none()
                {
                    // A double's type was tested by a guard, which has the state.
                    let guard = func.def_inst(data.args[0]).filter(|&inst| func.insts[inst].state.is_some());
                    self.entries[unboxed] = if data.state.is_some() { Some(inst) } else { guard };
                }
            }
        }
    }

    /// Whether what the header's state names can be named on the edge from `pred`.
    fn entry_state_is_available(&self, func: &Function, block: Block, pred: Block, param: Value) -> bool {
        let state = self.entries[param].and_then(|inst| func.insts[inst].state.expand());
        state.is_some_and(|state| self.edges.is_available(func, block, pred, state))
    }

    /// A candidate passed on by a `BranchError` could not be boxed there.
    fn refuse_unusable(&mut self, func: &Function) {
        for &block in &self.cfg.rpo {
            let last = func.terminator(block);
            if func.insts[last].op != Op::BranchError {
                continue;
            }
            for call in &func.insts[last].targets {
                for (&arg, &param) in call.args.iter().zip(&func.blocks[call.block].params) {
                    let arg = root(func, arg);
                    if self.kinds[param].is_none() {
                        self.kinds[arg] = None;
                    }
                }
            }
        }
    }

    /// Refuses candidates nobody unboxes, unless they flow into one that somebody does.
    fn keep_worthy(&mut self, func: &Function, candidates: &[(Block, usize, Value)]) {
        let mut worthy: SecondaryMap<Value, bool> = SecondaryMap::new();
        for &block in &self.cfg.rpo {
            for &inst in &func.blocks[block].insts {
                let data = &func.insts[inst];
                if matches!(data.op, Op::UnboxInt | Op::UnboxDouble) {
                    worthy[root(func, data.args[0])] = true;
                }
            }
        }
        let mut changed = true;
        while changed {
            changed = false;
            for &(block, index, param) in candidates {
                for &(pred, edge) in &self.cfg.preds[block] {
                    let arg = root(func, func.successors(pred)[edge].args[index]);
                    if self.kinds[param].is_some() && worthy[param] && self.kinds[arg].is_some() && !worthy[arg] {
                        worthy[arg] = true;
                        changed = true;
                    }
                }
            }
        }
        for &(_, _, param) in candidates {
            if !worthy[param] {
                self.kinds[param] = None;
            }
        }
        // Those which relied on a refused one.
        let mut changed = true;
        while changed {
            changed = false;
            for &(block, index, param) in candidates {
                if let Some(kind) = self.kinds[param]
                    && !self.agrees(func, block, index, param, kind)
                {
                    self.kinds[param] = None;
                    changed = true;
                }
            }
        }
    }

    fn rewrite(&mut self, func: &mut Function) {
        let mut replacements = Replacements::new(func);
        let cfg = self.cfg;
        // The machine values: first what is passed on the edges, while the old names are still there.
        for &block in cfg.rpo.iter().skip(1) {
            for index in 0..func.blocks[block].params.len() {
                let param = func.blocks[block].params[index];
                let Some(kind) = self.kinds[param] else { continue };
                for &(pred, edge) in &cfg.preds[block] {
                    self.pass(func, block, pred, edge, index, param, kind);
                }
            }
        }
        let mut numbers: SecondaryMap<Value, u32> = SecondaryMap::with_default(u32::MAX);
        for &block in self.cfg.rpo.iter().skip(1) {
            for index in 0..func.blocks[block].params.len() {
                let param = func.blocks[block].params[index];
                if let Some(kind) = self.kinds[param] {
                    let number = func.add_param(block, kind.ty());
                    func.blocks[block].params.pop();
                    func.blocks[block].params[index] = number;
                    func.values[number].def = ValueDef::Param(block, index as u32);
                    numbers[param] = number.index() as u32;
                }
            }
        }
        for &block in &self.cfg.rpo {
            self.rewrite_block(func, block, &numbers, &mut replacements);
        }
        // What is left of the old names are frame states and arguments to the new parameters.
        let values: Vec<Value> = numbers.keys().filter(|&value| numbers[value] != u32::MAX).collect();
        for value in values {
            replacements.set(value, Value::from_u32(numbers[value]));
        }
        replacements.apply(func);
    }

    /// Passes the machine value on one edge.
    #[allow(clippy::too_many_arguments, reason = "an edge and a parameter")]
    fn pass(
        &mut self,
        func: &mut Function,
        block: Block,
        pred: Block,
        edge: usize,
        index: usize,
        param: Value,
        kind: Kind,
    ) {
        let last = func.terminator(pred);
        let arg = func.insts[last].targets[edge].args[index];
        let under = root(func, arg);
        let value = match func.def_op(under).copied() {
            _ if self.kinds[under] == Some(kind) => under,
            Some(op) if op == kind.boxes() => {
                let inst = func.def_inst(under).expect("a result");
                func.insts[inst].args[0]
            }
            Some(Op::Const { id }) if boxed_kind(func, under) == Some(kind) => {
                let data = &func.consts[id];
                let op = match kind {
                    Kind::Int => Op::CInt { value: data.int.unwrap_or(0) },
                    Kind::Double => Op::CDouble { bits: data.double.unwrap_or(0) },
                };
                self.edges.insert(func, pred, op, &[], None)
            }
            _ if is_float(func, arg, kind) => self.edges.insert(func, pred, Op::UnboxDouble, &[arg], None),
            _ => {
                let entry = self.entries[param].expect("checked by `agrees`");
                let state = func.insts[entry].state.expect("checked by `agrees`");
                let state = self.edges.copy(func, block, pred, state);
                let (bci, level) = (func.insts[entry].bci, func.insts[entry].level);
                let guard = Op::GuardType { ty: kind.object() };
                let guarded = self.edges.insert(func, pred, guard, &[arg], Some(state));
                let number = self.edges.insert(func, pred, kind.unboxes(), &[guarded], Some(state));
                for value in [guarded, number] {
                    let inst = func.def_inst(value).expect("a result");
                    (func.insts[inst].bci, func.insts[inst].level) = (bci, level);
                }
                number
            }
        };
        func.insts[last].targets[edge].args[index] = value;
    }

    /// Rewrites the uses of candidates in a block.
    fn rewrite_block(
        &self,
        func: &mut Function,
        block: Block,
        numbers: &SecondaryMap<Value, u32>,
        replacements: &mut Replacements,
    ) {
        let old = std::mem::take(&mut func.blocks[block].insts);
        let mut new = Vec::with_capacity(old.len());
        for &inst in &old {
            let (op, result) = (func.insts[inst].op, func.insts[inst].result.expand());
            let operand = func.insts[inst].args.first().map(|&arg| replacements.get(arg));
            if let (Some(operand), Some(result)) = (operand, result)
                && let Some(kind) = self.kinds[operand]
            {
                if op == kind.unboxes() {
                    replacements.set(result, Value::from_u32(numbers[operand]));
                    continue;
                }
                let holds = match op {
                    Op::GuardType { ty } | Op::Refine { ty } => kind.object().is(ty),
                    Op::GuardNotNull => true,
                    _ => false,
                };
                if holds && op.ownership() == Ownership::Alias {
                    replacements.set(result, operand);
                    continue;
                }
            }
            let mut made: SmallVec<[(Value, Value); 2]> = SmallVec::new();
            let mut boxed = |func: &mut Function, arg: Value, new: &mut Vec<Inst>| {
                let arg = replacements.get(arg);
                let Some(kind) = self.kinds[arg] else { return arg };
                if let Some(&(_, object)) = made.iter().find(|entry| entry.0 == arg) {
                    return object;
                }
                let like = inst;
                let number = Value::from_u32(numbers[arg]);
                let make = func.make_inst(kind.boxes(), &[number], Some(kind.object()));
                (func.insts[make].bci, func.insts[make].level) = (func.insts[like].bci, func.insts[like].level);
                new.push(make);
                let object = func.result(make);
                made.push((arg, object));
                object
            };
            for index in 0..func.insts[inst].args.len() {
                let arg = func.insts[inst].args[index];
                func.insts[inst].args[index] = boxed(func, arg, &mut new);
            }
            for target in 0..func.insts[inst].targets.len() {
                for index in 0..func.insts[inst].targets[target].args.len() {
                    let call = &func.insts[inst].targets[target];
                    let param = func.blocks[call.block].params[index];
                    let arg = call.args[index];
                    if !func.ty(param).is_primitive() {
                        func.insts[inst].targets[target].args[index] = boxed(func, arg, &mut new);
                    }
                }
            }
            new.push(inst);
        }
        func.blocks[block].insts = new;
    }
}

/// Lets frame states name the machine value instead of a box which nothing else uses.
fn sink_boxes(func: &mut Function) {
    let mut used: SecondaryMap<Value, bool> = SecondaryMap::new();
    let mut boxes: Vec<Inst> = Vec::new();
    for block in func.blocks.values() {
        for &inst in &block.insts {
            let data = &func.insts[inst];
            let passed = data.targets.iter().flat_map(|call| &call.args);
            data.args.iter().chain(passed).for_each(|&arg| used[arg] = true);
            if matches!(data.op, Op::BoxInt | Op::BoxDouble | Op::BoxBool) {
                boxes.push(inst);
            }
        }
    }
    let mut replacements = Replacements::new(func);
    for inst in boxes {
        let result = func.result(inst);
        if !used[result] {
            replacements.set(result, func.insts[inst].args[0]);
        }
    }
    replacements.apply(func);
}
