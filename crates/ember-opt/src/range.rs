//! Ranges of machine integers: checked operations that cannot overflow become unchecked, comparisons that can only go one way become constants.
//!
//! Each value has an interval, computed in reverse post-order with widening at block parameters (a bound that moves once goes to the end of the scale). A branch on a comparison
//! narrows its operands in the blocks it dominates; a checked operation that did not leave has its exact result. That is enough for a loop counter: it starts at
//! a constant, only grows, and is compared with something before it grows.

use crate::simplify::holds;
use cranelift_entity::SecondaryMap;
use ember_hir::cfg::Cfg;
use ember_hir::ops::{Cc, Width};
use ember_hir::{Block, Function, Inst, Op, Value};
use smallvec::SmallVec;

/// An interval, both ends included.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Range {
    low: i64,
    high: i64,
}

impl Range {
    const ALL: Range = Range { low: i64::MIN, high: i64::MAX };

    fn new(low: i64, high: i64) -> Range {
        Range { low, high }
    }

    fn exact(value: i64) -> Range {
        Range { low: value, high: value }
    }

    fn union(self, other: Range) -> Range {
        Range { low: self.low.min(other.low), high: self.high.max(other.high) }
    }

    /// The common part; `self` when there is none (code that is never reached).
    fn intersect(self, other: Range) -> Range {
        let both = Range { low: self.low.max(other.low), high: self.high.min(other.high) };
        if both.low > both.high { self } else { both }
    }
}

/// Runs the pass.
pub fn run(func: &mut Function) {
    let interesting = |op: &Op| matches!(op, Op::IAdd | Op::ISub | Op::IMul | Op::INeg | Op::ICmp { .. });
    if !func.blocks.values().any(|data| data.insts.iter().any(|&inst| interesting(&func.insts[inst].op))) {
        return;
    }
    let cfg = Cfg::new(func);
    let mut ranges = Ranges { known: SecondaryMap::new(), facts: SecondaryMap::new(), cfg: &cfg };
    ranges.collect_facts(func);
    ranges.solve(func);
    for &block in &cfg.rpo {
        for index in 0..func.blocks[block].insts.len() {
            let inst = func.blocks[block].insts[index];
            if let Some(op) = ranges.better(func, block, inst) {
                let data = &mut func.insts[inst];
                data.op = op;
                data.state = Default::default();
                if matches!(op, Op::CBool { .. }) {
                    data.args.clear();
                }
            }
        }
    }
}

/// `left cc right` holds in a block and those it dominates.
#[derive(Clone, Copy)]
struct Fact {
    cc: Cc,
    left: Value,
    right: Value,
}

struct Ranges<'a> {
    known: SecondaryMap<Value, Option<Range>>,
    facts: SecondaryMap<Block, SmallVec<[Fact; 1]>>,
    cfg: &'a Cfg,
}

fn opposite(cc: Cc) -> Cc {
    match cc {
        Cc::Eq => Cc::Ne,
        Cc::Ne => Cc::Eq,
        Cc::Lt => Cc::Ge,
        Cc::Le => Cc::Gt,
        Cc::Gt => Cc::Le,
        Cc::Ge | Cc::Ult => Cc::Lt,
    }
}

fn mirrored(cc: Cc) -> Cc {
    match cc {
        Cc::Lt => Cc::Gt,
        Cc::Le => Cc::Ge,
        Cc::Gt => Cc::Lt,
        Cc::Ge => Cc::Le,
        other => other,
    }
}

