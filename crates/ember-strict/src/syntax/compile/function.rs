//! What opens a scope: functions, lambdas, classes, comprehensions, annotations, type parameters.

use super::expr::Made;
use super::{Compiler, R, layout};
use crate::syntax::code::{Code, CodeKind, Const, Ix, Op, make};
use crate::syntax::scope::Tag;
use ruff_python_ast::{self as ast, Expr, Stmt};
use ruff_text_size::{Ranged, TextRange};
use std::sync::Arc;

impl<'a> Compiler<'a> {
    /// Make the function of a finished child; flags say what is on the stack already.
    fn make_function(&mut self, code: Arc<Code>, mut flags: u8) {
        if !code.freevars.is_empty() {
            for name in &code.freevars {
                let ix = self.deref_ix(name);
                self.emit(Op::LoadCell(ix));
            }
            self.emit(Op::BuildTuple(code.freevars.len() as Ix));
            flags |= make::CLOSURE;
        }
        let unit = self.unit();
        let ix = unit.children.len() as Ix;
        unit.children.push(code);
        self.emit(Op::MakeFunction(ix, flags));
    }

    /// A function without parameters that gives the value of an expression when it is wanted.
    pub(super) fn lazy_function(&mut self, expr: &'a Expr, name: &str) -> R {
        let span = self.span;
        self.open(expr.range(), Tag::Lazy, name, CodeKind::Function)?;
        self.expr(expr)?;
        if expr.is_starred_expr() {
            self.emit(Op::Unpack(1));
        }
        self.emit(Op::Return);
        let code = self.close();
        self.span = span;
        self.make_function(code, 0);
        Ok(())
    }

    pub(super) fn function_def(&mut self, def: &'a ast::StmtFunctionDef) -> R {
        def.decorator_list.iter().try_for_each(|d| self.expr(&d.expression))?;
        self.at(head(def.range, &def.name));
        match &def.type_params {
            None => {
                let flags = self.defaults(&def.parameters)?;
                self.function_object(def, flags)?;
            }
            Some(params) => {
                let flags = self.defaults(&def.parameters)?;
                for (flag, empty) in [(make::DEFAULTS, Op::BuildTuple(0)), (make::KWDEFAULTS, Op::BuildMap(0))] {
                    if flags & flag == 0 {
                        self.emit(empty);
                    }
                }
                if flags & make::DEFAULTS == 0 && flags & make::KWDEFAULTS != 0 {
                    self.emit(Op::Swap(2));
                }
                self.with_type_params(params, &def.name, |this| {
                    for name in [".args", ".kwargs"] {
                        this.load_name(name);
                    }
                    this.function_object(def, make::DEFAULTS | make::KWDEFAULTS)?;
                    this.load_name(".params");
                    this.emit(Op::SetTypeParams);
                    Ok(())
                })?;
            }
        }
        for decorator in def.decorator_list.iter().rev() {
            self.at(decorator.expression.range());
            self.emit(Op::Call(1));
        }
        self.at(head(def.range, &def.name));
        self.store_name(&def.name);
        Ok(())
    }

    /// In the scope of type parameters do `body`, which leaves one value; two values on the stack are its arguments.
    fn with_type_params(&mut self, params: &'a ast::TypeParams, name: &str, body: impl FnOnce(&mut Self) -> R) -> R {
        let span = self.span;
        self.open(params.range, Tag::TypeParams, &format!("<generic parameters of {name}>"), CodeKind::Function)?;
        for param in &params.type_params {
            let (bound, default, kind) = match param {
                ast::TypeParam::TypeVar(p) => (p.bound.as_deref(), p.default.as_deref(), 0),
                ast::TypeParam::TypeVarTuple(p) => (None, p.default.as_deref(), 1),
                ast::TypeParam::ParamSpec(p) => (None, p.default.as_deref(), 2),
            };
            for part in [bound, default] {
                match part {
                    Some(expr) => self.lazy_function(expr, param.name())?,
                    None => self.constant(Const::None),
                }
            }
            let kind = if kind == 0 && bound.is_some_and(|b| b.is_tuple_expr()) { 3 } else { kind };
            let ix = self.name_ix(param.name());
            self.emit(Op::TypeParam(ix, kind));
            self.emit(Op::Dup);
            self.store_name(param.name());
        }
        self.emit(Op::BuildTuple(params.type_params.len() as Ix));
        self.store_name(".params");
        body(self)?;
        self.emit(Op::Return);
        let mut code = self.close();
        if let Some(code) = Arc::get_mut(&mut code) {
            code.argcount = 2;
        }
        self.span = span;
        // first, second → function, first, second
        self.make_function(code, 0);
        self.emit(Op::Swap(3));
        self.emit(Op::Swap(2));
        self.emit(Op::Call(2));
        Ok(())
    }

