//! Reference counts and frame slots, checked by running random functions on a hostile machine.

mod support;

use ember_hir::verify::verify;
use ember_opt::{frame_sync, pipeline, refcount};

fn check(seed: u64, elide: bool, sync: bool) {
    let mut func = support::generate::function(seed);
    let before = func.to_string();
    let errors = verify(&func);
    assert!(errors.is_empty(), "seed {seed}: generated\n{before}\n{}", errors.join("\n"));
    refcount::insert::run(&mut func);
    if elide {
        refcount::elide::run(&mut func);
    }
    if sync {
        frame_sync::run(&mut func);
    }
    let errors = verify(&func);
    assert!(errors.is_empty(), "seed {seed}:\n{before}\n{func}\n{}", errors.join("\n"));
    for run in 0..8 {
        if let Err((error, trace)) = support::machine::run(&func, seed * 100 + run, sync) {
            panic!("seed {seed}, run {run}:\n{before}\n{func}\n{}\n{error}", trace.join("\n"));
        }
    }
}

#[test]
fn inserted() {
    (0..seeds()).for_each(|seed| check(seed, false, false));
}

#[test]
fn elided() {
    (0..seeds()).for_each(|seed| check(seed, true, false));
}

#[test]
fn synced() {
    (0..seeds()).for_each(|seed| check(seed, true, true));
}

#[test]
fn optimised() {
    let options = pipeline::Options { verify: true, ..pipeline::Options::default() };
    for seed in 0..seeds() {
        let mut func = support::generate::function(seed);
        let before = func.to_string();
        if let Err(error) = pipeline::run(&mut func, &options) {
            panic!("seed {seed}:\n{before}\n{func}\n{error}");
        }
        for run in 0..8 {
            if let Err((error, trace)) = support::machine::run(&func, seed * 100 + run, true) {
                panic!("seed {seed}, run {run}:\n{before}\n{func}\n{}\n{error}", trace.join("\n"));
            }
        }
    }
}

fn counted(text: &str) -> String {
    let mut func = ember_hir::parse::parse(text).unwrap();
    assert_eq!(verify(&func), Vec::<String>::new());
    refcount::insert::run(&mut func);
    func.to_string()
}

#[test]
fn what_a_local_shows_outlives_the_instruction_that_takes_it_over() {
    let text = counted(
        "function f(1) {
        bb0(v0: Object):
          v1: Object = Helper<get_iter>(v0) fs0
          v2: List = Helper<build_list>(v1) fs1
          Return(v2)
        fs0: @0 locals [v0] stack []
        fs1: @0 locals [v1] stack [v1]
        }",
    );
    let expected = "  Incref(v1) @0\n  v2: List = Helper<build_list>(v1) fs1 @0 owns [v1]\n  Decref(v1) @0\n";
    assert!(text.contains(expected), "{text}");
}

/// How many random functions to try; more with `EMBER_SEEDS`.
fn seeds() -> u64 {
    std::env::var("EMBER_SEEDS").ok().and_then(|text| text.parse().ok()).unwrap_or(600)
}

#[test]
fn an_address_inside_an_object_keeps_it_alive_and_is_no_name_for_it() {
    let text = counted(
        "function f(1) {
        bb0(v0: Object):
          v1: List = Helper<build_list> fs0
          v2: CPtr = LoadField<24, ListHeader, CPtr>(v1)
          v3: CInt = CInt<0>
          v4: Object = LoadIndexed<0, ListItems, Object>(v2, v3)
          Return(v4)
        fs0: @0 locals [v0] stack []
        }",
    );
    let expected = "(v2, v3) @0\n  Incref(v4) @0\n  Decref(v1) @0\n  Return(v4) @0\n";
    assert!(text.contains(expected), "{text}");
}
