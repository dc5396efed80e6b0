//! Tells which files were saved, one consistent batch at a time.
//!
//! The idea: folders are watched, not files, because editors save by renaming over the old file. A batch ends when
//! nothing has happened for a while ([`Pace::quiet`]), no watched file is still open for writing by whoever truncates
//! it first, and no checkout is under way (`.git/index.lock`). So a file is read when it is whole, and a change of
//! branch is one batch.
//!
//! Where the kernel cannot tell (no inotify left, a file system of another machine), folders are polled; [`Watcher::polling`]
//! says so and why. Nothing here knows of Python; threads wait in [`Watcher::next`] without any lock of the interpreter.
#![forbid(unsafe_code)]

mod batch;

use batch::Batch;
use notify::{Config, Event, PollWatcher, RecommendedWatcher, RecursiveMode, Watcher as _};
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::time::{Duration, Instant};

/// How often folders are looked at where the kernel does not tell.
const POLL: Duration = Duration::from_millis(500);

/// How long is waited for what.
#[derive(Clone, Copy, Debug)]
pub struct Pace {
    /// A batch ends after so long without an event.
    pub quiet: Duration,
    /// A batch ends after so long whatever happens.
    pub longest: Duration,
}

impl Default for Pace {
    fn default() -> Pace {
        Pace { quiet: Duration::from_millis(15), longest: Duration::from_secs(5) }
    }
}

/// What is sent to the thread that waits.
enum Message {
    Event(notify::Result<Event>),
    Stop,
}

enum Backend {
    Kernel(RecommendedWatcher),
    Poll(PollWatcher),
}

/// Watches folders.
pub struct Watcher {
    backend: Backend,
    polling: Option<String>,
    folders: BTreeSet<PathBuf>,
    sender: Sender<Message>,
}

/// The other end: where batches are waited for.
pub struct Changes {
    receiver: Receiver<Message>,
    pace: Pace,
}

/// Ends the wait of [`Changes::next`].
#[derive(Clone)]
pub struct Stopper(Sender<Message>);

impl Stopper {
    /// Let the thread that waits return for good.
    pub fn stop(&self) {
        let _ = self.0.send(Message::Stop);
    }
}

/// What a wait ended with.
#[derive(Debug, PartialEq, Eq)]
pub enum Wait {
    /// These paths were written, made, moved or deleted.
    Changed(Vec<PathBuf>),
    /// Nothing happened for the given time.
    Nothing,
    /// Somebody called [`Stopper::stop`].
    Stopped,
}

fn poller(sender: &Sender<Message>) -> Result<PollWatcher, String> {
    let sender = sender.clone();
    let config = Config::default().with_poll_interval(POLL);
    PollWatcher::new(move |event| drop(sender.send(Message::Event(event))), config).map_err(|error| error.to_string())
}

impl Watcher {
    /// A watcher of nothing yet, and where its batches come out. With `poll` the kernel is not asked.
    pub fn new(pace: Pace, poll: bool) -> Result<(Watcher, Changes), String> {
        let (sender, receiver) = channel();
        let to = sender.clone();
        let kernel = match poll {
            true => Err("polling was asked for".to_owned()),
            false => notify::recommended_watcher(move |event| drop(to.send(Message::Event(event))))
                .map_err(|error| error.to_string()),
        };
        let (backend, polling) = match kernel {
            Ok(watcher) => (Backend::Kernel(watcher), None),
            Err(reason) => (Backend::Poll(poller(&sender)?), Some(reason)),
        };
        Ok((Watcher { backend, polling, folders: BTreeSet::new(), sender }, Changes { receiver, pace }))
    }

    /// Why folders are polled; `None` if the kernel tells.
    pub fn polling(&self) -> Option<&str> {
        self.polling.as_deref()
    }

    /// Also watch a folder (not those in it). A folder that is there again after it was deleted is watched anew.
    pub fn add(&mut self, folder: &Path) -> Result<(), String> {
        let known = self.folders.contains(folder);
        let result = match &mut self.backend {
            Backend::Kernel(watcher) => {
                if known {
                    let _ = watcher.unwatch(folder);
                }
                watcher.watch(folder, RecursiveMode::NonRecursive)
            }
            Backend::Poll(_) if known => Ok(()),
            Backend::Poll(watcher) => watcher.watch(folder, RecursiveMode::NonRecursive),
        };
        match result {
            Ok(()) => {
                self.folders.insert(folder.to_owned());
                Ok(())
            }
            // The kernel's watches are used up: from now on all folders are polled.
            Err(error) if self.polling.is_none() && matches!(error.kind, notify::ErrorKind::MaxFilesWatch) => {
                self.polling = Some(error.to_string());
                let mut watcher = poller(&self.sender)?;
                self.folders.insert(folder.to_owned());
                for folder in &self.folders {
                    let _ = watcher.watch(folder, RecursiveMode::NonRecursive);
                }
                self.backend = Backend::Poll(watcher);
                Ok(())
            }
            Err(error) => Err(error.to_string()),
        }
    }

