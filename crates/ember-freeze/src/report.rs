//! What a freeze did, as plain figures.

/// Objects of one type.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OfType {
    /// `tp_name`.
    pub name: String,
    /// How many.
    pub objects: usize,
    /// Their size, with what only they use: a dict's table, a list's items.
    pub bytes: usize,
}

/// What one call of `freeze` did.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Frozen {
    /// Objects made immortal by this call, by type, most bytes first.
    pub types: Vec<OfType>,
    /// Objects left mortal because something runs when they die, or because frames belong to them.
    pub kept: Vec<OfType>,
    /// Tuples and frozen sets that nobody but C code refers to: they may be under construction.
    pub unfinished: usize,
    /// Strings whose hash was computed.
    pub hashes: usize,
    /// Types that were given a version.
    pub versions: usize,
    /// Bytes of gaps that were closed.
    pub gaps: usize,
    /// Why there is no map, if one was asked for and could not be written.
    pub map_error: Option<String>,
    /// Duration of the full collection.
    pub collect_seconds: f64,
    /// Duration of the walk.
    pub freeze_seconds: f64,
    /// Duration of closing the gaps.
    pub gaps_seconds: f64,
}

impl Frozen {
    /// Objects made immortal.
    pub fn objects(&self) -> usize {
        self.types.iter().map(|t| t.objects).sum()
    }

    /// Their size.
    pub fn bytes(&self) -> usize {
        self.types.iter().map(|t| t.bytes).sum()
    }
}
