//! JIT lists: which functions to compile, or never to compile, by name.
//!
//! One entry a line: `module:qualname` or `qualname@file.py:line`; a leading `-` excludes, `*` stands for any run of
//! characters (dots too), `#` begins a comment, blank lines are skipped. A file is named by the end of its path, whole
//! components only, so `app.py` and `site/app.py` both mean `/srv/site/app.py`; the line is that of the function's code
//! object and may be left out.
//!
//! An exclusion wins over any other entry, whatever their order, so a list that a run has saved can be amended by
//! adding lines at its end. Entries without wildcards, which saved lists consist of, are found by hash: a lookup
//! happens for every function that a program makes.

use rustc_hash::FxHashMap;
use std::fmt;

/// What is known of a function when a list is asked about it.
#[derive(Clone, Copy, Debug)]
pub struct Subject<'a> {
    /// `__module__`, or nothing when that is not a string.
    pub module: &'a str,
    /// `__qualname__`.
    pub qualname: &'a str,
    /// `__code__.co_filename`.
    pub filename: &'a str,
    /// `__code__.co_firstlineno`.
    pub line: u32,
}

/// What a list says of a function.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// An entry names it and no exclusion does.
    Listed,
    /// An exclusion names it.
    Excluded,
    /// Nothing names it.
    Unlisted,
}

/// A line that is no entry.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ListError {
    /// Where, from one on.
    pub line: usize,
    /// What is wrong with it.
    pub message: &'static str,
}

impl fmt::Display for ListError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "line {}: {}", self.line, self.message)
    }
}

impl std::error::Error for ListError {}

/// The part of an entry besides the qualified name.
#[derive(Clone, Debug)]
enum Place {
    Module(String),
    File { path: String, line: Option<u32> },
}

#[derive(Clone, Debug)]
struct Entry {
    excludes: bool,
    place: Place,
}

/// A parsed list, or several merged.
#[derive(Clone, Debug, Default)]
pub struct JitList {
    /// Entries whose qualified name has no wildcard, by that name.
    exact: FxHashMap<String, Vec<Entry>>,
    /// The others, with the pattern of the name.
    patterns: Vec<(String, Entry)>,
    /// Whether any entry is not an exclusion.
    lists_something: bool,
}

impl JitList {
    /// Read a list.
    pub fn parse(text: &str) -> Result<JitList, ListError> {
        let mut list = JitList::default();
        for (index, line) in text.lines().enumerate() {
            let line = line.split('#').next().unwrap_or_default().trim();
            if !line.is_empty() {
                list.add(line).map_err(|message| ListError { line: index + 1, message })?;
            }
        }
        Ok(list)
    }

    /// Add the entries of `other`.
    pub fn merge(&mut self, other: JitList) {
        for (name, entries) in other.exact {
            self.exact.entry(name).or_default().extend(entries);
        }
        self.patterns.extend(other.patterns);
        self.lists_something |= other.lists_something;
    }

    /// Whether the list has entries that are not exclusions.
    pub fn lists_something(&self) -> bool {
        self.lists_something
    }

    /// What the list says of a function.
    pub fn verdict(&self, subject: Subject<'_>) -> Verdict {
        let exact = self.exact.get(subject.qualname).into_iter().flatten();
        let patterns = self.patterns.iter().filter(|(name, _)| matches(name, subject.qualname)).map(|(_, entry)| entry);
        let mut verdict = Verdict::Unlisted;
        for entry in exact.chain(patterns).filter(|entry| entry.place.holds(subject)) {
            if entry.excludes {
                return Verdict::Excluded;
            }
            verdict = Verdict::Listed;
        }
        verdict
    }

    fn add(&mut self, line: &str) -> Result<(), &'static str> {
        let (excludes, name) = match line.strip_prefix('-') {
            Some(rest) => (true, rest.trim_start()),
            None => (false, line),
        };
        let (qualname, place) = if let Some((qualname, file)) = name.split_once('@') {
            (qualname, Place::file(file)?)
        } else if let Some((module, qualname)) = name.split_once(':') {
            if module.is_empty() {
                return Err("no module before `:`");
            }
            (qualname, Place::Module(module.to_owned()))
        } else {
            return Err("expected `module:qualname` or `qualname@file.py:line`");
        };
        if qualname.is_empty() {
            return Err("no function name");
        }
        self.lists_something |= !excludes;
        let entry = Entry { excludes, place };
        if qualname.contains('*') {
            self.patterns.push((qualname.to_owned(), entry));
        } else {
            self.exact.entry(qualname.to_owned()).or_default().push(entry);
        }
        Ok(())
    }
}

