//! Answers for people: what `stats` and `explain` hand to Python.
//!
//! The idea: the JIT tells what it knows as a tree of plain values, and the Python surface turns the tree into dicts and
//! lists without knowing what is in it. So a new figure is added where it is counted, and nowhere else.

/// A tree of plain values.
#[derive(Clone, Debug, Default, PartialEq)]
pub enum Report {
    /// Nothing to say (`None`).
    #[default]
    None,
    /// Yes or no.
    Bool(bool),
    /// A count, a size, a line number.
    Int(i64),
    /// A duration or a ratio; the key names the unit.
    Float(f64),
    /// A name or a sentence.
    Text(String),
    /// Several, in order.
    List(Vec<Report>),
    /// Named parts, in the order in which they are to be read.
    Map(Vec<(String, Report)>),
}

impl Report {
    /// A map of `parts`, in order.
    pub fn map<K: Into<String>>(parts: impl IntoIterator<Item = (K, Report)>) -> Report {
        Report::Map(parts.into_iter().map(|(key, part)| (key.into(), part)).collect())
    }

    /// A list of `items`.
    pub fn list<T: Into<Report>>(items: impl IntoIterator<Item = T>) -> Report {
        Report::List(items.into_iter().map(Into::into).collect())
    }
}

macro_rules! report_from {
    ($($from:ty => $variant:ident),* $(,)?) => {$(
        impl From<$from> for Report {
            fn from(value: $from) -> Report {
                Report::$variant(value.into())
            }
        }
    )*};
}

report_from! {
    bool => Bool, i64 => Int, i32 => Int, u32 => Int, u16 => Int, f64 => Float, String => Text, &str => Text,
    Vec<Report> => List,
}

impl From<u64> for Report {
    fn from(value: u64) -> Report {
        Report::Int(i64::try_from(value).unwrap_or(i64::MAX))
    }
}

impl From<usize> for Report {
    fn from(value: usize) -> Report {
        Report::from(value as u64)
    }
}

impl<T: Into<Report>> From<Option<T>> for Report {
    fn from(value: Option<T>) -> Report {
        value.map_or(Report::None, Into::into)
    }
}
