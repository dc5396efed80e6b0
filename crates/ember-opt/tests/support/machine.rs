//! A machine that runs HIR with explicit reference counts on a made-up heap, as hostile as the real one: at every chance objects are released that nobody
//! here holds, helpers return what already exists, guards fail, errors happen. It complains about use after release, leaks, slots that show what they
//! should not, and exits that own too little or too much.

use super::Random;
use ember_hir::function::{ErrorMode, FrameStateId};
use ember_hir::helpers::HelperResult;
use ember_hir::ops::{Cc, Effects, Ownership, Region};
use ember_hir::{Function, Inst, Op, Type, Value};
use std::collections::HashMap;

#[derive(Clone, Copy, Debug, PartialEq)]
enum Val {
    Null,
    Obj(usize),
    Int(i64),
    Bool(bool),
    Other,
}

#[derive(Clone, Copy, Debug, PartialEq)]
enum Slot {
    Null,
    Borrowed(usize),
    Owned(usize),
}

#[derive(Clone, Debug)]
struct Object {
    ty: Type,
    /// References the function holds.
    ours: i64,
    /// References by callers, constants: they stay.
    kept: i64,
    /// References which end when somebody runs code, or when the lender dies.
    lent: Vec<Option<usize>>,
    /// References frame slots own.
    slots: i64,
    immortal: bool,
    dead: bool,
    int: Option<i64>,
    /// Whether a guard on its version passed and nothing has run since.
    guarded: bool,
}

pub struct Machine<'a> {
    func: &'a Function,
    random: Random,
    heap: Vec<Object>,
    values: HashMap<Value, Val>,
    slots: Vec<Slot>,
    consts: Vec<usize>,
    function: usize,
    done: usize,
    truth: [usize; 2],
    /// Whether the slots are kept up to date.
    synced: bool,
    pub trace: Vec<String>,
}

type Step<T> = Result<T, String>;

/// Runs the function once; decisions come from the seed.
pub fn run(func: &Function, seed: u64, synced: bool) -> Result<(), (String, Vec<String>)> {
    let slots = func.levels[func.root()].nlocalsplus as usize;
    let mut machine = Machine {
        func,
        random: Random::new(seed),
        heap: Vec::new(),
        values: HashMap::new(),
        slots: vec![Slot::Null; slots],
        consts: Vec::new(),
        function: 0,
        done: 0,
        truth: [0; 2],
        synced,
        trace: Vec::new(),
    };
    machine.function = machine.permanent(Type::Function, false);
    machine.done = machine.permanent(Type::IterDone, true);
    machine.truth = [machine.permanent(Type::Bool, true), machine.permanent(Type::Bool, true)];
    for data in func.consts.values() {
        let id = machine.permanent(data.ty, !data.ty.is_counted());
        machine.consts.push(id);
    }
    machine.run().map_err(|error| (error, machine.trace))
}

