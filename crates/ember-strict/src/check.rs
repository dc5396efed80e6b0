//! A check: from paths to a report.

use crate::diagnostics::suppress::Suppressions;
use crate::diagnostics::{Code, Finding, Step, Weight};
use crate::modules::finder::{Finder, Found, FoundKind};
use crate::modules::graph::{Node, discover};
use crate::modules::schedule;
use crate::modules::shuffle::Shuffle;
pub use crate::modules::shuffle::Stage;
use crate::modules::world::{World, in_library};
use crate::source::Source;
use crate::value::GROUPS;
use rustc_hash::{FxHashMap, FxHashSet};
use serde::{Deserialize, Serialize};
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// What to check, and how. Given as JSON by the Python side.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub struct Options {
    /// Files and folders to check.
    pub paths: Vec<PathBuf>,
    /// Modules to check under the names they are imported by.
    pub modules: Vec<(String, PathBuf)>,
    /// Where modules are looked for: the interpreter's `sys.path`.
    pub search: Vec<PathBuf>,
    /// Folders with stubs, the user's first.
    pub stubs: Vec<PathBuf>,
    /// The folder of the standard library, whose own effects are not held against those who import it.
    pub stdlib: Option<PathBuf>,
    /// Facts about the interpreter.
    pub facts: Vec<(String, String)>,
    /// Check only modules that say `import __strict__`.
    pub strict_only: bool,
    /// Packages that are strict without saying so.
    pub strict_packages: Vec<String>,
    /// Codes that are not reported.
    pub ignore: Vec<String>,
    /// Codes that are not reported in files whose path contains the first part.
    pub per_file_ignores: Vec<(String, Vec<String>)>,
    /// Changes of other modules' objects that are accepted: `module:name`.
    pub benign: Vec<String>,
    /// How many threads to use; 0 for as many as there are processors.
    pub threads: usize,
    /// Where results are kept between runs.
    pub cache: Option<PathBuf>,
    /// Also tell of modules that were only imported.
    pub include_imported: bool,
    /// Disturb the threads' schedule by chance with this seed: a test of that nothing depends on it.
    pub shuffle: Option<u64>,
    /// Fail on this module: a test of that the others do not suffer.
    pub fault: Option<(Stage, String)>,
}

/// A finding in a report.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Item {
    pub code: String,
    pub title: String,
    pub message: String,
    pub help: String,
    /// The calls that lead to it; the module's own top level first.
    pub chain: Vec<Place>,
    /// Whether it counts as an effect, as something unknown or as a broken rule.
    pub weight: String,
}

/// A place in a source.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Place {
    pub path: String,
    pub module: String,
    pub function: String,
    pub line: usize,
    pub column: usize,
    pub end_column: usize,
    pub text: String,
}

/// A module in a report.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Module {
    pub name: String,
    pub path: String,
    pub verdict: String,
    pub strict: bool,
    pub items: Vec<Item>,
    /// Findings that a comment or the configuration silenced.
    pub suppressed: usize,
    pub imports: Vec<String>,
    /// The nearest modules with effects that importing this one executes, too.
    pub through: Vec<String>,
}

/// What a check says.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct Report {
    pub modules: Vec<Module>,
    /// Modules with effects and how many of the checked modules execute them.
    pub blockers: Vec<(String, usize)>,
    /// Why modules were given up, and how often.
    pub reasons: Vec<(String, usize)>,
    pub lines: usize,
    pub imported: usize,
    pub from_cache: bool,
    /// Paths that could not be checked, and why.
    pub problems: Vec<String>,
}

/// Run a check.
pub fn check(options: &Options) -> Report {
    if let Some(report) = crate::cache::load(options) {
        return report;
    }
    let (report, world, _) = run(options);
    crate::cache::store(options, &world, &report);
    report
}

