//! What all threads share: finished modules with their frozen heaps, sources, names.
//!
//! A heap appears here when its group of modules is finished and never changes again.

use super::finder::{Finder, Found, FoundKind};
use crate::heap::Frozen;
use crate::source::Source;
use crate::syntax::code::Code;
use crate::syntax::compile::{SyntaxError, compile_module};
use crate::value::{ModId, Ref, Str, Value};
use crate::vm::Vm;
use crate::vm::shadow::Delta;
use rustc_hash::{FxHashMap, FxHashSet};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, OnceLock, RwLock};

/// The most modules in one run.
pub const MODULES: usize = 1 << 15;

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
    /// Groups of modules that did something to others, among its own and those that it imports.
    pub deltas: Arc<[u32]>,
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
    object: Option<Ref>,
    incomplete: bool,
    imports: Vec<ModId>,
}

/// Names that are looked up all the time.
#[derive(Debug)]
pub struct Names {
    pub dunder_name: Str,
    pub dunder_get: Str,
    pub dunder_set: Str,
    pub dunder_delete: Str,
    pub dunder_getattr: Str,
    pub dunder_getattribute: Str,
    pub dunder_setattr: Str,
    pub dunder_iter: Str,
    pub dunder_len: Str,
    pub dunder_bool: Str,
    pub dunder_hash: Str,
    pub dunder_getitem: Str,
    pub dunder_contains: Str,
    table: FxHashMap<&'static str, Str>,
}

impl Default for Names {
    fn default() -> Names {
        let mut table = FxHashMap::default();
        let common = [
            "__add__",
            "__radd__",
            "__sub__",
            "__rsub__",
            "__mul__",
            "__rmul__",
            "__mod__",
            "__rmod__",
            "__or__",
            "__ror__",
            "__and__",
            "__rand__",
            "__eq__",
            "__ne__",
            "__lt__",
            "__gt__",
            "__le__",
            "__ge__",
            "__repr__",
            "__str__",
            "__format__",
            "__setitem__",
            "__delitem__",
            "__iadd__",
            "__ior__",
            "__iand__",
            "__index__",
            "__init__",
            "__new__",
            "__call__",
            "__next__",
            "__instancecheck__",
            "__subclasscheck__",
        ];
        for name in common {
            table.insert(name, Str::from(name));
        }
        Names {
            dunder_name: "__name__".into(),
            dunder_get: "__get__".into(),
            dunder_set: "__set__".into(),
            dunder_delete: "__delete__".into(),
            dunder_getattr: "__getattr__".into(),
            dunder_getattribute: "__getattribute__".into(),
            dunder_setattr: "__setattr__".into(),
            dunder_iter: "__iter__".into(),
            dunder_len: "__len__".into(),
            dunder_bool: "__bool__".into(),
            dunder_hash: "__hash__".into(),
            dunder_getitem: "__getitem__".into(),
            dunder_contains: "__contains__".into(),
            table,
        }
    }
}

/// A source that was compiled, or why not.
pub type Compiled = Result<Arc<Code>, (Arc<Source>, SyntaxError)>;

/// What all threads share.
pub struct World {
    heaps: Vec<OnceLock<Frozen>>,
    /// The namespace of the builtins.
    pub builtins: Ref,
    /// The module `builtins`.
    pub builtins_module: Ref,
    /// Names that are looked up all the time.
    pub names: Names,
    /// Finds modules.
    pub finder: Finder,
    /// Changes of foreign objects that are accepted: `module:attribute`.
    pub benign: Vec<String>,
    /// The folder of the standard library.
    pub stdlib: Option<PathBuf>,
    /// Packages that are strict without saying so.
    pub strict_packages: Vec<String>,
    /// Values of the interpreter that will run the program: `sys.platform` and so on.
    pub facts: Vec<(String, String)>,
    next: AtomicU32,
    finished: RwLock<FxHashMap<String, Finished>>,
    infos: RwLock<FxHashMap<ModId, Info>>,
    compiled: RwLock<FxHashMap<PathBuf, Compiled>>,
    deltas: RwLock<Vec<Arc<[Delta]>>>,
    /// Names in `sys.modules` that a module has put something else under, or may have.
    replaced: RwLock<FxHashSet<String>>,
}

