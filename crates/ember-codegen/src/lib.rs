//! From HIR to machine code.
//!
//! [`compile`] takes a function in HIR, after the ownership and frame passes, and gives bytes: [`CompiledBody`]. It runs without the GIL and
//! touches no Python object; all it knows of the interpreter is the [`Env`]. The bytes are position independent: calls between the parts of one
//! body are relative; calls of functions outside are, too, so whoever installs the bytes completes these ([`CompiledBody::calls`]) for where they are.
//! Everything else outside is an absolute address. Whoever installs them copies them into an [`arena::Arena`] and keeps the
//! [`ExitInfo`]s, whose addresses are in the code, for as long as the code can run.
//!
//! A function can be called in three ways, all of the C calling convention but for the pinned register ([`stubs`]):
//! * `entry(callable, args, nargsf, kwnames)`: a `vectorcallfunc`;
//! * `spread(tstate, func, args)`: calls the body with parameters from an array;
//! * `body(tstate, func, a0 … aN-1)`: the code; the parameters are borrowed, the result is owned or NULL. Only bodies call it directly.
//!
//! What these do that is the same for all functions is in [`stubs`]. A body for on-stack replacement has no entry and no spread and is `body(tstate, frame)`.
#![deny(unsafe_code)]

#[allow(unsafe_code, reason = "memory that is mapped twice")]
pub mod arena;
pub mod disasm;
pub mod entry;
pub mod env;
pub mod exits;
mod isa;
mod lower;
pub mod perf;
pub mod site;
pub mod stubs;
#[allow(unsafe_code, reason = "naked functions")]
mod thunk;
mod tidy;

pub use entry::BodyInfo;
pub use env::{Env, Functions, Layout, Objects};
pub use exits::{BufKind, ExitInfo, ExitKind, ExitLevel, ExitState, Slot};
pub use site::CallSite;
pub use stubs::{Stubs, uncompiled_stub};

use std::collections::BTreeMap;
use std::fmt;

/// How a body is entered.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub enum BodyKind {
    /// By calls: pushes its own frame.
    #[default]
    Function,
    /// In the middle of the interpreter's frame: `body(tstate, frame)`. Every way out is an exit.
    Osr,
    /// Where a generator is resumed, on its frame: `body(tstate, frame)`. Leaves by suspending the frame, by exits, and by returning, which leaves the result on the frame's stack.
    Generator,
}

impl BodyKind {
    /// Whether the frame is the interpreter's, who made it.
    #[must_use]
    pub fn is_on_foreign_frame(self) -> bool {
        self != BodyKind::Function
    }
}

/// What a body returns that has been entered on a frame of the interpreter's, beside what the handler of its exits returns.
pub mod left {
    /// The frame's stack has the result on top.
    pub const RETURNED: i64 = 1;
    /// The frame is suspended, with the value that is yielded on top of its stack.
    pub const SUSPENDED: i64 = 3;
}

/// What codegen must know of the code object.
#[derive(Clone, Debug, Default)]
pub struct BodyParams {
    /// How the body is entered.
    pub kind: BodyKind,
    /// Address of the code object.
    pub code: u64,
    /// `co_framesize`: words of the frame.
    pub framesize: u32,
    /// `co_nlocalsplus`.
    pub nlocalsplus: u32,
    /// Number of parameter locals (positional, keyword-only, `*args`, `**kwargs`).
    pub nparams: u32,
    /// Whether a vectorcall with exactly `nparams` positional arguments and no keywords binds one to one (no keyword-only, `*` or `**` parameters).
    pub simple_args: bool,
    /// Address of the first code unit (`co_code_adaptive`).
    pub first_instr: u64,
    /// Number of code units.
    pub code_units: u32,
    /// `_co_firsttraceable`: the unit the frame points at when it is pushed.
    pub first_traceable: u32,
    /// Passed on to `bind_slow` and in every [`ExitInfo`]: names the code version.
    pub token: u64,
    /// Addresses of the profiles of call sites, by code unit.
    pub call_sites: BTreeMap<u32, u64>,
}

