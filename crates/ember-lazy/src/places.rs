//! Where modules are: the source of a name, without importing the packages around it.
//!
//! The import system's own answer would execute the packages. Where a top-level module is, it is asked ([`Places::learn_top`]); what is in a package's folders is
//! read from the folders, in the order in which the import system looks: package, machine code, source, folder without code.

use rustc_hash::FxHashMap;
use std::path::PathBuf;

/// Where a module's code is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Place {
    /// In a source.
    Source(String),
    /// A package without code of its own.
    Folder,
    /// Nowhere that is known, or not in a source.
    Elsewhere,
}

/// What the import system says of a top-level module.
#[derive(Clone, Debug)]
struct Top {
    place: Place,
    folders: Vec<String>,
}

/// Answers, remembered.
#[derive(Debug, Default)]
pub struct Places {
    tops: FxHashMap<String, Top>,
    found: FxHashMap<String, Place>,
    /// By folder: what there is of each name before the first dot.
    listings: FxHashMap<String, FxHashMap<String, u8>>,
    stubs: Vec<String>,
}

/// There is something without a suffix: maybe a folder.
const PLAIN: u8 = 1;
/// There is a source.
const SOURCE: u8 = 2;
/// There is machine code.
const MACHINE: u8 = 4;

/// A top-level module of which the import system must be asked first.
#[derive(Debug, PartialEq, Eq)]
pub struct UnknownTop(pub String);

impl Places {
    /// No answers yet; `stubs` are the folders with stubs of the analyser.
    #[must_use]
    pub fn new(stubs: Vec<String>) -> Places {
        Places { stubs, ..Places::default() }
    }

    /// Note where a top-level module is.
    pub fn learn_top(&mut self, name: &str, place: Place, folders: Vec<String>) {
        self.tops.insert(name.to_owned(), Top { place, folders });
    }

    /// Forget what may have changed: what is in which folder.
    pub fn forget(&mut self) {
        self.found.clear();
        self.listings.clear();
    }

    /// Where a module is.
    ///
    /// # Errors
    /// Its top-level package is not known yet.
    pub fn of(&mut self, name: &str) -> Result<Place, UnknownTop> {
        if let Some(place) = self.found.get(name) {
            return Ok(place.clone());
        }
        let place = self.find(name)?;
        self.found.insert(name.to_owned(), place.clone());
        Ok(place)
    }

    fn find(&mut self, name: &str) -> Result<Place, UnknownTop> {
        let (top, rest) = name.split_once('.').unwrap_or((name, ""));
        let known = self.tops.get(top).ok_or_else(|| UnknownTop(top.to_owned()))?;
        if rest.is_empty() {
            return Ok(known.place.clone());
        }
        let rest = rest.replace('.', "/");
        let (inner, leaf) = rest.rsplit_once('/').unwrap_or(("", &rest));
        let mut empty = false;
        for folder in known.folders.clone() {
            let around = if inner.is_empty() { folder } else { format!("{folder}/{inner}") };
            let kinds = self.listed(&around, leaf);
            if kinds & PLAIN != 0 {
                let package = format!("{around}/{leaf}");
                if self.listed(&package, "__init__") & SOURCE != 0 {
                    return Ok(Place::Source(format!("{package}/__init__.py")));
                }
            }
            // A source beside machine code is what that was made of.
            if kinds & SOURCE != 0 {
                return Ok(Place::Source(format!("{around}/{leaf}.py")));
            }
            if kinds & MACHINE != 0 {
                return Ok(Place::Elsewhere);
            }
            empty |= kinds & PLAIN != 0;
        }
        Ok(if empty { Place::Folder } else { Place::Elsewhere })
    }

    /// Whether the analyser takes a stub for a module of machine code; what that does when it is executed is nothing that others see.
    pub fn has_stub(&mut self, name: &str) -> bool {
        let path = name.replace('.', "/");
        let (package, leaf) = path.rsplit_once('/').unwrap_or(("", &path));
        let stubs = self.stubs.clone();
        stubs.iter().any(|folder| self.listed(&format!("{folder}/{package}"), leaf) & SOURCE != 0)
    }

