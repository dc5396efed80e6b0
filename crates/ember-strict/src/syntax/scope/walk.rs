//! The walk over the tree that finds what each scope binds and uses.

use super::{Names, Scope, ScopeKind, Scopes, Tag, key, mangle};
use ruff_python_ast::{self as ast, Expr, ExprContext, Pattern, Stmt};
use ruff_text_size::{Ranged, TextRange};
use rustc_hash::FxHashMap;

fn has_future_annotations(body: &[Stmt]) -> bool {
    body.iter().any(|stmt| match stmt {
        Stmt::ImportFrom(import) => {
            import.module.as_ref().is_some_and(|m| m.as_str() == "__future__")
                && import.names.iter().any(|alias| alias.name.as_str() == "annotations")
        }
        _ => false,
    })
}

/// A walk that is under way.
pub(super) struct Walk {
    scopes: Scopes,
    current: usize,
}

impl Walk {
    /// The scopes of a module's body, names not yet resolved.
    pub(super) fn module(body: &[Stmt], range: TextRange) -> Scopes {
        let mut walk = Walk { scopes: Scopes::default(), current: 0 };
        walk.open(ScopeKind::Module, range, Tag::Top, None);
        walk.scopes.future_annotations = has_future_annotations(body);
        walk.body(body);
        walk.scopes
    }

    /// The scopes of an expression for `eval`, names not yet resolved.
    pub(super) fn expression(expr: &Expr, range: TextRange) -> Scopes {
        let mut walk = Walk { scopes: Scopes::default(), current: 0 };
        walk.open(ScopeKind::Module, range, Tag::Top, None);
        walk.expr(expr);
        walk.scopes
    }

    fn open(&mut self, kind: ScopeKind, range: TextRange, tag: Tag, class_name: Option<String>) -> usize {
        let first = self.scopes.all.is_empty();
        let parent = (!first).then_some(self.current);
        let class_name = class_name.or_else(|| parent.and_then(|parent| self.scopes.all[parent].class_name.clone()));
        let index = self.scopes.all.len();
        self.scopes.all.push(Scope {
            kind,
            parent,
            class_name,
            params: Vec::new(),
            bound: Names::default(),
            uses: Names::default(),
            globals: Names::default(),
            nonlocals: Names::default(),
            places: FxHashMap::default(),
            varnames: Vec::new(),
            cells: Vec::new(),
            frees: Vec::new(),
            has_yield: false,
            has_await: false,
            annotates: false,
        });
        self.scopes.by_node.insert(key(range, tag), index);
        let before = self.current;
        self.current = index;
        before
    }

    fn scope(&mut self) -> &mut Scope {
        &mut self.scopes.all[self.current]
    }

    fn bind(&mut self, name: &str) {
        let scope = self.scope();
        let name = mangle(scope.class_name.as_deref(), name);
        scope.bound.insert(name);
    }

    fn use_name(&mut self, name: &str) {
        let scope = self.scope();
        let mangled = mangle(scope.class_name.as_deref(), name);
        let function = !matches!(scope.kind, ScopeKind::Module | ScopeKind::Class);
        if name == "super" && function {
            scope.uses.insert("__class__".to_owned());
        }
        scope.uses.insert(mangled);
    }

    /// In an annotation scope that stands in a class, names are looked up in the class first.
    fn note_class_scope(&mut self) {
        let mut at = self.scopes.all[self.current].parent;
        while let Some(parent) = at {
            match self.scopes.all[parent].kind {
                ScopeKind::Annotation => at = self.scopes.all[parent].parent,
                ScopeKind::Class => return self.use_name("__classdict__"),
                _ => return,
            }
        }
    }

    fn body(&mut self, body: &[Stmt]) {
        for stmt in body {
            self.stmt(stmt);
        }
    }

