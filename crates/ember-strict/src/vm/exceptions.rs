//! Exceptions: raising, matching, groups, traces.

use super::frame::Frame;
use super::{R, Stop, Vm};
use crate::diagnostics::Code as Emb;
use crate::heap::{Exception, Kind, T};
use crate::modules::finder::FoundKind;
use crate::syntax::code::{CodeKind, Op};
use crate::value::{ModId, Str, Value};
use rustc_hash::FxHashSet;
use std::sync::Arc;

impl<'w> Vm<'w> {
    /// An exception's data.
    pub fn exception_data(&self, value: Value) -> Option<&Exception> {
        match self.kind(value) {
            Some(Kind::Exception(data)) => Some(data),
            _ => None,
        }
    }

    fn change_exception(&mut self, value: Value, change: impl FnOnce(&mut Exception)) {
        if let Some(r) = value.obj()
            && let Some(Kind::Exception(data)) = self.change_quietly(r).map(|object| &mut object.kind)
        {
            change(data);
        }
    }

    /// `raise exception from cause`
    pub(super) fn set_cause(&mut self, exception: Value, cause: Value) {
        self.change_exception(exception, |data| {
            (data.cause, data.context, data.suppress) = (cause, cause, true);
        });
    }

    /// Note that an exception passes a frame; at first note what was being handled.
    pub(super) fn note_trace(&mut self, exception: Value, frame: &Frame) {
        // Unwinding a frame takes as long as some instructions; out of fuel, the next one says so.
        let _ = self.tick(8);
        let fresh = self.exception_data(exception).is_some_and(|data| data.trace.is_empty());
        let context = self.handling.last().copied().filter(|handled| fresh && !handled.same(exception));
        let (code, pc) = (frame.code.clone(), frame.pc.saturating_sub(1) as u32);
        self.change_exception(exception, |data| {
            if let Some(context) = context
                && data.context.is_none()
            {
                data.context = context;
            }
            // Raised again at the end of a handler: the place stays where it was.
            let again = matches!(code.ops.get(pc as usize), Some(Op::Reraise))
                && data.trace.last().is_some_and(|(last, _)| Arc::ptr_eq(last, &code));
            if !again {
                // Of a deep recursion both ends are kept.
                if data.trace.len() >= 100 {
                    data.trace.remove(50);
                }
                data.trace.push((code, pc));
            }
        });
    }

    pub(super) fn raise_op(&mut self, frame: &mut Frame, count: u8) -> R<()> {
        if count == 0 {
            return match self.handling.last().copied() {
                Some(exception) => Err(Stop::Raise(exception)),
                None => self.raise(T::RuntimeError, "No active exception to reraise"),
            };
        }
        let cause = if count == 2 { Some(frame.pop()) } else { None };
        let raised = frame.pop();
        let exception = self.as_exception(raised, "exceptions must derive from BaseException")?;
        if let Some(cause) = cause {
            let cause = if cause.is_none() {
                cause
            } else {
                self.as_exception(cause, "exception causes must derive from BaseException")?
            };
            self.change_exception(exception, |data| {
                data.cause = cause;
                data.suppress = true;
            });
        }
        Err(Stop::Raise(exception))
    }

    /// An exception from a class or instance that is raised.
    pub fn as_exception(&mut self, raised: Value, otherwise: &str) -> R {
        if self.is_unknown(raised) {
            self.use_unknown(Emb::UnknownCall, raised, "raises something unknown", "")?;
            return Ok(self.exception(T::Exception, "an unknown exception"));
        }
        if let Some(class) = raised.obj().filter(|r| self.is_class(Value::Obj(*r)))
            && self.derives(class, T::BaseException.r())
        {
            let made = self.call_with(raised, &[])?;
            if self.is_a(made, T::BaseException) {
                return Ok(made);
            }
            return self.type_error("calling an exception class must give an exception");
        }
        if self.is_a(raised, T::BaseException) {
            return Ok(raised);
        }
        self.type_error(otherwise)
    }

    /// Whether an exception matches what stands after `except`.
    pub fn exception_matches(&mut self, exception: Value, class: Value) -> R<bool> {
        if self.is_unknown(class) {
            self.use_unknown(Emb::UnknownBool, class, "asks whether an exception is of an unknown class", "")?;
            return Ok(false);
        }
        let classes = match self.as_tuple(class) {
            Some(classes) => classes.to_vec(),
            None => vec![class],
        };
        // All are looked at before any is compared; tuples in tuples are no classes.
        let is_exception = |vm: &Self, class: Value| {
            vm.is_unknown(class)
                || vm.is_class(class) && class.obj().is_some_and(|r| vm.derives(r, T::BaseException.r()))
        };
        if !classes.iter().all(|class| is_exception(self, *class)) {
            return self.type_error("catching classes that do not inherit from BaseException is not allowed");
        }
        for class in classes {
            if self.is_unknown(class) {
                if self.exception_matches(exception, class)? {
                    return Ok(true);
                }
            } else if class.obj().is_some_and(|r| self.derives(self.class_of(exception), r)) {
                return Ok(true);
            }
        }
        Ok(false)
    }

