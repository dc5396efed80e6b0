//! A small stack language, its interpreter, and its translation to HIR the way the front end translates bytecode: speculating on types that need not come, leaving to
//! the interpreter at the instruction where they do not.

use super::Random;
use ember_hir::eval::{Datum, Left};
use ember_hir::function::{BlockCall, FrameState};
use ember_hir::ops::Cc;
use ember_hir::{Block, ConstData, ConstId, Function, Op, Type, Value};
use std::collections::BTreeMap;

/// A value of the language: its integers are wider than the machine's.
#[derive(Clone, Copy, Debug)]
pub enum Val {
    Int(i128),
    Double(f64),
}

impl PartialEq for Val {
    fn eq(&self, other: &Val) -> bool {
        match (self, other) {
            (Val::Int(a), Val::Int(b)) => a == b,
            (Val::Double(a), Val::Double(b)) => a.to_bits() == b.to_bits() || (a.is_nan() && b.is_nan()),
            _ => false,
        }
    }
}

#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Arith {
    Add,
    Sub,
    Mul,
    And,
    Mod,
}

/// What the translation expects of an operation's operands.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Expect {
    Ints,
    Doubles,
}

#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Code {
    Const(usize),
    Load(usize),
    Store(usize),
    Arith(Arith, Expect),
    /// Compares the two topmost values and jumps if that is false.
    JumpUnless(Cc, Expect, usize),
    Jump(usize),
    Return,
}

pub const LOCALS: usize = 4;
pub const PARAMS: usize = 2;
const CONSTS: [Val; 5] = [Val::Int(0), Val::Int(1), Val::Int(7), Val::Double(0.5), Val::Int(i64::MAX as i128 - 5)];

/// A random program: structured, so that it mostly ends.
pub fn program(seed: u64) -> Vec<Code> {
    let mut writer = Writer { random: Random::new(seed), code: Vec::new(), budget: 14 };
    for slot in PARAMS..LOCALS {
        let constant = writer.random.below(CONSTS.len());
        writer.code.extend([Code::Const(constant), Code::Store(slot)]);
    }
    writer.statements(0);
    writer.expression(0);
    writer.code.push(Code::Return);
    writer.code
}

struct Writer {
    random: Random,
    code: Vec<Code>,
    budget: usize,
}

impl Writer {
    fn expect(&mut self) -> Expect {
        if self.random.chance(80) { Expect::Ints } else { Expect::Doubles }
    }

    fn expression(&mut self, depth: usize) {
        match self.random.below(if depth > 2 { 3 } else { 6 }) {
            0 => {
                let constant = self.random.below(CONSTS.len());
                self.code.push(Code::Const(constant));
            }
            1 | 2 => {
                let slot = self.random.below(LOCALS);
                self.code.push(Code::Load(slot));
            }
            _ => {
                self.expression(depth + 1);
                self.expression(depth + 1);
                let op = [Arith::Add, Arith::Add, Arith::Sub, Arith::Mul, Arith::And, Arith::Mod][self.random.below(6)];
                let expect = if matches!(op, Arith::And | Arith::Mod) { Expect::Ints } else { self.expect() };
                self.code.push(Code::Arith(op, expect));
            }
        }
    }

    /// A comparison; the index of the jump to be patched.
    fn condition(&mut self) -> usize {
        self.expression(1);
        self.expression(1);
        let cc = [Cc::Lt, Cc::Le, Cc::Eq, Cc::Ne, Cc::Gt][self.random.below(5)];
        let expect = self.expect();
        self.code.push(Code::JumpUnless(cc, expect, 0));
        self.code.len() - 1
    }

    fn patch(&mut self, at: usize) {
        let here = self.code.len();
        match &mut self.code[at] {
            Code::JumpUnless(_, _, target) | Code::Jump(target) => *target = here,
            _ => {}
        }
    }

