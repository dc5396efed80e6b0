//! Arithmetic and comparison of machine numbers, and of objects that the profile says are exact ints, floats or strings.
//!
//! Operands which are machine values already need no guard, so a whole expression flows unboxed. CPython does not specialise every operator (`%` and `//` never are):
//! there, what is known of the operands decides.

use crate::builder::Builder;
use crate::opcodes::v3_14 as op;
use crate::snapshot::Feedback;
use ember_hir::ops::Cc;
use ember_hir::{HelperId, Op, Type, Value};

/// Binary operators by number (`NB_*`); the in-place ones follow 13 later.
mod nb {
    pub(super) const ADD: u32 = 0;
    pub(super) const AND: u32 = 1;
    pub(super) const FLOOR_DIVIDE: u32 = 2;
    pub(super) const LSHIFT: u32 = 3;
    pub(super) const MULTIPLY: u32 = 5;
    pub(super) const REMAINDER: u32 = 6;
    pub(super) const OR: u32 = 7;
    pub(super) const RSHIFT: u32 = 9;
    pub(super) const SUBTRACT: u32 = 10;
    pub(super) const TRUE_DIVIDE: u32 = 11;
    pub(super) const XOR: u32 = 12;
    pub(super) const IN_PLACE: u32 = 13;
    pub(super) const SUBSCR: u32 = 26;
}

/// What a pair of operands is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Pair {
    Ints,
    Floats,
    FloatAndInt,
    IntAndFloat,
}

fn is_int(b: &Builder, value: Value) -> bool {
    let ty = b.func.ty(value);
    ty.is(Type::CInt) || ty.is(Type::Long)
}

fn is_float(b: &Builder, value: Value) -> bool {
    let ty = b.func.ty(value);
    ty.is(Type::CDouble) || ty.is(Type::Float)
}

fn known_pair(b: &Builder, left: Value, right: Value) -> Option<Pair> {
    match (is_int(b, left), is_float(b, left), is_int(b, right), is_float(b, right)) {
        (true, _, true, _) => Some(Pair::Ints),
        (_, true, _, true) => Some(Pair::Floats),
        (_, true, true, _) => Some(Pair::FloatAndInt),
        (true, _, _, true) => Some(Pair::IntAndFloat),
        _ => None,
    }
}

fn seen_pair(b: &Builder) -> Option<Pair> {
    match b.feedback()? {
        Feedback::SeenTypes(types) => match types.as_slice() {
            [left, right] if left.is(Type::Long) && right.is(Type::Long) => Some(Pair::Ints),
            [left, right] if left.is(Type::Float) && right.is(Type::Float) => Some(Pair::Floats),
            [left, right] if left.is(Type::Float) && right.is(Type::Long) => Some(Pair::FloatAndInt),
            [left, right] if left.is(Type::Long) && right.is(Type::Float) => Some(Pair::IntAndFloat),
            _ => None,
        },
        Feedback::MixedArithmetic { float_left: true } => Some(Pair::FloatAndInt),
        Feedback::MixedArithmetic { float_left: false } => Some(Pair::IntAndFloat),
        _ => None,
    }
}

/// The machine integer an operand is. Guards unless its type is known; leaves when it does not fit.
pub(super) fn as_int(b: &mut Builder, value: Value) -> Value {
    if b.func.ty(value).is(Type::CInt) {
        return value;
    }
    if let Some(int) = b.known(value).filter(|data| data.ty.is(Type::Long)).and_then(|data| data.int) {
        return b.int(int);
    }
    let value = b.guard_type(value, Type::Long);
    b.emit_value(Op::UnboxInt, &[value])
}

/// The machine double an operand, a float, is.
pub(super) fn as_double(b: &mut Builder, value: Value) -> Value {
    if b.func.ty(value).is(Type::CDouble) {
        return value;
    }
    if let Some(bits) = b.known(value).filter(|data| data.ty.is(Type::Float)).and_then(|data| data.double) {
        return b.emit_value(Op::CDouble { bits }, &[]);
    }
    let value = b.guard_type(value, Type::Float);
    b.emit_value(Op::UnboxDouble, &[value])
}

/// An int operand of float arithmetic. Only ints that a double represents exactly are taken: `int` and `float` compare and convert by exact value.
fn int_as_double(b: &mut Builder, value: Value) -> Value {
    let int = as_int(b, value);
    let known = match b.func.def_op(int) {
        Some(&Op::CInt { value }) => Some(value),
        _ => None,
    };
    if known.is_none_or(|value| value.unsigned_abs() > 1 << 53) {
        let (offset, limit) = (b.int(1 << 53), b.int(1 << 54));
        let shifted = b.emit_value(Op::IAdd, &[int, offset]);
        let fits = b.emit_value(Op::ICmp { cc: Cc::Ult }, &[shifted, limit]);
        b.emit(Op::GuardTrue, &[fits]);
    }
    b.emit_value(Op::IntToDouble, &[int])
}

fn doubles(b: &mut Builder, pair: Pair, left: Value, right: Value) -> (Value, Value) {
    match pair {
        Pair::FloatAndInt => {
            let left = as_double(b, left);
            (left, int_as_double(b, right))
        }
        Pair::IntAndFloat => {
            let left = int_as_double(b, left);
            (left, as_double(b, right))
        }
        Pair::Ints | Pair::Floats => {
            let left = as_double(b, left);
            (left, as_double(b, right))
        }
    }
}