    /// What ends the wait of the other end.
    pub fn stopper(&self) -> Stopper {
        Stopper(self.sender.clone())
    }
}

impl Changes {
    /// Wait for a batch; at most `limit` for its first event.
    pub fn next(&self, limit: Duration) -> Wait {
        let mut batch = Batch::default();
        let until = Instant::now() + limit;
        while batch.is_empty() {
            match self.receiver.recv_timeout(until.saturating_duration_since(Instant::now())) {
                Ok(Message::Event(event)) => batch.take(event),
                Ok(Message::Stop) | Err(RecvTimeoutError::Disconnected) => return Wait::Stopped,
                Err(RecvTimeoutError::Timeout) => return Wait::Nothing,
            }
        }
        let longest = Instant::now() + self.pace.longest;
        loop {
            match self.receiver.recv_timeout(self.pace.quiet) {
                Ok(Message::Event(event)) => batch.take(event),
                Ok(Message::Stop) | Err(RecvTimeoutError::Disconnected) => return Wait::Stopped,
                Err(RecvTimeoutError::Timeout) if batch.is_whole() => break,
                Err(RecvTimeoutError::Timeout) => {}
            }
            if Instant::now() > longest {
                break;
            }
        }
        Wait::Changed(batch.into_paths())
    }
}

#[cfg(test)]
mod tests {
    use super::{Pace, Wait, Watcher};
    use std::fs;
    use std::io::Write;
    use std::path::PathBuf;
    use std::time::Duration;

    const LONG: Duration = Duration::from_secs(20);

    struct Folder(PathBuf);

    impl Folder {
        fn new(name: &str) -> Folder {
            let path = std::env::temp_dir().join(format!("ember-watch-{}-{name}", std::process::id()));
            let _ = fs::remove_dir_all(&path);
            fs::create_dir_all(&path).unwrap();
            Folder(fs::canonicalize(path).unwrap())
        }
    }

    impl Drop for Folder {
        fn drop(&mut self) {
            let _ = fs::remove_dir_all(&self.0);
        }
    }

    fn names(wait: Wait) -> Vec<String> {
        match wait {
            Wait::Changed(paths) => {
                paths.iter().map(|p| p.file_name().unwrap().to_string_lossy().into_owned()).collect()
            }
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn a_burst_is_one_batch_and_a_rename_counts_for_its_target() {
        let folder = Folder::new("burst");
        let (mut watcher, changes) = Watcher::new(Pace::default(), false).unwrap();
        watcher.add(&folder.0).unwrap();
        for at in 0..50 {
            fs::write(folder.0.join(format!("m{at:02}.py")), "x = 1\n").unwrap();
        }
        fs::write(folder.0.join(".m00.swp"), "x = 2\n").unwrap();
        fs::rename(folder.0.join(".m00.swp"), folder.0.join("m00.py")).unwrap();
        let batch = names(changes.next(LONG));
        assert!(batch.contains(&"m00.py".to_owned()) && batch.contains(&"m49.py".to_owned()), "{batch:?}");
        assert_eq!(changes.next(Duration::from_millis(100)), Wait::Nothing);
    }

    #[test]
    fn a_file_that_is_being_written_is_waited_for() {
        let folder = Folder::new("partial");
        let (mut watcher, changes) = Watcher::new(Pace::default(), false).unwrap();
        watcher.add(&folder.0).unwrap();
        let path = folder.0.join("m.py");
        let writer = std::thread::spawn(move || {
            let mut file = fs::File::create(path).unwrap();
            file.write_all(b"x = ").unwrap();
            std::thread::sleep(Duration::from_millis(200));
            file.write_all(b"1\n").unwrap();
        });
        assert_eq!(names(changes.next(LONG)), ["m.py"]);
        assert!(writer.is_finished());
        assert_eq!(fs::read_to_string(folder.0.join("m.py")).unwrap(), "x = 1\n");
    }

    #[test]
    fn a_folder_that_was_deleted_can_be_watched_again() {
        let folder = Folder::new("again");
        let (mut watcher, changes) = Watcher::new(Pace::default(), false).unwrap();
        let inner = folder.0.join("package");
        fs::create_dir(&inner).unwrap();
        watcher.add(&inner).unwrap();
        fs::remove_dir(&inner).unwrap();
        fs::create_dir(&inner).unwrap();
        watcher.add(&inner).unwrap();
        while changes.next(Duration::from_millis(200)) != Wait::Nothing {}
        fs::write(inner.join("m.py"), "x = 1\n").unwrap();
        assert_eq!(names(changes.next(LONG)), ["m.py"]);
    }

    #[test]
    fn polling_and_stopping() {
        let folder = Folder::new("poll");
        let (mut watcher, changes) = Watcher::new(Pace::default(), true).unwrap();
        watcher.add(&folder.0).unwrap();
        assert!(watcher.polling().is_some());
        fs::write(folder.0.join("m.py"), "x = 1\n").unwrap();
        assert!(names(changes.next(LONG)).contains(&"m.py".to_owned()));
        watcher.stopper().stop();
        while changes.next(Duration::from_millis(100)) != Wait::Stopped {}
    }
}
