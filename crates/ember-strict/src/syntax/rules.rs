//! The rules of the language that a grammar cannot say: where `return`, `yield`, `await`, `break` may stand, names bound
//! twice in a pattern, what `global` means. The parser's library knows them; this walk tells it where it is.

use super::compile::{Fault, SyntaxError};
use ruff_python_ast::visitor::{Visitor, walk_expr, walk_stmt};
use ruff_python_ast::{self as ast, Expr, PythonVersion, Stmt};
use ruff_python_parser::semantic_errors::{
    LazyImportContext, SemanticSyntaxChecker, SemanticSyntaxContext, SemanticSyntaxError,
};
use ruff_text_size::TextRange;
use rustc_hash::FxHashMap;
use std::cell::RefCell;

/// The version of the language that is analysed.
pub const VERSION: PythonVersion = PythonVersion::PY314;

/// The first rule that a module breaks.
pub fn check(body: &[Stmt], text: &str) -> Result<(), SyntaxError> {
    let context = Context { text, scopes: vec![Scope::new(Place::Module)], errors: RefCell::default(), future: false };
    let mut walk = Walk { checker: SemanticSyntaxChecker::new(), context, bare_except: None };
    walk.context.find_globals(body);
    walk.visit_body(body);
    let errors = walk.context.errors.into_inner();
    let errors = errors.iter().map(|error| (error.range, error.to_string()));
    let bare = walk.bare_except.map(|range| (range, "default 'except:' must be last".to_owned()));
    match errors.chain(bare).min_by_key(|(range, _)| range.start()) {
        Some((range, message)) => {
            Err(SyntaxError { message, span: (range.start().into(), range.end().into()), fault: Fault::Source })
        }
        None => Ok(()),
    }
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Place {
    Module,
    Class,
    Function { is_async: bool },
    Lambda,
    Comprehension,
    Generator,
}

struct Scope<'a> {
    place: Place,
    loops: usize,
    parameters: Vec<&'a str>,
    globals: FxHashMap<&'a str, TextRange>,
}

impl Scope<'_> {
    fn new(place: Place) -> Self {
        Scope { place, loops: 0, parameters: Vec::new(), globals: FxHashMap::default() }
    }
}

/// Where the walk is.
struct Context<'a> {
    text: &'a str,
    scopes: Vec<Scope<'a>>,
    errors: RefCell<Vec<SemanticSyntaxError>>,
    future: bool,
}

impl<'a> Context<'a> {
    fn here(&self) -> Place {
        self.scopes.last().map_or(Place::Module, |scope| scope.place)
    }

    /// Note what a body declares global, also further down.
    fn find_globals(&mut self, body: &'a [Stmt]) {
        if !self.text.contains("global ") {
            return;
        }
        let Some(scope) = self.scopes.last_mut() else { return };
        let mut work: Vec<&'a Stmt> = body.iter().collect();
        while let Some(stmt) = work.pop() {
            match stmt {
                Stmt::Global(global) => {
                    for name in &global.names {
                        scope.globals.entry(name.as_str()).or_insert(name.range);
                    }
                }
                Stmt::If(s) => {
                    work.extend(&s.body);
                    s.elif_else_clauses.iter().for_each(|clause| work.extend(&clause.body));
                }
                Stmt::For(s) => work.extend(s.body.iter().chain(&s.orelse)),
                Stmt::While(s) => work.extend(s.body.iter().chain(&s.orelse)),
                Stmt::With(s) => work.extend(&s.body),
                Stmt::Match(s) => s.cases.iter().for_each(|case| work.extend(&case.body)),
                Stmt::Try(s) => {
                    work.extend(s.body.iter().chain(&s.orelse).chain(&s.finalbody));
                    for ast::ExceptHandler::ExceptHandler(handler) in &s.handlers {
                        work.extend(&handler.body);
                    }
                }
                _ => {}
            }
        }
    }
}

impl SemanticSyntaxContext for Context<'_> {
    fn future_annotations_or_stub(&self) -> bool {
        self.future
    }

    fn lazy_import_context(&self) -> Option<LazyImportContext> {
        None
    }

    fn python_version(&self) -> PythonVersion {
        VERSION
    }

    fn source(&self) -> &str {
        self.text
    }

    fn global(&self, name: &str) -> Option<TextRange> {
        self.scopes.last()?.globals.get(name).copied()
    }

    fn has_nonlocal_binding(&self, _name: &str) -> bool {
        // Found when names are resolved, see `scope`.
        true
    }

    fn in_async_context(&self) -> bool {
        self.scopes
            .iter()
            .rev()
            .find_map(|scope| match scope.place {
                Place::Function { is_async } => Some(is_async),
                Place::Lambda | Place::Module => Some(false),
                _ => None,
            })
            .unwrap_or(false)
    }

    fn in_await_allowed_context(&self) -> bool {
        self.scopes
            .iter()
            .rev()
            .find_map(|scope| match scope.place {
                Place::Function { .. } | Place::Lambda => Some(true),
                Place::Class | Place::Module => Some(false),
                _ => None,
            })
            .unwrap_or(false)
    }

    fn in_yield_allowed_context(&self) -> bool {
        matches!(self.here(), Place::Function { .. } | Place::Lambda)
    }

    fn in_sync_comprehension(&self) -> bool {
        false
    }

    fn in_class_body_comprehension(&self) -> bool {
        let outer = self.scopes.iter().rev().find(|s| !matches!(s.place, Place::Comprehension | Place::Generator));
        outer.is_some_and(|scope| scope.place == Place::Class)
    }

    fn in_module_scope(&self) -> bool {
        self.here() == Place::Module
    }

    fn in_function_scope(&self) -> bool {
        matches!(self.here(), Place::Function { .. } | Place::Lambda)
    }

    fn in_generator_context(&self) -> bool {
        self.scopes.iter().any(|scope| scope.place == Place::Generator)
    }

    fn in_notebook(&self) -> bool {
        false
    }

    fn report_semantic_error(&self, error: SemanticSyntaxError) {
        self.errors.borrow_mut().push(error);
    }

    fn in_loop_context(&self) -> bool {
        self.scopes.last().is_some_and(|scope| scope.loops > 0)
    }

    fn is_bound_parameter(&self, name: &str) -> bool {
        self.scopes.last().is_some_and(|scope| scope.parameters.contains(&name))
    }
}

