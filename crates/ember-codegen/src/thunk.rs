//! Small functions in assembler that compiled code calls.
//!
//! *Calls that preserve every register.* A call clobbers most registers, and the allocator splits live ranges around it even where it is in a cold block, which costs moves and spills on the hot
//! path. The few calls that really almost never happen (the periodic check, large ints, a full data stack) therefore go through a thunk, under a calling convention
//! without clobbers. That convention has no return values, so the result comes back through memory.
//!
//! *Counts.* In cold blocks a reference is counted by a call of a thunk under the same convention: less code, less to compile, and to the register allocator it is no
//! call at all. The count is the object's first word.

use crate::env::Functions;
use std::arch::naked_asm;
use std::sync::atomic::{AtomicU64, Ordering};

/// The function that destroys an object.
static DEALLOC: AtomicU64 = AtomicU64::new(0);

/// Tells the thunks which function destroys objects. There is one in a process.
pub(crate) fn set_functions(functions: &Functions) {
    DEALLOC.store(functions.dealloc, Ordering::Relaxed);
}

/// Assembler that makes a call between saving and restoring every register a C function may change: with `all`, vector registers by their low 128 bits, of which compiled
/// code uses 64; with `integers`, none of these. It keeps the chain of frame pointers. `$before` runs first; `$after` runs with the call's result in `rax`, and with `rcx` to spare.
macro_rules! preserving {
    (all, $before:literal, $call:literal, $after:literal $(, $name:ident = sym $symbol:path)?) => {
        preserving!(
            $before,
            336,
            concat!(
                "movups [rsp + 80], xmm0\n",
                "movups [rsp + 96], xmm1\n",
                "movups [rsp + 112], xmm2\n",
                "movups [rsp + 128], xmm3\n",
                "movups [rsp + 144], xmm4\n",
                "movups [rsp + 160], xmm5\n",
                "movups [rsp + 176], xmm6\n",
                "movups [rsp + 192], xmm7\n",
                "movups [rsp + 208], xmm8\n",
                "movups [rsp + 224], xmm9\n",
                "movups [rsp + 240], xmm10\n",
                "movups [rsp + 256], xmm11\n",
                "movups [rsp + 272], xmm12\n",
                "movups [rsp + 288], xmm13\n",
                "movups [rsp + 304], xmm14\n",
                "movups [rsp + 320], xmm15\n",
                $call,
                "\n",
                "movups xmm0, [rsp + 80]\n",
                "movups xmm1, [rsp + 96]\n",
                "movups xmm2, [rsp + 112]\n",
                "movups xmm3, [rsp + 128]\n",
                "movups xmm4, [rsp + 144]\n",
                "movups xmm5, [rsp + 160]\n",
                "movups xmm6, [rsp + 176]\n",
                "movups xmm7, [rsp + 192]\n",
                "movups xmm8, [rsp + 208]\n",
                "movups xmm9, [rsp + 224]\n",
                "movups xmm10, [rsp + 240]\n",
                "movups xmm11, [rsp + 256]\n",
                "movups xmm12, [rsp + 272]\n",
                "movups xmm13, [rsp + 288]\n",
                "movups xmm14, [rsp + 304]\n",
                "movups xmm15, [rsp + 320]\n",
            ),
            $after
            $(, $name = sym $symbol)?
        )
    };
    (integers, $before:literal, $call:literal, $after:literal $(, $name:ident = sym $symbol:path)?) => {
        preserving!($before, 80, $call, $after $(, $name = sym $symbol)?)
    };
    ($before:expr, $room:literal, $call:expr, $after:expr $(, $name:ident = sym $symbol:path)?) => {
        naked_asm!(
            $before,
            "push rbp",
            "mov rbp, rsp",
            concat!("sub rsp, ", $room),
            "mov [rsp + 0], rax",
            "mov [rsp + 8], rcx",
            "mov [rsp + 16], rdx",
            "mov [rsp + 24], rsi",
            "mov [rsp + 32], rdi",
            "mov [rsp + 40], r8",
            "mov [rsp + 48], r9",
            "mov [rsp + 56], r10",
            "mov [rsp + 64], r11",
            $call,
            $after,
            "mov rax, [rsp + 0]",
            "mov rcx, [rsp + 8]",
            "mov rdx, [rsp + 16]",
            "mov rsi, [rsp + 24]",
            "mov rdi, [rsp + 32]",
            "mov r8, [rsp + 40]",
            "mov r9, [rsp + 48]",
            "mov r10, [rsp + 56]",
            "mov r11, [rsp + 64]",
            "leave",
            "ret",
            $($name = sym $symbol,)?
        )
    };
}

/// The address of the thunk: `(a0, a1, function, out: *mut u64)` under Cranelift's `PreserveAll`. Calls `function(a0, a1)` and stores its result at `out`.
pub(crate) fn call_preserving() -> u64 {
    thunk as *const () as u64
}

// SAFETY: entered only from compiled code, aligned as for any call, with the four arguments in `rdi`, `rsi`, `rdx`, `rcx`.
#[unsafe(naked)]
unsafe extern "C" fn thunk() {
    preserving!(all, "", "call rdx", "mov rcx, [rsp + 8]\nmov [rcx], rax")
}

/// The address of `fn(object or NULL)` under `PreserveAll`: counts one reference less and destroys the object at zero. It preserves vector registers only if `vectors` says so.
pub(crate) fn decref(vectors: bool) -> u64 {
    if vectors { decref_all as *const () as u64 } else { decref_integers as *const () as u64 }
}

/// What comes before the call of the function that destroys objects.
macro_rules! decref {
    ($which:ident, $dealloc:path) => {
        preserving!(
            $which,
            "test rdi, rdi
            jz 2f
            cmp dword ptr [rdi], 0
            js 2f
            dec dword ptr [rdi]
            jz 3f
            2: ret
            3:",
            "call qword ptr [rip + {dealloc}]",
            "",
            dealloc = sym $dealloc
        )
    };
}

// SAFETY: entered only from compiled code, aligned as for any call, with an object or NULL in `rdi`; whoever compiles has called `set_functions`.
#[unsafe(naked)]
unsafe extern "C" fn decref_all() {
    decref!(all, DEALLOC)
}

// SAFETY: the same, and nothing is in a vector register.
#[unsafe(naked)]
unsafe extern "C" fn decref_integers() {
    decref!(integers, DEALLOC)
}

/// The address of `fn(object or NULL)` under `PreserveAll`: counts one reference more.
pub(crate) fn incref() -> u64 {
    incref_thunk as *const () as u64
}

// SAFETY: entered only from compiled code with an object or NULL in `rdi`; only flags and the count change.
#[unsafe(naked)]
unsafe extern "C" fn incref_thunk() {
    naked_asm!(
        "test rdi, rdi",
        "jz 2f",
        // From here on a count belongs to an immortal object.
        "cmp dword ptr [rdi], 0xC0000000",
        "jae 2f",
        "inc dword ptr [rdi]",
        "2: ret",
    )
}
