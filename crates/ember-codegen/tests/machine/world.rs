//! A world for machine code to run in: a thread state, a data stack, objects and functions, all fake but laid out as [`LAYOUT`] says.
//!
//! The functions note what they are called with in thread-local logs, so that tests can run in parallel.

use ember_codegen::arena::Arena;
use ember_codegen::{
    BodyInfo, BodyParams, BufKind, CallSite, CompiledBody, Env, ExitInfo, ExitKind, Functions, Layout, Objects,
    Options, Stubs, compile, stubs,
};
use ember_hir::{Function, HelperId, Type};
use std::cell::{Cell, RefCell};
use std::sync::atomic::AtomicPtr;

pub const LAYOUT: Layout = Layout {
    ob_refcnt: 0,
    ob_type: 8,
    ob_size: 16,
    tp_flags: 168,
    long_tag: 16,
    long_digit: 24,
    float_value: 16,
    func_globals: 16,
    func_builtins: 24,
    ts_eval_breaker: 24,
    ts_py_recursion_remaining: 48,
    ts_current_frame: 72,
    ts_datastack_chunk: 232,
    ts_datastack_top: 240,
    ts_datastack_limit: 248,
    ts_c_stack_soft_limit: 848,
    chunk_data: 24,
    frame_executable: 0,
    frame_previous: 8,
    frame_funcobj: 16,
    frame_globals: 24,
    frame_builtins: 32,
    frame_locals: 40,
    frame_frame_obj: 48,
    frame_instr_ptr: 56,
    frame_stackpointer: 64,
    frame_return_offset: 72,
    frame_owner: 74,
    frame_localsplus: 80,
};

pub const IMMORTAL: u32 = 3 << 30;
pub const CODE: u64 = 0x5000;
pub const FIRST_INSTR: u64 = 0x7000_1000;
pub const ITER_DONE: u64 = 0x1DE0;
/// What the fake exit handler returns for a deopt.
pub const DEOPTED: u64 = 0xDE0;
/// A frame around all others, of a function that nobody observes.
static OUTER: [u64; 16] = [0; 16];
pub fn outer_frame() -> u64 {
    OUTER.as_ptr() as u64
}

static NONE: SmallInt = SmallInt(IMMORTAL as u64, &OTHER, 0, 0);

#[repr(C)]
#[derive(Clone, Copy)]
struct SmallInt(u64, &'static Class, u64, u64);

static SMALL_INTS: [SmallInt; 262] = {
    let mut table = [SmallInt(0, &LONG, 0, 0); 262];
    let mut index = 0;
    while index < 262 {
        let value = index as i64 - 5;
        let sign = if value > 0 {
            0
        } else if value == 0 {
            1
        } else {
            2
        };
        table[index] = SmallInt(IMMORTAL as u64, &LONG, if value == 0 { 1 } else { 8 | sign }, value.unsigned_abs());
        index += 1;
    }
    table
};
static EXPECTED: u64 = 0x100;

/// A class: only its address and flags are looked at.
#[repr(C, align(8))]
pub struct Class([u8; 416]);

const fn class(flags: u64) -> Class {
    let mut bytes = [0; 416];
    let flags = flags.to_le_bytes();
    let mut index = 0;
    while index < 8 {
        bytes[168 + index] = flags[index];
        index += 1;
    }
    Class(bytes)
}

pub static LONG: Class = class(0);
pub static FLOAT: Class = class(0);
pub static UNICODE: Class = class(0);
pub const OTHER_CLASS: Class = class(0);
pub static OTHER: Class = OTHER_CLASS;
/// The number of [`OTHER`], and one for a test to give.
pub const OTHER_NUMBER: u32 = 77;
pub const FREE_NUMBER: u32 = 78;
/// The cells of class numbers.
pub static CLASS_CELLS: [AtomicPtr<Class>; 80] = {
    let mut cells = [const { AtomicPtr::new(std::ptr::null_mut()) }; 80];
    cells[OTHER_NUMBER as usize] = AtomicPtr::new((&raw const OTHER).cast_mut());
    cells
};
pub static METACLASS: Class = class(1 << 31);

#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct Object {
    pub refcnt: u32,
    pub flags: u32,
    pub class: *const Class,
    pub payload: [u64; 6],
}

