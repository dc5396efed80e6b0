//! Disturbs the schedule on purpose: how tests see that nothing depends on it. Also names the stages at which they make the analyser fail.
//!
//! With a seed, threads stop for a moment at the points where one of them could overtake another, and take any group that is ready
//! instead of the first. Without one this does nothing.

use serde::{Deserialize, Serialize};
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

/// The largest stop, in microseconds.
const LONGEST: u64 = 1500;

/// Where a test may have the analyser fail.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Stage {
    /// While a module's source is compiled.
    Compiling,
    /// While it is executed.
    Executing,
}

/// Chance, or none.
#[derive(Debug, Default)]
pub struct Shuffle(Option<AtomicU64>);

impl Shuffle {
    /// Disturb by this seed, if there is one.
    pub fn new(seed: Option<u64>) -> Shuffle {
        Shuffle(seed.map(|seed| AtomicU64::new(seed.wrapping_mul(0x2545_f491_4f6c_dd1d))))
    }

    fn next(&self) -> Option<u64> {
        let state = self.0.as_ref()?;
        // SplitMix64: each step of the counter is a number of its own, whichever thread takes it.
        let mut mixed = state.fetch_add(0x9e37_79b9_7f4a_7c15, Ordering::Relaxed);
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        Some(mixed ^ (mixed >> 31))
    }

    /// One of so many; the first without a seed.
    pub fn pick(&self, of: usize) -> usize {
        self.next().map_or(0, |chance| (chance % of.max(1) as u64) as usize)
    }

    /// A point at which another thread may overtake.
    pub fn point(&self) {
        match self.next() {
            Some(chance) if chance % 4 == 0 => {
                std::thread::sleep(Duration::from_micros((chance >> 8) % LONGEST));
            }
            Some(chance) if chance % 4 == 1 => std::thread::yield_now(),
            _ => {}
        }
    }
}
