//! Small functions in assembler that compiled code calls.
//!
//! *Calls that preserve every register.* A call clobbers most registers, and the allocator splits live ranges around it even where it is in a cold block, which costs moves and spills on the hot
//! path. The few calls that really almost never happen (the periodic check, large ints, a full data stack) therefore go through this thunk, under a calling convention
//! without clobbers. That convention has no return values, so the result comes back through memory.
//!
//! *Decrements.* In large functions, outside of loops, a count is decremented by a call: less code, and less to compile. The count is the object's first word.

use std::arch::naked_asm;

/// The address of the thunk: `(a0, a1, function, out: *mut u64)` under Cranelift's `PreserveAll`. Calls `function(a0, a1)` and stores its result at `out`.
pub(crate) fn call_preserving() -> u64 {
    thunk as *const () as u64
}

// SAFETY: entered only from compiled code, aligned as for any call, with the four arguments in `rdi`, `rsi`, `rdx`, `rcx`. It saves and restores every register a
// C function may change (vector registers by their low 128 bits, of which compiled code uses 64) and keeps the chain of frame pointers.
#[unsafe(naked)]
unsafe extern "C" fn thunk() {
    naked_asm!(
        "push rbp",
        "mov rbp, rsp",
        "sub rsp, 336",
        "mov [rsp], rax",
        "mov [rsp + 8], rcx",
        "mov [rsp + 16], rdx",
        "mov [rsp + 24], rsi",
        "mov [rsp + 32], rdi",
        "mov [rsp + 40], r8",
        "mov [rsp + 48], r9",
        "mov [rsp + 56], r10",
        "mov [rsp + 64], r11",
        "movups [rsp + 80], xmm0",
        "movups [rsp + 96], xmm1",
        "movups [rsp + 112], xmm2",
        "movups [rsp + 128], xmm3",
        "movups [rsp + 144], xmm4",
        "movups [rsp + 160], xmm5",
        "movups [rsp + 176], xmm6",
        "movups [rsp + 192], xmm7",
        "movups [rsp + 208], xmm8",
        "movups [rsp + 224], xmm9",
        "movups [rsp + 240], xmm10",
        "movups [rsp + 256], xmm11",
        "movups [rsp + 272], xmm12",
        "movups [rsp + 288], xmm13",
        "movups [rsp + 304], xmm14",
        "movups [rsp + 320], xmm15",
        "call rdx",
        "mov rcx, [rsp + 8]",
        "mov [rcx], rax",
        "mov rax, [rsp]",
        "mov rdx, [rsp + 16]",
        "mov rsi, [rsp + 24]",
        "mov rdi, [rsp + 32]",
        "mov r8, [rsp + 40]",
        "mov r9, [rsp + 48]",
        "mov r10, [rsp + 56]",
        "mov r11, [rsp + 64]",
        "movups xmm0, [rsp + 80]",
        "movups xmm1, [rsp + 96]",
        "movups xmm2, [rsp + 112]",
        "movups xmm3, [rsp + 128]",
        "movups xmm4, [rsp + 144]",
        "movups xmm5, [rsp + 160]",
        "movups xmm6, [rsp + 176]",
        "movups xmm7, [rsp + 192]",
        "movups xmm8, [rsp + 208]",
        "movups xmm9, [rsp + 224]",
        "movups xmm10, [rsp + 240]",
        "movups xmm11, [rsp + 256]",
        "movups xmm12, [rsp + 272]",
        "movups xmm13, [rsp + 288]",
        "movups xmm14, [rsp + 304]",
        "movups xmm15, [rsp + 320]",
        "leave",
        "ret",
    )
}

/// The address of `fn(object or NULL, dealloc)`, an ordinary C function: counts one reference less and calls `dealloc(object)` at zero.
pub(crate) fn decref() -> u64 {
    decref_thunk as *const () as u64
}

// SAFETY: a C function of two arguments, in `rdi` and `rsi`: an object or NULL and the address of a C function taking the object. It leaves the stack as it is
// and goes on in `dealloc` by a jump.
#[unsafe(naked)]
unsafe extern "C" fn decref_thunk() {
    naked_asm!(
        "test rdi, rdi",
        "jz 2f",
        "cmp dword ptr [rdi], 0",
        "js 2f",
        "dec dword ptr [rdi]",
        "jz 3f",
        "2: ret",
        "3: jmp rsi",
    )
}