/// Analyse; the report with what it was made from.
pub(crate) fn run(options: &Options) -> (Report, World, Vec<Node>) {
    let threads = match options.threads {
        0 => std::thread::available_parallelism().map_or(1, |n| n.get()),
        n => n,
    };
    let mut problems = Vec::new();
    let (mut targets, roots) = targets(options, &mut problems);
    let mut search = roots;
    search.extend(options.search.iter().filter(|folder| !search.contains(folder)).cloned().collect::<Vec<_>>());
    let builtin = options.facts.iter().find(|(key, _)| key == "builtin_module_names").map(|(_, names)| names.clone());
    let builtin = builtin.unwrap_or_default().split(',').map(str::to_owned).collect::<Vec<_>>();
    let mut world = World::new(Finder::new(options.stubs.clone(), search, builtin));
    world.finder.given.extend(given(options));
    targets.extend(given(options));
    world.facts = options.facts.clone();
    world.benign = options.benign.clone();
    world.stdlib = options.stdlib.clone();
    world.strict_packages = options.strict_packages.clone();
    world.shuffle = Shuffle::new(options.shuffle);
    world.fault.clone_from(&options.fault);
    let wanted: FxHashSet<String> = targets.iter().map(|(name, _)| name.clone()).collect();
    let (nodes, mut results, trouble) = execute(&mut world, targets, threads);
    problems.extend(trouble.clone());
    problems.extend(world.finder.trouble().map(|trouble| trouble.to_string()));
    let mut report = Report { problems, imported: nodes.len(), ..Report::default() };
    let mut modules = Vec::new();
    for node in &nodes {
        let Some(path) = &node.found.path else { continue };
        if node.found.kind == FoundKind::Stub && !wanted.contains(&node.name) {
            continue;
        }
        let result = results.remove(&node.name).unwrap_or_else(|| not_reached(&world, node, path, trouble.as_deref()));
        modules.push(judge(&world, options, node, path, result));
        if let Ok(code) = world.compiled(&node.name, path) {
            report.lines += code.source.line_count();
        }
    }
    let judged: FxHashMap<String, usize> = modules.iter().enumerate().map(|(at, m)| (m.name.clone(), at)).collect();
    trace_effects(options, &mut modules, &judged);
    report.blockers = blockers(options, &modules, &judged, &wanted);
    modules.retain(|module| options.include_imported || wanted.contains(&module.name));
    if options.strict_only {
        modules.retain(|module| module.strict);
    }
    report.reasons = reasons(&modules);
    report.modules = modules;
    (report, world, nodes)
}

/// Find and execute all modules. If that cannot be done at all: the modules that were asked for, no results, and why.
fn execute(
    world: &mut World,
    targets: Vec<(String, Found)>,
    threads: usize,
) -> (Vec<Node>, schedule::Results, Option<String>) {
    let nodes = match discover(world, targets.clone(), threads) {
        Ok(nodes) => nodes,
        Err(error) => {
            let node = |(name, found)| Node { name, found, imports: Vec::new() };
            let why = format!("no thread can be started for the analysis: {error}");
            return (targets.into_iter().map(node).collect(), schedule::Results::default(), Some(why));
        }
    };
    match schedule::run(world, &nodes, threads) {
        Ok(results) => {
            let why =
                (world.numbers_used() >= GROUPS).then(|| format!("there are more than {GROUPS} groups of modules"));
            (nodes, results, why)
        }
        Err(error) => {
            let why = format!("no thread can be started for the analysis: {error}");
            (nodes, schedule::Results::default(), Some(why))
        }
    }
}

/// The modules of the given paths, and the folders in which their packages lie.
fn targets(options: &Options, problems: &mut Vec<String>) -> (Vec<(String, Found)>, Vec<PathBuf>) {
    let (mut list, mut roots) = (Vec::new(), Vec::new());
    for path in &options.paths {
        let path = std::fs::canonicalize(path).unwrap_or_else(|_| path.clone());
        let mut files = Vec::new();
        if path.is_dir() {
            walk(&path, &mut files, 0, problems);
        } else if path.is_file() {
            files.push(path.clone());
        } else {
            problems.push(format!("{}: there is no such file or folder", path.display()));
        }
        let stubs: Vec<PathBuf> = options
            .stubs
            .iter()
            .map(|folder| std::fs::canonicalize(folder).unwrap_or_else(|_| folder.clone()))
            .collect();
        // Stubs describe modules, they are none.
        files.retain(|file| path.is_file() || !stubs.iter().any(|folder| file.starts_with(folder)));
        files.sort();
        for file in files {
            let (root, name) = name_of(&file, &path);
            if name.is_empty() || name.split('.').any(|part| part.is_empty()) {
                continue;
            }
            if !roots.contains(&root) {
                roots.push(root);
            }
            let package = file.file_name().is_some_and(|name| name == "__init__.py");
            let search = if package {
                file.parent().map(|p| p.to_string_lossy().into_owned()).into_iter().collect()
            } else {
                Vec::new()
            };
            list.push((name, Found { kind: FoundKind::Source, path: Some(file), package, search }));
        }
    }
    (list, roots)
}

/// The modules that are named together with their sources.
fn given(options: &Options) -> Vec<(String, Found)> {
    let found = |path: &PathBuf| {
        let package = path.file_name().is_some_and(|name| name == "__init__.py");
        let folder = path.parent().filter(|_| package).map(|folder| folder.to_string_lossy().into_owned());
        Found { kind: FoundKind::Source, path: Some(path.clone()), package, search: folder.into_iter().collect() }
    };
    options.modules.iter().map(|(name, path)| (name.clone(), found(path))).collect()
}