    fn statements(&mut self, depth: usize) {
        for _ in 0..1 + self.random.below(3) {
            if self.budget == 0 {
                return;
            }
            self.budget -= 1;
            match self.random.below(if depth < 2 { 7 } else { 4 }) {
                0..=3 => {
                    self.expression(0);
                    let slot = self.random.below(LOCALS);
                    self.code.push(Code::Store(slot));
                }
                4 => {
                    let jump = self.condition();
                    self.statements(depth + 1);
                    let end = self.code.len();
                    self.code.push(Code::Jump(0));
                    self.patch(jump);
                    if self.random.chance(50) {
                        self.statements(depth + 1);
                    }
                    self.patch(end);
                }
                _ => self.repeat(depth),
            }
        }
    }

    /// A loop, mostly with a counter.
    fn repeat(&mut self, depth: usize) {
        let counter = self.random.below(LOCALS);
        self.code.extend([Code::Const(0), Code::Store(counter)]);
        let head = self.code.len();
        let jump = if self.random.chance(70) {
            let bound = [Code::Const(2), Code::Load(self.random.below(LOCALS))][self.random.below(2)];
            self.code.extend([Code::Load(counter), bound, Code::JumpUnless(Cc::Lt, Expect::Ints, 0)]);
            self.code.len() - 1
        } else {
            self.condition()
        };
        self.statements(depth + 1);
        self.code.extend([Code::Load(counter), Code::Const(1), Code::Arith(Arith::Add, Expect::Ints)]);
        self.code.extend([Code::Store(counter), Code::Jump(head)]);
        self.patch(jump);
    }
}

fn compare<T: PartialOrd>(cc: Cc, left: T, right: T) -> bool {
    match cc {
        Cc::Eq => left == right,
        Cc::Ne => left != right,
        Cc::Lt | Cc::Ult => left < right,
        Cc::Le => left <= right,
        Cc::Gt => left > right,
        Cc::Ge => left >= right,
    }
}

fn double(value: Val) -> f64 {
    match value {
        Val::Int(value) => value as f64,
        Val::Double(value) => value,
    }
}

fn arith(op: Arith, left: Val, right: Val) -> Val {
    match (op, left, right) {
        (Arith::Add, Val::Int(left), Val::Int(right)) => Val::Int(left.wrapping_add(right)),
        (Arith::Sub, Val::Int(left), Val::Int(right)) => Val::Int(left.wrapping_sub(right)),
        (Arith::Mul, Val::Int(left), Val::Int(right)) => Val::Int(left.wrapping_mul(right)),
        (Arith::And, Val::Int(left), Val::Int(right)) => Val::Int(left & right),
        (Arith::Mod, Val::Int(_), Val::Int(0)) => Val::Int(-1),
        (Arith::Mod, Val::Int(left), Val::Int(right)) => {
            let rest = left.wrapping_rem(right);
            Val::Int(if rest != 0 && (rest < 0) != (right < 0) { rest + right } else { rest })
        }
        (Arith::Add, left, right) => Val::Double(double(left) + double(right)),
        (Arith::Sub, left, right) => Val::Double(double(left) - double(right)),
        (Arith::Mul, left, right) => Val::Double(double(left) * double(right)),
        (Arith::And | Arith::Mod, left, right) => Val::Double(double(left) * 0.5 + double(right)),
    }
}

/// Runs a program from anywhere; `None` when it takes too long.
pub fn interpret(code: &[Code], mut at: usize, locals: &[Option<Val>], stack: &[Val], steps: usize) -> Option<Val> {
    let (mut locals, mut stack) = (locals.to_vec(), stack.to_vec());
    for _ in 0..steps {
        match code[at] {
            Code::Const(index) => stack.push(CONSTS[index]),
            Code::Load(slot) => stack.push(locals[slot].expect("bound")),
            Code::Store(slot) => locals[slot] = stack.pop(),
            Code::Arith(op, _) => {
                let right = stack.pop().expect("two operands");
                let left = stack.pop().expect("two operands");
                stack.push(arith(op, left, right));
            }
            Code::JumpUnless(cc, _, target) => {
                let right = stack.pop().expect("two operands");
                let left = stack.pop().expect("two operands");
                let holds = match (left, right) {
                    (Val::Int(left), Val::Int(right)) => compare(cc, left, right),
                    _ => compare(cc, double(left), double(right)),
                };
                if !holds {
                    at = target;
                    continue;
                }
            }
            Code::Jump(target) => {
                at = target;
                continue;
            }
            Code::Return => return stack.pop(),
        }
        at += 1;
    }
    None
}

