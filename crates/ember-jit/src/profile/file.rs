//! The file of a profile: JSON, a line for the file and then one for each function, so that differences can be read.
//!
//! ```text
//! {"ember_profile":1,"python":"3.14","functions":2}
//! {"function":"shop.views:Cart.total","code":"9f31…","heat":17,"compiled":true,"sites":{"4":{"attr":[{"class":"shop.models:Item"}]}}}
//! ```
//!
//! Objects are named `module:qualname`. A site is named by the code unit of its instruction; since a function's entry only counts where its code has the same hash, that is the same
//! instruction. What merging cannot reconcile becomes generic: it was seen to vary.

use indexmap::IndexMap;
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

/// Version of the format.
pub const VERSION: u32 = 1;
/// The CPython whose instructions are named.
pub const PYTHON: &str = "3.14";
/// Most classes of an attribute site, and callees of a call.
const MOST: usize = 4;

fn is_default<T: Default + PartialEq>(value: &T) -> bool {
    *value == T::default()
}

/// An object whose attribute was used.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Receiver {
    /// Its class; or itself, if it is one.
    pub class: String,
    /// Whether it is a class.
    #[serde(default, skip_serializing_if = "is_default")]
    pub itself: bool,
    /// At which entry of its dict the attribute was, if it was there.
    #[serde(default, skip_serializing_if = "is_default")]
    pub hint: Option<u16>,
}

/// What is called.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum CalleeKind {
    /// A Python function.
    Function,
    /// A bound method of a Python function.
    Bound,
    /// A class.
    Class,
    /// A function of a module in C.
    Builtin,
}

/// What was called.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Callee {
    /// Its name.
    pub name: String,
    /// What it is.
    pub kind: CalleeKind,
    /// Hash of a Python function's code.
    #[serde(default, skip_serializing_if = "is_default")]
    pub code: String,
    /// Whether nothing else was called there.
    #[serde(default, skip_serializing_if = "is_default")]
    pub alone: bool,
}

/// What was seen at an instruction.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Site {
    /// The interpreter specialised it to this.
    Op(String),
    /// It uses attributes of these.
    Attr(Vec<Receiver>),
    /// It uses attributes of this module.
    Module(String),
    /// It calls these.
    Call(Vec<Callee>),
    /// It asks for the truth of instances of this class, which are all true.
    True(String),
    /// It always jumps, or never does.
    Jumps(bool),
    /// It computes with a float and an int; whether the float is on the left.
    FloatLeft(bool),
}

/// What was learnt of a function.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Function {
    /// `module:qualname`
    pub function: String,
    /// Hash of its code.
    pub code: String,
    /// In how many samples it was running.
    #[serde(default, skip_serializing_if = "is_default")]
    pub heat: u64,
    /// Whether it had native code of its own; else it was part of others'.
    #[serde(default, skip_serializing_if = "is_default")]
    pub compiled: bool,
    /// How many versions were made of it.
    #[serde(default, skip_serializing_if = "is_default")]
    pub versions: u32,
    /// What was seen, by code unit.
    #[serde(default, skip_serializing_if = "is_default")]
    pub sites: BTreeMap<u32, Site>,
    /// Units whose instructions are not speculated on.
    #[serde(default, skip_serializing_if = "is_default")]
    pub generic: BTreeSet<u32>,
    /// Attribute sites that must not leave.
    #[serde(default, skip_serializing_if = "is_default")]
    pub wary: BTreeSet<u32>,
    /// Calls that are not inlined.
    #[serde(default, skip_serializing_if = "is_default")]
    pub kept_calls: BTreeSet<u32>,
}

#[derive(Serialize, Deserialize)]
struct Header {
    ember_profile: u32,
    python: String,
    functions: usize,
}

/// A profile.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Profile {
    /// Its functions; those of one name differ by their code.
    pub functions: Vec<Function>,
}

/// Why a text is no profile.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FormatError {
    /// The line, from one on.
    pub line: usize,
    /// What is wrong.
    pub message: String,
}

impl fmt::Display for FormatError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "line {}: {}", self.line, self.message)
    }
}

impl std::error::Error for FormatError {}

