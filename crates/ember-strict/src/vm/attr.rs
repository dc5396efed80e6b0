//! Attributes: descriptors, classes, modules, `super`.

use super::{R, Stop, Vm};
use crate::diagnostics::Code as Emb;
use crate::heap::{Kind, T};
use crate::value::{Ref, Str, Value};

impl<'w> Vm<'w> {
    /// A name along a class's MRO.
    pub fn lookup(&self, class: Ref, name: &Str) -> Option<Value> {
        self.lookup_in(class, name).map(|(value, _)| value)
    }

    /// A name along a class's MRO, and in which class.
    pub fn lookup_in(&self, class: Ref, name: &Str) -> Option<(Value, Ref)> {
        let data = self.class(class)?;
        data.mro.iter().find_map(|base| {
            let dict = self.get(*base).dict?;
            self.get_str(dict, name).map(|value| (value, *base))
        })
    }

    /// Whether a method of a class is one of the interpreter's own.
    pub fn is_native(&self, value: Option<Value>) -> bool {
        matches!(value.and_then(|v| self.kind(v)), None | Some(Kind::Native(_)))
    }

    /// What a descriptor gives for an object.
    pub fn bind(&mut self, found: Value, object: Value, class: Ref) -> R {
        let Some(r) = found.obj() else { return Ok(found) };
        match &self.get(r).kind {
            Kind::Function(_) => {
                if object.is_null() {
                    return Ok(found);
                }
                Ok(self.make(T::Method, Kind::Method(found, object)))
            }
            Kind::Native(_) => {
                let descriptor = self.get(r).class;
                let binds = descriptor == T::MethodDescriptor.r() || descriptor == T::WrapperDescriptor.r();
                if !binds || object.is_null() {
                    return Ok(found);
                }
                let class = if descriptor == T::MethodDescriptor.r() { T::Builtin } else { T::MethodWrapper };
                Ok(self.make(class, Kind::Method(found, object)))
            }
            Kind::ClassMethod(function) => {
                let function = *function;
                let bound = if matches!(self.kind(function), Some(Kind::Native(_))) { T::Builtin } else { T::Method };
                Ok(self.make(bound, Kind::Method(function, Value::Obj(class))))
            }
            Kind::StaticMethod(function) => Ok(*function),
            Kind::Property(parts) if !object.is_null() => {
                let getter = parts[0];
                if getter.is_none() {
                    return self.raise(T::AttributeError, "property has no getter");
                }
                self.call_with(getter, &[object])
            }
            Kind::GetSet(slot) if !object.is_null() => {
                let get = slot.get;
                get(self, object)
            }
            Kind::Member(name) if !object.is_null() => {
                let name = name.clone();
                let value = object.obj().and_then(|r| self.get(r).dict).and_then(|dict| self.get_str(dict, &name));
                match value {
                    Some(value) => Ok(value),
                    None => {
                        let class = self.qualified_name(self.class_of(object));
                        self.raise(T::AttributeError, format!("'{class}' object has no attribute '{name}'"))
                    }
                }
            }
            Kind::Plain
            | Kind::Dict(_)
            | Kind::Str(_)
            | Kind::List(_)
            | Kind::Tuple(_)
            | Kind::Int(_)
            | Kind::Property(_) => {
                let kind = self.get(r).class;
                if kind.owner == 0 && kind.index < T::BaseException as u32 {
                    return Ok(found);
                }
                match self.lookup(kind, &self.world.names.dunder_get.clone()) {
                    Some(get) if !self.is_native(Some(get)) => {
                        let owner = Value::Obj(class);
                        let object = if object.is_null() { Value::None } else { object };
                        self.call_with(get, &[found, object, owner])
                    }
                    _ => Ok(found),
                }
            }
            _ => Ok(found),
        }
    }

    /// Whether a descriptor comes before an object's own attributes.
    pub(super) fn is_data_descriptor(&self, found: Value) -> bool {
        let Some(r) = found.obj() else { return false };
        match &self.get(r).kind {
            Kind::Property(_) | Kind::GetSet(_) | Kind::Member(_) => true,
            Kind::Plain | Kind::Dict(_) => {
                let kind = self.get(r).class;
                kind.owner != 0
                    && (self.lookup(kind, &self.world.names.dunder_set).is_some()
                        || self.lookup(kind, &self.world.names.dunder_delete).is_some())
            }
            _ => false,
        }
    }

