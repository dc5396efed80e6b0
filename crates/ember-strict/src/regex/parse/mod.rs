//! From a pattern's text to a tree.

mod escape;
mod group;

use super::chars::{Category, Member, Set};
use super::{ASCII, DOTALL, IGNORECASE, LOCALE, MULTILINE, UNICODE, VERBOSE};

/// How deep groups may nest.
const DEPTH: usize = 200;
/// The most that a repetition can count to (`MAXREPEAT`); as an upper bound it means: without end.
pub const FOREVER: u32 = u32::MAX;

/// Why a pattern cannot be used.
#[derive(Clone, Debug)]
pub enum Error {
    /// It is wrong: what CPython says, and at which character.
    Wrong(String, usize),
    /// It needs something that is not done here.
    Unsupported,
}

type R<Out> = Result<Out, Error>;

/// A place that matches nothing but a condition.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum At {
    Start,
    LineStart,
    End,
    /// The end, or before a newline at the end.
    LastLine,
    LineEnd,
    Boundary(u32),
    NotBoundary(u32),
}

/// How often to try first.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Greed {
    Most,
    Least,
    /// As often as possible, without ever giving back.
    Possessive,
}

/// A part of a pattern.
#[derive(Clone, Debug)]
pub enum Node {
    Char(u32, u32),
    Any(bool),
    Set(Box<Set>),
    At(At),
    Concat(Vec<Node>),
    Alternatives(Vec<Node>),
    Group(usize, Box<Node>),
    Repeat(Box<Node>, u32, u32, Greed),
    Reference(usize, u32),
    /// Ahead or behind (and how far), negated or not.
    Look(Box<Node>, Option<usize>, bool),
    Atomic(Box<Node>),
    Condition(usize, Box<Node>, Box<Node>),
}

/// A whole pattern.
pub struct Parsed {
    pub node: Node,
    pub groups: usize,
    pub names: Vec<(String, usize)>,
    pub flags: u32,
}

struct Parser<'p> {
    text: &'p [u32],
    at: usize,
    flags: u32,
    bytes: bool,
    /// The width of each group, nothing while it is open; number 0 is the whole.
    widths: Vec<Option<(usize, usize)>>,
    names: Vec<(String, usize)>,
    depth: usize,
    /// `(?(9)…)`: groups that must be there in the end, and where they are named.
    wanted: Vec<(usize, usize)>,
    /// How many groups there were when the outermost lookbehind began.
    behind: Option<usize>,
}

/// Parse a pattern.
pub fn parse(text: &[u32], flags: u32, bytes: bool) -> R<Parsed> {
    let mut flags = flags;
    loop {
        let mut parser = Parser {
            text,
            at: 0,
            flags,
            bytes,
            widths: vec![None],
            names: Vec::new(),
            depth: 0,
            wanted: Vec::new(),
            behind: None,
        };
        let before = flags;
        let node = match parser.alternatives(true) {
            // The pattern says that it is verbose: read it again as one.
            _ if parser.flags & VERBOSE != 0 && before & VERBOSE == 0 => {
                flags |= VERBOSE;
                continue;
            }
            other => other?,
        };
        if parser.at < text.len() {
            return Err(Error::Wrong("unbalanced parenthesis".into(), parser.at));
        }
        if let Some((group, at)) = parser.wanted.iter().find(|(group, _)| *group >= parser.widths.len()) {
            return Err(Error::Wrong(format!("invalid group reference {group}"), *at));
        }
        let mut flags = parser.flags;
        if bytes {
            if flags & UNICODE != 0 {
                return Err(Error::Unsupported);
            }
        } else if flags & LOCALE != 0 || flags & ASCII != 0 && flags & UNICODE != 0 {
            return Err(Error::Unsupported);
        } else if flags & ASCII == 0 {
            flags |= UNICODE;
        }
        return Ok(Parsed { node, groups: parser.widths.len() - 1, names: parser.names, flags });
    }
}

