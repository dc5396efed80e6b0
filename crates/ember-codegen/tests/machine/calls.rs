//! Calls, helpers, reference counts, errors.

use crate::build::Build;
use crate::world::{
    self, Class, DEOPTED, Event, FIRST_INSTR, IMMORTAL, LOGS, OTHER, OTHER_CLASS, World, int_of, long, object, refcnt,
    write,
};
use ember_codegen::{BufKind, ExitKind, Options, compile};
use ember_hir::ops::{Cc, Region, Width};
use ember_hir::{Function, HelperId, Op, Type};
use std::sync::atomic::Ordering;

const OFFSET: u64 = 1 << 63;

fn vector(args: &[u64], count: u64, kwnames: u64) -> Event {
    Event::Vector { callable: 1, args: args.to_vec(), nargsf: count | OFFSET, kwnames, position: FIRST_INSTR + 24 }
}

/// Calls parameter 0 with the others; `receiver` says what is known of parameter 1.
fn call(receiver: Type, names: Option<(u64, usize)>) -> Function {
    let (mut b, p) = Build::new(4, 0);
    let state = b.state(12, &[Some(p[0]), None, None, None], &[]);
    let receiver = if receiver.is_null() { b.op(Op::Null, &[]) } else { b.op(Op::Refine { ty: receiver }, &[p[1]]) };
    let args = [p[0], receiver, p[2], p[3]];
    let result = match names {
        Some((address, _)) => {
            let names = b.constant(address, Type::Tuple, None);
            b.op_at(Op::CallKw { names }, &args, state)
        }
        None => b.op_at(Op::CallVector, &args, state),
    };
    b.ret(result);
    b.f
}

#[test]
fn vectorcalls_pass_self_where_there_is_one() {
    let mut world = World::new();
    world::answer(0x4E5);
    assert_eq!(world.run(&call(Type::Object, None), &[1, 2, 3, 4]), 0x4E5);
    assert_eq!(world::events(), [vector(&[2, 3, 4], 3, 0)]);
    world.run(&call(Type::Null, None), &[1, 0, 3, 4]);
    assert_eq!(world::events(), [vector(&[3, 4], 2, 0)]);
    // A parameter of unknown nullness: refining cannot widen, so it comes from memory.
    let (mut b, p) = Build::new(4, 0);
    let state = b.state(12, &[Some(p[0]), None, None, None], &[]);
    let receiver = b.op(Op::LoadField { offset: 16, region: Region::Instance, ty: Type::OptObject }, &[p[1]]);
    let result = b.op_at(Op::CallVector, &[p[0], receiver, p[2], p[3]], state);
    b.ret(result);
    for (receiver, expected) in [(2, vector(&[2, 3, 4], 3, 0)), (0, vector(&[3, 4], 2, 0))] {
        world.run(&b.f, &[1, object(&OTHER, &[receiver]), 3, 4]);
        assert_eq!(world::events(), [expected]);
    }
}

#[test]
fn keyword_calls_do_not_count_the_names() {
    let mut world = World::new();
    world::answer(0x4E5);
    let names = object(&OTHER, &[1]);
    world.run(&call(Type::Object, Some((names, 1))), &[1, 2, 3, 4]);
    assert_eq!(world::events(), [vector(&[2, 3, 4], 2, names)]);
}

#[test]
fn a_call_that_fails_raises_at_its_position() {
    let mut world = World::new();
    assert_eq!(world.run(&call(Type::Object, None), &[1, 2, 3, 4]), 0);
    let exits = world::exits();
    assert_eq!(exits[0].kind, ExitKind::Raise { traceback: true });
    assert_eq!((exits[0].info().bci, exits[0].position), (12, FIRST_INSTR + 24));
    assert_eq!(exits[0].buf, [1]);
}

