//! Analyses groups of modules on several threads, each group after those it imports.
//!
//! Groups have numbers, in an order in which each comes after those that it imports; what a group sees of another depends on these numbers
//! alone ([`World::ask`]). The one thing that threads decide is when: of the groups that are ready the first one is taken, and a group that turns out to need
//! an earlier one which is not finished (it imports it by name, while it runs) is thrown away and executed again after that. Since it waits only
//! for smaller numbers, and the smallest unfinished one waits for nobody, this ends.
//!
//! A panic while a group is executed is a bug of the analyser's: that group's modules are given up, with that as the reason, and nobody waits for it in vain.

use super::graph::{Node, groups, on_threads};
use super::group::Group;
use super::world::World;
use crate::diagnostics::Finding;
use crate::value::ModId;
use crate::vm::Vm;
use rustc_hash::{FxHashMap, FxHashSet};
use std::any::Any;
use std::collections::BTreeSet;
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::sync::{Condvar, Mutex, PoisonError};

/// What came of one module.
#[derive(Debug, Default)]
pub struct Result {
    /// What was found in it.
    pub findings: Vec<Finding>,
    /// Names of the modules it imported, in the order in which it did.
    pub imports: Vec<String>,
}

/// What came of all modules, by name.
pub type Results = FxHashMap<String, Result>;

struct State {
    ready: BTreeSet<usize>,
    waiting: Vec<usize>,
    users: Vec<Vec<usize>>,
    finished: Vec<bool>,
    left: usize,
    results: Results,
}

/// Analyse all modules; results by name. An error if no thread can be started.
pub fn run(world: &mut World, nodes: &[Node], threads: usize) -> std::io::Result<Results> {
    let mut groups = groups(nodes);
    let mut group_of = vec![0; nodes.len()];
    for (number, group) in groups.iter().enumerate() {
        group.iter().for_each(|member| group_of[*member] = number);
    }
    order_members(nodes, &mut groups, &group_of);
    let mut users: Vec<Vec<usize>> = vec![Vec::new(); groups.len()];
    let mut waiting = vec![0; groups.len()];
    for (number, group) in groups.iter().enumerate() {
        let imports: FxHashSet<usize> =
            group.iter().flat_map(|member| &nodes[*member].imports).map(|target| group_of[*target]).collect();
        for target in imports.into_iter().filter(|target| *target != number) {
            users[target].push(number);
            waiting[number] += 1;
        }
    }
    let ready = (0..groups.len()).filter(|number| waiting[*number] == 0).collect();
    let (left, finished) = (groups.len(), vec![false; groups.len()]);
    let state = State { ready, waiting, users, finished, left, results: FxHashMap::default() };
    let names: Vec<Vec<String>> =
        groups.iter().map(|group| group.iter().map(|member| nodes[*member].name.clone()).collect()).collect();
    let first = world.place(&names);
    let (state, wake) = (Mutex::new(state), Condvar::new());
    let world = &*world;
    on_threads(threads, || work(world, first, &names, &state, &wake))?;
    Ok(state.into_inner().unwrap_or_else(PoisonError::into_inner).results)
}

/// In each group those first that are imported most from outside: programs come to the others through them.
fn order_members(nodes: &[Node], groups: &mut [Vec<usize>], group_of: &[usize]) {
    let mut wanted = vec![0usize; nodes.len()];
    for (at, node) in nodes.iter().enumerate() {
        for target in node.imports.iter().filter(|target| group_of[**target] != group_of[at]) {
            wanted[*target] += 1;
        }
    }
    for group in groups {
        group.sort_by_key(|member| {
            let name = &nodes[*member].name;
            (name.matches('.').count() > 0, std::cmp::Reverse(wanted[*member]), name.matches('.').count(), name.clone())
        });
    }
}

