//! Escapes, references and sets: what stands for characters without being them.

use super::*;

impl Parser<'_> {
    pub(super) fn escape(&mut self, start: usize) -> R<Node> {
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
    pub(super) fn escaped(&mut self, c: char, start: usize) -> R<u32> {
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

    pub(super) fn hex(&mut self, count: usize, start: usize) -> R<u32> {
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

    pub(super) fn octal(&mut self, most: usize, so_far: u32) -> u32 {
        let mut value = so_far;
        for _ in 0..most {
            let Some(digit) = self.peek().and_then(|c| c.to_digit(8)) else { break };
            value = value * 8 + digit;
            self.at += 1;
        }
        value
    }

    /// `\1`, or an octal number of three digits.
    pub(super) fn reference(&mut self, start: usize) -> R<Node> {
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

    pub(super) fn check_reference(&self, group: usize, start: usize) -> R<()> {
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

    pub(super) fn set(&mut self, start: usize) -> R<Node> {
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

    pub(super) fn member(&mut self, start: usize) -> R<Member> {
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
}
