//! Which variable a name means, scope by scope.
//!
//! The idea: one walk over the tree makes a tree of scopes with what each binds and uses; then every used name is looked
//! up through the enclosing function scopes, which makes cells and free variables. A scope is found again by the compiler
//! through the text range of its node and a tag, since one node can have several (a class, its type parameters, its
//! annotations).

mod walk;

use indexmap::IndexSet;
use ruff_python_ast::{Expr, Stmt};
use ruff_text_size::TextRange;
use rustc_hash::{FxBuildHasher, FxHashMap};
use walk::Walk;

type Names = IndexSet<String, FxBuildHasher>;

/// What makes a scope.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum ScopeKind {
    Module,
    Class,
    Function,
    Comprehension,
    /// Evaluated later, and sees the names of a class around it.
    Annotation,
}

/// Distinguishes the scopes of one node.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Tag {
    Top,
    Body,
    Annotate,
    TypeParams,
    Lazy,
}

/// Where a name's value lives.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Place {
    Fast,
    Cell,
    Free,
    Global,
    /// A global, or a builtin; in a class or module, the namespace first.
    Name,
    /// In a class: the namespace first, then the free variable.
    ClassFree,
}

/// A scope.
#[derive(Debug)]
pub struct Scope {
    pub kind: ScopeKind,
    pub parent: Option<usize>,
    pub class_name: Option<String>,
    pub params: Vec<String>,
    bound: Names,
    uses: Names,
    globals: Names,
    nonlocals: Names,
    pub places: FxHashMap<String, Place>,
    pub varnames: Vec<String>,
    pub cells: Vec<String>,
    pub frees: Vec<String>,
    pub has_yield: bool,
    pub has_await: bool,
    /// Statements with annotations of variables, for modules and classes.
    pub annotates: bool,
}

/// All scopes of a source.
#[derive(Debug, Default)]
pub struct Scopes {
    pub all: Vec<Scope>,
    by_node: FxHashMap<(u32, u32, Tag), usize>,
    /// `from __future__ import annotations`
    pub future_annotations: bool,
    /// Names declared nonlocal: scope, name, where.
    nonlocals: Vec<(usize, String, TextRange)>,
}

fn key(range: TextRange, tag: Tag) -> (u32, u32, Tag) {
    (range.start().into(), range.end().into(), tag)
}

/// A name as it is in the class `class`: `__x` becomes `_C__x`.
pub fn mangle(class: Option<&str>, name: &str) -> String {
    match class {
        Some(class) if name.starts_with("__") && !name.ends_with("__") && !name.contains('.') => {
            let class = class.trim_start_matches('_');
            if class.is_empty() { name.to_owned() } else { format!("_{class}{name}") }
        }
        _ => name.to_owned(),
    }
}

impl Scopes {
    /// The scopes of a module's body.
    pub fn of_module(body: &[Stmt], range: TextRange) -> Scopes {
        let mut scopes = Walk::module(body, range);
        scopes.resolve();
        scopes
    }

    /// The scopes of an expression for `eval`.
    pub fn of_expression(expr: &Expr, range: TextRange) -> Scopes {
        let mut scopes = Walk::expression(expr, range);
        scopes.resolve();
        scopes
    }

    /// A name that is declared nonlocal, but no function around binds it.
    pub fn unbound_nonlocal(&self) -> Option<(&str, TextRange)> {
        let unbound =
            |(scope, name, _): &&(usize, String, TextRange)| self.all[*scope].places.get(name) != Some(&Place::Free);
        self.nonlocals.iter().find(unbound).map(|(_, name, at)| (name.as_str(), *at))
    }

    /// The scope of a node.
    pub fn find(&self, range: TextRange, tag: Tag) -> Option<usize> {
        self.by_node.get(&key(range, tag)).copied()
    }

    fn resolve(&mut self) {
        for index in 0..self.all.len() {
            let scope = &self.all[index];
            if scope.kind != ScopeKind::Module && scope.kind != ScopeKind::Class {
                let mut names = scope.params.clone();
                let locals: Vec<String> = scope
                    .bound
                    .iter()
                    .filter(|n| !scope.globals.contains(*n) && !scope.nonlocals.contains(*n))
                    .cloned()
                    .collect();
                for name in locals {
                    if !names.contains(&name) {
                        names.push(name);
                    }
                }
                for name in &names {
                    self.all[index].places.insert(name.clone(), Place::Fast);
                }
                self.all[index].varnames = names;
            }
        }
        for index in 0..self.all.len() {
            let names: Vec<String> = {
                let scope = &self.all[index];
                scope.bound.iter().chain(&scope.uses).chain(&scope.nonlocals).cloned().collect()
            };
            for name in names {
                self.place(index, &name);
            }
        }
    }

    fn place(&mut self, index: usize, name: &str) {
        let scope = &self.all[index];
        if scope.globals.contains(name) {
            self.all[index].places.insert(name.to_owned(), Place::Global);
            return;
        }
        if scope.places.contains_key(name) {
            return;
        }
        let in_class = scope.kind == ScopeKind::Class;
        let is_nonlocal = scope.nonlocals.contains(name);
        if in_class && !is_nonlocal && scope.bound.contains(name) {
            self.all[index].places.insert(name.to_owned(), Place::Name);
            return;
        }
        if scope.kind == ScopeKind::Module {
            self.all[index].places.insert(name.to_owned(), Place::Name);
            return;
        }
        let place = match self.capture(index, name) {
            true if in_class && !is_nonlocal => Place::ClassFree,
            true => Place::Free,
            false if in_class => Place::Name,
            false => Place::Global,
        };
        self.all[index].places.insert(name.to_owned(), place);
    }

    /// Make `name` a free variable of the scope if a function around it binds it.
    fn capture(&mut self, index: usize, name: &str) -> bool {
        let mut path = vec![index];
        let mut at = self.all[index].parent;
        let implicit = name == "__class__" || name == "__classdict__";
        while let Some(outer) = at {
            let scope = &mut self.all[outer];
            let owns = match scope.kind {
                ScopeKind::Module => return false,
                ScopeKind::Class => implicit,
                _ => matches!(scope.places.get(name), Some(Place::Fast | Place::Cell)),
            };
            if owns {
                if !scope.cells.iter().any(|n| n == name) {
                    scope.cells.push(name.to_owned());
                }
                if scope.kind != ScopeKind::Class {
                    scope.places.insert(name.to_owned(), Place::Cell);
                }
                for inner in path {
                    let inner = &mut self.all[inner];
                    if !inner.frees.iter().any(|n| n == name) {
                        inner.frees.push(name.to_owned());
                    }
                }
                return true;
            }
            if scope.kind != ScopeKind::Class && scope.globals.contains(name) {
                return false;
            }
            path.push(outer);
            at = scope.parent;
        }
        false
    }
}
