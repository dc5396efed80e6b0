//! What the analyser said of modules, kept in a file between runs.
//!
//! A verdict is of one source: its time, size and hash say which. The file is ours alone and a cache: whatever does not read back as it was written counts
//! as not there. All numbers are little-endian; texts are length (32 bits) and UTF-8.

use rustc_hash::FxHashMap;
use std::path::Path;

/// First bytes of the file; the last one is the version of the format.
const MAGIC: &[u8; 8] = b"EMBLAZY\x03";

/// What is known of a module's source.
#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub struct Verdict {
    /// Time of the last change, in nanoseconds.
    pub time: i64,
    /// Length in bytes.
    pub size: u64,
    /// SHA-256 of the text.
    pub digest: Vec<u8>,
    /// What stands against executing the module later; empty if nothing is known against it.
    pub reason: String,
    /// What else is to be known of it: a sum of [`SOFT`], [`RAISES`], [`LOOKS`].
    pub traits: u8,
    /// Names of the modules that it imports when it is executed, in that order, with the packages around them.
    pub imports: Vec<String>,
}

/// It does something that only matters to what is executed after it: a filter for warnings of its own.
pub const SOFT: u8 = 1;
/// Importing it raises.
pub const RAISES: u8 = 2;
/// It looks at all of `sys.modules`.
pub const LOOKS: u8 = 4;

/// Verdicts by path.
pub type Table = FxHashMap<String, Verdict>;

/// The table in a file's bytes; empty if they are not one.
#[must_use]
pub fn decode(bytes: &[u8]) -> Table {
    bytes.strip_prefix(MAGIC).and_then(|rest| Reader(rest).table()).unwrap_or_default()
}

/// The bytes of a table.
#[must_use]
pub fn encode(table: &Table) -> Vec<u8> {
    let mut bytes = MAGIC.to_vec();
    // A module's name stands in the lists of all that import it: once here, then by number.
    let mut numbers: FxHashMap<&str, u32> = FxHashMap::default();
    let mut names = Vec::new();
    for name in table.values().flat_map(|verdict| &verdict.imports) {
        numbers.entry(name).or_insert_with(|| {
            names.push(name.as_str());
            names.len() as u32 - 1
        });
    }
    put_number(&mut bytes, names.len());
    names.iter().for_each(|name| put_text(&mut bytes, name.as_bytes()));
    put_number(&mut bytes, table.len());
    let mut paths: Vec<_> = table.iter().collect();
    paths.sort_by_key(|(path, _)| *path);
    for (path, verdict) in paths {
        put_text(&mut bytes, path.as_bytes());
        bytes.extend(verdict.time.to_le_bytes());
        bytes.extend(verdict.size.to_le_bytes());
        put_text(&mut bytes, &verdict.digest);
        put_text(&mut bytes, verdict.reason.as_bytes());
        bytes.push(verdict.traits);
        put_number(&mut bytes, verdict.imports.len());
        verdict.imports.iter().for_each(|name| bytes.extend(numbers[name.as_str()].to_le_bytes()));
    }
    bytes
}

/// The table in a file; empty if there is none.
#[must_use]
pub fn read(path: &Path) -> Table {
    std::fs::read(path).map(|bytes| decode(&bytes)).unwrap_or_default()
}

/// Write a table, in place of the file that is there, at once and whole.
///
/// # Errors
/// Those of the file system.
pub fn write(path: &Path, table: &Table) -> std::io::Result<()> {
    if let Some(folder) = path.parent() {
        std::fs::create_dir_all(folder)?;
    }
    let mut fresh = path.as_os_str().to_owned();
    fresh.push(format!(".{}", std::process::id()));
    std::fs::write(&fresh, encode(table))?;
    std::fs::rename(&fresh, path)
}

fn put_number(bytes: &mut Vec<u8>, number: usize) {
    bytes.extend((number as u32).to_le_bytes());
}

fn put_text(bytes: &mut Vec<u8>, text: &[u8]) {
    put_number(bytes, text.len());
    bytes.extend(text);
}

/// What is left to read.
struct Reader<'b>(&'b [u8]);

impl<'b> Reader<'b> {
    fn take(&mut self, length: usize) -> Option<&'b [u8]> {
        let (taken, rest) = self.0.split_at_checked(length)?;
        self.0 = rest;
        Some(taken)
    }

    fn eight(&mut self) -> Option<[u8; 8]> {
        self.take(8)?.try_into().ok()
    }

    fn number(&mut self) -> Option<usize> {
        Some(u32::from_le_bytes(self.take(4)?.try_into().ok()?) as usize)
    }

    fn bytes(&mut self) -> Option<&'b [u8]> {
        let length = self.number()?;
        self.take(length)
    }

    fn text(&mut self) -> Option<String> {
        std::str::from_utf8(self.bytes()?).ok().map(str::to_owned)
    }

    fn table(&mut self) -> Option<Table> {
        let count = self.number()?;
        let names = (0..count).map(|_| self.text()).collect::<Option<Vec<_>>>()?;
        let count = self.number()?;
        let mut table = Table::default();
        for _ in 0..count {
            let path = self.text()?;
            let time = i64::from_le_bytes(self.eight()?);
            let size = u64::from_le_bytes(self.eight()?);
            let (digest, reason) = (self.bytes()?.to_vec(), self.text()?);
            let traits = *self.take(1)?.first()?;
            let length = self.number()?;
            let imports = (0..length).map(|_| names.get(self.number()?).cloned()).collect::<Option<Vec<_>>>()?;
            table.insert(path, Verdict { time, size, digest, reason, traits, imports });
        }
        self.0.is_empty().then_some(table)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn table() -> Table {
        let verdict = |reason: &str, imports: &[&str]| Verdict {
            time: -5,
            size: 7,
            digest: vec![1, 2, 3],
            reason: reason.to_owned(),
            traits: SOFT | LOOKS,
            imports: imports.iter().map(|name| (*name).to_owned()).collect(),
        };
        [("/a.py".to_owned(), verdict("", &["b", "c.d"])), ("/b.py".to_owned(), verdict("EMB110 in line 3: é", &["b"]))]
            .into_iter()
            .collect()
    }

    #[test]
    fn a_table_reads_back() {
        assert_eq!(decode(&encode(&table())), table());
    }

    #[test]
    fn what_is_cut_short_or_changed_is_nothing_or_a_table() {
        let bytes = encode(&table());
        for length in 0..bytes.len() {
            assert!(decode(&bytes[..length]).is_empty());
        }
        for at in 0..bytes.len() {
            let mut changed = bytes.clone();
            changed[at] ^= 0xFF;
            drop(decode(&changed));
        }
    }
}
