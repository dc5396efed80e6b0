//! What containers have: lengths, membership, items.

use super::{R, Stop, Vm};
use crate::diagnostics::Code as Emb;
use crate::heap::{Kind, T, View};
use crate::value::{Ref, Value};
use crate::vm::iter::range_len;

/// What is said of an object in `{**object}`.
pub const NOT_A_MAPPING: &str = "object is not a mapping";

impl<'w> Vm<'w> {
    /// `len(value)`
    pub fn length(&mut self, value: Value) -> R<usize> {
        let class = self.class_of(value);
        if let Some(r) = value.obj() {
            let method = if class.owner == 0 { None } else { self.lookup(class, &self.world.names.dunder_len) };
            if self.is_native(method)
                && let Some(length) = self.builtin_length(r)
            {
                return Ok(length);
            }
        }
        match self.special(value, "__len__")? {
            Some(method) => match self.call_with(method, &[])? {
                Value::Int(i) if i >= 0 => Ok(i as usize),
                Value::Bool(b) => Ok(b as usize),
                Value::Int(_) => self.raise(T::ValueError, "__len__() should return >= 0"),
                other => {
                    let name = self.class_name(other);
                    self.type_error(format!("'{name}' object cannot be interpreted as an integer"))
                }
            },
            None => {
                let name = self.class_name(value);
                self.type_error(format!("object of type '{name}' has no len()"))
            }
        }
    }

    /// The length of an object by what it is.
    pub fn builtin_length(&self, r: Ref) -> Option<usize> {
        Some(match &self.get(r).kind {
            Kind::Str(text) => text.chars_len(),
            Kind::Bytes(bytes) => bytes.len(),
            Kind::ByteArray(bytes) => bytes.len(),
            Kind::Tuple(items) => items.len(),
            Kind::List(items) => items.len(),
            Kind::Dict(table) | Kind::Set(table) => table.len(),
            Kind::Range(start, stop, step) => usize::try_from(range_len(*start, *stop, *step)).ok()?,
            Kind::View(dict, _) => self.table(*dict)?.len(),
            Kind::Proxy(inner) => self.builtin_length(inner.obj()?)?,
            _ => return None,
        })
    }

    /// `item in container`
    pub fn contains(&mut self, container: Value, item: Value) -> R<bool> {
        if self.is_unknown(container) {
            self.use_unknown(Emb::UnknownOperand, container, "looks for an item in something unknown", "")?;
            return Ok(false);
        }
        let class = self.class_of(container);
        if let Some(r) = container.obj() {
            let method = if class.owner == 0 { None } else { self.lookup(class, &self.world.names.dunder_contains) };
            if self.is_native(method)
                && let Some(found) = self.builtin_contains(r, item)?
            {
                return Ok(found);
            }
        }
        match self.lookup(class, &self.world.names.dunder_contains) {
            Some(method) if !method.is_none() => {
                let method = self.bind(method, container, class)?;
                let result = self.call_with(method, &[item])?;
                self.truth(result)
            }
            _ => {
                let iterator = match self.iter(container) {
                    Ok(iterator) => iterator,
                    Err(stop) if self.stopped_by(&stop, T::TypeError) => {
                        let name = self.class_name(container);
                        return self.type_error(format!("argument of type '{name}' is not a container or iterable"));
                    }
                    Err(stop) => return Err(stop),
                };
                while let Some(other) = self.next(iterator)? {
                    if self.equal(other, item)? {
                        return Ok(true);
                    }
                }
                Ok(false)
            }
        }
    }

