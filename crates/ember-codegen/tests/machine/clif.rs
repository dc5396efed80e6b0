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
                v53 = get_pinned_reg.i64 
                set_pinned_reg v23
                v54 = load.i64 notrap aligned v2+8
                v55 = iconst.i64 <Long>
                v56 = icmp eq v54, v55  ; v55 = <Long>
                brif v56, block12, block11

            block12:
                v58 = load.i64 notrap aligned v2+16
                v59 = iconst.i64 16
                v60 = icmp ult v58, v59  ; v59 = 16
                brif v60, block15, block13

            block15:
                v61 = uload32.i64 notrap aligned v2+24
                v62 = iconst.i64 3
                v63 = band.i64 v58, v62  ; v62 = 3
                v64 = iconst.i64 1
                v65 = isub v64, v63  ; v64 = 1
                v66 = imul v65, v61
                jump block14(v66)

            block13 cold:
                v67 = stack_addr.i64 ss0+8
                v68 = stack_addr.i64 ss0
                v69 = iconst.i64 <long_as_i64_checked>
                call fn0(v2, v67, v69, v68)  ; v69 = <long_as_i64_checked>
                v70 = load.i32 notrap aligned v68
                brif v70, block17, block16

            block17 cold:
                v71 = load.i64 notrap aligned v67
                jump block14(v71)

            block14(v57: i64):
                v72 = load.i64 notrap aligned v3+8
                v73 = iconst.i64 <Long>
                v74 = icmp eq v72, v73  ; v73 = <Long>
                brif v74, block19, block18

            block19:
                v76 = load.i64 notrap aligned v3+16
                v77 = iconst.i64 16
                v78 = icmp ult v76, v77  ; v77 = 16
                brif v78, block22, block20

            block22:
                v79 = uload32.i64 notrap aligned v3+24
                v80 = iconst.i64 3
                v81 = band.i64 v76, v80  ; v80 = 3
                v82 = iconst.i64 1
                v83 = isub v82, v81  ; v82 = 1
                v84 = imul v83, v79
                jump block21(v84)

            block20 cold:
                v85 = stack_addr.i64 ss0+8
                v86 = stack_addr.i64 ss0
                v87 = iconst.i64 <long_as_i64_checked>
                call fn0(v3, v85, v87, v86)  ; v87 = <long_as_i64_checked>
                v88 = load.i32 notrap aligned v86
                brif v88, block24, block23

            block24 cold:
                v89 = load.i64 notrap aligned v85
                jump block21(v89)

            block21(v75: i64):
                v90, v91 = sadd_overflow.i64 v57, v75
                brif v91, block25, block26

            block26:
                v93 = iconst.i64 5
                v94 = iadd.i64 v90, v93  ; v93 = 5
                v95 = iconst.i64 262
                v96 = icmp ult v94, v95  ; v95 = 262
                brif v96, block27, block28

            block28:
                v97 = call fn1(v90)
                jump block29(v97)

            block27:
                v98 = iconst.i64 5
                v99 = ishl.i64 v94, v98  ; v98 = 5
                v100 = iconst.i64 <small_ints>
                v101 = iadd v100, v99  ; v100 = <small_ints>
                jump block29(v101)

            block29(v92: i64):
                v102 = get_pinned_reg.i64 
                v103 = load.i64 notrap aligned v102+48
                brif v103, block30, block31

            block31:
                jump block32(v92)

            block32(v104: i64):
                v105 = get_pinned_reg.i64 
                v106 = load.i64 notrap aligned v105+8
                store notrap aligned v106, v0+72
                v107 = load.i64 notrap aligned v0+232
                v108 = iconst.i64 24
                v109 = iadd v107, v108  ; v108 = 24
                v110 = icmp eq v105, v109
                brif v110, block33, block34

            block33 cold:
                v111 = stack_addr.i64 ss0
                v112 = iconst.i64 <pop_frame>
                call fn0(v0, v105, v112, v111)  ; v112 = <pop_frame>
                v113 = load.i64 notrap aligned v111
                jump block35

            block34:
                store.i64 notrap aligned v105, v0+240
                jump block35

            block35:
                v114 = load.i32 notrap aligned v0+48
                v115 = iconst.i32 1
                v116 = iadd v114, v115  ; v115 = 1
                store notrap aligned v116, v0+48
                set_pinned_reg.i64 v53
                return v104

            block11 cold:
                v118 = iconst.i64 <deopt GuardType at 4>
                jump block37(v118)  ; v118 = <deopt GuardType at 4>

            block37(v119: i64) cold:
                v120 = stack_addr.i64 ss0
                store.i64 notrap aligned v3, v120+8
                jump block38(v119)

            block38(v121: i64) cold:
                v122 = stack_addr.i64 ss0
                store.i64 notrap aligned v2, v122
                jump block36(v121)

            block16 cold:
                v123 = iconst.i64 <deopt UnboxInt at 4>
                jump block37(v123)  ; v123 = <deopt UnboxInt at 4>

            block18 cold:
                v124 = iconst.i64 <deopt GuardType at 4>
                jump block37(v124)  ; v124 = <deopt GuardType at 4>

            block23 cold:
                v125 = iconst.i64 <deopt UnboxInt at 4>
                jump block37(v125)  ; v125 = <deopt UnboxInt at 4>

            block25 cold:
                v126 = iconst.i64 <deopt IAdd at 4>
                jump block37(v126)  ; v126 = <deopt IAdd at 4>

            block30 cold:
                v127 = iconst.i64 <return Return at 0>
                v128 = stack_addr.i64 ss0
                store.i64 notrap aligned v92, v128
                jump block36(v127)  ; v127 = <return Return at 0>

            block36(v117: i64) cold:
                v129 = iconst.i64 <exits>
                v130 = iadd v117, v129  ; v129 = <exits>
                v131 = stack_addr.i64 ss0
                v132 = get_pinned_reg.i64 
                v133 = call fn2(v0, v132, v130, v131)
                set_pinned_reg.i64 v53
                return v133"#]],
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
                v51 = get_pinned_reg.i64 
                set_pinned_reg v22
                v52 = load.i64 notrap aligned v2+16
                brif v52, block12, block11

            block12:
                v53 = load.i32 notrap aligned v52
                v54 = iconst.i32 -1073741824
                v55 = icmp uge v53, v54  ; v54 = -1073741824
                brif v55, block13, block14

            block14:
                v56 = iconst.i32 1
                v57 = iadd.i32 v53, v56  ; v56 = 1
                store notrap aligned v57, v52
                jump block13

            block13:
                v58 = get_pinned_reg.i64 
                v59 = iconst.i64 1
                v60 = bor.i64 v52, v59  ; v59 = 1
                store notrap aligned v60, v58+88
                v61 = load.i32 notrap aligned v2
                v62 = iconst.i32 0
                v63 = icmp slt v61, v62  ; v62 = 0
                brif v63, block15, block16

            block16:
                v64 = iconst.i32 1
                v65 = isub.i32 v61, v64  ; v64 = 1
                store notrap aligned v65, v2
                brif v65, block15, block17

            block17 cold:
                v66 = iconst.i32 0x7000_1000
                v67 = get_pinned_reg.i64 
                store notrap aligned v66, v67+56  ; v66 = 0x7000_1000
                call fn1(v2)
                jump block15

            block15:
                v68 = get_pinned_reg.i64 
                v69 = load.i64 notrap aligned v68+48
                brif v69, block18, block19

            block19:
                jump block20(v52)

            block20(v70: i64):
                v71 = get_pinned_reg.i64 
                v72 = load.i64 notrap aligned v71+8
                store notrap aligned v72, v0+72
                v73 = load.i64 notrap aligned v0+232
                v74 = iconst.i64 24
                v75 = iadd v73, v74  ; v74 = 24
                v76 = icmp eq v71, v75
                brif v76, block21, block22

            block21 cold:
                v77 = stack_addr.i64 ss0
                v78 = iconst.i64 <pop_frame>
                call fn0(v0, v71, v78, v77)  ; v78 = <pop_frame>
                v79 = load.i64 notrap aligned v77
                jump block23

            block22:
                store.i64 notrap aligned v71, v0+240
                jump block23

            block23:
                v80 = load.i32 notrap aligned v0+48
                v81 = iconst.i32 1
                v82 = iadd v80, v81  ; v81 = 1
                store notrap aligned v82, v0+48
                set_pinned_reg.i64 v51
                return v70

            block11 cold:
                v84 = iconst.i64 <deopt GuardNotNull at 7>
                v85 = stack_addr.i64 ss0
                store.i64 notrap aligned v2, v85
                jump block24(v84)  ; v84 = <deopt GuardNotNull at 7>

            block18 cold:
                v86 = iconst.i64 <return Return at 0>
                v87 = stack_addr.i64 ss0
                store.i64 notrap aligned v52, v87
                jump block24(v86)  ; v86 = <return Return at 0>

            block24(v83: i64) cold:
                v88 = iconst.i64 <exits>
                v89 = iadd v83, v88  ; v88 = <exits>
                v90 = stack_addr.i64 ss0
                v91 = get_pinned_reg.i64 
                v92 = call fn2(v0, v91, v89, v90)
                set_pinned_reg.i64 v51
                return v92"#]],
    );
}
