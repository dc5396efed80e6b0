//! The code all compiled functions share: what a call does before and after the code of its own function.
//!
//! * `entry`, where a vectorcall arrives: checks the arguments' number, holds function and arguments (an interpreted frame owns them, and C code relies on that: it passes what it only
//!   borrows from a container which the call may empty), and calls `body`; any other call goes to the binder.
//! * `spread`: calls `body` with parameters from an array.
//! * `enter`, called first thing by `body`: checks the limits of the C stack and of recursion, pushes the interpreter frame, fills and links it. It preserves the arguments and puts the
//!   frame into the pinned register.
//! * `leave`, called last thing: pops the frame. When the caller may not go on in native code, because somebody listens or observes its frame, it keeps the result for it and returns NULL.
//!
//! The frame is real: it lies on the thread's data stack and is linked, so everything that walks frames sees it. Its references are *borrowed* stack references (tag 1): code object,
//! function and parameters are kept alive by the caller. NULL is 1.
//!
//! *Who preserves the pinned register.* Between bodies nobody: whoever leaves a body puts the frame there that is innermost then, which is the caller's. `entry` and `spread`, through
//! which everyone else comes, save and restore it.
//!
//! All of it exists once for each number of parameters that all pass in registers, and once for more. A function passes the address of its
//! [`BodyInfo`](crate::entry::BodyInfo): `entry` takes it in `r8`, `spread` in `rcx` (as the next argument of a C function), `enter` in `rax`.

use crate::entry::{EXECUTABLE, FRAME_BYTES, LOCALS_BYTES, OTHER_LOCALS, PARAMETERS, POSITION, TO_BODY, TO_SPREAD};
use crate::{CodegenError, Env};
use iced_x86::IcedError;
use iced_x86::code_asm::{
    AsmRegister64, CodeAssembler, byte_ptr, dword_ptr, eax, qword_ptr, r8, r9, r10, r11, r11d, r12, r13, r13d, r15,
    rax, rbp, rbx, rcx, rdi, rdx, rsi, rsp,
};

/// Parameters of a body that are in registers, after thread state and function.
const IN_REGISTERS: usize = 4;
const REGISTERS: [AsmRegister64; IN_REGISTERS] = [rdx, rcx, r8, r9];
/// A variant for each number of parameters in registers, and one for more.
const VARIANTS: usize = IN_REGISTERS + 2;

/// Immortal objects start with this count; the assembler wants it signed.
const IMMORTAL: i32 = (3 << 30) as u32 as i32;

/// Where the shared code is.
#[derive(Clone, Debug, Default)]
pub struct Stubs {
    entry: [u64; VARIANTS],
    spread: [u64; VARIANTS],
    enter: [u64; VARIANTS],
    /// `(tstate, result) -> result`: pops the frame that is in the pinned register.
    pub leave: u64,
    /// The entry of functions that no vectorcall fits as it is.
    pub bind: u64,
}

impl Stubs {
    pub(crate) fn entry(&self, parameters: usize) -> u64 {
        self.entry[parameters.min(VARIANTS - 1)]
    }

    pub(crate) fn spread(&self, parameters: usize) -> u64 {
        self.spread[parameters.min(VARIANTS - 1)]
    }

    pub(crate) fn enter(&self, parameters: usize) -> u64 {
        self.enter[parameters.min(VARIANTS - 1)]
    }

    /// The same, when the code is placed at `address` instead of at 0.
    #[must_use]
    pub fn placed(mut self, address: u64) -> Stubs {
        let all = self.entry.iter_mut().chain(&mut self.spread).chain(&mut self.enter);
        for stub in all.chain([&mut self.leave, &mut self.bind]) {
            *stub += address;
        }
        self
    }

    /// The stub at an address: its name, and how many parameters it is for.
    pub(crate) fn name(&self, address: u64) -> Option<&'static str> {
        let within = |stubs: &[u64]| address != 0 && stubs.contains(&address);
        match address {
            _ if within(&self.entry) => Some("entry"),
            _ if within(&self.spread) => Some("spread"),
            _ if within(&self.enter) => Some("enter"),
            _ if within(&[self.leave]) => Some("leave"),
            _ if within(&[self.bind]) => Some("bind"),
            _ => None,
        }
    }
}

type Asm<'a> = &'a mut CodeAssembler;
type Result<T = ()> = std::result::Result<T, IcedError>;

