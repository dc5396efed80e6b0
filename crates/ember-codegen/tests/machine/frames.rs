//! The frame: how it is pushed, shown and popped.

use crate::build::Build;
use crate::world::{
    self, CODE, Event, FIRST_INSTR, LOGS, OTHER, World, long, object, outer_frame, params, read, refcnt, write,
};
use ember_codegen::{BodyKind, BodyParams, ExitKind, left};
use ember_hir::{Function, HelperId, Op, Type};

extern "C" fn snapshot(tstate: u64, _: u64) -> u64 {
    let frame = read(tstate + 72);
    let copy: Vec<u64> = (0..14).map(|word| read(frame + word * 8)).collect();
    LOGS.with(|logs| logs.spare.replace(copy));
    frame
}

/// Looks at the frame from within a call; `tstate` is passed as an ordinary argument.
fn looking(world: &World) -> Function {
    let (mut b, p) = Build::new(2, 2);
    let state = b.state(14, &[Some(p[0]), Some(p[1]), None, None], &[]);
    let tstate = b.op(Op::CPtr { address: world.tstate.as_ptr() as u64 }, &[]);
    let constant = b.constant(0xC0, Type::Object, None);
    let constant = b.op(Op::Const { id: constant }, &[]);
    let box_ = b.int(12345);
    let box_ = b.op(Op::BoxInt, &[box_]);
    b.inst(Op::SetLocal { slot: 2 }, &[constant]);
    b.inst(Op::SetLocalOwned { slot: 3 }, &[box_]);
    b.inst(Op::ClearLocal { slot: 1 }, &[]);
    let frame = b.op_at(Op::CallCNoArgs { function: snapshot as *const () as u64 }, &[tstate], state);
    b.inst(Op::SetLocal { slot: 1 }, &[frame]);
    b.inst(Op::DropLocal { slot: 3 }, &[]);
    b.inst(Op::DropLocal { slot: 0 }, &[]);
    b.ret(frame);
    b.f
}

#[test]
fn the_frame_is_complete_while_the_body_runs() {
    let mut world = World::new();
    let func = looking(&world);
    let (x, y) = (object(&OTHER, &[]), long(2));
    let frame = world.run(&func, &[x, y]);
    let words = LOGS.with(|logs| logs.spare.take());
    assert_eq!(frame, world.ts(240), "the next free place of the data stack");
    let function = world.function;
    let box_ = words[13];
    assert_eq!(
        words,
        [
            CODE | 1,
            outer_frame(),
            function | 1,
            0x610B,
            0xB171,
            0,
            0,
            FIRST_INSTR + 28,
            frame + 80 + 4 * 8,
            0,
            x | 1,
            1,
            0xC0 | 1,
            box_,
        ]
    );
    assert_eq!(box_ & 1, 0, "owned by the frame");
    // Dropped: the box died, the borrowed parameter did not.
    assert_eq!(world::events(), [Event::Dealloc(box_)]);
    assert_eq!(refcnt(x), 1);
}

#[test]
fn positions_are_stored_when_they_change() {
    let mut world = World::new();
    let build = |unit| {
        let (mut b, p) = Build::new(2, 0);
        let which = b.int(0);
        for bci in [unit, unit, unit + 1] {
            let state = b.state(bci, &[None, None], &[]);
            b.op_at(Op::CallVector, &[p[0], p[1]], state);
        }
        let state = b.state(2, &[None, None], &[]);
        let last = b.op_at(Op::Helper { id: HelperId::binary_op }, &[p[0], p[1], which], state);
        b.ret(last);
        b.f
    };
    world::answer(0x4E5);
    world.run(&build(10), &[1, 2]);
    let positions = |events: Vec<Event>| -> Vec<u64> {
        events
            .into_iter()
            .filter_map(|event| match event {
                Event::Vector { position, .. } => Some(position),
                _ => None,
            })
            .collect()
    };
    assert_eq!(positions(world::events()), [FIRST_INSTR + 20, FIRST_INSTR + 20, FIRST_INSTR + 22]);
    // Across a 4 GiB boundary.
    let func = build(9);
    let first_instr = (7 << 32) - 18;
    world.install_with(&func, &BodyParams { first_instr, ..params(&func) });
    world.call_spread(&[1, 2]);
    assert_eq!(positions(world::events()), [7 << 32, 7 << 32, (7 << 32) + 2]);
}

