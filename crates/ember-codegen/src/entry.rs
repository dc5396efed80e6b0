//! What is before the entry of a compiled body.
//!
//! A call with its arguments in a tuple and a dict is bound without taking these apart; the binder then needs the `spread` function that belongs to the entry a function has in its
//! `vectorcall`. So each entry has a header before it: a number that nothing else begins with, and how far before the entry `spread` is.

/// Bytes of the header: [`MAGIC`] and the distance from `spread` to the entry, eight bytes each.
pub const HEADER: usize = 16;
/// What a header begins with: neither instructions of a compiler nor the padding between functions.
pub const MAGIC: u64 = 0xE3BE_12C0_DE5B_9EAD;

/// The header of an entry.
pub(crate) fn header(distance: usize) -> [u8; HEADER] {
    let mut bytes = [0; HEADER];
    bytes[..8].copy_from_slice(&MAGIC.to_le_bytes());
    bytes[8..].copy_from_slice(&(distance as u64).to_le_bytes());
    bytes
}
