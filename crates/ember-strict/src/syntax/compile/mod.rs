//! From the tree to code: what is common to statements and expressions.
//!
//! One [`Unit`] is compiled for each scope; units stand on a stack while the tree is walked. `blocks` are the regions that
//! a `break`, `continue` or `return` has to leave in an orderly way, innermost last.

mod expr;
mod function;
mod pattern;
mod regions;
mod stmt;

use super::code::{Code, CodeKind, Const, ImportSpec, Ix, Op, Span};
use super::scope::{Place, ScopeKind, Scopes, Tag, mangle};
use crate::heap::T;
use crate::source::Source;
use crate::value::Str;
use ruff_python_ast::{self as ast, Expr, Stmt};
use ruff_python_parser::{Mode, ParseOptions};
use ruff_text_size::{Ranged, TextRange};
use rustc_hash::FxHashMap;
use std::sync::Arc;

/// Why a source could not be compiled.
#[derive(Clone, Debug)]
pub struct SyntaxError {
    /// What is wrong, in the words of CPython where there are some.
    pub message: String,
    /// Where.
    pub span: Span,
    /// Whose fault it is.
    pub fault: Fault,
}

/// Why there is no code for a source.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Fault {
    /// It is wrong, and CPython says so, too.
    Source,
    /// CPython may accept it: this is a limit of the analysis.
    Limit,
    /// The file could not be read.
    File,
    /// The analyser panicked.
    Analyser,
}

impl SyntaxError {
    /// The exception that CPython raises for it.
    pub fn class(&self) -> T {
        let indentation = self.message.contains("ndentation") || self.message.contains("an indented block");
        if indentation { T::IndentationError } else { T::SyntaxError }
    }
}

type R<T = ()> = Result<T, SyntaxError>;

/// A region that a jump out of it has to leave in an orderly way.
enum Block<'a> {
    Loop {
        start: Ix,
        breaks: Vec<usize>,
        is_for: bool,
    },
    Try,
    Finally(&'a [Stmt]),
    FinallyEnd,
    /// A value to be returned waits below the body of a `finally`, which may leave by itself.
    Value,
    With,
    Handler {
        name: Option<&'a str>,
    },
    StarHandler {
        name: Option<&'a str>,
    },
}

/// A code in the making.
struct Unit<'a> {
    scope: usize,
    name: Str,
    qualname: String,
    kind: CodeKind,
    ops: Vec<Op>,
    spans: Vec<Span>,
    consts: Vec<Const>,
    const_texts: FxHashMap<Str, Ix>,
    names: Vec<Str>,
    name_index: FxHashMap<String, Ix>,
    children: Vec<Arc<Code>>,
    imports: Vec<ImportSpec>,
    statements: Vec<u32>,
    blocks: Vec<Block<'a>>,
    docstring: Option<Str>,
    span: Span,
}

/// The compiler of one source.
pub struct Compiler<'a> {
    source: Arc<Source>,
    scopes: &'a Scopes,
    units: Vec<Unit<'a>>,
    span: Span,
    interned: FxHashMap<String, Str>,
    /// Every `import __strict__`.
    flags: Vec<Span>,
    /// Imports from `__strict__` that are not at the top level.
    marks: Vec<Span>,
}

impl std::hash::Hash for Str {
    fn hash<H: std::hash::Hasher>(&self, state: &mut H) {
        state.write_u64(Str::hash(self));
    }
}

fn span(range: TextRange) -> Span {
    (range.start().into(), range.end().into())
}

/// Parse and compile a module.
pub fn compile_module(source: &Arc<Source>) -> R<Arc<Code>> {
    let body = parse(source)?;
    let range = TextRange::new(0.into(), u32::try_from(source.text.len()).unwrap_or(u32::MAX).into());
    let scopes = Scopes::of_module(&body, range);
    if let Some((name, at)) = scopes.unbound_nonlocal() {
        let message = format!("no binding for nonlocal '{name}' found");
        return Err(SyntaxError { message, span: span(at), fault: Fault::Source });
    }
    let mut compiler = Compiler::new(source, &scopes);
    compiler.module(&body, range)
}

