//! Local simplification: what an operation comes to, given the types and definitions of its operands.
//!
//! [`simplify`] looks at one instruction and changes nothing; [`crate::gvn`] calls it on the way through the function. Versions in types ([`ember_hir::types::Spec`]) prove nothing
//! here: they held when the guard ran and may be gone since.

use ember_hir::ops::Cc;
use ember_hir::{ConstData, ErrorMode, Function, HelperId, Inst, Op, Ownership, Type, Value};
use smallvec::{SmallVec, smallvec};

/// What an instruction comes to.
#[derive(Clone, Debug, PartialEq)]
pub enum Simpler {
    /// Nothing simpler.
    Same,
    /// Its result is this value.
    Value(Value),
    /// It is this operation with these operands.
    Op(Op, SmallVec<[Value; 2]>),
    /// Its result is the first operation's, applied to the result of the second.
    Twice(Op, Op, SmallVec<[Value; 2]>),
    /// It does nothing.
    Nothing,
    /// A branch always goes to this target.
    Goes(usize),
    /// A branch on the opposite of its condition.
    Swapped(Value),
}

fn constant(func: &Function, value: Value) -> Option<&ConstData> {
    match func.def_op(root(func, value))? {
        Op::Const { id } => Some(&func.consts[*id]),
        _ => None,
    }
}

/// The value under guards and refinements.
#[must_use]
pub fn root(func: &Function, mut value: Value) -> Value {
    while let Some(inst) = func.def_inst(value) {
        if func.insts[inst].op.ownership() != Ownership::Alias {
            break;
        }
        value = func.insts[inst].args[0];
    }
    value
}

fn int(func: &Function, value: Value) -> Option<i64> {
    match func.def_op(value)? {
        Op::CInt { value } => Some(*value),
        _ => None,
    }
}

fn double(func: &Function, value: Value) -> Option<f64> {
    match func.def_op(value)? {
        Op::CDouble { bits } => Some(f64::from_bits(*bits)),
        _ => None,
    }
}

fn truth(func: &Function, value: Value) -> Option<bool> {
    match func.def_op(value)? {
        Op::CBool { value } => Some(*value),
        _ => None,
    }
}

fn op0(op: Op) -> Simpler {
    Simpler::Op(op, SmallVec::new())
}

fn is(value: bool) -> Simpler {
    op0(Op::CBool { value })
}

/// The operand of `value`'s definition (under guards) when that is an operation `wanted` accepts.
fn under(func: &Function, value: Value, wanted: impl Fn(&Op) -> bool) -> Option<Value> {
    let inst = func.def_inst(root(func, value))?;
    wanted(&func.insts[inst].op).then(|| func.insts[inst].args[0])
}

/// What `inst` comes to.
#[must_use]
pub fn simplify(func: &Function, inst: Inst) -> Simpler {
    let data = &func.insts[inst];
    let args = data.args.as_slice();
    if data.on_error == ErrorMode::Null {
        return Simpler::Same;
    }
    match data.op {
        Op::GuardType { .. }
        | Op::GuardNotNull
        | Op::GuardIs { .. }
        | Op::GuardTrue
        | Op::GuardFalse
        | Op::Refine { .. } => guard(func, data.op, args[0]),
        Op::IsNull | Op::IsType { .. } | Op::Is | Op::BNot | Op::Branch => test(func, inst, data.op, args),
        Op::UnboxInt | Op::UnboxDouble | Op::UnboxBool => unbox(func, data.op, args[0]),
        Op::BoxInt | Op::BoxDouble | Op::BoxBool => rebox(func, data.op, args[0]),
        Op::IntToDouble => match int(func, args[0]) {
            Some(value) => op0(Op::CDouble { bits: (value as f64).to_bits() }),
            None => Simpler::Same,
        },
        Op::BoolToInt => match truth(func, args[0]) {
            Some(value) => op0(Op::CInt { value: i64::from(value) }),
            None => Simpler::Same,
        },
        Op::INeg | Op::INot => match int(func, args[0]) {
            Some(value) if data.op == Op::INot => op0(Op::CInt { value: !value }),
            Some(value) => value.checked_neg().map_or(Simpler::Same, |value| op0(Op::CInt { value })),
            None => Simpler::Same,
        },
        Op::ICmp { cc } => compare_ints(func, cc, args),
        Op::DCmp { cc } => match (double(func, args[0]), double(func, args[1])) {
            (Some(left), Some(right)) => is(compare_doubles(cc, left, right)),
            _ => Simpler::Same,
        },
        Op::DAdd | Op::DSub | Op::DMul | Op::DDiv => match (double(func, args[0]), double(func, args[1])) {
            (Some(left), Some(right)) => doubles(data.op, left, right),
            _ => Simpler::Same,
        },
        Op::DNeg | Op::DAbs => match double(func, args[0]) {
            Some(value) => {
                let value = if data.op == Op::DNeg { -value } else { value.abs() };
                op0(Op::CDouble { bits: value.to_bits() })
            }
            None => Simpler::Same,
        },
        Op::Helper { id: HelperId::is_true } => {
            let ty = func.ty(args[0]);
            if ty.is(Type::Bool) {
                Simpler::Twice(Op::BoolToInt, Op::UnboxBool, smallvec![args[0]])
            } else if ty.is(Type::NoneType) {
                op0(Op::CInt { value: 0 })
            } else {
                Simpler::Same
            }
        }
        _ => ints(func, data.op, args),
    }
}

