//! Finds and loads modules as importlib does, where nothing special is going on.
//!
//! importlib's own finder and loader are Python code: a few dozen calls for each module, about a tenth of the time that a large program takes to start. What they do for
//! files in a folder, and for bytecode beside its source, is done here; everything else (archives, hooks of others, folders without code, bytecode by hash, a cache
//! elsewhere, a source that changed) is *not ours*, and importlib is asked.
//!
//! Invariant: a module that is found here is the one that importlib would find. So the folders are looked through in its order, a folder is listed
//! again when its time changed, and the finder that importlib has for a folder must be its own `FileFinder`.

use pyo3::prelude::*;
use pyo3::types::{PyBytes, PyDict, PyList, PyString};
use rustc_hash::{FxHashMap, FxHashSet};
use std::os::unix::fs::MetadataExt;
use std::path::Path;
use std::sync::{Mutex, PoisonError};

/// What is in a folder, and the folder's time when it was listed.
#[derive(Debug, Default)]
struct Listing {
    time: (i64, i64),
    names: FxHashSet<String>,
}

/// Where a module is.
#[derive(Debug, PartialEq, Eq)]
enum Found {
    /// A source.
    Module(String),
    /// The source of a package, and its folder.
    Package(String, String),
    /// Machine code.
    Machine(String),
    /// importlib has to say.
    NotOurs,
    /// In none of the folders.
    Nowhere,
}

/// Folders that were looked into.
#[pyclass(frozen, module = "ember._ember")]
#[derive(Debug, Default)]
pub struct LazyFolders {
    listings: Mutex<FxHashMap<String, Listing>>,
}

impl LazyFolders {
    fn find_in(&self, folder: &str, leaf: &str) -> Found {
        let Ok(meta) = std::fs::metadata(folder) else { return Found::NotOurs };
        let time = (meta.mtime(), meta.mtime_nsec());
        let mut listings = self.listings.lock().unwrap_or_else(PoisonError::into_inner);
        let known = listings.entry(folder.to_owned()).or_default();
        if known.time != time {
            let Ok(entries) = std::fs::read_dir(folder) else { return Found::NotOurs };
            known.names = entries.flatten().filter_map(|entry| entry.file_name().into_string().ok()).collect();
            known.time = time;
        }
        let names = &known.names;
        if names.contains(leaf) {
            let package = format!("{folder}/{leaf}");
            let source = format!("{package}/__init__.py");
            return match Path::new(&source).is_file() && !has_machine_init(&package) {
                true => Found::Package(source, package),
                // A folder without code, or something odd.
                false => Found::NotOurs,
            };
        }
        let has = |suffix: &str| names.contains(&format!("{leaf}{suffix}"));
        if let Some(suffix) = MACHINE.iter().find(|suffix| has(suffix)) {
            let path = format!("{folder}/{leaf}{suffix}");
            return if Path::new(&path).is_file() { Found::Machine(path) } else { Found::NotOurs };
        }
        let path = format!("{folder}/{leaf}.py");
        match has(".py") {
            true if Path::new(&path).is_file() => Found::Module(path),
            true => Found::NotOurs,
            false if has(".pyc") => Found::NotOurs,
            false => Found::Nowhere,
        }
    }
}

fn has_machine_init(package: &str) -> bool {
    MACHINE.iter().any(|suffix| Path::new(&format!("{package}/__init__{suffix}")).exists())
}

/// How files of machine code end, which importlib looks for before sources (`importlib.machinery.EXTENSION_SUFFIXES`).
const MACHINE: [&str; 3] = [
    #[cfg(target_arch = "aarch64")]
    ".cpython-314-aarch64-linux-gnu.so",
    #[cfg(not(target_arch = "aarch64"))]
    ".cpython-314-x86_64-linux-gnu.so",
    ".abi3.so",
    ".so",
];

#[pymethods]
impl LazyFolders {
    #[new]
    fn new() -> LazyFolders {
        LazyFolders::default()
    }

    /// List all folders anew.
    fn forget(&self) {
        self.listings.lock().unwrap_or_else(PoisonError::into_inner).clear();
    }

