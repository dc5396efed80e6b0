//! Random functions, built as the front end builds them: locals become block parameters at joins and loops, every instruction that may leave has the frame state
//! of that moment.

use super::Random;
use ember_hir::function::{BlockCall, ErrorMode, FrameState};
use ember_hir::helpers::HelperId;
use ember_hir::ops::{Cc, Effects, Region};
use ember_hir::{Block, ConstData, Function, Inst, Op, Type, Value};

pub struct Generator {
    pub func: Function,
    random: Random,
    block: Block,
    locals: Vec<Option<Value>>,
    stack: Vec<Value>,
    budget: usize,
    bci: u32,
    ended: bool,
}

const LOCALS: usize = 5;

/// A random function with two parameters.
pub fn function(seed: u64) -> Function {
    let mut func = Function::new("f", LOCALS as u32);
    for (text, ty, int) in
        [("None", Type::NoneType, None), ("1000", Type::Long, Some(1000)), ("'a'", Type::Unicode, None)]
    {
        func.consts.push(ConstData { address: 0, ty, int, double: None, text: text.to_owned() });
    }
    let entry = func.entry;
    let first = func.add_param(entry, Type::Object);
    let second = func.add_param(entry, Type::Object);
    let mut locals = vec![Some(first), Some(second)];
    locals.resize(LOCALS, None);
    let mut random = Random::new(seed);
    let budget = 4 + random.below(40);
    let mut generator =
        Generator { func, random, block: entry, locals, stack: Vec::new(), budget, bci: 0, ended: false };
    generator.statements(0);
    if !generator.ended {
        generator.ret();
    }
    generator.func
}

impl Generator {
    fn emit(&mut self, op: Op, args: &[Value]) -> Inst {
        let inst = self.func.append(self.block, op, args);
        self.func.insts[inst].bci = self.bci;
        if op.effects().needs_state() || op == Op::Return || matches!(op, Op::CatchException { .. }) {
            let state = FrameState {
                bci: self.bci,
                level: None,
                locals: self.locals.clone(),
                stack: self.stack.clone(),
                parent: None,
            };
            let state = self.func.states.push(state);
            self.func.insts[inst].state = state.into();
        }
        inst
    }

    fn value(&mut self, op: Op, args: &[Value]) -> Value {
        let inst = self.emit(op, args);
        let value = self.func.result(inst);
        let fallible = op.effects().contains(Effects::RAISES) && op != Op::CheckEvalBreaker;
        if fallible && self.random.chance(30) && !matches!(op, Op::Helper { id } if id.sig().implicit.scratch) {
            self.check(inst, value);
        }
        value
    }

    fn helper(&mut self, id: HelperId, args: &[Value]) -> Value {
        self.value(Op::Helper { id }, args)
    }

    /// Handles the error of the last instruction in this function.
    fn check(&mut self, inst: Inst, value: Value) {
        self.func.insts[inst].on_error = ErrorMode::Null;
        let (landing, good) = (self.func.new_block(), self.func.new_block());
        let branch = self.emit(Op::BranchError, &[value]);
        self.func.insts[branch].targets.push(BlockCall { block: landing, args: Default::default() });
        self.func.insts[branch].targets.push(BlockCall { block: good, args: Default::default() });
        let (locals, stack) = (self.locals.clone(), self.stack.clone());
        self.block = landing;
        self.stack.truncate(self.stack.len() / 2);
        let exception = self.value(Op::CatchException { traceback: true }, &[]);
        if self.random.chance(50) {
            let slot = self.random.below(LOCALS);
            self.set_local(slot, Some(exception));
        }
        if self.random.chance(30) {
            self.emit(Op::Unwind { traceback: false }, &[]);
        } else if self.random.chance(30) {
            self.emit(Op::Deopt, &[]);
        } else {
            self.ret();
        }
        self.ended = false;
        (self.locals, self.stack) = (locals, stack);
        self.block = good;
    }

    fn constant(&mut self) -> Value {
        let id = ember_hir::ConstId::from_u32(self.random.below(3) as u32);
        self.value(Op::Const { id }, &[])
    }

