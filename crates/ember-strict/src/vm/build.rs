//! Instructions that make something or take something apart: displays, calls, functions, unpacking, contexts.

use super::frame::Frame;
use super::{R, Stop, Vm};
use crate::diagnostics::Code as Emb;
use crate::heap::{Function, Kind, T};
use crate::syntax::code::{Const, Op, make};
use crate::value::{Ref, Str, Value};
use crate::vm::call::Args;

impl<'w> Vm<'w> {
    /// Instructions that make something.
    pub(super) fn step_build(&mut self, frame: &mut Frame, op: Op) -> R<()> {
        let made = match op {
            Op::BuildTuple(n) => {
                let items = frame.pop_n(n as usize);
                self.tuple(items)
            }
            Op::BuildList(n) => {
                let items = frame.pop_n(n as usize);
                self.list(items)
            }
            Op::BuildSet(n) => {
                let items = frame.pop_n(n as usize);
                self.set_of(T::Set, items)?
            }
            Op::BuildMap(n) => {
                let items = frame.pop_n(2 * n as usize);
                let dict = self.dict();
                for pair in items.chunks_exact(2) {
                    self.dict_set(dict, pair[0], pair[1], Value::Obj(dict))?;
                }
                Value::Obj(dict)
            }
            Op::BuildString(n) => {
                let parts = frame.pop_n(n as usize);
                if parts.len() == 1 { parts[0] } else { self.join_texts(&parts)? }
            }
            Op::BuildSlice => {
                let step = frame.pop();
                let stop = frame.pop();
                let start = frame.pop();
                self.make(T::Slice, Kind::Slice(Box::new([start, stop, step])))
            }
            Op::ListToTuple => {
                let list = frame.pop();
                let items = self.items(list)?;
                self.tuple(items)
            }
            Op::MakeFunction(ix, flags) => return self.make_function(frame, ix, flags),
            Op::LoadBuildClass => self.world.builtin("__build_class__"),
            Op::LoadAssertionError => T::AssertionError.v(),
            Op::GetIter => {
                let value = frame.pop();
                self.iter(value)?
            }
            Op::GetYieldFromIter => {
                let value = frame.pop();
                if matches!(self.kind(value), Some(Kind::Generator(_))) { value } else { self.iter(value)? }
            }
            Op::FormatValue(conversion) => {
                let value = frame.pop();
                self.format_value(value, conversion, Value::Null)?
            }
            Op::FormatSpec(conversion) => {
                let spec = frame.pop();
                let value = frame.pop();
                self.format_value(value, conversion, spec)?
            }
            Op::Call(n) => {
                let at = frame.stack.len().saturating_sub(n as usize);
                let args = Args { pos: frame.stack.drain(at..).collect(), kw: Vec::new() };
                let callee = frame.pop();
                self.call(callee, args)?
            }
            Op::CallKw(n, names) => {
                let names: Vec<Str> = match frame.code.consts.get(names as usize) {
                    Some(Const::FrozenNames(names)) => names.clone(),
                    _ => Vec::new(),
                };
                let mut values = frame.pop_n(n as usize);
                let named = values.split_off(values.len().saturating_sub(names.len()));
                let callee = frame.pop();
                let args = Args { pos: values.into_iter().collect(), kw: names.into_iter().zip(named).collect() };
                self.call(callee, args)?
            }
            Op::CallEx => {
                let keywords = frame.pop();
                let positional = frame.pop();
                let callee = frame.pop();
                let args = self.spread(positional, keywords)?;
                self.call(callee, args)?
            }
            Op::LoadSelf(ix) => {
                if frame.code.argcount == 0 {
                    return self.raise(T::RuntimeError, "super(): no arguments");
                }
                match frame.locals.get(ix as usize).copied() {
                    Some(this) if !this.is_null() => this,
                    _ => return self.raise(T::RuntimeError, "super(): arg[0] deleted"),
                }
            }
            Op::CallSuper => {
                let this = frame.pop();
                let class = frame.pop();
                let callee = frame.pop();
                if callee.same(T::Super.v()) {
                    self.call_with(callee, &[class, this])?
                } else {
                    self.call_with(callee, &[])?
                }
            }
            _ => return self.step_rest(frame, op),
        };
        frame.push(made);
        Ok(())
    }

