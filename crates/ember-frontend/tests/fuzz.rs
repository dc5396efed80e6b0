//! Damaged bytecode is refused or translated into something (operands may be nonsense then, as they would be for the interpreter), never a panic.

mod common;

use ember_frontend::opcodes::v3_14::NAMES;

/// xorshift64*
struct Random(u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        self.0.wrapping_mul(0x2545_F491_4F6C_DD1D)
    }

    fn below(&mut self, limit: usize) -> usize {
        (self.next() >> 33) as usize % limit.max(1)
    }
}

#[test]
fn damaged_code_does_no_harm() {
    let dir = std::path::PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/snapshots");
    let mut random = Random(0x9E37_79B9_7F4A_7C15);
    let mut translated = 0;
    for entry in std::fs::read_dir(dir).expect("the directory of snapshots") {
        let path = entry.expect("an entry").path();
        if path.extension().is_none_or(|extension| extension != "snap") {
            continue;
        }
        let whole = common::parse(&std::fs::read_to_string(&path).expect("a file"));
        for _ in 0..150 {
            let mut snapshot = whole.clone();
            for _ in 0..=random.below(3) {
                let at = random.below(snapshot.units.len());
                let unit = if random.below(2) == 0 {
                    snapshot.units[at] & 0xFF | (random.below(256) << 8) as u16
                } else {
                    let opcode = (0..).map(|_| random.below(129)).find(|&opcode| !NAMES[opcode].is_empty());
                    opcode.expect("an opcode") as u16 | snapshot.units[at] & 0xFF00
                };
                snapshot.units[at] = unit;
                if random.below(4) == 0 {
                    snapshot.adaptive[at] = random.next() as u16;
                }
            }
            translated += u32::from(ember_frontend::build(&snapshot).is_ok());
        }
    }
    assert!(translated > 0);
}
