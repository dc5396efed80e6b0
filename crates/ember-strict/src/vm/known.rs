//! What an interpreter knows of modules: those of its own group, and of other groups what it may see.
//!
//! Everything that is asked of modules goes through here. Invariant: no answer depends on which groups happen to be finished, only
//! on those that come before this one in the order ([`World::ask`](crate::modules::world::World::ask)) and on what its modules have imported.

use super::{R, Stop, Vm};
use crate::modules::finder::Found;
use crate::modules::group::{Finished, Group, Info};
use crate::modules::world::Known;
use crate::value::{ModId, PLACES, Ref, Value, group_of, module_at, place_of};
use rustc_hash::{FxHashMap, FxHashSet};
use std::sync::Arc;

/// The reason for stopping where another group has to be executed first. Nobody reads it: the group is executed again.
pub(super) const WAITS: &str = "it waits for another module";

impl<'w> Vm<'w> {
    /// What is known of a module.
    pub fn info(&self, id: ModId) -> Option<&Info> {
        if group_of(id) == self.group { self.infos.get(place_of(id)) } else { self.world.info(id) }
    }

    fn own_info(&mut self, id: ModId) -> Option<&mut Info> {
        if group_of(id) == self.group { self.infos.get_mut(place_of(id)) } else { None }
    }

    /// A number for a module that is about to be executed.
    pub(super) fn new_module(&mut self, name: &str, found: &Found) -> R<ModId> {
        let place = self.infos.len();
        if place >= PLACES {
            return Err(Stop::GiveUp("it executes too many modules"));
        }
        self.infos.push(Info {
            name: name.to_owned(),
            path: found.path.clone(),
            kind: found.kind,
            object: None,
            incomplete: false,
            imports: Vec::new(),
        });
        Ok(module_at(self.group, place))
    }

    /// Note a module's object.
    pub(super) fn register(&mut self, id: ModId, object: Ref) {
        if let Some(info) = self.own_info(id) {
            info.object = Some(object);
        }
    }

    /// Names may be missing from this module because its analysis was not complete.
    pub fn set_incomplete(&mut self, id: ModId) {
        if let Some(info) = self.own_info(id) {
            info.incomplete = true;
        }
    }

    /// Whether names may be missing from a module.
    pub fn is_incomplete(&self, id: ModId) -> bool {
        self.info(id).is_some_and(|info| info.incomplete)
    }

    /// A module's object.
    pub fn module_object(&self, id: ModId) -> Option<Value> {
        self.info(id)?.object.map(Value::Obj)
    }

    /// A module's name.
    pub fn module_name(&self, id: ModId) -> String {
        self.info(id).map_or_else(|| "?".into(), |info| info.name.clone())
    }

    /// What a module has imported so far.
    pub(super) fn imports_of(&self, id: ModId) -> &[ModId] {
        match self.imports.get(&id) {
            Some(list) => list,
            None => self.info(id).map_or(&[], |info| &info.imports),
        }
    }

    /// A finished module of another group. If that group has to be executed first, everything this one did is for nothing, and
    /// it ends soon.
    pub(super) fn finished(&mut self, name: &str) -> Option<Finished> {
        if let Some(alias) = self.aliases.get(name).filter(|_| !self.world.is_in(self.group, name)) {
            return Some(alias.clone());
        }
        match self.world.ask(self.group, name) {
            Known::Finished(finished) => Some(finished),
            Known::Not => None,
            Known::Later(group) => {
                self.blocked = Some(group);
                self.live.iter_mut().for_each(|live| live.fuel = 0);
                None
            }
        }
    }

    /// See what a group has done to others.
    pub(super) fn see(&mut self, groups: &[u32]) {
        for number in groups {
            if !self.seen_groups.insert(*number) {
                continue;
            }
            let Some(group) = self.world.group(*number) else { continue };
            group.deltas.iter().for_each(|delta| self.apply(delta));
            self.replaced.extend(group.replaced.iter().cloned());
            self.aliases.extend(group.aliases.iter().cloned());
        }
    }

    /// Note that what is imported under a name need not be the module of that name any more.
    pub fn note_replaced(&mut self, name: &str) {
        self.replaced.insert(name.to_owned());
        self.replaced_here.insert(name.to_owned());
    }

