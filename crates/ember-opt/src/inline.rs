//! Small callees become part of their callers.
//!
//! A call of a known function is replaced by the function's body when that body cannot be told from one that has not begun yet wherever it may leave:
//! **every exit of an inlined body starts the call again in the interpreter**. So exits need no frame for the callee, tracebacks are the interpreter's own,
//! and nothing has to be rebuilt. What makes this right:
//!
//! * the body runs no Python code and does not look at its frame, so nobody can see that the frame is missing;
//! * nothing that others can see (a store) happens before an operation which may leave. New objects are no matter: they are dropped, the interpreter makes
//!   others. An operation which may raise forgets its exception and starts the call again, which raises it with the right traceback;
//! * the front end puts nothing that others can see before a call in the same instruction;
//! * the call's frame state is that before the call, operands on the stack, and so keeps the operands alive up to the last exit;
//! * the body is the one the function has: its code and defaults are compared with those compiled.
//!
//! The ways on which a body does more (it raises, looks something up the slow way) start the call again as well, if they are rare; otherwise
//! the function is not inlined. Loops are not inlined. Callees are prepared once, with their own callees inlined first ([`MAX_DEPTH`]).

use cranelift_entity::SecondaryMap;
use ember_hir::cfg::Cfg;
use ember_hir::{
    Block, BlockCall, ConstData, ConstId, Effects, ErrorMode, FrameStateId, Function, HelperId, Inst, InstData, Level,
    Op, Type, Value, ValueData, ValueDef, ops::Region,
};
use rustc_hash::{FxHashMap, FxHashSet};
use smallvec::{SmallVec, smallvec};

/// How deep callees of callees are inlined.
pub const MAX_DEPTH: u32 = 3;
/// Instructions a callee may have at most.
const MAX_CALLEE: usize = 160;
/// Instructions a function may have at most after inlining.
const MAX_CALLER: usize = 2000;

/// A function that may be inlined, as it was built.
pub struct Callee {
    /// Its body.
    pub body: Function,
    /// Fields of the function object (by offset) that must hold these objects for the body to be the function's.
    pub checks: Vec<(i32, ConstData)>,
}

/// A call that was replaced.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Inlined {
    /// Code unit at which the interpreter starts the call.
    pub bci: u32,
    /// The callee's name.
    pub name: String,
}

/// Gives the callee for the address of a function object, once for each.
pub type Provider<'a> = &'a mut dyn FnMut(u64) -> Option<Callee>;

/// Inlines what can be; `keep` has the code units of calls that must stay.
pub fn run(func: &mut Function, keep: &FxHashSet<u32>, provide: Provider<'_>) -> Vec<Inlined> {
    Inliner { provide, prepared: FxHashMap::default() }.inline_calls(func, keep, 0)
}

/// A callee ready to be inlined, or the knowledge that it cannot be.
type Prepared = Option<std::rc::Rc<Callee>>;

struct Inliner<'a> {
    provide: Provider<'a>,
    prepared: FxHashMap<u64, Prepared>,
}

impl Inliner<'_> {
    fn inline_calls(&mut self, func: &mut Function, keep: &FxHashSet<u32>, depth: u32) -> Vec<Inlined> {
        let mut done = Vec::new();
        if depth >= MAX_DEPTH {
            return done;
        }
        let mut size: usize = func.blocks.values().map(|block| block.insts.len()).sum();
        let mut blocks: Vec<Block> = Cfg::new(func).rpo;
        while let Some(block) = blocks.pop() {
            if func.blocks[block].cold {
                continue;
            }
            let mut from = 0;
            while let Some((position, id)) = next_call(func, block, from, keep) {
                from = position + 1;
                let Some(callee) = self.callee(func.consts[id].address, depth) else { continue };
                let call = func.blocks[block].insts[position];
                let added = callee.body.insts.len();
                if callee.body.blocks[callee.body.entry].params.len() + 1 != func.insts[call].args.len()
                    || size + added > MAX_CALLER
                    || is_new_instance(func, call)
                {
                    continue;
                }
                size += added;
                done.push(Inlined { bci: call_unit(func, call), name: callee.body.name.clone() });
                // What follows the call is in a block of its own now.
                blocks.push(graft(func, block, position, id, &callee));
                break;
            }
        }
        done
    }

    fn callee(&mut self, address: u64, depth: u32) -> Prepared {
        if let Some(known) = self.prepared.get(&address) {
            return known.clone();
        }
        // Calls in circles end here.
        self.prepared.insert(address, None);
        let callee = (self.provide)(address).and_then(|mut callee| {
            self.inline_calls(&mut callee.body, &FxHashSet::default(), depth + 1);
            trim(&mut callee.body).then(|| std::rc::Rc::new(callee))
        });
        self.prepared.insert(address, callee.clone());
        callee
    }
}