    /// Arguments from a tuple and a dict.
    pub fn spread(&mut self, positional: Value, keywords: Value) -> R<Args> {
        let items = self.items(positional)?;
        self.charge(items.len().saturating_mul(4))?;
        let pos = items.into_iter().collect();
        let mut kw = Vec::new();
        if let Some(dict) = keywords.obj() {
            for (key, value) in self.entries(dict) {
                match self.as_str(key) {
                    Some(name) => kw.push((name, value)),
                    None => return self.type_error("keywords must be strings"),
                }
            }
        }
        Ok(Args { pos, kw })
    }

    fn make_function(&mut self, frame: &mut Frame, ix: u32, flags: u8) -> R<()> {
        let Some(code) = frame.code.children.get(ix as usize).cloned() else { return Ok(()) };
        let closure = if flags & make::CLOSURE != 0 {
            self.as_tuple(frame.pop()).unwrap_or_default()
        } else {
            Default::default()
        };
        let annotate = if flags & make::ANNOTATE != 0 { frame.pop() } else { Value::None };
        let kwdefaults = if flags & make::KWDEFAULTS != 0 { frame.pop().obj() } else { None };
        let defaults = if flags & make::DEFAULTS != 0 { self.items(frame.pop())? } else { Vec::new() };
        let module = self.get_str(frame.globals, &self.world.names.dunder_name).unwrap_or(Value::None);
        let function = Function {
            name: code.name.clone(),
            qualname: code.qualname.clone(),
            code,
            globals: frame.globals,
            defaults,
            kwdefaults,
            closure,
            annotate,
            module,
        };
        let function = self.make(T::Function, Kind::Function(Box::new(function)));
        frame.push(function);
        Ok(())
    }

    /// What is left: displays with stars, unpacking, exceptions, imports, patterns, type parameters.
    fn step_rest(&mut self, frame: &mut Frame, op: Op) -> R<()> {
        match op {
            Op::Nop => {}
            Op::ListAppend(depth) => {
                let value = frame.pop();
                let list = frame.peek(depth as usize);
                self.list_push(list, value);
            }
            Op::SetAdd(depth) => {
                let value = frame.pop();
                if let Some(set) = frame.peek(depth as usize).obj() {
                    self.set_add(set, value)?;
                }
            }
            Op::MapAdd(depth) => {
                let value = frame.pop();
                let key = frame.pop();
                let dict = frame.peek(depth as usize);
                if let Some(r) = dict.obj() {
                    self.dict_set(r, key, value, dict)?;
                }
            }
            Op::ListExtend => {
                let value = frame.pop();
                let list = frame.peek(1);
                let items = self.items_of(value, "Value after * must be an iterable")?;
                self.charge(items.len())?;
                for item in items {
                    self.list_push(list, item);
                }
            }
            Op::SetUpdate => {
                let value = frame.pop();
                let Some(set) = frame.peek(1).obj() else { return Ok(()) };
                for item in self.items(value)? {
                    self.set_add(set, item)?;
                }
            }
            Op::DictUpdate | Op::DictMerge => {
                let value = frame.pop();
                let Some(dict) = frame.peek(1).obj() else { return Ok(()) };
                let callee = matches!(op, Op::DictMerge).then(|| frame.peek(3));
                self.merge_mapping(dict, value, callee)?;
            }
            Op::Unpack(n) => {
                let value = frame.pop();
                let items = self.unpack(value, n as usize, None)?;
                frame.stack.extend(items.into_iter().rev());
            }
            Op::UnpackEx(before, after) => {
                let value = frame.pop();
                let items = self.unpack(value, before as usize, Some(after as usize))?;
                frame.stack.extend(items.into_iter().rev());
            }
            Op::ExcMatch => {
                let class = frame.pop();
                let matched = self.exception_matches(frame.peek(1), class)?;
                frame.push(Value::Bool(matched));
            }
            Op::ExcStarMatch => {
                let class = frame.pop();
                let exception = frame.pop();
                self.check_star_classes(class)?;
                let (matched, rest) = self.split_group(exception, class)?;
                frame.push(rest);
                frame.push(matched);
            }
            Op::ExcStarEnd => {
                let list = frame.pop();
                let original = frame.pop();
                let result = self.join_groups(original, list)?;
                frame.push(result);
            }
            Op::Raise(count) => return self.raise_op(frame, count),
            Op::Reraise => return Err(Stop::Raise(frame.pop())),
            Op::WithEnter => {
                let context = frame.pop();
                let (exit, entered) = self.enter_context(context)?;
                frame.push(exit);
                frame.push(entered);
            }
            Op::WithExit => {
                let exit = frame.pop();
                self.call_with(exit, &[Value::None, Value::None, Value::None])?;
            }
            Op::WithExcept => {
                let exception = frame.peek(1);
                let class = Value::Obj(self.class_of(exception));
                let traceback = self.traceback(exception)?;
                let result = self.call_with(frame.peek(2), &[class, exception, traceback])?;
                frame.push(result);
            }
            Op::ImportName(_) | Op::ImportFrom(_) | Op::ImportStar => return self.step_import(frame, op),
            Op::TypeParam(..)
            | Op::TypeAlias(_)
            | Op::GenericBase
            | Op::SetTypeParams
            | Op::BuildTemplate(_)
            | Op::BuildInterpolation(_) => return self.step_typing(frame, op),
            _ => return self.step_match(frame, op),
        }
        Ok(())
    }

