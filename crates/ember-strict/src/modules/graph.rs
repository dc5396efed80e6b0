//! The graph of static imports: who imports whom at the top level, groups of modules that import each other, their order.
//!
//! Invariant: what is found under a name is what the roots say, else what the finder says; it does not depend on which thread came to
//! the name first. Nodes are in the order of their names, and so everything that is made of them is the same in every run.

use super::finder::Found;
use super::world::World;
use crate::syntax::code::{Code, CodeKind};
use rustc_hash::FxHashMap;
use std::collections::VecDeque;
use std::sync::{Arc, Condvar, Mutex, PoisonError};

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

/// What is known of a name: where the module is, if there is one, and what it imports, if that has been looked at.
struct Place {
    found: Option<Found>,
    imports: Vec<String>,
}

type Places = FxHashMap<String, Place>;

struct Queue {
    work: VecDeque<(String, Found)>,
    busy: usize,
    places: Places,
}

/// Find all modules that `roots` import, parsing them on `threads` threads. An error if no thread can be started.
pub fn discover(world: &World, roots: Vec<(String, Found)>, threads: usize) -> Result<Vec<Node>, std::io::Error> {
    let mut queue = Queue { work: VecDeque::new(), busy: 0, places: Places::default() };
    for (name, found) in roots {
        queue.places.entry(name.clone()).or_insert_with(|| {
            queue.work.push_back((name, found.clone()));
            Place { found: Some(found), imports: Vec::new() }
        });
    }
    let (queue, wake) = (Mutex::new(queue), Condvar::new());
    on_threads(threads, || explore(world, &queue, &wake))?;
    let queue = queue.into_inner().unwrap_or_else(PoisonError::into_inner);
    let mut places: Vec<(String, Found, Vec<String>)> = queue
        .places
        .into_iter()
        .filter_map(|(name, place)| place.found.map(|found| (name, found, place.imports)))
        .collect();
    places.sort_by(|a, b| a.0.cmp(&b.0));
    let numbers: FxHashMap<String, usize> =
        places.iter().enumerate().map(|(at, (name, ..))| (name.clone(), at)).collect();
    let mut nodes = Vec::new();
    for (name, found, list) in places {
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
    Ok(nodes)
}

/// Do the same work on several threads with much stack, until all have ended. Fewer threads do it, too; an error if there is none.
pub(super) fn on_threads(threads: usize, work: impl Fn() + Sync) -> Result<(), std::io::Error> {
    std::thread::scope(|scope| {
        let mut started = 0;
        let mut failed = None;
        for _ in 0..threads.max(1) {
            match std::thread::Builder::new().stack_size(super::STACK).spawn_scoped(scope, &work) {
                Ok(_) => started += 1,
                Err(error) => failed = Some(error),
            }
        }
        match failed {
            Some(error) if started == 0 => Err(error),
            _ => Ok(()),
        }
    })
}

fn explore(world: &World, queue: &Mutex<Queue>, wake: &Condvar) {
    loop {
        let Ok(mut state) = queue.lock() else { return };
        let (name, found) = loop {
            let at = world.shuffle.pick(state.work.len());
            if let Some(item) = state.work.remove(at) {
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
        world.shuffle.point();
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
            if state.places.contains_key(&import) {
                continue;
            }
            let found = locate(world, &import, &state.places);
            state.work.extend(found.clone().map(|found| (import.clone(), found)));
            state.places.insert(import, Place { found, imports: Vec::new() });
        }
        if let Some(place) = state.places.get_mut(&name) {
            place.imports = list;
        }
        state.busy -= 1;
        wake.notify_all();
    }
}

/// Find a module by its full name. Its packages are known before it, since names are taken up from the left. Where something cannot be
/// looked at there is nothing to be executed ahead; the import says so when it is executed.
fn locate(world: &World, name: &str, places: &Places) -> Option<Found> {
    let Some((package, _)) = name.rsplit_once('.') else { return world.finder.find(name, None).ok()? };
    let package = places.get(package)?.found.as_ref().filter(|found| found.package)?;
    world.finder.find(name, Some(&package.search)).ok()?
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
