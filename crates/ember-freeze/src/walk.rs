//! Everything reachable, made immortal.
//!
//! The idea: CPython's own `tp_traverse` gives the references of everything the collector tracks, which is safe for any
//! type, because the collector calls it at any time, too. It passes over strings that are keys of dicts, parts of types, names of
//! descriptors and all of code objects; those are walked by hand. That an object is immortal is the mark that it was
//! reached: no table of a million addresses is needed.
//!
//! What stays mortal:
//! - objects that run something when they die (`__del__`, files, generators, futures): somebody may wait for that;
//! - frame objects: a frame that ends asks whether anybody else has its object, and would be kept for ever;
//! - tuples and frozen sets with one reference that comes from no object: C code that is in the middle of making one holds that
//!   reference, and may only write to it or resize it as long as it is the only one;
//! - what only untracked objects of unknown types refer to: nobody promises that those may be traversed yet;
//! - in debug builds of CPython, which insist on that when they look at a string, strings that are not interned.
//!
//! Invariant: nothing here runs Python code, makes Python objects or drops references, so no pointer dangles during the walk.

use core::ffi::{c_int, c_void};
use core::mem::{offset_of, size_of};

use ember_cpython::heap;
use ember_cpython::layout::*;
use ember_cpython::refcount::{is_immortal, refcnt};
use ember_cpython::{ffi, object, types, verify};
use pyo3_ffi as py;
use rustc_hash::{FxHashMap, FxHashSet};

use crate::consts;
use crate::map::{Map, Part};
use crate::report::{Frozen, OfType};

/// A hash is computed for strings up to this length: longer ones are texts, which nobody looks up.
const LONGEST_HASHED: isize = 1024;

/// How an object's references and size are found.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    /// No references.
    Leaf,
    Int,
    Str,
    Code,
    Range,
    List,
    /// Exactly `tuple`.
    Tuple,
    /// A dict or an instance of a subclass.
    Dict,
    Set,
    Type,
    Module,
    Descriptor,
    /// What `tp_traverse` says.
    Other,
}

/// What the walk knows of a type, found out once.
struct TypeFacts {
    ty: *mut PyTypeObject,
    kind: Kind,
    traverse: Option<ffi::traverseproc>,
    stays_mortal: bool,
    inline_values: bool,
    basic_size: usize,
    item_size: usize,
    size_before: usize,
    objects: usize,
    bytes: usize,
}

/// The walk over the heap.
pub struct Walker {
    facts: Vec<TypeFacts>,
    by_type: FxHashMap<*mut PyTypeObject, usize>,
    last: (*mut PyTypeObject, usize),
    /// Reached, references not yet followed.
    pending: Vec<*mut PyObject>,
    /// Types whose parts are not yet followed.
    new_types: Vec<*mut PyTypeObject>,
    kept: FxHashSet<*mut PyObject>,
    /// Code objects that were immortal before: what they made lazily since is looked for once.
    old_code: FxHashSet<*mut PyObject>,
    reached_types: FxHashSet<*mut PyTypeObject>,
    /// Code objects that were reached.
    codes: Vec<*mut PyCodeObject>,
    unfinished: usize,
    hashes: usize,
    versions: usize,
    /// CPython checks that no string is immortal unless it is interned.
    plain_strings_are_mortal: bool,
    /// Where everything lies, if somebody wants to know.
    map: Option<Map>,
}

impl Walker {
    /// Nothing reached yet; `draw` asks for a map.
    ///
    /// # Safety
    /// The GIL is held.
    pub unsafe fn new(draw: bool) -> Walker {
        // SAFETY: as the caller says.
        Walker { plain_strings_are_mortal: unsafe { verify::is_debug_build() }, ..Walker::empty(draw) }
    }

    fn empty(draw: bool) -> Walker {
        Walker {
            facts: Vec::new(),
            by_type: FxHashMap::default(),
            last: (core::ptr::null_mut(), 0),
            pending: Vec::new(),
            new_types: Vec::new(),
            kept: FxHashSet::default(),
            old_code: FxHashSet::default(),
            reached_types: FxHashSet::default(),
            codes: Vec::new(),
            unfinished: 0,
            hashes: 0,
            versions: 0,
            plain_strings_are_mortal: false,
            map: draw.then(Map::new),
        }
    }

