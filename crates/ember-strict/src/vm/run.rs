//! The instruction loop.

use super::frame::{Block, Frame};
use super::{R, Stop, Vm};
use crate::diagnostics::Code as Emb;
use crate::heap::{Function, Kind, T};
use crate::syntax::code::{CodeKind, Const, Op, UnOp, make};
use crate::value::{Ref, Str, Value};
use crate::vm::call::Args;

/// How a frame stops running.
pub enum Exit {
    /// It is done.
    Return(Value),
    /// It is put aside.
    Yield(Value),
}

impl<'w> Vm<'w> {
    /// Run a frame to its end.
    pub fn run(&mut self, frame: &mut Frame) -> R {
        match self.resume(frame)? {
            Exit::Return(value) | Exit::Yield(value) => Ok(value),
        }
    }

    /// Run a frame until it returns or yields.
    pub fn resume(&mut self, frame: &mut Frame) -> R<Exit> {
        let base = self.handling.len();
        self.handling.append(&mut frame.handled);
        loop {
            let stop = match self.steps(frame) {
                Ok(Exit::Yield(value)) => {
                    frame.handled = self.handling.split_off(base.min(self.handling.len()));
                    return Ok(Exit::Yield(value));
                }
                Ok(exit) => return Ok(exit),
                Err(stop) => stop,
            };
            let Stop::Raise(exception) = stop else { return Err(stop) };
            self.note_trace(exception, frame);
            match frame.blocks.pop() {
                Some(block) => {
                    frame.stack.truncate(block.height);
                    frame.push(exception);
                    self.handling.truncate(base + block.handling);
                    frame.handled_now = block.handling;
                    frame.pc = block.handler as usize;
                }
                None => {
                    self.handling.truncate(base);
                    if !self.go_on_after(frame, exception) {
                        return Err(stop);
                    }
                }
            }
        }
    }

    /// After an exception in a module that has used something unknown: report it and go on with the next statement.
    fn go_on_after(&mut self, frame: &mut Frame, exception: Value) -> bool {
        if frame.code.kind != CodeKind::Module || !self.tainted.contains(&self.owner()) {
            return false;
        }
        let next = frame.code.statements.iter().find(|start| **start as usize >= frame.pc).copied();
        let Some(next) = next else { return false };
        self.report_exception(exception);
        frame.stack.clear();
        frame.marks.clear();
        frame.pc = next as usize;
        true
    }

