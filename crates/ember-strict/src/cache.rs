//! Keeps a report between runs, keyed by the content of everything it rests on.
//!
//! The report of a run is stored with the hash of every file that was read and of every folder in which modules were
//! looked for. If all of them are as they were, and the analyser is, the report is, too; else the run is made anew.

use crate::check::{Options, Report};
use crate::modules::world::World;
use crate::value::hash_bytes;
use serde::{Deserialize, Serialize};
use std::path::{Path, PathBuf};

#[derive(Serialize, Deserialize)]
struct Kept {
    key: u64,
    files: Vec<(PathBuf, u64)>,
    folders: Vec<(PathBuf, u64)>,
    report: Report,
}

fn key(options: &Options) -> u64 {
    key_of(options, crate::BUILD)
}

/// What a report depends on besides files: what was asked, and which build of the analyser answered.
fn key_of(options: &Options, build: &str) -> u64 {
    let mut options = options.clone();
    options.threads = 0;
    options.shuffle = None;
    options.cache = None;
    hash_bytes(format!("{build}{options:?}").as_bytes())
}

fn hash_file(path: &Path) -> u64 {
    std::fs::read(path).map_or(0, |bytes| hash_bytes(&bytes))
}

fn hash_folder(path: &Path) -> u64 {
    let Ok(entries) = std::fs::read_dir(path) else { return 0 };
    let mut names: Vec<String> =
        entries.flatten().map(|entry| entry.file_name().to_string_lossy().into_owned()).collect();
    names.retain(|name| name != "__pycache__" && name != ".ember_cache");
    names.sort();
    hash_bytes(names.join("\n").as_bytes())
}

fn file(options: &Options) -> Option<PathBuf> {
    Some(options.cache.as_ref()?.join(format!("check-{:016x}.json", key(options))))
}

/// The report of an earlier run, if nothing has changed.
pub fn load(options: &Options) -> Option<Report> {
    let text = std::fs::read(file(options)?).ok()?;
    let kept: Kept = serde_json::from_slice(&text).ok()?;
    if kept.key != key(options) {
        return None;
    }
    let half = kept.files.len() / 2;
    let same = |part: &[(PathBuf, u64)]| part.iter().all(|(path, hash)| hash_file(path) == *hash);
    let fresh = std::thread::scope(|scope| {
        let other = scope.spawn(|| same(&kept.files[half..]));
        same(&kept.files[..half]) && other.join().unwrap_or(false)
    });
    if !fresh || !kept.folders.iter().all(|(path, hash)| hash_folder(path) == *hash) {
        return None;
    }
    Some(Report { from_cache: true, ..kept.report })
}

/// Keep a report. Not being able to is no error: the next run takes longer.
pub fn store(options: &Options, world: &World, report: &Report) {
    let Some(path) = file(options) else { return };
    // What could not be read now may be there next time.
    if world.finder.trouble().is_some() {
        return;
    }
    let read = world.files().into_iter().map(|(path, hash)| hash.map(|hash| (path, hash)));
    let Some(files) = read.collect::<Option<Vec<(PathBuf, u64)>>>() else { return };
    let mut folders = world.finder.listed();
    folders.extend(options.paths.iter().filter(|path| path.is_dir()).cloned());
    let folders = folders.into_iter().map(|path| (path.clone(), hash_folder(&path))).collect();
    let kept = Kept { key: key(options), files, folders, report: report.clone() };
    let Ok(text) = serde_json::to_vec(&kept) else { return };
    if let Some(folder) = path.parent() {
        let _ = std::fs::create_dir_all(folder);
        let _ = std::fs::write(folder.join(".gitignore"), "*\n");
    }
    let temporary = path.with_extension(format!("{}.tmp", std::process::id()));
    if std::fs::write(&temporary, text).is_ok() {
        let _ = std::fs::rename(&temporary, &path);
    }
}

#[cfg(test)]
mod tests {
    use super::{key, key_of};
    use crate::check::Options;

    #[test]
    fn another_build_of_the_analyser_is_asked_again() {
        let options = Options::default();
        assert_ne!(key_of(&options, "a"), key_of(&options, "b"));
        assert_eq!(key(&options), key_of(&options, crate::BUILD));
        assert!(crate::BUILD.len() == 16 && u64::from_str_radix(crate::BUILD, 16).is_ok(), "{}", crate::BUILD);
    }

    #[test]
    fn how_it_is_analysed_is_no_part_of_the_question() {
        let options = Options { threads: 7, shuffle: Some(3), ..Options::default() };
        assert_eq!(key(&options), key(&Options::default()));
    }
}