    /// The map, and the names of the types in it; None unless one was asked for.
    pub fn map(&self) -> Option<(&Map, impl Iterator<Item = String>)> {
        // SAFETY: types that were reached live.
        let names = self.facts.iter().map(|facts| unsafe { object::type_name(facts.ty) });
        self.map.as_ref().map(|map| (map, names))
    }

    /// Leave this object as it is, whoever refers to it.
    pub fn keep_mortal(&mut self, obj: *mut PyObject) {
        if !obj.is_null() {
            self.kept.insert(obj);
        }
    }

    /// Walks everything.
    ///
    /// # Safety
    /// The GIL is held.
    pub unsafe fn run(&mut self) {
        // SAFETY: the collector's objects are live, and nothing that happens here ends a life.
        unsafe {
            let tracked = heap::tracked_objects();
            // What an earlier call froze may hold new objects by now.
            for &obj in tracked.iter().filter(|obj| is_immortal(**obj)) {
                self.facts_of(object::type_of(obj));
                self.pending.push(obj);
            }
            self.drain();
            let mut deferred = Vec::new();
            for &obj in &tracked {
                if is_immortal(obj) {
                    continue;
                }
                if may_be_unfinished(obj) {
                    // Whoever else refers to it is reached, too, and leads here.
                    deferred.push(obj);
                    continue;
                }
                self.reach(obj);
                self.drain();
            }
            // Names that were made to be looked up have no other owner than the cache, which drops them in a child, one by one, as it comes to need their places.
            types::for_each_cached_name(|name| self.reach(name));
            self.drain();
            self.unfinished = deferred.into_iter().filter(|obj| !is_immortal(*obj)).count();
        }
    }

    /// Gives every type reached a version, and settles the table of keys that its instances share.
    ///
    /// # Safety
    /// The GIL is held, and nothing ran since [`Walker::run`].
    pub unsafe fn settle_types(&mut self) {
        for &ty in &self.reached_types {
            // SAFETY: types that were reached live for ever, or are in `kept` and live still.
            unsafe {
                if types::current_version_tag(ty) == 0 && types::version_tag(ty) != 0 {
                    self.versions += 1;
                }
                let keys = heap::shared_keys_of(ty);
                if !keys.is_null() && is_immortal(ty.cast()) {
                    heap::settle_shared_keys(keys);
                    if let Some(map) = &mut self.map {
                        map.add_part(keys as usize, heap::keys_size(keys), Part::SharedKeys);
                    }
                }
            }
        }
    }

    /// Has the code that was reached load its constants as what they are now. Tuples among them become immortal last.
    ///
    /// # Safety
    /// The walk is over.
    pub unsafe fn settle_code(&mut self) {
        for &code in &self.codes {
            // SAFETY: code objects that were reached live.
            unsafe { consts::settle(code) };
        }
    }

    /// Gives back what only the walk needed.
    pub fn finish(&mut self) {
        *self = Walker {
            facts: core::mem::take(&mut self.facts),
            unfinished: self.unfinished,
            hashes: self.hashes,
            versions: self.versions,
            ..Walker::empty(false)
        };
    }

    /// What was done, without the durations.
    pub fn report(&self) -> Frozen {
        let list = |mortal: bool| {
            let mut list: Vec<OfType> = self
                .facts
                .iter()
                .filter(|facts| facts.objects > 0 && facts.stays_mortal == mortal)
                .map(|facts| {
                    // SAFETY: types that were reached live.
                    let name = unsafe { object::type_name(facts.ty) };
                    OfType { name, objects: facts.objects, bytes: facts.bytes }
                })
                .collect();
            list.sort_by(|a, b| b.bytes.cmp(&a.bytes).then_with(|| a.name.cmp(&b.name)));
            list
        };
        Frozen {
            types: list(false),
            kept: list(true),
            unfinished: self.unfinished,
            hashes: self.hashes,
            versions: self.versions,
            ..Frozen::default()
        }
    }