impl Profile {
    /// Reads a profile.
    ///
    /// # Errors
    /// Where it is none of this version.
    pub fn parse(text: &str) -> Result<Profile, FormatError> {
        let fail = |line: usize, message: String| FormatError { line: line + 1, message };
        let mut lines = text.lines().enumerate();
        let (_, first) = lines.next().ok_or_else(|| fail(0, "the file is empty".into()))?;
        let header: Header =
            serde_json::from_str(first).map_err(|_| fail(0, "this is no profile of Ember's".into()))?;
        if header.ember_profile != VERSION || header.python != PYTHON {
            let (version, python) = (header.ember_profile, header.python);
            return Err(fail(
                0,
                format!(
                    "a profile of version {version} for CPython {python}; this Ember reads version {VERSION} for {PYTHON}"
                ),
            ));
        }
        let mut functions = Vec::with_capacity(header.functions.min(1 << 16));
        for (number, line) in lines.filter(|(_, line)| !line.trim().is_empty()) {
            let function: Function = serde_json::from_str(line).map_err(|error| fail(number, error.to_string()))?;
            functions.push(function);
        }
        if functions.len() != header.functions {
            let (found, wanted) = (functions.len(), header.functions);
            return Err(fail(0, format!("it has {found} functions, not {wanted}: it was cut short")));
        }
        Ok(Profile { functions })
    }

    /// The text of the file.
    #[must_use]
    pub fn to_text(&self) -> String {
        let header = Header { ember_profile: VERSION, python: PYTHON.into(), functions: self.functions.len() };
        // Maps with integer keys and plain fields: this cannot fail.
        let mut text = serde_json::to_string(&header).unwrap_or_default();
        for function in &self.functions {
            text.push('\n');
            text.push_str(&serde_json::to_string(function).unwrap_or_default());
        }
        text.push('\n');
        text
    }

    /// One profile of many: hottest functions first.
    #[must_use]
    pub fn merge(profiles: impl IntoIterator<Item = Profile>) -> Profile {
        let mut merged: IndexMap<(String, String), Function> = IndexMap::new();
        for function in profiles.into_iter().flat_map(|profile| profile.functions) {
            match merged.entry((function.function.clone(), function.code.clone())) {
                indexmap::map::Entry::Occupied(mut known) => known.get_mut().merge(function),
                indexmap::map::Entry::Vacant(free) => {
                    free.insert(function);
                }
            }
        }
        let mut functions: Vec<Function> = merged.into_values().collect();
        functions.sort_by(|a, b| b.heat.cmp(&a.heat).then_with(|| a.function.cmp(&b.function)));
        Profile { functions }
    }
}

impl Function {
    /// Takes over what another process has learnt of the same code.
    pub fn merge(&mut self, other: Function) {
        self.heat = self.heat.saturating_add(other.heat);
        self.compiled |= other.compiled;
        self.versions = self.versions.max(other.versions);
        self.generic.extend(other.generic);
        self.wary.extend(other.wary);
        self.kept_calls.extend(other.kept_calls);
        for (unit, seen) in other.sites {
            // A jump that goes both ways is nothing to speculate on in the first place.
            let speculated = !matches!(seen, Site::Jumps(_));
            let both = match self.sites.remove(&unit) {
                None => Some(seen),
                Some(known) => known.merge(seen),
            };
            match both {
                Some(both) => {
                    self.sites.insert(unit, both);
                }
                None if speculated => {
                    self.generic.insert(unit);
                }
                None => {}
            }
        }
    }
}