/// Makes the shared code; the addresses in [`Stubs`] are offsets until it is [placed](Stubs::placed). It can be placed anywhere.
///
/// # Errors
/// When the assembler refuses.
pub fn build(env: &Env) -> std::result::Result<(Vec<u8>, Stubs), CodegenError> {
    assemble(env).map_err(|error| CodegenError::Cranelift(format!("shared code: {error}")))
}

fn assemble(env: &Env) -> Result<(Vec<u8>, Stubs)> {
    let mut code = Vec::new();
    let mut add = |write: &dyn Fn(Asm<'_>) -> Result| -> Result<u64> {
        let mut asm = CodeAssembler::new(64)?;
        write(&mut asm)?;
        code.resize(code.len().next_multiple_of(64), 0xCC);
        let at = code.len() as u64;
        code.extend(asm.assemble(at)?);
        Ok(at)
    };
    let mut stubs =
        Stubs { bind: add(&|asm| bind(asm, env))?, leave: add(&|asm| leave(asm, env))?, ..Stubs::default() };
    for variant in 0..VARIANTS {
        let parameters = (variant <= IN_REGISTERS).then_some(variant);
        stubs.spread[variant] = add(&|asm| spread(asm, env, parameters))?;
        stubs.enter[variant] = add(&|asm| enter(asm, env, parameters))?;
        stubs.entry[variant] = add(&|asm| entry(asm, env, parameters))?;
    }
    Ok((code, stubs))
}

/// Calls a function at an absolute address through `by`.
fn call(asm: Asm<'_>, by: AsmRegister64, function: u64) -> Result {
    asm.mov(by, function)?;
    asm.call(by)
}

/// `(callable, args, nargsf, kwnames, info)`
fn bind(asm: Asm<'_>, env: &Env) -> Result {
    asm.movsxd(rax, dword_ptr(r8 + TO_SPREAD))?;
    asm.add(r8, rax)?;
    asm.mov(rax, env.functions.bind_slow)?;
    asm.jmp(rax)
}

/// `(callable, args, nargsf, kwnames, info)`. Copies of the arguments are in an array of its own meanwhile.
fn entry(asm: Asm<'_>, env: &Env, parameters: Option<usize>) -> Result {
    let mut other = asm.create_label();
    // One test: the count without its flag bit, and no keywords.
    asm.lea(rax, qword_ptr(rdx + rdx))?;
    match parameters {
        Some(count) => asm.xor(rax, count as i32 * 2)?,
        None => {
            asm.mov(r11d, dword_ptr(r8 + PARAMETERS))?;
            asm.add(r11, r11)?;
            asm.xor(rax, r11)?;
        }
    }
    asm.or(rax, rcx)?;
    asm.jne(other)?;
    asm.push(rbp)?;
    asm.mov(rbp, rsp)?;
    for saved in [r15, rbx, r12, r13] {
        asm.push(saved)?;
    }
    asm.mov(rbx, rdi)?;
    asm.mov(r12, r8)?;
    hold(asm, rdi)?;
    copy_arguments(asm, parameters)?;
    call(asm, rax, env.functions.get_tstate)?;
    asm.mov(rdi, rax)?;
    asm.mov(rsi, rbx)?;
    match parameters {
        Some(count) => {
            asm.movsxd(rax, dword_ptr(r12 + TO_BODY))?;
            asm.add(rax, r12)?;
            load_parameters(asm, rsp, count)?;
        }
        None => {
            asm.movsxd(rax, dword_ptr(r12 + TO_SPREAD))?;
            asm.add(rax, r12)?;
            asm.mov(rdx, rsp)?;
        }
    }
    asm.call(rax)?;
    take_ignored(asm, env)?;
    // The result and the function change places with what is to be released.
    asm.mov(rdi, rbx)?;
    asm.mov(rbx, rax)?;
    release(asm, env, rdi)?;
    release_arguments(asm, env, parameters)?;
    asm.mov(rax, rbx)?;
    asm.lea(rsp, qword_ptr(rbp - 32))?;
    for saved in [r13, r12, rbx, r15, rbp] {
        asm.pop(saved)?;
    }
    asm.ret()?;
    asm.set_label(&mut other)?;
    bind(asm, env)
}

