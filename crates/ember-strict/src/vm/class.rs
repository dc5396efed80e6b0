//! Making classes: metaclasses, method resolution order, slots, hooks.

use super::frame::Frame;
use super::{R, Stop, Vm};
use crate::diagnostics::Code as Emb;
use crate::heap::{Class, Kind, Object, T};
use crate::value::{Ref, Str, Value};
use crate::vm::call::Args;

/// How many classes may stand behind one.
const LONGEST_ORDER: usize = 600;

impl<'w> Vm<'w> {
    /// `__build_class__(function, name, *bases, metaclass=…, **kw)`
    pub fn build_class(&mut self, mut args: Args) -> R {
        let (function, name) = (args.at(0), args.at(1));
        let originals: Vec<Value> = args.pos.iter().skip(2).copied().collect();
        if let Some(unknown) = originals.iter().copied().find(|base| self.is_unknown(*base)) {
            return self.unsafe_base(name, unknown);
        }
        let bases = self.resolve_bases(&originals)?;
        if let Some(unknown) = bases.iter().copied().find(|base| self.is_unknown(*base)) {
            return self.unsafe_base(name, unknown);
        }
        let mut meta = match args.take("metaclass") {
            Some(meta) => meta,
            None => bases.first().map_or(T::Type.v(), |base| Value::Obj(self.class_of(*base))),
        };
        if self.is_unknown(meta) {
            return self.unsafe_base(name, meta);
        }
        if self.is_class(meta) {
            meta = self.winner(meta, &bases)?;
        }
        let bases_tuple = self.tuple(bases.clone());
        let namespace = match self.getattr_opt(meta, &"__prepare__".into())? {
            Some(prepare) => {
                self.call(prepare, Args { pos: [name, bases_tuple].into_iter().collect(), kw: args.kw.clone() })?
            }
            None => Value::Obj(self.dict()),
        };
        if self.is_unknown(namespace) {
            return Ok(namespace);
        }
        let cell = self.run_class_body(function, namespace)?;
        if bases.len() != originals.len() || bases.iter().zip(&originals).any(|(a, b)| !a.same(*b)) {
            let originals = self.tuple(originals);
            let key = self.str("__orig_bases__");
            self.setitem(namespace, key, originals)?;
        }
        let class = self.call(meta, Args { pos: [name, bases_tuple, namespace].into_iter().collect(), kw: args.kw })?;
        if let Some(Kind::Cell(content)) = self.kind(cell)
            && content.is_null()
            && self.is_class(class)
            && let Some(r) = cell.obj()
            && let Some(object) = self.change(r, cell, "")
        {
            object.kind = Kind::Cell(class);
        }
        Ok(class)
    }

    fn unsafe_base(&mut self, name: Value, base: Value) -> R {
        let name = self.as_str(name).unwrap_or_else(|| "?".into());
        self.use_unknown(
            Emb::UnsafeBase,
            base,
            &format!("derives the class '{name}' from something unknown"),
            &format!(" subclass {name}"),
        )
    }

    fn resolve_bases(&mut self, originals: &[Value]) -> R<Vec<Value>> {
        let whole = originals.to_vec();
        let mut bases = Vec::new();
        for base in originals {
            if self.is_class(*base) || self.is_unknown(*base) {
                bases.push(*base);
                continue;
            }
            match self.getattr_opt(*base, &"__mro_entries__".into())? {
                Some(entries) => {
                    let tuple = self.tuple(whole.clone());
                    let made = self.call_with(entries, &[tuple])?;
                    bases.extend(self.items(made)?);
                }
                None => bases.push(*base),
            }
        }
        Ok(bases)
    }

    /// The most derived of the metaclasses.
    pub fn winner(&mut self, meta: Value, bases: &[Value]) -> R {
        let Some(mut winner) = meta.obj() else { return Ok(meta) };
        for base in bases {
            let candidate = self.class_of(*base);
            if self.derives(winner, candidate) {
                continue;
            }
            if self.derives(candidate, winner) {
                winner = candidate;
                continue;
            }
            return self.type_error(
                "metaclass conflict: the metaclass of a derived class must be a (non-strict) subclass of the metaclasses of all its bases",
            );
        }
        Ok(Value::Obj(winner))
    }

