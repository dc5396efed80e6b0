//! The Cranelift IR of a few functions, as text. `UPDATE_EXPECT=1` rewrites what is expected.

use crate::build::{Build, int_binary};
use crate::world::{env, params};
use ember_codegen::{Options, compile};
use ember_hir::ops::Region;
use ember_hir::{Function, Op, Type};
use expect_test::{Expect, expect};

/// The body's IR, from where the frame is linked to the end.
fn check(func: &Function, expected: Expect) {
    let options = Options { keep_clif: true, ..Options::default() };
    let body = compile(func, &params(func), &env(), &options).unwrap();
    let clif = body.clif.as_ref().unwrap();
    let (_, rest) = clif.split_once("v0+72\n    store").unwrap_or_else(|| panic!("{clif}"));
    let (_, rest) = rest.split_once(", v0+72\n").unwrap();
    let (body, _) = rest.split_once("\n}\n").unwrap();
    expected.assert_eq(body);
}

#[test]
fn integer_addition() {
    check(
        &int_binary(Op::IAdd),
        expect![[r#"
            v56 = load.i64 notrap aligned v2+8
            v57 = iconst.i64 <Long>
            v58 = icmp eq v56, v57  ; v57 = <Long>
            brif v58, block12, block11

        block12:
            v60 = load.i64 notrap aligned v2+16
            v61 = iconst.i64 16
            v62 = icmp ult v60, v61  ; v61 = 16
            brif v62, block15, block13

        block15:
            v63 = uload32.i64 notrap aligned v2+24
            v64 = iconst.i64 3
            v65 = band.i64 v60, v64  ; v64 = 3
            v66 = iconst.i64 1
            v67 = isub v66, v65  ; v66 = 1
            v68 = imul v67, v63
            jump block14(v68)

        block13 cold:
            v69 = stack_addr.i64 ss0
            v70 = stack_addr.i64 ss1
            v71 = iconst.i64 <long_as_i64_checked>
            v72 = iconst.i64 <call_preserving>
            call_indirect sig0, v72(v2, v69, v71, v70)  ; v72 = <call_preserving>, v71 = <long_as_i64_checked>
            v73 = load.i32 notrap aligned v70
            brif v73, block17, block16

        block17 cold:
            v74 = load.i64 notrap aligned v69
            jump block14(v74)

        block14(v59: i64):
            v75 = load.i64 notrap aligned v3+8
            v76 = iconst.i64 <Long>
            v77 = icmp eq v75, v76  ; v76 = <Long>
            brif v77, block19, block18

        block19:
            v79 = load.i64 notrap aligned v3+16
            v80 = iconst.i64 16
            v81 = icmp ult v79, v80  ; v80 = 16
            brif v81, block22, block20

        block22:
            v82 = uload32.i64 notrap aligned v3+24
            v83 = iconst.i64 3
            v84 = band.i64 v79, v83  ; v83 = 3
            v85 = iconst.i64 1
            v86 = isub v85, v84  ; v85 = 1
            v87 = imul v86, v82
            jump block21(v87)

        block20 cold:
            v88 = stack_addr.i64 ss0
            v89 = stack_addr.i64 ss1
            v90 = iconst.i64 <long_as_i64_checked>
            v91 = iconst.i64 <call_preserving>
            call_indirect sig0, v91(v3, v88, v90, v89)  ; v91 = <call_preserving>, v90 = <long_as_i64_checked>
            v92 = load.i32 notrap aligned v89
            brif v92, block24, block23

        block24 cold:
            v93 = load.i64 notrap aligned v88
            jump block21(v93)

        block21(v78: i64):
            v94, v95 = sadd_overflow.i64 v59, v78
            brif v95, block25, block26

        block26:
            v97 = iconst.i64 5
            v98 = iadd.i64 v94, v97  ; v97 = 5
            v99 = iconst.i64 262
            v100 = icmp ult v98, v99  ; v99 = 262
            brif v100, block27, block28

        block28:
            v101 = iconst.i64 <long_from_i64>
            v102 = call_indirect sig1, v101(v94)  ; v101 = <long_from_i64>
            jump block29(v102)

        block27:
            v103 = iconst.i64 5
            v104 = ishl.i64 v98, v103  ; v103 = 5
            v105 = iconst.i64 <small_ints>
            v106 = iadd v105, v104  ; v105 = <small_ints>
            jump block29(v106)

        block29(v96: i64):
            v107 = load.i64 notrap aligned v25+48
            brif v107, block30, block31

        block31:
            v108 = load.i64 notrap aligned v25+8
            store notrap aligned v108, v0+72
            v109 = load.i64 notrap aligned v0+232
            v110 = iconst.i64 24
            v111 = iadd v109, v110  ; v110 = 24
            v112 = icmp.i64 eq v25, v111
            brif v112, block32, block33

        block32 cold:
            v113 = stack_addr.i64 ss1
            v114 = iconst.i64 <pop_frame>
            v115 = iconst.i64 <call_preserving>
            call_indirect sig0, v115(v0, v25, v114, v113)  ; v115 = <call_preserving>, v114 = <pop_frame>
            v116 = load.i64 notrap aligned v113
            jump block34

        block33:
            store.i64 notrap aligned v25, v0+240
            jump block34

        block34:
            v117 = load.i32 notrap aligned v0+48
            v118 = iconst.i32 1
            v119 = iadd v117, v118  ; v118 = 1
            store notrap aligned v119, v0+48
            return v96

        block11 cold:
            v121 = iconst.i64 <deopt GuardType at 4>
            jump block36(v121)  ; v121 = <deopt GuardType at 4>

        block36(v122: i64) cold:
            v123 = stack_addr.i64 ss0
            store.i64 notrap aligned v2, v123
            store.i64 notrap aligned v3, v123+8
            jump block35(v122)

        block16 cold:
            v124 = iconst.i64 <deopt UnboxInt at 4>
            jump block36(v124)  ; v124 = <deopt UnboxInt at 4>

        block18 cold:
            v125 = iconst.i64 <deopt GuardType at 4>
            jump block36(v125)  ; v125 = <deopt GuardType at 4>

        block23 cold:
            v126 = iconst.i64 <deopt UnboxInt at 4>
            jump block36(v126)  ; v126 = <deopt UnboxInt at 4>

        block25 cold:
            v127 = iconst.i64 <deopt IAdd at 4>
            jump block36(v127)  ; v127 = <deopt IAdd at 4>

        block30 cold:
            v128 = iconst.i64 <return Return at 0>
            v129 = stack_addr.i64 ss0
            store.i64 notrap aligned v96, v129
            jump block35(v128)  ; v128 = <return Return at 0>

        block35(v120: i64) cold:
            v130 = iconst.i64 <exits>
            v131 = iadd v120, v130  ; v130 = <exits>
            v132 = stack_addr.i64 ss0
            v133 = iconst.i64 <exit_handler>
            v134 = call_indirect sig2, v133(v0, v25, v131, v132)  ; v133 = <exit_handler>
            return v134"#]],
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
            v54 = load.i64 notrap aligned v2+16
            brif v54, block12, block11

        block12:
            v55 = load.i32 notrap aligned v54
            v56 = iconst.i32 -1073741824
            v57 = icmp uge v55, v56  ; v56 = -1073741824
            brif v57, block13, block14

        block14:
            v58 = iconst.i32 1
            v59 = iadd.i32 v55, v58  ; v58 = 1
            store notrap aligned v59, v54
            jump block13

        block13:
            v60 = iconst.i64 1
            v61 = bor.i64 v54, v60  ; v60 = 1
            store notrap aligned v61, v24+88
            v62 = load.i32 notrap aligned v2
            v63 = iconst.i32 0
            v64 = icmp slt v62, v63  ; v63 = 0
            brif v64, block15, block16

        block16:
            v65 = iconst.i32 -1
            v66 = iadd.i32 v62, v65  ; v65 = -1
            store notrap aligned v66, v2
            brif v66, block15, block17

        block17 cold:
            v67 = iconst.i32 0x7000_1000
            store notrap aligned v67, v24+56  ; v67 = 0x7000_1000
            v68 = iconst.i64 <_Py_Dealloc>
            call_indirect sig1, v68(v2)  ; v68 = <_Py_Dealloc>
            jump block15

        block15:
            v69 = load.i64 notrap aligned v24+48
            brif v69, block18, block19

        block19:
            v70 = load.i64 notrap aligned v24+8
            store notrap aligned v70, v0+72
            v71 = load.i64 notrap aligned v0+232
            v72 = iconst.i64 24
            v73 = iadd v71, v72  ; v72 = 24
            v74 = icmp.i64 eq v24, v73
            brif v74, block20, block21

        block20 cold:
            v75 = stack_addr.i64 ss1
            v76 = iconst.i64 <pop_frame>
            v77 = iconst.i64 <call_preserving>
            call_indirect sig0, v77(v0, v24, v76, v75)  ; v77 = <call_preserving>, v76 = <pop_frame>
            v78 = load.i64 notrap aligned v75
            jump block22

        block21:
            store.i64 notrap aligned v24, v0+240
            jump block22

        block22:
            v79 = load.i32 notrap aligned v0+48
            v80 = iconst.i32 1
            v81 = iadd v79, v80  ; v80 = 1
            store notrap aligned v81, v0+48
            return v54

        block11 cold:
            v83 = iconst.i64 <deopt GuardNotNull at 7>
            v84 = stack_addr.i64 ss0
            store.i64 notrap aligned v2, v84
            jump block23(v83)  ; v83 = <deopt GuardNotNull at 7>

        block18 cold:
            v85 = iconst.i64 <return Return at 0>
            v86 = stack_addr.i64 ss0
            store.i64 notrap aligned v54, v86
            jump block23(v85)  ; v85 = <return Return at 0>

        block23(v82: i64) cold:
            v87 = iconst.i64 <exits>
            v88 = iadd v82, v87  ; v87 = <exits>
            v89 = stack_addr.i64 ss0
            v90 = iconst.i64 <exit_handler>
            v91 = call_indirect sig2, v90(v0, v24, v88, v89)  ; v90 = <exit_handler>
            return v91"#]],
    );
}