    /// Refuse exception groups after `except*`, which would catch what they are split into.
    pub(super) fn check_star_classes(&mut self, class: Value) -> R<()> {
        let classes = self.as_tuple(class).map_or_else(|| vec![class], |classes| classes.to_vec());
        let is_group = |class: &Value| class.obj().is_some_and(|r| self.derives(r, T::BaseExceptionGroup.r()));
        if classes.iter().any(is_group) {
            return self.type_error("catching ExceptionGroup with except* is not allowed. Use except instead.");
        }
        Ok(())
    }

    /// Whether `split` and `subgroup` take an exception: by its class, or by asking a function.
    fn exception_selected(&mut self, exception: Value, by: Value) -> R<bool> {
        if self.is_class(by) || self.as_tuple(by).is_some() || self.is_unknown(by) {
            return self.exception_matches(exception, by);
        }
        let answer = self.call_with(by, &[exception])?;
        self.truth(answer)
    }

    fn group_members(&mut self, exception: Value) -> Option<Vec<Value>> {
        if !self.is_a(exception, T::BaseExceptionGroup) {
            return None;
        }
        let args = self.exception_data(exception)?.args;
        let members = self.as_tuple(args)?.get(1).copied()?;
        self.items(members).ok()
    }

    fn regroup(&mut self, like: Value, members: Vec<Value>) -> R {
        if members.is_empty() {
            return Ok(Value::None);
        }
        let list = self.list(members);
        let derived = self.call_method(like, "derive", &[list])?;
        if let Some((cause, context)) = self.exception_data(like).map(|data| (data.cause, data.context)) {
            self.change_exception(derived, |data| (data.cause, data.context) = (cause, context));
        }
        let notes = like.obj().and_then(|r| self.get(r).dict).and_then(|dict| self.get_str(dict, &"__notes__".into()));
        if let Some(notes) = notes.filter(|notes| matches!(self.kind(*notes), Some(Kind::List(_)))) {
            let copy = self.items(notes)?;
            let copy = self.list(copy);
            self.setattr(derived, &"__notes__".into(), copy)?;
        }
        Ok(derived)
    }

    /// What of an exception (group) matches, and what is left: each `None` if nothing.
    pub fn split_group(&mut self, exception: Value, class: Value) -> R<(Value, Value)> {
        if exception.is_none() {
            return Ok((Value::None, Value::None));
        }
        let Some(members) = self.group_members(exception) else {
            if !self.exception_selected(exception, class)? {
                return Ok((Value::None, exception));
            }
            let text = self.str("");
            let members = self.tuple(vec![exception]);
            let group = self.call_with(T::ExceptionGroup.v(), &[text, members])?;
            return Ok((group, Value::None));
        };
        if self.exception_selected(exception, class)? {
            return Ok((exception, Value::None));
        }
        let (mut matched, mut rest) = (Vec::new(), Vec::new());
        for member in members {
            if self.group_members(member).is_some() {
                let (yes, no) = self.deeper(|vm| vm.split_group(member, class))?;
                matched.extend((!yes.is_none()).then_some(yes));
                rest.extend((!no.is_none()).then_some(no));
            } else if self.exception_selected(member, class)? {
                matched.push(member);
            } else {
                rest.push(member);
            }
        }
        Ok((self.regroup(exception, matched)?, self.regroup(exception, rest)?))
    }

    /// After an `except*`: what is to be raised, or `None`.
    pub(super) fn join_groups(&mut self, original: Value, list: Value) -> R {
        let parts: Vec<Value> = self.items(list)?.into_iter().filter(|part| !part.is_none()).collect();
        if self.group_members(original).is_none() {
            return Ok(parts.first().copied().unwrap_or(Value::None));
        }
        // What is raised again, or was not handled, becomes one group of the original's shape.
        let (again, mut raised): (Vec<Value>, Vec<Value>) =
            parts.into_iter().partition(|part| self.is_part_of(*part, original));
        let mut leaves = Vec::new();
        for part in again {
            self.leaves_of(part, &mut leaves);
        }
        let kept = self.project(original, &leaves)?;
        if raised.is_empty() {
            return Ok(kept);
        }
        raised.extend((!kept.is_none()).then_some(kept));
        let text = self.str("");
        let members = self.tuple(raised);
        let group = self.call_with(T::ExceptionGroup.v(), &[text, members])?;
        Ok(group)
    }