impl World {
    /// A world that knows the builtins only.
    pub fn new(finder: Finder) -> World {
        let nowhere = Ref { owner: 0, index: 0 };
        let mut world = World {
            heaps: (0..MODULES).map(|_| OnceLock::new()).collect(),
            builtins: nowhere,
            builtins_module: nowhere,
            names: Names::default(),
            finder,
            benign: Vec::new(),
            stdlib: None,
            strict_packages: Vec::new(),
            facts: Vec::new(),
            next: AtomicU32::new(1),
            finished: RwLock::default(),
            infos: RwLock::default(),
            compiled: RwLock::default(),
            deltas: RwLock::default(),
            replaced: RwLock::default(),
        };
        let (heap, builtins, module) = {
            let mut vm = Vm::new(&world);
            let (builtins, module) = crate::builtins::boot(&mut vm);
            (vm.take_heaps(), builtins, module)
        };
        (world.builtins, world.builtins_module) = (builtins, module);
        world.register_as(0, "builtins", module);
        for live in heap {
            world.freeze(live.owner, live.objects);
        }
        world.publish(
            "builtins",
            Finished { id: 0, object: module, failed: None, certain: false, deltas: Arc::default() },
        );
        world
    }

    /// The frozen heap of a module.
    pub fn frozen(&self, id: ModId) -> Option<&Frozen> {
        self.heaps.get(id as usize)?.get()
    }

    /// Share a heap.
    pub fn freeze(&self, id: ModId, heap: Frozen) {
        if let Some(slot) = self.heaps.get(id as usize) {
            let _ = slot.set(heap);
        }
    }

    /// A string of a frequent name.
    pub fn name(&self, name: &str) -> Str {
        self.names.table.get(name).cloned().unwrap_or_else(|| name.into())
    }

    /// A builtin by name; `None` if there is none.
    pub fn builtin(&self, name: &str) -> Value {
        let found = self.frozen(0).and_then(|heap| match &heap.get(self.builtins.index as usize)?.kind {
            crate::heap::Kind::Dict(table) => {
                let name: Str = name.into();
                let place = table.find(name.hash(), |key| {
                    let object = key.obj().and_then(|r| heap.get(r.index as usize));
                    matches!(object.map(|o| &o.kind), Some(crate::heap::Kind::Str(text)) if *text == name)
                })?;
                table.at(place).map(|entry| entry.value)
            }
            _ => None,
        });
        found.unwrap_or(Value::None)
    }

    /// A number for a module that is about to be executed.
    pub fn new_module(&self, name: &str, found: &Found) -> ModId {
        let id = self.next.fetch_add(1, Ordering::Relaxed).min(MODULES as u32 - 1);
        let info = Info {
            name: name.to_owned(),
            path: found.path.clone(),
            kind: found.kind,
            object: None,
            incomplete: false,
            imports: Vec::new(),
        };
        if let Ok(mut infos) = self.infos.write() {
            infos.insert(id, info);
        }
        id
    }

    fn register_as(&self, id: ModId, name: &str, object: Ref) {
        let info = Info {
            name: name.to_owned(),
            path: None,
            kind: FoundKind::Stub,
            object: Some(object),
            incomplete: false,
            imports: Vec::new(),
        };
        if let Ok(mut infos) = self.infos.write() {
            infos.insert(id, info);
        }
    }

    fn update(&self, id: ModId, change: impl FnOnce(&mut Info)) {
        if let Ok(mut infos) = self.infos.write()
            && let Some(info) = infos.get_mut(&id)
        {
            change(info);
        }
    }

    /// What is known of a module.
    pub fn info(&self, id: ModId) -> Option<Info> {
        self.infos.read().ok()?.get(&id).cloned()
    }

    /// Note a module's object.
    pub fn register(&self, id: ModId, object: Ref) {
        self.update(id, |info| info.object = Some(object));
    }

    /// Note what a module imports.
    pub fn set_imports(&self, id: ModId, imports: Vec<ModId>) {
        self.update(id, |info| info.imports = imports);
    }

    /// All modules that were executed: name, source, what they imported.
    pub fn known(&self) -> Vec<(String, Option<PathBuf>, Vec<String>)> {
        let Ok(infos) = self.infos.read() else { return Vec::new() };
        let name = |id: &ModId| infos.get(id).map(|info| info.name.clone());
        infos
            .values()
            .map(|info| (info.name.clone(), info.path.clone(), info.imports.iter().filter_map(name).collect()))
            .collect()
    }

    /// Whether a module is a source, and not of the standard library.
    pub fn is_of_others(&self, id: ModId) -> bool {
        let Some(info) = self.info(id).filter(|info| info.kind == FoundKind::Source) else { return false };
        !info.path.is_some_and(|path| in_library(self.stdlib.as_deref(), &path))
    }

    /// What a module imports.
    pub fn imports_of(&self, id: ModId) -> Vec<ModId> {
        self.infos.read().ok().and_then(|infos| infos.get(&id).map(|info| info.imports.clone())).unwrap_or_default()
    }

    /// Names may be missing from this module because its analysis was not complete.
    pub fn set_incomplete(&self, id: ModId) {
        self.update(id, |info| info.incomplete = true);
    }

