//! Which imports can wait in mode *safe*, and what has to be executed in their place.
//!
//! A module *blocks* if executing it later could be noticed: it has effects, or nothing is known of it. What an import would execute is its module, the packages
//! around that, and all that these import and that is not loaded. The import of a module that blocks is made at once. Any other can wait,
//! and the modules that block among what it would execute are executed where its statement stands, in the order in which they would have been
//! ([`Planner::effects`]): whoever looks on sees the same happen at the same time, and the modules around them wait.
//!
//! Some modules do what matters only to what is executed after them ([`verdicts::SOFT`]). They wait if nothing beneath them blocks; else they block, too, so that
//! they come before it. (They change nothing for modules of the standard library, which do not count here.) And who imports a module that has effects and
//! then raises is executed itself: it has a `try` statement around that.
//!
//! A verdict rests on the sources of all that a module imports, loaded or not: where one of them is another by now, nothing that imports it waits.
//!
//! The graph of modules is made as it is asked for. Its nodes keep what was found: that all beneath a module is harmless stays true as more is
//! loaded; that something beneath it blocks is true for as long as that is not loaded. Nothing here runs Python code: what only the interpreter knows comes
//! out as a [`Need`], and the question is asked again when it is met.

use crate::places::{Place, Places, UnknownTop};
use crate::verdicts::{self, Table, Verdict};
use rustc_hash::{FxHashMap, FxHashSet};
use std::collections::BTreeSet;
use std::time::UNIX_EPOCH;

/// What is loaded, and names as whoever knows that wants them.
pub trait Loaded {
    /// A module's name.
    type Name;
    /// Make a name.
    fn name(&self, text: &str) -> Self::Name;
    /// Whether a module of that name is loaded.
    fn contains(&self, name: &Self::Name) -> bool;
}

/// What has to be found out before a question can be answered.
#[derive(Debug, PartialEq, Eq)]
pub enum Need {
    /// Where a top-level module is: see [`Places::learn_top`].
    Top(String),
    /// The hash of a source whose time or size is another: see [`Planner::learn_digest`].
    Digest(String),
}

impl From<UnknownTop> for Need {
    fn from(unknown: UnknownTop) -> Need {
        Need::Top(unknown.0)
    }
}

/// The answer for an import.
#[derive(Debug, PartialEq, Eq)]
pub enum Plan {
    /// It waits; `effects`: something may have to be executed in its place.
    Waits { effects: bool },
    /// It does not, and why.
    Now(String),
    /// Somebody has to be analysed first: see [`Planner::take_wanted`].
    Missing,
}

/// How deep modules may import each other before we give up on them.
const DEEP: usize = 2_000;

/// What is known of a module.
#[derive(Debug)]
enum Facts {
    /// It was not analysed.
    Missing,
    /// It was analysed, and is another by now.
    Changed,
    /// It blocks, and is part of the standard library.
    Eager(String),
    /// What it imports; it blocks if there is a reason.
    Known { reason: String, traits: u8, list: Box<[usize]> },
}

/// What was found beneath a module.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
enum Beneath {
    /// Nothing that blocks.
    Nothing,
    /// Only modules of the standard library that block.
    Eager,
    /// A module that blocks.
    Blocks,
    /// A module that blocks, and whose import raises: whoever imports it takes care of that.
    Raises,
}

#[derive(Debug)]
struct Node<Name> {
    text: String,
    name: Name,
    facts: Option<Facts>,
    /// It and all that it imports are as they were analysed.
    current: bool,
    /// Nothing that executing it would execute blocks.
    harmless: bool,
    /// A module beneath it that blocks, and of what kind all those are.
    blocked_by: Option<(usize, Beneath)>,
}