/// Goes on where compiled code left.
pub fn resume(code: &[Code], left: &Left, steps: usize) -> Option<Val> {
    let val = |datum: Datum| match datum {
        Datum::BoxedInt(value) => Some(Val::Int(i128::from(value))),
        Datum::BoxedDouble(value) => Some(Val::Double(value)),
        _ => None,
    };
    let locals: Vec<Option<Val>> = left.locals.iter().map(|&datum| val(datum)).collect();
    let stack: Vec<Val> = left.stack.iter().map(|&datum| val(datum).expect("a number")).collect();
    interpret(code, left.bci as usize, &locals, &stack, steps)
}

/// Translates a program.
pub fn translate(code: &[Code]) -> Function {
    let mut func = Function::new("mini", LOCALS as u32);
    for constant in CONSTS {
        let (ty, int, double, text) = match constant {
            Val::Int(value) => (Type::Long, i64::try_from(value).ok(), None, value.to_string()),
            Val::Double(value) => (Type::Float, None, Some(value.to_bits()), value.to_string()),
        };
        let address = 0x1000 + func.consts.len() as u64 * 16;
        func.consts.push(ConstData { address, ty, int, double, text });
    }
    let entry = func.entry;
    let mut locals: Vec<Option<Value>> = (0..PARAMS).map(|_| Some(func.add_param(entry, Type::Object))).collect();
    locals.resize(LOCALS, None);
    // The instructions control can come to from elsewhere, each a block with a parameter for every local.
    let mut heads: BTreeMap<usize, Block> = BTreeMap::new();
    for (at, code) in code.iter().enumerate() {
        if let Code::JumpUnless(_, _, target) | Code::Jump(target) = *code {
            for at in [target, at + 1] {
                heads.entry(at).or_insert_with(|| func.new_block());
            }
        }
    }
    for &block in heads.values() {
        for _ in 0..LOCALS {
            func.add_param(block, Type::OptObject);
        }
    }
    let mut translator = Translator { func, block: entry, locals, stack: Vec::new(), heads, ended: false };
    for (at, &code) in code.iter().enumerate() {
        translator.instruction(at, code);
    }
    translator.func
}

struct Translator {
    func: Function,
    block: Block,
    locals: Vec<Option<Value>>,
    stack: Vec<Value>,
    heads: BTreeMap<usize, Block>,
    ended: bool,
}

impl Translator {
    fn emit(&mut self, at: usize, op: Op, args: &[Value]) -> Option<Value> {
        let inst = self.func.append(self.block, op, args);
        self.func.insts[inst].bci = at as u32;
        if op.effects().needs_state() {
            let (locals, stack) = (self.locals.clone(), self.stack.clone());
            let state = FrameState { bci: at as u32, level: None, locals, stack, parent: None };
            let state = self.func.states.push(state);
            self.func.insts[inst].state = state.into();
        }
        self.func.insts[inst].result.expand()
    }

    fn value(&mut self, at: usize, op: Op, args: &[Value]) -> Value {
        self.emit(at, op, args).expect("a result")
    }

    /// The machine value of an object, under a guard.
    fn unbox(&mut self, at: usize, value: Value, expect: Expect) -> Value {
        let (ty, machine, op) = match expect {
            Expect::Ints => (Type::Long, Type::CInt, Op::UnboxInt),
            Expect::Doubles => (Type::Float, Type::CDouble, Op::UnboxDouble),
        };
        if self.func.ty(value).is(machine) {
            return value;
        }
        let object = self.boxed(at, value);
        let guarded = self.value(at, Op::GuardType { ty }, &[object]);
        for known in self.locals.iter_mut().flatten().chain(&mut self.stack) {
            if *known == object {
                *known = guarded;
            }
        }
        self.value(at, op, &[guarded])
    }

