//! Plans over graphs of modules that exist as empty files.

use super::*;
use std::path::PathBuf;

/// A set of names.
#[derive(Default)]
struct Names(Vec<&'static str>);

impl Loaded for Names {
    type Name = String;

    fn name(&self, text: &str) -> String {
        text.to_owned()
    }

    fn contains(&self, name: &String) -> bool {
        self.0.contains(&name.as_str())
    }
}

/// A folder with modules, and verdicts for them.
struct Graph {
    root: PathBuf,
    planner: Planner<String>,
}

impl Graph {
    /// Modules as `name: imports` with marks before the name: `!` blocks, `~` is soft, `^` raises, `@` looks.
    fn new(test: &str, modules: &[(&str, &[&str])]) -> Graph {
        let root = std::env::temp_dir().join(format!("ember-lazy-plan-{test}-{}", std::process::id()));
        std::fs::create_dir_all(&root).expect("a folder");
        let set = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect();
        let mut planner = Planner::new(set(&["json", "logging"]), set(&["logging"]), Vec::new());
        for (marked, imports) in modules {
            let name = marked.trim_start_matches(['!', '~', '^', '@']);
            let path = root.join(format!("{name}.py"));
            std::fs::write(&path, "").expect("a file");
            let path = path.to_string_lossy().into_owned();
            let (time, size) = stamp(&path).expect("written above");
            let traits = [('~', verdicts::SOFT), ('^', verdicts::RAISES), ('@', verdicts::LOOKS)];
            let traits = traits.iter().filter(|(mark, _)| marked.contains(*mark)).map(|(_, bit)| bit).sum();
            let reason = if marked.contains('!') { "effect" } else { "" }.to_owned();
            let imports = imports.iter().map(|name| (*name).to_owned()).collect();
            let verdict = Verdict { time, size, reason, traits, imports, ..Verdict::default() };
            planner.table.insert(path.clone(), verdict);
            planner.places.learn_top(name, Place::Source(path), Vec::new());
        }
        Graph { root, planner }
    }

    fn plan(&mut self, module: &str, loaded: &[&'static str]) -> Plan {
        self.planner.plan(module, &[], &Names(loaded.to_vec())).expect("all is known")
    }

    fn effects(&mut self, module: &str, loaded: &[&'static str]) -> Vec<String> {
        self.planner.effects(module, &[], &Names(loaded.to_vec())).expect("all is known")
    }
}

impl Drop for Graph {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.root);
    }
}

const WAITS: Plan = Plan::Waits { effects: false };
const WITH_EFFECTS: Plan = Plan::Waits { effects: true };

#[test]
fn what_is_harmless_waits_and_what_blocks_does_not() {
    let mut graph = Graph::new("simple", &[("a", &["b", "json"]), ("b", &["a"]), ("!x", &[])]);
    assert_eq!(graph.plan("a", &[]), WAITS);
    assert_eq!(graph.plan("x", &[]), Plan::Now("x: effect".to_owned()));
    assert_eq!(graph.plan("json", &[]), WAITS);
    assert!(matches!(graph.plan("logging", &[]), Plan::Now(_)));
}

#[test]
fn effects_beneath_are_made_in_order_and_only_while_they_are_to_be_made() {
    let modules: [(&str, &[&str]); 6] =
        [("a", &["b", "y"]), ("b", &["c", "x"]), ("c", &[]), ("!x", &["z"]), ("!y", &[]), ("!z", &[])];
    let mut graph = Graph::new("order", &modules);
    assert_eq!(graph.plan("a", &[]), WITH_EFFECTS);
    // What `x` imports is for `x` to import.
    assert_eq!(graph.effects("a", &[]), ["x", "y"]);
    assert_eq!(graph.effects("a", &["x"]), ["y"]);
    assert_eq!(graph.plan("b", &["x"]), WAITS);
    assert_eq!(graph.plan("a", &["x", "y"]), WAITS);
}

#[test]
fn what_matters_to_later_modules_comes_before_their_effects() {
    let mut graph = Graph::new(
        "soft",
        &[("a", &["s", "b"]), ("~s", &["b"]), ("b", &["x"]), ("!x", &[]), ("~t", &["c"]), ("c", &[])],
    );
    assert_eq!(graph.plan("t", &[]), WAITS);
    assert_eq!(graph.plan("a", &[]), WITH_EFFECTS);
    assert_eq!(graph.effects("a", &[]), ["s"]);
    assert!(matches!(graph.plan("s", &[]), Plan::Now(_)));
    assert_eq!(graph.plan("s", &["x"]), WAITS);
}

#[test]
fn the_standard_library_does_not_mind_what_came_before() {
    let mut graph = Graph::new("eager", &[("~s", &["logging"]), ("a", &["s", "logging"])]);
    assert_eq!(graph.plan("s", &[]), WITH_EFFECTS);
    assert_eq!(graph.effects("a", &[]), ["logging"]);
}

#[test]
fn a_circle_is_harmless_as_a_whole_or_not() {
    let modules: [(&str, &[&str]); 5] =
        [("a", &["b", "c", "x"]), ("b", &["a"]), ("c", &["b"]), ("!x", &[]), ("d", &["b"])];
    let mut graph = Graph::new("circle-as-a-whole", &modules);
    assert_eq!(graph.plan("a", &[]), WITH_EFFECTS);
    for name in ["b", "c", "d"] {
        assert_eq!(graph.plan(name, &[]), WITH_EFFECTS);
        assert_eq!(graph.effects(name, &[]), ["x"]);
    }
    // What is loaded stays so.
    ["b", "c", "d"].iter().for_each(|name| assert_eq!(graph.plan(name, &["x"]), WAITS));
}

#[test]
fn soft_modules_in_a_circle() {
    let mut graph = Graph::new("circle", &[("a", &["s", "c"]), ("~s", &["a"]), ("c", &[])]);
    assert_eq!(graph.plan("a", &[]), WAITS);
    let mut graph = Graph::new("circle-blocked", &[("a", &["s", "x"]), ("~s", &["a"]), ("!x", &[])]);
    assert_eq!(graph.effects("a", &[]), ["s", "x"]);
}

#[test]
fn what_the_analyser_takes_a_stub_for_is_harmless() {
    let mut graph = Graph::new("stubs", &[("a", &["b"]), ("!b", &[])]);
    std::fs::create_dir_all(graph.root.join("stubs")).expect("a folder");
    std::fs::write(graph.root.join("stubs/b.py"), "").expect("a file");
    assert_eq!(graph.plan("a", &[]), WITH_EFFECTS);
    let stubs = vec![graph.root.join("stubs").to_string_lossy().into_owned()];
    let table = std::mem::take(&mut graph.planner.table);
    let mut planner: Planner<String> = Planner::new(FxHashSet::default(), FxHashSet::default(), stubs);
    planner.table = table;
    for name in ["a", "b"] {
        let path = graph.root.join(format!("{name}.py")).to_string_lossy().into_owned();
        planner.places.learn_top(name, Place::Source(path), Vec::new());
    }
    assert_eq!(planner.plan("a", &[], &Names::default()), Ok(WAITS));
}

#[test]
fn what_raises_is_not_put_off_itself() {
    let mut graph = Graph::new("raises", &[("a", &["r"]), ("^r", &[])]);
    assert_eq!(graph.plan("a", &[]), WAITS);
    assert_eq!(graph.plan("r", &[]), Plan::Now("r: importing it raises".to_owned()));
}

#[test]
fn who_imports_what_raises_after_effects_does_so_itself() {
    let mut graph = Graph::new("raises-late", &[("a", &["b", "x"]), ("b", &["r"]), ("!^r", &[]), ("!x", &[])]);
    assert!(matches!(graph.plan("b", &[]), Plan::Now(_)));
    assert_eq!(graph.plan("a", &[]), WITH_EFFECTS);
    assert_eq!(graph.effects("a", &[]), ["b", "x"]);
}

#[test]
fn what_looks_says_what_it_imports() {
    let mut graph = Graph::new("looks", &[("@a", &["b"]), ("b", &[])]);
    assert_eq!(graph.planner.looks("a", &Names::default()), Ok(Some(vec!["b".to_owned()])));
    assert_eq!(graph.planner.looks("b", &Names::default()), Ok(None));
}

#[test]
fn a_change_is_noticed_and_a_new_time_is_not_one() {
    let mut graph = Graph::new("fresh", &[("a", &[]), ("b", &[])]);
    let path = |name: &str| graph.root.join(format!("{name}.py")).to_string_lossy().into_owned();
    let (a, b) = (path("a"), path("b"));
    for path in [&a, &b] {
        let verdict = graph.planner.table.get_mut(path).expect("made above");
        (verdict.time, verdict.digest) = (1, b"same".to_vec());
    }
    let names = Names::default();
    assert_eq!(graph.planner.plan("a", &[], &names), Err(Need::Digest(a.clone())));
    graph.planner.learn_digest(&a, b"same");
    assert_eq!(graph.planner.plan("a", &[], &names), Ok(WAITS));
    assert!(graph.planner.touched);
    graph.planner.learn_digest(&b, b"other");
    assert!(matches!(graph.planner.plan("b", &[], &names), Ok(Plan::Now(_))));
    assert_eq!(graph.planner.take_wanted(), [b]);
}

#[test]
fn a_verdict_rests_on_what_is_loaded_too() {
    let mut graph = Graph::new("rests", &[("a", &["b"]), ("!b", &["c"]), ("c", &[])]);
    let path = graph.root.join("c.py");
    std::fs::write(&path, "print()").expect("a file");
    graph.planner.learn_digest(&path.to_string_lossy(), b"");
    assert_eq!(graph.plan("a", &["c"]), Plan::Now("c: changed since it was analysed".to_owned()));
    assert_eq!(graph.plan("a", &["b", "c"]), Plan::Now("c: changed since it was analysed".to_owned()));
}

#[test]
fn what_nobody_analysed_is_wanted() {
    let mut graph = Graph::new("missing", &[("a", &["b"]), ("b", &[])]);
    let path = graph.root.join("b.py").to_string_lossy().into_owned();
    graph.planner.table.remove(&path);
    assert_eq!(graph.plan("a", &[]), Plan::Missing);
    assert_eq!(graph.planner.take_wanted(), [path]);
    let names = Names::default();
    assert_eq!(graph.planner.plan("elsewhere.c", &[], &names), Err(Need::Top("elsewhere".to_owned())));
}

#[test]
fn a_long_chain_of_imports_blocks_at_its_depth() {
    let names: Vec<String> = (0..DEEP + 500).map(|number| format!("m{number}")).collect();
    let texts: Vec<&str> = names.iter().map(String::as_str).collect();
    let modules: Vec<(&str, &[&str])> =
        (0..texts.len()).map(|at| (texts[at], &texts[at + 1..texts.len().min(at + 2)])).collect();
    let mut graph = Graph::new("deep", &modules);
    assert_eq!(graph.plan("m0", &[]), WITH_EFFECTS);
}
