//! Keeps the analysis of a program warm, so that after a save only what changed is executed again.
//!
//! The idea: a [`World`] only grows. What a changed module's heap was stays where it is, under a number that nobody asks for
//! any more; the module and all that import it are forgotten by name and analysed anew beside it. When the numbers are
//! used up the world is made anew.
//!
//! The invariant: `results` has a module exactly if the world has its heap and nothing it rests on has changed since.

use crate::check::Options;
use crate::diagnostics::{Code, Weight};
use crate::modules::finder::{Finder, Found, FoundKind};
use crate::modules::graph::{Node, discover};
use crate::modules::schedule;
use crate::modules::world::World;
use rustc_hash::{FxHashMap, FxHashSet};
use serde::{Deserialize, Serialize};
use std::path::PathBuf;

/// When so many numbers of groups are used up, a world is made anew.
const FULL: usize = 24_000;

/// What is asked of a session.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub struct Question {
    /// The modules that are asked about: dotted name, file, whether it is a package.
    pub modules: Vec<(String, PathBuf, bool)>,
    /// Files that are not what they were at the last question.
    pub changed: Vec<PathBuf>,
    /// Texts to take instead of what is in the file: dotted name, file, text. Each file is in `changed`, too.
    pub texts: Vec<(String, PathBuf, String)>,
}

/// Something a module does, or may do, when it is imported.
#[derive(Clone, Debug, Serialize)]
pub struct Doing {
    /// The line of the module's own top level that leads to it; 0 if that is not known.
    pub line: usize,
    /// `EMB…`
    pub code: String,
    /// Whether it is certain: `effect`, else `unknown`.
    pub weight: &'static str,
    /// What is said of it.
    pub message: String,
    /// Whether what follows this line was not analysed.
    pub last: bool,
}

/// What a session answers of a module.
#[derive(Clone, Debug, Serialize)]
pub struct Answer {
    /// Its dotted name.
    pub name: String,
    /// All that was found, suppressed or not; `None` if it was not reached.
    pub found: Option<Vec<Doing>>,
}

/// An analysis that is kept.
pub struct Session {
    options: Options,
    world: World,
    results: FxHashMap<String, schedule::Result>,
}

fn new_world(options: &Options) -> World {
    let builtin = options.facts.iter().find(|(key, _)| key == "builtin_module_names").map(|(_, names)| names.clone());
    let builtin = builtin.unwrap_or_default().split(',').map(str::to_owned).collect::<Vec<_>>();
    let mut world = World::new(Finder::new(options.stubs.clone(), options.search.clone(), builtin));
    world.facts = options.facts.clone();
    world.benign = options.benign.clone();
    world.stdlib = options.stdlib.clone();
    world.strict_packages = options.strict_packages.clone();
    world
}

impl Session {
    /// A session that knows the builtins only.
    pub fn new(options: Options) -> Session {
        let world = new_world(&options);
        Session { options, world, results: FxHashMap::default() }
    }

    /// How many modules are known.
    pub fn size(&self) -> usize {
        self.results.len()
    }

    /// Analyse what is not known of the modules asked for and of all they import.
    pub fn ask(&mut self, question: &Question) -> Vec<Answer> {
        if self.world.numbers_used() > FULL {
            *self = Session::new(self.options.clone());
        }
        if !question.changed.is_empty() {
            self.forget(&question.changed);
        }
        for (name, path, text) in &question.texts {
            self.world.give(name, path, text.clone());
        }
        let roots = question.modules.iter().map(|(name, path, package)| {
            let folder = path.parent().filter(|_| *package).map(|folder| folder.to_string_lossy().into_owned());
            let search = folder.into_iter().collect();
            (name.clone(), Found { kind: FoundKind::Source, path: Some(path.clone()), package: *package, search })
        });
        let threads = self.options.threads.max(1);
        let nodes = discover(&self.world, roots.collect(), threads).unwrap_or_default();
        let fresh = self.without_known(nodes);
        match schedule::run(&mut self.world, &fresh, threads) {
            Ok(results) => self.results.extend(results),
            // No thread can be started: nothing is known of anything, and the next question begins anew.
            Err(_) => *self = Session::new(self.options.clone()),
        }
        question.modules.iter().map(|(name, ..)| self.answer(name)).collect()
    }

