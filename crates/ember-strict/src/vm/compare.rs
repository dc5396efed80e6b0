//! Truth, identity, comparisons and hashes.

use super::numbers::Num;
use super::{R, Vm};
use crate::builtins::floats::number_hash;
use crate::diagnostics::Code as Emb;
use crate::heap::{Kind, T, View};
use crate::syntax::code::Cmp;
use crate::value::{Ref, Value, hash_bytes};
use crate::vm::iter::range_len;

/// Names of a comparison's method and its reflection's; and its sign.
pub fn cmp_names(cmp: Cmp) -> (&'static str, &'static str, &'static str) {
    match cmp {
        Cmp::Eq => ("__eq__", "__eq__", "=="),
        Cmp::Ne => ("__ne__", "__ne__", "!="),
        Cmp::Lt => ("__lt__", "__gt__", "<"),
        Cmp::Le => ("__le__", "__ge__", "<="),
        Cmp::Gt => ("__gt__", "__lt__", ">"),
        Cmp::Ge => ("__ge__", "__le__", ">="),
    }
}

/// Whether an ordering fits a comparison.
pub fn decide(cmp: Cmp, ordering: std::cmp::Ordering) -> bool {
    match cmp {
        Cmp::Eq => ordering.is_eq(),
        Cmp::Ne => ordering.is_ne(),
        Cmp::Lt => ordering.is_lt(),
        Cmp::Le => ordering.is_le(),
        Cmp::Gt => ordering.is_gt(),
        Cmp::Ge => ordering.is_ge(),
    }
}

/// The hash of a number: equal numbers of all types have the same.
fn hash_number(number: &Num) -> u64 {
    number_hash(number) as u64
}

impl<'w> Vm<'w> {
    /// `bool(value)`
    pub fn truth(&mut self, value: Value) -> R<bool> {
        let r = match value {
            Value::Null | Value::None => return Ok(false),
            Value::Bool(b) => return Ok(b),
            Value::Int(i) => return Ok(i != 0),
            Value::Float(f) => return Ok(f != 0.0),
            Value::Ellipsis => return Ok(true),
            Value::NotImplemented => return self.type_error("NotImplemented should not be used in a boolean context"),
            Value::Obj(r) => r,
        };
        let object = self.get(r);
        if object.class.owner == 0 {
            match &object.kind {
                Kind::Unknown(_) => {
                    self.use_unknown(Emb::UnknownBool, value, "decides by something unknown", "")?;
                    return Ok(false);
                }
                Kind::Class(data) if object.class == T::Type.r() => {
                    let _ = data;
                    return Ok(true);
                }
                Kind::Plain if object.class.index > T::UserWarning as u32 => {}
                _ => return Ok(self.builtin_truth(r)),
            }
        }
        let class = object.class;
        if let Some(method) = self.lookup(class, &self.world.names.dunder_bool) {
            if self.is_native(Some(method)) {
                return Ok(self.builtin_truth(r));
            }
            let method = self.bind(method, value, class)?;
            let result = self.call_with(method, &[])?;
            return match result {
                Value::Bool(b) => Ok(b),
                other if self.is_unknown(other) => self.truth(other),
                other => {
                    let name = self.class_name(other);
                    self.type_error(format!("__bool__ should return bool, returned {name}"))
                }
            };
        }
        if let Some(method) = self.lookup(class, &self.world.names.dunder_len) {
            if self.is_native(Some(method)) {
                return Ok(self.builtin_truth(r));
            }
            let length = self.length(value)?;
            return Ok(length != 0);
        }
        Ok(true)
    }

    fn builtin_truth(&self, r: Ref) -> bool {
        match &self.get(r).kind {
            Kind::Str(text) => !text.is_empty(),
            Kind::Bytes(bytes) => !bytes.is_empty(),
            Kind::ByteArray(bytes) => !bytes.is_empty(),
            Kind::Int(i) => *i != 0,
            Kind::Float(f) => *f != 0.0,
            Kind::Complex(a, b) => *a != 0.0 || *b != 0.0,
            Kind::Tuple(items) => !items.is_empty(),
            Kind::List(items) => !items.is_empty(),
            Kind::Dict(table) | Kind::Set(table) => !table.is_empty(),
            Kind::Range(start, stop, step) => range_len(*start, *stop, *step) > 0,
            Kind::View(dict, _) => self.table(*dict).is_some_and(|table| !table.is_empty()),
            Kind::Proxy(inner) => inner.obj().is_none_or(|inner| self.builtin_truth(inner)),
            _ => true,
        }
    }