    /// Whether a package has something of that name in its folder.
    ///
    /// # Errors
    /// As [`Places::of`].
    pub fn is_inside(&mut self, package: &str, name: &str) -> Result<bool, UnknownTop> {
        match self.of(package)? {
            Place::Source(path) => {
                let folder = path.strip_suffix("/__init__.py");
                Ok(folder.is_some_and(|folder| self.listed(folder, name) != 0))
            }
            Place::Folder => {
                let (top, rest) = package.split_once('.').unwrap_or((package, ""));
                let folders = self.tops.get(top).map(|top| top.folders.clone()).unwrap_or_default();
                let inner = rest.replace('.', "/");
                let folder = |folder| if inner.is_empty() { folder } else { format!("{folder}/{inner}") };
                Ok(folders.into_iter().map(folder).any(|folder| self.listed(&folder, name) != 0))
            }
            Place::Elsewhere => Ok(false),
        }
    }

    /// What there is of a name in a folder: a sum of [`PLAIN`], [`SOURCE`], [`MACHINE`].
    fn listed(&mut self, folder: &str, name: &str) -> u8 {
        if !self.listings.contains_key(folder) {
            self.listings.insert(folder.to_owned(), list(folder));
        }
        self.listings.get(folder).and_then(|names| names.get(name)).copied().unwrap_or(0)
    }
}

fn list(folder: &str) -> FxHashMap<String, u8> {
    let mut names = FxHashMap::default();
    let entries = std::fs::read_dir(PathBuf::from(folder)).into_iter().flatten().flatten();
    for name in entries.filter_map(|entry| entry.file_name().into_string().ok()) {
        let (stem, kind) = match name.split_once('.') {
            None => (name.as_str(), PLAIN),
            Some((stem, "py")) => (stem, SOURCE),
            Some((stem, rest)) if rest == "so" || rest.ends_with(".so") => (stem, MACHINE),
            Some(_) => continue,
        };
        *names.entry(stem.to_owned()).or_default() |= kind;
    }
    names
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn packages_sources_machine_code_and_folders() {
        let root = std::env::temp_dir().join(format!("ember-lazy-places-{}", std::process::id()));
        let make = |path: &str| {
            let path = root.join(path);
            std::fs::create_dir_all(path.parent().expect("inside")).expect("a folder");
            std::fs::write(path, "").expect("a file");
        };
        for path in [
            "p/__init__.py",
            "p/a.py",
            "p/b.cpython-314.so",
            "p/c.cpython-314.so",
            "p/c.py",
            "p/d/x.txt",
            "stubs/p/b.py",
        ] {
            make(path);
        }
        let folder = |part: &str| root.join(part).to_string_lossy().into_owned();
        let mut places = Places::new(vec![folder("stubs")]);
        assert_eq!(places.of("p.a"), Err(UnknownTop("p".to_owned())));
        places.learn_top("p", Place::Source(folder("p/__init__.py")), vec![folder("p")]);
        assert_eq!(places.of("p"), Ok(Place::Source(folder("p/__init__.py"))));
        assert_eq!(places.of("p.a"), Ok(Place::Source(folder("p/a.py"))));
        assert_eq!(places.of("p.b"), Ok(Place::Elsewhere));
        assert_eq!(places.of("p.c"), Ok(Place::Source(folder("p/c.py"))));
        assert_eq!(places.of("p.d"), Ok(Place::Folder));
        assert_eq!(places.of("p.e"), Ok(Place::Elsewhere));
        assert!(places.has_stub("p.b") && !places.has_stub("p.c"));
        assert_eq!((places.is_inside("p", "b"), places.is_inside("p", "z")), (Ok(true), Ok(false)));
        std::fs::remove_dir_all(&root).expect("made above");
    }
}
