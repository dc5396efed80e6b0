//! What modules do to the objects of others whose heap is frozen.
//!
//! Such a change is reported, but it happens all the same: whoever imports the module that did it sees it afterwards, as
//! in a program. A frozen heap cannot change, so the interpreter of a group keeps a *shadow*, a copy of the object, and
//! looks there first. When the group is finished, what differs is kept as [`Delta`]s; an interpreter that imports one of
//! its modules later (or a module that imports one) applies them to shadows of its own. Invariant: an object in a frozen
//! heap has a shadow in an interpreter exactly if a module that this one has imported or executed changed it.

use super::Vm;
use crate::dict::Dict;
use crate::heap::{Kind, Object};
use crate::value::{ModId, Ref, Value, group_of};
use rustc_hash::FxHashMap;

/// The difference that a group of modules made to one object.
#[derive(Debug)]
pub struct Delta {
    target: Ref,
    change: Change,
}

#[derive(Debug)]
enum Change {
    /// A dict or set: entries that were set, keys that were deleted, each with its hash.
    Entries { set: Vec<(u64, Value, Value)>, deleted: Vec<(u64, Value)> },
    /// What was appended to a list.
    Appended(Vec<Value>),
    /// The object got attributes of its own.
    Attributes(Ref),
    /// Anything else.
    Replaced(Box<Object>),
}

/// Shadows of one interpreter.
#[derive(Debug, Default)]
pub struct Shadows {
    objects: FxHashMap<Ref, Object>,
    /// Whether a module of a group has an object with a shadow, by the group's number.
    groups: Vec<bool>,
    /// How objects were before this group changed them.
    before: FxHashMap<Ref, Object>,
}

impl Shadows {
    /// The shadow of an object.
    pub fn get(&self, r: Ref) -> Option<&Object> {
        if !self.has(r.owner) {
            return None;
        }
        self.objects.get(&r)
    }

    fn has(&self, owner: ModId) -> bool {
        self.groups.get(group_of(owner) as usize).copied().unwrap_or(false)
    }

    fn note(&mut self, owner: ModId) {
        let at = group_of(owner) as usize;
        if self.groups.len() <= at {
            self.groups.resize(at + 1, false);
        }
        self.groups[at] = true;
    }
}

impl<'w> Vm<'w> {
    /// The shadow of an object in a frozen heap, made if there is none. The builtins have none, and neither has what
    /// is being iterated.
    pub(super) fn shadow(&mut self, r: Ref, own: bool) -> Option<&mut Object> {
        if r.owner == 0 {
            return None;
        }
        if !self.shadows.objects.contains_key(&r) {
            let object = self.world.frozen(r.owner)?.get(r.index as usize)?;
            if matches!(object.kind, Kind::Generator(_) | Kind::Iter(_) | Kind::Module(_)) {
                return None;
            }
            let copy = object.clone();
            self.tick(size(&copy) / 16).ok()?;
            self.shadows.note(r.owner);
            self.shadows.objects.insert(r, copy);
        }
        if own && !self.shadows.before.contains_key(&r) {
            let copy = self.shadows.objects.get(&r)?.clone();
            self.shadows.before.insert(r, copy);
        }
        self.shadows.objects.get_mut(&r)
    }

    /// What this group has changed.
    pub fn take_deltas(&mut self) -> Vec<Delta> {
        let mut before: Vec<(Ref, Object)> = std::mem::take(&mut self.shadows.before).into_iter().collect();
        before.sort_by_key(|(r, _)| *r);
        let mut deltas = Vec::new();
        for (target, before) in before {
            let Some(now) = self.shadows.objects.get(&target) else { continue };
            if let (None, Some(dict)) = (before.dict, now.dict) {
                deltas.push(Delta { target, change: Change::Attributes(dict) });
            }
            if let Some(change) = self.difference(&before, now) {
                deltas.push(Delta { target, change });
            }
        }
        deltas
    }

    fn difference(&self, before: &Object, now: &Object) -> Option<Change> {
        match (&before.kind, &now.kind) {
            (Kind::Dict(old), Kind::Dict(new)) | (Kind::Set(old), Kind::Set(new)) => {
                let set: Vec<(u64, Value, Value)> = new
                    .iter()
                    .filter(|entry| {
                        let place = self.place(old, entry.hash, entry.key);
                        place.and_then(|place| old.at(place)).is_none_or(|other| !other.value.same(entry.value))
                    })
                    .map(|entry| (entry.hash, entry.key, entry.value))
                    .collect();
                let gone = old.iter().filter(|entry| self.place(new, entry.hash, entry.key).is_none());
                let deleted: Vec<(u64, Value)> = gone.map(|entry| (entry.hash, entry.key)).collect();
                (!set.is_empty() || !deleted.is_empty()).then_some(Change::Entries { set, deleted })
            }
            (Kind::List(old), Kind::List(new)) => {
                let longer = new.len() >= old.len() && old.iter().zip(new).all(|(a, b)| a.same(*b));
                match new.get(old.len()..) {
                    Some([]) if longer => None,
                    Some(more) if longer => Some(Change::Appended(more.to_vec())),
                    _ => Some(Change::Replaced(Box::new(now.clone()))),
                }
            }
            (Kind::Plain, Kind::Plain) | (Kind::Function(_), Kind::Function(_)) if before.class == now.class => None,
            _ => Some(Change::Replaced(Box::new(now.clone()))),
        }
    }

    /// The place of a key that is the same object or the same text.
    fn place(&self, table: &Dict, hash: u64, key: Value) -> Option<usize> {
        let text = self.as_str(key);
        table.find(hash, |other| other.same(key) || (text.is_some() && self.as_str(other) == text))
    }

    /// Do what another group did to an object.
    pub(super) fn apply(&mut self, delta: &Delta) {
        if self.shadow(delta.target, false).is_none() {
            return;
        }
        let mut places = Vec::new();
        if let Change::Entries { set, deleted } = &delta.change {
            let Some(table) = self.table(delta.target) else { return };
            let keys = deleted.iter().copied().chain(set.iter().map(|(hash, key, _)| (*hash, *key)));
            places.extend(keys.map(|(hash, key)| self.place(table, hash, key)));
        }
        let Some(object) = self.shadow(delta.target, false) else { return };
        match (&delta.change, &mut object.kind) {
            (Change::Entries { set, deleted }, Kind::Dict(table) | Kind::Set(table)) => {
                for ((hash, key, value), place) in set.iter().zip(places.split_off(deleted.len())) {
                    match place {
                        Some(place) => table.set_at(place, *value),
                        None => table.push(*hash, *key, *value),
                    }
                }
                places.into_iter().flatten().for_each(|place| table.remove_at(place));
            }
            (Change::Appended(more), Kind::List(items)) => items.extend(more),
            (Change::Attributes(dict), _) if object.dict.is_none() => object.dict = Some(*dict),
            (Change::Replaced(other), _) => *object = (**other).clone(),
            _ => {}
        }
    }
}

fn size(object: &Object) -> u64 {
    match &object.kind {
        Kind::Dict(table) | Kind::Set(table) => table.places() as u64,
        Kind::List(items) => items.len() as u64,
        Kind::ByteArray(bytes) => bytes.len() as u64,
        _ => 1,
    }
}