#[test]
fn a_drop_that_runs_code_shows_its_position_only_then() {
    let (mut b, p) = Build::new(1, 0);
    let field = Op::LoadField { offset: 16, region: ember_hir::ops::Region::Instance, ty: Type::Object };
    let thing = b.op(field, &[p[0]]);
    let drop = b.inst(Op::Decref, &[thing]);
    b.f.insts[drop].bci = 30;
    let state = b.state(50, &[Some(p[0])], &[]);
    b.inst_at(Op::Deopt, &[], state);
    let mut world = World::new();
    let thing = object(&OTHER, &[]);
    world.run(&b.f, &[object(&OTHER, &[thing])]);
    assert_eq!(world::exits()[0].position, FIRST_INSTR + 60);
    let kept = object(&OTHER, &[]);
    write(kept, 2);
    world.run(&b.f, &[object(&OTHER, &[kept])]);
    assert_eq!(world::exits()[0].position, FIRST_INSTR + 4);
}

extern "C" fn adopt(tstate: u64, _: u64) -> u64 {
    let frame = read(tstate + 72);
    write(frame + 48, 0xF0B);
    0x4E5
}

#[test]
fn returning_with_a_frame_object_is_an_exit() {
    let mut world = World::new();
    let (mut b, p) = Build::new(1, 0);
    let state = b.state(14, &[Some(p[0])], &[]);
    let tstate = b.op(Op::CPtr { address: world.tstate.as_ptr() as u64 }, &[]);
    let result = b.op_at(Op::CallCNoArgs { function: adopt as *const () as u64 }, &[tstate], state);
    let ret = b.inst(Op::Return, &[result]);
    b.f.exit_owned[ret].push(result);
    assert_eq!(world.run(&b.f, &[0x10]), 0x4E5);
    let exits = world::exits();
    assert_eq!((exits[0].kind, exits[0].buf.as_slice()), (ExitKind::Return, &[0x4E5][..]));
    assert_eq!(exits[0].locals, [0x11]);
}

#[test]
fn chunks_of_the_data_stack() {
    let mut world = World::new();
    let (mut b, p) = Build::new(1, 1);
    b.ret(p[0]);
    // The first frame of a chunk is popped by the interpreter's function.
    let chunk = world.ts(232);
    world.set(240, chunk + 24);
    world.install(&b.f);
    assert_eq!(world.call_spread(&[7]), 7);
    assert_eq!(world::events(), [Event::PopFrame(chunk + 24)]);
    assert_eq!((world.ts(72), world.ts(48)), (outer_frame(), 1000));
    // A full chunk: a new place, or none.
    let words = i64::from(params(&b.f).framesize);
    world.set(240, world.ts(248) - words as u64 * 8);
    assert_eq!(world.call_spread(&[7]), 0);
    assert_eq!(world::events(), [Event::PushSlow(words)]);
    assert_eq!((world.ts(72), world.ts(48)), (outer_frame(), 1000));
    LOGS.with(|logs| logs.spare.replace(vec![0; 64]));
    assert_eq!(world.call_spread(&[7]), 7);
    let place = LOGS.with(|logs| logs.spare.borrow()[2]);
    assert_eq!(place, world.function | 1, "the frame was written to the new place");
    // A thread without a data stack.
    world.set(240, 0);
    world.set(248, 0);
    world::events();
    assert_eq!(world.call_spread(&[7]), 7);
    assert_eq!(world::events().len(), 1);
}

