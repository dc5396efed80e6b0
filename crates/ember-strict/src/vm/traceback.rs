//! Tracebacks as objects: where an exception passed, for programs that look at it while they are imported.
//!
//! They are made when they are asked for, out of what is noted of an exception. A frame in one has its code, globals and line;
//! of its variables nothing is known.

use super::{R, Vm};
use crate::heap::{Kind, T};
use crate::syntax::code::Code;
use crate::value::{Ref, Str, Value};
use std::sync::Arc;

/// How many frames a traceback shows at most, counted from the outermost.
const LONGEST: usize = 30;

impl<'w> Vm<'w> {
    /// `__traceback__` of an exception: `None` if it was not raised.
    pub fn traceback(&mut self, exception: Value) -> R {
        let trace = self.exception_data(exception).map(|data| data.trace.clone()).unwrap_or_default();
        let mut next = Value::None;
        let skipped = trace.len().saturating_sub(LONGEST);
        for (code, pc) in trace.into_iter().skip(skipped).filter(|(code, _)| !code.is_inlined()) {
            self.tick(4)?;
            let line = Value::Int(code.source.line(code.span_at(pc as usize).0) as i64);
            let frame = self.frame_object(code, line);
            let parts = [
                ("tb_next", next),
                ("tb_frame", frame),
                ("tb_lineno", line),
                ("tb_lasti", Value::Int(i64::from(pc) * 2)),
            ];
            next = self.record(T::Traceback, &parts);
        }
        Ok(next)
    }

    fn frame_object(&mut self, code: Arc<Code>, line: Value) -> Value {
        let module = self.loading.get(&code.source.module).copied();
        let module = match module {
            Some(id) => self.module_object(id).and_then(Value::obj),
            None => self.finished(&code.source.module).map(|finished| finished.object),
        };
        let globals = module.and_then(|module: Ref| self.get(module).dict);
        let globals = match globals {
            Some(dict) => Value::Obj(dict),
            None => self.unknown("frame.f_globals"),
        };
        let locals = self.unknown("frame.f_locals");
        let code = self.make(T::Code, Kind::Code(code));
        let parts = [
            ("f_code", code),
            ("f_globals", globals),
            ("f_locals", locals),
            ("f_lineno", line),
            ("f_back", Value::None),
            ("f_trace", Value::None),
        ];
        self.record(T::Frame, &parts)
    }

    /// An object of a type of the interpreter that has just these attributes.
    fn record(&mut self, class: T, parts: &[(&str, Value)]) -> Value {
        let object = self.make(class, Kind::Plain);
        if let Some(dict) = object.obj().and_then(|r| self.own_dict(r, object)) {
            for (name, value) in parts {
                self.set_str(dict, &Str::from(*name), *value, object);
            }
        }
        object
    }
}