impl Site {
    /// What two processes have seen at one site; `None` when that cannot be said together.
    fn merge(self, other: Site) -> Option<Site> {
        match (self, other) {
            (Site::Attr(mut known), Site::Attr(others)) => {
                for other in others {
                    match known.iter_mut().find(|one| (&one.class, one.itself) == (&other.class, other.itself)) {
                        // An entry of a dict is a guess, and this one is no good.
                        Some(one) if one.hint != other.hint => one.hint = one.hint.and(None),
                        Some(_) => {}
                        None => known.push(other),
                    }
                }
                (known.len() <= MOST).then_some(Site::Attr(known))
            }
            (Site::Call(mut known), Site::Call(others)) => {
                let same = |a: &Callee, b: &Callee| (a.kind, &a.name, &a.code) == (b.kind, &b.name, &b.code);
                let agreed = known.len() == others.len() && known.iter().zip(&others).all(|(a, b)| same(a, b));
                for other in others {
                    if !known.iter().any(|one| same(one, &other)) {
                        known.push(other);
                    }
                }
                known.truncate(MOST);
                if !agreed {
                    known.iter_mut().for_each(|one| one.alone = false);
                }
                Some(Site::Call(known))
            }
            (known, other) => (known == other).then_some(known),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn class(name: &str) -> Receiver {
        Receiver { class: name.into(), itself: false, hint: None }
    }

    fn callee(name: &str, alone: bool) -> Callee {
        Callee { name: name.into(), kind: CalleeKind::Function, code: "c0de".into(), alone }
    }

    fn function(name: &str, code: &str, sites: &[(u32, Site)]) -> Function {
        let sites = sites.iter().cloned().collect();
        Function { function: name.into(), code: code.into(), heat: 3, compiled: true, sites, ..Function::default() }
    }

    fn merged(a: Site, b: Site) -> Function {
        let profiles = [a, b].map(|site| Profile { functions: vec![function("m:f", "1", &[(8, site)])] });
        Profile::merge(profiles).functions.remove(0)
    }

    #[test]
    fn a_profile_is_read_as_it_was_written() {
        let sites = [
            (1, Site::Op("BINARY_OP_ADD_INT".into())),
            (4, Site::Attr(vec![class("m:C"), Receiver { class: "m:D".into(), itself: true, hint: Some(3) }])),
            (9, Site::Module("os.path".into())),
            (12, Site::Call(vec![callee("m:g", true)])),
            (16, Site::True("m:C".into())),
            (20, Site::Jumps(false)),
            (22, Site::FloatLeft(true)),
        ];
        let mut one = function("m:C.<locals>.f", "0123", &sites);
        one.generic.insert(30);
        one.wary.insert(31);
        one.kept_calls.insert(32);
        let profile = Profile { functions: vec![one, function("m:g", "4567", &[])] };
        let text = profile.to_text();
        assert_eq!(text.lines().count(), 3);
        assert_eq!(Profile::parse(&text), Ok(profile));
    }

    #[test]
    fn what_is_no_profile_is_refused_by_line() {
        let text = Profile { functions: vec![function("m:f", "1", &[])] }.to_text();
        for (text, line, part) in [
            (String::new(), 1, "empty"),
            ("{\"a\": 1}\n".into(), 1, "no profile"),
            (text.replace("\"ember_profile\":1", "\"ember_profile\":2"), 1, "version 2"),
            (text.replace("3.14", "3.13"), 1, "CPython 3.13"),
            (text.replace("\"heat\"", "\"heet\""), 2, "heet"),
            (text.lines().next().unwrap_or_default().to_owned(), 1, "cut short"),
        ] {
            let error = Profile::parse(&text).expect_err(&text);
            assert_eq!(error.line, line, "{error}");
            assert!(error.message.contains(part), "{error}");
        }
    }

    #[test]
    fn functions_are_merged_by_name_and_code() {
        let one = Profile { functions: vec![function("m:f", "1", &[]), function("m:g", "1", &[])] };
        let two = Profile { functions: vec![function("m:g", "2", &[]), function("m:f", "1", &[])] };
        let both = Profile::merge([one, two]);
        let rows: Vec<(&str, &str, u64)> =
            both.functions.iter().map(|f| (f.function.as_str(), f.code.as_str(), f.heat)).collect();
        assert_eq!(rows, [("m:f", "1", 6), ("m:g", "1", 3), ("m:g", "2", 3)]);
    }

    #[test]
    fn classes_are_collected_until_there_are_too_many() {
        let (a, b) = (vec![class("m:A"), class("m:B")], vec![class("m:B"), class("m:C")]);
        let both = merged(Site::Attr(a.clone()), Site::Attr(b));
        assert_eq!(both.sites[&8], Site::Attr(vec![class("m:A"), class("m:B"), class("m:C")]));
        let many = ["m:1", "m:2", "m:3"].map(class).to_vec();
        let both = merged(Site::Attr(a), Site::Attr(many));
        assert!(both.sites.is_empty() && both.generic.contains(&8));
    }

    #[test]
    fn what_varies_is_not_speculated_on() {
        let op = |name: &str| Site::Op(name.into());
        assert_eq!(merged(op("COMPARE_OP_INT"), op("COMPARE_OP_INT")).generic.len(), 0);
        let both = merged(op("COMPARE_OP_INT"), op("COMPARE_OP_STR"));
        assert!(both.sites.is_empty() && both.generic.contains(&8));
    }

    #[test]
    fn a_callee_is_alone_only_if_it_is_so_everywhere() {
        let (f, g) = (Site::Call(vec![callee("m:f", true)]), Site::Call(vec![callee("m:g", true)]));
        assert_eq!(merged(f.clone(), f.clone()).sites[&8], f);
        assert_eq!(merged(f, g).sites[&8], Site::Call(vec![callee("m:f", false), callee("m:g", false)]));
    }
}