/// A new object with count 1; leaked, since tests are short.
pub fn object(class: &'static Class, payload: &[u64]) -> u64 {
    let mut words = [0; 6];
    words[..payload.len()].copy_from_slice(payload);
    Box::into_raw(Box::new(Object { refcnt: 1, flags: 0, class, payload: words })) as u64
}

pub fn long(value: i64) -> u64 {
    let sign = match value.signum() {
        1 => 0,
        0 => 1,
        _ => 2,
    };
    let digits = match value.unsigned_abs() {
        0 => 0,
        magnitude => u64::from((64 - magnitude.leading_zeros()).div_ceil(30)),
    };
    object(&LONG, &[(digits << 3) | sign, value.unsigned_abs() & ((1 << 30) - 1), value as u64])
}

pub fn float(value: f64) -> u64 {
    object(&FLOAT, &[value.to_bits()])
}

pub fn get(address: u64) -> Object {
    // SAFETY: tests pass addresses of objects made by `object` or in the table of small ints.
    unsafe { *(address as *const Object) }
}

pub fn refcnt(address: u64) -> u32 {
    get(address).refcnt
}

pub fn int_of(address: u64) -> i64 {
    let payload = get(address).payload;
    let magnitude = payload[1] as i64;
    match payload[0] {
        1 => 0,
        8 => magnitude,
        10 => -magnitude,
        _ => payload[2] as i64,
    }
}

pub fn float_of(address: u64) -> f64 {
    f64::from_bits(get(address).payload[0])
}

pub fn read(address: u64) -> u64 {
    // SAFETY: tests pass addresses within what they made.
    unsafe { *(address as *const u64) }
}

pub fn write(address: u64, value: u64) {
    // SAFETY: tests pass addresses within what they made.
    unsafe { *(address as *mut u64) = value };
}

/// An exit that was taken.
#[derive(Clone, Debug)]
pub struct Taken {
    pub kind: ExitKind,
    pub info: *const ExitInfo,
    pub buf: Vec<u64>,
    /// The frame's locals and position when it was taken.
    pub locals: Vec<u64>,
    pub position: u64,
}

impl Taken {
    pub fn info(&self) -> &ExitInfo {
        // SAFETY: the compiled bodies of a test live until it ends.
        unsafe { &*self.info }
    }
}