fn guard(func: &Function, op: Op, arg: Value) -> Simpler {
    let ty = func.ty(arg);
    let holds = match op {
        Op::GuardType { ty: wanted } | Op::Refine { ty: wanted } => ty.is(wanted),
        Op::GuardNotNull => !ty.may_be_null(),
        Op::GuardIs { id } => constant(func, arg).is_some_and(|data| data.address == func.consts[id].address),
        Op::GuardTrue | Op::GuardFalse => {
            if let Some(value) = truth(func, arg) {
                return if value == (op == Op::GuardTrue) { Simpler::Nothing } else { Simpler::Same };
            }
            if let Some(value) = under(func, arg, |op| *op == Op::BNot) {
                return Simpler::Op(if op == Op::GuardTrue { Op::GuardFalse } else { Op::GuardTrue }, smallvec![value]);
            }
            return Simpler::Same;
        }
        _ => false,
    };
    if holds { Simpler::Value(arg) } else { Simpler::Same }
}

fn test(func: &Function, inst: Inst, op: Op, args: &[Value]) -> Simpler {
    match op {
        Op::IsNull if func.ty(args[0]).is(Type::CPtr) => Simpler::Same,
        Op::IsNull => match func.ty(args[0]) {
            ty if !ty.may_be_null() => is(false),
            ty if ty.is_null() => is(true),
            _ => Simpler::Same,
        },
        Op::IsType { ty } => match func.ty(args[0]) {
            found if found.is(ty) => is(true),
            found if !found.could_be(ty) => is(false),
            _ => Simpler::Same,
        },
        Op::Is => {
            let (left, right) = (func.ty(args[0]), func.ty(args[1]));
            if root(func, args[0]) == root(func, args[1]) {
                return is(true);
            }
            match (constant(func, args[0]), constant(func, args[1])) {
                (Some(one), Some(other)) if one.address != 0 => is(one.address == other.address),
                _ if !left.could_be(right) => is(false),
                _ => Simpler::Same,
            }
        }
        Op::BNot => {
            if let Some(value) = truth(func, args[0]) {
                return is(!value);
            }
            match func.def_inst(args[0]).map(|inst| &func.insts[inst]) {
                Some(data) if data.op == Op::BNot => Simpler::Value(data.args[0]),
                Some(data) => match data.op {
                    Op::ICmp { cc } => inverse(cc)
                        .map_or(Simpler::Same, |cc| Simpler::Op(Op::ICmp { cc }, data.args.iter().copied().collect())),
                    Op::DCmp { cc: cc @ (Cc::Eq | Cc::Ne) } => {
                        let cc = if cc == Cc::Eq { Cc::Ne } else { Cc::Eq };
                        Simpler::Op(Op::DCmp { cc }, data.args.iter().copied().collect())
                    }
                    _ => Simpler::Same,
                },
                None => Simpler::Same,
            }
        }
        _ => {
            let targets = &func.insts[inst].targets;
            if let Some(value) = truth(func, args[0]) {
                Simpler::Goes(usize::from(!value))
            } else if targets[0] == targets[1] {
                Simpler::Goes(0)
            } else if let Some(value) = under(func, args[0], |op| *op == Op::BNot) {
                Simpler::Swapped(value)
            } else {
                Simpler::Same
            }
        }
    }
}

fn inverse(cc: Cc) -> Option<Cc> {
    Some(match cc {
        Cc::Eq => Cc::Ne,
        Cc::Ne => Cc::Eq,
        Cc::Lt => Cc::Ge,
        Cc::Le => Cc::Gt,
        Cc::Gt => Cc::Le,
        Cc::Ge => Cc::Lt,
        Cc::Ult => return None,
    })
}

