//! What each pass does to a few instructions, as text.

use super::*;
use iced_x86::code_asm::{CodeAssembler, CodeLabel, registers::gpr64::*, *};
use iced_x86::{Formatter, IntelFormatter};

/// Where spill slots begin and how far the frame pointer is from the stack pointer, in these tests.
const SPILLS: u32 = 0x20;
const FRAME: u32 = 0x400;

fn assemble(write: impl FnOnce(&mut CodeAssembler)) -> Vec<u8> {
    let mut asm = CodeAssembler::new(64).unwrap();
    write(&mut asm);
    asm.assemble(0).unwrap()
}

fn text(bytes: &[u8]) -> Vec<String> {
    let mut formatter = IntelFormatter::new();
    formatter.options_mut().set_branch_leading_zeros(false);
    let mut lines = Vec::new();
    for instruction in &mut Decoder::with_ip(64, bytes, 0, DecoderOptions::NONE) {
        let mut line = String::new();
        formatter.format(&instruction, &mut line);
        lines.push(line.replace("short ", ""));
    }
    lines
}

fn tidied(write: impl FnOnce(&mut CodeAssembler)) -> Vec<String> {
    text(&tidy(&assemble(write), &[], SPILLS, FRAME).expect("understood").bytes)
}

/// The code in `before`, tidied, is the code in `after`.
fn check(before: impl FnOnce(&mut CodeAssembler), after: impl FnOnce(&mut CodeAssembler)) {
    assert_eq!(tidied(before), text(&assemble(after)));
}

fn label(asm: &mut CodeAssembler) -> CodeLabel {
    asm.create_label()
}

#[test]
fn copies_at_the_start_of_blocks_go_and_branches_turn() {
    check(
        |asm| {
            let (mut yes, mut no) = (label(asm), label(asm));
            asm.mov(rdx, r12).unwrap();
            asm.cmp(qword_ptr(rdx + 8), rdx).unwrap();
            asm.je(yes).unwrap();
            asm.mov(rdx, r12).unwrap();
            asm.jmp(no).unwrap();
            asm.set_label(&mut yes).unwrap();
            asm.mov(rdx, r12).unwrap();
            asm.mov(qword_ptr(rdx + 16), rdx).unwrap();
            asm.set_label(&mut no).unwrap();
            asm.mov(rax, rdx).unwrap();
            asm.ret().unwrap();
        },
        |asm| {
            let mut no = label(asm);
            asm.mov(rdx, r12).unwrap();
            asm.cmp(qword_ptr(rdx + 8), rdx).unwrap();
            asm.jne(no).unwrap();
            asm.mov(qword_ptr(rdx + 16), rdx).unwrap();
            asm.set_label(&mut no).unwrap();
            asm.mov(rax, rdx).unwrap();
            asm.ret().unwrap();
        },
    );
}

#[test]
fn what_a_register_holds_is_not_loaded_again() {
    check(
        |asm| {
            asm.mov(qword_ptr(rsp + 0x40), rax).unwrap();
            asm.mov(rcx, qword_ptr(rsp + 0x40)).unwrap();
            asm.mov(rax, qword_ptr(rsp + 0x40)).unwrap();
            asm.mov(qword_ptr(rsp + 0x40), rcx).unwrap();
            asm.mov(rsi, 0x1234_5678_9abc_u64).unwrap();
            asm.mov(rdi, 0x1234_5678_9abc_u64).unwrap();
            asm.call(rax).unwrap();
            asm.mov(rdi, 0x1234_5678_9abc_u64).unwrap();
            asm.mov(rsi, qword_ptr(rsp + 0x40)).unwrap();
            asm.call(rbx).unwrap();
            asm.ret().unwrap();
        },
        |asm| {
            asm.mov(qword_ptr(rsp + 0x40), rax).unwrap();
            asm.mov(rcx, rax).unwrap();
            asm.mov(rsi, 0x1234_5678_9abc_u64).unwrap();
            asm.mov(rdi, rsi).unwrap();
            asm.call(rax).unwrap();
            asm.mov(rdi, 0x1234_5678_9abc_u64).unwrap();
            asm.mov(rsi, qword_ptr(rsp + 0x40)).unwrap();
            asm.call(rbx).unwrap();
            asm.ret().unwrap();
        },
    );
}

