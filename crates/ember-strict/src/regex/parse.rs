//! From a pattern's text to a tree.

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

    fn escape(&mut self, start: usize) -> R<Node> {
        let flags = self.of_chars();
        let Some(c) = self.peek() else { return self.wrong("bad escape (end of pattern)", start) };
        self.at += 1;
        let category = |category, negated| {
            Node::Set(Box::new(Set { negated: false, members: vec![Member::Category(category, negated)], flags }))
        };
        Ok(match c {
            'A' => Node::At(At::Start),
            'Z' | 'z' => Node::At(At::End),
            'b' => Node::At(At::Boundary(flags)),
            'B' => Node::At(At::NotBoundary(flags)),
            'd' | 'D' => category(Category::Digit, c == 'D'),
            's' | 'S' => category(Category::Space, c == 'S'),
            'w' | 'W' => category(Category::Word, c == 'W'),
            '1'..='9' => return self.reference(start),
            _ => Node::Char(self.escaped(c, start)?, flags),
        })
    }

    /// A backslash and a character that mean one character.
    fn escaped(&mut self, c: char, start: usize) -> R<u32> {
        Ok(match c {
            'x' => self.hex(2, start)?,
            'u' if !self.bytes => self.hex(4, start)?,
            'U' if !self.bytes => self.hex(8, start)?,
            'N' if !self.bytes => return Err(Error::Unsupported),
            '0' => self.octal(2, 0),
            'a' => 7,
            'f' => 12,
            'n' => 10,
            'r' => 13,
            't' => 9,
            'v' => 11,
            c if c.is_ascii_alphabetic() => return self.wrong(format!("bad escape \\{c}"), start),
            _ => self.text[self.at - 1],
        })
    }

    fn hex(&mut self, count: usize, start: usize) -> R<u32> {
        let mut value = 0u32;
        for _ in 0..count {
            let Some(digit) = self.peek().and_then(|c| c.to_digit(16)) else {
                let text: String = self.text[start..self.at].iter().filter_map(|c| char::from_u32(*c)).collect();
                return self.wrong(format!("incomplete escape {text}"), start);
            };
            value = value << 4 | digit;
            self.at += 1;
        }
        if value > 0x10ffff { Err(Error::Unsupported) } else { Ok(value) }
    }

    fn octal(&mut self, most: usize, so_far: u32) -> u32 {
        let mut value = so_far;
        for _ in 0..most {
            let Some(digit) = self.peek().and_then(|c| c.to_digit(8)) else { break };
            value = value * 8 + digit;
            self.at += 1;
        }
        value
    }

    /// `\1`, or an octal number of three digits.
    fn reference(&mut self, start: usize) -> R<Node> {
        let digit = |at: usize| self.text.get(at).and_then(|c| char::from_u32(*c)).and_then(|c| c.to_digit(10));
        let first = digit(self.at - 1).unwrap_or(0);
        let mut group = first as usize;
        if let Some(second) = digit(self.at) {
            if first < 4 && second < 8 && digit(self.at + 1).is_some_and(|third| third < 8) {
                let value = self.octal(2, first);
                if value > 0o377 {
                    return self.wrong("octal escape value outside of range 0-0o377", start);
                }
                return Ok(Node::Char(value, self.of_chars()));
            }
            group = group * 10 + second as usize;
            self.at += 1;
        }
        self.check_reference(group, start)?;
        Ok(Node::Reference(group, self.of_chars()))
    }

    fn check_reference(&self, group: usize, start: usize) -> R<()> {
        match self.widths.get(group) {
            None => self.wrong(format!("invalid group reference {group}"), start + 1),
            Some(None) => self.wrong("cannot refer to an open group", start),
            Some(Some(_)) if self.behind.is_some_and(|first| group >= first) => {
                self.wrong("cannot refer to group defined in the same lookbehind subpattern", start)
            }
            Some(Some(_)) => Ok(()),
        }
    }

    // --- sets ----------------------------------------------------------------------------------------------------

    fn set(&mut self, start: usize) -> R<Node> {
        let flags = self.of_chars();
        let negated = self.eat('^');
        let mut members = Vec::new();
        let first = self.at;
        loop {
            let here = self.at;
            let Some(c) = self.peek() else { return self.wrong("unterminated character set", start) };
            if c == ']' && here != first {
                self.at += 1;
                break;
            }
            let low = self.member(here)?;
            if self.peek() != Some('-') {
                members.push(low);
                continue;
            }
            self.at += 1;
            let high_at = self.at;
            match self.peek() {
                None => return self.wrong("unterminated character set", start),
                Some(']') => {
                    members.push(low);
                    members.push(Member::Range('-' as u32, '-' as u32));
                    self.at += 1;
                    break;
                }
                Some(_) => {}
            }
            let high = self.member(high_at)?;
            let text = |from: usize| -> String {
                self.text[from..self.at].iter().filter_map(|c| char::from_u32(*c)).collect()
            };
            match (low, high) {
                (Member::Range(low, _), Member::Range(high, _)) if low <= high => {
                    members.push(Member::Range(low, high))
                }
                _ => return self.wrong(format!("bad character range {}", text(here)), here),
            }
        }
        Ok(Node::Set(Box::new(Set { negated, members, flags })))
    }

    fn member(&mut self, start: usize) -> R<Member> {
        let c = self.text[self.at];
        self.at += 1;
        if c != '\\' as u32 {
            return Ok(Member::Range(c, c));
        }
        let Some(c) = self.peek() else { return self.wrong("bad escape (end of pattern)", start) };
        self.at += 1;
        Ok(match c {
            'd' | 'D' => Member::Category(Category::Digit, c == 'D'),
            's' | 'S' => Member::Category(Category::Space, c == 'S'),
            'w' | 'W' => Member::Category(Category::Word, c == 'W'),
            'b' => Member::Range(8, 8),
            '0'..='7' => {
                let value = self.octal(2, c.to_digit(8).unwrap_or(0));
                if value > 0o377 {
                    return self.wrong("octal escape value outside of range 0-0o377", start);
                }
                Member::Range(value, value)
            }
            '8' | '9' => return self.wrong(format!("bad escape \\{c}"), start),
            _ => {
                let value = self.escaped(c, start)?;
                Member::Range(value, value)
            }
        })
    }

    // --- groups --------------------------------------------------------------------------------------------------

    fn group(&mut self, first: bool, start: usize) -> R<Option<Node>> {
        if !self.eat('?') {
            return self.capture(None, start).map(Some);
        }
        let Some(c) = self.peek() else { return self.wrong("unexpected end of pattern", self.at) };
        self.at += 1;
        match c {
            'P' => self.named(start),
            ':' => self.inside(start).map(Some),
            '#' => loop {
                match self.peek() {
                    None => return self.wrong("missing ), unterminated comment", start),
                    Some(c) => {
                        self.at += 1;
                        if c == ')' {
                            return Ok(None);
                        }
                    }
                }
            },
            '=' | '!' => {
                let node = self.inside(start)?;
                Ok(Some(Node::Look(Box::new(node), None, c == '!')))
            }
            '<' => self.look_behind(start).map(Some),
            '(' => self.condition(start).map(Some),
            '>' => Ok(Some(Node::Atomic(Box::new(self.inside(start)?)))),
            _ => {
                self.at -= 1;
                self.inline_flags(first, start)
            }
        }
    }

    /// What is left of a group up to its end.
    fn inside(&mut self, start: usize) -> R<Node> {
        let flags = self.flags;
        let node = self.alternatives(false)?;
        self.flags = flags;
        if !self.eat(')') {
            return self.wrong("missing ), unterminated subpattern", start);
        }
        Ok(match node {
            // Something may be repeated only once, but a group of it again.
            Node::Repeat(..) | Node::At(_) => Node::Concat(vec![node]),
            other => other,
        })
    }

    fn capture(&mut self, name: Option<String>, start: usize) -> R<Node> {
        let number = self.widths.len();
        self.widths.push(None);
        if let Some(name) = name {
            if let Some((_, old)) = self.names.iter().find(|(other, _)| *other == name) {
                let at = start + 4;
                return self
                    .wrong(format!("redefinition of group name '{name}' as group {number}; was group {old}"), at);
            }
            self.names.push((name, number));
        }
        let node = self.inside(start)?;
        self.widths[number] = Some(self.width(&node));
        Ok(Node::Group(number, Box::new(node)))
    }

    fn name(&mut self, end: char) -> R<String> {
        let start = self.at;
        let mut name = String::new();
        loop {
            match self.peek() {
                None => {
                    let message = if name.is_empty() {
                        "missing group name".to_owned()
                    } else {
                        format!("missing {end}, unterminated name")
                    };
                    return self.wrong(message, start);
                }
                Some(c) => {
                    self.at += 1;
                    if c == end {
                        break;
                    }
                    name.push(c);
                }
            }
        }
        if name.is_empty() {
            return self.wrong("missing group name", start);
        }
        Ok(name)
    }

    fn is_name(&self, name: &str) -> bool {
        let mut chars = name.chars();
        let fits = |c: char| c == '_' || if self.bytes { c.is_ascii_alphanumeric() } else { c.is_alphanumeric() };
        chars.next().is_some_and(|c| fits(c) && !c.is_numeric()) && chars.all(fits)
    }

    fn named(&mut self, start: usize) -> R<Option<Node>> {
        if self.eat('<') {
            let at = self.at;
            let name = self.name('>')?;
            if !self.is_name(&name) {
                return self.wrong(format!("bad character in group name '{name}'"), at);
            }
            return self.capture(Some(name), start).map(Some);
        }
        if self.eat('=') {
            let at = self.at;
            let name = self.name(')')?;
            if !self.is_name(&name) {
                return self.wrong(format!("bad character in group name '{name}'"), at);
            }
            let Some((_, group)) = self.names.iter().find(|(other, _)| *other == name) else {
                return self.wrong(format!("unknown group name '{name}'"), at);
            };
            let group = *group;
            self.check_reference(group, start)?;
            return Ok(Some(Node::Reference(group, self.of_chars())));
        }
        match self.peek() {
            None => self.wrong("unexpected end of pattern", self.at),
            Some(c) => self.wrong(format!("unknown extension ?P{c}"), start + 1),
        }
    }

    fn look_behind(&mut self, start: usize) -> R<Node> {
        let negated = match self.peek() {
            None => return self.wrong("unexpected end of pattern", self.at),
            Some('=') => false,
            Some('!') => true,
            Some(c) => return self.wrong(format!("unknown extension ?<{c}"), start + 1),
        };
        self.at += 1;
        let outer = self.behind;
        self.behind = outer.or(Some(self.widths.len()));
        let node = self.inside(start);
        self.behind = outer;
        let node = node?;
        let (least, most) = self.width(&node);
        if least != most {
            return self.wrong("look-behind requires fixed-width pattern", 0);
        }
        Ok(Node::Look(Box::new(node), Some(least), negated))
    }

    fn condition(&mut self, start: usize) -> R<Node> {
        let at = self.at;
        let name = self.name(')')?;
        let group = match self.names.iter().find(|(other, _)| *other == name) {
            Some((_, group)) => *group,
            None if name.bytes().all(|b| b.is_ascii_digit()) => name.parse().unwrap_or(usize::MAX),
            None if self.is_name(&name) => return self.wrong(format!("unknown group name '{name}'"), at),
            None => return self.wrong(format!("bad character in group name '{name}'"), at),
        };
        if group == 0 {
            return self.wrong("bad group number", at);
        }
        self.wanted.push((group, at));
        let flags = self.flags;
        let yes = self.sequence(false)?;
        let no = if self.eat('|') { self.sequence(false)? } else { Node::Concat(Vec::new()) };
        if self.peek() == Some('|') {
            return self.wrong("conditional backref with more than two branches", self.at);
        }
        self.flags = flags;
        if !self.eat(')') {
            return self.wrong("missing ), unterminated subpattern", start);
        }
        Ok(Node::Condition(group, Box::new(yes), Box::new(no)))
    }

    /// `(?i)` at the beginning, `(?i:…)` anywhere.
    fn inline_flags(&mut self, first: bool, start: usize) -> R<Option<Node>> {
        let (mut add, mut remove, mut minus) = (0, 0, false);
        loop {
            let Some(c) = self.peek() else { return self.wrong("missing -, : or )", self.at) };
            let flag = match c {
                'i' => IGNORECASE,
                'L' => LOCALE,
                'm' => MULTILINE,
                's' => DOTALL,
                'u' => UNICODE,
                'x' => VERBOSE,
                'a' => ASCII,
                '-' if !minus => {
                    minus = true;
                    self.at += 1;
                    continue;
                }
                ':' if (add | remove) != 0 => break,
                ')' if !minus && add != 0 => break,
                _ if minus || add != 0 => return self.wrong("unknown flag", self.at),
                c => return self.wrong(format!("unknown extension ?{c}"), start + 1),
            };
            self.at += 1;
            if minus {
                remove |= flag;
            } else {
                add |= flag;
            }
        }
        let groupwise = self.eat(':');
        if !groupwise {
            self.at += 1;
            if !first {
                return self.wrong("global flags not at the start of the expression", start);
            }
            self.flags |= add;
            return Ok(None);
        }
        let of_type = ASCII | LOCALE | UNICODE;
        if remove & of_type != 0 {
            return self.wrong("bad inline flags: cannot turn off flags 'a', 'u' and 'L'", self.at);
        }
        let before = self.flags;
        if add & of_type != 0 {
            self.flags &= !of_type;
        }
        self.flags = (self.flags | add) & !remove;
        let node = self.inside(start);
        self.flags = before;
        node.map(Some)
    }

    // --- widths --------------------------------------------------------------------------------------------------

    /// The least and most characters that a part matches.
    fn width(&self, node: &Node) -> (usize, usize) {
        match node {
            Node::Char(..) | Node::Any(_) | Node::Set(_) => (1, 1),
            Node::At(_) | Node::Look(..) => (0, 0),
            Node::Concat(list) => list
                .iter()
                .map(|node| self.width(node))
                .fold((0, 0), |a, b| (a.0.saturating_add(b.0), a.1.saturating_add(b.1))),
            Node::Alternatives(list) => {
                let widths = list.iter().map(|node| self.width(node));
                widths.fold((usize::MAX, 0), |a, b| (a.0.min(b.0), a.1.max(b.1)))
            }
            Node::Group(_, inner) | Node::Atomic(inner) => self.width(inner),
            Node::Repeat(inner, low, high, _) => {
                let (least, most) = self.width(inner);
                let high = if *high == FOREVER && most > 0 { usize::MAX } else { *high as usize };
                (least.saturating_mul(*low as usize), most.saturating_mul(high))
            }
            Node::Reference(group, _) => self.widths.get(*group).copied().flatten().unwrap_or((0, usize::MAX)),
            Node::Condition(_, yes, no) => {
                let (a, b) = (self.width(yes), self.width(no));
                (a.0.min(b.0), a.1.max(b.1))
            }
        }
    }
}
