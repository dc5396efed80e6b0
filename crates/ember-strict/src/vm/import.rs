//! Imports.

use super::frame::Frame;
use super::known::WAITS;
use super::{Call, R, Stop, Vm};
use crate::diagnostics::Code as Emb;
use crate::heap::{Kind, T};
use crate::modules::finder::{Found, FoundKind};
use crate::modules::shuffle::Stage;
use crate::syntax::code::{CodeKind, ImportSpec, Op};
use crate::syntax::compile::{Fault, SyntaxError};
use crate::value::{ModId, Ref, Str, Value};

/// How deep imports may nest.
const NESTED: usize = 150;

impl<'w> Vm<'w> {
    pub(super) fn step_import(&mut self, frame: &mut Frame, op: Op) -> R<()> {
        match op {
            Op::ImportName(ix) => {
                let Some(spec) = frame.code.imports.get(ix as usize).cloned() else { return Ok(()) };
                self.check_import_place(frame, &spec);
                let value = self.import_spec(frame.globals, &spec)?;
                frame.push(value);
            }
            Op::ImportFrom(ix) => {
                let name = frame.code.names.get(ix as usize).cloned().unwrap_or_else(|| "?".into());
                let module = frame.peek(1);
                let value = self.import_from(module, &name)?;
                frame.push(value);
            }
            _ => {
                let module = frame.pop();
                self.import_star(frame, module)?;
            }
        }
        Ok(())
    }

    fn import_spec(&mut self, globals: Ref, spec: &ImportSpec) -> R {
        let name = self.absolute_name(globals, &spec.module, spec.level)?;
        if name.is_empty() {
            return self.raise(T::ValueError, "Empty module name");
        }
        let leaf = self.import_module(&name)?;
        if spec.names.is_some() {
            return Ok(leaf);
        }
        match name.split_once('.') {
            Some((top, _)) => self.import_module(top),
            None => Ok(leaf),
        }
    }

    /// The absolute name of a module that is named relative to a package.
    pub fn absolute_name(&mut self, globals: Ref, name: &str, level: u32) -> R<String> {
        if level == 0 {
            return Ok(name.to_owned());
        }
        let text = |vm: &Self, key: &str| vm.get_str(globals, &key.into()).and_then(|value| vm.as_str(value));
        let package = match text(self, "__package__") {
            Some(package) => package.to_string(),
            None => {
                let own = text(self, "__name__").unwrap_or_else(|| "".into());
                if self.get_str(globals, &"__path__".into()).is_some() {
                    own.to_string()
                } else {
                    own.rsplit_once('.').map_or(String::new(), |(package, _)| package.to_owned())
                }
            }
        };
        if package.is_empty() {
            return self.raise(T::ImportError, "attempted relative import with no known parent package");
        }
        let mut base = package.as_str();
        for _ in 1..level {
            match base.rsplit_once('.') {
                Some((parent, _)) => base = parent,
                None => return self.raise(T::ImportError, "attempted relative import beyond top-level package"),
            }
        }
        Ok(if name.is_empty() { base.to_owned() } else { format!("{base}.{name}") })
    }

