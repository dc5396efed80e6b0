//! The text format, written.
//!
//! ```text
//! function add(2) {
//! bb0(v0: Object, v1: Object):
//!   v2: CInt = CInt<3> @0
//!   v3: Object = Helper<binary_op>(v0, v1, v2) fs0 @4
//!   Return(v3) fs1 @6
//! fs0: @4 locals [v0, v1] stack [v0, v1]
//! fs1: @6 locals [v0, v1] stack [v3]
//! }
//! ```
//!
//! `?` after the operands means that the error value goes to the `BranchError` which follows ([`crate::ErrorMode::Null`]). The order is that of the blocks;
//! frame states in use follow at the end, constants (`k0 = Object "text"`) first. Reading is `parse`'s work.

use crate::function::{BlockCall, ErrorMode, FrameStateId, Function, Inst, Value};
use crate::ops::Op;
use std::collections::BTreeSet;
use std::fmt::{self, Display, Formatter};

struct List<'a, T>(&'a [T]);

impl<T: Display> Display for List<'_, T> {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        for (index, item) in self.0.iter().enumerate() {
            write!(f, "{}{item}", if index == 0 { "" } else { ", " })?;
        }
        Ok(())
    }
}

struct PrintOp<'a>(&'a Op);

impl Display for PrintOp<'_> {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        self.0.print(f)
    }
}

impl Display for BlockCall {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        write!(f, "{}({})", self.block, List(&self.args))
    }
}

fn print_inst(func: &Function, inst: Inst, f: &mut Formatter<'_>) -> fmt::Result {
    let data = &func.insts[inst];
    f.write_str("  ")?;
    if let Some(result) = data.result.expand() {
        write!(f, "{result}: {} = ", func.ty(result))?;
    }
    write!(f, "{}", PrintOp(&data.op))?;
    if !data.args.is_empty() {
        write!(f, "({})", List(&data.args))?;
    }
    for call in &data.targets {
        write!(f, " {call}")?;
    }
    if data.on_error == ErrorMode::Null {
        f.write_str(" ?")?;
    }
    if let Some(state) = data.state.expand() {
        write!(f, " {state}")?;
    }
    write!(f, " @{}", data.bci)?;
    if data.level != func.root() {
        write!(f, " {}", data.level)?;
    }
    let owned = &func.exit_owned[inst];
    if !owned.is_empty() {
        write!(f, " owns [{}]", List(owned))?;
    }
    let synced = &func.exit_synced[inst];
    if !synced.is_empty() {
        write!(f, " synced [{}]", List(synced))?;
    }
    f.write_str("\n")
}

fn print_state(func: &Function, id: FrameStateId, f: &mut Formatter<'_>) -> fmt::Result {
    let state = &func.states[id];
    let local = |value: &Option<Value>| value.map_or_else(|| "-".to_owned(), |value| value.to_string());
    write!(f, "{id}: @{} locals [", state.bci)?;
    for (index, value) in state.locals.iter().enumerate() {
        write!(f, "{}{}", if index == 0 { "" } else { ", " }, local(value))?;
    }
    write!(f, "] stack [{}]", List(&state.stack))?;
    if let Some(level) = state.level {
        write!(f, " {level}")?;
    }
    if let Some(parent) = state.parent {
        write!(f, " in {parent}")?;
    }
    f.write_str("\n")
}

impl Display for Function {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        write!(f, "function {}({}", self.name, self.levels[self.root()].nlocalsplus)?;
        for name in &self.names {
            write!(f, ", {name}")?;
        }
        f.write_str(") {\n")?;
        for (id, data) in &self.consts {
            write!(f, "{id} = {} {:?}", data.ty, data.text)?;
            if let Some(int) = data.int {
                write!(f, " int {int}")?;
            }
            if let Some(double) = data.double {
                write!(f, " double {double}")?;
            }
            f.write_str("\n")?;
        }
        for (level, data) in self.levels.iter().skip(1) {
            writeln!(f, "{level} = {} {}", data.name, data.nlocalsplus)?;
        }
        let mut states = BTreeSet::new();
        for (block, data) in &self.blocks {
            if data.insts.is_empty() {
                continue;
            }
            write!(f, "{block}(")?;
            for (index, &param) in data.params.iter().enumerate() {
                write!(f, "{}{param}: {}", if index == 0 { "" } else { ", " }, self.ty(param))?;
            }
            writeln!(f, "):{}", if data.cold { " cold" } else { "" })?;
            for &inst in &data.insts {
                print_inst(self, inst, f)?;
                let mut next = self.insts[inst].state.expand();
                while let Some(state) = next {
                    states.insert(state);
                    next = self.states[state].parent;
                }
            }
        }
        for state in states {
            print_state(self, state, f)?;
        }
        f.write_str("}\n")
    }
}