    /// Where the module `leaf` is in these folders (`sys.path`, or the path of its package): its source and, if it is a package, its folder; only its path if it is
    /// machine code; False if it is nowhere; None if importlib has to say. `finders` is `sys.path_importer_cache`, `kind` the class of importlib's finder.
    fn find<'py>(
        &self,
        leaf: &str,
        folders: &Bound<'py, PyAny>,
        finders: &Bound<'py, PyDict>,
        kind: &Bound<'py, PyAny>,
    ) -> PyResult<Bound<'py, PyAny>> {
        let py = finders.py();
        let none = || Ok(py.None().into_bound(py));
        let Ok(folders) = folders.cast::<PyList>() else { return none() };
        for folder in folders.iter() {
            let Ok(text) = folder.cast::<PyString>() else { return none() };
            let Ok(text) = text.to_str() else { return none() };
            match finders.get_item(&folder)? {
                Some(finder) if finder.is_none() => continue,
                Some(finder) if finder.get_type().is(kind) && text.starts_with('/') => {}
                _ => return none(),
            }
            match self.find_in(text, leaf) {
                Found::Module(path) => return Ok((path, py.None()).into_pyobject(py)?.into_any()),
                Found::Package(path, folder) => return Ok((path, folder).into_pyobject(py)?.into_any()),
                Found::Machine(path) => return Ok((path,).into_pyobject(py)?.into_any()),
                Found::NotOurs => return none(),
                Found::Nowhere => {}
            }
        }
        Ok(false.into_pyobject(py)?.to_owned().into_any())
    }
}

/// The bytecode file of a source, as importlib wrote it: 16 bytes, and the marshalled code; None if there is none that is up to date. The file is opened by
/// `open`, which is `io.open_code`, so that whoever watches the process sees it.
///
/// # Errors
/// Those of the calls.
pub fn cached_code<'py>(
    source: &str,
    tag: &str,
    magic: &[u8],
    open: &Bound<'py, PyAny>,
) -> PyResult<Option<Bound<'py, PyBytes>>> {
    let Some((folder, name)) = source.rsplit_once('/') else { return Ok(None) };
    let Some(stem) = name.strip_suffix(".py") else { return Ok(None) };
    let Ok(meta) = std::fs::metadata(source) else { return Ok(None) };
    let path = format!("{folder}/__pycache__/{stem}.{tag}.pyc");
    let Ok(file) = open.call1((&path,)) else { return Ok(None) };
    let bytes = file.call_method0("read");
    file.call_method0("close")?;
    let Ok(bytes) = bytes?.cast_into::<PyBytes>() else { return Ok(None) };
    Ok(is_current(bytes.as_bytes(), magic, meta.mtime(), meta.size()).then_some(bytes))
}

/// Whether a bytecode file is of a source with this time and size (PEP 3147, and PEP 552 without hash).
fn is_current(bytes: &[u8], magic: &[u8], time: i64, size: u64) -> bool {
    let word = |at: usize| bytes.get(at..at + 4).and_then(|word| word.try_into().ok()).map(u32::from_le_bytes);
    bytes.starts_with(magic) && word(4) == Some(0) && word(8) == Some(time as u32) && word(12) == Some(size as u32)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_ours_and_what_is_not() {
        let root = std::env::temp_dir().join(format!("ember-lazy-locate-{}", std::process::id()));
        for path in ["p/__init__.py", "n/x.txt", "a.py", "b.abi3.so", "c.py", "c.so", "d.pyc"] {
            let path = root.join(path);
            std::fs::create_dir_all(path.parent().expect("inside")).expect("a folder");
            std::fs::write(path, "").expect("a file");
        }
        let (folders, root_text) = (LazyFolders::default(), root.to_string_lossy().into_owned());
        let find = |leaf| folders.find_in(&root_text, leaf);
        assert_eq!(find("p"), Found::Package(format!("{root_text}/p/__init__.py"), format!("{root_text}/p")));
        assert_eq!(find("a"), Found::Module(format!("{root_text}/a.py")));
        assert_eq!(find("b"), Found::Machine(format!("{root_text}/b.abi3.so")));
        assert_eq!(find("c"), Found::Machine(format!("{root_text}/c.so")));
        assert_eq!(["n", "d"].map(find), [const { Found::NotOurs }; 2]);
        assert_eq!(find("z"), Found::Nowhere);
        std::fs::write(root.join("z.py"), "").expect("a file");
        folders.forget();
        assert_eq!(find("z"), Found::Module(format!("{root_text}/z.py")));
        std::fs::remove_dir_all(&root).expect("made above");
    }

    #[test]
    fn bytecode_is_of_one_source() {
        let bytes = [b"MAGC".as_slice(), &[0; 4], &7u32.to_le_bytes(), &9u32.to_le_bytes(), b"code"].concat();
        assert!(is_current(&bytes, b"MAGC", 7, 9));
        assert!(!is_current(&bytes, b"MAGD", 7, 9));
        assert!(!is_current(&bytes, b"MAGC", 8, 9));
        assert!(!is_current(&bytes, b"MAGC", 7, 8));
        assert!(!is_current(&bytes[..11], b"MAGC", 7, 9));
        let hashed = [b"MAGC".as_slice(), &1u32.to_le_bytes(), &[0; 8]].concat();
        assert!(!is_current(&hashed, b"MAGC", 0, 0));
    }
}
