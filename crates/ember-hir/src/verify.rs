//! The verifier: what makes a [`Function`] well formed. This list is the specification of HIR.
//!
//! * **Blocks.** The entry block has no predecessors. A reachable block ends in exactly one terminator, and only there. No instruction stands in two
//!   places. A block without instructions is a hole left by a pass and may not be reached.
//! * **Values.** A value is defined once, by a block parameter or an instruction, and its definition dominates all its uses: operands,
//!   arguments to successors, and everything the frame states name. Values of type `Bottom` never exist at run time.
//! * **Jumps.** `Jump` has one target, `Branch` and `BranchError` have two, other operations none. A target gets one argument for each of its parameters, of a type which
//!   is the parameter's or narrower.
//! * **Operands.** Their number and kinds are those of [`operand_kinds`] and, for helpers, of the helper table.
//! * **Results.** An operation has a result exactly when its table row gives it a type; machine values keep their kind (`CInt`, `CDouble` …); an
//!   object's type may be narrower than the row's, when the one who built the instruction knew better.
//! * **Frame states.** An instruction which may raise, leave or run Python code has one ([`Effects::needs_state`]; `Decref` does without). It names as many locals as its
//!   level has. A chain of parents ends at the function itself.
//! * **Errors.** An instruction with [`ErrorMode::Null`] may raise, has a result, and is followed by the block's terminator, a `BranchError` of that result;
//!   `BranchError` stands nowhere else. Its first target is the landing block.
//! * **Scratch.** `ScratchLoad`s stand directly after the helper that filled the scratch array (one which takes it), or at the start of the second target of the
//!   `BranchError` directly after that helper; such a target has no other predecessor.
//!
//! What the verifier cannot see, and passes rely on:
//!
//! * **Lives.** A local that is overwritten or deleted, and an operand that is popped unused, is named by an [`Op::EndLife`] there, unless it drops quietly: a finaliser may run at that point, so
//!   nothing known of memory outlives it. No other value dies in the middle of a bytecode instruction by not being in a frame state any more.
//! * **Exits.** After reference counts are inserted, `exit_owned` names the roots whose reference an exit owns; everything else its state names is borrowed and must be counted before anything
//!   is dropped. An instruction which raises has consumed the operands it takes over, so the operand stack of its state is not to be looked at.
//!   `exit_synced` names the slots that hold what the state says; any other slot may hold a stale borrowed address, or own a box, which the exit drops.
//! * **NULL.** `Incref` and `Decref` of a value whose type may be NULL, and owned values of such types at exits, may be NULL. The sentinel of iterators is immortal.

use crate::cfg::Cfg;
use crate::function::{Block, ErrorMode, FrameStateId, Function, Inst, Value, ValueDef};
use crate::helpers::{Operand, Rest};
use crate::ops::{Effects, Op, Ownership};
use crate::types::Type;
use cranelift_entity::SecondaryMap;

/// What kind of operand an operation takes at a place.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// An object or NULL.
    Object,
    /// An object, NULL or an address.
    Base,
    /// A machine integer.
    Int,
    /// A machine double.
    Double,
    /// A machine truth value.
    Bool,
    /// An address.
    Ptr,
    /// Anything.
    Any,
}

impl Kind {
    fn accepts(self, ty: Type) -> bool {
        match self {
            Kind::Object => !ty.is_primitive(),
            Kind::Base => !ty.is_primitive() || ty.is(Type::CPtr),
            // The offset of a raising instruction is a machine integer as well.
            Kind::Int => ty.is(Type::CInt) || ty.is(Type::CLasti),
            Kind::Double => ty.is(Type::CDouble),
            Kind::Bool => ty.is(Type::CBool),
            Kind::Ptr => ty.is(Type::CPtr),
            Kind::Any => true,
        }
    }
}

