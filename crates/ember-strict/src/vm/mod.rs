//! The interpreter: executes code on the analyser's own objects.
//!
//! It is concrete: a condition is true or false, a loop runs as often as it runs. What cannot be known is an object of
//! its own kind, `Unknown`, which may be held, passed on and stored; *using* it is reported and gives another unknown.
//!
//! Invariants: [`Vm::change`] is the only way to an object's mutable state and refuses objects of another owner. Every
//! instruction and every element that a native function handles takes fuel, so that analysis ends. Nothing panics on
//! what a program does.

pub mod attr;
pub mod build;
pub mod call;
pub mod class;
pub mod compare;
pub mod exceptions;
pub mod format;
pub mod frame;
pub mod import;
pub mod items;
pub mod iter;
pub mod known;
pub mod matching;
pub mod members;
pub mod names;
pub mod numbers;
pub mod ops;
pub mod run;
pub mod shadow;
pub mod spec;
pub mod text;
pub mod traceback;
pub mod unicode;
pub mod unknown;

use crate::diagnostics::Finding;
use crate::dict::Dict;
use crate::heap::{Class, Exception, Kind, Object, T};
use crate::modules::group::Info;
use crate::modules::world::World;
use crate::syntax::code::{Code, Span};
use crate::value::{ModId, Ref, Str, Value, group_of, place_of};
use num_bigint::BigInt;
use num_traits::ToPrimitive;
use rustc_hash::{FxHashMap, FxHashSet};
use std::sync::Arc;

/// Why evaluation stops.
#[derive(Clone, Debug)]
pub enum Stop {
    /// A Python exception.
    Raise(Value),
    /// The module is given up: out of fuel or memory.
    GiveUp(&'static str),
}

/// The reason for giving up where the analysis has no way to go on with an unknown number.
pub const UNKNOWN_NUMBER: &str = "it depends on an unknown number";

/// What evaluation gives.
pub type R<Out = Value> = Result<Out, Stop>;

/// Steps a module may take, imports it triggers not counted.
pub const FUEL: u64 = 12_000_000;
/// Objects a module may make.
const OBJECTS: usize = 4_000_000;
/// How deep calls may nest, as in CPython.
const DEPTH: usize = 1000;
/// The longest string, list or bytes that one operation may make.
pub const LONGEST: usize = 4_000_000;

/// A heap that is still being filled.
#[derive(Default)]
pub struct Live {
    pub objects: Vec<Object>,
    pub interned: FxHashMap<Str, Ref>,
    pub fuel: u64,
}

/// A call that is under way, for messages.
#[derive(Clone, Debug)]
pub struct Call {
    pub code: Arc<Code>,
    pub pc: usize,
    pub globals: Ref,
    /// The namespace of a module or class body, or what `locals()` shows.
    pub names: Value,
    /// A module's top level begins here.
    pub import: bool,
}

/// The interpreter of one thread.
pub struct Vm<'w> {
    pub world: &'w World,
    /// The number of the group that is executed.
    group: u32,
    /// The heaps of its modules, by their places.
    live: Vec<Live>,
    infos: Vec<Info>,
    owner: ModId,
    slot: usize,
    pub calls: Vec<Call>,
    pub handling: Vec<Value>,
    depth: usize,
    pub findings: Vec<(ModId, Finding)>,
    seen: FxHashSet<(ModId, u16, Span, Span)>,
    /// Modules whose run is tainted: something unknown was used, so what is missing may be missing because of that.
    pub tainted: FxHashSet<ModId>,
    /// Those of them that have used something that is not just outside of the program.
    pub doubtful: FxHashSet<ModId>,
    /// Unknown values may be used: an annotation is being evaluated.
    pub lenient: usize,
    /// Modules of the group that is being analysed, by name.
    pub loading: FxHashMap<String, ModId>,
    pub imports: FxHashMap<ModId, Vec<ModId>>,
    /// Names of the machine-code modules without a stub that a module imported.
    pub opaque: FxHashMap<ModId, Vec<String>>,
    /// The analyser has failed on this group: what its panic said. Every module is given up then.
    pub analyser_failed: Option<String>,
    /// A group that has to be executed before this one; then this one is to be executed again.
    pub blocked: Option<u32>,
    /// Groups that left traces which are seen here, and what of them is not in shadows.
    seen_groups: FxHashSet<u32>,
    aliases: known::Aliases,
    replaced: FxHashSet<String>,
    replaced_here: FxHashSet<String>,
    /// The numbers that modules had when they were executed.
    pub own_ids: FxHashMap<String, ModId>,
    /// Modules of the group whose execution has ended, and exceptions that ended one.
    pub done: FxHashSet<String>,
    pub failed: FxHashMap<String, Value>,
    /// Exceptions that importing raises in CPython, too; see `exceptions::Vm::is_certain`.
    pub certain: FxHashSet<Ref>,
    nested: usize,
    /// The calls that were under way when a module was given up.
    given_up_at: Vec<(Arc<Code>, usize)>,
    /// Where an exception has left the module that was executed.
    left_at: Option<(Arc<Code>, usize)>,
    shadows: shadow::Shadows,
    pub patterns: crate::builtins::regexes::Patterns,
    /// Containers of which a `repr` is being made.
    shown: Vec<Ref>,
    lost: Object,
}

