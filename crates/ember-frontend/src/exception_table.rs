//! The exception table: which handler serves which instructions.
//!
//! Entries are four varints, six bits a byte, most significant first: start, length, target (code units) and `depth << 1 | lasti`. The first byte of
//! an entry has bit 7 set, every byte but the last of a varint bit 6.

/// An entry: instructions which start in `start..end` go to `target`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Entry {
    /// First unit.
    pub start: u32,
    /// Unit after the last.
    pub end: u32,
    /// Unit of the handler.
    pub target: u32,
    /// Stack items the handler keeps.
    pub depth: u32,
    /// Whether the offset of the raising instruction is pushed before the exception.
    pub lasti: bool,
}

/// Reads a table; `None` if it is malformed.
#[must_use]
pub fn parse(table: &[u8]) -> Option<Vec<Entry>> {
    let mut bytes = table.iter().copied();
    let mut entries = Vec::new();
    while let Some(first) = bytes.next() {
        let start = varint(first & 0x7F, &mut bytes)?;
        let mut field = || varint(bytes.next()?, &mut bytes);
        let (length, target, flags) = (field()?, field()?, field()?);
        entries.push(Entry {
            start,
            end: start.checked_add(length)?,
            target,
            depth: flags >> 1,
            lasti: flags & 1 != 0,
        });
    }
    Some(entries)
}

fn varint(first: u8, rest: &mut impl Iterator<Item = u8>) -> Option<u32> {
    let mut value = u32::from(first & 0x3F);
    let mut byte = first;
    while byte & 0x40 != 0 {
        byte = rest.next()?;
        value = value.checked_mul(64)? | u32::from(byte & 0x3F);
    }
    Some(value)
}

/// The entry which covers a unit. Entries do not overlap and are sorted.
#[must_use]
pub fn lookup(entries: &[Entry], unit: u32) -> Option<Entry> {
    let index = entries.partition_point(|entry| entry.start <= unit).checked_sub(1)?;
    entries.get(index).copied().filter(|entry| unit < entry.end)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn varints_of_several_bytes() {
        // start 3, length 70 = 1 * 64 + 6, target 130 = 2 * 64 + 2, depth 2 with lasti.
        let entries = parse(&[0x83, 0x41, 0x06, 0x42, 0x02, 0x05]).expect("well formed");
        assert_eq!(entries, [Entry { start: 3, end: 73, target: 130, depth: 2, lasti: true }]);
        assert_eq!(lookup(&entries, 72), Some(entries[0]));
        assert_eq!(lookup(&entries, 73), None);
        assert_eq!(lookup(&entries, 2), None);
    }

    #[test]
    fn a_truncated_table_is_refused() {
        assert_eq!(parse(&[0x83, 0x41]), None);
    }
}
