//! Names: variables of modules, classes and enclosing functions.

use super::frame::Frame;
use super::{R, Vm};
use crate::heap::{Kind, T};
use crate::syntax::code::{CodeKind, Const, Op};
use crate::value::{Ref, Str, Value};

impl<'w> Vm<'w> {
    pub(super) fn step_names(&mut self, frame: &mut Frame, op: Op) -> R<()> {
        let named = |ix: u32| frame.code.names.get(ix as usize).cloned().unwrap_or_else(|| "?".into());
        match op {
            Op::LoadName(ix) => {
                let name = named(ix);
                let found = self.load_from_names(frame.names, &name)?;
                let value = match found {
                    Some(value) => value,
                    None => self.load_global(frame.globals, &name)?,
                };
                frame.push(value);
            }
            Op::StoreName(ix) => {
                let name = named(ix);
                let value = frame.pop();
                self.store_in_names(frame, &name, value)?;
            }
            Op::DeleteName(ix) => {
                let name = named(ix);
                let deleted = match frame.names.obj().filter(|_| self.is_exact(frame.names, T::Dict)) {
                    Some(dict) => self.del_str(dict, &name, frame.names),
                    None => {
                        let key = self.intern(&name);
                        self.delitem(frame.names, key)?;
                        true
                    }
                };
                if !deleted && !self.tainted.contains(&self.owner()) {
                    return self.raise(T::NameError, format!("name '{name}' is not defined"));
                }
            }
            Op::LoadGlobal(ix) => {
                let name = named(ix);
                let value = self.load_global(frame.globals, &name)?;
                frame.push(value);
            }
            Op::StoreGlobal(ix) => {
                let name = named(ix);
                let value = frame.pop();
                let before = frame.pc.checked_sub(2).and_then(|at| frame.code.ops.get(at));
                let imported = matches!(before, Some(Op::ImportName(_) | Op::ImportFrom(_)));
                let lazy_import = frame.globals.owner != self.owner() && imported;
                if lazy_import {
                    // A module that imports something only when it is needed.
                    self.see_set(frame.globals, &name, value);
                } else {
                    self.set_str(frame.globals, &name, value, Value::Obj(frame.globals));
                }
            }
            Op::DeleteGlobal(ix) => {
                let name = named(ix);
                let module = Value::Obj(frame.globals);
                if !self.del_str(frame.globals, &name, module) {
                    return self.raise(T::NameError, format!("name '{name}' is not defined"));
                }
            }
            Op::LoadDeref(ix) => {
                let value = self.load_cell(frame, ix)?;
                frame.push(value);
            }
            Op::StoreDeref(ix) => {
                let value = frame.pop();
                self.store_cell(frame, ix, value);
            }
            Op::DeleteDeref(ix) => {
                self.load_cell(frame, ix)?;
                self.store_cell(frame, ix, Value::Null);
            }
            Op::LoadCell(ix) => {
                while frame.cells.len() <= ix as usize {
                    let cell = self.make(T::Cell, Kind::Cell(Value::Null));
                    frame.cells.push(cell);
                }
                frame.push(frame.cells[ix as usize]);
            }
            Op::LoadClassDeref(ix, cell) => {
                let name = named(ix);
                let value = match self.load_from_names(frame.names, &name)? {
                    Some(value) => value,
                    None => self.load_cell(frame, cell)?,
                };
                frame.push(value);
            }
            Op::LoadDictOrGlobal(ix) => {
                let name = named(ix);
                let dict = frame.pop();
                let value = match self.load_from_names(dict, &name)? {
                    Some(value) => value,
                    None => self.load_global(frame.globals, &name)?,
                };
                frame.push(value);
            }
            Op::LoadDictOrDeref(ix, cell) => {
                let name = named(ix);
                let dict = frame.pop();
                let value = match self.load_from_names(dict, &name)? {
                    Some(value) => value,
                    None => self.load_cell(frame, cell)?,
                };
                frame.push(value);
            }
            Op::LoadLocals => frame.push(frame.names),
            Op::SyncLocals => self.sync_locals(frame),
            Op::Annotate(ix, text) => {
                let name = named(ix);
                let text = match frame.code.consts.get(text as usize) {
                    Some(Const::Str(text)) => text.clone(),
                    _ => name.clone(),
                };
                let function = frame.pop();
                frame.annotations.push((name, function, text));
            }
            Op::StoreAnnotate(module) if !frame.annotations.is_empty() => {
                let parts = std::mem::take(&mut frame.annotations);
                let annotate = self.make(T::Builtin, Kind::Annotate(parts));
                let name = if module { "__annotate__" } else { "__annotate_func__" };
                self.store_in_names(frame, &name.into(), annotate)?;
            }
            Op::SetupAnnotations => {
                let name: Str = "__annotations__".into();
                if self.load_from_names(frame.names, &name)?.is_none() {
                    let dict = Value::Obj(self.dict());
                    self.store_in_names(frame, &name, dict)?;
                }
            }
            _ => {}
        }
        Ok(())
    }

