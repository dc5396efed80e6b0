//! In which interval the ratio of two costs lies, from pairs that were measured side by side.
//!
//! The idea: a *pair* is what A and B took for the same work, one right after the other, so that what disturbs a machine
//! disturbs both. The ratio is that of the sums over all pairs, for that is what the work cost in all.
//!
//! Pairs that follow each other are not independent (a collection of garbage that did not happen in this pair comes in
//! one of the next), so it is *blocks* of neighbours that are drawn again and again, and the spread of the ratios so drawn says how
//! far ours may be off. And each start of a server is a draw of its own (addresses, places in caches): pairs come in
//! *groups*, one for each start, and what groups differ by more than their pairs explain is added.
//!
//! Nothing here is random to the caller: the same pairs and seed give the same interval.

use fastrand::Rng;
use statrs::distribution::{ContinuousCDF, Normal, StudentsT};

/// How often blocks are drawn.
const DRAWS: usize = 2000;
/// From so many degrees of freedom on Student's distribution is the normal one.
const MANY: f64 = 1e6;

/// A ratio, and the interval in which the true one is.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Interval {
    /// The ratio of the sums, A's by B's.
    pub ratio: f64,
    /// The interval's lower end.
    pub low: f64,
    /// The interval's upper end.
    pub high: f64,
    /// The standard error of the ratio's logarithm.
    pub error: f64,
    /// What of the error's square is due to differences between starts.
    pub between: f64,
}

/// The ratio of A to B over all pairs of all groups with an interval at `confidence` (0.95, say); None for fewer than four pairs.
pub fn interval(groups: &[Vec<(f64, f64)>], confidence: f64, seed: u64) -> Option<Interval> {
    let groups: Vec<_> = groups.iter().filter(|pairs| !pairs.is_empty()).collect();
    let count: usize = groups.iter().map(|pairs| pairs.len()).sum();
    let valid = |&(a, b): &(f64, f64)| a > 0.0 && b > 0.0 && a.is_finite() && b.is_finite();
    if count < 4 || !(0.0..1.0).contains(&confidence) || !groups.iter().all(|pairs| pairs.iter().all(valid)) {
        return None;
    }
    let ratio = log_ratio(groups.iter().flat_map(|pairs| pairs.iter()));
    let mut generator = Rng::with_seed(seed);
    let within = spread(&groups, &mut generator).powi(2);
    let starts = groups.len() as f64;
    let mut between = 0.0;
    // The fewer starts are known, the further out the same share of all cases lies.
    let mut freedom = f64::INFINITY;
    if groups.len() > 1 {
        let means: Vec<f64> = groups.iter().map(|pairs| log_ratio(pairs.iter())).collect();
        let expected: f64 = groups.iter().map(|pairs| spread(&[pairs], &mut generator).powi(2)).sum::<f64>() / starts;
        between = (variance(&means) - expected).max(0.0) / starts;
        if between > 0.0 {
            freedom = (starts - 1.0) * ((within + between) / between).powi(2);
        }
    }
    let error = (within + between).sqrt();
    let share = if error > 0.0 { between / (within + between) } else { 0.0 };
    let factor = quantile(confidence, freedom);
    let end = |side: f64| (ratio + side * factor * error).exp();
    Some(Interval { ratio: ratio.exp(), low: end(-1.0), high: end(1.0), error, between: share })
}

/// The logarithm of the ratio of sums.
fn log_ratio<'p>(pairs: impl Iterator<Item = &'p (f64, f64)>) -> f64 {
    let (a, b) = pairs.fold((0.0, 0.0), |(a, b), pair| (a + pair.0, b + pair.1));
    (a / b).ln()
}

/// How far the logarithm of the ratio varies when blocks are drawn anew within each group.
fn spread(groups: &[&Vec<(f64, f64)>], generator: &mut Rng) -> f64 {
    let mut found = Vec::with_capacity(DRAWS);
    for _ in 0..DRAWS {
        let (mut a, mut b) = (0.0, 0.0);
        for pairs in groups {
            let length = block(pairs.len());
            let mut drawn = 0;
            while drawn < pairs.len() {
                // Blocks go on at the beginning, so that every pair is drawn equally often.
                let first = generator.usize(..pairs.len());
                for step in 0..length.min(pairs.len() - drawn) {
                    let pair = pairs[(first + step) % pairs.len()];
                    a += pair.0;
                    b += pair.1;
                }
                drawn += length;
            }
        }
        found.push((a / b).ln());
    }
    variance(&found).sqrt()
}

