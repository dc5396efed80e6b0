//! `match`, and what type parameters and template strings make.

use super::frame::Frame;
use super::{R, Vm};
use crate::heap::T;
use crate::syntax::code::Op;
use crate::value::{Str, Value};
use crate::vm::call::Args;

/// Builtin types whose class pattern takes the subject itself.
const SELF_MATCHING: [T; 11] =
    [T::Bool, T::ByteArray, T::Bytes, T::Dict, T::Float, T::FrozenSet, T::Int, T::List, T::Set, T::Str, T::Tuple];

impl<'w> Vm<'w> {
    pub(super) fn step_match(&mut self, frame: &mut Frame, op: Op) -> R<()> {
        match op {
            Op::Mark => frame.marks.push(frame.stack.len()),
            Op::Unmark => {
                frame.marks.pop();
            }
            Op::CutToMark => {
                if let Some(mark) = frame.marks.last() {
                    frame.stack.truncate(*mark);
                }
            }
            Op::Capture(ix) => {
                let value = frame.pop();
                frame.captures.retain(|(other, _)| *other != ix);
                frame.captures.push((ix, value));
            }
            Op::LoadCapture(ix) => {
                let found = frame.captures.iter().find(|(other, _)| *other == ix).map(|(_, value)| *value);
                frame.push(found.unwrap_or(Value::None));
            }
            Op::Len => {
                let length = self.length(frame.peek(1))?;
                frame.push(Value::Int(length as i64));
            }
            Op::MatchSequence => {
                let yes = self.is_abstract(frame.peek(1), &[T::List, T::Tuple, T::Range], "Sequence")?;
                frame.push(Value::Bool(yes));
            }
            Op::MatchMapping => {
                let yes = self.is_abstract(frame.peek(1), &[T::Dict, T::MappingProxy], "Mapping")?;
                frame.push(Value::Bool(yes));
            }
            Op::MatchKeys => {
                let (subject, keys) = (frame.peek(2), frame.peek(1));
                let mut values = Vec::new();
                for key in self.items(keys)? {
                    if !self.contains(subject, key)? {
                        frame.push(Value::None);
                        return Ok(());
                    }
                    values.push(self.getitem(subject, key)?);
                }
                let values = self.tuple(values);
                frame.push(values);
            }
            Op::MatchRest => {
                let keys = frame.pop();
                let subject = frame.pop();
                let keys = self.items(keys)?;
                let rest = self.dict();
                for (key, value) in self.mapping_items(subject, "object is not a mapping")? {
                    let mut taken = false;
                    for other in &keys {
                        taken = taken || self.equal(*other, key)?;
                    }
                    if !taken {
                        self.dict_set(rest, key, value, Value::Obj(rest))?;
                    }
                }
                frame.push(Value::Obj(rest));
            }
            Op::MatchClass(count) => {
                let names = frame.pop();
                let class = frame.pop();
                let subject = frame.pop();
                let made = self.match_class(subject, class, count as usize, names)?;
                frame.push(made);
            }
            _ => {}
        }
        Ok(())
    }

    fn is_abstract(&mut self, value: Value, builtin: &[T], name: &str) -> R<bool> {
        if self.is_unknown(value) {
            return self.truth(value);
        }
        if builtin.iter().any(|class| self.is_a(value, *class)) {
            return Ok(true);
        }
        if self.class_of(value).owner == 0 {
            return Ok(false);
        }
        let module = self.import_module("collections.abc")?;
        let class = self.getattr(module, &name.into())?;
        self.is_instance(value, class)
    }

    fn match_class(&mut self, subject: Value, class: Value, count: usize, names: Value) -> R {
        if !self.is_class(class) && !self.is_unknown(class) {
            return self.type_error("called match pattern must be a class");
        }
        if !self.is_instance(subject, class)? {
            return Ok(Value::None);
        }
        let (mut values, mut seen) = (Vec::new(), Vec::new());
        if count > 0 {
            let names = self.getattr_opt(class, &"__match_args__".into())?;
            match names {
                None => {
                    let itself = SELF_MATCHING.iter().any(|t| class.obj().is_some_and(|r| self.derives(r, t.r())));
                    self.check_sub_patterns(class, usize::from(itself), count)?;
                    values.push(subject);
                }
                Some(names) => {
                    let Some(names) = self.as_tuple(names) else {
                        let (class, given) = (self.describe_class(class), self.class_name(names));
                        return self.type_error(format!("{class}.__match_args__ must be a tuple (got {given})"));
                    };
                    self.check_sub_patterns(class, names.len(), count)?;
                    for name in &names[..count] {
                        let Some(name) = self.as_str(*name) else {
                            let given = self.class_name(*name);
                            return self.type_error(format!("__match_args__ elements must be strings (got {given})"));
                        };
                        self.note_attribute(class, &name, &mut seen)?;
                        match self.getattr_opt(subject, &name)? {
                            Some(value) => values.push(value),
                            None => return Ok(Value::None),
                        }
                    }
                }
            }
        }
        for name in self.items(names)? {
            let Some(name) = self.as_str(name) else { continue };
            self.note_attribute(class, &name, &mut seen)?;
            match self.getattr_opt(subject, &name)? {
                Some(value) => values.push(value),
                None => return Ok(Value::None),
            }
        }
        Ok(self.tuple(values))
    }

