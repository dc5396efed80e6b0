//! Attributes of classes with slots: a name cannot be both the class's and the instances'.

use super::Vm;
use crate::diagnostics::Code as Emb;
use crate::heap::Kind;
use crate::syntax::code::{Code, Op};
use crate::value::{Str, Value};

impl<'w> Vm<'w> {
    /// Report names that a class with slots made of its annotations and of what `__init__` sets has as attributes of its
    /// own, too. Held against strict modules only; see `check::judge`.
    pub fn check_members(&mut self, class: Value) {
        let Some(Kind::Class(data)) = self.kind(class) else { return };
        let name = data.name.clone();
        let Some(dict) = class.obj().and_then(|r| self.get(r).dict) else { return };
        let init = self.get_str(dict, &"__init__".into());
        let Some(Kind::Function(function)) = init.and_then(|init| self.kind(init)) else { return };
        let set: Vec<Str> = names_set(&function.code);
        for member in set {
            let Some(value) = self.get_str(dict, &member) else { continue };
            if self.is_descriptor(value) {
                continue;
            }
            self.finding(
                Emb::MemberConflict,
                format!(
                    "the class '{name}' has the attribute '{member}', and __init__ sets one of that name in instances"
                ),
                "declare it with an annotation and without a value, or give the class attribute another name",
            );
        }
    }

    fn is_descriptor(&self, value: Value) -> bool {
        self.is_data_descriptor(value) || matches!(self.kind(value), Some(Kind::Function(_) | Kind::Member(_)))
    }
}

/// The attributes that a method sets in its first parameter.
fn names_set(code: &Code) -> Vec<Str> {
    let mut names: Vec<Str> = Vec::new();
    for pair in code.ops.windows(2) {
        if let [Op::LoadFast(0), Op::StoreAttr(ix)] = pair
            && let Some(name) = code.names.get(*ix as usize)
            && !names.contains(name)
        {
            names.push(name.clone());
        }
    }
    names
}