impl Machine<'_> {
    fn permanent(&mut self, ty: Type, immortal: bool) -> usize {
        self.heap.push(Object {
            ty,
            ours: 0,
            kept: 1,
            lent: vec![],
            slots: 0,
            immortal,
            dead: false,
            int: None,
            guarded: false,
        });
        self.heap.len() - 1
    }

    /// An exact type out of a set.
    fn leaf(&mut self, ty: Type) -> Type {
        let leaves: Vec<Type> = ember_hir::types::LEAVES
            .iter()
            .map(|(_, leaf)| *leaf)
            .filter(|leaf| leaf.could_be(ty) && !leaf.is_null() && !leaf.is_primitive())
            .collect();
        if leaves.is_empty() { Type::Other } else { leaves[self.random.below(leaves.len())] }
    }

    /// A new object without references.
    fn fresh(&mut self, ty: Type) -> usize {
        let ty = self.leaf(ty);
        if ty == Type::IterDone {
            return self.done;
        }
        let immortal = !ty.is_counted();
        self.heap.push(Object {
            ty,
            ours: 0,
            kept: 0,
            lent: vec![],
            slots: 0,
            immortal,
            dead: false,
            int: None,
            guarded: false,
        });
        self.heap.len() - 1
    }

    /// A result with a new reference: often an object that exists already.
    fn owned(&mut self, ty: Type) -> usize {
        let id = if self.random.chance(40) {
            let start = self.random.below(self.heap.len());
            let fits = |id: &usize| self.alive(*id) && self.heap[*id].ty.is(ty) && *id != self.done;
            (0..self.heap.len()).map(|index| (start + index) % self.heap.len()).find(fits)
        } else {
            None
        };
        let id = id.unwrap_or_else(|| self.fresh(ty));
        self.heap[id].ours += 1;
        id
    }

    fn alive(&self, id: usize) -> bool {
        let object = &self.heap[id];
        !object.dead && (object.immortal || object.ours + object.kept + object.slots + object.lent.len() as i64 > 0)
    }

    fn bury(&mut self) {
        loop {
            let dead = (0..self.heap.len()).find(|&id| !self.heap[id].dead && !self.alive(id));
            let Some(id) = dead else { return };
            self.heap[id].dead = true;
            for object in &mut self.heap {
                object.lent.retain(|lender| *lender != Some(id));
            }
        }
    }

    /// Somebody else's code runs: borrowed references end, unless a living object's unchangeable field holds them.
    fn arbitrary(&mut self, state: Option<FrameStateId>) -> Step<()> {
        if let Some(state) = state.filter(|_| self.synced) {
            self.truthful(state)?;
        }
        for slot in &self.slots {
            if let Slot::Borrowed(id) = *slot
                && self.synced
                && !self.alive(id)
            {
                return Err(format!("a slot shows object {id}, which is dead"));
            }
        }
        self.heap.iter_mut().for_each(|object| object.guarded = false);
        let all = self.random.chance(70);
        for id in 0..self.heap.len() {
            if all || self.random.chance(50) {
                self.heap[id].lent.clear();
            }
        }
        self.bury();
        Ok(())
    }

    fn root_state(&self, mut state: FrameStateId) -> FrameStateId {
        while let Some(parent) = self.func.states[state].parent {
            state = parent;
        }
        state
    }

    fn truthful(&self, state: FrameStateId) -> Step<()> {
        let state = self.root_state(state);
        for (slot, local) in self.func.states[state].locals.iter().enumerate() {
            if !self.shows(slot, *local)? {
                return Err(format!("slot {slot} holds {:?}, {state} says {local:?}", self.slots[slot]));
            }
        }
        Ok(())
    }

    fn shows(&self, slot: usize, local: Option<Value>) -> Step<bool> {
        let value = local.map_or(Ok(Val::Null), |value| self.get(value))?;
        Ok(match (self.slots[slot], value) {
            (Slot::Null, Val::Null) => true,
            (Slot::Borrowed(id), Val::Obj(other)) => id == other && self.alive(id),
            (Slot::Borrowed(id), Val::Bool(truth)) => id == self.truth[usize::from(truth)],
            (Slot::Owned(id), Val::Int(int)) => self.heap[id].int == Some(int) && self.alive(id),
            _ => false,
        })
    }

    fn get(&self, value: Value) -> Step<Val> {
        self.values.get(&value).copied().ok_or_else(|| format!("{value} has no value"))
    }

    /// The object a value refers to, which must be alive; `None` for NULL.
    fn live(&self, value: Value) -> Step<Option<usize>> {
        match self.get(value)? {
            Val::Obj(id) if self.alive(id) => Ok(Some(id)),
            Val::Obj(id) => Err(format!("{value} refers to object {id}, which is dead")),
            Val::Null => Ok(None),
            other => Err(format!("{value} is {other:?}")),
        }
    }

    fn check_operands(&self, inst: Inst) -> Step<()> {
        for &arg in &self.func.insts[inst].args {
            if !self.func.ty(arg).is_primitive() {
                self.live(arg)?;
            }
        }
        Ok(())
    }

    fn exit(&mut self, inst: Inst, raise: bool) -> Step<()> {
        let data = &self.func.insts[inst];
        let mut owned: HashMap<usize, i64> = HashMap::new();
        let result = data.args.first().copied().filter(|_| data.op == Op::LeaveObserved);
        for &value in self.func.exit_owned[inst].iter().chain(&result) {
            if let Some(id) = self.live(value).map_err(|error| format!("exit owns: {error}"))? {
                *owned.entry(id).or_default() += 1;
            }
        }
        for (id, object) in self.heap.iter().enumerate() {
            let found = owned.get(&id).copied().unwrap_or(0);
            if !object.immortal && object.ours != found {
                return Err(format!("exit owns {found} references to object {id} of {}", object.ours));
            }
        }
        let state = data.state.expand().ok_or("exit without state")?;
        let mut next = Some(state);
        while let Some(id) = next {
            let state = &self.func.states[id];
            let stack = state.stack.iter().copied().filter(|_| !raise);
            for value in state.locals.iter().flatten().copied().chain(stack) {
                if !self.func.ty(value).is_primitive() {
                    self.live(value).map_err(|error| format!("exit state {id}: {error}"))?;
                }
            }
            next = state.parent;
        }
        let state = self.root_state(state);
        for &slot in &self.func.exit_synced[inst] {
            let local = self.func.states[state].locals[slot as usize];
            if !self.shows(slot as usize, local)? {
                return Err(format!("slot {slot} is not in sync at the exit: {:?}", self.slots[slot as usize]));
            }
        }
        Ok(())
    }

    fn run(&mut self) -> Step<()> {
        for (index, &param) in self.func.blocks[self.func.entry].params.iter().enumerate() {
            let leaf = self.leaf(self.func.ty(param));
            let id = self.permanent(leaf, !leaf.is_counted());
            self.values.insert(param, Val::Obj(id));
            self.slots[index] = Slot::Borrowed(id);
        }
        let mut block = self.func.entry;
        for _ in 0..200 {
            let mut target = None;
            for &inst in &self.func.blocks[block].insts {
                let at = |error| format!("{block}: {inst} {:?}: {error}", self.func.insts[inst]);
                let outcome = self.step(inst);
                match outcome.map_err(at)? {
                    Outcome::Next => {}
                    Outcome::End => return Ok(()),
                    Outcome::Target(index) => target = Some(index),
                }
            }
            let last = self.func.terminator(block);
            let index = target.ok_or("fell out of a block")?;
            let call = &self.func.insts[last].targets[index];
            let mut passed = Vec::new();
            for &arg in &call.args {
                if !self.func.ty(arg).is_primitive() {
                    self.live(arg).map_err(|error| format!("{block}: passed on: {error}"))?;
                }
                passed.push(self.get(arg)?);
            }
            self.trace.push(format!("{} {passed:?}", call.block));
            block = call.block;
            for (&param, value) in self.func.blocks[block].params.iter().zip(passed) {
                self.values.insert(param, value);
            }
        }
        Ok(())
    }

    fn give_up(&mut self, value: Value, what: &str) -> Step<Option<usize>> {
        let Some(id) = self.live(value)? else { return Ok(None) };
        self.heap[id].ours -= 1;
        if self.heap[id].ours < 0 && !self.heap[id].immortal {
            return Err(format!("{what} of object {id}, of which we own no reference"));
        }
        Ok(Some(id))
    }

    fn set(&mut self, inst: Inst, value: Val) {
        if let Some(result) = self.func.insts[inst].result.expand() {
            self.values.insert(result, value);
        }
        let text = format!("{inst} {:?} {:?} = {value:?}", self.func.insts[inst].op, self.func.insts[inst].args);
        self.trace.push(text);
    }

    fn borrowed(&mut self, ty: Type, lender: Option<usize>) -> Val {
        if ty.may_be_null() && self.random.chance(20) {
            return Val::Null;
        }
        let existing =
            (0..self.heap.len()).rev().find(|&id| self.alive(id) && id != self.done && self.heap[id].ty.is(ty));
        let id = match existing {
            Some(id) if self.random.chance(30) => id,
            _ => self.fresh(ty.intersect(Type::Object)),
        };
        self.heap[id].lent.push(lender);
        Val::Obj(id)
    }

    fn step(&mut self, inst: Inst) -> Step<Outcome> {
        let func = self.func;
        let data = &func.insts[inst];
        let (op, args) = (data.op, &data.args);
        let effects = op.effects();
        self.check_operands(inst)?;
        let result_ty = data.result.expand().map(|value| func.ty(value));
        match op {
            Op::Const { id } => self.set(inst, Val::Obj(self.consts[id.as_u32() as usize])),
            Op::Func => self.set(inst, Val::Obj(self.function)),
            Op::CInt { value } => self.set(inst, Val::Int(value)),
            Op::CBool { value } => self.set(inst, Val::Bool(value)),
            Op::Null => self.set(inst, Val::Null),
            Op::IterDone => self.set(inst, Val::Obj(self.done)),
            Op::GuardType { .. } | Op::GuardIs { .. } | Op::GuardNotNull | Op::GuardClass { .. } => {
                let id = self.live(args[0])?;
                let pass = match (op, id) {
                    (Op::GuardIs { id: wanted }, Some(id)) => self.consts[wanted.as_u32() as usize] == id,
                    (Op::GuardType { ty }, Some(id)) => self.heap[id].ty.is(ty),
                    (_, Some(_)) => true,
                    _ => false,
                };
                if !pass || self.random.chance(5) {
                    self.exit(inst, false)?;
                    return Ok(Outcome::End);
                }
                if let (Op::GuardClass { .. }, Some(id)) = (op, id) {
                    self.heap[id].guarded = true;
                }
                self.set(inst, self.get(args[0])?);
            }
            Op::Refine { .. } => self.set(inst, self.get(args[0])?),
            Op::GuardTrue | Op::GuardFalse => {
                if self.get(args[0])? != Val::Bool(op == Op::GuardTrue) {
                    self.exit(inst, false)?;
                    return Ok(Outcome::End);
                }
            }
            Op::UnboxBool => {
                let id = self.live(args[0])?;
                self.set(inst, Val::Bool(id == Some(self.truth[1])));
            }
            Op::BoolToInt => {
                let Val::Bool(truth) = self.get(args[0])? else { return Err("not a bool".to_owned()) };
                self.set(inst, Val::Int(i64::from(truth)));
            }
            Op::EndLife | Op::GuardQuiet => {}
            Op::LeaveObserved => {
                if self.random.chance(20) {
                    self.exit(inst, true)?;
                    return Ok(Outcome::End);
                }
            }
            Op::EvalBreaker => {
                let value = Val::Bool(self.random.chance(30));
                self.set(inst, value);
            }
            Op::CheckEvalBreaker => {
                let roll = self.random.below(40);
                if roll < 3 {
                    self.exit(inst, roll == 1)?;
                    return Ok(Outcome::End);
                }
                self.arbitrary(data.state.expand())?;
                self.set(inst, Val::Int(0));
            }
            Op::UnboxInt => {
                if self.random.chance(5) {
                    self.exit(inst, false)?;
                    return Ok(Outcome::End);
                }
                let id = self.live(args[0])?.ok_or("NULL unboxed")?;
                let int = self.heap[id].int.unwrap_or(id as i64);
                self.heap[id].int = Some(int);
                self.set(inst, Val::Int(int));
            }
            Op::BoxInt => {
                let Val::Int(int) = self.get(args[0])? else { return Err("not an int".to_owned()) };
                let id = self.fresh(Type::Long);
                self.heap[id].ours = 1;
                self.heap[id].int = Some(int);
                self.set(inst, Val::Obj(id));
            }
            Op::BoxBool => {
                let Val::Bool(truth) = self.get(args[0])? else { return Err("not a bool".to_owned()) };
                self.set(inst, Val::Obj(self.truth[usize::from(truth)]));
            }
            Op::IAdd | Op::ISub | Op::IMul | Op::IAddWrap | Op::ISubWrap | Op::IMulWrap => {
                let (Val::Int(left), Val::Int(right)) = (self.get(args[0])?, self.get(args[1])?) else {
                    return Err("not ints".to_owned());
                };
                let value = match op {
                    Op::IAdd | Op::IAddWrap => left.wrapping_add(right),
                    Op::ISub | Op::ISubWrap => left.wrapping_sub(right),
                    _ => left.wrapping_mul(right),
                };
                if effects.contains(Effects::DEOPTS) && self.random.chance(5) {
                    self.exit(inst, false)?;
                    return Ok(Outcome::End);
                }
                self.set(inst, Val::Int(value));
            }
            Op::ICmp { cc } => {
                let (Val::Int(left), Val::Int(right)) = (self.get(args[0])?, self.get(args[1])?) else {
                    return Err("not ints".to_owned());
                };
                let truth = match cc {
                    Cc::Eq => left == right,
                    Cc::Ne => left != right,
                    Cc::Lt => left < right,
                    Cc::Le => left <= right,
                    Cc::Gt => left > right,
                    Cc::Ge => left >= right,
                    Cc::Ult => (left as u64) < right as u64,
                };
                self.set(inst, Val::Bool(truth));
            }
            Op::BNot => {
                let Val::Bool(truth) = self.get(args[0])? else { return Err("not a bool".to_owned()) };
                self.set(inst, Val::Bool(!truth));
            }
            Op::Is => {
                let same = self.live(args[0])? == self.live(args[1])?;
                self.set(inst, Val::Bool(same));
            }
            Op::IsNull => {
                let null = self.live(args[0])?.is_none();
                self.set(inst, Val::Bool(null));
            }
            Op::IsType { ty } => {
                let is = self.live(args[0])?.is_some_and(|id| self.heap[id].ty.is(ty));
                self.set(inst, Val::Bool(is));
            }
            Op::SwapField { offset, .. } => {
                let base = self.live(args[0])?;
                self.check_version(base, offset)?;
                if let Some(id) = self.give_up(args[1], "taking over")? {
                    self.heap[id].lent.push(base);
                }
                let old = if self.random.chance(30) { Val::Null } else { Val::Obj(self.owned(Type::Object)) };
                if let Val::Obj(id) = old {
                    // It was the object's until now.
                    self.heap[id].lent.pop();
                }
                self.set(inst, old);
            }
            Op::ScratchLoad { .. } | Op::TakeLocal { .. } | Op::TakeStack { .. } => {
                let id = self.owned(Type::Object);
                self.set(inst, Val::Obj(id));
            }
            Op::CatchException { .. } => {
                let id = self.owned(Type::Other);
                self.set(inst, Val::Obj(id));
            }
            Op::Incref => {
                match self.live(args[0])? {
                    Some(id) => self.heap[id].ours += 1,
                    None if func.ty(args[0]).may_be_null() => {}
                    None => return Err("Incref of NULL".to_owned()),
                }
                self.set(inst, Val::Other);
            }
            Op::Decref => {
                match self.live(args[0])? {
                    Some(id) => {
                        let ty = Type { spec: ember_hir::types::Spec::Any, ..func.ty(args[0]) };
                        if !self.heap[id].ty.is(ty) && !self.heap[id].immortal {
                            return Err(format!("object {id} is {}, not {ty}", self.heap[id].ty));
                        }
                        self.give_up(args[0], "Decref")?;
                        self.bury();
                        if !self.heap[id].ty.drops_quietly() && self.heap[id].dead {
                            self.arbitrary(None)?;
                        }
                    }
                    None if func.ty(args[0]).may_be_null() => {}
                    None => return Err("Decref of NULL".to_owned()),
                }
                self.set(inst, Val::Other);
            }
            Op::SetLocal { slot } | Op::SetLocalOwned { slot } => {
                if matches!(self.slots[slot as usize], Slot::Owned(_)) {
                    return Err("overwrites a box".to_owned());
                }
                let id = self.live(args[0])?;
                self.slots[slot as usize] = match id {
                    None => Slot::Null,
                    Some(id) if matches!(op, Op::SetLocal { .. }) => Slot::Borrowed(id),
                    Some(id) => {
                        self.give_up(args[0], "giving to a slot")?;
                        self.heap[id].slots += 1;
                        Slot::Owned(id)
                    }
                };
                self.set(inst, Val::Other);
            }
            Op::ClearLocal { slot } => {
                if matches!(self.slots[slot as usize], Slot::Owned(_)) {
                    return Err("clears a box".to_owned());
                }
                self.slots[slot as usize] = Slot::Null;
            }
            Op::DropLocal { slot } => {
                if let Slot::Owned(id) = self.slots[slot as usize] {
                    self.heap[id].slots -= 1;
                    self.bury();
                }
                self.slots[slot as usize] = Slot::Null;
            }
            Op::Jump => return Ok(Outcome::Target(0)),
            Op::Branch => {
                let Val::Bool(truth) = self.get(args[0])? else { return Err("not a bool".to_owned()) };
                return Ok(Outcome::Target(usize::from(!truth)));
            }
            Op::BranchError => {
                let failed = matches!(self.get(args[0])?, Val::Null | Val::Int(i64::MIN..0));
                return Ok(Outcome::Target(usize::from(!failed)));
            }
            Op::Return => {
                if let Some(state) = data.state.expand() {
                    for &value in self.func.states[state].locals.iter().flatten() {
                        if !func.ty(value).is_primitive() {
                            self.live(value).map_err(|error| format!("returning: {error}"))?;
                        }
                    }
                }
                self.give_up(args[0], "returning")?;
                for (id, object) in self.heap.iter().enumerate() {
                    if object.ours != 0 && !object.immortal {
                        return Err(format!("{} references to object {id} leak", object.ours));
                    }
                }
                if let Some(slot) = self.slots.iter().position(|slot| matches!(slot, Slot::Owned(_))) {
                    return Err(format!("the box in slot {slot} leaks"));
                }
                return Ok(Outcome::End);
            }
            Op::Unwind { .. } | Op::Deopt => {
                self.exit(inst, op != Op::Deopt)?;
                return Ok(Outcome::End);
            }
            Op::Unreachable => return Ok(Outcome::End),
            Op::LoadField { region, ty, offset } => {
                let base = self.live(args[0])?.ok_or("load from NULL")?;
                self.check_version(Some(base), offset)?;
                let value = self.borrowed(ty, Some(base));
                if let Val::Obj(id) = value
                    && region == Region::Immutable
                    && (self.heap[base].kept > 0 || self.heap[base].immortal)
                {
                    // Held as long as the base, and that as long as the function runs.
                    self.heap[id].lent.pop();
                    self.heap[id].kept += 1;
                }
                self.set(inst, value);
            }
            Op::LoadGlobalCell { .. } => {
                let value = self.borrowed(Type::OptObject, None);
                self.set(inst, value);
            }
            _ if matches!(op, Op::Helper { .. }) || op.ownership() == Ownership::Owned => {
                for (index, &arg) in args.iter().enumerate() {
                    if op.steals(index)
                        && let Some(id) = self.give_up(arg, "taking over")?
                        && self.random.chance(50)
                    {
                        self.heap[id].lent.push(None);
                    }
                }
                self.bury();
                if effects.contains(Effects::ARBITRARY) {
                    self.arbitrary(data.state.expand())?;
                }
                self.check_after_call(inst)?;
                if effects.contains(Effects::RAISES) && self.random.chance(15) {
                    if data.on_error == ErrorMode::Exit {
                        self.exit(inst, true)?;
                        return Ok(Outcome::End);
                    }
                    let error = if result_ty.is_some_and(Type::is_primitive) { Val::Int(-1) } else { Val::Null };
                    self.set(inst, error);
                    return Ok(Outcome::Next);
                }
                let value = match result_ty {
                    None => Val::Other,
                    Some(ty) if ty.is(Type::CInt) => Val::Int(self.random.below(2) as i64),
                    Some(ty) if ty.is(Type::CBool) => Val::Bool(self.random.chance(50)),
                    Some(ty) => {
                        let opt = matches!(op, Op::Helper { id } if id.sig().result == HelperResult::Opt);
                        if opt && self.random.chance(30) { Val::Null } else { Val::Obj(self.owned(ty)) }
                    }
                };
                self.set(inst, value);
            }
            _ => return Err(format!("the machine does not know {op:?}")),
        }
        Ok(Outcome::Next)
    }

    /// Some offsets are only right while the class has not changed.
    fn check_version(&self, base: Option<usize>, offset: i32) -> Step<()> {
        match base {
            Some(id) if offset >= 40 && !self.heap[id].guarded => {
                Err(format!("object {id} may have another class by now"))
            }
            _ => Ok(()),
        }
    }

    /// While Python code ran, what we lent to the callee must have stayed alive.
    fn check_after_call(&self, inst: Inst) -> Step<()> {
        let data = &self.func.insts[inst];
        for (index, &arg) in data.args.iter().enumerate() {
            if !data.op.steals(index) && !self.func.ty(arg).is_primitive() {
                self.live(arg).map_err(|error| format!("during the call: {error}"))?;
            }
        }
        Ok(())
    }
}

enum Outcome {
    Next,
    End,
    Target(usize),
}