/// The kinds of an operation's operands, and whether any number of objects may follow.
#[must_use]
pub fn operand_kinds(op: &Op) -> (&'static [Kind], bool) {
    use Kind::{Any, Base, Bool, Double, Int, Object};
    match op {
        Op::Const { .. }
        | Op::CInt { .. }
        | Op::CDouble { .. }
        | Op::CBool { .. }
        | Op::CPtr { .. }
        | Op::CLasti { .. }
        | Op::Null
        | Op::IterDone
        | Op::Func
        | Op::TakeLocal { .. }
        | Op::TakeStack { .. }
        | Op::CheckEvalBreaker
        | Op::EvalBreaker
        | Op::GuardQuiet
        | Op::CheckTracing
        | Op::LoadGlobalCell { .. }
        | Op::ScratchLoad { .. }
        | Op::CatchException { .. }
        | Op::ClearLocal { .. }
        | Op::DropLocal { .. }
        | Op::Jump
        | Op::Suspend { .. }
        | Op::Deopt
        | Op::Unwind { .. }
        | Op::Unreachable => (&[], false),
        Op::GuardTrue | Op::GuardFalse | Op::BoxBool | Op::BoolToInt | Op::BNot | Op::Branch => (&[Bool], false),
        Op::BoxInt | Op::IntToDouble | Op::INeg | Op::INot => (&[Int], false),
        Op::BoxDouble | Op::DNeg | Op::DAbs | Op::DSqrt => (&[Double], false),
        Op::IAdd
        | Op::ISub
        | Op::IMul
        | Op::IFloorDiv
        | Op::IMod
        | Op::IShl
        | Op::IShr
        | Op::IAddWrap
        | Op::ISubWrap
        | Op::IMulWrap
        | Op::IAnd
        | Op::IOr
        | Op::IXor
        | Op::ICmp { .. } => (&[Int, Int], false),
        Op::DAdd | Op::DSub | Op::DMul | Op::DDiv | Op::DCmp { .. } => (&[Double, Double], false),
        Op::Is => (&[Base, Base], false),
        Op::IsNull | Op::LoadField { .. } | Op::LoadInt { .. } | Op::LoadDouble { .. } | Op::LoadManagedDict { .. } => {
            (&[Base], false)
        }
        Op::LoadIndexed { .. } => (&[Base, Int], false),
        Op::Offset { .. } => (&[Kind::Ptr, Int], false),
        Op::SwapField { .. } => (&[Base, Object], false),
        Op::SwapIndexed { .. } => (&[Base, Int, Object], false),
        Op::StoreInt { .. } => (&[Base, Int], false),
        Op::StoreDouble { .. } => (&[Base, Double], false),
        Op::CallVector | Op::CallKw { .. } => (&[Object, Object], true),
        Op::CallDirect { .. } | Op::CallSelf | Op::CallCFast { .. } | Op::CallCFastKw { .. } => (&[Object], true),
        Op::CallCOne { .. } => (&[Object, Object], false),
        Op::Refine { .. } | Op::BranchError | Op::EndLife => (&[Any], false),
        Op::GuardType { .. }
        | Op::GuardClass { .. }
        | Op::GuardIs { .. }
        | Op::GuardNotNull
        | Op::UnboxInt
        | Op::EnterInt
        | Op::UnboxDouble
        | Op::UnboxBool
        | Op::IsType { .. }
        | Op::HasClass { .. }
        | Op::CallCNoArgs { .. }
        | Op::Incref
        | Op::Decref
        | Op::SetLocal { .. }
        | Op::SetLocalOwned { .. }
        | Op::KeepLocal { .. }
        | Op::KeepStack { .. }
        | Op::LeaveObserved
        | Op::Return => (&[Object], false),
        Op::Helper { .. } => (&[], true),
        #[allow(unreachable_patterns, reason = "rows added to the ops table before this list knows them")]
        _ => (&[], true),
    }
}

/// Everything that is wrong with a function, empty when it is well formed.
#[must_use]
pub fn verify(func: &Function) -> Vec<String> {
    let mut verifier = Verifier { func, errors: Vec::new(), place: SecondaryMap::with_default(None) };
    if verifier.structure() {
        let cfg = Cfg::new(func);
        for &block in &cfg.rpo {
            verifier.block(&cfg, block);
        }
    }
    verifier.errors
}

struct Verifier<'a> {
    func: &'a Function,
    errors: Vec<String>,
    /// Where an instruction stands.
    place: SecondaryMap<Inst, Option<(Block, usize)>>,
}