impl Ranges<'_> {
    fn collect_facts(&mut self, func: &Function) {
        for &block in &self.cfg.rpo {
            let last = &func.insts[func.terminator(block)];
            if last.op != Op::Branch {
                continue;
            }
            let Some(test) = func.def_inst(last.args[0]).map(|inst| &func.insts[inst]) else { continue };
            let Op::ICmp { cc } = test.op else { continue };
            for (edge, call) in last.targets.iter().enumerate() {
                if self.cfg.preds[call.block].len() != 1 || (edge == 1 && cc == Cc::Ult) {
                    continue;
                }
                let cc = if edge == 0 { cc } else { opposite(cc) };
                self.facts[call.block].push(Fact { cc, left: test.args[0], right: test.args[1] });
            }
        }
    }

    /// What a value can be in a block.
    fn at(&self, value: Value, block: Block) -> Range {
        let mut range = self.known[value].unwrap_or(Range::ALL);
        let mut here = block;
        for _ in 0..12 {
            for fact in &self.facts[here] {
                if fact.left == value {
                    range = self.narrow(range, fact.cc, self.known[fact.right].unwrap_or(Range::ALL));
                } else if fact.right == value && fact.cc != Cc::Ult {
                    range = self.narrow(range, mirrored(fact.cc), self.known[fact.left].unwrap_or(Range::ALL));
                }
            }
            match self.cfg.idom[here] {
                Some(up) if up != here => here = up,
                _ => break,
            }
        }
        range
    }

    fn narrow(&self, range: Range, cc: Cc, other: Range) -> Range {
        match cc {
            Cc::Lt => range.intersect(Range::new(i64::MIN, other.high.saturating_sub(1))),
            Cc::Le => range.intersect(Range::new(i64::MIN, other.high)),
            Cc::Gt => range.intersect(Range::new(other.low.saturating_add(1), i64::MAX)),
            Cc::Ge => range.intersect(Range::new(other.low, i64::MAX)),
            Cc::Eq => range.intersect(other),
            // Below something that is not negative, as unsigned numbers.
            Cc::Ult if other.low >= 0 => range.intersect(Range::new(0, other.high.saturating_sub(1))),
            Cc::Ult | Cc::Ne => range,
        }
    }

    fn solve(&mut self, func: &Function) {
        for round in 0..6 {
            let mut changed = false;
            for &block in &self.cfg.rpo {
                for &inst in &func.blocks[block].insts {
                    if let Some(result) = func.insts[inst].result.expand()
                        && let Some(range) = self.result(func, block, inst)
                        && self.known[result] != Some(range)
                    {
                        self.known[result] = Some(range);
                        changed = true;
                    }
                }
                for call in func.successors(block) {
                    for (&arg, &param) in call.args.iter().zip(&func.blocks[call.block].params) {
                        if !func.ty(param).is(ember_hir::Type::CInt) {
                            continue;
                        }
                        let passed = self.at(arg, block);
                        let old = self.known[param];
                        let mut new = old.map_or(passed, |old| old.union(passed));
                        if let (Some(old), true) = (old, round > 0) {
                            // Widened: it would go on growing.
                            new.low = if new.low < old.low { i64::MIN } else { new.low };
                            new.high = if new.high > old.high { i64::MAX } else { new.high };
                        }
                        if old != Some(new) {
                            self.known[param] = Some(new);
                            changed = true;
                        }
                    }
                }
            }
            if !changed {
                return;
            }
        }
        // No fixpoint: nothing is known.
        self.known = SecondaryMap::new();
    }

    /// The range of an instruction's result.
    fn result(&self, func: &Function, block: Block, inst: Inst) -> Option<Range> {
        let data = &func.insts[inst];
        let operand = |index: usize| self.at(data.args[index], block);
        Some(match data.op {
            Op::CInt { value } => Range::exact(value),
            Op::BoolToInt => Range::new(0, 1),
            Op::LoadInt { width, .. } => match width {
                Width::U8 => Range::new(0, 255),
                Width::U32 => Range::new(0, i64::from(u32::MAX)),
                Width::I32 => Range::new(i64::from(i32::MIN), i64::from(i32::MAX)),
                Width::I64 => Range::ALL,
            },
            Op::IAdd | Op::ISub | Op::IMul | Op::IAddWrap | Op::ISubWrap | Op::IMulWrap | Op::INeg => {
                let (low, high) =
                    arithmetic(data.op, operand(0), if data.args.len() > 1 { operand(1) } else { Range::ALL });
                if (low < i128::from(i64::MIN) || high > i128::from(i64::MAX))
                    && matches!(data.op, Op::IAddWrap | Op::ISubWrap | Op::IMulWrap)
                {
                    return Some(Range::ALL);
                }
                let clamp = |value: i128| value.clamp(i128::from(i64::MIN), i128::from(i64::MAX)) as i64;
                Range::new(clamp(low), clamp(high))
            }
            Op::IAnd => {
                let (left, right) = (operand(0), operand(1));
                if left.low >= 0 || right.low >= 0 {
                    let high = [left, right].iter().filter(|range| range.low >= 0).map(|range| range.high).min();
                    Range::new(0, high.unwrap_or(i64::MAX))
                } else {
                    Range::ALL
                }
            }
            Op::IMod => match operand(1) {
                Range { low, high } if low > 0 => Range::new(0, high - 1),
                _ => Range::ALL,
            },
            Op::IFloorDiv => match (operand(0), operand(1)) {
                (left, right) if left.low >= 0 && right.low > 0 => Range::new(0, left.high),
                _ => Range::ALL,
            },
            Op::IShr => match operand(0) {
                left if left.low >= 0 => Range::new(0, left.high),
                _ => Range::ALL,
            },
            _ if func.ty(data.result.expand()?).is(ember_hir::Type::CInt) => Range::ALL,
            _ => return None,
        })
    }

    /// The unchecked or constant form of an instruction.
    fn better(&self, func: &Function, block: Block, inst: Inst) -> Option<Op> {
        let data = &func.insts[inst];
        match data.op {
            Op::IAdd | Op::ISub | Op::IMul => {
                let (low, high) = arithmetic(data.op, self.at(data.args[0], block), self.at(data.args[1], block));
                let fits = low >= i128::from(i64::MIN) && high <= i128::from(i64::MAX);
                fits.then_some(match data.op {
                    Op::IAdd => Op::IAddWrap,
                    Op::ISub => Op::ISubWrap,
                    _ => Op::IMulWrap,
                })
            }
            Op::ICmp { cc } => {
                let (left, right) = (self.at(data.args[0], block), self.at(data.args[1], block));
                if cc == Cc::Ult && (left.low < 0 || right.low < 0) {
                    return None;
                }
                let corners =
                    [(left.low, right.low), (left.low, right.high), (left.high, right.low), (left.high, right.high)];
                let outcomes = corners.map(|(left, right)| holds(cc, left, right));
                let value = match cc {
                    Cc::Eq | Cc::Ne => {
                        if left.high < right.low || right.high < left.low {
                            cc == Cc::Ne
                        } else if left.low == left.high && left == right {
                            cc == Cc::Eq
                        } else {
                            return None;
                        }
                    }
                    _ if outcomes.iter().all(|&outcome| outcome == outcomes[0]) => outcomes[0],
                    _ => return None,
                };
                Some(Op::CBool { value })
            }
            _ => None,
        }
    }
}

/// The exact bounds of a result.
fn arithmetic(op: Op, left: Range, right: Range) -> (i128, i128) {
    let wide = |range: Range| (i128::from(range.low), i128::from(range.high));
    let ((a, b), (c, d)) = (wide(left), wide(right));
    match op {
        Op::IAdd | Op::IAddWrap => (a + c, b + d),
        Op::ISub | Op::ISubWrap => (a - d, b - c),
        Op::INeg => (-b, -a),
        _ => {
            let products = [a * c, a * d, b * c, b * d];
            (products.iter().copied().fold(i128::MAX, i128::min), products.iter().copied().fold(i128::MIN, i128::max))
        }
    }
}