    /// An object that something refers to: makes it immortal and remembers to follow its references.
    #[inline]
    unsafe fn reach(&mut self, obj: *mut PyObject) {
        // SAFETY: `obj` is live: whoever refers to it is.
        unsafe {
            if is_immortal(obj) {
                if object::is_exact(obj, &raw mut ffi::PyCode_Type) && self.old_code.insert(obj) {
                    self.pending.push(obj);
                }
                return;
            }
            // An object that is being destroyed has no owner any more.
            if refcnt(obj) == 0 {
                return;
            }
            let index = self.facts_of(object::type_of(obj));
            let facts = &self.facts[index];
            if self.plain_strings_are_mortal && facts.kind == Kind::Str && !object::str_is_interned(obj) {
                let has_parts = facts.traverse.is_some();
                self.settle_hash(obj);
                if has_parts && self.kept.insert(obj) {
                    self.pending.push(obj);
                }
                return;
            }
            if facts.stays_mortal || (!self.kept.is_empty() && self.kept.contains(&obj)) {
                if self.kept.insert(obj) {
                    self.count(obj, index);
                    self.pending.push(obj);
                }
                return;
            }
            heap::make_immortal(obj);
            self.count(obj, index);
            match self.facts[index].kind {
                Kind::Leaf | Kind::Int => {}
                Kind::Str => {
                    heap::settle_interned(obj);
                    self.settle_hash(obj);
                    // An instance of a subclass may have attributes.
                    if self.facts[index].traverse.is_some() {
                        self.pending.push(obj);
                    }
                }
                Kind::Code => {
                    self.old_code.insert(obj);
                    self.pending.push(obj);
                }
                _ => self.pending.push(obj),
            }
        }
    }

    /// Computes the hash of a string.
    #[inline]
    unsafe fn settle_hash(&mut self, obj: *mut PyObject) {
        // SAFETY: the caller passes a live string.
        unsafe {
            let text = &*obj.cast::<PyASCIIObject>();
            if text.hash == -1 && text.length <= LONGEST_HASHED {
                heap::settle_str_hash(obj);
                self.hashes += 1;
            }
        }
    }

    /// Counts an object in the figures of its type, and draws it in the map.
    #[inline]
    unsafe fn count(&mut self, obj: *mut PyObject, index: usize) {
        let facts = &mut self.facts[index];
        // SAFETY: `obj` is live and of that type.
        unsafe {
            let (own, part) = (own_size(obj, facts), part_of(obj, facts));
            facts.objects += 1;
            facts.bytes += facts.size_before + own + part.map_or(0, |(_, size, _)| size);
            if let Some(map) = &mut self.map {
                let module = map.module(owner_of(obj, facts));
                map.add_object(obj, own, facts.size_before, index, module);
                if let Some((address, size, part)) = part {
                    map.add_part(address, size, part);
                }
            }
        }
    }

    /// Follows references until there are none to follow.
    unsafe fn drain(&mut self) {
        // SAFETY: what is pending was reached, so it is live.
        unsafe {
            loop {
                if let Some(obj) = self.pending.pop() {
                    self.follow(obj);
                } else if let Some(ty) = self.new_types.pop() {
                    self.reach(ty.cast());
                    self.follow_type(ty);
                } else {
                    return;
                }
            }
        }
    }

    /// Reaches what `obj` refers to.
    unsafe fn follow(&mut self, obj: *mut PyObject) {
        // SAFETY: `obj` is live and of the kind that its type's facts say.
        unsafe {
            let index = self.facts_of(object::type_of(obj));
            let (kind, traverse) = (self.facts[index].kind, self.facts[index].traverse);
            match kind {
                Kind::Leaf | Kind::Int => return,
                Kind::Tuple => {
                    for &item in object::tuple_items(obj).iter().filter(|item| !item.is_null()) {
                        self.reach(item);
                    }
                    return;
                }
                Kind::Code => {
                    self.codes.push(obj.cast());
                    return heap::for_each_part_of_code(obj.cast(), |part| self.reach(part));
                }
                Kind::Range => {
                    let range = &*obj.cast::<PyRangeObject>();
                    for part in [range.start, range.stop, range.step, range.length] {
                        self.reach(part);
                    }
                    return;
                }
                Kind::Dict => {
                    let keys = (*obj.cast::<PyDictObject>()).ma_keys;
                    if !keys.is_null() {
                        heap::for_each_key(keys, |key| self.reach(key));
                    }
                }
                Kind::Type => self.follow_type(obj.cast()),
                Kind::Module => self.reach_some((*obj.cast::<PyModuleObject>()).md_name),
                Kind::Descriptor => {
                    let descriptor = &*obj.cast::<PyDescrObject>();
                    self.reach_some(descriptor.d_name);
                    self.reach_some(descriptor.d_qualname);
                }
                Kind::Str | Kind::List | Kind::Set | Kind::Other => {}
            }
            let Some(traverse) = traverse else { return };
            // A builtin dict may be traversed at any time; of other types only what the collector traverses, too.
            if heap::is_tracked(obj) || object::is_exact(obj, &raw mut py::PyDict_Type) {
                let me: *mut Walker = self;
                traverse(obj, visit, me.cast());
            }
        }
    }

