//! What every source file promises: a module doc, a bounded length, and `unsafe` only where it belongs.

use crate::Findings;
use anyhow::{Context, Result};
use std::fs;
use std::path::Path;

/// Where `unsafe` may stand: whole crates, or one part of a crate.
const UNSAFE_ALLOWED: [&str; 9] = [
    "crates/ember-codegen/src/arena",
    "crates/ember-codegen/src/thunk",
    "crates/ember-codegen/tests/",
    "crates/ember-cpython/",
    "crates/ember-runtime/",
    "crates/ember-jit/",
    "crates/ember-freeze/",
    "crates/ember-lazy/",
    "crates/ember-py/",
];

/// Lines from which on a file is too long to be read in one go, and from which on that is an error.
const LONG: usize = 800;
const TOO_LONG: usize = 1000;

/// Check the Rust files of `crates/` and `xtask/`, and the length of Python files.
pub fn check(root: &Path) -> Result<Findings> {
    let mut findings = Findings::default();
    for folder in ["crates", "xtask", "python", "tools"] {
        let top = root.join(folder);
        if top.exists() {
            walk(root, &top, &mut findings)?;
        }
    }
    Ok(findings)
}

fn walk(root: &Path, folder: &Path, findings: &mut Findings) -> Result<()> {
    for entry in fs::read_dir(folder).with_context(|| folder.display().to_string())? {
        let path = entry?.path();
        let hidden =
            path.file_name().is_some_and(|name| name.to_string_lossy().starts_with(['.', '_']) && path.is_dir());
        if path.is_dir() && !hidden && !path.ends_with("target") {
            walk(root, &path, findings)?;
        } else if path.extension().is_some_and(|extension| extension == "rs" || extension == "py") {
            let name = path.strip_prefix(root).unwrap_or(&path).to_string_lossy().replace('\\', "/");
            let text = fs::read_to_string(&path).with_context(|| name.clone())?;
            findings.checked += 1;
            check_file(&name, &text, findings);
        }
    }
    Ok(())
}

fn check_file(name: &str, text: &str, findings: &mut Findings) {
    let lines = text.lines().count();
    // Tables that a program writes are as long as they have to be, and say so.
    let generated = text.lines().take(5).any(|line| line.contains("@generated"));
    if lines > TOO_LONG && !generated {
        findings.error(format!("{name}: {lines} lines; {TOO_LONG} are the limit"));
    } else if lines > LONG && !generated {
        findings.warnings.push(format!("{name}: {lines} lines; from {TOO_LONG} on this is an error"));
    }
    if name.ends_with(".py") {
        return;
    }
    let in_source = name.contains("/src/");
    if in_source && !text.trim_start().starts_with("//!") {
        findings.error(format!("{name}: no module doc at its beginning"));
    }
    let allowed = UNSAFE_ALLOWED.iter().any(|prefix| name.starts_with(prefix));
    let crate_allowed = UNSAFE_ALLOWED.iter().any(|prefix| name.starts_with(&prefix.replace("src/arena", "")));
    if !allowed && let Some(line) = first_unsafe(text) {
        findings.error(format!("{name}:{line}: `unsafe` does not belong here"));
    }
    let is_root = name.ends_with("/src/lib.rs") || name.ends_with("/src/main.rs");
    if is_root && !crate_allowed && !text.contains("#![forbid(unsafe_code)]") {
        findings.error(format!("{name}: a crate without unsafe code says #![forbid(unsafe_code)]"));
    }
    if is_root && name.starts_with("crates/ember-codegen") && !text.contains("#![deny(unsafe_code)]") {
        findings.error(format!(
            "{name}: only the arena and the thunks have unsafe code, so the crate says #![deny(unsafe_code)]"
        ));
    }
}

/// The line of the first `unsafe` that is code: no comment, no text, no lint's name.
fn first_unsafe(text: &str) -> Option<usize> {
    text.lines()
        .position(|line| {
            let code = line.split("//").next().unwrap_or_default();
            let mut quoted = false;
            let bare: String = code
                .chars()
                .filter(|c| {
                    quoted ^= *c == '"';
                    !quoted
                })
                .collect();
            bare.split(|c: char| !c.is_alphanumeric() && c != '_').any(|word| word == "unsafe")
        })
        .map(|index| index + 1)
}

#[cfg(test)]
mod tests {
    use super::{Findings, check_file, first_unsafe};

    fn errors(name: &str, text: &str) -> usize {
        let mut findings = Findings::default();
        check_file(name, text, &mut findings);
        findings.errors.len()
    }

    #[test]
    fn unsafe_is_found_where_it_is_code() {
        assert_eq!(first_unsafe("//! doc\nlet x = unsafe { y };"), Some(2));
        assert_eq!(first_unsafe("unsafe impl Send for X {}"), Some(1));
        assert_eq!(first_unsafe("#![forbid(unsafe_code)] // unsafe\nlet s = \"unsafe\";"), None);
    }

    #[test]
    fn unsafe_belongs_to_some_crates() {
        let text = "//! Doc.\nfn f() { unsafe { g() } }\n";
        assert_eq!(errors("crates/ember-runtime/src/calls.rs", text), 0);
        assert_eq!(errors("crates/ember-codegen/src/arena.rs", text), 0);
        assert_eq!(errors("crates/ember-codegen/src/lower.rs", text), 1);
        assert_eq!(errors("crates/ember-opt/src/dce.rs", text), 1);
    }

    #[test]
    fn roots_forbid_it_and_have_docs() {
        assert_eq!(errors("crates/ember-hir/src/lib.rs", "//! Doc.\n#![forbid(unsafe_code)]\n"), 0);
        assert_eq!(errors("crates/ember-hir/src/lib.rs", "pub fn f() {}\n"), 2);
        assert_eq!(errors("crates/ember-jit/src/lib.rs", "//! Doc.\n"), 0);
    }

    #[test]
    fn files_are_bounded() {
        let long = |lines: usize| format!("//! Doc.\n{}", "\n".repeat(lines - 1));
        assert_eq!(errors("crates/ember-hir/src/ops.rs", &long(1000)), 0);
        assert_eq!(errors("crates/ember-hir/src/ops.rs", &long(1001)), 1);
        assert_eq!(errors("tools/x.py", &"#\n".repeat(1001)), 1);
    }
}