fn walk(folder: &Path, files: &mut Vec<PathBuf>, depth: usize, problems: &mut Vec<String>) {
    let listed = std::fs::read_dir(folder).and_then(|entries| entries.collect::<Result<Vec<_>, _>>());
    let entries = match listed {
        Ok(entries) => entries,
        Err(error) => {
            problems.push(format!("{}: the folder cannot be read: {error}", folder.display()));
            return;
        }
    };
    for entry in entries {
        let path = entry.path();
        let name = entry.file_name().to_string_lossy().into_owned();
        if path.is_dir() {
            let skipped =
                name.starts_with('.') || matches!(name.as_str(), "__pycache__" | "node_modules" | "venv" | "build");
            if !skipped && depth < 40 {
                walk(&path, files, depth + 1, problems);
            }
        } else if name.ends_with(".py") {
            files.push(path);
        }
    }
}

/// The folder from which a file is imported, and under which name: up to where there is no `__init__.py` any more, or to
/// the folder that was given if that is further up.
fn name_of(file: &Path, given: &Path) -> (PathBuf, String) {
    let mut parts = Vec::new();
    let stem = file.file_stem().map(|stem| stem.to_string_lossy().into_owned()).unwrap_or_default();
    if stem != "__init__" {
        parts.push(stem);
    }
    let mut folder = file.parent().unwrap_or(Path::new(""));
    while folder.join("__init__.py").exists() || (given.is_dir() && folder != given && folder.starts_with(given)) {
        parts.push(folder.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default());
        match folder.parent() {
            Some(parent) => folder = parent,
            None => break,
        }
    }
    parts.reverse();
    (folder.to_owned(), parts.join("."))
}

/// The result for a module that was never executed, because its package cannot be imported, or because nothing could be.
fn not_reached(world: &World, node: &Node, path: &Path, trouble: Option<&str>) -> schedule::Result {
    let source = match world.compiled(&node.name, path) {
        Ok(code) => code.source.clone(),
        Err((source, _)) => source,
    };
    let packages = node.name.match_indices('.').map(|(end, _)| &node.name[..end]);
    let raises = packages.filter_map(|package| world.finished(package)).any(|finished| finished.certain);
    let (code, message, help) = match trouble {
        Some(why) => (Code::Unsupported, why, "check fewer modules at a time, or with fewer threads"),
        None => {
            let code = if raises { Code::Raises } else { Code::Unhandled };
            let why = "the module cannot be imported, because a package around it cannot";
            (code, why, "look at what is found in the package")
        }
    };
    let steps = vec![Step::at(&source, (0, 0), "<module>".to_owned())];
    let finding = Finding { code, message: message.to_owned(), help: help.to_owned(), steps };
    schedule::Result { findings: vec![finding], imports: Vec::new() }
}

/// A strict module is analysed itself; a stub of the user's for it would be believed by those who import it.
fn conflicting_stub(world: &World, options: &Options, node: &Node, source: &Arc<Source>) -> Option<Finding> {
    let (_, own) = options.stubs.split_last()?;
    let stub = own.iter().find_map(|folder| world.finder.stub_in(folder, &node.name).ok()?)?.path?;
    Some(Finding {
        code: Code::ConflictingSource,
        message: format!("there is a stub for this strict module, {}: which of the two is right?", stub.display()),
        help: "remove the stub, or the strict flag".to_owned(),
        steps: vec![Step::at(source, (0, 0), "<module>".to_owned())],
    })
}

fn judge(world: &World, options: &Options, node: &Node, path: &Path, result: schedule::Result) -> Module {
    let compiled = world.compiled(&node.name, path).ok();
    let declared = compiled.as_ref().is_some_and(|code| code.strict);
    let listed = options.strict_packages.iter().any(|p| node.name == *p || node.name.starts_with(&format!("{p}.")));
    let strict = declared || listed;
    let silenced = Suppressions::of(compiled.as_ref().map(|code| &*code.source), options, path);
    let mut findings = result.findings;
    if let Some(code) = compiled.as_ref().filter(|_| strict && node.found.kind == FoundKind::Source) {
        findings.extend(conflicting_stub(world, options, node, &code.source));
    }
    let total = findings.len();
    let kept: Vec<Finding> = findings
        .into_iter()
        .filter(|finding| !silenced.covers(finding))
        .filter(|finding| strict || finding.code.weight() != Weight::Rule)
        .collect();
    let has = |weight: Weight| kept.iter().any(|finding| finding.code.weight() == weight);
    let verdict = if has(Weight::Effect) {
        "effects"
    } else if has(Weight::Unknown) {
        "gave up"
    } else if has(Weight::Rule) {
        "breaks rules"
    } else {
        "pure"
    };
    Module {
        name: node.name.clone(),
        path: path.to_string_lossy().into_owned(),
        verdict: verdict.to_owned(),
        strict,
        suppressed: total - kept.len(),
        items: kept.iter().map(|finding| item(options, finding)).collect(),
        imports: result.imports,
        through: Vec::new(),
    }
}

