//! Verdicts for those who import strict modules: may this one be imported, and on what does the answer rest?
//!
//! A run that begins with one module analyses everything that module imports, so it answers for all strict modules on the way, too ([`judge`]). Each
//! answer is an [`Entry`] that can be kept beside the module's bytecode. It names every file it rests on: the module, what it imports, directly or
//! not, the stubs that were used instead, and the folders in which modules were looked for. [`Entry::holds`] says whether all of them are what they were.
//!
//! Contents of files are read once in a process, and again when their time or length has changed; the module that is about to be loaded is read each time.

use crate::check::{Module, Options, Report, run};
use crate::diagnostics::render;
use crate::modules::graph::Node;
use crate::modules::sources::read_source;
use crate::modules::world::World;
use crate::source::Source;
use crate::syntax::code::Code;
use crate::syntax::compile::compile_module;
use crate::value::hash_bytes;
use rustc_hash::{FxHashMap, FxHashSet, FxHasher};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::hash::Hasher;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant, SystemTime};

/// How many answers are kept for one module: for different search paths and settings.
const KEPT: usize = 4;
/// The code of a flag that stands in the wrong place; nothing excuses it.
const MISPLACED: &str = "EMB119";

/// The answer for one module under certain settings.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Entry {
    /// Which settings, search path and analyser.
    pub key: u64,
    /// Whether the module is a strict one.
    pub strict: bool,
    /// What speaks against importing it, as the linter shows it; empty if nothing does.
    pub message: String,
    /// The files it rests on, by folder.
    files: BTreeMap<String, Vec<String>>,
    /// Folders in which modules were looked for.
    search: Vec<String>,
    /// What was in all of them.
    digest: u64,
}

/// The answer for a module that a run came across.
#[derive(Clone, Debug)]
pub struct Judged {
    /// Its dotted name.
    pub name: String,
    /// Its source.
    pub path: PathBuf,
    /// The answer.
    pub entry: Entry,
}

/// How long what was seen is relied on without another look: while a program starts, the same files are asked for again and again.
const TRUSTED: Duration = Duration::from_secs(1);

/// A file or folder that was looked at.
#[derive(Clone, Copy)]
struct Seen {
    hash: u64,
    mark: Option<(SystemTime, u64)>,
    at: Instant,
}

/// What has been looked at in this process.
static SEEN: Mutex<Option<FxHashMap<String, Seen>>> = Mutex::new(None);

/// Look at all files anew from now on.
pub fn forget() {
    if let Ok(mut seen) = SEEN.lock() {
        *seen = None;
    }
}

/// The names in a folder that could be modules; what else is put there changes nothing.
fn hash_folder(path: &Path) -> u64 {
    let Ok(entries) = std::fs::read_dir(path) else { return 0 };
    let mut names: Vec<String> =
        entries.flatten().map(|entry| entry.file_name().to_string_lossy().into_owned()).collect();
    names.retain(|name| {
        name != "__pycache__" && (name.ends_with(".py") || name.ends_with(".so") || !name.contains('.'))
    });
    names.sort();
    hash_bytes(names.join("\n").as_bytes())
}

/// When a file was changed last and how long it is.
fn mark(path: &Path) -> Option<(SystemTime, u64)> {
    let metadata = std::fs::metadata(path).ok()?;
    Some((metadata.modified().ok()?, metadata.len()))
}

impl Seen {
    fn now(path: &str, folder: bool) -> Seen {
        let mark = mark(Path::new(path));
        let hash = if folder {
            hash_folder(Path::new(path))
        } else {
            std::fs::read(path).map_or(0, |bytes| hash_bytes(&bytes))
        };
        Seen { hash, mark, at: Instant::now() }
    }
}

/// The hash of a file's content, or of a folder's names.
fn look(seen: &mut FxHashMap<String, Seen>, path: &str, folder: bool, again: bool, now: Instant) -> u64 {
    if !again && let Some(known) = seen.get(path) {
        if now.saturating_duration_since(known.at) < TRUSTED {
            return known.hash;
        }
        if known.mark == mark(Path::new(path)) {
            let fresh = Seen { at: now, ..*known };
            seen.insert(path.to_owned(), fresh);
            return fresh.hash;
        }
    }
    let fresh = Seen::now(path, folder);
    seen.insert(path.to_owned(), fresh);
    fresh.hash
}