    fn import_from(&mut self, module: Value, name: &Str) -> R {
        if self.is_unknown(module) {
            return Ok(self.derive_unknown(module, &format!(".{name}")));
        }
        let found = self.getattr_opt(module, name)?;
        if let Some(value) = found.filter(|value| !self.is_unknown(*value)) {
            return Ok(value);
        }
        let Some(Kind::Module(module_name)) = self.kind(module) else {
            return match found {
                Some(value) => Ok(value),
                None => self.raise(T::ImportError, format!("cannot import name '{name}'")),
            };
        };
        let module_name = module_name.clone();
        let names = module.obj().and_then(|r| self.get(r).dict);
        let is_package = names.is_some_and(|dict| self.get_str(dict, &"__path__".into()).is_some());
        // A name that is only not known to be missing may be a submodule.
        if is_package && names.is_some_and(|dict| self.get_str(dict, name).is_none()) {
            let full = format!("{module_name}.{name}");
            match self.import_module(&full) {
                Ok(value) => return Ok(value),
                Err(stop) if self.is_not_found(&stop, &full) => {}
                Err(stop) => return Err(stop),
            }
        }
        if let Some(value) = found {
            return Ok(value);
        }
        if let Some(owner) = module.obj().map(|r| r.owner)
            && (self.is_incomplete(owner) || self.tainted.contains(&owner))
        {
            return Ok(self.unknown(&format!("{module_name}.{name}")));
        }
        let info = module.obj().and_then(|r| self.info(r.owner)).filter(|info| info.name == *module_name);
        let file = info.and_then(|info| info.path.as_ref()).map(|path| path.to_string_lossy().into_owned());
        let file = file.unwrap_or_else(|| "unknown location".to_owned());
        let partial = self.loading.contains_key(&*module_name) && !self.done.contains(&*module_name);
        let message = if partial {
            format!(
                "cannot import name '{name}' from partially initialized module '{module_name}' (most likely due to a circular import) ({file})"
            )
        } else {
            format!("cannot import name '{name}' from '{module_name}' ({file})")
        };
        let exception = self.exception(T::ImportError, &message);
        // Stubs need not have all names.
        let source = module.obj().and_then(|r| self.info(r.owner)).is_some_and(|i| i.kind == FoundKind::Source);
        // A module that makes its names when they are asked for may have all sorts of reasons.
        let makes_names = names.is_some_and(|dict| self.get_str(dict, &self.world.names.dunder_getattr).is_some());
        // What stands in its place in `sys.modules` may have the name, though it is no module and so not seen here.
        let stands = !self.replaced.contains(&*module_name);
        if source && !partial && !makes_names && self.class_of(module) == T::Module.r() && stands {
            self.certain.extend(exception.obj());
        }
        Err(Stop::Raise(exception))
    }

    fn is_not_found(&self, stop: &Stop, name: &str) -> bool {
        let Stop::Raise(exception) = stop else { return false };
        if !self.is_a(*exception, T::ModuleNotFoundError) {
            return false;
        }
        let args = self.exception_data(*exception).and_then(|data| self.as_tuple(data.args)).unwrap_or_default();
        let text = args.first().and_then(|arg| self.as_str(*arg));
        text.is_some_and(|text| text.contains(&format!("'{name}'")))
    }

    fn import_star(&mut self, frame: &mut Frame, module: Value) -> R<()> {
        let Some(names) = frame.names.obj() else { return Ok(()) };
        if self.is_unknown(module) {
            self.use_unknown(Emb::UnknownAttribute, module, "imports all names of a module that is unknown", ".*")?;
            return Ok(());
        }
        // Held against strict modules only; see `check::judge`.
        let what = self.describe(module);
        self.finding(Emb::StarImport, format!("imports all names of {what}"), "name what is imported");
        let Some(dict) = module.obj().and_then(|r| self.get(r).dict) else { return Ok(()) };
        let listed = match self.get_str(dict, &"__all__".into()) {
            Some(all) => {
                let mut listed = Vec::new();
                for item in self.items(all)? {
                    if let Some(name) = self.as_str(item) {
                        listed.push(name);
                    }
                }
                listed
            }
            None => {
                let keys = self.entries(dict);
                keys.iter().filter_map(|(key, _)| self.as_str(*key)).filter(|name| !name.starts_with('_')).collect()
            }
        };
        for name in listed {
            let value = self.import_from(module, &name)?;
            self.set_str(names, &name, value, frame.names);
        }
        Ok(())
    }

    /// Import a module by its full name; the module itself, not its top package.
    pub fn import_module(&mut self, name: &str) -> R {
        let mut result = Value::None;
        let mut end = 0;
        loop {
            end = match name[end..].find('.') {
                Some(at) => end + at,
                None => name.len(),
            };
            result = self.import_one(&name[..end], result)?;
            if end == name.len() || self.is_unknown(result) {
                break;
            }
            end += 1;
        }
        if end < name.len() && self.is_unknown(result) {
            return Ok(self.derive_unknown(result, &name[end..]));
        }
        Ok(result)
    }

