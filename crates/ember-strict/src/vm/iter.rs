//! Iteration, generators, unpacking.

use super::run::Exit;
use super::{Call, R, Stop, Vm};
use crate::diagnostics::Code as Emb;
use crate::heap::{Iter, Kind, T, View};
use crate::syntax::code::Op;
use crate::value::{Ref, Str, Value};

impl<'w> Vm<'w> {
    /// A new iterator object.
    pub fn iterator(&mut self, class: T, iter: Iter) -> Value {
        self.make(class, Kind::Iter(Box::new(iter)))
    }

    /// `iter(value)`
    pub fn iter(&mut self, value: Value) -> R {
        let class = self.class_of(value);
        if let Some(r) = value.obj().filter(|_| class.owner == 0) {
            match &self.get(r).kind {
                Kind::Unknown(_) => {
                    self.use_unknown(Emb::UnknownIteration, value, "iterates over something unknown", "[…]")?;
                    return Ok(self.iterator(T::ListIterator, Iter::Done));
                }
                Kind::Iter(_) | Kind::Generator(_) => return Ok(value),
                _ => {}
            }
            if let Some(iterator) = self.builtin_iter(value) {
                return Ok(iterator);
            }
        }
        match self.lookup(class, &self.world.names.dunder_iter) {
            Some(Value::None) => {}
            Some(method) => {
                let method = self.bind(method, value, class)?;
                let made = self.call_with(method, &[])?;
                let known = matches!(self.kind(made), Some(Kind::Iter(_) | Kind::Generator(_) | Kind::Unknown(_)));
                if !known && self.lookup(self.class_of(made), &"__next__".into()).is_none() {
                    let name = self.class_name(made);
                    return self.type_error(format!("iter() returned non-iterator of type '{name}'"));
                }
                return Ok(made);
            }
            None if self.lookup(class, &"__getitem__".into()).is_some() => {
                return Ok(self.iterator(T::SequenceIterator, Iter::Sequence(value, 0)));
            }
            None => {}
        }
        let name = self.class_name(value);
        self.type_error(format!("'{name}' object is not iterable"))
    }

    /// The iterator of a builtin container.
    pub fn builtin_iter(&mut self, value: Value) -> Option<Value> {
        let r = value.obj()?;
        let (class, iter) = match &self.get(r).kind {
            Kind::List(_) => (T::ListIterator, Iter::Sequence(value, 0)),
            Kind::Tuple(items) => (T::TupleIterator, Iter::Values(items.clone(), 0)),
            Kind::Str(_) => (T::StrIterator, Iter::Sequence(value, 0)),
            Kind::Bytes(_) | Kind::ByteArray(_) => (T::BytesIterator, Iter::Sequence(value, 0)),
            Kind::Range(start, stop, step) => {
                (T::RangeIterator, Iter::Range { next: *start, step: *step, left: range_len(*start, *stop, *step) })
            }
            Kind::Dict(table) => {
                (T::DictKeyIterator, Iter::Dict { dict: r, place: 0, size: table.len(), view: View::Keys })
            }
            Kind::Set(table) => (T::SetIterator, Iter::Dict { dict: r, place: 0, size: table.len(), view: View::Keys }),
            Kind::View(dict, view) => {
                let (dict, view) = (*dict, *view);
                let size = self.table(dict)?.len();
                let class = match view {
                    View::Keys => T::DictKeyIterator,
                    View::Values => T::DictValueIterator,
                    View::Items => T::DictItemIterator,
                };
                (class, Iter::Dict { dict, place: 0, size, view })
            }
            Kind::Proxy(inner) => return self.builtin_iter(*inner),
            _ => return None,
        };
        Some(self.iterator(class, iter))
    }

    /// `next(iterator)`; nothing at the end.
    pub fn next(&mut self, iterator: Value) -> R<Option<Value>> {
        self.tick(1)?;
        if let Some(r) = iterator.obj() {
            match &self.get(r).kind {
                Kind::Iter(_) => return self.advance(r),
                Kind::Generator(_) => {
                    return match self.send(iterator, Value::None)? {
                        Ok(value) => Ok(Some(value)),
                        Err(_) => Ok(None),
                    };
                }
                Kind::Unknown(_) => {
                    self.use_unknown(Emb::UnknownIteration, iterator, "iterates over something unknown", "[…]")?;
                    return Ok(None);
                }
                _ => {}
            }
        }
        let class = self.class_of(iterator);
        let Some(method) = self.lookup(class, &"__next__".into()) else {
            let name = self.class_name(iterator);
            return self.type_error(format!("'{name}' object is not an iterator"));
        };
        let method = self.bind(method, iterator, class)?;
        match self.call_with(method, &[]) {
            Ok(value) => Ok(Some(value)),
            Err(stop) if self.stopped_by(&stop, T::StopIteration) => Ok(None),
            Err(stop) => Err(stop),
        }
    }

