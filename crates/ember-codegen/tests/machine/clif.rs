//! The Cranelift IR of a few functions, as text. `UPDATE_EXPECT=1` rewrites what is expected.
#[test]
fn show() {
    use crate::world::{env, params};
    for f in [crate::calls::fib(), crate::arith::counting_loop()] {
        let b = ember_codegen::compile(&f, &params(&f), &env(), &ember_codegen::Options { keep_clif: true, ..Default::default() }).unwrap();
        println!("{}\n{}", b.clif.as_ref().unwrap(), b.disassemble(0x10000, &env()));
    }
}
