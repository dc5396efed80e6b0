//! Finds modules the way the interpreter does, with stubs in front.
//!
//! A folder is listed once. One that is not there, or may not be looked at, has no modules for the interpreter, either; any other
//! reason for which it cannot be listed says nothing of what is in it, and whoever looks for a module there is told ([`Trouble`]).

use rustc_hash::{FxHashMap, FxHashSet};
use std::fs::FileType;
use std::io::{Error, ErrorKind};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

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

/// Why a place could not be looked at.
pub type Trouble = Arc<str>;

type Listing = Result<Arc<FxHashSet<String>>, Trouble>;

/// The search path with what has been listed of it.
#[derive(Debug)]
pub struct Finder {
    stubs: Vec<PathBuf>,
    path: Vec<PathBuf>,
    builtin: FxHashSet<String>,
    /// Modules whose place is known, wherever others of their name lie.
    pub given: FxHashMap<String, Found>,
    folders: Mutex<FxHashMap<PathBuf, Listing>>,
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

    fn listing(&self, folder: &Path) -> Listing {
        let mut folders = self.folders.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(known) = folders.get(folder) {
            return known.clone();
        }
        let names = list(folder);
        folders.insert(folder.to_owned(), names.clone());
        names
    }

    fn has(&self, folder: &Path, name: &str) -> Result<bool, Trouble> {
        Ok(self.listing(folder)?.contains(name) && is_file(&folder.join(name))?)
    }

    /// The folders that were listed, in order.
    pub fn listed(&self) -> Vec<PathBuf> {
        let folders = self.folders.lock().unwrap_or_else(PoisonError::into_inner);
        let mut list: Vec<PathBuf> = folders.keys().cloned().collect();
        list.sort();
        list
    }

    /// Why a folder could not be listed, if there was one.
    pub fn trouble(&self) -> Option<Trouble> {
        let folders = self.folders.lock().unwrap_or_else(PoisonError::into_inner);
        folders.values().filter_map(|listing| listing.as_ref().err()).min().cloned()
    }

    /// List folders anew when they are needed.
    pub fn forget(&self) {
        self.folders.lock().unwrap_or_else(PoisonError::into_inner).clear();
    }

    /// Find a module; `search` are the folders of its package.
    pub fn find(&self, name: &str, search: Option<&[String]>) -> Result<Option<Found>, Trouble> {
        let leaf = name.rsplit('.').next().unwrap_or(name);
        if leaf.is_empty() {
            return Ok(None);
        }
        if let Some(found) = self.given.get(name) {
            return Ok(Some(found.clone()));
        }
        let real = match search {
            // A package that is stubbed has the folder of its stubs in its path, too.
            Some(folders) => {
                let is_real = |folder: &PathBuf| !self.stubs.iter().any(|stubs| folder.starts_with(stubs));
                self.find_in(leaf, folders.iter().map(PathBuf::from).filter(is_real))?
            }
            None => self.find_in(leaf, self.path.iter().cloned())?,
        };
        for folder in &self.stubs {
            let Some(mut stub) = self.stub_in(folder, name)? else { continue };
            if let Some(real) = real {
                stub.search.extend(real.search);
                stub.package |= real.package;
            }
            return Ok(Some(stub));
        }
        if real.is_none() && search.is_none() && self.builtin.contains(name) {
            return Ok(Some(Found { kind: FoundKind::Extension, path: None, package: false, search: Vec::new() }));
        }
        Ok(real)
    }

    /// The stub of a module in a folder of stubs.
    pub fn stub_in(&self, folder: &Path, name: &str) -> Result<Option<Found>, Trouble> {
        let (package, leaf) = name.rsplit_once('.').unwrap_or(("", name));
        let parts: PathBuf = package.split('.').collect();
        self.find_stub(leaf, &folder.join(parts))
    }

    fn find_stub(&self, leaf: &str, folder: &Path) -> Result<Option<Found>, Trouble> {
        let package = folder.join(leaf);
        if self.listing(folder)?.contains(leaf) && self.has(&package, "__init__.py")? {
            let search = vec![package.to_string_lossy().into_owned()];
            let path = Some(package.join("__init__.py"));
            return Ok(Some(Found { kind: FoundKind::Stub, path, package: true, search }));
        }
        let file = format!("{leaf}.py");
        let found =
            || Found { kind: FoundKind::Stub, path: Some(folder.join(&file)), package: false, search: Vec::new() };
        Ok(self.has(folder, &file)?.then(found))
    }

    fn find_in(&self, leaf: &str, folders: impl Iterator<Item = PathBuf>) -> Result<Option<Found>, Trouble> {
        let mut namespace = Vec::new();
        for folder in folders {
            let names = self.listing(&folder)?;
            let package = folder.join(leaf);
            if names.contains(leaf) && self.has(&package, "__init__.py")? {
                let search = vec![package.to_string_lossy().into_owned()];
                let path = Some(package.join("__init__.py"));
                return Ok(Some(Found { kind: FoundKind::Source, path, package: true, search }));
            }
            let file = format!("{leaf}.py");
            let dotted = format!("{leaf}.");
            let native = |name: &String| name.starts_with(&dotted) && (name.ends_with(".so") || name.ends_with(".pyd"));
            // A source beside machine code is what that was made of (Cython's pure Python mode, mypyc).
            if self.has(&folder, &file)? {
                let path = Some(folder.join(file));
                return Ok(Some(Found { kind: FoundKind::Source, path, package: false, search: Vec::new() }));
            }
            if names.iter().any(native) {
                return Ok(Some(Found { kind: FoundKind::Extension, path: None, package: false, search: Vec::new() }));
            }
            if names.contains(leaf) && kind_of(&package)?.is_some_and(|kind| kind.is_dir()) {
                namespace.push(package.to_string_lossy().into_owned());
            }
        }
        let found = || Found { kind: FoundKind::Namespace, path: None, package: true, search: namespace.clone() };
        Ok((!namespace.is_empty()).then(found))
    }
}

/// Whether an error says that there is nothing, as the interpreter takes it.
fn says_nothing_there(error: &Error) -> bool {
    matches!(error.kind(), ErrorKind::NotFound | ErrorKind::NotADirectory | ErrorKind::PermissionDenied)
}

fn trouble(path: &Path, error: &Error) -> Trouble {
    format!("{}: {error}", path.display()).into()
}

fn list(folder: &Path) -> Listing {
    let entries = match std::fs::read_dir(folder) {
        Ok(entries) => entries,
        Err(error) if says_nothing_there(&error) => return Ok(Arc::default()),
        Err(error) => return Err(trouble(folder, &error)),
    };
    let mut names = FxHashSet::default();
    for entry in entries {
        let entry = entry.map_err(|error| trouble(folder, &error))?;
        names.insert(entry.file_name().to_string_lossy().into_owned());
    }
    Ok(Arc::new(names))
}

fn kind_of(path: &Path) -> Result<Option<FileType>, Trouble> {
    match std::fs::metadata(path) {
        Ok(metadata) => Ok(Some(metadata.file_type())),
        Err(error) if says_nothing_there(&error) => Ok(None),
        Err(error) => Err(trouble(path, &error)),
    }
}

fn is_file(path: &Path) -> Result<bool, Trouble> {
    Ok(kind_of(path)?.is_some_and(|kind| kind.is_file()))
}