    /// `{**value}`, or the keywords of a call of `callee`, where no name may come twice.
    fn merge_mapping(&mut self, dict: Ref, value: Value, callee: Option<Value>) -> R<()> {
        let otherwise = match callee {
            Some(callee) => format!("{} argument after ** must be a mapping", self.called(callee)),
            None => "object is not a mapping".to_owned(),
        };
        let pairs = self.mapping_items(value, &otherwise)?;
        for (key, item) in pairs {
            if let Some(callee) = callee {
                let Some(name) = self.as_str(key) else { return self.type_error("keywords must be strings") };
                if self.get_str(dict, &name).is_some() {
                    let called = self.called(callee);
                    return self.type_error(format!("{called} got multiple values for keyword argument '{name}'"));
                }
            }
            self.dict_set(dict, key, item, Value::Obj(dict))?;
        }
        Ok(())
    }

    /// How CPython calls a callable in messages about its arguments: `module.qualname()`.
    fn called(&self, callee: Value) -> String {
        match self.kind(callee) {
            Some(Kind::Function(function)) => {
                let module = self.as_str(function.module).filter(|module| &**module != "builtins");
                format!("{}{}()", module.map_or(String::new(), |module| format!("{module}.")), function.qualname)
            }
            Some(Kind::Method(function, _)) => self.called(*function),
            Some(Kind::Class(_)) => {
                callee.obj().map_or(String::new(), |class| format!("{}()", self.qualified_name(class)))
            }
            _ => format!("{}()", self.describe(callee).trim_start_matches("the function ").trim_matches('\'')),
        }
    }

    fn list_push(&mut self, list: Value, value: Value) {
        if let Some(r) = list.obj()
            && let Some(Kind::List(items)) = self.change(r, list, "appends to").map(|object| &mut object.kind)
        {
            items.push(value);
        }
    }

    /// Look up `__enter__` and `__exit__`, and enter.
    fn enter_context(&mut self, context: Value) -> R<(Value, Value)> {
        if self.is_unknown(context) {
            let entered = self.use_unknown(
                Emb::UnknownAttribute,
                context,
                "enters a context manager that is unknown",
                "__enter__()",
            )?;
            let exit = self.world.builtin("__ember_nothing__");
            return Ok((exit, entered));
        }
        let class = self.class_of(context);
        let (Some(enter), Some(exit)) =
            (self.lookup(class, &"__enter__".into()), self.lookup(class, &"__exit__".into()))
        else {
            let name = self.qualified_name(class);
            let missed = match self.lookup(class, &"__enter__".into()) {
                Some(_) => " (missed __exit__ method)",
                None => "",
            };
            return self.type_error(format!("'{name}' object does not support the context manager protocol{missed}"));
        };
        let exit = self.bind(exit, context, class)?;
        let enter = self.bind(enter, context, class)?;
        let entered = self.call_with(enter, &[])?;
        Ok((exit, entered))
    }
}
