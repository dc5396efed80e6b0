//! The sources of modules: each file is read once, and compiled once for each name under which it is imported.
//!
//! Invariant: whoever asks gets the same code, whichever thread came first. A file that cannot be read is never taken for an empty
//! one: that is said where its code is asked for.

use super::schedule::panic_text;
use crate::source::Source;
use crate::syntax::code::Code;
use crate::syntax::compile::{Fault, SyntaxError, compile_module};
use crate::value::hash_bytes;
use rustc_hash::FxHashMap;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};
use std::sync::{Arc, PoisonError, RwLock};

/// A source that was compiled, or why not.
pub type Compiled = Result<Arc<Code>, (Arc<Source>, SyntaxError)>;

/// A file that was read.
#[derive(Clone)]
struct Read {
    /// The hash of its bytes; none if it could not be read, or was given.
    hash: Option<u64>,
    /// Its text, or why there is none.
    text: Result<Arc<str>, String>,
}

#[derive(Default)]
struct Table {
    files: FxHashMap<PathBuf, Read>,
    codes: FxHashMap<PathBuf, FxHashMap<String, Compiled>>,
}

/// All sources of a world.
#[derive(Default)]
pub struct Sources(RwLock<Table>);

impl Sources {
    /// The code of the module `name` in a file. In tests the compiler fails on it, if it `fails`.
    pub fn compiled(&self, name: &str, path: &Path, fails: bool) -> Compiled {
        {
            let table = self.0.read().unwrap_or_else(PoisonError::into_inner);
            if let Some(known) = table.codes.get(path).and_then(|names| names.get(name)) {
                return known.clone();
            }
        }
        let read = self.read(path);
        let compiled = compile(name, path, &read.text, fails);
        let mut table = self.0.write().unwrap_or_else(PoisonError::into_inner);
        let names = table.codes.entry(path.to_owned()).or_default();
        names.entry(name.to_owned()).or_insert(compiled).clone()
    }

    fn read(&self, path: &Path) -> Read {
        if let Some(known) = self.0.read().unwrap_or_else(PoisonError::into_inner).files.get(path) {
            return known.clone();
        }
        let read = match read_source(path) {
            Ok((text, hash)) => Read { hash: Some(hash), text: Ok(text.into()) },
            Err(why) => Read { hash: None, text: Err(why) },
        };
        let mut table = self.0.write().unwrap_or_else(PoisonError::into_inner);
        table.files.entry(path.to_owned()).or_insert(read).clone()
    }

    /// Give the text of a module that lies in no file, or is to be taken instead of what is there.
    pub fn give(&self, name: &str, path: &Path, text: String) {
        let text: Result<Arc<str>, String> = Ok(text.into());
        let compiled = compile(name, path, &text, false);
        let mut table = self.0.write().unwrap_or_else(PoisonError::into_inner);
        table.codes.insert(path.to_owned(), FxHashMap::from_iter([(name.to_owned(), compiled)]));
        table.files.insert(path.to_owned(), Read { hash: None, text });
    }

    /// Read these files anew when they are needed.
    pub fn forget(&self, files: &[PathBuf]) {
        let mut table = self.0.write().unwrap_or_else(PoisonError::into_inner);
        for path in files {
            table.files.remove(path);
            table.codes.remove(path);
        }
    }

    /// All files that were read, in order, with the hash of what was in them; none if one could not be read.
    pub fn files(&self) -> Vec<(PathBuf, Option<u64>)> {
        let table = self.0.read().unwrap_or_else(PoisonError::into_inner);
        let mut files: Vec<_> = table.files.iter().map(|(path, read)| (path.clone(), read.hash)).collect();
        files.sort();
        files
    }
}

fn compile(name: &str, path: &Path, text: &Result<Arc<str>, String>, fails: bool) -> Compiled {
    match text {
        Ok(text) => {
            let source = Arc::new(Source::new(path, name, text.to_string()));
            // A panic would leave the other threads waiting for what this one was to find.
            let compiled = catch_unwind(AssertUnwindSafe(|| {
                assert!(!fails, "a test wants the compiler to fail on {name}");
                compile_module(&source)
            }));
            let compiled = compiled.unwrap_or_else(|panic| {
                Err(SyntaxError { message: panic_text(&*panic), span: (0, 0), fault: Fault::Analyser })
            });
            compiled.map_err(|error| (source, error))
        }
        Err(why) => {
            let source = Arc::new(Source::new(path, name, String::new()));
            Err((source, SyntaxError { message: why.clone(), span: (0, 0), fault: Fault::File }))
        }
    }
}

/// A source's text, in whichever encoding it declares, and the hash of its bytes; what cannot be decoded is replaced. Else why it cannot be read.
pub fn read_source(path: &Path) -> Result<(String, u64), String> {
    let bytes = std::fs::read(path).map_err(|error| error.to_string())?;
    let hash = hash_bytes(&bytes);
    let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(&bytes);
    let text = match std::str::from_utf8(bytes) {
        Ok(text) => text.to_owned(),
        // Latin-1, the usual declared encoding of what is not UTF-8.
        Err(_) => bytes.iter().map(|byte| *byte as char).collect(),
    };
    Ok((text, hash))
}
