//! A bug of the analyser's costs the modules that it strikes, and those that need them; nobody waits for them.

use ember_strict::check::{Options, Report, Stage, check};
use std::fs;
use std::path::Path;

const MODULES: &[(&str, &str)] = &[
    ("bad.py", "LIMIT = 3\n"),
    ("user.py", "from bad import LIMIT\n"),
    ("users_user.py", "import user\n"),
    ("other.py", "ROWS = [1, 2]\n"),
    ("others_user.py", "from other import ROWS\n"),
];

fn verdicts(report: &Report) -> Vec<(&str, &str)> {
    report.modules.iter().map(|module| (module.name.as_str(), module.verdict.as_str())).collect()
}

fn fails_at(stage: Stage, name: &str) {
    let folder = std::env::temp_dir().join(format!("ember-failing-{name}-{}", std::process::id()));
    let _ = fs::remove_dir_all(&folder);
    fs::create_dir_all(&folder).expect("a folder");
    for (file, text) in MODULES {
        fs::write(folder.join(file), text).expect("a file");
    }
    let stubs = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../python/ember/strict/stubs");
    let options = Options { paths: vec![folder.clone()], stubs: vec![stubs], ..Options::default() };
    let sound = check(&Options { threads: 2, ..options.clone() });
    assert!(sound.modules.iter().all(|module| module.verdict == "pure"), "{:?}", verdicts(&sound));
    for threads in [1, 2, 8] {
        let report = check(&Options { threads, fault: Some((stage, "bad".to_owned())), ..options.clone() });
        let expected = [
            ("bad", "gave up"),
            ("other", "pure"),
            ("others_user", "pure"),
            ("user", "gave up"),
            ("users_user", "gave up"),
        ];
        assert_eq!(verdicts(&report), expected, "{threads} threads");
        let said = &report.modules[0].items[0].message;
        assert!(said.starts_with("the analyser failed, which is a bug in it: a test wants"), "{said}");
    }
    let _ = fs::remove_dir_all(&folder);
}

#[test]
fn while_a_module_is_executed() {
    fails_at(Stage::Executing, "executing");
}

#[test]
fn while_a_source_is_compiled() {
    fails_at(Stage::Compiling, "compiling");
}
