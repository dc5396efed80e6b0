//! What is kept of a group of modules that was executed: its heaps, its modules, and what it did to others.
//!
//! A group is finished as a whole and never changes afterwards. Invariant: nothing in it depends on when it was executed or
//! beside which others, because an interpreter sees of other groups only what [`super::world::World::ask`] lets it see.

use crate::heap::Frozen;
use crate::modules::finder::FoundKind;
use crate::value::{ModId, Ref, Value};
use crate::vm::shadow::Delta;
use rustc_hash::FxHashMap;
use std::path::PathBuf;
use std::sync::Arc;

/// A module whose execution has ended.
#[derive(Clone, Debug)]
pub struct Finished {
    /// Its number.
    pub id: ModId,
    /// The module object.
    pub object: Ref,
    /// The exception that ended it.
    pub failed: Option<Value>,
    /// CPython raises that exception, too.
    pub certain: bool,
    /// Groups that left traces, among its own and those that it imports, in the order in which they did.
    pub traces: Arc<[u32]>,
}

/// What is known of a module whether finished or not.
#[derive(Clone, Debug)]
pub struct Info {
    /// Its dotted name.
    pub name: String,
    /// Where it is.
    pub path: Option<PathBuf>,
    /// What was found.
    pub kind: FoundKind,
    /// The module object.
    pub object: Option<Ref>,
    /// Names may be missing from it, because its analysis was not complete.
    pub incomplete: bool,
    /// What it imported.
    pub imports: Vec<ModId>,
}

/// A group of modules that was executed.
#[derive(Debug, Default)]
pub struct Group {
    /// The heaps of its modules, by place.
    pub heaps: Vec<Frozen>,
    /// Its modules, by place; also those of other groups that it had to execute for itself.
    pub infos: Vec<Info>,
    /// Its modules by name, for others to import.
    pub modules: FxHashMap<String, Finished>,
    /// What it did to the objects of others.
    pub deltas: Vec<Delta>,
    /// What it let be found under other names, sorted by name.
    pub aliases: Vec<(String, Finished)>,
    /// Names in `sys.modules` that it has put something else under, or may have; sorted.
    pub replaced: Vec<String>,
}

impl Group {
    /// Whether those who import it see something changed.
    pub fn leaves_traces(&self) -> bool {
        !(self.deltas.is_empty() && self.aliases.is_empty() && self.replaced.is_empty())
    }
}
