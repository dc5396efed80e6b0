//! What all threads share: finished modules with their frozen heaps, sources, names.
//!
//! A group of modules appears here when it is finished and never changes again. Invariant: what a group sees of others is what it
//! would see if all groups were executed one after another in the order of their numbers ([`World::ask`]); threads only make that faster.

use super::finder::{Finder, FoundKind};
use super::group::{Finished, Group, Info};
use super::shuffle::{Shuffle, Stage};
use super::sources::{Compiled, Sources};
use crate::heap::Frozen;
use crate::value::{GROUPS, ModId, Ref, Str, Value, group_of, place_of};
use crate::vm::Vm;
use rustc_hash::{FxHashMap, FxHashSet};
use std::path::{Path, PathBuf};
use std::sync::{Arc, OnceLock};

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

/// What a group may know of a module of another.
#[derive(Debug)]
pub enum Known {
    /// It was executed.
    Finished(Finished),
    /// This group has to be executed first.
    Later(u32),
    /// It is not executed before this group in any order: who needs it executes it for itself.
    Not,
}

/// What all threads share.
pub struct World {
    /// Groups by number; 0 is the builtins.
    groups: Vec<OnceLock<Group>>,
    /// The group in which a module has its place.
    order: FxHashMap<String, u32>,
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
    /// Disturbs the schedule, in tests.
    pub shuffle: Shuffle,
    /// The module on which the analyser is to fail, and when, in tests.
    pub fault: Option<(Stage, String)>,
    sources: Sources,
}

impl World {
    /// A world that knows the builtins only.
    pub fn new(finder: Finder) -> World {
        let nowhere = Ref { owner: 0, index: 0 };
        let mut world = World {
            groups: vec![OnceLock::new()],
            order: FxHashMap::from_iter([("builtins".to_owned(), 0)]),
            builtins: nowhere,
            builtins_module: nowhere,
            names: Names::default(),
            finder,
            benign: Vec::new(),
            stdlib: None,
            strict_packages: Vec::new(),
            facts: Vec::new(),
            shuffle: Shuffle::default(),
            fault: None,
            sources: Sources::default(),
        };
        let (live, builtins, module) = {
            let mut vm = Vm::new(&world, 0);
            let (builtins, module) = crate::builtins::boot(&mut vm);
            (vm.take_heaps(), builtins, module)
        };
        (world.builtins, world.builtins_module) = (builtins, module);
        let finished = Finished { id: 0, object: module, failed: None, certain: false, traces: Arc::default() };
        let info = Info {
            name: "builtins".to_owned(),
            path: None,
            kind: FoundKind::Stub,
            object: Some(module),
            incomplete: false,
            imports: Vec::new(),
        };
        let heaps = live.into_iter().map(|live| live.objects).collect();
        let modules = FxHashMap::from_iter([("builtins".to_owned(), finished)]);
        world.publish(0, Group { heaps, infos: vec![info], modules, ..Group::default() });
        world
    }

    /// Give groups their numbers, in the order in which they would be executed one after another; the number of the first. Those for
    /// which there are no numbers left get none.
    pub fn place(&mut self, groups: &[Vec<String>]) -> u32 {
        let first = self.groups.len();
        let fit = groups.len().min(GROUPS - first);
        for (at, names) in groups[..fit].iter().enumerate() {
            self.groups.push(OnceLock::new());
            for name in names {
                // The builtins are there from the beginning.
                if !self.is_in(0, name) {
                    self.order.insert(name.clone(), (first + at) as u32);
                }
            }
        }
        first as u32
    }

    /// Whether a group has a number.
    pub fn is_placed(&self, group: u32) -> bool {
        (group as usize) < self.groups.len()
    }

    /// A group that is finished.
    pub fn group(&self, group: u32) -> Option<&Group> {
        self.groups.get(group as usize)?.get()
    }

    /// Share a finished group.
    pub fn publish(&self, number: u32, group: Group) {
        if let Some(slot) = self.groups.get(number as usize) {
            let _ = slot.set(group);
        }
    }

