//! What is known of values: constants, callables, facts that guards have checked.

use crate::builder::{Builder, Fact};
use crate::refusal::Refusal;
use crate::snapshot::{Callable, ConstInfo, KnownObject};
use ember_hir::{ConstData, ConstId, Op, Type, Value};

impl<'a> Builder<'a> {
    /// Whether a fact about an object is known. Facts are about memory, not about the value: they do not survive arbitrary code.
    #[must_use]
    pub fn holds(&self, value: Value, fact: Fact) -> bool {
        self.facts.contains(&(self.root(value), fact))
    }

    /// Notes a fact that has been checked on the way to this point.
    pub fn learn(&mut self, value: Value, fact: Fact) {
        self.facts.insert((self.root(value), fact));
    }

    /// Forgets all facts: an object was released, which may run a finaliser.
    pub fn forget_facts(&mut self) {
        self.facts.clear();
    }

    /// The identity of an object constant.
    pub fn const_id(&mut self, info: &ConstInfo) -> ConstId {
        self.const_data(info.to_data())
    }

    fn const_data(&mut self, data: ConstData) -> ConstId {
        let func = &mut self.func;
        *self.consts.entry((data.address, data.text.clone())).or_insert_with(|| func.consts.push(data))
    }

    /// An object constant.
    pub fn constant(&mut self, info: &ConstInfo) -> Value {
        let id = self.const_id(info);
        self.emit_value(Op::Const { id }, &[])
    }

    fn immortal(&mut self, address: u64, ty: Type, int: Option<i64>, text: &str) -> Value {
        let id = self.const_data(ConstData { address, ty: ty.immortal(), int, double: None, text: text.to_owned() });
        self.emit_value(Op::Const { id }, &[])
    }

    /// `None`.
    pub fn none(&mut self) -> Value {
        self.immortal(self.snapshot.well_known.none, Type::NoneType, None, "None")
    }

    /// `True`.
    pub fn r#true(&mut self) -> Value {
        self.immortal(self.snapshot.well_known.r#true, Type::Bool, Some(1), "True")
    }

    /// A small int.
    pub fn small_int(&mut self, value: i64) -> Value {
        let table = self.snapshot.well_known.small_ints;
        let address = table.first.wrapping_add((value.wrapping_sub(table.min) as u64).wrapping_mul(table.size));
        self.immortal(address, Type::Long, Some(value), &value.to_string())
    }

    /// An object of which it is known what it does when called.
    pub fn known_object(&mut self, known: &'a KnownObject) -> Value {
        let value = self.constant(&known.object);
        self.note_callable(known);
        value
    }

    /// Leaves unless the value is this object; what it does when called is then known. Replaces it in the state.
    pub fn guard_is(&mut self, value: Value, known: &'a KnownObject) -> Value {
        let id = self.note_callable(known);
        if self.known_id(value) == Some(id) {
            return value;
        }
        let guarded = self.emit_value(Op::GuardIs { id }, &[value]);
        self.state.replace(value, guarded);
        guarded
    }

    fn note_callable(&mut self, known: &'a KnownObject) -> ConstId {
        let id = self.const_id(&known.object);
        self.callables.insert(id, &known.callable);
        id
    }

    /// What a value does when called, if it is a known object.
    #[must_use]
    pub fn callable(&self, value: Value) -> Option<&'a Callable> {
        self.callables.get(&self.known_id(value)?).copied()
    }

    /// Which constant a value is, by definition or by a guard.
    #[must_use]
    pub fn known_id(&self, mut value: Value) -> Option<ConstId> {
        loop {
            let data = &self.func.insts[self.func.def_inst(value)?];
            match data.op {
                Op::Const { id } | Op::GuardIs { id } => return Some(id),
                Op::GuardType { .. } | Op::GuardClass { .. } | Op::GuardNotNull | Op::Refine { .. } => {
                    value = data.args[0];
                }
                _ => return None,
            }
        }
    }

    /// NULL.
    pub fn null(&mut self) -> Value {
        self.emit_null()
    }

    /// A machine integer.
    pub fn int(&mut self, value: i64) -> Value {
        self.emit_value(Op::CInt { value }, &[])
    }

    /// An address.
    pub fn pointer(&mut self, address: u64) -> Value {
        self.emit_value(Op::CPtr { address }, &[])
    }

    /// A name; `None` (noted as a failure) when the index is out of range.
    pub fn name(&mut self, index: u32) -> Value {
        match self.snapshot.names.get(index as usize) {
            Some(info) => self.constant(info),
            None => {
                self.failure = Some(Refusal::Malformed);
                self.null()
            }
        }
    }

    /// What is known of the constant a value is.
    #[must_use]
    pub fn known(&self, value: Value) -> Option<&ConstData> {
        self.known_id(value).map(|id| &self.func.consts[id])
    }
}