/// Something that a fake function was called with.
#[derive(Clone, Debug, PartialEq)]
pub enum Event {
    Dealloc(u64),
    Vector { callable: u64, args: Vec<u64>, nargsf: u64, kwnames: u64, position: u64 },
    Bind { args: u64, nargsf: u64, kwnames: u64 },
    Consumed(u64),
    Helper(&'static str, Vec<u64>),
    EvalBreaker,
    Catch { traceback: i64, unit: i64 },
    PopFrame(u64),
    PushSlow(i64),
    Recursion,
    CStack,
}

#[derive(Default)]
pub struct Logs {
    pub exits: RefCell<Vec<Taken>>,
    pub events: RefCell<Vec<Event>>,
    /// What the next calls of fake functions return.
    pub answer: Cell<u64>,
    /// Whether native code must leave after calls, and the result then.
    pub leave: Cell<bool>,
    pub pending: Cell<u64>,
    pub tstate: Cell<u64>,
    pub nlocals: Cell<usize>,
    pub spare: RefCell<Vec<u64>>,
}

thread_local! {
    pub static LOGS: Logs = Logs::default();
}

pub fn events() -> Vec<Event> {
    LOGS.with(|logs| logs.events.take())
}

pub fn exits() -> Vec<Taken> {
    LOGS.with(|logs| logs.exits.take())
}

pub fn answer(value: u64) {
    LOGS.with(|logs| logs.answer.set(value));
}

fn note(event: Event) -> u64 {
    LOGS.with(|logs| {
        logs.events.borrow_mut().push(event);
        logs.answer.get()
    })
}

fn position() -> u64 {
    let frame = read(LOGS.with(|logs| logs.tstate.get()) + 72);
    if frame == outer_frame() { 0 } else { read(frame + 56) }
}

extern "C" fn get_tstate() -> u64 {
    LOGS.with(|logs| logs.tstate.get())
}
extern "C" fn dealloc(object: u64) {
    note(Event::Dealloc(object));
}
extern "C" fn exit_handler(tstate: u64, frame: u64, info: &ExitInfo, buf: *const u64) -> u64 {
    // SAFETY: native code passes as many words as the info says.
    let buf = unsafe { std::slice::from_raw_parts(buf, info.state().buf.len()) }.to_vec();
    let locals = (0..LOGS.with(|logs| logs.nlocals.get())).map(|slot| read(frame + 80 + slot as u64 * 8)).collect();
    let taken = Taken { kind: info.kind, info, buf: buf.clone(), locals, position: read(frame + 56) };
    info.take();
    LOGS.with(|logs| logs.exits.borrow_mut().push(taken));
    write(tstate + 72, read(frame + 8));
    write(tstate + 240, frame);
    write(tstate + 48, read(tstate + 48) + 1);
    match info.kind {
        ExitKind::Deopt => DEOPTED,
        ExitKind::Raise { .. } => 0,
        ExitKind::Return => buf[0],
    }
}
extern "C" fn osr_exit_handler(_: u64, _: u64, info: &ExitInfo, buf: *const u64) -> u64 {
    // SAFETY: as above.
    let buf = unsafe { std::slice::from_raw_parts(buf, info.state().buf.len()) }.to_vec();
    LOGS.with(|logs| {
        logs.exits.borrow_mut().push(Taken { kind: info.kind, info, buf, locals: Vec::new(), position: 0 });
    });
    0x05E
}
type Spread = extern "C" fn(u64, u64, *const u64) -> u64;
extern "C" fn bind_slow(callable: u64, args: *const u64, nargsf: u64, kwnames: u64, spread: Spread) -> u64 {
    note(Event::Bind { args: args as u64, nargsf, kwnames });
    spread(get_tstate(), callable, args)
}
/// Enters as the runtime does, and notes which limit it came to.
extern "C" fn enter_slow(tstate: u64, func: u64, info: &BodyInfo) -> u64 {
    if read(tstate + 848) > (&raw const tstate as u64) && note(Event::CStack) != 0 {
        return 0;
    }
    if read(tstate + 48) as i32 <= 0 && note(Event::Recursion) != 0 {
        return 0;
    }
    let (top, words) = (read(tstate + 240), u64::from(info.frame_bytes) / 8);
    let frame = if top + words * 8 < read(tstate + 248) {
        write(tstate + 240, top + words * 8);
        top
    } else {
        note(Event::PushSlow(words as i64));
        LOGS.with(|logs| logs.spare.borrow().first().map_or(0, |place| &raw const *place as u64))
    };
    if frame == 0 {
        return 0;
    }
    let stack = frame + 80 + u64::from(info.locals_bytes);
    let fields =
        [info.executable, read(tstate + 72), func | 1, read(func + 16), read(func + 24), 0, 0, info.position, stack, 0];
    for (index, field) in fields.into_iter().chain((0..info.locals_bytes / 8).map(|_| 1)).enumerate() {
        write(frame + index as u64 * 8, field);
    }
    write(tstate + 48, u64::from((read(tstate + 48) as u32).wrapping_sub(1)));
    write(tstate + 72, frame);
    frame
}
extern "C" fn pop_frame(_: u64, frame: u64) {
    note(Event::PopFrame(frame));
}
extern "C" fn handle_eval_breaker(_: u64) -> i32 {
    note(Event::EvalBreaker) as i32
}
extern "C" fn catch_exception(_: u64, _: u64, traceback: i64, unit: i64) -> u64 {
    note(Event::Catch { traceback, unit })
}
extern "C" fn float_from_double(value: f64) -> u64 {
    float(value)
}
extern "C" fn long_from_i64(value: i64) -> u64 {
    long(value)
}
extern "C" fn long_as_i64_checked(object: u64, value: *mut i64) -> i32 {
    let payload = get(object).payload;
    if payload[0] >> 3 > 3 {
        return 0;
    }
    // SAFETY: native code passes the address of a word.
    unsafe { *value = payload[2] as i64 };
    1
}
/// Calls as the runtime does, and notes which operands it was given. While [`Logs::leave`] is set, native code must leave afterwards.
extern "C" fn call_site(tstate: u64, operands: *const u64, site: &CallSite) -> u64 {
    write(read(tstate + 72) + 56, site.position);
    // SAFETY: native code passes as many operands as the site says, after two more.
    let operands = unsafe { std::slice::from_raw_parts(operands, site.arguments as usize + 2) };
    let args = operands[if operands[1] == 0 { 2 } else { 1 }..].to_vec();
    let mut nargsf = args.len() as u64 | 1 << 63;
    if site.names != 0 {
        nargsf -= get(site.names).payload[0];
    }
    let (callable, kwnames) = (operands[0], site.names);
    let result = note(Event::Vector { callable, args, nargsf, kwnames, position: position() });
    for (index, &operand) in operands.iter().enumerate() {
        if site.consumed >> index & 1 != 0 {
            note(Event::Consumed(operand));
        }
    }
    if LOGS.with(|logs| logs.leave.get()) { returning(tstate, result) } else { result }
}
extern "C" fn returning(_: u64, result: u64) -> u64 {
    LOGS.with(|logs| logs.pending.set(result));
    0
}
extern "C" fn take_pending() -> u64 {
    LOGS.with(|logs| logs.pending.take())
}
extern "C" fn helper_binary_op(a: u64, b: u64, which: i64) -> u64 {
    note(Event::Helper("binary_op", vec![a, b, which as u64]))
}
extern "C" fn helper_build_tuple(items: *const u64, count: i64) -> u64 {
    // SAFETY: native code passes that many words.
    let items = unsafe { std::slice::from_raw_parts(items, count as usize) }.to_vec();
    note(Event::Helper("build_tuple", items))
}
extern "C" fn helper_unpack_sequence(tstate: u64, scratch: *mut u64, sequence: u64, count: i64) -> i64 {
    for index in 0..count {
        // SAFETY: native code gives room for that many words.
        unsafe { *scratch.add(index as usize) = 100 + index as u64 };
    }
    assert_eq!(tstate, get_tstate());
    note(Event::Helper("unpack_sequence", vec![sequence])) as i64
}
extern "C" fn helper_double_pow(a: f64, b: f64) -> f64 {
    a.powf(b)
}
extern "C" fn helper_is_mapping(object: u64) -> bool {
    object != 0
}

pub fn env() -> Env {
    let mut env = Env {
        layout: LAYOUT,
        objects: Objects {
            class_cells: CLASS_CELLS.as_ptr() as u64,
            none: &raw const NONE as u64,
            true_: 0xA100,
            false_: 0xA200,
            iter_done: ITER_DONE,
            small_ints: SMALL_INTS.as_ptr() as u64,
            expected_eval_breaker: &raw const EXPECTED as u64,
            ..Objects::default()
        },
        functions: Functions {
            get_tstate: get_tstate as *const () as u64,
            dealloc: dealloc as *const () as u64,
            free_float: dealloc as *const () as u64,
            exit_handler: exit_handler as *const () as u64,
            osr_exit_handler: osr_exit_handler as *const () as u64,
            bind_slow: bind_slow as *const () as u64,
            enter_slow: enter_slow as *const () as u64,
            pop_frame: pop_frame as *const () as u64,
            handle_eval_breaker: handle_eval_breaker as *const () as u64,
            check_tracing: handle_eval_breaker as *const () as u64,
            catch_exception: catch_exception as *const () as u64,
            float_from_double: float_from_double as *const () as u64,
            long_from_i64: long_from_i64 as *const () as u64,
            long_as_i64_checked: long_as_i64_checked as *const () as u64,
            call_site: call_site as *const () as u64,
            take_pending: take_pending as *const () as u64,
            returning: returning as *const () as u64,
            ignore_pending: take_pending as *const () as u64,
        },
        stubs: Stubs::default(),
        types: [0; 32],
        helpers: vec![0; HelperId::all().len()],
    };
    for (leaf, class) in [(Type::Long, &LONG), (Type::Float, &FLOAT), (Type::Unicode, &UNICODE)] {
        env.set_type_object(leaf, std::ptr::from_ref(class) as u64);
    }
    for (id, address) in [
        (HelperId::binary_op, helper_binary_op as *const () as u64),
        (HelperId::build_tuple, helper_build_tuple as *const () as u64),
        (HelperId::unpack_sequence, helper_unpack_sequence as *const () as u64),
        (HelperId::double_pow, helper_double_pow as *const () as u64),
        (HelperId::is_mapping, helper_is_mapping as *const () as u64),
    ] {
        env.helpers[id as usize] = address;
    }
    env
}

/// The thread state and data stack of a test.
pub struct World {
    pub tstate: Vec<u64>,
    pub stack: Vec<u64>,
    pub function: u64,
    /// The `spread` function of what was installed last.
    spread: u64,
    env: Env,
    arena: Arena,
    bodies: Vec<CompiledBody>,
}

impl World {
    pub fn new() -> World {
        let mut world = World {
            tstate: vec![0; 110],
            stack: vec![0; 1 << 16],
            function: object(&OTHER, &[0x610B, 0xB171]),
            spread: 0,
            env: env(),
            arena: Arena::new(1 << 24),
            bodies: Vec::new(),
        };
        let (code, shared) = stubs::build(&world.env).unwrap();
        world.env.stubs = shared.placed(world.arena.install(&code).unwrap().address());
        let chunk = world.stack.as_ptr() as u64;
        world.set(24, EXPECTED);
        world.set(48, 1000);
        world.set(72, outer_frame());
        world.set(232, chunk);
        // The first frame of the chunk is somebody else's.
        world.set(240, chunk + 24 + 800);
        world.set(248, chunk + (1 << 19));
        LOGS.with(|logs| {
            logs.tstate.set(world.tstate.as_ptr() as u64);
            logs.exits.take();
            logs.events.take();
            logs.answer.set(0);
            logs.spare.take();
        });
        world
    }