#[test]
fn other_arities_go_through_the_binder() {
    let mut world = World::new();
    let (mut b, p) = Build::new(8, 0);
    b.ret(p[7]);
    let (entry, _) = world.install(&b.f);
    let args: Vec<u64> = (10..18).map(long).collect();
    let last = args[7];
    assert_eq!(world.vectorcall(entry, &args), last);
    assert_eq!(world::events(), []);
    // One argument too few: the binder finds eight in the array all the same.
    // SAFETY: `entry` was compiled with this signature.
    let call: extern "C" fn(u64, *const u64, u64, u64) -> u64 = unsafe { std::mem::transmute(entry) };
    let bound = |nargsf, kwnames| Event::Bind { args: args.as_ptr() as u64, nargsf, kwnames };
    assert_eq!(call(world.function, args.as_ptr(), 7, 0), last);
    assert_eq!(call(world.function, args.as_ptr(), 8, 1), last);
    assert_eq!(call(world.function, args.as_ptr(), 8, 0), last);
    assert_eq!(world::events(), [bound(7, 0), bound(8, 1)]);
    let (entry, _) = world.install_with(&b.f, &BodyParams { simple_args: false, ..params(&b.f) });
    assert_eq!(world.vectorcall(entry, &args), last);
    assert_eq!(world::events(), [bound(8 | 1 << 63, 0)]);
}

#[test]
fn the_entry_holds_function_and_arguments() {
    extern "C" fn counts(object: u64, function: u64) -> u64 {
        (u64::from(refcnt(object)) << 32) | u64::from(refcnt(function))
    }
    let mut world = World::new();
    let (mut b, p) = Build::new(1, 0);
    let state = b.state(4, &[Some(p[0])], &[]);
    let func = b.op(Op::Func, &[]);
    let result = b.op_at(Op::CallCOne { function: counts as *const () as u64 }, &[p[0], func], state);
    b.ret(result);
    let (entry, _) = world.install(&b.f);
    let argument = long(5);
    assert_eq!(world.vectorcall(entry, &[argument]), (2 << 32) | 2);
    assert_eq!((refcnt(argument), refcnt(world.function)), (1, 1));
}

#[test]
fn on_stack_replacement_takes_over_the_interpreters_frame() {
    let (mut b, _) = Build::new(0, 3);
    let owned = b.op(Op::TakeLocal { slot: 0 }, &[]);
    let borrowed = b.op(Op::TakeLocal { slot: 1 }, &[]);
    let null = b.op(Op::TakeLocal { slot: 2 }, &[]);
    let stacked = b.op(Op::TakeStack { index: 0 }, &[]);
    let func = b.op(Op::Func, &[]);
    let state = b.state(9, &[Some(owned), Some(borrowed), Some(null)], &[stacked, func]);
    let deopt = b.inst_at(Op::Deopt, &[], state);
    b.f.exit_owned[deopt].extend([owned, borrowed, null, stacked]);
    let mut world = World::new();
    let osr = BodyParams { kind: BodyKind::Osr, nparams: 0, ..params(&b.f) };
    let (_, body) = world.install_with(&b.f, &osr);
    let (x, y, z) = (long(1), long(2), long(3));
    let frame = [0, 0, world.function | 1, 0, 0, 0, 0, 0, 0, 0, x, y | 1, 1, z];
    // SAFETY: a body for on-stack replacement has this signature.
    let run: extern "C" fn(u64, *const u64) -> u64 = unsafe { std::mem::transmute(body) };
    assert_eq!(run(world.tstate.as_ptr() as u64, frame.as_ptr()), 0x05E);
    assert_eq!(world::exits()[0].buf, [z, 0, y, x, world.function]);
    assert_eq!([refcnt(x), refcnt(y), refcnt(z)], [1, 2, 1]);
    let after: Vec<u64> = (10..14).map(|word| read(frame.as_ptr() as u64 + word * 8)).collect();
    assert_eq!(after, [1, 1, 1, 1]);
    // Returning is the interpreter's business as well.
    let mut f = Function::new("loop", 1);
    let entry = f.entry;
    let value = f.append(entry, Op::TakeLocal { slot: 0 }, &[]);
    let value = f.result(value);
    f.append(entry, Op::Return, &[value]);
    let osr = BodyParams { kind: BodyKind::Osr, nparams: 0, ..params(&f) };
    let (_, body) = world.install_with(&f, &osr);
    // SAFETY: as above.
    let run: extern "C" fn(u64, *const u64) -> u64 = unsafe { std::mem::transmute(body) };
    let frame = [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, x];
    assert_eq!(run(world.tstate.as_ptr() as u64, frame.as_ptr()), 0x05E);
    assert_eq!((world::exits()[0].kind, world.ts(48)), (ExitKind::Return, 1000));
}