    /// `not value`
    pub fn not(&mut self, value: Value) -> R {
        if self.is_unknown(value) {
            return self.use_unknown(Emb::UnknownBool, value, "decides by something unknown", " negated");
        }
        Ok(Value::Bool(!self.truth(value)?))
    }

    /// `left is right`
    pub fn identical(&mut self, left: Value, right: Value, negated: bool) -> Value {
        if self.is_unknown(left) || self.is_unknown(right) {
            if left.same(right) {
                return Value::Bool(!negated);
            }
            let unknown = if self.is_unknown(left) { left } else { right };
            let data = match self.kind(unknown) {
                Some(Kind::Unknown(data)) => (**data).clone(),
                _ => return Value::Bool(negated),
            };
            let name = format!("{} is …", data.name);
            return self.unknown_like(&data, &name);
        }
        Value::Bool(left.same(right) != negated)
    }

    /// Equality where it can be seen without running anything.
    fn equal_fast(&self, left: Value, right: Value) -> Option<bool> {
        let (a, b) = match (left, right) {
            (Value::Int(a), Value::Int(b)) => return Some(a == b),
            (Value::None, Value::None) => return Some(true),
            (Value::None, other) | (other, Value::None) if self.class_of(other).owner == 0 => return Some(false),
            (Value::Obj(a), Value::Obj(b)) => (a, b),
            _ => return None,
        };
        let (x, y) = (self.get(a), self.get(b));
        if x.class != T::Str.r() || y.class != T::Str.r() {
            return None;
        }
        match (&x.kind, &y.kind) {
            (Kind::Str(x), Kind::Str(y)) => Some(x == y),
            _ => None,
        }
    }

    /// `left == right` as a truth value, with the identity test that containers make first.
    pub fn equal(&mut self, left: Value, right: Value) -> R<bool> {
        if left.same(right) {
            return Ok(true);
        }
        if let Some(equal) = self.equal_fast(left, right) {
            return Ok(equal);
        }
        if self.is_unknown(left) || self.is_unknown(right) {
            return Ok(false);
        }
        let result = self.compare(Cmp::Eq, left, right)?;
        self.truth(result)
    }

    /// A comparison.
    pub fn compare(&mut self, cmp: Cmp, left: Value, right: Value) -> R {
        if matches!(cmp, Cmp::Eq | Cmp::Ne)
            && let Some(equal) = self.equal_fast(left, right)
        {
            return Ok(Value::Bool(equal == (cmp == Cmp::Eq)));
        }
        for side in [left, right] {
            if self.is_unknown(side) {
                let sign = cmp_names(cmp).2;
                return self.use_unknown(
                    Emb::UnknownOperand,
                    side,
                    &format!("compares something unknown ('{sign}')"),
                    &format!(" {sign} …"),
                );
            }
        }
        let (lc, rc) = (self.class_of(left), self.class_of(right));
        if lc.owner == 0
            && rc.owner == 0
            && let Some(result) = self.builtin_compare(cmp, left, right)?
        {
            return Ok(result);
        }
        let (plain, reflected, sign) = cmp_names(cmp);
        let (plain, reflected) = (self.world.name(plain), self.world.name(reflected));
        let reflected_first = lc != rc && self.derives(rc, lc) && self.lookup(rc, &reflected).is_some();
        let mut order = vec![(left, lc, &plain, right), (right, rc, &reflected, left)];
        if reflected_first {
            order.swap(0, 1);
        }
        for (one, class, name, other) in order {
            if let Some(method) = self.lookup(class, name) {
                let result = match self.kind(method) {
                    Some(Kind::Native(_) | Kind::Function(_)) => self.call_with(method, &[one, other])?,
                    _ if method.is_none() => continue,
                    _ => {
                        let method = self.bind(method, one, class)?;
                        self.call_with(method, &[other])?
                    }
                };
                if !matches!(result, Value::NotImplemented) {
                    return Ok(result);
                }
            }
        }
        match cmp {
            Cmp::Eq => Ok(Value::Bool(left.same(right))),
            Cmp::Ne => Ok(Value::Bool(!left.same(right))),
            _ => {
                let (l, r) = (self.class_name(left), self.class_name(right));
                self.type_error(format!("'{sign}' not supported between instances of '{l}' and '{r}'"))
            }
        }
    }

