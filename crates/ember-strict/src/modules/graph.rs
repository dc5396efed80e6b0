//! The graph of static imports: who imports whom at the top level, groups of modules that import each other, their order.

use super::finder::Found;
use super::world::World;
use crate::syntax::code::{Code, CodeKind};
use indexmap::IndexMap;
use rustc_hash::FxBuildHasher;
use std::collections::VecDeque;
use std::sync::{Arc, Condvar, Mutex};

/// A module of the graph.
#[derive(Debug)]
pub struct Node {
    /// Its dotted name.
    pub name: String,
    /// Where it is.
    pub found: Found,
    /// Numbers of the modules that its top level imports.
    pub imports: Vec<usize>,
}

/// What a module's top level imports: names of modules, and names that may be modules.
pub fn static_imports(code: &Arc<Code>, name: &str, package: bool) -> Vec<String> {
    let mut list = Vec::new();
    let mut work = vec![code.clone()];
    while let Some(code) = work.pop() {
        for spec in &code.imports {
            let Some(base) = absolute(name, package, &spec.module, spec.level) else { continue };
            for name in spec.names.iter().flatten().filter(|name| &***name != "*") {
                list.push(format!("{base}.{name}"));
            }
            list.push(base);
        }
        // Bodies of classes run at import, too.
        work.extend(code.children.iter().filter(|child| child.kind == CodeKind::Class).cloned());
    }
    list
}

fn absolute(name: &str, package: bool, module: &str, level: u32) -> Option<String> {
    if level == 0 {
        return Some(module.to_owned());
    }
    let mut base = if package { name } else { name.rsplit_once('.')?.0 };
    for _ in 1..level {
        base = base.rsplit_once('.')?.0;
    }
    Some(if module.is_empty() { base.to_owned() } else { format!("{base}.{module}") })
}

struct Queue {
    work: VecDeque<(String, Found)>,
    busy: usize,
    nodes: IndexMap<String, Option<(Found, Vec<String>)>, FxBuildHasher>,
}

/// Find all modules that `roots` import, parsing them on `threads` threads.
pub fn discover(world: &World, roots: Vec<(String, Found)>, threads: usize) -> Vec<Node> {
    let mut queue = Queue { work: VecDeque::new(), busy: 0, nodes: IndexMap::default() };
    for (name, found) in roots {
        if queue.nodes.insert(name.clone(), None).is_none() {
            queue.work.push_back((name, found));
        }
    }
    let (queue, wake) = (Mutex::new(queue), Condvar::new());
    std::thread::scope(|scope| {
        for _ in 0..threads {
            let builder = std::thread::Builder::new().stack_size(super::STACK);
            let _ = builder.spawn_scoped(scope, || explore(world, &queue, &wake));
        }
    });
    let Ok(queue) = queue.into_inner() else { return Vec::new() };
    let mut names: Vec<String> =
        queue.nodes.iter().filter(|(_, known)| known.is_some()).map(|(name, _)| name.clone()).collect();
    names.sort();
    let numbers: IndexMap<String, usize> = names.iter().enumerate().map(|(at, name)| (name.clone(), at)).collect();
    let mut nodes = Vec::new();
    for name in names {
        let Some(Some((found, list))) = queue.nodes.get(&name).cloned() else { continue };
        let mut imports: Vec<usize> = Vec::new();
        for import in list {
            for (end, _) in import.match_indices('.').chain([(import.len(), "")]) {
                if let Some(number) = numbers.get(&import[..end]) {
                    imports.push(*number);
                }
            }
        }
        imports.sort_unstable();
        imports.dedup();
        nodes.push(Node { name, found, imports });
    }
    nodes
}

