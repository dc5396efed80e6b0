//! Where a module's code imports, and the same code with some of these places turned into markers.
//!
//! An import statement compiles to a fixed sequence: level, names, `IMPORT_NAME`, then what takes the result apart and stores it. [`find`] reads these
//! sequences off the bytecode, so that neither source nor a cache of our own is needed: whatever code importlib found is good enough. [`mark`] puts
//! `LOAD_NAME marker; POP_TOP` in the place of one, and the name's lookup tells the runtime that the statement is being executed. Everything else
//! (constants, lines, columns, nested code, exception table, sizes) stays as it was.
//!
//! An import is *covered* when an exception raised in it would be handled in this code: it stands in a `try` or `with` statement.

use ember_frontend::decode::{Instr, instrs};
use ember_frontend::exception_table::{self, Entry};
use ember_frontend::opcodes::v3_14 as op;

/// How the value of an import reaches a name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Binding {
    /// Indexes of the attributes that are taken one after another (`import a.b as c`: b; `from a import b`: b).
    pub path: Vec<u32>,
    /// Index of the name that is stored.
    pub target: u32,
}

/// An import statement (of several modules: one for each).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Site {
    /// First unit.
    pub start: u32,
    /// Unit after the last.
    pub end: u32,
    /// How many packages up.
    pub level: u32,
    /// Index of the constant with the names after `from … import`, or with None.
    pub fromlist: u32,
    /// Index of the module's name.
    pub module: u32,
    /// What is stored.
    pub bindings: Vec<Binding>,
    /// Whether an exception raised here has a handler in this code.
    pub covered: bool,
}

/// The import statements of a module's code (base opcodes). What does not look like the compiler's work is left out.
#[must_use]
pub fn find(units: &[u16], table: &[u8]) -> Vec<Site> {
    let Some(entries) = exception_table::parse(table) else { return Vec::new() };
    let mut found = Vec::new();
    let mut rest = instrs(units, units);
    loop {
        let here = rest.clone();
        let Some(instr) = rest.next() else { return found };
        if instr.opcode == op::LOAD_SMALL_INT
            && rest.clone().nth(1).is_some_and(|third| third.opcode == op::IMPORT_NAME)
        {
            let mut list: Vec<Instr> = here.clone().take(3).collect();
            let more = here
                .skip(3)
                .take_while(|instr| matches!(instr.opcode, op::IMPORT_FROM | op::STORE_NAME | op::SWAP | op::POP_TOP));
            list.extend(more);
            found.extend(site_at(&list, &entries));
        }
    }
}

/// Whether there may be an import statement in code, which may be specialised: no for most modules that only define things.
#[must_use]
pub fn may_import(units: &[u16]) -> bool {
    units.iter().any(|unit| unit & 0xFF == u16::from(op::IMPORT_NAME))
}

/// Indexes of the names that are deleted as globals by code, which may be specialised.
#[must_use]
pub fn deleted(units: &[u16]) -> Vec<u32> {
    const { assert!(op::DELETE_GLOBAL & 1 == 0 && op::DELETE_NAME == op::DELETE_GLOBAL | 1) };
    let deletes = |opcode: u8| matches!(opcode, op::DELETE_NAME | op::DELETE_GLOBAL);
    // Hardly any code has such an opcode; both differ in the lowest bit, and whole chunks are looked at at once.
    let may =
        |chunk: &[u16]| chunk.iter().fold(false, |seen, unit| seen | (unit & 0xFE == u16::from(op::DELETE_GLOBAL)));
    if !units.chunks(64).any(may) {
        return Vec::new();
    }
    let base: Vec<u16> =
        units.iter().map(|unit| unit & 0xFF00 | u16::from(op::BASE[usize::from(*unit as u8)])).collect();
    instrs(&base, &base).filter(|instr| deletes(instr.opcode)).map(|instr| instr.arg).collect()
}

fn site_at(list: &[Instr], entries: &[Entry]) -> Option<Site> {
    let [level, fromlist, import, rest @ ..] = list else { return None };
    let sequence = level.opcode == op::LOAD_SMALL_INT && fromlist.opcode == op::LOAD_CONST;
    if !sequence || import.opcode != op::IMPORT_NAME {
        return None;
    }
    let (bindings, end) = plain(rest).or_else(|| renamed(rest)).or_else(|| names(rest))?;
    let covered = exception_table::lookup(entries, import.unit).is_some();
    let (start, module) = (level.start, import.arg);
    Some(Site { start, end, level: level.arg, fromlist: fromlist.arg, module, bindings, covered })
}

