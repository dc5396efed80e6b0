//! What cannot be read is not taken for something empty.

use ember_strict::check::{Module, Options, Report, check};
use std::fs;
use std::path::{Path, PathBuf};

fn folder(name: &str) -> PathBuf {
    let folder = std::env::temp_dir().join(format!("ember-reading-{name}-{}", std::process::id()));
    let _ = fs::remove_dir_all(&folder);
    fs::create_dir_all(&folder).expect("a folder");
    folder
}

fn options(folder: &Path, modules: &[&str]) -> Options {
    let stubs = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../python/ember/strict/stubs");
    let modules = modules.iter().map(|name| ((*name).to_owned(), folder.join(format!("{name}.py")))).collect();
    Options { modules, stubs: vec![stubs], search: vec![folder.to_owned()], threads: 1, ..Options::default() }
}

fn module<'r>(report: &'r Report, name: &str) -> &'r Module {
    report.modules.iter().find(|module| module.name == name).expect("the module is in the report")
}

#[test]
fn a_source_that_cannot_be_read() {
    let folder = folder("source");
    // A folder can be opened and not read.
    fs::create_dir(folder.join("broken.py")).expect("a folder");
    fs::write(folder.join("user.py"), "import broken\n").expect("a file");
    let mut options = options(&folder, &["broken", "user"]);
    let kept = folder.join("kept");
    options.cache = Some(kept.clone());
    let report = check(&options);
    let broken = module(&report, "broken");
    assert_eq!(broken.verdict, "gave up");
    assert!(broken.items[0].message.starts_with("the source cannot be read: "), "{:?}", broken.items);
    let user = module(&report, "user");
    assert!(user.verdict == "gave up" && user.items[0].code == "EMB120", "{:?}", user.items);
    assert!(!kept.exists(), "what could not be read now may be there next time");
    let _ = fs::remove_dir_all(&folder);
}

#[test]
fn a_folder_that_cannot_be_listed() {
    let folder = folder("folder");
    fs::write(folder.join("user.py"), "import anything\n").expect("a file");
    fs::write(folder.join("other.py"), "try:\n    import nothing\nexcept ImportError:\n    pass\n").expect("a file");
    let mut options = options(&folder, &["user", "other"]);
    let too_long = folder.join("x".repeat(300));
    options.search.push(too_long.clone());
    let report = check(&options);
    for name in ["user", "other"] {
        let module = module(&report, name);
        assert_eq!(module.verdict, "gave up", "{name}");
        assert!(module.items[0].message.contains("cannot be looked for: "), "{:?}", module.items);
    }
    assert!(
        report.problems.iter().any(|problem| problem.contains(&*too_long.to_string_lossy())),
        "{:?}",
        report.problems
    );
    let _ = fs::remove_dir_all(&folder);
}

#[test]
fn a_name_that_leads_nowhere_is_no_module() {
    let folder = folder("nowhere");
    // A link to nothing and a folder that is called like a source: the interpreter passes over both.
    #[cfg(unix)]
    std::os::unix::fs::symlink(folder.join("gone"), folder.join("link.py")).expect("a link");
    fs::create_dir(folder.join("really.py")).expect("a folder");
    let text = "for name in ('link', 'really'):\n    try:\n        __import__(name)\n    except ModuleNotFoundError:\n        continue\n    print()\n";
    fs::write(folder.join("user.py"), text).expect("a file");
    let report = check(&options(&folder, &["user"]));
    assert_eq!(module(&report, "user").verdict, "pure", "{:?}", module(&report, "user").items);
    let _ = fs::remove_dir_all(&folder);
}