    fn run_class_body(&mut self, function: Value, namespace: Value) -> R {
        let Some(Kind::Function(data)) = self.kind(function) else { return Ok(Value::None) };
        let (code, globals, closure) = (data.code.clone(), data.globals, data.closure.clone());
        let mut frame = Frame::new(code.clone(), globals, namespace);
        frame.function = function;
        for _ in &code.cellvars {
            let cell = self.make(T::Cell, Kind::Cell(Value::Null));
            frame.cells.push(cell);
        }
        frame.cells.extend(closure.iter().copied());
        self.deeper(|vm| vm.run_call(&mut frame))
    }

    /// `type.__new__(meta, name, bases, namespace, **kw)`
    pub fn type_new(&mut self, meta: Ref, name: &Str, bases: Vec<Value>, namespace: Value, kw: Vec<(Str, Value)>) -> R {
        let bases = if bases.is_empty() { vec![T::Object.v()] } else { bases };
        let mut refs = Vec::new();
        for base in &bases {
            match base.obj() {
                Some(r) if self.is_class(*base) => refs.push(r),
                Some(_) if self.is_unknown(*base) => {
                    let name = self.str(name.clone());
                    return self.unsafe_base(name, *base);
                }
                _ => return self.type_error("bases must be types"),
            }
        }
        let meta = match self.winner(Value::Obj(meta), &bases)? {
            Value::Obj(winner) => winner,
            _ => meta,
        };
        for base in &refs {
            if self.is_final(*base) {
                let base = self.name_of(*base);
                return self.type_error(format!("type '{base}' is not an acceptable base type"));
            }
        }
        let layout = self.combine_layouts(&refs)?;
        let class = self.alloc(meta, Kind::Plain);
        let value = Value::Obj(class);
        let mro = self.resolution_order(class, &refs)?;
        // Every look-up of a name goes through all of them.
        if mro.len() > LONGEST_ORDER {
            return Err(Stop::GiveUp("it makes a class with too many bases"));
        }
        self.tick(mro.len() as u64)?;
        let dict = self.dict();
        let pairs = self.mapping_items(namespace, "type.__new__() argument 3 must be dict")?;
        for (key, item) in pairs {
            self.dict_set(dict, key, item, value)?;
        }
        let slots = self.read_slots(dict)?;
        self.check_slots(slots.as_deref().unwrap_or_default(), &refs)?;
        self.check_solid_bases(&refs)?;
        let inherits_dict = refs.iter().any(|base| self.class(*base).is_some_and(|data| data.has_dict));
        let has_dict =
            inherits_dict || slots.as_ref().is_none_or(|slots| slots.iter().any(|slot| &**slot == "__dict__"));
        let data = Class {
            name: name.clone(),
            qualname: name.clone(),
            bases: refs.clone(),
            mro,
            layout,
            has_dict,
            heap: true,
            mutable: false,
            slots: slots.clone(),
            subclasses: Vec::new(),
        };
        if let Some(object) = self.change(class, value, "") {
            object.kind = Kind::Class(Box::new(data));
            object.dict = Some(dict);
        }
        self.finish_namespace(class, dict, name, slots)?;
        for base in refs {
            if let Some(Object { kind: Kind::Class(data), .. }) = self.change_quietly(base) {
                data.subclasses.push(class);
            }
        }
        self.call_class_hooks(class, dict, kw)?;
        Ok(value)
    }

    fn is_final(&self, class: Ref) -> bool {
        const FINAL: [T; 12] = [
            T::Bool,
            T::NoneType,
            T::Function,
            T::Builtin,
            T::Method,
            T::Generator,
            T::Range,
            T::Slice,
            T::Cell,
            T::Code,
            T::EllipsisType,
            T::MappingProxy,
        ];
        FINAL.iter().any(|t| t.r() == class)
    }

    fn combine_layouts(&mut self, bases: &[Ref]) -> R<Ref> {
        let mut layout = T::Object.r();
        for base in bases {
            let other = self.layout(*base);
            if self.derives(layout, other) {
                continue;
            }
            if layout == T::Object.r() || self.derives(other, layout) {
                layout = other;
                continue;
            }
            return self.type_error("multiple bases have instance lay-out conflict");
        }
        Ok(layout)
    }