impl Place {
    fn file(text: &str) -> Result<Place, &'static str> {
        let (path, line) = match text.rsplit_once(':') {
            None => (text, None),
            Some((path, "*")) => (path, None),
            Some((path, line)) => (path, Some(line.parse().map_err(|_| "the line is not a number")?)),
        };
        if path.is_empty() {
            return Err("no file after `@`");
        }
        Ok(Place::File { path: path.to_owned(), line })
    }

    fn holds(&self, subject: Subject<'_>) -> bool {
        match self {
            Place::Module(module) => matches(module, subject.module),
            Place::File { path, line } => {
                line.is_none_or(|line| line == subject.line) && matches_path(path, subject.filename)
            }
        }
    }
}

/// Whether `pattern`, in which `*` is any run of characters, describes `text`.
pub fn matches(pattern: &str, text: &str) -> bool {
    let mut parts = pattern.split('*');
    let Some(mut rest) = parts.next().and_then(|first| text.strip_prefix(first)) else {
        return false;
    };
    let Some(last) = parts.next_back() else {
        return rest.is_empty();
    };
    // What stands between two stars may be taken at its first place: any later star can only use up more.
    for part in parts {
        match rest.find(part) {
            Some(at) => rest = &rest[at + part.len()..],
            None => return false,
        }
    }
    rest.ends_with(last)
}

/// Whether `pattern` describes `path` or its end from some component on.
fn matches_path(pattern: &str, path: &str) -> bool {
    matches(pattern, path)
        || path.char_indices().any(|(at, c)| matches!(c, '/' | '\\') && matches(pattern, &path[at + 1..]))
}

#[cfg(test)]
mod tests {
    use super::*;

    const VIEW: Subject<'_> =
        Subject { module: "shop.views", qualname: "Cart.total", filename: "/srv/shop/views.py", line: 42 };

    fn verdict(text: &str) -> Verdict {
        JitList::parse(text).expect("a list").verdict(VIEW)
    }

    #[test]
    fn both_ways_of_naming_a_function() {
        for line in [
            "shop.views:Cart.total",
            "Cart.total@views.py:42",
            "Cart.total@shop/views.py",
            "Cart.total@/srv/shop/views.py:42",
        ] {
            assert_eq!(verdict(line), Verdict::Listed, "{line}");
        }
        for line in [
            "shop:Cart.total",
            "shop.views:Cart",
            "Cart.total@views.py:43",
            "Cart.total@iews.py:42",
            "total@views.py:42",
        ] {
            assert_eq!(verdict(line), Verdict::Unlisted, "{line}");
        }
    }

    #[test]
    fn wildcards_stand_for_any_run() {
        for line in [
            "*:*",
            "shop.*:Cart.*",
            "shop*:*.total",
            "*:C*t.t*l",
            "*@views.py:*",
            "Cart.*@s*/views.py:42",
            "shop.views:Cart.total*",
        ] {
            assert_eq!(verdict(line), Verdict::Listed, "{line}");
        }
        for line in ["shop.*:Carts.*", "*x:*", "*:Cart.*tot", "*:Cart.total*l", "*@models.py"] {
            assert_eq!(verdict(line), Verdict::Unlisted, "{line}");
        }
    }

    #[test]
    fn stars_do_not_overlap_text() {
        assert!(!matches("ab*ba", "aba"));
        assert!(matches("ab*ba", "abba"));
        assert!(!matches("a*b*b", "ab"));
        assert!(matches("**", ""));
        assert!(!matches("", "a"));
    }

    #[test]
    fn an_exclusion_wins_in_any_order() {
        assert_eq!(verdict("-shop.views:Cart.total\nshop.views:*"), Verdict::Excluded);
        assert_eq!(verdict("shop.views:*\n- *:Cart.*"), Verdict::Excluded);
        assert_eq!(verdict("*:*\n-other:*"), Verdict::Listed);
        let mut list = JitList::parse("shop.views:Cart.total").expect("a list");
        list.merge(JitList::parse("-Cart.total@views.py").expect("a list"));
        assert_eq!(list.verdict(VIEW), Verdict::Excluded);
        assert!(list.lists_something());
        assert!(!JitList::parse("-a:b").expect("a list").lists_something());
    }

    #[test]
    fn comments_and_blank_lines_are_skipped() {
        assert_eq!(verdict("# saved\n\n  shop.views:Cart.total  # hot\n"), Verdict::Listed);
        assert_eq!(verdict("# shop.views:Cart.total"), Verdict::Unlisted);
    }

    #[test]
    fn a_bad_line_is_named() {
        for (text, line) in [("a:b\nnonsense", 2), (":b", 1), ("a:", 1), ("f@", 1), ("f@x.py:ten", 1), ("-", 1)] {
            assert_eq!(JitList::parse(text).expect_err(text).line, line);
        }
    }
}