    fn defaults(&mut self, parameters: &'a ast::Parameters) -> R<u8> {
        let mut flags = 0;
        let positional = parameters.posonlyargs.iter().chain(&parameters.args).filter_map(|p| p.default.as_deref());
        let mut count = 0;
        for default in positional {
            self.expr(default)?;
            count += 1;
        }
        if count > 0 {
            self.emit(Op::BuildTuple(count));
            flags |= make::DEFAULTS;
        }
        count = 0;
        for param in &parameters.kwonlyargs {
            if let Some(default) = &param.default {
                let name = self.attr_name(&param.parameter.name);
                let name = self.unit().names[name as usize].clone();
                self.constant(Const::Str(name));
                self.expr(default)?;
                count += 1;
            }
        }
        if count > 0 {
            self.emit(Op::BuildMap(count));
            flags |= make::KWDEFAULTS;
        }
        Ok(flags)
    }

    fn function_object(&mut self, def: &'a ast::StmtFunctionDef, mut flags: u8) -> R {
        let place = head(def.range, &def.name);
        self.at(place);
        if self.annotate(def)? {
            flags |= make::ANNOTATE;
        }
        self.open(def.range, Tag::Body, &def.name, CodeKind::Function)?;
        self.at(place);
        if def.is_async {
            // Never run at import: driving a coroutine is an error.
            self.docstring(&def.body, false);
        } else {
            let body = self.docstring(&def.body, false);
            self.body(body)?;
        }
        self.constant(Const::None);
        self.emit(Op::Return);
        let mut code = self.close();
        if let Some(code) = Arc::get_mut(&mut code) {
            layout(code, &def.parameters);
            code.is_async = def.is_async;
            code.span = (place.start().into(), place.end().into());
        }
        self.at(place);
        self.make_function(code, flags);
        Ok(())
    }