/// Code in which nothing is to be left out.
fn stays(write: impl Fn(&mut CodeAssembler)) {
    check(&write, &write);
}

#[test]
fn slots_that_others_write_are_loaded_again() {
    // Below the spill slots: somebody may have its address.
    stays(|asm| {
        asm.mov(qword_ptr(rsp + 0x10), rax).unwrap();
        asm.mov(rax, qword_ptr(rsp + 0x10)).unwrap();
        asm.ret().unwrap();
    });
    // Written in part.
    stays(|asm| {
        asm.mov(qword_ptr(rsp + 0x40), rax).unwrap();
        asm.mov(dword_ptr(rsp + 0x44), 1).unwrap();
        asm.mov(rax, qword_ptr(rsp + 0x40)).unwrap();
        asm.ret().unwrap();
    });
    stays(|asm| {
        asm.mov(qword_ptr(rsp + 0x48), rax).unwrap();
        asm.movups(xmmword_ptr(rsp + 0x40), xmm0).unwrap();
        asm.mov(rax, qword_ptr(rsp + 0x48)).unwrap();
        asm.ret().unwrap();
    });
}

#[test]
fn where_a_loop_begins_nothing_is_known() {
    stays(|asm| {
        let mut head = label(asm);
        asm.mov(rbx, r12).unwrap();
        asm.set_label(&mut head).unwrap();
        asm.mov(qword_ptr(rdi), rbx).unwrap();
        asm.mov(rbx, r12).unwrap();
        asm.mov(r12, qword_ptr(rax)).unwrap();
        asm.test(rax, rax).unwrap();
        asm.jne(head).unwrap();
        asm.ret().unwrap();
    });
}

#[test]
fn where_ways_join_holds_what_holds_on_both() {
    let code = |both: bool, last: bool| {
        move |asm: &mut CodeAssembler| {
            let (mut other, mut join) = (label(asm), label(asm));
            asm.test(rsi, rsi).unwrap();
            asm.je(other).unwrap();
            asm.mov(rax, r12).unwrap();
            asm.mov(qword_ptr(rsi), rax).unwrap();
            asm.jmp(join).unwrap();
            asm.set_label(&mut other).unwrap();
            asm.mov(rax, if both { r12 } else { r13 }).unwrap();
            asm.mov(qword_ptr(rdi), rax).unwrap();
            asm.set_label(&mut join).unwrap();
            if last {
                asm.mov(rax, r12).unwrap();
            }
            asm.ret().unwrap();
        }
    };
    check(code(true, true), code(true, false));
    assert!(tidied(code(false, true)).contains(&"mov rax,r12".to_owned()));
}

#[test]
fn readers_of_a_copy_read_its_source() {
    check(
        |asm| {
            asm.mov(rdx, r15).unwrap();
            asm.mov(dword_ptr(rdx + 0x38), 7).unwrap();
            asm.mov(rdi, r15).unwrap();
            asm.mov(rdi, qword_ptr(rdi + 0x30)).unwrap();
            asm.mov(rdx, qword_ptr(rdi)).unwrap();
            asm.mov(rax, rdx).unwrap();
            asm.ret().unwrap();
        },
        |asm| {
            asm.mov(dword_ptr(r15 + 0x38), 7).unwrap();
            asm.mov(rdi, qword_ptr(r15 + 0x30)).unwrap();
            asm.mov(rdx, qword_ptr(rdi)).unwrap();
            asm.mov(rax, rdx).unwrap();
            asm.ret().unwrap();
        },
    );
}