fn item(options: &Options, finding: &Finding) -> Item {
    // How a stub or the standard library comes to the effect is not of interest to those who call it.
    let inside = |step: &Step, folder: &PathBuf| step.source.path.starts_with(folder);
    let in_stdlib = |step: &Step| options.stdlib.as_ref().is_some_and(|folder| inside(step, folder));
    let foreign = finding.steps.first().is_some_and(|first| !in_stdlib(first));
    let hidden = |step: &Step| options.stubs.iter().any(|folder| inside(step, folder)) || (foreign && in_stdlib(step));
    let kept = finding.steps.iter().rposition(|step| !hidden(step)).map_or(finding.steps.len(), |last| last + 1);
    let places = finding.steps[..kept].iter().map(|step| {
        let (line, column) = step.source.position(step.span.0);
        let (end_line, end) = step.source.position(step.span.1);
        let text = step.source.line_text(line).to_owned();
        let end_column = if end_line == line { end.max(column + 1) } else { text.chars().count() + 1 };
        Place {
            path: step.source.path.to_string_lossy().into_owned(),
            module: step.source.module.clone(),
            function: step.function.clone(),
            line,
            column,
            end_column: end_column.max(column + 1),
            text,
        }
    });
    Item {
        code: finding.code.id(),
        title: finding.code.title().to_owned(),
        message: finding.message.clone(),
        help: finding.help.clone(),
        chain: places.collect(),
        weight: format!("{:?}", finding.code.weight()).to_lowercase(),
    }
}

fn is_stdlib(options: &Options, module: &Module) -> bool {
    in_library(options.stdlib.as_deref(), Path::new(&module.path))
}

/// Note for each module through which imports it executes effects of others.
fn trace_effects(options: &Options, modules: &mut [Module], index: &FxHashMap<String, usize>) {
    let culprit: Vec<bool> =
        modules.iter().map(|m| m.verdict != "pure" && m.verdict != "breaks rules" && !is_stdlib(options, m)).collect();
    for at in 0..modules.len() {
        let mut seen: FxHashSet<usize> = [at].into_iter().collect();
        let mut work: std::collections::VecDeque<usize> = [at].into_iter().collect();
        let mut through = Vec::new();
        while let Some(current) = work.pop_front() {
            if current != at && culprit[current] {
                through.push(modules[current].name.clone());
                continue;
            }
            for import in &modules[current].imports {
                if let Some(next) = index.get(import)
                    && seen.insert(*next)
                {
                    work.push_back(*next);
                }
            }
        }
        through.truncate(5);
        modules[at].through = through;
    }
}

/// The modules whose effects most others execute when they are imported.
fn blockers(
    options: &Options,
    modules: &[Module],
    index: &FxHashMap<String, usize>,
    wanted: &FxHashSet<String>,
) -> Vec<(String, usize)> {
    let mut users: Vec<Vec<usize>> = vec![Vec::new(); modules.len()];
    for (at, module) in modules.iter().enumerate() {
        for import in &module.imports {
            if let Some(target) = index.get(import) {
                users[*target].push(at);
            }
        }
    }
    let mut counts = Vec::new();
    for (at, module) in modules.iter().enumerate() {
        if module.verdict == "pure" || module.verdict == "breaks rules" || is_stdlib(options, module) {
            continue;
        }
        let mut seen: FxHashSet<usize> = [at].into_iter().collect();
        let mut work = vec![at];
        while let Some(current) = work.pop() {
            for user in &users[current] {
                if seen.insert(*user) {
                    work.push(*user);
                }
            }
        }
        seen.remove(&at);
        let count = seen.iter().filter(|user| wanted.contains(&modules[**user].name)).count();
        if count > 0 {
            counts.push((module.name.clone(), count));
        }
    }
    counts.sort_by(|a, b| b.1.cmp(&a.1).then(a.0.cmp(&b.0)));
    counts.truncate(10);
    counts
}

fn reasons(modules: &[Module]) -> Vec<(String, usize)> {
    let mut counts: FxHashMap<String, usize> = FxHashMap::default();
    for module in modules.iter().filter(|module| module.verdict == "gave up") {
        let codes: FxHashSet<&str> = module.items.iter().map(|item| item.code.as_str()).collect();
        for code in codes {
            *counts.entry(code.to_owned()).or_default() += 1;
        }
    }
    let mut list: Vec<(String, usize)> = counts
        .into_iter()
        .map(|(code, count)| (Code::parse(&code).map_or(code.clone(), |c| format!("{code} {}", c.title())), count))
        .collect();
    list.sort_by(|a, b| b.1.cmp(&a.1).then(a.0.cmp(&b.0)));
    list
}
