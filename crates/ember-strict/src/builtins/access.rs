//! What descriptors given as objects do, and `dir`.

use super::object::set_own;
use crate::heap::{Kind, T};
use crate::value::{Ref, Str, Value};
use crate::vm::{R, Vm};

impl Vm<'_> {
    /// Set through a descriptor that is given as an object.
    pub fn set_through(&mut self, descriptor: Value, object: Value, value: Value) -> R<()> {
        match self.kind(descriptor) {
            Some(Kind::Property(parts)) => {
                let function = if value.is_null() { parts[2] } else { parts[1] };
                if function.is_none() {
                    return self.raise(T::AttributeError, "property has no setter");
                }
                let args: &[Value] = if value.is_null() { &[object] } else { &[object, value] };
                self.call_with(function, args)?;
            }
            Some(Kind::GetSet(slot)) => {
                if let Some(set) = slot.set {
                    set(self, object, value)?;
                }
            }
            Some(Kind::Member(name)) => {
                let name = name.clone();
                set_own(self, object, &name, value);
            }
            _ => {}
        }
        Ok(())
    }

    /// The names of an object's attributes, sorted.
    pub fn dir_of(&mut self, object: Value) -> R<Vec<Value>> {
        let mut names: Vec<Str> = Vec::new();
        let mut dicts: Vec<Ref> = object.obj().and_then(|r| self.get(r).dict).into_iter().collect();
        let is_module = matches!(self.kind(object), Some(Kind::Module(_)));
        let class = match object.obj() {
            Some(r) if self.is_class(object) => r,
            _ => self.class_of(object),
        };
        if !is_module {
            let mro = self.class(class).map(|c| c.mro.clone()).unwrap_or_default();
            dicts.extend(mro.into_iter().filter_map(|base| self.get(base).dict));
        }
        for dict in dicts {
            names.extend(self.entries(dict).into_iter().filter_map(|(key, _)| self.as_str(key)));
        }
        names.sort_by(|a, b| a.as_str().cmp(b.as_str()));
        names.dedup();
        Ok(names.into_iter().map(|name| self.str(name)).collect())
    }
}