    pub fn set(&mut self, offset: usize, value: u64) {
        self.tstate[offset / 8] = value;
    }

    pub fn ts(&self, offset: usize) -> u64 {
        read(self.tstate.as_ptr() as u64 + offset as u64)
    }

    /// Compiles and installs a function; the addresses of entry and body.
    pub fn install(&mut self, func: &Function) -> (u64, u64) {
        self.install_with(func, &params(func))
    }

    pub fn install_with(&mut self, func: &Function, params: &BodyParams) -> (u64, u64) {
        LOGS.with(|logs| logs.nlocals.set(params.nlocalsplus as usize));
        let options = Options { verify: true, ..Options::default() };
        let mut body = compile(func, params, &self.env, &options).unwrap_or_else(|error| panic!("{error}\n{func}"));
        let block = self.arena.install_linked(&mut body.bytes, &body.calls).unwrap();
        let addresses = (block.address() + u64::from(body.entry), block.address() + u64::from(body.body));
        self.spread = block.address() + u64::from(body.spread);
        self.bodies.push(body);
        addresses
    }

    /// Calls through the vectorcall entry, as Python would.
    pub fn vectorcall(&self, entry: u64, args: &[u64]) -> u64 {
        // SAFETY: `entry` was compiled with this signature.
        let entry: extern "C" fn(u64, *const u64, u64, u64) -> u64 = unsafe { std::mem::transmute(entry) };
        entry(self.function, args.as_ptr(), args.len() as u64 | 1 << 63, 0)
    }