    unsafe fn reach_some(&mut self, obj: *mut PyObject) {
        if !obj.is_null() {
            // SAFETY: a reference that a live object holds.
            unsafe { self.reach(obj) };
        }
    }

    /// Reaches the parts of a type, once.
    unsafe fn follow_type(&mut self, ty: *mut PyTypeObject) {
        if self.reached_types.insert(ty) {
            // SAFETY: `ty` is live, and ready, since something has it for its type or refers to it.
            unsafe { heap::for_each_part_of_type(ty, |part| self.reach(part)) };
        }
    }

    /// The index of a type's facts.
    #[inline]
    unsafe fn facts_of(&mut self, ty: *mut PyTypeObject) -> usize {
        if self.last.0 == ty {
            return self.last.1;
        }
        let index = match self.by_type.get(&ty) {
            Some(&index) => index,
            None => {
                let index = self.facts.len();
                // SAFETY: the type of a live object is live.
                self.facts.push(unsafe { TypeFacts::of(ty) });
                self.by_type.insert(ty, index);
                self.new_types.push(ty);
                index
            }
        };
        self.last = (ty, index);
        index
    }
}

/// Given to `tp_traverse`: called for each reference.
unsafe extern "C" fn visit(obj: *mut PyObject, walker: *mut c_void) -> c_int {
    // SAFETY: `walker` is the one that traverses, which does not touch itself until the traversal is over.
    unsafe { (*walker.cast::<Walker>()).reach_some(obj) };
    0
}

/// May this be a tuple or frozen set that C code is making just now? Then it has one reference.
unsafe fn may_be_unfinished(obj: *mut PyObject) -> bool {
    // SAFETY: `obj` is live.
    unsafe {
        let ty = object::type_of(obj);
        refcnt(obj) == 1 && (ty == &raw mut py::PyTuple_Type || ty == &raw mut py::PyFrozenSet_Type)
    }
}

impl TypeFacts {
    unsafe fn of(ty: *mut PyTypeObject) -> TypeFacts {
        // SAFETY: `ty` is live.
        unsafe {
            let flags = object::type_flags(ty);
            let fields = &*ty.cast::<TypeObject>();
            let traverse = if flags & TPFLAGS_HAVE_GC != 0 { heap::traverse_of(ty) } else { None };
            let managed = flags & (TPFLAGS_MANAGED_DICT | TPFLAGS_MANAGED_WEAKREF) != 0;
            let head = if flags & TPFLAGS_HAVE_GC != 0 { size_of::<GcHead>() } else { 0 };
            TypeFacts {
                ty,
                kind: kind_of(ty, flags, traverse.is_some()),
                traverse,
                stays_mortal: heap::has_finalizer(ty) || ty == &raw mut ffi::PyFrame_Type,
                inline_values: flags & TPFLAGS_INLINE_VALUES != 0,
                basic_size: fields.tp_basicsize.max(0) as usize,
                item_size: fields.tp_itemsize.max(0) as usize,
                size_before: head + if managed { 2 * size_of::<usize>() } else { 0 },
                objects: 0,
                bytes: 0,
            }
        }
    }
}