/// Parse and compile an expression, as for `eval`.
pub fn compile_expression(source: &Arc<Source>) -> R<Arc<Code>> {
    check_depth(source)?;
    let parsed = ruff_python_parser::parse_expression(source.text.trim_start()).map_err(|error| SyntaxError {
        message: error.error.to_string(),
        span: span(error.location),
        fault: Fault::Source,
    })?;
    let expr = parsed.into_expr();
    let range = TextRange::new(0.into(), u32::try_from(source.text.len() + 1).unwrap_or(u32::MAX).into());
    let scopes = Scopes::of_expression(&expr, range);
    let mut compiler = Compiler::new(source, &scopes);
    compiler.open(range, Tag::Top, "<expression>", CodeKind::Expression)?;
    compiler.expr(&expr)?;
    compiler.emit(Op::Return);
    Ok(compiler.close())
}

fn check_depth(source: &Source) -> R {
    match super::depth::too_deep(&source.text) {
        Some((message, limit)) => {
            let fault = if limit { Fault::Limit } else { Fault::Source };
            Err(SyntaxError { message: message.to_owned(), span: (0, 0), fault })
        }
        None => Ok(()),
    }
}

/// The statements of a source, or its first syntax error.
pub fn parse(source: &Source) -> R<Vec<Stmt>> {
    check_depth(source)?;
    let options = ParseOptions::from(Mode::Module).with_target_version(super::rules::VERSION);
    let Some(parsed) = ruff_python_parser::parse_unchecked(&source.text, options).try_into_module() else {
        return Err(SyntaxError { message: "no module".to_owned(), span: (0, 0), fault: Fault::Limit });
    };
    if let Some(error) = parsed.errors().first() {
        return Err(SyntaxError { message: error.error.to_string(), span: span(error.location), fault: Fault::Source });
    }
    if let Some(error) = parsed.unsupported_syntax_errors().first() {
        return Err(SyntaxError { message: error.to_string(), span: span(error.range), fault: Fault::Source });
    }
    super::rules::check(parsed.suite(), &source.text)?;
    Ok(parsed.into_suite().into_iter().collect())
}