    fn set_iter(&mut self, r: Ref, iter: Iter) {
        if let Some(object) = self.change(r, Value::Obj(r), "advances") {
            object.kind = Kind::Iter(Box::new(iter));
        }
    }

    fn advance(&mut self, r: Ref) -> R<Option<Value>> {
        let Kind::Iter(iter) = &self.get(r).kind else { return Ok(None) };
        if r.owner != self.owner() && !self.is_live(r.owner) && !matches!(**iter, Iter::Done) {
            self.foreign(r, Value::Obj(r), "advances");
            return Ok(None);
        }
        let (next, value) = match &**iter {
            Iter::Done => return Ok(None),
            Iter::Values(items, at) => match items.get(*at) {
                Some(value) => (Iter::Values(items.clone(), at + 1), Some(*value)),
                None => (Iter::Done, None),
            },
            Iter::Range { next, step, left } => match left.checked_sub(1) {
                Some(rest) => {
                    (Iter::Range { next: next.wrapping_add(*step), step: *step, left: rest }, Some(Value::Int(*next)))
                }
                None => (Iter::Done, None),
            },
            Iter::Sequence(object, at) => {
                let (object, at) = (*object, *at);
                match self.sequence_item(object, at)? {
                    Some(value) => (Iter::Sequence(object, at + 1), Some(value)),
                    None => (Iter::Done, None),
                }
            }
            Iter::Reversed(object, at) => {
                let (object, at) = (*object, *at);
                if at < 0 {
                    (Iter::Done, None)
                } else {
                    let value = self.getitem(object, Value::Int(at))?;
                    (Iter::Reversed(object, at - 1), Some(value))
                }
            }
            Iter::Dict { dict, place, size, view } => {
                let (dict, place, size, view) = (*dict, *place, *size, *view);
                return self.advance_dict(r, dict, place, size, view);
            }
            Iter::DictReversed { dict, place, view } => {
                let (dict, mut place, view) = (*dict, *place, *view);
                let mut found = None;
                while place > 0 && found.is_none() {
                    place -= 1;
                    found = self.table(dict).and_then(|table| table.at(place));
                }
                let value = found.map(|entry| self.view_item(view, entry.key, entry.value));
                (Iter::DictReversed { dict, place, view }, value)
            }
            Iter::Enumerate(inner, at) => {
                let (inner, at) = (*inner, *at);
                match self.next(inner)? {
                    Some(value) => {
                        let pair = self.tuple(vec![Value::Int(at), value]);
                        (Iter::Enumerate(inner, at + 1), Some(pair))
                    }
                    None => (Iter::Done, None),
                }
            }
            Iter::Zip(inner, strict) => {
                let (inner, strict) = (inner.clone(), *strict);
                return self.advance_zip(r, inner, strict);
            }
            Iter::Map(function, inner, _) => {
                let (function, inner) = (*function, inner.clone());
                let mut args = Vec::new();
                for iterator in &inner {
                    match self.next(*iterator)? {
                        Some(value) => args.push(value),
                        None => {
                            self.set_iter(r, Iter::Done);
                            return Ok(None);
                        }
                    }
                }
                return self.call_with(function, &args).map(Some);
            }
            Iter::Filter(function, inner) => {
                let (function, inner) = (*function, *inner);
                while let Some(value) = self.next(inner)? {
                    let test = if function.is_none() { value } else { self.call_with(function, &[value])? };
                    if self.truth(test)? {
                        return Ok(Some(value));
                    }
                }
                (Iter::Done, None)
            }
            Iter::Callable(function, sentinel) => {
                let (function, sentinel) = (*function, *sentinel);
                let value = self.call_with(function, &[])?;
                if self.is_unknown(value) || self.equal(value, sentinel)? {
                    (Iter::Done, None)
                } else {
                    return Ok(Some(value));
                }
            }
        };
        self.set_iter(r, next);
        Ok(value)
    }

    fn view_item(&mut self, view: View, key: Value, value: Value) -> Value {
        match view {
            View::Keys => key,
            View::Values => value,
            View::Items => self.tuple(vec![key, value]),
        }
    }

