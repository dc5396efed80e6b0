//! Arithmetic, boxing, comparisons, control flow.

use crate::build::{Build, int_binary};
use crate::world::{self, DEOPTED, World, float, float_of, int_of, long};
use ember_codegen::ExitKind;
use ember_hir::ops::Cc;
use ember_hir::{Function, Op, Type};

const INTERESTING: &[i64] = &[
    0,
    1,
    -1,
    2,
    -2,
    3,
    7,
    -7,
    63,
    64,
    65,
    1 << 29,
    -(1 << 31),
    1 << 40,
    i64::MAX,
    i64::MAX - 1,
    i64::MIN,
    i64::MIN + 1,
];

/// Runs a binary operation on all pairs of interesting ints against what Python says (`None`: must leave).
fn check(op: Op, expected: impl Fn(i128, i128) -> Option<i128>) {
    let mut world = World::new();
    let (entry, _) = world.install(&int_binary(op));
    for &a in INTERESTING {
        for &b in INTERESTING {
            let result = world.vectorcall(entry, &[long(a), long(b)]);
            let expected = expected(i128::from(a), i128::from(b)).and_then(|value| i64::try_from(value).ok());
            match expected {
                Some(value) => assert_eq!(int_of(result), value, "{op:?} {a} {b}"),
                None => assert_eq!(result, DEOPTED, "{op:?} {a} {b}"),
            }
        }
    }
}

/// The same with the right operand a constant of the code.
fn check_constant(op: Op, expected: impl Fn(i128, i128) -> Option<i128>) {
    let mut world = World::new();
    for &right in INTERESTING {
        let (mut b, p) = Build::new(1, 0);
        let state = b.state(4, &[Some(p[0])], &[p[0]]);
        let int = b.op_at(Op::UnboxInt, &[p[0]], state);
        let constant = b.int(right);
        let result = b.op_at(op, &[int, constant], state);
        let boxed = b.op(Op::BoxInt, &[result]);
        b.ret(boxed);
        let (entry, _) = world.install(&b.f);
        for &left in INTERESTING {
            let result = world.vectorcall(entry, &[long(left)]);
            let expected = expected(i128::from(left), i128::from(right)).and_then(|value| i64::try_from(value).ok());
            match expected {
                Some(value) => assert_eq!(int_of(result), value, "{op:?} {left} {right}"),
                None => assert_eq!(result, DEOPTED, "{op:?} {left} {right}"),
            }
        }
    }
}

fn floor_div(a: i128, b: i128) -> Option<i128> {
    (b != 0).then(|| a.div_euclid(b) - i128::from(b < 0 && a.rem_euclid(b) != 0))
}

fn floor_mod(a: i128, b: i128) -> Option<i128> {
    // The machine leaves where the quotient does not fit, though the remainder would.
    let quotient = floor_div(a, b)?;
    i64::try_from(quotient).ok()?;
    Some(a - quotient * b)
}

#[test]
fn integer_arithmetic_is_pythons() {
    check(Op::IAdd, |a, b| Some(a + b));
    check(Op::ISub, |a, b| Some(a - b));
    check(Op::IMul, |a, b| Some(a * b));
    check(Op::IFloorDiv, floor_div);
    check(Op::IMod, floor_mod);
    check(Op::IAnd, |a, b| Some(a & b));
    check(Op::IOr, |a, b| Some(a | b));
    check(Op::IXor, |a, b| Some(a ^ b));
    // Counts beyond 63 leave, also where the result would be 0.
    check(Op::IShl, |a, b| (0..64).contains(&b).then(|| a << b));
    check(Op::IShr, |a, b| (b >= 0).then(|| a >> b.min(100)));
}

#[test]
fn integer_arithmetic_with_constants() {
    check_constant(Op::IAdd, |a, b| Some(a + b));
    check_constant(Op::ISub, |a, b| Some(a - b));
    check_constant(Op::IMul, |a, b| Some(a * b));
    check_constant(Op::IFloorDiv, floor_div);
    check_constant(Op::IMod, floor_mod);
    check_constant(Op::IShl, |a, b| (0..64).contains(&b).then(|| a << b));
    check_constant(Op::IShr, |a, b| (b >= 0).then(|| a >> b.min(100)));
}

#[test]
fn integer_comparisons() {
    let truth = |value: bool| Some(i128::from(value));
    check(Op::ICmp { cc: Cc::Eq }, move |a, b| truth(a == b));
    check(Op::ICmp { cc: Cc::Ne }, move |a, b| truth(a != b));
    check(Op::ICmp { cc: Cc::Lt }, move |a, b| truth(a < b));
    check(Op::ICmp { cc: Cc::Le }, move |a, b| truth(a <= b));
    check(Op::ICmp { cc: Cc::Gt }, move |a, b| truth(a > b));
    check(Op::ICmp { cc: Cc::Ge }, move |a, b| truth(a >= b));
    check(Op::ICmp { cc: Cc::Ult }, move |a, b| truth((a as u64) < (b as u64)));
}

