//! The instruction loop.

use super::frame::{Block, Frame};
use super::{R, Stop, Vm};
use crate::heap::{Kind, T};
use crate::syntax::code::{CodeKind, Const, Op, UnOp};
use crate::value::{Str, Value};

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
        let owner = self.owner();
        self.set_incomplete(owner);
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
}
