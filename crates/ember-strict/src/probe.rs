//! Runs one program and shows what its names are in the end: how tests compare the interpreter with CPython.

use crate::check::Options;
use crate::diagnostics::Code;
use crate::modules::finder::{Finder, Found, FoundKind};
use crate::modules::world::World;
use crate::vm::{Stop, Vm};
use serde::Serialize;
use std::collections::BTreeMap;
use std::path::PathBuf;

/// What became of a program.
#[derive(Debug, Default, Serialize)]
pub struct Outcome {
    /// The `repr` of every public global whose `repr` is the same in every process.
    pub names: BTreeMap<String, String>,
    /// The exception that ended it, as `Class: message`, and the line of the top level where it passed.
    pub error: Option<(String, usize)>,
    /// Findings: code, line, message.
    pub findings: Vec<(String, usize, String)>,
    /// Steps it took.
    pub steps: u64,
}

/// The world of some options.
pub fn world(options: &Options) -> World {
    let builtin = options.facts.iter().find(|(key, _)| key == "builtin_module_names").map(|(_, names)| names.clone());
    let builtin: Vec<String> = builtin.unwrap_or_default().split(',').map(str::to_owned).collect();
    let mut world = World::new(Finder::new(options.stubs.clone(), options.search.clone(), builtin));
    world.facts = options.facts.clone();
    world
}

/// Run sources, each as a module of its own, in worlds of their own.
pub fn run_all(options: &Options, sources: &[String]) -> Vec<Outcome> {
    std::thread::scope(|scope| {
        let builder = std::thread::Builder::new().stack_size(crate::modules::STACK);
        let work = || {
            let mut world = world(options);
            sources.iter().enumerate().map(|(at, text)| run(&mut world, text, &format!("corpus_{at}"))).collect()
        };
        builder.spawn_scoped(scope, work).ok().and_then(|thread| thread.join().ok()).unwrap_or_default()
    })
}

/// Run a program as the module `name`.
pub fn run(world: &mut World, text: &str, name: &str) -> Outcome {
    let group = world.place(&[Vec::new()]);
    let world = &*world;
    let mut vm = Vm::new(world, group);
    let file = PathBuf::from(format!("<{name}>"));
    world.give(name, &file, text.to_owned());
    let found = Found { kind: FoundKind::Source, path: Some(file), package: false, search: Vec::new() };
    let result = vm.execute(name, found);
    let mut outcome = Outcome::default();
    if let Err(Stop::Raise(exception)) = &result {
        let text = vm.describe_exception(*exception);
        let line = vm.findings.iter().rev().find_map(|(_, finding)| {
            matches!(finding.code, Code::Unhandled | Code::Raises | Code::Syntax)
                .then(|| finding.first().map_or(0, |step| step.line()))
        });
        outcome.error = Some((text, line.unwrap_or(0)));
    }
    let id = vm.loading.get(name).copied().unwrap_or(0);
    outcome.findings = vm
        .findings
        .iter()
        .filter(|(owner, _)| *owner == id)
        .map(|(_, f)| {
            let chain: Vec<String> =
                f.steps.iter().map(|s| format!("{}:{} {}", s.source.module, s.line(), s.function)).collect();
            (f.code.id(), f.first().map_or(0, |step| step.line()), format!("{} [{}]", f.message, chain.join(" > ")))
        })
        .collect();
    vm.return_to(id);
    let object = vm.module_object(id).and_then(|value| value.obj());
    if let Some(dict) = object.and_then(|object| vm.get(object).dict) {
        for (key, value) in vm.entries(dict) {
            let Some(key) = vm.as_str(key) else { continue };
            if key.starts_with('_') {
                continue;
            }
            if let Ok(text) = vm.repr(value)
                && !text.contains(" at 0x")
                && !text.starts_with("<module")
                && !text.starts_with("<built-in")
                && !text.starts_with("<bound")
            {
                outcome.names.insert(key.to_string(), text.to_string());
            }
        }
    }
    outcome.steps = vm.steps_taken();
    // Nobody imports the program: its group is not published, so that many programs take no more memory than one.
    outcome
}
