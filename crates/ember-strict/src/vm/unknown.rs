//! What is reported: uses of unknown values, changes of foreign objects, effects. And how things are called in messages.

use super::{Call, R, Vm};
use crate::diagnostics::{Code as Emb, Finding, Step};
use crate::heap::{Kind, T, Unknown};
use crate::syntax::code::{Code, CodeKind};
use crate::value::{ModId, Ref, Str, Value};
use crate::vm::call::Args;
use std::sync::Arc;

/// Steps that a module may take after it has used something unknown.
const TAINTED: u64 = 400_000;
/// Longer names of unknown values are cut.
const NAME: usize = 60;

impl<'w> Vm<'w> {
    /// A new unknown value whose use is still to be reported.
    pub fn unknown(&mut self, name: &str) -> Value {
        self.make_unknown(name, None, false)
    }

    /// An unknown value that comes of something that was reported in the module that executes.
    pub fn quiet_unknown(&mut self, name: &str) -> Value {
        let owner = self.owner();
        self.make_unknown(name, Some(owner), !self.doubtful.contains(&owner))
    }

    /// An unknown value that comes of another without a use of that.
    pub fn unknown_like(&mut self, data: &Unknown, name: &str) -> Value {
        self.make_unknown(name, data.reported, data.outside)
    }

    fn make_unknown(&mut self, name: &str, reported: Option<ModId>, outside: bool) -> Value {
        let name: String =
            if name.chars().count() > NAME { name.chars().take(NAME).chain(['…']).collect() } else { name.into() };
        self.make(T::Unknown, Kind::Unknown(Box::new(Unknown { name: name.into(), reported, outside })))
    }

    fn unknown_data(&self, value: Value) -> Unknown {
        match self.kind(value) {
            Some(Kind::Unknown(data)) => (**data).clone(),
            _ => Unknown { name: "?".into(), reported: Some(self.owner()), outside: false },
        }
    }

    /// Report a use of an unknown value, unless a use of it was reported; gives the unknown result.
    pub fn use_unknown(&mut self, code: Emb, value: Value, what: &str, suffix: &str) -> R {
        let data = self.unknown_data(value);
        let name = format!("{}{suffix}", data.name);
        if self.lenient > 0 {
            return Ok(self.unknown_like(&data, &name));
        }
        let owner = self.owner();
        self.taint(!data.outside);
        match data.reported {
            Some(module) if module == owner => {}
            // What another module has from outside of the program: it is known why nothing is known.
            Some(module) if data.outside => {
                let module = self.module_name(module);
                let message =
                    format!("{what}: '{}' is what the module '{module}' found when it was imported", data.name);
                self.finding(Emb::Environment, message, "do this in a function that runs when it is needed");
            }
            _ => {
                let message = format!("{what}: nothing is known about '{}'", data.name);
                let help = "move this into a function that runs later, or describe the module in a stub";
                self.finding(code, message, help);
            }
        }
        Ok(self.make_unknown(&name, Some(owner), data.outside))
    }

    /// Note that what the module that executes does from here on depends on something unknown; `doubtful` if not only on what
    /// is outside of the program. It gets little time from then on: loops may go on for ever now.
    fn taint(&mut self, doubtful: bool) {
        let owner = self.owner();
        if doubtful {
            self.doubtful.insert(owner);
        }
        if self.tainted.insert(owner) {
            self.limit_fuel(TAINTED);
        }
    }

    pub(super) fn use_unknown_call(&mut self, callee: Value, _args: &Args) -> R {
        let name = self.unknown_data(callee).name;
        self.use_unknown(Emb::UnknownCall, callee, &format!("calls '{name}'"), "()")
    }

    pub(super) fn use_unknown_argument(&mut self, unknown: Value, function: &str) -> R {
        let code = match function {
            "iter" | "list" | "tuple" | "set" | "enumerate" | "zip" | "sorted" => Emb::UnknownIteration,
            "bool" | "isinstance" | "issubclass" => Emb::UnknownBool,
            "exec" | "eval" | "compile" => Emb::Unsupported,
            _ => Emb::UnknownOperand,
        };
        let function = function.split(' ').next().unwrap_or(function);
        self.use_unknown(
            code,
            unknown,
            &format!("passes something unknown to '{function}'"),
            &format!(" in {function}()"),
        )
    }

    pub(super) fn unknown_attribute(&mut self, object: Value, name: &Str) -> R {
        if matches!(&**name, "__class__") {
            return Ok(T::Unknown.v());
        }
        let data = self.unknown_data(object);
        self.use_unknown(
            Emb::UnknownAttribute,
            object,
            &format!("reads the attribute '{name}' of '{}'", data.name),
            &format!(".{name}"),
        )
    }

    // --- findings ----------------------------------------------------------------------------------------------

    /// Report something at the place where the program is.
    pub fn finding(&mut self, code: Emb, message: impl Into<String>, help: &str) {
        let chain = self.chain();
        self.finding_at(code, message.into(), help, chain);
    }

    /// The calls of the module that executes, outermost first.
    pub(super) fn chain(&self) -> Vec<(Arc<Code>, usize)> {
        let first = self.calls.iter().rposition(|call| call.import).unwrap_or(0);
        self.calls[first..].iter().map(|call| (call.code.clone(), call.pc)).collect()
    }

