//! Why a code object is not compiled.

use std::fmt;

/// The named reasons for which the front end refuses a code object as a whole.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Refusal {
    /// A generator, coroutine or asynchronous generator.
    Generator,
    /// A module, a class body or code for `exec`: its names live in a mapping.
    NotAFunction,
    /// Bytecode that no compiler of CPython 3.14 produces: a jump into an instruction, a stack that does not balance.
    Malformed,
    /// A loop that is entered elsewhere than at its head in a way which the front end cannot express.
    Irreducible,
    /// More code units than is worth compiling.
    TooLarge,
}

impl Refusal {
    /// A name for reports.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Refusal::Generator => "generator",
            Refusal::NotAFunction => "not-a-function",
            Refusal::Malformed => "malformed-bytecode",
            Refusal::Irreducible => "irreducible-loop",
            Refusal::TooLarge => "too-large",
        }
    }
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl std::error::Error for Refusal {}