    /// Note that what is imported under a name need not be the module of that name any more.
    pub fn note_replaced(&self, name: &str) {
        if let Ok(mut replaced) = self.replaced.write() {
            replaced.insert(name.to_owned());
        }
    }

    /// Whether something else may be imported under a name than the module of that name.
    pub fn is_replaced(&self, name: &str) -> bool {
        self.replaced.read().is_ok_and(|replaced| replaced.contains(name))
    }

    /// Note what a group of modules did to others; its number if it did anything.
    pub fn add_deltas(&self, list: Vec<Delta>) -> Option<u32> {
        if list.is_empty() {
            return None;
        }
        let mut deltas = self.deltas.write().ok()?;
        deltas.push(list.into());
        u32::try_from(deltas.len() - 1).ok()
    }

    /// What the group of this number did to others.
    pub fn deltas(&self, group: u32) -> Arc<[Delta]> {
        self.deltas.read().ok().and_then(|deltas| deltas.get(group as usize).cloned()).unwrap_or_default()
    }

    /// Whether names may be missing from a module.
    pub fn is_incomplete(&self, id: ModId) -> bool {
        self.infos.read().ok().and_then(|infos| infos.get(&id).map(|info| info.incomplete)).unwrap_or(false)
    }

    /// A module's object.
    pub fn module_object(&self, _vm: &Vm<'_>, id: ModId) -> Option<Value> {
        self.infos.read().ok()?.get(&id)?.object.map(Value::Obj)
    }

    /// Whether a module is strict, by its flag or by the settings.
    pub fn is_strict(&self, id: ModId) -> bool {
        let Some(info) = self.info(id).filter(|info| info.kind == FoundKind::Source) else { return false };
        let listed =
            |p: &String| info.name == *p || info.name.strip_prefix(p).is_some_and(|rest| rest.starts_with('.'));
        self.strict_packages.iter().any(listed)
            || info.path.is_some_and(|path| self.compiled(&info.name, &path).is_ok_and(|code| code.strict))
    }

    /// A module's name.
    pub fn module_name(&self, id: ModId) -> String {
        self.infos
            .read()
            .ok()
            .and_then(|infos| infos.get(&id).map(|info| info.name.clone()))
            .unwrap_or_else(|| "?".into())
    }

    /// Where a module's source is.
    pub fn module_file(&self, name: &str) -> Option<String> {
        let infos = self.infos.read().ok()?;
        let info = infos.values().find(|info| info.name == name)?;
        info.path.as_ref().map(|path| path.to_string_lossy().into_owned())
    }

    /// A finished module.
    pub fn finished(&self, name: &str) -> Option<Finished> {
        self.finished.read().ok()?.get(name).cloned()
    }

    /// Let other threads see a finished module.
    pub fn publish(&self, name: &str, finished: Finished) {
        if let Ok(mut table) = self.finished.write() {
            table.entry(name.to_owned()).or_insert(finished);
        }
    }

    /// A module's code, compiled once.
    pub fn compiled(&self, name: &str, path: &Path) -> Compiled {
        if let Ok(table) = self.compiled.read()
            && let Some(known) = table.get(path)
        {
            return known.clone();
        }
        let text = read_source(path);
        let source = Arc::new(Source::new(path, name, text));
        let compiled = compile_module(&source).map_err(|error| (source, error));
        if let Ok(mut table) = self.compiled.write() {
            table.insert(path.to_owned(), compiled.clone());
        }
        compiled
    }

    /// Give the text of a module that lies in no file.
    pub fn give(&self, name: &str, path: &Path, text: String) {
        let source = Arc::new(Source::new(path, name, text));
        let compiled = compile_module(&source).map_err(|error| (source, error));
        if let Ok(mut table) = self.compiled.write() {
            table.insert(path.to_owned(), compiled);
        }
    }

    /// How many numbers of modules are used up.
    pub fn numbers_used(&self) -> usize {
        self.next.load(Ordering::Relaxed) as usize
    }

    /// Read these files anew when they are needed, and list folders anew; the modules that were made of them.
    pub fn forget_files(&self, files: &[PathBuf]) -> Vec<String> {
        self.finder.forget();
        if let Ok(mut table) = self.compiled.write() {
            files.iter().for_each(|path| drop(table.remove(path)));
        }
        let Ok(infos) = self.infos.read() else { return Vec::new() };
        let made = infos.values().filter(|info| info.path.as_ref().is_some_and(|path| files.contains(path)));
        made.map(|info| info.name.clone()).collect()
    }

    /// Let modules be analysed again; their old heaps stay for those that refer to them.
    pub fn forget_modules(&self, names: &FxHashSet<String>) {
        if let Ok(mut table) = self.finished.write() {
            table.retain(|name, _| !names.contains(name));
        }
        if let Ok(mut infos) = self.infos.write() {
            infos.retain(|_, info| !names.contains(&info.name));
        }
    }