    /// Calls what was installed last with an array of arguments, which need not be objects: nothing is held.
    pub fn call_spread(&self, args: &[u64]) -> u64 {
        // SAFETY: the address of a function compiled with this signature.
        let spread: Spread = unsafe { std::mem::transmute(self.spread) };
        spread(get_tstate(), self.function, args.as_ptr())
    }

    /// Compiles a function and calls it; checks that the thread state is what it was.
    pub fn run(&mut self, func: &Function, args: &[u64]) -> u64 {
        self.install(func);
        let before = self.tstate.clone();
        let result = self.call_spread(args);
        for offset in [48, 72, 240] {
            assert_eq!(self.ts(offset), before[offset / 8], "thread state at {offset}");
        }
        result
    }
}

pub fn params(func: &Function) -> BodyParams {
    let nlocalsplus = func.levels[func.root()].nlocalsplus;
    BodyParams {
        code: CODE,
        framesize: nlocalsplus + 10 + 8,
        nlocalsplus,
        nparams: func.blocks[func.entry].params.len() as u32,
        simple_args: true,
        first_instr: FIRST_INSTR,
        code_units: 100,
        first_traceable: 2,
        token: 0x70CE,
        ..BodyParams::default()
    }
}

/// The buffer entries of an exit with their kinds.
pub fn entries(taken: &Taken) -> Vec<(BufKind, u64)> {
    taken.info().state().buf.into_iter().zip(taken.buf.iter().copied()).collect()
}