    fn import_one(&mut self, name: &str, parent: Value) -> R {
        if let Some(id) = self.loading.get(name).copied() {
            self.note_import(id);
            return match self.failed.get(name).copied() {
                Some(exception) => Err(Stop::Raise(exception)),
                None => Ok(self.module_object(id).unwrap_or(Value::None)),
            };
        }
        if let Some(finished) = self.finished(name) {
            self.note_import(finished.id);
            self.see(&finished.traces);
            return match finished.failed {
                Some(exception) => {
                    if finished.certain {
                        self.certain.extend(exception.obj());
                    }
                    Err(Stop::Raise(exception))
                }
                None => {
                    self.bind_in_package(name, Value::Obj(finished.object));
                    Ok(Value::Obj(finished.object))
                }
            };
        }
        if self.blocked.is_some() {
            return Err(Stop::GiveUp(WAITS));
        }
        if name == "__main__" {
            // There is one in every program, but which is known only there.
            return Ok(self.unknown(name));
        }
        let search = self.search_path(parent);
        let found = match self.world.finder.find(name, search.as_deref()) {
            Ok(found) => found,
            Err(trouble) => return self.cannot_look(name, &trouble),
        };
        match found {
            Some(found) if found.kind == FoundKind::Extension => {
                self.opaque.entry(self.owner()).or_default().push(name.to_owned());
                Ok(self.unknown(name))
            }
            Some(found) => self.load(name, found),
            None => {
                if self.is_a_module_but_no_package(parent) {
                    let package = name.rsplit_once('.').map_or("", |(package, _)| package);
                    return self.not_found(name, &format!("No module named '{name}'; '{package}' is not a package"));
                }
                self.not_found(name, &format!("No module named '{name}'"))
            }
        }
    }

    /// Where a module may be could not be looked at: nothing is known about it.
    fn cannot_look(&mut self, name: &str, trouble: &str) -> R {
        let message = format!("the module '{name}' cannot be looked for: {trouble}");
        self.finding(Emb::Unsupported, message, "make the folder readable, or take it out of the search path");
        let owner = self.owner();
        self.tainted.insert(owner);
        Ok(self.unknown(name))
    }

    fn is_a_module_but_no_package(&self, parent: Value) -> bool {
        let dict = parent.obj().and_then(|r| self.get(r).dict);
        dict.is_some_and(|dict| self.get_str(dict, &"__path__".into()).is_none())
    }

    fn not_found(&mut self, name: &str, message: &str) -> R {
        let exception = self.exception(T::ModuleNotFoundError, message);
        let text = self.str(name);
        if let Some(dict) = exception.obj().and_then(|r| self.own_dict(r, exception)) {
            self.set_str(dict, &"name".into(), text, exception);
        }
        self.certain.extend(exception.obj());
        Err(Stop::Raise(exception))
    }

    fn search_path(&mut self, parent: Value) -> Option<Vec<String>> {
        let dict = self.get(parent.obj()?).dict?;
        let path = self.get_str(dict, &"__path__".into());
        let items = path.and_then(|path| self.items(path).ok()).unwrap_or_default();
        Some(items.iter().filter_map(|item| self.as_str(*item)).map(|text| text.to_string()).collect())
    }

    fn note_import(&mut self, id: ModId) {
        if self.owner() == 0 {
            // The group itself begins with this module.
            return;
        }
        let list = self.imports.entry(self.owner()).or_default();
        if !list.contains(&id) {
            list.push(id);
        }
    }

    /// Execute a module that was found elsewhere.
    pub fn execute(&mut self, name: &str, found: Found) -> R {
        self.load(name, found)
    }

    /// Execute a module that is not finished yet, in a heap of its own.
    fn load(&mut self, name: &str, found: Found) -> R {
        if self.nested >= NESTED {
            return self.raise(T::RecursionError, "too many nested imports");
        }
        let id = self.new_module(name, &found)?;
        self.note_import(id);
        let before = self.enter_heap(id);
        let object = self.new_module_object(name, &found);
        self.loading.insert(name.to_owned(), id);
        self.own_ids.insert(name.to_owned(), id);
        self.register(id, object);
        let depth = std::mem::take(&mut self.depth);
        self.nested += 1;
        let lenient = std::mem::take(&mut self.lenient);
        let handling = std::mem::take(&mut self.handling);
        let result = self.run_module(name, &found, object);
        self.handling = handling;
        self.lenient = lenient;
        self.nested -= 1;
        self.depth = depth;
        let outcome = match result {
            Ok(()) => Ok(Value::Obj(object)),
            Err(Stop::GiveUp(why)) => {
                if self.blocked.is_some() {
                    return Err(Stop::GiveUp(why));
                }
                self.tainted.insert(id);
                self.set_incomplete(id);
                if let Some(live) = self.live.get_mut(self.slot) {
                    live.fuel = 100_000;
                }
                let chain = std::mem::take(&mut self.given_up_at);
                let (code, help) = match why {
                    super::UNKNOWN_NUMBER => (Emb::Unsupported, "use a number that is known, or do it in a function"),
                    _ => (Emb::TooManySteps, "do less while the module is imported"),
                };
                self.finding_at(code, format!("the analysis of this module was given up: {why}"), help, chain);
                Ok(Value::Obj(object))
            }
            Err(Stop::Raise(exception)) => {
                self.report_exception(exception);
                self.failed.insert(name.to_owned(), exception);
                Err(Stop::Raise(exception))
            }
        };
        self.done.insert(name.to_owned());
        if self.tainted.contains(&id) {
            self.set_incomplete(id);
        }
        self.return_to(before);
        // A module may have put another one in its place in `sys.modules`.
        let standing = self.loading.get(name).copied().filter(|standing| *standing != id);
        let standing = standing.and_then(|standing| self.module_object(standing));
        if outcome.is_ok() {
            let module = standing.unwrap_or(Value::Obj(object));
            self.bind_in_package(name, module);
            return Ok(module);
        }
        outcome
    }

