//! Analyses groups of modules on several threads, each group after those it imports.

use super::finder::FoundKind;
use super::graph::{Node, groups};
use super::world::World;
use crate::diagnostics::Finding;
use crate::value::ModId;
use crate::vm::Vm;
use crate::vm::shadow::groups_of;
use rustc_hash::{FxHashMap, FxHashSet};
use std::sync::{Condvar, Mutex};

/// What came of one module.
#[derive(Debug, Default)]
pub struct Result {
    /// What was found in it.
    pub findings: Vec<Finding>,
    /// Names of the modules it imported, in the order in which it did.
    pub imports: Vec<String>,
}

struct State {
    ready: Vec<usize>,
    waiting: Vec<usize>,
    left: usize,
    results: FxHashMap<String, Result>,
}

/// Analyse all modules; results by name.
pub fn run(world: &World, nodes: &[Node], threads: usize) -> FxHashMap<String, Result> {
    let groups = groups(nodes);
    let mut group_of = vec![0; nodes.len()];
    for (number, group) in groups.iter().enumerate() {
        group.iter().for_each(|member| group_of[*member] = number);
    }
    let groups = order_members(nodes, groups, &group_of);
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
    let ready = (0..groups.len()).rev().filter(|number| waiting[*number] == 0).collect();
    let state = Mutex::new(State { ready, waiting, left: groups.len(), results: FxHashMap::default() });
    let wake = Condvar::new();
    std::thread::scope(|scope| {
        for _ in 0..threads {
            let builder = std::thread::Builder::new().stack_size(super::STACK);
            let _ = builder.spawn_scoped(scope, || work(world, nodes, &groups, &users, &state, &wake));
        }
    });
    state.into_inner().map(|state| state.results).unwrap_or_default()
}

/// In each group those first that are imported most from outside: programs come to the others through them.
fn order_members(nodes: &[Node], mut groups: Vec<Vec<usize>>, group_of: &[usize]) -> Vec<Vec<usize>> {
    let mut wanted = vec![0usize; nodes.len()];
    for (at, node) in nodes.iter().enumerate() {
        for target in node.imports.iter().filter(|target| group_of[**target] != group_of[at]) {
            wanted[*target] += 1;
        }
    }
    for group in &mut groups {
        group.sort_by_key(|member| {
            let name = &nodes[*member].name;
            (name.matches('.').count() > 0, std::cmp::Reverse(wanted[*member]), name.matches('.').count(), name.clone())
        });
    }
    groups
}

fn work(
    world: &World,
    nodes: &[Node],
    groups: &[Vec<usize>],
    users: &[Vec<usize>],
    state: &Mutex<State>,
    wake: &Condvar,
) {
    loop {
        let Ok(mut guard) = state.lock() else { return };
        let number = loop {
            if guard.left == 0 {
                return;
            }
            if let Some(number) = guard.ready.pop() {
                break number;
            }
            guard = match wake.wait(guard) {
                Ok(guard) => guard,
                Err(_) => return,
            };
        };
        drop(guard);
        let names: Vec<String> = groups[number].iter().map(|member| nodes[*member].name.clone()).collect();
        let results = analyse(world, &names);
        let Ok(mut guard) = state.lock() else { return };
        guard.results.extend(results);
        guard.left -= 1;
        for user in &users[number] {
            guard.waiting[*user] -= 1;
            if guard.waiting[*user] == 0 {
                guard.ready.push(*user);
            }
        }
        wake.notify_all();
    }
}

/// Analyse one group and publish its modules.
fn analyse(world: &World, names: &[String]) -> Vec<(String, Result)> {
    let mut vm = Vm::new(world);
    vm.run_group(names);
    let outcomes = vm.outcomes();
    let findings = std::mem::take(&mut vm.findings);
    let imports = std::mem::take(&mut vm.imports);
    let own = world.add_deltas(vm.take_deltas());
    let imported = imports.values().flatten().filter_map(|id| world.finished(&world.module_name(*id)));
    let deltas = groups_of(own, imported.map(|finished| finished.deltas));
    for live in vm.take_heaps() {
        world.set_imports(live.owner, imports.get(&live.owner).cloned().unwrap_or_default());
        world.freeze(live.owner, live.objects);
    }
    let mut by_owner: FxHashMap<ModId, Vec<Finding>> = FxHashMap::default();
    for (owner, finding) in findings {
        by_owner.entry(owner).or_default().push(finding);
    }
    let mut results = Vec::new();
    for (name, mut finished) in outcomes {
        finished.deltas = deltas.clone();
        let ours = names.contains(&name);
        let id = vm.own_ids.get(&name).copied().unwrap_or(finished.id);
        // A module that was loaded on the way stays private to this group if it has a place of its own in the order.
        let alias = world.module_name(finished.id) != name;
        if ours || alias {
            world.publish(&name, finished);
        }
        if ours {
            let known = imports.get(&id).into_iter().flatten().map(|other| world.module_name(*other));
            let list = known.chain(vm.opaque.remove(&id).unwrap_or_default()).collect();
            results.push((name, Result { findings: by_owner.remove(&id).unwrap_or_default(), imports: list }));
        }
    }
    results
}

/// Whether a module's verdict is of interest: a source, no stub.
pub fn has_source(node: &Node) -> bool {
    node.found.kind == FoundKind::Source
}
