//! Exposes the version of the Python being built for (`cfg(Py_3_14)` …), and lets this crate's own
//! tests and examples link: CPython's symbols come from the interpreter that loads an extension, so
//! an ordinary executable has nothing to resolve them with. A linker script gives every name that
//! looks like CPython's the address 0, if nothing else defines it. What such an executable runs must
//! therefore be pure (layouts, tagging, arithmetic).

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::{env, fs, io};

fn main() -> io::Result<()> {
    println!("cargo:rerun-if-changed=build.rs");
    println!("cargo:rerun-if-changed=src");
    pyo3_build_config::use_pyo3_cfgs();

    let mut names = BTreeSet::new();
    collect(Path::new("src"), &mut names)?;
    let script = PathBuf::from(env::var_os("OUT_DIR").unwrap_or_default()).join("python_symbols.ld");
    fs::write(&script, names.iter().map(|n| format!("PROVIDE({n} = 0);\n")).collect::<String>())?;
    println!("cargo:rustc-link-arg={}", script.display());
    println!("cargo:rustc-link-arg=-Wl,--unresolved-symbols=ignore-all");
    Ok(())
}

/// Identifiers in the sources that start like a CPython symbol. Too many do no harm.
fn collect(dir: &Path, names: &mut BTreeSet<String>) -> io::Result<()> {
    for entry in fs::read_dir(dir)? {
        let path = entry?.path();
        if path.is_dir() {
            collect(&path, names)?;
        } else if path.extension().is_some_and(|e| e == "rs") {
            let text = fs::read_to_string(&path)?;
            let words = text.split(|c: char| !(c.is_ascii_alphanumeric() || c == '_'));
            names.extend(words.filter(|w| w.starts_with("Py") || w.starts_with("_Py")).map(str::to_owned));
        }
    }
    Ok(())
}
