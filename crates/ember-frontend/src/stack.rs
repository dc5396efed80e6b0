//! The abstract interpreter's state: what each local and each stack slot holds.

use ember_hir::Value;

/// Locals and operand stack at a point of the bytecode.
///
/// Values may be machine values (the outcome of a comparison, an unboxed int): they are boxed when an object is needed, and the box then replaces
/// the machine value everywhere in the state, so that a Python object has one identity.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct State {
    /// Locals, cells and free variables; `None` is certainly unbound, a value may be NULL if its type says so.
    pub locals: Vec<Option<Value>>,
    /// The operand stack, bottom first.
    pub stack: Vec<Value>,
}

impl State {
    /// Puts `new` wherever `old` is.
    pub fn replace(&mut self, old: Value, new: Value) {
        let slots = self.locals.iter_mut().flatten().chain(&mut self.stack);
        slots.filter(|slot| **slot == old).for_each(|slot| *slot = new);
    }
}
