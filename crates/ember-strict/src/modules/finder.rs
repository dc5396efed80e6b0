//! Finds modules the way the interpreter does, with stubs in front.

use rustc_hash::{FxHashMap, FxHashSet};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};

/// What kind of thing was found.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum FoundKind {
    /// A stub of ours or the user's.
    Stub,
    /// A Python source.
    Source,
    /// A folder without `__init__`.
    Namespace,
    /// Machine code without a stub.
    Extension,
}

/// A module that was found.
#[derive(Clone, Debug)]
pub struct Found {
    /// What it is.
    pub kind: FoundKind,
    /// Its source.
    pub path: Option<PathBuf>,
    /// Whether it has submodules.
    pub package: bool,
    /// Where those are looked for.
    pub search: Vec<String>,
}

/// The search path with what has been listed of it.
#[derive(Debug)]
pub struct Finder {
    stubs: Vec<PathBuf>,
    path: Vec<PathBuf>,
    builtin: FxHashSet<String>,
    /// Modules whose place is known, wherever others of their name lie.
    pub given: FxHashMap<String, Found>,
    folders: Mutex<FxHashMap<PathBuf, Arc<FxHashSet<String>>>>,
}

impl Finder {
    /// A finder over folders of stubs and folders of modules; `builtin` are modules that are part of the interpreter.
    pub fn new(stubs: Vec<PathBuf>, path: Vec<PathBuf>, builtin: impl IntoIterator<Item = String>) -> Finder {
        Finder {
            stubs,
            path,
            builtin: builtin.into_iter().collect(),
            given: FxHashMap::default(),
            folders: Mutex::default(),
        }
    }

    fn listing(&self, folder: &Path) -> Arc<FxHashSet<String>> {
        if let Ok(folders) = self.folders.lock()
            && let Some(known) = folders.get(folder)
        {
            return known.clone();
        }
        let names: FxHashSet<String> = std::fs::read_dir(folder)
            .map(|entries| entries.flatten().map(|e| e.file_name().to_string_lossy().into_owned()).collect())
            .unwrap_or_default();
        let names = Arc::new(names);
        if let Ok(mut folders) = self.folders.lock() {
            folders.insert(folder.to_owned(), names.clone());
        }
        names
    }

    /// The folders that were listed.
    pub fn listed(&self) -> Vec<PathBuf> {
        let mut list: Vec<PathBuf> =
            self.folders.lock().map(|folders| folders.keys().cloned().collect()).unwrap_or_default();
        list.sort();
        list
    }

    /// List folders anew when they are needed.
    pub fn forget(&self) {
        if let Ok(mut folders) = self.folders.lock() {
            folders.clear();
        }
    }

    /// Find a module; `search` are the folders of its package.
    pub fn find(&self, name: &str, search: Option<&[String]>) -> Option<Found> {
        let leaf = name.rsplit('.').next().unwrap_or(name);
        if leaf.is_empty() {
            return None;
        }
        if let Some(found) = self.given.get(name) {
            return Some(found.clone());
        }
        let real = match search {
            // A package that is stubbed has the folder of its stubs in its path, too.
            Some(folders) => {
                let is_real = |folder: &PathBuf| !self.stubs.iter().any(|stubs| folder.starts_with(stubs));
                self.find_in(leaf, folders.iter().map(PathBuf::from).filter(is_real))
            }
            None => self.find_in(leaf, self.path.iter().cloned()),
        };
        let stub = self.stubs.iter().find_map(|folder| self.stub_in(folder, name));
        if let Some(mut stub) = stub {
            if let Some(real) = real {
                stub.search.extend(real.search);
                stub.package |= real.package;
            }
            return Some(stub);
        }
        if real.is_none() && search.is_none() && self.builtin.contains(name) {
            return Some(Found { kind: FoundKind::Extension, path: None, package: false, search: Vec::new() });
        }
        real
    }

    /// The stub of a module in a folder of stubs.
    pub fn stub_in(&self, folder: &Path, name: &str) -> Option<Found> {
        let (package, leaf) = name.rsplit_once('.').unwrap_or(("", name));
        let parts: PathBuf = package.split('.').collect();
        self.find_stub(leaf, &folder.join(parts))
    }

    fn find_stub(&self, leaf: &str, folder: &Path) -> Option<Found> {
        let names = self.listing(folder);
        if names.contains(leaf) && self.listing(&folder.join(leaf)).contains("__init__.py") {
            let package = folder.join(leaf);
            let search = vec![package.to_string_lossy().into_owned()];
            return Some(Found {
                kind: FoundKind::Stub,
                path: Some(package.join("__init__.py")),
                package: true,
                search,
            });
        }
        let file = format!("{leaf}.py");
        names.contains(&file).then(|| Found {
            kind: FoundKind::Stub,
            path: Some(folder.join(file)),
            package: false,
            search: Vec::new(),
        })
    }

    fn find_in(&self, leaf: &str, folders: impl Iterator<Item = PathBuf>) -> Option<Found> {
        let mut namespace = Vec::new();
        for folder in folders {
            let names = self.listing(&folder);
            if names.contains(leaf) {
                let package = folder.join(leaf);
                if self.listing(&package).contains("__init__.py") {
                    let search = vec![package.to_string_lossy().into_owned()];
                    let path = Some(package.join("__init__.py"));
                    return Some(Found { kind: FoundKind::Source, path, package: true, search });
                }
            }
            let file = format!("{leaf}.py");
            let dotted = format!("{leaf}.");
            let native = |name: &String| name.starts_with(&dotted) && (name.ends_with(".so") || name.ends_with(".pyd"));
            // A source beside machine code is what that was made of (Cython's pure Python mode, mypyc).
            if !names.contains(&file) && names.iter().any(native) {
                return Some(Found { kind: FoundKind::Extension, path: None, package: false, search: Vec::new() });
            }
            if names.contains(&file) {
                let path = Some(folder.join(file));
                return Some(Found { kind: FoundKind::Source, path, package: false, search: Vec::new() });
            }
            if names.contains(leaf) && folder.join(leaf).is_dir() {
                namespace.push(folder.join(leaf).to_string_lossy().into_owned());
            }
        }
        if namespace.is_empty() {
            return None;
        }
        Some(Found { kind: FoundKind::Namespace, path: None, package: true, search: namespace })
    }
}
