//! The import statements of a module's code that wait when it is executed.
//!
//! All of it happens before the module runs: the statements are found in its bytecode ([`sites`]), those that would import nothing are passed over, and for the others
//! the mode, the exclusions and filter of the user and, in mode *safe*, the [`LazyPlanner`] decide. Python gets what is chosen, and why the rest was not.

use crate::code::{base_units, raw};
use crate::plan::Plan;
use crate::planning::{self, LazyPlanner};
use crate::sites::{self, Site};
use ember_cpython::{code, frame, object};
use pyo3::prelude::*;
use pyo3::types::{PyCode, PyDict, PyModule, PyString, PyTuple};
use rustc_hash::FxHashSet;

/// A chosen statement: absolute name of the module; first unit and the one after the last; line, column (-1: not known); module as it is written, level, names after
/// `from … import`; what is stored ([(attributes, name)]); whether it surely waits (else the module's `__lazy_modules__` says so); whether something may have to
/// be executed in its place.
type Chosen<'py> = (
    String,
    (u32, u32),
    (i32, i32),
    (Bound<'py, PyAny>, u32, Bound<'py, PyAny>),
    Vec<(Bound<'py, PyTuple>, Bound<'py, PyAny>)>,
    bool,
    bool,
);

/// What [`choose`] is asked with.
#[derive(FromPyObject)]
#[pyo3(from_item_all)]
pub struct Request<'py> {
    /// The module whose code it is.
    importing: String,
    /// Its package, for relative imports.
    package: String,
    /// `all`, `safe` or `marked`.
    mode: String,
    /// Whether the module may name in `__lazy_modules__` what is to wait.
    marking: bool,
    /// Modules that are imported at once, with what is in them.
    excluded: Vec<String>,
    /// The user's filter, or None.
    filter: Option<Bound<'py, PyAny>>,
    /// In mode `safe`.
    planner: Option<Py<LazyPlanner>>,
}

/// The answer: what is chosen; how many statements stand in `try` or `with` statements; why others were not chosen; whether something has to be analysed before the
/// answer is one.
type Choice<'py> = (Vec<Chosen<'py>>, usize, Vec<String>, bool);

/// What is decided of a statement.
enum Decision {
    Waits {
        effects: bool,
    },
    Now(String),
    /// It imports nothing, or only the module's marks can say so.
    Unasked,
    Missing,
}

/// Choose among the import statements of a module's code.
pub fn choose<'py>(source: &Bound<'py, PyCode>, request: &Request<'py>) -> PyResult<Choice<'py>> {
    let py = source.py();
    // SAFETY: a live code object; its units do not change while the GIL is held and no Python code runs.
    let units = unsafe { core::slice::from_raw_parts(frame::instruction(raw(source), 0), code::len(raw(source))) };
    if !sites::may_import(units) {
        return Ok((Vec::new(), 0, Vec::new(), false));
    }
    let units = base_units(source)?;
    // SAFETY: the code object outlives the slice.
    let found = sites::find(&units, unsafe { code::exception_table(raw(source)) });
    let (mut chosen, mut reasons, mut missing) = (Vec::new(), Vec::new(), false);
    if found.is_empty() {
        return Ok((chosen, 0, reasons, missing));
    }
    let names = source.getattr("co_names")?.cast_into::<PyTuple>()?;
    let consts = source.getattr("co_consts")?.cast_into::<PyTuple>()?;
    let places = places(source, &found);
    // A `finally` body stands twice in the code; the copy for exceptions is covered.
    let covered: FxHashSet<(i32, i32)> =
        found.iter().zip(&places).filter(|(site, _)| site.covered).map(|(_, place)| *place).collect();
    let is_covered = |site: &Site, place: &(i32, i32)| site.covered || covered.contains(place);
    let loaded = planning::loaded(py)?;
    for (site, place) in found.iter().zip(&places).filter(|(site, place)| !is_covered(site, place)) {
        let name = names.get_item(site.module as usize)?;
        let written = name.cast::<PyString>()?.to_str()?;
        let absolute = absolute(written, site.level, &request.package);
        if absolute.is_empty() || absolute == "__future__" {
            continue;
        }
        let list = consts.get_item(site.fromlist as usize)?;
        let (decided, effects) = match decide(&absolute, &list, &loaded, request)? {
            Decision::Waits { effects } => (true, effects),
            Decision::Unasked => (false, false),
            Decision::Now(reason) => {
                reasons.push(reason);
                (false, false)
            }
            Decision::Missing => {
                missing = true;
                (false, false)
            }
        };
        if !decided && !request.marking {
            continue;
        }
        let mut bindings = Vec::with_capacity(site.bindings.len());
        for binding in &site.bindings {
            let path =
                binding.path.iter().map(|index| names.get_item(*index as usize)).collect::<PyResult<Vec<_>>>()?;
            bindings.push((PyTuple::new(py, path)?, names.get_item(binding.target as usize)?));
        }
        chosen.push((absolute, (site.start, site.end), *place, (name, site.level, list), bindings, decided, effects));
    }
    let in_blocks = found.iter().zip(&places).filter(|(site, place)| is_covered(site, place)).count();
    Ok((chosen, in_blocks, reasons, missing))
}

