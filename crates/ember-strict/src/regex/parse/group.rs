//! What stands in parentheses: groups, names, looks ahead and behind, conditions, flags.

use super::*;

impl Parser<'_> {
    pub(super) fn group(&mut self, first: bool, start: usize) -> R<Option<Node>> {
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
    pub(super) fn inside(&mut self, start: usize) -> R<Node> {
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

    pub(super) fn capture(&mut self, name: Option<String>, start: usize) -> R<Node> {
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

    pub(super) fn name(&mut self, end: char) -> R<String> {
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

    pub(super) fn is_name(&self, name: &str) -> bool {
        let mut chars = name.chars();
        let fits = |c: char| c == '_' || if self.bytes { c.is_ascii_alphanumeric() } else { c.is_alphanumeric() };
        chars.next().is_some_and(|c| fits(c) && !c.is_numeric()) && chars.all(fits)
    }

    pub(super) fn named(&mut self, start: usize) -> R<Option<Node>> {
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

    pub(super) fn look_behind(&mut self, start: usize) -> R<Node> {
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

    pub(super) fn condition(&mut self, start: usize) -> R<Node> {
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
    pub(super) fn inline_flags(&mut self, first: bool, start: usize) -> R<Option<Node>> {
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
    pub(super) fn width(&self, node: &Node) -> (usize, usize) {
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
