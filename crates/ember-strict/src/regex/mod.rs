//! Regular expressions with the syntax and the meaning of CPython's `re` (`Lib/re/_parser.py`, `Modules/_sre`).
//!
//! A module's top level matches constants: it looks whether names are fit, takes templates apart, parses colours. So the
//! matcher is a plain backtracking one, like CPython's, that finds the same groups; what it may spend is bounded.
//! [`parse`] makes a tree, [`program`] instructions of it, [`run`] executes them.
//!
//! Patterns and texts are sequences of code points; those of `bytes` are its bytes.

mod chars;
mod parse;
mod program;
mod run;

pub use parse::Error;
pub use program::Program;
pub use run::{Found, Mode, Stopped};

/// `re.IGNORECASE`
pub const IGNORECASE: u32 = 2;
/// `re.LOCALE`
pub const LOCALE: u32 = 4;
/// `re.MULTILINE`
pub const MULTILINE: u32 = 8;
/// `re.DOTALL`
pub const DOTALL: u32 = 16;
/// `re.UNICODE`
pub const UNICODE: u32 = 32;
/// `re.VERBOSE`
pub const VERBOSE: u32 = 64;
/// `re.ASCII`
pub const ASCII: u32 = 256;

/// A compiled pattern.
#[derive(Debug)]
pub struct Regex {
    /// The instructions.
    pub program: Program,
    /// How many groups there are.
    pub groups: usize,
    /// Names of groups, in their order.
    pub names: Vec<(String, usize)>,
    /// The flags, those in the pattern included.
    pub flags: u32,
}

/// Compile a pattern.
pub fn compile(pattern: &[u32], flags: u32, bytes: bool) -> Result<Regex, Error> {
    let parsed = parse::parse(pattern, flags, bytes)?;
    let program = program::build(&parsed.node, parsed.groups, parsed.flags)?;
    Ok(Regex { program, groups: parsed.groups, names: parsed.names, flags: parsed.flags })
}

#[cfg(test)]
mod tests;
