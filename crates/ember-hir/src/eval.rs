//! A slow evaluator for functions on machine values: the oracle in tests of passes and of code generation.
//!
//! It knows integers, doubles, truth values and the boxes around them, control flow, and guards as ways out; operations on other objects, memory and the world outside
//! give [`Outcome::Unsupported`]. A box is its value: two boxes of equal values are the same to it.

use crate::function::{FrameStateId, Function, Inst, Value};
use crate::ops::{Cc, Op};
use crate::types::Type;
use rustc_hash::FxHashMap;

/// A value at run time.
#[derive(Clone, Copy, Debug)]
pub enum Datum {
    /// A machine integer.
    Int(i64),
    /// A machine double.
    Double(f64),
    /// A machine truth value.
    Bool(bool),
    /// An `int` object.
    BoxedInt(i64),
    /// A `float` object.
    BoxedDouble(f64),
    /// `True` or `False`.
    BoxedBool(bool),
    /// Another constant, by its address.
    Object(u64),
    /// NULL.
    Null,
}

impl PartialEq for Datum {
    fn eq(&self, other: &Datum) -> bool {
        match (self, other) {
            (Datum::Int(a), Datum::Int(b)) | (Datum::BoxedInt(a), Datum::BoxedInt(b)) => a == b,
            (Datum::Double(a), Datum::Double(b)) | (Datum::BoxedDouble(a), Datum::BoxedDouble(b)) => {
                a.to_bits() == b.to_bits() || (a.is_nan() && b.is_nan())
            }
            (Datum::Bool(a), Datum::Bool(b)) | (Datum::BoxedBool(a), Datum::BoxedBool(b)) => a == b,
            (Datum::Object(a), Datum::Object(b)) => a == b,
            (Datum::Null, Datum::Null) => true,
            _ => false,
        }
    }
}

impl Datum {
    /// The exact type of an object.
    fn ty(self) -> Type {
        match self {
            Datum::Int(_) => Type::CInt,
            Datum::Double(_) => Type::CDouble,
            Datum::Bool(_) => Type::CBool,
            Datum::BoxedInt(_) => Type::Long,
            Datum::BoxedDouble(_) => Type::Float,
            Datum::BoxedBool(_) => Type::Bool,
            Datum::Object(_) => Type::Other,
            Datum::Null => Type::Null,
        }
    }

    /// As the interpreter would have it: machine values boxed.
    fn boxed(self) -> Datum {
        match self {
            Datum::Int(value) => Datum::BoxedInt(value),
            Datum::Double(value) => Datum::BoxedDouble(value),
            Datum::Bool(value) => Datum::BoxedBool(value),
            other => other,
        }
    }
}

/// The interpreter's state at an exit, outermost caller last.
#[derive(Clone, Debug, PartialEq)]
pub struct Left {
    /// Code unit to go on at.
    pub bci: u32,
    /// Locals, boxed; NULL for unbound ones.
    pub locals: Vec<Datum>,
    /// Operand stack, boxed.
    pub stack: Vec<Datum>,
}

/// How a run ended.
#[derive(Clone, Debug, PartialEq)]
pub enum Outcome {
    /// `Return`.
    Returned(Datum),
    /// A guard failed, or `Deopt`.
    Left(Vec<Left>),
    /// Too many steps.
    Endless,
    /// An operation the evaluator does not know.
    Unsupported(String),
}

/// Runs a function.
#[must_use]
pub fn eval(func: &Function, args: &[Datum], steps: usize) -> Outcome {
    let mut machine = Machine { func, values: FxHashMap::default() };
    let params = &func.blocks[func.entry].params;
    if params.len() != args.len() {
        return Outcome::Unsupported(format!("takes {} arguments", params.len()));
    }
    machine.values.extend(params.iter().copied().zip(args.iter().copied()));
    let mut block = func.entry;
    let mut left = steps;
    loop {
        let mut target = None;
        for &inst in &func.blocks[block].insts {
            if left == 0 {
                return Outcome::Endless;
            }
            left -= 1;
            match machine.step(inst) {
                Ok(Step::Value(value)) => {
                    if let Some(result) = func.insts[inst].result.expand() {
                        machine.values.insert(result, value);
                    }
                }
                Ok(Step::Done) => {}
                Ok(Step::Goes(index)) => target = Some((inst, index)),
                Ok(Step::Ends(outcome)) => return outcome,
                Err(message) => return Outcome::Unsupported(message),
            }
        }
        let Some((inst, index)) = target else { return Outcome::Unsupported(format!("{block} has no end")) };
        let Some(call) = func.insts[inst].targets.get(index) else {
            return Outcome::Unsupported(format!("{block} lacks a target"));
        };
        let passed: Result<Vec<Datum>, String> = call.args.iter().map(|&arg| machine.get(arg)).collect();
        let passed = match passed {
            Ok(passed) => passed,
            Err(message) => return Outcome::Unsupported(message),
        };
        block = call.block;
        machine.values.extend(func.blocks[block].params.iter().copied().zip(passed));
    }
}