#[test]
fn a_generator_puts_its_frame_in_order_and_suspends_it() {
    let (mut b, _) = Build::new(0, 3);
    let moved = b.op(Op::TakeLocal { slot: 0 }, &[]);
    let borrowed = b.op(Op::TakeLocal { slot: 1 }, &[]);
    let unbound = b.op(Op::TakeLocal { slot: 2 }, &[]);
    let sent = b.op(Op::TakeStack { index: 0 }, &[]);
    for (slot, value) in [(0, sent), (1, borrowed), (2, unbound)] {
        b.inst(Op::KeepLocal { slot }, &[value]);
    }
    b.inst(Op::KeepStack { index: 0 }, &[moved]);
    b.inst(Op::Suspend { unit: 21, depth: 1 }, &[]);
    let mut world = World::new();
    let generator = BodyParams { kind: BodyKind::Generator, nparams: 0, ..params(&b.f) };
    let first_instr = generator.first_instr;
    let (_, body) = world.install_with(&b.f, &generator);
    let (x, y, z) = (long(1), long(2), long(3));
    let frame = [0, 0, world.function | 1, 0, 0, 0, 0, 0, 0, 0, x, y | 1, 1, z];
    // SAFETY: a body that resumes a generator has this signature.
    let run: extern "C" fn(u64, *const u64) -> i64 = unsafe { std::mem::transmute(body) };
    assert_eq!(run(world.tstate.as_ptr() as u64, frame.as_ptr()), left::SUSPENDED);
    let word = |index: u64| read(frame.as_ptr() as u64 + index * 8);
    // The locals own what they hold, what was borrowed included; the stack has one item.
    assert_eq!([word(10), word(11), word(12), word(13)], [z, y, 1, x]);
    assert_eq!([refcnt(x), refcnt(y), refcnt(z)], [1, 2, 1]);
    assert_eq!((word(7), word(8)), (first_instr + 42, frame.as_ptr() as u64 + 14 * 8));
    assert!(world::exits().is_empty());
}

#[test]
fn a_generator_returns_on_its_stack_unless_somebody_has_its_frame() {
    let mut f = Function::new("generator", 1);
    let entry = f.entry;
    let value = f.append(entry, Op::TakeLocal { slot: 0 }, &[]);
    let value = f.result(value);
    f.append(entry, Op::Return, &[value]);
    let mut world = World::new();
    let generator = BodyParams { kind: BodyKind::Generator, nparams: 0, ..params(&f) };
    let (_, body) = world.install_with(&f, &generator);
    // SAFETY: as above.
    let run: extern "C" fn(u64, *const u64) -> i64 = unsafe { std::mem::transmute(body) };
    let x = long(1);
    let frame = [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, x, 1];
    assert_eq!(run(world.tstate.as_ptr() as u64, frame.as_ptr()), left::RETURNED);
    assert_eq!(read(frame.as_ptr() as u64 + 88), x);
    assert!(world::exits().is_empty());
    let observed = [0, 0, 0, 0, 0, 0, 5, 0, 0, 0, x, 1];
    assert_eq!(run(world.tstate.as_ptr() as u64, observed.as_ptr()), 0x05E);
    assert_eq!(world::exits()[0].kind, ExitKind::Return);
}