impl<'a> Compiler<'a> {
    fn new(source: &Arc<Source>, scopes: &'a Scopes) -> Compiler<'a> {
        Compiler {
            source: source.clone(),
            scopes,
            units: Vec::new(),
            span: (0, 0),
            interned: FxHashMap::default(),
            flags: Vec::new(),
            marks: Vec::new(),
        }
    }

    fn module(&mut self, body: &'a [Stmt], range: TextRange) -> R<Arc<Code>> {
        self.open(range, Tag::Top, "<module>", CodeKind::Module)?;
        let body = self.docstring(body, true);
        if self.scope().annotates && self.scopes.future_annotations {
            self.emit(Op::SetupAnnotations);
        }
        let flag = body.iter().find(|stmt| !is_future(stmt)).filter(|stmt| is_flag(stmt));
        for stmt in body {
            let at = self.here();
            self.unit().statements.push(at);
            self.stmt(stmt)?;
        }
        let flag = flag.map(|stmt| span(stmt.range()));
        let at = self.here();
        self.unit().statements.push(at);
        if self.scope().annotates && !self.scopes.future_annotations {
            self.emit(Op::StoreAnnotate(true));
        }
        self.constant(Const::None);
        self.emit(Op::Return);
        let mut code = self.close();
        if let Some(code) = Arc::get_mut(&mut code) {
            code.strict = flag.is_some();
            code.misplaced_marks = std::mem::take(&mut self.marks);
            code.misplaced_flags = std::mem::take(&mut self.flags);
            code.misplaced_flags.retain(|at| Some(*at) != flag);
        }
        Ok(code)
    }

    /// Take a docstring off a body; a module's or class's is stored.
    fn docstring(&mut self, body: &'a [Stmt], store: bool) -> &'a [Stmt] {
        let Some((Stmt::Expr(first), rest)) = body.split_first() else { return body };
        let Expr::StringLiteral(text) = &*first.value else { return body };
        let text = self.text(&clean_doc(text.value.to_str()));
        self.unit().docstring = Some(text.clone());
        if store {
            self.at(first.range());
            self.constant(Const::Str(text));
            self.store_name("__doc__");
        }
        rest
    }

    fn open(&mut self, range: TextRange, tag: Tag, name: &str, kind: CodeKind) -> R {
        let Some(scope) = self.scopes.find(range, tag) else {
            return Err(SyntaxError {
                message: "scope without a name table".to_owned(),
                span: span(range),
                fault: Fault::Limit,
            });
        };
        if self.units.len() > 90 {
            return Err(SyntaxError {
                message: "functions and classes that nest too deeply".to_owned(),
                span: span(range),
                fault: Fault::Limit,
            });
        }
        let qualname = self.qualname(name);
        self.units.push(Unit {
            scope,
            name: name.into(),
            qualname,
            kind,
            ops: Vec::new(),
            spans: Vec::new(),
            consts: Vec::new(),
            const_texts: FxHashMap::default(),
            names: Vec::new(),
            name_index: FxHashMap::default(),
            children: Vec::new(),
            imports: Vec::new(),
            statements: Vec::new(),
            blocks: Vec::new(),
            docstring: None,
            span: span(range),
        });
        Ok(())
    }

    fn qualname(&self, name: &str) -> String {
        let outer = self.units.iter().rev().find(|unit| self.scopes.all[unit.scope].kind != ScopeKind::Annotation);
        match outer {
            Some(unit) if unit.kind == CodeKind::Class => format!("{}.{name}", unit.qualname),
            Some(unit) if unit.kind == CodeKind::Function => format!("{}.<locals>.{name}", unit.qualname),
            _ => name.to_owned(),
        }
    }

    fn close(&mut self) -> Arc<Code> {
        let Some(unit) = self.units.pop() else { unreachable!("closes what was opened") };
        let scope = &self.scopes.all[unit.scope];
        let intern = |names: &[String], table: &mut FxHashMap<String, Str>| -> Vec<Str> {
            names.iter().map(|name| table.entry(name.clone()).or_insert_with(|| name.as_str().into()).clone()).collect()
        };
        let cell_params =
            scope.cells.iter().map(|cell| scope.params.iter().position(|p| p == cell).map(|p| p as u32)).collect();
        Arc::new(Code {
            name: unit.name,
            qualname: unit.qualname.as_str().into(),
            kind: unit.kind,
            source: self.source.clone(),
            ops: unit.ops,
            spans: unit.spans,
            consts: unit.consts,
            names: unit.names,
            varnames: intern(&scope.varnames, &mut self.interned),
            cellvars: intern(&scope.cells, &mut self.interned),
            freevars: intern(&scope.frees, &mut self.interned),
            cell_params,
            children: unit.children,
            imports: unit.imports,
            argcount: 0,
            posonly: 0,
            kwonly: 0,
            varargs: false,
            varkw: false,
            is_generator: scope.has_yield,
            is_async: false,
            statements: unit.statements,
            docstring: unit.docstring,
            span: unit.span,
            strict: false,
            misplaced_flags: Vec::new(),
            misplaced_marks: Vec::new(),
        })
    }

    fn unit(&mut self) -> &mut Unit<'a> {
        let last = self.units.len() - 1;
        &mut self.units[last]
    }

    fn scope(&self) -> &'a super::scope::Scope {
        &self.scopes.all[self.units[self.units.len() - 1].scope]
    }

    fn at(&mut self, range: TextRange) {
        self.span = span(range);
    }