    /// A name in a namespace, which may be any mapping.
    fn load_from_names(&mut self, names: Value, name: &Str) -> R<Option<Value>> {
        let Some(dict) = names.obj() else { return Ok(None) };
        let plain = matches!(self.get(dict).kind, Kind::Dict(_));
        let class = self.get(dict).class;
        let asks = class != T::Dict.r()
            && (self.lookup(class, &"__missing__".into()).is_some()
                || !self.is_native(self.lookup(class, &self.world.names.dunder_getitem)));
        if plain && !asks {
            return Ok(self.get_str(dict, name));
        }
        let key = self.intern(name);
        match self.getitem(names, key) {
            Ok(value) => Ok(Some(value)),
            Err(stop) if self.stopped_by(&stop, T::KeyError) => Ok(None),
            Err(stop) => Err(stop),
        }
    }

    fn store_in_names(&mut self, frame: &Frame, name: &Str, value: Value) -> R<()> {
        if self.is_exact(frame.names, T::Dict)
            && let Some(dict) = frame.names.obj()
        {
            self.set_str(dict, name, value, frame.names);
            return Ok(());
        }
        let key = self.intern(name);
        self.setitem(frame.names, key, value)
    }

    /// A global or builtin.
    pub fn load_global(&mut self, globals: Ref, name: &Str) -> R {
        if let Some(value) = self.get_str(globals, name) {
            return Ok(value);
        }
        if let Some(value) = self.get_str(self.world.builtins, name) {
            return Ok(value);
        }
        if globals.owner == self.owner() && self.tainted.contains(&self.owner()) {
            return Ok(self.quiet_unknown(name));
        }
        let exception = self.exception(T::NameError, &format!("name '{name}' is not defined"));
        let text = self.intern(name);
        if let Some(dict) = exception.obj().and_then(|r| self.own_dict(r, exception)) {
            self.set_str(dict, &"name".into(), text, exception);
        }
        Err(super::Stop::Raise(exception))
    }

    fn cell_name(frame: &Frame, ix: u32) -> Str {
        let code = &frame.code;
        let own = code.cellvars.get(ix as usize);
        own.or_else(|| code.freevars.get(ix as usize - code.cellvars.len().min(ix as usize)))
            .cloned()
            .unwrap_or_else(|| "?".into())
    }

    fn load_cell(&mut self, frame: &Frame, ix: u32) -> R {
        let cell = frame.cells.get(ix as usize).copied().unwrap_or(Value::Null);
        match self.kind(cell) {
            Some(Kind::Cell(value)) if !value.is_null() => Ok(*value),
            _ => {
                let name = Self::cell_name(frame, ix);
                if frame.code.cellvars.contains(&name) {
                    return self.raise(
                        T::UnboundLocalError,
                        format!("cannot access local variable '{name}' where it is not associated with a value"),
                    );
                }
                self.raise(
                    T::NameError,
                    format!("cannot access free variable '{name}' where it is not associated with a value in enclosing scope"),
                )
            }
        }
    }

    fn store_cell(&mut self, frame: &mut Frame, ix: u32, value: Value) {
        while frame.cells.len() <= ix as usize {
            let cell = self.make(T::Cell, Kind::Cell(Value::Null));
            frame.cells.push(cell);
        }
        let cell = frame.cells[ix as usize];
        let Some(r) = cell.obj() else { return };
        if r.owner != self.owner() {
            let name = Self::cell_name(frame, ix);
            self.foreign(r, frame.function, &format!("sets the variable '{name}' of"));
            if !self.is_live(r.owner) {
                return;
            }
        }
        if let Some(object) = self.change(r, frame.function, "") {
            object.kind = Kind::Cell(value);
        }
    }

    /// Show the frame's variables to `locals()`.
    fn sync_locals(&mut self, frame: &Frame) {
        if frame.code.kind != CodeKind::Function {
            return;
        }
        let dict = self.dict();
        let code = frame.code.clone();
        for (name, value) in code.varnames.iter().zip(&frame.locals) {
            if !value.is_null() && !name.starts_with('.') && !code.cellvars.contains(name) {
                self.set_str(dict, name, *value, Value::Obj(dict));
            }
        }
        for (name, cell) in code.cellvars.iter().chain(&code.freevars).zip(&frame.cells) {
            if let Some(Kind::Cell(value)) = self.kind(*cell)
                && !value.is_null()
            {
                let value = *value;
                self.set_str(dict, name, value, Value::Obj(dict));
            }
        }
        if let Some(call) = self.calls.last_mut() {
            call.names = Value::Obj(dict);
        }
    }
}