    /// Whether a data descriptor gives a value itself; one that has only `__set__` leaves that to the object's attributes.
    fn is_readable(&self, found: Value) -> bool {
        match self.kind(found) {
            Some(Kind::Plain | Kind::Dict(_)) => self.lookup(self.class_of(found), &"__get__".into()).is_some(),
            _ => true,
        }
    }

    /// `object.name`
    pub fn getattr(&mut self, object: Value, name: &Str) -> R {
        if self.is_unknown(object) {
            return self.unknown_attribute(object, name);
        }
        let class = self.class_of(object);
        if class.owner != 0 || class == T::Type.r() {
            let own = self.lookup(class, &self.world.names.dunder_getattribute);
            if !self.is_native(own)
                && let Some(own) = own
            {
                let key = self.intern(name);
                return match self.call_with(own, &[object, key]) {
                    Err(stop) if self.stopped_by(&stop, T::AttributeError) => {
                        self.missing_attribute(object, class, name, stop)
                    }
                    result => result,
                };
            }
        }
        match self.generic_getattr(object, name) {
            Err(stop) if self.stopped_by(&stop, T::AttributeError) => self.missing_attribute(object, class, name, stop),
            result => result,
        }
    }

    /// Note in an `AttributeError` which attribute of what was asked for, if it does not say so.
    fn note_missing(&mut self, exception: Value, object: Value, name: &Str) {
        let Some(r) = exception.obj().filter(|r| r.owner == self.owner()) else { return };
        let (of_name, of_object): (Str, Str) = ("name".into(), "obj".into());
        let says = |dict| self.get_str(dict, &of_name).or_else(|| self.get_str(dict, &of_object)).is_some();
        if self.get(r).dict.is_some_and(says) {
            return;
        }
        if let Some(dict) = self.own_dict(r, exception) {
            let key = self.intern(name);
            self.set_str(dict, &of_name, key, exception);
            self.set_str(dict, &of_object, object, exception);
        }
    }

    fn missing_attribute(&mut self, object: Value, class: Ref, name: &Str, stop: Stop) -> R {
        let hook: Str = self.world.names.dunder_getattr.clone();
        if let Some(hook) = self.lookup(class, &hook) {
            let key = self.intern(name);
            let hook = self.bind(hook, object, class)?;
            return self.call_with(hook, &[key]);
        }
        if let Stop::Raise(exception) = stop {
            self.note_missing(exception, object, name);
        }
        Err(stop)
    }

    /// The attribute, or nothing if there is none.
    pub fn getattr_opt(&mut self, object: Value, name: &Str) -> R<Option<Value>> {
        match self.getattr(object, name) {
            Ok(value) => Ok(Some(value)),
            Err(stop) if self.stopped_by(&stop, T::AttributeError) => Ok(None),
            Err(stop) => Err(stop),
        }
    }

    /// `object.__getattribute__`, and that of classes, modules and `super`.
    pub fn generic_getattr(&mut self, object: Value, name: &Str) -> R {
        if let Some(r) = object.obj() {
            match &self.get(r).kind {
                Kind::Class(_) => return self.class_getattr(r, name),
                Kind::Module(_) => return self.module_getattr(r, name),
                Kind::Super(_) => return self.super_getattr(object, name),
                Kind::Method(function, _) => {
                    let function = *function;
                    if let Some(found) = self.lookup(self.class_of(object), name) {
                        return self.bind(found, object, T::Method.r());
                    }
                    return self.getattr(function, name);
                }
                _ => {}
            }
        }
        let class = self.class_of(object);
        let found = self.lookup(class, name);
        if let Some(found) = found
            && self.is_data_descriptor(found)
            && self.is_readable(found)
        {
            return self.bind(found, object, class);
        }
        if let Some(dict) = object.obj().and_then(|r| self.get(r).dict)
            && let Some(value) = self.get_str(dict, name)
        {
            return Ok(value);
        }
        match found {
            Some(found) => self.bind(found, object, class),
            None => self.no_attribute(object, name),
        }
    }

    /// Raise the `AttributeError` for an attribute that is not there.
    pub fn no_attribute<Out>(&mut self, object: Value, name: &Str) -> R<Out> {
        let message = match self.kind(object) {
            Some(Kind::Class(data)) => format!("type object '{}' has no attribute '{name}'", data.name),
            Some(Kind::Module(module)) => format!("module '{module}' has no attribute '{name}'"),
            _ => format!("'{}' object has no attribute '{name}'", self.class_name(object)),
        };
        let exception = self.exception(T::AttributeError, &message);
        let key = self.intern(name);
        if let Some(r) = exception.obj()
            && let Some(dict) = self.own_dict(r, exception)
        {
            self.set_str(dict, &"name".into(), key, exception);
            self.set_str(dict, &"obj".into(), object, exception);
        }
        Err(Stop::Raise(exception))
    }