/// The graph with the verdicts it is made of.
#[derive(Debug)]
pub struct Planner<Name> {
    /// The verdicts.
    pub table: Table,
    /// Where modules are.
    pub places: Places,
    stdlib: FxHashSet<String>,
    eager: FxHashSet<String>,
    nodes: Vec<Node<Name>>,
    numbers: FxHashMap<String, usize>,
    wanted: BTreeSet<String>,
    /// By path, whether the source is the one that was analysed.
    fresh: FxHashMap<String, bool>,
    /// A verdict got another time: the file should be written.
    pub touched: bool,
}

/// A walk over what an import would execute.
struct Walk<'l, L: Loaded> {
    loaded: &'l L,
    /// Only whether something blocks is asked.
    brief: bool,
    /// Visited modules. Those that are not finished, or in a circle with one that is not, with how deep the outermost one is.
    seen: FxHashMap<usize, Option<usize>>,
    /// Those that have such a depth, outermost first.
    open: Vec<usize>,
    blocking: Vec<usize>,
    /// Soft modules in a circle of imports that was not walked to its end when they were.
    doubtful: Vec<usize>,
    missing: bool,
}

impl<'l, L: Loaded> Walk<'l, L> {
    fn new(loaded: &'l L, brief: bool) -> Walk<'l, L> {
        Walk {
            loaded,
            brief,
            seen: FxHashMap::default(),
            open: Vec::new(),
            blocking: Vec::new(),
            doubtful: Vec::new(),
            missing: false,
        }
    }

    /// All that blocks; `beneath` is what was found.
    fn finish(mut self, beneath: Beneath) -> Vec<usize> {
        if beneath < Beneath::Blocks {
            return self.blocking;
        }
        self.doubtful.retain(|at| !self.blocking.contains(at));
        self.doubtful.append(&mut self.blocking);
        self.doubtful
    }
}

impl<Name> Planner<Name> {
    /// A planner without verdicts. Of the modules of the standard library `eager`, and what is in them, block, the others do not.
    #[must_use]
    pub fn new(stdlib: FxHashSet<String>, eager: FxHashSet<String>, stubs: Vec<String>) -> Planner<Name> {
        Planner {
            table: Table::default(),
            places: Places::new(stubs),
            stdlib,
            eager,
            nodes: Vec::new(),
            numbers: FxHashMap::default(),
            wanted: BTreeSet::new(),
            fresh: FxHashMap::default(),
            touched: false,
        }
    }

    /// Sources that should be analysed, since the last time somebody asked.
    pub fn take_wanted(&mut self) -> Vec<String> {
        std::mem::take(&mut self.wanted).into_iter().collect()
    }

    /// Forget what was made of the verdicts: there are new ones.
    pub fn forget(&mut self) {
        for node in &mut self.nodes {
            (node.facts, node.current, node.harmless, node.blocked_by) = (None, false, false, None);
        }
        self.fresh.clear();
        self.places.forget();
    }

    /// Whether the import of `module` (of `names` from it) can wait.
    ///
    /// # Errors
    /// Something must be found out first.
    pub fn plan<L: Loaded<Name = Name>>(&mut self, module: &str, names: &[&str], loaded: &L) -> Result<Plan, Need> {
        let own = self.number(module, loaded);
        let inside = self.submodules(module, names)?;
        for name in std::iter::once(module).chain(inside.iter().map(String::as_str)) {
            let at = self.number(name, loaded);
            if loaded.contains(&self.nodes[at].name) {
                continue;
            }
            self.ask(at, loaded)?;
            match &self.nodes[at].facts {
                Some(Facts::Known { reason, traits, .. }) if reason.is_empty() && traits & verdicts::RAISES != 0 => {
                    return Ok(Plan::Now(format!("{name}: importing it raises")));
                }
                // A submodule that blocks is executed in place of the statement, and bound.
                Some(Facts::Known { reason, .. } | Facts::Eager(reason)) if at == own && !reason.is_empty() => {
                    return Ok(Plan::Now(reason.clone()));
                }
                _ => {}
            }
        }
        match self.rests_on(own, loaded)? {
            Some(at) if matches!(self.nodes[at].facts, Some(Facts::Changed)) => {
                return Ok(Plan::Now(format!("{}: changed since it was analysed", self.nodes[at].text)));
            }
            Some(_) => return Ok(Plan::Missing),
            None => {}
        }
        let (mut walk, mut beneath) = (Walk::new(loaded, true), Beneath::Nothing);
        for root in prefixes(module).chain(inside.iter().map(String::as_str)) {
            let at = self.number(root, loaded);
            beneath = beneath.max(self.visit(at, &mut walk, 0)?.0);
        }
        if walk.missing {
            return Ok(Plan::Missing);
        }
        if walk.blocking.is_empty() {
            walk.seen.into_keys().for_each(|at| self.nodes[at].harmless = true);
            return Ok(Plan::Waits { effects: false });
        }
        if walk.finish(beneath).contains(&own) {
            return Ok(Plan::Now(format!("{module}: it belongs together with the effects of what it imports")));
        }
        Ok(Plan::Waits { effects: true })
    }