    fn boxed(&mut self, at: usize, value: Value) -> Value {
        let ty = self.func.ty(value);
        if ty.is(Type::CInt) {
            self.value(at, Op::BoxInt, &[value])
        } else if ty.is(Type::CDouble) {
            self.value(at, Op::BoxDouble, &[value])
        } else {
            value
        }
    }

    fn operands(&mut self, at: usize, expect: Expect) -> (Value, Value) {
        let depth = self.stack.len();
        let left = self.unbox(at, self.stack[depth - 2], expect);
        let right = self.unbox(at, self.stack[depth - 1], expect);
        (left, right)
    }

    fn call(&mut self, at: usize, target: usize) -> BlockCall {
        let mut args = Vec::new();
        for slot in 0..LOCALS {
            args.push(match self.locals[slot] {
                Some(value) => self.boxed(at, value),
                None => self.value(at, Op::Null, &[]),
            });
        }
        BlockCall { block: self.heads[&target], args: args.into_iter().collect() }
    }

    fn jump(&mut self, at: usize, target: usize) {
        let call = self.call(at, target);
        let inst = self.func.append(self.block, Op::Jump, &[]);
        self.func.insts[inst].targets.push(call);
        self.ended = true;
    }

    fn instruction(&mut self, at: usize, code: Code) {
        if let Some(&block) = self.heads.get(&at) {
            if !self.ended {
                self.jump(at, at);
            }
            self.block = block;
            self.ended = false;
            self.stack.clear();
            self.locals = self.func.blocks[block].params.iter().copied().map(Some).collect();
        }
        if self.ended {
            return;
        }
        match code {
            Code::Const(index) => {
                let value = self.value(at, Op::Const { id: ConstId::from_u32(index as u32) }, &[]);
                self.stack.push(value);
            }
            Code::Load(slot) => {
                let value = match self.locals[slot] {
                    Some(value) if self.func.ty(value).may_be_null() => {
                        let checked = self.value(at, Op::GuardNotNull, &[value]);
                        self.locals[slot] = Some(checked);
                        checked
                    }
                    Some(value) => value,
                    None => self.value(at, Op::Null, &[]),
                };
                self.stack.push(value);
            }
            Code::Store(slot) => self.locals[slot] = self.stack.pop(),
            Code::Arith(op, expect) => {
                let (left, right) = self.operands(at, expect);
                let op = match (op, expect) {
                    (Arith::Add, Expect::Ints) => Op::IAdd,
                    (Arith::Sub, Expect::Ints) => Op::ISub,
                    (Arith::Mul, Expect::Ints) => Op::IMul,
                    (Arith::And, _) => Op::IAnd,
                    (Arith::Mod, _) => Op::IMod,
                    (Arith::Add, Expect::Doubles) => Op::DAdd,
                    (Arith::Sub, Expect::Doubles) => Op::DSub,
                    (Arith::Mul, Expect::Doubles) => Op::DMul,
                };
                let value = self.value(at, op, &[left, right]);
                self.stack.truncate(self.stack.len() - 2);
                self.stack.push(value);
            }
            Code::JumpUnless(cc, expect, target) => {
                let (left, right) = self.operands(at, expect);
                let op = if expect == Expect::Ints { Op::ICmp { cc } } else { Op::DCmp { cc } };
                let test = self.value(at, op, &[left, right]);
                self.stack.truncate(self.stack.len() - 2);
                let (yes, no) = (self.func.new_block(), self.func.new_block());
                let inst = self.func.append(self.block, Op::Branch, &[test]);
                for block in [yes, no] {
                    self.func.insts[inst].targets.push(BlockCall { block, args: Default::default() });
                }
                for (block, target) in [(yes, at + 1), (no, target)] {
                    self.block = block;
                    self.jump(at, target);
                }
            }
            Code::Jump(target) => {
                self.emit(at, Op::CheckEvalBreaker, &[]);
                self.jump(at, target);
            }
            Code::Return => {
                let value = self.stack.pop().expect("a result");
                let value = self.boxed(at, value);
                self.emit(at, Op::Return, &[value]);
                self.ended = true;
            }
        }
    }
}
