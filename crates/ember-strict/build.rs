//! Makes a name for this build of the analyser: the hash of its sources and of the versions it is built with.
//!
//! Whoever keeps what the analyser says asks whether the same analyser said it. A version's number does not tell that while one works on
//! it, and a file's time tells it wrongly for those who install the same build twice.

use std::fs;
use std::path::{Path, PathBuf};

fn main() {
    let mut files = Vec::new();
    collect(Path::new("src"), &mut files);
    files.sort();
    files.extend(["Cargo.toml", "../../Cargo.lock"].map(PathBuf::from));
    let mut hash = 0xcbf2_9ce4_8422_2325_u64;
    for file in &files {
        println!("cargo:rerun-if-changed={}", file.display());
        mix(&mut hash, file.to_string_lossy().as_bytes());
        // A package without the workspace around it has no lock file there.
        mix(&mut hash, &fs::read(file).unwrap_or_default());
    }
    println!("cargo:rerun-if-changed=src");
    println!("cargo:rustc-env=EMBER_STRICT_BUILD={hash:016x}");
}

fn collect(folder: &Path, files: &mut Vec<PathBuf>) {
    let entries = fs::read_dir(folder).unwrap_or_else(|error| panic!("{}: {error}", folder.display()));
    for entry in entries {
        let path = entry.unwrap_or_else(|error| panic!("{}: {error}", folder.display())).path();
        if path.is_dir() { collect(&path, files) } else { files.push(path) }
    }
}

/// FNV-1a, with the length in front so that what ends one file does not begin the next.
fn mix(hash: &mut u64, bytes: &[u8]) {
    for byte in (bytes.len() as u64).to_le_bytes().iter().chain(bytes) {
        *hash = (*hash ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3);
    }
}