/// Options of one compilation.
#[derive(Clone, Copy, Debug)]
pub struct Options {
    /// Run Cranelift's verifier.
    pub verify: bool,
    /// Keep the text of the Cranelift IR.
    pub keep_clif: bool,
    /// Refuse functions with more Cranelift instructions.
    pub max_insts: usize,
    /// Allocate registers fast and badly beyond this many Cranelift instructions.
    pub max_insts_good: usize,
    /// Make the machine code shorter.
    pub tidy: bool,
}

impl Default for Options {
    fn default() -> Options {
        Options {
            verify: cfg!(debug_assertions),
            keep_clif: false,
            max_insts: 120_000,
            max_insts_good: 15_000,
            tidy: true,
        }
    }
}

/// Why there is no code.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum CodegenError {
    /// The function is larger than [`Options::max_insts`].
    TooLarge {
        /// Its size in Cranelift instructions.
        insts: usize,
    },
    /// The HIR is not what codegen can lower: a bug in a pass or a missing address.
    Unsupported(String),
    /// Cranelift refused.
    Cranelift(String),
}

impl fmt::Display for CodegenError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            CodegenError::TooLarge { insts } => write!(f, "too large: {insts} instructions"),
            CodegenError::Unsupported(what) => write!(f, "cannot lower: {what}"),
            CodegenError::Cranelift(what) => write!(f, "cranelift: {what}"),
        }
    }
}

impl std::error::Error for CodegenError {}

/// A relative call of a function outside of the body.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct OutsideCall {
    /// Offset of the four bytes that hold the distance, counted from behind them.
    pub at: u32,
    /// Address of the function.
    pub target: u64,
}

/// Machine code with what belongs to it.
#[derive(Debug)]
pub struct CompiledBody {
    /// Position-independent code and constants; to be placed at a multiple of [`arena::ALIGN`].
    pub bytes: Vec<u8>,
    /// Calls of functions outside, to be completed where the code is placed.
    pub calls: Vec<OutsideCall>,
    /// Offset of `body`.
    pub body: u32,
    /// Offset of `spread`; equal to `body` for on-stack replacement.
    pub spread: u32,
    /// Offset of `entry`; equal to `body` for on-stack replacement.
    pub entry: u32,
    /// Where the code ends and the data begins.
    pub data: u32,
    /// All exits. Their address is in the code: they stay where they are for as long as the code can run.
    pub exits: Box<[ExitInfo]>,
    /// Number of Cranelift instructions of the body.
    pub insts: usize,
    /// The Cranelift IR's text, if asked for.
    pub clif: Option<String>,
}

impl CompiledBody {
    /// The same in memory allocated now, but for the exits, which have their place.
    #[must_use]
    pub fn moved(self) -> CompiledBody {
        CompiledBody { bytes: self.bytes.clone(), calls: self.calls.clone(), clif: self.clif.clone(), ..self }
    }

    /// The code as assembler text, as if it were at `address`.
    #[must_use]
    pub fn disassemble(&self, address: u64, env: &Env) -> String {
        disasm::disassemble(self, address, env)
    }

    /// The parts of the code: name, offset, length.
    #[must_use]
    pub fn parts(&self) -> Vec<(&'static str, u32, u32)> {
        let end = self.data;
        if self.entry == self.body {
            return vec![("body", self.body, end - self.body)];
        }
        vec![
            ("entry", self.entry, self.spread - self.entry),
            ("spread", self.spread, self.body - self.spread),
            ("body", self.body, end - self.body),
        ]
    }
}

/// Compiles a function.
///
/// # Errors
/// When the function is too large, or holds what cannot be lowered; nothing is kept of it then.
pub fn compile(
    func: &ember_hir::Function,
    params: &BodyParams,
    env: &Env,
    options: &Options,
) -> Result<CompiledBody, CodegenError> {
    lower::compile(func, params, env, options)
}