/// A call whose callable and receiver end with it, and the check after it.
fn fused(drops: bool) -> Function {
    let (mut b, p) = Build::new(1, 1);
    let field = |offset| Op::LoadField { offset, region: Region::Instance, ty: Type::Object };
    let (callable, receiver) = (b.op(field(16), &[p[0]]), b.op(field(24), &[p[0]]));
    let state = b.state(12, &[Some(p[0]), None], &[callable, receiver]);
    let call = b.inst_at(Op::CallVector, &[callable, receiver], state);
    b.f.exit_owned[call].extend([receiver, callable]);
    let result = b.f.result(call);
    if drops {
        b.inst(Op::Decref, &[receiver]);
        b.inst(Op::Decref, &[callable]);
    }
    let state = b.state(16, &[Some(p[0]), None], &[result]);
    let check = b.inst_at(Op::CheckTracing, &[], state);
    b.f.exit_owned[check].push(result);
    b.ret(result);
    b.f
}

#[test]
fn a_call_takes_over_what_ends_with_it() {
    let mut world = World::new();
    let holder = object(&OTHER, &[1, 2]);
    world::answer(0x4E5);
    let called = || vector(&[2], 1, 0);
    assert_eq!(world.run(&fused(true), &[holder]), 0x4E5);
    assert_eq!(world::events(), [called(), Event::Consumed(1), Event::Consumed(2)]);
    assert_eq!(world.run(&fused(false), &[holder]), 0x4E5);
    assert_eq!(world::events(), [called()]);
    // A call that fails has taken them over as well: its exit has nothing to drop.
    world::answer(0);
    assert_eq!(world.run(&fused(true), &[holder]), 0);
    assert_eq!(world::events(), [called(), Event::Consumed(1), Event::Consumed(2)]);
    let owned = |taken: &world::Taken| -> Vec<u64> {
        world::entries(taken)
            .into_iter()
            .filter(|(kind, _)| *kind == BufKind::ObjOwned)
            .map(|(_, value)| value)
            .collect()
    };
    let exits = world::exits();
    assert_eq!((exits[0].kind, owned(&exits[0])), (ExitKind::Raise { traceback: true }, vec![]));
    world.run(&fused(false), &[holder]);
    assert_eq!(owned(&world::exits()[0]), [1, 2]);
}

#[test]
fn a_pending_result_leaves_after_the_call() {
    let mut world = World::new();
    let holder = object(&OTHER, &[1, 2]);
    world::answer(0x4E5);
    LOGS.with(|logs| logs.leave.set(true));
    assert_eq!(world.run(&fused(true), &[holder]), DEOPTED);
    let exits = world::exits();
    assert_eq!((exits[0].kind, exits[0].info().bci), (ExitKind::Deopt, 16));
    assert_eq!(exits[0].buf, [0x4E5]);
    // Where no check follows, the result is the result.
    assert_eq!(world.run(&call(Type::Object, None), &[1, 2, 3, 4]), 0x4E5);
    assert_eq!(world::exits().len(), 0);
    LOGS.with(|logs| logs.leave.set(false));
}

#[test]
fn a_body_looks_when_it_leaves() {
    let mut world = World::new();
    let (mut b, p) = Build::new(1, 0);
    let state = b.state(4, &[Some(p[0])], &[]);
    let func = b.op(Op::Func, &[]);
    let less = b.op(Op::Is, &[p[0], func]);
    let (last, _) = b.block(&[]);
    let (more, _) = b.block(&[]);
    b.branch(Op::Branch, less, last, more);
    b.at = last;
    b.inst(Op::Incref, &[func]);
    b.ret(func);
    b.at = more;
    let call = b.inst_at(Op::CallSelf, &[func, func], state);
    let result = b.f.result(call);
    let state = b.state(8, &[Some(p[0])], &[result]);
    let check = b.inst_at(Op::CheckTracing, &[], state);
    b.f.exit_owned[check].push(result);
    b.ret(result);
    let (function, argument) = (world.function, long(5));
    assert_eq!(world.run(&b.f, &[argument]), function);
    assert_eq!(world::exits().len(), 0);
    // Somebody listens: the caller gets the result and leaves; who called from outside gets its result all the same.
    world.set(24, 0x200);
    assert_eq!(world.run(&b.f, &[argument]), DEOPTED);
    let exits = world::exits();
    assert_eq!((exits[0].kind, exits[0].info().bci, exits[0].buf[0]), (ExitKind::Deopt, 8, function));
    assert_eq!(world.run(&b.f, &[function]), function);
}