    /// The modules to execute in place of an import that waits, in order.
    ///
    /// # Errors
    /// Something must be found out first.
    pub fn effects<L: Loaded<Name = Name>>(
        &mut self,
        module: &str,
        names: &[&str],
        loaded: &L,
    ) -> Result<Vec<String>, Need> {
        let inside = self.submodules(module, names)?;
        let (mut walk, mut beneath) = (Walk::new(loaded, false), Beneath::Nothing);
        for root in prefixes(module).chain(inside.iter().map(String::as_str)) {
            let at = self.number(root, loaded);
            beneath = beneath.max(self.visit(at, &mut walk, 0)?.0);
        }
        Ok(walk.finish(beneath).into_iter().map(|at| self.nodes[at].text.clone()).collect())
    }

    /// The modules that a module which looks at all of `sys.modules` imports; None if it does not look.
    ///
    /// # Errors
    /// Something must be found out first.
    pub fn looks<L: Loaded<Name = Name>>(&mut self, module: &str, loaded: &L) -> Result<Option<Vec<String>>, Need> {
        let at = self.number(module, loaded);
        self.ask(at, loaded)?;
        Ok(match &self.nodes[at].facts {
            Some(Facts::Known { traits, list, .. }) if traits & verdicts::LOOKS != 0 => {
                Some(list.iter().map(|other| self.nodes[*other].text.clone()).collect())
            }
            _ => None,
        })
    }

    /// The hash of a source.
    pub fn learn_digest(&mut self, path: &str, digest: &[u8]) {
        let same = self.table.get(path).is_some_and(|verdict| !digest.is_empty() && verdict.digest == digest);
        if same && let (Some(verdict), Some((time, size))) = (self.table.get_mut(path), stamp(path)) {
            (verdict.time, verdict.size) = (time, size);
            self.touched = true;
        }
        self.fresh.insert(path.to_owned(), same);
    }

    // --- the graph --------------------------------------------------------------------------------------------------

    fn number<L: Loaded<Name = Name>>(&mut self, text: &str, loaded: &L) -> usize {
        if let Some(number) = self.numbers.get(text) {
            return *number;
        }
        let number = self.nodes.len();
        let node = Node {
            text: text.to_owned(),
            name: loaded.name(text),
            facts: None,
            current: false,
            harmless: false,
            blocked_by: None,
        };
        self.nodes.push(node);
        self.numbers.insert(text.to_owned(), number);
        number
    }

    /// Those of the names after `from module import` that may be submodules.
    fn submodules(&mut self, module: &str, names: &[&str]) -> Result<Vec<String>, Need> {
        let mut inside = Vec::new();
        for name in names {
            if self.places.is_inside(module, name)? {
                inside.push(format!("{module}.{name}"));
            }
        }
        Ok(inside)
    }

    /// Whether executing a module executes nothing that could be noticed.
    fn is_done<L: Loaded<Name = Name>>(&self, at: usize, loaded: &L) -> bool {
        let node = &self.nodes[at];
        node.harmless || loaded.contains(&node.name)
    }