struct Walk<'a> {
    checker: SemanticSyntaxChecker,
    context: Context<'a>,
    /// An `except:` that is not the last handler.
    bare_except: Option<TextRange>,
}

impl<'a> Walk<'a> {
    fn inside(&mut self, scope: Scope<'a>, inner: impl FnOnce(&mut Self)) {
        self.context.scopes.push(scope);
        inner(self);
        self.context.scopes.pop();
    }

    fn loop_body(&mut self, body: &'a [Stmt], orelse: &'a [Stmt]) {
        let loops = |walk: &mut Self| walk.context.scopes.last_mut().map(|scope| &mut scope.loops).map(|n| *n += 1);
        loops(self);
        self.visit_body(body);
        if let Some(scope) = self.context.scopes.last_mut() {
            scope.loops -= 1;
        }
        self.visit_body(orelse);
    }

    fn function(&mut self, def: &'a ast::StmtFunctionDef) {
        def.decorator_list.iter().for_each(|decorator| self.visit_decorator(decorator));
        if let Some(params) = &def.type_params {
            self.visit_type_params(params);
        }
        self.visit_parameters(&def.parameters);
        if let Some(returns) = &def.returns {
            self.visit_annotation(returns);
        }
        let mut scope = Scope::new(Place::Function { is_async: def.is_async });
        scope.parameters = def.parameters.iter().map(|parameter| parameter.name().as_str()).collect();
        self.inside(scope, |walk| {
            walk.context.find_globals(&def.body);
            walk.visit_body(&def.body);
        });
    }

    fn class(&mut self, def: &'a ast::StmtClassDef) {
        def.decorator_list.iter().for_each(|decorator| self.visit_decorator(decorator));
        if let Some(params) = &def.type_params {
            self.visit_type_params(params);
        }
        if let Some(arguments) = &def.arguments {
            self.visit_arguments(arguments);
        }
        self.inside(Scope::new(Place::Class), |walk| {
            walk.context.find_globals(&def.body);
            walk.visit_body(&def.body);
        });
    }

    fn comprehension(&mut self, place: Place, elements: &[&'a Expr], generators: &'a [ast::Comprehension]) {
        if let Some(first) = generators.first() {
            self.visit_expr(&first.iter);
        }
        self.inside(Scope::new(place), |walk| {
            for (at, generator) in generators.iter().enumerate() {
                if at > 0 {
                    walk.visit_expr(&generator.iter);
                }
                walk.visit_expr(&generator.target);
                generator.ifs.iter().for_each(|condition| walk.visit_expr(condition));
            }
            elements.iter().for_each(|element| walk.visit_expr(element));
        });
    }
}

impl<'a> Visitor<'a> for Walk<'a> {
    fn visit_stmt(&mut self, stmt: &'a Stmt) {
        self.checker.visit_stmt(stmt, &self.context);
        match stmt {
            Stmt::FunctionDef(def) => self.function(def),
            Stmt::ClassDef(def) => self.class(def),
            Stmt::For(s) => {
                self.visit_expr(&s.iter);
                self.visit_expr(&s.target);
                self.loop_body(&s.body, &s.orelse);
            }
            Stmt::While(s) => {
                self.visit_expr(&s.test);
                self.loop_body(&s.body, &s.orelse);
            }
            Stmt::Try(s) => {
                let bare = s.handlers.iter().rev().skip(1).map(|ast::ExceptHandler::ExceptHandler(handler)| handler);
                if let Some(handler) = bare.into_iter().rfind(|handler| handler.type_.is_none()) {
                    self.bare_except.get_or_insert(handler.range);
                }
                walk_stmt(self, stmt);
            }
            Stmt::ImportFrom(s) => {
                self.context.future |= s.module.as_ref().is_some_and(|module| module.as_str() == "__future__");
            }
            _ => walk_stmt(self, stmt),
        }
    }

    fn visit_expr(&mut self, expr: &'a Expr) {
        self.checker.visit_expr(expr, &self.context);
        match expr {
            Expr::Lambda(lambda) => {
                let mut scope = Scope::new(Place::Lambda);
                if let Some(parameters) = &lambda.parameters {
                    self.visit_parameters(parameters);
                    scope.parameters = parameters.iter().map(|parameter| parameter.name().as_str()).collect();
                }
                self.inside(scope, |walk| walk.visit_expr(&lambda.body));
            }
            Expr::ListComp(c) => self.comprehension(Place::Comprehension, &[&c.elt], &c.generators),
            Expr::SetComp(c) => self.comprehension(Place::Comprehension, &[&c.elt], &c.generators),
            Expr::Generator(c) => self.comprehension(Place::Generator, &[&c.elt], &c.generators),
            Expr::DictComp(c) => {
                let parts: Vec<&Expr> = c.key.iter().map(|key| &**key).chain([&*c.value]).collect();
                self.comprehension(Place::Comprehension, &parts, &c.generators);
            }
            _ => walk_expr(self, expr),
        }
    }
}