    /// Containment by what a container is.
    pub fn builtin_contains(&mut self, r: Ref, item: Value) -> R<Option<bool>> {
        let items = match &self.get(r).kind {
            Kind::Str(text) => {
                let text = text.clone();
                return match self.as_str(item) {
                    Some(part) => Ok(Some(text.contains(&*part))),
                    None => {
                        let name = self.class_name(item);
                        self.type_error(format!("'in <string>' requires string as left operand, not {name}"))
                    }
                };
            }
            Kind::Bytes(bytes) => {
                let bytes = bytes.clone();
                return self.bytes_contain(&bytes, item).map(Some);
            }
            Kind::ByteArray(bytes) => {
                let bytes = bytes.clone();
                return self.bytes_contain(&bytes, item).map(Some);
            }
            Kind::Dict(_) | Kind::Set(_) => return Ok(Some(self.find_key(r, item)?.1.is_some())),
            Kind::View(dict, View::Keys) => {
                let dict = *dict;
                return Ok(Some(self.find_key(dict, item)?.1.is_some()));
            }
            Kind::View(dict, View::Items) => {
                let dict = *dict;
                let Some([key, value]) =
                    self.as_tuple(item).as_deref().and_then(|pair| <[Value; 2]>::try_from(pair).ok())
                else {
                    return Ok(Some(false));
                };
                return match self.dict_get(dict, key)? {
                    Some(found) => self.equal(found, value).map(Some),
                    None => Ok(Some(false)),
                };
            }
            Kind::View(dict, View::Values) => {
                let dict = *dict;
                self.entries(dict).into_iter().map(|(_, value)| value).collect()
            }
            Kind::Proxy(inner) => {
                let inner = *inner;
                return self.contains(inner, item).map(Some);
            }
            Kind::Range(start, stop, step) => {
                let (start, stop, step) = (*start, *stop, *step);
                let i = match self.number(item) {
                    Some(super::numbers::Num::Int(i)) => i,
                    Some(super::numbers::Num::Float(f)) if f.fract() == 0.0 && f.abs() < 9e15 => f as i64,
                    _ => return Ok(None),
                };
                let inside = if step > 0 { (start..stop).contains(&i) } else { i <= start && i > stop };
                return Ok(Some(inside && (i - start) % step == 0));
            }
            Kind::Tuple(items) => items.to_vec(),
            Kind::List(items) => items.clone(),
            _ => return Ok(None),
        };
        for other in items {
            self.tick(1)?;
            if self.equal(other, item)? {
                return Ok(Some(true));
            }
        }
        Ok(Some(false))
    }

    fn bytes_contain(&mut self, bytes: &[u8], item: Value) -> R<bool> {
        let part = match self.kind(item) {
            Some(Kind::Bytes(part)) => part.to_vec(),
            Some(Kind::ByteArray(part)) => part.clone(),
            _ if self.number(item).is_some_and(|number| number.is_int()) => match u8::try_from(self.index(item)?) {
                Ok(byte) => vec![byte],
                Err(_) => return self.raise(T::ValueError, "byte must be in range(0, 256)"),
            },
            _ => {
                let name = self.class_name(item);
                return self.type_error(format!("a bytes-like object is required, not '{name}'"));
            }
        };
        self.tick(bytes.len() as u64 / 16)?;
        Ok(part.is_empty() || bytes.windows(part.len()).any(|window| window == &part[..]))
    }

    /// `object[key]`
    pub fn getitem(&mut self, object: Value, key: Value) -> R {
        if self.is_unknown(object) {
            return self.use_unknown(Emb::UnknownIndex, object, "indexes something unknown", "[…]");
        }
        let class = self.class_of(object);
        if class.owner == 0
            && class != T::Type.r()
            && let Some(r) = object.obj()
            && let Some(value) = self.builtin_getitem(r, key)?
        {
            return Ok(value);
        }
        if let Some(method) = self.lookup(class, &self.world.names.dunder_getitem) {
            let method = self.bind(method, object, class)?;
            return self.call_with(method, &[key]);
        }
        if object.same(T::Type.v()) {
            let module = self.import_module("_ember_types")?;
            let alias = self.getattr(module, &"GenericAlias".into())?;
            return self.call_with(alias, &[object, key]);
        }
        if self.is_class(object) {
            if let Some(method) = self.getattr_opt(object, &"__class_getitem__".into())? {
                return self.call_with(method, &[key]);
            }
            let name = object.obj().map(|r| self.name_of(r)).unwrap_or_else(|| "?".into());
            return self.type_error(format!("type '{name}' is not subscriptable"));
        }
        let name = self.class_name(object);
        self.type_error(format!("'{name}' object is not subscriptable"))
    }

