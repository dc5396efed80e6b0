//! Any amount of code: `EMBER_SNAPSHOTS=FILE cargo test -p ember-frontend --release --test tree -- --ignored --nocapture` translates what `dump_tree.py` printed.

mod common;

use std::collections::BTreeMap;
use std::time::Instant;

#[test]
#[ignore = "needs a file of snapshots"]
fn a_tree_of_code_is_translated() {
    let path = std::env::var_os("EMBER_SNAPSHOTS").expect("EMBER_SNAPSHOTS names a file");
    let text = std::fs::read_to_string(path).expect("a file");
    let (mut count, mut units, mut insts, mut loops, mut loops_refused, mut failures) = (0, 0, 0, 0, 0, 0);
    let mut refused: BTreeMap<&str, u32> = BTreeMap::new();
    let mut deopts: BTreeMap<&str, u32> = BTreeMap::new();
    let mut spent = std::time::Duration::ZERO;
    for part in text.split("----\n").filter(|part| !part.is_empty()) {
        let snapshot = common::parse(part);
        let start = Instant::now();
        let result = ember_frontend::build(&snapshot);
        spent += start.elapsed();
        count += 1;
        units += snapshot.units.len();
        for instr in ember_frontend::decode::instrs(&snapshot.units, &snapshot.adaptive) {
            let Some(target) = instr.jump_target().filter(|&target| target <= instr.start) else { continue };
            loops += 1;
            match ember_frontend::build_osr(&snapshot, target).map(|func| ember_hir::verify::verify(&func)) {
                Ok(errors) if errors.is_empty() => {}
                Ok(errors) => {
                    failures += 1;
                    eprintln!("{}@{target}: {errors:?}", snapshot.name);
                }
                // The interpreter goes on with such a loop.
                Err(_) => loops_refused += 1,
            }
        }
        match result {
            Ok(func) => {
                insts += func.insts.len();
                let errors = ember_hir::verify::verify(&func);
                if !errors.is_empty() {
                    failures += 1;
                    if failures < 5 {
                        eprintln!("{}: {errors:?}\n{func}", snapshot.name);
                    }
                }
                for data in func.insts.values().filter(|data| data.op == ember_hir::Op::Deopt) {
                    let opcode = (snapshot.units[data.bci as usize] & 0xFF) as usize;
                    *deopts.entry(ember_frontend::opcodes::v3_14::NAMES[opcode]).or_default() += 1;
                }
            }
            Err(refusal) => {
                eprintln!("{}: {refusal}", snapshot.name);
                *refused.entry(refusal.name()).or_default() += 1;
            }
        }
    }
    eprintln!(
        "{count} functions, {units} units, {insts} instructions, {spent:?}; {loops} loops, {loops_refused} of them refused; refused {refused:?}, deopts {deopts:?}"
    );
    assert_eq!((failures, refused.len()), (0, 0));
}
