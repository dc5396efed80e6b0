//! Jumps: where they lead, whether they are needed, and how long they are.
//!
//! Once copies are gone, most blocks that stood on the edges between others are a jump and nothing else. Whoever jumps there jumps on ([`thread`]); a branch around
//! a jump becomes the opposite branch to where that leads; what nobody reaches is left out.
//!
//! A jump is two bytes long if its target is within 127 bytes, else five or six. All begin short; those that do not reach are made long until all reach: a jump that has
//! become long never becomes short again, so that this ends.

use super::{Code, Fate};

/// How often the three steps are repeated at most: each makes room for the others, rarely more than once.
const TURNS: usize = 3;
/// How many jumps to jumps are followed: a loop of nothing but jumps must not be followed for ever.
const CHAIN: usize = 8;

pub(super) fn run(code: &mut Code<'_>) {
    for _ in 0..TURNS {
        let threaded = thread(code);
        let gone = straighten(code) | unreachable(code);
        if !threaded && !gone {
            break;
        }
    }
}

/// Lets every jump lead where the jumps at its target lead.
fn thread(code: &mut Code<'_>) -> bool {
    let mut changed = false;
    for index in 0..code.insts.len() {
        let (Fate::Jump(to) | Fate::Branch(_, to)) = code.insts[index].fate else { continue };
        let mut target = to;
        for _ in 0..CHAIN {
            let Some(live) = code.live(target as usize) else { break };
            target = live as u32;
            let Fate::Jump(next) = code.insts[live].fate else { break };
            target = next;
        }
        if target != to {
            changed = true;
            match &mut code.insts[index].fate {
                Fate::Jump(to) | Fate::Branch(_, to) => *to = target,
                _ => {}
            }
        }
    }
    changed
}

/// Leaves out jumps to what comes next, and turns branches around a jump.
fn straighten(code: &mut Code<'_>) -> bool {
    let mut changed = false;
    for index in 0..code.insts.len() {
        let (Fate::Jump(to) | Fate::Branch(_, to)) = code.insts[index].fate else { continue };
        let next = code.live(index + 1);
        let target = code.live(to as usize);
        if next == target {
            code.insts[index].fate = Fate::Gone;
            changed = true;
            continue;
        }
        // Nobody else comes by the jump: those who jumped to it were led on.
        if let (Fate::Branch(condition, _), Some(next)) = (code.insts[index].fate, next)
            && let Fate::Jump(away) = code.insts[next].fate
            && code.live(next + 1) == target
        {
            code.insts[index].fate = Fate::Branch(condition ^ 1, away);
            code.insts[next].fate = Fate::Gone;
            changed = true;
        }
    }
    changed
}

/// Leaves out what nothing leads to.
fn unreachable(code: &mut Code<'_>) -> bool {
    let mut targets = vec![false; code.insts.len()];
    for inst in &code.insts {
        if let Fate::Jump(to) | Fate::Branch(_, to) = inst.fate {
            targets[to as usize] = true;
        }
    }
    let (mut reached, mut changed) = (true, false);
    for (inst, target) in code.insts.iter_mut().zip(targets) {
        reached |= target;
        if !reached && inst.fate != Fate::Gone {
            inst.fate = Fate::Gone;
            changed = true;
        }
        reached &= !inst.ends();
    }
    changed
}

const SHORT: u32 = 2;

/// The length of a jump that does not reach with [`SHORT`].
fn long(branch: bool) -> u32 {
    if branch { 6 } else { 5 }
}

/// Where each instruction is placed, and where the last one ends.
pub(super) fn place(code: &Code<'_>) -> Vec<u32> {
    let mut sizes: Vec<u32> = code
        .insts
        .iter()
        .map(|inst| match inst.fate {
            Fate::Gone => 0,
            Fate::Kept => u32::from(inst.len),
            Fate::Replaced(bytes) => u32::from(bytes.len),
            Fate::Jump(_) | Fate::Branch(..) => SHORT,
        })
        .collect();
    let jumps: Vec<(usize, usize, bool)> = code
        .insts
        .iter()
        .enumerate()
        .filter_map(|(index, inst)| match inst.fate {
            Fate::Jump(to) => Some((index, to as usize, false)),
            Fate::Branch(_, to) => Some((index, to as usize, true)),
            _ => None,
        })
        .collect();
    let mut places = vec![0; sizes.len() + 1];
    loop {
        let mut at = 0;
        for (place, size) in places.iter_mut().zip(&sizes) {
            *place = at;
            at += size;
        }
        places[sizes.len()] = at;
        let mut all_reach = true;
        for &(index, to, branch) in &jumps {
            if sizes[index] == SHORT && !is_near(places[to], places[index + 1]) {
                sizes[index] = long(branch);
                all_reach = false;
            }
        }
        if all_reach {
            return places;
        }
    }
}

/// Whether a short jump that ends at `end` reaches `to`.
fn is_near(to: u32, end: u32) -> bool {
    i8::try_from(i64::from(to) - i64::from(end)).is_ok()
}

/// Writes a jump, under a condition or always, that ends at `end`.
pub(super) fn write(bytes: &mut Vec<u8>, condition: Option<u8>, to: u32, end: u32) {
    let distance = to.wrapping_sub(end);
    let size = end - bytes.len() as u32;
    if size == SHORT {
        bytes.extend([condition.map_or(0xEB, |condition| 0x70 | condition), distance as u8]);
        return;
    }
    match condition {
        Some(condition) => bytes.extend([0x0F, 0x80 | condition]),
        None => bytes.push(0xE9),
    }
    bytes.extend(distance.to_le_bytes());
}