/// `fib` by direct self-calls with boxed arguments.
pub fn fib() -> Function {
    let (mut b, p) = Build::new(1, 0);
    let state = b.state(2, &[Some(p[0])], &[]);
    b.inst_at(Op::CheckEvalBreaker, &[], state);
    let n = b.op_at(Op::GuardType { ty: Type::Long }, &[p[0]], state);
    let int = b.op_at(Op::UnboxInt, &[n], state);
    let two = b.int(2);
    let less = b.op(Op::ICmp { cc: Cc::Lt }, &[int, two]);
    let (base, _) = b.block(&[]);
    let (more, _) = b.block(&[]);
    b.branch(Op::Branch, less, base, more);
    b.at = base;
    b.inst(Op::Incref, &[n]);
    b.ret(n);
    b.at = more;
    let func = b.op(Op::Func, &[]);
    let mut sums = Vec::new();
    for (distance, bci) in [(1, 10), (2, 20)] {
        let state = b.state(bci, &[Some(p[0])], &[]);
        let distance = b.int(distance);
        let smaller = b.op_at(Op::ISub, &[int, distance], state);
        let boxed = b.op(Op::BoxInt, &[smaller]);
        let result = b.inst_at(Op::CallSelf, &[func, boxed], state);
        b.f.exit_owned[result].push(boxed);
        let result = b.f.result(result);
        b.inst(Op::Decref, &[boxed]);
        let long = b.op_at(Op::GuardType { ty: Type::Long }, &[result], state);
        sums.push(b.op_at(Op::UnboxInt, &[long], state));
        b.inst(Op::Decref, &[result]);
    }
    let state = b.state(30, &[Some(p[0])], &[]);
    let sum = b.op_at(Op::IAdd, &sums, state);
    let boxed = b.op(Op::BoxInt, &[sum]);
    b.ret(boxed);
    b.f
}

#[test]
fn recursion_works_and_has_limits() {
    let mut world = World::new();
    assert_eq!(int_of(world.run(&fib(), &[long(20)])), 6765);
    assert_eq!(world::exits().len(), 0);
    world::events();
    // Too deep: the fake check refuses, every frame on the way unwinds.
    world.set(48, 5);
    world::answer(1);
    assert_eq!(world.run(&fib(), &[long(20)]), 0);
    assert_eq!(world::events(), [Event::Recursion]);
    let exits = world::exits();
    assert_eq!(exits.len(), 5);
    assert!(exits.iter().all(|exit| exit.kind == ExitKind::Raise { traceback: true } && exit.info().bci == 10));
    // The check may also allow it.
    world::answer(0);
    world.set(48, 0);
    let (entry, _) = world.install(&fib());
    assert_eq!(int_of(world.vectorcall(entry, &[long(1)])), 1);
    assert_eq!(world::events(), [Event::Recursion]);
    // The C stack's limit.
    world.set(48, 1000);
    world.set(848, u64::MAX);
    world::answer(1);
    assert_eq!(world.run(&fib(), &[long(20)]), 0);
    assert_eq!(world::events(), [Event::CStack]);
    assert_eq!(world::exits().len(), 0, "no frame yet");
}

#[test]
fn direct_calls_go_through_the_cell() {
    let mut world = World::new();
    let (_, body) = world.install(&fib());
    let cell = Box::leak(Box::new(body));
    let (mut b, p) = Build::new(1, 0);
    let state = b.state(8, &[Some(p[0])], &[]);
    let func = b.op(Op::Func, &[]);
    let result = b.op_at(Op::CallDirect { cell: &raw const *cell as u64 }, &[func, p[0]], state);
    b.ret(result);
    assert_eq!(int_of(world.run(&b.f, &[long(10)])), 55);
}