    /// C3 linearisation, or what the metaclass's own `mro` says.
    pub fn resolution_order(&mut self, class: Ref, bases: &[Ref]) -> R<Vec<Ref>> {
        let mut lists: Vec<Vec<Ref>> =
            bases.iter().map(|base| self.class(*base).map(|data| data.mro.clone()).unwrap_or_default()).collect();
        lists.push(bases.to_vec());
        for (index, base) in bases.iter().enumerate() {
            if bases[..index].contains(base) {
                let name = self.name_of(*base);
                return self.type_error(format!("duplicate base class {name}"));
            }
        }
        let mut order = vec![class];
        if let [only, _] = lists.as_slice() {
            order.extend(only);
            return Ok(order);
        }
        loop {
            lists.retain(|list| !list.is_empty());
            if lists.is_empty() {
                return Ok(order);
            }
            let next = lists.iter().map(|list| list[0]).find(|head| !lists.iter().any(|list| list[1..].contains(head)));
            let Some(next) = next else {
                let names: Vec<String> = bases.iter().map(|base| self.name_of(*base).to_string()).collect();
                return self.type_error(format!(
                    "Cannot create a consistent method resolution order (MRO) for bases {}",
                    names.join(", ")
                ));
            };
            self.tick(1)?;
            order.push(next);
            for list in &mut lists {
                if list[0] == next {
                    list.remove(0);
                }
            }
        }
    }

    fn read_slots(&mut self, dict: Ref) -> R<Option<Vec<Str>>> {
        let Some(slots) = self.get_str(dict, &"__slots__".into()) else { return Ok(None) };
        if let Some(one) = self.as_str(slots) {
            return Ok(Some(vec![one]));
        }
        let mut names = Vec::new();
        for item in self.items(slots)? {
            match self.as_str(item) {
                Some(name) => names.push(name),
                None => {
                    let given = self.class_name(item);
                    return self.type_error(format!("__slots__ items must be strings, not '{given}'"));
                }
            }
        }
        Ok(Some(names))
    }

    /// Refuse slots that no object could have.
    fn check_slots(&mut self, slots: &[Str], bases: &[Ref]) -> R<()> {
        let variable = [T::Int, T::Tuple, T::Bytes, T::Type];
        let sized = bases.iter().find(|base| variable.iter().any(|t| self.layout(**base) == t.r())).copied();
        let mut special = Vec::new();
        for slot in slots {
            if matches!(&**slot, "__dict__" | "__weakref__") {
                if special.contains(&slot) {
                    return self.type_error(format!("{slot} slot disallowed: we already got one"));
                }
                special.push(slot);
                continue;
            }
            if let Some(base) = sized {
                let base = self.name_of(base);
                return self.type_error(format!("nonempty __slots__ not supported for subtype of '{base}'"));
            }
            let mut chars = slot.chars();
            let first = chars.next().is_some_and(|c| c == '_' || c.is_alphabetic());
            if !first || !chars.all(|c| c == '_' || c.is_alphanumeric()) {
                return self.type_error("__slots__ must be identifiers");
            }
        }
        Ok(())
    }

    /// Refuse two bases that have slots of their own, of which neither derives from the other.
    fn check_solid_bases(&mut self, bases: &[Ref]) -> R<()> {
        let mut solid: Option<Ref> = None;
        for base in bases {
            let order = self.class(*base).map(|data| data.mro.clone()).unwrap_or_default();
            let Some(other) = order.into_iter().find(|class| self.is_solid(*class)) else { continue };
            match solid {
                Some(one) if self.derives(one, other) => {}
                Some(one) if !self.derives(other, one) => {
                    return self.type_error("multiple bases have instance lay-out conflict");
                }
                _ => solid = Some(other),
            }
        }
        Ok(())
    }

    /// Whether a class adds something to how its instances are laid out.
    fn is_solid(&self, class: Ref) -> bool {
        let Some(data) = self.class(class) else { return false };
        let slots = data.slots.iter().flatten().any(|slot| !matches!(&**slot, "__dict__" | "__weakref__"));
        slots || !data.heap && data.layout == class && class != T::Object.r() && class != T::BaseException.r()
    }