    pub(super) fn finding_at(&mut self, code: Emb, message: String, help: &str, chain: Vec<(Arc<Code>, usize)>) {
        let owner = self.owner();
        let mut steps: Vec<Step> = Vec::with_capacity(chain.len());
        for (code, pc) in &chain {
            match steps.last_mut() {
                // A comprehension runs in the frame that has it.
                Some(around) if code.is_inlined() => around.span = code.span_at(*pc),
                _ => steps.push(Step::of(code, code.span_at(*pc))),
            }
        }
        let (Some(first), Some(last)) = (steps.first(), steps.last()) else { return };
        if !self.seen.insert((owner, code as u16, first.span, last.span)) {
            return;
        }
        let steps = if steps.len() > 12 {
            steps.iter().take(6).chain(&steps[steps.len() - 6..]).cloned().collect()
        } else {
            steps
        };
        self.findings.push((owner, Finding { code, message, help: help.to_owned(), steps }));
    }

    /// Report that something owned by another module would be changed.
    pub fn foreign(&mut self, r: Ref, target: Value, what: &str) {
        let owner = self.module_name(r.owner);
        let module = self.module_object(r.owner);
        let whole = module.is_some_and(|module| module.same(target))
            || module.and_then(Value::obj).and_then(|module| self.get(module).dict) == target.obj()
                && target.obj().is_some();
        let described = if whole { format!("the module '{owner}'") } else { self.describe(target) };
        let calls = || self.calls.iter().map(|call| (call.code.source.module.as_str(), call.code.qualname.as_str()));
        let executing = self.module_name(self.owner());
        if self.world.is_benign(&executing, &owner, &described, what, calls) {
            return;
        }
        let what = if what.is_empty() { "changes" } else { what };
        if self.is_frozen_by_rule(r, target, whole) {
            let why = if whole { "it".to_owned() } else { format!("the module '{owner}'") };
            self.finding(
                Emb::ImmutableWrite,
                format!("{what} {described}, which cannot be changed, because {why} is strict"),
                "pass the value to where it is needed; tests can use ember.strict.patch",
            );
            return;
        }
        if whole && matches!(owner.as_str(), "sys" | "builtins") {
            self.finding(
                Emb::ProcessState,
                format!("{what} {described}, which the whole interpreter uses"),
                "do it in a function that the program calls once",
            );
            return;
        }
        let whose = if whole { String::new() } else { format!(", which belongs to the module '{owner}'") };
        self.finding(
            Emb::ForeignMutation,
            format!("{what} {described}{whose}"),
            "let the other module make the entry, or do it in a function that the program calls once",
        );
    }

    /// Whether a foreign object is a module or class that is immutable after the import of its strict module.
    fn is_frozen_by_rule(&self, r: Ref, target: Value, whole_module: bool) -> bool {
        let class = match self.kind(target) {
            Some(Kind::Class(data)) => data.heap && !data.mutable,
            Some(Kind::Module(_)) => true,
            _ => whole_module,
        };
        class && self.info(r.owner).is_some_and(|info| self.world.is_strict(info))
    }

    /// Report an effect outside of the program's objects.
    pub fn effect(&mut self, code: Emb, what: &str) {
        self.finding(code, what.to_owned(), "do this in a function that runs when it is needed");
    }

    // --- names of things ---------------------------------------------------------------------------------------

    /// How a value is called in messages; runs none of the program's code.
    pub fn describe(&self, value: Value) -> String {
        let Some(r) = value.obj() else { return self.plain_repr(value).unwrap_or_default() };
        let object = self.get(r);
        match &object.kind {
            Kind::Class(data) => format!("the class '{}'", data.name),
            Kind::Function(function) => format!("the function '{}'", function.qualname),
            Kind::Module(name) => format!("the module '{name}'"),
            Kind::Native(native) => format!("the function '{}'", native.name.split(' ').next().unwrap_or_default()),
            Kind::Method(function, _) => self.describe(*function),
            Kind::Unknown(data) => format!("the unknown '{}'", data.name),
            Kind::Str(text) => {
                let short: String = text.chars().take(40).collect();
                crate::vm::text::quote(&short)
            }
            Kind::Dict(_) if object.class == T::Dict.r() => match self.holder_name(value) {
                Some(name) => format!("the dict '{name}'"),
                None => "a dict".to_owned(),
            },
            Kind::List(_) if object.class == T::List.r() => match self.holder_name(value) {
                Some(name) => format!("the list '{name}'"),
                None => "a list".to_owned(),
            },
            _ => match self.holder_name(value) {
                Some(name) => format!("'{name}'"),
                None => format!("an object of the class '{}'", self.name_of(object.class)),
            },
        }
    }

    /// The name under which a module, or a class of it, has an object.
    fn holder_name(&self, value: Value) -> Option<String> {
        let r = value.obj()?;
        let module = self.module_object(r.owner)?;
        let globals = self.table(self.get(module.obj()?).dict?)?;
        if let Some(entry) = globals.iter().find(|entry| entry.value.same(value)) {
            return Some(self.as_str(entry.key)?.to_string());
        }
        let classes = globals.iter().filter(|entry| self.is_class(entry.value));
        classes.filter(|entry| entry.value.obj().is_some_and(|class| class.owner == r.owner)).find_map(|class| {
            let namespace = self.table(self.get(class.value.obj()?).dict?)?;
            let entry = namespace.iter().find(|entry| entry.value.same(value))?;
            Some(format!("{}.{}", self.as_str(class.key)?, self.as_str(entry.key)?))
        })
    }

    /// The call in which native code runs.
    pub fn caller(&self) -> Option<&Call> {
        self.calls.last()
    }

    /// The call `depth` levels further out, if it is one of the module that executes: who imports that is not known.
    pub fn caller_at(&self, depth: usize) -> Option<&Call> {
        let first = self.calls.iter().rposition(|call| call.import).unwrap_or(0);
        self.calls[first..]
            .iter()
            .rev()
            .filter(|call| call.code.kind != CodeKind::Expression && !call.code.is_inlined())
            .nth(depth)
    }
}