fn explore(world: &World, queue: &Mutex<Queue>, wake: &Condvar) {
    loop {
        let Ok(mut state) = queue.lock() else { return };
        let (name, found) = loop {
            if let Some(item) = state.work.pop_front() {
                state.busy += 1;
                break item;
            }
            if state.busy == 0 {
                wake.notify_all();
                return;
            }
            state = match wake.wait(state) {
                Ok(state) => state,
                Err(_) => return,
            };
        };
        drop(state);
        let mut list = match &found.path {
            Some(path) => match world.compiled(&name, path) {
                Ok(code) => static_imports(&code, &name, found.package),
                Err(_) => Vec::new(),
            },
            None => Vec::new(),
        };
        if let Some((parent, _)) = name.rsplit_once('.') {
            list.push(parent.to_owned());
        }
        let mut new = Vec::new();
        for import in &list {
            for (end, _) in import.match_indices('.').chain([(import.len(), "")]) {
                new.push(import[..end].to_owned());
            }
        }
        let Ok(mut state) = queue.lock() else { return };
        for import in new {
            if state.nodes.contains_key(&import) {
                continue;
            }
            state.nodes.insert(import.clone(), None);
            if let Some(found) = locate(world, &import, &state.nodes) {
                state.work.push_back((import, found));
            }
        }
        state.nodes.insert(name, Some((found, list)));
        state.busy -= 1;
        wake.notify_all();
    }
}

type Known = IndexMap<String, Option<(Found, Vec<String>)>, FxBuildHasher>;

/// Find a module by its full name, looking its packages up on the way.
fn locate(world: &World, name: &str, known: &Known) -> Option<Found> {
    let Some((parent, _)) = name.rsplit_once('.') else { return world.finder.find(name, None) };
    let parent = match known.get(parent) {
        Some(Some((found, _))) => found.clone(),
        _ => locate(world, parent, known)?,
    };
    if !parent.package {
        return None;
    }
    world.finder.find(name, Some(&parent.search))
}

/// Groups of modules that import each other, each after the groups it imports (Tarjan's algorithm, without recursion).
pub fn groups(nodes: &[Node]) -> Vec<Vec<usize>> {
    let count = nodes.len();
    let (mut order, mut low) = (vec![usize::MAX; count], vec![0; count]);
    let (mut on_stack, mut stack, mut next) = (vec![false; count], Vec::new(), 0);
    let mut found = Vec::new();
    for root in 0..count {
        if order[root] != usize::MAX {
            continue;
        }
        let mut work = vec![(root, 0usize)];
        while let Some((node, edge)) = work.pop() {
            if edge == 0 {
                (order[node], low[node]) = (next, next);
                next += 1;
                stack.push(node);
                on_stack[node] = true;
            }
            if let Some(target) = nodes[node].imports.get(edge).copied() {
                work.push((node, edge + 1));
                if order[target] == usize::MAX {
                    work.push((target, 0));
                } else if on_stack[target] {
                    low[node] = low[node].min(order[target]);
                }
                continue;
            }
            if low[node] == order[node] {
                let mut group = Vec::new();
                while let Some(member) = stack.pop() {
                    on_stack[member] = false;
                    group.push(member);
                    if member == node {
                        break;
                    }
                }
                group.sort_by_key(|member| (nodes[*member].name.matches('.').count(), nodes[*member].name.clone()));
                found.push(group);
            }
            if let Some((parent, _)) = work.last() {
                low[*parent] = low[*parent].min(low[node]);
            }
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::{Node, groups};
    use crate::modules::finder::{Found, FoundKind};

    #[test]
    fn groups_come_after_what_they_import() {
        let edges: [&[usize]; 5] = [&[1], &[2], &[0, 3], &[], &[2]];
        let nodes: Vec<Node> = edges
            .iter()
            .enumerate()
            .map(|(at, imports)| Node {
                name: format!("m{at}"),
                found: Found { kind: FoundKind::Source, path: None, package: false, search: Vec::new() },
                imports: imports.to_vec(),
            })
            .collect();
        assert_eq!(groups(&nodes), vec![vec![3], vec![0, 1, 2], vec![4]]);
    }
}