/// `import a.b`, `import a as c`
fn plain(list: &[Instr]) -> Option<(Vec<Binding>, u32)> {
    let store = list.first().filter(|instr| instr.opcode == op::STORE_NAME)?;
    Some((vec![Binding { path: Vec::new(), target: store.arg }], store.next))
}

/// `import a.b.c as d`
fn renamed(mut list: &[Instr]) -> Option<(Vec<Binding>, u32)> {
    let mut path = Vec::new();
    loop {
        match list {
            [from, swap, pop, rest @ ..]
                if from.opcode == op::IMPORT_FROM && swap.opcode == op::SWAP && pop.opcode == op::POP_TOP =>
            {
                path.push(from.arg);
                list = rest;
            }
            // The compiler drops what is under the last one after storing it.
            [from, store, pop, ..]
                if !path.is_empty()
                    && from.opcode == op::IMPORT_FROM
                    && store.opcode == op::STORE_NAME
                    && pop.opcode == op::POP_TOP =>
            {
                path.push(from.arg);
                return Some((vec![Binding { path, target: store.arg }], pop.next));
            }
            [store, ..] if !path.is_empty() && store.opcode == op::STORE_NAME => {
                return Some((vec![Binding { path, target: store.arg }], store.next));
            }
            _ => return None,
        }
    }
}

/// `from a import b, c as d`, and `import a.b as c`, which the compiler writes alike
fn names(list: &[Instr]) -> Option<(Vec<Binding>, u32)> {
    let mut bindings = Vec::new();
    for pair in list.chunks(2) {
        match pair {
            [from, store] if from.opcode == op::IMPORT_FROM && store.opcode == op::STORE_NAME => {
                bindings.push(Binding { path: vec![from.arg], target: store.arg });
            }
            [pop, ..] if pop.opcode == op::POP_TOP && !bindings.is_empty() => return Some((bindings, pop.next)),
            _ => return None,
        }
    }
    None
}

/// The code with each of the sites turned into `LOAD_NAME name; POP_TOP`; None if one is too short for that.
#[must_use]
pub fn mark(units: &[u16], marks: &[(u32, u32, u32)]) -> Option<Vec<u16>> {
    let mut units = units.to_vec();
    for &(start, end, name) in marks {
        let room = units.get_mut(start as usize..end as usize)?;
        let mut at = 0;
        let mut put = |opcode: u8, arg: u8| -> Option<()> {
            *room.get_mut(at)? = u16::from(opcode) | u16::from(arg) << 8;
            at += 1;
            Some(())
        };
        let bytes = name.to_be_bytes();
        let significant = bytes.iter().position(|byte| *byte != 0).unwrap_or(3);
        for byte in &bytes[significant..3] {
            put(op::EXTENDED_ARG, *byte)?;
        }
        put(op::LOAD_NAME, bytes[3])?;
        put(op::POP_TOP, 0)?;
        room[at..].fill(u16::from(op::NOP));
    }
    Some(units)
}

/// Line and column of each of `units` (ascending), by a code object's location table (`Objects/locations.md` in CPython); -1 for what is not known.
#[must_use]
pub fn positions(table: &[u8], first_line: i32, units: &[u32]) -> Vec<(i32, i32)> {
    let mut found = Vec::with_capacity(units.len());
    let mut bytes = table.iter().copied();
    let (mut line, mut end) = (first_line, 0u32);
    while let Some(head) = bytes.next() {
        end += u32::from(head & 7) + 1;
        let mut known = true;
        let column = match head >> 3 & 15 {
            15 => {
                known = false;
                -1
            }
            14 => {
                line += signed(&mut bytes);
                varint(&mut bytes);
                let column = varint(&mut bytes) as i32 - 1;
                varint(&mut bytes);
                column
            }
            13 => {
                line += signed(&mut bytes);
                -1
            }
            form @ 10..=12 => {
                line += i32::from(form) - 10;
                let column = bytes.next().unwrap_or(0);
                bytes.next();
                i32::from(column)
            }
            form => i32::from(form << 3) | i32::from(bytes.next().unwrap_or(0) >> 4),
        };
        while units.get(found.len()).is_some_and(|unit| *unit < end) {
            found.push(if known { (line, column) } else { (-1, -1) });
        }
    }
    found.resize(units.len(), (-1, -1));
    found
}