unsafe fn kind_of(ty: *mut PyTypeObject, flags: core::ffi::c_ulong, has_traverse: bool) -> Kind {
    let descriptors = [
        &raw mut ffi::PyMethodDescr_Type,
        &raw mut ffi::PyClassMethodDescr_Type,
        &raw mut ffi::PyMemberDescr_Type,
        &raw mut ffi::PyGetSetDescr_Type,
        &raw mut ffi::PyWrapperDescr_Type,
    ];
    // SAFETY: `ty` is live.
    let is_module = unsafe { py::PyType_IsSubtype(ty, &raw mut ffi::PyModule_Type) != 0 };
    let is_set = ty == &raw mut py::PySet_Type || ty == &raw mut py::PyFrozenSet_Type;
    match () {
        () if ty == &raw mut ffi::PyCode_Type => Kind::Code,
        () if ty == &raw mut py::PyRange_Type => Kind::Range,
        () if ty == &raw mut py::PyTuple_Type => Kind::Tuple,
        () if ty == &raw mut py::PyLong_Type => Kind::Int,
        () if ty == &raw mut py::PyList_Type => Kind::List,
        () if is_set => Kind::Set,
        () if descriptors.contains(&ty) => Kind::Descriptor,
        () if flags & TPFLAGS_UNICODE_SUBCLASS != 0 => Kind::Str,
        () if flags & TPFLAGS_DICT_SUBCLASS != 0 => Kind::Dict,
        () if flags & TPFLAGS_TYPE_SUBCLASS != 0 => Kind::Type,
        () if is_module => Kind::Module,
        () if has_traverse => Kind::Other,
        () => Kind::Leaf,
    }
}

/// The size of an object's own block, from the object on.
unsafe fn own_size(obj: *mut PyObject, facts: &TypeFacts) -> usize {
    // SAFETY: `obj` is live and of the type the facts are about.
    unsafe {
        match facts.kind {
            Kind::Int => {
                offset_of!(PyLongObject, ob_digit)
                    + 4 * ((*obj.cast::<PyLongObject>()).lv_tag >> LONG_NON_SIZE_BITS).max(1)
            }
            Kind::Str => {
                let head = if (*obj.cast::<PyASCIIObject>()).state & UNICODE_ASCII != 0 {
                    size_of::<PyASCIIObject>()
                } else {
                    size_of::<PyCompactUnicodeObject>()
                };
                let (width, data) = object::str_data(obj);
                head.max(if facts.traverse.is_some() { facts.basic_size } else { 0 }) + data.len() + width
            }
            // The size of a type is its own business: its items are slots.
            Kind::List | Kind::Dict | Kind::Set | Kind::Type => facts.basic_size,
            _ if object::type_flags(facts.ty) & TPFLAGS_LONG_SUBCLASS != 0 => {
                facts.basic_size + facts.item_size * ((*obj.cast::<PyLongObject>()).lv_tag >> LONG_NON_SIZE_BITS)
            }
            _ if facts.item_size > 0 => {
                let items = (*obj.cast::<VarHead>()).ob_size;
                facts.basic_size + facts.item_size * items.unsigned_abs()
            }
            _ if facts.inline_values => {
                let values = obj.byte_add(facts.basic_size).cast::<PyDictValues>();
                facts.basic_size + 8 * ((*values).capacity as usize + 1) + (*values).capacity as usize
            }
            _ => facts.basic_size,
        }
    }
}

/// The block that an object has beside its own, for itself alone.
unsafe fn part_of(obj: *mut PyObject, facts: &TypeFacts) -> Option<(usize, usize, Part)> {
    // SAFETY: `obj` is live and of the type the facts are about.
    unsafe {
        match facts.kind {
            Kind::List => {
                let list = &*obj.cast::<PyListObject>();
                let size = 8 * list.allocated.max(0) as usize;
                (!list.ob_item.is_null()).then_some((list.ob_item as usize, size, Part::ListItems))
            }
            Kind::Dict => {
                let size = heap::own_keys_size(obj)?;
                Some(((*obj.cast::<PyDictObject>()).ma_keys as usize, size, Part::DictTable))
            }
            Kind::Set => {
                let set = &*obj.cast::<PySetObject>();
                let slots = set.mask.max(0) as usize + 1;
                (slots > SMALL_SET).then_some((set.table as usize, slots * size_of::<SetEntry>(), Part::SetTable))
            }
            _ => None,
        }
    }
}

/// Up to so many entries a set has inside itself.
const SMALL_SET: usize = 8;

/// The name of what a piece of code or a function belongs to; NULL for others.
unsafe fn owner_of(obj: *mut PyObject, facts: &TypeFacts) -> *mut PyObject {
    // SAFETY: `obj` is live and of the type the facts are about.
    unsafe {
        match facts.kind {
            Kind::Code => (*obj.cast::<PyCodeObject>()).co_filename,
            Kind::Module => (*obj.cast::<PyModuleObject>()).md_name,
            Kind::Other if facts.ty == &raw mut ffi::PyFunction_Type => (*obj.cast::<PyFunctionObject>()).func_module,
            _ => core::ptr::null_mut(),
        }
    }
}
