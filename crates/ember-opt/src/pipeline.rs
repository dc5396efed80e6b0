//! The order of the passes.
//!
//! [`run`] takes what the front end built to what code generation expects: reference counts explicit, slots in sync, every exit told what it owns. The passes up to
//! `refcount` only make the function better and may be left out; the last ones are what makes it right.
//!
//! Each pass leaves a well-formed function; with [`Options::verify`] that is checked after each and the first complaint names the pass.

use crate::{clean_cfg, dce, frame_sync, gvn, licm, phi_elim, range, refcount, type_infer, unbox};
use ember_hir::Function;
use ember_hir::verify::verify;

/// What to run and to check.
#[derive(Clone, Debug)]
pub struct Options {
    /// Names of passes to leave out; `refcount` and `frame_sync` are never left out.
    pub skip: Vec<String>,
    /// Whether to verify before the first and after each pass.
    pub verify: bool,
    /// Whether to run the passes that only make code better.
    pub optimize: bool,
}

impl Default for Options {
    fn default() -> Options {
        Options { skip: Vec::new(), verify: cfg!(debug_assertions), optimize: true }
    }
}

/// A function that a pass left in bad shape: a compiler bug.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Malformed {
    /// The pass.
    pub pass: &'static str,
    /// What the verifier said.
    pub errors: Vec<String>,
}

impl std::fmt::Display for Malformed {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "after {}: {}", self.pass, self.errors.join("; "))
    }
}

impl std::error::Error for Malformed {}

/// A pass: a function to a better one.
pub type Pass = fn(&mut Function);

/// All passes by name.
pub const PASSES: &[(&str, Pass)] = &[
    ("clean_cfg", clean_cfg::run),
    ("phi_elim", |func| {
        phi_elim::run(func);
    }),
    ("type_infer", type_infer::run),
    ("gvn", gvn::run),
    ("unbox", |func| {
        unbox::run(func);
    }),
    ("range", range::run),
    ("licm", licm::run),
    ("dce", dce::run),
    ("lifetimes", refcount::borrow::mark_ends),
    ("refcount", refcount::insert::run),
    ("elide", refcount::elide::run),
    ("frame_sync", frame_sync::run),
];

/// The passes that make code better, in order.
pub const OPTIMIZE: &[&str] = &[
    "lifetimes",
    "clean_cfg",
    "phi_elim",
    "type_infer",
    "gvn",
    "dce",
    "clean_cfg",
    "phi_elim",
    "type_infer",
    "unbox",
    "gvn",
    "range",
    "licm",
    "gvn",
    "dce",
    "clean_cfg",
];

/// The passes every function needs, in order.
pub const FINISH: &[&str] = &["refcount", "elide", "frame_sync"];

/// The pass of that name.
#[must_use]
pub fn pass(name: &str) -> Option<(&'static str, Pass)> {
    PASSES.iter().copied().find(|(known, _)| *known == name)
}

/// Runs the whole pipeline.
pub fn run(func: &mut Function, options: &Options) -> Result<(), Malformed> {
    run_observed(func, options, &mut |_, _| {})
}

/// Runs the whole pipeline and shows the function after each pass.
pub fn run_observed(
    func: &mut Function,
    options: &Options,
    observe: &mut dyn FnMut(&'static str, &Function),
) -> Result<(), Malformed> {
    check(func, "the front end", options)?;
    let optimize = if options.optimize { OPTIMIZE } else { &[] };
    for &name in optimize.iter().chain(FINISH) {
        let Some((name, pass)) = pass(name) else { continue };
        let required = matches!(name, "refcount" | "frame_sync");
        if !required && options.skip.iter().any(|skipped| skipped == name) {
            continue;
        }
        pass(func);
        check(func, name, options)?;
        observe(name, func);
    }
    Ok(())
}

fn check(func: &Function, pass: &'static str, options: &Options) -> Result<(), Malformed> {
    if !options.verify {
        return Ok(());
    }
    let errors = verify(func);
    if errors.is_empty() { Ok(()) } else { Err(Malformed { pass, errors }) }
}
