//! From the tree to instructions.

use super::IGNORECASE;
use super::chars::Set;
use super::parse::{At, Error, FOREVER, Greed, Node};

/// More instructions than this are not made.
const LONGEST: usize = 200_000;

/// An instruction; targets are places in the program.
#[derive(Clone, Debug)]
pub enum Op {
    Char(u32),
    CharNoCase(u32, u32),
    Any(bool),
    Set(Box<Set>),
    At(At),
    Jump(usize),
    /// Go on with the next; when that fails, there.
    Try(usize),
    Open(usize),
    Close(usize),
    /// A loop begins: its counter.
    Begin(usize),
    /// Once more, or on at `exit`.
    Next {
        counter: usize,
        least: u32,
        most: u32,
        lazy: bool,
        exit: usize,
    },
    /// The body of a loop begins.
    Body(usize),
    /// One character or set, as often as possible within bounds.
    Run(Box<Op>, u32, u32),
    Reference(usize, u32),
    /// What follows up to `end` ahead, or behind by so much.
    Look {
        end: usize,
        behind: Option<usize>,
        negated: bool,
    },
    /// What follows up to `end`, without going back into it.
    Atomic {
        end: usize,
    },
    /// Go on with the next if the group has matched, else there.
    Condition(usize, usize),
    Match,
}

/// A pattern's instructions.
#[derive(Debug)]
pub struct Program {
    pub(super) ops: Vec<Op>,
    pub(super) groups: usize,
    pub(super) counters: usize,
}

/// The program of a tree.
pub fn build(node: &Node, groups: usize, _flags: u32) -> Result<Program, Error> {
    let mut builder = Builder { ops: Vec::new(), counters: 0 };
    builder.node(node)?;
    builder.ops.push(Op::Match);
    Ok(Program { ops: builder.ops, groups, counters: builder.counters })
}

struct Builder {
    ops: Vec<Op>,
    counters: usize,
}

impl Builder {
    fn push(&mut self, op: Op) -> Result<usize, Error> {
        if self.ops.len() >= LONGEST {
            return Err(Error::Unsupported);
        }
        self.ops.push(op);
        Ok(self.ops.len() - 1)
    }

    /// An instruction that matches one character, if the part is one.
    fn single(node: &Node) -> Option<Op> {
        Some(match node {
            Node::Char(c, flags) if flags & IGNORECASE != 0 => Op::CharNoCase(*c, *flags),
            Node::Char(c, _) => Op::Char(*c),
            Node::Any(all) => Op::Any(*all),
            Node::Set(set) => Op::Set(set.clone()),
            _ => return None,
        })
    }

    fn node(&mut self, node: &Node) -> Result<(), Error> {
        if let Some(op) = Self::single(node) {
            self.push(op)?;
            return Ok(());
        }
        match node {
            Node::At(at) => {
                self.push(Op::At(*at))?;
            }
            Node::Concat(list) => {
                for node in list {
                    self.node(node)?;
                }
            }
            Node::Alternatives(list) => self.alternatives(list)?,
            Node::Group(number, inner) => {
                self.push(Op::Open(*number))?;
                self.node(inner)?;
                self.push(Op::Close(*number))?;
            }
            Node::Repeat(inner, least, most, greed) => self.repeat(inner, *least, *most, *greed)?,
            Node::Reference(group, flags) => {
                self.push(Op::Reference(*group, *flags))?;
            }
            Node::Look(inner, behind, negated) => {
                let at = self.push(Op::Match)?;
                self.node(inner)?;
                let end = self.push(Op::Match)? + 1;
                self.ops[at] = Op::Look { end, behind: *behind, negated: *negated };
            }
            Node::Atomic(inner) => self.atomic(|builder| builder.node(inner))?,
            Node::Condition(group, yes, no) => {
                let at = self.push(Op::Match)?;
                self.node(yes)?;
                let jump = self.push(Op::Match)?;
                let other = self.ops.len();
                self.node(no)?;
                self.ops[at] = Op::Condition(*group, other);
                self.ops[jump] = Op::Jump(self.ops.len());
            }
            Node::Char(..) | Node::Any(_) | Node::Set(_) => {}
        }
        Ok(())
    }

    fn alternatives(&mut self, list: &[Node]) -> Result<(), Error> {
        let mut jumps = Vec::new();
        for (number, node) in list.iter().enumerate() {
            let last = number + 1 == list.len();
            let at = if last { None } else { Some(self.push(Op::Match)?) };
            self.node(node)?;
            if let Some(at) = at {
                jumps.push(self.push(Op::Match)?);
                self.ops[at] = Op::Try(self.ops.len());
            }
        }
        let end = self.ops.len();
        jumps.into_iter().for_each(|jump| self.ops[jump] = Op::Jump(end));
        Ok(())
    }

    fn atomic(&mut self, inner: impl FnOnce(&mut Self) -> Result<(), Error>) -> Result<(), Error> {
        let at = self.push(Op::Match)?;
        inner(self)?;
        let end = self.push(Op::Match)? + 1;
        self.ops[at] = Op::Atomic { end };
        Ok(())
    }

    fn repeat(&mut self, inner: &Node, least: u32, most: u32, greed: Greed) -> Result<(), Error> {
        if greed == Greed::Possessive {
            return self.atomic(|builder| builder.repeat(inner, least, most, Greed::Most));
        }
        if greed == Greed::Most
            && let Some(op) = Self::single(inner)
        {
            self.push(Op::Run(Box::new(op), least, most))?;
            return Ok(());
        }
        if (least, most) == (0, 1) {
            let at = self.push(Op::Match)?;
            if greed == Greed::Most {
                self.node(inner)?;
                self.ops[at] = Op::Try(self.ops.len());
            } else {
                let jump = self.push(Op::Match)?;
                self.node(inner)?;
                self.ops[at] = Op::Try(jump + 1);
                self.ops[jump] = Op::Jump(self.ops.len());
            }
            return Ok(());
        }
        let counter = self.counters;
        self.counters += 1;
        self.push(Op::Begin(counter))?;
        let next = self.push(Op::Match)?;
        self.push(Op::Body(counter))?;
        self.node(inner)?;
        self.push(Op::Jump(next))?;
        let exit = self.ops.len();
        let most = if most == FOREVER { u32::MAX } else { most };
        self.ops[next] = Op::Next { counter, least, most, lazy: greed == Greed::Least, exit };
        Ok(())
    }
}
