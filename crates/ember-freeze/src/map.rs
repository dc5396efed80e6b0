//! The map of the frozen heap: what lies where, in a file, for those who ask later why a page was written.
//!
//! Frozen objects never move and never die, so one map, written by the master, is right for all its children. The file is a
//! sequence of sections, one for each freeze of the process: a line of JSON (the process, the names of types and of
//! modules, the number of records), then the records, of [`RECORD`] bytes each, in native byte order:
//! address (8), bytes from there (4), bytes before the address that belong to it (2), unused (2), type (4), module (4).

use std::fs::{File, OpenOptions};
use std::io::{self, BufWriter, Write};
use std::path::Path;

use ember_cpython::layout::PyObject;
use ember_cpython::object;
use rustc_hash::FxHashMap;

/// Bytes of a record.
pub const RECORD: usize = 24;

/// What is no object: the first names in the file's list of types.
const PARTS: [&str; 4] = ["(table of a dict)", "(items of a list)", "(table of a set)", "(keys shared by instances)"];

/// Memory that belongs to an object but is a block of its own.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Part {
    /// Keys and values of a dict.
    DictTable = 0,
    /// The array of a list.
    ListItems = 1,
    /// The entries of a set.
    SetTable = 2,
    /// Names of attributes, shared by the instances of a class.
    SharedKeys = 3,
}

/// A map that is being drawn.
#[derive(Default)]
pub struct Map {
    records: Vec<u8>,
    modules: Vec<String>,
    by_name: FxHashMap<*mut PyObject, u32>,
}

impl Map {
    /// An empty map.
    pub fn new() -> Map {
        Map { modules: vec![String::new()], ..Map::default() }
    }

    /// An object of the type with this index; `before` bytes before it belong to it.
    pub fn add_object(&mut self, obj: *mut PyObject, size: usize, before: usize, ty: usize, module: u32) {
        self.add(obj as usize, size, before, PARTS.len() + ty, module);
    }

    /// A part of an object.
    pub fn add_part(&mut self, address: usize, size: usize, part: Part) {
        self.add(address, size, 0, part as usize, 0);
    }

    fn add(&mut self, address: usize, size: usize, before: usize, ty: usize, module: u32) {
        self.records.extend_from_slice(&(address as u64).to_ne_bytes());
        self.records.extend_from_slice(&(size as u32).to_ne_bytes());
        self.records.extend_from_slice(&(before as u32).to_ne_bytes());
        self.records.extend_from_slice(&(ty as u32).to_ne_bytes());
        self.records.extend_from_slice(&module.to_ne_bytes());
    }

    /// The number of the module (or file) that this `str` names.
    ///
    /// # Safety
    /// `name` is live or NULL.
    pub unsafe fn module(&mut self, name: *mut PyObject) -> u32 {
        // SAFETY: as the caller says.
        unsafe {
            if name.is_null() || !object::has_type_flag(name, ember_cpython::layout::TPFLAGS_UNICODE_SUBCLASS) {
                return 0;
            }
            *self.by_name.entry(name).or_insert_with(|| {
                self.modules.push(object::str_to_string(name));
                self.modules.len() as u32 - 1
            })
        }
    }

    /// Writes the section: a new file, or after the sections of the same process.
    ///
    /// # Errors
    /// What the system says.
    pub fn write(&self, path: &Path, types: impl Iterator<Item = String>, again: bool) -> io::Result<()> {
        let file: File = match again {
            true => OpenOptions::new().append(true).create(true).open(path)?,
            false => File::create(path)?,
        };
        let mut out = BufWriter::new(file);
        let types: Vec<String> = PARTS.iter().map(|part| quote(part)).chain(types.map(|name| quote(&name))).collect();
        let modules: Vec<String> = self.modules.iter().map(|name| quote(name)).collect();
        let count = self.records.len() / RECORD;
        let pid = std::process::id();
        let (types, modules) = (types.join(","), modules.join(","));
        writeln!(out, r#"{{"ember_map":1,"pid":{pid},"records":{count},"types":[{types}],"modules":[{modules}]}}"#)?;
        out.write_all(&self.records)?;
        out.flush()
    }
}

/// A text as JSON has it.
fn quote(text: &str) -> String {
    let mut quoted = String::from("\"");
    for c in text.chars() {
        match c {
            '"' | '\\' => quoted.extend(['\\', c]),
            c if u32::from(c) < 0x20 => quoted.push_str(&format!("\\u{:04x}", u32::from(c))),
            c => quoted.push(c),
        }
    }
    quoted.push('"');
    quoted
}

#[cfg(test)]
mod tests {
    use super::quote;

    #[test]
    fn names_are_quoted_as_json_has_it() {
        assert_eq!(quote("plain.Name"), r#""plain.Name""#);
        assert_eq!(quote("a\"b\\c\nd"), "\"a\\\"b\\\\c\\u000ad\"");
    }
}