    fn advance_dict(&mut self, r: Ref, dict: Ref, mut place: usize, size: usize, view: View) -> R<Option<Value>> {
        let (len, places) = self.table(dict).map_or((0, 0), |table| (table.len(), table.places()));
        if len != size {
            let what = if matches!(self.get(dict).kind, Kind::Set(_)) { "Set" } else { "dictionary" };
            return self.raise(T::RuntimeError, format!("{what} changed size during iteration"));
        }
        while place < places {
            let entry = self.table(dict).and_then(|table| table.at(place));
            place += 1;
            if let Some(entry) = entry {
                let value = self.view_item(view, entry.key, entry.value);
                self.set_iter(r, Iter::Dict { dict, place, size, view });
                return Ok(Some(value));
            }
        }
        self.set_iter(r, Iter::Done);
        Ok(None)
    }

    fn advance_zip(&mut self, r: Ref, inner: Vec<Value>, strict: bool) -> R<Option<Value>> {
        let mut items = Vec::new();
        for (index, iterator) in inner.iter().enumerate() {
            match self.next(*iterator)? {
                Some(value) => items.push(value),
                None => {
                    self.set_iter(r, Iter::Done);
                    if strict {
                        if index > 0 {
                            let plural = if index == 1 { " " } else { "s 1-" };
                            return self.raise(
                                T::ValueError,
                                format!("zip() argument {} is shorter than argument{plural}{index}", index + 1),
                            );
                        }
                        for (other, iterator) in inner.iter().enumerate().skip(1) {
                            if self.next(*iterator)?.is_some() {
                                let plural = if other == 1 { " " } else { "s 1-" };
                                return self.raise(
                                    T::ValueError,
                                    format!("zip() argument {} is longer than argument{plural}{other}", other + 1),
                                );
                            }
                        }
                    }
                    return Ok(None);
                }
            }
        }
        if inner.is_empty() {
            return Ok(None);
        }
        Ok(Some(self.tuple(items)))
    }

    /// The item of a sequence at a position, by the old protocol; nothing behind the end.
    fn sequence_item(&mut self, object: Value, at: usize) -> R<Option<Value>> {
        match self.kind(object) {
            Some(Kind::List(items)) if self.class_of(object).owner == 0 => return Ok(items.get(at).copied()),
            Some(Kind::List(items)) => return Ok(items.get(at).copied()),
            Some(Kind::Tuple(items)) => return Ok(items.get(at).copied()),
            Some(Kind::Str(text)) => {
                let text = text.clone();
                let one: Option<Str> = if text.is_ascii() {
                    text.get(at..at + 1).map(Str::from)
                } else {
                    text.chars().nth(at).map(|c| Str::from(c.to_string()))
                };
                return Ok(one.map(|one| self.str(one)));
            }
            Some(Kind::Bytes(bytes)) => return Ok(bytes.get(at).map(|byte| Value::Int((*byte).into()))),
            Some(Kind::ByteArray(bytes)) => return Ok(bytes.get(at).map(|byte| Value::Int((*byte).into()))),
            _ => {}
        }
        match self.getitem(object, Value::Int(at as i64)) {
            Ok(value) => Ok(Some(value)),
            Err(stop) if self.stopped_by(&stop, T::IndexError) || self.stopped_by(&stop, T::StopIteration) => Ok(None),
            Err(stop) => Err(stop),
        }
    }

    /// All items of something that can be iterated over.
    pub fn items(&mut self, value: Value) -> R<Vec<Value>> {
        match self.kind(value) {
            Some(Kind::Tuple(items)) if self.class_of(value) == T::Tuple.r() => return Ok(items.to_vec()),
            Some(Kind::List(items)) if self.class_of(value) == T::List.r() => return Ok(items.clone()),
            _ => {}
        }
        let iterator = self.iter(value)?;
        let mut items = Vec::new();
        while let Some(item) = self.next(iterator)? {
            items.push(item);
            if items.len() > super::LONGEST {
                return Err(Stop::GiveUp("it makes an object that is too large"));
            }
        }
        Ok(items)
    }

    /// As `items`, with another message for what cannot be iterated over.
    pub fn items_of(&mut self, value: Value, otherwise: &str) -> R<Vec<Value>> {
        let class = self.class_of(value);
        let iterable = self.is_unknown(value)
            || self.lookup(class, &self.world.names.dunder_iter).is_some()
            || self.lookup(class, &"__getitem__".into()).is_some();
        if !iterable {
            let name = self.class_name(value);
            return self.type_error(format!("{otherwise}, not {name}"));
        }
        self.items(value)
    }