    /// An object, not NULL.
    fn object(&mut self) -> Value {
        let slot = self.random.below(LOCALS);
        match self.locals[slot] {
            Some(value) if self.random.chance(90) => {
                let ty = self.func.ty(value);
                if ty.is(Type::CInt) {
                    let boxed = self.value(Op::BoxInt, &[value]);
                    if self.random.chance(50) {
                        self.locals[slot] = Some(boxed);
                    }
                    boxed
                } else if ty.is(Type::CBool) {
                    self.value(Op::BoxBool, &[value])
                } else if ty.is_null() {
                    self.constant()
                } else if ty.may_be_null() {
                    let checked = self.value(Op::GuardNotNull, &[value]);
                    self.replace(value, checked);
                    checked
                } else {
                    value
                }
            }
            _ => self.constant(),
        }
    }

    /// The front end uses the narrower name from here on (or not).
    fn replace(&mut self, old: Value, new: Value) {
        if self.random.chance(70) {
            let rename = |value: &mut Value| {
                if *value == old {
                    *value = new;
                }
            };
            self.locals.iter_mut().flatten().for_each(rename);
            self.stack.iter_mut().for_each(rename);
        }
    }

    fn expression(&mut self, depth: usize) -> Value {
        if depth > 2 {
            return self.object();
        }
        match self.random.below(17) {
            0 | 1 => self.object(),
            2 | 3 => {
                let left = self.expression(depth + 1);
                self.stack.push(left);
                let right = self.expression(depth + 1);
                let left = self.stack.pop().unwrap();
                let number = self.func.append(self.block, Op::CInt { value: 0 }, &[]);
                let number = self.func.result(number);
                self.stack.extend([left, right]);
                let value = self.helper(HelperId::binary_op, &[left, right, number]);
                self.stack.truncate(self.stack.len() - 2);
                value
            }
            4 | 5 => {
                let base = self.expression(depth + 1);
                if self.func.ty(base).drops_quietly() {
                    // Such objects have no fields.
                    return base;
                }
                let region = if self.random.chance(30) { Region::Immutable } else { Region::Instance };
                let ty = if self.random.chance(50) { Type::Object } else { Type::OptObject };
                let value = self.value(Op::LoadField { offset: 24, region, ty }, &[base]);
                if ty.may_be_null() {
                    self.stack.push(base);
                    let value = self.value(Op::GuardNotNull, &[value]);
                    self.stack.pop();
                    value
                } else {
                    value
                }
            }
            6 => {
                let count = self.random.below(4);
                let mut items = Vec::new();
                for _ in 0..count {
                    let item =
                        if self.random.chance(40) && !items.is_empty() { items[0] } else { self.expression(depth + 1) };
                    items.push(item);
                    self.stack.push(item);
                }
                let value = self.helper(HelperId::build_list, &items);
                self.stack.truncate(self.stack.len() - count);
                value
            }
            7 => {
                let value = self.expression(depth + 1);
                let ty = [Type::Long, Type::Unicode, Type::NoneType, Type::Float.or(Type::Long)][self.random.below(4)];
                self.stack.push(value);
                let narrow = self.value(Op::GuardType { ty }, &[value]);
                self.stack.pop();
                self.replace(value, narrow);
                if self.random.chance(50) { narrow } else { value }
            }
            8 => {
                let left = self.object();
                let right = self.object();
                self.helper(HelperId::unicode_append, &[left, right])
            }
            9 => {
                let value = self.object();
                self.helper(HelperId::get_iter, &[value])
            }
            10 => {
                let value = self.object();
                let number = self.value(Op::CInt { value: 2 }, &[]);
                self.emit(Op::Helper { id: HelperId::unpack_sequence }, &[value, number]);
                let first = self.value(Op::ScratchLoad { index: 0 }, &[]);
                let second = self.value(Op::ScratchLoad { index: 1 }, &[]);
                if self.random.chance(50) {
                    self.set_local(0, Some(first));
                }
                self.stack.push(first);
                let second = self.value(Op::GuardNotNull, &[second]);
                self.stack.pop();
                second
            }
            11 => {
                let callable = self.object();
                let argument = self.expression(depth + 1);
                self.stack.push(callable);
                let null = self.value(Op::Null, &[]);
                let value = self.value(Op::CallVector, &[callable, null, argument]);
                self.stack.pop();
                value
            }
            12 => self.value(Op::LoadGlobalCell { cell: 8 }, &[]).pipe(|value| self.value(Op::GuardNotNull, &[value])),
            13 => {
                let iterator = self.object();
                let item = self.helper(HelperId::iter_next, &[iterator]);
                let done = self.value(Op::IterDone, &[]);
                let test = self.value(Op::Is, &[item, done]);
                let (end, more) = (self.func.new_block(), self.func.new_block());
                self.branch(test, end, more);
                self.block = end;
                let (locals, stack) = (self.locals.clone(), self.stack.clone());
                self.ret();
                self.ended = false;
                (self.locals, self.stack) = (locals, stack);
                self.block = more;
                self.value(Op::Refine { ty: Type::Object }, &[item])
            }
            14 | 15 => {
                // A field at an offset that is only right for one version of the class.
                let base = self.expression(depth + 1);
                if self.func.ty(base).drops_quietly() {
                    return base;
                }
                self.stack.push(base);
                self.value(Op::GuardClass { number: 7 }, &[base]);
                self.stack.pop();
                let offset = if self.random.chance(50) { 40 } else { 48 };
                self.value(Op::LoadField { offset, region: Region::Instance, ty: Type::Object }, &[base])
            }
            _ => self.constant(),
        }
    }

