//! Calls: binding arguments to parameters, and what can be called.

use super::frame::Frame;
use super::{Call, R, Stop, Vm};
use crate::heap::{Function, Generator, Kind, T};
use crate::syntax::code::{Code, CodeKind};
use crate::value::{Ref, Str, Value};
use smallvec::SmallVec;
use std::sync::Arc;

/// Arguments of a call.
#[derive(Clone, Debug, Default)]
pub struct Args {
    /// By position.
    pub pos: SmallVec<[Value; 6]>,
    /// By name.
    pub kw: Vec<(Str, Value)>,
}

impl Args {
    /// Arguments by position.
    pub fn of(values: &[Value]) -> Args {
        Args { pos: SmallVec::from_slice(values), kw: Vec::new() }
    }

    /// The argument at a position, or `Null`.
    pub fn at(&self, index: usize) -> Value {
        self.pos.get(index).copied().unwrap_or(Value::Null)
    }

    /// The argument at a position, or `None`.
    pub fn get(&self, index: usize) -> Value {
        self.pos.get(index).copied().unwrap_or(Value::None)
    }

    /// Take a keyword argument.
    pub fn take(&mut self, name: &str) -> Option<Value> {
        let at = self.kw.iter().position(|(key, _)| &**key == name)?;
        Some(self.kw.remove(at).1)
    }

    /// The argument at a position or of a name.
    pub fn named(&mut self, index: usize, name: &str) -> Option<Value> {
        match self.pos.get(index) {
            Some(value) => Some(*value),
            None => self.take(name),
        }
    }

    /// With one more in front.
    pub fn before(mut self, first: Value) -> Args {
        self.pos.insert(0, first);
        self
    }

    /// Without the first.
    pub fn rest(&self) -> Args {
        Args { pos: self.pos.iter().skip(1).copied().collect(), kw: self.kw.clone() }
    }
}

impl<'w> Vm<'w> {
    /// Call with arguments by position.
    pub fn call_with(&mut self, callee: Value, args: &[Value]) -> R {
        self.call(callee, Args::of(args))
    }

    /// Call a method by name.
    pub fn call_method(&mut self, object: Value, name: &str, args: &[Value]) -> R {
        let method = self.getattr(object, &name.into())?;
        self.call_with(method, args)
    }

    /// Call anything.
    pub fn call(&mut self, callee: Value, args: Args) -> R {
        self.tick(1)?;
        let Some(r) = callee.obj() else {
            let name = self.class_name(callee);
            return self.type_error(format!("'{name}' object is not callable"));
        };
        match &self.get(r).kind {
            Kind::Function(_) => self.deeper(|vm| vm.call_function(r, args)),
            Kind::Native(native) => {
                let native = *native;
                if !native.holds
                    && let Some(unknown) =
                        args.pos.iter().chain(args.kw.iter().map(|(_, v)| v)).find(|v| self.is_unknown(**v))
                {
                    return self.use_unknown_argument(*unknown, native.name);
                }
                self.deeper(|vm| (native.call)(vm, args))
            }
            Kind::Method(function, this) => {
                let (function, this) = (*function, *this);
                self.call(function, args.before(this))
            }
            Kind::Class(_) => self.deeper(|vm| vm.call_class(r, args)),
            Kind::StaticMethod(function) => {
                let function = *function;
                self.call(function, args)
            }
            Kind::Unknown(_) => self.use_unknown_call(callee, &args),
            Kind::Annotate(_) => {
                let format = self.index(args.pos.first().copied().unwrap_or(Value::Int(1)))?;
                self.evaluate_annotations(callee, format, Value::None)
            }
            _ => {
                let class = self.class_of(callee);
                match self.lookup(class, &"__call__".into()) {
                    Some(method) => {
                        let method = self.bind(method, callee, class)?;
                        self.deeper(|vm| vm.call(method, args))
                    }
                    None => {
                        let name = self.class_name(callee);
                        self.type_error(format!("'{name}' object is not callable"))
                    }
                }
            }
        }
    }

    fn call_class(&mut self, class: Ref, args: Args) -> R {
        let meta = self.get(class).class;
        if meta == T::Type.r() {
            return self.instantiate(class, args);
        }
        match self.lookup(meta, &"__call__".into()) {
            Some(method) if !matches!(self.kind(method), Some(Kind::Native(_))) => {
                let method = self.bind(method, Value::Obj(class), meta)?;
                self.call(method, args)
            }
            _ => self.instantiate(class, args),
        }
    }