extern "C" fn c_function(receiver: u64, args: *const u64, count: i64, names: u64) -> u64 {
    // SAFETY: called with that many arguments.
    let args = unsafe { std::slice::from_raw_parts(args, count as usize) };
    receiver + args.iter().sum::<u64>() + names
}
extern "C" fn c_fast(receiver: u64, args: *const u64, count: i64) -> u64 {
    c_function(receiver, args, count, 0)
}
extern "C" fn c_one(receiver: u64, argument: u64) -> u64 {
    receiver + argument
}

#[test]
fn c_functions() {
    let mut world = World::new();
    for (op, used, expected) in [
        (Op::CallCFastKw { function: c_function as *const () as u64 }, 3, 111),
        (Op::CallCFast { function: c_fast as *const () as u64 }, 3, 111),
        (Op::CallCOne { function: c_one as *const () as u64 }, 2, 11),
        (Op::CallCNoArgs { function: c_one as *const () as u64 }, 1, 1),
    ] {
        let (mut b, p) = Build::new(3, 0);
        let state = b.state(8, &[None, None, None], &[]);
        let result = b.op_at(op, &p[..used], state);
        b.ret(result);
        assert_eq!(world.run(&b.f, &[1, 10, 100]), expected, "{op:?}");
    }
}

#[test]
fn helpers_take_operands_arrays_and_scratch() {
    let mut world = World::new();
    let (mut b, p) = Build::new(2, 0);
    let state = b.state(8, &[Some(p[0]), Some(p[1])], &[]);
    let which = b.int(7);
    let sum = b.op_at(Op::Helper { id: HelperId::binary_op }, &[p[0], p[1], which], state);
    let tuple = b.op_at(Op::Helper { id: HelperId::build_tuple }, &[sum, p[0], p[1]], state);
    let count = b.int(9);
    b.op_at(Op::Helper { id: HelperId::unpack_sequence }, &[tuple, count], state);
    let last = b.op(Op::ScratchLoad { index: 8 }, &[]);
    b.ret(last);
    world::answer(0x4E5);
    assert_eq!(world.run(&b.f, &[11, 22]), 108);
    assert_eq!(
        world::events(),
        [
            Event::Helper("binary_op", vec![11, 22, 7]),
            Event::Helper("build_tuple", vec![0x4E5, 11, 22]),
            Event::Helper("unpack_sequence", vec![0x4E5]),
        ]
    );
    // A negative answer of an int helper is an error; so is a NULL of an object helper.
    world::answer(-1i64 as u64);
    assert_eq!(world.run(&b.f, &[11, 22]), 0);
    world::answer(0);
    assert_eq!(world.run(&b.f, &[11, 22]), 0);
    assert_eq!(world::events().len(), 4);
    assert_eq!(world::exits().len(), 2);
    let (mut b, p) = Build::new(1, 0);
    let truth = b.op(Op::Helper { id: HelperId::is_mapping }, &[p[0]]);
    let boxed = b.op(Op::BoxBool, &[truth]);
    b.ret(boxed);
    assert_eq!(world.run(&b.f, &[1]), world::env().objects.true_);
    assert_eq!(world.run(&b.f, &[0]), world::env().objects.false_);
}

