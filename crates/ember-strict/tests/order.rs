//! What is said of modules does not depend on the schedule of the threads that analyse them.

use ember_strict::check::{Options, Report, check};
use std::fs;
use std::path::{Path, PathBuf};

/// A folder with these modules, gone at the end.
struct Program(PathBuf);

impl Program {
    fn new(name: &str, files: &[(&str, &str)]) -> Program {
        let folder = std::env::temp_dir().join(format!("ember-order-{name}-{}", std::process::id()));
        let _ = fs::remove_dir_all(&folder);
        fs::create_dir_all(&folder).expect("a folder");
        for (file, text) in files {
            fs::write(folder.join(file), text).expect("a file");
        }
        Program(folder)
    }

    fn report(&self, threads: usize, shuffle: Option<u64>) -> Report {
        let stubs = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../python/ember/strict/stubs");
        let paths = vec![self.0.clone()];
        check(&Options { paths, stubs: vec![stubs], threads, shuffle, ..Options::default() })
    }
}

impl Drop for Program {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

fn text(report: &Report) -> String {
    serde_json::to_string(report).expect("a report is JSON")
}

fn verdict(report: &Report, name: &str) -> String {
    let module = report.modules.iter().find(|module| module.name == name).expect("the module is in the report");
    let codes: Vec<&str> = module.items.iter().map(|item| item.code.as_str()).collect();
    format!("{} {}", module.verdict, codes.join(" "))
}

/// Modules whose imports are known only when they run: nothing says beforehand that one comes after the other.
const BY_NAME: &[(&str, &str)] = &[
    ("aa.py", "class A: pass\nROWS = []\n"),
    ("bb.py", "import aa\nMADE = aa.A()\naa.ROWS.append(1)\n"),
    // `aa` and what `bb` did to it, both by name: the class is one, and so are the rows.
    (
        "cc.py",
        "find = __import__\nif not isinstance(find('bb').MADE, find('aa').A): print()\nif find('aa').ROWS != [1]: print()\n",
    ),
    // Only what this module itself has imported has been imported.
    ("dd.py", "import sys\nif 'aa' in sys.modules: print()\n"),
    ("ee.py", "import sys\nimport bb\nif 'aa' not in sys.modules: print()\n"),
    // It comes before the module that it imports by name, which imports it.
    ("ff.py", "find = __import__\nROWS = []\ngg = find('gg')\n"),
    ("gg.py", "import ff\nROWS = ff.ROWS\n"),
    // Another name for a module is known to those who import who gave it.
    ("hh.py", "import sys\nimport aa\nsys.modules['other'] = aa\n"),
    ("ii.py", "import hh\nif __import__('other').A is not __import__('aa').A: print()\n"),
    ("jj.py", "try:\n    __import__('other')\nexcept ImportError:\n    pass\nelse:\n    print()\n"),
];

#[test]
fn the_report_is_that_of_one_thread() {
    let program = Program::new("by-name", BY_NAME);
    let expected = program.report(1, None);
    let verdicts: Vec<String> = expected.modules.iter().map(|m| verdict(&expected, &m.name)).collect();
    assert!(verdicts[0] == "pure " && verdicts[2..5].iter().all(|v| v == "pure "), "{verdicts:?}");
    assert_eq!(verdict(&expected, "bb"), "effects EMB110");
    for name in ["ff", "gg", "ii", "jj"] {
        assert_eq!(verdict(&expected, name), "pure ", "{name}");
    }
    for seed in 0..60 {
        let report = program.report([1, 2, 8][seed as usize % 3], Some(seed));
        assert_eq!(text(&report), text(&expected), "seed {seed}");
    }
}

#[test]
fn a_name_that_nobody_imports_before_is_found_in_every_order() {
    // Each module imports by name the one before it, so that a group may have to wait for many others in turn.
    let files: Vec<(String, String)> = (0..30)
        .map(|at: usize| {
            let before =
                at.checked_sub(1).map_or(String::new(), |before| format!("LIST.extend(find('m{before:02}').LIST)\n"));
            (
                format!("m{at:02}.py"),
                format!("find = __import__\nLIST = [{at}]\n{before}if len(LIST) != {}: print()\n", at + 1),
            )
        })
        .collect();
    let files: Vec<(&str, &str)> = files.iter().map(|(name, text)| (name.as_str(), text.as_str())).collect();
    let program = Program::new("chain", &files);
    for seed in 0..20 {
        let report = program.report([2, 8][seed as usize % 2], Some(seed));
        assert!(report.modules.len() == 30 && report.modules.iter().all(|m| m.verdict == "pure"), "seed {seed}");
    }
}