impl Entry {
    fn digest(&self, own: &Path) -> u64 {
        let Ok(mut seen) = SEEN.lock() else { return 0 };
        let (seen, now) = (seen.get_or_insert_default(), Instant::now());
        let (mut hasher, mut path) = (FxHasher::default(), String::new());
        for (folder, names) in &self.files {
            hasher.write(folder.as_bytes());
            hasher.write_u64(look(seen, folder, true, false, now));
            for name in names {
                path.clear();
                path.push_str(folder);
                path.push('/');
                path.push_str(name);
                hasher.write(name.as_bytes());
                hasher.write_u64(look(seen, &path, false, own == Path::new(&path), now));
            }
        }
        for folder in &self.search {
            hasher.write(folder.as_bytes());
            hasher.write_u64(look(seen, folder, true, false, now));
        }
        hasher.finish()
    }

    /// An answer that was found by reading files with these hashes. If one of them is not what it was any more, the answer does not hold.
    fn new(key: u64, strict: bool, message: String, rests: Rests, own: &Path, read: &Read) -> Entry {
        let mut entry = Entry { key, strict, message, files: rests.files, search: rests.search, digest: 0 };
        let fresh = entry.is_of(read);
        entry.digest = entry.digest(own) ^ u64::from(!fresh);
        entry
    }

    /// Whether its files are those that were read; what was seen of one before is looked at again.
    fn is_of(&self, read: &Read) -> bool {
        let Ok(mut seen) = SEEN.lock() else { return false };
        let (seen, now) = (seen.get_or_insert_default(), Instant::now());
        let paths =
            self.files.iter().flat_map(|(folder, names)| names.iter().map(move |name| format!("{folder}/{name}")));
        paths.filter_map(|path| Some((read.get(Path::new(&path))?.as_ref()?, path))).all(|(hash, path)| {
            look(seen, &path, false, false, now) == *hash || look(seen, &path, false, true, now) == *hash
        })
    }

    /// Whether everything it rests on is as it was. `own` is the module's own source.
    pub fn holds(&self, key: u64, own: &Path) -> bool {
        self.key == key && self.digest(own) == self.digest
    }
}

/// The hashes of the files that an analysis has read.
type Read = FxHashMap<PathBuf, Option<u64>>;

#[derive(Default)]
struct Rests {
    files: BTreeMap<String, Vec<String>>,
    search: Vec<String>,
}

impl Rests {
    fn on(&mut self, file: &Path) {
        let (Some(folder), Some(name)) = (file.parent(), file.file_name()) else { return };
        self.files.entry(folder.to_string_lossy().into_owned()).or_default().push(name.to_string_lossy().into_owned());
    }
}

/// The answer in a file that was kept, if it still holds.
pub fn recall(kept: &[u8], key: u64, own: &Path) -> Option<Entry> {
    let entries: Vec<Entry> = serde_json::from_slice(kept).ok()?;
    entries.into_iter().find(|entry| entry.holds(key, own))
}

/// The first answer in a text to keep.
pub fn first(kept: &[u8]) -> Option<Entry> {
    serde_json::from_slice::<Vec<Entry>>(kept).ok()?.into_iter().next()
}

/// The text to keep: the new answer before those that were there for other settings.
pub fn keep(entry: &Entry, before: &[u8]) -> String {
    let mut entries = vec![entry.clone()];
    let old: Vec<Entry> = serde_json::from_slice(before).unwrap_or_default();
    entries.extend(old.into_iter().filter(|other| other.key != entry.key));
    entries.truncate(KEPT);
    serde_json::to_string(&entries).unwrap_or_default()
}

/// Whether the module says `from __strict__ import allow_side_effects` at its top level.
fn allows_effects(code: &Code) -> bool {
    code.imports
        .iter()
        .filter(|import| &*import.module == "__strict__" && import.level == 0)
        .any(|import| import.names.iter().flatten().any(|name| &**name == "allow_side_effects"))
}

