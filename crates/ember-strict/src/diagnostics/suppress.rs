//! Findings that a comment or the configuration silences.
//!
//! `# ember: ignore` on the line where a module's top level starts a finding silences all of them there,
//! `# ember: ignore[EMB110, EMB112]` those codes. `# ember: ignore-file` in a comment line of its own silences a file.

use super::{Code, Finding};
use crate::check::Options;
use crate::source::Source;
use std::path::Path;

/// What is silenced in one file.
#[derive(Debug, Default)]
pub struct Suppressions {
    everywhere: Vec<Code>,
    whole: bool,
    lines: Vec<(usize, Vec<Code>)>,
}

fn codes(list: &str) -> Vec<Code> {
    list.split(',').filter_map(Code::parse).collect()
}

impl Suppressions {
    /// Read a file's comments and the configuration.
    pub fn of(source: Option<&Source>, options: &Options, path: &Path) -> Suppressions {
        let mut found = Suppressions::default();
        found.everywhere.extend(options.ignore.iter().filter_map(|code| Code::parse(code)));
        let path = path.to_string_lossy();
        for (part, list) in &options.per_file_ignores {
            if path.contains(part.trim_matches('*')) {
                found.everywhere.extend(list.iter().filter_map(|code| Code::parse(code)));
            }
        }
        let Some(source) = source.filter(|source| source.text.contains("ember: ignore")) else { return found };
        for line in 1..=source.line_count() {
            let text = source.line_text(line);
            let Some((before, comment)) = text.split_once("# ember: ignore") else { continue };
            if comment.starts_with("-file") {
                found.whole |= before.trim().is_empty();
            } else if let Some((list, _)) = comment.strip_prefix('[').and_then(|rest| rest.split_once(']')) {
                found.lines.push((line, codes(list)));
            } else {
                found.lines.push((line, Vec::new()));
            }
        }
        found
    }

    /// Whether a finding is silenced.
    pub fn covers(&self, finding: &Finding) -> bool {
        let line = finding.first().map_or(0, |step| step.line());
        self.whole
            || self.everywhere.contains(&finding.code)
            || self.lines.iter().any(|(at, list)| *at == line && (list.is_empty() || list.contains(&finding.code)))
    }
}