    /// What the import system does itself: a submodule becomes an attribute of its package.
    fn bind_in_package(&mut self, name: &str, module: Value) {
        let Some((package, leaf)) = name.rsplit_once('.') else { return };
        let Some(id) = self.loading.get(package).copied().filter(|id| self.is_live(*id)) else { return };
        let object = self.module_object(id).and_then(Value::obj);
        let Some(dict) = object.and_then(|object| self.get(object).dict) else { return };
        let before = self.owner();
        self.return_to(id);
        self.set_str(dict, &leaf.into(), module, Value::Obj(dict));
        self.return_to(before);
    }

    fn new_module_object(&mut self, name: &str, found: &Found) -> Ref {
        let object = self.alloc(T::Module.r(), Kind::Module(name.into()));
        let target = Value::Obj(object);
        let dict = self.dict();
        if let Some(object) = self.change(object, target, "") {
            object.dict = Some(dict);
        }
        let set = |vm: &mut Self, key: &str, value: Value| vm.set_str(dict, &key.into(), value, target);
        let text = self.str(name);
        set(self, "__name__", text);
        set(self, "__doc__", Value::None);
        let package = if found.package { name } else { name.rsplit_once('.').map_or("", |(package, _)| package) };
        let package = self.str(package);
        set(self, "__package__", package);
        set(self, "__loader__", Value::None);
        set(self, "__spec__", Value::None);
        if let Some(path) = &found.path {
            let path = self.str(path.to_string_lossy().into_owned());
            set(self, "__file__", path);
        }
        if found.package {
            let items: Vec<Value> = found.search.iter().map(|folder| self.str(folder.as_str())).collect();
            let list = self.list(items);
            set(self, "__path__", list);
        }
        let builtins = Value::Obj(self.world.builtins_module);
        set(self, "__builtins__", builtins);
        object
    }

    /// A module's code, or why it cannot be executed.
    fn code_of(&self, name: &str, path: &std::path::Path) -> crate::modules::sources::Compiled {
        let compiled = self.world.compiled(name, path);
        if let Some(why) = &self.analyser_failed {
            let source = match compiled {
                Ok(code) => code.source.clone(),
                Err((source, _)) => source,
            };
            return Err((source, SyntaxError { message: why.clone(), span: (0, 0), fault: Fault::Analyser }));
        }
        assert!(!self.world.fails(Stage::Executing, name), "a test wants the analyser to fail on {name}");
        compiled
    }

    fn run_module(&mut self, name: &str, found: &Found, object: Ref) -> R<()> {
        let Some(path) = &found.path else { return Ok(()) };
        let code = match self.code_of(name, path) {
            Ok(code) => code,
            Err((source, error)) => {
                let step = crate::diagnostics::Step::at(&source, error.span, "<module>".into());
                let (code, message, help) = match error.fault {
                    Fault::Source => (Emb::Syntax, error.message.clone(), "mend the syntax"),
                    Fault::Limit => {
                        let message = format!("the source has what the analysis does not take: {}", error.message);
                        (Emb::Unsupported, message, "split it, or make it when it is needed")
                    }
                    Fault::File => {
                        let message = format!("the source cannot be read: {}", error.message);
                        (Emb::Unsupported, message, "make the file readable")
                    }
                    Fault::Analyser => {
                        let message = format!("the analyser failed, which is a bug in it: {}", error.message);
                        (Emb::Unsupported, message, "report it; until then the module is taken for one with effects")
                    }
                };
                let finding = crate::diagnostics::Finding { code, message, help: help.into(), steps: vec![step] };
                self.findings.push((self.owner(), finding));
                self.left_at = None;
                let exception = self.exception(error.class(), &error.message);
                if error.fault == Fault::Source {
                    self.certain.extend(exception.obj());
                }
                return Err(Stop::Raise(exception));
            }
        };
        self.report_misplaced(&code);
        let Some(dict) = self.get(object).dict else { return Ok(()) };
        let mut frame = Frame::new(code, dict, Value::Obj(dict));
        self.run_call(&mut frame)?;
        Ok(())
    }

