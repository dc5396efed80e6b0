//! How long compiling takes; run with `cargo test --release -p ember-codegen -- --ignored --nocapture`.

use crate::build::Build;
use crate::world::{World, env, long, params};
use ember_codegen::{Options, compile};
use ember_hir::ops::{Cc, Region};
use ember_hir::{Function, HelperId, Op, Type};
use std::time::Instant;

/// A function like compiled web code: guards, attribute loads, calls, reference counts, some integers. About `insts` instructions.
fn typical(insts: usize) -> Function {
    let (mut b, p) = Build::new(3, 3);
    let mut values = p.clone();
    let mut bci = 4;
    while b.f.insts.len() < insts {
        bci += 5;
        let pick = |n: usize| values[(bci as usize * 7 + n) % values.len()];
        let (x, y, z) = (pick(0), pick(1), pick(2));
        let state = b.state(bci, &[Some(p[0]), Some(x), Some(y), Some(z), None, None], &[x, z]);
        let guarded = b.op_at(Op::GuardClass { number: bci }, &[x], state);
        let field = b.op(Op::LoadField { offset: 40, region: Region::Instance, ty: Type::OptObject }, &[guarded]);
        let field = b.op_at(Op::GuardNotNull, &[field], state);
        b.inst(Op::Incref, &[field]);
        let result = b.inst_at(Op::CallVector, &[y, field, z], state);
        b.f.exit_owned[result].push(field);
        let result = b.f.result(result);
        b.inst(Op::Decref, &[field]);
        b.inst(Op::SetLocal { slot: 3 }, &[result]);
        let long = b.op_at(Op::GuardType { ty: Type::Long }, &[result], state);
        let int = b.op_at(Op::UnboxInt, &[long], state);
        let three = b.int(3);
        let sum = b.op_at(Op::IAdd, &[int, three], state);
        let less = b.op(Op::ICmp { cc: Cc::Lt }, &[sum, int]);
        let (yes, _) = b.block(&[]);
        let (join, joined) = b.block(&[Type::Object]);
        let boxed = b.op(Op::BoxInt, &[sum]);
        let inst = b.inst(Op::Branch, &[less]);
        for (block, args) in [(yes, vec![]), (join, vec![boxed])] {
            b.f.insts[inst].targets.push(ember_hir::BlockCall { block, args: args.as_slice().into() });
        }
        b.at = yes;
        let which = b.int(0);
        let other = b.op_at(Op::Helper { id: HelperId::binary_op }, &[boxed, y, which], state);
        b.jump(join, &[other]);
        b.at = join;
        values[(bci as usize) % 3] = joined[0];
    }
    b.inst(Op::Incref, &[values[0]]);
    b.ret(values[0]);
    b.f
}

#[test]
fn a_large_function_compiles_fast_or_is_refused() {
    let func = typical(3000);
    let options = Options { max_insts: 2000, ..Options::default() };
    assert!(matches!(
        compile(&func, &params(&func), &env(), &options),
        Err(ember_codegen::CodegenError::TooLarge { insts }) if insts > 2000
    ));
    let options = Options { max_insts_good: 2000, ..Options::default() };
    assert!(compile(&func, &params(&func), &env(), &options).is_ok());
}

#[test]
#[ignore = "a measurement"]
fn compile_time() {
    let options = Options { verify: false, max_insts_good: 30_000, ..Options::default() };
    for insts in [0, 50, 200, 800, 2000] {
        let func = typical(insts);
        let build_only = Options { max_insts: 0, ..options };
        let build = (0..60).map(|_| {
            let start = Instant::now();
            assert!(compile(&func, &params(&func), &env(), &build_only).is_err());
            start.elapsed().as_secs_f64() * 1e6
        });
        let build = build.fold(f64::INFINITY, f64::min);
        let mut times: Vec<f64> = (0..60)
            .map(|_| {
                let start = Instant::now();
                let body = compile(&func, &params(&func), &env(), &options).unwrap();
                std::hint::black_box(body.bytes.len());
                start.elapsed().as_secs_f64() * 1e6
            })
            .collect();
        times.sort_by(f64::total_cmp);
        let body = compile(&func, &params(&func), &env(), &options).unwrap();
        println!(
            "{:5} HIR instructions, {:6} of Cranelift: {build:5.0} + {:6.0} us (median {:6.0}), {:6} bytes, {} exits",
            func.insts.len(),
            body.insts,
            times[0] - build,
            times[times.len() / 2],
            body.bytes.len(),
            body.exits.len()
        );
    }
}

#[test]
#[ignore = "a measurement"]
fn run_time() {
    let mut world = World::new();
    let (sum, _) = world.install(&crate::arith::counting_loop());
    let (fib, _) = world.install(&crate::calls::fib());
    let measure = |count: f64, run: &dyn Fn()| {
        let best = (0..30).map(|_| {
            let start = Instant::now();
            run();
            start.elapsed().as_secs_f64()
        });
        best.fold(f64::INFINITY, f64::min) * 1e9 / count
    };
    let n = long(1_000_000);
    println!("{:.2} ns an iteration of an int loop", measure(1e6, &|| assert_ne!(world.vectorcall(sum, &[n]), 0)));
    let n = long(18);
    // Boxes of this world are slow: what is measured is calls, frames and counts, with small ints.
    println!("{:.2} ns a call of fib", measure(8361.0, &|| assert_ne!(world.vectorcall(fib, &[n]), 0)));
    crate::world::events();
}

#[test]
#[ignore = "for a profiler"]
fn compile_again_and_again() {
    let options = Options { verify: false, max_insts_good: 30_000, ..Options::default() };
    let func = typical(200);
    for _ in 0..1500 {
        std::hint::black_box(compile(&func, &params(&func), &env(), &options).is_ok());
    }
}