    fn steps(&mut self, frame: &mut Frame) -> R<Exit> {
        loop {
            let pc = frame.pc;
            let Some(op) = frame.code.ops.get(pc).copied() else { return Ok(Exit::Return(Value::None)) };
            frame.pc = pc + 1;
            if let Some(call) = self.calls.last_mut() {
                call.pc = pc;
            }
            self.tick(1)?;
            match op {
                Op::Return => return Ok(Exit::Return(frame.pop())),
                Op::Yield => return Ok(Exit::Yield(frame.pop())),
                Op::YieldFrom => {
                    let sent = frame.pop();
                    let iterator = frame.peek(1);
                    match self.send(iterator, sent)? {
                        Ok(value) => {
                            frame.pc = pc;
                            return Ok(Exit::Yield(value));
                        }
                        Err(result) => {
                            frame.pop();
                            frame.push(result);
                        }
                    }
                }
                Op::Jump(to) => frame.pc = to as usize,
                Op::JumpIfFalse(to) => {
                    let value = frame.pop();
                    if !self.truth(value)? {
                        frame.pc = to as usize;
                    }
                }
                Op::JumpIfTrue(to) => {
                    let value = frame.pop();
                    if self.truth(value)? {
                        frame.pc = to as usize;
                    }
                }
                Op::JumpIfFalseKeep(to) => {
                    if !self.truth(frame.peek(1))? {
                        frame.pc = to as usize;
                    } else {
                        frame.pop();
                    }
                }
                Op::JumpIfTrueKeep(to) => {
                    if self.truth(frame.peek(1))? {
                        frame.pc = to as usize;
                    } else {
                        frame.pop();
                    }
                }
                Op::ForIter(to) => match self.next(frame.peek(1))? {
                    Some(value) => frame.push(value),
                    None => {
                        frame.pop();
                        frame.pc = to as usize;
                    }
                },
                Op::Const(ix) => {
                    let code = frame.code.clone();
                    let value = match code.consts.get(ix as usize) {
                        Some(constant) => self.constant(constant),
                        None => Value::None,
                    };
                    frame.push(value);
                }
                Op::LoadFast(ix) => {
                    let value = frame.locals.get(ix as usize).copied().unwrap_or(Value::Null);
                    if value.is_null() {
                        return self.unbound(frame, frame.code.varnames.get(ix as usize).cloned());
                    }
                    frame.push(value);
                }
                Op::StoreFast(ix) => {
                    let value = frame.pop();
                    if let Some(local) = frame.locals.get_mut(ix as usize) {
                        *local = value;
                    }
                }
                Op::DeleteFast(ix) => {
                    let name = frame.code.varnames.get(ix as usize).cloned();
                    match frame.locals.get_mut(ix as usize) {
                        Some(local) if !local.is_null() => *local = Value::Null,
                        _ => return self.unbound(frame, name),
                    }
                }
                Op::Pop => {
                    frame.pop();
                }
                Op::Dup => frame.push(frame.peek(1)),
                Op::Copy(n) => frame.push(frame.peek(n as usize)),
                Op::Swap(n) => {
                    let top = frame.stack.len();
                    if let (Some(a), Some(b)) = (top.checked_sub(1), top.checked_sub(n as usize)) {
                        frame.stack.swap(a, b);
                    }
                }
                Op::Setup(handler) | Op::SetupWith(handler) => {
                    let below = usize::from(matches!(op, Op::SetupWith(_)));
                    let handling = frame.handled_now;
                    let height = frame.stack.len().saturating_sub(below);
                    frame.blocks.push(Block { handler, height, handling });
                }
                Op::PopBlock => {
                    frame.blocks.pop();
                }
                Op::PushExc => {
                    self.handling.push(frame.peek(1));
                    frame.handled_now += 1;
                }
                Op::PopExc => {
                    self.handling.pop();
                    frame.handled_now = frame.handled_now.saturating_sub(1);
                }
                other => self.step(frame, other)?,
            }
        }
    }

    fn unbound<Out>(&mut self, frame: &Frame, name: Option<Str>) -> R<Out> {
        let name = name.unwrap_or_else(|| "?".into());
        let free = frame.code.freevars.contains(&name);
        if free {
            return self.raise(
                T::NameError,
                format!(
                    "cannot access free variable '{name}' where it is not associated with a value in enclosing scope"
                ),
            );
        }
        self.raise(
            T::UnboundLocalError,
            format!("cannot access local variable '{name}' where it is not associated with a value"),
        )
    }

    /// A constant as a value.
    pub fn constant(&mut self, constant: &Const) -> Value {
        match constant {
            Const::None => Value::None,
            Const::Bool(value) => Value::Bool(*value),
            Const::Ellipsis => Value::Ellipsis,
            Const::Int(value) => Value::Int(*value),
            Const::Float(value) => Value::Float(*value),
            Const::Big(value) => self.int(value.clone()),
            Const::Complex(real, imag) => self.make(T::Complex, Kind::Complex(*real, *imag)),
            Const::Str(text) => self.intern(text),
            Const::Bytes(bytes) => self.make(T::Bytes, Kind::Bytes(bytes.clone())),
            Const::Tuple(items) => {
                let items = items.iter().map(|item| self.constant(item)).collect();
                self.tuple(items)
            }
            Const::FrozenNames(names) => {
                let names = names.iter().map(|name| self.intern(name)).collect();
                self.tuple(names)
            }
        }
    }

    fn name(frame: &Frame, ix: u32) -> Str {
        frame.code.names.get(ix as usize).cloned().unwrap_or_else(|| "?".into())
    }

