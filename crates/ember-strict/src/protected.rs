//! Which import statements stand inside of `try` or `with` statements: bytecode does not tell that of `else` and `finally` bodies.

use crate::source::Source;
use crate::syntax::depth;
use ruff_python_ast::statement_visitor::{StatementVisitor, walk_stmt};
use ruff_python_ast::{ModModule, Stmt};
use ruff_text_size::Ranged;

struct Visitor<'s> {
    source: &'s Source,
    inside: usize,
    lines: Vec<usize>,
}

impl<'a> StatementVisitor<'a> for Visitor<'_> {
    fn visit_stmt(&mut self, stmt: &'a Stmt) {
        match stmt {
            Stmt::Import(_) | Stmt::ImportFrom(_) if self.inside > 0 => {
                self.lines.push(self.source.line(stmt.start().to_u32()));
            }
            Stmt::Try(_) | Stmt::With(_) => {
                self.inside += 1;
                walk_stmt(self, stmt);
                self.inside -= 1;
            }
            // What they do is none of the module's own statements.
            Stmt::FunctionDef(_) | Stmt::ClassDef(_) => {}
            _ => walk_stmt(self, stmt),
        }
    }
}

/// The lines (from 1) of the import statements inside of `try` or `with` at a module's top level; None if it cannot be parsed.
#[must_use]
pub fn import_lines(text: &str) -> Option<Vec<usize>> {
    if depth::too_deep(text).is_some() {
        return None;
    }
    let source = Source::new("", "", text.to_owned());
    let module: ModModule = ruff_python_parser::parse_module(&source.text).ok()?.into_syntax();
    let mut visitor = Visitor { source: &source, inside: 0, lines: Vec::new() };
    visitor.visit_body(&module.body);
    Some(visitor.lines)
}

#[cfg(test)]
mod tests {
    use super::import_lines;

    #[test]
    fn all_parts_of_a_try_statement_count() {
        let text = "import a\ntry:\n    import b\nexcept E:\n    import c\nelse:\n    import d\nfinally:\n    import e\nif x:\n    import f\n";
        assert_eq!(import_lines(text), Some(vec![3, 5, 7, 9]));
        assert_eq!(import_lines("with x:\n    if y:\n        from a import b\n"), Some(vec![3]));
        assert_eq!(import_lines("import a, b; try:"), None);
    }
}