    /// Report flags and marks of strict modules that stand where they mean nothing.
    fn report_misplaced(&mut self, code: &std::sync::Arc<crate::syntax::code::Code>) {
        let flags = code.misplaced_flags.iter().map(|at| {
            let help = "write it alone, without 'as', directly after the docstring and the imports from __future__";
            (at, Emb::StrictFlag, "the strict flag does not make the module strict here", help)
        });
        let marks = code.misplaced_marks.iter().map(|at| {
            let what = "imports marks of strict modules in a function or class";
            (at, Emb::ImportPlace, what, "import them at the top of the module")
        });
        for (at, code_of, message, help) in flags.chain(marks) {
            let step = crate::diagnostics::Step::at(&code.source, *at, "<module>".into());
            let finding = crate::diagnostics::Finding {
                code: code_of,
                message: message.into(),
                help: help.into(),
                steps: vec![step],
            };
            self.findings.push((self.owner(), finding));
        }
    }

    /// Strict modules import at their top level: an import that runs in a function or class while the module is imported
    /// is hidden from whoever reads it, and from lazy imports. Held against strict modules only; see `check::judge`.
    fn check_import_place(&mut self, frame: &Frame, spec: &ImportSpec) {
        let place = match frame.code.kind {
            CodeKind::Class => "the body of the class",
            CodeKind::Function => "the function",
            _ => return,
        };
        if crate::syntax::compile::is_flag_name(&spec.module)
            || frame.code.source.module != self.module_name(self.owner())
        {
            return;
        }
        self.finding(
            Emb::ImportPlace,
            format!(
                "imports '{}{}' in {place} '{}'",
                ".".repeat(spec.level as usize),
                spec.module,
                frame.code.qualname
            ),
            "import it at the top level of the module",
        );
    }

    /// Execute a group of modules that import each other; each gets finished.
    ///
    /// Which one comes first matters: the others see it half done. A module that fails then is tried again when the
    /// others are there, as it is in a program that comes to it through them.
    pub fn run_group(&mut self, names: &[String]) {
        for round in 0..3 {
            for name in names {
                if self.loading.contains_key(name) {
                    continue;
                }
                let _ = self.import_module(name);
                if self.blocked.is_some() {
                    return;
                }
            }
            // What fails because something is not there would do so again, if the first time had left no traces.
            let certain = |value: Value| value.obj().is_some_and(|raised| self.certain.contains(&raised));
            let lacks = |raised: Value| {
                let data = self.exception_data(raised);
                certain(raised) || data.is_some_and(|data| certain(data.cause) || certain(data.context))
            };
            let failed: Vec<String> =
                self.failed.iter().filter(|(_, raised)| !lacks(**raised)).map(|(name, _)| name.clone()).collect();
            if failed.is_empty() || names.len() == 1 || round == 2 {
                return;
            }
            for name in failed {
                self.failed.remove(&name);
                self.done.remove(&name);
                if let Some(id) = self.loading.remove(&name) {
                    self.findings.retain(|(owner, _)| *owner != id);
                }
            }
        }
    }

    /// Run code in a namespace: `exec` and `eval`.
    pub fn run_text(&mut self, code: std::sync::Arc<crate::syntax::code::Code>, globals: Ref, names: Value) -> R {
        let mut frame = Frame::new(code.clone(), globals, names);
        self.deeper(|vm| {
            vm.calls.push(Call { code, pc: 0, globals, names, import: false });
            let handling = vm.handling.len();
            let result = vm.run(&mut frame);
            vm.handling.truncate(handling);
            vm.calls.pop();
            result
        })
    }
}
