//! Operators, truth, comparison, hashing, items.

use super::{R, Vm};
use crate::diagnostics::Code as Emb;
use crate::heap::{Kind, T};
use crate::syntax::code::{BinOp, UnOp};
use crate::value::{Str, Value};

/// Names of a binary operator's methods: plain, reflected, in place; and its sign.
pub fn bin_names(op: BinOp) -> (&'static str, &'static str, &'static str, &'static str) {
    match op {
        BinOp::Add => ("__add__", "__radd__", "__iadd__", "+"),
        BinOp::Sub => ("__sub__", "__rsub__", "__isub__", "-"),
        BinOp::Mul => ("__mul__", "__rmul__", "__imul__", "*"),
        BinOp::MatMul => ("__matmul__", "__rmatmul__", "__imatmul__", "@"),
        BinOp::Div => ("__truediv__", "__rtruediv__", "__itruediv__", "/"),
        BinOp::Mod => ("__mod__", "__rmod__", "__imod__", "%"),
        BinOp::Pow => ("__pow__", "__rpow__", "__ipow__", "**"),
        BinOp::LShift => ("__lshift__", "__rlshift__", "__ilshift__", "<<"),
        BinOp::RShift => ("__rshift__", "__rrshift__", "__irshift__", ">>"),
        BinOp::Or => ("__or__", "__ror__", "__ior__", "|"),
        BinOp::Xor => ("__xor__", "__rxor__", "__ixor__", "^"),
        BinOp::And => ("__and__", "__rand__", "__iand__", "&"),
        BinOp::FloorDiv => ("__floordiv__", "__rfloordiv__", "__ifloordiv__", "//"),
    }
}

impl<'w> Vm<'w> {
    /// A method of a value's class, bound.
    pub fn special(&mut self, value: Value, name: &str) -> R<Option<Value>> {
        let class = self.class_of(value);
        match self.lookup(class, &self.world.name(name)) {
            Some(method) => self.bind(method, value, class).map(Some),
            None => Ok(None),
        }
    }

    /// A binary operator.
    pub fn binary(&mut self, op: BinOp, left: Value, right: Value) -> R {
        if let (Value::Int(a), Value::Int(b)) = (left, right) {
            let fast = match op {
                BinOp::Add => a.checked_add(b),
                BinOp::Sub => a.checked_sub(b),
                BinOp::Mul => a.checked_mul(b),
                BinOp::And => Some(a & b),
                BinOp::Or => Some(a | b),
                BinOp::Xor => Some(a ^ b),
                _ => None,
            };
            if let Some(result) = fast {
                return Ok(Value::Int(result));
            }
        }
        match self.try_binary(op, left, right)? {
            Value::NotImplemented => self.unsupported(bin_names(op).3, left, right),
            result => Ok(result),
        }
    }

    fn unsupported(&mut self, sign: &str, left: Value, right: Value) -> R {
        let (l, r) = (self.class_name(left), self.class_name(right));
        let sequence = |vm: &Self, value: Value| {
            [T::Str, T::List, T::Tuple, T::Bytes, T::ByteArray].into_iter().find(|class| vm.is_a(value, *class))
        };
        match (sign, sequence(self, left), sequence(self, right)) {
            ("+" | "+=", Some(T::Bytes | T::ByteArray), _) => {
                return self.type_error(format!("can't concat {r} to {l}"));
            }
            ("+" | "+=", Some(_), _) => {
                return self.type_error(format!("can only concatenate {l} (not \"{r}\") to {l}"));
            }
            ("*" | "*=", Some(_), _) => {
                return self.type_error(format!("can't multiply sequence by non-int of type '{r}'"));
            }
            ("*" | "*=", None, Some(_)) => {
                return self.type_error(format!("can't multiply sequence by non-int of type '{l}'"));
            }
            _ => {}
        }
        let sign = if sign == "**" { "** or pow()" } else { sign };
        self.type_error(format!("unsupported operand type(s) for {sign}: '{l}' and '{r}'"))
    }