    fn class_getattr(&mut self, class: Ref, name: &Str) -> R {
        let meta = self.get(class).class;
        let on_meta = self.lookup(meta, name);
        if let Some(found) = on_meta
            && self.is_data_descriptor(found)
        {
            return self.bind(found, Value::Obj(class), meta);
        }
        if let Some(found) = self.lookup(class, name) {
            return self.bind(found, Value::Null, class);
        }
        match on_meta {
            Some(found) => self.bind(found, Value::Obj(class), meta),
            None => self.no_attribute(Value::Obj(class), name),
        }
    }

    fn module_getattr(&mut self, module: Ref, name: &Str) -> R {
        if let Some(dict) = self.get(module).dict {
            if let Some(value) = self.get_str(dict, name) {
                if value.is_none() && module.owner != 0 && &**name == "__spec__" {
                    return self.module_spec(module, dict);
                }
                return Ok(value);
            }
            if &**name == "__dict__" {
                return Ok(Value::Obj(dict));
            }
        }
        if let Some(found) = self.lookup(self.get(module).class, name) {
            return self.bind(found, Value::Obj(module), T::Module.r());
        }
        let Kind::Module(module_name) = &self.get(module).kind else { return Ok(Value::None) };
        let module_name = module_name.clone();
        if let Some(submodule) = self.imported_submodule(module, &module_name, name) {
            return Ok(submodule);
        }
        let hook = self.get(module).dict.and_then(|dict| self.get_str(dict, &self.world.names.dunder_getattr));
        if let Some(hook) = hook {
            let key = self.intern(name);
            return self.call_with(hook, &[key]);
        }
        if module.owner == self.owner() && self.tainted.contains(&module.owner) {
            return Ok(self.quiet_unknown(name));
        }
        if self.is_incomplete(module.owner) || self.tainted.contains(&module.owner) {
            return Ok(self.unknown(&format!("{module_name}.{name}")));
        }
        self.no_attribute(Value::Obj(module), name)
    }

    /// A module's `__spec__`, made when it is first asked for.
    fn module_spec(&mut self, module: Ref, dict: Ref) -> R {
        let part = |vm: &Self, name: &str| vm.get_str(dict, &name.into()).unwrap_or(Value::None);
        let (name, file, path) = (part(self, "__name__"), part(self, "__file__"), part(self, "__path__"));
        let types = self.import_module("_ember_types")?;
        let make = self.getattr(types, &"_module_spec".into())?;
        let spec = self.call_with(make, &[name, file, path])?;
        if module.owner == self.owner() {
            self.set_str(dict, &"__spec__".into(), spec, Value::Obj(dict));
        }
        Ok(spec)
    }

    fn super_getattr(&mut self, object: Value, name: &Str) -> R {
        let Some(Kind::Super(parts)) = self.kind(object) else { return Ok(Value::None) };
        let (after, this, start) = **parts;
        let (Some(after), Some(start)) = (after.obj(), start.obj()) else { return self.no_attribute(object, name) };
        if &**name == "__class__" {
            return Ok(T::Super.v());
        }
        let mro = self.class(start).map(|data| data.mro.clone()).unwrap_or_default();
        let found = mro.iter().skip_while(|class| **class != after).skip(1).find_map(|class| {
            let dict = self.get(*class).dict?;
            self.get_str(dict, name)
        });
        match found {
            Some(found) => {
                let of_class = this.same(Value::Obj(start));
                self.bind(found, if of_class { Value::Null } else { this }, start)
            }
            None => {
                if let Some(found) = self.lookup(T::Super.r(), name) {
                    return self.bind(found, object, T::Super.r());
                }
                self.raise(T::AttributeError, format!("'super' object has no attribute '{name}'"))
            }
        }
    }

    /// `object.name = value`
    pub fn setattr(&mut self, object: Value, name: &Str, value: Value) -> R<()> {
        if self.is_unknown(object) {
            let what = format!("sets the attribute '{name}' of something unknown");
            self.use_unknown(Emb::UnknownAttribute, object, &what, &format!(".{name}"))?;
            return Ok(());
        }
        let class = self.class_of(object);
        if class.owner != 0 {
            let hook = self.lookup(class, &self.world.names.dunder_setattr);
            if !self.is_native(hook)
                && let Some(hook) = hook
            {
                let key = self.intern(name);
                let hook = self.bind(hook, object, class)?;
                self.call_with(hook, &[key, value])?;
                return Ok(());
            }
        }
        self.generic_setattr(object, name, value)
    }