    /// The frozen heap of a module.
    pub fn frozen(&self, id: ModId) -> Option<&Frozen> {
        self.group(group_of(id))?.heaps.get(place_of(id))
    }

    /// Whether a module has its place in a group.
    pub fn is_in(&self, group: u32, name: &str) -> bool {
        self.order.get(name) == Some(&group)
    }

    /// What the group of the number `asking` may know of a module: as much as if all groups were executed one after
    /// another, so that it does not depend on which threads are ahead.
    pub fn ask(&self, asking: u32, name: &str) -> Known {
        let Some(group) = self.order.get(name).copied().filter(|group| *group < asking) else { return Known::Not };
        self.shuffle.point();
        match self.group(group) {
            Some(finished) => finished.modules.get(name).cloned().map_or(Known::Not, Known::Finished),
            None => Known::Later(group),
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

    /// What is known of a module of a finished group.
    pub fn info(&self, id: ModId) -> Option<&Info> {
        self.group(group_of(id))?.infos.get(place_of(id))
    }

    fn infos(&self) -> impl Iterator<Item = &Info> {
        self.groups.iter().filter_map(OnceLock::get).flat_map(|group| &group.infos)
    }

    /// All modules that were executed: name, source, what they imported.
    pub fn known(&self) -> Vec<(String, Option<PathBuf>, Vec<String>)> {
        let name = |id: &ModId| self.info(*id).map(|info| info.name.clone());
        self.infos()
            .map(|info| (info.name.clone(), info.path.clone(), info.imports.iter().filter_map(name).collect()))
            .collect()
    }

    /// Whether a module is a source, and not of the standard library.
    pub fn is_of_others(&self, info: &Info) -> bool {
        let in_library = || info.path.as_ref().is_some_and(|path| in_library(self.stdlib.as_deref(), path));
        info.kind == FoundKind::Source && !in_library()
    }

    /// Whether a module is strict, by its flag or by the settings.
    pub fn is_strict(&self, info: &Info) -> bool {
        if info.kind != FoundKind::Source {
            return false;
        }
        let listed =
            |p: &String| info.name == *p || info.name.strip_prefix(p).is_some_and(|rest| rest.starts_with('.'));
        self.strict_packages.iter().any(listed)
            || info.path.as_ref().is_some_and(|path| self.compiled(&info.name, path).is_ok_and(|code| code.strict))
    }

    /// A finished module.
    pub fn finished(&self, name: &str) -> Option<&Finished> {
        self.group(*self.order.get(name)?)?.modules.get(name)
    }

    /// A module's code, compiled once.
    pub fn compiled(&self, name: &str, path: &Path) -> Compiled {
        self.sources.compiled(name, path, self.fails(Stage::Compiling, name))
    }

    /// Whether a test wants the analyser to fail here.
    pub fn fails(&self, stage: Stage, name: &str) -> bool {
        self.fault.as_ref().is_some_and(|(at, of)| *at == stage && of == name)
    }

    /// Give the text of a module that lies in no file.
    pub fn give(&self, name: &str, path: &Path, text: String) {
        self.sources.give(name, path, text);
    }

    /// How many numbers of groups are used up.
    pub fn numbers_used(&self) -> usize {
        self.groups.len()
    }

    /// Read these files anew when they are needed, and list folders anew; the modules that were made of them.
    pub fn forget_files(&self, files: &[PathBuf]) -> Vec<String> {
        self.finder.forget();
        self.sources.forget(files);
        let made = self.infos().filter(|info| info.path.as_ref().is_some_and(|path| files.contains(path)));
        made.map(|info| info.name.clone()).collect()
    }

    /// Let modules be analysed again; their old heaps stay for those that refer to them.
    pub fn forget_modules(&mut self, names: &FxHashSet<String>) {
        self.order.retain(|name, _| !names.contains(name));
    }

    /// All files that were read, with the hash of what was in them; none if one could not be read.
    pub fn files(&self) -> Vec<(PathBuf, Option<u64>)> {
        self.sources.files()
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