    fn exprs<'a>(&mut self, exprs: impl IntoIterator<Item = &'a Expr>) {
        for expr in exprs {
            self.expr(expr);
        }
    }

    fn opt(&mut self, expr: Option<&Expr>) {
        if let Some(expr) = expr {
            self.expr(expr);
        }
    }

    fn stmt(&mut self, stmt: &Stmt) {
        match stmt {
            Stmt::FunctionDef(def) => self.function(def),
            Stmt::ClassDef(def) => self.class(def),
            Stmt::Return(s) => self.opt(s.value.as_deref()),
            Stmt::Delete(s) => self.exprs(&s.targets),
            Stmt::TypeAlias(s) => self.type_alias(s),
            Stmt::Assign(s) => {
                self.expr(&s.value);
                self.exprs(&s.targets);
            }
            Stmt::AugAssign(s) => {
                if let Expr::Name(name) = &*s.target {
                    self.use_name(&name.id);
                }
                self.expr(&s.target);
                self.expr(&s.value);
            }
            Stmt::AnnAssign(s) => self.ann_assign(s),
            Stmt::For(s) => {
                self.expr(&s.iter);
                self.expr(&s.target);
                self.body(&s.body);
                self.body(&s.orelse);
            }
            Stmt::While(s) => {
                self.expr(&s.test);
                self.body(&s.body);
                self.body(&s.orelse);
            }
            Stmt::If(s) => {
                self.expr(&s.test);
                self.body(&s.body);
                for clause in &s.elif_else_clauses {
                    self.opt(clause.test.as_ref());
                    self.body(&clause.body);
                }
            }
            Stmt::With(s) => {
                for item in &s.items {
                    self.expr(&item.context_expr);
                    self.opt(item.optional_vars.as_deref());
                }
                self.body(&s.body);
            }
            Stmt::Match(s) => {
                self.expr(&s.subject);
                for case in &s.cases {
                    self.pattern(&case.pattern);
                    self.opt(case.guard.as_deref());
                    self.body(&case.body);
                }
            }
            Stmt::Raise(s) => {
                self.opt(s.exc.as_deref());
                self.opt(s.cause.as_deref());
            }
            Stmt::Try(s) => {
                self.body(&s.body);
                for ast::ExceptHandler::ExceptHandler(handler) in &s.handlers {
                    self.opt(handler.type_.as_deref());
                    if let Some(name) = &handler.name {
                        self.bind(name);
                    }
                    self.body(&handler.body);
                }
                self.body(&s.orelse);
                self.body(&s.finalbody);
            }
            Stmt::Assert(s) => {
                self.expr(&s.test);
                self.opt(s.msg.as_deref());
            }
            Stmt::Import(s) => {
                for alias in &s.names {
                    let name = alias.asname.as_ref().unwrap_or(&alias.name);
                    self.bind(name.split('.').next().unwrap_or_default());
                }
            }
            Stmt::ImportFrom(s) => {
                for alias in s.names.iter().filter(|alias| &alias.name != "*") {
                    self.bind(alias.asname.as_ref().unwrap_or(&alias.name));
                }
            }
            Stmt::Global(s) => {
                for name in &s.names {
                    let scope = self.scope();
                    let name = mangle(scope.class_name.as_deref(), name);
                    scope.globals.insert(name);
                }
            }
            Stmt::Nonlocal(s) => {
                for name in &s.names {
                    let scope = self.scope();
                    let name = mangle(scope.class_name.as_deref(), name);
                    scope.nonlocals.insert(name.clone());
                    self.scopes.nonlocals.push((self.current, name, s.range));
                }
            }
            Stmt::Expr(s) => self.expr(&s.value),
            Stmt::Pass(_) | Stmt::Break(_) | Stmt::Continue(_) | Stmt::IpyEscapeCommand(_) => {}
        }
    }

    fn ann_assign(&mut self, s: &ast::StmtAnnAssign) {
        let kind = self.scope().kind;
        let collected = matches!(kind, ScopeKind::Module | ScopeKind::Class) && s.simple && s.target.is_name_expr();
        if collected && !self.scopes.future_annotations {
            self.scope().annotates = true;
            let before = self.open(ScopeKind::Annotation, s.annotation.range(), Tag::Lazy, None);
            self.note_class_scope();
            self.expr(&s.annotation);
            self.current = before;
        } else if collected {
            self.scope().annotates = true;
            self.use_name("__annotations__");
        }
        self.expr(&s.target);
        self.opt(s.value.as_deref());
    }

    fn type_alias(&mut self, s: &ast::StmtTypeAlias) {
        self.expr(&s.name);
        let before = s.type_params.as_ref().map(|params| self.type_params(params));
        let inner = self.open(ScopeKind::Annotation, s.value.range(), Tag::Lazy, None);
        self.note_class_scope();
        self.expr(&s.value);
        self.current = inner;
        if let Some(before) = before {
            self.current = before;
        }
    }

    /// Open the scope of type parameters; what was current before.
    fn type_params(&mut self, params: &ast::TypeParams) -> usize {
        let before = self.open(ScopeKind::Annotation, params.range, Tag::TypeParams, None);
        self.note_class_scope();
        self.scope().params = vec![".args".to_owned(), ".kwargs".to_owned()];
        self.bind(".params");
        for param in &params.type_params {
            self.bind(param.name());
        }
        for param in &params.type_params {
            let (bound, default) = match param {
                ast::TypeParam::TypeVar(p) => (p.bound.as_deref(), p.default.as_deref()),
                ast::TypeParam::TypeVarTuple(p) => (None, p.default.as_deref()),
                ast::TypeParam::ParamSpec(p) => (None, p.default.as_deref()),
            };
            for expr in bound.into_iter().chain(default) {
                let inner = self.open(ScopeKind::Annotation, expr.range(), Tag::Lazy, None);
                self.note_class_scope();
                self.expr(expr);
                self.current = inner;
            }
        }
        before
    }

    fn function(&mut self, def: &ast::StmtFunctionDef) {
        self.exprs(def.decorator_list.iter().map(|d| &d.expression));
        self.bind(&def.name);
        self.defaults(&def.parameters);
        let before = def.type_params.as_ref().map(|params| self.type_params(params));
        let outer = self.open(ScopeKind::Annotation, def.range, Tag::Annotate, None);
        if !self.scopes.future_annotations {
            let annotations = def.parameters.iter().filter_map(|param| param.annotation());
            for annotation in annotations.chain(def.returns.as_deref()) {
                let inner = self.open(ScopeKind::Annotation, annotation.range(), Tag::Lazy, None);
                self.note_class_scope();
                self.expr(annotation);
                self.current = inner;
            }
        }
        self.current = outer;
        let inner = self.open(ScopeKind::Function, def.range, Tag::Body, None);
        self.params(&def.parameters);
        self.body(&def.body);
        self.current = inner;
        if let Some(before) = before {
            self.current = before;
        }
    }

    fn defaults(&mut self, parameters: &ast::Parameters) {
        for param in parameters.iter_non_variadic_params() {
            self.opt(param.default.as_deref());
        }
    }

    fn params(&mut self, parameters: &ast::Parameters) {
        let mut names: Vec<String> = Vec::new();
        let class = self.scope().class_name.clone();
        let mut add = |name: &str| names.push(mangle(class.as_deref(), name));
        for param in parameters.posonlyargs.iter().chain(&parameters.args).chain(&parameters.kwonlyargs) {
            add(&param.parameter.name);
        }
        for param in parameters.vararg.iter().chain(&parameters.kwarg) {
            add(&param.name);
        }
        self.scope().params = names;
    }

    fn class(&mut self, def: &ast::StmtClassDef) {
        self.exprs(def.decorator_list.iter().map(|d| &d.expression));
        self.bind(&def.name);
        let before = def.type_params.as_ref().map(|params| self.type_params(params));
        if let Some(arguments) = &def.arguments {
            self.exprs(&arguments.args);
            self.exprs(arguments.keywords.iter().map(|k| &k.value));
        }
        let inner = self.open(ScopeKind::Class, def.range, Tag::Body, Some(def.name.to_string()));
        for name in ["__module__", "__qualname__", "__firstlineno__", "__doc__", "__annotate_func__", "__classcell__"] {
            self.bind(name);
        }
        self.body(&def.body);
        self.current = inner;
        if let Some(before) = before {
            self.current = before;
        }
    }

    fn pattern(&mut self, pattern: &Pattern) {
        match pattern {
            Pattern::MatchValue(p) => self.expr(&p.value),
            Pattern::MatchSingleton(_) => {}
            Pattern::MatchSequence(p) => p.patterns.iter().for_each(|p| self.pattern(p)),
            Pattern::MatchMapping(p) => {
                self.exprs(&p.keys);
                p.patterns.iter().for_each(|p| self.pattern(p));
                if let Some(rest) = &p.rest {
                    self.bind(rest);
                }
            }
            Pattern::MatchClass(p) => {
                self.expr(&p.cls);
                p.arguments.patterns.iter().for_each(|p| self.pattern(p));
                p.arguments.keywords.iter().for_each(|k| self.pattern(&k.pattern));
            }
            Pattern::MatchStar(p) => {
                if let Some(name) = &p.name {
                    self.bind(name);
                }
            }
            Pattern::MatchAs(p) => {
                if let Some(pattern) = &p.pattern {
                    self.pattern(pattern);
                }
                if let Some(name) = &p.name {
                    self.bind(name);
                }
            }
            Pattern::MatchOr(p) => p.patterns.iter().for_each(|p| self.pattern(p)),
        }
    }

    fn comprehension(&mut self, range: TextRange, elements: &[&Expr], generators: &[ast::Comprehension]) {
        let Some(first) = generators.first() else { return };
        self.expr(&first.iter);
        let before = self.open(ScopeKind::Comprehension, range, Tag::Body, None);
        self.scope().params = vec![".0".to_owned()];
        for (index, generator) in generators.iter().enumerate() {
            if index > 0 {
                self.expr(&generator.iter);
            }
            if generator.is_async {
                self.scope().has_await = true;
            }
            self.expr(&generator.target);
            self.exprs(&generator.ifs);
        }
        self.exprs(elements.iter().copied());
        self.current = before;
    }

    fn walrus(&mut self, name: &str) {
        // Binds in the nearest scope around that is no comprehension.
        let mut at = self.current;
        let inside = self.scopes.all[at].kind == ScopeKind::Comprehension;
        if !inside {
            return self.bind(name);
        }
        while self.scopes.all[at].kind == ScopeKind::Comprehension {
            match self.scopes.all[at].parent {
                Some(parent) => at = parent,
                None => break,
            }
        }
        let target = &mut self.scopes.all[at];
        let name = mangle(target.class_name.as_deref(), name);
        let module = target.kind == ScopeKind::Module || target.globals.contains(&name);
        target.bound.insert(name.clone());
        let mut inner = self.current;
        while inner != at {
            let scope = &mut self.scopes.all[inner];
            let list = if module { &mut scope.globals } else { &mut scope.nonlocals };
            list.insert(name.clone());
            match scope.parent {
                Some(parent) => inner = parent,
                None => break,
            }
        }
    }

    fn interpolations(&mut self, elements: &ast::InterpolatedStringElements) {
        for element in elements.interpolations() {
            self.expr(&element.expression);
            if let Some(spec) = &element.format_spec {
                self.interpolations(&spec.elements);
            }
        }
    }

    fn expr(&mut self, expr: &Expr) {
        match expr {
            Expr::BoolOp(e) => self.exprs(&e.values),
            Expr::Named(e) => {
                if let Expr::Name(name) = &*e.target {
                    self.walrus(&name.id);
                }
                self.expr(&e.value);
            }
            Expr::BinOp(e) => {
                self.expr(&e.left);
                self.expr(&e.right);
            }
            Expr::UnaryOp(e) => self.expr(&e.operand),
            Expr::Lambda(e) => {
                if let Some(parameters) = &e.parameters {
                    self.defaults(parameters);
                }
                let before = self.open(ScopeKind::Function, e.range, Tag::Body, None);
                if let Some(parameters) = &e.parameters {
                    self.params(parameters);
                }
                self.expr(&e.body);
                self.current = before;
            }
            Expr::If(e) => {
                self.expr(&e.test);
                self.expr(&e.body);
                self.expr(&e.orelse);
            }
            Expr::Dict(e) => {
                for item in &e.items {
                    self.opt(item.key.as_ref());
                    self.expr(&item.value);
                }
            }
            Expr::Set(e) => self.exprs(&e.elts),
            Expr::ListComp(e) => self.comprehension(e.range, &[&e.elt], &e.generators),
            Expr::SetComp(e) => self.comprehension(e.range, &[&e.elt], &e.generators),
            Expr::DictComp(e) => match &e.key {
                Some(key) => self.comprehension(e.range, &[key, &e.value], &e.generators),
                None => self.comprehension(e.range, &[&e.value], &e.generators),
            },
            Expr::Generator(e) => self.comprehension(e.range, &[&e.elt], &e.generators),
            Expr::Await(e) => {
                self.scope().has_await = true;
                self.expr(&e.value);
            }
            Expr::Yield(e) => {
                self.scope().has_yield = true;
                self.opt(e.value.as_deref());
            }
            Expr::YieldFrom(e) => {
                self.scope().has_yield = true;
                self.expr(&e.value);
            }
            Expr::Compare(e) => {
                self.expr(&e.left);
                self.exprs(&e.comparators);
            }
            Expr::Call(e) => {
                self.expr(&e.func);
                self.exprs(&e.arguments.args);
                self.exprs(e.arguments.keywords.iter().map(|k| &k.value));
            }
            Expr::FString(e) => {
                for part in &e.value {
                    if let ast::FStringPart::FString(part) = part {
                        self.interpolations(&part.elements);
                    }
                }
            }
            Expr::TString(e) => {
                for part in &e.value {
                    self.interpolations(&part.elements);
                }
            }
            Expr::Attribute(e) => self.expr(&e.value),
            Expr::Subscript(e) => {
                self.expr(&e.value);
                self.expr(&e.slice);
            }
            Expr::Starred(e) => self.expr(&e.value),
            Expr::Name(e) => match e.ctx {
                ExprContext::Load | ExprContext::Invalid => self.use_name(&e.id),
                ExprContext::Store | ExprContext::Del => self.bind(&e.id),
            },
            Expr::List(e) => self.exprs(&e.elts),
            Expr::Tuple(e) => self.exprs(&e.elts),
            Expr::Slice(e) => {
                self.opt(e.lower.as_deref());
                self.opt(e.upper.as_deref());
                self.opt(e.step.as_deref());
            }
            Expr::StringLiteral(_)
            | Expr::BytesLiteral(_)
            | Expr::NumberLiteral(_)
            | Expr::BooleanLiteral(_)
            | Expr::NoneLiteral(_)
            | Expr::EllipsisLiteral(_)
            | Expr::IpyEscapeCommand(_) => {}
        }
    }
}