fn is_listed(options: &Options, name: &str) -> bool {
    options
        .strict_packages
        .iter()
        .any(|package| name.strip_prefix(package.as_str()).is_some_and(|rest| rest.is_empty() || rest.starts_with('.')))
}

/// Answers for the module `name` at `path`, for the modules that the options name besides it, and for all strict modules that importing these executes.
pub fn judge(options: &Options, key: u64, name: &str, path: &Path) -> Vec<Judged> {
    if let Ok((text, hash)) = read_source(path)
        && let Ok(code) = compile_module(&Arc::new(Source::new(path, name, text)))
        && code.misplaced_flags.is_empty()
    {
        let strict = code.strict || is_listed(options, name);
        if !strict || allows_effects(&code) {
            let mut rests = Rests::default();
            rests.on(path);
            let read = Read::from_iter([(path.to_owned(), Some(hash))]);
            let entry = Entry::new(key, strict, String::new(), rests, path, &read);
            return vec![Judged { name: name.to_owned(), path: path.to_owned(), entry }];
        }
    }
    let mut options = options.clone();
    options.modules.retain(|(other, _)| other != name);
    options.modules.insert(0, (name.to_owned(), path.to_owned()));
    options.include_imported = true;
    let (report, world, nodes) = run(&options);
    let closures = Closures::new(&world, &nodes);
    let read: Read = world.files().into_iter().collect();
    let judged = report.modules.iter().filter(|module| {
        module.strict || module.name == name || module.items.iter().any(|item| item.code == MISPLACED)
    });
    judged
        .map(|module| {
            let path = PathBuf::from(&module.path);
            let mut rests = closures.of(&module.name);
            rests.search = options.search.iter().map(|folder| folder.to_string_lossy().into_owned()).collect();
            let entry = Entry::new(key, module.strict, message(&world, module, &path), rests, &path, &read);
            Judged { name: module.name.clone(), path, entry }
        })
        .collect()
}

/// What speaks against a module.
fn message(world: &World, module: &Module, path: &Path) -> String {
    let allowed = world.compiled(&module.name, path).is_ok_and(|code| allows_effects(&code));
    let counts = |code: &str| if module.strict && !allowed { true } else { code == MISPLACED };
    let items = module.items.iter().filter(|item| counts(&item.code)).cloned().collect();
    let module = Module { items, ..module.clone() };
    render::findings(&Report { modules: vec![module], ..Report::default() }, false)
}

/// Which files each module rests on.
struct Closures {
    imports: FxHashMap<String, Vec<String>>,
    paths: FxHashMap<String, PathBuf>,
}

impl Closures {
    fn new(world: &World, nodes: &[Node]) -> Closures {
        let (mut imports, mut paths) = (FxHashMap::<String, Vec<String>>::default(), FxHashMap::default());
        for node in nodes {
            let names = node.imports.iter().map(|target| nodes[*target].name.clone());
            imports.entry(node.name.clone()).or_default().extend(names);
            if let Some(path) = &node.found.path {
                paths.insert(node.name.clone(), path.clone());
            }
        }
        // What was imported while functions ran is in no statement of the top level.
        for (name, path, names) in world.known() {
            imports.entry(name.clone()).or_default().extend(names);
            if let Some(path) = path {
                paths.entry(name).or_insert(path);
            }
        }
        Closures { imports, paths }
    }

    fn of(&self, name: &str) -> Rests {
        let mut seen: FxHashSet<&str> = [name].into_iter().collect();
        let mut work = vec![name];
        let mut files = Vec::new();
        while let Some(name) = work.pop() {
            files.extend(self.paths.get(name));
            for import in self.imports.get(name).into_iter().flatten() {
                if seen.insert(import) {
                    work.push(import);
                }
            }
        }
        files.sort();
        files.dedup();
        let mut rests = Rests::default();
        files.into_iter().for_each(|file| rests.on(file));
        rests
    }
}