    /// The function that gives a function's annotations: names, functions and texts. Whether there are any.
    fn annotate(&mut self, def: &'a ast::StmtFunctionDef) -> R<bool> {
        let mut parts: Vec<(&str, &'a Expr)> = Vec::new();
        let parameters = &def.parameters;
        let named = parameters.posonlyargs.iter().chain(&parameters.args);
        let params = named.map(|p| &p.parameter);
        let params = params.chain(parameters.vararg.as_deref());
        let params = params.chain(parameters.kwonlyargs.iter().map(|p| &p.parameter));
        for param in params.chain(parameters.kwarg.as_deref()) {
            if let Some(annotation) = &param.annotation {
                parts.push((&param.name, annotation));
            }
        }
        if let Some(returns) = &def.returns {
            parts.push(("return", returns));
        }
        if parts.is_empty() {
            return Ok(false);
        }
        self.open(def.range, Tag::Annotate, "__annotate__", CodeKind::Function)?;
        for (name, expr) in &parts {
            let name = self.attr_name(name);
            let name = self.unit().names[name as usize].clone();
            self.constant(Const::Str(name));
            if self.scopes.future_annotations {
                self.constant(Const::None);
            } else {
                self.lazy_function(expr, "__annotate__")?;
            }
            let text = self.annotation_text(expr);
            self.const_text(&text);
        }
        self.emit(Op::BuildTuple(3 * parts.len() as Ix));
        self.emit(Op::Return);
        let code = self.close();
        self.make_function(code, 0);
        Ok(true)
    }

    pub(super) fn lambda(&mut self, e: &'a ast::ExprLambda) -> R {
        let flags = match &e.parameters {
            Some(parameters) => self.defaults(parameters)?,
            None => 0,
        };
        self.open(e.range, Tag::Body, "<lambda>", CodeKind::Function)?;
        self.expr(&e.body)?;
        self.emit(Op::Return);
        let mut code = self.close();
        if let (Some(code), Some(parameters)) = (Arc::get_mut(&mut code), &e.parameters) {
            layout(code, parameters);
        }
        self.at(e.range);
        self.make_function(code, flags);
        Ok(())
    }

    pub(super) fn class_def(&mut self, def: &'a ast::StmtClassDef) -> R {
        def.decorator_list.iter().try_for_each(|d| self.expr(&d.expression))?;
        self.at(head(def.range, &def.name));
        match &def.type_params {
            None => self.class_object(def, false)?,
            Some(params) => {
                self.constant(Const::None);
                self.constant(Const::None);
                self.with_type_params(params, &def.name, |this| {
                    this.class_object(def, true)?;
                    this.emit(Op::Dup);
                    this.load_name(".params");
                    this.emit(Op::Swap(2));
                    let ix = this.name_ix("__type_params__");
                    this.emit(Op::StoreAttr(ix));
                    Ok(())
                })?;
            }
        }
        for decorator in def.decorator_list.iter().rev() {
            self.at(decorator.expression.range());
            self.emit(Op::Call(1));
        }
        self.at(head(def.range, &def.name));
        self.store_name(&def.name);
        Ok(())
    }

    fn class_object(&mut self, def: &'a ast::StmtClassDef, generic: bool) -> R {
        let place = head(def.range, &def.name);
        self.emit(Op::LoadBuildClass);
        self.class_body(&def.body, def, place)?;
        self.const_text(&def.name);
        let (args, keywords): (&'a [Expr], &'a [ast::Keyword]) = match &def.arguments {
            Some(arguments) => (&arguments.args, &arguments.keywords),
            None => (&[], &[]),
        };
        self.at(place);
        let spread = args.iter().any(|e| e.is_starred_expr()) || keywords.iter().any(|k| k.arg.is_none());
        if generic && !spread {
            // The generic base comes after the others.
            args.iter().try_for_each(|arg| self.expr(arg))?;
            self.load_name(".params");
            self.emit(Op::GenericBase);
            self.at(place);
            return self.arguments(&[], keywords, 3 + args.len());
        }
        self.arguments(args, keywords, 2)
    }

    fn class_body(&mut self, body: &'a [Stmt], def: &'a ast::StmtClassDef, place: TextRange) -> R {
        self.open(def.range, Tag::Body, &def.name, CodeKind::Class)?;
        self.at(place);
        self.load_name("__name__");
        self.store_name("__module__");
        let qualname = self.unit().qualname.clone();
        self.const_text(&qualname);
        self.store_name("__qualname__");
        let first = def.decorator_list.first().map_or(def.range.start(), |d| d.range.start());
        self.constant(Const::Int(self.source.line(first.into()) as i64));
        self.store_name("__firstlineno__");
        let cells = &self.scope().cells;
        let (has_class, has_dict) =
            (cells.iter().any(|c| c == "__class__"), cells.iter().any(|c| c == "__classdict__"));
        if has_dict {
            self.emit(Op::LoadLocals);
            let ix = self.deref_ix("__classdict__");
            self.emit(Op::StoreDeref(ix));
        }
        let body = self.docstring(body, true);
        if self.scope().annotates && self.scopes.future_annotations {
            self.emit(Op::SetupAnnotations);
        }
        self.body(body)?;
        self.at(place);
        if self.scope().annotates && !self.scopes.future_annotations {
            self.emit(Op::StoreAnnotate(false));
        }
        if has_class {
            let ix = self.deref_ix("__class__");
            self.emit(Op::LoadCell(ix));
            self.emit(Op::Dup);
            self.store_name("__classcell__");
        } else {
            self.constant(Const::None);
        }
        self.emit(Op::Return);
        let mut code = self.close();
        if let Some(code) = Arc::get_mut(&mut code) {
            code.span = (place.start().into(), place.end().into());
        }
        self.at(place);
        self.make_function(code, 0);
        Ok(())
    }

    pub(super) fn type_alias(&mut self, s: &'a ast::StmtTypeAlias) -> R {
        let name = s.name.as_name_expr().map_or("", |name| name.id.as_str());
        match &s.type_params {
            None => {
                self.emit(Op::BuildTuple(0));
                self.lazy_function(&s.value, name)?;
                let ix = self.name_ix(name);
                self.emit(Op::TypeAlias(ix));
            }
            Some(params) => {
                self.constant(Const::None);
                self.constant(Const::None);
                self.with_type_params(params, name, |this| {
                    this.load_name(".params");
                    this.lazy_function(&s.value, name)?;
                    let ix = this.name_ix(name);
                    this.emit(Op::TypeAlias(ix));
                    Ok(())
                })?;
            }
        }
        self.store(&s.name)
    }

    pub(super) fn comprehension(
        &mut self,
        range: TextRange,
        made: Made,
        key: Option<&'a Expr>,
        element: &'a Expr,
        generators: &'a [ast::Comprehension],
    ) -> R {
        let Some(first) = generators.first() else { return Ok(()) };
        let (name, empty) = match made {
            Made::List => ("<listcomp>", Some(Op::BuildList(0))),
            Made::Set => ("<setcomp>", Some(Op::BuildSet(0))),
            Made::Dict => ("<dictcomp>", Some(Op::BuildMap(0))),
            Made::Generator => ("<genexpr>", None),
        };
        self.open(range, Tag::Body, name, CodeKind::Function)?;
        if let Some(empty) = empty {
            self.emit(empty);
        }
        let is_async = generators.iter().any(|g| g.is_async);
        if !is_async {
            self.generators(made, key, element, generators, 0)?;
        }
        if made == Made::Generator {
            self.constant(Const::None);
        }
        self.emit(Op::Return);
        let mut code = self.close();
        if let Some(code) = Arc::get_mut(&mut code) {
            code.argcount = 1;
            code.is_generator = made == Made::Generator;
            code.is_async = is_async;
        }
        self.at(range);
        self.make_function(code, 0);
        self.expr(&first.iter)?;
        self.at(first.iter.range());
        if !is_async {
            self.emit(Op::GetIter);
        }
        self.at(range);
        self.emit(Op::Call(1));
        Ok(())
    }

    fn generators(
        &mut self,
        made: Made,
        key: Option<&'a Expr>,
        element: &'a Expr,
        generators: &'a [ast::Comprehension],
        depth: usize,
    ) -> R {
        let Some(generator) = generators.get(depth) else {
            if let Some(key) = key {
                self.expr(key)?;
            }
            self.expr(element)?;
            self.at(element.range());
            let depth = depth as Ix + 1;
            match made {
                Made::List => self.emit(Op::ListAppend(depth)),
                Made::Set => self.emit(Op::SetAdd(depth)),
                Made::Dict if key.is_none() => self.emit(Op::DictUpdate),
                Made::Dict => self.emit(Op::MapAdd(depth)),
                Made::Generator => {
                    self.emit(Op::Yield);
                    self.emit(Op::Pop)
                }
            };
            return Ok(());
        };
        if depth == 0 {
            self.emit(Op::LoadFast(0));
        } else {
            self.expr(&generator.iter)?;
            self.at(generator.iter.range());
            self.emit(Op::GetIter);
        }
        let start = self.here();
        let exit = self.emit(Op::ForIter(0));
        self.store(&generator.target)?;
        let mut skips = Vec::new();
        for test in &generator.ifs {
            self.condition(test, false, &mut skips)?;
        }
        self.generators(made, key, element, generators, depth + 1)?;
        skips.into_iter().for_each(|jump| self.retarget(jump, start));
        self.emit(Op::Jump(start));
        self.land(exit);
        Ok(())
    }
}

/// The place of a definition: from its beginning to its name.
fn head(range: TextRange, name: &ast::Identifier) -> TextRange {
    TextRange::new(range.start().max(name.range.start().checked_sub(6.into()).unwrap_or_default()), name.range.end())
}
