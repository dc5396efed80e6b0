//! Checks that the compiler does not make: `cargo xtask [CHECK…]`.
//!
//! The idea: what the architecture promises about the sources is checked by a program, so that it stays true. Each check
//! is a module that returns the list of its findings; this file runs them and prints.
//!
//! `layering`: a crate uses only crates above it, and only some know CPython, PyO3 or Cranelift.
//! `sources`: `unsafe` only where it may be and forbidden elsewhere, documented crate roots and modules, bounded files.

#![forbid(unsafe_code)]

mod layering;
mod sources;

use anyhow::{Context, Result};
use lexopt::ValueExt;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

/// What a check found.
#[derive(Default)]
pub struct Findings {
    /// What must be mended.
    pub errors: Vec<String>,
    /// What is on its way to becoming an error.
    pub warnings: Vec<String>,
    /// How many things were looked at.
    pub checked: usize,
}

impl Findings {
    /// Note an error.
    pub fn error(&mut self, text: impl Into<String>) {
        self.errors.push(text.into());
    }
}

type Check = fn(&Path) -> Result<Findings>;
const CHECKS: [(&str, Check); 2] = [("layering", layering::check), ("sources", sources::check)];

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("xtask lies in the workspace").to_owned()
}

fn run() -> Result<bool> {
    let mut wanted = Vec::new();
    let mut arguments = lexopt::Parser::from_env();
    while let Some(argument) = arguments.next()? {
        match argument {
            lexopt::Arg::Value(name) => wanted.push(name.string()?),
            other => return Err(other.unexpected().into()),
        }
    }
    let known = |name: &str| CHECKS.iter().any(|(check, _)| *check == name);
    if let Some(name) = wanted.iter().find(|name| !known(name)) {
        anyhow::bail!("no check {name}; there are {}", CHECKS.map(|(name, _)| name).join(", "));
    }
    let (mut passed, mut failed) = (0, 0);
    for (name, check) in CHECKS.iter().filter(|(name, _)| wanted.is_empty() || wanted.iter().any(|w| w == name)) {
        let findings = check(&root()).with_context(|| format!("the check {name}"))?;
        for warning in &findings.warnings {
            eprintln!("{name}: warning: {warning}");
        }
        for error in &findings.errors {
            eprintln!("{name}: error: {error}");
        }
        failed += findings.errors.len();
        passed += findings.checked.saturating_sub(findings.errors.len());
    }
    eprintln!("{passed} passed, {failed} failed");
    Ok(failed == 0)
}

fn main() -> ExitCode {
    match run() {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(error) => {
            eprintln!("xtask: {error:#}");
            ExitCode::from(2)
        }
    }
}
