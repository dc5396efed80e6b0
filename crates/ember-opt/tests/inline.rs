//! The inliner: what it takes in, what it leaves alone, and that every exit of an inlined body has the call's state.

use ember_hir::parse::parse;
use ember_hir::verify::verify;
use ember_hir::{Function, Op};
use ember_opt::inline::{self, Callee};
use rustc_hash::FxHashSet;

const FUNCTION: u64 = 0x1000;

const CALLER: &str = "function caller(1) {
k0 = Function \"callee\"
bb0(v0: Object):
  v1: Function = Const<k0> @2
  v2: Object = CallDirect<64>(v1, v0) fs0 @4
  CheckTracing fs1 @8
  Return(v2) fs1 @8
fs0: @4 locals [v0] stack [v1, v0] level0
fs1: @8 locals [v0] stack [v2] level0
}
";

fn callee(body: &str) -> Function {
    parse(&format!("function callee(1) {{\nbb0(v0: Object):\n{body}fs0: @2 locals [v0] stack [v0] level0\n}}\n"))
        .unwrap()
}

/// Inlines a callee with this body into [`CALLER`]; whether it was.
fn inlined(body: &str) -> (bool, Function) {
    let mut func = parse(CALLER).unwrap();
    for data in func.consts.values_mut() {
        data.address = FUNCTION;
    }
    let done = inline::run(&mut func, &FxHashSet::default(), &mut |address| {
        (address == FUNCTION).then(|| Callee { body: callee(body), checks: Vec::new() })
    });
    assert_eq!(verify(&func), Vec::<String>::new(), "{func}");
    (!done.is_empty(), func)
}

fn ops(func: &Function) -> Vec<&'static str> {
    ember_hir::cfg::Cfg::new(func)
        .rpo
        .iter()
        .flat_map(|&block| &func.blocks[block].insts)
        .map(|&inst| func.insts[inst].op.name())
        .collect()
}

#[test]
fn a_body_of_guards_and_arithmetic_takes_the_call_s_place() {
    let (done, func) = inlined(
        "  v1: CInt = CheckEvalBreaker fs0 @0
  v2: Long = GuardType<Long>(v0) fs0 @2
  v3: CInt = UnboxInt(v2) fs0 @2
  v4: CInt = INeg(v3) fs0 @2
  v5: Long = BoxInt(v4) @2
  Return(v5) fs0 @4
",
    );
    assert!(done);
    let ops = ops(&func);
    assert!(!ops.iter().any(|op| ["CallDirect", "CheckTracing", "CheckEvalBreaker"].contains(op)), "{ops:?}");
    for block in func.blocks.values() {
        for &inst in &block.insts {
            let data = &func.insts[inst];
            if data.op.effects().needs_state() {
                let state = &func.states[data.state.unwrap()];
                assert_eq!((state.bci, state.stack.len(), data.bci), (4, 2, 4), "{func}");
            }
        }
    }
}

#[test]
fn an_operation_that_may_raise_starts_the_call_again() {
    let (done, func) = inlined(
        "  v1: Unicode = GuardType<Unicode>(v0) fs0 @2
  v2: Unicode = Helper<unicode_concat>(v1, v1) fs0 @2
  Return(v2) fs0 @4
",
    );
    assert!(done);
    let ops = ops(&func);
    assert!(ops.windows(2).any(|pair| pair == ["CatchException", "Deopt"]), "{ops:?}");
}

#[test]
fn bodies_that_run_python_code_stay_calls() {
    let (done, func) = inlined(
        "  v1: CInt = CInt<0> @2
  v2: Object = Helper<binary_op>(v0, v0, v1) fs0 @2
  Return(v2) fs0 @4
",
    );
    assert!(!done);
    assert!(ops(&func).contains(&"CallDirect"));
}

#[test]
fn nothing_may_leave_after_a_store() {
    let store = "  v1: OptObject = SwapField<24, Instance>(v0, v0) @2\n";
    assert!(inlined(&format!("{store}  Return(v0) fs0 @4\n")).0);
    assert!(!inlined(&format!("{store}  v2: Long = GuardType<Long>(v0) fs0 @2\n  Return(v2) fs0 @4\n")).0);
}

#[test]
fn rare_ways_out_start_the_call_again() {
    let (done, func) = inlined(
        "  v1: CBool = IsType<Long>(v0) @2
  Branch(v1) bb1() bb2() @2
bb1():
  Return(v0) fs0 @4
bb2(): cold
  v2: CInt = CInt<0> @6
  v3: Object = Helper<binary_op>(v0, v0, v2) fs0 @6
  Return(v3) fs0 @8
",
    );
    assert!(done);
    let leaving = func.blocks.values().flat_map(|block| &block.insts).filter(|&&inst| func.insts[inst].op == Op::Deopt);
    assert_eq!(leaving.count(), 1, "{func}");
    assert!(!ops(&func).contains(&"Helper"));
}