impl<'w> Vm<'w> {
    /// An interpreter for the group of this number, that sees what comes before it in `world`.
    pub fn new(world: &'w World, group: u32) -> Vm<'w> {
        Vm {
            world,
            group,
            live: Vec::new(),
            infos: Vec::new(),
            owner: 0,
            slot: 0,
            calls: Vec::new(),
            handling: Vec::new(),
            depth: 0,
            findings: Vec::new(),
            seen: FxHashSet::default(),
            tainted: FxHashSet::default(),
            doubtful: FxHashSet::default(),
            lenient: 0,
            loading: FxHashMap::default(),
            imports: FxHashMap::default(),
            opaque: FxHashMap::default(),
            analyser_failed: None,
            blocked: None,
            seen_groups: FxHashSet::default(),
            aliases: FxHashMap::default(),
            replaced: FxHashSet::default(),
            replaced_here: FxHashSet::default(),
            own_ids: FxHashMap::default(),
            done: FxHashSet::default(),
            failed: FxHashMap::default(),
            certain: FxHashSet::default(),
            nested: 0,
            given_up_at: Vec::new(),
            left_at: None,
            shadows: shadow::Shadows::default(),
            patterns: FxHashMap::default(),
            shown: Vec::new(),
            lost: Object { class: T::Object.r(), dict: None, kind: Kind::Plain },
        }
    }

    /// Whose top level is executing.
    pub fn owner(&self) -> ModId {
        self.owner
    }

    /// Begin the heap of the module at the next place and make it the current one; what was current.
    pub fn enter_heap(&mut self, owner: ModId) -> ModId {
        let before = self.owner;
        let fuel = if self.blocked.is_some() { 0 } else { FUEL };
        self.live.push(Live { fuel, ..Live::default() });
        (self.owner, self.slot) = (owner, self.live.len() - 1);
        before
    }

    /// Where the heap of a module of this group is.
    fn slot_of(&self, owner: ModId) -> Option<usize> {
        let place = place_of(owner);
        (group_of(owner) == self.group && place < self.live.len()).then_some(place)
    }

    /// Make another live heap the current one.
    pub fn return_to(&mut self, owner: ModId) {
        if let Some(slot) = self.slot_of(owner) {
            (self.owner, self.slot) = (owner, slot);
        }
    }

    /// All live heaps, finished.
    pub fn take_heaps(&mut self) -> Vec<Live> {
        self.owner = 0;
        std::mem::take(&mut self.live)
    }

    /// The object a reference leads to.
    pub fn get(&self, r: Ref) -> &Object {
        if r.owner == self.owner
            && let Some(live) = self.live.get(self.slot)
        {
            return live.objects.get(r.index as usize).unwrap_or(&self.lost);
        }
        if let Some(slot) = self.slot_of(r.owner) {
            return self.live[slot].objects.get(r.index as usize).unwrap_or(&self.lost);
        }
        if let Some(shadow) = self.shadows.get(r) {
            return shadow;
        }
        self.world.frozen(r.owner).and_then(|heap| heap.get(r.index as usize)).unwrap_or(&self.lost)
    }

    /// What an object is, for values that are objects.
    pub fn kind(&self, value: Value) -> Option<&Kind> {
        value.obj().map(|r| &self.get(r).kind)
    }

    /// The object to be changed. If the module that executes does not own it that is reported, and it is changed for those
    /// who import that module; see [`shadow`].
    /// `target` is what the program sees being changed, `what` how.
    pub fn change(&mut self, r: Ref, target: Value, what: &str) -> Option<&mut Object> {
        if r.owner != self.owner {
            self.foreign(r, target, what);
            return self.foreign_object(r);
        }
        self.live.get_mut(self.slot).and_then(|live| live.objects.get_mut(r.index as usize))
    }

    /// An object of another module, to be changed: in a group that is still executing the object itself.
    fn foreign_object(&mut self, r: Ref) -> Option<&mut Object> {
        match self.slot_of(r.owner) {
            Some(slot) => self.live.get_mut(slot)?.objects.get_mut(r.index as usize),
            None => self.shadow(r, true),
        }
    }

    /// Whether a module's objects can still be changed: it is executing, or another of its group is.
    pub fn is_live(&self, owner: ModId) -> bool {
        self.slot_of(owner).is_some()
    }

    /// As `change`, for what the program could not observe; does nothing to foreign objects.
    pub fn change_quietly(&mut self, r: Ref) -> Option<&mut Object> {
        if r.owner != self.owner {
            return None;
        }
        self.live.get_mut(self.slot).and_then(|live| live.objects.get_mut(r.index as usize))
    }

    /// Steps that the live modules have taken.
    pub fn steps_taken(&self) -> u64 {
        self.live.iter().map(|live| FUEL.saturating_sub(live.fuel)).sum()
    }

    /// Use up fuel.
    pub fn tick(&mut self, steps: u64) -> R<()> {
        if let Some(live) = self.live.get_mut(self.slot) {
            match live.fuel.checked_sub(steps) {
                Some(left) => live.fuel = left,
                None => return Err(Stop::GiveUp("it takes too many steps")),
            }
        }
        Ok(())
    }

    /// Leave no more fuel than this.
    fn limit_fuel(&mut self, most: u64) {
        if let Some(live) = self.live.get_mut(self.slot) {
            live.fuel = live.fuel.min(most);
        }
    }

    /// Use up fuel for making something of this size; refuses what is too large.
    pub fn charge(&mut self, size: usize) -> R<()> {
        if size > LONGEST {
            return Err(Stop::GiveUp("it makes an object that is too large"));
        }
        self.tick(size as u64 / 16)
    }

    /// A new object.
    pub fn alloc(&mut self, class: Ref, kind: Kind) -> Ref {
        let owner = self.owner;
        let Some(live) = self.live.get_mut(self.slot) else { return Ref { owner, index: u32::MAX } };
        let index = live.objects.len();
        // What is large costs as much as what is made in many steps: so memory is bounded by the fuel.
        let size = match &kind {
            Kind::Tuple(items) => items.len(),
            Kind::List(items) => items.len(),
            Kind::Str(text) => text.len() / 8,
            Kind::Bytes(bytes) => bytes.len() / 8,
            _ => 0,
        };
        live.fuel = live.fuel.saturating_sub(2 + size as u64 / 2);
        if index > OBJECTS || size > LONGEST {
            live.fuel = 0;
            return Ref { owner, index: u32::MAX };
        }
        live.objects.push(Object { class, dict: None, kind });
        Ref { owner, index: index as u32 }
    }

    /// A new object of a builtin type, as a value.
    pub fn make(&mut self, class: T, kind: Kind) -> Value {
        Value::Obj(self.alloc(class.r(), kind))
    }

    /// A string object.
    pub fn str(&mut self, text: impl Into<Str>) -> Value {
        self.make(T::Str, Kind::Str(text.into()))
    }

    /// The one object for a name in the current heap.
    pub fn intern(&mut self, text: &Str) -> Value {
        if let Some(live) = self.live.get(self.slot)
            && let Some(r) = live.interned.get(text)
        {
            return Value::Obj(*r);
        }
        let r = self.alloc(T::Str.r(), Kind::Str(text.clone()));
        if let Some(live) = self.live.get_mut(self.slot) {
            live.interned.insert(text.clone(), r);
        }
        Value::Obj(r)
    }

    /// A tuple.
    pub fn tuple(&mut self, items: Vec<Value>) -> Value {
        self.make(T::Tuple, Kind::Tuple(items.into()))
    }

    /// A list.
    pub fn list(&mut self, items: Vec<Value>) -> Value {
        self.make(T::List, Kind::List(items))
    }

    /// An empty dict.
    pub fn dict(&mut self) -> Ref {
        self.alloc(T::Dict.r(), Kind::Dict(Box::default()))
    }

    /// Bytes.
    pub fn bytes(&mut self, bytes: Vec<u8>) -> Value {
        self.make(T::Bytes, Kind::Bytes(bytes.into()))
    }

    /// A whole number of any size.
    pub fn int(&mut self, int: BigInt) -> Value {
        match int.to_i64() {
            Some(small) => Value::Int(small),
            None => self.make(T::Int, Kind::Big(Arc::new(int))),
        }
    }

    /// The class of a value.
    pub fn class_of(&self, value: Value) -> Ref {
        match value {
            Value::Null | Value::None => T::NoneType.r(),
            Value::Bool(_) => T::Bool.r(),
            Value::Int(_) => T::Int.r(),
            Value::Float(_) => T::Float.r(),
            Value::Ellipsis => T::EllipsisType.r(),
            Value::NotImplemented => T::NotImplementedType.r(),
            Value::Obj(r) => self.get(r).class,
        }
    }

    /// Whether the value's class is exactly this builtin type.
    pub fn is_exact(&self, value: Value, class: T) -> bool {
        self.class_of(value) == class.r()
    }

    /// The data of a class.
    pub fn class(&self, class: Ref) -> Option<&Class> {
        match &self.get(class).kind {
            Kind::Class(data) => Some(data),
            _ => None,
        }
    }

    /// Whether a value is a class.
    pub fn is_class(&self, value: Value) -> bool {
        matches!(self.kind(value), Some(Kind::Class(_)))
    }

    /// Whether a class is another or derives from it.
    pub fn derives(&self, class: Ref, from: Ref) -> bool {
        class == from || self.class(class).is_some_and(|data| data.mro.contains(&from))
    }

    /// Whether a value is an instance of a builtin type, looking only at its class.
    pub fn is_a(&self, value: Value, class: T) -> bool {
        self.derives(self.class_of(value), class.r())
    }

    /// The builtin type that decides how a class's instances are laid out.
    pub fn layout(&self, class: Ref) -> Ref {
        self.class(class).map_or(T::Object.r(), |data| data.layout)
    }

    /// A string's text.
    pub fn as_str(&self, value: Value) -> Option<Str> {
        match self.kind(value) {
            Some(Kind::Str(text)) => Some(text.clone()),
            _ => None,
        }
    }

    /// A tuple's items.
    pub fn as_tuple(&self, value: Value) -> Option<Arc<[Value]>> {
        match self.kind(value) {
            Some(Kind::Tuple(items)) => Some(items.clone()),
            _ => None,
        }
    }

    /// The table of a dict or set.
    pub fn table(&self, r: Ref) -> Option<&Dict> {
        match &self.get(r).kind {
            Kind::Dict(table) | Kind::Set(table) => Some(table),
            _ => None,
        }
    }

    // --- dicts -------------------------------------------------------------------------------------------------

    /// The value under a string in a dict.
    pub fn get_str(&self, dict: Ref, name: &Str) -> Option<Value> {
        let table = self.table(dict)?;
        let place = table.find(name.hash(), |key| matches!(self.kind(key), Some(Kind::Str(text)) if text == name))?;
        table.at(place).map(|entry| entry.value)
    }

    /// Set a name of another module's namespace as that module's own code does when it imports something only then; that is
    /// not reported.
    pub fn see_set(&mut self, dict: Ref, name: &Str, value: Value) {
        let place = self.table(dict).and_then(|table| {
            table.find(name.hash(), |key| matches!(self.kind(key), Some(Kind::Str(text)) if text == name))
        });
        let key = if place.is_none() { self.intern(name) } else { Value::Null };
        if let Some(Kind::Dict(table)) = self.foreign_object(dict).map(|object| &mut object.kind) {
            match place {
                Some(place) => table.set_at(place, value),
                None => table.push(name.hash(), key, value),
            }
        }
    }

    /// Put a value under a string; `target` is what the program sees changing.
    pub fn set_str(&mut self, dict: Ref, name: &Str, value: Value, target: Value) {
        let place = self.table(dict).and_then(|table| {
            table.find(name.hash(), |key| matches!(self.kind(key), Some(Kind::Str(text)) if text == name))
        });
        let key = if place.is_none() { self.intern(name) } else { Value::Null };
        let what = if dict.owner == self.owner { String::new() } else { format!("sets '{name}' of") };
        if let Some(Kind::Dict(table)) = self.change(dict, target, &what).map(|object| &mut object.kind) {
            match place {
                Some(place) => table.set_at(place, value),
                None => table.push(name.hash(), key, value),
            }
        }
    }

    /// Delete a string's entry; whether it was there.
    pub fn del_str(&mut self, dict: Ref, name: &Str, target: Value) -> bool {
        let place = self.table(dict).and_then(|table| {
            table.find(name.hash(), |key| matches!(self.kind(key), Some(Kind::Str(text)) if text == name))
        });
        let Some(place) = place else { return false };
        let what = if dict.owner == self.owner { String::new() } else { format!("deletes '{name}' of") };
        if let Some(Kind::Dict(table)) = self.change(dict, target, &what).map(|object| &mut object.kind) {
            table.remove_at(place);
        }
        true
    }

    /// The place of a key in a dict or set.
    pub fn find_key(&mut self, dict: Ref, key: Value) -> R<(u64, Option<usize>)> {
        let hash = match self.hash(key) {
            Err(Stop::Raise(error)) => return self.unhashable(dict, key, error),
            other => other?,
        };
        Ok((hash, self.find_hashed(dict, hash, key)?))
    }

    /// Raise what CPython raises for a key that has no hash.
    fn unhashable<Out>(&mut self, dict: Ref, key: Value, error: Value) -> R<Out> {
        if !self.is_exact(error, T::TypeError) {
            return Err(Stop::Raise(error));
        }
        let name = self.class_name(key);
        let as_what = if matches!(self.get(dict).kind, Kind::Set(_)) { "a set element" } else { "a dict key" };
        let text = self.to_str(error)?;
        self.type_error(format!("cannot use '{name}' as {as_what} ({text})"))
    }

    /// The place of a key whose hash is known.
    pub fn find_hashed(&mut self, dict: Ref, hash: u64, key: Value) -> R<Option<usize>> {
        let candidates = match self.table(dict) {
            Some(table) => table.candidates(hash),
            None => return Ok(None),
        };
        for place in candidates {
            let Some(entry) = self.table(dict).and_then(|table| table.at(place)) else { continue };
            if entry.key.same(key) || self.equal(entry.key, key)? {
                return Ok(Some(place));
            }
        }
        Ok(None)
    }

    /// The value under a key.
    pub fn dict_get(&mut self, dict: Ref, key: Value) -> R<Option<Value>> {
        let (_, place) = self.find_key(dict, key)?;
        Ok(place.and_then(|place| self.table(dict)?.at(place)).map(|entry| entry.value))
    }

    /// Put a value under a key.
    pub fn dict_set(&mut self, dict: Ref, key: Value, value: Value, target: Value) -> R<()> {
        let (hash, place) = self.find_key(dict, key)?;
        if let Some(object) = self.change(dict, target, "sets an item of")
            && let Kind::Dict(table) | Kind::Set(table) = &mut object.kind
        {
            match place {
                Some(place) => table.set_at(place, value),
                None => table.push(hash, key, value),
            }
        }
        Ok(())
    }

    /// Delete a key; its value, if it was there.
    pub fn dict_del(&mut self, dict: Ref, key: Value, target: Value) -> R<Option<Value>> {
        let (_, place) = self.find_key(dict, key)?;
        let Some(place) = place else { return Ok(None) };
        let value = self.table(dict).and_then(|table| table.at(place)).map(|entry| entry.value);
        if let Some(object) = self.change(dict, target, "deletes an item of")
            && let Kind::Dict(table) | Kind::Set(table) = &mut object.kind
        {
            table.remove_at(place);
        }
        Ok(value)
    }

    /// Copies of all entries, in order.
    pub fn entries(&self, dict: Ref) -> Vec<(Value, Value)> {
        self.table(dict).map(|table| table.iter().map(|entry| (entry.key, entry.value)).collect()).unwrap_or_default()
    }

    /// A set of values.
    pub fn set_of(&mut self, class: T, items: Vec<Value>) -> R {
        let set = self.alloc(class.r(), Kind::Set(Box::default()));
        for item in items {
            self.set_add(set, item)?;
        }
        Ok(Value::Obj(set))
    }

    /// Add a value to a set.
    pub fn set_add(&mut self, set: Ref, item: Value) -> R<()> {
        let (hash, place) = self.find_key(set, item)?;
        if place.is_none()
            && let Some(Kind::Set(table)) = self.change(set, Value::Obj(set), "adds to").map(|object| &mut object.kind)
        {
            table.push(hash, item, Value::None);
        }
        Ok(())
    }

    /// The dict of an object's attributes, made if there is none. Nothing for a foreign object without one.
    pub fn own_dict(&mut self, r: Ref, target: Value) -> Option<Ref> {
        if let Some(dict) = self.get(r).dict {
            return Some(dict);
        }
        if r.owner != self.owner {
            self.foreign(r, target, "sets an attribute of");
            if !self.is_live(r.owner) {
                let dict = self.dict();
                self.shadow(r, true)?.dict = Some(dict);
                return Some(dict);
            }
        }
        let before = self.owner;
        self.return_to(r.owner);
        let dict = self.dict();
        if let Some(object) = self.change(r, target, "") {
            object.dict = Some(dict);
        }
        self.return_to(before);
        Some(dict)
    }

    // --- exceptions --------------------------------------------------------------------------------------------

    /// A new exception with one text for its arguments.
    pub fn exception(&mut self, class: T, message: &str) -> Value {
        let text = self.str(message);
        let args = self.tuple(vec![text]);
        self.exception_with(class.r(), args)
    }

    /// A new exception with these arguments.
    pub fn exception_with(&mut self, class: Ref, args: Value) -> Value {
        let data = Exception { args, cause: Value::None, context: Value::None, suppress: false, trace: Vec::new() };
        Value::Obj(self.alloc(class, Kind::Exception(Box::new(data))))
    }

    /// Raise an exception of a builtin type.
    pub fn raise<Out>(&mut self, class: T, message: impl AsRef<str>) -> R<Out> {
        let exception = self.exception(class, message.as_ref());
        Err(Stop::Raise(exception))
    }

    /// Raise a `TypeError`.
    pub fn type_error<Out>(&mut self, message: impl AsRef<str>) -> R<Out> {
        self.raise(T::TypeError, message)
    }

    /// The name of a value's class.
    pub fn class_name(&self, value: Value) -> Str {
        self.name_of(self.class_of(value))
    }

    /// The name of a class.
    pub fn name_of(&self, class: Ref) -> Str {
        self.class(class).map_or_else(|| "?".into(), |data| data.name.clone())
    }

    /// Whether the value is an unknown one.
    pub fn is_unknown(&self, value: Value) -> bool {
        matches!(self.kind(value), Some(Kind::Unknown(_)))
    }

    /// Run `inner` one call deeper.
    pub fn deeper<Out>(&mut self, inner: impl FnOnce(&mut Self) -> R<Out>) -> R<Out> {
        if self.depth >= DEPTH {
            return self.raise(T::RecursionError, "maximum recursion depth exceeded");
        }
        self.depth += 1;
        let result = inner(self);
        self.depth -= 1;
        result
    }
}