impl Verifier<'_> {
    fn error(&mut self, block: Block, inst: Option<Inst>, message: impl std::fmt::Display) {
        let what = match inst {
            Some(inst) => format!("{block}: {}: {message}", describe(self.func, inst)),
            None => format!("{block}: {message}"),
        };
        self.errors.push(what);
    }

    /// Terminators and places; without these nothing else can be checked.
    fn structure(&mut self) -> bool {
        let func = self.func;
        for (block, data) in &func.blocks {
            for (index, &inst) in data.insts.iter().enumerate() {
                if let Some((other, _)) = self.place[inst].replace((block, index)) {
                    self.error(block, Some(inst), format_args!("stands also in {other}"));
                }
                let last = index + 1 == data.insts.len();
                if func.insts[inst].op.is_terminator() != last {
                    self.error(block, Some(inst), if last { "is no terminator" } else { "terminator in the middle" });
                }
                for call in &func.insts[inst].targets {
                    if func.blocks[call.block].insts.is_empty() {
                        self.error(block, Some(inst), format_args!("jumps to {}, which is empty", call.block));
                    }
                    if call.block == func.entry {
                        self.error(block, Some(inst), "jumps to the entry");
                    }
                }
            }
        }
        if func.blocks[func.entry].insts.is_empty() {
            self.error(func.entry, None, "the entry is empty");
        }
        self.errors.is_empty()
    }

    fn block(&mut self, cfg: &Cfg, block: Block) {
        let func = self.func;
        let data = &func.blocks[block];
        for (index, &param) in data.params.iter().enumerate() {
            if func.values[param].def != ValueDef::Param(block, index as u32) {
                self.error(block, None, format_args!("{param} is not defined as parameter {index}"));
            }
        }
        for (index, &inst) in data.insts.iter().enumerate() {
            self.definition(block, inst);
            self.operands(block, inst);
            self.targets(block, inst);
            self.frame_state(block, inst);
            self.errors_and_scratch(cfg, block, index, inst);
            let mut bad = Vec::new();
            func.visit_uses(inst, &mut |value| {
                if !self.available(cfg, value, block, index) && !bad.contains(&value) {
                    bad.push(value);
                }
            });
            for value in bad {
                self.error(block, Some(inst), format_args!("{value} is not defined on every path to this use"));
            }
        }
    }

    fn available(&self, cfg: &Cfg, value: Value, block: Block, index: usize) -> bool {
        let func = self.func;
        if !func.values.is_valid(value) {
            return false;
        }
        match func.values[value].def {
            ValueDef::Param(home, position) => {
                func.blocks[home].params.get(position as usize) == Some(&value)
                    && cfg.is_reachable(home)
                    && cfg.dominates(home, block)
            }
            ValueDef::Inst(inst) => match self.place[inst] {
                Some((home, at)) if func.insts[inst].result.expand() == Some(value) => {
                    if home == block {
                        at < index
                    } else {
                        cfg.is_reachable(home) && cfg.dominates(home, block)
                    }
                }
                _ => false,
            },
        }
    }

    fn definition(&mut self, block: Block, inst: Inst) {
        let func = self.func;
        let data = &func.insts[inst];
        let expected = data.op.result_type(func, &data.args);
        match (expected, data.result.expand()) {
            (None, None) => {}
            (Some(_), None) => self.error(block, Some(inst), "has no result"),
            (None, Some(_)) => self.error(block, Some(inst), "has a result"),
            (Some(ty), Some(value)) => {
                if func.values[value].def != ValueDef::Inst(inst) {
                    self.error(block, Some(inst), format_args!("{value} is defined elsewhere"));
                }
                let found = func.ty(value);
                let leaves = |ty: Type| ty.bits & !Type::MORTAL;
                // What a guard gives follows from its operand, of which more may be known by now.
                let follows = data.op.ownership() == Ownership::Alias;
                if leaves(found) & !leaves(ty) != 0 && leaves(ty) != 0 && !follows {
                    self.error(block, Some(inst), format_args!("{value} has type {found}, not {ty}"));
                }
            }
        }
    }

    fn operands(&mut self, block: Block, inst: Inst) {
        let func = self.func;
        let data = &func.insts[inst];
        let (kinds, rest): (Vec<Kind>, bool) = match data.op {
            Op::Helper { id } => {
                let sig = id.sig();
                let kind = |operand: &Operand| match operand {
                    Operand::O | Operand::N | Operand::S => Kind::Object,
                    Operand::I => Kind::Int,
                    Operand::P => Kind::Ptr,
                    Operand::D => Kind::Double,
                };
                for (operand, &arg) in sig.operands.iter().zip(&data.args) {
                    if matches!(operand, Operand::O | Operand::S) && func.ty(arg).is_null() {
                        self.error(block, Some(inst), format_args!("{arg} is NULL"));
                    }
                }
                (sig.operands.iter().map(kind).collect(), sig.rest != Rest::No)
            }
            _ => {
                let (kinds, rest) = operand_kinds(&data.op);
                (kinds.to_vec(), rest)
            }
        };
        if data.args.len() < kinds.len() || (data.args.len() > kinds.len() && !rest) {
            self.error(block, Some(inst), format_args!("takes {} operands", kinds.len()));
        }
        for (index, &arg) in data.args.iter().enumerate() {
            let kind = kinds.get(index).copied().unwrap_or(Kind::Object);
            if func.values.is_valid(arg) && !kind.accepts(func.ty(arg)) {
                self.error(block, Some(inst), format_args!("{arg} is {}, not {kind:?}", func.ty(arg)));
            }
        }
    }

    fn targets(&mut self, block: Block, inst: Inst) {
        let func = self.func;
        let data = &func.insts[inst];
        let expected = match data.op {
            Op::Jump => 1,
            Op::Branch | Op::BranchError => 2,
            _ => 0,
        };
        if data.targets.len() != expected {
            self.error(block, Some(inst), format_args!("has {} targets, not {expected}", data.targets.len()));
        }
        for call in &data.targets {
            let params = &func.blocks[call.block].params;
            if params.len() != call.args.len() {
                self.error(block, Some(inst), format_args!("{} takes {} arguments", call.block, params.len()));
            }
            for (&arg, &param) in call.args.iter().zip(params) {
                if func.values.is_valid(arg) && !func.ty(arg).is(func.ty(param)) {
                    let (from, to) = (func.ty(arg), func.ty(param));
                    self.error(block, Some(inst), format_args!("{arg}: {from} is passed to {param}: {to}"));
                }
            }
        }
    }

    fn frame_state(&mut self, block: Block, inst: Inst) {
        let func = self.func;
        let data = &func.insts[inst];
        let Some(state) = data.state.expand() else {
            if data.op.effects().needs_state() && data.op != Op::Decref {
                self.error(block, Some(inst), "has no frame state");
            }
            return;
        };
        let mut next: Option<FrameStateId> = Some(state);
        for _ in 0..64 {
            let Some(id) = next else { return };
            if !func.states.is_valid(id) {
                self.error(block, Some(inst), format_args!("{id} does not exist"));
                return;
            }
            let state = &func.states[id];
            let level = state.level.unwrap_or(func.root());
            let expected = func.levels[level].nlocalsplus as usize;
            if state.locals.len() != expected {
                let found = state.locals.len();
                self.error(block, Some(inst), format_args!("{id} names {found} locals, its level has {expected}"));
            }
            if state.parent.is_none() && level != func.root() {
                self.error(block, Some(inst), format_args!("{id} is of {level} and has no parent"));
            }
            next = state.parent;
        }
        self.error(block, Some(inst), "frame states nest too deeply");
    }

    fn errors_and_scratch(&mut self, cfg: &Cfg, block: Block, index: usize, inst: Inst) {
        let func = self.func;
        let data = &func.insts[inst];
        let insts = &func.blocks[block].insts;
        if data.on_error == ErrorMode::Null {
            if !data.op.effects().contains(Effects::RAISES) {
                self.error(block, Some(inst), "cannot raise, so has no error to give");
            }
            let checked = insts.get(index + 1).map(|&next| &func.insts[next]);
            let ok = checked
                .is_some_and(|next| next.op == Op::BranchError && next.args.first().copied() == data.result.expand());
            if !ok {
                self.error(block, Some(inst), "is not followed by the BranchError of its result");
            }
        }
        if data.op == Op::BranchError {
            let before = index.checked_sub(1).map(|before| &func.insts[insts[before]]);
            if before.is_none_or(|before| before.on_error != ErrorMode::Null) {
                self.error(block, Some(inst), "does not follow an instruction which gives its error");
            }
        }
        if matches!(data.op, Op::ScratchLoad { .. }) {
            let mut before = index;
            while before > 0 && matches!(func.insts[insts[before - 1]].op, Op::ScratchLoad { .. }) {
                before -= 1;
            }
            let fills = |inst: Inst| matches!(func.insts[inst].op, Op::Helper { id } if id.sig().implicit.scratch);
            let ok = if before > 0 {
                fills(insts[before - 1])
            } else {
                let after_check = |&(pred, edge): &(Block, usize)| {
                    let insts = &func.blocks[pred].insts;
                    edge == 1
                        && insts.len() >= 2
                        && func.insts[insts[insts.len() - 1]].op == Op::BranchError
                        && fills(insts[insts.len() - 2])
                };
                cfg.preds[block].len() == 1 && cfg.preds[block].iter().all(after_check)
            };
            if !ok {
                self.error(block, Some(inst), "does not stand directly after a helper that fills the scratch array");
            }
        }
    }
}

/// A short text for an instruction, for messages.
fn describe(func: &Function, inst: Inst) -> String {
    struct Shown<'a>(&'a Op);
    impl std::fmt::Display for Shown<'_> {
        fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
            self.0.print(f)
        }
    }
    let data = &func.insts[inst];
    match data.result.expand() {
        Some(value) => format!("{value} = {}", Shown(&data.op)),
        None => Shown(&data.op).to_string(),
    }
}