    fn leaves_of(&mut self, part: Value, leaves: &mut Vec<Value>) {
        match self.group_members(part) {
            Some(members) => members.into_iter().for_each(|member| self.leaves_of(member, leaves)),
            None => leaves.push(part),
        }
    }

    /// A group with only those of its leaves; itself if it has all.
    fn project(&mut self, group: Value, leaves: &[Value]) -> R {
        let Some(members) = self.group_members(group) else {
            return Ok(if leaves.iter().any(|leaf| leaf.same(group)) { group } else { Value::None });
        };
        let mut kept = Vec::new();
        for member in &members {
            let part = self.deeper(|vm| vm.project(*member, leaves))?;
            kept.extend((!part.is_none()).then_some(part));
        }
        if kept.len() == members.len() && kept.iter().zip(&members).all(|(a, b)| a.same(*b)) {
            return Ok(group);
        }
        let derived = self.regroup(group, kept)?;
        let trace = self.exception_data(group).map(|data| data.trace.clone()).unwrap_or_default();
        self.change_exception(derived, |data| data.trace = trace);
        Ok(derived)
    }

    fn is_part_of(&mut self, part: Value, original: Value) -> bool {
        if part.same(original) {
            return true;
        }
        let (Some(parts), Some(all)) = (self.group_members(part), self.group_members(original)) else { return false };
        parts.iter().all(|one| all.iter().any(|other| one.same(*other) || self.is_part_of(*one, *other)))
    }

    /// `Class: message` of an exception, without running the program's code for it.
    pub fn describe_exception(&mut self, exception: Value) -> String {
        let class = self.class_name(exception);
        let args = self.exception_data(exception).and_then(|data| self.as_tuple(data.args)).unwrap_or_default();
        let message: Str = match args.first() {
            None => return class.to_string(),
            Some(first) => match self.as_str(*first) {
                Some(text) => text,
                None => self.describe(*first).into(),
            },
        };
        format!("{class}: {message}")
    }

    /// Whether an exception that leaves a module is what CPython raises: nothing unknown was used, and either it comes of an
    /// import of something that is not there, or the top level of a module says `raise` or `assert`, or it was raised
    /// in place of such an exception. All others may come of what the analysis does not know. If something unknown was used by what the module imports, that may have
    /// raised another one before.
    fn is_certain(&self, exception: Value) -> bool {
        if self.rests_on_unknown() {
            return false;
        }
        let Some(raised) = exception.obj() else { return false };
        if self.certain.contains(&raised) {
            return true;
        }
        let Some(data) = self.exception_data(exception) else { return false };
        let Some((code, pc)) = data.trace.first() else { return false };
        // In the module itself: what a stub raises, or says by raising, is its author's word.
        let info = self.info(self.owner());
        let own = info.is_some_and(|info| info.kind == FoundKind::Source && info.name == code.source.module);
        if !own || !matches!(code.ops.get(*pc as usize), Some(Op::Raise(1 | 2))) {
            return false;
        }
        let is_certain = |other: Value| other.obj().is_some_and(|other| self.certain.contains(&other));
        code.kind == CodeKind::Module || is_certain(data.cause) || is_certain(data.context)
    }

    /// Whether the module that executes, or one that it has imported so far, used something unknown. The standard library and stubs are imported by everybody: what
    /// they do not know raises nothing.
    fn rests_on_unknown(&self) -> bool {
        let mut seen: FxHashSet<ModId> = [self.owner()].into_iter().collect();
        let mut work = vec![self.owner()];
        while let Some(at) = work.pop() {
            if at != self.owner() && !self.info(at).is_some_and(|info| self.world.is_of_others(info)) {
                continue;
            }
            if self.tainted.contains(&at) || self.is_incomplete(at) {
                return true;
            }
            work.extend(self.imports_of(at).iter().copied().filter(|other| seen.insert(*other)));
        }
        false
    }

    /// Report an exception that leaves a module.
    pub fn report_exception(&mut self, exception: Value) {
        let text = self.describe_exception(exception);
        let certain = self.is_certain(exception);
        let trace = self.exception_data(exception).map(|data| data.trace.clone()).unwrap_or_default();
        let mut chain: Vec<_> = trace.iter().rev().map(|(code, pc)| (code.clone(), *pc as usize)).collect();
        // What has no code raises from nowhere: then it is the import that is told of.
        let left_at = self.left_at.take();
        if chain.is_empty() {
            chain.extend(left_at);
        }
        let help = "make sure that the module can be imported, or handle the exception";
        if certain {
            self.certain.extend(exception.obj());
            self.finding_at(Emb::Raises, format!("importing the module raises {text}"), help, chain);
        } else {
            self.finding_at(Emb::Unhandled, format!("an exception leaves the module: {text}"), help, chain);
        }
    }
}
