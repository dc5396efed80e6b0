//! Executes a program on a text.
//!
//! A stack holds what to try next when something fails, and what to put back before that: captures and counters are
//! written in place and their old values noted on the stack. Lookarounds and atomic groups run as programs of their own.

use super::chars::{Category, is_in, same_but_for_case};
use super::parse::At;
use super::program::{Op, Program};

/// Where a match may begin and end.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Mode {
    /// At the beginning.
    Match,
    /// From the beginning to the end.
    Full,
    /// Anywhere.
    Search,
}

/// It would take too long.
#[derive(Clone, Copy, Debug)]
pub struct Stopped;

/// What was found: the beginning and end of the whole and of each group, and which group was closed last.
#[derive(Clone, Debug)]
pub struct Found {
    pub spans: Vec<Option<(usize, usize)>>,
    pub last: usize,
}

/// How many things may wait to be tried.
const HIGHEST: usize = 1 << 20;

enum Saved {
    Try(usize, usize),
    /// Fewer characters of a run: where to go on, from here down to there.
    Fewer(usize, usize, usize),
    Slot(usize, usize),
    Last(usize),
    Counter(usize, u32, usize),
}

const NONE: usize = usize::MAX;

struct Machine<'p> {
    program: &'p Program,
    text: &'p [u32],
    start: usize,
    end: usize,
    full: bool,
    /// Where the match that is tried began, and where an empty one will not do.
    from: usize,
    not_empty_at: Option<usize>,
    slots: Vec<usize>,
    last: usize,
    /// How often a loop has run, and where its last round began.
    counters: Vec<(u32, usize)>,
    stack: Vec<Saved>,
    steps: u64,
}

impl Program {
    /// Match a text between `start` and `end`, in at most so many steps; also how many it took. `not_empty`: the match is
    /// not to be an empty one at `start`.
    pub fn run(
        &self,
        text: &[u32],
        (start, end): (usize, usize),
        mode: Mode,
        not_empty: bool,
        steps: u64,
    ) -> (Result<Option<Found>, Stopped>, u64) {
        let mut machine = Machine {
            program: self,
            text,
            start: 0,
            end,
            full: mode == Mode::Full,
            from: start,
            not_empty_at: not_empty.then_some(start),
            slots: vec![NONE; 2 * (self.groups + 1)],
            last: 0,
            counters: vec![(0, NONE); self.counters],
            stack: Vec::new(),
            steps,
        };
        let lasts = if mode == Mode::Search { end } else { start };
        let mut result = Ok(None);
        for from in start..=lasts {
            machine.slots.fill(NONE);
            (machine.last, machine.from) = (0, from);
            machine.stack.clear();
            match machine.execute(0, from, true) {
                Ok(Some(to)) => {
                    (machine.slots[0], machine.slots[1]) = (from, to);
                    let spans =
                        machine.slots.chunks_exact(2).map(|pair| (pair[1] != NONE).then_some((pair[0], pair[1])));
                    result = Ok(Some(Found { spans: spans.collect(), last: machine.last }));
                    break;
                }
                Ok(None) => {}
                Err(stopped) => {
                    result = Err(stopped);
                    break;
                }
            }
        }
        (result, steps - machine.steps)
    }
}

