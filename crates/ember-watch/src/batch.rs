//! What has happened since the last batch, and whether it is over.

use notify::event::{AccessKind, AccessMode, EventKind, ModifyKind};
use notify::{Event, Result};
use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;
use std::time::{Duration, Instant};

/// How long a file may stay open for writing after it was last written before nobody waits any more.
const OPEN: Duration = Duration::from_secs(2);
/// Where git says that it is at work, looked for in the folders of the paths and above.
const GIT_LOCK: &str = ".git/index.lock";

/// Paths of events, and files that somebody is writing.
#[derive(Default)]
pub struct Batch {
    paths: BTreeSet<PathBuf>,
    open: BTreeMap<PathBuf, Instant>,
}

impl Batch {
    /// Take an event in. Those that only look at files are none.
    pub fn take(&mut self, event: Result<Event>) {
        let Ok(event) = event else { return };
        match event.kind {
            EventKind::Access(AccessKind::Close(AccessMode::Write)) => {
                for path in &event.paths {
                    self.open.remove(path);
                }
            }
            EventKind::Access(_) => return,
            EventKind::Modify(ModifyKind::Data(_)) => {
                self.open.extend(event.paths.iter().map(|path| (path.clone(), Instant::now())));
            }
            EventKind::Modify(ModifyKind::Name(_)) | EventKind::Remove(_) => {
                for path in &event.paths {
                    self.open.remove(path);
                }
            }
            _ => {}
        }
        self.paths.extend(event.paths);
    }

    /// Whether nothing has happened yet.
    pub fn is_empty(&self) -> bool {
        self.paths.is_empty()
    }

    /// Whether all that was begun has ended: files that were written are closed, and git is not at work.
    pub fn is_whole(&self) -> bool {
        self.open.values().all(|written| written.elapsed() > OPEN) && !self.git_is_at_work()
    }

    fn git_is_at_work(&self) -> bool {
        let mut folders: BTreeSet<PathBuf> = BTreeSet::new();
        for path in &self.paths {
            folders.extend(path.ancestors().skip(1).take(12).map(|folder| folder.to_owned()));
        }
        folders.iter().any(|folder| folder.join(GIT_LOCK).exists())
    }

    /// All paths, in order.
    pub fn into_paths(self) -> Vec<PathBuf> {
        self.paths.into_iter().collect()
    }
}