    fn here(&mut self) -> Ix {
        self.unit().ops.len() as Ix
    }

    fn emit(&mut self, op: Op) -> usize {
        let span = self.span;
        let unit = self.unit();
        unit.ops.push(op);
        unit.spans.push(span);
        unit.ops.len() - 1
    }

    /// Let the jump at `at` lead here.
    fn land(&mut self, at: usize) {
        let here = self.here();
        self.retarget(at, here);
    }

    fn retarget(&mut self, at: usize, to: Ix) {
        match &mut self.unit().ops[at] {
            Op::Jump(t)
            | Op::JumpIfFalse(t)
            | Op::JumpIfTrue(t)
            | Op::JumpIfFalseKeep(t)
            | Op::JumpIfTrueKeep(t)
            | Op::ForIter(t)
            | Op::Setup(t)
            | Op::SetupWith(t) => *t = to,
            _ => {}
        }
    }

    fn text(&mut self, text: &str) -> Str {
        if let Some(known) = self.interned.get(text) {
            return known.clone();
        }
        let new: Str = text.into();
        self.interned.insert(text.to_owned(), new.clone());
        new
    }

    fn name_ix(&mut self, name: &str) -> Ix {
        if let Some(ix) = self.unit().name_index.get(name) {
            return *ix;
        }
        let text = self.text(name);
        let unit = self.unit();
        let ix = unit.names.len() as Ix;
        unit.names.push(text);
        unit.name_index.insert(name.to_owned(), ix);
        ix
    }

    fn const_ix(&mut self, constant: Const) -> Ix {
        let unit = self.unit();
        if let Const::Str(text) = &constant
            && let Some(ix) = unit.const_texts.get(text)
        {
            return *ix;
        }
        let ix = unit.consts.len() as Ix;
        if let Const::Str(text) = &constant {
            unit.const_texts.insert(text.clone(), ix);
        }
        unit.consts.push(constant);
        ix
    }

    fn constant(&mut self, constant: Const) {
        let ix = self.const_ix(constant);
        self.emit(Op::Const(ix));
    }

    fn const_text(&mut self, text: &str) {
        let text = self.text(text);
        self.constant(Const::Str(text));
    }

    fn attr_name(&mut self, name: &str) -> Ix {
        let mangled = mangle(self.scope().class_name.as_deref(), name);
        self.name_ix(&mangled)
    }

    fn place(&self, name: &str) -> Place {
        self.scope().places.get(name).copied().unwrap_or(match self.scope().kind {
            ScopeKind::Module | ScopeKind::Class => Place::Name,
            _ => Place::Global,
        })
    }

    fn fast_ix(&self, name: &str) -> Ix {
        self.scope().varnames.iter().position(|n| n == name).unwrap_or(0) as Ix
    }

    fn deref_ix(&self, name: &str) -> Ix {
        let scope = self.scope();
        let own = scope.cells.iter().position(|n| n == name);
        let free = || scope.frees.iter().position(|n| n == name).map(|n| n + scope.cells.len());
        own.or_else(free).unwrap_or(0) as Ix
    }

    /// Whether names are looked up in the namespace of a class around first.
    fn sees_class(&self) -> bool {
        self.scope().kind == ScopeKind::Annotation && self.scope().frees.iter().any(|n| n == "__classdict__")
    }

    fn load_name(&mut self, name: &str) {
        let name = mangle(self.scope().class_name.as_deref(), name);
        let place = self.place(&name);
        if self.sees_class() && matches!(place, Place::Global | Place::Free) && name != "__classdict__" {
            let dict = self.deref_ix("__classdict__");
            self.emit(Op::LoadDeref(dict));
            let ix = self.name_ix(&name);
            if place == Place::Free {
                let cell = self.deref_ix(&name);
                self.emit(Op::LoadDictOrDeref(ix, cell));
            } else {
                self.emit(Op::LoadDictOrGlobal(ix));
            }
            return;
        }
        let op = match place {
            Place::Fast => Op::LoadFast(self.fast_ix(&name)),
            Place::Cell | Place::Free => Op::LoadDeref(self.deref_ix(&name)),
            Place::Global => Op::LoadGlobal(self.name_ix(&name)),
            Place::Name => Op::LoadName(self.name_ix(&name)),
            Place::ClassFree => Op::LoadClassDeref(self.name_ix(&name), self.deref_ix(&name)),
        };
        self.emit(op);
    }