    /// Instructions that neither jump nor leave.
    fn step(&mut self, frame: &mut Frame, op: Op) -> R<()> {
        match op {
            Op::LoadName(_)
            | Op::StoreName(_)
            | Op::DeleteName(_)
            | Op::LoadGlobal(_)
            | Op::StoreGlobal(_)
            | Op::DeleteGlobal(_)
            | Op::LoadDeref(_)
            | Op::StoreDeref(_)
            | Op::DeleteDeref(_)
            | Op::LoadClassDeref(..)
            | Op::LoadCell(_)
            | Op::LoadDictOrGlobal(_)
            | Op::LoadDictOrDeref(..)
            | Op::LoadLocals
            | Op::SyncLocals
            | Op::Annotate(..)
            | Op::StoreAnnotate(_)
            | Op::SetupAnnotations => return self.step_names(frame, op),
            Op::LoadAttr(ix) => {
                let name = Self::name(frame, ix);
                let object = frame.pop();
                let value = self.getattr(object, &name)?;
                frame.push(value);
            }
            Op::StoreAttr(ix) => {
                let name = Self::name(frame, ix);
                let object = frame.pop();
                let value = frame.pop();
                self.setattr(object, &name, value)?;
            }
            Op::DeleteAttr(ix) => {
                let name = Self::name(frame, ix);
                let object = frame.pop();
                self.delattr(object, &name)?;
            }
            Op::LoadItem => {
                let key = frame.pop();
                let object = frame.pop();
                let value = self.getitem(object, key)?;
                frame.push(value);
            }
            Op::StoreItem => {
                let key = frame.pop();
                let object = frame.pop();
                let value = frame.pop();
                self.setitem(object, key, value)?;
            }
            Op::DeleteItem => {
                let key = frame.pop();
                let object = frame.pop();
                self.delitem(object, key)?;
            }
            Op::Binary(op) => {
                let right = frame.pop();
                let left = frame.pop();
                let value = self.binary(op, left, right)?;
                frame.push(value);
            }
            Op::Inplace(op) => {
                let right = frame.pop();
                let left = frame.pop();
                let value = self.inplace(op, left, right)?;
                frame.push(value);
            }
            Op::Unary(op) => {
                let value = frame.pop();
                let value = match op {
                    UnOp::Not => self.not(value)?,
                    _ => self.unary(op, value)?,
                };
                frame.push(value);
            }
            Op::Compare(cmp) => {
                let right = frame.pop();
                let left = frame.pop();
                let value = self.compare(cmp, left, right)?;
                frame.push(value);
            }
            Op::Is(negated) => {
                let right = frame.pop();
                let left = frame.pop();
                let value = self.identical(left, right, negated);
                frame.push(value);
            }
            Op::In(negated) => {
                let container = frame.pop();
                let item = frame.pop();
                let found = self.contains(container, item)?;
                frame.push(Value::Bool(found != negated));
            }
            _ => return self.step_build(frame, op),
        }
        Ok(())
    }

    /// Instructions that make something.
    fn step_build(&mut self, frame: &mut Frame, op: Op) -> R<()> {
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
        let pos = self.items(positional)?.into_iter().collect();
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
                for item in self.items_of(value, "Value after * must be an iterable")? {
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
                self.merge_mapping(dict, value, matches!(op, Op::DictMerge))?;
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
                let result = self.call_with(frame.peek(2), &[class, exception, Value::None])?;
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

    fn merge_mapping(&mut self, dict: Ref, value: Value, unique: bool) -> R<()> {
        let pairs = self.mapping_items(
            value,
            if unique { "argument after ** must be a mapping" } else { "object is not a mapping" },
        )?;
        for (key, item) in pairs {
            if unique {
                let Some(name) = self.as_str(key) else { return self.type_error("keywords must be strings") };
                if self.get_str(dict, &name).is_some() {
                    return self.type_error(format!("got multiple values for keyword argument '{name}'"));
                }
            }
            self.dict_set(dict, key, item, Value::Obj(dict))?;
        }
        Ok(())
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
            let name = self.class_name(context);
            return self.type_error(format!("'{name}' object does not support the context manager protocol"));
        };
        let exit = self.bind(exit, context, class)?;
        let enter = self.bind(enter, context, class)?;
        let entered = self.call_with(enter, &[])?;
        Ok((exit, entered))
    }
}