#[test]
fn a_copy_stays_if_its_source_changes_before_it_is_read() {
    // Changed by what also reads it.
    stays(|asm| {
        asm.mov(rdx, rcx).unwrap();
        asm.or(rcx, 1).unwrap();
        asm.mov(qword_ptr(rdi), rcx).unwrap();
        asm.mov(qword_ptr(rsi), rdx).unwrap();
        asm.ret().unwrap();
    });
    // Read by a call, or after one.
    stays(|asm| {
        asm.mov(rdi, r12).unwrap();
        asm.mov(rbx, r9).unwrap();
        asm.call(rax).unwrap();
        asm.mov(rax, rbx).unwrap();
        asm.ret().unwrap();
    });
    // Read in part, or by what needs it in its register.
    stays(|asm| {
        asm.mov(rcx, r12).unwrap();
        asm.shl(qword_ptr(rdi), cl).unwrap();
        asm.mov(rdx, r12).unwrap();
        asm.mov(byte_ptr(rdi), dl).unwrap();
        asm.ret().unwrap();
    });
}

#[test]
fn moves_that_nobody_reads_go() {
    check(
        |asm| {
            asm.mov(rcx, r12).unwrap();
            asm.mov(rsi, qword_ptr(rsp + 0x80)).unwrap();
            asm.mov(edi, 5).unwrap();
            asm.mov(r8, qword_ptr(rdi)).unwrap();
            asm.ret().unwrap();
        },
        |asm| {
            asm.mov(edi, 5).unwrap();
            // Reading memory that is not the frame's may be what matters.
            asm.mov(r8, qword_ptr(rdi)).unwrap();
            asm.ret().unwrap();
        },
    );
}

#[test]
fn short_forms() {
    let long = [
        &[0x48, 0x81, 0xC6, 1, 0, 0, 0][..],      // add rsi, 1
        &[0x05, 0xFF, 0xFF, 0xFF, 0xFF],          // add eax, -1
        &[0x81, 0x7F, 0x10, 0x80, 0, 0, 0],       // cmp dword ptr [rdi + 0x10], 0x80
        &[0x48, 0x8B, 0x84, 0x24, 0xD0, 3, 0, 0], // mov rax, [rsp + 0x3d0]
        &[0x48, 0x89, 0x9C, 0x24, 0x00, 3, 0, 0], // mov [rsp + 0x300], rbx
        &[0x48, 0x81, 0xC4, 0x00, 4, 0, 0],       // add rsp, 0x400
        &[0x48, 0x89, 0xEC],                      // mov rsp, rbp
        &[0xC3],
    ]
    .concat();
    let short = tidy(&long, &[], SPILLS, FRAME).unwrap().bytes;
    let expected = [
        &[0x48, 0x83, 0xC6, 1][..],
        &[0x83, 0xC0, 0xFF],
        &[0x81, 0x7F, 0x10, 0x80, 0, 0, 0],
        &[0x48, 0x8B, 0x45, 0xD0],
        &[0x48, 0x89, 0x9C, 0x24, 0x00, 3, 0, 0],
        &[0x48, 0x89, 0xEC],
        &[0xC3],
    ]
    .concat();
    assert_eq!(short, expected);
}

#[test]
fn jumps_are_as_short_as_their_distance_allows() {
    for distance in [126, 127, 128, 200] {
        // The longest form, as Cranelift emits it.
        let mut long = assemble(|asm| asm.test(rax, rax).unwrap());
        long.extend([0x0F, 0x84]);
        long.extend((distance as u32).to_le_bytes());
        long.extend(vec![0x90; distance]);
        long.push(0xC3);
        let bytes = tidy(&long, &[], SPILLS, FRAME).unwrap().bytes;
        let short = distance < 128;
        assert_eq!(bytes.len(), 3 + distance + 1 + if short { 2 } else { 6 });
        assert_eq!(text(&bytes)[1], format!("je {:X}h", bytes.len() - 1).replace("je D", "je 0D"));
    }
}