    /// The values of an assignment to several targets; with `after`, the middle ones are a list.
    pub fn unpack(&mut self, value: Value, before: usize, after: Option<usize>) -> R<Vec<Value>> {
        if self.is_unknown(value) {
            let count = before + after.map_or(0, |after| after + 1);
            let mut made = Vec::new();
            for index in 0..count {
                made.push(self.use_unknown(
                    Emb::UnknownUnpack,
                    value,
                    "unpacks something unknown",
                    &format!("[{index}]"),
                )?);
            }
            return Ok(made);
        }
        let class = self.class_of(value);
        if self.lookup(class, &self.world.names.dunder_iter).is_none()
            && self.lookup(class, &"__getitem__".into()).is_none()
        {
            let name = self.class_name(value);
            return self.type_error(format!("cannot unpack non-iterable {name} object"));
        }
        let tainted = self.tainted.contains(&self.owner());
        let items = self.items(value)?;
        let given = items.len();
        let Some(after) = after else {
            if given == before {
                return Ok(items);
            }
            if tainted && given == 0 {
                let mut made = Vec::new();
                for _ in 0..before {
                    made.push(self.quiet_unknown("an item"));
                }
                return Ok(made);
            }
            let sized = matches!(self.kind(value), Some(Kind::List(_) | Kind::Tuple(_) | Kind::Dict(_)));
            return if given < before {
                self.raise(T::ValueError, format!("not enough values to unpack (expected {before}, got {given})"))
            } else if sized {
                self.raise(T::ValueError, format!("too many values to unpack (expected {before}, got {given})"))
            } else {
                self.raise(T::ValueError, format!("too many values to unpack (expected {before})"))
            };
        };
        if given < before + after {
            return self.raise(
                T::ValueError,
                format!("not enough values to unpack (expected at least {}, got {given})", before + after),
            );
        }
        let mut made = items[..before].to_vec();
        let middle = self.list(items[before..given - after].to_vec());
        made.push(middle);
        made.extend_from_slice(&items[given - after..]);
        Ok(made)
    }

    // --- generators --------------------------------------------------------------------------------------------

    /// `generator.send(value)`, or `next` of any iterator: `Ok` is a value that was yielded, `Err` the result.
    pub fn send(&mut self, iterator: Value, sent: Value) -> R<Result<Value, Value>> {
        let Some(r) = iterator.obj().filter(|_| matches!(self.kind(iterator), Some(Kind::Generator(_)))) else {
            if sent.is_none() {
                return self.next_with_result(iterator);
            }
            return match self.call_method(iterator, "send", &[sent]) {
                Ok(value) => Ok(Ok(value)),
                Err(stop) => self.stop_value(stop).map(Err),
            };
        };
        self.drive(r, sent, None)
    }

    /// The next item, or what the iterator returned when it ended.
    pub fn next_with_result(&mut self, iterator: Value) -> R<Result<Value, Value>> {
        if let Some(Kind::Generator(_)) = self.kind(iterator)
            && let Some(r) = iterator.obj()
        {
            return self.drive(r, Value::None, None);
        }
        if self.lookup(self.class_of(iterator), &"__next__".into()).is_none() {
            return Ok(self.next(iterator)?.ok_or(Value::None));
        }
        if matches!(self.kind(iterator), Some(Kind::Iter(_) | Kind::Unknown(_))) {
            return Ok(self.next(iterator)?.ok_or(Value::None));
        }
        match self.call_method(iterator, "__next__", &[]) {
            Ok(value) => Ok(Ok(value)),
            Err(stop) => self.stop_value(stop).map(Err),
        }
    }

    /// The value of a `StopIteration`; other errors go on.
    pub fn stop_value(&mut self, stop: Stop) -> R {
        let Stop::Raise(exception) = stop else { return Err(stop) };
        if !self.is_a(exception, T::StopIteration) {
            return Err(stop);
        }
        let args = self.exception_data(exception).and_then(|data| self.as_tuple(data.args)).unwrap_or_default();
        Ok(args.first().copied().unwrap_or(Value::None))
    }