fn unbox(func: &Function, op: Op, arg: Value) -> Simpler {
    let boxes = match op {
        Op::UnboxInt => Op::BoxInt,
        Op::UnboxDouble => Op::BoxDouble,
        _ => Op::BoxBool,
    };
    if let Some(value) = under(func, arg, |op| *op == boxes) {
        return Simpler::Value(value);
    }
    match (op, constant(func, arg)) {
        (Op::UnboxInt, Some(&ConstData { int: Some(value), .. })) => op0(Op::CInt { value }),
        (Op::UnboxDouble, Some(&ConstData { double: Some(bits), .. })) => op0(Op::CDouble { bits }),
        (Op::UnboxBool, Some(&ConstData { int: Some(value), .. })) => is(value != 0),
        _ => Simpler::Same,
    }
}

fn rebox(func: &Function, op: Op, arg: Value) -> Simpler {
    let (unboxes, ty) = match op {
        Op::BoxInt => (Op::UnboxInt, Type::Long),
        Op::BoxDouble => (Op::UnboxDouble, Type::Float),
        _ => (Op::UnboxBool, Type::Bool),
    };
    match func.def_inst(arg).map(|inst| &func.insts[inst]) {
        Some(data) if data.op == unboxes && func.ty(data.args[0]).is(ty) => Simpler::Value(data.args[0]),
        _ => Simpler::Same,
    }
}

fn compare_ints(func: &Function, cc: Cc, args: &[Value]) -> Simpler {
    if args[0] == args[1] {
        return is(matches!(cc, Cc::Eq | Cc::Le | Cc::Ge));
    }
    match (int(func, args[0]), int(func, args[1])) {
        (Some(left), Some(right)) => is(holds(cc, left, right)),
        // 0 or 1 against a constant is the truth value itself or its opposite.
        (None, Some(right)) => match (under(func, args[0], |op| *op == Op::BoolToInt), cc, right) {
            (Some(value), Cc::Ne, 0) | (Some(value), Cc::Eq, 1) => Simpler::Value(value),
            (Some(value), Cc::Eq, 0) | (Some(value), Cc::Ne, 1) => Simpler::Op(Op::BNot, smallvec![value]),
            _ => Simpler::Same,
        },
        _ => Simpler::Same,
    }
}

/// A comparison of integers.
#[must_use]
pub fn holds(cc: Cc, left: i64, right: i64) -> bool {
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

/// A comparison of doubles.
#[must_use]
pub fn compare_doubles(cc: Cc, left: f64, right: f64) -> bool {
    match cc {
        Cc::Eq => left == right,
        Cc::Ne => left != right,
        Cc::Lt | Cc::Ult => left < right,
        Cc::Le => left <= right,
        Cc::Gt => left > right,
        Cc::Ge => left >= right,
    }
}

fn doubles(op: Op, left: f64, right: f64) -> Simpler {
    let value = match op {
        Op::DAdd => left + right,
        Op::DSub => left - right,
        Op::DMul => left * right,
        _ if right == 0.0 => return Simpler::Same,
        _ => left / right,
    };
    // The sign and payload of a NaN are the machine's business.
    if value.is_nan() { Simpler::Same } else { op0(Op::CDouble { bits: value.to_bits() }) }
}

/// Integer operations with constants.
fn ints(func: &Function, op: Op, args: &[Value]) -> Simpler {
    if args.len() != 2 {
        return Simpler::Same;
    }
    let known = |index: usize| int(func, args[index]);
    let folded = match (known(0), known(1)) {
        (Some(left), Some(right)) => match op {
            Op::IAdd | Op::IAddWrap => left.checked_add(right),
            Op::ISub | Op::ISubWrap => left.checked_sub(right),
            Op::IMul | Op::IMulWrap => left.checked_mul(right),
            Op::IAnd => Some(left & right),
            Op::IOr => Some(left | right),
            Op::IXor => Some(left ^ right),
            Op::IFloorDiv if right > 0 => Some(left.div_euclid(right)),
            Op::IMod if right > 0 => Some(left.rem_euclid(right)),
            Op::IShr if (0..64).contains(&right) => Some(left >> right),
            _ => None,
        },
        _ => None,
    };
    if let Some(value) = folded {
        return op0(Op::CInt { value });
    }
    match (op, known(0), known(1)) {
        (Op::IAdd | Op::IAddWrap | Op::IOr | Op::IXor, Some(0), _) => Simpler::Value(args[1]),
        (Op::IAdd | Op::IAddWrap | Op::ISub | Op::ISubWrap | Op::IOr | Op::IXor | Op::IShl | Op::IShr, _, Some(0)) => {
            Simpler::Value(args[0])
        }
        (Op::IMul | Op::IMulWrap, Some(1), _) => Simpler::Value(args[1]),
        (Op::IMul | Op::IMulWrap | Op::IFloorDiv, _, Some(1)) => Simpler::Value(args[0]),
        _ => Simpler::Same,
    }
}
