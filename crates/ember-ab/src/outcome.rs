//! What came of a run: times, wrong answers, failures, and what the generator itself cost.

use hdrhistogram::Histogram;
use std::collections::BTreeMap;

/// Latencies are kept in microseconds, from 1 to this, with three significant figures.
const LONGEST: u64 = 120_000_000;

/// A histogram of latencies in microseconds.
pub type Latencies = Histogram<u64>;

/// Something that went wrong, by kind, with the first example of it.
#[derive(Clone, Debug, Default)]
pub struct Problem {
    /// How often.
    pub count: u64,
    /// The target of the first.
    pub target: usize,
    /// What was got instead: a message, or the answer's status and body.
    pub example: Vec<u8>,
}

/// What came of a run.
#[derive(Debug)]
pub struct Outcome {
    /// Requests that were begun.
    pub sent: u64,
    /// Requests that were answered, rightly or not.
    pub answered: u64,
    /// From the first request to the last answer.
    pub seconds: f64,
    /// The time for which there were requests left to send, and how many were answered in it: at saturation, that is.
    pub saturated: (f64, u64),
    /// Connections that were made.
    pub connections: u64,
    /// Bytes of bodies.
    pub bytes: u64,
    /// Wrong answers and failures, by kind.
    pub problems: BTreeMap<String, Problem>,
    /// The digest of the first right answer of each target that was compared.
    pub digests: Vec<Option<u64>>,
    /// The first body of each target, if they were to be kept.
    pub bodies: BTreeMap<usize, Vec<u8>>,
    /// Latencies in microseconds, by view.
    pub latencies: Vec<Latencies>,
    /// Seconds of processor time that the generator took.
    pub own_cpu: f64,
}

impl Outcome {
    /// Of nothing yet, with what the answers must be so far as it is known.
    pub(crate) fn new(expected: Vec<Option<u64>>, views: usize) -> Outcome {
        let latencies = (0..views)
            .map(|_| {
                Histogram::new_with_bounds(1, LONGEST, 3).expect("the bounds are constants that HdrHistogram accepts")
            })
            .collect();
        Outcome {
            sent: 0,
            answered: 0,
            seconds: 0.0,
            saturated: (0.0, 0),
            connections: 0,
            bytes: 0,
            problems: BTreeMap::new(),
            digests: expected,
            bodies: BTreeMap::new(),
            latencies,
            own_cpu: 0.0,
        }
    }

    /// Count something that went wrong.
    pub(crate) fn problem(&mut self, kind: String, target: usize, example: impl FnOnce() -> Vec<u8>) {
        let problem = self.problems.entry(kind).or_insert_with(|| Problem { count: 0, target, example: example() });
        problem.count += 1;
    }

    /// Note how long an answer took.
    pub(crate) fn latency(&mut self, view: usize, microseconds: u64) {
        if let Some(histogram) = self.latencies.get_mut(view) {
            histogram.saturating_record(microseconds.max(1));
        }
    }
}
