//! The order of the crates: each uses only crates above it in [`LAYERS`], and outside libraries only where they belong.
//!
//! A manifest is read line by line: ours have one dependency a line, and a dependency that this misses is one that
//! could not be written the way the house writes them (which is an error too).

use crate::Findings;
use anyhow::{Context, Result};
use std::fs;
use std::path::Path;

/// All crates, those that know least first. A crate may use those before it.
pub const LAYERS: [&str; 14] = [
    "ember-hir",
    "ember-frontend",
    "ember-opt",
    "ember-codegen",
    "ember-cpython",
    "ember-runtime",
    "ember-jit",
    "ember-static",
    "ember-strict",
    "ember-freeze",
    "ember-lazy",
    "ember-ab",
    "ember-watch",
    "ember-py",
];

/// What the compiler's crates must not know, by prefix of the library's name, and who may.
const RESERVED: [(&str, &[&str]); 6] = [
    ("pyo3", &["ember-cpython", "ember-runtime", "ember-jit", "ember-freeze", "ember-lazy", "ember-py"]),
    // The HIR uses Cranelift's entity maps, which know nothing of Cranelift's IR.
    ("cranelift-entity", &["ember-hir", "ember-frontend", "ember-opt", "ember-codegen"]),
    ("cranelift", &["ember-codegen"]),
    // Threads and sockets of an event loop have no place in a process that runs somebody's program.
    ("tokio", &["ember-ab"]),
    ("hyper", &["ember-ab"]),
    ("notify", &["ember-watch"]),
];

/// Check every manifest in `crates/`.
pub fn check(root: &Path) -> Result<Findings> {
    let mut findings = Findings::default();
    for entry in fs::read_dir(root.join("crates"))? {
        let entry = entry?;
        let name = entry.file_name().to_string_lossy().into_owned();
        let manifest = entry.path().join("Cargo.toml");
        if !manifest.exists() {
            continue;
        }
        findings.checked += 1;
        let text = fs::read_to_string(&manifest).with_context(|| manifest.display().to_string())?;
        for problem in problems(&name, &text) {
            findings.error(format!("{name}: {problem}"));
        }
    }
    Ok(findings)
}

/// What is wrong with the manifest `text` of the crate in the folder `name`.
fn problems(name: &str, text: &str) -> Vec<String> {
    let mut problems = Vec::new();
    let Some(level) = LAYERS.iter().position(|layer| *layer == name) else {
        return vec!["is not in the table of layers".to_owned()];
    };
    let mut section = "";
    for line in text.lines().map(str::trim) {
        if let Some(header) = line.strip_prefix('[') {
            section = header.trim_end_matches(']');
            continue;
        }
        let (key, value) = line.split_once('=').map_or(("", ""), |(key, value)| (key.trim(), value.trim()));
        if section == "package" && key == "name" && value.trim_matches('"') != name {
            problems.push(format!("lies in a folder of another name than {value}"));
        }
        // Tests and build scripts may use what they like: they are no part of the product.
        if !section.ends_with("dependencies")
            || section.ends_with("dev-dependencies")
            || section == "build-dependencies"
        {
            continue;
        }
        let dependency = key.split('.').next().unwrap_or_default();
        if dependency.starts_with("ember-") {
            match LAYERS.iter().position(|layer| *layer == dependency) {
                Some(other) if other < level => {}
                Some(_) => problems.push(format!("uses {dependency}, which is not above it")),
                None => problems.push(format!("uses {dependency}, which is not in the table of layers")),
            }
        }
        if let Some((library, allowed)) = RESERVED.iter().find(|(library, _)| dependency.starts_with(library))
            && !allowed.contains(&name)
        {
            problems.push(format!("uses {dependency}; {library} is for {}", allowed.join(", ")));
        }
    }
    problems
}

#[cfg(test)]
mod tests {
    use super::problems;

    fn manifest(name: &str, dependency: &str) -> String {
        format!(
            "[package]\nname = \"{name}\"\n[dependencies]\n{dependency}\n[dev-dependencies]\nember-py.workspace = true\n"
        )
    }

    #[test]
    fn crates_look_upwards_only() {
        assert!(problems("ember-opt", &manifest("ember-opt", "ember-hir.workspace = true")).is_empty());
        assert_eq!(problems("ember-hir", &manifest("ember-hir", "ember-opt.workspace = true")).len(), 1);
        assert_eq!(problems("ember-hir", &manifest("ember-hir", "ember-hir = { path = \".\" }")).len(), 1);
        assert_eq!(problems("ember-new", "").len(), 1);
        assert_eq!(problems("ember-hir", &manifest("ember-opt", "")).len(), 1);
    }

    #[test]
    fn the_compiler_does_not_know_cpython() {
        assert_eq!(problems("ember-codegen", &manifest("ember-codegen", "pyo3-ffi.workspace = true")).len(), 1);
        assert!(problems("ember-jit", &manifest("ember-jit", "pyo3-ffi.workspace = true")).is_empty());
        assert!(problems("ember-hir", &manifest("ember-hir", "cranelift-entity.workspace = true")).is_empty());
        assert_eq!(problems("ember-hir", &manifest("ember-hir", "cranelift-codegen.workspace = true")).len(), 1);
    }
}