#[test]
fn errors_can_be_caught_here() {
    let mut world = World::new();
    let (mut b, p) = Build::new(2, 0);
    let state = b.state(8, &[Some(p[0]), Some(p[1])], &[]);
    let which = b.int(7);
    let inst = b.inst_at(Op::Helper { id: HelperId::binary_op }, &[p[0], p[1], which], state);
    b.null_on_error(inst);
    let sum = b.f.result(inst);
    let (landing, _) = b.block(&[]);
    let (fine, _) = b.block(&[]);
    b.branch(Op::BranchError, sum, landing, fine);
    b.at = fine;
    b.ret(sum);
    b.at = landing;
    let caught = b.inst(Op::CatchException { traceback: true }, &[]);
    b.f.insts[caught].bci = 8;
    let exception = b.f.result(caught);
    b.ret(exception);
    world::answer(0x4E5);
    assert_eq!(world.run(&b.f, &[1, 2]), 0x4E5);
    assert_eq!(world::events().len(), 1);
    world::answer(0);
    world.run(&b.f, &[1, 2]);
    assert_eq!(world::events()[1], Event::Catch { traceback: 1, unit: 8 });
    assert_eq!(world::exits().len(), 0);
    // An integer that says error.
    let (mut b, p) = Build::new(1, 0);
    let state = b.state(8, &[Some(p[0])], &[]);
    let check = b.inst_at(Op::CheckEvalBreaker, &[], state);
    b.null_on_error(check);
    let check = b.f.result(check);
    let (landing, _) = b.block(&[]);
    let (fine, _) = b.block(&[]);
    b.branch(Op::BranchError, check, landing, fine);
    b.at = fine;
    b.ret(p[0]);
    b.at = landing;
    b.inst_at(Op::Unwind { traceback: false }, &[], state);
    world.set(24, 1);
    world::answer(-1i64 as u64);
    assert_eq!(world.run(&b.f, &[1]), 0);
    assert_eq!(world::exits()[0].kind, ExitKind::Raise { traceback: false });
}

#[test]
fn reference_counts() {
    let mut world = World::new();
    let count = |ty: Type, op: Op| {
        let (mut b, p) = Build::new(1, 0);
        let value = b.op(Op::LoadField { offset: 16, region: Region::Instance, ty }, &[p[0]]);
        let inst = b.inst(op, &[value]);
        b.f.insts[inst].bci = 33;
        b.ret(p[0]);
        b.f
    };
    let large = |mut func: Function| {
        let more: Vec<_> = (0..1000).map(|_| func.make_inst(Op::Null, &[], Some(Type::Null))).collect();
        func.blocks[func.entry].insts.splice(0..0, more);
        func
    };
    let set = |address: u64, refcnt: u32| world::write(address, u64::from(refcnt));
    for (op, before, after, dies) in [
        (Op::Incref, 1, 2, false),
        (Op::Incref, IMMORTAL - 1, IMMORTAL, false),
        (Op::Incref, IMMORTAL, IMMORTAL, false),
        (Op::Incref, IMMORTAL + 7, IMMORTAL + 7, false),
        (Op::Decref, 2, 1, false),
        (Op::Decref, 1, 0, true),
        (Op::Decref, IMMORTAL, IMMORTAL, false),
        (Op::Decref, 1 << 31, 1 << 31, false),
    ] {
        let thing = object(&OTHER, &[]);
        set(thing, before);
        for ty in [Type::Object, Type::OptObject] {
            for func in [count(ty, op), large(count(ty, op))] {
                set(thing, before);
                world.run(&func, &[object(&OTHER, &[thing])]);
                assert_eq!(refcnt(thing), after, "{op:?} {before:#x}");
                let expected = if dies { vec![Event::Dealloc(thing)] } else { vec![] };
                assert_eq!(world::events(), expected);
            }
        }
        // NULL is nobody.
        world.run(&count(Type::OptObject, op), &[object(&OTHER, &[0])]);
        world.run(&large(count(Type::OptObject, op)), &[object(&OTHER, &[0])]);
        // What is not counted is not touched.
        set(thing, before);
        world.run(&count(Type::Object.immortal(), op), &[object(&OTHER, &[thing])]);
        assert_eq!(refcnt(thing), before);
        world::events();
    }
}

