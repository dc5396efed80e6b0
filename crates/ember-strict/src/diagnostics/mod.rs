//! What the analysis has to say: findings, their codes, and how they are shown.

mod codes;
pub mod render;
pub mod suppress;

pub use codes::{Code, Weight};

use crate::source::Source;
use crate::syntax::code::{Code as Compiled, Span};
use std::sync::Arc;

/// A place in a source, on the way to a finding.
#[derive(Clone, Debug)]
pub struct Step {
    /// The source.
    pub source: Arc<Source>,
    /// Where in it.
    pub span: Span,
    /// The function it is in; `<module>` for the top level.
    pub function: String,
}

impl Step {
    /// A place in compiled code.
    pub fn of(code: &Arc<Compiled>, span: Span) -> Step {
        Step { source: code.source.clone(), span, function: code.qualname.to_string() }
    }

    /// A place in a source.
    pub fn at(source: &Arc<Source>, span: Span, function: String) -> Step {
        Step { source: source.clone(), span, function }
    }

    /// Its line, from 1.
    pub fn line(&self) -> usize {
        self.source.line(self.span.0)
    }
}

/// Something that was found.
#[derive(Clone, Debug)]
pub struct Finding {
    /// What kind of thing.
    pub code: Code,
    /// What happens there.
    pub message: String,
    /// What to do about it.
    pub help: String,
    /// The calls that lead there, the module's own top level first.
    pub steps: Vec<Step>,
}

impl Finding {
    /// Where the module's own top level starts it.
    pub fn first(&self) -> Option<&Step> {
        self.steps.first()
    }
}