/// Puts copies of the arguments, whose array is in `rsi`, on the stack and holds them.
fn copy_arguments(asm: Asm<'_>, parameters: Option<usize>) -> Result {
    if let Some(count) = parameters {
        if count > 0 {
            asm.sub(rsp, (count.next_multiple_of(2) * 8) as i32)?;
        }
        for index in 0..count as i32 {
            asm.mov(rdi, qword_ptr(rsi + index * 8))?;
            asm.mov(qword_ptr(rsp + index * 8), rdi)?;
            hold(asm, rdi)?;
        }
        return Ok(());
    }
    let mut next = asm.create_label();
    asm.mov(r13d, dword_ptr(r8 + PARAMETERS))?;
    asm.lea(rax, qword_ptr(r13 * 8 + 8))?;
    asm.and(rax, -16)?;
    asm.sub(rsp, rax)?;
    asm.set_label(&mut next)?;
    asm.mov(rdi, qword_ptr(rsi + r13 * 8 - 8))?;
    asm.mov(qword_ptr(rsp + r13 * 8 - 8), rdi)?;
    hold(asm, rdi)?;
    asm.dec(r13)?;
    asm.jne(next)
}

fn release_arguments(asm: Asm<'_>, env: &Env, parameters: Option<usize>) -> Result {
    if let Some(count) = parameters {
        for index in 0..count as i32 {
            asm.mov(rdi, qword_ptr(rsp + index * 8))?;
            release(asm, env, rdi)?;
        }
        return Ok(());
    }
    let mut next = asm.create_label();
    asm.mov(r13d, dword_ptr(r12 + PARAMETERS))?;
    asm.lea(r12, qword_ptr(rsp + r13 * 8))?;
    asm.neg(r13)?;
    asm.set_label(&mut next)?;
    asm.mov(rdi, qword_ptr(r12 + r13 * 8))?;
    release(asm, env, rdi)?;
    asm.inc(r13)?;
    asm.jne(next)
}

/// Counts one reference more, without a branch: the counts of immortal objects are written below the stack.
fn hold(asm: Asm<'_>, object: AsmRegister64) -> Result {
    asm.mov(eax, dword_ptr(object))?;
    asm.lea(r11, qword_ptr(rsp - 8))?;
    asm.cmp(eax, IMMORTAL)?;
    asm.cmovb(r11, object)?;
    asm.inc(eax)?;
    asm.mov(dword_ptr(r11), eax)
}

/// Counts one reference less; the object is in `rdi`.
fn release(asm: Asm<'_>, env: &Env, object: AsmRegister64) -> Result {
    let mut done = asm.create_label();
    asm.mov(eax, dword_ptr(object))?;
    asm.lea(r11, qword_ptr(rsp - 8))?;
    asm.test(eax, eax)?;
    asm.cmovns(r11, object)?;
    asm.dec(eax)?;
    asm.mov(dword_ptr(r11), eax)?;
    asm.jne(done)?;
    call(asm, rax, env.functions.dealloc)?;
    asm.set_label(&mut done)?;
    asm.zero_bytes()
}

/// A NULL may stand for a result after which native code would leave.
fn take_ignored(asm: Asm<'_>, env: &Env) -> Result {
    let mut done = asm.create_label();
    asm.test(rax, rax)?;
    asm.jne(done)?;
    call(asm, rax, env.functions.ignore_pending)?;
    asm.set_label(&mut done)?;
    asm.zero_bytes()
}

fn load_parameters(asm: Asm<'_>, array: AsmRegister64, count: usize) -> Result {
    // The array's register may be the first parameter's.
    for index in (0..count).rev() {
        asm.mov(REGISTERS[index], qword_ptr(array + index as i32 * 8))?;
    }
    Ok(())
}

/// `(tstate, func, args, info)`: the arguments are borrowed from the array.
fn spread(asm: Asm<'_>, env: &Env, parameters: Option<usize>) -> Result {
    asm.push(rbp)?;
    asm.mov(rbp, rsp)?;
    asm.push(r15)?;
    asm.movsxd(rax, dword_ptr(rcx + TO_BODY))?;
    asm.add(rax, rcx)?;
    match parameters {
        Some(_) => asm.sub(rsp, 8)?,
        None => {
            // The parameters that are not in registers, the last one first; an even number of words with the one pushed above.
            let mut next = asm.create_label();
            asm.mov(r11d, dword_ptr(rcx + PARAMETERS))?;
            asm.lea(rcx, qword_ptr(r11 * 8))?;
            asm.not(rcx)?;
            asm.and(rcx, 8)?;
            asm.sub(rsp, rcx)?;
            asm.set_label(&mut next)?;
            asm.push(qword_ptr(rdx + r11 * 8 - 8))?;
            asm.dec(r11)?;
            asm.cmp(r11, IN_REGISTERS as i32)?;
            asm.jne(next)?;
        }
    }
    load_parameters(asm, rdx, parameters.unwrap_or(IN_REGISTERS))?;
    asm.call(rax)?;
    take_ignored(asm, env)?;
    asm.mov(r15, qword_ptr(rbp - 8))?;
    asm.leave()?;
    asm.ret()
}