    /// `type.__call__`
    pub fn instantiate(&mut self, class: Ref, args: Args) -> R {
        if class == T::Type.r() && args.pos.len() == 1 && args.kw.is_empty() {
            return Ok(Value::Obj(self.class_of(args.at(0))));
        }
        let new = self.lookup(class, &"__new__".into());
        let object = match new {
            Some(new) => {
                let new = match self.kind(new) {
                    Some(Kind::StaticMethod(function)) => *function,
                    _ => new,
                };
                self.call(new, args.clone().before(Value::Obj(class)))?
            }
            None => Value::Obj(self.alloc(class, Kind::Plain)),
        };
        let made = self.class_of(object);
        if !self.derives(made, class) || self.is_unknown(object) {
            return Ok(object);
        }
        if let Some(init) = self.lookup(made, &"__init__".into()) {
            if let Some(Kind::Native(native)) = self.kind(init)
                && native.name == "__init__ of object"
            {
                return self.check_object_init(class, object, &args);
            }
            let init = self.bind(init, object, made)?;
            let result = self.call(init, args)?;
            if !result.is_none() && !self.is_unknown(result) {
                let name = self.class_name(result);
                return self.type_error(format!("__init__() should return None, not '{name}'"));
            }
        }
        Ok(object)
    }

    /// `object.__init__` accepts arguments only if `__new__` is the class's own.
    fn check_object_init(&mut self, class: Ref, object: Value, args: &Args) -> R {
        let own_new = self.lookup(class, &"__new__".into());
        let plain =
            matches!(own_new.and_then(|new| self.kind(new)), Some(Kind::Native(n)) if n.name == "__new__ of object");
        if plain && (!args.pos.is_empty() || !args.kw.is_empty()) {
            let name = self.name_of(class);
            return self.type_error(format!("{name}() takes no arguments"));
        }
        Ok(object)
    }

    fn function(&self, r: Ref) -> Option<&Function> {
        match &self.get(r).kind {
            Kind::Function(function) => Some(function),
            _ => None,
        }
    }

    fn call_function(&mut self, r: Ref, args: Args) -> R {
        let Some(function) = self.function(r) else { return Ok(Value::None) };
        let code = function.code.clone();
        let mut frame = Frame::new(code.clone(), function.globals, Value::Null);
        let closure = function.closure.clone();
        frame.function = Value::Obj(r);
        self.bind_arguments(r, &code, args, &mut frame)?;
        for param in &code.cell_params {
            let initial = param.and_then(|p| frame.locals.get(p as usize).copied()).unwrap_or(Value::Null);
            let cell = self.make(T::Cell, Kind::Cell(initial));
            frame.cells.push(cell);
        }
        frame.cells.extend(closure.iter().copied());
        if code.is_async || code.is_generator {
            let class = match (code.is_async, code.is_generator) {
                (true, true) => T::AsyncGenerator,
                (true, false) => T::Coroutine,
                _ => T::Generator,
            };
            let generator = Generator { frame: Some(Box::new(frame)), code, running: false, started: false };
            return Ok(self.make(class, Kind::Generator(Box::new(generator))));
        }
        self.run_call(&mut frame)
    }

    /// Run a frame as a call of its own.
    pub fn run_call(&mut self, frame: &mut Frame) -> R {
        let import = frame.code.kind == CodeKind::Module;
        self.tick(4)?;
        self.calls.push(Call {
            code: frame.code.clone(),
            pc: frame.pc,
            globals: frame.globals,
            names: frame.names,
            import,
        });
        let handling = self.handling.len();
        let result = self.run(frame);
        if let Err(Stop::GiveUp(_)) = result
            && self.given_up_at.is_empty()
        {
            self.given_up_at = self.chain();
        }
        if let Err(Stop::Raise(_)) = result
            && import
        {
            self.left_at = Some((frame.code.clone(), frame.pc.saturating_sub(1)));
        }
        self.handling.truncate(handling);
        self.calls.pop();
        result
    }

    fn bind_arguments(&mut self, r: Ref, code: &Arc<Code>, args: Args, frame: &mut Frame) -> R<()> {
        let count = code.argcount;
        let given = args.pos.len();
        for (index, value) in args.pos.iter().take(count).enumerate() {
            frame.locals[index] = *value;
        }
        let star = code.argcount + code.kwonly;
        if code.varargs {
            let rest = args.pos.iter().skip(count).copied().collect();
            frame.locals[star] = self.tuple(rest);
        } else if given > count {
            let named = args.kw.iter().filter(|(name, _)| code.varnames[count..star].contains(name)).count();
            return self.too_many(r, code, given, named);
        }
        let double_star = star + usize::from(code.varargs);
        let extra = code.varkw.then(|| self.dict());
        if let Some(extra) = extra {
            frame.locals[double_star] = Value::Obj(extra);
        }
        for (name, value) in args.kw {
            let found = code.varnames[code.posonly.min(star)..star].iter().position(|n| *n == name);
            match (found, extra) {
                (Some(at), _) => {
                    let at = at + code.posonly;
                    if !frame.locals[at].is_null() {
                        let called = self.function_name(r);
                        return self.type_error(format!("{called}() got multiple values for argument '{name}'"));
                    }
                    frame.locals[at] = value;
                }
                (None, Some(extra)) => self.set_str(extra, &name, value, Value::Obj(extra)),
                (None, None) if code.varnames[..code.posonly.min(star)].contains(&name) => {
                    let called = self.function_name(r);
                    return self.type_error(format!(
                        "{called}() got some positional-only arguments passed as keyword arguments: '{name}'"
                    ));
                }
                (None, None) => {
                    let called = self.function_name(r);
                    return self.type_error(format!("{called}() got an unexpected keyword argument '{name}'"));
                }
            }
        }
        self.fill_defaults(r, code, frame)
    }