    /// Run a generator until it yields, returns or raises; with `thrown`, that is raised where it stands.
    pub fn drive(&mut self, r: Ref, sent: Value, thrown: Option<Value>) -> R<Result<Value, Value>> {
        if self.get(r).class != T::Generator.r() {
            self.effect(Emb::Coroutine, "runs a coroutine while the module is imported");
            self.tainted.insert(self.owner());
            return Ok(Err(self.quiet_unknown("the result of a coroutine")));
        }
        let Some(Kind::Generator(generator)) = self.change(r, Value::Obj(r), "advances").map(|object| &mut object.kind)
        else {
            return Ok(Err(self.quiet_unknown("an item of another module's generator")));
        };
        if generator.running {
            return self.raise(T::ValueError, "generator already executing");
        }
        let started = generator.started;
        let Some(mut frame) = generator.frame.take() else {
            return match thrown {
                Some(exception) => Err(Stop::Raise(exception)),
                None => Ok(Err(Value::None)),
            };
        };
        if !started && !sent.is_none() {
            generator.frame = Some(frame);
            return self.type_error("can't send non-None value to a just-started generator");
        }
        generator.started = true;
        generator.running = true;
        let result = self.deeper(|vm| {
            vm.calls.push(Call {
                code: frame.code.clone(),
                pc: frame.pc,
                globals: frame.globals,
                names: frame.names,
                import: false,
            });
            let handling = vm.handling.len();
            let result = vm.resume_with(&mut frame, started, sent, thrown);
            vm.handling.truncate(handling);
            vm.calls.pop();
            result
        });
        let yielded = matches!(result, Ok(Exit::Yield(_)));
        if let Some(Kind::Generator(generator)) = self.change_quietly(r).map(|object| &mut object.kind) {
            generator.running = false;
            if yielded {
                generator.frame = Some(frame);
            }
        }
        match result {
            Ok(Exit::Yield(value)) => Ok(Ok(value)),
            Ok(Exit::Return(value)) => Ok(Err(value)),
            Err(stop) if self.stopped_by(&stop, T::StopIteration) => {
                let exception = self.exception(T::RuntimeError, "generator raised StopIteration");
                if let Stop::Raise(cause) = stop {
                    self.set_cause(exception, cause);
                }
                Err(Stop::Raise(exception))
            }
            Err(stop) => Err(stop),
        }
    }

    fn resume_with(
        &mut self,
        frame: &mut super::frame::Frame,
        started: bool,
        sent: Value,
        thrown: Option<Value>,
    ) -> R<Exit> {
        let Some(exception) = thrown else {
            if started {
                frame.push(sent);
            }
            return self.resume(frame);
        };
        // Give it to the iterator that is delegated to.
        if let Some(Op::YieldFrom) = frame.code.ops.get(frame.pc)
            && started
        {
            let inner = frame.peek(1);
            let result = if let Some(r) = inner.obj().filter(|_| matches!(self.kind(inner), Some(Kind::Generator(_)))) {
                self.drive(r, Value::None, Some(exception))
            } else {
                self.throw_into(inner, exception)
            };
            match result {
                Ok(Ok(value)) => return Ok(Exit::Yield(value)),
                Ok(Err(value)) => {
                    frame.pop();
                    frame.push(value);
                    frame.pc += 1;
                    return self.resume(frame);
                }
                Err(Stop::Raise(exception)) => {
                    frame.pop();
                    frame.pc += 1;
                    return self.resume_raising(frame, exception);
                }
                Err(stop) => return Err(stop),
            }
        }
        if !started {
            return Err(Stop::Raise(exception));
        }
        self.resume_raising(frame, exception)
    }

    /// Give an exception to an iterator of the program that is delegated to: it may have `throw`, and `close` for the exception
    /// that ends generators.
    fn throw_into(&mut self, inner: Value, exception: Value) -> R<Result<Value, Value>> {
        if self.is_a(exception, T::GeneratorExit) {
            if let Some(close) = self.getattr_opt(inner, &"close".into())? {
                self.call_with(close, &[])?;
            }
            return Err(Stop::Raise(exception));
        }
        match self.getattr_opt(inner, &"throw".into())? {
            Some(throw) => match self.call_with(throw, &[exception]) {
                Ok(value) => Ok(Ok(value)),
                Err(stop) => self.stop_value(stop).map(Err),
            },
            None => Err(Stop::Raise(exception)),
        }
    }

    fn resume_raising(&mut self, frame: &mut super::frame::Frame, exception: Value) -> R<Exit> {
        self.note_trace(exception, frame);
        let base = self.handling.len();
        let Some(block) = frame.blocks.pop() else { return Err(Stop::Raise(exception)) };
        frame.stack.truncate(block.height);
        frame.push(exception);
        frame.handled.truncate(block.handling);
        frame.handled_now = block.handling;
        frame.pc = block.handler as usize;
        self.handling.truncate(base);
        self.resume(frame)
    }
}

/// How many numbers a range has.
pub fn range_len(start: i64, stop: i64, step: i64) -> u64 {
    let (low, high) = if step > 0 { (start, stop) } else { (stop, start) };
    if step == 0 || low >= high {
        return 0;
    }
    let span = (high as i128 - low as i128) as u128;
    span.div_ceil(step.unsigned_abs() as u128) as u64
}