/// Pushes the frame; returns to the body's caller with NULL when it may not.
fn enter(asm: Asm<'_>, env: &Env, parameters: Option<usize>) -> Result {
    let layout = &env.layout;
    let (mut slow, mut filled) = (asm.create_label(), asm.create_label());
    asm.cmp(rsp, qword_ptr(rdi + layout.ts_c_stack_soft_limit))?;
    asm.jb(slow)?;
    asm.cmp(dword_ptr(rdi + layout.ts_py_recursion_remaining), 0)?;
    asm.jle(slow)?;
    asm.mov(r10, qword_ptr(rdi + layout.ts_datastack_top))?;
    asm.mov(r11d, dword_ptr(rax + FRAME_BYTES))?;
    asm.add(r11, r10)?;
    // A thread without a data stack has 0 for both.
    asm.cmp(r11, qword_ptr(rdi + layout.ts_datastack_limit))?;
    asm.jae(slow)?;
    asm.mov(qword_ptr(rdi + layout.ts_datastack_top), r11)?;
    asm.dec(dword_ptr(rdi + layout.ts_py_recursion_remaining))?;
    fill_frame(asm, env)?;
    asm.set_label(&mut filled)?;
    show_parameters(asm, env, parameters)?;
    asm.mov(r15, r10)?;
    // Linked when it is complete.
    asm.mov(qword_ptr(rdi + layout.ts_current_frame), r15)?;
    asm.ret()?;

    asm.set_label(&mut slow)?;
    let saved = [rdi, rsi, rdx, rcx, r8, r9, rax];
    for register in saved {
        asm.push(register)?;
    }
    asm.sub(rsp, 8)?;
    asm.mov(rdx, rax)?;
    call(asm, rax, env.functions.enter_slow)?;
    asm.add(rsp, 8)?;
    asm.mov(r10, rax)?;
    for register in saved.into_iter().rev() {
        asm.pop(register)?;
    }
    asm.test(r10, r10)?;
    asm.jne(filled)?;
    asm.add(rsp, 8)?;
    asm.xor(eax, eax)?;
    asm.ret()
}

/// Writes every field but the locals.
fn fill_frame(asm: Asm<'_>, env: &Env) -> Result {
    let layout = &env.layout;
    asm.mov(r11, qword_ptr(rax + EXECUTABLE))?;
    asm.mov(qword_ptr(r10 + layout.frame_executable), r11)?;
    asm.mov(r11, qword_ptr(rdi + layout.ts_current_frame))?;
    asm.mov(qword_ptr(r10 + layout.frame_previous), r11)?;
    asm.lea(r11, qword_ptr(rsi + 1))?;
    asm.mov(qword_ptr(r10 + layout.frame_funcobj), r11)?;
    asm.mov(r11, qword_ptr(rsi + layout.func_globals))?;
    asm.mov(qword_ptr(r10 + layout.frame_globals), r11)?;
    asm.mov(r11, qword_ptr(rsi + layout.func_builtins))?;
    asm.mov(qword_ptr(r10 + layout.frame_builtins), r11)?;
    for offset in [layout.frame_locals, layout.frame_frame_obj, layout.frame_return_offset] {
        asm.mov(qword_ptr(r10 + offset), 0)?;
    }
    asm.mov(r11, qword_ptr(rax + POSITION))?;
    asm.mov(qword_ptr(r10 + layout.frame_instr_ptr), r11)?;
    asm.mov(r11d, dword_ptr(rax + LOCALS_BYTES))?;
    asm.lea(r11, qword_ptr(r10 + r11 + layout.frame_localsplus))?;
    asm.mov(qword_ptr(r10 + layout.frame_stackpointer), r11)
}