/// Arithmetic without calls; `None` when nothing is known. Operands have been popped.
pub(super) fn binary(b: &mut Builder, operator: u32, left: Value, right: Value) -> Option<Value> {
    if operator == nb::SUBSCR {
        return None;
    }
    let operator = if operator >= nb::IN_PLACE { operator - nb::IN_PLACE } else { operator };
    let pair = match b.special() {
        op::BINARY_OP_ADD_INT | op::BINARY_OP_SUBTRACT_INT | op::BINARY_OP_MULTIPLY_INT => Some(Pair::Ints),
        op::BINARY_OP_ADD_FLOAT | op::BINARY_OP_SUBTRACT_FLOAT | op::BINARY_OP_MULTIPLY_FLOAT => Some(Pair::Floats),
        op::BINARY_OP_EXTEND if matches!(operator, nb::AND | nb::OR | nb::XOR) => Some(Pair::Ints),
        _ => None,
    };
    // A site that had to be made generic stays so even where types are known: an operation itself may have left, on overflow.
    if b.snapshot.generic_sites.contains(&b.instr.unit) {
        return None;
    }
    let pair = known_pair(b, left, right).or(pair).or_else(|| seen_pair(b))?;
    if pair == Pair::Ints {
        return ints(b, operator, left, right);
    }
    let double_op = match operator {
        nb::ADD => Op::DAdd,
        nb::SUBTRACT => Op::DSub,
        nb::MULTIPLY => Op::DMul,
        nb::TRUE_DIVIDE => Op::DDiv,
        _ => return None,
    };
    let (left, right) = doubles(b, pair, left, right);
    Some(b.emit_value(double_op, &[left, right]))
}

fn ints(b: &mut Builder, operator: u32, left: Value, right: Value) -> Option<Value> {
    let int_op = match operator {
        nb::ADD => Op::IAdd,
        nb::SUBTRACT => Op::ISub,
        nb::MULTIPLY => Op::IMul,
        nb::FLOOR_DIVIDE => Op::IFloorDiv,
        nb::REMAINDER => Op::IMod,
        nb::LSHIFT => Op::IShl,
        nb::RSHIFT => Op::IShr,
        nb::AND => Op::IAnd,
        nb::OR => Op::IOr,
        nb::XOR => Op::IXor,
        nb::TRUE_DIVIDE => {
            let left = int_as_double(b, left);
            let right = int_as_double(b, right);
            return Some(b.emit_value(Op::DDiv, &[left, right]));
        }
        _ => return None,
    };
    let left = as_int(b, left);
    let right = as_int(b, right);
    Some(b.emit_value(int_op, &[left, right]))
}

/// `-x` of what is known to be a number.
pub(super) fn negative(b: &mut Builder, value: Value) -> Option<Value> {
    if b.snapshot.generic_sites.contains(&b.instr.unit) {
        None
    } else if is_int(b, value) {
        let int = as_int(b, value);
        Some(b.emit_value(Op::INeg, &[int]))
    } else if is_float(b, value) {
        let double = as_double(b, value);
        Some(b.emit_value(Op::DNeg, &[double]))
    } else {
        None
    }
}

/// `~x` of what is known to be an int.
pub(super) fn invert(b: &mut Builder, value: Value) -> Option<Value> {
    let known = is_int(b, value) && !b.snapshot.generic_sites.contains(&b.instr.unit);
    known.then(|| {
        let int = as_int(b, value);
        b.emit_value(Op::INot, &[int])
    })
}

/// Comparison without calls; `None` when nothing is known. The operator is `Py_LT`….
pub(super) fn compare(b: &mut Builder, operator: u32, left: Value, right: Value) -> Option<Value> {
    let cc = *[Cc::Lt, Cc::Le, Cc::Eq, Cc::Ne, Cc::Gt, Cc::Ge].get(operator as usize)?;
    if b.snapshot.generic_sites.contains(&b.instr.unit) {
        return None;
    }
    let special = b.special();
    if special == op::COMPARE_OP_STR && matches!(cc, Cc::Eq | Cc::Ne) {
        let left = b.guard_type(left, Type::Unicode);
        let right = b.guard_type(right, Type::Unicode);
        let equal = b.helper(HelperId::unicode_equal, &[left, right]);
        return Some(if cc == Cc::Eq { equal } else { b.emit_value(Op::BNot, &[equal]) });
    }
    let pair = match special {
        op::COMPARE_OP_INT => Some(Pair::Ints),
        op::COMPARE_OP_FLOAT => Some(Pair::Floats),
        _ => None,
    };
    let pair = known_pair(b, left, right).or(pair).or_else(|| seen_pair(b))?;
    if pair == Pair::Ints {
        let left = as_int(b, left);
        let right = as_int(b, right);
        return Some(b.emit_value(Op::ICmp { cc }, &[left, right]));
    }
    let (left, right) = doubles(b, pair, left, right);
    Some(b.emit_value(Op::DCmp { cc }, &[left, right]))
}
