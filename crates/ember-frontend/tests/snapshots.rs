//! Every snapshot is translated; the HIR must be as in the file beside it. `EMBER_BLESS=1` writes those files.

mod common;

use ember_hir::Function;
use std::path::PathBuf;

fn snapshots() -> Vec<(String, String)> {
    let dir = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/snapshots");
    let mut all: Vec<(String, String)> = std::fs::read_dir(dir)
        .expect("the directory of snapshots")
        .filter_map(|entry| {
            let path = entry.expect("an entry").path();
            let name = path.file_stem()?.to_str()?.to_owned();
            (path.extension()? == "snap").then(|| (name, std::fs::read_to_string(&path).expect("a file")))
        })
        .collect();
    all.sort();
    all
}

/// What must hold whatever the snapshot: terminators, arities, states, and definitions before uses along the dominator tree.
fn check(func: &Function) -> Vec<String> {
    ember_hir::verify::verify(func)
}

#[test]
fn translations_are_as_blessed() {
    let bless = std::env::var_os("EMBER_BLESS").is_some();
    let mut failures = Vec::new();
    for (name, text) in snapshots() {
        let snapshot = common::parse(&text);
        let hir = match ember_frontend::build(&snapshot) {
            Ok(func) => {
                let errors = check(&func);
                let text = func.to_string();
                if !errors.is_empty() {
                    failures.push(format!("{name}: {errors:#?}\n{text}"));
                }
                text
            }
            Err(refusal) => format!("refused: {refusal}\n"),
        };
        let path = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join(format!("tests/snapshots/{name}.hir"));
        if bless {
            std::fs::write(path, hir).expect("written");
        } else if std::fs::read_to_string(path).unwrap_or_default() != hir {
            failures.push(format!("{name}: not as blessed\n{hir}"));
        }
    }
    assert!(failures.is_empty(), "{}", failures.join("\n\n"));
}

/// A generator has no translation as a function, but one for each place where it is resumed: beside the snapshot, one after the other.
#[test]
fn generators_are_translated_from_where_they_are_resumed() {
    let bless = std::env::var_os("EMBER_BLESS").is_some();
    let mut found = 0;
    for (name, text) in snapshots() {
        let snapshot = common::parse(&text);
        let mut all = String::new();
        for instr in ember_frontend::decode::instrs(&snapshot.units, &snapshot.adaptive) {
            if !instr.suspends() {
                continue;
            }
            let func = ember_frontend::build_osr(&snapshot, instr.next).expect("a translation");
            assert!(check(&func).is_empty(), "{name}: {:#?}\n{func}", check(&func));
            all += &format!("# resumed at {}\n{func}\n", instr.next);
        }
        if all.is_empty() {
            continue;
        }
        found += 1;
        let path = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join(format!("tests/snapshots/{name}.resumed.hir"));
        if bless {
            std::fs::write(path, all).expect("written");
        } else {
            assert_eq!(std::fs::read_to_string(path).unwrap_or_default(), all, "{name}");
        }
    }
    assert!(found > 0);
}

#[test]
fn every_loop_head_can_be_entered_from_the_interpreter() {
    let mut failures = Vec::new();
    for (name, text) in snapshots() {
        let snapshot = common::parse(&text);
        for instr in ember_frontend::decode::instrs(&snapshot.units, &snapshot.adaptive) {
            let target = instr.jump_target().filter(|&target| target <= instr.start);
            let Some(target) = target else { continue };
            match ember_frontend::build_osr(&snapshot, target) {
                Ok(func) => {
                    failures.extend(check(&func).into_iter().map(|error| format!("{name}@{target}: {error}\n{func}")))
                }
                Err(refusal) => failures.push(format!("{name}@{target}: {refusal}")),
            }
        }
    }
    assert!(failures.is_empty(), "{}", failures.join("\n"));
}
