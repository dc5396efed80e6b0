//! Findings that a comment or the configuration silences.
//!
//! `# ember: ignore` on a line of the expression with which a module's top level starts a finding silences all of them there,
//! `# ember: ignore[EMB110, EMB112]` those codes. `# ember: ignore-file`, or `ignore-file[…]`, in a comment line of its own
//! silences a file. Only real comments count, not strings that look like one.

use super::{Code, Finding};
use crate::check::Options;
use crate::source::Source;
use ruff_python_ast::token::TokenKind;
use ruff_text_size::Ranged;
use std::path::Path;

const MARK: &str = "ember: ignore";

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
        for (pattern, list) in &options.per_file_ignores {
            if path_matches(&path, pattern) {
                found.everywhere.extend(list.iter().filter_map(|code| Code::parse(code)));
            }
        }
        if let Some(source) = source.filter(|source| source.text.contains(MARK)) {
            found.read_comments(source);
        }
        found
    }

    fn read_comments(&mut self, source: &Source) {
        let Ok(parsed) = ruff_python_parser::parse_module(&source.text) else { return };
        for token in parsed.tokens().iter().filter(|token| token.kind() == TokenKind::Comment) {
            let range = token.range();
            let (start, end) = (range.start().to_usize(), range.end().to_usize());
            let Some((_, rest)) = source.text.get(start..end).and_then(|comment| comment.split_once(MARK)) else {
                continue;
            };
            let line = source.line(range.start().into());
            let of_file = rest.strip_prefix("-file");
            let listed = of_file.unwrap_or(rest).strip_prefix('[').and_then(|rest| rest.split_once(']'));
            let listed = listed.map(|(list, _)| codes(list));
            match (of_file, listed) {
                (None, listed) => self.lines.push((line, listed.unwrap_or_default())),
                (Some(_), _) if !source.line_text(line).trim_start().starts_with('#') => {}
                (Some(_), Some(listed)) => self.everywhere.extend(listed),
                (Some(_), None) => self.whole = true,
            }
        }
    }

    /// Whether a finding is silenced.
    pub fn covers(&self, finding: &Finding) -> bool {
        if self.whole || self.everywhere.contains(&finding.code) {
            return true;
        }
        let Some(step) = finding.first() else { return false };
        let lines = step.line()..=step.source.line(step.span.1.max(step.span.0));
        self.lines.iter().any(|(at, list)| lines.contains(at) && (list.is_empty() || list.contains(&finding.code)))
    }
}

/// Whether a path is one that a pattern means: a part of it, or with `*`, `**` and `?` what its last components look like.
fn path_matches(path: &str, pattern: &str) -> bool {
    if !pattern.contains(['*', '?']) {
        return path.contains(pattern);
    }
    let starts = std::iter::once(0).chain(path.match_indices('/').map(|(at, _)| at + 1));
    starts.into_iter().any(|start| glob(&path.as_bytes()[start..], pattern.as_bytes()))
}

fn glob(text: &[u8], pattern: &[u8]) -> bool {
    match pattern {
        [] => text.is_empty(),
        [b'*', b'*', rest @ ..] => {
            let rest = rest.strip_prefix(b"/").unwrap_or(rest);
            (0..=text.len()).any(|at| glob(&text[at..], rest))
        }
        [b'*', rest @ ..] => {
            let longest = text.iter().position(|c| *c == b'/').unwrap_or(text.len());
            (0..=longest).any(|at| glob(&text[at..], rest))
        }
        [b'?', rest @ ..] => text.first().is_some_and(|c| *c != b'/') && glob(&text[1..], rest),
        [c, rest @ ..] => text.first() == Some(c) && glob(&text[1..], rest),
    }
}

#[cfg(test)]
mod tests {
    use super::path_matches;

    #[test]
    fn patterns_mean_parts_of_paths_or_their_ends() {
        for (path, pattern, expected) in [
            ("/a/tests/x.py", "tests/", true),
            ("/a/tests/x.py", "test.py", false),
            ("/a/tests/x.py", "tests/*.py", true),
            ("/a/tests/b/x.py", "tests/*.py", false),
            ("/a/tests/b/x.py", "tests/**/*.py", true),
            ("/a/tests/x.py", "tests/**/*.py", true),
            ("/a/x_old.py", "*_old.py", true),
            ("/a/x_old.py", "?_old.py", true),
            ("/a/xx_old.py", "?_old.py", false),
            ("/a/x_old.pyi", "*_old.py", false),
        ] {
            assert_eq!(path_matches(path, pattern), expected, "{path} {pattern}");
        }
    }
}
