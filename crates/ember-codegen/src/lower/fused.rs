//! Calls together with what is due right after them.
//!
//! After a call native code drops the operands that end there and looks whether it may go on ([`Op::CheckTracing`]). Written out, that is more code than the call. So whoever is called
//! does both: the function behind generic calls takes over operands and looks itself, bodies look when they leave. When native code may not go on, the call's result is NULL without an
//! exception: the test for errors, which is there anyway, covers both, and aside it is asked which of the two it was.
//!
//! The instructions stay as they are in HIR. This recognises the sequence call, [`Op::Decref`]s, [`Op::CheckTracing`] where errors leave the function. A call that is not followed by it
//! takes a pending result as the result, and looks itself later.

use super::{Lower, Result};
use crate::exits::ExitKind;
use crate::site::CallSite;
use cranelift_codegen::ir::{self, BlockArg, InstBuilder, types};
use ember_hir as hir;
use ember_hir::{ErrorMode, Op};
use smallvec::SmallVec;

/// A call, what is dropped after it, and the check.
pub(super) struct Fused<'a> {
    call: hir::Inst,
    drops: &'a [hir::Inst],
    check: hir::Inst,
}

impl Fused<'_> {
    /// How many instructions it stands for.
    pub(super) fn len(&self) -> usize {
        self.drops.len() + 2
    }
}