    /// A comparison of builtin objects by what they are; nothing if they do not know each other.
    pub fn builtin_compare(&mut self, cmp: Cmp, left: Value, right: Value) -> R<Option<Value>> {
        if let (Some(a), Some(b)) = (self.number(left), self.number(right)) {
            return Ok(self.compare_numbers(cmp, &a, &b).map(Value::Bool));
        }
        let (Some(a), Some(b)) = (left.obj(), right.obj()) else { return Ok(None) };
        let ordering = match (&self.get(a).kind, &self.get(b).kind) {
            (Kind::Str(x), Kind::Str(y)) => Some(x.as_str().cmp(y.as_str())),
            (Kind::Bytes(x), Kind::Bytes(y)) => Some(x.cmp(y)),
            (Kind::ByteArray(x), Kind::Bytes(y)) => Some(x.as_slice().cmp(y)),
            (Kind::Bytes(x), Kind::ByteArray(y)) => Some(x.as_ref().cmp(y.as_slice())),
            (Kind::ByteArray(x), Kind::ByteArray(y)) => Some(x.cmp(y)),
            (Kind::Range(a1, b1, c1), Kind::Range(a2, b2, c2)) if matches!(cmp, Cmp::Eq | Cmp::Ne) => {
                let (x, y) = (range_len(*a1, *b1, *c1), range_len(*a2, *b2, *c2));
                let equal = x == y && (x == 0 || (a1 == a2 && (x == 1 || c1 == c2)));
                return Ok(Some(Value::Bool(equal == (cmp == Cmp::Eq))));
            }
            _ => None,
        };
        if let Some(ordering) = ordering {
            return Ok(Some(Value::Bool(decide(cmp, ordering))));
        }
        let pair = match (&self.get(a).kind, &self.get(b).kind) {
            (Kind::Tuple(x), Kind::Tuple(y)) => Some((x.to_vec(), y.to_vec())),
            (Kind::List(x), Kind::List(y)) => Some((x.clone(), y.clone())),
            (Kind::Slice(x), Kind::Slice(y)) => Some((x.to_vec(), y.to_vec())),
            _ => None,
        };
        if let Some((x, y)) = pair {
            return self.deeper(|vm| vm.compare_sequences(cmp, &x, &y)).map(Some);
        }
        let set_like = |kind: &Kind| matches!(kind, Kind::Set(_) | Kind::View(_, View::Keys | View::Items));
        if set_like(&self.get(a).kind) && set_like(&self.get(b).kind) {
            return self.compare_sets(cmp, left, right).map(Some);
        }
        if let (Kind::Dict(x), Kind::Dict(y)) = (&self.get(a).kind, &self.get(b).kind)
            && matches!(cmp, Cmp::Eq | Cmp::Ne)
        {
            let same_length = x.len() == y.len();
            let equal = same_length && self.deeper(|vm| vm.equal_dicts(a, b))?;
            return Ok(Some(Value::Bool(equal == (cmp == Cmp::Eq))));
        }
        if let (Kind::Method(f, x), Kind::Method(g, y)) = (&self.get(a).kind, &self.get(b).kind)
            && matches!(cmp, Cmp::Eq | Cmp::Ne)
        {
            let equal = f.same(*g) && x.same(*y);
            return Ok(Some(Value::Bool(equal == (cmp == Cmp::Eq))));
        }
        if let (Kind::Proxy(x), Kind::Proxy(y)) = (&self.get(a).kind, &self.get(b).kind) {
            let (x, y) = (*x, *y);
            return self.compare(cmp, x, y).map(Some);
        }
        Ok(None)
    }

    fn compare_sequences(&mut self, cmp: Cmp, x: &[Value], y: &[Value]) -> R {
        if x.len() != y.len() && matches!(cmp, Cmp::Eq | Cmp::Ne) {
            return Ok(Value::Bool(cmp == Cmp::Ne));
        }
        for (a, b) in x.iter().zip(y) {
            self.tick(1)?;
            if !self.equal(*a, *b)? {
                return match cmp {
                    Cmp::Eq => Ok(Value::Bool(false)),
                    Cmp::Ne => Ok(Value::Bool(true)),
                    _ => self.compare(cmp, *a, *b),
                };
            }
        }
        Ok(Value::Bool(decide(cmp, x.len().cmp(&y.len()))))
    }