#[test]
fn unary_integers() {
    for (op, expected) in [(Op::INeg, [Some(-5), Some(5), None]), (Op::INot, [Some(-6), Some(4), Some(i64::MAX)])] {
        let (mut b, p) = Build::new(1, 0);
        let state = b.state(4, &[Some(p[0])], &[]);
        let int = b.op_at(Op::UnboxInt, &[p[0]], state);
        let result = b.op_at(op, &[int], state);
        let boxed = b.op(Op::BoxInt, &[result]);
        b.ret(boxed);
        let mut world = World::new();
        let (entry, _) = world.install(&b.f);
        for (input, expected) in [5, -5, i64::MIN].into_iter().zip(expected) {
            let result = world.vectorcall(entry, &[long(input)]);
            match expected {
                Some(value) => assert_eq!(int_of(result), value),
                None => assert_eq!(result, DEOPTED),
            }
        }
    }
}

#[test]
fn an_int_that_does_not_fit_and_a_wrong_type_leave() {
    let mut world = World::new();
    let (entry, _) = world.install(&int_binary(Op::IAdd));
    let huge = world::object(&world::LONG, &[9 << 3, 1, 1]);
    let string = world::object(&world::UNICODE, &[]);
    for (args, reason) in
        [([huge, long(1)], "UnboxInt"), ([long(1), string], "GuardType"), ([long(i64::MAX), long(1)], "IAdd")]
    {
        assert_eq!(world.vectorcall(entry, &args), DEOPTED);
        let exits = world::exits();
        assert_eq!(exits.len(), 1);
        assert_eq!((exits[0].kind, exits[0].info().reason(), exits[0].info().bci), (ExitKind::Deopt, reason, 4));
        assert_eq!(exits[0].buf, args, "each object once");
        assert_eq!(exits[0].info().taken(), 1);
    }
}

#[test]
fn small_ints_come_from_the_table() {
    let mut world = World::new();
    let (entry, _) = world.install(&int_binary(Op::IAdd));
    for value in [-6, -5, -1, 0, 255, 256, 257] {
        let result = world.vectorcall(entry, &[long(value), long(0)]);
        assert_eq!(int_of(result), value);
        let in_table = world::env().small_int(value) == Some(result);
        assert_eq!(in_table, (-5..=256).contains(&value), "{value}");
    }
    let (mut b, _) = Build::new(0, 0);
    let seven = b.int(7);
    let boxed = b.op(Op::BoxInt, &[seven]);
    b.ret(boxed);
    assert_eq!(Some(world.run(&b.f, &[])), world::env().small_int(7));
}

fn float_binary(op: Op) -> Function {
    let (mut b, p) = Build::new(2, 0);
    let state = b.state(4, &[Some(p[0]), Some(p[1])], &[]);
    let values: Vec<_> = p.iter().map(|&value| b.op(Op::UnboxDouble, &[value])).collect();
    let result = b.op_at(op, &values, state);
    let boxed = if b.f.ty(result) == Type::CBool {
        let int = b.op(Op::BoolToInt, &[result]);
        b.op(Op::BoxInt, &[int])
    } else {
        b.op(Op::BoxDouble, &[result])
    };
    b.ret(boxed);
    b.f
}

#[test]
fn float_arithmetic() {
    let values = [0.0, -0.0, 1.5, -2.25, f64::INFINITY, f64::NAN, 1e300];
    let mut world = World::new();
    for (op, expected) in [
        (Op::DAdd, (|a, b| a + b) as fn(f64, f64) -> f64),
        (Op::DSub, |a, b| a - b),
        (Op::DMul, |a, b| a * b),
        (Op::DDiv, |a, b| a / b),
    ] {
        let (entry, _) = world.install(&float_binary(op));
        for a in values {
            for b in values {
                let result = world.vectorcall(entry, &[float(a), float(b)]);
                if op == Op::DDiv && b == 0.0 {
                    assert_eq!(result, DEOPTED);
                } else {
                    assert_eq!(float_of(result).to_bits() << 1, expected(a, b).to_bits() << 1, "{op:?} {a} {b}");
                }
            }
        }
    }
    for (cc, expected) in [
        (Cc::Eq, (|a, b| a == b) as fn(f64, f64) -> bool),
        (Cc::Ne, |a, b| a != b),
        (Cc::Lt, |a, b| a < b),
        (Cc::Le, |a, b| a <= b),
        (Cc::Gt, |a, b| a > b),
        (Cc::Ge, |a, b| a >= b),
    ] {
        let (entry, _) = world.install(&float_binary(Op::DCmp { cc }));
        for a in values {
            for b in values {
                let result = world.vectorcall(entry, &[float(a), float(b)]);
                assert_eq!(int_of(result) != 0, expected(a, b), "{cc:?} {a} {b}");
            }
        }
    }
}

