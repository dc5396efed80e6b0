//! Why a function has no native code. There is no silent fallback: each reason is named, counted and shown.

use std::fmt;

/// A reason not to compile.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Reason {
    /// The front end does not take this kind of code (generators, class bodies …).
    Refused(String),
    /// A list or the user excluded it.
    Excluded,
    /// It was compiled for another module's globals; the code is shared between both.
    OtherGlobals,
    /// A monitoring tool has local events on the code.
    Monitored,
    /// The HIR or the machine code cannot be made: a limit or a missing lowering.
    Unsupported(String),
    /// The compiler has a bug, which was caught.
    Panicked(String),
    /// There is no room for more code.
    CodeMemory(String),
    /// The code object could not be read.
    Unreadable,
    /// The engine is off or paused.
    Off,
    /// Native code was left too often, whatever was tried.
    GaveUp,
}

impl Reason {
    /// The reason's name, for counters.
    #[must_use]
    pub fn name(&self) -> String {
        match self {
            Reason::Refused(what) => what.clone(),
            Reason::Excluded => "excluded".into(),
            Reason::OtherGlobals => "other globals".into(),
            Reason::Monitored => "monitored".into(),
            Reason::Unsupported(_) => "unsupported".into(),
            Reason::Panicked(_) => "compiler panic".into(),
            Reason::CodeMemory(_) => "code memory".into(),
            Reason::Unreadable => "unreadable".into(),
            Reason::Off => "off".into(),
            Reason::GaveUp => "gave up".into(),
        }
    }
}

impl fmt::Display for Reason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Reason::Refused(what) => write!(f, "{what}"),
            Reason::Excluded => f.write_str("excluded by a list or by the program"),
            Reason::OtherGlobals => {
                f.write_str("its code was compiled for a function with other globals; code is compiled for one module")
            }
            Reason::Monitored => f.write_str("a monitoring tool watches its code"),
            Reason::Unsupported(what) => write!(f, "cannot be compiled: {what}"),
            Reason::Panicked(what) => write!(f, "the compiler failed on it: {what}"),
            Reason::CodeMemory(what) => write!(f, "no memory for its code: {what}"),
            Reason::Unreadable => f.write_str("its code object could not be read"),
            Reason::Off => f.write_str("Ember is off or paused"),
            Reason::GaveUp => f.write_str("its guards failed again and again"),
        }
    }
}