#[test]
fn jumps_to_jumps_and_what_nobody_reaches() {
    check(
        |asm| {
            let (mut first, mut second, mut end) = (label(asm), label(asm), label(asm));
            asm.test(rax, rax).unwrap();
            asm.je(first).unwrap();
            asm.mov(rax, qword_ptr(rdi)).unwrap();
            asm.jmp(end).unwrap();
            asm.set_label(&mut first).unwrap();
            asm.jmp(second).unwrap();
            asm.mov(rax, qword_ptr(rsi)).unwrap();
            asm.set_label(&mut second).unwrap();
            asm.jmp(end).unwrap();
            asm.set_label(&mut end).unwrap();
            asm.ret().unwrap();
        },
        |asm| {
            let mut end = label(asm);
            asm.test(rax, rax).unwrap();
            asm.je(end).unwrap();
            asm.mov(rax, qword_ptr(rdi)).unwrap();
            asm.set_label(&mut end).unwrap();
            asm.ret().unwrap();
        },
    );
    // A loop of nothing but a jump is one.
    stays(|asm| {
        let mut here = label(asm);
        asm.set_label(&mut here).unwrap();
        asm.jmp(here).unwrap();
    });
}

#[test]
fn relocations_and_constants_move_with_the_code() {
    let mut code = vec![0x48, 0x81, 0xC6, 1, 0, 0, 0]; // add rsi, 1
    code.extend([0xE8, 0, 0, 0, 0]); // call ?
    code.extend([0xF2, 0x0F, 0x10, 0x05, 12, 0, 0, 0]); // movsd xmm0, [rip + 12]: at 32
    code.extend([0xEB, 1]); // over the call that nobody reaches
    code.extend([0xCC]);
    code.extend([0xC3]);
    code.extend([0; 8]);
    assert_eq!(code.len(), 32);
    code.extend(42.0_f64.to_le_bytes());
    let tidied = tidy(&code, &[8], SPILLS, FRAME).unwrap();
    assert_eq!(tidied.relocations, [Some(5)], "three bytes earlier");
    assert_eq!(tidied.bytes.len() % 16, 8, "aligned as before");
    let line = text(&tidied.bytes[9..17]).remove(0);
    let at = tidied.bytes.len() - 8;
    assert_eq!(tidied.bytes[at..], 42.0_f64.to_le_bytes());
    assert_eq!(line, format!("movsd xmm0,[{:X}h]", at - 9));
    assert_eq!(tidied.bytes[17], 0xC3, "jumps to what comes next are left out");
}

#[test]
fn a_relocation_that_nobody_reaches_is_gone() {
    let code = [0xC3, 0xE8, 0, 0, 0, 0, 0xC3];
    let tidied = tidy(&code, &[2], SPILLS, FRAME).unwrap();
    assert_eq!((tidied.bytes.as_slice(), tidied.relocations.as_slice()), (&[0xC3][..], &[None][..]));
}

#[test]
fn unknown_control_flow_is_left_alone() {
    for code in [&[0xFF, 0xE0][..], &[0xE3, 0, 0xC3], &[0xEB, 0x7F], &[0x0F]] {
        assert!(tidy(code, &[], SPILLS, FRAME).is_none(), "{code:x?}");
    }
}

#[test]
fn conditional_instructions_are_named_one_after_the_other() {
    for (first, last, prefix) in [(Mnemonic::Cmova, Mnemonic::Cmovs, "Cmov"), (Mnemonic::Seta, Mnemonic::Sets, "Set")] {
        let all: Vec<String> = Mnemonic::values()
            .filter(|mnemonic| (first as u32..=last as u32).contains(&(*mnemonic as u32)))
            .map(|mnemonic| format!("{mnemonic:?}"))
            .collect();
        assert!(all.len() == 16 && all.iter().all(|name| name.starts_with(prefix)), "{all:?}");
    }
}