    /// All files that were compiled.
    pub fn files(&self) -> Vec<PathBuf> {
        let mut files: Vec<PathBuf> =
            self.compiled.read().map(|table| table.keys().cloned().collect()).unwrap_or_default();
        files.sort();
        files
    }

    /// Whether a change of a foreign object is accepted: an entry `module:name` accepts changes of a name of a
    /// module, `module:function()` all that the function does to its own module's objects, `module:*` all.
    pub fn is_benign<'c, Calls>(
        &self,
        executing: &str,
        owner: &str,
        described: &str,
        what: &str,
        calls: impl Fn() -> Calls,
    ) -> bool
    where
        Calls: Iterator<Item = (&'c str, &'c str)>,
    {
        // A module that fills its own namespace when a name is first asked for.
        if calls().any(|(module, qualname)| module == owner && qualname.rsplit('.').next() == Some("__getattr__")) {
            return true;
        }
        // What a function does itself, not what it calls.
        if calls().last().is_some_and(|call| BY_THEMSELVES.contains(&call)) {
            return true;
        }
        let inside = |function: (&str, &str)| calls().any(|call| call == function);
        // Whichever order loggers are made in, the tree that they form is the same; who owns a node of it is chance.
        if inside(("logging", "getLogger")) || inside(("logging", "Logger.getChild")) {
            return true;
        }
        // A handler for the loggers of one's own package: nobody else logs there.
        if inside(("logging", "Logger.addHandler")) && top_of(executing) == top_of(owner) {
            return true;
        }
        // Which implementation a class gets is looked up once and kept.
        if inside(("functools", "singledispatch.<locals>.dispatch")) {
            return true;
        }
        // One's own class in the table of a foreign abstract class: seen by those only who have an object of one's own.
        if calls().any(|(module, qualname)| module == "_abc" && qualname == "_register_own") {
            return true;
        }
        let mut entries = BENIGN.iter().copied().chain(self.benign.iter().map(String::as_str));
        entries.any(|entry| {
            let Some((module, name)) = entry.split_once(':') else { return false };
            if module != owner {
                return false;
            }
            match name.strip_suffix("()") {
                Some(function) => calls().any(|(in_module, qualname)| in_module == module && qualname == function),
                None => {
                    let quoted = format!("'{name}'");
                    name == "*" || described.contains(&quoted) || what.contains(&quoted)
                }
            }
        })
    }
}

/// Changes that nobody can see afterwards: caches, registries that give the same answer again, counters for ordering.
const BENIGN: &[&str] = &[
    "functools:_convert.<locals>.decorator()",
    "functools:total_ordering()",
    "ctypes:CFUNCTYPE()",
    "ctypes:PYFUNCTYPE()",
    "ctypes:WINFUNCTYPE()",
    "_ctypes:POINTER()",
    "warnings:_deprecated()",
    "typing:_TypedCacheHolder()",
    "typing:overload()",
    "string:Template._compile_pattern()",
    "urllib.parse:_unquote_impl()",
    "copyreg:__newobj__()",
    "attr._make:_CountingAttr.__init__()",
];

/// Functions that keep what they made to give it again, or note that they are running: whose the object is in which they do is chance.
const BY_THEMSELVES: &[(&str, &str)] = &[
    // Combinations of flags.
    ("enum", "Flag._missing_"),
    // Keys that were read before.
    ("json.decoder", "JSONObject"),
    ("json.scanner", "py_make_scanner.<locals>.scan_once"),
    ("ipaddress", "_BaseV4._make_netmask"),
    ("ipaddress", "_BaseV6._make_netmask"),
    ("reprlib", "recursive_repr.<locals>.decorating_function.<locals>.wrapper"),
];

/// Whether a file is part of the standard library in this folder, in which packages may be installed, too.
pub fn in_library(library: Option<&Path>, file: &Path) -> bool {
    let is_installed =
        file.components().any(|part| part.as_os_str() == "site-packages" || part.as_os_str() == "dist-packages");
    !is_installed && library.is_some_and(|folder| file.starts_with(folder))
}

/// The name of the package that all of a distribution lies in.
fn top_of(module: &str) -> &str {
    module.split('.').next().unwrap_or(module)
}

/// A source's text, in whichever encoding it declares; what cannot be decoded is replaced.
pub fn read_source(path: &Path) -> String {
    let bytes = std::fs::read(path).unwrap_or_default();
    let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(&bytes);
    match std::str::from_utf8(bytes) {
        Ok(text) => text.to_owned(),
        // Latin-1, the usual declared encoding of what is not UTF-8.
        Err(_) => bytes.iter().map(|byte| *byte as char).collect(),
    }
}
