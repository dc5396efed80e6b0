//! Passes by example: each `.hir` file has a `; pass: NAME …` line, a function, and after the line `; =>` what the passes make of it. `EMBER_BLESS=1` writes the latter.

use ember_hir::parse::parse;
use ember_hir::verify::verify;
use ember_opt::pipeline;
use std::path::Path;

const ARROW: &str = "; =>\n";

fn check(path: &Path, text: String) -> datatest_stable::Result<()> {
    let names = text.lines().find_map(|line| line.strip_prefix("; pass:")).ok_or("no `; pass:` line")?;
    let (input, expected) = text.split_once(ARROW).unwrap_or((&text, ""));
    let mut func = parse(input)?;
    let errors = verify(&func);
    if !errors.is_empty() {
        return Err(errors.join("\n").into());
    }
    for name in names.split_whitespace() {
        let (_, pass) = pipeline::pass(name).ok_or_else(|| format!("no pass {name}"))?;
        pass(&mut func);
        let errors = verify(&func);
        if !errors.is_empty() {
            return Err(format!("after {name}: {}\n{func}", errors.join("\n")).into());
        }
    }
    let found = func.to_string();
    if std::env::var_os("EMBER_BLESS").is_some() {
        std::fs::write(path, format!("{}\n{ARROW}{found}", input.trim_end()))?;
    } else if found != expected {
        return Err(format!("expected\n{expected}\nfound\n{found}").into());
    }
    Ok(())
}

datatest_stable::harness! {
    { test = check, root = "tests/hir", pattern = r"\.hir$" },
}