    fn branch(&mut self, test: Value, one: Block, other: Block) {
        let branch = self.emit(Op::Branch, &[test]);
        for block in [one, other] {
            self.func.insts[branch].targets.push(BlockCall { block, args: Default::default() });
        }
    }

    fn condition(&mut self) -> Value {
        let value = self.object();
        match self.random.below(4) {
            0 => {
                let truth = self.helper(HelperId::is_true, &[value]);
                let zero = self.value(Op::CInt { value: 0 }, &[]);
                self.value(Op::ICmp { cc: Cc::Ne }, &[truth, zero])
            }
            1 => self.value(Op::IsType { ty: Type::NoneType }, &[value]),
            2 => {
                let other = self.constant();
                let test = self.value(Op::Is, &[value, other]);
                self.value(Op::BNot, &[test])
            }
            _ => {
                let other = self.object();
                self.value(Op::Is, &[value, other])
            }
        }
    }

    /// A local gets another value: the life of the old one ends here.
    fn set_local(&mut self, slot: usize, value: Option<Value>) {
        if let Some(old) = self.locals[slot]
            && !self.func.ty(old).is_primitive()
        {
            self.emit(Op::EndLife, &[old]);
        }
        self.locals[slot] = value;
    }

    fn statements(&mut self, depth: usize) {
        let count = 1 + self.random.below(6);
        for _ in 0..count {
            if self.budget == 0 || self.ended {
                return;
            }
            self.budget -= 1;
            self.bci += 1;
            self.statement(depth);
        }
    }

    fn statement(&mut self, depth: usize) {
        let slot = self.random.below(LOCALS);
        match self.random.below(if depth < 3 { 16 } else { 12 }) {
            0..=3 => {
                let value = self.expression(0);
                self.set_local(slot, Some(value));
            }
            4 => {
                self.expression(0);
            }
            5 => self.set_local(slot, None),
            6 => {
                let value = self.expression(1);
                let base = self.object();
                let offset = if self.random.chance(50) {
                    self.stack.push(value);
                    self.value(Op::GuardClass { number: 7 }, &[base]);
                    self.stack.pop();
                    40
                } else {
                    24
                };
                self.value(Op::SwapField { offset, region: Region::Instance }, &[base, value]);
            }
            7 => {
                let value = self.object();
                let number = self.value(Op::UnboxInt, &[value]);
                self.set_local(slot, Some(number));
            }
            8 => {
                if let Some(value) = self.locals[slot]
                    && self.func.ty(value).is(Type::CInt)
                {
                    let sum = self.value(Op::IAdd, &[value, value]);
                    let slot = self.random.below(LOCALS);
                    self.set_local(slot, Some(sum));
                }
            }
            9 => {
                let value = self.object();
                let state = self.helper(HelperId::push_exc_info, &[value]);
                self.stack.push(state);
                let item = self.expression(1);
                self.set_local(slot, Some(item));
                let state = self.stack.pop().unwrap();
                self.emit(Op::Helper { id: HelperId::pop_exc_info }, &[state]);
            }
            10 => {
                let test = self.condition();
                self.set_local(slot, Some(test));
            }
            11 => {
                let value = self.expression(0);
                self.stack.push(value);
                self.statements(depth + 1);
                if !self.ended {
                    let value = self.stack.pop().unwrap();
                    self.set_local(slot, Some(value));
                }
            }
            12 | 13 => self.conditional(depth),
            14 => self.repeat(depth),
            _ => {
                if self.random.chance(20) {
                    self.ret();
                }
            }
        }
    }

