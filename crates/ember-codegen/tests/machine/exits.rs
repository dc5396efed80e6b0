//! What exits say and store.

use crate::build::Build;
use crate::world::{self, DEOPTED, OTHER, World, float, long, object};
use ember_codegen::BufKind::{Bool, Double, Int, ObjBorrowed, ObjOwned};
use ember_codegen::{ExitKind, Slot};
use ember_hir::ops::Region;
use ember_hir::{FrameState, LevelData, Op, Type};

#[test]
fn every_kind_of_value() {
    let (mut b, p) = Build::new(2, 6);
    let constant = b.constant(0xC0, Type::Object, None);
    let constant = b.op(Op::Const { id: constant }, &[]);
    let alias = b.op(Op::Refine { ty: Type::Object }, &[p[0]]);
    let null = b.op(Op::Null, &[]);
    let five = b.int(5);
    let half = b.double(0.5);
    let yes = b.op(Op::CBool { value: true }, &[]);
    let lasti = b.op(Op::CLasti { unit: 9 }, &[]);
    let state = b.state(1, &[None; 8], &[]);
    let int = b.op_at(Op::UnboxInt, &[p[1]], state);
    let double = b.op(Op::IntToDouble, &[int]);
    let less = b.op(Op::IsNull, &[p[0]]);
    let owned = b.op(Op::LoadField { offset: 16, region: Region::Instance, ty: Type::Object }, &[p[0]]);
    let locals = [Some(p[0]), Some(constant), None, Some(int), Some(double), Some(less), Some(owned), Some(p[0])];
    let state = b.state(40, &locals, &[alias, null, five, half, yes, lasti, owned]);
    let deopt = b.inst_at(Op::Deopt, &[], state);
    b.f.exit_owned[deopt].push(owned);
    let thing = object(&OTHER, &[0x0B]);
    let mut world = World::new();
    assert_eq!(world.run(&b.f, &[thing, long(3)]), DEOPTED);
    let exit = &world::exits()[0];
    let expected = [(ObjOwned, 0x0B), (ObjBorrowed, thing), (Int, 3), (Double, 3f64.to_bits()), (Bool, 0)];
    assert_eq!(world::entries(exit), expected);
    let info = exit.info();
    assert_eq!((info.bci, info.token()), (40, 0x70CE));
    let level = info.state().level.unwrap();
    let buf = Slot::Buf;
    assert_eq!(level.locals[..], [buf(1), Slot::Const(0xC0), Slot::Null, buf(2), buf(3), buf(4), buf(0), buf(1)]);
    let stack =
        [buf(1), Slot::Null, Slot::Int(5), Slot::Double(0.5f64.to_bits()), Slot::Bool(true), Slot::Lasti(9), buf(0)];
    assert_eq!(level.stack[..], stack);
}

#[test]
fn what_memory_shows_is_not_stored_and_takes_over_what_the_exit_owns() {
    let (mut b, p) = Build::new(1, 3);
    let field = Op::LoadField { offset: 16, region: Region::Instance, ty: Type::Object };
    let owned = b.op(field, &[p[0]]);
    let state = b.state(5, &[Some(p[0]), Some(owned), None, None], &[]);
    let deopt = b.inst_at(Op::Deopt, &[], state);
    b.f.exit_owned[deopt].push(owned);
    b.f.exit_synced[deopt].extend([0, 1, 2]);
    let mut world = World::new();
    world.run(&b.f, &[object(&OTHER, &[0x0B])]);
    let exit = &world::exits()[0];
    assert_eq!(world::entries(exit), []);
    assert_eq!(exit.info().state().level.unwrap().locals[..], [Slot::Keep, Slot::Adopt, Slot::Keep, Slot::Null]);
}

#[test]
fn raising_drops_the_stack() {
    let (mut b, p) = Build::new(2, 0);
    let state = b.state(5, &[Some(p[0]), None], &[p[1]]);
    let unwind = b.inst_at(Op::Unwind { traceback: true }, &[], state);
    b.f.exit_owned[unwind].push(p[1]);
    let mut world = World::new();
    world.run(&b.f, &[7, 8]);
    let exit = &world::exits()[0];
    assert_eq!(exit.kind, ExitKind::Raise { traceback: true });
    assert_eq!(world::entries(exit), [(ObjOwned, 8), (ObjBorrowed, 7)]);
    assert_eq!(exit.info().state().level.unwrap().locals[..], [Slot::Buf(1), Slot::Null]);
    assert!(exit.info().state().level.unwrap().stack.is_empty());
}

#[test]
fn an_inlined_body_leaves_to_its_call() {
    let (mut b, p) = Build::new(1, 0);
    let code = b.constant(0xC0DE, Type::Other, None);
    let func = b.constant(0xF0, Type::Function, None);
    let level = b.f.levels.push(LevelData { name: "inner".into(), code: Some(code), func: Some(func), nlocalsplus: 1 });
    let outer = b.state(20, &[Some(p[0])], &[]);
    b.f.states[outer].level = Some(b.f.root());
    let inner = b.f.states.push(FrameState {
        bci: 3,
        level: Some(level),
        locals: vec![Some(p[0])],
        stack: vec![p[0]],
        parent: Some(outer),
    });
    let deopt = b.inst_at(Op::Deopt, &[], inner);
    b.f.exit_synced[deopt].push(0);
    let mut world = World::new();
    world.run(&b.f, &[long(1)]);
    let exit = &world::exits()[0];
    let level = exit.info().state().level.unwrap();
    assert_eq!((level.bci, exit.info().bci), (20, 3), "the call is executed again");
    assert_eq!(level.locals[..], [Slot::Keep]);
}

#[test]
fn unboxed_values_survive_a_call_on_the_way_to_an_exit() {
    // Two doubles and an int live across a large int's unboxing, which calls and may leave.
    let (mut b, p) = Build::new(2, 0);
    let state = b.state(4, &[None, None], &[]);
    let double = b.op(Op::UnboxDouble, &[p[0]]);
    let twice = b.op(Op::DAdd, &[double, double]);
    let state2 = b.state(6, &[None, None], &[double, twice]);
    let int = b.op_at(Op::UnboxInt, &[p[1]], state2);
    let state3 = b.state(8, &[None, None], &[double, twice, int]);
    b.inst_at(Op::Deopt, &[], state3);
    let _ = state;
    let mut world = World::new();
    world.run(&b.f, &[float(1.25), long(1 << 45)]);
    assert_eq!(world::exits()[0].buf, [1.25f64.to_bits(), 2.5f64.to_bits(), 1 << 45]);
    world.run(&b.f, &[float(1.25), object(&world::LONG, &[9 << 3])]);
    assert_eq!(world::exits()[0].buf, [1.25f64.to_bits(), 2.5f64.to_bits()]);
}