    /// What `type.__new__` puts into and takes out of a namespace.
    fn finish_namespace(&mut self, class: Ref, dict: Ref, name: &Str, slots: Option<Vec<Str>>) -> R<()> {
        let value = Value::Obj(class);
        for slot in slots.unwrap_or_default() {
            if matches!(&*slot, "__dict__" | "__weakref__") {
                continue;
            }
            let mangled: Str = crate::syntax::scope::mangle(Some(name), &slot).into();
            if self.get_str(dict, &mangled).is_some() {
                return self.raise(T::ValueError, format!("'{slot}' in __slots__ conflicts with class variable"));
            }
            let member = self.make(T::Member, Kind::Member(mangled.clone()));
            if let Some(r) = member.obj()
                && let Some(attributes) = self.own_dict(r, member)
            {
                let text = self.str(mangled.clone());
                self.set_str(attributes, &"__name__".into(), text, member);
                self.set_str(attributes, &"__objclass__".into(), value, member);
            }
            self.set_str(dict, &mangled, member, value);
        }
        for (hook, wrap) in [("__new__", false), ("__init_subclass__", true), ("__class_getitem__", true)] {
            let hook: Str = hook.into();
            if let Some(function) = self.get_str(dict, &hook)
                && matches!(self.kind(function), Some(Kind::Function(_)))
            {
                let wrapped = if wrap {
                    self.make(T::ClassMethod, Kind::ClassMethod(function))
                } else {
                    self.make(T::StaticMethod, Kind::StaticMethod(function))
                };
                self.set_str(dict, &hook, wrapped, value);
            }
        }
        if self.get_str(dict, &"__eq__".into()).is_some() && self.get_str(dict, &"__hash__".into()).is_none() {
            self.set_str(dict, &"__hash__".into(), Value::None, value);
        }
        if self.get_str(dict, &"__doc__".into()).is_none() {
            self.set_str(dict, &"__doc__".into(), Value::None, value);
        }
        if self.get_str(dict, &"__module__".into()).is_none() {
            let module = self.current_module_name();
            let module = self.str(module);
            self.set_str(dict, &"__module__".into(), module, value);
        }
        if let Some(qualname) = self.get_str(dict, &"__qualname__".into()) {
            let qualname = self.need_str(qualname, "type __qualname__")?;
            self.del_str(dict, &"__qualname__".into(), value);
            if let Some(Kind::Class(data)) = self.change(class, value, "").map(|object| &mut object.kind) {
                data.qualname = qualname;
            }
        }
        if let Some(cell) = self.get_str(dict, &"__classcell__".into()) {
            self.del_str(dict, &"__classcell__".into(), value);
            if let Some(r) = cell.obj()
                && let Some(object) = self.change(r, cell, "")
            {
                object.kind = Kind::Cell(value);
            }
        }
        Ok(())
    }

    /// The name of the module whose code runs.
    pub fn current_module_name(&self) -> Str {
        let globals = self.calls.last().map(|call| call.globals);
        let name = globals.and_then(|globals| self.get_str(globals, &self.world.names.dunder_name));
        name.and_then(|name| self.as_str(name)).unwrap_or_else(|| "builtins".into())
    }

    fn call_class_hooks(&mut self, class: Ref, dict: Ref, kw: Vec<(Str, Value)>) -> R<()> {
        let set_name: Str = "__set_name__".into();
        for (key, item) in self.entries(dict) {
            let Some(r) = item.obj() else { continue };
            if self.is_unknown(item) || matches!(self.get(r).kind, Kind::Function(_) | Kind::Native(_) | Kind::Class(_))
            {
                continue;
            }
            let kind = self.class_of(item);
            if let Some(hook) = self.lookup(kind, &set_name) {
                let hook = self.bind(hook, item, kind)?;
                if let Err(stop) = self.call_with(hook, &[Value::Obj(class), key]) {
                    if let Stop::Raise(exception) = stop {
                        let (kind, key) = (self.name_of(kind), self.repr(key)?);
                        let owner = self.name_of(class);
                        let note = format!("Error calling __set_name__ on '{kind}' instance {key} in '{owner}'");
                        let note = self.str(note);
                        self.call_method(exception, "add_note", &[note])?;
                    }
                    return Err(stop);
                }
            }
        }
        let mro = self.class(class).map(|data| data.mro.clone()).unwrap_or_default();
        let name: Str = "__init_subclass__".into();
        let found = mro.iter().skip(1).find_map(|base| self.get(*base).dict.and_then(|dict| self.get_str(dict, &name)));
        match found {
            Some(hook) => {
                let hook = self.bind(hook, Value::Null, class)?;
                self.call(hook, Args { pos: Default::default(), kw })?;
            }
            None if !kw.is_empty() => {
                let name = self.name_of(class);
                return self.type_error(format!("{name}.__init_subclass__() takes no keyword arguments"));
            }
            None => {}
        }
        Ok(())
    }
}