    fn fill_defaults(&mut self, r: Ref, code: &Arc<Code>, frame: &mut Frame) -> R<()> {
        let Some(function) = self.function(r) else { return Ok(()) };
        let first = code.argcount.saturating_sub(function.defaults.len());
        let mut missing: Vec<Str> = Vec::new();
        for index in 0..code.argcount {
            if frame.locals[index].is_null() {
                match index.checked_sub(first).and_then(|at| function.defaults.get(at)) {
                    Some(value) => frame.locals[index] = *value,
                    None => missing.push(code.varnames[index].clone()),
                }
            }
        }
        let kwdefaults = function.kwdefaults;
        if !missing.is_empty() {
            return self.missing(r, &missing, "positional");
        }
        for index in code.argcount..code.argcount + code.kwonly {
            if frame.locals[index].is_null() {
                match kwdefaults.and_then(|dict| self.get_str(dict, &code.varnames[index])) {
                    Some(value) => frame.locals[index] = value,
                    None => missing.push(code.varnames[index].clone()),
                }
            }
        }
        if !missing.is_empty() {
            return self.missing(r, &missing, "keyword-only");
        }
        Ok(())
    }

    fn function_name(&self, r: Ref) -> Str {
        self.function(r).map_or_else(|| "?".into(), |function| function.qualname.clone())
    }

    fn missing(&mut self, r: Ref, names: &[Str], kind: &str) -> R<()> {
        let called = self.function_name(r);
        let quoted: Vec<String> = names.iter().map(|name| format!("'{name}'")).collect();
        let listed = match quoted.as_slice() {
            [one] => one.clone(),
            [one, two] => format!("{one} and {two}"),
            [init @ .., last] => format!("{}, and {last}", init.join(", ")),
            [] => String::new(),
        };
        let plural = if names.len() == 1 { "" } else { "s" };
        self.type_error(format!("{called}() missing {} required {kind} argument{plural}: {listed}", names.len()))
    }

    fn too_many(&mut self, r: Ref, code: &Code, given: usize, named: usize) -> R<()> {
        let called = self.function_name(r);
        let defaults = self.function(r).map_or(0, |function| function.defaults.len());
        let count = code.argcount;
        let takes =
            if defaults > 0 { format!("from {} to {count}", count - defaults.min(count)) } else { count.to_string() };
        let plural = if count == 1 && defaults == 0 { "" } else { "s" };
        if named > 0 {
            let (s, named_s) = (if given == 1 { "" } else { "s" }, if named == 1 { "" } else { "s" });
            return self.type_error(format!(
                "{called}() takes {takes} positional argument{plural} but {given} positional argument{s} (and {named} keyword-only argument{named_s}) were given"
            ));
        }
        let was = if given == 1 { "was" } else { "were" };
        self.type_error(format!("{called}() takes {takes} positional argument{plural} but {given} {was} given"))
    }

    /// Look at native arguments: at least `least`, at most `most` by position, none by name.
    pub fn arity(&mut self, name: &str, args: &Args, least: usize, most: usize) -> R<()> {
        if !args.kw.is_empty() {
            return self.type_error(format!("{name}() takes no keyword arguments"));
        }
        self.arity_kw(name, args, least, most)
    }

    /// As `arity`, with names allowed.
    pub fn arity_kw(&mut self, name: &str, args: &Args, least: usize, most: usize) -> R<()> {
        let given = args.pos.len();
        if given < least {
            return self.type_error(format!(
                "{name} expected at least {least} argument{}, got {given}",
                if least == 1 { "" } else { "s" }
            ));
        }
        if given > most {
            return self.type_error(format!(
                "{name} expected at most {most} argument{}, got {given}",
                if most == 1 { "" } else { "s" }
            ));
        }
        Ok(())
    }

    /// Whether an error is a Python exception of a builtin type.
    pub fn stopped_by(&self, stop: &Stop, class: T) -> bool {
        matches!(stop, Stop::Raise(exception) if self.is_a(*exception, class))
    }
}