/// The next call of a known function in a block: its position and the function.
fn next_call(func: &Function, block: Block, from: usize, keep: &FxHashSet<u32>) -> Option<(usize, ConstId)> {
    func.blocks[block].insts.iter().enumerate().skip(from).find_map(|(position, &inst)| {
        let data = &func.insts[inst];
        let called =
            matches!(data.op, Op::CallDirect { .. }) && data.state.is_some() && !keep.contains(&call_unit(func, inst));
        called.then(|| known_function(func, *data.args.first()?)).flatten().map(|id| (position, id))
    })
}

/// The code unit by which exits name the call: where the interpreter starts it.
fn call_unit(func: &Function, call: Inst) -> u32 {
    let data = &func.insts[call];
    data.state.expand().map_or(data.bci, |state| func.states[state].bci)
}

fn known_function(func: &Function, mut value: Value) -> Option<ConstId> {
    loop {
        let data = &func.insts[func.def_inst(value)?];
        match data.op {
            Op::Const { id } | Op::GuardIs { id } => return Some(id),
            Op::GuardType { .. } | Op::GuardClass { .. } | Op::GuardNotNull | Op::Refine { .. } => {
                value = data.args[0];
            }
            _ => return None,
        }
    }
}

/// What an instruction means for inlining.
enum Part {
    /// Stays as it is.
    Keep,
    /// Has no meaning in an inlined body.
    Drop,
    /// Cannot be inlined: the interpreter must do it.
    Leave,
}

fn part(func: &Function, inst: Inst) -> Part {
    let data = &func.insts[inst];
    match data.op {
        Op::CheckEvalBreaker if data.on_error == ErrorMode::Exit => return Part::Drop,
        Op::EndLife => return Part::Drop,
        // Only those that an inlined callee of the callee brought.
        Op::CatchException { traceback: false } => return Part::Keep,
        Op::Func
        | Op::TakeLocal { .. }
        | Op::TakeStack { .. }
        | Op::ScratchLoad { .. }
        | Op::CatchException { .. }
        | Op::EvalBreaker
        | Op::GuardQuiet
        | Op::EnterInt
        | Op::SetLocal { .. }
        | Op::SetLocalOwned { .. }
        | Op::ClearLocal { .. }
        | Op::DropLocal { .. }
        | Op::KeepLocal { .. }
        | Op::KeepStack { .. }
        | Op::Suspend { .. }
        | Op::Unwind { .. } => return Part::Leave,
        Op::Helper { id } if id.sig().implicit.frame || id.sig().implicit.scratch => return Part::Leave,
        _ => {}
    }
    let effects = data.op.effects();
    let fails_silently = effects.contains(Effects::RAISES) && data.result.is_none();
    if effects.intersects(Effects::ARBITRARY | Effects::PINNED) || fails_silently { Part::Leave } else { Part::Keep }
}

/// Cuts a callee down to what can be inlined; whether that is something.
fn trim(func: &mut Function) -> bool {
    let cfg = Cfg::new(func);
    let total: usize = cfg.rpo.iter().map(|&block| func.blocks[block].insts.len()).sum();
    let back = |&block: &Block| func.successors(block).iter().any(|call| cfg.order[call.block] <= cfg.order[block]);
    if total > MAX_CALLEE || cfg.rpo.iter().any(back) {
        return false;
    }
    let rare = rare_blocks(func, &cfg);
    if rare[func.entry] {
        return false;
    }
    // For each block that is still reached: whether something that others can see may have happened before it.
    let mut reached: SecondaryMap<Block, Option<bool>> = SecondaryMap::new();
    reached[func.entry] = Some(false);
    for &block in &cfg.rpo {
        let Some(mut changed) = reached[block] else {
            func.blocks[block].insts.clear();
            continue;
        };
        let mut insts = std::mem::take(&mut func.blocks[block].insts);
        let mut kept = Vec::with_capacity(insts.len());
        for inst in insts.drain(..) {
            match part(func, inst) {
                Part::Drop => continue,
                Part::Leave if changed || !(rare[block] || is_slow_way(func, inst)) => return false,
                Part::Leave => {
                    let leave = func.make_inst(Op::Deopt, &[], None);
                    func.blocks[block].cold = true;
                    kept.push(leave);
                    break;
                }
                Part::Keep => {
                    let effects = func.insts[inst].op.effects();
                    if changed && effects.needs_state() {
                        return false;
                    }
                    changed |= effects.contains(Effects::WRITES);
                    kept.push(inst);
                }
            }
        }
        func.blocks[block].insts = kept;
        for call in func.successors(block) {
            let before = &mut reached[call.block];
            *before = Some(before.unwrap_or(false) || changed);
        }
    }
    func.blocks.values().flat_map(|block| block.insts.last()).any(|&last| func.insts[last].op == Op::Return)
}