/// Six bits a byte, least significant first.
fn varint(bytes: &mut impl Iterator<Item = u8>) -> u32 {
    let (mut value, mut shift) = (0u32, 0);
    for byte in bytes.by_ref() {
        value |= u32::from(byte & 63).checked_shl(shift).unwrap_or(0);
        shift += 6;
        if byte & 64 == 0 {
            break;
        }
    }
    value
}

fn signed(bytes: &mut impl Iterator<Item = u8>) -> i32 {
    let value = varint(bytes);
    let magnitude = (value >> 1) as i32;
    if value & 1 == 0 { magnitude } else { -magnitude }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn units(list: &[(u8, u8)]) -> Vec<u16> {
        list.iter().map(|(opcode, arg)| u16::from(*opcode) | u16::from(*arg) << 8).collect()
    }

    const HEAD: [(u8, u8); 3] = [(op::LOAD_SMALL_INT, 1), (op::LOAD_CONST, 2), (op::IMPORT_NAME, 3)];

    fn found(tail: &[(u8, u8)]) -> Option<Site> {
        find(&units(&[&HEAD, tail].concat()), &[]).pop()
    }

    #[test]
    fn each_form_is_found() {
        let site = found(&[(op::STORE_NAME, 4)]).expect("import a");
        assert_eq!((site.start, site.end, site.level, site.fromlist, site.module), (0, 4, 1, 2, 3));
        assert_eq!(site.bindings, [Binding { path: vec![], target: 4 }]);
        let site = found(&[
            (op::IMPORT_FROM, 5),
            (op::STORE_NAME, 6),
            (op::IMPORT_FROM, 7),
            (op::STORE_NAME, 8),
            (op::POP_TOP, 0),
        ]);
        let site = site.expect("from a import b as c, d as e");
        assert_eq!(site.bindings.len(), 2);
        assert_eq!(site.end, 8);
        let deep = [
            (op::IMPORT_FROM, 5),
            (op::SWAP, 2),
            (op::POP_TOP, 0),
            (op::IMPORT_FROM, 6),
            (op::STORE_NAME, 7),
            (op::POP_TOP, 0),
        ];
        let site = found(&deep).expect("import a.b.c as d");
        assert_eq!(site.bindings, [Binding { path: vec![5, 6], target: 7 }]);
        assert_eq!(site.end, 9);
    }

    #[test]
    fn stars_and_globals_are_not() {
        assert_eq!(found(&[(op::CALL_INTRINSIC_1, 2), (op::POP_TOP, 0)]), None);
        assert_eq!(found(&[(op::STORE_GLOBAL, 4)]), None);
        assert_eq!(found(&[]), None);
    }

    #[test]
    fn a_mark_fills_its_site_and_no_more() {
        let code = units(&[&HEAD[..], &[(op::STORE_NAME, 4), (op::RETURN_VALUE, 0)]].concat());
        let marked = mark(&code, &[(0, 4, 9)]).expect("long enough");
        assert_eq!(
            marked,
            units(&[(op::LOAD_NAME, 9), (op::POP_TOP, 0), (op::NOP, 0), (op::NOP, 0), (op::RETURN_VALUE, 0)])
        );
        let marked = mark(&code, &[(0, 4, 0x1234)]).expect("long enough");
        assert_eq!(marked[..3], units(&[(op::EXTENDED_ARG, 0x12), (op::LOAD_NAME, 0x34), (op::POP_TOP, 0)]));
        assert_eq!(mark(&code, &[(0, 1, 9)]), None);
    }

    #[test]
    fn positions_are_read_off_the_table() {
        // Two units without a place, three in line 8 at column 4 (one-line form), one in the same line at column 21 (short), one three lines up (long).
        let table = [0x80 | 15 << 3 | 1, 0x80 | 11 << 3 | 2, 4, 9, 0x80 | 2 << 3, 0x51, 0x80 | 14 << 3, 7, 0, 1, 5];
        let expected = [(-1, -1), (8, 4), (8, 4), (8, 21), (5, 0), (-1, -1)];
        assert_eq!(positions(&table, 7, &[0, 2, 4, 5, 6, 9]), expected);
    }

    #[test]
    fn handlers_cover() {
        let code = units(&[&HEAD[..], &[(op::STORE_NAME, 4)]].concat());
        // One entry: units 0 to 4, handler at 4, depth 0.
        let sites = find(&code, &[0x80, 4, 4, 0]);
        assert!(sites[0].covered);
    }
}