    fn try_binary(&mut self, op: BinOp, left: Value, right: Value) -> R {
        let (plain, reflected, _, sign) = bin_names(op);
        for side in [left, right] {
            if self.is_unknown(side) {
                let text = matches!(self.kind(left), Some(Kind::Str(_)));
                let union = op == BinOp::Or && (self.is_class(left) || self.is_class(right));
                if union && !text {
                    return Ok(self.derive_unknown(side, " | …"));
                }
                return self.use_unknown(
                    Emb::UnknownOperand,
                    side,
                    &format!("uses something unknown as operand of '{sign}'"),
                    &format!(" {sign} …"),
                );
            }
        }
        let (lc, rc) = (self.class_of(left), self.class_of(right));
        if lc.owner == 0
            && rc.owner == 0
            && let Some(result) = self.builtin_binary(op, left, right)?
        {
            return Ok(result);
        }
        let (plain, reflected) = (self.world.name(plain), self.world.name(reflected));
        let on_right = self.lookup(rc, &reflected);
        let on_left = self.lookup(lc, &plain);
        let right_first = lc != rc && self.derives(rc, lc) && on_right.is_some();
        let mut order = vec![(on_left, left, lc, right)];
        if lc != rc || on_left.is_none() {
            order.push((on_right, right, rc, left));
        }
        if right_first {
            order.swap(0, 1);
        }
        for (method, one, class, other) in order {
            let Some(method) = method.filter(|method| !method.is_none()) else { continue };
            let result = match self.kind(method) {
                Some(Kind::Native(_) | Kind::Function(_)) => self.call_with(method, &[one, other])?,
                _ => {
                    let method = self.bind(method, one, class)?;
                    self.call_with(method, &[other])?
                }
            };
            if !matches!(result, Value::NotImplemented) {
                return Ok(result);
            }
        }
        // Sequences know their right operand's repetition, too, also by what is a number to them.
        if op == BinOp::Mul {
            let (left, right) = (self.as_count(left, right)?, self.as_count(right, left)?);
            if let Some(result) = self.builtin_binary(op, left, right)? {
                return Ok(result);
            }
        }
        Ok(Value::NotImplemented)
    }

    /// How often a sequence is to be repeated, if `other` is one and `value` has `__index__`; else `value`.
    fn as_count(&mut self, value: Value, other: Value) -> R {
        let sequence = [T::Str, T::List, T::Tuple, T::Bytes, T::ByteArray].into_iter().any(|t| self.is_a(other, t));
        if !sequence || self.number(value).is_some() || self.class_of(value).owner == 0 {
            return Ok(value);
        }
        match self.special(value, "__index__")? {
            Some(method) => self.call_with(method, &[]),
            None => Ok(value),
        }
    }

    /// An unknown value that comes of another, as (un)reported as that.
    pub fn derive_unknown(&mut self, from: Value, suffix: &str) -> Value {
        let Some(Kind::Unknown(data)) = self.kind(from) else { return from };
        let data = (**data).clone();
        let name = format!("{}{suffix}", data.name);
        self.unknown_like(&data, &name)
    }

    /// An operator that assigns.
    pub fn inplace(&mut self, op: BinOp, left: Value, right: Value) -> R {
        if self.is_unknown(left) || matches!(left, Value::Int(_)) {
            return self.binary(op, left, right);
        }
        let class = self.class_of(left);
        let name = self.world.name(bin_names(op).2);
        if let Some(method) = self.lookup(class, &name) {
            let method = self.bind(method, left, class)?;
            let result = self.call_with(method, &[right])?;
            if !matches!(result, Value::NotImplemented) {
                return Ok(result);
            }
        }
        match self.try_binary(op, left, right)? {
            Value::NotImplemented => {
                let sign = format!("{}=", bin_names(op).3);
                self.unsupported(&sign, left, right)
            }
            result => Ok(result),
        }
    }

    /// A unary operator but `not`.
    pub fn unary(&mut self, op: UnOp, value: Value) -> R {
        if self.is_unknown(value) {
            return self.use_unknown(Emb::UnknownUnary, value, "uses something unknown as operand", "");
        }
        if self.class_of(value).owner == 0
            && let Some(result) = self.unary_number(op, value)?
        {
            return Ok(result);
        }
        let (name, sign) = match op {
            UnOp::Invert => ("__invert__", "~"),
            UnOp::Pos => ("__pos__", "+"),
            UnOp::Neg => ("__neg__", "-"),
            UnOp::Not => ("__bool__", "not"),
        };
        match self.special(value, name)? {
            Some(method) => self.call_with(method, &[]),
            None => {
                let name = self.class_name(value);
                self.type_error(format!("bad operand type for unary {sign}: '{name}'"))
            }
        }
    }

    /// Texts put together.
    pub fn join_texts(&mut self, parts: &[Value]) -> R {
        let mut text = String::new();
        let mut unknown = None;
        for part in parts {
            match self.kind(*part) {
                Some(Kind::Str(part)) => text.push_str(part),
                _ => unknown = unknown.or(Some(*part)),
            }
        }
        self.charge(text.len())?;
        match unknown {
            Some(unknown) if self.is_unknown(unknown) => Ok(self.derive_unknown(unknown, "")),
            _ => Ok(self.str(text)),
        }
    }

    /// A name as a string object, or a `TypeError`.
    pub fn need_str(&mut self, value: Value, what: &str) -> R<Str> {
        match self.as_str(value) {
            Some(text) => Ok(text),
            None => {
                let name = self.class_name(value);
                self.type_error(format!("{what} must be str, not {name}"))
            }
        }
    }
}