/// Blocks that are expected to run rarely: marked so, or every way from them ends in leaving.
fn rare_blocks(func: &Function, cfg: &Cfg) -> SecondaryMap<Block, bool> {
    let mut rare: SecondaryMap<Block, bool> = SecondaryMap::new();
    for &block in cfg.rpo.iter().rev() {
        let successors = func.successors(block);
        let last = func.insts[func.terminator(block)].op;
        rare[block] = func.blocks[block].cold
            || matches!(last, Op::Unwind { .. } | Op::Deopt | Op::Unreachable)
            || (!successors.is_empty() && successors.iter().all(|call| rare[call.block]));
    }
    rare
}

/// Whether the instruction is the slow way beside a quick one, where the profile has only seen the quick one.
fn is_slow_way(func: &Function, inst: Inst) -> bool {
    matches!(func.insts[inst].op, Op::Helper { id: HelperId::store_attr }) && has_store(func)
}

/// Whether the call is that of `__init__` for an instance just made: its attributes are all still to be added, and an exit would let it go,
/// which its finaliser would see.
fn is_new_instance(func: &Function, call: Inst) -> bool {
    let receiver = func.insts[call].args.get(1).and_then(|&value| func.def_op(value));
    matches!(receiver, Some(Op::Helper { id: HelperId::alloc_instance }))
}

fn has_store(func: &Function) -> bool {
    func.blocks.values().flat_map(|block| &block.insts).any(|&inst| matches!(func.insts[inst].op, Op::SwapField { .. }))
}

/// Copies a callee's body into its caller.
struct Graft<'a> {
    func: &'a mut Function,
    callee: &'a Function,
    consts: FxHashMap<ConstId, ConstId>,
    values: SecondaryMap<Value, Option<Value>>,
    blocks: SecondaryMap<Block, Option<Block>>,
    /// What the call has.
    state: FrameStateId,
    bci: u32,
    level: Level,
    /// Where the callee returns to.
    next: Block,
}

/// Replaces the call at `position` of `block`; gives the block in which the caller goes on.
fn graft(func: &mut Function, block: Block, position: usize, function: ConstId, callee: &Callee) -> Block {
    let next = func.new_block();
    func.blocks[next].cold = func.blocks[block].cold;
    let rest = func.blocks[block].insts.split_off(position + 1);
    let call = func.blocks[block].insts.pop().unwrap_or_else(|| unreachable!("the call is there"));
    let data = func.insts[call].clone();
    let Some(state) = data.state.expand() else { unreachable!("calls have a state") };
    func.blocks[next].insts = rest;
    // The call's value is what the callee returns.
    if let Some(result) = func.insts[call].result.take() {
        func.values[result].def = ValueDef::Param(next, 0);
        func.blocks[next].params.push(result);
    }
    no_error(func, next, data.on_error);
    drop_check(func, next);
    let mut graft = Graft {
        func,
        callee: &callee.body,
        consts: FxHashMap::default(),
        values: SecondaryMap::new(),
        blocks: SecondaryMap::new(),
        state,
        bci: data.bci,
        level: data.level,
        next,
    };
    let start = graft.check(block, function, &callee.checks);
    graft.copy(start, &data.args[1..]);
    next
}

/// The call cannot fail any more.
fn no_error(func: &mut Function, next: Block, mode: ErrorMode) {
    if mode == ErrorMode::Null
        && let Some(&branch) = func.blocks[next].insts.first()
        && func.insts[branch].op == Op::BranchError
    {
        let data = &mut func.insts[branch];
        data.op = Op::Jump;
        data.args.clear();
        data.targets.remove(0);
    }
}

/// Nothing that was called can have switched tracing on: the test after the call goes.
fn drop_check(func: &mut Function, next: Block) {
    let mut block = next;
    let Some(&first) = func.blocks[block].insts.first() else { return };
    if func.insts[first].op == Op::Jump {
        let target = func.insts[first].targets[0].block;
        let edges = func.blocks.values().filter_map(|block| block.insts.last());
        let edges = edges.flat_map(|&last| &func.insts[last].targets).filter(|call| call.block == target).count();
        if edges != 1 {
            return;
        }
        block = target;
    }
    if let Some(&first) = func.blocks[block].insts.first()
        && func.insts[first].op == Op::CheckTracing
    {
        func.blocks[block].insts.remove(0);
    }
}