fn work(world: &World, first: u32, groups: &[Vec<String>], state: &Mutex<State>, wake: &Condvar) {
    let lock = || state.lock().unwrap_or_else(PoisonError::into_inner);
    loop {
        let mut guard = lock();
        let number = loop {
            if guard.left == 0 {
                return;
            }
            let at = world.shuffle.pick(guard.ready.len());
            if let Some(number) = guard.ready.iter().nth(at).copied() {
                guard.ready.remove(&number);
                break number;
            }
            guard = wake.wait(guard).unwrap_or_else(PoisonError::into_inner);
        };
        drop(guard);
        world.shuffle.point();
        let outcome = analyse_or_give_up(world, first + number as u32, &groups[number]);
        world.shuffle.point();
        let mut guard = lock();
        let outcome = match outcome {
            Ok(outcome) => outcome,
            Err(panic) => {
                // Not even giving up works; the others must not wait for what will never be there.
                guard.left = 0;
                wake.notify_all();
                drop(guard);
                resume_unwind(panic);
            }
        };
        match outcome {
            Ok((group, results)) => {
                world.publish(first + number as u32, group);
                guard.results.extend(results);
                guard.finish(number);
            }
            Err(earlier) => guard.put_off(number, (earlier - first) as usize),
        }
        wake.notify_all();
    }
}

impl State {
    fn finish(&mut self, number: usize) {
        self.left -= 1;
        self.finished[number] = true;
        for user in std::mem::take(&mut self.users[number]) {
            self.waiting[user] -= 1;
            if self.waiting[user] == 0 {
                self.ready.insert(user);
            }
        }
    }

    /// Execute a group again, after an earlier one.
    fn put_off(&mut self, number: usize, earlier: usize) {
        if self.finished[earlier] {
            self.ready.insert(number);
        } else {
            self.users[earlier].push(number);
            self.waiting[number] += 1;
        }
    }
}

/// What became of a group, or the number of an earlier one that has to be finished first.
type Outcome = std::result::Result<(Group, Vec<(String, Result)>), u32>;

/// Analyse one group; if the analyser fails on it, give its modules up. An error is a panic in that as well.
fn analyse_or_give_up(
    world: &World,
    number: u32,
    names: &[String],
) -> std::result::Result<Outcome, Box<dyn Any + Send>> {
    let attempt = |failed: Option<String>| catch_unwind(AssertUnwindSafe(|| analyse(world, number, names, failed)));
    attempt(None).or_else(|panic| attempt(Some(panic_text(&*panic))))
}

/// What a panic said.
pub(super) fn panic_text(panic: &(dyn Any + Send)) -> String {
    let text = panic.downcast_ref::<&str>().map(|text| (*text).to_owned());
    text.or_else(|| panic.downcast_ref::<String>().cloned()).unwrap_or_else(|| "a panic".to_owned())
}

/// Analyse one group, or give it up for what the analyser has `failed` with.
fn analyse(world: &World, number: u32, names: &[String], failed: Option<String>) -> Outcome {
    if !world.is_placed(number) {
        return Ok(Default::default());
    }
    let mut vm = Vm::new(world, number);
    vm.analyser_failed = failed;
    vm.run_group(names);
    if let Some(earlier) = vm.blocked {
        return Err(earlier);
    }
    let mut by_owner: FxHashMap<ModId, Vec<Finding>> = FxHashMap::default();
    for (owner, finding) in std::mem::take(&mut vm.findings) {
        by_owner.entry(owner).or_default().push(finding);
    }
    let mut results = Vec::new();
    for name in names {
        let Some(id) = vm.own_ids.get(name).copied().filter(|_| vm.loading.contains_key(name)) else { continue };
        let known = vm.imports.get(&id).into_iter().flatten().map(|other| vm.module_name(*other));
        let imports: Vec<String> = known.chain(vm.opaque.get(&id).into_iter().flatten().cloned()).collect();
        results.push((name.clone(), Result { findings: by_owner.remove(&id).unwrap_or_default(), imports }));
    }
    Ok((vm.finish(names), results))
}