/// The length of blocks among so many pairs.
fn block(pairs: usize) -> usize {
    (pairs as f64).cbrt().ceil() as usize
}

fn variance(values: &[f64]) -> f64 {
    let mean = values.iter().sum::<f64>() / values.len() as f64;
    values.iter().map(|value| (value - mean).powi(2)).sum::<f64>() / (values.len() as f64 - 1.0).max(1.0)
}

/// How many standard errors to both sides hold `confidence` of all cases, when the error is known with so many degrees of freedom.
fn quantile(confidence: f64, freedom: f64) -> f64 {
    let upper = (1.0 + confidence) / 2.0;
    match StudentsT::new(0.0, 1.0, freedom) {
        Ok(distribution) if freedom < MANY => distribution.inverse_cdf(upper),
        _ => Normal::standard().inverse_cdf(upper),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Pairs of a machine whose speed wanders, of two servers that differ by `effect`, of which each has its own noise.
    fn pairs(generator: &mut Rng, count: usize, effect: f64, offset: f64) -> Vec<(f64, f64)> {
        let mut speed = 1.0;
        let mut noise = |scale: f64| (0..12).map(|_| generator.f64()).sum::<f64>().mul_add(scale, -6.0 * scale);
        let mut pair = || {
            speed *= noise(0.05).exp();
            (speed * (effect + offset + noise(0.03)).exp(), speed * noise(0.03).exp())
        };
        (0..count).map(|_| pair()).collect()
    }

    fn run(seed: u64, starts: usize, effect: f64, between: f64) -> Interval {
        let mut generator = Rng::with_seed(seed);
        let groups: Vec<_> = (0..starts)
            .map(|_| {
                let offset = between * (generator.f64() - 0.5) * 12f64.sqrt();
                pairs(&mut generator, 120, effect, offset)
            })
            .collect();
        interval(&groups, 0.95, seed).unwrap()
    }

    /// In how many of a hundred runs the true ratio is outside.
    fn misses(starts: usize, effect: f64, between: f64) -> usize {
        (0..100)
            .filter(|&seed| {
                let found = run(seed, starts, effect, between);
                !(found.low..found.high).contains(&effect.exp())
            })
            .count()
    }

    #[test]
    fn the_true_ratio_is_inside_about_as_often_as_said() {
        for (starts, effect) in [(1, 0.0), (1, 0.01), (4, 0.0), (4, 0.2)] {
            let outside = misses(starts, effect, 0.0);
            assert!(outside <= 12, "{outside} of 100 with {starts} starts and an effect of {effect}");
        }
    }

    #[test]
    fn starts_that_differ_widen_the_interval() {
        assert!(misses(6, 0.0, 0.02) <= 14);
        let (alike, different) = (run(1, 6, 0.0, 0.0), run(1, 6, 0.0, 0.02));
        assert!(different.error > 2.0 * alike.error && different.between > 0.5);
    }

    #[test]
    fn one_percent_is_found() {
        let found = run(3, 4, 0.01, 0.0);
        assert!(found.low > 1.0, "{found:?}");
        assert!((found.ratio.ln() - 0.01).abs() < 0.006, "{found:?}");
    }

    #[test]
    fn neighbours_that_make_up_for_each_other_narrow_it() {
        // What one pair lacks the next has more: the sum is known far better than the pairs.
        let regular: Vec<_> = (0..200).map(|i| (1.0 + 0.1 * f64::from(i % 2), 1.05)).collect();
        let found = interval(&[regular], 0.95, 1).unwrap();
        assert!(found.error < 0.1 / 2.0 / 200f64.sqrt(), "{found:?}");
    }

    #[test]
    fn nothing_follows_from_nothing() {
        assert_eq!(interval(&[], 0.95, 1), None);
        assert_eq!(interval(&[vec![(1.0, 1.0); 3]], 0.95, 1), None);
        assert_eq!(interval(&[vec![(1.0, 0.0); 9]], 0.95, 1), None);
        assert_eq!(interval(&[vec![(1.0, 1.0); 9]], 1.5, 1), None);
        let same = interval(&[vec![(2.0, 1.0); 9], vec![]], 0.95, 1).unwrap();
        assert!((same.ratio - 2.0).abs() + (same.low - 2.0).abs() + (same.high - 2.0).abs() < 1e-9, "{same:?}");
    }
}