    fn compare_sets(&mut self, cmp: Cmp, left: Value, right: Value) -> R {
        let (x, y) = (self.items(left)?, self.items(right)?);
        let subset = |vm: &mut Self, small: &[Value], large: Value| -> R<bool> {
            for item in small {
                if !vm.contains(large, *item)? {
                    return Ok(false);
                }
            }
            Ok(true)
        };
        let result = match cmp {
            Cmp::Eq => x.len() == y.len() && subset(self, &x, right)?,
            Cmp::Ne => !(x.len() == y.len() && subset(self, &x, right)?),
            Cmp::Le => x.len() <= y.len() && subset(self, &x, right)?,
            Cmp::Lt => x.len() < y.len() && subset(self, &x, right)?,
            Cmp::Ge => y.len() <= x.len() && subset(self, &y, left)?,
            Cmp::Gt => y.len() < x.len() && subset(self, &y, left)?,
        };
        Ok(Value::Bool(result))
    }

    fn equal_dicts(&mut self, a: Ref, b: Ref) -> R<bool> {
        for (key, value) in self.entries(a) {
            self.tick(1)?;
            match self.dict_get(b, key)? {
                Some(other) if self.equal(value, other)? => {}
                _ => return Ok(false),
            }
        }
        Ok(true)
    }

    /// The hash of a value, for tables.
    pub fn hash(&mut self, value: Value) -> R<u64> {
        let r = match value {
            Value::Null | Value::None => return Ok(0x6e6f_6e65),
            Value::Bool(b) => return Ok(b as u64),
            Value::Int(i @ 0..0x1000_0000_0000) => return Ok(i as u64),
            Value::Int(i) => return Ok(hash_number(&Num::Int(i))),
            Value::Float(f) => return Ok(hash_number(&Num::Float(f))),
            Value::Ellipsis => return Ok(0x2e2e_2e2e),
            Value::NotImplemented => return Ok(0x6e69_6d70),
            Value::Obj(r) => r,
        };
        let class = self.get(r).class;
        if class.owner != 0 || !matches!(self.get(r).kind, Kind::Str(_)) {
            match self.lookup(class, &self.world.names.dunder_hash) {
                Some(Value::None) | None if !self.is_unknown(value) => {
                    let name = self.name_of(class);
                    return self.type_error(format!("unhashable type: '{name}'"));
                }
                Some(method) if !self.is_native(Some(method)) => {
                    let method = self.bind(method, value, class)?;
                    let result = self.call_with(method, &[])?;
                    return match result {
                        Value::Int(i) => Ok(i as u64),
                        Value::Bool(b) => Ok(b as u64),
                        other => match self.kind(other) {
                            Some(Kind::Int(i)) => Ok(*i as u64),
                            Some(Kind::Big(_) | Kind::Unknown(_)) => Ok(1),
                            _ => self.type_error("__hash__ method should return an integer"),
                        },
                    };
                }
                _ => {}
            }
        }
        self.builtin_hash(r)
    }

    /// The hash of an object by what it is.
    pub fn builtin_hash(&mut self, r: Ref) -> R<u64> {
        let parts = match &self.get(r).kind {
            Kind::Str(text) => return Ok(text.hash()),
            Kind::Bytes(bytes) => return Ok(hash_bytes(bytes) ^ 0x62),
            Kind::Int(i) => return Ok(hash_number(&Num::Int(*i))),
            Kind::Big(big) => return Ok(hash_number(&Num::Big(big.clone()))),
            Kind::Float(f) => return Ok(hash_number(&Num::Float(*f))),
            Kind::Complex(a, b) => return Ok(hash_number(&Num::Complex(*a, *b))),
            Kind::Range(start, stop, step) => {
                return Ok(range_len(*start, *stop, *step) ^ (*start as u64).rotate_left(7));
            }
            Kind::Method(function, this) => vec![*function, *this],
            Kind::Tuple(items) => items.to_vec(),
            Kind::Set(table) => {
                return Ok(table
                    .iter()
                    .fold(0x5e7, |sum: u64, entry| sum.wrapping_add(entry.hash.wrapping_mul(0x9e37_79b9))));
            }
            _ => return Ok((u64::from(r.owner) << 32 | u64::from(r.index)).wrapping_mul(0x9e37_79b9_7f4a_7c15)),
        };
        let mut hash: u64 = 0x345_678;
        for part in parts {
            let part = self.deeper(|vm| vm.hash(part))?;
            hash = (hash ^ part).wrapping_mul(0x0100_0000_01b3).rotate_left(13);
        }
        Ok(hash)
    }
}