    fn store_name(&mut self, name: &str) {
        let name = mangle(self.scope().class_name.as_deref(), name);
        let op = match self.place(&name) {
            Place::Fast => Op::StoreFast(self.fast_ix(&name)),
            Place::Cell | Place::Free => Op::StoreDeref(self.deref_ix(&name)),
            Place::Global => Op::StoreGlobal(self.name_ix(&name)),
            Place::Name | Place::ClassFree => Op::StoreName(self.name_ix(&name)),
        };
        self.emit(op);
    }

    fn delete_name(&mut self, name: &str) {
        let name = mangle(self.scope().class_name.as_deref(), name);
        let op = match self.place(&name) {
            Place::Fast => Op::DeleteFast(self.fast_ix(&name)),
            Place::Cell | Place::Free => Op::DeleteDeref(self.deref_ix(&name)),
            Place::Global => Op::DeleteGlobal(self.name_ix(&name)),
            Place::Name | Place::ClassFree => Op::DeleteName(self.name_ix(&name)),
        };
        self.emit(op);
    }

    fn error<T>(&self, range: TextRange, message: &str) -> R<T> {
        Err(SyntaxError { message: message.to_owned(), span: span(range), fault: Fault::Source })
    }

    /// An annotation as text: what a string says, unless all annotations are texts.
    fn annotation_text(&self, annotation: &Expr) -> String {
        match annotation {
            Expr::StringLiteral(text) if !self.scopes.future_annotations => text.value.to_str().to_owned(),
            _ => self.source_text(annotation.range()).to_owned(),
        }
    }

    fn source_text(&self, range: TextRange) -> &str {
        self.source.text.get(range.start().to_usize()..range.end().to_usize()).unwrap_or_default()
    }
}

fn is_future(stmt: &Stmt) -> bool {
    matches!(stmt, Stmt::ImportFrom(import) if import.module.as_ref().is_some_and(|module| module == "__future__"))
}

/// `import __strict__` or `import __static__`, alone.
fn is_flag(stmt: &Stmt) -> bool {
    let Stmt::Import(import) = stmt else { return false };
    matches!(import.names.as_slice(), [alias] if alias.asname.is_none() && is_flag_name(&alias.name))
}

/// Whether a module is one that only strict modules import.
pub fn is_flag_name(name: &str) -> bool {
    matches!(name, "__strict__" | "__static__")
}

/// A docstring without the indentation that all its lines share, as CPython keeps it.
fn clean_doc(text: &str) -> String {
    let indent = text
        .split('\n')
        .skip(1)
        .filter(|line| !line.trim_matches([' ', '\t']).is_empty())
        .map(|line| line.len() - line.trim_start_matches([' ', '\t']).len())
        .min()
        .unwrap_or(0);
    let mut lines = text.split('\n');
    let mut out = lines.next().unwrap_or_default().trim_start_matches([' ', '\t']).to_owned();
    for line in lines {
        out.push('\n');
        out.push_str(line.get(indent..).filter(|_| line.len() > indent).unwrap_or(""));
    }
    out
}

/// The names a parameter list declares, in the order of a frame's variables.
fn layout(code: &mut Code, parameters: &ast::Parameters) {
    code.posonly = parameters.posonlyargs.len();
    code.argcount = parameters.posonlyargs.len() + parameters.args.len();
    code.kwonly = parameters.kwonlyargs.len();
    code.varargs = parameters.vararg.is_some();
    code.varkw = parameters.kwarg.is_some();
}