impl Parser<'_> {
    fn peek(&self) -> Option<char> {
        self.text.get(self.at).map(|c| char::from_u32(*c).unwrap_or('\u{fffd}'))
    }

    fn eat(&mut self, c: char) -> bool {
        let found = self.peek() == Some(c);
        self.at += usize::from(found);
        found
    }

    fn wrong<Out>(&self, message: impl Into<String>, at: usize) -> R<Out> {
        Err(Error::Wrong(message.into(), at))
    }

    /// Flags for characters: those of `bytes` are ASCII ones.
    fn of_chars(&self) -> u32 {
        if self.bytes && self.flags & LOCALE == 0 { self.flags | ASCII } else { self.flags }
    }

    fn alternatives(&mut self, outermost: bool) -> R<Node> {
        self.depth += 1;
        if self.depth > DEPTH {
            return Err(Error::Unsupported);
        }
        let mut list = vec![self.sequence(outermost)?];
        while self.eat('|') {
            list.push(self.sequence(false)?);
        }
        self.depth -= 1;
        Ok(if list.len() == 1 { list.remove(0) } else { Node::Alternatives(list) })
    }

    fn sequence(&mut self, outermost: bool) -> R<Node> {
        let mut list = Vec::new();
        loop {
            if self.flags & VERBOSE != 0 && self.skip_space() {
                continue;
            }
            let start = self.at;
            let Some(c) = self.peek() else { break };
            match c {
                '|' | ')' => break,
                '*' | '+' | '?' => self.repeat(&mut list, start)?,
                '{' if self.is_repeat() => self.repeat(&mut list, start)?,
                _ => {
                    if let Some(node) = self.item(outermost && list.is_empty(), start)? {
                        list.push(node);
                    }
                }
            }
        }
        Ok(if list.len() == 1 { list.remove(0) } else { Node::Concat(list) })
    }

    /// In verbose patterns: pass over one blank or comment; whether there was one.
    fn skip_space(&mut self) -> bool {
        match self.peek() {
            Some(' ' | '\t' | '\n' | '\r' | '\x0b' | '\x0c') => {
                self.at += 1;
                true
            }
            Some('#') => {
                while let Some(c) = self.peek() {
                    self.at += 1;
                    if c == '\n' {
                        break;
                    }
                }
                true
            }
            _ => false,
        }
    }

    fn item(&mut self, first: bool, start: usize) -> R<Option<Node>> {
        let c = self.text[self.at];
        self.at += 1;
        let flags = self.of_chars();
        Ok(Some(match char::from_u32(c) {
            Some('.') => Node::Any(self.flags & DOTALL != 0),
            Some('^') => Node::At(if self.flags & MULTILINE != 0 { At::LineStart } else { At::Start }),
            Some('$') => Node::At(if self.flags & MULTILINE != 0 { At::LineEnd } else { At::LastLine }),
            Some('[') => self.set(start)?,
            Some('(') => return self.group(first, start),
            Some('\\') => self.escape(start)?,
            _ => Node::Char(c, flags),
        }))
    }

    // --- repetitions ---------------------------------------------------------------------------------------------

    fn number(&mut self) -> Option<usize> {
        let start = self.at;
        while matches!(self.peek(), Some('0'..='9')) {
            self.at += 1;
        }
        let digits: String = self.text[start..self.at].iter().filter_map(|c| char::from_u32(*c)).collect();
        if digits.is_empty() { None } else { Some(digits.parse().unwrap_or(usize::MAX)) }
    }

    /// Whether a `{` begins a repetition.
    fn is_repeat(&mut self) -> bool {
        let start = self.at;
        self.at += 1;
        let low = self.number().is_some();
        let comma = self.eat(',');
        let _ = self.number();
        let closed = self.eat('}');
        self.at = start;
        closed && (low || comma)
    }

    fn repeat(&mut self, list: &mut Vec<Node>, start: usize) -> R<()> {
        let c = self.peek();
        self.at += 1;
        let (low, high) = match c {
            Some('*') => (0, FOREVER),
            Some('+') => (1, FOREVER),
            Some('?') => (0, 1),
            _ => self.bounds(start)?,
        };
        let item = list.pop();
        let Some(item) = item.filter(|item| !matches!(item, Node::At(_))) else {
            return self.wrong("nothing to repeat", start);
        };
        if matches!(item, Node::Repeat(..)) {
            return self.wrong("multiple repeat", start);
        }
        let greed = if self.eat('?') {
            Greed::Least
        } else if self.eat('+') {
            Greed::Possessive
        } else {
            Greed::Most
        };
        list.push(Node::Repeat(Box::new(item), low, high, greed));
        Ok(())
    }

    fn bounds(&mut self, start: usize) -> R<(u32, u32)> {
        let low = self.number();
        let high = if self.eat(',') { self.number() } else { low };
        self.eat('}');
        let fits = |n: usize| u32::try_from(n).ok().filter(|n| *n != FOREVER).ok_or(Error::Unsupported);
        let low = fits(low.unwrap_or(0))?;
        let high = high.map_or(Ok(FOREVER), fits)?;
        if high < low {
            return self.wrong("min repeat greater than max repeat", start);
        }
        Ok((low, high))
    }

    // --- escapes -------------------------------------------------------------------------------------------------
}