enum Step {
    Value(Datum),
    Done,
    Goes(usize),
    Ends(Outcome),
}

struct Machine<'a> {
    func: &'a Function,
    values: FxHashMap<Value, Datum>,
}

impl Machine<'_> {
    fn get(&self, value: Value) -> Result<Datum, String> {
        self.values.get(&value).copied().ok_or_else(|| format!("{value} has no value"))
    }

    fn int(&self, value: Value) -> Result<i64, String> {
        match self.get(value)? {
            Datum::Int(value) => Ok(value),
            other => Err(format!("{value} is {other:?}, not a machine integer")),
        }
    }

    fn double(&self, value: Value) -> Result<f64, String> {
        match self.get(value)? {
            Datum::Double(value) => Ok(value),
            other => Err(format!("{value} is {other:?}, not a machine double")),
        }
    }

    fn truth(&self, value: Value) -> Result<bool, String> {
        match self.get(value)? {
            Datum::Bool(value) => Ok(value),
            other => Err(format!("{value} is {other:?}, not a machine truth value")),
        }
    }

    /// Leaves at an instruction's frame state.
    fn leave(&self, inst: Inst) -> Result<Step, String> {
        let mut levels = Vec::new();
        let mut next: Option<FrameStateId> = self.func.insts[inst].state.expand();
        if next.is_none() {
            return Err(format!("{inst} leaves without a frame state"));
        }
        while let Some(id) = next {
            let state = &self.func.states[id];
            let local = |local: &Option<Value>| local.map_or(Ok(Datum::Null), |value| self.get(value));
            levels.push(Left {
                bci: state.bci,
                locals: state.locals.iter().map(|value| local(value).map(Datum::boxed)).collect::<Result<_, _>>()?,
                stack: state.stack.iter().map(|&value| self.get(value).map(Datum::boxed)).collect::<Result<_, _>>()?,
            });
            next = state.parent;
        }
        Ok(Step::Ends(Outcome::Left(levels)))
    }

    fn constant(&self, id: crate::ConstId) -> Datum {
        let data = &self.func.consts[id];
        match (data.int, data.double) {
            (Some(value), _) if data.ty.is(Type::Bool) => Datum::BoxedBool(value != 0),
            (Some(value), _) => Datum::BoxedInt(value),
            (None, Some(bits)) => Datum::BoxedDouble(f64::from_bits(bits)),
            (None, None) => Datum::Object(data.address),
        }
    }

    fn step(&self, inst: Inst) -> Result<Step, String> {
        let data = &self.func.insts[inst];
        let args = data.args.as_slice();
        let value = match data.op {
            Op::Const { id } => self.constant(id),
            Op::CInt { value } => Datum::Int(value),
            Op::CDouble { bits } => Datum::Double(f64::from_bits(bits)),
            Op::CBool { value } => Datum::Bool(value),
            Op::Null => Datum::Null,
            Op::GuardType { ty } | Op::Refine { ty } => {
                let value = self.get(args[0])?;
                if !value.ty().is(ty) && matches!(data.op, Op::GuardType { .. }) {
                    return self.leave(inst);
                }
                value
            }
            Op::GuardNotNull => match self.get(args[0])? {
                Datum::Null => return self.leave(inst),
                value => value,
            },
            Op::GuardIs { id } => match self.get(args[0])? {
                value if value == self.constant(id) => value,
                _ => return self.leave(inst),
            },
            Op::GuardTrue | Op::GuardFalse => {
                return if self.truth(args[0])? == (data.op == Op::GuardTrue) {
                    Ok(Step::Done)
                } else {
                    self.leave(inst)
                };
            }
            Op::CheckEvalBreaker => Datum::Int(0),
            Op::EvalBreaker => Datum::Bool(false),
            Op::GuardQuiet => return Ok(Step::Done),
            Op::UnboxInt | Op::EnterInt => match self.get(args[0])? {
                Datum::BoxedInt(value) => Datum::Int(value),
                other => return Err(format!("unboxes {other:?}")),
            },
            Op::UnboxDouble => match self.get(args[0])? {
                Datum::BoxedDouble(value) => Datum::Double(value),
                other => return Err(format!("unboxes {other:?}")),
            },
            Op::UnboxBool => match self.get(args[0])? {
                Datum::BoxedBool(value) => Datum::Bool(value),
                other => return Err(format!("unboxes {other:?}")),
            },
            Op::BoxInt | Op::BoxDouble | Op::BoxBool => self.get(args[0])?.boxed(),
            Op::IntToDouble => Datum::Double(self.int(args[0])? as f64),
            Op::BoolToInt => Datum::Int(i64::from(self.truth(args[0])?)),
            Op::INeg => match self.int(args[0])?.checked_neg() {
                Some(value) => Datum::Int(value),
                None => return self.leave(inst),
            },
            Op::INot => Datum::Int(!self.int(args[0])?),
            Op::ICmp { cc } => Datum::Bool(compare_ints(cc, self.int(args[0])?, self.int(args[1])?)),
            Op::DCmp { cc } => Datum::Bool(compare_doubles(cc, self.double(args[0])?, self.double(args[1])?)),
            Op::BNot => Datum::Bool(!self.truth(args[0])?),
            Op::DAdd => Datum::Double(self.double(args[0])? + self.double(args[1])?),
            Op::DSub => Datum::Double(self.double(args[0])? - self.double(args[1])?),
            Op::DMul => Datum::Double(self.double(args[0])? * self.double(args[1])?),
            Op::DDiv => match self.double(args[1])? {
                0.0 => return self.leave(inst),
                divisor => Datum::Double(self.double(args[0])? / divisor),
            },
            Op::DNeg => Datum::Double(-self.double(args[0])?),
            Op::DAbs => Datum::Double(self.double(args[0])?.abs()),
            Op::DSqrt => match self.double(args[0])? {
                value if value >= 0.0 => Datum::Double(value.sqrt()),
                _ => return self.leave(inst),
            },
            Op::Is => Datum::Bool(self.get(args[0])? == self.get(args[1])?),
            Op::IsNull => Datum::Bool(self.get(args[0])? == Datum::Null),
            Op::IsType { ty } => Datum::Bool(self.get(args[0])?.ty().is(ty)),
            Op::EndLife | Op::Incref | Op::Decref | Op::LeaveObserved => return Ok(Step::Done),
            Op::SetLocal { .. } | Op::SetLocalOwned { .. } | Op::ClearLocal { .. } | Op::DropLocal { .. } => {
                return Ok(Step::Done);
            }
            Op::Jump => return Ok(Step::Goes(0)),
            Op::Branch => return Ok(Step::Goes(usize::from(!self.truth(args[0])?))),
            Op::Return => return Ok(Step::Ends(Outcome::Returned(self.get(args[0])?))),
            Op::Deopt => return self.leave(inst),
            op => return self.integers(inst, op),
        };
        Ok(Step::Value(value))
    }

    /// Binary integer operations; those that leave give `None`.
    fn integers(&self, inst: Inst, op: Op) -> Result<Step, String> {
        let args = &self.func.insts[inst].args;
        if args.len() != 2 {
            return Err(format!("does not know {}", op.name()));
        }
        let (left, right) = (self.int(args[0])?, self.int(args[1])?);
        let value = match op {
            Op::IAdd => left.checked_add(right),
            Op::ISub => left.checked_sub(right),
            Op::IMul => left.checked_mul(right),
            Op::IAddWrap => Some(left.wrapping_add(right)),
            Op::ISubWrap => Some(left.wrapping_sub(right)),
            Op::IMulWrap => Some(left.wrapping_mul(right)),
            Op::IFloorDiv => floor_div(left, right),
            Op::IMod => floor_div(left, right).map(|quotient| left.wrapping_sub(quotient.wrapping_mul(right))),
            Op::IShl => {
                let shifted = u32::try_from(right).ok().filter(|&count| count < 64).map(|count| left << count);
                shifted.filter(|shifted| shifted >> right == left)
            }
            Op::IShr => (right >= 0).then(|| left >> right.min(63)),
            Op::IAnd => Some(left & right),
            Op::IOr => Some(left | right),
            Op::IXor => Some(left ^ right),
            _ => return Err(format!("does not know {}", op.name())),
        };
        match value {
            Some(value) => Ok(Step::Value(Datum::Int(value))),
            None => self.leave(inst),
        }
    }
}

/// Quotient rounded towards minus infinity; `None` for a zero divisor and on overflow.
fn floor_div(left: i64, right: i64) -> Option<i64> {
    let quotient = left.checked_div(right)?;
    Some(if left % right != 0 && (left < 0) != (right < 0) { quotient - 1 } else { quotient })
}

fn compare_ints(cc: Cc, left: i64, right: i64) -> bool {
    match cc {
        Cc::Eq => left == right,
        Cc::Ne => left != right,
        Cc::Lt => left < right,
        Cc::Le => left <= right,
        Cc::Gt => left > right,
        Cc::Ge => left >= right,
        Cc::Ult => (left as u64) < right as u64,
    }
}

fn compare_doubles(cc: Cc, left: f64, right: f64) -> bool {
    match cc {
        Cc::Eq => left == right,
        Cc::Ne => left != right,
        Cc::Lt | Cc::Ult => left < right,
        Cc::Le => left <= right,
        Cc::Gt => left > right,
        Cc::Ge => left >= right,
    }
}