    fn describe_class(&self, class: Value) -> Str {
        class.obj().map(|r| self.name_of(r)).unwrap_or_else(|| "?".into())
    }

    /// Refuse more patterns by position than a class takes.
    fn check_sub_patterns(&mut self, class: Value, most: usize, count: usize) -> R<()> {
        if count <= most {
            return Ok(());
        }
        let (name, plural) = (self.describe_class(class), if most == 1 { "" } else { "s" });
        self.type_error(format!("{name}() accepts {most} positional sub-pattern{plural} ({count} given)"))
    }

    /// Refuse two patterns for one attribute.
    fn note_attribute(&mut self, class: Value, name: &Str, seen: &mut Vec<Str>) -> R<()> {
        if seen.contains(name) {
            let class = self.describe_class(class);
            return self.type_error(format!("{class}() got multiple sub-patterns for attribute '{name}'"));
        }
        seen.push(name.clone());
        Ok(())
    }

    // --- type parameters, template strings ---------------------------------------------------------------------

    pub(super) fn step_typing(&mut self, frame: &mut Frame, op: Op) -> R<()> {
        let named = |ix: u32| frame.code.names.get(ix as usize).cloned().unwrap_or_else(|| "?".into());
        match op {
            Op::TypeParam(ix, kind) => {
                let name = named(ix);
                let default = frame.pop();
                let bound = frame.pop();
                let class = match kind {
                    1 => "TypeVarTuple",
                    2 => "ParamSpec",
                    _ => "TypeVar",
                };
                let mut given = vec![("_bound", bound), ("_default", default)];
                if kind != 1 {
                    given.push(("infer_variance", Value::Bool(true)));
                }
                let made = self.typing_call(class, &name, &[], &given, kind)?;
                frame.push(made);
            }
            Op::TypeAlias(ix) => {
                let name = named(ix);
                let function = frame.pop();
                let params = frame.pop();
                let made = self.typing_call(
                    "TypeAliasType",
                    &name,
                    &[Value::None],
                    &[("type_params", params), ("_evaluate", function)],
                    0,
                )?;
                frame.push(made);
            }
            Op::GenericBase => {
                let params = frame.pop();
                let module = self.import_module("typing")?;
                let generic = self.getattr(module, &"Generic".into())?;
                let params = self.items(params)?;
                let params = self.unpack_type_vars(params)?;
                let key = if params.len() == 1 { params[0] } else { self.tuple(params) };
                let base = self.getitem(generic, key)?;
                frame.push(base);
            }
            Op::SetTypeParams => {
                let params = frame.pop();
                self.setattr(frame.peek(1), &"__type_params__".into(), params)?;
            }
            Op::BuildInterpolation(conversion) => {
                let spec = frame.pop();
                let text = frame.pop();
                let value = frame.pop();
                let conversion = match conversion {
                    1 => self.str("s"),
                    2 => self.str("r"),
                    3 => self.str("a"),
                    _ => Value::None,
                };
                let module = self.import_module("string.templatelib")?;
                let class = self.getattr(module, &"Interpolation".into())?;
                let made = self.call_with(class, &[value, text, conversion, spec])?;
                frame.push(made);
            }
            Op::BuildTemplate(count) => {
                let parts = frame.pop_n(count as usize);
                let module = self.import_module("string.templatelib")?;
                let class = self.getattr(module, &"Template".into())?;
                let made = self.call_with(class, &parts)?;
                frame.push(made);
            }
            _ => {}
        }
        Ok(())
    }

    fn unpack_type_vars(&mut self, params: Vec<Value>) -> R<Vec<Value>> {
        let mut out = Vec::new();
        for param in params {
            if &*self.class_name(param) == "TypeVarTuple" {
                out.extend(self.items(param)?);
            } else {
                out.push(param);
            }
        }
        Ok(out)
    }

    fn typing_call(&mut self, class: &str, name: &Str, pos: &[Value], kw: &[(&str, Value)], _kind: u8) -> R {
        let module = self.import_module("_typing")?;
        let class = self.getattr(module, &class.into())?;
        let text = self.str(name.clone());
        let mut args = Args::of(&[text]);
        args.pos.extend(pos.iter().copied());
        args.kw.extend(kw.iter().map(|(key, value)| (Str::from(*key), *value)));
        self.call(class, args)
    }
}