/// Line and column of each statement.
fn places(source: &Bound<'_, PyCode>, found: &[Site]) -> Vec<(i32, i32)> {
    let starts: Vec<u32> = found.iter().map(|site| site.start).collect();
    // SAFETY: the code object and its table are alive.
    unsafe { sites::positions(object::bytes((*raw(source)).co_linetable), (*raw(source)).co_firstlineno, &starts) }
}

/// The absolute name of what is imported; empty if the import is going to fail.
fn absolute(name: &str, level: u32, package: &str) -> String {
    if level == 0 {
        return name.to_owned();
    }
    let mut base = package;
    for _ in 1..level {
        match base.rsplit_once('.') {
            Some((outer, _)) => base = outer,
            None => return String::new(),
        }
    }
    match (base.is_empty(), name.is_empty()) {
        (true, _) => String::new(),
        (false, true) => base.to_owned(),
        (false, false) => format!("{base}.{name}"),
    }
}

fn decide<'py>(
    module: &str,
    list: &Bound<'py, PyAny>,
    loaded: &Bound<'py, PyDict>,
    request: &Request<'py>,
) -> PyResult<Decision> {
    if request.mode == "marked" || is_loaded(module, list, loaded)? {
        return Ok(Decision::Unasked);
    }
    let within = |outer: &String| {
        module.strip_prefix(outer.as_str()).is_some_and(|rest| rest.is_empty() || rest.starts_with('.'))
    };
    if request.excluded.iter().any(within) {
        return Ok(Decision::Now("excluded".to_owned()));
    }
    if let Some(filter) = &request.filter
        && !filter.call1((&request.importing, module, list))?.is_truthy()?
    {
        return Ok(Decision::Now("the filter says no".to_owned()));
    }
    let Some(planner) = request.planner.as_ref().filter(|_| request.mode == "safe") else {
        return Ok(Decision::Waits { effects: false });
    };
    let names = list.cast::<PyTuple>().map(|names| names.iter().collect::<Vec<_>>()).unwrap_or_default();
    let names = names.iter().map(|name| name.cast::<PyString>()?.to_str()).collect::<PyResult<Vec<&str>>>()?;
    Ok(match planner.get().plan(loaded.py(), module, &names)? {
        Plan::Waits { effects } => Decision::Waits { effects },
        Plan::Now(reason) => Decision::Now(reason),
        Plan::Missing => Decision::Missing,
    })
}

/// Whether an import would execute nothing.
fn is_loaded<'py>(module: &str, list: &Bound<'py, PyAny>, loaded: &Bound<'py, PyDict>) -> PyResult<bool> {
    let Some(found) = loaded.get_item(module)? else { return Ok(false) };
    let (Ok(found), Ok(list)) = (found.cast_into::<PyModule>(), list.cast::<PyTuple>()) else { return Ok(true) };
    let own = found.dict();
    for name in list.iter() {
        if !own.contains(name)? {
            return Ok(false);
        }
    }
    Ok(true)
}

#[cfg(test)]
mod tests {
    use super::absolute;

    #[test]
    fn relative_names() {
        assert_eq!(absolute("a.b", 0, "p"), "a.b");
        assert_eq!(absolute("a", 1, "p.q"), "p.q.a");
        assert_eq!(absolute("", 2, "p.q"), "p");
        assert_eq!(absolute("a", 3, "p.q"), "");
        assert_eq!(absolute("a", 1, ""), "");
    }
}
