//! Classes of characters and case, as `re` sees them.

use super::{ASCII, IGNORECASE, LOCALE};

/// `\d`, `\s`, `\w` or their opposites.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Category {
    Digit,
    Space,
    Word,
}

/// Members of a `[…]`.
#[derive(Clone, Debug)]
pub enum Member {
    Range(u32, u32),
    /// A category, or what is not in it.
    Category(Category, bool),
}

/// A `[…]`, or one character or category.
#[derive(Clone, Debug)]
pub struct Set {
    pub negated: bool,
    pub members: Vec<Member>,
    /// The flags where it stands.
    pub flags: u32,
}

/// The zeros of all scripts with decimal digits (general category Nd).
const ZEROS: [u32; 76] = [
    0x30, 0x660, 0x6f0, 0x7c0, 0x966, 0x9e6, 0xa66, 0xae6, 0xb66, 0xbe6, 0xc66, 0xce6, 0xd66, 0xde6, 0xe50, 0xed0,
    0xf20, 0x1040, 0x1090, 0x17e0, 0x1810, 0x1946, 0x19d0, 0x1a80, 0x1a90, 0x1b50, 0x1bb0, 0x1c40, 0x1c50, 0xa620,
    0xa8d0, 0xa900, 0xa9d0, 0xa9f0, 0xaa50, 0xabf0, 0xff10, 0x104a0, 0x10d30, 0x10d40, 0x11066, 0x110f0, 0x11136,
    0x111d0, 0x112f0, 0x11450, 0x114d0, 0x11650, 0x116c0, 0x116d0, 0x116da, 0x11730, 0x118e0, 0x11950, 0x11bf0,
    0x11c50, 0x11d50, 0x11da0, 0x11f50, 0x16130, 0x16a60, 0x16ac0, 0x16b50, 0x16d70, 0x1ccf0, 0x1d7ce, 0x1d7d8,
    0x1d7e2, 0x1d7ec, 0x1d7f6, 0x1e140, 0x1e2f0, 0x1e4f0, 0x1e5f1, 0x1e950, 0x1fbf0,
];

/// Whether a character is in a category; `flags` say whether beyond ASCII.
pub fn is_in(category: Category, c: u32, flags: u32) -> bool {
    let ascii = flags & (ASCII | LOCALE) != 0;
    let char = char::from_u32(c).filter(|c| !ascii || c.is_ascii());
    match (category, char) {
        (_, None) => false,
        (Category::Digit, Some(_)) => c < 128 && (0x30..0x3a).contains(&c) || c >= 128 && is_digit(c),
        (Category::Space, Some(char)) => is_space(char),
        (Category::Word, Some(char)) => char.is_alphanumeric() || char == '_',
    }
}

fn is_digit(c: u32) -> bool {
    let at = ZEROS.partition_point(|zero| *zero <= c);
    at.checked_sub(1).and_then(|at| ZEROS.get(at)).is_some_and(|zero| c - zero < 10)
}

/// `str.isspace`
fn is_space(c: char) -> bool {
    c.is_whitespace() || ('\x1c'..='\x1f').contains(&c)
}

/// A character in lower case, if that is one character.
pub fn lower(c: u32, flags: u32) -> u32 {
    convert(c, flags, |c| one(c.to_lowercase()))
}

fn upper(c: u32, flags: u32) -> u32 {
    convert(c, flags, |c| one(c.to_uppercase()))
}

fn convert(c: u32, flags: u32, with: impl Fn(char) -> Option<char>) -> u32 {
    match char::from_u32(c) {
        Some(char) if char.is_ascii() || flags & (ASCII | LOCALE) == 0 => with(char).map_or(c, |c| c as u32),
        _ => c,
    }
}

fn one(mut chars: impl Iterator<Item = char>) -> Option<char> {
    let first = chars.next();
    if chars.next().is_some() { None } else { first }
}

/// Whether two characters are the same but for case.
pub fn same_but_for_case(a: u32, b: u32, flags: u32) -> bool {
    a == b || lower(a, flags) == lower(b, flags) || (a >= 128 || b >= 128) && upper(a, flags) == upper(b, flags)
}

impl Set {
    /// Whether a character is in it.
    pub fn contains(&self, c: u32) -> bool {
        let found = self.has(c)
            || self.flags & IGNORECASE != 0 && {
                let (low, up) = (lower(c, self.flags), upper(c, self.flags));
                low != c && self.has(low) || up != c && self.has(up) || c >= 128 && self.has(lower(up, self.flags))
            };
        found != self.negated
    }

    fn has(&self, c: u32) -> bool {
        self.members.iter().any(|member| match member {
            Member::Range(from, to) => (*from..=*to).contains(&c),
            Member::Category(category, negated) => is_in(*category, c, self.flags) != *negated,
        })
    }
}