impl Graft<'_> {
    /// Compares what the function object holds; gives the block where it is what was compiled.
    fn check(&mut self, block: Block, function: ConstId, checks: &[(i32, ConstData)]) -> Block {
        for (offset, object) in checks {
            let id = self.func.consts.push(object.clone());
            let base = self.append(block, Op::Const { id: function }, &[]);
            let load = Op::LoadField { offset: *offset, region: Region::Type, ty: Type::Object };
            let found = self.append(block, load, &[base]);
            self.append(block, Op::GuardIs { id }, &[found]);
        }
        block
    }

    fn append(&mut self, block: Block, op: Op, args: &[Value]) -> Value {
        let inst = self.func.append(block, op, args);
        self.belongs(inst);
        self.func.result(inst)
    }

    /// Gives a new instruction the call's place and state.
    fn belongs(&mut self, inst: Inst) {
        let data = &mut self.func.insts[inst];
        (data.bci, data.level) = (self.bci, self.level);
        if data.op.effects().needs_state() || matches!(data.op, Op::CatchException { .. }) {
            data.state = self.state.into();
        }
    }

    fn copy(&mut self, start: Block, args: &[Value]) {
        let entry = self.callee.entry;
        for (&param, &arg) in self.callee.blocks[entry].params.iter().zip(args) {
            self.values[param] = Some(arg);
        }
        self.blocks[entry] = Some(start);
        let rare = self.func.blocks[start].cold;
        // Definitions come before uses in this order.
        let order = Cfg::new(self.callee).rpo;
        for &block in order.iter().skip(1) {
            let copy = self.func.new_block();
            self.func.blocks[copy].cold = rare || self.callee.blocks[block].cold;
            self.blocks[block] = Some(copy);
            for &param in &self.callee.blocks[block].params {
                self.values[param] = Some(self.func.add_param(copy, self.callee.ty(param)));
            }
        }
        for &block in &order {
            let mut at = self.blocks[block].unwrap_or(start);
            for &inst in &self.callee.blocks[block].insts {
                at = self.instruction(at, inst);
            }
        }
    }

    fn value(&self, value: Value) -> Value {
        self.values[value].unwrap_or_else(|| unreachable!("{value} is used before it is defined"))
    }

    fn constant(&mut self, id: ConstId) -> ConstId {
        let data = &self.callee.consts[id];
        *self.consts.entry(id).or_insert_with(|| self.func.consts.push(data.clone()))
    }

    /// Copies an instruction; gives the block in which its successor goes.
    fn instruction(&mut self, at: Block, inst: Inst) -> Block {
        let data = &self.callee.insts[inst];
        let args: SmallVec<[Value; 4]> = data.args.iter().map(|&arg| self.value(arg)).collect();
        if data.op == Op::Return {
            self.jump(at, self.next, args);
            return at;
        }
        let op = match data.op {
            Op::Const { id } => Op::Const { id: self.constant(id) },
            Op::GuardIs { id } => Op::GuardIs { id: self.constant(id) },
            Op::CallKw { names } => Op::CallKw { names: self.constant(names) },
            op => op,
        };
        let target = |call: &BlockCall| BlockCall {
            block: self.blocks[call.block].unwrap_or(at),
            args: call.args.iter().map(|&arg| self.value(arg)).collect(),
        };
        let targets = data.targets.iter().map(target).collect();
        let raises = op.effects().contains(Effects::RAISES) && data.on_error == ErrorMode::Exit;
        let copy = self.func.insts.push(InstData {
            op,
            args,
            targets,
            result: None.into(),
            state: None.into(),
            on_error: if raises { ErrorMode::Null } else { data.on_error },
            bci: 0,
            level: self.level,
        });
        self.belongs(copy);
        if let Some(result) = data.result.expand() {
            let value = self.func.values.push(ValueData { ty: self.callee.ty(result), def: ValueDef::Inst(copy) });
            self.func.insts[copy].result = value.into();
            self.values[result] = Some(value);
        }
        self.func.blocks[at].insts.push(copy);
        if raises { self.start_again_on_error(at, copy) } else { at }
    }

    fn jump(&mut self, from: Block, to: Block, args: SmallVec<[Value; 4]>) {
        let jump = self.func.append(from, Op::Jump, &[]);
        self.belongs(jump);
        self.func.insts[jump].targets.push(BlockCall { block: to, args });
    }

    /// After an operation that may raise: forgets the exception and starts the call again. Gives the block where all went well.
    fn start_again_on_error(&mut self, at: Block, inst: Inst) -> Block {
        let failed = self.func.new_block();
        self.func.blocks[failed].cold = true;
        self.append(failed, Op::CatchException { traceback: false }, &[]);
        let leave = self.func.append(failed, Op::Deopt, &[]);
        self.belongs(leave);
        let next = self.func.new_block();
        self.func.blocks[next].cold = self.func.blocks[at].cold;
        let result = self.func.result(inst);
        let branch = self.func.append(at, Op::BranchError, &[result]);
        self.belongs(branch);
        let call = |block| BlockCall { block, args: smallvec![] };
        self.func.insts[branch].targets = smallvec![call(failed), call(next)];
        next
    }
}