    /// A module that was not analysed, or changed since then, among all on which the verdict of this one rests.
    fn rests_on<L: Loaded<Name = Name>>(&mut self, at: usize, loaded: &L) -> Result<Option<usize>, Need> {
        if self.nodes[at].current {
            return Ok(None);
        }
        let mut seen: FxHashSet<usize> = [at].into_iter().collect();
        let mut work = vec![at];
        while let Some(at) = work.pop() {
            self.ask(at, loaded)?;
            match &self.nodes[at].facts {
                Some(Facts::Known { list, .. }) => {
                    work.extend(list.iter().filter(|other| !self.nodes[**other].current && seen.insert(**other)));
                }
                Some(Facts::Missing | Facts::Changed) => return Ok(Some(at)),
                _ => {}
            }
        }
        seen.into_iter().for_each(|at| self.nodes[at].current = true);
        Ok(None)
    }

    /// What of that which executing a module would execute blocks: all of it is added to the walk. And how far out the circles of imports go that it is part of
    /// (Tarjan's lowlink): the depth of the outermost module that is not finished.
    fn visit<L: Loaded<Name = Name>>(
        &mut self,
        at: usize,
        walk: &mut Walk<'_, L>,
        depth: usize,
    ) -> Result<(Beneath, usize), Need> {
        if let Some(open) = walk.seen.get(&at) {
            return Ok((Beneath::Nothing, open.unwrap_or(usize::MAX)));
        }
        if self.is_done(at, walk.loaded) {
            return Ok((Beneath::Nothing, usize::MAX));
        }
        let still = |other: &usize| !walk.loaded.contains(&self.nodes[*other].name);
        if let Some((other, kind)) = self.nodes[at].blocked_by.filter(|(other, _)| still(other))
            && walk.brief
            && !self.is_soft(at)
        {
            walk.blocking.push(other);
            return Ok((kind, usize::MAX));
        }
        self.ask(at, walk.loaded)?;
        let blocks = match &self.nodes[at].facts {
            _ if depth > DEEP => Beneath::Blocks,
            Some(Facts::Known { reason, traits, .. }) if !reason.is_empty() => {
                if traits & verdicts::RAISES != 0 {
                    Beneath::Raises
                } else {
                    Beneath::Blocks
                }
            }
            Some(Facts::Changed) => Beneath::Blocks,
            Some(Facts::Eager(_)) => Beneath::Eager,
            _ => Beneath::Nothing,
        };
        if blocks != Beneath::Nothing {
            walk.blocking.push(at);
            walk.seen.insert(at, None);
            return Ok((blocks, usize::MAX));
        }
        let (soft, count) = match &self.nodes[at].facts {
            Some(Facts::Known { traits, list, .. }) => (traits & verdicts::SOFT != 0, list.len()),
            _ => {
                walk.missing = true;
                (false, 0)
            }
        };
        walk.seen.insert(at, Some(depth));
        let circle = walk.open.len();
        walk.open.push(at);
        let (before, mut beneath, mut outermost) = (walk.blocking.len(), Beneath::Nothing, usize::MAX);
        for index in 0..count {
            let Some(Facts::Known { list, .. }) = &self.nodes[at].facts else { break };
            let (found, open) = self.visit(list[index], walk, depth + 1)?;
            (beneath, outermost) = (beneath.max(found), outermost.min(open));
        }
        let in_circle = outermost < depth;
        if in_circle {
            walk.seen.insert(at, Some(outermost));
        } else {
            for member in walk.open.drain(circle..) {
                walk.seen.insert(member, None);
                self.nodes[member].harmless = beneath == Beneath::Nothing && !walk.missing;
            }
        }
        if beneath != Beneath::Nothing {
            self.nodes[at].blocked_by = walk.blocking.get(before).map(|other| (*other, beneath));
        }
        if beneath == Beneath::Raises || soft && beneath == Beneath::Blocks {
            walk.blocking.truncate(before);
            walk.blocking.push(at);
            beneath = Beneath::Blocks;
            self.nodes[at].blocked_by = Some((at, beneath));
        } else if soft && in_circle {
            // What is not finished may import something that blocks after all.
            walk.doubtful.push(at);
        }
        Ok((beneath, if in_circle { outermost } else { usize::MAX }))
    }