impl Machine<'_> {
    fn step(&mut self, count: u64) -> Result<(), Stopped> {
        self.steps = self.steps.checked_sub(count).ok_or(Stopped)?;
        if self.stack.len() > HIGHEST { Err(Stopped) } else { Ok(()) }
    }

    /// Run from an instruction at a place in the text; where it ends if it matches.
    fn execute(&mut self, pc: usize, at: usize, outermost: bool) -> Result<Option<usize>, Stopped> {
        let base = self.stack.len();
        let (mut pc, mut at) = (pc, at);
        let program = self.program;
        loop {
            self.step(1)?;
            let Some(op) = program.ops.get(pc) else { return Ok(None) };
            let matched = match op {
                Op::Match => {
                    let refused = self.full && at != self.end || self.not_empty_at == Some(at) && self.from == at;
                    if !outermost || !refused {
                        return Ok(Some(at));
                    }
                    false
                }
                Op::Jump(to) => {
                    pc = *to;
                    continue;
                }
                Op::Try(other) => {
                    self.stack.push(Saved::Try(*other, at));
                    true
                }
                Op::Open(group) => {
                    self.set_slot(2 * group, at);
                    true
                }
                Op::Close(group) => {
                    self.close(*group, at);
                    true
                }
                Op::Begin(counter) => {
                    self.set_counter(*counter, 0, NONE);
                    true
                }
                Op::Next { counter, least, most, lazy, exit } => {
                    let (count, began) = self.counters[*counter];
                    let more = count < *least || count < *most && began != at;
                    if count < *least {
                        true
                    } else if *lazy {
                        if more {
                            self.stack.push(Saved::Try(pc + 1, at));
                        }
                        pc = *exit;
                        continue;
                    } else if more {
                        self.stack.push(Saved::Try(*exit, at));
                        true
                    } else {
                        pc = *exit;
                        continue;
                    }
                }
                Op::Body(counter) => {
                    let count = self.counters[*counter].0;
                    self.set_counter(*counter, count.saturating_add(1), at);
                    true
                }
                Op::Run(one, least, most) => {
                    let mut to = at;
                    while to < self.end && to - at < *most as usize && self.one(one, to) {
                        to += 1;
                    }
                    self.step((to - at) as u64)?;
                    let lowest = at + *least as usize;
                    if to < lowest {
                        false
                    } else {
                        if to > lowest {
                            self.stack.push(Saved::Fewer(pc + 1, lowest, to - 1));
                        }
                        at = to;
                        true
                    }
                }
                Op::At(place) => self.is_at(*place, at),
                Op::Reference(group, flags) => match self.reference(*group, *flags, at)? {
                    Some(to) => {
                        at = to;
                        true
                    }
                    None => false,
                },
                Op::Look { end, behind, negated } => {
                    let matched = self.look(pc + 1, at, *behind, *negated)?;
                    if matched {
                        pc = *end;
                        continue;
                    }
                    false
                }
                Op::Atomic { end } => {
                    let kept = self.stack.len();
                    match self.execute(pc + 1, at, false)? {
                        Some(to) => {
                            self.keep_undo(kept);
                            at = to;
                            pc = *end;
                            continue;
                        }
                        None => false,
                    }
                }
                Op::Condition(group, other) => {
                    if self.slots[2 * group + 1] == NONE {
                        pc = *other;
                        continue;
                    }
                    true
                }
                one => {
                    let matched = at < self.end && self.one(one, at);
                    at += usize::from(matched);
                    matched
                }
            };
            if matched {
                pc += 1;
            } else {
                match self.back(base) {
                    Some((to, place)) => (pc, at) = (to, place),
                    None => return Ok(None),
                }
            }
        }
    }

    /// Go back to what is to be tried next.
    fn back(&mut self, base: usize) -> Option<(usize, usize)> {
        while self.stack.len() > base {
            match self.stack.pop()? {
                Saved::Try(pc, at) => return Some((pc, at)),
                Saved::Fewer(pc, lowest, at) => {
                    if at > lowest {
                        self.stack.push(Saved::Fewer(pc, lowest, at - 1));
                    }
                    return Some((pc, at));
                }
                other => self.undo(other),
            }
        }
        None
    }

    fn undo(&mut self, saved: Saved) {
        match saved {
            Saved::Slot(slot, value) => self.slots[slot] = value,
            Saved::Last(last) => self.last = last,
            Saved::Counter(counter, count, began) => self.counters[counter] = (count, began),
            Saved::Try(..) | Saved::Fewer(..) => {}
        }
    }

    /// Forget what could be tried, but not what has to be put back.
    fn keep_undo(&mut self, base: usize) {
        let undo: Vec<Saved> =
            self.stack.drain(base..).filter(|s| !matches!(s, Saved::Try(..) | Saved::Fewer(..))).collect();
        self.stack.extend(undo);
    }

    fn set_slot(&mut self, slot: usize, at: usize) {
        self.stack.push(Saved::Slot(slot, self.slots[slot]));
        self.slots[slot] = at;
    }

    fn close(&mut self, group: usize, at: usize) {
        self.set_slot(2 * group + 1, at);
        self.stack.push(Saved::Last(self.last));
        self.last = group;
    }

    fn set_counter(&mut self, counter: usize, count: u32, began: usize) {
        let (old, old_began) = self.counters[counter];
        self.stack.push(Saved::Counter(counter, old, old_began));
        self.counters[counter] = (count, began);
    }

    fn one(&self, op: &Op, at: usize) -> bool {
        let c = self.text[at];
        match op {
            Op::Char(other) => c == *other,
            Op::CharNoCase(other, flags) => same_but_for_case(c, *other, *flags),
            Op::Any(all) => *all || c != '\n' as u32,
            Op::Set(set) => set.contains(c),
            _ => false,
        }
    }

    fn is_at(&self, place: At, at: usize) -> bool {
        let newline = |at: usize| self.text.get(at).is_some_and(|c| *c == '\n' as u32);
        match place {
            At::Start => at == self.start,
            At::LineStart => at == self.start || newline(at - 1),
            At::End => at == self.end,
            At::LastLine => at == self.end || at + 1 == self.end && newline(at),
            At::LineEnd => at == self.end || newline(at),
            At::Boundary(flags) => self.is_boundary(at, flags),
            At::NotBoundary(flags) => !self.is_boundary(at, flags),
        }
    }

    fn is_boundary(&self, at: usize, flags: u32) -> bool {
        let is_word = |at: usize| self.text.get(at).is_some_and(|c| is_in(Category::Word, *c, flags));
        let before = at > self.start && is_word(at - 1);
        let after = at < self.end && is_word(at);
        before != after
    }

    fn reference(&mut self, group: usize, flags: u32, at: usize) -> Result<Option<usize>, Stopped> {
        let (from, to) = (self.slots[2 * group], self.slots[2 * group + 1]);
        if from == NONE || to == NONE || to < from || at + (to - from) > self.end {
            return Ok(None);
        }
        self.step((to - from) as u64)?;
        let nocase = flags & super::IGNORECASE != 0;
        let same = (0..to - from).all(|i| {
            let (a, b) = (self.text[from + i], self.text[at + i]);
            if nocase { same_but_for_case(a, b, flags) } else { a == b }
        });
        Ok(same.then_some(at + (to - from)))
    }

    fn look(&mut self, pc: usize, at: usize, behind: Option<usize>, negated: bool) -> Result<bool, Stopped> {
        let from = match behind {
            Some(width) if at < self.start + width => return Ok(negated),
            Some(width) => at - width,
            None => at,
        };
        let kept = self.stack.len();
        let found = self.execute(pc, from, false)?.is_some();
        if found && !negated {
            self.keep_undo(kept);
        } else {
            while self.stack.len() > kept {
                if let Some(saved) = self.stack.pop() {
                    self.undo(saved);
                }
            }
        }
        Ok(found != negated)
    }
}