impl<'a> Lower<'a, '_> {
    /// The sequence that begins with the first of these instructions.
    pub(super) fn fused(&self, insts: &'a [hir::Inst]) -> Option<Fused<'a>> {
        let (&call, rest) = insts.split_first()?;
        let data = &self.func.insts[call];
        let calls = matches!(data.op, Op::CallVector | Op::CallKw { .. } | Op::CallDirect { .. } | Op::CallSelf);
        if !calls || data.on_error != ErrorMode::Exit {
            return None;
        }
        let count = rest.iter().take_while(|&&inst| self.func.insts[inst].op == Op::Decref).count();
        let (drops, rest) = rest.split_at(count);
        let &check = rest.first()?;
        (self.func.insts[check].op == Op::CheckTracing).then_some(Fused { call, drops, check })
    }

    pub(super) fn lower_fused(&mut self, fused: &Fused<'_>) -> Result {
        let Fused { call, drops, check } = *fused;
        let func = self.func;
        let consumed = self.consumed(call, drops);
        let result = match func.insts[call].op {
            Op::CallVector => self.call_site(call, None, &consumed)?,
            Op::CallKw { names } => self.call_site(call, Some(func.consts[names].address), &consumed)?,
            _ => {
                self.show_position(call);
                self.call_body(call)?
            }
        };
        let Some(value) = func.insts[call].result.expand() else {
            return Err(self.unsupported("a call without a result"));
        };
        let shown = self.shown;
        let (nothing, leaves, raised) = (self.cold_block(), self.cold_block(), self.cold_block());
        let goes_on = self.new_block();
        self.b.ins().brif(result, goes_on, &[], nothing, &[]);

        self.b.switch_to_block(nothing);
        let pending = self.call_for(self.env.functions.take_pending, &[], types::I64);
        self.b.ins().brif(pending, leaves, &[], raised, &[]);

        self.b.switch_to_block(raised);
        self.values[value] = result.into();
        self.consumed = consumed.iter().map(|&index| self.root(func.insts[call].args[index])).collect();
        let exit = self.exit(call, ExitKind::Raise { traceback: true });
        self.consumed.clear();
        let exit = exit?;
        self.b.ins().jump(exit, &[]);

        self.b.switch_to_block(leaves);
        self.values[value] = pending.into();
        self.drop_others(call, drops, &consumed, true)?;
        let exit = self.exit(check, ExitKind::Deopt)?;
        self.b.ins().jump(exit, &[]);

        self.b.switch_to_block(goes_on);
        self.values[value] = result.into();
        // What is shown aside is not shown here.
        self.shown = shown;
        self.drop_others(call, drops, &consumed, false)
    }

    /// The operands, by index, whose references the call can take over: those dropped after it which no local shows if it fails.
    fn consumed(&self, call: hir::Inst, drops: &[hir::Inst]) -> SmallVec<[usize; 4]> {
        let data = &self.func.insts[call];
        if !matches!(data.op, Op::CallVector | Op::CallKw { .. }) {
            return SmallVec::new();
        }
        let shown: SmallVec<[hir::Value; 8]> = self
            .root_state(call)
            .map(|state| state.locals.iter().flatten().map(|&local| self.root(local)).collect())
            .unwrap_or_default();
        let mut consumed = SmallVec::new();
        for &drop in drops {
            let root = self.root(self.func.insts[drop].args[0]);
            let place = (0..data.args.len().min(CallSite::MOST_CONSUMED))
                .find(|&index| self.root(data.args[index]) == root && !consumed.contains(&index));
            if let Some(index) = place.filter(|_| !shown.contains(&root)) {
                consumed.push(index);
            }
        }
        consumed
    }

    /// Drops what the call did not take over.
    fn drop_others(&mut self, call: hir::Inst, drops: &[hir::Inst], consumed: &[usize], cold: bool) -> Result {
        let mut taken: SmallVec<[hir::Value; 4]> =
            consumed.iter().map(|&index| self.root(self.func.insts[call].args[index])).collect();
        let inline_counts = self.inline_counts;
        self.inline_counts &= !cold;
        for &drop in drops {
            let root = self.root(self.func.insts[drop].args[0]);
            if let Some(at) = taken.iter().position(|&value| value == root) {
                taken.swap_remove(at);
                continue;
            }
            self.refcount(drop)?;
        }
        self.inline_counts = inline_counts;
        Ok(())
    }

    /// A generic call; takes over the operands in `consumed`.
    pub(super) fn call_site(&mut self, inst: hir::Inst, names: Option<u64>, consumed: &[usize]) -> Result<ir::Value> {
        let data = &self.func.insts[inst];
        let own = data.level == self.func.root();
        let profile = self.params.call_sites.get(&data.bci).copied().filter(|_| own);
        let unit = self.visible_unit(inst).ok_or_else(|| self.unsupported("a call without a position"))?;
        let site = CallSite {
            profile: profile.unwrap_or(0),
            names: names.unwrap_or(0),
            position: self.unit_address(unit),
            arguments: data.args.len() as u32 - 2,
            consumed: consumed.iter().fold(0, |all, &index| all | 1 << index),
        };
        // The word before the operands is free for the callee.
        let operands = self.array(inst, 0, 1)?;
        let site = self.data_address(&site.bytes());
        let args = [self.tstate, operands, site];
        let result = self.call_for(self.env.functions.call_site, &args, types::I64);
        self.shown = Some(unit);
        Ok(result)
    }

    /// A call of a body.
    pub(super) fn call_body(&mut self, inst: hir::Inst) -> Result<ir::Value> {
        let args = self.native_args(inst)?;
        let result = match self.func.insts[inst].op {
            Op::CallDirect { cell } => {
                let cell = self.address(cell);
                let body = self.load(types::I64, cell, 0);
                self.call_value(body, &args, Some(types::I64))
            }
            _ => {
                if args.len() != 2 + self.params.nparams as usize {
                    return Err(self.unsupported("a call of itself with another number of arguments"));
                }
                let body = self.body();
                let call = self.b.ins().call(body, &args);
                self.b.inst_results(call).first().copied()
            }
        };
        result.ok_or_else(|| self.unsupported("a body without a result"))
    }

    /// The result of a call that is not followed by a check: what is pending is the result.
    pub(super) fn or_pending(&mut self, result: ir::Value) -> ir::Value {
        let nothing = self.cold_block();
        let goes_on = self.new_block();
        let either = self.b.append_block_param(goes_on, types::I64);
        self.b.ins().brif(result, goes_on, &[BlockArg::Value(result)], nothing, &[]);
        self.b.switch_to_block(nothing);
        let pending = self.call_for(self.env.functions.ignore_pending, &[], types::I64);
        self.b.ins().jump(goes_on, &[BlockArg::Value(pending)]);
        self.b.switch_to_block(goes_on);
        either
    }
}
