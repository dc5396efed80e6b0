//! Whether an indented statement stands in a `try` or `with` statement, by the lines above it.
//!
//! The exception table covers the bodies that an exception would leave through a handler; that an `else` or `finally` body belongs to a `try` statement only the source
//! says. It is asked about few lines, so it is not parsed: the headers of the blocks around a statement are the lines above it that are indented
//! less and less. Whatever is not clearly an `if` statement counts as protected, strings over several lines in between, too.

/// Whether line `number` (from 1) of `source` must be taken to stand in a `try` or `with` statement.
#[must_use]
pub fn is_protected(source: &str, number: usize) -> bool {
    let lines: Vec<&str> = source.lines().take(number).collect();
    let Some(indent) = lines.get(number.wrapping_sub(1)).and_then(|line| indent_of(line)) else { return true };
    let (mut indent, mut wanted_if) = (indent, false);
    for line in lines[..number - 1].iter().rev() {
        if indent == 0 && !wanted_if {
            return false;
        }
        if line.contains("\"\"\"") || line.contains("'''") {
            return true;
        }
        let Some(own) = indent_of(line) else { continue };
        // After an `else` its statement is looked for in the same column.
        if own > indent || (own == indent && !wanted_if) {
            continue;
        }
        let word: &str = line.trim_start().split(|c: char| !c.is_ascii_alphanumeric() && c != '_').next().unwrap_or("");
        match word {
            "if" | "elif" => wanted_if = false,
            "else" if !wanted_if => wanted_if = true,
            _ if wanted_if
                && own == indent
                && !matches!(word, "try" | "except" | "finally" | "for" | "while" | "with") =>
            {
                continue;
            }
            _ => return true,
        }
        indent = own;
    }
    indent != 0 || wanted_if
}

/// Columns before the first character; None for lines that are blank or comments.
fn indent_of(line: &str) -> Option<usize> {
    let text = line.trim_start();
    (!text.is_empty() && !text.starts_with('#')).then(|| line.len() - text.len())
}

#[cfg(test)]
mod tests {
    use super::is_protected;

    #[test]
    fn only_if_statements_do_not_protect() {
        let text =
            "import a\nif x:\n    import b\nelif y:\n    z()\n\n    import c\nelse:\n    if w:\n        import d\n";
        for line in [1, 3, 7, 10] {
            assert!(!is_protected(text, line), "{line}");
        }
    }

    #[test]
    fn all_parts_of_a_try_statement_protect() {
        let text = "try:\n    import b\nexcept E:\n    import c\nelse:\n    import d\nfinally:\n    if x:\n        import e\nwith x:\n    import f\nimport g\n";
        for line in [2, 4, 6, 9, 11] {
            assert!(is_protected(text, line), "{line}");
        }
        assert!(!is_protected(text, 12));
        assert!(is_protected("for x in y:\n    z()\nelse:\n    import a\n", 4));
        assert!(is_protected("try:\n    pass\nexcept E:\n    pass\nelse:\n    z = 1\n    import a\n", 7));
    }

    #[test]
    fn what_is_not_clear_protects() {
        assert!(is_protected("x = '''\nif y:\n'''\nif z:\n    t = '''\nif a:\n'''\n    import b\n", 8));
        assert!(is_protected("import a", 9));
    }
}