#[test]
fn memory_operations() {
    let mut world = World::new();
    let (mut b, p) = Build::new(2, 0);
    let index = b.op(Op::LoadInt { offset: 16, region: Region::Instance, width: Width::U8 }, &[p[0]]);
    let old = b.op(Op::SwapIndexed { offset: 24, region: Region::ListItems }, &[p[0], index, p[1]]);
    let new = b.op(Op::LoadIndexed { offset: 24, region: Region::ListItems, ty: Type::Object }, &[p[0], index]);
    let swapped = b.op(Op::SwapField { offset: 48, region: Region::Instance }, &[p[0], old]);
    b.inst(Op::StoreInt { offset: 56, region: Region::Instance, width: Width::I64 }, &[p[0], index]);
    let same = b.op(Op::Is, &[new, p[1]]);
    let (yes, _) = b.block(&[]);
    let (no, _) = b.block(&[]);
    b.branch(Op::Branch, same, yes, no);
    b.at = yes;
    b.ret(swapped);
    b.at = no;
    b.inst(Op::Unreachable, &[]);
    let thing = object(&OTHER, &[0xFF02, 1, 2, 3, 0x5A, 0]);
    assert_eq!(world.run(&b.f, &[thing, 99]), 0x5A);
    assert_eq!(world::get(thing).payload, [0xFF02, 1, 2, 99, 3, 2]);
    let numbers = object(&OTHER, &[0xFFFF_FFFE_8000_0001]);
    for (width, expected) in [
        (Width::U8, 1),
        (Width::U32, 0x8000_0001),
        (Width::I32, 0x8000_0001u32 as i32 as i64),
        (Width::I64, 0xFFFF_FFFE_8000_0001u64 as i64),
    ] {
        let (mut b, p) = Build::new(1, 0);
        let int = b.op(Op::LoadInt { offset: 16, region: Region::Instance, width }, &[p[0]]);
        let boxed = b.op(Op::BoxInt, &[int]);
        b.ret(boxed);
        assert_eq!(int_of(world.run(&b.f, &[numbers])), expected, "{width:?}");
    }
    let cell = Box::leak(Box::new(0xCE11u64));
    let (mut b, _) = Build::new(0, 0);
    let value = b.op(Op::LoadGlobalCell { cell: &raw const *cell as u64 }, &[]);
    b.ret(value);
    assert_eq!(world.run(&b.f, &[]), 0xCE11);
}

#[test]
fn type_tests() {
    let mut world = World::new();
    let none = world::env().objects.none;
    let cases = [
        (Type::Long, [true, false, false, false, false]),
        (Type::Long.or(Type::Float), [true, true, false, false, false]),
        (Type::NoneType, [false, false, true, false, false]),
        (Type::NoneType.or(Type::Float), [false, true, true, false, false]),
        (Type::Null.or(Type::Long), [true, false, false, true, false]),
        (Type::Object, [true, true, true, false, true]),
        (Type::Class, [false, false, false, false, true]),
    ];
    let things = [long(1), world::float(1.0), none, 0, object(&world::METACLASS, &[])];
    for (ty, expected) in cases {
        for guard in [true, false] {
            let (mut b, p) = Build::new(1, 0);
            let state = b.state(4, &[None], &[]);
            let field = Op::LoadField { offset: 16, region: Region::Instance, ty: Type::OptObject };
            let value = b.op(field, &[p[0]]);
            if guard {
                b.op_at(Op::GuardType { ty }, &[value], state);
                b.ret(p[0]);
            } else {
                let truth = b.op(Op::IsType { ty }, &[value]);
                let boxed = b.op(Op::BoxBool, &[truth]);
                b.ret(boxed);
            }
            let (entry, _) = world.install(&b.f);
            for (thing, expected) in things.into_iter().zip(expected) {
                let holder = object(&OTHER, &[thing]);
                let result = world.vectorcall(entry, &[holder]);
                if guard {
                    assert_eq!(result == holder, expected, "guard {ty} {thing:#x}");
                } else {
                    assert_eq!(result == world::env().objects.true_, expected, "test {ty} {thing:#x}");
                }
            }
        }
    }
}

