//! A source file: its text and where its lines begin.

use std::path::PathBuf;

/// A source that is analysed.
#[derive(Debug)]
pub struct Source {
    /// Where it lies; `<…>` for text given to `exec`.
    pub path: PathBuf,
    /// The module's dotted name.
    pub module: String,
    /// The text, without a byte order mark.
    pub text: String,
    /// The byte at which each line begins.
    lines: Vec<u32>,
}

impl Source {
    /// A source with its lines found.
    pub fn new(path: impl Into<PathBuf>, module: impl Into<String>, text: String) -> Source {
        let mut lines = vec![0];
        lines.extend(text.bytes().enumerate().filter(|(_, byte)| *byte == b'\n').map(|(at, _)| at as u32 + 1));
        Source { path: path.into(), module: module.into(), text, lines }
    }

    /// Line (from 1) and column (from 1, in characters) of a byte.
    pub fn position(&self, offset: u32) -> (usize, usize) {
        let line = self.lines.partition_point(|start| *start <= offset).max(1);
        let start = self.lines.get(line - 1).copied().unwrap_or(0) as usize;
        let column = self.text.get(start..offset as usize).map_or(0, |part| part.chars().count());
        (line, column + 1)
    }

    /// The line (from 1) of a byte.
    pub fn line(&self, offset: u32) -> usize {
        self.lines.partition_point(|start| *start <= offset).max(1)
    }

    /// The text of a line (from 1), without its end.
    pub fn line_text(&self, line: usize) -> &str {
        let start = self.lines.get(line.saturating_sub(1)).copied().unwrap_or(0) as usize;
        let end = self.lines.get(line).map_or(self.text.len(), |end| *end as usize);
        self.text.get(start..end).unwrap_or("").trim_end_matches(['\n', '\r'])
    }

    /// How many lines there are.
    pub fn line_count(&self) -> usize {
        self.lines.len()
    }
}