    fn ret(&mut self) {
        let value = self.object();
        self.stack.push(value);
        self.emit(Op::Return, &[value]);
        self.stack.pop();
        self.ended = true;
    }

    /// The arguments for a join: every local and stack item, as what the join's parameters are.
    fn arguments(&mut self, kinds: &[Type]) -> Vec<Value> {
        let items: Vec<Option<Value>> =
            self.locals.iter().copied().chain(self.stack.iter().copied().map(Some)).collect();
        let mut arguments = Vec::new();
        for (item, &kind) in items.into_iter().zip(kinds) {
            let ty = item.map(|value| self.func.ty(value));
            let argument = match (item, ty) {
                (None, _) | (_, None) if kind.is(Type::CInt) => self.value(Op::CInt { value: 0 }, &[]),
                (None, _) | (_, None) => self.value(Op::Null, &[]),
                (Some(value), Some(ty)) if ty.is(kind) => value,
                (Some(value), Some(ty)) if ty.is(Type::CInt) => self.value(Op::BoxInt, &[value]),
                (Some(value), Some(ty)) if ty.is(Type::CBool) && !kind.is_primitive() => {
                    self.value(Op::BoxBool, &[value])
                }
                (Some(value), Some(_)) => {
                    self.emit(Op::EndLife, &[value]);
                    self.value(Op::CInt { value: 0 }, &[])
                }
            };
            arguments.push(argument);
        }
        arguments
    }

    fn jump(&mut self, target: Block, kinds: &[Type]) {
        let args = self.arguments(kinds);
        let jump = self.emit(Op::Jump, &[]);
        self.func.insts[jump].targets.push(BlockCall { block: target, args: args.into_iter().collect() });
    }

    fn join(&mut self, kinds: &[Type]) -> Block {
        let block = self.func.new_block();
        for &kind in kinds {
            self.func.add_param(block, kind);
        }
        block
    }

    fn enter(&mut self, block: Block) {
        self.block = block;
        self.ended = false;
        let params = self.func.blocks[block].params.clone();
        self.locals = params[..LOCALS].iter().copied().map(Some).collect();
        self.stack = params[LOCALS..].to_vec();
    }

    fn kinds(&mut self) -> Vec<Type> {
        let items: Vec<Option<Value>> =
            self.locals.iter().copied().chain(self.stack.iter().copied().map(Some)).collect();
        let mut kinds = Vec::new();
        for item in items {
            let number = item.is_some_and(|value| self.func.ty(value).is(Type::CInt));
            kinds.push(if number && self.random.chance(60) { Type::CInt } else { Type::OptObject });
        }
        kinds
    }

    fn conditional(&mut self, depth: usize) {
        let test = self.condition();
        let (one, other) = (self.func.new_block(), self.func.new_block());
        let kinds = self.kinds();
        let join = self.join(&kinds);
        self.branch(test, one, other);
        let saved = (self.locals.clone(), self.stack.clone());
        let mut reached = false;
        for block in [one, other] {
            self.block = block;
            (self.locals, self.stack) = saved.clone();
            self.ended = false;
            self.statements(depth + 1);
            if !self.ended {
                self.jump(join, &kinds);
                reached = true;
            }
        }
        self.enter(join);
        if !reached {
            self.emit(Op::Unreachable, &[]);
            self.ended = true;
        }
    }

    fn repeat(&mut self, depth: usize) {
        let kinds = self.kinds();
        let header = self.join(&kinds);
        self.jump(header, &kinds);
        self.enter(header);
        self.emit(Op::CheckEvalBreaker, &[]);
        let test = self.condition();
        let (body, after) = (self.func.new_block(), self.func.new_block());
        self.branch(test, body, after);
        let saved = (self.locals.clone(), self.stack.clone());
        self.block = body;
        self.statements(depth + 1);
        if !self.ended {
            self.jump(header, &kinds);
        }
        self.block = after;
        self.ended = false;
        (self.locals, self.stack) = saved;
    }
}

trait Pipe: Sized {
    fn pipe<T>(self, then: impl FnOnce(Self) -> T) -> T {
        then(self)
    }
}
impl Pipe for Value {}
