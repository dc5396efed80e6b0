//! The table of codes: one truth for messages, documentation and verdicts.

/// What a finding means for the verdict.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Weight {
    /// The import certainly does more than make the module.
    Effect,
    /// The analysis does not know.
    Unknown,
    /// Only strict modules must not do it.
    Rule,
}

macro_rules! codes {
    ($($name:ident $number:literal $weight:ident $title:literal $explain:literal;)*) => {
        /// A kind of finding, with a stable number.
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
        #[repr(u16)]
        pub enum Code { $(#[doc = $title] $name = $number),* }

        impl Code {
            /// All kinds.
            pub const ALL: &'static [Code] = &[$(Code::$name),*];

            /// What it means for the verdict.
            pub fn weight(self) -> Weight {
                match self { $(Code::$name => Weight::$weight),* }
            }

            /// A few words.
            pub fn title(self) -> &'static str {
                match self { $(Code::$name => $title),* }
            }

            /// A paragraph for `--explain`.
            pub fn explain(self) -> &'static str {
                match self { $(Code::$name => $explain),* }
            }
        }
    };
}

codes! {
    Syntax 100 Effect "syntax error"
        "The file cannot be parsed, so importing it raises SyntaxError.";
    UnknownCall 101 Unknown "call of something unknown"
        "The module calls something of which nothing is known, such as a function of an extension module without a stub. The call may do anything.\n\nMove the call into a function, or describe the module in a stub.";
    UnknownAttribute 102 Unknown "attribute of something unknown"
        "The module reads or sets an attribute of a value of which nothing is known. That may run a property or __getattr__.\n\n    import fast_ext\n    LIMIT = fast_ext.LIMIT     # EMB102\n\n`from fast_ext import LIMIT` only binds a name and is no use of it.";
    UnknownIndex 103 Unknown "item of something unknown"
        "The module indexes a value of which nothing is known.";
    UnknownOperand 104 Unknown "operator on something unknown"
        "A value of which nothing is known is an operand, is compared, formatted or passed to a builtin that looks at it.";
    UnknownUnary 105 Unknown "unary operator on something unknown"
        "A value of which nothing is known is the operand of -, + or ~.";
    UnknownBool 106 Unknown "decision by something unknown"
        "An if, while, and, or, not, or an isinstance test depends on a value of which nothing is known. Neither branch is assumed: names bound only there are unknown afterwards.";
    UnknownIteration 107 Unknown "iteration over something unknown"
        "A loop, comprehension or call goes through a value of which nothing is known.";
    UnknownUnpack 108 Unknown "unpacking of something unknown"
        "A value of which nothing is known is assigned to several targets.";
    UnsafeBase 109 Unknown "unknown base class"
        "A class derives from something of which nothing is known. Its metaclass and __init_subclass__ may do anything.";
    ForeignMutation 110 Effect "change of another module's object"
        "The module changes an object that another module made: it registers itself in a table, sets an attribute of an imported class, advances an imported counter. The result depends on which modules are imported, and in which order.\n\nLet the owner make the entry, or do it in a function that the program calls once. Harmless changes are listed under `benign` in [tool.ember.strict].";
    ImmutableWrite 111 Effect "change of something immutable"
        "The module sets an attribute of a builtin type or of a frozen class.";
    InputOutput 112 Effect "input or output"
        "The module reads or writes files, sockets, the terminal, or starts processes or threads while it is imported.";
    Environment 113 Effect "depends on the environment"
        "The module looks at environment variables, the clock, random numbers or the machine while it is imported, so that two imports may give different modules.";
    ProcessState 114 Effect "change of the process"
        "The module changes something that belongs to the whole process: signal handlers, exit functions, sys.path, warning filters, locale.";
    Coroutine 115 Effect "coroutine run at import"
        "A coroutine is driven while the module is imported.";
    StarImport 116 Rule "star import"
        "A strict module names what it imports: `from m import *` makes its names depend on another module's.";
    ImportPlace 117 Rule "import in a place where it is not allowed"
        "`import __strict__` and imports from it belong to the top of the module.";
    MemberConflict 118 Rule "class member conflicts with instance member"
        "A class has an attribute of the same name as one of its slots.";
    StrictFlag 119 Effect "misplaced strict flag"
        "`import __strict__` must be the first statement after the docstring and the `from __future__` imports, alone, and without `as`.";
    Unhandled 120 Unknown "exception leaves the module"
        "Executing the module ended in an exception. Either importing it raises that, or the analysis does not know enough of what the module uses: so what the rest of the module would have done is not known.";
    TooManySteps 121 Unknown "too many steps"
        "The module computes for so long, or makes such large objects, that the analysis stopped. Nothing is wrong with that, but compute such tables when they are needed, or ahead of time.";
    Unsupported 122 Unknown "construct that the analysis does not know"
        "The module uses something that the analysis does not execute.";
    ConflictingSource 123 Rule "stub and source disagree"
        "There are both a stub of your own and a source for a strict module.";
    OutsideWorld 124 Effect "depends on the running program"
        "The module looks at frames, modules or objects of the program that imports it (sys.modules, sys._getframe, gc).";
    Raises 125 Effect "import raises"
        "Importing the module raises an exception, and that is known for sure: it imports a module or name that is not there, or says `raise` itself, as modules for other platforms do.\n\nIf a module is only missing where the check runs, install it there.";
}

impl Code {
    /// `EMB110`
    pub fn id(self) -> String {
        format!("EMB{}", self as u16)
    }

    /// The code of an `EMB…` or a number.
    pub fn parse(text: &str) -> Option<Code> {
        let text = text.trim().to_ascii_uppercase();
        let number: u16 = text.strip_prefix("EMB").unwrap_or(&text).parse().ok()?;
        Code::ALL.iter().copied().find(|code| *code as u16 == number)
    }
}