    /// Forget what lies in these files, and all that imports it.
    fn forget(&mut self, changed: &[PathBuf]) {
        let mut gone: FxHashSet<String> = self.world.forget_files(changed).into_iter().collect();
        loop {
            let more: Vec<String> = self
                .results
                .iter()
                .filter(|(name, result)| {
                    !gone.contains(*name) && result.imports.iter().any(|import| gone.contains(import))
                })
                .map(|(name, _)| name.clone())
                .collect();
            if more.is_empty() {
                break;
            }
            gone.extend(more);
        }
        self.results.retain(|name, _| !gone.contains(name));
        self.world.forget_modules(&gone);
    }

    fn without_known(&self, nodes: Vec<Node>) -> Vec<Node> {
        let mut number = vec![None; nodes.len()];
        let mut count = 0;
        for (at, node) in nodes.iter().enumerate() {
            if !self.results.contains_key(&node.name) {
                number[at] = Some(count);
                count += 1;
            }
        }
        nodes
            .into_iter()
            .enumerate()
            .filter(|(at, _)| number[*at].is_some())
            .map(|(_, mut node)| {
                node.imports = node.imports.iter().filter_map(|import| number[*import]).collect();
                node
            })
            .collect()
    }

    fn answer(&self, name: &str) -> Answer {
        let found = self.results.get(name).map(|result| {
            let findings = result.findings.iter().filter(|finding| finding.code.weight() != Weight::Rule);
            let found = findings.map(|finding| Doing {
                line: finding.steps.first().map_or(0, |step| step.source.position(step.span.0).0),
                code: finding.code.id(),
                weight: if finding.code.weight() == Weight::Effect { "effect" } else { "unknown" },
                message: finding.message.clone(),
                last: matches!(finding.code, Code::Syntax | Code::Unhandled | Code::TooManySteps | Code::Unsupported),
            });
            found.collect()
        });
        Answer { name: name.to_owned(), found }
    }
}

#[cfg(test)]
mod tests {
    use super::{Question, Session};
    use crate::check::Options;
    use std::fs;
    use std::path::PathBuf;

    #[test]
    fn only_what_rests_on_a_change_is_analysed_again() {
        let folder = std::env::temp_dir().join(format!("ember-session-{}", std::process::id()));
        let _ = fs::remove_dir_all(&folder);
        fs::create_dir_all(&folder).unwrap();
        let path = |name: &str| -> PathBuf { folder.join(format!("{name}.py")) };
        fs::write(path("base"), "TABLE = {}\n").unwrap();
        fs::write(path("user"), "import base\nCOPY = dict(base.TABLE)\n").unwrap();
        fs::write(path("other"), "X = 1\n").unwrap();
        let names = ["base", "user", "other"];
        let modules = names.iter().map(|name| ((*name).to_owned(), path(name), false)).collect();
        let mut session = Session::new(Options { search: vec![folder.clone()], threads: 1, ..Options::default() });
        let mut question = Question { modules, ..Question::default() };
        let lines = |session: &mut Session, question: &Question| -> Vec<Vec<usize>> {
            session.ask(question).iter().map(|a| a.found.iter().flatten().map(|f| f.line).collect()).collect()
        };
        assert_eq!(lines(&mut session, &question), [vec![], vec![], Vec::<usize>::new()]);
        fs::write(path("user"), "import base\n\nbase.TABLE['x'] = 1\n").unwrap();
        question.changed = vec![path("user")];
        assert_eq!(lines(&mut session, &question), [vec![], vec![3], Vec::<usize>::new()]);
        // What `user` sees of `base` is what `base` is now.
        fs::write(path("base"), "def open_it():\n    open('x')\n").unwrap();
        fs::write(path("user"), "import base\nbase.open_it()\n").unwrap();
        question.changed = vec![path("base"), path("user")];
        assert_eq!(lines(&mut session, &question)[1].len(), 1);
        fs::write(path("base"), "def open_it():\n    return 1\n").unwrap();
        question.changed = vec![path("base")];
        assert_eq!(lines(&mut session, &question), [vec![], vec![], Vec::<usize>::new()]);
        // A text that is given counts instead of the file.
        question.texts = vec![("base".to_owned(), path("base"), "open('x')\n".to_owned())];
        assert_eq!(lines(&mut session, &question)[0], [1]);
        let _ = fs::remove_dir_all(&folder);
    }
}