#[test]
fn float_functions() {
    let mut world = World::new();
    for (op, input, expected) in [
        (Op::DNeg, 1.5, Some(-1.5)),
        (Op::DAbs, -1.5, Some(1.5)),
        (Op::DSqrt, 9.0, Some(3.0)),
        (Op::DSqrt, -9.0, None),
        (Op::DSqrt, f64::NAN, None),
    ] {
        let (mut b, p) = Build::new(1, 0);
        let state = b.state(4, &[Some(p[0])], &[]);
        let value = b.op(Op::UnboxDouble, &[p[0]]);
        let result = b.op_at(op, &[value], state);
        let boxed = b.op(Op::BoxDouble, &[result]);
        b.ret(boxed);
        let result = world.run(&b.f, &[float(input)]);
        match expected {
            Some(value) => assert_eq!(float_of(result), value),
            None => assert_eq!(result, DEOPTED),
        }
    }
    let (mut b, p) = Build::new(1, 0);
    let state = b.state(4, &[Some(p[0])], &[]);
    let int = b.op_at(Op::UnboxInt, &[p[0]], state);
    let double = b.op(Op::IntToDouble, &[int]);
    let half = b.double(0.5);
    let pow = b.op(Op::Helper { id: ember_hir::HelperId::double_pow }, &[double, half]);
    let boxed = b.op(Op::BoxDouble, &[pow]);
    b.ret(boxed);
    assert_eq!(float_of(world.run(&b.f, &[long(16)])), 4.0);
}

/// `s = 0; for i in range(n): s += i` with everything unboxed and the periodic check on the back edge.
pub fn counting_loop() -> Function {
    let (mut b, p) = Build::new(1, 2);
    let entry_state = b.state(2, &[Some(p[0]), None, None], &[]);
    let long = b.op_at(Op::GuardType { ty: Type::Long }, &[p[0]], entry_state);
    let n = b.op_at(Op::UnboxInt, &[long], entry_state);
    let zero = b.int(0);
    let (head, v) = b.block(&[Type::CInt, Type::CInt]);
    let (body, _) = b.block(&[]);
    let (done, _) = b.block(&[]);
    b.jump(head, &[zero, zero]);
    b.at = head;
    let state = b.state(10, &[Some(p[0]), Some(v[0]), Some(v[1])], &[]);
    b.inst_at(Op::CheckEvalBreaker, &[], state);
    let less = b.op(Op::ICmp { cc: Cc::Lt }, &[v[1], n]);
    let not = b.op(Op::BNot, &[less]);
    b.branch(Op::Branch, not, done, body);
    b.at = body;
    let sum = b.op_at(Op::IAdd, &[v[0], v[1]], state);
    let one = b.int(1);
    let next = b.op_at(Op::IAdd, &[v[1], one], state);
    b.jump(head, &[sum, next]);
    b.at = done;
    let boxed = b.op(Op::BoxInt, &[v[0]]);
    b.ret(boxed);
    b.f
}

#[test]
fn a_loop_runs_and_leaves_in_the_middle() {
    let mut world = World::new();
    let (entry, _) = world.install(&counting_loop());
    assert_eq!(int_of(world.vectorcall(entry, &[long(100_000)])), 4_999_950_000);
    // The check finds something to do: go on, deopt, raise.
    world.set(24, 0x101);
    world::answer(0);
    assert_eq!(int_of(world.vectorcall(entry, &[long(4)])), 6);
    assert_eq!(world::events().len(), 5);
    world::answer(1);
    let n = long(4);
    assert_eq!(world.vectorcall(entry, &[n]), DEOPTED);
    let exits = world::exits();
    assert_eq!(world::entries(&exits[0]).len(), 3);
    assert_eq!(exits[0].buf, [n, 0, 0]);
    world::answer(-1i64 as u64);
    assert_eq!(world.vectorcall(entry, &[long(4)]), 0);
    assert_eq!(world::exits()[0].kind, ExitKind::Raise { traceback: true });
    world.set(24, 0x100);
    world::events();
    assert_eq!(int_of(world.vectorcall(entry, &[long(3)])), 3);
    assert_eq!(world::events(), []);
}

#[test]
fn an_entry_block_may_be_a_loop() {
    let (mut b, p) = Build::new(2, 0);
    let same = b.op(Op::Is, &[p[0], p[1]]);
    let (out, _) = b.block(&[]);
    let (again, _) = b.block(&[]);
    b.branch(Op::Branch, same, out, again);
    b.at = again;
    let entry = b.f.entry;
    b.jump(entry, &[p[1], p[1]]);
    b.at = out;
    b.inst(Op::Incref, &[p[0]]);
    b.ret(p[0]);
    let (x, y) = (float(1.0), float(2.0));
    assert_eq!(World::new().run(&b.f, &[x, y]), y);
    assert_eq!(world::refcnt(y), 2);
}
