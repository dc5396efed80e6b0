//! The Cranelift IR of a few functions, as text. `UPDATE_EXPECT=1` rewrites what is expected.

use crate::build::{Build, int_binary};
use crate::world::{env, params};
use ember_codegen::{Options, compile};
use ember_hir::ops::Region;
use ember_hir::{Function, Op, Type};
use expect_test::{Expect, expect};

/// The body's IR.
fn check(func: &Function, expected: Expect) {
    let options = Options { keep_clif: true, ..Options::default() };
    let body = compile(func, &params(func), &env(), &options).unwrap();
    let clif = body.clif.as_ref().unwrap();
    let (_, rest) = clif.split_once("\nblock0(").unwrap_or_else(|| panic!("{clif}"));
    let (_, rest) = rest.split_once("\n").unwrap();
    let (body, _) = rest.split_once("\n}\n").unwrap();
    expected.assert_eq(body);
}

#[test]
fn integer_addition() {
    check(
        &int_binary(Op::IAdd),
        expect![[r#"
                v4 = load.i64 notrap aligned v2+8
                v5 = iconst.i64 <Long>
                v6 = icmp eq v4, v5  ; v5 = <Long>
                brif v6, block2, block1

            block2:
                v8 = load.i64 notrap aligned v2+16
                v9 = iconst.i64 16
                v10 = icmp ult v8, v9  ; v9 = 16
                brif v10, block5, block3

            block5:
                v11 = uload32.i64 notrap aligned v2+24
                v12 = iconst.i64 3
                v13 = band.i64 v8, v12  ; v12 = 3
                v14 = iconst.i64 1
                v15 = isub v14, v13  ; v14 = 1
                v16 = imul v15, v11
                jump block4(v16)

            block3 cold:
                v17 = stack_addr.i64 ss0+8
                v18 = stack_addr.i64 ss0
                v19 = iconst.i64 <long_as_i64_checked>
                call fn0(v2, v17, v19, v18)  ; v19 = <long_as_i64_checked>
                v20 = load.i32 notrap aligned v18
                brif v20, block7, block6

            block7 cold:
                v21 = load.i64 notrap aligned v17
                jump block4(v21)

            block4(v7: i64):
                v22 = load.i64 notrap aligned v3+8
                v23 = iconst.i64 <Long>
                v24 = icmp eq v22, v23  ; v23 = <Long>
                brif v24, block9, block8

            block9:
                v26 = load.i64 notrap aligned v3+16
                v27 = iconst.i64 16
                v28 = icmp ult v26, v27  ; v27 = 16
                brif v28, block12, block10

            block12:
                v29 = uload32.i64 notrap aligned v3+24
                v30 = iconst.i64 3
                v31 = band.i64 v26, v30  ; v30 = 3
                v32 = iconst.i64 1
                v33 = isub v32, v31  ; v32 = 1
                v34 = imul v33, v29
                jump block11(v34)

            block10 cold:
                v35 = stack_addr.i64 ss0+8
                v36 = stack_addr.i64 ss0
                v37 = iconst.i64 <long_as_i64_checked>
                call fn0(v3, v35, v37, v36)  ; v37 = <long_as_i64_checked>
                v38 = load.i32 notrap aligned v36
                brif v38, block14, block13

            block14 cold:
                v39 = load.i64 notrap aligned v35
                jump block11(v39)

            block11(v25: i64):
                v40, v41 = sadd_overflow.i64 v7, v25
                brif v41, block15, block16

            block16:
                v43 = iconst.i64 5
                v44 = iadd.i64 v40, v43  ; v43 = 5
                v45 = iconst.i64 262
                v46 = icmp ult v44, v45  ; v45 = 262
                brif v46, block17, block18

            block18:
                v47 = call fn1(v40)
                jump block19(v47)

            block17:
                v48 = iconst.i64 5
                v49 = ishl.i64 v44, v48  ; v48 = 5
                v50 = iconst.i64 <small_ints>
                v51 = iadd v50, v49  ; v50 = <small_ints>
                jump block19(v51)

            block19(v42: i64):
                v52 = get_pinned_reg.i64 
                v53 = load.i64 notrap aligned v52+48
                brif v53, block20, block21

            block21:
                jump block22(v42)

            block22(v54: i64):
                v55 = call fn2(v0, v54)
                return v55

            block1 cold:
                v57 = iconst.i64 <deopt GuardType at 4>
                jump block24(v57)  ; v57 = <deopt GuardType at 4>

            block24(v58: i64) cold:
                v59 = stack_addr.i64 ss0
                store.i64 notrap aligned v3, v59+8
                jump block25(v58)

            block25(v60: i64) cold:
                v61 = stack_addr.i64 ss0
                store.i64 notrap aligned v2, v61
                jump block23(v60)

            block6 cold:
                v62 = iconst.i64 <deopt UnboxInt at 4>
                jump block24(v62)  ; v62 = <deopt UnboxInt at 4>

            block8 cold:
                v63 = iconst.i64 <deopt GuardType at 4>
                jump block24(v63)  ; v63 = <deopt GuardType at 4>

            block13 cold:
                v64 = iconst.i64 <deopt UnboxInt at 4>
                jump block24(v64)  ; v64 = <deopt UnboxInt at 4>

            block15 cold:
                v65 = iconst.i64 <deopt IAdd at 4>
                jump block24(v65)  ; v65 = <deopt IAdd at 4>

            block20 cold:
                v66 = iconst.i64 <return Return at 0>
                v67 = stack_addr.i64 ss0
                store.i64 notrap aligned v42, v67
                jump block23(v66)  ; v66 = <return Return at 0>

            block23(v56: i64) cold:
                v68 = iconst.i64 <exits>
                v69 = iadd v56, v68  ; v68 = <exits>
                v70 = stack_addr.i64 ss0
                v71 = get_pinned_reg.i64 
                v72 = call fn3(v0, v71, v69, v70)
                v73 = load.i64 notrap aligned v0+72
                set_pinned_reg v73
                return v72"#]],
    );
}

#[test]
fn reference_counts_and_locals() {
    let (mut b, p) = Build::new(1, 1);
    let value = b.op(Op::LoadField { offset: 16, region: Region::Instance, ty: Type::OptObject }, &[p[0]]);
    let state = b.state(7, &[Some(p[0]), None], &[]);
    let value = b.op_at(Op::GuardNotNull, &[value], state);
    b.inst(Op::Incref, &[value]);
    b.inst(Op::SetLocal { slot: 1 }, &[value]);
    b.inst(Op::Decref, &[p[0]]);
    b.ret(value);
    check(
        &b.f,
        expect![[r#"
                v3 = load.i64 notrap aligned v2+16
                brif v3, block2, block1

            block2:
                v4 = load.i32 notrap aligned v3
                v5 = iconst.i32 -1073741824
                v6 = icmp ult v4, v5  ; v5 = -1073741824
                v7 = stack_addr.i64 ss2
                v8 = select.i64 v6, v3, v7
                v9 = iconst.i32 1
                v10 = iadd v4, v9  ; v9 = 1
                store notrap aligned v10, v8
                v11 = get_pinned_reg.i64 
                v12 = iconst.i64 1
                v13 = bor.i64 v3, v12  ; v12 = 1
                store notrap aligned v13, v11+88
                v14 = load.i32 notrap aligned v2
                v15 = iconst.i32 0
                v16 = icmp sge v14, v15  ; v15 = 0
                v17 = stack_addr.i64 ss2
                v18 = select.i64 v16, v2, v17
                v19 = iconst.i32 1
                v20 = isub v14, v19  ; v19 = 1
                store notrap aligned v20, v18
                brif v20, block3, block4

            block4 cold:
                v21 = iconst.i32 0x7000_1000
                v22 = get_pinned_reg.i64 
                store notrap aligned v21, v22+56  ; v21 = 0x7000_1000
                call fn0(v2)
                jump block3

            block3:
                v23 = get_pinned_reg.i64 
                v24 = load.i64 notrap aligned v23+48
                brif v24, block5, block6

            block6:
                jump block7(v3)

            block7(v25: i64):
                v26 = call fn1(v0, v25)
                return v26

            block1 cold:
                v28 = iconst.i64 <deopt GuardNotNull at 7>
                v29 = stack_addr.i64 ss0
                store.i64 notrap aligned v2, v29
                jump block8(v28)  ; v28 = <deopt GuardNotNull at 7>

            block5 cold:
                v30 = iconst.i64 <return Return at 0>
                v31 = stack_addr.i64 ss0
                store.i64 notrap aligned v3, v31
                jump block8(v30)  ; v30 = <return Return at 0>

            block8(v27: i64) cold:
                v32 = iconst.i64 <exits>
                v33 = iadd v27, v32  ; v32 = <exits>
                v34 = stack_addr.i64 ss0
                v35 = get_pinned_reg.i64 
                v36 = call fn2(v0, v35, v33, v34)
                v37 = load.i64 notrap aligned v0+72
                set_pinned_reg v37
                return v36"#]],
    );
}

/// In the assembler text a jump leads to a line, also in the body, which comes after other parts.
#[test]
fn targets_of_jumps_are_lines() {
    let func = int_binary(Op::IAdd);
    let env = env();
    let text = compile(&func, &params(&func), &env, &Options::default()).unwrap().disassemble(0, &env);
    let (_, body) = text.split_once("body:\n").unwrap();
    let address = |text: &str| u64::from_str_radix(text.trim(), 16).unwrap();
    let places: Vec<u64> = body.lines().filter(|line| line.starts_with("  ")).map(|line| address(&line[..8])).collect();
    let jumps = body.lines().filter(|line| line.get(10..11) == Some("j"));
    let targets: Vec<u64> = jumps.map(|line| address(line.rsplit(' ').next().unwrap().trim_end_matches('h'))).collect();
    assert!(!targets.is_empty() && targets.iter().all(|target| places.contains(target)), "{text}");
}
