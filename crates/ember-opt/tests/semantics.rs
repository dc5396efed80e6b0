//! Optimised functions do what the programs they came from do, wherever they leave.

mod support;

use ember_hir::Function;
use ember_hir::eval::{Datum, Outcome, eval};
use ember_hir::verify::verify;
use ember_opt::pipeline::{OPTIMIZE, pass};
use support::mini::{self, Code, Val};

const STEPS: usize = 3000;

fn datum(val: Val) -> Datum {
    match val {
        Val::Int(value) => Datum::BoxedInt(value as i64),
        Val::Double(value) => Datum::BoxedDouble(value),
    }
}

/// What the program gives when it starts as compiled code; `None` when that takes too long.
fn run(code: &[Code], func: &Function, args: &[Val]) -> Result<Option<Val>, String> {
    let args: Vec<Datum> = args.iter().copied().map(datum).collect();
    match eval(func, &args, STEPS * 20) {
        Outcome::Returned(Datum::BoxedInt(value)) => Ok(Some(Val::Int(i128::from(value)))),
        Outcome::Returned(Datum::BoxedDouble(value)) => Ok(Some(Val::Double(value))),
        Outcome::Left(levels) => Ok(mini::resume(code, &levels[0], STEPS)),
        Outcome::Endless => Ok(None),
        other => Err(format!("{other:?}")),
    }
}

fn check(seed: u64) {
    let code = mini::program(seed);
    let before = mini::translate(&code);
    assert_eq!(verify(&before), Vec::<String>::new(), "seed {seed}:\n{code:?}\n{before}");
    let mut func = before.clone();
    let mut after: Vec<(&str, Function)> = Vec::new();
    for name in OPTIMIZE {
        let (name, pass) = pass(name).unwrap();
        pass(&mut func);
        assert_eq!(verify(&func), Vec::<String>::new(), "seed {seed}, after {name}:\n{before}\n{func}");
        after.push((name, func.clone()));
    }
    let values = [Val::Int(0), Val::Int(3), Val::Int(-2), Val::Int(i128::from(i64::MAX)), Val::Double(2.5)];
    for first in values {
        for second in [values[1], values[3], values[4]] {
            let args = [first, second];
            let locals = [Some(first), Some(second), None, None];
            let Some(expected) = mini::interpret(&code, 0, &locals, &[], STEPS) else { continue };
            let found = run(&code, &before, &args);
            assert_eq!(found, Ok(Some(expected)), "seed {seed} {args:?}: translated\n{code:?}\n{before}");
            for (index, (name, func)) in after.iter().enumerate() {
                let found = run(&code, func, &args);
                let earlier = if index == 0 { &before } else { &after[index - 1].1 };
                assert_eq!(
                    found,
                    Ok(Some(expected)),
                    "seed {seed} {args:?}: after {name}\n{code:?}\n{earlier}\n{func}"
                );
            }
        }
    }
}

#[test]
fn passes_keep_the_meaning() {
    let seeds = std::env::var("EMBER_SEEDS").ok().and_then(|text| text.parse().ok()).unwrap_or(300);
    (0..seeds).for_each(check);
}