    /// `object.__setattr__`; `Null` deletes.
    pub fn generic_setattr(&mut self, object: Value, name: &Str, value: Value) -> R<()> {
        let class = self.class_of(object);
        let found = self.lookup(class, name);
        if let Some(found) = found
            && self.is_data_descriptor(found)
        {
            return self.set_descriptor(found, object, class, name, value);
        }
        let Some(r) = object.obj() else { return self.no_setattr(object, name) };
        match &self.get(r).kind {
            Kind::Class(data) if !data.heap => {
                let message = format!("cannot set '{name}' attribute of immutable type '{}'", data.name);
                if r.owner != self.owner() {
                    self.finding(Emb::ImmutableWrite, message.clone(), "make a subclass and set the attribute there");
                }
                return self.type_error(message);
            }
            Kind::Class(_) | Kind::Module(_) | Kind::Function(_) => {}
            Kind::Method(..) | Kind::Native(_) => return self.no_setattr(object, name),
            _ => {
                let has_dict = self.class(class).is_some_and(|data| data.has_dict);
                if !has_dict {
                    return self.no_setattr(object, name);
                }
            }
        }
        if value.is_null() {
            let deleted = match self.get(r).dict {
                Some(dict) => self.del_str(dict, name, object),
                None => false,
            };
            return if deleted { Ok(()) } else { self.no_attribute(object, name) };
        }
        if let Some(dict) = self.own_dict(r, object) {
            self.set_str(dict, name, value, object);
        }
        Ok(())
    }

    fn set_descriptor(&mut self, found: Value, object: Value, class: Ref, name: &Str, value: Value) -> R<()> {
        match self.kind(found) {
            Some(Kind::Property(parts)) => {
                let (function, what) = if value.is_null() { (parts[2], "deleter") } else { (parts[1], "setter") };
                if function.is_none() {
                    let class = self.name_of(class);
                    return self
                        .raise(T::AttributeError, format!("property '{name}' of '{class}' object has no {what}"));
                }
                let args: &[Value] = if value.is_null() { &[object] } else { &[object, value] };
                self.call_with(function, args)?;
            }
            Some(Kind::GetSet(slot)) => match slot.set {
                Some(set) => set(self, object, value)?,
                None => {
                    let (class, name) = (self.name_of(class), slot.name);
                    return self
                        .raise(T::AttributeError, format!("attribute '{name}' of '{class}' objects is not writable"));
                }
            },
            Some(Kind::Member(name)) => {
                let name = name.clone();
                let Some(r) = object.obj() else { return Ok(()) };
                if value.is_null() {
                    let deleted = self.get(r).dict.is_some_and(|dict| self.del_str(dict, &name, object));
                    return if deleted { Ok(()) } else { self.raise(T::AttributeError, name.as_str()) };
                }
                if let Some(dict) = self.own_dict(r, object) {
                    self.set_str(dict, &name, value, object);
                }
            }
            _ => {
                let hook = if value.is_null() { &self.world.names.dunder_delete } else { &self.world.names.dunder_set };
                let hook = hook.clone();
                let kind = self.class_of(found);
                match self.lookup(kind, &hook) {
                    Some(method) => {
                        let args: &[Value] = if value.is_null() { &[found, object] } else { &[found, object, value] };
                        self.call_with(method, args)?;
                    }
                    None => return self.raise(T::AttributeError, hook.as_str()),
                }
            }
        }
        Ok(())
    }

    fn no_setattr(&mut self, object: Value, name: &Str) -> R<()> {
        let class = self.class_name(object);
        self.raise(
            T::AttributeError,
            format!("'{class}' object has no attribute '{name}' and no __dict__ for setting new attributes"),
        )
    }

    /// `del object.name`
    pub fn delattr(&mut self, object: Value, name: &Str) -> R<()> {
        if self.is_unknown(object) {
            self.use_unknown(
                Emb::UnknownAttribute,
                object,
                &format!("deletes the attribute '{name}' of something unknown"),
                "",
            )?;
            return Ok(());
        }
        let class = self.class_of(object);
        let hook = self.lookup(class, &"__delattr__".into());
        if !self.is_native(hook)
            && let Some(hook) = hook
        {
            let key = self.intern(name);
            let hook = self.bind(hook, object, class)?;
            self.call_with(hook, &[key])?;
            return Ok(());
        }
        self.generic_setattr(object, name, Value::Null)
    }
}