#[test]
fn classes_identity_and_truth() {
    let mut world = World::new();
    let thing = object(&OTHER, &[]);
    let guards: [(Op, u64, u64); 3] = [
        (Op::GuardClass { number: world::OTHER_NUMBER }, thing, long(1)),
        (Op::GuardNotNull, thing, 0),
        (Op::GuardIs { id: constant_id() }, 0xC0, thing),
    ];
    for (op, good, bad) in guards {
        let (mut b, p) = Build::new(1, 0);
        b.constant(0xC0, Type::Object, None);
        let state = b.state(4, &[None], &[]);
        let field = Op::LoadField { offset: 16, region: Region::Instance, ty: Type::OptObject };
        let value = b.op(field, &[p[0]]);
        let value = b.op_at(op, &[value], state);
        b.ret(value);
        assert_eq!(world.run(&b.f, &[object(&OTHER, &[good])]), good);
        assert_eq!(world.run(&b.f, &[object(&OTHER, &[bad])]), DEOPTED);
    }
    let (mut b, p) = Build::new(1, 0);
    let state = b.state(4, &[None], &[]);
    let known = b.op(Op::HasClass { number: world::OTHER_NUMBER }, &[p[0]]);
    b.inst_at(Op::GuardTrue, &[known], state);
    let null = b.op(Op::IsNull, &[p[0]]);
    b.inst_at(Op::GuardFalse, &[null], state);
    b.ret(p[0]);
    assert_eq!(world.run(&b.f, &[thing]), thing);
    assert_eq!(world.run(&b.f, &[long(1)]), DEOPTED);
}

extern "C" fn modify(class: u64, _: u64) -> u64 {
    world::CLASS_CELLS[world::FREE_NUMBER as usize].store(std::ptr::null_mut(), Ordering::Relaxed);
    class
}

#[test]
fn a_class_is_checked_again_after_a_call() {
    let mut world = World::new();
    let class: &'static mut Class = Box::leak(Box::new(OTHER_CLASS));
    world::CLASS_CELLS[world::FREE_NUMBER as usize].store(class, Ordering::Relaxed);
    let class = &raw const *class as u64;
    let (mut b, p) = Build::new(1, 0);
    let state = b.state(4, &[Some(p[0])], &[]);
    let thing = b.op_at(Op::GuardClass { number: world::FREE_NUMBER }, &[p[0]], state);
    let class_value = b.op(Op::CPtr { address: class }, &[]);
    b.op_at(Op::CallCNoArgs { function: modify as *const () as u64 }, &[class_value], state);
    let again = b.op_at(Op::GuardClass { number: world::FREE_NUMBER }, &[thing], state);
    b.ret(again);
    let thing = object(&OTHER, &[]);
    write(thing + 8, class);
    assert_eq!(world.run(&b.f, &[thing]), DEOPTED);
}

#[test]
fn what_does_not_fit_together_is_refused() {
    let (mut b, p) = Build::new(1, 0);
    let null = b.op(Op::IsNull, &[p[0]]);
    let (target, params) = b.block(&[Type::Object]);
    b.jump(target, &[null]);
    b.at = target;
    b.ret(params[0]);
    let refused = |func: &Function, text: &str| {
        let error = compile(func, &world::params(func), &world::env(), &Options::default()).unwrap_err();
        assert!(error.to_string().contains(text), "{error}");
    };
    refused(&b.f, "passed to");
    let (mut b, p) = Build::new(1, 0);
    b.op(Op::UnboxInt, &[p[0]]);
    b.ret(p[0]);
    refused(&b.f, "no frame state");
    let (mut b, p) = Build::new(1, 0);
    let state = b.state(4, &[None], &[]);
    b.op_at(Op::Helper { id: HelperId::get_iter }, &[p[0]], state);
    b.ret(p[0]);
    refused(&b.f, "has no address");
}

fn constant_id() -> ember_hir::ConstId {
    let (mut b, _) = Build::new(0, 0);
    b.constant(0, Type::Object, None)
}