    fn is_soft(&self, at: usize) -> bool {
        matches!(self.nodes[at].facts, Some(Facts::Known { traits, .. }) if traits & verdicts::SOFT != 0)
    }

    // --- facts ------------------------------------------------------------------------------------------------------

    /// Find out what is known of a module.
    fn ask<L: Loaded<Name = Name>>(&mut self, at: usize, loaded: &L) -> Result<(), Need> {
        if self.nodes[at].facts.is_none() {
            let name = self.nodes[at].text.clone();
            let facts = match self.find(&name)? {
                Ok(verdict) => {
                    let list = verdict.imports.iter().map(|other| self.number(other, loaded)).collect();
                    Facts::Known { reason: verdict.reason, traits: verdict.traits, list }
                }
                Err(facts) => facts,
            };
            self.nodes[at].facts = Some(facts);
        }
        Ok(())
    }

    /// The verdict of a module.
    fn find(&mut self, name: &str) -> Result<Result<Verdict, Facts>, Need> {
        let nothing = || Ok(Ok(Verdict::default()));
        let blocks = |reason: String| Ok(Ok(Verdict { reason, ..Verdict::default() }));
        let eager = || Facts::Eager(format!("{name}: a module of the standard library that others notice"));
        let top = name.split('.').next().unwrap_or(name);
        // What the stubs of the analyser are made of.
        if top.starts_with("_ember_") || top.starts_with("__ember__") {
            return nothing();
        }
        if self.stdlib.contains(top) {
            if prefixes(name).any(|part| self.eager.contains(part)) {
                return Ok(Err(eager()));
            }
            return nothing();
        }
        let path = match self.places.of(name)? {
            Place::Folder => return nothing(),
            // The analyser took the stub for it, and says nothing of the module itself.
            _ if self.places.has_stub(name) => return nothing(),
            Place::Source(path) => path,
            Place::Elsewhere => return blocks(format!("{name}: no Python source")),
        };
        if !self.table.contains_key(&path) {
            self.wanted.insert(path);
            return Ok(Err(Facts::Missing));
        }
        if !self.is_fresh(&path)? {
            self.wanted.insert(path);
            return Ok(Err(Facts::Changed));
        }
        let mut verdict = self.table[&path].clone();
        if !verdict.reason.is_empty() {
            verdict.reason = format!("{name}: {}", verdict.reason);
        }
        Ok(Ok(verdict))
    }

    fn is_fresh(&mut self, path: &str) -> Result<bool, Need> {
        if let Some(known) = self.fresh.get(path) {
            return Ok(*known);
        }
        let known = match stamp(path) {
            None => false,
            Some(now) if self.table.get(path).is_some_and(|verdict| (verdict.time, verdict.size) == now) => true,
            Some(_) => return Err(Need::Digest(path.to_owned())),
        };
        self.fresh.insert(path.to_owned(), known);
        Ok(known)
    }
}

/// Time of the last change and length of a file.
fn stamp(path: &str) -> Option<(i64, u64)> {
    let found = std::fs::metadata(path).ok()?;
    let time = match found.modified().ok()?.duration_since(UNIX_EPOCH) {
        Ok(after) => i64::try_from(after.as_nanos()).ok()?,
        Err(before) => -i64::try_from(before.duration().as_nanos()).ok()?,
    };
    Some((time, found.len()))
}

/// `a.b.c` → `a`, `a.b`, `a.b.c`
pub fn prefixes(name: &str) -> impl Iterator<Item = &str> {
    name.match_indices('.').map(|(at, _)| &name[..at]).chain(std::iter::once(name))
}

#[cfg(test)]
mod tests;
