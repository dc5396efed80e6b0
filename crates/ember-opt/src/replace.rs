//! Values that stand for others: how passes replace values without rewriting all uses at each step.

use cranelift_entity::{EntityRef, SecondaryMap};
use ember_hir::{Function, Value};

/// A set of replacements, applied to a function at the end of a pass.
#[derive(Debug)]
pub struct Replacements {
    map: SecondaryMap<Value, u32>,
    used: bool,
}

impl Replacements {
    /// None yet.
    #[must_use]
    pub fn new(func: &Function) -> Replacements {
        let mut map = SecondaryMap::with_default(u32::MAX);
        map.resize(func.values.len());
        Replacements { map, used: false }
    }

    /// What stands for `value` now.
    #[must_use]
    pub fn get(&self, mut value: Value) -> Value {
        while self.map[value] != u32::MAX {
            value = Value::from_u32(self.map[value]);
        }
        value
    }

    /// Lets `new` stand for `old`. The definition of `new` dominates that of `old`.
    pub fn set(&mut self, old: Value, new: Value) {
        let new = self.get(new);
        if old != new {
            self.map[old] = new.index() as u32;
            self.used = true;
        }
    }

    /// Whether `value` was replaced.
    #[must_use]
    pub fn is_replaced(&self, value: Value) -> bool {
        self.map[value] != u32::MAX
    }

    /// Rewrites all uses; whether there was anything to do.
    pub fn apply(&self, func: &mut Function) -> bool {
        if !self.used {
            return false;
        }
        for block in func.blocks.values() {
            for &inst in &block.insts {
                let data = &mut func.insts[inst];
                data.args.iter_mut().for_each(|arg| *arg = self.get(*arg));
                data.targets.iter_mut().flat_map(|call| &mut call.args).for_each(|arg| *arg = self.get(*arg));
            }
        }
        for state in func.states.values_mut() {
            state.locals.iter_mut().flatten().for_each(|value| *value = self.get(*value));
            state.stack.iter_mut().for_each(|value| *value = self.get(*value));
        }
        true
    }
}