    /// The first module for which something holds, of these and those that their imports lead to.
    fn reached(&self, from: Vec<ModId>, wanted: impl Fn(ModId) -> bool) -> Option<ModId> {
        let mut seen: FxHashSet<ModId> = from.iter().copied().collect();
        let mut work = from;
        while let Some(at) = work.pop() {
            if wanted(at) {
                return Some(at);
            }
            work.extend(self.imports_of(at).iter().copied().filter(|other| seen.insert(*other)));
        }
        None
    }

    /// A module that was imported under a name by these modules, or by those that they import.
    fn imported_as(&self, name: &str, from: Vec<ModId>) -> Option<Value> {
        if let Some(id) = self.loading.get(name) {
            return self.module_object(*id);
        }
        if let Some(alias) = self.aliases.get(name) {
            return self.reached(from, |id| id == alias.id).map(|_| Value::Obj(alias.object));
        }
        let known_as = |id: ModId| self.world.group(group_of(id)).and_then(|group| group.modules.get(name));
        let is_it = |id: ModId| {
            self.info(id).is_some_and(|info| info.name == name) || known_as(id).is_some_and(|known| known.id == id)
        };
        let id = self.reached(from, is_it)?;
        match known_as(id) {
            Some(known) => Some(Value::Obj(known.object)),
            None => self.module_object(id),
        }
    }

    /// A submodule that this module's imports have loaded, for `package.module` without an import of it here.
    pub(super) fn imported_submodule(&mut self, module: Ref, module_name: &str, name: &str) -> Option<Value> {
        let dict = self.get(module).dict?;
        self.get_str(dict, &"__path__".into())?;
        self.imported_as(&format!("{module_name}.{name}"), vec![self.owner(), module.owner])
    }

    /// A module that has been imported when the module that executes asks for it.
    pub fn loaded_module(&self, name: &str) -> Option<Value> {
        let own = (0..self.infos.len()).map(|place| module_at(self.group, place));
        self.imported_as(name, own.chain([0]).collect())
    }

    /// What became of the modules that were executed: the group as others see it, of which `names` are.
    pub fn finish(&mut self, names: &[String]) -> Group {
        let mut group = Group { deltas: self.take_deltas(), ..Group::default() };
        group.replaced = self.replaced_here.iter().cloned().collect();
        group.replaced.sort();
        let mut outcomes = self.outcomes();
        outcomes.sort_by(|a, b| a.0.cmp(&b.0));
        for (name, finished) in outcomes {
            if names.contains(&name) {
                group.modules.insert(name, finished);
            } else if self.module_name(finished.id) != name {
                group.aliases.push((name, finished));
            }
            // A module that was executed on the way and has a place of its own in the order, or none, stays private to this group.
        }
        let mut traces: Vec<u32> = self.seen_groups.iter().copied().collect();
        traces.extend(group.leaves_traces().then_some(self.group));
        traces.sort_unstable();
        let traces: Arc<[u32]> = traces.into();
        let finished = group.modules.values_mut().chain(group.aliases.iter_mut().map(|(_, finished)| finished));
        finished.for_each(|finished| finished.traces = traces.clone());
        group.infos = std::mem::take(&mut self.infos);
        for (place, info) in group.infos.iter_mut().enumerate() {
            info.imports = self.imports.remove(&module_at(self.group, place)).unwrap_or_default();
        }
        group.heaps = self.take_heaps().into_iter().map(|live| live.objects).collect();
        group
    }

    fn outcomes(&self) -> Vec<(String, Finished)> {
        let mut list = Vec::new();
        for (name, id) in &self.loading {
            if let Some(Value::Obj(object)) = self.module_object(*id) {
                let failed = self.failed.get(name).copied();
                let certain = failed.and_then(Value::obj).is_some_and(|raised| self.certain.contains(&raised));
                list.push((name.clone(), Finished { id: *id, object, failed, certain, traces: Arc::default() }));
            }
        }
        list
    }
}

/// Modules under the names that other groups gave them.
pub(super) type Aliases = FxHashMap<String, Finished>;
