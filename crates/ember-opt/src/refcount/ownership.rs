//! Which values own a reference.
//!
//! Every value belongs to a *root*: itself, or for operations with [`Ownership::Alias`] the root of the first operand. Whatever is said of references is said of
//! roots. An address inside an object has the object for its root, so that whoever uses it keeps the object alive. A root is of one [`Class`]; block parameters get theirs by an optimistic fixpoint over the arguments passed to them.

use cranelift_entity::{EntityRef, SecondaryMap};
use ember_hir::cfg::Cfg;
use ember_hir::ops::{Ownership, Region};
use ember_hir::{Function, Inst, Op, Type, Value};

/// How references to a root are kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub enum Class {
    /// Not a reference, or one to an immortal object or NULL.
    #[default]
    Uncounted,
    /// Somebody else keeps the object alive until the function returns.
    Stable,
    /// The definition hands over a reference.
    Owned,
    /// The definition borrows; a reference of our own is taken right after it.
    Unstable,
    /// The definition borrows, and nothing is released before the last use (see [`super::borrow`]).
    Borrowed,
}

impl Class {
    /// Whether this function holds a reference of its own while the root is live.
    #[must_use]
    pub fn is_owned(self) -> bool {
        matches!(self, Class::Owned | Class::Unstable)
    }
}

/// Roots and their classes.
#[derive(Debug)]
pub struct Ownerships {
    roots: SecondaryMap<Value, u32>,
    classes: SecondaryMap<Value, Class>,
}

/// Whether a value is an address inside the object which is the first operand: it is good for as long as that is alive.
fn is_interior(func: &Function, op: &Op, value: Value) -> bool {
    op.ownership() == Ownership::Unstable && func.ty(value).is(Type::CPtr)
}

impl Ownerships {
    /// Analyses the reachable part of `func`.
    #[must_use]
    pub fn new(func: &Function, cfg: &Cfg) -> Ownerships {
        let mut this = Ownerships {
            roots: SecondaryMap::with_default(u32::MAX),
            classes: SecondaryMap::with_capacity(func.values.len()),
        };
        this.roots.resize(func.values.len());
        for &block in &cfg.rpo {
            for &param in &func.blocks[block].params {
                this.classes[param] = if func.ty(param).is_counted() { Class::Stable } else { Class::Uncounted };
            }
            for &inst in &func.blocks[block].insts {
                let data = &func.insts[inst];
                if let (Some(result), Some(&arg)) = (data.result.expand(), data.args.first())
                    && (data.op.ownership() == Ownership::Alias || is_interior(func, &data.op, result))
                {
                    this.roots[result] = this.root(arg).index() as u32;
                }
            }
        }
        while this.propagate(func, cfg) {}
        this
    }

    /// One round of the fixpoint; whether a parameter turned out to need a reference.
    fn propagate(&mut self, func: &Function, cfg: &Cfg) -> bool {
        let mut changed = false;
        for &block in &cfg.rpo {
            for &inst in &func.blocks[block].insts {
                if let Some(result) = func.insts[inst].result.expand() {
                    self.classes[result] = self.definition_class(func, inst, result);
                }
            }
            for call in func.successors(block) {
                for (&arg, &param) in call.args.iter().zip(&func.blocks[call.block].params) {
                    if self.classes[param] == Class::Stable && self.class(arg).is_owned() {
                        self.classes[param] = Class::Owned;
                        changed = true;
                    }
                }
            }
        }
        changed
    }

    fn definition_class(&self, func: &Function, inst: Inst, result: Value) -> Class {
        let data = &func.insts[inst];
        if !func.ty(result).is_counted() {
            return Class::Uncounted;
        }
        match data.op.ownership() {
            Ownership::Owned => Class::Owned,
            Ownership::Stable => Class::Stable,
            Ownership::Uncounted | Ownership::Alias => Class::Uncounted,
            Ownership::Unstable => match data.op {
                Op::LoadField { region: Region::Immutable, .. } | Op::LoadIndexed { region: Region::Immutable, .. }
                    if self.is_kept(func, data.args[0]) =>
                {
                    Class::Stable
                }
                _ => Class::Unstable,
            },
        }
    }

    /// Whether the object stays alive as long as the function runs.
    fn is_kept(&self, func: &Function, value: Value) -> bool {
        match self.class(value) {
            Class::Stable => true,
            Class::Uncounted => !func.ty(self.root(value)).is_primitive(),
            Class::Owned | Class::Unstable | Class::Borrowed => false,
        }
    }

    /// The root of a value.
    #[must_use]
    pub fn root(&self, value: Value) -> Value {
        match self.roots[value] {
            u32::MAX => value,
            root => Value::from_u32(root),
        }
    }

    /// Makes an unstable root a borrowed one.
    pub fn set_borrowed(&mut self, root: Value) {
        self.classes[root] = Class::Borrowed;
    }

    /// The class of a value's root.
    #[must_use]
    pub fn class(&self, value: Value) -> Class {
        self.classes[self.root(value)]
    }
}