/// Writes the locals: parameters as borrowed references, the others as NULL.
fn show_parameters(asm: Asm<'_>, env: &Env, parameters: Option<usize>) -> Result {
    let locals = env.layout.frame_localsplus;
    for (index, register) in REGISTERS.into_iter().take(parameters.unwrap_or(IN_REGISTERS)).enumerate() {
        asm.lea(r11, qword_ptr(register + 1))?;
        asm.mov(qword_ptr(r10 + (locals + index as i32 * 8)), r11)?;
    }
    let (mut next, mut done) = (asm.create_label(), asm.create_label());
    // The pinned register is free: the caller's frame is linked, and is put there again when this one is popped.
    if let Some(count) = parameters {
        asm.lea(r15, qword_ptr(r10 + count as i32 * 8))?;
    } else {
        let mut argument = asm.create_label();
        asm.mov(r11d, dword_ptr(rax + PARAMETERS))?;
        asm.set_label(&mut argument)?;
        // Above the two return addresses.
        asm.mov(r15, qword_ptr(rsp + r11 * 8 + (16 - 8 - IN_REGISTERS as i32 * 8)))?;
        asm.inc(r15)?;
        asm.mov(qword_ptr(r10 + r11 * 8 + (locals - 8)), r15)?;
        asm.dec(r11)?;
        asm.cmp(r11, IN_REGISTERS as i32)?;
        asm.jne(argument)?;
        asm.mov(r11d, dword_ptr(rax + PARAMETERS))?;
        asm.lea(r15, qword_ptr(r10 + r11 * 8))?;
    }
    asm.mov(r11d, dword_ptr(rax + OTHER_LOCALS))?;
    asm.test(r11d, r11d)?;
    asm.je(done)?;
    asm.set_label(&mut next)?;
    asm.mov(qword_ptr(r15 + r11 * 8 + (locals - 8)), 1)?;
    asm.dec(r11)?;
    asm.jne(next)?;
    asm.set_label(&mut done)?;
    asm.zero_bytes()
}

/// `(tstate, result) -> result`: pops the frame in the pinned register, which is the caller's then.
fn leave(asm: Asm<'_>, env: &Env) -> Result {
    let layout = &env.layout;
    let (mut first, mut popped) = (asm.create_label(), asm.create_label());
    let (mut unusual, mut unobserved) = (asm.create_label(), asm.create_label());
    asm.mov(rax, rsi)?;
    asm.mov(r10, qword_ptr(r15 + layout.frame_previous))?;
    asm.mov(qword_ptr(rdi + layout.ts_current_frame), r10)?;
    asm.mov(r11, qword_ptr(rdi + layout.ts_datastack_chunk))?;
    asm.add(r11, layout.chunk_data)?;
    asm.cmp(r11, r15)?;
    asm.je(first)?;
    asm.mov(qword_ptr(rdi + layout.ts_datastack_top), r15)?;
    asm.set_label(&mut popped)?;
    asm.inc(dword_ptr(rdi + layout.ts_py_recursion_remaining))?;
    asm.mov(r15, r10)?;
    // What the caller would have to look at after each call: whether somebody listens, and whether its frame is observed.
    asm.mov(r11, env.objects.expected_eval_breaker)?;
    asm.mov(r11, qword_ptr(r11))?;
    asm.cmp(r11, qword_ptr(rdi + layout.ts_eval_breaker))?;
    asm.jne(unusual)?;
    asm.test(r10, r10)?;
    asm.je(unobserved)?;
    // What an interpreter loop itself, or a generator, has there is not the caller's; the former's is not even initialised.
    asm.cmp(byte_ptr(r10 + layout.frame_owner), 0)?;
    asm.jne(unobserved)?;
    asm.cmp(qword_ptr(r10 + layout.frame_frame_obj), 0)?;
    asm.jne(unusual)?;
    asm.set_label(&mut unobserved)?;
    asm.ret()?;
    asm.set_label(&mut unusual)?;
    asm.mov(rsi, rax)?;
    asm.mov(rax, env.functions.returning)?;
    asm.jmp(rax)?;
    // The first frame of a chunk: the chunk goes with it.
    asm.set_label(&mut first)?;
    for register in [rdi, rax, r10] {
        asm.push(register)?;
    }
    asm.mov(rsi, r15)?;
    call(asm, rax, env.functions.pop_frame)?;
    for register in [r10, rax, rdi] {
        asm.pop(register)?;
    }
    asm.jmp(popped)
}