    /// `object[key] = value`
    pub fn setitem(&mut self, object: Value, key: Value, value: Value) -> R<()> {
        if self.is_unknown(object) {
            self.use_unknown(Emb::UnknownIndex, object, "sets an item of something unknown", "[…]")?;
            return Ok(());
        }
        if self.is_exact(object, T::Dict)
            && let Some(r) = object.obj()
        {
            return self.dict_set(r, key, value, object);
        }
        let class = self.class_of(object);
        match self.lookup(class, &self.world.name("__setitem__")) {
            Some(method) => {
                let method = self.bind(method, object, class)?;
                self.call_with(method, &[key, value])?;
                Ok(())
            }
            None => {
                let name = self.class_name(object);
                self.type_error(format!("'{name}' object does not support item assignment"))
            }
        }
    }

    /// `del object[key]`
    pub fn delitem(&mut self, object: Value, key: Value) -> R<()> {
        if self.is_unknown(object) {
            self.use_unknown(Emb::UnknownIndex, object, "deletes an item of something unknown", "[…]")?;
            return Ok(());
        }
        let class = self.class_of(object);
        match self.lookup(class, &self.world.name("__delitem__")) {
            Some(method) => {
                let method = self.bind(method, object, class)?;
                self.call_with(method, &[key])?;
                Ok(())
            }
            None => {
                let name = self.class_name(object);
                self.type_error(format!("'{name}' object does not support item deletion"))
            }
        }
    }

    /// Keys and values of any mapping.
    pub fn mapping_items(&mut self, mapping: Value, otherwise: &str) -> R<Vec<(Value, Value)>> {
        if self.is_unknown(mapping) {
            self.use_unknown(Emb::UnknownIteration, mapping, "uses something unknown as mapping", "")?;
            return Ok(Vec::new());
        }
        match self.kind(mapping) {
            Some(Kind::Dict(_)) => {
                let own_keys = self.lookup(self.class_of(mapping), &"keys".into());
                if self.is_native(own_keys)
                    && let Some(r) = mapping.obj()
                {
                    return Ok(self.entries(r));
                }
            }
            Some(Kind::Proxy(inner)) => {
                let inner = *inner;
                return self.mapping_items(inner, otherwise);
            }
            _ => {}
        }
        let Some(keys) = self.getattr_opt(mapping, &"keys".into())? else {
            let name = self.class_name(mapping);
            return match otherwise {
                NOT_A_MAPPING => self.type_error(format!("'{name}' object is not a mapping")),
                _ => self.type_error(format!("{otherwise}, not {name}")),
            };
        };
        let keys = self.call_with(keys, &[])?;
        let mut pairs = Vec::new();
        for key in self.items(keys)? {
            let value = self.getitem(mapping, key)?;
            pairs.push((key, value));
        }
        Ok(pairs)
    }

    /// A position from an index, counted from the end if negative.
    pub fn position(&mut self, index: Value, length: usize) -> R<Option<usize>> {
        let index = self.index(index)?;
        let at = if index < 0 { index + length as i64 } else { index };
        Ok(usize::try_from(at).ok().filter(|at| *at < length))
    }

    /// `operator.index`, as far as it fits.
    pub fn index(&mut self, value: Value) -> R<i64> {
        match value {
            Value::Int(i) => return Ok(i),
            Value::Bool(b) => return Ok(b as i64),
            _ => {}
        }
        match self.kind(value) {
            Some(Kind::Int(i)) => return Ok(*i),
            Some(Kind::Big(big)) => return Ok(if big.sign() == num_bigint::Sign::Minus { i64::MIN } else { i64::MAX }),
            _ => {}
        }
        if let Some(method) = self.special(value, "__index__")? {
            let result = self.call_with(method, &[])?;
            if let Some(super::numbers::Num::Int(i)) = self.number(result) {
                return Ok(i);
            }
            if !self.is_unknown(result) && self.number(result).is_none_or(|number| !number.is_int()) {
                let name = self.class_name(result);
                return self.type_error(format!("__index__ returned non-int (type {name})"));
            }
        }
        if self.is_unknown(value) {
            self.use_unknown(Emb::UnknownOperand, value, "uses something unknown as a number", "")?;
            return Err(Stop::GiveUp(super::UNKNOWN_NUMBER));
        }
        let name = self.class_name(value);
        self.type_error(format!("'{name}' object cannot be interpreted as an integer"))
    }
}
