//! Refuses sources that nest too deeply before a recursive parser sees them.
//!
//! The parser and everything that walks its tree call themselves once a level. CPython has limits too (200 brackets, 100
//! blocks); what it accepts passes here, with room for long chains of operators.

/// Levels of brackets that are accepted, as in CPython.
const BRACKETS: usize = 200;
/// Tokens of one logical line that can nest without brackets (`not not …`, `lambda: lambda: …`, `a.b.c…`, `a + b + …`).
const CHAIN: usize = 20_000;
/// Columns of indentation; each level of blocks needs at least one.
const INDENT: usize = 1_000;

/// What nests too deeply in a source, if anything does, and whether only the analysis minds.
pub fn too_deep(text: &str) -> Option<(&'static str, bool)> {
    let (mut open, mut chain, mut indent, mut at_start) = (0usize, 0usize, 0usize, true);
    let mut in_word = false;
    // Columns at which the open blocks begin; lines of long strings come and go like blocks.
    let mut blocks: Vec<usize> = Vec::new();
    for byte in text.bytes() {
        if at_start {
            match byte {
                b' ' => indent += 1,
                b'\t' => indent += 8,
                b'\n' | b'\r' | b'\x0c' => indent = 0,
                _ => {
                    at_start = false;
                    while blocks.last().is_some_and(|open| *open >= indent) {
                        blocks.pop();
                    }
                    if indent > 0 {
                        blocks.push(indent);
                    }
                }
            }
            if indent > INDENT * 8 || blocks.len() > INDENT {
                return Some(("too many levels of indentation", false));
            }
        }
        match byte {
            b'(' | b'[' | b'{' => open += 1,
            b')' | b']' | b'}' => open = open.saturating_sub(1),
            b'\n' => {
                (at_start, indent) = (true, 0);
                if open == 0 {
                    chain = 0;
                }
            }
            b',' | b';' | b'#' | b'"' | b'\'' => chain = chain.saturating_sub(2),
            _ => {}
        }
        let word = byte.is_ascii_alphanumeric() || byte >= 0x80 || byte == b'_';
        if (!word && !byte.is_ascii_whitespace()) || (word && !in_word) {
            chain += 1;
        }
        in_word = word;
        if open > BRACKETS * 4 {
            return Some(("too many nested parentheses", false));
        }
        if chain > CHAIN * 16 {
            return Some(("an expression that is too long", true));
        }
    }
    None
}
